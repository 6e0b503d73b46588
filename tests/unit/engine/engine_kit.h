/* engine_kit.h: a profile and files in a folder of their own, run, and looked at: for the tests of the engine. Header
 * only. */
#ifndef HZ_TESTS_UNIT_ENGINE_KIT_H
#define HZ_TESTS_UNIT_ENGINE_KIT_H
#include "base/alloc.h"
#include "base/buf.h"
#include "profiles/load.h"
#include "validator/engine/engine.h"
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KIT_INPUTS = 8, KIT_PARAMS = 4 };

typedef struct kit {
    char folder[64]; /* under the working directory; removed by kit_close */
    hz_lists *lists;
    hz_arena *arena; /* of diags */
    hz_diags diags;
    hz_limits limits;
    hz_cancel cancel;
    hz_profile *profile;
    hz_input inputs[KIT_INPUTS]; /* none: the folder */
    hz_given params[KIT_PARAMS];
    hz_run_options options; /* what kit_run fills only where it is empty */
    hz_result *result;
    hz_error err;
    hz_status status;
} kit;

static inline void kit_load(kit *k, const char *profile)
{
    hz_load load = {k->lists, &k->limits, NULL};
    hz_buf text = HZ_BUF_INIT;
    hz_profile_free(k->profile);
    k->profile = NULL;
    hz_buf_puts(&text, "hezhun: 1\nprofile: t\nversion: 1.0.0\n");
    hz_buf_puts(&text, profile);
    hz_status st = hz_profile_load_bytes(&k->profile, hz_buf_slice(&text), HZ_SLICE_LIT("t.yaml"),
                                         HZ_SLICE_LIT(HZ_TEST_DATA "/engine"), &load, &k->diags, &k->err);
    for (size_t i = 0; st != HZ_OK && i < k->diags.count; i++) {
        hz_buf shown = HZ_BUF_INIT;
        hz_diag_render(&shown, &k->diags.items[i], HZ_LANG_EN);
        fprintf(stderr, "%s", shown.ptr);
        hz_buf_clear(&shown);
    }
    hz_buf_clear(&text);
    ck_assert_int_eq(st, HZ_OK);
}

