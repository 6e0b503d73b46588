/* load_waivers.c: waivers, of a profile and of files. What a waiver covers becomes one condition over the record (or
 * the group): `where`, and the keys as comparisons of their typed values, so that 0123 and 123 are one number and a
 * date is the same in each of its forms. */
#include "base/alloc.h"
#include "base/file.h"
#include "base/sha256.h"
#include "base/utf8.h"
#include "profiles/load_int.h"
#include "profiles/waivers.h"

enum { REASON_CHARACTERS = 4 };

bool hz_is_bare_reason(hz_slice text)
{
    size_t at = 0;
    bool differs = false;
    if (hz_utf8_length(text) < REASON_CHARACTERS)
        return true;
    uint32_t first = hz_utf8_next(text, &at);
    while (at < text.len)
        differs |= hz_utf8_next(text, &at) != first;
    return !differs;
}

/* ---- keys ---- */

static size_t parts_count(const hz_rule *rule)
{
    return hz_rule_is_of_groups(rule) ? rule->keys_count : rule->table->key_count;
}

static hz_slice part_name(const hz_rule *rule, size_t i)
{
    return hz_rule_is_of_groups(rule) ? rule->keys[i].text : rule->table->key[i]->name;
}

static hz_status node_of(hz_node **out, hz_loader *ld, hz_node_kind kind, hz_type type, size_t items)
{
    HZ_TRY(HZ_LOAD_ARRAY(ld, *out, 1));
    HZ_TRY(HZ_LOAD_ARRAY(ld, (*out)->items, items));
    (*out)->kind = kind;
    (*out)->type = type;
    (*out)->items_count = (uint32_t)items;
    return HZ_OK;
}

static hz_status part_node(hz_node **out, hz_loader *ld, const hz_rule *rule, size_t i)
{
    if (hz_rule_is_of_groups(rule)) {
        *out = rule->keys[i].root;
        return HZ_OK;
    }
    const hz_field *field = rule->table->key[i];
    HZ_TRY(node_of(out, ld, HZ_NODE_FIELD, field->value_type, 0));
    (*out)->item_type = field->item_type;
    (*out)->field = field;
    (*out)->mask = field->mask;
    return HZ_OK;
}

/* Also in the forms in which the field is submitted. */
static bool read_value(hz_value *value, const hz_rule *rule, size_t i, hz_type type, hz_slice text)
{
    const hz_field *field = hz_rule_is_of_groups(rule) ? hz_load_bare_field(&rule->keys[i]) : rule->table->key[i];
    if (hz_load_value(value, type, field && field->type == HZ_FIELD_MONTH, text))
        return true;
    *value = (hz_value){.type = type, .valid = true};
    for (size_t f = 0; field && f < field->formats_count; f++)
        if (hz_time_parse(&value->as.i64, &field->formats[f], text))
            return true;
    for (size_t t = 0; field && t < field->true_count + field->false_count; t++) {
        value->as.boolean = t < field->true_count;
        if (hz_slice_eq(text, value->as.boolean ? field->true_texts[t] : field->false_texts[t - field->true_count]))
            return true;
    }
    return false;
}

static hz_status literal(hz_node **out, hz_loader *ld, const hz_rule *rule, size_t i, hz_type type,
                         const hz_yaml *scalar)
{
    hz_value value;
    if (!read_value(&value, rule, i, type, scalar->text)) {
        hz_diag_error(ld->diags, scalar->span, HZ_MSG_NONE, HZ_M(PROFILE_WAIVER_VALUE), HZ_S(scalar->text),
                      HZ_S(part_name(rule, i)));
        value = (hz_value){.type = type};
    }
    HZ_TRY(node_of(out, ld, HZ_NODE_LITERAL, value.type, 0));
    (*out)->constant = true;
    (*out)->value = value;
    return HZ_OK;
}

