/* suggest_match.c: which columns of a file are which fields of a table.
 *
 * First columns that hold several fields: cut by a character that nearly all values have, where each part is some
 * field's and no field fits the whole. Then whole columns, the surest first. Then, of what is left, columns that only
 * together fit a field, and columns that fit two fields when cut after the same number of characters. What is not sure
 * comes last, and only of columns and fields that are still free. */
#include "base/utf8.h"
#include "validator/tasks/suggest_int.h"
#include <stdlib.h>

enum { MATCHES_MAX = 4096, CUT_MAX = 20, NEARLY_ALL = 90 };

typedef struct matcher {
    suggest_job *job;
    const suggest_file *file;
    const hz_table *table;
    suggest_match *found; /* taken */
    size_t count, capacity;
    bool *columns, *fields; /* taken */
} matcher;

static unsigned share(const suggest_fit *fit)
{
    return fit->of ? (unsigned)(fit->fits * 100 / fit->of) : 0;
}

static hz_status take(matcher *m, const suggest_match *match)
{
    if (m->count == m->capacity)
        return HZ_OK; /* a field is taken once: there is room for all */
    m->found[m->count++] = *match;
    m->fields[match->field->index] = true;
    for (size_t c = match->column; c <= match->last; c++)
        m->columns[c] = true;
    return HZ_OK;
}

/* ---- whole columns ---- */

static hz_status whole(suggest_match *out, matcher *m, size_t column, size_t field)
{
    const suggest_column *from = &m->file->columns[column];
    *out = (suggest_match){.field = &m->table->fields[field], .column = column, .last = column, .texts = from->cells};
    out->name = hz_suggest_name(&out->own_name, from->header, out->field);
    HZ_TRY(hz_suggest_fit(&out->fit, m->job, out->field, out->texts, m->file->rows));
    out->percent = out->own_name ? 100 : hz_suggest_percent(out->name, &out->fit);
    return HZ_OK;
}

static int surest(const void *a, const void *b)
{
    const suggest_match *x = a, *y = b;
    if (x->percent != y->percent)
        return x->percent > y->percent ? -1 : 1;
    if (x->name != y->name)
        return x->name > y->name ? -1 : 1;
    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    return (x->field->index > y->field->index) - (x->field->index < y->field->index);
}

/* Free columns to free fields, from `least` percent on. */
static hz_status take_whole(matcher *m, unsigned least)
{
    suggest_match *all = hz_mem_zalloc(MATCHES_MAX, sizeof *all);
    size_t count = 0;
    hz_status st = all ? HZ_OK : hz_nomem(m->job->err, MATCHES_MAX * sizeof *all);
    for (size_t c = 0; st == HZ_OK && c < m->file->columns_count; c++)
        for (size_t f = 0; st == HZ_OK && f < m->table->fields_count && count < MATCHES_MAX; f++) {
            if (m->columns[c] || m->fields[f])
                continue;
            st = whole(&all[count], m, c, f);
            count += st == HZ_OK && all[count].percent >= least;
        }
    if (count)
        qsort(all, count, sizeof *all, surest);
    for (size_t i = 0; st == HZ_OK && i < count; i++)
        if (!m->columns[all[i].column] && !m->fields[all[i].field->index])
            st = take(m, &all[i]);
    hz_mem_free(all);
    return st;
}

/* ---- parts of a column ---- */

static hz_status texts_of(hz_slice **out, const matcher *m)
{
    *out = HZ_ARENA_ARRAY(m->job->arena, hz_slice, m->file->rows + 1);
    return *out ? HZ_OK : hz_nomem(m->job->err, m->file->rows * sizeof **out);
}

/* Values of a key of another table that a column of another file has too. */
static bool is_known_key(const matcher *m, const hz_field *field, const hz_slice *texts)
{
    const hz_profile *profile = m->job->options->profile;
    bool key = false;
    for (size_t t = 0; t < profile->tables_count; t++)
        for (size_t k = 0; &profile->tables[t] != m->table && k < profile->tables[t].key_count; k++)
            key = key || hz_slice_eq(profile->tables[t].key[k]->name, field->name);
    for (size_t i = 0; key && i < m->job->files_count; i++) {
        const suggest_file *other = &m->job->files[i];
        for (size_t c = 0; other != m->file && c < other->columns_count; c++) {
            size_t hits = 0, of = 0;
            for (size_t r = 0; r < m->file->rows && r < 50; r++) {
                bool hit = false;
                for (size_t k = 0; texts[r].len && !hit && k < other->rows; k++)
                    hit = hz_slice_eq(texts[r], other->columns[c].cells[k]);
                of += texts[r].len > 0;
                hits += hit;
            }
            if (of && hits * 100 >= of * NEARLY_ALL)
                return true;
        }
    }
    return false;
}

