#include "base/alloc.h"
#include "profiles/load_int.h"

static hz_status read_row(hz_test_row *row, hz_loader *ld, const hz_table *table, uint32_t period, const hz_yaml *map)
{
    *row = (hz_test_row){.table = table, .period = period};
    HZ_TRY(HZ_LOAD_ARRAY(ld, row->cells, map->count));
    for (uint32_t i = 0; i < map->count; i++) {
        const hz_yaml *name = map->pairs[i].key, *value = map->pairs[i].value;
        if (hz_load_field(ld, table, name->text, name->span))
            row->cells[row->cells_count++] = (hz_test_cell){name->text, value->text, value->nothing};
    }
    return HZ_OK;
}

static size_t rows_of(const hz_yaml *value)
{
    return value->kind == HZ_YAML_LIST ? value->count : 1;
}

/* The rule's own rows come first, in two passes over the case. */
static hz_status read_case(hz_test *test, hz_loader *ld, const hz_yaml *map, const hz_table *own, uint32_t own_period)
{
    size_t room = 0;
    for (uint32_t i = 0; i < map->count; i++)
        room += rows_of(map->pairs[i].value);
    HZ_TRY(HZ_LOAD_ARRAY(ld, test->rows, room));
    test->span = map->span;
    int *tables = hz_mem_zalloc(map->count + 1, sizeof *tables);
    uint32_t *periods = hz_mem_zalloc(map->count + 1, sizeof *periods);
    hz_status st = tables && periods ? HZ_OK : hz_nomem(ld->err, map->count * sizeof *tables);
    for (uint32_t i = 0; st == HZ_OK && i < map->count; i++)
        tables[i] = hz_load_table(ld, map->pairs[i].key, &periods[i]);
    for (int pass = 0; st == HZ_OK && pass < 2; pass++) {
        for (uint32_t i = 0; st == HZ_OK && i < map->count; i++) {
            const hz_yaml *rows = map->pairs[i].value;
            if (tables[i] < 0)
                continue;
            const hz_table *table = &ld->profile->tables[tables[i]];
            if ((table == own && periods[i] == own_period) != (pass == 0))
                continue;
            for (size_t k = 0; st == HZ_OK && k < rows_of(rows); k++)
                st = read_row(&test->rows[test->rows_count++], ld, table, periods[i],
                              rows->kind == HZ_YAML_LIST ? rows->items[k] : rows);
        }
    }
    hz_mem_free(tables);
    hz_mem_free(periods);
    return st;
}

hz_status hz_load_tests(hz_test **out, size_t *count, hz_loader *ld, const hz_yaml *value, const hz_table *table,
                        uint32_t period)
{
    static const hz_key keys[] = {HZ_KEY_TESTS_PASS, HZ_KEY_TESTS_FAIL, HZ_KEY_TESTS_UNDETERMINED};
    hz_keyed keyed;
    size_t room = 0;
    *out = NULL;
    *count = 0;
    if (!value)
        return HZ_OK;
    hz_schema_read(&keyed, HZ_PLACE_TESTS, value, NULL, ld->diags);
    for (size_t i = 0; i < 3; i++)
        room += hz_keyed_value(&keyed, keys[i]) ? hz_keyed_value(&keyed, keys[i])->count : 0;
    HZ_TRY(HZ_LOAD_ARRAY(ld, *out, room));
    for (size_t i = 0; i < 3; i++) {
        const hz_yaml *cases = hz_keyed_value(&keyed, keys[i]);
        for (uint32_t k = 0; cases && k < cases->count; k++) {
            hz_test *test = &(*out)[(*count)++];
            test->expected = i == 0 ? HZ_TEST_PASS : i == 1 ? HZ_TEST_FAIL : HZ_TEST_UNDETERMINED;
            HZ_TRY(read_case(test, ld, cases->items[k], table, period));
        }
    }
    return HZ_OK;
}
