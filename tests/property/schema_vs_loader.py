#!/usr/bin/env python3
"""Holds the loader and profile.schema.json, mapping.schema.json to each other over the corpus and over mutations of it.

    schema_vs_loader.py LOAD_PROFILE [--mutations N] [--seed S]

LOAD_PROFILE is the test tool tests/tools/load_profile. Checked:
  the schema is what profiles/gen_schema.py makes of keys.def, and valid JSON Schema 2020-12;
  the tool's table of keys is the schema's, and docs/language.md names each;
  good profiles pass both; each wrong profile is refused by the loader;
  whatever the schema refuses, the loader refuses;
  whatever the loader refuses for its keys or shapes (messages SCHEMA_*), the schema refuses;
  the good profiles use every key of the language at its place.
Of a profile that extends others, keys that are missing are not asked for: the parents may have them.
Without PyYAML or jsonschema it is skipped (exit 77).
"""

import argparse
import copy
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print("skipped:", missing)
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
CORPUS = ROOT / "tests/data/profiles"


class TextLoader(yaml.SafeLoader):
    """Every scalar is text; a plain scalar without a character is None."""


TextLoader.yaml_implicit_resolvers = {}


def construct_text(loader, node):
    return None if node.value == "" and node.style is None else node.value


def construct_map(loader, node):
    pairs = [
        (loader.construct_object(key, deep=True), loader.construct_object(value, deep=True))
        for key, value in node.value
    ]
    if any(not isinstance(key, str) for key, _ in pairs) or len({key for key, _ in pairs}) != len(pairs):
        raise yaml.YAMLError("a key is no text or there twice")
    return dict(pairs)


TextLoader.add_constructor("tag:yaml.org,2002:str", construct_text)
TextLoader.add_constructor("tag:yaml.org,2002:map", construct_map)


def put(value, indent=0):
    """YAML in flow form, every text in double quotes; json's escapes are YAML's."""
    if value is None:
        return ""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=True)
    if isinstance(value, list):
        return "[" + ", ".join(put(item) if item is not None else "~" for item in value) + "]"
    return "{" + ", ".join(f"{json.dumps(key, ensure_ascii=True)}: {put(item)}" for key, item in value.items()) + "}"


def run_loader(tool, paths, *options):
    """{path: (status, [message ids])}"""
    results = {}
    for start in range(0, len(paths), 200):
        some = [str(path) for path in paths[start : start + 200]]
        done = subprocess.run([tool, "--ids", "--each", *options, *some], capture_output=True, text=True, encoding="utf-8")
        if done.returncode not in (0, 3):
            raise SystemExit(f"the loader ended with {done.returncode}\n{done.stderr[-2000:]}")
        ids, wanted = [], iter(some)
        path = next(wanted)
        for line in done.stdout.splitlines():
            if line.startswith(path + " "):
                results[path] = (int(line.rsplit(" ", 1)[1]), ids)
                ids, path = [], next(wanted, "\0")
            else:
                ids.append(line)
    return results


def kind_of(place):
    """Which file a place is of."""
    return next((kind for kind in ("mapping", "manifest") if place.startswith(kind)), "profile")


def check_table(tool, schema, kind):
    """The compiled table of keys against the schema's properties."""
    table = subprocess.run([tool, "--keys"], capture_output=True, text=True, encoding="utf-8", check=True).stdout
    places = {}
    for line in table.splitlines():
        place, key, _, _, required, words, says = line.split("\t")
        if kind_of(place) != kind:
            continue
        places.setdefault(place, {})[key] = (required == "1", words.split(), says)
    shapes = [schema] + [item for item in schema["$defs"].values() if "properties" in item]
    schema_places = [{key: value["description"] for key, value in item["properties"].items()} for item in shapes]
    failures = []
    for place, keys in places.items():
        said = {key: says for key, (_, _, says) in keys.items()}
        if said not in schema_places:
            failures.append(f"no definition of the schema has the keys of {place}")
            continue
        shape = shapes[schema_places.index(said)]
        whole = schema["$defs"].get("whole_" + {id(item): name for name, item in schema["$defs"].items()}.get(id(shape), ""))
        wanted = whole["allOf"][0]["required"] if whole else shape.get("required", [])
        if wanted != [key for key, (required, _, _) in keys.items() if required]:
            failures.append(f"{place}: other keys are required")
        for key, (_, words, _) in keys.items():
            if words and not set(words) <= set(
                json.dumps(shape["properties"][key])
                .replace('"', " ")
                .replace(",", " ")
                .replace("]", " ")
                .replace("[", " ")
                .split()
            ):
                failures.append(f"{place}.{key}: a word is not in the schema")
    return failures


