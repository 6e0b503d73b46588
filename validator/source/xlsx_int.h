/* xlsx_int.h: what is common to a workbook's sheets. Formats: ECMA-376, parts 1 (SpreadsheetML) and 2 (packages). */
#ifndef HZ_SOURCE_XLSX_INT_H
#define HZ_SOURCE_XLSX_INT_H
#include "base/alloc.h"
#include "validator/source/formats.h"
#include "validator/source/xml_push.h"

typedef enum hz_xlsx_style {
    HZ_XLSX_NUMBER,
    HZ_XLSX_DATE,
    HZ_XLSX_MONTH,
    HZ_XLSX_TIME,
    HZ_XLSX_DATETIME
} hz_xlsx_style;

typedef struct hz_xlsx_sheet {
    hz_slice name, id, member; /* member: "" when nothing leads to it */
    bool hidden;
} hz_xlsx_sheet;

typedef struct hz_xlsx {
    hz_reading *reading;
    hz_arena *arena;
    hz_buf whole; /* the workbook, where it is a member of an archive */
    bool has_strings, has_styles;
    bool date1904;
    hz_xlsx_sheet *sheets;
    size_t sheets_count, sheets_capacity;
    hz_xlsx_style *styles; /* per cell format */
    size_t styles_count, styles_capacity;
    hz_buf strings;
    size_t *string_ends; /* in strings */
    size_t strings_count, strings_capacity;
} hz_xlsx;

/* All of it but the sheets themselves. */
HZ_NODISCARD hz_status hz_xlsx_load(hz_xlsx *book, hz_error *err);
void hz_xlsx_clear(hz_xlsx *book);
/* One part of the package through SAX. */
HZ_NODISCARD hz_status hz_xlsx_push(hz_xlsx *book, const char *member, hz_xml_push *push, xmlSAXHandler *sax,
                                    hz_error *err);
hz_slice hz_xlsx_string(const hz_xlsx *book, size_t index); /* ptr NULL: there is none */
/* The value of an attribute, as SAX2 gives them; ptr NULL: it is not there. */
hz_slice hz_xlsx_attribute(const char *name, int count, const xmlChar **attributes);

/* ---- xlsx_value.c ---- */
hz_xlsx_style hz_xlsx_style_of(hz_slice format_code);
hz_xlsx_style hz_xlsx_style_built_in(unsigned id);
/* A number as a person sees it: no exponent, at most 15 significant digits, as the program itself has no more. *lost: a
 * whole number of more digits than that, whose last ones are gone. false: it is no number; nothing is put. */
bool hz_xlsx_put_number(hz_buf *out, hz_slice value, bool *lost);
/* A serial number as ISO 8601 text. Day 60 of the 1900 system is 1900-02-29, which never was. false: no such day. */
bool hz_xlsx_put_date(hz_buf *out, hz_slice value, hz_xlsx_style style, bool date1904);
/* "A" … "XFD", from 0. */
void hz_xlsx_put_letters(hz_buf *out, size_t column);
#endif
