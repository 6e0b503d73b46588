/* hezhun_certify.c: the public interface over keys, certificates and their verification. */
#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/calendar.h"
#include "base/file.h"
#include "base/utf8.h"
#include "reports/certificate.h"
#include "validator/api/hezhun_int.h"
#include "validator/tasks/verify.h"

enum { SECONDS_A_DAY = 86400, VALID_MONTHS = 36 };

#define SAME(a, b) _Static_assert((int)HEZHUN_PROOF_##a == (int)HZ_PROOF_##b, "one state, two names")
SAME(HOLDS, HOLDS);
SAME(FAILS, FAILS);
SAME(OPEN, OPEN);
SAME(UNREADABLE, UNREADABLE);

static void wipe(hz_buf *secret)
{
    if (secret->ptr)
        OPENSSL_cleanse(secret->ptr, secret->capacity);
    hz_buf_clear(secret);
}

static hz_status give(hezhun_bytes *out, hz_buf *bytes, hz_status st)
{
    if (st == HZ_OK)
        *out = (hezhun_bytes){bytes->ptr, bytes->len}; /* moved */
    else
        hz_buf_clear(bytes);
    return st;
}

/* ---- keys ---- */

static hz_status take_name(hz_key *key, const char *name, hz_error *err)
{
    hz_slice text = hz_slice_of(name);
    bool plain = text.len < sizeof key->name && hz_utf8_valid(text);
    for (size_t i = 0; plain && i < text.len; i++)
        plain = (unsigned char)text.ptr[i] >= 0x20 && text.ptr[i] != 0x7F;
    if (!plain)
        return hz_fail(err, HZ_E_USAGE, HZ_M(KEY_NAME));
    if (text.len)
        memcpy(key->name, text.ptr, text.len + 1);
    return HZ_OK;
}

static hz_status take_days(hz_key *key, const hezhun_keygen_options *options, hz_error *err)
{
    int64_t until = 0;
    key->valid_from = (int32_t)(options->now / SECONDS_A_DAY);
    if (options->valid_from)
        HZ_TRY(hz_api_day(&key->valid_from, options->valid_from, err));
    if (options->valid_until) {
        HZ_TRY(hz_api_day(&key->valid_until, options->valid_until, err));
    } else if (hz_timestamp_add(&until, key->valid_from * HZ_MICROS_PER_DAY, (hz_interval){VALID_MONTHS, 0, 0},
                                false)) {
        key->valid_until = (int32_t)(until / HZ_MICROS_PER_DAY);
    }
    return key->valid_until > key->valid_from ? HZ_OK : hz_fail(err, HZ_E_USAGE, HZ_M(KEY_DAYS));
}

/* PATH and a suffix, where no file may be yet. */
static hz_status new_path(hz_buf *out, const char *path, const char *suffix, hz_error *err)
{
    struct stat info;
    hz_buf_printf(out, "%s%s", path, suffix);
    HZ_TRY(hz_buf_status(out, err));
    return lstat(out->ptr, &info) == 0 ? hz_fail(err, HZ_E_USAGE, HZ_M(KEY_EXISTS), HZ_Z(out->ptr)) : HZ_OK;
}

static hz_status write_pair(const char *const paths[2], const hz_buf texts[2], hz_error *err)
{
    hz_outfile *files[2] = {NULL, NULL};
    hz_status st = hz_outfile_open_private(&files[0], paths[0], err);
    if (st == HZ_OK)
        st = hz_outfile_open(&files[1], paths[1], err);
    for (size_t i = 0; i < 2 && st == HZ_OK; i++)
        st = hz_outfile_write(files[i], hz_buf_slice(&texts[i]), err);
    for (size_t i = 0; i < 2 && st == HZ_OK; i++) {
        hz_outfile *file = files[i];
        files[i] = NULL;
        st = hz_outfile_commit(file, err);
    }
    hz_outfile_abandon(files[0]);
    hz_outfile_abandon(files[1]);
    return st;
}

