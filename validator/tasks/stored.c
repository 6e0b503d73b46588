#include "validator/tasks/stored.h"

#include "base/alloc.h"
#include "base/calendar.h"
#include "base/decimal.h"
#include "base/file.h"
#include "base/jcs.h"
#include "base/sha256.h"

/* ---- shapes ---- */

typedef struct checking {
    hz_slice path, bytes;
    hz_error *err;
} checking;

static hz_status wrong_shape(const checking *c, const hz_jvalue *at, hz_slice what, hz_slice name, hz_msg_id message)
{
    const hz_arg args[] = {{.kind = HZ_ARG_MESSAGE, .message = message}, HZ_S(what), HZ_S(name)};
    hz_status st = hz_error_set(c->err, HZ_E_SOURCE, args, sizeof args / sizeof *args);
    hz_json_error_at(c->err, c->path, c->bytes, at->offset);
    return st;
}

static bool whole(const hz_jvalue *value)
{
    uint64_t n;
    return hz_ju64(&n, value);
}

static bool decimal(const hz_jvalue *value)
{
    hz_decimal d;
    return hz_jis(value, HZ_JR_NUMBER) && hz_decimal_parse(&d, value->text);
}

static bool all_members(const hz_jvalue *value, char form)
{
    for (const hz_jvalue *item = value->first; item; item = item->next) {
        bool text = item->kind == HZ_JR_STRING, null = item->kind == HZ_JR_NULL;
        if (form == 'q' ? !decimal(item) : form == 'm' ? !text && !null : !text)
            return false;
    }
    return true;
}

/* Whether a value without members to look into has its form; HZ_MSG_NONE when it has, else what it should be. */
static hz_msg_id misshapen(const hz_jvalue *value, char form)
{
    bool null = value->kind == HZ_JR_NULL;
    bool boolean = value->kind == HZ_JR_TRUE || value->kind == HZ_JR_FALSE;
    bool object = value->kind == HZ_JR_OBJECT, array = value->kind == HZ_JR_ARRAY;
    switch (form) {
    case 's':
        return value->kind == HZ_JR_STRING ? HZ_MSG_NONE : HZ_MSG_STORED_IS_TEXT;
    case 't':
        return null || value->kind == HZ_JR_STRING ? HZ_MSG_NONE : HZ_MSG_STORED_IS_TEXT;
    case 'u':
        return whole(value) ? HZ_MSG_NONE : HZ_MSG_STORED_IS_COUNT;
    case 'v':
        return null || whole(value) ? HZ_MSG_NONE : HZ_MSG_STORED_IS_COUNT;
    case 'd':
        return decimal(value) ? HZ_MSG_NONE : HZ_MSG_STORED_IS_NUMBER;
    case 'n':
        return null || decimal(value) ? HZ_MSG_NONE : HZ_MSG_STORED_IS_NUMBER;
    case 'b':
        return boolean ? HZ_MSG_NONE : HZ_MSG_STORED_IS_BOOLEAN;
    case 'c':
        return null || boolean ? HZ_MSG_NONE : HZ_MSG_STORED_IS_BOOLEAN;
    case 'x':
    case 'p':
        return null || (object && (form == 'p' || all_members(value, 's'))) ? HZ_MSG_NONE : HZ_MSG_STORED_IS_OBJECT;
    case 'm':
    case 'q':
        return object && all_members(value, form) ? HZ_MSG_NONE : HZ_MSG_STORED_IS_OBJECT;
    case 'k':
        return null || (object && all_members(value, 'm')) ? HZ_MSG_NONE : HZ_MSG_STORED_IS_OBJECT;
    case 'o':
    case 'r':
        return object ? HZ_MSG_NONE : HZ_MSG_STORED_IS_OBJECT;
    case 'l':
        return array && all_members(value, 's') ? HZ_MSG_NONE : HZ_MSG_STORED_IS_ARRAY;
    default:
        return array ? HZ_MSG_NONE : HZ_MSG_STORED_IS_ARRAY;
    }
}

static hz_status check_members(const checking *c, const hz_jvalue *value, const hz_shape *members, hz_slice what);

static hz_status check_one(const checking *c, const hz_jvalue *value, const hz_shape *shape, hz_slice what)
{
    hz_msg_id should = misshapen(value, shape->form);
    if (should != HZ_MSG_NONE)
        return wrong_shape(c, value, what, hz_slice_of(shape->name), should);
    bool each = shape->form == 'a' || shape->form == 'r';
    hz_slice name = hz_slice_of(shape->name);
    if (!shape->inner || value->kind == HZ_JR_NULL)
        return HZ_OK;
    if (!each)
        return check_members(c, value, shape->inner, name);
    for (const hz_jvalue *item = value->first; item; item = item->next) {
        if (item->kind != HZ_JR_OBJECT)
            return wrong_shape(c, item, what, name, HZ_MSG_STORED_IS_OBJECT);
        HZ_TRY(check_members(c, item, shape->inner, name));
    }
    return HZ_OK;
}

