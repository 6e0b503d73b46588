/* cause_board.c: see causes.h. The board keeps the first HZ_CAUSES_KEPT causes by an order in which no two are equal,
 * so that it does not matter in which order they come.
 *
 * Regions come from the walk over codes (finish.c), children before their parent. A rule that fails on all records of a
 * region fails on all of every region within: only the highest is a cause. So what the children say of a rule waits, a
 * list a level and rule, until their parent is whole: it either replaces the list or hands it up. */
#include "base/alloc.h"
#include "base/calendar.h"
#include "validator/engine/causes_int.h"
#include <stdlib.h>

enum { LEVELS = 8 }; /* as the walk's stack */

typedef struct region_pick {
    uint64_t findings;
    uint32_t region;
} region_pick;

typedef struct region_list { /* of one rule, below one open region */
    region_pick *picks;      /* most findings first, then by region; at most HZ_CAUSES_KEPT */
    size_t count, capacity;
    uint64_t found;
} region_list;

struct hz_cause_board {
    hz_cause_pick picks[HZ_CAUSES_KEPT];
    size_t count;
    uint64_t found;
    region_list *regions[LEVELS + 1]; /* level: by result rule; made when needed */
    size_t rules_count;
    hz_status status; /* of what hz_causes_region could not tell */
};

static void drop(hz_cause_pick *pick)
{
    hz_mem_free((void *)(uintptr_t)pick->key.ptr);
    hz_mem_free((void *)(uintptr_t)pick->counts);
}

hz_status hz_cause_board_new(hz_cause_board **out, size_t rules_count, hz_error *err)
{
    *out = hz_mem_zalloc(1, sizeof **out);
    if (!*out)
        return hz_nomem(err, sizeof **out);
    (*out)->rules_count = rules_count;
    return HZ_OK;
}

void hz_cause_board_free(hz_cause_board *board)
{
    for (size_t i = 0; board && i < board->count; i++)
        drop(&board->picks[i]);
    for (size_t level = 0; board && level <= LEVELS; level++) {
        for (size_t r = 0; board->regions[level] && r < board->rules_count; r++)
            hz_mem_free(board->regions[level][r].picks);
        hz_mem_free(board->regions[level]);
    }
    hz_mem_free(board);
}

/* ---- the board ---- */

static int order(const hz_cause_pick *a, const hz_cause_pick *b)
{
    if (a->findings != b->findings)
        return a->findings > b->findings ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->group != b->group)
        return a->group < b->group ? -1 : 1;
    if (a->region != b->region)
        return a->region < b->region ? -1 : 1;
    return hz_slice_cmp(a->key, b->key);
}

static hz_status copy_bytes(void **out, const void *from, size_t len, hz_error *err)
{
    *out = hz_mem_alloc(len + 1);
    if (!*out)
        return hz_nomem(err, len);
    if (len)
        memcpy(*out, from, len);
    return HZ_OK;
}

static hz_status copy_pick(hz_cause_pick *out, const hz_cause_pick *pick, hz_error *err)
{
    void *key, *counts;
    HZ_TRY(copy_bytes(&key, pick->key.ptr, pick->key.len, err));
    hz_status st = copy_bytes(&counts, pick->counts, pick->counts_count * sizeof *pick->counts, err);
    if (st != HZ_OK) {
        hz_mem_free(key);
        return st;
    }
    *out = *pick;
    out->key.ptr = key;
    out->counts = counts;
    return HZ_OK;
}

hz_status hz_cause_offer(hz_cause_board *board, const hz_cause_pick *pick, hz_error *err)
{
    hz_cause_pick own;
    board->found++;
    size_t at = board->count;
    if (at == HZ_CAUSES_KEPT && order(pick, &board->picks[at - 1]) > 0)
        return HZ_OK;
    HZ_TRY(copy_pick(&own, pick, err));
    if (at == HZ_CAUSES_KEPT)
        drop(&board->picks[--at]);
    else
        board->count++;
    for (; at > 0 && order(&own, &board->picks[at - 1]) < 0; at--)
        board->picks[at] = board->picks[at - 1];
    board->picks[at] = own;
    return HZ_OK;
}

