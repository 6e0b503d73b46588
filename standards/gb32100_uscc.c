/* gb32100_uscc.c: unified social credit codes, GB 32100-2015. 18 of 31 characters: 1 registering department, 1 class of
 * organisation, 6 division (digits, GB/T 2260), 9 organisation code (GB 11714 with its own check), 1 check. */
#include "standards/checks_int.h"

enum { LEN = 18, DIVISION_AT = 2, ORGANIZATION_AT = 8, ORGANIZATION_CHECK_AT = 16, CHECK_AT = 17, MODULUS = 31 };

static const char ALPHABET[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/* 0 to 30, or -1. */
static int value_of(char c)
{
    static const signed char letters[26] = {10, 11, 12, 13, 14, 15, 16, 17, -1, 18, 19, 20, 21,
                                            22, -1, 23, 24, 25, -1, 26, 27, -1, 28, 29, 30, -1};
    return hz_is_digit(c) ? c - '0' : hz_is_upper(c) ? letters[c - 'A'] : -1;
}

hz_semtype_reason hz_uscc_check(hz_slice value)
{
    static const int weights[CHECK_AT] = {1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    hz_semtype_reason reason = hz_length_check(value, HZ_LENGTH(LEN));
    if (reason != HZ_REASON_NONE)
        return reason;
    int sum = 0;
    for (int i = 0; i < LEN; i++) {
        int v = value_of(value.ptr[i]);
        if (v < 0 || (i >= DIVISION_AT && i < ORGANIZATION_AT && v > 9))
            return HZ_REASON_CHARACTERS;
        if (i < CHECK_AT)
            sum += v * weights[i];
    }
    char check = ALPHABET[(MODULUS - sum % MODULUS) % MODULUS];
    bool inner = hz_organization_check_character(value.ptr + ORGANIZATION_AT) == value.ptr[ORGANIZATION_CHECK_AT];
    return inner && check == value.ptr[CHECK_AT] ? HZ_REASON_NONE : HZ_REASON_CHECK;
}