/* The value of each part; false after a mistake. */
static bool find_parts(const hz_yaml **out, hz_loader *ld, const hz_rule *rule, const hz_yaml *item)
{
    size_t count = parts_count(rule), found = 0;
    for (size_t i = 0; item->kind == HZ_YAML_MAP && i < count; i++)
        for (uint32_t k = 0; k < item->count; k++)
            if (hz_slice_eq(item->pairs[k].key->text, part_name(rule, i))) {
                out[i] = item->pairs[k].value;
                found++;
            }
    if (item->kind == HZ_YAML_SCALAR) {
        out[0] = item;
        found = 1;
    }
    if (found == count && (item->kind == HZ_YAML_SCALAR || item->count == count))
        return true;
    hz_buf names = HZ_BUF_INIT;
    for (size_t i = 0; i < count; i++) {
        hz_buf_puts(&names, i ? ", " : "");
        hz_buf_put(&names, part_name(rule, i));
    }
    hz_diag_error(ld->diags, item->span, HZ_MSG_NONE, HZ_M(PROFILE_WAIVER_PARTS), HZ_S(hz_buf_slice(&names)));
    ld->diags->no_memory |= hz_buf_status(&names, ld->err) != HZ_OK;
    hz_buf_clear(&names);
    return false;
}

/* One key of several parts: all of them agree. */
static hz_status one_key(hz_node **out, hz_loader *ld, const hz_rule *rule, hz_node **parts, const hz_yaml **values)
{
    size_t count = parts_count(rule);
    HZ_TRY(node_of(out, ld, HZ_NODE_AND, HZ_TYPE_BOOLEAN, count));
    for (size_t i = 0; i < count; i++) {
        hz_node **equal = &(*out)->items[i];
        HZ_TRY(node_of(equal, ld, HZ_NODE_COMPARE, HZ_TYPE_BOOLEAN, 2));
        (*equal)->op = HZ_OP_EQ;
        (*equal)->items[0] = parts[i];
        HZ_TRY(literal(&(*equal)->items[1], ld, rule, i, parts[i]->type, values[i]));
    }
    return HZ_OK;
}

static hz_status read_keys(hz_node **out, hz_loader *ld, const hz_rule *rule, const hz_yaml *list)
{
    size_t count = parts_count(rule), first = count == 1;
    hz_node **parts;
    const hz_yaml **values;
    if (!count) {
        hz_diags_add(ld->diags, HZ_DIAG_ERROR, list->span, HZ_MSG_NONE,
                     HZ_ARGS(((hz_arg){HZ_ARG_MESSAGE,
                                       hz_rule_is_of_groups(rule) ? HZ_MSG_PROFILE_WAIVER_NO_GROUP
                                                                  : HZ_MSG_PROFILE_WAIVER_NO_KEY,
                                       HZ_SLICE_NONE, 0, 0}),
                             HZ_S(hz_rule_is_of_groups(rule) ? rule->id : rule->table->name)));
        return HZ_OK;
    }
    if (!list->count)
        hz_diag_error(ld->diags, list->span, HZ_MSG_NONE, HZ_M(PROFILE_EMPTY_LIST));
    if (!list->count)
        return HZ_OK;
    HZ_TRY(hz_limit_check(ld->limits, HZ_LIMIT_WAIVER_KEYS, list->count, ld->err));
    HZ_TRY(HZ_LOAD_ARRAY(ld, parts, count));
    HZ_TRY(HZ_LOAD_ARRAY(ld, values, count));
    for (size_t i = 0; i < count; i++)
        HZ_TRY(part_node(&parts[i], ld, rule, i));
    HZ_TRY(node_of(out, ld, first ? HZ_NODE_IN : HZ_NODE_OR, HZ_TYPE_BOOLEAN, list->count + first));
    if (first)
        (*out)->items[0] = parts[0];
    for (uint32_t k = 0; k < list->count; k++) {
        hz_node **item = &(*out)->items[k + first];
        if (!find_parts(values, ld, rule, list->items[k]))
            *item = parts[0]; /* no tree without it is ever used */
        else if (first)
            HZ_TRY(literal(item, ld, rule, 0, parts[0]->type, values[0]));
        else
            HZ_TRY(one_key(item, ld, rule, parts, values));
    }
    if (!first && list->count == 1)
        *out = (*out)->items[0];
    return HZ_OK;
}

