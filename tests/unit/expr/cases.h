/* cases.h: reads the case files of tests/data/expr (their README has the format). Header only. Memory is never freed:
 * tests are short. */
#ifndef HZ_TESTS_EXPR_CASES_H
#define HZ_TESTS_EXPR_CASES_H
#include <stdio.h>
#include <stdlib.h>

#include "base/slice.h"

#define CASES_UNUSED __attribute__((unused))

enum { CASES_MAX = 2000, CASE_FIELDS_MAX = 24, CASE_PARAMS_MAX = 8 };

typedef enum cell_state { CELL_NULL, CELL_PRESENT, CELL_INVALID } cell_state;

typedef struct case_field {
    hz_slice name, type; /* type as written: "integer", "text[]" */
    cell_state state;
    hz_slice text; /* as submitted, quotes undone */
} case_field;

typedef struct case_param {
    hz_slice name, type, text;
} case_param;

typedef struct value_case {
    const char *file;
    unsigned line; /* of `value:` */
    case_field fields[CASE_FIELDS_MAX];
    size_t fields_count;
    case_param params[CASE_PARAMS_MAX];
    size_t params_count;
    hz_slice as_of; /* "none", or a date */
    hz_slice expr;
    hz_slice postgres; /* "" when PostgreSQL reads expr */
    hz_slice type, value;
} value_case;

typedef struct error_case {
    const char *file;
    unsigned line; /* of `expr:` */
    hz_slice on, scope, want, expr, zh, en;
} error_case;

static CASES_UNUSED void case_fail(const char *file, unsigned line, const char *what)
{
    fprintf(stderr, "%s:%u: %s\n", file, line, what);
    exit(1);
}

static CASES_UNUSED hz_slice case_file(const char *path)
{
    FILE *in = fopen(path, "rb");
    size_t len = 0, room = 1 << 20;
    char *bytes = malloc(room);
    if (!in || !bytes)
        case_fail(path, 0, "cannot be read");
    len = fread(bytes, 1, room, in);
    fclose(in);
    return (hz_slice){bytes, len};
}

static CASES_UNUSED bool case_line(hz_slice *text, hz_slice *line)
{
    if (text->len == 0)
        return false;
    const char *end = memchr(text->ptr, '\n', text->len);
    size_t len = end ? (size_t)(end - text->ptr) : text->len;
    *line = hz_slice_sub(*text, 0, len);
    *text = hz_slice_sub(*text, len + (end ? 1 : 0), text->len);
    return true;
}

/* `key: rest`; rest is empty for `key:`. */
static CASES_UNUSED bool case_key(hz_slice line, const char *key, hz_slice *rest)
{
    size_t len = strlen(key);
    if (!hz_slice_starts(line, hz_slice_of(key)) || line.len <= len || line.ptr[len] != ':')
        return false;
    *rest = hz_slice_sub(line, len + (line.len > len + 1 ? 2 : 1), line.len);
    return true;
}

static CASES_UNUSED hz_slice case_word(hz_slice *rest, char until)
{
    size_t at = 0, from;
    while (at < rest->len && (rest->ptr[at] == ' ' || rest->ptr[at] == ','))
        at++;
    from = at;
    while (at < rest->len && rest->ptr[at] != until && rest->ptr[at] != ' ')
        at++;
    hz_slice word = hz_slice_sub(*rest, from, at);
    *rest = hz_slice_sub(*rest, at, rest->len);
    return word;
}

/* 'text' with '' undone, at the start of *rest. */
static CASES_UNUSED bool case_text(hz_slice *rest, hz_slice *out)
{
    if (rest->len == 0 || rest->ptr[0] != '\'')
        return false;
    char *bytes = malloc(rest->len + 1);
    size_t len = 0, at = 1;
    for (; bytes && at < rest->len; at++) {
        if (rest->ptr[at] == '\'') {
            if (at + 1 >= rest->len || rest->ptr[at + 1] != '\'')
                break;
            at++;
        }
        bytes[len++] = rest->ptr[at];
    }
    *out = (hz_slice){bytes, len};
    *rest = hz_slice_sub(*rest, at + 1, rest->len);
    return bytes != NULL;
}

static CASES_UNUSED void case_fields(value_case *now, hz_slice rest, unsigned line)
{
    now->fields_count = 0;
    for (;;) {
        hz_slice name = case_word(&rest, ' ');
        if (name.len == 0)
            break;
        hz_slice type = case_word(&rest, ',');
        if (now->fields_count == CASE_FIELDS_MAX || type.len == 0)
            case_fail(now->file, line, "fields");
        now->fields[now->fields_count++] = (case_field){name, type, CELL_NULL, HZ_SLICE_NONE};
    }
}

