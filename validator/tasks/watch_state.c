/* watch_state.c: see watch_state.h. Names of submissions are bytes, not text: in done/ they stand in hex, and the files
 * are called by the SHA-256 of the name. */
#include "validator/tasks/watch_state.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/folder.h"
#include "base/json_read.h"
#include "base/sha256.h"
#include "reports/render.h"

enum { RECORD_BYTES_MAX = 64 * 1024, RECORDS_MAX = 10 * 1000 * 1000 };

static const char json_suffix[] = ".json";

/* ---- opening ---- */

static hz_status make_folders(hz_watch_state *state, const char *out, hz_error *err)
{
    static const char *const inner[] = {"done", "results"};
    HZ_TRY(hz_folder_make(out, false, err));
    HZ_TRY(hz_folder_path(&state->path, out, HZ_SLICE_LIT(".hezhun"), err));
    if (hz_arena_copy(&state->folder, state->arena, hz_buf_slice(&state->path)) != HZ_OK)
        return hz_nomem(err, state->path.len);
    HZ_TRY(hz_folder_make(state->folder.ptr, true, err));
    for (size_t i = 0; i < sizeof inner / sizeof *inner; i++) {
        HZ_TRY(hz_folder_path(&state->path, state->folder.ptr, hz_slice_of(inner[i]), err));
        HZ_TRY(hz_folder_make(state->path.ptr, true, err));
    }
    return HZ_OK;
}

