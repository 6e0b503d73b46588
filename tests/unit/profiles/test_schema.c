#include "tests/unit/profiles/kit.h"

typedef struct reading {
    kit k;
    hz_text text;
    const hz_yaml *root;
    hz_keyed keyed;
} reading;

static void read_as(reading *r, hz_place place, const char *text)
{
    kit_open(&r->k);
    r->text = (hz_text){.path = HZ_SLICE_LIT("t.yaml"), .bytes = hz_slice_of(text)};
    ck_assert_int_eq(hz_yaml_parse(&r->root, &r->text, r->k.arena, &r->k.limits, &r->k.diags, &r->k.err), HZ_OK);
    ck_assert_uint_eq(r->k.diags.count, 0);
    hz_schema_read(&r->keyed, place, r->root, NULL, &r->k.diags);
}

START_TEST(test_schema__getters)
{
    reading r;
    read_as(&r, HZ_PLACE_RULE,
            "on: t\nat_most: 012\nweight: 0.50\nopen: true\nuntil: 2020-01-02\nseverity: info\ntitle: {zh: 甲}\neach: "
            "[a, b]\n");
    ck_assert_uint_eq(r.k.diags.count, 0);
    hz_decimal weight;
    assert_slice(hz_keyed_text(&r.keyed, HZ_KEY_RULE_ON), "t");
    assert_slice(hz_keyed_text(&r.keyed, HZ_KEY_RULE_SINCE), "");
    ck_assert_int_eq(hz_keyed_whole(&r.keyed, HZ_KEY_RULE_AT_MOST, 1), 12);
    ck_assert(hz_keyed_decimal(&weight, &r.keyed, HZ_KEY_RULE_WEIGHT) && weight.coef == 50 && weight.scale == 2);
    ck_assert(hz_keyed_bool(&r.keyed, HZ_KEY_RULE_OPEN, false));
    ck_assert_int_eq(hz_keyed_day(&r.keyed, HZ_KEY_RULE_UNTIL, 0), 18263);
    ck_assert_int_eq(hz_keyed_day(&r.keyed, HZ_KEY_RULE_EFFECTIVE, -7), -7);
    ck_assert_int_eq(hz_keyed_word(&r.keyed, HZ_KEY_RULE_SEVERITY, 0), HZ_SEVERITY_INFO);
    ck_assert_int_eq(hz_keyed_word(&r.keyed, HZ_KEY_RULE_GATE, -1), -1);
    assert_slice(hz_keyed_text2(&r.keyed, HZ_KEY_RULE_TITLE).zh, "甲");
    ck_assert_uint_eq(hz_texts_count(hz_keyed_value(&r.keyed, HZ_KEY_RULE_EACH)), 2);
    kit_close(&r.k);
}
END_TEST

START_TEST(test_schema__one_text_is_of_its_language)
{
    reading r;
    read_as(&r, HZ_PLACE_RULE, "title: 人口数\ndescription: head count\n");
    assert_slice(hz_keyed_text2(&r.keyed, HZ_KEY_RULE_TITLE).zh, "人口数");
    assert_slice(hz_keyed_text2(&r.keyed, HZ_KEY_RULE_TITLE).en, "");
    assert_slice(hz_keyed_text2(&r.keyed, HZ_KEY_RULE_DESCRIPTION).en, "head count");
    kit_close(&r.k);
}
END_TEST

START_TEST(test_schema__a_wrong_value_is_as_good_as_none)
{
    reading r;
    read_as(&r, HZ_PLACE_RULE, "on: [t]\nat_most: 1234567890123456\n");
    ck_assert_uint_eq(r.k.diags.count, 2);
    ck_assert_ptr_null(hz_keyed_value(&r.keyed, HZ_KEY_RULE_ON));
    ck_assert_ptr_nonnull(hz_keyed_key(&r.keyed, HZ_KEY_RULE_ON));
    ck_assert_int_eq(hz_keyed_whole(&r.keyed, HZ_KEY_RULE_AT_MOST, 1), 1);
    kit_close(&r.k);
}
END_TEST

START_TEST(test_schema__extra_keys_are_left_out)
{
    reading r;
    read_as(&r, HZ_PLACE_TOLERANCE, "x-a: [1]\nx-: 2\ncount: 3\n");
    ck_assert_uint_eq(r.k.diags.count, 0);
    kit_close(&r.k);
}
END_TEST