/* ---- a waiver ---- */

static hz_status read_condition(hz_waiver *out, hz_loader *ld, const hz_rule *rule, const hz_keyed *keyed)
{
    const hz_yaml *where = hz_keyed_value(keyed, HZ_KEY_WAIVER_WHERE),
                  *keys = hz_keyed_value(keyed, HZ_KEY_WAIVER_KEYS);
    bool groups = hz_rule_is_of_groups(rule);
    hz_node *by_keys = NULL;
    if (!hz_keyed_key(keyed, HZ_KEY_WAIVER_WHERE) && !hz_keyed_key(keyed, HZ_KEY_WAIVER_KEYS))
        hz_diag_error(ld->diags, keyed->node->span, HZ_MSG_NONE, HZ_M(PROFILE_WAIVER_WHAT), HZ_S(out->id));
    if (where) {
        hz_scope scope = hz_load_scope(ld, rule->table, HZ_SCOPE_ROW | (groups ? HZ_SCOPE_KEYS_ONLY : 0));
        scope.keys = groups ? rule->keys : NULL;
        scope.keys_count = groups ? rule->keys_count : 0;
        HZ_TRY(hz_load_checked(&out->where, ld, where, &scope, HZ_TYPE_BOOLEAN));
        if (!keys && !hz_keyed_key(keyed, HZ_KEY_WAIVER_MAX_COUNT) && !hz_keyed_key(keyed, HZ_KEY_WAIVER_MAX_RATE))
            hz_diag_error(ld->diags, where->span, HZ_MSG_NONE, HZ_M(PROFILE_WAIVER_MAX));
    }
    if (keys) {
        HZ_TRY(read_keys(&by_keys, ld, rule, keys));
        out->keys_count = keys->count;
    }
    out->condition = by_keys ? by_keys : out->where.root;
    if (by_keys && out->where.root) {
        HZ_TRY(node_of(&out->condition, ld, HZ_NODE_AND, HZ_TYPE_BOOLEAN, 2));
        out->condition->items[0] = out->where.root;
        out->condition->items[1] = by_keys;
    }
    return HZ_OK;
}

static void read_grant(hz_waiver *out, hz_loader *ld, const hz_keyed *keyed)
{
    const hz_yaml *reason = hz_keyed_value(keyed, HZ_KEY_WAIVER_REASON);
    out->max_count = hz_keyed_whole(keyed, HZ_KEY_WAIVER_MAX_COUNT, -1);
    out->has_max_count = out->max_count >= 0;
    out->has_max_rate = hz_keyed_decimal(&out->max_rate, keyed, HZ_KEY_WAIVER_MAX_RATE);
    if (out->has_max_rate && hz_decimal_cmp(out->max_rate, hz_decimal_of(1)) > 0)
        hz_diag_error(ld->diags, hz_keyed_value(keyed, HZ_KEY_WAIVER_MAX_RATE)->span, HZ_MSG_NONE, HZ_M(PROFILE_SHARE),
                      HZ_S(hz_keyed_text(keyed, HZ_KEY_WAIVER_MAX_RATE)));
    out->reason = hz_keyed_text(keyed, HZ_KEY_WAIVER_REASON);
    out->approved_by = hz_keyed_text(keyed, HZ_KEY_WAIVER_APPROVED_BY);
    out->until = hz_keyed_day(keyed, HZ_KEY_WAIVER_UNTIL, INT32_MIN);
    if (reason && hz_is_bare_reason(reason->text))
        hz_diag_error(ld->diags, reason->span, HZ_MSG_NONE, HZ_M(PROFILE_WAIVER_REASON), HZ_S(reason->text));
}

