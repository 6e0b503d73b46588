/* lint_mapping.c: a mapping or a manifest held to its profile: the loader's mistakes, then what a mapping leaves out.
 */
#include "base/alloc.h"
#include "profiles/manifest.h"
#include "profiles/mapping.h"
#include "validator/tasks/lint_int.h"

enum { NAMES_SHOWN = 12 };

static bool is_filled(const hz_map_table *map, const hz_field *field)
{
    const hz_map_field *known = map->of_field[field->index];
    return known && (known->columns_count || known->is_constant);
}

static hz_status unfilled(hz_linter *linter, const hz_map_table *map)
{
    const hz_table *table = map->table;
    hz_buf names = HZ_BUF_INIT, count = HZ_BUF_INIT;
    size_t others = 0;
    for (size_t f = 0; f < table->fields_count; f++) {
        const hz_field *field = &table->fields[f];
        if (is_filled(map, field))
            continue;
        if (field->required) {
            HZ_LINT_ADD(linter, map->span, UNFILLED, table->name, field->name);
            continue;
        }
        if (others < NAMES_SHOWN) {
            hz_buf_puts(&names, others ? ", " : "");
            hz_buf_put(&names, field->name);
        }
        others++;
    }
    if (others > NAMES_SHOWN)
        hz_buf_puts(&names, ", …");
    hz_buf_put_u64(&count, others);
    if (others)
        HZ_LINT_ADD(linter, map->span, UNSPOKEN, table->name, hz_buf_slice(&count), hz_buf_slice(&names));
    hz_status st = hz_buf_status(&names, linter->err);
    hz_buf_clear(&names);
    hz_buf_clear(&count);
    return st;
}

/* A code of the list that is recoded into another one, which itself stays what it is. */
static void merged(hz_linter *linter, const hz_map_field *field)
{
    const hz_codelist *list = field->field->type == HZ_FIELD_CODES ? field->field->codes : NULL;
    for (size_t i = 0; list && i < field->codes_count; i++) {
        hz_slice from = field->code_from[i], to = field->code_to[i];
        if (!hz_slice_eq(from, to) && hz_codelist_find(list, from, HZ_DAY_EVER) != HZ_HTAB_NONE &&
            hz_names_find(&field->codes, to) == HZ_HTAB_NONE)
            HZ_LINT_ADD(linter, field->code_spans[i], MERGED_CODES, field->field->name, from, to);
    }
}

/* What a mapping leaves out. */
static hz_status hints(hz_linter *linter, const hz_mapping *mapping)
{
    for (size_t t = 0; t < linter->profile->tables_count; t++) {
        const hz_map_table *map = mapping->tables[t];
        if (!map)
            continue;
        HZ_TRY(unfilled(linter, map));
        for (size_t f = 0; f < map->fields_count; f++)
            merged(linter, &map->fields[f]);
    }
    return HZ_OK;
}

static hz_status load(hz_linter *linter, hz_error *err)
{
    const hz_lint_options *options = linter->options;
    hz_diags *diags = &linter->lint->diags;
    hz_mapping *mapping = NULL;
    hz_manifest *manifest = NULL;
    bool listed = false;
    hz_slice said;
    HZ_TRY(hz_manifest_is(&listed, &said, options->path, options->limits, linter->arena, err));
    if (listed) {
        hz_status st = hz_manifest_load(&manifest, options->path, linter->profile, options->limits, diags, err);
        hz_manifest_free(manifest);
        return st;
    }
    hz_status st = hz_mapping_load(&mapping, options->path, linter->profile, options->limits, diags, err);
    if (st == HZ_OK)
        st = hints(linter, mapping);
    hz_mapping_free(mapping);
    return st;
}

hz_status hz_lint_load_beside(hz_lint *lint, const hz_lint_options *options, const hz_profile *profile, hz_error *err)
{
    hz_linter linter = {options, lint, profile, lint->arena, err, NULL};
    hz_error own;
    hz_error_clear(&own);
    lint->is_beside = true;
    hz_diags_init(&lint->diags, lint->arena, (size_t)options->limits->value[HZ_LIMIT_DIAGNOSTICS]);
    hz_status st = load(&linter, &own);
    lint->loader_errors = lint->diags.errors_count;
    lint->beside_loads = st == HZ_OK;
    if (st == HZ_E_PROFILE && lint->loader_errors)
        return HZ_OK;
    if (st != HZ_OK && err)
        *err = own;
    return st;
}
