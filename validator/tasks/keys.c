#include "validator/tasks/keys.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/calendar.h"
#include "base/file.h"
#include "base/sha256.h"
#include "base/utf8.h"

enum { KEY_BYTES_MAX = 65536, PASSPHRASE_BYTES_MAX = 1024, SCRYPT_N = 16384, SCRYPT_R = 8, SCRYPT_P = 1 };

static const struct {
    const char *name, *word, *openssl, *digest;
} kinds[HZ_KEY_KINDS] = {{"Ed25519", "ed25519", "ED25519", NULL}, {"SM2-with-SM3", "sm2", "SM2", "SM3"}};

static const char sm2_user[] = "1234567812345678";

const char *hz_key_kind_name(hz_key_kind kind)
{
    return kinds[kind].name;
}

bool hz_key_kind_of(hz_key_kind *out, hz_slice name)
{
    for (size_t i = 0; i < HZ_KEY_KINDS; i++) {
        if (!hz_slice_is(name, kinds[i].name) && !hz_slice_is(name, kinds[i].word))
            continue;
        *out = (hz_key_kind)i;
        return true;
    }
    return false;
}

/* What OpenSSL says, which is English and for experts; its queue is left empty. */
static hz_status refused(hz_error *err)
{
    char text[160];
    ERR_error_string_n(ERR_peek_error(), text, sizeof text);
    ERR_clear_error();
    return hz_fail(err, HZ_E_INTERNAL, HZ_M(KEY_OPENSSL), HZ_Z(text));
}

/* ---- identity ---- */

static hz_status identify(char id[33], EVP_PKEY *pkey, hz_error *err)
{
    unsigned char *der = NULL;
    uint8_t digest[32];
    int len = i2d_PUBKEY(pkey, &der);
    if (len <= 0)
        return refused(err);
    bool good = hz_sha256_bytes(digest, (hz_slice){(const char *)der, (size_t)len});
    OPENSSL_free(der);
    if (!good)
        return hz_nomem(err, (size_t)len);
    hz_hex(id, digest, 16);
    return HZ_OK;
}

hz_status hz_key_make(hz_key *out, hz_key_kind kind, hz_error *err)
{
    *out = (hz_key){.kind = kind, .secret = true, .valid_from = INT32_MIN, .valid_until = INT32_MAX};
    out->pkey = EVP_PKEY_Q_keygen(NULL, NULL, kinds[kind].openssl);
    return out->pkey ? identify(out->id, out->pkey, err) : refused(err);
}

void hz_key_clear(hz_key *key)
{
    EVP_PKEY_free(key->pkey);
    *key = (hz_key){0};
}

/* ---- writing ---- */

static void put_day(hz_buf *out, const char *name, bool present, int32_t day)
{
    if (!present)
        return;
    hz_buf_printf(out, "%s: ", name);
    hz_date_put(out, day);
    hz_buf_putc(out, '\n');
}

static void put_head(hz_buf *out, const hz_key *key)
{
    hz_buf_printf(out, "hezhun-key: 1\nid: %s\nalgorithm: %s\n", key->id, kinds[key->kind].name);
    if (key->name[0])
        hz_buf_printf(out, "name: %s\n", key->name);
    put_day(out, "valid-from", key->valid_from != INT32_MIN, key->valid_from);
    put_day(out, "valid-until", key->valid_until != INT32_MAX, key->valid_until);
    put_day(out, "revoked", key->revoked, key->revoked_on);
}

/* PKCS #8; scrypt's cost is within OpenSSL's own limit of 32 MiB, so that its command can read the file too. */
static bool put_secret(BIO *bio, EVP_PKEY *pkey, hz_slice passphrase)
{
    PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(pkey);
    if (!plain || !passphrase.len) {
        bool done = plain && PEM_write_bio_PKCS8_PRIV_KEY_INFO(bio, plain) == 1;
        PKCS8_PRIV_KEY_INFO_free(plain);
        return done;
    }
    X509_ALGOR *how = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), NULL, 0, NULL, SCRYPT_N, SCRYPT_R, SCRYPT_P);
    X509_SIG *sealed = how ? PKCS8_set0_pbe(passphrase.ptr, (int)passphrase.len, plain, how) : NULL;
    if (!sealed)
        X509_ALGOR_free(how);
    bool done = sealed && PEM_write_bio_PKCS8(bio, sealed) == 1;
    X509_SIG_free(sealed);
    PKCS8_PRIV_KEY_INFO_free(plain);
    return done;
}

