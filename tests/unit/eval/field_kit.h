/* field_kit.h: fields for tests from one line of text, and what a reader says of a cell.
 *
 * A field is written as words KEY=VALUE: type (text integer decimal decimal(p,s) boolean date month datetime time, or
 * semantic types joined by +), codes (a list's id, or in:CODE=NAME;CODE=NAME), formats true false nulls (parts between
 * |; "-" for none), many pattern min max min_length max_length min_items max_items level asof, and the bare words trim
 * width case distinct names ever accept15. min and max: null, a number, a text, a date, or ts:TIMESTAMP. \_ is a blank,
 * \t a tab, \0 nothing, \u{HEX} a character. */
#ifndef HZ_TESTS_UNIT_EVAL_FIELD_KIT_H
#define HZ_TESTS_UNIT_EVAL_FIELD_KIT_H
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/utf8.h"
#include "profiles/expr/pattern.h"
#include "validator/eval/field.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum { KIT_PARTS = 8 };

typedef struct kit {
    hz_arena *arena;
    hz_lists *lists;
    hz_semtypes *semtypes;
    hz_limits limits;
    hz_table table;
    hz_field field;
    hz_eval_env env;
    hz_node bounds[2];
    hz_codelist *own;
} kit;

/* Opened once before the tests, since the lists take a while; shared by all kits. */
static hz_lists *kit_lists;
static hz_semtypes *kit_semtypes;

static inline bool kit_setup(void)
{
    return hz_lists_open(&kit_lists, NULL, hz_limits_default(), NULL) == HZ_OK &&
           hz_semtypes_open(&kit_semtypes, kit_lists, NULL) == HZ_OK;
}

static inline void kit_teardown(void)
{
    hz_semtypes_close(kit_semtypes);
    hz_lists_close(kit_lists);
}

static inline void kit_open(kit *k)
{
    memset(k, 0, sizeof *k);
    k->arena = hz_arena_new();
    hz_limits_init(&k->limits);
    k->lists = kit_lists;
    k->semtypes = kit_semtypes;
}

static inline void kit_drop_field(kit *k)
{
    pcre2_code_free(k->field.pattern);
    hz_codelist_free(k->own);
    k->field.pattern = NULL;
    k->own = NULL;
}

static inline void kit_close(kit *k)
{
    kit_drop_field(k);
    hz_arena_free(k->arena);
}

/* Text with its escapes read, in the arena. */
static inline hz_slice kit_text(kit *k, hz_slice raw)
{
    hz_buf buf = HZ_BUF_INIT;
    hz_slice out;
    for (size_t i = 0; i < raw.len; i++) {
        if (raw.ptr[i] != '\\' || i + 1 == raw.len) {
            hz_buf_putc(&buf, raw.ptr[i]);
            continue;
        }
        char letter = raw.ptr[++i];
        if (letter == 't')
            hz_buf_putc(&buf, '\t');
        else if (letter == '_')
            hz_buf_putc(&buf, ' ');
        else if (letter == 'u') {
            uint32_t c = 0;
            for (i += 2; i < raw.len && raw.ptr[i] != '}'; i++)
                c = c * 16 + (uint32_t)(raw.ptr[i] <= '9' ? raw.ptr[i] - '0' : (raw.ptr[i] | 32) - 'a' + 10);
            hz_utf8_put(&buf, c);
        } else if (letter != '0') {
            hz_buf_putc(&buf, '\\');
            hz_buf_putc(&buf, letter);
        }
    }
    ck_assert_int_eq(hz_arena_copy(&out, k->arena, hz_buf_slice(&buf)), HZ_OK);
    hz_buf_clear(&buf);
    return out;
}

static inline bool kit_cut(hz_slice *rest, char at, hz_slice *part)
{
    if (!rest->ptr)
        return false;
    const char *found = memchr(rest->ptr, at, rest->len);
    size_t len = found ? (size_t)(found - rest->ptr) : rest->len;
    *part = hz_slice_sub(*rest, 0, len);
    *rest = found ? hz_slice_sub(*rest, len + 1, rest->len) : HZ_SLICE_NONE;
    return true;
}

static inline size_t kit_parts(kit *k, hz_slice **out, hz_slice value)
{
    size_t count = 0;
    hz_slice part;
    *out = HZ_ARENA_ARRAY(k->arena, hz_slice, KIT_PARTS);
    if (hz_slice_is(value, "-"))
        return 0;
    while (kit_cut(&value, '|', &part))
        (*out)[count++] = kit_text(k, part);
    return count;
}

