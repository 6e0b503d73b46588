/* outbox.h: what is to be posted, until somebody has taken it. Each post is a file of its own in one folder, made whole
 * (synchronised, then renamed) before hz_outbox_put returns, and gone only after it was sent: whatever ends the
 * process, nothing is lost, and a post may be sent twice. Its id is the caller's and stays the same for ever, so that a
 * receiver can pass over repeats.
 *
 * Waiting: after a failure a post is tried again a second later, then after 2, 4, … seconds, five minutes at most; when
 * nobody answered, none is tried before that. Waits are forgotten when the process ends. One process, one thread. */
#ifndef HZ_TASKS_OUTBOX_H
#define HZ_TASKS_OUTBOX_H
#include "base/buf.h"

enum { HZ_POST_ID_BYTES = 32 }; /* hex digits, without the NUL */

typedef struct hz_outbox hz_outbox;
typedef struct hz_outbox_item {
    char id[HZ_POST_ID_BYTES + 1];
    uint64_t sequence; /* in the order of putting */
    unsigned tries;
    uint64_t due_ms;
} hz_outbox_item;

/* The folder is made when it is not there; what lies in it waits. Owned: hz_outbox_free. */
HZ_NODISCARD hz_status hz_outbox_open(hz_outbox **out, const char *folder, hz_error *err);
void hz_outbox_free(hz_outbox *outbox);
size_t hz_outbox_count(const hz_outbox *outbox);
bool hz_outbox_has(const hz_outbox *outbox, const char *id);
/* Nothing happens when it is there. HZ_E_IO. */
HZ_NODISCARD hz_status hz_outbox_put(hz_outbox *outbox, const char *id, hz_slice body, hz_error *err);
/* The oldest that may be tried now; NULL: none. Borrowed until the next call. */
hz_outbox_item *hz_outbox_next(hz_outbox *outbox, uint64_t now_ms);
/* When that may change; UINT64_MAX: nothing waits. */
uint64_t hz_outbox_due_ms(const hz_outbox *outbox);
HZ_NODISCARD hz_status hz_outbox_read(hz_buf *out, const hz_outbox *outbox, const hz_outbox_item *item, hz_error *err);
/* It was taken, and is forgotten; HZ_E_IO: its file cannot be removed, and the next process sends it again. */
HZ_NODISCARD hz_status hz_outbox_sent(hz_outbox *outbox, hz_outbox_item *item, hz_error *err);
/* It was not taken; answered: somebody was there. The wait in milliseconds. */
uint64_t hz_outbox_failed(hz_outbox *outbox, hz_outbox_item *item, bool answered, uint64_t now_ms);
#endif
