/* certify.c: first every reason against it, then the statement as text, read back into a tree so that what is signed is
 * what a reader of the file will see, then the signature over its canonical form. */
#include "validator/tasks/certify.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/calendar.h"
#include "base/file.h"
#include "base/jcs.h"
#include "base/sha256.h"
#include "reports/certificate.h"

enum { CERTIFICATE_NUMBER = 1, SECONDS_A_DAY = 86400 };

typedef struct job {
    const hz_certify_options *options;
    const hz_stored *result;
    hz_certificate *certificate;
    hz_buf text; /* the certificate as it grows */
    int32_t today;
} job;

/* ---- refusals ---- */

static void refuse(job *j, hz_msg_id message, hz_msg_id advice, hz_slice a, hz_slice b, hz_slice c)
{
    hz_certificate *certificate = j->certificate;
    if (certificate->refusals_count == HZ_REFUSALS_MAX) {
        certificate->more++;
        return;
    }
    hz_refusal *refusal = &certificate->refusals[certificate->refusals_count++];
    *refusal = (hz_refusal){message, advice, 3, {a, b, c}};
    for (size_t i = 0; i < 3; i++)
        if (hz_arena_copy(&refusal->args[i], certificate->arena, refusal->args[i]) != HZ_OK)
            refusal->args[i] = HZ_SLICE_NONE; /* the refusal stands without its argument */
}

static void refuse_plain(job *j, hz_msg_id message, hz_msg_id advice)
{
    refuse(j, message, advice, HZ_SLICE_NONE, HZ_SLICE_NONE, HZ_SLICE_NONE);
}

static hz_slice day_text(char into[16], int32_t day)
{
    hz_buf text = HZ_BUF_INIT;
    hz_date_put(&text, day);
    size_t len = text.len < 15 ? text.len : 15;
    memcpy(into, text.ptr ? text.ptr : "", len);
    into[len] = '\0';
    hz_buf_clear(&text);
    return (hz_slice){into, len};
}

static bool outcome_is(const hz_jvalue *rule, const char *outcome)
{
    return hz_slice_is(hz_jtext(hz_jget(rule, "outcome")), outcome);
}

/* rows = not_applicable + undetermined + evaluated, evaluated = passed + failed + waived. */
static bool adds_up(const hz_jvalue *rule)
{
    uint64_t evaluated = hz_stored_count(rule, "evaluated"), sum = 0, rows = 0;
    bool over = __builtin_add_overflow(hz_stored_count(rule, "passed"), hz_stored_count(rule, "failed"), &sum);
    over |= __builtin_add_overflow(sum, hz_stored_count(rule, "waived"), &sum);
    over |=
        __builtin_add_overflow(hz_stored_count(rule, "not_applicable"), hz_stored_count(rule, "undetermined"), &rows);
    over |= __builtin_add_overflow(rows, evaluated, &rows);
    return !over && sum == evaluated && rows == hz_stored_count(rule, "rows");
}

/* A rule of a table's unreadable rows, "TABLE.rows", that failed past its tolerance. */
static bool too_many_bad_rows(const hz_jvalue *rule)
{
    hz_slice id = hz_jtext(hz_jget(rule, "id")), table = hz_jtext(hz_jget(rule, "table"));
    return id.len == table.len + 5 && hz_slice_starts(id, table) &&
           hz_slice_is(hz_slice_sub(id, table.len, id.len), ".rows") && outcome_is(rule, "failed");
}

static void judge_rules(job *j, const hz_jvalue *rules)
{
    for (const hz_jvalue *rule = rules->first; rule; rule = rule->next) {
        hz_slice id = hz_jtext(hz_jget(rule, "id"));
        if (outcome_is(rule, "error"))
            refuse(j, HZ_MSG_CERT_NOT_ERROR, HZ_MSG_CERT_NOT_ERROR_DO, id, hz_jtext(hz_jget(rule, "reason")),
                   HZ_SLICE_NONE);
        if (!adds_up(rule))
            refuse(j, HZ_MSG_CERT_NOT_SOUND, HZ_MSG_CERT_NOT_SOUND_DO, id, HZ_SLICE_NONE, HZ_SLICE_NONE);
        if (rules == j->result->rules && too_many_bad_rows(rule))
            refuse(j, HZ_MSG_CERT_NOT_ROWS, HZ_MSG_CERT_NOT_ROWS_DO, hz_jtext(hz_jget(rule, "table")),
                   hz_jget(rule, "failed")->text, HZ_SLICE_NONE);
    }
}

