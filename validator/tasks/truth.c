/* truth.c: see truth.h. Values have domains, conditions have sets of answers. */
#include "validator/tasks/truth.h"
#include "base/utf8.h"
#include "profiles/expr/check.h"

enum { CODES_MAX = 2000, PAIRS_MAX = 100000, UNORDERED = 2 };

/* ---- values ---- */

static bool is_numeric(hz_type type)
{
    return type == HZ_TYPE_INTEGER || type == HZ_TYPE_DECIMAL;
}

static hz_decimal number_of(const hz_value *value)
{
    return value->type == HZ_TYPE_INTEGER ? hz_decimal_of(value->as.i64) : value->as.decimal;
}

/* -1, 0, 1; UNORDERED when the two have no order that is known here. */
static int compare_values(const hz_value *a, const hz_value *b)
{
    if (is_numeric(a->type) && is_numeric(b->type))
        return hz_decimal_cmp(number_of(a), number_of(b));
    if (a->type != b->type)
        return UNORDERED;
    if (a->type == HZ_TYPE_DATE || a->type == HZ_TYPE_TIMESTAMP || a->type == HZ_TYPE_TIME)
        return (a->as.i64 > b->as.i64) - (a->as.i64 < b->as.i64);
    if (a->type == HZ_TYPE_BOOLEAN)
        return (int)a->as.boolean - (int)b->as.boolean;
    return UNORDERED;
}

/* A value made of literals alone. */
static bool fold(hz_value *out, const hz_node *node)
{
    hz_value a, b;
    hz_decimal number;
    bool good = false;
    if (node->kind == HZ_NODE_LITERAL) {
        *out = node->value;
        return node->value.valid;
    }
    bool made = node->kind == HZ_NODE_POS || node->kind == HZ_NODE_NEG || node->kind == HZ_NODE_ARITH;
    if (!made || !is_numeric(node->type) || !fold(&a, node->items[0]) || !is_numeric(a.type))
        return false;
    if (node->kind == HZ_NODE_POS) {
        *out = a;
        return true;
    }
    if (node->kind == HZ_NODE_NEG) {
        good = hz_decimal_neg(&number, number_of(&a));
    } else if (node->kind == HZ_NODE_ARITH && fold(&b, node->items[1]) && is_numeric(b.type)) {
        hz_decimal x = number_of(&a), y = number_of(&b);
        good = node->op == HZ_OP_ADD   ? hz_decimal_add(&number, x, y)
               : node->op == HZ_OP_SUB ? hz_decimal_sub(&number, x, y)
               : node->op == HZ_OP_MUL ? hz_decimal_mul(&number, x, y)
                                       : hz_decimal_div(&number, x, y);
    }
    if (good)
        *out = (hz_value){.type = HZ_TYPE_DECIMAL, .valid = true, .as.decimal = number};
    return good;
}

/* ---- domains ---- */

static hz_domain anything(void)
{
    return (hz_domain){.none = true, .some = true, .length_max = -1};
}

static hz_domain point(hz_truth *truth, const hz_value *value)
{
    hz_domain domain = {.some = true, .length_max = -1};
    if (value->type != HZ_TYPE_TEXT) {
        domain.low = domain.high = *value;
        return domain;
    }
    hz_slice *only = HZ_ARENA_NEW(truth->arena, hz_slice);
    truth->no_memory = truth->no_memory || !only;
    if (only)
        *only = value->as.text;
    domain.only = only;
    domain.only_count = only != NULL;
    domain.length_min = domain.length_max = (int64_t)hz_utf8_length(value->as.text);
    return domain;
}

static void bound(hz_value *out, const hz_expr *expr)
{
    if (expr->root && !fold(out, expr->root))
        out->valid = false;
}

