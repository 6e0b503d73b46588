#include "profiles/yaml.h"
#include "tests/unit/profiles/kit.h"

typedef struct tree {
    kit k;
    hz_text text;
    const hz_yaml *root;
} tree;

static void parse(tree *t, const char *text)
{
    kit_open(&t->k);
    t->text = (hz_text){.path = HZ_SLICE_LIT("t.yaml"), .bytes = hz_slice_of(text)};
    ck_assert_int_eq(hz_yaml_parse(&t->root, &t->text, t->k.arena, &t->k.limits, &t->k.diags, &t->k.err), HZ_OK);
}

static const char *first_message(const tree *t)
{
    return t->k.diags.count ? hz_msg_name(t->k.diags.items[0].message) : "none";
}

/* ---- shape ---- */

START_TEST(test_yaml__every_scalar_is_text)
{
    tree t;
    parse(&t, "a: no\nb: 0123\nc: 1e3\nd: ~\ne:\nf: \"\"\ntrue: on\n2020-01-01: null\n");
    static const char *const expected[][2] = {{"a", "no"}, {"b", "0123"}, {"c", "1e3"},   {"d", "~"},
                                              {"e", ""},   {"f", ""},     {"true", "on"}, {"2020-01-01", "null"}};
    ck_assert_uint_eq(t.root->count, 8);
    for (size_t i = 0; i < 8; i++) {
        assert_slice(t.root->pairs[i].key->text, expected[i][0]);
        assert_slice(t.root->pairs[i].value->text, expected[i][1]);
        ck_assert_int_eq(t.root->pairs[i].value->nothing, i == 4);
    }
    kit_close(&t.k);
}
END_TEST

START_TEST(test_yaml__an_alias_is_the_anchors_node)
{
    tree t;
    parse(&t, "a: &x [1, {b: 2}]\nc: *x\nd: &y v\ne: [*y, *y]\n");
    ck_assert_ptr_eq(t.root->pairs[0].value, t.root->pairs[1].value);
    ck_assert_ptr_eq(t.root->pairs[3].value->items[0], t.root->pairs[3].value->items[1]);
    /* map, 4 keys, 5 + 5 nodes of x, v, list and twice v */
    ck_assert_uint_eq(t.root->nodes, 1 + 4 + 5 + 5 + 1 + 3);
    ck_assert_uint_eq(t.root->height, 4);
    kit_close(&t.k);
}
END_TEST

START_TEST(test_yaml__spans_are_bytes)
{
    tree t;
    parse(&t, "\xef\xbb\xbf标题: {中: '文'}\n列表:\n  - &a 甲\n  - [乙]\n");
    const hz_yaml *title = t.root->pairs[0].value, *list = t.root->pairs[1].value;
    ck_assert_uint_eq(t.root->pairs[0].key->span.offset, 3);
    ck_assert_uint_eq(t.root->pairs[0].key->span.len, 6);
    ck_assert_uint_eq(title->span.offset, 11);
    ck_assert_uint_eq(title->span.len, 12); /* {中: '文'} */
    ck_assert_uint_eq(title->pairs[0].value->span.len, 5);
    const hz_span *first = &list->items[0]->span;
    assert_slice(hz_slice_sub(t.text.bytes, first->offset, first->offset + first->len), "甲");
    ck_assert_uint_eq(list->span.offset, first->offset);
    kit_close(&t.k);
}
END_TEST

/* An anchor of nothing: the scalar is the point behind it. */
START_TEST(test_yaml__an_anchor_of_nothing)
{
    tree t;
    parse(&t, "{&id: {}, b: &c }\n");
    ck_assert_str_eq(first_message(&t), "none");
    ck_assert(t.root->pairs[0].key->nothing && t.root->pairs[1].value->nothing);
    ck_assert_uint_eq(t.root->pairs[0].key->span.offset, 4);
    ck_assert_uint_eq(t.root->pairs[0].key->span.len, 0);
    kit_close(&t.k);
}
END_TEST

/* ---- what is refused, and where ---- */

