#!/usr/bin/env python3
"""Files and signals that go wrong, in every stage of a run. faults.py BINARY SHIM [unittest arguments]

A preloaded library (fault_shim.c) counts the file calls of a run and lets one of them fail, sends a signal at it, or
changes a file before it. Budgets are so small that every stage spills. Whatever happens: a clear message, status 5
where a run did not finish (4 where a source could not be opened, 3 the profile), no half report, the old report
untouched, nothing left in the temporary folder, and the next run as if nothing had been."""
import errno
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

BINARY = SHIM = ""
TIMEOUT_SECONDS = 120
POINTS = 6  # calls of a kind at which it goes wrong, spread over all of them
HOUSEHOLDS = 900
KEPT = ("PATH", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE")

PROFILE = """\
hezhun: 1
profile: test.faults
version: 1.0.0
tables:
  household:
    key: [household_id]
    region: area
    fields: {household_id: {type: text}, size: {type: integer}, head_id: {type: text}, area: {type: text}}
    relations:
      members: {many: member, on: household_id, inverse: household}
      before: {one: household@previous, on: household_id, inverse: after}
  member:
    key: [member_id]
    fields:
      member_id: {type: text}
      household_id: {type: text, references: household.household_id}
      income: {type: "decimal(12,2)"}
rules:
  SIZE: {on: household, assert: size = count(members)}
  RICH: {on: member, assert: income <= household.size * 100}
  SAME: {on: household, unique: [head_id, size], at_most: 3}
  AREA: {on: household, each: [area], assert: "count(distinct *, head_id) > 3"}
  GONE: {on: household@previous, assert: exists(after)}
measures:
  INCOME: {on: member, value: "sum(*, income) / count(*)"}
"""


def mixed(number):
    return number * 7919 % HOUSEHOLDS


def write_submission(folder, rows):
    folder.mkdir()
    with open(folder / "household.csv", "w", encoding="utf-8") as file:
        file.write("household_id,size,head_id,area\n")
        for i in range(rows):
            file.write(f"H{mixed(i):08},{i % 5},M{i // 3:08},5201{i % 40:02}\n")
    with open(folder / "member.csv", "w", encoding="utf-8") as file:
        file.write("member_id,household_id,income\n")
        for i in range(3 * rows):
            file.write(f"M{i:08},H{mixed(i):08},{i % 300}.50\n")


class Faults(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory(prefix="hezhun-faults-")
        cls.folder = pathlib.Path(cls.holder.name)
        cls.input = cls.folder / "input"
        cls.input.mkdir()
        (cls.input / "profile.yaml").write_text(PROFILE, "utf-8")
        write_submission(cls.input / "now", HOUSEHOLDS)
        write_submission(cls.input / "before", HOUSEHOLDS // 2)
        cls.good = cls.folder / "good"
        cls.good.mkdir()
        done = cls.run_in(cls.good)
        assert done.returncode == 1, done.stderr
        cls.report = (cls.good / "out.json").read_bytes()
        counts = (cls.good / "counts").read_text("utf-8").split()
        cls.calls = dict(zip(counts[::2], map(int, counts[1::2])))

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    @classmethod
    def run_in(cls, folder, fault=None, shim=True):
        """One run that writes into the folder; its temporary folder is folder/temp."""
        env = {key: value for key, value in os.environ.items() if key in KEPT}
        env.update(LC_ALL="en_US.UTF-8", HZ_FAULT_UNDER=str(cls.folder))
        if shim:
            env.update(LD_PRELOAD=SHIM, HZ_FAULT_COUNTS=str(folder / "counts"))
        if fault:
            env["HZ_FAULT"] = fault
        (folder / "temp").mkdir(exist_ok=True)
        # on one thread calls are counted as they were in the first run; signals and changes meet two
        threads = "2" if fault and ":e" not in fault else "1"
        source = folder / "input" if (folder / "input").exists() else cls.input
        command = [BINARY, "check", "-p", source / "profile.yaml", "--previous", source / "before", "--memory", "40K",
                   "--temp", folder / "temp", "--reproducible", "--threads", threads, "--report",
                   f"json:{folder}/out.json", source / "now"]
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False,
                              stdin=subprocess.DEVNULL)

    def points(self, kind):
        # hashes have a seed a run, so that runs differ by some calls: the last tenth may not be reached
        total = self.calls[kind]
        self.assertGreater(total, 0)
        total = total * 9 // 10 if total > POINTS else total
        return sorted({1 + i * (total - 1) // max(POINTS - 1, 1) for i in range(min(POINTS, total))})

    def fault(self, fault, statuses=(5,), said=None, prepare=None):
        """A run with the fault, then one without, in one folder."""
        with tempfile.TemporaryDirectory(prefix="run-", dir=self.folder) as name, self.subTest(fault=fault):
            folder = pathlib.Path(name)
            if prepare:
                prepare(folder)
            (folder / "out.json").write_text("old", "utf-8")
            done = self.run_in(folder, fault)
            self.assertIn(done.returncode, statuses, done.stderr)
            self.assertEqual(done.stdout, "")
            if done.returncode in (3, 4, 5):
                self.assertEqual((folder / "out.json").read_text("utf-8"), "old")
                self.assertRegex(done.stderr, r"^error: |: error: ")
                self.assertNotIn("internal", done.stderr)
                self.assertLessEqual(len(done.stderr.splitlines()), 3)
                if said:
                    self.assertRegex(done.stderr, said)
            elif done.returncode < 0:
                self.assertEqual((folder / "out.json").read_text("utf-8"), "old")
            else:
                json.loads((folder / "out.json").read_text("utf-8"))
            if done.returncode >= 0:
                self.assert_clean(folder)
            self.assertEqual(list((folder / "temp").iterdir()) if (folder / "temp").exists() else [], [])
            if not prepare:
                self.assertEqual(self.run_in(folder).returncode, 1)
                self.assertEqual((folder / "out.json").read_bytes(), self.report)
                self.assert_clean(folder)

    def assert_clean(self, folder):
        names = {path.name for path in folder.iterdir()} - {"counts", "temp", "input"}
        self.assertEqual(names, {"out.json"})

    def test_every_stage_spills(self):
        """Else the rest would test nothing."""
        self.assertGreater(self.calls["write"], 20)
        self.assertGreater(self.calls["read"], 40)

    def test_reads_fail(self):
        for at in self.points("read"):
            self.fault(f"read:{at}:e{errno.EIO}", (3, 4, 5), "(?i)input/output error|i/o error")

    def test_writes_fail(self):
        for at in self.points("write"):
            self.fault(f"write:{at}:e{errno.EIO}", (5,), "(?i)input/output error|i/o error")

    def test_the_disk_is_full(self):
        for at in self.points("write"):
            self.fault(f"write:{at}:e{errno.ENOSPC}", (5,), "(?i)space|full")

    def test_files_do_not_open(self):
        for at in self.points("open"):
            for number in (errno.EACCES, errno.EMFILE):
                # the folder of a report, opened to make its name durable, may not be readable
                self.fault(f"open:{at}:e{number}", (1, 3, 4, 5))

    def test_the_report_does_not_reach_the_disk(self):
        for kind in ("sync", "rename"):
            self.fault(f"{kind}:1:e{errno.EIO}", (5,), "out.json")

    def test_interrupted_in_every_stage(self):
        for kind in ("read", "write"):
            for at in self.points(kind):
                # at the first call the profile is read and nobody listens yet; at the last ones all is done
                early = (-signal.SIGINT,) if (kind, at) == ("read", 1) else ()
                self.fault(f"{kind}:{at}:s{signal.SIGINT.value}", (1, 5, *early), "interrupted")

    def test_killed_in_every_stage(self):
        for kind in ("read", "write", "sync", "rename"):
            for at in self.points(kind):
                # another number of threads may need fewer calls
                self.fault(f"{kind}:{at}:s{signal.SIGKILL.value}", (-signal.SIGKILL, 1))

    def test_the_temporary_folder_vanishes(self):
        with tempfile.TemporaryDirectory(prefix="run-", dir=self.folder) as name:
            folder = pathlib.Path(name)
            done = self.run_in(folder, f"read:3:r{folder}/temp")
            self.assertEqual(done.returncode, 5)
            self.assertIn("does not exist", done.stderr)
            self.assertFalse((folder / "out.json").exists())
        # once the file is open it has no name that could vanish
        with tempfile.TemporaryDirectory(prefix="run-", dir=self.folder) as name:
            folder = pathlib.Path(name)
            self.assertEqual(self.run_in(folder, f"write:5:r{folder}/temp").returncode, 1)
            self.assertEqual((folder / "out.json").read_bytes(), self.report)

    def test_files_change_while_they_are_read(self):
        """A file that shrinks or grows under a run is an error, or the run was through with it."""
        def copy(folder):
            (folder / "input").symlink_to(folder / "copy")
            subprocess.run(["cp", "-r", self.input, folder / "copy"], check=True)

        for letter in ("t", "a"):
            for path in ("now/member.csv", "now/household.csv", "before/household.csv"):
                for at in self.points("read"):
                    with tempfile.TemporaryDirectory(prefix="run-", dir=self.folder) as name:
                        folder = pathlib.Path(name)
                        copy(folder)
                        done = self.run_in(folder, f"read:{at}:{letter}{folder}/copy/{path}")
                        with self.subTest(at=at, path=path, letter=letter):
                            self.assertIn(done.returncode, (0, 1, 5), done.stderr)
                            if done.returncode == 5:
                                self.assertFalse((folder / "out.json").exists())
                                self.assertRegex(done.stderr, "changed|shrank|shorter")
                            else:
                                json.loads((folder / "out.json").read_text("utf-8"))


if __name__ == "__main__":
    BINARY, SHIM = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:3])
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
