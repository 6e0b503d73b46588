/* xml.c: records of an XML file.
 *
 * Which elements are records: those that bear the name of the file's table, or of another that the file may hold, at
 * whatever depth outside other records. If none does, the children of the root are the records; and where such a child
 * has nothing but elements with children of their own, it holds the records (<data><list><row/>…). Names are local
 * names: of namespaces nothing is asked. Attributes are values like elements.
 *
 * One record is in memory at a time, as a tree (tree.h), up to record_bytes of text and `nesting` deep.
 *
 * A schema's faults are told at the element that is open. Those of an element's end come behind the event of that end:
 * so an end is settled only when the next event comes. */
#include "base/alloc.h"
#include "base/vec.h"
#include "validator/source/tree.h"
#include "validator/source/xml_push.h"

typedef struct counted {
    const xmlChar *name; /* of libxml2's dictionary: equal names are one pointer */
    uint64_t count;
} counted;

/* An open element outside records, and the names of its children so far. */
typedef struct level {
    const xmlChar *name;
    counted *children;
    size_t count, capacity;
} level;

typedef struct xml {
    hz_xml_push push;
    hz_reading *reading;
    hz_tree tree;
    hz_arena *arena; /* texts of the record at hand */
    uint64_t bytes;  /* of them */
    level *levels;   /* levels[0]: above the root */
    size_t depth, levels_capacity;
    uint32_t *open; /* items of the record that are open */
    size_t open_count, open_capacity;
    bool ended;   /* the innermost open element, which is not settled yet */
    bool generic; /* it is a record only because nothing better is known */
    size_t part;
    hz_buf text;  /* of the innermost open item */
    hz_buf where; /* the record's place */
} xml;

static bool go_on(const xml *x)
{
    return x->push.status == HZ_OK;
}

static void check(xml *x, hz_status st)
{
    if (st != HZ_OK)
        hz_xml_push_fail(&x->push, st);
}

static hz_slice name_of(const xmlChar *name)
{
    return hz_slice_of((const char *)name);
}

static hz_status limit(xml *x, hz_limit_id id, uint64_t value)
{
    hz_status st = hz_limit_check(x->reading->options.limits, id, value, x->push.err);
    if (st != HZ_OK)
        hz_error_at(x->push.err, x->push.shown, hz_xml_push_line(&x->push), 0);
    return st;
}

/* Which one of its name a child of the innermost open level is, from 1. */
static hz_status count_child(uint64_t *out, xml *x, const xmlChar *name)
{
    level *l = &x->levels[x->depth];
    for (size_t i = 0; i < l->count; i++)
        if (l->children[i].name == name) {
            *out = ++l->children[i].count;
            return HZ_OK;
        }
    HZ_TRY(limit(x, HZ_LIMIT_FIELDS, l->count + 1));
    if (!HZ_GROW(l->children, l->capacity, l->count + 1))
        return hz_nomem(x->push.err, sizeof *l->children);
    l->children[l->count++] = (counted){name, 1};
    *out = 1;
    return HZ_OK;
}

static hz_status open_level(xml *x, const xmlChar *name)
{
    HZ_TRY(limit(x, HZ_LIMIT_NESTING, x->depth + 1));
    size_t before = x->levels_capacity;
    if (!HZ_GROW(x->levels, x->levels_capacity, x->depth + 2))
        return hz_nomem(x->push.err, sizeof *x->levels);
    if (x->levels_capacity > before)
        memset(x->levels + before, 0, (x->levels_capacity - before) * sizeof *x->levels);
    x->depth++;
    x->levels[x->depth].name = name;
    x->levels[x->depth].count = 0;
    return HZ_OK;
}

/* ---- the tree of a record ---- */

static hz_status keep_text(hz_slice *out, xml *x, hz_slice text)
{
    x->bytes += text.len;
    HZ_TRY(limit(x, HZ_LIMIT_RECORD_BYTES, x->bytes));
    if (text.len == 0) {
        *out = HZ_SLICE_NONE;
        return HZ_OK;
    }
    return hz_arena_copy(out, x->arena, text) == HZ_OK ? HZ_OK : hz_nomem(x->push.err, text.len);
}