static const struct mistake {
    const char *text, *message;
    uint32_t offset, len;
} mistakes[] = {
    {"", "YAML_EMPTY", 0, 0},
    {"# only\n", "YAML_EMPTY", 0, 0},
    {"a: \xff", "YAML_NOT_UTF8", 3, 0},
    {"a: b\x01", "YAML_CHARACTER", 4, 1},
    {"中: \xc2\x85", "YAML_CHARACTER", 5, 2},
    {"a: \xe2\x80\xa8", "YAML_CHARACTER", 3, 3},
    {"a: \xef\xbb\xbf", "YAML_CHARACTER", 3, 3},
    {"a: 1\rb: 2", "YAML_CHARACTER", 4, 1},
    {"a: \"x\\0\"", "YAML_CHARACTER", 3, 5},
    {"a: 1\n---\nb: 2\n", "YAML_DOCUMENTS", 5, 3},
    {"a: 1\n...\nb: 2\n", "YAML_DOCUMENT", 9, 1},
    {"a: !x 1", "YAML_TAG", 3, 2},
    {"a: &b !x 1", "YAML_TAG", 6, 2},
    {"a: !x [1]", "YAML_TAG", 3, 2},
    {"a:\n\tb: 1", "YAML_TAB", 3, 1},
    {"a: {\n \tb: 1}", "YAML_TAB", 6, 1},
    {"a: [\n\t# note\n 1]", "YAML_TAB", 5, 1},
    {"{a: 1}: 2", "YAML_KEY_KIND", 0, 6},
    {"甲: 1\n甲: 2", "YAML_KEY_TWICE", 7, 3},
    {"a: &x 1\nb: &x 2", "YAML_ANCHOR_TWICE", 14, 1},
    {"中: *x", "YAML_ALIAS", 5, 2},
    {"a: &x [*x]", "YAML_ALIAS", 7, 2},
    {"a: - b", "YAML_ITEM_PLACE", 3, 1},
    {"甲: 乙: 丙", "YAML_VALUE_PLACE", 8, 1},
    {"a: 1\nbc\nd: 2", "YAML_COLON", 5, 1},
    {"中: @x", "YAML_TOKEN", 5, 1},
    {"中: 'x", "YAML_QUOTE_OPEN", 5, 1},
    {"a: \"x\\q\"", "YAML_ESCAPE", 5, 1},
    {"a: |x\n b", "YAML_BLOCK_HEAD", 4, 1},
    {"a: [1\nb: 2", "YAML_COMMA_BRACKET", 7, 1},
    {"a: {b: 1\nc: 2}", "YAML_COMMA_BRACE", 10, 1},
    {"a: 1\n b: 2", "YAML_VALUE_PLACE", 7, 1},
    {"a:\n  - 1\n b: 2", "YAML_INDENT", 10, 1},
    {"a: [1, ]\nb: ]", "YAML_CONTENT", 12, 1},
};
enum { MISTAKES_COUNT = sizeof mistakes / sizeof *mistakes };

START_TEST(test_yaml__mistakes_have_a_place)
{
    const struct mistake *m = &mistakes[_i];
    tree t;
    parse(&t, m->text);
    ck_assert_msg(t.k.diags.count >= 1, "nothing is wrong with %s", m->text);
    const hz_diag *diag = &t.k.diags.items[0];
    ck_assert_msg(!strcmp(first_message(&t), m->message) && diag->span.offset == m->offset && diag->span.len == m->len,
                  "%s: %s at %u+%u, not %s at %u+%u", m->text, first_message(&t), diag->span.offset, diag->span.len,
                  m->message, m->offset, m->len);
    kit_close(&t.k);
}
END_TEST

START_TEST(test_yaml__tabs_that_do_not_indent_are_fine)
{
    tree t;
    parse(&t, "a:\tb\t# note\nc: {d:\t1,\te: 2}\nf: |\n  x\n  \ty\ng: 'p\n\tq'\n");
    ck_assert_str_eq(first_message(&t), "none");
    assert_slice(hz_yaml_get(t.root, "f")->text, "x\n\ty\n");
    assert_slice(hz_yaml_get(t.root, "g")->text, "p q");
    kit_close(&t.k);
}
END_TEST

/* ---- limits: on it, and one past it ---- */

