/* lint_names.c: what nothing reads, and relations whose keys are not unique where they should be. */
#include "base/alloc.h"
#include "validator/tasks/lint_int.h"
#include "validator/tasks/test_int.h"

/* The text of the profile's own file, as something of it was read from there. */
static const hz_text *own_text(const hz_linter *linter)
{
    const hz_profile *profile = linter->profile;
    for (size_t t = 0; t < profile->tables_count; t++)
        if (profile->tables[t].span.text && hz_slice_eq(profile->tables[t].span.text->path, linter->lint->path))
            return profile->tables[t].span.text;
    return NULL;
}

/* The model does not keep where lists stand: the file is looked at once more. */
static hz_status tell_unused_lists(hz_linter *linter, const hz_reads *reads)
{
    const hz_profile *profile = linter->profile;
    const hz_text *text = own_text(linter);
    const hz_yaml *root = NULL, *lists = NULL;
    size_t unused = 0;
    for (size_t i = 0; i < profile->own_lists_count; i++)
        unused += !reads->lists[i] && hz_codelist_id(profile->own_lists[i].list).len;
    if (!unused || !text)
        return HZ_OK;
    HZ_TRY(hz_tests_yaml(&root, linter->lint->path.ptr, linter->lint->path, linter->options->limits, linter->arena,
                         linter->err));
    lists = hz_yaml_get(root, "lists");
    for (size_t i = 0; i < profile->own_lists_count; i++) {
        hz_slice id = hz_codelist_id(profile->own_lists[i].list);
        for (uint32_t k = 0; !reads->lists[i] && lists && lists->kind == HZ_YAML_MAP && k < lists->count; k++)
            if (hz_slice_eq(lists->pairs[k].key->text, id)) {
                hz_span at = lists->pairs[k].key->span;
                HZ_LINT_ADD(linter, ((hz_span){text, at.offset, at.len}), UNUSED_LIST, id);
            }
    }
    return HZ_OK;
}

static void tell_unused(hz_linter *linter, const hz_reads *reads)
{
    const hz_profile *profile = linter->profile;
    for (size_t i = 0; i < profile->params_count; i++)
        if (!reads->params[i])
            HZ_LINT_ADD(linter, profile->params[i].span, UNUSED_PARAM, profile->params[i].name);
    for (size_t t = 0; t < profile->tables_count; t++)
        for (size_t r = 0; r < profile->tables[t].relations_count; r++) {
            const hz_relation *relation = profile->tables[t].relations[r];
            if (!reads->relations[t][r] && !relation->derived)
                HZ_LINT_ADD(linter, relation->span, UNUSED_RELATION, relation->name, relation->from->name);
        }
}

hz_status hz_lint_names(hz_linter *linter)
{
    const hz_profile *profile = linter->profile;
    hz_reads reads;
    bool any = false; /* a profile without tables is there for others to extend */
    for (size_t t = 0; t < profile->tables_count; t++)
        any = any || !profile->tables[t].builtin;
    if (!any)
        return HZ_OK;
    HZ_TRY(hz_reads_init(&reads, profile, linter->arena, linter->err));
    for (size_t i = 0; i < profile->rules_count; i++)
        hz_reads_rule(&reads, &profile->rules[i]);
    for (size_t i = 0; i < profile->measures_count; i++)
        hz_reads_measure(&reads, &profile->measures[i]);
    hz_reads_tables(&reads);
    tell_unused(linter, &reads);
    return tell_unused_lists(linter, &reads);
}

/* ---- keys of relations ---- */

static bool names_field(const hz_expr *keys, size_t count, const hz_field *field)
{
    bool found = false;
    for (size_t i = 0; i < count; i++)
        found = found || (keys[i].root && keys[i].root->kind == HZ_NODE_FIELD && keys[i].root->field == field);
    return found;
}

/* Whether no two rows of the table share these values: they hold its key, or all parts of a unique rule. Text that is
 * compared as something else (normalize), and several rows where the rule allows them, do not count. */
static bool is_unique(const hz_profile *profile, const hz_table *table, const hz_expr *keys, size_t count)
{
    bool key = table->key_count > 0;
    for (size_t i = 0; key && i < table->key_count; i++)
        key = names_field(keys, count, table->key[i]);
    for (size_t r = 0; !key && r < profile->rules_count; r++) {
        const hz_rule *rule = &profile->rules[r];
        if (rule->kind != HZ_RULE_UNIQUE || rule->table != table || rule->when.root || rule->overlap_from.root ||
            rule->at_most > 1 || rule->status == HZ_LIFE_WITHDRAWN)
            continue;
        key = rule->keys_count > 0;
        for (size_t i = 0; key && i < rule->keys_count; i++)
            key = rule->keys[i].root && rule->keys[i].root->kind == HZ_NODE_FIELD &&
                  names_field(keys, count, rule->keys[i].root->field);
    }
    return key;
}

static bool walks_pairs(const hz_node *node, const hz_relation *relation)
{
    if (!node)
        return false;
    bool found = node->kind == HZ_NODE_AGGREGATE && node->steps_count &&
                 node->steps[node->steps_count - 1] == relation && hz_lint_is_pairwise(node);
    for (uint32_t i = 0; i < node->items_count && !found; i++)
        found = walks_pairs(node->items[i], relation);
    return found;
}

/* Some expression has to look at the relation's rows pair by pair; otherwise rows of a key meet as sums, and many to
 * many costs nothing. */
static bool meets_in_pairs(const hz_profile *profile, const hz_relation *relation)
{
    bool found = false;
    for (size_t i = 0; i < profile->rules_count && !found; i++)
        found =
            walks_pairs(profile->rules[i].when.root, relation) || walks_pairs(profile->rules[i].assert_.root, relation);
    for (size_t i = 0; i < profile->measures_count && !found; i++)
        found = walks_pairs(profile->measures[i].value.root, relation) ||
                walks_pairs(profile->measures[i].when.root, relation);
    return found;
}

/* A filter may well leave one row: that is the author's word. */
void hz_lint_relations(hz_linter *linter)
{
    const hz_profile *profile = linter->profile;
    for (size_t t = 0; t < profile->tables_count; t++)
        for (size_t r = 0; r < profile->tables[t].relations_count; r++) {
            const hz_relation *relation = profile->tables[t].relations[r];
            if (relation->derived || relation->where.root)
                continue;
            bool there = is_unique(profile, relation->to, relation->on_to, relation->on_count);
            if (!relation->many && !there)
                HZ_LINT_ADD(linter, relation->span, AMBIGUOUS, relation->name, relation->to->name);
            else if (!there && !is_unique(profile, relation->from, relation->on_from, relation->on_count) &&
                     meets_in_pairs(profile, relation))
                HZ_LINT_ADD(linter, relation->span, MANY_TO_MANY, relation->name, relation->from->name,
                            relation->to->name);
        }
}
