/* spool.c: see spool.h. */
#include "validator/source/spool_int.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

static hz_status fail_temp(hz_error *err, const hz_spool *spool, int number)
{
    const char *words = strerrordesc_np(number);
    hz_status st = hz_fail(err, HZ_E_IO, HZ_M(SOURCE_SPOOL), HZ_Z(spool->temp), HZ_Z(words ? words : "?"));
    hz_error_at(err, hz_slice_of(spool->temp), 0, 0);
    hz_error_hint(err, HZ_MSG_SOURCE_SPOOL_HINT);
    return st;
}

hz_status hz_spool_new(hz_spool **out, const hz_limits *limits, const char *temp, hz_error *err)
{
    hz_spool *s = *out = hz_mem_zalloc(1, sizeof *s);
    if (!s)
        return hz_nomem(err, sizeof *s);
    const char *folder = temp ? temp : getenv("TMPDIR");
    s->limits = limits;
    s->temp = folder && *folder ? folder : "/tmp";
    s->fd = -1;
    s->text = s->out = HZ_BUF_INIT;
    s->text.max_bytes = (size_t)limits->value[HZ_LIMIT_RECORD_BYTES] * 2 + 1024;
    s->stamp = 1;
    s->arena = hz_arena_new();
    if (s->arena)
        return HZ_OK;
    hz_spool_free(s);
    *out = NULL;
    return hz_nomem(err, sizeof *s);
}

void hz_spool_free(hz_spool *s)
{
    while (s) {
        hz_spool *next = s->next;
        if (s->fd >= 0)
            close(s->fd);
        hz_arena_free(s->arena);
        hz_mem_free(s->columns);
        hz_mem_free(s->names);
        hz_mem_free(s->slots);
        hz_mem_free(s->cells);
        hz_buf_clear(&s->text);
        hz_buf_clear(&s->out);
        hz_mem_free(s);
        s = next;
    }
}

/* ---- columns ---- */

static size_t slot_of(const hz_spool *s, hz_slice name)
{
    return (size_t)XXH3_64bits(name.ptr, name.len) & (s->slots_count - 1);
}

static bool grow_slots(hz_spool *s)
{
    size_t count = s->slots_count ? s->slots_count * 2 : 64;
    uint32_t *slots = hz_mem_zalloc(count, sizeof *slots);
    if (!slots)
        return false;
    hz_mem_free(s->slots);
    s->slots = slots;
    s->slots_count = count;
    for (size_t c = 0; c < s->columns_count; c++) {
        size_t at = slot_of(s, s->names[c]);
        while (slots[at])
            at = (at + 1) & (count - 1);
        slots[at] = (uint32_t)c + 1;
    }
    return true;
}

hz_status hz_spool_add_column(uint32_t *out, hz_spool *s, hz_slice name, hz_slice label, hz_error *err)
{
    size_t n = s->columns_count;
    HZ_TRY(hz_limit_check(s->limits, HZ_LIMIT_FIELDS, n + 1, err));
    if (!HZ_GROW(s->columns, s->columns_capacity, n + 1) || !HZ_GROW(s->names, s->names_capacity, n + 1))
        return hz_nomem(err, n * sizeof *s->columns);
    size_t cells = s->cells_capacity;
    if (!HZ_GROW(s->cells, s->cells_capacity, n + 1))
        return hz_nomem(err, n * sizeof *s->cells);
    if (s->cells_capacity > cells)
        memset(s->cells + cells, 0, (s->cells_capacity - cells) * sizeof *s->cells);
    if (hz_arena_copy(&s->names[n], s->arena, name) != HZ_OK ||
        hz_arena_copy(&s->columns[n].label, s->arena, label) != HZ_OK)
        return hz_nomem(err, name.len);
    s->columns[n].name = s->names[n];
    s->columns_count++;
    if (s->columns_count * 2 > s->slots_count) {
        if (!grow_slots(s))
            return hz_nomem(err, s->slots_count * sizeof *s->slots);
    } else {
        size_t at = slot_of(s, name);
        while (s->slots[at])
            at = (at + 1) & (s->slots_count - 1);
        s->slots[at] = (uint32_t)n + 1;
    }
    *out = (uint32_t)n;
    return HZ_OK;
}

bool hz_spool_find(uint32_t *out, hz_spool *s, hz_slice name)
{
    size_t next = s->next_column < s->columns_count ? s->next_column : 0;
    if (next < s->columns_count && hz_slice_eq(s->names[next], name)) {
        *out = (uint32_t)next;
        s->next_column = next + 1;
        return true;
    }
    for (size_t at = s->slots_count ? slot_of(s, name) : 0; s->slots_count && s->slots[at];
         at = (at + 1) & (s->slots_count - 1)) {
        *out = s->slots[at] - 1;
        if (hz_slice_eq(s->names[*out], name)) {
            s->next_column = (size_t)*out + 1;
            return true;
        }
    }
    return false;
}

hz_status hz_spool_column(uint32_t *out, hz_spool *s, hz_slice name, hz_slice label, hz_error *err)
{
    return hz_spool_find(out, s, name) ? HZ_OK : hz_spool_add_column(out, s, name, label, err);
}

/* ---- rows ---- */

bool hz_spool_has(const hz_spool *s, uint32_t column)
{
    return s->cells[column].row == s->stamp;
}

