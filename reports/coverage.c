/* coverage.c: see coverage.h. Which columns are read follows from the expressions of the rules that ran, relations'
 * keys among them. */
#include "reports/coverage.h"
#include "base/alloc.h"
#include "reports/text_int.h"

/* ---- columns that are read ---- */

static void mark(hz_reads *reads, const hz_field *field)
{
    if (field)
        reads->read[reads->first[field->table->index] + field->index] = true;
}

static void mark_relation(hz_reads *reads, const hz_relation *relation);

static void mark_node(hz_reads *reads, const hz_node *node)
{
    if (!node)
        return;
    if (node->kind == HZ_NODE_FIELD || node->kind == HZ_NODE_PATH)
        mark(reads, node->field);
    for (uint32_t i = 0; i < node->steps_count; i++)
        if (node->steps[i])
            mark_relation(reads, node->steps[i]);
    for (uint32_t i = 0; i < node->items_count; i++)
        mark_node(reads, node->items[i]);
}

/* Keys are plain expressions of their rows, without relations: the recursion ends here. */
static void mark_relation(hz_reads *reads, const hz_relation *relation)
{
    for (size_t i = 0; i < relation->on_count; i++) {
        mark_node(reads, relation->on_from[i].root);
        mark_node(reads, relation->on_to[i].root);
    }
}

static void mark_rule(hz_reads *reads, const hz_rule *rule)
{
    mark(reads, rule->field);
    mark_node(reads, rule->when.root);
    mark_node(reads, rule->assert_.root);
    mark_node(reads, rule->overlap_from.root);
    mark_node(reads, rule->overlap_to.root);
    for (size_t i = 0; i < rule->keys_count; i++)
        mark_node(reads, rule->keys[i].root);
    for (size_t i = 0; rule->ref_fields && i < rule->keys_count; i++)
        mark(reads, rule->ref_fields[i]);
    const hz_expr *expr;
    for (size_t i = 0; (expr = hz_rule_similar_expr(rule, i)) != NULL; i++)
        mark_node(reads, expr->root);
}

bool hz_stopped(hz_outcome outcome)
{
    return outcome == HZ_OUTCOME_SKIPPED || outcome == HZ_OUTCOME_ERROR;
}

static void mark_all(hz_reads *reads, const hz_result *result)
{
    for (size_t i = 0; i < result->rules_count; i++)
        if (!hz_stopped(result->rules[i].outcome))
            mark_rule(reads, result->rules[i].rule);
    for (size_t i = 0; i < result->measures_count; i++) {
        if (hz_stopped(result->measures[i].outcome))
            continue;
        mark_node(reads, result->measures[i].measure->value.root);
        mark_node(reads, result->measures[i].measure->when.root);
    }
}

hz_status hz_reads_of(hz_reads *out, const hz_result *result, hz_error *err)
{
    const hz_profile *profile = result->profile;
    size_t count = 0;
    *out = (hz_reads){.first = hz_mem_zalloc(profile->tables_count + 1, sizeof *out->first)};
    for (size_t i = 0; out->first && i < profile->tables_count; i++) {
        out->first[i] = count;
        count += profile->tables[i].fields_count;
    }
    out->read = hz_mem_zalloc(count + 1, sizeof *out->read);
    if (!out->first || !out->read) {
        hz_reads_clear(out);
        return hz_nomem(err, count + 1);
    }
    mark_all(out, result);
    return HZ_OK;
}

bool hz_reads_field(const hz_reads *reads, const hz_field *field)
{
    return reads->read[reads->first[field->table->index] + field->index];
}

bool hz_is_unread(const hz_result_column *column, const hz_reads *reads)
{
    return column->field && !column->absent && !hz_reads_field(reads, column->field);
}

void hz_reads_clear(hz_reads *reads)
{
    hz_mem_free(reads->first);
    hz_mem_free(reads->read);
    *reads = (hz_reads){NULL, NULL};
}

/* ---- the whole ---- */

static void add_name(hz_buf *names, const hz_table *table, hz_slice name)
{
    if (names->len)
        hz_buf_puts(names, ", ");
    if (table) {
        hz_buf_put(names, table->name);
        hz_buf_putc(names, '.');
    }
    hz_buf_put(names, name);
}

static void cover_table(hz_coverage *out, const hz_result_table *table, const hz_reads *reads)
{
    out->bad_rows += table->bad_rows;
    if (!table->present)
        add_name(&out->tables, NULL, table->name);
    for (size_t i = 0; i < table->columns_count; i++) {
        if (hz_is_unread(&table->columns[i], reads))
            add_name(&out->unread, table->table, table->columns[i].name);
        if (table->present && table->columns[i].absent)
            add_name(&out->absent, table->table, table->columns[i].name);
    }
    for (size_t i = 0; i < table->unknown_columns_count; i++)
        add_name(&out->unknown, table->table, table->unknown_columns[i]);
}

static void cover_rule(hz_coverage *out, const hz_result_rule *rule)
{
    out->undetermined += rule->undetermined;
    out->undetermined_rules += rule->undetermined > 0;
    out->idle_rules += rule->outcome == HZ_OUTCOME_NOT_APPLICABLE;
    out->skipped_rules += rule->outcome == HZ_OUTCOME_SKIPPED;
    out->error_rules += rule->outcome == HZ_OUTCOME_ERROR;
}

