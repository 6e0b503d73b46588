/* feed.h: the sources of one table, one after the other, as pieces that workers take in turns. Whoever takes a piece
 * does the reading under the feed's lock; what is known by reading alone (rows, bad records, where rows are, digests)
 * is noted there, in the order of rows. */
#ifndef HZ_ENGINE_FEED_H
#define HZ_ENGINE_FEED_H
#include "validator/engine/partial.h"

typedef struct hz_feed hz_feed;
struct hz_run_state;

/* Zero it before its first use. */
typedef struct hz_feed_piece {
    hz_batch batch;
    uint32_t source;
    bool taken;
    hz_row_block *block; /* NULL: no readable row */
    uint64_t first;      /* identity of the block's record 0 */
} hz_feed_piece;

HZ_NODISCARD hz_status hz_feed_open(hz_feed **out, struct hz_run_state *run, uint32_t table_index, hz_error *err);
/* Gives back what the piece held, and takes the next; HZ_END: there is none. */
HZ_NODISCARD hz_status hz_feed_next(hz_feed_piece *piece, hz_feed *feed, hz_error *err);
void hz_feed_give_back(hz_feed_piece *piece, hz_feed *feed);
void hz_feed_close(hz_feed *feed); /* takes NULL; nobody may hold a piece */
#endif
