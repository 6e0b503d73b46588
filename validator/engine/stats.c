/* stats.c: see stats.h.
 * Distinct: 4,096 registers over a 64-bit hash with a fixed seed, read with Ertl's improved estimator (no bias table):
 * about 1.6 % standard error, and up to 128 counted exactly, by their hashes. A run of equal cells costs one comparison
 * a cell. */
#define XXH_INLINE_ALL
#include "validator/engine/stats.h"
#include "base/alloc.h"
#include "base/htab.h"
#include <math.h>
#include <stdlib.h>
#include <xxhash.h>

enum {
    REGISTERS_LOG2 = 12,
    REGISTERS = 1 << REGISTERS_LOG2,
    FEW_MAX = 128,
    FEW_SLOTS = 2 * FEW_MAX,
    DECADE_MIN = -6, /* below 10^-6: one bin */
    DECADE_MAX = 38,
    BINS_A_SIGN = 3 * (DECADE_MAX - DECADE_MIN + 1) + 1,
    YEARS = 10000,
    TOP_MAX = 20
};
#define DISTINCT_SEED UINT64_C(0x68657a68756e)

typedef struct frequent {
    hz_slice value;
    uint64_t count;
} frequent;

struct hz_stats {
    const hz_field *field;
    bool personal;
    uint64_t missing, invalid, present;
    uint8_t registers[REGISTERS];
    uint64_t few[FEW_SLOTS]; /* hashes of the first FEW_MAX distinct texts, open addressing; 0: empty */
    uint32_t few_count;
    bool many; /* there were more */
    /* least and greatest, of one kind by field type */
    bool any;
    char *min_text, *max_text;
    size_t min_len, max_len, min_capacity, max_capacity;
    uint64_t min_prefix, max_prefix;
    int64_t min_i, max_i;
    hz_decimal min_d, max_d, sum;
    bool sum_lost;
    uint64_t *bins; /* numbers: BINS_A_SIGN below, zero, BINS_A_SIGN above; dates: by year */
    hz_htab tab;
    frequent *frequents;
    size_t frequents_count, frequents_capacity;
    uint32_t last_frequent;
    hz_arena *arena; /* frequent values */
};

typedef enum kind {
    KIND_NONE,
    KIND_TEXT,
    KIND_INTEGER,
    KIND_DECIMAL,
    KIND_DATE,
    KIND_TIMESTAMP,
    KIND_TIME,
    KIND_TOP
} kind;

static kind kind_of(const hz_field *field)
{
    if (field->many.len)
        return KIND_NONE;
    switch (field->type) {
    case HZ_FIELD_INTEGER:
        return KIND_INTEGER;
    case HZ_FIELD_DECIMAL:
        return KIND_DECIMAL;
    case HZ_FIELD_DATE:
    case HZ_FIELD_MONTH:
        return KIND_DATE;
    case HZ_FIELD_DATETIME:
        return KIND_TIMESTAMP;
    case HZ_FIELD_TIME:
        return KIND_TIME;
    case HZ_FIELD_BOOLEAN:
    case HZ_FIELD_CODES:
        return KIND_TOP;
    default:
        return KIND_TEXT;
    }
}

static size_t bins_of(const hz_field *field)
{
    kind k = kind_of(field);
    return k == KIND_INTEGER || k == KIND_DECIMAL  ? 2 * BINS_A_SIGN + 1
           : k == KIND_DATE || k == KIND_TIMESTAMP ? YEARS
                                                   : 0;
}

hz_status hz_stats_new(hz_stats **out, const hz_field *field, hz_error *err)
{
    *out = NULL;
    hz_stats *stats = hz_mem_zalloc(1, sizeof *stats);
    if (!stats)
        return hz_nomem(err, sizeof *stats);
    stats->field = field;
    stats->personal = field->mask != HZ_MASK_NONE;
    stats->last_frequent = HZ_HTAB_NONE;
    size_t bins = bins_of(field);
    stats->arena = hz_arena_new();
    stats->bins = bins ? hz_mem_zalloc(bins, sizeof *stats->bins) : NULL;
    if (!stats->arena || (bins && !stats->bins)) {
        hz_stats_free(stats);
        return hz_nomem(err, bins * sizeof(uint64_t));
    }
    *out = stats;
    return HZ_OK;
}

