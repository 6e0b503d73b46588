/* load_profile: loads profiles and prints what is wrong with them; for tests of the loader that are not in C.
 *   load_profile [--lang zh|en] [--profiles DIR] [--ids] [--model] [--each] FILE…
 *                          diagnostics on stdout; exit 3 when one was wrong, else 0
 *   load_profile --mapping PROFILE FILE…   the same of mappings to that profile
 *   load_profile --manifest PROFILE FILE…  and of manifests
 *   load_profile --keys    the table of keys, tab-separated
 * --ids prints the message's id in place of each diagnostic; --each a line `FILE STATUS` after each file; --model
 * prints rules and relations of a good profile, of an overlay its chain and what counts for whom. */
#include <stdio.h>

#include "profiles/load.h"
#include "profiles/manifest.h"
#include "profiles/mapping.h"
#include "profiles/schema.h"

typedef struct options {
    hz_lang lang;
    bool ids, model, each;
    const char *profiles; /* folder */
    hz_profile *mapped;   /* what mappings and manifests are held to; NULL: profiles are loaded */
    bool manifests;
} options;

static void print(hz_slice text)
{
    if (text.len)
        fwrite(text.ptr, 1, text.len, stdout);
}

static void print_diags(const hz_diags *diags, const options *opt)
{
    hz_buf out = HZ_BUF_INIT;
    for (size_t i = 0; i < diags->count; i++) {
        if (opt->ids)
            hz_buf_printf(&out, "%s\n", hz_msg_name(diags->items[i].message));
        else
            hz_diag_render(&out, &diags->items[i], opt->lang);
    }
    print(hz_buf_slice(&out));
    hz_buf_clear(&out);
}

static void print_verdicts(const hz_profile *profile, uint32_t verdicts, uint32_t level)
{
    if (profile->chain_count > 1)
        printf(" verdicts %x level %u", verdicts, level);
    printf("\n");
}

static void print_model(const hz_profile *profile)
{
    for (size_t i = 0; i < profile->chain_count && profile->chain_count > 1; i++)
        printf("chain %.*s %.*s\n", HZ_SLICE_FMT(profile->chain[i]->id), HZ_SLICE_FMT(profile->chain[i]->version));
    for (size_t i = 0; i < profile->rules_count + profile->rules_older_count; i++) {
        const hz_rule *rule = &profile->rules[i];
        printf("%s %.*s %s %s %.*s %s %s %s", i < profile->rules_count ? "rule" : "older", HZ_SLICE_FMT(rule->id),
               hz_severity_name(rule->severity), hz_dimension_name(rule->dimension), HZ_SLICE_FMT(rule->indicator),
               hz_gate_name(rule->gate), hz_life_name(rule->status), hz_if_skipped_name(rule->if_skipped));
        print_verdicts(profile, rule->verdicts, rule->level);
    }
    for (size_t i = 0; i < profile->tables_count; i++) {
        for (size_t k = 0; k < profile->tables[i].relations_count; k++) {
            const hz_relation *relation = profile->tables[i].relations[k];
            printf("relation %.*s.%.*s %s %.*s %u %u%s\n", HZ_SLICE_FMT(relation->from->name),
                   HZ_SLICE_FMT(relation->name), relation->many ? "many" : "one", HZ_SLICE_FMT(relation->to->name),
                   relation->from_period, relation->to_period, relation->derived ? " derived" : "");
        }
    }
    for (size_t i = 0; i < profile->measures_count + profile->measures_older_count; i++) {
        const hz_measure *measure = &profile->measures[i];
        printf("%s %.*s", i < profile->measures_count ? "measure" : "older measure", HZ_SLICE_FMT(measure->id));
        print_verdicts(profile, measure->verdicts, measure->level);
    }
    for (size_t i = 0; i < profile->withdrawn_count; i++)
        printf("withdrawn %.*s\n", HZ_SLICE_FMT(profile->withdrawn[i]));
}

