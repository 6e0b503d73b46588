/* generate_stamp.c: many copies of one block.
 *
 * Rules hold for a block whatever it is called: whose numbers, names, telephones and village it carries. So a block is
 * solved once and copied: each text that stands for one thing (an atom) is cut out of the rows wherever it occurs, as a
 * whole cell, as the beginning of a cell or inside one, and every copy puts its own there. Numbers of persons keep
 * birth date and sex; divisions are the copy's. Sums, dates and codes stay. What it takes to write a copy is to make
 * its atoms and to copy bytes.
 *
 * All atoms of a submission differ: keys, telephones and accounts are counted; persons' numbers are counted for each
 * day of birth and sex, in the county of the copy while it has numbers left, then over all counties. */
#include "validator/tasks/generate_int.h"
#include <stdio.h>
#include <stdlib.h>

enum { LOCAL_SEQUENCES = 400 }; /* of HZ_GEN_SEQUENCES: those that a county gives its own */

/* ---- texts with places for tokens ---- */

void hz_gen_text_clear(hz_gen_text *text)
{
    hz_buf_clear(&text->bytes);
    hz_mem_free(text->pieces);
    memset(text, 0, sizeof *text);
}

static hz_gen_piece *piece_at_end(hz_gen_text *text)
{
    if (text->count && text->pieces[text->count - 1].token == UINT32_MAX)
        return &text->pieces[text->count - 1];
    if (text->count == text->capacity) {
        size_t room = text->capacity ? text->capacity * 2 : 64;
        hz_gen_piece *more = hz_mem_realloc(text->pieces, room * sizeof *more);
        if (!more) {
            text->bytes.status = HZ_E_NOMEM;
            return NULL;
        }
        text->pieces = more;
        text->capacity = room;
    }
    text->pieces[text->count] = (hz_gen_piece){.from = (uint32_t)text->bytes.len, .token = UINT32_MAX};
    return &text->pieces[text->count++];
}

void hz_gen_text_puts(hz_gen_text *text, hz_slice bytes)
{
    hz_gen_piece *piece = bytes.len ? piece_at_end(text) : NULL;
    if (!piece)
        return;
    hz_buf_put(&text->bytes, bytes);
    piece->len += (uint32_t)bytes.len;
}

static void put_token(hz_gen_text *text, uint32_t token, size_t cut)
{
    hz_gen_piece *piece = piece_at_end(text);
    if (!piece)
        return;
    piece->token = token;
    piece->cut = (uint8_t)cut;
}

/* ---- finding atoms ---- */

static uint32_t token_of(hz_gen_template *template, const hz_gen_block *block, uint32_t atom)
{
    const hz_gen_atom *from = &block->atoms[atom];
    template->tokens[atom] = (hz_gen_token){.kind = from->kind,
                                            .length = (uint32_t)from->text.len,
                                            .index = atom,
                                            .surname = from->kind == HZ_GEN_NAME ? hz_gen_surname_of(from->text) : 0,
                                            .birth = from->birth,
                                            .sex = from->sex,
                                            .local = from->local,
                                            .bound = from->bound};
    if (from->bound)
        memcpy(template->tokens[atom].division, from->text.ptr, sizeof template->tokens[atom].division);
    return atom;
}

/* Behind the atoms: the copy's place and its name; then places that have so many digits in common with it. */
enum { TOKEN_PLACE, TOKEN_PLACE_NAME, TOKEN_ELSEWHERE, ELSEWHERES = 5, TOKENS_EXTRA = TOKEN_ELSEWHERE + ELSEWHERES };
static const uint8_t common_digits[ELSEWHERES] = {9, 6, 4, 2, 0};

static uint32_t extra_token(const hz_gen_template *template, size_t which)
{
    return (uint32_t)(template->tokens_count - TOKENS_EXTRA + which);
}

static bool holds_place(const hz_gen_block *block, const hz_field *field, hz_slice cell)
{
    const hz_gen_field *known = field ? &block->plan->tables[field->table->index].fields[field->index] : NULL;
    if (!block->place.len || !hz_slice_starts(block->place, cell) || !known || known->key_length)
        return false;
    if (known->kind != HZ_GEN_PLACE && known->kind != HZ_GEN_DIVISION && known->kind != HZ_GEN_WORDS)
        return false;
    return cell.len == 2 || cell.len == 4 || cell.len == 6 || cell.len == 9 || cell.len == 12;
}

