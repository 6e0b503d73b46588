/* diag.h: gathered mistakes in a text file, with position, source line and a caret as wide as the mistake.
 * Used by the profile loader and the expression front end. Spans are byte offsets into a hz_text; line and column are
 * made only when shown. */
#ifndef HZ_BASE_DIAG_H
#define HZ_BASE_DIAG_H
#include "base/arena.h"
#include "base/buf.h"
#include "base/limits.h"

/* A file's whole text. */
typedef struct hz_text {
    hz_slice path; /* as the user gave it, or relative to the profile's folder */
    hz_slice bytes;
    bool secret;           /* an included data file: its lines are never shown */
    uint32_t *line_starts; /* byte offsets, made by hz_text_index, in its arena; NULL: looked for each time */
    size_t lines_count;
} hz_text;
/* Makes line_starts: worth it for a text with many positions to show. Lines end at LF, CRLF or CR. */
HZ_NODISCARD hz_status hz_text_index(hz_text *text, hz_arena *arena, hz_error *err);

typedef struct hz_span {
    const hz_text *text;  /* NULL: no position */
    uint32_t offset, len; /* bytes; len 0 is a point, shown as one caret */
} hz_span;
/* An offset: the mistake is of the file as a whole, shown with its path and no position. */
#define HZ_SPAN_WHOLE UINT32_MAX

/* Where the bytes of a scalar (block, quoted, escaped) came from: segment i says that scalar bytes from `scalar_offset`
 * on, up to the next segment, come from file bytes from `file_offset` on, byte for byte when `direct`, else all from
 * that point. */
typedef struct hz_srcmap {
    const hz_text *text;
    uint32_t file_offset, file_len; /* of the whole scalar as written, quotes too */
    uint32_t segments_count;
    const struct hz_srcmap_segment {
        uint32_t scalar_offset, file_offset;
        uint32_t file_len; /* bytes that one unit takes in the file (an escape); used when !direct */
        bool direct;
    } * segments;
} hz_srcmap;

/* The file span of bytes [offset, offset + len) of the scalar. */
hz_span hz_srcmap_span(const hz_srcmap *map, size_t offset, size_t len);

typedef enum hz_diag_level { HZ_DIAG_ERROR, HZ_DIAG_WARNING, HZ_DIAG_HINT } hz_diag_level;

typedef struct hz_diag {
    hz_diag_level level;
    hz_span span;
    hz_msg_id message, hint; /* the hint takes the same arguments; HZ_MSG_NONE without */
    uint32_t args_count;
    hz_slice args[HZ_MSG_ARGS_MAX]; /* in the arena */
    uint32_t order;                 /* as found; ties of position keep it */
    uint32_t file_order;            /* of the text among the texts, by first use */
} hz_diag;

typedef struct hz_diags {
    hz_arena *arena; /* borrowed */
    hz_diag *items;
    size_t count, capacity; /* errors and others */
    size_t errors_count;
    size_t others_dropped; /* warnings and hints past `max` of them */
    size_t max;            /* HZ_LIMIT_DIAGNOSTICS; one error more is `overflowed`: the load gives up */
    bool overflowed, no_memory;
} hz_diags;

void hz_diags_init(hz_diags *diags, hz_arena *arena, size_t max);
void hz_diags_clear(hz_diags *diags);
/* args[0] is the message (HZ_M); the others are copied. Out of memory sets no_memory, and the diagnostic is lost. */
void hz_diags_add(hz_diags *diags, hz_diag_level level, hz_span span, hz_msg_id hint, const hz_arg *args,
                  size_t args_count);
#define hz_diag_error(diags, span, hint, ...) hz_diags_add((diags), HZ_DIAG_ERROR, (span), (hint), HZ_ARGS(__VA_ARGS__))
#define hz_diag_warn(diags, span, hint, ...)                                                                           \
    hz_diags_add((diags), HZ_DIAG_WARNING, (span), (hint), HZ_ARGS(__VA_ARGS__))
/* Sorts by file (in order of first use), position, order found. */
void hz_diags_sort(hz_diags *diags);

typedef struct hz_position {
    uint64_t line, column; /* 1-based; column in characters, a byte order mark at the start not counted */
} hz_position;
hz_position hz_text_position(const hz_text *text, uint32_t offset);

/* Renders one diagnostic, exactly:
 *
 *   profile.yaml:12:5: error: unknown key "titel"
 *      12 |     titel: {zh: 贫困户}
 *         |     ^~~~~
 *         = did you mean "title"?
 *
 * zh: `profile.yaml:12:5: 错误：…`, warning 警告, hint 提示. The caret line is as wide as the span by display width,
 * cut at the line's end; tabs print as one blank in both lines; a source line wider than 120 cells is shown as a window
 * around the mistake with … at the cut ends; unsafe characters are shown escaped (utf8.h) and widths follow. No
 * position: `path: error: …` or `error: …`. A secret text shows no source line. */
void hz_diag_render(hz_buf *out, const hz_diag *diag, hz_lang lang);

/* The nearest of names to word by Damerau-Levenshtein distance over characters, at most max(1, characters / 3) away;
 * first of equals. HZ_SLICE_NONE when none is near. */
hz_slice hz_nearest(hz_slice word, const hz_slice *names, size_t count);
#endif
