/* lint_deep.c: `lint --deep`: what can be proved of the rules (reason.h) as hints, each with its witness; and how far
 * each rule could be reasoned on, so that no rule is passed over in silence. What a hint without --deep says of a rule
 * is not said again. */
#include "validator/tasks/lint_int.h"

/* ---- hints ---- */

static bool said_by(const hz_linter *linter, const hz_rule *rule, hz_msg_id message)
{
    for (size_t i = 0; i < linter->lint->diags.count; i++) {
        const hz_diag *diag = &linter->lint->diags.items[i];
        if (diag->message == message && diag->args_count && hz_slice_eq(diag->args[0], rule->id))
            return true;
    }
    return false;
}

static bool is_told(const hz_linter *linter, const hz_claim *claim)
{
    const hz_rule *rule = claim->rules[0];
    if (claim->kind == HZ_CLAIM_UNREACHABLE)
        return said_by(linter, rule, HZ_MSG_LINT_NEVER_APPLIES) || said_by(linter, rule, HZ_MSG_LINT_EXCLUDED);
    if (claim->kind == HZ_CLAIM_UNBREAKABLE)
        return said_by(linter, rule, HZ_MSG_LINT_NEVER_FAILS) || said_by(linter, rule, HZ_MSG_LINT_IMPLIED) ||
               said_by(linter, rule, HZ_MSG_LINT_NEVER_DECIDES);
    if (claim->kind == HZ_CLAIM_ENTAILED)
        return said_by(linter, rule, HZ_MSG_LINT_SHADOWED) || said_by(linter, rule, HZ_MSG_LINT_DUPLICATE);
    return false;
}

static void put_ids(hz_buf *out, const hz_rule *const *rules, size_t from, size_t count, bool more)
{
    for (size_t i = from; i < count; i++) {
        hz_buf_puts(out, i > from ? ", " : "");
        hz_buf_put(out, rules[i]->id);
    }
    hz_buf_puts(out, more ? ", …" : "");
}

/* "the types of its fields" where no constraint is needed. */
static void put_others(hz_buf *out, const hz_claim *claim, hz_lang lang)
{
    bool dead = claim->kind == HZ_CLAIM_UNREACHABLE || claim->kind == HZ_CLAIM_UNBREAKABLE;
    if (!dead)
        put_ids(out, claim->rules, 1, claim->rules_count, claim->more);
    else if (claim->facts_count)
        put_ids(out, claim->facts, 0, claim->facts_count, claim->more);
    else
        hz_buf_puts(out, hz_msg_text(HZ_MSG_REASON_TYPES, lang));
}

static void put_witness(hz_buf *out, const hz_claim *claim, hz_lang lang)
{
    hz_buf cells = HZ_BUF_INIT;
    hz_witness_put(&cells, claim);
    const hz_slice all = hz_buf_slice(&cells);
    hz_msg_id message = !claim->confirmed    ? HZ_MSG_REASON_ASSUMED
                        : claim->facts_count ? HZ_MSG_REASON_WOULD
                                             : HZ_MSG_REASON_WITNESS;
    if (all.len)
        hz_msg_render(out, message, &all, 1, lang);
    hz_buf_clear(&cells);
}

static void tell(hz_linter *linter, const hz_claim *claim)
{
    static const hz_msg_id messages[] = {HZ_MSG_LINT_UNREACHABLE, HZ_MSG_LINT_UNBREAKABLE, HZ_MSG_LINT_CONTRADICT,
                                         HZ_MSG_LINT_ENTAILED};
    const hz_rule *rule = claim->rules[0];
    const hz_expr *place = claim->kind == HZ_CLAIM_UNREACHABLE   ? &rule->when
                           : claim->kind == HZ_CLAIM_UNBREAKABLE ? &rule->assert_
                                                                 : NULL;
    hz_span span = place && place->root ? hz_lint_node_span(place, place->root) : rule->span;
    hz_msg_id message = claim->both_ways ? HZ_MSG_LINT_EQUIVALENT : messages[claim->kind];
    hz_buf others = HZ_BUF_INIT, witness = HZ_BUF_INIT;
    put_others(&others, claim, linter->options->lang);
    put_witness(&witness, claim, linter->options->lang);
    const hz_slice args[] = {rule->id, hz_buf_slice(&others), hz_buf_slice(&witness)};
    if (others.status == HZ_OK && witness.status == HZ_OK)
        hz_lint_add(linter, span, message, args, 3);
    else
        linter->lint->diags.no_memory = true;
    hz_buf_clear(&others);
    hz_buf_clear(&witness);
}

