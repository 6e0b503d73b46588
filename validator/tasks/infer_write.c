/* infer_write.c: what was found as a profile. Every name and text of the data is quoted. Row rules carry an example
 * that passes and one that fails, made of the bounds of their columns. */
#include "profiles/yaml.h"
#include "validator/tasks/infer_int.h"

enum { RULES_MAX = 20, PATTERN_ROWS = 20, DAY_TEXT = 16 };

typedef struct writer {
    hz_buf *out;
    const infer_job *job;
    hz_lang lang;
    unsigned rules; /* so far */
} writer;

static void puts_(writer *w, const char *text)
{
    hz_buf_puts(w->out, text);
}

/* A text of the data in an expression: 'it''s', itself in a double-quoted scalar. */
static void put_literal(hz_buf *out, hz_slice text)
{
    hz_buf_putc(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '\'')
            hz_buf_putc(out, '\'');
        hz_buf_putc(out, text.ptr[i]);
    }
    hz_buf_putc(out, '\'');
}

static void put_said(hz_buf *out, hz_msg_id id, hz_lang lang, const hz_slice *args, size_t count)
{
    hz_msg_render(out, id, args, count, lang);
}

/* Comments keep to one line: nothing of the data but names stands in them, and names have no line ends. */
static void comment(writer *w, unsigned indent, hz_msg_id id, const hz_slice *args, size_t count)
{
    while (indent--)
        hz_buf_putc(w->out, ' ');
    puts_(w, "# ");
    put_said(w->out, id, w->lang, args, count);
    puts_(w, "\n");
}

typedef struct figure {
    char text[24];
    size_t len;
} figure;

