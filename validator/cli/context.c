/* context.c: the context of a verb from its options --lists, --profiles and --limit. */
#include "base/alloc.h"
#include "validator/cli/verbs.h"

static hz_status read_limits(hezhun_context_options *how, const hz_opts *opts, int id, hz_arena *arena, hz_error *err)
{
    hz_pair *pairs;
    HZ_TRY(hz_opts_pairs(&pairs, &how->limits_count, opts, id, arena, err));
    hezhun_limit *limits = HZ_ARENA_ARRAY(arena, hezhun_limit, how->limits_count + 1);
    if (!limits)
        return hz_nomem(err, how->limits_count * sizeof *limits);
    for (size_t i = 0; i < how->limits_count; i++) {
        limits[i].name = pairs[i].name;
        HZ_TRY(hz_opt_number(&limits[i].value, hz_verb_option(opts->verb, id), pairs[i].value, err));
    }
    how->limits = limits;
    return HZ_OK;
}

int hz_context_of(hezhun_context **out, const hz_opts *opts, int lists_id, int profiles_id, int limit_id,
                  hz_arena *arena, hezhun_error *problem, hz_lang lang)
{
    hezhun_context_options how = HEZHUN_CONTEXT_OPTIONS_INIT;
    hz_error err = {0};
    *out = NULL;
    how.lang = (hezhun_lang)lang;
    how.lists_dir = hz_opts_value(opts, lists_id);
    how.profiles_dir = profiles_id ? hz_opts_value(opts, profiles_id) : NULL;
    if (read_limits(&how, opts, limit_id, arena, &err) != HZ_OK)
        return hz_say_usage(&err, opts->verb, lang);
    return hezhun_context_open(out, &how, problem) == HEZHUN_OK ? HZ_EXIT_OK : hz_say_problem(problem, lang);
}