static hz_status add_attributes(xml *x, int count, const xmlChar **attributes)
{
    for (int i = 0; i < count; i++) {
        const xmlChar *const *a = attributes + 5 * i;
        if (a[2] && strcmp((const char *)a[2], "http://www.w3.org/2001/XMLSchema-instance") == 0)
            continue;
        hz_tree_item item = {.kind = HZ_TREE_TEXT, .name = name_of(a[0]), .line = hz_xml_push_line(&x->push)};
        item.attribute = true;
        item.next = (uint32_t)x->tree.count + 1;
        HZ_TRY(keep_text(&item.text, x, (hz_slice){(const char *)a[3], (size_t)(a[4] - a[3])}));
        HZ_TRY(hz_tree_add(&x->tree, item, x->push.err));
        x->tree.items[x->open[x->open_count - 1]].kind = HZ_TREE_RECORD;
    }
    return HZ_OK;
}

static hz_status open_item(xml *x, const xmlChar *name, int count, const xmlChar **attributes)
{
    hz_tree_item item = {.kind = HZ_TREE_TEXT, .name = name_of(name), .line = hz_xml_push_line(&x->push)};
    HZ_TRY(limit(x, HZ_LIMIT_NESTING, x->open_count + 1));
    if (x->open_count)
        x->tree.items[x->open[x->open_count - 1]].kind = HZ_TREE_RECORD;
    if (!HZ_GROW(x->open, x->open_capacity, x->open_count + 1))
        return hz_nomem(x->push.err, sizeof *x->open);
    x->open[x->open_count++] = (uint32_t)x->tree.count;
    HZ_TRY(hz_tree_add(&x->tree, item, x->push.err));
    hz_buf_reset(&x->text);
    return add_attributes(x, count, attributes);
}

static bool is_blank(hz_slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.ptr[i] != ' ' && text.ptr[i] != '\n' && text.ptr[i] != '\t' && text.ptr[i] != '\r')
            return false;
    return true;
}

static hz_status close_item(xml *x)
{
    hz_tree_item *item = &x->tree.items[x->open[--x->open_count]];
    item->next = (uint32_t)x->tree.count;
    HZ_TRY(hz_buf_status(&x->text, x->push.err));
    hz_slice text = hz_buf_slice(&x->text);
    if (item->kind == HZ_TREE_TEXT || !is_blank(text))
        HZ_TRY(keep_text(&item->text, x, text));
    hz_buf_reset(&x->text);
    return HZ_OK;
}

/* ---- records ---- */

static void drop_record(xml *x)
{
    x->tree.count = 0;
    x->tree.faulted = false;
    x->open_count = 0;
    x->bytes = 0;
    hz_arena_reset(x->arena);
}

static hz_status put_where(xml *x, const xmlChar *name)
{
    uint64_t n;
    HZ_TRY(count_child(&n, x, name));
    hz_buf_reset(&x->where);
    for (size_t d = 1; d <= x->depth; d++)
        hz_buf_printf(&x->where, "/%s", (const char *)x->levels[d].name);
    hz_buf_printf(&x->where, "/%s[%llu]", (const char *)name, (unsigned long long)n);
    return hz_buf_status(&x->where, x->push.err);
}

/* A fault outside of records counts as a record that cannot be read, of the file's own table. */
static hz_status put_level_fault(xml *x, hz_xsd_fault fault, uint64_t line)
{
    hz_bad_row bad = {.kind = HZ_BAD_XSD, .line = line, .xsd_fault = fault, .other = HZ_ENCODING_UNKNOWN};
    hz_buf_reset(&x->where);
    for (size_t d = 1; d <= x->depth; d++)
        hz_buf_printf(&x->where, "/%s", (const char *)x->levels[d].name);
    HZ_TRY(hz_buf_status(&x->where, x->push.err));
    return hz_spool_bad(x->reading->parts[0].spool, &bad, hz_buf_slice(&x->where), x->push.err);
}

static hz_status open_record(xml *x, size_t part, bool generic, const xmlChar *name, int count,
                             const xmlChar **attributes)
{
    drop_record(x);
    x->part = part;
    x->generic = generic;
    HZ_TRY(put_where(x, name));
    return open_item(x, name, count, attributes);
}

