/* rebuild.c: member by member, in the order of the report. Names are looked up in the profile, so that titles, kinds
 * and tolerances are the profile's own; figures are the report's, and nothing is graded anew. */
#include "validator/tasks/rebuild.h"

#include "validator/tasks/trend.h"

#include "base/alloc.h"
#include "base/calendar.h"
#include "base/htab.h"
#include "base/sha256.h"
#include "reports/grade.h"

typedef struct job {
    hz_result *result;
    const hz_stored *stored;
    const hz_profile *profile;
    hz_lang lang;
    hz_names rules;     /* ids to places in profile.rules */
    size_t tables_more; /* behind tables_count: only places of findings name them */
    hz_error *err;
} job;

enum { TABLES_MORE_MAX = 64 };

hz_lang hz_stored_lang(const hz_stored *stored)
{
    return hz_slice_is(hz_jtext(hz_jget(stored->hezhun, "lang")), "en") ? HZ_LANG_EN : HZ_LANG_ZH;
}

bool hz_stored_reveal(const hz_stored *stored)
{
    return hz_jtrue(hz_jget(stored->hezhun, "reveal"));
}

static hz_status unknown(job *j, hz_msg_id message, hz_slice name)
{
    const hz_arg args[] = {{.kind = HZ_ARG_MESSAGE, .message = message}, HZ_S(name), HZ_S(j->profile->id)};
    return hz_error_set(j->err, HZ_E_USAGE, args, sizeof args / sizeof *args);
}

#define WORD(type, name_of, count)                                                                                     \
    static type type##_named(hz_slice text, type otherwise)                                                            \
    {                                                                                                                  \
        for (int i = 0; i < (int)(count); i++)                                                                         \
            if (hz_slice_is(text, name_of((type)i)))                                                                   \
                return (type)i;                                                                                        \
        return otherwise;                                                                                              \
    }
WORD(hz_severity, hz_severity_name, HZ_SEVERITY_COUNT)
WORD(hz_life, hz_life_name, HZ_LIFE_COUNT)
WORD(hz_outcome, hz_outcome_name, HZ_OUTCOME_COUNT)
WORD(hz_gate_state, hz_gate_state_name, HZ_GATE_NOT_RUN + 1)

/* ---- small values ---- */

static bool decimal_of(hz_decimal *out, const hz_jvalue *value)
{
    return hz_jis(value, HZ_JR_NUMBER) && hz_decimal_parse(out, value->text);
}

/* Scores and rates have six decimals, of which the report leaves out zeros at the end. */
static bool score_of(hz_decimal *out, const hz_jvalue *value)
{
    return decimal_of(out, value) && hz_decimal_round(out, *out, 6, HZ_ROUND_HALF_EVEN);
}

static bool text_of(hz_slice *out, const hz_jvalue *value)
{
    *out = hz_jtext(value);
    return hz_jis(value, HZ_JR_STRING);
}

static hz_shown shown_of(const hz_jvalue *value)
{
    return (hz_shown){hz_jtext(value), HZ_MASK_NONE, !hz_jis(value, HZ_JR_STRING)};
}

static void copy_text(char *into, size_t room, hz_slice text)
{
    size_t len = text.len < room - 1 ? text.len : room - 1;
    if (len)
        memcpy(into, text.ptr, len);
    into[len] = '\0';
}

#define MAKE(j, into, type, count)                                                                                     \
    do {                                                                                                               \
        (into) = HZ_ARENA_ARRAY((j)->result->arena, type, (size_t)(count) + 1);                                        \
        if (!(into))                                                                                                   \
            return hz_nomem((j)->err, (size_t)(count) * sizeof(type));                                                 \
    } while (0)

static hz_status take_texts(job *j, hz_slice **out, size_t *count, const hz_jvalue *array)
{
    MAKE(j, *out, hz_slice, array->count);
    for (const hz_jvalue *item = array->first; item; item = item->next)
        (*out)[(*count)++] = hz_jtext(item);
    return HZ_OK;
}

static hz_status take_named(job *j, hz_named **out, size_t *count, const hz_jvalue *object)
{
    *out = NULL;
    *count = 0;
    if (!hz_jis(object, HZ_JR_OBJECT))
        return HZ_OK;
    MAKE(j, *out, hz_named, object->count);
    for (const hz_jvalue *member = object->first; member; member = member->next)
        (*out)[(*count)++] = (hz_named){.name = member->name, .value = shown_of(member)};
    return HZ_OK;
}

/* What the file itself calls the fields of a place, of a submission that was read through a mapping. */
static void take_submitted(hz_named *items, size_t count, const hz_jvalue *submitted)
{
    for (size_t i = 0; hz_jis(submitted, HZ_JR_OBJECT) && i < count; i++)
        for (const hz_jvalue *member = submitted->first; member; member = member->next)
            if (hz_slice_eq(member->name, items[i].name) && hz_jis(member, HZ_JR_OBJECT)) {
                const hz_jvalue *value = hz_jget(member, "value");
                items[i].own_name = hz_jtext(hz_jget(member, "column"));
                items[i].own_value = value ? shown_of(value) : (hz_shown){.null = true};
            }
}

/* ---- reasons ---- */

static hz_msg_id message_named(hz_slice id)
{
    for (int i = HZ_MSG_NONE + 1; i < HZ_MSG_COUNT; i++)
        if (hz_slice_is(id, hz_msg_name((hz_msg_id)i)))
            return (hz_msg_id)i;
    return HZ_MSG_NONE;
}

/* The next hole of a template: its number, and where the plain text before it ends; -1 at the end. Doubled braces are
 * left alone: what follows compares the whole text. */
static int next_hole(const char *pattern, size_t *at)
{
    for (; pattern[*at]; (*at)++)
        if (pattern[*at] == '{' && pattern[*at + 1] >= '0' && pattern[*at + 1] <= '7' && pattern[*at + 2] == '}')
            return pattern[*at + 1] - '0';
    return -1;
}

