/* plan.c: see plan.h. Order of work: parameters and day; files and headers; for every rule whether it can run, else why
 * not; programs; keysets and groups; the order of scans. Whatever is made here is immutable afterwards. */
#include "validator/engine/plan.h"
#include "base/alloc.h"
#include "base/diag.h"
#include "profiles/expr/check.h"
#include "profiles/load.h"
#include "validator/engine/manifest_check.h"
#include "validator/engine/plan_int.h"
#include <stdlib.h>

static const hz_said NOT_SKIPPED = {HZ_MSG_NONE, 0, {{NULL, 0}}};

hz_status hz_plan_compile(hz_program **out, hz_plan *plan, const hz_node *root, hz_error *err)
{
    *out = NULL;
    if (!root)
        return HZ_OK;
    if (!HZ_GROW(plan->programs, plan->programs_capacity, plan->programs_count + 1))
        return hz_nomem(err, sizeof *plan->programs);
    HZ_TRY(hz_program_compile(out, root, &plan->env, err));
    plan->programs[plan->programs_count++] = *out;
    return HZ_OK;
}

/* ---- parameters and day ---- */

static hz_status no_such_param(const hz_profile *profile, hz_slice name, hz_error *err)
{
    hz_slice *names = hz_mem_zalloc(profile->params_count + 1, sizeof *names);
    for (size_t i = 0; names && i < profile->params_count; i++)
        names[i] = profile->params[i].name;
    hz_slice near = names ? hz_nearest(name, names, profile->params_count) : HZ_SLICE_NONE;
    hz_status st = hz_fail(err, HZ_E_USAGE, HZ_M(ENGINE_NO_SUCH_PARAM), HZ_S(name), HZ_S(profile->id), HZ_S(near));
    if (near.len)
        hz_error_hint(err, HZ_MSG_ENGINE_NEAREST_HINT);
    hz_mem_free(names);
    return st;
}

static hz_status read_params(hz_plan *plan, hz_error *err)
{
    const hz_profile *profile = plan->profile;
    const hz_run_options *options = plan->options;
    size_t count = profile->params_count + profile->params_older_count;
    plan->params = HZ_ARENA_ARRAY(plan->arena, hz_value, count + 1);
    plan->params_given = HZ_ARENA_ARRAY(plan->arena, bool, count + 1);
    plan->params_text = HZ_ARENA_ARRAY(plan->arena, hz_slice, count + 1);
    if (!plan->params || !plan->params_given || !plan->params_text)
        return hz_nomem(err, count * sizeof(hz_value));
    for (size_t i = 0; i < count; i++)
        plan->params[i] = profile->params[i].value;
    for (size_t i = 0; i < options->params_count; i++) {
        const hz_given *given = &options->params[i];
        if (hz_profile_param(profile, given->name) < 0)
            return no_such_param(profile, given->name, err);
        for (size_t p = 0; p < count; p++) /* older forms too */
            if (hz_slice_eq(profile->params[p].name, given->name)) {
                HZ_TRY(hz_param_read(&plan->params[p], &profile->params[p], given->value, err));
                plan->params_given[p] = true;
            }
    }
    for (size_t i = 0; i < count; i++)
        if (!plan->params[i].valid)
            return hz_fail(err, HZ_E_USAGE, HZ_M(ENGINE_PARAM_MISSING), HZ_S(profile->params[i].name));
    return HZ_OK;
}

static hz_status read_day(hz_plan *plan, hz_error *err)
{
    const hz_profile *profile = plan->profile;
    plan->env.has_as_of = plan->options->has_as_of || profile->as_of == HZ_AS_OF_DAY;
    plan->env.as_of = plan->options->has_as_of ? plan->options->as_of : profile->as_of_day;
    if (profile->as_of == HZ_AS_OF_REQUIRED && !plan->options->has_as_of)
        return hz_fail(err, HZ_E_USAGE, HZ_M(ENGINE_AS_OF_MISSING), HZ_S(profile->id));
    return HZ_OK;
}

/* ---- sources and their headers ---- */

void hz_plan_open_options(hz_source_options *out, const hz_plan_source *source, const hz_run_options *options)
{
    *out = (hz_source_options){.path = source->path,
                               .bytes = source->bytes_given,
                               .member = source->member,
                               .spool = source->spool,
                               .shown_path = source->shown,
                               .limits = options->limits,
                               .cancel = options->cancel,
                               .block_bytes = options->block_bytes,
                               .scalar = options->scalar_scan,
                               .delimiter = source->delimiter,
                               .known = true,
                               .encoding = source->encoding};
}

