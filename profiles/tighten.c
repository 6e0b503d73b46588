/* tighten.c: the profile as a whole, its parameters, lists, tables and relations; and how a change is told. */
#include "profiles/tighten_int.h"

#include "profiles/expr/print.h"

const char *hz_change_class_name(hz_change_class class_)
{
    static const char *const names[] = {"none", "editorial", "tightening", "loosening", "breaking"};
    return class_ <= HZ_CHANGE_BREAKING ? names[class_] : "";
}

/* ---- telling ---- */

static void push(hz_tighten *t, const char *name)
{
    if (t->path_count < HZ_CHANGE_PATH_MAX)
        t->path[t->path_count] = hz_slice_of(name);
    t->path_count++;
}

static void push_name(hz_tighten *t, hz_slice name)
{
    if (t->path_count < HZ_CHANGE_PATH_MAX)
        t->path[t->path_count] = name;
    t->path_count++;
}

void hz_tighten_say(hz_tighten *t, hz_change_class class_, hz_msg_id reason, const char *key, hz_slice before,
                    hz_slice after)
{
    if (t->status != HZ_OK)
        return;
    if (class_ > t->worst)
        t->worst = class_;
    if (!t->found)
        return;
    hz_change change = {.class_ = class_,
                        .reason = reason,
                        .what = key             ? hz_slice_of(key)
                                : t->path_count ? t->path[t->path_count - 1]
                                                : HZ_SLICE_NONE,
                        .before = before,
                        .after = after,
                        .path_count = t->path_count,
                        .before_span = t->before_span,
                        .after_span = t->after_span,
                        .open = t->open,
                        .can_open = t->can_open};
    for (size_t i = 0; i < t->path_count; i++)
        change.path[i] = t->path[i];
    if (key && change.path_count < HZ_CHANGE_PATH_MAX)
        change.path[change.path_count++] = hz_slice_of(key);
    t->status = t->found(&change, t->payload, t->err);
}

void hz_tighten_order(hz_tighten *t, const char *key, int tighter, hz_slice before, hz_slice after)
{
    if (tighter)
        hz_tighten_say(t, tighter > 0 ? HZ_CHANGE_TIGHTENING : HZ_CHANGE_LOOSENING,
                       tighter > 0 ? HZ_MSG_TIGHTEN_NARROWER : HZ_MSG_TIGHTEN_WIDER, key, before, after);
}

static hz_slice whole_text(hz_buf *into, int64_t n)
{
    if (n < 0)
        return HZ_NOTHING;
    hz_buf_reset(into);
    hz_buf_put_i64(into, n);
    return hz_buf_slice(into);
}

void hz_tighten_whole(hz_tighten *t, const char *key, int64_t before, int64_t after, bool upper)
{
    int tighter = before == after ? 0 : after < 0 ? -1 : before < 0 ? 1 : (after < before) == upper ? 1 : -1;
    hz_tighten_order(t, key, tighter, whole_text(&t->one, before), whole_text(&t->two, after));
}

void hz_tighten_equal(hz_tighten *t, const char *key, bool same, hz_change_class class_, hz_msg_id reason,
                      hz_slice before, hz_slice after)
{
    if (!same)
        hz_tighten_say(t, class_, reason, key, before.len ? before : HZ_NOTHING, after.len ? after : HZ_NOTHING);
}

void hz_tighten_words(hz_tighten *t, const char *key, hz_text2 before, hz_text2 after)
{
    if (!hz_slice_eq(before.zh, after.zh) || !hz_slice_eq(before.en, after.en))
        hz_tighten_say(t, HZ_CHANGE_EDITORIAL, HZ_MSG_TIGHTEN_WORDS, key, before.zh.len ? before.zh : before.en,
                       after.zh.len ? after.zh : after.en);
}

void hz_tighten_open(hz_tighten *t, bool before, bool after)
{
    hz_tighten_order(t, "open", (int)before - (int)after, before ? HZ_SLICE_LIT("true") : HZ_SLICE_LIT("false"),
                     after ? HZ_SLICE_LIT("true") : HZ_SLICE_LIT("false"));
}

hz_slice hz_tighten_join(hz_buf *into, const hz_slice *texts, size_t count)
{
    hz_buf_reset(into);
    for (size_t i = 0; i < count; i++) {
        hz_buf_puts(into, i ? ", " : "");
        hz_buf_put(into, texts[i].len ? texts[i] : HZ_SLICE_LIT("\"\""));
    }
    return count ? hz_buf_slice(into) : HZ_NOTHING;
}

