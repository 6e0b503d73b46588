/* z3_ask.c: the questions, table by table. A question is pushed on the solver with what is known of the parts that it
 * reads, and popped. Constraints of fields are assumed by their flags, so that an answer names those that it needs.
 *
 * Most pairs of rules are refuted without a question: a record that Z3 found for one rule is held against the other. */
#include "base/alloc.h"
#include "validator/engine/explain.h"
#include "validator/tasks/reason/reason_int.h"

enum { FLAGS_MAX = 4096 };

/* ---- one question ---- */

Z3_lbool hz_z3_check(hz_z3 *z, const Z3_ast *assumed, size_t count)
{
    if (z->reason->out_of_time || z->status != HZ_OK)
        return Z3_L_UNDEF;
    if (hz_clock_nanos() > z->until_nanos) {
        z->reason->out_of_time = true;
        return Z3_L_UNDEF;
    }
    if (hz_cancel_check(z->options->cancel, z->err) != HZ_OK)
        z->status = HZ_E_CANCELLED;
    z->reason->questions++;
    Z3_lbool answer = Z3_solver_check_assumptions(z->ctx, z->solver, (unsigned)count, assumed);
    Z3_error_code code = Z3_get_error_code(z->ctx);
    if (code == Z3_MEMOUT_FAIL)
        z->status = HZ_E_NOMEM;
    if (answer == Z3_L_UNDEF || code != Z3_OK) {
        z->reason->undecided++;
        return Z3_L_UNDEF;
    }
    return answer;
}

typedef struct question {
    hz_z3_marks marks;
    Z3_ast flags[FLAGS_MAX];
    size_t flags_count;
} question;

static void join(hz_z3_marks *into, const hz_z3_marks *more)
{
    for (size_t i = 0; i < HZ_Z3_KNOWN_MAX / 64; i++)
        into->bits[i] |= more->bits[i];
}

static bool meet(const hz_z3_marks *a, const hz_z3_marks *b)
{
    for (size_t i = 0; i < HZ_Z3_KNOWN_MAX / 64; i++)
        if (a->bits[i] & b->bits[i])
            return true;
    return false;
}

static void assert_known(hz_z3 *z, question *q)
{
    for (size_t i = 0; i < z->known_count; i++)
        if (hz_z3_marked(&q->marks, i) && z->known[i].bound && z->known[i].bound != z->yes)
            Z3_solver_assert(z->ctx, z->solver, z->known[i].bound);
    for (size_t i = 0; i < z->facts_count; i++) {
        const hz_z3_fact *fact = &z->facts[i];
        if (!hz_z3_marked(&q->marks, fact->known) || q->flags_count == FLAGS_MAX)
            continue;
        Z3_solver_assert(z->ctx, z->solver, Z3_mk_implies(z->ctx, fact->flag, fact->holds));
        q->flags[q->flags_count++] = fact->flag;
    }
}

/* Asks about what the two rules read (b may be NULL); the caller asserts more, asks, and closes. */
static void open_question(hz_z3 *z, question *q, const hz_z3_rule *a, const hz_z3_rule *b)
{
    q->marks = a->all;
    q->flags_count = 0;
    if (b)
        join(&q->marks, &b->all);
    Z3_solver_push(z->ctx, z->solver);
    assert_known(z, q);
}

static void close_question(hz_z3 *z)
{
    Z3_solver_pop(z->ctx, z->solver, 1);
}

static void say(hz_z3 *z, Z3_ast condition)
{
    Z3_solver_assert(z->ctx, z->solver, condition);
}

static Z3_lbool ask(hz_z3 *z, const question *q)
{
    return hz_z3_check(z, q->flags, q->flags_count);
}

static void note_undecided(Z3_lbool answer, hz_z3_rule *rule)
{
    if (answer == Z3_L_UNDEF && rule->said)
        rule->said->undecided = true;
}

/* ---- claims ---- */