static hz_status put_pem(hz_buf *out, const hz_key *key, bool secret, hz_slice passphrase, hz_error *err)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    bool done = bio && (secret ? put_secret(bio, key->pkey, passphrase) : PEM_write_bio_PUBKEY(bio, key->pkey) == 1);
    long len = done ? BIO_get_mem_data(bio, &text) : 0;
    if (done)
        hz_buf_put(out, (hz_slice){text, (size_t)len});
    if (text)
        OPENSSL_cleanse(text, (size_t)len);
    BIO_free(bio);
    return done ? hz_buf_status(out, err) : refused(err);
}

hz_status hz_key_write(hz_buf *secret, hz_buf *open, const hz_key *key, hz_slice passphrase, hz_error *err)
{
    put_head(secret, key);
    HZ_TRY(put_pem(secret, key, true, passphrase, err));
    put_head(open, key);
    return put_pem(open, key, false, HZ_SLICE_NONE, err);
}

/* ---- reading ---- */

static hz_status not_private(const char *path, hz_error *err)
{
    struct stat info;
    if (stat(path, &info) != 0 || !(info.st_mode & 077))
        return HZ_OK; /* opening it tells of what is missing */
    hz_status st = hz_fail(err, HZ_E_USAGE, HZ_M(KEY_MODE), HZ_Z(path));
    hz_error_hint(err, HZ_MSG_KEY_MODE_HINT);
    return st;
}

hz_status hz_passphrase_read(hz_buf *out, const char *path, hz_error *err)
{
    HZ_TRY(not_private(path, err));
    HZ_TRY(hz_file_read_all(out, path, PASSPHRASE_BYTES_MAX, "passphrase_bytes", err));
    size_t len = 0;
    while (len < out->len && out->ptr[len] != '\n' && out->ptr[len] != '\r')
        len++;
    out->len = len;
    return len ? HZ_OK : hz_fail(err, HZ_E_USAGE, HZ_M(KEY_PASSPHRASE_EMPTY), HZ_Z(path));
}

typedef struct reading {
    hz_key *key;
    hz_slice id;
    bool marked, bad;
} reading;

static bool read_day(int32_t *out, hz_slice text)
{
    hz_time_format iso;
    int64_t days;
    hz_time_format_iso(&iso, HZ_TIME_DATE);
    if (!hz_time_parse(&days, &iso, text))
        return false;
    *out = (int32_t)days;
    return true;
}

static void read_line(reading *r, hz_slice name, hz_slice value)
{
    hz_key *key = r->key;
    if (hz_slice_is(name, "hezhun-key")) {
        r->marked = hz_slice_is(value, "1");
    } else if (hz_slice_is(name, "id")) {
        r->id = value;
    } else if (hz_slice_is(name, "algorithm")) {
        r->bad |= !hz_key_kind_of(&key->kind, value);
    } else if (hz_slice_is(name, "name")) {
        r->bad |= value.len >= sizeof key->name || !hz_utf8_valid(value);
        if (!r->bad)
            memcpy(key->name, value.ptr, value.len);
    } else if (hz_slice_is(name, "valid-from")) {
        r->bad |= !read_day(&key->valid_from, value);
    } else if (hz_slice_is(name, "valid-until")) {
        r->bad |= !read_day(&key->valid_until, value);
    } else if (hz_slice_is(name, "revoked")) {
        key->revoked = true;
        r->bad |= !read_day(&key->revoked_on, value);
    }
}

