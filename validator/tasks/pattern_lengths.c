/* pattern_lengths.c: how long a text can be that a pattern matches. The pattern compiled, so its form is right; what is
 * not understood (look-arounds, back references, properties of the whole) has no bounds. */
#include "base/utf8.h"
#include "validator/tasks/truth.h"

enum { DEPTH_MAX = 64, COUNT_MAX = 100000 };

typedef struct lengths {
    int64_t min, max; /* max -1: open */
} lengths;

typedef struct scan {
    hz_slice text;
    size_t at;
    bool lost; /* something was not understood */
} scan;

static bool ended(const scan *s)
{
    return s->lost || s->at >= s->text.len;
}

static char here(const scan *s)
{
    return s->text.ptr[s->at];
}

static int64_t plus(int64_t a, int64_t b)
{
    return a < 0 || b < 0 ? -1 : a + b > COUNT_MAX ? -1 : a + b;
}

static int64_t times(int64_t a, int64_t b)
{
    if (a == 0 || b == 0)
        return 0;
    return a < 0 || b < 0 || a > COUNT_MAX / b ? -1 : a * b;
}

static lengths any_of(scan *s, int depth);

/* Behind '[': to the bracket that closes it. */
static void skip_class(scan *s)
{
    if (!ended(s) && here(s) == '^')
        s->at++;
    for (bool first = true; !ended(s); first = false) {
        char c = here(s);
        if (c == ']' && !first) {
            s->at++;
            return;
        }
        if (c == '[' && s->at + 1 < s->text.len && strchr(":.=", s->text.ptr[s->at + 1]))
            s->lost = true; /* [:alpha:] */
        s->at += c == '\\' ? 2 : 1;
    }
    s->lost = true;
}

static lengths escape(scan *s)
{
    if (ended(s))
        return s->lost = true, (lengths){0, -1};
    char c = here(s);
    s->at++;
    if (strchr("dDwWsSnrtfehHvVN", c) || !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')))
        return (lengths){1, 1};
    s->lost = true; /* \x{..}, \p{..}, \b, \Q, back references */
    return (lengths){0, -1};
}

static lengths atom(scan *s, int depth)
{
    char c = here(s);
    if (c == '(') {
        s->at++;
        if (!ended(s) && here(s) == '?') {
            bool plain = s->at + 1 < s->text.len && s->text.ptr[s->at + 1] == ':';
            s->lost = s->lost || !plain;
            s->at += 2;
        } else if (!ended(s) && here(s) == '*') {
            s->lost = true;
        }
        lengths inner = any_of(s, depth + 1);
        if (ended(s) || here(s) != ')')
            s->lost = true;
        s->at++;
        return inner;
    }
    if (c == '[') {
        s->at++;
        skip_class(s);
        return (lengths){1, 1};
    }
    if (c == '\\') {
        s->at++;
        return escape(s);
    }
    if (c == '^' || c == '$') {
        s->at++;
        return (lengths){0, 0};
    }
    (void)hz_utf8_next(s->text, &s->at);
    return (lengths){1, 1};
}

static bool number(scan *s, int64_t *out)
{
    size_t from = s->at;
    for (*out = 0; !ended(s) && here(s) >= '0' && here(s) <= '9' && *out < COUNT_MAX; s->at++)
        *out = *out * 10 + (here(s) - '0');
    return s->at > from;
}

/* {n}, {n,}, {n,m}; false when the brace is a plain character. */
static bool braces(scan *s, lengths *counts)
{
    size_t from = s->at++;
    bool good = number(s, &counts->min);
    counts->max = counts->min;
    if (good && !ended(s) && here(s) == ',') {
        s->at++;
        if (!number(s, &counts->max))
            counts->max = -1;
    }
    good = good && !ended(s) && here(s) == '}';
    s->at = good ? s->at + 1 : from;
    return good;
}

static lengths repeat(scan *s, lengths one)
{
    lengths counts = {1, 1};
    if (ended(s))
        return one;
    char c = here(s);
    bool repeated = c == '*' || c == '+' || c == '?';
    if (repeated) {
        counts = (lengths){c == '+', c == '?' ? 1 : -1};
        s->at++;
    } else if (c == '{') {
        repeated = braces(s, &counts);
        if (!repeated)
            return one;
    }
    if (repeated && !ended(s) && (here(s) == '?' || here(s) == '+'))
        s->at++; /* lazy or possessive: the same lengths */
    return (lengths){times(one.min, counts.min), times(one.max, counts.max)};
}

static lengths sequence(scan *s, int depth)
{
    lengths all = {0, 0};
    while (!ended(s) && here(s) != '|' && here(s) != ')') {
        lengths one = repeat(s, atom(s, depth));
        all.min = plus(all.min, one.min);
        all.max = plus(all.max, one.max);
    }
    return all;
}

static lengths any_of(scan *s, int depth)
{
    lengths all;
    s->lost = s->lost || depth > DEPTH_MAX;
    all = sequence(s, depth);
    while (!ended(s) && here(s) == '|') {
        s->at++;
        lengths one = sequence(s, depth);
        all.min = one.min < all.min ? one.min : all.min;
        all.max = one.max < 0 || all.max < 0 ? -1 : one.max > all.max ? one.max : all.max;
    }
    return all;
}

void hz_pattern_lengths(int64_t *min, int64_t *max, hz_slice pattern)
{
    scan s = {pattern, 0, false};
    lengths all = any_of(&s, 0);
    bool good = !s.lost && s.at == pattern.len && all.min >= 0;
    *min = good ? all.min : 0;
    *max = good ? all.max : -1;
}
