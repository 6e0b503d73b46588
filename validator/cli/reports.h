/* reports.h: --report FORMAT[:PATH], repeated. Of a result (check, merge, render) they are written in pieces; what
 * other verbs say is short and made whole. */
#ifndef HZ_CLI_REPORTS_H
#define HZ_CLI_REPORTS_H
#include "base/arena.h"
#include "validator/api/hezhun.h"
#include "validator/cli/opt.h"

typedef struct hz_reports {
    struct hz_report {
        const char *format;
        const char *path; /* NULL: standard output */
        hezhun_bytes bytes;
    } * items; /* at least one: without --report the first format on standard output */
    size_t count;
} hz_reports;

/* HZ_E_USAGE for a format that name_of does not know, a binary one for a terminal, two
 * reports on standard output, or two to one file. In arena. */
HZ_NODISCARD hz_status hz_reports_read(hz_reports *out, const hz_opts *opts, int id,
                                       const char *(*name_of)(size_t index), hz_arena *arena, hz_error *err);

/* What a verb says of itself comes first and takes standard output. Behind hz_reports_read; `given`: what that one has
 * is asked for, not its default. */
HZ_NODISCARD hz_status hz_reports_first(hz_reports *reports, const char *format, bool given, hz_error *err);
/* The reports of a result: files first, all or none of them, then standard output. how: of all that is not text on a
 * terminal; that has `spoken`, the colour that --color asks for (NULL: auto) and the terminal's width. The exit status.
 */
int hz_reports_of_result(const hz_reports *reports, const hezhun_result *result, const hezhun_render_options *how,
                         hz_lang spoken, const char *color, hezhun_error *problem, hz_lang lang);

/* Makes each report and writes them: files first, then standard output. Text on standard output speaks the terminal's
 * language, every other report that of --lang (lang_given), else zh. `render` tells of failures in `problem`. The exit
 * status. */
typedef hezhun_status hz_report_render(hezhun_bytes *out, const char *format, hezhun_lang lang, bool terminal,
                                       void *ctx);
int hz_reports_write(hz_reports *reports, hz_report_render *render, void *ctx, bool lang_given, hezhun_error *problem,
                     hz_lang lang);
#endif
