/* merge.c: parts are read, rebuilt and added to the sum one after the other, and let go: memory holds the sum and one
 * part. What is kept of a part is copied. */
#include "validator/tasks/merge.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/htab.h"
#include "base/sha256.h"
#include "reports/grade.h"
#include "validator/engine/engine.h"
#include "validator/tasks/merge_int.h"
#include "validator/tasks/rebuild.h"

/* ---- copies ---- */

hz_status hz_merge_text(hz_merging *m, hz_slice *text)
{
    return hz_arena_copy(text, m->sum->arena, *text) == HZ_OK ? HZ_OK : hz_nomem(m->err, text->len);
}

hz_status hz_merge_room(hz_merging *m, void **array, size_t count, size_t more, size_t item_bytes)
{
    size_t have = 1, needed = count + more;
    while (have < count)
        have *= 2;
    if (*array && needed <= have)
        return HZ_OK;
    while (have < needed)
        have *= 2;
    void *grown = hz_arena_zalloc(m->sum->arena, have, item_bytes);
    if (!grown)
        return hz_nomem(m->err, have * item_bytes);
    if (count)
        memcpy(grown, *array, count * item_bytes);
    *array = grown;
    return HZ_OK;
}

static hz_status copy_shown(hz_merging *m, hz_shown *value)
{
    return hz_merge_text(m, &value->text);
}

static hz_status copy_named(hz_merging *m, hz_named **items, size_t count)
{
    const hz_named *from = *items;
    if (!from)
        return HZ_OK;
    *items = HZ_ARENA_ARRAY(m->sum->arena, hz_named, count + 1);
    if (!*items)
        return hz_nomem(m->err, count * sizeof **items);
    for (size_t i = 0; i < count; i++) {
        (*items)[i] = from[i];
        HZ_TRY(hz_merge_text(m, &(*items)[i].name));
        HZ_TRY(copy_shown(m, &(*items)[i].value));
        if (from[i].own_name.len) {
            HZ_TRY(hz_merge_text(m, &(*items)[i].own_name));
            HZ_TRY(copy_shown(m, &(*items)[i].own_value));
        }
    }
    return HZ_OK;
}

/* Tables of the submission have one index in every part. What stands behind them is looked for by name. */
static hz_status place_table(hz_merging *m, uint32_t *table, const hz_result *part)
{
    const hz_result_table *named = &part->tables[*table];
    size_t count = m->sum->tables_count;
    if (*table < count)
        return HZ_OK;
    for (size_t i = 0; i < m->more_count; i++)
        if (hz_slice_eq(m->sum->tables[count + i].name, named->name)) {
            *table = (uint32_t)(count + i);
            return HZ_OK;
        }
    if (m->more_count == HZ_MERGE_TABLES_MORE)
        return hz_fail(m->err, HZ_E_USAGE, HZ_M(REBUILD_NO_TABLE), HZ_S(named->name), HZ_S(m->options->profile->id));
    hz_result_table *into = &m->sum->tables[count + m->more_count];
    *into = (hz_result_table){.table = named->table, .name = named->name, .present = true, .period = named->period};
    *table = (uint32_t)(count + m->more_count++);
    return hz_merge_text(m, &into->name);
}

/* Sources of a part stand behind those of the parts before it. */
static hz_status copy_place(hz_merging *m, hz_place *place, const hz_result *part)
{
    uint32_t was = place->table;
    hz_slice path = HZ_SLICE_NONE;
    bool sourced = place->source < part->tables[was].sources_count;
    if (sourced)
        path = part->tables[was].sources[place->source].path;
    HZ_TRY(place_table(m, &place->table, part));
    hz_result_table *table = &m->sum->tables[place->table];
    if (sourced && place->table < m->sum->tables_count) {
        place->source += (uint32_t)m->sources_before[place->table];
    } else if (sourced) {
        HZ_TRY(hz_merge_room(m, (void **)&table->sources, table->sources_count, 1, sizeof *table->sources));
        table->sources[table->sources_count] = (hz_result_source){.path = path};
        HZ_TRY(hz_merge_text(m, &table->sources[table->sources_count].path));
        place->source = (uint32_t)table->sources_count++;
    }
    HZ_TRY(copy_named(m, &place->key, place->key_count));
    return copy_named(m, &place->fields, place->fields_count);
}

static hz_status copy_message(hz_merging *m, hz_finding *finding)
{
    for (size_t i = 0; i < finding->args_count; i++) {
        hz_shown *args = HZ_ARENA_ARRAY(m->sum->arena, hz_shown, 1);
        if (!args)
            return hz_nomem(m->err, sizeof *args);
        args[0] = finding->args[i];
        finding->args = args; /* one: a message that was read back */
        HZ_TRY(copy_shown(m, &args[0]));
    }
    if (!finding->template_zh)
        return HZ_OK;
    hz_message *message = HZ_ARENA_NEW(m->sum->arena, hz_message);
    hz_message_part *part = HZ_ARENA_NEW(m->sum->arena, hz_message_part);
    if (!message || !part)
        return hz_nomem(m->err, sizeof *message + sizeof *part);
    part->text = finding->template_zh->parts[0].text;
    *message = (hz_message){part, 1};
    finding->template_zh = finding->template_en = message;
    return hz_merge_text(m, &part->text);
}

