/* scopes.h: the `scope:` and `want:` words of error cases as hz_scope. Header only. */
#ifndef HZ_TESTS_EXPR_SCOPES_H
#define HZ_TESTS_EXPR_SCOPES_H
#include "tests/unit/expr/fixture.h"

static FIXTURE_UNUSED hz_type scopes_type(hz_slice word)
{
    for (int type = HZ_TYPE_BOOLEAN; type < HZ_TYPE_ARRAY; type++)
        if (type != HZ_TYPE_INTEGER && hz_slice_is(word, hz_type_name((hz_type)type)))
            return (hz_type)type;
    return HZ_TYPE_NULL;
}

/* `key` is filled for `each KEY` and must outlive the scope. */
static FIXTURE_UNUSED hz_scope scopes_of(fixture *fx, hz_slice on, hz_slice word, hz_expr *key, hz_diags *diags)
{
    hz_scope scope = {.profile = fx->profile, .lists = fx->lists, .table = hz_profile_table(fx->profile, on)};
    if (hz_slice_is(word, "row"))
        scope.flags = HZ_SCOPE_ROW | HZ_SCOPE_RELATIONS;
    else if (hz_slice_is(word, "own"))
        scope.flags = HZ_SCOPE_ROW;
    else if (hz_slice_is(word, "table"))
        scope.flags = HZ_SCOPE_ROW | HZ_SCOPE_RELATIONS | HZ_SCOPE_STAR;
    else if (hz_slice_is(word, "expect"))
        scope.flags = HZ_SCOPE_VALUE;
    else if (hz_slice_starts(word, HZ_SLICE_LIT("each "))) {
        hz_scope row = scope;
        row.flags = HZ_SCOPE_ROW | HZ_SCOPE_RELATIONS;
        fixture_expr(key, fx->arena, hz_slice_sub(word, 5, word.len));
        if (hz_expr_parse(key, fx->arena, hz_limits_default(), diags, NULL) != HZ_OK ||
            hz_expr_check(key, &row, HZ_TYPE_NULL, fx->arena, diags, NULL) != HZ_OK)
            exit(1);
        scope.flags = HZ_SCOPE_STAR | HZ_SCOPE_KEYS_ONLY | HZ_SCOPE_RELATIONS;
        scope.keys = key;
        scope.keys_count = 1;
    }
    return scope;
}
#endif