static hz_claim *new_claim(hz_z3 *z, hz_claim_kind kind, const hz_rule *rule)
{
    hz_reason *reason = z->reason;
    hz_claim *grown = HZ_ARENA_ARRAY(reason->arena, hz_claim, reason->claims_count + 1);
    if (!grown) {
        z->status = HZ_E_NOMEM;
        return NULL;
    }
    if (reason->claims_count)
        memcpy(grown, reason->claims, reason->claims_count * sizeof *grown);
    reason->claims = grown;
    hz_claim *claim = &grown[reason->claims_count++];
    *claim = (hz_claim){.kind = kind, .rules = {rule}, .rules_count = 1};
    return claim;
}

static void add_rule(const hz_rule **rules, size_t *count, bool *more, const hz_rule *rule)
{
    if (*count < HZ_CLAIM_RULES_MAX)
        rules[(*count)++] = rule;
    else
        *more = true;
}

/* Leaves out of the flags those without which the answer is the same. q->flags becomes the core. */
static void shrink(hz_z3 *z, question *q)
{
    Z3_ast_vector core = Z3_solver_get_unsat_core(z->ctx, z->solver);
    Z3_ast_vector_inc_ref(z->ctx, core);
    q->flags_count = 0;
    for (unsigned i = 0; i < Z3_ast_vector_size(z->ctx, core); i++)
        q->flags[q->flags_count++] = Z3_ast_vector_get(z->ctx, core, i);
    Z3_ast_vector_dec_ref(z->ctx, core);
    for (size_t i = q->flags_count; i-- > 0;) {
        Z3_ast out = q->flags[i];
        q->flags[i] = q->flags[q->flags_count - 1];
        if (hz_z3_check(z, q->flags, q->flags_count - 1) == Z3_L_FALSE)
            q->flags_count--;
        else
            q->flags[i] = out;
    }
}

static bool among(const question *q, Z3_ast flag)
{
    for (size_t i = 0; i < q->flags_count; i++)
        if (q->flags[i] == flag)
            return true;
    return false;
}

static void put_facts(hz_z3 *z, hz_claim *claim, const question *core)
{
    for (size_t i = 0; i < z->facts_count; i++)
        if (among(core, z->facts[i].flag))
            add_rule(claim->facts, &claim->facts_count, &claim->more, z->facts[i].rule);
}

/* The flags of the question's facts that are not in the core. */
static void without(hz_z3 *z, question *q, const question *core)
{
    q->flags_count = 0;
    for (size_t i = 0; i < z->facts_count; i++)
        if (hz_z3_marked(&q->marks, z->facts[i].known) && !among(core, z->facts[i].flag) && q->flags_count < FLAGS_MAX)
            q->flags[q->flags_count++] = z->facts[i].flag;
}

/* A rule that cannot apply, or cannot fail: `never` is what cannot be. The witness is a record that would do it if it
 * were not for the constraints. */
static void tell_dead(hz_z3 *z, question *q, const hz_z3_rule *rule, hz_claim_kind kind)
{
    question *core = HZ_ARENA_NEW(z->arena, question);
    hz_claim *claim = core ? new_claim(z, kind, rule->rule) : NULL;
    if (!claim) {
        z->status = HZ_E_NOMEM;
        return;
    }
    *core = *q;
    shrink(z, core);
    put_facts(z, claim, core);
    without(z, q, core);
    hz_z3_witness(z, claim, &rule->reads, q->flags, q->flags_count);
    if (claim->cells_count == 0)
        hz_z3_witness(z, claim, &rule->reads, NULL, 0);
}

static void passing_witness(hz_z3 *z, question *q, const hz_z3_rule *rule)
{
    hz_claim *claim = &z->reason->claims[z->reason->claims_count - 1];
    open_question(z, q, rule, NULL);
    say(z, rule->applies);
    hz_z3_witness(z, claim, &rule->reads, q->flags, q->flags_count);
    close_question(z);
}

/* ---- each rule by itself ---- */

static bool tells(const hz_z3_rule *rule)
{
    return rule->said != NULL;
}

static Z3_model keep_model(hz_z3 *z)
{
    Z3_model model = Z3_solver_get_model(z->ctx, z->solver);
    if (model)
        Z3_model_inc_ref(z->ctx, model);
    return model;
}

