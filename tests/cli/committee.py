#!/usr/bin/env python3
"""The committee's smaller tools: a new profile, a finding step by step, pages and completion from the option tables, codes found, changes proved.
committee.py BINARY [unittest arguments]"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BINARY = ""


def run(*words, status=(0,), cwd=None):
    done = subprocess.run([BINARY, *map(str, words), "--lang", "en"], capture_output=True, text=True, timeout=120, check=False, cwd=cwd)
    if done.returncode not in status:
        raise AssertionError(f"{words}: status {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def verbs():
    """Each verb with its options, as the help tells them."""
    names = re.findall(r"^  (\w+) ", run("--help").stdout.partition("commands:")[2].partition("\n\n")[0], re.M)
    return {name: re.findall(r"^  (?:-\w, |    )--([\w-]+)", run("help", name).stdout, re.M) for name in names}


class Committee(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="hezhun-committee-")
        self.folder = pathlib.Path(self.temporary.name)
        self.addCleanup(self.temporary.cleanup)

    def test_a_new_profile_lints_clean_and_its_examples_hold(self):
        run("new", "my.yaml", "--id", "cn.mine", cwd=self.folder)
        self.assertIn("profile: cn.mine\n", (self.folder / "my.yaml").read_text("utf-8"))
        run("lint", "--fail-on", "hint", "my.yaml", cwd=self.folder)
        self.assertIn("not held 0", run("test", "my.yaml", cwd=self.folder).stdout)
        self.assertIn("there already", run("new", "my.yaml", status=(2,), cwd=self.folder).stderr)
        self.assertIn("no id", run("new", "other.yaml", "--id", "a b", status=(2,), cwd=self.folder).stderr)
        self.assertFalse((self.folder / "other.yaml").exists())

    def submission(self):
        text = run("new").stdout.replace("status: draft", "status: published")
        (self.folder / "p.yaml").write_text(text.replace("income:       {", "income:       {sensitivity: personal, "), "utf-8")
        (self.folder / "household.csv").write_text("household_id,kind,size,income,moved_in,moved_out\nH000001,1,3,77.00,2021-01-01,2020-01-01\n", "utf-8")
        (self.folder / "member.csv").write_text("member_id,household_id,name,birth_date\n1,H000001,Wang,2000-01-01\n", "utf-8")
        run("check", "-p", "p.yaml", "--as-of", "2022-01-01", "household.csv", "member.csv", "--report", "json:r.json", status=(1,), cwd=self.folder)
        rules = json.loads((self.folder / "r.json").read_text("utf-8"))["rules"]
        return {rule["id"]: rule["examples"][0]["fingerprint"] for rule in rules if rule["examples"]}

    def explain(self, fingerprint, *words, status=(0,)):
        return run("explain", "--result", "r.json", *words, "p.yaml", fingerprint, "household.csv", "member.csv", status=status, cwd=self.folder)

    def test_a_finding_step_by_step(self):
        found = self.submission()
        steps = self.explain(found["HH-002"]).stdout
        self.assertIn("household_id=H000001", steps)
        self.assertIn("1  size = 3\n   2  count(members) = 1\n   3  size = count(members) = false\n", steps)
        self.assertIn("shows no finding", self.explain("0" * 32, status=(2,)).stderr)
        (self.folder / "member.csv").write_text("member_id,household_id,name,birth_date\n", "utf-8")
        (self.folder / "household.csv").write_text("household_id,kind,size,income,moved_in,moved_out\n", "utf-8")
        self.assertIn("any more", self.explain(found["HH-002"], status=(2,)).stderr)
        self.assertIn("wants", run("explain", "--result", "r.json", "p.yaml", status=(2,), cwd=self.folder).stderr)

    def test_personal_values_are_masked(self):
        self.submission()
        path = self.folder / "p.yaml"
        path.write_text(path.read_text("utf-8").replace("assert: moved_in <= moved_out", "assert: income > 100"), "utf-8")
        run("check", "-p", "p.yaml", "household.csv", "member.csv", "--report", "json:r.json", status=(1,), cwd=self.folder)
        rules = json.loads((self.folder / "r.json").read_text("utf-8"))["rules"]
        finding = next(rule["examples"][0]["fingerprint"] for rule in rules if rule["id"] == "HH-001")
        self.assertNotIn("77", self.explain(finding).stdout)
        self.assertIn("1  income = 77.00", self.explain(finding, "--reveal").stdout)

    def test_pages_have_every_verb_and_option(self):
        pages = [run("help", "--completion", shell).stdout for shell in ("bash", "zsh", "fish")]
        page = run("help", "--man").stdout.replace("\\-", "-")
        for verb, options in verbs().items():
            self.assertTrue(options, verb)
            self.assertIn(f".SS {verb}\n", page)
            alone = run("help", "--man", verb).stdout.replace("\\-", "-")
            for option in options:
                self.assertIn(f"--{option}", alone)
                self.assertIn(f"--{option}", pages[0])
                self.assertIn(f"--{option}[", pages[1])
                self.assertRegex(pages[2], f"from {verb}' -l {option}( |$)")

    def test_the_manual_page_has_no_warnings(self):
        for tool in (["man", "--warnings", "-l"], ["mandoc", "-Tlint", "-Werror"]):
            if shutil.which(tool[0]) and shutil.which("groff" if tool[0] == "man" else "mandoc"):
                (self.folder / "hezhun.1").write_text(run("help", "--man").stdout, "utf-8")
                done = subprocess.run([*tool, self.folder / "hezhun.1"], capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual(done.stderr, "")

    def test_bash_completes(self):
        (self.folder / "c").write_text(run("help", "--completion", "bash").stdout, "utf-8")

        def words(*line):
            script = 'source ./c; COMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _hezhun; echo "${COMPREPLY[@]}"'
            return subprocess.run(["bash", "-c", script, "-", *line], capture_output=True, text=True, timeout=60, check=True, cwd=self.folder).stdout.split()
        self.assertEqual(words("hezhun", "lin"), ["lint"])
        self.assertEqual(words("hezhun", "lint", "--deep"), ["--deep", "--deep-seconds"])
        self.assertEqual(words("hezhun", "lint", "--report", "s"), ["sarif"])
        self.assertEqual(words("hezhun", "help", "da"), ["dates"])

    def test_topics(self):
        for topic in re.findall(r"^  ([\w-]+) ", run("help").stdout.partition("TOPIC):")[2], re.M):
            self.assertTrue(run("help", topic).stdout)
        self.assertIn("dates?", run("help", "datez", status=(2,)).stderr)

    def test_codes_are_found(self):
        rows = run("codes", "--find", "650107").stdout
        self.assertIn("达坂城区", rows)
        self.assertNotIn("南山矿区", run("codes", "--find", "650107", "--as-of", "2010-01-01").stdout)
        self.assertIn("650107", run("codes", "--find", "达坂城", "GB/T 2260").stdout)
        run("codes", "--find", "no such thing", status=(1,))

    def test_changes_are_proved(self):
        if "z3 built in" not in " ".join(run("--version").stdout.split()):
            self.skipTest("built without z3")
        text = "hezhun: 1\nprofile: test.diff\nversion: 1.0.0\ntables: {a: {fields: {n: {type: integer}, m: {type: integer}}}}\n" \
               "rules: {R: {on: a, when: n > 3, assert: m > 1}}\n"
        (self.folder / "old.yaml").write_text(text, "utf-8")
        for change, wanted in (("when: n > 5", "loosening"), ("when: n > 1", "tightening"), ("when: n >= 4", "editorial"), ("when: m < 0", "undetermined")):
            (self.folder / "new.yaml").write_text(text.replace("when: n > 3", change), "utf-8")
            said = json.loads(run("diff", "--deep", "--report", "json", "old.yaml", "new.yaml", cwd=self.folder).stdout)
            self.assertEqual([one["class"] for one in said["changes"]], [wanted], change)
            plain = json.loads(run("diff", "--report", "json", "old.yaml", "new.yaml", cwd=self.folder).stdout)
            self.assertEqual([one["class"] for one in plain["changes"]], ["undetermined"], change)


if __name__ == "__main__":
    BINARY = str(pathlib.Path(sys.argv[1]).resolve())
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
