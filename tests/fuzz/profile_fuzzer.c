/* The profile loader. The input is a profile file. What must hold: it loads, or there is at least one mistake, worded
 * in both languages and inside the text; what was loaded is whole (rules in order with tables, ids and kinds; relations
 * with their ends); scalars map back into the file; and loading the same bytes again says the same. Files beside the
 * profile are never opened. */
#include "profiles/load.h"
#include "profiles/yaml.h"
#include "tests/fuzz/fuzz_kit.h"

static void check_expr(const hz_expr *expr)
{
    if (!expr->root)
        return;
    REQUIRE(expr->nodes_count > 0 && expr->text.len > 0);
    hz_span span = hz_srcmap_span(&expr->map, 0, expr->text.len);
    REQUIRE(span.text && (uint64_t)span.offset + span.len <= span.text->bytes.len);
}

static void check_model(const hz_profile *profile)
{
    REQUIRE(profile->tables_count > 0 && profile->tables[profile->tables_count - 1].builtin);
    for (size_t i = 0; i < profile->rules_count; i++) {
        const hz_rule *rule = &profile->rules[i];
        REQUIRE(rule->index == i && rule->table && rule->id.len && rule->indicator.len &&
                rule->status != HZ_LIFE_WITHDRAWN);
        REQUIRE(hz_profile_rule(profile, rule->id) == rule);
        check_expr(&rule->when);
        check_expr(&rule->assert_);
        for (size_t k = 0; k < rule->keys_count; k++)
            check_expr(&rule->keys[k]);
        REQUIRE(rule->kind != HZ_RULE_ASSERT || rule->assert_.root);
        REQUIRE(rule->kind != HZ_RULE_UNIQUE || (rule->keys_count && rule->normalize));
        REQUIRE(rule->kind != HZ_RULE_REFERENCES || (rule->ref_table && rule->keys_count));
    }
    for (size_t i = 0; i < profile->tables_count; i++) {
        const hz_table *table = &profile->tables[i];
        REQUIRE(table->index == i && table->fields_count);
        for (size_t k = 0; k < table->fields_count; k++)
            REQUIRE(table->fields[k].table == table && table->fields[k].index == k);
        for (size_t k = 0; k < table->relations_count; k++)
            REQUIRE(table->relations[k]->from == table && table->relations[k]->to && table->relations[k]->on_count);
    }
    REQUIRE(profile->grading.grades_count > 0);
}

static void check_scalars(const hz_yaml *node, hz_arena *arena, int depth)
{
    if (node->kind == HZ_YAML_SCALAR) {
        hz_srcmap map;
        REQUIRE(hz_yaml_srcmap(&map, node, arena, NULL) == HZ_OK);
        for (size_t i = 0; i < node->text.len; i++) {
            hz_span span = hz_srcmap_span(&map, i, 1);
            REQUIRE(span.offset >= node->span.offset && span.offset + span.len <= node->span.offset + node->span.len);
        }
        return;
    }
    for (uint32_t i = 0; i < node->count && depth; i++) {
        if (node->kind == HZ_YAML_MAP)
            check_scalars(node->pairs[i].key, arena, depth - 1);
        check_scalars(node->kind == HZ_YAML_MAP ? node->pairs[i].value : node->items[i], arena, depth - 1);
    }
}

static void check_yaml(hz_slice bytes, const hz_limits *limits)
{
    hz_arena *arena = hz_arena_new();
    hz_diags diags;
    hz_text text = {.path = HZ_SLICE_LIT("f"), .bytes = bytes};
    const hz_yaml *root = NULL;
    hz_diags_init(&diags, arena, 100);
    REQUIRE(hz_yaml_parse(&root, &text, arena, limits, &diags, NULL) == HZ_OK);
    REQUIRE(root || diags.errors_count);
    if (root && root->nodes < 100000)
        check_scalars(root, arena, 64);
    hz_diags_clear(&diags);
    hz_arena_free(arena);
}

static void load(hz_buf *out, hz_slice bytes, hz_lists *lists, const hz_limits *limits)
{
    hz_arena *arena = hz_arena_new();
    hz_diags diags;
    hz_profile *profile = NULL;
    hz_error err = {0};
    hz_load what = {lists, limits, NULL};
    hz_diags_init(&diags, arena, 100);
    hz_status st = hz_profile_load_bytes(&profile, bytes, HZ_SLICE_LIT("f.yaml"), HZ_SLICE_NONE, &what, &diags, &err);
    REQUIRE((st == HZ_OK) == (profile != NULL));
    REQUIRE(st == HZ_OK ? diags.errors_count == 0 : st == HZ_E_PROFILE && diags.errors_count > 0);
    if (profile)
        check_model(profile);
    hz_profile_free(profile);
    check_diags(out, &diags); /* after the profile: they must not lean on it */
    hz_diags_clear(&diags);
    hz_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static hz_lists *lists;
    static hz_limits limits;
    if (!lists) {
        REQUIRE(hz_lists_open(&lists, NULL, hz_limits_default(), NULL) == HZ_OK);
        hz_limits_init(&limits);
        limits.value[HZ_LIMIT_YAML_NODES] = 20000;
    }
    hz_slice bytes = {(const char *)data, size};
    hz_buf one = HZ_BUF_INIT, two = HZ_BUF_INIT;
    check_yaml(bytes, &limits);
    load(&one, bytes, lists, &limits);
    load(&two, bytes, lists, &limits);
    REQUIRE(hz_slice_eq(hz_buf_slice(&one), hz_buf_slice(&two)));
    hz_buf_clear(&one);
    hz_buf_clear(&two);
    return 0;
}
