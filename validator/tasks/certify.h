/* certify.h: a stored result becomes a signed certificate.
 *
 *     {"statement": {…}, "digests": {"statement": hex, "members": {NAME: hex}}, "signature": {"algorithm", "key",
 * "value"}}
 *
 * Signed are the bytes of the statement's canonical form (RFC 8785, base/jcs.h); `value` is base64: 64 bytes of
 * Ed25519, or SM2's r and s in DER. `digests` sign nothing: they name what was changed. The statement holds
 *
 *     certificate 1, issued (UTC), key {id, algorithm, name, valid_from, valid_until}
 *     tool {version, report, lang, reveal}, profile, chain? (each profile that it extends: id, version, digest,
 * verdict), lists, submission {as_of, params, tables: [{name, present, rows, bad_rows, sources: [{path, bytes,
 * sha256}]}]}, verdict, not_checked, waivers, unchanged_since? {digest, issued} result {sha256, parts: [{part,
 * sha256}]}: of the whole result without `run`, and of each part of it
 *
 * A profile's digest covers the files that it includes and the profiles that it extends (profiles/profile.h). */
#ifndef HZ_TASKS_CERTIFY_H
#define HZ_TASKS_CERTIFY_H
#include "validator/tasks/keys.h"
#include "validator/tasks/stored.h"

/* Why there is no certificate, and what to do; both take the arguments. */
typedef struct hz_refusal {
    hz_msg_id message, advice;
    uint32_t args_count;
    hz_slice args[3];
} hz_refusal;

enum { HZ_REFUSALS_MAX = 64 };

typedef struct hz_certificate {
    hz_arena *arena;
    hz_buf bytes; /* the JSON file; empty when refused */
    hz_jvalue *root;
    hz_refusal refusals[HZ_REFUSALS_MAX]; /* in arena; what is past them is in `more` */
    size_t refusals_count, more;
} hz_certificate;

typedef struct hz_certify_options {
    const hz_stored *result;
    const hz_key *key;
    int64_t now;          /* seconds since 1970-01-01, UTC */
    const char *previous; /* a certificate of an earlier submission: named when the data are the same; NULL: none */
    const hz_limits *limits;
} hz_certify_options;

/* HZ_OK with refusals when the result must not be certified. Owned: hz_certificate_free. */
HZ_NODISCARD hz_status hz_certify(hz_certificate **out, const hz_certify_options *options, hz_error *err);
void hz_certificate_free(hz_certificate *certificate);

/* A certificate file read back: the tree, with its shape checked; HZ_E_SOURCE. Into `arena`; `bytes` as the file has
 * them, owned by the caller. */
HZ_NODISCARD hz_status hz_certificate_read(hz_jvalue **root, hz_arena *arena, hz_buf *bytes, const char *path,
                                           const hz_limits *limits, hz_error *err);

/* Calls `each` with the name of every part of a result that a certificate binds, and its value; stops at the first
 * status that is not HZ_OK. */
typedef hz_status hz_each_part(void *ctx, hz_slice part, const hz_jvalue *value, hz_error *err);
HZ_NODISCARD hz_status hz_result_parts(const hz_stored *result, hz_each_part *each, void *ctx, hz_error *err);
#endif
