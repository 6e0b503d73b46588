/* overlay_merge.c: the trees of a chain laid over each other.
 *
 * A mapping whose keys are names of the profile's things, or keys of one thing, is merged key by key; everything else
 * (texts, lists, `similar`, `tests`, codes in place) is replaced whole. keys.def says which is which. Nodes are shared,
 * so that each keeps its place in its own file. A pair that both have stands where the older stood, under the newer
 * key. Nothing can be taken away; but where the newer says what excludes an older key (`codes` for `type`), the older
 * gives way, and whether that tightens is judged later. */
#include "base/alloc.h"
#include "profiles/load_int.h"

typedef struct merger {
    hz_arena *arena;
    hz_error *err;
} merger;

/* In the place, when the newer mapping has `newer`, `older` gives way. */
static const struct {
    hz_place place;
    const char *newer, *older;
} exclusions[] = {
    {HZ_PLACE_FIELD, "type", "codes"},
    {HZ_PLACE_FIELD, "codes", "type"},
    {HZ_PLACE_FIELD, "required", "required_when"},
    {HZ_PLACE_FIELD, "required_when", "required"},
    {HZ_PLACE_FIELD, "length", "min_length"},
    {HZ_PLACE_FIELD, "length", "max_length"},
    {HZ_PLACE_FIELD, "min_length", "length"},
    {HZ_PLACE_FIELD, "max_length", "length"},
    {HZ_PLACE_LIST, "file", "codes"},
    {HZ_PLACE_LIST, "codes", "file"},
    {HZ_PLACE_RELATION, "one", "many"},
    {HZ_PLACE_RELATION, "many", "one"},
    {HZ_PLACE_RULE, "assert", "unique"},
    {HZ_PLACE_RULE, "assert", "normalize"},
    {HZ_PLACE_RULE, "assert", "at_most"},
    {HZ_PLACE_RULE, "assert", "without_overlaps"},
    {HZ_PLACE_RULE, "assert", "references"},
    {HZ_PLACE_RULE, "assert", "fields"},
    {HZ_PLACE_RULE, "assert", "similar"},
    {HZ_PLACE_RULE, "unique", "assert"},
    {HZ_PLACE_RULE, "unique", "each"},
    {HZ_PLACE_RULE, "unique", "blame"},
    {HZ_PLACE_RULE, "unique", "references"},
    {HZ_PLACE_RULE, "unique", "fields"},
    {HZ_PLACE_RULE, "unique", "similar"},
    {HZ_PLACE_RULE, "references", "assert"},
    {HZ_PLACE_RULE, "references", "each"},
    {HZ_PLACE_RULE, "references", "blame"},
    {HZ_PLACE_RULE, "references", "unique"},
    {HZ_PLACE_RULE, "references", "normalize"},
    {HZ_PLACE_RULE, "references", "at_most"},
    {HZ_PLACE_RULE, "references", "without_overlaps"},
    {HZ_PLACE_RULE, "references", "similar"},
    {HZ_PLACE_RULE, "similar", "assert"},
    {HZ_PLACE_RULE, "similar", "each"},
    {HZ_PLACE_RULE, "similar", "blame"},
    {HZ_PLACE_RULE, "similar", "unique"},
    {HZ_PLACE_RULE, "similar", "normalize"},
    {HZ_PLACE_RULE, "similar", "at_most"},
    {HZ_PLACE_RULE, "similar", "without_overlaps"},
    {HZ_PLACE_RULE, "similar", "references"},
    {HZ_PLACE_RULE, "similar", "fields"},
};

static bool gives_way(hz_place place, const hz_yaml *newer, hz_slice key)
{
    for (size_t i = 0; i < sizeof exclusions / sizeof *exclusions; i++)
        if (exclusions[i].place == place && hz_slice_is(key, exclusions[i].older) &&
            hz_yaml_get(newer, exclusions[i].newer))
            return true;
    return false;
}