static hz_status read_header(hz_plan *plan, hz_plan_table *entry, hz_plan_source *source, hz_error *err)
{
    const hz_table *table = entry->table;
    hz_source_options open;
    hz_plan_open_options(&open, source, plan->options);
    open.known = false;
    if (source->path)
        HZ_TRY(hz_submission_encoding(&open, plan->options, table, err));
    hz_source *reader = NULL;
    HZ_TRY(hz_source_open(&reader, &open, err));
    hz_status st = HZ_OK;
    const hz_slice *names;
    size_t count = hz_source_columns(reader, &names);
    source->columns_count = count;
    source->bytes = hz_source_bytes(reader);
    source->encoding = hz_source_encoding(reader);
    source->confidence = hz_source_confidence(reader);
    source->delimiter = hz_source_delimiter(reader);
    source->column_of = HZ_ARENA_ARRAY(plan->arena, int32_t, table->fields_count + 1);
    source->echo_of = HZ_ARENA_ARRAY(plan->arena, int32_t, table->echo_count + 1);
    source->unknown = HZ_ARENA_ARRAY(plan->arena, hz_slice, count + 1);
    source->repeated = HZ_ARENA_ARRAY(plan->arena, hz_slice, count + 1);
    source->columns = HZ_ARENA_ARRAY(plan->arena, hz_slice, count + 1);
    if (!source->column_of || !source->echo_of || !source->unknown || !source->repeated || !source->columns) {
        st = hz_nomem(err, count * sizeof(hz_slice));
        goto out;
    }
    for (size_t c = 0; c < count; c++)
        HZ_GO(hz_arena_copy(&source->columns[c], plan->arena, names[c]));
    source->format = source->spool ? hz_spool_form(source->spool) : HZ_FORM_CSV;
    source->labels = source->spool ? HZ_ARENA_ARRAY(plan->arena, hz_slice, count + 1) : NULL;
    if (source->spool && !source->labels) {
        st = hz_nomem(err, count * sizeof(hz_slice));
        goto out;
    }
    for (size_t c = 0; source->labels && c < count; c++)
        HZ_GO(hz_arena_copy(&source->labels[c], plan->arena, hz_source_label(reader, c)));
    hz_plan_header header = {source->column_of, source->echo_of, source->unknown, source->repeated, 0, 0};
    source->map = hz_mapping_table(plan->options->mapping, table);
    hz_plan_header_of(&header, table, source->columns, count, source->map);
    if (source->map)
        HZ_GO(hz_mapped_of(&source->mapped, source->map, source->column_of, source->columns, count, plan->arena, err));
    source->unknown_count = header.unknown_count;
    source->repeated_count = header.repeated_count;
out:
    hz_source_close(reader);
    return st;
}

static hz_status note_absent(hz_plan *plan, hz_plan_table *entry, hz_error *err)
{
    size_t fields = entry->table->fields_count;
    entry->absent = HZ_ARENA_ARRAY(plan->arena, bool, fields + 1);
    entry->used = HZ_ARENA_ARRAY(plan->arena, bool, fields + 1);
    if (!entry->absent || !entry->used)
        return hz_nomem(err, fields);
    for (size_t f = 0; f < fields; f++) {
        entry->absent[f] = true;
        for (size_t s = 0; s < entry->sources_count; s++)
            if (entry->sources[s].column_of[f] != HZ_COLUMN_ABSENT)
                entry->absent[f] = false;
    }
    return HZ_OK;
}

/* An included table is part of the profile, which read it when it was loaded. */
static hz_status included_source(hz_plan *plan, hz_plan_table *entry, hz_error *err)
{
    entry->sources = HZ_ARENA_NEW(plan->arena, hz_plan_source);
    if (!entry->sources)
        return hz_nomem(err, sizeof *entry->sources);
    entry->sources_count = 1;
    entry->sources[0].bytes_given = entry->table->included_bytes;
    entry->sources[0].shown = entry->table->included;
    return HZ_OK;
}

/* The built-in table `sources` of a period: one source that is made when the others were read. */
static hz_status made_source(hz_plan *plan, hz_plan_table *entry, hz_error *err)
{
    size_t count = entry->table->fields_count;
    hz_plan_source *source = HZ_ARENA_NEW(plan->arena, hz_plan_source);
    if (!source)
        return hz_nomem(err, sizeof *source);
    source->shown = entry->table->name;
    source->delimiter = ',';
    source->columns = HZ_ARENA_ARRAY(plan->arena, hz_slice, count);
    source->column_of = HZ_ARENA_ARRAY(plan->arena, int32_t, count);
    if (!source->columns || !source->column_of)
        return hz_nomem(err, count * sizeof *source->columns);
    for (size_t f = 0; f < count; f++) {
        source->columns[f] = entry->table->fields[f].name;
        source->column_of[f] = (int32_t)f;
    }
    source->columns_count = count;
    entry->sources = source;
    entry->sources_count = 1;
    entry->present = true;
    return note_absent(plan, entry, err);
}

static hz_status sources_of(hz_plan *plan, hz_plan_table *entry, const hz_submission *submission, size_t *at,
                            hz_error *err)
{
    size_t from = *at;
    while (*at < submission->files_count && submission->files[*at].table == entry->table)
        ++*at;
    entry->sources_count = *at - from;
    entry->sources = HZ_ARENA_ARRAY(plan->arena, hz_plan_source, entry->sources_count + 1);
    if (!entry->sources)
        return hz_nomem(err, entry->sources_count * sizeof *entry->sources);
    for (size_t s = 0; s < entry->sources_count; s++) {
        entry->sources[s].path = submission->files[from + s].path;
        entry->sources[s].bytes_given = submission->files[from + s].bytes;
        entry->sources[s].spool = submission->files[from + s].spool;
        entry->sources[s].member = submission->files[from + s].member;
        entry->sources[s].listed = submission->files[from + s].listed;
        entry->sources[s].shown = submission->files[from + s].shown;
        if (!entry->sources[s].spool && hz_form_of(entry->sources[s].shown) != HZ_FORM_CSV) {
            hz_status st = hz_fail(err, HZ_E_SOURCE, HZ_M(ENGINE_FORMAT_NOT_BUILT_IN), HZ_S(entry->sources[s].shown));
            hz_error_hint(err, HZ_MSG_ENGINE_FORMAT_NOT_BUILT_IN_HINT);
            return st;
        }
    }
    if (entry->table->included.len && !entry->sources_count)
        HZ_TRY(included_source(plan, entry, err));
    for (size_t s = 0; s < entry->sources_count; s++) {
        HZ_TRY(read_header(plan, entry, &entry->sources[s], err));
        entry->bytes += entry->sources[s].bytes;
    }
    entry->present = entry->sources_count > 0;
    return note_absent(plan, entry, err);
}

