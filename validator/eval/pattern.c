/* pattern.c: three ways to one answer.
 *
 * FIXED: every word of the pattern has one length and every place a set of ASCII characters, which is what codes and
 * numbers look like. A place is checked to lie between the least and the greatest byte of its set, eight places at once
 * in a 64-bit word; places whose set has holes are looked up one by one afterwards. AUTOMATON: one table step a byte,
 * none for Chinese characters that change nothing (pattern_dfa.c). PCRE2: all the rest.
 *
 * Limits. PCRE2's interpreter counts matching steps, nesting and heap; JIT code counts fewer things or none of them. So
 * that a limit is hit by the same values with and without JIT, the interpreter is the judge, and JIT takes only values
 * so short that the interpreter could not come to a limit on them: with k repeats (none of them around a group) and a
 * alternatives or optional parts, a value of n characters has at most (n + 1)^k 2^a ways through the pattern, each no
 * longer than the pattern; frames nest no deeper than one way. jit_bytes_max() works that out when the pattern is made;
 * what it cannot bound goes to the interpreter. */
#define PCRE2_CODE_UNIT_WIDTH 8
#include "validator/eval/pattern.h"

#include <pcre2.h>

#include "base/alloc.h"
#include "base/bits.h"
#include "validator/eval/bytes_int.h"
#include "validator/eval/pattern_int.h"

enum { FIXED_MAX = 32, WORD_BYTES = 8, JIT_BYTES_CEILING = 4096, START_FRAMES_BYTES = 20480 };

#define HIGH_BITS UINT64_C(0x8080808080808080)

/* The places whose set is not all of low…high. */
typedef struct place {
    uint32_t index;
    uint64_t set[2];
} place;

typedef struct fixed {
    uint32_t len, words_count, places_count;
    uint64_t low[FIXED_MAX / WORD_BYTES], high[FIXED_MAX / WORD_BYTES]; /* the last word covers the last 8 bytes */
    place places[FIXED_MAX];
} fixed;

struct hz_pattern {
    hz_pattern_method method;
    fixed fixed;
    hz_dfa *dfa;
    pcre2_code *code;
    size_t jit_bytes_max;
    uint32_t match_limit, depth_limit, heap_limit_kib;
    hz_limits limits;
};

struct hz_pattern_scratch {
    pcre2_general_context *memory;
    pcre2_match_data *data;
    pcre2_match_context *context;
    uint32_t match_limit, depth_limit, heap_limit_kib; /* as the context has them */
};

static void *pcre_alloc(size_t size_bytes, void *ctx)
{
    (void)ctx;
    return hz_mem_alloc(size_bytes);
}

static void pcre_free(void *ptr, void *ctx)
{
    (void)ctx;
    hz_mem_free(ptr);
}

/* ---- FIXED ---- */

/* Every byte of x between those of low and high, all of which are ASCII: with its top bit set no byte of the left side
 * borrows. */
static HZ_ALWAYS_INLINE bool between(uint64_t x, uint64_t low, uint64_t high)
{
    uint64_t above = (x | HIGH_BITS) - low, below = (high | HIGH_BITS) - (x & ~HIGH_BITS);
    return (above & below & ~x & HIGH_BITS) == HIGH_BITS;
}

static HZ_ALWAYS_INLINE bool matches_fixed(const fixed *f, uint32_t words_count, hz_slice value)
{
    if (value.len != f->len)
        return false;
    const char *p = value.ptr;
    bool ok = true;
    if (f->len < WORD_BYTES) {
        ok = between(hz_load_some(p, f->len), f->low[0], f->high[0]);
    } else {
        for (uint32_t w = 0; w + 1 < words_count; w++)
            ok &= between(hz_load8(p + w * WORD_BYTES), f->low[w], f->high[w]);
        uint32_t last = words_count - 1;
        ok &= between(hz_load8(p + f->len - WORD_BYTES), f->low[last], f->high[last]);
    }
    for (uint32_t i = 0; ok && i < f->places_count; i++) {
        unsigned byte = (unsigned char)p[f->places[i].index];
        ok = hz_bits_get(f->places[i].set, byte);
    }
    return ok;
}