void hz_stats_free(hz_stats *stats)
{
    if (!stats)
        return;
    hz_mem_free(stats->min_text);
    hz_mem_free(stats->max_text);
    hz_mem_free(stats->bins);
    hz_htab_clear(&stats->tab);
    hz_mem_free(stats->frequents);
    hz_arena_free(stats->arena);
    hz_mem_free(stats);
}

/* ---- distinct ---- */

static void add_few(hz_stats *stats, uint64_t hash)
{
    uint64_t key = hash ? hash : 1;
    size_t at = (size_t)key % FEW_SLOTS;
    while (stats->few[at] && stats->few[at] != key)
        at = (at + 1) % FEW_SLOTS;
    if (stats->few[at])
        return;
    stats->many = stats->few_count == FEW_MAX;
    if (!stats->many) {
        stats->few[at] = key;
        stats->few_count++;
    }
}

static void add_hash(hz_stats *stats, hz_slice cell)
{
    uint64_t hash = XXH3_64bits_withSeed(cell.ptr, cell.len, DISTINCT_SEED); /* hz_hash_bytes, inlined */
    uint64_t rest = hash << REGISTERS_LOG2 | (UINT64_C(1) << (REGISTERS_LOG2 - 1));
    uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1);
    uint8_t *reg = &stats->registers[hash >> (64 - REGISTERS_LOG2)];
    if (rank > *reg)
        *reg = rank;
    if (!stats->many)
        add_few(stats, hash);
}

static void add_distinct(hz_stats *stats, const hz_vec *raw, uint32_t rows)
{
    hz_slice before = {NULL, SIZE_MAX};
    for (HZ_BITS_EACH(i, raw->valid, rows)) {
        hz_slice cell = raw->as.text[i];
        if (hz_slice_eq(cell, before))
            continue;
        before = cell;
        add_hash(stats, cell);
    }
}

static double sigma(double x)
{
    if (x == 1.0)
        return INFINITY;
    double y = 1.0, z = x, before;
    do {
        x *= x;
        before = z;
        z += x * y;
        y += y;
    } while (z != before);
    return z;
}

static double tau(double x)
{
    if (x == 0.0 || x == 1.0)
        return 0.0;
    double y = 1.0, z = 1.0 - x, before;
    do {
        x = sqrt(x);
        before = z;
        y *= 0.5;
        z -= (1.0 - x) * (1.0 - x) * y;
    } while (z != before);
    return z / 3.0;
}

static uint64_t distinct_of(const hz_stats *stats)
{
    enum { Q = 64 - REGISTERS_LOG2 };
    uint32_t counts[Q + 2] = {0};
    if (!stats->many)
        return stats->few_count;
    for (size_t i = 0; i < REGISTERS; i++)
        counts[stats->registers[i]]++;
    double m = REGISTERS, z = m * tau(1.0 - counts[Q + 1] / m);
    for (int k = Q; k >= 1; k--)
        z = 0.5 * (z + counts[k]);
    z += m * sigma(counts[0] / m);
    return (uint64_t)llround(m * m / (2.0 * log(2.0)) / z);
}

/* ---- least, greatest, bins ---- */

static hz_status keep_text(char **text, size_t *len, size_t *capacity, hz_slice value, hz_error *err)
{
    if (!hz_mem_grow((void **)text, capacity, value.len + 1, 1))
        return hz_nomem(err, value.len);
    if (value.len)
        memcpy(*text, value.ptr, value.len);
    *len = value.len;
    return HZ_OK;
}

/* The first eight bytes as a number whose order is theirs; shorter texts are filled with zeros. */
static uint64_t prefix_of(const char *ptr, size_t len)
{
    uint64_t word = 0;
    memcpy(&word, ptr, len < 8 ? len : 8);
    return __builtin_bswap64(word);
}

static void note_prefixes(hz_stats *stats)
{
    stats->min_prefix = stats->min_len ? prefix_of(stats->min_text, stats->min_len) : 0;
    stats->max_prefix = stats->max_len ? prefix_of(stats->max_text, stats->max_len) : 0;
}

static hz_status add_extreme_text(hz_stats *stats, hz_slice cell, hz_error *err)
{
    uint64_t prefix = cell.len ? prefix_of(cell.ptr, cell.len) : 0;
    if (stats->any && prefix > stats->min_prefix && prefix < stats->max_prefix)
        return HZ_OK; /* by far the most */
    if (!stats->any || hz_slice_cmp(cell, (hz_slice){stats->min_text, stats->min_len}) < 0)
        HZ_TRY(keep_text(&stats->min_text, &stats->min_len, &stats->min_capacity, cell, err));
    if (!stats->any || hz_slice_cmp(cell, (hz_slice){stats->max_text, stats->max_len}) > 0)
        HZ_TRY(keep_text(&stats->max_text, &stats->max_len, &stats->max_capacity, cell, err));
    stats->any = true;
    note_prefixes(stats);
    return HZ_OK;
}

