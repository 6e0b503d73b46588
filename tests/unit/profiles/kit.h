/* kit.h: what the tests of the loader share. One set of code lists, opened at first use. */
#ifndef HZ_TESTS_PROFILES_KIT_H
#define HZ_TESTS_PROFILES_KIT_H
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/file.h"
#include "profiles/load.h"
#include "profiles/schema.h"

typedef struct kit {
    hz_arena *arena;
    hz_diags diags;
    hz_error err;
    hz_limits limits;
    hz_profile *profile;
    hz_status status;
} kit;

static hz_lists *kit_lists;

static inline hz_lists *lists(void)
{
    if (!kit_lists)
        ck_assert_int_eq(hz_lists_open(&kit_lists, NULL, hz_limits_default(), NULL), HZ_OK);
    return kit_lists;
}

static inline void kit_open(kit *k)
{
    *k = (kit){0};
    k->arena = hz_arena_new();
    hz_limits_init(&k->limits);
    hz_diags_init(&k->diags, k->arena, k->limits.value[HZ_LIMIT_DIAGNOSTICS]);
}

static inline void kit_close(kit *k)
{
    hz_profile_free(k->profile);
    hz_diags_clear(&k->diags);
    hz_arena_free(k->arena);
}

static inline void kit_load(kit *k, hz_slice bytes, const char *path, const char *folder)
{
    hz_load load = {lists(), &k->limits, NULL};
    hz_diags_clear(&k->diags);
    hz_diags_init(&k->diags, k->arena, k->limits.value[HZ_LIMIT_DIAGNOSTICS]);
    k->status =
        hz_profile_load_bytes(&k->profile, bytes, hz_slice_of(path), hz_slice_of(folder), &load, &k->diags, &k->err);
}

#define HEAD "hezhun: 1\nprofile: t\nversion: 1.0.0\n"

/* Loads `body` behind the head; it must be good. */
static inline const hz_profile *good(kit *k, const char *body)
{
    hz_buf text = HZ_BUF_INIT;
    hz_buf_puts(&text, HEAD);
    hz_buf_puts(&text, body);
    kit_open(k);
    kit_load(k, hz_buf_slice(&text), "t.yaml", "");
    hz_buf_clear(&text);
    for (size_t i = 0; i < k->diags.count; i++) {
        hz_buf shown = HZ_BUF_INIT;
        hz_diag_render(&shown, &k->diags.items[i], HZ_LANG_EN);
        fprintf(stderr, "%s", shown.ptr);
        hz_buf_clear(&shown);
    }
    ck_assert_int_eq(k->status, HZ_OK);
    return k->profile;
}

/* Loads text as it is; it must be wrong, and only so; the message's id is given. */
static inline const char *only_mistake(kit *k, const char *text)
{
    kit_open(k);
    kit_load(k, hz_slice_of(text), "t.yaml", "");
    ck_assert_int_eq(k->status, HZ_E_PROFILE);
    ck_assert_ptr_null(k->profile);
    ck_assert_uint_eq(k->diags.count, 1);
    return hz_msg_name(k->diags.items[0].message);
}

static inline hz_slice read_file(hz_buf *into, const char *path)
{
    ck_assert_msg(hz_file_read_all(into, path, 1 << 26, "test", NULL) == HZ_OK, "%s", path);
    return hz_buf_slice(into);
}

#define assert_slice(slice, text)                                                                                      \
    ck_assert_msg(hz_slice_is((slice), (text)), "\"%.*s\" is not \"%s\"", HZ_SLICE_FMT(slice), (text))
#endif
