/* The loaders of files that are held to a profile. The input is a mapping and a manifest at once: each loader takes
 * what is its own. What must hold: it loads, or there is at least one mistake, worded in both languages and inside the
 * text; what was loaded is whole; and loading the same bytes again says the same. */
#include "profiles/load.h"
#include "profiles/manifest.h"
#include "profiles/mapping.h"
#include "tests/fuzz/fuzz_kit.h"

static const char profile_text[] = "hezhun: 1\n"
                                   "profile: f.p\n"
                                   "version: 1.0.0\n"
                                   "title: {zh: 甲, en: A}\n"
                                   "tables:\n"
                                   "  a:\n"
                                   "    fields:\n"
                                   "      t: {type: text}\n"
                                   "      n: {type: \"decimal(12,2)\", unit: yuan}\n"
                                   "      d: {type: date}\n"
                                   "      c: {codes: {\"1\": 一, \"2\": 二}, many: \",\"}\n"
                                   "      b: {type: boolean}\n"
                                   "      p: {type: text, sensitivity: personal}\n"
                                   "  e:\n"
                                   "    external: true\n"
                                   "    fields:\n"
                                   "      t: {type: text}\n";

static void check_mapping(const hz_mapping *mapping, const hz_profile *profile)
{
    for (size_t t = 0; t < profile->tables_count; t++) {
        const hz_map_table *map = mapping->tables[t];
        for (size_t f = 0; map && f < map->fields_count; f++) {
            const hz_map_field *field = &map->fields[f];
            REQUIRE(field->field && map->of_field[field->field->index] == field);
            REQUIRE(!field->is_constant || !field->columns_count);
            REQUIRE(!field->is_part || (field->columns_count == 1 && field->part < field->parts_count));
            REQUIRE(!field->columns_count || field->label.len);
            for (size_t c = 0; c < field->columns_count; c++)
                REQUIRE(hz_map_table_names(map, field->columns[c]));
        }
    }
}

static void check_manifest(const hz_manifest *manifest)
{
    REQUIRE(!manifest->has_period || manifest->from <= manifest->to);
    for (size_t i = 0; i < manifest->files_count; i++) {
        const hz_manifest_file *file = &manifest->files[i], *at = hz_manifest_find(manifest, file->path);
        REQUIRE(hz_manifest_is_path(file->path));
        while (at && at != file)
            at = at->next;
        REQUIRE(at == file);
    }
}

static void load(hz_buf *out, hz_slice bytes, const hz_profile *profile, const hz_limits *limits, bool listed)
{
    hz_arena *arena = hz_arena_new();
    hz_diags diags;
    hz_mapping *mapping = NULL;
    hz_manifest *manifest = NULL;
    hz_error err = {0};
    hz_diags_init(&diags, arena, 100);
    hz_slice path = HZ_SLICE_LIT("f.yaml");
    hz_status st = listed ? hz_manifest_load_bytes(&manifest, bytes, path, profile, limits, &diags, &err)
                          : hz_mapping_load_bytes(&mapping, bytes, path, profile, limits, &diags, &err);
    REQUIRE((st == HZ_OK) == (mapping || manifest));
    REQUIRE(st == HZ_OK || st == HZ_E_LIMIT ? diags.errors_count == 0 || st != HZ_OK
                                            : st == HZ_E_PROFILE && diags.errors_count > 0);
    if (mapping)
        check_mapping(mapping, profile);
    if (manifest)
        check_manifest(manifest);
    hz_mapping_free(mapping);
    hz_manifest_free(manifest);
    check_diags(out, &diags); /* afterwards: they must not lean on what was loaded */
    hz_diags_clear(&diags);
    hz_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static hz_lists *lists; /* as long as the profile */
    static hz_profile *profile;
    static hz_limits limits;
    if (!profile) {
        hz_arena *arena = hz_arena_new();
        hz_diags diags;
        REQUIRE(hz_lists_open(&lists, NULL, hz_limits_default(), NULL) == HZ_OK);
        hz_limits_init(&limits);
        limits.value[HZ_LIMIT_YAML_NODES] = 20000;
        hz_diags_init(&diags, arena, 100);
        hz_load what = {lists, &limits, NULL};
        REQUIRE(hz_profile_load_bytes(&profile, hz_slice_of(profile_text), HZ_SLICE_LIT("p.yaml"), HZ_SLICE_NONE, &what,
                                      &diags, NULL) == HZ_OK);
        hz_diags_clear(&diags);
        hz_arena_free(arena);
    }
    for (int listed = 0; listed < 2; listed++) {
        hz_buf one = HZ_BUF_INIT, two = HZ_BUF_INIT;
        hz_slice bytes = {(const char *)data, size};
        load(&one, bytes, profile, &limits, listed);
        load(&two, bytes, profile, &limits, listed);
        REQUIRE(hz_slice_eq(hz_buf_slice(&one), hz_buf_slice(&two)));
        hz_buf_clear(&one);
        hz_buf_clear(&two);
    }
    return 0;
}
