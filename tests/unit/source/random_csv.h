/* random_csv.h: a random file of records that are mostly readable: quotes of every kind, records over several lines,
 * records that cannot be cut, empty lines, and line ends of all three kinds. */
#ifndef HZ_TESTS_RANDOM_CSV_H
#define HZ_TESTS_RANDOM_CSV_H
#include "tests/unit/source/source_kit.h"

HZ_UNUSED static void random_field(hz_buf *out, uint64_t *seed)
{
    static const char *const plain[] = {"",  "a",        "17",           "some text", "\xe4\xb8\xad",
                                        "x", "5\" pipe", "110101001001", "b c",       "\xe6\x88\xb7\xe5\x8f\xa3"};
    static const char *const quoted[] = {"\"\"",       "\"a,b\"",      "\"say \"\"hi\"\"\"", "\"over\ntwo\"",
                                         "\"\r\n\r\"", "\"\"\"\"",     "\"plain\"",          "\"a\rb\"",
                                         "\",\"",      "\"\n\n\n,\"\""};
    if (kit_random(seed) % 4)
        hz_buf_puts(out, plain[kit_random(seed) % 10]);
    else
        hz_buf_puts(out, quoted[kit_random(seed) % 9]); /* the tenth is left open */
    if (kit_random(seed) % 40 == 0)
        hz_buf_puts(out, "and some more text, which makes records differ in their length" + kit_random(seed) % 50 / 49);
}

/* `bad`: one record in so many cannot be cut; 0: none. */
HZ_UNUSED static void random_table(hz_buf *out, unsigned records, unsigned columns, unsigned bad, uint64_t *seed)
{
    static const char *const ends[] = {"\n", "\r\n", "\r"};
    unsigned mixed = kit_random(seed) % 4; /* 3: all of them */
    for (unsigned c = 0; c < columns; c++)
        hz_buf_printf(out, "%sc%u", c ? "," : "", c);
    hz_buf_puts(out, ends[mixed < 3 ? mixed : 0]);
    for (unsigned r = 0; r < records; r++) {
        if (kit_random(seed) % 12 == 0)
            hz_buf_puts(out, ends[mixed < 3 ? mixed : kit_random(seed) % 3]);
        hz_buf_printf(out, "r%u", r);
        for (unsigned c = 1; c < columns; c++) {
            hz_buf_putc(out, ',');
            random_field(out, seed);
        }
        if (bad && kit_random(seed) % bad == 0) {
            static const char *const spoilt[] = {",one too many,x", ",\"q\"x", "\xff", ",\xe4\xb8", ",,"};
            hz_buf_puts(out, spoilt[kit_random(seed) % 5]);
        } else if (kit_random(seed) % 20 == 0) {
            hz_buf_putc(out, ','); /* a delimiter at the line's end */
        }
        if (r + 1 < records || kit_random(seed) % 2)
            hz_buf_puts(out, ends[mixed < 3 ? mixed : kit_random(seed) % 3]);
    }
}
#endif
