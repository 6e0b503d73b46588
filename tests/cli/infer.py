#!/usr/bin/env python3
"""Drafts from data: they load, lint has nothing to warn of, their examples hold, and the data passes. infer.py BINARY [unittest arguments]"""
import csv
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

BINARY = ""
TIMEOUT_SECONDS = 240


def run(*words, status=(0,), cwd=None):
    done = subprocess.run([BINARY, *map(str, words)], capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False, cwd=cwd)
    if done.returncode not in status:
        raise AssertionError(f"{words}: status {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def write(path, header, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


class Infer(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="hezhun-infer-")
        self.folder = pathlib.Path(self.temporary.name)
        rng = random.Random(11)
        households, members = [], []
        for i in range(3000):
            kind = rng.choice(["01", "02", "05"])
            wage, farm = rng.randint(0, 9000), rng.randint(0, 5000)
            begin = f"20{rng.randint(14, 19)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
            end = f"20{rng.randint(20, 22)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}" if rng.random() < 0.5 else begin
            households.append([f"H{i:05}", kind, "" if kind == "05" else rng.randint(1, 9), wage, farm, wage + farm, begin, end,
                               rng.choice(["一组", "二组", "it's {3}"]), f"{rng.randint(0, 99)}.{rng.randint(0, 99):02}"])
            for k in range(rng.randint(1, 4)):
                members.append([f"{i:05}{k}", f"H{i:05}", rng.choice(["男", "女"]), f"{rng.randint(1930, 2020)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}",
                                "n/a" if i == 77 and k == 0 else str(rng.randint(100, 999))])
        self.households, self.members = households, members
        self.header = ["户编号", "kind", "cause", "wage", "farm", "income", "begin", "end", "group name", "rate"]
        write(self.folder / "household.csv", self.header, households)
        write(self.folder / "member.csv", ["no", "户编号", "sex", "born", "score"], members)

    def tearDown(self):
        self.temporary.cleanup()

    def infer(self, *words):
        run("infer", "household.csv", "member.csv", "-o", "profile.yaml", *words, cwd=self.folder)
        return (self.folder / "profile.yaml").read_text("utf-8")

    def test_draft_holds(self):
        text = self.infer("--id", "test.draft")
        lint = json.loads(run("lint", "profile.yaml", "--report", "json", cwd=self.folder).stdout)
        self.assertNotIn('"error"', json.dumps(lint.get("profiles", lint)).replace('"errors"', ""))
        run("lint", "profile.yaml", "--fail-on", "warning", cwd=self.folder)
        run("test", "profile.yaml", cwd=self.folder)
        done = run("check", "-p", "profile.yaml", "--report", "json", "household.csv", "member.csv", cwd=self.folder)
        report = json.loads(done.stdout)
        self.assertEqual([rule["id"] for rule in report["rules"] if rule["failed"] or rule["outcome"] in ("skipped", "error")], [])
        self.assertIn("profile: test.draft", text)

    def test_finds_what_is_there(self):
        text = self.infer("--lang", "en")
        for part in ("key: [户编号]", "references: household.户编号", "pattern: \"H[0-9]{5}\"", "formats: [YYYYMMDD]", "\"income\" = \"wage\" + \"farm\"",
                     "\"begin\" <= \"end_\"", "codes: {\"01\": \"01\", \"02\": \"02\", \"05\": \"05\"}", "required_when: \"\\\"kind\\\" in ('01', '02')\"",
                     "no cause where kind is 05", "type: \"decimal(4,2)\"", "aliases: [\"group name\"]"):
            self.assertIn(part, text)
        line = next(i for i, row in enumerate(self.members) if row[4] == "n/a") + 2
        self.assertIn(f"{len(self.members) - 1} of {len(self.members)} values are integer; the first that is not stands in line {line}", text)

    def test_same_whatever_threads_and_memory(self):
        texts = {self.infer("--lang", "en", *words) for words in ((), ("--threads", "1"), ("--threads", "3"), ("--memory", "64K"))}
        self.assertEqual(len(texts), 1)

    def test_broken_rules_are_comments(self):
        for i in (5, 900):
            self.households[i][5] += 1
        self.households[40][6], self.households[40][7] = "20221231", "20140101"
        self.households[2000][0] = self.households[10][0]
        write(self.folder / "household.csv", self.header, self.households)
        text = self.infer("--lang", "en")
        self.assertIn("# income = wage + farm holds in 2998 of 3000 rows; the first that breaks it stands in line 7", text)
        self.assertIn("# begin <= end_ holds in 2999 of 3000 rows; the first that breaks it stands in line 42", text)
        self.assertNotIn("key: [户编号]", text)
        run("check", "-q", "-p", "profile.yaml", "household.csv", "member.csv", cwd=self.folder)

    def test_wrong_data_is_told(self):
        run("infer", "nothing.csv", cwd=self.folder, status=(4,))
        (self.folder / "empty.csv").write_bytes(b"")
        self.assertIn("no columns", run("infer", "empty.csv", "--lang", "en", cwd=self.folder, status=(4,)).stderr)
        (self.folder / "b").mkdir()
        write(self.folder / "b" / "member.csv", ["a"], [[1]])
        self.assertIn("rename", run("infer", "member.csv", "b/member.csv", "--lang", "en", cwd=self.folder, status=(4,)).stderr)
        write(self.folder / "head.csv", ["a", "a b", "a:b", "1", ""], [])
        run("infer", "head.csv", "-o", "head.yaml", cwd=self.folder)
        run("lint", "head.yaml", cwd=self.folder)

    def test_json_lines(self):
        with open(self.folder / "thing.jsonl", "w", encoding="utf-8") as file:
            for i in range(60):
                file.write(json.dumps({"id": f"T{i:03}", "size": i % 7}) + "\n")
        run("infer", "thing.jsonl", "-o", "thing.yaml", cwd=self.folder)
        run("check", "-q", "-p", "thing.yaml", "thing.jsonl", cwd=self.folder)
        self.assertIn("key: [id]", (self.folder / "thing.yaml").read_text("utf-8"))


if __name__ == "__main__":
    BINARY = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
