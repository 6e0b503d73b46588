/* filter.c: see filter.h. */
#include "validator/engine/filter.h"
#include "base/alloc.h"

hz_status hz_filter_init(hz_filter *filter, uint64_t keys, hz_error *err)
{
    size_t words = 64;
    while (words < keys / 4)
        words *= 2;
    filter->words = hz_mem_zalloc(words, sizeof *filter->words);
    filter->mask = words - 1;
    return filter->words ? HZ_OK : hz_nomem(err, words * sizeof *filter->words);
}

void hz_filter_clear(hz_filter *filter)
{
    hz_mem_free(filter->words);
    *filter = (hz_filter){NULL, 0};
}
