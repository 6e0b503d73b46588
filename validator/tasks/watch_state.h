/* watch_state.h: what a watch must not forget, in the folder .hezhun of where its reports go:
 *
 *   lock       held while a watch runs: no two at once
 *   done/      a file a submission that was dealt with: its name, stamp, unit, and the unit's last result by then
 *   results/   ID.json: the last result of each unit, against which the next one is compared
 *   outbox/    see outbox.h
 *
 * Every file is written whole and synchronised before it has its name. A submission is dealt with once its file in
 * done/ is there, and only then is the unit's last result another one: whatever ends the process before, it is checked
 * again against the same result. */
#ifndef HZ_TASKS_WATCH_STATE_H
#define HZ_TASKS_WATCH_STATE_H
#include "base/arena.h"
#include "base/buf.h"
#include "base/htab.h"
#include "base/limits.h"

typedef struct hz_watch_done {
    hz_slice name, unit, profile; /* in the state's arena */
    uint8_t stamp[32];
    uint64_t sequence;
    char result[33]; /* the unit's last result by then; "": none */
} hz_watch_done;

typedef struct hz_watch_state {
    hz_arena *arena;
    hz_slice folder; /* .hezhun, NUL-terminated */
    hz_watch_done *done;
    size_t done_count, done_capacity;
    struct hz_watch_unit { /* by this profile */
        uint64_t sequence; /* of what was dealt with last */
        char result[33];
    } * units;
    size_t units_count, units_capacity;
    hz_names unit_names; /* of both */
    uint64_t sequence;
    int lock;
    hz_buf path;
} hz_watch_state;

/* `out` is made when it is not there. HZ_E_USAGE: another watch runs on it. HZ_E_SOURCE: a file in done/ is not as it
 * was written. Owned: hz_watch_state_close, which takes what a failed open left. */
HZ_NODISCARD hz_status hz_watch_state_open(hz_watch_state *out, const char *folder, const hz_limits *limits,
                                           hz_error *err);
void hz_watch_state_close(hz_watch_state *state);
/* Forgets submissions that are no longer there, by `keep`, and results that nobody is compared with. */
HZ_NODISCARD hz_status hz_watch_state_tidy(hz_watch_state *state, bool (*keep)(void *ctx, hz_slice name), void *ctx,
                                           hz_error *err);
/* The id of the last result of the unit by this profile; "": none. Borrowed until the next record. */
HZ_NODISCARD hz_status hz_watch_last(const char **out, hz_watch_state *state, hz_slice unit, hz_slice profile,
                                     hz_error *err);
/* The file of a result; in the state's buffer until the next call. */
HZ_NODISCARD hz_status hz_watch_result_path(const char **out, hz_watch_state *state, const char *id, hz_error *err);
/* It was dealt with; result "": as the unit had it. Durable when this returns; then the unit's former result goes. */
HZ_NODISCARD hz_status hz_watch_record(hz_watch_state *state, const hz_watch_done *done, hz_error *err);
#endif
