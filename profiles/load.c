/* load.c: the profile as a whole; load_int.h has the order of work. */
#include <limits.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/sha256.h"
#include "base/utf8.h"
#include "profiles/expr/lex.h"
#include "profiles/load_int.h"

hz_status hz_load_alloc(void *out_pointer, hz_loader *ld, size_t count, size_t size_bytes)
{
    void *made = hz_arena_zalloc(ld->arena, count, size_bytes);
    memcpy(out_pointer, &made, sizeof made);
    return made ? HZ_OK : hz_nomem(ld->err, count * size_bytes);
}

hz_status hz_load_going(const hz_loader *ld)
{
    if (ld->diags->no_memory)
        return hz_nomem(ld->err, sizeof(hz_diag));
    return ld->diags->overflowed ? HZ_E_PROFILE : HZ_OK;
}

hz_status hz_load_texts(hz_slice **out, size_t *count, hz_loader *ld, const hz_yaml *value, bool distinct)
{
    size_t given = hz_texts_count(value);
    hz_names seen = {0};
    hz_status st = HZ_OK;
    *count = 0;
    HZ_TRY(HZ_LOAD_ARRAY(ld, *out, given));
    for (size_t i = 0; i < given; i++) {
        const hz_yaml *item = hz_texts_at(value, i);
        uint32_t old;
        HZ_GO(hz_names_add(&seen, item->text, (uint32_t)i, &old, ld->err));
        if (distinct && old != HZ_HTAB_NONE)
            hz_diag_error(ld->diags, item->span, HZ_MSG_NONE, HZ_M(PROFILE_TWICE), HZ_S(item->text));
        else
            (*out)[(*count)++] = item->text;
    }
out:
    hz_names_clear(&seen);
    return st;
}

bool hz_load_is_name(hz_loader *ld, const hz_yaml *key)
{
    if (hz_lex_is_plain_name(key->text))
        return true;
    hz_diag_error(ld->diags, key->span, HZ_MSG_NONE, HZ_M(PROFILE_NAME), HZ_S(key->text));
    return false;
}

bool hz_load_is_id(hz_loader *ld, const hz_yaml *key)
{
    bool good = key->text.len > 0;
    for (size_t at = 0; good && at < key->text.len;) {
        uint32_t c = hz_utf8_next(key->text, &at);
        good = c > 0x20 && c != 0x3000 && c != 0xa0 && !hz_utf8_unsafe_on_terminal(c);
    }
    if (!good)
        hz_diag_error(ld->diags, key->span, HZ_MSG_NONE, HZ_M(PROFILE_ID), HZ_S(key->text));
    return good;
}

static hz_status unknown_name(hz_loader *ld, hz_span span, hz_msg_id message, hz_slice name, hz_slice where,
                              size_t count, hz_slice (*name_at)(const void *, size_t), const void *of)
{
    hz_slice *names = hz_mem_zalloc(count + 1, sizeof *names);
    if (!names)
        return hz_nomem(ld->err, count * sizeof *names);
    for (size_t i = 0; i < count; i++)
        names[i] = name_at(of, i);
    hz_schema_unknown(ld->diags, span, message, name, names, count, where);
    hz_mem_free(names);
    return HZ_OK;
}

static hz_slice table_name_at(const void *profile, size_t index)
{
    return ((const hz_profile *)profile)->tables[index].name;
}

static hz_slice field_name_at(const void *table, size_t index)
{
    return ((const hz_table *)table)->fields[index].name;
}

