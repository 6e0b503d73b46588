/* test.c: all examples of a profile, over several threads. Each example is tried alone and kept in its place, so that
 * the order of threads shows nowhere. */
#include "validator/tasks/test.h"
#include "base/alloc.h"
#include "base/crew.h"
#include "validator/tasks/test_int.h"
#include <pthread.h>
#include <time.h>

enum { HANDS_MAX = 16, EXAMPLES_A_HAND = 32 };

const char *hz_came_name(hz_came came)
{
    static const char *const names[] = {"pass", "fail", "undetermined", "not_applicable", "skipped", "error"};
    return came < HZ_CAME_COUNT ? names[came] : "?";
}

const char *hz_tests_format_name(hz_tests_format format)
{
    static const char *const names[] = {"text", "junit", "tap"};
    return format < HZ_TESTS_FORMAT_COUNT ? names[format] : NULL;
}

void hz_tests_free(hz_tests *tests)
{
    if (!tests)
        return;
    for (size_t i = 0; i < tests->keeps_count; i++)
        hz_arena_free(tests->keeps[i]);
    hz_arena_free(tests->arena); /* the tests themselves live there */
}

bool hz_tests_held(const hz_tests *tests)
{
    return tests->held_count == tests->tried_count && tests->folders_held == tests->folders_count;
}

/* ---- what there is to try ---- */

static void add_subject(hz_tests *tests, const hz_subject *subject)
{
    hz_subject *kept = &tests->subjects[tests->subjects_count++];
    *kept = *subject;
    kept->first = tests->tried_count;
    tests->tried_count += subject->tests_count;
}

static hz_status gather(hz_tests *tests, hz_error *err)
{
    const hz_profile *profile = tests->profile;
    size_t most = profile->rules_count + profile->measures_count;
    tests->subjects = HZ_ARENA_ARRAY(tests->arena, hz_subject, most + 1);
    if (!tests->subjects)
        return hz_nomem(err, most * sizeof *tests->subjects);
    for (size_t i = 0; i < profile->rules_count; i++) {
        const hz_rule *rule = &profile->rules[i];
        if (!rule->derived && rule->status != HZ_LIFE_WITHDRAWN)
            add_subject(
                tests,
                &(hz_subject){.rule = rule, .id = rule->id, .tests = rule->tests, .tests_count = rule->tests_count});
    }
    for (size_t i = 0; i < profile->measures_count; i++) {
        const hz_measure *measure = &profile->measures[i];
        if (measure->status != HZ_LIFE_WITHDRAWN)
            add_subject(tests, &(hz_subject){.measure = measure,
                                             .id = measure->id,
                                             .tests = measure->tests,
                                             .tests_count = measure->tests_count});
    }
    tests->tried = HZ_ARENA_ARRAY(tests->arena, hz_tried, tests->tried_count + 1);
    if (!tests->tried)
        return hz_nomem(err, tests->tried_count * sizeof *tests->tried);
    for (size_t s = 0; s < tests->subjects_count; s++) {
        uint32_t numbers[3] = {0};
        for (size_t i = 0; i < tests->subjects[s].tests_count; i++) {
            hz_tried *tried = &tests->tried[tests->subjects[s].first + i];
            tried->subject = &tests->subjects[s];
            tried->test = &tests->subjects[s].tests[i];
            tried->number = ++numbers[tried->test->expected];
        }
    }
    return HZ_OK;
}

/* ---- trying ---- */

typedef struct bench {
    hz_tests *tests;
    const hz_tests_options *options;
    const hz_run_options *how;
    const hz_tests_settings_of *settings;
    size_t next; /* atomic */
    pthread_mutex_t lock;
    hz_status status; /* the first that failed */
    hz_error *err;
} bench;

static void fail(bench *b, hz_status st, const hz_error *why)
{
    pthread_mutex_lock(&b->lock);
    if (b->status == HZ_OK) {
        b->status = st;
        if (b->err)
            *b->err = *why;
    }
    pthread_mutex_unlock(&b->lock);
    __atomic_store_n(&b->next, SIZE_MAX / 2, __ATOMIC_RELAXED);
}

