/* codelist_parse.c: the TSV form of a code list (codelist.h). Strict: whatever is not that form is an error with file,
 * line and column that says what was expected. Cells stay where they are in the file's text. */
#include "base/alloc.h"
#include "base/calendar.h"
#include "base/sha256.h"
#include "base/utf8.h"
#include "standards/codelist_int.h"

typedef struct parser {
    hz_codelist *list;
    const char *at, *end; /* what is left of the text */
    hz_slice line;        /* the one just read, without its line feed */
    uint64_t line_number;
    hz_error *err;
} parser;

/* Adds the place to the error just set. */
static hz_status placed(parser *p, const char *where)
{
    hz_slice before = {p->line.ptr, (size_t)(where - p->line.ptr)};
    hz_error_at(p->err, p->list->path, p->line_number, hz_utf8_length(before) + 1);
    hz_error_at_byte(p->err, (uint64_t)(where - p->list->text.ptr));
    return HZ_E_PROFILE;
}
#define bad(p, where, ...) ((void)hz_fail((p)->err, HZ_E_PROFILE, __VA_ARGS__), placed((p), (where)))

/* What no line may hold: bytes that are not UTF-8, control characters other than the tab. */
static hz_status check_line(parser *p)
{
    size_t valid = hz_utf8_valid_prefix(p->line);
    if (valid < p->line.len)
        return bad(p, p->line.ptr + valid, HZ_M(LIST_UTF8));
    for (size_t i = 0; i < p->line.len; i++) {
        unsigned char byte = (unsigned char)p->line.ptr[i];
        if (byte == '\r')
            return bad(p, p->line.ptr + i, HZ_M(LIST_CR));
        if ((byte < 0x20 && byte != '\t') || byte == 0x7F)
            return bad(p, p->line.ptr + i, HZ_M(LIST_CONTROL), HZ_U(byte));
    }
    return HZ_OK;
}

/* HZ_END after the last line. */
static hz_status next_line(parser *p)
{
    if (p->at == p->end)
        return HZ_END;
    const char *feed = memchr(p->at, '\n', (size_t)(p->end - p->at));
    p->line = (hz_slice){p->at, (size_t)((feed ? feed : p->end) - p->at)};
    p->at = feed ? feed + 1 : p->end;
    p->line_number++;
    return check_line(p);
}

static hz_slice trimmed(hz_slice text)
{
    return hz_slice_trim(text, HZ_SLICE_LIT(" \t"));
}

static hz_status read_property(parser *p)
{
    hz_codelist *list = p->list;
    hz_slice rest = hz_slice_sub(p->line, 1, p->line.len);
    const char *colon = memchr(rest.ptr, ':', rest.len);
    hz_slice key = colon ? trimmed((hz_slice){rest.ptr, (size_t)(colon - rest.ptr)}) : HZ_SLICE_NONE;
    if (key.len == 0)
        return bad(p, p->line.ptr, HZ_M(LIST_PROPERTY));
    for (size_t i = 0; i < list->properties_count; i++)
        if (hz_slice_eq(list->properties[i].key, key))
            return bad(p, key.ptr, HZ_M(LIST_PROPERTY_TWICE), HZ_S(key));
    if (!HZ_GROW(list->properties, list->properties_capacity, list->properties_count + 1))
        return hz_nomem(p->err, (list->properties_count + 1) * sizeof *list->properties);
    hz_slice value = trimmed((hz_slice){colon + 1, (size_t)(p->line.ptr + p->line.len - colon - 1)});
    list->properties[list->properties_count++] = (hz_list_property){key, value};
    return HZ_OK;
}

static hz_status read_head(hz_codelist *list, hz_error *err)
{
    hz_slice text = list->text;
    parser p = {list, text.ptr, text.ptr + text.len, {text.ptr, 0}, 0, err};
    if (hz_slice_starts(text, HZ_SLICE_LIT("\xEF\xBB\xBF"))) {
        p.line_number = 1;
        return bad(&p, text.ptr, HZ_M(LIST_BOM));
    }
    while (p.at < p.end && *p.at == '#') {
        HZ_TRY(next_line(&p));
        HZ_TRY(read_property(&p));
    }
    list->body_offset = (size_t)(p.at - text.ptr);
    list->body_line = p.line_number + 1;
    list->id = hz_codelist_property(list, "id");
    list->title = (hz_text2){hz_codelist_property(list, "title_zh"), hz_codelist_property(list, "title_en")};
    return HZ_OK;
}

