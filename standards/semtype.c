/* semtype.c: the table of semantic types and what their checks share. */
#include "standards/semtype.h"
#include "base/alloc.h"
#include "base/calendar.h"
#include "base/utf8.h"
#include "standards/checks_int.h"

static const struct {
    const char *name, *standard;
    bool personal;
} TYPES[HZ_SEMTYPE_COUNT] = {
    [HZ_SEMTYPE_NONE] = {"", "", false},
    [HZ_SEMTYPE_RESIDENT_ID] = {"resident_id", "GB 11643-1999", true},
    [HZ_SEMTYPE_USCC] = {"uscc", "GB 32100-2015", false},
    [HZ_SEMTYPE_ORGANIZATION_CODE] = {"organization_code", "GB 11714-1997", false},
    [HZ_SEMTYPE_BANK_CARD] = {"bank_card", "ISO/IEC 7812-1", true},
    [HZ_SEMTYPE_MOBILE] = {"mobile", "", true},
    [HZ_SEMTYPE_PHONE] = {"phone", "", true},
    [HZ_SEMTYPE_DISABILITY_CERTIFICATE] = {"disability_certificate", "", true},
    [HZ_SEMTYPE_TRAVEL_DOCUMENT] = {"travel_document", "", true},
    [HZ_SEMTYPE_DIVISION] = {"division", "GB/T 2260", false},
};

static const char *const REASONS[] = {"", "length", "characters", "date", "division", "future", "check"};
static const char *const LEVELS[] = {"", "province", "prefecture", "county", "township", "village"};

hz_status hz_semtypes_open(hz_semtypes **out, hz_lists *lists, hz_error *err)
{
    *out = NULL;
    hz_semtypes *types = hz_mem_zalloc(1, sizeof *types);
    if (!types)
        return hz_nomem(err, sizeof *types);
    hz_status st = lists ? hz_divisions_open(&types->divisions, lists, err) : HZ_OK;
    if (st == HZ_OK)
        *out = types;
    else
        hz_mem_free(types);
    return st;
}

void hz_semtypes_close(hz_semtypes *types)
{
    if (!types)
        return;
    hz_divisions_close(types->divisions);
    hz_mem_free(types);
}

const char *hz_semtype_name(hz_semtype type)
{
    return type < HZ_SEMTYPE_COUNT ? TYPES[type].name : "";
}

hz_semtype hz_semtype_of(hz_slice name)
{
    for (hz_semtype type = HZ_SEMTYPE_NONE + 1; type < HZ_SEMTYPE_COUNT; type++)
        if (hz_slice_is(name, TYPES[type].name))
            return type;
    return HZ_SEMTYPE_NONE;
}

bool hz_semtype_is_personal(hz_semtype type)
{
    return type < HZ_SEMTYPE_COUNT && TYPES[type].personal;
}

const char *hz_semtype_standard(hz_semtype type)
{
    return type < HZ_SEMTYPE_COUNT ? TYPES[type].standard : "";
}

const char *hz_reason_name(hz_semtype_reason reason)
{
    return reason <= HZ_REASON_CHECK ? REASONS[reason] : "";
}

const char *hz_division_level_name(hz_division_level level)
{
    return level <= HZ_LEVEL_VILLAGE ? LEVELS[level] : "";
}

hz_division_level hz_division_level_by_name(hz_slice name)
{
    for (hz_division_level level = HZ_LEVEL_PROVINCE; level <= HZ_LEVEL_VILLAGE; level++)
        if (hz_slice_is(name, LEVELS[level]))
            return level;
    return HZ_LEVEL_ANY;
}

hz_semtype_reason hz_semtype_check(const hz_semtypes *types, hz_semtype type, const hz_semtype_options *options,
                                   hz_slice value)
{
    switch (type) {
    case HZ_SEMTYPE_RESIDENT_ID:
        return hz_resident_id_check(value, options->accept_15, options->as_of);
    case HZ_SEMTYPE_USCC:
        return hz_uscc_check(value);
    case HZ_SEMTYPE_ORGANIZATION_CODE:
        return hz_organization_code_check(value);
    case HZ_SEMTYPE_BANK_CARD:
        return hz_bank_card_check(value);
    case HZ_SEMTYPE_MOBILE:
        return hz_mobile_check(value);
    case HZ_SEMTYPE_PHONE:
        return hz_phone_check(value);
    case HZ_SEMTYPE_DISABILITY_CERTIFICATE:
        return hz_disability_certificate_check(value, options->as_of);
    case HZ_SEMTYPE_TRAVEL_DOCUMENT:
        return hz_travel_document_check(value, options->as_of);
    case HZ_SEMTYPE_DIVISION:
        return hz_division_check(types, value, options->valid_ever ? HZ_DAY_EVER : options->as_of, options->level);
    case HZ_SEMTYPE_NONE:
    case HZ_SEMTYPE_COUNT:
        break;
    }
    return HZ_REASON_NONE;
}

hz_semtype_reason hz_length_check(hz_slice value, uint32_t lengths)
{
    if (value.len < 32 && lengths >> value.len & 1)
        return HZ_REASON_NONE;
    /* At most 31 characters of at most 4 bytes are worth counting. */
    size_t characters = value.len < 128 ? hz_utf8_length(value) : value.len;
    return characters < 32 && characters != value.len && lengths >> characters & 1 ? HZ_REASON_CHARACTERS
                                                                                   : HZ_REASON_LENGTH;
}

bool hz_are_digits(const char *text, size_t count)
{
    /* A byte is a digit when its high half is 3 and stays 3 with 6 added; eight at a time. */
    const uint64_t high = UINT64_C(0xF0F0F0F0F0F0F0F0), threes = UINT64_C(0x3030303030303030),
                   sixes = UINT64_C(0x0606060606060606);
    while (count >= 8) {
        uint64_t word;
        memcpy(&word, text, 8);
        if ((word & high) != threes || ((word + sixes) & high) != threes)
            return false;
        text += 8;
        count -= 8;
    }
    while (count--)
        if (!hz_is_digit(*text++))
            return false;
    return true;
}

static inline int32_t two_digits(const char *digits)
{
    return (digits[0] - '0') * 10 + (digits[1] - '0');
}

bool hz_digits_date(int32_t *days, const char *digits)
{
    int32_t century = two_digits(digits), year = two_digits(digits + 2);
    return hz_date_from_civil(days, century * 100 + year, two_digits(digits + 4), two_digits(digits + 6));
}

hz_semtype_reason hz_birth_check(const char *digits, int32_t as_of)
{
    int32_t birth;
    if (!hz_digits_date(&birth, digits))
        return HZ_REASON_DATE;
    return as_of != HZ_DAY_EVER && birth > as_of ? HZ_REASON_FUTURE : HZ_REASON_NONE;
}