static hz_status find_period(hz_plan *plan, uint32_t period, hz_submission *submission, hz_error *err)
{
    const hz_run_options *options = plan->options;
    bool folder = period && period <= options->previous_count;
    const hz_input *inputs = folder ? &options->previous[period - 1] : options->inputs;
    HZ_TRY(
        hz_submission_find(submission, options, inputs, folder ? 1 : options->inputs_count, period, plan->arena, err));
    size_t at = 0;
    for (size_t t = 0; t < plan->profile->tables_count; t++) {
        hz_plan_table *entry = &plan->tables[period * plan->profile->tables_count + t];
        entry->table = &plan->profile->tables[t];
        entry->period = period;
        bool given = at < submission->files_count && submission->files[at].table == entry->table;
        HZ_TRY(entry->table->builtin && !given ? made_source(plan, entry, err)
                                               : sources_of(plan, entry, submission, &at, err));
    }
    return HZ_OK;
}

static hz_status find_sources(hz_plan *plan, hz_error *err)
{
    plan->periods_count = 1 + plan->options->previous_count;
    for (size_t i = 0; i < plan->options->inputs_count; i++)
        if (!plan->options->inputs[i].path && plan->options->inputs[i].period >= plan->periods_count)
            plan->periods_count = plan->options->inputs[i].period + 1;
    plan->sheets_count = plan->periods_count * plan->profile->tables_count;
    plan->tables = HZ_ARENA_ARRAY(plan->arena, hz_plan_table, plan->sheets_count + 1);
    if (!plan->tables)
        return hz_nomem(err, plan->sheets_count * sizeof *plan->tables);
    for (uint32_t period = 0; period < plan->periods_count; period++) {
        hz_submission *submission = period ? &plan->earlier[period - 1] : &plan->submission;
        HZ_TRY(find_period(plan, period, submission, err));
    }
    return HZ_OK;
}

/* ---- why a rule cannot run ---- */

typedef struct needs {
    hz_plan *plan;
    uint32_t period, outer_period; /* of the row in scope, and of the one outside an aggregate */
    const hz_table *absent_table;  /* the first that is not there */
    const hz_field *absent;        /* the first field that no source has */
    const char *part;              /* a part that is not built in */
    bool mark;                     /* fields are marked as used */
    bool no_period;                /* a period that was not given */
    bool as_of;
} needs;

static void needs_of(needs *need, const hz_node *node);

static void need_table(needs *need, const hz_table *table, uint32_t period)
{
    if (period >= need->plan->periods_count)
        need->no_period = true;
    else if (!need->plan->tables[hz_plan_sheet(need->plan, table, period)].present && !need->absent_table)
        need->absent_table = table;
}

static void need_field(needs *need, const hz_field *field, uint32_t period)
{
    if (period >= need->plan->periods_count)
        return;
    hz_plan_table *table = &need->plan->tables[hz_plan_sheet(need->plan, field->table, period)];
    if (table->absent[field->index] && table->present && !need->absent)
        need->absent = field;
    if (need->mark)
        table->used[field->index] = true;
}

/* The period at the end of the steps. */
static uint32_t need_steps(needs *need, const hz_node *node, uint32_t period)
{
    uint32_t before = need->period;
    for (uint32_t s = 0; s < node->steps_count; s++) {
        const hz_relation *relation = node->steps[s];
        uint32_t next = period - relation->from_period + relation->to_period;
        need_table(need, relation->to, next);
        for (size_t i = 0; i < relation->on_count; i++) {
            need->period = period;
            needs_of(need, relation->on_from[i].root);
            need->period = next;
            needs_of(need, relation->on_to[i].root);
        }
        need->period = next;
        needs_of(need, relation->where.root);
        period = next;
    }
    need->period = before;
    return period;
}

static void needs_of(needs *need, const hz_node *node)
{
    if (!node)
        return;
    if (node->kind == HZ_NODE_AS_OF)
        need->as_of = true;
    if (node->kind == HZ_NODE_FIELD && node->field)
        need_field(need, node->field, node->scope ? need->outer_period : need->period);
    if (node->kind == HZ_NODE_PATH)
        need_field(need, node->field, need_steps(need, node, node->scope ? need->outer_period : need->period));
    uint32_t before = need->period, outer = need->outer_period;
    if (node->kind == HZ_NODE_AGGREGATE && !node->star) {
        need->period = need_steps(need, node, before);
        need->outer_period = before;
    }
    for (uint32_t i = 0; i < node->items_count; i++)
        needs_of(need, node->items[i]);
    need->period = before;
    need->outer_period = outer;
}

static void needs_of_similar(needs *need, const hz_rule *rule)
{
    const hz_expr *expr;
    for (size_t i = 0; (expr = hz_rule_similar_expr(rule, i)) != NULL; i++) {
        needs_of(need, expr->root);
        need->part = need->part || !expr->root ? need->part : hz_program_missing_part(expr->root);
    }
    for (size_t i = 0; rule->similar && i < rule->similar->compare_count && !need->part; i++)
        need->part = hz_like_missing_part(hz_like_by_of(rule->similar->compare[i].by));
}

static void needs_of_rule(needs *need, const hz_rule *rule)
{
    if (rule->field) {
        need_field(need, rule->field, need->period);
        if (rule->kind == HZ_RULE_RANGE) {
            needs_of(need, rule->field->min.root);
            needs_of(need, rule->field->max.root);
        }
    }
    needs_of(need, rule->when.root);
    needs_of(need, rule->assert_.root);
    needs_of(need, rule->overlap_from.root);
    needs_of(need, rule->overlap_to.root);
    for (size_t i = 0; i < rule->keys_count; i++)
        needs_of(need, rule->keys[i].root);
    needs_of_similar(need, rule);
    const hz_node *roots[] = {rule->when.root, rule->assert_.root, rule->overlap_from.root, rule->overlap_to.root};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        if (roots[i] && !need->part)
            need->part = hz_program_missing_part(roots[i]);
    for (size_t i = 0; i < rule->keys_count && !need->part; i++)
        need->part = rule->keys[i].root ? hz_program_missing_part(rule->keys[i].root) : NULL;
}

