/* explain.c: see explain.h. A stage is a line of what it does and one of what it cost. */
#include "reports/explain.h"
#include "reports/text_int.h"
#include <stdio.h>

static void say(hz_buf *out, hz_lang lang, hz_msg_id id, const hz_slice *args, size_t count)
{
    hz_msg_render(out, id, args, count, lang);
}
#define SAY(out, lang, id, ...)                                                                                        \
    say((out), (lang), (id), (const hz_slice[]){__VA_ARGS__},                                                          \
        sizeof((const hz_slice[]){__VA_ARGS__}) / sizeof(hz_slice))

typedef struct small {
    char text[32];
    size_t len;
} small;
#define SMALL(s) ((hz_slice){(s).text, (s).len})

/* 1,536 as "1.5 KB": powers of 1,000, one decimal. */
static small size_of(uint64_t bytes)
{
    static const char *const units[] = {"B", "KB", "MB", "GB", "TB"};
    small s;
    size_t unit = 0;
    double value = (double)bytes;
    for (; value >= 999.95 && unit + 1 < sizeof units / sizeof *units; unit++)
        value /= 1000;
    int len = snprintf(s.text, sizeof s.text, unit ? "%.1f %s" : "%.0f %s", value, units[unit]);
    s.len = len > 0 ? (size_t)len : 0;
    return s;
}

static small seconds_of(uint64_t nanos)
{
    small s;
    int len = snprintf(s.text, sizeof s.text, "%.3f", (double)nanos / 1e9);
    s.len = len > 0 ? (size_t)len : 0;
    return s;
}

static void put_what(hz_buf *out, const hz_explained_stage *stage, hz_lang lang)
{
    static const hz_msg_id messages[] = {HZ_MSG_EXPLAIN_READ,         HZ_MSG_EXPLAIN_MEET,  HZ_MSG_EXPLAIN_ASSEMBLE,
                                         HZ_MSG_EXPLAIN_KEYS,         HZ_MSG_EXPLAIN_GROUP, HZ_MSG_EXPLAIN_KEY_STAGES,
                                         HZ_MSG_EXPLAIN_GROUP_STAGES, HZ_MSG_EXPLAIN_LATE,  HZ_MSG_EXPLAIN_FINISH};
    bool whole = stage->kind == HZ_EXPLAINED_GROUP && !stage->keys.len;
    const hz_slice args[] = {stage->table, stage->keys, stage->asking, stage->carries};
    say(out, lang, whole ? HZ_MSG_EXPLAIN_WHOLE : messages[stage->kind], args, 4);
}

/* A line feed in front of a part, or a gap. */
static void begin_part(hz_buf *out, size_t *parts)
{
    hz_buf_puts(out, (*parts)++ ? "   " : "\n     ");
}

static void put_cost(hz_buf *out, const hz_explained_stage *stage, hz_lang lang, bool fixed)
{
    hz_digits rows = hz_text_count(stage->rows), expected = hz_text_count(stage->expected),
              asked = hz_text_count(stage->asked);
    small bytes = size_of(stage->bytes), spilled = size_of(stage->spilled_bytes), time = seconds_of(stage->nanos);
    size_t parts = 0;
    if (stage->has_rows && !(fixed && stage->kind == HZ_EXPLAINED_MEET)) {
        begin_part(out, &parts);
        if (stage->expected)
            SAY(out, lang, HZ_MSG_EXPLAIN_ROWS_EXPECTED, HZ_DIGITS(rows), HZ_DIGITS(expected));
        else
            SAY(out, lang, HZ_MSG_EXPLAIN_ROWS, HZ_DIGITS(rows));
    }
    if (stage->kind == HZ_EXPLAINED_MEET && !fixed) {
        begin_part(out, &parts);
        SAY(out, lang, HZ_MSG_EXPLAIN_ASKED, HZ_DIGITS(asked));
    }
    if (stage->bytes && (!fixed || stage->kind == HZ_EXPLAINED_READ)) {
        begin_part(out, &parts);
        hz_buf_put(out, SMALL(bytes));
    }
    if (stage->spilled_bytes && !fixed) {
        begin_part(out, &parts);
        SAY(out, lang, HZ_MSG_EXPLAIN_SPILLED, SMALL(spilled));
    }
    if (stage->has_time && !fixed) {
        begin_part(out, &parts);
        SAY(out, lang, HZ_MSG_EXPLAIN_SECONDS, SMALL(time));
    }
}

static void put_rules(hz_buf *out, const hz_explained *explained, hz_lang lang)
{
    size_t count = explained->rules_count < HZ_EXPLAINED_SLOWEST ? explained->rules_count : HZ_EXPLAINED_SLOWEST;
    hz_digits shown = hz_text_count(count), all = hz_text_count(explained->rules_count);
    if (!count)
        return;
    SAY(out, lang, HZ_MSG_EXPLAIN_SLOWEST, HZ_DIGITS(shown), HZ_DIGITS(all));
    hz_buf_puts(out, "\n");
    for (size_t i = 0; i < count; i++) {
        const hz_explained_rule *rule = &explained->rules[i];
        small time = seconds_of(rule->nanos);
        small each = {.len = 0};
        int len =
            snprintf(each.text, sizeof each.text, "%.1f", rule->rows ? (double)rule->nanos / (double)rule->rows : 0.0);
        each.len = len > 0 ? (size_t)len : 0;
        hz_buf_puts(out, "  ");
        if (rule->field)
            SAY(out, lang, HZ_MSG_EXPLAIN_RULE_FIELD, SMALL(time), SMALL(each), rule->id);
        else
            SAY(out, lang, HZ_MSG_EXPLAIN_RULE, SMALL(time), SMALL(each), rule->id);
        hz_buf_puts(out, "\n");
    }
}

hz_status hz_explained_put(hz_buf *out, const hz_explained *explained, hz_lang lang, bool fixed, hz_error *err)
{
    hz_digits threads = hz_text_count(explained->threads);
    small budget = size_of(explained->budget_bytes), spilled = size_of(explained->spilled_bytes),
          written = size_of(explained->written_bytes), time = seconds_of(explained->nanos);
    if (fixed)
        SAY(out, lang, HZ_MSG_EXPLAIN_HEAD_FIXED, HZ_SLICE_NONE);
    else
        SAY(out, lang, HZ_MSG_EXPLAIN_HEAD, HZ_DIGITS(threads), SMALL(budget), SMALL(spilled), SMALL(written),
            SMALL(time));
    hz_buf_puts(out, "\n");
    for (size_t i = 0; i < explained->stages_count; i++) {
        hz_buf_printf(out, "%3zu. ", i + 1);
        put_what(out, &explained->stages[i], lang);
        put_cost(out, &explained->stages[i], lang, fixed);
        hz_buf_puts(out, "\n");
    }
    if (!fixed)
        put_rules(out, explained, lang);
    return hz_buf_status(out, err);
}
