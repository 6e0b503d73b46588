/* infer_rules.c: what rows bear out between columns: a <= b among numbers or among days, c = a + b, and which codes of
 * one column go with a value, or with none, of another. Pairs and sums are many: those that fail more than one in fifty
 * of the first rows are not looked at any more. */
#include "validator/tasks/infer_int.h"

void hz_infer_rows_clear(infer_rows *rows)
{
    hz_mem_free(rows->pairs);
    hz_mem_free(rows->sums);
    hz_mem_free(rows->cells);
    *rows = (infer_rows){NULL, NULL, NULL};
}

static size_t cells_of(const infer_table *table)
{
    return table->coded_count * INFER_CODES * table->columns_count;
}

hz_status hz_infer_rows_init(infer_rows *rows, const infer_table *table, hz_error *err)
{
    rows->pairs = hz_mem_zalloc(table->pairs_count + 1, sizeof *rows->pairs);
    rows->sums = hz_mem_zalloc(table->sums_count + 1, sizeof *rows->sums);
    rows->cells = hz_mem_zalloc(cells_of(table) + 1, sizeof *rows->cells);
    if (!rows->pairs || !rows->sums || !rows->cells)
        return hz_nomem(err, cells_of(table) * sizeof *rows->cells);
    for (size_t i = 0; table->found.pairs && i < table->pairs_count; i++)
        rows->pairs[i] = (infer_pair){.a = table->found.pairs[i].a, .b = table->found.pairs[i].b};
    for (size_t i = 0; table->found.sums && i < table->sums_count; i++)
        rows->sums[i] =
            (infer_sum){.c = table->found.sums[i].c, .a = table->found.sums[i].a, .b = table->found.sums[i].b};
    return HZ_OK;
}

static bool alike(const infer_table *table, unsigned a, unsigned b)
{
    return hz_infer_is_day(table->kinds[a]) == hz_infer_is_day(table->kinds[b]);
}

hz_status hz_infer_rows_all(infer_table *table, hz_error *err)
{
    enum { PAIRS = INFER_NUMBERS * INFER_NUMBERS, SUMS = INFER_NUMBERS * PAIRS / 2 };
    hz_infer_rows_clear(&table->found);
    table->found.pairs = hz_mem_zalloc(PAIRS, sizeof *table->found.pairs);
    table->found.sums = hz_mem_zalloc(SUMS, sizeof *table->found.sums);
    table->found.cells = hz_mem_zalloc(cells_of(table) + 1, sizeof *table->found.cells);
    if (!table->found.pairs || !table->found.sums || !table->found.cells)
        return hz_nomem(err, SUMS * sizeof(infer_sum));
    table->pairs_count = table->sums_count = 0;
    for (size_t i = 0; i < table->numbers_count; i++)
        for (size_t k = 0; k < table->numbers_count; k++) {
            unsigned a = table->numbers[i], b = table->numbers[k];
            if (i == k || !alike(table, a, b))
                continue;
            table->found.pairs[table->pairs_count++] = (infer_pair){.a = a, .b = b};
            for (size_t c = 0; i < k && c < table->numbers_count; c++)
                if (c != i && c != k && !hz_infer_is_day(table->kinds[a]) && alike(table, a, table->numbers[c]))
                    table->found.sums[table->sums_count++] = (infer_sum){.c = table->numbers[c], .a = a, .b = b};
        }
    return HZ_OK;
}

void hz_infer_rows_pick(infer_table *table)
{
    size_t pairs = 0, sums = 0;
    for (size_t i = 0; i < table->pairs_count; i++) {
        const infer_pair *pair = &table->found.pairs[i];
        if (pair->support && pair->against * 50 <= pair->support)
            table->found.pairs[pairs++] = (infer_pair){.a = pair->a, .b = pair->b};
    }
    for (size_t i = 0; i < table->sums_count; i++) {
        const infer_sum *sum = &table->found.sums[i];
        if (sum->telling && sum->against * 50 <= sum->support)
            table->found.sums[sums++] = (infer_sum){.c = sum->c, .a = sum->a, .b = sum->b};
    }
    table->pairs_count = pairs;
    table->sums_count = sums;
    memset(table->found.cells, 0, cells_of(table) * sizeof *table->found.cells);
}