static hz_said said0(hz_msg_id message)
{
    return (hz_said){message, 0, {{NULL, 0}}};
}
static hz_said said1(hz_msg_id message, hz_slice arg)
{
    return (hz_said){message, 1, {arg}};
}
static hz_said said2(hz_msg_id message, hz_slice a, hz_slice b)
{
    return (hz_said){message, 2, {a, b}};
}

static hz_said why_needs(const needs *need)
{
    if (need->no_period)
        return said0(HZ_MSG_ENGINE_SKIP_PERIOD);
    if (need->part)
        return said1(HZ_MSG_ENGINE_SKIP_PART, hz_slice_of(need->part));
    if (need->absent_table)
        return said1(HZ_MSG_ENGINE_SKIP_TABLE, need->absent_table->name);
    if (need->absent)
        return said2(HZ_MSG_ENGINE_SKIP_COLUMN, need->absent->name, need->absent->table->name);
    if (need->as_of && !need->plan->env.has_as_of)
        return said0(HZ_MSG_ENGINE_SKIP_AS_OF);
    return NOT_SKIPPED;
}

static hz_said why_target(const hz_plan *plan, const hz_rule *rule)
{
    const hz_plan_table *target = &plan->tables[hz_plan_sheet(plan, rule->ref_table, rule->period)];
    if (!target->present)
        return said1(HZ_MSG_ENGINE_SKIP_TABLE, rule->ref_table->name);
    for (size_t i = 0; i < rule->keys_count; i++)
        if (target->absent[rule->ref_fields[i]->index])
            return said2(HZ_MSG_ENGINE_SKIP_COLUMN, rule->ref_fields[i]->name, rule->ref_table->name);
    return NOT_SKIPPED;
}

static hz_said why_skipped(hz_plan *plan, const hz_rule *rule)
{
    if (rule->kind == HZ_RULE_PRESENT)
        return NOT_SKIPPED;
    if (rule->period >= plan->periods_count)
        return said0(HZ_MSG_ENGINE_SKIP_PERIOD);
    const hz_plan_table *table = &plan->tables[hz_plan_sheet_of(plan, rule)];
    if (!table->present)
        return said1(HZ_MSG_ENGINE_SKIP_TABLE, rule->table->name);
    if (rule->kind == HZ_RULE_MANIFEST && rule->manifest == HZ_MANIFEST_PERIOD && !plan->env.has_as_of)
        return said0(HZ_MSG_ENGINE_SKIP_AS_OF);
    if (hz_rule_is_of_structure(rule))
        return NOT_SKIPPED;
    needs need = {.plan = plan, .period = rule->period};
    needs_of_rule(&need, rule);
    needs said = {.plan = plan, .period = rule->period};
    for (size_t side = 0; side < 2; side++) {
        const hz_message *message = side ? &rule->message_en : &rule->message_zh;
        for (size_t i = 0; i < message->count; i++)
            needs_of(&said, message->parts[i].expr.root);
    }
    need.no_period = need.no_period || said.no_period;
    hz_said why = why_needs(&need);
    if (why.message == HZ_MSG_NONE && rule->kind == HZ_RULE_REFERENCES)
        why = why_target(plan, rule);
    return why;
}

/* ---- life ---- */

static void live(hz_plan_rule *entry, const hz_plan *plan)
{
    const hz_rule *rule = entry->rule;
    entry->life = rule->status;
    if (plan->env.has_as_of && plan->env.as_of >= rule->until)
        entry->life = HZ_LIFE_WITHDRAWN;
    bool not_yet = plan->env.has_as_of && plan->env.as_of < rule->effective;
    entry->listed = entry->life != HZ_LIFE_WITHDRAWN && !not_yet;
    entry->draft = !plan->options->drafts_count && (entry->life == HZ_LIFE_DRAFT || entry->life == HZ_LIFE_PILOT);
}

/* ---- keysets ---- */

static bool same_keys(const hz_plan_keyset *have, uint32_t sheet, hz_node *const *nodes, const bool *normalize,
                      size_t count)
{
    if (have->only_of || have->sheet != sheet || have->keys_count != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!hz_node_equal(have->nodes[i], nodes[i]) || have->normalize[i] != (normalize && normalize[i]))
            return false;
    return true;
}

/* A field as a tree, for keys that are given as fields. */
hz_node *hz_plan_field_node(hz_plan *plan, const hz_field *field)
{
    hz_node *node = HZ_ARENA_NEW(plan->arena, hz_node);
    hz_slice *name = HZ_ARENA_NEW(plan->arena, hz_slice);
    if (!node || !name)
        return NULL;
    *name = field->name;
    node->kind = HZ_NODE_FIELD;
    node->type = field->value_type;
    node->item_type = field->item_type;
    node->mask = field->mask;
    node->field = field;
    node->names = name;
    node->names_count = 1;
    return node;
}

/* Room for every rule that could use it. */
static hz_status users_of(hz_plan_keyset *set, hz_plan *plan, hz_error *err)
{
    size_t uniques = 0, references = 0;
    for (size_t i = 0; i < plan->rules_count; i++) {
        const hz_rule *rule = plan->rules[i].rule;
        const hz_table *table = plan->tables[set->sheet].table;
        uniques += rule->kind == HZ_RULE_UNIQUE && rule->table == table;
        references += rule->kind == HZ_RULE_REFERENCES && rule->ref_table == table;
    }
    set->unique = HZ_ARENA_ARRAY(plan->arena, uint32_t, uniques + 1);
    set->references = HZ_ARENA_ARRAY(plan->arena, uint32_t, references + 1);
    return set->unique && set->references ? HZ_OK : hz_nomem(err, (uniques + references) * sizeof(uint32_t));
}

