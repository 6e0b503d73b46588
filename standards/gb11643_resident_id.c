/* gb11643_resident_id.c: resident identity numbers.
 * GB 11643-1999: 6 digits division, 8 birth date, 3 sequence (odd: male), 1 check character by ISO 7064 MOD 11-2.
 * GB 11643-1989: 6 digits division, 6 birth date without the century, 3 sequence; sequences 996 to 999 went to people
 * who were over a hundred years old, so that their century is 18. */
#include "standards/checks_int.h"

enum {
    LEN_18 = 18,
    LEN_15 = 15,
    BIRTH_AT = 6,
    SEQUENCE_15_AT = 12,
    SEX_18_AT = 16,
    SEX_15_AT = 14,
    DIVISION_DIGITS = 6
};

/* Position i of 17 weighs 2^(18-i), which the standard's table gives modulo 11; doubling the sum at each step weighs
 * all. */
char hz_mod11_2(const char *digits)
{
    static const char checks[11] = {'1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'};
    unsigned sum = 0;
    for (int i = 0; i < 17; i++)
        sum = sum * 2 + (unsigned)(digits[i] - '0');
    return checks[sum * 2 % 11];
}

static bool has_form_18(hz_slice text)
{
    return text.len == LEN_18 && hz_are_digits(text.ptr, LEN_18 - 1) &&
           (hz_is_digit(text.ptr[LEN_18 - 1]) || text.ptr[LEN_18 - 1] == 'X');
}

static bool has_form_15(hz_slice text)
{
    return text.len == LEN_15 && hz_are_digits(text.ptr, LEN_15);
}

/* The 17 digits of a 15-digit number with its century. */
static void with_century(char out[17], const char *text)
{
    bool old = memcmp(text + SEQUENCE_15_AT, "99", 2) == 0 && text[SEQUENCE_15_AT + 2] >= '6';
    memcpy(out, text, BIRTH_AT);
    memcpy(out + BIRTH_AT, old ? "18" : "19", 2);
    memcpy(out + BIRTH_AT + 2, text + BIRTH_AT, LEN_15 - BIRTH_AT);
}

hz_semtype_reason hz_resident_id_check(hz_slice value, bool accept_15, int32_t as_of)
{
    hz_semtype_reason reason = hz_length_check(value, HZ_LENGTH(LEN_18) | (accept_15 ? HZ_LENGTH(LEN_15) : 0));
    if (reason != HZ_REASON_NONE)
        return reason;
    if (value.len == LEN_15) {
        char digits[17];
        if (!has_form_15(value))
            return HZ_REASON_CHARACTERS;
        with_century(digits, value.ptr);
        return hz_birth_check(digits + BIRTH_AT, as_of);
    }
    if (!has_form_18(value))
        return HZ_REASON_CHARACTERS;
    reason = hz_birth_check(value.ptr + BIRTH_AT, as_of);
    if (reason != HZ_REASON_NONE)
        return reason;
    return hz_mod11_2(value.ptr) == value.ptr[LEN_18 - 1] ? HZ_REASON_NONE : HZ_REASON_CHECK;
}

bool hz_resident_id_has_form(hz_slice text)
{
    return has_form_18(text) || has_form_15(text);
}

bool hz_resident_id_birth(int32_t *days, hz_slice text)
{
    if (has_form_18(text))
        return hz_digits_date(days, text.ptr + BIRTH_AT);
    if (!has_form_15(text))
        return false;
    char digits[17];
    with_century(digits, text.ptr);
    return hz_digits_date(days, digits + BIRTH_AT);
}

bool hz_resident_id_sex(char *code, hz_slice text)
{
    if (!hz_resident_id_has_form(text))
        return false;
    char digit = text.ptr[text.len == LEN_18 ? SEX_18_AT : SEX_15_AT];
    *code = (digit - '0') % 2 ? '1' : '2';
    return true;
}

bool hz_resident_id_division(hz_slice *code6, hz_slice text)
{
    if (!hz_resident_id_has_form(text))
        return false;
    *code6 = (hz_slice){text.ptr, DIVISION_DIGITS};
    return true;
}

bool hz_resident_id_normal(char out[18], hz_slice text)
{
    if (has_form_15(text)) {
        with_century(out, text.ptr);
        out[LEN_18 - 1] = hz_mod11_2(out);
        return true;
    }
    if (text.len != LEN_18 || !hz_are_digits(text.ptr, LEN_18 - 1))
        return false;
    char check = text.ptr[LEN_18 - 1];
    if (!hz_is_digit(check) && check != 'X' && check != 'x')
        return false;
    memcpy(out, text.ptr, LEN_18 - 1);
    out[LEN_18 - 1] = check == 'x' ? 'X' : check;
    return true;
}