static int load_one(const char *path, hz_lists *lists, const options *opt)
{
    hz_arena *arena = hz_arena_new();
    hz_diags diags;
    hz_error err = {0};
    hz_profile *profile = NULL;
    hz_load load = {lists, hz_limits_default(), opt->profiles};
    if (!arena)
        return 5;
    hz_diags_init(&diags, arena, hz_limits_default()->value[HZ_LIMIT_DIAGNOSTICS]);
    hz_mapping *mapping = NULL;
    hz_manifest *manifest = NULL;
    hz_status st = opt->manifests ? hz_manifest_load(&manifest, path, opt->mapped, hz_limits_default(), &diags, &err)
                   : opt->mapped  ? hz_mapping_load(&mapping, path, opt->mapped, hz_limits_default(), &diags, &err)
                                  : hz_profile_load(&profile, path, &load, &diags, &err);
    print_diags(&diags, opt);
    if (st != HZ_OK && err.message != HZ_MSG_NONE) {
        hz_buf text = HZ_BUF_INIT;
        hz_slice args[HZ_MSG_ARGS_MAX];
        size_t count = hz_error_args(&err, args);
        hz_msg_render(&text, err.message, args, count, opt->lang);
        printf("%.*s\n", HZ_SLICE_FMT(hz_buf_slice(&text)));
        hz_buf_clear(&text);
    }
    if (profile && opt->model)
        print_model(profile);
    hz_mapping_free(mapping);
    hz_manifest_free(manifest);
    hz_profile_free(profile);
    hz_diags_clear(&diags);
    hz_arena_free(arena);
    return st == HZ_OK ? 0 : st == HZ_E_PROFILE ? 3 : 5;
}

static hz_status load_mapped(const char *path, hz_lists *lists, options *opt)
{
    hz_arena *arena = hz_arena_new();
    hz_diags diags;
    hz_load load = {lists, hz_limits_default(), opt->profiles};
    if (!arena)
        return HZ_E_NOMEM;
    hz_diags_init(&diags, arena, 100);
    hz_status st = hz_profile_load(&opt->mapped, path, &load, &diags, NULL);
    hz_diags_clear(&diags);
    hz_arena_free(arena);
    return st;
}

static void print_keys(void)
{
    for (size_t i = 0; i < HZ_KEY_COUNT; i++) {
        const hz_schema_key *key = &hz_schema_keys[i];
        printf("%s\t%s\t%s\t%s\t%d\t%s\t%s\n", hz_place_name(key->place), key->name, hz_shape_name(key->shape),
               key->inner ? hz_place_name(key->inner) : "", key->required, key->words, key->says);
    }
}

int main(int argc, char **argv)
{
    options opt = {.lang = HZ_LANG_EN};
    hz_lists *lists = NULL;
    int worst = 0;
    if (hz_lists_open(&lists, NULL, hz_limits_default(), NULL) != HZ_OK)
        return 5;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--keys"))
            print_keys();
        else if (!strcmp(argv[i], "--ids"))
            opt.ids = true;
        else if (!strcmp(argv[i], "--model"))
            opt.model = true;
        else if (!strcmp(argv[i], "--each"))
            opt.each = true;
        else if ((!strcmp(argv[i], "--mapping") || !strcmp(argv[i], "--manifest")) && i + 1 < argc) {
            opt.manifests = !strcmp(argv[i], "--manifest");
            if (load_mapped(argv[++i], lists, &opt) != HZ_OK)
                return 5;
        } else if (!strcmp(argv[i], "--profiles") && i + 1 < argc)
            opt.profiles = argv[++i];
        else if (!strcmp(argv[i], "--lang") && i + 1 < argc)
            opt.lang = strcmp(argv[++i], "zh") ? HZ_LANG_EN : HZ_LANG_ZH;
        else {
            int one = load_one(argv[i], lists, &opt);
            worst = one > worst ? one : worst;
            if (opt.each)
                printf("%s %d\n", argv[i], one);
        }
        fflush(stdout);
    }
    hz_profile_free(opt.mapped);
    hz_lists_close(lists);
    return worst;
}
