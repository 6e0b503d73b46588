/* field.c: one batch of cells through a field: fold, trim, nulls, type, constraints.
 *
 * Everything is done column by column, a loop a step, and each step only for what is left: a step without work costs
 * nothing. A plain text field touches its cells once, to look for nulls; its value column is the cells themselves. Each
 * constraint applies to the rows in `live`, and takes from it the rows that failed. Memory is taken when the reader is
 * made; only folded text and the items of `many` may need more, and they keep what they once took. */
#include "base/plain.h"
#include "base/utf8.h"
#include "validator/eval/field_int.h"

enum { LENGTH_BITS = 63 };

#define HIGH_BITS UINT64_C(0x8080808080808080)

/* A column that is not there. */
static const hz_slice no_cells[HZ_BATCH_ROWS];

/* ---- fold and trim ---- */

/* U+0020, tab, U+00A0, U+3000 at the start of text: bytes, or 0. */
static size_t blank_before(hz_slice text)
{
    unsigned char lead = text.len ? (unsigned char)text.ptr[0] : 0;
    if (lead == ' ' || lead == '\t')
        return 1;
    if (lead == 0xC2 && text.len >= 2 && (unsigned char)text.ptr[1] == 0xA0)
        return 2;
    return lead == 0xE3 && text.len >= 3 && memcmp(text.ptr, "\xE3\x80\x80", 3) == 0 ? 3 : 0;
}

static size_t blank_behind(hz_slice text)
{
    unsigned char last = text.len ? (unsigned char)text.ptr[text.len - 1] : 0;
    if (last == ' ' || last == '\t')
        return 1;
    if (last == 0xA0 && text.len >= 2 && (unsigned char)text.ptr[text.len - 2] == 0xC2)
        return 2;
    return last == 0x80 && text.len >= 3 && memcmp(text.ptr + text.len - 3, "\xE3\x80\x80", 3) == 0 ? 3 : 0;
}

hz_slice hz_field_trim(hz_slice text)
{
    for (size_t n; (n = blank_before(text)) > 0;)
        text = hz_slice_sub(text, n, text.len);
    for (size_t n; (n = blank_behind(text)) > 0;)
        text.len -= n;
    return text;
}

static uint32_t fold_one(const hz_field *field, uint32_t c)
{
    if (field->fold_width)
        c = hz_utf8_fold_width(c);
    return field->fold_case ? hz_utf8_upper(c) : c; /* the standards write letters of codes as capitals */
}

/* Whether one of eight ASCII characters is a to z. */
static bool has_lower(uint64_t x)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t from_a = x + (0x80 - 'a') * ones, past_z = x + (0x80 - 'z' - 1) * ones;
    return (from_a & ~past_z & HIGH_BITS) != 0;
}

/* Whether folding changes a text. */
static bool folds(const hz_field *field, hz_slice text)
{
    for (size_t at = 0; at < text.len;) {
        size_t left = text.len - at;
        uint64_t x = hz_load_some(text.ptr + at, left < 8 ? left : 8);
        if (!(x & HIGH_BITS)) {
            if (field->fold_case && has_lower(x))
                return true;
            at += left < 8 ? left : 8;
            continue;
        }
        uint32_t c = hz_utf8_next(text, &at);
        if (fold_one(field, c) != c)
            return true;
    }
    return false;
}

/* Writes the folded text to `into`, which has room for twice its bytes (no mapping makes more of a character); returns
 * the bytes written. */
static size_t fold_text(const hz_field *field, char *into, hz_slice text)
{
    char *to = into;
    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        uint32_t c = hz_utf8_next(text, &at), folded = fold_one(field, c);
        if (folded == c) {
            memcpy(to, text.ptr + from, at - from);
            to += at - from;
        } else if (folded < 0x80) {
            *to++ = (char)folded;
        } else {
            to += hz_encode_wide(to, folded);
        }
    }
    return (size_t)(to - into);
}

