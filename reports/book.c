/* book.c: the parts of a workbook: sheets and their comments as they come, what lists them at the end. */
#include "reports/book.h"
#include "base/utf8.h"
#include <stdio.h>

enum { NAME_CHARS_MAX = 31, SHAPES_A_BLOCK = 1024, FILLS = HZ_SEVERITY_COUNT + 1 };

#define XML       "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define MAIN      "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define OFFICE    "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PACKAGE   "http://schemas.openxmlformats.org/package/2006/relationships"
#define MICROSOFT "application/vnd.openxmlformats-officedocument.spreadsheetml."

static void carry(const hz_book *book, const hz_buf *buf)
{
    if (buf->status != HZ_OK && book->zip.out->status == HZ_OK)
        book->zip.out->status = buf->status;
}

static void put(hz_book *book, const char *text)
{
    hz_zip_put(&book->zip, hz_slice_of(text));
}

static void put_scratch(hz_book *book)
{
    carry(book, &book->scratch);
    hz_zip_put(&book->zip, hz_buf_slice(&book->scratch));
}

static void put_part(hz_book *book, const char *name, const hz_buf *middle, const char *before, const char *after)
{
    hz_zip_entry(&book->zip, name);
    put(book, XML);
    put(book, before);
    if (middle)
        hz_zip_put(&book->zip, hz_buf_slice(middle));
    put(book, after);
    hz_zip_entry_end(&book->zip);
}

/* "Q": columns as spreadsheets count them. */
static void put_letters(hz_buf *out, size_t column)
{
    char letters[8];
    size_t n = 0;
    for (column++; column && n < sizeof letters; column = (column - 1) / 26)
        letters[n++] = (char)('A' + (column - 1) % 26);
    while (n)
        hz_buf_putc(out, letters[--n]);
}

/* ---- styles ---- */

static void put_style(hz_buf *out, unsigned style, unsigned fill)
{
    static const unsigned formats[HZ_STYLES] = {49, 49, 3, 0, 10, 164, 165, 1, 166, 2, 167, 168, 169, 170};
    bool head = style == HZ_STYLE_HEAD;
    hz_buf_printf(out,
                  "<xf numFmtId=\"%u\" fontId=\"%d\" fillId=\"%u\" borderId=\"%d\" xfId=\"0\" applyNumberFormat=\"1\"",
                  formats[style], head,
                  fill   ? fill + 2
                  : head ? 2
                         : 0,
                  head);
    hz_buf_puts(out, head   ? " applyFont=\"1\" applyFill=\"1\" applyBorder=\"1\"/>"
                     : fill ? " applyFill=\"1\"/>"
                            : "/>");
}

/* Fills of fatal, error, warning, info behind that of the heading. */
static void put_styles(hz_book *book)
{
    static const char *const colours[] = {"DDE6F0", "F8A5A5", "FFC7CE", "FFEB9C", "DDEBF7"};
    static const char *const formats[] = {"yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "0.0", "0.000", "0.0000", "0.00000",
                                          "0.000000"};
    hz_buf *out = &book->scratch;
    hz_buf_reset(out);
    hz_buf_puts(out, "<numFmts count=\"7\">");
    for (unsigned i = 0; i < 7; i++)
        hz_buf_printf(out, "<numFmt numFmtId=\"%u\" formatCode=\"%s\"/>", 164 + i, formats[i]);
    hz_buf_puts(out,
                "</numFmts><fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font>"
                "<font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts><fills count=\"7\">"
                "<fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill>");
    for (unsigned i = 0; i < 5; i++)
        hz_buf_printf(out,
                      "<fill><patternFill patternType=\"solid\"><fgColor rgb=\"FF%s\"/><bgColor indexed=\"64\"/>"
                      "</patternFill></fill>",
                      colours[i]);
    hz_buf_puts(out, "</fills><borders count=\"2\"><border><left/><right/><top/><bottom/><diagonal/></border><border>"
                     "<left/><right/><top/><bottom style=\"thin\"><color auto=\"1\"/></bottom><diagonal/></border>"
                     "</borders><cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/>"
                     "</cellStyleXfs>");
    hz_buf_printf(out, "<cellXfs count=\"%u\">", (unsigned)(FILLS * HZ_STYLES));
    for (unsigned fill = 0; fill < FILLS; fill++)
        for (unsigned style = 0; style < HZ_STYLES; style++)
            put_style(out, style, fill);
    hz_buf_puts(
        out, "</cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles>");
    carry(book, out);
    put_part(book, "xl/styles.xml", out, "<styleSheet xmlns=\"" MAIN "\">", "</styleSheet>");
}

/* ---- sheets ---- */

void hz_book_begin(hz_book *book, hz_buf *out)
{
    *book = (hz_book){.sheets_count = 0};
    hz_zip_begin(&book->zip, out);
}

