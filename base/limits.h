/* limits.h: every limit on what comes from outside: name, default, ceiling, why. HZ_LIMIT(ID, name, default, ceiling,
 * why). A limit is passed when a value is greater than it; the message LIMIT carries its name. Callers may change one
 * up to its ceiling (`--limit NAME=VALUE`). A test stands on each limit and one past it. */
#ifndef HZ_BASE_LIMITS_H
#define HZ_BASE_LIMITS_H
#include "base/error.h"

#define HZ_LIMITS(HZ_LIMIT)                                                                                            \
    HZ_LIMIT(PROFILE_BYTES, "profile_bytes", 16777216, 268435456, "a profile file in bytes: read whole")               \
    HZ_LIMIT(YAML_DEPTH, "yaml_depth", 64, 256, "nesting of a profile: readers recurse")                               \
    HZ_LIMIT(YAML_NODES, "yaml_nodes", 2000000, 20000000, "nodes of a profile after aliases are expanded")             \
    HZ_LIMIT(YAML_ALIASES, "yaml_aliases", 1000, 100000, "aliases of a profile: stops billion laughs")                 \
    HZ_LIMIT(DIAGNOSTICS, "diagnostics", 100, 10000, "profile mistakes gathered before loading gives up")              \
    HZ_LIMIT(EXTENDS_DEPTH, "extends_depth", 8, 32, "profiles in a chain")                                             \
    HZ_LIMIT(EXPR_BYTES, "expr_bytes", 65536, 1048576, "one expression in bytes")                                      \
    HZ_LIMIT(EXPR_DEPTH, "expr_depth", 200, 1000, "nesting of one expression: parser and compiler recurse")            \
    HZ_LIMIT(EXPR_NODES, "expr_nodes", 10000, 100000, "nodes of one expression")                                       \
    HZ_LIMIT(PATTERN_BYTES, "pattern_bytes", 8192, 65536, "one regular expression in bytes")                           \
    HZ_LIMIT(PATTERN_MATCH, "pattern_match", 1000000, 100000000, "PCRE2 match limit for one value")                    \
    HZ_LIMIT(PATTERN_DEPTH, "pattern_depth", 10000, 1000000, "PCRE2 depth limit for one value")                        \
    HZ_LIMIT(PATTERN_HEAP, "pattern_heap_kib", 16384, 1048576, "PCRE2 heap limit for one value, in KiB")               \
    HZ_LIMIT(TABLES, "tables", 1000, 10000, "tables of a profile")                                                     \
    HZ_LIMIT(FIELDS, "fields", 4096, 16384, "fields of a table and columns of a file")                                 \
    HZ_LIMIT(RULES, "rules", 100000, 1000000, "rules of a profile, derived ones too")                                  \
    HZ_LIMIT(RECORD_BYTES, "record_bytes", 16777216, 268435456, "one record of a submission in bytes")                 \
    HZ_LIMIT(FIELD_BYTES, "field_max", 1048576, 67108864, "one quoted field in bytes: an unclosed quote ends here")    \
    HZ_LIMIT(UNPACKED_BYTES, "unpacked_bytes", 1099511627776, 1125899906842624,                                        \
             "one packed file or member of an archive, unpacked, in bytes")                                            \
    HZ_LIMIT(UNPACKED_RATIO, "unpacked_ratio", 200, 100000, "bytes that one packed byte becomes, past 16 MiB: bombs")  \
    HZ_LIMIT(ARCHIVE_MEMBERS, "archive_members", 10000, 1000000, "members of one archive")                             \
    HZ_LIMIT(NESTING, "nesting", 64, 256, "nesting of one JSON or XML record")                                         \
    HZ_LIMIT(XSD_BYTES, "xsd_bytes", 16777216, 268435456, "an XML Schema and what it includes, in bytes: read whole")  \
    HZ_LIMIT(SQLITE_STEPS, "sqlite_steps", 1000000000000, 1000000000000000,                                            \
             "instructions of SQLite's machine for one file")                                                          \
    HZ_LIMIT(EMBEDDED_BYTES, "embedded_bytes", 268435456, 4294967296,                                                  \
             "read whole, in bytes: a packed workbook or database, and the texts that cells share")                    \
    HZ_LIMIT(SOURCES, "sources", 100000, 1000000, "files of one submission")                                           \
    HZ_LIMIT(GROUP_ROWS, "group_rows_max", 10000, 1000000, "rows of one key that meet in pairs: related, of a block")  \
    HZ_LIMIT(KEY_PARTS, "key_parts", 64, 64, "parts of one key: unique, references, each, `on` of a relation")         \
    HZ_LIMIT(FILE_PATTERN_BYTES, "file_pattern_bytes", 4095, 4095, "one pattern of `files` in bytes")                  \
    HZ_LIMIT(EXAMPLES, "max_examples", 100, 1000000, "findings kept for each rule")                                    \
    HZ_LIMIT(LIST_ITEMS, "list_items", 5000000, 50000000, "codes of one code list")                                    \
    HZ_LIMIT(RESULT_BYTES, "result_bytes", 268435456, 1073741824, "a stored result or certificate in bytes")           \
    HZ_LIMIT(JSON_DEPTH, "json_depth", 64, 256, "nesting of JSON: the canonical form recurses")                        \
    HZ_LIMIT(JSON_NODES, "json_nodes", 20000000, 200000000, "values of one JSON text")                                 \
    HZ_LIMIT(WAIVERS, "waivers", 1000, 10000, "waivers of a run: the profile's and those of files")                    \
    HZ_LIMIT(WAIVER_KEYS, "waiver_keys", 1000, 10000, "records that one waiver names")                                 \
    HZ_LIMIT(ACKNOWLEDGE_SAME, "acknowledge_same", 100000, 100000,                                                     \
             "findings acknowledged by one text, where the profile allows as many (20 where it says nothing)")         \
    HZ_LIMIT(TREND_RESULTS, "trend_results", 1000, 100000,                                                             \
             "earlier results of one trend, and files of a folder of them")                                            \
    HZ_LIMIT(WATCH_ENTRIES, "watch_entries", 100000, 10000000,                                                         \
             "entries of a watched folder, and files of a submission in it")                                           \
    HZ_LIMIT(NOTICE_FINDINGS, "notice_findings", 100, 10000, "findings that one post of a watch holds")                \
    HZ_LIMIT(NOTICE_BYTES, "notice_bytes", 1048576, 67108864, "one post of a watch in bytes: findings stop there")     \
    HZ_LIMIT(COLLISIONS, "collisions", 1000000, 100000000, "records of a merge whose keys other parts have")           \
    HZ_LIMIT(PILOT_GROUPS, "pilot_groups", 1000000, 16000000,                                                          \
             "units, vendors and counties of a pilot, and pairs of them with rules")                                   \
    HZ_LIMIT(PILOT_SAMPLE, "pilot_sample", 10000, 1000000, "findings of a pilot drawn for review")

typedef enum hz_limit_id {
#define HZ_LIMIT_ENUM(id, name, def, max, why) HZ_LIMIT_##id,
    HZ_LIMITS(HZ_LIMIT_ENUM)
#undef HZ_LIMIT_ENUM
        HZ_LIMIT_COUNT
} hz_limit_id;

typedef struct hz_limits {
    uint64_t value[HZ_LIMIT_COUNT];
} hz_limits;

void hz_limits_init(hz_limits *limits); /* the defaults */
const hz_limits *hz_limits_default(void);
const char *hz_limit_name(hz_limit_id id);
uint64_t hz_limit_ceiling(hz_limit_id id);
/* HZ_E_USAGE for an unknown name (with the nearest) or a value past the ceiling. */
HZ_NODISCARD hz_status hz_limits_set(hz_limits *limits, hz_slice name, uint64_t value, hz_error *err);
/* HZ_OK while value is no greater than the limit, else status (as a rule HZ_E_LIMIT) with the limit's name in the
 * message. */
HZ_NODISCARD hz_status hz_limit_check(const hz_limits *limits, hz_limit_id id, uint64_t value, hz_error *err);
#endif