static hz_status fold_column(hz_field_reader *r, const hz_slice *cells, uint32_t count, hz_error *err)
{
    size_t bytes = 0, used = 0;
    for (uint32_t i = 0; i < count; i++) {
        bool changes = folds(r->field, cells[i]);
        hz_bits_put(r->live, i, changes);
        bytes += changes ? cells[i].len : 0;
    }
    if (!HZ_GROW(r->folded, r->folded_capacity, 2 * bytes))
        return hz_nomem(err, 2 * bytes);
    for (uint32_t i = 0; i < count; i++) {
        r->prepared[i] = cells[i];
        if (!hz_bits_get(r->live, i))
            continue;
        size_t len = fold_text(r->field, r->folded + used, cells[i]);
        r->prepared[i] = (hz_slice){r->folded + used, len};
        used += len;
    }
    HZ_ASSERT(used <= 2 * bytes);
    return HZ_OK;
}

/* Whether a byte can begin or end a blank. */
static HZ_ALWAYS_INLINE bool may_trim(unsigned char first, unsigned char last)
{
    return first == ' ' || first == '\t' || first == 0xC2 || first == 0xE3 || last == ' ' || last == '\t' ||
           last == 0xA0 || last == 0x80;
}

static void trim_column(hz_field_reader *r, const hz_slice *cells, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        hz_slice cell = cells[i];
        if (cell.len && may_trim((unsigned char)cell.ptr[0], (unsigned char)cell.ptr[cell.len - 1]))
            cell = hz_field_trim(cell);
        r->prepared[i] = cell;
    }
}

/* ---- nulls ---- */

/* A list without text has no items: an empty field with `many` is missing whatever the table's nulls say. */
static bool is_null(const hz_field_reader *r, hz_slice text)
{
    const hz_table *table = r->field->table;
    if (text.len == 0 && r->field->many.len)
        return true;
    for (size_t n = 0; n < table->nulls_count; n++)
        if (hz_same_text(table->nulls[n], text))
            return true;
    return false;
}

static void find_present(const hz_field_reader *r, const hz_slice *text, uint32_t count)
{
    for (uint32_t base = 0; base < count; base += 64) {
        const hz_slice *at = text + base;
        uint32_t here = count - base < 64 ? count - base : 64;
        uint64_t word = 0;
        if (r->null_is_empty && here == 64)
            for (uint32_t i = 0; i < 64; i++)
                word |= (uint64_t)(at[i].len != 0) << i;
        else if (r->null_is_empty)
            for (uint32_t i = 0; i < here; i++)
                word |= (uint64_t)(at[i].len != 0) << i;
        else
            for (uint32_t i = 0; i < here; i++) {
                size_t bit = at[i].len < LENGTH_BITS ? at[i].len : LENGTH_BITS;
                bool null = (r->null_lengths >> bit & 1) && is_null(r, at[i]);
                word |= (uint64_t)!null << i;
            }
        r->present[base / 64] = word;
    }
}

/* ---- the chain ---- */

/* The constraint that says that a text is no value. */
static hz_rule_kind type_kind(const hz_field_reader *r)
{
    return r->field->type == HZ_FIELD_CODES ? HZ_RULE_CODES : HZ_RULE_TYPE;
}

/* Lets constraint `kind` speak of the rows in `live`: applied is a copy of them, and failed rows leave. */
static void settle(hz_field_reader *r, hz_rule_kind kind)
{
    size_t words = hz_bits_words(r->rows.count);
    for (size_t w = 0; w < words; w++) {
        r->applied[kind][w] = r->live[w];
        r->live[w] &= ~r->failed[kind][w];
    }
    r->column.applied[kind] = r->applied[kind];
    r->column.failed[kind] = r->failed[kind];
}

/* What a constraint on single values looks at: the rows themselves, or the items of the rows in live. */
typedef struct stretch {
    const hz_slice *text;
    const uint64_t *applied;
    uint64_t *failed;
    size_t count;
    hz_vec vec;
} stretch;

static stretch stretch_of(hz_field_reader *r, hz_rule_kind kind)
{
    const hz_field_lane *lane = r->many ? &r->items : &r->rows;
    stretch s = {lane->text, r->live, r->failed[kind], lane->count, hz_field_lane_vec(r, lane)};
    if (r->many) {
        hz_field_items_of(r, r->live);
        s.applied = r->item_applied;
        s.failed = r->item_failed;
    }
    if (r->type == HZ_TYPE_TEXT)
        s.text = s.vec.as.text;
    return s;
}

/* From items back to rows, then on. */
static void close_stretch(hz_field_reader *r, hz_rule_kind kind)
{
    if (r->many)
        hz_field_rows_of(r, r->failed[kind], r->item_failed);
    settle(r, kind);
}

