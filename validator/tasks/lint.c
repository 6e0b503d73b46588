/* lint.c: loads a profile and gathers hints. They lie among the loader's diagnostics; a hint is known by its message.
 */
#include "validator/tasks/lint.h"
#include "base/alloc.h"
#include "profiles/load.h"
#include "validator/tasks/lint_int.h"

enum { HINTS_MAX = 10000 };

const char *hz_cost_name(hz_cost cost)
{
    static const char *const names[] = {"row", "key", "pairwise"};
    return cost < HZ_COST_COUNT ? names[cost] : "?";
}

const char *hz_lint_format_name(hz_lint_format format)
{
    static const char *const names[] = {"text", "json", "sarif"};
    return format < HZ_LINT_FORMAT_COUNT ? names[format] : NULL;
}

static const hz_lint_kind kinds[] = {
#define HZ_LINT(code_is, id, severity, called, says_zh, says_en)                                                       \
    {called, code_is, HZ_DIAG_##severity, HZ_MSG_LINT_##id, HZ_MSG_LINT_##id##_DO, says_zh, says_en},
#include "validator/tasks/lint.def"
#undef HZ_LINT
};
enum { KINDS_COUNT = sizeof kinds / sizeof *kinds };

const hz_lint_kind *hz_lint_kind_of(hz_msg_id message)
{
    for (size_t i = 0; i < KINDS_COUNT; i++)
        if (kinds[i].message == message)
            return &kinds[i];
    return NULL;
}

const hz_lint_kind *hz_lint_kind_at(size_t index)
{
    return index < KINDS_COUNT ? &kinds[index] : NULL;
}

const char *hz_lint_code(hz_msg_id message)
{
    const hz_lint_kind *kind = hz_lint_kind_of(message);
    return kind ? kind->code_text : "";
}

/* What stands in another file is the affair of that file's profile. */
void hz_lint_add(hz_linter *linter, hz_span span, hz_msg_id message, const hz_slice *args, size_t args_count)
{
    const hz_lint_kind *kind = hz_lint_kind_of(message);
    hz_arg all[HZ_MSG_ARGS_MAX] = {{HZ_ARG_MESSAGE, message, HZ_SLICE_NONE, 0, 0}};
    if (HZ_NEVER(!kind) || (span.text && !hz_slice_eq(span.text->path, linter->lint->path)))
        return;
    for (size_t i = 0; i < args_count && i + 1 < HZ_MSG_ARGS_MAX; i++)
        all[i + 1] = HZ_S(args[i]);
    hz_diags_add(&linter->lint->diags, kind->level, span, kind->todo, all, args_count + 1);
}

hz_span hz_lint_node_span(const hz_expr *expr, const hz_node *node)
{
    return hz_srcmap_span(&expr->map, node->offset, node->len);
}

/* Constraints that run and whose failure is told. */
static hz_status note_constraints(hz_linter *linter)
{
    const hz_profile *profile = linter->profile;
    linter->kept = HZ_ARENA_ARRAY(linter->arena, unsigned *, profile->tables_count + 1);
    if (!linter->kept)
        return hz_nomem(linter->err, profile->tables_count * sizeof(void *));
    for (size_t t = 0; t < profile->tables_count; t++) {
        linter->kept[t] = HZ_ARENA_ARRAY(linter->arena, unsigned, profile->tables[t].fields_count + 1);
        if (!linter->kept[t])
            return hz_nomem(linter->err, profile->tables[t].fields_count * sizeof(unsigned));
    }
    for (size_t i = 0; i < profile->rules_count; i++) {
        const hz_rule *rule = &profile->rules[i];
        bool always = rule->kind != HZ_RULE_REQUIRED || !rule->when.root;
        if (rule->derived && rule->field && always &&
            (rule->status == HZ_LIFE_ACTIVE || rule->status == HZ_LIFE_DEPRECATED))
            linter->kept[rule->table->index][rule->field->index] |= 1U << rule->kind;
    }
    return HZ_OK;
}

static hz_status gather(hz_linter *linter)
{
    HZ_TRY(note_constraints(linter));
    hz_lint_titles(linter);
    hz_lint_rules(linter);
    HZ_TRY(hz_lint_names(linter));
    hz_lint_relations(linter);
    HZ_TRY(hz_lint_logic(linter));
    HZ_TRY(hz_lint_plan(linter));
    HZ_TRY(hz_lint_deep(linter));
    return hz_lint_reasons(linter);
}

static hz_status load(hz_lint *lint, const hz_lint_options *options, hz_error *err)
{
    hz_load how = {options->lists, options->limits, options->profiles};
    hz_error own;
    hz_error_clear(&own);
    hz_diags_init(&lint->diags, lint->arena, (size_t)options->limits->value[HZ_LIMIT_DIAGNOSTICS]);
    hz_status st = hz_profile_load(&lint->profile, options->path, &how, &lint->diags, &own);
    lint->loader_errors = lint->diags.errors_count;
    if (st == HZ_E_PROFILE && lint->loader_errors)
        return HZ_OK;
    if (st != HZ_OK) {
        if (err)
            *err = own;
        return st;
    }
    if (lint->diags.max < HINTS_MAX)
        lint->diags.max = HINTS_MAX;
    hz_linter linter = {options, lint, lint->profile, lint->arena, err, NULL};
    return gather(&linter);
}

static hz_status run(hz_lint **out, const hz_lint_options *options, const hz_profile *beside, hz_error *err)
{
    *out = NULL;
    hz_arena *arena = hz_arena_new();
    hz_lint *lint = arena ? HZ_ARENA_NEW(arena, hz_lint) : NULL;
    if (!lint) {
        hz_arena_free(arena);
        return hz_nomem(err, sizeof *lint);
    }
    lint->arena = arena;
    hz_status st = hz_arena_copy(&lint->path, arena, hz_slice_of(options->path));
    if (st == HZ_OK)
        st = beside ? hz_lint_load_beside(lint, options, beside, err) : load(lint, options, err);
    if (st == HZ_OK && lint->diags.no_memory)
        st = HZ_E_NOMEM;
    if (st != HZ_OK) {
        hz_lint_free(lint);
        return st == HZ_E_NOMEM ? hz_nomem(err, 0) : st;
    }
    hz_diags_sort(&lint->diags);
    for (size_t i = 0; i < lint->diags.count; i++)
        lint->counts[lint->diags.items[i].level]++;
    *out = lint;
    return HZ_OK;
}

hz_status hz_lint_run(hz_lint **out, const hz_lint_options *options, hz_error *err)
{
    return run(out, options, NULL, err);
}

hz_status hz_lint_beside(hz_lint **out, const hz_lint_options *options, const hz_profile *profile, hz_error *err)
{
    return run(out, options, profile, err);
}

void hz_lint_free(hz_lint *lint)
{
    if (!lint)
        return;
    hz_diags_clear(&lint->diags);
    hz_reason_free(lint->reason);
    hz_profile_free(lint->profile);
    hz_arena_free(lint->arena); /* the lint itself lives there */
}
