/* z3_table.c: one table's rules made into questions, and Z3 itself: its context, its share of work, its errors. */
#include "base/alloc.h"
#include "profiles/tighten.h"
#include "validator/tasks/reason/reason_int.h"

enum { CODES_SPELLED = 64, WORK = 4000000, MEMORY_MIB = 2048 };

/* Z3's own handler ends the program; errors are asked for instead. */
static void on_error(Z3_context ctx, Z3_error_code code)
{
    (void)ctx;
    (void)code;
}

static bool start(hz_z3 *z)
{
    Z3_config config = Z3_mk_config();
    z->ctx = Z3_mk_context(config);
    Z3_del_config(config);
    if (!z->ctx)
        return false;
    Z3_set_error_handler(z->ctx, on_error);
    z->solver = Z3_mk_simple_solver(z->ctx);
    if (!z->solver)
        return false;
    Z3_solver_inc_ref(z->ctx, z->solver);
    Z3_params params = Z3_mk_params(z->ctx);
    Z3_params_inc_ref(z->ctx, params);
    Z3_params_set_uint(z->ctx, params, Z3_mk_string_symbol(z->ctx, "rlimit"), WORK);
    Z3_params_set_uint(z->ctx, params, Z3_mk_string_symbol(z->ctx, "random_seed"), 0);
    Z3_params_set_uint(z->ctx, params, Z3_mk_string_symbol(z->ctx, "max_memory"), MEMORY_MIB);
    Z3_params_set_bool(z->ctx, params, Z3_mk_string_symbol(z->ctx, "ctrl_c"), false);
    Z3_solver_set_params(z->ctx, z->solver, params);
    Z3_params_dec_ref(z->ctx, params);
    z->boolean = Z3_mk_bool_sort(z->ctx);
    z->integer = Z3_mk_int_sort(z->ctx);
    z->real = Z3_mk_real_sort(z->ctx);
    z->yes = Z3_mk_true(z->ctx);
    z->no = Z3_mk_false(z->ctx);
    return Z3_get_error_code(z->ctx) == Z3_OK;
}

static void stop(hz_z3 *z)
{
    if (z->solver)
        Z3_solver_dec_ref(z->ctx, z->solver);
    if (z->ctx)
        Z3_del_context(z->ctx);
    hz_mem_free(z->texts);
    hz_mem_free(z->known);
    hz_mem_free(z->facts);
    hz_arena_free(z->arena);
}

/* ---- texts ---- */

static void gather_codes(hz_z3 *z)
{
    for (size_t f = 0; f < z->table->fields_count; f++) {
        const hz_codelist *codes = z->table->fields[f].codes;
        size_t count = codes ? hz_codelist_count(codes) : 0;
        for (size_t i = 0; count <= CODES_SPELLED && i < count; i++)
            hz_z3_add_text(z, hz_codelist_at(codes, i).code);
    }
}

static void gather(hz_z3 *z)
{
    const hz_profile *profile = z->options->profile;
    for (size_t i = 0; i < profile->rules_count; i++) {
        const hz_rule *rule = &profile->rules[i];
        if (rule->table != z->table)
            continue;
        hz_z3_gather_texts(z, rule->when.root);
        hz_z3_gather_texts(z, rule->assert_.root);
    }
    for (size_t i = 0; i < profile->params_count; i++)
        if (profile->params[i].type == HZ_TYPE_TEXT && profile->params[i].value.valid)
            hz_z3_add_text(z, profile->params[i].value.as.text);
    gather_codes(z);
    hz_z3_sort_texts(z);
}

/* ---- rules ---- */

static bool speaks_here(const hz_z3 *z, const hz_rule *rule)
{
    return !rule->derived && rule->status != HZ_LIFE_WITHDRAWN && rule->table == z->table && rule->period == z->period;
}

/* Group rules judge groups; what `when` of the others says is looked at, and of asserts all. */
static hz_msg_id why_not(const hz_rule *rule)
{
    if (rule->kind == HZ_RULE_GROUP_ASSERT)
        return HZ_MSG_REASON_WHY_GROUPS;
    if (rule->kind != HZ_RULE_ASSERT)
        return rule->when.root ? HZ_MSG_NONE : HZ_MSG_REASON_WHY_KEYS;
    return HZ_MSG_NONE;
}

