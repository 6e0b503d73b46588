/* Suite engine.keyset: keys of a batch, sets of them, and what they find, against the plain way. */
#include "tests/unit/engine/engine_kit.h"
#include "validator/engine/keyset.h"

enum { WORDS = HZ_BATCH_ROWS / 64 + 1 };

/* A vector of one type over the test's own arrays. */
typedef struct column {
    hz_vec vec;
    hz_slice text[HZ_BATCH_ROWS];
    int64_t i64[HZ_BATCH_ROWS];
    hz_decimal decimal[HZ_BATCH_ROWS];
    uint64_t bits[WORDS], valid[WORDS], invalid[WORDS];
} column;

static column columns[3];
static hz_keys keys;
static hz_keyset set;

static column *column_of(size_t i, hz_type type, uint32_t rows)
{
    column *c = &columns[i];
    memset(c, 0, sizeof *c);
    c->vec = (hz_vec){.type = type, .count = rows, .valid = c->valid, .invalid = c->invalid};
    if (type == HZ_TYPE_TEXT)
        c->vec.as.text = c->text;
    else if (type == HZ_TYPE_DECIMAL)
        c->vec.as.decimal = c->decimal;
    else if (type == HZ_TYPE_BOOLEAN)
        c->vec.as.bits = c->bits;
    else
        c->vec.as.i64 = c->i64;
    hz_bits_fill(c->valid, rows, true);
    return c;
}

static void make(size_t parts_count, const bool *normalize, uint32_t rows)
{
    const hz_vec *parts[3] = {&columns[0].vec, &columns[1].vec, &columns[2].vec};
    ck_assert_int_eq(hz_keys_make(&keys, parts, normalize, parts_count, rows, NULL), HZ_OK);
}

static void add(uint32_t rows, uint32_t *entries)
{
    ck_assert_int_eq(hz_keyset_add_rows(entries, &set, &keys, keys.usable, rows, NULL), HZ_OK);
}

static uint64_t hash_of(hz_slice key)
{
    return hz_hash_bytes(key.ptr, key.len, hz_hash_seed());
}

static bool has(hz_slice key)
{
    return hz_keyset_find(&set, key, hash_of(key)) != HZ_HTAB_NONE;
}

static void begin(void)
{
    ck_assert_int_eq(hz_keys_init(&keys, NULL), HZ_OK);
    ck_assert_int_eq(hz_keyset_init(&set, NULL), HZ_OK);
}

static void end(void)
{
    hz_keyset_clear(&set);
    hz_keys_clear(&keys);
}

START_TEST(test_keyset__present_missing_invalid)
{
    begin();
    uint32_t rows = HZ_BATCH_ROWS < 70 ? HZ_BATCH_ROWS : 70;
    column *a = column_of(0, HZ_TYPE_TEXT, rows), *b = column_of(1, HZ_TYPE_INTEGER, rows);
    for (uint32_t i = 0; i < rows; i++)
        a->text[i] = HZ_SLICE_LIT("k");
    hz_bits_unset(a->valid, 0); /* NULL */
    hz_bits_unset(a->valid, 1);
    hz_bits_set(a->invalid, 1); /* INVALID */
    hz_bits_unset(b->valid, 1); /* and NULL: INVALID it stays */
    hz_bits_unset(b->valid, rows - 1);
    make(2, NULL, rows);
    for (uint32_t i = 0; i < rows; i++) {
        ck_assert_int_eq(hz_bits_get(keys.usable, i), i > 1 && i != rows - 1);
        ck_assert_int_eq(hz_bits_get(keys.missing, i), i == 0 || (i == rows - 1 && i != 1));
    }
    for (uint32_t i = rows; i < hz_bits_words(rows) * 64; i++)
        ck_assert(!hz_bits_get(keys.usable, i) && !hz_bits_get(keys.missing, i));
    end();
}
END_TEST