hz_status hz_codelist_head(hz_codelist **out, hz_slice path, hz_slice tsv, hz_error *err)
{
    *out = NULL;
    hz_codelist *list = hz_mem_zalloc(1, sizeof *list);
    if (!list)
        return hz_nomem(err, sizeof *list);
    list->path = path;
    list->text = tsv.len ? tsv : HZ_SLICE_LIT("");
    hz_status st = read_head(list, err);
    if (st == HZ_OK)
        *out = list;
    else
        hz_codelist_free(list);
    return st;
}

static size_t count_byte(hz_slice text, char byte)
{
    size_t count = 0;
    for (const char *at = text.ptr, *end = at + text.len; (at = memchr(at, byte, (size_t)(end - at))) != NULL; at++)
        count++;
    return count;
}

/* Cuts the next cell off; more is false after the last. */
static hz_slice next_cell(hz_slice *rest, bool *more)
{
    const char *tab = rest->len ? memchr(rest->ptr, '\t', rest->len) : NULL;
    hz_slice cell = {rest->ptr, tab ? (size_t)(tab - rest->ptr) : rest->len};
    *more = tab != NULL;
    *rest = hz_slice_sub(*rest, cell.len + (tab ? 1 : 0), rest->len);
    return cell;
}

static hz_status read_header(parser *p)
{
    hz_codelist *list = p->list;
    hz_status st = next_line(p);
    if (st == HZ_END) {
        p->line = (hz_slice){p->end, 0};
        p->line_number++;
        return bad(p, p->end, HZ_M(LIST_NO_HEADER));
    }
    HZ_TRY(st);
    size_t count = count_byte(p->line, '\t') + 1;
    list->columns = hz_mem_zalloc(count, sizeof *list->columns);
    if (!list->columns)
        return hz_nomem(p->err, count * sizeof *list->columns);
    hz_slice rest = p->line;
    for (bool more = true; more;) {
        hz_slice name = next_cell(&rest, &more);
        if (name.len == 0)
            return bad(p, name.ptr, HZ_M(LIST_COLUMN_EMPTY));
        if (hz_codelist_column(list, name) >= 0)
            return bad(p, name.ptr, HZ_M(LIST_COLUMN_TWICE), HZ_S(name));
        list->columns[list->columns_count++] = name;
    }
    if (hz_codelist_column(list, HZ_SLICE_LIT("code")) < 0)
        return bad(p, p->line.ptr, HZ_M(LIST_COLUMN_MISSING), HZ_Z("code"));
    if (hz_codelist_column(list, HZ_SLICE_LIT("name_zh")) < 0)
        return bad(p, p->line.ptr, HZ_M(LIST_COLUMN_MISSING), HZ_Z("name_zh"));
    return HZ_OK;
}

static bool read_number(int32_t *out, hz_slice text, size_t from, size_t to)
{
    *out = 0;
    for (size_t i = from; i < to; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        *out = *out * 10 + (text.ptr[i] - '0');
    }
    return true;
}

/* YYYY, YYYY-MM, YYYY-MM-DD: the first day of it. */
static bool read_day(int32_t *days, hz_slice text)
{
    int32_t year, month = 1, day = 1;
    if (text.len != 4 && text.len != 7 && text.len != 10)
        return false;
    if (!read_number(&year, text, 0, 4))
        return false;
    if (text.len >= 7 && (text.ptr[4] != '-' || !read_number(&month, text, 5, 7)))
        return false;
    if (text.len == 10 && (text.ptr[7] != '-' || !read_number(&day, text, 8, 10)))
        return false;
    return hz_date_from_civil(days, year, month, day);
}

enum { CODE, NAME_ZH, NAME_EN, PARENT, VALID_FROM, VALID_TO, KNOWN_COUNT };

static hz_status read_row(parser *p, hz_code *row, const int known[KNOWN_COUNT])
{
    hz_codelist *list = p->list;
    size_t cells = count_byte(p->line, '\t') + 1;
    if (cells != list->columns_count)
        return bad(p, p->line.ptr, HZ_M(LIST_CELLS), HZ_U(cells), HZ_U(list->columns_count));
    *row = (hz_code){HZ_SLICE_NONE, {HZ_SLICE_LIT(""), HZ_SLICE_LIT("")}, HZ_SLICE_LIT(""), INT32_MIN, INT32_MAX};
    hz_slice rest = p->line;
    bool more;
    for (int i = 0; i < (int)list->columns_count; i++) {
        hz_slice cell = next_cell(&rest, &more);
        if (i == known[CODE])
            row->code = cell;
        else if (i == known[NAME_ZH])
            row->name.zh = cell;
        else if (i == known[NAME_EN])
            row->name.en = cell;
        else if (i == known[PARENT])
            row->parent = cell;
        else if (cell.len && i == known[VALID_FROM] && !read_day(&row->valid_from, cell))
            return bad(p, cell.ptr, HZ_M(LIST_DATE), HZ_Z("valid_from"), HZ_S(cell));
        else if (cell.len && i == known[VALID_TO] && !read_day(&row->valid_to, cell))
            return bad(p, cell.ptr, HZ_M(LIST_DATE), HZ_Z("valid_to"), HZ_S(cell));
    }
    hz_slice code = row->code;
    if (code.len == 0)
        return bad(p, code.ptr, HZ_M(LIST_CODE_EMPTY));
    if (code.ptr[0] == ' ' || code.ptr[code.len - 1] == ' ')
        return bad(p, code.ptr, HZ_M(LIST_CODE_BLANK), HZ_S(code));
    if (row->valid_from >= row->valid_to)
        return bad(p, p->line.ptr, HZ_M(LIST_PERIOD), HZ_S(code));
    return HZ_OK;
}

