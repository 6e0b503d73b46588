/* error.h: how a function says that it could not do its work.
 *
 * Three things are never mixed. A finding (data breaks a rule) is counted in a Partial and never a status.
 * An error (input, profile or machine cannot be used) is a status returned and an hz_error filled. A bug is an
 * HZ_ASSERT.
 *
 * Who detects an error words it, as message id and arguments; text is made at the edge (catalog.h), in zh or en.
 * Out of memory needs no memory to report: hz_error owns its bytes inline.
 * `hz_error *err` is the last parameter and may be NULL. */
#ifndef HZ_BASE_ERROR_H
#define HZ_BASE_ERROR_H
#include <assert.h>
#include "base/catalog.h"
#include "base/slice.h"

#define HZ_NODISCARD __attribute__((warn_unused_result))
#define HZ_UNUSED __attribute__((unused))

typedef enum hz_status {
    HZ_OK = 0,
    HZ_END = 1,          /* a reader has no more; not an error */
    HZ_E_USAGE = -1,     /* the caller's words (exit 2) */
    HZ_E_PROFILE = -2,   /* a profile, list or mapping is wrong (exit 3) */
    HZ_E_SOURCE = -3,    /* a submission cannot be read at all (exit 4) */
    HZ_E_IO = -4,        /* a file or device failed during the work (exit 5) */
    HZ_E_NOMEM = -5,     /* out of memory or budget (exit 5) */
    HZ_E_LIMIT = -6,     /* a named limit was passed; the message carries its name (exit 5 unless the caller maps it) */
    HZ_E_CANCELLED = -7, /* SIGINT or the caller's cancel flag */
    HZ_E_CHANGED = -8,   /* an input changed while it was read (exit 5) */
    HZ_E_INTERNAL = -9   /* a defended bug: the rule's outcome is error, the run incomplete */
} hz_status;

enum { HZ_ERROR_TEXT_BYTES = 1536, HZ_ERROR_FILE_BYTES = 512 };

typedef struct hz_error {
    hz_status status;
    hz_msg_id message;
    hz_msg_id hint;                      /* HZ_MSG_NONE when there is none; it takes the same arguments */
    uint32_t args_count;
    struct {
        uint16_t offset, len;
    } args[HZ_MSG_ARGS_MAX];             /* into text */
    uint16_t text_len;
    char text[HZ_ERROR_TEXT_BYTES];      /* an argument that does not fit is cut at a character and ends in … */
    char file[HZ_ERROR_FILE_BYTES];      /* "" when unknown; NUL-terminated; a longer path keeps its end */
    uint64_t line, column;               /* 1-based, column in characters; 0 when unknown */
    uint64_t offset_bytes;               /* 0-based byte in the file; meaningful when line or has_offset is set */
    bool has_offset;
} hz_error;

/* One argument of a message, or (first of a list) the message itself. Text is copied. Numbers print as decimal digits.
 * */
typedef struct hz_arg {
    enum { HZ_ARG_MESSAGE, HZ_ARG_TEXT, HZ_ARG_SIGNED, HZ_ARG_UNSIGNED } kind;
    hz_msg_id message;
    hz_slice text;
    int64_t i;
    uint64_t u;
} hz_arg;

#define HZ_M(id) ((hz_arg){HZ_ARG_MESSAGE, HZ_MSG_##id, HZ_SLICE_NONE, 0, 0})
#define HZ_S(slice) ((hz_arg){HZ_ARG_TEXT, HZ_MSG_NONE, (slice), 0, 0})
#define HZ_Z(cstr) ((hz_arg){HZ_ARG_TEXT, HZ_MSG_NONE, hz_slice_of(cstr), 0, 0})
#define HZ_I(n) ((hz_arg){HZ_ARG_SIGNED, HZ_MSG_NONE, HZ_SLICE_NONE, (int64_t)(n), 0})
#define HZ_U(n) ((hz_arg){HZ_ARG_UNSIGNED, HZ_MSG_NONE, HZ_SLICE_NONE, 0, (uint64_t)(n)})

/* The arguments as (array, count): HZ_ARGS(HZ_M(FILE_OPEN), HZ_Z(path)). */
#define HZ_ARGS(...) (const hz_arg[]){__VA_ARGS__}, sizeof((const hz_arg[]){__VA_ARGS__}) / sizeof(hz_arg)

/* Fills *err (when not NULL, and when it holds no earlier error: the place that detects words it, nobody overwrites)
 * and returns status: `return hz_fail(err, HZ_E_IO, HZ_M(FILE_OPEN), HZ_Z(path), HZ_Z(strerror(errno)));` */
#define hz_fail(err, status, ...) hz_error_set((err), (status), HZ_ARGS(__VA_ARGS__))
hz_status hz_error_set(hz_error *err, hz_status status, const hz_arg *args, size_t args_count);

void hz_error_clear(hz_error *err);
/* These add to the error just set; each does nothing when err is NULL. */
void hz_error_at(hz_error *err, hz_slice file, uint64_t line, uint64_t column);
void hz_error_at_byte(hz_error *err, uint64_t offset_bytes);
void hz_error_hint(hz_error *err, hz_msg_id hint);
/* The arguments as slices borrowed from err; returns their count. */
size_t hz_error_args(const hz_error *err, hz_slice out[HZ_MSG_ARGS_MAX]);

#define HZ_TRY(call)                    \
    do {                                \
        hz_status hz_try_ = (call);     \
        if (hz_try_ != HZ_OK)           \
            return hz_try_;             \
    } while (0)
/* The same where there is something to release: `st` and label `out` are the function's own. */
#define HZ_GO(call)                     \
    do {                                \
        st = (call);                    \
        if (st != HZ_OK)                \
            goto out;                   \
    } while (0)

/* A bug: fatal in debug builds. ALWAYS/NEVER are defended in release and fatal in debug. */
#define HZ_ASSERT(cond) assert(cond)
#ifdef NDEBUG
#define HZ_ALWAYS(cond) (cond)
#define HZ_NEVER(cond) (cond)
#else
#define HZ_ALWAYS(cond) ((cond) ? 1 : (assert(false && #cond), 0))
#define HZ_NEVER(cond) ((cond) ? (assert(false && #cond), 1) : 0)
#endif
#endif
