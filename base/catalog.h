/* catalog.h: every text that a person reads, in zh and en, by message id.
 *
 * messages.def holds one line a message: HZ_MESSAGE(ID, "zh", "en"). It includes one section file a folder
 * (base/messages/PART.def), so that it stays one catalogue with one enum. Placeholders are {0} … {7}; both languages
 * use the same set (a unit test checks it); "{{" and "}}" are literal braces. */
#ifndef HZ_BASE_CATALOG_H
#define HZ_BASE_CATALOG_H
#include "base/slice.h"

enum { HZ_MSG_ARGS_MAX = 8 };

typedef enum hz_msg_id {
    HZ_MSG_NONE = 0,
#define HZ_MESSAGE(id, zh, en) HZ_MSG_##id,
#include "base/messages.def"
#undef HZ_MESSAGE
    HZ_MSG_COUNT
} hz_msg_id;

typedef enum hz_lang { HZ_LANG_ZH, HZ_LANG_EN } hz_lang;

typedef struct hz_buf hz_buf;

/* The template of a message; "" for HZ_MSG_NONE. Static storage. */
const char *hz_msg_text(hz_msg_id id, hz_lang lang);
/* The id's name as in the catalogue ("FILE_OPEN"): stable, for JSON and tests. */
const char *hz_msg_name(hz_msg_id id);
/* Appends the message with its arguments put in; a missing argument prints as "?". */
void hz_msg_render(hz_buf *out, hz_msg_id id, const hz_slice *args, size_t args_count, hz_lang lang);

/* A text in both languages as profiles write titles; either may be empty. */
typedef struct hz_text2 {
    hz_slice zh, en;
} hz_text2;

/* The text in lang, else the other language's, else fallback. */
hz_slice hz_text2_pick(hz_text2 text, hz_lang lang, hz_slice fallback);
#endif
