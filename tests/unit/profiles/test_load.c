/* What the loader makes of a profile: the model, its defaults, its limits and its borders to the file system. */
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/profiles/kit.h"

#define PERSON "tables: {person: {key: id, fields: {id: {}, name: {}, age: {type: integer}, born: {type: date}}}}\n"

static const hz_rule *rule_of(const hz_profile *profile, const char *id)
{
    const hz_rule *rule = hz_profile_rule(profile, hz_slice_of(id));
    ck_assert_msg(rule != NULL, "no rule %s", id);
    return rule;
}

static const hz_field *field_of(const hz_profile *profile, const char *table, const char *name)
{
    const hz_table *found = hz_profile_table(profile, hz_slice_of(table));
    ck_assert_ptr_nonnull(found);
    const hz_field *field = hz_table_field(found, hz_slice_of(name));
    ck_assert_msg(field != NULL, "no field %s", name);
    return field;
}

/* ---- defaults ---- */

START_TEST(test_load__defaults_of_a_profile)
{
    kit k;
    const hz_profile *p = good(&k, "tables: {person: {fields: {id: {}}}}\n");
    ck_assert(!p->draft);
    ck_assert_int_eq(p->effective, INT32_MIN);
    ck_assert_int_eq(p->until, INT32_MAX);
    ck_assert_int_eq(p->as_of, HZ_AS_OF_OPTIONAL);
    ck_assert_int_eq(p->certify_within_days, -1);
    ck_assert_uint_eq(p->tables_count, 2);
    assert_slice(p->tables[1].name, "sources");
    ck_assert(p->tables[1].builtin);
    const hz_table *person = &p->tables[0];
    ck_assert_uint_eq(person->files_count, 1);
    assert_slice(person->files[0], "person.*");
    ck_assert_uint_eq(person->nulls_count, 1);
    ck_assert_uint_eq(person->nulls[0].len, 0);
    ck_assert_int_eq(person->unknown_columns, HZ_UNKNOWN_WARNING);
    ck_assert_int_eq(person->if_skipped, HZ_SKIP_FAIL);
    const hz_field *id = &person->fields[0];
    ck_assert_int_eq(id->type, HZ_FIELD_TEXT);
    ck_assert_int_eq(id->value_type, HZ_TYPE_TEXT);
    ck_assert(id->min_length == -1 && id->max_length == -1 && id->min_items == -1 && id->max_items == -1);
    ck_assert(!id->pattern && !id->min.root && !id->max.root && !id->references && !id->required);
    ck_assert_uint_eq(p->rules_count, 4);
    kit_close(&k);
}
END_TEST

START_TEST(test_load__grading_without_a_word)
{
    static const int weights[] = {15, 20, 25, 25, 10, 5}, scores[] = {98, 95, 85};
    kit k;
    const hz_profile *p = good(&k, PERSON);
    for (int i = 0; i < HZ_DIM_COUNT; i++)
        ck_assert_int_eq(hz_decimal_cmp(p->grading.weights[i], hz_decimal_of(weights[i])), 0);
    ck_assert_int_eq(hz_decimal_cmp(p->grading.severity_weights[HZ_SEVERITY_WARNING], (hz_decimal){2, 1}), 0);
    ck_assert_int_eq(hz_decimal_cmp(p->grading.severity_weights[HZ_SEVERITY_INFO], hz_decimal_of(0)), 0);
    ck_assert_uint_eq(p->grading.grades_count, 4);
    for (size_t i = 0; i < 3; i++) {
        ck_assert(p->grading.grades[i].has_min_score);
        ck_assert_int_eq(hz_decimal_cmp(p->grading.grades[i].min_score, hz_decimal_of(scores[i])), 0);
        ck_assert_int_eq(p->grading.grades[i].max[HZ_SEVERITY_FATAL], 0);
        ck_assert_int_eq(p->grading.grades[i].max[HZ_SEVERITY_ERROR], -1);
        ck_assert_int_eq(p->grading.grades[i].has_error_rate, i == 0);
    }
    ck_assert_int_eq(hz_decimal_cmp(p->grading.grades[0].error_rate, (hz_decimal){1, 3}), 0);
    ck_assert(!p->grading.grades[3].has_min_score);
    assert_slice(p->grading.grades[3].title.zh, "不合格");
    kit_close(&k);
}
END_TEST