/* hashes: the texts are the submitted ones too, and count among the distinct. */
static hz_status add_text(hz_stats *stats, const hz_vec *value, uint32_t rows, bool hashes, hz_error *err)
{
    hz_slice before = {NULL, SIZE_MAX};
    for (HZ_BITS_EACH(i, value->valid, rows)) {
        hz_slice cell = value->as.text[i];
        if (hz_slice_eq(cell, before))
            continue;
        before = cell;
        if (hashes)
            add_hash(stats, cell);
        HZ_TRY(add_extreme_text(stats, cell, err));
    }
    return HZ_OK;
}

static const hz_decimal MANTISSAS[3] = {{1, 0}, {2, 0}, {5, 0}};

/* The bin of a positive number: 0 for less than 10^DECADE_MIN, else 1 + 3 * (decade - DECADE_MIN) + (0 from 1, 1 from
 * 2, 2 from 5). on_border: it is the least number of its bin. */
static size_t bin_of_positive(hz_decimal value, bool *on_border)
{
    hz_uint128 coef = (hz_uint128)value.coef, unit = 1;
    int digits = 0;
    while (digits < 38 && coef >= unit * 10) {
        unit *= 10;
        digits++;
    }
    int decade = digits - value.scale;
    *on_border = false;
    if (decade < DECADE_MIN)
        return 0;
    hz_uint128 lead = coef / unit;
    *on_border = coef % unit == 0 && (lead == 1 || lead == 2 || lead == 5);
    size_t step = lead >= 5 ? 2 : lead >= 2 ? 1 : 0;
    return 1 + 3 * (size_t)(decade - DECADE_MIN) + step;
}

static void add_bin(hz_stats *stats, hz_decimal value)
{
    size_t zero = BINS_A_SIGN;
    bool on_border;
    if (value.coef == 0) {
        stats->bins[zero]++;
    } else if (value.coef > 0) {
        stats->bins[zero + 1 + bin_of_positive(value, &on_border)]++;
    } else { /* [from, to) here too: -2 belongs to [-2, -1) */
        size_t bin = bin_of_positive((hz_decimal){-value.coef, value.scale}, &on_border);
        stats->bins[zero - 1 - (on_border ? bin - 1 : bin)]++;
    }
}

static void add_sum(hz_stats *stats, hz_decimal value)
{
    if (!stats->sum_lost && !hz_decimal_add(&stats->sum, stats->sum, value))
        stats->sum_lost = true;
}

/* Of equal numbers the one with fewer fraction digits, so that the order of rows does not show. */
static bool is_below(hz_decimal a, hz_decimal b)
{
    int order = hz_decimal_cmp(a, b);
    return order < 0 || (order == 0 && a.scale < b.scale);
}

static bool is_above(hz_decimal a, hz_decimal b)
{
    int order = hz_decimal_cmp(a, b);
    return order > 0 || (order == 0 && a.scale < b.scale);
}

static void add_numbers(hz_stats *stats, const hz_vec *value, uint32_t rows)
{
    bool whole = value->type == HZ_TYPE_INTEGER;
    for (HZ_BITS_EACH(i, value->valid, rows)) {
        hz_decimal d = whole ? hz_decimal_of(value->as.i64[i]) : value->as.decimal[i];
        if (!stats->any || is_below(d, stats->min_d))
            stats->min_d = d;
        if (!stats->any || is_above(d, stats->max_d))
            stats->max_d = d;
        stats->any = true;
        add_sum(stats, d);
        add_bin(stats, d);
    }
}

static void add_times(hz_stats *stats, const hz_vec *value, uint32_t rows)
{
    for (HZ_BITS_EACH(i, value->valid, rows)) {
        int64_t n = value->as.i64[i];
        stats->min_i = !stats->any || n < stats->min_i ? n : stats->min_i;
        stats->max_i = !stats->any || n > stats->max_i ? n : stats->max_i;
        stats->any = true;
        if (!stats->bins)
            continue;
        int64_t days = n;
        if (value->type == HZ_TYPE_TIMESTAMP) {
            days = n / HZ_MICROS_PER_DAY - (n % HZ_MICROS_PER_DAY < 0);
        }
        hz_civil civil = hz_date_to_civil((int32_t)days);
        if (civil.year >= 0 && civil.year < YEARS)
            stats->bins[civil.year]++;
    }
}

