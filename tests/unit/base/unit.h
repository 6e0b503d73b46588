/* unit.h: what the tests of base share. */
#ifndef HZ_TESTS_UNIT_BASE_UNIT_H
#define HZ_TESTS_UNIT_BASE_UNIT_H
#include <check.h>
#include <stdlib.h>

/* The suite of one TCase list as a program: TAP on standard output. */
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
    tcase_set_timeout(tcase, 60);
    suite_add_tcase(suite, tcase);
    return tcase;
}
#endif
