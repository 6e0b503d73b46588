/* unit.h: what the tests of standards share. */
#ifndef HZ_TESTS_UNIT_STANDARDS_UNIT_H
#define HZ_TESTS_UNIT_STANDARDS_UNIT_H
#include "base/error.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Runs the suite and frees it: TAP on standard output. */
static inline int unit_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static inline TCase *unit_case(Suite *suite, const char *name)
{
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 120);
    suite_add_tcase(suite, tcase);
    return tcase;
}

/* A folder of its own for a test; dir is a template for mkdtemp. */
static inline void unit_write(const char *dir, const char *name, hz_slice text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text.ptr, 1, text.len, file), text.len);
    ck_assert_int_eq(fclose(file), 0);
}

static inline void unit_remove(const char *dir, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    ck_assert_int_eq(remove(path), 0);
}
#endif
