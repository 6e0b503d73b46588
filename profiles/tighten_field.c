/* tighten_field.c: a field's type, spellings and constraints. */
#include "profiles/tighten_int.h"

static hz_slice type_text(hz_buf *into, const hz_field *field)
{
    hz_buf_reset(into);
    hz_field_type_put(into, field);
    if (field->type == HZ_FIELD_CODES && field->codes_id.len) {
        hz_buf_putc(into, ' ');
        hz_buf_put(into, field->codes_id);
    }
    return hz_buf_slice(into);
}

/* ---- type ---- */

static bool fewer_semtypes(const hz_field *a, const hz_field *b)
{
    for (size_t i = 0; i < b->semtypes_count; i++) {
        bool found = false;
        for (size_t k = 0; k < a->semtypes_count; k++)
            found |= a->semtypes[k] == b->semtypes[i];
        if (!found)
            return false;
    }
    return true;
}

/* Digits before the point, and behind it. */
static bool narrower_decimal(const hz_field *a, const hz_field *b)
{
    if (a->precision < 0)
        return true;
    return b->precision >= 0 && b->scale <= a->scale && b->precision - b->scale <= a->precision - a->scale;
}

static void type(hz_tighten *t, const hz_field *a, const hz_field *b)
{
    const char *key = b->type == HZ_FIELD_CODES ? "codes" : "type";
    bool text = a->item_type == HZ_TYPE_TEXT && b->item_type == HZ_TYPE_TEXT;
    int tighter = 0;
    if (a->type != b->type && !text) {
        hz_tighten_say(t, HZ_CHANGE_BREAKING, HZ_MSG_TIGHTEN_BREAKS, key, type_text(&t->one, a), type_text(&t->two, b));
        return;
    }
    if (a->type != b->type)
        tighter = a->type == HZ_FIELD_TEXT ? 1 : -1;
    else if (a->type == HZ_FIELD_SEMANTIC && !fewer_semtypes(a, b))
        tighter = -1;
    else if (a->type == HZ_FIELD_SEMANTIC)
        tighter = a->semtypes_count != b->semtypes_count;
    else if (a->type == HZ_FIELD_DECIMAL && (a->precision != b->precision || a->scale != b->scale))
        tighter = narrower_decimal(a, b) ? 1 : -1;
    hz_tighten_order(t, key, tighter, type_text(&t->one, a), type_text(&t->two, b));
}

static bool is_own(const hz_profile *profile, const hz_field *field)
{
    return field->codes_id.len && hz_profile_own_list(profile, field->codes_id);
}

/* A list by its id that both profiles have of their own was compared as such. */
static void codes(hz_tighten *t, const hz_field *a, const hz_field *b)
{
    size_t at;
    if (a->type != HZ_FIELD_CODES || b->type != HZ_FIELD_CODES || !a->codes || !b->codes)
        return;
    bool told = hz_slice_eq(a->codes_id, b->codes_id) && is_own(t->before, a) && is_own(t->after, b);
    const hz_own_list *own = a->codes_id.len ? hz_profile_own_list(t->before, a->codes_id) : NULL;
    bool open = t->open;
    t->open |= own && own->open;
    if (!told && !hz_tighten_is_sublist(a->codes, b->codes, &at)) {
        hz_slice code = hz_codelist_at(b->codes, at).code;
        bool known = hz_codelist_find(a->codes, code, HZ_DAY_EVER) != HZ_HTAB_NONE;
        hz_tighten_say(t, HZ_CHANGE_LOOSENING, known ? HZ_MSG_TIGHTEN_CODE_LONGER : HZ_MSG_TIGHTEN_CODE_NEW, "codes",
                       HZ_NOTHING, code);
    } else if (!told && !hz_same_list(a->codes, b->codes)) {
        bool words = hz_tighten_is_sublist(b->codes, a->codes, &at);
        hz_tighten_say(t, words ? HZ_CHANGE_EDITORIAL : HZ_CHANGE_TIGHTENING,
                       words ? HZ_MSG_TIGHTEN_WORDS : HZ_MSG_TIGHTEN_FEWER_CODES, "codes", HZ_NOTHING, HZ_NOTHING);
    }
    t->open = open;
    hz_tighten_equal(t, "names", a->codes_names == b->codes_names, HZ_CHANGE_BREAKING, HZ_MSG_TIGHTEN_BREAKS,
                     a->codes_names ? HZ_SLICE_LIT("true") : HZ_SLICE_LIT("false"),
                     b->codes_names ? HZ_SLICE_LIT("true") : HZ_SLICE_LIT("false"));
}

