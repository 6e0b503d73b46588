/* suggest_write.c: what was found as a mapping. A line that is not sure is a comment, and so is a section that has no
 * other lines. Every name and text of the data is quoted. */
#include "base/utf8.h"
#include "validator/tasks/suggest_int.h"
#include <stdio.h>

typedef struct section {
    const char *name;
    hz_buf live, doubt;
} section;

typedef struct writer {
    hz_buf *out;
    suggest_job *job;
    const suggest_file *file;
} writer;

static void said(hz_buf *out, const writer *w, hz_msg_id id, const hz_slice *args, size_t count)
{
    hz_msg_render(out, id, args, count, w->job->options->lang);
}

/* Behind a line: how sure, and why. */
static void put_why(hz_buf *out, const writer *w, const suggest_match *match)
{
    char of[24], fits[24];
    const suggest_fit *fit = &match->fit;
    hz_slice figures[] = {{of, (size_t)snprintf(of, sizeof of, "%zu", fit->of)},
                          {fits, (size_t)snprintf(fits, sizeof fits, "%zu", fit->fits)}};
    hz_buf_printf(out, "   # %u%%: ", match->percent);
    bool by_name = match->name >= SUGGEST_UNSURE;
    if (match->own_name)
        said(out, w, HZ_MSG_SUGGEST_WHY_OWN, NULL, 0);
    else if (by_name)
        said(out, w, HZ_MSG_SUGGEST_WHY_NAME, NULL, 0);
    bool any = by_name || match->own_name;
    if (match->known_key) {
        hz_buf_puts(out, any ? "; " : "");
        said(out, w, HZ_MSG_SUGGEST_WHY_KEY, NULL, 0);
        any = true;
    }
    if (fit->of && (fit->strong || fit->number || !any)) {
        hz_buf_puts(out, any ? "; " : "");
        said(out, w, HZ_MSG_SUGGEST_WHY_VALUES, figures, 2);
    }
    hz_buf_putc(out, '\n');
}

static void put_section(writer *w, section *s)
{
    if (s->live.len)
        hz_buf_printf(w->out, "    %s:\n", s->name);
    else if (s->doubt.len)
        hz_buf_printf(w->out, "    # %s:\n", s->name);
    hz_buf_put(w->out, hz_buf_slice(&s->live));
    hz_buf_put(w->out, hz_buf_slice(&s->doubt));
    if (w->out->status == HZ_OK && (s->live.status != HZ_OK || s->doubt.status != HZ_OK))
        w->out->status = HZ_E_NOMEM;
    hz_buf_clear(&s->live);
    hz_buf_clear(&s->doubt);
}

static bool is_sure(const suggest_match *match)
{
    return match->percent >= SUGGEST_SURE;
}

/* A line of a section, up to its value. */
static hz_buf *begin(section *s, bool sure)
{
    hz_buf *out = sure ? &s->live : &s->doubt;
    hz_buf_puts(out, sure ? "      " : "    #   ");
    return out;
}

/* ---- where fields come from ---- */

static hz_slice header(const writer *w, size_t column)
{
    return w->file->columns[column].header;
}

static void put_columns(writer *w)
{
    section s = {"columns", HZ_BUF_INIT, HZ_BUF_INIT};
    for (size_t i = 0; i < w->file->matches_count; i++) {
        const suggest_match *match = &w->file->matches[i];
        if (match->way != SUGGEST_WHOLE || match->own_name)
            continue;
        hz_buf *out = begin(&s, is_sure(match));
        hz_yaml_put_quoted(out, header(w, match->column));
        hz_buf_puts(out, ": ");
        hz_yaml_put_quoted(out, match->field->name);
        put_why(out, w, match);
    }
    put_section(w, &s);
}

/* The parts of one column follow each other. */
static void put_splits(writer *w)
{
    section s = {"split", HZ_BUF_INIT, HZ_BUF_INIT};
    const suggest_match *matches = w->file->matches;
    for (size_t i = 0; i < w->file->matches_count; i++) {
        const suggest_match *match = &matches[i];
        if ((match->way != SUGGEST_BY && match->way != SUGGEST_AT) || match->part)
            continue;
        hz_buf *out = begin(&s, true);
        hz_yaml_put_quoted(out, header(w, match->column));
        if (match->way == SUGGEST_AT)
            hz_buf_printf(out, ":\n        at: %zu\n", match->at);
        else
            hz_buf_printf(out, ":\n        by: \"%c\"\n", match->by);
        hz_buf_puts(out, "        into:\n");
        for (size_t p = 0; p < match->parts && i + p < w->file->matches_count; p++) {
            hz_buf_puts(out, "          - ");
            hz_yaml_put_quoted(out, match[p].field->name);
            put_why(out, w, &match[p]);
        }
    }
    put_section(w, &s);
}

