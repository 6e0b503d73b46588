/* generate.c: a submission of any size.
 *
 * 1. The plan: what the model says about rows (generate_plan.c).
 * 2. A pool of blocks is drawn and mended until no rule fails (generate_solve.c), by several threads, each block from a
 *    seed of its own; then the engine judges all of them, and those it finds an error in are dropped.
 * 3. For defects, small blocks are broken on purpose, rule by rule (generate_plant.c), and judged too: the engine must
 *    find the defect where it was put.
 * 4. Blocks are copied (generate_stamp.c) until there are as many rows as asked for; memory is that of the pool. */
#include "base/crew.h"
#include "base/file.h"
#include "base/folder.h"
#include "validator/tasks/generate_int.h"
#include <stdlib.h>
#include <unistd.h>

enum {
    POOL_FAMILIES = 220, /* more give more variety, and take longer */
    SMALL = 7,           /* blocks of one to three families: for what is left over, and for defects */
    SOLVES_MAX = 6,
    KEPT_FAMILIES = 3,
    BLOCK_ANYWHERE = 40, /* families of a block; a region has no villages but its own */
    BLOCK_REGION = 200,
    WRITE_BYTES = 96 << 10 /* of a table: all of them together stay in the cache */
};

typedef struct pool {
    const hz_gen_plan *plan;
    hz_gen_template *templates;
    hz_gen_block *blocks; /* of the small ones, for planting */
    uint32_t *sizes;      /* families */
    bool *solved;
    hz_status *status;
    uint64_t *failed; /* by template and rule of the plan */
    size_t count;
    volatile size_t next;
    hz_error *errors; /* one a hand */
} pool;

typedef struct maker {
    const hz_gen_options *options;
    hz_gen *gen;
    hz_gen_plan plan;
    pool pool;
    hz_gen_template *planted;
    size_t planted_count, planted_capacity;
    uint32_t *wanted;       /* rules of the plan to plant */
    uint64_t *wanted_count; /* how often; 0: share of the rate */
    size_t wanted_total;
    hz_gen_stamper stamper;
    uint64_t *misses; /* by rule of the profile */
} maker;

/* ---- the pool ---- */

static void solve_one(pool *p, size_t at, hz_error *err)
{
    const hz_gen_plan *plan = p->plan;
    hz_gen_block *block = &p->blocks[at];
    for (uint64_t i = 0; i < SOLVES_MAX && !p->solved[at] && p->status[at] == HZ_OK; i++) {
        hz_buf code = HZ_BUF_INIT, name = HZ_BUF_INIT;
        if (i)
            hz_gen_block_clear(block);
        hz_status st = hz_gen_block_init(block, plan, p->sizes[at], hz_rand_mix(plan->options->seed, at * 64 + i), err);
        if (st == HZ_OK) {
            hz_gen_place(plan, at, &code, &name);
            block->place = hz_gen_keep(block, hz_buf_slice(&code));
            block->place_name = hz_gen_keep(block, hz_buf_slice(&name));
            st = hz_gen_solve(block, &p->failed[at * plan->rules_count], err);
        }
        hz_buf_clear(&code);
        hz_buf_clear(&name);
        if (st == HZ_OK)
            st = hz_gen_template_make(&p->templates[at], block, err);
        p->solved[at] = st == HZ_OK;
        if (st != HZ_OK && st != HZ_END)
            p->status[at] = st;
        if (plan->options->cancel && plan->options->cancel->raised)
            p->status[at] = hz_cancel_check(plan->options->cancel, err);
    }
    if (p->sizes[at] > KEPT_FAMILIES || !p->solved[at])
        hz_gen_block_clear(block);
}

static void solve_some(void *ctx, unsigned hand)
{
    pool *p = ctx;
    for (;;) {
        size_t at = __sync_fetch_and_add(&p->next, 1);
        if (at >= p->count)
            return;
        solve_one(p, at, &p->errors[hand]);
    }
}

static uint32_t block_size(const maker *m, uint64_t defects)
{
    uint64_t rows = m->options->rows.count, size = 12;
    uint64_t places =
        m->plan.places_count > 2 * defects ? m->plan.places_count - defects : m->plan.places_count / 2 + 1;
    if (m->plan.level > HZ_LEVEL_COUNTY && m->plan.places_count)
        size = rows * 5 / 4 / places + 8;
    uint64_t most = m->options->region.len ? BLOCK_REGION : BLOCK_ANYWHERE;
    return (uint32_t)(size > most ? most : size > rows ? (rows ? rows : 1) : size);
}