START_TEST(test_load__weights_left_out_are_nothing)
{
    kit k;
    const hz_profile *p = good(&k, PERSON "grading: {weights: {accuracy: 3}, severity_weights: {warning: 0.5}}\n");
    ck_assert_int_eq(hz_decimal_cmp(p->grading.weights[HZ_DIM_ACCURACY], hz_decimal_of(3)), 0);
    ck_assert_int_eq(hz_decimal_cmp(p->grading.weights[HZ_DIM_NORMATIVITY], hz_decimal_of(0)), 0);
    ck_assert_int_eq(hz_decimal_cmp(p->grading.severity_weights[HZ_SEVERITY_ERROR], hz_decimal_of(1)), 0);
    ck_assert_int_eq(hz_decimal_cmp(p->grading.severity_weights[HZ_SEVERITY_WARNING], (hz_decimal){5, 1}), 0);
    ck_assert_uint_eq(p->grading.grades_count, 4);
    kit_close(&k);
}
END_TEST

/* profile-language.md, "Defaults by kind of rule": id, indicator, dimension, gate */
#define KINDS                                                                                                          \
    "as_of: required\n"                                                                                                \
    "tables:\n"                                                                                                        \
    "  t:\n"                                                                                                           \
    "    key: id\n"                                                                                                    \
    "    region: id\n"                                                                                                 \
    "    unique: [b]\n"                                                                                                \
    "    fields:\n"                                                                                                    \
    "      id: {}\n"                                                                                                   \
    "      a: {type: integer, required: true, min: 1, many: ',', max_items: 3}\n"                                      \
    "      b: {codes: {x: y}, pattern: x, max_length: 3, unique: true, references: t.id}\n"                            \
    "      c: {type: date}\n"                                                                                          \
    "    relations: {r: {many: t, on: id}, x: {many: e, on: id}, p: {one: t@previous, on: id, inverse: n}}\n"          \
    "  e: {external: true, fields: {id: {}}}\n"                                                                        \
    "rules:\n"                                                                                                         \
    "  row: {on: t, assert: id is not null}\n"                                                                         \
    "  when_relation: {on: t, when: exists(r), assert: id is not null}\n"                                              \
    "  relation: {on: t, assert: count(r) > 0}\n"                                                                      \
    "  external: {on: t, assert: exists(x) and exists(r)}\n"                                                           \
    "  on_external: {on: e, assert: id is not null}\n"                                                                 \
    "  previous: {on: t, assert: exists(p) or exists(x)}\n"                                                            \
    "  on_previous: {on: t@previous, assert: exists(n)}\n"                                                             \
    "  each: {on: t, each: id, assert: count(*) > 1}\n"                                                                \
    "  whole: {on: t, assert: count(*) > 1}\n"                                                                         \
    "  similar: {on: t, similar: {block: [[id]], compare: {id: {by: edit}}, threshold: 0.9}}\n"                        \
    "  overlap: {on: t, unique: id, without_overlaps: {from: c, to: c}}\n"

static const struct kind_row {
    const char *id, *indicator, *dimension, *gate;
} kind_rows[] = {
    {"t.present", "0102", "normativity", "structure"},
    {"t.columns", "0102", "normativity", "structure"},
    {"t.rows", "0102", "normativity", "structure"},
    {"t.encoding", "0102", "normativity", "structure"},
    {"t.b.codes", "0105", "normativity", "value"},
    {"t.a.items", "0105", "normativity", "value"},
    {"t.a.required", "0201", "completeness", "value"},
    {"t.id.required", "0201", "completeness", "value"},
    {"t.a.type", "0302", "accuracy", "value"},
    {"t.b.pattern", "0302", "accuracy", "value"},
    {"t.b.length", "0302", "accuracy", "value"},
    {"t.a.range", "0302", "accuracy", "value"},
    {"t.b.references", "0402", "consistency", "relation"},
    {"t.b.unique", "0304", "accuracy", "relation"},
    {"t.unique", "0304", "accuracy", "relation"},
    {"t.key", "0304", "accuracy", "relation"},
    {"row", "0402", "consistency", "record"},
    {"relation", "0402", "consistency", "relation"},
    {"when_relation", "0402", "consistency", "relation"},
    {"external", "0401", "consistency", "relation"},
    {"on_external", "0401", "consistency", "relation"},
    {"previous", "0503", "timeliness", "plausibility"},
    {"on_previous", "0503", "timeliness", "plausibility"},
    {"each", "0305", "accuracy", "plausibility"},
    {"whole", "0402", "consistency", "relation"},
    {"similar", "0303", "accuracy", "plausibility"},
    {"overlap", "0304", "accuracy", "relation"},
    {"t.c.type", "0302", "accuracy", "value"},
};
enum { KIND_ROWS = sizeof kind_rows / sizeof *kind_rows };

