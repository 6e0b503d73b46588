/* generate_places.c: where blocks lie: real divisions of the level that the profile asks for, in the order of codes,
 * from a county that the seed chooses. Where the lists that are built in end (villages are known of some provinces
 * only), townships and villages are numbered below real counties that no list covers: the type takes them, and no name
 * of a real village is claimed. */
#include "validator/tasks/generate_int.h"

enum { TOWNSHIPS = 12, VILLAGES = 15 }; /* of a county that no list covers */

static bool on_all_days(const hz_gen_plan *plan, hz_slice code, hz_division_level level)
{
    for (unsigned p = 0; p < plan->options->periods; p++)
        if (!hz_division_exists(plan->semtypes, code, plan->as_of[p], level))
            return false;
    return true;
}

static bool county_row(const hz_gen_plan *plan, const hz_code *code)
{
    return code->code.len == 6 && !(code->code.ptr[4] == '0' && code->code.ptr[5] == '0') &&
           on_all_days(plan, code->code, HZ_LEVEL_COUNTY);
}

static hz_status take_counties(hz_gen_plan *plan, const hz_codelist *list, hz_error *err)
{
    size_t count = hz_codelist_count(list);
    plan->counties = HZ_ARENA_ARRAY(plan->arena, hz_slice, count + 1);
    if (!plan->counties)
        return hz_nomem(err, count * sizeof *plan->counties);
    for (size_t i = 0; i < count; i++) {
        hz_code code = hz_codelist_at(list, i);
        if (county_row(plan, &code) && hz_codelist_find(list, code.code, plan->as_of[0]) == i)
            plan->counties[plan->counties_count++] = code.code;
    }
    return HZ_OK;
}

static bool wanted(const hz_gen_plan *plan, hz_slice code)
{
    hz_slice region = plan->options->region;
    while (region.len > 2 && region.len == 6 && region.ptr[region.len - 1] == '0' && region.ptr[region.len - 2] == '0')
        region.len -= 2; /* 520300 is 5203 */
    return !region.len || hz_slice_starts(code, region);
}

static hz_status take_list(hz_gen_plan *plan, const hz_codelist *list, hz_error *err)
{
    size_t count = hz_codelist_count(list), room = plan->places_count + count + 1;
    hz_slice *codes = HZ_ARENA_ARRAY(plan->arena, hz_slice, room), *names = HZ_ARENA_ARRAY(plan->arena, hz_slice, room);
    if (!codes || !names)
        return hz_nomem(err, room * sizeof *codes);
    if (plan->places_count) {
        memcpy(codes, plan->places, plan->places_count * sizeof *codes);
        memcpy(names, plan->place_names, plan->places_count * sizeof *names);
    }
    plan->places = codes;
    plan->place_names = names;
    for (size_t i = 0; i < count; i++) {
        hz_code code = hz_codelist_at(list, i);
        bool fits = plan->level == HZ_LEVEL_COUNTY ? county_row(plan, &code)
                                                   : code.code.len == (plan->level == HZ_LEVEL_VILLAGE ? 12U : 9U) &&
                                                         on_all_days(plan, code.code, plan->level);
        if (!fits || !wanted(plan, code.code) || hz_codelist_find(list, code.code, plan->as_of[0]) != i)
            continue;
        codes[plan->places_count] = code.code;
        names[plan->places_count++] = code.name.zh;
    }
    return HZ_OK;
}

/* So that the first place is the first of a county that the seed chooses. */
static hz_status turn(hz_gen_plan *plan, hz_error *err)
{
    size_t count = plan->places_count;
    hz_slice *codes = HZ_ARENA_ARRAY(plan->arena, hz_slice, count + 1);
    hz_slice *names = HZ_ARENA_ARRAY(plan->arena, hz_slice, count + 1);
    if (!codes || !names)
        return hz_nomem(err, count * sizeof *codes);
    size_t from = count ? (size_t)(hz_rand_mix(plan->options->seed, 77) % count) : 0;
    while (from && hz_slice_eq(hz_slice_sub(plan->places[from], 0, 6), hz_slice_sub(plan->places[from - 1], 0, 6)))
        from--;
    for (size_t i = 0; i < count; i++) {
        codes[i] = plan->places[(from + i) % count];
        names[i] = plan->place_names[(from + i) % count];
    }
    plan->places = codes;
    plan->place_names = names;
    return HZ_OK;
}

static hz_division_level wanted_level(const hz_gen_plan *plan)
{
    hz_division_level level = HZ_LEVEL_ANY;
    for (size_t o = 0; o < plan->order_count; o++) {
        const hz_gen_table *table = &plan->tables[plan->order[o]];
        for (size_t f = 0; f < table->table->fields_count; f++)
            if (table->fields[f].kind == HZ_GEN_PLACE) {
                hz_division_level own = table->fields[f].field->level ? table->fields[f].field->level : HZ_LEVEL_COUNTY;
                level = own > level ? own : level;
            }
    }
    return level && level < HZ_LEVEL_COUNTY ? HZ_LEVEL_COUNTY : level;
}

