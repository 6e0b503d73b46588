/* render.h: one result, many faces. A renderer writes the whole report into a buffer; who writes it to a file does that
 * by temporary name and rename (base/file.h). Renderers read the result only. */
#ifndef HZ_REPORTS_RENDER_H
#define HZ_REPORTS_RENDER_H
#include "reports/result.h"

typedef struct hz_render_options {
    hz_lang lang;
    bool reveal;              /* no masking; written into the report */
    bool color;               /* terminal only */
    bool reproducible;        /* no run block */
    unsigned width;           /* terminal cells; 0: 100 */
    size_t text_rules_max;    /* worst rules shown in text; 0: 10 */
    size_t text_findings_max; /* findings shown in text; 0: 10 */
} hz_render_options;

typedef enum hz_format {
#define HZ_FORMAT(id, name, renderer, suffix, binary) HZ_FORMAT_##id,
#include "reports/formats.def"
#undef HZ_FORMAT
    HZ_FORMAT_COUNT
} hz_format;
const char *hz_format_name(hz_format format);
const char *hz_format_suffix(hz_format format); /* ".json": what a file of this format is called by default */
bool hz_format_is_binary(hz_format format);     /* not for a terminal */
/* HZ_FORMAT_COUNT when unknown. */
hz_format hz_format_of(hz_slice name);

HZ_NODISCARD hz_status hz_render(hz_buf *out, hz_format format, const hz_result *result,
                                 const hz_render_options *options, hz_error *err);

/* The same in pieces: whatever the size of the report, little of it is held at once. sink->err is set here. */
HZ_NODISCARD hz_status hz_render_to(hz_buf_sink *sink, hz_format format, const hz_result *result,
                                    const hz_render_options *options, hz_error *err);

/* The shown text of a value: masked by its kind unless reveal. A value no longer than what would be kept is masked
 * whole. Masked characters print as `*`, at most 12 of them. NULL prints as ∅. */
void hz_put_shown(hz_buf *out, hz_shown value, bool reveal);
/* "XB=1"; of a submission that was read through a mapping "gender=男 (XB=男→1)", and "gender=1 (XB)" where only the
 * name is another. */
void hz_put_named(hz_buf *out, const hz_named *named, bool reveal);
void hz_put_named_standard(hz_buf *out, const hz_named *named, bool reveal); /* "(XB=男→1)" */
/* " [gender=男 (XB=男→1)]": the finding's fields that the file has by another name or value; nothing without. */
void hz_put_own(hz_buf *out, const hz_finding *finding, bool reveal);
/* The message of a finding in lang. */
void hz_put_message(hz_buf *out, const hz_finding *finding, hz_lang lang, bool reveal);
/* JSON string with quotes; bad UTF-8 as U+FFFD. */
void hz_put_json(hz_buf *out, hz_slice text);

/* Single findings in the form that the reports give them, for files that hold every one. scratch is used again from
 * call to call. */
/* The JSON report's `finding` object, in one line, without a line end. */
void hz_put_json_finding(hz_buf *out, hz_buf *scratch, const hz_result *result, const hz_render_options *options,
                         const hz_result_rule *rule, const hz_finding *finding);
/* The CSV report's columns from `rule` on up to `fingerprint`: their names, and the cells of a finding; without line
 * ends. */
void hz_put_csv_finding_head(hz_buf *out);
void hz_put_csv_finding(hz_buf *out, hz_buf *scratch, const hz_result *result, const hz_render_options *options,
                        const hz_result_rule *rule, const hz_finding *finding);
/* A cell as the CSV report writes it. */
void hz_put_csv_shown(hz_buf *out, hz_shown value, bool reveal);
#endif
