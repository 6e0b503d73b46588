/* plan_chain.c: one plan for all profiles of a chain.
 *
 * A rule that several profiles have alike is in the model once, and what one of them tightened twice (profile.h). That
 * is enough for every rule but the constraints of fields: those look at the values that passed the ones before, so a
 * `.length` that two profiles have alike counts other rows where their `.pattern` differs. Such a rule is judged once
 * for each group of profiles that agree on it and on all before it; for the groups without the run's own profile by
 * copies, which stand behind the profile's rules in the plan.
 *
 * What a group holds the cells of a field to is a reading. The form of the field is that of a profile of the group,
 * which has its own model; only the bounds of a range are bound to the run's.
 *
 * Records are erroneous for a profile by its own rules. Profiles whose erroring rules are the same share a ledger. */
#include "base/alloc.h"
#include "profiles/tighten.h"
#include "validator/engine/plan_int.h"

typedef struct chain {
    hz_plan *plan;
    uint32_t own;                        /* the level of the run's profile */
    uint32_t *first, *next;              /* rules by field: first of each field of all tables, next of each rule */
    const hz_table *table;               /* in hand */
    const hz_field *field;               /* in hand */
    hz_plan_table *sheet;                /* in hand */
    const hz_field *forms[HZ_CHAIN_MAX]; /* the field as each profile has it; NULL: it has none */
    uint32_t rules[HZ_CHAIN_MAX][HZ_PLAN_CELL_RULES];   /* what each holds it to, as the model has it */
    uint32_t entries[HZ_CHAIN_MAX][HZ_PLAN_CELL_RULES]; /* and as the plan has it */
    size_t readings[HZ_CHAIN_MAX];                      /* SIZE_MAX: not made */
    bool taken;                                         /* what gives the values is a profile's own reading too */
} chain;

static uint32_t bit(uint32_t level)
{
    return UINT32_C(1) << level;
}

static uint32_t all_levels(const hz_profile *profile)
{
    return profile->chain_count >= HZ_CHAIN_MAX ? UINT32_MAX : bit((uint32_t)profile->chain_count) - 1;
}

static uint32_t own_level(const hz_profile *profile)
{
    return profile->chain_count ? (uint32_t)profile->chain_count - 1 : 0;
}

uint32_t hz_plan_verdicts(const hz_profile *profile, uint32_t verdicts)
{
    return verdicts && profile->chain_count ? verdicts : all_levels(profile) | 1;
}

bool hz_plan_is_own(const hz_profile *profile, uint32_t verdicts)
{
    return hz_plan_verdicts(profile, verdicts) & bit(own_level(profile));
}

/* ---- which rules look at the cells of a field ---- */

static bool looks_at_cells(const hz_rule *rule)
{
    return rule->field &&
           ((rule->kind >= HZ_RULE_CHARACTERS && rule->kind <= HZ_RULE_RANGE) || rule->kind == HZ_RULE_REFERENCES);
}

/* How many constraints come before it. */
static uint32_t place_of(hz_rule_kind kind)
{
    return kind == HZ_RULE_REFERENCES ? HZ_PLAN_CELL_RULES : (uint32_t)(kind - HZ_RULE_CHARACTERS);
}

static hz_status list_by_field(chain *c, hz_error *err)
{
    const hz_profile *profile = c->plan->profile;
    size_t fields = 0;
    size_t *before = hz_mem_zalloc(profile->tables_count + 1, sizeof *before);
    for (size_t t = 0; before && t < profile->tables_count; t++) {
        before[t] = fields;
        fields += profile->tables[t].fields_count;
    }
    c->first = hz_mem_alloc((fields + 1) * sizeof *c->first);
    c->next = hz_mem_alloc((profile->rules_count + profile->rules_older_count + 1) * sizeof *c->next);
    hz_status st = before && c->first && c->next ? HZ_OK : hz_nomem(err, fields * sizeof *c->first);
    if (st == HZ_OK) {
        memset(c->first, 0xFF, (fields + 1) * sizeof *c->first);
        for (size_t i = profile->rules_count + profile->rules_older_count; i-- > 0;) {
            const hz_rule *rule = &profile->rules[i];
            if (!looks_at_cells(rule))
                continue;
            uint32_t *head = &c->first[before[rule->table->index] + rule->field->index];
            c->next[i] = *head;
            *head = (uint32_t)i;
        }
    }
    hz_mem_free(before);
    return st;
}