/* What a field's constraints say. */
static hz_domain of_field(const hz_truth *truth, const hz_field *field)
{
    hz_domain domain = anything();
    if (!truth->kept || field->many.len)
        return domain;
    unsigned kept = truth->kept[field->table->index][field->index];
    bool typed = field->type == HZ_FIELD_TEXT || kept & (1U << HZ_RULE_TYPE | 1U << HZ_RULE_CODES);
    domain.none = !(kept & 1U << HZ_RULE_REQUIRED) || !typed;
    if (field->type == HZ_FIELD_CODES && field->codes) {
        hz_slice status = hz_codelist_property(field->codes, "status");
        domain.list = field->codes;
        domain.list_grows = status.len && !hz_slice_eq(status, HZ_SLICE_LIT("complete"));
    }
    if (kept & 1U << HZ_RULE_RANGE) {
        bound(&domain.low, &field->min);
        bound(&domain.high, &field->max);
    }
    if (kept & 1U << HZ_RULE_LENGTH) {
        domain.length_min = field->min_length > 0 ? field->min_length : 0;
        domain.length_max = field->max_length;
    }
    return domain;
}

static bool is_own(const hz_truth *truth, const hz_node *node)
{
    return node->kind == HZ_NODE_FIELD && node->field && node->scope == 0 && node->field->table == truth->table &&
           node->type != HZ_TYPE_ARRAY;
}

static hz_domain *own_domain(hz_truth *truth, const hz_field *field)
{
    if (!truth->made[field->index]) {
        truth->domains[field->index] = of_field(truth, field);
        truth->made[field->index] = true;
    }
    return &truth->domains[field->index];
}

static hz_domain value_of(hz_truth *truth, const hz_node *node)
{
    hz_domain domain = anything();
    hz_value value;
    if (node->kind == HZ_NODE_LITERAL && !node->value.valid) {
        domain.some = false;
    } else if (fold(&value, node)) {
        domain = point(truth, &value);
    } else if (is_own(truth, node)) {
        domain = *own_domain(truth, node->field);
    } else if ((node->kind == HZ_NODE_FIELD || node->kind == HZ_NODE_PATH) && node->field) {
        domain = of_field(truth, node->field);
        domain.none = true; /* no such row */
    } else if (node->kind == HZ_NODE_CALL && node->function == HZ_FUNC_LENGTH) {
        hz_domain text = value_of(truth, node->items[0]);
        domain.none = text.none;
        domain.some = text.some;
        domain.low = (hz_value){.type = HZ_TYPE_INTEGER, .valid = true, .as.i64 = text.length_min};
        domain.high = (hz_value){.type = HZ_TYPE_INTEGER, .valid = text.length_max >= 0, .as.i64 = text.length_max};
    } else if (node->kind == HZ_NODE_AGGREGATE && (node->agg == HZ_AGG_COUNT || node->agg == HZ_AGG_COUNT_DISTINCT)) {
        domain.none = !node->star; /* an invalid key */
        domain.low = (hz_value){.type = HZ_TYPE_INTEGER, .valid = true, .as.i64 = 0};
    }
    return domain;
}

/* ---- comparison of two domains ---- */

typedef struct orders {
    bool less, equal, greater;
} orders;

static bool in_domain(const hz_domain *domain, hz_slice text)
{
    int64_t length = (int64_t)hz_utf8_length(text);
    if (domain->list && hz_codelist_find(domain->list, text, HZ_DAY_EVER) == HZ_HTAB_NONE)
        return false;
    bool found = !domain->only;
    for (size_t i = 0; !found && i < domain->only_count; i++)
        found = hz_slice_eq(domain->only[i], text);
    return found && length >= domain->length_min && (domain->length_max < 0 || length <= domain->length_max);
}