/* ---- most frequent ---- */

static bool frequent_is(const void *ctx, uint32_t entry, const void *key)
{
    return hz_slice_eq(((const hz_stats *)ctx)->frequents[entry].value, *(const hz_slice *)key);
}

static uint64_t frequent_hash(const void *ctx, uint32_t entry)
{
    hz_slice value = ((const hz_stats *)ctx)->frequents[entry].value;
    return hz_hash_bytes(value.ptr, value.len, hz_hash_seed());
}

static hz_status count_value(hz_stats *stats, hz_slice value, uint64_t count, hz_error *err)
{
    uint32_t at = stats->last_frequent;
    if (at == HZ_HTAB_NONE || !hz_slice_eq(stats->frequents[at].value, value)) {
        uint64_t hash = hz_hash_bytes(value.ptr, value.len, hz_hash_seed());
        at = hz_htab_find(&stats->tab, hash, &value, frequent_is, stats);
        if (at == HZ_HTAB_NONE) {
            if (!HZ_GROW(stats->frequents, stats->frequents_capacity, stats->frequents_count + 1))
                return hz_nomem(err, sizeof *stats->frequents);
            HZ_TRY(hz_htab_reserve(&stats->tab, stats->frequents_count + 1, frequent_hash, stats, err));
            at = (uint32_t)stats->frequents_count;
            hz_slice kept;
            if (hz_arena_copy(&kept, stats->arena, value) != HZ_OK)
                return hz_nomem(err, value.len);
            stats->frequents[stats->frequents_count++] = (frequent){kept, 0};
            hz_htab_put(&stats->tab, hash, at);
        }
        stats->last_frequent = at;
    }
    stats->frequents[at].count += count;
    return HZ_OK;
}

static hz_status add_top(hz_stats *stats, const hz_vec *value, uint32_t rows, hz_error *err)
{
    for (HZ_BITS_EACH(i, value->valid, rows)) {
        hz_slice text = value->type == HZ_TYPE_BOOLEAN ? hz_slice_of(hz_bits_get(value->as.bits, i) ? "true" : "false")
                                                       : value->as.text[i];
        HZ_TRY(count_value(stats, text, 1, err));
    }
    return HZ_OK;
}

hz_status hz_stats_add(hz_stats *stats, const hz_field_column *column, uint32_t rows, hz_error *err)
{
    size_t present = hz_bits_count(column->raw.valid, rows);
    stats->missing += rows - present;
    stats->present += present;
    if (column->value.invalid)
        stats->invalid += hz_bits_count(column->value.invalid, rows);
    if (!present)
        return HZ_OK;
    kind k = stats->personal ? KIND_NONE : kind_of(stats->field);
    bool as_submitted = k == KIND_TEXT && column->value.as.text == column->raw.as.text &&
                        memcmp(column->value.valid, column->raw.valid, hz_bits_words(rows) * sizeof(uint64_t)) == 0;
    if (!as_submitted)
        add_distinct(stats, &column->raw, rows);
    switch (k) {
    case KIND_TEXT:
        return add_text(stats, &column->value, rows, as_submitted, err);
    case KIND_INTEGER:
    case KIND_DECIMAL:
        add_numbers(stats, &column->value, rows);
        return HZ_OK;
    case KIND_DATE:
    case KIND_TIMESTAMP:
    case KIND_TIME:
        add_times(stats, &column->value, rows);
        return HZ_OK;
    case KIND_TOP:
        return add_top(stats, &column->value, rows, err);
    case KIND_NONE:
        break;
    }
    return HZ_OK;
}

/* ---- merging ---- */

static void merge_distinct(hz_stats *into, const hz_stats *from)
{
    for (size_t i = 0; i < REGISTERS; i++)
        if (from->registers[i] > into->registers[i])
            into->registers[i] = from->registers[i];
    into->many = into->many || from->many;
    for (size_t i = 0; i < FEW_SLOTS && !into->many; i++)
        if (from->few[i])
            add_few(into, from->few[i]);
}