/* Looks at the texts themselves, whether they can be read or not; names of codes too. */
static void check_characters(hz_field_reader *r)
{
    memcpy(r->live, r->present, hz_bits_words(r->rows.count) * sizeof *r->live);
    stretch s = stretch_of(r, HZ_RULE_CHARACTERS);
    s.text = r->many ? r->items.text : r->rows.text;
    for (size_t w = 0; w < hz_bits_words(s.count); w++) {
        uint64_t bad = 0;
        for (uint64_t todo = s.applied[w]; todo; todo &= todo - 1) {
            unsigned i = (unsigned)__builtin_ctzll(todo);
            size_t at;
            bad |= (uint64_t)(hz_plain_find(&at, s.text[w * 64 + i]) != HZ_PLAIN) << i;
        }
        s.failed[w] = bad;
    }
    close_stretch(r, HZ_RULE_CHARACTERS);
}

static hz_status check_pattern(hz_field_reader *r, hz_error *err)
{
    stretch s = stretch_of(r, HZ_RULE_PATTERN);
    HZ_TRY(hz_pattern_match_many(s.failed, r->pattern, &r->scratch, s.text, s.applied, s.count, err));
    close_stretch(r, HZ_RULE_PATTERN);
    return HZ_OK;
}

static void check_length(hz_field_reader *r)
{
    stretch s = stretch_of(r, HZ_RULE_LENGTH);
    hz_field_check_length(r, s.failed, s.applied, s.text, s.count);
    close_stretch(r, HZ_RULE_LENGTH);
}

static void check_range(hz_field_reader *r)
{
    stretch s = stretch_of(r, HZ_RULE_RANGE);
    hz_field_check_range(r, s.failed, s.applied, &s.vec, s.count);
    close_stretch(r, HZ_RULE_RANGE);
    if (!hz_field_bound_is_null(r))
        return;
    /* What failed by the other bound failed; the rest cannot be known. */
    memcpy(r->undetermined, r->live, hz_bits_words(r->rows.count) * sizeof *r->live);
    r->column.undetermined[HZ_RULE_RANGE] = r->undetermined;
}

/* A text whose characters are a finding is none of its type as well: one defect, one finding. */
static void check_type(hz_field_reader *r, hz_rule_kind kind)
{
    hz_field_column *c = &r->column;
    c->applied[kind] = r->present;
    c->failed[kind] = r->rows.bad;
    c->reasons = r->rows.reasons;
    if (!r->checks[HZ_RULE_CHARACTERS])
        return;
    for (size_t w = 0; w < hz_bits_words(r->rows.count); w++) {
        r->applied[kind][w] = r->live[w];
        r->failed[kind][w] = r->rows.bad[w] & r->live[w];
    }
    c->applied[kind] = r->applied[kind];
    c->failed[kind] = r->failed[kind];
}

static hz_status check_all(hz_field_reader *r, hz_error *err)
{
    memcpy(r->live, r->column.value.valid, hz_bits_words(r->rows.count) * sizeof *r->live);
    if (r->checks[HZ_RULE_CHARACTERS])
        for (size_t w = 0; w < hz_bits_words(r->rows.count); w++)
            r->live[w] &= ~r->failed[HZ_RULE_CHARACTERS][w];
    if (r->checks[HZ_RULE_ITEMS]) {
        HZ_TRY(hz_field_check_items(r, r->failed[HZ_RULE_ITEMS], r->live, err));
        settle(r, HZ_RULE_ITEMS);
    }
    if (r->checks[HZ_RULE_PATTERN])
        HZ_TRY(check_pattern(r, err));
    if (r->checks[HZ_RULE_LENGTH])
        check_length(r);
    if (r->checks[HZ_RULE_RANGE])
        check_range(r);
    return HZ_OK;
}

static hz_status read_values(hz_field_reader *r, hz_error *err)
{
    hz_field_column *c = &r->column;
    if (r->many)
        HZ_TRY(hz_field_read_items(r, err));
    else
        hz_field_read_lane(r, &r->rows);
    c->value = hz_field_lane_vec(r, &r->rows);
    if (r->many) {
        c->value.type = HZ_TYPE_ARRAY;
        c->value.item_type = r->type;
        c->value.as.ends = r->ends;
        c->value.items = &r->item_vec;
    }
    if (r->checks[HZ_RULE_CHARACTERS])
        check_characters(r);
    if (hz_field_can_fail(r))
        check_type(r, type_kind(r));
    return check_all(r, err);
}

