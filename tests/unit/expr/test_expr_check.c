/* Suite expr.check: types, masks, flags, scopes; and what profile.c keeps. Refusals are pinned in
 * tests/data/expr/errors_*.txt. */
#include <check.h>

#include "base/alloc.h"
#include "tests/unit/expr/scopes.h"

static fixture fx;
static hz_diags diags;

static void open_all(void)
{
    fixture_open(&fx, hz_slice_of(fixture_model), true);
    hz_diags_init(&diags, fx.arena, 100);
}

static void close_all(void)
{
    hz_diags_clear(&diags);
    fixture_close(&fx);
}

static void say(const char *text)
{
    hz_buf out = HZ_BUF_INIT;
    for (size_t i = 0; i < diags.count; i++)
        hz_diag_render(&out, &diags.items[i], HZ_LANG_EN);
    ck_abort_msg("%s: %s", text, out.ptr ? out.ptr : "refused");
}

static hz_expr check_in(const char *table, const char *scope_word, const char *text, hz_type want)
{
    hz_expr expr, *key = HZ_ARENA_NEW(fx.arena, hz_expr);
    hz_scope scope = scopes_of(&fx, hz_slice_of(table), hz_slice_of(scope_word), key, &diags);
    fixture_expr(&expr, fx.arena, hz_slice_of(text));
    ck_assert_int_eq(hz_expr_parse(&expr, fx.arena, hz_limits_default(), &diags, NULL), HZ_OK);
    ck_assert_int_eq(hz_expr_check(&expr, &scope, want, fx.arena, &diags, NULL), HZ_OK);
    if (!expr.root)
        say(text);
    return expr;
}

static hz_expr check_row(const char *text)
{
    return check_in("household", "row", text, HZ_TYPE_NULL);
}

/* ---- types ---- */