/* Texts. Two sets are compared item by item; a set and something wider by membership. */
static orders compare_texts(const hz_domain *a, const hz_domain *b)
{
    orders may = {true, true, true};
    if (a->only && b->only && a->only_count * b->only_count <= PAIRS_MAX) {
        may = (orders){false, false, false};
        for (size_t i = 0; i < a->only_count; i++)
            for (size_t k = 0; k < b->only_count; k++) {
                int order = hz_slice_cmp(a->only[i], b->only[k]);
                may.less = may.less || order < 0;
                may.equal = may.equal || order == 0;
                may.greater = may.greater || order > 0;
            }
        return may;
    }
    const hz_domain *set = a->only ? a : b, *wide = a->only ? b : a;
    may.equal = !set->only;
    for (size_t i = 0; set->only && !may.equal && i < set->only_count; i++)
        may.equal = in_domain(wide, set->only[i]);
    return may;
}

static bool below(const hz_value *a, const hz_value *b, bool otherwise)
{
    int order = a->valid && b->valid ? compare_values(a, b) : UNORDERED;
    return order == UNORDERED ? otherwise : order < 0;
}

/* Whether the domain that ends at `high` lies wholly below the one that begins at `low`. */
static bool apart(const hz_value *high, bool high_out, const hz_value *low, bool low_out)
{
    int order = high->valid && low->valid ? compare_values(high, low) : UNORDERED;
    return order == -1 || (order == 0 && (high_out || low_out));
}

static orders compare_ranges(const hz_domain *a, const hz_domain *b)
{
    orders may;
    may.less = below(&a->low, &b->high, true);
    may.greater = below(&b->low, &a->high, true);
    may.equal =
        !apart(&a->high, a->high_out, &b->low, b->low_out) && !apart(&b->high, b->high_out, &a->low, a->low_out);
    return may;
}

static unsigned flip(unsigned may)
{
    return (may & HZ_MAY_UNKNOWN) | (may & HZ_MAY_TRUE ? HZ_MAY_FALSE : 0U) | (may & HZ_MAY_FALSE ? HZ_MAY_TRUE : 0U);
}

static unsigned answer(hz_op op, orders may)
{
    bool yes = false, no = false;
    switch (op) {
    case HZ_OP_EQ:
        yes = may.equal, no = may.less || may.greater;
        break;
    case HZ_OP_NE:
        no = may.equal, yes = may.less || may.greater;
        break;
    case HZ_OP_LT:
        yes = may.less, no = may.equal || may.greater;
        break;
    case HZ_OP_LE:
        yes = may.less || may.equal, no = may.greater;
        break;
    case HZ_OP_GT:
        yes = may.greater, no = may.equal || may.less;
        break;
    default:
        yes = may.greater || may.equal, no = may.less;
    }
    return (yes ? HZ_MAY_TRUE : 0U) | (no ? HZ_MAY_FALSE : 0U);
}

static unsigned compare(hz_truth *truth, hz_op op, const hz_node *left, const hz_node *right)
{
    if (left->type == HZ_TYPE_ARRAY || right->type == HZ_TYPE_ARRAY)
        return HZ_MAY_ALL;
    hz_domain a = value_of(truth, left), b = value_of(truth, right);
    unsigned may = a.none || b.none ? HZ_MAY_UNKNOWN : 0U;
    if (!a.some || !b.some)
        return may;
    bool same = left->kind == HZ_NODE_FIELD && hz_node_equal(left, right) && left->scope == right->scope;
    bool texts = left->type == HZ_TYPE_TEXT && right->type == HZ_TYPE_TEXT;
    return may | answer(op, same    ? (orders){false, true, false}
                            : texts ? compare_texts(&a, &b)
                                    : compare_ranges(&a, &b));
}

/* ---- conditions ---- */

static unsigned both(unsigned a, unsigned b)
{
    unsigned may = (a & b & HZ_MAY_TRUE) | ((a | b) & HZ_MAY_FALSE);
    bool undecided = (a & (HZ_MAY_TRUE | HZ_MAY_UNKNOWN)) && (b & (HZ_MAY_TRUE | HZ_MAY_UNKNOWN));
    return may | (undecided ? (a | b) & HZ_MAY_UNKNOWN : 0U);
}

static unsigned either(unsigned a, unsigned b)
{
    return flip(both(flip(a), flip(b)));
}

