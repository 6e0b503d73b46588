/* overlay_find.c: from an item of `extends` to the profile it means.
 *
 * A relative path is looked for under the folder of the profile that says it, as every file beside a profile is. An
 * id@major is looked for in the caller's folder of profiles, then among those that are compiled in; the first whose
 * major version fits is taken. One profile is opened once in a session, also when two paths lead to it: members are
 * told apart by place, and then by id and bytes. Two different profiles of one id cannot stand in one chain. */
#include "profiles/load_int.h"
#include "profiles/shipped.h"

static hz_slice text_of(const hz_member *member, const char *key)
{
    const hz_yaml *value = member->root ? hz_yaml_get(member->root, key) : NULL;
    return value && value->kind == HZ_YAML_SCALAR ? value->text : HZ_SLICE_NONE;
}

/* id@major, or a relative path that ends in .yaml or .yml. */
static bool is_extends(hz_slice text)
{
    const char *at = text.len ? memchr(text.ptr, '@', text.len) : NULL;
    size_t name = at ? (size_t)(at - text.ptr) : text.len;
    if (at)
        return hz_load_is_dotted_id(hz_slice_sub(text, 0, name)) && name + 1 < text.len &&
               hz_load_number_length(text, name + 1) == text.len - name - 1;
    hz_slice end4 = hz_slice_sub(text, text.len > 4 ? text.len - 4 : 0, text.len),
             end5 = hz_slice_sub(text, text.len > 5 ? text.len - 5 : 0, text.len);
    return text.len > 4 && text.ptr[0] != '/' && (hz_slice_is(end4, ".yml") || hz_slice_is(end5, ".yaml"));
}

/* ---- members ---- */

static hz_member *find_member(const hz_session *session, hz_place_of_file place, hz_slice path)
{
    for (hz_member *at = session->members; at; at = at->next)
        if (at->file && at->file->place.shipped == place.shipped && hz_slice_eq(at->file->place.folder, place.folder) &&
            hz_slice_eq(at->file->path, path))
            return at;
    return NULL;
}

/* "DIR/a/b.yaml" as the place DIR/a and the path b.yaml: files beside the profile lie in its own folder. */
static hz_status put_place(hz_place_of_file *out, hz_slice *name, hz_arena *arena, hz_place_of_file top, hz_slice path,
                           hz_error *err)
{
    hz_buf text = HZ_BUF_INIT;
    size_t at = path.len;
    while (at && path.ptr[at - 1] != '/')
        at--;
    *name = hz_slice_sub(path, at, path.len);
    hz_buf_put(&text, top.folder);
    if (at && top.folder.len)
        hz_buf_putc(&text, '/');
    if (at)
        hz_buf_put(&text, hz_slice_sub(path, 0, at - 1));
    hz_status st = hz_buf_status(&text, err);
    out->shipped = top.shipped;
    if (st == HZ_OK && hz_arena_copy(&out->folder, arena, hz_buf_slice(&text)) != HZ_OK)
        st = hz_nomem(err, text.len);
    hz_buf_clear(&text);
    return st;
}

/* What messages call it: the folder as the user knows it and the path; "hezhun:cn/base/profile.yaml" when compiled in.
 */
static hz_status open_as(hz_member **out, hz_session *session, hz_slice bytes, hz_slice shown_folder, hz_slice path,
                         hz_place_of_file place, hz_slice name)
{
    hz_buf shown = HZ_BUF_INIT;
    hz_buf_puts(&shown, place.shipped ? "hezhun:" : "");
    hz_buf_put(&shown, shown_folder);
    if (shown_folder.len && shown_folder.ptr[shown_folder.len - 1] != '/')
        hz_buf_putc(&shown, '/');
    hz_buf_put(&shown, path);
    hz_status st = hz_buf_status(&shown, session->err);
    if (st == HZ_OK)
        st = hz_member_open(out, session, bytes, hz_buf_slice(&shown), name, place);
    hz_buf_clear(&shown);
    return st;
}

/* The member at a path under a place; *out NULL when it is absent or (with a mistake, *told) cannot be read. */
static hz_status member_at(hz_member **out, bool *told, hz_session *session, hz_arena *arena, hz_place_of_file top,
                           hz_slice shown_folder, hz_slice path, hz_span at)
{
    hz_place_of_file place = {HZ_SLICE_NONE, false};
    hz_slice name, bytes;
    hz_file_found found;
    HZ_TRY(put_place(&place, &name, arena, top, path, session->err));
    *told = false;
    *out = find_member(session, place, name);
    if (*out)
        return HZ_OK;
    HZ_TRY(hz_file_beneath(&found, &bytes, session, arena, top, path, at));
    *told = found == HZ_FILE_WRONG;
    return found == HZ_FILE_READ ? open_as(out, session, bytes, shown_folder, path, place, name) : HZ_OK;
}

/* The member of the same bytes that was there before, or itself. */
static hz_member *first_of(const hz_session *session, hz_member *member)
{
    hz_member *first = member;
    for (hz_member *at = session->members; at; at = at->next)
        if (at != member && at->id.len && hz_slice_eq(at->id, member->id) &&
            hz_slice_eq(at->file->text.bytes, member->file->text.bytes))
            first = at;
    return first;
}

/* ---- by id ---- */

