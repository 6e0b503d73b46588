#!/usr/bin/env python3
"""Stored reports: whatever a run writes is written again from its JSON, byte for byte. stored.py BINARY [unittest arguments]

The runs are the golden cases that check something and write no file of their own."""
import csv
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest
import zipfile

try:
    import jsonschema
except ImportError:
    jsonschema = None

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import run as golden  # noqa: E402

BINARY = ""
FORMATS = ("json", "text", "md", "junit", "sarif", "xml", "csv")
TIMEOUT_SECONDS = 240
ROOT = pathlib.Path(__file__).resolve().parents[2]


def hold_to_schemas(report, xml):
    """Where the tools are there: the CI has them."""
    if jsonschema:
        jsonschema.validate(report, json.loads((ROOT / "reports/report.schema.json").read_text("utf-8")))
    if shutil.which("xmllint"):
        subprocess.run(["xmllint", "--noout", "--schema", str(ROOT / "reports/report.xsd"), str(xml)], capture_output=True, check=True)


ELSEWHERE = ("source_zip",)  # SARIF names files as they were opened, which a report does not keep


def cases():
    """Cases with a plain check whose profile loads and that come to a verdict."""
    for folder in sorted((HERE / "cases").iterdir()):
        words = shlex.split((folder / "cmd").read_text("utf-8"), comments=True)
        head = (folder / "expected.zh").read_text("utf-8").split("\n", 1)[0]
        setup = folder / "setup"
        odd = setup.exists() and any(word in setup.read_text("utf-8") for word in ("fifo", "link", "stdout", "chmod", "not-root"))
        if words and words[0] == "check" and head in ("exit 0", "exit 1", "exit 5") and not odd:
            yield folder, words


def without_reports(words):
    kept, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word in ("--report", "--annotations"):
            skip = True
        elif word not in ("-q", "--quiet") and not word.startswith("--report="):
            kept.append(word)
    return kept


