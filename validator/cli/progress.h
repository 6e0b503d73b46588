/* progress.h: how far a check is. On a terminal one line on standard error, erased at the end; for machines JSON
 * objects, a line each:
 *   {"event": "progress", "table": "member", "rows": 120000, "bytes": 9000000, "bytes_total": 20000000, "seconds": 0.7}
 * at most two a second, and one with "event": "end" at the end, whose rows are the records of the submission when the
 * check was completed. */
#ifndef HZ_CLI_PROGRESS_H
#define HZ_CLI_PROGRESS_H
#include "validator/cli/terminal.h"
#include <time.h>

typedef struct hz_progress_show {
    enum { HZ_PROGRESS_NONE, HZ_PROGRESS_LINE, HZ_PROGRESS_JSON } how;
    hz_lang lang;
    struct timespec began, shown_at;
    bool shown; /* a line stands on the terminal */
    uint64_t rows, bytes, bytes_total;
} hz_progress_show;

/* `how` is auto, json or none; NULL: auto. */
void hz_progress_begin(hz_progress_show *show, const char *how, hz_lang lang);
void hz_progress_tell(const hezhun_progress *progress, void *show);
void hz_progress_end(hz_progress_show *show);
#endif
