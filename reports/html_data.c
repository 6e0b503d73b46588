/* html_data.c: the data block but for rules, regions and figures. Keys are short and stand for what json.c writes in
 * full; html/data.js is their only reader. Lists whose shape is fixed are arrays. */
#include "base/calendar.h"
#include "reports/causes.h"
#include "reports/coverage.h"
#include "reports/grade_int.h"
#include "reports/html_int.h"
#include "reports/waivers.h"

enum { WAIVED_SHOWN = 20 }; /* findings of one waiver */

hz_slice hz_html_scratched(hz_html *html)
{
    if (html->scratch.status != HZ_OK && html->pack.out->status == HZ_OK)
        html->pack.out->status = html->scratch.status;
    return hz_buf_slice(&html->scratch);
}

void hz_html_count(hz_html *html, const char *key, uint64_t count)
{
    hz_pack_key(&html->pack, key);
    hz_pack_u64(&html->pack, count);
}

void hz_html_text(hz_html *html, const char *key, hz_slice text)
{
    hz_pack_key(&html->pack, key);
    hz_pack_text(&html->pack, text);
}

void hz_html_text2(hz_html *html, const char *key, hz_text2 text)
{
    if (!text.zh.len && !text.en.len)
        return;
    hz_pack_key(&html->pack, key);
    hz_pack_text2(&html->pack, text);
}

void hz_html_flag(hz_html *html, const char *key, bool value)
{
    if (!value)
        return;
    hz_pack_key(&html->pack, key);
    hz_pack_bool(&html->pack, true);
}

void hz_html_decimal(hz_html *html, const char *key, bool present, hz_decimal value)
{
    hz_pack_key(&html->pack, key);
    if (present)
        hz_pack_decimal(&html->pack, value);
    else
        hz_pack_null(&html->pack);
}

void hz_html_said(hz_html *html, const char *key, const hz_said *said)
{
    if (said->message == HZ_MSG_NONE)
        return;
    hz_pack_key(&html->pack, key);
    hz_pack_open(&html->pack, '[');
    for (int lang = HZ_LANG_ZH; lang <= HZ_LANG_EN; lang++) {
        hz_buf_reset(&html->scratch);
        hz_msg_render(&html->scratch, said->message, said->args, said->args_count, (hz_lang)lang);
        hz_pack_text(&html->pack, hz_html_scratched(html));
    }
    hz_pack_close(&html->pack, ']');
}

/* ---- identity ---- */

static void put_identity(hz_html *h)
{
    const hz_profile *profile = h->result->profile;
    hz_html_text(h, "version", HZ_SLICE_LIT(HZ_VERSION));
    hz_html_text(h, "lang", h->options->lang == HZ_LANG_EN ? HZ_SLICE_LIT("en") : HZ_SLICE_LIT("zh"));
    hz_html_flag(h, "reveal", h->options->reveal);
    hz_pack_key(&h->pack, "profile");
    hz_pack_open(&h->pack, '{');
    hz_html_text(h, "id", profile->id);
    hz_html_text(h, "version", profile->version);
    hz_pack_key(&h->pack, "digest");
    hz_pack_hex(&h->pack, profile->sha256);
    hz_html_flag(h, "draft", profile->draft);
    hz_html_text2(h, "title", profile->title);
    hz_html_text2(h, "description", profile->description);
    hz_pack_close(&h->pack, '}');
}

static void put_run(hz_html *h)
{
    const hz_result *result = h->result;
    if (h->options->reproducible)
        return;
    hz_pack_key(&h->pack, "run");
    hz_pack_open(&h->pack, '{');
    hz_html_text(h, "started", hz_slice_of(result->started));
    hz_html_decimal(h, "seconds", true, (hz_decimal){(hz_int128)(result->seconds * 1000 + 0.5), 3});
    hz_html_count(h, "threads", result->threads);
    hz_html_count(h, "memory", result->memory_bytes);
    hz_html_text(h, "host", hz_slice_of(result->host));
    hz_pack_close(&h->pack, '}');
}