/* "household@previous2" is (household, 2); other suffixes are mistakes. */
static bool split_period(hz_loader *ld, const hz_yaml *scalar, hz_slice *name, uint32_t *period)
{
    static const char *const periods[] = {"", "@previous", "@previous2"};
    const char *at = scalar->text.len ? memchr(scalar->text.ptr, '@', scalar->text.len) : NULL;
    *name = at ? hz_slice_sub(scalar->text, 0, (size_t)(at - scalar->text.ptr)) : scalar->text;
    hz_slice suffix = hz_slice_sub(scalar->text, name->len, scalar->text.len);
    uint32_t found = 0;
    while (found < 3 && !hz_slice_is(suffix, periods[found]))
        found++;
    if (found < 3 && (period || !found)) {
        if (period)
            *period = found;
        return true;
    }
    hz_diags_add(ld->diags, HZ_DIAG_ERROR, scalar->span, HZ_MSG_NONE,
                 HZ_ARGS(((hz_arg){HZ_ARG_MESSAGE, period ? HZ_MSG_PROFILE_PERIOD : HZ_MSG_PROFILE_PERIOD_HERE,
                                   HZ_SLICE_NONE, 0, 0}),
                         HZ_S(suffix)));
    return false;
}

int hz_load_table(hz_loader *ld, const hz_yaml *scalar, uint32_t *period)
{
    hz_slice name;
    if (!split_period(ld, scalar, &name, period))
        return -1;
    const hz_table *table = hz_profile_table(ld->profile, name);
    if (table && table->builtin && period && *period) {
        hz_diag_error(ld->diags, scalar->span, HZ_MSG_NONE, HZ_M(PROFILE_PERIOD_HERE), HZ_S(scalar->text));
        return -1;
    }
    if (table)
        return (int)table->index;
    hz_status st = unknown_name(ld, scalar->span, HZ_MSG_PROFILE_TABLE, name, HZ_SLICE_NONE, ld->profile->tables_count,
                                table_name_at, ld->profile);
    ld->diags->no_memory |= st != HZ_OK;
    return -1;
}

const hz_field *hz_load_field(hz_loader *ld, const hz_table *table, hz_slice name, hz_span at)
{
    const hz_field *field = hz_table_field(table, name);
    if (field)
        return field;
    hz_status st =
        unknown_name(ld, at, HZ_MSG_PROFILE_FIELD, name, table->name, table->fields_count, field_name_at, table);
    ld->diags->no_memory |= st != HZ_OK;
    return NULL;
}

/* ---- the profile's own keys ---- */

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool hz_load_is_dotted_id(hz_slice text)
{
    bool begins = true;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '.' && !begins)
            begins = true;
        else if (is_letter_or_digit(c) || (!begins && (c == '-' || c == '_')))
            begins = false;
        else
            return false;
    }
    return !begins;
}

size_t hz_load_number_length(hz_slice text, size_t at)
{
    size_t end = at;
    while (end < text.len && text.ptr[end] >= '0' && text.ptr[end] <= '9')
        end++;
    return end - at > 9 || (end - at > 1 && text.ptr[at] == '0') ? 0 : end - at;
}

/* Semantic versioning 2.0.0: MAJOR.MINOR.PATCH, then -dotted and +dotted. */
static bool is_semantic_version(hz_slice text)
{
    size_t at = 0;
    for (int part = 0; part < 3; part++) {
        size_t len = hz_load_number_length(text, at);
        if (!len || (part && text.ptr[at - 1] != '.'))
            return false;
        at += len + 1;
    }
    at--;
    for (const char *mark = "-+"; *mark; mark++) {
        if (at >= text.len || text.ptr[at] != *mark)
            continue;
        size_t end = at + 1;
        bool begins = true;
        for (; end < text.len && (is_letter_or_digit(text.ptr[end]) || strchr("-.", text.ptr[end])); end++) {
            if (text.ptr[end] == '.' && begins)
                return false;
            begins = text.ptr[end] == '.';
        }
        if (begins)
            return false;
        at = end;
    }
    return at == text.len;
}