static hz_status fill_pool(maker *m, uint64_t defects, hz_error *err)
{
    pool *p = &m->pool;
    unsigned hands = m->options->threads ? m->options->threads : hz_crew_processors();
    uint32_t size = block_size(m, defects);
    uint64_t families = m->options->rows.count < POOL_FAMILIES ? m->options->rows.count : POOL_FAMILIES;
    hz_status st = HZ_OK;
    p->plan = &m->plan;
    p->count = SMALL + (size_t)(families / size) + 1;
    p->templates = hz_mem_zalloc(p->count, sizeof *p->templates);
    p->blocks = hz_mem_zalloc(p->count, sizeof *p->blocks);
    p->sizes = hz_mem_zalloc(p->count, sizeof *p->sizes);
    p->solved = hz_mem_zalloc(p->count, sizeof *p->solved);
    p->status = hz_mem_zalloc(p->count, sizeof *p->status);
    p->failed = hz_mem_zalloc(p->count * m->plan.rules_count + 1, sizeof *p->failed);
    if (!p->templates || !p->blocks || !p->sizes || !p->solved || !p->status || !p->failed)
        return hz_nomem(err, p->count * sizeof *p->templates);
    for (size_t i = 0; i < p->count; i++)
        p->sizes[i] = i < SMALL ? (uint32_t)(i < 3 ? 1 : i < 5 ? 2 : 3) : size;
    hands = hands > p->count ? (unsigned)p->count : hands > HZ_CREW_MAX ? HZ_CREW_MAX : hands;
    p->errors = hz_mem_zalloc(hands, sizeof *p->errors);
    if (!p->errors)
        return hz_nomem(err, hands * sizeof *p->errors);
    hz_crew_run(hands, solve_some, p);
    for (size_t i = 0; i < p->count && st == HZ_OK; i++)
        st = p->status[i];
    for (unsigned h = 0; st != HZ_OK && h < hands; h++)
        if (p->errors[h].status == st && err)
            *err = p->errors[h];
    return st;
}

static void note_miss(maker *m, hz_slice rules, hz_gen_why why, bool asked, uint64_t rows)
{
    hz_gen *gen = m->gen;
    hz_gen_miss *more = HZ_ARENA_ARRAY(gen->arena, hz_gen_miss, gen->misses_count + 1);
    if (!more)
        return;
    if (gen->misses_count)
        memcpy(more, gen->misses, gen->misses_count * sizeof *more);
    more[gen->misses_count++] = (hz_gen_miss){rules, why, asked, rows};
    gen->misses = more;
}

/* Errors over groups that no block is to blame for: a reference table that ends before the day. */
static void note_groups(maker *m)
{
    for (size_t r = 0; r < m->plan.rules_count; r++) {
        const hz_rule *rule = m->plan.rules[r].rule;
        if (hz_rule_is_of_groups(rule) && m->misses[rule->index])
            note_miss(m, rule->id, HZ_GEN_WHY_GROUP, false, m->misses[rule->index]);
    }
}

/* Templates that were solved and found good come to the front. */
static hz_status judge_pool(maker *m, hz_error *err)
{
    pool *p = &m->pool;
    size_t kept = 0, ones = 0;
    for (size_t i = 0; i < p->count; i++)
        if (p->solved[i]) {
            hz_gen_template t = p->templates[i];
            hz_gen_block b = p->blocks[i];
            p->templates[i] = (hz_gen_template){0};
            p->blocks[i] = (hz_gen_block){0};
            p->templates[kept] = t;
            p->blocks[kept++] = b;
        }
    p->count = kept;
    HZ_TRY(hz_gen_number_all(p->templates, p->count, &m->stamper, err));
    if (p->count)
        HZ_TRY(hz_gen_judge(p->templates, p->count, &m->stamper, m->misses, err));
    for (size_t i = 0; i < p->count; i++)
        ones += !p->templates[i].bad && p->templates[i].roots == 1;
    note_groups(m);
    if (ones)
        return HZ_OK;
    for (size_t r = 0; r < m->plan.rules_count; r++) {
        uint64_t rows = m->misses[m->plan.rules[r].rule->index];
        for (size_t i = 0; i < p->count + SMALL; i++)
            rows += i < p->count || !p->count ? p->failed[i * m->plan.rules_count + r] : 0;
        if (rows)
            note_miss(m, m->plan.rules[r].rule->id, HZ_GEN_WHY_ROWS, false, rows);
    }
    return hz_fail(err, HZ_E_LIMIT, HZ_M(GEN_NONE));
}

/* ---- defects ---- */