static inline int64_t kit_number(hz_slice value)
{
    hz_decimal d;
    int64_t n = 0;
    ck_assert(hz_decimal_parse(&d, value) && hz_decimal_to_i64(&n, d));
    return n;
}

static inline hz_value kit_value(kit *k, hz_slice text)
{
    hz_value value = {.type = HZ_TYPE_NULL, .valid = false};
    hz_time_format iso;
    int64_t time = 0;
    if (hz_slice_is(text, "null"))
        return value;
    value.valid = true;
    if (hz_slice_starts(text, HZ_SLICE_LIT("ts:"))) {
        hz_time_format_iso(&iso, HZ_TIME_DATETIME);
        value.type = HZ_TYPE_TIMESTAMP;
        ck_assert(hz_time_parse(&value.as.i64, &iso, hz_slice_sub(text, 3, text.len)));
        return value;
    }
    hz_time_format_iso(&iso, HZ_TIME_DATE);
    if (hz_time_parse(&time, &iso, text)) {
        value.type = HZ_TYPE_DATE;
        value.as.i64 = time;
        return value;
    }
    hz_time_format_iso(&iso, HZ_TIME_TIME);
    if (hz_time_parse(&time, &iso, text)) {
        value.type = HZ_TYPE_TIME;
        value.as.i64 = time;
        return value;
    }
    hz_decimal d;
    if (hz_decimal_parse(&d, text)) {
        value.type = d.scale == 0 && hz_decimal_to_i64(&time, d) ? HZ_TYPE_INTEGER : HZ_TYPE_DECIMAL;
        if (value.type == HZ_TYPE_INTEGER)
            value.as.i64 = time;
        else
            value.as.decimal = d;
        return value;
    }
    value.type = HZ_TYPE_TEXT;
    value.as.text = kit_text(k, text);
    return value;
}

static inline void kit_bound(kit *k, hz_expr *expr, hz_node *node, hz_slice value)
{
    memset(node, 0, sizeof *node);
    node->kind = hz_slice_is(value, "as_of") ? HZ_NODE_AS_OF : HZ_NODE_LITERAL;
    node->constant = true;
    if (node->kind == HZ_NODE_LITERAL)
        node->value = kit_value(k, value);
    else
        expr->reads_as_of = true;
    expr->root = node;
}

static inline void kit_codes(kit *k, hz_slice value)
{
    k->field.type = HZ_FIELD_CODES;
    if (!hz_slice_starts(value, HZ_SLICE_LIT("in:"))) {
        k->field.codes = hz_lists_find(k->lists, kit_text(k, value), NULL);
        ck_assert_ptr_nonnull(k->field.codes);
        return;
    }
    hz_code codes[KIT_PARTS];
    size_t count = 0;
    hz_slice rest = hz_slice_sub(value, 3, value.len), part, code;
    while (kit_cut(&rest, ';', &part)) {
        ck_assert(kit_cut(&part, '=', &code));
        codes[count++] =
            (hz_code){kit_text(k, code), {kit_text(k, part), HZ_SLICE_NONE}, HZ_SLICE_NONE, INT32_MIN, INT32_MAX};
    }
    ck_assert_int_eq(hz_codelist_of(&k->own, HZ_SLICE_LIT("own"), codes, count, NULL), HZ_OK);
    k->field.codes = k->own;
}

static inline void kit_formats(kit *k, hz_slice value)
{
    static const hz_time_kind kinds[] = {[HZ_FIELD_DATE] = HZ_TIME_DATE,
                                         [HZ_FIELD_MONTH] = HZ_TIME_MONTH,
                                         [HZ_FIELD_DATETIME] = HZ_TIME_DATETIME,
                                         [HZ_FIELD_TIME] = HZ_TIME_TIME};
    hz_field *f = &k->field;
    hz_time_kind kind = kinds[f->type];
    hz_slice *texts;
    size_t count = kit_parts(k, &texts, value);
    f->formats = HZ_ARENA_ARRAY(k->arena, hz_time_format, KIT_PARTS);
    f->formats_count = count;
    for (size_t i = 0; i < count; i++) {
        if (hz_slice_is(texts[i], "iso"))
            hz_time_format_iso(&f->formats[i], kind);
        else
            ck_assert_int_eq(hz_time_format_compile(&f->formats[i], kind, texts[i], NULL), HZ_OK);
    }
}

