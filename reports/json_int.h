/* json_int.h: writes JSON into a buffer. Containers are laid out in lines, or in one line ("inline"): inside an inline
 * one a container in lines may stand again (a rule's examples). Depth at most HZ_JSON_DEPTH. */
#ifndef HZ_REPORTS_JSON_INT_H
#define HZ_REPORTS_JSON_INT_H
#include "reports/render.h"

enum { HZ_JSON_DEPTH = 16 };

typedef struct hz_json {
    hz_buf *out;
    unsigned depth;
    struct {
        bool lines, any;
        char close;
    } open[HZ_JSON_DEPTH];
    bool key; /* a key was written; its value comes next */
} hz_json;

void hz_json_object(hz_json *json, bool lines);
void hz_json_array(hz_json *json, bool lines);
void hz_json_end(hz_json *json);
/* A key; the next call writes its value. */
void hz_json_key(hz_json *json, const char *key);
void hz_json_key_slice(hz_json *json, hz_slice key);
void hz_json_null(hz_json *json);
void hz_json_bool(hz_json *json, bool value);
void hz_json_u64(hz_json *json, uint64_t value);
/* Without trailing zeros. */
void hz_json_decimal(hz_json *json, hz_decimal value);
void hz_json_text(hz_json *json, hz_slice text);
void hz_json_texts(hz_json *json, const char *text);
/* Text, or null when it is empty. */
void hz_json_text_or_null(hz_json *json, hz_slice text);
/* {zh, en} with the languages there are; null without. */
void hz_json_text2(hz_json *json, hz_text2 text);
void hz_json_hex(hz_json *json, const uint8_t *bytes, size_t count);

/* Members of the report that say how it stands to the submitter and to other runs (json_between.c); nothing where the
 * result has none. */
void hz_json_put_asks(hz_json *json, const hz_result *result);
void hz_json_put_acknowledged(hz_json *json, const hz_result *result);
void hz_json_put_baseline(hz_json *json, const hz_result *result);
void hz_json_put_trend(hz_json *json, const hz_result *result);
#endif
