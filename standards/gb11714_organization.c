/* gb11714_organization.c: organisation codes, GB 11714-1997: 8 characters of 0-9 A-Z and a check character, which may
 * stand behind a hyphen. */
#include "standards/checks_int.h"

enum { BODY = 8 };

char hz_organization_check_character(const char *body)
{
    static const unsigned weights[BODY] = {3, 7, 9, 10, 5, 8, 4, 2};
    unsigned sum = 0;
    for (int i = 0; i < BODY; i++)
        sum += (unsigned)(hz_is_digit(body[i]) ? body[i] - '0' : body[i] - 'A' + 10) * weights[i];
    unsigned check = 11 - sum % 11; /* 1 to 11 */
    return check == 11 ? '0' : check == 10 ? 'X' : (char)('0' + check);
}

hz_semtype_reason hz_organization_code_check(hz_slice value)
{
    bool hyphen = value.len >= 2 && value.ptr[value.len - 2] == '-';
    hz_semtype_reason reason = hz_length_check(value, HZ_LENGTH(hyphen ? BODY + 2 : BODY + 1));
    if (reason != HZ_REASON_NONE)
        return reason;
    for (int i = 0; i < BODY; i++)
        if (!hz_is_digit(value.ptr[i]) && !hz_is_upper(value.ptr[i]))
            return HZ_REASON_CHARACTERS;
    char check = value.ptr[value.len - 1];
    if (!hz_is_digit(check) && check != 'X')
        return HZ_REASON_CHARACTERS;
    return hz_organization_check_character(value.ptr) == check ? HZ_REASON_NONE : HZ_REASON_CHECK;
}