START_TEST(test_load__defaults_by_kind)
{
    kit k;
    const hz_profile *p = good(&k, KINDS);
    for (size_t i = 0; i < KIND_ROWS; i++) {
        const hz_rule *rule = rule_of(p, kind_rows[i].id);
        assert_slice(rule->indicator, kind_rows[i].indicator);
        ck_assert_str_eq(hz_dimension_name(rule->dimension), kind_rows[i].dimension);
        ck_assert_str_eq(hz_gate_name(rule->gate), kind_rows[i].gate);
        ck_assert_int_eq(rule->severity, HZ_SEVERITY_ERROR);
        ck_assert_int_eq(rule->status, HZ_LIFE_ACTIVE);
        ck_assert_int_eq(hz_decimal_cmp(rule->weight, hz_decimal_of(1)), 0);
    }
    ck_assert_uint_eq(p->rules_count, KIND_ROWS);
    ck_assert_int_eq(rule_of(p, "whole")->kind, HZ_RULE_GROUP_ASSERT);
    ck_assert_int_eq(rule_of(p, "relation")->if_skipped, HZ_SKIP_FAIL);
    ck_assert_int_eq(rule_of(p, "external")->if_skipped, HZ_SKIP_WARN);
    ck_assert_int_eq(rule_of(p, "previous")->if_skipped, HZ_SKIP_WARN);
    kit_close(&k);
}
END_TEST

/* semantics.md, "Order of rules" */
START_TEST(test_load__order_of_rules)
{
    static const char *const order[] = {
        "t.present",
        "t.columns",
        "t.rows",
        "t.encoding",
        "u.present",
        "u.columns",
        "u.rows",
        "u.encoding",
        "t.a.required",
        "t.a.type",
        "t.a.items",
        "t.a.range",
        "t.b.required",
        "t.b.codes",
        "t.b.pattern",
        "t.b.length",
        "t.b.references",
        "t.b.unique",
        "t.unique",
        "t.key",
        "u.z.required",
        "u.z.type",
        "u.key",
        "Z",
        "A",
    };
    kit k;
    const hz_profile *p =
        good(&k, "tables:\n"
                 "  t:\n"
                 "    unique: b\n"
                 "    key: [b]\n"
                 "    fields:\n"
                 "      a: {max: 9, max_items: 2, many: ';', type: integer, required_when: \"b = 'x'\"}\n"
                 "      b: {unique: true, references: u.z, length: 2, pattern: x, codes: {x: y}}\n"
                 "  u: {key: z, fields: {z: {type: uscc}}}\n"
                 "rules: {Z: {on: u, assert: z is null}, A: {on: t, assert: b is null}}\n");
    ck_assert_uint_eq(p->rules_count, sizeof order / sizeof *order);
    for (size_t i = 0; i < p->rules_count; i++) {
        assert_slice(p->rules[i].id, order[i]);
        ck_assert_uint_eq(p->rules[i].index, i);
        ck_assert_int_eq(p->rules[i].derived, i < 23);
    }
    ck_assert_ptr_nonnull(rule_of(p, "t.a.required")->when.root);
    ck_assert_ptr_null(rule_of(p, "t.b.required")->when.root);
    kit_close(&k);
}
END_TEST

START_TEST(test_load__what_a_skip_costs)
{
    kit k;
    const hz_profile *p = good(&k, "tables:\n"
                                   "  t: {fields: {id: {}, c: {type: date, max: as_of}}, relations: {o: {many: opt, "
                                   "on: id}, s: {many: t, on: id}}}\n"
                                   "  said: {if_skipped: ignore, fields: {id: {}}}\n"
                                   "  opt: {optional: true, fields: {id: {}}}\n"
                                   "rules:\n"
                                   "  own: {on: t, assert: exists(s)}\n"
                                   "  other: {on: t, assert: exists(o)}\n"
                                   "  day: {on: t, assert: c < as_of}\n"
                                   "  rule: {on: said, assert: id is null, if_skipped: fail}\n");
    ck_assert_int_eq(rule_of(p, "t.present")->if_skipped, HZ_SKIP_FAIL);
    ck_assert_int_eq(rule_of(p, "own")->if_skipped, HZ_SKIP_FAIL);
    ck_assert_int_eq(rule_of(p, "other")->if_skipped, HZ_SKIP_WARN);
    ck_assert_int_eq(rule_of(p, "day")->if_skipped, HZ_SKIP_WARN); /* the run need not give a day */
    ck_assert_int_eq(rule_of(p, "t.c.range")->if_skipped, HZ_SKIP_WARN);
    ck_assert_int_eq(rule_of(p, "said.rows")->if_skipped, HZ_SKIP_IGNORE);
    ck_assert_int_eq(rule_of(p, "rule")->if_skipped, HZ_SKIP_FAIL);
    ck_assert_int_eq(rule_of(p, "opt.rows")->if_skipped, HZ_SKIP_WARN);
    kit_close(&k);
}
END_TEST

/* ---- fields ---- */

