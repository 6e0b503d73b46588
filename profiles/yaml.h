/* yaml.h: YAML 1.2 as profiles use it: libyaml's events made into an immutable tree in which every scalar is text.
 *
 * Strict: the file is one UTF-8 document; duplicate keys, keys that are not scalars, tags, tabs as indentation, control
 * characters (U+0085, U+2028, U+2029 and a lone CR too, on whose meaning readers differ) and NUL are mistakes with a
 * position. An alias stands for the node of its anchor; the same node then hangs in several places. Limits: YAML_DEPTH,
 * YAML_NODES (aliases expanded), YAML_ALIASES. Positions are byte offsets into the hz_text; libyaml counts characters,
 * which is mended in one place of yaml.c. */
#ifndef HZ_PROFILES_YAML_H
#define HZ_PROFILES_YAML_H
#include "base/buf.h"
#include "base/diag.h"

typedef enum hz_yaml_kind { HZ_YAML_SCALAR, HZ_YAML_LIST, HZ_YAML_MAP } hz_yaml_kind;
typedef enum hz_yaml_style {
    HZ_YAML_PLAIN,
    HZ_YAML_SINGLE,
    HZ_YAML_DOUBLE,
    HZ_YAML_LITERAL,
    HZ_YAML_FOLDED /* of a scalar */
} hz_yaml_style;

typedef struct hz_yaml hz_yaml;
typedef struct hz_yaml_pair {
    const hz_yaml *key, *value; /* the key is a scalar */
} hz_yaml_pair;

struct hz_yaml {
    hz_yaml_kind kind;
    hz_yaml_style style;
    bool nothing;    /* a plain scalar without a character: `key:` */
    uint32_t count;  /* items of a list, pairs of a map */
    uint32_t height; /* 1 for a scalar */
    uint64_t nodes;  /* with itself, aliases expanded */
    hz_span span;    /* scalar: as written, quotes too; flow collection: from bracket to bracket; block collection: its
                        first item */
    hz_slice text;   /* of a scalar, in the arena, NUL-terminated */
    const hz_yaml **items;
    const hz_yaml_pair *pairs; /* keys distinct, in file order */
};

/* The document's root, in `arena`. *root is NULL after a mistake that leaves no tree (see diags); HZ_OK all the same.
 * HZ_E_NOMEM otherwise. `text` must outlive the tree. */
HZ_NODISCARD hz_status hz_yaml_parse(const hz_yaml **root, const hz_text *text, hz_arena *arena,
                                     const hz_limits *limits, hz_diags *diags, hz_error *err);

/* Where the scalar's bytes come from, for positions inside it; segments in `arena`. */
HZ_NODISCARD hz_status hz_yaml_srcmap(hz_srcmap *map, const hz_yaml *scalar, hz_arena *arena, hz_error *err);
/* The part of map for scalar bytes [from, from + len); offsets then count from `from`. */
HZ_NODISCARD hz_status hz_srcmap_part(hz_srcmap *part, const hz_srcmap *map, size_t from, size_t len, hz_arena *arena,
                                      hz_error *err);

/* The value of a key, or NULL. Linear. */
const hz_yaml *hz_yaml_get(const hz_yaml *map, const char *key);
/* Appends the text as a double-quoted scalar. */
void hz_yaml_put_quoted(hz_buf *out, hz_slice text);
#endif