static void check_text(hz_loader *ld, const hz_keyed *keyed, hz_key key, bool (*good)(hz_slice), hz_msg_id message)
{
    const hz_yaml *value = hz_keyed_value(keyed, key);
    if (value && !good(value->text))
        hz_diags_add(ld->diags, HZ_DIAG_ERROR, value->span, HZ_MSG_NONE,
                     HZ_ARGS(((hz_arg){HZ_ARG_MESSAGE, message, HZ_SLICE_NONE, 0, 0}), HZ_S(value->text)));
}

static void read_as_of(hz_loader *ld, const hz_keyed *keyed)
{
    hz_profile *profile = ld->profile;
    const hz_yaml *value = hz_keyed_value(keyed, HZ_KEY_PROFILE_AS_OF);
    if (!value)
        return;
    if (hz_read_day(&profile->as_of_day, value->text))
        profile->as_of = HZ_AS_OF_DAY;
    else if (hz_slice_is(value->text, "required"))
        profile->as_of = HZ_AS_OF_REQUIRED;
    else if (!hz_slice_is(value->text, "optional"))
        hz_diag_error(ld->diags, value->span, HZ_MSG_NONE, HZ_M(PROFILE_AS_OF), HZ_S(value->text));
}

static hz_status read_extends(hz_loader *ld)
{
    const hz_yaml *value = hz_yaml_get(ld->member->root, "extends");
    return hz_load_texts(&ld->profile->extends, &ld->profile->extends_count, ld,
                         value && value->kind != HZ_YAML_MAP ? value : NULL, false);
}

static hz_status read_head(hz_loader *ld, const hz_keyed *keyed)
{
    hz_profile *profile = ld->profile;
    check_text(ld, keyed, HZ_KEY_PROFILE_PROFILE, hz_load_is_dotted_id, HZ_MSG_PROFILE_DOTTED_ID);
    check_text(ld, keyed, HZ_KEY_PROFILE_VERSION, is_semantic_version, HZ_MSG_PROFILE_VERSION);
    profile->id = hz_keyed_text(keyed, HZ_KEY_PROFILE_PROFILE);
    profile->version = hz_keyed_text(keyed, HZ_KEY_PROFILE_VERSION);
    profile->draft = hz_keyed_word(keyed, HZ_KEY_PROFILE_STATUS, 0) == 1;
    profile->title = hz_keyed_text2(keyed, HZ_KEY_PROFILE_TITLE);
    profile->description = hz_keyed_text2(keyed, HZ_KEY_PROFILE_DESCRIPTION);
    profile->effective = hz_keyed_day(keyed, HZ_KEY_PROFILE_EFFECTIVE, INT32_MIN);
    profile->until = hz_keyed_day(keyed, HZ_KEY_PROFILE_UNTIL, INT32_MAX);
    if (profile->effective >= profile->until)
        hz_diag_error(ld->diags, hz_keyed_span(keyed, HZ_KEY_PROFILE_UNTIL), HZ_MSG_NONE, HZ_M(PROFILE_UNTIL));
    profile->certify_within_days = hz_keyed_whole(keyed, HZ_KEY_PROFILE_CERTIFY_WITHIN, -1);
    profile->acknowledge_same = hz_keyed_whole(keyed, HZ_KEY_PROFILE_ACKNOWLEDGE_SAME, -1);
    profile->unit = hz_keyed_text(keyed, HZ_KEY_PROFILE_UNIT);
    hz_load_clause(&profile->clause, ld, hz_keyed_value(keyed, HZ_KEY_PROFILE_CLAUSE));
    read_as_of(ld, keyed);
    bool is_map = keyed->node->kind == HZ_YAML_MAP;
    if (is_map && !hz_keyed_key(keyed, HZ_KEY_PROFILE_TABLES) && !hz_keyed_key(keyed, HZ_KEY_PROFILE_EXTENDS))
        hz_diag_error(ld->diags, keyed->node->span, HZ_MSG_NONE, HZ_M(SCHEMA_MISSING), HZ_Z("tables"), HZ_Z("profile"));
    return read_extends(ld);
}

