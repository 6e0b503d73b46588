/* verify.c: what is told first is what a person should look at first: the member of the certificate, the part of the
 * result or the file that is not as it was signed. The signature decides; digests only name. */
#include "validator/tasks/verify.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/calendar.h"
#include "base/file.h"
#include "base/jcs.h"
#include "base/sha256.h"
#include "reports/certificate.h"

enum { KEYS_MAX = 1024, CERTIFICATES_MAX = 100000, READ_BYTES = 1 << 20, PARTS_NAMED = 5 };

typedef struct job {
    const hz_verify_options *options;
    hz_proofs *proofs;
    hz_key *keys;
    size_t keys_count, keys_capacity;
    hz_error *err;
} job;

const char *hz_proof_state_name(hz_proof_state state)
{
    static const char *const names[HZ_PROOF_STATES] = {"holds", "fails", "open", "unreadable"};
    return names[state];
}

/* ---- lines ---- */

static hz_status say(job *j, hz_proof *proof, bool wrong, hz_msg_id message, const hz_slice *args, size_t count)
{
    if (wrong)
        proof->state = HZ_PROOF_FAILS;
    if (proof->lines_count == HZ_PROOF_LINES_MAX) {
        proof->more++;
        return HZ_OK;
    }
    hz_proof_line *line = &proof->lines[proof->lines_count++];
    *line = (hz_proof_line){.wrong = wrong, .message = message};
    for (size_t i = 0; i < count; i++)
        if (hz_arena_copy(&line->args[i], j->proofs->arena, args[i]) != HZ_OK)
            return hz_nomem(j->err, args[i].len);
    return HZ_OK;
}

#define SAY(j, proof, wrong, id, ...)                                                                                  \
    say((j), (proof), (wrong), HZ_MSG_##id, (const hz_slice[]){__VA_ARGS__},                                           \
        sizeof((const hz_slice[]){__VA_ARGS__}) / sizeof(hz_slice))

static hz_slice number_text(char into[24], uint64_t n)
{
    return (hz_slice){into, (size_t)snprintf(into, 24, "%llu", (unsigned long long)n)};
}

/* ---- the certificate itself ---- */

/* Its text must be the one that its content has, so that no byte can be changed unseen. */
static hz_status check_text(job *j, hz_proof *proof, hz_slice bytes)
{
    hz_buf again = HZ_BUF_INIT;
    hz_status st = hz_certificate_json(&again, proof->root, j->err);
    size_t at = 0;
    if (st == HZ_OK && !hz_slice_eq(hz_buf_slice(&again), bytes)) {
        char line[24], column[24];
        hz_error place = {0};
        while (at < bytes.len && at < again.len && bytes.ptr[at] == again.ptr[at])
            at++;
        place.status = HZ_E_SOURCE;
        hz_json_error_at(&place, proof->path, bytes, at);
        st = SAY(j, proof, true, VERIFY_TEXT, number_text(line, place.line), number_text(column, place.column));
    }
    hz_buf_clear(&again);
    return st;
}

static bool hex_is(hz_slice hex, const uint8_t *digest, size_t len)
{
    char text[65];
    hz_hex(text, digest, len);
    return hz_slice_is(hex, text);
}

/* Members whose own digest is another one: what was changed after signing. */
static hz_status check_members(job *j, hz_proof *proof, const hz_jvalue *statement)
{
    const hz_jvalue *digests = hz_jget(hz_jget(proof->root, "digests"), "members");
    uint8_t own[32];
    for (const hz_jvalue *member = statement->first; member; member = member->next) {
        HZ_TRY(hz_jvalue_digest(own, member, NULL, j->err));
        if (!hex_is(hz_jtext(hz_jget_slice(digests, member->name)), own, 16))
            HZ_TRY(SAY(j, proof, true, VERIFY_MEMBER, member->name));
    }
    for (const hz_jvalue *digest = digests->first; digest; digest = digest->next)
        if (!hz_jget_slice(statement, digest->name))
            HZ_TRY(SAY(j, proof, true, VERIFY_MEMBER_GONE, digest->name));
    return HZ_OK;
}

static const hz_key *key_of(const job *j, hz_slice id)
{
    for (size_t i = 0; i < j->keys_count; i++)
        if (hz_slice_is(id, j->keys[i].id))
            return &j->keys[i];
    return NULL;
}