bool hz_tighten_subset(const hz_slice *part, size_t part_count, const hz_slice *whole, size_t whole_count)
{
    for (size_t i = 0; i < part_count; i++) {
        bool found = false;
        for (size_t k = 0; k < whole_count && !found; k++)
            found = hz_slice_eq(part[i], whole[k]);
        if (!found)
            return false;
    }
    return true;
}

hz_slice hz_tighten_print(hz_buf *into, const hz_expr *expr)
{
    return expr->text.len ? (hz_buf_reset(into), hz_buf_put(into, expr->text), hz_buf_slice(into)) : HZ_NOTHING;
}

/* ---- expressions ---- */

bool hz_tighten_same(const hz_tighten *t, const hz_expr *before, const hz_expr *after)
{
    return hz_same_names(t->before, before->root, t->after, after->root);
}

/* The id of a list that has fewer codes now and is read where that cannot be shown to tighten; "" when there is none.
 */
static hz_slice unsure_list(const hz_tighten *t, const hz_node *node, int polarity)
{
    size_t at;
    if (!node)
        return HZ_SLICE_NONE;
    if (node->list) {
        hz_slice id = hz_codelist_id(node->list);
        const hz_own_list *old = hz_profile_own_list(t->before, id), *now = hz_profile_own_list(t->after, id);
        int turned = node->kind != HZ_NODE_IN_LIST ? 0 : node->negated ? -polarity : polarity;
        if (old && now && !old->open && turned <= 0 && !hz_same_list(old->list, now->list) &&
            hz_tighten_is_sublist(old->list, now->list, &at))
            return id;
    }
    bool joins = node->kind == HZ_NODE_AND || node->kind == HZ_NODE_OR;
    int inner = joins ? polarity : node->kind == HZ_NODE_NOT ? -polarity : 0;
    for (uint32_t i = 0; i < node->items_count; i++) {
        hz_slice found = unsure_list(t, node->items[i], inner);
        if (found.len)
            return found;
    }
    return HZ_SLICE_NONE;
}

void hz_tighten_lists(hz_tighten *t, const char *key, const hz_expr *before, int polarity)
{
    hz_slice id = unsure_list(t, before->root, polarity);
    if (id.len)
        hz_tighten_say(t, HZ_CHANGE_LOOSENING, HZ_MSG_TIGHTEN_READS_LIST, key, id, id);
}

/* Whether part is one of the operands of whole, which `kind` joins. */
static bool is_operand(const hz_tighten *t, const hz_node *part, const hz_node *whole, hz_node_kind kind)
{
    if (hz_same_names(t->before, part, t->after, whole))
        return true;
    for (uint32_t i = 0; whole && whole->kind == kind && i < whole->items_count; i++)
        if (is_operand(t, part, whole->items[i], kind))
            return true;
    return false;
}

static bool all_operands(const hz_tighten *t, const hz_node *before, const hz_node *after, hz_node_kind kind)
{
    if (!before || !after)
        return false;
    if (is_operand(t, before, after, kind))
        return true;
    for (uint32_t i = 0; before->kind == kind && i < before->items_count; i++)
        if (!all_operands(t, before->items[i], after, kind))
            return false;
    return before->kind == kind;
}

void hz_tighten_holds(hz_tighten *t, const char *key, const hz_expr *before, const hz_expr *after, hz_node_kind kind)
{
    bool and_ = kind == HZ_NODE_AND;
    hz_tighten_lists(t, key, before, and_ ? 1 : -1);
    if (hz_tighten_same(t, before, after))
        return;
    bool more = before->root && all_operands(t, before->root, after->root, kind);
    bool absent = and_ ? !before->root : !after->root; /* without `when` it speaks of all */
    hz_slice old = hz_tighten_print(&t->one, before), now = hz_tighten_print(&t->two, after);
    if (more || absent)
        hz_tighten_say(t, HZ_CHANGE_TIGHTENING, HZ_MSG_TIGHTEN_NARROWER, key, old, now);
    else if (hz_slice_eq(before->text, after->text))
        hz_tighten_say(t, HZ_CHANGE_LOOSENING, HZ_MSG_TIGHTEN_NAMES, key, old, now);
    else
        hz_tighten_say(t, HZ_CHANGE_LOOSENING, and_ ? HZ_MSG_TIGHTEN_ASSERT : HZ_MSG_TIGHTEN_WHEN, key, old, now);
}

