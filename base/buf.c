#include "base/buf.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/alloc.h"

enum { MAX_BYTES = 1 << 30, FIRST_BYTES = 64 };

static size_t ceiling(const hz_buf *buf)
{
    return buf->max_bytes ? buf->max_bytes : MAX_BYTES;
}

void hz_buf_clear(hz_buf *buf)
{
    hz_mem_free(buf->ptr);
    *buf = (hz_buf){NULL, 0, 0, buf->max_bytes, HZ_OK, buf->sink};
}

void hz_buf_reset(hz_buf *buf)
{
    buf->len = 0;
    buf->status = HZ_OK;
    if (buf->ptr)
        buf->ptr[0] = '\0';
}

/* All but the last `kept` bytes. */
static void pour(hz_buf *buf, size_t kept)
{
    size_t poured = buf->len - kept;
    hz_status st = buf->sink->write(buf->sink->ctx, (hz_slice){buf->ptr, poured}, buf->sink->err);
    if (st != HZ_OK) {
        buf->status = st;
        return;
    }
    memmove(buf->ptr, buf->ptr + poured, kept + 1);
    buf->len = kept;
}

void hz_buf_drain(hz_buf *buf)
{
    if (buf->sink && buf->len && buf->status == HZ_OK)
        pour(buf, 0);
}

char *hz_buf_reserve(hz_buf *buf, size_t bytes)
{
    if (buf->status != HZ_OK)
        return NULL;
    if (buf->sink && buf->len > HZ_BUF_WINDOW_BYTES)
        pour(buf, HZ_BUF_TAIL_BYTES);
    if (buf->status != HZ_OK)
        return NULL;
    size_t max = ceiling(buf);
    if (bytes > max || buf->len > max - bytes) {
        buf->status = HZ_E_LIMIT;
        return NULL;
    }
    size_t needed = buf->len + bytes + 1;
    if (needed > buf->capacity) {
        size_t grown = buf->capacity + buf->capacity / 2;
        if (grown > max + 1)
            grown = max + 1;
        if (grown < needed)
            grown = needed;
        if (grown < FIRST_BYTES)
            grown = FIRST_BYTES;
        char *ptr = hz_mem_realloc(buf->ptr, grown);
        if (!ptr) {
            buf->status = HZ_E_NOMEM;
            return NULL;
        }
        buf->ptr = ptr;
        buf->capacity = grown;
        buf->ptr[buf->len] = '\0';
    }
    return buf->ptr + buf->len;
}

void hz_buf_put(hz_buf *buf, hz_slice bytes)
{
    char *into = hz_buf_reserve(buf, bytes.len);
    if (!into)
        return;
    if (bytes.len)
        memcpy(into, bytes.ptr, bytes.len);
    into[bytes.len] = '\0';
    buf->len += bytes.len;
}

void hz_buf_puts(hz_buf *buf, const char *text)
{
    hz_buf_put(buf, hz_slice_of(text));
}

void hz_buf_putc(hz_buf *buf, char byte)
{
    char *into = hz_buf_reserve(buf, 1);
    if (!into)
        return;
    into[0] = byte;
    into[1] = '\0';
    buf->len++;
}

hz_slice hz_u64_text(char room[HZ_U64_DIGITS], uint64_t n)
{
    size_t at = HZ_U64_DIGITS;
    do {
        room[--at] = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    return (hz_slice){room + at, HZ_U64_DIGITS - at};
}

void hz_buf_put_u64(hz_buf *buf, uint64_t n)
{
    char digits[HZ_U64_DIGITS];
    hz_buf_put(buf, hz_u64_text(digits, n));
}

void hz_buf_put_i64(hz_buf *buf, int64_t n)
{
    if (n < 0)
        hz_buf_putc(buf, '-');
    hz_buf_put_u64(buf, n < 0 ? UINT64_C(0) - (uint64_t)n : (uint64_t)n);
}

void hz_buf_printf(hz_buf *buf, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    char *into = len < 0 ? NULL : hz_buf_reserve(buf, (size_t)len);
    if (into) {
        vsnprintf(into, (size_t)len + 1, format, again);
        buf->len += (size_t)len;
    } else if (len < 0 && buf->status == HZ_OK) {
        buf->status = HZ_E_LIMIT;
    }
    va_end(again);
    va_end(args);
}

hz_status hz_buf_status(const hz_buf *buf, hz_error *err)
{
    if (buf->status == HZ_E_NOMEM)
        return hz_nomem(err, buf->len + 1);
    if (buf->status == HZ_E_LIMIT)
        return hz_fail(err, HZ_E_LIMIT, HZ_M(LIMIT), HZ_Z("buffer_bytes"), HZ_U(ceiling(buf)));
    return buf->status;
}