static hz_slice put_day(char into[16], int32_t day)
{
    hz_civil civil = hz_date_to_civil(day);
    return (hz_slice){into, (size_t)snprintf(into, 16, "%04d-%02u-%02u", (int)civil.year % 10000,
                                             (unsigned)civil.month % 100, (unsigned)civil.day % 100)};
}

/* Whether the key could sign on the day of issue. */
static hz_status check_key(job *j, hz_proof *proof, const hz_key *key, const hz_jvalue *statement)
{
    char text[16];
    int32_t issued = 0;
    hz_slice instant = hz_jtext(hz_jget(statement, "issued"));
    hz_jvalue day = {.kind = HZ_JR_STRING, .text = hz_slice_sub(instant, 0, 10)};
    hz_slice id = hz_slice_of(key->id);
    if (key->revoked)
        HZ_TRY(SAY(j, proof, true, VERIFY_REVOKED, id, put_day(text, key->revoked_on)));
    if (!hz_stored_day(&issued, &day))
        return SAY(j, proof, true, VERIFY_ISSUED, instant);
    if (issued < key->valid_from)
        HZ_TRY(SAY(j, proof, true, VERIFY_BEFORE, id, put_day(text, key->valid_from), day.text));
    if (issued >= key->valid_until)
        HZ_TRY(SAY(j, proof, true, VERIFY_AFTER, id, put_day(text, key->valid_until), day.text));
    return HZ_OK;
}

static hz_status check_signature(job *j, hz_proof *proof, const hz_jvalue *statement, hz_slice canonical)
{
    const hz_jvalue *signature = hz_jget(proof->root, "signature");
    hz_slice id = hz_jtext(hz_jget(signature, "key"));
    hz_slice stated = hz_jtext(hz_jget(hz_jget(statement, "key"), "id"));
    uint8_t bytes[HZ_SIGNATURE_BYTES];
    size_t len;
    if (!hz_slice_eq(id, stated))
        HZ_TRY(SAY(j, proof, true, VERIFY_OTHER_KEY, id, stated));
    const hz_key *key = key_of(j, id);
    if (!key) {
        if (proof->state == HZ_PROOF_HOLDS)
            proof->state = HZ_PROOF_OPEN;
        return SAY(j, proof, false, VERIFY_NO_KEY, id, hz_jtext(hz_jget(hz_jget(statement, "key"), "name")));
    }
    proof->key_name = hz_slice_of(key->name[0] ? key->name : key->id);
    if (hz_arena_copy(&proof->key_name, j->proofs->arena, proof->key_name) != HZ_OK)
        return hz_nomem(j->err, proof->key_name.len);
    if (!hz_slice_is(hz_jtext(hz_jget(signature, "algorithm")), hz_key_kind_name(key->kind)))
        return SAY(j, proof, true, VERIFY_ALGORITHM, hz_jtext(hz_jget(signature, "algorithm")), id);
    if (!hz_base64_read(bytes, sizeof bytes, &len, hz_jtext(hz_jget(signature, "value"))) ||
        !hz_key_verify(key, canonical, bytes, len))
        HZ_TRY(SAY(j, proof, true, VERIFY_SIGNATURE, id));
    return check_key(j, proof, key, statement);
}

static hz_status check_certificate(job *j, hz_proof *proof, hz_slice bytes)
{
    const hz_jvalue *statement = hz_jget(proof->root, "statement");
    hz_buf canonical = HZ_BUF_INIT;
    uint8_t digest[32];
    hz_status st = hz_jcs_put(&canonical, statement, NULL, j->err);
    if (st == HZ_OK && !hz_sha256_bytes(digest, hz_buf_slice(&canonical)))
        st = hz_nomem(j->err, canonical.len);
    if (st == HZ_OK)
        st = check_members(j, proof, statement);
    if (st == HZ_OK && !hex_is(hz_jtext(hz_jget(hz_jget(proof->root, "digests"), "statement")), digest, 32))
        st = SAY(j, proof, true, VERIFY_DIGEST, HZ_SLICE_NONE);
    if (st == HZ_OK)
        st = check_text(j, proof, bytes);
    if (st == HZ_OK)
        st = check_signature(j, proof, statement, hz_buf_slice(&canonical));
    hz_buf_clear(&canonical);
    return st;
}

/* ---- the result ---- */

typedef struct parts {
    job *j;
    hz_proof *proof;
    const hz_jvalue *listed; /* the next part that the certificate has */
    size_t wrong;
} parts;