static void put_joins(writer *w)
{
    section s = {"join", HZ_BUF_INIT, HZ_BUF_INIT};
    for (size_t i = 0; i < w->file->matches_count; i++) {
        const suggest_match *match = &w->file->matches[i];
        if (match->way != SUGGEST_JOIN)
            continue;
        hz_buf *out = begin(&s, true);
        hz_yaml_put_quoted(out, match->field->name);
        hz_buf_puts(out, ": {of: [");
        for (size_t c = match->column; c <= match->last; c++) {
            hz_buf_puts(out, c == match->column ? "" : ", ");
            hz_yaml_put_quoted(out, header(w, c));
        }
        hz_buf_puts(out, "], by: \"\"}");
        put_why(out, w, match);
    }
    put_section(w, &s);
}

static void put_rest(writer *w)
{
    bool any = false;
    for (size_t c = 0; c < w->file->columns_count; c++) {
        bool used = !header(w, c).len;
        for (size_t i = 0; i < w->file->matches_count; i++)
            used = used || (w->file->matches[i].column <= c && c <= w->file->matches[i].last);
        if (used)
            continue;
        hz_buf_puts(w->out, any ? ", " : "    # ignore: [");
        hz_yaml_put_quoted(w->out, header(w, c));
        any = true;
    }
    if (!any)
        return;
    hz_buf_puts(w->out, "]   # ");
    said(w->out, w, HZ_MSG_SUGGEST_REST, NULL, 0);
    hz_buf_putc(w->out, '\n');
}

/* ---- what becomes of texts ---- */

/* Sure only of what no value of a field could be. */
static bool is_certain_null(hz_slice text)
{
    return hz_suggest_is_null(text) && !hz_slice_is(text, "无") && !hz_slice_is(text, "/") && !hz_slice_is(text, "NA");
}

static void put_nulls(writer *w)
{
    hz_names seen = {0};
    hz_buf live = HZ_BUF_INIT;
    for (size_t i = 0; i < w->file->matches_count; i++)
        for (size_t r = 0; is_sure(&w->file->matches[i]) && r < w->file->rows; r++) {
            hz_slice text = w->file->matches[i].texts[r];
            bool own = false;
            uint32_t old = 0;
            for (size_t n = 0; n < w->file->table->nulls_count; n++)
                own = own || hz_slice_eq(w->file->table->nulls[n], text);
            if (own || !is_certain_null(text) || hz_names_add(&seen, text, 0, &old, NULL) != HZ_OK ||
                old != HZ_HTAB_NONE)
                continue;
            hz_buf_puts(&live, live.len ? ", " : "");
            hz_yaml_put_quoted(&live, text);
        }
    if (live.len)
        hz_buf_printf(w->out, "    nulls: [%.*s]\n", HZ_SLICE_FMT(hz_buf_slice(&live)));
    hz_buf_clear(&live);
    hz_names_clear(&seen);
}

static hz_slice name_of_code(const hz_field *field, hz_slice code)
{
    uint32_t row = field->codes ? hz_codelist_find(field->codes, code, HZ_DAY_EVER) : HZ_HTAB_NONE;
    return row == HZ_HTAB_NONE ? HZ_SLICE_NONE : hz_codelist_at(field->codes, row).name.zh;
}

static void put_code(section *s, const writer *w, const hz_field *field, hz_slice text)
{
    hz_slice code, name;
    bool known =
        field->type == HZ_FIELD_BOOLEAN ? hz_suggest_truth(&code, field, text) : hz_suggest_code(&code, field, text);
    if (known && hz_slice_eq(code, text))
        return;
    if (!known && field->mask != HZ_MASK_NONE)
        return;
    hz_buf *out = known ? &s->live : &s->doubt;
    hz_buf_puts(out, known ? "        " : "        # ");
    hz_yaml_put_quoted(out, text);
    hz_buf_puts(out, ": ");
    if (!known) {
        hz_buf_puts(out, "…   # ");
        said(out, w, HZ_MSG_SUGGEST_NO_CODE, NULL, 0);
        hz_buf_putc(out, '\n');
        return;
    }
    hz_yaml_put_quoted(out, code);
    name = name_of_code(field, code);
    if (name.len && hz_utf8_length(name) == name.len / 3) /* Chinese: no line ends */
        hz_buf_printf(out, "   # %.*s", HZ_SLICE_FMT(name));
    hz_buf_putc(out, '\n');
}

