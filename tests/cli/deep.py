#!/usr/bin/env python3
"""lint --deep: each witness is written as a file and put through `check`, which must say what the claim says; too few seconds are told; the
shipped profiles have nothing that is not answered. deep.py BINARY PROFILES [unittest arguments]"""
import csv
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

BINARY = PROFILES = ""
TIMEOUT_SECONDS = 500
CASE = pathlib.Path(__file__).resolve().parent / "cases" / "lint_deep" / "profile.yaml"


def run(*words, status=(0,), cwd=None):
    done = subprocess.run([BINARY, *map(str, words)], capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False, cwd=cwd)
    if done.returncode not in status:
        raise AssertionError(f"{words}: status {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def deep(path, *words, status=(0,)):
    return json.loads(run("lint", "--deep", "--lang", "en", "--report", "json", path, *words, status=status).stdout)["profiles"][0]


def has_z3():
    return "z3 built in" in " ".join(run("--version", "--lang", "en").stdout.split())


class Deep(unittest.TestCase):
    def setUp(self):
        if not has_z3():
            self.skipTest("built without z3")
        self.temporary = tempfile.TemporaryDirectory(prefix="hezhun-deep-")
        self.folder = pathlib.Path(self.temporary.name)
        self.addCleanup(self.temporary.cleanup)

    def outcomes(self, claim):
        """What `check` says of the witness: by rule (passed, failed)."""
        shutil.copy(CASE, self.folder / "profile.yaml")
        columns = ["id", "kind", "size", "income", "born", "died"]
        with open(self.folder / "person.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerow({"id": "W", **{name: value or "" for name, value in claim["witness"].items()}})
        said = run("check", "-p", "profile.yaml", "person.csv", "--report", "json", "--lang", "en", status=(0, 1), cwd=self.folder)
        return {rule["id"]: (rule["passed"], rule["failed"]) for rule in json.loads(said.stdout)["rules"]}

    def test_witnesses_do_what_is_claimed(self):
        claims = {claim["rules"][0]: claim for claim in deep(CASE)["deep"]["claims"]}
        self.assertEqual({name: claim["kind"] for name, claim in claims.items()},
                         {"SMALL": "contradiction", "NOBODY": "unreachable", "ALWAYS": "unbreakable", "ORDER": "entailed", "SOME": "entailed"})
        small = self.outcomes(claims["SMALL"])
        self.assertEqual((small["SMALL"], small["LARGE"]), ((1, 0), (0, 1)))
        always = self.outcomes(claims["ALWAYS"])
        self.assertEqual((always["ALWAYS"], always["person.income.required"]), ((0, 1), (0, 1)))
        order = self.outcomes(claims["ORDER"])
        self.assertEqual((order["ORDER"], order["DAYS"]), ((0, 1), (0, 1)))
        self.assertEqual(claims["NOBODY"]["witness"], {})
        self.assertEqual([claims[name]["confirmed"] for name in ("SMALL", "ALWAYS", "ORDER", "SOME")], [True, True, True, False])

    def test_every_rule_is_spoken_of(self):
        rules = {rule["id"]: rule["reach"] for rule in deep(CASE)["deep"]["rules"]}
        self.assertEqual(rules, {**dict.fromkeys("SMALL LARGE NOBODY ALWAYS ORDER DAYS".split(), "whole"), "MORE": "part", "SOME": "part",
                                 "ONCE": "none"})

    def test_same_answers_twice(self):
        self.assertEqual(deep(CASE), deep(CASE))

    def test_too_few_seconds_are_told(self):
        said = run("lint", "--deep", "--deep-seconds", "0", "--lang", "en", CASE, status=(5,))
        self.assertIn("--deep-seconds", said.stdout)
        self.assertTrue(deep(CASE, "--deep-seconds", "0", status=(5,))["deep"]["out_of_time"])

    def test_an_answer_is_taken_with_and_without_deep(self):
        text = CASE.read_text("utf-8").replace("title: {zh: 少,", "x-lint: {L082: on purpose}, title: {zh: 少,")
        path = self.folder / "answered.yaml"
        path.write_text(text, "utf-8")
        self.assertNotIn("L082", run("lint", "--deep", "--lang", "en", path).stdout)
        self.assertNotIn("L055", run("lint", "--lang", "en", path).stdout)
        path.write_text(text.replace("L082: on", "L080: on"), "utf-8")
        self.assertIn("L055", run("lint", "--deep", "--lang", "en", path).stdout)

    def test_shipped_profiles(self):
        for path in sorted(pathlib.Path(PROFILES).glob("*/profile.yaml")):
            with self.subTest(profile=path.parent.name):
                said = deep(path, "--profiles", PROFILES, "--fail-on", "hint")
                self.assertFalse(said["deep"]["out_of_time"])
                self.assertEqual(said["deep"]["refuted"], 0)
                self.assertEqual(said["items"], [])


class Without(unittest.TestCase):
    def test_a_build_without_z3_says_so(self):
        if has_z3():
            self.skipTest("built with z3")
        self.assertIn("-DHZ_Z3=ON", run("lint", "--deep", "--lang", "en", CASE, status=(2,)).stderr)


if __name__ == "__main__":
    BINARY, PROFILES = str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2]
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
