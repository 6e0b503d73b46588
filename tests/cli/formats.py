#!/usr/bin/env python3
"""The same small submission in every format that is read: the same verdict, counts and findings, but for positions.
formats.py BINARY [--keep FOLDER]

The delimited text is the measure. Formats whose optional part is not in the binary must say so (status 4)."""
import argparse
import csv
import datetime
import gzip
import io
import json
import pathlib
import re
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from xml.sax.saxutils import escape, quoteattr

PROFILE = """\
hezhun: 1
profile: test.formats
version: 1.0.0
title: {zh: 住户与成员, en: Households and members}
as_of: optional
tables:
  household:
    title: {zh: 户, en: Households}
    files: ["household*"]
    key: [id]
    fields:
      id: {type: text, pattern: 'H[0-9]{3}', title: {zh: 户编号, en: ID}}
      town: {type: text, required: true, title: {zh: 乡镇, en: Town}}
      size: {type: integer, min: 1, max: 12}
      joined: {type: date}
    relations:
      members: {many: member, on: {id: household_id}, inverse: household}
  member:
    title: {zh: 成员, en: Members}
    files: ["member*"]
    key: ["no"]
    fields:
      "no": {type: text, required: true}
      household_id: {type: text}
      name: {type: text, required: true, title: {zh: 姓名, en: Name}}
      phones: {type: text, many: ",", max_items: 2}
rules:
  HH-1:
    on: household
    title: {zh: 人数相符, en: size is the number of members}
    assert: size = count(members)
"""
HOUSEHOLD = ["id", "town", "size", "joined"]
MEMBER = ["no", "household_id", "name", "phones"]
HOUSEHOLDS = [("H001", "城关镇", "2", "2019-03-01"), ("H002", "青山乡", "x", "2019-03-02"), ("H003", "", "4", "2019-13-02"),
              ("B4", "大兴 & <镇>", "1", "2020-01-01")]
MEMBERS = [("M1", "H001", "张三", "1,2"), ("M2", "H001", "", "3"), ("M3", "H002", "李四", ""), ("M4", "H003", '王"五"', "1,2,3"),
           ("M5", "H003", "赵六", "5"), ("M4", "H003", "孙七", "6"), ("12345678901234567890", "B4", "周八", "7")]