static hz_status make_key(char id[33], const char *path, const hezhun_keygen_options *options, hz_error *err)
{
    hz_key key = {0};
    hz_key_kind kind = HZ_KEY_ED25519;
    hz_buf texts[2] = {HZ_BUF_INIT, HZ_BUF_INIT}, paths[2] = {HZ_BUF_INIT, HZ_BUF_INIT}, passphrase = HZ_BUF_INIT;
    hz_status st = version_known(options->version, err);
    if (st == HZ_OK && options->algorithm && !hz_key_kind_of(&kind, hz_slice_of(options->algorithm)))
        st = hz_fail(err, HZ_E_USAGE, HZ_M(KEY_ALGORITHM), HZ_Z(options->algorithm));
    if (st == HZ_OK)
        st = new_path(&paths[0], path, ".key", err);
    if (st == HZ_OK)
        st = new_path(&paths[1], path, ".pub", err);
    if (st == HZ_OK && options->passphrase_file)
        st = hz_passphrase_read(&passphrase, options->passphrase_file, err);
    if (st == HZ_OK)
        st = hz_key_make(&key, kind, err);
    if (st == HZ_OK)
        st = take_name(&key, options->name, err);
    if (st == HZ_OK)
        st = take_days(&key, options, err);
    if (st == HZ_OK)
        st = hz_key_write(&texts[0], &texts[1], &key, hz_buf_slice(&passphrase), err);
    if (st == HZ_OK)
        st = write_pair((const char *const[2]){paths[0].ptr, paths[1].ptr}, texts, err);
    if (st == HZ_OK && id)
        memcpy(id, key.id, sizeof key.id);
    wipe(&texts[0]);
    wipe(&passphrase);
    hz_buf_clear(&texts[1]);
    hz_buf_clear(&paths[0]);
    hz_buf_clear(&paths[1]);
    hz_key_clear(&key);
    return st;
}