def check_docs(tool):
    """Every key stands in the row of its place in docs/language.md, "Keys"."""
    rows = {}
    for page in ("docs/language.md", "docs/mappings.md", "docs/manifest.md"):
        for line in (ROOT / page).read_text(encoding="utf-8").split("## Keys", 1)[1].splitlines():
            if line.startswith("| ") and line.count("|") > 2:
                rows[line.split("|")[1].strip()] = set(re.findall(r"[a-z_0-9]+", line.split("|", 2)[2]))
    table = subprocess.run([tool, "--keys"], capture_output=True, text=True, encoding="utf-8", check=True).stdout
    keys = [line.split("\t")[:2] for line in table.splitlines()]
    return [f"the docs do not name {place}: {key}" for place, key in keys
            if place in rows and key not in rows[place]]


def used_keys(schema, node, value, used):
    """Marks (definition, key) for each key that value uses."""
    if "$ref" in node:
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
    for choice in node.get("anyOf", []):
        if isinstance(choice, dict):
            used_keys(schema, choice, value, used)
    if isinstance(value, list) and "items" in node:
        for item in value:
            used_keys(schema, node["items"], item, used)
    if isinstance(value, dict):
        for key, item in value.items():
            if key in node.get("properties", {}):
                used.add((id(node["properties"]), key))
                used_keys(schema, node["properties"][key], item, used)
            elif isinstance(node.get("additionalProperties"), dict) and not key.startswith("x-"):
                used_keys(schema, node["additionalProperties"], item, used)


def check_coverage(schema, profiles, waiver_files=()):
    used, failures = set(), []
    for data in profiles:
        used_keys(schema, schema, data, used)
    for data in waiver_files:
        used_keys(schema, schema["$defs"]["waiver_file"], data, used)
    for name, node in [("profile", schema), *schema["$defs"].items()]:
        for key in node.get("properties", {}):
            if (id(node["properties"]), key) not in used:
                failures.append(f"no good profile uses {name}.{key}")
    return failures


JUNK = ["", "x", "true", "no", "0", "-1", "1.5", "2020-02-30", "中文", "a b", "error", "A.b"]


def containers(value, found):
    if isinstance(value, (dict, list)) and value:
        found.append(value)
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        containers(item, found)
    return found


def mutate(data, rng):
    data = copy.deepcopy(data)
    box = rng.choice(containers(data, []))
    where = rng.choice(list(box)) if isinstance(box, dict) else rng.randrange(len(box))
    kind = rng.randrange(6)
    if kind == 0:
        del box[where]
    elif kind == 1:
        box[where] = rng.choice(JUNK)
    elif kind == 2:
        box[where] = [box[where]]
    elif kind == 3:
        box[where] = {rng.choice(["on", "type", "zh", "x-y"]): box[where]}
    elif kind == 4:
        box[where] = None
    elif isinstance(box, dict):
        box[rng.choice(["x-" + where, where + "s", where[:-1] or "q", "severity", "title", "codes", "unique"])] = box[
            where
        ]
    return data


def compare(name, results, cases, validator, failures):
    """What the loader says of each case against what the schema says; how many the schema refuses."""
    refused = 0
    for path, (data, must_pass, must_fail) in cases.items():
        status, ids = results[str(path)]
        if (must_pass and status) or (must_fail and not status):
            failures.append(f"{path.name}: the loader says {status}: {ids}")
        if data is None or any(name.startswith("YAML_") for name in ids):
            continue
        text = path.read_bytes().decode("utf-8", "replace")[:3000]
        problems = [
            f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in validator.iter_errors(data)
        ]
        refused += bool(problems)
        shape = [name for name in ids if name.startswith("SCHEMA_")]
        if "extends" in data:  # what a new thing lacks, only who knows what is inherited can say
            shape = [name for name in shape if name != "SCHEMA_MISSING"]
        if problems and not status:
            failures.append(f"{path.name}: the schema refuses what the loader takes: {problems[:3]}\n{text}")
        if shape and not problems:
            failures.append(f"{path.name}: the loader says {shape}, the schema nothing\n{text}")
    print(f"{len(cases)} {name}, {refused} refused by the schema")


