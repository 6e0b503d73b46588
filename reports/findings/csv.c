/* csv.c: a row a finding, with the columns of the CSV report and, behind them, region and reporting unit. */
#include "reports/findings/form_int.h"

static void head(hz_buf *out, const hz_form_given *given)
{
    (void)given;
    hz_put_csv_finding_head(out);
    hz_buf_puts(out, ",region,unit\r\n");
}

static void line(hz_buf *out, hz_buf *scratch, const hz_form_given *given, const hz_found *found)
{
    hz_put_csv_finding(out, scratch, given->result, &given->options, found->rule, found->finding);
    hz_buf_putc(out, ',');
    hz_buf_puts(out, found->region);
    hz_buf_putc(out, ',');
    if (!found->unit.null)
        hz_put_csv_shown(out, found->unit, given->options.reveal);
    hz_buf_puts(out, "\r\n");
}

const hz_form hz_form_csv = {.suffix = ".csv", .built_in = true, .head = head, .line = line};
