#!/usr/bin/env python3
"""A submission in a system's own names, codes and forms, read through a mapping, gives the report of the plain one but for
what the file calls its columns and values.

    mapped.py BINARY [--cases N] [--seed S]

Each case draws rows, right and wrong ones, writes them plainly and as a vendor would (columns renamed, joined, split,
recoded, other dates, numbers, units, separators, nulls, order), and compares the JSON of both, and of the vendor's in
one thread and with little memory.
"""
import argparse
import csv
import datetime
import json
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROFILE = ROOT / "tests/cli/shared/mapped/profile.yaml"
HOUSEHOLD = ["household_id", "village_code", "attribute", "net_income", "exit_date", "causes", "employed", "phone"]
MEMBER = ["household_id", "name", "sex", "birth_date"]
KINDS = {"01": "一般", "02": "低保", "05": "五保"}
CAUSES = {"1": "病", "2": "学", "3": "缺劳力"}
NULL = "不详"


def draw(rng):
    """Rows as the profile has them; about one value in eight is wrong or missing."""
    def one(good, bad):
        return rng.choice(bad) if rng.random() < 0.12 else rng.choice(good)
    count = rng.randrange(1, 40)
    households = [{
        "household_id": one([f"H{n:04}"], ["H0001", "X1", ""]),
        "village_code": one(["520322", "520382"], ["520399", "52032", ""]),
        "attribute": one(list(KINDS), ["09", "", "x"]),
        "net_income": one([str(rng.randrange(0, 90000))], ["-5", "abc", "", "1.234"]),
        "exit_date": one([f"20{rng.randrange(10, 20)}-0{rng.randrange(1, 10)}-{rng.randrange(10, 29)}"],
                         ["2021-02-30", "2030-01-01", "", "none"]),
        "causes": ",".join(rng.sample(list(CAUSES) + ["7"], rng.randrange(0, 3))),
        "employed": one(["0", "1"], ["2", ""]),
        "phone": one(["13800000000"], ["123", ""]),
    } for n in range(count)]
    members = [{
        "household_id": f"H{rng.randrange(0, count + 2):04}",
        "name": one([f"张{rng.randrange(100)}"], [""]),
        "sex": one(["1", "2", "9"], ["3", ""]),
        "birth_date": one([f"19{rng.randrange(50, 99)}-10-{rng.randrange(10, 29)}"], ["1990-13-01", ""]),
    } for _ in range(rng.randrange(1, 60))]
    return households, members


def write(path, names, rows):
    with open(path, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)


def as_date(text, form):
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        return text
    return form.format(year=day.year, month=day.month, day=day.day)


def household_of_vendor(rng, rows):
    """(columns, rows, mapping) of one drawing."""
    columns, table = {}, {"columns": {}, "codes": {}, "formats": {}, "nulls": [NULL]}
    for field in HOUSEHOLD:
        columns[field] = [row[field] for row in rows]
    columns["attribute"] = [KINDS.get(value, value) for value in columns["attribute"]]
    table["codes"]["attribute"] = {name: code for code, name in KINDS.items()}
    columns["employed"] = [{"1": "是", "0": "否"}.get(value, value) for value in columns["employed"]]
    table["codes"]["employed"] = {"是": "1", "否": "0"}
    if rng.random() < 0.5:
        columns["causes"] = ["、".join(CAUSES.get(item, item) for item in value.split(",")) for value in columns["causes"]]
        table["codes"]["causes"] = {name: code for code, name in CAUSES.items()}
        table["separators"] = {"causes": "、"}
    if rng.random() < 0.5:
        columns["exit_date"] = [as_date(value, "{year}/{month}/{day}") for value in columns["exit_date"]]
        table["formats"]["exit_date"] = ["YYYY/M/D"]
    income = columns["net_income"]
    if rng.random() < 0.5:
        columns["net_income"] = [f"¥{int(value):,}" if value.isdigit() else value for value in income]
        table["formats"]["net_income"] = "¥1,234"
    elif rng.random() < 0.5:
        columns["net_income"] = [f"{int(value) / 10000:.4f}" if value.isdigit() else value for value in income]
        table["times"] = {"net_income": "10000"}
        columns["net_income"] = [value if income[i].isdigit() else {"-5": "-0.0005", "1.234": "0.0001234"}.get(value, value)
                                 for i, value in enumerate(columns["net_income"])]
    out = {}
    for field, values in columns.items():
        values = [value or rng.choice(["", NULL]) for value in values]
        if field == "village_code" and rng.random() < 0.5:
            plain = columns[field]
            out["市"] = [value[:4] for value in plain]
            out["县"] = [value[4:] for value in plain]
            table["join"] = {field: {"of": ["市", "县"]}}
        else:
            name = f"列{HOUSEHOLD.index(field)}" if rng.random() < 0.8 else field
            out[name] = values
            if name != field:
                table["columns"][name] = field
    names = list(out)
    rng.shuffle(names)
    return names, list(zip(*(out[name] for name in names))), table


