#!/usr/bin/env python3
"""Merging: the result of the parts is that of the whole, in all that can be merged. merge.py BINARY [unittest arguments]

The lists below say what cannot, and why."""
import copy
import csv
import json
import os
import pathlib
import random
import shutil
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


def hold_to_schemas(report, xml):
    """Where the tools are there: the CI has them."""
    if jsonschema:
        jsonschema.validate(report, json.loads((ROOT / "reports/report.schema.json").read_text("utf-8")))
    if shutil.which("xmllint"):
        subprocess.run(["xmllint", "--noout", "--schema", str(ROOT / "reports/report.xsd"), str(xml)], capture_output=True, check=True)


PROFILE = """hezhun: 1
profile: test.counties
version: 1.0.0
as_of: required
tables:
  household:
    key: [id]
    region: town
    fields:
      id: {type: text, pattern: 'H[0-9]+'}
      town: {type: division}
      size: {type: integer, min: 1, max: 12}
      income: {type: "decimal(10,2)"}
      kind: {codes: {"1": a, "2": b}}
      joined: {type: date, max: as_of}
  member:
    key: [mid]
    region: "left(mid, 6)"
    fields:
      mid: {type: text}
      household: {type: text, references: household.id}
      age: {type: integer, required: true, min: 0}
    relations:
      home: {one: household, on: {household: id}, inverse: members}
rules:
  R-ROW: {on: household, assert: income > 0 or size > 3, severity: warning}
  R-WHEN: {on: household, when: kind = '2', assert: size > 1, tolerance: {rate: 0.5}}
  R-REL: {on: household, assert: size >= count(members)}
  R-UNIQUE: {on: household, unique: [income, town], severity: warning}
  R-GROUP: {on: member, each: "left(mid, 6)", assert: count(* where age is null) <= 0.2 * count(*)}
  R-WHOLE: {on: member, assert: count(*) > 0}
  R-DRAFT: {on: member, status: draft, assert: age < 60}
measures:
  M-RATIO: {on: member, value: count(* where age > 17) / count(*), unit: percent}
  M-SUM: {on: household, value: "sum(*, income)"}
  M-MAX: {on: household, value: "max(*, income)"}
  M-EXPECT: {on: member, value: count(* where age > 17) / count(*), expect: value > 0.1}
"""
COUNTIES = ("520121", "520122", "520123", "522121")
# What does not add up.
DISTINCT = "distinct values of a column are not kept"
MEANS = "the mean is rounded"
CHAIN = "a chain's older forms are not in the report"
REGION_SCORES = "counts of rules by region are not in the report: regions that several parts have"
FIGURES = "numerators by region are not in the report: regions that several parts have"
EXPECT = "an expectation of the whole needs the data"
ACROSS = {"household.key", "member.key", "R-UNIQUE", "R-WHOLE"}  # over all rows
WITHIN = {"member.household.references", "R-REL", "R-GROUP", "M-RATIO", "M-SUM", "M-MAX", "M-EXPECT"}


def rows(county, count, rng):
    households, members = [], []
    for i in range(count):
        bad = rng.random() < 0.1
        households.append((f"H{county}{i:05}", county + f"{rng.randint(100, 102)}", "x" if bad and i % 3 == 0 else rng.randint(0, 13),
                           "" if bad else f"{rng.randint(0, 99999) / 100 + int(county):.2f}", rng.choice("123"),
                           f"20{rng.randint(10, 29)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}"))
        for k in range(rng.randint(0, 4)):
            members.append((f"{county}{i:05}{k}", f"H{county}{i:05}" if rng.random() < 0.98 else "H9", "" if rng.random() < 0.05 else rng.randint(-1, 90)))
    return households, members


def write(folder, name, county, data):
    heads = ("id,town,size,income,kind,joined", "mid,household,age")
    for table, head, lines in zip(("household", "member"), heads, data):
        text = head + "\n" + "".join(",".join(map(str, line)) + "\n" for line in lines)
        (folder / name / f"{table}_{county}.csv").write_text(text, "utf-8")


