#include "validator/eval/repair.h"
#include "base/alloc.h"
#include "base/calendar.h"
#include "base/plain.h"
#include "base/utf8.h"

/* The forms in which dates are met; those of the field come first. */
static const char *const date_forms[] = {"YYYY-M-D",
                                         "YYYY/M/D",
                                         "YYYY.M.D",
                                         "YYYYMMDD",
                                         "YYYY年M月D日",
                                         "YYYY-M-DTHH24:MI:SS",
                                         "YYYY-M-D HH24:MI:SS",
                                         "YYYY/M/D HH24:MI:SS",
                                         "YYYY-M-D HH24:MI",
                                         "YYYY/M/D HH24:MI"};
static const char *const month_forms[] = {"YYYY-M", "YYYY/M", "YYYY.M", "YYYYMM", "YYYY年M月"};
enum {
    DATE_FORMS = sizeof date_forms / sizeof *date_forms,
    MONTH_FORMS = sizeof month_forms / sizeof *month_forms,
    DATES_WITHOUT_TIME = 5
};

struct hz_repairer {
    const hz_field *field;
    int32_t day;
    hz_field_reader *reader;
    hz_buf clean, text; /* the text without what is not plain; the candidate */
    hz_time_format forms[DATE_FORMS];
    size_t forms_count;
};

/* ---- whether the field takes it ---- */

static hz_status takes(bool *yes, hz_repairer *r, hz_slice text, hz_error *err)
{
    const hz_field_column *column;
    *yes = false;
    if (!text.len)
        return HZ_OK;
    HZ_TRY(hz_field_read(&column, r->reader, &text, 1, err));
    bool good = hz_bits_get(column->raw.valid, 0) && hz_bits_get(column->value.valid, 0);
    for (unsigned kind = 0; good && kind < HZ_RULE_KIND_COUNT; kind++)
        good = !column->failed[kind] || !hz_bits_get(column->failed[kind], 0);
    *yes = good;
    return HZ_OK;
}

/* ---- candidates: each writes r->text, or says that it has none ---- */

/* Signs that are typed for the X of a resident number. */
static bool is_x(uint32_t c)
{
    return c == 'x' || c == 0xD7 || c == 0x2169 || c == 0x2179 || c == 0x3A7 || c == 0x3C7 || c == 0x425 || c == 0x445;
}

static bool is_text_mark(uint32_t c)
{
    return c == '\'' || c == '`' || c == 0x2018 || c == 0x2019;
}

/* Numbers and codes: half-width throughout, without a leading apostrophe; `tight`: without blanks, in capitals. */
static bool narrowed(hz_repairer *r, hz_slice text, bool tight, bool resident)
{
    hz_buf_reset(&r->text);
    for (size_t at = 0; at < text.len;) {
        size_t from = at;
        uint32_t c = hz_utf8_fold_width(hz_utf8_next(text, &at));
        if ((from == 0 && is_text_mark(c)) || (tight && c == ' '))
            continue;
        if (resident && at == text.len && is_x(c))
            c = 'X';
        hz_utf8_put(&r->text, tight && c < 0x80 ? hz_utf8_upper(c) : c);
    }
    return true;
}

static bool has_semtype(const hz_field *field, hz_semtype type)
{
    for (size_t i = 0; i < field->semtypes_count; i++)
        if (field->semtypes[i] == type)
            return true;
    return false;
}

/* GB 11643-1999: six digits, the year in four, and a check digit; a number of 15 digits is of the 19th hundred. */
static bool lengthened(hz_repairer *r, hz_slice text)
{
    char all[18];
    (void)narrowed(r, text, true, true);
    hz_slice now = hz_buf_slice(&r->text);
    if (!has_semtype(r->field, HZ_SEMTYPE_RESIDENT_ID) || now.len != 15 || !hz_resident_id_normal(all, now))
        return false;
    hz_buf_reset(&r->text);
    hz_buf_put(&r->text, (hz_slice){all, sizeof all});
    return true;
}