/* ---- elements ---- */

static void begin(hz_tighten *t, const char *kind, hz_slice name, hz_span before, hz_span after)
{
    t->path_count = 0;
    push(t, kind);
    push_name(t, name);
    t->before_span = before;
    t->after_span = after;
    t->open = t->can_open = false;
}

static hz_slice param_type(hz_buf *into, const hz_param *param)
{
    const char *name = param->month                       ? "month"
                       : param->type == HZ_TYPE_INTEGER   ? "integer"
                       : param->type == HZ_TYPE_DECIMAL   ? "decimal"
                       : param->type == HZ_TYPE_TIMESTAMP ? "datetime"
                                                          : hz_type_name(param->type);
    hz_buf_reset(into);
    hz_buf_puts(into, name);
    if (param->precision >= 0)
        hz_buf_printf(into, "(%d,%d)", param->precision, param->scale);
    return hz_buf_slice(into);
}

int hz_tighten_cmp(const hz_value *a, const hz_value *b)
{
    if (a->type == HZ_TYPE_TEXT)
        return hz_slice_cmp(a->as.text, b->as.text);
    if (a->type == HZ_TYPE_BOOLEAN)
        return (int)a->as.boolean - (int)b->as.boolean;
    if (a->type != HZ_TYPE_DECIMAL && b->type != HZ_TYPE_DECIMAL)
        return (a->as.i64 > b->as.i64) - (a->as.i64 < b->as.i64);
    return hz_decimal_cmp(a->type == HZ_TYPE_DECIMAL ? a->as.decimal : hz_decimal_of(a->as.i64),
                          b->type == HZ_TYPE_DECIMAL ? b->as.decimal : hz_decimal_of(b->as.i64));
}

static hz_slice value_text(hz_buf *into, bool has, const hz_value *value)
{
    hz_buf_reset(into);
    if (!has || !value->valid)
        return HZ_NOTHING;
    switch (value->type) {
    case HZ_TYPE_TEXT:
        hz_buf_put(into, value->as.text);
        break;
    case HZ_TYPE_BOOLEAN:
        hz_buf_puts(into, value->as.boolean ? "true" : "false");
        break;
    case HZ_TYPE_DECIMAL:
        hz_decimal_put(into, value->as.decimal);
        break;
    case HZ_TYPE_DATE:
        hz_date_put(into, (int32_t)value->as.i64);
        break;
    case HZ_TYPE_TIMESTAMP:
        hz_timestamp_put(into, value->as.i64);
        break;
    case HZ_TYPE_TIME:
        hz_time_put(into, value->as.i64);
        break;
    default:
        hz_buf_put_i64(into, value->as.i64);
    }
    return hz_buf_slice(into);
}

static void param_limit(hz_tighten *t, const char *key, bool had, const hz_value *a, bool has, const hz_value *b,
                        bool upper)
{
    int order = had && has ? hz_tighten_cmp(b, a) * (upper ? -1 : 1) : (int)has - (int)had;
    hz_tighten_order(t, key, order, value_text(&t->one, had, a), value_text(&t->two, has, b));
}

static void param(hz_tighten *t, const hz_param *a, const hz_param *b)
{
    begin(t, "params", a->name, a->span, b->span);
    t->open = a->open;
    t->can_open = true;
    bool type = a->type == b->type && a->month == b->month && a->precision == b->precision && a->scale == b->scale;
    if (!type) {
        hz_tighten_say(t, HZ_CHANGE_BREAKING, HZ_MSG_TIGHTEN_BREAKS, "type", param_type(&t->one, a),
                       param_type(&t->two, b));
        return;
    }
    if (!hz_same_param(a, b))
        hz_tighten_say(t, HZ_CHANGE_LOOSENING, HZ_MSG_TIGHTEN_DEFAULT, "default", value_text(&t->one, true, &a->value),
                       value_text(&t->two, true, &b->value));
    param_limit(t, "min", a->has_min, &a->min, b->has_min, &b->min, false);
    param_limit(t, "max", a->has_max, &a->max, b->has_max, &b->max, true);
    hz_tighten_equal(t, "unit", hz_slice_eq(a->unit, b->unit) || !a->unit.len, HZ_CHANGE_BREAKING,
                     HZ_MSG_TIGHTEN_BREAKS, a->unit, b->unit);
    hz_tighten_words(t, "title", a->title, b->title);
    hz_tighten_words(t, "description", a->description, b->description);
    hz_tighten_open(t, a->open, b->open);
}