/* ---- regions ---- */

static region_list *list_of(hz_cause_board *board, size_t level, size_t rule)
{
    if (!board->regions[level])
        board->regions[level] = hz_mem_zalloc(board->rules_count + 1, sizeof **board->regions);
    if (!board->regions[level])
        board->status = HZ_E_NOMEM;
    return board->regions[level] ? &board->regions[level][rule] : NULL;
}

static bool goes_before(const region_pick *a, const region_pick *b)
{
    return a->findings != b->findings ? a->findings > b->findings : a->region < b->region;
}

static void add_region(hz_cause_board *board, region_list *list, region_pick pick)
{
    size_t at = list->count;
    if (at == HZ_CAUSES_KEPT) {
        if (!goes_before(&pick, &list->picks[--at]))
            return;
    } else if (!HZ_GROW(list->picks, list->capacity, at + 1)) {
        board->status = HZ_E_NOMEM;
        return;
    } else {
        list->count++;
    }
    for (; at > 0 && goes_before(&pick, &list->picks[at - 1]); at--)
        list->picks[at] = list->picks[at - 1];
    list->picks[at] = pick;
}

static void hand_up(hz_cause_board *board, size_t level, size_t rule)
{
    region_list *from = board->regions[level] ? &board->regions[level][rule] : NULL;
    if (!from || !from->found)
        return;
    region_list *to = list_of(board, level - 1, rule);
    for (size_t i = 0; to && i < from->count; i++)
        add_region(board, to, from->picks[i]);
    if (to)
        to->found += from->found;
    from->count = 0;
    from->found = 0;
}

static bool fails_everywhere(uint64_t evaluated, uint64_t failed)
{
    return failed == evaluated && failed >= HZ_CAUSE_UNIT_MIN;
}

/* Level 0 is the whole: what stands there at last is on no region's list any more. */
void hz_causes_region(hz_run_state *run, size_t depth, size_t region, const hz_rule_counts *counts)
{
    hz_cause_board *board = run->board;
    const hz_result *result = run->result;
    bool named = result->regions[region].code[0] != '\0';
    for (size_t r = 0; r < result->rules_count; r++) {
        if (named && fails_everywhere(counts[r].evaluated, counts[r].failed) &&
            !fails_everywhere(result->rules[r].evaluated, result->rules[r].failed)) {
            region_list *list = list_of(board, depth + 1, r);
            if (!list)
                return;
            list->count = 0;
            list->found = 1;
            add_region(board, list, (region_pick){counts[r].failed, (uint32_t)region});
        }
        hand_up(board, depth + 1, r);
    }
}

static hz_status offer_regions(hz_run_state *run, hz_error *err)
{
    hz_cause_board *board = run->board;
    if (board->status != HZ_OK)
        return hz_nomem(err, sizeof(region_pick));
    for (size_t r = 0; board->regions[0] && r < run->result->rules_count; r++) {
        const region_list *list = &board->regions[0][r];
        for (size_t i = 0; i < list->count; i++) {
            hz_cause_pick pick = {.kind = HZ_CAUSE_REGION,
                                  .findings = list->picks[i].findings,
                                  .group = (uint32_t)r,
                                  .region = list->picks[i].region};
            HZ_TRY(hz_cause_offer(board, &pick, err));
        }
        board->found += list->found - list->count;
    }
    return HZ_OK;
}

/* ---- columns of which no value fits, and rules that fail everywhere ---- */

static bool is_cell_rule(const hz_rule *rule)
{
    return rule->field && rule->kind >= HZ_RULE_CHARACTERS && rule->kind <= HZ_RULE_RANGE;
}

/* How many findings a column has when it has nothing else; 0: some value fits. */
static uint64_t all_wrong(const hz_result *result, const hz_result_table *table, size_t column)
{
    const hz_result_column *c = &table->columns[column];
    uint64_t values = table->rows - c->missing, failed = 0;
    if (!c->field || c->absent || table->rows < c->missing)
        return 0;
    for (size_t r = 0; r < result->rules_count; r++)
        if (is_cell_rule(result->rules[r].rule) && result->rules[r].rule->table == table->table &&
            result->rules[r].rule->field->index == c->field->index && result->rules[r].outcome != HZ_OUTCOME_ERROR)
            failed += result->rules[r].failed;
    return fails_everywhere(values, failed) ? failed : 0;
}

