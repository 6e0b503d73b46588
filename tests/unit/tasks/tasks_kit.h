/* tasks_kit.h: a profile from text for the tests of tasks. Header only. */
#ifndef HZ_TESTS_UNIT_TASKS_KIT_H
#define HZ_TESTS_UNIT_TASKS_KIT_H
#include "base/alloc.h"
#include "base/buf.h"
#include "profiles/load.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct kit {
    hz_lists *lists;
    hz_arena *arena;
    hz_diags diags;
    hz_profile *profile;
} kit;

static inline void kit_open(kit *k, const char *tables_and_rules)
{
    hz_load load;
    hz_buf text = HZ_BUF_INIT;
    hz_error err;
    hz_error_clear(&err);
    memset(k, 0, sizeof *k);
    ck_assert_int_eq(hz_lists_open(&k->lists, NULL, hz_limits_default(), NULL), HZ_OK);
    k->arena = hz_arena_new();
    hz_diags_init(&k->diags, k->arena, 100);
    load = (hz_load){.lists = k->lists, .limits = hz_limits_default()};
    hz_buf_puts(&text, "hezhun: 1\nprofile: test.tasks\nversion: 1.0.0\n");
    hz_buf_puts(&text, tables_and_rules);
    hz_status st = hz_profile_load_bytes(&k->profile, hz_buf_slice(&text), HZ_SLICE_LIT("t.yaml"), HZ_SLICE_NONE, &load,
                                         &k->diags, &err);
    for (size_t i = 0; st != HZ_OK && i < k->diags.count; i++) {
        hz_buf shown = HZ_BUF_INIT;
        hz_diag_render(&shown, &k->diags.items[i], HZ_LANG_EN);
        fprintf(stderr, "%s", shown.ptr);
        hz_buf_clear(&shown);
    }
    hz_buf_clear(&text);
    ck_assert_int_eq(st, HZ_OK);
}

static inline void kit_close(kit *k)
{
    hz_diags_clear(&k->diags);
    hz_profile_free(k->profile);
    hz_arena_free(k->arena);
    hz_lists_close(k->lists);
    memset(k, 0, sizeof *k);
}
#endif