static void judge_profile(job *j, const hz_jvalue *profile)
{
    if (!hz_slice_is(hz_jtext(hz_jget(profile, "status")), "published"))
        refuse(j, HZ_MSG_CERT_NOT_DRAFT, HZ_MSG_CERT_NOT_DRAFT_DO, hz_jtext(hz_jget(profile, "id")),
               hz_jtext(hz_jget(profile, "version")), HZ_SLICE_NONE);
}

static void judge_age(job *j)
{
    char last[16], now[16];
    int32_t as_of;
    const hz_jvalue *within = hz_jget(j->result->profile, "certify_within");
    uint64_t days = hz_stored_count(j->result->profile, "certify_within");
    if (!within)
        return;
    if (!hz_stored_day(&as_of, hz_jget(j->result->submission, "as_of")))
        refuse(j, HZ_MSG_CERT_NOT_DATED, HZ_MSG_CERT_NOT_DATED_DO, within->text, HZ_SLICE_NONE, HZ_SLICE_NONE);
    else if (days < 4000000 && (int64_t)j->today > (int64_t)as_of + (int64_t)days)
        refuse(j, HZ_MSG_CERT_NOT_WITHIN, HZ_MSG_CERT_NOT_WITHIN_DO, day_text(last, as_of + (int32_t)days),
               within->text, day_text(now, j->today));
}

static void judge_key(job *j)
{
    const hz_key *key = j->options->key;
    char day[16];
    hz_slice id = hz_slice_of(key->id);
    if (key->revoked)
        refuse(j, HZ_MSG_CERT_NOT_REVOKED, HZ_MSG_CERT_NOT_KEY_DO, id, day_text(day, key->revoked_on), HZ_SLICE_NONE);
    if (j->today < key->valid_from)
        refuse(j, HZ_MSG_CERT_NOT_YET, HZ_MSG_CERT_NOT_KEY_DO, id, day_text(day, key->valid_from), HZ_SLICE_NONE);
    if (j->today >= key->valid_until)
        refuse(j, HZ_MSG_CERT_NOT_EXPIRED, HZ_MSG_CERT_NOT_KEY_DO, id, day_text(day, key->valid_until), HZ_SLICE_NONE);
}

static void judge(job *j)
{
    const hz_jvalue *verdict = j->result->verdict;
    if (!hz_jtrue(hz_jget(verdict, "certifying")))
        refuse_plain(j, HZ_MSG_CERT_NOT_CERTIFYING, HZ_MSG_CERT_NOT_CERTIFYING_DO);
    if (!hz_jis(hz_jget(verdict, "incomplete"), HZ_JR_FALSE))
        refuse_plain(j, HZ_MSG_CERT_NOT_COMPLETE, HZ_MSG_CERT_NOT_COMPLETE_DO);
    judge_profile(j, j->result->profile);
    const hz_jvalue *chain = hz_jget(j->result->root, "verdicts");
    for (const hz_jvalue *item = chain ? chain->first : NULL; item && item->next; item = item->next)
        judge_profile(j, hz_jget(item, "profile"));
    judge_age(j);
    judge_rules(j, j->result->rules);
    judge_rules(j, j->result->drafts);
    for (const hz_jvalue *measure = j->result->measures->first; measure; measure = measure->next)
        if (outcome_is(measure, "error"))
            refuse(j, HZ_MSG_CERT_NOT_ERROR, HZ_MSG_CERT_NOT_ERROR_DO, hz_jtext(hz_jget(measure, "id")),
                   hz_jtext(hz_jget(measure, "reason")), HZ_SLICE_NONE);
    uint64_t refused = hz_stored_count(hz_jget(j->result->root, "acknowledgements"), "refused");
    char digits[24];
    (void)snprintf(digits, sizeof digits, "%llu", (unsigned long long)refused);
    if (refused)
        refuse(j, HZ_MSG_CERT_NOT_REASONS, HZ_MSG_CERT_NOT_REASONS_DO, hz_slice_of(digits), HZ_SLICE_NONE,
               HZ_SLICE_NONE);
    judge_key(j);
}