hz_status hz_field_read(const hz_field_column **out, hz_field_reader *r, const hz_slice *cells, uint32_t rows_count,
                        hz_error *err)
{
    const hz_slice *text = cells ? cells : no_cells;
    HZ_ASSERT(rows_count <= r->rows_max);
    *out = NULL;
    r->column =
        (hz_field_column){.raw = {.type = HZ_TYPE_TEXT, .count = rows_count, .valid = r->present, .invalid = r->none}};
    r->column.raw.as.text = (hz_slice *)(uintptr_t)text;
    if (!cells) {
        hz_bits_fill(r->present, rows_count, false);
    } else {
        if (r->field->fold_width || r->field->fold_case) {
            HZ_TRY(fold_column(r, text, rows_count, err));
            text = r->prepared;
        }
        if (r->field->trim) {
            trim_column(r, text, rows_count);
            text = r->prepared;
        }
        find_present(r, text, rows_count);
    }
    r->column.text = text;
    r->rows.text = text;
    r->rows.present = r->present;
    r->rows.count = rows_count;
    if (r->wants_value)
        HZ_TRY(read_values(r, err));
    *out = &r->column;
    return HZ_OK;
}

/* ---- new and free ---- */

static hz_type single_type(const hz_field *field)
{
    switch (field->type) {
    case HZ_FIELD_INTEGER:
        return HZ_TYPE_INTEGER;
    case HZ_FIELD_DECIMAL:
        return HZ_TYPE_DECIMAL;
    case HZ_FIELD_BOOLEAN:
        return HZ_TYPE_BOOLEAN;
    case HZ_FIELD_DATE:
    case HZ_FIELD_MONTH:
        return HZ_TYPE_DATE;
    case HZ_FIELD_DATETIME:
        return HZ_TYPE_TIMESTAMP;
    case HZ_FIELD_TIME:
        return HZ_TYPE_TIME;
    case HZ_FIELD_TEXT:
    case HZ_FIELD_SEMANTIC:
    case HZ_FIELD_CODES:
        break;
    }
    return HZ_TYPE_TEXT;
}

static void choose_checks(hz_field_reader *r, const hz_eval_env *env, unsigned which)
{
    const hz_field *field = r->field;
    bool as_of = field->min.reads_as_of || field->max.reads_as_of;
    r->checks[HZ_RULE_CHARACTERS] = field->plain;
    r->checks[HZ_RULE_ITEMS] = r->many;
    r->checks[HZ_RULE_PATTERN] = field->pattern || field->pattern_text.len;
    r->checks[HZ_RULE_LENGTH] = field->min_length >= 0 || field->max_length >= 0;
    r->checks[HZ_RULE_RANGE] = (field->min.root || field->max.root) && (env->has_as_of || !as_of);
    r->wants_value = !(which & HZ_FIELD_NO_VALUE) || (which & (1U << HZ_RULE_TYPE | 1U << HZ_RULE_CODES));
    for (unsigned kind = 0; kind < HZ_RULE_KIND_COUNT; kind++) {
        r->checks[kind] &= which >> kind & 1;
        r->wants_value |= r->checks[kind];
    }
}

static void choose_nulls(hz_field_reader *r)
{
    const hz_table *table = r->field->table;
    bool list = r->field->many.len > 0;
    r->null_is_empty = table->nulls_count > 0 || list;
    r->null_lengths = list;
    for (size_t n = 0; n < table->nulls_count; n++) {
        size_t len = table->nulls[n].len;
        r->null_lengths |= UINT64_C(1) << (len < LENGTH_BITS ? len : LENGTH_BITS);
        r->null_is_empty &= len == 0;
    }
}

/* Whether a constraint has bitmaps of its own; that of the type borrows them where nothing comes before it. */
static bool has_bitmaps(const hz_field_reader *r, hz_rule_kind kind)
{
    return r->checks[kind] || (r->checks[HZ_RULE_CHARACTERS] && kind == type_kind(r));
}