/* Each argument reaches to the first place where the plain text behind its hole comes; the last to the end. */
static bool take_arguments(hz_said *said, hz_slice text, const char *pattern)
{
    size_t at = 0, from = 0;
    int hole = next_hole(pattern, &at);
    if (!hz_slice_starts(text, (hz_slice){pattern, at}))
        return false;
    from = at;
    while (hole >= 0) {
        size_t plain = at + 3, end = plain;
        int next = next_hole(pattern, &end);
        const char *found = text.ptr + text.len;
        if (end > plain)
            found = next < 0 ? text.ptr + text.len - (end - plain)
                             : memmem(text.ptr + from, text.len - from, pattern + plain, end - plain);
        if (!found || found < text.ptr + from)
            return false;
        said->args[hole] = (hz_slice){text.ptr + from, (size_t)(found - text.ptr) - from};
        said->args_count = (uint32_t)hole + 1 > said->args_count ? (uint32_t)hole + 1 : said->args_count;
        from += said->args[hole].len + (end - plain);
        at = end;
        hole = next;
    }
    return true;
}

hz_status hz_said_again(hz_said *said, hz_slice id, hz_slice text, hz_lang lang, hz_arena *arena, hz_error *err)
{
    hz_buf again = HZ_BUF_INIT;
    hz_slice kept;
    *said = (hz_said){.message = message_named(id)};
    if (hz_arena_copy(&kept, arena, text) != HZ_OK)
        return hz_nomem(err, text.len);
    bool same = said->message != HZ_MSG_NONE && take_arguments(said, kept, hz_msg_text(said->message, lang));
    if (same) {
        hz_msg_render(&again, said->message, said->args, said->args_count, lang);
        same = again.status == HZ_OK && hz_slice_eq(hz_buf_slice(&again), text);
    }
    hz_buf_clear(&again);
    if (!same)
        *said = (hz_said){.message = HZ_MSG_STORED_SAID, .args_count = 1, .args = {kept}};
    return HZ_OK;
}

static hz_status take_reason(job *j, hz_said *said, const hz_jvalue *of)
{
    hz_slice text;
    if (!text_of(&text, hz_jget(of, "reason")))
        return HZ_OK;
    return hz_said_again(said, hz_jtext(hz_jget(of, "reason_id")), text, j->lang, j->result->arena, j->err);
}

/* ---- the submission ---- */

static hz_status take_bins(job *j, hz_bin **out, size_t *count, const hz_jvalue *array, bool top)
{
    if (!hz_jis(array, HZ_JR_ARRAY))
        return HZ_OK;
    MAKE(j, *out, hz_bin, array->count);
    for (const hz_jvalue *item = array->first; item; item = item->next)
        (*out)[(*count)++] = (hz_bin){hz_jtext(hz_jget(item, top ? "value" : "from")), hz_jtext(hz_jget(item, "to")),
                                      hz_stored_count(item, "count")};
    return HZ_OK;
}

static hz_status take_column(job *j, hz_result_column *out, const hz_jvalue *column, const hz_table *table)
{
    *out = (hz_result_column){.name = hz_jtext(hz_jget(column, "name")),
                              .type = hz_jtext(hz_jget(column, "type")),
                              .personal = hz_jtrue(hz_jget(column, "personal")),
                              .absent = hz_jtrue(hz_jget(column, "absent")),
                              .missing = hz_stored_count(column, "missing"),
                              .invalid = hz_stored_count(column, "invalid"),
                              .distinct = hz_stored_count(column, "distinct")};
    out->field = hz_table_field(table, out->name);
    out->has_min = text_of(&out->min, hz_jget(column, "min"));
    out->has_max = text_of(&out->max, hz_jget(column, "max"));
    out->has_mean = text_of(&out->mean, hz_jget(column, "mean"));
    if (!out->field)
        return unknown(j, HZ_MSG_REBUILD_NO_FIELD, out->name);
    HZ_TRY(take_bins(j, &out->histogram, &out->histogram_count, hz_jget(column, "histogram"), false));
    return take_bins(j, &out->top, &out->top_count, hz_jget(column, "top"), true);
}

static void take_source(hz_result_source *out, const hz_jvalue *source)
{
    hz_slice delimiter = hz_jtext(hz_jget(source, "delimiter"));
    *out = (hz_result_source){.path = hz_jtext(hz_jget(source, "path")),
                              .part = hz_jtext(hz_jget(source, "part")),
                              .format = hz_jtext(hz_jget(source, "format")),
                              .bytes = hz_stored_count(source, "bytes"),
                              .rows = hz_stored_count(source, "rows"),
                              .bad_rows = hz_stored_count(source, "bad_rows"),
                              .encoding = hz_jtext(hz_jget(source, "encoding")),
                              .confidence = (unsigned)hz_stored_count(source, "encoding_confidence"),
                              .delimiter = delimiter.len ? delimiter.ptr[0] : '\0'};
    (void)hz_unhex(out->sha256, 32, hz_jtext(hz_jget(source, "sha256")));
}

static hz_status take_table(job *j, hz_result_table *out, const hz_jvalue *table)
{
    const hz_jvalue *sources = hz_jget(table, "sources"), *columns = hz_jget(table, "columns");
    *out = (hz_result_table){.name = hz_jtext(hz_jget(table, "name")),
                             .present = hz_jtrue(hz_jget(table, "present")),
                             .rows = hz_stored_count(table, "rows"),
                             .bad_rows = hz_stored_count(table, "bad_rows"),
                             .records_with_errors = hz_stored_count(table, "records_with_errors")};
    out->table = hz_profile_table(j->profile, out->name);
    if (!out->table)
        return unknown(j, HZ_MSG_REBUILD_NO_TABLE, out->name);
    out->counts = !out->table->external;
    MAKE(j, out->sources, hz_result_source, sources->count);
    for (const hz_jvalue *source = sources->first; source; source = source->next)
        take_source(&out->sources[out->sources_count++], source);
    MAKE(j, out->columns, hz_result_column, columns->count);
    for (const hz_jvalue *column = columns->first; column; column = column->next)
        HZ_TRY(take_column(j, &out->columns[out->columns_count++], column, out->table));
    return take_texts(j, &out->unknown_columns, &out->unknown_columns_count, hz_jget(table, "unknown_columns"));
}