/* One shape a line: texts that hold it and texts that do not. */
static const struct shape {
    hz_key key;
    const char *text;
    const char *message; /* NULL: good */
} shapes[] = {
    {HZ_KEY_RULE_SINCE, "k: a", NULL},
    {HZ_KEY_RULE_SINCE, "k: ''", NULL},
    {HZ_KEY_RULE_SINCE, "k:", "SCHEMA_NOTHING"},
    {HZ_KEY_RULE_SINCE, "k: {}", "SCHEMA_TEXT"},
    {HZ_KEY_RULE_OPEN, "k: True", "SCHEMA_BOOL"},
    {HZ_KEY_RULE_OPEN, "k: false", NULL},
    {HZ_KEY_RULE_AT_MOST, "k: 999999999999999", NULL},
    {HZ_KEY_RULE_AT_MOST, "k: 1.0", "SCHEMA_WHOLE"},
    {HZ_KEY_RULE_AT_MOST, "k: ''", "SCHEMA_WHOLE"},
    {HZ_KEY_RULE_WEIGHT, "k: 0.5", NULL},
    {HZ_KEY_RULE_WEIGHT, "k: -0.5", "SCHEMA_DECIMAL"},
    {HZ_KEY_RULE_WEIGHT, "k: .5", "SCHEMA_DECIMAL"},
    {HZ_KEY_RULE_WEIGHT, "k: 1e3", "SCHEMA_DECIMAL"},
    {HZ_KEY_RULE_UNTIL, "k: 2020-02-29", NULL},
    {HZ_KEY_RULE_UNTIL, "k: 2021-02-29", "SCHEMA_DAY"},
    {HZ_KEY_RULE_UNTIL, "k: 20210228", "SCHEMA_DAY"},
    {HZ_KEY_RULE_SEVERITY, "k: Error", "SCHEMA_WORD"},
    {HZ_KEY_RULE_SEVERITY, "k: 'error warning'", "SCHEMA_WORD"},
    {HZ_KEY_RULE_TITLE, "k: {zh: a, en: b, x-fr: c}", NULL},
    {HZ_KEY_RULE_TITLE, "k: {fr: a}", "SCHEMA_KEY"},
    {HZ_KEY_RULE_TITLE, "k: {zh: [a]}", "SCHEMA_TEXT"},
    {HZ_KEY_RULE_TITLE, "k: [a]", "SCHEMA_TEXT2"},
    {HZ_KEY_RULE_EACH, "k: [a, [b]]", "SCHEMA_TEXT"},
    {HZ_KEY_RULE_EACH, "k: {a: b}", "SCHEMA_TEXTS"},
    {HZ_KEY_RULE_NORMALIZE, "k: {a: resident_id, b: uscc}", "SCHEMA_WORD"},
    {HZ_KEY_RULE_NORMALIZE, "k: {a: resident_id}", NULL},
    {HZ_KEY_MEASURE_LEVELS, "k: [county, town]", "SCHEMA_WORD"},
    {HZ_KEY_RULE_CLAUSE, "k: {}", NULL}, /* its keys are read later */
    {HZ_KEY_RULE_CLAUSE, "k: []", "SCHEMA_TEXT"},
    {HZ_KEY_FIELD_CODES, "k: {1: a, 2: {zh: b}}", NULL},
    {HZ_KEY_FIELD_CODES, "k: {1: }", "SCHEMA_NOTHING"},
    {HZ_KEY_LIST_CODES, "k: a", "SCHEMA_MAP"},
    {HZ_KEY_RELATION_ON, "k: {a: b}", NULL},
    {HZ_KEY_RELATION_ON, "k: {a: [b]}", "SCHEMA_TEXT"},
    {HZ_KEY_SIMILAR_BLOCK, "k: [a, [b, c]]", NULL},
    {HZ_KEY_SIMILAR_BLOCK, "k: a", "SCHEMA_LIST"},
    {HZ_KEY_SIMILAR_COMPARE, "k: {a: b}", "SCHEMA_MAP"},
    {HZ_KEY_GRADING_GRADES, "k: [a]", "SCHEMA_MAP"},
    {HZ_KEY_TESTS_PASS, "k: [{t: {a: }}, {t: [{a: 1}, {}]}, {t: []}, {}]", NULL},
    {HZ_KEY_TESTS_PASS, "k: [{t: a}]", "SCHEMA_MAP"},
    {HZ_KEY_TESTS_PASS, "k: [{t: {a: [1]}}]", "SCHEMA_TEXT"},
};
enum { SHAPES_COUNT = sizeof shapes / sizeof *shapes };

START_TEST(test_schema__shapes)
{
    const struct shape *shape = &shapes[_i];
    reading r;
    kit_open(&r.k);
    r.text = (hz_text){.path = HZ_SLICE_LIT("t.yaml"), .bytes = hz_slice_of(shape->text)};
    ck_assert_int_eq(hz_yaml_parse(&r.root, &r.text, r.k.arena, &r.k.limits, &r.k.diags, &r.k.err), HZ_OK);
    bool holds = hz_schema_holds(r.root->pairs[0].value, shape->key, &r.k.diags);
    ck_assert_msg(holds == !shape->message, "%s", shape->text);
    ck_assert_uint_eq(r.k.diags.count, shape->message != NULL);
    if (shape->message)
        ck_assert_str_eq(hz_msg_name(r.k.diags.items[0].message), shape->message);
    kit_close(&r.k);
}
END_TEST