static figure figure_of(uint64_t n)
{
    figure f = {.len = 0};
    char turned[24];
    size_t count = 0;
    do {
        turned[count++] = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    while (count)
        f.text[f.len++] = turned[--count];
    return f;
}
#define FIGURE(f) ((hz_slice){(f).text, (f).len})

static void put_title(writer *w, hz_slice title)
{
    puts_(w, "title: {zh: ");
    hz_yaml_put_quoted(w->out, title);
    puts_(w, ", en: ");
    hz_yaml_put_quoted(w->out, title);
    puts_(w, "}");
}

/* A number or day as the data writes it. */
static void put_value(hz_buf *out, const infer_column *column, infer_kind kind, bool high)
{
    if (!hz_infer_is_day(kind)) {
        hz_decimal_put(out, high ? column->high : column->low);
        return;
    }
    hz_civil day = hz_date_to_civil((int32_t)(high ? column->day_high : column->day_low));
    const char *form = kind == INFER_DATE_COMPACT ? "%04d%02d%02d"
                       : kind == INFER_DATE_SLASH ? "%04d/%02d/%02d"
                                                  : "%04d-%02d-%02d";
    if (kind == INFER_MONTH)
        hz_buf_printf(out, "%04d-%02d", day.year, day.month);
    else
        hz_buf_printf(out, form, day.year, day.month, day.day);
}

/* ---- patterns ---- */

static void put_class(hz_buf *out, uint8_t class, char letter)
{
    enum { DIGIT = 1, UPPER = 2, LOWER = 4, SIGN = 8, MANY = 32 };
    if (!(class & MANY)) {
        bool plain = class & (DIGIT | UPPER | LOWER);
        if (!plain)
            hz_buf_putc(out, '\\');
        hz_buf_putc(out, letter);
        return;
    }
    if (class & SIGN) {
        hz_buf_putc(out, '.');
        return;
    }
    hz_buf_putc(out, '[');
    hz_buf_puts(out, class & DIGIT ? "0-9" : "");
    hz_buf_puts(out, class & UPPER ? "A-Z" : "");
    hz_buf_puts(out, class & LOWER ? "a-z" : "");
    hz_buf_putc(out, ']');
}

static bool has_pattern(const infer_column *column)
{
    if (column->mixed || column->present < PATTERN_ROWS || !column->length_high)
        return false;
    for (uint64_t i = 0; i < column->length_high && i < INFER_SHAPE; i++)
        if (!column->classes[i] || column->classes[i] & 16)
            return false;
    return column->length_high <= INFER_SHAPE;
}

/* A digit that is always the same is a digit all the same: the next one may differ. */
static uint8_t shape_at(const infer_column *column, uint64_t at)
{
    return column->classes[at] == 1 ? 1 | 32 : column->classes[at];
}

static void put_pattern(hz_buf *out, const infer_column *column)
{
    for (uint64_t i = 0, next; i < column->length_high; i = next) {
        uint8_t class = shape_at(column, i);
        bool many = class & 32;
        for (next = i + 1; next < column->length_high && many && shape_at(column, next) == class;)
            next++;
        put_class(out, class, column->letters[i]);
        if (next - i > 1)
            hz_buf_printf(out, "{%llu}", (unsigned long long)(next - i));
    }
}

/* ---- fields ---- */

static void put_number_type(writer *w, const infer_column *column, infer_kind kind)
{
    if (kind == INFER_INTEGER)
        puts_(w, "type: integer, min: ");
    else
        hz_buf_printf(w->out, "type: \"decimal(%d,%d)\", min: ", column->digits + column->scale, column->scale);
    hz_decimal_put(w->out, column->low);
    puts_(w, ", max: ");
    hz_decimal_put(w->out, column->high);
}

static void put_day_type(writer *w, const infer_column *column, infer_kind kind)
{
    puts_(w, kind == INFER_MONTH ? "type: month" : "type: date");
    if (kind == INFER_MONTH)
        return;
    if (kind != INFER_DATE_ISO)
        puts_(w, kind == INFER_DATE_COMPACT ? ", formats: [YYYYMMDD]" : ", formats: [YYYY/MM/DD]");
    puts_(w, ", min: ");
    put_value(w->out, column, INFER_DATE_ISO, false);
    puts_(w, ", max: ");
    put_value(w->out, column, INFER_DATE_ISO, true);
}

static void put_type(writer *w, infer_table *table, size_t c)
{
    infer_column *column = &table->columns[c];
    infer_kind kind = table->kinds[c];
    if (kind == INFER_INTEGER || kind == INFER_DECIMAL) {
        put_number_type(w, column, kind);
    } else if (hz_infer_is_day(kind)) {
        put_day_type(w, column, kind);
    } else if (kind != INFER_TEXT) {
        hz_buf_printf(w->out, "type: %s", hz_infer_kind_name(kind));
    } else if (table->coded[c]) {
        puts_(w, "codes: {");
        for (unsigned i = 0; i < column->codes_count; i++) {
            hz_slice code = {column->codes[i].text, column->codes[i].len};
            puts_(w, i ? ", " : "");
            hz_yaml_put_quoted(w->out, code);
            puts_(w, ": ");
            hz_yaml_put_quoted(w->out, code);
        }
        puts_(w, "}");
    } else {
        puts_(w, "type: text");
        if (has_pattern(column)) {
            hz_buf pattern = HZ_BUF_INIT;
            put_pattern(&pattern, column);
            puts_(w, ", pattern: ");
            hz_yaml_put_quoted(w->out, hz_buf_slice(&pattern));
            hz_buf_clear(&pattern);
        } else if (column->present) {
            hz_buf_printf(w->out, ", min_length: %llu, max_length: %llu", (unsigned long long)column->length_low,
                          (unsigned long long)column->length_high);
        }
    }
}

/* The place of a column with codes among those that implications were looked for in. */
static const infer_cell *cell_of(const infer_table *table, size_t coded, unsigned code, size_t c)
{
    return &table->found.cells[(coded * INFER_CODES + code) * table->columns_count + c];
}

/* Codes of the first column that tell when this one is there: where missing is 0 in so many rows. */
static bool tells(const infer_table *table, size_t coded, size_t c)
{
    const infer_column *by = &table->columns[table->coded_at[coded]];
    bool always = false, other = false;
    for (unsigned i = 0; i < by->codes_count; i++) {
        const infer_cell *cell = cell_of(table, coded, i, c);
        always = always || (cell->rows >= INFER_SUPPORT && !cell->missing);
        other = other || (cell->rows >= INFER_SUPPORT && cell->missing == cell->rows);
    }
    return always && other && table->coded_at[coded] != c;
}

static bool put_required_when(writer *w, const infer_table *table, size_t c)
{
    for (size_t coded = 0; coded < table->coded_count; coded++) {
        const infer_column *by = &table->columns[table->coded_at[coded]];
        hz_buf expr = HZ_BUF_INIT;
        bool any = false;
        if (!tells(table, coded, c))
            continue;
        hz_buf_putc(&expr, '"');
        hz_buf_put(&expr, table->names[table->coded_at[coded]]);
        hz_buf_puts(&expr, "\" in (");
        for (unsigned i = 0; i < by->codes_count; i++) {
            const infer_cell *cell = cell_of(table, coded, i, c);
            if (cell->rows < INFER_SUPPORT || cell->missing)
                continue;
            hz_buf_puts(&expr, any ? ", " : "");
            put_literal(&expr, (hz_slice){by->codes[i].text, by->codes[i].len});
            any = true;
        }
        hz_buf_putc(&expr, ')');
        puts_(w, ", required_when: ");
        hz_yaml_put_quoted(w->out, hz_buf_slice(&expr));
        if (expr.status != HZ_OK && w->out->status == HZ_OK)
            w->out->status = expr.status;
        hz_buf_clear(&expr);
        return true;
    }
    return false;
}

static void put_nearly(writer *w, const infer_table *table, size_t c)
{
    const infer_column *column = &table->columns[c];
    for (unsigned kind = 0; kind < INFER_KINDS && table->kinds[c] == INFER_TEXT; kind++) {
        if (!column->fits[kind] || column->fits[kind] == column->present ||
            column->fits[kind] * 100 < column->present * 90)
            continue;
        figure fits = figure_of(column->fits[kind]), of = figure_of(column->present),
               line = figure_of(column->against[kind]);
        const hz_slice args[] = {FIGURE(fits), FIGURE(of), hz_slice_of(hz_infer_kind_name((infer_kind)kind)),
                                 FIGURE(line)};
        comment(w, 6, HZ_MSG_INFER_NEARLY, args, 4);
    }
}

static void put_field(writer *w, infer_table *table, size_t c)
{
    const infer_column *column = &table->columns[c];
    figure present = figure_of(column->present), missing = figure_of(column->missing);
    const hz_slice values[] = {FIGURE(present), FIGURE(missing)};
    put_nearly(w, table, c);
    puts_(w, "      ");
    hz_yaml_put_quoted(w->out, table->names[c]);
    puts_(w, ": {");
    put_type(w, table, c);
    if (c != table->key && table->rows) {
        if (!column->missing)
            puts_(w, ", required: true");
        else
            (void)put_required_when(w, table, c);
    }
    const struct infer_reference *to = &table->references[c];
    if (to->table != SIZE_MAX) {
        puts_(w, ", references: ");
        hz_buf_put(w->out, w->job->tables[to->table].name);
        puts_(w, ".");
        hz_buf_put(w->out, w->job->tables[to->table].names[to->key]);
    }
    if (!hz_slice_eq(table->names[c], table->headers[c])) {
        puts_(w, ", aliases: [");
        hz_yaml_put_quoted(w->out, table->headers[c]);
        puts_(w, "]");
    }
    puts_(w, ", ");
    put_title(w, table->headers[c].len ? table->headers[c] : table->names[c]);
    puts_(w, "} # ");
    put_said(w->out, HZ_MSG_INFER_VALUES, w->lang, values, 2);
    puts_(w, "\n");
}

static void put_table(writer *w, infer_table *table)
{
    figure rows = figure_of(table->rows), bad = figure_of(table->bad);
    const hz_slice read[] = {FIGURE(rows), FIGURE(bad)};
    puts_(w, "  ");
    hz_yaml_put_quoted(w->out, table->name);
    puts_(w, ":\n");
    comment(w, 4, HZ_MSG_INFER_ROWS, read, 2);
    puts_(w, "    ");
    put_title(w, table->name);
    puts_(w, "\n");
    if (!hz_slice_eq(table->stem, table->name)) {
        hz_buf files = HZ_BUF_INIT;
        hz_buf_put(&files, table->stem);
        hz_buf_puts(&files, ".*");
        puts_(w, "    files: [");
        hz_yaml_put_quoted(w->out, hz_buf_slice(&files));
        puts_(w, "]\n");
        hz_buf_clear(&files);
    }
    if (table->key != SIZE_MAX) {
        puts_(w, "    key: [");
        hz_buf_put(w->out, table->names[table->key]);
        puts_(w, "] # ");
        put_said(w->out, HZ_MSG_INFER_KEY, w->lang, read, 1);
        puts_(w, "\n");
    }
    puts_(w, "    fields:\n");
    for (size_t c = 0; c < table->columns_count; c++)
        if (table->headers[c].len)
            put_field(w, table, c);
}

/* ---- row rules ---- */

static void rule_head(writer *w, const infer_table *table, hz_msg_id title, const hz_slice *args, size_t count,
                      uint64_t support)
{
    hz_buf text = HZ_BUF_INIT;
    figure rows = figure_of(support);
    const hz_slice of[] = {FIGURE(rows)};
    comment(w, 2, HZ_MSG_INFER_SUPPORT, of, 1);
    hz_buf_printf(w->out, "  INF-%03u:\n    on: ", ++w->rules);
    hz_buf_put(w->out, table->name);
    for (int what = 0; what < 2; what++) {
        puts_(w, what ? "\n    message: {zh: " : "\n    title: {zh: ");
        put_said(&text, title, HZ_LANG_ZH, args, count);
        hz_yaml_put_quoted(w->out, hz_buf_slice(&text));
        hz_buf_reset(&text);
        puts_(w, ", en: ");
        put_said(&text, title, HZ_LANG_EN, args, count);
        hz_yaml_put_quoted(w->out, hz_buf_slice(&text));
        hz_buf_reset(&text);
        puts_(w, "}");
    }
    hz_buf_clear(&text);
    puts_(w, "\n    assert: ");
}

static void put_name(hz_buf *out, hz_slice name)
{
    hz_buf_putc(out, '"');
    hz_buf_put(out, name);
    hz_buf_putc(out, '"');
}

static void put_cell(writer *w, const infer_table *table, unsigned column, hz_slice value, bool first)
{
    puts_(w, first ? "" : ", ");
    hz_yaml_put_quoted(w->out, table->names[column]);
    puts_(w, ": ");
    hz_yaml_put_quoted(w->out, value);
}

static void put_bounds(writer *w, const infer_table *table, const char *word, const infer_pair *pair, bool a_high,
                       bool b_high)
{
    hz_buf text = HZ_BUF_INIT;
    hz_buf_printf(w->out, "      %s: [{", word);
    hz_yaml_put_quoted(w->out, table->name);
    puts_(w, ": {");
    put_value(&text, &table->columns[pair->a], table->kinds[pair->a], a_high);
    put_cell(w, table, pair->a, hz_buf_slice(&text), true);
    hz_buf_reset(&text);
    put_value(&text, &table->columns[pair->b], table->kinds[pair->b], b_high);
    put_cell(w, table, pair->b, hz_buf_slice(&text), false);
    hz_buf_clear(&text);
    puts_(w, "}}]\n");
}

/* By the bounds alone a may exceed b: else the rule would say nothing that ranges do not say. */
static bool bounds_cross(const infer_table *table, const infer_pair *pair)
{
    const infer_column *a = &table->columns[pair->a], *b = &table->columns[pair->b];
    return hz_infer_is_day(table->kinds[pair->a]) ? a->day_high > b->day_low : hz_decimal_cmp(a->high, b->low) > 0;
}

static bool follows_from_sum(const infer_table *table, const infer_pair *pair)
{
    for (size_t i = 0; i < table->sums_count; i++) {
        const infer_sum *sum = &table->found.sums[i];
        if (!sum->against && sum->c == pair->b && (sum->a == pair->a || sum->b == pair->a))
            return true;
    }
    return false;
}

static void nearly_rule(writer *w, const char *sign, const hz_slice *names, size_t count, uint64_t support,
                        uint64_t against, uint64_t line)
{
    hz_buf text = HZ_BUF_INIT;
    figure held = figure_of(support - against), of = figure_of(support), at = figure_of(line);
    hz_buf_put(&text, names[0]);
    hz_buf_puts(&text, sign);
    hz_buf_put(&text, names[1]);
    if (count == 3) {
        hz_buf_puts(&text, " + ");
        hz_buf_put(&text, names[2]);
    }
    const hz_slice args[] = {hz_buf_slice(&text), FIGURE(held), FIGURE(of), FIGURE(at)};
    comment(w, 2, HZ_MSG_INFER_NEARLY_RULE, args, 4);
    hz_buf_clear(&text);
}

static void put_pairs(writer *w, const infer_table *table)
{
    unsigned count = 0;
    for (size_t i = 0; i < table->pairs_count && count < RULES_MAX; i++) {
        const infer_pair *pair = &table->found.pairs[i];
        const hz_slice names[] = {table->names[pair->a], table->names[pair->b]};
        if (pair->support < INFER_SUPPORT || !bounds_cross(table, pair) || follows_from_sum(table, pair) ||
            pair->against * 50 > pair->support)
            continue;
        count++;
        if (pair->against) {
            nearly_rule(w, " <= ", names, 2, pair->support, pair->against, pair->line);
            continue;
        }
        rule_head(w, table, HZ_MSG_INFER_ORDER, names, 2, pair->support);
        puts_(w, "'");
        put_name(w->out, names[0]);
        puts_(w, " <= ");
        put_name(w->out, names[1]);
        puts_(w, "'\n    tests:\n");
        put_bounds(w, table, "pass", pair, false, true);
        put_bounds(w, table, "fail", pair, true, false);
    }
}

static void put_sums(writer *w, const infer_table *table)
{
    unsigned count = 0;
    for (size_t i = 0; i < table->sums_count && count < RULES_MAX; i++) {
        const infer_sum *sum = &table->found.sums[i];
        const hz_slice names[] = {table->names[sum->c], table->names[sum->a], table->names[sum->b]};
        if (sum->telling < INFER_SUPPORT || sum->against * 50 > sum->support)
            continue;
        count++;
        if (sum->against) {
            nearly_rule(w, " = ", names, 3, sum->support, sum->against, sum->line);
            continue;
        }
        rule_head(w, table, HZ_MSG_INFER_SUM, names, 3, sum->support);
        puts_(w, "'");
        put_name(w->out, names[0]);
        puts_(w, " = ");
        put_name(w->out, names[1]);
        puts_(w, " + ");
        put_name(w->out, names[2]);
        puts_(w, "'\n    tests:\n");
        for (int fail = 0; fail < 2; fail++) {
            hz_buf_printf(w->out, "      %s: [{", fail ? "fail" : "pass");
            hz_yaml_put_quoted(w->out, table->name);
            puts_(w, ": {");
            put_cell(w, table, sum->a, HZ_SLICE_LIT("1"), true);
            put_cell(w, table, sum->b, HZ_SLICE_LIT("2"), false);
            put_cell(w, table, sum->c, fail ? HZ_SLICE_LIT("4") : HZ_SLICE_LIT("3"), false);
            puts_(w, "}}]\n");
        }
    }
}

/* A code with which a number or day of another column never goes. */
static void put_nothing_rule(writer *w, const infer_table *table, size_t coded, unsigned code, size_t c)
{
    const infer_column *by = &table->columns[table->coded_at[coded]];
    hz_slice text = {by->codes[code].text, by->codes[code].len};
    const hz_slice args[] = {table->names[table->coded_at[coded]], text, table->names[c]};
    hz_buf expr = HZ_BUF_INIT, value = HZ_BUF_INIT;
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] == '{' || text.ptr[i] == '}')
            return; /* a message would read it as an expression */
    rule_head(w, table, HZ_MSG_INFER_NOTHING, args, 3, cell_of(table, coded, code, c)->rows);
    put_name(&expr, args[2]);
    hz_buf_puts(&expr, " is null");
    hz_yaml_put_quoted(w->out, hz_buf_slice(&expr));
    hz_buf_reset(&expr);
    put_name(&expr, args[0]);
    hz_buf_puts(&expr, " = ");
    put_literal(&expr, text);
    puts_(w, "\n    when: ");
    hz_yaml_put_quoted(w->out, hz_buf_slice(&expr));
    puts_(w, "\n    tests:\n");
    put_value(&value, &table->columns[c], table->kinds[c], false);
    for (int fail = 0; fail < 2; fail++) {
        hz_buf_printf(w->out, "      %s: [{", fail ? "fail" : "pass");
        hz_yaml_put_quoted(w->out, table->name);
        puts_(w, ": {");
        put_cell(w, table, table->coded_at[coded], text, true);
        if (fail)
            put_cell(w, table, (unsigned)c, hz_buf_slice(&value), false);
        puts_(w, "}}]\n");
    }
    hz_buf_clear(&expr);
    hz_buf_clear(&value);
}