static inline void kit_open(kit *k, const char *profile)
{
    memset(k, 0, sizeof *k);
    ck_assert_int_eq(hz_lists_open(&k->lists, NULL, hz_limits_default(), NULL), HZ_OK);
    snprintf(k->folder, sizeof k->folder, "engine-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(k->folder));
    k->arena = hz_arena_new();
    hz_limits_init(&k->limits);
    hz_diags_init(&k->diags, k->arena, k->limits.value[HZ_LIMIT_DIAGNOSTICS]);
    kit_load(k, profile);
}

/* The path of a file of the folder, until the next call. */
static inline const char *kit_path(const kit *k, const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", k->folder, name);
    return path;
}

static inline void kit_put_bytes(kit *k, const char *name, hz_slice bytes)
{
    FILE *out = fopen(kit_path(k, name), "wb");
    ck_assert_msg(out != NULL, "%s", name);
    ck_assert_uint_eq(fwrite(bytes.ptr, 1, bytes.len, out), bytes.len);
    ck_assert_int_eq(fclose(out), 0);
}

static inline void kit_put(kit *k, const char *name, const char *text)
{
    kit_put_bytes(k, name, hz_slice_of(text));
}

static inline void kit_drop_result(kit *k)
{
    hz_result_free(k->result);
    k->result = NULL;
}

/* Runs; the status is in k->status. */
static inline void kit_try(kit *k)
{
    hz_input folder = {.path = k->folder};
    kit_drop_result(k);
    k->options.profile = k->profile;
    k->options.lists = k->lists;
    k->options.limits = &k->limits;
    k->options.cancel = &k->cancel;
    bool named = k->options.inputs_count > 0;
    k->options.inputs = named ? k->inputs : &folder;
    k->options.inputs_count = named ? k->options.inputs_count : 1;
    k->options.params = k->params;
    hz_error_clear(&k->err);
    k->status = hz_run(&k->result, &k->options, &k->err);
    if (!named)
        k->options.inputs_count = 0;
    ck_assert((k->status == HZ_OK) == (k->result != NULL));
}

static inline void kit_fail_with_error(const kit *k)
{
    hz_slice args[HZ_MSG_ARGS_MAX];
    hz_buf shown = HZ_BUF_INIT;
    size_t count = hz_error_args(&k->err, args);
    hz_msg_render(&shown, k->err.message, args, count, HZ_LANG_EN);
    ck_abort_msg("status %d: %s", k->status, shown.ptr);
}

static inline const hz_result *kit_run(kit *k)
{
    kit_try(k);
    if (k->status != HZ_OK)
        kit_fail_with_error(k);
    return k->result;
}

static inline void kit_remove(const char *folder)
{
    DIR *dir = opendir(folder);
    for (struct dirent *entry = dir ? readdir(dir) : NULL; entry; entry = readdir(dir)) {
        hz_buf path = HZ_BUF_INIT;
        struct stat info;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        hz_buf_printf(&path, "%s/%s", folder, entry->d_name);
        hz_buf_putc(&path, '\0');
        if (lstat(path.ptr, &info) == 0 && S_ISDIR(info.st_mode))
            kit_remove(path.ptr);
        else
            (void)unlink(path.ptr);
        hz_buf_clear(&path);
    }
    if (dir)
        closedir(dir);
    (void)rmdir(folder);
}

static inline void kit_close(kit *k)
{
    kit_drop_result(k);
    hz_profile_free(k->profile);
    hz_diags_clear(&k->diags);
    hz_arena_free(k->arena);
    kit_remove(k->folder);
    hz_lists_close(k->lists);
}

/* ---- looking ---- */

static inline const hz_result_rule *kit_rule(const kit *k, const char *id)
{
    for (size_t i = 0; i < k->result->rules_count; i++)
        if (hz_slice_is(k->result->rules[i].rule->id, id))
            return &k->result->rules[i];
    for (size_t i = 0; i < k->result->drafts_count; i++)
        if (hz_slice_is(k->result->drafts[i].rule->id, id))
            return &k->result->drafts[i];
    ck_abort_msg("no rule %s", id);
}

static inline const hz_result_table *kit_table(const kit *k, const char *name)
{
    for (size_t i = 0; i < k->result->tables_count; i++)
        if (hz_slice_is(k->result->tables[i].table->name, name))
            return &k->result->tables[i];
    ck_abort_msg("no table %s", name);
}

/* The counts of a rule in one line, which shows all of them when a test fails. */
#define assert_counts(k, id, text)                                                                                     \
    do {                                                                                                               \
        char seen_[160];                                                                                               \
        ck_assert_str_eq(kit_counts(seen_, sizeof seen_, kit_rule((k), (id))), (text));                                \
    } while (0)
static inline const char *kit_counts(char *out, size_t size, const hz_result_rule *rule)
{
    int n = snprintf(out, size, "%s rows %llu", hz_outcome_name(rule->outcome), (unsigned long long)rule->rows);
    const struct {
        const char *name;
        uint64_t count;
    } counts[] = {{"na", rule->not_applicable}, {"und", rule->undetermined}, {"passed", rule->passed},
                  {"failed", rule->failed},     {"groups", rule->groups},    {"unkeyed", rule->unkeyed}};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (counts[i].count)
            n += snprintf(out + n, size - (size_t)n, " %s %llu", counts[i].name, (unsigned long long)counts[i].count);
    return out;
}

/* The lines of a rule's examples: "3 5+2 7": the second also names two related records. */
static inline const char *kit_lines(char *out, size_t size, const hz_result_rule *rule)
{
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < rule->examples_count && n < size; i++) {
        n += (size_t)snprintf(out + n, size - n, "%s%llu", i ? " " : "", (unsigned long long)rule->examples[i].at.line);
        if (rule->examples[i].related_count && n < size)
            n += (size_t)snprintf(out + n, size - n, "+%zu", rule->examples[i].related_count);
    }
    return out;
}
#define assert_lines(k, id, text)                                                                                      \
    do {                                                                                                               \
        char seen_[512];                                                                                               \
        ck_assert_str_eq(kit_lines(seen_, sizeof seen_, kit_rule((k), (id))), (text));                                 \
    } while (0)

/* The Chinese message of an example, as its template and values make it. */
static inline void kit_message(hz_buf *out, const hz_finding *finding)
{
    size_t value = 0;
    ck_assert_ptr_nonnull(finding->template_zh);
    for (size_t i = 0; i < finding->template_zh->count; i++) {
        const hz_message_part *part = &finding->template_zh->parts[i];
        if (!part->expr.root)
            hz_buf_put(out, part->text);
        else if (finding->values_zh[value++].null)
            hz_buf_puts(out, "∅");
        else
            hz_buf_put(out, finding->values_zh[value - 1].text);
    }
}

static inline uint32_t kit_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33);
}

/* For what is asserted millions of times: Check writes to a file for each of its own. */
#define kit_sure(holds)                                                                                                \
    do {                                                                                                               \
        if (!(holds))                                                                                                  \
            ck_abort_msg("not: %s", #holds);                                                                           \
    } while (0)

static inline int kit_main(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static inline TCase *kit_case(Suite *suite, const char *name, double seconds)
{
    TCase *tcase = tcase_create(name);
    tcase_set_timeout(tcase, 10 * seconds);
    suite_add_tcase(suite, tcase);
    return tcase;
}
#endif
