/* form_int.h: the forms of findings files, a file of code each (forms.def). A form is either lines, made by any thread,
 * or something that takes findings one by one; lines may go into a file as they are, or to what the form makes of them.
 */
#ifndef HZ_REPORTS_FINDINGS_FORM_INT_H
#define HZ_REPORTS_FINDINGS_FORM_INT_H
#include "base/file.h"
#include "reports/findings/sink.h"

typedef struct hz_form hz_form;
typedef struct hz_form_file hz_form_file; /* one file of a form; each form has its own struct behind it */

typedef struct hz_form_given {
    const hz_result *result;
    hz_render_options options;
    const char *temp;
    bool annotate, annotate_all;
} hz_form_given;

typedef struct hz_lines_of { /* lines of findings of one table, in order */
    hz_slice text;
    uint64_t count;
    uint32_t table; /* in result.tables */
} hz_lines_of;

struct hz_form {
    const char *suffix;
    const char *part; /* what must be built in; NULL: nothing */
    bool built_in;
    /* Forms of lines: what stands at a file's head, and one finding's line. given is shared by threads. */
    void (*head)(hz_buf *out, const hz_form_given *given);
    void (*line)(hz_buf *out, hz_buf *scratch, const hz_form_given *given, const hz_found *found);
    /* Forms that are more than lines. The file is begun, empty; `path` is what messages call it. close: all of it is
     * written; both close and abandon free. */
    hz_status (*open)(hz_form_file **out, hz_outfile *to, const char *path, const hz_form_given *given, hz_error *err);
    hz_status (*lines)(hz_form_file *file, const hz_lines_of *lines, hz_error *err); /* of a form with `line` */
    hz_status (*put)(hz_form_file *file, const hz_found *found, hz_error *err);
    hz_status (*row)(hz_form_file *file, const hz_found_row *row, hz_error *err); /* NULL: wants none */
    hz_status (*close)(hz_form_file *file, hz_error *err);
    void (*abandon)(hz_form_file *file);
};
#define HZ_FORM(name) extern const hz_form hz_form_##name;
#include "reports/findings/forms.def"
#undef HZ_FORM
extern const hz_form hz_form_annotated; /* --annotate */
#endif
