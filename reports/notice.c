#include "reports/notice.h"

#include "base/alloc.h"
#include "reports/grade.h"
#include "reports/json_int.h"

enum { NOTICE_FORMAT = 1 };

static const hz_baseline_rule *before_of(const hz_result *result, const hz_result_rule *rule)
{
    const hz_result_baseline *baseline = result->baseline;
    for (size_t i = 0; baseline && i < baseline->rules_count; i++)
        if (hz_slice_eq(baseline->rules[i].id, rule->rule->id))
            return &baseline->rules[i];
    return NULL;
}

static bool is_told(const hz_result_rule *rule)
{
    return rule->failed && rule->severity <= HZ_SEVERITY_ERROR;
}

static uint64_t new_of(const hz_result *result, const hz_result_rule *rule)
{
    const hz_baseline_rule *before = before_of(result, rule);
    if (!before)
        return rule->failed;
    uint64_t more = rule->failed > before->failed_before ? rule->failed - before->failed_before : 0;
    return more > before->fresh ? more : before->fresh;
}

uint64_t hz_notice_new(const hz_result *result)
{
    uint64_t count = 0;
    for (size_t i = 0; i < result->rules_count; i++)
        if (is_told(&result->rules[i]))
            count += new_of(result, &result->rules[i]);
    return count;
}

/* ---- parts ---- */

static void put_text(hz_json *json, const char *key, hz_slice text)
{
    hz_json_key(json, key);
    hz_json_text(json, text);
}

static void put_count(hz_json *json, const char *key, uint64_t count)
{
    hz_json_key(json, key);
    hz_json_u64(json, count);
}

static void put_bool(hz_json *json, const char *key, bool value)
{
    hz_json_key(json, key);
    hz_json_bool(json, value);
}

static void put_head(hz_json *json, const hz_notice *notice)
{
    hz_json_key(json, "hezhun");
    hz_json_object(json, false);
    put_text(json, "version", HZ_SLICE_LIT(HZ_VERSION));
    put_count(json, "notice", NOTICE_FORMAT);
    put_text(json, "lang", hz_slice_of(notice->lang == HZ_LANG_EN ? "en" : "zh"));
    hz_json_end(json);
    put_text(json, "id", hz_slice_of(notice->id));
    put_text(json, "event", hz_slice_of(notice->result ? "checked" : "unreadable"));
    hz_json_key(json, "submission");
    hz_json_object(json, false);
    put_text(json, "name", notice->name);
    put_text(json, "unit", notice->unit);
    hz_json_end(json);
    hz_json_key(json, "profile");
    hz_json_object(json, false);
    put_text(json, "id", notice->profile->id);
    put_text(json, "version", notice->profile->version);
    hz_json_key(json, "digest");
    hz_json_hex(json, notice->profile->sha256, 32);
    hz_json_end(json);
}

static void put_error(hz_json *json, const hz_notice *notice)
{
    hz_slice args[HZ_MSG_ARGS_MAX];
    hz_buf text = HZ_BUF_INIT;
    size_t count = hz_error_args(notice->error, args);
    hz_msg_render(&text, notice->error->message, args, count, notice->lang);
    hz_json_key(json, "error");
    hz_json_object(json, false);
    put_text(json, "id", hz_slice_of(hz_msg_name(notice->error->message)));
    put_text(json, "message", hz_buf_slice(&text));
    hz_json_end(json);
    hz_buf_clear(&text);
}

static void put_verdict(hz_json *json, const hz_result *result)
{
    const hz_grading *grading = &result->profile->grading;
    hz_json_key(json, "verdict");
    hz_json_object(json, false);
    put_bool(json, "conformant", result->conformant);
    put_bool(json, "incomplete", result->incomplete);
    hz_json_key(json, "grade");
    hz_json_text_or_null(json,
                         result->grade < grading->grades_count ? grading->grades[result->grade].grade : HZ_SLICE_NONE);
    hz_json_key(json, "score");
    if (result->has_score)
        hz_json_decimal(json, result->score);
    else
        hz_json_null(json);
    put_count(json, "records", result->records);
    put_count(json, "records_with_errors", result->records_with_errors);
    hz_json_end(json);
}

