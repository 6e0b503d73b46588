#include "validator/cli/reports.h"
#include "base/alloc.h"
#include "base/diag.h"
#include "validator/cli/verbs.h"
#include <unistd.h>

enum { FORMATS_MAX = 24, KNOWN_BYTES = 256 };

static hz_status known_format(const char *format, const char *(*name_of)(size_t index), hz_error *err)
{
    hz_slice names[FORMATS_MAX];
    char known[KNOWN_BYTES] = "";
    size_t count = 0, used = 0;
    for (const char *name; count < FORMATS_MAX && (name = name_of(count)) != NULL; count++) {
        names[count] = hz_slice_of(name);
        if (strcmp(name, format) == 0)
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

static hz_status compare(const struct hz_report *a, const struct hz_report *b, hz_error *err)
{
    if (!a->path && !b->path) {
        hz_status st = hz_fail(err, HZ_E_USAGE, HZ_M(CLI_TWO_STDOUT), HZ_Z(a->format), HZ_Z(b->format));
        hz_error_hint(err, HZ_MSG_CLI_TWO_STDOUT_HINT);
        return st;
    }
    return a->path && b->path && strcmp(a->path, b->path) == 0
               ? hz_fail(err, HZ_E_USAGE, HZ_M(CLI_SAME_REPORT), HZ_Z(a->path))
               : HZ_OK;
}

hz_status hz_reports_read(hz_reports *out, const hz_opts *opts, int id, const char *(*name_of)(size_t index),
                          hz_arena *arena, hz_error *err)
{
    size_t given = hz_opts_count(opts, id);
    *out = (hz_reports){HZ_ARENA_ARRAY(arena, struct hz_report, given + 2), 0};
    if (!out->items)
        return hz_nomem(err, given * sizeof *out->items);
    for (size_t i = 0; i < given; i++) {
        const char *text = hz_opts_nth(opts, id, i), *colon = strchr(text, ':');
        hz_slice format = {text, colon ? (size_t)(colon - text) : strlen(text)};
        struct hz_report *report = &out->items[i];
        if (hz_arena_copy(&format, arena, format) != HZ_OK)
            return hz_nomem(err, format.len);
        report->format = format.ptr;
        report->path = colon && colon[1] && strcmp(colon + 1, "-") != 0 ? colon + 1 : NULL;
        HZ_TRY(known_format(report->format, name_of, err));
        if (!report->path && hezhun_format_is_binary(report->format) && hz_terminal_is(STDOUT_FILENO))
            return hz_fail(err, HZ_E_USAGE, HZ_M(CLI_BINARY_TERMINAL), HZ_Z(report->format));
        for (size_t k = 0; k < i; k++)
            HZ_TRY(compare(&out->items[k], report, err));
    }
    out->count = given ? given : 1;
    if (!given)
        out->items[0].format = name_of(0);
    return HZ_OK;
}

hz_status hz_reports_first(hz_reports *reports, const char *format, bool given, hz_error *err)
{
    struct hz_report first = {.format = format};
    if (!given)
        reports->count = 0;
    for (size_t i = 0; i < reports->count; i++)
        HZ_TRY(compare(&first, &reports->items[i], err));
    memmove(reports->items + 1, reports->items, reports->count * sizeof first);
    reports->items[0] = first;
    reports->count++;
    return HZ_OK;
}

/* ---- reports of a result ---- */

static hezhun_render_options options_of(const struct hz_report *report, const hezhun_render_options *how,
                                        hz_lang spoken, const char *color)
{
    hezhun_render_options own = *how;
    if (report->path || strcmp(report->format, "text") != 0)
        return own;
    own.lang = (hezhun_lang)spoken;
    own.color = hz_terminal_color(color);
    own.width = hz_terminal_width(STDOUT_FILENO);
    return own;
}

static int result_files(const hz_reports *reports, const hezhun_result *result, const hezhun_render_options *how,
                        hezhun_error *problem, hz_lang lang)
{
    hezhun_report *files = hz_mem_zalloc(reports->count + 1, sizeof *files);
    size_t count = 0;
    int exit_status = HZ_EXIT_OK;
    if (!files)
        return hz_say_problem(NULL, lang);
    for (size_t i = 0; i < reports->count; i++)
        if (reports->items[i].path)
            files[count++] = (hezhun_report){reports->items[i].format, reports->items[i].path, how};
    if (hezhun_render_files(files, count, result, problem) != HEZHUN_OK) {
        (void)hz_say_problem(problem, lang);
        exit_status = HZ_EXIT_INCOMPLETE; /* whatever the reason: a report that cannot be written */
    }
    hz_mem_free(files);
    return exit_status;
}

typedef struct out {
    hz_lang lang;
    int exit_status; /* of a write that failed, which has been told */
} out;

static bool put_out(void *payload, hezhun_text bytes)
{
    out *to = payload;
    to->exit_status = hz_out((hz_slice){bytes.ptr, bytes.len}, to->lang);
    return to->exit_status == HZ_EXIT_OK;
}

int hz_reports_of_result(const hz_reports *reports, const hezhun_result *result, const hezhun_render_options *how,
                         hz_lang spoken, const char *color, hezhun_error *problem, hz_lang lang)
{
    int exit_status = result_files(reports, result, how, problem, lang);
    for (size_t i = 0; exit_status == HZ_EXIT_OK && i < reports->count; i++) {
        const struct hz_report *report = &reports->items[i];
        hezhun_render_options own = options_of(report, how, spoken, color);
        out to = {lang, HZ_EXIT_OK};
        if (report->path || hezhun_render_to(put_out, &to, result, report->format, &own, problem) == HEZHUN_OK)
            continue;
        exit_status = to.exit_status != HZ_EXIT_OK ? to.exit_status : hz_say_problem(problem, lang);
    }
    return exit_status;
}

/* ---- short documents ---- */

static int make(hz_reports *reports, hz_report_render *render, void *ctx, bool lang_given, hezhun_error *problem,
                hz_lang lang)
{
    for (size_t i = 0; i < reports->count; i++) {
        struct hz_report *report = &reports->items[i];
        bool terminal = !report->path && strcmp(report->format, "text") == 0;
        hezhun_lang spoken = terminal || lang_given ? (hezhun_lang)lang : HEZHUN_ZH;
        if (render(&report->bytes, report->format, spoken, terminal, ctx) != HEZHUN_OK)
            return hz_say_problem(problem, lang);
    }
    return HZ_EXIT_OK;
}

static int write_out(hz_reports *reports, hezhun_error *problem, hz_lang lang)
{
    int exit_status = HZ_EXIT_OK;
    hezhun_file *files = hz_mem_zalloc(reports->count + 1, sizeof *files);
    size_t count = 0;
    if (!files)
        return hz_say_problem(NULL, lang);
    for (size_t i = 0; i < reports->count; i++)
        if (reports->items[i].path)
            files[count++] =
                (hezhun_file){reports->items[i].path, {reports->items[i].bytes.ptr, reports->items[i].bytes.len}};
    if (hezhun_write_files(files, count, problem) != HEZHUN_OK) {
        (void)hz_say_problem(problem, lang);
        exit_status = HZ_EXIT_INCOMPLETE;
    }
    hz_mem_free(files);
    for (size_t i = 0; exit_status == HZ_EXIT_OK && i < reports->count; i++)
        if (!reports->items[i].path)
            exit_status = hz_out((hz_slice){reports->items[i].bytes.ptr, reports->items[i].bytes.len}, lang);
    return exit_status;
}

int hz_reports_write(hz_reports *reports, hz_report_render *render, void *ctx, bool lang_given, hezhun_error *problem,
                     hz_lang lang)
{
    int exit_status = make(reports, render, ctx, lang_given, problem, lang);
    if (exit_status == HZ_EXIT_OK)
        exit_status = write_out(reports, problem, lang);
    for (size_t i = 0; i < reports->count; i++)
        hezhun_bytes_free(&reports->items[i].bytes);
    return exit_status;
}