/* ---- the statement ---- */

static void put_name(hz_buf *out, const char *name)
{
    char last = out->len ? out->ptr[out->len - 1] : '{';
    if (last != '{' && last != '[')
        hz_buf_putc(out, ',');
    hz_jcs_put_text(out, hz_slice_of(name));
    hz_buf_putc(out, ':');
}

static void put_text(hz_buf *out, const char *name, hz_slice text)
{
    put_name(out, name);
    hz_jcs_put_text(out, text);
}

static void put_day(hz_buf *out, const char *name, bool present, int32_t day)
{
    char text[16];
    put_name(out, name);
    if (present)
        hz_jcs_put_text(out, day_text(text, day));
    else
        hz_buf_puts(out, "null");
}

static hz_status put_value(hz_buf *out, const char *name, const hz_jvalue *value, hz_error *err)
{
    put_name(out, name);
    return hz_jcs_put(out, value, NULL, err);
}

static void open_item(hz_buf *out, char bracket)
{
    char last = out->len ? out->ptr[out->len - 1] : '[';
    if (last != '[' && last != '{' && last != ':')
        hz_buf_putc(out, ',');
    hz_buf_putc(out, bracket);
}

/* The named members of an object, those that are there, into the object that is open. */
static hz_status put_some(hz_buf *out, const hz_jvalue *object, const char *const *names, hz_error *err)
{
    for (size_t i = 0; names[i]; i++) {
        const hz_jvalue *member = hz_jget(object, names[i]);
        if (member)
            HZ_TRY(put_value(out, names[i], member, err));
    }
    return HZ_OK;
}

/* Each item of an array with the named members only. */
static hz_status put_each(hz_buf *out, const char *name, const hz_jvalue *array, const char *const *names,
                          hz_error *err)
{
    put_name(out, name);
    hz_buf_putc(out, '[');
    for (const hz_jvalue *item = array->first; item; item = item->next) {
        open_item(out, '{');
        HZ_TRY(put_some(out, item, names, err));
        hz_buf_putc(out, '}');
    }
    hz_buf_putc(out, ']');
    return HZ_OK;
}

static void put_instant(hz_buf *out, const char *name, int64_t now)
{
    put_name(out, name);
    hz_buf_putc(out, '"');
    hz_timestamp_put(out, now * 1000000);
    hz_buf_puts(out, "Z\"");
}

static void put_key(hz_buf *out, const hz_key *key)
{
    put_name(out, "key");
    hz_buf_putc(out, '{');
    put_text(out, "id", hz_slice_of(key->id));
    put_text(out, "algorithm", hz_slice_of(hz_key_kind_name(key->kind)));
    put_text(out, "name", hz_slice_of(key->name));
    put_day(out, "valid_from", key->valid_from != INT32_MIN, key->valid_from);
    put_day(out, "valid_until", key->valid_until != INT32_MAX, key->valid_until);
    hz_buf_putc(out, '}');
}

static hz_status put_tables(hz_buf *out, const hz_jvalue *tables, hz_error *err)
{
    static const char *const of_table[] = {"name", "title", "present", "external", "rows", "bad_rows", NULL};
    static const char *const of_source[] = {"path", "bytes", "sha256", NULL};
    put_name(out, "tables");
    hz_buf_putc(out, '[');
    for (const hz_jvalue *table = tables->first; table; table = table->next) {
        open_item(out, '{');
        HZ_TRY(put_some(out, table, of_table, err));
        HZ_TRY(put_each(out, "sources", hz_jget(table, "sources"), of_source, err));
        hz_buf_putc(out, '}');
    }
    hz_buf_putc(out, ']');
    return HZ_OK;
}

