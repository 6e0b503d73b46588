/* test_setting.c: on which day and with which parameters examples stand. A profile may say it of its own examples:
 *
 *     x-examples: {as_of: 2020-12-31, params: {county: "520102"}}
 *
 * `x-` keys are no part of the model; the file's text is parsed once more for this one. What a profile inherits stands
 * as the file says that has the example: each file of the chain is asked. */
#include "base/file.h"
#include "validator/tasks/test_int.h"

hz_status hz_tests_wrong(hz_error *err, hz_span at, hz_msg_id message, hz_slice what)
{
    const hz_arg args[] = {{HZ_ARG_MESSAGE, message, HZ_SLICE_NONE, 0, 0}, HZ_S(what)};
    hz_status st = hz_error_set(err, HZ_E_PROFILE, args, 2);
    hz_position place = at.text ? hz_text_position(at.text, at.offset) : (hz_position){0, 0};
    hz_error_at(err, at.text ? at.text->path : HZ_SLICE_NONE, place.line, place.column);
    return st;
}

/* A mistake of the file's form; the text of the diagnostic is its place and message. */
static hz_status form(const hz_diags *diags, hz_error *err)
{
    const hz_diag *diag = &diags->items[0];
    hz_arg args[HZ_MSG_ARGS_MAX + 1] = {{HZ_ARG_MESSAGE, diag->message, HZ_SLICE_NONE, 0, 0}};
    for (uint32_t i = 0; i < diag->args_count; i++)
        args[i + 1] = HZ_S(diag->args[i]);
    hz_status st = hz_error_set(err, HZ_E_PROFILE, args, diag->args_count + 1);
    hz_position place = diag->span.text ? hz_text_position(diag->span.text, diag->span.offset) : (hz_position){0, 0};
    hz_error_at(err, diag->span.text ? diag->span.text->path : HZ_SLICE_NONE, place.line, place.column);
    return st;
}

hz_status hz_tests_yaml(const hz_yaml **root, const char *path, hz_slice shown, const hz_limits *limits,
                        hz_arena *arena, hz_error *err)
{
    hz_buf bytes = HZ_BUF_INIT;
    hz_diags diags;
    hz_text *text = HZ_ARENA_NEW(arena, hz_text);
    *root = NULL;
    if (!text)
        return hz_nomem(err, sizeof *text);
    text->path = shown;
    hz_diags_init(&diags, arena, 1);
    hz_status st = hz_file_read_all(&bytes, path, limits->value[HZ_LIMIT_PROFILE_BYTES],
                                    hz_limit_name(HZ_LIMIT_PROFILE_BYTES), err);
    if (st == HZ_OK && hz_arena_copy(&text->bytes, arena, hz_buf_slice(&bytes)) != HZ_OK)
        st = hz_nomem(err, bytes.len);
    hz_buf_clear(&bytes);
    if (st == HZ_OK)
        st = hz_yaml_parse(root, text, arena, limits, &diags, err);
    if (st == HZ_OK && diags.errors_count)
        st = form(&diags, err);
    if (st == HZ_OK && (!*root || (*root)->kind != HZ_YAML_MAP))
        st = hz_tests_wrong(err, (hz_span){text, 0, 0}, HZ_MSG_TEST_NO_MAP, shown);
    hz_diags_clear(&diags);
    return st;
}

static hz_status read_params(hz_run_options *how, const hz_yaml *map, hz_arena *arena, hz_error *err)
{
    if (map->kind != HZ_YAML_MAP)
        return hz_tests_wrong(err, map->span, HZ_MSG_TEST_SETTING, HZ_SLICE_LIT("params"));
    hz_given *all = HZ_ARENA_ARRAY(arena, hz_given, map->count + how->params_count + 1);
    if (!all)
        return hz_nomem(err, map->count * sizeof *all);
    size_t count = 0;
    for (uint32_t i = 0; i < map->count; i++) {
        if (map->pairs[i].value->kind != HZ_YAML_SCALAR)
            return hz_tests_wrong(err, map->pairs[i].value->span, HZ_MSG_TEST_SETTING, map->pairs[i].key->text);
        all[count++] = (hz_given){map->pairs[i].key->text, map->pairs[i].value->text};
    }
    for (size_t i = 0; i < how->params_count; i++) /* later ones win */
        all[count++] = how->params[i];
    how->params = all;
    how->params_count = count;
    return HZ_OK;
}

static bool read_day(int32_t *day, hz_slice text)
{
    hz_time_format iso;
    int64_t days = 0;
    hz_time_format_iso(&iso, HZ_TIME_DATE);
    bool good = hz_time_parse(&days, &iso, text);
    *day = (int32_t)days;
    return good;
}

hz_status hz_tests_setting_of(hz_run_options *how, const hz_yaml *map, hz_arena *arena, hz_error *err)
{
    const hz_yaml *day = hz_yaml_get(map, "as_of"), *params = hz_yaml_get(map, "params");
    if (day && !how->has_as_of) {
        how->has_as_of = day->kind == HZ_YAML_SCALAR && read_day(&how->as_of, day->text);
        if (!how->has_as_of)
            return hz_tests_wrong(err, day->span, HZ_MSG_TEST_SETTING, HZ_SLICE_LIT("as_of"));
    }
    return params ? read_params(how, params, arena, err) : HZ_OK;
}

/* What one file says; *said stays NULL where it says nothing. */
static hz_status read_file(const hz_yaml **said, const hz_profile *profile, const hz_limits *limits, hz_arena *arena,
                           hz_error *err)
{
    const hz_yaml *root = NULL;
    hz_diags diags;
    *said = NULL;
    if (!profile->text)
        return HZ_OK;
    hz_diags_init(&diags, arena, 1);
    hz_status st = hz_yaml_parse(&root, profile->text, arena, limits, &diags, err);
    if (st == HZ_OK && diags.errors_count)
        st = form(&diags, err);
    hz_diags_clear(&diags);
    if (st == HZ_OK && root)
        *said = hz_yaml_get(root, "x-examples");
    if (st == HZ_OK && *said && (*said)->kind != HZ_YAML_MAP)
        st = hz_tests_wrong(err, (*said)->span, HZ_MSG_TEST_SETTING, HZ_SLICE_LIT("x-examples"));
    return st;
}

hz_status hz_tests_settings(hz_tests_settings_of *out, const hz_tests_options *options, hz_arena *arena, hz_error *err)
{
    const hz_profile *profile = options->profile;
    const hz_run_options given = {.has_as_of = options->has_as_of,
                                  .as_of = options->as_of,
                                  .params = options->params,
                                  .params_count = options->params_count};
    const hz_yaml *said = NULL;
    hz_run_options *level = HZ_ARENA_ARRAY(arena, hz_run_options, profile->chain_count + 1);
    if (!level)
        return hz_nomem(err, (profile->chain_count + 1) * sizeof *level);
    HZ_TRY(read_file(&said, profile, options->limits, arena, err));
    out->own = given;
    if (said)
        HZ_TRY(hz_tests_setting_of(&out->own, said, arena, err));
    for (size_t i = 0; i < profile->chain_count; i++) {
        level[i] = out->own;
        if (profile->chain[i]->text == profile->text)
            continue;
        HZ_TRY(read_file(&said, profile->chain[i], options->limits, arena, err));
        if (!said)
            continue;
        level[i] = given;
        HZ_TRY(hz_tests_setting_of(&level[i], said, arena, err));
    }
    out->level = level;
    return HZ_OK;
}
