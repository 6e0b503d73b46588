#include "base/alloc.h"
#include "profiles/load_int.h"

static unsigned read_levels(const hz_yaml *value)
{
    unsigned levels = 0;
    for (size_t i = 0; i < hz_texts_count(value); i++)
        levels |= 1u << hz_division_level_by_name(hz_texts_at(value, i)->text);
    if (!value)
        for (int level = HZ_LEVEL_PROVINCE; level <= HZ_LEVEL_VILLAGE; level++)
            levels |= 1u << level;
    return levels;
}

/* Figures speak of the rows of a region: the table must say where its rows lie to be told apart, and nothing of one row
 * may be read. */
static hz_status read_expressions(hz_loader *ld, hz_measure *measure, const hz_keyed *keyed)
{
    const hz_yaml *value = hz_keyed_value(keyed, HZ_KEY_MEASURE_VALUE),
                  *when = hz_keyed_value(keyed, HZ_KEY_MEASURE_WHEN);
    const hz_yaml *expect = hz_keyed_value(keyed, HZ_KEY_MEASURE_EXPECT);
    hz_scope rows =
        hz_load_scope(ld, measure->table, HZ_SCOPE_ROW | HZ_SCOPE_STAR | HZ_SCOPE_RELATIONS | HZ_SCOPE_KEYS_ONLY);
    hz_scope figures = hz_load_scope(ld, NULL, HZ_SCOPE_VALUE);
    if (value)
        HZ_TRY(hz_load_checked(&measure->value, ld, value, &rows, HZ_TYPE_DECIMAL));
    if (when)
        HZ_TRY(hz_load_checked(&measure->when, ld, when, &rows, HZ_TYPE_BOOLEAN));
    if (expect)
        HZ_TRY(hz_load_checked(&measure->expect, ld, expect, &figures, HZ_TYPE_BOOLEAN));
    hz_load_periods(ld, &measure->value, 0);
    hz_load_periods(ld, &measure->when, 0);
    return HZ_OK;
}

static void read_ranking(hz_measure *measure, const hz_keyed *keyed)
{
    measure->severity = (hz_severity)hz_keyed_word(keyed, HZ_KEY_MEASURE_SEVERITY, HZ_SEVERITY_ERROR);
    measure->dimension = (hz_dimension)hz_keyed_word(keyed, HZ_KEY_MEASURE_DIMENSION, HZ_DIM_ACCURACY);
    measure->gate = (hz_gate)hz_keyed_word(keyed, HZ_KEY_MEASURE_GATE, HZ_GATE_PLAUSIBILITY);
    measure->indicator = hz_keyed_value(keyed, HZ_KEY_MEASURE_INDICATOR)
                             ? hz_keyed_text(keyed, HZ_KEY_MEASURE_INDICATOR)
                             : HZ_SLICE_LIT("0305");
    measure->if_skipped = (hz_if_skipped)hz_keyed_word(keyed, HZ_KEY_MEASURE_IF_SKIPPED, HZ_SKIP_WARN);
    measure->levels = read_levels(hz_keyed_value(keyed, HZ_KEY_MEASURE_LEVELS));
    measure->title = hz_keyed_text2(keyed, HZ_KEY_MEASURE_TITLE);
    measure->description = hz_keyed_text2(keyed, HZ_KEY_MEASURE_DESCRIPTION);
    measure->unit = hz_keyed_text(keyed, HZ_KEY_MEASURE_UNIT);
}

static hz_status read_measure(hz_loader *ld, const hz_yaml_pair *pair)
{
    static const hz_key kept[] = {HZ_KEY_MEASURE_STATUS, HZ_KEY_MEASURE_TITLE, HZ_KEY_MEASURE_DESCRIPTION,
                                  HZ_KEY_MEASURE_CLAUSE, HZ_KEY_COUNT};
    static const hz_key wanted[] = {HZ_KEY_MEASURE_ON, HZ_KEY_MEASURE_VALUE};
    hz_profile *profile = ld->profile;
    hz_measure measure = {.id = pair->key->text, .span = pair->key->span};
    hz_keyed keyed;
    bool free = true;
    if (!hz_load_wants(ld, measure.id))
        return HZ_OK;
    hz_load_is_id(ld, pair->key);
    hz_schema_read(&keyed, HZ_PLACE_MEASURE, pair->value, NULL, ld->diags);
    if (pair->value->kind != HZ_YAML_MAP)
        return HZ_OK;
    measure.status = (hz_life)hz_keyed_word(&keyed, HZ_KEY_MEASURE_STATUS, HZ_LIFE_ACTIVE);
    if (measure.status == HZ_LIFE_WITHDRAWN)
        return hz_load_withdrawn(ld, pair->key, &keyed, kept);
    for (size_t i = 0; i < 2; i++)
        if (!hz_keyed_key(&keyed, wanted[i]))
            hz_diag_error(ld->diags, pair->key->span, HZ_MSG_NONE, HZ_M(SCHEMA_MISSING),
                          HZ_Z(hz_schema_keys[wanted[i]].name), HZ_Z("measures.ID"));
    const hz_yaml *on = hz_keyed_value(&keyed, HZ_KEY_MEASURE_ON);
    int table = on ? hz_load_table(ld, on, NULL) : -1;
    read_ranking(&measure, &keyed);
    hz_load_clause(&measure.clause, ld, hz_keyed_value(&keyed, HZ_KEY_MEASURE_CLAUSE));
    if (table < 0)
        return HZ_OK;
    measure.table = &profile->tables[table];
    HZ_TRY(read_expressions(ld, &measure, &keyed));
    HZ_TRY(hz_load_tests(&measure.tests, &measure.tests_count, ld, hz_keyed_value(&keyed, HZ_KEY_MEASURE_TESTS),
                         measure.table, 0));
    if (!ld->older)
        HZ_TRY(hz_load_hold_id(&free, ld, measure.id, measure.span));
    size_t *count = ld->older ? &profile->measures_older_count : &profile->measures_count;
    measure.index = (uint32_t)(profile->measures_count + profile->measures_older_count);
    if (free) {
        profile->measures[measure.index] = measure;
        ++*count;
    }
    return HZ_OK;
}

/* Room for all of the mapping behind those that there are. */
static hz_status make_room(hz_loader *ld, size_t more)
{
    hz_profile *profile = ld->profile;
    size_t count = profile->measures_count + profile->measures_older_count;
    hz_measure *before = profile->measures;
    HZ_TRY(HZ_LOAD_ARRAY(ld, profile->measures, count + more));
    if (count)
        memcpy(profile->measures, before, count * sizeof *before);
    return HZ_OK;
}

hz_status hz_load_measures(hz_loader *ld, const hz_yaml *map)
{
    if (!map)
        return HZ_OK;
    HZ_TRY(make_room(ld, map->count));
    for (uint32_t i = 0; i < map->count; i++) {
        if (hz_schema_is_extra(map->pairs[i].key->text))
            continue;
        HZ_TRY(read_measure(ld, &map->pairs[i]));
        HZ_TRY(hz_load_going(ld));
    }
    return HZ_OK;
}
