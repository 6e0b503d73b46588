#include "base/limits.h"

#include "base/diag.h"

static const struct {
    const char *name;
    uint64_t value, ceiling;
} table[HZ_LIMIT_COUNT] = {
#define ROW(id, name, def, max, why) {name, def, max},
    HZ_LIMITS(ROW)
#undef ROW
};

static const hz_limits defaults = {{
#define VALUE(id, name, def, max, why) def,
    HZ_LIMITS(VALUE)
#undef VALUE
}};

void hz_limits_init(hz_limits *limits)
{
    *limits = defaults;
}

const hz_limits *hz_limits_default(void)
{
    return &defaults;
}

const char *hz_limit_name(hz_limit_id id)
{
    return (unsigned)id < HZ_LIMIT_COUNT ? table[id].name : "";
}

uint64_t hz_limit_ceiling(hz_limit_id id)
{
    return (unsigned)id < HZ_LIMIT_COUNT ? table[id].ceiling : 0;
}

static hz_status unknown(hz_slice name, hz_error *err)
{
    hz_slice names[HZ_LIMIT_COUNT];
    for (size_t i = 0; i < HZ_LIMIT_COUNT; i++)
        names[i] = hz_slice_of(table[i].name);
    hz_slice near = hz_nearest(name, names, HZ_LIMIT_COUNT);
    hz_status status = hz_fail(err, HZ_E_USAGE, HZ_M(LIMIT_UNKNOWN), HZ_S(name), HZ_S(near));
    if (near.len)
        hz_error_hint(err, HZ_MSG_LIMIT_NEAREST);
    return status;
}

hz_status hz_limits_set(hz_limits *limits, hz_slice name, uint64_t value, hz_error *err)
{
    for (size_t i = 0; i < HZ_LIMIT_COUNT; i++) {
        if (!hz_slice_is(name, table[i].name))
            continue;
        if (value > table[i].ceiling)
            return hz_fail(err, HZ_E_USAGE, HZ_M(LIMIT_CEILING), HZ_Z(table[i].name), HZ_U(value),
                           HZ_U(table[i].ceiling));
        limits->value[i] = value;
        return HZ_OK;
    }
    return unknown(name, err);
}

hz_status hz_limit_check(const hz_limits *limits, hz_limit_id id, uint64_t value, hz_error *err)
{
    uint64_t most = (limits ? limits : &defaults)->value[id];
    if (value <= most)
        return HZ_OK;
    return hz_fail(err, HZ_E_LIMIT, HZ_M(LIMIT), HZ_Z(table[id].name), HZ_U(most));
}
