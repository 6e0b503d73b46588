/* pattern_dfa.c: from a pattern's text to an automaton, in one pass and without a tree.
 *
 * A whole value is to match, and nothing in the accepted subset (pattern_int.h) looks around, remembers or forbids
 * backtracking: so whether PCRE2 finds a match is whether the value is a word of a regular language, and any automaton
 * of that language gives PCRE2's answer.
 *
 * The parser emits nodes of a nondeterministic automaton over bytes: a node eats a byte of its set, or goes on to one
 * or two others for free. A character above ASCII becomes chains of byte ranges (UTF-8, RFC 3629). A repeat reads its
 * atom's text again for each copy: `[0-9]{12}` is twelve nodes. The subset construction then makes it deterministic
 * over classes of bytes. Nodes, states and work are bounded: past a bound the pattern is left to PCRE2. */
#include "base/alloc.h"
#include "base/bits.h"
#include "base/utf8.h"
#include "validator/eval/bytes_int.h"
#include "validator/eval/pattern_int.h"

enum { NODES_MAX = 4096, STATES_MAX = 1500, RANGES_MAX = 128, DEPTH_MAX = 32, NONE = UINT16_MAX };
enum { WORK_MAX = 20000000, CODE_POINT_MAX = 0x10FFFF, REPEAT_OPEN = -1 };

typedef struct node {
    uint64_t set[4];    /* when eats: the bytes taken */
    uint16_t out, out2; /* NONE: nowhere */
    bool eats;
} node;

/* A piece of the automaton: entered at start, left at end, whose `out` is still free. */
typedef struct piece {
    uint16_t start, end;
} piece;

typedef struct range {
    uint32_t first, last;
} range;

typedef struct ranges {
    range at[RANGES_MAX];
    size_t count;
} ranges;

typedef struct builder {
    hz_slice text;
    size_t at;
    unsigned depth;
    bool anchored, alternatives;
    const hz_dfa_options *options;
    node *nodes;
    uint32_t count;
} builder;

/* ---- nodes ---- */

static bool new_node(builder *b, uint16_t *index)
{
    if (b->count == NODES_MAX)
        return false;
    *index = (uint16_t)b->count;
    b->nodes[b->count++] = (node){{0}, NONE, NONE, false};
    return true;
}

static bool new_piece(builder *b, piece *p)
{
    return new_node(b, &p->start) && new_node(b, &p->end);
}

/* Another way from `from` (which eats nothing) to `to`; NONE out of nodes. */
static bool add_way(builder *b, uint16_t *from, uint16_t to)
{
    if (b->nodes[*from].out == NONE) {
        b->nodes[*from].out = to;
        return true;
    }
    uint16_t more;
    if (!new_node(b, &more))
        return false;
    b->nodes[*from].out2 = more;
    b->nodes[more].out = to;
    *from = more;
    return true;
}

static void add_bytes(node *n, unsigned first, unsigned last)
{
    for (unsigned byte = first; byte <= last; byte++)
        n->set[byte >> 6] |= UINT64_C(1) << (byte & 63);
}

/* ---- characters to bytes ---- */

/* One chain of byte ranges for first…last, which differ only so that every tail byte below the first differing one is
 * free. */
static bool add_chain(builder *b, uint16_t *from, uint16_t to, uint32_t first, uint32_t last)
{
    char low[4], high[4];
    size_t len = hz_encode_wide(low, first);
    hz_encode_wide(high, last);
    uint16_t head = NONE, tail = NONE;
    for (size_t i = 0; i < len; i++) {
        uint16_t n;
        if (!new_node(b, &n))
            return false;
        b->nodes[n].eats = true;
        add_bytes(&b->nodes[n], (unsigned char)low[i], (unsigned char)high[i]);
        if (tail == NONE)
            head = n;
        else
            b->nodes[tail].out = n;
        tail = n;
    }
    b->nodes[tail].out = to;
    return add_way(b, from, head);
}

