/* jcs.h: the canonical form of JSON, RFC 8785: no blanks, members in the order of their names' UTF-16 code units,
 * shortest escapes, numbers as ECMAScript prints a double.
 *
 * A number that a double would change (0.33333333333333333333, 2^53 + 1) would lose digits, and with them the promise
 * that no digit can be changed unseen. It is written as a string of its normal decimal form, as RFC 8785 advises
 * (appendix D). */
#ifndef HZ_BASE_JCS_H
#define HZ_BASE_JCS_H
#include "base/json_read.h"

/* Appends the canonical form of value; the member `except` of the outermost object is left out (NULL: none).
 * HZ_E_SOURCE for a number that is out of a double's range; *out may then hold a part. */
HZ_NODISCARD hz_status hz_jcs_put(hz_buf *out, const hz_jvalue *value, const char *except, hz_error *err);
/* A string with its quotes as RFC 8785 writes it; text is UTF-8. */
void hz_jcs_put_text(hz_buf *out, hz_slice text);
/* A number by its text. *exact: whether the double is the same number. false: out of range. */
bool hz_jcs_number(char out[32], bool *exact, hz_slice text);
/* The order of names: by UTF-16 code units. */
int hz_jcs_order(hz_slice a, hz_slice b);
#endif
