/* json_from.h: what the JSON report says of where a result comes from: mapping, manifest, merged parts. */
#ifndef HZ_REPORTS_JSON_FROM_H
#define HZ_REPORTS_JSON_FROM_H
#include "reports/json_int.h"
#include "reports/result.h"

void hz_json_put_texts(hz_json *json, const char *key, const hz_slice *texts, size_t count);
/* The key with its object; nothing for NULL. */
void hz_json_put_mapping(hz_json *json, const hz_result_mapping *mapping);
void hz_json_put_manifest(hz_json *json, const hz_result_manifest *manifest);
void hz_json_put_merged(hz_json *json, const hz_result_merged *merged);
#endif
