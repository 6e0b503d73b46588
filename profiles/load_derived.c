/* load_derived.c: the rules that tables and fields stand for. Only what a submission holds gets them: tables that are
 * external or included are judged by nobody here but the rules that name them. */
#include "base/alloc.h"
#include "profiles/load_int.h"

static const struct {
    const char *suffix;    /* of a derived id; NULL: has its own */
    const char *indicator; /* GB/T 36344 */
    hz_dimension dimension;
    hz_gate gate;
} kinds[HZ_RULE_KIND_COUNT] = {
    [HZ_RULE_PRESENT] = {"present", "0102", HZ_DIM_NORMATIVITY, HZ_GATE_STRUCTURE},
    [HZ_RULE_COLUMNS] = {"columns", "0102", HZ_DIM_NORMATIVITY, HZ_GATE_STRUCTURE},
    [HZ_RULE_ROWS] = {"rows", "0102", HZ_DIM_NORMATIVITY, HZ_GATE_STRUCTURE},
    [HZ_RULE_ENCODING] = {"encoding", "0102", HZ_DIM_NORMATIVITY, HZ_GATE_STRUCTURE},
    [HZ_RULE_REQUIRED] = {"required", "0201", HZ_DIM_COMPLETENESS, HZ_GATE_VALUE},
    [HZ_RULE_CHARACTERS] = {"characters", "0105", HZ_DIM_NORMATIVITY, HZ_GATE_VALUE},
    [HZ_RULE_TYPE] = {"type", "0302", HZ_DIM_ACCURACY, HZ_GATE_VALUE},
    [HZ_RULE_CODES] = {"codes", "0105", HZ_DIM_NORMATIVITY, HZ_GATE_VALUE},
    [HZ_RULE_ITEMS] = {"items", "0105", HZ_DIM_NORMATIVITY, HZ_GATE_VALUE},
    [HZ_RULE_PATTERN] = {"pattern", "0302", HZ_DIM_ACCURACY, HZ_GATE_VALUE},
    [HZ_RULE_LENGTH] = {"length", "0302", HZ_DIM_ACCURACY, HZ_GATE_VALUE},
    [HZ_RULE_RANGE] = {"range", "0302", HZ_DIM_ACCURACY, HZ_GATE_VALUE},
    [HZ_RULE_REFERENCES] = {"references", "0402", HZ_DIM_CONSISTENCY, HZ_GATE_RELATION},
    [HZ_RULE_UNIQUE] = {"unique", "0304", HZ_DIM_ACCURACY, HZ_GATE_RELATION},
    [HZ_RULE_ASSERT] = {NULL, "0402", HZ_DIM_CONSISTENCY, HZ_GATE_RECORD},
    [HZ_RULE_GROUP_ASSERT] = {NULL, "0305", HZ_DIM_ACCURACY, HZ_GATE_PLAUSIBILITY},
    [HZ_RULE_SIMILAR] = {NULL, "0303", HZ_DIM_ACCURACY, HZ_GATE_PLAUSIBILITY},
    [HZ_RULE_MANIFEST] = {NULL, "0102", HZ_DIM_NORMATIVITY, HZ_GATE_STRUCTURE},
};

void hz_load_kind_defaults(hz_rule *rule)
{
    rule->indicator = hz_slice_of(kinds[rule->kind].indicator);
    rule->dimension = kinds[rule->kind].dimension;
    rule->gate = kinds[rule->kind].gate;
    if (rule->kind == HZ_RULE_GROUP_ASSERT && rule->keys_count == 0) { /* an aggregate over the table is no `each` */
        rule->indicator = hz_slice_of(kinds[HZ_RULE_ASSERT].indicator);
        rule->dimension = kinds[HZ_RULE_ASSERT].dimension;
        rule->gate = HZ_GATE_RELATION;
    }
    bool rows = rule->kind == HZ_RULE_ASSERT || (rule->kind == HZ_RULE_GROUP_ASSERT && rule->keys_count == 0);
    if (!rows)
        return;
    const hz_expr *when = &rule->when, *assert_ = &rule->assert_;
    if (rule->period || when->reads_previous || assert_->reads_previous) {
        rule->indicator = HZ_SLICE_LIT("0503");
        rule->dimension = HZ_DIM_TIMELINESS;
        rule->gate = HZ_GATE_PLAUSIBILITY;
    } else if (rule->table->external || when->reads_external || assert_->reads_external) {
        rule->indicator = HZ_SLICE_LIT("0401");
        rule->gate = HZ_GATE_RELATION;
    } else if (when->reads_relation || assert_->reads_relation) {
        rule->gate = HZ_GATE_RELATION;
    }
}