/* A defect that is another place: which of TOKEN_ELSEWHERE; -1. */
static int elsewhere_of(const hz_gen_block *block, const hz_field *field, hz_slice cell)
{
    const hz_gen_field *known = field ? &block->plan->tables[field->table->index].fields[field->index] : NULL;
    if (!block->journal || !known || known->kind != HZ_GEN_PLACE || cell.len != block->place.len)
        return -1;
    bool real = false;
    for (size_t i = 0; i < block->plan->counties_count && !real; i++)
        real = hz_slice_starts(cell, block->plan->counties[i]);
    for (size_t i = 0; i < ELSEWHERES && real; i++)
        if (hz_slice_starts(cell, hz_slice_sub(block->place, 0, common_digits[i])))
            return (int)i;
    return -1;
}

static bool is_plain(hz_slice cell)
{
    for (size_t i = 0; i < cell.len; i++)
        if (cell.ptr[i] == ',' || cell.ptr[i] == '"' || cell.ptr[i] == '\n' || cell.ptr[i] == '\r')
            return false;
    return true;
}

static void put_quoted(hz_gen_text *text, hz_slice cell)
{
    hz_gen_text_puts(text, HZ_SLICE_LIT("\""));
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.ptr[i] == '"')
            hz_gen_text_puts(text, HZ_SLICE_LIT("\""));
        hz_gen_text_puts(text, hz_slice_sub(cell, i, i + 1));
    }
    hz_gen_text_puts(text, HZ_SLICE_LIT("\""));
}

/* A person's number inside a longer text: at `*from`. */
static uint32_t id_within(const hz_gen_block *block, hz_slice cell, size_t *from)
{
    for (size_t i = 0; i + 18 <= cell.len; i++) {
        uint32_t atom = hz_names_find(&block->atom_names, hz_slice_sub(cell, i, i + 18));
        if (atom != HZ_HTAB_NONE && block->atoms[atom].kind == HZ_GEN_RESIDENT) {
            *from = i;
            return atom;
        }
    }
    return HZ_HTAB_NONE;
}

/* A person's number in its fifteen digits. */
static bool old_form(const hz_gen_block *block, hz_slice cell, uint32_t *atom)
{
    char whole[18];
    if (!hz_resident_id_normal(whole, cell))
        return false;
    *atom = hz_names_find(&block->atom_names, (hz_slice){whole, sizeof whole});
    return *atom != HZ_HTAB_NONE && block->atoms[*atom].kind == HZ_GEN_RESIDENT;
}

hz_status hz_gen_text_put(hz_gen_text *text, hz_gen_template *template, hz_gen_block *block, const hz_field *field,
                          hz_slice cell, bool quoted, hz_error *err)
{
    const hz_gen_field *known = field ? &block->plan->tables[field->table->index].fields[field->index] : NULL;
    bool wordy = !field || (field->value_type == HZ_TYPE_TEXT && field->type != HZ_FIELD_CODES);
    size_t from = 0;
    int elsewhere = -1;
    uint32_t atom = wordy && cell.len ? hz_names_find(&block->atom_names, cell) : HZ_HTAB_NONE;
    if (atom != HZ_HTAB_NONE && block->atoms[atom].kind == HZ_GEN_NAME && known && known->kind != HZ_GEN_NAME)
        atom = HZ_HTAB_NONE;
    if (atom == HZ_HTAB_NONE && wordy && cell.len > 18)
        atom = id_within(block, cell, &from);
    if (atom == HZ_HTAB_NONE && wordy && cell.len == 15 && old_form(block, cell, &atom)) {
        put_token(text, token_of(template, block, atom), 0);
        text->pieces[text->count - 1].old_form = true;
    } else if (atom != HZ_HTAB_NONE && is_plain(cell)) {
        size_t len = block->atoms[atom].text.len;
        hz_gen_text_puts(text, hz_slice_sub(cell, 0, from));
        put_token(text, token_of(template, block, atom), 0);
        hz_gen_text_puts(text, hz_slice_sub(cell, from + len, cell.len));
    } else if (wordy && holds_place(block, field, cell)) {
        put_token(text, extra_token(template, TOKEN_PLACE), cell.len);
    } else if (wordy && (elsewhere = elsewhere_of(block, field, cell)) >= 0) {
        uint32_t token = extra_token(template, TOKEN_ELSEWHERE + (size_t)elsewhere);
        template->tokens[token] =
            (hz_gen_token){.kind = HZ_GEN_PLACE, .elsewhere = true, .common = common_digits[elsewhere]};
        put_token(text, token, 0);
    } else if (known && known->kind == HZ_GEN_PLACE_NAME && block->place_name.len &&
               hz_slice_eq(cell, block->place_name)) {
        put_token(text, extra_token(template, TOKEN_PLACE_NAME), 0);
    } else if (quoted && !is_plain(cell)) {
        put_quoted(text, cell);
    } else {
        hz_gen_text_puts(text, cell);
    }
    return hz_buf_status(&text->bytes, err);
}