static void fill_words(fixed *f, const unsigned char *low, const unsigned char *high)
{
    f->words_count = (f->len + WORD_BYTES - 1) / WORD_BYTES;
    for (uint32_t w = 0; w < f->words_count; w++) {
        uint32_t from = w * WORD_BYTES;
        if (f->len >= WORD_BYTES && from + WORD_BYTES > f->len)
            from = f->len - WORD_BYTES;
        for (uint32_t i = 0; i < WORD_BYTES && from + i < f->len; i++) {
            f->low[w] |= (uint64_t)low[from + i] << (8 * i);
            f->high[w] |= (uint64_t)high[from + i] << (8 * i);
        }
    }
}

/* Reads an automaton that is one chain of states into *f; false when it is no chain or not ASCII. */
static bool chain_of(fixed *f, const hz_dfa *dfa)
{
    unsigned char low[FIXED_MAX], high[FIXED_MAX];
    uint32_t state = HZ_DFA_START;
    while (!dfa->accepts[state]) {
        uint32_t to = HZ_DFA_DEAD;
        uint64_t set[2] = {0};
        unsigned first = 0, last = 0, members = 0;
        if (f->len == FIXED_MAX)
            return false;
        for (unsigned byte = 0; byte < 256; byte++) {
            uint32_t next = dfa->next[state * dfa->classes_count + dfa->class_of[byte]];
            if (next == HZ_DFA_DEAD)
                continue;
            if ((to != HZ_DFA_DEAD && next != to) || byte >= 0x80)
                return false;
            to = next;
            first = members ? first : byte;
            last = byte;
            members++;
            hz_bits_set(set, byte);
        }
        if (!members)
            return false;
        if (last - first + 1 != members)
            f->places[f->places_count++] = (place){f->len, {set[0], set[1]}};
        low[f->len] = (unsigned char)first;
        high[f->len++] = (unsigned char)last;
        state = to;
    }
    for (uint32_t class = 0; class < dfa->classes_count; class ++)
        if (dfa->next[state * dfa->classes_count + class] != HZ_DFA_DEAD)
            return false;
    fill_words(f, low, high);
    return f->len > 0;
}

static HZ_ALWAYS_INLINE bool matches_dfa(const hz_dfa *dfa, hz_slice value)
{
    uint32_t state = HZ_DFA_START, classes = dfa->classes_count;
    for (size_t i = 0; i < value.len && state != HZ_DFA_DEAD; i++) {
        while (dfa->keeps[state] && i + sizeof(uint32_t) <= value.len && hz_dfa_three(hz_load32(value.ptr + i)))
            i += 3;
        if (i < value.len)
            state = dfa->next[state * classes + dfa->class_of[(unsigned char)value.ptr[i]]];
    }
    return dfa->accepts[state];
}

/* ---- PCRE2 ---- */

/* What the bound on the interpreter's work needs to know of a pattern's text. */
typedef struct shape {
    unsigned repeats; /* with up to n + 1 choices each */
    unsigned choices; /* with two each */
} shape;