bool hz_load_wants(const hz_loader *ld, hz_slice id)
{
    return !ld->older || hz_names_find(ld->older->wanted, id) != HZ_HTAB_NONE;
}

static hz_status append(hz_rule **out, hz_loader *ld, const hz_rule *rule)
{
    if (!HZ_GROW(ld->rules, ld->rules_capacity, ld->rules_count + 1))
        return hz_nomem(ld->err, ld->rules_count * sizeof *ld->rules);
    ld->rules[ld->rules_count] = *rule;
    *out = &ld->rules[ld->rules_count++];
    return HZ_OK;
}

/* An older form costs what it costs in its own profile, where the defaults may be others. */
static hz_status add_older(hz_rule **out, hz_loader *ld, const hz_rule *rule)
{
    uint32_t at = hz_names_find(ld->older->wanted, rule->id);
    if (at == HZ_HTAB_NONE)
        return HZ_OK;
    const hz_rule *from = &ld->older->from->rules[at];
    HZ_TRY(append(out, ld, rule));
    hz_rule *added = *out;
    added->severity = from->severity;
    added->dimension = from->dimension;
    added->indicator = from->indicator;
    added->gate = from->gate;
    added->status = from->status;
    added->effective = from->effective;
    added->until = from->until;
    added->weight = from->weight;
    added->tolerance = from->tolerance;
    added->if_skipped = from->if_skipped;
    added->may_be_absent = from->may_be_absent;
    added->unknown_columns = from->unknown_columns;
    added->declared = from->declared;
    return HZ_OK;
}

hz_status hz_load_add_rule(hz_rule **out, hz_loader *ld, const hz_rule *rule)
{
    uint64_t most = ld->limits->value[HZ_LIMIT_RULES];
    uint32_t old;
    *out = NULL;
    if (ld->older)
        return add_older(out, ld, rule);
    HZ_TRY(hz_names_add(&ld->rule_ids, rule->id, (uint32_t)ld->rules_count, &old, ld->err));
    if (old != HZ_HTAB_NONE) {
        hz_diag_error(ld->diags, rule->span, HZ_MSG_NONE, HZ_M(PROFILE_RULE_TWICE), HZ_S(rule->id));
        return HZ_OK;
    }
    if (ld->rules_count == most) {
        hz_diag_error(ld->diags, rule->span, HZ_MSG_NONE, HZ_M(LIMIT), HZ_Z(hz_limit_name(HZ_LIMIT_RULES)), HZ_U(most));
        return HZ_E_PROFILE;
    }
    return append(out, ld, rule);
}

/* "household.net_income.range" */
static hz_status make_id(hz_slice *id, hz_loader *ld, const hz_table *table, const hz_field *field, const char *suffix)
{
    hz_buf text = HZ_BUF_INIT;
    hz_buf_put(&text, table->name);
    hz_buf_putc(&text, '.');
    if (field) {
        hz_buf_put(&text, field->name);
        hz_buf_putc(&text, '.');
    }
    hz_buf_puts(&text, suffix);
    hz_status st = hz_buf_status(&text, ld->err);
    if (st == HZ_OK && hz_arena_copy(id, ld->arena, hz_buf_slice(&text)) != HZ_OK)
        st = hz_nomem(ld->err, text.len);
    hz_buf_clear(&text);
    return st;
}

