/* split.c: see split_int.h. */
#include "base/alloc.h"
#include "base/htab.h"
#include "base/pile.h"
#include "reports/findings/pack_int.h"
#include "reports/findings/split_int.h"
#include <stdlib.h>

enum { PUTS_A_LOOK = 256 /* puts between two looks at the budget */, COUNTY_DIGITS = 6 };
static const uint64_t BUDGET_BYTES = 64 << 20;

typedef struct part {
    hz_slice key; /* region code cut to the level, or a unit's text; "" for those without */
    hz_mask mask; /* of the unit */
    hz_pile pile;
    uint64_t findings;
    uint32_t number; /* of a unit, in the order of their names */
    char *path;
    hz_outfile *out;
} part;

struct hz_split_files {
    const hz_form *form;
    const hz_form_given *given;
    const hz_sinks_options *options;
    hz_slice stem; /* of the path: up to the suffix */
    hz_outfile *index;
    hz_store *store;
    hz_arena *arena, *scratch; /* keys; one finding */
    hz_htab tab;
    part *parts;
    size_t count, capacity;
    uint64_t puts;
    hz_buf bytes, lines;
};

/* ---- open, close ---- */

static hz_status open_index(hz_split_files *f, hz_error *err)
{
    hz_buf path = HZ_BUF_INIT;
    hz_buf_put(&path, f->stem);
    hz_buf_puts(&path, f->form->suffix);
    hz_buf_puts(&path, ".index.csv");
    hz_status st = hz_buf_status(&path, err);
    if (st == HZ_OK)
        st = hz_outfile_open(&f->index, path.ptr, err);
    hz_buf_clear(&path);
    return st;
}

static hz_status open_all(hz_split_files *f, hz_error *err)
{
    const char *temp = f->options->temp ? f->options->temp : getenv("TMPDIR");
    hz_store_options store = {.budget_bytes = f->options->memory_bytes ? f->options->memory_bytes : BUDGET_BYTES,
                              .temp_dir = temp && *temp ? temp : "/tmp"};
    f->arena = hz_arena_new();
    f->scratch = hz_arena_new();
    if (!f->arena || !f->scratch)
        return hz_nomem(err, sizeof(void *));
    HZ_TRY(hz_store_new(&f->store, &store, err));
    return open_index(f, err);
}

hz_status hz_split_files_open(hz_split_files **out, const hz_form *form, const char *path,
                              const hz_sinks_options *options, const hz_form_given *given, hz_error *err)
{
    *out = NULL;
    hz_split_files *f = hz_mem_zalloc(1, sizeof *f);
    if (!f)
        return hz_nomem(err, sizeof *f);
    f->form = form;
    f->given = given;
    f->options = options;
    f->stem = (hz_slice){path, strlen(path) - strlen(form->suffix)};
    hz_status st = open_all(f, err);
    if (st == HZ_OK)
        *out = f;
    else
        hz_split_files_close(f);
    return st;
}

void hz_split_files_close(hz_split_files *f)
{
    if (!f)
        return;
    for (size_t i = 0; i < f->count; i++) {
        hz_pile_clear(&f->parts[i].pile);
        hz_outfile_abandon(f->parts[i].out);
        hz_mem_free(f->parts[i].path);
    }
    hz_mem_free(f->parts);
    hz_htab_clear(&f->tab);
    hz_outfile_abandon(f->index);
    hz_store_free(f->store);
    hz_arena_free(f->arena);
    hz_arena_free(f->scratch);
    hz_buf_clear(&f->bytes);
    hz_buf_clear(&f->lines);
    hz_mem_free(f);
}

/* ---- which file ---- */

static int by_code(const void *key, const void *item)
{
    return strcmp(key, ((const hz_result_region *)item)->code);
}

/* The region of a code as the result has it; NULL when no row names it. */
static const hz_result_region *region_of(const hz_split_files *f, hz_slice code)
{
    char text[13];
    const hz_result *result = f->given->result;
    if (!code.len || code.len >= sizeof text || !result->regions_count)
        return NULL;
    memcpy(text, code.ptr, code.len);
    text[code.len] = '\0';
    return bsearch(text, result->regions, result->regions_count, sizeof *result->regions, by_code);
}

static bool is_named(const hz_split_files *f, hz_slice code)
{
    const hz_result_region *region = region_of(f, code);
    return region && (region->name.zh.len || region->name.en.len);
}

/* A code is in force when its own name is known, or that of the county it lies in. */
static hz_slice region_key(const hz_split_files *f, const hz_found *found)
{
    hz_slice code = hz_slice_of(found->region), cut;
    if (!code.len || !hz_division_parent(&cut, code, f->options->level))
        return HZ_SLICE_NONE;
    if (is_named(f, cut))
        return cut;
    return code.len >= COUNTY_DIGITS && is_named(f, hz_slice_sub(code, 0, COUNTY_DIGITS)) ? cut : HZ_SLICE_NONE;
}

