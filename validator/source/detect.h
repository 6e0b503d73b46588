/* detect.h: encoding and delimiter of delimited text, found out from the file's first bytes. */
#ifndef HZ_SOURCE_DETECT_H
#define HZ_SOURCE_DETECT_H
#include "validator/source/csv_cut.h"

enum { HZ_DETECT_BYTES = 65536 }; /* how much of a file's start is looked at */

/* *confidence (may be NULL) is in percent: 100 for a byte order mark and for UTF-8; of UTF-16 the share of NULs at one
 * parity; of GB18030 and Big5 the share of two-byte characters among the ones in daily use (GB 2312 level 1 and its
 * signs; Big5 level 1 and its signs), at most 99.
 * What the sample (a file's first bytes; `whole`: all of them) is written in. UTF-8 also when a few bytes are bad: they
 * are findings of their records. The tests, in this order:
 * 1. A byte order mark: UTF-8 with BOM, UTF-16LE, UTF-16BE, GB18030.
 * 2. UTF-16 without one: NUL is in at least half of the 16-bit units (for text that is not UTF-8: a 32nd of them), and
 * at one parity at least 8 times as often as at the other; at least 2 NULs.
 * 3. UTF-8, when bad bytes are no more than half of (bad bytes + good characters beyond ASCII), or fewer than 4.
 * 4. Else Big5 or GB18030, when at most one byte has no character in it for 20 two-byte ones (iconv says). Both
 * share most of their bytes; the second byte of 2 in 5 Big5 characters is 40 … 7E, while simplified text in GB18030 has
 * next to none there: the border is 1 in 5.
 * 5. Else unknown, when bad bytes are at least 16 and a 20th of the sample; else UTF-8.
 * A share of half is far from both sides: of GBK text read as UTF-8 more than four bytes in five are bad, while damaged
 * UTF-8 has its good characters. Four bytes are two characters: one stray byte in an ASCII file names no encoding. */
hz_encoding hz_detect_encoding(hz_slice sample, bool whole, unsigned *confidence);
/* Whether a record that is not UTF-8 is text in GB18030: valid in it, with at least 3 characters of daily use and no
 * more others. */
bool hz_looks_gb18030(hz_slice record);

/* The delimiter among , ; tab | of the sample (without BOM). A candidate must stand in the header, outside quotes. Of
 * those the one wins whose records (at most 100) most often have as many fields as the header; then the one with more
 * fields; then the order above. ',' when no candidate is in the header. */
char hz_detect_delimiter(hz_slice sample, bool whole, const hz_limits *limits);
#endif