static hz_gen_why why_not(const hz_gen_plan *plan, const hz_rule *rule)
{
    uint32_t place = hz_gen_rule_place(plan, rule);
    hz_gen_role role = plan->tables[rule->table->index].role;
    if ((rule->status != HZ_LIFE_ACTIVE && rule->status != HZ_LIFE_DEPRECATED) || rule->effective > plan->as_of[0] ||
        rule->until < plan->as_of[0])
        return HZ_GEN_WHY_DAY;
    if (rule->kind <= HZ_RULE_ENCODING)
        return HZ_GEN_WHY_FILE;
    if (role == HZ_GEN_NONE || role == HZ_GEN_INCLUDED)
        return HZ_GEN_WHY_TABLE;
    if (place != UINT32_MAX && plan->rules[place].earliest >= plan->options->periods)
        return HZ_GEN_WHY_PERIOD;
    return HZ_GEN_WHY_NO_WAY;
}

static bool was_made(const maker *m, const hz_rule *rule)
{
    for (size_t i = 0; i < m->planted_count; i++)
        if (m->planted[i].planted.rule == rule && !m->planted[i].bad)
            return true;
    return false;
}

/* For a rate: what no defect could be planted for, a line a reason. */
static void note_unplanted(maker *m)
{
    const hz_profile *profile = m->plan.profile;
    for (hz_gen_why why = HZ_GEN_WHY_NO_WAY; why < HZ_GEN_WHY_DAY; why++) {
        hz_buf ids = HZ_BUF_INIT;
        for (size_t i = 0; i < profile->rules_count; i++) {
            const hz_rule *rule = &profile->rules[i];
            if (was_made(m, rule) || why_not(&m->plan, rule) != why)
                continue;
            if (why == HZ_GEN_WHY_FILE && ids.len) /* the same four of each table */
                break;
            hz_buf_puts(&ids, ids.len ? ", " : "");
            hz_buf_put(&ids, why == HZ_GEN_WHY_FILE ? HZ_SLICE_LIT(".present, .columns, .rows, .encoding") : rule->id);
        }
        hz_slice kept = HZ_SLICE_NONE;
        if (ids.len && hz_buf_status(&ids, NULL) == HZ_OK &&
            hz_arena_copy(&kept, m->gen->arena, hz_buf_slice(&ids)) == HZ_OK)
            note_miss(m, kept, why, false, 0);
        hz_buf_clear(&ids);
    }
}

static hz_status choose_defects(maker *m, hz_error *err)
{
    const hz_gen_plan *plan = &m->plan;
    m->wanted = hz_mem_zalloc(plan->rules_count + 1, sizeof *m->wanted);
    m->wanted_count = hz_mem_zalloc(plan->rules_count + 1, sizeof *m->wanted_count);
    if (!m->wanted || !m->wanted_count)
        return hz_nomem(err, plan->rules_count * sizeof *m->wanted);
    for (size_t d = 0; d < m->options->defects_count; d++) {
        const hz_rule *rule = hz_profile_rule(plan->profile, m->options->defects[d].rule);
        if (!rule && hz_profile_measure(plan->profile, m->options->defects[d].rule)) {
            note_miss(m, m->options->defects[d].rule, HZ_GEN_WHY_MEASURE, true, 0);
            continue;
        }
        if (!rule)
            return hz_fail(err, HZ_E_USAGE, HZ_M(GEN_NO_RULE), HZ_S(m->options->defects[d].rule));
        uint32_t place = hz_gen_rule_place(plan, rule);
        if (place == UINT32_MAX) {
            note_miss(m, rule->id, why_not(plan, rule), true, 0);
            continue;
        }
        m->wanted[m->wanted_total] = place;
        m->wanted_count[m->wanted_total++] = m->options->defects[d].count;
    }
    return HZ_OK;
}

static uint64_t rate_defects(const maker *m)
{
    hz_decimal n;
    int64_t count = 0;
    if (!hz_decimal_mul(&n, m->options->defects_rate, hz_decimal_of((int64_t)m->options->rows.count)) ||
        !hz_decimal_round(&n, n, 0, HZ_ROUND_HALF_AWAY) || !hz_decimal_to_i64(&count, n) || count < 0)
        return 0;
    return (uint64_t)count;
}

/* For a rate: rules in an order that the seed chooses, no more than there are defects. */
static void choose_by_rate(maker *m, uint64_t defects)
{
    size_t count = m->plan.rules_count, from = m->wanted_total;
    if (m->options->defects_count || !defects)
        return;
    hz_rand rand = {hz_rand_mix(m->options->seed, 4242)};
    for (size_t i = 0; i < count; i++)
        m->wanted[from + i] = (uint32_t)i;
    for (size_t i = count; i > 1; i--) {
        size_t k = (size_t)hz_rand_below(&rand, i);
        uint32_t swap = m->wanted[from + i - 1];
        m->wanted[from + i - 1] = m->wanted[from + k];
        m->wanted[from + k] = swap;
    }
    m->wanted_total = from + count;
}

