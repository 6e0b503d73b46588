#include <pthread.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/bits.h"
#include "base/buf.h"
#include "tests/unit/base/unit.h"

START_TEST(test_alloc__counts)
{
    hz_mem_stats before = hz_mem_stats_now();
    void *a = hz_mem_alloc(1000), *b = hz_mem_zalloc(10, 10), *none = hz_mem_alloc(0);
    ck_assert(a && b && none && none != a);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(((char *)b)[i], 0);
    hz_mem_stats during = hz_mem_stats_now();
    ck_assert_uint_eq(during.calls - before.calls, 3);
    ck_assert_uint_eq(during.live_calls - before.live_calls, 3);
    ck_assert_uint_ge(during.live_bytes - before.live_bytes, 1100);
    a = hz_mem_realloc(a, 100000);
    ck_assert_ptr_nonnull(a);
    ck_assert_uint_ge(hz_mem_stats_now().peak_bytes, before.live_bytes + 100100);
    hz_mem_free(a);
    hz_mem_free(b);
    hz_mem_free(none);
    hz_mem_free(NULL);
    ck_assert_uint_eq(hz_mem_stats_now().live_bytes, before.live_bytes);
    ck_assert_uint_eq(hz_mem_stats_now().live_calls, before.live_calls);
    ck_assert_ptr_null(hz_mem_zalloc(SIZE_MAX / 2, 3));
}
END_TEST

START_TEST(test_alloc__fails_the_nth_call)
{
    void *ptr[4];
    hz_mem_fail_after(2, false);
    for (int i = 0; i < 4; i++)
        ptr[i] = hz_mem_alloc(8);
    ck_assert(ptr[0] && !ptr[1] && ptr[2] && ptr[3]);
    hz_mem_fail_after(1, true);
    ck_assert_ptr_null(hz_mem_zalloc(1, 8));
    ck_assert_ptr_null(hz_mem_realloc(ptr[0], 100));
    hz_mem_fail_after(0, false);
    for (int i = 0; i < 4; i++)
        hz_mem_free(ptr[i]);
}
END_TEST

START_TEST(test_alloc__budget)
{
    hz_mem_budget(hz_mem_stats_now().live_bytes + 5000);
    void *fits = hz_mem_alloc(4000);
    ck_assert_ptr_nonnull(fits);
    ck_assert_ptr_null(hz_mem_alloc(4000));
    ck_assert_ptr_null(hz_mem_realloc(fits, 9000));
    hz_mem_budget(0);
    hz_mem_free(fits);
}
END_TEST

START_TEST(test_alloc__grow_keeps_contents)
{
    int *array = NULL;
    size_t capacity = 0;
    for (int i = 0; i < 1000; i++) {
        ck_assert(HZ_GROW(array, capacity, (size_t)i + 1));
        array[i] = i;
    }
    hz_mem_fail_after(1, false);
    ck_assert(!HZ_GROW(array, capacity, 100000));
    ck_assert(!HZ_GROW(array, capacity, SIZE_MAX / 2));
    for (int i = 0; i < 1000; i++)
        ck_assert_int_eq(array[i], i);
    hz_mem_fail_after(0, false);
    hz_mem_free(array);
}
END_TEST

static void *churn(void *unused)
{
    for (int i = 0; i < 20000; i++)
        hz_mem_free(hz_mem_realloc(hz_mem_alloc(16), (size_t)(i % 500)));
    return unused;
}

START_TEST(test_alloc__counts_over_threads)
{
    hz_mem_stats before = hz_mem_stats_now();
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, churn, NULL), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    hz_mem_stats after = hz_mem_stats_now();
    ck_assert_uint_eq(after.live_bytes, before.live_bytes);
    ck_assert_uint_eq(after.live_calls, before.live_calls);
    ck_assert_uint_eq(after.calls - before.calls, 4 * 40000);
}
END_TEST