static hz_status take_mapping(job *j, hz_result_mapping **out, const hz_jvalue *mapping)
{
    *out = NULL;
    if (!hz_jis(mapping, HZ_JR_OBJECT))
        return HZ_OK;
    MAKE(j, *out, hz_result_mapping, 1);
    (*out)->path = hz_jtext(hz_jget(mapping, "path"));
    (*out)->id = hz_jtext(hz_jget(mapping, "id"));
    (void)hz_unhex((*out)->sha256, 32, hz_jtext(hz_jget(mapping, "sha256")));
    return HZ_OK;
}

static hz_status take_manifest(job *j, hz_result_manifest **out, const hz_jvalue *manifest)
{
    *out = NULL;
    if (!hz_jis(manifest, HZ_JR_OBJECT))
        return HZ_OK;
    MAKE(j, *out, hz_result_manifest, 1);
    (*out)->path = hz_jtext(hz_jget(manifest, "path"));
    (*out)->id = hz_jtext(hz_jget(manifest, "id"));
    (*out)->unit = hz_jtext(hz_jget(manifest, "unit"));
    (*out)->period = hz_jtext(hz_jget(manifest, "period"));
    (void)hz_unhex((*out)->sha256, 32, hz_jtext(hz_jget(manifest, "sha256")));
    return HZ_OK;
}

static hz_status take_submission(job *j)
{
    hz_result *result = j->result;
    const hz_jvalue *submission = j->stored->submission;
    const hz_jvalue *params = hz_jget(submission, "params"), *lists = hz_jget(submission, "lists"),
                    *tables = hz_jget(submission, "tables");
    result->has_as_of = hz_stored_day(&result->as_of, hz_jget(submission, "as_of"));
    MAKE(j, result->params, hz_result_param, params->count);
    for (const hz_jvalue *param = params->first; param; param = param->next)
        result->params[result->params_count++] = (hz_result_param){
            hz_jtext(hz_jget(param, "name")), hz_jtext(hz_jget(param, "value")), hz_jtrue(hz_jget(param, "given"))};
    MAKE(j, result->lists, hz_list_used, lists->count);
    for (const hz_jvalue *list = lists->first; list; list = list->next) {
        hz_list_used *used = &result->lists[result->lists_count++];
        *used = (hz_list_used){.id = hz_jtext(hz_jget(list, "id")), .edition = hz_jtext(hz_jget(list, "edition"))};
        (void)hz_unhex(used->sha256, 32, hz_jtext(hz_jget(list, "sha256")));
    }
    hz_result_mapping *mapping;
    HZ_TRY(take_mapping(j, &mapping, hz_jget(submission, "mapping")));
    result->mapping = mapping;
    HZ_TRY(take_manifest(j, &result->manifest, hz_jget(submission, "manifest")));
    HZ_TRY(take_texts(j, &result->ignored, &result->ignored_count, hz_jget(submission, "ignored")));
    MAKE(j, result->tables, hz_result_table, tables->count + TABLES_MORE_MAX);
    for (const hz_jvalue *table = tables->first; table; table = table->next)
        HZ_TRY(take_table(j, &result->tables[result->tables_count++], table));
    return HZ_OK;
}

/* ---- findings ---- */

/* A table of the report, or one of those that only findings name: included ones, "NAME@previous". */
static hz_status place_table(job *j, uint32_t *out, hz_slice name)
{
    hz_result *result = j->result;
    size_t count = result->tables_count + j->tables_more;
    const char *at = name.len ? memchr(name.ptr, '@', name.len) : NULL;
    for (size_t i = 0; i < count; i++) {
        *out = (uint32_t)i;
        if (hz_slice_eq(result->tables[i].name, name))
            return HZ_OK;
    }
    hz_slice own = at ? hz_slice_sub(name, 0, (size_t)(at - name.ptr)) : name;
    const hz_table *table = hz_profile_table(j->profile, own);
    if (!table || j->tables_more == TABLES_MORE_MAX)
        return unknown(j, HZ_MSG_REBUILD_NO_TABLE, name);
    *out = (uint32_t)count;
    result->tables[count] = (hz_result_table){.table = table, .name = name, .present = true, .period = at ? 1 : 0};
    j->tables_more++;
    return HZ_OK;
}

static hz_status take_place(job *j, hz_place *out, const hz_jvalue *place)
{
    hz_slice source;
    *out = (hz_place){
        .source = UINT32_MAX, .line = hz_stored_count(place, "line"), .where = hz_jtext(hz_jget(place, "where"))};
    HZ_TRY(place_table(j, &out->table, hz_jtext(hz_jget(place, "table"))));
    hz_result_table *table = &j->result->tables[out->table];
    if (text_of(&source, hz_jget(place, "source"))) {
        for (size_t i = 0; i < table->sources_count && out->source == UINT32_MAX; i++)
            if (hz_slice_eq(table->sources[i].path, source))
                out->source = (uint32_t)i;
        if (out->source == UINT32_MAX && out->table >= j->result->tables_count) {
            hz_result_source *grown;
            MAKE(j, grown, hz_result_source, table->sources_count + 1);
            if (table->sources_count)
                memcpy(grown, table->sources, table->sources_count * sizeof *grown);
            grown[table->sources_count] = (hz_result_source){.path = source};
            table->sources = grown;
            out->source = (uint32_t)table->sources_count++;
        }
    }
    HZ_TRY(take_named(j, &out->key, &out->key_count, hz_jget(place, "key")));
    HZ_TRY(take_named(j, &out->fields, &out->fields_count, hz_jget(place, "fields")));
    take_submitted(out->key, out->key_count, hz_jget(place, "submitted"));
    take_submitted(out->fields, out->fields_count, hz_jget(place, "submitted"));
    return HZ_OK;
}

/* A message of the profile's own stands as its template would, a default one as its text. A reason is in the text
 * already, and would be added to a default message. */
static hz_status take_message(job *j, hz_finding *out, const hz_rule *rule, hz_slice text)
{
    if (!rule->message_zh.count && !rule->message_en.count && !out->reason) {
        MAKE(j, out->args, hz_shown, 1);
        out->message = HZ_MSG_STORED_SAID;
        out->args[out->args_count++] = (hz_shown){text, HZ_MASK_NONE, false};
        return HZ_OK;
    }
    hz_message *message = HZ_ARENA_NEW(j->result->arena, hz_message);
    hz_message_part *part = HZ_ARENA_NEW(j->result->arena, hz_message_part);
    if (!message || !part)
        return hz_nomem(j->err, sizeof *message + sizeof *part);
    part->text = text;
    *message = (hz_message){part, 1};
    out->template_zh = out->template_en = message;
    return HZ_OK;
}