/* What `constraints: {KIND: …}` says of it. */
static hz_status apply(hz_loader *ld, hz_rule *rule, const hz_yaml *said)
{
    if (!said)
        return HZ_OK;
    hz_keyed keyed;
    hz_schema_read(&keyed, HZ_PLACE_CONSTRAINT, said, NULL, ld->diags);
    rule->severity = (hz_severity)hz_keyed_word(&keyed, HZ_KEY_CONSTRAINT_SEVERITY, (int)rule->severity);
    rule->dimension = (hz_dimension)hz_keyed_word(&keyed, HZ_KEY_CONSTRAINT_DIMENSION, (int)rule->dimension);
    rule->gate = (hz_gate)hz_keyed_word(&keyed, HZ_KEY_CONSTRAINT_GATE, (int)rule->gate);
    rule->status = (hz_life)hz_keyed_word(&keyed, HZ_KEY_CONSTRAINT_STATUS, (int)rule->status);
    rule->if_skipped = (hz_if_skipped)hz_keyed_word(&keyed, HZ_KEY_CONSTRAINT_IF_SKIPPED, (int)rule->if_skipped);
    if (hz_keyed_value(&keyed, HZ_KEY_CONSTRAINT_INDICATOR))
        rule->indicator = hz_keyed_text(&keyed, HZ_KEY_CONSTRAINT_INDICATOR);
    hz_keyed_decimal(&rule->weight, &keyed, HZ_KEY_CONSTRAINT_WEIGHT);
    rule->title = hz_keyed_text2(&keyed, HZ_KEY_CONSTRAINT_TITLE);
    rule->known_issues = hz_keyed_text2(&keyed, HZ_KEY_CONSTRAINT_KNOWN_ISSUES);
    hz_load_tolerance(&rule->tolerance, ld, hz_keyed_value(&keyed, HZ_KEY_CONSTRAINT_TOLERANCE));
    if (hz_keyed_value(&keyed, HZ_KEY_CONSTRAINT_CLAUSE))
        hz_load_clause(&rule->clause, ld, hz_keyed_value(&keyed, HZ_KEY_CONSTRAINT_CLAUSE));
    hz_scope scope = hz_load_scope(ld, rule->table, HZ_SCOPE_ROW | HZ_SCOPE_RELATIONS);
    bool has_row = !hz_rule_is_of_structure(rule);
    return hz_load_message(&rule->message_zh, &rule->message_en, ld, hz_keyed_value(&keyed, HZ_KEY_CONSTRAINT_MESSAGE),
                           has_row ? &scope : NULL, 0);
}

/* A field's keyed values as its rules need them. */
typedef struct field_says {
    hz_keyed keyed, constraints;
    bool constrained;
    bool used[HZ_PLACE_KEYS_MAX]; /* constraints that there are, by key */
} field_says;

/* With its defaults, then with what is said of it. A constraint said to be withdrawn only holds its id. */
static hz_status add_derived(hz_loader *ld, hz_rule *rule, const hz_yaml *said)
{
    hz_rule *added;
    if (!hz_load_wants(ld, rule->id))
        return HZ_OK;
    rule->derived = true;
    rule->status = HZ_LIFE_ACTIVE;
    rule->effective = INT32_MIN;
    rule->until = INT32_MAX;
    rule->weight = hz_decimal_of(1);
    rule->at_most = 1;
    rule->if_skipped = hz_load_skip_default(ld, rule);
    HZ_TRY(apply(ld, rule, said));
    if (rule->status != HZ_LIFE_WITHDRAWN)
        return hz_load_add_rule(&added, ld, rule);
    if (ld->older)
        return HZ_OK;
    if (!HZ_GROW(ld->withdrawn, ld->withdrawn_capacity, ld->withdrawn_count + 1))
        return hz_nomem(ld->err, ld->withdrawn_count * sizeof *ld->withdrawn);
    ld->withdrawn[ld->withdrawn_count++] = rule->id;
    uint32_t old;
    return hz_names_add(&ld->rule_ids, rule->id, (uint32_t)ld->rules_count, &old, ld->err);
}

static bool is_judged(const hz_table *table)
{
    return !table->external && !table->included.len && !table->builtin;
}

/* The table as the profile that is read says it: an older form may not have it. */
static bool is_said(const hz_loader *ld, const hz_table *table)
{
    return ld->table_keys[table->index].node != NULL;
}

static bool has_key(const hz_loader *ld, const hz_table *table)
{
    return table->key_count && hz_keyed_value(&ld->table_keys[table->index], HZ_KEY_TABLE_KEY);
}

/* ---- of a table ---- */

static void read_table_constraints(hz_keyed *out, hz_loader *ld, const hz_table *table, hz_diags *diags)
{
    const hz_yaml *map = hz_keyed_value(&ld->table_keys[table->index], HZ_KEY_TABLE_CONSTRAINTS);
    *out = (hz_keyed){.place = HZ_PLACE_TABLE_CONSTRAINTS};
    if (map)
        hz_schema_read(out, HZ_PLACE_TABLE_CONSTRAINTS, map, NULL, diags);
}