START_TEST(test_load__bounds_are_values_or_expressions)
{
    kit k;
    const hz_profile *p = good(
        &k,
        "params: {top: {type: integer, default: 3}}\n"
        "tables: {t: {fields: {a: {type: integer, min: -5, max: top}, b: {type: \"decimal(5,2)\", min: 0.50},\n"
        "  c: {type: date, min: 2014-01-01, max: \"as_of + interval '1' day\"}, d: {type: month, max: 2014-02},\n"
        "  e: {type: datetime, min: 2014-01-01}, f: {type: time, max: '08:30:00'}, g: {type: integer, min: 1.5}}}}\n");
    const hz_field *a = field_of(p, "t", "a"), *b = field_of(p, "t", "b"), *c = field_of(p, "t", "c");
    ck_assert_int_eq(a->min.root->kind, HZ_NODE_LITERAL);
    ck_assert_int_eq(a->min.root->value.as.i64, -5);
    ck_assert_int_eq(a->max.root->kind, HZ_NODE_PARAM);
    ck_assert_int_eq(b->min.root->value.type, HZ_TYPE_DECIMAL);
    ck_assert(b->min.root->value.as.decimal.coef == 50 && b->min.root->value.as.decimal.scale == 2);
    ck_assert(b->precision == 5 && b->scale == 2);
    ck_assert_int_eq(c->min.root->value.as.i64, 16071);
    ck_assert(c->max.root && c->max.reads_as_of);
    ck_assert_int_eq(field_of(p, "t", "d")->max.root->value.as.i64, 16102);
    ck_assert_int_eq(field_of(p, "t", "e")->min.root->value.as.i64, INT64_C(16071) * HZ_MICROS_PER_DAY);
    ck_assert_int_eq(field_of(p, "t", "f")->max.root->value.as.i64, INT64_C(30600) * 1000000);
    ck_assert_int_eq(field_of(p, "t", "g")->min.root->value.type, HZ_TYPE_DECIMAL);
    kit_close(&k);
}
END_TEST

START_TEST(test_load__masks)
{
    static const struct {
        const char *field;
        hz_mask mask;
    } masks[] = {{"id", HZ_MASK_ID},      {"cell", HZ_MASK_WHOLE}, {"both", HZ_MASK_WHOLE}, {"open", HZ_MASK_NONE},
                 {"uscc", HZ_MASK_NONE},  {"name", HZ_MASK_NAME},  {"born", HZ_MASK_DATE},  {"pay", HZ_MASK_WHOLE},
                 {"kind", HZ_MASK_WHOLE}, {"text", HZ_MASK_NONE},  {"org", HZ_MASK_ID}};
    kit k;
    const hz_profile *p = good(
        &k, "tables: {t: {fields: {id: {type: resident_id}, cell: {type: mobile}, both: {type: [resident_id, phone]},\n"
            "  open: {type: resident_id, sensitivity: none}, uscc: {type: uscc}, name: {sensitivity: personal},\n"
            "  born: {type: date, sensitivity: personal}, pay: {type: integer, sensitivity: personal},\n"
            "  kind: {codes: {a: b}, sensitivity: personal}, text: {}, org: {type: uscc, sensitivity: personal}}}}\n");
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++)
        ck_assert_int_eq(field_of(p, "t", masks[i].field)->mask, masks[i].mask);
    kit_close(&k);
}
END_TEST

START_TEST(test_load__types)
{
    kit k;
    const hz_profile *p = good(&k, "tables: {t: {fields: {a: {type: [resident_id, travel_document], accept: [15]}, b: "
                                   "{type: division, level: county, valid: ever},\n"
                                   "  c: {codes: GB/T 2261.1, names: true}, d: {codes: {x: 甲}}, e: {type: month, "
                                   "many: ','}, f: {type: boolean, \"true\": 是}}}}\n");
    const hz_field *a = field_of(p, "t", "a"), *b = field_of(p, "t", "b"), *c = field_of(p, "t", "c"),
                   *d = field_of(p, "t", "d");
    ck_assert(a->type == HZ_FIELD_SEMANTIC && a->semtypes_count == 2 && a->semtypes[1] == HZ_SEMTYPE_TRAVEL_DOCUMENT &&
              a->accept_15);
    ck_assert(b->level == HZ_LEVEL_COUNTY && b->codes_valid_ever);
    ck_assert(c->type == HZ_FIELD_CODES && c->codes && c->codes_names);
    assert_slice(c->codes_id, "GB/T 2261.1");
    ck_assert(d->codes && d->codes_id.len == 0 &&
              hz_codelist_find(d->codes, HZ_SLICE_LIT("x"), HZ_DAY_EVER) != HZ_HTAB_NONE);
    const hz_field *e = field_of(p, "t", "e"), *f = field_of(p, "t", "f");
    ck_assert(e->value_type == HZ_TYPE_ARRAY && e->item_type == HZ_TYPE_DATE && e->formats_count == 1 &&
              e->formats[0].iso);
    ck_assert(f->true_count == 1 && f->false_count == 1);
    assert_slice(f->true_texts[0], "是");
    assert_slice(f->false_texts[0], "0");
    kit_close(&k);
}
END_TEST