hz_status hz_spool_cell(hz_spool *s, uint32_t column, hz_slice text, hz_error *err)
{
    struct hz_spool_cell *cell = &s->cells[column];
    hz_slice before = HZ_SLICE_NONE;
    bool again = cell->row == s->stamp;
    size_t from = s->text.len, len = text.len;
    if (again) {
        len += cell->len + 1;
        if (!hz_buf_reserve(&s->text, len))
            return hz_buf_status(&s->text, err);
        before = (hz_slice){s->text.ptr + cell->from, cell->len};
        hz_buf_put(&s->text, before);
        hz_buf_putc(&s->text, ',');
    }
    if (s->text.len + text.len > s->limits->value[HZ_LIMIT_RECORD_BYTES])
        return hz_limit_check(s->limits, HZ_LIMIT_RECORD_BYTES, s->text.len + text.len, err);
    hz_buf_put(&s->text, text);
    *cell = (struct hz_spool_cell){s->stamp, (uint32_t)from, (uint32_t)len};
    if (column >= s->cells_count)
        s->cells_count = column + 1;
    return hz_buf_status(&s->text, err);
}

static int open_temp(const char *folder)
{
    static const char name[] = "/.hezhun-rows-XXXXXX";
    int fd = -1;
    do
        fd = open(folder, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    while (fd < 0 && errno == EINTR);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    size_t len = strlen(folder);
    char *path = hz_mem_alloc(len + sizeof name);
    if (!path) {
        errno = ENOMEM;
        return -1;
    }
    memcpy(path, folder, len);
    memcpy(path + len, name, sizeof name);
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        (void)unlink(path);
    hz_mem_free(path);
    return fd;
}

static hz_status flush(hz_spool *s, hz_error *err)
{
    if (s->fd < 0)
        s->fd = open_temp(s->temp);
    if (s->fd < 0)
        return fail_temp(err, s, errno);
    for (size_t at = 0; at < s->out.len;) {
        ssize_t n = pwrite(s->fd, s->out.ptr + at, s->out.len - at, (off_t)(s->written + at));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail_temp(err, s, n < 0 ? errno : ENOSPC);
        at += (size_t)n;
    }
    s->written += s->out.len;
    hz_buf_reset(&s->out);
    return HZ_OK;
}

static hz_status put_record(hz_spool *s, hz_spool_head *head, hz_slice where, hz_error *err)
{
    size_t lengths = head->cells * sizeof(uint32_t), texts = 0;
    for (uint32_t c = 0; c < head->cells; c++)
        texts += s->cells[c].row == s->stamp ? s->cells[c].len : 0;
    size_t all = (lengths + texts + where.len + 7) / 8 * 8;
    if (texts + where.len > s->limits->value[HZ_LIMIT_RECORD_BYTES])
        return hz_limit_check(s->limits, HZ_LIMIT_RECORD_BYTES, texts + where.len, err);
    head->bytes = (uint32_t)all;
    head->where_bytes = (uint32_t)where.len;
    char *to = hz_buf_reserve(&s->out, sizeof *head + all);
    if (!to)
        return hz_buf_status(&s->out, err);
    memcpy(to, head, sizeof *head);
    char *text = to + sizeof *head + lengths;
    for (uint32_t c = 0; c < head->cells; c++) {
        const struct hz_spool_cell *cell = &s->cells[c];
        uint32_t len = cell->row == s->stamp ? cell->len : UINT32_MAX;
        memcpy(to + sizeof *head + c * sizeof len, &len, sizeof len);
        if (len == UINT32_MAX || !len)
            continue;
        memcpy(text, s->text.ptr + cell->from, len);
        text += len;
    }
    if (where.len)
        memcpy(text, where.ptr, where.len);
    text += where.len;
    memset(text, 0, (size_t)(to + sizeof *head + all - text));
    s->out.len += sizeof *head + all;
    s->records++;
    s->stamp++;
    s->cells_count = 0;
    s->next_column = 0;
    hz_buf_reset(&s->text);
    size_t most = s->fd < 0 ? HZ_SPOOL_MEMORY_BYTES : HZ_SPOOL_BLOCK_BYTES;
    return s->out.len > most ? flush(s, err) : HZ_OK;
}

hz_status hz_spool_row(hz_spool *s, uint64_t line, hz_slice where, hz_error *err)
{
    hz_spool_head head = {.cells = s->cells_count, .line = line};
    return put_record(s, &head, where, err);
}

hz_status hz_spool_bad(hz_spool *s, const hz_bad_row *bad, hz_slice where, hz_error *err)
{
    hz_spool_head head = {.bad = (uint32_t)bad->kind + 1,
                          .line = bad->line,
                          .offset_bytes = bad->offset_bytes,
                          .fields_count = (uint32_t)bad->fields_count,
                          .fields_expected = (uint32_t)bad->fields_expected,
                          .other = (uint32_t)bad->other,
                          .xsd_fault = (uint32_t)bad->xsd_fault};
    s->cells_count = 0;
    hz_buf_reset(&s->text);
    return put_record(s, &head, where, err);
}

hz_status hz_spool_end(hz_spool *s, hz_error *err)
{
    hz_buf_clear(&s->text);
    if (s->fd < 0)
        return HZ_OK;
    HZ_TRY(flush(s, err));
    hz_buf_clear(&s->out);
    return HZ_OK;
}

hz_status hz_spool_read(const hz_spool *s, uint64_t offset, char *into, size_t len, hz_error *err)
{
    if (s->fd < 0) {
        memcpy(into, s->out.ptr + offset, len);
        return HZ_OK;
    }
    for (size_t at = 0; at < len;) {
        ssize_t n = pread(s->fd, into + at, len - at, (off_t)(offset + at));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail_temp(err, s, n < 0 ? errno : EIO);
        at += (size_t)n;
    }
    return HZ_OK;
}

uint64_t hz_spool_records(const hz_spool *s)
{
    return s->records;
}

const uint8_t *hz_spool_sha256(const hz_spool *s)
{
    return s->sha256;
}
