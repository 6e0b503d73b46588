/* hezhun.c: the public interface over profiles, engine and reports. Each object wraps the internal one; nothing is
 * computed here. */
#include "validator/api/hezhun.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/utf8.h"
#include "profiles/load.h"
#include "reports/explain.h"
#include "reports/findings/sink.h"
#include "reports/grade.h"
#include "reports/pseudonym.h"
#include "reports/render.h"
#include "validator/api/hezhun_int.h"
#include "validator/engine/engine.h"
#include "validator/engine/key_digests.h"
#include "validator/tasks/acknowledge.h"
#include "validator/tasks/baseline.h"
#include <stdio.h>

enum { GRADES_SHOWN_BYTES = 256 };

#define SAME(name) _Static_assert((int)HEZHUN_##name == (int)HZ_##name, "one status, two names")
SAME(OK);
SAME(E_USAGE);
SAME(E_PROFILE);
SAME(E_SOURCE);
SAME(E_IO);
SAME(E_NOMEM);
SAME(E_LIMIT);
SAME(E_CANCELLED);
SAME(E_CHANGED);
SAME(E_INTERNAL);
_Static_assert((int)HEZHUN_ZH == (int)HZ_LANG_ZH && (int)HEZHUN_EN == (int)HZ_LANG_EN, "one language, two names");
_Static_assert((int)HEZHUN_LEVEL_ERROR == (int)HZ_DIAG_ERROR && (int)HEZHUN_LEVEL_HINT == (int)HZ_DIAG_HINT,
               "one level, two names");

/* ---- what this is ---- */

const char *hezhun_version(void)
{
    return HZ_VERSION;
}

const char *hezhun_part(size_t index, bool *built_in)
{
    static const struct {
        const char *name;
        bool built_in;
    } parts[] = {
#ifdef HZ_WITH_ICU
        {"icu", true},
#else
        {"icu", false},
#endif
#ifdef HZ_SQLITE
        {"sqlite", true},
#else
        {"sqlite", false},
#endif
#ifdef HZ_Z3
        {"z3", true},
#else
        {"z3", false},
#endif
#ifdef HZ_CURL
        {"curl", true},
#else
        {"curl", false},
#endif
#ifdef HZ_QRENCODE
        {"qrencode", true},
#else
        {"qrencode", false},
#endif
#ifdef HZ_ZSTD
        {"zstd", true},
#else
        {"zstd", false},
#endif
#ifdef HZ_ARCHIVE
        {"libarchive", true},
#else
        {"libarchive", false},
#endif
#ifdef HZ_LIBPQ
        {"libpq", true},
#else
        {"libpq", false},
#endif
    };
    bool known = index < sizeof parts / sizeof *parts;
    if (built_in)
        *built_in = known && parts[index].built_in;
    return known ? parts[index].name : NULL;
}

const char *hezhun_format(size_t index)
{
    return index < HZ_FORMAT_COUNT ? hz_format_name((hz_format)index) : NULL;
}

bool hezhun_format_is_binary(const char *format)
{
    return format && hz_format_is_binary(hz_format_of(hz_slice_of(format)));
}

void hezhun_bytes_free(hezhun_bytes *bytes)
{
    if (!bytes)
        return;
    hz_mem_free(bytes->ptr);
    *bytes = (hezhun_bytes)HEZHUN_BYTES_INIT;
}

/* ---- errors ---- */

hezhun_error *hezhun_error_new(void)
{
    return hz_mem_zalloc(1, sizeof(hezhun_error));
}

void hezhun_error_free(hezhun_error *err)
{
    hz_mem_free(err);
}

hezhun_status hezhun_error_status(const hezhun_error *err)
{
    return err ? outer(err->error.status) : HEZHUN_OK;
}

const char *hezhun_error_id(const hezhun_error *err)
{
    return hz_msg_name(err ? err->error.message : HZ_MSG_NONE);
}

static size_t cut_into(char *into, size_t room, hz_slice text)
{
    if (room) {
        size_t kept = text.len < room - 1 ? text.len : hz_utf8_valid_prefix(hz_slice_sub(text, 0, room - 1));
        if (kept)
            memcpy(into, text.ptr, kept);
        into[kept] = '\0';
    }
    return text.len;
}

static size_t put_message(char *into, size_t room, const hezhun_error *err, hz_msg_id message, hz_lang lang)
{
    hz_buf raw = HZ_BUF_INIT, safe = HZ_BUF_INIT;
    hz_slice args[HZ_MSG_ARGS_MAX];
    hz_msg_render(&raw, message, args, hz_error_args(err ? &err->error : NULL, args), lang);
    hz_utf8_put_safe(&safe, hz_buf_slice(&raw));
    bool ok = raw.status == HZ_OK && safe.status == HZ_OK;
    size_t len = cut_into(into, room, ok ? hz_buf_slice(&safe) : hz_slice_of(hz_msg_text(HZ_MSG_API_NO_MEMORY, lang)));
    hz_buf_clear(&raw);
    hz_buf_clear(&safe);
    return len;
}

