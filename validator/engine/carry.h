/* carry.h: columns of one block as bytes, and back: what rows bring along to later stages. Both ends are the same
 * process; every part begins at a multiple of 8. */
#ifndef HZ_ENGINE_CARRY_H
#define HZ_ENGINE_CARRY_H
#include "base/arena.h"
#include "validator/eval/eval.h"

size_t hz_carry_bytes(const hz_vec *vec);
/* Writes hz_carry_bytes(vec) bytes; returns the place behind them. */
char *hz_carry_put(char *at, const hz_vec *vec);
/* Makes a view of what was put; texts point into the bytes, the rest too, but for what must be made, in the arena.
 * Returns the place behind; NULL: no memory. */
const char *hz_carry_get(hz_vec *vec, const char *at, hz_arena *arena);
#endif