static void look_at_applies(hz_z3 *z, question *q, hz_z3_rule *rule)
{
    open_question(z, q, rule, NULL);
    say(z, rule->applies);
    Z3_lbool answer = ask(z, q);
    note_undecided(answer, rule);
    rule->dead = answer == Z3_L_FALSE;
    if (rule->dead && tells(rule))
        tell_dead(z, q, rule, HZ_CLAIM_UNREACHABLE);
    close_question(z);
}

static void look_at_fails(hz_z3 *z, question *q, hz_z3_rule *rule)
{
    if (!rule->fails || rule->dead)
        return;
    open_question(z, q, rule, NULL);
    say(z, rule->fails);
    Z3_lbool answer = ask(z, q);
    note_undecided(answer, rule);
    rule->dead = answer == Z3_L_FALSE;
    if (answer == Z3_L_TRUE)
        rule->model = keep_model(z);
    bool spelled = true;
    if (rule->dead && tells(rule)) {
        tell_dead(z, q, rule, HZ_CLAIM_UNBREAKABLE);
        spelled = z->status != HZ_OK || z->reason->claims[z->reason->claims_count - 1].cells_count;
    }
    close_question(z);
    if (!spelled)
        passing_witness(z, q, rule);
}

static void look_at_passes(hz_z3 *z, question *q, hz_z3_rule *rule)
{
    if (!rule->fails || rule->dead)
        return;
    open_question(z, q, rule, NULL);
    say(z, rule->passes);
    rule->bans = ask(z, q) == Z3_L_FALSE;
    if (!rule->bans && z->status == HZ_OK && !z->reason->out_of_time)
        rule->pass_model = keep_model(z);
    close_question(z);
}

static bool judges(const hz_z3_rule *rule)
{
    return rule->fails && !rule->dead;
}

/* ---- rules together ---- */

static bool is_true_in(hz_z3 *z, Z3_model model, Z3_ast condition)
{
    Z3_ast value = NULL;
    return model && Z3_model_eval(z->ctx, model, condition, true, &value) &&
           Z3_get_bool_value(z->ctx, value) == Z3_L_TRUE;
}

static void put_core_rules(hz_z3 *z, hz_claim *claim, const question *core, const hz_z3_rule *self)
{
    for (size_t i = 0; i < z->rules_count; i++)
        if (&z->rules[i] != self && among(core, z->rules[i].flag))
            add_rule(claim->rules, &claim->rules_count, &claim->more, z->rules[i].rule);
}

static bool told_already(const hz_z3 *z, const hz_claim *claim)
{
    for (size_t c = 0; c + 1 < z->reason->claims_count; c++) {
        const hz_claim *other = &z->reason->claims[c];
        size_t same = 0;
        for (size_t i = 0; i < claim->rules_count; i++)
            for (size_t k = 0; k < other->rules_count; k++)
                same += claim->rules[i] == other->rules[k];
        if (other->kind == claim->kind && same == claim->rules_count && same == other->rules_count)
            return true;
    }
    return false;
}

/* Whether a record can pass the rule and break none that has to do with it. */
static void look_together(hz_z3 *z, question *q, hz_z3_rule *rule)
{
    if (!judges(rule) || rule->bans || !tells(rule))
        return;
    open_question(z, q, rule, NULL);
    hz_z3_marks known = q->marks;
    for (size_t i = 0; i < z->rules_count && q->flags_count < FLAGS_MAX; i++)
        if (judges(&z->rules[i]) && meet(&rule->all, &z->rules[i].all))
            join(&q->marks, &z->rules[i].all);
    close_question(z);
    Z3_solver_push(z->ctx, z->solver);
    q->flags_count = 0;
    assert_known(z, q);
    say(z, rule->passes);
    for (size_t i = 0; i < z->rules_count && q->flags_count < FLAGS_MAX; i++)
        if (judges(&z->rules[i]) && &z->rules[i] != rule && meet(&known, &z->rules[i].all)) {
            say(z, Z3_mk_implies(z->ctx, z->rules[i].flag, hz_z3_not(z, z->rules[i].fails)));
            q->flags[q->flags_count++] = z->rules[i].flag;
        }
    Z3_lbool answer = ask(z, q);
    note_undecided(answer, rule);
    if (answer == Z3_L_FALSE) {
        shrink(z, q);
        hz_claim *claim = new_claim(z, HZ_CLAIM_CONTRADICT, rule->rule);
        hz_z3_marks shown = rule->reads;
        if (claim)
            put_core_rules(z, claim, q, rule);
        for (size_t i = 0; i < z->rules_count; i++)
            if (among(q, z->rules[i].flag))
                join(&shown, &z->rules[i].reads);
        close_question(z);
        if (claim && told_already(z, claim)) {
            z->reason->claims_count--;
        } else if (claim) {
            open_question(z, q, rule, NULL);
            say(z, rule->passes);
            join(&q->marks, &shown);
            assert_known(z, q);
            hz_z3_witness(z, claim, &shown, q->flags, q->flags_count);
            close_question(z);
        }
        return;
    }
    close_question(z);
}

