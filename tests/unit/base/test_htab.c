#include "base/htab.h"

#include <stdio.h>

#include "base/buf.h"
#include "tests/unit/base/unit.h"

typedef struct keys {
    const uint64_t *values;
    uint64_t hash_mask;
} keys;

static uint64_t hash_value(const keys *k, uint64_t value)
{
    return hz_hash_bytes(&value, sizeof value, 7) & k->hash_mask;
}

static uint64_t hash_of(const void *ctx, uint32_t entry)
{
    const keys *k = ctx;
    return hash_value(k, k->values[entry]);
}

static bool eq(const void *ctx, uint32_t entry, const void *key)
{
    return ((const keys *)ctx)->values[entry] == *(const uint64_t *)key;
}

enum { VALUES = 5000 };

/* With all hashes, with hashes that differ only in the low byte, and with one hash for all: found are all, and only
 * those. */
static const uint64_t masks[] = {UINT64_MAX, 0xFF, 0xFFFFFFFF00000000u, 0};

START_TEST(test_htab__finds_all_and_nothing_else)
{
    static uint64_t values[VALUES];
    keys k = {values, masks[_i]};
    hz_htab tab = {NULL, 0, 0};
    uint32_t count = _i == 3 ? 300 : VALUES;
    uint64_t absent = 1;
    ck_assert_uint_eq(hz_htab_find(&tab, 5, &absent, eq, &k), HZ_HTAB_NONE);
    for (uint32_t i = 0; i < count; i++) {
        values[i] = i * UINT64_C(0x9E3779B97F4A7C15) & ~UINT64_C(1);
        ck_assert_int_eq(hz_htab_reserve(&tab, i + 1, hash_of, &k, NULL), HZ_OK);
        hz_htab_put(&tab, hash_value(&k, values[i]), i);
    }
    ck_assert_uint_eq(tab.count, count);
    ck_assert_uint_le(tab.count, tab.slots_count / 4 * 3);
    for (uint32_t i = 0; i < count; i++) {
        hz_htab_prefetch(&tab, hash_value(&k, values[i]));
        ck_assert_uint_eq(hz_htab_find(&tab, hash_value(&k, values[i]), &values[i], eq, &k), i);
        uint64_t other = values[i] | 1;
        ck_assert_uint_eq(hz_htab_find(&tab, hash_value(&k, other), &other, eq, &k), HZ_HTAB_NONE);
    }
    hz_htab_clear(&tab);
    ck_assert_ptr_null(tab.slots);
}
END_TEST

START_TEST(test_htab__hash_is_seeded)
{
    ck_assert_uint_eq(hz_hash_seed(), hz_hash_seed());
    ck_assert_uint_ne(hz_hash_bytes("abc", 3, 1), hz_hash_bytes("abc", 3, 2));
    ck_assert_uint_eq(hz_hash_bytes("abc", 3, 1), hz_hash_bytes("abcd", 3, 1));
    ck_assert_uint_eq(hz_hash_bytes(NULL, 0, 1), hz_hash_bytes("", 0, 1));
}
END_TEST

START_TEST(test_htab__names)
{
    hz_names names = {.count = 0};
    char text[200][8];
    uint32_t old = 0;
    ck_assert_uint_eq(hz_names_find(&names, HZ_SLICE_LIT("x")), HZ_HTAB_NONE);
    for (uint32_t i = 0; i < 200; i++) {
        snprintf(text[i], sizeof text[i], "n%u", i);
        ck_assert_int_eq(hz_names_add(&names, hz_slice_of(text[i]), i * 10, &old, NULL), HZ_OK);
        ck_assert_uint_eq(old, HZ_HTAB_NONE);
    }
    ck_assert_int_eq(hz_names_add(&names, HZ_SLICE_LIT("n7"), 1, &old, NULL), HZ_OK);
    ck_assert_uint_eq(old, 70);
    ck_assert_uint_eq(hz_names_find(&names, HZ_SLICE_LIT("n7")), 70);
    ck_assert_uint_eq(hz_names_find(&names, HZ_SLICE_LIT("n200")), HZ_HTAB_NONE);
    ck_assert_uint_eq(hz_names_find(&names, HZ_SLICE_LIT("n")), HZ_HTAB_NONE);
    ck_assert_uint_eq(names.count, 200);
    hz_names_clear(&names);
}
END_TEST

/* Whatever allocation fails, the names put in before are still found, and the failed name is not. */
START_TEST(test_htab__names_without_memory)
{
    static const char *const words[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o"};
    for (uint64_t n = 1; n < 12; n++) {
        hz_names names = {.count = 0};
        hz_error err = {.status = HZ_OK};
        uint32_t old = 0, added = 0;
        hz_mem_fail_after(n, true);
        while (added < 15 && hz_names_add(&names, hz_slice_of(words[added]), added, &old, &err) == HZ_OK)
            added++;
        hz_mem_fail_after(0, false);
        ck_assert(added == 15 || err.status == HZ_E_NOMEM);
        ck_assert_uint_eq(names.count, added);
        for (uint32_t i = 0; i < 15; i++)
            ck_assert_uint_eq(hz_names_find(&names, hz_slice_of(words[i])), i < added ? i : HZ_HTAB_NONE);
        hz_names_clear(&names);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base.htab");
    TCase *tcase = unit_case(suite, "htab");
    tcase_add_loop_test(tcase, test_htab__finds_all_and_nothing_else, 0, (int)(sizeof masks / sizeof *masks));
    tcase_add_test(tcase, test_htab__hash_is_seeded);
    tcase_add_test(tcase, test_htab__names);
    tcase_add_test(tcase, test_htab__names_without_memory);
    return unit_run(suite);
}