hz_status hz_coverage_of(hz_coverage *out, const hz_result *result, const hz_reads *reads, const hz_table *only,
                         hz_error *err)
{
    *out = (hz_coverage){.tables = HZ_BUF_INIT,
                         .unread = HZ_BUF_INIT,
                         .absent = HZ_BUF_INIT,
                         .unknown = HZ_BUF_INIT,
                         .ignored = HZ_BUF_INIT,
                         .within = HZ_BUF_INIT,
                         .across = HZ_BUF_INIT};
    for (size_t i = 0; i < result->tables_count; i++)
        if (!only || result->tables[i].table == only)
            cover_table(out, &result->tables[i], reads);
    for (size_t i = 0; i < result->rules_count; i++)
        if (!only || result->rules[i].rule->table == only)
            cover_rule(out, &result->rules[i]);
    for (size_t i = 0; i < result->measures_count; i++)
        if (!only || result->measures[i].measure->table == only)
            out->stopped_measures += hz_stopped(result->measures[i].outcome);
    for (size_t i = 0; !only && i < result->ignored_count; i++)
        add_name(&out->ignored, NULL, result->ignored[i]);
    for (size_t i = 0; !only && result->merged && i < result->merged->within_count; i++)
        add_name(&out->within, NULL, result->merged->within[i]);
    for (size_t i = 0; !only && result->merged && i < result->merged->across_count; i++)
        add_name(&out->across, NULL, result->merged->across[i]);
    const hz_buf *const all[] = {&out->tables,  &out->unread, &out->absent, &out->unknown,
                                 &out->ignored, &out->within, &out->across};
    hz_status st = HZ_OK;
    for (size_t i = 0; st == HZ_OK && i < sizeof all / sizeof *all; i++)
        st = hz_buf_status(all[i], err);
    if (st != HZ_OK)
        hz_coverage_clear(out);
    return st;
}

void hz_coverage_clear(hz_coverage *coverage)
{
    hz_buf_clear(&coverage->tables);
    hz_buf_clear(&coverage->unread);
    hz_buf_clear(&coverage->absent);
    hz_buf_clear(&coverage->unknown);
    hz_buf_clear(&coverage->ignored);
    hz_buf_clear(&coverage->within);
    hz_buf_clear(&coverage->across);
}

static void put_count(hz_buf *out, hz_msg_id id, uint64_t count, uint64_t of, hz_lang lang)
{
    hz_digits first = hz_text_count(count), second = hz_text_count(of);
    const hz_slice args[] = {HZ_DIGITS(first), HZ_DIGITS(second)};
    if (count)
        hz_msg_render(out, id, args, 2, lang);
}

static void put_names(hz_buf *out, hz_msg_id id, const hz_buf *names, hz_lang lang)
{
    const hz_slice arg = hz_buf_slice(names);
    if (names->len)
        hz_msg_render(out, id, &arg, 1, lang);
}

void hz_coverage_put(hz_buf *out, const hz_coverage *coverage, size_t index, hz_lang lang)
{
    switch (index) {
    case 0:
        put_names(out, HZ_MSG_TEXT_UNCHECKED_TABLES, &coverage->tables, lang);
        break;
    case 1:
        put_count(out, HZ_MSG_TEXT_UNCHECKED_ROWS, coverage->bad_rows, 0, lang);
        break;
    case 2:
        put_count(out, HZ_MSG_TEXT_HEAD_ERRORS, coverage->error_rules, 0, lang);
        break;
    case 3:
        put_count(out, HZ_MSG_TEXT_HEAD_SKIPPED, coverage->skipped_rules, 0, lang);
        break;
    case 4:
        put_count(out, HZ_MSG_TEXT_UNCHECKED_MEASURES, coverage->stopped_measures, 0, lang);
        break;
    case 5:
        put_count(out, HZ_MSG_TEXT_UNCHECKED_VERDICTS, coverage->undetermined, coverage->undetermined_rules, lang);
        break;
    case 6:
        put_count(out, HZ_MSG_TEXT_UNCHECKED_RULES, coverage->idle_rules, 0, lang);
        break;
    case 7:
        put_names(out, HZ_MSG_TEXT_UNCHECKED_COLUMNS, &coverage->unread, lang);
        break;
    case 8:
        put_names(out, HZ_MSG_TEXT_UNCHECKED_ABSENT, &coverage->absent, lang);
        break;
    case 9:
        put_names(out, HZ_MSG_TEXT_UNCHECKED_UNKNOWN, &coverage->unknown, lang);
        break;
    case 10:
        put_names(out, HZ_MSG_TEXT_UNCHECKED_FILES, &coverage->ignored, lang);
        break;
    case 11:
        put_names(out, HZ_MSG_TEXT_UNCHECKED_WITHIN, &coverage->within, lang);
        break;
    case 12:
        put_names(out, HZ_MSG_TEXT_UNCHECKED_ACROSS, &coverage->across, lang);
        break;
    default:
        break;
    }
}
