/* fixture.h: a small model for tests of the expression front end, made from a few lines of text. Header only: each test
 * is one file.
 *
 * A model is lines:
 *   param NAME TYPE              a parameter
 *   table NAME [external]
 *   NAME TYPE[[]] [MASK]         a field of that table; TYPE as fields have it, [] for many, MASK id name date whole
 *   -> NAME one|many TABLE[@previous]
 */
#ifndef HZ_TESTS_EXPR_FIXTURE_H
#define HZ_TESTS_EXPR_FIXTURE_H
#include <stdio.h>
#include <stdlib.h>

#include "profiles/expr/check.h"
#include "profiles/expr/parse.h"
#include "profiles/expr/print.h"

#define FIXTURE_UNUSED __attribute__((unused))

enum { FIXTURE_TABLES = 16, FIXTURE_FIELDS = 40, FIXTURE_RELATIONS = 16, FIXTURE_PARAMS = 16 };

typedef struct fixture {
    hz_arena *arena;
    hz_profile *profile;
    hz_lists *lists;
} fixture;

/* The model of the error cases and of the fuzzer. */
static const char fixture_model[] = "param poverty_line decimal\n"
                                    "param start date\n"
                                    "param code text\n"
                                    "param 比例 decimal\n"
                                    "table household\n"
                                    "household_id text\n"
                                    "head_id text id\n"
                                    "head_name text name\n"
                                    "attribute text\n"
                                    "village_code text\n"
                                    "family_size integer\n"
                                    "net_income decimal\n"
                                    "exit_date date\n"
                                    "updated datetime\n"
                                    "visit_time time\n"
                                    "poor boolean\n"
                                    "causes text[]\n"
                                    "scores integer[]\n"
                                    "visits date[]\n"
                                    "birth_date date date\n"
                                    "saving decimal whole\n"
                                    "户主姓名 text name\n"
                                    "end date\n"
                                    "-> members many member\n"
                                    "-> head one member\n"
                                    "-> cars many vehicle\n"
                                    "-> before one household@previous\n"
                                    "-> village one village\n"
                                    "-> 成员 many member\n"
                                    "table member\n"
                                    "member_id text\n"
                                    "household_id text\n"
                                    "id_no text id\n"
                                    "name text name\n"
                                    "birth_date date date\n"
                                    "relation text\n"
                                    "age integer\n"
                                    "income decimal whole\n"
                                    "employed boolean\n"
                                    "tags text[]\n"
                                    "-> household one household\n"
                                    "-> spouse one member\n"
                                    "-> works many work_record\n"
                                    "table work_record\n"
                                    "member_id text\n"
                                    "begin_month month\n"
                                    "-> member one member\n"
                                    "table vehicle external\n"
                                    "plate text\n"
                                    "owner_id text\n"
                                    "first_registered date\n"
                                    "table village\n"
                                    "code text\n"
                                    "name text\n"
                                    "households integer\n"
                                    "-> households_of many household\n";

static FIXTURE_UNUSED bool fixture_type(hz_slice text, hz_field_type *field, hz_type *value)
{
    static const struct {
        const char *name;
        hz_field_type field;
        hz_type value;
    } types[] = {
        {"text", HZ_FIELD_TEXT, HZ_TYPE_TEXT},
        {"integer", HZ_FIELD_INTEGER, HZ_TYPE_INTEGER},
        {"decimal", HZ_FIELD_DECIMAL, HZ_TYPE_DECIMAL},
        {"boolean", HZ_FIELD_BOOLEAN, HZ_TYPE_BOOLEAN},
        {"date", HZ_FIELD_DATE, HZ_TYPE_DATE},
        {"month", HZ_FIELD_MONTH, HZ_TYPE_DATE},
        {"datetime", HZ_FIELD_DATETIME, HZ_TYPE_TIMESTAMP},
        {"time", HZ_FIELD_TIME, HZ_TYPE_TIME},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (hz_slice_is(text, types[i].name)) {
            *field = types[i].field;
            *value = types[i].value;
            return true;
        }
    }
    return false;
}

static FIXTURE_UNUSED hz_mask fixture_mask(hz_slice word)
{
    return hz_slice_is(word, "id")      ? HZ_MASK_ID
           : hz_slice_is(word, "name")  ? HZ_MASK_NAME
           : hz_slice_is(word, "date")  ? HZ_MASK_DATE
           : hz_slice_is(word, "whole") ? HZ_MASK_WHOLE
                                        : HZ_MASK_NONE;
}

/* Words of a line, cut at blanks; those that are not there are empty. */
static FIXTURE_UNUSED void fixture_words(hz_slice line, hz_slice words[4])
{
    size_t at = 0;
    for (int i = 0; i < 4; i++) {
        while (at < line.len && line.ptr[at] == ' ')
            at++;
        size_t from = at;
        while (at < line.len && line.ptr[at] != ' ')
            at++;
        words[i] = hz_slice_sub(line, from, at);
    }
}

