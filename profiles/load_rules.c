#include "base/alloc.h"
#include "profiles/load_int.h"

void hz_load_not_for(hz_loader *ld, const hz_keyed *keyed, hz_key key, const char *wants)
{
    if (hz_keyed_value(keyed, key))
        hz_diag_error(ld->diags, hz_keyed_span(keyed, key), HZ_MSG_NONE, HZ_M(PROFILE_KEY_FOR),
                      HZ_Z(hz_schema_keys[key].name), HZ_Z(wants));
}

/* ---- what a skip costs ---- */

static bool must_be_there(const hz_table *table)
{
    return table->builtin || table->included.len || (!table->optional && !table->external);
}

static bool reads_only_required(const hz_node *node)
{
    if (!node)
        return true;
    for (uint32_t i = 0; i < node->steps_count; i++)
        if (!must_be_there(node->steps[i]->to) || node->steps[i]->to_period || node->steps[i]->from_period)
            return false;
    for (uint32_t i = 0; i < node->items_count; i++)
        if (!reads_only_required(node->items[i]))
            return false;
    return true;
}

static bool is_certain(const hz_loader *ld, const hz_expr *expr)
{
    return reads_only_required(expr->root) && !(expr->reads_as_of && ld->profile->as_of == HZ_AS_OF_OPTIONAL);
}

hz_if_skipped hz_load_skip_default(const hz_loader *ld, const hz_rule *rule)
{
    const hz_table *table = rule->table;
    if (table->builtin || hz_keyed_value(&ld->table_keys[table->index], HZ_KEY_TABLE_IF_SKIPPED) ||
        table->if_skipped != HZ_SKIP_FAIL)
        return table->if_skipped;
    bool certain = !rule->period && is_certain(ld, &rule->when) && is_certain(ld, &rule->assert_);
    certain = certain && (!rule->ref_table || must_be_there(rule->ref_table));
    for (size_t i = 0; i < rule->keys_count; i++)
        certain = certain && is_certain(ld, &rule->keys[i]);
    if (rule->kind == HZ_RULE_RANGE)
        certain = certain && is_certain(ld, &rule->field->min) && is_certain(ld, &rule->field->max);
    return certain ? HZ_SKIP_FAIL : HZ_SKIP_WARN;
}

/* ---- ids ---- */

hz_status hz_load_hold_id(bool *free, hz_loader *ld, hz_slice id, hz_span at)
{
    uint32_t old;
    HZ_TRY(hz_names_add(&ld->rule_ids, id, (uint32_t)ld->rules_count, &old, ld->err));
    *free = old == HZ_HTAB_NONE;
    if (!*free)
        hz_diag_error(ld->diags, at, HZ_MSG_NONE, HZ_M(PROFILE_RULE_TWICE), HZ_S(id));
    return HZ_OK;
}

hz_status hz_load_withdrawn(hz_loader *ld, const hz_yaml *key, const hz_keyed *keyed, const hz_key *allowed)
{
    size_t first = (size_t)hz_place_first(keyed->place), count = hz_place_count(keyed->place);
    bool free;
    for (size_t i = 0; i < count; i++) {
        bool may = false;
        for (const hz_key *at = allowed; *at != HZ_KEY_COUNT; at++)
            may |= (size_t)*at == first + i;
        if (keyed->keys[i] && !may)
            hz_diag_error(ld->diags, keyed->keys[i]->span, HZ_MSG_NONE, HZ_M(PROFILE_WITHDRAWN),
                          HZ_S(keyed->keys[i]->text), HZ_S(key->text));
    }
    HZ_TRY(hz_load_hold_id(&free, ld, key->text, key->span));
    if (!HZ_GROW(ld->withdrawn, ld->withdrawn_capacity, ld->withdrawn_count + 1))
        return hz_nomem(ld->err, ld->withdrawn_count * sizeof *ld->withdrawn);
    ld->withdrawn[ld->withdrawn_count++] = key->text;
    return HZ_OK;
}

/* ---- references ---- */

static hz_slice trim_blanks(hz_slice text, size_t *offset)
{
    while (text.len && text.ptr[0] == ' ') {
        text = hz_slice_sub(text, 1, text.len);
        ++*offset;
    }
    while (text.len && text.ptr[text.len - 1] == ' ')
        text.len--;
    return text;
}