/* ---- a template ---- */

static hz_status put_row(hz_gen_template *template, hz_gen_block *block, hz_gen_text *text, const hz_gen_row *row,
                         hz_error *err)
{
    const hz_table *table = row->table;
    for (size_t f = 0; f < table->fields_count; f++) {
        if (f)
            hz_gen_text_puts(text, HZ_SLICE_LIT(","));
        HZ_TRY(hz_gen_text_put(text, template, block, &table->fields[f], row->cells[f].text, true, err));
    }
    if (table->fields_count == 1 && !row->cells[0].text.len)
        hz_gen_text_puts(text, HZ_SLICE_LIT("\"\""));
    hz_gen_text_puts(text, HZ_SLICE_LIT("\n"));
    text->rows++;
    return hz_buf_status(&text->bytes, err);
}

hz_status hz_gen_template_make(hz_gen_template *out, hz_gen_block *block, hz_error *err)
{
    const hz_gen_plan *plan = block->plan;
    size_t tables = plan->profile->tables_count;
    memset(out, 0, sizeof *out);
    out->texts = hz_mem_zalloc(tables * HZ_PERIODS_MAX + 1, sizeof *out->texts);
    out->tokens = hz_mem_zalloc(block->atoms_count + TOKENS_EXTRA, sizeof *out->tokens);
    if (!out->texts || !out->tokens)
        return hz_nomem(err, block->atoms_count * sizeof *out->tokens);
    out->tokens_count = block->atoms_count + TOKENS_EXTRA;
    out->tokens[extra_token(out, TOKEN_PLACE)] = (hz_gen_token){.kind = HZ_GEN_PLACE};
    out->tokens[extra_token(out, TOKEN_PLACE_NAME)] = (hz_gen_token){.kind = HZ_GEN_PLACE_NAME};
    for (size_t i = 0; i < block->atoms_count; i++)
        out->tokens[i].kind = HZ_GEN_WORDS; /* until a row has it */
    for (size_t i = TOKEN_ELSEWHERE; i < TOKENS_EXTRA; i++)
        out->tokens[extra_token(out, i)].kind = HZ_GEN_WORDS;
    for (size_t o = 0; o < plan->order_count; o++)
        for (uint32_t period = 0; period < plan->options->periods; period++)
            for (uint32_t family = 0; family <= block->families_count; family++) {
                hz_gen_list *list = hz_gen_list_of(block, family, plan->order[o], period);
                for (size_t i = 0; i < list->count; i++)
                    HZ_TRY(
                        put_row(out, block, &out->texts[plan->order[o] * HZ_PERIODS_MAX + period], list->rows[i], err));
            }
    out->roots = out->texts[plan->root * HZ_PERIODS_MAX].rows;
    for (size_t i = 0; i < tables * HZ_PERIODS_MAX; i++)
        if (out->texts[i].count && !hz_buf_reserve(&out->texts[i].bytes, HZ_GEN_SLACK))
            return hz_nomem(err, HZ_GEN_SLACK);
    return HZ_OK;
}

void hz_gen_template_clear(hz_gen_template *template, const hz_gen_plan *plan)
{
    for (size_t i = 0; template->texts && i < plan->profile->tables_count * HZ_PERIODS_MAX; i++)
        hz_gen_text_clear(&template->texts[i]);
    hz_gen_text_clear(&template->planted.words);
    hz_mem_free(template->texts);
    hz_mem_free(template->tokens);
    memset(template, 0, sizeof *template);
}

/* ---- numbers that differ ---- */