/* ---- what was not checked ---- */

static hz_status put_unjudged(hz_buf *out, const char *name, const hz_jvalue *rules, hz_error *err)
{
    static const char *const of_rule[] = {"id", "title", "outcome", "reason", NULL};
    put_name(out, name);
    hz_buf_putc(out, '[');
    for (const hz_jvalue *rule = rules->first; rule; rule = rule->next) {
        if (!outcome_is(rule, "skipped") && !outcome_is(rule, "undetermined"))
            continue;
        open_item(out, '{');
        HZ_TRY(put_some(out, rule, of_rule, err));
        hz_buf_putc(out, '}');
    }
    hz_buf_putc(out, ']');
    return HZ_OK;
}

static hz_status put_unchecked(job *j, hz_error *err)
{
    hz_buf *out = &j->text;
    uint64_t undetermined = 0, bad_rows = 0, unknown = 0;
    put_name(out, "not_checked");
    hz_buf_putc(out, '{');
    HZ_TRY(put_unjudged(out, "rules", j->result->rules, err));
    HZ_TRY(put_unjudged(out, "measures", j->result->measures, err));
    put_name(out, "tables");
    hz_buf_putc(out, '[');
    const hz_jvalue *tables = hz_jget(j->result->submission, "tables");
    for (const hz_jvalue *table = tables->first; table; table = table->next) {
        bad_rows += hz_stored_count(table, "bad_rows");
        unknown += hz_jget(table, "unknown_columns")->count;
        if (hz_jtrue(hz_jget(table, "present")))
            continue;
        if (out->len && out->ptr[out->len - 1] == '"')
            hz_buf_putc(out, ',');
        hz_jcs_put_text(out, hz_jtext(hz_jget(table, "name")));
    }
    hz_buf_putc(out, ']');
    for (const hz_jvalue *rule = j->result->rules->first; rule; rule = rule->next)
        undetermined += hz_stored_count(rule, "undetermined");
    hz_buf_printf(out, ",\"undetermined\":%llu,\"bad_rows\":%llu,\"unknown_columns\":%llu,\"draft_rules\":%u}",
                  (unsigned long long)undetermined, (unsigned long long)bad_rows, (unsigned long long)unknown,
                  j->result->drafts->count);
    return HZ_OK;
}

/* ---- parts ---- */

static hz_status each_named(const hz_jvalue *array, const char *whole, const char *id, hz_each_part *each, void *ctx,
                            hz_error *err)
{
    hz_buf name = HZ_BUF_INIT;
    hz_status st = HZ_OK;
    for (const hz_jvalue *item = array->first; item && st == HZ_OK; item = item->next) {
        hz_slice key = hz_jtext(hz_jget(item, id));
        hz_buf_reset(&name);
        hz_buf_printf(&name, "%s[%.*s]", whole, HZ_SLICE_FMT(key));
        st = hz_buf_status(&name, err);
        if (st == HZ_OK)
            st = each(ctx, hz_buf_slice(&name), item, err);
    }
    hz_buf_clear(&name);
    return st;
}

hz_status hz_result_parts(const hz_stored *result, hz_each_part *each, void *ctx, hz_error *err)
{
    for (const hz_jvalue *member = result->root->first; member; member = member->next) {
        if (member == result->run)
            continue;
        if (member == result->rules || member == result->drafts || member == result->measures) {
            HZ_TRY(each_named(member,
                              member == result->rules    ? "rules"
                              : member == result->drafts ? "drafts"
                                                         : "measures",
                              "id", each, ctx, err));
        } else if (member == result->submission) {
            for (const hz_jvalue *inner = member->first; inner; inner = inner->next) {
                hz_buf name = HZ_BUF_INIT;
                if (hz_slice_is(inner->name, "tables")) {
                    HZ_TRY(each_named(inner, "submission.tables", "name", each, ctx, err));
                    continue;
                }
                hz_buf_printf(&name, "submission.%.*s", HZ_SLICE_FMT(inner->name));
                hz_status st = hz_buf_status(&name, err);
                if (st == HZ_OK)
                    st = each(ctx, hz_buf_slice(&name), inner, err);
                hz_buf_clear(&name);
                HZ_TRY(st);
            }
        } else {
            HZ_TRY(each(ctx, member->name, member, err));
        }
    }
    return HZ_OK;
}

