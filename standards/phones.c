/* phones.c: telephone numbers of mainland China. Mobile: the wide test, 1, then 3 to 9, then nine digits; which ranges
 * are in use changes. Fixed line: area code of 0 and 2 or 3 digits, optional hyphen, 7 or 8 digits. */
#include "standards/checks_int.h"

hz_semtype_reason hz_mobile_check(hz_slice value)
{
    hz_semtype_reason reason = hz_length_check(value, HZ_LENGTH(11));
    if (reason != HZ_REASON_NONE)
        return reason;
    bool good = value.ptr[0] == '1' && value.ptr[1] >= '3' && value.ptr[1] <= '9' && hz_are_digits(value.ptr + 2, 9);
    return good ? HZ_REASON_NONE : HZ_REASON_CHARACTERS;
}

static hz_semtype_reason check_fixed_line(hz_slice value)
{
    const char *hyphen = memchr(value.ptr, '-', value.len);
    if (!hyphen) {
        hz_semtype_reason reason = hz_length_check(value, HZ_LENGTH(10) | HZ_LENGTH(11) | HZ_LENGTH(12));
        if (reason != HZ_REASON_NONE)
            return reason;
        return hz_are_digits(value.ptr, value.len) ? HZ_REASON_NONE : HZ_REASON_CHARACTERS;
    }
    hz_slice area = {value.ptr, (size_t)(hyphen - value.ptr)}, rest = {hyphen + 1, value.len - area.len - 1};
    hz_semtype_reason a = hz_length_check(area, HZ_LENGTH(3) | HZ_LENGTH(4));
    hz_semtype_reason b = hz_length_check(rest, HZ_LENGTH(7) | HZ_LENGTH(8));
    if (a == HZ_REASON_LENGTH || b == HZ_REASON_LENGTH)
        return HZ_REASON_LENGTH;
    bool good = hz_are_digits(area.ptr, area.len) && hz_are_digits(rest.ptr, rest.len);
    return good ? HZ_REASON_NONE : HZ_REASON_CHARACTERS;
}

hz_semtype_reason hz_phone_check(hz_slice value)
{
    return value.len && value.ptr[0] == '0' ? check_fixed_line(value) : hz_mobile_check(value);
}
