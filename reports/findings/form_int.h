/* form_int.h: the forms of findings files, a file of code each (forms.def). A form is either lines, made by any thread,
 * or something that takes findings one by one. */
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

struct hz_form {
    const char *suffix;
    const char *part; /* what must be built in; NULL: nothing */
    bool built_in;
    /* Forms of lines: what stands at a file's head, and one finding's line. given is shared by threads. */
    void (*head)(hz_buf *out, const hz_form_given *given);
    void (*line)(hz_buf *out, hz_buf *scratch, const hz_form_given *given, const hz_found *found);
    /* Others. The file under `temp_path` is there, empty, and locked; `path` is what messages call it. close: all of it
     * is on its way to the disk; both close and abandon free. */
    hz_status (*open)(hz_form_file **out, const char *temp_path, const char *path, const hz_form_given *given,
                      hz_error *err);
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
