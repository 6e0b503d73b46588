#define PCRE2_CODE_UNIT_WIDTH 8
#include "profiles/profile.h"

#include <pcre2.h>

#include "base/alloc.h"

/* ---- names of the enums, as profiles, the JSON and messages spell them ---- */

const char *hz_severity_name(hz_severity severity)
{
    static const char *const names[] = {"fatal", "error", "warning", "info"};
    return severity < HZ_SEVERITY_COUNT ? names[severity] : "";
}

const char *hz_dimension_name(hz_dimension dimension)
{
    static const char *const names[] = {"normativity", "completeness", "accuracy",
                                        "consistency", "timeliness",   "accessibility"};
    return dimension < HZ_DIM_COUNT ? names[dimension] : "";
}

const char *hz_gate_name(hz_gate gate)
{
    static const char *const names[] = {"structure", "value", "record", "relation", "plausibility"};
    return gate < HZ_GATE_COUNT ? names[gate] : "";
}

const char *hz_life_name(hz_life life)
{
    static const char *const names[] = {"draft", "pilot", "active", "deprecated", "withdrawn"};
    return life < HZ_LIFE_COUNT ? names[life] : "";
}

const char *hz_if_skipped_name(hz_if_skipped skip)
{
    static const char *const names[] = {"ignore", "warn", "fail"};
    return skip < HZ_SKIP_COUNT ? names[skip] : "";
}

/* ---- lookups ---- */

static bool counts_at(uint32_t verdicts, uint32_t level)
{
    return !verdicts || (verdicts >> level & 1);
}

const hz_table *hz_profile_table(const hz_profile *profile, hz_slice name)
{
    for (size_t i = 0; i < profile->tables_count; i++)
        if (hz_slice_eq(profile->tables[i].name, name))
            return &profile->tables[i];
    return NULL;
}

const hz_field *hz_table_field(const hz_table *table, hz_slice name)
{
    for (size_t i = 0; i < table->fields_count; i++)
        if (hz_slice_eq(table->fields[i].name, name))
            return &table->fields[i];
    return NULL;
}

const hz_relation *hz_table_relation(const hz_table *table, hz_slice name)
{
    for (size_t i = 0; i < table->relations_count; i++)
        if (hz_slice_eq(table->relations[i]->name, name))
            return table->relations[i];
    return NULL;
}

int hz_profile_param(const hz_profile *profile, hz_slice name)
{
    for (size_t i = 0; i < profile->params_count + profile->params_older_count; i++) {
        const hz_param *param = &profile->params[i];
        if (counts_at(param->verdicts, profile->level) && hz_slice_eq(param->name, name))
            return (int)i;
    }
    return -1;
}

const hz_own_list *hz_profile_own_list(const hz_profile *profile, hz_slice id)
{
    for (size_t i = 0; i < profile->own_lists_count && id.len; i++) {
        const hz_own_list *own = &profile->own_lists[i];
        if (counts_at(own->verdicts, profile->level) && hz_slice_eq(hz_codelist_id(own->list), id))
            return own;
    }
    return NULL;
}

const hz_rule *hz_profile_rule(const hz_profile *profile, hz_slice id)
{
    for (size_t i = 0; i < profile->rules_count; i++)
        if (hz_slice_eq(profile->rules[i].id, id))
            return &profile->rules[i];
    return NULL;
}

const hz_rule *hz_profile_manifest_rule(const hz_profile *profile, hz_slice id)
{
    for (size_t i = 0; i < HZ_MANIFEST_PARTS; i++)
        if (hz_slice_eq(profile->manifest_rules[i].id, id))
            return &profile->manifest_rules[i];
    return NULL;
}

const hz_measure *hz_profile_measure(const hz_profile *profile, hz_slice id)
{
    for (size_t i = 0; i < profile->measures_count; i++)
        if (hz_slice_eq(profile->measures[i].id, id))
            return &profile->measures[i];
    return NULL;
}

uint32_t hz_profile_level_of(const hz_profile *profile, hz_span span)
{
    for (uint32_t i = 0; i < profile->chain_count; i++)
        if (span.text && profile->chain[i]->text == span.text)
            return i;
    return profile->level;
}

const hz_expr *hz_rule_similar_expr(const hz_rule *rule, size_t index)
{
    const hz_similar *similar = rule->similar;
    for (size_t b = 0; similar && b < similar->blocks_count; b++) {
        if (index < similar->blocks[b].count)
            return &similar->blocks[b].parts[index];
        index -= similar->blocks[b].count;
    }
    return similar && index < similar->compare_count ? &similar->compare[index].expr : NULL;
}

hz_status hz_waiver_copy(const hz_waiver **out, const hz_waiver *waiver, hz_arena *arena, hz_error *err)
{
    hz_waiver *copy = HZ_ARENA_NEW(arena, hz_waiver);
    if (!copy)
        return hz_nomem(err, sizeof *copy);
    *copy = *waiver;
    copy->where = (hz_expr){0};
    if (!waiver->where.root || waiver->where.root->mask == HZ_MASK_NONE)
        copy->where.text = waiver->where.text;
    copy->condition = NULL;
    copy->span = (hz_span){0};
    hz_slice *texts[] = {&copy->id, &copy->rule, &copy->reason, &copy->approved_by, &copy->file, &copy->where.text};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (hz_arena_copy(texts[i], arena, *texts[i]) != HZ_OK)
            return hz_nomem(err, texts[i]->len);
    *out = copy;
    return HZ_OK;
}

/* ---- what is not in the arena ---- */

/* Both take what they are given in any case: without memory to note it, it is freed. */
hz_status hz_profile_keep_pattern(hz_profile *profile, void *pattern, hz_error *err)
{
    if (!HZ_GROW(profile->patterns, profile->patterns_capacity, profile->patterns_count + 1)) {
        pcre2_code_free(pattern);
        return hz_nomem(err, sizeof pattern);
    }
    profile->patterns[profile->patterns_count++] = pattern;
    return HZ_OK;
}

hz_status hz_profile_keep_list(hz_profile *profile, hz_codelist *list, hz_error *err)
{
    if (!HZ_GROW(profile->own_lists, profile->own_lists_capacity, profile->own_lists_count + 1)) {
        hz_codelist_free(list);
        return hz_nomem(err, sizeof *profile->own_lists);
    }
    profile->own_lists[profile->own_lists_count++] = (hz_own_list){.list = list};
    return HZ_OK;
}

void hz_profile_free_patterns(hz_profile *profile)
{
    for (size_t i = 0; i < profile->patterns_count; i++)
        pcre2_code_free(profile->patterns[i]);
    hz_mem_free(profile->patterns);
    profile->patterns = NULL;
    profile->patterns_count = profile->patterns_capacity = 0;
}

/* The profile itself lies in its arena, and lists may borrow texts from it: the arena goes last. */
void hz_profile_free(hz_profile *profile)
{
    if (!profile)
        return;
    hz_profile_free_patterns(profile);
    for (size_t i = 0; i < profile->own_lists_count; i++)
        hz_codelist_free(profile->own_lists[i].list);
    hz_mem_free(profile->own_lists);
    for (size_t i = 0; i < profile->kept_count; i++)
        hz_profile_free(profile->kept[i]);
    hz_mem_free(profile->kept);
    hz_arena_free(profile->arena);
}