static void put_basis(hz_html *h)
{
    const hz_result *result = h->result;
    if (result->has_as_of) {
        hz_buf_reset(&h->scratch);
        hz_date_put(&h->scratch, result->as_of);
        hz_html_text(h, "as_of", hz_html_scratched(h));
    }
    hz_pack_key(&h->pack, "params");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < result->params_count; i++) {
        hz_pack_open(&h->pack, '[');
        hz_pack_text(&h->pack, result->params[i].name);
        hz_pack_text(&h->pack, result->params[i].value);
        hz_pack_bool(&h->pack, result->params[i].given);
        hz_pack_close(&h->pack, ']');
    }
    hz_pack_close(&h->pack, ']');
    hz_pack_key(&h->pack, "lists");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < result->lists_count; i++) {
        hz_pack_open(&h->pack, '[');
        hz_pack_text(&h->pack, result->lists[i].id);
        hz_pack_text(&h->pack, result->lists[i].edition);
        hz_pack_hex(&h->pack, result->lists[i].sha256);
        hz_pack_close(&h->pack, ']');
    }
    hz_pack_close(&h->pack, ']');
}

/* ---- verdict ---- */

hz_html_why hz_html_why_of(const hz_result *result)
{
    hz_html_why why = {0};
    for (size_t i = 0; i < result->rules_count; i++) {
        const hz_result_rule *rule = &result->rules[i];
        why.rules += rule->outcome == HZ_OUTCOME_FAILED && rule->severity <= HZ_SEVERITY_ERROR;
        why.skipped += (rule->outcome == HZ_OUTCOME_SKIPPED || rule->outcome == HZ_OUTCOME_ERROR) &&
                       rule->rule->if_skipped == HZ_SKIP_FAIL;
    }
    for (size_t i = 0; i < result->measures_count; i++) {
        const hz_result_measure *one = &result->measures[i];
        bool active = hz_is_active(one->measure->status);
        why.measures += active && one->outcome == HZ_OUTCOME_FAILED && one->measure->severity <= HZ_SEVERITY_ERROR;
        why.skipped += active && one->outcome == HZ_OUTCOME_SKIPPED && one->measure->if_skipped == HZ_SKIP_FAIL;
    }
    for (size_t i = 0; i < result->tables_count; i++) {
        const hz_result_table *table = &result->tables[i];
        why.tables += !table->present && !table->table->external && !table->table->optional;
    }
    return why;
}

static void put_grades(hz_html *h)
{
    const hz_grading *grading = &h->result->profile->grading;
    hz_pack_key(&h->pack, "grades");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < grading->grades_count; i++) {
        const hz_grade_level *level = &grading->grades[i];
        hz_pack_open(&h->pack, '{');
        hz_html_text(h, "grade", level->grade);
        hz_html_text2(h, "title", level->title);
        if (level->has_min_score)
            hz_html_decimal(h, "min", true, level->min_score);
        hz_pack_close(&h->pack, '}');
    }
    hz_pack_close(&h->pack, ']');
}

static void put_next(hz_html *h)
{
    const hz_result *result = h->result;
    const hz_next_grade *next = &result->next;
    if (!next->present)
        return;
    const hz_grade_level *level = &result->profile->grading.grades[next->level];
    hz_pack_key(&h->pack, "next");
    hz_pack_open(&h->pack, '{');
    hz_html_count(h, "grade", next->level);
    hz_pack_key(&h->pack, "rules");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < next->rules_count; i++)
        hz_pack_u64(&h->pack, next->rules[i]);
    hz_pack_close(&h->pack, ']');
    hz_html_flag(h, "reachable", next->reachable);
    hz_html_decimal(h, "score", result->has_score, next->score_then);
    hz_html_decimal(h, "error_rate", next->has_error_rate, next->error_rate);
    hz_pack_key(&h->pack, "tables");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < level->table_rates_count; i++) {
        for (size_t k = 0; k < result->tables_count; k++) {
            const hz_result_table *table = &result->tables[k];
            if (table->table != level->table_rates[i].table)
                continue;
            hz_pack_open(&h->pack, '[');
            hz_pack_u64(&h->pack, k);
            hz_pack_decimal(&h->pack, level->table_rates[i].rate);
            hz_pack_decimal(&h->pack,
                            hz_share6(table->records_with_errors + table->bad_rows, table->rows + table->bad_rows));
            hz_pack_close(&h->pack, ']');
        }
    }
    hz_pack_close(&h->pack, ']');
    hz_pack_close(&h->pack, '}');
}

