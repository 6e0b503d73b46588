/* eval_tool.c: evaluates expressions for run.py. Reads statements of tests/data/expr/README.md from standard input
 * (fields, row, as_of, param, expr) and
 *
 *   also: …      one more row beside those there are (row: starts again with one)
 *   run:         evaluates; prints the type and the value of each row, tab-separated
 *   params:      forgets the parameters
 *
 * Each run is evaluated in one batch, row by row and by the plain program; where these differ, or the expression is
 * wrong, the line is `error` and what is wrong. */
#include "tests/unit/eval/eval_kit.h"

enum { ROWS_MAX = 256, LINE_BYTES_MAX = 1 << 20 };

typedef struct tool {
    value_case now;
    kit_cell cells[ROWS_MAX * CASE_FIELDS_MAX];
    uint32_t rows;
    eval_kit kit;
    bool open;
    hz_eval *eval;
} tool;

/* Statements are borrowed from lines that stay. */
static hz_slice keep(hz_slice line)
{
    char *copy = malloc(line.len + 1);
    if (!copy)
        kit_die("no memory");
    memcpy(copy, line.ptr, line.len);
    return (hz_slice){copy, line.len};
}

static void add_row(tool *t, hz_slice rest)
{
    if (t->rows == ROWS_MAX)
        kit_die("too many rows");
    case_row(&t->now, rest, 0);
    for (size_t f = 0; f < t->now.fields_count; f++)
        t->cells[t->rows * t->now.fields_count + f] = (kit_cell){t->now.fields[f].state, t->now.fields[f].text};
    t->rows++;
}

static void forget_kit(tool *t)
{
    if (t->open)
        kit_close(&t->kit);
    t->open = false;
}

static void print_error(const hz_buf *why)
{
    fputs("error\t", stdout);
    for (size_t i = 0; i < why->len; i++)
        putchar(why->ptr[i] == '\n' || why->ptr[i] == '\t' ? ' ' : why->ptr[i]);
    putchar('\n');
}

static void run(tool *t)
{
    if (!t->open)
        kit_open(&t->kit, t->now.fields, t->now.fields_count, t->now.params, t->now.params_count, t->now.as_of);
    t->open = true;
    t->kit.cells = t->cells;
    hz_buf why = HZ_BUF_INIT, out = HZ_BUF_INIT;
    hz_node *root = kit_parse(&t->kit, t->now.expr, &why);
    if (root)
        kit_put_type(&out, root);
    hz_buf_putc(&out, '\t');
    size_t head = out.len;
    hz_buf values = HZ_BUF_INIT;
    if (!root || kit_evaluate(&t->kit, root, t->eval, t->rows, &values, '\t', &why) != HZ_OK) {
        print_error(&why);
    } else {
        fwrite(out.ptr, 1, head, stdout);
        fwrite(values.ptr, 1, values.len - (values.len > 0), stdout);
        putchar('\n');
    }
    hz_buf_clear(&values);
    hz_buf_clear(&why);
    hz_buf_clear(&out);
}

static void statement(tool *t, hz_slice line)
{
    hz_slice rest;
    if (case_key(line, "fields", &rest)) {
        forget_kit(t);
        case_fields(&t->now, rest, 0);
        t->rows = 0;
        add_row(t, HZ_SLICE_NONE);
    } else if (case_key(line, "row", &rest)) {
        t->rows = 0;
        add_row(t, rest);
    } else if (case_key(line, "also", &rest)) {
        add_row(t, rest);
    } else if (case_key(line, "as_of", &rest)) {
        forget_kit(t);
        t->now.as_of = rest;
    } else if (case_key(line, "params", &rest)) {
        forget_kit(t);
        t->now.params_count = 0;
    } else if (case_key(line, "param", &rest)) {
        forget_kit(t);
        case_param_line(&t->now, rest, 0);
    } else if (case_key(line, "expr", &rest)) {
        t->now.expr = rest;
    } else if (case_key(line, "run", &rest)) {
        run(t);
    } else {
        kit_die("not a statement");
    }
}

int main(void)
{
    static tool t;
    static char line[LINE_BYTES_MAX];
    t.now.file = "standard input";
    t.now.as_of = HZ_SLICE_LIT("2020-12-31");
    t.eval = hz_eval_new();
    while (t.eval && fgets(line, sizeof line, stdin)) {
        size_t len = strlen(line);
        if (len && line[len - 1] == '\n')
            len--;
        if (len)
            statement(&t, keep((hz_slice){line, len}));
    }
    forget_kit(&t);
    hz_eval_free(t.eval);
    return t.eval ? 0 : 1;
}
