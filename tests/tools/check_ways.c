/* check_ways: one submission checked in several ways; the reports must be the same to the byte.
 *   check_ways -p PROFILE [--as-of DATE] [--param NAME=VALUE]… [--previous FOLDER]… [--temp FOLDER]
 *              --way THREADS:MEMORY:BLOCK… INPUT…
 * MEMORY and BLOCK in bytes, 0: as it comes; the command takes no such small ones. The JSON report of the first way
 * (no run block) goes to stdout; of one that differs, a line and where to stderr. Exit status: 0 all the same; 9 not;
 * else what the run ended in, as the command has it (3, 4, 5), with the message on stderr. */
#include <stdio.h>

#include "profiles/load.h"
#include "reports/render.h"
#include "validator/api/hezhun_int.h"
#include "validator/engine/engine.h"
#include <stdlib.h>

enum { WAYS_MAX = 64, INPUTS_MAX = 64, DIFFERENT = 9, SHOWN_BYTES = 200 };

typedef struct way {
    unsigned threads;
    unsigned long memory, block;
} way;

typedef struct job {
    const char *profile;
    hz_input inputs[INPUTS_MAX], previous[HZ_PERIODS_MAX];
    hz_given params[INPUTS_MAX];
    hz_run_options how;
    way ways[WAYS_MAX];
    size_t ways_count;
} job;

static void say(const hz_error *err)
{
    hz_buf text = HZ_BUF_INIT;
    hz_slice args[HZ_MSG_ARGS_MAX];
    size_t count = hz_error_args(err, args);
    hz_msg_render(&text, err->message, args, count, HZ_LANG_EN);
    fprintf(stderr, "%.*s\n", HZ_SLICE_FMT(hz_buf_slice(&text)));
    hz_buf_clear(&text);
}

static int exit_of(hz_status st)
{
    switch (st) {
    case HZ_E_USAGE:
        return 2;
    case HZ_E_PROFILE:
        return 3;
    case HZ_E_SOURCE:
        return 4;
    default:
        return st == HZ_OK ? 0 : 5;
    }
}

static int usage(void)
{
    fprintf(stderr, "check_ways -p PROFILE --way THREADS:MEMORY:BLOCK INPUT\n");
    return 2;
}

static bool take_way(job *j, const char *text)
{
    way *w = &j->ways[j->ways_count];
    return j->ways_count < WAYS_MAX && sscanf(text, "%u:%lu:%lu", &w->threads, &w->memory, &w->block) == 3 &&
           ++j->ways_count;
}

static bool take_param(job *j, char *text)
{
    char *equals = strchr(text, '=');
    if (!equals || j->how.params_count == INPUTS_MAX)
        return false;
    j->params[j->how.params_count++] = (hz_given){{text, (size_t)(equals - text)}, hz_slice_of(equals + 1)};
    return true;
}

static bool take_option(job *j, const char *name, char *value)
{
    if (!strcmp(name, "-p"))
        return (j->profile = value);
    if (!strcmp(name, "--way"))
        return take_way(j, value);
    if (!strcmp(name, "--param"))
        return take_param(j, value);
    if (!strcmp(name, "--temp"))
        return (j->how.temp = value);
    if (!strcmp(name, "--as-of"))
        return (j->how.has_as_of = hz_api_day(&j->how.as_of, value, NULL) == HZ_OK);
    if (strcmp(name, "--previous") != 0 || j->how.previous_count == HZ_PERIODS_MAX - 1)
        return false;
    j->previous[j->how.previous_count++] = (hz_input){.path = value};
    return true;
}

static bool take_arguments(job *j, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (argv[i][0] == '-') {
            if (i + 1 == argc || !take_option(j, argv[i], argv[i + 1]))
                return false;
            i++;
        } else if (j->how.inputs_count < INPUTS_MAX) {
            j->inputs[j->how.inputs_count++] = (hz_input){.path = argv[i]};
        } else {
            return false;
        }
    }
    return j->profile && j->ways_count && j->how.inputs_count;
}

static hz_status check(hz_buf *out, job *j, const way *w, hz_error *err)
{
    hz_result *result = NULL;
    hz_render_options render = {.lang = HZ_LANG_ZH, .reproducible = true};
    j->how.threads = w->threads;
    j->how.memory_bytes = w->memory;
    j->how.block_bytes = w->block;
    hz_buf_reset(out);
    hz_status st = hz_run(&result, &j->how, err);
    if (st == HZ_OK)
        st = hz_render(out, HZ_FORMAT_JSON, result, &render, err);
    hz_result_free(result);
    return st;
}

static bool same(const hz_buf *a, const hz_buf *b, const way *w)
{
    size_t at = 0;
    while (at < a->len && at < b->len && a->ptr[at] == b->ptr[at])
        at++;
    if (at == a->len && at == b->len)
        return true;
    size_t from = at > SHOWN_BYTES ? at - SHOWN_BYTES : 0;
    fprintf(stderr, "%u threads, %lu bytes of memory, blocks of %lu: differs at byte %zu\n", w->threads, w->memory,
            w->block, at);
    fprintf(stderr, "  %.400s\n  %.400s\n", a->ptr + from, b->ptr + from);
    return false;
}

static int check_all(job *j, hz_error *err)
{
    hz_buf first = HZ_BUF_INIT, other = HZ_BUF_INIT;
    int out = 0;
    for (size_t i = 0; i < j->ways_count; i++) {
        const way *w = &j->ways[i];
        int status = exit_of(check(i ? &other : &first, j, w, err));
        if (status) {
            fprintf(stderr, "%u threads, %lu bytes of memory, blocks of %lu: ", w->threads, w->memory, w->block);
            say(err);
            out = i ? DIFFERENT : status;
            break;
        }
        if (i && !same(&first, &other, w))
            out = DIFFERENT;
    }
    fwrite(first.ptr, 1, first.len, stdout);
    hz_buf_clear(&first);
    hz_buf_clear(&other);
    return out;
}

int main(int argc, char **argv)
{
    static job j;
    hz_error err = {0};
    hz_diags diags;
    hz_lists *lists = NULL;
    hz_profile *profile = NULL;
    hz_arena *arena = hz_arena_new();
    if (!take_arguments(&j, argc, argv))
        return usage();
    if (!arena || hz_lists_open(&lists, NULL, hz_limits_default(), &err) != HZ_OK)
        return 5;
    hz_load load = {lists, hz_limits_default(), NULL};
    hz_diags_init(&diags, arena, hz_limits_default()->value[HZ_LIMIT_DIAGNOSTICS]);
    int out = exit_of(hz_profile_load(&profile, j.profile, &load, &diags, &err));
    j.how.profile = profile;
    j.how.lists = lists;
    j.how.limits = load.limits;
    j.how.inputs = j.inputs;
    j.how.previous = j.previous;
    j.how.params = j.params;
    if (!out)
        out = check_all(&j, &err);
    hz_profile_free(profile);
    hz_diags_clear(&diags);
    hz_arena_free(arena);
    hz_lists_close(lists);
    return out;
}