/* ---- agreement ---- */

static void look_up(chain *c, uint32_t head)
{
    const hz_profile *profile = c->plan->profile;
    memset(c->rules, 0xFF, sizeof c->rules);
    memset(c->entries, 0xFF, sizeof c->entries);
    for (uint32_t level = 0; level <= c->own; level++) {
        const hz_table *table = level == c->own ? c->table : hz_profile_table(profile->chain[level], c->table->name);
        c->forms[level] = level == c->own ? c->field : table ? hz_table_field(table, c->field->name) : NULL;
        c->readings[level] = SIZE_MAX;
    }
    for (uint32_t i = head; i != HZ_PLAN_NO_RULE; i = c->next[i])
        for (uint32_t level = 0; level <= c->own; level++)
            if (c->plan->rules[i].verdicts & bit(level) && profile->rules[i].kind != HZ_RULE_REFERENCES)
                c->rules[level][place_of(profile->rules[i].kind)] = i;
}

/* Whether two profiles read the field alike and hold it to the same, up to so many constraints. */
static bool agree(const chain *c, uint32_t a, uint32_t b, uint32_t upto)
{
    if (a == b)
        return true;
    if (!c->forms[a] || !c->forms[b])
        return false;
    for (uint32_t k = 0; k < upto; k++)
        if (c->rules[a][k] != c->rules[b][k])
            return false;
    return hz_same_reading(c->forms[a], c->forms[b]);
}

/* ---- readings ---- */

static hz_status make_form(const hz_field **out, const chain *c, uint32_t level, hz_error *err)
{
    hz_field *form = HZ_ARENA_NEW(c->plan->arena, hz_field);
    uint32_t range = c->rules[level][HZ_RULE_RANGE - HZ_RULE_CHARACTERS];
    if (!form)
        return hz_nomem(err, sizeof *form);
    *form = *c->forms[level];
    form->table = c->table;
    form->index = c->field->index;
    form->mask = c->field->mask;
    form->required_when = form->min = form->max = (hz_expr){0};
    form->references = NULL;
    if (range != HZ_PLAN_NO_RULE) {
        form->min = c->plan->rules[range].rule->field->min;
        form->max = c->plan->rules[range].rule->field->max;
    }
    *out = form;
    return HZ_OK;
}

static hz_status reading_of(size_t *out, chain *c, uint32_t level, hz_error *err)
{
    for (uint32_t other = 0; c->readings[level] == SIZE_MAX && other <= c->own; other++)
        if (c->readings[other] != SIZE_MAX && agree(c, level, other, HZ_PLAN_CELL_RULES))
            c->readings[level] = c->readings[other];
    *out = c->readings[level];
    if (*out != SIZE_MAX)
        return HZ_OK;
    hz_plan_reading *gives = &c->sheet->readings[c->field->index];
    const hz_field *form = c->field;
    if (level != c->own)
        HZ_TRY(make_form(&form, c, level, err));
    bool takes = !c->taken && hz_same_reading(form, gives->field);
    *out = c->readings[level] = takes ? c->field->index : c->sheet->readings_count++;
    c->sheet->readings[*out].field = form;
    c->taken = c->taken || takes;
    return HZ_OK;
}