typedef struct column_at {
    uint32_t field;
    int32_t column; /* in the first file */
} column_at;

static int by_column(const void *a, const void *b)
{
    const column_at *x = a, *y = b;
    return x->column != y->column ? (x->column < y->column ? -1 : 1) : (x->field > y->field) - (x->field < y->field);
}

/* Neighbours in the file are one cause: a column too many or too few shifts all behind it. */
static hz_status offer_columns(hz_run_state *run, uint32_t t, const int32_t *column_of, column_at *wrong,
                               uint32_t *run_of, hz_error *err)
{
    const hz_result_table *table = &run->result->tables[t];
    size_t count = 0;
    for (uint32_t f = 0; f < table->columns_count; f++)
        if (all_wrong(run->result, table, f))
            wrong[count++] = (column_at){f, column_of[f]};
    qsort(wrong, count, sizeof *wrong, by_column);
    for (size_t from = 0, to; from < count; from = to) {
        hz_cause_pick pick = {.kind = HZ_CAUSE_COLUMN, .group = t};
        for (to = from; to < count && (to == from || wrong[to].column == wrong[to - 1].column + 1); to++) {
            run_of[to - from] = wrong[to].field;
            pick.findings += all_wrong(run->result, table, wrong[to].field);
        }
        pick.key = (hz_slice){(const char *)run_of, (to - from) * sizeof *run_of};
        HZ_TRY(hz_cause_offer(run->board, &pick, err));
    }
    return HZ_OK;
}

static hz_status offer_tables(hz_run_state *run, hz_error *err)
{
    const hz_result *result = run->result;
    for (uint32_t s = 0; s < run->plan.profile->tables_count; s++) {
        const hz_plan_table *plan = &run->plan.tables[s];
        size_t count = plan->table->fields_count;
        if (run->table_shown[s] >= result->tables_count || !plan->sources_count)
            continue;
        column_at *wrong = hz_mem_zalloc(count + 1, sizeof *wrong);
        uint32_t *numbers = hz_mem_zalloc(count + 1, sizeof *numbers);
        hz_status st = wrong && numbers ? HZ_OK : hz_nomem(err, count * sizeof *wrong);
        if (st == HZ_OK)
            st = offer_columns(run, run->table_shown[s], plan->sources[0].column_of, wrong, numbers, err);
        hz_mem_free(wrong);
        hz_mem_free(numbers);
        HZ_TRY(st);
    }
    return HZ_OK;
}

static bool in_wrong_column(const hz_result *result, const hz_rule *rule)
{
    for (size_t t = 0; is_cell_rule(rule) && t < result->tables_count; t++)
        for (size_t c = 0; result->tables[t].table == rule->table && c < result->tables[t].columns_count; c++)
            if (result->tables[t].columns[c].field && result->tables[t].columns[c].field->index == rule->field->index &&
                all_wrong(result, &result->tables[t], c))
                return true;
    return false;
}

static hz_status offer_rules(hz_run_state *run, hz_error *err)
{
    const hz_result *result = run->result;
    for (uint32_t r = 0; r < result->rules_count; r++) {
        const hz_result_rule *rule = &result->rules[r];
        if (rule->rule->kind < HZ_RULE_REQUIRED || !fails_everywhere(rule->evaluated, rule->failed) ||
            in_wrong_column(result, rule->rule))
            continue;
        hz_cause_pick pick = {.kind = HZ_CAUSE_TABLE, .findings = rule->failed, .group = r};
        HZ_TRY(hz_cause_offer(run->board, &pick, err));
    }
    return HZ_OK;
}

/* ---- to the result ---- */

static hz_status put_text(hz_slice *out, const hz_run_state *run, const hz_buf *text, hz_error *err)
{
    HZ_TRY(hz_buf_status(text, err));
    return hz_arena_copy(out, run->result->arena, hz_buf_slice(text)) == HZ_OK ? HZ_OK : hz_nomem(err, text->len);
}

