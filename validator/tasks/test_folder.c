/* test_folder.c: whole submissions beside the profile, each with what is expected of it.
 *
 *     FOLDER/tests/NAME/            the submission, its files named as `files` says
 *     FOLDER/tests/NAME/previous/   the one before; previous2/ the one before that
 *     FOLDER/tests/NAME/expected.yaml
 *
 *     as_of: 2020-12-31             the day, and parameters
 *     params: {county: "520102"}
 *     conformant: false             each of these may be left out
 *     grade: B
 *     failed: {R001: 2}             rules that fail with how many records or groups; the others must not fail
 *     undetermined: {R002: 1}       how many are undetermined; the others may be
 *     skipped: [R003]               rules and measures that cannot run; the others must run */
#include "base/alloc.h"
#include "validator/tasks/test_int.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

typedef struct folder_test {
    hz_tests *tests;
    const hz_tests_options *options;
    hz_tried_folder *out;
    size_t capacity; /* of out->wrong while it grows; then it moves to the arena */
    const hz_result *result;
    hz_error *err;
} folder_test;

static hz_status join(hz_slice *out, hz_arena *arena, hz_slice folder, const char *name, hz_error *err)
{
    hz_buf path = HZ_BUF_INIT;
    if (!hz_slice_eq(folder, HZ_SLICE_LIT("."))) {
        hz_buf_put(&path, folder);
        hz_buf_putc(&path, '/');
    }
    hz_buf_puts(&path, name);
    hz_status st = hz_buf_status(&path, err);
    if (st == HZ_OK && hz_arena_copy(out, arena, hz_buf_slice(&path)) != HZ_OK)
        st = hz_nomem(err, path.len);
    hz_buf_clear(&path);
    return st;
}

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* ---- what is not as expected ---- */

static hz_status wrong(folder_test *t, hz_said said)
{
    if (!HZ_GROW(t->out->wrong, t->capacity, t->out->wrong_count + 1))
        return hz_nomem(t->err, sizeof said);
    return hz_said_copy(&t->out->wrong[t->out->wrong_count++], t->tests->arena, &said, t->err);
}

static hz_slice digits(char *into, size_t room, uint64_t n)
{
    int len = snprintf(into, room, "%llu", (unsigned long long)n);
    return (hz_slice){into, len > 0 ? (size_t)len : 0};
}

static hz_status wrong_count(folder_test *t, hz_msg_id message, hz_slice rule, uint64_t wanted, uint64_t came)
{
    char a[24], b[24];
    if (wanted == came)
        return HZ_OK;
    return wrong(t, (hz_said){message, 3, {rule, digits(a, sizeof a, wanted), digits(b, sizeof b, came)}});
}

static const hz_yaml *named(const hz_yaml *map, hz_slice id)
{
    for (uint32_t i = 0; map && i < map->count; i++)
        if (hz_slice_eq(map->pairs[i].key->text, id))
            return map->pairs[i].value;
    return NULL;
}

static bool listed(const hz_yaml *list, hz_slice id)
{
    bool found = list->kind == HZ_YAML_SCALAR && hz_slice_eq(list->text, id);
    for (uint32_t i = 0; list->kind == HZ_YAML_LIST && i < list->count; i++)
        found = found || hz_slice_eq(list->items[i]->text, id);
    return found;
}

static bool read_count(uint64_t *out, const hz_yaml *value)
{
    enum { DIGITS_MAX = 18 };
    *out = 0;
    if (value->kind != HZ_YAML_SCALAR || !value->text.len || value->text.len > DIGITS_MAX)
        return false;
    for (size_t i = 0; i < value->text.len; i++) {
        if (value->text.ptr[i] < '0' || value->text.ptr[i] > '9')
            return false;
        *out = *out * 10 + (uint64_t)(value->text.ptr[i] - '0');
    }
    return true;
}

static hz_status expect_of(uint64_t *count, bool *given, const hz_yaml *map, hz_slice id, hz_error *err)
{
    const hz_yaml *value = named(map, id);
    *given = value != NULL;
    *count = 0;
    return !value || read_count(count, value) ? HZ_OK : hz_tests_wrong(err, value->span, HZ_MSG_TEST_COUNT, id);
}

