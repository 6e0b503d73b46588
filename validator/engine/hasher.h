/* hasher.h: SHA-256 (and SM3, where it is asked for) of a file on a thread of its own beside the reader. The reader's
 * bytes are copied into a short queue; a full queue makes the reader wait. */
#ifndef HZ_ENGINE_HASHER_H
#define HZ_ENGINE_HASHER_H
#include "base/error.h"

typedef struct hz_hasher hz_hasher;
/* threaded false: hashes in the caller's thread. */
HZ_NODISCARD hz_status hz_hasher_new(hz_hasher **out, bool threaded, bool sm3, hz_error *err);
void hz_hasher_add(hz_hasher *hasher, const void *bytes, size_t len);
/* Waits, gives the digests and frees; sm3 is untouched where it was not asked for. HZ_E_NOMEM when a copy failed. */
HZ_NODISCARD hz_status hz_hasher_finish(hz_hasher *hasher, uint8_t sha256[32], uint8_t sm3[32], hz_error *err);
void hz_hasher_abandon(hz_hasher *hasher); /* takes NULL */
#endif