/* What Excel takes as a name: at most 31 characters, none of []:*?/\ and no ' at the ends; no two alike. */
static void put_name(hz_book *book, hz_buf *out, hz_slice name, unsigned again)
{
    char end[16] = "";
    size_t from = out->len;
    if (again > 1)
        (void)snprintf(end, sizeof end, " (%u)", again);
    hz_utf8_put_safe(out, hz_slice_sub(name, 0, hz_utf8_offset(name, NAME_CHARS_MAX - strlen(end))));
    for (size_t i = from; i < out->len; i++)
        if (strchr("[]:*?/\\'<>&\"", out->ptr[i]))
            out->ptr[i] = '_';
    hz_buf_puts(out, end);
    if (out->len == from || hz_utf8_length(hz_slice_sub(hz_buf_slice(out), from, out->len)) > NAME_CHARS_MAX) {
        out->len = from;
        hz_buf_printf(out, "Sheet%u", book->sheets_count);
    }
}

static bool is_named(const hz_buf *sheets, hz_slice quoted)
{
    return sheets->len && quoted.len && memmem(sheets->ptr, sheets->len, quoted.ptr, quoted.len);
}

/* <sheet name="…"/> for workbook.xml; the name in quotes is what tells it from others. */
static void list_sheet(hz_book *book, hz_slice name, unsigned again)
{
    hz_buf *quoted = &book->scratch;
    hz_buf_reset(quoted);
    hz_buf_putc(quoted, '"');
    put_name(book, quoted, name, again);
    hz_buf_putc(quoted, '"');
    if (is_named(&book->sheets, hz_buf_slice(quoted))) { /* a long one that was cut */
        hz_buf_reset(quoted);
        hz_buf_printf(quoted, "\"Sheet%u\"", book->sheets_count);
    }
    carry(book, quoted);
    hz_buf_printf(&book->sheets, "<sheet name=%s sheetId=\"%u\" r:id=\"rId%u\"/>", quoted->ptr ? quoted->ptr : "\"\"",
                  book->sheets_count, book->sheets_count);
    hz_buf_printf(&book->rels,
                  "<Relationship Id=\"rId%u\" Type=\"" OFFICE "/worksheet\" Target=\"worksheets/sheet%u.xml\"/>",
                  book->sheets_count, book->sheets_count);
    hz_buf_printf(&book->types,
                  "<Override PartName=\"/xl/worksheets/sheet%u.xml\" ContentType=\"" MICROSOFT "worksheet+xml\"/>",
                  book->sheets_count);
    if (quoted->len) { /* "…" becomes '…' */
        quoted->ptr[0] = quoted->ptr[quoted->len - 1] = '\'';
        hz_buf_printf(&book->filters,
                      "<definedName name=\"_xlnm._FilterDatabase\" localSheetId=\"%u\" hidden=\"1\">%s!$A$1:$",
                      book->sheets_count - 1, quoted->ptr);
    }
}

static void put_range(hz_buf *out, const hz_book *book, const char *dollar)
{
    hz_buf_printf(out, "%sA%s1:%s", dollar, dollar, dollar);
    put_letters(out, book->columns - 1);
    hz_buf_printf(out, "%s%llu", dollar, (unsigned long long)book->rows);
}

static void put_notes(hz_book *book)
{
    char name[HZ_ZIP_NAME_BYTES];
    unsigned n = book->sheets_count;
    carry(book, &book->notes);
    carry(book, &book->shapes);
    (void)snprintf(name, sizeof name, "xl/comments%u.xml", n);
    put_part(book, name, &book->notes,
             "<comments xmlns=\"" MAIN "\"><authors><author>hezhun</author></authors><commentList>",
             "</commentList></comments>");
    (void)snprintf(name, sizeof name, "xl/drawings/vmlDrawing%u.vml", n);
    hz_zip_entry(&book->zip, name);
    hz_buf *out = &book->scratch;
    hz_buf_reset(out);
    hz_buf_puts(out,
                "<xml xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\""
                " xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><o:shapelayout v:ext=\"edit\">"
                "<o:idmap v:ext=\"edit\" data=\"");
    uint64_t block = book->shapes_before + 1;
    for (uint64_t i = 0; i <= book->notes_count / SHAPES_A_BLOCK; i++)
        hz_buf_printf(out, "%s%llu", i ? "," : "", (unsigned long long)(block + i));
    hz_buf_puts(out, "\"/></o:shapelayout><v:shapetype id=\"_x0000_t202\" coordsize=\"21600,21600\" o:spt=\"202\""
                     " path=\"m,l,21600r21600,l21600,xe\"><v:stroke joinstyle=\"miter\"/><v:path gradientshapeok=\"t\""
                     " o:connecttype=\"rect\"/></v:shapetype>");
    put_scratch(book);
    hz_zip_put(&book->zip, hz_buf_slice(&book->shapes));
    put(book, "</xml>");
    hz_zip_entry_end(&book->zip);
    book->shapes_before += book->notes_count / SHAPES_A_BLOCK + 1;
    (void)snprintf(name, sizeof name, "xl/worksheets/_rels/sheet%u.xml.rels", n);
    hz_buf_reset(out);
    hz_buf_printf(out,
                  "<Relationship Id=\"rId1\" Type=\"" OFFICE "/vmlDrawing\" Target=\"../drawings/vmlDrawing%u.vml\"/>"
                  "<Relationship Id=\"rId2\" Type=\"" OFFICE "/comments\" Target=\"../comments%u.xml\"/>",
                  n, n);
    carry(book, out);
    put_part(book, name, out, "<Relationships xmlns=\"" PACKAGE "\">", "</Relationships>");
    hz_buf_printf(&book->types, "<Override PartName=\"/xl/comments%u.xml\" ContentType=\"" MICROSOFT "comments+xml\"/>",
                  n);
    hz_buf_reset(&book->notes);
    hz_buf_reset(&book->shapes);
    book->notes_count = 0;
}