typedef struct search {
    hz_session *session;
    hz_arena *arena;
    const hz_yaml *item;
    hz_slice id, major;
    hz_slice other; /* version that was found and does not fit */
    hz_member *found;
    bool told;
} search;

static bool has_major(const hz_member *member, hz_slice major)
{
    hz_slice version = text_of(member, "version");
    return version.len > major.len && hz_slice_starts(version, major) && version.ptr[major.len] == '.';
}

/* A file of another id is not what is looked for, whatever its path; one that is no YAML says so itself. */
static void weigh(search *s, hz_member *member)
{
    if (!member)
        return;
    if (!member->root || (hz_slice_eq(member->id, s->id) && has_major(member, s->major)))
        s->found = member;
    else if (hz_slice_eq(member->id, s->id))
        s->other = text_of(member, "version");
}

static hz_status search_folder(search *s)
{
    const char *folder = s->session->load->profiles;
    hz_place_of_file top = {folder ? hz_slice_of(folder) : HZ_SLICE_NONE, false};
    for (int form = 0; folder && form < 2 && !s->found && !s->told; form++) {
        hz_buf path = HZ_BUF_INIT;
        for (size_t i = 0; i < s->id.len; i++)
            hz_buf_putc(&path, form == 0 && s->id.ptr[i] == '.' ? '/' : s->id.ptr[i]);
        hz_buf_puts(&path, form == 0 ? "/profile.yaml" : ".yaml");
        hz_member *member = NULL;
        hz_status st = hz_buf_status(&path, s->session->err);
        if (st == HZ_OK)
            st =
                member_at(&member, &s->told, s->session, s->arena, top, top.folder, hz_buf_slice(&path), s->item->span);
        hz_buf_clear(&path);
        HZ_TRY(st);
        weigh(s, member);
    }
    return HZ_OK;
}

static hz_status search_shipped(search *s)
{
    for (size_t i = 0; i < hz_shipped_files_count && !s->found && !s->told; i++) {
        const hz_shipped_file *file = &hz_shipped_files[i];
        hz_member *member = NULL;
        if (!file->id || !hz_slice_is(s->id, file->id))
            continue;
        size_t first = strcspn(file->path, "/");
        hz_place_of_file top = {{file->path, first}, true};
        HZ_TRY(member_at(&member, &s->told, s->session, s->arena, top, top.folder, hz_slice_of(file->path + first + 1),
                         s->item->span));
        weigh(s, member);
    }
    return HZ_OK;
}

static void tell_absent(const search *s)
{
    hz_slice near = HZ_SLICE_NONE;
    hz_diags *diags = s->session->diags;
    if (s->other.len) {
        hz_diag_error(diags, s->item->span, HZ_MSG_NONE, HZ_M(PROFILE_EXTENDS_VERSION), HZ_S(s->id), HZ_S(s->other),
                      HZ_S(s->major));
        return;
    }
    for (size_t i = 0; i < hz_shipped_files_count; i++) {
        hz_slice name = hz_shipped_files[i].id ? hz_slice_of(hz_shipped_files[i].id) : HZ_SLICE_NONE;
        if (name.len && !near.len)
            near = hz_nearest(s->id, &name, 1);
    }
    hz_diag_error(diags, s->item->span, near.len ? HZ_MSG_PROFILE_NEAREST : HZ_MSG_NONE, HZ_M(PROFILE_EXTENDS_ABSENT),
                  HZ_S(s->id), HZ_S(near));
}

static hz_status find_by_id(hz_member **out, hz_session *session, hz_member *child, const hz_yaml *item, size_t at)
{
    search s = {.session = session,
                .arena = child->profile->arena,
                .item = item,
                .id = hz_slice_sub(item->text, 0, at),
                .major = hz_slice_sub(item->text, at + 1, item->text.len)};
    HZ_TRY(search_folder(&s));
    if (!s.found && !s.told)
        HZ_TRY(search_shipped(&s));
    if (!s.found && !s.told)
        tell_absent(&s);
    *out = s.found;
    return HZ_OK;
}

static hz_status find_by_path(hz_member **out, hz_session *session, hz_member *child, const hz_yaml *item)
{
    hz_slice shown = child->file->text.path;
    while (shown.len && shown.ptr[shown.len - 1] != '/')
        shown.len--;
    if (child->file->place.shipped)
        shown = child->file->place.folder;
    bool told;
    HZ_TRY(member_at(out, &told, session, child->profile->arena, child->file->place, shown, item->text, item->span));
    if (!*out && !told)
        hz_diag_error(session->diags, item->span, HZ_MSG_NONE, HZ_M(PROFILE_FILE_ABSENT), HZ_S(item->text));
    return HZ_OK;
}

hz_status hz_overlay_find(hz_member **out, hz_session *session, hz_member *child, const hz_yaml *item)
{
    *out = NULL;
    if (!is_extends(item->text)) {
        hz_diag_error(session->diags, item->span, HZ_MSG_NONE, HZ_M(PROFILE_EXTENDS_FORM), HZ_S(item->text));
        return HZ_OK;
    }
    const char *at = memchr(item->text.ptr, '@', item->text.len);
    HZ_TRY(at ? find_by_id(out, session, child, item, (size_t)(at - item->text.ptr))
              : find_by_path(out, session, child, item));
    if (*out)
        *out = first_of(session, *out);
    return HZ_OK;
}