static bool same_key(const void *ctx, uint32_t entry, const void *key)
{
    return hz_slice_eq(((const hz_split_files *)ctx)->parts[entry].key, *(const hz_slice *)key);
}

static uint64_t hash_of(const void *ctx, uint32_t entry)
{
    hz_slice key = ((const hz_split_files *)ctx)->parts[entry].key;
    return hz_hash_bytes(key.ptr, key.len, hz_hash_seed());
}

static hz_status part_of(part **out, hz_split_files *f, hz_slice key, hz_mask mask, hz_error *err)
{
    uint64_t hash = hz_hash_bytes(key.ptr, key.len, hz_hash_seed());
    uint32_t at = hz_htab_find(&f->tab, hash, &key, same_key, f);
    if (at == HZ_HTAB_NONE) {
        at = (uint32_t)f->count;
        if (!HZ_GROW(f->parts, f->capacity, f->count + 1))
            return hz_nomem(err, sizeof *f->parts);
        HZ_TRY(hz_htab_reserve(&f->tab, f->count + 1, hash_of, f, err));
        f->parts[at] = (part){.mask = mask};
        if (hz_arena_copy(&f->parts[at].key, f->arena, key) != HZ_OK)
            return hz_nomem(err, key.len);
        hz_pile_init(&f->parts[at].pile, f->store);
        hz_htab_put(&f->tab, hash, at);
        f->count++;
    }
    *out = &f->parts[at];
    return HZ_OK;
}

/* ---- put ---- */

static hz_status relieve(hz_split_files *f, hz_error *err)
{
    if (++f->puts % PUTS_A_LOOK || !hz_store_is_tight(f->store))
        return HZ_OK;
    for (size_t i = 0; i < f->count; i++)
        HZ_TRY(hz_pile_spill(&f->parts[i].pile, err));
    return HZ_OK;
}

hz_status hz_split_files_put(hz_split_files *f, const hz_found *found, hz_error *err)
{
    bool by_unit = f->options->split == HZ_SPLIT_UNIT;
    part *p = NULL;
    hz_slice key = by_unit ? found->unit.null ? HZ_SLICE_NONE : found->unit.text : region_key(f, found);
    HZ_TRY(part_of(&p, f, key, found->unit.mask, err));
    hz_buf_reset(&f->bytes);
    hz_found_pack(&f->bytes, found);
    HZ_TRY(hz_buf_status(&f->bytes, err));
    size_t len = f->bytes.len;
    char *at = hz_pile_put(&p->pile, sizeof len + len, err);
    if (!at)
        return err && err->status < 0 ? err->status : HZ_E_NOMEM;
    memcpy(at, &len, sizeof len);
    memcpy(at + sizeof len, f->bytes.ptr, len);
    p->findings++;
    return relieve(f, err);
}

/* ---- the files ---- */

static int by_key(const void *a, const void *b)
{
    const part *x = a, *y = b;
    if (!x->key.len || !y->key.len) /* those without come last */
        return (y->key.len > 0) - (x->key.len > 0);
    return hz_slice_cmp(x->key, y->key);
}

static hz_status name_file(part *p, const hz_split_files *f, hz_error *err)
{
    hz_buf path = HZ_BUF_INIT;
    hz_buf_put(&path, f->stem);
    hz_buf_putc(&path, '.');
    if (!p->key.len)
        hz_buf_puts(&path, "unknown");
    else if (f->options->split == HZ_SPLIT_UNIT)
        hz_buf_printf(&path, "unit-%04u", (unsigned)p->number);
    else
        hz_buf_put(&path, p->key);
    hz_buf_puts(&path, f->form->suffix);
    p->path = path.ptr; /* moved */
    return hz_buf_status(&path, err);
}

static hz_status write_one(hz_split_files *f, const part *p, hz_form_file *file, const char *bytes, hz_error *err)
{
    hz_found found;
    hz_arena_reset(f->scratch);
    HZ_TRY(hz_found_unpack(&found, bytes, f->scratch, err));
    if (!f->form->line)
        return f->form->put(file, &found, err);
    hz_buf_reset(&f->lines);
    f->form->line(&f->lines, &f->bytes, f->given, &found);
    HZ_TRY(hz_buf_status(&f->lines, err));
    const hz_lines_of made = {hz_buf_slice(&f->lines), 1, found.finding->at.table};
    return file ? f->form->lines(file, &made, err) : hz_outfile_write(p->out, made.text, err);
}

