/* again.h: rows of one sheet read again, after the file was found unchanged: single ones by where they are, or the rows
 * of a block as the scan had them. One worker at a time; a batch and its columns stay until the next call. */
#ifndef HZ_ENGINE_AGAIN_H
#define HZ_ENGINE_AGAIN_H
#include "validator/engine/run_int.h"

typedef struct hz_again {
    hz_scan *scan;
    hz_source *source; /* the one that is open */
    uint32_t opened;   /* UINT32_MAX: none */
    hz_row_want *places;
    hz_batch batch; /* of a block: given back by the next call */
    bool held;
} hz_again;

/* needed: as the table's readings, those that are read, and only for their values; NULL: all, with their constraints.
 */
HZ_NODISCARD hz_status hz_again_open(hz_again *out, hz_worker *worker, uint32_t sheet, const bool *needed,
                                     hz_error *err);
void hz_again_close(hz_again *again);
/* Reads rows[0 … count), ascending, as many as one batch of one source takes; *taken: how many. rows may repeat: a row
 * is read once. scan->ids, batch and columns are filled. */
HZ_NODISCARD hz_status hz_again_rows(hz_again *again, const uint64_t *rows, size_t count, size_t *taken, hz_error *err);
/* Goes to the first row of a block. HZ_END: the format cannot; hz_again_rows can. */
HZ_NODISCARD hz_status hz_again_seek(hz_again *again, uint64_t block, hz_error *err);
/* The next rows of the block that was gone to, from scan->ids on; HZ_END behind its last. */
HZ_NODISCARD hz_status hz_again_next(hz_again *again, uint64_t block, hz_error *err);
/* Turns to the source of a block; whether single rows may be read of it, in any order. */
HZ_NODISCARD hz_status hz_again_goes_back(bool *out, hz_again *again, uint64_t block, hz_error *err);
/* The place of a row in the batch in hand. */
uint32_t hz_again_index(const hz_again *again, uint64_t row);
#endif