static hz_status keyset_for(size_t *out, hz_plan *plan, uint32_t sheet, hz_node *const *nodes, const bool *normalize,
                            size_t count, const hz_rule *only_of, hz_error *err)
{
    for (size_t k = 0; !only_of && k < plan->keysets_count; k++)
        if (same_keys(&plan->keysets[k], sheet, nodes, normalize, count)) {
            *out = k;
            return HZ_OK;
        }
    hz_plan_keyset *set = &plan->keysets[plan->keysets_count];
    HZ_TRY(hz_limit_check(plan->options->limits, HZ_LIMIT_KEY_PARTS, count, err));
    set->sheet = sheet;
    set->keys_count = count;
    set->only_of = only_of;
    set->keys = HZ_ARENA_ARRAY(plan->arena, hz_program *, count);
    set->nodes = HZ_ARENA_ARRAY(plan->arena, const hz_node *, count);
    set->normalize = HZ_ARENA_ARRAY(plan->arena, bool, count);
    HZ_TRY(users_of(set, plan, err));
    if (!set->keys || !set->nodes || !set->normalize)
        return hz_nomem(err, count * sizeof *set->keys);
    for (size_t i = 0; i < count; i++) {
        HZ_TRY(hz_plan_compile(&set->keys[i], plan, nodes[i], err));
        set->nodes[i] = nodes[i];
        set->normalize[i] = normalize && normalize[i];
    }
    *out = plan->keysets_count++;
    return HZ_OK;
}

static hz_status plan_unique(hz_plan *plan, hz_plan_rule *entry, hz_error *err)
{
    const hz_rule *rule = entry->rule;
    hz_node **nodes = HZ_ARENA_ARRAY(plan->arena, hz_node *, rule->keys_count);
    if (!nodes)
        return hz_nomem(err, rule->keys_count * sizeof *nodes);
    for (size_t i = 0; i < rule->keys_count; i++)
        nodes[i] = rule->keys[i].root;
    bool own = rule->when.root || rule->overlap_from.root;
    HZ_TRY(keyset_for(&entry->keyset, plan, hz_plan_sheet_of(plan, rule), nodes, rule->normalize, rule->keys_count,
                      own ? rule : NULL, err));
    hz_plan_keyset *set = &plan->keysets[entry->keyset];
    set->unique[set->unique_count++] = rule->index;
    HZ_TRY(hz_plan_compile(&entry->when, plan, rule->when.root, err));
    HZ_TRY(hz_plan_compile(&entry->overlap_from, plan, rule->overlap_from.root, err));
    return hz_plan_compile(&entry->overlap_to, plan, rule->overlap_to.root, err);
}

static hz_status plan_reference(hz_plan *plan, hz_plan_rule *entry, hz_error *err)
{
    const hz_rule *rule = entry->rule;
    hz_node **nodes = HZ_ARENA_ARRAY(plan->arena, hz_node *, rule->keys_count);
    entry->keys = HZ_ARENA_ARRAY(plan->arena, hz_program *, rule->keys_count);
    if (!nodes || !entry->keys)
        return hz_nomem(err, rule->keys_count * sizeof *nodes);
    for (size_t i = 0; i < rule->keys_count; i++) {
        nodes[i] = hz_plan_field_node(plan, rule->ref_fields[i]);
        if (!nodes[i])
            return hz_nomem(err, sizeof(hz_node));
        HZ_TRY(hz_plan_compile(&entry->keys[i], plan, rule->keys[i].root, err));
    }
    HZ_TRY(hz_plan_compile(&entry->when, plan, rule->when.root, err));
    uint32_t sheet = hz_plan_sheet(plan, rule->ref_table, rule->period);
    HZ_TRY(keyset_for(&entry->keyset, plan, sheet, nodes, NULL, rule->keys_count, NULL, err));
    hz_plan_keyset *set = &plan->keysets[entry->keyset];
    set->references[set->references_count++] = rule->index;
    entry->role = set->references_count;
    hz_plan_table *target = &plan->tables[sheet];
    target->scanned = true;
    for (size_t i = 0; i < rule->keys_count; i++)
        target->used[rule->ref_fields[i]->index] = true;
    return HZ_OK;
}

static hz_status compile_all(hz_program ***out, hz_plan *plan, const hz_expr *exprs, size_t count, hz_error *err)
{
    *out = HZ_ARENA_ARRAY(plan->arena, hz_program *, count + 1);
    if (!*out)
        return hz_nomem(err, count * sizeof **out);
    for (size_t i = 0; i < count; i++)
        HZ_TRY(hz_plan_compile(&(*out)[i], plan, exprs[i].root, err));
    return HZ_OK;
}