bool hz_tighten_is_sublist(const hz_codelist *before, const hz_codelist *after, size_t *at)
{
    for (*at = 0; before != after && *at < hz_codelist_count(after); ++*at) {
        hz_code code = hz_codelist_at(after, *at);
        uint32_t row = hz_codelist_find(before, code.code, code.valid_from);
        if (row == HZ_HTAB_NONE)
            return false;
        hz_code old = hz_codelist_at(before, row);
        if (old.valid_from > code.valid_from || old.valid_to < code.valid_to)
            return false;
    }
    return true;
}

static void own_list(hz_tighten *t, const hz_own_list *a, const hz_own_list *b)
{
    hz_slice id = hz_codelist_id(a->list);
    begin(t, "lists", id, a->span, b->span);
    t->open = a->open;
    t->can_open = true;
    size_t at;
    if (!hz_tighten_is_sublist(a->list, b->list, &at)) {
        hz_code code = hz_codelist_at(b->list, at);
        bool known = hz_codelist_find(a->list, code.code, HZ_DAY_EVER) != HZ_HTAB_NONE;
        hz_tighten_say(t, HZ_CHANGE_LOOSENING, known ? HZ_MSG_TIGHTEN_CODE_LONGER : HZ_MSG_TIGHTEN_CODE_NEW, "codes",
                       HZ_NOTHING, code.code);
    } else if (!hz_same_list(a->list, b->list)) {
        size_t back;
        bool words = hz_tighten_is_sublist(b->list, a->list, &back);
        hz_tighten_say(t, words ? HZ_CHANGE_EDITORIAL : HZ_CHANGE_TIGHTENING,
                       words ? HZ_MSG_TIGHTEN_WORDS : HZ_MSG_TIGHTEN_FEWER_CODES, "codes", HZ_NOTHING, HZ_NOTHING);
    }
    hz_tighten_open(t, a->open, b->open);
}

static void relation(hz_tighten *t, const hz_relation *a, const hz_relation *b)
{
    bool same = a->many == b->many && a->to_period == b->to_period && a->from_period == b->from_period &&
                hz_slice_eq(a->to->name, b->to->name) && a->on_count == b->on_count &&
                hz_tighten_same(t, &a->where, &b->where);
    for (size_t i = 0; same && i < a->on_count; i++)
        same = hz_tighten_same(t, &a->on_from[i], &b->on_from[i]) && hz_tighten_same(t, &a->on_to[i], &b->on_to[i]);
    t->before_span = a->span;
    t->after_span = b->span;
    if (!same)
        hz_tighten_say(t, HZ_CHANGE_BREAKING, HZ_MSG_TIGHTEN_RELATION, NULL, a->name, b->name);
}

static hz_slice key_text(hz_buf *into, const hz_table *table)
{
    hz_buf_reset(into);
    for (size_t i = 0; i < table->key_count; i++) {
        hz_buf_puts(into, i ? ", " : "");
        hz_buf_put(into, table->key[i]->name);
    }
    return table->key_count ? hz_buf_slice(into) : HZ_NOTHING;
}

static hz_slice yes_no(bool yes)
{
    return yes ? HZ_SLICE_LIT("true") : HZ_SLICE_LIT("false");
}