static void put_dimensions(hz_html *h)
{
    hz_pack_key(&h->pack, "dimensions");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < HZ_DIM_COUNT; i++) {
        const hz_result_dimension *dimension = &h->result->dimensions[i];
        hz_pack_open(&h->pack, '[');
        if (dimension->has_score)
            hz_pack_decimal(&h->pack, dimension->score);
        else
            hz_pack_null(&h->pack);
        hz_pack_u64(&h->pack, dimension->rules);
        hz_pack_u64(&h->pack, dimension->failed_rules);
        hz_pack_close(&h->pack, ']');
    }
    hz_pack_close(&h->pack, ']');
    hz_pack_key(&h->pack, "gates");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < HZ_GATE_COUNT; i++)
        hz_pack_text(&h->pack, hz_slice_of(hz_gate_state_name(h->result->gates[i])));
    hz_pack_close(&h->pack, ']');
}

/* The profiles that this one extends; nothing where it extends none. */
static void put_chain(hz_html *h)
{
    if (!h->result->verdicts_count)
        return;
    hz_pack_key(&h->pack, "chain");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i + 1 < h->result->verdicts_count; i++) {
        const hz_result_verdict *verdict = &h->result->verdicts[i];
        hz_pack_open(&h->pack, '{');
        hz_html_text(h, "id", verdict->profile->id);
        hz_html_text(h, "version", verdict->profile->version);
        hz_html_flag(h, "conformant", verdict->conformant);
        hz_html_text(h, "grade", verdict->profile->grading.grades[verdict->grade].grade);
        hz_html_decimal(h, "score", verdict->has_score, verdict->score);
        hz_html_decimal(h, "error_rate", true, verdict->error_rate);
        hz_pack_close(&h->pack, '}');
    }
    hz_pack_close(&h->pack, ']');
}

/* A cause: its words in both languages, how many findings, and by which rules. */
static void put_cause(hz_html *h, const hz_cause *cause)
{
    hz_pack_open(&h->pack, '[');
    for (int lang = HZ_LANG_ZH; lang <= HZ_LANG_EN; lang++) {
        hz_buf_reset(&h->scratch);
        hz_put_cause(&h->scratch, h->result, cause, (hz_lang)lang, h->options->reveal);
        hz_pack_text(&h->pack, hz_html_scratched(h));
    }
    hz_pack_u64(&h->pack, cause->findings);
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < cause->rules_count; i++) {
        hz_pack_open(&h->pack, '[');
        hz_pack_u64(&h->pack, cause->rules[i].rule);
        hz_pack_u64(&h->pack, cause->rules[i].findings);
        hz_pack_close(&h->pack, ']');
    }
    hz_pack_close(&h->pack, ']');
    hz_pack_close(&h->pack, ']');
}

static void put_causes(hz_html *h)
{
    hz_html_count(h, "causes_found", h->result->causes_found);
    hz_pack_key(&h->pack, "causes");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < h->result->causes_count; i++)
        put_cause(h, &h->result->causes[i]);
    hz_pack_close(&h->pack, ']');
}

static void put_verdict(hz_html *h)
{
    const hz_result *result = h->result;
    hz_html_why why = hz_html_why_of(result);
    hz_html_flag(h, "conformant", result->conformant);
    hz_html_flag(h, "incomplete", result->incomplete);
    hz_html_flag(h, "certifying", result->certifying);
    hz_html_count(h, "grade", result->grade);
    hz_html_decimal(h, "score", result->has_score, result->score);
    hz_html_decimal(h, "error_rate", true, result->error_rate);
    hz_html_count(h, "records", result->records);
    hz_html_count(h, "wrong", result->records_with_errors);
    hz_pack_key(&h->pack, "why");
    hz_pack_open(&h->pack, '{');
    hz_html_count(h, "rules", why.rules);
    hz_html_count(h, "skipped", why.skipped);
    hz_html_count(h, "measures", why.measures);
    hz_pack_close(&h->pack, '}');
    put_chain(h);
    put_grades(h);
    put_next(h);
    put_causes(h);
    put_dimensions(h);
    hz_pack_key(&h->pack, "indicators");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < result->indicators_count; i++) {
        const hz_result_indicator *one = &result->indicators[i];
        hz_pack_open(&h->pack, '{');
        hz_html_text(h, "code", one->code);
        hz_html_text2(h, "name", (hz_text2){one->name_zh, one->name_en});
        hz_html_text(h, "dimension", one->dimension);
        hz_html_count(h, "a", one->a);
        hz_html_count(h, "b", one->b);
        hz_html_decimal(h, "x", true, one->x);
        hz_pack_close(&h->pack, '}');
    }
    hz_pack_close(&h->pack, ']');
}