/* ---- relations ---- */

START_TEST(test_load__inverses)
{
    kit k;
    const hz_profile *p = good(&k, "tables:\n"
                                   "  house: {key: id, fields: {id: {}, head: {}}, relations: {people: {many: person, "
                                   "on: {id: house}, inverse: home},\n"
                                   "    boss: {one: person, on: {head: no}, inverse: houses}, before: {one: "
                                   "house@previous2, on: id, inverse: after}}}\n"
                                   "  person: {fields: {no: {}, house: {}}}\n");
    const hz_table *house = hz_profile_table(p, HZ_SLICE_LIT("house")),
                   *person = hz_profile_table(p, HZ_SLICE_LIT("person"));
    const hz_relation *home = hz_table_relation(person, HZ_SLICE_LIT("home")),
                      *houses = hz_table_relation(person, HZ_SLICE_LIT("houses"));
    const hz_relation *after = hz_table_relation(house, HZ_SLICE_LIT("after")),
                      *people = hz_table_relation(house, HZ_SLICE_LIT("people"));
    ck_assert(home && home->derived && !home->many && home->from == person && home->to == house && home->on_count == 1);
    ck_assert_ptr_eq(home->on_from, people->on_to);
    ck_assert_ptr_eq(home->on_to, people->on_from);
    assert_slice(people->inverse, "home");
    assert_slice(home->inverse, "people");
    ck_assert(houses && houses->many); /* head is not the key of house */
    ck_assert(after && !after->many && after->from_period == 2 && after->to_period == 0);
    kit_close(&k);
}
END_TEST

/* ---- rules ---- */

START_TEST(test_load__messages_are_cut_at_expressions)
{
    kit k;
    const hz_profile *p =
        good(&k, PERSON "rules:\n"
                        "  R1: {on: person, assert: age > 0, message: \"{{年龄}} {age} 岁，{name || '}'}\"}\n"
                        "  R2: {on: person, assert: age > 0, message: {en: 'no'}}\n"
                        "  R3: {on: person, assert: age > 0}\n");
    const hz_message *zh = &rule_of(p, "R1")->message_zh, *en = &rule_of(p, "R1")->message_en;
    ck_assert_uint_eq(zh->count, 4);
    assert_slice(zh->parts[0].text, "{年龄} ");
    ck_assert_int_eq(zh->parts[1].expr.root->kind, HZ_NODE_FIELD);
    assert_slice(zh->parts[2].text, " 岁，");
    ck_assert_int_eq(zh->parts[3].expr.root->kind, HZ_NODE_CONCAT);
    ck_assert_uint_eq(en->count, 4);
    ck_assert_uint_eq(rule_of(p, "R2")->message_zh.count, 0);
    ck_assert_uint_eq(rule_of(p, "R2")->message_en.count, 1);
    ck_assert_uint_eq(rule_of(p, "R3")->message_en.count, 0);
    kit_close(&k);
}
END_TEST

START_TEST(test_load__tests_put_the_rules_own_rows_first)
{
    kit k;
    const hz_profile *p = good(&k, "tables: {a: {fields: {x: {}}}, b: {fields: {y: {}}}}\n"
                                   "rules: {R: {on: b, assert: y is null, tests: {fail: [{a: [{x: '1'}, {x: }], b: {y: "
                                   "''}, b@previous: {}}]}}}\n");
    const hz_rule *rule = rule_of(p, "R");
    ck_assert_uint_eq(rule->tests_count, 1);
    const hz_test *test = rule->tests;
    ck_assert_int_eq(test->expected, HZ_TEST_FAIL);
    ck_assert_uint_eq(test->rows_count, 4);
    assert_slice(test->rows[0].table->name, "b");
    ck_assert(!test->rows[0].cells[0].null);
    assert_slice(test->rows[1].table->name, "a");
    ck_assert(test->rows[2].cells[0].null);
    ck_assert(test->rows[3].period == 1 && test->rows[3].cells_count == 0);
    kit_close(&k);
}
END_TEST