/* Splits "table.field" and "table(field, field)" into the table's name and what stands for the fields; false when it is
 * neither. */
static bool split_target(hz_slice text, hz_slice *table, hz_slice *fields)
{
    size_t at = strcspn(text.ptr, ".(");
    *table = hz_slice_sub(text, 0, at);
    if (!at || at + 1 >= text.len)
        return false;
    bool several = text.ptr[at] == '(';
    if (several && text.ptr[text.len - 1] != ')')
        return false;
    *fields = hz_slice_sub(text, at + 1, several ? text.len - 1 : text.len);
    return fields->len > 0;
}

static hz_status find_target_fields(const hz_field **fields, size_t *count, hz_loader *ld, const hz_table *table,
                                    hz_slice names, bool several, const hz_srcmap *map, size_t offset)
{
    for (size_t at = 0; at <= names.len;) {
        size_t end = at;
        while (end < names.len && !(several && names.ptr[end] == ','))
            end++;
        size_t from = offset + at;
        hz_slice name = trim_blanks(hz_slice_sub(names, at, end), &from);
        const hz_field *field = hz_load_field(ld, table, name, hz_srcmap_span(map, from, name.len));
        if (!field) {
            *count = 0;
            return HZ_OK;
        }
        fields[(*count)++] = field;
        at = end + 1;
    }
    return HZ_OK;
}

hz_status hz_load_target(const hz_table **table, const hz_field ***fields, size_t *count, hz_loader *ld,
                         const hz_yaml *scalar)
{
    hz_slice name, names;
    hz_srcmap map;
    *count = 0;
    *table = NULL;
    if (!split_target(scalar->text, &name, &names)) {
        hz_diag_error(ld->diags, scalar->span, HZ_MSG_NONE, HZ_M(PROFILE_REFERENCE), HZ_S(scalar->text));
        return HZ_OK;
    }
    HZ_TRY(hz_yaml_srcmap(&map, scalar, ld->arena, ld->err));
    hz_yaml table_name = *scalar;
    table_name.text = name;
    table_name.span = hz_srcmap_span(&map, 0, name.len);
    int index = hz_load_table(ld, &table_name, NULL);
    if (index < 0)
        return HZ_OK;
    *table = &ld->profile->tables[index];
    HZ_TRY(HZ_LOAD_ARRAY(ld, *fields, names.len + 1));
    bool several = scalar->text.ptr[name.len] == '(';
    return find_target_fields(*fields, count, ld, *table, names, several, &map, name.len + 1);
}

static hz_status read_references(hz_loader *ld, hz_rule *rule, const hz_keyed *keyed)
{
    const hz_yaml *parts = hz_keyed_value(keyed, HZ_KEY_RULE_FIELDS),
                  *to = hz_keyed_value(keyed, HZ_KEY_RULE_REFERENCES);
    size_t count;
    rule->kind = HZ_RULE_REFERENCES;
    HZ_TRY(hz_load_target(&rule->ref_table, &rule->ref_fields, &count, ld, to));
    size_t given = hz_texts_count(parts);
    hz_scope scope = hz_load_scope(ld, rule->table, HZ_SCOPE_ROW);
    HZ_TRY(HZ_LOAD_ARRAY(ld, rule->keys, given));
    if (!parts)
        hz_diag_error(ld->diags, hz_keyed_span(keyed, HZ_KEY_RULE_REFERENCES), HZ_MSG_NONE, HZ_M(PROFILE_KEY_WANTS),
                      HZ_Z("references"), HZ_Z("fields"));
    else if (count && given != count)
        hz_diag_error(ld->diags, hz_keyed_span(keyed, HZ_KEY_RULE_FIELDS), HZ_MSG_NONE, HZ_M(PROFILE_REFERENCE_COUNT),
                      HZ_U(count), HZ_U(given));
    for (; rule->keys_count < given; rule->keys_count++) {
        hz_expr *part = &rule->keys[rule->keys_count];
        HZ_TRY(hz_load_checked(part, ld, hz_texts_at(parts, rule->keys_count), &scope, HZ_TYPE_NULL));
        if (!part->root || rule->keys_count >= count)
            continue;
        hz_type target = rule->ref_fields[rule->keys_count]->value_type;
        if (!hz_load_types_agree(part->root->type, target) || target == HZ_TYPE_ARRAY)
            hz_diag_error(ld->diags, hz_load_expr_span(part), HZ_MSG_NONE, HZ_M(PROFILE_TYPES_DIFFER),
                          HZ_Z(hz_type_name(part->root->type)), HZ_Z(hz_type_name(target)));
    }
    return HZ_OK;
}