static void put_baseline(hz_json *json, const hz_result *result)
{
    const hz_result_baseline *baseline = result->baseline;
    hz_json_key(json, "baseline");
    if (!baseline) {
        hz_json_null(json);
        return;
    }
    hz_json_object(json, false);
    hz_json_key(json, "sha256");
    hz_json_hex(json, baseline->sha256, 32);
    put_count(json, "new", baseline->fresh);
    put_count(json, "persisting", baseline->persisting);
    put_count(json, "fixed", baseline->fixed);
    put_count(json, "unknown", baseline->unknown);
    put_bool(json, "capped", baseline->capped);
    hz_json_end(json);
}

static void put_rules(hz_json *json, const hz_result *result)
{
    hz_json_key(json, "rules");
    hz_json_array(json, false);
    for (size_t i = 0; i < result->rules_count; i++) {
        const hz_result_rule *rule = &result->rules[i];
        const hz_baseline_rule *before = before_of(result, rule);
        if (!is_told(rule))
            continue;
        hz_json_object(json, false);
        put_text(json, "id", rule->rule->id);
        put_text(json, "severity", hz_slice_of(hz_severity_name(rule->severity)));
        hz_json_key(json, "title");
        hz_json_text2(json, rule->rule->title);
        put_count(json, "failed", rule->failed);
        if (before)
            put_count(json, "failed_before", before->failed_before);
        put_count(json, "new", new_of(result, rule));
        hz_json_end(json);
    }
    hz_json_end(json);
}

/* ---- findings ---- */

/* New, or perhaps new: it has no fingerprint, and there are more of its rule than there were. */
static bool is_new(const hz_result *result, const hz_result_rule *rule, const hz_finding *finding)
{
    return !result->baseline || finding->since == HZ_SINCE_NEW ||
           (finding->since == HZ_SINCE_UNKNOWN && new_of(result, rule));
}

/* The next one of a rule from *at on. */
static const hz_finding *next_new(size_t *at, const hz_result *result, const hz_result_rule *rule)
{
    while (*at < rule->examples_count) {
        const hz_finding *finding = &rule->examples[(*at)++];
        if (is_new(result, rule, finding))
            return finding;
    }
    return NULL;
}

/* One of each rule a round, so that a rule with many does not take all the room. */
static void put_findings(hz_json *json, const hz_notice *notice, size_t *at)
{
    const hz_result *result = notice->result;
    const hz_render_options how = {.lang = notice->lang};
    hz_buf scratch = HZ_BUF_INIT;
    size_t shown = 0, before;
    hz_buf_puts(json->out, ", \"findings\": [");
    do {
        before = shown;
        for (size_t i = 0; i < result->rules_count; i++) {
            const hz_result_rule *rule = &result->rules[i];
            bool room = shown < notice->findings_max && json->out->len < notice->bytes_max;
            const hz_finding *finding = room && is_told(rule) ? next_new(&at[i], result, rule) : NULL;
            if (!finding)
                continue;
            hz_buf_puts(json->out, shown++ ? ", " : "");
            hz_put_json_finding(json->out, &scratch, result, &how, rule, finding);
        }
    } while (shown != before);
    hz_buf_puts(json->out, "], \"shown\": ");
    hz_buf_put_u64(json->out, shown);
    hz_buf_clear(&scratch);
}

hz_status hz_notice_put(hz_buf *out, const hz_notice *notice, hz_error *err)
{
    hz_json json = {.out = out};
    size_t *at = notice->result ? hz_mem_zalloc(notice->result->rules_count + 1, sizeof *at) : NULL;
    if (notice->result && !at)
        return hz_nomem(err, notice->result->rules_count * sizeof *at);
    hz_json_object(&json, false);
    put_head(&json, notice);
    if (notice->result) {
        put_verdict(&json, notice->result);
        put_baseline(&json, notice->result);
        put_rules(&json, notice->result);
        put_count(&json, "new", hz_notice_new(notice->result));
        put_findings(&json, notice, at);
    } else {
        put_error(&json, notice);
    }
    hz_json_end(&json);
    hz_buf_putc(out, '\n');
    hz_mem_free(at);
    return hz_buf_status(out, err);
}