static hz_status check_members(const checking *c, const hz_jvalue *value, const hz_shape *members, hz_slice what)
{
    for (const hz_shape *shape = members; shape->name; shape++) {
        const hz_jvalue *member = hz_jget(value, shape->name);
        if (member)
            HZ_TRY(check_one(c, member, shape, what));
        else if (!shape->optional)
            return wrong_shape(c, value, what, hz_slice_of(shape->name), HZ_MSG_STORED_MISSING);
    }
    return HZ_OK;
}

hz_status hz_shape_check(const hz_jvalue *value, const hz_shape *members, hz_slice what, hz_slice path, hz_slice bytes,
                         hz_error *err)
{
    checking c = {path, bytes, err};
    return value->kind == HZ_JR_OBJECT ? check_members(&c, value, members, what)
                                       : wrong_shape(&c, value, what, what, HZ_MSG_STORED_IS_OBJECT);
}

/* ---- the shape of a report ---- */

#define END                                                                                                            \
    {                                                                                                                  \
        NULL, 0, false, NULL                                                                                           \
    }
static const hz_shape place_shape[] = {{"table", 's', false, NULL},  {"source", 't', false, NULL},
                                       {"line", 'v', false, NULL},   {"key", 'k', false, NULL},
                                       {"fields", 'm', false, NULL}, END};
static const hz_shape finding_shape[] = {{"rule", 's', false, NULL},
                                         {"severity", 's', false, NULL},
                                         {"status", 's', false, NULL},
                                         {"table", 's', false, NULL},
                                         {"source", 't', false, NULL},
                                         {"line", 'v', false, NULL},
                                         {"key", 'k', false, NULL},
                                         {"fields", 'm', false, NULL},
                                         {"offset", 'u', true, NULL},
                                         {"reason", 's', true, NULL},
                                         {"expected", 't', true, NULL},
                                         {"difference", 't', true, NULL},
                                         {"related", 'a', false, place_shape},
                                         {"echo", 'm', true, NULL},
                                         {"message", 's', false, NULL},
                                         {"repair", 't', true, NULL},
                                         {"fingerprint", 't', false, NULL},
                                         {"waived", 's', true, NULL},
                                         END};
static const hz_shape rule_shape[] = {{"id", 's', false, NULL},
                                      {"table", 's', false, NULL},
                                      {"severity", 's', false, NULL},
                                      {"dimension", 's', false, NULL},
                                      {"indicator", 't', false, NULL},
                                      {"gate", 's', false, NULL},
                                      {"status", 's', false, NULL},
                                      {"clause", 'p', false, NULL},
                                      {"title", 'x', false, NULL},
                                      {"outcome", 's', false, NULL},
                                      {"reason", 's', true, NULL},
                                      {"if_skipped", 's', true, NULL},
                                      {"rows", 'u', false, NULL},
                                      {"not_applicable", 'u', false, NULL},
                                      {"undetermined", 'u', false, NULL},
                                      {"ambiguous", 'u', true, NULL},
                                      {"evaluated", 'u', false, NULL},
                                      {"passed", 'u', false, NULL},
                                      {"failed", 'u', false, NULL},
                                      {"waived", 'u', false, NULL},
                                      {"groups", 'u', true, NULL},
                                      {"unkeyed", 'u', true, NULL},
                                      {"shown", 'u', false, NULL},
                                      {"examples", 'a', false, finding_shape},
                                      END};
static const hz_shape measure_region_shape[] = {{"code", 's', false, NULL},
                                                {"level", 't', false, NULL},
                                                {"value", 'n', false, NULL},
                                                {"holds", 'c', true, NULL},
                                                END};
static const hz_shape measure_shape[] = {{"id", 's', false, NULL},
                                         {"title", 'x', false, NULL},
                                         {"severity", 's', false, NULL},
                                         {"status", 's', false, NULL},
                                         {"value", 'n', false, NULL},
                                         {"holds", 'c', true, NULL},
                                         {"outcome", 's', false, NULL},
                                         {"reason", 's', true, NULL},
                                         {"regions", 'a', false, measure_region_shape},
                                         END};
