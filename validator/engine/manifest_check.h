/* manifest_check.h: a submission against its manifest: what the rules sources.… count and find. */
#ifndef HZ_ENGINE_MANIFEST_CHECK_H
#define HZ_ENGINE_MANIFEST_CHECK_H
#include "validator/engine/plan.h"

struct hz_run_state;

/* One thing that does not agree. Texts in the result's arena. */
typedef struct hz_manifest_fault {
    hz_manifest_part part;
    hz_msg_id message;
    size_t args_count;
    hz_slice args[4];
    hz_slice path;     /* of the file; "" without */
    hz_slice expected; /* what the manifest says; "" without */
    bool mild;         /* a warning: a file that would be no data without the manifest either */
} hz_manifest_fault;

typedef struct hz_manifest_check {
    hz_manifest_fault *faults; /* by part, then in the order of the manifest, of the folder */
    size_t count, capacity;
    uint64_t looked_at[HZ_MANIFEST_PARTS], failed[HZ_MANIFEST_PARTS];
    bool mild_only[HZ_MANIFEST_PARTS];
} hz_manifest_check;

/* Whether the manifest says anything that this part could hold to the files. */
bool hz_manifest_speaks(const hz_manifest *manifest, hz_manifest_part part);
/* Whether it has the SM3 of the file, which is then made in the pass. */
bool hz_manifest_wants_sm3(const hz_manifest_file *listed);
/* SHA-256 or SM3 of a file. */
HZ_NODISCARD hz_status hz_manifest_digest(uint8_t out[32], const char *path, bool sm3, const hz_cancel *cancel,
                                          hz_error *err);
/* After the scan. *out is zeroed; its faults are owned: hz_manifest_check_clear. */
HZ_NODISCARD hz_status hz_manifest_check_make(hz_manifest_check *out, struct hz_run_state *run, hz_error *err);
void hz_manifest_check_clear(hz_manifest_check *check);
#endif