static hz_status plant_one(maker *m, uint32_t rule, size_t first, bool *made, hz_error *err)
{
    pool *p = &m->pool;
    *made = false;
    if (m->planted_count == m->planted_capacity) {
        size_t room = m->planted_capacity ? m->planted_capacity * 2 : 64;
        hz_gen_template *more = hz_mem_realloc(m->planted, room * sizeof *more);
        if (!more)
            return hz_nomem(err, room * sizeof *more);
        m->planted = more;
        m->planted_capacity = room;
    }
    for (size_t i = 0; i < p->count && !*made; i++) {
        hz_gen_block *block = &p->blocks[(first + i) % p->count];
        if (!block->arena || p->templates[(first + i) % p->count].bad)
            continue;
        HZ_TRY(hz_gen_plant(&m->planted[m->planted_count], made, block, rule, err));
    }
    m->planted_count += *made;
    return HZ_OK;
}

/* Those that no row was found for, and those that the engine does not see as they were meant, are tried again from
 * other rows: chance is in every step. */
static hz_status plant_rounds(maker *m, uint64_t defects, uint64_t *made_total, hz_error *err)
{
    enum { ROUNDS = 8 };
    const hz_gen_options *options = m->options;
    bool all = false;
    for (int round = 0; round < ROUNDS && !all; round++) {
        size_t before = m->planted_count;
        *made_total = 0;
        all = true;
        for (size_t w = 0; w < m->wanted_total && (options->defects_count || *made_total < defects); w++) {
            bool made = was_made(m, m->plan.rules[m->wanted[w]].rule);
            all = all && made;
            if (!made)
                HZ_TRY(plant_one(m, m->wanted[w], w + (size_t)round, &made, err));
            HZ_TRY(hz_cancel_check(options->cancel, err));
            *made_total += made;
        }
        if (m->planted_count == before)
            continue;
        HZ_TRY(hz_gen_number_all(m->planted, m->planted_count, &m->stamper, err));
        HZ_TRY(hz_gen_judge(m->planted + before, m->planted_count - before, &m->stamper, m->misses, err));
    }
    return HZ_OK;
}

static hz_status plant_all(maker *m, uint64_t defects, hz_error *err)
{
    const hz_gen_options *options = m->options;
    uint64_t made_total = 0;
    HZ_TRY(plant_rounds(m, defects, &made_total, err));
    size_t kept = 0;
    for (size_t i = 0; i < m->planted_count; i++) {
        if (m->planted[i].bad)
            hz_gen_template_clear(&m->planted[i], &m->plan);
        else
            m->planted[kept++] = m->planted[i];
    }
    m->planted_count = kept;
    for (size_t w = 0; w < m->wanted_total && options->defects_count; w++) {
        bool made = false;
        const hz_rule *rule = m->plan.rules[m->wanted[w]].rule;
        made = was_made(m, rule);
        if (!made)
            note_miss(m, rule->id, why_not(&m->plan, rule), true, 0);
    }
    if (!options->defects_count && made_total < defects) /* all rules were tried */
        note_unplanted(m);
    return HZ_OK;
}

/* ---- files ---- */

typedef struct sheet {
    hz_outfile *file;
    hz_buf buf;
    uint64_t rows;
} sheet;

typedef struct writer {
    maker *m;
    sheet *sheets; /* by table and period */
    hz_outfile *answers;
    hz_buf answer;
    uint64_t *uses, *county_uses; /* by template: pool, then planted */
    hz_slice county;
    char county_text[6];
    uint64_t number, roots, bytes;
    hz_buf code, name;
} writer;

/* NAME.csv, unless the table's patterns want another name that has no wildcard in it. */
static void put_file_name(hz_buf *out, const hz_table *table)
{
    for (size_t i = 0; i < table->files_count; i++) {
        hz_slice pattern = table->files[i];
        if (hz_slice_starts(pattern, table->name) && pattern.len > table->name.len &&
            strchr(".*", pattern.ptr[table->name.len])) {
            hz_buf_put(out, table->name);
            hz_buf_puts(out, ".csv");
            return;
        }
    }
    for (size_t i = 0; i < table->files_count; i++)
        if (!memchr(table->files[i].ptr, '*', table->files[i].len) &&
            !memchr(table->files[i].ptr, '{', table->files[i].len) &&
            !memchr(table->files[i].ptr, '/', table->files[i].len)) {
            hz_buf_put(out, table->files[i]);
            return;
        }
    hz_buf_put(out, table->name);
    hz_buf_puts(out, ".csv");
}

