/* z3_facts.c: what the profile says of fields. What a value must be to be of its type, or a code of its list, holds of
 * every value that is there; what else fields are held to (required, length, range, pattern) are facts, each with a
 * flag, so that an answer can name those it hangs on. */
#include "base/alloc.h"
#include "validator/tasks/reason/reason_int.h"

static unsigned kept_of(const hz_z3 *z, const hz_field *field)
{
    const hz_table *table = field->table;
    return z->options->kept && z->period == 0 ? z->options->kept[table->index][field->index] : 0;
}

static bool keeps_type(const hz_z3 *z, const hz_field *field)
{
    return field->type == HZ_FIELD_TEXT || (kept_of(z, field) & (1U << HZ_RULE_TYPE | 1U << HZ_RULE_CODES));
}

/* ---- types ---- */

static Z3_ast between(hz_z3 *z, Z3_ast value, Z3_ast low, Z3_ast high)
{
    return hz_z3_and(z, hz_z3_relation(z, HZ_OP_LE, HZ_TYPE_DECIMAL, low, value),
                     hz_z3_relation(z, HZ_OP_LE, HZ_TYPE_DECIMAL, value, high));
}

static hz_decimal power(int exponent)
{
    hz_decimal n = {1, 0};
    while (exponent-- > 0)
        n.coef *= 10;
    return n;
}

/* decimal(p,s): a whole number of its last digits. */
static Z3_ast decimal_bound(hz_z3 *z, const hz_field *field, hz_slice key, Z3_ast value)
{
    if (field->precision < 0)
        return z->yes;
    Z3_ast units = hz_z3_named(z, "units:", key, z->integer), most = hz_z3_number(z, power(field->precision));
    Z3_ast unit = hz_z3_real(z, hz_z3_number(z, (hz_decimal){1, field->scale}));
    Z3_ast exact = Z3_mk_eq(z->ctx, value, Z3_mk_mul(z->ctx, 2, (Z3_ast[]){hz_z3_real(z, units), unit}));
    return hz_z3_and(
        z, exact,
        hz_z3_and(z, Z3_mk_lt(z->ctx, Z3_mk_unary_minus(z->ctx, most), units), Z3_mk_lt(z->ctx, units, most)));
}

static Z3_ast date_bound(hz_z3 *z, Z3_ast value)
{
    int32_t first = 0, last = 0;
    (void)hz_date_from_civil(&first, 1, 1, 1);
    (void)hz_date_from_civil(&last, 9999, 12, 31);
    return between(z, value, hz_z3_int(z, first), hz_z3_int(z, last));
}

/* One of the literals that are codes; or, where the list has more, none of the literals. */
static Z3_ast codes_bound(hz_z3 *z, const hz_field *field, Z3_ast value)
{
    Z3_ast is = z->no, other = z->yes;
    size_t among = 0;
    hz_slice status = field->codes ? hz_codelist_property(field->codes, "status") : HZ_SLICE_NONE;
    bool grows = status.len && !hz_slice_is(status, "complete");
    if (!field->codes || grows)
        return z->yes;
    for (size_t i = 0; i < z->texts_count; i++) {
        Z3_ast here = Z3_mk_eq(z->ctx, value, hz_z3_int(z, (int64_t)i * HZ_Z3_TEXT_STEP));
        bool code = hz_codelist_find(field->codes, z->texts[i], HZ_DAY_EVER) != HZ_HTAB_NONE;
        among += code;
        if (code)
            is = hz_z3_or(z, is, here);
        other = hz_z3_and(z, other, hz_z3_not(z, here));
    }
    return among < hz_codelist_count(field->codes) ? hz_z3_or(z, is, other) : is;
}

/* A text that stands for nothing is no value. */
static Z3_ast not_null_text(hz_z3 *z, const hz_field *field, Z3_ast value)
{
    Z3_ast all = z->yes;
    for (size_t i = 0; i < field->table->nulls_count && !field->codes_names; i++) {
        Z3_ast text = hz_z3_text(z, field->table->nulls[i]);
        if (text)
            all = hz_z3_and(z, all, hz_z3_not(z, Z3_mk_eq(z->ctx, value, text)));
    }
    return all;
}

static Z3_ast type_bound(hz_z3 *z, const hz_field *field, hz_slice key, Z3_ast value)
{
    switch (field->type) {
    case HZ_FIELD_INTEGER:
        return between(z, value, hz_z3_int(z, INT64_MIN), hz_z3_int(z, INT64_MAX));
    case HZ_FIELD_DECIMAL:
        return decimal_bound(z, field, key, value);
    case HZ_FIELD_DATE:
    case HZ_FIELD_MONTH:
        return date_bound(z, value);
    case HZ_FIELD_TIME:
        return between(z, value, hz_z3_int(z, 0), hz_z3_int(z, HZ_MICROS_PER_DAY));
    case HZ_FIELD_CODES:
        return hz_z3_and(z, codes_bound(z, field, value), not_null_text(z, field, value));
    case HZ_FIELD_TEXT:
    case HZ_FIELD_SEMANTIC:
        return not_null_text(z, field, value);
    default:
        return z->yes;
    }
}

/* ---- constraints ---- */