/* ---- tables ---- */

static void put_sources(hz_html *h, const hz_result_table *table)
{
    hz_pack_key(&h->pack, "sources");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < table->sources_count; i++) {
        const hz_result_source *source = &table->sources[i];
        hz_pack_open(&h->pack, '{');
        hz_html_text(h, "path", source->path);
        hz_html_text(h, "format", source->format);
        hz_html_count(h, "bytes", source->bytes);
        hz_pack_key(&h->pack, "sha256");
        hz_pack_hex(&h->pack, source->sha256);
        hz_html_text(h, "encoding", source->encoding);
        if (source->delimiter)
            hz_html_text(h, "delimiter", (hz_slice){&source->delimiter, 1});
        hz_html_count(h, "rows", source->rows);
        hz_html_count(h, "bad", source->bad_rows);
        hz_pack_close(&h->pack, '}');
    }
    hz_pack_close(&h->pack, ']');
}

static void put_bins(hz_html *h, const char *key, const hz_bin *bins, size_t count, bool top)
{
    if (!count)
        return;
    hz_pack_key(&h->pack, key);
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < count; i++) {
        hz_pack_open(&h->pack, '[');
        hz_pack_text(&h->pack, bins[i].from);
        if (!top)
            hz_pack_text(&h->pack, bins[i].to);
        hz_pack_u64(&h->pack, bins[i].count);
        hz_pack_close(&h->pack, ']');
    }
    hz_pack_close(&h->pack, ']');
}

/* What of a personal column may be told: how many, never what. */
static void put_column(hz_html *h, const hz_result_column *column, const hz_reads *reads)
{
    bool open = !column->personal && !column->absent;
    hz_pack_open(&h->pack, '{');
    hz_html_text(h, "name", column->name);
    hz_html_text(h, "type", column->type);
    if (column->field)
        hz_html_text2(h, "title", column->field->title);
    hz_html_flag(h, "absent", column->absent);
    hz_html_flag(h, "personal", column->personal);
    hz_html_flag(h, "unread", column->field && !column->absent && !hz_reads_field(reads, column->field));
    hz_html_count(h, "missing", column->missing);
    hz_html_count(h, "invalid", column->invalid);
    hz_html_count(h, "distinct", column->distinct);
    if (open && column->has_min)
        hz_html_text(h, "min", column->min);
    if (open && column->has_max)
        hz_html_text(h, "max", column->max);
    if (open && column->has_mean)
        hz_html_text(h, "mean", column->mean);
    if (open) {
        put_bins(h, "histogram", column->histogram, column->histogram_count, false);
        put_bins(h, "top", column->top, column->top_count, true);
    }
    hz_pack_close(&h->pack, '}');
}

static void put_names(hz_html *h, const char *key, const hz_slice *names, size_t count)
{
    hz_pack_key(&h->pack, key);
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < count; i++)
        hz_pack_text(&h->pack, names[i]);
    hz_pack_close(&h->pack, ']');
}

static void put_table(hz_html *h, const hz_result_table *table, const hz_reads *reads)
{
    hz_pack_open(&h->pack, '{');
    hz_html_text(h, "name", table->table->name);
    hz_html_text2(h, "title", table->table->title);
    hz_html_flag(h, "present", table->present);
    hz_html_flag(h, "external", table->table->external);
    hz_html_flag(h, "optional", table->table->optional);
    hz_html_count(h, "rows", table->rows);
    hz_html_count(h, "bad", table->bad_rows);
    hz_html_count(h, "wrong", table->records_with_errors);
    put_sources(h, table);
    hz_pack_key(&h->pack, "columns");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < table->columns_count; i++)
        put_column(h, &table->columns[i], reads);
    hz_pack_close(&h->pack, ']');
    put_names(h, "unknown", table->unknown_columns, table->unknown_columns_count);
    hz_pack_close(&h->pack, '}');
}