/* ---- unique ---- */

static hz_status read_parts(hz_expr **out, size_t *count, hz_loader *ld, const hz_table *table, const hz_yaml *parts)
{
    size_t given = hz_texts_count(parts);
    hz_scope scope = hz_load_scope(ld, table, HZ_SCOPE_ROW);
    HZ_TRY(HZ_LOAD_ARRAY(ld, *out, given));
    for (*count = 0; *count < given; ++*count) {
        hz_expr *part = &(*out)[*count];
        HZ_TRY(hz_load_checked(part, ld, hz_texts_at(parts, *count), &scope, HZ_TYPE_NULL));
        if (part->root && part->root->type == HZ_TYPE_ARRAY)
            hz_diag_error(ld->diags, hz_load_expr_span(part), HZ_MSG_NONE, HZ_M(PROFILE_KEY_MANY), HZ_S(part->text));
        for (size_t i = 0; i < *count; i++)
            if (part->root && (*out)[i].root && hz_node_equal(part->root, (*out)[i].root))
                hz_diag_error(ld->diags, hz_load_expr_span(part), HZ_MSG_NONE, HZ_M(PROFILE_TWICE), HZ_S(part->text));
    }
    if (!given)
        hz_diag_error(ld->diags, parts->span, HZ_MSG_NONE, HZ_M(PROFILE_EMPTY_LIST));
    return HZ_OK;
}

/* One word speaks of every text part. */
static void normalize_all(hz_loader *ld, hz_rule *rule, const hz_yaml *value)
{
    bool any = false, unknown = false;
    for (size_t i = 0; i < rule->keys_count; i++) {
        unknown |= !rule->keys[i].root;
        rule->normalize[i] = rule->keys[i].root && rule->keys[i].root->type == HZ_TYPE_TEXT;
        any |= rule->normalize[i];
    }
    if (!any && !unknown)
        hz_diag_error(ld->diags, value->span, HZ_MSG_NONE, HZ_M(PROFILE_NORMALIZE_TEXT));
}

static hz_status read_normalize(hz_loader *ld, hz_rule *rule, const hz_yaml *value)
{
    HZ_TRY(HZ_LOAD_ARRAY(ld, rule->normalize, rule->keys_count));
    if (!value || value->kind == HZ_YAML_SCALAR) {
        if (value)
            normalize_all(ld, rule, value);
        return HZ_OK;
    }
    hz_scope scope = hz_load_scope(ld, rule->table, HZ_SCOPE_ROW);
    for (uint32_t i = 0; i < value->count; i++) {
        hz_expr part;
        bool found = false, unknown = false;
        HZ_TRY(hz_load_checked(&part, ld, value->pairs[i].key, &scope, HZ_TYPE_TEXT));
        for (size_t k = 0; part.root && k < rule->keys_count; k++) {
            unknown |= !rule->keys[k].root;
            if (!rule->keys[k].root || !hz_node_equal(rule->keys[k].root, part.root))
                continue;
            rule->normalize[k] = found = true;
        }
        if (part.root && !found && !unknown)
            hz_diag_error(ld->diags, value->pairs[i].key->span, HZ_MSG_NONE, HZ_M(PROFILE_NORMALIZE_PART),
                          HZ_S(part.text));
    }
    return HZ_OK;
}

static bool is_ordered_time(hz_type type)
{
    return type == HZ_TYPE_DATE || type == HZ_TYPE_TIMESTAMP || type == HZ_TYPE_TIME || type == HZ_TYPE_INTEGER ||
           type == HZ_TYPE_DECIMAL;
}

