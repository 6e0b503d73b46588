/* key_file.h: the keys of a submission's unique rules as keyed digests, in a file that counties exchange: where equal
 * keys of several counties meet, nobody has to show an identity number. What it protects and what not: docs/merge.md.
 *
 * The file, version 2; whole numbers are little-endian:
 *
 *   14 bytes  "hezhun-keys 2\n"
 *    8 bytes  length of the header
 *   header    JSON: {"hezhun": version, "profile": {"id", "version", "digest"}, "salt": 16 hex digits,
 *             "sources": [{"table", "path", "sha256"}], "rules": [{"id", "rows"}], "waivers": [id]}
 *   records   of each rule in that order, `rows` of them, ascending by digest, 43 bytes each:
 *               16  digest: the first half of HMAC-SHA-256 under the salt over
 *                   profile id, 0x1E, rule id, 0x1E, the key's canonical bytes
 *                4  source, from 0, in `sources`
 *                6  number of the record in its source, from 0
 *                6  line where it starts, from 1; 0: not known
 *                1  flags: 1 the record is erroneous already; 2 its table has regions
 *                8  division code, packed as by hz_division_pack; 0: none
 *                2  the waiver that covers the record for this rule, from 1, in `waivers`; 0: none
 *   32 bytes  SHA-256 of all before
 *
 * `salt` tells whether two files were made with one salt: the first 8 bytes of an HMAC under it over a fixed text. */
#ifndef HZ_ENGINE_KEY_FILE_H
#define HZ_ENGINE_KEY_FILE_H
#include "base/file.h"
#include "base/json_read.h"

#define HZ_KEY_FILE_MAGIC "hezhun-keys 2\n"
enum { HZ_KEY_DIGEST_BYTES = 16, HZ_KEY_RECORD_BYTES = 43, HZ_KEY_SALT_HEX = 16 };
enum { HZ_KEY_ERRONEOUS = 1, HZ_KEY_HAS_REGION = 2 };

typedef struct hz_key_record {
    uint8_t digest[HZ_KEY_DIGEST_BYTES];
    uint32_t source;
    uint64_t number, line; /* below 2^48 */
    uint8_t flags;
    uint64_t region;
    uint16_t waiver; /* from 1; 0: none */
} hz_key_record;
void hz_key_record_put(char out[HZ_KEY_RECORD_BYTES], const hz_key_record *record);

/* Reading. */
typedef struct hz_key_file {
    hz_file *file;
    hz_arena *arena;
    hz_slice path;
    hz_buf bytes; /* of the header */
    hz_jvalue *header;
    uint64_t records_at, records_end;
    /* the rule in hand */
    uint64_t at, end;
    char *window;
    size_t window_at, window_len;
    uint8_t last[HZ_KEY_DIGEST_BYTES];
} hz_key_file;

/* Checks the checksum, the header and that the lengths fit. HZ_E_SOURCE: no such file, or it was changed. Owned:
 * hz_key_file_close, which takes what a failed open left. */
HZ_NODISCARD hz_status hz_key_file_open(hz_key_file *out, const char *path, const hz_limits *limits, hz_error *err);
void hz_key_file_close(hz_key_file *file);
/* Goes to the records of a rule; *rows: how many. HZ_END: the file has no such rule. */
HZ_NODISCARD hz_status hz_key_file_rule(uint64_t *rows, hz_key_file *file, hz_slice rule);
/* HZ_END behind the last. HZ_E_SOURCE: not in order. */
HZ_NODISCARD hz_status hz_key_file_next(hz_key_record *out, hz_key_file *file, hz_error *err);
#endif
