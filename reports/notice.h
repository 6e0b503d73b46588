/* notice.h: what a watch tells when a submission was checked: the verdict, and the findings of severity error and fatal
 * that the last result of the unit did not have. JSON in one line (docs/watch.md has its keys); personal values are
 * masked, always. The same result gives the same bytes. */
#ifndef HZ_REPORTS_NOTICE_H
#define HZ_REPORTS_NOTICE_H
#include "reports/render.h"

typedef struct hz_notice {
    const char *id;
    hz_slice name, unit; /* of the submission */
    const hz_profile *profile;
    const hz_result *result; /* NULL: it could not be checked */
    const hz_error *error;   /* then why */
    hz_lang lang;
    size_t findings_max, bytes_max; /* findings stop there */
} hz_notice;

/* How many findings of severity error and fatal are new; without an earlier result all are. Of rules that either result
 * does not keep all findings of: by how many more there are, where that is more than the new ones it keeps. */
uint64_t hz_notice_new(const hz_result *result);
HZ_NODISCARD hz_status hz_notice_put(hz_buf *out, const hz_notice *notice, hz_error *err);
#endif