/* Each different value of a field once; more than a few that are no code are no code list's. */
static void codes_of(section *all, const writer *w, const suggest_match *match)
{
    enum { VALUES_MAX = 100 };
    section s = {"", HZ_BUF_INIT, HZ_BUF_INIT};
    hz_names seen = {0};
    for (size_t r = 0; r < w->file->rows && seen.count < VALUES_MAX; r++) {
        hz_slice item;
        size_t at = 0;
        while (match->texts[r].len && !is_certain_null(match->texts[r]) &&
               hz_suggest_item(&item, &at, match->texts[r], match->fit.separator)) {
            uint32_t old;
            if (hz_names_add(&seen, item, 0, &old, NULL) == HZ_OK && old == HZ_HTAB_NONE && item.len)
                put_code(&s, w, match->field, item);
        }
    }
    if (s.live.len) {
        hz_buf_puts(&all->live, "      ");
        hz_yaml_put_quoted(&all->live, match->field->name);
        hz_buf_puts(&all->live, ":\n");
        hz_buf_put(&all->live, hz_buf_slice(&s.live));
        hz_buf_put(&all->live, hz_buf_slice(&s.doubt));
    }
    hz_buf_clear(&s.live);
    hz_buf_clear(&s.doubt);
    hz_names_clear(&seen);
}

static void put_codes(writer *w)
{
    section s = {"codes", HZ_BUF_INIT, HZ_BUF_INIT};
    for (size_t i = 0; i < w->file->matches_count; i++) {
        const suggest_match *match = &w->file->matches[i];
        if (is_sure(match) && (match->field->type == HZ_FIELD_CODES || match->field->type == HZ_FIELD_BOOLEAN))
            codes_of(&s, w, match);
    }
    put_section(w, &s);
}

static void put_formats(writer *w)
{
    section s = {"formats", HZ_BUF_INIT, HZ_BUF_INIT};
    for (size_t i = 0; i < w->file->matches_count; i++) {
        const suggest_match *match = &w->file->matches[i];
        bool any = false;
        if (!is_sure(match) || !(match->fit.forms || match->fit.grouped))
            continue;
        hz_buf *out = begin(&s, true);
        hz_yaml_put_quoted(out, match->field->name);
        hz_buf_puts(out, ": [");
        for (size_t f = 0; f < SUGGEST_FORMS; f++)
            if (match->fit.forms >> f & 1) {
                hz_buf_printf(out, "%s\"%s\"", any ? ", " : "", hz_suggest_forms[f]);
                any = true;
            }
        hz_buf_puts(out, match->fit.grouped ? "\"1,234.5\"]\n" : "]\n");
    }
    put_section(w, &s);
}

/* The text in brackets at the end of a header: 年收入（万元）. */
static hz_slice unit_in(hz_slice name)
{
    static const struct {
        hz_slice open, close;
    } pairs[] = {{{"（", 3}, {"）", 3}}, {{"(", 1}, {")", 1}}};
    for (size_t i = 0; i < 2; i++) {
        hz_slice open = pairs[i].open, close = pairs[i].close;
        const char *at = name.len ? memmem(name.ptr, name.len, open.ptr, open.len) : NULL;
        size_t from = at ? (size_t)(at - name.ptr) + open.len : 0;
        if (at && name.len > from + close.len && hz_slice_eq(hz_slice_sub(name, name.len - close.len, name.len), close))
            return hz_slice_sub(name, from, name.len - close.len);
    }
    return HZ_SLICE_NONE;
}

static void put_units(writer *w)
{
    section s = {"units", HZ_BUF_INIT, HZ_BUF_INIT};
    for (size_t i = 0; i < w->file->matches_count; i++) {
        const suggest_match *match = &w->file->matches[i];
        hz_decimal times;
        hz_slice unit = unit_in(header(w, match->column));
        if (!is_sure(match) || !match->fit.number || !match->field->unit.len || !hz_unit_known(unit) ||
            !hz_unit_times(&times, unit, match->field->unit))
            continue;
        hz_buf *out = begin(&s, true);
        hz_yaml_put_quoted(out, match->field->name);
        hz_buf_puts(out, ": ");
        hz_yaml_put_quoted(out, unit);
        hz_buf_putc(out, '\n');
    }
    put_section(w, &s);
}

