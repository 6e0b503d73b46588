#!/usr/bin/env python3
"""embed.py DATA_DIR OUTPUT.c: one C file with every DATA_DIR/*.tsv as a string literal, and a table of them by name.

String literals of raw UTF-8 compile in a second, need no assembler, and hold no path: the build is reproducible.
"""
import os
import sys

ESCAPES = {ord("\\"): "\\\\", ord('"'): '\\"', ord("\t"): "\\t", ord("?"): "\\?"}


def literal(text):
    """The text as adjacent C string literals, one a line."""
    lines = text.split("\n")
    out = ['"%s\\n"' % line.translate(ESCAPES) for line in lines[:-1]]
    if lines[-1] or not out:
        out.append('"%s"' % lines[-1].translate(ESCAPES))
    return "\n".join(out)


def main(folder, output):
    names = sorted((n for n in os.listdir(folder) if n.endswith(".tsv")), key=lambda n: n.encode("utf-8"))
    out = [
        "/* Made by standards/embed.py. */",
        '#include "standards/embedded_int.h"',
        '#pragma GCC diagnostic ignored "-Woverlength-strings"',
        "",
    ]
    sizes = []
    for i, name in enumerate(names):
        with open(os.path.join(folder, name), "rb") as f:
            data = f.read()
        text = data.decode("utf-8")
        bad = [c for c in text if ord(c) < 32 and c not in "\t\n"]
        if bad:
            sys.exit("%s: control character U+%04X" % (name, ord(bad[0])))
        sizes.append(len(data))
        out.append("static const char file_%d[] =\n%s;\n" % (i, literal(text)))
    out.append("const hz_embedded_file hz_embedded_files[] = {")
    for i, name in enumerate(names):
        out.append('    {"%s", file_%d, %d},' % (name, i, sizes[i]))
    if not names:
        out.append("    {NULL, NULL, 0},")
    out.append("};")
    out.append("const size_t hz_embedded_files_count = %d;" % len(names))
    with open(output, "w", encoding="utf-8", newline="\n") as f:
        f.write("\n".join(out) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: embed.py DATA_DIR OUTPUT.c")
    os.makedirs(os.path.dirname(os.path.abspath(sys.argv[2])), exist_ok=True)
    main(sys.argv[1], sys.argv[2])