static hz_status make_readings(hz_plan *plan, size_t sheet, hz_error *err)
{
    hz_plan_table *table = &plan->tables[sheet];
    size_t fields = table->table->fields_count;
    bool judged = !table->period && plan->profile->chain_count > 1;
    size_t most = fields * (judged ? plan->profile->chain_count + 1 : 1);
    table->readings = HZ_ARENA_ARRAY(plan->arena, hz_plan_reading, most + 1);
    if (!table->readings)
        return hz_nomem(err, most * sizeof *table->readings);
    table->readings_count = fields;
    for (size_t r = 0; r < most; r++)
        memset(table->readings[r].rules, 0xFF, sizeof table->readings[r].rules);
    for (size_t f = 0; f < fields; f++) {
        const hz_field *field = &table->table->fields[f];
        table->readings[f].field = field->read_as ? field->read_as : field;
        table->readings[f].value = true;
    }
    return HZ_OK;
}

/* ---- entries ---- */

static void note_entry(chain *c, uint32_t levels, hz_rule_kind kind, uint32_t entry)
{
    for (uint32_t level = 0; kind != HZ_RULE_REFERENCES && level <= c->own; level++)
        if (levels & bit(level))
            c->entries[level][place_of(kind)] = entry;
}

static hz_status copy_rule(uint32_t *out, hz_plan *plan, const hz_rule *from, hz_error *err)
{
    hz_rule *rule = HZ_ARENA_NEW(plan->arena, hz_rule);
    if (!rule)
        return hz_nomem(err, sizeof *rule);
    *rule = *from;
    *out = rule->index = (uint32_t)plan->rules_count;
    plan->rules[plan->rules_count++].rule = rule;
    return HZ_OK;
}

static uint32_t who_agrees(const chain *c, uint32_t level, uint32_t among, uint32_t upto)
{
    uint32_t levels = 0;
    for (uint32_t other = 0; other <= c->own; other++)
        if (among & bit(other) && agree(c, level, other, upto))
            levels |= bit(other);
    return levels;
}

/* The rule keeps the run's own profile, if it counts for it; for each further group there is a copy. */
static hz_status cut_rule(chain *c, uint32_t rule, hz_error *err)
{
    hz_plan *plan = c->plan;
    const hz_rule *whole = plan->rules[rule].rule;
    uint32_t entry = rule;
    for (uint32_t rest = plan->rules[rule].verdicts, levels; rest; rest &= ~levels) {
        uint32_t level = rest & bit(c->own) ? c->own : (uint32_t)__builtin_ctz(rest);
        levels = who_agrees(c, level, rest, place_of(whole->kind));
        if (entry == HZ_PLAN_NO_RULE)
            HZ_TRY(copy_rule(&entry, plan, whole, err));
        plan->rules[entry].verdicts = levels;
        note_entry(c, levels, whole->kind, entry);
        HZ_TRY(reading_of(&plan->rules[entry].reading, c, level, err));
        entry = HZ_PLAN_NO_RULE;
    }
    return HZ_OK;
}

static hz_status cut_field(chain *c, uint32_t head, hz_error *err)
{
    look_up(c, head);
    c->taken = !c->field->read_as; /* what the run's own profile holds it to is read with the values */
    if (c->taken)
        c->readings[c->own] = c->field->index;
    for (uint32_t i = head; i != HZ_PLAN_NO_RULE; i = c->next[i])
        HZ_TRY(cut_rule(c, i, err));
    for (uint32_t level = 0; level <= c->own; level++)
        if (c->readings[level] != SIZE_MAX)
            memcpy(c->sheet->readings[c->readings[level]].rules, c->entries[level], sizeof c->entries[level]);
    return HZ_OK;
}

static hz_status cut_fields(chain *c, hz_error *err)
{
    const hz_profile *profile = c->plan->profile;
    HZ_TRY(list_by_field(c, err));
    size_t at = 0;
    for (size_t t = 0; t < profile->tables_count; t++)
        for (size_t f = 0; f < profile->tables[t].fields_count; f++, at++) {
            c->table = &profile->tables[t];
            c->field = &c->table->fields[f];
            c->sheet = &c->plan->tables[t];
            if (c->first[at] != HZ_PLAN_NO_RULE)
                HZ_TRY(cut_field(c, c->first[at], err));
        }
    return HZ_OK;
}