static void options(hz_tighten *t, const hz_field *a, const hz_field *b)
{
    static const char *const levels[] = {"", "province", "prefecture", "county", "township", "village"};
    hz_tighten_order(t, "valid", (int)a->codes_valid_ever - (int)b->codes_valid_ever,
                     a->codes_valid_ever ? HZ_SLICE_LIT("ever") : HZ_SLICE_LIT("as_of"),
                     b->codes_valid_ever ? HZ_SLICE_LIT("ever") : HZ_SLICE_LIT("as_of"));
    hz_tighten_order(t, "accept", (int)a->accept_15 - (int)b->accept_15, a->accept_15 ? HZ_SLICE_LIT("15") : HZ_NOTHING,
                     b->accept_15 ? HZ_SLICE_LIT("15") : HZ_NOTHING);
    bool had = (size_t)a->level >= 1 && (size_t)a->level < sizeof levels / sizeof *levels;
    bool has = (size_t)b->level >= 1 && (size_t)b->level < sizeof levels / sizeof *levels;
    if (a->level != b->level)
        hz_tighten_order(t, "level", had ? -1 : 1, had ? hz_slice_of(levels[a->level]) : HZ_NOTHING,
                         has ? hz_slice_of(levels[b->level]) : HZ_NOTHING);
}

/* ---- spellings ---- */

static void spellings(hz_tighten *t, const char *key, const hz_slice *a, size_t a_count, const hz_slice *b,
                      size_t b_count)
{
    bool fewer = hz_tighten_subset(b, b_count, a, a_count), all = hz_tighten_subset(a, a_count, b, b_count);
    hz_tighten_order(t, key,
                     fewer && all ? 0
                     : fewer      ? 1
                                  : -1,
                     hz_tighten_join(&t->one, a, a_count), hz_tighten_join(&t->two, b, b_count));
}

static bool has_format(const hz_field *field, const hz_time_format *format)
{
    for (size_t i = 0; i < field->formats_count; i++)
        if (field->formats[i].iso == format->iso && !strcmp(field->formats[i].text, format->text))
            return true;
    return false;
}

static void formats(hz_tighten *t, const hz_field *a, const hz_field *b)
{
    bool fewer = true, all = true;
    for (size_t i = 0; i < b->formats_count; i++)
        fewer &= has_format(a, &b->formats[i]);
    for (size_t i = 0; i < a->formats_count; i++)
        all &= has_format(b, &a->formats[i]);
    hz_buf_reset(&t->one);
    hz_buf_reset(&t->two);
    for (size_t i = 0; i < a->formats_count; i++)
        hz_buf_printf(&t->one, "%s%s", i ? ", " : "", a->formats[i].iso ? "ISO 8601" : a->formats[i].text);
    for (size_t i = 0; i < b->formats_count; i++)
        hz_buf_printf(&t->two, "%s%s", i ? ", " : "", b->formats[i].iso ? "ISO 8601" : b->formats[i].text);
    if (a->type == b->type)
        hz_tighten_order(t, "formats", fewer && all ? 0 : fewer ? 1 : -1, hz_buf_slice(&t->one), hz_buf_slice(&t->two));
}

static hz_slice fold_text(const hz_field *field)
{
    return field->fold_width && field->fold_case ? HZ_SLICE_LIT("width, case")
           : field->fold_width                   ? HZ_SLICE_LIT("width")
           : field->fold_case                    ? HZ_SLICE_LIT("case")
                                                 : HZ_NOTHING;
}

