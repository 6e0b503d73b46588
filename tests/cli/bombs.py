#!/usr/bin/env python3
"""What is made to choke a reader: bombs, billion laughs, fields and headers without end, nesting without end. Each is a clear error inside the
limits, and memory stays bounded. bombs.py BINARY [--memory MIB]

--memory 0 asks nothing of memory (sanitizers)."""
import argparse
import gzip
import io
import json
import os
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile
import zipfile

PROFILE = """\
hezhun: 1
profile: test.bombs
version: 1.0.0
title: {zh: 成员, en: Members}
tables:
  member:
    files: ["member*"]
    fields:
      id: {type: text}
"""
LAUGHS = '<!DOCTYPE lolz [<!ENTITY lol "lol">' + "".join(
    f'<!ENTITY lol{i} "{("&lol" + (str(i - 1) if i > 1 else "") + ";") * 10}">' for i in range(1, 10)) + "]>"
NAMES = [f"c{i}" for i in range(100000)]
ROW = '<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row>'


def long():
    return "a" * (20 << 20)


def zeros():
    return b"id\n" + b"x\n" * (40 << 20)


def wide():
    return '<row r="1">' + "".join(f'<c r="{letters(i)}1" t="inlineStr"><is><t>{n}</t></is></c>' for i, n in enumerate(["id", *NAMES])) + "</row>"


def letters(column):
    out = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        out = chr(ord("A") + rest) + out
    return out


def xlsx(sheet, shared=None):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/workbook.xml", '<workbook xmlns:r="r"><sheets><sheet name="member" sheetId="1" r:id="r1"/></sheets></workbook>')
        book.writestr("xl/_rels/workbook.xml.rels", '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>')
        book.writestr("xl/worksheets/sheet1.xml", sheet)
        if shared:
            book.writestr("xl/sharedStrings.xml", shared)
    return out.getvalue()


def sheet(rows, before=""):
    return f"{before}<worksheet><sheetData>{rows}</sheetData></worksheet>"