/* 12.500 of two decimals. */
static bool shortened(hz_repairer *r, hz_slice text)
{
    (void)narrowed(r, text, false, false);
    hz_slice now = hz_buf_slice(&r->text);
    const char *point = now.len ? memchr(now.ptr, '.', now.len) : NULL;
    int scale = r->field->type == HZ_FIELD_INTEGER ? 0 : r->field->scale;
    if (!point || scale < 0)
        return false;
    size_t whole = (size_t)(point - now.ptr), keep = scale ? whole + 1 + (size_t)scale : whole;
    if (keep >= now.len)
        return false;
    for (size_t i = scale ? keep : whole + 1; i < now.len; i++)
        if (now.ptr[i] != '0')
            return false;
    r->text.len = keep;
    return true;
}

static bool named(hz_repairer *r, hz_slice text)
{
    const hz_codelist *codes = r->field->codes;
    uint32_t row =
        codes ? hz_codelist_find_name(codes, text, r->field->codes_valid_ever ? HZ_DAY_EVER : r->day) : HZ_HTAB_NONE;
    if (row == HZ_HTAB_NONE)
        return false;
    hz_buf_reset(&r->text);
    hz_buf_put(&r->text, hz_codelist_at(codes, row).code);
    return true;
}

static bool dated(hz_repairer *r, hz_slice text)
{
    const hz_field *field = r->field;
    (void)narrowed(r, text, false, false);
    for (size_t i = 0; i < r->forms_count; i++) {
        int64_t value;
        if (!hz_time_parse(&value, &r->forms[i], hz_buf_slice(&r->text)))
            continue;
        if (r->forms[i].kind == HZ_TIME_DATETIME) {
            if (value % HZ_MICROS_PER_DAY)
                return false; /* an hour is more than the field can say */
            value /= HZ_MICROS_PER_DAY;
        }
        hz_buf_reset(&r->text);
        hz_time_format_put(&r->text, &field->formats[0], value);
        return true;
    }
    return false;
}

/* Two whole numbers behind each other's place: 2019-13-05. */
static bool swapped(hz_repairer *r, hz_slice text)
{
    int32_t part[3] = {0}, days;
    size_t parts = 0, digits = 0;
    (void)narrowed(r, text, false, false);
    hz_slice now = hz_buf_slice(&r->text);
    bool plain = now.len == 8;
    for (size_t i = 0; i < now.len; i++) {
        bool digit = now.ptr[i] >= '0' && now.ptr[i] <= '9';
        if (!digit && (i == 0 || parts >= 2 || !strchr("-/.", now.ptr[i])))
            return false;
        if (!digit || (plain && (i == 4 || i == 6))) {
            parts++;
            digits = 0;
        }
        if (digit && (parts > 2 || ++digits > 4))
            return false;
        if (digit)
            part[parts] = part[parts] * 10 + (now.ptr[i] - '0');
        plain &= digit;
    }
    if (parts != 2 || part[1] <= 12 || !hz_date_from_civil(&days, part[0], part[2], part[1]))
        return false;
    hz_buf_reset(&r->text);
    hz_time_format_put(&r->text, &r->field->formats[0], days);
    return true;
}

/* ---- in order ---- */

/* The candidates of one field, by number; false past the last. *has: there is one of that number. */
static bool candidate(bool *has, hz_repairer *r, unsigned number, hz_slice text)
{
    bool resident = has_semtype(r->field, HZ_SEMTYPE_RESIDENT_ID);
    *has = false;
    if (number == 0) {
        hz_buf_reset(&r->text);
        hz_buf_put(&r->text, text);
        *has = true;
        return true;
    }
    if (r->field->many.len || number > 2)
        return false;
    switch (r->field->type) {
    case HZ_FIELD_SEMANTIC:
        *has = number == 1 ? narrowed(r, text, true, resident) : lengthened(r, text);
        return true;
    case HZ_FIELD_CODES:
        *has = number == 1 ? narrowed(r, text, true, false) : named(r, text);
        return true;
    case HZ_FIELD_INTEGER:
    case HZ_FIELD_DECIMAL:
        *has = number == 1 ? narrowed(r, text, false, false) : shortened(r, text);
        return true;
    case HZ_FIELD_DATE:
    case HZ_FIELD_MONTH:
        *has = number == 1 && dated(r, text);
        return true;
    case HZ_FIELD_BOOLEAN:
    case HZ_FIELD_DATETIME:
    case HZ_FIELD_TIME:
        *has = number == 1 && narrowed(r, text, false, false);
        return true;
    case HZ_FIELD_TEXT:
        break;
    }
    return false;
}

