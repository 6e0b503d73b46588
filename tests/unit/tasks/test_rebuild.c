/* Stored reports, certificates and merges when memory runs out at any call: the error says so, and nothing is lost (the
 * sanitizers look). */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "profiles/load.h"
#include "reports/render.h"
#include "validator/engine/engine.h"
#include "validator/tasks/baseline.h"
#include "validator/tasks/merge.h"
#include "validator/tasks/rebuild.h"
#include "validator/tasks/verify.h"

static const char *const shared = HZ_SOURCE_DIR "/tests/cli/shared/";
static const char *const report = HZ_SOURCE_DIR "/tests/cli/shared/result.json";

typedef struct fixture {
    hz_lists *lists;
    hz_arena *arena;
    hz_diags diags;
    hz_profile *profile;
} fixture;

static void open_fixture(fixture *f)
{
    char path[512];
    hz_load load;
    snprintf(path, sizeof path, "%shousehold.yaml", shared);
    ck_assert_int_eq(hz_lists_open(&f->lists, NULL, hz_limits_default(), NULL), HZ_OK);
    f->arena = hz_arena_new();
    hz_diags_init(&f->diags, f->arena, 100);
    load = (hz_load){.lists = f->lists, .limits = hz_limits_default()};
    ck_assert_int_eq(hz_profile_load(&f->profile, path, &load, &f->diags, NULL), HZ_OK);
}

static void close_fixture(fixture *f)
{
    hz_diags_clear(&f->diags);
    hz_profile_free(f->profile);
    hz_arena_free(f->arena);
    hz_lists_close(f->lists);
}

typedef hz_status job(const fixture *f, hz_error *err);

/* The job with the first failing call at 1, 1 + step …, until it gets through. */
static void starve(const fixture *f, job *run, uint64_t step)
{
    for (uint64_t n = 1;; n += step) {
        hz_error err = {0};
        hz_mem_fail_after(n, true);
        hz_status st = run(f, &err);
        hz_mem_fail_after(0, false);
        if (st == HZ_OK)
            break;
        ck_assert_int_eq(st, HZ_E_NOMEM);
        ck_assert_int_eq(err.status, HZ_E_NOMEM);
        ck_assert_uint_lt(n, 200000);
    }
}

static hz_status rebuild(const fixture *f, hz_error *err)
{
    hz_stored stored;
    hz_result *result = NULL;
    hz_status st = hz_stored_open(&stored, report, NULL, err);
    if (st == HZ_OK)
        st = hz_rebuild(&result, &stored, f->profile, f->lists, false, err);
    if (st == HZ_OK)
        st = hz_baseline_compare(result, &stored, err);
    hz_result_free(result);
    hz_stored_close(&stored);
    return st;
}

static hz_status merge(const fixture *f, hz_error *err)
{
    hz_result *result = NULL;
    const hz_merge_options options = {.profile = f->profile,
                                      .lists = f->lists,
                                      .limits = hz_limits_default(),
                                      .parts = &report,
                                      .parts_count = 1};
    hz_status st = hz_merge(&result, &options, err);
    hz_result_free(result);
    return st;
}

START_TEST(test_rebuild__same_bytes)
{
    fixture f;
    hz_stored stored;
    hz_result *result;
    hz_buf first = HZ_BUF_INIT, again = HZ_BUF_INIT;
    const hz_render_options how = {.reproducible = true};
    open_fixture(&f);
    ck_assert_int_eq(hz_stored_open(&stored, report, NULL, NULL), HZ_OK);
    ck_assert_int_eq(hz_rebuild(&result, &stored, f.profile, f.lists, false, NULL), HZ_OK);
    ck_assert_int_eq(hz_render(&first, HZ_FORMAT_JSON, result, &how, NULL), HZ_OK);
    hz_result_free(result);
    hz_stored_close(&stored);
    hz_buf_put(&again, hz_buf_slice(&first));
    ck_assert_int_eq(hz_stored_read(&stored, HZ_SLICE_LIT("again"), &again, NULL, NULL), HZ_OK);
    ck_assert_int_eq(hz_rebuild(&result, &stored, f.profile, f.lists, false, NULL), HZ_OK);
    ck_assert_int_eq(hz_render(&again, HZ_FORMAT_JSON, result, &how, NULL), HZ_OK);
    ck_assert(hz_slice_eq(hz_buf_slice(&first), hz_buf_slice(&again)));
    hz_result_free(result);
    hz_stored_close(&stored);
    hz_buf_clear(&first);
    hz_buf_clear(&again);
    close_fixture(&f);
}
END_TEST

START_TEST(test_rebuild__no_memory)
{
    fixture f;
    open_fixture(&f);
    starve(&f, rebuild, 3);
    starve(&f, merge, 3);
    close_fixture(&f);
}
END_TEST

