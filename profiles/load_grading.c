#include "profiles/load_int.h"

#define RATE_PREFIX "error_rate."

/* Without `grading`, the grading of the language's example holds. */
static const int default_weights[HZ_DIM_COUNT] = {15, 20, 25, 25, 10, 5};
static const struct {
    const char *grade, *zh, *en;
    int min_score;          /* -1: none */
    bool fatal, error_rate; /* max: {fatal: 0}, {error_rate: 0.001} */
} default_grades[] = {
    {"A", "优秀", "Excellent", 98, true, true},
    {"B", "良好", "Good", 95, true, false},
    {"C", "合格", "Qualified", 85, true, false},
    {"D", "不合格", "Unqualified", -1, false, false},
};
enum { DEFAULT_GRADES_COUNT = sizeof default_grades / sizeof *default_grades };

static void no_maxima(hz_grade_level *level)
{
    for (int severity = 0; severity < HZ_SEVERITY_COUNT; severity++)
        level->max[severity] = -1;
}

static hz_status default_levels(hz_loader *ld)
{
    hz_grading *grading = &ld->profile->grading;
    HZ_TRY(HZ_LOAD_ARRAY(ld, grading->grades, DEFAULT_GRADES_COUNT));
    grading->grades_count = DEFAULT_GRADES_COUNT;
    for (size_t i = 0; i < DEFAULT_GRADES_COUNT; i++) {
        hz_grade_level *level = &grading->grades[i];
        no_maxima(level);
        level->grade = hz_slice_of(default_grades[i].grade);
        level->title = (hz_text2){hz_slice_of(default_grades[i].zh), hz_slice_of(default_grades[i].en)};
        level->has_min_score = default_grades[i].min_score >= 0;
        level->min_score = hz_decimal_of(level->has_min_score ? default_grades[i].min_score : 0);
        level->max[HZ_SEVERITY_FATAL] = default_grades[i].fatal ? 0 : -1;
        level->has_error_rate = default_grades[i].error_rate;
        level->error_rate = (hz_decimal){default_grades[i].error_rate ? 1 : 0, 3};
    }
    return HZ_OK;
}

/* Weights left out are 0; with all of them 0 there would be no score. */
static void read_weights(hz_loader *ld, const hz_yaml *value)
{
    hz_grading *grading = &ld->profile->grading;
    hz_keyed keyed;
    bool any = false;
    for (int i = 0; i < HZ_DIM_COUNT; i++)
        grading->weights[i] = hz_decimal_of(value ? 0 : default_weights[i]);
    if (!value)
        return;
    size_t errors = ld->diags->errors_count;
    hz_schema_read(&keyed, HZ_PLACE_WEIGHTS, value, NULL, ld->diags);
    for (int i = 0; i < HZ_DIM_COUNT; i++) {
        hz_keyed_decimal(&grading->weights[i], &keyed, (hz_key)(HZ_KEY_WEIGHTS_NORMATIVITY + i));
        any |= grading->weights[i].coef != 0;
    }
    if (!any && ld->diags->errors_count == errors)
        hz_diag_error(ld->diags, value->span, HZ_MSG_NONE, HZ_M(PROFILE_WEIGHTS_ZERO));
}

static void read_severity_weights(hz_loader *ld, const hz_yaml *value)
{
    hz_grading *grading = &ld->profile->grading;
    hz_keyed keyed;
    grading->severity_weights[HZ_SEVERITY_FATAL] = hz_decimal_of(1);
    grading->severity_weights[HZ_SEVERITY_ERROR] = hz_decimal_of(1);
    grading->severity_weights[HZ_SEVERITY_WARNING] = (hz_decimal){2, 1};
    grading->severity_weights[HZ_SEVERITY_INFO] = hz_decimal_of(0);
    if (!value)
        return;
    hz_schema_read(&keyed, HZ_PLACE_SEVERITY_WEIGHTS, value, NULL, ld->diags);
    for (int i = 0; i < HZ_SEVERITY_COUNT; i++)
        hz_keyed_decimal(&grading->severity_weights[i], &keyed, (hz_key)(HZ_KEY_SEVERITY_WEIGHTS_FATAL + i));
}

static bool is_share(hz_loader *ld, const hz_yaml *value, hz_decimal share)
{
    if (hz_decimal_cmp(share, hz_decimal_of(1)) <= 0)
        return true;
    hz_diag_error(ld->diags, value->span, HZ_MSG_NONE, HZ_M(PROFILE_SHARE), HZ_S(value->text));
    return false;
}