def add_mutations(cases, sources, rng, count, folder):
    for number in range(count):
        data = mutate(rng.choice(sources), rng)
        path = pathlib.Path(folder) / f"{number}.yaml"
        text = put(data)
        path.write_text(text, encoding="utf-8")
        try:
            data = yaml.load(text, TextLoader)
        except yaml.YAMLError:
            data = None
        cases[path] = (data, False, False)


def check_beside(tool, kind, profile, good_paths, wrong, mutations, rng, failures):
    """Mappings and manifests, which are held to a profile."""
    schema = json.loads((ROOT / f"profiles/{kind}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    failures += check_table(tool, schema, kind)
    cases, good = {}, {}
    for path in good_paths:
        good[path] = yaml.load(path.read_bytes(), TextLoader)
        cases[path] = (good[path], True, False)
    failures += check_coverage(schema, good.values())
    for path in sorted(wrong.glob("[0-9]*.yaml")):
        try:
            data = yaml.load(path.read_bytes(), TextLoader)
        except yaml.YAMLError:
            data = None
        cases[path] = (data, False, True)
    with tempfile.TemporaryDirectory() as folder:
        add_mutations(cases, list(good.values()), rng, mutations, folder)
        results = run_loader(tool, list(cases), f"--{kind}", str(profile))
        compare(f"{kind}s", results, cases, jsonschema.Draft202012Validator(schema), failures)


def check_mappings(tool, mutations, rng, failures):
    shared, cases = ROOT / "tests/cli/shared/mapped", ROOT / "tests/cli/cases"
    check_beside(tool, "mapping", shared / "profile.yaml", [shared / "vendor.yaml", shared / "all-keys.yaml"],
                 cases / "mapping_wrong", mutations, rng, failures)
    wrong = cases / "manifest_wrong"
    check_beside(tool, "manifest", wrong / "profile.yaml", [wrong / "good.yaml", wrong / "all-keys.yaml"], wrong,
                 mutations, rng, failures)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("--mutations", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    schema = json.loads((ROOT / "profiles/profile.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker(["date"]))
    failures = check_table(options.tool, schema, "profile") + check_docs(options.tool)
    if subprocess.run([sys.executable, ROOT / "profiles/gen_schema.py", "--check"]).returncode:
        failures.append("the schemas are not made from keys.def")

    cases = {}  # path: (data or None, must be good, must be bad)
    good = {}
    for path in sorted([*(CORPUS / "good").glob("*.yaml"), *(CORPUS / "overlay/good").glob("*.yaml")]):
        good[path] = yaml.load(path.read_bytes(), TextLoader)
        cases[path] = (good[path], True, False)
    for path in sorted([*(CORPUS / "bad").glob("*.yaml"), *(CORPUS / "overlay/bad").glob("*.yaml")]):
        try:
            data = yaml.load(path.read_bytes(), TextLoader) if path.stem != "yaml_alias_bomb" else None
        except (yaml.YAMLError, RecursionError):
            data = None
        cases[path] = (data, False, True)
    waiver_file = (ROOT / "tests/cli/cases/waivers_text/waivers.yaml").read_bytes()
    failures += check_coverage(schema, good.values(), [yaml.load(waiver_file, TextLoader)])

    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        for beside in (CORPUS / "good/lists", CORPUS / "overlay/good/parents"):
            copied = pathlib.Path(folder) / beside.name
            copied.mkdir()
            for path in beside.iterdir():
                (copied / path.name).write_bytes(path.read_bytes())
        add_mutations(cases, list(good.values()), rng, options.mutations, folder)
        compare("profiles", run_loader(options.tool, list(cases)), cases, validator, failures)
    check_mappings(options.tool, options.mutations, rng, failures)
    for failure in failures[:20]:
        print("FAIL", failure)
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
