#include "reports/pseudonym.h"
#include "base/file.h"
#include "base/sha256.h"
#include "reports/render.h"

enum { SHOWN_BYTES = 8 };

hz_status hz_pseudonym_key(hz_buf *out, const char *path, hz_error *err)
{
    HZ_TRY(hz_file_read_all(out, path, HZ_PSEUDONYM_KEY_MAX, "pseudonym_key", err));
    if (out->len >= HZ_PSEUDONYM_KEY_MIN)
        return HZ_OK;
    uint64_t len = out->len;
    hz_pseudonym_forget(out);
    return hz_fail(err, HZ_E_USAGE, HZ_M(PSEUDONYM_SHORT), HZ_Z(path), HZ_U(len), HZ_U(HZ_PSEUDONYM_KEY_MIN));
}

void hz_pseudonym_forget(hz_buf *key)
{
    hz_wipe(key->ptr, key->len);
    hz_buf_clear(key);
}

static const char *kind_of(hz_mask mask)
{
    switch (mask) {
    case HZ_MASK_ID:
        return "id";
    case HZ_MASK_NAME:
        return "name";
    case HZ_MASK_DATE:
        return "date";
    default:
        return "other";
    }
}

typedef struct namer {
    const hz_hmac *hmac;
    hz_arena *arena;
    hz_buf bytes;
    hz_error *err;
} namer;

static hz_status name_one(namer *n, hz_shown *value)
{
    uint8_t sum[HZ_HMAC_BYTES];
    char hex[2 * SHOWN_BYTES + 1];
    if (value->mask == HZ_MASK_NONE || value->null)
        return HZ_OK;
    hz_buf_reset(&n->bytes);
    hz_buf_puts(&n->bytes, kind_of(value->mask));
    hz_buf_putc(&n->bytes, '\x1e');
    hz_buf_put(&n->bytes, value->text);
    HZ_TRY(hz_buf_status(&n->bytes, n->err));
    HZ_TRY(hz_hmac_sum(sum, n->hmac, hz_buf_slice(&n->bytes), n->err));
    hz_hex(hex, sum, SHOWN_BYTES);
    hz_buf_reset(&n->bytes);
    hz_put_shown(&n->bytes, *value, false);
    hz_buf_putc(&n->bytes, '~');
    hz_buf_puts(&n->bytes, hex);
    HZ_TRY(hz_buf_status(&n->bytes, n->err));
    value->mask = HZ_MASK_NONE;
    return hz_arena_copy(&value->text, n->arena, hz_buf_slice(&n->bytes)) == HZ_OK ? HZ_OK
                                                                                   : hz_nomem(n->err, n->bytes.len);
}

static hz_status name_all(namer *n, hz_shown *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        HZ_TRY(name_one(n, &values[i]));
    return HZ_OK;
}

static hz_status name_named(namer *n, hz_named *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        HZ_TRY(name_one(n, &items[i].value));
        if (items[i].own_name.len)
            HZ_TRY(name_one(n, &items[i].own_value));
    }
    return HZ_OK;
}

static hz_status name_place(namer *n, hz_place *place)
{
    HZ_TRY(name_named(n, place->key, place->key ? place->key_count : 0));
    return name_named(n, place->fields, place->fields_count);
}

static size_t expressions_of(const hz_message *message)
{
    size_t count = 0;
    for (size_t i = 0; message && i < message->count; i++)
        count += message->parts[i].expr.root != NULL;
    return count;
}

static hz_status name_finding(namer *n, hz_finding *finding)
{
    HZ_TRY(name_place(n, &finding->at));
    for (size_t i = 0; i < finding->related_count; i++)
        HZ_TRY(name_place(n, &finding->related[i]));
    HZ_TRY(name_named(n, finding->echo, finding->echo_count));
    if (finding->has_expected)
        HZ_TRY(name_one(n, &finding->expected));
    if (finding->has_difference)
        HZ_TRY(name_one(n, &finding->difference));
    if (finding->has_repair)
        HZ_TRY(name_one(n, &finding->repair));
    HZ_TRY(name_all(n, finding->values_zh, finding->values_zh ? expressions_of(finding->template_zh) : 0));
    if (finding->values_en != finding->values_zh)
        HZ_TRY(name_all(n, finding->values_en, finding->values_en ? expressions_of(finding->template_en) : 0));
    return name_all(n, finding->args, finding->args_count);
}

static hz_status name_rules(namer *n, hz_result_rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < rules[i].examples_count; k++)
            HZ_TRY(name_finding(n, &rules[i].examples[k]));
    return HZ_OK;
}

static hz_status name_result(namer *n, hz_result *result)
{
    HZ_TRY(name_rules(n, result->rules, result->rules_count));
    HZ_TRY(name_rules(n, result->drafts, result->drafts_count));
    for (size_t i = 0; i < result->waivers_count; i++)
        for (size_t k = 0; k < result->waivers[i].examples_count; k++)
            HZ_TRY(name_finding(n, &result->waivers[i].examples[k]));
    for (size_t i = 0; i < result->causes_count; i++)
        HZ_TRY(name_named(n, result->causes[i].values, result->causes[i].values_count));
    result->pseudonyms = hz_hmac_name(n->hmac);
    return HZ_OK;
}

hz_status hz_pseudonym_finding(hz_finding *finding, const hz_hmac *hmac, hz_arena *arena, hz_error *err)
{
    namer n = {.hmac = hmac, .arena = arena, .bytes = HZ_BUF_INIT, .err = err};
    hz_status st = name_finding(&n, finding);
    hz_buf_clear(&n.bytes);
    return st;
}

hz_status hz_pseudonym_result(hz_result *result, const hz_hmac *hmac, hz_error *err)
{
    namer n = {.hmac = hmac, .arena = result->arena, .bytes = HZ_BUF_INIT, .err = err};
    hz_status st = name_result(&n, result);
    hz_buf_clear(&n.bytes);
    return st;
}