size_t hezhun_error_message(char *into, size_t room, const hezhun_error *err, hezhun_lang lang)
{
    return put_message(into, room, err, err ? err->error.message : HZ_MSG_NONE, (hz_lang)lang);
}

size_t hezhun_error_hint(char *into, size_t room, const hezhun_error *err, hezhun_lang lang)
{
    return put_message(into, room, err, err ? err->error.hint : HZ_MSG_NONE, (hz_lang)lang);
}

const char *hezhun_error_place(const hezhun_error *err, uint64_t *line, uint64_t *column)
{
    if (line)
        *line = err ? err->error.line : 0;
    if (column)
        *column = err ? err->error.column : 0;
    return err ? err->error.file : "";
}

/* ---- cancelling ---- */

hezhun_cancel *hezhun_cancel_new(void)
{
    return hz_mem_zalloc(1, sizeof(hezhun_cancel));
}

void hezhun_cancel_free(hezhun_cancel *cancel)
{
    hz_mem_free(cancel);
}

void hezhun_cancel_raise(hezhun_cancel *cancel)
{
    if (cancel)
        cancel->flag.raised = 1;
}

/* ---- context ---- */

static hz_status open_context(hezhun_context *context, const hezhun_context_options *options, hz_error *err)
{
    HZ_TRY(version_known(options->version, err));
    context->lang = options->lang == HEZHUN_EN ? HZ_LANG_EN : HZ_LANG_ZH;
    hz_limits_init(&context->limits);
    for (size_t i = 0; i < options->limits_count; i++) {
        HZ_TRY(wanted(options->limits[i].name, "limits.name", err));
        HZ_TRY(hz_limits_set(&context->limits, hz_slice_of(options->limits[i].name), options->limits[i].value, err));
    }
    if (options->profiles_dir) {
        size_t size = strlen(options->profiles_dir) + 1;
        context->profiles_dir = hz_mem_alloc(size);
        if (!context->profiles_dir)
            return hz_nomem(err, size);
        memcpy(context->profiles_dir, options->profiles_dir, size);
    }
    return hz_lists_open(&context->lists, options->lists_dir, &context->limits, err);
}

hezhun_status hezhun_context_open(hezhun_context **out, const hezhun_context_options *options, hezhun_error *err)
{
    static const hezhun_context_options usual = HEZHUN_CONTEXT_OPTIONS_INIT;
    hz_error *error = inner(err);
    if (!out)
        return outer(wanted(out, "out", error));
    *out = NULL;
    hezhun_context *context = hz_mem_zalloc(1, sizeof *context);
    if (!context)
        return outer(hz_nomem(error, sizeof *context));
    hz_status st = open_context(context, options ? options : &usual, error);
    if (st == HZ_OK)
        *out = context;
    else
        hezhun_context_close(context);
    return outer(st);
}

void hezhun_context_close(hezhun_context *context)
{
    if (!context)
        return;
    hz_lists_close(context->lists);
    hz_mem_free(context->profiles_dir);
    hz_mem_free(context);
}

/* ---- profiles ---- */

static hz_status tell_one(const hz_diag *diag, hz_buf *text, hz_lang lang, const hezhun_load_options *options,
                          hz_error *err)
{
    hz_buf_reset(text);
    hz_diag_render(text, diag, lang);
    HZ_TRY(hz_buf_status(text, err));
    bool placed = diag->span.text && diag->span.offset != HZ_SPAN_WHOLE;
    hz_position at = placed ? hz_text_position(diag->span.text, diag->span.offset) : (hz_position){0, 0};
    hezhun_diagnostic said = {(hezhun_level)diag->level,
                              hz_msg_name(diag->message),
                              text_of(diag->span.text ? diag->span.text->path : HZ_SLICE_NONE),
                              at.line,
                              at.column,
                              text_of(hz_buf_slice(text))};
    options->diagnostic(&said, options->payload);
    return HZ_OK;
}

hz_status hz_api_tell(const hz_diags *diags, hz_lang lang, const hezhun_load_options *options, hz_error *err)
{
    hz_buf text = HZ_BUF_INIT;
    hz_status st = HZ_OK;
    for (size_t i = 0; options->diagnostic && i < diags->count && st == HZ_OK; i++)
        st = tell_one(&diags->items[i], &text, lang, options, err);
    hz_buf_clear(&text);
    return st;
}

