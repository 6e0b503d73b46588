/* cell.h: single values as bytes, and many of them back as a column: what rows bring to pairs of rows, and arrays in
 * the states of slots. Both ends are the same process; no alignment. */
#ifndef HZ_ENGINE_CELL_H
#define HZ_ENGINE_CELL_H
#include "base/arena.h"
#include "validator/eval/eval.h"

/* Appends row i of vec: valid, NULL or INVALID. */
void hz_cell_put(hz_buf *out, const hz_vec *vec, size_t row);
/* An ARRAY column with each row's items packed as bytes: as.text has them. In the arena, but for the bitmaps, which are
 * vec's own; `bytes` is scratch. */
HZ_NODISCARD hz_status hz_cells_pack(hz_vec *out, const hz_vec *vec, hz_arena *arena, hz_buf *bytes, hz_error *err);

/* A column that is filled from cells. */
typedef struct hz_cells {
    hz_vec vec;       /* after hz_cells_end */
    hz_slice *arrays; /* ARRAY: each row's items, packed */
    uint32_t capacity;
} hz_cells;

/* Room for `capacity` rows, in the arena. */
HZ_NODISCARD hz_status hz_cells_init(hz_cells *cells, hz_type type, hz_type item_type, uint32_t capacity,
                                     hz_arena *arena, hz_error *err);
/* Forgets the rows. */
void hz_cells_reset(hz_cells *cells);
/* Reads the cell at `at` into a row; a whole number becomes a decimal and a day a timestamp where the column is that.
 * Returns the place behind. Texts and items point into the bytes. */
const char *hz_cell_get(hz_cells *cells, size_t row, const char *at);
/* The first `rows` rows are all; items of arrays are made in the arena. */
HZ_NODISCARD hz_status hz_cells_end(hz_cells *cells, uint32_t rows, hz_arena *arena, hz_error *err);
#endif
