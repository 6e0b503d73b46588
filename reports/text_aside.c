/* text_aside.c: what stands beside the verdict: rules that ended in error, skipped ones, drafts. Rules of one reason
 * share a line. */
#include "base/alloc.h"
#include "reports/text_int.h"
#include "reports/waivers.h"

static hz_slice reason_of(hz_buf *into, const hz_text_out *t, const hz_said *said)
{
    hz_buf_reset(into);
    hz_msg_render(into, said->message, said->args, said->args_count, t->lang);
    return hz_buf_slice(into);
}

static bool same_reason(const hz_said *a, const hz_said *b)
{
    bool same = a->message == b->message && a->args_count == b->args_count;
    for (uint32_t i = 0; same && i < a->args_count; i++)
        same = hz_slice_eq(a->args[i], b->args[i]);
    return same;
}

/* ---- reasons, each with its rules ---- */

typedef struct entry { /* a rule, or a measure */
    hz_slice id;
    const hz_said *said;
    hz_if_skipped if_skipped;
    bool done;
} entry;

static size_t gather(entry *out, const hz_result *result, hz_outcome outcome)
{
    size_t count = 0;
    for (size_t i = 0; i < result->rules_count; i++)
        if (result->rules[i].outcome == outcome)
            out[count++] =
                (entry){result->rules[i].rule->id, &result->rules[i].reason, result->rules[i].rule->if_skipped, false};
    for (size_t i = 0; i < result->measures_count; i++)
        if (result->measures[i].outcome == outcome)
            out[count++] = (entry){result->measures[i].measure->id, &result->measures[i].reason,
                                   result->measures[i].measure->if_skipped, false};
    return count;
}

static void put_skip_mark(hz_text_out *t, hz_if_skipped if_skipped)
{
    static const hz_msg_id words[HZ_SKIP_COUNT] = {HZ_MSG_TEXT_SKIP_IGNORE, HZ_MSG_TEXT_SKIP_WARN,
                                                   HZ_MSG_TEXT_SKIP_FAIL};
    static const hz_ink inks[HZ_SKIP_COUNT] = {HZ_INK_DIM, HZ_INK_YELLOW, HZ_INK_RED};
    size_t end = 0;
    for (size_t i = 0; i < HZ_SKIP_COUNT; i++) {
        size_t width = 2 + hz_text_width(t, hz_text_word(t, words[i]));
        end = width > end ? width : end;
    }
    hz_text_puts(t, "  ");
    hz_text_ink(t, inks[if_skipped]);
    hz_text_put(t, hz_text_word(t, words[if_skipped]));
    hz_text_ink(t, HZ_INK_PLAIN);
    hz_text_to(t, end + 2);
}

/* The line of entries[first]'s reason and every entry that shares it. */
static void put_reason(hz_text_out *t, entry *entries, size_t first, size_t count, bool skipped)
{
    hz_roll names = {HZ_BUF_INIT, 0};
    hz_buf reason = HZ_BUF_INIT;
    const entry head = entries[first];
    if (skipped)
        put_skip_mark(t, head.if_skipped);
    else
        hz_text_puts(t, "  ");
    hz_text_put_fit(t, reason_of(&reason, t, head.said), t->width / 2);
    hz_text_check(t, &reason);
    hz_text_puts(t, ": ");
    for (size_t i = first; i < count; i++) {
        if (entries[i].done || entries[i].if_skipped != head.if_skipped || !same_reason(entries[i].said, head.said))
            continue;
        entries[i].done = true;
        hz_roll_add(&names, t, entries[i].id, t->width > t->cells + 8 ? t->width - t->cells - 8 : 0);
    }
    hz_text_put_rest(t, hz_roll_done(&names, t));
    hz_text_line(t);
    hz_buf_clear(&names.text);
    hz_buf_clear(&reason);
}

static void put_errors(hz_text_out *t, entry *entries)
{
    size_t count = gather(entries, t->result, HZ_OUTCOME_ERROR);
    hz_digits digits = hz_text_count(count);
    if (!count)
        return;
    HZ_HEADING(t, HEAD_ERRORS, HZ_DIGITS(digits));
    for (size_t i = 0; i < count; i++)
        if (!entries[i].done)
            put_reason(t, entries, i, count, false);
}