static hz_reasoned *said_of(const hz_z3 *z, const hz_rule *rule)
{
    for (size_t i = 0; i < z->reason->rules_count; i++)
        if (z->reason->rules[i].rule == rule)
            return &z->reason->rules[i];
    return NULL;
}

static void translate(hz_z3 *z, hz_z3_rule *out, const hz_rule *rule)
{
    hz_z3_term when = hz_z3_boolean(z, true), claim = when;
    *out = (hz_z3_rule){.rule = rule, .said = said_of(z, rule)};
    z->marks = &out->reads;
    z->why = HZ_MSG_NONE;
    if (rule->when.root)
        when = hz_z3_term_of(z, rule->when.root);
    if (rule->kind == HZ_RULE_ASSERT && rule->assert_.root) {
        claim = hz_z3_term_of(z, rule->assert_.root);
        out->passes = hz_z3_and(z, when.value, claim.value);
        out->fails = hz_z3_and(z, when.value, hz_z3_false(z, claim));
    }
    out->applies = when.value;
    out->flag = hz_z3_named(z, "rule:", rule->id, z->boolean);
    z->marks = NULL;
    if (!out->fails && z->why == HZ_MSG_NONE)
        z->why = HZ_MSG_REASON_WHY_KEYS;
    if (!out->said)
        return;
    out->said->reach = z->why == HZ_MSG_NONE ? HZ_REACH_WHOLE : HZ_REACH_PART;
    out->said->why = z->why;
    if (z->why != HZ_MSG_NONE && hz_arena_copy(&out->said->what, z->reason->arena, z->what) != HZ_OK)
        z->status = HZ_E_NOMEM;
    z->what = HZ_SLICE_NONE;
}

static void build(hz_z3 *z)
{
    const hz_profile *profile = z->options->profile;
    z->rules = HZ_ARENA_ARRAY(z->arena, hz_z3_rule, profile->rules_count + 1);
    if (!z->rules) {
        z->status = HZ_E_NOMEM;
        return;
    }
    for (size_t f = 0; f < z->table->fields_count; f++)
        z->any_invalid = z->any_invalid || hz_z3_may_be_invalid(z, &z->table->fields[f]);
    gather(z);
    for (size_t i = 0; i < profile->rules_count && z->status == HZ_OK; i++) {
        const hz_rule *rule = &profile->rules[i];
        if (!speaks_here(z, rule))
            continue;
        hz_reasoned *said = said_of(z, rule);
        if (said)
            said->why = why_not(rule);
        if (why_not(rule) == HZ_MSG_NONE)
            translate(z, &z->rules[z->rules_count++], rule);
    }
    hz_z3_add_facts(z);
    for (size_t i = 0; i < z->rules_count; i++)
        z->rules[i].all = hz_z3_closed(z, &z->rules[i].reads);
}

/* Too many parts: its rules are told as not reasoned on. */
static void give_up(const hz_z3 *z)
{
    for (size_t i = 0; i < z->reason->rules_count; i++) {
        hz_reasoned *said = &z->reason->rules[i];
        if (said->rule->table == z->table && said->rule->period == z->period) {
            said->reach = HZ_REACH_NONE;
            said->why = HZ_MSG_REASON_WHY_MANY;
        }
    }
}

hz_status hz_z3_table(hz_reason *reason, const hz_reason_options *options, const hz_table *table, uint32_t period,
                      uint64_t until_nanos, hz_error *err)
{
    hz_z3 z = {.options = options,
               .reason = reason,
               .table = table,
               .period = period,
               .arena = hz_arena_new(),
               .until_nanos = until_nanos,
               .err = err};
    if (!z.arena)
        return hz_nomem(err, sizeof z);
    bool started = start(&z);
    if (started)
        build(&z);
    if (started && z.status == HZ_OK)
        hz_z3_claims(&z);
    hz_status st = started ? z.status : HZ_E_NOMEM;
    if (st == HZ_E_LIMIT) {
        give_up(&z);
        st = HZ_OK;
    }
    stop(&z);
    return st == HZ_E_NOMEM ? hz_nomem(err, 0) : st;
}