/* Whether whatever breaks `weak` breaks `strong`. */
static bool entails(hz_z3 *z, question *q, hz_z3_rule *weak, hz_z3_rule *strong)
{
    open_question(z, q, weak, strong);
    say(z, weak->fails);
    say(z, hz_z3_not(z, strong->fails));
    Z3_lbool answer = ask(z, q);
    note_undecided(answer, weak);
    close_question(z);
    return answer == Z3_L_FALSE;
}

/* Whether it was told that what passes the one breaks the other: then that it is broken with it says nothing new. */
static bool forbids(const hz_z3 *z, const hz_rule *rule, const hz_rule *other)
{
    for (size_t c = 0; c < z->reason->claims_count; c++) {
        const hz_claim *claim = &z->reason->claims[c];
        if (claim->kind == HZ_CLAIM_CONTRADICT && claim->rules[0] == rule && claim->rules_count == 2 &&
            claim->rules[1] == other)
            return true;
    }
    return false;
}

static void look_at_entailed(hz_z3 *z, question *q, size_t at)
{
    hz_z3_rule *weak = &z->rules[at];
    if (!judges(weak) || !weak->model || !tells(weak))
        return;
    for (size_t i = 0; i < z->rules_count && z->status == HZ_OK; i++) {
        hz_z3_rule *strong = &z->rules[i];
        if (i == at || !judges(strong) || forbids(z, weak->rule, strong->rule) || !meet(&weak->reads, &strong->reads) ||
            !is_true_in(z, weak->model, strong->fails) || !entails(z, q, weak, strong))
            continue;
        bool both = strong->model && is_true_in(z, strong->model, weak->fails) && entails(z, q, strong, weak);
        if (both && tells(strong) && i > at)
            continue; /* told of the later one */
        hz_claim *claim = new_claim(z, HZ_CLAIM_ENTAILED, weak->rule);
        if (!claim)
            return;
        hz_z3_marks shown = weak->reads;
        join(&shown, &strong->reads);
        add_rule(claim->rules, &claim->rules_count, &claim->more, strong->rule);
        claim->both_ways = both;
        open_question(z, q, weak, strong);
        say(z, weak->fails);
        hz_z3_witness(z, claim, &shown, q->flags, q->flags_count);
        close_question(z);
        return; /* one is reason enough */
    }
}

static void free_models(hz_z3 *z)
{
    for (size_t i = 0; i < z->rules_count; i++) {
        if (z->rules[i].model)
            Z3_model_dec_ref(z->ctx, z->rules[i].model);
        if (z->rules[i].pass_model)
            Z3_model_dec_ref(z->ctx, z->rules[i].pass_model);
    }
}

void hz_z3_claims(hz_z3 *z)
{
    question *q = HZ_ARENA_NEW(z->arena, question);
    if (!q) {
        z->status = HZ_E_NOMEM;
        return;
    }
    for (size_t i = 0; i < z->rules_count; i++) {
        look_at_applies(z, q, &z->rules[i]);
        look_at_fails(z, q, &z->rules[i]);
        look_at_passes(z, q, &z->rules[i]);
    }
    for (size_t i = 0; i < z->rules_count; i++) {
        look_together(z, q, &z->rules[i]);
        look_at_entailed(z, q, i);
    }
    free_models(z);
}
