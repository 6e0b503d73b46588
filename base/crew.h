/* crew.h: one piece of work done by several threads at once. The caller's thread is the first; the others are started
 * and joined within the call. Work is written so that any number of hands can do it (each takes the next piece from a
 * shared counter or queue), for a thread that cannot be started is simply missing. */
#ifndef HZ_BASE_CREW_H
#define HZ_BASE_CREW_H
#include "base/error.h"

enum { HZ_CREW_MAX = 256 };

/* Calls work(ctx, 0 … count - 1), each in a thread of its own, and returns when all have. count is cut to HZ_CREW_MAX.
 */
void hz_crew_run(unsigned count, void (*work)(void *ctx, unsigned hand), void *ctx);
/* Processors this process may use: 1 or more. */
unsigned hz_crew_processors(void);
#endif