static const char *with_limit(hz_limit_id limit, uint64_t value, const char *text)
{
    kit k;
    kit_open(&k);
    k.limits.value[limit] = value;
    hz_text source = {.path = HZ_SLICE_LIT("t.yaml"), .bytes = hz_slice_of(text)};
    const hz_yaml *root;
    ck_assert_int_eq(hz_yaml_parse(&root, &source, k.arena, &k.limits, &k.diags, &k.err), HZ_OK);
    const char *name = k.diags.count ? hz_msg_name(k.diags.items[0].message) : "none";
    if (k.diags.count)
        assert_slice(k.diags.items[0].args[0], hz_limit_name(limit));
    kit_close(&k);
    return name;
}

START_TEST(test_yaml__depth_has_a_limit)
{
    ck_assert_str_eq(with_limit(HZ_LIMIT_YAML_DEPTH, 3, "a: [[1]]"), "none");
    ck_assert_str_eq(with_limit(HZ_LIMIT_YAML_DEPTH, 3, "a: [[[1]]]"), "LIMIT");
    /* by way of an alias: map, list, and a node of height 2 (its scalars do not count as nesting) */
    ck_assert_str_eq(with_limit(HZ_LIMIT_YAML_DEPTH, 4, "a: &x [1]\nb: [*x]"), "none");
    ck_assert_str_eq(with_limit(HZ_LIMIT_YAML_DEPTH, 4, "a: &x [1]\nb: [[[*x]]]"), "LIMIT");
}
END_TEST

START_TEST(test_yaml__nodes_have_a_limit)
{
    ck_assert_str_eq(with_limit(HZ_LIMIT_YAML_NODES, 4, "a: [1]"), "none");
    ck_assert_str_eq(with_limit(HZ_LIMIT_YAML_NODES, 3, "a: [1]"), "LIMIT");
    /* map, 2 keys, list and item, twice */
    ck_assert_str_eq(with_limit(HZ_LIMIT_YAML_NODES, 7, "a: &x [1]\nb: *x"), "none");
    ck_assert_str_eq(with_limit(HZ_LIMIT_YAML_NODES, 6, "a: &x [1]\nb: *x"), "LIMIT");
}
END_TEST

START_TEST(test_yaml__aliases_have_a_limit)
{
    ck_assert_str_eq(with_limit(HZ_LIMIT_YAML_ALIASES, 2, "a: &x 1\nb: [*x, *x]"), "none");
    ck_assert_str_eq(with_limit(HZ_LIMIT_YAML_ALIASES, 1, "a: &x 1\nb: [*x, *x]"), "LIMIT");
}
END_TEST

/* ---- maps from a scalar back to the file ---- */

static const char *const scalars[] = {
    "a: 一 二 three\n",
    "a: 一\n  二\n\n  three  four\n",
    "a: '一''二 ''  x'\n",
    "a: '一\n  二\n\n\n  three  \n four'\n",
    "a: ''''\n",
    "a: ' x '\n",
    "a: \"一\\n\\u4e8c\\t\\\"x\\\" \\x41\\U0001F600\"\n",
    "a: \"一  \\\n    二\\\n  \\ three\n  four\\\n\n   five\"\n",
    "a: \"\\n\"\n",
    "a: |\n  一\n    二\n\n  three\n",
    "a: |+2 # note\n   一\n  二\n\n\nb: 1\n",
    "a: |-\n\n\n  一\n\n",
    "a: >\n  一\n  二\n\n  three\n    four\n  five\n",
    "a: >-\n    一  二\n\n\n      three\n    four\n\n",
    "a: |\n  一\r\n  二\r\n",
    "- |\n 一\n- >\n\n 二\n",
    "a: \"\"\n",
    "a: |\n\n",
    "a: >+\n\n\n",
};
enum { SCALARS_COUNT = sizeof scalars / sizeof *scalars };

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Every byte of the value that is no blank and not escaped stands, byte for byte, where its map says. */
static void check_map(const tree *t, const hz_yaml *scalar)
{
    hz_srcmap map;
    ck_assert_int_eq(hz_yaml_srcmap(&map, scalar, t->k.arena, NULL), HZ_OK);
    size_t before = 0;
    for (size_t i = 0; i < scalar->text.len; i++) {
        hz_span span = hz_srcmap_span(&map, i, 1);
        ck_assert_uint_ge(span.offset, scalar->span.offset);
        ck_assert_uint_le(span.offset + span.len, scalar->span.offset + scalar->span.len);
        ck_assert_uint_ge(span.offset, before);
        before = span.offset;
        const char *at = t->text.bytes.ptr + span.offset;
        if (!is_blank(scalar->text.ptr[i]) && *at != '\\' && *at != '\'')
            ck_assert_msg(*at == scalar->text.ptr[i], "byte %zu of %s", i, t->text.bytes.ptr);
    }
    /* a part's map agrees with the whole's */
    for (size_t from = 0; from < scalar->text.len; from++) {
        hz_srcmap part;
        ck_assert_int_eq(hz_srcmap_part(&part, &map, from, scalar->text.len - from, t->k.arena, NULL), HZ_OK);
        hz_span a = hz_srcmap_span(&map, from, 1), b = hz_srcmap_span(&part, 0, 1);
        ck_assert_msg(a.offset == b.offset && a.len == b.len, "part from %zu of %s", from, t->text.bytes.ptr);
    }
}