/* `unit` of the profile names a field; the tables that have it report by it. */
static void check_unit(hz_loader *ld, const hz_keyed *keyed)
{
    const hz_yaml *value = hz_keyed_value(keyed, HZ_KEY_PROFILE_UNIT);
    for (size_t i = 0; value && i < ld->profile->tables_count; i++)
        if (hz_table_field(&ld->profile->tables[i], value->text))
            return;
    if (value)
        hz_diag_error(ld->diags, value->span, HZ_MSG_NONE, HZ_M(PROFILE_UNIT), HZ_S(value->text));
}

/* All count for the profile itself. */
static void note_verdicts(hz_loader *ld)
{
    hz_profile *profile = ld->profile;
    for (size_t i = 0; i < ld->rules_count; i++)
        ld->rules[i].verdicts = UINT32_C(1) << profile->level;
    for (size_t i = 0; i < profile->measures_count; i++)
        profile->measures[i].verdicts = UINT32_C(1) << profile->level;
}

static uint32_t first_level(uint32_t verdicts)
{
    uint32_t level = 0;
    while (!(verdicts >> level & 1))
        level++;
    return level;
}

static hz_status place_rules(hz_loader *ld)
{
    HZ_TRY(HZ_LOAD_ARRAY(ld, ld->profile->rules, ld->rules_count));
    if (ld->rules_count)
        memcpy(ld->profile->rules, ld->rules, ld->rules_count * sizeof *ld->rules);
    ld->profile->rules_older_count = ld->rules_count - ld->profile->rules_count;
    for (size_t i = 0; i < ld->rules_count; i++) {
        ld->profile->rules[i].index = (uint32_t)i;
        ld->profile->rules[i].level = first_level(ld->rules[i].verdicts);
    }
    for (size_t i = 0; i < ld->profile->measures_count + ld->profile->measures_older_count; i++)
        ld->profile->measures[i].level = first_level(ld->profile->measures[i].verdicts);
    HZ_TRY(HZ_LOAD_ARRAY(ld, ld->profile->withdrawn, ld->withdrawn_count));
    if (ld->withdrawn_count)
        memcpy(ld->profile->withdrawn, ld->withdrawn, ld->withdrawn_count * sizeof *ld->withdrawn);
    ld->profile->withdrawn_count = ld->withdrawn_count;
    return HZ_OK;
}

/* What goes wrong in the words of another profile was right there. */
static void hint_inherited(hz_loader *ld)
{
    for (size_t i = 0; i < ld->diags->count; i++) {
        hz_diag *diag = &ld->diags->items[i];
        if (i >= ld->diags_before && diag->level == HZ_DIAG_ERROR && !diag->hint && diag->span.text &&
            diag->span.text != ld->profile->text)
            diag->hint = HZ_MSG_PROFILE_OVERLAY_INHERITED;
    }
}