/* error_rate.TABLE */
static hz_status read_table_rates(hz_loader *ld, hz_grade_level *level, const hz_yaml *map)
{
    HZ_TRY(HZ_LOAD_ARRAY(ld, level->table_rates, map->count));
    for (uint32_t i = 0; i < map->count; i++) {
        const hz_yaml *key = map->pairs[i].key, *value = map->pairs[i].value;
        if (!hz_slice_starts(key->text, HZ_SLICE_LIT(RATE_PREFIX)) ||
            !hz_schema_holds(value, HZ_KEY_GRADE_MAX_ERROR_RATE, ld->diags))
            continue;
        hz_yaml name = *key;
        name.text = hz_slice_sub(key->text, sizeof RATE_PREFIX - 1, key->text.len);
        int table = hz_load_table(ld, &name, NULL);
        hz_decimal rate;
        if (!hz_decimal_parse(&rate, value->text) || !is_share(ld, value, rate) || table < 0)
            continue;
        level->table_rates[level->table_rates_count].table = &ld->profile->tables[table];
        level->table_rates[level->table_rates_count++].rate = rate;
    }
    return HZ_OK;
}

static hz_status read_maxima(hz_loader *ld, hz_grade_level *level, const hz_yaml *map)
{
    hz_keyed keyed;
    hz_schema_read(&keyed, HZ_PLACE_GRADE_MAX, map, RATE_PREFIX, ld->diags);
    for (int i = 0; i < HZ_SEVERITY_COUNT; i++)
        level->max[i] = hz_keyed_whole(&keyed, (hz_key)(HZ_KEY_GRADE_MAX_FATAL + i), -1);
    level->has_error_rate = hz_keyed_decimal(&level->error_rate, &keyed, HZ_KEY_GRADE_MAX_ERROR_RATE) &&
                            is_share(ld, hz_keyed_value(&keyed, HZ_KEY_GRADE_MAX_ERROR_RATE), level->error_rate);
    return read_table_rates(ld, level, map);
}

static hz_status read_grade(hz_loader *ld, hz_grade_level *level, const hz_yaml *map)
{
    const hz_grading *grading = &ld->profile->grading;
    hz_keyed keyed;
    no_maxima(level);
    hz_schema_read(&keyed, HZ_PLACE_GRADE, map, NULL, ld->diags);
    const hz_yaml *name = hz_keyed_value(&keyed, HZ_KEY_GRADE_GRADE),
                  *score = hz_keyed_value(&keyed, HZ_KEY_GRADE_MIN_SCORE);
    const hz_yaml *max = hz_keyed_value(&keyed, HZ_KEY_GRADE_MAX);
    level->grade = hz_keyed_text(&keyed, HZ_KEY_GRADE_GRADE);
    level->title = hz_keyed_text2(&keyed, HZ_KEY_GRADE_TITLE);
    level->has_min_score = hz_keyed_decimal(&level->min_score, &keyed, HZ_KEY_GRADE_MIN_SCORE);
    if (score && hz_decimal_cmp(level->min_score, hz_decimal_of(100)) > 0)
        hz_diag_error(ld->diags, score->span, HZ_MSG_NONE, HZ_M(PROFILE_SCORE), HZ_S(score->text));
    for (const hz_grade_level *before = grading->grades; before < level; before++) {
        if (name && hz_slice_eq(before->grade, level->grade))
            hz_diag_error(ld->diags, name->span, HZ_MSG_NONE, HZ_M(PROFILE_TWICE), HZ_S(name->text));
        if (score && before + 1 == level && before->has_min_score &&
            hz_decimal_cmp(before->min_score, level->min_score) < 0)
            hz_diag_error(ld->diags, score->span, HZ_MSG_NONE, HZ_M(PROFILE_GRADES_ORDER), HZ_S(before->grade));
    }
    return max ? read_maxima(ld, level, max) : HZ_OK;
}

static hz_status read_grades(hz_loader *ld, const hz_yaml *list)
{
    hz_grading *grading = &ld->profile->grading;
    HZ_TRY(HZ_LOAD_ARRAY(ld, grading->grades, list->count));
    for (uint32_t i = 0; i < list->count; i++) {
        HZ_TRY(read_grade(ld, &grading->grades[i], list->items[i]));
        grading->grades_count = i + 1;
    }
    if (!list->count)
        hz_diag_error(ld->diags, list->span, HZ_MSG_NONE, HZ_M(PROFILE_EMPTY_LIST));
    return HZ_OK;
}

hz_status hz_load_grading(hz_loader *ld, const hz_yaml *map)
{
    hz_keyed keyed = {.place = HZ_PLACE_GRADING};
    if (map)
        hz_schema_read(&keyed, HZ_PLACE_GRADING, map, NULL, ld->diags);
    read_weights(ld, hz_keyed_value(&keyed, HZ_KEY_GRADING_WEIGHTS));
    read_severity_weights(ld, hz_keyed_value(&keyed, HZ_KEY_GRADING_SEVERITY_WEIGHTS));
    const hz_yaml *grades = hz_keyed_value(&keyed, HZ_KEY_GRADING_GRADES);
    return grades ? read_grades(ld, grades) : default_levels(ld);
}