static hz_status add_table_rule(hz_loader *ld, const hz_table *table, hz_rule *rule, const char *suffix,
                                const hz_yaml *said)
{
    rule->table = table;
    rule->severity = HZ_SEVERITY_ERROR;
    rule->clause = table->clause;
    rule->span = table->span;
    hz_load_kind_defaults(rule);
    HZ_TRY(make_id(&rule->id, ld, table, NULL, suffix));
    return add_derived(ld, rule, said);
}

/* ---- of the submission ---- */

#define TITLE2(chinese, english)                                                                                       \
    {                                                                                                                  \
        {chinese, sizeof chinese - 1},                                                                                 \
        {                                                                                                              \
            english, sizeof english - 1                                                                                \
        }                                                                                                              \
    }
static const struct {
    const char *id;
    hz_text2 title;
} manifest_rules[HZ_MANIFEST_PARTS] = {
    [HZ_MANIFEST_MISSING] = {"sources.missing", TITLE2("清单列出的文件齐全", "All files of the manifest are there")},
    [HZ_MANIFEST_LEFT_OVER] = {"sources.left_over", TITLE2("没有清单以外的文件", "No files but those of the manifest")},
    [HZ_MANIFEST_TWICE] = {"sources.twice", TITLE2("清单不重复列出文件", "The manifest names each file once")},
    [HZ_MANIFEST_CHANGED] = {"sources.changed", TITLE2("文件与清单的摘要一致", "Files have the manifest's digests")},
    [HZ_MANIFEST_ROW_COUNT] = {"sources.row_count",
                               TITLE2("记录数与清单一致", "Files have as many records as the manifest says")},
    [HZ_MANIFEST_PERIOD] = {"sources.period",
                            TITLE2("数据日期在清单的时期内", "The data's day is in the manifest's period")},
    [HZ_MANIFEST_UNIT] = {"sources.unit", TITLE2("记录在清单的单位内", "Records are of the manifest's unit")},
};

/* Nobody else's rules may have their ids. */
static hz_status add_manifest_rules(hz_loader *ld)
{
    const hz_table *sources = &ld->profile->tables[ld->profile->tables_count - 1];
    bool free;
    HZ_TRY(HZ_LOAD_ARRAY(ld, ld->profile->manifest_rules, HZ_MANIFEST_PARTS));
    for (size_t i = 0; i < HZ_MANIFEST_PARTS; i++) {
        hz_rule *rule = &ld->profile->manifest_rules[i];
        *rule = (hz_rule){.id = hz_slice_of(manifest_rules[i].id),
                          .kind = HZ_RULE_MANIFEST,
                          .manifest = (hz_manifest_part)i,
                          .table = sources,
                          .title = manifest_rules[i].title,
                          .severity = HZ_SEVERITY_ERROR,
                          .status = HZ_LIFE_ACTIVE,
                          .effective = INT32_MIN,
                          .until = INT32_MAX,
                          .weight = hz_decimal_of(1),
                          .at_most = 1,
                          .if_skipped = HZ_SKIP_WARN,
                          .derived = true};
        hz_load_kind_defaults(rule);
        HZ_TRY(hz_load_hold_id(&free, ld, rule->id, ld->profile->tables->span));
    }
    return HZ_OK;
}

hz_status hz_load_structure_rules(hz_loader *ld)
{
    static const hz_key keys[] = {HZ_KEY_TABLE_CONSTRAINTS_PRESENT, HZ_KEY_TABLE_CONSTRAINTS_COLUMNS,
                                  HZ_KEY_TABLE_CONSTRAINTS_ROWS, HZ_KEY_TABLE_CONSTRAINTS_ENCODING};
    for (size_t i = 0; i + 1 < ld->profile->tables_count; i++) {
        const hz_table *table = &ld->profile->tables[i];
        hz_keyed said;
        if (!is_said(ld, table))
            continue;
        read_table_constraints(&said, ld, table, ld->diags);
        if (!is_judged(table) && said.node)
            hz_diag_error(ld->diags, hz_keyed_span(&ld->table_keys[i], HZ_KEY_TABLE_CONSTRAINTS), HZ_MSG_NONE,
                          HZ_M(PROFILE_NOT_JUDGED), HZ_S(table->name));
        for (int kind = HZ_RULE_PRESENT; is_judged(table) && kind <= HZ_RULE_ENCODING; kind++) {
            hz_rule rule = {.kind = (hz_rule_kind)kind};
            if (kind == HZ_RULE_PRESENT)
                rule.may_be_absent = table->optional;
            if (kind == HZ_RULE_COLUMNS) {
                rule.unknown_columns = table->unknown_columns;
                rule.declared = table;
            }
            HZ_TRY(add_table_rule(ld, table, &rule, kinds[kind].suffix, hz_keyed_value(&said, keys[kind])));
        }
    }
    return ld->older ? HZ_OK : add_manifest_rules(ld);
}