static hz_status plan_similar(hz_plan *plan, hz_plan_rule *entry, hz_error *err)
{
    const hz_similar *similar = entry->rule->similar;
    hz_plan_similar *out = &plan->similars[plan->similars_count];
    size_t blocks = similar->blocks_count, compares = similar->compare_count;
    entry->similar = plan->similars_count++;
    *out = (hz_plan_similar){.rule = entry->rule->index,
                             .sheet = hz_plan_sheet_of(plan, entry->rule),
                             .similar = similar,
                             .keys = HZ_ARENA_ARRAY(plan->arena, hz_program **, blocks + 1),
                             .values = HZ_ARENA_ARRAY(plan->arena, hz_program *, compares + 1),
                             .by = HZ_ARENA_ARRAY(plan->arena, hz_like_by, compares + 1)};
    if (!out->keys || !out->values || !out->by)
        return hz_nomem(err, (blocks + compares) * sizeof(void *));
    HZ_TRY(hz_plan_compile(&entry->when, plan, entry->rule->when.root, err));
    for (size_t b = 0; b < blocks; b++) {
        HZ_TRY(hz_limit_check(plan->options->limits, HZ_LIMIT_KEY_PARTS, similar->blocks[b].count, err));
        HZ_TRY(compile_all(&out->keys[b], plan, similar->blocks[b].parts, similar->blocks[b].count, err));
    }
    for (size_t c = 0; c < compares; c++) {
        HZ_TRY(hz_plan_compile(&out->values[c], plan, similar->compare[c].expr.root, err));
        out->by[c] = hz_like_by_of(similar->compare[c].by);
    }
    return HZ_OK;
}

static hz_status plan_assert(hz_plan *plan, hz_plan_rule *entry, hz_error *err)
{
    const hz_rule *rule = entry->rule;
    const hz_node *root = rule->assert_.root;
    HZ_TRY(hz_plan_compile(&entry->when, plan, rule->when.root, err));
    HZ_TRY(hz_plan_compile(&entry->assert_, plan, root, err));
    if (root && root->kind == HZ_NODE_COMPARE) {
        HZ_TRY(hz_plan_compile(&entry->left, plan, root->items[0], err));
        HZ_TRY(hz_plan_compile(&entry->right, plan, root->items[1], err));
    }
    return HZ_OK;
}

/* Columns for what the rule reads over relations, in its messages too: its findings show them. */
static hz_status relate_rule(hz_plan *plan, hz_plan_rule *entry, hz_error *err)
{
    const hz_rule *rule = entry->rule;
    uint32_t sheet = hz_plan_sheet_of(plan, rule);
    if (rule->kind == HZ_RULE_GROUP_ASSERT)
        return HZ_OK; /* see hz_plan_group_rule */
    const hz_node *roots[] = {rule->when.root, rule->assert_.root, rule->overlap_from.root, rule->overlap_to.root};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++)
        HZ_TRY(hz_plan_relate(&entry->level, plan, sheet, roots[i], err));
    for (size_t i = 0; i < rule->keys_count; i++)
        HZ_TRY(hz_plan_relate(&entry->level, plan, sheet, rule->keys[i].root, err));
    for (size_t side = 0; side < 2; side++) {
        const hz_message *message = side ? &rule->message_en : &rule->message_zh;
        for (size_t i = 0; i < message->count; i++)
            HZ_TRY(hz_plan_relate(&entry->level, plan, sheet, message->parts[i].expr.root, err));
    }
    return HZ_OK;
}

static hz_status plan_rule(hz_plan *plan, hz_plan_rule *entry, hz_error *err)
{
    const hz_rule *rule = entry->rule;
    hz_plan_table *table = &plan->tables[hz_plan_sheet_of(plan, rule)];
    needs mark = {.plan = plan, .period = rule->period, .mark = true};
    needs_of_rule(&mark, rule);
    for (size_t side = 0; side < 2; side++) {
        const hz_message *message = side ? &rule->message_en : &rule->message_zh;
        for (size_t i = 0; i < message->count; i++)
            needs_of(&mark, message->parts[i].expr.root);
    }
    table->scanned = true;
    HZ_TRY(relate_rule(plan, entry, err));
    switch (rule->kind) {
    case HZ_RULE_REQUIRED:
        return hz_plan_compile(&entry->when, plan, rule->when.root,
                               err); /* required_when, unless a key makes it always */
    case HZ_RULE_CHARACTERS:
    case HZ_RULE_TYPE:
    case HZ_RULE_CODES:
    case HZ_RULE_ITEMS:
    case HZ_RULE_PATTERN:
    case HZ_RULE_LENGTH:
    case HZ_RULE_RANGE:
        return HZ_OK; /* see hz_plan_chain_end */
    case HZ_RULE_UNIQUE:
        return plan_unique(plan, entry, err);
    case HZ_RULE_REFERENCES:
        return plan_reference(plan, entry, err);
    case HZ_RULE_SIMILAR:
        return plan_similar(plan, entry, err);
    case HZ_RULE_ASSERT:
        return plan_assert(plan, entry, err);
    case HZ_RULE_GROUP_ASSERT:
        return hz_plan_group_rule(plan, entry, err);
    default:
        return HZ_OK;
    }
}

/* The rules of a manifest stand behind all others, in the verdicts of all profiles of the chain. */
static hz_status add_manifest_rules(hz_plan *plan, hz_error *err)
{
    const hz_manifest *manifest = plan->options->manifest;
    hz_rule *rules = manifest ? HZ_ARENA_ARRAY(plan->arena, hz_rule, HZ_MANIFEST_PARTS) : NULL;
    if (manifest && !rules)
        return hz_nomem(err, HZ_MANIFEST_PARTS * sizeof *rules);
    for (int part = 0; manifest && part < HZ_MANIFEST_PARTS; part++) {
        if (!hz_manifest_speaks(manifest, (hz_manifest_part)part))
            continue;
        rules[part] = plan->profile->manifest_rules[part];
        rules[part].index = (uint32_t)plan->rules_count;
        plan->rules[plan->rules_count++] = (hz_plan_rule){.rule = &rules[part], .verdicts = UINT32_MAX, .own = true};
    }
    return HZ_OK;
}

