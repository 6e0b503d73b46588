/* stored.h: a JSON report as it was written (report: 1), read back. The tree keeps every member, known or not; known
 * ones are checked to have the shape that docs/report.md gives them, so that who reads them need not. */
#ifndef HZ_TASKS_STORED_H
#define HZ_TASKS_STORED_H
#include "base/json_read.h"

typedef struct hz_stored {
    hz_arena *arena;
    hz_buf bytes;  /* of the file */
    hz_slice path; /* as given */
    hz_jvalue *root;
    const hz_jvalue *hezhun, *profile, *submission, *verdict, *rules, *drafts, *measures, *regions, *waivers, *run;
} hz_stored; /* run: NULL without; all others are there */

/* HZ_E_SOURCE: the file cannot be opened, is no JSON, or no report of this number; with line and column. HZ_E_LIMIT:
 * result_bytes, json_depth, json_nodes. Owned: hz_stored_close, which takes what a failed open left. */
HZ_NODISCARD hz_status hz_stored_open(hz_stored *out, const char *path, const hz_limits *limits, hz_error *err);
/* The same of bytes in memory, which are moved. */
HZ_NODISCARD hz_status hz_stored_read(hz_stored *out, hz_slice path, hz_buf *bytes, const hz_limits *limits,
                                      hz_error *err);
void hz_stored_close(hz_stored *stored);

/* SHA-256 of the canonical form (base/jcs.h) of the report without `run`. */
HZ_NODISCARD hz_status hz_stored_digest(uint8_t out[32], const hz_stored *stored, hz_error *err);
/* SHA-256 of the canonical form of one value. */
HZ_NODISCARD hz_status hz_jvalue_digest(uint8_t out[32], const hz_jvalue *value, const char *except, hz_error *err);

/* Whole numbers of known members; 0 where there is none. */
uint64_t hz_stored_count(const hz_jvalue *object, const char *name);
/* A day, "2020-12-31"; false for null and anything else. */
bool hz_stored_day(int32_t *out, const hz_jvalue *value);
/* The text in lang of {zh, en}, else in the other language, else fallback. */
hz_slice hz_stored_text2(const hz_jvalue *value, hz_lang lang, hz_slice fallback);

/* What a value should look like. */
typedef struct hz_shape {
    const char *name; /* of the member; NULL ends a list */
    /* s string, t string or null, u whole number, v the same or null, d decimal, n decimal or null, b boolean, c
     * boolean or null, x {language: string} or null, o object, p object or null, a array of objects, l array of
     * strings, m {name: string or null}, k the same or null, r {name: object}, q {name: decimal} */
    char form;
    bool optional;
    const struct hz_shape *inner; /* of o, p, a, r */
} hz_shape;
/* HZ_E_SOURCE naming the member and what it should be, with its place. `what` names the whole. */
HZ_NODISCARD hz_status hz_shape_check(const hz_jvalue *value, const hz_shape *members, hz_slice what, hz_slice path,
                                      hz_slice bytes, hz_error *err);
#endif