static hz_status take_lock(hz_watch_state *state, const char *out, hz_error *err)
{
    HZ_TRY(hz_folder_path(&state->path, state->folder.ptr, HZ_SLICE_LIT("lock"), err));
    state->lock = open(state->path.ptr, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (state->lock < 0) {
        const char *words = strerrordesc_np(errno);
        return hz_fail(err, HZ_E_IO, HZ_M(FILE_OPEN), HZ_Z(state->path.ptr), HZ_Z(words ? words : "?"));
    }
    return flock(state->lock, LOCK_EX | LOCK_NB) == 0 ? HZ_OK : hz_fail(err, HZ_E_USAGE, HZ_M(WATCH_RUNS), HZ_Z(out));
}

/* ---- records ---- */

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

static bool read_hex(hz_slice *out, hz_arena *arena, hz_slice hex)
{
    char *bytes = hz_arena_alloc(arena, hex.len / 2 + 1);
    if (!bytes || hex.len % 2)
        return false;
    for (size_t i = 0; i < hex.len; i += 2) {
        int high = hex_value(hex.ptr[i]), low = hex_value(hex.ptr[i + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i / 2] = (char)(high << 4 | low);
    }
    bytes[hex.len / 2] = '\0';
    *out = (hz_slice){bytes, hex.len / 2};
    return true;
}

static bool take_record(hz_watch_done *out, hz_arena *arena, const hz_jvalue *root)
{
    hz_slice stamp, result = hz_jtext(hz_jget(root, "result")), profile = hz_jtext(hz_jget(root, "profile"));
    if (!read_hex(&out->name, arena, hz_jtext(hz_jget(root, "name_hex"))) ||
        !read_hex(&out->unit, arena, hz_jtext(hz_jget(root, "unit_hex"))) ||
        !read_hex(&stamp, arena, hz_jtext(hz_jget(root, "stamp"))) || stamp.len != sizeof out->stamp ||
        !hz_ju64(&out->sequence, hz_jget(root, "sequence")) || (result.len && result.len != 32) ||
        hz_arena_copy(&out->profile, arena, profile) != HZ_OK)
        return false;
    memcpy(out->stamp, stamp.ptr, sizeof out->stamp);
    memcpy(out->result, result.ptr ? result.ptr : "", result.len);
    out->result[result.len] = '\0';
    return true;
}

/* Unit and profile as one name, in the state's buffer. */
static hz_status put_unit(hz_watch_state *state, hz_slice unit, hz_slice profile, hz_error *err)
{
    hz_buf_reset(&state->path);
    hz_buf_put(&state->path, profile); /* which has no blank in it */
    hz_buf_putc(&state->path, ' ');
    hz_buf_put(&state->path, unit);
    return hz_buf_status(&state->path, err);
}

static hz_status unit_of(struct hz_watch_unit **out, hz_watch_state *state, hz_slice unit, hz_slice profile,
                         hz_error *err)
{
    hz_slice name;
    uint32_t old;
    HZ_TRY(put_unit(state, unit, profile, err));
    uint32_t at = hz_names_find(&state->unit_names, hz_buf_slice(&state->path));
    if (at == HZ_HTAB_NONE) {
        at = (uint32_t)state->units_count;
        if (!HZ_GROW(state->units, state->units_capacity, state->units_count + 1) ||
            hz_arena_copy(&name, state->arena, hz_buf_slice(&state->path)) != HZ_OK)
            return hz_nomem(err, state->path.len);
        HZ_TRY(hz_names_add(&state->unit_names, name, at, &old, err));
        state->units[state->units_count++] = (struct hz_watch_unit){.sequence = 0};
    }
    *out = &state->units[at];
    return HZ_OK;
}

static hz_status add(hz_watch_state *state, const hz_watch_done *done, hz_error *err)
{
    struct hz_watch_unit *unit;
    HZ_TRY(unit_of(&unit, state, done->unit, done->profile, err));
    if (!HZ_GROW(state->done, state->done_capacity, state->done_count + 1))
        return hz_nomem(err, sizeof *done);
    if (done->sequence > state->sequence)
        state->sequence = done->sequence;
    if (done->sequence > unit->sequence) {
        unit->sequence = done->sequence;
        memcpy(unit->result, done->result, sizeof unit->result);
    }
    state->done[state->done_count++] = *done;
    return HZ_OK;
}

static hz_status read_record(hz_watch_state *state, const char *path, const hz_limits *limits, hz_error *err)
{
    hz_buf bytes = HZ_BUF_INIT;
    hz_watch_done done = {.sequence = 0};
    hz_jvalue *root;
    hz_arena *scratch = hz_arena_new();
    hz_status st = scratch ? hz_file_read_all(&bytes, path, RECORD_BYTES_MAX, "record_bytes", err) : hz_nomem(err, 0);
    if (st == HZ_OK)
        st = hz_json_parse(&root, scratch, hz_slice_of(path), hz_buf_slice(&bytes), limits, err);
    if (st == HZ_OK)
        st = take_record(&done, state->arena, root) ? add(state, &done, err)
                                                    : hz_fail(err, HZ_E_SOURCE, HZ_M(WATCH_RECORD), HZ_Z(path));
    hz_buf_clear(&bytes);
    hz_arena_free(scratch);
    return st;
}

static bool is_named(hz_slice name, size_t hex_digits)
{
    return name.len == hex_digits + sizeof json_suffix - 1 && name.ptr[0] != '.' &&
           hz_slice_is(hz_slice_sub(name, hex_digits, name.len), json_suffix);
}

/* FOLDER/INNER/NAME in the state's buffer. */
static hz_status put_path(hz_watch_state *state, const char *inner, hz_slice name, const char *more, hz_error *err)
{
    HZ_TRY(hz_folder_path(&state->path, state->folder.ptr, hz_slice_of(inner), err));
    hz_buf_putc(&state->path, '/');
    hz_buf_put(&state->path, name);
    hz_buf_puts(&state->path, more);
    return hz_buf_status(&state->path, err);
}

static hz_status read_records(hz_watch_state *state, const hz_limits *limits, hz_error *err)
{
    hz_slice *names;
    size_t count;
    HZ_TRY(put_path(state, "done", HZ_SLICE_NONE, "", err));
    HZ_TRY(hz_folder_list(&names, &count, state->arena, state->path.ptr, RECORDS_MAX, "watch_records", err));
    for (size_t i = 0; i < count; i++) {
        if (!is_named(names[i], 32))
            continue;
        HZ_TRY(put_path(state, "done", names[i], "", err));
        HZ_TRY(read_record(state, state->path.ptr, limits, err));
    }
    return HZ_OK;
}

hz_status hz_watch_state_open(hz_watch_state *out, const char *folder, const hz_limits *limits, hz_error *err)
{
    *out = (hz_watch_state){.arena = hz_arena_new(), .lock = -1, .path = HZ_BUF_INIT};
    if (!out->arena)
        return hz_nomem(err, 0);
    HZ_TRY(make_folders(out, folder, err));
    HZ_TRY(take_lock(out, folder, err));
    return read_records(out, limits, err);
}

void hz_watch_state_close(hz_watch_state *state)
{
    if (state->lock >= 0)
        close(state->lock);
    hz_mem_free(state->done);
    hz_mem_free(state->units);
    hz_names_clear(&state->unit_names);
    hz_buf_clear(&state->path);
    hz_arena_free(state->arena);
    *state = (hz_watch_state){.lock = -1};
}

/* ---- results ---- */

hz_status hz_watch_last(const char **out, hz_watch_state *state, hz_slice unit, hz_slice profile, hz_error *err)
{
    HZ_TRY(put_unit(state, unit, profile, err));
    uint32_t at = hz_names_find(&state->unit_names, hz_buf_slice(&state->path));
    *out = at == HZ_HTAB_NONE ? "" : state->units[at].result;
    return HZ_OK;
}

hz_status hz_watch_result_path(const char **out, hz_watch_state *state, const char *id, hz_error *err)
{
    HZ_TRY(put_path(state, "results", hz_slice_of(id), json_suffix, err));
    *out = state->path.ptr;
    return HZ_OK;
}

static bool is_compared_with(const hz_watch_state *state, hz_slice id)
{
    for (size_t i = 0; i < state->units_count; i++)
        if (hz_slice_is(id, state->units[i].result))
            return true;
    return false;
}

static hz_status record_path(hz_watch_state *state, hz_slice name, hz_error *err)
{
    uint8_t sum[32];
    char hex[33];
    if (!hz_sha256_bytes(sum, name))
        return hz_nomem(err, name.len);
    hz_hex(hex, sum, 16);
    return put_path(state, "done", hz_slice_of(hex), json_suffix, err);
}

static hz_status forget_gone(hz_watch_state *state, bool (*keep)(void *ctx, hz_slice name), void *ctx, hz_error *err)
{
    size_t kept = 0;
    for (size_t i = 0; i < state->done_count; i++) {
        const hz_watch_done *done = &state->done[i];
        struct hz_watch_unit *unit;
        HZ_TRY(unit_of(&unit, state, done->unit, done->profile, err));
        if (done->sequence == unit->sequence || keep(ctx, done->name)) {
            state->done[kept++] = *done;
            continue;
        }
        HZ_TRY(record_path(state, done->name, err));
        (void)unlink(state->path.ptr);
    }
    state->done_count = kept;
    return HZ_OK;
}

hz_status hz_watch_state_tidy(hz_watch_state *state, bool (*keep)(void *ctx, hz_slice name), void *ctx, hz_error *err)
{
    hz_slice *names;
    size_t count;
    HZ_TRY(forget_gone(state, keep, ctx, err));
    HZ_TRY(put_path(state, "results", HZ_SLICE_NONE, "", err));
    HZ_TRY(hz_folder_list(&names, &count, state->arena, state->path.ptr, RECORDS_MAX, "watch_records", err));
    for (size_t i = 0; i < count; i++) {
        if (!is_named(names[i], 32) || is_compared_with(state, hz_slice_sub(names[i], 0, 32)))
            continue;
        HZ_TRY(put_path(state, "results", names[i], "", err));
        (void)unlink(state->path.ptr);
    }
    return HZ_OK;
}

/* ---- recording ---- */

static void put_hex(hz_buf *out, hz_slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        hz_buf_printf(out, "%02x", (unsigned char)bytes.ptr[i]);
}

static void put_record(hz_buf *out, const hz_watch_done *done)
{
    hz_buf_puts(out, "{\"name\": ");
    hz_put_json(out, done->name);
    hz_buf_puts(out, ", \"unit\": ");
    hz_put_json(out, done->unit);
    hz_buf_puts(out, ", \"profile\": ");
    hz_put_json(out, done->profile);
    hz_buf_puts(out, ", \"sequence\": ");
    hz_buf_put_u64(out, done->sequence);
    hz_buf_printf(out, ", \"result\": \"%s\", \"stamp\": \"", done->result);
    put_hex(out, (hz_slice){(const char *)done->stamp, sizeof done->stamp});
    hz_buf_puts(out, "\", \"name_hex\": \"");
    put_hex(out, done->name);
    hz_buf_puts(out, "\", \"unit_hex\": \"");
    put_hex(out, done->unit);
    hz_buf_puts(out, "\"}\n");
}

static hz_status write_record(hz_watch_state *state, const hz_watch_done *done, hz_error *err)
{
    hz_outfile *file;
    hz_buf text = HZ_BUF_INIT;
    put_record(&text, done);
    hz_status st = hz_buf_status(&text, err);
    if (st == HZ_OK)
        st = record_path(state, done->name, err);
    if (st == HZ_OK)
        st = hz_outfile_open_private(&file, state->path.ptr, err);
    if (st == HZ_OK) {
        st = hz_outfile_write(file, hz_buf_slice(&text), err);
        if (st == HZ_OK)
            st = hz_outfile_commit(file, err);
        else
            hz_outfile_abandon(file);
    }
    hz_buf_clear(&text);
    return st;
}

hz_status hz_watch_record(hz_watch_state *state, const hz_watch_done *done, hz_error *err)
{
    hz_watch_done own = *done;
    struct hz_watch_unit *unit;
    char before[33];
    HZ_TRY(unit_of(&unit, state, done->unit, done->profile, err));
    memcpy(before, unit->result, sizeof before);
    if (!own.result[0])
        memcpy(own.result, before, sizeof own.result);
    own.sequence = state->sequence + 1;
    if (hz_arena_copy(&own.name, state->arena, done->name) != HZ_OK ||
        hz_arena_copy(&own.unit, state->arena, done->unit) != HZ_OK ||
        hz_arena_copy(&own.profile, state->arena, done->profile) != HZ_OK)
        return hz_nomem(err, done->name.len);
    HZ_TRY(write_record(state, &own, err));
    HZ_TRY(add(state, &own, err));
    if (before[0] && !is_compared_with(state, hz_slice_of(before))) {
        HZ_TRY(put_path(state, "results", hz_slice_of(before), json_suffix, err));
        (void)unlink(state->path.ptr);
    }
    return HZ_OK;
}