class Stored(unittest.TestCase):
    def command(self, folder, *words):
        env = {key: value for key, value in os.environ.items()
               if key.endswith("SAN_OPTIONS") or key in ("PATH", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE")}
        return subprocess.run([BINARY, *words], cwd=folder, env={**env, "LC_ALL": "en_US.UTF-8"}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)

    def one(self, case, words, lang):
        with tempfile.TemporaryDirectory(prefix="hezhun-stored-") as holder:
            try:
                work = golden.Run(case, lang, holder)
                work.prepare()
            except golden.Skip:
                return False
            words = [word.replace("{lang}", lang) for word in without_reports(words)]
            profile = [words[i + 1] for i, word in enumerate(words) if word in ("-p", "--profile")]
            more = [part for i, word in enumerate(words) if word in ("--profiles", "--lists") for part in words[i:i + 2]]
            ways = [part for name in FORMATS for part in ("--report", f"{name}:first.{name}")]
            done = self.command(holder, *words, "-q", "--lang", lang, *ways)
            if done.returncode not in (0, 1, 5) or not (pathlib.Path(holder) / "first.json").exists():
                return False
            ways = [part for name in FORMATS for part in ("--report", f"{name}:again.{name}")]
            again = self.command(holder, "render", "first.json", "-p", profile[-1], *more, *ways)
            self.assertEqual(again.stderr, "", case.name)
            for name in FORMATS:
                if name == "sarif" and case.name in ELSEWHERE:
                    continue
                first, second = ((pathlib.Path(holder) / f"{stem}.{name}").read_text("utf-8") for stem in ("first", "again"))
                self.assertEqual(first, second, f"{case.name} {lang} {name}")
            return True

    def test_every_face_again(self):
        done = 0
        for case, words in cases():
            for lang in ("zh", "en"):
                with self.subTest(case=case.name, lang=lang):
                    done += self.one(case, words, lang)
        self.assertGreater(done, 60)


class Regraded(unittest.TestCase):
    command = Stored.command

    def test_another_grading(self):
        """Another grading over the same counts: what a run with it gives."""
        shared = HERE / "shared"
        with tempfile.TemporaryDirectory(prefix="hezhun-stored-") as holder:
            folder = pathlib.Path(holder)
            shutil.copy(shared / "household.csv", folder)
            text = (shared / "household.yaml").read_text("utf-8")
            (folder / "old.yaml").write_text(text, "utf-8")
            self.assertNotIn("\ngrading:", text)
            (folder / "new.yaml").write_text(text + "grading:\n  grades:\n    - {grade: gold, min_score: 100}\n    - {grade: tin}\n", "utf-8")
            with open(folder / "household.csv", "a", encoding="utf-8") as file:
                file.write("H999,青山乡,99,2019-03-01\n")
            for name in ("old", "new"):
                self.command(folder, "check", "-q", "--reproducible", "-p", f"{name}.yaml", "household.csv", "--report", f"json:{name}.json")
            done = self.command(folder, "render", "old.json", "--regrade", "new.yaml", "--report", "json:regraded.json")
            self.assertEqual(done.stderr, "")
            new, regraded = (json.loads((folder / f"{name}.json").read_text("utf-8")) for name in ("new", "regraded"))
            self.assertEqual(new, regraded)
            wrong = self.command(folder, "render", "old.json", "-p", "new.yaml", "--report", "json:none.json")
            self.assertEqual(wrong.returncode, 2)
            self.assertIn("--regrade", wrong.stderr)


class Baseline(unittest.TestCase):
    command = Stored.command

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="hezhun-stored-")
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        shutil.copy(HERE / "shared" / "household.yaml", self.folder)

    def check(self, name, rows, *more, status=(0, 1)):
        """Rows: (id, size); a size of 99 breaks a rule."""
        (self.folder / "household.csv").write_text("id,town,size,joined\n" + "".join(f"{key},青山乡,{size},2019-03-01\n" for key, size in rows), "utf-8")
        done = self.command(self.folder, "check", "-q", "-p", "household.yaml", "household.csv", "--report", f"json:{name}.json",
                            "--report", f"text:{name}.text", "--lang", "en", *more)
        self.assertIn(done.returncode, status, done.stderr)
        return done, json.loads((self.folder / f"{name}.json").read_text("utf-8")) if done.returncode in (0, 1, 5) else None

    def test_new_persisting_fixed(self):
        self.check("old", [("H001", 99), ("H002", 99), ("H003", 2)])
        done, report = self.check("new", [("H009", 2), ("H003", 99), ("H002", 98), ("H001", 2)], "--baseline", "old.json", "--fail-on", "new")
        self.assertEqual(done.returncode, 1)
        self.assertEqual({key: report["baseline"][key] for key in ("new", "persisting", "fixed", "unknown", "capped", "grown")},
                         {"new": 1, "persisting": 1, "fixed": 1, "unknown": 0, "capped": False, "grown": True})
        since = {finding["key"]["id"]: finding["since"] for rule in report["rules"] for finding in rule["examples"]}
        self.assertEqual(since, {"H003": "new", "H002": "before"})
        self.assertIn("since the baseline: new 1, persisting 1, fixed 1", (self.folder / "new.text").read_text("utf-8"))
        self.command(self.folder, "render", "new.json", "-p", "household.yaml", "--report", "md:new.md", "--report", "html:new.html", "--report", "sarif:new.sarif")
        self.assertIn("| `household.size.range` | 2 | 2 | 1 | 1 | 1 | 0 |", (self.folder / "new.md").read_text("utf-8"))
        self.assertIn('{"id":"household.size.range","before":2,"failed":2,"fresh":1,"persisting":1,"fixed":1,"unknown":0}', (self.folder / "new.html").read_text("utf-8"))
        self.assertEqual(sorted(result["baselineState"] for result in json.loads((self.folder / "new.sarif").read_text("utf-8"))["runs"][0]["results"]),
                         ["new", "unchanged"])
        self.command(self.folder, "render", "new.json", "-p", "household.yaml", "--report", "xml:again.xml")
        hold_to_schemas(report, self.folder / "again.xml")
        again = self.command(self.folder, "render", "new.json", "-p", "household.yaml", "--report", "json:again.json", "--report", "text:again.text")
        self.assertEqual(again.stderr, "")
        for name in ("json", "text"):
            self.assertEqual((self.folder / f"new.{name}").read_text("utf-8"), (self.folder / f"again.{name}").read_text("utf-8"))

    def test_nothing_new(self):
        self.check("old", [("H001", 99), ("H002", 99)])
        done, report = self.check("new", [("H002", 99)], "--baseline", "old.json", "--fail-on", "new")
        self.assertEqual((done.returncode, report["verdict"]["conformant"]), (0, False))
        self.assertEqual((report["baseline"]["fixed"], report["baseline"]["grown"]), (1, False))

    def test_capped(self):
        """What is not kept is not compared, and more failures than before are new for certain."""
        rows = [(f"H{i:03}", 99) for i in range(20)]
        self.check("old", rows, "--max-examples", "5")
        done, report = self.check("new", [*rows, ("H100", 99)], "--max-examples", "5", "--baseline", "old.json", "--fail-on", "new")
        self.assertEqual((done.returncode, report["baseline"]["capped"], report["baseline"]["grown"]), (1, True, True))
        self.assertEqual((report["baseline"]["new"], report["baseline"]["persisting"], report["baseline"]["fixed"]), (0, 5, 0))
        self.assertIn("--max-examples", (self.folder / "new.text").read_text("utf-8"))
        _, report = self.check("same", list(reversed(rows)), "--max-examples", "5", "--baseline", "old.json")
        self.assertEqual((report["baseline"]["new"], report["baseline"]["unknown"], report["baseline"]["grown"]), (0, 5, False))

    def test_refused(self):
        self.check("old", [("H001", 2)])
        done, _ = self.check("none", [("H001", 2)], "--fail-on", "new", status=(2,))
        self.assertIn("goes with --baseline", done.stderr)
        report = json.loads((self.folder / "old.json").read_text("utf-8"))
        report["profile"]["id"] = "other"
        (self.folder / "other.json").write_text(json.dumps(report), "utf-8")
        done, _ = self.check("none", [("H001", 2)], "--baseline", "other.json", status=(2,))
        self.assertIn("cannot be compared", done.stderr)
        done, _ = self.check("none", [("H001", 2)], "--baseline", "household.csv", status=(4,))


class Trend(unittest.TestCase):
    command = Stored.command
    setUp = Baseline.setUp
    check = Baseline.check

    def results(self):
        """Three results; the second has a rule in error's place: it was not judged."""
        self.check("r2020", [("H001", 99), ("H002", 99), ("H003", 2)])
        self.check("r2021", [("H001", 99), ("H002", 2), ("H003", 2)])
        self.check("now", [("H001", 2), ("H002", 2), ("H003", 2), ("H004", 99)])
        (self.folder / "old").mkdir()
        for name, day in (("r2020", "2020-12-31"), ("r2021", "2021-12-31"), ("now", "2022-12-31")):
            report = json.loads((self.folder / f"{name}.json").read_text("utf-8"))
            report["submission"]["as_of"] = day
            if name == "r2021":
                rule = next(rule for rule in report["rules"] if rule["id"] == "household.size.range")
                rule.update(outcome="skipped", reason="x", reason_id="X", failed=0, passed=0, evaluated=0, rows=0, examples=[])
            (self.folder / ("old" if name != "now" else ".") / f"{name}.json").write_text(json.dumps(report, ensure_ascii=False), "utf-8")

    def render(self, *more):
        return self.command(self.folder, "render", "now.json", "-p", "household.yaml", "--report", "json:trend.json", "--report", "html:trend.html",
                            "--report", "md:trend.md", "--report", "xml:trend.xml", "--report", "text:trend.text", *more)

    def test_results_so_far(self):
        self.results()
        shutil.copy(self.folder / "now.json", self.folder / "old" / "z.json")  # itself is no earlier result
        done = self.render("--trend", "old", "--trend", "old/r2020.json")
        self.assertEqual(done.stderr, "")
        report = json.loads((self.folder / "trend.json").read_text("utf-8"))
        points = report["trend"]
        self.assertEqual([point["as_of"] for point in points], ["2020-12-31", "2021-12-31"])
        failed = [{rule["id"]: rule["failed"] for rule in point["rules"]} for point in points]
        self.assertEqual([one["household.size.range"] for one in failed], [2, None])
        hold_to_schemas(report, self.folder / "trend.xml")
        self.assertIn("2 earlier results up to this one: 2020-12-31 B 96.07 → 2021-12-31 B 98.03 → B 98.52", (self.folder / "trend.text").read_text("utf-8"))
        self.assertRegex((self.folder / "trend.md").read_text("utf-8"), r"\| 2020-12-31 \| . [A-D] \| [0-9.]+ \| 2 / 3 \| 66\.6667% \|")
        page = (self.folder / "trend.html").read_text("utf-8")
        self.assertRegex(page, r'"trend":\{"points":\[\{"version"')
        self.assertIn('["household.size.range",2,null,1]', page)
        again = self.command(self.folder, "render", "trend.json", "-p", "household.yaml", "--report", "json:again.json", "--report", "html:again.html")
        self.assertEqual(again.stderr, "")
        for name in ("json", "html"):
            self.assertEqual((self.folder / f"trend.{name}").read_bytes(), (self.folder / f"again.{name}").read_bytes())

    def test_refused(self):
        self.results()
        report = json.loads((self.folder / "old" / "r2020.json").read_text("utf-8"))
        report["profile"]["id"] = "other"
        (self.folder / "other.json").write_text(json.dumps(report), "utf-8")
        done = self.render("--trend", "other.json")
        self.assertEqual((done.returncode, "cannot be compared" in done.stderr), (2, True), done.stderr)
        self.assertEqual(self.render("--trend", "household.csv").returncode, 4)
        self.assertEqual(self.render("--trend", "none").returncode, 4)
        done = self.render("--trend", "old", "--limit", "trend_results=1")
        self.assertEqual((done.returncode, "trend_results" in done.stderr), (5, True), done.stderr)
        self.assertFalse((self.folder / "trend.json").exists())


class Acknowledge(unittest.TestCase):
    command = Stored.command
    PROFILE = """hezhun: 1
profile: test.reasons
version: 1.0.0
tables:
  row: {key: [id], fields: {id: {type: text}, n: {type: integer, max: 50}}}
rules:
  ODD: {on: row, assert: n <> 7, gate: plausibility, severity: warning}
"""

    def run_with(self, folder, name, *more):
        done = self.command(folder, "check", "-q", "--reproducible", "-p", "p.yaml", "row.csv", "--lang", "en", "--report", f"json:{name}.json",
                            "--report", f"text:{name}.text", "--report", f"csv:{name}.csv", *more)
        return done, json.loads((folder / f"{name}.json").read_text("utf-8")) if (folder / f"{name}.json").exists() else None

    def test_reasons(self):
        with tempfile.TemporaryDirectory(prefix="hezhun-stored-") as holder:
            folder = pathlib.Path(holder)
            (folder / "p.yaml").write_text(self.PROFILE, "utf-8")
            (folder / "row.csv").write_text("id,n\n" + "".join(f"r{i},7\n" for i in range(30)) + "r99,77\n", "utf-8")
            _, report = self.run_with(folder, "plain")
            self.assertNotIn("acknowledgements", report)
            prints = {finding["key"]["id"]: finding["fingerprint"] for rule in report["rules"] for finding in rule["examples"]}
            reasons = {"r0": "经实地核对，确有此数", "r1": "√", "r2": "。。。。。", "r99": "经核对属实，不必改", "r3": "  ", **{f"r{i}": "同一句话一再使用" for i in range(4, 30)}}
            lines = [f'{prints[key]},"{reason}"' for key, reason in reasons.items()] + ["0123456789abcdef0123456789abcdef,从前的问题说明"]
            (folder / "reasons.csv").write_bytes("fingerprint,理由\n".encode("gb18030") + "\n".join(lines).encode("gb18030") + b"\n")
            _, report = self.run_with(folder, "back", "--acknowledge", "reasons.csv")
            said = report["acknowledgements"]
            self.assertEqual({key: said[key] for key in ("taken", "refused", "unused", "open")}, {"taken": 1, "refused": 29, "unused": 1, "open": 29})
            states = {item["fingerprint"]: item["state"] for item in said["items"]}
            self.assertEqual([states[prints[key]] for key in ("r0", "r1", "r2", "r99", "r9")], ["taken", "bare", "bare", "mend", "same"])
            self.assertNotIn(prints["r3"], states)
            taken = [finding["acknowledged"] for rule in report["rules"] for finding in rule["examples"] if "acknowledged" in finding]
            self.assertEqual(taken, ["经实地核对，确有此数"])
            self.assertIn("taken 1, refused 29, lapsed 0, unused 1, still open 29", (folder / "back.text").read_text("utf-8"))
            again = self.command(folder, "render", "back.json", "-p", "p.yaml", *(word for face in ("json", "text", "xml") for word in ("--report", f"{face}:again.{face}")))
            self.assertEqual(again.stderr, "")
            for face in ("json", "text"):
                self.assertEqual((folder / f"back.{face}").read_text("utf-8"), (folder / f"again.{face}").read_text("utf-8"))
            hold_to_schemas(report, folder / "again.xml")
            self.command(folder, "keygen", "k")
            refused = self.command(folder, "certify", "back.json", "-k", "k.key")
            self.assertEqual(refused.returncode, 1)
            self.assertIn("reasons that were refused: 29", refused.stderr)
            wrong, _ = self.run_with(folder, "none", "--acknowledge", "row.csv")
            self.assertEqual(wrong.returncode, 4)
            self.assertIn("has no column fingerprint", wrong.stderr)
            (folder / "broken.csv").write_text("fingerprint,reason\n" + f"{prints['r0']},\"open", "utf-8")
            wrong, report = self.run_with(folder, "broken", "--acknowledge", "broken.csv")
            self.assertEqual((wrong.returncode, report), (4, None))
            self.assertIn("line 2 of broken.csv cannot be read", wrong.stderr)

    # ---- the findings file as it was given out ----

    TABLES = PROFILE.replace("tables:\n", "acknowledge_same: 3\ntables:\n  other: {key: [id], fields: {id: {type: text}, n: {type: integer}}}\n") + \
        "  STRANGE: {on: other, assert: n <> 7, gate: plausibility}\n"

    def submission(self, profile=None, rows=40):
        holder = tempfile.TemporaryDirectory(prefix="hezhun-stored-")
        self.addCleanup(holder.cleanup)
        folder = pathlib.Path(holder.name)
        (folder / "p.yaml").write_text(profile or self.TABLES, "utf-8")
        for table in ("row", "other"):
            (folder / f"{table}.csv").write_text("id,n\n" + "".join(f"{table[0]}{i},7\n" for i in range(rows)), "utf-8")
        return folder

    def check(self, folder, name, *more, status=(0, 1)):
        done = self.command(folder, "check", "-q", "--reproducible", "-p", "p.yaml", "row.csv", "other.csv", "--lang", "en", "--max-examples", "5",
                            "--report", f"json:{name}.json", *more)
        self.assertIn(done.returncode, status, done.stderr)
        return json.loads((folder / f"{name}.json").read_text("utf-8"))

    def test_findings_file_as_given_out(self):
        """Reasons are taken for every finding, not only for those that the report keeps; asks say what is left."""
        folder = self.submission()
        report = self.check(folder, "first", "--findings", "out.csv")
        self.assertEqual(report["verdict"]["asks"]["plausibility"], {"mend": 0, "acknowledge": 80, "know": 0, "acknowledged": 0})
        with open(folder / "out.csv", encoding="utf-8-sig", newline="") as file:
            found = list(csv.DictReader(file))
        self.assertEqual({row["asks"] for row in found}, {"acknowledge"})
        for i, row in enumerate(found):
            row["reason"] = f"逐户核对过台账，第 {i} 户属实"
        self.fill_csv(folder / "back.csv", found)
        report = self.check(folder, "second", "--acknowledge", "back.csv", "--findings", "again.csv", "--threads", "3")
        said = report["acknowledgements"]
        self.assertEqual([said[key] for key in ("taken", "refused", "lapsed", "unused", "open", "same_max")], [80, 0, 0, 0, 0, 3])
        self.assertEqual(report["verdict"]["asks"]["plausibility"], {"mend": 0, "acknowledge": 0, "know": 0, "acknowledged": 80})
        with open(folder / "again.csv", encoding="utf-8-sig", newline="") as file:
            self.assertEqual([row["reason"] for row in csv.DictReader(file)], [row["reason"] for row in found])
        self.assertEqual(report["rules"][-1]["failed"], 40)  # no count changes

    def fill_csv(self, path, rows):
        with open(path, "w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)

    def test_workbook_as_given_out(self):
        """Every sheet of the workbook is read."""
        if not any(line.split() == ["libarchive", "built", "in"] for line in self.command(HERE, "--version").stdout.splitlines()):
            self.skipTest("libarchive is not built in")
        folder = self.submission(rows=4)
        self.check(folder, "first", "--findings", "out.xlsx")
        filled = 0
        with zipfile.ZipFile(folder / "out.xlsx") as book, zipfile.ZipFile(folder / "back.xlsx", "w") as back:
            for name in book.namelist():
                text = book.read(name).decode("utf-8")
                if name.startswith("xl/worksheets/"):
                    rows = text.split("</row>")
                    for i in range(1, len(rows) - 1):
                        filled += 1
                        rows[i] += f'<c r="V{i + 1}" t="inlineStr"><is><t>已到现场核对，编号 {filled}</t></is></c>'
                    text = "</row>".join(rows)
                back.writestr(name, text)
        self.assertEqual(filled, 8)
        said = self.check(folder, "second", "--acknowledge", "back.xlsx")["acknowledgements"]
        self.assertEqual([said[key] for key in ("taken", "refused", "lapsed", "unused", "open")], [8, 0, 0, 0, 0])
        self.assertEqual(sorted({item["rule"] for item in said["items"]}), ["ODD", "STRANGE"])

    def test_the_profiles_limit_rules(self):
        """One text for more findings than the profile says is no reason; the option only tightens it."""
        folder = self.submission(rows=4)
        report = self.check(folder, "first")
        prints = [finding["fingerprint"] for rule in report["rules"] for finding in rule["examples"] if rule["id"] == "ODD"]
        for count, more, taken in ((3, (), 3), (4, (), 0), (4, ("--limit", "acknowledge_same=50"), 0), (3, ("--limit", "acknowledge_same=2"), 0),
                                   (2, ("--limit", "acknowledge_same=2"), 2)):
            with self.subTest(count=count, more=more):
                (folder / "r.csv").write_text("fingerprint,reason\n" + "".join(f"{one},all of them were seen on site\n" for one in prints[:count]), "utf-8")
                said = self.check(folder, "second", "--acknowledge", "r.csv", *more)["acknowledgements"]
                self.assertEqual((said["taken"], said["refused"]), (taken, count - taken))
        (folder / "p.yaml").write_text(self.TABLES.replace("acknowledge_same: 3\n", ""), "utf-8")  # 20 without
        (folder / "r.csv").write_text("fingerprint,reason\n" + "".join(f"{one},all of them were seen on site\n" for one in prints), "utf-8")
        said = self.check(folder, "second", "--acknowledge", "r.csv", "--limit", "acknowledge_same=26")["acknowledgements"]
        self.assertEqual((said["taken"], said["same_max"]), (4, 20))

    def test_bare_ticks(self):
        folder = self.submission(rows=1)
        report = self.check(folder, "first")
        print_ = next(rule for rule in report["rules"] if rule["id"] == "ODD")["examples"][0]["fingerprint"]
        bare = ("ok", "OK.", "√", "✓✓✓✓✓", "是", "x", "......", "——————", "1", "aaaaaa", "无无无无无", "已核实", "情况属实", "ＯＫ", "yes, ok", "no problem",
                "确认无误！", "N/A", "checked and ok"[:7], "(√)", "， 。 ！ ？", "👍👍👍👍")
        written = ("孤寡老人，由村集体代管", "seen on site by two officers", "2024 年迁入，户口已转", "checked against the paper form", "该户三代同堂属实")
        for text, state in [*((text, "bare") for text in bare), *((text, "taken") for text in written)]:
            with self.subTest(text=text):
                (folder / "r.csv").write_text(f'fingerprint,reason\n{print_},"{text}"\n', "utf-8")
                said = self.check(folder, "second", "--acknowledge", "r.csv")["acknowledgements"]
                self.assertEqual([item["state"] for item in said["items"]], [state])

    def test_a_reason_lapses_with_its_values(self):
        """A reason is for the values that it was written for: other ones need another."""
        folder = self.submission(self.TABLES.replace("n <> 7", "n < 5"), rows=2)
        self.check(folder, "first", "--findings", "out.csv")
        with open(folder / "out.csv", encoding="utf-8-sig", newline="") as file:
            found = list(csv.DictReader(file))
        for i, row in enumerate(found):
            row["reason"] = f"逐户核对过台账，第 {i} 户属实"
        self.fill_csv(folder / "back.csv", found)
        (folder / "row.csv").write_text("id,n\nr0,7\nr1,9\n", "utf-8")
        report = self.check(folder, "second", "--acknowledge", "back.csv")
        said = report["acknowledgements"]
        self.assertEqual([said[key] for key in ("taken", "refused", "lapsed", "open")], [3, 0, 1, 1])
        self.assertEqual([item["state"] for item in said["items"]].count("lapsed"), 1)
        self.command(folder, "keygen", "k")
        done = self.command(folder, "certify", "second.json", "-k", "k.key", "-o", "c.json")
        self.assertEqual(done.returncode, 0, done.stderr)  # nothing was refused: the finding is open again

    def test_merged_with_their_reasons(self):
        """Parts bring their reasons; a part without any has explained nothing."""
        folder = self.submission(rows=2)
        self.check(folder, "a", "--findings", "out.csv")
        with open(folder / "out.csv", encoding="utf-8-sig", newline="") as file:
            found = list(csv.DictReader(file))
        for i, row in enumerate(found[:3]):
            row["reason"] = f"逐户核对过台账，第 {i} 户属实"
        self.fill_csv(folder / "back.csv", found)
        self.check(folder, "a", "--acknowledge", "back.csv")
        for table in ("row", "other"):
            (folder / f"{table}.csv").write_text("id,n\nz1,7\nz2,7\n", "utf-8")
        self.check(folder, "b")
        done = self.command(folder, "merge", "-p", "p.yaml", "a.json", "b.json", "--report", "json:merged.json")
        self.assertEqual(done.stderr, "")
        report = json.loads((folder / "merged.json").read_text("utf-8"))
        said = report["acknowledgements"]
        self.assertEqual([said[key] for key in ("taken", "refused", "open")], [3, 0, 5])
        self.assertEqual(report["verdict"]["asks"]["plausibility"], {"mend": 0, "acknowledge": 5, "know": 0, "acknowledged": 3})

    def test_what_is_waived_needs_no_reason(self):
        waived = self.TABLES.replace("tables:", "as_of: 2026-01-01\ntables:") + "waivers:\n  W: {rule: ODD, keys: [{id: r0}], reason: seen, approved_by: office, until: 2999-12-31}\n"
        folder = self.submission(waived, rows=2)
        self.check(folder, "first", "--findings", "out.csv")
        with open(folder / "out.csv", encoding="utf-8-sig", newline="") as file:
            found = list(csv.DictReader(file))
        self.assertEqual([(row["waived"], row["asks"]) for row in found if row["rule"] == "ODD"], [("W", ""), ("", "acknowledge")])
        for i, row in enumerate(found):
            row["reason"] = f"逐户核对过台账，第 {i} 户属实"
        self.fill_csv(folder / "back.csv", found)
        said = self.check(folder, "second", "--acknowledge", "back.csv")["acknowledgements"]
        self.assertEqual([said[key] for key in ("taken", "unused", "open")], [3, 1, 0])


if __name__ == "__main__":
    BINARY = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main(verbosity=1)