static hz_status compare_part(void *ctx, hz_slice part, const hz_jvalue *value, hz_error *err)
{
    parts *p = ctx;
    uint8_t digest[32];
    HZ_TRY(hz_jvalue_digest(digest, value, NULL, err));
    hz_slice expected = hz_jtext(hz_jget(p->listed, "part"));
    bool same = hz_slice_eq(part, expected);
    if (same && hex_is(hz_jtext(hz_jget(p->listed, "sha256")), digest, 32)) {
        p->listed = p->listed->next;
        return HZ_OK;
    }
    if (p->wrong++ < PARTS_NAMED)
        HZ_TRY(same ? SAY(p->j, p->proof, true, VERIFY_PART, part)
                    : SAY(p->j, p->proof, true, VERIFY_PART_ORDER, part, expected));
    p->listed = p->listed ? p->listed->next : NULL;
    return HZ_OK;
}

static hz_status check_result(job *j, hz_proof *proof)
{
    hz_stored result;
    const hz_jvalue *certified = hz_jget(hz_jget(proof->root, "statement"), "result");
    parts p = {j, proof, hz_jget(certified, "parts")->first, 0};
    uint8_t digest[32];
    hz_status st = hz_stored_open(&result, j->options->result, j->options->limits, j->err);
    if (st == HZ_OK)
        st = hz_stored_digest(digest, &result, j->err);
    bool same = st == HZ_OK && hex_is(hz_jtext(hz_jget(certified, "sha256")), digest, 32);
    if (st == HZ_OK && same)
        st = SAY(j, proof, false, VERIFY_RESULT_SAME, hz_slice_of(j->options->result));
    if (st == HZ_OK && !same) {
        st = hz_result_parts(&result, compare_part, &p, j->err);
        if (st == HZ_OK && p.listed)
            st = SAY(j, proof, true, VERIFY_PART_GONE, hz_jtext(hz_jget(p.listed, "part")));
        if (st == HZ_OK && !p.wrong && !p.listed)
            st = SAY(j, proof, true, VERIFY_RESULT_OTHER, hz_slice_of(j->options->result));
    }
    hz_stored_close(&result);
    return st;
}

/* ---- the data ---- */

static hz_status hash_file(uint8_t out[32], uint64_t *size, const char *path, char *block, hz_error *err)
{
    hz_file *file = NULL;
    HZ_TRY(hz_file_open(&file, path, err));
    hz_sha256 *sha = hz_sha256_new();
    hz_status st = sha ? HZ_OK : hz_nomem(err, 0);
    *size = hz_file_size(file);
    for (uint64_t at = 0; st == HZ_OK && at < *size;) {
        size_t got = 0;
        st = hz_file_read_at(file, at, block, READ_BYTES, &got, err);
        if (st == HZ_OK && !hz_sha256_update(sha, block, got))
            st = hz_nomem(err, got);
        at += got;
    }
    if (st == HZ_OK && !hz_sha256_final(sha, out))
        st = hz_nomem(err, 0);
    hz_sha256_free(sha);
    hz_file_close(file);
    return st;
}

/* FOLDER/path while the path stays inside, else FOLDER/ and its last name: a run may have had files by absolute names.
 */
static hz_status place_of(hz_buf *out, const char *folder, hz_slice path, hz_error *err)
{
    bool leaves = path.len && path.ptr[0] == '/';
    for (size_t from = 0, at = 0; at <= path.len; at++) {
        if (at < path.len && path.ptr[at] != '/')
            continue;
        leaves |= hz_slice_is(hz_slice_sub(path, from, at), "..");
        from = at + 1;
    }
    for (size_t at = 0; leaves && at < path.len;)
        if (path.ptr[at++] == '/') {
            path = hz_slice_sub(path, at, path.len);
            at = 0;
        }
    hz_buf_reset(out);
    hz_buf_puts(out, folder);
    hz_buf_putc(out, '/');
    hz_buf_put(out, path);
    return hz_buf_status(out, err);
}