static const char *reason_named(hz_slice name)
{
    for (int i = 0; name.len && i <= (int)HZ_REASON_CHECK; i++)
        if (hz_slice_is(name, hz_reason_name((hz_semtype_reason)i)))
            return hz_reason_name((hz_semtype_reason)i);
    return NULL;
}

static hz_status take_finding(job *j, hz_finding *out, const hz_result_rule *rule, const hz_jvalue *finding)
{
    const hz_jvalue *expected = hz_jget(finding, "expected"), *difference = hz_jget(finding, "difference");
    const hz_jvalue *related = hz_jget(finding, "related"), *repair = hz_jget(finding, "repair");
    out->severity = hz_severity_named(hz_jtext(hz_jget(finding, "severity")), rule->severity);
    HZ_TRY(take_place(j, &out->at, finding));
    out->at.offset_bytes = hz_stored_count(finding, "offset");
    out->group = out->at.source == UINT32_MAX && !out->at.line && rule->rule->kind == HZ_RULE_GROUP_ASSERT;
    out->reason = reason_named(hz_jtext(hz_jget(finding, "reason")));
    out->has_expected = expected != NULL;
    out->expected = shown_of(expected);
    out->has_difference = difference != NULL;
    out->difference = shown_of(difference);
    out->has_repair = repair != NULL;
    out->repair = shown_of(repair);
    MAKE(j, out->related, hz_place, related->count);
    for (const hz_jvalue *place = related->first; place; place = place->next)
        HZ_TRY(take_place(j, &out->related[out->related_count++], place));
    out->waived = hz_jtext(hz_jget(finding, "waived"));
    out->acknowledged = hz_jtext(hz_jget(finding, "acknowledged"));
    hz_slice since = hz_jtext(hz_jget(finding, "since"));
    out->since = !since.len ? HZ_SINCE_UNKNOWN : hz_slice_is(since, "new") ? HZ_SINCE_NEW : HZ_SINCE_BEFORE;
    HZ_TRY(take_named(j, &out->echo, &out->echo_count, hz_jget(finding, "echo")));
    copy_text(out->fingerprint, sizeof out->fingerprint, hz_jtext(hz_jget(finding, "fingerprint")));
    return take_message(j, out, rule->rule, hz_jtext(hz_jget(finding, "message")));
}

static hz_status take_rule(job *j, hz_result_rule *out, const hz_jvalue *rule, uint32_t index, bool draft)
{
    hz_slice id = hz_jtext(hz_jget(rule, "id"));
    const hz_jvalue *examples = hz_jget(rule, "examples");
    uint32_t at = hz_names_find(&j->rules, id);
    out->rule = at == HZ_HTAB_NONE ? hz_profile_manifest_rule(j->profile, id) : &j->profile->rules[at];
    if (!out->rule)
        return unknown(j, HZ_MSG_REBUILD_NO_RULE, id);
    out->outcome = hz_outcome_named(hz_jtext(hz_jget(rule, "outcome")), HZ_OUTCOME_ERROR);
    out->severity = hz_severity_named(hz_jtext(hz_jget(rule, "severity")), out->rule->severity);
    out->life = hz_life_named(hz_jtext(hz_jget(rule, "status")), out->rule->status);
    HZ_TRY(take_reason(j, &out->reason, rule));
    out->rows = hz_stored_count(rule, "rows");
    out->not_applicable = hz_stored_count(rule, "not_applicable");
    out->undetermined = hz_stored_count(rule, "undetermined");
    out->ambiguous = hz_stored_count(rule, "ambiguous");
    out->evaluated = hz_stored_count(rule, "evaluated");
    out->passed = hz_stored_count(rule, "passed");
    out->failed = hz_stored_count(rule, "failed");
    out->waived = hz_stored_count(rule, "waived");
    out->has_groups = hz_jget(rule, "groups") != NULL;
    out->groups = hz_stored_count(rule, "groups");
    out->has_unkeyed = hz_jget(rule, "unkeyed") != NULL;
    out->unkeyed = hz_stored_count(rule, "unkeyed");
    MAKE(j, out->examples, hz_finding, examples->count);
    for (const hz_jvalue *example = examples->first; example; example = example->next) {
        hz_finding *finding = &out->examples[out->examples_count++];
        finding->rule = index;
        finding->draft = draft;
        HZ_TRY(take_finding(j, finding, out, example));
    }
    return HZ_OK;
}

static hz_status take_rules(job *j)
{
    hz_result *result = j->result;
    MAKE(j, result->rules, hz_result_rule, j->stored->rules->count);
    MAKE(j, result->drafts, hz_result_rule, j->stored->drafts->count);
    for (const hz_jvalue *rule = j->stored->rules->first; rule; rule = rule->next, result->rules_count++)
        HZ_TRY(take_rule(j, &result->rules[result->rules_count], rule, (uint32_t)result->rules_count, false));
    for (const hz_jvalue *rule = j->stored->drafts->first; rule; rule = rule->next, result->drafts_count++)
        HZ_TRY(take_rule(j, &result->drafts[result->drafts_count], rule, (uint32_t)result->drafts_count, true));
    return HZ_OK;
}

/* ---- figures ---- */

static hz_verdict holds(const hz_jvalue *of)
{
    const hz_jvalue *value = hz_jget(of, "holds");
    if (!value)
        return HZ_VERDICT_NONE;
    return value->kind == HZ_JR_TRUE    ? HZ_VERDICT_TRUE
           : value->kind == HZ_JR_FALSE ? HZ_VERDICT_FALSE
                                        : HZ_VERDICT_UNKNOWN;
}

static void count_verdict(hz_result_measure *measure, hz_verdict verdict)
{
    measure->passed += verdict == HZ_VERDICT_TRUE;
    measure->failed += verdict == HZ_VERDICT_FALSE;
    measure->undetermined += verdict == HZ_VERDICT_UNKNOWN;
    measure->evaluated = measure->passed + measure->failed;
}