static inline void kit_type(kit *k, hz_slice value)
{
    static const char *const names[] = {"text", "integer", "decimal", "boolean", "date", "month", "datetime", "time"};
    hz_field *f = &k->field;
    hz_slice part;
    for (size_t t = 0; t < sizeof names / sizeof *names; t++)
        if (hz_slice_is(value, names[t])) {
            f->type = (hz_field_type)t;
            if (f->type >= HZ_FIELD_DATE)
                kit_formats(k, HZ_SLICE_LIT("iso"));
            return;
        }
    if (hz_slice_starts(value, HZ_SLICE_LIT("decimal("))) {
        f->type = HZ_FIELD_DECIMAL;
        ck_assert_int_eq(sscanf(value.ptr, "decimal(%d,%d)", &f->precision, &f->scale), 2);
        return;
    }
    f->type = HZ_FIELD_SEMANTIC;
    while (kit_cut(&value, '+', &part)) {
        f->semtypes[f->semtypes_count] = hz_semtype_of(part);
        ck_assert_msg(f->semtypes[f->semtypes_count++] != HZ_SEMTYPE_NONE, "type %.*s", HZ_SLICE_FMT(part));
    }
}

static inline void kit_pattern(kit *k, hz_slice value)
{
    hz_pattern_mistake mistake;
    k->field.pattern_text = kit_text(k, value);
    ck_assert_int_eq(hz_pattern_compile(&k->field.pattern, k->field.pattern_text, &mistake, NULL), HZ_OK);
    ck_assert_ptr_nonnull(k->field.pattern);
}

static inline void kit_as_of(kit *k, hz_slice value)
{
    hz_value day = kit_value(k, value);
    k->env.has_as_of = true;
    k->env.as_of = (int32_t)day.as.i64;
}

static inline void kit_key(kit *k, hz_slice key, hz_slice value)
{
    hz_field *f = &k->field;
    const struct {
        const char *name;
        bool *flag;
    } flags[] = {{"trim", &f->trim},
                 {"plain", &f->plain},
                 {"width", &f->fold_width},
                 {"case", &f->fold_case},
                 {"distinct", &f->distinct},
                 {"names", &f->codes_names},
                 {"ever", &f->codes_valid_ever},
                 {"accept15", &f->accept_15}};
    const struct {
        const char *name;
        int64_t *number;
    } numbers[] = {{"min_length", &f->min_length},
                   {"max_length", &f->max_length},
                   {"min_items", &f->min_items},
                   {"max_items", &f->max_items}};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (hz_slice_is(key, flags[i].name)) {
            *flags[i].flag = true;
            return;
        }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (hz_slice_is(key, numbers[i].name)) {
            *numbers[i].number = kit_number(value);
            return;
        }
    if (hz_slice_is(key, "type"))
        kit_type(k, value);
    else if (hz_slice_is(key, "codes"))
        kit_codes(k, value);
    else if (hz_slice_is(key, "formats"))
        kit_formats(k, value);
    else if (hz_slice_is(key, "true"))
        f->true_count = kit_parts(k, &f->true_texts, value);
    else if (hz_slice_is(key, "false"))
        f->false_count = kit_parts(k, &f->false_texts, value);
    else if (hz_slice_is(key, "nulls"))
        k->table.nulls_count = kit_parts(k, &k->table.nulls, value);
    else if (hz_slice_is(key, "many"))
        f->many = kit_text(k, value);
    else if (hz_slice_is(key, "pattern"))
        kit_pattern(k, value);
    else if (hz_slice_is(key, "min"))
        kit_bound(k, &f->min, &k->bounds[0], value);
    else if (hz_slice_is(key, "max"))
        kit_bound(k, &f->max, &k->bounds[1], value);
    else if (hz_slice_is(key, "level"))
        f->level = hz_division_level_by_name(value);
    else if (hz_slice_is(key, "asof"))
        kit_as_of(k, value);
    else
        ck_abort_msg("no key %.*s", HZ_SLICE_FMT(key));
}

static inline void kit_field(kit *k, hz_slice spec)
{
    static hz_slice empty[1] = {{"", 0}}, yes[1] = {{"1", 1}}, no[1] = {{"0", 1}};
    kit_drop_field(k);
    k->field = (hz_field){.table = &k->table,
                          .name = HZ_SLICE_LIT("f"),
                          .precision = -1,
                          .scale = -1,
                          .min_items = -1,
                          .max_items = -1,
                          .min_length = -1,
                          .max_length = -1,
                          .true_texts = yes,
                          .true_count = 1,
                          .false_texts = no,
                          .false_count = 1};
    k->table.nulls = empty;
    k->table.nulls_count = 1;
    k->env = (hz_eval_env){.semtypes = k->semtypes, .limits = &k->limits};
    hz_slice word, key;
    while (kit_cut(&spec, ' ', &word))
        if (word.len) {
            ck_assert(kit_cut(&word, '=', &key));
            kit_key(k, key, word);
        }
}

