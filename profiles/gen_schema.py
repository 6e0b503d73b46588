#!/usr/bin/env python3
"""Makes profile.schema.json, mapping.schema.json and manifest.schema.json from keys.def: the shape of a profile, of a
mapping and of a manifest as JSON Schema 2020-12, for editors and other tools.

The loader reads every scalar as text; an editor's YAML reader makes numbers and booleans of some. Both forms are taken.
What needs more than the shape (names that must exist, expressions, types that must agree) is the loader's alone.

    gen_schema.py            writes them beside keys.def
    gen_schema.py --check    exit 1 when a file is not what would be written
"""
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
SCALARS = ["text", "integer", "decimal", "boolean", "date", "month", "datetime", "time"]
SEMANTIC = ["resident_id", "uscc", "organization_code", "bank_card", "mobile", "phone", "disability_certificate",
            "travel_document", "division"]
DECIMAL_TYPE = r"^decimal\( *[0-9]{1,2}, *[0-9]{1,2} *\)$"
EXTRA = {"^x-": True}
PERIOD = r"^{0}(/{0})?$".format(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


def read_keys(text):
    """[(place, name, shape, inner, required, words, says)], places by id."""
    macros = dict(re.findall(r'^#define (\w+) "([^"]*)"', text, re.M))
    places = dict(re.findall(r'^HZ_PLACE\((\w+), "([^"]*)"\)', text, re.M))
    pattern = r'^HZ_KEY\((\w+), \w+, "([^"]+)", (\w+), (\w+), (true|false),\s*("[^"]*"|\w+),\s*"([^"]*)"\)'
    keys = []
    for place, name, shape, inner, required, words, says in re.findall(pattern, text, re.M):
        words = macros[words] if words in macros else words.strip('"')
        keys.append((place, name, shape, inner, required == "true", words.split(), says))
    assert len(keys) == text.count("\nHZ_KEY("), "a key could not be read"
    return keys, places


def ref(name):
    return {"$ref": "#/$defs/" + name}


def named(values):
    """Names to values; `x-` keys are anybody's."""
    return {"type": "object", "patternProperties": EXTRA, "additionalProperties": values}


def one_or_list(item):
    return {"anyOf": [item, {"type": "array", "items": item}]}


def words_schema(words):
    values = list(words)
    values += [int(word) for word in words if word.isdigit()]
    return {"enum": values}


def shape_schema(shape, inner, words):
    scalar = ref("scalar")
    inner = ref(inner.lower())
    word = words_schema(words) if words else scalar
    row = {"type": "object", "additionalProperties": {"anyOf": [scalar, {"type": "null"}]}}
    rows = {"anyOf": [row, {"type": "array", "items": row}]}
    return {
        "TEXT": scalar,
        "EXPR": scalar,
        "TEXTS": one_or_list(scalar),
        "EXPRS": one_or_list(scalar),
        "TEXT2": ref("text2_or_scalar"),
        "BOOL": ref("boolean"),
        "WHOLE": ref("whole"),
        "DECIMAL": ref("decimal"),
        "DAY": ref("day"),
        "WORD": word,
        "WORDS": one_or_list(word),
        "MAP": inner,
        "MAPS": named(inner),
        "MAP_LIST": {"type": "array", "items": inner},
        "CLAUSE": {"anyOf": [scalar, inner]},
        "CODES": {"anyOf": [scalar, ref("code_map")]},
        "CODE_MAP": ref("code_map"),
        "PAIRS": {"anyOf": [scalar, {"type": "array", "items": scalar},
                            {"type": "object", "additionalProperties": scalar}]},
        "NORMALIZE": {"anyOf": [word, {"type": "object", "additionalProperties": word}]},
        "BLOCKS": {"type": "array", "items": one_or_list(scalar)},
        "COMPARE": {"type": "object", "additionalProperties": inner},
        "TEXT_MAP": {"type": "object", "additionalProperties": one_or_list(scalar)},
        "CODES_OF": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": scalar}},
        "CASES": {"type": "array", "items": {"type": "object", "additionalProperties": rows}},
        "KEYS": {"type": "array", "items": {"anyOf": [scalar, {"type": "object", "additionalProperties": scalar}]}},
    }[shape]


# What the shape alone does not say, by place and key.
SPECIAL = {
    ("PROFILE", "profile"): {"type": ["string", "number"],
                             "pattern": r"^[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9][A-Za-z0-9_-]*)*$"},
    ("MAPPING", "mapping"): {"type": ["string", "number"],
                             "pattern": r"^[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9][A-Za-z0-9_-]*)*$"},
    ("MANIFEST", "manifest"): {"type": ["string", "number"],
                               "pattern": r"^[A-Za-z0-9][A-Za-z0-9_-]*(\.[A-Za-z0-9][A-Za-z0-9_-]*)*$"},
    ("MANIFEST", "period"): {"type": ["string", "number"], "pattern": PERIOD},
    ("MANIFEST_FILE", "path"): {"type": ["string", "number", "boolean"],
                                "pattern": r"^(?!\.{1,2}(/|$))[^/]+(/(?!\.{1,2}(/|$))[^/]+)*$"},
    ("MANIFEST_FILE", "sha256"): {"type": ["string", "number"], "pattern": "^[0-9A-Fa-f]{64}$"},
    ("MANIFEST_FILE", "sm3"): {"type": ["string", "number"], "pattern": "^[0-9A-Fa-f]{64}$"},
    ("PROFILE", "version"): {"type": "string", "pattern": r"^{0}\.{0}\.{0}(-{1})?(\+{1})?$".format(
        "(0|[1-9][0-9]{0,8})", r"[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*")},
    ("PROFILE", "as_of"): {"anyOf": [{"enum": ["required", "optional"]}, ref("day")]},
    ("PARAM", "type"): {"anyOf": [{"enum": SCALARS}, {"type": "string", "pattern": DECIMAL_TYPE}]},
    ("FIELD", "type"): {"anyOf": [{"enum": SCALARS + SEMANTIC}, {"type": "string", "pattern": DECIMAL_TYPE},
                                  {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": SEMANTIC}},
                                  {"type": "array", "minItems": 1, "maxItems": 1, "items": {"anyOf": [
                                      {"enum": SCALARS}, {"type": "string", "pattern": DECIMAL_TYPE}]}}]},
}


def one_of_keys(keys):
    return {"oneOf": [{"required": [key]} for key in keys]}


def unless_withdrawn(rest):
    withdrawn = {"properties": {"status": {"const": "withdrawn"}}, "required": ["status"]}
    return {"if": withdrawn, "then": True, "else": rest}


PLACE_RULES = {
    "MAPPING_SPLIT": one_of_keys(["by", "at"]),
    "FIELD": {"not": {"required": ["type", "codes"]}},
}
# What makes a thing whole. A profile that extends others may say only what it changes of what they have.
WHOLE_RULES = {
    "LIST": one_of_keys(["file", "codes"]),
    "RELATION": one_of_keys(["one", "many"]),
    "RULE": unless_withdrawn({"required": ["on"], **one_of_keys(["assert", "unique", "references", "similar"])}),
    "MEASURE": unless_withdrawn({"required": ["on", "value"]}),
}
WHOLE_PLACES = ["PARAM", "LIST", "TABLE", "RELATION", "RULE", "MEASURE"]


def place_schema(place, keys):
    own = [key for key in keys if key[0] == place]
    schema = {"type": "object", "properties": {}}
    for _, name, shape, inner, _, words, says in own:
        value = SPECIAL.get((place, name)) or shape_schema(shape, inner, words)
        schema["properties"][name] = {"description": says, **value}
    required = [name for _, name, _, _, needed, _, _ in own if needed]
    if required and place not in WHOLE_PLACES:
        schema["required"] = required
    schema["patternProperties"] = dict(EXTRA)
    if place == "GRADE_MAX":
        schema["patternProperties"][r"^error_rate\."] = ref("decimal")
    schema["additionalProperties"] = False
    schema.update(PLACE_RULES.get(place, {}))
    return schema


def whole_schema(place, keys):
    """First of all what the place requires; then the rest; then the same of what it holds."""
    own = [key for key in keys if key[0] == place]
    inner = {name: named(ref("whole_" + holds.lower())) for _, name, shape, holds, _, _, _ in own
             if shape == "MAPS" and holds in WHOLE_PLACES}
    parts = [{"required": [name for _, name, _, _, needed, _, _ in own if needed and place != "PROFILE"]}]
    if place in WHOLE_RULES:
        parts.append(WHOLE_RULES[place])
    if inner:
        parts.append({"properties": inner})
    return {"allOf": parts}


COMMON = {
    "scalar": {"type": ["string", "number", "boolean"]},
    "boolean": {"enum": [True, False, "true", "false"]},
    "whole": {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 10 ** 15 - 1},
                        {"type": "string", "pattern": "^[0-9]{1,15}$"}]},
    "decimal": {"anyOf": [{"type": "number", "minimum": 0},
                          {"type": "string", "pattern": r"^(\+?[0-9]+(\.[0-9]+)?|-0+(\.0+)?)$"}]},
    "day": {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
    "text2_or_scalar": {"anyOf": [ref("scalar"), ref("text2")]},
    "code_map": {"type": "object", "additionalProperties": ref("text2_or_scalar")},
}


def family(place):
    """Which file a place is of."""
    return place.split("_")[0] if place.startswith(("MAPPING", "MANIFEST")) else "PROFILE"


def dumped(root):
    return json.dumps(root, ensure_ascii=False, indent=1) + "\n"


def make_profile(keys, places):
    defs = dict(COMMON)
    for place in places:
        if place not in ("NONE", "PROFILE") and family(place) == "PROFILE":
            defs[place.lower()] = place_schema(place, keys)
    for place in WHOLE_PLACES:
        defs["whole_" + place.lower()] = whole_schema(place, keys)
    whole = whole_schema("PROFILE", keys)
    whole["allOf"][0]["required"] = ["tables"]
    return dumped({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "hezhun profile, language version 1",
        "description": "A data standard in the profile language; docs/language.md.",
        **place_schema("PROFILE", keys),
        "if": {"required": ["extends"]},
        "then": True,
        "else": whole,
        "$defs": defs,
    })


def make_beside(root, what, says, keys, places):
    """A file beside a profile: mapping, manifest."""
    inner = {place.lower(): place_schema(place, keys) for place in places if family(place) == root and place != root}
    used = json.dumps([place_schema(root, keys), inner, place_schema("TEXT2", keys)])
    defs = {name: value for name, value in COMMON.items() if '"#/$defs/%s"' % name in used or name == "scalar"}
    return dumped({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "hezhun %s, language version 1" % what,
        "description": says,
        **place_schema(root, keys),
        "$defs": {**defs, "text2": place_schema("TEXT2", keys), **inner},
    })


def make_mapping(keys, places):
    return make_beside("MAPPING", "mapping", "How one system's columns and codes become a profile's; docs/mappings.md.",
                       keys, places)


def make_manifest(keys, places):
    return make_beside("MANIFEST", "manifest", "What a submission says of itself; docs/manifest.md.", keys, places)


def main():
    keys, places = read_keys((HERE / "keys.def").read_text(encoding="utf-8"))
    wrong = 0
    for name, make in (("profile.schema.json", make_profile), ("mapping.schema.json", make_mapping),
                       ("manifest.schema.json", make_manifest)):
        target, made = HERE / name, make(keys, places)
        if "--check" not in sys.argv[1:]:
            target.write_text(made, encoding="utf-8")
        elif not target.exists() or target.read_text(encoding="utf-8") != made:
            print(name + " does not agree with keys.def: run profiles/gen_schema.py", file=sys.stderr)
            wrong = 1
    return wrong


if __name__ == "__main__":
    sys.exit(main())
