/* test_int.h: what the files of `test` share. */
#ifndef HZ_TASKS_TEST_INT_H
#define HZ_TASKS_TEST_INT_H
#include "profiles/yaml.h"
#include "validator/tasks/reads.h"
#include "validator/tasks/test.h"

/* Day and parameters, and nothing else of a run's options: of the profile's own examples, and of those that stand in
 * the file of profile.chain[i] (of the own ones where that file says nothing). */
typedef struct hz_tests_settings_of {
    hz_run_options own;
    const hz_run_options *level;
} hz_tests_settings_of;

/* One hand at work on examples: its own memory, used again for each. */
typedef struct hz_tester {
    const hz_tests_options *options;
    hz_profile profile; /* the options' with one rule or measure */
    hz_rule rule;
    hz_measure measure;
    hz_reads reads;
    hz_arena *keep;    /* borrowed: what outlives the tester */
    hz_arena *scratch; /* emptied before each example */
    hz_run_options how;
    const hz_tests_settings_of *settings;
} hz_tester;

/* ---- test_example.c ---- */
/* Marks and the text of `why` lie in `keep`. `settings` must outlive the tester. */
HZ_NODISCARD hz_status hz_tester_init(hz_tester *tester, const hz_tests_options *options, const hz_run_options *how,
                                      const hz_tests_settings_of *settings, hz_arena *keep, hz_error *err);
void hz_tester_clear(hz_tester *tester);
/* Runs one example and says what came of it; an error of its run is what came, too, but for HZ_E_NOMEM, HZ_E_CANCELLED
 * and HZ_E_USAGE. */
HZ_NODISCARD hz_status hz_tester_try(hz_tried *tried, hz_tester *tester, hz_error *err);
/* A message with what an error says. Borrowed from err. */
hz_said hz_said_of(const hz_error *err);
HZ_NODISCARD hz_status hz_said_copy(hz_said *into, hz_arena *arena, const hz_said *from, hz_error *err);

/* ---- test_folder.c ---- */
/* All folders beside the profile, in tests->arena. */
HZ_NODISCARD hz_status hz_tests_folders(hz_tests *tests, const hz_tests_options *options, const hz_run_options *how,
                                        hz_error *err);

/* ---- test_setting.c ---- */
/* `x-examples` of each file of the chain: day and parameters where options give none. All in arena. */
HZ_NODISCARD hz_status hz_tests_settings(hz_tests_settings_of *out, const hz_tests_options *options, hz_arena *arena,
                                         hz_error *err);
/* The same of a mapping with `as_of` and `params`. A day that `how` has stays; its parameters win. */
HZ_NODISCARD hz_status hz_tests_setting_of(hz_run_options *how, const hz_yaml *map, hz_arena *arena, hz_error *err);
/* A file's root mapping, in arena. */
HZ_NODISCARD hz_status hz_tests_yaml(const hz_yaml **root, const char *path, hz_slice shown, const hz_limits *limits,
                                     hz_arena *arena, hz_error *err);
/* A mistake of a file beside the profile, with its place. */
hz_status hz_tests_wrong(hz_error *err, hz_span at, hz_msg_id message, hz_slice what);

/* ---- test_machine.c, test_show.c ---- */
void hz_tests_junit(hz_buf *out, const hz_tests *const *tests, size_t count, hz_lang lang);
void hz_tests_tap(hz_buf *out, const hz_tests *const *tests, size_t count, hz_lang lang);
/* What was expected and what came, in one line. */
void hz_tried_put(hz_buf *out, const hz_tried *tried, hz_lang lang);
/* Why: rows by what they came to, or the reason why it did not run. */
void hz_tried_why_put(hz_buf *out, const hz_tried *tried, hz_lang lang);
void hz_said_put(hz_buf *out, const hz_said *said, hz_lang lang);
hz_msg_id hz_came_message(hz_came came);
hz_msg_id hz_expected_message(const hz_test *test);
#endif