static FIXTURE_UNUSED bool fixture_next_line(hz_slice *text, hz_slice *line)
{
    if (text->len == 0)
        return false;
    const char *end = memchr(text->ptr, '\n', text->len);
    size_t len = end ? (size_t)(end - text->ptr) : text->len;
    *line = hz_slice_sub(*text, 0, len);
    *text = hz_slice_sub(*text, len + (end ? 1 : 0), text->len);
    return true;
}

static FIXTURE_UNUSED void fixture_field(hz_table *table, hz_slice words[4])
{
    hz_field *field = &table->fields[table->fields_count];
    hz_slice type = words[1];
    bool many = type.len > 2 && type.ptr[type.len - 1] == ']';
    if (many)
        type.len -= 2;
    field->table = table;
    field->index = (uint32_t)table->fields_count++;
    field->name = words[0];
    if (!fixture_type(type, &field->type, &field->item_type)) {
        fprintf(stderr, "fixture: no type %.*s\n", HZ_SLICE_FMT(type));
        exit(1);
    }
    field->value_type = many ? HZ_TYPE_ARRAY : field->item_type;
    field->many = many ? HZ_SLICE_LIT(",") : HZ_SLICE_NONE;
    field->mask = fixture_mask(words[2]);
    field->precision = field->scale = -1;
    field->min_items = field->max_items = field->min_length = field->max_length = -1;
}

static FIXTURE_UNUSED void fixture_relation(fixture *fx, hz_table *table, hz_slice words[4])
{
    hz_slice to = words[3];
    hz_relation *relation = HZ_ARENA_NEW(fx->arena, hz_relation);
    const char *at = memchr(to.ptr, '@', to.len);
    if (at) {
        relation->to_period = 1;
        to.len = (size_t)(at - to.ptr);
    }
    relation->name = words[1];
    relation->from = table;
    relation->many = hz_slice_is(words[2], "many");
    relation->to = hz_profile_table(fx->profile, to);
    if (!relation->to) {
        fprintf(stderr, "fixture: no table %.*s\n", HZ_SLICE_FMT(to));
        exit(1);
    }
    table->relations[table->relations_count++] = relation;
}

/* Two passes: tables first, so that relations find them. */
static FIXTURE_UNUSED void fixture_load(fixture *fx, hz_slice model)
{
    hz_profile *profile = fx->profile;
    for (int pass = 0; pass < 2; pass++) {
        hz_slice text = model, line, words[4];
        hz_table *table = NULL;
        size_t tables = 0;
        while (fixture_next_line(&text, &line)) {
            fixture_words(line, words);
            if (hz_slice_is(words[0], "table")) {
                table = &profile->tables[tables++];
                if (pass == 0) {
                    table->index = (uint32_t)profile->tables_count++;
                    table->name = words[1];
                    table->external = hz_slice_is(words[2], "external");
                    table->fields = HZ_ARENA_ARRAY(fx->arena, hz_field, FIXTURE_FIELDS);
                    table->relations = HZ_ARENA_ARRAY(fx->arena, hz_relation *, FIXTURE_RELATIONS);
                }
            } else if (hz_slice_is(words[0], "param") && pass == 0) {
                hz_param *param = &profile->params[profile->params_count++];
                hz_field_type ignored;
                param->name = words[1];
                fixture_type(words[2], &ignored, &param->type);
            } else if (hz_slice_is(words[0], "->") && pass == 1) {
                fixture_relation(fx, table, words);
            } else if (table && pass == 0 && words[1].len && !hz_slice_is(words[0], "->")) {
                fixture_field(table, words);
            }
        }
    }
}

/* model borrowed until fixture_close. */
static FIXTURE_UNUSED void fixture_open(fixture *fx, hz_slice model, bool with_lists)
{
    fx->arena = hz_arena_new();
    fx->profile = HZ_ARENA_NEW(fx->arena, hz_profile);
    fx->profile->arena = fx->arena;
    fx->profile->tables = HZ_ARENA_ARRAY(fx->arena, hz_table, FIXTURE_TABLES);
    fx->profile->params = HZ_ARENA_ARRAY(fx->arena, hz_param, FIXTURE_PARAMS);
    fx->lists = NULL;
    if (with_lists && hz_lists_open(&fx->lists, NULL, hz_limits_default(), NULL) != HZ_OK) {
        fprintf(stderr, "fixture: no lists\n");
        exit(1);
    }
    fixture_load(fx, model);
}

static FIXTURE_UNUSED void fixture_close(fixture *fx)
{
    hz_profile_free(fx->profile); /* the arena too */
    hz_lists_close(fx->lists);
    *fx = (fixture){NULL, NULL, NULL};
}

/* An expression that is a whole file called `rule`. */
static FIXTURE_UNUSED void fixture_expr(hz_expr *expr, hz_arena *arena, hz_slice text)
{
    hz_text *file = HZ_ARENA_NEW(arena, hz_text);
    struct hz_srcmap_segment *segment = HZ_ARENA_NEW(arena, struct hz_srcmap_segment);
    file->path = HZ_SLICE_LIT("rule");
    file->bytes = text;
    *segment = (struct hz_srcmap_segment){0, 0, 0, true};
    *expr = (hz_expr){.text = text, .map = {file, 0, (uint32_t)text.len, 1, segment}};
}
#endif
