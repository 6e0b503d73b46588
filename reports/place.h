/* place.h: where a finding is and what it speaks of, in the words that all faces made of lines and cells share. */
#ifndef HZ_REPORTS_PLACE_H
#define HZ_REPORTS_PLACE_H
#include "reports/render.h"

/* Appends "name=value; name=value", masked unless reveal. */
void hz_put_pairs(hz_buf *out, const hz_named *items, size_t count, bool reveal);
/* "household.csv:17", "book.xlsx:3 户!A3", or the table's name. */
void hz_put_place(hz_buf *out, const hz_result *result, const hz_place *place);
/* Each with its key, joined by " | ". */
void hz_put_places(hz_buf *out, const hz_result *result, const hz_place *places, size_t count, bool reveal);
/* The file of a place as the report shows it; "" without. */
hz_slice hz_place_source(const hz_result *result, const hz_place *place);
/* A rule's title, or that of its field; "" without. */
hz_slice hz_title_of(const hz_rule *rule, hz_lang lang);
#endif