static hz_status open_files(writer *w, hz_error *err)
{
    static const char *const folders[HZ_PERIODS_MAX] = {"", "previous/", "previous2/"};
    const hz_gen_plan *plan = &w->m->plan;
    hz_buf path = HZ_BUF_INIT;
    hz_status st = hz_folder_make(plan->options->folder, false, err);
    for (unsigned p = 0; st == HZ_OK && p < plan->options->periods; p++) {
        hz_buf_reset(&path);
        hz_buf_printf(&path, "%s/%s", plan->options->folder, folders[p]);
        st = p ? hz_folder_make(path.ptr, false, err) : HZ_OK;
        for (size_t o = 0; st == HZ_OK && o < plan->order_count; o++) {
            const hz_table *table = &plan->profile->tables[plan->order[o]];
            sheet *s = &w->sheets[plan->order[o] * HZ_PERIODS_MAX + p];
            hz_buf_reset(&path);
            hz_buf_printf(&path, "%s/%s", plan->options->folder, folders[p]);
            put_file_name(&path, table);
            hz_gen_header_put(&s->buf, table);
            st = hz_outfile_open(&s->file, path.ptr, err);
        }
    }
    hz_buf_clear(&path);
    if (st == HZ_OK && plan->options->answers) {
        st = hz_outfile_open(&w->answers, plan->options->answers, err);
        hz_buf_puts(&w->answer, "rule,severity,table,line,key,changed,was,became,not_planted\n");
    }
    return st;
}

static hz_status flush(hz_outfile *file, hz_buf *buf, bool all, uint64_t *bytes, hz_error *err)
{
    HZ_TRY(hz_buf_status(buf, err));
    if (!file || (!all && buf->len < WRITE_BYTES))
        return HZ_OK;
    *bytes += buf->len;
    HZ_TRY(hz_outfile_write(file, hz_buf_slice(buf), err));
    hz_buf_reset(buf);
    return HZ_OK;
}

static hz_status put_answer(writer *w, const hz_gen_template *template, hz_slice place, hz_error *err)
{
    const hz_gen_planted *planted = &template->planted;
    const sheet *s = &w->sheets[planted->table * HZ_PERIODS_MAX + planted->period];
    if (!w->answers)
        return HZ_OK;
    hz_buf_put(&w->answer, planted->rule->id);
    hz_buf_printf(&w->answer, ",%s,", hz_severity_name(planted->rule->severity));
    hz_buf_put(&w->answer, w->m->plan.profile->tables[planted->table].name);
    hz_buf_puts(&w->answer, planted->period == 1 ? "@previous" : planted->period ? "@previous2" : "");
    hz_buf_printf(&w->answer, ",%llu,", (unsigned long long)(s->rows + planted->row + 2));
    hz_gen_copy_put(&w->answer, &w->m->stamper, &planted->words, place);
    return flush(w->answers, &w->answer, false, &w->bytes, err);
}

static hz_status put_block(writer *w, hz_gen_template *template, size_t place_in_uses, hz_error *err)
{
    maker *m = w->m;
    const hz_gen_plan *plan = &m->plan;
    hz_buf_reset(&w->code);
    hz_buf_reset(&w->name);
    if (plan->options->region.len && plan->level > HZ_LEVEL_COUNTY && w->number >= plan->places_count)
        return hz_fail(err, HZ_E_LIMIT, HZ_M(GEN_REGION_FULL), HZ_S(plan->options->region), HZ_U(plan->places_count),
                       HZ_U(w->roots));
    hz_gen_place(plan, w->number, &w->code, &w->name);
    hz_slice county = hz_slice_sub(hz_buf_slice(&w->code), 0, 6);
    bool below = plan->level > HZ_LEVEL_COUNTY;
    if (below && county.len == 6 && !hz_slice_eq(county, w->county)) {
        memcpy(w->county_text, county.ptr, 6);
        w->county = (hz_slice){w->county_text, 6};
        memset(w->county_uses, 0, (m->pool.count + m->planted_count + 1) * sizeof *w->county_uses);
    }
    uint64_t *uses = &w->uses[place_in_uses], *here = &w->county_uses[place_in_uses];
    hz_gen_copy copy = {.number = w->number,
                        .county_uses = below                ? *here
                                       : plan->places_count ? w->number / plan->places_count
                                                            : 0,
                        .uses = *uses,
                        .place = hz_buf_slice(&w->code),
                        .place_name = hz_buf_slice(&w->name)};
    HZ_TRY(hz_gen_copy_begin(&m->stamper, template, &copy, err));
    if (template->planted.rule) {
        HZ_TRY(put_answer(w, template, copy.place, err));
        m->gen->defects++;
    }
    for (size_t o = 0; o < plan->order_count; o++)
        for (unsigned p = 0; p < plan->options->periods; p++) {
            size_t slot = plan->order[o] * HZ_PERIODS_MAX + p;
            sheet *s = &w->sheets[slot];
            hz_gen_copy_put(&s->buf, &m->stamper, &template->texts[slot], copy.place);
            s->rows += template->texts[slot].rows;
            m->gen->rows += template->texts[slot].rows;
            HZ_TRY(flush(s->file, &s->buf, false, &w->bytes, err));
        }
    ++*uses;
    ++*here;
    w->number++;
    w->roots += template->roots;
    return hz_cancel_check(m->options->cancel, err);
}

