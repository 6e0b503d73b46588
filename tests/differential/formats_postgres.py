#!/usr/bin/env python3
"""The submission of tests/cli/formats.py in a real PostgreSQL: the same report as from delimited text, from one URL and from one a
table; who logs in is in no output. formats_postgres.py BINARY"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
import formats  # noqa: E402
from postgres import Server, find_bin  # noqa: E402


def quoted(text):
    return "NULL" if text == "" else "'" + text.replace("'", "''") + "'"


def create(name, header, rows):
    columns = ", ".join(f'"{column}" text' for column in header)
    values = ", ".join("(" + ", ".join(quoted(cell) for cell in row) + ")" for row in rows)
    return f'CREATE TABLE {name} ({columns}); INSERT INTO {name} VALUES {values};'


def run(binary, folder, *inputs):
    done = subprocess.run([binary, "check", "-p", folder / "profile.yaml", *inputs, "--reproducible", "--report",
                           f"json:{folder / 'report.json'}"], capture_output=True, text=True, timeout=120)
    if done.returncode not in (0, 1):
        return f"status {done.returncode}: {done.stderr}", ""
    text = (folder / "report.json").read_text("utf-8")
    return formats.without_positions(json.loads(text)), text + done.stdout + done.stderr


def main():
    binary = sys.argv[1]
    version = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True).stdout
    if not find_bin() or not re.search(r"libpq +built in", version):
        print("1 skipped: no PostgreSQL, or libpq is not built in")
        return 0
    # what COPY escapes
    odd = [row[:2] + ('tab\tback\\slash\nfeed"',) + row[3:] if row[0] == "M5" else row for row in formats.MEMBERS]
    with tempfile.TemporaryDirectory() as temp, Server() as server:
        folder = pathlib.Path(temp)
        (folder / "data").mkdir()
        (folder / "profile.yaml").write_text(formats.PROFILE, "utf-8")
        (folder / "data" / "household.csv").write_text(formats.csv_of(formats.HOUSEHOLD, formats.HOUSEHOLDS), "utf-8")
        (folder / "data" / "member.csv").write_text(formats.csv_of(formats.MEMBER, odd), "utf-8")
        server.run("CREATE SCHEMA \"数据\"; CREATE ROLE reader LOGIN PASSWORD 'geheim';" +
                   create("household", formats.HOUSEHOLD, formats.HOUSEHOLDS) + create('"成员"', formats.MEMBER, odd) +
                   create('"数据".m', formats.MEMBER, odd) +
                   "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader; GRANT USAGE ON SCHEMA \"数据\" TO reader;"
                   "GRANT SELECT ON ALL TABLES IN SCHEMA \"数据\" TO reader;")
        wanted, _ = run(binary, folder, folder / "data")
        url = f"postgresql://reader:geheim@/postgres?host={server.folder}"
        ways = {"one URL": [url],
                "a URL a table": ["--table", f"household={url}&table=household", "--table", f"member={url}&table=数据.m"]}
        wrong = 0
        for name, inputs in ways.items():
            report, output = run(binary, folder, *inputs)
            if report != wanted:
                wrong += 1
                print(f"{name}: differs:\n{json.dumps(report, ensure_ascii=False)[:3000]}\n{json.dumps(wanted, ensure_ascii=False)[:3000]}")
            if "geheim" in output or "reader" in output or server.folder in output:
                wrong += 1
                print(f"{name}: the report says who logs in")
        # a row's place is its primary key, but for what could be a person's number
        server.run("CREATE TABLE keyed (n integer, u uuid, id text, PRIMARY KEY (n, u)); INSERT INTO keyed VALUES "
                   "(7, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'B5'); CREATE TABLE personal (no text PRIMARY KEY, id text);"
                   "INSERT INTO personal VALUES ('11010519491231002X', 'B6'), ('12345678901', 'B7'), ('1234567890', 'B8');"
                   "GRANT SELECT ON keyed, personal TO reader;")
        for table, places in (("keyed", ["n=7, u=a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]), ("personal", [None, None, "no=1234567890"])):
            run(binary, folder, "--table", f"household={url}&table={table}")
            rules = json.loads((folder / "report.json").read_text("utf-8"))["rules"]
            found = [f.get("where") for rule in rules if rule["id"] == "household.id.pattern" for f in rule["examples"]]
            if found != places:
                wrong += 1
                print(f"places of {table}: {found}, not {places}")
        message, _ = run(binary, folder, "--table", f"household={url}&table=nothing")
        if "nothing" not in str(message) or "geheim" in str(message) or "status 4" not in str(message):
            wrong += 1
            print(f"a missing table: {message}")
    print(f"{len(ways) + 1} runs, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
