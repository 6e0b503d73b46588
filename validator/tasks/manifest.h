/* manifest.h: manifests of submissions: where one lies, and one made of files (docs/manifest.md). */
#ifndef HZ_TASKS_MANIFEST_H
#define HZ_TASKS_MANIFEST_H
#include "validator/engine/engine.h"

/* The manifest that lies in a folder: hezhun-manifest.yaml, .yml or .json, or a manifest.yaml or .yml that says that it
 * is one. *path "": none. HZ_E_SOURCE: there are two. */
HZ_NODISCARD hz_status hz_manifest_in(hz_buf *path, const char *folder, const hz_limits *limits, hz_error *err);

typedef struct hz_manifest_options {
    const hz_profile *profile; /* NULL: files and digests only */
    const hz_mapping *mapping; /* whose patterns and names hold too; may be NULL */
    const hz_limits *limits;
    const char *folder;
    const char *id;            /* NULL: draft.submission */
    const char *unit, *period; /* NULL: not said */
    bool sm3;                  /* in place of SHA-256 */
    const char *temp;
    const hz_cancel *cancel; /* may be NULL */
} hz_manifest_options;

/* A manifest of the folder's files, as YAML; the folder is read once. HZ_E_SOURCE: it cannot be read, or holds no file.
 * HZ_E_USAGE: an id or a period that is none. */
HZ_NODISCARD hz_status hz_manifest_write(hz_buf *out, const hz_manifest_options *options, hz_error *err);
#endif
