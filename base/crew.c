/* crew.c: see crew.h. */
#include "base/crew.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>

typedef struct hand {
    void (*work)(void *ctx, unsigned hand);
    void *ctx;
    unsigned index;
} hand;

static void *start(void *arg)
{
    const hand *h = arg;
    h->work(h->ctx, h->index);
    return NULL;
}

void hz_crew_run(unsigned count, void (*work)(void *ctx, unsigned hand), void *ctx)
{
    pthread_t threads[HZ_CREW_MAX];
    hand hands[HZ_CREW_MAX];
    unsigned started = 1;
    sigset_t all, old;
    /* signals stay with the thread that called: it is the one that may have handlers */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    for (; started < count && started < HZ_CREW_MAX; started++) {
        hands[started] = (hand){work, ctx, started};
        if (pthread_create(&threads[started], NULL, start, &hands[started]) != 0)
            break;
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    work(ctx, 0);
    for (unsigned i = 1; i < started; i++)
        pthread_join(threads[i], NULL);
}

unsigned hz_crew_processors(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int count = CPU_COUNT(&set);
    return count < 1 ? 1 : count > HZ_CREW_MAX ? HZ_CREW_MAX : (unsigned)count;
}