static const hz_shape region_shape[] = {
    {"code", 's', false, NULL},  {"name", 'x', false, NULL},     {"level", 't', false, NULL},
    {"rows", 'u', false, NULL},  {"findings", 'u', false, NULL}, {"records_with_errors", 'u', false, NULL},
    {"score", 'n', false, NULL}, {"grade", 't', false, NULL},    END};
static const hz_shape source_shape[] = {
    {"path", 's', false, NULL},   {"format", 's', false, NULL},   {"bytes", 'u', false, NULL},
    {"sha256", 's', false, NULL}, {"encoding", 's', false, NULL}, {"delimiter", 't', false, NULL},
    {"rows", 'u', false, NULL},   {"bad_rows", 'u', false, NULL}, END};
static const hz_shape column_shape[] = {{"name", 's', false, NULL},
                                        {"type", 's', false, NULL},
                                        {"absent", 'b', true, NULL},
                                        {"personal", 'b', true, NULL},
                                        {"missing", 'u', false, NULL},
                                        {"invalid", 'u', false, NULL},
                                        {"distinct", 'u', false, NULL},
                                        {"min", 't', false, NULL},
                                        {"max", 't', false, NULL},
                                        {"mean", 't', false, NULL},
                                        END};
static const hz_shape table_shape[] = {{"name", 's', false, NULL},
                                       {"title", 'x', false, NULL},
                                       {"present", 'b', false, NULL},
                                       {"external", 'b', false, NULL},
                                       {"rows", 'u', false, NULL},
                                       {"bad_rows", 'u', false, NULL},
                                       {"records_with_errors", 'u', false, NULL},
                                       {"sources", 'a', false, source_shape},
                                       {"columns", 'a', false, column_shape},
                                       {"unknown_columns", 'l', false, NULL},
                                       END};
static const hz_shape param_shape[] = {
    {"name", 's', false, NULL}, {"value", 's', false, NULL}, {"given", 'b', false, NULL}, END};
static const hz_shape list_shape[] = {
    {"id", 's', false, NULL}, {"edition", 't', false, NULL}, {"sha256", 's', false, NULL}, END};
static const hz_shape submission_shape[] = {{"as_of", 't', false, NULL},         {"params", 'a', false, param_shape},
                                            {"ignored", 'l', false, NULL},       {"lists", 'a', false, list_shape},
                                            {"tables", 'a', false, table_shape}, END};
static const hz_shape dimension_shape[] = {
    {"score", 'n', false, NULL}, {"rules", 'u', false, NULL}, {"failed_rules", 'u', false, NULL}, END};
static const hz_shape next_shape[] = {{"grade", 's', false, NULL},
                                      {"rules", 'l', false, NULL},
                                      {"reachable", 'b', false, NULL},
                                      {"score", 'n', false, NULL},
                                      {"error_rate", 'n', false, NULL},
                                      {"table_error_rates", 'q', true, NULL},
                                      END};
#define EARNED                                                                                                         \
    {"conformant", 'b', false, NULL}, {"incomplete", 'b', false, NULL}, {"grade", 's', false, NULL},                   \
        {"grade_title", 'x', false, NULL}, {"score", 'n', false, NULL}, {"error_rate", 'd', false, NULL},              \
        {"records", 'u', false, NULL}, {"records_with_errors", 'u', false, NULL},                                      \
        {"dimensions", 'r', false, dimension_shape}, {"gates", 'm', false, NULL},                                      \
    {                                                                                                                  \
        "next_grade", 'p', false, next_shape                                                                           \
    }
static const hz_shape profile_shape[] = {{"id", 's', false, NULL},
                                         {"version", 's', false, NULL},
                                         {"digest", 's', false, NULL},
                                         {"status", 's', false, NULL},
                                         {"title", 'x', false, NULL},
                                         {"certify_within", 'u', true, NULL},
                                         END};
static const hz_shape verdict_shape[] = {{"certifying", 'b', false, NULL}, EARNED, END};
static const hz_shape chain_shape[] = {{"profile", 'o', false, profile_shape}, EARNED, END};
static const hz_shape indicator_shape[] = {{"code", 's', false, NULL},
                                           {"name", 'x', false, NULL},
                                           {"dimension", 't', false, NULL},
                                           {"a", 'u', false, NULL},
                                           {"b", 'u', false, NULL},
                                           {"x", 'd', false, NULL},
                                           END};
static const hz_shape hezhun_shape[] = {{"version", 's', false, NULL},
                                        {"report", 'u', false, NULL},
                                        {"lang", 's', false, NULL},
                                        {"reveal", 'b', false, NULL},
                                        END};