/* Sizes around every border of a block. */
START_TEST(test_arena__items_do_not_touch)
{
    hz_arena *arena = hz_arena_new();
    char *items[400];
    size_t sizes[400];
    for (size_t i = 0; i < 400; i++) {
        sizes[i] = i % 10 == 9 ? 70000 + i : i * 37 % 3000;
        items[i] = hz_arena_alloc(arena, sizes[i]);
        ck_assert_ptr_nonnull(items[i]);
        ck_assert_uint_eq((uintptr_t)items[i] % 16, 0);
        memset(items[i], (int)(i & 0x7F), sizes[i]);
    }
    for (size_t i = 0; i < 400; i++)
        for (size_t j = 0; j < sizes[i]; j++)
            if (items[i][j] != (char)(i & 0x7F))
                ck_abort_msg("item %zu", i);
    ck_assert_uint_gt(hz_arena_bytes(arena), 40 * 70000);
    hz_arena_free(arena);
    hz_arena_free(NULL);
}
END_TEST

START_TEST(test_arena__rewind_gives_back_and_keeps)
{
    hz_arena *arena = hz_arena_new();
    hz_arena_mark empty = hz_arena_marked(arena);
    char *kept = hz_arena_alloc(arena, 100);
    memset(kept, 'k', 100);
    char *large = hz_arena_alloc(arena, 200000);
    memset(large, 'l', 200000);
    hz_arena_mark mark = hz_arena_marked(arena);
    size_t held = hz_arena_bytes(arena);
    for (int round = 0; round < 3; round++) {
        char *again = hz_arena_alloc(arena, 64);
        memset(again, 'x', 64);
        for (int i = 0; i < 100; i++)
            ck_assert_ptr_nonnull(memset(hz_arena_alloc(arena, i % 7 ? 5000 : 300000), 'y', 5000));
        hz_arena_rewind(arena, mark);
        ck_assert_uint_eq(hz_arena_bytes(arena), held);
#ifndef HZ_ARENA_MALLOC_EACH
        ck_assert_ptr_eq(hz_arena_alloc(arena, 64), again);
#endif
        hz_arena_rewind(arena, mark);
    }
    for (int i = 0; i < 100; i++)
        ck_assert(kept[i] == 'k' && large[i * 1999] == 'l');
    hz_arena_rewind(arena, empty);
    ck_assert_uint_eq(hz_arena_bytes(arena), 0);
    hz_arena_free(arena);
}
END_TEST

START_TEST(test_arena__reset_keeps_one_block)
{
    hz_arena *arena = hz_arena_new();
    size_t steady = 0;
    for (int round = 0; round < 6; round++) {
        for (int i = 0; i < 50; i++)
            ck_assert_ptr_nonnull(hz_arena_alloc(arena, 4000));
        hz_arena_reset(arena);
        if (round == 4)
            steady = hz_mem_stats_now().calls;
    }
#ifndef HZ_ARENA_MALLOC_EACH
    ck_assert_uint_eq(hz_mem_stats_now().calls, steady);
#endif
    ck_assert_uint_gt(steady, 0);
    hz_arena_free(arena);
}
END_TEST

START_TEST(test_arena__copy_and_overflow)
{
    hz_arena *arena = hz_arena_new();
    hz_slice out = HZ_SLICE_NONE;
    ck_assert_int_eq(hz_arena_copy(&out, arena, HZ_SLICE_LIT("中文")), HZ_OK);
    ck_assert_str_eq(out.ptr, "中文");
    ck_assert_int_eq(hz_arena_copy(&out, arena, HZ_SLICE_NONE), HZ_OK);
    ck_assert(out.ptr && out.len == 0);
    ck_assert_ptr_null(hz_arena_zalloc(arena, SIZE_MAX / 2, 3));
    ck_assert_ptr_null(hz_arena_alloc(arena, SIZE_MAX - 5));
    ck_assert_ptr_nonnull(hz_arena_alloc(arena, 0));
    hz_mem_fail_after(1, true);
    ck_assert_ptr_null(hz_arena_alloc(arena, 1 << 22));
    ck_assert_ptr_null(hz_arena_new());
    hz_mem_fail_after(0, false);
    hz_arena_free(arena);
}
END_TEST