/* An expression that is just the field's name. */
static hz_status field_expr(hz_expr *out, hz_loader *ld, const hz_field *field)
{
    *out = (hz_expr){.text = field->name, .nodes_count = 1, .reads_row = true};
    out->map = (hz_srcmap){.text = field->span.text, .file_offset = field->span.offset, .file_len = field->span.len};
    HZ_TRY(HZ_LOAD_ARRAY(ld, out->root, 1));
    HZ_TRY(HZ_LOAD_ARRAY(ld, out->root->names, 1));
    out->root->kind = HZ_NODE_FIELD;
    out->root->len = (uint32_t)field->name.len;
    out->root->type = field->value_type;
    out->root->item_type = field->item_type;
    out->root->mask = field->mask;
    out->root->field = &field->table->fields[field->index]; /* an older form is no column of its own */
    out->root->names_count = 1;
    out->root->names[0] = field->name;
    return HZ_OK;
}

static hz_status add_key_rule(hz_loader *ld, const hz_table *table, const hz_yaml *said)
{
    hz_rule rule = {.kind = HZ_RULE_UNIQUE};
    HZ_TRY(HZ_LOAD_ARRAY(ld, rule.keys, table->key_count));
    HZ_TRY(HZ_LOAD_ARRAY(ld, rule.normalize, table->key_count));
    for (; rule.keys_count < table->key_count; rule.keys_count++)
        HZ_TRY(field_expr(&rule.keys[rule.keys_count], ld, table->key[rule.keys_count]));
    return add_table_rule(ld, table, &rule, "key", said);
}

static hz_status add_table_unique(hz_loader *ld, const hz_table *table, const hz_yaml *parts, const hz_yaml *said)
{
    hz_rule rule = {.kind = HZ_RULE_UNIQUE};
    size_t count = hz_texts_count(parts);
    hz_scope scope = hz_load_scope(ld, table, HZ_SCOPE_ROW);
    HZ_TRY(HZ_LOAD_ARRAY(ld, rule.keys, count));
    HZ_TRY(HZ_LOAD_ARRAY(ld, rule.normalize, count));
    for (; rule.keys_count < count; rule.keys_count++)
        HZ_TRY(hz_load_checked(&rule.keys[rule.keys_count], ld, hz_texts_at(parts, rule.keys_count), &scope,
                               HZ_TYPE_NULL));
    if (!count)
        hz_diag_error(ld->diags, parts->span, HZ_MSG_NONE, HZ_M(PROFILE_EMPTY_LIST));
    return add_table_rule(ld, table, &rule, "unique", said);
}

/* ---- of a field ---- */

static hz_status add_field_rule(hz_loader *ld, const hz_field *field, field_says *says, hz_rule *rule, hz_key key)
{
    const hz_yaml *said = says->constrained ? hz_keyed_value(&says->constraints, key) : NULL;
    says->used[key - hz_place_first(HZ_PLACE_FIELD_CONSTRAINTS)] = true;
    rule->table = field->table;
    rule->field = field;
    rule->clause = field->clause;
    rule->span = field->span;
    hz_load_kind_defaults(rule);
    rule->severity = (hz_severity)hz_keyed_word(&says->keyed, HZ_KEY_FIELD_SEVERITY, HZ_SEVERITY_ERROR);
    rule->dimension = (hz_dimension)hz_keyed_word(&says->keyed, HZ_KEY_FIELD_DIMENSION, (int)rule->dimension);
    HZ_TRY(make_id(&rule->id, ld, field->table, field, kinds[rule->kind].suffix));
    return add_derived(ld, rule, said);
}

