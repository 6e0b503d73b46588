/* buf.h: growing bytes with a ceiling. A failed append (no memory, ceiling) is sticky: later appends do nothing and
 * hz_buf_status tells, so that writers need no check at each step. The bytes are always NUL-terminated behind `len`.
 *
 * With a sink a buffer is a window: past HZ_BUF_WINDOW_BYTES all but the last HZ_BUF_TAIL_BYTES go to the sink before
 * more is appended, and the rest by hz_buf_drain. Whoever writes so may look back at the tail only, and the ceiling is
 * for what is held at once. */
#ifndef HZ_BASE_BUF_H
#define HZ_BASE_BUF_H
#include "base/error.h"

struct hz_buf {
    char *ptr;
    size_t len, capacity;
    size_t max_bytes;         /* 0: 1 GiB */
    hz_status status;         /* HZ_OK, HZ_E_NOMEM, HZ_E_LIMIT, or what the sink said */
    struct hz_buf_sink *sink; /* borrowed; NULL: all is held */
};

typedef struct hz_buf_sink {
    hz_status (*write)(void *ctx, hz_slice bytes, hz_error *err);
    void *ctx;
    hz_error *err; /* what a failed write says */
} hz_buf_sink;
#ifdef HZ_TINY
enum { HZ_BUF_WINDOW_BYTES = 2 * 1024, HZ_BUF_TAIL_BYTES = 1024 };
#else
enum { HZ_BUF_WINDOW_BYTES = 256 * 1024, HZ_BUF_TAIL_BYTES = 4 * 1024 };
#endif

#define HZ_BUF_INIT ((hz_buf){NULL, 0, 0, 0, HZ_OK, NULL})

void hz_buf_clear(hz_buf *buf); /* frees; ready for use again */
void hz_buf_reset(hz_buf *buf); /* len 0, status HZ_OK, memory kept */
void hz_buf_put(hz_buf *buf, hz_slice bytes);
void hz_buf_puts(hz_buf *buf, const char *text);
void hz_buf_putc(hz_buf *buf, char byte);
enum { HZ_U64_DIGITS = 20 };
/* A number in decimal digits, which lie in room. */
hz_slice hz_u64_text(char room[HZ_U64_DIGITS], uint64_t n);
void hz_buf_put_u64(hz_buf *buf, uint64_t n);
void hz_buf_put_i64(hz_buf *buf, int64_t n);
void hz_buf_printf(hz_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Room for `bytes` more at ptr + len; the caller adds to len what it wrote. NULL on failure. */
char *hz_buf_reserve(hz_buf *buf, size_t bytes);
static inline hz_slice hz_buf_slice(const hz_buf *buf)
{
    return (hz_slice){buf->ptr, buf->len};
}
/* Gives all that is held to the sink; nothing without one. A failure is sticky. */
void hz_buf_drain(hz_buf *buf);
HZ_NODISCARD hz_status hz_buf_status(const hz_buf *buf, hz_error *err);
#endif