static void end_sheet(hz_book *book)
{
    hz_buf *out = &book->scratch;
    if (!book->open)
        return;
    hz_buf_reset(out);
    hz_buf_puts(out, "</sheetData><autoFilter ref=\"");
    put_range(out, book, "");
    hz_buf_puts(out, "\"/><ignoredErrors><ignoredError sqref=\"");
    put_range(out, book, "");
    hz_buf_puts(out, "\" numberStoredAsText=\"1\"/></ignoredErrors>");
    if (book->notes_count)
        hz_buf_puts(out, "<legacyDrawing r:id=\"rId1\"/>");
    hz_buf_puts(out, "</worksheet>");
    put_scratch(book);
    hz_zip_entry_end(&book->zip);
    put_letters(&book->filters, book->columns - 1);
    hz_buf_printf(&book->filters, "$%llu</definedName>", (unsigned long long)book->rows);
    if (book->notes_count)
        put_notes(book);
    book->open = false;
}

void hz_book_sheet(hz_book *book, hz_slice name, unsigned again, const hz_book_column *columns, size_t count)
{
    char part[HZ_ZIP_NAME_BYTES];
    hz_buf *out = &book->scratch;
    end_sheet(book);
    book->open = true;
    book->sheets_count++;
    book->columns = count ? (unsigned)count : 1;
    book->rows = 1;
    list_sheet(book, name, again);
    (void)snprintf(part, sizeof part, "xl/worksheets/sheet%u.xml", book->sheets_count);
    hz_zip_entry(&book->zip, part);
    hz_buf_reset(out);
    hz_buf_puts(out, XML "<worksheet xmlns=\"" MAIN "\" xmlns:r=\"" OFFICE "\"><sheetViews><sheetView");
    hz_buf_puts(out, book->sheets_count == 1 ? " tabSelected=\"1\"" : "");
    hz_buf_puts(
        out, " workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>"
             "<selection pane=\"bottomLeft\"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight=\"15\"/><cols>");
    for (size_t i = 0; i < count; i++)
        hz_buf_printf(out, "<col min=\"%zu\" max=\"%zu\" width=\"%u.7109375\" customWidth=\"1\"/>", i + 1, i + 1,
                      columns[i].width);
    if (!count)
        hz_buf_puts(out, "<col min=\"1\" max=\"1\" width=\"9.7109375\"/>");
    hz_buf_puts(out, "</cols><sheetData>");
    hz_cell_row cells = HZ_CELLS_INIT(out);
    hz_row_begin(&cells);
    for (size_t i = 0; i < count; i++)
        hz_cell_text(&cells, columns[i].heading, HZ_STYLE_HEAD);
    hz_row_end(&cells);
    hz_cells_done(&cells);
    put_scratch(book);
}

uint64_t hz_book_room(const hz_book *book)
{
    if (!book->open || hz_zip_entry_bytes(&book->zip) > HZ_ZIP_ENTRY_BYTES)
        return 0;
    return HZ_BOOK_ROWS + 1 - book->rows;
}

void hz_book_rows(hz_book *book, hz_slice rows, uint64_t count)
{
    hz_zip_put(&book->zip, rows);
    book->rows += count;
}