hz_status hz_repairer_find(hz_repair *found, hz_slice *out, hz_repairer *r, hz_slice text, hz_error *err)
{
    bool has, good = false;
    *found = HZ_REPAIR_NONE;
    *out = HZ_SLICE_NONE;
    hz_buf_reset(&r->clean);
    bool known = hz_plain_put(&r->clean, text);
    HZ_TRY(hz_buf_status(&r->clean, err));
    if (!known)
        return HZ_OK;
    hz_slice clean = hz_buf_slice(&r->clean);
    for (unsigned number = 0; !good && candidate(&has, r, number, clean); number++) {
        HZ_TRY(hz_buf_status(&r->text, err));
        if (has && !hz_slice_eq(hz_buf_slice(&r->text), text))
            HZ_TRY(takes(&good, r, hz_buf_slice(&r->text), err));
    }
    *found = good ? HZ_REPAIR_CERTAIN : HZ_REPAIR_NONE;
    if (!good && r->field->type == HZ_FIELD_DATE && !r->field->many.len && swapped(r, clean)) {
        HZ_TRY(hz_buf_status(&r->text, err));
        HZ_TRY(takes(&good, r, hz_buf_slice(&r->text), err));
        *found = good ? HZ_REPAIR_SWAPPED : HZ_REPAIR_NONE;
    }
    if (good)
        *out = hz_buf_slice(&r->text);
    return HZ_OK;
}

/* ---- new and free ---- */

static hz_status add_form(hz_repairer *r, hz_time_kind kind, const char *text, hz_error *err)
{
    HZ_TRY(hz_time_format_compile(&r->forms[r->forms_count], kind, hz_slice_of(text), err));
    r->forms_count++;
    return HZ_OK;
}

static hz_status add_forms(hz_repairer *r, hz_error *err)
{
    for (size_t i = 0; r->field->type == HZ_FIELD_DATE && i < DATE_FORMS; i++)
        HZ_TRY(add_form(r, i < DATES_WITHOUT_TIME ? HZ_TIME_DATE : HZ_TIME_DATETIME, date_forms[i], err));
    for (size_t i = 0; r->field->type == HZ_FIELD_MONTH && i < MONTH_FORMS; i++)
        HZ_TRY(add_form(r, HZ_TIME_MONTH, month_forms[i], err));
    return HZ_OK;
}

hz_status hz_repairer_new(hz_repairer **out, const hz_field *field, const hz_eval_env *env, hz_error *err)
{
    unsigned all = 0;
    *out = NULL;
    for (unsigned kind = HZ_RULE_CHARACTERS; kind <= HZ_RULE_RANGE; kind++)
        all |= 1U << kind;
    hz_repairer *r = hz_mem_zalloc(1, sizeof *r);
    if (!r)
        return hz_nomem(err, sizeof *r);
    r->field = field;
    r->day = env->has_as_of ? env->as_of : HZ_DAY_EVER;
    hz_status st = add_forms(r, err);
    if (st == HZ_OK)
        st = hz_field_reader_new(&r->reader, field, env, all | HZ_FIELD_ONE_ROW, err);
    if (st == HZ_OK)
        *out = r;
    else
        hz_repairer_free(r);
    return st;
}

void hz_repairer_free(hz_repairer *r)
{
    if (!r)
        return;
    hz_field_reader_free(r->reader);
    hz_buf_clear(&r->clean);
    hz_buf_clear(&r->text);
    hz_mem_free(r);
}