static void work(void *ctx, unsigned hand)
{
    bench *b = ctx;
    hz_tester tester;
    hz_error why;
    hz_error_clear(&why);
    hz_status st = hz_tester_init(&tester, b->options, b->how, b->settings, b->tests->keeps[hand], &why);
    while (st == HZ_OK) {
        size_t at = __atomic_fetch_add(&b->next, 1, __ATOMIC_RELAXED);
        if (at >= b->tests->tried_count)
            break;
        st = hz_tester_try(&b->tests->tried[at], &tester, &why);
    }
    if (st != HZ_OK)
        fail(b, st, &why);
    hz_tester_clear(&tester);
}

static hz_status try_all(hz_tests *tests, const hz_tests_options *options, const hz_run_options *how,
                         const hz_tests_settings_of *settings, hz_error *err)
{
    unsigned hands = options->threads ? options->threads : hz_crew_processors();
    size_t useful = tests->tried_count / EXAMPLES_A_HAND + 1;
    hands = hands > HANDS_MAX ? HANDS_MAX : hands;
    hands = hands > useful ? (unsigned)useful : hands;
    tests->keeps = HZ_ARENA_ARRAY(tests->arena, hz_arena *, hands);
    if (!tests->keeps)
        return hz_nomem(err, hands * sizeof(void *));
    for (; tests->keeps_count < hands; tests->keeps_count++) {
        tests->keeps[tests->keeps_count] = hz_arena_new();
        if (!tests->keeps[tests->keeps_count])
            return hz_nomem(err, sizeof(void *));
    }
    bench b = {.tests = tests, .options = options, .how = how, .settings = settings, .status = HZ_OK, .err = err};
    pthread_mutex_init(&b.lock, NULL);
    hz_crew_run(hands, work, &b);
    pthread_mutex_destroy(&b.lock);
    return b.status;
}

static void count(hz_tests *tests)
{
    for (size_t i = 0; i < tests->tried_count; i++) {
        const hz_tried *tried = &tests->tried[i];
        hz_subject *subject = &tests->subjects[tried->subject - tests->subjects];
        subject->seen[HZ_CAME_PASS] |= tried->passed > 0;
        subject->seen[HZ_CAME_FAIL] |= tried->failed > 0;
        subject->seen[HZ_CAME_UNDETERMINED] |= tried->undetermined > 0;
        subject->seen[HZ_CAME_NOT_APPLICABLE] |= tried->not_applicable > 0;
        subject->held += tried->held;
        tests->held_count += tried->held;
    }
    for (size_t i = 0; i < tests->folders_count; i++)
        tests->folders_held += tests->folders[i].wrong_count == 0;
}

static hz_status try_with(hz_tests *tests, const hz_tests_options *options, hz_run_options *how,
                          const hz_tests_settings_of *settings, hz_error *err)
{
    hz_semtypes *semtypes = NULL;
    hz_status st = hz_semtypes_open(&semtypes, options->lists, err);
    how->semtypes = semtypes;
    if (st == HZ_OK)
        st = try_all(tests, options, how, settings, err);
    if (st == HZ_OK)
        st = hz_tests_folders(tests, options, how, err);
    hz_semtypes_close(semtypes);
    return st;
}

static hz_status run_all(hz_tests *tests, const hz_tests_options *options, hz_error *err)
{
    struct timespec from, to;
    hz_tests_settings_of settings;
    clock_gettime(CLOCK_MONOTONIC, &from);
    HZ_TRY(hz_tests_settings(&settings, options, tests->arena, err));
    hz_run_options how = settings.own;
    how.profile = options->profile;
    how.lists = options->lists;
    how.limits = options->limits;
    how.cancel = options->cancel;
    tests->has_as_of = how.has_as_of || options->profile->as_of == HZ_AS_OF_DAY;
    tests->as_of = how.has_as_of ? how.as_of : options->profile->as_of_day;
    HZ_TRY(gather(tests, err));
    HZ_TRY(try_with(tests, options, &how, &settings, err));
    count(tests);
    clock_gettime(CLOCK_MONOTONIC, &to);
    tests->seconds = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    return HZ_OK;
}

hz_status hz_tests_run(hz_tests **out, const hz_tests_options *options, hz_error *err)
{
    *out = NULL;
    hz_arena *arena = hz_arena_new();
    hz_tests *tests = arena ? HZ_ARENA_NEW(arena, hz_tests) : NULL;
    if (!tests) {
        hz_arena_free(arena);
        return hz_nomem(err, sizeof *tests);
    }
    tests->arena = arena;
    tests->profile = options->profile;
    hz_status st = run_all(tests, options, err);
    if (st == HZ_OK)
        *out = tests;
    else
        hz_tests_free(tests);
    return st;
}