/* The field that a part fits best, of those that are neither taken nor among `apart`. */
static hz_status best_of_part(suggest_match *out, matcher *m, size_t column, hz_slice *texts,
                              const suggest_match *apart, size_t apart_count)
{
    *out = (suggest_match){.percent = 0};
    for (size_t f = 0; f < m->table->fields_count; f++) {
        suggest_match one = {.field = &m->table->fields[f], .column = column, .last = column, .texts = texts};
        bool used = m->fields[f];
        for (size_t i = 0; i < apart_count; i++)
            used = used || apart[i].field == one.field;
        if (used)
            continue;
        one.name = hz_suggest_name(&one.own_name, m->file->columns[column].header, one.field);
        one.own_name = false;
        HZ_TRY(hz_suggest_fit(&one.fit, m->job, one.field, texts, m->file->rows));
        one.percent = hz_suggest_percent(one.name, &one.fit);
        one.known_key = is_known_key(m, one.field, texts);
        if (one.known_key)
            one.percent = one.percent > 95 ? one.percent : 95;
        if (!out->field || one.percent > out->percent)
            *out = one;
    }
    return HZ_OK;
}

static bool fits_whole(const suggest_fit *fit)
{
    return (fit->strong || fit->number) && share(fit) >= 50;
}

static hz_status is_whole(bool *out, matcher *m, size_t column)
{
    *out = false;
    for (size_t f = 0; !*out && f < m->table->fields_count; f++) {
        suggest_match one;
        HZ_TRY(whole(&one, m, column, f));
        *out = fits_whole(&one.fit) || one.own_name;
    }
    return HZ_OK;
}

/* Parts between `by`, when nearly all values have the same number of them. 0: they have not. */
static size_t parts_by(const matcher *m, size_t column, char by)
{
    size_t seen[SUGGEST_PARTS + 1] = {0}, of = 0;
    for (size_t r = 0; r < m->file->rows; r++) {
        hz_slice text = m->file->columns[column].cells[r];
        size_t parts = 1;
        for (size_t i = 0; i < text.len; i++)
            parts += text.ptr[i] == by;
        of += text.len > 0;
        if (text.len && parts <= SUGGEST_PARTS)
            seen[parts]++;
    }
    for (size_t parts = 2; parts <= SUGGEST_PARTS; parts++)
        if (of && seen[parts] * 100 >= of * NEARLY_ALL)
            return parts;
    return 0;
}

static hz_slice part_of(hz_slice text, char by, size_t part)
{
    hz_slice item = HZ_SLICE_NONE, separator = {&by, 1};
    size_t at = 0;
    for (size_t i = 0; i <= part; i++)
        if (!hz_suggest_item(&item, &at, text, separator))
            return HZ_SLICE_NONE;
    return item;
}

static hz_status take_parts(matcher *m, const suggest_match *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        HZ_TRY(take(m, &parts[i]));
    return HZ_OK;
}

static hz_status split_by(matcher *m, size_t column, char by)
{
    size_t parts = parts_by(m, column, by);
    suggest_match found[SUGGEST_PARTS];
    bool sure = parts > 0;
    for (size_t p = 0; sure && p < parts; p++) {
        hz_slice *texts;
        HZ_TRY(texts_of(&texts, m));
        for (size_t r = 0; r < m->file->rows; r++)
            texts[r] = part_of(m->file->columns[column].cells[r], by, p);
        HZ_TRY(best_of_part(&found[p], m, column, texts, found, p));
        found[p].way = SUGGEST_BY;
        found[p].by = by;
        found[p].part = p;
        found[p].parts = parts;
        sure = found[p].percent >= SUGGEST_SURE;
    }
    return sure ? take_parts(m, found, parts) : HZ_OK;
}

static hz_status take_splits(matcher *m)
{
    static const char marks[] = {'/', '|', ';', ':', '_', ' '};
    for (size_t c = 0; c < m->file->columns_count; c++) {
        bool is;
        HZ_TRY(is_whole(&is, m, c));
        is = is || m->columns[c];
        for (size_t i = 0; !is && i < sizeof marks && !m->columns[c]; i++)
            HZ_TRY(split_by(m, c, marks[i]));
    }
    return HZ_OK;
}

/* The byte after so many characters. */
static size_t byte_after(hz_slice text, size_t characters)
{
    size_t at = 0;
    while (characters-- && at < text.len)
        (void)hz_utf8_next(text, &at);
    return at;
}

