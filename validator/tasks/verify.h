/* verify.h: certificates held against keys, a result and data. Works offline; nothing but files is asked. */
#ifndef HZ_TASKS_VERIFY_H
#define HZ_TASKS_VERIFY_H
#include "validator/tasks/certify.h"

typedef enum hz_proof_state {
    HZ_PROOF_HOLDS,      /* the signature is that of a key given, and all that was asked for is as certified */
    HZ_PROOF_FAILS,      /* something was changed, is missing, or the key does not count */
    HZ_PROOF_OPEN,       /* nothing is wrong, but no key was given that could tell whose signature it is */
    HZ_PROOF_UNREADABLE, /* no certificate */
    HZ_PROOF_STATES
} hz_proof_state;
const char *hz_proof_state_name(hz_proof_state state); /* "holds", "fails", "open", "unreadable" */

typedef struct hz_proof_line {
    bool wrong; /* else a note */
    hz_msg_id message;
    hz_slice args[4]; /* in arena */
} hz_proof_line;

enum { HZ_PROOF_LINES_MAX = 40 };

typedef struct hz_proof {
    hz_slice path;
    hz_proof_state state;
    hz_jvalue *root;   /* NULL: unreadable */
    hz_slice key_name; /* of the key that signed, as its public file has it; "" when none was given */
    hz_proof_line lines[HZ_PROOF_LINES_MAX]; /* the first changed part comes first */
    size_t lines_count, more;
} hz_proof;

typedef struct hz_proofs {
    hz_arena *arena;
    hz_buf *texts; /* of the files, one a proof */
    hz_proof *items;
    size_t count, capacity, texts_capacity;
} hz_proofs;

typedef struct hz_verify_options {
    const char *const *certificates; /* files, or folders: each regular file NAME.json in one, in bytewise order */
    size_t certificates_count;
    const char *const *keys; /* public keys, or folders of NAME.pub */
    size_t keys_count;
    const char *result; /* held against the certificate, of which there must be one; NULL: not asked */
    const char *data;   /* the folder that holds its sources; NULL: not asked */
    const hz_limits *limits;
} hz_verify_options;

/* HZ_E_USAGE: keys that are none, no certificate, a result or data for more than one certificate. HZ_E_SOURCE: a result
 * or a folder that cannot be read. A certificate that cannot is a proof. Owned: hz_proofs_free. */
HZ_NODISCARD hz_status hz_verify(hz_proofs **out, const hz_verify_options *options, hz_error *err);
void hz_proofs_free(hz_proofs *proofs);
/* The worst: fails, then unreadable, then open, then holds. */
hz_proof_state hz_proofs_state(const hz_proofs *proofs);
/* text: one certificate in lines, several as a table; json: an array. */
HZ_NODISCARD hz_status hz_proofs_text(hz_buf *out, const hz_proofs *proofs, hz_lang lang, hz_error *err);
HZ_NODISCARD hz_status hz_proofs_json(hz_buf *out, const hz_proofs *proofs, hz_lang lang, hz_error *err);
#endif
