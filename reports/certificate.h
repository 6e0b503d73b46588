/* certificate.h: the faces of a certificate, made from its JSON tree alone (validator/tasks/certify.h says what stands
 * in it): the JSON file, and one A4 page with a QR code of the digest. */
#ifndef HZ_REPORTS_CERTIFICATE_H
#define HZ_REPORTS_CERTIFICATE_H
#include "base/json_read.h"

/* The one way in which a certificate is written: two blanks of indentation, short objects in one line, members in the
 * order of the tree, texts and numbers as base/jcs.h has them, a line feed at the end. One tree has one text. */
HZ_NODISCARD hz_status hz_certificate_json(hz_buf *out, const hz_jvalue *root, hz_error *err);
/* Needs no network and runs no script. Without the part qrencode the digest stands in letters only, and the page says
 * so. */
HZ_NODISCARD hz_status hz_certificate_html(hz_buf *out, const hz_jvalue *root, hz_lang lang, hz_error *err);
bool hz_certificate_has_qr(void);
#endif