/* After "(?": only what neither recurses, nor jumps, nor repeats. */
static bool plain_group(hz_slice rest)
{
    static const char *const known[] = {":", "=", "!", "<=", "<!", ">", "i)", "i:"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (hz_slice_starts(rest, hz_slice_of(known[i])))
            return true;
    return false;
}

/* The index after the class that opens at `at`; 0 when it is not read for certain ([:alpha:] inside, no end). */
static size_t class_end(hz_slice text, size_t at)
{
    at++;
    if (at < text.len && text.ptr[at] == '^')
        at++;
    if (at < text.len && text.ptr[at] == ']')
        at++;
    while (at < text.len && text.ptr[at] != ']')
        at += text.ptr[at] == '\\' ? 2 : text.ptr[at] == '[' ? text.len : 1;
    return at < text.len ? at + 1 : 0;
}

static bool shape_of(shape *s, hz_slice text)
{
    bool after_group = false;
    *s = (shape){0, 0};
    for (size_t at = 0; at < text.len;) {
        char c = text.ptr[at];
        size_t step = 1;
        bool group = false;
        if (c == '\\') {
            if (at + 1 == text.len || strchr("gkKRXQECN", text.ptr[at + 1]))
                return false;
            step = 2;
        } else if (c == '[') {
            size_t end = class_end(text, at);
            if (!end)
                return false;
            step = end - at;
        } else if (c == '(' && at + 1 < text.len && text.ptr[at + 1] == '*') {
            return false;
        } else if (c == '(' && at + 1 < text.len && text.ptr[at + 1] == '?') {
            if (!plain_group(hz_slice_sub(text, at + 2, text.len)))
                return false;
            step = 2;
        } else if (c == ')') {
            group = true;
        } else if (c == '|' || c == '?') {
            s->choices++;
        } else if (c == '*' || c == '+' || c == '{') {
            if (after_group)
                return false;
            s->repeats++;
        }
        after_group = group;
        at += step;
    }
    return true;
}

static size_t jit_bytes_max(const hz_pattern *p, hz_slice text)
{
    shape s;
    size_t frame_bytes = 0, most = 0;
    uint32_t lookbehind = 0;
    if (!shape_of(&s, text) || s.choices > 24 || pcre2_pattern_info(p->code, PCRE2_INFO_FRAMESIZE, &frame_bytes) ||
        pcre2_pattern_info(p->code, PCRE2_INFO_MAXLOOKBEHIND, &lookbehind))
        return 0;
    uint64_t items = 2 * (uint64_t)text.len + 8;
    for (uint64_t n = 8; n <= JIT_BYTES_CEILING; n *= 2) {
        uint64_t steps = items << s.choices;
        for (unsigned i = 0; i < s.repeats && steps <= p->match_limit; i++)
            steps *= n + 1;
        uint64_t heap_kib = (items * frame_bytes + START_FRAMES_BYTES) / 1024 + 1;
        if (steps > p->match_limit || items > p->depth_limit || heap_kib > p->heap_limit_kib)
            break;
        most = (size_t)n;
    }
    return most;
}

static uint32_t limit_of(const hz_limits *limits, hz_limit_id id)
{
    uint64_t value = limits->value[id];
    return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

static hz_status use_pcre2(hz_pattern *p, hz_slice text, const void *code, hz_error *err)
{
    if (!code)
        return hz_fail(err, HZ_E_INTERNAL, HZ_M(INTERNAL), HZ_Z("pattern"));
    p->method = HZ_PATTERN_PCRE2;
    p->match_limit = limit_of(&p->limits, HZ_LIMIT_PATTERN_MATCH);
    p->depth_limit = limit_of(&p->limits, HZ_LIMIT_PATTERN_DEPTH);
    p->heap_limit_kib = limit_of(&p->limits, HZ_LIMIT_PATTERN_HEAP);
    /* A copy, since compiling for JIT writes to the code, which others share. */
    p->code = pcre2_code_copy(code);
    if (!p->code)
        return hz_nomem(err, 0);
    p->jit_bytes_max = jit_bytes_max(p, text);
    if (p->jit_bytes_max && pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE) != 0)
        p->jit_bytes_max = 0;
    return HZ_OK;
}

/* What the options of the code mean for the automaton; false: options that it does not know. */
static bool dfa_options(hz_dfa_options *o, const void *code)
{
    const uint32_t known = PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY |
                           PCRE2_NEVER_UCP | PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_AUTO_CAPTURE | PCRE2_NO_START_OPTIMIZE |
                           PCRE2_NO_AUTO_POSSESS | PCRE2_NO_DOTSTAR_ANCHOR | PCRE2_NEVER_UTF;
    const uint32_t needed = PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED;
    uint32_t options = needed, newline = PCRE2_NEWLINE_LF;
    if (code && (pcre2_pattern_info(code, PCRE2_INFO_ALLOPTIONS, &options) ||
                 pcre2_pattern_info(code, PCRE2_INFO_NEWLINE, &newline)))
        return false;
    *o = (hz_dfa_options){true, (options & PCRE2_DOTALL) != 0, newline == PCRE2_NEWLINE_LF};
    return (options & needed) == needed && !(options & ~known);
}

hz_status hz_pattern_new(hz_pattern **out, hz_slice text, const void *code, const hz_limits *limits, bool plain,
                         hz_error *err)
{
    *out = NULL;
    hz_status st = HZ_OK;
    hz_dfa_options options;
    hz_pattern *p = hz_mem_zalloc(1, sizeof *p);
    if (!p)
        return hz_nomem(err, sizeof *p);
    p->limits = limits ? *limits : *hz_limits_default();
    if (!plain && dfa_options(&options, code))
        HZ_GO(hz_dfa_new(&p->dfa, text, &options, err));
    if (p->dfa)
        p->method = chain_of(&p->fixed, p->dfa) ? HZ_PATTERN_FIXED : HZ_PATTERN_AUTOMATON;
    else
        HZ_GO(use_pcre2(p, text, code, err));
    *out = p;
    p = NULL;
out:
    hz_pattern_free(p);
    return st;
}

void hz_pattern_free(hz_pattern *pattern)
{
    if (!pattern)
        return;
    hz_dfa_free(pattern->dfa);
    pcre2_code_free(pattern->code);
    hz_mem_free(pattern);
}

hz_pattern_method hz_pattern_method_of(const hz_pattern *pattern)
{
    return pattern->method;
}

size_t hz_pattern_jit_bytes_max(const hz_pattern *pattern)
{
    return pattern->jit_bytes_max;
}

void hz_pattern_scratch_free(hz_pattern_scratch *scratch)
{
    if (!scratch)
        return;
    pcre2_match_context_free(scratch->context);
    pcre2_match_data_free(scratch->data);
    pcre2_general_context_free(scratch->memory);
    hz_mem_free(scratch);
}

static hz_status make_scratch(hz_pattern_scratch **scratch, hz_error *err)
{
    hz_pattern_scratch *s = hz_mem_zalloc(1, sizeof *s);
    if (!s)
        return hz_nomem(err, sizeof *s);
    s->memory = pcre2_general_context_create(pcre_alloc, pcre_free, NULL);
    if (s->memory) {
        s->data = pcre2_match_data_create(1, s->memory);
        s->context = pcre2_match_context_create(s->memory);
    }
    if (!s->data || !s->context) {
        hz_pattern_scratch_free(s);
        return hz_nomem(err, sizeof *s);
    }
    *scratch = s;
    return HZ_OK;
}

static void set_limits(hz_pattern_scratch *s, const hz_pattern *p)
{
    if (s->match_limit == p->match_limit && s->depth_limit == p->depth_limit && s->heap_limit_kib == p->heap_limit_kib)
        return;
    s->match_limit = p->match_limit;
    s->depth_limit = p->depth_limit;
    s->heap_limit_kib = p->heap_limit_kib;
    pcre2_set_match_limit(s->context, p->match_limit);
    pcre2_set_depth_limit(s->context, p->depth_limit);
    pcre2_set_heap_limit(s->context, p->heap_limit_kib);
}

static hz_status limit_hit(const hz_pattern *p, hz_limit_id id, hz_error *err)
{
    return hz_limit_check(&p->limits, id, UINT64_MAX, err);
}

static hz_status match_pcre2(bool *matches, const hz_pattern *p, hz_pattern_scratch **scratch, hz_slice value,
                             hz_error *err)
{
    if (!*scratch)
        HZ_TRY(make_scratch(scratch, err));
    hz_pattern_scratch *s = *scratch;
    set_limits(s, p);
    PCRE2_SPTR subject = (PCRE2_SPTR)(value.ptr ? value.ptr : "");
    int rc = PCRE2_ERROR_JIT_STACKLIMIT;
    /* 1: matched; 0: matched, and the one pair of offsets was too few for the groups. */
    if (value.len <= p->jit_bytes_max)
        rc = pcre2_match(p->code, subject, value.len, 0, 0, s->data, s->context);
    if (rc == PCRE2_ERROR_JIT_STACKLIMIT || rc == PCRE2_ERROR_MATCHLIMIT)
        rc = pcre2_match(p->code, subject, value.len, 0, PCRE2_NO_JIT, s->data, s->context);
    *matches = rc >= 0;
    if (rc >= 0 || rc == PCRE2_ERROR_NOMATCH || (rc <= PCRE2_ERROR_UTF8_ERR1 && rc >= PCRE2_ERROR_UTF8_ERR21))
        return HZ_OK;
    switch (rc) {
    case PCRE2_ERROR_MATCHLIMIT:
        return limit_hit(p, HZ_LIMIT_PATTERN_MATCH, err);
    case PCRE2_ERROR_DEPTHLIMIT:
        return limit_hit(p, HZ_LIMIT_PATTERN_DEPTH, err);
    case PCRE2_ERROR_HEAPLIMIT:
        return limit_hit(p, HZ_LIMIT_PATTERN_HEAP, err);
    case PCRE2_ERROR_NOMEMORY:
        return hz_nomem(err, 0);
    default:
        return hz_fail(err, HZ_E_INTERNAL, HZ_M(INTERNAL), HZ_Z("pcre2_match"));
    }
}

hz_status hz_pattern_match(bool *matches, const hz_pattern *pattern, hz_pattern_scratch **scratch, hz_slice value,
                           hz_error *err)
{
    *matches = false;
    switch (pattern->method) {
    case HZ_PATTERN_FIXED:
        *matches = matches_fixed(&pattern->fixed, pattern->fixed.words_count, value);
        return HZ_OK;
    case HZ_PATTERN_AUTOMATON:
        *matches = matches_dfa(pattern->dfa, value);
        return HZ_OK;
    case HZ_PATTERN_PCRE2:
        break;
    }
    return match_pcre2(matches, pattern, scratch, value, err);
}

/* The loops over a column: whole words of rows go without looking for bits. */
#define COLUMN(test)                                                                                                   \
    for (size_t w = 0; w < hz_bits_words(count); w++) {                                                                \
        const hz_slice *at = values + w * 64;                                                                          \
        uint64_t todo = applied[w], bad = 0;                                                                           \
        if (todo == ~UINT64_C(0)) {                                                                                    \
            for (unsigned i = 0; i < 64; i++)                                                                          \
                bad |= (uint64_t) !(test) << i;                                                                        \
        } else {                                                                                                       \
            for (; todo; todo &= todo - 1) {                                                                           \
                unsigned i = (unsigned)__builtin_ctzll(todo);                                                          \
                bad |= (uint64_t) !(test) << i;                                                                        \
            }                                                                                                          \
        }                                                                                                              \
        failed[w] = bad;                                                                                               \
    }

static void many_fixed(uint64_t *failed, const fixed *f, const hz_slice *values, const uint64_t *applied, size_t count)
{
    /* A constant number of words lets the compiler unroll. */
    switch (f->words_count) {
    case 1:
        COLUMN(matches_fixed(f, 1, at[i]));
        return;
    case 2:
        COLUMN(matches_fixed(f, 2, at[i]));
        return;
    case 3:
        COLUMN(matches_fixed(f, 3, at[i]));
        return;
    default:
        COLUMN(matches_fixed(f, f->words_count, at[i]));
    }
}

hz_status hz_pattern_match_many(uint64_t *failed, const hz_pattern *pattern, hz_pattern_scratch **scratch,
                                const hz_slice *values, const uint64_t *applied, size_t count, hz_error *err)
{
    if (pattern->method == HZ_PATTERN_FIXED) {
        many_fixed(failed, &pattern->fixed, values, applied, count);
        return HZ_OK;
    }
    if (pattern->method == HZ_PATTERN_AUTOMATON) {
        COLUMN(matches_dfa(pattern->dfa, at[i]));
        return HZ_OK;
    }
    /* Sorted columns repeat a value many times: the last verdict serves again. */
    const hz_slice *last = NULL;
    bool matches = false;
    memset(failed, 0, hz_bits_words(count) * sizeof *failed);
    for (HZ_BITS_EACH(i, applied, count)) {
        if (!last || !hz_slice_eq(*last, values[i]))
            HZ_TRY(match_pcre2(&matches, pattern, scratch, values[i], err));
        last = &values[i];
        if (!matches)
            hz_bits_set(failed, i);
    }
    return HZ_OK;
}