static hz_status hold_skip(folder_test *t, const hz_yaml *skipped, hz_slice id, hz_outcome outcome, const hz_said *why)
{
    bool is = outcome == HZ_OUTCOME_SKIPPED;
    if (outcome == HZ_OUTCOME_ERROR)
        return wrong(t, (hz_said){HZ_MSG_TEST_FOLDER_ERROR, 1, {id}});
    if (!skipped || listed(skipped, id) == is)
        return HZ_OK;
    hz_said said = {is ? HZ_MSG_TEST_FOLDER_SKIPPED : HZ_MSG_TEST_FOLDER_RAN, 1, {id}};
    HZ_TRY(wrong(t, said));
    return is ? wrong(t, *why) : HZ_OK;
}

static hz_status hold_rules(folder_test *t, const hz_yaml *root, const hz_result_rule *rules, size_t count)
{
    const hz_yaml *failed = hz_yaml_get(root, "failed"), *undetermined = hz_yaml_get(root, "undetermined");
    const hz_yaml *skipped = hz_yaml_get(root, "skipped");
    for (size_t i = 0; i < count; i++) {
        hz_slice id = rules[i].rule->id;
        uint64_t wanted;
        bool given;
        HZ_TRY(hold_skip(t, skipped, id, rules[i].outcome, &rules[i].reason));
        HZ_TRY(expect_of(&wanted, &given, failed, id, t->err));
        if (failed)
            HZ_TRY(wrong_count(t, HZ_MSG_TEST_FOLDER_FAILED, id, wanted, rules[i].failed));
        HZ_TRY(expect_of(&wanted, &given, undetermined, id, t->err));
        if (given)
            HZ_TRY(wrong_count(t, HZ_MSG_TEST_FOLDER_UNDETERMINED, id, wanted, rules[i].undetermined));
    }
    return HZ_OK;
}

static hz_status hold_measures(folder_test *t, const hz_yaml *root)
{
    const hz_yaml *failed = hz_yaml_get(root, "failed"), *skipped = hz_yaml_get(root, "skipped");
    for (size_t i = 0; i < t->result->measures_count; i++) {
        const hz_result_measure *measure = &t->result->measures[i];
        uint64_t wanted;
        bool given;
        if (measure->measure->status == HZ_LIFE_WITHDRAWN)
            continue;
        HZ_TRY(hold_skip(t, skipped, measure->measure->id, measure->outcome, &measure->reason));
        HZ_TRY(expect_of(&wanted, &given, failed, measure->measure->id, t->err));
        if (failed)
            HZ_TRY(wrong_count(t, HZ_MSG_TEST_FOLDER_FAILED, measure->measure->id, wanted, measure->failed));
    }
    return HZ_OK;
}

static hz_status hold_verdict(folder_test *t, const hz_yaml *root)
{
    const hz_yaml *conformant = hz_yaml_get(root, "conformant"), *grade = hz_yaml_get(root, "grade");
    const hz_grading *grading = &t->result->profile->grading;
    hz_slice came = HZ_SLICE_LIT("-");
    if (conformant) {
        bool yes = hz_slice_eq(conformant->text, HZ_SLICE_LIT("true"));
        if (!yes && !hz_slice_eq(conformant->text, HZ_SLICE_LIT("false")))
            return hz_tests_wrong(t->err, conformant->span, HZ_MSG_TEST_SETTING, HZ_SLICE_LIT("conformant"));
        if (yes != t->result->conformant)
            HZ_TRY(
                wrong(t, (hz_said){yes ? HZ_MSG_TEST_FOLDER_NOT_CONFORMANT : HZ_MSG_TEST_FOLDER_CONFORMANT, 0, {{0}}}));
    }
    if (t->result->grade < grading->grades_count)
        came = grading->grades[t->result->grade].grade;
    if (grade && !hz_slice_eq(came, grade->text))
        return wrong(t, (hz_said){HZ_MSG_TEST_FOLDER_GRADE, 2, {grade->text, came}});
    return HZ_OK;
}

/* ---- what rules were seen to do ---- */

static void note_seen(hz_tests *tests, const hz_rule *rule, const hz_measure *measure, const uint64_t *counts)
{
    for (size_t i = 0; i < tests->subjects_count; i++) {
        hz_subject *subject = &tests->subjects[i];
        bool same = rule ? subject->rule == rule : subject->measure == measure;
        for (hz_came came = HZ_CAME_PASS; same && came < HZ_CAME_SKIPPED; came++)
            subject->seen[came] = subject->seen[came] || counts[came];
    }
}