static hz_status plan_rules(hz_plan *plan, hz_error *err)
{
    HZ_TRY(hz_plan_chain(plan, err));
    HZ_TRY(add_manifest_rules(plan, err));
    size_t count = plan->rules_count;
    plan->keysets = HZ_ARENA_ARRAY(plan->arena, hz_plan_keyset, count + 1);
    plan->groups = HZ_ARENA_ARRAY(plan->arena, hz_plan_group, count + 2 * hz_plan_measures(plan) + 1);
    plan->similars = HZ_ARENA_ARRAY(plan->arena, hz_plan_similar, count + 1);
    if (!plan->keysets || !plan->groups || !plan->similars)
        return hz_nomem(err, count * sizeof *plan->keysets);
    for (size_t i = 0; i < count; i++) {
        hz_plan_rule *entry = &plan->rules[i];
        live(entry, plan);
        if (!entry->listed)
            continue;
        entry->skip = why_skipped(plan, entry->rule);
        entry->runs = entry->skip.message == HZ_MSG_NONE;
        if (entry->runs && entry->rule->kind != HZ_RULE_MANIFEST)
            HZ_TRY(plan_rule(plan, entry, err));
    }
    return HZ_OK;
}

static bool reads_before(const hz_node *node)
{
    bool reads = node && node->kind == HZ_NODE_VALUE && node->index == HZ_PLAN_PREVIOUS;
    for (uint32_t i = 0; node && !reads && i < node->items_count; i++)
        reads = reads_before(node->items[i]);
    return reads;
}

/* Whether the last period's rows are there. */
static bool has_before(const hz_plan *plan, const hz_measure *measure)
{
    return plan->periods_count > 1 && plan->tables[hz_plan_sheet(plan, measure->table, 1)].present;
}

static hz_said why_no_figure(hz_plan *plan, const hz_measure *measure)
{
    if (!plan->tables[measure->table->index].present)
        return said1(HZ_MSG_ENGINE_SKIP_TABLE, measure->table->name);
    needs need = {.plan = plan};
    needs_of(&need, measure->value.root);
    needs_of(&need, measure->when.root);
    needs_of(&need, measure->expect.root);
    hz_said why = why_needs(&need);
    return why.message == HZ_MSG_NONE && reads_before(measure->expect.root) && !has_before(plan, measure)
               ? said0(HZ_MSG_ENGINE_SKIP_PERIOD)
               : why;
}

static hz_status plan_figure(size_t *out, hz_plan *plan, const hz_measure *measure, uint32_t period, hz_error *err)
{
    needs mark = {.plan = plan, .period = period, .mark = true};
    needs_of(&mark, measure->value.root);
    needs_of(&mark, measure->when.root);
    plan->tables[hz_plan_sheet(plan, measure->table, period)].scanned = true;
    return hz_plan_group_measure(out, plan, measure, period, err);
}

static hz_status plan_measures(hz_plan *plan, hz_error *err)
{
    size_t count = hz_plan_measures(plan);
    plan->measure_skips = HZ_ARENA_ARRAY(plan->arena, hz_said, count + 1);
    plan->measure_groups = HZ_ARENA_ARRAY(plan->arena, size_t, count + 1);
    plan->measure_before = HZ_ARENA_ARRAY(plan->arena, size_t, count + 1);
    if (!plan->measure_skips || !plan->measure_groups || !plan->measure_before)
        return hz_nomem(err, count * sizeof(hz_said));
    for (size_t i = 0; i < count; i++) {
        const hz_measure *measure = &plan->profile->measures[i];
        plan->measure_before[i] = SIZE_MAX;
        plan->measure_skips[i] = NOT_SKIPPED;
        if (measure->status == HZ_LIFE_WITHDRAWN)
            continue;
        plan->measure_skips[i] = why_no_figure(plan, measure);
        if (plan->measure_skips[i].message != HZ_MSG_NONE)
            continue;
        HZ_TRY(plan_figure(&plan->measure_groups[i], plan, measure, 0, err));
        if (has_before(plan, measure))
            HZ_TRY(plan_figure(&plan->measure_before[i], plan, measure, 1, err));
    }
    return HZ_OK;
}

/* ---- classes and order ---- */

static hz_status sort_into_classes(hz_plan *plan, hz_error *err)
{
    for (size_t t = 0; t < plan->sheets_count; t++) {
        hz_plan_table *table = &plan->tables[t];
        size_t most = 0;
        for (size_t i = 0; i < plan->rules_count; i++)
            most += plan->rules[i].rule->table == table->table;
        table->field_rules = HZ_ARENA_ARRAY(plan->arena, uint32_t, most + 1);
        table->row_rules = HZ_ARENA_ARRAY(plan->arena, uint32_t, most + 1);
        table->unique_rules = HZ_ARENA_ARRAY(plan->arena, uint32_t, most + 1);
        table->reference_rules = HZ_ARENA_ARRAY(plan->arena, uint32_t, most + 1);
        table->similar_rules = HZ_ARENA_ARRAY(plan->arena, uint32_t, most + 1);
        table->late_rules = HZ_ARENA_ARRAY(plan->arena, uint32_t, most + 1);
        if (!table->field_rules || !table->row_rules || !table->unique_rules || !table->reference_rules ||
            !table->similar_rules || !table->late_rules)
            return hz_nomem(err, most * sizeof(uint32_t));
    }
    for (uint32_t i = 0; i < plan->rules_count; i++) {
        const hz_plan_rule *entry = &plan->rules[i];
        if (!entry->listed || !entry->runs)
            continue;
        hz_plan_table *table = &plan->tables[hz_plan_sheet_of(plan, entry->rule)];
        hz_rule_kind kind = entry->rule->kind;
        if (entry->level && kind != HZ_RULE_GROUP_ASSERT)
            table->late_rules[table->late_rules_count++] = i;
        else if (kind >= HZ_RULE_REQUIRED && kind <= HZ_RULE_RANGE)
            table->field_rules[table->field_rules_count++] = i;
        else if (kind == HZ_RULE_ASSERT)
            table->row_rules[table->row_rules_count++] = i;
        else if (kind == HZ_RULE_UNIQUE)
            table->unique_rules[table->unique_rules_count++] = i;
        else if (kind == HZ_RULE_REFERENCES)
            table->reference_rules[table->reference_rules_count++] = i;
        else if (kind == HZ_RULE_SIMILAR)
            table->similar_rules[table->similar_rules_count++] = i;
    }
    return HZ_OK;
}