def member_of_vendor(rng, rows):
    table = {"columns": {"编号": "household_id"}, "codes": {"sex": {"男": "1", "女": "2", "未": "9"}},
             "split": {"人": {"by": "|", "into": ["name", "sex", "birth_date"]}},
             "formats": {"birth_date": "YYYYMMDD"}}
    sex = {"1": "男", "2": "女", "9": "未"}
    out = [(row["household_id"], "|".join((row["name"], sex.get(row["sex"], row["sex"]),
                                           as_date(row["birth_date"], "{year:04}{month:02}{day:02}"))))
           for row in rows]
    return ["编号", "人"], out, table


def check(binary, folder, name, *options):
    path = folder / (name + ".json")
    done = subprocess.run([binary, "check", "-q", "--reproducible", "--reveal", "-p", PROFILE, "--report", f"json:{path}", *options,
                           folder / name], capture_output=True, timeout=120, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{name}: status {done.returncode}\n{done.stderr.decode()}")
    return json.loads(path.read_text("utf-8"))


def bare(value):
    """Without what a mapping adds and what only the file has: its bytes, its column of a cell."""
    if isinstance(value, list):
        return [bare(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: bare(item) for key, item in value.items()
            if key not in ("submitted", "mapping", "sha256", "bytes", "offset", "top", "causes", "causes_found")}


def differences(a, b, at=""):
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted(set(a) | set(b)):
            yield from differences(a.get(key), b.get(key), f"{at}/{key}")
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b)):
            yield from differences(x, y, f"{at}/{i}")
    elif a != b:
        yield f"{at}: plain {a!r}, mapped {b!r}"


def case(binary, rng, folder):
    households, members = draw(rng)
    for name in ("plain", "vendor"):
        (folder / name).mkdir()
    write(folder / "plain/household.csv", HOUSEHOLD, [[row[field] for field in HOUSEHOLD] for row in households])
    write(folder / "plain/member.csv", MEMBER, [[row[field] for field in MEMBER] for row in members])
    tables = {}
    for table, made in (("household", household_of_vendor(rng, households)), ("member", member_of_vendor(rng, members))):
        write(folder / f"vendor/{table}.csv", made[0], made[1])
        tables[table] = made[2]
    (folder / "map.yaml").write_text(json.dumps({"hezhun": 1, "mapping": "test.vendor", "tables": tables}, ensure_ascii=False), "utf-8")
    plain = bare(check(binary, folder, "plain"))
    mapped = check(binary, folder, "vendor", "--map", folder / "map.yaml")
    found = list(differences(plain, bare(mapped)))
    again = check(binary, folder, "vendor", "--map", folder / "map.yaml", "--threads", "1", "--memory", "1M")
    return found + [f"one thread: {line}" for line in differences(mapped, again)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--cases", type=int, default=25)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    binary = pathlib.Path(options.binary).resolve()
    wrong = 0
    for seed in range(options.seed, options.seed + options.cases):
        with tempfile.TemporaryDirectory() as folder:
            found = case(binary, random.Random(seed), pathlib.Path(folder))
        wrong += bool(found)
        for line in found[:6]:
            print(f"seed {seed}: {line}")
    print(f"{options.cases} cases, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