static const struct {
    const char *text;
    hz_type type, item_type;
} types[] = {
    {"1", HZ_TYPE_INTEGER, 0},
    {"1.0", HZ_TYPE_DECIMAL, 0},
    {"5.", HZ_TYPE_INTEGER, 0},
    {"9223372036854775808", HZ_TYPE_DECIMAL, 0},
    {"null", HZ_TYPE_NULL, 0},
    {"as_of", HZ_TYPE_DATE, 0},
    {"family_size", HZ_TYPE_INTEGER, 0},
    {"family_size + 1", HZ_TYPE_DECIMAL, 0},
    {"-family_size", HZ_TYPE_DECIMAL, 0},
    {"+family_size", HZ_TYPE_INTEGER, 0},
    {"family_size / 2", HZ_TYPE_DECIMAL, 0},
    {"family_size + null", HZ_TYPE_DECIMAL, 0},
    {"null + null", HZ_TYPE_DECIMAL, 0},
    {"exit_date + null", HZ_TYPE_DATE, 0},
    {"exit_date - null", HZ_TYPE_INTEGER, 0},
    {"null - updated", HZ_TYPE_INTERVAL, 0},
    {"updated + null", HZ_TYPE_TIMESTAMP, 0},
    {"exit_date - exit_date", HZ_TYPE_INTEGER, 0},
    {"exit_date + 1", HZ_TYPE_DATE, 0},
    {"1 + exit_date", HZ_TYPE_DATE, 0},
    {"exit_date - family_size", HZ_TYPE_DATE, 0},
    {"exit_date + interval '1' month", HZ_TYPE_TIMESTAMP, 0},
    {"interval '1' month + updated", HZ_TYPE_TIMESTAMP, 0},
    {"updated - exit_date", HZ_TYPE_INTERVAL, 0},
    {"exit_date - updated", HZ_TYPE_INTERVAL, 0},
    {"interval '1' day - interval '1' year", HZ_TYPE_INTERVAL, 0},
    {"-interval '1' day", HZ_TYPE_INTERVAL, 0},
    {"causes", HZ_TYPE_ARRAY, HZ_TYPE_TEXT},
    {"scores", HZ_TYPE_ARRAY, HZ_TYPE_INTEGER},
    {"array[1, 2]", HZ_TYPE_ARRAY, HZ_TYPE_INTEGER},
    {"array[1, 2.5, null]", HZ_TYPE_ARRAY, HZ_TYPE_DECIMAL},
    {"array[exit_date, updated]", HZ_TYPE_ARRAY, HZ_TYPE_TIMESTAMP},
    {"array[null]", HZ_TYPE_ARRAY, HZ_TYPE_NULL},
    {"case when poor then 1 else 2.5 end", HZ_TYPE_DECIMAL, 0},
    {"case when poor then 1 else 2 end", HZ_TYPE_INTEGER, 0},
    {"case when poor then null else exit_date end", HZ_TYPE_DATE, 0},
    {"case when poor then updated else exit_date end", HZ_TYPE_TIMESTAMP, 0},
    {"case when null then causes end", HZ_TYPE_ARRAY, HZ_TYPE_TEXT},
    {"coalesce(null, exit_date, updated)", HZ_TYPE_TIMESTAMP, 0},
    {"coalesce(null, causes)", HZ_TYPE_ARRAY, HZ_TYPE_TEXT},
    {"coalesce(null)", HZ_TYPE_NULL, 0},
    {"nullif(family_size, 1.5)", HZ_TYPE_DECIMAL, 0},
    {"greatest(1, 2)", HZ_TYPE_INTEGER, 0},
    {"length('a')", HZ_TYPE_INTEGER, 0},
    {"abs(family_size)", HZ_TYPE_DECIMAL, 0},
    {"year(updated)", HZ_TYPE_INTEGER, 0},
    {"last_day(updated)", HZ_TYPE_DATE, 0},
    {"raw(family_size)", HZ_TYPE_TEXT, 0},
    {"raw(this.causes)", HZ_TYPE_TEXT, 0},
    {"cardinality(null)", HZ_TYPE_INTEGER, 0},
    {"poverty_line", HZ_TYPE_DECIMAL, 0},
    {":start", HZ_TYPE_DATE, 0},
    {"比例", HZ_TYPE_DECIMAL, 0},
    {"\"end\"", HZ_TYPE_DATE, 0},
    {"head.age", HZ_TYPE_INTEGER, 0},
    {"head.household.village.name", HZ_TYPE_TEXT, 0},
    {"head.household.head.household.family_size", HZ_TYPE_INTEGER, 0},
    {"before.net_income", HZ_TYPE_DECIMAL, 0},
    {"count(members)", HZ_TYPE_INTEGER, 0},
    {"count(distinct members.name)", HZ_TYPE_INTEGER, 0},
    {"sum(members, age)", HZ_TYPE_DECIMAL, 0},
    {"avg(members.age)", HZ_TYPE_DECIMAL, 0},
    {"min(members, age)", HZ_TYPE_INTEGER, 0},
    {"max(members.birth_date)", HZ_TYPE_DATE, 0},
    {"exists(head)", HZ_TYPE_BOOLEAN, 0},
    {"every(members, age > 3)", HZ_TYPE_BOOLEAN, 0},
    {"every(members.employed)", HZ_TYPE_BOOLEAN, 0},
    {"'a' = any(null)", HZ_TYPE_BOOLEAN, 0},
    {"null <@ null", HZ_TYPE_BOOLEAN, 0},
    {"null = any(array[null])", HZ_TYPE_BOOLEAN, 0},
    {"array[null] = array['a']", HZ_TYPE_BOOLEAN, 0},
    {"poor < true", HZ_TYPE_BOOLEAN, 0},
    {"exit_date < updated", HZ_TYPE_BOOLEAN, 0},
    {"exit_date in (updated, null)", HZ_TYPE_BOOLEAN, 0},
    {"code_value('GB/T 2261.1', attribute, 'name_en')", HZ_TYPE_TEXT, 0},
    {"attribute in list registry.poverty_cause", HZ_TYPE_BOOLEAN, 0},
};

START_TEST(every_expression_has_its_type)
{
    hz_expr expr = check_row(types[_i].text);
    ck_assert_msg(expr.root->type == types[_i].type && expr.root->item_type == types[_i].item_type, "%s: %s",
                  types[_i].text, hz_type_name(expr.root->type));
}
END_TEST

static void no_null_is_left(const hz_node *node)
{
    if (!node)
        return;
    ck_assert_int_ne(node->type, HZ_TYPE_COUNT);
    ck_assert(node->kind != HZ_NODE_LITERAL || node->type != HZ_TYPE_NULL);
    for (uint32_t i = 0; i < node->items_count; i++)
        no_null_is_left(node->items[i]);
}