typedef struct saved {
    hz_domain *domains;
    bool *made;
} saved;

/* The domains as they are, to come back to. */
static saved save(hz_truth *truth)
{
    size_t count = truth->table->fields_count;
    saved now = {HZ_ARENA_ARRAY(truth->arena, hz_domain, count + 1), HZ_ARENA_ARRAY(truth->arena, bool, count + 1)};
    if (!now.domains || !now.made) {
        truth->no_memory = true;
        return (saved){NULL, NULL};
    }
    memcpy(now.domains, truth->domains, count * sizeof *now.domains);
    memcpy(now.made, truth->made, count * sizeof *now.made);
    return now;
}

static void restore(hz_truth *truth, const saved *then)
{
    size_t count = truth->table->fields_count;
    if (!then->domains)
        return;
    memcpy(truth->domains, then->domains, count * sizeof *truth->domains);
    memcpy(truth->made, then->made, count * sizeof *truth->made);
}

/* Each part on its own says what can be FALSE or unknown; one after the other, each taken to hold, whether all can be
 * TRUE. */
static unsigned all_of(hz_truth *truth, const hz_node *node)
{
    unsigned may = HZ_MAY_TRUE;
    bool together = true;
    for (uint32_t i = 0; i < node->items_count; i++)
        may = both(may, hz_truth_of(truth, node->items[i]));
    saved before = save(truth);
    for (uint32_t i = 0; together && i < node->items_count; i++) {
        together = hz_truth_of(truth, node->items[i]) & HZ_MAY_TRUE;
        hz_truth_assume(truth, node->items[i]);
    }
    restore(truth, &before);
    return together ? may : may & ~(unsigned)HZ_MAY_TRUE;
}

static unsigned any_of(hz_truth *truth, const hz_node *node)
{
    unsigned may = HZ_MAY_FALSE;
    for (uint32_t i = 0; i < node->items_count; i++)
        may = either(may, hz_truth_of(truth, node->items[i]));
    return may;
}

static unsigned one_case(hz_truth *truth, const hz_node *node)
{
    unsigned may = 0;
    bool reached = true;
    if (node->has_subject || node->type != HZ_TYPE_BOOLEAN)
        return HZ_MAY_ALL;
    uint32_t end = node->items_count - (node->has_else ? 1 : 0);
    for (uint32_t i = 0; reached && i + 1 < end; i += 2) {
        unsigned when = hz_truth_of(truth, node->items[i]);
        if (when & HZ_MAY_TRUE) {
            saved before = save(truth);
            hz_truth_assume(truth, node->items[i]);
            may |= hz_truth_of(truth, node->items[i + 1]);
            restore(truth, &before);
        }
        reached = when & (HZ_MAY_FALSE | HZ_MAY_UNKNOWN);
    }
    if (reached)
        may |= node->has_else ? hz_truth_of(truth, node->items[end]) : HZ_MAY_UNKNOWN;
    return may;
}

static unsigned is_in(hz_truth *truth, const hz_node *node)
{
    unsigned may = HZ_MAY_FALSE;
    for (uint32_t i = 1; i < node->items_count; i++)
        may = either(may, compare(truth, HZ_OP_EQ, node->items[0], node->items[i]));
    /* together the items may be all that there is */
    hz_domain subject = value_of(truth, node->items[0]);
    bool covered = subject.only && subject.only_count;
    for (size_t k = 0; covered && k < subject.only_count; k++) {
        covered = false;
        for (uint32_t i = 1; !covered && i < node->items_count; i++)
            covered = node->items[i]->kind == HZ_NODE_LITERAL && node->items[i]->value.valid &&
                      node->items[i]->value.type == HZ_TYPE_TEXT &&
                      hz_slice_eq(node->items[i]->value.as.text, subject.only[k]);
    }
    size_t codes = subject.list && !subject.list_grows && !subject.only ? hz_codelist_count(subject.list) : 0;
    bool whole = codes > 0 && codes <= CODES_MAX;
    for (size_t k = 0; whole && k < codes; k++) {
        whole = false;
        for (uint32_t i = 1; !whole && i < node->items_count; i++)
            whole = node->items[i]->kind == HZ_NODE_LITERAL && node->items[i]->value.valid &&
                    node->items[i]->value.type == HZ_TYPE_TEXT &&
                    hz_slice_eq(node->items[i]->value.as.text, hz_codelist_at(subject.list, k).code);
    }
    return covered || whole ? may & ~(unsigned)HZ_MAY_FALSE : may;
}

