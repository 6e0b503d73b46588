/* texts.c: see texts_int.h. */
#include "reports/findings/texts_int.h"
#include <errno.h>
#include <string.h>

void hz_put_pairs(hz_buf *out, const hz_named *items, size_t count, bool reveal)
{
    for (size_t i = 0; i < count; i++) {
        hz_buf_puts(out, i ? "; " : "");
        hz_buf_put(out, items[i].name);
        hz_buf_putc(out, '=');
        hz_put_shown(out, items[i].value, reveal);
    }
}

hz_slice hz_place_source(const hz_result *result, const hz_place *place)
{
    const hz_result_table *table = &result->tables[place->table];
    return place->source < table->sources_count ? table->sources[place->source].path : HZ_SLICE_NONE;
}

void hz_put_places(hz_buf *out, const hz_result *result, const hz_place *places, size_t count, bool reveal)
{
    for (size_t i = 0; i < count; i++) {
        hz_slice source = hz_place_source(result, &places[i]);
        hz_buf_puts(out, i ? " | " : "");
        hz_buf_put(out, source.len ? source : result->tables[places[i].table].name);
        if (places[i].line) {
            hz_buf_putc(out, ':');
            hz_buf_put_u64(out, places[i].line);
        }
        if (places[i].key_count)
            hz_buf_putc(out, ' ');
        hz_put_pairs(out, places[i].key, places[i].key_count, reveal);
    }
}

hz_slice hz_form_title(const hz_rule *rule, hz_lang lang)
{
    hz_slice title = hz_text2_pick(rule->title, lang, HZ_SLICE_NONE);
    return title.len || !rule->field ? title : hz_text2_pick(rule->field->title, lang, HZ_SLICE_NONE);
}

hz_status hz_form_failed(hz_error *err, const char *path, int error_number, const char *words)
{
    const char *said = error_number ? strerrordesc_np(error_number) : words;
    hz_arg args[] = {HZ_M(FILE_WRITE), HZ_Z(path), HZ_Z(said ? said : "?")};
    if (error_number == ENOSPC || error_number == EDQUOT)
        args[0].message = HZ_MSG_FILE_DISK_FULL;
    hz_status st = hz_error_set(err, HZ_E_IO, args, sizeof args / sizeof *args);
    hz_error_at(err, hz_slice_of(path), 0, 0);
    return st;
}
