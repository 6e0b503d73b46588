/* webhook.c: see webhook.h. */
#include "validator/tasks/webhook.h"

#ifdef HZ_CURL
#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/hmac.h"
#include "base/sha256.h"

enum { CONNECT_SECONDS = 10, ALL_SECONDS = 30, ANSWER_BYTES_MAX = 64 * 1024, HEADER_BYTES = 160 };

struct hz_webhook {
    CURL *curl;
    hz_hmac *hmac;
    hz_buf address, shown;
    const char *authorities;
    const hz_cancel *cancel;
    size_t answer_bytes; /* of the answer in hand */
};

/* ---- address and secret ---- */

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool there = curl_url_get(url, part, &text, 0) == CURLUE_OK;
    curl_free(text);
    return there;
}

static hz_status put_part(hz_buf *out, CURLU *url, CURLUPart part, hz_error *err)
{
    char *text = NULL;
    if (curl_url_get(url, part, &text, 0) == CURLUE_OK)
        hz_buf_puts(out, text);
    curl_free(text);
    return hz_buf_status(out, err);
}

static hz_status parse(hz_webhook *webhook, CURLU *url, const char *address, hz_error *err)
{
    if (curl_url_set(url, CURLUPART_URL, address, 0) != CURLUE_OK)
        return hz_fail(err, HZ_E_USAGE, HZ_M(WEBHOOK_ADDRESS)); /* which may hold a token */
    HZ_TRY(put_part(&webhook->shown, url, CURLUPART_SCHEME, err));
    if (strcmp(webhook->shown.ptr, "http") != 0 && strcmp(webhook->shown.ptr, "https") != 0)
        return hz_fail(err, HZ_E_USAGE, HZ_M(WEBHOOK_ADDRESS));
    if (has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD))
        return hz_fail(err, HZ_E_USAGE, HZ_M(WEBHOOK_USER));
    hz_buf_puts(&webhook->shown, "://");
    HZ_TRY(put_part(&webhook->shown, url, CURLUPART_HOST, err));
    if (has_part(url, CURLUPART_PORT))
        hz_buf_putc(&webhook->shown, ':');
    HZ_TRY(put_part(&webhook->shown, url, CURLUPART_PORT, err));
    return put_part(&webhook->address, url, CURLUPART_URL, err);
}

static hz_status take_address(hz_webhook *webhook, const char *address, hz_error *err)
{
    CURLU *url = curl_url();
    if (!url)
        return hz_nomem(err, strlen(address));
    hz_status st = parse(webhook, url, address, err);
    curl_url_cleanup(url);
    return st;
}

static hz_status take_secret(hz_webhook *webhook, const char *path, hz_error *err)
{
    struct stat info;
    hz_buf secret = HZ_BUF_INIT;
    if (stat(path, &info) == 0 && (info.st_mode & 077)) {
        hz_status st = hz_fail(err, HZ_E_USAGE, HZ_M(WEBHOOK_SECRET_MODE), HZ_Z(path));
        hz_error_hint(err, HZ_MSG_WEBHOOK_SECRET_MODE_HINT);
        return st;
    }
    hz_status st = hz_file_read_all(&secret, path, HZ_WEBHOOK_SECRET_MAX, "webhook_secret", err);
    size_t len = secret.len;
    while (len && (secret.ptr[len - 1] == '\n' || secret.ptr[len - 1] == '\r'))
        len--;
    if (st == HZ_OK && len < HZ_WEBHOOK_SECRET_MIN)
        st = hz_fail(err, HZ_E_USAGE, HZ_M(WEBHOOK_SECRET_SHORT), HZ_Z(path), HZ_U(len), HZ_U(HZ_WEBHOOK_SECRET_MIN));
    if (st == HZ_OK)
        st = hz_hmac_new(&webhook->hmac, "sha256", (hz_slice){secret.ptr, len}, err);
    if (secret.ptr)
        hz_wipe(secret.ptr, secret.len);
    hz_buf_clear(&secret);
    return st;
}

static hz_status open_webhook(hz_webhook *webhook, const hz_webhook_options *options, hz_error *err)
{
    hz_file *file;
    webhook->address = webhook->shown = HZ_BUF_INIT;
    webhook->cancel = options->cancel;
    webhook->authorities = options->authorities;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !(webhook->curl = curl_easy_init()))
        return hz_nomem(err, 0);
    HZ_TRY(take_address(webhook, options->address, err));
    if (!options->secret)
        return hz_fail(err, HZ_E_USAGE, HZ_M(WEBHOOK_NO_SECRET));
    HZ_TRY(take_secret(webhook, options->secret, err));
    if (options->authorities) {
        HZ_TRY(hz_file_open(&file, options->authorities, err));
        hz_file_close(file);
    }
    return HZ_OK;
}

hz_status hz_webhook_new(hz_webhook **out, const hz_webhook_options *options, hz_error *err)
{
    *out = NULL;
    hz_webhook *webhook = hz_mem_zalloc(1, sizeof *webhook);
    if (!webhook)
        return hz_nomem(err, sizeof *webhook);
    hz_status st = open_webhook(webhook, options, err);
    if (st == HZ_OK)
        *out = webhook;
    else
        hz_webhook_free(webhook);
    return st;
}

void hz_webhook_free(hz_webhook *webhook)
{
    if (!webhook)
        return;
    if (webhook->curl)
        curl_easy_cleanup(webhook->curl);
    hz_hmac_free(webhook->hmac);
    hz_buf_clear(&webhook->address);
    hz_buf_clear(&webhook->shown);
    hz_mem_free(webhook);
}

const char *hz_webhook_shown(const hz_webhook *webhook)
{
    return webhook->shown.ptr;
}

/* ---- posting ---- */

