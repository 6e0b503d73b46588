#!/usr/bin/env python3
"""Golden runs of the command: run.py BINARY [--update] [--jobs N] [NAME…]

A case is a folder tests/cli/cases/NAME:
  cmd           the arguments, as a shell would cut them; # begins a comment; {lang} stands for zh or en
  setup         what else the run needs, a line each (optional):
                  copy SHARED NAME   a file or folder of tests/cli/shared
                  bytes NAME HEX     a file of these bytes
                  repeat NAME N TEXT a file of TEXT N times (\\n is a line feed)
                  mkdir NAME | fifo NAME | link TARGET NAME | chmod OCTAL NAME
                  env NAME VALUE     in the environment of the run
                  stdout full|closed|broken   standard output is a full device, closed, a pipe that nobody reads
                  not-root           skipped when run by root
                  part NAME          skipped by a build that does not have this optional part
  expected.zh   exit status, standard output, standard error and every file that the run made or changed, in a zh locale
  expected.en   the same in an en locale
  all else      input files

The run happens in a copy of the folder. --update writes what came out as expected: read it before you keep it."""
import argparse
import concurrent.futures
import difflib
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
LOCALES = {"zh": "zh_CN.UTF-8", "en": "en_US.UTF-8"}
OWN_FILES = {"cmd", "setup", "expected.zh", "expected.en"}
TIMEOUT_SECONDS = 120


class Skip(Exception):
    pass


def unescaped(text):
    return text.replace("\\n", "\n")


class Run:
    """One case in one language, in its own folder."""

    def __init__(self, case, lang, folder):
        self.case, self.lang, self.folder = case, lang, pathlib.Path(folder)
        self.stdout = "pipe"
        self.env = {key: value for key, value in os.environ.items()
                    if key.endswith("SAN_OPTIONS") or key in ("PATH", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE")}
        self.env["LC_ALL"] = LOCALES[lang]

    def prepare(self):
        for path in self.case.iterdir():
            if path.name not in OWN_FILES:
                copy = shutil.copytree if path.is_dir() else shutil.copy
                copy(path, self.folder / path.name)
        setup = self.case / "setup"
        for line in setup.read_text("utf-8").splitlines() if setup.exists() else []:
            if line.strip() and not line.startswith("#"):
                self.set_up(shlex.split(line))

    def set_up(self, words):
        verb, args = words[0], words[1:]
        at = self.folder / (args[1] if verb in ("copy", "link", "chmod") else args[0] if args else ".")
        if verb == "copy":
            source = HERE / "shared" / args[0]
            (shutil.copytree if source.is_dir() else shutil.copy)(source, at)
        elif verb == "bytes":
            at.write_bytes(bytes.fromhex(args[1]))
        elif verb == "repeat":
            at.write_text(unescaped(args[2]) * int(args[1]), "utf-8")
        elif verb == "mkdir":
            at.mkdir()
        elif verb == "fifo":
            os.mkfifo(at)
        elif verb == "link":
            at.symlink_to(args[0])
        elif verb == "chmod":
            at.chmod(int(args[0], 8))
        elif verb == "env":
            self.env[args[0]] = args[1]
        elif verb == "stdout":
            self.stdout = args[0]
        elif verb == "not-root":
            if os.geteuid() == 0:
                raise Skip("runs as root")
        elif verb == "part":
            said = subprocess.run([self.binary, "--version", "--lang", "en"], capture_output=True, text=True, check=True).stdout
            if f"{args[0]} built in" not in " ".join(said.split()):
                raise Skip(f"built without {args[0]}")
        else:
            raise ValueError(f"{self.case.name}/setup: {verb}")

    def files(self):
        """What lies in the folder: bytes by relative path."""
        found = {}
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and os.access(path, os.R_OK):
                found[str(path.relative_to(self.folder))] = path.read_bytes()
        return found

    def start(self, command):
        options = {"cwd": self.folder, "env": self.env, "stdin": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        if self.stdout == "pipe":
            return subprocess.Popen(command, stdout=subprocess.PIPE, **options)
        if self.stdout == "full":
            with open("/dev/full", "wb") as full:
                return subprocess.Popen(command, stdout=full, **options)
        if self.stdout == "closed":
            return subprocess.Popen(command, preexec_fn=lambda: os.close(1), **options)
        reader, writer = os.pipe()
        os.close(reader)
        try:
            return subprocess.Popen(command, stdout=writer, **options)
        finally:
            os.close(writer)

    def run(self, binary):
        self.binary = binary
        self.prepare()
        before = self.files()
        words = shlex.split((self.case / "cmd").read_text("utf-8").replace("{lang}", self.lang), comments=True)
        with self.start([binary] + words) as process:
            out, err = process.communicate(timeout=TIMEOUT_SECONDS)
        parts = [("stdout", out or b""), ("stderr", err)]
        parts += [(f"file {name}", data) for name, data in self.files().items() if before.get(name) != data]
        parts += [(f"gone {name}", b"") for name in before if name not in self.files()]
        return f"exit {process.returncode}\n" + "".join(section(*part) for part in parts)


def section(head, data):
    text = data.decode("utf-8", "backslashreplace")
    end = "" if text.endswith("\n") or not text else "\n--- no line feed at the end\n"
    return f"--- {head}\n{text}{end}" if text or head.startswith(("file", "gone")) else ""


def run_case(binary, case, lang):
    with tempfile.TemporaryDirectory(prefix="hezhun-cli-") as folder:
        try:
            return Run(case, lang, folder).run(binary)
        except Skip:
            return None
        finally:
            for path in pathlib.Path(folder).rglob("*"):
                if path.is_dir() and not path.is_symlink():
                    path.chmod(0o700)


def difference(expected, got, name):
    lines = difflib.unified_diff(expected.splitlines(True), got.splitlines(True), f"{name} expected", f"{name} got")
    return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


def judge(binary, case, lang, update):
    """The text to print about it; "" when all is well; None when skipped."""
    path, got = case / f"expected.{lang}", run_case(binary, case, lang)
    if got is None:
        return None
    expected = path.read_bytes().decode("utf-8") if path.exists() else ""  # csv has its own line ends
    if got == expected:
        return ""
    if update:
        path.write_text(got, "utf-8")
    return difference(expected, got, f"{case.name} {lang}")


def main():
    args = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    args.add_argument("binary")
    args.add_argument("names", nargs="*")
    args.add_argument("--update", action="store_true")
    args.add_argument("--jobs", type=int, default=2)
    opt = args.parse_intermixed_args()
    binary = str(pathlib.Path(opt.binary).resolve())
    cases = sorted(path for path in (HERE / "cases").iterdir() if (path / "cmd").exists())
    cases = [case for case in cases if not opt.names or case.name in opt.names]
    jobs = [(case, lang) for case in cases for lang in LOCALES]
    with concurrent.futures.ThreadPoolExecutor(opt.jobs) as pool:
        said = list(pool.map(lambda job: judge(binary, *job, opt.update), jobs))
    wrong = [text for text in said if text]
    sys.stdout.write("".join(wrong))
    verb = "changed" if opt.update else "wrong"
    print(f"{len(cases)} cases, {len(jobs)} runs, {len(wrong)} {verb}, {said.count(None)} skipped")
    return 1 if not cases or (wrong and not opt.update) else 0


if __name__ == "__main__":
    sys.exit(main())