static void put_hex(hz_buf *out, const char *name, const uint8_t digest[32])
{
    char hex[65];
    hz_hex(hex, digest, 32);
    put_text(out, name, hz_slice_of(hex));
}

static hz_status put_part(void *ctx, hz_slice part, const hz_jvalue *value, hz_error *err)
{
    hz_buf *out = ctx;
    uint8_t digest[32];
    HZ_TRY(hz_jvalue_digest(digest, value, NULL, err));
    open_item(out, '{');
    put_text(out, "part", part);
    put_hex(out, "sha256", digest);
    hz_buf_putc(out, '}');
    return HZ_OK;
}

static hz_status put_result(job *j, hz_error *err)
{
    uint8_t digest[32];
    put_name(&j->text, "result");
    hz_buf_putc(&j->text, '{');
    HZ_TRY(hz_stored_digest(digest, j->result, err));
    put_hex(&j->text, "sha256", digest);
    put_name(&j->text, "parts");
    hz_buf_putc(&j->text, '[');
    HZ_TRY(hz_result_parts(j->result, put_part, &j->text, err));
    hz_buf_puts(&j->text, "]}");
    return HZ_OK;
}

/* ---- an earlier certificate ---- */

/* The SHA-256 of all sources in order; order of tables and sources is the profile's and bytewise. */
static hz_status data_digest(uint8_t out[32], const hz_jvalue *tables, hz_error *err)
{
    hz_sha256 *sha = hz_sha256_new();
    bool good = sha != NULL;
    for (const hz_jvalue *table = tables->first; table && good; table = table->next) {
        const hz_jvalue *sources = hz_jget(table, "sources");
        for (const hz_jvalue *source = sources ? sources->first : NULL; source && good; source = source->next) {
            hz_slice hex = hz_jtext(hz_jget(source, "sha256"));
            good = hz_sha256_update(sha, hex.ptr, hex.len) && hz_sha256_update(sha, "\n", 1);
        }
        good = good && hz_sha256_update(sha, "\f", 1);
    }
    good = good && hz_sha256_final(sha, out);
    hz_sha256_free(sha);
    return good ? HZ_OK : hz_nomem(err, 0);
}

static hz_status put_unchanged(job *j, hz_error *err)
{
    hz_jvalue *earlier = NULL;
    hz_buf bytes = HZ_BUF_INIT;
    uint8_t now[32], then[32];
    if (!j->options->previous)
        return HZ_OK;
    hz_status st =
        hz_certificate_read(&earlier, j->certificate->arena, &bytes, j->options->previous, j->options->limits, err);
    const hz_jvalue *statement = hz_jget(earlier, "statement");
    if (st == HZ_OK)
        st = data_digest(now, hz_jget(j->result->submission, "tables"), err);
    if (st == HZ_OK)
        st = data_digest(then, hz_jget(hz_jget(statement, "submission"), "tables"), err);
    if (st == HZ_OK && memcmp(now, then, sizeof now) == 0) {
        put_name(&j->text, "unchanged_since");
        hz_buf_putc(&j->text, '{');
        put_text(&j->text, "certificate", hz_jtext(hz_jget(hz_jget(earlier, "digests"), "statement")));
        put_text(&j->text, "issued", hz_jtext(hz_jget(statement, "issued")));
        hz_buf_putc(&j->text, '}');
    }
    hz_buf_clear(&bytes);
    return st;
}