hz_status hz_lint_deep(hz_linter *linter)
{
    const hz_lint_options *options = linter->options;
    if (!options->deep)
        return HZ_OK;
    const hz_reason_options how = {.profile = linter->profile,
                                   .kept = linter->kept,
                                   .lists = options->lists,
                                   .limits = options->limits,
                                   .seconds = options->deep_seconds,
                                   .cancel = options->cancel};
    HZ_TRY(hz_reason_run(&linter->lint->reason, &how, linter->err));
    for (size_t i = 0; i < linter->lint->reason->claims_count; i++)
        if (!is_told(linter, &linter->lint->reason->claims[i]))
            tell(linter, &linter->lint->reason->claims[i]);
    return HZ_OK;
}

/* ---- how far it went, as text ---- */

static void put_number(hz_buf *out, hz_slice *arg, uint64_t number)
{
    hz_buf_put_u64(out, number);
    *arg = hz_buf_slice(out);
}

static void put_line(hz_buf *out, hz_msg_id message, hz_slice name, const uint64_t *numbers, size_t count, hz_lang lang)
{
    enum { NUMBERS_MAX = 6 };
    hz_buf texts[NUMBERS_MAX] = {HZ_BUF_INIT};
    hz_slice args[NUMBERS_MAX + 1] = {name};
    for (size_t i = 0; i < count; i++)
        put_number(&texts[i], &args[i + 1], numbers[i]);
    hz_buf_puts(out, "  ");
    hz_msg_render(out, message, args, count + 1, lang);
    hz_buf_putc(out, '\n');
    for (size_t i = 0; i < count; i++)
        hz_buf_clear(&texts[i]);
}

/* The ids of rules for one reason; those that are undecided for HZ_MSG_REASON_UNDECIDED. */
static bool put_reason(hz_buf *out, const hz_reason *reason, hz_msg_id why, hz_reach reach)
{
    bool any = false;
    for (size_t i = 0; i < reason->rules_count; i++) {
        const hz_reasoned *rule = &reason->rules[i];
        bool here = why == HZ_MSG_REASON_UNDECIDED ? rule->undecided : rule->why == why && rule->reach == reach;
        if (!here)
            continue;
        hz_buf_puts(out, any ? ", " : "");
        hz_buf_put(out, rule->rule->id);
        any = true;
    }
    return any;
}

static void put_reasons(hz_buf *out, const hz_reason *reason, hz_msg_id head, hz_msg_id why, hz_reach reach,
                        hz_lang lang)
{
    hz_buf ids = HZ_BUF_INIT, words = HZ_BUF_INIT;
    const hz_slice example = HZ_SLICE_LIT("…");
    hz_msg_render(&words, why, &example, 1, lang);
    if (put_reason(&ids, reason, why, reach)) {
        const hz_slice args[] = {hz_buf_slice(&words), hz_buf_slice(&ids)};
        hz_buf_puts(out, "  ");
        hz_msg_render(out, head, args, 2, lang);
        hz_buf_putc(out, '\n');
    }
    hz_buf_clear(&words);
    hz_buf_clear(&ids);
}

static const hz_msg_id whys[] = {HZ_MSG_REASON_WHY_RELATED, HZ_MSG_REASON_WHY_FUNCTION, HZ_MSG_REASON_WHY_ARRAY,
                                 HZ_MSG_REASON_WHY_OTHER,   HZ_MSG_REASON_WHY_KEYS,     HZ_MSG_REASON_WHY_GROUPS,
                                 HZ_MSG_REASON_WHY_MANY};