static hz_status take_measure(job *j, hz_result_measure *out, const hz_jvalue *measure)
{
    const hz_jvalue *regions = hz_jget(measure, "regions");
    out->measure = hz_profile_measure(j->profile, hz_jtext(hz_jget(measure, "id")));
    if (!out->measure)
        return unknown(j, HZ_MSG_REBUILD_NO_RULE, hz_jtext(hz_jget(measure, "id")));
    out->outcome = hz_outcome_named(hz_jtext(hz_jget(measure, "outcome")), HZ_OUTCOME_ERROR);
    HZ_TRY(take_reason(j, &out->reason, measure));
    out->whole.has_value = decimal_of(&out->whole.value, hz_jget(measure, "value"));
    out->whole.has_fraction = decimal_of(&out->whole.numerator, hz_jget(measure, "numerator")) &&
                              decimal_of(&out->whole.denominator, hz_jget(measure, "denominator"));
    out->previous.has_value = decimal_of(&out->previous.value, hz_jget(measure, "previous"));
    out->whole_verdict = holds(measure);
    count_verdict(out, out->whole_verdict);
    out->regions = hz_arena_zalloc(j->result->arena, regions->count + 1, sizeof *out->regions);
    if (!out->regions)
        return hz_nomem(j->err, regions->count * sizeof *out->regions);
    for (const hz_jvalue *region = regions->first; region; region = region->next) {
        struct hz_result_measure_region *into = &out->regions[out->regions_count++];
        copy_text(into->code, sizeof into->code, hz_jtext(hz_jget(region, "code")));
        into->level = hz_division_level_by_name(hz_jtext(hz_jget(region, "level")));
        into->value.has_value = decimal_of(&into->value.value, hz_jget(region, "value"));
        into->verdict = holds(region);
        count_verdict(out, into->verdict);
    }
    return HZ_OK;
}

static uint32_t grade_named(const hz_profile *profile, hz_slice name)
{
    for (size_t i = 0; i < profile->grading.grades_count; i++)
        if (hz_slice_eq(profile->grading.grades[i].grade, name))
            return (uint32_t)i;
    return UINT32_MAX;
}

static void take_region(job *j, hz_result_region *out, const hz_jvalue *region)
{
    const hz_jvalue *name = hz_jget(region, "name");
    copy_text(out->code, sizeof out->code, hz_jtext(hz_jget(region, "code")));
    out->name = (hz_text2){hz_jtext(hz_jget(name, "zh")), hz_jtext(hz_jget(name, "en"))};
    out->level = hz_division_level_by_name(hz_jtext(hz_jget(region, "level")));
    out->rows = hz_stored_count(region, "rows");
    out->findings = hz_stored_count(region, "findings");
    out->records_with_errors = hz_stored_count(region, "records_with_errors");
    out->has_score = score_of(&out->score, hz_jget(region, "score"));
    out->grade = out->has_score ? grade_named(j->profile, hz_jtext(hz_jget(region, "grade"))) : UINT32_MAX;
}

static hz_status take_figures(job *j)
{
    hz_result *result = j->result;
    const hz_jvalue *indicators = hz_jget(j->stored->root, "indicators");
    MAKE(j, result->measures, hz_result_measure, j->stored->measures->count);
    for (const hz_jvalue *measure = j->stored->measures->first; measure; measure = measure->next)
        HZ_TRY(take_measure(j, &result->measures[result->measures_count++], measure));
    MAKE(j, result->regions, hz_result_region, j->stored->regions->count);
    for (const hz_jvalue *region = j->stored->regions->first; region; region = region->next)
        take_region(j, &result->regions[result->regions_count++], region);
    MAKE(j, result->indicators, hz_result_indicator, indicators->count);
    for (const hz_jvalue *indicator = indicators->first; indicator; indicator = indicator->next) {
        hz_result_indicator *out = &result->indicators[result->indicators_count++];
        const hz_jvalue *name = hz_jget(indicator, "name");
        *out = (hz_result_indicator){.code = hz_jtext(hz_jget(indicator, "code")),
                                     .name_zh = hz_jtext(hz_jget(name, "zh")),
                                     .name_en = hz_jtext(hz_jget(name, "en")),
                                     .dimension = hz_jtext(hz_jget(indicator, "dimension")),
                                     .a = hz_stored_count(indicator, "a"),
                                     .b = hz_stored_count(indicator, "b")};
        (void)score_of(&out->x, hz_jget(indicator, "x"));
    }
    return HZ_OK;
}

/* ---- causes ---- */

static hz_cause_kind kind_named(hz_slice name)
{
    hz_cause_kind kind = 0;
    while (kind + 1 < HZ_CAUSE_KINDS && !hz_slice_is(name, hz_cause_kind_name(kind)))
        kind++;
    return kind;
}

static hz_status take_cause_rules(job *j, hz_cause *out, const hz_jvalue *rules)
{
    MAKE(j, out->rules, struct hz_cause_rule, rules->count);
    for (const hz_jvalue *rule = rules->first; rule; rule = rule->next) {
        hz_slice id = hz_jtext(hz_jget(rule, "id"));
        uint32_t at = 0;
        while (at < j->result->rules_count && !hz_slice_eq(j->result->rules[at].rule->id, id))
            at++;
        if (at == j->result->rules_count)
            return unknown(j, HZ_MSG_REBUILD_NO_RULE, id);
        out->rules[out->rules_count++] = (struct hz_cause_rule){at, hz_stored_count(rule, "findings")};
    }
    return HZ_OK;
}