START_TEST(null_takes_the_type_it_meets)
{
    static const char *const texts[] = {
        "attribute = null",
        "null < family_size",
        "poor and null",
        "null + 1",
        "coalesce(null, 'a')",
        "case when null then null else 1 end",
        "family_size in (null, 1)",
        "family_size between null and null",
        "'a' = any(array[null])",
        "array[null, 'a'] <@ causes",
        "coalesce(case when poor then null end, null, exit_date)",
        "length(null)",
        "null like null",
        "not null",
        "nullif(null, 1)",
        "case null when 1 then 'a' end",
        "null is distinct from 'a'",
        "null || null",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        no_null_is_left(check_row(texts[i]).root);
}
END_TEST

START_TEST(wanted_types_take_their_kin)
{
    static const struct {
        const char *text;
        hz_type want;
    } pairs[] = {{"family_size", HZ_TYPE_DECIMAL}, {"1.5", HZ_TYPE_INTEGER}, {"updated", HZ_TYPE_DATE},
                 {"exit_date", HZ_TYPE_TIMESTAMP}, {"null", HZ_TYPE_TEXT},   {"poor", HZ_TYPE_BOOLEAN},
                 {"causes", HZ_TYPE_NULL}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        check_in("household", "row", pairs[i].text, pairs[i].want);
}
END_TEST

/* ---- masks: whatever reads a personal field is personal ---- */

static const struct {
    const char *text;
    hz_mask mask;
} masks[] = {
    {"attribute", HZ_MASK_NONE},
    {"length(attribute) > 3", HZ_MASK_NONE},
    {"head_id", HZ_MASK_ID},
    {"this.head_id", HZ_MASK_ID},
    {"head.id_no", HZ_MASK_ID},
    {"raw(head_id)", HZ_MASK_ID},
    {"coalesce(head_id, '无')", HZ_MASK_ID},
    {"coalesce(head_id, head.id_no)", HZ_MASK_ID},
    {"coalesce(raw(head_id), '')", HZ_MASK_ID},
    {"coalesce(head_id, head_name)", HZ_MASK_NAME},
    {"left(head_id, 6)", HZ_MASK_NAME},
    {"upper(head_id)", HZ_MASK_NAME},
    {"head_id || ''", HZ_MASK_NAME},
    {"nullif(head_id, '')", HZ_MASK_NAME},
    {"head_name", HZ_MASK_NAME},
    {"raw(head_name)", HZ_MASK_NAME},
    {"id_birth(head_id)", HZ_MASK_DATE},
    {"birth_date", HZ_MASK_DATE},
    {"birth_date + 1", HZ_MASK_DATE},
    {"birth_date + interval '1' day", HZ_MASK_DATE},
    {"raw(birth_date)", HZ_MASK_NAME},
    {"year(birth_date)", HZ_MASK_WHOLE},
    {"as_of - birth_date", HZ_MASK_WHOLE},
    {"age(birth_date, as_of)", HZ_MASK_WHOLE},
    {"saving", HZ_MASK_WHOLE},
    {"raw(saving)", HZ_MASK_WHOLE},
    {"saving / 2", HZ_MASK_WHOLE},
    {"case when saving > 3 then 'a' end", HZ_MASK_NAME},
    {"head_id = '1'", HZ_MASK_WHOLE},
    {"head_id is null", HZ_MASK_WHOLE},
    {"head_id in ('1')", HZ_MASK_WHOLE},
    {"head_id in list registry.poverty_cause", HZ_MASK_WHOLE},
    {"head_id matches '.*'", HZ_MASK_WHOLE},
    {"head_id like '1%'", HZ_MASK_WHOLE},
    {"length(head_id)", HZ_MASK_WHOLE},
    {"is_resident_id(head_id)", HZ_MASK_WHOLE},
    {"array[head_id]", HZ_MASK_NAME},
    {"array[birth_date]", HZ_MASK_DATE},
    {"head_id = any(causes)", HZ_MASK_WHOLE},
    {"poor and saving > 3", HZ_MASK_WHOLE},
    {"count(members)", HZ_MASK_NONE},
    {"exists(members)", HZ_MASK_NONE},
    {"count(members where relation = '01')", HZ_MASK_NONE},
    {"count(members where birth_date > as_of)", HZ_MASK_WHOLE},
    {"count(members, id_no)", HZ_MASK_WHOLE},
    {"count(distinct members.id_no)", HZ_MASK_WHOLE},
    {"count(members where this.head_id = member_id)", HZ_MASK_WHOLE},
    {"exists(members where id_no is null)", HZ_MASK_WHOLE},
    {"every(members, income > 3)", HZ_MASK_WHOLE},
    {"sum(members.income)", HZ_MASK_WHOLE},
    {"max(members.age)", HZ_MASK_NONE},
    {"max(members.age where income > 1)", HZ_MASK_WHOLE},
    {"min(members.name)", HZ_MASK_NAME},
    {"min(members.id_no)", HZ_MASK_NAME},
    {"max(members.birth_date)", HZ_MASK_DATE},
    {"poverty_line", HZ_MASK_NONE},
};

START_TEST(personal_fields_make_expressions_personal)
{
    hz_expr expr = check_row(masks[_i].text);
    ck_assert_msg(expr.root->mask == masks[_i].mask, "%s: %d", masks[_i].text, (int)expr.root->mask);
}
END_TEST

/* ---- what is read ---- */

static const struct {
    const char *scope, *text, *reads; /* a as_of, r row, l relation, s star, x external, p previous, c constant */
} reads[] = {
    {"row", "1 + 2", "c"},
    {"row", "poverty_line * 2", "c"},
    {"row", "as_of - 1", "ac"},
    {"row", "exit_date", "r"},
    {"row", "exit_date < as_of", "ar"},
    {"row", "head.age", "rl"},
    {"row", "count(members)", "rl"},
    {"row", "count(members where birth_date < as_of)", "arl"},
    {"row", "exists(cars)", "rlx"},
    {"row", "before.family_size", "rlp"},
    {"row", "max(members.age) > this.family_size", "rl"},
    {"row", "head.household.before.family_size", "rlp"},
    {"table", "count(*)", "s"},
    {"table", "count(* where exit_date < as_of) > 3", "as"},
    {"table", "count(* where head.age > 3) > 3", "ls"},
    {"each attribute", "attribute = '1' and count(*) > 3", "rs"},
    {"expect", "value > previous * 0.9", ""},
    {"expect", "value > 比例", ""},
};

static void put_reads(char out[16], const hz_expr *expr)
{
    size_t n = 0;
    const struct {
        bool set;
        char letter;
    } flags[] = {{expr->reads_as_of, 'a'},   {expr->reads_row, 'r'},      {expr->reads_relation, 'l'},
                 {expr->reads_star, 's'},    {expr->reads_external, 'x'}, {expr->reads_previous, 'p'},
                 {expr->root->constant, 'c'}};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (flags[i].set)
            out[n++] = flags[i].letter;
    out[n] = '\0';
}

START_TEST(flags_say_what_is_read)
{
    char got[16];
    hz_expr expr = check_in("household", reads[_i].scope, reads[_i].text, HZ_TYPE_NULL);
    put_reads(got, &expr);
    ck_assert_msg(!strcmp(got, reads[_i].reads), "%s: %s", reads[_i].text, got);
}
END_TEST

START_TEST(a_filter_that_reads_as_of_is_read_too)
{
    hz_relation *members = (hz_relation *)hz_table_relation(&fx.profile->tables[0], HZ_SLICE_LIT("members"));
    members->where.reads_as_of = true;
    ck_assert(check_row("count(members)").reads_as_of);
    ck_assert(!check_row("count(cars)").reads_as_of);
}
END_TEST

/* ---- names ---- */

START_TEST(inner_names_come_first)
{
    hz_expr expr = check_row("count(members where household_id = this.household_id and family_size > age) = 0");
    const hz_node *cond = expr.root->items[0]->items[1], *same = cond->items[0], *more = cond->items[1];
    const hz_table *member = hz_profile_table(fx.profile, HZ_SLICE_LIT("member"));
    ck_assert_ptr_eq(same->items[0]->field->table, member);
    ck_assert_uint_eq(same->items[0]->scope, 0);
    ck_assert_ptr_eq(same->items[1]->field->table, &fx.profile->tables[0]);
    ck_assert_uint_eq(same->items[1]->scope, 1);
    ck_assert_uint_eq(more->items[0]->scope, 1);
    ck_assert_uint_eq(more->items[1]->scope, 0);
    ck_assert_ptr_eq(expr.root->items[0]->target, member);
}
END_TEST

START_TEST(paths_inside_aggregates_start_at_the_row_that_has_them)
{
    hz_expr expr =
        check_row("count(members where spouse.age > head.age and this.head.age > household.family_size) = 0");
    const hz_node *cond = expr.root->items[0]->items[1], *a = cond->items[0], *b = cond->items[1];
    ck_assert_int_eq(a->items[0]->kind, HZ_NODE_PATH);
    ck_assert_uint_eq(a->items[0]->scope, 0);
    ck_assert_uint_eq(a->items[1]->scope, 1);
    ck_assert_uint_eq(b->items[0]->scope, 1);
    ck_assert_uint_eq(b->items[1]->scope, 0);
    ck_assert_uint_eq(a->items[1]->steps_count, 1);
}
END_TEST

START_TEST(fields_hide_relations_and_params)
{
    hz_field *field = (hz_field *)&fx.profile->tables[0].fields[fx.profile->tables[0].fields_count++];
    *field = fx.profile->tables[0].fields[0];
    field->name = HZ_SLICE_LIT("code");
    ck_assert_int_eq(check_row("code").root->kind, HZ_NODE_FIELD);
    ck_assert_int_eq(check_row(":code").root->kind, HZ_NODE_PARAM);
    field->name = HZ_SLICE_LIT("head");
    ck_assert_int_eq(check_row("head").root->kind, HZ_NODE_FIELD);
    ck_assert_int_eq(check_row("head.age").root->kind, HZ_NODE_PATH);
    ck_assert_int_eq(check_row("exists(head)").root->type, HZ_TYPE_BOOLEAN);
}
END_TEST

START_TEST(a_short_aggregate_is_the_long_one)
{
    hz_expr brief = check_row("sum(members.age where employed)"), whole = check_row("sum(members, age where employed)");
    hz_buf out = HZ_BUF_INIT;
    ck_assert(hz_node_equal(brief.root, whole.root));
    ck_assert_uint_eq(brief.nodes_count, whole.nodes_count);
    ck_assert_uint_eq(brief.root->items[0]->id, brief.nodes_count - 1);
    ck_assert(hz_slice_is(hz_slice_sub(brief.text, brief.root->items[0]->offset,
                                       brief.root->items[0]->offset + brief.root->items[0]->len),
                          "age"));
    hz_expr_print(&out, brief.root);
    ck_assert_str_eq(out.ptr, "sum(members, age where employed)");
    hz_buf_clear(&out);
}
END_TEST

START_TEST(longest_path_has_four_steps_and_one_to_many)
{
    hz_expr expr = check_in("household", "row", "count(head.household.head.household.members) > 0", HZ_TYPE_BOOLEAN);
    ck_assert_uint_eq(expr.root->items[0]->steps_count, 5);
    check_row("head.household.head.household.family_size");
}
END_TEST

START_TEST(keys_may_be_read_beside_star)
{
    check_in("household", "each left(village_code, 6)", "left(village_code, 6) <> '520102' or count(* where poor) < 3",
             HZ_TYPE_BOOLEAN);
    check_in("household", "each left(village_code, 6)", "LEFT(this.village_code,6) <> '520102'", HZ_TYPE_BOOLEAN);
    check_in("household", "each code", "code = 'x' and count(*) > 1", HZ_TYPE_BOOLEAN);
    check_in("household", "each 户主姓名", "户主姓名 || '1' = '1'", HZ_TYPE_BOOLEAN);
}
END_TEST

START_TEST(star_is_found_before_checking)
{
    static const struct {
        const char *text;
        bool star;
    } cases[] = {
        {"count(*) > 1", true}, {"a = 1 and not (1 + sum(*, b) > 1)", true}, {"count(a)", false}, {"a * b", false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hz_expr expr;
        fixture_expr(&expr, fx.arena, hz_slice_of(cases[i].text));
        ck_assert_int_eq(hz_expr_parse(&expr, fx.arena, hz_limits_default(), &diags, NULL), HZ_OK);
        ck_assert_int_eq(hz_node_reads_star(expr.root), cases[i].star);
    }
    ck_assert(!hz_node_reads_star(NULL));
}
END_TEST

/* ---- patterns and lists ---- */

START_TEST(patterns_are_compiled_and_kept)
{
    hz_expr expr = check_row("attribute matches '[0-9]{2}' and head_name not matches '\\p{Han}+'");
    ck_assert_ptr_nonnull(expr.root->items[0]->pattern);
    ck_assert_uint_eq(fx.profile->patterns_count, 2);
    ck_assert_ptr_eq(fx.profile->patterns[1], expr.root->items[1]->pattern);
}
END_TEST

START_TEST(lists_of_the_profile_come_first)
{
    hz_code code = {.code = HZ_SLICE_LIT("1"),
                    .name = {HZ_SLICE_LIT("一"), HZ_SLICE_NONE},
                    .valid_from = INT32_MIN,
                    .valid_to = INT32_MAX};
    hz_codelist *list = NULL;
    ck_assert_int_eq(hz_codelist_of(&list, HZ_SLICE_LIT("registry.poverty_cause"), &code, 1, NULL), HZ_OK);
    ck_assert_int_eq(hz_profile_keep_list(fx.profile, list, NULL), HZ_OK);
    ck_assert_ptr_eq(check_row("attribute in list registry.poverty_cause").root->list, list);
    ck_assert_ptr_eq(check_row("code_name('registry.poverty_cause', attribute)").root->list, list);
    ck_assert_ptr_ne(check_row("attribute in list 'GB/T 3304'").root->list, NULL);
}
END_TEST

START_TEST(lists_need_not_be_known)
{
    hz_scope scope = {.profile = fx.profile, .table = &fx.profile->tables[0], .flags = HZ_SCOPE_ROW};
    hz_expr expr;
    fixture_expr(&expr, fx.arena,
                 HZ_SLICE_LIT("attribute in list nosuch and code_value('nosuch', attribute, 'x') = '1'"));
    ck_assert_int_eq(hz_expr_parse(&expr, fx.arena, hz_limits_default(), &diags, NULL), HZ_OK);
    ck_assert_int_eq(hz_expr_check(&expr, &scope, HZ_TYPE_BOOLEAN, fx.arena, &diags, NULL), HZ_OK);
    ck_assert_ptr_nonnull(expr.root);
    ck_assert_ptr_null(expr.root->items[0]->list);
}
END_TEST

/* ---- the rest ---- */

START_TEST(an_absent_expression_is_no_mistake)
{
    hz_expr expr = {.root = NULL, .reads_row = true};
    hz_scope scope = {.profile = fx.profile};
    ck_assert_int_eq(hz_expr_check(&expr, &scope, HZ_TYPE_BOOLEAN, fx.arena, &diags, NULL), HZ_OK);
    ck_assert(!expr.reads_row);
    ck_assert_uint_eq(diags.count, 0);
}
END_TEST

START_TEST(checking_twice_changes_nothing)
{
    hz_expr expr = check_row("sum(members.age where this.family_size > age) > :start - exit_date and code = head.name");
    hz_scope scope = scopes_of(&fx, HZ_SLICE_LIT("household"), HZ_SLICE_LIT("row"), NULL, &diags);
    uint32_t nodes = expr.nodes_count;
    ck_assert_int_eq(hz_expr_check(&expr, &scope, HZ_TYPE_BOOLEAN, fx.arena, &diags, NULL), HZ_OK);
    ck_assert_ptr_nonnull(expr.root);
    ck_assert_uint_eq(expr.nodes_count, nodes);
}
END_TEST

START_TEST(every_function_has_name_and_signature)
{
    static const struct {
        const char *name, *signature;
    } functions[] = {
#define HZ_FUNCTION(id, name, signature, zh, en) {name, signature},
#include "profiles/expr/functions.def"
#undef HZ_FUNCTION
    };
    for (int i = 0; i < HZ_FUNC_COUNT; i++) {
        const char *signature = functions[i].signature, *colon = strchr(signature, ':');
        ck_assert_str_eq(hz_function_name((hz_function)i), functions[i].name);
        ck_assert_ptr_nonnull(colon);
        ck_assert_uint_eq(strspn(signature, "tndbAfLFVCT?*"), (size_t)(colon - signature));
        ck_assert(strlen(colon) == 2 && strchr("tnidbT", colon[1]));
    }
}
END_TEST

START_TEST(names_of_enums_are_all_there)
{
    for (int i = 0; i < HZ_TYPE_COUNT; i++)
        ck_assert(*hz_type_name((hz_type)i));
    for (int i = 0; i <= HZ_AGG_EVERY; i++)
        ck_assert(*hz_aggregate_name((hz_aggregate)i));
    for (int i = HZ_OP_EQ; i <= HZ_OP_DIV; i++)
        ck_assert(*hz_op_name((hz_op)i));
    ck_assert_str_eq(hz_severity_name(HZ_SEVERITY_WARNING), "warning");
    ck_assert_str_eq(hz_dimension_name(HZ_DIM_ACCESSIBILITY), "accessibility");
    ck_assert_str_eq(hz_gate_name(HZ_GATE_PLAUSIBILITY), "plausibility");
    ck_assert_str_eq(hz_life_name(HZ_LIFE_WITHDRAWN), "withdrawn");
    ck_assert_str_eq(hz_if_skipped_name(HZ_SKIP_FAIL), "fail");
    ck_assert_str_eq(hz_severity_name(HZ_SEVERITY_COUNT), "");
}
END_TEST

START_TEST(every_failed_allocation_is_reported)
{
    static const char text[] = "case attribute when 'a' then count(members.age where name matches '[a-z]+' and "
                               "head.age > famly) else 1 end > 1 "
                               "and attribute in list nosuch and head.household.nme = xyz and attribute matches '('";
    bool ended = false;
    for (uint64_t n = 1; !ended && n < 2000; n++) {
        fixture own;
        hz_diags mistakes;
        hz_expr expr;
        hz_error err = {.status = HZ_OK};
        fixture_open(&own, hz_slice_of(fixture_model), false);
        own.lists = fx.lists;
        hz_diags_init(&mistakes, own.arena, 100);
        hz_scope scope = scopes_of(&own, HZ_SLICE_LIT("household"), HZ_SLICE_LIT("row"), NULL, &mistakes);
        fixture_expr(&expr, own.arena, HZ_SLICE_LIT(text));
        ck_assert_int_eq(hz_expr_parse(&expr, own.arena, hz_limits_default(), &mistakes, NULL), HZ_OK);
        uint64_t before = hz_mem_stats_now().calls;
        hz_mem_fail_after(n, false);
        hz_status status = hz_expr_check(&expr, &scope, HZ_TYPE_BOOLEAN, own.arena, &mistakes, &err);
        ended = hz_mem_stats_now().calls - before < n; /* the nth was never asked for */
        hz_mem_fail_after(0, false);
        ck_assert_ptr_null(expr.root);
        if (status != HZ_OK)
            ck_assert(status == HZ_E_NOMEM && err.status == HZ_E_NOMEM);
        if (ended)
            ck_assert_uint_ge(mistakes.count, 4);
        own.lists = NULL;
        hz_diags_clear(&mistakes);
        fixture_close(&own);
    }
    ck_assert(ended);
}
END_TEST

#define LOOP(tcase, test, table) tcase_add_loop_test(tcase, test, 0, (int)(sizeof table / sizeof table[0]))

int main(void)
{
    Suite *suite = suite_create("expr.check");
    TCase *tcase = tcase_create("check");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, open_all, close_all);
    LOOP(tcase, every_expression_has_its_type, types);
    tcase_add_test(tcase, null_takes_the_type_it_meets);
    tcase_add_test(tcase, wanted_types_take_their_kin);
    LOOP(tcase, personal_fields_make_expressions_personal, masks);
    LOOP(tcase, flags_say_what_is_read, reads);
    tcase_add_test(tcase, a_filter_that_reads_as_of_is_read_too);
    tcase_add_test(tcase, inner_names_come_first);
    tcase_add_test(tcase, paths_inside_aggregates_start_at_the_row_that_has_them);
    tcase_add_test(tcase, fields_hide_relations_and_params);
    tcase_add_test(tcase, a_short_aggregate_is_the_long_one);
    tcase_add_test(tcase, longest_path_has_four_steps_and_one_to_many);
    tcase_add_test(tcase, keys_may_be_read_beside_star);
    tcase_add_test(tcase, star_is_found_before_checking);
    tcase_add_test(tcase, patterns_are_compiled_and_kept);
    tcase_add_test(tcase, lists_of_the_profile_come_first);
    tcase_add_test(tcase, lists_need_not_be_known);
    tcase_add_test(tcase, an_absent_expression_is_no_mistake);
    tcase_add_test(tcase, checking_twice_changes_nothing);
    tcase_add_test(tcase, every_function_has_name_and_signature);
    tcase_add_test(tcase, names_of_enums_are_all_there);
    tcase_add_test(tcase, every_failed_allocation_is_reported);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