/* Typed values are equal however they are written; parts do not run into each other. */
START_TEST(test_keyset__equal_as_values)
{
    begin();
    column *a = column_of(0, HZ_TYPE_DECIMAL, 3);
    a->decimal[0] = (hz_decimal){15, 1};
    a->decimal[1] = (hz_decimal){1500, 3};
    a->decimal[2] = (hz_decimal){-15, 1};
    make(1, NULL, 3);
    ck_assert(hz_slice_eq(keys.key[0], keys.key[1]));
    hz_keys_hash(&keys, 3);
    ck_assert_uint_eq(keys.hash[0], keys.hash[1]);
    ck_assert(!hz_slice_eq(keys.key[0], keys.key[2]));
    hz_buf two = HZ_BUF_INIT;
    column_of(0, HZ_TYPE_INTEGER, 1)->i64[0] = 2;
    make(1, NULL, 1);
    hz_buf_put(&two, keys.key[0]);
    column_of(0, HZ_TYPE_DECIMAL, 1)->decimal[0] = (hz_decimal){2000, 3};
    make(1, NULL, 1);
    ck_assert(hz_slice_eq(keys.key[0], hz_buf_slice(&two))); /* integer and decimal are one type */
    hz_buf_clear(&two);
    a = column_of(0, HZ_TYPE_TEXT, 3);
    column *b = column_of(1, HZ_TYPE_TEXT, 3);
    const char *pairs[3][2] = {{"ab", "c"}, {"a", "bc"}, {"", "abc"}};
    for (size_t i = 0; i < 3; i++) {
        a->text[i] = hz_slice_of(pairs[i][0]);
        b->text[i] = hz_slice_of(pairs[i][1]);
    }
    make(2, NULL, 3);
    ck_assert(!hz_slice_eq(keys.key[0], keys.key[1]) && !hz_slice_eq(keys.key[1], keys.key[2]));
    end();
}
END_TEST

/* Texts joined in one go and values joined one by one give the same bytes. */
START_TEST(test_keyset__texts_and_values_join_alike)
{
    begin();
    column *a = column_of(0, HZ_TYPE_TEXT, 3), *b = column_of(1, HZ_TYPE_TEXT, 3);
    const char *texts[3] = {"", "户口", "a longer text than sixteen bytes"};
    for (size_t i = 0; i < 3; i++) {
        a->text[i] = hz_slice_of(texts[i]);
        b->text[i] = hz_slice_of(texts[2 - i]);
    }
    hz_bits_unset(a->valid, 1);
    make(2, NULL, 3);
    for (uint32_t i = 0; i < 3; i++) {
        hz_buf bytes = HZ_BUF_INIT;
        if (!hz_bits_get(keys.usable, i))
            continue;
        hz_vec_put_key(&bytes, &a->vec, i);
        hz_vec_put_key(&bytes, &b->vec, i);
        ck_assert(hz_slice_eq(hz_buf_slice(&bytes), keys.key[i]));
        hz_buf_clear(&bytes);
    }
    const bool normalize[2] = {false, true}; /* the other way through: none of these is a resident number */
    hz_buf before[3] = {HZ_BUF_INIT, HZ_BUF_INIT, HZ_BUF_INIT};
    for (uint32_t i = 0; i < 3; i += 2)
        hz_buf_put(&before[i], keys.key[i]);
    make(2, normalize, 3);
    for (uint32_t i = 0; i < 3; i += 2)
        ck_assert(hz_slice_eq(hz_buf_slice(&before[i]), keys.key[i]));
    for (uint32_t i = 0; i < 3; i++)
        hz_buf_clear(&before[i]);
    end();
}
END_TEST

/* The numbers are GB 11643's own examples. */
START_TEST(test_keyset__resident_numbers_by_their_18_digits)
{
    const bool normalize[1] = {true};
    begin();
    column *a = column_of(0, HZ_TYPE_TEXT, 3);
    a->text[0] = HZ_SLICE_LIT("11010519491231002X");
    a->text[1] = HZ_SLICE_LIT("110105491231002");
    a->text[2] = HZ_SLICE_LIT("440524188001010014");
    make(1, normalize, 3);
    ck_assert(hz_slice_eq(keys.key[0], keys.key[1]));
    ck_assert(!hz_slice_eq(keys.key[0], keys.key[2]));
    make(1, NULL, 3);
    ck_assert(!hz_slice_eq(keys.key[0], keys.key[1]));
    end();
}
END_TEST

