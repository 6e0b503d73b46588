/* tree.c: see tree.h. The row of a record comes before those nested in it. */
#include "validator/source/tree.h"
#include "base/alloc.h"

hz_status hz_tree_add(hz_tree *tree, hz_tree_item item, hz_error *err)
{
    if (!HZ_GROW(tree->items, tree->capacity, tree->count + 1))
        return hz_nomem(err, sizeof item);
    tree->items[tree->count++] = item;
    return HZ_OK;
}

void hz_tree_clear(hz_tree *tree)
{
    hz_mem_free(tree->items);
    hz_mem_free((void *)tree->above);
    hz_mem_free(tree->above_part);
    hz_buf_clear(&tree->names);
    hz_buf_clear(&tree->where);
}

typedef struct walk {
    hz_tree *tree;
    hz_reading *reading;
    bool xml;
    size_t part; /* whose record is at hand */
    bool twice;  /* it has a name twice, which JSON leaves open */
    hz_error *err;
} walk;

/* The nested table that a child of a record of `part` is a record of; SIZE_MAX: none. */
static size_t part_of(const walk *w, size_t part, const hz_tree_item *item)
{
    if (item->kind != HZ_TREE_RECORD && item->kind != HZ_TREE_ARRAY)
        return SIZE_MAX;
    for (size_t p = 1; p < w->reading->count; p++)
        if (w->reading->parts[p].parent == part && hz_part_is(&w->reading->parts[p], item->name))
            return p;
    return SIZE_MAX;
}

static const hz_tree_item *item_at(const walk *w, uint32_t index)
{
    return &w->tree->items[index];
}

static uint32_t index_of(const walk *w, const hz_tree_item *item)
{
    return (uint32_t)(item - w->tree->items);
}

static void put_index(hz_buf *out, bool xml, uint64_t index)
{
    if (xml)
        hz_buf_printf(out, "[%llu]", (unsigned long long)index + 1);
    else
        hz_buf_printf(out, "/%llu", (unsigned long long)index);
}

/* ~ and / of a pointer are escaped (RFC 6901). */
static void put_step(hz_buf *out, bool xml, hz_slice name)
{
    hz_buf_putc(out, '/');
    for (size_t i = 0; i < name.len; i++)
        if (!xml && (name.ptr[i] == '~' || name.ptr[i] == '/'))
            hz_buf_puts(out, name.ptr[i] == '~' ? "~0" : "~1");
        else
            hz_buf_putc(out, name.ptr[i]);
}

static hz_status column_of(uint32_t *out, const walk *w, hz_slice name, const hz_tree_item *item)
{
    hz_spool *spool = w->reading->parts[w->part].spool;
    hz_buf label = HZ_BUF_INIT;
    size_t from = 0;
    if (hz_spool_find(out, spool, name))
        return HZ_OK;
    if (item && item->attribute) {
        put_step(&label, true, HZ_SLICE_LIT("@"));
        hz_buf_put(&label, name);
    } else {
        /* an inner name is a step of its own */
        for (size_t at = 0; at <= name.len; at++)
            if (at == name.len || name.ptr[at] == '.') {
                put_step(&label, w->xml, hz_slice_sub(name, from, at));
                from = at + 1;
            }
    }
    hz_status st = hz_buf_status(&label, w->err);
    if (st == HZ_OK)
        st = hz_spool_add_column(out, spool, name, hz_buf_slice(&label), w->err);
    hz_buf_clear(&label);
    return st;
}

static hz_status put_value(walk *w, hz_slice name, const hz_tree_item *item, hz_slice text)
{
    uint32_t column;
    HZ_TRY(column_of(&column, w, name, item));
    bool list = w->xml || (item && item->kind == HZ_TREE_ARRAY);
    w->twice = w->twice || (!list && hz_spool_has(w->reading->parts[w->part].spool, column));
    return hz_spool_cell(w->reading->parts[w->part].spool, column, text, w->err);
}

static hz_status put_items(walk *w, hz_slice name, const hz_tree_item *array)
{
    bool records = false;
    if (index_of(w, array) + 1 == array->next)
        return put_value(w, name, array, HZ_SLICE_NONE);
    for (uint32_t i = index_of(w, array) + 1; i < array->next; i = item_at(w, i)->next) {
        const hz_tree_item *item = item_at(w, i);
        if (item->kind == HZ_TREE_TEXT)
            HZ_TRY(put_value(w, name, array, item->text));
        else
            records = records || item->kind != HZ_TREE_NULL;
    }
    if (!records)
        return HZ_OK;
    uint32_t column;
    HZ_TRY(column_of(&column, w, name, array));
    return hz_spool_has(w->reading->parts[w->part].spool, column)
               ? HZ_OK
               : hz_spool_cell(w->reading->parts[w->part].spool, column, HZ_SLICE_NONE, w->err);
}

