/* key_digests.h: what a check writes for key_file.h. In the scan each record that takes part in a unique rule puts its
 * digest aside, in the pile of the digest's first bits; when all is counted the piles are sorted one by one and
 * written: memory is that of one pile, a 64th of the rule's records (more where one key stands in very many records).
 *
 * Left out: rules with without_overlaps (their periods would have to be shown), rules that did not run, older forms. */
#ifndef HZ_ENGINE_KEY_DIGESTS_H
#define HZ_ENGINE_KEY_DIGESTS_H
#include "base/buf.h"
#include "base/pile.h"

struct hz_run_state;
struct hz_worker;
struct hz_scan;

enum { HZ_KEY_SALT_MIN = 32, HZ_KEY_SALT_MAX = 4096 }; /* bytes of the salt's file, which is the salt */

typedef struct hz_key_digests hz_key_digests;
/* HZ_E_USAGE: a salt that is too short, too long, or that others may read. The file is begun. Owned:
 * hz_key_digests_close, which takes away what was not committed. */
HZ_NODISCARD hz_status hz_key_digests_open(hz_key_digests **out, const char *path, const char *salt, hz_error *err);
HZ_NODISCARD hz_status hz_key_digests_commit(hz_key_digests *digests, hz_error *err);
void hz_key_digests_close(hz_key_digests *digests); /* takes NULL */

/* A worker's piles; *out NULL: nobody asks. */
typedef struct hz_digest_rows {
    hz_pile **piles; /* per plan.rules: HZ_DIGEST_PILES of them, or NULL */
    hz_buf bytes;
} hz_digest_rows;
HZ_NODISCARD hz_status hz_digest_rows_new(hz_digest_rows **out, struct hz_run_state *run, hz_error *err);
void hz_digest_rows_free(hz_digest_rows *rows, const struct hz_run_state *run);
HZ_NODISCARD hz_status hz_digest_rows_spill(hz_digest_rows *rows, const struct hz_run_state *run, hz_error *err);
/* The rows that take part, with the worker's keys in hand. */
HZ_NODISCARD hz_status hz_digest_rows_put(struct hz_scan *scan, uint32_t rule, const uint64_t *take, hz_error *err);
/* After all counts. */
HZ_NODISCARD hz_status hz_key_digests_write(struct hz_run_state *run, hz_error *err);
#endif