static void table_keys(hz_tighten *t, const hz_table *a, const hz_table *b)
{
    static const char *const unknown[] = {"error", "warning", "ignore"};
    bool same = a->key_count == b->key_count;
    for (size_t i = 0; same && i < a->key_count; i++)
        same = hz_slice_eq(a->key[i]->name, b->key[i]->name);
    if (!a->key_count && b->key_count)
        hz_tighten_say(t, HZ_CHANGE_TIGHTENING, HZ_MSG_TIGHTEN_NARROWER, "key", HZ_NOTHING, key_text(&t->two, b));
    else
        hz_tighten_equal(t, "key", same, HZ_CHANGE_BREAKING, HZ_MSG_TIGHTEN_BREAKS, key_text(&t->one, a),
                         key_text(&t->two, b));
    hz_tighten_order(t, "unknown_columns", (int)a->unknown_columns - (int)b->unknown_columns,
                     hz_slice_of(unknown[a->unknown_columns]), hz_slice_of(unknown[b->unknown_columns]));
    hz_tighten_order(t, "optional", (int)a->optional - (int)b->optional, yes_no(a->optional), yes_no(b->optional));
    hz_tighten_equal(t, "external", a->external == b->external, HZ_CHANGE_BREAKING, HZ_MSG_TIGHTEN_BREAKS,
                     yes_no(a->external), yes_no(b->external));
    bool included = hz_slice_eq(a->included, b->included) && hz_slice_eq(a->included_bytes, b->included_bytes);
    hz_tighten_equal(t, "included", included, HZ_CHANGE_BREAKING, HZ_MSG_TIGHTEN_BREAKS, a->included, b->included);
    bool nulls = hz_tighten_subset(a->nulls, a->nulls_count, b->nulls, b->nulls_count) &&
                 hz_tighten_subset(b->nulls, b->nulls_count, a->nulls, a->nulls_count);
    hz_tighten_equal(t, "nulls", nulls, HZ_CHANGE_BREAKING, HZ_MSG_TIGHTEN_BREAKS,
                     hz_tighten_join(&t->one, a->nulls, a->nulls_count),
                     hz_tighten_join(&t->two, b->nulls, b->nulls_count));
    bool files = hz_tighten_subset(a->files, a->files_count, b->files, b->files_count) &&
                 hz_tighten_subset(b->files, b->files_count, a->files, a->files_count);
    hz_tighten_equal(t, "files", files, HZ_CHANGE_BREAKING, HZ_MSG_TIGHTEN_BREAKS,
                     hz_tighten_join(&t->one, a->files, a->files_count),
                     hz_tighten_join(&t->two, b->files, b->files_count));
    hz_tighten_equal(t, "encoding", !a->encoding.len || hz_slice_eq(a->encoding, b->encoding), HZ_CHANGE_BREAKING,
                     HZ_MSG_TIGHTEN_BREAKS, a->encoding, b->encoding);
    bool region = !a->region.root || hz_tighten_same(t, &a->region, &b->region);
    hz_tighten_equal(t, "region", region, HZ_CHANGE_BREAKING, HZ_MSG_TIGHTEN_BREAKS, a->region.text, b->region.text);
    hz_tighten_equal(t, "unit", !a->unit.len || hz_slice_eq(a->unit, b->unit), HZ_CHANGE_BREAKING,
                     HZ_MSG_TIGHTEN_BREAKS, a->unit, b->unit);
    hz_tighten_order(t, "if_skipped", (int)b->if_skipped - (int)a->if_skipped,
                     hz_slice_of(hz_if_skipped_name(a->if_skipped)), hz_slice_of(hz_if_skipped_name(b->if_skipped)));
    hz_tighten_words(t, "title", a->title, b->title);
    hz_tighten_words(t, "description", a->description, b->description);
    hz_tighten_open(t, a->open, b->open);
}

static void gone(hz_tighten *t, hz_change_class class_, hz_slice name)
{
    hz_tighten_say(t, class_, HZ_MSG_TIGHTEN_GONE, NULL, name, HZ_NOTHING);
}

static void added(hz_tighten *t, hz_slice name)
{
    hz_tighten_say(t, HZ_CHANGE_TIGHTENING, HZ_MSG_TIGHTEN_NEW, NULL, HZ_NOTHING, name);
}

static void table_parts(hz_tighten *t, const hz_table *a, const hz_table *b)
{
    t->path_count = 4;
    t->path[2] = HZ_SLICE_LIT("fields");
    for (size_t i = 0; i < a->fields_count; i++) {
        const hz_field *field = hz_table_field(b, a->fields[i].name);
        t->path[3] = a->fields[i].name;
        t->before_span = a->fields[i].span;
        t->after_span = field ? field->span : (hz_span){0};
        t->open = a->fields[i].open;
        t->can_open = true;
        if (field)
            hz_tighten_fields(t, &a->fields[i], field);
        else
            gone(t, HZ_CHANGE_BREAKING, a->fields[i].name);
    }
    t->open = t->can_open = false;
    for (size_t i = 0; i < b->fields_count; i++) {
        t->path[3] = b->fields[i].name;
        t->before_span = a->span;
        t->after_span = b->fields[i].span;
        if (!hz_table_field(a, b->fields[i].name))
            added(t, b->fields[i].name);
    }
    t->path[2] = HZ_SLICE_LIT("relations");
    for (size_t i = 0; i < a->relations_count; i++) {
        const hz_relation *other = hz_table_relation(b, a->relations[i]->name);
        t->path[3] = a->relations[i]->name;
        if (other)
            relation(t, a->relations[i], other);
        else
            gone(t, HZ_CHANGE_BREAKING, a->relations[i]->name);
    }
}