void hz_lint_deep_text(hz_buf *out, const hz_lint *lint, hz_lang lang)
{
    const hz_reason *reason = lint->reason;
    if (!reason)
        return;
    const uint64_t numbers[] = {reason->reach[HZ_REACH_WHOLE], reason->reach[HZ_REACH_PART],
                                reason->reach[HZ_REACH_NONE], reason->questions, reason->undecided};
    hz_msg_render(out, HZ_MSG_REASON_HEAD, &lint->path, 1, lang);
    hz_buf_putc(out, '\n');
    put_line(out, HZ_MSG_REASON_COUNTS, HZ_SLICE_NONE, numbers, 5, lang);
    for (size_t i = 0; i < sizeof whys / sizeof *whys; i++) {
        put_reasons(out, reason, HZ_MSG_REASON_PART, whys[i], HZ_REACH_PART, lang);
        put_reasons(out, reason, HZ_MSG_REASON_NOT, whys[i], HZ_REACH_NONE, lang);
    }
    put_reasons(out, reason, HZ_MSG_REASON_OPEN, HZ_MSG_REASON_UNDECIDED, HZ_REACH_NONE, lang);
    if (reason->refuted)
        put_line(out, HZ_MSG_REASON_REFUTED, HZ_SLICE_NONE, (const uint64_t[]){reason->refuted}, 1, lang);
    if (reason->out_of_time)
        put_line(out, HZ_MSG_REASON_OUT_OF_TIME, HZ_SLICE_NONE, NULL, 0, lang);
}

/* ---- and as JSON ---- */

static void put_id_list(hz_buf *out, const char *key, const hz_rule *const *rules, size_t count)
{
    hz_buf_printf(out, ", \"%s\": [", key);
    for (size_t i = 0; i < count; i++) {
        hz_buf_puts(out, i ? ", " : "");
        hz_lint_put_string(out, rules[i]->id);
    }
    hz_buf_putc(out, ']');
}

static void put_claim(hz_buf *out, const hz_claim *claim)
{
    static const char *const names[] = {"unreachable", "unbreakable", "contradiction", "entailed"};
    hz_buf_printf(out, "          {\"kind\": \"%s\"", claim->both_ways ? "equivalent" : names[claim->kind]);
    put_id_list(out, "rules", claim->rules, claim->rules_count);
    put_id_list(out, "constraints", claim->facts, claim->facts_count);
    hz_buf_puts(out, ", \"witness\": {");
    for (size_t i = 0; i < claim->cells_count; i++) {
        hz_buf_puts(out, i ? ", " : "");
        hz_lint_put_string(out, claim->cells[i].name);
        hz_buf_puts(out, ": ");
        if (claim->cells[i].null)
            hz_buf_puts(out, "null");
        else
            hz_lint_put_string(out, claim->cells[i].value);
    }
    hz_buf_putc(out, '}');
    if (claim->has_as_of) {
        hz_buf_puts(out, ", \"as_of\": \"");
        hz_date_put(out, claim->as_of);
        hz_buf_putc(out, '"');
    }
    hz_buf_printf(out, ", \"confirmed\": %s}", claim->confirmed ? "true" : "false");
}

static void put_reasoned(hz_buf *out, const hz_reasoned *rule, hz_lang lang)
{
    static const char *const names[] = {"whole", "part", "none"};
    hz_buf_puts(out, "          {\"id\": ");
    hz_lint_put_string(out, rule->rule->id);
    hz_buf_printf(out, ", \"reach\": \"%s\"", names[rule->reach]);
    if (rule->why != HZ_MSG_NONE) {
        hz_buf why = HZ_BUF_INIT;
        hz_msg_render(&why, rule->why, &rule->what, 1, lang);
        hz_buf_puts(out, ", \"why\": ");
        hz_lint_put_string(out, hz_buf_slice(&why));
        hz_buf_clear(&why);
    }
    hz_buf_puts(out, rule->undecided ? ", \"undecided\": true}" : "}");
}

void hz_lint_deep_json(hz_buf *out, const hz_lint *lint, hz_lang lang)
{
    const hz_reason *reason = lint->reason;
    if (!reason)
        return;
    hz_buf_printf(out,
                  ",\n      \"deep\": {\n        \"questions\": %llu, \"undecided\": %llu, \"refuted\": %zu, "
                  "\"out_of_time\": %s,\n        \"claims\": [",
                  (unsigned long long)reason->questions, (unsigned long long)reason->undecided, reason->refuted,
                  reason->out_of_time ? "true" : "false");
    for (size_t i = 0; i < reason->claims_count; i++) {
        hz_buf_puts(out, i ? ",\n" : "\n");
        put_claim(out, &reason->claims[i]);
    }
    hz_buf_puts(out, reason->claims_count ? "\n        ],\n        \"rules\": [" : "],\n        \"rules\": [");
    for (size_t i = 0; i < reason->rules_count; i++) {
        hz_buf_puts(out, i ? ",\n" : "\n");
        put_reasoned(out, &reason->rules[i], lang);
    }
    hz_buf_puts(out, reason->rules_count ? "\n        ]\n      }" : "]\n      }");
}