/* A clean block of no more than `most` families. */
static size_t choose(const maker *m, hz_rand *rand, uint64_t most)
{
    size_t best = SIZE_MAX, from = (size_t)hz_rand_below(rand, m->pool.count);
    for (size_t i = 0; i < m->pool.count; i++) {
        size_t at = (from + i) % m->pool.count;
        const hz_gen_template *t = &m->pool.templates[at];
        if (t->bad || !t->roots || t->roots > most)
            continue;
        if (best == SIZE_MAX || t->roots > m->pool.templates[best].roots)
            best = at;
        if (t->roots > KEPT_FAMILIES)
            return at;
    }
    return best;
}

typedef struct turns {
    uint64_t planted, next, of_rule; /* of the rate: the template whose turn it is; of counts: those of the rule */
} turns;

/* Whether a broken block can stand here: there are rows left for it, and the places that it wants. */
static bool can_stand(const writer *w, size_t planted)
{
    const hz_gen_template *template = &w->m->planted[planted];
    return template->roots <= w->m->options->rows.count - w->roots &&
           hz_gen_copy_fits(&w->m->plan, template, w->number);
}

/* Rules take turns. */
static size_t next_by_rate(const writer *w, turns *t)
{
    size_t count = w->m->planted_count;
    for (size_t i = 0; i < count; i++) {
        size_t at = (size_t)(t->next + i) % count;
        if (!can_stand(w, at))
            continue;
        t->next = at + 1;
        return at;
    }
    return SIZE_MAX;
}

/* Each rule until its own number is reached. */
static size_t next_by_count(const writer *w, turns *t)
{
    const maker *m = w->m;
    uint64_t sum = 0;
    for (size_t k = 0; k < m->wanted_total; k++) {
        sum += m->wanted_count[k];
        for (size_t i = 0; t->of_rule < sum && i < m->planted_count; i++)
            if (m->planted[i].planted.rule == m->plan.rules[m->wanted[k]].rule)
                return can_stand(w, i) ? i : SIZE_MAX;
        if (t->of_rule < sum) {
            t->planted += sum - t->of_rule; /* none could be made: named already */
            t->of_rule = sum;
        }
    }
    return SIZE_MAX;
}

static hz_status write_blocks(writer *w, uint64_t defects, hz_error *err)
{
    maker *m = w->m;
    uint64_t total = m->options->rows.count;
    turns t = {0};
    hz_rand rand = {hz_rand_mix(m->options->seed, 99)};
    while (w->roots < total) {
        size_t at = SIZE_MAX;
        if (m->planted_count && t.planted < defects && t.planted * total <= w->roots * defects)
            at = m->options->defects_count ? next_by_count(w, &t) : next_by_rate(w, &t);
        if (at != SIZE_MAX) {
            HZ_TRY(put_block(w, &m->planted[at], m->pool.count + at, err));
            t.planted++;
            t.of_rule++;
            continue;
        }
        at = choose(m, &rand, total - w->roots);
        if (at == SIZE_MAX)
            break;
        HZ_TRY(put_block(w, &m->pool.templates[at], at, err));
    }
    return HZ_OK;
}