static hz_status check_source(job *j, hz_proof *proof, const hz_jvalue *source, char *block, size_t *good)
{
    hz_buf place = HZ_BUF_INIT;
    hz_error own = {0};
    uint8_t digest[32];
    uint64_t size = 0;
    char a[24], b[24];
    hz_slice path = hz_jtext(hz_jget(source, "path"));
    uint64_t expected = hz_stored_count(source, "bytes");
    hz_status st = place_of(&place, j->options->data, path, j->err);
    if (st == HZ_OK) {
        st = hash_file(digest, &size, place.ptr, block, &own);
        if (st == HZ_E_NOMEM || st == HZ_E_CANCELLED)
            (void)hz_nomem(j->err, READ_BYTES);
        else if (st != HZ_OK)
            st = SAY(j, proof, true, VERIFY_FILE_MISSING, path);
        else if (size != expected)
            st = SAY(j, proof, true, VERIFY_FILE_SIZE, path, number_text(a, size), number_text(b, expected));
        else if (!hex_is(hz_jtext(hz_jget(source, "sha256")), digest, 32))
            st = SAY(j, proof, true, VERIFY_FILE, path);
        else
            (*good)++;
    }
    hz_buf_clear(&place);
    return st;
}

static hz_status check_data(job *j, hz_proof *proof)
{
    const hz_jvalue *tables = hz_jget(hz_jget(hz_jget(proof->root, "statement"), "submission"), "tables");
    char *block = hz_mem_alloc(READ_BYTES);
    char digits[24];
    size_t good = 0;
    hz_status st = block ? HZ_OK : hz_nomem(j->err, READ_BYTES);
    for (const hz_jvalue *table = tables->first; table && st == HZ_OK; table = table->next) {
        const hz_jvalue *source = hz_jget(table, "sources")->first;
        for (; source && st == HZ_OK; source = source->next)
            st = check_source(j, proof, source, block, &good);
    }
    hz_mem_free(block);
    return st == HZ_OK ? SAY(j, proof, false, VERIFY_FILES_SAME, number_text(digits, good)) : st;
}

/* ---- files ---- */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

typedef hz_status take_file(job *j, const char *path);

static hz_status list_folder(job *j, const char *folder, const char *suffix, char ***names, size_t *count)
{
    DIR *dir = opendir(folder);
    size_t capacity = 0;
    hz_status st = HZ_OK;
    if (!dir)
        return hz_fail(j->err, HZ_E_SOURCE, HZ_M(VERIFY_FOLDER), HZ_Z(folder));
    for (struct dirent *entry; st == HZ_OK && (entry = readdir(dir)) != NULL;) {
        hz_slice name = hz_slice_of(entry->d_name), path, end = hz_slice_of(suffix);
        hz_buf text = HZ_BUF_INIT;
        if (name.len <= end.len || name.ptr[0] == '.' ||
            !hz_slice_eq(hz_slice_sub(name, name.len - end.len, name.len), end))
            continue;
        hz_buf_printf(&text, "%s/%s", folder, entry->d_name);
        st = hz_buf_status(&text, j->err);
        if (st == HZ_OK && (hz_arena_copy(&path, j->proofs->arena, hz_buf_slice(&text)) != HZ_OK ||
                            !HZ_GROW(*names, capacity, *count + 1)))
            st = hz_nomem(j->err, name.len);
        if (st == HZ_OK)
            (*names)[(*count)++] = (char *)(uintptr_t)path.ptr;
        hz_buf_clear(&text);
    }
    closedir(dir);
    if (st == HZ_OK && *count)
        qsort(*names, *count, sizeof **names, by_text);
    return st;
}

/* A file, or those of a folder. */
static hz_status each_file(job *j, const char *path, const char *suffix, take_file *take)
{
    struct stat info;
    char **names = NULL;
    size_t count = 0;
    if (stat(path, &info) != 0 || !S_ISDIR(info.st_mode))
        return take(j, path);
    hz_status st = list_folder(j, path, suffix, &names, &count);
    for (size_t i = 0; i < count && st == HZ_OK; i++)
        st = take(j, names[i]);
    hz_mem_free((void *)names);
    return st;
}

static hz_status take_key(job *j, const char *path)
{
    if (j->keys_count == KEYS_MAX || !HZ_GROW(j->keys, j->keys_capacity, j->keys_count + 1))
        return hz_nomem(j->err, j->keys_count * sizeof *j->keys);
    HZ_TRY(hz_key_read(&j->keys[j->keys_count], path, HZ_SLICE_NONE, false, j->err));
    j->keys_count++;
    return HZ_OK;
}

