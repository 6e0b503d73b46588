/* hezhun_tasks.c: the public interface over tasks: a profile's own tests, and what there is to say about it, and the
 * page for people. */
#include "base/alloc.h"
#include "validator/api/hezhun_int.h"
#include "validator/tasks/diff.h"
#include "validator/tasks/doc.h"
#include "validator/tasks/explain_rule.h"
#include "validator/tasks/lint.h"
#include "validator/tasks/template.h"
#include "validator/tasks/test.h"
#include "validator/tasks/xsd.h"

/* ---- tests ---- */

struct hezhun_tests {
    hz_tests *tests;
};

static hz_status take_params(hz_given **out, const hezhun_param *params, size_t count, hz_error *err)
{
    *out = hz_mem_zalloc(count + 1, sizeof **out);
    if (!*out)
        return hz_nomem(err, count * sizeof **out);
    for (size_t i = 0; i < count; i++) {
        HZ_TRY(wanted(params[i].name, "params.name", err));
        HZ_TRY(wanted(params[i].value, "params.value", err));
        (*out)[i] = (hz_given){hz_slice_of(params[i].name), hz_slice_of(params[i].value)};
    }
    return HZ_OK;
}

static hz_status test(hz_tests **out, const hezhun_profile *profile, const hezhun_test_options *options, hz_error *err)
{
    HZ_TRY(version_known(options->version, err));
    hz_tests_options how = {.profile = profile->profile,
                            .lists = profile->context->lists,
                            .limits = &profile->context->limits,
                            .cancel = options->cancel ? &options->cancel->flag : NULL,
                            .has_as_of = options->as_of != NULL,
                            .params_count = options->params_count,
                            .threads = options->threads};
    if (options->as_of)
        HZ_TRY(hz_api_day(&how.as_of, options->as_of, err));
    hz_given *params = NULL;
    hz_status st = take_params(&params, options->params, options->params_count, err);
    how.params = params;
    if (st == HZ_OK)
        st = hz_tests_run(out, &how, err);
    hz_mem_free(params);
    return st;
}

