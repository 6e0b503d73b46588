/* text_causes.c: what to mend first: the causes that clear most findings. */
#include "reports/causes.h"
#include "reports/text_int.h"

void hz_text_causes(hz_text_out *t)
{
    const hz_result *result = t->result;
    size_t shown = result->causes_count < HZ_CAUSES_TOP ? result->causes_count : HZ_CAUSES_TOP;
    if (!shown)
        return;
    hz_digits few = hz_text_count(shown), all = hz_text_count(result->causes_found),
              most = hz_text_count(result->causes[0].findings);
    HZ_HEADING(t, HEAD_CAUSES, HZ_DIGITS(few), HZ_DIGITS(all));
    for (size_t i = 0; i < shown; i++) {
        hz_buf text = HZ_BUF_INIT;
        hz_digits findings = hz_text_count(result->causes[i].findings);
        hz_put_cause(&text, result, &result->causes[i], t->lang, t->options->reveal);
        hz_text_check(t, &text);
        hz_text_put_right(t, HZ_DIGITS(findings), 2 + most.len);
        hz_text_puts(t, "  ");
        hz_text_put_rest(t, hz_buf_slice(&text));
        hz_text_line(t);
        hz_buf_clear(&text);
    }
}