static const hz_shape waiver_shape[] = {{"id", 's', true, NULL},
                                        {"rule", 's', false, NULL},
                                        {"state", 's', true, NULL},
                                        {"matched", 'u', true, NULL},
                                        {"used", 'u', false, NULL},
                                        {"expired", 'b', false, NULL},
                                        {"reason", 's', true, NULL},
                                        {"approved_by", 's', true, NULL},
                                        {"until", 's', true, NULL},
                                        {"where", 't', true, NULL},
                                        {"keys", 'u', true, NULL},
                                        {"max_count", 'n', true, NULL},
                                        {"max_rate", 'n', true, NULL},
                                        {"file", 't', true, NULL},
                                        {"sha256", 's', true, NULL},
                                        {"shown", 'u', true, NULL},
                                        {"examples", 'a', true, finding_shape},
                                        END};
static const hz_shape part_shape[] = {
    {"path", 's', false, NULL}, {"sha256", 's', false, NULL}, {"records", 'u', false, NULL}, END};
static const hz_shape merged_shape[] = {
    {"parts", 'a', false, part_shape}, {"within", 'l', false, NULL}, {"across", 'l', false, NULL}, END};
#define COMPARED                                                                                                       \
    {"new", 'u', false, NULL}, {"persisting", 'u', false, NULL}, {"fixed", 'u', false, NULL},                          \
        {"unknown", 'u', false, NULL},                                                                                 \
    {                                                                                                                  \
        "capped", 'b', false, NULL                                                                                     \
    }
static const hz_shape baseline_rule_shape[] = {
    {"id", 's', false, NULL}, {"failed_before", 'u', false, NULL}, {"failed", 'u', false, NULL}, COMPARED, END};
static const hz_shape baseline_shape[] = {{"sha256", 's', false, NULL},
                                          {"version", 's', false, NULL},
                                          {"as_of", 't', false, NULL},
                                          COMPARED,
                                          {"grown", 'b', false, NULL},
                                          {"rules", 'a', false, baseline_rule_shape},
                                          END};
static const hz_shape acknowledged_shape[] = {{"fingerprint", 's', false, NULL},
                                              {"rule", 't', false, NULL},
                                              {"reason", 's', false, NULL},
                                              {"state", 's', false, NULL},
                                              END};
static const hz_shape acknowledgements_shape[] = {{"taken", 'u', false, NULL},
                                                  {"refused", 'u', false, NULL},
                                                  {"lapsed", 'u', true, NULL},
                                                  {"unused", 'u', false, NULL},
                                                  {"open", 'u', false, NULL},
                                                  {"same_max", 'u', true, NULL},
                                                  {"items", 'a', false, acknowledged_shape},
                                                  END};
static const hz_shape trend_rule_shape[] = {{"id", 's', false, NULL}, {"failed", 'v', false, NULL}, END};
static const hz_shape trend_shape[] = {{"sha256", 's', false, NULL},
                                       {"version", 's', false, NULL},
                                       {"as_of", 't', false, NULL},
                                       {"conformant", 'b', false, NULL},
                                       {"grade", 's', false, NULL},
                                       {"score", 'n', false, NULL},
                                       {"error_rate", 'd', false, NULL},
                                       {"records", 'u', false, NULL},
                                       {"records_with_errors", 'u', false, NULL},
                                       {"rules", 'a', false, trend_rule_shape},
                                       END};
static const hz_shape report_shape[] = {{"hezhun", 'o', false, hezhun_shape},
                                        {"profile", 'o', false, profile_shape},
                                        {"submission", 'o', false, submission_shape},
                                        {"verdict", 'o', false, verdict_shape},
                                        {"verdicts", 'a', true, chain_shape},
                                        {"rules", 'a', false, rule_shape},
                                        {"drafts", 'a', false, rule_shape},
                                        {"measures", 'a', false, measure_shape},
                                        {"indicators", 'a', false, indicator_shape},
                                        {"regions", 'a', false, region_shape},
                                        {"waivers", 'a', false, waiver_shape},
                                        {"merged", 'o', true, merged_shape},
                                        {"acknowledgements", 'o', true, acknowledgements_shape},
                                        {"baseline", 'o', true, baseline_shape},
                                        {"trend", 'a', true, trend_shape},
                                        {"run", 'o', true, NULL},
                                        END};

/* ---- reading ---- */

enum { REPORT_NUMBER = 1 };