START_TEST(test_buf__puts)
{
    hz_buf buf = HZ_BUF_INIT;
    hz_buf_put(&buf, HZ_SLICE_NONE);
    hz_buf_puts(&buf, "a");
    hz_buf_putc(&buf, 'b');
    hz_buf_put_i64(&buf, INT64_MIN);
    hz_buf_putc(&buf, ' ');
    hz_buf_put_u64(&buf, UINT64_MAX);
    hz_buf_put_u64(&buf, 0);
    hz_buf_printf(&buf, "[%s:%d]", "中", 5);
    ck_assert_str_eq(buf.ptr, "ab-9223372036854775808 184467440737095516150[中:5]");
    ck_assert_uint_eq(buf.len, strlen(buf.ptr));
    ck_assert_int_eq(hz_buf_status(&buf, NULL), HZ_OK);
    hz_buf_reset(&buf);
    ck_assert_str_eq(buf.ptr, "");
    for (int i = 0; i < 10000; i++)
        hz_buf_put(&buf, HZ_SLICE_LIT("0123456789"));
    ck_assert_uint_eq(buf.len, 100000);
    ck_assert_uint_eq(strlen(buf.ptr), 100000);
    hz_buf_clear(&buf);
    ck_assert_ptr_null(buf.ptr);
}
END_TEST

START_TEST(test_buf__ceiling_is_sticky)
{
    hz_buf buf = {.max_bytes = 10};
    hz_error err = {.status = HZ_OK};
    hz_buf_puts(&buf, "0123456789");
    ck_assert_int_eq(hz_buf_status(&buf, NULL), HZ_OK);
    hz_buf_putc(&buf, 'x');
    hz_buf_put(&buf, HZ_SLICE_NONE);
    hz_buf_printf(&buf, "%d", 1);
    ck_assert_ptr_null(hz_buf_reserve(&buf, 0));
    ck_assert_str_eq(buf.ptr, "0123456789");
    ck_assert_int_eq(hz_buf_status(&buf, &err), HZ_E_LIMIT);
    ck_assert_int_eq(err.message, HZ_MSG_LIMIT);
    hz_buf_reset(&buf);
    hz_buf_puts(&buf, "ok");
    ck_assert_str_eq(buf.ptr, "ok");
    ck_assert_ptr_null(hz_buf_reserve(&buf, SIZE_MAX));
    hz_buf_clear(&buf);
}
END_TEST

START_TEST(test_buf__no_memory_is_sticky)
{
    hz_buf buf = HZ_BUF_INIT;
    hz_error err = {.status = HZ_OK};
    hz_mem_fail_after(1, false);
    hz_buf_puts(&buf, "lost");
    hz_buf_puts(&buf, "not put either");
    ck_assert_uint_eq(buf.len, 0);
    ck_assert_int_eq(hz_buf_status(&buf, &err), HZ_E_NOMEM);
    ck_assert_int_eq(err.message, HZ_MSG_NO_MEMORY);
    hz_mem_fail_after(0, false);
    hz_buf_clear(&buf);
}
END_TEST

START_TEST(test_bits__tails)
{
    for (size_t count = 0; count < 200; count++) {
        uint64_t bits[5] = {0, 0, 0, 0, 0};
        hz_bits_fill(bits, count, true);
        ck_assert_uint_eq(hz_bits_count(bits, count), count);
        ck_assert(hz_bits_any(bits, count) == (count > 0));
        size_t seen = 0;
        for (HZ_BITS_EACH(i, bits, count))
            ck_assert_uint_eq(i, seen++);
        ck_assert_uint_eq(seen, count);
        hz_bits_fill(bits, count, false);
        ck_assert(!hz_bits_any(bits, count));
        for (size_t i = 0; i < count; i += 7) {
            hz_bits_put(bits, i, true);
            ck_assert(hz_bits_get(bits, i));
        }
        ck_assert_uint_eq(hz_bits_count(bits, count), (count + 6) / 7);
        for (size_t i = 0; i < count; i += 14)
            hz_bits_unset(bits, i);
        for (HZ_BITS_EACH(k, bits, count))
            ck_assert_uint_eq(k % 14, 7);
    }
}
END_TEST

/* What a sink took, and how much of it at once; fails after so many bytes. */
typedef struct taken {
    hz_buf bytes;
    size_t most, room;
} taken;