static hz_status put_tables(hz_html *h, hz_error *err)
{
    hz_reads reads;
    HZ_TRY(hz_reads_of(&reads, h->result, err));
    hz_pack_key(&h->pack, "tables");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < h->result->tables_count; i++)
        put_table(h, &h->result->tables[i], &reads);
    hz_pack_close(&h->pack, ']');
    put_names(h, "ignored", h->result->ignored, h->result->ignored_count);
    hz_reads_clear(&reads);
    return HZ_OK;
}

static void put_waived(hz_html *h, const hz_finding *finding)
{
    const hz_place *at = &finding->at;
    const hz_result_table *table = &h->result->tables[at->table];
    hz_buf text = HZ_BUF_INIT;
    hz_pack_open(&h->pack, '[');
    hz_buf_put(&text, at->source < table->sources_count ? table->sources[at->source].path : table->name);
    if (at->line)
        hz_buf_printf(&text, ":%llu", (unsigned long long)at->line);
    hz_pack_text(&h->pack, hz_buf_slice(&text));
    hz_buf_reset(&text);
    for (size_t i = 0; i < (at->key ? at->key_count : 0); i++) {
        hz_buf_puts(&text, i ? "; " : "");
        hz_buf_put(&text, at->key[i].name);
        hz_buf_putc(&text, '=');
        hz_put_shown(&text, at->key[i].value, h->options->reveal);
    }
    hz_pack_text(&h->pack, hz_buf_slice(&text));
    hz_pack_open(&h->pack, '[');
    for (int lang = 0; lang < 2; lang++) {
        hz_buf_reset(&text);
        hz_put_message(&text, finding, (hz_lang)lang, h->options->reveal);
        hz_pack_text(&h->pack, hz_buf_slice(&text));
    }
    hz_pack_close(&h->pack, ']');
    hz_pack_close(&h->pack, ']');
    if (text.status != HZ_OK && h->pack.out->status == HZ_OK)
        h->pack.out->status = text.status;
    hz_buf_clear(&text);
}

static void put_waiver(hz_html *h, const hz_result_waiver *waiver)
{
    const hz_waiver *says = waiver->waiver;
    hz_pack_open(&h->pack, '{');
    hz_html_text(h, "id", says->id);
    hz_html_text(h, "rule", says->rule);
    hz_html_text(h, "state", hz_slice_of(hz_waiver_state_name(waiver->state)));
    hz_pack_key(&h->pack, "says");
    hz_pack_open(&h->pack, '[');
    for (int lang = 0; lang < 2; lang++) {
        hz_buf_reset(&h->scratch);
        hz_put_waiver_state(&h->scratch, waiver, (hz_lang)lang);
        hz_pack_text(&h->pack, hz_html_scratched(h));
    }
    hz_pack_close(&h->pack, ']');
    hz_html_count(h, "matched", waiver->matched);
    hz_html_count(h, "used", waiver->used);
    hz_html_text(h, "reason", says->reason);
    hz_html_text(h, "who", says->approved_by);
    hz_buf_reset(&h->scratch);
    hz_date_put(&h->scratch, says->until);
    hz_html_text(h, "until", hz_html_scratched(h));
    hz_html_text(h, "file", says->file.len ? says->file : h->result->profile->id);
    hz_pack_key(&h->pack, "findings");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < waiver->examples_count && i < WAIVED_SHOWN; i++)
        put_waived(h, &waiver->examples[i]);
    hz_pack_close(&h->pack, ']');
    hz_pack_close(&h->pack, '}');
}

static void put_waivers(hz_html *h)
{
    hz_pack_key(&h->pack, "waivers");
    hz_pack_open(&h->pack, '[');
    for (size_t i = 0; i < h->result->waivers_count; i++)
        put_waiver(h, &h->result->waivers[i]);
    hz_pack_close(&h->pack, ']');
}

hz_status hz_html_put_data(hz_html *h, hz_error *err)
{
    hz_pack_open(&h->pack, '{');
    put_identity(h);
    hz_html_put_words(h);
    put_basis(h);
    put_verdict(h);
    HZ_TRY(put_tables(h, err));
    HZ_TRY(hz_html_put_rules(h, err));
    HZ_TRY(hz_html_put_regions(h, err));
    HZ_TRY(hz_html_put_measures(h, err));
    put_waivers(h);
    hz_html_put_progress(h);
    put_run(h);
    hz_pack_close(&h->pack, '}');
    return HZ_OK;
}