/* ---- two versions of a rule ---- */

/* Whether a tree reads only what is sure to mean the same in both profiles. */
static bool is_comparable(const hz_node *node, const hz_profile *mine, const hz_profile *other, const hz_table *twin)
{
    if (!node)
        return true;
    if (node->kind == HZ_NODE_PATH || node->kind == HZ_NODE_AGGREGATE || node->list)
        return false;
    if (node->kind == HZ_NODE_FIELD) {
        const hz_field *field = hz_table_field(twin, node->field->name);
        return node->scope == 0 && field && hz_same_reading(node->field, field);
    }
    if (node->kind == HZ_NODE_PARAM) {
        int index = hz_profile_param(other, mine->params[node->index].name);
        return index >= 0 && hz_same_param(&mine->params[node->index], &other->params[index]);
    }
    for (uint32_t i = 0; i < node->items_count; i++)
        if (!is_comparable(node->items[i], mine, other, twin))
            return false;
    return true;
}

static bool are_comparable(const hz_profile *a_profile, const hz_rule *a, const hz_profile *b_profile, const hz_rule *b)
{
    return a->kind == HZ_RULE_ASSERT && b->kind == HZ_RULE_ASSERT && a->period == b->period && a->assert_.root &&
           b->assert_.root && is_comparable(a->when.root, a_profile, b_profile, b->table) &&
           is_comparable(a->assert_.root, a_profile, b_profile, b->table) &&
           is_comparable(b->when.root, b_profile, a_profile, a->table) &&
           is_comparable(b->assert_.root, b_profile, a_profile, a->table);
}

static bool follows(hz_z3 *z, const hz_z3_rule *weak, const hz_z3_rule *strong)
{
    Z3_solver_push(z->ctx, z->solver);
    for (size_t i = 0; i < z->known_count; i++)
        if (z->known[i].bound)
            Z3_solver_assert(z->ctx, z->solver, z->known[i].bound);
    Z3_solver_assert(z->ctx, z->solver, weak->fails);
    Z3_solver_assert(z->ctx, z->solver, hz_z3_not(z, strong->fails));
    Z3_lbool answer = hz_z3_check(z, NULL, 0);
    Z3_solver_pop(z->ctx, z->solver, 1);
    return answer == Z3_L_FALSE;
}

static void compare(hz_rule_change *out, hz_z3 *z, const hz_reason_options *after_options, const hz_rule *before,
                    const hz_rule *after)
{
    hz_z3_rule old, new;
    const hz_node *trees[] = {before->when.root, before->assert_.root, after->when.root, after->assert_.root};
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++)
        hz_z3_gather_texts(z, trees[i]);
    gather_codes(z);
    hz_z3_sort_texts(z);
    translate(z, &old, before);
    z->options = after_options;
    z->table = after->table;
    translate(z, &new, after);
    if (z->status != HZ_OK)
        return;
    out->tighter = follows(z, &old, &new);
    out->looser = follows(z, &new, &old);
}

hz_status hz_reason_compare(hz_rule_change *out, const hz_profile *before_profile, const hz_rule *before,
                            const hz_profile *after_profile, const hz_rule *after, hz_error *err)
{
    const hz_reason_options options = {.profile = before_profile}, after_options = {.profile = after_profile};
    *out = (hz_rule_change){false, false};
    if (!are_comparable(before_profile, before, after_profile, after))
        return HZ_OK;
    hz_z3 z = {.options = &options,
               .table = before->table,
               .period = before->period,
               .arena = hz_arena_new(),
               .until_nanos = UINT64_MAX,
               .prove_types = true,
               .err = err};
    z.reason = z.arena ? HZ_ARENA_NEW(z.arena, hz_reason) : NULL;
    bool started = z.reason && start(&z);
    if (started)
        compare(out, &z, &after_options, before, after);
    hz_status st = started ? z.status : HZ_E_NOMEM;
    stop(&z);
    if (st != HZ_OK)
        *out = (hz_rule_change){false, false};
    return st == HZ_E_NOMEM ? hz_nomem(err, 0) : HZ_OK;
}
