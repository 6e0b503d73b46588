/* text_finding.c: one finding: where and what; the values it is about, with carets under those at fault; related
 * records.
 *
 *   member.csv:17: 登记 5 人，成员表 4 人
 *     household_id=520123001  family_size=5
 *                                         ^
 *     = member.csv:20  member_id=1 */
#include "base/utf8.h"
#include "reports/text_int.h"

enum { VALUE_CELLS = 40, INDENT = 6, RELATED_SHOWN = 3 };

static bool reads(const hz_node *node, const hz_table *table, hz_slice field)
{
    if (!node)
        return false;
    if (node->kind == HZ_NODE_FIELD && node->field && node->field->table == table &&
        hz_slice_eq(node->field->name, field))
        return true;
    for (uint32_t i = 0; i < node->items_count; i++)
        if (reads(node->items[i], table, field))
            return true;
    return false;
}

/* What the rule speaks of, not what only decides whether it applies. */
static bool is_at_fault(const hz_rule *rule, hz_slice field)
{
    if (rule->field)
        return hz_slice_eq(rule->field->name, field);
    for (size_t i = 0; rule->kind != HZ_RULE_GROUP_ASSERT && i < rule->keys_count; i++)
        if (reads(rule->keys[i].root, rule->table, field))
            return true;
    const hz_expr *expr;
    for (size_t i = 0; (expr = hz_rule_similar_expr(rule, i)) != NULL; i++)
        if (reads(expr->root, rule->table, field))
            return true;
    return reads(rule->assert_.root, rule->table, field) || reads(rule->overlap_from.root, rule->table, field) ||
           reads(rule->overlap_to.root, rule->table, field);
}

/* Carets under the line just written; marks are pairs of cells [from, to). */
typedef struct carets {
    size_t marks[16][2];
    size_t count;
} carets;

static void put_carets(hz_text_out *t, carets *under)
{
    if (under->count) {
        hz_text_ink(t, HZ_INK_RED);
        for (size_t i = 0; i < under->count; i++) {
            hz_text_to(t, under->marks[i][0]);
            while (t->cells < under->marks[i][1])
                hz_text_puts(t, "^");
        }
        hz_text_line(t);
    }
    under->count = 0;
}

static void break_line(hz_text_out *t, carets *under)
{
    hz_text_line(t);
    put_carets(t, under);
}

/* What the profile makes of a value that the file has by another name: " (XB=男→1)". */
static void put_standard(hz_text_out *t, const hz_named *named)
{
    hz_buf text = HZ_BUF_INIT;
    hz_buf_putc(&text, ' ');
    hz_put_named_standard(&text, named, t->options->reveal);
    hz_text_check(t, &text);
    hz_text_ink(t, HZ_INK_DIM);
    hz_text_put_fit(t, hz_buf_slice(&text), 2 * VALUE_CELLS);
    hz_text_ink(t, HZ_INK_PLAIN);
    hz_buf_clear(&text);
}

/* One `name=value`, on a new line when it does not fit in this one. */
static void put_value(hz_text_out *t, const hz_named *named, bool at_fault, carets *under)
{
    hz_buf value = HZ_BUF_INIT;
    bool own = named->own_name.len > 0;
    hz_slice name = own ? named->own_name : named->name;
    hz_put_shown(&value, own ? named->own_value : named->value, t->options->reveal);
    hz_text_check(t, &value);
    size_t name_cells = hz_text_width(t, name), cells = hz_text_width(t, hz_buf_slice(&value));
    cells = cells < VALUE_CELLS ? cells : VALUE_CELLS;
    if (t->cells > INDENT && t->cells + 2 + name_cells + 1 + cells > t->width)
        break_line(t, under);
    if (t->cells)
        hz_text_puts(t, "  ");
    else
        hz_text_to(t, INDENT);
    hz_text_ink(t, HZ_INK_DIM);
    hz_text_put_fit(t, name, VALUE_CELLS);
    hz_text_puts(t, "=");
    hz_text_ink(t, HZ_INK_PLAIN);
    size_t from = t->cells;
    hz_text_put_fit(t, hz_buf_slice(&value), VALUE_CELLS);
    if (at_fault && under->count < sizeof under->marks / sizeof *under->marks) {
        under->marks[under->count][0] = from;
        under->marks[under->count++][1] = t->cells > from ? t->cells : from + 1;
    }
    hz_buf_clear(&value);
    if (own)
        put_standard(t, named);
}

static bool among(const hz_named *items, size_t count, hz_slice name)
{
    for (size_t i = 0; i < count; i++)
        if (hz_slice_eq(items[i].name, name))
            return true;
    return false;
}

