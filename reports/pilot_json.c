/* pilot_json.c: a pilot for programs: reports/pilot.schema.json describes it. */
#include "base/calendar.h"
#include "reports/json_int.h"
#include "reports/pilot_int.h"

static void put_count(hz_json *json, const char *key, uint64_t n)
{
    hz_json_key(json, key);
    hz_json_u64(json, n);
}

static void put_text(hz_json *json, const char *key, hz_slice text)
{
    hz_json_key(json, key);
    hz_json_text(json, text);
}

static void put_profile(hz_json *json, const char *key, const hz_profile *profile)
{
    hz_json_key(json, key);
    hz_json_object(json, false);
    put_text(json, "id", profile->id);
    put_text(json, "version", profile->version);
    hz_json_key(json, "digest");
    hz_json_hex(json, profile->sha256, 32);
    hz_json_end(json);
}

static void put_side(hz_json *json, const char *key, const hz_pilot_side *side)
{
    hz_json_key(json, key);
    hz_json_object(json, false);
    hz_json_key(json, "conformant");
    hz_json_bool(json, side->conformant);
    hz_json_key(json, "complete");
    hz_json_bool(json, !side->incomplete);
    hz_json_key(json, "grade");
    hz_json_text_or_null(json, side->grade);
    hz_json_key(json, "score");
    if (side->has_score)
        hz_json_decimal(json, side->score);
    else
        hz_json_null(json);
    put_count(json, "records", side->records);
    put_count(json, "records_with_errors", side->records_with_errors);
    hz_json_end(json);
}

static void put_error(hz_json *json, const hz_error *error)
{
    hz_buf text = HZ_BUF_INIT;
    hz_json_object(json, false);
    put_text(json, "id", hz_slice_of(hz_msg_name(error->message)));
    for (int lang = HZ_LANG_ZH; lang <= HZ_LANG_EN; lang++) {
        hz_buf_reset(&text);
        hz_pilot_say_error(&text, error, (hz_lang)lang);
        put_text(json, lang == HZ_LANG_ZH ? "zh" : "en", hz_buf_slice(&text));
    }
    if (text.status != HZ_OK)
        json->out->status = text.status;
    hz_buf_clear(&text);
    hz_json_end(json);
}

static void put_submissions(hz_json *json, const hz_pilot *pilot)
{
    hz_json_key(json, "submissions");
    hz_json_array(json, true);
    for (size_t i = 0; i < pilot->submissions_count; i++) {
        const hz_pilot_submission *one = &pilot->submissions[i];
        hz_json_object(json, true);
        put_text(json, "path", one->path);
        hz_json_key(json, "error");
        if (one->error) {
            put_error(json, one->error);
        } else {
            hz_json_null(json);
            put_side(json, "baseline", &one->sides[0]);
            put_side(json, "draft", &one->sides[1]);
            put_count(json, "fresh", one->fresh);
            put_count(json, "gone", one->gone);
            put_count(json, "records_fresh", one->records_fresh);
            put_count(json, "records_newly_failing", one->records_newly);
            put_count(json, "records_cleared", one->records_cleared);
        }
        hz_json_end(json);
    }
    hz_json_end(json);
}

static void put_precision(hz_json *json, const hz_pilot_precision *p)
{
    hz_json_key(json, "precision");
    hz_json_object(json, false);
    put_count(json, "right", p->right);
    put_count(json, "wrong", p->wrong);
    put_count(json, "unsure", p->unsure);
    put_count(json, "open", p->open);
    const char *const keys[] = {"share", "low", "high"};
    const hz_decimal values[] = {p->share, p->low, p->high};
    for (size_t i = 0; i < 3; i++) {
        hz_json_key(json, keys[i]);
        if (p->has_share)
            hz_json_decimal(json, values[i]);
        else
            hz_json_null(json);
    }
    hz_json_end(json);
}

static void put_examples(hz_json *json, const hz_pilot *pilot, const hz_pilot_rule *rule)
{
    hz_json_key(json, "examples");
    hz_json_array(json, rule->examples_count > 0);
    for (size_t i = 0; i < rule->examples_count; i++) {
        const hz_pilot_example *example = &rule->examples[i];
        hz_json_object(json, false);
        put_text(json, "submission", pilot->submissions[example->submission].path);
        put_text(json, "place", example->place);
        put_text(json, "key", example->key);
        hz_json_key(json, "message");
        hz_json_text2(json, (hz_text2){example->message_zh, example->message_en});
        hz_json_end(json);
    }
    hz_json_end(json);
}

static void put_rule_side(hz_json *json, const char *key, const hz_pilot_rule *rule, unsigned side)
{
    hz_json_key(json, key);
    if (!rule->rules[side]) {
        hz_json_null(json);
        return;
    }
    hz_json_object(json, false);
    put_text(json, "severity", hz_slice_of(hz_severity_name(rule->rules[side]->severity)));
    put_text(json, "status", hz_slice_of(hz_life_name(rule->rules[side]->status)));
    put_count(json, "evaluated", rule->evaluated[side]);
    put_count(json, "failed", rule->failed[side]);
    put_count(json, "not_run", rule->not_run[side]);
    hz_json_end(json);
}

