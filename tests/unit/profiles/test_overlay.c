/* Profiles that extend others: the corpus of overlays (good ones load, wrong ones give exactly the pinned text in both
 * languages), what a chain becomes, where parents are looked for. HZ_UPDATE=1 rewrites the pins: read the difference
 * before it is kept. */
#include <sys/stat.h>
#include <unistd.h>

#include "base/sha256.h"
#include "tests/unit/profiles/kit.h"

#define CORPUS HZ_TEST_DATA "/profiles/overlay"

enum { FILES_MAX = 200, NAME_MAX_BYTES = 200 };

typedef struct corpus {
    char names[FILES_MAX][NAME_MAX_BYTES];
    int count;
} corpus;

static corpus good_files, bad_files;

static int by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void find(corpus *files, const char *from)
{
    DIR *dir = opendir(from);
    if (!dir)
        return;
    for (struct dirent *entry; (entry = readdir(dir));) {
        size_t len = strlen(entry->d_name);
        if (len < 6 || len >= NAME_MAX_BYTES || strcmp(entry->d_name + len - 5, ".yaml") || files->count == FILES_MAX)
            continue;
        memcpy(files->names[files->count], entry->d_name, len - 5);
        files->names[files->count++][len - 5] = '\0';
    }
    closedir(dir);
    qsort(files->names, (size_t)files->count, NAME_MAX_BYTES, by_name);
}

static void load_named(kit *k, const char *from, const char *name)
{
    char path[1024], shown[NAME_MAX_BYTES + 8];
    hz_buf bytes = HZ_BUF_INIT;
    snprintf(path, sizeof path, "%s/%s.yaml", from, name);
    snprintf(shown, sizeof shown, "%s.yaml", name);
    kit_open(k);
    kit_load(k, read_file(&bytes, path), shown, from);
    hz_buf_clear(&bytes); /* what was loaded must not look at it */
}

static void render(hz_buf *out, const kit *k, hz_lang lang)
{
    for (size_t i = 0; i < k->diags.count; i++)
        hz_diag_render(out, &k->diags.items[i], lang);
}

static const hz_profile *good_one(kit *k, const char *name)
{
    hz_buf text = HZ_BUF_INIT;
    load_named(k, CORPUS "/good", name);
    render(&text, k, HZ_LANG_EN);
    ck_assert_msg(k->status == HZ_OK && !k->diags.count, "%s:\n%s", name, text.ptr ? text.ptr : "");
    hz_buf_clear(&text);
    return k->profile;
}

/* ---- the corpus ---- */

START_TEST(test_overlay__good_ones_load)
{
    kit k;
    const hz_profile *profile = good_one(&k, good_files.names[_i]);
    uint32_t all = (1U << profile->chain_count) - 1;
    ck_assert_uint_gt(profile->chain_count, 1);
    ck_assert_ptr_eq(profile->chain[profile->chain_count - 1], profile);
    for (size_t i = 0; i < profile->rules_count + profile->rules_older_count; i++) {
        const hz_rule *rule = &profile->rules[i];
        bool own = i < profile->rules_count;
        ck_assert_uint_eq(rule->index, i);
        ck_assert_uint_ne(rule->verdicts & all, 0);
        ck_assert_uint_eq(rule->verdicts & ~all, 0);
        ck_assert_int_eq(rule->verdicts >> (profile->chain_count - 1) & 1, own);
        if (rule->field)
            ck_assert_ptr_eq(rule->field->table, rule->table);
        if (rule->table)
            ck_assert_ptr_eq(&profile->tables[rule->table->index], rule->table);
    }
    /* each rule of each profile of the chain counts for it, once */
    for (size_t level = 0; level < profile->chain_count; level++) {
        const hz_profile *alone = profile->chain[level];
        for (size_t i = 0; i < alone->rules_count; i++) {
            int found = 0;
            for (size_t n = 0; n < profile->rules_count + profile->rules_older_count; n++)
                found +=
                    (profile->rules[n].verdicts >> level & 1) && hz_slice_eq(profile->rules[n].id, alone->rules[i].id);
            ck_assert_msg(found == 1, "%.*s counts %d times at level %zu", HZ_SLICE_FMT(alone->rules[i].id), found,
                          level);
        }
    }
    kit_close(&k);
}
END_TEST

