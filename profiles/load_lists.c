/* load_lists.c: code lists in place and by file. */
#include "base/alloc.h"
#include "base/utf8.h"
#include "profiles/load_int.h"

/* ---- code lists ---- */

static bool is_code(hz_slice text)
{
    bool good = text.len > 0;
    for (size_t at = 0; good && at < text.len;)
        good = !hz_utf8_unsafe_on_terminal(hz_utf8_next(text, &at));
    return good;
}

/* With `names`, a name must mean one code. */
static hz_status check_names(hz_loader *ld, const hz_yaml *map)
{
    hz_names seen = {0};
    hz_status st = HZ_OK;
    for (uint32_t i = 0; i < map->count; i++) {
        hz_text2 name = hz_yaml_text2(map->pairs[i].value);
        const hz_slice both[] = {name.zh, name.en};
        for (size_t k = 0; k < 2; k++) {
            uint32_t old;
            if (!both[k].len)
                continue;
            HZ_GO(hz_names_add(&seen, both[k], i, &old, ld->err));
            if (old != HZ_HTAB_NONE && old != i)
                hz_diag_error(ld->diags, map->pairs[i].value->span, HZ_MSG_NONE, HZ_M(PROFILE_CODE_NAME), HZ_S(both[k]),
                              HZ_S(map->pairs[old].key->text));
        }
    }
out:
    hz_names_clear(&seen);
    return st;
}

static hz_status keep(hz_loader *ld, hz_codelist *list, hz_span span, bool open)
{
    if (ld->older && span.text && hz_overlay_share_list(ld, list)) {
        hz_codelist_free(list);
        return HZ_OK;
    }
    HZ_TRY(hz_profile_keep_list(ld->profile, list, ld->err));
    ld->profile->own_lists[ld->profile->own_lists_count - 1] =
        (hz_own_list){list, open, UINT32_C(1) << ld->profile->level, span};
    return HZ_OK;
}

static hz_status make_list(hz_codelist **out, hz_loader *ld, hz_slice id, const hz_yaml *map, hz_span span, bool open)
{
    hz_code *codes;
    HZ_TRY(HZ_LOAD_ARRAY(ld, codes, map->count));
    for (uint32_t i = 0; i < map->count; i++) {
        const hz_yaml *key = map->pairs[i].key;
        codes[i] = (hz_code){key->text, hz_yaml_text2(map->pairs[i].value), HZ_SLICE_NONE, INT32_MIN, INT32_MAX};
        if (!is_code(key->text))
            hz_diag_error(ld->diags, key->span, HZ_MSG_NONE, HZ_M(PROFILE_CODE));
    }
    if (!map->count)
        hz_diag_error(ld->diags, map->span, HZ_MSG_NONE, HZ_M(PROFILE_EMPTY_LIST));
    HZ_TRY(hz_codelist_of(out, id, codes, map->count, ld->err));
    return keep(ld, *out, span, open);
}

static hz_status unknown_list(hz_loader *ld, const hz_yaml *value)
{
    const hz_profile *profile = ld->profile;
    hz_slice *names;
    size_t count = 0;
    HZ_TRY(HZ_LOAD_ARRAY(ld, names, profile->own_lists_count + 1));
    hz_slice near = hz_lists_nearest(ld->lists, value->text);
    for (size_t i = 0; i < profile->own_lists_count; i++)
        if (hz_codelist_id(profile->own_lists[i].list).len)
            names[count++] = hz_codelist_id(profile->own_lists[i].list);
    if (near.len)
        names[count++] = near;
    hz_schema_unknown(ld->diags, value->span, HZ_MSG_PROFILE_LIST, value->text, names, count, HZ_SLICE_NONE);
    return HZ_OK;
}