/* What is wrong with a file that is no certificate is said in its own words. */
static hz_status unreadable(job *j, hz_proof *proof, const hz_error *why)
{
    hz_slice args[HZ_MSG_ARGS_MAX];
    size_t count = hz_error_args(why, args);
    char line[24], column[24];
    proof->state = HZ_PROOF_UNREADABLE;
    HZ_TRY(say(j, proof, false, why->message, args, count < 4 ? count : 4));
    if (why->line)
        return SAY(j, proof, false, VERIFY_PLACE, number_text(line, why->line), number_text(column, why->column));
    return HZ_OK;
}

static hz_status take_certificate(job *j, const char *path)
{
    hz_proofs *proofs = j->proofs;
    if (proofs->count == CERTIFICATES_MAX)
        return hz_fail(j->err, HZ_E_USAGE, HZ_M(VERIFY_TOO_MANY), HZ_U(CERTIFICATES_MAX));
    if (!HZ_GROW(proofs->items, proofs->capacity, proofs->count + 1) ||
        !HZ_GROW(proofs->texts, proofs->texts_capacity, proofs->count + 1))
        return hz_nomem(j->err, proofs->count * sizeof *proofs->items);
    hz_proof *proof = &proofs->items[proofs->count];
    hz_buf *bytes = &proofs->texts[proofs->count++];
    hz_error own = {0};
    *proof = (hz_proof){.state = HZ_PROOF_HOLDS};
    *bytes = HZ_BUF_INIT;
    if (hz_arena_copy(&proof->path, proofs->arena, hz_slice_of(path)) != HZ_OK)
        return hz_nomem(j->err, strlen(path));
    hz_status st = hz_certificate_read(&proof->root, proofs->arena, bytes, path, j->options->limits, &own);
    if (st == HZ_E_NOMEM)
        return hz_nomem(j->err, 0);
    if (st != HZ_OK) {
        proof->root = NULL;
        return unreadable(j, proof, &own);
    }
    return check_certificate(j, proof, hz_buf_slice(bytes));
}

static hz_status verify(job *j)
{
    const hz_verify_options *options = j->options;
    for (size_t i = 0; i < options->keys_count; i++)
        HZ_TRY(each_file(j, options->keys[i], ".pub", take_key));
    for (size_t i = 0; i < options->certificates_count; i++)
        HZ_TRY(each_file(j, options->certificates[i], ".json", take_certificate));
    if (!j->proofs->count)
        return hz_fail(j->err, HZ_E_USAGE, HZ_M(VERIFY_NONE));
    if ((options->result || options->data) && j->proofs->count != 1)
        return hz_fail(j->err, HZ_E_USAGE, HZ_M(VERIFY_ONE), HZ_U(j->proofs->count));
    if (options->result && j->proofs->items[0].root)
        HZ_TRY(check_result(j, &j->proofs->items[0]));
    if (options->data && j->proofs->items[0].root)
        HZ_TRY(check_data(j, &j->proofs->items[0]));
    return HZ_OK;
}

hz_status hz_verify(hz_proofs **out, const hz_verify_options *options, hz_error *err)
{
    *out = NULL;
    hz_proofs *proofs = hz_mem_zalloc(1, sizeof *proofs);
    if (!proofs)
        return hz_nomem(err, sizeof *proofs);
    job j = {.options = options, .proofs = proofs, .err = err};
    proofs->arena = hz_arena_new();
    hz_status st = proofs->arena ? verify(&j) : hz_nomem(err, 0);
    for (size_t i = 0; i < j.keys_count; i++)
        hz_key_clear(&j.keys[i]);
    hz_mem_free(j.keys);
    if (st == HZ_OK)
        *out = proofs;
    else
        hz_proofs_free(proofs);
    return st;
}

void hz_proofs_free(hz_proofs *proofs)
{
    if (!proofs)
        return;
    for (size_t i = 0; i < proofs->count; i++)
        hz_buf_clear(&proofs->texts[i]);
    hz_mem_free(proofs->texts);
    hz_mem_free(proofs->items);
    hz_arena_free(proofs->arena);
    hz_mem_free(proofs);
}

hz_proof_state hz_proofs_state(const hz_proofs *proofs)
{
    static const hz_proof_state worst[] = {HZ_PROOF_FAILS, HZ_PROOF_UNREADABLE, HZ_PROOF_OPEN};
    for (size_t k = 0; k < sizeof worst / sizeof *worst; k++)
        for (size_t i = 0; i < proofs->count; i++)
            if (proofs->items[i].state == worst[k])
                return worst[k];
    return HZ_PROOF_HOLDS;
}
