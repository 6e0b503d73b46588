/* texts_int.h: texts of a finding as cells of a table have them; what forms that are no lines share. */
#ifndef HZ_REPORTS_FINDINGS_TEXTS_INT_H
#define HZ_REPORTS_FINDINGS_TEXTS_INT_H
#include "reports/findings/form_int.h"

/* Appends "name=value; name=value", masked unless reveal. */
void hz_put_pairs(hz_buf *out, const hz_named *items, size_t count, bool reveal);
/* "household.csv:17 id=A1", or the table's name; several joined by " | ". */
void hz_put_places(hz_buf *out, const hz_result *result, const hz_place *places, size_t count, bool reveal);
/* The file of a place as the report shows it; "" without. */
hz_slice hz_place_source(const hz_result *result, const hz_place *place);
/* A rule's title, or that of its field; "" without. */
hz_slice hz_form_title(const hz_rule *rule, hz_lang lang);
/* The system's words for what a library could not write: a full disk as it is told everywhere. */
hz_status hz_form_failed(hz_error *err, const char *path, int error_number, const char *words);
#endif