static hz_status merge_extremes(hz_stats *into, const hz_stats *from, hz_error *err)
{
    if (!from->any)
        return HZ_OK;
    hz_slice least = {from->min_text, from->min_len}, most = {from->max_text, from->max_len};
    bool text = from->min_text != NULL;
    if (text && (!into->any || hz_slice_cmp(least, (hz_slice){into->min_text, into->min_len}) < 0))
        HZ_TRY(keep_text(&into->min_text, &into->min_len, &into->min_capacity, least, err));
    if (text && (!into->any || hz_slice_cmp(most, (hz_slice){into->max_text, into->max_len}) > 0))
        HZ_TRY(keep_text(&into->max_text, &into->max_len, &into->max_capacity, most, err));
    if (!into->any || is_below(from->min_d, into->min_d))
        into->min_d = from->min_d;
    if (!into->any || is_above(from->max_d, into->max_d))
        into->max_d = from->max_d;
    into->min_i = !into->any || from->min_i < into->min_i ? from->min_i : into->min_i;
    into->max_i = !into->any || from->max_i > into->max_i ? from->max_i : into->max_i;
    into->any = true;
    note_prefixes(into);
    return HZ_OK;
}

hz_status hz_stats_merge(hz_stats *into, const hz_stats *from, hz_error *err)
{
    into->missing += from->missing;
    into->invalid += from->invalid;
    into->present += from->present;
    merge_distinct(into, from);
    HZ_TRY(merge_extremes(into, from, err));
    into->sum_lost = into->sum_lost || from->sum_lost;
    if (!into->sum_lost)
        add_sum(into, from->sum);
    for (size_t b = 0; b < bins_of(into->field); b++)
        into->bins[b] += from->bins[b];
    for (size_t i = 0; i < from->frequents_count; i++)
        HZ_TRY(count_value(into, from->frequents[i].value, from->frequents[i].count, err));
    return HZ_OK;
}

/* ---- figures ---- */

static hz_status keep_buf(hz_slice *out, hz_buf *buf, hz_arena *arena, hz_error *err)
{
    hz_status st = hz_buf_status(buf, err);
    if (st == HZ_OK)
        st = hz_arena_copy(out, arena, hz_buf_slice(buf));
    hz_buf_reset(buf);
    return st;
}

static void put_time(hz_buf *buf, kind k, int64_t n)
{
    if (k == KIND_DATE)
        hz_date_put(buf, (int32_t)n);
    else if (k == KIND_TIMESTAMP)
        hz_timestamp_put(buf, n);
    else
        hz_time_put(buf, n);
}

static hz_decimal scaled(hz_decimal mantissa, int decade)
{
    hz_decimal out = mantissa;
    if (decade < 0)
        out.scale = -decade;
    for (int i = 0; i < decade; i++)
        out.coef *= 10;
    return out;
}

/* The bound of positive bin `bin` from below: bin 0 begins at 0. */
static hz_decimal bin_floor(size_t bin)
{
    if (bin == 0)
        return (hz_decimal){0, 0};
    return scaled(MANTISSAS[(bin - 1) % 3], (int)((bin - 1) / 3) + DECADE_MIN);
}

static hz_status finish_number_bins(hz_result_column *out, const hz_stats *stats, hz_arena *arena, hz_buf *buf,
                                    hz_error *err)
{
    out->histogram = HZ_ARENA_ARRAY(arena, hz_bin, 2 * BINS_A_SIGN + 1);
    if (!out->histogram)
        return hz_nomem(err, sizeof(hz_bin));
    for (size_t i = 0; i < 2 * BINS_A_SIGN + 1; i++) {
        if (!stats->bins[i])
            continue;
        hz_decimal from = {0, 0}, to = {0, 0};
        if (i > BINS_A_SIGN) {
            from = bin_floor(i - BINS_A_SIGN - 1);
            to = bin_floor(i - BINS_A_SIGN);
        } else if (i < BINS_A_SIGN) {
            from = bin_floor(BINS_A_SIGN - i);
            to = bin_floor(BINS_A_SIGN - 1 - i);
            from.coef = -from.coef;
            to.coef = -to.coef;
        }
        hz_bin *bin = &out->histogram[out->histogram_count++];
        bin->count = stats->bins[i];
        hz_decimal_put(buf, from);
        HZ_TRY(keep_buf(&bin->from, buf, arena, err));
        hz_decimal_put(buf, to);
        HZ_TRY(keep_buf(&bin->to, buf, arena, err));
    }
    return HZ_OK;
}