static hz_status read_rows(parser *p, const hz_limits *limits)
{
    hz_codelist *list = p->list;
    static const char *const names[KNOWN_COUNT] = {"code", "name_zh", "name_en", "parent", "valid_from", "valid_to"};
    int known[KNOWN_COUNT];
    for (int i = 0; i < KNOWN_COUNT; i++)
        known[i] = hz_codelist_column(list, hz_slice_of(names[i]));
    hz_slice rest = {p->at, (size_t)(p->end - p->at)};
    size_t count = count_byte(rest, '\n') + (rest.len && rest.ptr[rest.len - 1] != '\n' ? 1 : 0);
    hz_status st = hz_limit_check(limits, HZ_LIMIT_LIST_ITEMS, count, p->err);
    if (st != HZ_OK) {
        hz_error_at(p->err, list->path, 0, 0);
        return st;
    }
    if (count >= HZ_HTAB_NONE / 2)
        return hz_nomem(p->err, SIZE_MAX);
    list->rows = hz_mem_alloc((count + 1) * sizeof *list->rows);
    list->lines = hz_mem_alloc((count + 1) * sizeof *list->lines);
    if (!list->rows || !list->lines)
        return hz_nomem(p->err, (count + 1) * sizeof *list->rows);
    for (list->count = 0; list->count < count; list->count++) {
        HZ_TRY(next_line(p));
        list->lines[list->count] = (uint32_t)(p->line.ptr - list->text.ptr);
        HZ_TRY(read_row(p, &list->rows[list->count], known));
    }
    return HZ_OK;
}

/* The rows' lines follow the header line one by one. */
static hz_status overlap_error(parser *p, uint32_t overlap, uint32_t earlier)
{
    const hz_codelist *list = p->list;
    hz_slice code = list->rows[overlap].code;
    p->line = (hz_slice){list->text.ptr + list->lines[overlap], 0};
    p->line_number = list->body_line + 1 + overlap;
    return bad(p, code.ptr, HZ_M(LIST_CODE_TWICE), HZ_S(code), HZ_U(list->body_line + 1 + earlier));
}

static hz_status read_body(parser *p, const hz_limits *limits)
{
    hz_codelist *list = p->list;
    if (list->text.len > UINT32_MAX)
        return hz_nomem(p->err, list->text.len);
    HZ_TRY(read_header(p));
    HZ_TRY(read_rows(p, limits));
    uint32_t overlap, earlier;
    HZ_TRY(hz_codelist_index(list, &overlap, &earlier, p->err));
    if (overlap != HZ_HTAB_NONE)
        return overlap_error(p, overlap, earlier);
    if (!hz_sha256_bytes(list->sha256, list->text))
        return hz_nomem(p->err, 0);
    return HZ_OK;
}

hz_status hz_codelist_body(hz_codelist *list, const hz_limits *limits, hz_error *err)
{
    hz_slice text = list->text;
    const char *at = text.ptr + list->body_offset;
    parser p = {list, at, text.ptr + text.len, {at, 0}, list->body_line - 1, err};
    hz_status st = read_body(&p, limits ? limits : hz_limits_default());
    if (st != HZ_OK)
        hz_codelist_clear_body(list);
    return st;
}

hz_status hz_codelist_parse(hz_codelist **out, hz_slice path, hz_slice tsv, const hz_limits *limits, hz_error *err)
{
    *out = NULL;
    hz_codelist *list;
    HZ_TRY(hz_codelist_head(&list, path, tsv, err));
    if (list->id.len == 0)
        list->id = path;
    hz_status st = hz_codelist_body(list, limits, err);
    if (st == HZ_OK)
        *out = list;
    else
        hz_codelist_free(list);
    return st;
}
