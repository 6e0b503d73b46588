/* overlay_forms.c: the older forms of what a chain tightened, so that one pass judges for every profile of it.
 *
 * Each profile of the chain below is there as a model of its own. A rule of it that is the same in the loader's model
 * (tighten_same.c: it judges alike and costs alike) counts for it too. One that is not is read a second time, from the
 * tree of the profile below, with names bound to the loader's model: an overlay only adds to tables, fields and
 * relations, so they are all there; parameters and own lists are looked up as the profile below has them
 * (hz_profile.level). If what was read does not mean what it meant alone, an added name hides another, and that is a
 * mistake. */
#include "base/alloc.h"
#include "profiles/load_int.h"
#include "profiles/tighten.h"

typedef struct forms {
    hz_loader *ld;
    const hz_member *below;
    uint32_t level;
    hz_names wanted;
    hz_names added[HZ_CHAIN_MAX]; /* by level: ids of its older forms, with their index in the loader's rules */
    hz_older older;
} forms;

static uint32_t bit(uint32_t level)
{
    return UINT32_C(1) << level;
}

/* ---- parameters and lists ---- */

bool hz_overlay_share_param(hz_loader *ld, const hz_param *param)
{
    hz_profile *profile = ld->profile;
    for (size_t i = 0; i < profile->params_count + profile->params_older_count; i++) {
        if (&profile->params[i] == param || !hz_same_param(&profile->params[i], param))
            continue;
        profile->params[i].verdicts |= bit(profile->level);
        return true;
    }
    return false;
}

bool hz_overlay_share_list(hz_loader *ld, const hz_codelist *list)
{
    hz_profile *profile = ld->profile;
    for (size_t i = 0; i < profile->own_lists_count; i++) {
        hz_own_list *own = &profile->own_lists[i];
        if (!own->span.text || !hz_slice_eq(hz_codelist_id(own->list), hz_codelist_id(list)) ||
            !hz_same_list(own->list, list))
            continue;
        own->verdicts |= bit(profile->level);
        return true;
    }
    return false;
}

/* ---- what is the same ---- */

static hz_status find_wanted(forms *f, const hz_names *ids)
{
    hz_loader *ld = f->ld;
    const hz_profile *below = f->below->profile;
    uint32_t old;
    for (size_t i = 0; i < below->rules_count; i++) {
        const hz_rule *rule = &below->rules[i];
        uint32_t at = hz_names_find(ids, rule->id);
        bool same = at != HZ_HTAB_NONE && hz_same_rule(below, rule, ld->profile, &ld->rules[at]);
        if (same)
            ld->rules[at].verdicts |= bit(f->level);
        for (uint32_t k = 0; k < f->level && !same; k++) {
            at = hz_names_find(&f->added[k], rule->id);
            same = at != HZ_HTAB_NONE && hz_same_rule(below, rule, ld->profile, &ld->rules[at]);
            if (same)
                ld->rules[at].verdicts |= bit(f->level);
        }
        if (!same)
            HZ_TRY(hz_names_add(&f->wanted, rule->id, (uint32_t)i, &old, ld->err));
    }
    for (size_t i = 0; i < below->measures_count; i++) {
        const hz_measure *measure = &below->measures[i];
        bool same = false;
        for (size_t k = 0; k < ld->profile->measures_count + ld->profile->measures_older_count && !same; k++) {
            hz_measure *other = &ld->profile->measures[k];
            same = hz_slice_eq(other->id, measure->id) && hz_same_measure(below, measure, ld->profile, other);
            if (same)
                other->verdicts |= bit(f->level);
        }
        if (!same)
            HZ_TRY(hz_names_add(&f->wanted, measure->id, (uint32_t)i, &old, ld->err));
    }
    return HZ_OK;
}

/* ---- fields ---- */

static hz_status read_fields(forms *f, const hz_table *table, const hz_yaml *map)
{
    hz_loader *ld = f->ld;
    hz_field **made = f->older.fields[table->index];
    for (uint32_t i = 0; i < map->count; i++) {
        const hz_yaml_pair *pair = &map->pairs[i];
        const hz_field *field = hz_table_field(table, pair->key->text);
        hz_field *form;
        if (!field || pair->value->kind != HZ_YAML_MAP)
            continue;
        HZ_TRY(HZ_LOAD_ARRAY(ld, form, 1));
        *form = (hz_field){.table = table, .index = field->index, .name = field->name, .span = pair->key->span};
        HZ_TRY(hz_load_one_field(ld, form, pair->value));
        form->mask = form->mask > field->mask ? form->mask : field->mask; /* the strictest of the chain */
        made[field->index] = form;
        HZ_TRY(hz_load_going(ld));
    }
    for (uint32_t i = 0; i < map->count; i++) {
        const hz_field *field = hz_table_field(table, map->pairs[i].key->text);
        if (field && made[field->index])
            HZ_TRY(hz_load_field_exprs(ld, made[field->index], map->pairs[i].value));
    }
    return HZ_OK;
}

