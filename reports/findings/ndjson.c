/* ndjson.c: a line a finding, each the very object that the JSON report has. */
#include "reports/findings/form_int.h"

static void line(hz_buf *out, hz_buf *scratch, const hz_form_given *given, const hz_found *found)
{
    hz_put_json_finding(out, scratch, given->result, &given->options, found->rule, found->finding);
    hz_buf_putc(out, '\n');
}

const hz_form hz_form_ndjson = {.suffix = ".ndjson", .built_in = true, .line = line};
