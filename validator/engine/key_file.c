#include "validator/engine/key_file.h"

#include "base/alloc.h"
#include "base/sha256.h"

enum { WINDOW_RECORDS = 1024, CHECKED_BYTES = 256 * 1024, SUM_BYTES = 32 };
enum { MAGIC_BYTES = sizeof HZ_KEY_FILE_MAGIC - 1, HEAD_BYTES = MAGIC_BYTES + 8 };

static void put_bytes(char *out, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        out[i] = (char)(value >> 8 * i & 0xFF);
}

static uint64_t get_bytes(const char *from, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = bytes; i-- > 0;)
        value = value << 8 | (unsigned char)from[i];
    return value;
}

void hz_key_record_put(char out[HZ_KEY_RECORD_BYTES], const hz_key_record *record)
{
    memcpy(out, record->digest, HZ_KEY_DIGEST_BYTES);
    put_bytes(out + 16, record->source, 4);
    put_bytes(out + 20, record->number, 6);
    put_bytes(out + 26, record->line, 6);
    out[32] = (char)record->flags;
    put_bytes(out + 33, record->region, 8);
    put_bytes(out + 41, record->waiver, 2);
}

static void get_record(hz_key_record *out, const char *from)
{
    memcpy(out->digest, from, HZ_KEY_DIGEST_BYTES);
    out->source = (uint32_t)get_bytes(from + 16, 4);
    out->number = get_bytes(from + 20, 6);
    out->line = get_bytes(from + 26, 6);
    out->flags = (uint8_t)from[32];
    out->region = get_bytes(from + 33, 8);
    out->waiver = (uint16_t)get_bytes(from + 41, 2);
}

/* ---- opening ---- */

static hz_status no_key_file(const hz_key_file *file, hz_error *err)
{
    hz_status st = hz_fail(err, HZ_E_SOURCE, HZ_M(KEYS_NO_FILE), HZ_S(file->path));
    hz_error_hint(err, HZ_MSG_KEYS_NO_FILE_HINT);
    return st;
}

static hz_status changed(const hz_key_file *file, hz_error *err)
{
    return hz_fail(err, HZ_E_SOURCE, HZ_M(KEYS_CHANGED), HZ_S(file->path));
}

static hz_status read_exactly(hz_key_file *file, uint64_t at, void *into, size_t len, hz_error *err)
{
    size_t got;
    HZ_TRY(hz_file_read_at(file->file, at, into, len, &got, err));
    return got == len ? HZ_OK : changed(file, err);
}

static hz_status hold_to_sum(hz_key_file *file, hz_error *err)
{
    uint8_t sum[SUM_BYTES], said[SUM_BYTES];
    uint64_t end = hz_file_size(file->file) - SUM_BYTES;
    hz_sha256 *sha = hz_sha256_new();
    char *bytes = hz_mem_alloc(CHECKED_BYTES);
    hz_status st = sha && bytes ? HZ_OK : hz_nomem(err, CHECKED_BYTES);
    for (uint64_t at = 0; st == HZ_OK && at < end;) {
        size_t len = end - at < CHECKED_BYTES ? (size_t)(end - at) : CHECKED_BYTES;
        st = read_exactly(file, at, bytes, len, err);
        if (st == HZ_OK && !hz_sha256_update(sha, bytes, len))
            st = hz_nomem(err, len);
        at += len;
    }
    if (st == HZ_OK && !hz_sha256_final(sha, sum))
        st = hz_nomem(err, sizeof sum);
    if (st == HZ_OK)
        st = read_exactly(file, end, said, sizeof said, err);
    if (st == HZ_OK && memcmp(sum, said, sizeof sum) != 0)
        st = changed(file, err);
    hz_sha256_free(sha);
    hz_mem_free(bytes);
    return st;
}

/* Whole and of this version: then the shape is what we wrote, but for what a forger would write. */
static hz_status check_shape(hz_key_file *file, hz_error *err)
{
    uint64_t rows = 0, all = 0;
    const hz_jvalue *rules = hz_jget(file->header, "rules"), *sources = hz_jget(file->header, "sources"),
                    *waivers = hz_jget(file->header, "waivers");
    if (!hz_jis(rules, HZ_JR_ARRAY) || !hz_jis(sources, HZ_JR_ARRAY) || !hz_jis(waivers, HZ_JR_ARRAY) ||
        hz_jtext(hz_jget(file->header, "salt")).len != HZ_KEY_SALT_HEX)
        return no_key_file(file, err);
    for (const hz_jvalue *rule = rules->first; rule; rule = rule->next) {
        if (!hz_ju64(&rows, hz_jget(rule, "rows")) || rows > UINT64_MAX / HZ_KEY_RECORD_BYTES - all)
            return no_key_file(file, err);
        all += rows;
    }
    return all * HZ_KEY_RECORD_BYTES == file->records_end - file->records_at ? HZ_OK : no_key_file(file, err);
}