hz_status hz_merge_finding(hz_merging *m, hz_finding *out, const hz_finding *from, const hz_result *part)
{
    *out = *from;
    HZ_TRY(copy_place(m, &out->at, part));
    HZ_TRY(copy_shown(m, &out->expected));
    HZ_TRY(copy_shown(m, &out->difference));
    HZ_TRY(copy_shown(m, &out->repair));
    HZ_TRY(hz_merge_text(m, &out->acknowledged));
    HZ_TRY(hz_merge_text(m, &out->waived));
    out->related = HZ_ARENA_ARRAY(m->sum->arena, hz_place, from->related_count + 1);
    if (!out->related)
        return hz_nomem(m->err, from->related_count * sizeof *out->related);
    for (size_t i = 0; i < from->related_count; i++) {
        out->related[i] = from->related[i];
        HZ_TRY(copy_place(m, &out->related[i], part));
    }
    HZ_TRY(copy_named(m, &out->echo, out->echo_count));
    return copy_message(m, out);
}

hz_status hz_merge_said(hz_merging *m, hz_said *said)
{
    for (size_t i = 0; i < said->args_count; i++)
        HZ_TRY(hz_merge_text(m, &said->args[i]));
    return HZ_OK;
}

/* ---- parts that go together ---- */

static hz_status apart(hz_merging *m, hz_msg_id message, hz_slice what)
{
    const hz_arg args[] = {{.kind = HZ_ARG_MESSAGE, .message = message},
                           HZ_Z(m->options->parts[0]),
                           HZ_Z(m->options->parts[m->part]),
                           HZ_S(what)};
    return hz_error_set(m->err, HZ_E_USAGE, args, sizeof args / sizeof *args);
}

/* Rules that every part has: those of a manifest stand behind them, where a part has one. */
static size_t common_rules(const hz_result *part)
{
    size_t count = part->rules_count;
    while (count && part->rules[count - 1].rule->kind == HZ_RULE_MANIFEST)
        count--;
    return count;
}

static hz_status same_run(hz_merging *m, const hz_result *part)
{
    const hz_result *sum = m->sum;
    if (part->has_as_of != sum->has_as_of || (sum->has_as_of && part->as_of != sum->as_of))
        return apart(m, HZ_MSG_MERGE_AS_OF, HZ_SLICE_NONE);
    bool same = part->params_count == sum->params_count;
    for (size_t i = 0; same && i < sum->params_count; i++)
        if (!hz_slice_eq(part->params[i].name, sum->params[i].name) ||
            !hz_slice_eq(part->params[i].value, sum->params[i].value))
            return apart(m, HZ_MSG_MERGE_PARAM, sum->params[i].name);
    if (!same || part->tables_count != sum->tables_count || common_rules(part) != m->common_rules ||
        part->drafts_count != sum->drafts_count || part->measures_count != sum->measures_count)
        return apart(m, HZ_MSG_MERGE_SHAPE, HZ_SLICE_NONE);
    return HZ_OK;
}

/* A file that two parts have would count twice. */
static hz_status files_once(hz_merging *m, const hz_result *part)
{
    for (size_t t = 0; t < part->tables_count; t++) {
        for (size_t s = 0; s < part->tables[t].sources_count && part->tables[t].counts; s++) {
            const hz_result_source *source = &part->tables[t].sources[s];
            char hex[65];
            uint32_t old;
            hz_hex(hex, source->sha256, 32);
            hz_slice key = {hex, 64};
            if (!source->rows && !source->bad_rows)
                continue; /* files without a row may well be alike */
            HZ_TRY(hz_merge_text(m, &key));
            HZ_TRY(hz_names_add(&m->files, key, (uint32_t)m->part, &old, m->err));
            if (old != HZ_HTAB_NONE && old != m->part)
                return hz_fail(m->err, HZ_E_USAGE, HZ_M(MERGE_TWICE), HZ_S(source->path), HZ_Z(m->options->parts[old]),
                               HZ_Z(m->options->parts[m->part]));
        }
    }
    return HZ_OK;
}

/* ---- the sum ---- */