/* The values of a record; `outer`: the names before, with a dot, in tree->names. */
static hz_status put_values(walk *w, const hz_tree_item *record)
{
    hz_buf *names = &w->tree->names;
    size_t outer = names->len;
    for (uint32_t i = index_of(w, record) + 1; i < record->next; i = item_at(w, i)->next) {
        const hz_tree_item *item = item_at(w, i);
        if (part_of(w, w->part, item) != SIZE_MAX)
            continue;
        hz_slice name = item->name;
        if (outer || item->kind == HZ_TREE_RECORD) {
            hz_buf_put(names, item->name);
            name = hz_buf_slice(names);
        }
        hz_status st = HZ_OK;
        if (item->kind == HZ_TREE_RECORD) {
            if (item->text.len) /* an element with attributes and a text */
                st = put_value(w, name, item, item->text);
            hz_buf_putc(names, '.');
            if (st == HZ_OK)
                st = put_values(w, item);
        } else if (item->kind == HZ_TREE_ARRAY) {
            st = put_items(w, name, item);
        } else {
            st = put_value(w, name, item, item->text);
        }
        names->len = outer;
        HZ_TRY(st);
    }
    return hz_buf_status(names, w->err);
}

/* ---- keys carried down ---- */

static bool is_among(const hz_slice *names, size_t count, hz_slice name)
{
    for (size_t i = 0; i < count; i++)
        if (hz_slice_eq(names[i], name))
            return true;
    return false;
}

static hz_status carry(walk *w, const hz_carry *carried, const hz_tree_item *record, const hz_tree_item *above)
{
    for (uint32_t i = index_of(w, record) + 1; i < record->next; i = item_at(w, i)->next)
        if (is_among(carried->to, carried->to_count, item_at(w, i)->name))
            return HZ_OK;
    for (uint32_t i = index_of(w, above) + 1; i < above->next; i = item_at(w, i)->next) {
        const hz_tree_item *item = item_at(w, i);
        if (item->kind == HZ_TREE_TEXT && is_among(carried->from, carried->from_count, item->name))
            return put_value(w, carried->to[0], NULL, item->text);
    }
    return HZ_OK;
}

/* Of the nearest record of the part that this one is nested in. */
static hz_status carry_all(walk *w, const hz_tree_item *record)
{
    const hz_part *part = &w->reading->parts[w->part];
    for (size_t a = w->tree->above_count; a > 0; a--)
        if (w->tree->above_part[a - 1] == part->parent) {
            for (size_t c = 0; c < part->carries_count; c++)
                HZ_TRY(carry(w, &part->carries[c], record, w->tree->above[a - 1]));
            break;
        }
    return HZ_OK;
}

/* ---- records ---- */

static hz_status put_record(walk *w, size_t part, const hz_tree_item *record);

/* Of children that have the same name: which one it is, from 0. */
static uint64_t place_among(const walk *w, const hz_tree_item *record, uint32_t child)
{
    uint64_t n = 0;
    for (uint32_t i = index_of(w, record) + 1; i < child; i = item_at(w, i)->next)
        n += hz_slice_eq(item_at(w, i)->name, item_at(w, child)->name);
    return n;
}

static hz_status put_children(walk *w, size_t part, const hz_tree_item *array)
{
    hz_buf *where = &w->tree->where;
    uint64_t n = 0;
    for (uint32_t i = index_of(w, array) + 1; i < array->next; i = item_at(w, i)->next, n++) {
        size_t before = where->len;
        if (item_at(w, i)->kind != HZ_TREE_RECORD)
            continue;
        put_index(where, w->xml, n);
        HZ_TRY(put_record(w, part, item_at(w, i)));
        where->len = before;
    }
    return HZ_OK;
}

/* What is nested in `record`, looking through what is no table. */
static hz_status put_nested(walk *w, size_t part, const hz_tree_item *record)
{
    hz_buf *where = &w->tree->where;
    for (uint32_t i = index_of(w, record) + 1; i < record->next; i = item_at(w, i)->next) {
        const hz_tree_item *item = item_at(w, i);
        size_t before = where->len, nested = part_of(w, part, item);
        if (nested == SIZE_MAX && item->kind != HZ_TREE_RECORD)
            continue;
        put_step(where, w->xml, item->name);
        hz_status st;
        if (nested == SIZE_MAX) {
            st = put_nested(w, part, item);
        } else if (item->kind == HZ_TREE_ARRAY) {
            st = put_children(w, nested, item);
        } else {
            if (w->xml)
                put_index(where, true, place_among(w, record, i));
            st = put_record(w, nested, item);
        }
        where->len = before;
        HZ_TRY(st);
    }
    return HZ_OK;
}