static hz_status check_report(hz_stored *stored, hz_error *err)
{
    checking c = {stored->path, hz_buf_slice(&stored->bytes), err};
    uint64_t number = 0;
    const hz_jvalue *first = hz_jget(stored->root, "hezhun");
    if (!hz_ju64(&number, hz_jget(first, "report"))) {
        hz_status st = hz_fail(err, HZ_E_SOURCE, HZ_M(STORED_NO_REPORT), HZ_S(stored->path));
        hz_error_hint(err, HZ_MSG_STORED_NO_REPORT_HINT);
        return st;
    }
    if (number != REPORT_NUMBER)
        return hz_fail(err, HZ_E_SOURCE, HZ_M(STORED_NUMBER), HZ_S(stored->path), HZ_U(number), HZ_U(REPORT_NUMBER));
    return check_members(&c, stored->root, report_shape, HZ_SLICE_LIT("report"));
}

static hz_status take(hz_stored *stored, const hz_limits *limits, hz_error *err)
{
    hz_slice bytes = hz_buf_slice(&stored->bytes);
    HZ_TRY(hz_limit_check(limits, HZ_LIMIT_RESULT_BYTES, bytes.len, err));
    HZ_TRY(hz_json_parse(&stored->root, stored->arena, stored->path, bytes, limits, err));
    HZ_TRY(check_report(stored, err));
    const struct {
        const hz_jvalue **into;
        const char *name;
    } parts[] = {{&stored->hezhun, "hezhun"},         {&stored->profile, "profile"},
                 {&stored->submission, "submission"}, {&stored->verdict, "verdict"},
                 {&stored->rules, "rules"},           {&stored->drafts, "drafts"},
                 {&stored->measures, "measures"},     {&stored->regions, "regions"},
                 {&stored->waivers, "waivers"},       {&stored->run, "run"}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        *parts[i].into = hz_jget(stored->root, parts[i].name);
    return HZ_OK;
}

hz_status hz_stored_read(hz_stored *out, hz_slice path, hz_buf *bytes, const hz_limits *limits, hz_error *err)
{
    *out = (hz_stored){.bytes = *bytes};
    *bytes = HZ_BUF_INIT;
    out->arena = hz_arena_new();
    if (!out->arena || hz_arena_copy(&out->path, out->arena, path) != HZ_OK)
        return hz_nomem(err, path.len);
    return take(out, limits, err);
}

hz_status hz_stored_open(hz_stored *out, const char *path, const hz_limits *limits, hz_error *err)
{
    hz_buf bytes = HZ_BUF_INIT;
    const hz_limits *known = limits ? limits : hz_limits_default();
    *out = (hz_stored){.bytes = HZ_BUF_INIT};
    hz_status st =
        hz_file_read_all(&bytes, path, known->value[HZ_LIMIT_RESULT_BYTES], hz_limit_name(HZ_LIMIT_RESULT_BYTES), err);
    if (st == HZ_OK)
        st = hz_stored_read(out, hz_slice_of(path), &bytes, known, err);
    hz_buf_clear(&bytes);
    return st;
}

void hz_stored_close(hz_stored *stored)
{
    hz_arena_free(stored->arena);
    hz_buf_clear(&stored->bytes);
    *stored = (hz_stored){.bytes = HZ_BUF_INIT};
}

/* ---- digests and values ---- */

hz_status hz_jvalue_digest(uint8_t out[32], const hz_jvalue *value, const char *except, hz_error *err)
{
    hz_buf canonical = HZ_BUF_INIT;
    hz_status st = hz_jcs_put(&canonical, value, except, err);
    if (st == HZ_OK && !hz_sha256_bytes(out, hz_buf_slice(&canonical)))
        st = hz_nomem(err, 0);
    hz_buf_clear(&canonical);
    return st;
}

hz_status hz_stored_digest(uint8_t out[32], const hz_stored *stored, hz_error *err)
{
    return hz_jvalue_digest(out, stored->root, "run", err);
}

uint64_t hz_stored_count(const hz_jvalue *object, const char *name)
{
    uint64_t n = 0;
    return hz_ju64(&n, hz_jget(object, name)) ? n : 0;
}

bool hz_stored_day(int32_t *out, const hz_jvalue *value)
{
    hz_time_format iso;
    int64_t days;
    hz_time_format_iso(&iso, HZ_TIME_DATE);
    if (!hz_jis(value, HZ_JR_STRING) || !hz_time_parse(&days, &iso, value->text))
        return false;
    *out = (int32_t)days;
    return true;
}

hz_slice hz_stored_text2(const hz_jvalue *value, hz_lang lang, hz_slice fallback)
{
    hz_text2 text = {hz_jtext(hz_jget(value, "zh")), hz_jtext(hz_jget(value, "en"))};
    return hz_text2_pick(text, lang, fallback);
}