static void tables(hz_tighten *t)
{
    for (size_t i = 0; i < t->before->tables_count; i++) {
        const hz_table *a = &t->before->tables[i], *b = hz_profile_table(t->after, a->name);
        begin(t, "tables", a->name, a->span, b ? b->span : (hz_span){0});
        t->open = a->open;
        t->can_open = true;
        if (a->builtin)
            continue;
        if (!b) {
            gone(t, HZ_CHANGE_BREAKING, a->name);
            continue;
        }
        table_keys(t, a, b);
        table_parts(t, a, b);
    }
    for (size_t i = 0; i < t->after->tables_count; i++) {
        const hz_table *b = &t->after->tables[i];
        begin(t, "tables", b->name, (hz_span){0}, b->span);
        if (!b->builtin && !hz_profile_table(t->before, b->name))
            added(t, b->name);
    }
}

static void params_and_lists(hz_tighten *t)
{
    for (size_t i = 0; i < t->before->params_count; i++) {
        const hz_param *a = &t->before->params[i];
        int at = hz_profile_param(t->after, a->name);
        if (at >= 0) {
            param(t, a, &t->after->params[at]);
            continue;
        }
        begin(t, "params", a->name, a->span, (hz_span){0});
        gone(t, HZ_CHANGE_BREAKING, a->name);
    }
    for (size_t i = 0; i < t->before->own_lists_count; i++) {
        const hz_own_list *a = &t->before->own_lists[i];
        hz_slice id = hz_codelist_id(a->list);
        if (!a->span.text || hz_profile_own_list(t->before, id) != a)
            continue;
        const hz_own_list *b = hz_profile_own_list(t->after, id);
        if (b) {
            own_list(t, a, b);
            continue;
        }
        begin(t, "lists", id, a->span, (hz_span){0});
        gone(t, HZ_CHANGE_BREAKING, id);
    }
}

/* ---- rules and measures ---- */

/* Derived rules are told of at the constraint of the field or table that they come from. */
static void begin_rule(hz_tighten *t, const hz_rule *rule, hz_span before, hz_span after)
{
    if (!rule->derived) {
        begin(t, "rules", rule->id, before, after);
        t->open = rule->open;
        t->can_open = true;
        return;
    }
    size_t dot = rule->id.len;
    while (dot && rule->id.ptr[dot - 1] != '.')
        dot--;
    begin(t, "tables", rule->table->name, before, after);
    if (rule->field) {
        push(t, "fields");
        push_name(t, rule->field->name);
    }
    push(t, "constraints");
    push_name(t, hz_slice_sub(rule->id, dot, rule->id.len));
    t->open = rule->field ? rule->field->open : rule->table->open;
    t->can_open = true;
}

static bool holds_id(const hz_slice *ids, size_t count, hz_slice id)
{
    for (size_t i = 0; i < count; i++)
        if (hz_slice_eq(ids[i], id))
            return true;
    return false;
}

