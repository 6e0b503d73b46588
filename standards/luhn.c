/* luhn.c: bank card numbers: the check digit of ISO/IEC 7812-1, annex B. */
#include "standards/checks_int.h"

bool hz_luhn_ok(hz_slice digits)
{
    static const unsigned char doubled[10] = {0, 2, 4, 6, 8, 1, 3, 5, 7, 9};
    unsigned sum = 0;
    if (digits.len < 2 || !hz_are_digits(digits.ptr, digits.len))
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        unsigned digit = (unsigned)(digits.ptr[i] - '0');
        sum = (sum + ((digits.len - i) % 2 ? digit : doubled[digit])) % 10;
    }
    return sum == 0;
}

hz_semtype_reason hz_bank_card_check(hz_slice value)
{
    hz_semtype_reason reason = hz_length_check(value, HZ_LENGTH(16) | HZ_LENGTH(17) | HZ_LENGTH(18) | HZ_LENGTH(19));
    if (reason != HZ_REASON_NONE)
        return reason;
    if (!hz_are_digits(value.ptr, value.len))
        return HZ_REASON_CHARACTERS;
    return hz_luhn_ok(value) ? HZ_REASON_NONE : HZ_REASON_CHECK;
}