/* The table itself. */
START_TEST(test_schema__table_is_sound)
{
    for (int place = 1; place < HZ_PLACE_COUNT; place++) {
        size_t first = (size_t)hz_place_first((hz_place)place), count = hz_place_count((hz_place)place);
        ck_assert_uint_gt(count, 0);
        ck_assert_uint_le(count, HZ_PLACE_KEYS_MAX);
        for (size_t i = 0; i < count; i++) {
            const hz_schema_key *key = &hz_schema_keys[first + i];
            ck_assert_int_eq(key->place, place);
            ck_assert_str_ne(key->says, "");
            bool has_words =
                key->shape == HZ_SHAPE_WORD || key->shape == HZ_SHAPE_WORDS || key->shape == HZ_SHAPE_NORMALIZE;
            ck_assert_int_eq(key->words[0] != 0, has_words);
            bool has_inner = key->shape == HZ_SHAPE_MAP || key->shape == HZ_SHAPE_MAPS ||
                             key->shape == HZ_SHAPE_MAP_LIST || key->shape == HZ_SHAPE_COMPARE ||
                             key->shape == HZ_SHAPE_CLAUSE;
            ck_assert_int_eq(key->inner != HZ_PLACE_NONE, has_inner);
            for (size_t k = 0; k < i; k++)
                ck_assert_str_ne(hz_schema_keys[first + k].name, key->name);
        }
    }
    for (int shape = 0; shape < HZ_SHAPE_COUNT; shape++)
        ck_assert_ptr_nonnull(hz_shape_name((hz_shape)shape));
}
END_TEST

/* Words stand in the order of the model's enums: an index is the value. */
START_TEST(test_schema__words_are_the_models)
{
    for (int i = 0; i < HZ_SEVERITY_COUNT; i++)
        ck_assert_int_eq(hz_word_index(HZ_WORDS_SEVERITY, hz_slice_of(hz_severity_name((hz_severity)i))), i);
    for (int i = 0; i < HZ_DIM_COUNT; i++)
        ck_assert_int_eq(hz_word_index(HZ_WORDS_DIMENSION, hz_slice_of(hz_dimension_name((hz_dimension)i))), i);
    for (int i = 0; i < HZ_GATE_COUNT; i++)
        ck_assert_int_eq(hz_word_index(HZ_WORDS_GATE, hz_slice_of(hz_gate_name((hz_gate)i))), i);
    for (int i = 0; i < HZ_LIFE_COUNT; i++)
        ck_assert_int_eq(hz_word_index(HZ_WORDS_LIFE, hz_slice_of(hz_life_name((hz_life)i))), i);
    for (int i = 0; i < HZ_SKIP_COUNT; i++)
        ck_assert_int_eq(hz_word_index(HZ_WORDS_SKIP, hz_slice_of(hz_if_skipped_name((hz_if_skipped)i))), i);
    for (int i = HZ_LEVEL_PROVINCE; i <= HZ_LEVEL_VILLAGE; i++)
        ck_assert_int_eq(hz_word_index(HZ_WORDS_LEVEL, hz_slice_of(hz_division_level_name((hz_division_level)i))),
                         i - 1);
}
END_TEST

/* Every semantic type can be completed by an editor. */
START_TEST(test_schema__json_schema_knows_every_type)
{
    hz_buf text = HZ_BUF_INIT;
    read_file(&text, HZ_SOURCE_DIR "/profiles/profile.schema.json");
    for (int type = HZ_SEMTYPE_NONE + 1; type < HZ_SEMTYPE_COUNT; type++) {
        char quoted[64];
        snprintf(quoted, sizeof quoted, "\"%s\"", hz_semtype_name((hz_semtype)type));
        ck_assert_msg(strstr(text.ptr, quoted) != NULL, "%s", quoted);
    }
    hz_buf_clear(&text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("profiles.schema");
    TCase *tc = tcase_create("schema");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_schema__getters);
    tcase_add_test(tc, test_schema__one_text_is_of_its_language);
    tcase_add_test(tc, test_schema__a_wrong_value_is_as_good_as_none);
    tcase_add_test(tc, test_schema__extra_keys_are_left_out);
    tcase_add_loop_test(tc, test_schema__shapes, 0, SHAPES_COUNT);
    tcase_add_test(tc, test_schema__table_is_sound);
    tcase_add_test(tc, test_schema__words_are_the_models);
    tcase_add_test(tc, test_schema__json_schema_knows_every_type);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    hz_lists_close(kit_lists);
    return failed != 0;
}
