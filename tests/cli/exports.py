#!/usr/bin/env python3
"""The library exports what hezhun.map lists, and that is what hezhun.h marks: exports.py LIBRARY HEADER MAP"""
import re
import subprocess
import sys


def exported(library):
    listing = subprocess.run(["nm", "-D", "--defined-only", library], check=True, capture_output=True, text=True).stdout
    names = {line.split()[-1].split("@")[0] for line in listing.splitlines() if line.split()[-2] in "TDBRVW"}
    return {name for name in names if not name.startswith("__odr_asan")}


def differ(left, left_name, right, right_name):
    for name in sorted(left - right):
        print(f"{name}: in {left_name}, not in {right_name}")
    for name in sorted(right - left):
        print(f"{name}: in {right_name}, not in {left_name}")
    return left != right


def main():
    library, header, version_map = sys.argv[1:]
    with open(version_map, encoding="utf-8") as file:
        mapped = set(re.findall(r"^    (\w+);$", file.read().split("local:")[0], re.M))
    with open(header, encoding="utf-8") as file:
        marked = set(re.findall(r"^HZ_API(?:_CHECKED)?\s[^;]*?(\w+)\(", file.read(), re.M))
    there = exported(library) - {"HEZHUN_1"}
    wrong = differ(mapped, "hezhun.map", there, "the library")
    wrong |= differ(mapped, "hezhun.map", marked, "hezhun.h")
    print(f"{len(there)} symbols")
    return 1 if wrong or not there else 0


if __name__ == "__main__":
    sys.exit(main())