/* `sources` last: it says what reading the others found. Else smallest first: of the two sides of a reference the
 * smaller one is then read first. Where that is the target, the larger side is probed as it is read; where it is the
 * source, its few keys wait for the target. Results do not depend on the order. */
static int by_size(const void *a, const void *b, void *ctx)
{
    const hz_plan *plan = ctx;
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    if (plan->tables[x].table->builtin != plan->tables[y].table->builtin)
        return plan->tables[y].table->builtin ? -1 : 1;
    if (plan->tables[x].bytes != plan->tables[y].bytes)
        return plan->tables[x].bytes < plan->tables[y].bytes ? -1 : 1;
    return (x > y) - (x < y);
}

static hz_status order_scans(hz_plan *plan, hz_error *err)
{
    size_t count = plan->sheets_count;
    plan->order = HZ_ARENA_ARRAY(plan->arena, uint32_t, count + 1);
    if (!plan->order)
        return hz_nomem(err, count);
    for (uint32_t t = 0; t < count; t++)
        if (plan->tables[t].present && plan->tables[t].scanned)
            plan->order[plan->order_count++] = t;
    if (plan->order_count)
        qsort_r(plan->order, plan->order_count, sizeof *plan->order, by_size, plan);
    return HZ_OK;
}

/* `sources` of a period has the figures of all its files: they are read, whether a rule wants their rows or not. */
static void read_for_sources(hz_plan *plan)
{
    size_t tables = plan->profile->tables_count;
    for (size_t t = 0; t < plan->sheets_count; t++) {
        const hz_plan_table *made = &plan->tables[t];
        for (size_t i = 0; made->table->builtin && made->scanned && i < tables; i++) {
            hz_plan_table *entry = &plan->tables[made->period * tables + i];
            entry->scanned = entry->scanned || (entry->present && !entry->table->included.len);
        }
    }
}

/* A table of the submission is always read, rules or not: its rows, columns and regions are in the report. */
static hz_status plan_regions(hz_plan *plan, hz_error *err)
{
    for (size_t t = 0; t < plan->sheets_count; t++) {
        hz_plan_table *entry = &plan->tables[t];
        const hz_table *table = entry->table;
        for (size_t k = 0; entry->present && k < table->key_count; k++)
            entry->used[table->key[k]->index] = true; /* findings name it */
        if (!entry->present || table->included.len || ((entry->period || table->builtin) && !entry->scanned))
            continue;
        entry->scanned = true;
        for (size_t f = 0; f < table->fields_count; f++)
            entry->used[f] = entry->used[f] || !entry->period;
        needs need = {.plan = plan, .period = entry->period, .mark = entry->period > 0};
        needs_of(&need, table->region.root);
        if (table->region.root && why_needs(&need).message == HZ_MSG_NONE)
            HZ_TRY(hz_plan_compile(&entry->region, plan, table->region.root, err));
    }
    return HZ_OK;
}

hz_status hz_plan_make(hz_plan *plan, const hz_run_options *options, hz_arena *arena, hz_error *err)
{
    memset(plan, 0, sizeof *plan);
    plan->options = options;
    plan->profile = options->profile;
    plan->arena = arena;
    plan->env.limits = options->limits;
    if (!options->semtypes)
        HZ_TRY(hz_semtypes_open(&plan->semtypes, options->lists, err));
    plan->env.semtypes = options->semtypes ? options->semtypes : plan->semtypes;
    HZ_TRY(read_day(plan, err));
    HZ_TRY(read_params(plan, err));
    plan->env.params = plan->params;
    HZ_TRY(find_sources(plan, err));
    HZ_TRY(plan_rules(plan, err));
    HZ_TRY(hz_plan_waivers(plan, err));
    HZ_TRY(plan_measures(plan, err));
    HZ_TRY(hz_plan_relate_end(plan, err));
    read_for_sources(plan);
    HZ_TRY(plan_regions(plan, err));
    hz_plan_chain_end(plan);
    HZ_TRY(sort_into_classes(plan, err));
    return order_scans(plan, err);
}

void hz_plan_clear(hz_plan *plan)
{
    for (size_t i = 0; i < plan->programs_count; i++)
        hz_program_free(plan->programs[i]);
    for (size_t s = 0; s < plan->stages_count; s++) {
        for (size_t p = 0; p < plan->stages[s].probes_count; p++)
            hz_mem_free(plan->stages[s].probes[p].columns);
        hz_mem_free(plan->stages[s].probes);
        hz_mem_free(plan->stages[s].slots);
    }
    for (size_t i = 0; plan->rules && i < plan->rules_count; i++)
        hz_mem_free((void *)plan->rules[i].nodes);
    hz_mem_free(plan->stages);
    hz_mem_free(plan->columns);
    hz_mem_free(plan->bindings);
    hz_mem_free(plan->programs);
    hz_semtypes_close(plan->semtypes);
    hz_submission_clear(&plan->submission);
    for (size_t i = 0; i < HZ_PERIODS_MAX - 1; i++)
        hz_submission_clear(&plan->earlier[i]);
    memset(plan, 0, sizeof *plan);
}
