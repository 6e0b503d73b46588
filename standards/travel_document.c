/* travel_document.c: numbers of passports, travel permits and foreign permanent resident cards, as patterns:
 *
 *   9    one digit
 *   A    an upper-case letter
 *   L    an upper-case letter but I and O
 *   *    a digit or an upper-case letter
 *   =c   the character c; anything else stands for itself too
 *
 * The foreign permanent resident card of 2023 has a date and a check character and is tested by code. The 18-character
 * residence permits of Hong Kong, Macao and Taiwan residents are resident numbers, not travel documents. */
#include "standards/checks_int.h"

enum { CARD_LEN = 18, CARD_BIRTH_AT = 6 };

/* clang-format off */
static const char *const PATTERNS[] = {
    "=E99999999",      /* ordinary passport */
    "=EL9999999",      /* the same with a second letter */
    "=G99999999",      /* older */
    "149999999",
    "159999999",
    "=D=E9999999",     /* diplomatic, service, official passport */
    "=S=E9999999",
    "=P=E9999999",
    "=D9999999",       /* older */
    "=D99999999",
    "=S9999999",
    "=S99999999",
    "=P9999999",
    "=P99999999",
    "=H99999999",      /* home return permit: Hong Kong, Macao */
    "=M99999999",
    "=H9999999999",    /* with two digits of reissue count */
    "=M9999999999",
    "99999999",        /* mainland travel permit for Taiwan residents */
    "9999999999(A)",   /* older */
    "=C********",      /* exit-entry permit to Hong Kong and Macao */
    "=W********",
    "AAA999999999999", /* foreign permanent resident card, before 2023 */
};
/* clang-format on */

static bool fits(char c, char kind)
{
    switch (kind) {
    case '9':
        return hz_is_digit(c);
    case 'A':
        return hz_is_upper(c);
    case 'L':
        return hz_is_upper(c) && c != 'I' && c != 'O';
    case '*':
        return hz_is_digit(c) || hz_is_upper(c);
    default:
        return c == kind;
    }
}

static bool matches(hz_slice value, const char *pattern)
{
    size_t i = 0;
    for (; *pattern; pattern++, i++) {
        if (i == value.len)
            return false;
        bool literal = *pattern == '=';
        if (literal)
            pattern++;
        if (literal ? value.ptr[i] != *pattern : !fits(value.ptr[i], *pattern))
            return false;
    }
    return i == value.len;
}

/* 9, 2 area, 3 country, 8 birth date, 3 sequence, 1 check character. */
static hz_semtype_reason check_card(hz_slice value, int32_t as_of)
{
    char check = value.ptr[CARD_LEN - 1];
    if (value.ptr[0] != '9' || !hz_are_digits(value.ptr, CARD_LEN - 1) || !(hz_is_digit(check) || check == 'X'))
        return HZ_REASON_CHARACTERS;
    hz_semtype_reason reason = hz_birth_check(value.ptr + CARD_BIRTH_AT, as_of);
    if (reason != HZ_REASON_NONE)
        return reason;
    return hz_mod11_2(value.ptr) == check ? HZ_REASON_NONE : HZ_REASON_CHECK;
}

hz_semtype_reason hz_travel_document_check(hz_slice value, int32_t as_of)
{
    const uint32_t lengths =
        HZ_LENGTH(8) | HZ_LENGTH(9) | HZ_LENGTH(11) | HZ_LENGTH(13) | HZ_LENGTH(15) | HZ_LENGTH(CARD_LEN);
    hz_semtype_reason reason = hz_length_check(value, lengths);
    if (reason != HZ_REASON_NONE)
        return reason;
    if (value.len == CARD_LEN)
        return check_card(value, as_of);
    for (size_t i = 0; i < sizeof PATTERNS / sizeof *PATTERNS; i++)
        if (matches(value, PATTERNS[i]))
            return HZ_REASON_NONE;
    return HZ_REASON_CHARACTERS;
}
