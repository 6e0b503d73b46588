/* html_progress.c: what stands between one submission and the next: what is asked of the submitter and what was
 * explained, what is new since a baseline, how earlier results were. */
#include "base/calendar.h"
#include "reports/asks.h"
#include "reports/html_int.h"

enum { REASONS_SHOWN = 500, TREND_RULES_SHOWN = 60 };

/* What each gate asks of the submitter, in both languages. */
static void put_asks(hz_html *h)
{
    hz_asks asks[HZ_GATE_COUNT];
    hz_asks_of(asks, h->result);
    hz_pack_key(&h->pack, "asks");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < HZ_GATE_COUNT; i++) {
        hz_pack_open(&h->pack, '[');
        for (int lang = HZ_LANG_ZH; lang <= HZ_LANG_EN; lang++) {
            hz_buf_reset(&h->scratch);
            hz_put_asks(&h->scratch, &asks[i], (hz_lang)lang);
            hz_pack_text(&h->pack, hz_html_scratched(h));
        }
        hz_pack_close(&h->pack, ']');
    }
    hz_pack_close(&h->pack, ']');
}

static void put_day(hz_html *h, bool present, int32_t day)
{
    hz_buf_reset(&h->scratch);
    if (present)
        hz_date_put(&h->scratch, day);
    hz_html_text(h, "as_of", hz_html_scratched(h));
}

/* What people should do something about comes first. */
static void put_reasons(hz_html *h, const hz_result_acknowledged *acknowledged)
{
    static const hz_ack_state order[] = {HZ_ACK_MEND,   HZ_ACK_BARE,  HZ_ACK_SAME,
                                         HZ_ACK_LAPSED, HZ_ACK_TAKEN, HZ_ACK_UNUSED};
    size_t shown = 0;
    hz_pack_key(&h->pack, "items");
    hz_pack_open(&h->pack, '[');
    for (size_t s = 0; s < sizeof order / sizeof *order; s++)
        for (size_t i = 0; i < acknowledged->count && shown < REASONS_SHOWN; i++) {
            const hz_acknowledged *item = &acknowledged->items[i];
            if (item->state != order[s])
                continue;
            shown++;
            hz_pack_open(&h->pack, '[');
            hz_pack_text(&h->pack, item->rule);
            hz_pack_text(&h->pack, item->reason);
            hz_pack_text(&h->pack, hz_slice_of(hz_ack_state_name(item->state)));
            hz_pack_close(&h->pack, ']');
        }
    hz_pack_close(&h->pack, ']');
}

static void put_acknowledged(hz_html *h)
{
    const hz_result_acknowledged *acknowledged = h->result->acknowledged;
    if (!acknowledged)
        return;
    hz_pack_key(&h->pack, "reasons");
    hz_pack_open(&h->pack, '{');
    hz_html_count(h, "taken", acknowledged->taken);
    hz_html_count(h, "refused", acknowledged->refused);
    hz_html_count(h, "lapsed", acknowledged->lapsed);
    hz_html_count(h, "unused", acknowledged->unused);
    hz_html_count(h, "open", acknowledged->open);
    hz_html_count(h, "count", acknowledged->count);
    put_reasons(h, acknowledged);
    hz_pack_close(&h->pack, '}');
}

static void put_compared(hz_html *h, uint64_t fresh, uint64_t persisting, uint64_t fixed, uint64_t unknown, bool capped)
{
    hz_html_count(h, "fresh", fresh);
    hz_html_count(h, "persisting", persisting);
    hz_html_count(h, "fixed", fixed);
    hz_html_count(h, "unknown", unknown);
    hz_html_flag(h, "capped", capped);
}