static int by_birth(const void *a, const void *b)
{
    const hz_gen_token *x = *(hz_gen_token *const *)a, *y = *(hz_gen_token *const *)b;
    if (x->birth != y->birth)
        return x->birth < y->birth ? -1 : 1;
    if (x->sex != y->sex)
        return x->sex < y->sex ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

hz_status hz_gen_number_all(hz_gen_template *templates, size_t count, hz_gen_stamper *stamper, hz_error *err)
{
    size_t persons = 0, at = 0;
    uint64_t running = 0;
    stamper->stride = 1;
    for (size_t t = 0; t < count; t++)
        for (size_t i = 0; i < templates[t].tokens_count; i++) {
            persons += templates[t].tokens[i].kind == HZ_GEN_RESIDENT;
            if (templates[t].tokens_count - ELSEWHERES > stamper->stride)
                stamper->stride = templates[t].tokens_count - ELSEWHERES;
        }
    hz_gen_token **all = hz_mem_zalloc(persons + 1, sizeof *all);
    if (!all)
        return hz_nomem(err, persons * sizeof *all);
    for (size_t t = 0; t < count; t++)
        for (size_t i = 0; i < templates[t].tokens_count; i++)
            if (templates[t].tokens[i].kind == HZ_GEN_RESIDENT) {
                templates[t].tokens[i].index = running++; /* a total order, whatever qsort does */
                all[at++] = &templates[t].tokens[i];
            }
    qsort(all, persons, sizeof *all, by_birth);
    for (size_t from = 0, to = 0; from < persons; from = to) {
        while (to < persons && all[to]->birth == all[from]->birth && all[to]->sex == all[from]->sex)
            to++;
        for (size_t i = from; i < to; i++) {
            all[i]->rank = (uint32_t)(i - from);
            all[i]->group = (uint32_t)(to - from);
        }
    }
    hz_mem_free(all);
    return HZ_OK;
}

/* ---- a copy ---- */

static void put_digits(hz_buf *out, uint64_t n, uint32_t length)
{
    char *at = hz_buf_reserve(out, length);
    if (!at)
        return;
    for (uint32_t i = length; i-- > 0; n /= 10)
        at[i] = (char)('0' + n % 10);
    if (length > 1 && at[0] == '0')
        at[0] = '1';
    out->len += length;
}

static void put_person(hz_buf *out, const hz_gen_plan *plan, const hz_gen_token *token, const hz_gen_copy *copy)
{
    uint64_t n = copy->county_uses * token->group + token->rank;
    hz_slice county = hz_slice_sub(copy->place, 0, 6);
    char *at = hz_buf_reserve(out, 18);
    if (!at)
        return;
    if (token->bound) {
        n = (copy->uses * token->group + token->rank) % HZ_GEN_SEQUENCES;
        county = (hz_slice){token->division, sizeof token->division};
    } else if (!token->local || county.len < 6 || n >= LOCAL_SEQUENCES) {
        enum { OTHERS = HZ_GEN_SEQUENCES - LOCAL_SEQUENCES };
        n = copy->uses * token->group + token->rank;
        county = plan->counties_count
                     ? plan->counties[(hz_rand_mix((uint64_t)token->birth, (uint64_t)token->sex) + n / OTHERS) %
                                      plan->counties_count]
                     : HZ_SLICE_LIT("110101");
        n = LOCAL_SEQUENCES + n % OTHERS;
    }
    hz_gen_resident(at, county, token->birth, token->sex, (uint32_t)n);
    out->len += 18;
}

static void render(hz_buf *out, const hz_gen_stamper *stamper, const hz_gen_token *token, const hz_gen_copy *copy)
{
    const hz_gen_plan *plan = stamper->plan;
    uint64_t n = copy->number * stamper->stride + token->index, seed = plan->options->seed;
    char *at;
    switch (token->kind) {
    case HZ_GEN_RESIDENT:
        put_person(out, plan, token, copy);
        break;
    case HZ_GEN_KEY:
        put_digits(out, n, token->length);
        break;
    case HZ_GEN_NAME:
        hz_gen_person_name(out, hz_rand_mix(seed ^ copy->number, token->surname),
                           hz_rand_mix(seed + copy->number, token->index + 1000));
        break;
    case HZ_GEN_PHONE: /* 3 to the 18th has no factor in common with a power of ten: every number once */
        hz_buf_putc(out, '1');
        hz_buf_putc(out, (char)('3' + (n / 1000000000 * 2 + n % 7) % 7));
        at = hz_buf_reserve(out, 9);
        if (at) {
            uint64_t m = n % 1000000000 * 387420489 % 1000000000;
            for (int i = 9; i-- > 0; m /= 10)
                at[i] = (char)('0' + m % 10);
            out->len += 9;
        }
        break;
    case HZ_GEN_BANK:
        at = hz_buf_reserve(out, 19);
        if (at) {
            hz_gen_bank(at, n);
            out->len += 19;
        }
        break;
    case HZ_GEN_USCC:
        at = hz_buf_reserve(out, 18);
        if (at) {
            hz_gen_uscc(at, copy->place.len >= 6 ? copy->place : HZ_SLICE_LIT("110101"), n);
            out->len += 18;
        }
        break;
    case HZ_GEN_PLACE:
        if (token->elsewhere)
            (void)hz_gen_place_elsewhere(plan, copy->number, copy->place, token->common, out);
        else
            hz_buf_put(out, copy->place);
        break;
    case HZ_GEN_PLACE_NAME:
        hz_buf_put(out, copy->place_name);
        break;
    default:
        break;
    }
}

bool hz_gen_copy_fits(const hz_gen_plan *plan, const hz_gen_template *template, uint64_t number)
{
    bool fits = true;
    hz_buf place = HZ_BUF_INIT, name = HZ_BUF_INIT, other = HZ_BUF_INIT;
    for (size_t i = 0; i < ELSEWHERES && fits; i++) {
        const hz_gen_token *token = &template->tokens[extra_token(template, TOKEN_ELSEWHERE + i)];
        if (!token->elsewhere)
            continue;
        hz_buf_reset(&place);
        hz_gen_place(plan, number, &place, &name);
        fits = hz_gen_place_elsewhere(plan, number, hz_buf_slice(&place), token->common, &other);
    }
    hz_buf_clear(&place);
    hz_buf_clear(&name);
    hz_buf_clear(&other);
    return fits;
}

hz_status hz_gen_copy_begin(hz_gen_stamper *stamper, const hz_gen_template *template, const hz_gen_copy *copy,
                            hz_error *err)
{
    if (stamper->at_capacity < template->tokens_count + 1) {
        uint32_t *more = hz_mem_realloc(stamper->at, (template->tokens_count + 1) * sizeof *more);
        if (!more)
            return hz_nomem(err, template->tokens_count * sizeof *more);
        stamper->at = more;
        stamper->at_capacity = template->tokens_count + 1;
    }
    hz_buf_reset(&stamper->scratch);
    for (size_t i = 0; i < template->tokens_count; i++) {
        stamper->at[i] = (uint32_t)stamper->scratch.len;
        render(&stamper->scratch, stamper, &template->tokens[i], copy);
    }
    stamper->at[template->tokens_count] = (uint32_t)stamper->scratch.len;
    (void)hz_buf_reserve(&stamper->scratch, HZ_GEN_SLACK);
    return hz_buf_status(&stamper->scratch, err);
}

/* Most pieces are a few bytes: those are moved as HZ_GEN_SLACK, and what is too much is written over. Both ends have
 * that many bytes to spare. */
static inline char *put_piece(char *to, const char *from, size_t len)
{
    if (len <= HZ_GEN_SLACK)
        memcpy(to, from, HZ_GEN_SLACK);
    else
        memcpy(to, from, len);
    return to + len;
}

void hz_gen_copy_put(hz_buf *out, const hz_gen_stamper *stamper, const hz_gen_text *text, hz_slice place)
{
    size_t room = text->bytes.len + text->count * 64 + HZ_GEN_SLACK;
    char *to = hz_buf_reserve(out, room);
    if (!to)
        return;
    char *at = to;
    for (size_t i = 0; i < text->count; i++) {
        const hz_gen_piece *piece = &text->pieces[i];
        at = put_piece(at, text->bytes.ptr + piece->from, piece->len);
        if (piece->token == UINT32_MAX)
            continue;
        const char *from = stamper->scratch.ptr + stamper->at[piece->token];
        size_t len = stamper->at[piece->token + 1] - stamper->at[piece->token];
        if (piece->cut) {
            from = place.ptr;
            len = piece->cut < place.len ? piece->cut : place.len;
        }
        if (piece->old_form) { /* without the century and the check digit */
            memcpy(at, from, 6);
            memcpy(at + 6, from + 8, 9);
            at += 15;
            continue;
        }
        at = piece->cut ? (char *)memcpy(at, from, len) + len : put_piece(at, from, len);
    }
    out->len += (size_t)(at - to);
}

void hz_gen_header_put(hz_buf *out, const hz_table *table)
{
    for (size_t f = 0; f < table->fields_count; f++) {
        if (f)
            hz_buf_putc(out, ',');
        hz_buf_put(out, table->fields[f].name);
    }
    hz_buf_putc(out, '\n');
}
