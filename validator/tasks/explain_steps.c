/* explain_steps.c: see explain_steps.h. A step is an expression whose operands were steps before it; literals are none,
 * and aggregates and paths are one step each, since what stands in them is of other rows. */
#include "validator/tasks/explain_steps.h"

#include "base/utf8.h"
#include "profiles/expr/check.h"
#include "profiles/expr/parse.h"
#include "profiles/expr/print.h"
#include "reports/place.h"
#include "reports/words.h"

enum { STEPS_MAX = 512 };

/* ---- the finding in the report ---- */

static bool find_in(hz_told *out, const hz_jvalue *rules, hz_slice fingerprint)
{
    for (const hz_jvalue *rule = rules ? rules->first : NULL; rule; rule = rule->next) {
        const hz_jvalue *examples = hz_jget(rule, "examples");
        for (const hz_jvalue *one = examples ? examples->first : NULL; one; one = one->next)
            if (hz_slice_eq(hz_jtext(hz_jget(one, "fingerprint")), fingerprint)) {
                out->rule = hz_jtext(hz_jget(rule, "id"));
                out->shown = hz_stored_count(rule, "shown");
                return true;
            }
    }
    return false;
}

hz_status hz_told_find(hz_told *out, const hz_stored *stored, hz_slice fingerprint, hz_error *err)
{
    *out = (hz_told){.as_of = hz_jtext(hz_jget(stored->submission, "as_of")),
                     .params = hz_jget(stored->submission, "params")};
    if (fingerprint.len && (find_in(out, stored->rules, fingerprint) || find_in(out, stored->drafts, fingerprint)))
        return HZ_OK;
    hz_status st = hz_fail(err, HZ_E_USAGE, HZ_M(STEPS_NO_FINDING), HZ_S(fingerprint), HZ_S(stored->path));
    hz_error_hint(err, HZ_MSG_STEPS_NO_FINDING_HINT);
    return st;
}

/* ---- the rule with its steps as message ---- */

typedef struct builder {
    hz_scope scope;
    const hz_limits *limits;
    hz_arena *arena;
    hz_error *err;
    hz_message message;
} builder;

static bool is_there(const builder *b, hz_slice text)
{
    for (size_t i = 0; i < b->message.count; i++)
        if (hz_slice_eq(b->message.parts[i].expr.text, text))
            return true;
    return false;
}

/* Parsed and checked anew, as the part of a message that it is. */
static hz_status add_step(builder *b, const hz_node *node)
{
    hz_buf text = HZ_BUF_INIT;
    hz_diags diags;
    hz_expr expr = {.root = NULL};
    hz_expr_print(&text, node);
    hz_status st = hz_buf_status(&text, b->err);
    if (st == HZ_OK && hz_arena_copy(&expr.text, b->arena, hz_buf_slice(&text)) != HZ_OK)
        st = hz_nomem(b->err, text.len);
    hz_buf_clear(&text);
    if (st != HZ_OK || is_there(b, expr.text) || b->message.count == STEPS_MAX)
        return st;
    hz_diags_init(&diags, b->arena, 1);
    st = hz_expr_parse(&expr, b->arena, b->limits, &diags, b->err);
    if (st == HZ_OK && expr.root)
        st = hz_expr_check(&expr, &b->scope, HZ_TYPE_NULL, b->arena, &diags, b->err);
    hz_diags_clear(&diags);
    if (st == HZ_OK && expr.root)
        b->message.parts[b->message.count++].expr = expr;
    return st;
}

static hz_status add_steps(builder *b, const hz_node *node)
{
    bool leaf = node->kind == HZ_NODE_AGGREGATE || node->kind == HZ_NODE_PATH || node->kind == HZ_NODE_LITERAL;
    for (uint32_t i = 0; !leaf && i < node->items_count; i++)
        HZ_TRY(add_steps(b, node->items[i]));
    return node->kind == HZ_NODE_LITERAL ? HZ_OK : add_step(b, node);
}

static hz_status build(builder *b, const hz_rule *rule)
{
    b->message.parts = HZ_ARENA_ARRAY(b->arena, hz_message_part, STEPS_MAX);
    if (!b->message.parts)
        return hz_nomem(b->err, STEPS_MAX * sizeof *b->message.parts);
    if (rule->when.root)
        HZ_TRY(add_steps(b, rule->when.root));
    if (rule->assert_.root)
        HZ_TRY(add_steps(b, rule->assert_.root));
    for (size_t i = 0; !hz_rule_is_of_groups(rule) && i < rule->keys_count; i++)
        HZ_TRY(add_steps(b, rule->keys[i].root));
    hz_node field = {.kind = HZ_NODE_FIELD, .field = rule->field, .names_count = 1};
    if (rule->field && !b->message.count) {
        hz_slice name = rule->field->name;
        field.names = &name;
        HZ_TRY(add_step(b, &field));
    }
    return HZ_OK;
}

static unsigned scope_of(const hz_rule *rule)
{
    return rule->kind == HZ_RULE_GROUP_ASSERT ? HZ_SCOPE_ROW | HZ_SCOPE_STAR | HZ_SCOPE_RELATIONS | HZ_SCOPE_KEYS_ONLY
                                              : HZ_SCOPE_ROW | HZ_SCOPE_RELATIONS;
}

