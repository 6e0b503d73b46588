/* test.h: what a profile says of itself, tried: the examples that rules and measures carry, and the folders beside the
 * profile that hold a whole submission and what is expected of it. Everything runs through the engine.
 *
 * An example is a submission of its own: the tables that its rule reads, with the rows that it gives and no others.
 * Columns that it does not name are NULL. Only its rule runs, as an active one without tolerance and whatever its
 * dates; a field's type and code list hold all the same. What comes of it:
 *
 *   fail            a row (or group) fails
 *   pass            rows were judged, and none failed
 *   undetermined    no row could be judged
 *   not applicable  the rule speaks of no row
 *   skipped, error  the rule could not run, or broke
 *
 * A `pass` example holds when it comes to pass or not applicable, a `fail` one when it comes to fail, an `undetermined`
 * one when no row failed and one or more are undetermined. */
#ifndef HZ_TASKS_TEST_H
#define HZ_TASKS_TEST_H
#include "validator/engine/engine.h"

typedef enum hz_came {
    HZ_CAME_PASS,
    HZ_CAME_FAIL,
    HZ_CAME_UNDETERMINED,
    HZ_CAME_NOT_APPLICABLE,
    HZ_CAME_SKIPPED,
    HZ_CAME_ERROR,
    HZ_CAME_COUNT
} hz_came;

/* A rule or measure that examples stand for; one of the two is NULL. */
typedef struct hz_subject {
    const hz_rule *rule;
    const hz_measure *measure;
    hz_slice id;
    const hz_test *tests;
    size_t tests_count;
    size_t first;               /* its first example in hz_tests.tried */
    bool seen[HZ_CAME_SKIPPED]; /* some row passed, failed, was undetermined, was not applicable */
    uint32_t held;              /* of its examples */
} hz_subject;

typedef struct hz_tried {
    const hz_subject *subject;
    const hz_test *test;
    uint32_t number; /* from 1, among those of its kind and subject */
    hz_came came;
    hz_said why; /* SKIPPED, ERROR */
    bool held;
    uint64_t not_applicable, undetermined, passed, failed;
} hz_tried;

/* FOLDER/tests/NAME beside the profile. */
typedef struct hz_tried_folder {
    hz_slice name, path;
    hz_said *wrong; /* what is not as expected.yaml says; none: it held */
    size_t wrong_count;
} hz_tried_folder;

typedef struct hz_tests_options {
    const hz_profile *profile; /* borrowed; must outlive the tests, as lists must */
    hz_lists *lists;
    const hz_limits *limits;
    const hz_cancel *cancel; /* may be NULL */
    bool has_as_of;
    int32_t as_of;
    const hz_given *params;
    size_t params_count;
    unsigned threads; /* 0: the machine's */
} hz_tests_options;

typedef struct hz_tests {
    hz_arena *arena;
    const hz_profile *profile;
    bool has_as_of;
    int32_t as_of;        /* the day that the examples stood on */
    hz_subject *subjects; /* rules that are not derived (and not withdrawn), then measures; in the profile's order */
    size_t subjects_count;
    hz_tried *tried;
    size_t tried_count, held_count;
    hz_tried_folder *folders; /* bytewise order */
    size_t folders_count, folders_held;
    double seconds;
    hz_arena **keeps; /* one a thread, with what it found */
    size_t keeps_count;
} hz_tests;

/* HZ_OK whatever came. The day is options.as_of, else `as_of` of `x-examples` in the profile's file, else the
 * profile's; parameters are those of options, else `params` of `x-examples`, else the defaults. HZ_E_USAGE: a day or
 * parameter is missing, unknown or wrong. HZ_E_PROFILE: x-examples or an expected.yaml is wrong. Owned: hz_tests_free.
 */
HZ_NODISCARD hz_status hz_tests_run(hz_tests **out, const hz_tests_options *options, hz_error *err);
void hz_tests_free(hz_tests *tests); /* takes NULL */
bool hz_tests_held(const hz_tests *tests);

const char *hz_came_name(hz_came came); /* "pass", "not_applicable" */

typedef enum hz_tests_format { HZ_TESTS_TEXT, HZ_TESTS_JUNIT, HZ_TESTS_TAP, HZ_TESTS_FORMAT_COUNT } hz_tests_format;
const char *hz_tests_format_name(hz_tests_format format); /* "junit" */

typedef struct hz_tests_show {
    hz_lang lang;
    bool quiet;    /* TEXT: only what did not hold */
    bool coverage; /* TEXT: a line a rule */
} hz_tests_show;

/* Several profiles in one document. Errors are sticky in out. */
void hz_tests_render(hz_buf *out, hz_tests_format format, const hz_tests *const *tests, size_t count,
                     const hz_tests_show *show);
#endif