static size_t pass_over(char *bytes, size_t one, size_t count, void *ctx)
{
    hz_webhook *webhook = ctx;
    (void)bytes;
    webhook->answer_bytes += one * count;
    return webhook->answer_bytes <= ANSWER_BYTES_MAX ? one * count : 0;
}

static int look_up(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    const hz_webhook *webhook = ctx;
    (void)a, (void)b, (void)c, (void)d;
    return webhook->cancel && webhook->cancel->raised;
}

static hz_status sign(char out[2 * HZ_HMAC_BYTES + 1], const hz_webhook *webhook, hz_slice body, int64_t now,
                      hz_error *err)
{
    uint8_t sum[HZ_HMAC_BYTES];
    hz_buf signed_bytes = HZ_BUF_INIT;
    hz_buf_put_i64(&signed_bytes, now);
    hz_buf_putc(&signed_bytes, '.');
    hz_buf_put(&signed_bytes, body);
    hz_status st = hz_buf_status(&signed_bytes, err);
    if (st == HZ_OK)
        st = hz_hmac_sum(sum, webhook->hmac, hz_buf_slice(&signed_bytes), err);
    hz_buf_clear(&signed_bytes);
    if (st == HZ_OK)
        hz_hex(out, sum, sizeof sum);
    return st;
}

static bool add_header(struct curl_slist **list, const char *name, const char *value)
{
    char line[HEADER_BYTES];
    int wrote = snprintf(line, sizeof line, "%s: %s", name, value);
    struct curl_slist *longer = wrote > 0 && (size_t)wrote < sizeof line ? curl_slist_append(*list, line) : NULL;
    if (longer)
        *list = longer;
    return longer != NULL;
}

static hz_status make_headers(struct curl_slist **list, const hz_webhook *webhook, const char *id, hz_slice body,
                              int64_t now, hz_error *err)
{
    char signature[2 * HZ_HMAC_BYTES + 1 + 8] = "sha256=", when[24];
    HZ_TRY(sign(signature + 7, webhook, body, now, err));
    (void)snprintf(when, sizeof when, "%" PRId64, now);
    return add_header(list, "Content-Type", "application/json") && add_header(list, "X-Hezhun-Id", id) &&
                   add_header(list, "X-Hezhun-Timestamp", when) && add_header(list, "X-Hezhun-Signature", signature) &&
                   add_header(list, "Expect", "")
               ? HZ_OK
               : hz_nomem(err, HEADER_BYTES);
}

static bool set_up(hz_webhook *webhook, struct curl_slist *headers, hz_slice body, char *said)
{
    CURL *curl = webhook->curl;
    curl_easy_reset(curl);
    webhook->answer_bytes = 0;
    return curl_easy_setopt(curl, CURLOPT_URL, webhook->address.ptr) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_TIMEOUT, (long)ALL_SECONDS) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
           (!webhook->authorities || curl_easy_setopt(curl, CURLOPT_CAINFO, webhook->authorities) == CURLE_OK) &&
           curl_easy_setopt(curl, CURLOPT_USERAGENT, "hezhun/" HZ_VERSION) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, said) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_up) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFODATA, webhook) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, pass_over) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEDATA, webhook) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POST, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.ptr) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)body.len) == CURLE_OK;
}

/* An answer that is too long is an answer. */
static hz_status judge(bool *answered, const hz_webhook *webhook, CURLcode code, const char *said, hz_error *err)
{
    long status = 0;
    const char *shown = webhook->shown.ptr;
    (void)curl_easy_getinfo(webhook->curl, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_ABORTED_BY_CALLBACK)
        return hz_fail(err, HZ_E_CANCELLED, HZ_M(CANCELLED));
    if (code != CURLE_OK && !(code == CURLE_WRITE_ERROR && status))
        return hz_fail(err, HZ_E_IO, HZ_M(WEBHOOK_FAILED), HZ_Z(shown),
                       HZ_Z(said[0] ? said : curl_easy_strerror(code)));
    *answered = true;
    if (status >= 200 && status < 300)
        return HZ_OK;
    return status >= 300 && status < 400 ? hz_fail(err, HZ_E_IO, HZ_M(WEBHOOK_REDIRECT), HZ_Z(shown), HZ_I(status))
                                         : hz_fail(err, HZ_E_IO, HZ_M(WEBHOOK_ANSWER), HZ_Z(shown), HZ_I(status));
}

hz_status hz_webhook_post(bool *answered, hz_webhook *webhook, const char *id, hz_slice body, int64_t now,
                          hz_error *err)
{
    struct curl_slist *headers = NULL;
    char said[CURL_ERROR_SIZE] = "";
    *answered = false;
    hz_status st = make_headers(&headers, webhook, id, body, now, err);
    if (st == HZ_OK)
        st = set_up(webhook, headers, body, said)
                 ? judge(answered, webhook, curl_easy_perform(webhook->curl), said, err)
                 : hz_nomem(err, body.len);
    curl_slist_free_all(headers);
    return st;
}

#else /* without curl */

hz_status hz_webhook_new(hz_webhook **out, const hz_webhook_options *options, hz_error *err)
{
    (void)options;
    *out = NULL;
    return hz_fail(err, HZ_E_USAGE, HZ_M(WEBHOOK_ABSENT));
}

void hz_webhook_free(hz_webhook *webhook)
{
    (void)webhook;
}

const char *hz_webhook_shown(const hz_webhook *webhook)
{
    (void)webhook;
    return "";
}

hz_status hz_webhook_post(bool *answered, hz_webhook *webhook, const char *id, hz_slice body, int64_t now,
                          hz_error *err)
{
    (void)webhook, (void)id, (void)body, (void)now;
    *answered = false;
    return hz_fail(err, HZ_E_USAGE, HZ_M(WEBHOOK_ABSENT));
}
#endif