START_TEST(test_load__normalize)
{
    kit k;
    const hz_profile *p = good(&k, PERSON "rules: {A: {on: person, unique: [id, age], normalize: resident_id}, B: {on: "
                                          "person, unique: [name, id], normalize: {id: resident_id}},\n"
                                          "  C: {on: person, unique: id}}\n");
    const hz_rule *a = rule_of(p, "A"), *b = rule_of(p, "B"), *c = rule_of(p, "C");
    ck_assert(a->normalize[0] && !a->normalize[1]);
    ck_assert(!b->normalize[0] && b->normalize[1]);
    ck_assert(!c->normalize[0] && c->at_most == 1);
    kit_close(&k);
}
END_TEST

START_TEST(test_load__withdrawn_ids_are_held)
{
    kit k;
    const hz_profile *p =
        good(&k, PERSON "rules: {A: {status: withdrawn, title: 旧}, B: {on: person, assert: age > 0}}\n");
    ck_assert_ptr_null(hz_profile_rule(p, HZ_SLICE_LIT("A")));
    ck_assert_uint_eq(p->withdrawn_count, 1);
    assert_slice(p->withdrawn[0], "A");
    kit_close(&k);
}
END_TEST

/* ---- parameters ---- */

static const struct param_case {
    const char *type, *text;
    hz_status status;
} param_cases[] = {
    {"text", "", HZ_OK},
    {"integer, min: 1, max: 9", "9", HZ_OK},
    {"integer, min: 1, max: 9", "10", HZ_E_USAGE},
    {"integer", "1.0", HZ_E_USAGE},
    {"integer", " 1", HZ_E_USAGE},
    {"\"decimal(4,2)\"", "99.99", HZ_OK},
    {"\"decimal(4,2)\"", "100", HZ_E_USAGE},
    {"\"decimal(4,2)\"", "-99.99", HZ_OK},
    {"\"decimal(4,2)\"", "0.001", HZ_E_USAGE},
    {"\"decimal(38,0)\"", "99999999999999999999999999999999999999", HZ_OK},
    {"\"decimal(38,38)\"", "0.5", HZ_OK},
    {"\"decimal(38,38)\"", "1", HZ_E_USAGE},
    {"boolean", "true", HZ_OK},
    {"boolean", "1", HZ_E_USAGE},
    {"date, min: 2020-01-01", "2020-01-01", HZ_OK},
    {"date, min: 2020-01-01", "2019-12-31", HZ_E_USAGE},
    {"date", "2020-02-30", HZ_E_USAGE},
    {"month", "2020-02", HZ_OK},
    {"month", "2020-13", HZ_E_USAGE},
    {"datetime", "2020-01-01 08:00:00", HZ_OK},
    {"time, max: '12:00:00'", "12:00:01", HZ_E_USAGE},
};
enum { PARAM_CASES = sizeof param_cases / sizeof *param_cases };

START_TEST(test_load__parameters_from_text)
{
    const struct param_case *c = &param_cases[_i];
    char body[512];
    kit k;
    snprintf(body, sizeof body, "params: {p: {type: %s}}\n" PERSON, c->type);
    const hz_profile *p = good(&k, body);
    ck_assert(!p->params[0].value.valid);
    hz_value value;
    hz_error err = {0};
    ck_assert_msg(hz_param_read(&value, &p->params[0], hz_slice_of(c->text), &err) == c->status, "%s: %s", c->type,
                  c->text);
    ck_assert_int_eq(value.valid, c->status == HZ_OK);
    ck_assert_int_eq(err.message != HZ_MSG_NONE, c->status != HZ_OK);
    kit_close(&k);
}
END_TEST

/* ---- limits: on it, and one past it ---- */

static hz_status with_limit(hz_limit_id limit, uint64_t value, const char *body)
{
    kit k;
    hz_buf text = HZ_BUF_INIT;
    hz_buf_puts(&text, HEAD);
    hz_buf_puts(&text, body);
    kit_open(&k);
    k.limits.value[limit] = value;
    kit_load(&k, hz_buf_slice(&text), "t.yaml", "");
    if (k.status != HZ_OK && k.diags.count) {
        ck_assert_uint_eq(k.diags.count, 1);
        ck_assert_str_eq(hz_msg_name(k.diags.items[0].message), "LIMIT");
        assert_slice(k.diags.items[0].args[0], hz_limit_name(limit));
    } else if (k.status != HZ_OK) {
        ck_assert_int_eq(k.err.message, HZ_MSG_LIMIT);
    }
    hz_status st = k.status;
    kit_close(&k);
    hz_buf_clear(&text);
    return st;
}