class Merge(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="hezhun-merge-")
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        (self.folder / "p.yaml").write_text(PROFILE.replace("    key: [id]", '    files: ["household*.csv"]\n    key: [id]')
                                            .replace("    key: [mid]", '    files: ["member*.csv"]\n    key: [mid]'), "utf-8")

    def command(self, *words):
        env = {key: value for key, value in os.environ.items()
               if key.endswith("SAN_OPTIONS") or key in ("PATH", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE")}
        return subprocess.run([BINARY, *words], cwd=self.folder, env={**env, "LC_ALL": "en_US.UTF-8"}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)

    def check(self, name, *more):
        done = self.command("check", "-q", "--reproducible", "-p", "p.yaml", "--as-of", "2026-01-01", name, "--report", f"json:{name}.json", *more)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return json.loads((self.folder / f"{name}.json").read_text("utf-8"))

    def split(self, seed, counties=COUNTIES, count=60):
        rng = random.Random(seed)
        (self.folder / "whole").mkdir()
        for county in counties:
            (self.folder / county).mkdir()
            data = rows(county, count, rng)
            for name in (county, "whole"):
                write(self.folder, name, county, data)
        whole = self.check("whole")
        for county in counties:
            self.check(county)
        return whole

    def merged(self, *names, status=(0, 1)):
        done = self.command("merge", "-p", "p.yaml", *(f"{name}.json" for name in names), "--report", "json:merged.json")
        self.assertIn(done.returncode, status, done.stderr)
        return json.loads((self.folder / "merged.json").read_text("utf-8"))

    def compare(self, whole, merged):
        whole, merged = copy.deepcopy(whole), copy.deepcopy(merged)
        self.assertEqual(set(merged["merged"]["across"]), ACROSS)
        self.assertEqual(set(merged["merged"]["within"]), WITHIN)
        for key in ("hezhun", "profile", "waivers"):
            self.assertEqual(whole[key], merged[key])
        for one, two in zip(whole["submission"]["tables"], merged["submission"]["tables"]):
            for left, right in zip(one["columns"], two["columns"]):
                left["distinct"] = right["distinct"] = DISTINCT
                left["mean"] = right["mean"] = MEANS
            self.assertEqual(one, two)
        for kind in ("rules", "drafts"):
            for one, two in zip(whole[kind], merged[kind]):
                if one["id"] in ACROSS and two["outcome"] == "undetermined":
                    self.assertEqual(one["failed"], 0, "a part would have failed too: nothing repeats across these parts")
                    continue
                self.assertEqual(one, two)
        for one, two in zip(whole["measures"], merged["measures"]):
            shared = {region["code"] for region in one["regions"] if len(region["code"]) < 6}  # FIGURES
            for measure in (one, two):
                measure["regions"] = [region for region in measure["regions"] if region["code"] not in shared]
            if one["id"] == "M-MAX":
                self.assertIsNone(two.pop("value"))
                one.pop("value")
            if one["id"] == "M-EXPECT":  # EXPECT
                self.assertEqual((two["outcome"], two["holds"]), ("undetermined", None))
                one, two = ({key: measure[key] for key in ("value", "numerator", "denominator", "regions")} for measure in (one, two))
            self.assertEqual(one, two)
        for one, two in zip(whole["regions"], merged["regions"]):
            if len(one["code"]) < 6:  # REGION_SCORES
                one, two = ({**region, "score": REGION_SCORES, "grade": None} for region in (one, two))
            self.assertEqual(one, two)
        for key in ("records", "records_with_errors", "error_rate", "conformant"):
            self.assertEqual(whole["verdict"][key], merged["verdict"][key])

    def test_parts_and_whole(self):
        whole = self.split(1)
        merged = self.merged(*COUNTIES)
        self.compare(whole, merged)
        self.assertEqual([part["path"] for part in merged["merged"]["parts"]], [f"{name}.json" for name in COUNTIES])
        self.assertEqual(sum(part["records"] for part in merged["merged"]["parts"]), whole["verdict"]["records"])

    def test_one_part_is_itself(self):
        self.split(2)
        one, merged = json.loads((self.folder / f"{COUNTIES[0]}.json").read_text("utf-8")), self.merged(COUNTIES[0])
        self.assertEqual((merged["merged"]["within"], merged["merged"]["across"]), ([], []))
        merged.pop("merged")
        one |= {"causes_found": 0, "causes": []}  # only the greatest of each part are known: none are given
        self.assertEqual(one, merged)

    def test_order_of_parts_changes_no_count(self):
        self.split(3)
        first, second = self.merged(*COUNTIES), self.merged(*reversed(COUNTIES))
        for report in (first, second):
            for rule in report["rules"] + report["drafts"]:
                rule.pop("examples")
        self.assertEqual(first["rules"], second["rules"])
        self.assertEqual(first["verdict"], second["verdict"])
        self.assertEqual(first["regions"], second["regions"])

    def test_merged_again(self):
        """A merged report is a report: it renders, and merges with others."""
        whole = self.split(4)
        self.merged(*COUNTIES[:2])
        (self.folder / "merged.json").rename(self.folder / "half.json")
        merged = self.merged("half", *COUNTIES[2:])
        self.assertEqual(merged["verdict"]["records"], whole["verdict"]["records"])
        faces = [part for name in ("text", "json", "xml", "html", "md", "csv") for part in ("--report", f"{name}:again.{name}")]
        done = self.command("render", "merged.json", "-p", "p.yaml", *faces)
        self.assertEqual(done.stderr, "")
        self.assertEqual((self.folder / "again.json").read_text("utf-8"), (self.folder / "merged.json").read_text("utf-8"))
        hold_to_schemas(merged, self.folder / "again.xml")
        self.assertRegex((self.folder / "again.text").read_text("utf-8").replace("\n", "").replace(" ", ""), "没有跨部分检查的规则（如唯一性）：household.key")

    def test_refused(self):
        self.split(5)
        first = COUNTIES[0]
        done = self.command("merge", "-p", "p.yaml", f"{first}.json", f"{first}.json")
        self.assertEqual(done.returncode, 2)
        self.assertIn("would count twice", done.stderr)
        done = self.command("check", "-q", "-p", "p.yaml", "--as-of", "2026-01-02", COUNTIES[1], "--report", "json:later.json")
        done = self.command("merge", "-p", "p.yaml", f"{first}.json", "later.json")
        self.assertEqual(done.returncode, 2)
        self.assertIn("different days", done.stderr)
        (self.folder / "q.yaml").write_text((self.folder / "p.yaml").read_text("utf-8") + "# other\n", "utf-8")
        done = self.command("merge", "-p", "q.yaml", f"{first}.json")
        self.assertEqual(done.returncode, 2)
        self.assertIn("is a result of profile", done.stderr)

    def test_a_part_in_error_makes_the_whole_incomplete(self):
        self.split(6)
        report = json.loads((self.folder / f"{COUNTIES[0]}.json").read_text("utf-8"))
        report["rules"][-1].update(outcome="error", reason="limit", reason_id="LIMIT")
        report["verdict"]["incomplete"] = True
        (self.folder / "bad.json").write_text(json.dumps(report, ensure_ascii=False), "utf-8")
        merged = self.merged("bad", *COUNTIES[1:], status=(5,))
        self.assertTrue(merged["verdict"]["incomplete"])

    def test_parents_in_another_part(self):
        """Members whose household is in another part. What is judged row by row is that of the whole; what looks at other tables is judged within
        each part, is listed as such, and can differ both ways: a reference fails that the whole does not fail, and a count of members is too small."""
        listed, more, fewer = set(), 0, 0
        for seed in range(50, 54):
            with self.subTest(seed=seed):
                self.setUp()
                rng = random.Random(seed)
                data = {county: rows(county, 60, rng) for county in COUNTIES}
                for county in COUNTIES:  # one in ten lives elsewhere than the household is listed
                    for member in [one for one in data[county][1] if rng.random() < 0.1]:
                        data[county][1].remove(member)
                        data[rng.choice([other for other in COUNTIES if other != county])][1].append(member)
                (self.folder / "whole").mkdir()
                for county in COUNTIES:
                    (self.folder / county).mkdir()
                    for name in (county, "whole"):
                        write(self.folder, name, county, data[county])
                whole = self.check("whole")
                for county in COUNTIES:
                    self.check(county)
                merged = self.merged(*COUNTIES)
                self.assertEqual((set(merged["merged"]["within"]), set(merged["merged"]["across"])), (WITHIN, ACROSS))
                for one, two in zip(whole["rules"], merged["rules"]):
                    counts = [{key: rule[key] for key in ("rows", "not_applicable", "undetermined", "evaluated", "passed", "failed")} for rule in (one, two)]
                    if counts[0] == counts[1]:
                        continue
                    self.assertIn(one["id"], WITHIN | ACROSS)
                    listed.add(one["id"])
                    if one["id"] == "member.household.references":  # what a part passes stands
                        self.assertGreater(two["failed"], one["failed"])
                        more += two["failed"] - one["failed"]
                    if one["id"] == "R-REL":
                        self.assertLess(two["failed"], one["failed"])
                        fewer += 1
                for table in merged["submission"]["tables"]:
                    self.assertEqual(table["rows"], next(t["rows"] for t in whole["submission"]["tables"] if t["name"] == table["name"]))
        self.assertLessEqual({"member.household.references", "R-REL"}, listed)
        self.assertGreater(more, 10)
        self.assertGreater(fewer, 0)

    # ---- keys across parts ----

    def exchanged(self, seed, repeats, threads=("--threads", "2"), salt="salt"):
        """Parts with keys that several of them have, and the run over all."""
        rng = random.Random(seed)
        (self.folder / "salt").write_bytes(b"0123456789abcdef0123456789abcdef")
        (self.folder / "salt").chmod(0o600)
        (self.folder / "whole").mkdir()
        shared = [rows("520199", 1, rng)[0][0] for _ in range(repeats)]
        for county in COUNTIES:
            (self.folder / county).mkdir()
            households, members = rows(county, 60, rng)
            for i, one in enumerate(shared):  # some repeat within a part too, some have errors already
                for _ in range(rng.choice((0, 1, 1, 2))):
                    town, size = county + "100", rng.choice((12, 99))  # room for the members of all parts
                    households.insert(rng.randrange(len(households)), (f"H5201999{i}", town, size, *one[3:]))
                    if rng.random() < 0.5:
                        members.append((f"5201999{i}0", f"H5201999{i}", 30))
            for name in (county, "whole"):
                write(self.folder, name, county, (households, members))
        whole = self.check("whole")
        for county in COUNTIES:
            self.check(county, "--key-digests", f"{county}.keys", "--key-salt", salt, *threads)
        return whole

    def merge_keys(self, *more, parts=COUNTIES, keys=COUNTIES, status=(0, 1)):
        done = self.command("merge", "-p", "p.yaml", *(f"{name}.json" for name in parts), "--report", "json:merged.json", "--collisions", "back",
                            *(word for name in keys for word in ("--key-digests", f"{name}.keys")), *more)
        self.assertIn(done.returncode, status, done.stderr)
        return json.loads((self.folder / "merged.json").read_text("utf-8")) if done.returncode in (0, 1) else done.stderr

    def test_keys_across_parts(self):
        """With key digests unique rules come to what the run over all says; a finding shows its place alone."""
        for seed in range(20, 26):
            with self.subTest(seed=seed):
                self.setUp()
                whole = self.exchanged(seed, 6)
                merged = self.merge_keys(keys=COUNTIES[::-1])
                unique = {"household.key", "member.key", "R-UNIQUE"}
                self.assertEqual((set(merged["merged"]["exchanged"]), set(merged["merged"]["across"])), (unique, ACROSS - unique))
                collided = {}
                for one, two in zip(whole["rules"], merged["rules"]):
                    if one["id"] not in unique:
                        continue
                    places = [[(f["source"], f["line"]) for f in rule.pop("examples")] for rule in (one, two)]
                    self.assertEqual(one, two)
                    self.assertEqual(*places)
                    collided[one["id"]] = set(places[0])
                self.assertTrue(collided["household.key"])
                for one, two in zip(whole["submission"]["tables"], merged["submission"]["tables"]):
                    self.assertEqual(one["records_with_errors"], two["records_with_errors"])
                for key in ("records", "records_with_errors", "error_rate", "conformant"):
                    self.assertEqual(whole["verdict"][key], merged["verdict"][key])
                for one, two in zip(whole["regions"], merged["regions"]):
                    self.assertEqual(*({k: region[k] for k in ("code", "name", "rows", "findings", "records_with_errors")} for region in (one, two)))
                # What goes back to each part: its own records, and of these the ones that it did not find itself.
                for county in COUNTIES:
                    own = json.loads((self.folder / f"{county}.json").read_text("utf-8"))
                    known = {(r["id"], f["source"], f["line"]) for r in own["rules"] for f in r["examples"] if r["id"] in unique}
                    with open(self.folder / "back" / f"{county}.csv", encoding="utf-8-sig", newline="") as file:
                        back = {(row["rule"], row["source"], int(row["line"])) for row in csv.DictReader(file)}
                    wanted = {(rule, *place) for rule, places in collided.items() for place in places if county in place[0]}
                    self.assertEqual(back, wanted - known)
                    self.assertEqual(back & known, set())

    def test_waived_keys_across_parts(self):
        """What a waiver covers is waived where its key repeats in one part, and where it repeats in several."""
        waivers = ("waivers:\n  W-1: {rule: household.key, keys: [{id: H52019990}, {id: H52019991}], reason: moved during the count, approved_by: o, until: 2030-01-01}\n"
                   "  W-2: {rule: R-UNIQUE, where: kind = '1', max_count: 100000, reason: same form of income, approved_by: o, until: 2030-01-01}\n"
                   "  W-3: {rule: household.key, keys: [{id: H52019992}], reason: it was over long ago, approved_by: o, until: 2020-01-01}\n"
                   "  W-4: {rule: household.key, keys: [{id: H0}], reason: nobody has this one, approved_by: o, until: 2030-01-01}\n")
        waived = 0
        for seed in range(40, 45):
            with self.subTest(seed=seed):
                self.setUp()
                (self.folder / "p.yaml").write_text((self.folder / "p.yaml").read_text("utf-8") + waivers, "utf-8")
                whole = self.exchanged(seed, 6)
                merged = self.merge_keys()
                for one, two in zip(whole["rules"], merged["rules"]):
                    if one["id"] not in ("household.key", "member.key", "R-UNIQUE"):
                        continue
                    self.assertEqual(*({key: rule[key] for key in rule if key not in ("examples", "shown")} for rule in (one, two)))
                    waived += one["waived"]
                for one, two in zip(whole["waivers"], merged["waivers"]):
                    self.assertEqual(*({key: waiver[key] for key in ("id", "state", "matched", "used", "expired")} for waiver in (one, two)))
                for one, two in zip(whole["submission"]["tables"], merged["submission"]["tables"]):
                    self.assertEqual(one["records_with_errors"], two["records_with_errors"])
                for one, two in zip(whole["regions"], merged["regions"]):
                    self.assertEqual(*({k: region[k] for k in ("code", "rows", "findings", "records_with_errors")} for region in (one, two)))
                if merged["waivers"][1]["matched"]:  # a limit is held against each part by itself
                    self.assertIn("R-UNIQUE", merged["merged"]["within"])
        self.assertGreater(waived, 10)

    def test_key_digests_do_not_depend_on_the_run(self):
        self.exchanged(30, 4)
        first = [(self.folder / f"{county}.keys").read_bytes() for county in COUNTIES]
        for county in COUNTIES:
            self.check(county, "--key-digests", f"{county}.keys", "--key-salt", "salt", "--threads", "1", "--memory", "1M")
        self.assertEqual(first, [(self.folder / f"{county}.keys").read_bytes() for county in COUNTIES])
        self.assertEqual((self.folder / f"{COUNTIES[0]}.keys").stat().st_mode & 0o777, 0o600)
        for bytes_ in first:  # no key of anybody
            self.assertNotIn(b"H52", bytes_)

    def test_a_key_file_that_does_not_fit_is_refused(self):
        self.exchanged(31, 4)
        one, two = COUNTIES[:2]
        (self.folder / "other").write_bytes(b"another salt, another salt, another salt")
        (self.folder / "other").chmod(0o600)
        self.assertIn("give one for each report", self.merge_keys(keys=COUNTIES[1:], status=(2,)))
        self.assertIn("which none of the reports has", self.merge_keys(parts=COUNTIES[1:], status=(2,)))
        self.assertIn("are both of", self.merge_keys(keys=(one, *COUNTIES), status=(2,)))
        whole = (self.folder / f"{one}.keys").read_bytes()
        rng = random.Random(1)
        for _ in range(40):  # a bit anywhere
            at = rng.randrange(len(whole))
            (self.folder / f"{one}.keys").write_bytes(whole[:at] + bytes([whole[at] ^ (1 << rng.randrange(8))]) + whole[at + 1:])
            self.assertRegex(self.merge_keys(status=(4,)), "was changed, or is not whole|is no file of key digests")
        for cut in (0, 13, 21, len(whole) // 2, len(whole) - 1):
            (self.folder / f"{one}.keys").write_bytes(whole[:cut])
            self.merge_keys(status=(4,))
        self.check(one, "--key-digests", f"{one}.keys", "--key-salt", "other")
        self.assertIn("different salts", self.merge_keys(status=(2,)))
        self.check(one, "--key-digests", f"{one}.keys", "--key-salt", "salt")
        report = json.loads((self.folder / f"{two}.json").read_text("utf-8"))
        for rule in report["rules"]:
            if rule["id"] == "household.key":
                rule.update(evaluated=rule["evaluated"] - 1, passed=rule["passed"] - 1, undetermined=rule["undetermined"] + 1)
        (self.folder / f"{two}.json").write_text(json.dumps(report, ensure_ascii=False), "utf-8")
        self.assertIn("not of one check", self.merge_keys(status=(2,)))

    def test_salts_that_are_refused(self):
        self.exchanged(32, 1)
        done = self.command("check", "-q", "-p", "p.yaml", COUNTIES[0], "--key-digests", "x")
        self.assertEqual((done.returncode, "go together" in done.stderr), (2, True), done.stderr)
        (self.folder / "salt").write_bytes(b"short")
        words = ("check", "-q", "-p", "p.yaml", "--as-of", "2026-01-01", COUNTIES[0], "--key-digests", "x", "--key-salt", "salt")
        self.assertIn("has 5 bytes", self.command(*words).stderr)
        (self.folder / "salt").write_bytes(b"s" * 40)
        (self.folder / "salt").chmod(0o640)
        self.assertIn("others may read", self.command(*words).stderr)
        self.assertFalse((self.folder / "x").exists())

    def test_more_collisions_than_the_limit(self):
        self.exchanged(33, 6)
        self.assertIn("collisions", self.merge_keys("--limit", "collisions=3", status=(5,)))
        self.assertFalse((self.folder / "back").exists())

    def test_a_merge_with_keys_is_a_report(self):
        self.exchanged(34, 6)
        merged = self.merge_keys()
        done = self.command("render", "merged.json", "-p", "p.yaml", "--report", "json:again.json", "--report", "xml:again.xml", "--report", "html:x.html",
                            "--report", "sarif:x.sarif", "--report", "text:x.txt")
        self.assertEqual(done.stderr, "")
        self.assertEqual((self.folder / "again.json").read_text("utf-8"), (self.folder / "merged.json").read_text("utf-8"))
        hold_to_schemas(merged, self.folder / "again.xml")
        self.assertIn("其他部分报送了相同的键", (self.folder / "again.json").read_text("utf-8"))

    def test_ninety_parts_in_little_memory(self):
        counties = [f"52{i:04}" for i in range(100, 190)]
        self.split(7, counties, 5)
        done, used = self.measured("merge", "-p", "p.yaml", *(f"{name}.json" for name in counties), "--report", "json:merged.json")
        self.assertIn(done, (0, 1))
        self.assertEqual(len(json.loads((self.folder / "merged.json").read_text("utf-8"))["merged"]["parts"]), 90)
        if not any(name.endswith("SAN_OPTIONS") for name in os.environ):
            self.assertLess(used.ru_maxrss, 200 << 10)
        sys.stderr.write(f"merge of 90: {used.ru_utime + used.ru_stime:.2f} s of processor, {used.ru_maxrss >> 10} MiB\n")

    def measured(self, *words):
        """The exit status and what this one process used."""
        process = subprocess.Popen([BINARY, *words], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "en_US.UTF-8"})
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return process.returncode, used


if __name__ == "__main__":
    BINARY = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main(verbosity=1)
