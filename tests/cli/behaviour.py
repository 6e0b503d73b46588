#!/usr/bin/env python3
"""What golden files cannot hold: signals, terminals, time, memory. behaviour.py BINARY [unittest arguments]"""
import json
import os
import pathlib
import pty
import select
import signal
import subprocess
import sys
import tempfile
import time
import unittest

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


class Interrupt(Command):
    def interrupted(self, number):
        """The run that a signal reached; a machine may be too fast, and then the data grows."""
        rows = 1_000_000
        for _ in range(4):
            write_big(self.folder / "household.csv", rows)
            words = ("check", "-p", "household.yaml", "--report", "json:out.json", "household.csv")
            process = subprocess.Popen([BINARY, *words], cwd=self.folder, env=environment(), stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
            time.sleep(0.25)
            process.send_signal(number)
            out, err = process.communicate(timeout=TIMEOUT_SECONDS)
            if process.returncode not in (0, 1):
                return process.returncode, out, err
            (self.folder / "out.json").unlink()
            rows *= 4
        raise unittest.SkipTest("the run is always over before the signal")

    def test_sigint_ends_cleanly(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            status, out, err = self.interrupted(number)
            self.assertEqual((status, out, err), (5, "", "error: interrupted\n"))
            self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["household.csv", "household.yaml"])


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