static hz_status read_overlaps(hz_loader *ld, hz_rule *rule, const hz_yaml *value)
{
    hz_keyed keyed;
    if (!value)
        return HZ_OK;
    hz_schema_read(&keyed, HZ_PLACE_OVERLAPS, value, NULL, ld->diags);
    const hz_yaml *from = hz_keyed_value(&keyed, HZ_KEY_OVERLAPS_FROM),
                  *to = hz_keyed_value(&keyed, HZ_KEY_OVERLAPS_TO);
    hz_scope scope = hz_load_scope(ld, rule->table, HZ_SCOPE_ROW);
    if (!from || !to)
        return HZ_OK;
    HZ_TRY(hz_load_checked(&rule->overlap_from, ld, from, &scope, HZ_TYPE_NULL));
    HZ_TRY(hz_load_checked(&rule->overlap_to, ld, to, &scope, HZ_TYPE_NULL));
    if (!rule->overlap_from.root || !rule->overlap_to.root)
        return HZ_OK;
    hz_type a = rule->overlap_from.root->type, b = rule->overlap_to.root->type;
    if (!hz_load_types_agree(a, b))
        hz_diag_error(ld->diags, to->span, HZ_MSG_NONE, HZ_M(PROFILE_TYPES_DIFFER), HZ_Z(hz_type_name(a)),
                      HZ_Z(hz_type_name(b)));
    else if (!is_ordered_time(a))
        hz_diag_error(ld->diags, from->span, HZ_MSG_NONE, HZ_M(PROFILE_OVERLAPS_TYPE), HZ_Z(hz_type_name(a)));
    return HZ_OK;
}

static hz_status read_unique(hz_loader *ld, hz_rule *rule, const hz_keyed *keyed)
{
    const hz_yaml *at_most = hz_keyed_value(keyed, HZ_KEY_RULE_AT_MOST),
                  *overlaps = hz_keyed_value(keyed, HZ_KEY_RULE_WITHOUT_OVERLAPS);
    rule->kind = HZ_RULE_UNIQUE;
    HZ_TRY(read_parts(&rule->keys, &rule->keys_count, ld, rule->table, hz_keyed_value(keyed, HZ_KEY_RULE_UNIQUE)));
    HZ_TRY(read_normalize(ld, rule, hz_keyed_value(keyed, HZ_KEY_RULE_NORMALIZE)));
    rule->at_most = hz_keyed_whole(keyed, HZ_KEY_RULE_AT_MOST, 1);
    if (rule->at_most < 1)
        hz_diag_error(ld->diags, at_most->span, HZ_MSG_NONE, HZ_M(PROFILE_AT_MOST));
    if (at_most && overlaps)
        hz_diag_error(ld->diags, hz_keyed_span(keyed, HZ_KEY_RULE_AT_MOST), HZ_MSG_NONE, HZ_M(PROFILE_NOT_WITH),
                      HZ_Z("at_most"), HZ_Z("without_overlaps"));
    return read_overlaps(ld, rule, overlaps);
}

/* ---- similar ---- */

static bool compares(hz_slice by, hz_type type)
{
    if (hz_slice_is(by, "date"))
        return type == HZ_TYPE_DATE || type == HZ_TYPE_TIMESTAMP;
    if (hz_slice_is(by, "number"))
        return hz_load_types_agree(type, HZ_TYPE_DECIMAL);
    return hz_slice_is(by, "equal") ? type != HZ_TYPE_ARRAY : type == HZ_TYPE_TEXT;
}

static hz_status read_compare(hz_loader *ld, hz_rule *rule, const hz_yaml *map)
{
    hz_similar *similar = rule->similar;
    hz_scope scope = hz_load_scope(ld, rule->table, HZ_SCOPE_ROW);
    HZ_TRY(HZ_LOAD_ARRAY(ld, similar->compare, map->count));
    for (uint32_t i = 0; i < map->count; i++) {
        hz_similar_compare *compare = &similar->compare[similar->compare_count++];
        hz_keyed keyed;
        hz_schema_read(&keyed, HZ_PLACE_COMPARE, map->pairs[i].value, NULL, ld->diags);
        compare->weight = hz_decimal_of(1);
        compare->by = hz_keyed_text(&keyed, HZ_KEY_COMPARE_BY);
        HZ_TRY(hz_load_checked(&compare->expr, ld, map->pairs[i].key, &scope, HZ_TYPE_NULL));
        if (hz_keyed_decimal(&compare->weight, &keyed, HZ_KEY_COMPARE_WEIGHT) && compare->weight.coef == 0)
            hz_diag_error(ld->diags, hz_keyed_value(&keyed, HZ_KEY_COMPARE_WEIGHT)->span, HZ_MSG_NONE,
                          HZ_M(PROFILE_WEIGHT_ZERO));
        if (compare->by.len && compare->expr.root && !compares(compare->by, compare->expr.root->type))
            hz_diag_error(ld->diags, hz_keyed_value(&keyed, HZ_KEY_COMPARE_BY)->span, HZ_MSG_NONE,
                          HZ_M(PROFILE_COMPARE_TYPE), HZ_S(compare->by), HZ_Z(hz_type_name(compare->expr.root->type)));
    }
    if (!map->count)
        hz_diag_error(ld->diags, map->span, HZ_MSG_NONE, HZ_M(PROFILE_EMPTY_LIST));
    return HZ_OK;
}

