/* table.h: tables of cases in tests/data/standards: tab-separated lines; those that begin with '#' and empty ones are
 * skipped. */
#ifndef HZ_TEST_STANDARDS_TABLE_H
#define HZ_TEST_STANDARDS_TABLE_H
#include "base/slice.h"
#include <stdio.h>
#include <stdlib.h>

enum { TABLE_CELLS_MAX = 8, TABLE_ROWS_MAX = 512 };

typedef struct table_row {
    int line;
    size_t cells_count;
    char *cells[TABLE_CELLS_MAX];
} table_row;

typedef struct table {
    char *text;
    size_t count;
    table_row rows[TABLE_ROWS_MAX];
} table;

static inline char *table_text(const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/standards/%s", HZ_TEST_DATA, name);
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 1 << 20);
    if (!file || !text || !fread(text, 1, (1 << 20) - 1, file)) {
        fprintf(stderr, "cannot read %s\n", path);
        exit(1);
    }
    fclose(file);
    return text;
}

static inline void table_read(table *out, const char *name)
{
    out->text = table_text(name);
    out->count = 0;
    char *at = out->text;
    for (int line = 1; *at && out->count < TABLE_ROWS_MAX; line++) {
        char *end = strchr(at, '\n');
        if (end)
            *end = '\0';
        if (*at && *at != '#') {
            table_row *row = &out->rows[out->count++];
            row->line = line;
            row->cells_count = 0;
            for (char *cell = at; cell && row->cells_count < TABLE_CELLS_MAX;) {
                char *tab = strchr(cell, '\t');
                if (tab)
                    *tab = '\0';
                row->cells[row->cells_count++] = cell;
                cell = tab ? tab + 1 : NULL;
            }
        }
        at = end ? end + 1 : at + strlen(at);
    }
}
#endif