static hz_status read_tables(forms *f)
{
    hz_loader *ld = f->ld;
    hz_profile *profile = ld->profile;
    const hz_yaml *tables = hz_yaml_get(f->below->whole, "tables");
    hz_diags heard; /* the profile below was read without a mistake */
    hz_diags_init(&heard, ld->diags->arena, 0);
    HZ_TRY(HZ_LOAD_ARRAY(ld, ld->table_keys, profile->tables_count));
    HZ_TRY(HZ_LOAD_ARRAY(ld, f->older.fields, profile->tables_count));
    for (size_t i = 0; i < profile->tables_count; i++) {
        const hz_table *table = &profile->tables[i];
        HZ_TRY(HZ_LOAD_ARRAY(ld, f->older.fields[i], table->fields_count));
        ld->table_keys[i].place = HZ_PLACE_TABLE;
    }
    for (uint32_t i = 0; tables && i < tables->count; i++) {
        const hz_table *table = hz_profile_table(profile, tables->pairs[i].key->text);
        if (!table || table->builtin)
            continue;
        hz_keyed *keyed = &ld->table_keys[table->index];
        hz_schema_read(keyed, HZ_PLACE_TABLE, tables->pairs[i].value, NULL, &heard);
        if (hz_keyed_value(keyed, HZ_KEY_TABLE_FIELDS))
            HZ_TRY(read_fields(f, table, hz_keyed_value(keyed, HZ_KEY_TABLE_FIELDS)));
    }
    hz_diags_clear(&heard);
    return HZ_OK;
}

/* ---- rules ---- */

/* What was read since `from` means what it meant alone. */
static hz_status settle(forms *f, size_t from, size_t measures_from)
{
    hz_loader *ld = f->ld;
    hz_profile *profile = ld->profile;
    const hz_profile *below = f->below->profile;
    for (size_t i = from; i < ld->rules_count; i++) {
        hz_rule *rule = &ld->rules[i];
        const hz_rule *alone = &below->rules[hz_names_find(&f->wanted, rule->id)];
        uint32_t old;
        rule->verdicts = bit(f->level);
        HZ_TRY(hz_names_add(&f->added[f->level], rule->id, (uint32_t)i, &old, ld->err));
        if (!hz_same_rule(below, alone, profile, rule))
            hz_diag_error(ld->diags, rule->span, HZ_MSG_NONE, HZ_M(PROFILE_OVERLAY_NAMES), HZ_S(rule->id));
    }
    for (size_t i = measures_from; i < profile->measures_count + profile->measures_older_count; i++) {
        hz_measure *measure = &profile->measures[i];
        measure->verdicts = bit(f->level);
        if (!hz_same_measure(below, hz_profile_measure(below, measure->id), profile, measure))
            hz_diag_error(ld->diags, measure->span, HZ_MSG_NONE, HZ_M(PROFILE_OVERLAY_NAMES), HZ_S(measure->id));
    }
    return hz_load_going(ld);
}

static hz_status read_rules(forms *f)
{
    hz_loader *ld = f->ld;
    hz_profile *profile = ld->profile;
    size_t from = ld->rules_count, measures_from = profile->measures_count + profile->measures_older_count;
    HZ_TRY(read_tables(f));
    HZ_TRY(hz_load_structure_rules(ld));
    for (size_t i = 0; i + 1 < profile->tables_count; i++)
        HZ_TRY(hz_load_table_rules(ld, &profile->tables[i]));
    HZ_TRY(hz_load_rules(ld, hz_yaml_get(f->below->whole, "rules")));
    HZ_TRY(hz_load_measures(ld, hz_yaml_get(f->below->whole, "measures")));
    return settle(f, from, measures_from);
}

/* ---- reading cells ---- */