static hz_status put_statement(job *j, hz_error *err)
{
    static const char *const of_tool[] = {"version", "report", "lang", "reveal", NULL};
    static const char *const of_profile[] = {"id", "version", "digest", "status", "title", NULL};
    static const char *const of_verdict[] = {"conformant", "grade", "grade_title",         "score",      "error_rate",
                                             "records",    "gates", "records_with_errors", "dimensions", NULL};
    static const char *const of_waiver[] = {
        "id",    "rule", "state",     "matched",  "used", "expired", "reason", "approved_by", "until",
        "where", "keys", "max_count", "max_rate", "file", "sha256",  NULL}; /* what they cover is in the result */
    static const char *const of_chain[] = {"profile", "conformant", "grade", "score", NULL};
    const hz_stored *result = j->result;
    hz_buf *out = &j->text;
    const hz_jvalue *chain = hz_jget(result->root, "verdicts");
    hz_buf_printf(out, "{\"certificate\":%d", CERTIFICATE_NUMBER);
    put_instant(out, "issued", j->options->now);
    put_key(out, j->options->key);
    put_name(out, "tool");
    hz_buf_putc(out, '{');
    HZ_TRY(put_some(out, result->hezhun, of_tool, err));
    hz_buf_putc(out, '}');
    put_name(out, "profile");
    hz_buf_putc(out, '{');
    HZ_TRY(put_some(out, result->profile, of_profile, err));
    hz_buf_putc(out, '}');
    if (chain)
        HZ_TRY(put_each(out, "chain", chain, of_chain, err));
    HZ_TRY(put_value(out, "lists", hz_jget(result->submission, "lists"), err));
    put_name(out, "submission");
    hz_buf_putc(out, '{');
    HZ_TRY(put_value(out, "as_of", hz_jget(result->submission, "as_of"), err));
    HZ_TRY(put_value(out, "params", hz_jget(result->submission, "params"), err));
    HZ_TRY(put_tables(out, hz_jget(result->submission, "tables"), err));
    hz_buf_putc(out, '}');
    put_name(out, "verdict");
    hz_buf_putc(out, '{');
    HZ_TRY(put_some(out, result->verdict, of_verdict, err));
    hz_buf_putc(out, '}');
    HZ_TRY(put_unchecked(j, err));
    HZ_TRY(put_each(out, "waivers", result->waivers, of_waiver, err));
    HZ_TRY(put_unchanged(j, err));
    HZ_TRY(put_result(j, err));
    hz_buf_putc(out, '}');
    return hz_buf_status(out, err);
}

/* ---- signing ---- */

static hz_status put_digests(job *j, const hz_jvalue *statement, const uint8_t digest[32], hz_error *err)
{
    hz_buf *out = &j->text;
    put_name(out, "digests");
    hz_buf_putc(out, '{');
    put_hex(out, "statement", digest);
    put_name(out, "members");
    hz_buf_putc(out, '{');
    for (const hz_jvalue *member = statement->first; member; member = member->next) {
        uint8_t own[32];
        char hex[33];
        HZ_TRY(hz_jvalue_digest(own, member, NULL, err));
        hz_hex(hex, own, 16);
        if (member != statement->first)
            hz_buf_putc(out, ',');
        hz_jcs_put_text(out, member->name);
        hz_buf_putc(out, ':');
        hz_jcs_put_text(out, hz_slice_of(hex));
    }
    hz_buf_puts(out, "}}");
    return HZ_OK;
}

static hz_status put_signature(job *j, hz_slice canonical, hz_error *err)
{
    hz_buf *out = &j->text;
    const hz_key *key = j->options->key;
    uint8_t signature[HZ_SIGNATURE_BYTES];
    size_t len;
    HZ_TRY(hz_key_sign(signature, &len, key, canonical, err));
    put_name(out, "signature");
    hz_buf_putc(out, '{');
    put_text(out, "algorithm", hz_slice_of(hz_key_kind_name(key->kind)));
    put_text(out, "key", hz_slice_of(key->id));
    put_name(out, "value");
    hz_buf_putc(out, '"');
    hz_base64_put(out, signature, len);
    hz_buf_puts(out, "\"}");
    return hz_buf_status(out, err);
}

