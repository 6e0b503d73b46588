#!/usr/bin/env python3
"""Our evaluator against a real PostgreSQL.

Three sets: random typed expressions over rows of edge values (generate.py), every value case of tests/data/expr, and the differences on purpose
of differences.tsv, whose both sides are held to what the table says. Values are compared as text. The last line is `N passed, M failed`."""
import argparse
import glob
import os
import random
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import generate  # noqa: E402
import postgres  # noqa: E402

CASES_DIR = os.path.join(HERE, "..", "data", "expr")
ROWS = 12
PER_GROUP = 250


def quote(text):
    return "'" + text.replace("'", "''") + "'"


def tool_run(tool, lines):
    env = dict(os.environ, ASAN_OPTIONS="detect_leaks=0:" + os.environ.get("ASAN_OPTIONS", ""))
    done = subprocess.run([tool], input="\n".join(lines + [""]).encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
    if done.returncode:
        raise RuntimeError("the tool failed: " + done.stderr.decode(errors="replace")[-2000:])
    return done.stdout.decode().split("\n")[:-1]


def normal(value):
    """Fractions of a second without trailing zeros."""
    return re.sub(r"(:\d\d)\.(\d*?)0*(?=$|[,}])", lambda m: m[1] + ("." + m[2] if m[2] else ""), value)


def sql_value(text, sql_type):
    if text is None:
        return f"null::{sql_type}"
    if sql_type.endswith("[]"):
        return "array[" + ",".join(quote(piece) for piece in text.split(",")) + f"]::{sql_type}"
    if sql_type == "date" and len(text) == 7:
        text += "-01"
    return f"{quote(text)}::{sql_type}"


def sql_table(fields, rows):
    """Statements that make the table `given`."""
    columns = ", ".join(f'"{name}" {generate.SQL_TYPES[kind]}' for name, kind in fields)
    out = ["drop table if exists given;", f"create temp table given (row_number int{', ' + columns if columns else ''});"]
    for number, row in enumerate(rows, 1):
        values = [sql_value(text, generate.SQL_TYPES[kind]) for text, (_, kind) in zip(row, fields)]
        out.append(f"insert into given values ({', '.join([str(number)] + values)});")
    return out


def sql_ask(kind, expr, function="hz_all"):
    return f"select {function}($hz$hz_show(({expr})::{kind})$hz$);"


def tool_row(word, fields, row):
    cells = " ".join(f"{name}={quote(text)}" for (name, _), text in zip(fields, row) if text is not None)
    return f"{word}: {cells}"


class Report:
    def __init__(self, shown):
        self.passed = self.failed = 0
        self.shown = shown

    def check(self, ok, text):
        if ok:
            self.passed += 1
            return
        self.failed += 1
        if self.failed <= self.shown:
            print("FAIL", text)


def random_set(server, tool, setup, seed, count, report):
    groups = (count + PER_GROUP - 1) // PER_GROUP
    to_tool, to_sql, asked = [], [setup], []
    for group in range(groups):
        gen = generate.Generator(random.Random(f"{seed}/{group}"))
        rows = [[None] * len(generate.FIELDS)] + [gen.row() for _ in range(ROWS - 1)]
        to_tool.append("fields: " + ", ".join(f"{name} {kind}" for name, kind in generate.FIELDS))
        to_tool.append("params:")
        to_tool += [f"param: {name} {kind} {text}" for name, kind, text in generate.PARAMS]
        to_tool.append(f"as_of: {generate.AS_OF}")
        to_tool += [tool_row("row" if i == 0 else "also", generate.FIELDS, row) for i, row in enumerate(rows)]
        to_sql += sql_table(generate.FIELDS, rows)
        for _ in range(min(PER_GROUP, count - group * PER_GROUP)):
            kind, ours, sql = gen.expression()
            to_tool += [f"expr: {ours}", "run:"]
            to_sql.append(sql_ask(kind, sql))
            asked.append((group, rows, kind, ours, sql))
    answers, theirs = tool_run(tool, to_tool), server.run("\n".join(to_sql))
    if len(answers) != len(asked) or len(theirs) != len(asked):
        raise RuntimeError(f"{len(asked)} cases, {len(answers)} answers of the tool, {len(theirs)} of PostgreSQL")
    for (group, rows, kind, ours, sql), mine, other in zip(asked, answers, theirs):
        got, want = mine.split("\t"), other.split("\t")
        if got[0] == kind and [normal(v) for v in got[1:]] == [normal(v) for v in want]:
            report.check(True, "")
            continue
        detail = f"{ours}\n     sql {sql}\n"
        if got[0] != kind or len(want) != len(got) - 1:
            detail += f"     ours {mine[:500]}\n     PostgreSQL {other[:500]}"
        else:
            i = next(i for i in range(len(want)) if normal(want[i]) != normal(got[i + 1]))
            cells = " ".join(f"{n}={v!r}" for (n, _), v in zip(generate.FIELDS, rows[i]))
            detail += f"     row {cells}\n     ours {got[i + 1]}\n     PostgreSQL {want[i]}"
        report.check(False, f"group {group}: {detail}")


def parse_cells(rest):
    cells = {}
    for name, invalid, text in re.findall(r"(\S+?)=(invalid)?'((?:[^']|'')*)'", rest):
        cells[name] = (text.replace("''", "'"), bool(invalid))
    return cells


def read_cases(path):
    """Value cases: dictionaries with line, fields, cells, as_of, params, expr, postgres, type, value."""
    now = {"fields": [], "row": "", "as_of": "2020-12-31", "params": [], "expr": "", "postgres": ""}
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            key, _, rest = line.partition(":")
            rest = rest[1:]
            if key == "fields":
                now["fields"] = [tuple(item.split()) for item in rest.split(",") if item.strip()]
                now["row"] = ""
            elif key == "param":
                name, kind, text = (rest.split(" ", 2) + [""])[:3]
                now["params"] = now["params"] + [(name, kind, text)]
            elif key == "value":
                kind, _, value = rest.partition(" ")
                yield dict(now, line=number, type=kind, value=value, path=os.path.basename(path))
                now["postgres"] = ""
            else:
                now[key] = rest


def in_sql(case):
    """What PostgreSQL is asked for a case."""
    sql = case["postgres"] or case["expr"]
    if not case["postgres"]:
        parts = re.split(r"('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")", sql)
        for i in range(0, len(parts), 2):
            for name, kind, text in case["params"]:
                parts[i] = re.sub(rf"(?<![:\w]):?{re.escape(name)}\b", lambda _: sql_value(text, generate.SQL_TYPES[kind]), parts[i])
            parts[i] = re.sub(r"\bas_of\b", f"date '{case['as_of']}'", parts[i], flags=re.I)
        sql = "".join(parts)
    return sql


def case_set(server, tool, setup, report):
    cases = [case for path in sorted(glob.glob(os.path.join(CASES_DIR, "values_*.txt"))) for case in read_cases(path)]
    to_tool, to_sql, asked = [], [setup], []
    for case in cases:
        to_tool += ["fields: " + ", ".join(" ".join(f) for f in case["fields"]), "params:"]
        to_tool += [f"param: {' '.join(p)}" for p in case["params"]]
        to_tool += [f"as_of: {case['as_of']}", f"row: {case['row']}", f"expr: {case['expr']}", "run:"]
        cells = parse_cells(case["row"])
        if case["postgres"] == "none" or case["value"] == "invalid" or any(bad for _, bad in cells.values()):
            continue
        to_sql += sql_table(case["fields"], [[cells.get(name, (None, 0))[0] for name, _ in case["fields"]]])
        to_sql.append(sql_ask(case["type"], in_sql(case)))
        asked.append(case)
    answers = tool_run(tool, to_tool) if cases else []
    for case, mine in zip(cases, answers):
        kind, _, value = mine.partition("\t")
        report.check((kind, normal(value)) == (case["type"], normal(case["value"])),
                     f"{case['path']}:{case['line']}: {case['expr']}\n     ours {mine}\n     expected {case['type']} {case['value']}")
    theirs = server.run("\n".join(to_sql)) if asked else []
    if len(answers) != len(cases) or len(theirs) != len(asked):
        raise RuntimeError("answers are missing for the cases of tests/data/expr")
    for case, other in zip(asked, theirs):
        report.check(normal(other) == normal(case["value"]),
                     f"{case['path']}:{case['line']}: {case['postgres'] or case['expr']}\n     PostgreSQL {other}\n     expected {case['value']}")


def difference_set(server, tool, setup, report):
    with open(os.path.join(HERE, "differences.tsv"), encoding="utf-8") as lines:
        rows = [line.rstrip("\n").split("\t") for line in lines if line.strip() and not line.startswith("#")][1:]
    to_tool, to_sql = ["fields: nothing text", "row:"], [setup, *sql_table([("nothing", "text")], [[None]])]
    for _, kind, ours, _, sql, _, _ in rows:
        to_tool += [f"expr: {ours}", "run:"]
        to_sql.append(sql_ask(kind, sql, "hz_one"))
    for (what, kind, ours, value, sql, other, _), mine, theirs in zip(rows, tool_run(tool, to_tool), server.run("\n".join(to_sql))):
        report.check(mine == f"{kind}\t{value}", f"differences.tsv: {what}: {ours}: ours {mine!r}, the table says {value!r}")
        report.check(theirs == other, f"differences.tsv: {what}: PostgreSQL {theirs!r}, the table says {other!r}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tool", required=True)
    parser.add_argument("--cases", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=20, help="failures shown")
    options = parser.parse_args()
    report = Report(options.show)
    with open(os.path.join(HERE, "setup.sql"), encoding="utf-8") as text:
        setup = text.read()
    with postgres.Server() as server:
        server.run(setup)
        quiet = "set client_min_messages = warning;"
        difference_set(server, options.tool, quiet, report)
        case_set(server, options.tool, quiet, report)
        random_set(server, options.tool, quiet, options.seed, options.cases, report)
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