static hz_status take_cause(job *j, hz_cause *out, const hz_jvalue *cause)
{
    const hz_jvalue *columns = hz_jget(cause, "columns"), *name = hz_jget(cause, "name");
    *out = (hz_cause){.kind = kind_named(hz_jtext(hz_jget(cause, "kind"))),
                      .findings = hz_stored_count(cause, "findings"),
                      .name = {hz_jtext(hz_jget(name, "zh")), hz_jtext(hz_jget(name, "en"))}};
    HZ_TRY(place_table(j, &out->table, hz_jtext(hz_jget(cause, "table"))));
    copy_text(out->code, sizeof out->code, hz_jtext(hz_jget(cause, "code")));
    HZ_TRY(take_named(j, &out->values, &out->values_count, hz_jget(cause, "values")));
    if (hz_jis(columns, HZ_JR_ARRAY)) {
        MAKE(j, out->values, hz_named, columns->count);
        for (const hz_jvalue *column = columns->first; column; column = column->next)
            out->values[out->values_count++] = (hz_named){.name = hz_jtext(column)};
    }
    const hz_jvalue *rules = hz_jget(cause, "rules");
    return hz_jis(rules, HZ_JR_ARRAY) ? take_cause_rules(j, out, rules) : HZ_OK;
}

/* Reports of versions that found none have none. */
static hz_status take_causes(job *j)
{
    const hz_jvalue *causes = hz_jget(j->stored->root, "causes");
    j->result->causes_found = hz_stored_count(j->stored->root, "causes_found");
    if (!hz_jis(causes, HZ_JR_ARRAY))
        return HZ_OK;
    MAKE(j, j->result->causes, hz_cause, causes->count);
    for (const hz_jvalue *cause = causes->first; cause; cause = cause->next)
        HZ_TRY(take_cause(j, &j->result->causes[j->result->causes_count++], cause));
    return HZ_OK;
}

/* ---- verdicts ---- */

static hz_status take_next(job *j, hz_result_verdict *out, const hz_jvalue *next)
{
    if (!hz_jis(next, HZ_JR_OBJECT))
        return HZ_OK;
    const hz_jvalue *rules = hz_jget(next, "rules");
    out->next = (hz_next_grade){.present = true,
                                .level = grade_named(out->profile, hz_jtext(hz_jget(next, "grade"))),
                                .reachable = hz_jtrue(hz_jget(next, "reachable"))};
    (void)score_of(&out->next.score_then, hz_jget(next, "score"));
    out->next.has_error_rate = score_of(&out->next.error_rate, hz_jget(next, "error_rate"));
    if (out->next.level == UINT32_MAX)
        return unknown(j, HZ_MSG_REBUILD_NO_GRADE, hz_jtext(hz_jget(next, "grade")));
    MAKE(j, out->next.rules, uint32_t, rules->count);
    for (const hz_jvalue *rule = rules->first; rule; rule = rule->next) {
        uint32_t at = 0;
        while (at < out->rules_count && !hz_slice_eq(out->rules[at].rule->id, rule->text))
            at++;
        if (at == out->rules_count)
            return unknown(j, HZ_MSG_REBUILD_NO_RULE, rule->text);
        out->next.rules[out->next.rules_count++] = at;
    }
    return HZ_OK;
}

/* rules and profile of *out are there. */
static hz_status take_verdict(job *j, hz_result_verdict *out, const hz_jvalue *verdict)
{
    const hz_jvalue *dimensions = hz_jget(verdict, "dimensions"), *gates = hz_jget(verdict, "gates");
    out->conformant = hz_jtrue(hz_jget(verdict, "conformant"));
    out->incomplete = hz_jtrue(hz_jget(verdict, "incomplete"));
    out->grade = grade_named(out->profile, hz_jtext(hz_jget(verdict, "grade")));
    if (out->grade == UINT32_MAX)
        return unknown(j, HZ_MSG_REBUILD_NO_GRADE, hz_jtext(hz_jget(verdict, "grade")));
    out->has_score = score_of(&out->score, hz_jget(verdict, "score"));
    out->records = hz_stored_count(verdict, "records");
    out->records_with_errors = hz_stored_count(verdict, "records_with_errors");
    (void)score_of(&out->error_rate, hz_jget(verdict, "error_rate"));
    out->has_error_rate = out->records > 0;
    for (size_t i = 0; i < HZ_DIM_COUNT; i++) {
        const hz_jvalue *dimension = hz_jget(dimensions, hz_dimension_name((hz_dimension)i));
        out->dimensions[i].has_score = score_of(&out->dimensions[i].score, hz_jget(dimension, "score"));
        out->dimensions[i].rules = hz_stored_count(dimension, "rules");
        out->dimensions[i].failed_rules = hz_stored_count(dimension, "failed_rules");
    }
    for (size_t i = 0; i < HZ_GATE_COUNT; i++)
        out->gates[i] = hz_gate_state_named(hz_jtext(hz_jget(gates, hz_gate_name((hz_gate)i))), HZ_GATE_NOT_RUN);
    return take_next(j, out, hz_jget(verdict, "next_grade"));
}

static hz_status take_own_verdict(job *j)
{
    hz_result *result = j->result;
    hz_result_verdict own = {.profile = j->profile, .rules = result->rules, .rules_count = result->rules_count};
    HZ_TRY(take_verdict(j, &own, j->stored->verdict));
    result->certifying = hz_jtrue(hz_jget(j->stored->verdict, "certifying"));
    result->conformant = own.conformant;
    result->incomplete = own.incomplete;
    result->grade = own.grade;
    result->has_score = own.has_score;
    result->score = own.score;
    result->has_error_rate = own.has_error_rate;
    result->error_rate = own.error_rate;
    result->records = own.records;
    result->records_with_errors = own.records_with_errors;
    memcpy(result->dimensions, own.dimensions, sizeof result->dimensions);
    memcpy(result->gates, own.gates, sizeof result->gates);
    result->next = own.next;
    return HZ_OK;
}

/* The rules of an older profile of the chain, of which the report has no counts. */
static hz_status chain_rules(job *j, hz_result_verdict *out)
{
    MAKE(j, out->rules, hz_result_rule, out->profile->rules_count + HZ_MANIFEST_PARTS);
    for (size_t i = 0; i < out->profile->rules_count; i++)
        out->rules[out->rules_count++].rule = &out->profile->rules[i];
    for (size_t i = 0; j->result->manifest && i < HZ_MANIFEST_PARTS; i++)
        out->rules[out->rules_count++].rule = &out->profile->manifest_rules[i];
    return HZ_OK;
}