hezhun_status hezhun_test(hezhun_tests **out, const hezhun_profile *profile, const hezhun_test_options *options,
                          hezhun_error *err)
{
    static const hezhun_test_options usual = HEZHUN_TEST_OPTIONS_INIT;
    hz_error *error = inner(err);
    if (out)
        *out = NULL;
    if (wanted(out, "out", error) != HZ_OK || wanted(profile, "profile", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    hezhun_tests *tests = hz_mem_zalloc(1, sizeof *tests);
    if (!tests)
        return outer(hz_nomem(error, sizeof *tests));
    hz_status st = test(&tests->tests, profile, options ? options : &usual, error);
    if (st == HZ_OK)
        *out = tests;
    else
        hezhun_tests_free(tests);
    return outer(st);
}

void hezhun_tests_free(hezhun_tests *tests)
{
    if (!tests)
        return;
    hz_tests_free(tests->tests);
    hz_mem_free(tests);
}

bool hezhun_tests_held(const hezhun_tests *tests, uint64_t *examples, uint64_t *held)
{
    if (examples)
        *examples = tests->tests->tried_count + tests->tests->folders_count;
    if (held)
        *held = tests->tests->held_count + tests->tests->folders_held;
    return hz_tests_held(tests->tests);
}

const char *hezhun_tests_format(size_t index)
{
    return index < HZ_TESTS_FORMAT_COUNT ? hz_tests_format_name((hz_tests_format)index) : NULL;
}

/* The index of a format among those that `name_of` knows. */
static hz_status find_format(size_t *out, const char *format, const char *(*name_of)(size_t index), hz_error *err)
{
    enum { FORMATS_MAX = 8, KNOWN_BYTES = 128 };
    hz_slice names[FORMATS_MAX];
    char known[KNOWN_BYTES] = "";
    size_t count = 0, used = 0;
    for (const char *name; count < FORMATS_MAX && (name = name_of(count)) != NULL; count++) {
        names[count] = hz_slice_of(name);
        *out = count;
        if (hz_slice_eq(names[count], hz_slice_of(format)))
            return HZ_OK;
        if (used + names[count].len + 2 < sizeof known) {
            if (used)
                known[used++] = ' ';
            memcpy(known + used, name, names[count].len + 1);
            used += names[count].len;
        }
    }
    hz_slice near = hz_nearest(hz_slice_of(format), names, count);
    hz_status st = hz_fail(err, HZ_E_USAGE, HZ_M(API_FORMAT), HZ_Z(format), HZ_S(near), HZ_Z(known));
    if (near.len)
        hz_error_hint(err, HZ_MSG_API_NEAREST);
    return st;
}

static hz_status give(hezhun_bytes *out, hz_buf *bytes, hz_error *err)
{
    hz_status st = hz_buf_status(bytes, err);
    if (st == HZ_OK)
        *out = (hezhun_bytes){bytes->ptr, bytes->len}; /* moved */
    else
        hz_buf_clear(bytes);
    return st;
}

static hz_status render_tests(hezhun_bytes *out, const hezhun_tests *const *tests, size_t count, const char *format,
                              const hezhun_tests_render_options *options, hz_error *err)
{
    size_t index = 0;
    HZ_TRY(version_known(options->version, err));
    HZ_TRY(find_format(&index, format, hezhun_tests_format, err));
    hz_tests_show show = {options->lang == HEZHUN_EN ? HZ_LANG_EN : HZ_LANG_ZH, options->quiet, options->coverage};
    const hz_tests **all = hz_mem_zalloc(count + 1, sizeof *all);
    if (!all)
        return hz_nomem(err, count * sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = tests[i]->tests;
    hz_buf bytes = HZ_BUF_INIT;
    hz_tests_render(&bytes, (hz_tests_format)index, all, count, &show);
    hz_mem_free((void *)all);
    return give(out, &bytes, err);
}

hezhun_status hezhun_tests_render(hezhun_bytes *out, const hezhun_tests *const *tests, size_t count, const char *format,
                                  const hezhun_tests_render_options *options, hezhun_error *err)
{
    static const hezhun_tests_render_options usual = HEZHUN_TESTS_RENDER_OPTIONS_INIT;
    hz_error *error = inner(err);
    if (out)
        *out = (hezhun_bytes)HEZHUN_BYTES_INIT;
    if (wanted(out, "out", error) != HZ_OK || wanted(format, "format", error) != HZ_OK ||
        (count && wanted(tests, "tests", error) != HZ_OK))
        return HEZHUN_E_USAGE;
    return outer(render_tests(out, tests, count, format, options ? options : &usual, error));
}

/* ---- lint ---- */

struct hezhun_lint {
    hz_lint *lint;
};

/* profile: what a mapping or manifest is held to; NULL: a profile is looked at. more: what is wanted beside path and
 * context. */
static hezhun_status run_lint(hezhun_lint **out, hezhun_context *context, const hezhun_profile *profile,
                              const char *path, const hz_lint_options *more, hezhun_error *err)
{
    hz_error *error = inner(err);
    if (out)
        *out = NULL;
    if (wanted(out, "out", error) != HZ_OK || wanted(context, "context", error) != HZ_OK ||
        wanted(path, "path", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    hezhun_lint *lint = hz_mem_zalloc(1, sizeof *lint);
    if (!lint)
        return outer(hz_nomem(error, sizeof *lint));
    hz_lint_options how = *more;
    how.path = path;
    how.lists = context->lists;
    how.limits = &context->limits;
    how.lang = context->lang;
    how.profiles = context->profiles_dir;
    hz_status st =
        profile ? hz_lint_beside(&lint->lint, &how, profile->profile, error) : hz_lint_run(&lint->lint, &how, error);
    if (st == HZ_OK)
        *out = lint;
    else
        hezhun_lint_free(lint);
    return outer(st);
}

hezhun_status hezhun_lint_run(hezhun_lint **out, hezhun_context *context, const char *path, hezhun_error *err)
{
    return run_lint(out, context, NULL, path, &(const hz_lint_options){.path = NULL}, err);
}

hezhun_status hezhun_lint_deep(hezhun_lint **out, hezhun_context *context, const char *path, uint64_t seconds,
                               const hezhun_cancel *cancel, hezhun_error *err)
{
    const hz_lint_options how = {.deep = true, .deep_seconds = seconds, .cancel = cancel ? &cancel->flag : NULL};
    return run_lint(out, context, NULL, path, &how, err);
}

bool hezhun_lint_complete(const hezhun_lint *lint)
{
    return !lint->lint->reason || !lint->lint->reason->out_of_time;
}

hezhun_status hezhun_lint_mapping(hezhun_lint **out, const hezhun_profile *profile, const char *path, hezhun_error *err)
{
    if (out)
        *out = NULL;
    if (wanted(profile, "profile", inner(err)) != HZ_OK)
        return HEZHUN_E_USAGE;
    return run_lint(out, profile->context, profile, path, &(const hz_lint_options){.path = NULL}, err);
}

void hezhun_lint_free(hezhun_lint *lint)
{
    if (!lint)
        return;
    hz_lint_free(lint->lint);
    hz_mem_free(lint);
}

uint64_t hezhun_lint_count(const hezhun_lint *lint, hezhun_level level)
{
    return level <= HEZHUN_LEVEL_HINT ? lint->lint->counts[level] : 0;
}

bool hezhun_lint_loads(const hezhun_lint *lint)
{
    return lint->lint->profile != NULL || lint->lint->beside_loads;
}

const char *hezhun_lint_format(size_t index)
{
    return index < HZ_LINT_FORMAT_COUNT ? hz_lint_format_name((hz_lint_format)index) : NULL;
}

static hz_status render_lint(hezhun_bytes *out, const hezhun_lint *const *lints, size_t count, const char *format,
                             hezhun_lang lang, bool quiet, hz_error *err)
{
    size_t index = 0;
    HZ_TRY(find_format(&index, format, hezhun_lint_format, err));
    const hz_lint **all = hz_mem_zalloc(count + 1, sizeof *all);
    if (!all)
        return hz_nomem(err, count * sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = lints[i]->lint;
    hz_buf bytes = HZ_BUF_INIT;
    hz_lint_render(&bytes, (hz_lint_format)index, all, count, lang == HEZHUN_EN ? HZ_LANG_EN : HZ_LANG_ZH, quiet);
    hz_mem_free((void *)all);
    return give(out, &bytes, err);
}

hezhun_status hezhun_lint_render(hezhun_bytes *out, const hezhun_lint *const *lints, size_t count, const char *format,
                                 hezhun_lang lang, bool quiet, hezhun_error *err)
{
    hz_error *error = inner(err);
    if (out)
        *out = (hezhun_bytes)HEZHUN_BYTES_INIT;
    if (wanted(out, "out", error) != HZ_OK || wanted(format, "format", error) != HZ_OK ||
        (count && wanted(lints, "lints", error) != HZ_OK))
        return HEZHUN_E_USAGE;
    return outer(render_lint(out, lints, count, format, lang, quiet, error));
}

/* ---- doc ---- */

const char *hezhun_doc_format(size_t index)
{
    return index < HZ_DOC_FORMAT_COUNT ? hz_doc_format_name((hz_doc_format)index) : NULL;
}

static hz_status render_doc(hezhun_bytes *out, const hezhun_profile *const *profiles, size_t count, const char *format,
                            hezhun_lang lang, hz_error *err)
{
    size_t index = 0;
    HZ_TRY(find_format(&index, format, hezhun_doc_format, err));
    const hz_profile **all = hz_mem_zalloc(count + 1, sizeof *all);
    if (!all)
        return hz_nomem(err, count * sizeof *all);
    for (size_t i = 0; i < count; i++)
        all[i] = profiles[i]->profile;
    hz_buf bytes = HZ_BUF_INIT;
    hz_doc_render(&bytes, (hz_doc_format)index, all, count, lang == HEZHUN_EN ? HZ_LANG_EN : HZ_LANG_ZH);
    hz_mem_free((void *)all);
    return give(out, &bytes, err);
}

hezhun_status hezhun_doc(hezhun_bytes *out, const hezhun_profile *const *profiles, size_t count, const char *format,
                         hezhun_lang lang, hezhun_error *err)
{
    hz_error *error = inner(err);
    if (out)
        *out = (hezhun_bytes)HEZHUN_BYTES_INIT;
    if (wanted(out, "out", error) != HZ_OK || wanted(format, "format", error) != HZ_OK ||
        (count && wanted(profiles, "profiles", error) != HZ_OK))
        return HEZHUN_E_USAGE;
    return outer(render_doc(out, profiles, count, format, lang, error));
}

/* ---- export ---- */

const char *hezhun_export_format(size_t index)
{
    return index == 0 ? "xsd" : NULL;
}

static hz_status export(hezhun_bytes *out, const hezhun_profile *profile, const char *format, hz_error *err)
{
    size_t index = 0;
    hz_buf bytes = HZ_BUF_INIT;
    HZ_TRY(find_format(&index, format, hezhun_export_format, err));
    hz_xsd_put(&bytes, profile->profile);
    return give(out, &bytes, err);
}

hezhun_status hezhun_export(hezhun_bytes *out, const hezhun_profile *profile, const char *format, hezhun_error *err)
{
    hz_error *error = inner(err);
    if (out)
        *out = (hezhun_bytes)HEZHUN_BYTES_INIT;
    if (wanted(out, "out", error) != HZ_OK || wanted(format, "format", error) != HZ_OK ||
        wanted(profile, "profile", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    return outer(export(out, profile, format, error));
}

/* ---- explain ---- */

static hz_status explain(hezhun_bytes *out, const hz_profile *profile, const char *rule, hezhun_lang lang,
                         hz_error *err)
{
    hz_buf bytes = HZ_BUF_INIT;
    hz_status st = hz_explain_rules(&bytes, profile, rule ? hz_slice_of(rule) : HZ_SLICE_NONE,
                                    lang == HEZHUN_EN ? HZ_LANG_EN : HZ_LANG_ZH, err);
    if (st == HZ_OK)
        return give(out, &bytes, err);
    hz_buf_clear(&bytes);
    return st;
}

hezhun_status hezhun_explain_rule(hezhun_bytes *out, const hezhun_profile *profile, const char *rule, hezhun_lang lang,
                                  hezhun_error *err)
{
    hz_error *error = inner(err);
    if (out)
        *out = (hezhun_bytes)HEZHUN_BYTES_INIT;
    if (wanted(out, "out", error) != HZ_OK || wanted(profile, "profile", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    return outer(explain(out, profile->profile, rule, lang, error));
}

/* ---- diff ---- */

struct hezhun_diff {
    hz_diff *diff;
};

static hezhun_status run_diff(hezhun_diff **out, const hezhun_profile *before, const hezhun_profile *after, bool deep,
                              hezhun_error *err)
{
    hz_error *error = inner(err);
    if (out)
        *out = NULL;
    if (wanted(out, "out", error) != HZ_OK || wanted(before, "before", error) != HZ_OK ||
        wanted(after, "after", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    hezhun_diff *diff = hz_mem_zalloc(1, sizeof *diff);
    if (!diff)
        return outer(hz_nomem(error, sizeof *diff));
    hz_status st = hz_diff_run(&diff->diff, before->profile, after->profile, deep, error);
    if (st == HZ_OK)
        *out = diff;
    else
        hezhun_diff_free(diff);
    return outer(st);
}

hezhun_status hezhun_diff_run(hezhun_diff **out, const hezhun_profile *before, const hezhun_profile *after,
                              hezhun_error *err)
{
    return run_diff(out, before, after, false, err);
}

hezhun_status hezhun_diff_deep(hezhun_diff **out, const hezhun_profile *before, const hezhun_profile *after,
                               hezhun_error *err)
{
    return run_diff(out, before, after, true, err);
}

void hezhun_diff_free(hezhun_diff *diff)
{
    if (!diff)
        return;
    hz_diff_free(diff->diff);
    hz_mem_free(diff);
}

uint64_t hezhun_diff_count(const hezhun_diff *diff)
{
    return diff->diff->count;
}

const char *hezhun_diff_format(size_t index)
{
    return index < HZ_DIFF_FORMAT_COUNT ? hz_diff_format_name((hz_diff_format)index) : NULL;
}

static hz_status render_diff(hezhun_bytes *out, const hz_diff *diff, const char *format, hezhun_lang lang,
                             hz_error *err)
{
    size_t index = 0;
    HZ_TRY(find_format(&index, format, hezhun_diff_format, err));
    hz_buf bytes = HZ_BUF_INIT;
    hz_diff_render(&bytes, (hz_diff_format)index, diff, lang == HEZHUN_EN ? HZ_LANG_EN : HZ_LANG_ZH);
    return give(out, &bytes, err);
}

hezhun_status hezhun_diff_render(hezhun_bytes *out, const hezhun_diff *diff, const char *format, hezhun_lang lang,
                                 hezhun_error *err)
{
    hz_error *error = inner(err);
    if (out)
        *out = (hezhun_bytes)HEZHUN_BYTES_INIT;
    if (wanted(out, "out", error) != HZ_OK || wanted(format, "format", error) != HZ_OK ||
        wanted(diff, "diff", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    return outer(render_diff(out, diff->diff, format, lang, error));
}

/* ---- a profile to begin with ---- */

static hz_status make_template(hezhun_bytes *out, const char *id, hz_error *err)
{
    hz_buf text = HZ_BUF_INIT;
    HZ_TRY(hz_template_put(&text, hz_slice_of(id), err));
    return give(out, &text, err);
}

hezhun_status hezhun_template(hezhun_bytes *out, const char *id, hezhun_error *err)
{
    hz_error *error = inner(err);
    if (out)
        *out = (hezhun_bytes)HEZHUN_BYTES_INIT;
    if (wanted(out, "out", error) != HZ_OK || wanted(id, "id", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    return outer(make_template(out, id, error));
}