def zip_of(name, content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


def base_of(text):
    with tempfile.NamedTemporaryFile(suffix=".sqlite") as file:
        base = sqlite3.connect(file.name)
        base.execute("create table member (id text)")
        base.execute("insert into member values (?)", [text])
        base.commit()
        base.close()
        return pathlib.Path(file.name).read_bytes()


def cases():
    """Name, part, file, what makes it, exit status, what the message says."""
    yield "a gzip bomb", None, "member.csv.gz", lambda: gzip.compress(zeros()), 5, "unpacked_ratio"
    yield "a zip bomb", "libarchive", "member.zip", lambda: zip_of("member.csv", zeros()), 5, "unpacked_ratio"
    yield "a workbook that is a bomb", "libarchive", "member.xlsx", lambda: xlsx(sheet(ROW + " " * (80 << 20))), 5, "unpacked_ratio"
    yield "shared texts that are a bomb", "libarchive", "member.xlsx", lambda: xlsx(sheet(ROW), "<sst>" + "<si><t>a</t></si>" * (6 << 20)), 5, "unpacked_ratio"
    yield "laughs in XML", None, "member.xml", lambda: f"{LAUGHS}<data><member><id>&lol9;</id></member></data>", 4, "DOCTYPE"
    yield "laughs in a sheet", "libarchive", "member.xlsx", lambda: xlsx(sheet(ROW, LAUGHS)), 4, "DOCTYPE"
    yield "laughs in shared texts", "libarchive", "member.xlsx", lambda: xlsx(sheet(ROW), f"{LAUGHS}<sst><si><t>&lol9;</t></si></sst>"), 4, "DOCTYPE"
    yield "100,000 columns of CSV", None, "member.csv", lambda: ",".join(NAMES) + "\n", 5, r"member.csv:1: .*limit fields"
    yield "100,000 names of JSON", None, "member.json", lambda: json.dumps([dict.fromkeys(NAMES, 1)]), 5, r"member.json:1: .*limit fields"
    yield "100,000 names of JSON Lines", None, "member.jsonl", lambda: json.dumps(dict.fromkeys(NAMES, 1)) + "\n", 5, r"member.jsonl:1: .*limit fields"
    yield "100,000 elements", None, "member.xml", lambda: "<d><member>" + "".join(f"<{n}/>" for n in NAMES) + "</member></d>", 5, r"member.xml:1: .*limit fields"
    yield "100,000 columns of a sheet", "libarchive", "member.xlsx", lambda: xlsx(sheet(wide())), 4, "outside of its sheet"
    yield "a long field of CSV", None, "member.csv", lambda: f"id\n{long()}\n", 5, r"member.csv:2: .*record_bytes"
    yield "a long quoted field of CSV", None, "member.csv", lambda: f'id\n"{long()}\n', 5, r"member.csv:2: .*record_bytes"
    yield "a long header", None, "member.csv", lambda: long(), 5, r"member.csv:1: .*record_bytes"
    yield "a long text of JSON", None, "member.json", lambda: json.dumps([{"id": long()}]), 5, r"member.json:1: .*record_bytes"
    yield "a long line of JSON", None, "member.jsonl", lambda: json.dumps({"id": long()}) + "\n", 5, r"member.jsonl:1: .*record_bytes"
    yield "a long element", None, "member.xml", lambda: f"<d><member><id>{long()}</id></member></d>", 5, r"member.xml:1: .*record_bytes"
    yield "a long attribute", None, "member.xml", lambda: f'<d><member id="{long()}"/></d>', 5, "10 MB"
    yield "a long value of SQLite", "sqlite", "member.sqlite", lambda: base_of(long()), 5, r"member.sqlite .*record_bytes"
    yield "deep JSON", None, "member.json", lambda: "[" * 1000000, 5, r"member.json:1: .*nesting"
    yield "deep JSON Lines", None, "member.jsonl", lambda: '{"a":' * 1000000, 5, r"member.jsonl:1: .*nesting"
    yield "deep XML", None, "member.xml", lambda: "<a>" * 100000, 5, r"member.xml:1: .*nesting"


def put(path, make):
    """In a process of its own: a process begins with the peak of the one that starts it."""
    pid = os.fork()
    if not pid:
        content = make()
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        os._exit(0)
    if os.waitpid(pid, 0)[1]:
        raise SystemExit(f"cannot write {path}")


def run(binary, folder, file):
    """Status, what it said, and the peak of memory in MiB."""
    words = [binary, "check", "-q", "--lang", "en", "-p", str(folder / "profile.yaml"), "--table", f"member={file}"]
    with tempfile.TemporaryFile() as said:
        pid = os.posix_spawn(words[0], words, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, said.fileno(), 1), (os.POSIX_SPAWN_DUP2, said.fileno(), 2)])
        _, status, usage = os.wait4(pid, 0)
        said.seek(0)
        return os.waitstatus_to_exitcode(status), said.read().decode(errors="replace"), usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--memory", type=int, default=200)
    args = parser.parse_args()
    version = subprocess.run([args.binary, "--version"], capture_output=True, text=True, check=True).stdout
    wrong = count = 0
    with tempfile.TemporaryDirectory() as temp:
        folder = pathlib.Path(temp)
        (folder / "profile.yaml").write_text(PROFILE, "utf-8")
        for name, part, file, make, status, words in cases():
            if part and not re.search(rf"{part} +built in", version):
                continue
            path = folder / file
            put(path, make)
            got, said, mib = run(args.binary, folder, path)
            path.unlink()
            count += 1
            if got != status or not re.search(words, said) or (args.memory and mib > args.memory):
                wrong += 1
                print(f"{name}: status {got}, {mib:.0f} MiB: {said[:500]}")
    print(f"{count} files, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
