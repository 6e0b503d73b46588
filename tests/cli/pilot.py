#!/usr/bin/env python3
"""Pilots: what a pilot says is what two checks say, record by record. pilot.py BINARY [unittest arguments]"""
import collections
import csv
import json
import math
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

try:
    import jsonschema
except ImportError:
    jsonschema = None

BINARY = ""
TIMEOUT_SECONDS = 240
ROOT = pathlib.Path(__file__).resolve().parents[2]

OLD = """hezhun: 1
profile: test.pilot
version: 1.0.0
as_of: 2023-06-30
tables:
  household:
    key: [id]
    region: town
    unit: office
    fields:
      id: {type: text, pattern: 'H[0-9]+'}
      town: {type: text}
      office: {type: text}
      size: {type: integer, min: 1, max: 12}
      income: {type: integer}
      kind: {codes: {"1": a, "2": b, "3": c}}
    relations:
      members: {many: member, on: id, inverse: household}
  member:
    key: [no]
    fields:
      no: {type: text}
      id: {type: text, references: household.id}
      born: {type: date}
rules:
  HH-1: {on: household, assert: size = count(members)}
  HH-2: {on: household, assert: income > 1000}
  HH-3: {on: household, each: office, assert: "count(*) > 3"}
  MB-1: {on: member, unique: [id, born]}
"""
NEW = OLD.replace("1.0.0", "1.1.0").replace("max: 12", "max: 9").replace("income > 1000", "income > 500").replace(', "3": c', "") + """
  HH-4: {on: household, status: draft, assert: "income <= 9000 or office = 'east'"}
  HH-5: {on: household, each: town, assert: "avg(*, income) > 4000"}
  MB-2: {on: member, status: pilot, severity: warning, assert: born >= date '1930-01-01'}
"""


def run(*words, status=(0,), cwd=None):
    done = subprocess.run([BINARY, *map(str, words)], capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False, cwd=cwd)
    if done.returncode not in status:
        raise AssertionError(f"{words}: status {done.returncode}\n{done.stderr}")
    return done


def write(folder, rng, rows, odd=False):
    folder.mkdir()
    offices = ["east", "west", "north", "south"]
    with open(folder / "household.csv", "w", encoding="utf-8", newline="") as h, open(folder / "member.csv", "w", encoding="utf-8", newline="") as m:
        households, members = csv.writer(h), csv.writer(m)
        households.writerow(["id", "town", "office", "size", "income", "kind"])
        members.writerow(["no", "id", "born"])
        number = 0
        for i in range(rows):
            size = rng.choice([1, 2, 3, 4, 11]) if rng.random() < 0.1 else rng.randint(1, 4)
            office = rng.choice(offices) if rng.random() < 0.99 else f"small {rng.randint(1, 3)}"
            income = rng.choice([0, 700, 1500]) if rng.random() < 0.05 else rng.randint(1200, 9500 if not odd or office == "south" else 9000)
            households.writerow([f"H{i}", f"52032210{rng.randint(1, 4)}", office, size, income, rng.choice("12") if rng.random() < 0.98 else rng.choice("349")])
            for _ in range(size if rng.random() < 0.97 else size + 1):
                number += 1
                born = f"{rng.randint(1925, 2020)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}"
                members.writerow([number, f"H{i}" if rng.random() < 0.99 else "H-none", born])


def findings(folder, profile, submission):
    """(place, rule) of every finding that counts, by a check."""
    out = folder / "all.ndjson"
    run("check", "-q", "-p", profile, "--findings", out, submission, status=(0, 1))
    found = []
    for line in out.read_text("utf-8").splitlines():
        one = json.loads(line)
        place = (one["table"], one["source"], one["line"]) if one["source"] and one["line"] else (one["table"], json.dumps(one["key"], sort_keys=True))
        found.append((place, one["rule"], one))
    out.unlink()
    return found