static hz_status finish_numbers(hz_result_column *out, const hz_stats *stats, hz_arena *arena, hz_buf *buf,
                                hz_error *err)
{
    hz_decimal mean;
    uint64_t count = stats->present - stats->invalid;
    hz_decimal_put(buf, stats->min_d);
    HZ_TRY(keep_buf(&out->min, buf, arena, err));
    hz_decimal_put(buf, stats->max_d);
    HZ_TRY(keep_buf(&out->max, buf, arena, err));
    out->has_min = out->has_max = true;
    if (!stats->sum_lost && hz_decimal_div(&mean, stats->sum, hz_decimal_of((int64_t)count)) &&
        hz_decimal_round(&mean, mean, 6, HZ_ROUND_HALF_EVEN)) {
        hz_decimal_put(buf, mean);
        HZ_TRY(keep_buf(&out->mean, buf, arena, err));
        out->has_mean = true;
    }
    return finish_number_bins(out, stats, arena, buf, err);
}

static hz_status finish_years(hz_result_column *out, const hz_stats *stats, hz_arena *arena, hz_buf *buf, hz_error *err)
{
    size_t count = 0;
    for (size_t y = 0; y < YEARS; y++)
        count += stats->bins[y] != 0;
    out->histogram = HZ_ARENA_ARRAY(arena, hz_bin, count + 1);
    if (!out->histogram)
        return hz_nomem(err, count * sizeof(hz_bin));
    for (size_t y = 0; y < YEARS; y++) {
        if (!stats->bins[y])
            continue;
        hz_bin *bin = &out->histogram[out->histogram_count++];
        bin->count = stats->bins[y];
        hz_buf_printf(buf, "%04zu", y);
        HZ_TRY(keep_buf(&bin->from, buf, arena, err));
        hz_buf_printf(buf, "%04zu", y + 1);
        HZ_TRY(keep_buf(&bin->to, buf, arena, err));
    }
    return HZ_OK;
}

static int by_count_then_value(const void *a, const void *b)
{
    const frequent *x = a, *y = b;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return hz_slice_cmp(x->value, y->value);
}

static hz_status finish_top(hz_result_column *out, const hz_stats *stats, hz_arena *arena, hz_error *err)
{
    if (!stats->frequents_count)
        return HZ_OK;
    frequent *sorted = hz_mem_zalloc(stats->frequents_count, sizeof *sorted);
    if (!sorted)
        return hz_nomem(err, stats->frequents_count * sizeof *sorted);
    memcpy(sorted, stats->frequents, stats->frequents_count * sizeof *sorted);
    qsort(sorted, stats->frequents_count, sizeof *sorted, by_count_then_value);
    hz_status st = HZ_OK;
    out->top = HZ_ARENA_ARRAY(arena, hz_bin, TOP_MAX);
    if (!out->top)
        st = hz_nomem(err, TOP_MAX * sizeof(hz_bin));
    for (size_t i = 0; st == HZ_OK && i < stats->frequents_count && i < TOP_MAX; i++) {
        out->top[i].count = sorted[i].count;
        st = hz_arena_copy(&out->top[i].from, arena, sorted[i].value);
        out->top_count++;
    }
    hz_mem_free(sorted);
    return st;
}

hz_status hz_stats_finish(hz_result_column *out, const hz_stats *stats, hz_arena *arena, hz_error *err)
{
    hz_buf buf = HZ_BUF_INIT;
    hz_status st = HZ_OK;
    kind k = kind_of(stats->field);
    out->personal = stats->personal;
    out->missing = stats->missing;
    out->invalid = stats->invalid;
    out->distinct = distinct_of(stats);
    if (k == KIND_TOP && !stats->personal)
        HZ_GO(finish_top(out, stats, arena, err));
    if (!stats->any)
        goto out;
    if (k == KIND_TEXT) {
        HZ_GO(hz_arena_copy(&out->min, arena, (hz_slice){stats->min_text, stats->min_len}));
        HZ_GO(hz_arena_copy(&out->max, arena, (hz_slice){stats->max_text, stats->max_len}));
        out->has_min = out->has_max = true;
    } else if (k == KIND_INTEGER || k == KIND_DECIMAL) {
        HZ_GO(finish_numbers(out, stats, arena, &buf, err));
    } else if (k != KIND_TOP) {
        put_time(&buf, k, stats->min_i);
        HZ_GO(keep_buf(&out->min, &buf, arena, err));
        put_time(&buf, k, stats->max_i);
        HZ_GO(keep_buf(&out->max, &buf, arena, err));
        out->has_min = out->has_max = true;
        if (stats->bins)
            HZ_GO(finish_years(out, stats, arena, &buf, err));
    }
out:
    hz_buf_clear(&buf);
    return st;
}
