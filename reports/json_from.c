/* json_from.c: see json_from.h. */
#include "reports/json_from.h"

static void put_text(hz_json *json, const char *key, hz_slice text)
{
    hz_json_key(json, key);
    hz_json_text(json, text);
}

static void put_text_or_null(hz_json *json, const char *key, hz_slice text)
{
    hz_json_key(json, key);
    hz_json_text_or_null(json, text);
}

static void put_sha256(hz_json *json, const uint8_t sha256[32])
{
    hz_json_key(json, "sha256");
    hz_json_hex(json, sha256, 32);
}

void hz_json_put_texts(hz_json *json, const char *key, const hz_slice *texts, size_t count)
{
    hz_json_key(json, key);
    hz_json_array(json, false);
    for (size_t i = 0; i < count; i++)
        hz_json_text(json, texts[i]);
    hz_json_end(json);
}

void hz_json_put_mapping(hz_json *json, const hz_result_mapping *mapping)
{
    if (!mapping)
        return;
    hz_json_key(json, "mapping");
    hz_json_object(json, false);
    put_text(json, "path", mapping->path);
    put_text(json, "id", mapping->id);
    put_sha256(json, mapping->sha256);
    hz_json_end(json);
}

void hz_json_put_manifest(hz_json *json, const hz_result_manifest *manifest)
{
    if (!manifest)
        return;
    hz_json_key(json, "manifest");
    hz_json_object(json, false);
    put_text(json, "path", manifest->path);
    put_text(json, "id", manifest->id);
    put_text_or_null(json, "unit", manifest->unit);
    put_text_or_null(json, "period", manifest->period);
    put_sha256(json, manifest->sha256);
    hz_json_end(json);
}

static void put_part(hz_json *json, const hz_merged_part *part)
{
    hz_json_object(json, false);
    put_text(json, "path", part->path);
    put_sha256(json, part->sha256);
    hz_json_key(json, "records");
    hz_json_u64(json, part->records);
    hz_json_put_mapping(json, part->mapping);
    hz_json_put_manifest(json, part->manifest);
    hz_json_end(json);
}

void hz_json_put_merged(hz_json *json, const hz_result_merged *merged)
{
    if (!merged)
        return;
    hz_json_key(json, "merged");
    hz_json_object(json, true);
    hz_json_key(json, "parts");
    hz_json_array(json, true);
    for (size_t i = 0; i < merged->parts_count; i++)
        put_part(json, &merged->parts[i]);
    hz_json_end(json);
    hz_json_put_texts(json, "within", merged->within, merged->within_count);
    hz_json_put_texts(json, "across", merged->across, merged->across_count);
    if (merged->exchanged_count)
        hz_json_put_texts(json, "exchanged", merged->exchanged, merged->exchanged_count);
    hz_json_end(json);
}