static bool is_key(const hz_loader *ld, const hz_field *field)
{
    for (size_t i = 0; has_key(ld, field->table) && i < field->table->key_count; i++)
        if (field->table->key[i]->index == field->index)
            return true;
    return false;
}

static bool has_constraint(const hz_loader *ld, const hz_field *field, hz_rule_kind kind)
{
    switch (kind) {
    case HZ_RULE_REQUIRED:
        return field->required || field->required_when.root || is_key(ld, field);
    case HZ_RULE_CHARACTERS:
        return field->plain;
    case HZ_RULE_TYPE:
        return field->type != HZ_FIELD_TEXT && field->type != HZ_FIELD_CODES;
    case HZ_RULE_CODES:
        return field->type == HZ_FIELD_CODES;
    case HZ_RULE_ITEMS:
        return field->many.len && (field->min_items >= 0 || field->max_items >= 0 || field->distinct);
    case HZ_RULE_PATTERN:
        return field->pattern != NULL;
    case HZ_RULE_LENGTH:
        return field->min_length >= 0 || field->max_length >= 0;
    case HZ_RULE_RANGE:
        return field->min.root || field->max.root;
    case HZ_RULE_REFERENCES:
        return field->references != NULL;
    default:
        return false;
    }
}

static hz_status add_references(hz_loader *ld, const hz_field *field, field_says *says)
{
    hz_rule rule = {.kind = HZ_RULE_REFERENCES, .keys_count = 1, .ref_table = field->references->table};
    HZ_TRY(HZ_LOAD_ARRAY(ld, rule.keys, 1));
    HZ_TRY(HZ_LOAD_ARRAY(ld, rule.ref_fields, 1));
    rule.ref_fields[0] = field->references;
    HZ_TRY(field_expr(&rule.keys[0], ld, field));
    return add_field_rule(ld, field, says, &rule, HZ_KEY_FIELD_CONSTRAINTS_REFERENCES);
}

static hz_status add_field_rules(hz_loader *ld, const hz_field *field, field_says *says)
{
    static const struct {
        hz_rule_kind kind;
        hz_key key;
    } order[] = {
        {HZ_RULE_REQUIRED, HZ_KEY_FIELD_CONSTRAINTS_REQUIRED},
        {HZ_RULE_CHARACTERS, HZ_KEY_FIELD_CONSTRAINTS_CHARACTERS},
        {HZ_RULE_TYPE, HZ_KEY_FIELD_CONSTRAINTS_TYPE},
        {HZ_RULE_CODES, HZ_KEY_FIELD_CONSTRAINTS_CODES},
        {HZ_RULE_ITEMS, HZ_KEY_FIELD_CONSTRAINTS_ITEMS},
        {HZ_RULE_PATTERN, HZ_KEY_FIELD_CONSTRAINTS_PATTERN},
        {HZ_RULE_LENGTH, HZ_KEY_FIELD_CONSTRAINTS_LENGTH},
        {HZ_RULE_RANGE, HZ_KEY_FIELD_CONSTRAINTS_RANGE},
    };
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (!has_constraint(ld, field, order[i].kind))
            continue;
        hz_rule rule = {.kind = order[i].kind};
        if (order[i].kind == HZ_RULE_REQUIRED && !is_key(ld, field))
            rule.when = field->required_when;
        HZ_TRY(add_field_rule(ld, field, says, &rule, order[i].key));
    }
    return field->references ? add_references(ld, field, says) : HZ_OK;
}

static hz_status add_field_unique(hz_loader *ld, const hz_field *field, field_says *says)
{
    hz_rule rule = {.kind = HZ_RULE_UNIQUE, .keys_count = 1};
    if (!hz_keyed_bool(&says->keyed, HZ_KEY_FIELD_UNIQUE, false))
        return HZ_OK;
    if (field->many.len) {
        hz_diag_error(ld->diags, hz_keyed_span(&says->keyed, HZ_KEY_FIELD_UNIQUE), HZ_MSG_NONE, HZ_M(PROFILE_KEY_MANY),
                      HZ_S(field->name));
        return HZ_OK;
    }
    HZ_TRY(HZ_LOAD_ARRAY(ld, rule.keys, 1));
    HZ_TRY(HZ_LOAD_ARRAY(ld, rule.normalize, 1));
    HZ_TRY(field_expr(&rule.keys[0], ld, field));
    return add_field_rule(ld, field, says, &rule, HZ_KEY_FIELD_CONSTRAINTS_UNIQUE);
}