static hz_status take(void *ctx, hz_slice bytes, hz_error *err)
{
    taken *t = ctx;
    if (t->bytes.len + bytes.len > t->room)
        return hz_fail(err, HZ_E_IO, HZ_M(FILE_WRITE), HZ_Z("sink"), HZ_Z("full"));
    t->most = bytes.len > t->most ? bytes.len : t->most;
    hz_buf_put(&t->bytes, bytes);
    return hz_buf_status(&t->bytes, err);
}

START_TEST(test_buf__a_sink_takes_what_passes_the_window)
{
    hz_error err = {0};
    taken t = {HZ_BUF_INIT, 0, SIZE_MAX};
    hz_buf_sink sink = {take, &t, &err};
    hz_buf buf = HZ_BUF_INIT, plain = HZ_BUF_INIT;
    buf.sink = &sink;
    for (int i = 0; i < 3 * HZ_BUF_WINDOW_BYTES / 8; i++) {
        hz_buf_printf(&buf, "%d\n", i);
        hz_buf_printf(&plain, "%d\n", i);
        ck_assert_uint_le(buf.len, HZ_BUF_WINDOW_BYTES + 16);
        ck_assert_int_eq(buf.ptr[buf.len], '\0');
    }
    ck_assert_uint_gt(t.bytes.len, 0);
    ck_assert_uint_ge(buf.len, 16); /* the tail is there to look at */
    hz_buf_drain(&buf);
    ck_assert_uint_eq(buf.len, 0);
    ck_assert_int_eq(hz_buf_status(&buf, &err), HZ_OK);
    ck_assert_uint_le(t.most, HZ_BUF_WINDOW_BYTES + 16);
    ck_assert_uint_eq(t.bytes.len, plain.len);
    ck_assert_int_eq(memcmp(t.bytes.ptr, plain.ptr, plain.len), 0);
    hz_buf_clear(&buf);
    hz_buf_clear(&plain);
    hz_buf_clear(&t.bytes);
}
END_TEST

START_TEST(test_buf__a_failing_sink_is_not_forgotten)
{
    hz_error err = {0};
    taken t = {HZ_BUF_INIT, 0, 10};
    hz_buf_sink sink = {take, &t, &err};
    hz_buf buf = HZ_BUF_INIT;
    buf.sink = &sink;
    for (int i = 0; i < HZ_BUF_WINDOW_BYTES; i++)
        hz_buf_puts(&buf, "0123456789abcdef");
    ck_assert_int_eq(hz_buf_status(&buf, &err), HZ_E_IO);
    ck_assert_int_eq(err.status, HZ_E_IO);
    hz_buf_drain(&buf);
    ck_assert_uint_eq(t.bytes.len, 0);
    hz_buf_clear(&buf);
    hz_buf_clear(&t.bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base.memory");
    TCase *alloc = unit_case(suite, "alloc"), *arena = unit_case(suite, "arena"), *buf = unit_case(suite, "buf");
    tcase_add_test(alloc, test_alloc__counts);
    tcase_add_test(alloc, test_alloc__fails_the_nth_call);
    tcase_add_test(alloc, test_alloc__budget);
    tcase_add_test(alloc, test_alloc__grow_keeps_contents);
    tcase_add_test(alloc, test_alloc__counts_over_threads);
    tcase_add_test(arena, test_arena__items_do_not_touch);
    tcase_add_test(arena, test_arena__rewind_gives_back_and_keeps);
    tcase_add_test(arena, test_arena__reset_keeps_one_block);
    tcase_add_test(arena, test_arena__copy_and_overflow);
    tcase_add_test(buf, test_buf__puts);
    tcase_add_test(buf, test_buf__a_sink_takes_what_passes_the_window);
    tcase_add_test(buf, test_buf__a_failing_sink_is_not_forgotten);
    tcase_add_test(buf, test_buf__ceiling_is_sticky);
    tcase_add_test(buf, test_buf__no_memory_is_sticky);
    tcase_add_test(unit_case(suite, "bits"), test_bits__tails);
    return unit_run(suite);
}