static CASES_UNUSED void case_row(value_case *now, hz_slice rest, unsigned line)
{
    for (size_t i = 0; i < now->fields_count; i++)
        now->fields[i].state = CELL_NULL;
    for (;;) {
        hz_slice name = case_word(&rest, '=');
        case_field *field = NULL;
        if (name.len == 0)
            break;
        for (size_t i = 0; i < now->fields_count; i++)
            if (hz_slice_eq(now->fields[i].name, name))
                field = &now->fields[i];
        rest = hz_slice_sub(rest, 1, rest.len);
        bool invalid = hz_slice_starts(rest, HZ_SLICE_LIT("invalid"));
        if (invalid)
            rest = hz_slice_sub(rest, 7, rest.len);
        if (!field || !case_text(&rest, &field->text))
            case_fail(now->file, line, "row");
        field->state = invalid ? CELL_INVALID : CELL_PRESENT;
    }
}

static CASES_UNUSED void case_param_line(value_case *now, hz_slice rest, unsigned line)
{
    if (now->params_count == CASE_PARAMS_MAX)
        case_fail(now->file, line, "params");
    case_param *param = &now->params[now->params_count++];
    param->name = case_word(&rest, ' ');
    param->type = case_word(&rest, ' ');
    param->text = hz_slice_sub(rest, 1, rest.len);
}

/* The cases of a file, appended; the new count. */
static CASES_UNUSED size_t read_value_cases(value_case *cases, size_t count, const char *path)
{
    value_case now = {.file = path, .as_of = HZ_SLICE_LIT("2020-12-31")};
    hz_slice text = case_file(path), line, rest;
    for (unsigned number = 1; case_line(&text, &line); number++) {
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        if (case_key(line, "fields", &rest))
            case_fields(&now, rest, number);
        else if (case_key(line, "row", &rest))
            case_row(&now, rest, number);
        else if (case_key(line, "as_of", &rest))
            now.as_of = rest;
        else if (case_key(line, "param", &rest))
            case_param_line(&now, rest, number);
        else if (case_key(line, "expr", &rest))
            now.expr = rest;
        else if (case_key(line, "postgres", &rest))
            now.postgres = rest;
        else if (case_key(line, "value", &rest) && count < CASES_MAX) {
            now.type = case_word(&rest, ' ');
            now.value = hz_slice_sub(rest, 1, rest.len);
            now.line = number;
            cases[count++] = now;
            now.postgres = HZ_SLICE_NONE;
        } else
            case_fail(path, number, "not a statement of a value case");
    }
    return count;
}

/* The lines `| …` that follow, joined; each ends in a line feed but for the last of an expression. */
static CASES_UNUSED hz_slice case_block(hz_slice *text, unsigned *number)
{
    char *bytes = malloc(text->len + 1);
    size_t len = 0;
    while (bytes && text->len && text->ptr[0] == '|') {
        hz_slice line;
        case_line(text, &line);
        ++*number;
        line = hz_slice_sub(line, 2, line.len);
        if (line.len)
            memcpy(bytes + len, line.ptr, line.len);
        len += line.len;
        bytes[len++] = '\n';
    }
    return (hz_slice){bytes, len};
}

static CASES_UNUSED size_t read_error_cases(error_case *cases, size_t count, const char *path)
{
    error_case now = {.file = path, .scope = HZ_SLICE_LIT("row"), .want = HZ_SLICE_LIT("boolean")};
    hz_slice text = case_file(path), line, rest;
    for (unsigned number = 1; case_line(&text, &line); number++) {
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        if (case_key(line, "on", &rest))
            now.on = rest;
        else if (case_key(line, "scope", &rest))
            now.scope = rest;
        else if (case_key(line, "want", &rest))
            now.want = rest;
        else if (case_key(line, "expr", &rest)) {
            now.line = number;
            now.expr = rest;
            if (text.len && text.ptr[0] == '|') {
                now.expr = case_block(&text, &number);
                now.expr.len--;
            }
        } else if (case_key(line, "zh", &rest))
            now.zh = case_block(&text, &number);
        else if (case_key(line, "en", &rest) && count < CASES_MAX) {
            now.en = case_block(&text, &number);
            cases[count++] = now;
        } else
            case_fail(path, number, "not a statement of an error case");
    }
    return count;
}
#endif
