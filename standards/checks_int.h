/* checks_int.h: one check a semantic type, and what they share. Each gives the first failing reason in the order of
 * semtype.h. */
#ifndef HZ_STANDARDS_CHECKS_INT_H
#define HZ_STANDARDS_CHECKS_INT_H
#include "standards/semtype.h"

hz_semtype_reason hz_resident_id_check(hz_slice value, bool accept_15, int32_t as_of);
hz_semtype_reason hz_uscc_check(hz_slice value);
hz_semtype_reason hz_organization_code_check(hz_slice value);
hz_semtype_reason hz_bank_card_check(hz_slice value);
hz_semtype_reason hz_mobile_check(hz_slice value);
hz_semtype_reason hz_phone_check(hz_slice value);
hz_semtype_reason hz_disability_certificate_check(hz_slice value, int32_t as_of);
hz_semtype_reason hz_travel_document_check(hz_slice value, int32_t as_of);
hz_semtype_reason hz_division_check(const hz_semtypes *types, hz_slice value, int32_t day, hz_division_level level);

/* LENGTH unless the value is as long as one of the lengths, a bit each (at most 31). Values of the right number of
 * characters that are not all ASCII have the wrong CHARACTERS. */
#define HZ_LENGTH(n) (UINT32_C(1) << (n))
hz_semtype_reason hz_length_check(hz_slice value, uint32_t lengths);

static inline bool hz_is_digit(char c)
{
    return c >= '0' && c <= '9';
}
static inline bool hz_is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}
bool hz_are_digits(const char *text, size_t count);
/* The day of 8 digits YYYYMMDD; false when not on the calendar. */
bool hz_digits_date(int32_t *days, const char *digits);
/* DATE and FUTURE of 8 digits. */
hz_semtype_reason hz_birth_check(const char *digits, int32_t as_of);
/* The check character of 17 digits by ISO 7064 MOD 11-2. */
char hz_mod11_2(const char *digits);
/* The check character of the 8 characters of an organisation code (GB 11714). */
char hz_organization_check_character(const char *body);

/* What hz_semtypes holds of divisions; gbt2260_division.c. */
typedef struct hz_divisions hz_divisions;
HZ_NODISCARD hz_status hz_divisions_open(hz_divisions **out, hz_lists *lists, hz_error *err);
void hz_divisions_close(hz_divisions *divisions);
struct hz_semtypes {
    hz_divisions *divisions; /* NULL when there are no lists */
};
#endif