static void note_all_seen(hz_tests *tests, const hz_result *result)
{
    for (int drafts = 0; drafts < 2; drafts++) {
        const hz_result_rule *rules = drafts ? result->drafts : result->rules;
        for (size_t i = 0; i < (drafts ? result->drafts_count : result->rules_count); i++) {
            const uint64_t counts[] = {rules[i].passed, rules[i].failed, rules[i].undetermined,
                                       rules[i].not_applicable};
            if (!rules[i].rule->derived)
                note_seen(tests, rules[i].rule, NULL, counts);
        }
    }
    for (size_t i = 0; i < result->measures_count; i++) {
        const hz_result_measure *measure = &result->measures[i];
        const uint64_t counts[] = {measure->passed, measure->failed, measure->undetermined, 0};
        note_seen(tests, NULL, measure->measure, counts);
    }
}

/* ---- the file ---- */

static bool is_known_id(const hz_profile *profile, hz_slice id)
{
    bool found = hz_profile_rule(profile, id) != NULL;
    for (size_t i = 0; !found && i < profile->measures_count; i++)
        found = hz_slice_eq(profile->measures[i].id, id);
    return found;
}

static hz_status check_file(folder_test *t, const hz_yaml *root)
{
    static const char *const keys[] = {"as_of", "params", "conformant", "grade", "failed", "undetermined", "skipped"};
    const hz_profile *profile = t->options->profile;
    for (uint32_t i = 0; i < root->count; i++) {
        const hz_yaml *key = root->pairs[i].key, *value = root->pairs[i].value;
        bool known = hz_slice_starts(key->text, HZ_SLICE_LIT("x-"));
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
            known = known || hz_slice_eq(key->text, hz_slice_of(keys[k]));
        bool counts =
            hz_slice_eq(key->text, HZ_SLICE_LIT("failed")) || hz_slice_eq(key->text, HZ_SLICE_LIT("undetermined"));
        if (!known)
            return hz_tests_wrong(t->err, key->span, HZ_MSG_TEST_KEY, key->text);
        if (counts && value->kind != HZ_YAML_MAP)
            return hz_tests_wrong(t->err, value->span, HZ_MSG_TEST_SETTING, key->text);
        for (uint32_t k = 0; counts && k < value->count; k++)
            if (!is_known_id(profile, value->pairs[k].key->text))
                return hz_tests_wrong(t->err, value->pairs[k].key->span, HZ_MSG_TEST_NO_RULE,
                                      value->pairs[k].key->text);
    }
    return HZ_OK;
}

/* The folder's own parameters go before those of the examples, and those of the command line before all. */
static hz_status set_params(hz_run_options *own, const hz_run_options *how, const hz_yaml *root, folder_test *t)
{
    own->params = t->options->params;
    own->params_count = t->options->params_count;
    HZ_TRY(hz_tests_setting_of(own, root, t->tests->arena, t->err));
    size_t count = how->params_count + own->params_count;
    hz_given *all = HZ_ARENA_ARRAY(t->tests->arena, hz_given, count + 1);
    if (!all)
        return hz_nomem(t->err, count * sizeof *all);
    for (size_t i = 0; i < count; i++) /* later ones win */
        all[i] = i < how->params_count ? how->params[i] : own->params[i - how->params_count];
    own->params = all;
    own->params_count = count;
    return HZ_OK;
}