static hz_status read_profile(hz_loader *ld, const hz_yaml *root)
{
    hz_keyed keyed;
    hz_schema_read(&keyed, HZ_PLACE_PROFILE, root, NULL, ld->diags);
    HZ_TRY(read_head(ld, &keyed));
    HZ_TRY(hz_load_params(ld, hz_keyed_value(&keyed, HZ_KEY_PROFILE_PARAMS)));
    HZ_TRY(hz_load_lists(ld, hz_keyed_value(&keyed, HZ_KEY_PROFILE_LISTS)));
    HZ_TRY(hz_load_tables(ld, hz_keyed_value(&keyed, HZ_KEY_PROFILE_TABLES)));
    check_unit(ld, &keyed);
    HZ_TRY(hz_load_going(ld));
    HZ_TRY(hz_load_relations(ld));
    HZ_TRY(hz_load_structure_rules(ld));
    HZ_TRY(hz_load_table_expressions(ld));
    HZ_TRY(hz_load_going(ld));
    HZ_TRY(hz_load_rules(ld, hz_keyed_value(&keyed, HZ_KEY_PROFILE_RULES)));
    HZ_TRY(hz_load_measures(ld, hz_keyed_value(&keyed, HZ_KEY_PROFILE_MEASURES)));
    HZ_TRY(hz_load_grading(ld, hz_keyed_value(&keyed, HZ_KEY_PROFILE_GRADING)));
    HZ_TRY(hz_load_going(ld));
    ld->profile->rules_count = ld->rules_count;
    note_verdicts(ld);
    HZ_TRY(place_rules(ld));
    HZ_TRY(hz_load_waivers(ld, hz_keyed_value(&keyed, HZ_KEY_PROFILE_WAIVERS)));
    HZ_TRY(hz_load_going(ld));
    if (ld->member->parents_count)
        hint_inherited(ld);
    if (ld->member->parents_count && ld->diags->errors_count == ld->errors_before) {
        HZ_TRY(hz_overlay_check(ld));
        if (ld->diags->errors_count == ld->errors_before)
            HZ_TRY(hz_overlay_forms(ld));
        HZ_TRY(place_rules(ld));
    }
    return hz_load_going(ld);
}

/* ---- a profile of a chain ---- */

static hz_status make_digest(hz_loader *ld)
{
    const hz_member *member = ld->member;
    hz_profile *profile = ld->profile;
    uint8_t part[32];
    if (!ld->included_count && !member->parents_count)
        return HZ_OK;
    hz_sha256 *sha = hz_sha256_new();
    bool good = sha && hz_sha256_update(sha, profile->sha256, sizeof profile->sha256);
    for (size_t i = 0; good && i < ld->included_count; i++)
        good = hz_sha256_bytes(part, ld->included[i]->bytes) && hz_sha256_update(sha, part, sizeof part);
    for (size_t i = 0; good && i < member->parents_count; i++)
        good = hz_sha256_update(sha, member->parents[i]->profile->sha256, sizeof part);
    good = good && hz_sha256_final(sha, profile->sha256);
    hz_sha256_free(sha);
    return good ? HZ_OK : hz_nomem(ld->err, 0);
}

static hz_status place_chain(hz_loader *ld)
{
    hz_profile *profile = ld->profile;
    const hz_member *member = ld->member;
    HZ_TRY(HZ_LOAD_ARRAY(ld, profile->chain, member->chain_count));
    for (size_t i = 0; i < member->chain_count; i++)
        profile->chain[i] = member->chain[i]->profile;
    profile->chain_count = member->chain_count;
    profile->level = (uint32_t)member->chain_count - 1;
    return HZ_OK;
}

hz_status hz_member_load(hz_session *session, hz_member *member)
{
    hz_loader ld = {.profile = member->profile,
                    .arena = member->profile->arena,
                    .lists = session->load->lists,
                    .limits = session->limits,
                    .diags = session->diags,
                    .err = session->err,
                    .session = session,
                    .member = member,
                    .errors_before = session->diags->errors_count,
                    .diags_before = session->diags->count};
    hz_status st = HZ_OK;
    member->state = HZ_MEMBER_LOADING;
    member->extends = session->top;
    session->top = member;
    session->depth++;
    if (member->root) {
        HZ_GO(hz_overlay_parents(session, member));
        if (session->diags->errors_count == ld.errors_before) {
            HZ_GO(hz_overlay_merge(member, session->err));
            HZ_GO(place_chain(&ld));
            HZ_GO(read_profile(&ld, member->whole));
            HZ_GO(make_digest(&ld));
        }
    }
out:
    member->state = session->diags->errors_count == ld.errors_before ? HZ_MEMBER_LOADED : HZ_MEMBER_WRONG;
    session->top = member->extends;
    session->depth--;
    hz_mem_free(ld.rules);
    hz_mem_free(ld.withdrawn);
    hz_mem_free(ld.included);
    hz_names_clear(&ld.rule_ids);
    return st;
}