static void put_baseline(hz_html *h)
{
    const hz_result_baseline *baseline = h->result->baseline;
    if (!baseline)
        return;
    hz_pack_key(&h->pack, "baseline");
    hz_pack_open(&h->pack, '{');
    hz_html_text(h, "version", baseline->version);
    put_day(h, baseline->has_as_of, baseline->as_of);
    hz_pack_key(&h->pack, "sha256");
    hz_pack_hex(&h->pack, baseline->sha256);
    put_compared(h, baseline->fresh, baseline->persisting, baseline->fixed, baseline->unknown, baseline->capped);
    hz_html_flag(h, "grown", baseline->grown);
    hz_pack_key(&h->pack, "rules");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < baseline->rules_count; i++) {
        const hz_baseline_rule *rule = &baseline->rules[i];
        hz_pack_open(&h->pack, '{');
        hz_html_text(h, "id", rule->id);
        hz_html_count(h, "before", rule->failed_before);
        hz_html_count(h, "failed", rule->failed);
        put_compared(h, rule->fresh, rule->persisting, rule->fixed, rule->unknown, rule->capped);
        hz_pack_close(&h->pack, '}');
    }
    hz_pack_close(&h->pack, ']');
    hz_pack_close(&h->pack, '}');
}

/* ---- the trend ---- */

static void put_point(hz_html *h, const hz_trend_point *point)
{
    hz_pack_open(&h->pack, '{');
    hz_html_text(h, "version", point->version);
    put_day(h, point->has_as_of, point->as_of);
    hz_html_flag(h, "conformant", point->conformant);
    hz_html_text(h, "grade", point->grade);
    hz_html_decimal(h, "score", point->has_score, point->score);
    hz_html_decimal(h, "error_rate", true, point->error_rate);
    hz_html_count(h, "records", point->records);
    hz_html_count(h, "wrong", point->records_with_errors);
    hz_pack_close(&h->pack, '}');
}

static void put_failed(hz_html *h, uint64_t failed)
{
    if (failed == HZ_TREND_UNJUDGED)
        hz_pack_null(&h->pack);
    else
        hz_pack_u64(&h->pack, failed);
}

/* Of this result; a rule that it does not have was not judged. */
static uint64_t failed_now(const hz_result *result, hz_slice id)
{
    for (size_t i = 0; i < result->rules_count; i++) {
        const hz_result_rule *rule = &result->rules[i];
        if (hz_slice_eq(rule->rule->id, id))
            return rule->outcome == HZ_OUTCOME_PASSED || rule->outcome == HZ_OUTCOME_FAILED ? rule->failed
                                                                                            : HZ_TREND_UNJUDGED;
    }
    return HZ_TREND_UNJUDGED;
}

static void put_trend(hz_html *h)
{
    const hz_result *result = h->result;
    const hz_result_trend *trend = result->trend;
    if (!trend)
        return;
    hz_trend_point now = {.version = result->profile->version,
                          .has_as_of = result->has_as_of,
                          .as_of = result->as_of,
                          .conformant = result->conformant,
                          .grade = result->profile->grading.grades[result->grade].grade,
                          .has_score = result->has_score,
                          .score = result->score,
                          .error_rate = result->error_rate,
                          .records = result->records,
                          .records_with_errors = result->records_with_errors};
    hz_pack_key(&h->pack, "trend");
    hz_pack_open(&h->pack, '{');
    hz_pack_key(&h->pack, "points");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < trend->points_count; i++)
        put_point(h, &trend->points[i]);
    put_point(h, &now);
    hz_pack_close(&h->pack, ']');
    hz_html_count(h, "count", trend->rules_count);
    hz_pack_key(&h->pack, "rules");
    hz_pack_open(&h->pack, '[');
    for (size_t r = 0; r < trend->rules_count && r < TREND_RULES_SHOWN; r++) {
        hz_pack_open(&h->pack, '[');
        hz_pack_text(&h->pack, trend->rules[r]);
        for (size_t i = 0; i < trend->points_count; i++)
            put_failed(h, trend->points[i].failed[r]);
        put_failed(h, failed_now(result, trend->rules[r]));
        hz_pack_close(&h->pack, ']');
    }
    hz_pack_close(&h->pack, ']');
    hz_pack_close(&h->pack, '}');
}

void hz_html_put_progress(hz_html *h)
{
    put_asks(h);
    put_acknowledged(h);
    put_baseline(h);
    put_trend(h);
}