START_TEST(test_load__limits)
{
    static const struct {
        hz_limit_id limit;
        uint64_t value;
        const char *body;
    } cases[] = {
        {HZ_LIMIT_PROFILE_BYTES, sizeof HEAD PERSON - 1, PERSON},
        {HZ_LIMIT_TABLES, 2, "tables: {a: {fields: {x: {}}}, b: {fields: {x: {}}}}\n"},
        {HZ_LIMIT_FIELDS, 2, "tables: {a: {fields: {x: {}, y: {}}}}\n"},
        {HZ_LIMIT_RULES, 5, "tables: {a: {fields: {x: {}}}}\nrules: {R: {on: a, assert: x is null}}\n"},
        {HZ_LIMIT_PATTERN_BYTES, 3, "tables: {a: {fields: {x: {pattern: abc}}}}\n"},
        {HZ_LIMIT_EXPR_BYTES, 9, "tables: {a: {fields: {x: {}}}}\nrules: {R: {on: a, assert: x is null}}\n"},
    };
    ck_assert_int_eq(with_limit(cases[_i].limit, cases[_i].value, cases[_i].body), HZ_OK);
    ck_assert_int_eq(with_limit(cases[_i].limit, cases[_i].value - 1, cases[_i].body), HZ_E_PROFILE);
}
END_TEST

START_TEST(test_load__mistakes_have_a_limit)
{
    static const char text[] = HEAD PERSON "a: 1\nb: 2\nc: 3\n";
    for (size_t max = 1; max <= 4; max++) {
        kit k;
        kit_open(&k);
        k.limits.value[HZ_LIMIT_DIAGNOSTICS] = max;
        kit_load(&k, hz_slice_of(text), "t.yaml", "");
        ck_assert_int_eq(k.status, HZ_E_PROFILE);
        ck_assert_uint_eq(k.diags.errors_count, max < 3 ? max : 3);
        ck_assert_int_eq(k.diags.overflowed, max < 3);
        kit_close(&k);
    }
}
END_TEST

/* ---- files ---- */

static char folder[64];

static void write_text(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *out = fopen(path, "wb");
    ck_assert_ptr_nonnull(out);
    fputs(text, out);
    ck_assert_int_eq(fclose(out), 0);
}

static void make_folder(void)
{
    char path[256];
    snprintf(folder, sizeof folder, "hezhun_load_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/sub", folder);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    write_text("in.csv", "x\n1\n");
    write_text("sub/in.csv", "x\n2\n");
    snprintf(path, sizeof path, "%s/link.csv", folder);
    ck_assert_int_eq(symlink("in.csv", path), 0);
    snprintf(path, sizeof path, "%s/out", folder);
    ck_assert_int_eq(symlink("/etc", path), 0);
    snprintf(path, sizeof path, "%s/fifo", folder);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
}

static void remove_folder(void)
{
    static const char *const names[] = {"sub/in.csv", "sub",    "in.csv",   "link.csv", "out",
                                        "fifo",       "p.yaml", "list.tsv", ""};
    char path[256];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        remove(path);
    }
}

static const struct included_case {
    const char *path, *message; /* NULL: read */
} included_cases[] = {
    {"in.csv", NULL},
    {"sub/in.csv", NULL},
    {"sub", "FILE_NOT_REGULAR"},
    {"fifo", "FILE_NOT_REGULAR"},
    {"link.csv", "PROFILE_FILE_LINK"},
    {"out/passwd", "PROFILE_FILE_LINK"},
    {"in.csv/x", "PROFILE_FILE_LINK"},
    {"none.csv", "PROFILE_FILE_ABSENT"},
    {"../in.csv", "PROFILE_FILE_PATH"},
    {"sub/../in.csv", "PROFILE_FILE_PATH"},
    {"./in.csv", "PROFILE_FILE_PATH"},
    {"sub//in.csv", "PROFILE_FILE_PATH"},
    {"/etc/passwd", "PROFILE_FILE_PATH"},
    {"sub/", "PROFILE_FILE_PATH"},
};
enum { INCLUDED_CASES = sizeof included_cases / sizeof *included_cases };

START_TEST(test_load__included_files_stay_in_the_folder)
{
    const struct included_case *c = &included_cases[_i];
    char text[512];
    kit k;
    snprintf(text, sizeof text, HEAD "tables: {a: {included: %s, fields: {x: {}}}}\n", c->path);
    kit_open(&k);
    kit_load(&k, hz_slice_of(text), "p.yaml", folder);
    ck_assert_int_eq(k.status, c->message ? HZ_E_PROFILE : HZ_OK);
    if (c->message)
        ck_assert_str_eq(hz_msg_name(k.diags.items[0].message), c->message);
    else
        assert_slice(k.profile->tables[0].included_bytes, c->path[0] == 's' ? "x\n2\n" : "x\n1\n");
    kit_close(&k);
}
END_TEST

START_TEST(test_load__without_a_folder_nothing_is_read)
{
    kit k;
    ck_assert_str_eq(only_mistake(&k, HEAD "tables: {a: {included: in.csv, fields: {x: {}}}}\n"), "PROFILE_FILE_NONE");
    kit_close(&k);
}
END_TEST