/* Whether every value that `narrow` takes is taken by `wide`, and read as the same. */
static hz_status takes_all(bool *takes, forms *f, const hz_profile *wide_profile, const hz_field *wide,
                           const hz_profile *narrow_profile, const hz_field *narrow)
{
    hz_field a = *wide, b = *narrow;
    hz_change_class worst;
    /* only what decides whether a value can be read */
    hz_field *both[] = {&a, &b};
    for (size_t i = 0; i < 2; i++) {
        hz_field *one = both[i];
        one->min = one->max = one->required_when = (hz_expr){0};
        one->patterns_count = one->aliases_count = 0;
        one->min_length = one->max_length = one->min_items = one->max_items = -1;
        one->required = one->distinct = one->open = false;
        one->references = NULL;
        one->title = one->description = (hz_text2){HZ_SLICE_NONE, HZ_SLICE_NONE};
        one->mask = HZ_MASK_NONE;
        one->codes_id = HZ_SLICE_NONE;
    }
    HZ_TRY(hz_tighten_field(&worst, wide_profile, &a, narrow_profile, &b, NULL, NULL, f->ld->err));
    *takes = worst <= HZ_CHANGE_TIGHTENING;
    return HZ_OK;
}

/* The form as the one by which cells are read. Its list and texts lie in a profile of the chain, which this one keeps.
 */
static hz_status read_as(forms *f, hz_field *field, const hz_field *form)
{
    hz_field *made;
    if (hz_same_reading(form, field))
        return HZ_OK;
    HZ_TRY(HZ_LOAD_ARRAY(f->ld, made, 1));
    *made = *form;
    made->table = field->table;
    made->index = field->index;
    made->mask = field->mask;
    made->min = made->max = made->required_when = (hz_expr){0};
    made->references = NULL;
    field->read_as = made;
    return HZ_OK;
}

/* The form of the field in the chain that takes what all others take. */
static hz_status choose_reading(forms *f, hz_field *field)
{
    const hz_profile *profile = f->ld->profile;
    const hz_field *all[HZ_CHAIN_MAX] = {NULL};
    bool alike = true;
    for (size_t i = 0; i < profile->chain_count; i++) {
        const hz_table *table = hz_profile_table(profile->chain[i], field->table->name);
        all[i] = table ? hz_table_field(table, field->name) : NULL;
        alike &= !all[i] || hz_same_reading(all[i], field);
    }
    for (size_t i = 0; !alike && i < profile->chain_count; i++) {
        bool takes = all[i] != NULL;
        for (size_t k = 0; takes && k < profile->chain_count; k++)
            if (all[k] && k != i)
                HZ_TRY(takes_all(&takes, f, profile->chain[i], all[i], profile->chain[k], all[k]));
        if (takes)
            return read_as(f, field, all[i]);
    }
    return HZ_OK;
}

static hz_status choose_readings(forms *f)
{
    hz_profile *profile = f->ld->profile;
    for (size_t i = 0; i < profile->tables_count; i++)
        for (size_t k = 0; k < profile->tables[i].fields_count && !profile->tables[i].builtin; k++)
            HZ_TRY(choose_reading(f, &profile->tables[i].fields[k]));
    return HZ_OK;
}

/* ---- the chain ---- */

static hz_status one_level(forms *f, const hz_names *ids)
{
    hz_loader *ld = f->ld;
    hz_status st;
    ld->profile->level = f->level;
    f->older = (hz_older){f->below->profile, &f->wanted, NULL};
    ld->older = &f->older;
    HZ_GO(hz_load_params(ld, hz_yaml_get(f->below->whole, "params")));
    HZ_GO(hz_load_lists(ld, hz_yaml_get(f->below->whole, "lists")));
    HZ_GO(find_wanted(f, ids));
    if (f->wanted.count)
        HZ_GO(read_rules(f));
out:
    ld->older = NULL;
    ld->profile->level = (uint32_t)ld->profile->chain_count - 1;
    hz_names_clear(&f->wanted);
    return st;
}

hz_status hz_overlay_forms(hz_loader *ld)
{
    hz_profile *profile = ld->profile;
    hz_keyed *keys = ld->table_keys;
    hz_names ids = {0};
    hz_status st = HZ_OK;
    uint32_t old;
    forms f = {.ld = ld};
    for (size_t i = 0; i < profile->rules_count; i++)
        HZ_GO(hz_names_add(&ids, ld->rules[i].id, (uint32_t)i, &old, ld->err));
    for (uint32_t i = 0; i + 1 < profile->chain_count; i++) {
        f.below = ld->member->chain[i];
        f.level = i;
        HZ_GO(one_level(&f, &ids));
    }
    HZ_GO(choose_readings(&f));
out:
    ld->table_keys = keys;
    hz_names_clear(&ids);
    for (size_t i = 0; i < HZ_CHAIN_MAX; i++)
        hz_names_clear(&f.added[i]);
    return st;
}