/* One part of a key (hz_vec_put_key), as text; what is behind it, NULL when it is none of the plain ones. */
static const char *put_part(hz_buf *out, const char *at)
{
    char tag = *at++;
    int64_t whole;
    uint32_t len;
    hz_decimal number;
    switch (tag) {
    case 't':
        memcpy(&len, at, sizeof len);
        hz_buf_put(out, (hz_slice){at + sizeof len, len});
        return at + sizeof len + len;
    case 'b':
        hz_buf_puts(out, *at == '1' ? "true" : "false");
        return at + 1;
    case 'm':
        number.scale = (unsigned char)*at;
        memcpy(&number.coef, at + 1, sizeof number.coef);
        hz_decimal_put(out, number);
        return at + 1 + sizeof number.coef;
    default:
        break;
    }
    memcpy(&whole, at, sizeof whole);
    if (tag == 'n')
        hz_buf_put_i64(out, whole);
    else if (tag == 'd')
        hz_date_put(out, (int32_t)whole);
    else if (tag == 's')
        hz_timestamp_put(out, whole);
    else if (tag == 'h')
        hz_time_put(out, whole);
    else
        return NULL;
    return at + sizeof whole;
}

static hz_status name_key(hz_cause *out, const hz_run_state *run, const hz_rule *rule, hz_slice key, hz_error *err)
{
    hz_buf text = HZ_BUF_INIT;
    hz_status st = HZ_OK;
    bool itself = rule->keys_count == 1 && rule->keys[0].root->type == HZ_TYPE_TEXT;
    const char *at = key.ptr;
    out->values = HZ_ARENA_ARRAY(run->result->arena, hz_named, rule->keys_count);
    if (!out->values)
        return hz_nomem(err, rule->keys_count * sizeof *out->values);
    for (size_t p = 0; st == HZ_OK && at && p < rule->keys_count; p++) {
        hz_named *named = &out->values[out->values_count++];
        hz_mask mask = rule->ref_fields[p]->mask;
        named->name = rule->ref_fields[p]->name;
        named->value.mask = mask != HZ_MASK_NONE ? mask : rule->keys[p].root->mask;
        hz_buf_reset(&text);
        if (itself)
            hz_buf_put(&text, key);
        else
            at = put_part(&text, at);
        st = put_text(&named->value.text, run, &text, err);
    }
    hz_buf_clear(&text);
    return st;
}

static hz_status room_for_rules(hz_cause *out, const hz_run_state *run, size_t count, hz_error *err)
{
    out->rules = HZ_ARENA_ARRAY(run->result->arena, struct hz_cause_rule, count);
    return out->rules ? HZ_OK : hz_nomem(err, count * sizeof *out->rules);
}

static void add_rule(hz_cause *out, size_t rule, uint64_t findings)
{
    if (findings)
        out->rules[out->rules_count++] = (struct hz_cause_rule){(uint32_t)rule, findings};
}

static size_t shown_as(const hz_run_state *run, uint32_t rule)
{
    return (size_t)(run->shown[rule] - run->result->rules);
}

static int by_rule(const void *a, const void *b)
{
    const struct hz_cause_rule *x = a, *y = b;
    return (x->rule > y->rule) - (x->rule < y->rule);
}

static hz_status write_parent(hz_cause *out, const hz_run_state *run, const hz_cause_pick *pick, hz_error *err)
{
    const hz_plan_keyset *keyset = &run->plan.keysets[pick->group];
    const hz_rule *first = NULL;
    HZ_TRY(room_for_rules(out, run, keyset->references_count, err));
    for (size_t i = 0; i < keyset->references_count; i++) {
        if (!pick->counts[i])
            continue;
        first = first ? first : run->plan.rules[keyset->references[i]].rule;
        add_rule(out, shown_as(run, keyset->references[i]), pick->counts[i]);
    }
    qsort(out->rules, out->rules_count, sizeof *out->rules, by_rule);
    out->table = run->table_shown[keyset->sheet];
    return name_key(out, run, first, pick->key, err);
}

