/* hasher.c: see hasher.h. */
#include "validator/engine/hasher.h"
#include "base/alloc.h"
#include "base/sha256.h"
#include <pthread.h>

enum { QUEUE = 4 };

struct hz_hasher {
    hz_sha256 *sha, *sm3; /* sm3 NULL: not asked for */
    bool threaded, started, closed, failed;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct item {
        char *bytes;
        size_t len, capacity;
    } items[QUEUE];
    size_t head, count; /* items[head …] wait */
};

static bool update(hz_hasher *h, const void *bytes, size_t len)
{
    return hz_sha256_update(h->sha, bytes, len) && (!h->sm3 || hz_sha256_update(h->sm3, bytes, len));
}

static void *work(void *arg)
{
    hz_hasher *h = arg;
    pthread_mutex_lock(&h->lock);
    for (;;) {
        while (!h->count && !h->closed)
            pthread_cond_wait(&h->changed, &h->lock);
        if (!h->count)
            break;
        struct item *item = &h->items[h->head];
        pthread_mutex_unlock(&h->lock);
        bool ok = update(h, item->bytes, item->len);
        pthread_mutex_lock(&h->lock);
        h->failed = h->failed || !ok;
        h->head = (h->head + 1) % QUEUE;
        h->count--;
        pthread_cond_broadcast(&h->changed);
    }
    pthread_mutex_unlock(&h->lock);
    return NULL;
}

hz_status hz_hasher_new(hz_hasher **out, bool threaded, bool sm3, hz_error *err)
{
    *out = NULL;
    hz_hasher *h = hz_mem_zalloc(1, sizeof *h);
    if (!h)
        return hz_nomem(err, sizeof *h);
    h->sha = hz_sha256_new();
    h->sm3 = sm3 ? hz_sm3_new() : NULL;
    if (!h->sha || (sm3 && !h->sm3)) {
        hz_sha256_free(h->sha);
        hz_sha256_free(h->sm3);
        hz_mem_free(h);
        return hz_nomem(err, sizeof *h);
    }
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->changed, NULL);
    h->threaded = threaded;
    *out = h;
    return HZ_OK;
}

/* The thread starts with the second piece: a small file is hashed where it is. */
static bool start(hz_hasher *h)
{
    if (!h->started && h->threaded)
        h->started = pthread_create(&h->thread, NULL, work, h) == 0;
    return h->started;
}

void hz_hasher_add(hz_hasher *h, const void *bytes, size_t len)
{
    if (!h->threaded || (!h->started && len < 65536) || !start(h)) {
        h->failed = !update(h, bytes, len) || h->failed;
        return;
    }
    pthread_mutex_lock(&h->lock);
    while (h->count == QUEUE)
        pthread_cond_wait(&h->changed, &h->lock);
    struct item *item = &h->items[(h->head + h->count) % QUEUE];
    pthread_mutex_unlock(&h->lock);
    bool ok = hz_mem_grow((void **)&item->bytes, &item->capacity, len, 1);
    if (ok)
        memcpy(item->bytes, bytes, len);
    item->len = ok ? len : 0;
    pthread_mutex_lock(&h->lock);
    h->failed = h->failed || !ok;
    h->count++;
    pthread_cond_broadcast(&h->changed);
    pthread_mutex_unlock(&h->lock);
}

static void stop(hz_hasher *h)
{
    if (!h->started)
        return;
    pthread_mutex_lock(&h->lock);
    h->closed = true;
    pthread_cond_broadcast(&h->changed);
    pthread_mutex_unlock(&h->lock);
    pthread_join(h->thread, NULL);
    h->started = false;
}

hz_status hz_hasher_finish(hz_hasher *h, uint8_t sha256[32], uint8_t sm3[32], hz_error *err)
{
    stop(h);
    bool ok = !h->failed && hz_sha256_final(h->sha, sha256) && (!h->sm3 || hz_sha256_final(h->sm3, sm3));
    hz_hasher_abandon(h);
    return ok ? HZ_OK : hz_nomem(err, 1 << 20);
}

void hz_hasher_abandon(hz_hasher *h)
{
    if (!h)
        return;
    stop(h);
    for (size_t i = 0; i < QUEUE; i++)
        hz_mem_free(h->items[i].bytes);
    hz_sha256_free(h->sha);
    hz_sha256_free(h->sm3);
    pthread_mutex_destroy(&h->lock);
    pthread_cond_destroy(&h->changed);
    hz_mem_free(h);
}