static hz_status read_similar(hz_loader *ld, hz_rule *rule, const hz_yaml *value)
{
    hz_keyed keyed;
    rule->kind = HZ_RULE_SIMILAR;
    HZ_TRY(HZ_LOAD_ARRAY(ld, rule->similar, 1));
    hz_similar *similar = rule->similar;
    hz_schema_read(&keyed, HZ_PLACE_SIMILAR, value, NULL, ld->diags);
    const hz_yaml *blocks = hz_keyed_value(&keyed, HZ_KEY_SIMILAR_BLOCK),
                  *compare = hz_keyed_value(&keyed, HZ_KEY_SIMILAR_COMPARE);
    size_t count = blocks ? blocks->count : 0;
    HZ_TRY(HZ_LOAD_ARRAY(ld, similar->blocks, count));
    for (; similar->blocks_count < count; similar->blocks_count++) {
        struct hz_similar_block *block = &similar->blocks[similar->blocks_count];
        HZ_TRY(read_parts(&block->parts, &block->count, ld, rule->table, blocks->items[similar->blocks_count]));
    }
    if (blocks && !count)
        hz_diag_error(ld->diags, blocks->span, HZ_MSG_NONE, HZ_M(PROFILE_EMPTY_LIST));
    if (compare)
        HZ_TRY(read_compare(ld, rule, compare));
    if (hz_keyed_decimal(&similar->threshold, &keyed, HZ_KEY_SIMILAR_THRESHOLD) &&
        hz_decimal_cmp(similar->threshold, hz_decimal_of(1)) > 0)
        hz_diag_error(ld->diags, hz_keyed_value(&keyed, HZ_KEY_SIMILAR_THRESHOLD)->span, HZ_MSG_NONE,
                      HZ_M(PROFILE_SHARE), HZ_S(hz_keyed_text(&keyed, HZ_KEY_SIMILAR_THRESHOLD)));
    return HZ_OK;
}

/* ---- assert ---- */

/* With `each`, or with * in what is asserted, the rule speaks of groups: the row is seen only through the keys and
 * aggregates over *. */
static hz_status read_assert(hz_loader *ld, hz_rule *rule, hz_scope *scope, const hz_keyed *keyed)
{
    const hz_yaml *each = hz_keyed_value(keyed, HZ_KEY_RULE_EACH);
    HZ_TRY(hz_load_expr(&rule->assert_, ld, hz_keyed_value(keyed, HZ_KEY_RULE_ASSERT)));
    if (each)
        HZ_TRY(read_parts(&rule->keys, &rule->keys_count, ld, rule->table, each));
    bool group = each || hz_load_uses_star(rule->assert_.root);
    rule->kind = group ? HZ_RULE_GROUP_ASSERT : HZ_RULE_ASSERT;
    rule->blame_records = hz_keyed_word(keyed, HZ_KEY_RULE_BLAME, 0) == 1;
    if (group) {
        *scope = hz_load_scope(ld, rule->table, HZ_SCOPE_ROW | HZ_SCOPE_STAR | HZ_SCOPE_RELATIONS | HZ_SCOPE_KEYS_ONLY);
        scope->keys = rule->keys;
        scope->keys_count = rule->keys_count;
    }
    for (size_t i = 0; i < rule->keys_count; i++)
        if (!rule->keys[i].root)
            return HZ_OK; /* a wrong key would make every use of it wrong */
    HZ_TRY(hz_load_check(&rule->assert_, ld, scope, HZ_TYPE_BOOLEAN));
    hz_load_periods(ld, &rule->assert_, rule->period);
    return HZ_OK;
}

/* ---- a rule ---- */