hz_status hz_load_codes(const hz_codelist **list, hz_slice *id, hz_loader *ld, const hz_yaml *value, bool names)
{
    *list = NULL;
    *id = HZ_SLICE_NONE;
    if (value->kind == HZ_YAML_MAP) {
        hz_codelist *made;
        HZ_TRY(make_list(&made, ld, HZ_SLICE_NONE, value, (hz_span){0}, false));
        *list = made;
        return names ? check_names(ld, value) : HZ_OK;
    }
    hz_error problem = {0};
    *id = value->text;
    const hz_own_list *own = hz_profile_own_list(ld->profile, value->text);
    *list = own ? own->list : NULL;
    if (!*list && ld->lists)
        *list = hz_lists_find(ld->lists, value->text, &problem);
    if (*list || !ld->lists)
        return HZ_OK;
    if (problem.status == HZ_E_NOMEM)
        return hz_nomem(ld->err, 0);
    if (problem.status == HZ_OK)
        return unknown_list(ld, value);
    hz_diag_error(ld->diags, value->span, HZ_MSG_NONE, HZ_M(PROFILE_LIST_BROKEN), HZ_S(value->text));
    return HZ_OK;
}

static hz_span line_span(const hz_text *text, uint64_t line)
{
    size_t at = 0;
    for (uint64_t i = 1; i < line && at < text->bytes.len; at++)
        i += text->bytes.ptr[at] == '\n';
    return (hz_span){text, (uint32_t)at, 0};
}

/* A mistake in the list's file is shown there, without its line: it is data. */
static hz_status parse_file(hz_loader *ld, const hz_yaml *id, const hz_yaml *path, bool open)
{
    hz_text *text;
    hz_codelist *list;
    hz_error problem = {0};
    HZ_TRY(hz_load_file(&text, ld, path));
    if (!text)
        return HZ_OK;
    hz_status st = hz_codelist_parse(&list, path->text, text->bytes, ld->limits, &problem);
    if (st == HZ_E_NOMEM)
        return hz_nomem(ld->err, text->bytes.len);
    if (st != HZ_OK) {
        hz_slice args[HZ_MSG_ARGS_MAX];
        size_t count = hz_error_args(&problem, args);
        hz_arg said[HZ_MSG_ARGS_MAX + 1] = {{HZ_ARG_MESSAGE, problem.message, HZ_SLICE_NONE, 0, 0}};
        for (size_t i = 0; i < count; i++)
            said[i + 1] = HZ_S(args[i]);
        hz_diags_add(ld->diags, HZ_DIAG_ERROR, line_span(text, problem.line), HZ_MSG_NONE, said, count + 1);
        return HZ_OK;
    }
    HZ_TRY(keep(ld, list, id->span, open));
    if (!hz_slice_eq(hz_codelist_id(list), id->text))
        hz_diag_error(ld->diags, path->span, HZ_MSG_NONE, HZ_M(PROFILE_LIST_ID), HZ_S(hz_codelist_id(list)),
                      HZ_S(id->text));
    return HZ_OK;
}

static hz_status read_list(hz_loader *ld, const hz_yaml_pair *pair)
{
    hz_keyed keyed;
    hz_schema_read(&keyed, HZ_PLACE_LIST, pair->value, NULL, ld->diags);
    const hz_yaml *file = hz_keyed_value(&keyed, HZ_KEY_LIST_FILE), *codes = hz_keyed_value(&keyed, HZ_KEY_LIST_CODES);
    hz_codelist *list;
    if (!hz_load_is_id(ld, pair->key) || pair->value->kind != HZ_YAML_MAP)
        return HZ_OK;
    if (!file == !codes) {
        hz_diag_error(ld->diags, pair->key->span, HZ_MSG_NONE, HZ_M(PROFILE_FILE_OR_CODES), HZ_S(pair->key->text));
        return HZ_OK;
    }
    bool open = hz_keyed_bool(&keyed, HZ_KEY_LIST_OPEN, false);
    return file ? parse_file(ld, pair->key, file, open)
                : make_list(&list, ld, pair->key->text, codes, pair->key->span, open);
}

hz_status hz_load_lists(hz_loader *ld, const hz_yaml *map)
{
    for (uint32_t i = 0; map && i < map->count; i++) {
        if (hz_schema_is_extra(map->pairs[i].key->text))
            continue;
        HZ_TRY(read_list(ld, &map->pairs[i]));
        HZ_TRY(hz_load_going(ld));
    }
    return HZ_OK;
}