static hz_status find_rule(const hz_rule **out, hz_loader *ld, const hz_yaml *scalar)
{
    const hz_profile *profile = ld->profile;
    *out = hz_profile_rule(profile, scalar->text);
    if (*out && hz_rule_is_of_structure(*out)) {
        *out = NULL;
        hz_diag_error(ld->diags, scalar->span, HZ_MSG_NONE, HZ_M(PROFILE_WAIVER_KIND), HZ_S(scalar->text));
    } else if (!*out) {
        hz_slice *names = hz_mem_zalloc(profile->rules_count + 1, sizeof *names);
        if (!names)
            return hz_nomem(ld->err, profile->rules_count * sizeof *names);
        for (size_t i = 0; i < profile->rules_count; i++)
            names[i] = profile->rules[i].id;
        hz_schema_unknown(ld->diags, scalar->span, HZ_MSG_PROFILE_WAIVER_RULE, scalar->text, names,
                          profile->rules_count, HZ_SLICE_NONE);
        hz_mem_free(names);
    }
    return HZ_OK;
}

static hz_status read_waiver(hz_waiver *out, hz_loader *ld, const hz_yaml_pair *pair)
{
    const hz_rule *rule = NULL;
    hz_keyed keyed;
    *out = (hz_waiver){.id = pair->key->text, .span = pair->key->span};
    hz_load_is_id(ld, pair->key);
    hz_schema_read(&keyed, HZ_PLACE_WAIVER, pair->value, NULL, ld->diags);
    if (pair->value->kind != HZ_YAML_MAP)
        return HZ_OK;
    out->rule = hz_keyed_text(&keyed, HZ_KEY_WAIVER_RULE);
    read_grant(out, ld, &keyed);
    if (hz_keyed_value(&keyed, HZ_KEY_WAIVER_RULE))
        HZ_TRY(find_rule(&rule, ld, hz_keyed_value(&keyed, HZ_KEY_WAIVER_RULE)));
    return rule ? read_condition(out, ld, rule, &keyed) : HZ_OK;
}

static hz_status read_waivers(hz_waiver **out, size_t *count, hz_loader *ld, const hz_yaml *map)
{
    HZ_TRY(HZ_LOAD_ARRAY(ld, *out, map->count));
    HZ_TRY(hz_limit_check(ld->limits, HZ_LIMIT_WAIVERS, map->count, ld->err));
    for (uint32_t i = 0; i < map->count; i++) {
        if (hz_schema_is_extra(map->pairs[i].key->text))
            continue;
        HZ_TRY(read_waiver(&(*out)[(*count)++], ld, &map->pairs[i]));
        HZ_TRY(hz_load_going(ld));
    }
    return HZ_OK;
}

hz_status hz_load_waivers(hz_loader *ld, const hz_yaml *map)
{
    hz_profile *profile = ld->profile;
    if (!map)
        return HZ_OK;
    if (profile->as_of == HZ_AS_OF_OPTIONAL && map->count)
        hz_diag_error(ld->diags, map->span, HZ_MSG_NONE, HZ_M(PROFILE_WAIVER_DAY));
    return read_waivers(&profile->waivers, &profile->waivers_count, ld, map);
}

/* ---- a file ---- */

static hz_status open_text(hz_text *text, uint8_t sha256[32], const char *path, hz_arena *arena,
                           const hz_limits *limits, hz_error *err)
{
    hz_buf bytes = HZ_BUF_INIT;
    hz_status st = hz_file_read_all(&bytes, path, limits->value[HZ_LIMIT_PROFILE_BYTES],
                                    hz_limit_name(HZ_LIMIT_PROFILE_BYTES), err);
    if (st == HZ_OK && (hz_arena_copy(&text->path, arena, hz_slice_of(path)) != HZ_OK ||
                        hz_arena_copy(&text->bytes, arena, hz_buf_slice(&bytes)) != HZ_OK ||
                        !hz_sha256_bytes(sha256, hz_buf_slice(&bytes))))
        st = hz_nomem(err, bytes.len);
    hz_buf_clear(&bytes);
    if (st == HZ_OK)
        return hz_text_index(text, arena, err);
    if (st == HZ_E_IO || st == HZ_E_SOURCE || st == HZ_E_LIMIT || st == HZ_E_CHANGED) {
        st = HZ_E_PROFILE;
        if (err)
            err->status = st;
    }
    return st;
}