static hz_status fill_member(hz_member *member, hz_session *session, hz_slice bytes, hz_slice shown_path, hz_slice path,
                             hz_place_of_file place)
{
    hz_profile *profile = member->profile;
    hz_arena *arena = profile->arena;
    hz_loader_text *file = HZ_ARENA_NEW(arena, hz_loader_text);
    uint64_t most = session->limits->value[HZ_LIMIT_PROFILE_BYTES];
    if (bytes.len > most)
        return hz_fail(session->err, HZ_E_PROFILE, HZ_M(LIMIT), HZ_Z(hz_limit_name(HZ_LIMIT_PROFILE_BYTES)),
                       HZ_U(most));
    if (!file || hz_arena_copy(&file->text.path, arena, shown_path) != HZ_OK ||
        hz_arena_copy(&file->text.bytes, arena, bytes) != HZ_OK || hz_arena_copy(&file->path, arena, path) != HZ_OK ||
        hz_arena_copy(&file->place.folder, arena, place.folder) != HZ_OK ||
        !hz_sha256_bytes(profile->sha256, file->text.bytes))
        return hz_nomem(session->err, bytes.len);
    file->place.shipped = place.shipped;
    file->next = session->texts;
    session->texts = file;
    member->file = file;
    profile->path = file->text.path;
    profile->folder = place.shipped ? HZ_SLICE_NONE : file->place.folder;
    profile->text = &file->text;
    HZ_TRY(hz_text_index(&file->text, arena, session->err));
    size_t errors = session->diags->errors_count;
    HZ_TRY(hz_yaml_parse(&member->root, &file->text, arena, session->limits, session->diags, session->err));
    if (session->diags->errors_count > errors)
        member->state = HZ_MEMBER_WRONG;
    const hz_yaml *id = member->root ? hz_yaml_get(member->root, "profile") : NULL;
    if (id && id->kind == HZ_YAML_SCALAR)
        member->id = id->text;
    return HZ_OK;
}

hz_status hz_member_open(hz_member **out, hz_session *session, hz_slice bytes, hz_slice shown_path, hz_slice path,
                         hz_place_of_file place)
{
    *out = NULL;
    hz_arena *arena = hz_arena_new();
    hz_profile *profile = arena ? HZ_ARENA_NEW(arena, hz_profile) : NULL;
    hz_member *member = profile ? HZ_ARENA_NEW(arena, hz_member) : NULL;
    if (!member) {
        hz_arena_free(arena);
        return hz_nomem(session->err, sizeof *profile);
    }
    profile->arena = arena;
    member->profile = profile;
    member->next = session->members;
    session->members = member;
    *out = member;
    return fill_member(member, session, bytes, shown_path, path, place);
}

/* ---- entry ---- */

/* What diags show must outlive profiles that are thrown away: each text in use is copied to their arena. */
static hz_status move_texts(hz_session *session)
{
    hz_diags *diags = session->diags;
    for (hz_loader_text *at = session->texts; at; at = at->next) {
        hz_text *copy = NULL;
        for (size_t i = 0; i < diags->count; i++) {
            if (diags->items[i].span.text != &at->text)
                continue;
            if (!copy) {
                copy = HZ_ARENA_NEW(diags->arena, hz_text);
                if (!copy || hz_arena_copy(&copy->path, diags->arena, at->text.path) != HZ_OK ||
                    hz_arena_copy(&copy->bytes, diags->arena, at->text.bytes) != HZ_OK)
                    return hz_nomem(session->err, at->text.bytes.len);
                copy->secret = at->text.secret;
                HZ_TRY(hz_text_index(copy, diags->arena, session->err));
            }
            diags->items[i].span.text = copy;
        }
    }
    return HZ_OK;
}

static bool is_of_chain(const hz_member *leaf, const hz_member *member)
{
    for (size_t i = 0; i < leaf->chain_count; i++)
        if (leaf->chain[i] == member)
            return true;
    return false;
}

