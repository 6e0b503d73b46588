#!/usr/bin/env python3
"""What golden files cannot hold: signals, terminals, time, memory. behaviour.py BINARY [unittest arguments]"""
import contextlib
import json
import os
import pathlib
import pty
import re
import resource
import select
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
import zipfile
from xml.etree import ElementTree

SHARED = pathlib.Path(__file__).resolve().parent / "shared"
BINARY = ""
TIMEOUT_SECONDS = 240
KEPT = ("PATH", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE")


def environment(**more):
    kept = {key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS") or key in KEPT}
    return {**kept, "LC_ALL": "en_US.UTF-8", "TERM": "xterm", **more}


def write_big(path, rows):
    """A submission that takes a while: unique ids, so that the key stage has work too."""
    with open(path, "w", encoding="utf-8") as file:
        file.write("id,town,size,joined\n")
        for i in range(rows):
            file.write(f"H{i % 1000:03},青山乡{i},{i % 13},2019-03-01\n")


class Command(unittest.TestCase):
    def setUp(self):
        self.holder = tempfile.TemporaryDirectory(prefix="hezhun-cli-")
        self.addCleanup(self.holder.cleanup)
        self.folder = pathlib.Path(self.holder.name)
        for name in ("household.yaml", "household.csv"):
            (self.folder / name).write_bytes((SHARED / name).read_bytes())

    def run_it(self, *words, **more):
        return subprocess.run([BINARY, *words], cwd=self.folder, env=environment(**more), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)


class Version(Command):
    def test_names_every_optional_part(self):
        for lang, built_in, absent in (("en", "built in", "absent"), ("zh", "已内置", "未内置")):
            done = self.run_it("--lang", lang, "--version")
            self.assertEqual(done.returncode, 0)
            self.assertRegex(done.stdout, r"^hezhun \d+\.\d+\.\d+\n")
            self.assertRegex(done.stdout, rf"(?m)^  icu +({built_in}|{absent})$")


class Codes(Command):
    def test_every_list_can_be_shown(self):
        done = self.run_it("codes")
        ids = [line.split("  ")[1] for line in done.stdout.splitlines() if not line.startswith("   ")]
        self.assertEqual(done.returncode, 0)
        self.assertGreater(len(ids), 50)
        for name in ids:
            one = self.run_it("codes", name)
            self.assertEqual((one.returncode, one.stderr), (0, ""), name)
            self.assertIn("\t", one.stdout, name)


class Progress(Command):
    def test_json_lines(self):
        done = self.run_it("check", "-q", "-p", "household.yaml", "--progress", "json", "household.csv")
        lines = [json.loads(line) for line in done.stderr.splitlines()]
        self.assertEqual(done.returncode, 0)
        self.assertEqual(lines[-1]["event"], "end")
        self.assertEqual(lines[-1]["rows"], 3)
        for line in lines:
            self.assertLessEqual(line["bytes"], line["bytes_total"])

    def test_nothing_when_no_terminal(self):
        done = self.run_it("check", "-q", "-p", "household.yaml", "household.csv")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def on_terminal(self, *words, **more):
        """Runs with a terminal as standard output and error: exit status and all that was shown."""
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.folder)
            os.execve(BINARY, [BINARY, *words], environment(**more))
        shown, end = b"", time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < end and select.select([terminal], [], [], TIMEOUT_SECONDS)[0]:
            try:
                part = os.read(terminal, 65536)
            except OSError:
                break
            if not part:
                break
            shown += part
        status = os.waitpid(child, 0)[1]
        os.close(terminal)
        return os.waitstatus_to_exitcode(status), shown.decode("utf-8")

    def test_a_line_that_is_erased(self):
        write_big(self.folder / "household.csv", 1_500_000)
        status, shown = self.on_terminal("check", "-q", "-p", "household.yaml", "household.csv")
        self.assertEqual(status, 1)
        self.assertRegex(shown, r"^\rhousehold  [\d,]+ rows  [\d.]+ MB/s  \d+%")
        self.assertTrue(shown.endswith("\r\x1b[K"))
        self.assertNotIn("\n", shown)

    def test_colour_on_a_terminal_only(self):
        words = ("check", "-p", "household.yaml", "--progress", "none", "household.csv")
        self.assertIn("\x1b[", self.on_terminal(*words)[1])
        self.assertNotIn("\x1b[", self.on_terminal(*words, NO_COLOR="1")[1])
        self.assertNotIn("\x1b[", self.on_terminal(*words, TERM="dumb")[1])
        self.assertNotIn("\x1b[", self.on_terminal(*words, "--color", "never")[1])
        self.assertNotIn("\x1b[", self.run_it(*words).stdout)


class Memory(Command):
    PROFILE = """hezhun: 1
profile: test.memory
version: 1.0.0
tables: {household: {files: ["household.csv"], fields: {id: {type: text}, town: {type: text}, size: {type: integer}}}}
rules:
  EACH: {on: household, each: [town], assert: "count(distinct *, size) + count(*) < 3"}
"""

    def test_groups_that_do_not_fit_say_the_same(self):
        """Of a few kilobytes: report and findings, of one key with a third of all rows too."""
        (self.folder / "p.yaml").write_text(self.PROFILE, "utf-8")
        with open(self.folder / "household.csv", "w", encoding="utf-8") as file:
            file.write("id,town,size\n")
            for i in range(6000):
                file.write(f"{i},{'hot' if i % 3 == 0 else f'T{i * 7919 % 2500:04}'},{i % 1700}\n")
        seen = []
        for memory, threads in (("1G", "1"), ("20K", "2"), ("1K", "3")):
            done = self.run_it("check", "-p", "p.yaml", "--memory", memory, "--threads", threads, "--reproducible",
                               "--report", "json:out.json", "--findings", "all.csv", "household.csv")
            self.assertEqual(done.returncode, 1, done.stderr)
            seen.append([(self.folder / name).read_bytes() for name in ("out.json", "all.csv")])
        self.assertGreater(seen[0][1].count(b"EACH"), 1000)
        self.assertEqual(seen[1], seen[0])
        self.assertEqual(seen[2], seen[0])


class Interrupt(Command):
    def interrupted(self, number):
        """The run that a signal reached; a machine may be too fast, and then the data grows."""
        rows = 1_000_000
        for _ in range(4):
            write_big(self.folder / "household.csv", rows)
            words = ("check", "-p", "household.yaml", "--report", "json:out.json", "household.csv")
            process = subprocess.Popen([BINARY, *words], cwd=self.folder, env=environment(), stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
            self.wait_for_handler(process, number)
            time.sleep(0.25)
            process.send_signal(number)
            out, err = process.communicate(timeout=TIMEOUT_SECONDS)
            if process.returncode not in (0, 1):
                return process.returncode, out, err
            (self.folder / "out.json").unlink()
            rows *= 4
        raise unittest.SkipTest("the run is always over before the signal")

    def wait_for_handler(self, process, number):
        """On a busy machine a program may take its time to begin: until it catches the signal, or has ended."""
        end = time.monotonic() + TIMEOUT_SECONDS
        while process.poll() is None and time.monotonic() < end:
            caught = re.search(r"^SigCgt:\s*(\w+)", pathlib.Path(f"/proc/{process.pid}/status").read_text(), re.M)
            if caught and int(caught[1], 16) >> (number - 1) & 1:
                return
            time.sleep(0.01)

    def test_sigint_ends_cleanly(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            status, out, err = self.interrupted(number)
            self.assertEqual((status, out, err), (5, "", "error: interrupted\n"))
            self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["household.csv", "household.yaml"])


SHEET = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


class Findings(Command):
    """Every finding, read back from each form; in the folder of a golden case."""

    def setUp(self):
        super().setUp()
        for path in (SHARED.parent / "cases" / "findings_files").iterdir():
            if path.suffix in (".yaml", ".csv"):
                (self.folder / path.name).write_bytes(path.read_bytes())
        self.before = self.names()
        self.parts = {line.split()[0] for line in self.run_it("--version").stdout.splitlines() if line.endswith("built in")}

    def names(self):
        return sorted(path.name for path in self.folder.iterdir())

    def check(self, *words, **more):
        return self.run_it("check", "-q", "--reproducible", "--lang", "en", "-p", "profile.yaml", *words, "family.csv",
                           "member.csv", **more)

    def needs(self, part):
        if part not in self.parts:
            self.skipTest(f"{part} is not built in")

    def lines(self, *words):
        self.assertEqual(self.check("--findings", "all.ndjson", *words).returncode, 1)
        return [json.loads(line) for line in (self.folder / "all.ndjson").read_text("utf-8").splitlines()]

    def book(self, name):
        """{sheet: rows of {column letter: (kind, style, text)}}, and whether each has a frozen row and a filter."""
        with zipfile.ZipFile(self.folder / name) as book:
            self.assertIsNone(book.testzip())
            names = [sheet.get("name") for sheet in ElementTree.fromstring(book.read("xl/workbook.xml")).find("m:sheets", SHEET)]
            sheets = {}
            for number, sheet in enumerate(names, 1):
                page = ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
                self.assertIsNotNone(page.find(".//m:pane", SHEET))
                self.assertIsNotNone(page.find("m:autoFilter", SHEET))
                self.assertEqual(page.findall(".//m:f", SHEET), [])
                sheets[sheet] = [{chr(ord("A") + at): (cell.get("t"), cell.get("s"), "".join(cell.itertext()))
                                  for at, cell in enumerate(row) if cell.attrib} for row in page.find("m:sheetData", SHEET)]
            comments = " ".join(book.read(part).decode() for part in book.namelist() if "comments" in part)
            return sheets, comments

    def test_sqlite_holds_the_same(self):
        self.needs("sqlite")
        lines = self.lines("--findings", "all.sqlite")
        with contextlib.closing(sqlite3.connect(self.folder / "all.sqlite")) as database:
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchone(), ("ok",))
            rows = database.execute("SELECT rule, severity, status, \"table\", source, line, message, fingerprint, expected FROM findings ORDER BY id")
            self.assertEqual([list(row) for row in rows],
                             [[*(line[key] for key in ("rule", "severity", "status", "table", "source", "line", "message", "fingerprint")),
                               line.get("expected")] for line in lines])
            fields = database.execute("SELECT finding, name, value FROM fields WHERE kind = 'field' ORDER BY finding, number").fetchall()
            self.assertEqual(fields, [(number, name, value) for number, line in enumerate(lines, 1) for name, value in line["fields"].items()])
            self.assertEqual(database.execute("SELECT count(*) FROM related").fetchone()[0], sum(len(line["related"]) for line in lines))
            regions = database.execute("SELECT code, level, rows, findings FROM by_region").fetchall()
            self.assertIn(("330106", "county", 3, 8), regions)
            self.assertEqual(database.execute("SELECT sum(findings) FROM by_rule").fetchone(), (len(lines),))
            self.assertEqual(database.execute("SELECT sum(findings) FROM by_table").fetchone(), (len(lines),))
            self.assertEqual(database.execute("SELECT sum(findings) FROM by_unit WHERE unit = '甲所'").fetchone(), (5,))
            plan = database.execute("EXPLAIN QUERY PLAN SELECT * FROM findings WHERE rule = 'F-1'").fetchone()
            self.assertIn("findings_rule", plan[3])

    def test_workbook_holds_the_same(self):
        lines = self.lines("--findings", "all.xlsx")
        sheets, _ = self.book("all.xlsx")
        self.assertEqual(list(sheets), ["family", "member"])
        rows = [row for sheet in sheets.values() for row in sheet[1:]]
        self.assertEqual([row["A"][2] for row in rows], [line["rule"] for line in lines])
        self.assertEqual([row.get("F", ("", "", ""))[2] for row in rows], ["" if line["line"] is None else str(line["line"]) for line in lines])
        head = {cell[2]: letter for letter, cell in sheets["family"][0].items()}
        self.assertEqual([row[head["message"]][2] for row in sheets["family"][1:]], [line["message"] for line in lines if line["table"] == "family"])
        keys = [row[head["id"]][:1] + row[head["id"]][2:] for row in sheets["family"][1:] if head["id"] in row]
        self.assertEqual(keys, [("inlineStr", line["key"]["id"]) for line in lines if line["table"] == "family" and "id" in (line["key"] or {})])

    def test_annotated_rows(self):
        self.assertEqual(self.check("--annotate", "mend.xlsx").returncode, 1)
        sheets, comments = self.book("mend.xlsx")
        self.assertEqual(list(sheets), ["family", "member", "Other findings"])
        family, member = sheets["family"], sheets["member"]
        self.assertEqual([cell[2] for cell in family[0].values()], ["id", "village", "office", "head", "size", "remark", "more", "Line in file", "What is wrong"])
        self.assertEqual([row["H"][2] for row in family[1:]], ["2", "3", "4", "5", "6", "8"])
        self.assertEqual(family[1]["C"][::2], ("inlineStr", '=HYPERLINK("x")'))  # text, not a formula
        self.assertEqual(family[1]["B"][::2], ("inlineStr", "330106001001"))
        self.assertNotEqual(family[3]["A"][1], family[4]["A"][1])  # a3 breaks a rule, A4 does not
        self.assertEqual(member[1]["C"], (None, member[1]["C"][1], "18628"))  # 1950-12-31, a real date
        self.assertEqual(member[2]["C"][::2], ("inlineStr", "1950-02-30"))
        self.assertIn("M-1: ", comments)
        self.assertEqual(self.check("--annotate", "mend.xlsx", "--annotate-all").returncode, 1)
        sheets, _ = self.book("mend.xlsx")
        self.assertEqual([len(sheets[name]) for name in ("family", "member")], [7, 5])

    def test_personal_values_stay_masked(self):
        names = ["all.ndjson", "all.csv"] + ["all.sqlite"] * ("sqlite" in self.parts) + ["all.xlsx"]
        words = [word for name in names for word in ("--findings", name)]
        words += ["--annotate", "mend.xlsx"]
        for options, shown in (((), False), (("--reveal",), True)):
            self.assertEqual(self.check(*words, *options).returncode, 1)
            for path in [self.folder / name for name in names] + [self.folder / "mend.xlsx"]:
                bytes_ = path.read_bytes()
                if path.suffix == ".xlsx":
                    with zipfile.ZipFile(path) as book:
                        bytes_ = b"".join(book.read(name) for name in book.namelist())
                for value in ("王小明", "11010519491231002X"):
                    self.assertEqual(value.encode() in bytes_, shown, (path.name, value))

    def test_pseudonyms_are_those_of_the_report(self):
        (self.folder / "key").write_bytes(bytes(range(64)))
        lines = self.lines("--pseudonym-key", "key", "--report", "json:out.json")
        report = json.loads((self.folder / "out.json").read_text("utf-8"))
        shown = [example for rule in report["rules"] + report["drafts"] for example in rule["examples"]]
        key = lambda finding: (finding["rule"], finding["line"] or 0, json.dumps(finding["key"]))
        self.assertEqual([{**line, "related": []} for line in sorted(lines, key=key)],
                         [{**example, "related": []} for example in sorted(shown, key=key)])
        self.assertIn("~", json.dumps(lines))
        self.assertNotIn("王小明", json.dumps(lines, ensure_ascii=False))

    def test_same_bytes_whatever_the_threads(self):
        names = ["all.ndjson", "all.csv"] + ["all.sqlite"] * ("sqlite" in self.parts) + ["all.xlsx"]
        words = [word for name in names for word in ("--findings", name)]
        seen = []
        for options in (("--threads", "1"), ("--threads", "2"), ("--threads", "2", "--memory", "20K")):
            self.check(*words, *options)
            seen.append([(self.folder / name).read_bytes() for name in names])
        self.assertEqual(seen[0], seen[1])
        self.assertEqual(seen[0], seen[2])

    def test_what_cannot_be_written_leaves_nothing(self):
        def small():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))

        forms = [".ndjson", ".csv"] + [".sqlite"] * ("sqlite" in self.parts) + [".xlsx"]
        for form in forms:
            for words in (("--findings", f"f{form}"), ("--findings", f"f{form}", "--split-by", "county")):
                done = subprocess.run([BINARY, "check", "-q", "-p", "profile.yaml", *words, "family.csv", "member.csv"], cwd=self.folder,
                                      env=environment(), capture_output=True, text=True, preexec_fn=small, check=False, timeout=TIMEOUT_SECONDS)
                self.assertEqual((done.returncode, self.names()), (5, self.before), (words, done.stderr))
                done = self.check("--findings", f"nowhere/f{form}", *words[2:])
                self.assertEqual((done.returncode, self.names()), (5, self.before), done.stderr)
                self.assertIn("nowhere/f", done.stderr)

    def test_a_signal_leaves_nothing(self):
        rows = 400_000
        for _ in range(4):
            write_big(self.folder / "household.csv", rows)
            before = self.names()
            process = subprocess.Popen([BINARY, "check", "-q", "-p", "household.yaml", "--findings", "f.ndjson", "--findings", "f.csv",
                                        "household.csv"], cwd=self.folder, env=environment(), stderr=subprocess.PIPE, text=True)
            while process.poll() is None and not any(path.stat().st_size for path in self.folder.glob(".f.ndjson*")):
                time.sleep(0.01)  # until findings are written
            process.send_signal(signal.SIGINT)
            err = process.communicate(timeout=TIMEOUT_SECONDS)[1]
            if process.returncode not in (0, 1):
                self.assertEqual((process.returncode, err, self.names()), (5, "error: interrupted\n", before))
                return
            rows *= 4
        self.skipTest("the run is always over before the signal")

    def test_inputs_and_other_files_are_spared(self):
        for words in (("--findings", "family.csv"), ("--findings", "a.csv", "--findings", "a.csv"), ("--split-by", "county"),
                      ("--findings", "a.csv", "--split-by", "planet"), ("--annotate-all",), ("--annotate", "a.csv")):
            done = self.check(*words)
            self.assertEqual((done.returncode, self.names()), (2, self.before), (words, done.stderr))


