/* JSON. Input: byte 0 chooses limits, the rest is the text. What must hold: tree and tokens agree on what is JSON; the
 * canonical form is JSON, and canonical itself; leaving nothing out changes nothing. */
#include "base/jcs.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds, const char *what, hz_slice text)
{
    if (holds)
        return;
    fprintf(stderr, "%s\n", what);
    fwrite(text.ptr, 1, text.len, stderr);
    __builtin_trap();
}

static hz_status tokens(hz_slice text, const hz_limits *limits)
{
    hz_jr reader;
    hz_jr_token token = {.kind = HZ_JR_NULL};
    hz_status st = HZ_OK;
    size_t steps = 0;
    hz_jr_init(&reader, HZ_SLICE_LIT("t"), text, limits);
    while (st == HZ_OK && token.kind != HZ_JR_DONE && steps++ <= 2 * text.len + 2)
        st = hz_jr_next(&token, &reader, NULL);
    require(steps <= 2 * text.len + 2, "more tokens than bytes", text);
    hz_jr_clear(&reader);
    return st;
}

static void try_text(hz_slice text, const hz_limits *limits)
{
    hz_arena *arena = hz_arena_new();
    hz_buf once = HZ_BUF_INIT, twice = HZ_BUF_INIT;
    hz_jvalue *value = NULL;
    hz_error err = {0};
    hz_status st = hz_json_parse(&value, arena, HZ_SLICE_LIT("t"), text, limits, &err);
    hz_status plain = tokens(text, limits);
    require(st != HZ_OK || plain == HZ_OK, "a tree of what has no tokens", text);
    require(plain != HZ_OK || st == HZ_OK || err.message == HZ_MSG_JSON_TWICE || err.status == HZ_E_LIMIT,
            "tokens that make no tree", text);
    require(st == HZ_OK || (err.message != HZ_MSG_NONE && err.line), "no place", text);
    if (st == HZ_OK && hz_jcs_put(&once, value, NULL, &err) == HZ_OK) {
        require(hz_json_parse(&value, arena, HZ_SLICE_LIT("t"), hz_buf_slice(&once), limits, NULL) == HZ_OK,
                "canonical but no JSON", hz_buf_slice(&once));
        require(hz_jcs_put(&twice, value, "", NULL) == HZ_OK || hz_jis(value, HZ_JR_OBJECT), "no second form", text);
        twice.len = 0;
        require(hz_jcs_put(&twice, value, NULL, NULL) == HZ_OK, "no second form", text);
        require(hz_slice_eq(hz_buf_slice(&once), hz_buf_slice(&twice)), "not canonical", hz_buf_slice(&once));
    }
    hz_buf_clear(&once);
    hz_buf_clear(&twice);
    hz_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    hz_limits limits;
    if (size < 1 || size > 100000)
        return 0;
    hz_limits_init(&limits);
    if (data[0] & 1)
        limits.value[HZ_LIMIT_JSON_DEPTH] = 3;
    if (data[0] & 2)
        limits.value[HZ_LIMIT_JSON_NODES] = 8;
    try_text((hz_slice){(const char *)data + 1, size - 1}, &limits);
    return 0;
}