static unsigned matches(hz_truth *truth, const hz_node *node)
{
    const hz_node *subject = node->items[0];
    hz_domain domain = value_of(truth, subject);
    unsigned may = (domain.none ? HZ_MAY_UNKNOWN : 0U) | (domain.some ? HZ_MAY_TRUE | HZ_MAY_FALSE : 0U);
    int64_t min, max;
    if (!is_own(truth, subject) || !truth->kept)
        return may;
    const hz_field *field = subject->field;
    if (truth->kept[field->table->index][field->index] & 1U << HZ_RULE_PATTERN &&
        hz_slice_eq(field->pattern_text, node->text))
        may &= ~(unsigned)HZ_MAY_FALSE;
    hz_pattern_lengths(&min, &max, node->text);
    if ((domain.length_max >= 0 && min > domain.length_max) || (max >= 0 && max < domain.length_min))
        may &= ~(unsigned)HZ_MAY_TRUE;
    return may;
}

static unsigned is_null(hz_truth *truth, const hz_node *node)
{
    hz_domain domain = value_of(truth, node->items[0]);
    bool invalid = domain.none && node->items[0]->kind != HZ_NODE_LITERAL;
    return (domain.none ? HZ_MAY_TRUE : 0U) | (domain.some ? HZ_MAY_FALSE : 0U) | (invalid ? HZ_MAY_UNKNOWN : 0U);
}

static unsigned in_list(hz_truth *truth, const hz_node *node)
{
    const hz_node *subject = node->items[0];
    hz_domain domain = value_of(truth, subject);
    unsigned may = (domain.none ? HZ_MAY_UNKNOWN : 0U) | (domain.some ? HZ_MAY_TRUE | HZ_MAY_FALSE : 0U);
    bool whole =
        is_own(truth, subject) && domain.list && domain.list == node->list && !subject->field->codes_valid_ever;
    return whole ? may & ~(unsigned)HZ_MAY_FALSE : may;
}

static unsigned call(hz_truth *truth, const hz_node *node)
{
    static const struct {
        hz_function function;
        hz_semtype type;
    } same[] = {{HZ_FUNC_IS_RESIDENT_ID, HZ_SEMTYPE_RESIDENT_ID}, {HZ_FUNC_IS_USCC, HZ_SEMTYPE_USCC}};
    if (!node->items_count || !is_own(truth, node->items[0]) || !truth->kept)
        return HZ_MAY_ALL;
    const hz_field *field = node->items[0]->field;
    hz_domain domain = value_of(truth, node->items[0]);
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        if (node->function == same[i].function && field->type == HZ_FIELD_SEMANTIC && field->semtypes_count == 1 &&
            field->semtypes[0] == same[i].type && !field->accept_15)
            return (domain.none ? HZ_MAY_UNKNOWN : 0U) | HZ_MAY_TRUE;
    return HZ_MAY_ALL;
}