class Pilot(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="hezhun-pilot-")
        cls.folder = pathlib.Path(cls.temporary.name)
        rng = random.Random(5)
        (cls.folder / "old.yaml").write_text(OLD, "utf-8")
        (cls.folder / "new.yaml").write_text(NEW, "utf-8")
        (cls.folder / "bound.yaml").write_text(NEW.replace("status: draft, ", "").replace("status: pilot, ", ""), "utf-8")
        for name, rows, odd in (("a", 900, False), ("b", 1500, True), ("c", 300, True)):
            write(cls.folder / name, rng, rows, odd)
        (cls.folder / "d").mkdir()
        (cls.folder / "d" / "household.xlsx").write_bytes(b"no workbook")
        cls.words = ["--baseline", "old.yaml", "--draft", "new.yaml", "a", "b", "c"]

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def pilot(self, *words, status=(0,)):
        run("pilot", "--report", "json:pilot.json", *words, cwd=self.folder, status=status)
        report = json.loads((self.folder / "pilot.json").read_text("utf-8"))
        if jsonschema:
            jsonschema.validate(report, json.loads((ROOT / "reports/pilot.schema.json").read_text("utf-8")))
        return report

    def expected(self, submission):
        before = {(place, rule): one for place, rule, one in findings(self.folder, self.folder / "old.yaml", self.folder / submission)}
        after = {(place, rule): one for place, rule, one in findings(self.folder, self.folder / "bound.yaml", self.folder / submission)}
        return before, after

    def test_is_two_checks(self):
        report = self.pilot(*self.words, "--changes", "changes.csv")
        with open(self.folder / "changes.csv", encoding="utf-8-sig", newline="") as file:
            listed = list(csv.DictReader(file))
        rules, units, records = collections.Counter(), collections.Counter(), 0
        for place, submission in enumerate("abc"):
            before, after = self.expected(submission)
            fresh, gone = set(after) - set(before), set(before) - set(after)
            self.assertTrue(fresh and gone)
            one = report["submissions"][place]
            self.assertEqual((one["fresh"], one["gone"]), (len(fresh), len(gone)))
            had, has = ({key[0] for key in side if len(key[0]) == 3} for side in (before, after))
            self.assertEqual(one["records_newly_failing"], len(has - had))
            self.assertEqual(one["records_cleared"], len(had - has))
            for key in fresh:
                rules[key[1]] += 1
            records += len({key[0] for key in fresh if len(key[0]) == 3 and after[key]["severity"] in ("error", "fatal")})
            mine = [(line["change"], line["rule"], line["line"] or line["key"]) for line in listed if line["submission"] == submission]
            self.assertEqual(len(mine), len(set(mine)))
            self.assertEqual(collections.Counter(line[0] for line in mine), collections.Counter(fresh=len(fresh), gone=len(gone)))
            for key in fresh:
                if len(key[0]) == 3:
                    self.assertIn(("fresh", key[1], str(key[0][2])), mine)
        self.assertEqual({rule["id"]: rule["fresh"] for rule in report["rules"] if rule["fresh"]}, dict(rules))
        self.assertEqual(report["work"]["records"], records)
        for line in listed:
            if line["change"] == "fresh" and line["unit"]:
                units[line["unit"]] += 1
        self.assertEqual({group["name"]: group["fresh"] for group in report["groups"] if group["by"] == "unit" and group["fresh"]}, dict(units))

    def test_grades_are_those_of_checks(self):
        report = self.pilot(*self.words)
        for one in report["submissions"]:
            for side, profile in (("baseline", "old.yaml"), ("draft", "bound.yaml")):
                run("check", "-q", "-p", profile, "--report", "json:one.json", one["path"], cwd=self.folder, status=(0, 1))
                verdict = json.loads((self.folder / "one.json").read_text("utf-8"))["verdict"]
                self.assertEqual((one[side]["grade"], one[side]["score"], one[side]["conformant"]), (verdict["grade"], verdict["score"], verdict["conformant"]))

    def test_concentration_is_told(self):
        (self.folder / "vendors.csv").write_text("name,vendor\na,Alpha\nb,Beta\nc,Beta\n", "utf-8")
        report = self.pilot(*self.words[:4], "b", "c", "--vendors", "vendors.csv")
        suspect = {one["rule"]: one for one in report["false_positive_candidates"]}["HH-4"]
        self.assertEqual((suspect["by"], suspect["name"]), ("unit", "south"))
        self.assertGreaterEqual(suspect["fresh"] * 10, suspect["of"] * 9)

    def test_same_whatever_threads_and_memory(self):
        reports = []
        for words in ((), ("--threads", "1"), ("--memory", "64K")):
            run("pilot", *self.words, *words, "--report", "json:one.json", "--changes", "one.csv", "--sample", "40", "--sheet", f"sheet{len(reports)}.csv", cwd=self.folder)
            reports.append([(self.folder / name).read_bytes() for name in ("one.json", "one.csv", f"sheet{len(reports)}.csv")])
        self.assertEqual(reports[0], reports[1])
        self.assertEqual(reports[0], reports[2])

    def test_sample_and_review(self):
        run("pilot", *self.words, "--sample", "60", "--seed", "9", "--sheet", "filled.csv", cwd=self.folder)
        with open(self.folder / "filled.csv", encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(len({row["sample"] for row in rows}), 60)
        for i, row in enumerate(rows):
            row["verdict"] = "是" if i < 41 else "no" if i < 52 else "?" if i < 55 else ""
        rows.append({**rows[0], "sample": "0" * 16, "verdict": "yes"})
        with open(self.folder / "filled.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        report = self.pilot(*self.words, "--sample", "60", "--seed", "9", "--reviewed", "filled.csv")
        precision = report["sample"]["precision"]
        self.assertEqual([precision[key] for key in ("right", "wrong", "unsure", "open")], [41, 11, 3, 5])
        self.assertEqual(report["sample"]["foreign"], 1)
        n, p, z = 52, 41 / 52, 1.959963984540054
        middle, half = (p + z * z / (2 * n)) / (1 + z * z / n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        self.assertAlmostEqual(precision["low"], middle - half, delta=0.0001)
        self.assertAlmostEqual(precision["high"], middle + half, delta=0.0001)
        self.assertEqual(sum(rule["precision"]["right"] for rule in report["rules"]), 41)
        (self.folder / "bad.csv").write_text("sample,verdict\n0,perhaps\n", "utf-8")
        done = run("pilot", *self.words, "--sample", "60", "--reviewed", "bad.csv", "--lang", "en", cwd=self.folder, status=(4,))
        self.assertIn("perhaps", done.stderr)

    def test_sheet_is_not_replaced(self):
        (self.folder / "there.csv").write_text("work of people", "utf-8")
        done = run("pilot", *self.words, "--sample", "5", "--sheet", "there.csv", "--lang", "en", cwd=self.folder, status=(2,))
        self.assertIn("there already", done.stderr)
        self.assertEqual((self.folder / "there.csv").read_text("utf-8"), "work of people")

    def test_unreadable_is_said_and_the_rest_goes_on(self):
        report = self.pilot(*self.words[:4], "a", "d", "nowhere", status=(5,))
        self.assertEqual([one["error"] is None for one in report["submissions"]], [True, False, False])
        self.assertEqual(report["submissions_read"], 1)
        alone = self.pilot(*self.words[:4], "a")
        self.assertEqual((report["fresh"], report["gone"]), (alone["fresh"], alone["gone"]))
        run("pilot", *self.words[:4], "nowhere", cwd=self.folder, status=(4,))

    def test_same_profile_changes_nothing(self):
        report = self.pilot("--baseline", "old.yaml", "--draft", "old.yaml", "a", "b")
        self.assertEqual((report["fresh"], report["gone"], report["rules"], report["groups"]), (0, 0, [], []))


if __name__ == "__main__":
    BINARY = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
