/* arrivals.h: submissions that come into a folder, and when one is whole.
 *
 * A submission is a sub-folder or a file of the watched folder. Passed over: names that begin with `.` or end in .part,
 * .partial, .tmp, .filepart, .crdownload or ~ (whoever sends renames when all is there), markers, links, and what is
 * neither folder nor file.
 *
 * Whole is a submission
 *   - with a marker: `.complete` in the folder, or NAME.complete beside it, no older than anything in the submission;
 *   - else, unless only markers count, when nothing of it has changed for the quiet period: neither names nor sizes nor
 *     times.
 *
 * Its stamp is a SHA-256 over the names, sizes and modification times of its files; a submission with another stamp is
 * another one, though its name be the same. The id is made of name and stamp, so it is the same after a restart.
 *
 * The unit is whose submission it is: the first line of the marker, else the name up to the first `_` or `@`, of a file
 * up to the first `.` too.
 *
 * inotify tells of changes where there is one; but all that counts is what a look into the folder finds. */
#ifndef HZ_TASKS_ARRIVALS_H
#define HZ_TASKS_ARRIVALS_H
#include "base/arena.h"
#include "base/cancel.h"
#include "base/limits.h"

enum { HZ_UNIT_BYTES_MAX = 200 };

typedef struct hz_arrivals_options {
    const char *folder;
    const char *not_this; /* a folder that may lie in it and is no submission; NULL: none */
    uint64_t quiet_ms;
    bool marked_only;
    const hz_limits *limits; /* watch_entries */
} hz_arrivals_options;

typedef struct hz_arrival {
    hz_slice name, unit; /* NUL-terminated; live as long as the arrivals */
    uint8_t stamp[32];
    char id[33];
    hz_msg_id refused; /* why it cannot be checked; HZ_MSG_NONE: it can */
} hz_arrival;

typedef struct hz_arrivals hz_arrivals;
/* HZ_E_SOURCE: no folder. Owned: hz_arrivals_free. */
HZ_NODISCARD hz_status hz_arrivals_open(hz_arrivals **out, const hz_arrivals_options *options, hz_error *err);
void hz_arrivals_free(hz_arrivals *arrivals);
/* This one was dealt with. */
HZ_NODISCARD hz_status hz_arrivals_done(hz_arrivals *arrivals, hz_slice name, const uint8_t stamp[32], hz_error *err);
/* This one could not be dealt with now: not before this time. */
void hz_arrivals_later(hz_arrivals *arrivals, hz_slice name, uint64_t due_ms);
/* Looks into the folder; times are of a clock that does not go back. HZ_E_IO; HZ_E_LIMIT: watch_entries. */
HZ_NODISCARD hz_status hz_arrivals_look(hz_arrivals *arrivals, uint64_t now_ms, hz_error *err);
/* Of what the last look found whole and not dealt with, that which came first; NULL: none. */
const hz_arrival *hz_arrivals_next(hz_arrivals *arrivals, uint64_t now_ms);
/* Submissions that are not whole yet. */
size_t hz_arrivals_waiting(const hz_arrivals *arrivals);
/* When to look again though nothing is told. */
uint64_t hz_arrivals_due_ms(const hz_arrivals *arrivals, uint64_t now_ms);
/* Waits until something is told (true), at most wait_ms. */
bool hz_arrivals_wait(hz_arrivals *arrivals, uint64_t wait_ms);
bool hz_arrivals_exists(const hz_arrivals *arrivals, hz_slice name); /* at the last look */
#endif