static void put_rules(hz_json *json, const hz_pilot *pilot)
{
    hz_json_key(json, "rules");
    hz_json_array(json, true);
    for (size_t i = 0; i < pilot->rules_count; i++) {
        const hz_pilot_rule *rule = &pilot->rules[i];
        if (rule->change == HZ_PILOT_SAME && !rule->fresh && !rule->gone)
            continue;
        const hz_rule *of = rule->rules[1] ? rule->rules[1] : rule->rules[0];
        hz_json_object(json, true);
        put_text(json, "id", rule->id);
        put_text(json, "table", of->table->name);
        hz_json_key(json, "title");
        hz_json_text2(json, of->title);
        put_text(json, "change", hz_slice_of(hz_pilot_change_name(rule->change)));
        put_rule_side(json, "baseline", rule, 0);
        put_rule_side(json, "draft", rule, 1);
        put_count(json, "fresh", rule->fresh);
        put_count(json, "gone", rule->gone);
        put_count(json, "submissions_fresh", rule->submissions_fresh);
        if (pilot->reviewed)
            put_precision(json, &rule->precision);
        put_examples(json, pilot, rule);
        hz_json_end(json);
    }
    hz_json_end(json);
}

static void put_groups(hz_json *json, const hz_pilot *pilot)
{
    hz_json_key(json, "groups");
    hz_json_array(json, true);
    for (size_t i = 0; i < pilot->groups_count; i++) {
        const hz_pilot_group *group = &pilot->groups[i];
        hz_json_object(json, false);
        put_text(json, "by", hz_slice_of(hz_pilot_by_name(group->by)));
        put_text(json, "name", group->name);
        hz_json_key(json, "title");
        hz_json_text2(json, group->title);
        put_count(json, "fresh", group->fresh);
        put_count(json, "gone", group->gone);
        hz_json_end(json);
    }
    hz_json_end(json);
    hz_json_key(json, "false_positive_candidates");
    hz_json_array(json, true);
    for (size_t i = 0; i < pilot->suspects_count; i++) {
        const hz_pilot_suspect *suspect = &pilot->suspects[i];
        hz_json_object(json, false);
        put_text(json, "rule", pilot->rules[suspect->rule].id);
        put_text(json, "by", hz_slice_of(hz_pilot_by_name(pilot->groups[suspect->group].by)));
        put_text(json, "name", pilot->groups[suspect->group].name);
        put_count(json, "fresh", suspect->fresh);
        put_count(json, "of", suspect->of);
        put_count(json, "others", suspect->others);
        hz_json_end(json);
    }
    hz_json_end(json);
}

static void put_work(hz_json *json, const hz_pilot *pilot)
{
    hz_json_key(json, "work");
    hz_json_object(json, true);
    put_count(json, "records", pilot->work_records);
    put_count(json, "cells", pilot->work_cells);
    put_count(json, "causes_found", pilot->causes_found);
    put_count(json, "causes_findings", pilot->causes_findings);
    hz_json_key(json, "causes");
    hz_json_array(json, true);
    for (size_t i = 0; i < pilot->causes_count; i++) {
        const hz_pilot_cause *cause = &pilot->causes[i];
        hz_json_object(json, false);
        put_text(json, "submission", pilot->submissions[cause->submission].path);
        put_text(json, "kind", hz_slice_of(hz_cause_kind_name(cause->kind)));
        hz_json_key(json, "text");
        hz_json_text2(json, (hz_text2){cause->text_zh, cause->text_en});
        put_count(json, "findings", cause->findings);
        hz_json_end(json);
    }
    hz_json_end(json);
    hz_json_end(json);
}

void hz_pilot_put_json(hz_buf *out, const hz_pilot *pilot)
{
    hz_json json = {.out = out};
    hz_json_object(&json, true);
    hz_json_key(&json, "hezhun");
    hz_json_object(&json, false);
    hz_json_key(&json, "version");
    hz_json_texts(&json, HZ_VERSION);
    put_count(&json, "pilot", 1);
    hz_json_end(&json);
    put_profile(&json, "baseline", pilot->profiles[0]);
    put_profile(&json, "draft", pilot->profiles[1]);
    hz_json_key(&json, "as_of");
    if (pilot->has_as_of) {
        hz_buf day = HZ_BUF_INIT;
        hz_date_put(&day, pilot->as_of);
        hz_json_text(&json, hz_buf_slice(&day));
        hz_buf_clear(&day);
    } else {
        hz_json_null(&json);
    }
    put_count(&json, "submissions_read", pilot->read_count);
    put_count(&json, "fresh", pilot->fresh);
    put_count(&json, "gone", pilot->gone);
    put_count(&json, "records_fresh", pilot->records_fresh);
    put_count(&json, "records_newly_failing", pilot->records_newly);
    put_count(&json, "records_cleared", pilot->records_cleared);
    put_submissions(&json, pilot);
    put_rules(&json, pilot);
    put_groups(&json, pilot);
    put_work(&json, pilot);
    hz_json_key(&json, "sample");
    if (pilot->sample_wanted) {
        hz_json_object(&json, false);
        put_count(&json, "count", pilot->sample_count);
        put_count(&json, "of", pilot->sample_of);
        put_count(&json, "seed", pilot->seed);
        hz_json_key(&json, "reviewed");
        hz_json_bool(&json, pilot->reviewed);
        put_count(&json, "foreign", pilot->foreign);
        if (pilot->reviewed)
            put_precision(&json, &pilot->precision);
        hz_json_end(&json);
    } else {
        hz_json_null(&json);
    }
    hz_json_end(&json);
    hz_buf_putc(out, '\n');
}