static void compare(const kit *k, const char *name, hz_lang lang)
{
    char path[1024];
    hz_buf pinned = HZ_BUF_INIT, text = HZ_BUF_INIT;
    snprintf(path, sizeof path, "%s/bad/%s.%s.txt", CORPUS, name, lang == HZ_LANG_ZH ? "zh" : "en");
    render(&text, k, lang);
    if (getenv("HZ_UPDATE")) {
        FILE *out = fopen(path, "wb");
        ck_assert_ptr_nonnull(out);
        ck_assert_uint_eq(fwrite(text.ptr, 1, text.len, out), text.len);
        ck_assert_int_eq(fclose(out), 0);
    }
    ck_assert_msg(hz_slice_eq(read_file(&pinned, path), hz_buf_slice(&text)), "%s: pinned\n%s\nnow\n%s", name,
                  pinned.ptr, text.ptr);
    hz_buf_clear(&pinned);
    hz_buf_clear(&text);
}

START_TEST(test_overlay__wrong_ones_say_what_is_pinned)
{
    kit k;
    load_named(&k, CORPUS "/bad", bad_files.names[_i]);
    ck_assert_int_eq(k.status, HZ_E_PROFILE);
    ck_assert_ptr_null(k.profile);
    ck_assert_uint_gt(k.diags.errors_count, 0);
    compare(&k, bad_files.names[_i], HZ_LANG_ZH);
    compare(&k, bad_files.names[_i], HZ_LANG_EN);
    kit_close(&k);
}
END_TEST

START_TEST(test_overlay__corpus_is_whole)
{
    ck_assert_int_ge(good_files.count, 5);
    ck_assert_int_ge(bad_files.count, 50);
}
END_TEST

/* Each allocation fails once: an error that says so, nothing leaked, nothing half made. */
static void fail_each(const char *from, const char *name, hz_status otherwise)
{
    char path[1024];
    hz_buf bytes = HZ_BUF_INIT;
    snprintf(path, sizeof path, "%s/%s.yaml", from, name);
    hz_slice text = read_file(&bytes, path);
    kit k;
    kit_open(&k);
    kit_load(&k, text, "t.yaml", from); /* lists that the store parses at first use are parsed now */
    kit_close(&k);
    for (uint64_t n = 1;; n++) {
        kit_open(&k);
        uint64_t live = hz_mem_stats_now().live_calls;
        hz_mem_fail_after(n, true);
        kit_load(&k, text, "t.yaml", from);
        hz_mem_fail_after(0, false);
        bool done = k.status == otherwise;
        if (!done)
            ck_assert_msg(k.status == HZ_E_NOMEM && k.err.status == HZ_E_NOMEM && !k.profile,
                          "%s: allocation %llu gives %d", name, (unsigned long long)n, (int)k.status);
        hz_profile_free(k.profile);
        k.profile = NULL;
        hz_diags_clear(&k.diags);
        if (!done)
            ck_assert_uint_le(hz_mem_stats_now().live_calls, live + 64); /* blocks of the diags' own arena stay */
        hz_arena_free(k.arena);
        if (done)
            break;
    }
    hz_buf_clear(&bytes);
}

START_TEST(test_overlay__each_allocation_can_fail)
{
    static const struct {
        const char *folder, *name;
        hz_status otherwise;
    } rows[] = {
        {CORPUS "/good", "tighten", HZ_OK},          {CORPUS "/good", "diamond", HZ_OK},
        {CORPUS "/bad", "cycle", HZ_E_PROFILE},      {CORPUS "/bad", "range_wider", HZ_E_PROFILE},
        {CORPUS "/bad", "list_wider", HZ_E_PROFILE},
    };
    fail_each(rows[_i].folder, rows[_i].name, rows[_i].otherwise);
}
END_TEST

/* ---- what a chain becomes ---- */