static void reading(hz_tighten *t, const hz_field *a, const hz_field *b)
{
    hz_tighten_equal(t, "many", hz_slice_eq(a->many, b->many), HZ_CHANGE_BREAKING, HZ_MSG_TIGHTEN_BREAKS, a->many,
                     b->many);
    hz_tighten_equal(t, "trim", a->trim == b->trim, HZ_CHANGE_BREAKING, HZ_MSG_TIGHTEN_BREAKS,
                     a->trim ? HZ_SLICE_LIT("true") : HZ_SLICE_LIT("false"),
                     b->trim ? HZ_SLICE_LIT("true") : HZ_SLICE_LIT("false"));
    hz_tighten_equal(t, "fold", a->fold_width == b->fold_width && a->fold_case == b->fold_case, HZ_CHANGE_BREAKING,
                     HZ_MSG_TIGHTEN_BREAKS, fold_text(a), fold_text(b));
    spellings(t, "true", a->true_texts, a->true_count, b->true_texts, b->true_count);
    spellings(t, "false", a->false_texts, a->false_count, b->false_texts, b->false_count);
    formats(t, a, b);
    hz_tighten_equal(t, "unit", !a->unit.len || hz_slice_eq(a->unit, b->unit), HZ_CHANGE_BREAKING,
                     HZ_MSG_TIGHTEN_BREAKS, a->unit, b->unit);
}

/* ---- headers ---- */

static bool is_header(const hz_field *field, hz_slice header)
{
    return hz_slice_eq(header, field->name) || hz_slice_eq(header, field->title.zh) ||
           hz_slice_eq(header, field->title.en) || hz_tighten_subset(&header, 1, field->aliases, field->aliases_count);
}

/* What of `a` is no header of `b`; "" when all are. `in_title`: it was the title. */
static hz_slice missing_header(const hz_field *a, const hz_field *b, bool *in_title)
{
    const hz_slice titles[] = {a->title.zh, a->title.en};
    *in_title = true;
    for (size_t i = 0; i < 2; i++)
        if (titles[i].len && !is_header(b, titles[i]))
            return titles[i];
    *in_title = false;
    for (size_t i = 0; i < a->aliases_count; i++)
        if (!is_header(b, a->aliases[i]))
            return a->aliases[i];
    return HZ_SLICE_NONE;
}

/* Titles and aliases are what columns are known by. */
static void headers(hz_tighten *t, const hz_field *a, const hz_field *b)
{
    bool title;
    hz_slice lost = missing_header(a, b, &title);
    if (lost.len) {
        hz_tighten_say(t, HZ_CHANGE_BREAKING, HZ_MSG_TIGHTEN_HEADER_GONE, title ? "title" : "aliases", lost,
                       HZ_NOTHING);
        return;
    }
    hz_slice more = missing_header(b, a, &title);
    if (more.len)
        hz_tighten_say(t, HZ_CHANGE_LOOSENING, HZ_MSG_TIGHTEN_HEADER_NEW, title ? "title" : "aliases", HZ_NOTHING,
                       more);
    else
        hz_tighten_words(t, "title", a->title, b->title);
}

/* ---- constraints ---- */

static void pattern(hz_tighten *t, const hz_field *a, const hz_field *b)
{
    bool kept = hz_tighten_subset(a->patterns, a->patterns_count, b->patterns, b->patterns_count);
    bool more = !hz_tighten_subset(b->patterns, b->patterns_count, a->patterns, a->patterns_count);
    hz_slice old = hz_tighten_join(&t->one, a->patterns, a->patterns_count),
             now = hz_tighten_join(&t->two, b->patterns, b->patterns_count);
    if (!kept)
        hz_tighten_say(t, HZ_CHANGE_LOOSENING, HZ_MSG_TIGHTEN_PATTERN, "pattern", old, now);
    else if (more)
        hz_tighten_say(t, HZ_CHANGE_TIGHTENING, HZ_MSG_TIGHTEN_NARROWER, "pattern", old, now);
}

static void bound(hz_tighten *t, const char *key, const hz_expr *a, const hz_expr *b, bool upper)
{
    hz_slice old = hz_tighten_print(&t->one, a), now = hz_tighten_print(&t->two, b);
    if (hz_tighten_same(t, a, b))
        return;
    if (!a->root || !b->root) {
        hz_tighten_order(t, key, b->root ? 1 : -1, old, now);
        return;
    }
    if (a->root->kind == HZ_NODE_LITERAL && b->root->kind == HZ_NODE_LITERAL) {
        int order = hz_tighten_cmp(&b->root->value, &a->root->value);
        hz_tighten_order(t, key, upper ? -order : order, old, now);
        return;
    }
    hz_tighten_say(t, HZ_CHANGE_LOOSENING,
                   hz_slice_eq(a->text, b->text) ? HZ_MSG_TIGHTEN_NAMES : HZ_MSG_TIGHTEN_UNPROVEN, key, old, now);
}