static Z3_ast length_holds(hz_z3 *z, const hz_field *field, const hz_z3_term *value)
{
    hz_node node = {.kind = HZ_NODE_FIELD, .field = field, .type = HZ_TYPE_TEXT, .names_count = 1};
    hz_slice name = field->name;
    hz_node *items[] = {&node};
    hz_node call = {
        .kind = HZ_NODE_CALL, .function = HZ_FUNC_LENGTH, .type = HZ_TYPE_INTEGER, .items = items, .items_count = 1};
    node.names = &name;
    hz_z3_term length = hz_z3_call(z, &call);
    Z3_ast holds = value->null;
    if (!length.value)
        return z->yes;
    Z3_ast low = field->min_length > 0 ? Z3_mk_le(z->ctx, hz_z3_int(z, field->min_length), length.value) : z->yes;
    Z3_ast high = field->max_length >= 0 ? Z3_mk_le(z->ctx, length.value, hz_z3_int(z, field->max_length)) : z->yes;
    return hz_z3_or(z, holds, hz_z3_and(z, low, high));
}

/* A bound that is NULL fails nothing. */
static Z3_ast range_holds(hz_z3 *z, const hz_field *field, hz_z3_term value)
{
    Z3_ast holds = z->yes;
    const hz_node *ends[] = {field->min.root, field->max.root};
    for (int i = 0; i < 2; i++) {
        hz_z3_term end = ends[i] ? hz_z3_term_of(z, ends[i]) : (hz_z3_term){HZ_TYPE_NULL, NULL, z->yes, z->no};
        if (ends[i] && end.value)
            holds = hz_z3_and(z, holds,
                              hz_z3_not(z, hz_z3_false(z, hz_z3_compare(z, i ? HZ_OP_LE : HZ_OP_GE, value, end))));
    }
    return holds;
}

static Z3_ast required_holds(hz_z3 *z, const hz_rule *rule, hz_z3_term value)
{
    Z3_ast there = hz_z3_not(z, value.null);
    return rule->when.root ? hz_z3_or(z, there, hz_z3_not(z, hz_z3_term_of(z, rule->when.root).value)) : there;
}

static bool counts(const hz_rule *rule)
{
    return rule->status == HZ_LIFE_ACTIVE || rule->status == HZ_LIFE_DEPRECATED;
}

/* NULL: it says nothing that can be told to Z3. */
static Z3_ast holds_of(hz_z3 *z, const hz_rule *rule, size_t known)
{
    hz_z3_term value = z->known[known].term;
    switch (rule->kind) {
    case HZ_RULE_REQUIRED:
        return required_holds(z, rule, value);
    case HZ_RULE_LENGTH:
        return value.value && value.type == HZ_TYPE_TEXT ? length_holds(z, rule->field, &value) : NULL;
    case HZ_RULE_RANGE:
        return value.value ? range_holds(z, rule->field, value) : NULL;
    default:
        return NULL;
    }
}

static void add_fact(hz_z3 *z, const hz_rule *rule, size_t known)
{
    if (!counts(rule) || rule->field != z->known[known].field)
        return;
    hz_z3_fact fact = {.rule = rule, .known = known};
    z->marks = &fact.reads;
    fact.holds = holds_of(z, rule, known);
    z->marks = NULL;
    if (!fact.holds || fact.holds == z->yes)
        return;
    if (!HZ_GROW(z->facts, z->facts_capacity, z->facts_count + 1)) {
        z->status = HZ_E_NOMEM;
        return;
    }
    fact.flag = hz_z3_named(z, "fact:", rule->id, z->boolean);
    z->facts[z->facts_count++] = fact;
}

void hz_z3_add_facts(hz_z3 *z)
{
    const hz_profile *profile = z->options->profile;
    hz_msg_id why = z->why;
    for (size_t i = 0; i < z->known_count && z->status == HZ_OK && z->period == 0; i++)
        for (size_t r = 0; z->known[i].field && r < profile->rules_count && z->status == HZ_OK; r++)
            if (profile->rules[r].derived && profile->rules[r].table == z->table)
                add_fact(z, &profile->rules[r], i);
    z->why = why;
}

hz_z3_marks hz_z3_closed(const hz_z3 *z, const hz_z3_marks *reads)
{
    hz_z3_marks all = *reads;
    bool grew = true;
    while (grew) {
        grew = false;
        for (size_t f = 0; f < z->facts_count; f++) {
            const hz_z3_fact *fact = &z->facts[f];
            if (!hz_z3_marked(&all, fact->known))
                continue;
            for (size_t w = 0; w < HZ_Z3_KNOWN_MAX / 64; w++) {
                uint64_t more = fact->reads.bits[w] & ~all.bits[w];
                all.bits[w] |= more;
                grew = grew || more;
            }
        }
    }
    return all;
}

/* ---- a field of the row, or of a related one ---- */

static bool is_own_data(const hz_table *table)
{
    return !table->external && !table->builtin && !table->included.len;
}

bool hz_z3_may_be_invalid(const hz_z3 *z, const hz_field *field)
{
    return !is_own_data(field->table) || !keeps_type(z, field);
}

hz_z3_term hz_z3_field(hz_z3 *z, const hz_field *field, hz_slice key, bool doubtful)
{
    bool own = key.ptr == field->name.ptr;
    hz_z3_term out = hz_z3_const(z, key, field->value_type);
    bool sound = is_own_data(field->table) && keeps_type(z, field) && !z->prove_types && z->period == 0;
    if (!sound || doubtful) {
        out.inv = hz_z3_named(z, "invalid:", key, z->boolean);
        out.null = hz_z3_and(z, out.null, hz_z3_not(z, out.inv));
        if (field->value_type == HZ_TYPE_BOOLEAN)
            out.value = hz_z3_and(z, out.value, hz_z3_not(z, hz_z3_unknown(z, out)));
    }
    Z3_ast bound = out.value ? hz_z3_or(z, hz_z3_unknown(z, out), type_bound(z, field, key, out.value)) : NULL;
    (void)hz_z3_know(z, key, own ? field : NULL, out, bound);
    return out;
}