static void note_line(uint64_t *least, uint64_t line)
{
    if (!*least || line < *least)
        *least = line;
}

static size_t number_of(const infer_table *table, unsigned column)
{
    size_t at = 0;
    while (at + 1 < table->numbers_count && table->numbers[at] != column)
        at++;
    return at;
}

static void take_numbers(infer_rows *rows, const infer_table *table, const hz_batch *batch, uint32_t row)
{
    hz_decimal values[INFER_NUMBERS] = {{0, 0}};
    bool there[INFER_NUMBERS];
    for (size_t i = 0; i < table->numbers_count; i++) {
        unsigned c = table->numbers[i];
        hz_slice cell = batch->columns[c].cells[row];
        there[i] = cell.len && hz_infer_number(&values[i], table->kinds[c], cell);
    }
    for (size_t i = 0; i < table->pairs_count; i++) {
        infer_pair *pair = &rows->pairs[i];
        size_t a = number_of(table, pair->a), b = number_of(table, pair->b);
        if (!there[a] || !there[b])
            continue;
        pair->support++;
        if (hz_decimal_cmp(values[a], values[b]) > 0) {
            pair->against++;
            note_line(&pair->line, batch->lines[row]);
        }
    }
    for (size_t i = 0; i < table->sums_count; i++) {
        infer_sum *sum = &rows->sums[i];
        size_t a = number_of(table, sum->a), b = number_of(table, sum->b), c = number_of(table, sum->c);
        hz_decimal added;
        if (!there[a] || !there[b] || !there[c] || !hz_decimal_add(&added, values[a], values[b]))
            continue;
        sum->support++;
        sum->telling += values[a].coef && values[b].coef;
        if (hz_decimal_cmp(added, values[c]) != 0) {
            sum->against++;
            note_line(&sum->line, batch->lines[row]);
        }
    }
}

static void take_codes(infer_rows *rows, const infer_table *table, const hz_batch *batch, uint32_t row)
{
    for (size_t i = 0; i < table->coded_count; i++) {
        const infer_column *column = &table->columns[table->coded_at[i]];
        hz_slice cell = batch->columns[table->coded_at[i]].cells[row];
        unsigned code = 0;
        while (code < column->codes_count &&
               !hz_slice_eq((hz_slice){column->codes[code].text, column->codes[code].len}, cell))
            code++;
        if (code == column->codes_count)
            continue;
        infer_cell *cells = &rows->cells[(i * INFER_CODES + code) * table->columns_count];
        for (size_t c = 0; c < table->columns_count; c++) {
            cells[c].rows++;
            cells[c].missing += !batch->columns[c].cells[row].len;
        }
    }
}

void hz_infer_rows_take(infer_rows *rows, const infer_table *table, const hz_batch *batch)
{
    for (uint32_t row = 0; row < batch->rows_count; row++) {
        take_numbers(rows, table, batch, row);
        take_codes(rows, table, batch, row);
    }
}

void hz_infer_rows_merge(infer_rows *into, const infer_rows *from, const infer_table *table)
{
    for (size_t i = 0; i < table->pairs_count; i++) {
        into->pairs[i].support += from->pairs[i].support;
        into->pairs[i].against += from->pairs[i].against;
        if (from->pairs[i].line)
            note_line(&into->pairs[i].line, from->pairs[i].line);
    }
    for (size_t i = 0; i < table->sums_count; i++) {
        into->sums[i].support += from->sums[i].support;
        into->sums[i].telling += from->sums[i].telling;
        into->sums[i].against += from->sums[i].against;
        if (from->sums[i].line)
            note_line(&into->sums[i].line, from->sums[i].line);
    }
    for (size_t i = 0; i < cells_of(table); i++) {
        into->cells[i].rows += from->cells[i].rows;
        into->cells[i].missing += from->cells[i].missing;
    }
}