static hz_status take_chain(job *j)
{
    hz_result *result = j->result;
    const hz_jvalue *chain = hz_jget(j->stored->root, "verdicts");
    if (!chain || chain->count != j->profile->chain_count)
        return HZ_OK;
    MAKE(j, result->verdicts, hz_result_verdict, chain->count);
    for (const hz_jvalue *item = chain->first; item; item = item->next) {
        hz_result_verdict *out = &result->verdicts[result->verdicts_count];
        out->profile = j->profile->chain[result->verdicts_count++];
        HZ_TRY(chain_rules(j, out));
        HZ_TRY(take_verdict(j, out, item));
    }
    hz_result_own_verdict(&result->verdicts[chain->count - 1], result);
    return HZ_OK;
}

/* ---- all of it ---- */

static hz_status take_merged(job *j)
{
    const hz_jvalue *merged = hz_jget(j->stored->root, "merged"), *parts = hz_jget(merged, "parts");
    if (!merged)
        return HZ_OK;
    hz_result_merged *out = HZ_ARENA_NEW(j->result->arena, hz_result_merged);
    if (!out)
        return hz_nomem(j->err, sizeof *out);
    MAKE(j, out->parts, hz_merged_part, parts->count);
    for (const hz_jvalue *part = parts->first; part; part = part->next) {
        hz_merged_part *into = &out->parts[out->parts_count++];
        hz_result_mapping *mapping;
        hz_result_manifest *manifest;
        HZ_TRY(take_mapping(j, &mapping, hz_jget(part, "mapping")));
        HZ_TRY(take_manifest(j, &manifest, hz_jget(part, "manifest")));
        *into =
            (hz_merged_part){hz_jtext(hz_jget(part, "path")), {0}, hz_stored_count(part, "records"), mapping, manifest};
        (void)hz_unhex(into->sha256, 32, hz_jtext(hz_jget(part, "sha256")));
    }
    HZ_TRY(take_texts(j, &out->within, &out->within_count, hz_jget(merged, "within")));
    HZ_TRY(take_texts(j, &out->across, &out->across_count, hz_jget(merged, "across")));
    if (hz_jget(merged, "exchanged"))
        HZ_TRY(take_texts(j, &out->exchanged, &out->exchanged_count, hz_jget(merged, "exchanged")));
    j->result->merged = out;
    return HZ_OK;
}

static hz_status take_baseline(job *j)
{
    const hz_jvalue *baseline = hz_jget(j->stored->root, "baseline"), *rules = hz_jget(baseline, "rules");
    if (!baseline)
        return HZ_OK;
    hz_result_baseline *out = HZ_ARENA_NEW(j->result->arena, hz_result_baseline);
    if (!out)
        return hz_nomem(j->err, sizeof *out);
    *out = (hz_result_baseline){.version = hz_jtext(hz_jget(baseline, "version")),
                                .fresh = hz_stored_count(baseline, "new"),
                                .persisting = hz_stored_count(baseline, "persisting"),
                                .fixed = hz_stored_count(baseline, "fixed"),
                                .unknown = hz_stored_count(baseline, "unknown"),
                                .capped = hz_jtrue(hz_jget(baseline, "capped")),
                                .grown = hz_jtrue(hz_jget(baseline, "grown"))};
    out->has_as_of = hz_stored_day(&out->as_of, hz_jget(baseline, "as_of"));
    (void)hz_unhex(out->sha256, 32, hz_jtext(hz_jget(baseline, "sha256")));
    MAKE(j, out->rules, hz_baseline_rule, rules->count);
    for (const hz_jvalue *rule = rules->first; rule; rule = rule->next)
        out->rules[out->rules_count++] = (hz_baseline_rule){.id = hz_jtext(hz_jget(rule, "id")),
                                                            .failed_before = hz_stored_count(rule, "failed_before"),
                                                            .failed = hz_stored_count(rule, "failed"),
                                                            .fresh = hz_stored_count(rule, "new"),
                                                            .persisting = hz_stored_count(rule, "persisting"),
                                                            .fixed = hz_stored_count(rule, "fixed"),
                                                            .unknown = hz_stored_count(rule, "unknown"),
                                                            .capped = hz_jtrue(hz_jget(rule, "capped"))};
    j->result->baseline = out;
    return HZ_OK;
}

WORD(hz_waiver_state, hz_waiver_state_name, HZ_WAIVER_STATES)

static hz_status take_granted(const hz_waiver **out, job *j, const hz_jvalue *waiver)
{
    hz_waiver *made = HZ_ARENA_NEW(j->result->arena, hz_waiver);
    hz_decimal count;
    hz_slice hex = hz_jtext(hz_jget(waiver, "sha256"));
    if (!made)
        return hz_nomem(j->err, sizeof *made);
    *made = (hz_waiver){.id = hz_jtext(hz_jget(waiver, "id")),
                        .rule = hz_jtext(hz_jget(waiver, "rule")),
                        .where.text = hz_jtext(hz_jget(waiver, "where")),
                        .keys_count = (size_t)hz_stored_count(waiver, "keys"),
                        .reason = hz_jtext(hz_jget(waiver, "reason")),
                        .approved_by = hz_jtext(hz_jget(waiver, "approved_by")),
                        .file = hz_jtext(hz_jget(waiver, "file"))};
    made->has_max_count = decimal_of(&count, hz_jget(waiver, "max_count"));
    made->max_count = made->has_max_count ? (int64_t)count.coef : -1;
    made->has_max_rate = decimal_of(&made->max_rate, hz_jget(waiver, "max_rate"));
    (void)hz_stored_day(&made->until, hz_jget(waiver, "until"));
    (void)hz_unhex(made->sha256, 32, hex);
    *out = made;
    return HZ_OK;
}

/* The rule is in the result already. */
static void find_waived(hz_result_waiver *out, const hz_result *result)
{
    out->rule = UINT32_MAX;
    for (size_t list = 0; list < 2; list++) {
        const hz_result_rule *rules = list ? result->drafts : result->rules;
        size_t count = list ? result->drafts_count : result->rules_count;
        for (size_t i = 0; i < count; i++)
            if (hz_slice_eq(rules[i].rule->id, out->waiver->rule)) {
                out->rule = (uint32_t)i;
                out->draft = list == 1;
            }
    }
}

