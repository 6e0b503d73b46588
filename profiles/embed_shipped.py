#!/usr/bin/env python3
"""embed_shipped.py PROFILES_DIR OUTPUT.c: one C file with every profile under PROFILES_DIR/cn, and the data files beside them.

Paths are relative to PROFILES_DIR and sorted bytewise; a profile's id is read from its line `profile: ID`.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "standards"))
from embed import literal  # noqa: E402

SUFFIXES = (".yaml", ".yml", ".tsv", ".csv")


def find(folder):
    found = []
    for top, _, names in os.walk(os.path.join(folder, "cn")):
        for name in names:
            path = os.path.relpath(os.path.join(top, name), folder).replace(os.sep, "/")
            if name.endswith(SUFFIXES) and "/tests/" not in path:
                found.append(path)
    return sorted(found, key=lambda path: path.encode("utf-8"))


def main(folder, output):
    out = [
        "/* Made by profiles/embed_shipped.py. */",
        '#include "profiles/shipped.h"',
        '#pragma GCC diagnostic ignored "-Woverlength-strings"',
        "",
    ]
    rows = []
    for i, path in enumerate(find(folder)):
        with open(os.path.join(folder, path), "rb") as f:
            data = f.read()
        text = data.decode("utf-8")
        if any(ord(c) < 32 and c not in "\t\n" for c in text):
            sys.exit("%s: a control character" % path)
        profile = re.search(r"^profile:[ \t]*([A-Za-z0-9_.-]+)", text, re.M) if path.endswith(("yaml", "yml")) else None
        out.append("static const char file_%d[] =\n%s;\n" % (i, literal(text)))
        rows.append('    {"%s", %s, file_%d, %d},' % (path, '"%s"' % profile[1] if profile else "NULL", i, len(data)))
    out.append("const hz_shipped_file hz_shipped_files[] = {")
    out += rows or ["    {NULL, NULL, NULL, 0},"]
    out.append("};")
    out.append("const size_t hz_shipped_files_count = %d;" % len(rows))
    os.makedirs(os.path.dirname(os.path.abspath(output)), exist_ok=True)
    with open(output, "w", encoding="utf-8", newline="\n") as f:
        f.write("\n".join(out) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: embed_shipped.py PROFILES_DIR OUTPUT.c")
    main(sys.argv[1], sys.argv[2])