/* old_ids, ids: of the rules before and after. */
static void rules(hz_tighten *t, const hz_names *old_ids, const hz_names *ids)
{
    for (size_t i = 0; i < t->before->rules_count && t->status == HZ_OK; i++) {
        const hz_rule *a = &t->before->rules[i];
        uint32_t at = hz_names_find(ids, a->id);
        const hz_rule *b = at == HZ_HTAB_NONE ? NULL : &t->after->rules[at];
        begin_rule(t, a, a->span, b ? b->span : (hz_span){0});
        /* a constraint that is gone with what it asked was told of at the field */
        if (b)
            hz_tighten_rules(t, a, b);
        else if (!a->derived || holds_id(t->after->withdrawn, t->after->withdrawn_count, a->id))
            gone(t, HZ_CHANGE_LOOSENING, a->id);
    }
    for (size_t i = 0; i < t->after->rules_count && t->status == HZ_OK; i++) {
        const hz_rule *b = &t->after->rules[i];
        if (hz_names_find(old_ids, b->id) != HZ_HTAB_NONE)
            continue;
        begin_rule(t, b, (hz_span){0}, b->span);
        t->open = t->can_open = false;
        if (holds_id(t->before->withdrawn, t->before->withdrawn_count, b->id))
            hz_tighten_say(t, HZ_CHANGE_BREAKING, HZ_MSG_TIGHTEN_ID_AGAIN, NULL, HZ_NOTHING, b->id);
        else if (!b->derived)
            added(t, b->id);
    }
}

static void measures(hz_tighten *t)
{
    for (size_t i = 0; i < t->before->measures_count; i++) {
        const hz_measure *a = &t->before->measures[i], *b = hz_profile_measure(t->after, a->id);
        begin(t, "measures", a->id, a->span, b ? b->span : (hz_span){0});
        if (b)
            hz_tighten_measures(t, a, b);
        else
            gone(t, HZ_CHANGE_LOOSENING, a->id);
    }
    for (size_t i = 0; i < t->after->measures_count; i++) {
        const hz_measure *b = &t->after->measures[i];
        begin(t, "measures", b->id, (hz_span){0}, b->span);
        if (holds_id(t->before->withdrawn, t->before->withdrawn_count, b->id))
            hz_tighten_say(t, HZ_CHANGE_BREAKING, HZ_MSG_TIGHTEN_ID_AGAIN, NULL, HZ_NOTHING, b->id);
        else if (!hz_profile_measure(t->before, b->id))
            added(t, b->id);
    }
}

/* ---- waivers ---- */

static const hz_waiver *waiver_of(const hz_profile *profile, hz_slice id)
{
    for (size_t i = 0; i < profile->waivers_count; i++)
        if (hz_slice_eq(profile->waivers[i].id, id))
            return &profile->waivers[i];
    return NULL;
}

static bool same_max(const hz_waiver *a, const hz_waiver *b)
{
    return a->has_max_count == b->has_max_count && a->max_count == b->max_count && a->has_max_rate == b->has_max_rate &&
           (!a->has_max_rate || hz_decimal_cmp(a->max_rate, b->max_rate) == 0);
}

/* What is waived stays as it is, for the profiles below count it so; only who and why may change. */
static void waiver(hz_tighten *t, const hz_waiver *a, const hz_waiver *b)
{
    bool same = hz_slice_eq(a->rule, b->rule) && a->until == b->until && same_max(a, b) &&
                !a->condition == !b->condition &&
                (!a->condition || hz_same_names(t->before, a->condition, t->after, b->condition));
    if (!same)
        hz_tighten_say(t, HZ_CHANGE_LOOSENING, HZ_MSG_TIGHTEN_WAIVER, NULL, a->id, b->id);
    hz_tighten_words(t, "reason", (hz_text2){a->reason, HZ_SLICE_NONE}, (hz_text2){b->reason, HZ_SLICE_NONE});
}

static void waivers(hz_tighten *t, const hz_names *old_ids)
{
    for (size_t i = 0; i < t->before->waivers_count; i++) {
        const hz_waiver *a = &t->before->waivers[i], *b = waiver_of(t->after, a->id);
        begin(t, "waivers", a->id, a->span, b ? b->span : (hz_span){0});
        if (b)
            waiver(t, a, b);
        else
            gone(t, HZ_CHANGE_TIGHTENING, a->id);
    }
    for (size_t i = 0; i < t->after->waivers_count; i++) {
        const hz_waiver *b = &t->after->waivers[i];
        const hz_rule *rule = hz_profile_rule(t->before, b->rule);
        begin(t, "waivers", b->id, rule ? rule->span : (hz_span){0}, b->span);
        if (waiver_of(t->before, b->id))
            continue;
        if (hz_names_find(old_ids, b->rule) != HZ_HTAB_NONE)
            hz_tighten_say(t, HZ_CHANGE_LOOSENING, HZ_MSG_TIGHTEN_WAIVED, NULL, HZ_NOTHING, b->rule);
        else
            hz_tighten_say(t, HZ_CHANGE_EDITORIAL, HZ_MSG_TIGHTEN_NEW, NULL, HZ_NOTHING, b->id);
    }
}