static void read_life(hz_loader *ld, hz_rule *rule, const hz_keyed *keyed)
{
    rule->effective = hz_keyed_day(keyed, HZ_KEY_RULE_EFFECTIVE, INT32_MIN);
    rule->until = hz_keyed_day(keyed, HZ_KEY_RULE_UNTIL, INT32_MAX);
    if (rule->effective >= rule->until)
        hz_diag_error(ld->diags, hz_keyed_span(keyed, HZ_KEY_RULE_UNTIL), HZ_MSG_NONE, HZ_M(PROFILE_UNTIL));
    rule->since = hz_keyed_text(keyed, HZ_KEY_RULE_SINCE);
    rule->source = hz_keyed_text(keyed, HZ_KEY_RULE_SOURCE);
    rule->open = hz_keyed_bool(keyed, HZ_KEY_RULE_OPEN, false);
    rule->title = hz_keyed_text2(keyed, HZ_KEY_RULE_TITLE);
    rule->description = hz_keyed_text2(keyed, HZ_KEY_RULE_DESCRIPTION);
    rule->known_issues = hz_keyed_text2(keyed, HZ_KEY_RULE_KNOWN_ISSUES);
    hz_load_clause(&rule->clause, ld, hz_keyed_value(keyed, HZ_KEY_RULE_CLAUSE));
    hz_load_tolerance(&rule->tolerance, ld, hz_keyed_value(keyed, HZ_KEY_RULE_TOLERANCE));
}

/* Its kind gives the defaults, so this comes when the kind and what it reads are known. */
static void read_ranking(hz_loader *ld, hz_rule *rule, const hz_keyed *keyed)
{
    hz_load_kind_defaults(rule);
    rule->severity = (hz_severity)hz_keyed_word(keyed, HZ_KEY_RULE_SEVERITY, HZ_SEVERITY_ERROR);
    rule->dimension = (hz_dimension)hz_keyed_word(keyed, HZ_KEY_RULE_DIMENSION, (int)rule->dimension);
    rule->gate = (hz_gate)hz_keyed_word(keyed, HZ_KEY_RULE_GATE, (int)rule->gate);
    if (hz_keyed_value(keyed, HZ_KEY_RULE_INDICATOR))
        rule->indicator = hz_keyed_text(keyed, HZ_KEY_RULE_INDICATOR);
    rule->weight = hz_decimal_of(1);
    hz_keyed_decimal(&rule->weight, keyed, HZ_KEY_RULE_WEIGHT);
    rule->if_skipped = (hz_if_skipped)hz_keyed_word(keyed, HZ_KEY_RULE_IF_SKIPPED, (int)hz_load_skip_default(ld, rule));
}

static const struct {
    hz_key key;
    const char *wants; /* the body that it stands with */
    hz_key body;
} companions[] = {
    {HZ_KEY_RULE_EACH, "assert", HZ_KEY_RULE_ASSERT},
    {HZ_KEY_RULE_BLAME, "each", HZ_KEY_RULE_EACH},
    {HZ_KEY_RULE_NORMALIZE, "unique", HZ_KEY_RULE_UNIQUE},
    {HZ_KEY_RULE_AT_MOST, "unique", HZ_KEY_RULE_UNIQUE},
    {HZ_KEY_RULE_WITHOUT_OVERLAPS, "unique", HZ_KEY_RULE_UNIQUE},
    {HZ_KEY_RULE_FIELDS, "references", HZ_KEY_RULE_REFERENCES},
};

/* The one of assert, unique, references, similar that is there; HZ_KEY_COUNT after a mistake. */
static hz_key find_body(hz_loader *ld, const hz_yaml *id, const hz_keyed *keyed)
{
    static const hz_key bodies[] = {HZ_KEY_RULE_ASSERT, HZ_KEY_RULE_UNIQUE, HZ_KEY_RULE_REFERENCES,
                                    HZ_KEY_RULE_SIMILAR};
    size_t count = 0;
    hz_key found = HZ_KEY_COUNT;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        const hz_yaml *key = hz_keyed_key(keyed, bodies[i]);
        if (key && count++)
            hz_diag_error(ld->diags, key->span, HZ_MSG_NONE, HZ_M(PROFILE_BODY_TWICE), HZ_S(key->text),
                          HZ_Z(hz_schema_keys[found].name));
        else if (key)
            found = bodies[i];
    }
    if (!count)
        hz_diag_error(ld->diags, id->span, HZ_MSG_NONE, HZ_M(PROFILE_BODY), HZ_S(id->text));
    for (size_t i = 0; i < sizeof companions / sizeof *companions; i++)
        if (!hz_keyed_key(keyed, companions[i].body))
            hz_load_not_for(ld, keyed, companions[i].key, companions[i].wants);
    return count == 1 && hz_keyed_value(keyed, found) ? found : HZ_KEY_COUNT;
}