static void put_separators(writer *w)
{
    section s = {"separators", HZ_BUF_INIT, HZ_BUF_INIT};
    for (size_t i = 0; i < w->file->matches_count; i++) {
        const suggest_match *match = &w->file->matches[i];
        if (!is_sure(match) || !match->field->many.len || hz_slice_eq(match->fit.separator, match->field->many))
            continue;
        hz_buf *out = begin(&s, true);
        hz_yaml_put_quoted(out, match->field->name);
        hz_buf_puts(out, ": ");
        hz_yaml_put_quoted(out, match->fit.separator);
        hz_buf_putc(out, '\n');
    }
    put_section(w, &s);
}

/* ---- tables ---- */

/* A pattern that takes the file: what patterns mean something else by is any character. */
static void put_pattern(hz_buf *out, hz_slice base)
{
    hz_buf text = HZ_BUF_INIT;
    for (size_t i = 0; i < base.len; i++)
        hz_buf_putc(&text, strchr("*?[]{},", base.ptr[i]) ? '?' : base.ptr[i]);
    hz_yaml_put_quoted(out, hz_buf_slice(&text));
    hz_buf_clear(&text);
}

static void put_files(writer *w, const hz_table *table)
{
    bool any = false;
    hz_buf_puts(w->out, "    files: [");
    for (size_t i = 0; i < w->job->files_count; i++) {
        if (w->job->files[i].table != table)
            continue;
        hz_buf_puts(w->out, any ? ", " : "");
        put_pattern(w->out, w->job->files[i].base);
        any = true;
    }
    hz_buf_puts(w->out, "]\n");
    if (w->file->sheet.len) {
        hz_buf_puts(w->out, "    sheet: ");
        hz_yaml_put_quoted(w->out, w->file->sheet);
        hz_buf_putc(w->out, '\n');
    }
}

static void put_table(writer *w)
{
    hz_buf_puts(w->out, "  ");
    hz_yaml_put_quoted(w->out, w->file->table->name);
    hz_buf_puts(w->out, ":\n");
    put_files(w, w->file->table);
    put_columns(w);
    put_joins(w);
    put_splits(w);
    put_rest(w);
    put_nulls(w);
    put_codes(w);
    put_formats(w);
    put_units(w);
    put_separators(w);
}

static void put_head(writer *w)
{
    const suggest_job *job = w->job;
    const hz_profile *profile = job->options->profile;
    const char *id = job->options->id ? job->options->id : "draft.mapping";
    const char *dot = memchr(profile->version.ptr, '.', profile->version.len);
    int major = (int)(dot ? dot - profile->version.ptr : 0);
    char rows[24];
    hz_slice figure = {rows, (size_t)snprintf(rows, sizeof rows, "%d", HZ_SUGGEST_ROWS)};
    hz_buf_puts(w->out, "# ");
    said(w->out, w, HZ_MSG_SUGGEST_HEAD, &figure, 1);
    hz_buf_printf(w->out, "\nhezhun: 1\nmapping: %s\nprofile: %.*s@%.*s\n", id, HZ_SLICE_FMT(profile->id), major,
                  profile->version.ptr);
    for (size_t i = 0; i < job->files_count; i++) {
        hz_buf quoted = HZ_BUF_INIT;
        hz_yaml_put_quoted(&quoted, job->files[i].base);
        hz_slice name = hz_buf_slice(&quoted);
        if (!job->files[i].table) {
            hz_buf_puts(w->out, "# ");
            said(w->out, w, HZ_MSG_SUGGEST_NO_TABLE, &name, 1);
            hz_buf_putc(w->out, '\n');
        }
        hz_buf_clear(&quoted);
    }
}

hz_status hz_suggest_write(hz_buf *out, suggest_job *job)
{
    const hz_profile *profile = job->options->profile;
    writer w = {out, job, NULL};
    bool any = false;
    put_head(&w);
    for (size_t t = 0; t < profile->tables_count; t++)
        for (size_t i = 0; i < job->files_count; i++) {
            if (job->files[i].table != &profile->tables[t])
                continue;
            hz_buf_puts(out, any ? "" : "tables:\n");
            any = true;
            w.file = &job->files[i];
            put_table(&w);
            break; /* other files of a table are only named */
        }
    if (!any)
        hz_buf_puts(out, "tables: {}\n");
    return hz_buf_status(out, job->err);
}
