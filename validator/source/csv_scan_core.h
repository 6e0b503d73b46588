/* csv_scan_core.h: the scanner that every instruction set shares; included once by each csv_scan_*.c, which defines
 * before:
 * - SCAN_FN: storage and target of its functions;
 * - scan_masks masks_at(bytes, delimiter): bit i of each mask tells of byte i of 64;
 * - uint64_t prefix_xor(bits): bit i is the parity of bits 0 … i.
 *
 * Q are the quotes, I = prefix_xor(Q) the bytes inside quotes (with the opening quote, without the closing one),
 * carried from chunk to chunk. "" inside quotes closes and opens again at once, which changes nothing around it.
 * Opening quotes must follow, closing ones precede, a byte of E (delimiter, line end, quote): by induction from the
 * record's start I is then what reading byte by byte gives. The check of a closing quote is made at the byte behind it,
 * so that no chunk looks ahead. */
#include "validator/source/csv_scan.h"

typedef struct scan_masks {
    uint64_t quote, delimiter, cr, lf, nul, high;
} scan_masks;

/* All that a scan changes, apart from hz_csv_scan so that it stays in registers while `at` and `ends` are written. */
typedef struct scan_state {
    uint32_t *at, *ends;                       /* where the next item goes */
    uint64_t inside;                           /* all ones inside quotes */
    uint64_t edge, close, cr;                  /* 1: the byte before was in E, a closing quote, a CR */
    uint64_t escapes, quoted_lines, nul, high; /* not 0: seen */
    uint64_t irregular;                        /* in the chunk just read, the bytes that show an irregular quote */
} scan_state;

SCAN_FN scan_masks masks_at(const char *bytes, char delimiter);
SCAN_FN uint64_t prefix_xor(uint64_t bits);

SCAN_FN uint64_t scan_emit_four(uint32_t *at, uint32_t base, uint64_t bits)
{
    /* A bit beyond the last, so that ctz is defined when none is left. */
    const uint64_t last = UINT64_C(1) << 63;
    at[0] = base + (uint32_t)__builtin_ctzll(bits | last);
    bits &= bits - 1;
    at[1] = base + (uint32_t)__builtin_ctzll(bits | last);
    bits &= bits - 1;
    at[2] = base + (uint32_t)__builtin_ctzll(bits | last);
    bits &= bits - 1;
    at[3] = base + (uint32_t)__builtin_ctzll(bits | last);
    return bits & (bits - 1);
}

/* Writes the positions of the set bits, eight at once (most chunks have no more); up to seven items of rubbish behind
 * them. */
SCAN_FN uint32_t scan_emit(uint32_t *at, uint32_t base, uint64_t bits)
{
    uint32_t count = (uint32_t)__builtin_popcountll(bits), done = 0;
    do {
        bits = scan_emit_four(at + done, base, bits);
        bits = scan_emit_four(at + done + 4, base, bits);
        done += 8;
    } while (done < count);
    return count;
}

/* first: the number of the chunk's first item in `at`. */
SCAN_FN uint32_t *scan_emit_ends(uint32_t *ends, uint32_t first, uint64_t fields, uint64_t lines)
{
    while (lines) {
        uint64_t below = (lines & (0 - lines)) - 1;
        *ends++ = first + (uint32_t)__builtin_popcountll(fields & below);
        lines &= lines - 1;
    }
    return ends;
}

/* One chunk, of which the bytes `seen` are text; it starts at `base`, with item `first`. */
SCAN_FN void scan_chunk(scan_state *s, scan_masks m, uint32_t base, uint32_t first, uint64_t seen)
{
    uint64_t edges = (m.delimiter | m.cr | m.lf | m.quote) & seen, quotes = m.quote & seen;
    uint64_t inside = prefix_xor(quotes) ^ s->inside;
    uint64_t opening = quotes & inside, closing = quotes & ~inside;
    uint64_t after_closing = closing << 1 | s->close;
    uint64_t irregular = ((opening & ~(edges << 1 | s->edge)) | (after_closing & ~edges)) & seen;
    uint64_t keep = irregular ? (irregular & (0 - irregular)) - 1 : seen;
    uint64_t lines = m.cr | (m.lf & ~(m.cr << 1 | s->cr));
    uint64_t line_ends = lines & ~inside & keep, field_ends = (m.delimiter & ~inside & keep) | line_ends;

    s->ends = scan_emit_ends(s->ends, first, field_ends, line_ends);
    s->at += scan_emit(s->at, base, field_ends);
    s->escapes |= opening & after_closing & keep;
    s->quoted_lines |= lines & inside & keep;
    s->nul |= m.nul & keep;
    s->high |= m.high & keep;
    s->irregular = irregular;
    s->inside = (uint64_t)((int64_t)inside >> 63);
    s->edge = edges >> 63;
    s->close = closing >> 63;
    s->cr = m.cr >> 63;
}

SCAN_FN void scan_all(hz_csv_scan *scan, const char *bytes, size_t from, size_t to, char delimiter)
{
    scan_state s = {.at = scan->at, .ends = scan->ends, .edge = 1};
    const uint32_t *first = scan->at, *full = first + scan->capacity;
    size_t at = from;

    while (at < to && s.at <= full && !s.irregular) {
        uint64_t seen = to - at >= HZ_CSV_CHUNK ? ~UINT64_C(0) : (UINT64_C(1) << (to - at)) - 1;
        scan_chunk(&s, masks_at(bytes + at, delimiter), (uint32_t)at, (uint32_t)(s.at - first), seen);
        at += HZ_CSV_CHUNK;
    }
    scan->at_count = (uint32_t)(s.at - first);
    scan->ends_count = (uint32_t)(s.ends - scan->ends);
    scan->irregular = s.irregular != 0;
    scan->escapes = s.escapes != 0;
    scan->quoted_lines = s.quoted_lines != 0;
    scan->nul = s.nul != 0;
    scan->high = s.high != 0;
    scan->stopped = at < to ? at : to;
    if (s.irregular)
        scan->stopped = at - HZ_CSV_CHUNK + (size_t)__builtin_ctzll(s.irregular);
}