/* One block of bitmaps: present, none, live, undetermined, and two a constraint. */
static hz_status take_bitmaps(hz_field_reader *r, hz_error *err)
{
    size_t words = hz_bits_words(r->rows_max), count = 4;
    for (unsigned kind = 0; kind < HZ_RULE_KIND_COUNT; kind++)
        count += has_bitmaps(r, (hz_rule_kind)kind) ? 2 : 0;
    r->words = hz_mem_zalloc(count * words, sizeof *r->words);
    if (!r->words)
        return hz_nomem(err, count * words * sizeof *r->words);
    uint64_t *next = r->words;
    r->present = next;
    r->none = next += words;
    r->live = next += words;
    r->undetermined = next += words;
    for (unsigned kind = 0; kind < HZ_RULE_KIND_COUNT; kind++)
        if (has_bitmaps(r, (hz_rule_kind)kind)) {
            r->applied[kind] = next += words;
            r->failed[kind] = next += words;
        }
    return HZ_OK;
}

static hz_status take_memory(hz_field_reader *r, hz_error *err)
{
    const hz_field *field = r->field;
    HZ_TRY(take_bitmaps(r, err));
    if (field->trim || field->fold_width || field->fold_case) {
        r->prepared = hz_mem_zalloc(r->rows_max, sizeof *r->prepared);
        if (!r->prepared)
            return hz_nomem(err, r->rows_max * sizeof *r->prepared);
    }
    if (!r->wants_value)
        return HZ_OK;
    if (r->many) {
        r->ends = hz_mem_zalloc(r->rows_max, sizeof *r->ends);
        if (!r->ends)
            return hz_nomem(err, r->rows_max * sizeof *r->ends);
        HZ_TRY(hz_field_items_reserve(r, r->rows_max, err));
    }
    if (field->formats_count) {
        r->shapes = hz_mem_zalloc(field->formats_count, sizeof *r->shapes);
        if (!r->shapes)
            return hz_nomem(err, field->formats_count * sizeof *r->shapes);
        for (size_t f = 0; f < field->formats_count; f++)
            r->shapes[f] = hz_field_shape_of(&field->formats[f]);
    }
    return hz_field_lane_reserve(r, &r->rows, r->rows_max, err);
}

hz_status hz_field_reader_new(hz_field_reader **out, const hz_field *field, const hz_eval_env *env, unsigned which,
                              hz_error *err)
{
    *out = NULL;
    hz_status st = HZ_OK;
    hz_field_reader *r = hz_mem_zalloc(1, sizeof *r);
    if (!r)
        return hz_nomem(err, sizeof *r);
    r->field = field;
    r->type = single_type(field);
    r->many = field->many.len > 0;
    r->rows_max = which & HZ_FIELD_ONE_ROW ? 64 : HZ_BATCH_ROWS;
    r->day = env->has_as_of ? env->as_of : HZ_DAY_EVER;
    r->semtypes = env->semtypes;
    r->options = (hz_semtype_options){r->day, field->accept_15, field->level, field->codes_valid_ever};
    choose_checks(r, env, which);
    choose_nulls(r);
    HZ_GO(take_memory(r, err));
    if (field->type == HZ_FIELD_CODES && !field->codes)
        HZ_GO(hz_fail(err, HZ_E_INTERNAL, HZ_M(INTERNAL), HZ_Z("codes")));
    if (r->checks[HZ_RULE_PATTERN])
        HZ_GO(hz_pattern_new(&r->pattern, field->pattern_text, field->pattern, env->limits, false, err));
    if (r->checks[HZ_RULE_RANGE])
        HZ_GO(hz_field_bounds(r, env, err));
    *out = r;
    r = NULL;
out:
    hz_field_reader_free(r);
    return st;
}

void hz_field_reader_free(hz_field_reader *r)
{
    if (!r)
        return;
    hz_field_lane_clear(&r->rows);
    hz_field_lane_clear(&r->items);
    hz_pattern_free(r->pattern);
    hz_pattern_scratch_free(r->scratch);
    hz_mem_free(r->min.text_owned);
    hz_mem_free(r->max.text_owned);
    hz_mem_free(r->shapes);
    hz_mem_free(r->prepared);
    hz_mem_free(r->folded);
    hz_mem_free(r->item_text);
    hz_mem_free(r->ends);
    hz_mem_free(r->item_applied);
    hz_mem_free(r->order);
    hz_mem_free(r->words);
    hz_mem_free(r);
}