/* constraints that speak of what the field does not have */
static void check_used(hz_loader *ld, const hz_field *field, const field_says *says)
{
    size_t first = (size_t)hz_place_first(HZ_PLACE_FIELD_CONSTRAINTS),
           count = hz_place_count(HZ_PLACE_FIELD_CONSTRAINTS);
    for (size_t i = 0; says->constrained && i < count; i++)
        if (says->constraints.keys[i] && !says->used[i])
            hz_diag_error(ld->diags, says->constraints.keys[i]->span, HZ_MSG_NONE, HZ_M(PROFILE_NO_CONSTRAINT),
                          HZ_S(field->name), HZ_Z(hz_schema_keys[first + i].name));
}

/* false: the field is no mapping. Mistakes of the field itself are known; those of its constraints go to diags. */
static bool read_says(field_says *says, hz_loader *ld, const hz_field *field, hz_diags *diags)
{
    hz_diags heard;
    hz_diags_init(&heard, ld->diags->arena, 0);
    const hz_yaml *fields = hz_keyed_value(&ld->table_keys[field->table->index], HZ_KEY_TABLE_FIELDS);
    const hz_yaml *node = fields ? hz_load_field_node(fields, field) : NULL;
    *says = (field_says){0};
    if (!node || node->kind != HZ_YAML_MAP)
        return false;
    hz_schema_read(&says->keyed, HZ_PLACE_FIELD, node, NULL, &heard);
    const hz_yaml *constraints = hz_keyed_value(&says->keyed, HZ_KEY_FIELD_CONSTRAINTS);
    says->constrained = constraints != NULL;
    if (constraints)
        hz_schema_read(&says->constraints, HZ_PLACE_FIELD_CONSTRAINTS, constraints, NULL, diags);
    hz_diags_clear(&heard);
    return true;
}

hz_status hz_load_table_rules(hz_loader *ld, hz_table *table)
{
    hz_keyed said;
    hz_diags heard;
    hz_diags_init(&heard, ld->diags->arena, 0);
    if (!is_judged(table) || !is_said(ld, table))
        return HZ_OK;
    /* constraints of all fields, then their unique rules: the order of the report */
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < table->fields_count; i++) {
            field_says says;
            const hz_field *field = ld->older ? ld->older->fields[table->index][i] : &table->fields[i];
            if (!field || !read_says(&says, ld, field, pass ? &heard : ld->diags))
                continue;
            HZ_TRY(pass ? add_field_unique(ld, field, &says) : add_field_rules(ld, field, &says));
            if (!pass && hz_keyed_bool(&says.keyed, HZ_KEY_FIELD_UNIQUE, false))
                says.used[HZ_KEY_FIELD_CONSTRAINTS_UNIQUE - hz_place_first(HZ_PLACE_FIELD_CONSTRAINTS)] = true;
            if (!pass)
                check_used(ld, field, &says);
        }
    }
    read_table_constraints(&said, ld, table, &heard);
    const hz_yaml *parts = hz_keyed_value(&ld->table_keys[table->index], HZ_KEY_TABLE_UNIQUE);
    const hz_yaml *said_unique = hz_keyed_value(&said, HZ_KEY_TABLE_CONSTRAINTS_UNIQUE);
    const hz_yaml *said_key = hz_keyed_value(&said, HZ_KEY_TABLE_CONSTRAINTS_KEY);
    if (parts)
        HZ_TRY(add_table_unique(ld, table, parts, said_unique));
    else if (said_unique)
        hz_diag_error(ld->diags, hz_keyed_span(&said, HZ_KEY_TABLE_CONSTRAINTS_UNIQUE), HZ_MSG_NONE,
                      HZ_M(PROFILE_NO_CONSTRAINT), HZ_S(table->name), HZ_Z("unique"));
    if (has_key(ld, table))
        return add_key_rule(ld, table, said_key);
    if (said_key)
        hz_diag_error(ld->diags, hz_keyed_span(&said, HZ_KEY_TABLE_CONSTRAINTS_KEY), HZ_MSG_NONE,
                      HZ_M(PROFILE_NO_CONSTRAINT), HZ_S(table->name), HZ_Z("key"));
    return HZ_OK;
}