static hz_status cut_at(matcher *m, size_t column, size_t at)
{
    suggest_match found[2];
    bool sure = true, typed = true;
    for (size_t p = 0; sure && p < 2; p++) {
        hz_slice *texts;
        HZ_TRY(texts_of(&texts, m));
        for (size_t r = 0; r < m->file->rows; r++) {
            hz_slice text = m->file->columns[column].cells[r];
            size_t cut = byte_after(text, at);
            texts[r] = p ? hz_slice_sub(text, cut, text.len) : hz_slice_sub(text, 0, cut);
        }
        HZ_TRY(best_of_part(&found[p], m, column, texts, found, p));
        found[p].way = SUGGEST_AT;
        found[p].at = at;
        found[p].part = p;
        found[p].parts = 2;
        sure = found[p].percent >= SUGGEST_SURE;
        typed = typed && found[p].fit.strong;
    }
    sure = sure && typed && (share(&found[0].fit) >= NEARLY_ALL || share(&found[1].fit) >= NEARLY_ALL);
    return sure ? take_parts(m, found, 2) : HZ_OK;
}

static hz_status take_cuts(matcher *m)
{
    for (size_t c = 0; c < m->file->columns_count; c++)
        for (size_t at = 1; at <= CUT_MAX && !m->columns[c]; at++)
            HZ_TRY(cut_at(m, c, at));
    return HZ_OK;
}

/* ---- columns together ---- */

static hz_status join(matcher *m, size_t first, size_t last)
{
    hz_slice *texts;
    hz_buf text = HZ_BUF_INIT;
    hz_status st = HZ_OK;
    HZ_TRY(texts_of(&texts, m));
    for (size_t r = 0; st == HZ_OK && r < m->file->rows; r++) {
        hz_buf_reset(&text);
        for (size_t c = first; c <= last; c++)
            hz_buf_put(&text, m->file->columns[c].cells[r]);
        st = hz_buf_status(&text, m->job->err);
        if (st == HZ_OK && hz_arena_copy(&texts[r], m->job->arena, hz_buf_slice(&text)) != HZ_OK)
            st = hz_nomem(m->job->err, text.len);
    }
    hz_buf_clear(&text);
    for (size_t f = 0; st == HZ_OK && f < m->table->fields_count; f++) {
        suggest_match one = {
            .field = &m->table->fields[f], .way = SUGGEST_JOIN, .column = first, .last = last, .texts = texts};
        if (m->fields[f] || one.field->many.len)
            continue;
        st = hz_suggest_fit(&one.fit, m->job, one.field, texts, m->file->rows);
        one.percent = hz_suggest_percent(0, &one.fit);
        if (st == HZ_OK && one.fit.strong && share(&one.fit) >= NEARLY_ALL && one.percent >= SUGGEST_SURE)
            return take(m, &one);
    }
    return st;
}

static hz_status take_joins(matcher *m)
{
    for (size_t c = 0; c + 1 < m->file->columns_count; c++)
        for (size_t more = 1; more <= 2 && c + more < m->file->columns_count; more++)
            if (!m->columns[c] && !m->columns[c + 1] && !m->columns[c + more])
                HZ_TRY(join(m, c, c + more));
    return HZ_OK;
}

hz_status hz_suggest_match(suggest_match **out, size_t *count, unsigned *score, suggest_job *job,
                           const suggest_file *file, const hz_table *table)
{
    matcher m = {.job = job, .file = file, .table = table, .capacity = table->fields_count};
    hz_status st;
    *count = *score = 0;
    m.found = HZ_ARENA_ARRAY(job->arena, suggest_match, table->fields_count + 1);
    m.columns = hz_mem_zalloc(file->columns_count + 1, sizeof *m.columns);
    m.fields = hz_mem_zalloc(table->fields_count + 1, sizeof *m.fields);
    st = m.found && m.columns && m.fields ? HZ_OK : hz_nomem(job->err, table->fields_count * sizeof *m.found);
    for (size_t c = 0; st == HZ_OK && c < file->columns_count; c++) {
        m.columns[c] = !file->columns[c].header.len; /* no mapping can name it */
        for (size_t k = 0; k < c; k++)
            m.columns[c] = m.columns[c] || hz_slice_eq(file->columns[k].header, file->columns[c].header);
    }
    if (st == HZ_OK)
        st = take_splits(&m);
    if (st == HZ_OK)
        st = take_whole(&m, SUGGEST_SURE);
    if (st == HZ_OK)
        st = take_joins(&m);
    if (st == HZ_OK)
        st = take_cuts(&m);
    for (size_t i = 0; i < m.count; i++)
        *score += m.found[i].percent;
    if (st == HZ_OK)
        st = take_whole(&m, SUGGEST_UNSURE);
    hz_mem_free(m.columns);
    hz_mem_free(m.fields);
    *out = m.found;
    *count = m.count;
    return st;
}