START_TEST(test_yaml__positions_inside_scalars)
{
    tree t;
    parse(&t, scalars[_i]);
    ck_assert_str_eq(first_message(&t), "none");
    for (uint32_t i = 0; i < t.root->count; i++)
        check_map(&t, t.root->kind == HZ_YAML_LIST ? t.root->items[i] : t.root->pairs[i].value);
    kit_close(&t.k);
}
END_TEST

START_TEST(test_yaml__an_escape_is_one_piece)
{
    tree t;
    parse(&t, "a: \"x\\u4e2dy\"\n");
    hz_srcmap map;
    ck_assert_int_eq(hz_yaml_srcmap(&map, t.root->pairs[0].value, t.k.arena, NULL), HZ_OK);
    hz_span span = hz_srcmap_span(&map, 1, 3);
    ck_assert_uint_eq(span.offset, 5);
    ck_assert_uint_eq(span.len, 6);
    ck_assert_uint_eq(hz_srcmap_span(&map, 4, 1).offset, 11);
    kit_close(&t.k);
}
END_TEST

/* Many characters before: the bytes are found from the marks, at every border of them. */
START_TEST(test_yaml__bytes_far_into_a_file)
{
    hz_buf text = HZ_BUF_INIT;
    tree t;
    for (int i = 0; i < 300; i++)
        hz_buf_printf(&text, "键%d: 值%.*s\n", i, i % 7, "xxxxxxx");
    parse(&t, text.ptr);
    ck_assert_uint_eq(t.root->count, 300);
    for (uint32_t i = 0; i < 300; i++) {
        const hz_yaml *nodes[] = {t.root->pairs[i].key, t.root->pairs[i].value};
        for (size_t k = 0; k < 2; k++)
            ck_assert(hz_slice_eq(
                hz_slice_sub(t.text.bytes, nodes[k]->span.offset, nodes[k]->span.offset + nodes[k]->span.len),
                nodes[k]->text));
    }
    kit_close(&t.k);
    hz_buf_clear(&text);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("profiles.yaml");
    TCase *tc = tcase_create("yaml");
    tcase_set_timeout(tc, 60);
    tcase_add_test(tc, test_yaml__every_scalar_is_text);
    tcase_add_test(tc, test_yaml__an_alias_is_the_anchors_node);
    tcase_add_test(tc, test_yaml__spans_are_bytes);
    tcase_add_test(tc, test_yaml__an_anchor_of_nothing);
    tcase_add_loop_test(tc, test_yaml__mistakes_have_a_place, 0, MISTAKES_COUNT);
    tcase_add_test(tc, test_yaml__tabs_that_do_not_indent_are_fine);
    tcase_add_test(tc, test_yaml__depth_has_a_limit);
    tcase_add_test(tc, test_yaml__nodes_have_a_limit);
    tcase_add_test(tc, test_yaml__aliases_have_a_limit);
    tcase_add_loop_test(tc, test_yaml__positions_inside_scalars, 0, SCALARS_COUNT);
    tcase_add_test(tc, test_yaml__an_escape_is_one_piece);
    tcase_add_test(tc, test_yaml__bytes_far_into_a_file);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
