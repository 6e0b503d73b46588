/* json_read.h: JSON (RFC 8259) as I-JSON restricts it (RFC 7493): UTF-8, no lone surrogates, no name twice in an
 * object. Numbers keep their text; nothing is rounded.
 *
 * Two ways: hz_jr_next gives one token after the other and keeps nothing; hz_json_parse makes a tree in an arena.
 * Every mistake is told with line and column (HZ_E_SOURCE). Limits: json_depth, json_nodes; the file's size is the
 * caller's (result_bytes). */
#ifndef HZ_BASE_JSON_READ_H
#define HZ_BASE_JSON_READ_H
#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"

/* ---- tokens ---- */

typedef enum hz_jr_kind {
    HZ_JR_NULL,
    HZ_JR_FALSE,
    HZ_JR_TRUE,
    HZ_JR_NUMBER, /* text: as written */
    HZ_JR_STRING, /* text: without quotes, escapes resolved */
    HZ_JR_NAME,   /* of a member; its value comes next */
    HZ_JR_ARRAY,
    HZ_JR_OBJECT,
    HZ_JR_END, /* of the innermost array or object */
    HZ_JR_DONE /* the value is whole, and nothing but blanks was behind it */
} hz_jr_kind;

typedef struct hz_jr_token {
    hz_jr_kind kind;
    hz_slice text; /* borrowed: from the input, or (where `made`) from the reader until the next token */
    bool made;
    size_t offset; /* where it begins, in bytes */
} hz_jr_token;

enum { HZ_JR_DEPTH_WORDS = 4 };

typedef struct hz_jr {
    hz_slice path, bytes; /* borrowed */
    const hz_limits *limits;
    size_t at;
    uint32_t depth;
    uint64_t objects[HZ_JR_DEPTH_WORDS]; /* bit i: what is open at depth i is an object */
    bool wants_value, begun, after_item; /* a value must come; anything came; an item came at this depth */
    hz_buf scratch;
} hz_jr;

/* path: for messages. limits NULL: the defaults. Release with hz_jr_clear. A byte order mark at the start is passed. */
void hz_jr_init(hz_jr *reader, hz_slice path, hz_slice bytes, const hz_limits *limits);
void hz_jr_clear(hz_jr *reader);
HZ_NODISCARD hz_status hz_jr_next(hz_jr_token *token, hz_jr *reader, hz_error *err);

/* ---- trees ---- */

typedef struct hz_jvalue {
    hz_jr_kind kind;                /* NULL to STRING, ARRAY or OBJECT */
    uint32_t offset;                /* where it begins */
    uint32_t count;                 /* items or members */
    hz_slice name;                  /* of the member whose value this is */
    hz_slice text;                  /* of NUMBER and STRING */
    struct hz_jvalue *first, *next; /* items or members, in the order of the text */
} hz_jvalue;

/* The tree borrows `bytes`. */
HZ_NODISCARD hz_status hz_json_parse(hz_jvalue **out, hz_arena *arena, hz_slice path, hz_slice bytes,
                                     const hz_limits *limits, hz_error *err);

/* The member of that name; NULL without, and when object is NULL or none. */
hz_jvalue *hz_jget(const hz_jvalue *object, const char *name);
hz_jvalue *hz_jget_slice(const hz_jvalue *object, hz_slice name);
/* The text of a string; empty for anything else. */
hz_slice hz_jtext(const hz_jvalue *value);
static inline bool hz_jis(const hz_jvalue *value, hz_jr_kind kind)
{
    return value && value->kind == kind;
}
static inline bool hz_jtrue(const hz_jvalue *value)
{
    return value && value->kind == HZ_JR_TRUE;
}
/* A whole number from 0 to 2^64 - 1 written in digits alone; false for anything else. */
bool hz_ju64(uint64_t *out, const hz_jvalue *value);

/* Adds to the error just set where in the text `offset` is. */
void hz_json_error_at(hz_error *err, hz_slice path, hz_slice bytes, size_t offset);
#endif