static hz_status write_value(hz_cause *out, const hz_run_state *run, const hz_cause_pick *pick, hz_error *err)
{
    const hz_rule *rule = run->plan.rules[pick->group].rule;
    HZ_TRY(room_for_rules(out, run, 1, err));
    add_rule(out, shown_as(run, pick->group), pick->findings);
    out->table = run->table_shown[hz_plan_sheet_of(&run->plan, rule)];
    out->values = HZ_ARENA_ARRAY(run->result->arena, hz_named, 1);
    if (!out->values || hz_arena_copy(&out->values[0].value.text, run->result->arena, pick->key) != HZ_OK)
        return hz_nomem(err, pick->key.len);
    out->values[0].name = rule->field->name;
    out->values[0].value.mask = rule->field->mask;
    out->values_count = 1;
    return HZ_OK;
}

static hz_status write_columns(hz_cause *out, const hz_run_state *run, const hz_cause_pick *pick, hz_error *err)
{
    const hz_result *result = run->result;
    const hz_result_table *table = &result->tables[pick->group];
    size_t count = pick->key.len / sizeof(uint32_t);
    HZ_TRY(room_for_rules(out, run, result->rules_count, err));
    out->table = pick->group;
    out->values = HZ_ARENA_ARRAY(result->arena, hz_named, count);
    if (!out->values)
        return hz_nomem(err, count * sizeof *out->values);
    for (size_t i = 0; i < count; i++) {
        uint32_t column;
        memcpy(&column, pick->key.ptr + i * sizeof column, sizeof column);
        out->values[out->values_count++] = (hz_named){.name = table->columns[column].name, .value.null = true};
    }
    for (size_t r = 0; r < result->rules_count; r++) {
        const hz_rule *rule = result->rules[r].rule;
        for (size_t i = 0; i < count && is_cell_rule(rule) && rule->table == table->table; i++)
            if (hz_slice_eq(rule->field->name, out->values[i].name))
                add_rule(out, r, result->rules[r].failed);
    }
    return HZ_OK;
}

/* REGION and TABLE: one rule of the result. */
static hz_status write_rule(hz_cause *out, const hz_run_state *run, const hz_cause_pick *pick, hz_error *err)
{
    const hz_result *result = run->result;
    const hz_rule *rule = result->rules[pick->group].rule;
    HZ_TRY(room_for_rules(out, run, 1, err));
    add_rule(out, pick->group, pick->findings);
    out->table = run->table_shown[hz_plan_sheet_of(&run->plan, rule)];
    if (pick->kind == HZ_CAUSE_REGION) {
        memcpy(out->code, result->regions[pick->region].code, sizeof out->code);
        out->name = result->regions[pick->region].name;
    }
    return HZ_OK;
}

static hz_status write_board(hz_run_state *run, hz_error *err)
{
    static hz_status (*const write[HZ_CAUSE_KINDS])(hz_cause *, const hz_run_state *, const hz_cause_pick *,
                                                    hz_error *) = {
        [HZ_CAUSE_COLUMN] = write_columns, [HZ_CAUSE_TABLE] = write_rule,  [HZ_CAUSE_REGION] = write_rule,
        [HZ_CAUSE_PARENT] = write_parent,  [HZ_CAUSE_VALUE] = write_value,
    };
    hz_result *result = run->result;
    const hz_cause_board *board = run->board;
    result->causes = HZ_ARENA_ARRAY(result->arena, hz_cause, board->count + 1);
    if (!result->causes)
        return hz_nomem(err, board->count * sizeof *result->causes);
    result->causes_found = board->found;
    for (size_t i = 0; i < board->count; i++) {
        hz_cause *out = &result->causes[result->causes_count++];
        out->kind = board->picks[i].kind;
        out->findings = board->picks[i].findings;
        HZ_TRY(write[out->kind](out, run, &board->picks[i], err));
    }
    return HZ_OK;
}

hz_status hz_causes_finish(hz_run_state *run, hz_error *err)
{
    HZ_TRY(offer_regions(run, err));
    HZ_TRY(offer_tables(run, err));
    HZ_TRY(offer_rules(run, err));
    HZ_TRY(hz_causes_offer_values(run, err));
    return write_board(run, err);
}