/* ---- the whole ---- */

static void head(hz_tighten *t)
{
    static const char *const as_of[] = {"optional", "required", "date"};
    const hz_profile *a = t->before, *b = t->after;
    t->path_count = 0;
    t->before_span = (hz_span){a->text, HZ_SPAN_WHOLE, 0};
    t->after_span = (hz_span){b->text, HZ_SPAN_WHOLE, 0};
    t->open = t->can_open = false;
    bool same = a->as_of == b->as_of && (a->as_of != HZ_AS_OF_DAY || a->as_of_day == b->as_of_day);
    if (!same)
        hz_tighten_order(t, "as_of", a->as_of == HZ_AS_OF_OPTIONAL && b->as_of == HZ_AS_OF_REQUIRED ? 1 : -1,
                         hz_slice_of(as_of[a->as_of]), hz_slice_of(as_of[b->as_of]));
    hz_tighten_whole(t, "certify_within", a->certify_within_days, b->certify_within_days, true);
    hz_tighten_whole(t, "acknowledge_same", a->acknowledge_same, b->acknowledge_same, true);
    hz_tighten_equal(t, "unit", !a->unit.len || hz_slice_eq(a->unit, b->unit), HZ_CHANGE_BREAKING,
                     HZ_MSG_TIGHTEN_BREAKS, a->unit, b->unit);
}

static hz_status end(hz_tighten *t)
{
    hz_status st = t->status;
    if (st == HZ_OK)
        st = hz_buf_status(&t->one, t->err);
    if (st == HZ_OK)
        st = hz_buf_status(&t->two, t->err);
    hz_buf_clear(&t->one);
    hz_buf_clear(&t->two);
    return st;
}

hz_status hz_tighten_profile(const hz_profile *before, const hz_profile *after, hz_change_found found, void *payload,
                             hz_error *err)
{
    hz_tighten t = {.before = before, .after = after, .found = found, .payload = payload, .err = err};
    hz_names ids = {0}, old_ids = {0};
    hz_status st = HZ_OK;
    uint32_t old;
    for (size_t i = 0; i < before->rules_count; i++)
        HZ_GO(hz_names_add(&old_ids, before->rules[i].id, (uint32_t)i, &old, err));
    for (size_t i = 0; i < after->rules_count; i++)
        HZ_GO(hz_names_add(&ids, after->rules[i].id, (uint32_t)i, &old, err));
    head(&t);
    params_and_lists(&t);
    tables(&t);
    rules(&t, &old_ids, &ids);
    measures(&t);
    waivers(&t, &old_ids);
    begin(&t, "grading", HZ_SLICE_NONE, t.before_span, t.after_span);
    t.path_count = 1;
    t.before_span = (hz_span){before->text, HZ_SPAN_WHOLE, 0};
    t.after_span = (hz_span){after->text, HZ_SPAN_WHOLE, 0};
    hz_tighten_grading(&t, &before->grading, &after->grading);
out:
    hz_names_clear(&ids);
    hz_names_clear(&old_ids);
    hz_status ended = end(&t);
    return st == HZ_OK ? ended : st;
}

hz_status hz_tighten_field(hz_change_class *worst, const hz_profile *before_profile, const hz_field *before,
                           const hz_profile *after_profile, const hz_field *after, hz_change_found found, void *payload,
                           hz_error *err)
{
    hz_tighten t = {.before = before_profile, .after = after_profile, .found = found, .payload = payload, .err = err};
    begin(&t, "tables", before->table->name, before->span, after->span);
    push(&t, "fields");
    push_name(&t, before->name);
    t.open = before->open;
    t.can_open = true;
    hz_tighten_fields(&t, before, after);
    *worst = t.worst;
    return end(&t);
}

hz_status hz_tighten_rule(hz_change_class *worst, const hz_profile *before_profile, const hz_rule *before,
                          const hz_profile *after_profile, const hz_rule *after, hz_change_found found, void *payload,
                          hz_error *err)
{
    hz_tighten t = {.before = before_profile, .after = after_profile, .found = found, .payload = payload, .err = err};
    begin_rule(&t, before, before->span, after->span);
    hz_tighten_rules(&t, before, after);
    *worst = t.worst;
    return end(&t);
}