static hz_status make_entries(hz_plan *plan, hz_error *err)
{
    const hz_profile *profile = plan->profile;
    size_t count = profile->rules_count + profile->rules_older_count, most = count;
    for (size_t i = 0; i < count; i++)
        if (looks_at_cells(&profile->rules[i]))
            most += (size_t)__builtin_popcount(hz_plan_verdicts(profile, profile->rules[i].verdicts)) - 1;
    most += HZ_MANIFEST_PARTS; /* which come later */
    plan->rules = HZ_ARENA_ARRAY(plan->arena, hz_plan_rule, most + 1);
    if (!plan->rules)
        return hz_nomem(err, most * sizeof *plan->rules);
    plan->rules_count = count;
    for (size_t i = 0; i < count; i++) {
        plan->rules[i].rule = &profile->rules[i];
        plan->rules[i].verdicts = hz_plan_verdicts(profile, profile->rules[i].verdicts);
    }
    return HZ_OK;
}

hz_status hz_plan_chain(hz_plan *plan, hz_error *err)
{
    chain *c = hz_mem_zalloc(1, sizeof *c);
    hz_status st = c ? HZ_OK : hz_nomem(err, sizeof *c);
    if (st != HZ_OK)
        return st;
    c->plan = plan;
    c->own = own_level(plan->profile);
    for (size_t t = 0; st == HZ_OK && t < plan->sheets_count; t++)
        st = make_readings(plan, t, err);
    if (st == HZ_OK)
        st = make_entries(plan, err);
    if (st == HZ_OK)
        st = cut_fields(c, err);
    for (size_t i = 0; st == HZ_OK && i < plan->rules_count; i++)
        plan->rules[i].own = plan->rules[i].verdicts & bit(c->own);
    hz_mem_free(c->first);
    hz_mem_free(c->next);
    hz_mem_free(c);
    return st;
}

/* ---- when it is known what runs ---- */

static void choose_checks(hz_plan *plan, hz_plan_table *table)
{
    for (size_t r = 0; r < table->readings_count; r++) {
        hz_plan_reading *reading = &table->readings[r];
        reading->which = reading->value ? 0 : HZ_FIELD_NO_VALUE;
        for (uint32_t k = 0; k < HZ_PLAN_CELL_RULES; k++) {
            const hz_plan_rule *entry = reading->rules[k] == HZ_PLAN_NO_RULE ? NULL : &plan->rules[reading->rules[k]];
            if (entry && entry->listed && entry->runs)
                reading->which |= 1U << (HZ_RULE_CHARACTERS + k);
        }
        reading->used = reading->value ? table->used[r] : reading->which != HZ_FIELD_NO_VALUE;
    }
}

static bool makes_errors(const hz_plan_rule *entry, uint32_t level)
{
    return entry->verdicts & bit(level) && entry->listed && entry->runs && !entry->draft &&
           entry->rule->severity <= HZ_SEVERITY_ERROR;
}

static bool same_errors(const hz_plan *plan, uint32_t a, uint32_t b)
{
    for (size_t i = 0; i < plan->rules_count; i++)
        if (makes_errors(&plan->rules[i], a) != makes_errors(&plan->rules[i], b))
            return false;
    return true;
}

static void give_ledgers(hz_plan *plan)
{
    uint32_t own = own_level(plan->profile);
    plan->ledgers_count = 0;
    for (uint32_t level = own + 1; level-- > 0;) {
        uint32_t alike = level;
        for (uint32_t other = own; other > level && alike == level; other--)
            if (same_errors(plan, level, other))
                alike = other;
        plan->ledger_of[level] = alike == level ? (uint8_t)plan->ledgers_count++ : plan->ledger_of[alike];
        for (size_t i = 0; alike == level && i < plan->rules_count; i++)
            if (makes_errors(&plan->rules[i], level))
                plan->rules[i].ledgers |= bit(plan->ledger_of[level]);
    }
}

void hz_plan_chain_end(hz_plan *plan)
{
    for (size_t t = 0; t < plan->sheets_count; t++)
        choose_checks(plan, &plan->tables[t]);
    give_ledgers(plan);
}
