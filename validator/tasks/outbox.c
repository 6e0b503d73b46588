/* outbox.c: see outbox.h. A file is called SEQUENCE-ID.json, 16 and 32 hex digits: the order of names is that of
 * putting. */
#include "validator/tasks/outbox.h"

#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/folder.h"

enum { SEQUENCE_DIGITS = 16, WAIT_FIRST_MS = 1000, WAIT_MAX_MS = 300 * 1000, DOUBLED_MAX = 9 };
enum { ITEMS_MAX = 10 * 1000 * 1000, BODY_BYTES_MAX = 128 << 20 };

struct hz_outbox {
    hz_slice folder; /* in arena */
    hz_arena *arena;
    hz_outbox_item *items; /* by sequence */
    size_t count, capacity;
    uint64_t sequence; /* of the last one */
    unsigned tries;    /* since somebody answered */
    uint64_t due_ms;
    hz_buf path;
};

static const char suffix[] = ".json";

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* false: some other file. */
static bool read_name(hz_outbox_item *out, hz_slice name)
{
    const size_t id_at = SEQUENCE_DIGITS + 1, end_at = id_at + HZ_POST_ID_BYTES;
    *out = (hz_outbox_item){.sequence = 0};
    if (name.len != end_at + sizeof suffix - 1 || name.ptr[SEQUENCE_DIGITS] != '-' ||
        memcmp(name.ptr + end_at, suffix, sizeof suffix - 1) != 0)
        return false;
    for (size_t i = 0; i < end_at; i++) {
        int value = hex_value(name.ptr[i]);
        if (i != SEQUENCE_DIGITS && value < 0)
            return false;
        if (i < SEQUENCE_DIGITS)
            out->sequence = out->sequence << 4 | (unsigned)value;
    }
    memcpy(out->id, name.ptr + id_at, HZ_POST_ID_BYTES);
    return true;
}

static hz_status put_path(hz_outbox *outbox, const hz_outbox_item *item, hz_error *err)
{
    HZ_TRY(hz_folder_path(&outbox->path, outbox->folder.ptr, HZ_SLICE_NONE, err));
    hz_buf_printf(&outbox->path, "%016llx-%s%s", (unsigned long long)item->sequence, item->id, suffix);
    return hz_buf_status(&outbox->path, err);
}

static hz_status add(hz_outbox *outbox, const hz_outbox_item *item, hz_error *err)
{
    if (!HZ_GROW(outbox->items, outbox->capacity, outbox->count + 1))
        return hz_nomem(err, sizeof *item);
    outbox->items[outbox->count++] = *item;
    if (item->sequence > outbox->sequence)
        outbox->sequence = item->sequence;
    return HZ_OK;
}

static hz_status open_folder(hz_outbox *outbox, const char *folder, hz_error *err)
{
    hz_slice *names;
    size_t count;
    outbox->path = HZ_BUF_INIT;
    outbox->arena = hz_arena_new();
    if (!outbox->arena || hz_arena_copy(&outbox->folder, outbox->arena, hz_slice_of(folder)) != HZ_OK)
        return hz_nomem(err, strlen(folder));
    HZ_TRY(hz_folder_make(folder, true, err));
    HZ_TRY(hz_folder_list(&names, &count, outbox->arena, folder, ITEMS_MAX, "outbox_items", err));
    for (size_t i = 0; i < count; i++) {
        hz_outbox_item item;
        if (read_name(&item, names[i]))
            HZ_TRY(add(outbox, &item, err));
    }
    return HZ_OK;
}

hz_status hz_outbox_open(hz_outbox **out, const char *folder, hz_error *err)
{
    *out = NULL;
    hz_outbox *outbox = hz_mem_zalloc(1, sizeof *outbox);
    if (!outbox)
        return hz_nomem(err, sizeof *outbox);
    hz_status st = open_folder(outbox, folder, err);
    if (st == HZ_OK)
        *out = outbox;
    else
        hz_outbox_free(outbox);
    return st;
}