def csv_of(header, rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def lines_of(header, rows, ascii_only=False):
    return "".join(json.dumps(dict(zip(header, row)), ensure_ascii=ascii_only) + "\n" for row in rows)


def members_of(household):
    return [row for row in MEMBERS if row[1] == household]


def nested(row):
    record = dict(zip(HOUSEHOLD, row))
    record["members"] = [{"no": m[0], "name": m[2], "phones": m[3].split(",") if m[3] else None} for m in members_of(row[0])]
    return record


def xml_of(wrapped, record, root="data"):
    out = [f"<?xml version='1.0' encoding='UTF-8'?>\n<{root} xmlns='urn:x'>"]
    for row in HOUSEHOLDS:
        out.append(f"<{record} id={quoteattr(row[0])}><town>{escape(row[1])}</town><size>{row[2]}</size><joined>{row[3]}</joined>")
        out.append("<members>" if wrapped else "")
        for m in members_of(row[0]):
            phones = "".join(f"<phones>{p}</phones>" for p in m[3].split(",")) if m[3] else "<phones/>"
            out.append(f"  <member no={quoteattr(m[0])}><name>{escape(m[2])}</name>{phones}</member>")
        out.append("</members>" if wrapped else "")
        out.append(f"</{record}>")
    return "\n".join(out) + f"\n</{root}>\n"


def zip_of(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def both(suffix, make, encode=str.encode):
    return {f"household.{suffix}": encode(make(HOUSEHOLD, HOUSEHOLDS)), f"member.{suffix}": encode(make(MEMBER, MEMBERS))}


def letters(column):
    return chr(ord("A") + column)


def xlsx_of(sheets, shared=True):
    """A workbook. Texts that are whole numbers of few digits are numbers, dates are serials."""
    strings, parts = [], {}
    for number, rows in enumerate(sheets.values(), 1):
        out = []
        for r, row in enumerate(rows, 1):
            cells = []
            for c, text in enumerate(row):
                at = f'r="{letters(c)}{r}"'
                if text == "":
                    cells.append(f'<c {at} s="0"/>')
                elif re.fullmatch(r"[1-9][0-9]{0,9}", text):
                    cells.append(f"<c {at}><v>{text}</v></c>")
                elif re.fullmatch(r"20[0-9]{2}-0[0-9]-[0-9]{2}", text):
                    serial = (datetime.date.fromisoformat(text) - datetime.date(1899, 12, 30)).days
                    cells.append(f'<c {at} s="1"><v>{serial}</v></c>')
                elif shared:
                    strings.append(text)
                    cells.append(f'<c {at} t="s"><v>{len(strings) - 1}</v></c>')
                else:
                    half = len(text) // 2
                    runs = f"<r><t>{escape(text[:half])}</t></r><r><t>{escape(text[half:])}</t></r><rPh sb='0' eb='1'><t>x</t></rPh>"
                    cells.append(f'<c {at} t="inlineStr"><is>{runs}</is></c>')
            out.append(f'<row r="{r}">{"".join(cells)}</row>' if cells else "")
        parts[f"xl/worksheets/sheet{number}.xml"] = f'<worksheet xmlns="m"><sheetData>{"".join(out)}</sheetData></worksheet>'
    listed = "".join(f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(sheets, 1))
    targets = "".join(f'<Relationship Id="rId{n}" Target="worksheets/sheet{n}.xml"/>' for n in range(1, len(sheets) + 1))
    parts["xl/workbook.xml"] = f'<workbook xmlns="m" xmlns:r="r"><workbookPr/><sheets>{listed}</sheets></workbook>'
    parts["xl/_rels/workbook.xml.rels"] = f"<Relationships>{targets}</Relationships>"
    parts["xl/styles.xml"] = ('<styleSheet><numFmts><numFmt numFmtId="170" formatCode="yyyy\\-mm\\-dd"/></numFmts><cellXfs>'
                              '<xf numFmtId="0"/><xf numFmtId="170"/></cellXfs></styleSheet>')
    if strings:
        parts["xl/sharedStrings.xml"] = "<sst>" + "".join(f"<si><t>{escape(text)}</t></si>" for text in strings) + "</sst>"
    return zip_of(parts)


def sqlite_of(tables):
    with tempfile.NamedTemporaryFile(suffix=".sqlite") as file:
        db = sqlite3.connect(file.name)
        for name, (header, rows) in tables.items():
            db.execute(f"create table \"{name}\" ({', '.join(chr(34) + column + chr(34) + ' text' for column in header)})")
            db.executemany(f"insert into \"{name}\" values ({', '.join('?' * len(header))})",
                           [[cell or None for cell in row] for row in rows])
        db.execute("create view v as select 1")
        db.commit()
        db.close()
        return pathlib.Path(file.name).read_bytes()


def formats():
    plain = both("csv", csv_of)
    yield "csv", None, plain
    for encoding in ("gb18030", "utf-16", "utf-8-sig"):
        yield "csv " + encoding, None, both("csv", csv_of, lambda text, e=encoding: text.encode(e))
    yield "csv.gz", None, {name + ".gz": gzip.compress(content) for name, content in plain.items()}
    yield "zip of csv", "libarchive", {"data.zip": zip_of(plain)}
    yield "jsonl", None, both("jsonl", lines_of)
    yield "jsonl escaped", None, both("ndjson", lambda header, rows: lines_of(header, rows, True))
    array = json.dumps([nested(row) for row in HOUSEHOLDS], ensure_ascii=False, indent=1)
    yield "json nested", None, {"household.json": array.encode()}
    yield "json nested gb18030", None, {"household.json": array.encode("gb18030")}
    yield "json lines nested", None, {"household.json": "".join(json.dumps(nested(row)) + "\n" for row in HOUSEHOLDS).encode()}
    root = {"户": [dict(zip(HOUSEHOLD, row)) for row in HOUSEHOLDS], "member": [dict(zip(MEMBER, row)) for row in MEMBERS]}
    yield "json object", None, {"household.json": json.dumps(root, ensure_ascii=False).encode()}
    yield "xml nested", None, {"household.xml": xml_of(False, "household").encode()}
    yield "xml wrapped", None, {"household.xml": xml_of(True, "户").encode()}
    yield "xml rows", None, {"household.xml": xml_of(True, "row").encode()}
    yield "xml gb18030", None, {"household.xml": xml_of(True, "household").replace("UTF-8", "GB18030").encode("gb18030")}
    yield "xlsx", "libarchive", both("xlsx", lambda header, rows: [header, *rows], lambda rows: xlsx_of({"Sheet1": rows}))
    sheets = {"说明": [["填表说明"]], "户": [["住户登记表"], [], HOUSEHOLD, *HOUSEHOLDS], "member": [MEMBER, *MEMBERS]}
    yield "xlsx of two tables", "libarchive", {"household.xlsx": xlsx_of(sheets)}
    yield "xlsx with inline texts", "libarchive", {"household.xlsx": xlsx_of(sheets, shared=False)}
    yield "zip of xlsx", "libarchive", {"data.zip": zip_of({"household.xlsx": xlsx_of(sheets)})}
    base = sqlite_of({"household": (HOUSEHOLD, HOUSEHOLDS), "成员": (MEMBER, MEMBERS)})
    yield "sqlite", "sqlite", {"household.sqlite": base}
    yield "sqlite.gz", "sqlite", {"household.sqlite.gz": gzip.compress(base)}
    yield "zip of sqlite", "libarchive sqlite", {"data.zip": zip_of({"household.sqlite": base})}
    yield "zip of xml", "libarchive", {"data.zip": zip_of({"报送/household.xml": xml_of(True, "household")})}


def without_positions(report):
    report = json.loads(re.sub(r'"(distinct)": \d+', r'"\1": 0', json.dumps(report)))
    for table in report["submission"]["tables"]:
        table["sources"] = None
    report["submission"]["ignored"] = None

    def strip(value):
        if isinstance(value, dict):
            for key in ("source", "line", "where", "offset"):
                value.pop(key, None)
            for inner in value.values():
                strip(inner)
        elif isinstance(value, list):
            for inner in value:
                strip(inner)
    strip(report["rules"])
    return report


def run(binary, folder):
    done = subprocess.run([binary, "check", "-p", folder / "profile.yaml", folder / "data", "--reproducible", "--report",
                           f"json:{folder / 'report.json'}"], capture_output=True, text=True, timeout=120)
    if done.returncode not in (0, 1):
        return done.returncode, done.stderr
    return done.returncode, json.loads((folder / "report.json").read_text("utf-8"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("binary")
    parser.add_argument("--keep", type=pathlib.Path)
    args = parser.parse_args()
    version = subprocess.run([args.binary, "--version"], capture_output=True, text=True, check=True).stdout
    wanted, wrong, count = None, 0, 0
    with tempfile.TemporaryDirectory() as temp:
        for number, (name, parts, files) in enumerate(formats()):
            folder = (args.keep or pathlib.Path(temp)) / f"{number:02} {name}"
            (folder / "data").mkdir(parents=True)
            (folder / "profile.yaml").write_text(PROFILE, "utf-8")
            for path, content in files.items():
                (folder / "data" / path).write_bytes(content)
            status, report = run(args.binary, folder)
            count += 1
            if not all(re.search(rf"{part} +built in", version) for part in (parts or "").split()):
                continue
            if status not in (0, 1):
                print(f"{name}: status {status}: {report}")
                wrong += 1
                continue
            report = without_positions(report)
            wanted = wanted or report
            if report != wanted:
                wrong += 1
                print(f"{name}: differs from {'csv'}")
                for key in wanted:
                    if report[key] != wanted[key]:
                        print(f"  {key}:\n    {json.dumps(wanted[key], ensure_ascii=False)[:2000]}\n"
                              f"    {json.dumps(report[key], ensure_ascii=False)[:2000]}")
    failed = sum(rule["failed"] > 0 for rule in wanted["rules"])
    if failed < 7:
        print(f"the submission breaks only {failed} rules: nothing much is compared")
        wrong += 1
    print(f"{count} formats, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
