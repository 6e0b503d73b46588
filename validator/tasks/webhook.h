/* webhook.h: one POST of JSON to an http or https address, by libcurl (part curl). A post carries
 *
 *   Content-Type: application/json        X-Hezhun-Timestamp: seconds since 1970-01-01 UTC
 *   X-Hezhun-Id: the post's id            X-Hezhun-Signature: sha256=HEX
 *
 * where HEX is HMAC-SHA-256 under the secret over the timestamp, ".", and the body. The timestamp is of the attempt, so
 * that a receiver can refuse what is old; the id and the body are the same in every attempt.
 *
 * Bounds: no other protocol, no redirect, no user name in the address; 10 seconds to connect, 30 in all; 64 KiB of
 * answer, which nobody reads. Messages name scheme, host and port only: paths and queries often hold a token. */
#ifndef HZ_TASKS_WEBHOOK_H
#define HZ_TASKS_WEBHOOK_H
#include "base/buf.h"
#include "base/cancel.h"

enum { HZ_WEBHOOK_SECRET_MIN = 16, HZ_WEBHOOK_SECRET_MAX = 4096 }; /* bytes */

typedef struct hz_webhook hz_webhook;
typedef struct hz_webhook_options {
    const char *address;
    const char *secret;      /* a file that only its owner may read; line ends behind it are no part of it */
    const char *authorities; /* PEM file of those who vouch for the receiver; NULL: the system's */
    const hz_cancel *cancel; /* may be NULL */
} hz_webhook_options;

/* HZ_E_USAGE: an address, secret or file that cannot be used, or a build without curl. Owned: hz_webhook_free. */
HZ_NODISCARD hz_status hz_webhook_new(hz_webhook **out, const hz_webhook_options *options, hz_error *err);
void hz_webhook_free(hz_webhook *webhook);               /* wipes the secret; takes NULL */
const char *hz_webhook_shown(const hz_webhook *webhook); /* "https://host:8443" */
/* HZ_OK: answered with 2xx. HZ_E_IO: not; *answered: there was an answer. HZ_E_CANCELLED. */
HZ_NODISCARD hz_status hz_webhook_post(bool *answered, hz_webhook *webhook, const char *id, hz_slice body, int64_t now,
                                       hz_error *err);
#endif