unsigned hz_truth_of(hz_truth *truth, const hz_node *node)
{
    unsigned may = HZ_MAY_ALL;
    switch (node->kind) {
    case HZ_NODE_LITERAL:
        return !node->value.valid                    ? HZ_MAY_UNKNOWN
               : node->value.type != HZ_TYPE_BOOLEAN ? HZ_MAY_ALL
               : node->value.as.boolean              ? HZ_MAY_TRUE
                                                     : HZ_MAY_FALSE;
    case HZ_NODE_NOT:
        return flip(hz_truth_of(truth, node->items[0]));
    case HZ_NODE_AND:
        return all_of(truth, node);
    case HZ_NODE_OR:
        return any_of(truth, node);
    case HZ_NODE_COMPARE:
        return compare(truth, node->op, node->items[0], node->items[1]);
    case HZ_NODE_BETWEEN:
        may = both(compare(truth, HZ_OP_GE, node->items[0], node->items[1]),
                   compare(truth, HZ_OP_LE, node->items[0], node->items[2]));
        break;
    case HZ_NODE_IN:
        may = is_in(truth, node);
        break;
    case HZ_NODE_IN_LIST:
        may = in_list(truth, node);
        break;
    case HZ_NODE_IS_NULL:
        may = is_null(truth, node);
        break;
    case HZ_NODE_MATCHES:
        may = matches(truth, node);
        break;
    case HZ_NODE_CASE:
        return one_case(truth, node);
    case HZ_NODE_CALL:
        return call(truth, node);
    case HZ_NODE_FIELD: {
        hz_domain domain = value_of(truth, node);
        bool no = !domain.low.valid || !domain.low.as.boolean, yes = !domain.high.valid || domain.high.as.boolean;
        return (domain.none ? HZ_MAY_UNKNOWN : 0U) | (domain.some && yes ? HZ_MAY_TRUE : 0U) |
               (domain.some && no ? HZ_MAY_FALSE : 0U);
    }
    default:
        return HZ_MAY_ALL;
    }
    return node->negated ? flip(may) : may;
}

/* ---- assumptions ---- */

/* The codes of a field's list, as a set that can be narrowed. */
static void spell_out(hz_truth *truth, hz_domain *domain)
{
    size_t count = domain->list && !domain->list_grows && !domain->only ? hz_codelist_count(domain->list) : 0;
    if (!count || count > CODES_MAX)
        return;
    hz_slice *only = HZ_ARENA_ARRAY(truth->arena, hz_slice, count);
    truth->no_memory = truth->no_memory || !only;
    for (size_t i = 0; only && i < count; i++)
        only[i] = hz_codelist_at(domain->list, i).code;
    domain->only = only;
    domain->only_count = only ? count : 0;
}

/* Of the texts that it may be those (not) among `items`. */
static void keep_texts(hz_truth *truth, hz_domain *domain, hz_node *const *items, size_t count, bool wanted)
{
    for (size_t i = 0; i < count; i++)
        if (items[i]->kind != HZ_NODE_LITERAL || !items[i]->value.valid || items[i]->value.type != HZ_TYPE_TEXT)
            return;
    spell_out(truth, domain);
    if (!domain->only && !wanted)
        return;
    size_t most = domain->only ? domain->only_count : count, kept = 0;
    hz_slice *only = HZ_ARENA_ARRAY(truth->arena, hz_slice, most + 1);
    if (!only) {
        truth->no_memory = true;
        return;
    }
    for (size_t i = 0; i < most; i++) {
        hz_slice text = domain->only ? domain->only[i] : items[i]->value.as.text;
        bool among = !domain->only;
        for (size_t k = 0; !among && k < count; k++)
            among = hz_slice_eq(items[k]->value.as.text, text);
        if (among == wanted && in_domain(domain, text))
            only[kept++] = text;
    }
    domain->only = only;
    domain->only_count = kept;
    domain->some = domain->some && kept;
}

static void raise_low(hz_domain *domain, const hz_value *value, bool out)
{
    int order = domain->low.valid ? compare_values(value, &domain->low) : 1;
    if (order == 1 || (order == 0 && out)) {
        domain->low = *value;
        domain->low_out = out;
    }
}

static void lower_high(hz_domain *domain, const hz_value *value, bool out)
{
    int order = domain->high.valid ? compare_values(value, &domain->high) : -1;
    if (order == -1 || (order == 0 && out)) {
        domain->high = *value;
        domain->high_out = out;
    }
}