/* Whether a child of the root that was taken for a record only holds records. */
static bool is_list(const xml *x)
{
    const hz_tree_item *items = x->tree.items;
    if (!x->generic || items[0].next == 1 || items[0].text.len)
        return false;
    for (uint32_t i = 1; i < items[0].next; i = items[i].next)
        if (items[i].kind != HZ_TREE_RECORD || !hz_slice_eq(items[i].name, items[1].name))
            return false;
    return true;
}

static hz_status put_list(xml *x)
{
    size_t base = x->where.len;
    uint64_t n = 0;
    for (uint32_t i = 1; i < x->tree.items[0].next; i = x->tree.items[i].next) {
        x->where.len = base;
        hz_buf_printf(&x->where, "/%.*s[%llu]", HZ_SLICE_FMT(x->tree.items[i].name), (unsigned long long)++n);
        HZ_TRY(hz_buf_status(&x->where, x->push.err));
        HZ_TRY(hz_tree_rows(&x->tree, x->reading, i, x->part, hz_buf_slice(&x->where), true, x->push.err));
    }
    return HZ_OK;
}

/* Where all that is wrong is an element around records, no record has shown it. */
static hz_status put_hidden_fault(xml *x)
{
    hz_bad_row bad = {.kind = HZ_BAD_XSD, .other = HZ_ENCODING_UNKNOWN};
    size_t i = 0;
    if (!x->tree.faulted || x->tree.faults_put)
        return HZ_OK;
    while (!x->tree.items[i].fault)
        i++;
    bad.line = x->tree.items[i].line;
    bad.xsd_fault = (hz_xsd_fault)(x->tree.items[i].fault - 1);
    HZ_TRY(hz_part_need(x->reading, x->part, x->push.err));
    return hz_spool_bad(x->reading->parts[x->part].spool, &bad, hz_buf_slice(&x->where), x->push.err);
}

static hz_status put_record(xml *x)
{
    size_t base = x->where.len;
    HZ_TRY(hz_cancel_check(x->reading->options.cancel, x->push.err));
    x->tree.items[0].kind = HZ_TREE_RECORD;
    x->tree.faults_put = 0;
    hz_status st = is_list(x)
                       ? put_list(x)
                       : hz_tree_rows(&x->tree, x->reading, 0, x->part, hz_buf_slice(&x->where), true, x->push.err);
    if (st == HZ_E_LIMIT)
        hz_error_at(x->push.err, x->push.shown, x->tree.items[0].line, 0);
    HZ_TRY(st);
    x->where.len = base;
    HZ_TRY(put_hidden_fault(x));
    drop_record(x);
    return HZ_OK;
}

/* ---- events ---- */

/* Whether an element of this name, here, is at the end of the path. */
static bool is_at_path(const xml *x, hz_slice path, hz_slice name)
{
    for (size_t d = 1; d <= x->depth + 1; d++) {
        hz_slice step = d <= x->depth ? name_of(x->levels[d].name) : name;
        if (!path.len || !hz_slice_starts(hz_slice_sub(path, 1, path.len), step))
            return false;
        path = hz_slice_sub(path, step.len + 1, path.len);
        if (path.len && path.ptr[0] != '/')
            return false;
    }
    return !path.len;
}

static size_t part_named(const xml *x, const xmlChar *name)
{
    for (size_t p = 0; p < x->reading->count; p++) {
        const hz_part *part = &x->reading->parts[p];
        if (part->path.len ? !x->open_count && is_at_path(x, part->path, name_of(name))
                           : hz_part_is(part, name_of(name)))
            return p;
    }
    return SIZE_MAX;
}

/* The elements around a generic record that turned out to hold better ones become levels again. */
static hz_status give_up_generic(xml *x)
{
    for (size_t i = 0; i < x->open_count; i++) {
        const hz_tree_item *item = &x->tree.items[x->open[i]];
        HZ_TRY(open_level(x, (const xmlChar *)item->name.ptr));
        if (item->fault)
            HZ_TRY(put_level_fault(x, (hz_xsd_fault)(item->fault - 1), item->line));
    }
    drop_record(x);
    return HZ_OK;
}

static hz_status open_level_of(xml *x, const xmlChar *name)
{
    uint64_t n;
    HZ_TRY(count_child(&n, x, name));
    return open_level(x, name);
}