static void put_values(hz_text_out *t, const hz_rule *rule, const hz_finding *finding)
{
    const hz_place *at = &finding->at;
    carets under = {.count = 0};
    for (size_t i = 0; i < at->key_count; i++)
        if (!among(at->fields, at->fields_count, at->key[i].name))
            put_value(t, &at->key[i], false, &under);
    for (size_t i = 0; i < at->fields_count; i++)
        put_value(t, &at->fields[i], is_at_fault(rule, at->fields[i].name), &under);
    for (size_t i = 0; i < finding->echo_count; i++)
        put_value(t, &finding->echo[i], false, &under);
    if (t->cells)
        break_line(t, &under);
}

static void put_extra(hz_text_out *t, hz_msg_id id, hz_shown value)
{
    hz_buf text = HZ_BUF_INIT;
    hz_put_shown(&text, value, t->options->reveal);
    hz_text_check(t, &text);
    hz_slice arg = hz_buf_slice(&text);
    if (t->cells)
        hz_text_puts(t, "  ");
    else
        hz_text_to(t, INDENT);
    hz_text_message_rest(t, id, &arg, 1);
    hz_buf_clear(&text);
}

/* Of a default message, which has both sides of a comparison, only the difference is news. */
static void put_extras(hz_text_out *t, const hz_finding *finding)
{
    bool has_template = finding->template_zh || finding->template_en;
    if (finding->has_expected && has_template)
        put_extra(t, HZ_MSG_TEXT_EXPECTED, finding->expected);
    if (finding->has_difference)
        put_extra(t, HZ_MSG_TEXT_DIFFERENCE, finding->difference);
    if (finding->has_repair)
        put_extra(t, HZ_MSG_TEXT_REPAIR, finding->repair);
    if (t->cells)
        hz_text_line(t);
}

static void put_related(hz_text_out *t, const hz_finding *finding)
{
    carets none = {.count = 0};
    for (size_t i = 0; i < finding->related_count && i < RELATED_SHOWN; i++) {
        const hz_place *place = &finding->related[i];
        hz_text_to(t, INDENT);
        hz_text_puts(t, "= ");
        hz_text_place(t, place);
        for (size_t k = 0; k < place->key_count; k++)
            put_value(t, &place->key[k], false, &none);
        for (size_t k = 0; k < place->fields_count; k++)
            if (!among(place->key, place->key_count, place->fields[k].name))
                put_value(t, &place->fields[k], false, &none);
        hz_text_line(t);
    }
    if (finding->related_count > RELATED_SHOWN) {
        hz_digits more = hz_text_count(finding->related_count - RELATED_SHOWN);
        hz_text_to(t, INDENT);
        hz_text_puts(t, "= … +");
        hz_text_put(t, HZ_DIGITS(more));
        hz_text_line(t);
    }
}

/* The message, going on in further lines where it is long: broken at a blank or beside a Chinese character, else
 * anywhere. */
static void put_wrapped(hz_text_out *t, hz_slice text)
{
    while (text.len) {
        size_t room = t->width > t->cells + 1 ? t->width - t->cells : 1, at = 0, blank = 0, cells = 0;
        while (at < text.len) {
            size_t next = at;
            uint32_t c = hz_utf8_next(text, &next);
            char escape[16];
            size_t escaped = hz_utf8_escape(escape, hz_slice_sub(text, at, next), c);
            cells += escaped ? escaped : (size_t)hz_utf8_cell_width(c);
            if (cells > room && at > 0)
                break;
            if (c == ' ' || hz_utf8_cell_width(c) == 2)
                blank = next;
            at = next;
        }
        size_t cut = at < text.len && blank ? blank : at;
        hz_text_put(t, hz_slice_sub(text, 0, cut));
        text = hz_slice_sub(text, cut, text.len);
        if (text.len) {
            hz_text_line(t);
            hz_text_to(t, INDENT);
        }
    }
}

void hz_text_finding(hz_text_out *t, const hz_result_rule *rule, const hz_finding *finding)
{
    hz_buf message = HZ_BUF_INIT;
    hz_text_puts(t, "    ");
    hz_text_place(t, &finding->at);
    hz_text_puts(t, ": ");
    hz_put_message(&message, finding, t->lang, t->options->reveal);
    hz_text_check(t, &message);
    put_wrapped(t, hz_buf_slice(&message));
    hz_buf_clear(&message);
    hz_text_line(t);
    put_values(t, rule->rule, finding);
    put_extras(t, finding);
    put_related(t, finding);
}