class Files(Command):
    def test_a_report_in_use_is_left_alone(self):
        import fcntl
        with open(self.folder / ".out.json.hezhun-tmp", "w", encoding="utf-8") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            done = self.run_it("check", "-p", "household.yaml", "--report", "json:out.json", "household.csv")
        self.assertEqual(done.returncode, 5)
        self.assertIn("out.json", done.stderr)
        self.assertFalse((self.folder / "out.json").exists())

    def test_an_old_report_is_replaced_whole(self):
        (self.folder / "out.json").write_text("old" * 100_000, "utf-8")
        done = self.run_it("check", "-p", "household.yaml", "--report", "json:out.json", "household.csv")
        self.assertEqual(done.returncode, 0)
        self.assertTrue(json.loads((self.folder / "out.json").read_text("utf-8"))["verdict"]["conformant"])

    def test_a_failed_report_leaves_the_old_one(self):
        (self.folder / "out.json").write_text("old", "utf-8")
        reports = ("--report", "json:out.json", "--report", "text:nowhere/out.txt")
        done = self.run_it("check", "-p", "household.yaml", *reports, "household.csv")
        self.assertEqual(done.returncode, 5)
        self.assertEqual((self.folder / "out.json").read_text("utf-8"), "old")

    def test_closed_descriptors_take_no_file(self):
        """Nothing that the run opens becomes standard output or error."""
        command = f'"{BINARY}" check -p household.yaml --report json:out.json household.csv >&- 2>&- <&-'
        done = subprocess.run(["/bin/sh", "-c", command], cwd=self.folder, env=environment(), check=False,
                              timeout=TIMEOUT_SECONDS)
        self.assertEqual(done.returncode, 0)
        json.loads((self.folder / "out.json").read_text("utf-8"))

    def test_same_input_same_bytes(self):
        words = ("check", "--reproducible", "-p", "household.yaml", "--report", "json", "household.csv")
        first, second = self.run_it(*words), self.run_it(*words, "--threads", "1")
        self.assertEqual(first.stdout, second.stdout)
        self.assertNotIn('"run"', first.stdout)
        self.assertIn('"run"', self.run_it("check", "-p", "household.yaml", "--report", "json", "household.csv").stdout)

    def test_locale_decides_the_terminal_and_not_the_file(self):
        words = ("check", "-p", "household.yaml", "--report", "text", "--report", "text:out.txt", "household.csv")
        for locale, word in (("zh_CN.UTF-8", "符合规范"), ("en_US.UTF-8", "conformant"), ("C", "conformant")):
            self.assertIn(word, self.run_it(*words, LC_ALL=locale).stdout)
            self.assertIn("符合规范", (self.folder / "out.txt").read_text("utf-8"))
        self.run_it(*words, "--lang", "en")
        self.assertIn("conformant", (self.folder / "out.txt").read_text("utf-8"))


if __name__ == "__main__":
    BINARY = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