static hz_status take_waivers(job *j)
{
    hz_result *result = j->result;
    MAKE(j, result->waivers, hz_result_waiver, j->stored->waivers->count);
    for (const hz_jvalue *waiver = j->stored->waivers->first; waiver; waiver = waiver->next) {
        hz_result_waiver *out = &result->waivers[result->waivers_count++];
        const hz_jvalue *examples = hz_jget(waiver, "examples");
        HZ_TRY(take_granted(&out->waiver, j, waiver));
        out->state = hz_waiver_state_named(hz_jtext(hz_jget(waiver, "state")), HZ_WAIVER_NOT_RUN);
        out->matched = hz_stored_count(waiver, "matched");
        out->used = hz_stored_count(waiver, "used");
        find_waived(out, result);
        if (!examples || out->rule == UINT32_MAX)
            continue;
        const hz_result_rule *rule = out->draft ? &result->drafts[out->rule] : &result->rules[out->rule];
        MAKE(j, out->examples, hz_finding, examples->count);
        for (const hz_jvalue *example = examples->first; example; example = example->next) {
            hz_finding *finding = &out->examples[out->examples_count++];
            finding->rule = out->rule;
            finding->draft = out->draft;
            HZ_TRY(take_finding(j, finding, rule, example));
        }
    }
    return HZ_OK;
}

WORD(hz_ack_state, hz_ack_state_name, HZ_ACK_STATES)

static hz_status take_acknowledged(job *j)
{
    const hz_jvalue *given = hz_jget(j->stored->root, "acknowledgements"), *items = hz_jget(given, "items");
    if (!given)
        return HZ_OK;
    hz_result_acknowledged *out = HZ_ARENA_NEW(j->result->arena, hz_result_acknowledged);
    if (!out)
        return hz_nomem(j->err, sizeof *out);
    *out = (hz_result_acknowledged){.taken = hz_stored_count(given, "taken"),
                                    .refused = hz_stored_count(given, "refused"),
                                    .lapsed = hz_stored_count(given, "lapsed"),
                                    .unused = hz_stored_count(given, "unused"),
                                    .same_max = hz_stored_count(given, "same_max"),
                                    .open = hz_stored_count(given, "open")};
    MAKE(j, out->items, hz_acknowledged, items->count);
    for (const hz_jvalue *item = items->first; item; item = item->next)
        out->items[out->count++] = (hz_acknowledged){
            hz_jtext(hz_jget(item, "fingerprint")), hz_jtext(hz_jget(item, "rule")), hz_jtext(hz_jget(item, "reason")),
            hz_ack_state_named(hz_jtext(hz_jget(item, "state")), HZ_ACK_UNUSED)};
    j->result->acknowledged = out;
    return HZ_OK;
}

static void take_run(job *j)
{
    hz_result *result = j->result;
    hz_decimal seconds;
    const hz_jvalue *run = j->stored->run;
    copy_text(result->started, sizeof result->started, hz_jtext(hz_jget(run, "started")));
    copy_text(result->host, sizeof result->host, hz_jtext(hz_jget(run, "host")));
    if (decimal_of(&seconds, hz_jget(run, "seconds")) && hz_decimal_round(&seconds, seconds, 3, HZ_ROUND_HALF_EVEN))
        result->seconds = (double)seconds.coef / 1000.0;
    result->threads = (unsigned)hz_stored_count(run, "threads");
    result->memory_bytes = hz_stored_count(run, "memory");
}

static hz_status same_profile(const job *j)
{
    char hex[65];
    hz_slice id = hz_jtext(hz_jget(j->stored->profile, "id")), digest = hz_jtext(hz_jget(j->stored->profile, "digest"));
    hz_hex(hex, j->profile->sha256, 32);
    if (hz_slice_is(digest, hex))
        return HZ_OK;
    hz_status st = hz_fail(j->err, HZ_E_USAGE, HZ_M(REBUILD_PROFILE), HZ_S(j->stored->path), HZ_S(id),
                           HZ_S(hz_jtext(hz_jget(j->stored->profile, "version"))), HZ_S(j->profile->id),
                           HZ_S(j->profile->version));
    hz_error_hint(j->err, HZ_MSG_REBUILD_PROFILE_HINT);
    return st;
}

static hz_status rebuild(job *j)
{
    for (uint32_t i = 0; i < j->profile->rules_count; i++) {
        uint32_t old;
        HZ_TRY(hz_names_add(&j->rules, j->profile->rules[i].id, i, &old, j->err));
    }
    HZ_TRY(take_submission(j));
    HZ_TRY(take_rules(j));
    HZ_TRY(take_waivers(j));
    HZ_TRY(take_figures(j));
    HZ_TRY(take_causes(j));
    HZ_TRY(take_merged(j));
    HZ_TRY(take_acknowledged(j));
    HZ_TRY(take_baseline(j));
    return hz_trend_restore(j->result, j->stored, j->err);
}

static hz_status judged(job *j)
{
    HZ_TRY(take_own_verdict(j));
    take_run(j);
    return take_chain(j);
}

hz_status hz_rebuild(hz_result **out, const hz_stored *stored, const hz_profile *profile, hz_lists *lists,
                     bool other_profile, hz_error *err)
{
    hz_arena *arena = hz_arena_new();
    hz_result *result = arena ? HZ_ARENA_NEW(arena, hz_result) : NULL;
    job j = {.result = result, .stored = stored, .profile = profile, .lang = hz_stored_lang(stored), .err = err};
    *out = NULL;
    if (!result) {
        hz_arena_free(arena);
        return hz_nomem(err, sizeof *result);
    }
    *result = (hz_result){.arena = arena, .profile = profile, .lists_store = lists};
    hz_status st = other_profile ? HZ_OK : same_profile(&j);
    if (st == HZ_OK)
        st = rebuild(&j);
    if (st == HZ_OK && other_profile) { /* the verdict is made anew */
        result->certifying = hz_jtrue(hz_jget(stored->verdict, "certifying"));
        result->incomplete = hz_jtrue(hz_jget(stored->verdict, "incomplete"));
        take_run(&j);
        st = hz_grade(result, err);
    } else if (st == HZ_OK) {
        st = judged(&j);
    }
    hz_names_clear(&j.rules);
    if (st == HZ_OK)
        *out = result;
    else
        hz_arena_free(arena);
    return st;
}
