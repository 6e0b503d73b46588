#!/usr/bin/env python3
"""embed.py HTML_DIR OUTPUT.c: the template, the styles and the script of the HTML report as string literals.

Styles and script are several files; each kind is joined in the order below, the script inside one function. `</` may stand in neither: it would end
the element that holds them.
"""
import os
import sys

STYLES = ["base.css", "parts.css", "print.css"]
SCRIPTS = ["core.js", "data.js", "charts.js", "table.js", "verdict.js", "rules.js", "findings.js", "regions.js", "figures.js", "columns.js", "waivers.js",
           "progress.js", "unchecked.js", "sources.js", "main.js"]
ESCAPES = {ord("\\"): "\\\\", ord('"'): '\\"', ord("\t"): "\\t", ord("?"): "\\?"}


def read(folder, names):
    parts = []
    for name in names:
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            parts.append(f.read())
    return "".join(parts)


def constant(name, text):
    for c in text:
        if ord(c) < 32 and c not in "\n\t":
            sys.exit("%s: control character U+%04X" % (name, ord(c)))
    lines = ['"%s\\n"' % line.translate(ESCAPES) for line in text.split("\n")[:-1]]
    return "const char hz_html_%s[] =\n%s;\nconst size_t hz_html_%s_bytes = %d;\n" % (
        name, "\n".join(lines), name, len(text.encode("utf-8")))


def main(folder, output):
    style = read(folder, STYLES)
    script = "(function () {\n'use strict';\n" + read(folder, SCRIPTS) + "})();\n"
    for name, text in (("style", style), ("script", script)):
        if "</" in text or "<!--" in text or "@{" in text:
            sys.exit("%s: holds </, <!-- or @{" % name)
    with open(output, "w", encoding="utf-8", newline="\n") as f:
        f.write("/* Made by reports/html/embed.py. */\n#include \"reports/html_int.h\"\n")
        f.write('#pragma GCC diagnostic ignored "-Woverlength-strings"\n\n')
        f.write(constant("page", read(folder, ["page.html"])))
        f.write(constant("style", style))
        f.write(constant("script", script))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: embed.py HTML_DIR OUTPUT.c")
    os.makedirs(os.path.dirname(os.path.abspath(sys.argv[2])), exist_ok=True)
    main(sys.argv[1], sys.argv[2])
