/* lint_reasons.c: hints that the profile's author has answered. `x-lint: {L050: why}` on a table, field, relation,
 * parameter, rule or measure takes the warnings and hints of that code away that stand in it. An answer that nothing
 * asked for, or that gives no reason, is a hint of its own. Errors stay.
 *
 * `x-` keys are no part of the model: the file's text is parsed once more. What a key holds reaches to the next key
 * beside it, which does without the ends of block collections. */
#include "base/alloc.h"
#include "profiles/yaml.h"
#include "validator/tasks/lint_int.h"

typedef struct answer {
    const hz_yaml *code, *reason;
    uint32_t from, to; /* what it speaks for: bytes of the file */
    bool used;
} answer;

typedef struct answers {
    answer *items;
    size_t count, capacity;
    const hz_text *text;
    hz_status status;
} answers;

static void take(answers *a, const hz_yaml *said, uint32_t from, uint32_t to)
{
    for (uint32_t i = 0; i < said->count && a->status == HZ_OK; i++) {
        if (!HZ_GROW(a->items, a->capacity, a->count + 1)) {
            a->status = HZ_E_NOMEM;
            return;
        }
        a->items[a->count++] = (answer){said->pairs[i].key, said->pairs[i].value, from, to, false};
    }
}

/* An alias leads to a node that stands elsewhere, and what is said there is found there. */
static void walk(answers *a, const hz_yaml *node, uint32_t from, uint32_t to)
{
    if (node->span.offset < from || node->span.offset >= to)
        return;
    for (uint32_t i = 0; i < node->count; i++) {
        const hz_yaml *at = node->kind == HZ_YAML_MAP ? node->pairs[i].key : node->items[i];
        const hz_yaml *value = node->kind == HZ_YAML_MAP ? node->pairs[i].value : at;
        const hz_yaml *next = i + 1 == node->count        ? NULL
                              : node->kind == HZ_YAML_MAP ? node->pairs[i + 1].key
                                                          : node->items[i + 1];
        uint32_t end = next && next->span.offset > at->span.offset && next->span.offset < to ? next->span.offset : to;
        const hz_yaml *said = value->kind == HZ_YAML_MAP ? hz_yaml_get(value, "x-lint") : NULL;
        if (said && said->kind == HZ_YAML_MAP && value->span.offset >= at->span.offset && value->span.offset < end)
            take(a, said, at->span.offset, end);
        if (value->kind != HZ_YAML_SCALAR)
            walk(a, value, at->span.offset, end);
    }
}

static bool is_answered(answers *a, const hz_diag *diag, hz_slice path)
{
    const hz_lint_kind *kind = hz_lint_kind_of(diag->message);
    bool found = false;
    if (!kind || diag->level == HZ_DIAG_ERROR || !diag->span.text || !hz_slice_eq(diag->span.text->path, path))
        return false;
    for (size_t i = 0; i < a->count; i++) {
        answer *one = &a->items[i];
        if (diag->span.offset < one->from || diag->span.offset >= one->to || !one->reason->text.len ||
            !hz_slice_eq(one->code->text, hz_slice_of(kind->code_text)))
            continue;
        one->used = found = true;
    }
    return found;
}

/* What only --deep says is answered whether or not it is asked for. */
static bool is_deep(hz_slice code)
{
    return hz_slice_starts(code, HZ_SLICE_LIT("L08"));
}

static void apply(hz_linter *linter, answers *a)
{
    hz_lint *lint = linter->lint;
    size_t kept = 0;
    for (size_t i = 0; i < lint->diags.count; i++) {
        if (is_answered(a, &lint->diags.items[i], lint->path))
            lint->answered++;
        else
            lint->diags.items[kept++] = lint->diags.items[i];
    }
    lint->diags.count = kept;
    for (size_t i = 0; i < a->count; i++)
        if (!a->items[i].used && (linter->options->deep || !is_deep(a->items[i].code->text))) {
            hz_span at = a->items[i].code->span;
            HZ_LINT_ADD(linter, ((hz_span){a->text, at.offset, at.len}), IDLE_REASON, a->items[i].code->text);
        }
}

hz_status hz_lint_reasons(hz_linter *linter)
{
    const hz_text *text = linter->profile->text;
    const hz_yaml *root = NULL;
    hz_diags diags;
    if (!text)
        return HZ_OK;
    hz_diags_init(&diags, linter->arena, 1);
    HZ_TRY(hz_yaml_parse(&root, text, linter->arena, linter->options->limits, &diags, linter->err));
    hz_diags_clear(&diags);
    answers a = {.text = text, .status = HZ_OK};
    if (root)
        walk(&a, root, 0, UINT32_MAX);
    if (a.status == HZ_OK)
        apply(linter, &a);
    hz_mem_free(a.items);
    return a.status == HZ_OK ? HZ_OK : hz_nomem(linter->err, a.capacity * sizeof *a.items);
}