/* The profiles of the leaf's chain become its own; those that were opened in vain go. leaf NULL: all go. */
static hz_status hand_over(hz_session *session, hz_member *leaf)
{
    hz_status st = HZ_OK;
    if (leaf && leaf->chain_count > 1) {
        leaf->profile->kept = hz_mem_zalloc(leaf->chain_count - 1, sizeof *leaf->profile->kept);
        if (!leaf->profile->kept) {
            st = hz_nomem(session->err, leaf->chain_count * sizeof *leaf->profile->kept);
            leaf = NULL;
        }
    }
    for (hz_member *member = session->members, *next; member; member = next) {
        next = member->next; /* the member lies in its profile */
        if (leaf && member != leaf && is_of_chain(leaf, member))
            leaf->profile->kept[leaf->profile->kept_count++] = member->profile;
        else if (member != leaf)
            hz_profile_free(member->profile);
    }
    return st;
}

hz_status hz_profile_load_bytes(hz_profile **out, hz_slice bytes, hz_slice shown_path, hz_slice folder,
                                const hz_load *load, hz_diags *diags, hz_error *err)
{
    hz_session session = {
        .load = load, .limits = load->limits ? load->limits : hz_limits_default(), .diags = diags, .err = err};
    size_t errors = diags->errors_count;
    hz_member *leaf = NULL;
    size_t name_at = shown_path.len;
    while (name_at && shown_path.ptr[name_at - 1] != '/')
        name_at--;
    hz_slice name = hz_slice_sub(shown_path, name_at, shown_path.len);
    *out = NULL;
    hz_status st = hz_member_open(&leaf, &session, bytes, shown_path, name, (hz_place_of_file){folder, false});
    if (st == HZ_OK)
        st = hz_member_load(&session, leaf);
    bool wrong = diags->errors_count > errors || diags->overflowed;
    if (st == HZ_OK || (st == HZ_E_PROFILE && wrong))
        st = diags->no_memory ? hz_nomem(err, sizeof(hz_diag)) : HZ_OK;
    hz_diags_sort(diags);
    if (st == HZ_OK)
        st = move_texts(&session);
    if (st == HZ_OK && wrong)
        st = HZ_E_PROFILE;
    hz_status handed = hand_over(&session, st == HZ_OK ? leaf : NULL);
    if (st == HZ_OK)
        st = handed;
    if (st != HZ_OK && st != HZ_E_PROFILE) /* half-made spans must not outlive the profile */
        hz_diags_clear(diags);
    if (st == HZ_OK)
        *out = leaf->profile;
    return st;
}

hz_status hz_profile_load(hz_profile **out, const char *path, const hz_load *load, hz_diags *diags, hz_error *err)
{
    hz_buf bytes = HZ_BUF_INIT;
    const hz_limits *limits = load->limits ? load->limits : hz_limits_default();
    *out = NULL;
    hz_status st = hz_file_read_all(&bytes, path, limits->value[HZ_LIMIT_PROFILE_BYTES],
                                    hz_limit_name(HZ_LIMIT_PROFILE_BYTES), err);
    if (st == HZ_OK) {
        hz_slice shown = hz_slice_of(path);
        const char *slash = strrchr(path, '/');
        hz_slice folder = !slash          ? HZ_SLICE_LIT(".")
                          : slash == path ? HZ_SLICE_LIT("/")
                                          : hz_slice_sub(shown, 0, (size_t)(slash - path));
        st = hz_profile_load_bytes(out, hz_buf_slice(&bytes), shown, folder, load, diags, err);
    } else if (st == HZ_E_IO || st == HZ_E_SOURCE || st == HZ_E_LIMIT || st == HZ_E_CHANGED) {
        st = HZ_E_PROFILE;
        if (err)
            err->status = st;
    }
    hz_buf_clear(&bytes);
    return st;
}
