/* json_between.c: members of the JSON report between one run and the next: what is asked of the submitter, what he
 * explained, what is new since a baseline, how earlier results were. */
#include "base/calendar.h"
#include "reports/asks.h"
#include "reports/json_int.h"

static void put_count(hz_json *json, const char *key, uint64_t count)
{
    hz_json_key(json, key);
    hz_json_u64(json, count);
}

static void put_text(hz_json *json, const char *key, hz_slice text)
{
    hz_json_key(json, key);
    hz_json_text(json, text);
}

static void put_bool(hz_json *json, const char *key, bool value)
{
    hz_json_key(json, key);
    hz_json_bool(json, value);
}

static void put_day(hz_json *json, const char *key, bool present, int32_t day)
{
    hz_buf text = HZ_BUF_INIT;
    if (present)
        hz_date_put(&text, day);
    hz_json_key(json, key);
    hz_json_text_or_null(json, hz_buf_slice(&text));
    if (text.status != HZ_OK && json->out->status == HZ_OK)
        json->out->status = text.status;
    hz_buf_clear(&text);
}

void hz_json_put_asks(hz_json *json, const hz_result *result)
{
    hz_asks asks[HZ_GATE_COUNT];
    hz_asks_of(asks, result);
    hz_json_key(json, "asks");
    hz_json_object(json, true);
    for (size_t i = 0; i < HZ_GATE_COUNT; i++) {
        hz_json_key(json, hz_gate_name((hz_gate)i));
        hz_json_object(json, false);
        for (size_t k = 0; k < HZ_ASKS; k++)
            put_count(json, hz_ask_name((hz_ask)k), asks[i].count[k]);
        put_count(json, "acknowledged", asks[i].acknowledged);
        hz_json_end(json);
    }
    hz_json_end(json);
}

static void put_compared(hz_json *json, uint64_t fresh, uint64_t persisting, uint64_t fixed, uint64_t unknown,
                         bool capped)
{
    put_count(json, "new", fresh);
    put_count(json, "persisting", persisting);
    put_count(json, "fixed", fixed);
    put_count(json, "unknown", unknown);
    put_bool(json, "capped", capped);
}

void hz_json_put_baseline(hz_json *json, const hz_result *result)
{
    const hz_result_baseline *baseline = result->baseline;
    if (!baseline)
        return;
    hz_json_key(json, "baseline");
    hz_json_object(json, true);
    hz_json_key(json, "sha256");
    hz_json_hex(json, baseline->sha256, 32);
    put_text(json, "version", baseline->version);
    put_day(json, "as_of", baseline->has_as_of, baseline->as_of);
    put_compared(json, baseline->fresh, baseline->persisting, baseline->fixed, baseline->unknown, baseline->capped);
    put_bool(json, "grown", baseline->grown);
    hz_json_key(json, "rules");
    hz_json_array(json, true);
    for (size_t i = 0; i < baseline->rules_count; i++) {
        const hz_baseline_rule *rule = &baseline->rules[i];
        hz_json_object(json, false);
        put_text(json, "id", rule->id);
        put_count(json, "failed_before", rule->failed_before);
        put_count(json, "failed", rule->failed);
        put_compared(json, rule->fresh, rule->persisting, rule->fixed, rule->unknown, rule->capped);
        hz_json_end(json);
    }
    hz_json_end(json);
    hz_json_end(json);
}

void hz_json_put_acknowledged(hz_json *json, const hz_result *result)
{
    const hz_result_acknowledged *acknowledged = result->acknowledged;
    if (!acknowledged)
        return;
    hz_json_key(json, "acknowledgements");
    hz_json_object(json, true);
    put_count(json, "taken", acknowledged->taken);
    put_count(json, "refused", acknowledged->refused);
    put_count(json, "lapsed", acknowledged->lapsed);
    put_count(json, "unused", acknowledged->unused);
    put_count(json, "open", acknowledged->open);
    put_count(json, "same_max", acknowledged->same_max);
    hz_json_key(json, "items");
    hz_json_array(json, true);
    for (size_t i = 0; i < acknowledged->count; i++) {
        hz_json_object(json, false);
        put_text(json, "fingerprint", acknowledged->items[i].fingerprint);
        hz_json_key(json, "rule");
        hz_json_text_or_null(json, acknowledged->items[i].rule);
        put_text(json, "reason", acknowledged->items[i].reason);
        put_text(json, "state", hz_slice_of(hz_ack_state_name(acknowledged->items[i].state)));
        hz_json_end(json);
    }
    hz_json_end(json);
    hz_json_end(json);
}

static void put_point(hz_json *json, const hz_result_trend *trend, const hz_trend_point *point)
{
    hz_json_object(json, false);
    hz_json_key(json, "sha256");
    hz_json_hex(json, point->sha256, 32);
    put_text(json, "version", point->version);
    put_day(json, "as_of", point->has_as_of, point->as_of);
    put_bool(json, "conformant", point->conformant);
    put_text(json, "grade", point->grade);
    hz_json_key(json, "score");
    if (point->has_score)
        hz_json_decimal(json, point->score);
    else
        hz_json_null(json);
    hz_json_key(json, "error_rate");
    hz_json_decimal(json, point->error_rate);
    put_count(json, "records", point->records);
    put_count(json, "records_with_errors", point->records_with_errors);
    hz_json_key(json, "rules");
    hz_json_array(json, false);
    for (size_t i = 0; i < trend->rules_count; i++) {
        hz_json_object(json, false);
        put_text(json, "id", trend->rules[i]);
        hz_json_key(json, "failed");
        if (point->failed[i] == HZ_TREND_UNJUDGED)
            hz_json_null(json);
        else
            hz_json_u64(json, point->failed[i]);
        hz_json_end(json);
    }
    hz_json_end(json);
    hz_json_end(json);
}

void hz_json_put_trend(hz_json *json, const hz_result *result)
{
    const hz_result_trend *trend = result->trend;
    if (!trend)
        return;
    hz_json_key(json, "trend");
    hz_json_array(json, true);
    for (size_t i = 0; i < trend->points_count; i++)
        put_point(json, trend, &trend->points[i]);
    hz_json_end(json);
}
