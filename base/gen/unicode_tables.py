#!/usr/bin/env python3
"""Makes base/utf8_tables.inc from the Unicode Character Database (UnicodeData.txt, EastAsianWidth.txt).

    python3 base/gen/unicode_tables.py /usr/share/unicode > base/utf8_tables.inc

The folder is that of Debian's package unicode-data. Python's own unicodedata is not enough: it has no simple case
mappings (its upper() gives the full ones) and follows the interpreter's version of Unicode.
"""
import re
import sys
from pathlib import Path

# Format characters that show something: soft hyphen, and the marks that stand before Arabic, Syriac and Kaithi numbers.
VISIBLE_FORMAT = {0xAD, 0x600, 0x601, 0x602, 0x603, 0x604, 0x605, 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}


def read_lines(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.split("#")[0].strip()
        if line:
            yield [part.strip() for part in line.split(";")]


def read_characters(folder):
    """General category, simple upper and lower mapping by code point."""
    category, upper, lower, first = {}, {}, {}, None
    for fields in read_lines(folder / "UnicodeData.txt"):
        code = int(fields[0], 16)
        if fields[1].endswith(", First>"):
            first = code
            continue
        for each in range(first if fields[1].endswith(", Last>") else code, code + 1):
            category[each] = fields[2]
        if fields[12]:
            upper[code] = int(fields[12], 16)
        if fields[13]:
            lower[code] = int(fields[13], 16)
    return category, upper, lower


def read_wide(folder):
    wide = set()
    for span, width in read_lines(folder / "EastAsianWidth.txt"):
        if width in ("W", "F"):
            ends = [int(end, 16) for end in span.split("..")]
            wide.update(range(ends[0], ends[-1] + 1))
    return wide


def spans(codes):
    out = []
    for code in sorted(codes):
        if out and code == out[-1][1] + 1:
            out[-1][1] = code
        else:
            out.append([code, code])
    return out


def case_runs(mapping):
    """Runs of equal distance between a character and its other case, one or two code points apart."""
    out = []
    for code in sorted(mapping):
        delta = mapping[code] - code
        if out:
            first, last, run_delta, stride = out[-1]
            step = code - last
            if delta == run_delta and step in (1, 2) and (first == last or step == stride):
                out[-1] = [first, code, delta, step]
                continue
        out.append([code, code, delta, 1])
    return out


def print_rows(name, row_type, rows, form):
    print(f"\nstatic const {row_type} {name}[] = {{")
    line = "   "
    for row in rows:
        item = " " + form(row) + ","
        if len(line) + len(item) > 118:
            print(line)
            line = "   "
        line += item
    print(line)
    print("};")


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/unicode")
    head = (folder / "EastAsianWidth.txt").read_text(encoding="utf-8")
    version = re.search(r"EastAsianWidth-([\d.]+)\.txt", head).group(1)
    category, upper, lower = read_characters(folder)
    zero = {code for code, kind in category.items()
            if kind in ("Mn", "Me", "Zl", "Zp") or (kind == "Cf" and code not in VISIBLE_FORMAT)}
    zero.update(range(0x1160, 0x1200))  # Hangul vowels and finals join the syllable's first letter
    print(f"/* utf8_tables.inc: Unicode {version}; made by base/gen/unicode_tables.py, not by hand. */")
    for name, codes in (("zero_cells", zero), ("two_cells", read_wide(folder) - zero)):
        print_rows(name, "code_span", spans(codes), lambda row: "{0x%X, 0x%X}" % tuple(row))
    for name, mapping in (("to_upper", upper), ("to_lower", lower)):
        print_rows(name, "case_run", case_runs(mapping), lambda row: "{0x%X, 0x%X, %d, %d}" % tuple(row))


main()