/* A reason is taken apart into the arguments of its message, or kept as it is. */
START_TEST(test_rebuild__said_again)
{
    static const hz_msg_id ids[] = {HZ_MSG_STORED_IS_TEXT, HZ_MSG_VERIFY_FILE_SIZE, HZ_MSG_CERT_NOT_COMPLETE};
    const hz_slice args[] = {HZ_SLICE_LIT("one"), HZ_SLICE_LIT("\xe4\xba\x8c 2"), HZ_SLICE_LIT("3")};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        for (int lang = 0; lang < 2; lang++) {
            hz_arena *arena = hz_arena_new();
            hz_buf text = HZ_BUF_INIT, other = HZ_BUF_INIT, again = HZ_BUF_INIT;
            hz_said said;
            hz_msg_render(&text, ids[i], args, 3, (hz_lang)lang);
            ck_assert_int_eq(
                hz_said_again(&said, hz_slice_of(hz_msg_name(ids[i])), hz_buf_slice(&text), (hz_lang)lang, arena, NULL),
                HZ_OK);
            ck_assert_int_eq(said.message, ids[i]);
            hz_msg_render(&other, ids[i], args, 3, (hz_lang)!lang);
            hz_msg_render(&again, said.message, said.args, said.args_count, (hz_lang)!lang);
            ck_assert_str_eq(again.ptr, other.ptr);
            ck_assert_int_eq(hz_said_again(&said, hz_slice_of(hz_msg_name(ids[i])), HZ_SLICE_LIT("else"), (hz_lang)lang,
                                           arena, NULL),
                             HZ_OK);
            ck_assert_int_eq(said.message, HZ_MSG_STORED_SAID);
            ck_assert(hz_slice_is(said.args[0], "else"));
            hz_buf_clear(&text);
            hz_buf_clear(&other);
            hz_buf_clear(&again);
            hz_arena_free(arena);
        }
    }
}
END_TEST

/* ---- certificates ---- */

static hz_key signer;
static char folder[64], certificate_path[128], key_path[128];

static hz_status certify(const fixture *f, hz_error *err)
{
    hz_stored stored;
    hz_certificate *certificate = NULL;
    hz_certify_options options = {&stored, &signer, 1767225600, NULL, hz_limits_default()};
    (void)f;
    hz_status st = hz_stored_open(&stored, report, NULL, err);
    if (st == HZ_OK)
        st = hz_certify(&certificate, &options, err);
    if (st == HZ_OK && access(certificate_path, F_OK) != 0) {
        FILE *file = fopen(certificate_path, "wb");
        ck_assert_ptr_nonnull(file);
        ck_assert_uint_eq(fwrite(certificate->bytes.ptr, 1, certificate->bytes.len, file), certificate->bytes.len);
        ck_assert_int_eq(fclose(file), 0);
    }
    hz_certificate_free(certificate);
    hz_stored_close(&stored);
    return st;
}

static hz_status verify(const fixture *f, hz_error *err)
{
    const char *const certificates[] = {certificate_path}, *const keys[] = {key_path};
    const hz_verify_options options = {certificates, 1, keys, 1, report, NULL, hz_limits_default()};
    hz_proofs *proofs = NULL;
    (void)f;
    hz_status st = hz_verify(&proofs, &options, err);
    if (st == HZ_OK)
        ck_assert_int_eq(hz_proofs_state(proofs), HZ_PROOF_HOLDS);
    hz_proofs_free(proofs);
    return st;
}

START_TEST(test_certify__no_memory)
{
    hz_buf secret = HZ_BUF_INIT, open = HZ_BUF_INIT;
    snprintf(folder, sizeof folder, "certify-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(certificate_path, sizeof certificate_path, "%s/c.json", folder);
    snprintf(key_path, sizeof key_path, "%s/k.pub", folder);
    ck_assert_int_eq(hz_key_make(&signer, HZ_KEY_ED25519, NULL), HZ_OK);
    ck_assert_int_eq(hz_key_write(&secret, &open, &signer, HZ_SLICE_NONE, NULL), HZ_OK);
    FILE *file = fopen(key_path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(open.ptr, 1, open.len, file), open.len);
    ck_assert_int_eq(fclose(file), 0);
    starve(NULL, certify, 5);
    starve(NULL, verify, 5);
    ck_assert_int_eq(unlink(certificate_path), 0);
    ck_assert_int_eq(unlink(key_path), 0);
    ck_assert_int_eq(rmdir(folder), 0);
    hz_key_clear(&signer);
    hz_buf_clear(&secret);
    hz_buf_clear(&open);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("tasks.rebuild");
    TCase *tcase = tcase_create("rebuild");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, test_rebuild__same_bytes);
    tcase_add_test(tcase, test_rebuild__no_memory);
    tcase_add_test(tcase, test_rebuild__said_again);
    tcase_add_test(tcase, test_certify__no_memory);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