/* Cuts a range above ASCII until each part is one chain. */
static bool add_range(builder *b, uint16_t *from, uint16_t to, uint32_t first, uint32_t last)
{
    static const uint32_t borders[] = {0x7FF, 0xD7FF, 0xDFFF, 0xFFFF, CODE_POINT_MAX};
    for (size_t i = 0; i < sizeof borders / sizeof *borders && first <= last; i++) {
        uint32_t end = last < borders[i] ? last : borders[i];
        while (first <= end && (first < 0xD800 || first > 0xDFFF)) {
            /* The longest stretch from first that keeps the free tail bytes whole. */
            uint32_t stop = first;
            for (unsigned bits = 18; bits; bits -= 6) {
                uint32_t low = (UINT32_C(1) << bits) - 1;
                if ((first & low) || (first | low) > end)
                    continue;
                stop = ((end + 1) & ~low) - 1;
                uint32_t upper = (first | ((UINT32_C(1) << (bits + 6)) - 1));
                if (stop > upper)
                    stop = upper;
                break;
            }
            if (stop == first) {
                stop = first | 0x3F;
                if (stop > end)
                    stop = end;
            }
            if (!add_chain(b, from, to, first, stop))
                return false;
            first = stop + 1;
        }
        if (first <= end)
            first = end + 1;
    }
    return true;
}

static void sort_ranges(ranges *set)
{
    for (size_t i = 1; i < set->count; i++)
        for (size_t j = i; j && set->at[j - 1].first > set->at[j].first; j--) {
            range swap = set->at[j];
            set->at[j] = set->at[j - 1];
            set->at[j - 1] = swap;
        }
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (kept && set->at[i].first <= set->at[kept - 1].last + 1) {
            if (set->at[i].last > set->at[kept - 1].last)
                set->at[kept - 1].last = set->at[i].last;
        } else {
            set->at[kept++] = set->at[i];
        }
    }
    set->count = kept;
}

static bool add_to(ranges *set, uint32_t first, uint32_t last)
{
    if (set->count == RANGES_MAX)
        return false;
    set->at[set->count++] = (range){first, last};
    return true;
}

static bool negate(ranges *set)
{
    sort_ranges(set);
    ranges other = {.count = 0};
    uint32_t from = 0;
    for (size_t i = 0; i < set->count; i++) {
        if (set->at[i].first > from && !add_to(&other, from, set->at[i].first - 1))
            return false;
        from = set->at[i].last + 1;
    }
    if (from <= CODE_POINT_MAX && !add_to(&other, from, CODE_POINT_MAX))
        return false;
    *set = other;
    return true;
}

/* A piece that takes one character of the set. */
static bool emit_set(builder *b, piece *p, ranges *set)
{
    if (!new_piece(b, p))
        return false;
    sort_ranges(set);
    uint16_t from = p->start, ascii = NONE;
    for (size_t i = 0; i < set->count; i++) {
        uint32_t first = set->at[i].first, last = set->at[i].last;
        if (first < 0x80) {
            if (ascii == NONE) {
                if (!new_node(b, &ascii))
                    return false;
                b->nodes[ascii].eats = true;
                b->nodes[ascii].out = p->end;
                if (!add_way(b, &from, ascii))
                    return false;
            }
            add_bytes(&b->nodes[ascii], first, last < 0x80 ? last : 0x7F);
            first = 0x80;
        }
        if (first <= last && !add_range(b, &from, p->end, first, last))
            return false;
    }
    return true;
}

/* ---- the text ---- */

static bool more(const builder *b)
{
    return b->at < b->text.len;
}