/* The first part gives the shape: what is there, in which order; all figures begin at nothing. */
static hz_status begin(hz_merging *m, const hz_result *part)
{
    hz_result *sum = m->sum;
    sum->profile = part->profile;
    sum->lists_store = part->lists_store;
    sum->has_as_of = part->has_as_of;
    sum->as_of = part->as_of;
    sum->certifying = true;
    sum->params_count = part->params_count;
    sum->lists_count = part->lists_count;
    sum->tables_count = part->tables_count;
    m->common_rules = common_rules(part);
    sum->rules_count = m->common_rules + HZ_MANIFEST_PARTS; /* until drop_unused */
    sum->drafts_count = part->drafts_count;
    sum->measures_count = part->measures_count;
    sum->params = HZ_ARENA_ARRAY(sum->arena, hz_result_param, part->params_count + 1);
    sum->lists = HZ_ARENA_ARRAY(sum->arena, hz_list_used, part->lists_count + 1);
    sum->tables = HZ_ARENA_ARRAY(sum->arena, hz_result_table, part->tables_count + HZ_MERGE_TABLES_MORE);
    sum->rules = HZ_ARENA_ARRAY(sum->arena, hz_result_rule, sum->rules_count + 1);
    sum->drafts = HZ_ARENA_ARRAY(sum->arena, hz_result_rule, part->drafts_count + 1);
    sum->measures = HZ_ARENA_ARRAY(sum->arena, hz_result_measure, part->measures_count + 1);
    m->sources_before = HZ_ARENA_ARRAY(sum->arena, size_t, part->tables_count + 1);
    m->lives = HZ_ARENA_ARRAY(sum->arena, hz_merge_life, sum->rules_count + part->drafts_count + 1);
    if (m->options->keys_count) {
        size_t lives = sum->rules_count + part->drafts_count;
        m->counts = hz_arena_zalloc(sum->arena, lives * m->options->parts_count + 1, sizeof *m->counts);
        if (!m->counts)
            return hz_nomem(m->err, lives * m->options->parts_count * sizeof *m->counts);
    }
    if (!sum->params || !sum->lists || !sum->tables || !sum->rules || !sum->drafts || !sum->measures ||
        !m->sources_before || !m->lives)
        return hz_nomem(m->err, part->rules_count * sizeof *sum->rules);
    for (size_t i = 0; i < part->params_count; i++) {
        sum->params[i] = part->params[i];
        HZ_TRY(hz_merge_text(m, &sum->params[i].name));
        HZ_TRY(hz_merge_text(m, &sum->params[i].value));
    }
    for (size_t i = 0; i < part->lists_count; i++) {
        sum->lists[i] = part->lists[i];
        HZ_TRY(hz_merge_text(m, &sum->lists[i].id));
        HZ_TRY(hz_merge_text(m, &sum->lists[i].edition));
    }
    return HZ_OK;
}

static hz_status add(hz_merging *m, const hz_result *part)
{
    hz_result *sum = m->sum;
    for (size_t i = 0; i < sum->tables_count; i++)
        m->sources_before[i] = sum->tables[i].sources_count;
    HZ_TRY(same_run(m, part));
    HZ_TRY(files_once(m, part));
    sum->certifying = sum->certifying && part->certifying;
    sum->incomplete = sum->incomplete || part->incomplete;
    for (size_t i = 0; i < part->ignored_count; i++) {
        HZ_TRY(hz_merge_room(m, (void **)&sum->ignored, sum->ignored_count, 1, sizeof *sum->ignored));
        sum->ignored[sum->ignored_count] = part->ignored[i];
        HZ_TRY(hz_merge_text(m, &sum->ignored[sum->ignored_count++]));
    }
    for (size_t i = 0; i < sum->tables_count; i++)
        HZ_TRY(hz_merge_table(m, &sum->tables[i], &part->tables[i]));
    for (size_t i = 0; i < part->rules_count; i++) {
        const hz_rule *rule = part->rules[i].rule;
        size_t at = i < m->common_rules ? i : m->common_rules + (size_t)rule->manifest;
        HZ_TRY(hz_merge_rule(m, &sum->rules[at], &part->rules[i], &m->lives[at], part));
    }
    for (size_t i = 0; i < sum->drafts_count; i++)
        HZ_TRY(hz_merge_rule(m, &sum->drafts[i], &part->drafts[i], &m->lives[sum->rules_count + i], part));
    for (size_t i = 0; i < sum->measures_count; i++)
        HZ_TRY(hz_merge_measure(m, &sum->measures[i], &part->measures[i]));
    for (size_t i = 0; i < part->waivers_count; i++)
        HZ_TRY(hz_merge_waiver(m, &part->waivers[i], part));
    HZ_TRY(hz_merge_reasons(m, part));
    return hz_merge_regions(m, part);
}

/* Rules of a manifest that no part has go. */
static void drop_unused(hz_merging *m)
{
    hz_result *sum = m->sum;
    size_t kept = m->common_rules;
    for (size_t i = kept; i < sum->rules_count; i++)
        if (sum->rules[i].rule)
            sum->rules[kept++] = sum->rules[i];
    sum->rules_count = kept;
}