void hz_outbox_free(hz_outbox *outbox)
{
    if (!outbox)
        return;
    hz_buf_clear(&outbox->path);
    hz_mem_free(outbox->items);
    hz_arena_free(outbox->arena);
    hz_mem_free(outbox);
}

size_t hz_outbox_count(const hz_outbox *outbox)
{
    return outbox->count;
}

bool hz_outbox_has(const hz_outbox *outbox, const char *id)
{
    for (size_t i = 0; i < outbox->count; i++)
        if (strcmp(outbox->items[i].id, id) == 0)
            return true;
    return false;
}

hz_status hz_outbox_put(hz_outbox *outbox, const char *id, hz_slice body, hz_error *err)
{
    hz_outbox_item item = {.sequence = outbox->sequence + 1};
    hz_outfile *file;
    HZ_ASSERT(strlen(id) == HZ_POST_ID_BYTES);
    if (hz_outbox_has(outbox, id))
        return HZ_OK;
    memcpy(item.id, id, sizeof item.id);
    HZ_TRY(put_path(outbox, &item, err));
    HZ_TRY(hz_outfile_open_private(&file, outbox->path.ptr, err));
    hz_status st = hz_outfile_write(file, body, err);
    if (st != HZ_OK) {
        hz_outfile_abandon(file);
        return st;
    }
    HZ_TRY(hz_outfile_commit(file, err));
    return add(outbox, &item, err);
}

/* ---- trying ---- */

hz_outbox_item *hz_outbox_next(hz_outbox *outbox, uint64_t now_ms)
{
    for (size_t i = 0; i < outbox->count && outbox->due_ms <= now_ms; i++)
        if (outbox->items[i].due_ms <= now_ms)
            return &outbox->items[i];
    return NULL;
}

uint64_t hz_outbox_due_ms(const hz_outbox *outbox)
{
    uint64_t due_ms = UINT64_MAX;
    for (size_t i = 0; i < outbox->count; i++)
        if (outbox->items[i].due_ms < due_ms)
            due_ms = outbox->items[i].due_ms;
    return outbox->count && due_ms < outbox->due_ms ? outbox->due_ms : due_ms;
}

hz_status hz_outbox_read(hz_buf *out, const hz_outbox *outbox, const hz_outbox_item *item, hz_error *err)
{
    hz_outbox *own = (hz_outbox *)(uintptr_t)outbox; /* its scratch */
    HZ_TRY(put_path(own, item, err));
    hz_buf_clear(out);
    return hz_file_read_all(out, own->path.ptr, BODY_BYTES_MAX, "notice_bytes", err);
}

hz_status hz_outbox_sent(hz_outbox *outbox, hz_outbox_item *item, hz_error *err)
{
    size_t at = (size_t)(item - outbox->items);
    hz_status st = put_path(outbox, item, err);
    if (st == HZ_OK && unlink(outbox->path.ptr) != 0 && errno != ENOENT) {
        const char *words = strerrordesc_np(errno);
        st = hz_fail(err, HZ_E_IO, HZ_M(FILE_WRITE), HZ_Z(outbox->path.ptr), HZ_Z(words ? words : "?"));
    }
    memmove(item, item + 1, (outbox->count - at - 1) * sizeof *item);
    outbox->count--;
    outbox->tries = 0;
    outbox->due_ms = 0;
    return st;
}

static uint64_t wait_after(unsigned tries)
{
    uint64_t wait_ms = (uint64_t)WAIT_FIRST_MS << (tries < DOUBLED_MAX ? tries : DOUBLED_MAX);
    return wait_ms < WAIT_MAX_MS ? wait_ms : WAIT_MAX_MS;
}

uint64_t hz_outbox_failed(hz_outbox *outbox, hz_outbox_item *item, bool answered, uint64_t now_ms)
{
    uint64_t wait_ms;
    if (answered) {
        wait_ms = wait_after(item->tries++);
        item->due_ms = now_ms + wait_ms;
        outbox->tries = 0;
    } else {
        wait_ms = wait_after(outbox->tries++);
        outbox->due_ms = now_ms + wait_ms;
    }
    return wait_ms;
}