static hz_status sign(job *j, hz_buf *canonical, hz_error *err)
{
    hz_jvalue *statement;
    hz_slice statement_text;
    hz_certificate *certificate = j->certificate;
    uint8_t digest[32];
    HZ_TRY(put_statement(j, err));
    if (hz_arena_copy(&statement_text, certificate->arena, hz_buf_slice(&j->text)) != HZ_OK)
        return hz_nomem(err, j->text.len);
    HZ_TRY(hz_json_parse(&statement, certificate->arena, j->result->path, statement_text, j->options->limits, err));
    HZ_TRY(hz_jcs_put(canonical, statement, NULL, err));
    if (!hz_sha256_bytes(digest, hz_buf_slice(canonical)))
        return hz_nomem(err, canonical->len);
    hz_buf_reset(&j->text);
    hz_buf_puts(&j->text, "{\"statement\":");
    hz_buf_put(&j->text, statement_text);
    HZ_TRY(put_digests(j, statement, digest, err));
    HZ_TRY(put_signature(j, hz_buf_slice(canonical), err));
    hz_buf_puts(&j->text, "}");
    HZ_TRY(hz_buf_status(&j->text, err));
    hz_slice whole;
    if (hz_arena_copy(&whole, certificate->arena, hz_buf_slice(&j->text)) != HZ_OK)
        return hz_nomem(err, j->text.len);
    HZ_TRY(hz_json_parse(&certificate->root, certificate->arena, j->result->path, whole, j->options->limits, err));
    return hz_certificate_json(&certificate->bytes, certificate->root, err);
}

hz_status hz_certify(hz_certificate **out, const hz_certify_options *options, hz_error *err)
{
    *out = NULL;
    hz_certificate *certificate = hz_mem_zalloc(1, sizeof *certificate);
    if (!certificate)
        return hz_nomem(err, sizeof *certificate);
    job j = {.options = options, .result = options->result, .certificate = certificate, .text = HZ_BUF_INIT};
    hz_buf canonical = HZ_BUF_INIT;
    certificate->bytes = HZ_BUF_INIT;
    certificate->arena = hz_arena_new();
    j.today = (int32_t)(options->now / SECONDS_A_DAY);
    hz_status st = certificate->arena ? HZ_OK : hz_nomem(err, 0);
    if (st == HZ_OK)
        judge(&j);
    if (st == HZ_OK && !certificate->refusals_count)
        st = sign(&j, &canonical, err);
    hz_buf_clear(&j.text);
    hz_buf_clear(&canonical);
    if (st == HZ_OK)
        *out = certificate;
    else
        hz_certificate_free(certificate);
    return st;
}

void hz_certificate_free(hz_certificate *certificate)
{
    if (!certificate)
        return;
    hz_arena_free(certificate->arena);
    hz_buf_clear(&certificate->bytes);
    hz_mem_free(certificate);
}

/* ---- reading one back ---- */

#define END                                                                                                            \
    {                                                                                                                  \
        NULL, 0, false, NULL                                                                                           \
    }
static const hz_shape key_shape[] = {{"id", 's', false, NULL},          {"algorithm", 's', false, NULL},
                                     {"name", 's', false, NULL},        {"valid_from", 't', false, NULL},
                                     {"valid_until", 't', false, NULL}, END};
static const hz_shape profile_shape[] = {{"id", 's', false, NULL},     {"version", 's', false, NULL},
                                         {"digest", 's', false, NULL}, {"status", 's', false, NULL},
                                         {"title", 'x', false, NULL},  END};
static const hz_shape source_shape[] = {
    {"path", 's', false, NULL}, {"bytes", 'u', false, NULL}, {"sha256", 's', false, NULL}, END};
static const hz_shape table_shape[] = {{"name", 's', false, NULL},
                                       {"title", 'x', false, NULL},
                                       {"present", 'b', false, NULL},
                                       {"rows", 'u', false, NULL},
                                       {"bad_rows", 'u', false, NULL},
                                       {"sources", 'a', false, source_shape},
                                       END};