static const hz_rule *older_of(const hz_profile *profile, const char *id, uint32_t level)
{
    for (size_t i = profile->rules_count; i < profile->rules_count + profile->rules_older_count; i++)
        if (hz_slice_is(profile->rules[i].id, id) && (profile->rules[i].verdicts >> level & 1))
            return &profile->rules[i];
    return NULL;
}

static const hz_rule *own_of(const hz_profile *profile, const char *id)
{
    const hz_rule *rule = hz_profile_rule(profile, hz_slice_of(id));
    ck_assert_msg(rule != NULL, "%s", id);
    return rule;
}

START_TEST(test_overlay__a_tightened_rule_is_there_twice)
{
    kit k;
    const hz_profile *profile = good_one(&k, "tighten");
    const hz_rule *own = own_of(profile, "R-1"), *older = older_of(profile, "R-1", 0);
    ck_assert_int_eq(own->severity, HZ_SEVERITY_ERROR);
    ck_assert_uint_eq(own->verdicts, 2);
    ck_assert_uint_eq(own->level, 1);
    ck_assert_int_eq(own->tolerance.count, 5);
    ck_assert(own->tolerance.has_rate); /* inherited beside the new count */
    ck_assert_ptr_nonnull(older);
    ck_assert_int_eq(older->severity, HZ_SEVERITY_WARNING);
    ck_assert_uint_eq(older->verdicts, 1);
    ck_assert_int_eq(older->tolerance.count, 10);
    assert_slice(older->assert_.text, "income >= line");
    ck_assert_ptr_eq(older->table, own->table);
    const hz_rule *same = own_of(profile, "R-3");
    ck_assert_uint_eq(same->verdicts, 3);
    ck_assert_uint_eq(same->level, 0);
    ck_assert_ptr_null(older_of(profile, "R-3", 0));
    ck_assert_uint_eq(own_of(profile, "N-1")->verdicts, 2);
    kit_close(&k);
}
END_TEST

START_TEST(test_overlay__a_withdrawn_open_rule_counts_for_the_older_profile)
{
    kit k;
    const hz_profile *profile = good_one(&k, "tighten");
    ck_assert_ptr_null(hz_profile_rule(profile, HZ_SLICE_LIT("R-8")));
    ck_assert_ptr_nonnull(older_of(profile, "R-8", 0));
    kit_close(&k);
}
END_TEST

START_TEST(test_overlay__older_constraints_have_a_field_of_their_own)
{
    kit k;
    const hz_profile *profile = good_one(&k, "tighten");
    const hz_rule *own = own_of(profile, "person.age.range"), *older = older_of(profile, "person.age.range", 0);
    ck_assert_ptr_nonnull(older);
    ck_assert_ptr_ne(older->field, own->field);
    ck_assert_ptr_eq(own->field, &own->table->fields[own->field->index]);
    ck_assert_uint_eq(older->field->index, own->field->index);
    assert_slice(older->field->max.text, "120");
    assert_slice(own->field->max.text, "99.0");
    assert_slice(own->field->min.text, "0"); /* inherited */
    const hz_rule *codes = older_of(profile, "person.cause.codes", 0);
    ck_assert_uint_eq(hz_codelist_count(codes->field->codes), 3);
    ck_assert_uint_eq(hz_codelist_count(own_of(profile, "person.cause.codes")->field->codes), 2);
    const hz_rule *columns = older_of(profile, "person.columns", 0);
    ck_assert_int_eq(columns->unknown_columns, HZ_UNKNOWN_WARNING);
    ck_assert_ptr_null(hz_table_field(columns->declared, HZ_SLICE_LIT("more")));
    ck_assert_int_eq(own_of(profile, "person.columns")->unknown_columns, HZ_UNKNOWN_ERROR);
    ck_assert(older_of(profile, "house.present", 0)->may_be_absent);
    ck_assert(!own_of(profile, "house.present")->may_be_absent);
    ck_assert_int_eq(older_of(profile, "house.present", 0)->if_skipped, HZ_SKIP_WARN);
    kit_close(&k);
}
END_TEST

