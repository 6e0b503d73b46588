/* disability_certificate.c: disability certificate numbers, second and third generation: the 18 characters of the
 * resident number, 1 type (1 visual to 7 multiple), 1 grade (1 most severe to 4); a reissued one has B and a running
 * digit behind. */
#include "standards/checks_int.h"

enum { IDENTITY = 18, TYPE_AT = 18, GRADE_AT = 19, FIRST_LEN = 20, REISSUED_LEN = 22 };

hz_semtype_reason hz_disability_certificate_check(hz_slice value, int32_t as_of)
{
    hz_semtype_reason reason = hz_length_check(value, HZ_LENGTH(FIRST_LEN) | HZ_LENGTH(REISSUED_LEN));
    if (reason != HZ_REASON_NONE)
        return reason;
    const char *p = value.ptr;
    bool good = p[TYPE_AT] >= '1' && p[TYPE_AT] <= '7' && p[GRADE_AT] >= '1' && p[GRADE_AT] <= '4';
    if (good && value.len == REISSUED_LEN)
        good = p[FIRST_LEN] == 'B' && hz_is_digit(p[FIRST_LEN + 1]);
    hz_slice identity = {p, IDENTITY};
    return good ? hz_resident_id_check(identity, false, as_of) : HZ_REASON_CHARACTERS;
}