static hz_status open_all(hz_key_file *file, const hz_limits *limits, hz_error *err)
{
    char head[HEAD_BYTES];
    HZ_TRY(hz_file_open(&file->file, file->path.ptr, err));
    uint64_t size = hz_file_size(file->file);
    if (size < HEAD_BYTES + SUM_BYTES)
        return no_key_file(file, err);
    HZ_TRY(read_exactly(file, 0, head, sizeof head, err));
    uint64_t header = get_bytes(head + MAGIC_BYTES, 8), most = limits->value[HZ_LIMIT_RESULT_BYTES];
    if (memcmp(head, HZ_KEY_FILE_MAGIC, MAGIC_BYTES) != 0)
        return no_key_file(file, err);
    if (header > size - HEAD_BYTES - SUM_BYTES)
        return changed(file, err);
    if (header > most)
        return hz_fail(err, HZ_E_LIMIT, HZ_M(LIMIT), HZ_Z(hz_limit_name(HZ_LIMIT_RESULT_BYTES)), HZ_U(most));
    HZ_TRY(hold_to_sum(file, err));
    char *into = hz_buf_reserve(&file->bytes, (size_t)header);
    if (!into)
        return hz_buf_status(&file->bytes, err);
    HZ_TRY(read_exactly(file, HEAD_BYTES, into, (size_t)header, err));
    file->bytes.len += (size_t)header;
    file->records_at = HEAD_BYTES + header;
    file->records_end = size - SUM_BYTES;
    HZ_TRY(hz_json_parse(&file->header, file->arena, file->path, hz_buf_slice(&file->bytes), limits, err));
    file->window = hz_mem_alloc(WINDOW_RECORDS * HZ_KEY_RECORD_BYTES);
    return file->window ? check_shape(file, err) : hz_nomem(err, WINDOW_RECORDS * HZ_KEY_RECORD_BYTES);
}

hz_status hz_key_file_open(hz_key_file *out, const char *path, const hz_limits *limits, hz_error *err)
{
    *out = (hz_key_file){.arena = hz_arena_new(), .bytes = HZ_BUF_INIT};
    if (!out->arena || hz_arena_copy(&out->path, out->arena, hz_slice_of(path)) != HZ_OK)
        return hz_nomem(err, strlen(path));
    return open_all(out, limits, err);
}

void hz_key_file_close(hz_key_file *file)
{
    hz_file_close(file->file);
    hz_buf_clear(&file->bytes);
    hz_mem_free(file->window);
    hz_arena_free(file->arena);
    *file = (hz_key_file){.bytes = HZ_BUF_INIT};
}

/* ---- records ---- */

hz_status hz_key_file_rule(uint64_t *rows, hz_key_file *file, hz_slice rule)
{
    uint64_t at = file->records_at;
    for (const hz_jvalue *it = hz_jget(file->header, "rules")->first; it; it = it->next) {
        (void)hz_ju64(rows, hz_jget(it, "rows"));
        if (hz_slice_eq(hz_jtext(hz_jget(it, "id")), rule)) {
            file->at = at;
            file->end = at + *rows * HZ_KEY_RECORD_BYTES;
            file->window_at = file->window_len = 0;
            memset(file->last, 0, sizeof file->last);
            return HZ_OK;
        }
        at += *rows * HZ_KEY_RECORD_BYTES;
    }
    *rows = 0;
    return HZ_END;
}

hz_status hz_key_file_next(hz_key_record *out, hz_key_file *file, hz_error *err)
{
    if (file->window_at == file->window_len) {
        uint64_t left = file->end - file->at;
        const size_t room = WINDOW_RECORDS * HZ_KEY_RECORD_BYTES;
        size_t len = left < room ? (size_t)left : room;
        if (!len)
            return HZ_END;
        HZ_TRY(read_exactly(file, file->at, file->window, len, err));
        file->at += len;
        file->window_at = 0;
        file->window_len = len;
    }
    get_record(out, file->window + file->window_at);
    file->window_at += HZ_KEY_RECORD_BYTES;
    if (memcmp(out->digest, file->last, sizeof file->last) < 0)
        return no_key_file(file, err);
    memcpy(file->last, out->digest, sizeof file->last);
    return HZ_OK;
}