/* A line for each rule that has no defect, or too few: without a place, with the reason. */
static hz_status put_missing(writer *w, hz_error *err)
{
    static const char *const reasons[HZ_GEN_WHY_COUNT] = {[HZ_GEN_WHY_NO_WAY] = "no row found",
                                                          [HZ_GEN_WHY_FILE] = "speaks of whole files",
                                                          [HZ_GEN_WHY_TABLE] = "its table is not made",
                                                          [HZ_GEN_WHY_PERIOD] = "needs more periods",
                                                          [HZ_GEN_WHY_DAY] = "not in force",
                                                          [HZ_GEN_WHY_MEASURE] = "a figure over all rows",
                                                          [HZ_GEN_WHY_ROOM] = "too few rows"};
    for (size_t i = 0; w->answers && i < w->m->gen->misses_count; i++) {
        const hz_gen_miss *miss = &w->m->gen->misses[i];
        if (miss->why == HZ_GEN_WHY_ROOM && !miss->asked)
            continue;
        for (size_t from = 0; reasons[miss->why] && from < miss->rules.len;) {
            size_t to = from;
            while (to < miss->rules.len && miss->rules.ptr[to] != ',')
                to++;
            hz_buf_put(&w->answer, hz_slice_sub(miss->rules, from, to));
            hz_buf_printf(&w->answer, ",,,,,,,,%s\n", reasons[miss->why]);
            from = to + 2; /* ", " */
        }
    }
    return flush(w->answers, &w->answer, false, &w->bytes, err);
}

/* Rules whose defects did not all find a block to go to. */
static void note_room(writer *w, uint64_t defects)
{
    maker *m = w->m;
    if (!m->options->defects_count) {
        if (m->gen->defects < defects && m->planted_count)
            note_miss(m, HZ_SLICE_LIT("--defects"), HZ_GEN_WHY_ROOM, false, defects - m->gen->defects);
        return;
    }
    for (size_t k = 0; k < m->wanted_total; k++) {
        const hz_rule *rule = m->plan.rules[m->wanted[k]].rule;
        uint64_t there = 0;
        for (size_t i = 0; i < m->planted_count; i++)
            there += m->planted[i].planted.rule == rule ? w->uses[m->pool.count + i] : 0;
        if (there < m->wanted_count[k] && was_made(m, rule))
            note_miss(m, rule->id, HZ_GEN_WHY_ROOM, true, m->wanted_count[k] - there);
    }
}

static hz_status close_files(writer *w, hz_error *err)
{
    size_t count = w->m->plan.profile->tables_count * HZ_PERIODS_MAX;
    for (size_t s = 0; s < count; s++)
        HZ_TRY(flush(w->sheets[s].file, &w->sheets[s].buf, true, &w->bytes, err));
    HZ_TRY(flush(w->answers, &w->answer, true, &w->bytes, err));
    for (size_t s = 0; s < count; s++)
        if (w->sheets[s].file) {
            hz_outfile *file = w->sheets[s].file;
            w->sheets[s].file = NULL;
            HZ_TRY(hz_outfile_commit(file, err));
        }
    if (w->answers) {
        hz_outfile *file = w->answers;
        w->answers = NULL;
        HZ_TRY(hz_outfile_commit(file, err));
    }
    return HZ_OK;
}

static hz_status write_all(maker *m, uint64_t defects, hz_error *err)
{
    size_t count = m->plan.profile->tables_count * HZ_PERIODS_MAX, templates = m->pool.count + m->planted_count + 1;
    writer w = {.m = m};
    w.sheets = hz_mem_zalloc(count + 1, sizeof *w.sheets);
    w.uses = hz_mem_zalloc(templates, sizeof *w.uses);
    w.county_uses = hz_mem_zalloc(templates, sizeof *w.county_uses);
    hz_status st = w.sheets && w.uses && w.county_uses ? HZ_OK : hz_nomem(err, templates * sizeof *w.uses);
    if (st == HZ_OK)
        st = open_files(&w, err);
    if (st == HZ_OK)
        st = write_blocks(&w, defects, err);
    if (st == HZ_OK) {
        note_room(&w, defects);
        st = put_missing(&w, err);
    }
    if (st == HZ_OK)
        st = close_files(&w, err);
    m->gen->bytes = w.bytes;
    m->gen->counted_rows = w.roots;
    for (size_t s = 0; w.sheets && s < count; s++) {
        hz_outfile_abandon(w.sheets[s].file);
        hz_buf_clear(&w.sheets[s].buf);
    }
    hz_outfile_abandon(w.answers);
    hz_buf_clear(&w.answer);
    hz_buf_clear(&w.code);
    hz_buf_clear(&w.name);
    hz_mem_free(w.sheets);
    hz_mem_free(w.uses);
    hz_mem_free(w.county_uses);
    return st;
}

/* ---- all of it ---- */

