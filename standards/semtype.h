/* semtype.h: the table of semantic types: texts whose form, date and check digit a standard fixes. One file a standard.
 * Whether an ID's division ever existed is a rule of its own, not part of the type (except type division). */
#ifndef HZ_STANDARDS_SEMTYPE_H
#define HZ_STANDARDS_SEMTYPE_H
#include "standards/codelist.h"

typedef enum hz_semtype {
    HZ_SEMTYPE_NONE,
    HZ_SEMTYPE_RESIDENT_ID,       /* GB 11643-1999; accept 15: GB 11643-1989 */
    HZ_SEMTYPE_USCC,              /* GB 32100-2015, with the inner GB 11714 code */
    HZ_SEMTYPE_ORGANIZATION_CODE, /* GB 11714-1997, with or without the hyphen */
    HZ_SEMTYPE_BANK_CARD,         /* ISO/IEC 7812-1 Luhn, 16 to 19 digits */
    HZ_SEMTYPE_MOBILE,
    HZ_SEMTYPE_PHONE,                  /* mobile or fixed line */
    HZ_SEMTYPE_DISABILITY_CERTIFICATE, /* 20 characters, or 22 when reissued */
    HZ_SEMTYPE_TRAVEL_DOCUMENT,        /* passports, permits, foreign permanent resident cards */
    HZ_SEMTYPE_DIVISION,               /* GB/T 2260 and the statistical codes below the county */
    HZ_SEMTYPE_COUNT
} hz_semtype;

/* The first failing of these, in this order. A value with the right number of characters that are not all ASCII fails
 * CHARACTERS, and so does one whose digits do not fit the pattern (a mobile number that begins with 12, a disability of
 * type 8). */
typedef enum hz_semtype_reason {
    HZ_REASON_NONE,
    HZ_REASON_LENGTH,
    HZ_REASON_CHARACTERS,
    HZ_REASON_DATE,     /* not on the calendar */
    HZ_REASON_DIVISION, /* type division: no such code on that day, or not of the level */
    HZ_REASON_FUTURE,   /* a birth date after as_of */
    HZ_REASON_CHECK     /* wrong check digit */
} hz_semtype_reason;

typedef enum hz_division_level {
    HZ_LEVEL_ANY = 0,
    HZ_LEVEL_PROVINCE = 1,   /* 2 digits */
    HZ_LEVEL_PREFECTURE = 2, /* 4 */
    HZ_LEVEL_COUNTY = 3,     /* 6 */
    HZ_LEVEL_TOWNSHIP = 4,   /* 9 */
    HZ_LEVEL_VILLAGE = 5     /* 12 */
} hz_division_level;

typedef struct hz_semtype_options {
    int32_t as_of;           /* days; HZ_DAY_EVER: no day given, nothing is in the future */
    bool accept_15;          /* resident_id */
    hz_division_level level; /* division */
    bool valid_ever;         /* division: old codes too */
} hz_semtype_options;

/* What every type shares. Loaded once a process run with hz_semtypes_open; NULL lists: only `division` needs them. */
typedef struct hz_semtypes hz_semtypes;
HZ_NODISCARD hz_status hz_semtypes_open(hz_semtypes **out, hz_lists *lists, hz_error *err);
void hz_semtypes_close(hz_semtypes *types);

const char *hz_semtype_name(hz_semtype type);         /* "resident_id" */
hz_semtype hz_semtype_of(hz_slice name);              /* HZ_SEMTYPE_NONE when unknown */
bool hz_semtype_is_personal(hz_semtype type);         /* sensitivity by default, security.md */
const char *hz_semtype_standard(hz_semtype type);     /* "GB 11643-1999" */
const char *hz_reason_name(hz_semtype_reason reason); /* "check" */
hz_semtype_reason hz_semtype_check(const hz_semtypes *types, hz_semtype type, const hz_semtype_options *options,
                                   hz_slice value);

/* Resident numbers (GB 11643). The form: 17 digits and a digit or X, or 15 digits (century 19; sequences 996 to 999:
 * 18). */
bool hz_resident_id_has_form(hz_slice text);
bool hz_resident_id_birth(int32_t *days, hz_slice text); /* false: not the form, or an impossible date */
bool hz_resident_id_sex(char *code, hz_slice text);      /* GB/T 2261.1 '1' or '2' */
bool hz_resident_id_division(hz_slice *code6, hz_slice text);
/* The 18-digit form of a 15-digit number, or the text itself; out holds 18 bytes when true. false: not the form.
 * A final lower-case x is read as X here only. This is `normalize: resident_id`. */
bool hz_resident_id_normal(char out[18], hz_slice text);

bool hz_luhn_ok(hz_slice digits); /* digits only, at least 2 */

/* Divisions (GB/T 2260, and 统计用区划代码 where a list covers them). Codes of 2, 4, 6, 9, 12 digits; 6 digits may end
 * in zeros. Counties directly under a province or municipality have a prefix of four digits that GB/T 2260 does not
 * list (1101, 4290, 5002): it exists, without a name, while one of its counties does. Below the county a list of that
 * level decides for counties (villages: townships) that it covers and has rows for; elsewhere the county's existence is
 * enough. */
bool hz_division_exists(const hz_semtypes *types, hz_slice code, int32_t day, hz_division_level level);
/* The level a code's digits speak of: 110000 is a province; HZ_LEVEL_ANY when it has no division's form. */
hz_division_level hz_division_level_of(hz_slice code);
/* The code cut to level (2, 4, 6, 9, 12 digits); false when it is above that level or no division's form. */
bool hz_division_parent(hz_slice *out, hz_slice code, hz_division_level level);
/* The name on `day` (HZ_DAY_EVER: the last); false when unknown. */
bool hz_division_name(const hz_semtypes *types, hz_text2 *name, hz_slice code, int32_t day);
const char *hz_division_level_name(hz_division_level level); /* "county" */
hz_division_level hz_division_level_by_name(hz_slice name);  /* HZ_LEVEL_ANY when unknown */
/* For regions: the code packed, digits from the top (up to 12 digits and their count) so that order of numbers is
 * bytewise order of codes; 0 for anything that is no code of 2, 4, 6, 9, 12 digits. 6-digit codes lose trailing zero
 * pairs. */
uint64_t hz_division_pack(hz_slice code);
size_t hz_division_unpack(char out[12], uint64_t packed); /* digits written */
uint64_t hz_division_pack_parent(uint64_t packed);        /* one level up; 0 at the top */
#endif