hz_status hz_gen_plan_places(hz_gen_plan *plan, hz_error *err)
{
    const hz_codelist *divisions = hz_lists_find(plan->options->lists, HZ_SLICE_LIT("GB/T 2260"), err);
    const hz_slice *ids;
    if (!divisions)
        return HZ_E_PROFILE;
    HZ_TRY(take_counties(plan, divisions, err));
    plan->level = wanted_level(plan);
    if (plan->level == HZ_LEVEL_COUNTY)
        HZ_TRY(take_list(plan, divisions, err));
    for (size_t i = 0, count = hz_lists_ids(plan->options->lists, &ids); i < count && plan->level > HZ_LEVEL_COUNTY;
         i++) {
        const hz_codelist *list = hz_lists_find(plan->options->lists, ids[i], NULL);
        if (list && hz_slice_is(hz_codelist_property(list, "level"), hz_division_level_name(plan->level)))
            HZ_TRY(take_list(plan, list, err));
    }
    if (plan->level && !plan->places_count && plan->options->region.len)
        return hz_fail(err, HZ_E_USAGE, HZ_M(GEN_NO_REGION), HZ_S(plan->options->region));
    return plan->level ? turn(plan, err) : HZ_OK;
}

/* The k-th county that no list of places covers. */
static hz_slice uncovered(const hz_gen_plan *plan, uint64_t k)
{
    hz_slice found = plan->counties_count ? plan->counties[0] : HZ_SLICE_LIT("110101");
    for (size_t i = 0; i < plan->counties_count; i++) {
        bool covered = plan->places_count &&
                       hz_slice_eq(hz_slice_sub(plan->counties[i], 0, 2), hz_slice_sub(plan->places[0], 0, 2));
        if (covered)
            continue;
        found = plan->counties[i];
        if (k-- == 0)
            break;
    }
    return found;
}

void hz_gen_place(const hz_gen_plan *plan, uint64_t index, hz_buf *code, hz_buf *name)
{
    if (!plan->level)
        return;
    if (plan->level == HZ_LEVEL_COUNTY || index < plan->places_count) {
        if (plan->places_count) {
            hz_buf_put(code, plan->places[index % plan->places_count]);
            hz_buf_put(name, plan->place_names[index % plan->places_count]);
        }
        return;
    }
    index -= plan->places_count;
    unsigned each = plan->level == HZ_LEVEL_VILLAGE ? TOWNSHIPS * VILLAGES : TOWNSHIPS;
    unsigned at = (unsigned)(index % each);
    hz_buf_put(code, uncovered(plan, index / each));
    if (plan->level == HZ_LEVEL_VILLAGE)
        hz_buf_printf(code, "%03u%03u", 100 + at / VILLAGES, 200 + at % VILLAGES);
    else
        hz_buf_printf(code, "%03u", 100 + at);
    hz_buf_printf(name, "第%u村", at + 1);
}

static bool shares(hz_slice a, hz_slice b, size_t common)
{
    static const uint8_t next[] = {[0] = 2, [2] = 4, [4] = 6, [6] = 9, [9] = 12};
    return hz_slice_starts(a, hz_slice_sub(b, 0, common)) && !hz_slice_starts(a, hz_slice_sub(b, 0, next[common]));
}

/* Near by in the list; where the list has none, the copy's township and village numbers below a county that fits, which
 * the type takes; within a county another number. */
bool hz_gen_place_elsewhere(const hz_gen_plan *plan, uint64_t index, hz_slice place, size_t common, hz_buf *code)
{
    for (uint64_t k = 1; index < plan->places_count && k < plan->places_count; k++)
        if (shares(plan->places[(index + k) % plan->places_count], place, common)) {
            hz_buf_put(code, plan->places[(index + k) % plan->places_count]);
            return true;
        }
    for (size_t i = 0; common < 6 && i < plan->counties_count; i++)
        if (shares(plan->counties[i], place, common)) {
            hz_buf_put(code, plan->counties[i]);
            hz_buf_put(code, hz_slice_sub(place, 6, place.len));
            return true;
        }
    size_t digit = common + 2 < place.len ? common + 2 : place.len - 1;
    hz_buf_put(code, hz_slice_sub(place, 0, digit));
    hz_buf_putc(code, place.ptr[digit] == '9' ? '8' : (char)(place.ptr[digit] + 1));
    hz_buf_put(code, hz_slice_sub(place, digit + 1, place.len));
    return common >= 6;
}