/* Hashed once, whatever is asked of them: also when the batch before had them hashed. */
START_TEST(test_keyset__hashes)
{
    begin();
    column *a = column_of(0, HZ_TYPE_TEXT, 3);
    a->text[0] = a->text[1] = HZ_SLICE_LIT("k");
    a->text[2] = HZ_SLICE_LIT("a key of more than sixteen bytes");
    make(1, NULL, 3);
    hz_keys_hash(&keys, 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_uint_eq(keys.hash[i], hash_of(keys.key[i]));
    keys.hash[0] = 42;
    hz_keys_hash(&keys, 3);
    ck_assert_uint_eq(keys.hash[0], 42);
    make(1, NULL, 3);
    hz_keys_hash(&keys, 3);
    ck_assert_uint_eq(keys.hash[0], hash_of(keys.key[0]));
    end();
}
END_TEST

START_TEST(test_keyset__long_keys_live_on)
{
    char text[3][40];
    uint32_t entries[HZ_BATCH_ROWS];
    begin();
    for (int round = 0; round < 2; round++) { /* the second in the room of the first */
        column *a = column_of(0, HZ_TYPE_TEXT, 3);
        for (size_t len = 14; len < 20; len++) { /* about the 16 bytes that an entry holds itself */
            for (size_t i = 0; i < 3; i++) {
                memset(text[i], 'a' + round, sizeof text[i]);
                text[i][len - 1] = (char)('x' + i);
                a->text[i] = (hz_slice){text[i], len};
            }
            make(1, NULL, 3);
            add(3, entries);
            memset(text, '-', sizeof text); /* the batch's bytes are gone */
        }
        ck_assert_uint_eq(set.count, 18);
        for (size_t e = 0; e < set.count; e++) {
            hz_slice key = hz_keyset_key(&set.entries[e]);
            ck_assert_uint_eq(key.len, 14 + e / 3);
            ck_assert_int_eq(key.ptr[key.len - 1], (int)('x' + e % 3));
            ck_assert_int_eq(key.ptr[0], 'a' + round);
            ck_assert_uint_eq(hz_keyset_find(&set, key, hash_of(key)), e);
        }
        hz_keyset_reset(&set);
    }
    end();
}
END_TEST

START_TEST(test_keyset__empty_text_is_a_key)
{
    uint32_t entries[HZ_BATCH_ROWS], entry;
    begin();
    column *a = column_of(0, HZ_TYPE_TEXT, 3);
    a->text[1] = HZ_SLICE_LIT("");
    hz_bits_unset(a->valid, 2);
    make(1, NULL, 3);
    ck_assert(!has(HZ_SLICE_NONE));
    add(3, entries);
    ck_assert_uint_eq(set.count, 1);
    ck_assert_uint_eq(entries[0] + entries[1], 0);
    ck_assert_uint_eq(set.entries[0].count + set.entries[0].mark, 0); /* the user's own */
    ck_assert(has(HZ_SLICE_LIT("")));
    ck_assert_int_eq(hz_keyset_add(&entry, &set, HZ_SLICE_NONE, hash_of(HZ_SLICE_NONE), NULL), HZ_OK);
    ck_assert_uint_eq(set.count, 1);
    ck_assert_uint_eq(entry, 0);
    end();
}
END_TEST

/* Only the rows asked for are added; a hash alone never decides. */
START_TEST(test_keyset__take_and_equal_hashes)
{
    uint32_t entries[HZ_BATCH_ROWS];
    uint64_t take[WORDS] = {5}, found[WORDS]; /* rows 0 and 2 */
    begin();
    column *a = column_of(0, HZ_TYPE_TEXT, 3);
    a->text[0] = HZ_SLICE_LIT("a");
    a->text[1] = HZ_SLICE_LIT("b");
    a->text[2] = HZ_SLICE_LIT("c");
    make(1, NULL, 3);
    keys.hash[0] = keys.hash[1] = keys.hash[2] = 42;
    keys.hashed = true;
    memset(entries, 0xff, sizeof entries);
    ck_assert_int_eq(hz_keyset_add_rows(entries, &set, &keys, take, 3, NULL), HZ_OK);
    ck_assert_uint_eq(set.count, 2);
    ck_assert_uint_eq(entries[0], 0);
    ck_assert_uint_eq(entries[1], UINT32_MAX);
    ck_assert_uint_eq(entries[2], 1);
    hz_keyset_probe(&set, &keys, keys.usable, 3, found);
    ck_assert_uint_eq(found[0], 5);
    hz_keyset_probe(&set, &keys, take, 3, found);
    ck_assert_uint_eq(found[0], 5);
    take[0] = 6;
    hz_keyset_probe(&set, &keys, take, 3, found);
    ck_assert_uint_eq(found[0], 4);
    take[0] = 0;
    ck_assert_int_eq(hz_keyset_add_rows(entries, &set, &keys, take, 3, NULL), HZ_OK);
    ck_assert_uint_eq(set.count, 2);
    end();
}
END_TEST

/* Nothing is in a set that was never filled, nor in one that was emptied; its room stays. */
START_TEST(test_keyset__reset_forgets)
{
    uint32_t entry;
    begin();
    ck_assert(!has(HZ_SLICE_LIT("a")));
    hz_keyset_reset(&set);
    for (int round = 0; round < 3; round++) {
        for (unsigned n = 0; n < 5000; n++) {
            char text[24];
            int len = snprintf(text, sizeof text, "%d of the round %u", round, n);
            hz_slice key = {text, (size_t)len};
            ck_assert(!has(key));
            ck_assert_int_eq(hz_keyset_add(&entry, &set, key, hash_of(key), NULL), HZ_OK);
            ck_assert_uint_eq(entry, n);
            ck_assert_uint_eq(set.entries[entry].count + set.entries[entry].mark, 0);
            set.entries[entry].count = set.entries[entry].mark = 7;
        }
        size_t room = set.capacity;
        hz_keyset_reset(&set);
        ck_assert_uint_eq(set.count, 0);
        ck_assert_uint_eq(set.capacity, room);
        ck_assert(!has(HZ_SLICE_LIT("0 of the round 0")));
    }
    end();
}
END_TEST

START_TEST(test_keyset__more_than_can_be_numbered)
{
    hz_error err;
    hz_error_clear(&err);
    begin();
    ck_assert_int_eq(hz_keyset_expect(&set, HZ_HTAB_NONE, &err), HZ_E_LIMIT);
    ck_assert_int_eq(err.status, HZ_E_LIMIT);
    ck_assert_uint_eq(set.capacity, 0);
    end();
}
END_TEST

/* Each allocation fails in turn: it is said, what was there stays, and the same rows can be added after all. */
START_TEST(test_keyset__without_memory)
{
    static char texts[HZ_BATCH_ROWS][48];
    uint32_t rows = HZ_BATCH_ROWS < 600 ? HZ_BATCH_ROWS : 600, entries[HZ_BATCH_ROWS];
    uint64_t n = 1;
    for (bool failed = true; failed; n++) {
        hz_mem_stats before = hz_mem_stats_now();
        bool made = false;
        hz_error err;
        hz_error_clear(&err);
        hz_mem_fail_after(n, false);
        hz_status st = hz_keys_init(&keys, &err);
        if (st == HZ_OK)
            st = hz_keyset_init(&set, &err);
        for (uint32_t batch = 0; st == HZ_OK && batch < 3; batch++) {
            column *a = column_of(0, HZ_TYPE_TEXT, rows), *b = column_of(1, HZ_TYPE_TEXT, rows);
            for (uint32_t i = 0; i < rows; i++) {
                int len = snprintf(texts[i], sizeof texts[i], "%u %.*s", batch * rows / 2 + i, (int)(i % 40),
                                   "a tail of more or less than sixteen bytes");
                a->text[i] = (hz_slice){texts[i], (size_t)len};
                b->text[i] = HZ_SLICE_LIT("b");
            }
            const hz_vec *parts[2] = {&a->vec, &b->vec};
            st = hz_keys_make(&keys, parts, NULL, 2, rows, &err);
            made = st == HZ_OK;
            if (made)
                st = hz_keyset_add_rows(entries, &set, &keys, keys.usable, rows, &err);
        }
        hz_mem_fail_after(0, false);
        failed = st != HZ_OK;
        ck_assert(!failed || (st == HZ_E_NOMEM && err.status == HZ_E_NOMEM));
        if (failed && set.arena) {
            for (size_t e = 0; e < set.count; e++)
                ck_assert_uint_eq(
                    hz_keyset_find(&set, hz_keyset_key(&set.entries[e]), hash_of(hz_keyset_key(&set.entries[e]))), e);
            if (made)
                add(rows, entries);
        }
        end();
        ck_assert_uint_eq(hz_mem_stats_now().live_calls, before.live_calls);
    }
    ck_assert_uint_gt(n, HZ_BATCH_ROWS < 600 ? 8 : 12);
}
END_TEST

/* ---- against the plain way ---- */

enum { KEYS = 700, BATCHES = 60, TEXT = 40 };

/* The n-th text: lengths about the border of 16 bytes, equal beginnings. */
static hz_slice text_of(char *out, uint32_t n)
{
    size_t len = 12 + n % 9;
    snprintf(out, TEXT, "%07u", n / 9);
    memset(out + 7, 'k', len - 7);
    out[len - 1] = (char)('0' + n % 9);
    return (hz_slice){out, len};
}

typedef struct plain {
    uint32_t entry[KEYS]; /* UINT32_MAX: not met */
    uint64_t count[KEYS];
    uint32_t met;
} plain;

/* Batches with runs of equal keys (as sorted submissions have them), NULLs, and rows left out; the set grows many times
 * over. Entries are numbered as their keys are met. */
START_TEST(test_keyset__random_against_the_plain_way)
{
    static plain p;
    static char texts[HZ_BATCH_ROWS][TEXT];
    static uint32_t number[HZ_BATCH_ROWS];
    uint64_t state = (uint64_t)_i + 7, take[WORDS], found[WORDS];
    uint32_t entries[HZ_BATCH_ROWS], last = 0; /* from _i = 2 on the keys ascend at first */
    char text[TEXT];
    memset(&p, 0, sizeof p);
    memset(p.entry, 0xff, sizeof p.entry);
    begin();
    if (_i % 2)
        ck_assert_int_eq(hz_keyset_expect(&set, KEYS, NULL), HZ_OK);
    for (int batch = 0; batch < BATCHES; batch++) {
        uint32_t rows = 1 + kit_random(&state) % (HZ_BATCH_ROWS < 150 ? HZ_BATCH_ROWS : 150);
        column *a = column_of(0, HZ_TYPE_TEXT, rows);
        for (uint32_t i = 0; i < rows; i++) {
            uint32_t next = _i < 2 || batch >= BATCHES / 2 ? kit_random(&state) % KEYS : last + kit_random(&state) % 2;
            number[i] = i && kit_random(&state) % 2 ? number[i - 1] : next < KEYS ? next : KEYS - 1;
            last = number[i];
            a->text[i] = text_of(texts[i], number[i]);
            if (kit_random(&state) % 10 == 0)
                hz_bits_unset(a->valid, i);
        }
        make(1, NULL, rows);
        hz_keyset_probe(&set, &keys, keys.usable, rows, found);
        hz_bits_fill(take, rows, false);
        for (uint32_t i = 0; i < rows; i++) {
            ck_assert_int_eq(hz_bits_get(found, i), hz_bits_get(keys.usable, i) && p.count[number[i]] > 0);
            hz_bits_put(take, i, hz_bits_get(keys.usable, i) && kit_random(&state) % 8);
        }
        memset(entries, 0xff, sizeof entries);
        ck_assert_int_eq(hz_keyset_add_rows(entries, &set, &keys, take, rows, NULL), HZ_OK);
        for (uint32_t i = 0; i < rows; i++) {
            if (!hz_bits_get(take, i)) {
                ck_assert_uint_eq(entries[i], UINT32_MAX);
                continue;
            }
            if (!p.count[number[i]]++)
                p.entry[number[i]] = p.met++;
            ck_assert_uint_eq(entries[i], p.entry[number[i]]);
            set.entries[entries[i]].count++;
        }
        ck_assert_uint_eq(set.count, p.met);
    }
    for (uint32_t n = 0; n < KEYS + 100; n++) {
        hz_slice key = text_of(text, n);
        uint32_t entry = hz_keyset_find(&set, key, hash_of(key)), again;
        if (n >= KEYS || !p.count[n]) {
            ck_assert_uint_eq(entry, HZ_HTAB_NONE);
            continue;
        }
        ck_assert_uint_eq(entry, p.entry[n]);
        ck_assert_uint_eq(set.entries[entry].count, p.count[n]);
        ck_assert(hz_slice_eq(hz_keyset_key(&set.entries[entry]), key));
        ck_assert_int_eq(hz_keyset_add(&again, &set, key, hash_of(key), NULL), HZ_OK);
        ck_assert_uint_eq(again, entry);
    }
    end();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("engine.keyset");
    TCase *batch = kit_case(suite, "keys", 60), *sets = kit_case(suite, "sets", 120);
    tcase_add_test(batch, test_keyset__present_missing_invalid);
    tcase_add_test(batch, test_keyset__equal_as_values);
    tcase_add_test(batch, test_keyset__texts_and_values_join_alike);
    tcase_add_test(batch, test_keyset__resident_numbers_by_their_18_digits);
    tcase_add_test(batch, test_keyset__hashes);
    tcase_add_test(sets, test_keyset__long_keys_live_on);
    tcase_add_test(sets, test_keyset__empty_text_is_a_key);
    tcase_add_test(sets, test_keyset__take_and_equal_hashes);
    tcase_add_test(sets, test_keyset__reset_forgets);
    tcase_add_test(sets, test_keyset__more_than_can_be_numbered);
    tcase_add_test(sets, test_keyset__without_memory);
    tcase_add_loop_test(sets, test_keyset__random_against_the_plain_way, 0, 4);
    return kit_main(suite);
}