static hz_status open_element(xml *x, const xmlChar *name, int count, const xmlChar **attributes)
{
    size_t part = part_named(x, name);
    if (x->open_count && x->generic && part == 0)
        HZ_TRY(give_up_generic(x));
    if (x->open_count)
        return open_item(x, name, count, attributes);
    if (x->depth == 0)
        return open_level_of(x, name);
    if (part != SIZE_MAX)
        return open_record(x, part, false, name, count, attributes);
    if (x->reading->parts[0].path.len) /* what lies off the path holds none of its records */
        return open_level_of(x, name);
    return open_record(x, 0, true, name, count, attributes);
}

/* The end that came last, if it is not settled. */
static hz_status settle(xml *x)
{
    if (!x->ended)
        return HZ_OK;
    x->ended = false;
    if (!x->open_count) {
        x->depth--;
        return HZ_OK;
    }
    HZ_TRY(close_item(x));
    return x->open_count ? HZ_OK : put_record(x);
}

static void on_start(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int spaces_count,
                     const xmlChar **spaces, int count, int defaulted, const xmlChar **attributes)
{
    xml *x = ctx;
    (void)prefix;
    (void)uri;
    (void)spaces_count;
    (void)spaces;
    (void)defaulted;
    if (!go_on(x))
        return;
    hz_status st = settle(x);
    check(x, st == HZ_OK ? open_element(x, name, count, attributes) : st);
}

static void on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    xml *x = ctx;
    (void)name;
    (void)prefix;
    (void)uri;
    if (!go_on(x))
        return;
    check(x, settle(x));
    x->ended = true;
}

static void on_text(void *ctx, const xmlChar *text, int len)
{
    xml *x = ctx;
    if (!go_on(x))
        return;
    check(x, settle(x));
    if (!go_on(x) || !x->open_count)
        return;
    hz_buf_put(&x->text, (hz_slice){(const char *)text, (size_t)len});
    check(x, limit(x, HZ_LIMIT_RECORD_BYTES, x->text.len));
}

static void on_fault(void *ctx, hz_xsd_fault fault)
{
    xml *x = ctx;
    if (!go_on(x))
        return;
    if (!x->open_count) {
        check(x, put_level_fault(x, fault, hz_xml_push_line(&x->push)));
        return;
    }
    hz_tree_item *item = &x->tree.items[x->open[x->open_count - 1]];
    if (!item->fault)
        item->fault = (uint8_t)(fault + 1);
    x->tree.faulted = true;
}

hz_status hz_xml_read(hz_reading *reading, hz_error *err)
{
    xmlSAXHandler sax = {
        .startElementNs = on_start, .endElementNs = on_end, .characters = on_text, .cdataBlock = on_text};
    xml x = {.reading = reading};
    hz_stream *stream = NULL;
    hz_status st;
    x.tree.names = x.tree.where = x.text = x.where = HZ_BUF_INIT;
    x.push.shown = reading->options.shown_path;
    x.push.err = err;
    x.arena = hz_arena_new();
    x.levels_capacity = 0;
    HZ_GO(x.arena && HZ_GROW(x.levels, x.levels_capacity, 8) ? HZ_OK : hz_nomem(err, 64));
    memset(x.levels, 0, x.levels_capacity * sizeof *x.levels);
    if (reading->options.xsd)
        HZ_GO(hz_xsd_load(&x.push.xsd, reading->options.xsd, reading->options.limits, err));
    x.push.take_fault = on_fault;
    HZ_GO(hz_stream_open(&stream, &reading->options, err));
    HZ_GO(hz_xml_push_all(&x.push, stream, &sax, err));
    HZ_GO(settle(&x));
    HZ_GO(hz_stream_finish(stream, err));
out:
    hz_stream_close(stream);
    hz_xsd_free(x.push.xsd);
    for (size_t d = 0; d < x.levels_capacity; d++)
        hz_mem_free(x.levels[d].children);
    hz_mem_free(x.levels);
    hz_mem_free(x.open);
    hz_tree_clear(&x.tree);
    hz_arena_free(x.arena);
    hz_buf_clear(&x.text);
    hz_buf_clear(&x.where);
    return st;
}