static hz_op mirrored(hz_op op)
{
    return op == HZ_OP_LT   ? HZ_OP_GT
           : op == HZ_OP_GT ? HZ_OP_LT
           : op == HZ_OP_LE ? HZ_OP_GE
           : op == HZ_OP_GE ? HZ_OP_LE
                            : op;
}

static void assume_compare(hz_truth *truth, hz_op op, hz_node *left, hz_node *right)
{
    hz_value value;
    if (!is_own(truth, left)) {
        if (is_own(truth, right))
            assume_compare(truth, mirrored(op), right, left);
        return;
    }
    hz_domain *domain = own_domain(truth, left->field);
    domain->none = false;
    if (!fold(&value, right))
        return;
    if (value.type == HZ_TYPE_TEXT) {
        if (op == HZ_OP_EQ || op == HZ_OP_NE)
            keep_texts(truth, domain, &right, 1, op == HZ_OP_EQ);
        return;
    }
    if (op == HZ_OP_EQ || op == HZ_OP_GE || op == HZ_OP_GT)
        raise_low(domain, &value, op == HZ_OP_GT);
    if (op == HZ_OP_EQ || op == HZ_OP_LE || op == HZ_OP_LT)
        lower_high(domain, &value, op == HZ_OP_LT);
}

void hz_truth_assume(hz_truth *truth, const hz_node *node)
{
    if (!node)
        return;
    const hz_node *subject = node->items_count ? node->items[0] : NULL;
    bool own = subject && is_own(truth, subject);
    switch (node->kind) {
    case HZ_NODE_AND:
        for (uint32_t i = 0; i < node->items_count; i++)
            hz_truth_assume(truth, node->items[i]);
        return;
    case HZ_NODE_COMPARE:
        assume_compare(truth, node->op, node->items[0], node->items[1]);
        return;
    case HZ_NODE_BETWEEN:
        if (!node->negated) {
            assume_compare(truth, HZ_OP_GE, node->items[0], node->items[1]);
            assume_compare(truth, HZ_OP_LE, node->items[0], node->items[2]);
        }
        return;
    case HZ_NODE_IN:
        if (own && subject->type == HZ_TYPE_TEXT) {
            own_domain(truth, subject->field)->none = false;
            keep_texts(truth, own_domain(truth, subject->field), node->items + 1, node->items_count - 1,
                       !node->negated);
        }
        return;
    case HZ_NODE_IS_NULL:
        if (own && node->negated)
            own_domain(truth, subject->field)->none = false;
        else if (own)
            own_domain(truth, subject->field)->some = false;
        return;
    case HZ_NODE_FIELD:
        if (is_own(truth, node)) {
            hz_domain *domain = own_domain(truth, node->field);
            hz_value yes = {.type = HZ_TYPE_BOOLEAN, .valid = true, .as.boolean = true};
            domain->none = false;
            raise_low(domain, &yes, false);
        }
        return;
    case HZ_NODE_NOT:
        if (own && subject->type == HZ_TYPE_BOOLEAN) {
            hz_domain *domain = own_domain(truth, subject->field);
            hz_value no = {.type = HZ_TYPE_BOOLEAN, .valid = true, .as.boolean = false};
            domain->none = false;
            lower_high(domain, &no, false);
        }
        return;
    default:
        return;
    }
}

hz_status hz_truth_init(hz_truth *truth, const hz_table *table, unsigned *const *kept, hz_arena *arena, hz_error *err)
{
    *truth = (hz_truth){.arena = arena, .table = table, .kept = kept};
    truth->domains = HZ_ARENA_ARRAY(arena, hz_domain, table->fields_count + 1);
    truth->made = HZ_ARENA_ARRAY(arena, bool, table->fields_count + 1);
    return truth->domains && truth->made ? HZ_OK : hz_nomem(err, table->fields_count * sizeof(hz_domain));
}
