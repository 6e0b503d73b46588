#include "reports/place.h"

void hz_put_pairs(hz_buf *out, const hz_named *items, size_t count, bool reveal)
{
    for (size_t i = 0; i < count; i++) {
        hz_buf_puts(out, i ? "; " : "");
        hz_put_named(out, &items[i], reveal);
    }
}

hz_slice hz_place_source(const hz_result *result, const hz_place *place)
{
    const hz_result_table *table = &result->tables[place->table];
    return place->source < table->sources_count ? table->sources[place->source].path : HZ_SLICE_NONE;
}

void hz_put_place(hz_buf *out, const hz_result *result, const hz_place *place)
{
    hz_slice source = hz_place_source(result, place);
    hz_buf_put(out, source.len ? source : result->tables[place->table].name);
    if (!source.len)
        return;
    if (place->line) {
        hz_buf_putc(out, ':');
        hz_buf_put_u64(out, place->line);
    }
    if (place->where.len) {
        hz_buf_putc(out, ' ');
        hz_buf_put(out, place->where);
    }
}

void hz_put_places(hz_buf *out, const hz_result *result, const hz_place *places, size_t count, bool reveal)
{
    for (size_t i = 0; i < count; i++) {
        hz_buf_puts(out, i ? " | " : "");
        hz_put_place(out, result, &places[i]);
        if (places[i].key_count)
            hz_buf_putc(out, ' ');
        hz_put_pairs(out, places[i].key, places[i].key_count, reveal);
    }
}

hz_slice hz_title_of(const hz_rule *rule, hz_lang lang)
{
    hz_slice title = hz_text2_pick(rule->title, lang, HZ_SLICE_NONE);
    return title.len || !rule->field ? title : hz_text2_pick(rule->field->title, lang, HZ_SLICE_NONE);
}