static hz_status note_left_out(maker *m, hz_error *err)
{
    const hz_profile *profile = m->plan.profile;
    m->gen->left_out = HZ_ARENA_ARRAY(m->gen->arena, const hz_table *, profile->tables_count + 1);
    if (!m->gen->left_out)
        return hz_nomem(err, profile->tables_count * sizeof(void *));
    for (size_t t = 0; t < profile->tables_count; t++)
        if (m->plan.tables[t].role == HZ_GEN_NONE && !profile->tables[t].builtin)
            m->gen->left_out[m->gen->left_out_count++] = &profile->tables[t];
    return HZ_OK;
}

static hz_status note_day(maker *m, hz_error *err)
{
    hz_buf day = HZ_BUF_INIT;
    hz_slice kept = HZ_SLICE_NONE;
    if (!m->plan.moved)
        return HZ_OK;
    hz_date_put(&day, m->plan.as_of[0]);
    bool done = hz_buf_status(&day, NULL) == HZ_OK && hz_arena_copy(&kept, m->gen->arena, hz_buf_slice(&day)) == HZ_OK;
    hz_buf_clear(&day);
    if (!done)
        return hz_nomem(err, sizeof "2000-01-01");
    note_miss(m, kept, HZ_GEN_WHY_MOVED, false, 0);
    return HZ_OK;
}

/* Persons of clean and of broken blocks are counted together. */
static hz_status number_together(maker *m, hz_error *err)
{
    size_t count = m->pool.count + m->planted_count;
    hz_gen_template *all = hz_mem_zalloc(count + 1, sizeof *all);
    if (!all)
        return hz_nomem(err, count * sizeof *all);
    memcpy(all, m->pool.templates, m->pool.count * sizeof *all);
    if (m->planted_count)
        memcpy(all + m->pool.count, m->planted, m->planted_count * sizeof *all);
    hz_status st = hz_gen_number_all(all, count, &m->stamper, err); /* tokens are shared with the originals */
    hz_mem_free(all);
    return st;
}

static hz_status run(maker *m, hz_error *err)
{
    uint64_t defects = rate_defects(m);
    HZ_TRY(hz_gen_plan_make(&m->plan, err));
    m->gen->counted = &m->plan.profile->tables[m->plan.root];
    HZ_TRY(note_left_out(m, err));
    HZ_TRY(note_day(m, err));
    HZ_TRY(choose_defects(m, err));
    m->misses = hz_mem_zalloc(m->plan.profile->rules_count + m->plan.profile->rules_older_count + 1, sizeof *m->misses);
    if (!m->misses)
        return hz_nomem(err, m->plan.profile->rules_count * sizeof *m->misses);
    choose_by_rate(m, defects);
    for (size_t w = 0; w < m->wanted_total; w++)
        defects += m->wanted_count[w];
    m->stamper.plan = &m->plan;
    HZ_TRY(fill_pool(m, defects, err));
    HZ_TRY(judge_pool(m, err));
    HZ_TRY(plant_all(m, defects, err));
    HZ_TRY(number_together(m, err));
    return write_all(m, defects, err);
}

hz_status hz_gen_run(hz_gen **out, const hz_gen_options *options, hz_error *err)
{
    maker m = {.options = options};
    *out = NULL;
    hz_arena *arena = hz_arena_new();
    m.gen = arena ? HZ_ARENA_NEW(arena, hz_gen) : NULL;
    if (!m.gen) {
        hz_arena_free(arena);
        return hz_nomem(err, sizeof *m.gen);
    }
    m.gen->arena = arena;
    m.plan = (hz_gen_plan){.options = options, .profile = options->profile, .arena = arena};
    hz_status st = run(&m, err);
    for (size_t i = 0; m.pool.templates && m.pool.blocks && i < m.pool.count; i++) {
        hz_gen_template_clear(&m.pool.templates[i], &m.plan);
        hz_gen_block_clear(&m.pool.blocks[i]);
    }
    for (size_t i = 0; i < m.planted_count; i++)
        hz_gen_template_clear(&m.planted[i], &m.plan);
    hz_mem_free(m.planted);
    hz_mem_free(m.pool.templates);
    hz_mem_free(m.pool.blocks);
    hz_mem_free(m.pool.sizes);
    hz_mem_free(m.pool.solved);
    hz_mem_free(m.pool.status);
    hz_mem_free(m.pool.failed);
    hz_mem_free(m.pool.errors);
    hz_mem_free(m.wanted);
    hz_mem_free(m.wanted_count);
    hz_mem_free(m.misses);
    hz_buf_clear(&m.stamper.scratch);
    hz_mem_free(m.stamper.at);
    hz_gen_plan_clear(&m.plan);
    *out = m.gen;
    return st;
}

void hz_gen_free(hz_gen *gen)
{
    if (gen)
        hz_arena_free(gen->arena);
}