static hz_status write_all(hz_split_files *f, part *p, hz_form_file *file, hz_error *err)
{
    hz_pile_reader reader;
    hz_slice block;
    hz_status st;
    hz_pile_read(&reader, &p->pile, true);
    while ((st = hz_pile_next(&block, &reader, err)) == HZ_OK) {
        size_t len = 0;
        for (size_t at = 0; st == HZ_OK && at < block.len; at += (sizeof len + len + 7) / 8 * 8) {
            memcpy(&len, block.ptr + at, sizeof len);
            st = write_one(f, p, file, block.ptr + at + sizeof len, err);
        }
        if (st != HZ_OK)
            break;
    }
    hz_pile_read_end(&reader);
    return st == HZ_END ? HZ_OK : st;
}

static hz_status write_file(hz_split_files *f, part *p, hz_error *err)
{
    hz_form_file *file = NULL;
    hz_status st = HZ_OK;
    HZ_TRY(name_file(p, f, err));
    HZ_TRY(hz_outfile_open(&p->out, p->path, err));
    hz_buf_reset(&f->lines);
    if (f->form->head)
        f->form->head(&f->lines, f->given);
    HZ_TRY(hz_buf_status(&f->lines, err));
    if (f->form->open)
        HZ_TRY(f->form->open(&file, p->out, p->path, f->given, err));
    else
        HZ_TRY(hz_outfile_write(p->out, hz_buf_slice(&f->lines), err));
    st = write_all(f, p, file, err);
    if (file && st == HZ_OK)
        st = f->form->close(file, err);
    else if (file)
        f->form->abandon(file);
    HZ_TRY(st);
    hz_outfile *out = p->out;
    p->out = NULL;
    HZ_TRY(hz_outfile_rest(out, err));
    p->out = out;
    return HZ_OK;
}

/* ---- the index ---- */

static hz_slice base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return hz_slice_of(slash ? slash + 1 : path);
}

static void put_cell(hz_buf *out, hz_slice text)
{
    hz_put_csv_shown(out, (hz_shown){text, HZ_MASK_NONE, false}, true);
    hz_buf_putc(out, ',');
}

static void put_line(hz_buf *out, const hz_split_files *f, const part *p)
{
    bool by_unit = f->options->split == HZ_SPLIT_UNIT;
    const hz_result_region *region = by_unit ? NULL : region_of(f, p->key);
    put_cell(out, base_name(p->path));
    if (by_unit) {
        hz_put_csv_shown(out, (hz_shown){p->key, p->mask, false}, f->given->options.reveal);
        hz_buf_putc(out, ',');
    } else {
        put_cell(out, p->key);
    }
    put_cell(out, region ? hz_text2_pick(region->name, f->given->options.lang, HZ_SLICE_NONE) : HZ_SLICE_NONE);
    hz_buf_put_u64(out, p->findings);
    hz_buf_puts(out, "\r\n");
}

static hz_status write_index(hz_split_files *f, hz_error *err)
{
    hz_buf *out = &f->lines;
    hz_buf_reset(out);
    hz_buf_puts(out, "\xEF\xBB\xBF");
    hz_buf_puts(out,
                f->options->split == HZ_SPLIT_UNIT ? "file,unit,name,findings\r\n" : "file,code,name,findings\r\n");
    for (size_t i = 0; i < f->count; i++)
        put_line(out, f, &f->parts[i]);
    HZ_TRY(hz_buf_status(out, err));
    HZ_TRY(hz_outfile_write(f->index, hz_buf_slice(out), err));
    hz_outfile *index = f->index;
    f->index = NULL;
    HZ_TRY(hz_outfile_rest(index, err));
    f->index = index;
    return HZ_OK;
}

hz_status hz_split_files_finish(hz_split_files *f, hz_error *err)
{
    if (f->count)
        qsort(f->parts, f->count, sizeof *f->parts, by_key);
    hz_htab_clear(&f->tab); /* its numbers are those of before */
    for (size_t i = 0; i < f->count; i++) {
        f->parts[i].number = (uint32_t)i + 1;
        HZ_TRY(write_file(f, &f->parts[i], err));
    }
    return write_index(f, err);
}

static hz_status commit(hz_outfile **file, hz_error *err)
{
    hz_outfile *out = *file;
    *file = NULL; /* freed either way */
    return hz_outfile_commit(out, err);
}

/* The index last: what it names is there. */
hz_status hz_split_files_commit(hz_split_files *f, hz_error *err)
{
    for (size_t i = 0; i < f->count; i++)
        HZ_TRY(commit(&f->parts[i].out, err));
    return commit(&f->index, err);
}