static void put_implications(writer *w, const infer_table *table)
{
    unsigned count = 0;
    for (size_t coded = 0; coded < table->coded_count; coded++)
        for (size_t c = 0; c < table->columns_count; c++) {
            infer_kind kind = table->kinds[c];
            bool shown = kind == INFER_INTEGER || kind == INFER_DECIMAL || hz_infer_is_day(kind);
            const infer_column *by = &table->columns[table->coded_at[coded]];
            for (unsigned i = 0; shown && i < by->codes_count && count < RULES_MAX; i++) {
                const infer_cell *cell = cell_of(table, coded, i, c);
                if (cell->rows < INFER_SUPPORT || cell->missing != cell->rows || !table->columns[c].present)
                    continue;
                put_nothing_rule(w, table, coded, i, c);
                count++;
            }
        }
}

void hz_infer_write(hz_buf *out, const infer_job *job)
{
    writer w = {.out = out, .job = job, .lang = job->options->lang};
    figure tables = figure_of(job->tables_count);
    const hz_slice head[] = {FIGURE(tables)};
    comment(&w, 0, HZ_MSG_INFER_HEAD, head, 1);
    puts_(&w, "hezhun: 1\nprofile: ");
    puts_(&w, job->options->id ? job->options->id : "draft.inferred");
    puts_(&w, "\nversion: 0.1.0\nstatus: draft\ntitle: {zh: ");
    hz_yaml_put_quoted(out, hz_slice_of(hz_msg_text(HZ_MSG_INFER_TITLE, HZ_LANG_ZH)));
    puts_(&w, ", en: ");
    hz_yaml_put_quoted(out, hz_slice_of(hz_msg_text(HZ_MSG_INFER_TITLE, HZ_LANG_EN)));
    puts_(&w, "}\ntables:\n");
    for (size_t i = 0; i < job->tables_count; i++)
        put_table(&w, &job->tables[i]);
    hz_buf rules = HZ_BUF_INIT;
    w.out = &rules;
    for (size_t i = 0; i < job->tables_count; i++) {
        put_sums(&w, &job->tables[i]);
        put_pairs(&w, &job->tables[i]);
        put_implications(&w, &job->tables[i]);
    }
    w.out = out;
    if (w.rules)
        puts_(&w, "rules:\n");
    hz_buf_put(out, hz_buf_slice(&rules));
    if (rules.status != HZ_OK && out->status == HZ_OK)
        out->status = rules.status;
    hz_buf_clear(&rules);
}