/* The list's file is data: its place is told, its line is not shown. */
START_TEST(test_load__a_wrong_list_is_told_by_its_place)
{
    kit k;
    hz_buf shown = HZ_BUF_INIT;
    write_text("list.tsv", "# id: l\ncode\tname_zh\n1\t秘密\t多\n");
    kit_open(&k);
    kit_load(&k, HZ_SLICE_LIT(HEAD "lists: {l: {file: list.tsv}}\n" PERSON), "p.yaml", folder);
    ck_assert_int_eq(k.status, HZ_E_PROFILE);
    hz_diag_render(&shown, &k.diags.items[0], HZ_LANG_EN);
    ck_assert_msg(!strncmp(shown.ptr, "list.tsv:3:1: error: ", 21), "%s", shown.ptr);
    ck_assert_ptr_null(strstr(shown.ptr, "秘密"));
    hz_buf_clear(&shown);
    kit_close(&k);
}
END_TEST

START_TEST(test_load__from_a_file)
{
    char path[256];
    kit k;
    hz_load load = {lists(), NULL, NULL};
    write_text("p.yaml", HEAD "tables: {a: {included: in.csv, fields: {x: {}}}}\n");
    snprintf(path, sizeof path, "%s/p.yaml", folder);
    kit_open(&k);
    ck_assert_int_eq(hz_profile_load(&k.profile, path, &load, &k.diags, &k.err), HZ_OK);
    assert_slice(k.profile->path, path);
    assert_slice(k.profile->folder, folder);
    hz_profile_free(k.profile);
    snprintf(path, sizeof path, "%s/none.yaml", folder);
    ck_assert_int_eq(hz_profile_load(&k.profile, path, &load, &k.diags, &k.err), HZ_E_PROFILE);
    ck_assert(k.err.status == HZ_E_PROFILE && k.err.message == HZ_MSG_FILE_MISSING && !k.diags.count && !k.profile);
    kit_close(&k);
}
END_TEST

START_TEST(test_load__a_file_that_is_too_large)
{
    char path[256];
    kit k;
    kit_open(&k);
    hz_load load = {lists(), &k.limits, NULL};
    k.limits.value[HZ_LIMIT_PROFILE_BYTES] = 10;
    write_text("p.yaml", HEAD PERSON);
    snprintf(path, sizeof path, "%s/p.yaml", folder);
    ck_assert_int_eq(hz_profile_load(&k.profile, path, &load, &k.diags, &k.err), HZ_E_PROFILE);
    ck_assert_int_eq(k.err.message, HZ_MSG_LIMIT);
    kit_close(&k);
}
END_TEST

static void add_files(Suite *suite)
{
    TCase *files = tcase_create("files");
    tcase_set_timeout(files, 60);
    tcase_add_checked_fixture(files, make_folder, remove_folder);
    tcase_add_loop_test(files, test_load__included_files_stay_in_the_folder, 0, INCLUDED_CASES);
    tcase_add_test(files, test_load__without_a_folder_nothing_is_read);
    tcase_add_test(files, test_load__a_wrong_list_is_told_by_its_place);
    tcase_add_test(files, test_load__from_a_file);
    tcase_add_test(files, test_load__a_file_that_is_too_large);
    suite_add_tcase(suite, files);
}

int main(void)
{
    Suite *suite = suite_create("profiles.load");
    TCase *tc = tcase_create("load");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_load__defaults_of_a_profile);
    tcase_add_test(tc, test_load__grading_without_a_word);
    tcase_add_test(tc, test_load__weights_left_out_are_nothing);
    tcase_add_test(tc, test_load__defaults_by_kind);
    tcase_add_test(tc, test_load__order_of_rules);
    tcase_add_test(tc, test_load__what_a_skip_costs);
    tcase_add_test(tc, test_load__bounds_are_values_or_expressions);
    tcase_add_test(tc, test_load__masks);
    tcase_add_test(tc, test_load__types);
    tcase_add_test(tc, test_load__inverses);
    tcase_add_test(tc, test_load__messages_are_cut_at_expressions);
    tcase_add_test(tc, test_load__tests_put_the_rules_own_rows_first);
    tcase_add_test(tc, test_load__normalize);
    tcase_add_test(tc, test_load__withdrawn_ids_are_held);
    tcase_add_loop_test(tc, test_load__parameters_from_text, 0, PARAM_CASES);
    tcase_add_loop_test(tc, test_load__limits, 0, 6);
    tcase_add_test(tc, test_load__mistakes_have_a_limit);
    suite_add_tcase(suite, tc);
    add_files(suite);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    hz_lists_close(kit_lists);
    return failed != 0;
}