static void tell_twice(hz_loader *ld, const hz_profile *profile, const hz_waiver *waivers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < profile->waivers_count; k++)
            if (hz_slice_eq(waivers[i].id, profile->waivers[k].id))
                hz_diag_error(ld->diags, waivers[i].span, HZ_MSG_NONE, HZ_M(PROFILE_WAIVER_TWICE), HZ_S(waivers[i].id));
}

static hz_status read_file(hz_waiver_file *out, hz_loader *ld, const hz_profile *profile, const hz_text *text,
                           const uint8_t sha256[32])
{
    const hz_yaml *root;
    hz_keyed keyed;
    HZ_TRY(hz_yaml_parse(&root, text, ld->arena, ld->limits, ld->diags, ld->err));
    if (!root)
        return HZ_OK;
    hz_schema_read(&keyed, HZ_PLACE_WAIVER_FILE, root, NULL, ld->diags);
    const hz_yaml *id = hz_keyed_value(&keyed, HZ_KEY_WAIVER_FILE_PROFILE);
    const hz_yaml *map = hz_keyed_value(&keyed, HZ_KEY_WAIVER_FILE_WAIVERS);
    if (id && !hz_slice_eq(id->text, profile->id))
        hz_diag_error(ld->diags, id->span, HZ_MSG_NONE, HZ_M(WAIVER_FILE_PROFILE), HZ_S(id->text), HZ_S(profile->id));
    else if (map)
        HZ_TRY(read_waivers(&out->waivers, &out->waivers_count, ld, map));
    tell_twice(ld, profile, out->waivers, out->waivers_count);
    hz_slice path; /* the text goes with the diagnostics */
    if (hz_arena_copy(&path, out->arena, text->path) != HZ_OK)
        return hz_nomem(ld->err, text->path.len);
    for (size_t i = 0; i < out->waivers_count; i++) {
        out->waivers[i].file = path;
        out->waivers[i].span = (hz_span){0};
        memcpy(out->waivers[i].sha256, sha256, 32);
    }
    return HZ_OK;
}

hz_status hz_waiver_file_load(hz_waiver_file *out, const char *path, const hz_profile *profile, const hz_load *load,
                              hz_diags *diags, hz_error *err)
{
    uint8_t sha256[32];
    size_t errors = diags->errors_count;
    out->arena = hz_arena_new();
    hz_text *text = out->arena ? HZ_ARENA_NEW(diags->arena, hz_text) : NULL; /* mistakes show it */
    out->scope = text ? HZ_ARENA_NEW(out->arena, hz_profile) : NULL;
    if (!out->scope)
        return hz_nomem(err, sizeof *out->scope);
    *out->scope = *profile; /* names mean what they mean there; patterns are kept here */
    out->scope->patterns = NULL;
    out->scope->patterns_count = out->scope->patterns_capacity = 0;
    hz_loader ld = {.profile = out->scope,
                    .arena = out->arena,
                    .lists = load->lists,
                    .limits = load->limits ? load->limits : hz_limits_default(),
                    .diags = diags,
                    .err = err};
    HZ_TRY(open_text(text, sha256, path, diags->arena, ld.limits, err));
    hz_status st = read_file(out, &ld, profile, text, sha256);
    hz_diags_sort(diags);
    if (diags->no_memory)
        return hz_nomem(err, sizeof(hz_diag));
    if (st == HZ_OK && diags->errors_count > errors)
        st = HZ_E_PROFILE;
    return st;
}

void hz_waiver_file_clear(hz_waiver_file *file)
{
    if (file->scope)
        hz_profile_free_patterns(file->scope);
    hz_arena_free(file->arena);
    memset(file, 0, sizeof *file);
}
