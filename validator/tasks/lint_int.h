/* lint_int.h: what the files of `lint` share. */
#ifndef HZ_TASKS_LINT_INT_H
#define HZ_TASKS_LINT_INT_H
#include "validator/tasks/lint.h"
#include "validator/tasks/reads.h"

typedef struct hz_linter {
    const hz_lint_options *options;
    hz_lint *lint;
    const hz_profile *profile;
    hz_arena *arena;
    hz_error *err;
    unsigned **kept; /* by table, by field: bit a hz_rule_kind of its constraints that run and count */
} hz_linter;

/* ---- lint.c ---- */
/* One hint: LINT_id with arguments. */
void hz_lint_add(hz_linter *linter, hz_span span, hz_msg_id message, const hz_slice *args, size_t args_count);
#define HZ_LINT_ADD(linter, span, id, ...)                                                                             \
    hz_lint_add((linter), (span), HZ_MSG_LINT_##id, (const hz_slice[]){__VA_ARGS__},                                   \
                sizeof((const hz_slice[]){__VA_ARGS__}) / sizeof(hz_slice))
hz_span hz_lint_node_span(const hz_expr *expr, const hz_node *node);
/* Not withdrawn, and written in the profile. */
static inline bool hz_lint_speaks_of(const hz_rule *rule)
{
    return !rule->derived && rule->status != HZ_LIFE_WITHDRAWN;
}

/* ---- lint_rules.c: doubled and shadowed rules, examples, messages, titles ---- */
void hz_lint_rules(hz_linter *linter);
void hz_lint_titles(hz_linter *linter);
/* ---- lint_names.c: what nothing reads; relations and their keys ---- */
HZ_NODISCARD hz_status hz_lint_names(hz_linter *linter);
void hz_lint_relations(hz_linter *linter);
/* ---- lint_logic.c: what conditions and assertions can come to ---- */
HZ_NODISCARD hz_status hz_lint_logic(hz_linter *linter);
/* ---- lint_plan.c: what the plan knows: what cannot run, and costs ---- */
HZ_NODISCARD hz_status hz_lint_plan(hz_linter *linter);

/* Whether an aggregate must look at the rows of a key pair by pair. */
bool hz_lint_is_pairwise(const hz_node *aggregate);
/* ---- lint_deep.c: what can be proved ---- */
HZ_NODISCARD hz_status hz_lint_deep(hz_linter *linter);
void hz_lint_deep_text(hz_buf *out, const hz_lint *lint, hz_lang lang);
void hz_lint_deep_json(hz_buf *out, const hz_lint *lint, hz_lang lang); /* further members of the profile's object */
/* ---- lint_reasons.c: hints that the profile answers (x-lint); last ---- */
HZ_NODISCARD hz_status hz_lint_reasons(hz_linter *linter);

/* ---- lint_mapping.c ---- */
HZ_NODISCARD hz_status hz_lint_load_beside(hz_lint *lint, const hz_lint_options *options, const hz_profile *profile,
                                           hz_error *err);

/* ---- lint_show.c ---- */
void hz_lint_put_string(hz_buf *out, hz_slice text); /* as JSON */
typedef struct hz_lint_kind {
    const char *name, *code_text;
    hz_diag_level level;
    hz_msg_id message, todo;
    const char *zh, *en;
} hz_lint_kind;
/* The kinds, in the order of their codes; NULL past the last. */
const hz_lint_kind *hz_lint_kind_at(size_t index);
/* NULL for what the loader says. */
const hz_lint_kind *hz_lint_kind_of(hz_msg_id message);
#endif