hezhun_status hezhun_keygen(char id[33], const char *path, const hezhun_keygen_options *options, hezhun_error *err)
{
    static const hezhun_keygen_options usual = HEZHUN_KEYGEN_OPTIONS_INIT;
    hz_error *error = inner(err);
    if (id)
        id[0] = '\0';
    if (wanted(path, "path", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    return outer(make_key(id, path, options ? options : &usual, error));
}

/* ---- certificates ---- */

struct hezhun_certificate {
    hz_certificate *certificate;
};

static hz_status certify(hz_certificate **out, const hezhun_context *context, const hezhun_certify_options *options,
                         hz_error *err)
{
    hz_stored result = {.bytes = HZ_BUF_INIT};
    hz_key key = {0};
    hz_buf passphrase = HZ_BUF_INIT;
    hz_certify_options how = {&result, &key, options->now, options->previous, &context->limits};
    HZ_TRY(version_known(options->version, err));
    HZ_TRY(wanted(options->result, "result", err));
    HZ_TRY(wanted(options->key, "key", err));
    hz_status st = hz_stored_open(&result, options->result, &context->limits, err);
    if (st == HZ_OK && options->passphrase_file)
        st = hz_passphrase_read(&passphrase, options->passphrase_file, err);
    if (st == HZ_OK)
        st = hz_key_read(&key, options->key, hz_buf_slice(&passphrase), true, err);
    if (st == HZ_OK)
        st = hz_certify(out, &how, err);
    wipe(&passphrase);
    hz_key_clear(&key);
    hz_stored_close(&result);
    return st;
}

hezhun_status hezhun_certify(hezhun_certificate **out, hezhun_context *context, const hezhun_certify_options *options,
                             hezhun_error *err)
{
    static const hezhun_certify_options usual = HEZHUN_CERTIFY_OPTIONS_INIT;
    hz_error *error = inner(err);
    if (out)
        *out = NULL;
    if (wanted(out, "out", error) != HZ_OK || wanted(context, "context", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    hezhun_certificate *certificate = hz_mem_zalloc(1, sizeof *certificate);
    if (!certificate)
        return outer(hz_nomem(error, sizeof *certificate));
    hz_status st = certify(&certificate->certificate, context, options ? options : &usual, error);
    if (st == HZ_OK)
        *out = certificate;
    else
        hezhun_certificate_free(certificate);
    return outer(st);
}

void hezhun_certificate_free(hezhun_certificate *certificate)
{
    if (!certificate)
        return;
    hz_certificate_free(certificate->certificate);
    hz_mem_free(certificate);
}

size_t hezhun_certificate_refusals(const hezhun_certificate *certificate)
{
    return certificate->certificate->refusals_count;
}

size_t hezhun_certificate_refusal(char *into, size_t room, const hezhun_certificate *certificate, size_t index,
                                  bool advice, hezhun_lang lang)
{
    const hz_certificate *inside = certificate->certificate;
    hezhun_error said = {0};
    if (index >= inside->refusals_count)
        return hezhun_error_message(into, room, NULL, lang);
    const hz_refusal *refusal = &inside->refusals[index];
    const hz_arg args[] = {{.kind = HZ_ARG_MESSAGE, .message = advice ? refusal->advice : refusal->message},
                           HZ_S(refusal->args[0]),
                           HZ_S(refusal->args[1]),
                           HZ_S(refusal->args[2])};
    (void)hz_error_set(&said.error, HZ_E_USAGE, args, sizeof args / sizeof *args);
    return hezhun_error_message(into, room, &said, lang);
}

hezhun_status hezhun_certificate_render(hezhun_bytes *out, const hezhun_certificate *certificate, const char *format,
                                        hezhun_lang lang, hezhun_error *err)
{
    hz_error *error = inner(err);
    hz_buf bytes = HZ_BUF_INIT;
    hz_status st;
    if (out)
        *out = (hezhun_bytes)HEZHUN_BYTES_INIT;
    if (wanted(out, "out", error) != HZ_OK || wanted(certificate, "certificate", error) != HZ_OK ||
        wanted(format, "format", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    const hz_certificate *inside = certificate->certificate;
    if (!inside->root) {
        st = hz_fail(error, HZ_E_USAGE, HZ_M(API_NOT_SIGNED));
    } else if (strcmp(format, "json") == 0) {
        hz_buf_put(&bytes, hz_buf_slice(&inside->bytes));
        st = hz_buf_status(&bytes, error);
    } else if (strcmp(format, "html") == 0) {
        st = hz_certificate_html(&bytes, inside->root, lang == HEZHUN_EN ? HZ_LANG_EN : HZ_LANG_ZH, error);
    } else {
        st = hz_fail(error, HZ_E_USAGE, HZ_M(API_FORMAT), HZ_Z(format), HZ_Z(""), HZ_Z("json html"));
    }
    return outer(give(out, &bytes, st));
}

/* ---- verification ---- */

struct hezhun_proofs {
    hz_proofs *proofs;
};

static hz_status verify(hz_proofs **out, const hezhun_context *context, const hezhun_verify_options *options,
                        hz_error *err)
{
    hz_verify_options how = {options->certificates, options->certificates_count,
                             options->keys,         options->keys_count,
                             options->result,       options->data,
                             &context->limits};
    HZ_TRY(version_known(options->version, err));
    for (size_t i = 0; i < options->certificates_count; i++)
        HZ_TRY(wanted(options->certificates[i], "certificates", err));
    for (size_t i = 0; i < options->keys_count; i++)
        HZ_TRY(wanted(options->keys[i], "keys", err));
    return hz_verify(out, &how, err);
}

hezhun_status hezhun_verify(hezhun_proofs **out, hezhun_context *context, const hezhun_verify_options *options,
                            hezhun_error *err)
{
    static const hezhun_verify_options usual = HEZHUN_VERIFY_OPTIONS_INIT;
    hz_error *error = inner(err);
    if (out)
        *out = NULL;
    if (wanted(out, "out", error) != HZ_OK || wanted(context, "context", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    hezhun_proofs *proofs = hz_mem_zalloc(1, sizeof *proofs);
    if (!proofs)
        return outer(hz_nomem(error, sizeof *proofs));
    hz_status st = verify(&proofs->proofs, context, options ? options : &usual, error);
    if (st == HZ_OK)
        *out = proofs;
    else
        hezhun_proofs_free(proofs);
    return outer(st);
}

void hezhun_proofs_free(hezhun_proofs *proofs)
{
    if (!proofs)
        return;
    hz_proofs_free(proofs->proofs);
    hz_mem_free(proofs);
}

hezhun_proof hezhun_proofs_state(const hezhun_proofs *proofs)
{
    return (hezhun_proof)hz_proofs_state(proofs->proofs);
}

const char *hezhun_proofs_format(size_t index)
{
    static const char *const names[] = {"text", "json"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

hezhun_status hezhun_proofs_render(hezhun_bytes *out, const hezhun_proofs *proofs, const char *format, hezhun_lang lang,
                                   hezhun_error *err)
{
    hz_error *error = inner(err);
    hz_buf bytes = HZ_BUF_INIT;
    hz_lang spoken = lang == HEZHUN_EN ? HZ_LANG_EN : HZ_LANG_ZH;
    hz_status st;
    if (out)
        *out = (hezhun_bytes)HEZHUN_BYTES_INIT;
    if (wanted(out, "out", error) != HZ_OK || wanted(proofs, "proofs", error) != HZ_OK ||
        wanted(format, "format", error) != HZ_OK)
        return HEZHUN_E_USAGE;
    if (strcmp(format, "text") == 0)
        st = hz_proofs_text(&bytes, proofs->proofs, spoken, error);
    else if (strcmp(format, "json") == 0)
        st = hz_proofs_json(&bytes, proofs->proofs, spoken, error);
    else
        st = hz_fail(error, HZ_E_USAGE, HZ_M(API_FORMAT), HZ_Z(format), HZ_Z(""), HZ_Z("text json"));
    return outer(give(out, &bytes, st));
}