/* A box of three columns and four rows beside the cell. */
void hz_book_note(hz_book *book, size_t column, hz_slice text)
{
    hz_buf *out = &book->notes;
    unsigned long long row = book->rows, id = (book->shapes_before + 1) * SHAPES_A_BLOCK + ++book->notes_count;
    hz_cell_row cells = HZ_CELLS_INIT(&book->scratch);
    hz_buf_reset(&book->scratch);
    hz_cell_lines(&cells, text, HZ_STYLE_TEXT); /* <c …><is><t…>words</t></is></c> */
    hz_cells_done(&cells);
    carry(book, &book->scratch);
    hz_slice cell = hz_buf_slice(&book->scratch);
    const char *from = cell.len ? memmem(cell.ptr, cell.len, "<t", 2) : NULL;
    hz_buf_puts(out, "<comment ref=\"");
    put_letters(out, column);
    hz_buf_printf(out, "%llu\" authorId=\"0\"><text>", row + 1);
    if (from)
        hz_buf_put(out, (hz_slice){from, (size_t)(cell.ptr + cell.len - from) - strlen("</is></c>")});
    hz_buf_puts(out, "</text></comment>");
    hz_buf_printf(
        &book->shapes,
        "<v:shape id=\"_x0000_s%llu\" type=\"#_x0000_t202\" style=\"position:absolute;visibility:hidden;width:240pt;"
        "height:60pt;z-index:%llu\" fillcolor=\"#ffffe1\" o:insetmode=\"auto\"><v:fill color2=\"#ffffe1\"/>"
        "<v:shadow on=\"t\" color=\"black\" obscured=\"t\"/><v:path o:connecttype=\"none\"/><v:textbox"
        " style=\"mso-direction-alt:auto\"><div style=\"text-align:left\"></div></v:textbox><x:ClientData"
        " ObjectType=\"Note\"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>%zu, 15, %llu, 4, %zu, 15, %llu, "
        "4</x:Anchor>"
        "<x:AutoFill>False</x:AutoFill><x:Row>%llu</x:Row><x:Column>%zu</x:Column></x:ClientData></v:shape>",
        id, (unsigned long long)book->notes_count, column + 1, row, column + 4, row + 4, row, column);
}

/* ---- the end ---- */

static void put_book(hz_book *book)
{
    hz_buf *out = &book->scratch;
    put_styles(book);
    hz_buf_reset(out);
    hz_buf_puts(out, "<workbookPr/><bookViews><workbookView xWindow=\"0\" yWindow=\"0\" windowWidth=\"24000\""
                     " windowHeight=\"12000\"/></bookViews><sheets>");
    hz_buf_put(out, hz_buf_slice(&book->sheets));
    hz_buf_puts(out, "</sheets>");
    if (book->filters.len) {
        hz_buf_puts(out, "<definedNames>");
        hz_buf_put(out, hz_buf_slice(&book->filters));
        hz_buf_puts(out, "</definedNames>");
    }
    carry(book, out);
    put_part(book, "xl/workbook.xml", out, "<workbook xmlns=\"" MAIN "\" xmlns:r=\"" OFFICE "\">", "</workbook>");
    hz_buf_puts(&book->rels, "<Relationship Id=\"rIdStyles\" Type=\"" OFFICE "/styles\" Target=\"styles.xml\"/>");
    put_part(book, "xl/_rels/workbook.xml.rels", &book->rels, "<Relationships xmlns=\"" PACKAGE "\">",
             "</Relationships>");
    put_part(book, "_rels/.rels", NULL, "<Relationships xmlns=\"" PACKAGE "\">",
             "<Relationship Id=\"rId1\" Type=\"" OFFICE
             "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>");
    put_part(book, "[Content_Types].xml", &book->types,
             "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"
             "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
             "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
             "<Default Extension=\"vml\" ContentType=\"application/vnd.openxmlformats-officedocument.vmlDrawing\"/>"
             "<Override PartName=\"/xl/workbook.xml\" ContentType=\"" MICROSOFT "sheet.main+xml\"/>"
             "<Override PartName=\"/xl/styles.xml\" ContentType=\"" MICROSOFT "styles+xml\"/>",
             "</Types>");
}

hz_status hz_book_end(hz_book *book, hz_error *err)
{
    end_sheet(book);
    if (!book->sheets_count) { /* Excel takes no book without */
        hz_book_sheet(book, HZ_SLICE_LIT("Sheet1"), 1, NULL, 0);
        end_sheet(book);
    }
    carry(book, &book->sheets);
    carry(book, &book->filters);
    carry(book, &book->rels);
    carry(book, &book->types);
    put_book(book);
    hz_status st = hz_zip_end(&book->zip, err);
    hz_book_clear(book);
    return st;
}

void hz_book_clear(hz_book *book)
{
    hz_zip_clear(&book->zip);
    hz_buf_clear(&book->sheets);
    hz_buf_clear(&book->filters);
    hz_buf_clear(&book->rels);
    hz_buf_clear(&book->types);
    hz_buf_clear(&book->notes);
    hz_buf_clear(&book->shapes);
    hz_buf_clear(&book->scratch);
}