/* What makes the submission fail first, then what the profile wants to be told. */
static void put_skipped(hz_text_out *t, entry *entries)
{
    static const hz_if_skipped order[] = {HZ_SKIP_FAIL, HZ_SKIP_WARN, HZ_SKIP_IGNORE};
    size_t count = gather(entries, t->result, HZ_OUTCOME_SKIPPED);
    hz_digits digits = hz_text_count(count);
    if (!count)
        return;
    HZ_HEADING(t, HEAD_SKIPPED, HZ_DIGITS(digits));
    for (size_t k = 0; k < sizeof order / sizeof *order; k++)
        for (size_t i = 0; i < count; i++)
            if (!entries[i].done && entries[i].if_skipped == order[k])
                put_reason(t, entries, i, count, true);
}

/* ---- drafts ---- */

static void put_draft(hz_text_out *t, const hz_result_rule *rule)
{
    hz_digits failed = hz_text_count(rule->failed), evaluated = hz_text_count(rule->evaluated);
    hz_text_puts(t, "  ");
    hz_text_ink(t, HZ_INK_DIM);
    hz_text_put(t, hz_text_word(t, rule->life == HZ_LIFE_PILOT ? HZ_MSG_TEXT_LIFE_PILOT : HZ_MSG_TEXT_LIFE_DRAFT));
    hz_text_ink(t, HZ_INK_PLAIN);
    hz_text_puts(t, "  ");
    hz_text_put_fit(t, rule->rule->id, t->width / 3);
    hz_text_puts(t, "  ");
    if (rule->outcome == HZ_OUTCOME_SKIPPED || rule->outcome == HZ_OUTCOME_ERROR) {
        hz_buf reason = HZ_BUF_INIT;
        hz_text_put_rest(t, reason_of(&reason, t, &rule->reason));
        hz_text_check(t, &reason);
        hz_buf_clear(&reason);
    } else {
        hz_text_put(t, HZ_DIGITS(failed));
        hz_text_puts(t, " / ");
        hz_text_put(t, HZ_DIGITS(evaluated));
        hz_text_puts(t, "  ");
        hz_text_put_rest(t, hz_rule_title(t, rule->rule));
    }
    hz_text_line(t);
}

static void put_drafts(hz_text_out *t)
{
    const hz_result *result = t->result;
    size_t clean = 0, shown = 0;
    hz_digits count = hz_text_count(result->drafts_count);
    if (!result->drafts_count)
        return;
    HZ_HEADING(t, HEAD_DRAFTS, HZ_DIGITS(count));
    for (size_t i = 0; i < result->drafts_count; i++) {
        bool quiet = !result->drafts[i].failed && result->drafts[i].outcome != HZ_OUTCOME_ERROR &&
                     result->drafts[i].outcome != HZ_OUTCOME_SKIPPED;
        if (quiet || shown >= t->rules_max) {
            clean += quiet;
            continue;
        }
        put_draft(t, &result->drafts[i]);
        shown++;
    }
    if (clean) {
        hz_digits digits = hz_text_count(clean);
        hz_text_puts(t, "  ");
        HZ_SAY_REST(t, DRAFTS_CLEAN, HZ_DIGITS(digits));
        hz_text_line(t);
    }
    if (shown + clean < result->drafts_count) {
        hz_digits digits = hz_text_count(result->drafts_count - shown - clean);
        hz_text_puts(t, "  … +");
        hz_text_put(t, HZ_DIGITS(digits));
        hz_text_line(t);
    }
}

/* All of them: none hides. */
static void put_waivers(hz_text_out *t)
{
    const hz_result *result = t->result;
    if (!result->waivers_count)
        return;
    hz_text_heading(t, HZ_MSG_TEXT_HEAD_WAIVERS, NULL, 0);
    for (size_t i = 0; i < result->waivers_count; i++) {
        hz_buf text = HZ_BUF_INIT;
        hz_put_waiver(&text, &result->waivers[i], t->lang);
        hz_text_ink(t, hz_waiver_is_odd(&result->waivers[i]) ? HZ_INK_YELLOW : HZ_INK_PLAIN);
        hz_text_puts(t, "  ");
        hz_text_put(t, hz_buf_slice(&text));
        hz_text_ink(t, HZ_INK_PLAIN);
        hz_text_line(t);
        hz_text_check(t, &text);
        hz_buf_clear(&text);
    }
}

hz_status hz_text_aside(hz_text_out *t, hz_error *err)
{
    size_t room = t->result->rules_count + t->result->measures_count + 1;
    entry *entries = hz_mem_zalloc(room, sizeof *entries);
    if (!entries)
        return hz_nomem(err, room * sizeof *entries);
    put_errors(t, entries);
    put_skipped(t, entries);
    hz_mem_free(entries);
    put_waivers(t);
    put_drafts(t);
    HZ_TRY(hz_text_figures(t, err));
    return hz_text_unchecked(t, err);
}