/* What a profile says of itself is not inherited. */
static bool is_inherited(hz_place place, hz_slice key)
{
    static const char *const keys[] = {"params",  "lists",          "tables",           "rules", "measures", "grading",
                                       "waivers", "certify_within", "acknowledge_same", "as_of", "unit"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (hz_slice_is(key, keys[i]))
            return true;
    return place != HZ_PLACE_PROFILE;
}

static const hz_schema_key *find_key(hz_place place, hz_slice name)
{
    for (size_t i = 0; i < hz_place_count(place); i++)
        if (hz_slice_is(name, hz_schema_keys[(size_t)hz_place_first(place) + i].name))
            return &hz_schema_keys[(size_t)hz_place_first(place) + i];
    return NULL;
}

static bool is_whole(const hz_schema_key *key)
{
    bool merged = key && (key->shape == HZ_SHAPE_MAPS || key->shape == HZ_SHAPE_MAP);
    return !merged || key->inner == HZ_PLACE_TESTS || key->inner == HZ_PLACE_SIMILAR || key->inner == HZ_PLACE_OVERLAPS;
}

static bool is_withdrawn(const hz_yaml *node)
{
    const hz_yaml *status = hz_yaml_get(node, "status");
    return status && status->kind == HZ_YAML_SCALAR && hz_slice_is(status->text, "withdrawn");
}

static hz_status merge(const hz_yaml **out, merger *m, const hz_yaml *older, const hz_yaml *newer, hz_place place,
                       bool names);

/* The value of a key that both have. names: the keys are names, each of a thing of the place. */
static hz_status merge_value(const hz_yaml **out, merger *m, const hz_yaml_pair *older, const hz_yaml *newer,
                             hz_place place, bool names)
{
    if (names) {
        *out = newer;
        if ((place == HZ_PLACE_RULE || place == HZ_PLACE_MEASURE) && is_withdrawn(newer))
            return HZ_OK;
        return merge(out, m, older->value, newer, place, false);
    }
    const hz_schema_key *key = find_key(place, older->key->text);
    *out = newer;
    return is_whole(key) ? HZ_OK : merge(out, m, older->value, newer, key->inner, key->shape == HZ_SHAPE_MAPS);
}

static hz_status merge_pairs(merger *m, hz_yaml *whole, hz_yaml_pair *pairs, const hz_yaml *older, const hz_yaml *newer,
                             hz_place place, bool names)
{
    hz_names known = {0};
    hz_status st = HZ_OK;
    uint32_t old;
    for (uint32_t i = 0; i < newer->count; i++)
        HZ_GO(hz_names_add(&known, newer->pairs[i].key->text, i, &old, m->err));
    for (uint32_t i = 0; i < older->count; i++) {
        const hz_yaml_pair *pair = &older->pairs[i];
        uint32_t at = hz_names_find(&known, pair->key->text);
        if (!names && (!is_inherited(place, pair->key->text) || gives_way(place, newer, pair->key->text)) &&
            at == HZ_HTAB_NONE)
            continue;
        pairs[whole->count] = at == HZ_HTAB_NONE ? *pair : newer->pairs[at];
        if (at != HZ_HTAB_NONE)
            HZ_GO(merge_value(&pairs[whole->count].value, m, pair, newer->pairs[at].value, place, names));
        whole->count++;
    }
    hz_names_clear(&known);
    for (uint32_t i = 0; i < older->count; i++)
        HZ_GO(hz_names_add(&known, older->pairs[i].key->text, i, &old, m->err));
    for (uint32_t i = 0; i < newer->count; i++)
        if (hz_names_find(&known, newer->pairs[i].key->text) == HZ_HTAB_NONE)
            pairs[whole->count++] = newer->pairs[i];
out:
    hz_names_clear(&known);
    return st;
}

static hz_status merge(const hz_yaml **out, merger *m, const hz_yaml *older, const hz_yaml *newer, hz_place place,
                       bool names)
{
    *out = newer;
    if (older->kind != HZ_YAML_MAP || newer->kind != HZ_YAML_MAP)
        return HZ_OK;
    hz_yaml *whole = HZ_ARENA_NEW(m->arena, hz_yaml);
    hz_yaml_pair *pairs = HZ_ARENA_ARRAY(m->arena, hz_yaml_pair, (size_t)older->count + newer->count);
    if (!whole || !pairs)
        return hz_nomem(m->err, ((size_t)older->count + newer->count) * sizeof *pairs);
    *whole = *newer;
    whole->count = 0;
    whole->pairs = pairs;
    whole->height = older->height > newer->height ? older->height : newer->height;
    whole->nodes = older->nodes + newer->nodes;
    *out = whole;
    return merge_pairs(m, whole, pairs, older, newer, place, names);
}

hz_status hz_overlay_merge(hz_member *member, hz_error *err)
{
    merger m = {member->profile->arena, err};
    member->whole = member->chain[0]->root;
    for (size_t i = 1; i < member->chain_count; i++)
        HZ_TRY(merge(&member->whole, &m, member->whole, member->chain[i]->root, HZ_PLACE_PROFILE, false));
    return HZ_OK;
}