static hz_slice trimmed(hz_slice text)
{
    while (text.len && (text.ptr[0] == ' ' || text.ptr[0] == '\t'))
        text = hz_slice_sub(text, 1, text.len);
    while (text.len && strchr(" \t\r", text.ptr[text.len - 1]))
        text.len--;
    return text;
}

/* The lines before the PEM block; a line without a colon is passed over. */
static void read_head(reading *r, hz_slice text)
{
    while (text.len && !hz_slice_starts(text, HZ_SLICE_LIT("-----BEGIN"))) {
        const char *end = memchr(text.ptr, '\n', text.len);
        hz_slice line = hz_slice_sub(text, 0, end ? (size_t)(end - text.ptr) : text.len);
        const char *colon = memchr(line.ptr, ':', line.len);
        if (colon) {
            size_t at = (size_t)(colon - line.ptr);
            read_line(r, trimmed(hz_slice_sub(line, 0, at)), trimmed(hz_slice_sub(line, at + 1, line.len)));
        }
        text = hz_slice_sub(text, line.len + 1, text.len);
    }
}

static int give_passphrase(char *into, int room, int writing, void *ctx)
{
    const hz_slice *passphrase = ctx;
    (void)writing;
    if (!passphrase->len || passphrase->len > (size_t)room)
        return -1;
    memcpy(into, passphrase->ptr, passphrase->len);
    return (int)passphrase->len;
}

static hz_status read_pem(hz_key *key, hz_slice text, hz_slice passphrase, const char *path, hz_error *err)
{
    BIO *bio = BIO_new_mem_buf(text.ptr, (int)text.len);
    bool sealed = memmem(text.ptr, text.len, "BEGIN ENCRYPTED", 15) != NULL;
    if (!bio)
        return hz_nomem(err, text.len);
    key->pkey = key->secret ? PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, &passphrase)
                            : PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
    BIO_free(bio);
    ERR_clear_error();
    if (key->pkey)
        return HZ_OK;
    if (key->secret && sealed) {
        hz_status st = passphrase.len ? hz_fail(err, HZ_E_USAGE, HZ_M(KEY_PASSPHRASE), HZ_Z(path))
                                      : hz_fail(err, HZ_E_USAGE, HZ_M(KEY_SEALED), HZ_Z(path));
        hz_error_hint(err, HZ_MSG_KEY_SEALED_HINT);
        return st;
    }
    return key->secret ? hz_fail(err, HZ_E_USAGE, HZ_M(KEY_NOT_SECRET), HZ_Z(path))
                       : hz_fail(err, HZ_E_USAGE, HZ_M(KEY_NOT_OPEN), HZ_Z(path));
}

/* The kind is the key's own, not what the file says. */
static hz_status take_kind(hz_key *key, const char *path, hz_error *err)
{
    for (size_t i = 0; i < HZ_KEY_KINDS; i++) {
        if (EVP_PKEY_is_a(key->pkey, kinds[i].openssl)) {
            key->kind = (hz_key_kind)i;
            return HZ_OK;
        }
    }
    return hz_fail(err, HZ_E_USAGE, HZ_M(KEY_KIND), HZ_Z(path));
}

static hz_status take_key(hz_key *key, hz_slice text, hz_slice passphrase, const char *path, hz_error *err)
{
    reading r = {.key = key};
    read_head(&r, text);
    if (r.bad)
        return hz_fail(err, HZ_E_USAGE, HZ_M(KEY_HEAD), HZ_Z(path));
    HZ_TRY(read_pem(key, text, passphrase, path, err));
    HZ_TRY(take_kind(key, path, err));
    HZ_TRY(identify(key->id, key->pkey, err));
    if (r.id.len && !hz_slice_is(r.id, key->id))
        return hz_fail(err, HZ_E_USAGE, HZ_M(KEY_ID), HZ_Z(path), HZ_S(r.id), HZ_Z(key->id));
    return HZ_OK;
}