static char peek(const builder *b)
{
    return more(b) ? b->text.ptr[b->at] : '\0';
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* \xHH and \x{H…}: after the x. Fewer digits than two mean other things to PCRE2: not taken. */
static bool read_hex(builder *b, uint32_t *c)
{
    bool braces = peek(b) == '{';
    b->at += braces;
    uint32_t value = 0;
    size_t digits = 0;
    while (more(b) && hex(peek(b)) >= 0 && digits < (braces ? 6 : 2)) {
        value = value * 16 + (uint32_t)hex(peek(b));
        b->at++;
        digits++;
    }
    if (braces ? !digits || peek(b) != '}' : digits != 2)
        return false;
    b->at += braces;
    *c = value;
    return value <= CODE_POINT_MAX && (value < 0xD800 || value > 0xDFFF);
}

/* \d \w \s and their opposites into set. */
static bool add_escape_class(const builder *b, ranges *set, char letter)
{
    ranges own = {.count = 0};
    char lower = (char)(letter | 0x20);
    if (!b->options->ascii_escapes)
        return false;
    bool ok = lower == 'd'   ? add_to(&own, '0', '9')
              : lower == 's' ? add_to(&own, '\t', '\r') && add_to(&own, ' ', ' ')
                             : add_to(&own, '0', '9') && add_to(&own, 'A', 'Z') && add_to(&own, '_', '_') &&
                                   add_to(&own, 'a', 'z');
    if (ok && letter != lower)
        ok = negate(&own);
    for (size_t i = 0; ok && i < own.count; i++)
        ok = add_to(set, own.at[i].first, own.at[i].last);
    return ok;
}

/* An escape, after the backslash: a class into set, or one character (*single). */
static bool read_escape(builder *b, ranges *set, bool *single, uint32_t *c)
{
    if (!more(b))
        return false;
    char letter = b->text.ptr[b->at++];
    *single = true;
    switch (letter) {
    case 'd':
    case 'D':
    case 'w':
    case 'W':
    case 's':
    case 'S':
        *single = false;
        return add_escape_class(b, set, letter);
    case 'x':
        return read_hex(b, c);
    case 't':
        *c = '\t';
        return true;
    case 'n':
        *c = '\n';
        return true;
    case 'r':
        *c = '\r';
        return true;
    default:
        *c = (unsigned char)letter;
        return (unsigned char)letter < 0x80 && !(hex(letter) >= 0) &&
               !((letter | 0x20) >= 'a' && (letter | 0x20) <= 'z');
    }
}

/* One member of a class: a character or an escape. */
static bool read_member(builder *b, ranges *set, bool *single, uint32_t *c)
{
    if (!more(b))
        return false;
    if (peek(b) == '[' && b->at + 1 < b->text.len && strchr(":.=", b->text.ptr[b->at + 1]))
        return false;
    if (peek(b) == '\\') {
        b->at++;
        return read_escape(b, set, single, c);
    }
    *single = true;
    *c = hz_utf8_next(b->text, &b->at);
    return true;
}

/* After the [. */
static bool read_class(builder *b, ranges *set)
{
    bool negated = peek(b) == '^', first = true, single = false;
    b->at += negated;
    for (;; first = false) {
        uint32_t from, to;
        if (!more(b))
            return false;
        if (peek(b) == ']' && !first)
            break;
        if (!read_member(b, set, &single, &from))
            return false;
        bool dash = peek(b) == '-' && b->at + 1 < b->text.len && b->text.ptr[b->at + 1] != ']';
        if (!single) {
            if (dash)
                return false;
            continue;
        }
        to = from;
        if (dash) {
            b->at++;
            if (!read_member(b, set, &single, &to) || !single || to < from)
                return false;
        }
        if (!add_to(set, from, to))
            return false;
    }
    b->at++;
    return !negated || negate(set);
}

static bool read_alternatives(builder *b, piece *p);

static bool read_group(builder *b, piece *p)
{
    if (peek(b) == '*')
        return false;
    if (peek(b) == '?') {
        b->at++;
        if (peek(b) != ':')
            return false;
        b->at++;
    }
    if (b->depth == DEPTH_MAX)
        return false;
    b->depth++;
    bool ok = read_alternatives(b, p) && peek(b) == ')';
    b->at++;
    b->depth--;
    return ok;
}

/* One atom; *group: it was a group. */
static bool read_atom(builder *b, piece *p, bool *group)
{
    ranges set = {.count = 0};
    uint32_t c = 0;
    bool single = true;
    char lead = peek(b);
    *group = false;
    switch (lead) {
    case '(':
        b->at++;
        *group = true;
        return read_group(b, p);
    case '[':
        b->at++;
        return read_class(b, &set) && emit_set(b, p, &set);
    case '.':
        b->at++;
        if (!b->options->dot_known)
            return false;
        return (b->options->dot_all || add_to(&set, '\n', '\n')) && negate(&set) && emit_set(b, p, &set);
    case '\\':
        b->at++;
        if (!read_escape(b, &set, &single, &c))
            return false;
        break;
    default:
        if (strchr("*+?{^$|)", lead))
            return false;
        c = hz_utf8_next(b->text, &b->at);
    }
    return (!single || add_to(&set, c, c)) && emit_set(b, p, &set);
}

static bool read_number(builder *b, int *n)
{
    size_t from = b->at;
    *n = 0;
    while (more(b) && peek(b) >= '0' && peek(b) <= '9') {
        *n = *n * 10 + (peek(b) - '0');
        if (*n > NODES_MAX)
            return false;
        b->at++;
    }
    return b->at > from;
}

/* A quantifier, or none (1, 1). A lazy one takes the same words; a possessive one does not. */
static bool read_quantifier(builder *b, int *least, int *most)
{
    *least = *most = 1;
    char lead = peek(b);
    if (!more(b) || !strchr("*+?{", lead))
        return true;
    b->at++;
    if (lead == '{') {
        if (!read_number(b, least))
            return false;
        *most = *least;
        if (peek(b) == ',') {
            b->at++;
            if (peek(b) == '}')
                *most = REPEAT_OPEN;
            else if (!read_number(b, most) || *most < *least)
                return false;
        }
        if (peek(b) != '}')
            return false;
        b->at++;
    } else {
        *least = lead == '+';
        *most = lead == '?' ? 1 : REPEAT_OPEN;
    }
    if (peek(b) == '?')
        b->at++;
    return !more(b) || !strchr("*+?{", peek(b));
}

/* An atom with its quantifier. The copies after `least` are nested (x(x(x)?)?), which keeps the sets of nodes small.
 * Every copy makes nodes, so that the bound on nodes is one on the time of nested repeats too. */
static bool read_repeat(builder *b, piece *p)
{
    size_t from = b->at, after;
    piece copy;
    bool group;
    int least, most;
    if (!new_piece(b, p) || !read_atom(b, &copy, &group) || !read_quantifier(b, &least, &most))
        return false;
    after = b->at;
    if (group && most == REPEAT_OPEN)
        return false;
    uint16_t tail = p->start;
    int copies = most == REPEAT_OPEN ? least + 1 : most;
    for (int i = 0; i < copies; i++) {
        bool again = most == REPEAT_OPEN && i == least;
        uint16_t gate;
        b->at = from;
        if (!new_node(b, &gate) || (i && !read_atom(b, &copy, &group)))
            return false;
        b->nodes[tail].out = gate;
        b->nodes[gate].out = copy.start;
        if (i >= least)
            b->nodes[gate].out2 = p->end;
        if (again)
            b->nodes[copy.end].out = gate;
        tail = again ? NONE : copy.end;
    }
    if (tail != NONE)
        b->nodes[tail].out = p->end;
    b->at = after;
    return true;
}

static bool read_sequence(builder *b, piece *p)
{
    if (!new_node(b, &p->start))
        return false;
    p->end = p->start;
    while (more(b) && peek(b) != '|' && peek(b) != ')') {
        piece next;
        bool edge = (peek(b) == '^' && b->at == 0) || (peek(b) == '$' && b->at + 1 == b->text.len);
        if (edge) {
            b->at++;
            b->anchored = true;
            continue;
        }
        if (!read_repeat(b, &next))
            return false;
        b->nodes[p->end].out = next.start;
        p->end = next.end;
    }
    return true;
}

static bool read_alternatives(builder *b, piece *p)
{
    if (!new_piece(b, p))
        return false;
    uint16_t from = p->start;
    for (;;) {
        piece one;
        if (!read_sequence(b, &one) || !add_way(b, &from, one.start))
            return false;
        b->nodes[one.end].out = p->end;
        if (peek(b) != '|')
            return true;
        b->at++;
        b->alternatives |= b->depth == 0;
    }
}

/* ---- subsets ---- */

typedef struct subsets {
    const node *nodes;
    uint32_t nodes_count;
    uint16_t last;  /* the node after the whole pattern */
    size_t words;   /* of one set */
    uint64_t *sets; /* STATES_MAX of them */
    uint64_t *hashes;
    uint16_t *stack;
    uint64_t work;
    hz_dfa *dfa;
} subsets;

static void split_classes(hz_dfa *dfa, const node *nodes, uint32_t count)
{
    uint32_t classes = 1;
    memset(dfa->class_of, 0, sizeof dfa->class_of);
    for (uint32_t n = 0; n < count; n++) {
        if (!nodes[n].eats)
            continue;
        int inside[256];
        bool outside[256] = {false};
        for (uint32_t c = 0; c < 256; c++)
            inside[c] = -1;
        for (unsigned byte = 0; byte < 256; byte++)
            if (!hz_bits_get(nodes[n].set, byte))
                outside[dfa->class_of[byte]] = true;
        for (unsigned byte = 0; byte < 256; byte++) {
            uint8_t class = dfa->class_of[byte];
            if (!hz_bits_get(nodes[n].set, byte) || !outside[class])
                continue;
            if (inside[class] < 0)
                inside[class] = (int)classes++;
            dfa->class_of[byte] = (uint8_t)inside[class];
        }
    }
    dfa->classes_count = classes;
}

/* Adds node n and what is free from there to set; only eating nodes and the last are kept. */
static void reach(subsets *s, uint64_t *set, uint64_t *seen, uint16_t n)
{
    size_t depth = 0;
    s->stack[depth++] = n;
    while (depth) {
        n = s->stack[--depth];
        if (n == NONE || hz_bits_get(seen, n))
            continue;
        s->work++;
        hz_bits_set(seen, n);
        if (s->nodes[n].eats || n == s->last) {
            hz_bits_set(set, n);
            continue;
        }
        s->stack[depth++] = s->nodes[n].out2;
        s->stack[depth++] = s->nodes[n].out;
    }
}

/* The state of this set, a new one if need be; -1 when there are too many. */
static int state_of(subsets *s, const uint64_t *set)
{
    uint64_t hash = 0, any = 0;
    for (size_t w = 0; w < s->words; w++) {
        any |= set[w];
        hash = (hash ^ set[w]) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    if (!any)
        return HZ_DFA_DEAD;
    for (uint32_t i = 1; i < s->dfa->states_count; i++)
        if (s->hashes[i] == hash && memcmp(s->sets + i * s->words, set, s->words * sizeof *set) == 0)
            return (int)i;
    s->work += s->dfa->states_count;
    if (s->dfa->states_count == STATES_MAX)
        return -1;
    uint32_t state = s->dfa->states_count++;
    memcpy(s->sets + state * s->words, set, s->words * sizeof *set);
    s->hashes[state] = hash;
    return (int)state;
}

/* The set after a byte of class `byte` from state. */
static void step(subsets *s, uint32_t state, unsigned byte, uint64_t *set, uint64_t *seen)
{
    const uint64_t *from = s->sets + state * s->words;
    memset(set, 0, s->words * sizeof *set);
    memset(seen, 0, s->words * sizeof *seen);
    for (HZ_BITS_EACH(n, from, s->nodes_count)) {
        s->work++;
        if (s->nodes[n].eats && hz_bits_get(s->nodes[n].set, byte))
            reach(s, set, seen, s->nodes[n].out);
    }
}

/* false: too large. */
static bool make_states(subsets *s, uint16_t start, uint64_t *set, uint64_t *seen)
{
    hz_dfa *dfa = s->dfa;
    unsigned of_class[256];
    for (unsigned byte = 0; byte < 256; byte++)
        of_class[dfa->class_of[byte]] = byte;
    dfa->states_count = 1;
    memset(s->sets, 0, s->words * sizeof *s->sets);
    memset(set, 0, s->words * sizeof *set);
    memset(seen, 0, s->words * sizeof *seen);
    reach(s, set, seen, start);
    if (state_of(s, set) != HZ_DFA_START)
        return false;
    for (uint32_t state = 0; state < dfa->states_count; state++) {
        dfa->accepts[state] = hz_bits_get(s->sets + state * s->words, s->last);
        for (uint32_t class = 0; class < dfa->classes_count; class ++) {
            step(s, state, of_class[class], set, seen);
            int to = state_of(s, set);
            if (to < 0 || s->work > WORK_MAX)
                return false;
            dfa->next[state * dfa->classes_count + class] = (uint16_t)to;
        }
    }
    return true;
}

static uint32_t next_of(const hz_dfa *dfa, uint32_t state, unsigned byte)
{
    return dfa->next[state * dfa->classes_count + dfa->class_of[byte]];
}

static bool is_kept(const hz_dfa *dfa, uint32_t state)
{
    for (unsigned first = 0xe1; first <= 0xef; first++)
        for (unsigned second = 0x80; first != 0xed && second <= 0xbf; second++) {
            bool same = second > 0x80 && dfa->class_of[second] == dfa->class_of[second - 1];
            for (unsigned third = 0x80; !same && third <= 0xbf; third++)
                if (next_of(dfa, next_of(dfa, next_of(dfa, state, first), second), third) != state)
                    return false;
        }
    return true;
}

static hz_status determine(hz_dfa **out, const builder *b, piece whole, hz_error *err)
{
    hz_status st = HZ_OK;
    size_t words = hz_bits_words(b->count);
    subsets s = {b->nodes, b->count, whole.end, words, NULL, NULL, NULL, 0, NULL};
    uint64_t *scratch = hz_mem_zalloc(2 * words, sizeof *scratch);
    s.sets = hz_mem_alloc(words * STATES_MAX * sizeof *s.sets);
    s.hashes = hz_mem_alloc(STATES_MAX * sizeof *s.hashes);
    s.stack = hz_mem_alloc((2 * (size_t)b->count + 2) * sizeof *s.stack);
    s.dfa = hz_mem_zalloc(1, sizeof *s.dfa);
    bool made = false;
    if (scratch && s.sets && s.hashes && s.stack && s.dfa) {
        split_classes(s.dfa, b->nodes, b->count);
        s.dfa->next = hz_mem_alloc(STATES_MAX * (size_t)s.dfa->classes_count * sizeof *s.dfa->next);
        s.dfa->accepts = hz_mem_alloc(STATES_MAX);
        s.dfa->keeps = hz_mem_zalloc(STATES_MAX, sizeof *s.dfa->keeps);
    }
    if (!s.dfa || !s.dfa->next || !s.dfa->accepts || !s.dfa->keeps)
        st = hz_nomem(err, words * STATES_MAX * sizeof *s.sets);
    else
        made = make_states(&s, whole.start, scratch, scratch + words);
    if (made) {
        void *less =
            hz_mem_realloc(s.dfa->next, s.dfa->states_count * (size_t)s.dfa->classes_count * sizeof *s.dfa->next);
        if (less)
            s.dfa->next = less;
        for (uint32_t state = HZ_DFA_START; state < s.dfa->states_count; state++)
            s.dfa->keeps[state] = is_kept(s.dfa, state);
        *out = s.dfa;
        s.dfa = NULL;
    }
    hz_dfa_free(s.dfa);
    hz_mem_free(s.stack);
    hz_mem_free(s.hashes);
    hz_mem_free(s.sets);
    hz_mem_free(scratch);
    return st;
}

hz_status hz_dfa_new(hz_dfa **out, hz_slice text, const hz_dfa_options *options, hz_error *err)
{
    *out = NULL;
    builder b = {.text = text, .options = options};
    piece whole;
    if (memchr(text.ptr ? text.ptr : "", '\0', text.len))
        return HZ_OK;
    b.nodes = hz_mem_alloc(NODES_MAX * sizeof *b.nodes);
    if (!b.nodes)
        return hz_nomem(err, NODES_MAX * sizeof *b.nodes);
    hz_status st = HZ_OK;
    if (read_alternatives(&b, &whole) && !more(&b) && !(b.anchored && b.alternatives))
        st = determine(out, &b, whole, err);
    hz_mem_free(b.nodes);
    return st;
}

void hz_dfa_free(hz_dfa *dfa)
{
    if (!dfa)
        return;
    hz_mem_free(dfa->next);
    hz_mem_free(dfa->accepts);
    hz_mem_free(dfa->keeps);
    hz_mem_free(dfa);
}