static bool is_required(const hz_field *field)
{
    for (size_t i = 0; i < field->table->key_count; i++)
        if (field->table->key[i]->index == field->index)
            return true;
    return field->required;
}

static void required(hz_tighten *t, const hz_field *a, const hz_field *b)
{
    bool was = is_required(a), is = is_required(b);
    const hz_expr *old = &a->required_when, *now = &b->required_when;
    const char *key = now->root ? "required_when" : "required";
    if (was && is)
        return;
    if (!was && !is && old->root && now->root) {
        hz_tighten_holds(t, key, old, now, HZ_NODE_OR);
        return;
    }
    int before = was ? 2 : old->root ? 1 : 0, after = is ? 2 : now->root ? 1 : 0;
    hz_tighten_order(t, key, after - before,
                     old->root ? hz_tighten_print(&t->one, old)
                     : was     ? HZ_SLICE_LIT("true")
                               : HZ_SLICE_LIT("false"),
                     now->root ? hz_tighten_print(&t->two, now)
                     : is      ? HZ_SLICE_LIT("true")
                               : HZ_SLICE_LIT("false"));
}

static hz_slice target_text(hz_buf *into, const hz_field *target)
{
    if (!target)
        return HZ_NOTHING;
    hz_buf_reset(into);
    hz_buf_put(into, target->table->name);
    hz_buf_putc(into, '.');
    hz_buf_put(into, target->name);
    return hz_buf_slice(into);
}

static void references(hz_tighten *t, const hz_field *a, const hz_field *b)
{
    const hz_field *old = a->references, *now = b->references;
    bool same = !old == !now &&
                (!old || (hz_slice_eq(old->name, now->name) && hz_slice_eq(old->table->name, now->table->name)));
    hz_slice was = target_text(&t->one, old), is = target_text(&t->two, now);
    if (same)
        return;
    if (old && now)
        hz_tighten_say(t, HZ_CHANGE_LOOSENING, HZ_MSG_TIGHTEN_UNPROVEN, "references", was, is);
    else
        hz_tighten_order(t, "references", now ? 1 : -1, was, is);
}

void hz_tighten_fields(hz_tighten *t, const hz_field *a, const hz_field *b)
{
    static const char *const masks[] = {"none", "personal", "personal", "personal", "personal"};
    type(t, a, b);
    codes(t, a, b);
    options(t, a, b);
    reading(t, a, b);
    headers(t, a, b);
    hz_tighten_whole(t, "min_items", a->min_items, b->min_items, false);
    hz_tighten_whole(t, "max_items", a->max_items, b->max_items, true);
    hz_tighten_order(t, "distinct", (int)b->distinct - (int)a->distinct,
                     a->distinct ? HZ_SLICE_LIT("true") : HZ_SLICE_LIT("false"),
                     b->distinct ? HZ_SLICE_LIT("true") : HZ_SLICE_LIT("false"));
    hz_tighten_order(t, "characters", (int)b->plain - (int)a->plain,
                     a->plain ? HZ_SLICE_LIT("plain") : HZ_SLICE_LIT("any"),
                     b->plain ? HZ_SLICE_LIT("plain") : HZ_SLICE_LIT("any"));
    pattern(t, a, b);
    hz_tighten_whole(t, "min_length", a->min_length, b->min_length, false);
    hz_tighten_whole(t, "max_length", a->max_length, b->max_length, true);
    bound(t, "min", &a->min, &b->min, false);
    bound(t, "max", &a->max, &b->max, true);
    required(t, a, b);
    references(t, a, b);
    if ((a->mask != HZ_MASK_NONE) != (b->mask != HZ_MASK_NONE))
        hz_tighten_order(t, "sensitivity", a->mask == HZ_MASK_NONE ? 1 : -1, hz_slice_of(masks[a->mask]),
                         hz_slice_of(masks[b->mask]));
    hz_tighten_words(t, "description", a->description, b->description);
    hz_tighten_open(t, a->open, b->open);
}
