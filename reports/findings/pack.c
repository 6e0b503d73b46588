/* pack.c: see pack_int.h. Structs go as they are, each array and text that they point at behind them, in one order for
 * both ways. */
#include "reports/findings/pack_int.h"

/* ---- to bytes ---- */

static void put_raw(hz_buf *out, const void *bytes, size_t len)
{
    if (len)
        hz_buf_put(out, (hz_slice){bytes, len});
}

static void put_shown(hz_buf *out, const hz_shown *value)
{
    if (!value->null)
        hz_buf_put(out, value->text);
}

static void put_shown_array(hz_buf *out, const hz_shown *values, size_t count)
{
    put_raw(out, values, count * sizeof *values);
    for (size_t i = 0; i < count; i++)
        put_shown(out, &values[i]);
}

static void put_named_array(hz_buf *out, const hz_named *values, size_t count)
{
    put_raw(out, values, count * sizeof *values);
    for (size_t i = 0; i < count; i++) {
        hz_buf_put(out, values[i].name);
        put_shown(out, &values[i].value);
        hz_buf_put(out, values[i].own_name);
        if (values[i].own_name.len)
            put_shown(out, &values[i].own_value);
    }
}

static void put_place(hz_buf *out, const hz_place *place)
{
    put_named_array(out, place->key, place->key ? place->key_count : 0);
    put_named_array(out, place->fields, place->fields_count);
    hz_buf_put(out, place->where);
}

static size_t values_of(const hz_message *message)
{
    size_t count = 0;
    for (size_t i = 0; message && i < message->count; i++)
        count += message->parts[i].expr.root != NULL;
    return count;
}

void hz_found_pack(hz_buf *out, const hz_found *found)
{
    const hz_finding *finding = found->finding;
    put_raw(out, found, sizeof *found);
    put_raw(out, finding, sizeof *finding);
    put_shown(out, &found->unit);
    put_place(out, &finding->at);
    put_raw(out, finding->related, finding->related_count * sizeof *finding->related);
    for (size_t i = 0; i < finding->related_count; i++)
        put_place(out, &finding->related[i]);
    put_named_array(out, finding->echo, finding->echo_count);
    put_shown_array(out, finding->args, finding->args_count);
    put_shown_array(out, finding->values_zh, values_of(finding->template_zh));
    put_shown_array(out, finding->values_en, values_of(finding->template_en));
    if (finding->has_expected)
        put_shown(out, &finding->expected);
    if (finding->has_difference)
        put_shown(out, &finding->difference);
    if (finding->has_repair)
        put_shown(out, &finding->repair);
}

/* ---- and back ---- */

typedef struct unpacking {
    const char *at;
    hz_arena *arena;
    bool failed;
} unpacking;

/* An array's own bytes, where structs may stand; NULL for none. */
static void *take_array(unpacking *u, size_t count, size_t bytes)
{
    void *copy = count ? hz_arena_alloc(u->arena, count * bytes) : NULL;
    u->failed = u->failed || (count && !copy);
    if (copy)
        memcpy(copy, u->at, count * bytes);
    u->at += count * bytes;
    return copy;
}

static void take_text(unpacking *u, hz_slice *text)
{
    text->ptr = u->at;
    u->at += text->len;
}

static void take_shown(unpacking *u, hz_shown *value)
{
    if (!value->null)
        take_text(u, &value->text);
}

static hz_shown *take_shown_array(unpacking *u, size_t count)
{
    hz_shown *values = take_array(u, count, sizeof *values);
    for (size_t i = 0; values && i < count; i++)
        take_shown(u, &values[i]);
    return values;
}

static hz_named *take_named_array(unpacking *u, size_t count)
{
    hz_named *values = take_array(u, count, sizeof *values);
    for (size_t i = 0; values && i < count; i++) {
        take_text(u, &values[i].name);
        take_shown(u, &values[i].value);
        take_text(u, &values[i].own_name);
        if (values[i].own_name.len)
            take_shown(u, &values[i].own_value);
    }
    return values;
}

static void take_place(unpacking *u, hz_place *place)
{
    if (place->key) {
        place->key = take_named_array(u, place->key_count);
        if (!place->key_count) /* an empty one is one all the same */
            place->key = hz_arena_alloc(u->arena, sizeof *place->key);
    }
    place->fields = take_named_array(u, place->fields_count);
    take_text(u, &place->where);
}

hz_status hz_found_unpack(hz_found *out, const char *bytes, hz_arena *arena, hz_error *err)
{
    unpacking u = {bytes, arena, false};
    memcpy(out, u.at, sizeof *out);
    u.at += sizeof *out;
    hz_finding *finding = take_array(&u, 1, sizeof *finding);
    if (!finding)
        return hz_nomem(err, sizeof *finding);
    take_shown(&u, &out->unit);
    take_place(&u, &finding->at);
    finding->related = take_array(&u, finding->related_count, sizeof *finding->related);
    for (size_t i = 0; !u.failed && i < finding->related_count; i++)
        take_place(&u, &finding->related[i]);
    finding->echo = u.failed ? NULL : take_named_array(&u, finding->echo_count);
    finding->args = u.failed ? NULL : take_shown_array(&u, finding->args_count);
    finding->values_zh = u.failed ? NULL : take_shown_array(&u, values_of(finding->template_zh));
    finding->values_en = u.failed ? NULL : take_shown_array(&u, values_of(finding->template_en));
    if (u.failed)
        return hz_nomem(err, sizeof *finding);
    if (finding->has_expected)
        take_shown(&u, &finding->expected);
    if (finding->has_difference)
        take_shown(&u, &finding->difference);
    if (finding->has_repair)
        take_shown(&u, &finding->repair);
    out->finding = finding;
    out->row = NULL;
    return HZ_OK;
}