static inline hz_field_reader *kit_reader(kit *k, unsigned which)
{
    hz_field_reader *reader = NULL;
    hz_error err = {0};
    ck_assert_int_eq(hz_field_reader_new(&reader, &k->field, &k->env, which, &err), HZ_OK);
    return reader;
}

/* All that a reader says of row i, in one line: raw, value, then each constraint: name, "-" not applicable, "+" held,
 * "!" failed (with the reason), "?" undetermined. */
static inline void kit_describe(hz_buf *out, const hz_field_column *c, size_t i)
{
    static const struct {
        hz_rule_kind kind;
        const char *name;
    } kinds[] = {{HZ_RULE_CHARACTERS, "characters"},
                 {HZ_RULE_TYPE, "type"},
                 {HZ_RULE_CODES, "codes"},
                 {HZ_RULE_ITEMS, "items"},
                 {HZ_RULE_PATTERN, "pattern"},
                 {HZ_RULE_LENGTH, "length"},
                 {HZ_RULE_RANGE, "range"}};
    hz_vec_put(out, &c->raw, i, HZ_SLICE_LIT("INVALID"));
    hz_buf_puts(out, " => ");
    if (c->value.type != HZ_TYPE_NULL)
        hz_vec_put(out, &c->value, i, HZ_SLICE_LIT("INVALID"));
    for (size_t n = 0; n < sizeof kinds / sizeof *kinds; n++) {
        hz_rule_kind kind = kinds[n].kind;
        if (!c->applied[kind])
            continue;
        bool applied = hz_bits_get(c->applied[kind], i), failed = hz_bits_get(c->failed[kind], i);
        bool unknown = c->undetermined[kind] && hz_bits_get(c->undetermined[kind], i);
        ck_assert(applied || (!failed && !unknown));
        ck_assert(!(failed && unknown));
        hz_buf_printf(out, " %s%s", kinds[n].name, !applied ? "-" : failed ? "!" : unknown ? "?" : "+");
        if (failed && kind == HZ_RULE_TYPE && c->reasons)
            hz_buf_puts(out, hz_reason_name((hz_semtype_reason)c->reasons[i]));
    }
}

/* The last words of bitmaps hold nothing past the rows. */
static inline void kit_tails(const hz_field_column *c, uint32_t count)
{
    if (!(count & 63))
        return;
    uint64_t over = ~hz_bits_tail(count);
    size_t last = count / 64;
    ck_assert_uint_eq(c->raw.valid[last] & over, 0);
    if (c->value.type != HZ_TYPE_NULL) {
        ck_assert_uint_eq(c->value.valid[last] & over, 0);
        ck_assert_uint_eq(c->value.invalid[last] & over, 0);
    }
    for (unsigned kind = 0; kind < HZ_RULE_KIND_COUNT; kind++)
        if (c->applied[kind])
            ck_assert_uint_eq((c->applied[kind][last] | c->failed[kind][last]) & over, 0);
}

/* Reads cells in batches of `cut` rows; lines[i] gets row i's description. */
static inline void kit_read(hz_buf *lines, hz_field_reader *reader, const hz_slice *cells, size_t count, size_t cut)
{
    const hz_field_column *column;
    hz_error err = {0};
    for (size_t from = 0; from < count; from += cut) {
        uint32_t here = (uint32_t)(count - from < cut ? count - from : cut);
        /* Exact copies, so that a sanitizer sees a read past a cell. */
        hz_slice copies[HZ_BATCH_ROWS];
        for (uint32_t i = 0; i < here; i++) {
            char *bytes = malloc(cells[from + i].len);
            if (cells[from + i].len)
                memcpy(bytes, cells[from + i].ptr, cells[from + i].len);
            copies[i] = (hz_slice){bytes, cells[from + i].len};
        }
        ck_assert_int_eq(hz_field_read(&column, reader, copies, here, &err), HZ_OK);
        kit_tails(column, here);
        for (uint32_t i = 0; i < here; i++)
            kit_describe(&lines[from + i], column, i);
        for (uint32_t i = 0; i < here; i++)
            free((void *)(uintptr_t)copies[i].ptr);
    }
}

static inline int kit_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static inline TCase *kit_case(Suite *suite, const char *name)
{
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 120);
    suite_add_tcase(suite, tcase);
    return tcase;
}
#endif