/* Whether an element of a nested table's name only holds the table's records: <members><member/>…</members>, where both
 * names are the table's. */
static bool is_wrapper(const walk *w, size_t part, const hz_tree_item *record)
{
    if (!w->xml || w->tree->above_count == 0)
        return false;
    for (uint32_t i = index_of(w, record) + 1; i < record->next; i = item_at(w, i)->next)
        if (item_at(w, i)->kind != HZ_TREE_RECORD || !hz_part_is(&w->reading->parts[part], item_at(w, i)->name))
            return false;
    return index_of(w, record) + 1 < record->next;
}

static hz_status put_wrapped(walk *w, size_t part, const hz_tree_item *record)
{
    hz_buf *where = &w->tree->where;
    for (uint32_t i = index_of(w, record) + 1; i < record->next; i = item_at(w, i)->next) {
        size_t before = where->len;
        put_step(where, true, item_at(w, i)->name);
        put_index(where, true, place_among(w, record, i));
        HZ_TRY(put_record(w, part, item_at(w, i)));
        where->len = before;
    }
    return HZ_OK;
}

/* The first item of a record that a schema faults, those of nested records apart; the steps from the record to it are
 * put behind its place. */
static const hz_tree_item *fault_in(const walk *w, const hz_tree_item *record)
{
    hz_buf *where = &w->tree->where;
    if (record->fault)
        return record;
    for (uint32_t i = index_of(w, record) + 1; i < record->next; i = item_at(w, i)->next) {
        const hz_tree_item *item = item_at(w, i);
        size_t before = where->len;
        if (item->attribute || part_of(w, w->part, item) != SIZE_MAX)
            continue;
        put_step(where, w->xml, item->name);
        uint64_t n = place_among(w, record, i);
        if (n)
            put_index(where, w->xml, n);
        const hz_tree_item *found = fault_in(w, item);
        if (found)
            return found;
        where->len = before;
    }
    return NULL;
}

/* Puts the row of w->part, or the bad record that it is. */
static hz_status put_row(walk *w, const hz_tree_item *record)
{
    hz_buf *where = &w->tree->where;
    hz_spool *spool = w->reading->parts[w->part].spool;
    size_t before = where->len;
    const hz_tree_item *fault = w->tree->faulted ? fault_in(w, record) : NULL;
    hz_bad_row bad = {.kind = HZ_BAD_NAME_TWICE, .line = record->line, .other = HZ_ENCODING_UNKNOWN};
    if (fault) {
        bad.kind = HZ_BAD_XSD;
        bad.line = fault->line;
        bad.xsd_fault = (hz_xsd_fault)(fault->fault - 1);
        w->tree->faults_put++;
    }
    hz_buf_putc(where, '\1');
    HZ_TRY(hz_buf_status(where, w->err));
    HZ_TRY(fault || w->twice ? hz_spool_bad(spool, &bad, hz_buf_slice(where), w->err)
                             : hz_spool_row(spool, record->line, hz_buf_slice(where), w->err));
    where->len = before;
    return HZ_OK;
}

static hz_status put_record(walk *w, size_t part, const hz_tree_item *record)
{
    hz_tree *tree = w->tree;
    size_t n = tree->above_count, before = w->part;
    if (is_wrapper(w, part, record))
        return put_wrapped(w, part, record);
    HZ_TRY(hz_part_need(w->reading, part, w->err));
    w->part = part;
    w->twice = false;
    HZ_TRY(put_values(w, record));
    HZ_TRY(carry_all(w, record));
    HZ_TRY(put_row(w, record));
    if (!HZ_GROW(tree->above, tree->above_capacity, n + 1) ||
        !HZ_GROW(tree->above_part, tree->above_part_capacity, n + 1))
        return hz_nomem(w->err, n * sizeof *tree->above);
    tree->above[n] = record;
    tree->above_part[n] = part;
    tree->above_count++;
    if (w->reading->count > 1)
        HZ_TRY(put_nested(w, part, record));
    tree->above_count--;
    w->part = before;
    return HZ_OK;
}

hz_status hz_tree_rows(hz_tree *tree, hz_reading *reading, uint32_t index, size_t part, hz_slice where, bool xml,
                       hz_error *err)
{
    walk w = {tree, reading, xml, part, false, err};
    hz_buf_reset(&tree->where);
    hz_buf_reset(&tree->names);
    hz_buf_put(&tree->where, where);
    tree->above_count = 0;
    HZ_TRY(hz_buf_status(&tree->where, err));
    return put_record(&w, part, &tree->items[index]);
}