static hz_status load_profile(hezhun_profile *profile, const char *path, const hezhun_load_options *options,
                              hz_diags *diags, hz_error *err)
{
    const hezhun_context *context = profile->context;
    hz_load load = {context->lists, &context->limits, context->profiles_dir};
    HZ_TRY(version_known(options->version, err));
    hz_error own = {0};
    hz_status st = hz_profile_load(&profile->profile, path, &load, diags, err ? err : &own);
    HZ_TRY(hz_api_tell(diags, context->lang, options, err));
    if (st == HZ_E_PROFILE && diags->errors_count)
        return diags->overflowed ? hz_fail(err, st, HZ_M(API_PROFILE_WRONG_MORE), HZ_Z(path), HZ_U(diags->max))
                                 : hz_fail(err, st, HZ_M(API_PROFILE_WRONG), HZ_Z(path), HZ_U(diags->errors_count));
    return st;
}

hezhun_status hezhun_profile_load(hezhun_profile **out, hezhun_context *context, const char *path,
                                  const hezhun_load_options *options, hezhun_error *err)
{
    static const hezhun_load_options usual = HEZHUN_LOAD_OPTIONS_INIT;
    hz_error *error = inner(err);
    if (out)
        *out = NULL;
    if (wanted(out, "out", error) != HZ_OK || wanted(context, "context", error) != HZ_OK ||
        wanted(path, "path", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    hz_arena *arena = hz_arena_new();
    hezhun_profile *profile = hz_mem_zalloc(1, sizeof *profile);
    hz_status st;
    if (arena && profile) {
        hz_diags diags;
        hz_diags_init(&diags, arena, (size_t)context->limits.value[HZ_LIMIT_DIAGNOSTICS]);
        profile->context = context;
        st = load_profile(profile, path, options ? options : &usual, &diags, error);
        hz_diags_clear(&diags);
    } else {
        st = hz_nomem(error, sizeof *profile);
    }
    hz_arena_free(arena);
    if (st == HZ_OK)
        *out = profile;
    else
        hezhun_profile_free(profile);
    return outer(st);
}

void hezhun_profile_free(hezhun_profile *profile)
{
    if (!profile)
        return;
    hz_profile_free(profile->profile);
    hz_mem_free(profile);
}

hezhun_text hezhun_profile_id(const hezhun_profile *profile)
{
    return text_of(profile->profile->id);
}

hezhun_text hezhun_profile_version(const hezhun_profile *profile)
{
    return text_of(profile->profile->version);
}

/* ---- checking ---- */

hz_status hz_api_day(int32_t *day, const char *text, hz_error *err)
{
    hz_time_format iso;
    int64_t days = 0;
    hz_time_format_iso(&iso, HZ_TIME_DATE);
    if (!hz_time_parse(&days, &iso, hz_slice_of(text))) {
        hz_status st = hz_fail(err, HZ_E_USAGE, HZ_M(API_AS_OF), HZ_Z(text));
        hz_error_hint(err, HZ_MSG_API_AS_OF_HINT);
        return st;
    }
    *day = (int32_t)days;
    return HZ_OK;
}

static hz_status read_fail_on(hz_fail_on *out, const char *text, hz_error *err)
{
    static const struct {
        hz_slice name;
        hz_severity severity;
    } words[] = {
        {{"fatal", 5}, HZ_SEVERITY_FATAL}, {{"error", 5}, HZ_SEVERITY_ERROR}, {{"warning", 7}, HZ_SEVERITY_WARNING}};
    const hz_slice names[] = {words[0].name, words[1].name, words[2].name, HZ_SLICE_LIT("new")};
    hz_slice said = hz_slice_of(text ? text : "error");
    *out = (hz_fail_on){HZ_SEVERITY_COUNT, HZ_SLICE_NONE, false, false};
    if (hz_slice_starts(said, HZ_SLICE_LIT("grade:")) && said.len > 6) {
        out->grade = hz_slice_sub(said, 6, said.len);
        return HZ_OK;
    }
    out->fresh = hz_slice_is(said, "new");
    if (out->fresh)
        return HZ_OK;
    for (size_t i = 0; i < 3; i++)
        if (hz_slice_eq(said, words[i].name))
            out->severity = words[i].severity;
    out->by_default = out->severity == HZ_SEVERITY_ERROR;
    if (out->severity != HZ_SEVERITY_COUNT)
        return HZ_OK;
    hz_slice near = hz_nearest(said, names, 4);
    hz_status st = hz_fail(err, HZ_E_USAGE, HZ_M(API_FAIL_ON), HZ_S(said), HZ_S(near));
    if (near.len)
        hz_error_hint(err, HZ_MSG_API_NEAREST);
    return st;
}

/* The grade as the profile has it, so that it outlives the caller's text. */
static hz_status grade_known(hz_fail_on *fail_on, const hz_profile *profile, hz_error *err)
{
    char known[GRADES_SHOWN_BYTES] = "";
    size_t used = 0;
    for (size_t i = 0; fail_on->grade.len && i < profile->grading.grades_count; i++) {
        hz_slice grade = profile->grading.grades[i].grade;
        if (hz_slice_eq(grade, fail_on->grade)) {
            fail_on->grade = grade;
            return HZ_OK;
        }
        int wrote = snprintf(known + used, sizeof known - used, "%s%.*s", i ? " " : "", HZ_SLICE_FMT(grade));
        if (wrote > 0)
            used = used + (size_t)wrote < sizeof known ? used + (size_t)wrote : sizeof known - 1;
    }
    return fail_on->grade.len
               ? hz_fail(err, HZ_E_USAGE, HZ_M(API_GRADE), HZ_S(fail_on->grade), HZ_Z(known), HZ_S(profile->id))
               : HZ_OK;
}

hz_status hz_api_fail_on(hz_fail_on *out, const char *text, const hz_profile *profile, hz_error *err)
{
    HZ_TRY(read_fail_on(out, text, err));
    return grade_known(out, profile, err);
}

/* A number of examples past the limit's ceiling, and what else hz_limits_set says. */
static hz_status set_examples(hz_limits *limits, int64_t max_examples, hz_error *err)
{
    if (max_examples < 0)
        return HZ_OK;
    return hz_limits_set(limits, hz_slice_of(hz_limit_name(HZ_LIMIT_EXAMPLES)), (uint64_t)max_examples, err);
}

/* Level or unit of --split-by. */
static hz_status read_split(hz_sinks_options *out, const char *split_by, hz_error *err)
{
    static const hz_slice words[] = {{"province", 8}, {"prefecture", 10}, {"city", 4}, {"county", 6},
                                     {"township", 8}, {"village", 7},     {"unit", 4}};
    out->split = HZ_SPLIT_NONE;
    if (!split_by)
        return HZ_OK;
    hz_slice said = hz_slice_of(split_by);
    out->split = hz_slice_is(said, "unit") ? HZ_SPLIT_UNIT : HZ_SPLIT_REGION;
    out->level = hz_slice_is(said, "city") ? HZ_LEVEL_PREFECTURE : hz_division_level_by_name(said);
    if (out->split == HZ_SPLIT_UNIT || out->level != HZ_LEVEL_ANY)
        return HZ_OK;
    hz_slice near = hz_nearest(said, words, sizeof words / sizeof *words);
    hz_status st = hz_fail(err, HZ_E_USAGE, HZ_M(API_SPLIT_BY), HZ_S(said), HZ_S(near));
    if (near.len)
        hz_error_hint(err, HZ_MSG_API_NEAREST);
    return st;
}

static hz_status read_findings(hz_sinks_options *out, const hezhun_findings *findings, hz_error *err)
{
    *out = (hz_sinks_options){.split = HZ_SPLIT_NONE};
    if (!findings)
        return HZ_OK;
    HZ_TRY(version_known(findings->version, err));
    HZ_TRY(read_split(out, findings->split_by, err));
    for (size_t i = 0; i < findings->paths_count; i++) {
        HZ_TRY(wanted(findings->paths[i], "findings.paths", err));
        HZ_TRY(hz_sinks_path_known(findings->paths[i], err));
    }
    if (findings->split_by && !findings->paths_count)
        return hz_fail(err, HZ_E_USAGE, HZ_M(API_SPLIT_NOTHING));
    if (findings->annotate)
        HZ_TRY(hz_sinks_annotate_known(findings->annotate, err));
    else if (findings->annotate_all)
        return hz_fail(err, HZ_E_USAGE, HZ_M(API_ANNOTATE_NOTHING));
    out->paths = findings->paths;
    out->paths_count = findings->paths_count;
    out->annotate = findings->annotate;
    out->annotate_all = findings->annotate_all;
    out->lang = findings->lang == HEZHUN_EN ? HZ_LANG_EN : HZ_LANG_ZH;
    out->reveal = findings->reveal;
    return HZ_OK;
}

static hz_status test_options(const hezhun_check_options *options, hz_error *err)
{
    int32_t day;
    hz_fail_on fail_on;
    hz_limits limits = *hz_limits_default();
    hz_sinks_options sinks;
    HZ_TRY(version_known(options->version, err));
    HZ_TRY(read_findings(&sinks, options->findings, err));
    if (options->as_of)
        HZ_TRY(hz_api_day(&day, options->as_of, err));
    HZ_TRY(read_fail_on(&fail_on, options->fail_on, err));
    HZ_TRY(set_examples(&limits, options->max_examples, err));
    for (size_t i = 0; i < options->inputs_count; i++)
        HZ_TRY(wanted(options->inputs[i].path, "inputs.path", err));
    if (!options->key_digests != !options->key_salt)
        return hz_fail(err, HZ_E_USAGE, HZ_M(KEYS_WITHOUT));
    if (options->previous_count >= HZ_PERIODS_MAX)
        return hz_fail(err, HZ_E_USAGE, HZ_M(API_PREVIOUS), HZ_U(HZ_PERIODS_MAX - 1));
    for (size_t i = 0; i < options->previous_count; i++)
        HZ_TRY(wanted(options->previous[i], "previous", err));
    for (size_t i = 0; i < options->waivers_count; i++)
        HZ_TRY(wanted(options->waivers[i], "waivers", err));
    for (size_t i = 0; i < options->params_count; i++) {
        HZ_TRY(wanted(options->params[i].name, "params.name", err));
        HZ_TRY(wanted(options->params[i].value, "params.value", err));
    }
    return HZ_OK;
}

hezhun_status hezhun_check_options_test(const hezhun_check_options *options, hezhun_error *err)
{
    hz_error *error = inner(err);
    return outer(options ? test_options(options, error) : HZ_OK);
}

static void pass_progress(void *ctx, const hz_progress *progress)
{
    const hezhun_check_options *options = ctx;
    hezhun_progress told = {1, text_of(progress->table), progress->bytes_done, progress->bytes_total, progress->rows};
    options->progress(&told, options->payload);
}

typedef struct inputs {
    hz_input *inputs, *previous;
    hz_given *params;
    hz_api_waivers waivers;
    hz_manifest *manifest;
} inputs;

static void drop_inputs(inputs *in)
{
    hz_api_waivers_clear(&in->waivers);
    hz_manifest_free(in->manifest);
    hz_mem_free(in->inputs);
    hz_mem_free(in->previous);
    hz_mem_free(in->params);
}

static hz_status take_inputs(inputs *in, const hezhun_check_options *options, hz_error *err)
{
    in->inputs = hz_mem_zalloc(options->inputs_count + 1, sizeof *in->inputs);
    in->params = hz_mem_zalloc(options->params_count + 1, sizeof *in->params);
    in->previous = hz_mem_zalloc(options->previous_count + 1, sizeof *in->previous);
    if (!in->inputs || !in->params || !in->previous)
        return hz_nomem(err, options->inputs_count * sizeof *in->inputs);
    for (size_t i = 0; i < options->inputs_count; i++)
        in->inputs[i] = (hz_input){.table = hz_slice_of(options->inputs[i].table), .path = options->inputs[i].path};
    for (size_t i = 0; i < options->previous_count; i++)
        in->previous[i] = (hz_input){.path = options->previous[i]};
    for (size_t i = 0; i < options->params_count; i++)
        in->params[i] = (hz_given){hz_slice_of(options->params[i].name), hz_slice_of(options->params[i].value)};
    return HZ_OK;
}

static hz_status open_findings(hz_sinks **out, const hezhun_check_options *options, hz_reasons *reasons, hz_error *err)
{
    hz_sinks_options how;
    HZ_TRY(read_findings(&how, options->findings, err));
    how.temp = options->temp;
    how.memory_bytes = options->memory_bytes;
    if (reasons) {
        how.tap = hz_reasons_tap;
        how.reason = hz_reasons_find;
        how.tap_ctx = reasons;
        how.reason_ctx = reasons;
    }
    return how.paths_count || how.annotate || reasons ? hz_sinks_open(out, &how, err) : HZ_OK;
}

static hz_status take_pseudonyms(hz_hmac **out, const hezhun_check_options *options, hz_error *err)
{
    hz_buf key = HZ_BUF_INIT;
    *out = NULL;
    if (!options->pseudonym_key)
        return HZ_OK;
    HZ_TRY(hz_pseudonym_key(&key, options->pseudonym_key, err));
    hz_status st =
        hz_hmac_new(out, options->pseudonym_digest ? options->pseudonym_digest : "sha256", hz_buf_slice(&key), err);
    hz_pseudonym_forget(&key);
    return st;
}

static hz_status run(hezhun_result *result, const hezhun_profile *profile, const hezhun_check_options *options,
                     hz_error *err)
{
    inputs in = {NULL, NULL, NULL, {0}, NULL};
    hz_sinks *sinks = NULL;
    hz_hmac *pseudonyms = NULL;
    hz_key_digests *digests = NULL;
    hz_reasons *reasons = NULL;
    hz_status st;
    hz_run_options how = {.profile = profile->profile,
                          .lists = profile->context->lists,
                          .limits = &result->limits,
                          .cancel = options->cancel ? &options->cancel->flag : NULL,
                          .inputs_count = options->inputs_count,
                          .previous_count = options->previous_count,
                          .params_count = options->params_count,
                          .memory_bytes = options->memory_bytes,
                          .temp = options->temp,
                          .explain = options->explain,
                          .has_as_of = options->as_of != NULL,
                          .has_encoding = options->encoding != NULL,
                          .xsd = options->xsd,
                          .threads = options->threads,
                          .mapping = options->mapping ? options->mapping->mapping : NULL,
                          .progress = options->progress ? pass_progress : NULL};
    hezhun_check_options copy = *options;
    how.progress_ctx = &copy;
    HZ_GO(take_pseudonyms(&pseudonyms, options, err));
    how.pseudonyms = pseudonyms;
    HZ_GO(take_inputs(&in, options, err));
    how.inputs = in.inputs;
    how.previous = in.previous;
    how.params = in.params;
    HZ_GO(hz_api_waivers_take(&in.waivers, profile, options, err));
    how.waivers = in.waivers.all;
    how.waivers_count = in.waivers.count;
    HZ_GO(hz_api_manifest_take(&in.manifest, profile, options, err));
    how.manifest = in.manifest;
    if (options->as_of)
        HZ_GO(hz_api_day(&how.as_of, options->as_of, err));
    if (options->encoding)
        HZ_GO(hz_encoding_parse(&how.encoding, hz_slice_of(options->encoding), err));
    if (options->acknowledge)
        HZ_GO(hz_reasons_open(&reasons, options->acknowledge, profile->profile, &result->limits, options->temp, err));
    HZ_GO(open_findings(&sinks, options, reasons, err));
    how.sinks = sinks;
    if (options->key_digests)
        HZ_GO(hz_key_digests_open(&digests, options->key_digests, options->key_salt, err));
    how.key_digests = digests;
    HZ_GO(hz_run(&result->result, &how, err));
    if (reasons)
        HZ_GO(hz_reasons_finish(reasons, result->result, err));
    if (sinks)
        HZ_GO(hz_sinks_commit(sinks, err));
    if (digests)
        HZ_GO(hz_key_digests_commit(digests, err));
out:
    hz_key_digests_close(digests);
    hz_sinks_close(sinks);
    hz_reasons_close(reasons);
    hz_hmac_free(pseudonyms);
    drop_inputs(&in);
    return st;
}

hz_status hz_api_keep_score(hezhun_result *result, hz_error *err)
{
    hz_buf text = HZ_BUF_INIT;
    if (result->result->has_score)
        hz_decimal_put(&text, result->result->score);
    hz_status st = hz_buf_status(&text, err);
    if (st == HZ_OK)
        (void)cut_into(result->score, sizeof result->score, hz_buf_slice(&text));
    hz_buf_clear(&text);
    return st;
}

static hz_status check(hezhun_result *result, const hezhun_profile *profile, const hezhun_check_options *options,
                       hz_error *err)
{
    HZ_TRY(test_options(options, err));
    result->limits = profile->context->limits;
    HZ_TRY(hz_api_fail_on(&result->fail_on, options->fail_on, profile->profile, err));
    HZ_TRY(set_examples(&result->limits, options->max_examples, err));
    if (result->fail_on.fresh && !options->baseline)
        return hz_fail(err, HZ_E_USAGE, HZ_M(API_FAIL_ON_NEW));
    hz_stored before = {.bytes = HZ_BUF_INIT};
    hz_status st = options->baseline ? hz_stored_open(&before, options->baseline, &result->limits, err) : HZ_OK;
    if (st == HZ_OK)
        st = run(result, profile, options, err);
    if (st == HZ_OK && options->baseline)
        st = hz_baseline_compare(result->result, &before, err);
    hz_stored_close(&before);
    return st == HZ_OK ? hz_api_keep_score(result, err) : st;
}

hezhun_status hezhun_check(hezhun_result **out, const hezhun_profile *profile, const hezhun_check_options *options,
                           hezhun_error *err)
{
    static const hezhun_check_options usual = HEZHUN_CHECK_OPTIONS_INIT;
    hz_error *error = inner(err);
    if (out)
        *out = NULL;
    if (wanted(out, "out", error) != HZ_OK || wanted(profile, "profile", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    hezhun_result *result = hz_mem_zalloc(1, sizeof *result);
    if (!result)
        return outer(hz_nomem(error, sizeof *result));
    hz_status st = check(result, profile, options ? options : &usual, error);
    if (st == HZ_OK)
        *out = result;
    else
        hezhun_result_free(result);
    return outer(st);
}

void hezhun_result_free(hezhun_result *result)
{
    if (!result)
        return;
    hz_result_free(result->result);
    if (result->stored)
        hz_stored_close(result->stored);
    hz_mem_free(result->stored);
    hz_mem_free(result);
}

bool hezhun_result_conformant(const hezhun_result *result)
{
    return result->result->conformant;
}

bool hezhun_result_complete(const hezhun_result *result)
{
    return !result->result->incomplete;
}

hezhun_text hezhun_result_grade(const hezhun_result *result)
{
    const hz_grading *grading = &result->result->profile->grading;
    return text_of(result->result->grade < grading->grades_count ? grading->grades[result->result->grade].grade
                                                                 : HZ_SLICE_NONE);
}

const char *hezhun_result_score(const hezhun_result *result)
{
    return result->score;
}

int hezhun_result_exit_status(const hezhun_result *result)
{
    return hz_exit_status(result->result, &result->fail_on);
}

void hezhun_result_records(const hezhun_result *result, uint64_t *records, uint64_t *with_errors)
{
    if (records)
        *records = result->result->records;
    if (with_errors)
        *with_errors = result->result->records_with_errors;
}

/* ---- reports ---- */

static hz_status format_known(hz_format *out, const char *name, hz_error *err)
{
    char known[GRADES_SHOWN_BYTES] = "";
    hz_slice names[HZ_FORMAT_COUNT];
    size_t used = 0;
    *out = hz_format_of(hz_slice_of(name));
    if (*out != HZ_FORMAT_COUNT)
        return HZ_OK;
    for (size_t i = 0; i < HZ_FORMAT_COUNT; i++) {
        names[i] = hz_slice_of(hz_format_name((hz_format)i));
        int wrote = snprintf(known + used, sizeof known - used, "%s%s", i ? " " : "", names[i].ptr);
        used += wrote > 0 && (size_t)wrote < sizeof known - used ? (size_t)wrote : 0;
    }
    hz_slice near = hz_nearest(hz_slice_of(name), names, HZ_FORMAT_COUNT);
    hz_status st = hz_fail(err, HZ_E_USAGE, HZ_M(API_FORMAT), HZ_Z(name), HZ_S(near), HZ_Z(known));
    if (near.len)
        hz_error_hint(err, HZ_MSG_API_NEAREST);
    return st;
}

static hz_status render(hz_buf_sink *sink, const hezhun_result *result, const char *name,
                        const hezhun_render_options *options, hz_error *err)
{
    static const hezhun_render_options usual = HEZHUN_RENDER_OPTIONS_INIT;
    hz_format format;
    options = options ? options : &usual;
    HZ_TRY(version_known(options->version, err));
    HZ_TRY(format_known(&format, name, err));
    hz_render_options how = {.lang = options->lang == HEZHUN_EN ? HZ_LANG_EN : HZ_LANG_ZH,
                             .reveal = options->reveal,
                             .color = options->color,
                             .reproducible = options->reproducible,
                             .width = options->width};
    how.reveal = how.reveal || result->revealed;
    how.reproducible = how.reproducible || result->no_run;
    return hz_render_to(sink, format, result->result, &how, err);
}

static hz_status to_bytes(void *ctx, hz_slice bytes, hz_error *err)
{
    hz_buf *out = ctx;
    hz_buf_put(out, bytes);
    return hz_buf_status(out, err);
}

hezhun_status hezhun_render(hezhun_bytes *out, const hezhun_result *result, const char *format,
                            const hezhun_render_options *options, hezhun_error *err)
{
    hz_error *error = inner(err);
    hz_buf bytes = HZ_BUF_INIT;
    hz_buf_sink sink = {to_bytes, &bytes, error};
    if (out)
        *out = (hezhun_bytes)HEZHUN_BYTES_INIT;
    if (wanted(out, "out", error) != HZ_OK || wanted(result, "result", error) != HZ_OK ||
        wanted(format, "format", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    hz_status st = render(&sink, result, format, options, error);
    if (st == HZ_OK)
        *out = (hezhun_bytes){bytes.ptr, bytes.len}; /* moved */
    else
        hz_buf_clear(&bytes);
    return outer(st);
}

hezhun_status hezhun_explain(hezhun_bytes *out, const hezhun_result *result, hezhun_lang lang, bool reproducible,
                             hezhun_error *err)
{
    hz_error *error = inner(err);
    hz_buf bytes = HZ_BUF_INIT;
    if (out)
        *out = (hezhun_bytes)HEZHUN_BYTES_INIT;
    if (wanted(out, "out", error) != HZ_OK || wanted(result, "result", error) != HZ_OK ||
        wanted(result->result->explained, "result.explained", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    hz_status st = hz_explained_put(&bytes, result->result->explained, (hz_lang)lang, reproducible, error);
    if (st == HZ_OK)
        *out = (hezhun_bytes){bytes.ptr, bytes.len}; /* moved */
    else
        hz_buf_clear(&bytes);
    return outer(st);
}

typedef struct caller {
    hezhun_write *write;
    void *payload;
} caller;

static hz_status to_caller(void *ctx, hz_slice bytes, hz_error *err)
{
    const caller *to = ctx;
    return to->write(to->payload, text_of(bytes)) ? HZ_OK : hz_fail(err, HZ_E_IO, HZ_M(API_WRITE));
}

hezhun_status hezhun_render_to(hezhun_write *write, void *payload, const hezhun_result *result, const char *format,
                               const hezhun_render_options *options, hezhun_error *err)
{
    hz_error *error = inner(err);
    caller to = {write, payload};
    hz_buf_sink sink = {to_caller, &to, error};
    if (!write)
        return outer(wanted(NULL, "write", error));
    if (wanted(result, "result", error) != HZ_OK || wanted(format, "format", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    return outer(render(&sink, result, format, options, error));
}

static hz_status to_file(void *ctx, hz_slice bytes, hz_error *err)
{
    return hz_outfile_write(ctx, bytes, err);
}

static hz_status render_files(hz_outfile **open, const hezhun_report *reports, size_t count,
                              const hezhun_result *result, hz_error *err)
{
    for (size_t i = 0; i < count; i++) {
        HZ_TRY(wanted(reports[i].path, "reports.path", err));
        HZ_TRY(wanted(reports[i].format, "reports.format", err));
        HZ_TRY(hz_outfile_open(&open[i], reports[i].path, err));
        hz_buf_sink sink = {to_file, open[i], err};
        HZ_TRY(render(&sink, result, reports[i].format, reports[i].options, err));
    }
    for (size_t i = 0; i < count; i++) {
        hz_outfile *file = open[i];
        open[i] = NULL; /* commit frees it either way */
        HZ_TRY(hz_outfile_commit(file, err));
    }
    return HZ_OK;
}

hezhun_status hezhun_render_files(const hezhun_report *reports, size_t count, const hezhun_result *result,
                                  hezhun_error *err)
{
    hz_error *error = inner(err);
    if ((count && wanted(reports, "reports", error) != HZ_OK) || wanted(result, "result", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    hz_outfile **open = hz_mem_zalloc(count + 1, sizeof *open);
    if (!open)
        return outer(hz_nomem(error, count * sizeof *open));
    hz_status st = render_files(open, reports, count, result, error);
    for (size_t i = 0; i < count; i++)
        hz_outfile_abandon(open[i]);
    hz_mem_free((void *)open);
    return outer(st);
}

static hz_status write_files(hz_outfile **open, const hezhun_file *files, size_t count, hz_error *err)
{
    for (size_t i = 0; i < count; i++) {
        HZ_TRY(wanted(files[i].path, "files.path", err));
        HZ_TRY(hz_outfile_open(&open[i], files[i].path, err));
        HZ_TRY(hz_outfile_write(open[i], (hz_slice){files[i].bytes.ptr, files[i].bytes.len}, err));
    }
    for (size_t i = 0; i < count; i++) {
        hz_outfile *file = open[i];
        open[i] = NULL; /* commit frees it either way */
        HZ_TRY(hz_outfile_commit(file, err));
    }
    return HZ_OK;
}

hezhun_status hezhun_write_files(const hezhun_file *files, size_t count, hezhun_error *err)
{
    hz_error *error = inner(err);
    if (count && wanted(files, "files", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    hz_outfile **open = hz_mem_zalloc(count + 1, sizeof *open);
    if (!open)
        return outer(hz_nomem(error, count * sizeof *open));
    hz_status st = write_files(open, files, count, error);
    for (size_t i = 0; i < count; i++)
        hz_outfile_abandon(open[i]);
    hz_mem_free((void *)open);
    return outer(st);
}

/* ---- code lists ---- */

static const hz_codelist *list_of(const hezhun_list *list)
{
    return (const hz_codelist *)list;
}

hezhun_text hezhun_list_id(hezhun_context *context, size_t index)
{
    const hz_slice *ids;
    size_t count = hz_lists_ids(context->lists, &ids);
    return text_of(index < count ? ids[index] : HZ_SLICE_NONE);
}

static hz_status find_list(const hz_codelist **out, hezhun_context *context, hz_slice id, hz_error *err)
{
    hz_error own = {0}, *error = err ? err : &own;
    *out = hz_lists_find(context->lists, id, error);
    if (*out)
        return HZ_OK;
    if (error->status != HZ_OK)
        return error->status;
    hz_slice near = hz_lists_nearest(context->lists, id);
    hz_status st = hz_fail(err, HZ_E_USAGE, HZ_M(API_LIST), HZ_S(id), HZ_S(near));
    if (near.len)
        hz_error_hint(err, HZ_MSG_API_NEAREST);
    return st;
}

hezhun_status hezhun_list_find(const hezhun_list **out, hezhun_context *context, const char *id, hezhun_error *err)
{
    hz_error *error = inner(err);
    const hz_codelist *list = NULL;
    if (out)
        *out = NULL;
    if (wanted(out, "out", error) != HZ_OK || wanted(context, "context", error) != HZ_OK ||
        wanted(id, "id", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    hz_status st = find_list(&list, context, hz_slice_of(id), error);
    *out = (const hezhun_list *)list;
    return outer(st);
}

hezhun_text hezhun_list_title(const hezhun_list *list, hezhun_lang lang)
{
    return text_of(hz_text2_pick(hz_codelist_title(list_of(list)), (hz_lang)lang, hz_codelist_id(list_of(list))));
}

size_t hezhun_list_count(const hezhun_list *list)
{
    return hz_codelist_count(list_of(list));
}

void hezhun_list_code(hezhun_code *out, const hezhun_list *list, size_t index)
{
    hz_code code = hz_codelist_at(list_of(list), index);
    *out = (hezhun_code){text_of(code.code),   text_of(code.name.zh), text_of(code.name.en),
                         text_of(code.parent), code.valid_from,       code.valid_to};
}
