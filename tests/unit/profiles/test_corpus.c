/* Every profile of the corpus: the good ones load, the wrong ones give exactly the pinned text in both languages.
 * HZ_UPDATE=1 rewrites the pins: read the difference before it is kept. */
#include <unistd.h>

#include "tests/unit/profiles/kit.h"

enum { FILES_MAX = 400, NAME_MAX_BYTES = 200 };

typedef struct corpus {
    char names[FILES_MAX][NAME_MAX_BYTES];
    int count;
} corpus;

static corpus good_files, bad_files;

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void find(corpus *files, const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return;
    for (struct dirent *entry; (entry = readdir(dir));) {
        size_t len = strlen(entry->d_name);
        if (len < 6 || len >= NAME_MAX_BYTES || strcmp(entry->d_name + len - 5, ".yaml") || files->count == FILES_MAX)
            continue;
        memcpy(files->names[files->count], entry->d_name, len - 5);
        files->names[files->count++][len - 5] = '\0';
    }
    closedir(dir);
    qsort(files->names, (size_t)files->count, NAME_MAX_BYTES, by_name);
}

static void load_named(kit *k, const char *folder, const char *name)
{
    char path[1024], shown[NAME_MAX_BYTES + 8];
    hz_buf bytes = HZ_BUF_INIT;
    snprintf(path, sizeof path, "%s/%s.yaml", folder, name);
    snprintf(shown, sizeof shown, "%s.yaml", name);
    kit_open(k);
    kit_load(k, read_file(&bytes, path), shown, folder);
    hz_buf_clear(&bytes); /* what was loaded must not look at it */
}

static void render(hz_buf *out, const kit *k, hz_lang lang)
{
    for (size_t i = 0; i < k->diags.count; i++)
        hz_diag_render(out, &k->diags.items[i], lang);
}

START_TEST(test_corpus__good_profiles_load)
{
    kit k;
    load_named(&k, HZ_TEST_DATA "/profiles/good", good_files.names[_i]);
    hz_buf text = HZ_BUF_INIT;
    render(&text, &k, HZ_LANG_EN);
    ck_assert_msg(k.status == HZ_OK && !k.diags.count, "%s:\n%s", good_files.names[_i], text.ptr ? text.ptr : "");
    hz_buf_clear(&text);
    kit_close(&k);
}
END_TEST

static void compare(const kit *k, const char *name, hz_lang lang)
{
    char path[1024];
    hz_buf pinned = HZ_BUF_INIT, text = HZ_BUF_INIT;
    snprintf(path, sizeof path, "%s/profiles/bad/%s.%s.txt", HZ_TEST_DATA, name, lang == HZ_LANG_ZH ? "zh" : "en");
    render(&text, k, lang);
    if (getenv("HZ_UPDATE")) {
        FILE *out = fopen(path, "wb");
        ck_assert_ptr_nonnull(out);
        ck_assert_uint_eq(fwrite(text.ptr, 1, text.len, out), text.len);
        ck_assert_int_eq(fclose(out), 0);
    }
    ck_assert_msg(hz_slice_eq(read_file(&pinned, path), hz_buf_slice(&text)), "%s: pinned\n%s\nnow\n%s", name,
                  pinned.ptr, text.ptr);
    hz_buf_clear(&pinned);
    hz_buf_clear(&text);
}

START_TEST(test_corpus__wrong_profiles_say_what_is_pinned)
{
    kit k;
    load_named(&k, HZ_TEST_DATA "/profiles/bad", bad_files.names[_i]);
    ck_assert_int_eq(k.status, HZ_E_PROFILE);
    ck_assert_ptr_null(k.profile);
    ck_assert_uint_gt(k.diags.errors_count, 0);
    compare(&k, bad_files.names[_i], HZ_LANG_ZH);
    compare(&k, bad_files.names[_i], HZ_LANG_EN);
    kit_close(&k);
}
END_TEST

START_TEST(test_corpus__is_whole)
{
    ck_assert_int_ge(good_files.count, 15);
    ck_assert_int_ge(bad_files.count, 60);
}
END_TEST

/* Each allocation fails once: an error that says so, nothing leaked, nothing half made. */
static void fail_each(const char *folder, const char *name, hz_status otherwise)
{
    char path[1024];
    hz_buf bytes = HZ_BUF_INIT;
    snprintf(path, sizeof path, "%s/%s.yaml", folder, name);
    hz_slice text = read_file(&bytes, path);
    kit k;
    kit_open(&k);
    kit_load(&k, text, "t.yaml", folder); /* lists that the store parses at first use are parsed now */
    kit_close(&k);
    for (uint64_t n = 1;; n++) {
        kit_open(&k);
        uint64_t live = hz_mem_stats_now().live_calls;
        hz_mem_fail_after(n, true);
        kit_load(&k, text, "t.yaml", folder);
        hz_mem_fail_after(0, false);
        if (k.status == otherwise)
            n = UINT64_MAX;
        else
            ck_assert_msg(k.status == HZ_E_NOMEM && k.err.status == HZ_E_NOMEM && !k.profile,
                          "%s: allocation %llu gives %d", name, (unsigned long long)n, (int)k.status);
        hz_profile_free(k.profile);
        k.profile = NULL;
        hz_diags_clear(&k.diags);
        if (k.status != otherwise)
            ck_assert_uint_le(hz_mem_stats_now().live_calls, live + 64); /* blocks of the diags' own arena stay */
        hz_arena_free(k.arena);
        if (n == UINT64_MAX)
            break;
    }
    hz_buf_clear(&bytes);
}

START_TEST(test_corpus__each_allocation_can_fail)
{
    static const char *const names[] = {"registry", "constraints", "lists", "tests"};
    fail_each(HZ_TEST_DATA "/profiles/good", names[_i], HZ_OK);
}
END_TEST

START_TEST(test_corpus__each_allocation_can_fail_in_wrong_profiles)
{
    static const char *const names[] = {"relation_names", "rule_unique", "list_unknown", "schema_unknown_keys"};
    fail_each(HZ_TEST_DATA "/profiles/bad", names[_i], HZ_E_PROFILE);
}
END_TEST

int main(void)
{
    find(&good_files, HZ_TEST_DATA "/profiles/good");
    find(&bad_files, HZ_TEST_DATA "/profiles/bad");
    Suite *suite = suite_create("profiles.corpus");
    TCase *tc = tcase_create("corpus");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, test_corpus__is_whole);
    tcase_add_loop_test(tc, test_corpus__good_profiles_load, 0, good_files.count);
    tcase_add_loop_test(tc, test_corpus__wrong_profiles_say_what_is_pinned, 0, bad_files.count);
    tcase_add_loop_test(tc, test_corpus__each_allocation_can_fail, 0, 4);
    tcase_add_loop_test(tc, test_corpus__each_allocation_can_fail_in_wrong_profiles, 0, 4);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    hz_lists_close(kit_lists);
    return failed != 0;
}