START_TEST(test_overlay__cells_are_read_by_the_form_that_takes_most)
{
    kit k;
    const hz_profile *profile = good_one(&k, "tighten");
    const hz_table *person = hz_profile_table(profile, HZ_SLICE_LIT("person"));
    const hz_field *sex = hz_table_field(person, HZ_SLICE_LIT("sex")),
                   *free_ = hz_table_field(person, HZ_SLICE_LIT("free"));
    ck_assert_ptr_nonnull(sex->read_as);
    ck_assert_uint_eq(hz_codelist_count(sex->read_as->codes), 2);
    ck_assert_uint_eq(hz_codelist_count(sex->codes), 1);
    ck_assert_ptr_null(free_->read_as); /* the open list has more codes here */
    ck_assert_uint_eq(hz_codelist_count(free_->codes), 3);
    const hz_field *born = hz_table_field(person, HZ_SLICE_LIT("born"));
    ck_assert_uint_eq(born->read_as->formats_count, 2);
    ck_assert_ptr_null(hz_table_field(person, HZ_SLICE_LIT("age"))->read_as);
    kit_close(&k);
}
END_TEST

START_TEST(test_overlay__parameters_have_older_forms)
{
    kit k;
    const hz_profile *profile = good_one(&k, "tighten");
    int own = hz_profile_param(profile, HZ_SLICE_LIT("local"));
    ck_assert_int_ge(own, 0);
    ck_assert_int_eq(profile->params[own].value.as.i64, 5);
    ck_assert_uint_eq(profile->params[own].verdicts, 2);
    ck_assert_uint_eq(profile->params_older_count, 1);
    const hz_param *older = &profile->params[profile->params_count];
    assert_slice(older->name, "local");
    ck_assert_int_eq(older->value.as.i64, 3);
    ck_assert_uint_eq(older->verdicts, 1);
    ck_assert_uint_eq(profile->params[hz_profile_param(profile, HZ_SLICE_LIT("line"))].verdicts, 3);
    kit_close(&k);
}
END_TEST

START_TEST(test_overlay__older_rules_read_older_parameters_and_lists)
{
    kit k;
    const hz_profile *profile = good_one(&k, "open_names");
    uint32_t own = own_of(profile, "A")->assert_.root->items[1]->index,
             older = older_of(profile, "A", 0)->assert_.root->items[1]->index;
    ck_assert_uint_lt(own, profile->params_count);
    ck_assert_uint_ge(older, profile->params_count);
    ck_assert_int_eq(profile->params[own].value.as.i64, 7);
    ck_assert_int_eq(profile->params[older].value.as.i64, 5);
    ck_assert_uint_ge(older_of(profile, "t.n.range", 0)->field->max.root->index, profile->params_count);
    ck_assert_uint_eq(hz_codelist_count(own_of(profile, "B")->assert_.root->list), 3);
    ck_assert_uint_eq(hz_codelist_count(older_of(profile, "B", 0)->assert_.root->list), 2);
    ck_assert_uint_eq(own_of(profile, "C")->verdicts, 3);
    ck_assert_uint_eq(profile->level, 1);
    kit_close(&k);
}
END_TEST

START_TEST(test_overlay__measures_and_grading_are_those_of_each_profile)
{
    kit k;
    const hz_profile *profile = good_one(&k, "tighten");
    ck_assert_uint_eq(profile->measures_count, 2);
    ck_assert_uint_eq(profile->measures_older_count, 1);
    ck_assert_uint_eq(profile->measures[2].verdicts, 1);
    ck_assert_int_eq(hz_decimal_cmp(profile->grading.grades[0].min_score, hz_decimal_of(95)), 0);
    ck_assert_int_eq(hz_decimal_cmp(profile->chain[0]->grading.grades[0].min_score, hz_decimal_of(90)), 0);
    assert_slice(profile->chain[0]->id, "cn.base");
    assert_slice(profile->chain[0]->version, "1.2.0");
    assert_slice(profile->title.en, "A province");
    kit_close(&k);
}
END_TEST