static hz_status run_folder(folder_test *t, hz_run_options how)
{
    hz_arena *arena = t->tests->arena;
    const hz_yaml *root;
    hz_slice path;
    HZ_TRY(join(&path, arena, t->out->path, "expected.yaml", t->err));
    HZ_TRY(hz_tests_yaml(&root, path.ptr, path, t->options->limits, arena, t->err));
    HZ_TRY(check_file(t, root));
    how.has_as_of = false; /* a folder's own day goes before that of the examples */
    hz_run_options own = how;
    HZ_TRY(set_params(&own, &how, root, t));
    if (!own.has_as_of && t->tests->has_as_of) {
        own.has_as_of = true;
        own.as_of = t->tests->as_of;
    }
    hz_input input = {.path = t->out->path.ptr};
    hz_input previous[HZ_PERIODS_MAX - 1] = {{.path = NULL}, {.path = NULL}};
    static const char *const names[] = {"previous", "previous2"};
    for (size_t i = 0; i < HZ_PERIODS_MAX - 1; i++) {
        HZ_TRY(join(&path, arena, t->out->path, names[i], t->err));
        if (own.previous_count == i && is_folder(path.ptr))
            previous[own.previous_count++].path = path.ptr;
    }
    own.previous = previous;
    own.inputs = &input;
    own.inputs_count = 1;
    own.threads = t->options->threads;
    hz_result *result = NULL;
    hz_error why;
    hz_error_clear(&why);
    hz_status st = hz_run(&result, &own, &why);
    if (st == HZ_E_NOMEM || st == HZ_E_CANCELLED || st == HZ_E_USAGE) {
        if (t->err)
            *t->err = why;
        return st;
    }
    if (st != HZ_OK)
        return wrong(t, hz_said_of(&why));
    t->result = result;
    note_all_seen(t->tests, result);
    st = hold_verdict(t, root);
    if (st == HZ_OK)
        st = hold_rules(t, root, result->rules, result->rules_count);
    if (st == HZ_OK)
        st = hold_rules(t, root, result->drafts, result->drafts_count);
    if (st == HZ_OK)
        st = hold_measures(t, root);
    hz_result_free(result);
    return st;
}

/* The list of what is wrong moves to the arena. */
static hz_status try_folder(folder_test *t, const hz_run_options *how)
{
    hz_status st = run_folder(t, *how);
    hz_said *kept = HZ_ARENA_ARRAY(t->tests->arena, hz_said, t->out->wrong_count + 1);
    if (kept && t->out->wrong_count)
        memcpy(kept, t->out->wrong, t->out->wrong_count * sizeof *kept);
    hz_mem_free(t->out->wrong);
    t->out->wrong = kept;
    return kept ? st : hz_nomem(t->err, t->out->wrong_count * sizeof *kept);
}

/* ---- the folders ---- */

static int by_name(const void *a, const void *b)
{
    return hz_slice_cmp(((const hz_tried_folder *)a)->name, ((const hz_tried_folder *)b)->name);
}

/* Folders that hold an expected.yaml; others are the author's own affair. */
static hz_status add_folder(hz_tests *tests, size_t *capacity, hz_slice root, const char *name, hz_error *err)
{
    hz_tried_folder folder = {HZ_SLICE_NONE, HZ_SLICE_NONE, NULL, 0};
    hz_slice file;
    struct stat info;
    HZ_TRY(join(&folder.path, tests->arena, root, name, err));
    HZ_TRY(join(&file, tests->arena, folder.path, "expected.yaml", err));
    if (stat(file.ptr, &info) != 0)
        return HZ_OK;
    folder.name = hz_slice_sub(folder.path, root.len + 1, folder.path.len);
    if (!HZ_GROW(tests->folders, *capacity, tests->folders_count + 1))
        return hz_nomem(err, sizeof folder);
    tests->folders[tests->folders_count++] = folder;
    return HZ_OK;
}

static hz_status find_folders(hz_tests *tests, hz_error *err)
{
    hz_slice root;
    size_t capacity = 0;
    HZ_TRY(join(&root, tests->arena, tests->profile->folder, "tests", err));
    DIR *dir = opendir(root.ptr);
    hz_status st = HZ_OK;
    for (struct dirent *entry; dir && st == HZ_OK && (entry = readdir(dir)) != NULL;)
        if (entry->d_name[0] != '.')
            st = add_folder(tests, &capacity, root, entry->d_name, err);
    if (dir)
        closedir(dir);
    hz_tried_folder *kept = HZ_ARENA_ARRAY(tests->arena, hz_tried_folder, tests->folders_count + 1);
    if (kept && tests->folders_count)
        memcpy(kept, tests->folders, tests->folders_count * sizeof *kept);
    hz_mem_free(tests->folders);
    tests->folders = kept;
    if (!kept)
        return hz_nomem(err, sizeof *kept);
    if (tests->folders_count)
        qsort(kept, tests->folders_count, sizeof *kept, by_name);
    return st;
}

hz_status hz_tests_folders(hz_tests *tests, const hz_tests_options *options, const hz_run_options *how, hz_error *err)
{
    if (!tests->profile->folder.len)
        return HZ_OK;
    HZ_TRY(find_folders(tests, err));
    for (size_t i = 0; i < tests->folders_count; i++) {
        folder_test t = {.tests = tests, .options = options, .out = &tests->folders[i], .err = err};
        HZ_TRY(try_folder(&t, how));
    }
    return HZ_OK;
}