hz_status hz_steps_profile(hz_profile *out, const hz_profile *profile, const hz_rule *rule, hz_lists *lists,
                           const hz_limits *limits, hz_arena *arena, hz_error *err)
{
    hz_rule *alone = HZ_ARENA_NEW(arena, hz_rule);
    *out = *profile;
    if (!alone)
        return hz_nomem(err, sizeof *alone);
    builder b = {.scope = {.profile = out, .lists = lists, .table = rule->table, .flags = scope_of(rule)},
                 .limits = limits,
                 .arena = arena,
                 .err = err};
    if (rule->kind == HZ_RULE_GROUP_ASSERT) {
        b.scope.keys = rule->keys;
        b.scope.keys_count = rule->keys_count;
    }
    HZ_TRY(build(&b, rule));
    *alone = *rule;
    alone->index = 0;
    alone->message_zh = alone->message_en = b.message;
    out->rules = alone;
    out->rules_count = 1;
    out->rules_older_count = out->measures_count = out->measures_older_count = out->waivers_count = 0;
    return HZ_OK;
}

/* ---- the steps ---- */

static const hz_finding *find(const hz_result *result, hz_slice fingerprint)
{
    const hz_result_rule *lists[] = {result->rules, result->drafts};
    const size_t counts[] = {result->rules_count, result->drafts_count};
    for (size_t l = 0; l < 2; l++)
        for (size_t r = 0; r < counts[l]; r++)
            for (size_t i = 0; i < lists[l][r].examples_count; i++)
                if (hz_slice_is(fingerprint, lists[l][r].examples[i].fingerprint))
                    return &lists[l][r].examples[i];
    return NULL;
}

static void put_line(hz_buf *out, hz_msg_id message, const hz_buf *value, hz_lang lang)
{
    hz_buf safe = HZ_BUF_INIT;
    hz_utf8_put_safe(&safe, hz_buf_slice(value));
    const hz_slice arg = hz_buf_slice(&safe);
    hz_msg_render(out, message, &arg, 1, lang);
    hz_buf_putc(out, '\n');
    hz_buf_clear(&safe);
}

static void put_step(hz_buf *out, size_t number, const hz_expr *expr, hz_shown value, bool reveal)
{
    hz_buf shown = HZ_BUF_INIT;
    hz_put_shown(&shown, value, reveal);
    hz_buf_printf(out, "%4zu  ", number);
    hz_utf8_put_safe(out, expr->text);
    hz_buf_puts(out, " = ");
    if (value.null)
        hz_buf_puts(out, "∅");
    else
        hz_utf8_put_safe(out, hz_buf_slice(&shown));
    hz_buf_putc(out, '\n');
    hz_buf_clear(&shown);
}

static void put_part(hz_buf *out, const hz_profile *profile, hz_msg_id message, const hz_expr *expr, hz_lang lang)
{
    hz_buf words = HZ_BUF_INIT;
    hz_words_expr(&words, profile, expr->root, lang);
    if (expr->root)
        put_line(out, message, &words, lang);
    hz_buf_clear(&words);
}

hz_status hz_steps_put(hz_buf *out, const hz_result *result, const hz_profile *profile, hz_slice fingerprint,
                       bool reveal, hz_lang lang, hz_error *err)
{
    const hz_finding *finding = find(result, fingerprint);
    const hz_rule *rule = profile->rules;
    hz_buf text = HZ_BUF_INIT;
    if (!finding) {
        hz_status st = hz_fail(err, HZ_E_USAGE, HZ_M(STEPS_GONE), HZ_S(fingerprint), HZ_S(rule->id));
        hz_error_hint(err, HZ_MSG_STEPS_GONE_HINT);
        return st;
    }
    hz_buf_put(&text, rule->id);
    hz_buf_puts(&text, "  ");
    hz_buf_put(&text, hz_title_of(rule, lang));
    put_line(out, HZ_MSG_STEPS_RULE, &text, lang);
    hz_buf_reset(&text);
    hz_put_place(&text, result, &finding->at);
    hz_buf_puts(&text, "  ");
    hz_put_pairs(&text, finding->at.key, finding->at.key_count, reveal);
    put_line(out, HZ_MSG_STEPS_RECORD, &text, lang);
    hz_buf_reset(&text);
    hz_put_pairs(&text, finding->at.fields, finding->at.fields_count, reveal);
    put_line(out, HZ_MSG_STEPS_FIELDS, &text, lang);
    put_part(out, profile, HZ_MSG_STEPS_WHEN, &rule->when, lang);
    put_part(out, profile, HZ_MSG_STEPS_ASSERT, &rule->assert_, lang);
    const hz_shown *values = finding->values_zh ? finding->values_zh : finding->values_en;
    for (size_t i = 0; values && i < rule->message_zh.count; i++)
        put_step(out, i + 1, &rule->message_zh.parts[i].expr, values[i], reveal);
    hz_buf_clear(&text);
    return HZ_OK;
}
