#include "base/alloc.h"
#include "base/utf8.h"
#include "reports/text_int.h"

/* ---- numbers ---- */

hz_digits hz_text_count(uint64_t n)
{
    hz_digits digits = {.len = 0};
    char turned[32];
    size_t count = 0;
    do {
        if (count % 4 == 3)
            turned[count++] = ',';
        turned[count++] = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    while (count)
        digits.text[digits.len++] = turned[--count];
    return digits;
}

/* As hz_decimal_put, without memory that could fail. At most 38 digits, sign, point and a leading 0. */
static hz_digits digits_of(hz_decimal a, bool percent)
{
    hz_digits digits = {.len = 0};
    hz_uint128 rest = a.coef < 0 ? -(hz_uint128)a.coef : (hz_uint128)a.coef;
    char turned[48];
    size_t count = 0;
    for (int32_t place = 0; rest || place <= a.scale; place++) {
        if (place && place == a.scale)
            turned[count++] = '.';
        turned[count++] = (char)('0' + (int)(rest % 10));
        rest /= 10;
    }
    if (a.coef < 0)
        digits.text[digits.len++] = '-';
    while (count)
        digits.text[digits.len++] = turned[--count];
    if (percent)
        digits.text[digits.len++] = '%';
    return digits;
}

hz_digits hz_text_percent(hz_decimal share)
{
    hz_decimal percent = share;
    hz_decimal_mul(&percent, share, hz_decimal_of(100));
    return digits_of(hz_decimal_normal(percent), true);
}

hz_digits hz_text_score(hz_decimal score)
{
    hz_decimal shown = score;
    hz_decimal_round(&shown, score, 2, HZ_ROUND_FLOOR);
    return digits_of(shown, false);
}

hz_digits hz_text_figure(hz_decimal value)
{
    hz_decimal shown = value;
    if (value.scale > 6)
        hz_decimal_round(&shown, value, 6, HZ_ROUND_HALF_EVEN);
    return digits_of(hz_decimal_normal(shown), false);
}

/* ---- text ---- */

void hz_text_check(hz_text_out *t, const hz_buf *buf)
{
    if (buf->status != HZ_OK && t->out->status == HZ_OK)
        t->out->status = buf->status;
}

static hz_slice safe(hz_text_out *t, hz_slice text)
{
    hz_buf_reset(&t->safe);
    hz_utf8_put_safe(&t->safe, text);
    hz_text_check(t, &t->safe);
    return hz_buf_slice(&t->safe);
}

void hz_text_ink(hz_text_out *t, hz_ink ink)
{
    static const char *const codes[] = {"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[33m", "\x1b[32m"};
    if (!t->options->color || ink == t->ink)
        return;
    if (t->ink != HZ_INK_PLAIN)
        hz_buf_puts(t->out, codes[HZ_INK_PLAIN]);
    if (ink != HZ_INK_PLAIN)
        hz_buf_puts(t->out, codes[ink]);
    t->ink = ink;
}

void hz_text_put(hz_text_out *t, hz_slice text)
{
    hz_slice shown = safe(t, text);
    hz_buf_put(t->out, shown);
    t->cells += hz_utf8_width(shown);
}

void hz_text_puts(hz_text_out *t, const char *text)
{
    hz_text_put(t, hz_slice_of(text));
}

size_t hz_text_width(hz_text_out *t, hz_slice text)
{
    return hz_utf8_width(safe(t, text));
}

void hz_text_put_fit(hz_text_out *t, hz_slice text, size_t max)
{
    hz_slice shown = safe(t, text);
    size_t width = hz_utf8_width(shown);
    if (width <= max) {
        hz_buf_put(t->out, shown);
        t->cells += width;
        return;
    }
    size_t at = 0, cells = 0;
    while (at < shown.len) {
        size_t next = at;
        size_t one = (size_t)hz_utf8_cell_width(hz_utf8_next(shown, &next));
        if (cells + one + 1 > max)
            break;
        cells += one;
        at = next;
    }
    hz_buf_put(t->out, hz_slice_sub(shown, 0, at));
    if (max)
        hz_buf_puts(t->out, "…");
    t->cells += cells + (max ? 1 : 0);
}

void hz_text_put_rest(hz_text_out *t, hz_slice text)
{
    hz_text_put_fit(t, text, t->width > t->cells ? t->width - t->cells : 0);
}

void hz_text_part(hz_text_out *t, hz_slice text)
{
    if (t->cells > 2 && t->cells + 3 + hz_text_width(t, text) > t->width) {
        hz_ink ink = t->ink;
        hz_text_line(t);
        hz_text_to(t, 2);
        hz_text_ink(t, ink);
    } else if (t->cells > 2) {
        hz_text_to(t, t->cells + 3);
    }
    hz_text_put_rest(t, text);
}

void hz_text_to(hz_text_out *t, size_t cell)
{
    for (; t->cells < cell; t->cells++)
        hz_buf_putc(t->out, ' ');
}

void hz_text_put_right(hz_text_out *t, hz_slice text, size_t end)
{
    size_t width = hz_text_width(t, text);
    hz_text_to(t, end > width ? end - width : 0);
    hz_text_put(t, text);
}

void hz_text_line(hz_text_out *t)
{
    while (t->out->len && t->out->ptr[t->out->len - 1] == ' ')
        t->out->ptr[--t->out->len] = '\0';
    hz_text_ink(t, HZ_INK_PLAIN);
    hz_buf_putc(t->out, '\n');
    t->cells = 0;
}

static hz_slice rendered(hz_text_out *t, hz_msg_id id, const hz_slice *args, size_t args_count)
{
    hz_buf_reset(&t->scratch);
    hz_msg_render(&t->scratch, id, args, args_count, t->lang);
    hz_text_check(t, &t->scratch);
    return hz_buf_slice(&t->scratch);
}

void hz_text_message(hz_text_out *t, hz_msg_id id, const hz_slice *args, size_t args_count)
{
    hz_text_put(t, rendered(t, id, args, args_count));
}

void hz_text_message_rest(hz_text_out *t, hz_msg_id id, const hz_slice *args, size_t args_count)
{
    hz_text_put_rest(t, rendered(t, id, args, args_count));
}

void hz_text_message_part(hz_text_out *t, hz_msg_id id, const hz_slice *args, size_t args_count)
{
    hz_text_part(t, rendered(t, id, args, args_count));
}

void hz_text_heading(hz_text_out *t, hz_msg_id id, const hz_slice *args, size_t args_count)
{
    hz_text_line(t);
    hz_text_ink(t, HZ_INK_BOLD);
    hz_text_message_rest(t, id, args, args_count);
    hz_text_line(t);
}

hz_slice hz_text_word(const hz_text_out *t, hz_msg_id id)
{
    return hz_slice_of(hz_msg_text(id, t->lang));
}

/* ---- lists of names ---- */

void hz_roll_add(hz_roll *names, hz_text_out *t, hz_slice name, size_t max_cells)
{
    size_t width = hz_text_width(t, name) + (names->text.len ? 2 : 0);
    if (names->more || hz_text_width(t, hz_buf_slice(&names->text)) + width > max_cells) {
        names->more++;
        return;
    }
    if (names->text.len)
        hz_buf_puts(&names->text, ", ");
    hz_buf_put(&names->text, name);
    hz_text_check(t, &names->text);
}

hz_slice hz_roll_done(hz_roll *names, hz_text_out *t)
{
    if (names->more) {
        hz_buf_puts(&names->text, names->text.len ? " … +" : "+");
        hz_buf_put_u64(&names->text, names->more);
    }
    hz_text_check(t, &names->text);
    return hz_buf_slice(&names->text);
}

/* ---- what several sections show ---- */

hz_slice hz_severity_word(const hz_text_out *t, hz_severity severity)
{
    static const hz_msg_id words[HZ_SEVERITY_COUNT] = {HZ_MSG_TEXT_SEVERITY_FATAL, HZ_MSG_TEXT_SEVERITY_ERROR,
                                                       HZ_MSG_TEXT_SEVERITY_WARNING, HZ_MSG_TEXT_SEVERITY_INFO};
    return severity < HZ_SEVERITY_COUNT ? hz_text_word(t, words[severity]) : HZ_SLICE_NONE;
}

hz_ink hz_severity_ink(hz_severity severity)
{
    return severity <= HZ_SEVERITY_ERROR ? HZ_INK_RED : severity == HZ_SEVERITY_WARNING ? HZ_INK_YELLOW : HZ_INK_PLAIN;
}

hz_slice hz_rule_title(const hz_text_out *t, const hz_rule *rule)
{
    hz_slice field = rule->field ? hz_text2_pick(rule->field->title, t->lang, HZ_SLICE_NONE) : HZ_SLICE_NONE;
    return hz_text2_pick(rule->title, t->lang, field);
}

/* Of a long path the end is what tells. */
static void put_path(hz_text_out *t, hz_slice path)
{
    size_t width = hz_text_width(t, path), at = 0;
    if (width <= t->width / 2) {
        hz_text_put(t, path);
        return;
    }
    hz_slice tail = path;
    while (at < path.len && hz_text_width(t, tail) + 1 > t->width / 2) {
        hz_utf8_next(path, &at);
        tail = hz_slice_sub(path, at, path.len);
    }
    hz_text_puts(t, "…");
    hz_text_put(t, tail);
}

void hz_text_place(hz_text_out *t, const hz_place *place)
{
    const hz_result_table *table = &t->result->tables[place->table];
    if (place->source >= table->sources_count) {
        hz_text_put_fit(t, table->name, t->width / 2);
        return;
    }
    put_path(t, table->sources[place->source].path);
    if (place->line) {
        char line[32];
        size_t len = 0;
        hz_digits digits = hz_text_count(place->line);
        line[len++] = ':';
        for (size_t i = 0; i < digits.len; i++)
            if (digits.text[i] != ',')
                line[len++] = digits.text[i];
        hz_text_put(t, (hz_slice){line, len});
    }
    if (place->where.len) {
        hz_text_puts(t, " ");
        hz_text_put_fit(t, place->where, t->width / 2);
    }
}