static const hz_shape submission_shape[] = {{"as_of", 't', false, NULL}, {"tables", 'a', false, table_shape}, END};
static const hz_shape verdict_shape[] = {{"conformant", 'b', false, NULL},
                                         {"grade", 's', false, NULL},
                                         {"grade_title", 'x', false, NULL},
                                         {"score", 'n', false, NULL},
                                         {"error_rate", 'd', false, NULL},
                                         {"records", 'u', false, NULL},
                                         {"records_with_errors", 'u', false, NULL},
                                         {"dimensions", 'o', false, NULL},
                                         {"gates", 'm', false, NULL},
                                         END};
static const hz_shape unjudged_shape[] = {{"id", 's', false, NULL},
                                          {"title", 'x', false, NULL},
                                          {"outcome", 's', false, NULL},
                                          {"reason", 's', true, NULL},
                                          END};
static const hz_shape unchecked_shape[] = {
    {"rules", 'a', false, unjudged_shape}, {"measures", 'a', false, unjudged_shape},
    {"tables", 'l', false, NULL},          {"undetermined", 'u', false, NULL},
    {"bad_rows", 'u', false, NULL},        {"unknown_columns", 'u', false, NULL},
    {"draft_rules", 'u', false, NULL},     END};
static const hz_shape part_shape[] = {{"part", 's', false, NULL}, {"sha256", 's', false, NULL}, END};
static const hz_shape result_shape[] = {{"sha256", 's', false, NULL}, {"parts", 'a', false, part_shape}, END};
static const hz_shape tool_shape[] = {{"version", 's', false, NULL}, END};
static const hz_shape unchanged_shape[] = {{"certificate", 's', false, NULL}, {"issued", 's', false, NULL}, END};
static const hz_shape statement_shape[] = {
    {"certificate", 'u', false, NULL},      {"issued", 's', false, NULL},
    {"key", 'o', false, key_shape},         {"tool", 'o', false, tool_shape},
    {"profile", 'o', false, profile_shape}, {"submission", 'o', false, submission_shape},
    {"verdict", 'o', false, verdict_shape}, {"not_checked", 'o', false, unchecked_shape},
    {"waivers", 'a', false, NULL},          {"unchanged_since", 'o', true, unchanged_shape},
    {"result", 'o', false, result_shape},   END};
static const hz_shape digests_shape[] = {{"statement", 's', false, NULL}, {"members", 'm', false, NULL}, END};
static const hz_shape signature_shape[] = {
    {"algorithm", 's', false, NULL}, {"key", 's', false, NULL}, {"value", 's', false, NULL}, END};
static const hz_shape certificate_shape[] = {{"statement", 'o', false, statement_shape},
                                             {"digests", 'o', false, digests_shape},
                                             {"signature", 'o', false, signature_shape},
                                             END};

hz_status hz_certificate_read(hz_jvalue **root, hz_arena *arena, hz_buf *bytes, const char *path,
                              const hz_limits *limits, hz_error *err)
{
    uint64_t number = 0;
    hz_slice shown = hz_slice_of(path);
    *root = NULL;
    HZ_TRY(
        hz_file_read_all(bytes, path, limits->value[HZ_LIMIT_RESULT_BYTES], hz_limit_name(HZ_LIMIT_RESULT_BYTES), err));
    HZ_TRY(hz_json_parse(root, arena, shown, hz_buf_slice(bytes), limits, err));
    if (!hz_ju64(&number, hz_jget(hz_jget(*root, "statement"), "certificate")))
        return hz_fail(err, HZ_E_SOURCE, HZ_M(CERT_NO_CERTIFICATE), HZ_S(shown));
    if (number != CERTIFICATE_NUMBER)
        return hz_fail(err, HZ_E_SOURCE, HZ_M(CERT_NUMBER), HZ_S(shown), HZ_U(number), HZ_U(CERTIFICATE_NUMBER));
    return hz_shape_check(*root, certificate_shape, HZ_SLICE_LIT("certificate"), shown, hz_buf_slice(bytes), err);
}
