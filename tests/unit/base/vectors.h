/* vectors.h: reads tests/data/NAME.tsv: lines of columns between tabs, comments after #. */
#ifndef HZ_TESTS_UNIT_BASE_VECTORS_H
#define HZ_TESTS_UNIT_BASE_VECTORS_H
#include <check.h>

#include "base/buf.h"
#include "base/file.h"

enum { VECTOR_COLUMNS = 12 };

/* Calls each(columns, count, line number) for each line; returns how many there were. */
static inline size_t vectors_each(const char *name, void (*each)(const hz_slice *columns, size_t count, size_t line))
{
    hz_buf path = HZ_BUF_INIT, bytes = HZ_BUF_INIT;
    hz_buf_printf(&path, "%s/%s", HZ_TEST_DATA, name);
    ck_assert_int_eq(hz_file_read_all(&bytes, path.ptr, 1 << 24, "test", NULL), HZ_OK);
    hz_slice columns[VECTOR_COLUMNS];
    size_t lines = 0, count = 0, line = 1, from = 0;
    for (size_t at = 0; at < bytes.len; at++) {
        char byte = bytes.ptr[at];
        if (byte != '\t' && byte != '\n')
            continue;
        ck_assert_uint_lt(count, VECTOR_COLUMNS);
        columns[count++] = (hz_slice){bytes.ptr + from, at - from};
        from = at + 1;
        if (byte != '\n')
            continue;
        if (!(columns[0].len && columns[0].ptr[0] == '#')) {
            each(columns, count, line);
            lines++;
        }
        line++;
        count = 0;
    }
    hz_buf_clear(&path);
    hz_buf_clear(&bytes);
    return lines;
}
#endif