static hz_status read_body(hz_loader *ld, hz_rule *rule, hz_scope *scope, hz_key body, const hz_keyed *keyed)
{
    switch (body) {
    case HZ_KEY_RULE_ASSERT:
        return read_assert(ld, rule, scope, keyed);
    case HZ_KEY_RULE_UNIQUE:
        return read_unique(ld, rule, keyed);
    case HZ_KEY_RULE_REFERENCES:
        return read_references(ld, rule, keyed);
    default:
        return read_similar(ld, rule, hz_keyed_value(keyed, body));
    }
}

static hz_status read_rule(hz_loader *ld, const hz_yaml_pair *pair)
{
    static const hz_key kept[] = {
        HZ_KEY_RULE_STATUS,    HZ_KEY_RULE_TITLE, HZ_KEY_RULE_DESCRIPTION,  HZ_KEY_RULE_CLAUSE, HZ_KEY_RULE_SINCE,
        HZ_KEY_RULE_EFFECTIVE, HZ_KEY_RULE_UNTIL, HZ_KEY_RULE_KNOWN_ISSUES, HZ_KEY_RULE_SOURCE, HZ_KEY_COUNT};
    hz_rule rule = {.id = pair->key->text, .span = pair->key->span, .at_most = 1}, *added;
    hz_keyed keyed;
    if (!hz_load_wants(ld, rule.id))
        return HZ_OK;
    hz_load_is_id(ld, pair->key);
    hz_schema_read(&keyed, HZ_PLACE_RULE, pair->value, NULL, ld->diags);
    if (pair->value->kind != HZ_YAML_MAP)
        return HZ_OK;
    rule.status = (hz_life)hz_keyed_word(&keyed, HZ_KEY_RULE_STATUS, HZ_LIFE_ACTIVE);
    if (rule.status == HZ_LIFE_WITHDRAWN)
        return hz_load_withdrawn(ld, pair->key, &keyed, kept);
    const hz_yaml *on = hz_keyed_value(&keyed, HZ_KEY_RULE_ON), *when = hz_keyed_value(&keyed, HZ_KEY_RULE_WHEN);
    if (!hz_keyed_key(&keyed, HZ_KEY_RULE_ON))
        hz_diag_error(ld->diags, pair->key->span, HZ_MSG_NONE, HZ_M(SCHEMA_MISSING), HZ_Z("on"), HZ_Z("rules.ID"));
    int table = on ? hz_load_table(ld, on, &rule.period) : -1;
    hz_key body = find_body(ld, pair->key, &keyed);
    read_life(ld, &rule, &keyed);
    if (table < 0)
        return HZ_OK;
    rule.table = &ld->profile->tables[table];
    hz_scope scope = hz_load_scope(ld, rule.table, HZ_SCOPE_ROW | HZ_SCOPE_RELATIONS);
    if (body != HZ_KEY_COUNT)
        HZ_TRY(read_body(ld, &rule, &scope, body, &keyed));
    if (when) {
        HZ_TRY(hz_load_checked(&rule.when, ld, when, &scope, HZ_TYPE_BOOLEAN));
        hz_load_periods(ld, &rule.when, rule.period);
    }
    HZ_TRY(hz_load_message(&rule.message_zh, &rule.message_en, ld, hz_keyed_value(&keyed, HZ_KEY_RULE_MESSAGE), &scope,
                           rule.period));
    HZ_TRY(hz_load_tests(&rule.tests, &rule.tests_count, ld, hz_keyed_value(&keyed, HZ_KEY_RULE_TESTS), rule.table,
                         rule.period));
    read_ranking(ld, &rule, &keyed);
    return hz_load_add_rule(&added, ld, &rule);
}

hz_status hz_load_rules(hz_loader *ld, const hz_yaml *map)
{
    for (uint32_t i = 0; map && i < map->count; i++) {
        if (hz_schema_is_extra(map->pairs[i].key->text))
            continue;
        HZ_TRY(read_rule(ld, &map->pairs[i]));
        HZ_TRY(hz_load_going(ld));
    }
    return HZ_OK;
}
