/* explain.h: how a run went, stage by stage (`--explain-plan`): what was read, what met by which key, what was carried,
 * and what it cost. Filled by the engine when it is asked for; part of no report. */
#ifndef HZ_REPORTS_EXPLAIN_H
#define HZ_REPORTS_EXPLAIN_H
#include "base/buf.h"

typedef enum hz_explained_kind {
    HZ_EXPLAINED_READ,     /* a table's files */
    HZ_EXPLAINED_MEET,     /* rows of a related table meet rows that ask, by a key */
    HZ_EXPLAINED_ASSEMBLE, /* rows are put together with what they asked for; rules over relations run */
    HZ_EXPLAINED_KEYS,     /* one key of unique rules and references */
    HZ_EXPLAINED_GROUP,    /* groups of `each`, tables as a whole, measures */
    HZ_EXPLAINED_KEY_STAGES,
    HZ_EXPLAINED_GROUP_STAGES,
    HZ_EXPLAINED_LATE,  /* the rows of examples are read again */
    HZ_EXPLAINED_FINISH /* figures, scores, regions */
} hz_explained_kind;

typedef struct hz_explained_stage {
    hz_explained_kind kind;
    hz_slice table;          /* "household@previous"; empty: none */
    hz_slice keys;           /* by which rows meet or are grouped */
    hz_slice asking;         /* tables whose rows ask */
    hz_slice carries;        /* columns kept for the stage, or what is worked out in it */
    uint64_t expected, rows; /* expected: from size and first rows of the files, 0 unknown; of MEET: rows of the table,
                                and the keys that its neighbours brought and somebody may ask for */
    uint64_t asked;          /* rows that ask; neighbours with one key are one */
    uint64_t bytes;          /* of files, or put aside */
    uint64_t spilled_bytes;  /* written out while it ran */
    uint64_t nanos;          /* wall clock; of MEET: of all threads together */
    bool has_rows, has_time;
} hz_explained_stage;

typedef struct hz_explained_rule {
    hz_slice id; /* of a rule; or "TABLE.FIELD": its cells read, typed and held to their constraints */
    bool field;
    uint64_t nanos, rows; /* estimated from every eighth batch; over all threads */
} hz_explained_rule;

typedef struct hz_explained {
    hz_explained_stage *stages;
    size_t stages_count;
    hz_explained_rule *rules; /* slowest first */
    size_t rules_count;
    unsigned threads;
    uint64_t budget_bytes, spilled_bytes, written_bytes, nanos;
} hz_explained;

enum { HZ_EXPLAINED_SLOWEST = 10 };

/* As text. fixed: only what is the same in every run. */
HZ_NODISCARD hz_status hz_explained_put(hz_buf *out, const hz_explained *explained, hz_lang lang, bool fixed,
                                        hz_error *err);
#endif