static hz_status note_mapping(hz_merging *m, hz_merged_part *note, const hz_result_mapping *mapping)
{
    hz_result_mapping *kept = mapping ? HZ_ARENA_NEW(m->sum->arena, hz_result_mapping) : NULL;
    note->mapping = kept;
    if (!mapping)
        return HZ_OK;
    if (!kept)
        return hz_nomem(m->err, sizeof *kept);
    *kept = *mapping;
    HZ_TRY(hz_merge_text(m, &kept->path));
    return hz_merge_text(m, &kept->id);
}

static hz_status note_manifest(hz_merging *m, hz_merged_part *note, const hz_result_manifest *manifest)
{
    hz_result_manifest *kept = manifest ? HZ_ARENA_NEW(m->sum->arena, hz_result_manifest) : NULL;
    note->manifest = kept;
    if (!manifest)
        return HZ_OK;
    if (!kept)
        return hz_nomem(m->err, sizeof *kept);
    *kept = *manifest;
    HZ_TRY(hz_merge_text(m, &kept->path));
    HZ_TRY(hz_merge_text(m, &kept->id));
    HZ_TRY(hz_merge_text(m, &kept->unit));
    return hz_merge_text(m, &kept->period);
}

static hz_status note_part(hz_merging *m, const hz_stored *stored, const hz_result *part)
{
    hz_merged_part *note = &m->merged->parts[m->merged->parts_count++];
    *note = (hz_merged_part){hz_slice_of(m->options->parts[m->part]), {0}, part->records, NULL, NULL};
    HZ_TRY(hz_stored_digest(note->sha256, stored, m->err));
    HZ_TRY(note_mapping(m, note, part->mapping));
    HZ_TRY(note_manifest(m, note, part->manifest));
    return hz_merge_text(m, &note->path);
}

/* The mapping that all parts were read through. */
static void keep_mapping(hz_merging *m)
{
    const hz_merged_part *parts = m->merged->parts;
    bool same = parts[0].mapping != NULL;
    for (size_t i = 1; same && i < m->merged->parts_count; i++)
        same = parts[i].mapping && memcmp(parts[i].mapping->sha256, parts[0].mapping->sha256, 32) == 0;
    m->sum->mapping = same ? parts[0].mapping : NULL;
}

static hz_status add_file(hz_merging *m)
{
    hz_stored stored;
    hz_result *part = NULL;
    const hz_merge_options *options = m->options;
    hz_status st = hz_stored_open(&stored, options->parts[m->part], options->limits, m->err);
    if (st == HZ_OK)
        st = hz_rebuild(&part, &stored, options->profile, options->lists, false, m->err);
    if (st == HZ_OK && m->part == 0)
        st = begin(m, part);
    if (st == HZ_OK)
        st = add(m, part);
    if (st == HZ_OK)
        st = note_part(m, &stored, part);
    hz_result_free(part);
    hz_stored_close(&stored);
    return st;
}

static hz_status merge(hz_merging *m)
{
    hz_result *sum = m->sum;
    m->merged = HZ_ARENA_NEW(sum->arena, hz_result_merged);
    if (!m->merged)
        return hz_nomem(m->err, sizeof *m->merged);
    m->merged->parts = HZ_ARENA_ARRAY(sum->arena, hz_merged_part, m->options->parts_count + 1);
    if (!m->merged->parts)
        return hz_nomem(m->err, m->options->parts_count * sizeof *m->merged->parts);
    for (m->part = 0; m->part < m->options->parts_count; m->part++)
        HZ_TRY(add_file(m));
    if (m->options->keys_count)
        HZ_TRY(hz_merge_keys(m));
    HZ_TRY(hz_merge_finish(m));
    drop_unused(m);
    keep_mapping(m);
    sum->merged = m->merged;
    return hz_grade(sum, m->err);
}

hz_status hz_merge(hz_result **out, const hz_merge_options *options, hz_error *err)
{
    hz_arena *arena = hz_arena_new();
    hz_result *sum = arena ? HZ_ARENA_NEW(arena, hz_result) : NULL;
    hz_merging m = {.options = options, .sum = sum, .err = err};
    *out = NULL;
    if (!sum) {
        hz_arena_free(arena);
        return hz_nomem(err, sizeof *sum);
    }
    sum->arena = arena;
    m.examples_max = (size_t)options->limits->value[HZ_LIMIT_EXAMPLES];
    hz_status st = options->parts_count ? merge(&m) : hz_fail(err, HZ_E_USAGE, HZ_M(OPT_MERGE_OPERANDS));
    hz_names_clear(&m.files);
    if (st == HZ_OK)
        *out = sum;
    else
        hz_arena_free(arena);
    return st;
}
