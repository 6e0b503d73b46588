/* pile_unit.h: what the tests of piles share: a folder of their own for each, and records whose length and bytes follow
 * from an id, so that any order of ids can be checked. */
#ifndef HZ_TESTS_UNIT_BASE_PILE_UNIT_H
#define HZ_TESTS_UNIT_BASE_PILE_UNIT_H
#include <dirent.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/htab.h"
#include "base/pile.h"
#include "tests/unit/base/unit.h"

static char folder[] = "hezhun-test-pile-XXXXXX";
static uint64_t live_calls;

static HZ_UNUSED size_t count_files(const char *path)
{
    size_t count = 0;
    DIR *dir = opendir(path);
    ck_assert_ptr_nonnull(dir);
    for (struct dirent *entry; (entry = readdir(dir));)
        count += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
    closedir(dir);
    return count;
}

static HZ_UNUSED void enter(void)
{
    memcpy(folder + sizeof folder - 7, "XXXXXX", 6);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    live_calls = hz_mem_stats_now().live_calls;
}

static HZ_UNUSED void leave(void)
{
    hz_store_fail_after(0, 0);
    hz_mem_fail_after(0, false);
    ck_assert_uint_eq(hz_mem_stats_now().live_calls, live_calls);
    ck_assert_int_eq(rmdir(folder), 0); /* nothing was left in it */
}

static HZ_UNUSED hz_store *new_store(uint64_t budget_bytes, size_t block_bytes)
{
    hz_store *store = NULL;
    hz_store_options options = {budget_bytes, folder, block_bytes, NULL};
    ck_assert_int_eq(hz_store_new(&store, &options, NULL), HZ_OK);
    return store;
}

static HZ_UNUSED size_t record_len(uint64_t id, size_t most)
{
    return (size_t)(hz_hash_bytes(&id, sizeof id, 7) % (most + 1));
}

static HZ_UNUSED void fill(char *record, uint64_t id, size_t len)
{
    for (size_t i = 0; i < len; i++)
        record[i] = (char)('0' + (id * 31 + i * 7 + (i >> 3) * id) % 10);
}

/* Check notes every assertion that holds in a file: what runs a record has none. */
static HZ_UNUSED bool put(hz_pile *pile, uint64_t id, size_t most, hz_error *err)
{
    size_t len = record_len(id, most);
    char *record = hz_pile_put(pile, len, err);
    if (!record)
        return false;
    if ((uintptr_t)record % 8)
        ck_abort_msg("record %lu is not aligned", (unsigned long)id);
    fill(record, id, len);
    return true;
}

static HZ_UNUSED void put_many(hz_pile *pile, uint64_t from, uint64_t to, size_t most)
{
    for (uint64_t id = from; id < to; id++)
        if (!put(pile, id, most, NULL))
            ck_abort_msg("record %lu cannot be put", (unsigned long)id);
}

/* One record at the start of *block, which it is taken off. */
static HZ_UNUSED void take(hz_slice *block, uint64_t id, size_t most)
{
    char wanted[8192] = {0};
    size_t len = record_len(id, most), bytes = len ? (len + 7) / 8 * 8 : 8;
    if (bytes > sizeof wanted || bytes > block->len || (uintptr_t)block->ptr % 8)
        ck_abort_msg("record %lu is cut or not aligned", (unsigned long)id);
    fill(wanted, id, len);
    if (memcmp(block->ptr, wanted, bytes) != 0)
        ck_abort_msg("record %lu is not what was put", (unsigned long)id);
    *block = hz_slice_sub(*block, bytes, block->len);
}

/* Reads ids from … to and checks the sums. */
static HZ_UNUSED void holds(hz_pile *pile, uint64_t from, uint64_t to, size_t most, bool consume)
{
    hz_pile_reader reader;
    hz_slice block;
    uint64_t bytes = 0, id = from, all_bytes = hz_pile_bytes(pile);
    ck_assert_uint_eq(hz_pile_records(pile), to - from);
    hz_pile_read(&reader, pile, consume);
    hz_status st;
    while ((st = hz_pile_next(&block, &reader, NULL)) == HZ_OK) {
        ck_assert_uint_gt(block.len, 0);
        bytes += block.len;
        while (block.len)
            take(&block, id++, most);
    }
    ck_assert_int_eq(st, HZ_END);
    ck_assert_ptr_null(block.ptr);
    ck_assert_int_eq(hz_pile_next(&block, &reader, NULL), HZ_END);
    hz_pile_read_end(&reader);
    hz_pile_read_end(&reader);
    ck_assert_uint_eq(id, to);
    ck_assert_uint_eq(bytes, all_bytes);
    ck_assert_uint_eq(hz_pile_records(pile), consume ? 0 : to - from);
    ck_assert_uint_eq(hz_pile_bytes(pile), consume ? 0 : all_bytes);
}

static HZ_UNUSED void is_error(const hz_error *err, hz_msg_id message, hz_msg_id hint)
{
    ck_assert_int_eq(err->status, HZ_E_IO);
    ck_assert_str_eq(hz_msg_name(err->message), hz_msg_name(message));
    ck_assert_str_eq(hz_msg_name(err->hint), hz_msg_name(hint));
    ck_assert_str_eq(err->file, folder);
}
#endif