hz_status hz_key_read(hz_key *out, const char *path, hz_slice passphrase, bool secret, hz_error *err)
{
    hz_buf text = HZ_BUF_INIT;
    *out = (hz_key){.secret = secret, .valid_from = INT32_MIN, .valid_until = INT32_MAX};
    (void)snprintf(out->path, sizeof out->path, "%s", path);
    hz_status st = secret ? not_private(path, err) : HZ_OK;
    if (st == HZ_OK)
        st = hz_file_read_all(&text, path, KEY_BYTES_MAX, "key_bytes", err);
    if (st == HZ_OK)
        st = take_key(out, hz_buf_slice(&text), passphrase, path, err);
    if (text.ptr)
        OPENSSL_cleanse(text.ptr, text.len);
    hz_buf_clear(&text);
    if (st != HZ_OK)
        hz_key_clear(out);
    return st;
}

/* ---- signing ---- */

/* The user id comes after the start: given with it, OpenSSL 3.0 refuses. */
static bool begin(EVP_MD_CTX *context, const hz_key *key, bool sign)
{
    EVP_PKEY_CTX *inside = NULL;
    const char *digest = kinds[key->kind].digest;
    int begun = sign ? EVP_DigestSignInit_ex(context, &inside, digest, NULL, NULL, key->pkey, NULL)
                     : EVP_DigestVerifyInit_ex(context, &inside, digest, NULL, NULL, key->pkey, NULL);
    return begun == 1 && (key->kind != HZ_KEY_SM2 || EVP_PKEY_CTX_set1_id(inside, sm2_user, sizeof sm2_user - 1) == 1);
}

hz_status hz_key_sign(uint8_t out[HZ_SIGNATURE_BYTES], size_t *len, const hz_key *key, hz_slice message, hz_error *err)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    *len = HZ_SIGNATURE_BYTES;
    bool done = context && key->secret && begin(context, key, true) &&
                EVP_DigestSign(context, out, len, (const unsigned char *)message.ptr, message.len) == 1;
    EVP_MD_CTX_free(context);
    return done ? HZ_OK : refused(err);
}

bool hz_key_verify(const hz_key *key, hz_slice message, const uint8_t *signature, size_t len)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool holds = context && begin(context, key, false) &&
                 EVP_DigestVerify(context, signature, len, (const unsigned char *)message.ptr, message.len) == 1;
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return holds;
}

/* ---- base64 ---- */

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void hz_base64_put(hz_buf *out, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i += 3) {
        size_t have = len - i < 3 ? len - i : 3;
        uint32_t word = (uint32_t)bytes[i] << 16 | (uint32_t)(have > 1 ? bytes[i + 1] : 0) << 8 |
                        (uint32_t)(have > 2 ? bytes[i + 2] : 0);
        hz_buf_putc(out, letters[word >> 18 & 63]);
        hz_buf_putc(out, letters[word >> 12 & 63]);
        hz_buf_putc(out, have > 1 ? letters[word >> 6 & 63] : '=');
        hz_buf_putc(out, have > 2 ? letters[word & 63] : '=');
    }
}

bool hz_base64_read(uint8_t *out, size_t room, size_t *len, hz_slice text)
{
    size_t pads = 0;
    *len = 0;
    if (text.len % 4 || !text.len)
        return false;
    while (pads < 2 && text.ptr[text.len - 1 - pads] == '=')
        pads++;
    for (size_t i = 0; i < text.len; i += 4) {
        uint32_t word = 0;
        size_t last = i + 4 == text.len ? pads : 0;
        for (size_t k = 0; k < 4; k++) {
            char c = k < 4 - last ? text.ptr[i + k] : 'A';
            const char *found = c ? strchr(letters, c) : NULL;
            if (!found)
                return false;
            word = word << 6 | (uint32_t)(found - letters);
        }
        if (*len + 3 - last > room || (last && word & ((1u << 8 * last) - 1)))
            return false; /* bits behind the last byte must be 0: one text for one signature */
        for (size_t k = 0; k < 3 - last; k++)
            out[(*len)++] = (uint8_t)(word >> (16 - 8 * k));
    }
    return true;
}