START_TEST(test_overlay__a_diamond_is_loaded_once)
{
    kit k;
    const hz_profile *profile = good_one(&k, "diamond");
    static const char *const ids[] = {"cn.base", "cn.mid", "cn.side", "cn.city"};
    ck_assert_uint_eq(profile->chain_count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_slice(profile->chain[i]->id, ids[i]);
    ck_assert_ptr_eq(profile->chain[1]->chain[0], profile->chain[0]);
    ck_assert_ptr_eq(profile->chain[2]->chain[0], profile->chain[0]);
    ck_assert_uint_eq(own_of(profile, "R-2")->verdicts, 0xa); /* mid and city */
    ck_assert_uint_eq(older_of(profile, "R-2", 0)->verdicts, 0x5);
    ck_assert_uint_eq(older_of(profile, "person.age.range", 1)->verdicts, 0x2);
    ck_assert_uint_eq(older_of(profile, "person.age.range", 0)->verdicts, 0x5);
    kit_close(&k);
}
END_TEST

START_TEST(test_overlay__every_element_keeps_its_place)
{
    kit k;
    const hz_profile *profile = good_one(&k, "tighten");
    const hz_rule *inherited = own_of(profile, "R-3"), *own = own_of(profile, "R-1");
    assert_slice(inherited->span.text->path, "parents/base.yaml");
    assert_slice(own->span.text->path, "tighten.yaml");
    ck_assert_uint_eq(hz_profile_level_of(profile, inherited->span), 0);
    ck_assert_uint_eq(hz_profile_level_of(profile, own->span), 1);
    assert_slice(hz_srcmap_span(&own->when.map, 0, 1).text->path, "parents/base.yaml");
    assert_slice(hz_srcmap_span(&own->assert_.map, 0, 1).text->path, "tighten.yaml");
    kit_close(&k);
}
END_TEST

START_TEST(test_overlay__patterns_stand_beside_each_other)
{
    kit k;
    const hz_profile *profile = good_one(&k, "tighten");
    const hz_field *phone = own_of(profile, "person.phone.pattern")->field;
    ck_assert_uint_eq(phone->patterns_count, 2);
    assert_slice(phone->pattern_text, "(?=(?:1[0-9]{10})\\z)(?:.[3-9].*)");
    ck_assert_ptr_nonnull(phone->pattern);
    kit_close(&k);
}
END_TEST

/* ---- files ---- */

static char folder[64];

static void put_file(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    for (char *at = path + strlen(folder) + 1; (at = strchr(at, '/')); at++) {
        *at = '\0';
        mkdir(path, 0700);
        *at = '/';
    }
    FILE *out = fopen(path, "wb");
    ck_assert_ptr_nonnull(out);
    fputs(text, out);
    ck_assert_int_eq(fclose(out), 0);
}

static void make_folder(void)
{
    snprintf(folder, sizeof folder, "/tmp/hz_overlay_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_all(const char *path)
{
    DIR *dir = opendir(path);
    for (struct dirent *entry; dir && (entry = readdir(dir));) {
        char inner[512];
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (unlink(inner))
            remove_all(inner);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}

static void remove_folder(void)
{
    remove_all(folder);
}

#define BASE(version)  "hezhun: 1\nprofile: x.base\nversion: " version "\ntables: {t: {fields: {a: {}}}}\n"
#define CHILD(extends) "hezhun: 1\nprofile: x.child\nversion: 1.0.0\nextends: " extends "\n"

/* The status, and the id of the first mistake ("" when good). */
static const char *load_in(kit *k, const char *text, const char *profiles)
{
    char from[128];
    snprintf(from, sizeof from, "%s/own", folder);
    kit_open(k);
    hz_load load = {lists(), &k->limits, profiles};
    k->status = hz_profile_load_bytes(&k->profile, hz_slice_of(text), HZ_SLICE_LIT("own/c.yaml"), hz_slice_of(from),
                                      &load, &k->diags, &k->err);
    return k->diags.count ? hz_msg_name(k->diags.items[0].message) : "";
}

static const struct find_case {
    const char *file, *text, *extends, *message;
} find_cases[] = {
    {"lib/x/base/profile.yaml", BASE("2.3.4"), "[x.base@2]", ""},
    {"lib/x.base.yaml", BASE("2.3.4"), "[x.base@2]", ""},
    {"lib/x.base.yaml", BASE("2.3.4"), "[x.base@3]", "PROFILE_EXTENDS_VERSION"},
    {"lib/x.base.yaml", BASE("22.3.4"), "[x.base@2]", "PROFILE_EXTENDS_VERSION"},
    {"lib/x.other.yaml", BASE("2.3.4"), "[x.other@2]", "PROFILE_EXTENDS_ABSENT"}, /* of another id */
    {"own/x.base.yaml", BASE("2.3.4"), "[x.base@2]", "PROFILE_EXTENDS_ABSENT"},   /* not beside */
    {"own/deep/b.yaml", BASE("2.3.4"), "[deep/b.yaml]", ""},
    {"b.yaml", BASE("2.3.4"), "[../b.yaml]", "PROFILE_FILE_PATH"},
    {"own/b.yaml", BASE("2.3.4"), "[./b.yaml]", "PROFILE_FILE_PATH"},
    {"own/b.yml", BASE("2.3.4"), "b.yml", ""},
};
enum { FIND_CASES = sizeof find_cases / sizeof *find_cases };

START_TEST(test_overlay__where_parents_are_found)
{
    kit k;
    char lib[128];
    const struct find_case *row = &find_cases[_i];
    char text[256];
    put_file("own/c.yaml", "");
    put_file(row->file, row->text);
    snprintf(lib, sizeof lib, "%s/lib", folder);
    snprintf(text, sizeof text, "hezhun: 1\nprofile: x.child\nversion: 1.0.0\nextends: %s\n", row->extends);
    ck_assert_str_eq(load_in(&k, text, lib), row->message);
    ck_assert_int_eq(k.status, *row->message ? HZ_E_PROFILE : HZ_OK);
    if (k.profile)
        assert_slice(k.profile->chain[0]->id, "x.base");
    kit_close(&k);
}
END_TEST

START_TEST(test_overlay__the_callers_folder_goes_before_what_ships)
{
    kit k;
    char lib[128];
    put_file("own/c.yaml", "");
    put_file("lib/cn/division-codes/profile.yaml",
             "hezhun: 1\nprofile: cn.division-codes\nversion: 1.9.0\ntables: {t: {fields: {a: {}}}}\n");
    snprintf(lib, sizeof lib, "%s/lib", folder);
    ck_assert_str_eq(load_in(&k, CHILD("[cn.division-codes@1]"), lib), "");
    assert_slice(k.profile->chain[0]->version, "1.9.0");
    kit_close(&k);
    ck_assert_str_eq(load_in(&k, CHILD("[cn.division-codes@1]"), NULL), "");
    assert_slice(k.profile->chain[0]->version, "1.0.0");
    assert_slice(k.profile->chain[0]->path, "hezhun:cn/division-codes/profile.yaml");
    kit_close(&k);
}
END_TEST

START_TEST(test_overlay__links_are_not_followed)
{
    kit k;
    char to[256];
    put_file("own/c.yaml", "");
    put_file("out/b.yaml", BASE("1.0.0"));
    snprintf(to, sizeof to, "%s/own/b.yaml", folder);
    ck_assert_int_eq(symlink("../out/b.yaml", to), 0);
    ck_assert_str_eq(load_in(&k, CHILD("[b.yaml]"), NULL), "PROFILE_FILE_LINK");
    kit_close(&k);
    snprintf(to, sizeof to, "%s/own/out", folder);
    ck_assert_int_eq(symlink("../out", to), 0);
    ck_assert_str_eq(load_in(&k, CHILD("[out/b.yaml]"), NULL), "PROFILE_FILE_LINK");
    kit_close(&k);
}
END_TEST

START_TEST(test_overlay__what_is_no_file_is_refused)
{
    kit k;
    char to[256];
    put_file("own/c.yaml", "");
    snprintf(to, sizeof to, "%s/own/b.yaml", folder);
    ck_assert_int_eq(mkfifo(to, 0600), 0);
    ck_assert_str_eq(load_in(&k, CHILD("[b.yaml]"), NULL), "FILE_NOT_REGULAR");
    kit_close(&k);
}
END_TEST

/* Files beside a parent lie in its folder, not in the child's. */
START_TEST(test_overlay__files_of_a_parent_lie_beside_it)
{
    kit k;
    put_file("own/c.yaml", "");
    put_file("own/deep/b.yaml", "hezhun: 1\nprofile: x.base\nversion: 1.0.0\n"
                                "tables: {t: {included: d/t.csv, fields: {a: {}}}}\n");
    put_file("own/deep/d/t.csv", "a\n1\n");
    ck_assert_str_eq(load_in(&k, CHILD("[deep/b.yaml]"), NULL), "");
    assert_slice(hz_profile_table(k.profile, HZ_SLICE_LIT("t"))->included_bytes, "a\n1\n");
    kit_close(&k);
    put_file("own/t.csv", "a\n2\n");
    ck_assert_str_eq(load_in(&k, CHILD("[deep/b.yaml]") "tables: {t: {included: t.csv}}\n", NULL), "TIGHTEN_BREAKS");
    kit_close(&k);
}
END_TEST

START_TEST(test_overlay__the_digest_covers_all_that_is_read)
{
    kit k;
    uint8_t one[32], two[32], three[32], alone[32];
    put_file("own/c.yaml", "");
    put_file("own/b.yaml", "hezhun: 1\nprofile: x.base\nversion: 1.0.0\n"
                           "tables: {t: {included: t.csv, fields: {a: {}}}}\n");
    put_file("own/t.csv", "a\n1\n");
    ck_assert_str_eq(load_in(&k, CHILD("[b.yaml]"), NULL), "");
    memcpy(one, k.profile->sha256, 32);
    kit_close(&k);
    put_file("own/t.csv", "a\n2\n");
    ck_assert_str_eq(load_in(&k, CHILD("[b.yaml]"), NULL), "");
    memcpy(two, k.profile->sha256, 32);
    kit_close(&k);
    put_file("own/b.yaml", "hezhun: 1\nprofile: x.base\nversion: 1.0.1\n"
                           "tables: {t: {included: t.csv, fields: {a: {}}}}\n");
    ck_assert_str_eq(load_in(&k, CHILD("[b.yaml]"), NULL), "");
    memcpy(three, k.profile->sha256, 32);
    kit_close(&k);
    ck_assert_mem_ne(one, two, 32);
    ck_assert_mem_ne(two, three, 32);
    ck_assert_str_eq(load_in(&k, BASE("1.0.0"), NULL), "");
    ck_assert(hz_sha256_bytes(alone, HZ_SLICE_LIT(BASE("1.0.0"))));
    ck_assert_mem_eq(alone, k.profile->sha256, 32); /* what reads nothing else is its own bytes */
    kit_close(&k);
}
END_TEST

/* ---- limits ---- */

static hz_status chain_of(int count, uint64_t limit, const char **message)
{
    kit k;
    char name[32], text[256];
    for (int i = 0; i + 1 < count; i++) {
        snprintf(name, sizeof name, "own/p%d.yaml", i);
        snprintf(text, sizeof text, "hezhun: 1\nprofile: p0\nversion: 1.0.0\ntables: {t: {fields: {a: {}}}}\n");
        if (i)
            snprintf(text, sizeof text, "hezhun: 1\nprofile: p%d\nversion: 1.0.0\nextends: p%d.yaml\n", i, i - 1);
        put_file(name, text);
    }
    put_file("own/c.yaml", "");
    char from[128];
    snprintf(from, sizeof from, "%s/own", folder);
    snprintf(text, sizeof text, "hezhun: 1\nprofile: leaf\nversion: 1.0.0\nextends: p%d.yaml\n", count - 2);
    kit_open(&k);
    k.limits.value[HZ_LIMIT_EXTENDS_DEPTH] = limit;
    kit_load(&k, hz_slice_of(text), "leaf.yaml", from);
    *message = k.diags.count ? hz_msg_name(k.diags.items[0].message) : "";
    hz_status st = k.status;
    if (st == HZ_OK)
        ck_assert_uint_eq(k.profile->chain_count, (size_t)count);
    kit_close(&k);
    return st;
}

START_TEST(test_overlay__a_chain_has_a_limit)
{
    const char *message;
    ck_assert_int_eq(chain_of(8, 8, &message), HZ_OK);
    ck_assert_int_eq(chain_of(9, 8, &message), HZ_E_PROFILE);
    ck_assert_str_eq(message, "LIMIT");
    ck_assert_int_eq(chain_of(32, 32, &message), HZ_OK);
    ck_assert_int_eq(chain_of(2, 1, &message), HZ_E_PROFILE);
    ck_assert_str_eq(message, "LIMIT");
}
END_TEST

/* Parents side by side count too. */
START_TEST(test_overlay__a_wide_chain_has_the_limit_too)
{
    kit k;
    char from[128];
    put_file("own/a.yaml", "hezhun: 1\nprofile: a\nversion: 1.0.0\ntables: {a: {fields: {a: {}}}}\n");
    put_file("own/b.yaml", "hezhun: 1\nprofile: b\nversion: 1.0.0\ntables: {b: {fields: {a: {}}}}\n");
    snprintf(from, sizeof from, "%s/own", folder);
    for (uint64_t limit = 2; limit <= 3; limit++) {
        kit_open(&k);
        k.limits.value[HZ_LIMIT_EXTENDS_DEPTH] = limit;
        kit_load(&k, HZ_SLICE_LIT(CHILD("[a.yaml, b.yaml]")), "leaf.yaml", from);
        ck_assert_int_eq(k.status, limit == 3 ? HZ_OK : HZ_E_PROFILE);
        kit_close(&k);
    }
}
END_TEST

int main(void)
{
    find(&good_files, CORPUS "/good");
    find(&bad_files, CORPUS "/bad");
    Suite *suite = suite_create("profiles.overlay");
    TCase *tc = tcase_create("corpus");
    tcase_set_timeout(tc, 240);
    tcase_add_test(tc, test_overlay__corpus_is_whole);
    tcase_add_loop_test(tc, test_overlay__good_ones_load, 0, good_files.count);
    tcase_add_loop_test(tc, test_overlay__wrong_ones_say_what_is_pinned, 0, bad_files.count);
    tcase_add_loop_test(tc, test_overlay__each_allocation_can_fail, 0, 5);
    suite_add_tcase(suite, tc);
    tc = tcase_create("model");
    tcase_set_timeout(tc, 30);
    tcase_add_test(tc, test_overlay__a_tightened_rule_is_there_twice);
    tcase_add_test(tc, test_overlay__a_withdrawn_open_rule_counts_for_the_older_profile);
    tcase_add_test(tc, test_overlay__older_constraints_have_a_field_of_their_own);
    tcase_add_test(tc, test_overlay__cells_are_read_by_the_form_that_takes_most);
    tcase_add_test(tc, test_overlay__parameters_have_older_forms);
    tcase_add_test(tc, test_overlay__older_rules_read_older_parameters_and_lists);
    tcase_add_test(tc, test_overlay__measures_and_grading_are_those_of_each_profile);
    tcase_add_test(tc, test_overlay__a_diamond_is_loaded_once);
    tcase_add_test(tc, test_overlay__every_element_keeps_its_place);
    tcase_add_test(tc, test_overlay__patterns_stand_beside_each_other);
    suite_add_tcase(suite, tc);
    tc = tcase_create("files");
    tcase_set_timeout(tc, 60);
    tcase_add_checked_fixture(tc, make_folder, remove_folder);
    tcase_add_loop_test(tc, test_overlay__where_parents_are_found, 0, FIND_CASES);
    tcase_add_test(tc, test_overlay__the_callers_folder_goes_before_what_ships);
    tcase_add_test(tc, test_overlay__links_are_not_followed);
    tcase_add_test(tc, test_overlay__what_is_no_file_is_refused);
    tcase_add_test(tc, test_overlay__files_of_a_parent_lie_beside_it);
    tcase_add_test(tc, test_overlay__the_digest_covers_all_that_is_read);
    tcase_add_test(tc, test_overlay__a_chain_has_a_limit);
    tcase_add_test(tc, test_overlay__a_wide_chain_has_the_limit_too);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    hz_lists_close(kit_lists);
    return failed != 0;
}
