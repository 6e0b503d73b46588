#!/usr/bin/env python3
"""A watched folder: what is whole, what is posted, and that nothing is lost. watch.py BINARY [--submissions N] [unittest arguments]

The receiver is a real one, on loopback, and is killed and started again; so is the watch, at random moments."""
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

BINARY = ""
SUBMISSIONS = 25
TIMEOUT_SECONDS = 240
SECRET = b"0123456789abcdef0123456789abcdef"
PROFILE = """hezhun: 1
profile: test.watch
version: 1.0.0
tables:
  t:
    key: [id]
    fields:
      id: {type: text}
      n: {type: integer, min: 0, max: 9}
      who: {type: text, sensitivity: personal}
"""
ENVIRONMENT = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1",
               **{name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS") if name in os.environ}}


def has_curl():
    version = subprocess.run([BINARY, "--version"], capture_output=True, text=True, check=True, env=ENVIRONMENT).stdout
    return any(line.split()[:1] == ["curl"] and "absent" not in line for line in version.splitlines())


class Receiver:
    """Keeps what it was sent. `answers` are given in turn before 204."""

    def __init__(self, port=0, answers=()):
        self.posts, self.wrong, self.answers = [], [], list(answers)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.judge(self.headers, body)
                answer = outer.answers.pop(0) if outer.answers else 204
                if answer == "close":
                    self.connection.close()
                    return
                if answer < 300:
                    outer.posts.append((self.headers["X-Hezhun-Id"], body))
                self.send_response(answer)
                if 300 <= answer < 400:
                    self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        http.server.ThreadingHTTPServer.allow_reuse_address = True
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def judge(self, headers, body):
        stamp = headers["X-Hezhun-Timestamp"]
        wanted = "sha256=" + hmac.new(SECRET, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(wanted, headers["X-Hezhun-Signature"]) or abs(time.time() - int(stamp)) > 60:
            self.wrong.append(headers["X-Hezhun-Signature"])
        if json.loads(body)["id"] != headers["X-Hezhun-Id"] or headers["Content-Type"] != "application/json":
            self.wrong.append(body)

    def kill(self):
        self.server.shutdown()
        self.server.server_close()


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="watch-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        (self.folder / "p.yaml").write_text(PROFILE)
        self.inbox = self.folder / "in"
        self.inbox.mkdir()
        self.out = self.folder / "out"
        self.secret = self.folder / "secret"
        self.secret.write_bytes(SECRET + b"\n")
        self.secret.chmod(0o600)

    def submit(self, name, rows, marked=False):
        """Under another name first, as one sends."""
        hidden = self.inbox / ("." + name)
        hidden.mkdir()
        text = "id,n,who\n" + "".join(f"{key},{n},Zhang San\n" for key, n in rows)
        (hidden / "t.csv").write_text(text)
        if marked:
            (hidden / ".complete").write_text(marked if isinstance(marked, str) else "")
        target = self.inbox / name
        if target.exists():
            shutil.rmtree(target)
        hidden.rename(target)

    def words(self, *more):
        return [BINARY, "watch", "-p", str(self.folder / "p.yaml"), str(self.inbox), "--out", str(self.out), "--lang", "en", *more]

    def once(self, *more, quiet="0"):
        return subprocess.run(self.words("--once", "--quiet-period", quiet, *more), capture_output=True, text=True, env=ENVIRONMENT,
                              timeout=TIMEOUT_SECONDS)

    def hook(self, port):
        return ["--webhook", f"http://127.0.0.1:{port}/hook?token=not-to-be-shown", "--webhook-secret", str(self.secret)]

    def start(self, *more):
        process = subprocess.Popen(self.words("--quiet-period", "0", *more), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env=ENVIRONMENT)
        self.addCleanup(lambda: (process.poll() is None and process.kill(), process.wait()))
        return process

    def outbox(self):
        return sorted(path.name for path in (self.out / ".hezhun/outbox").glob("*.json"))

    def until(self, what, seconds=60):
        end = time.monotonic() + seconds
        while not what():
            self.assertLess(time.monotonic(), end, "it took too long")
            time.sleep(0.05)


class Whole(Case):
    def test_reports_and_exit_status(self):
        self.assertEqual(self.once().returncode, 0)
        self.submit("520121_x", [("A", 1)])
        done = self.once()
        self.assertEqual((done.returncode, done.stdout), (0, "520121_x: conformant, score 100.00, grade A, new errors: 0\n"), done.stderr)
        self.assertTrue(json.loads((self.out / "520121_x/report.json").read_text())["verdict"]["conformant"])
        self.submit("520122", [("A", 12)])
        done = self.once("--report", "md", "--report", "junit", "--report", "xml")
        self.assertEqual(done.returncode, 1)
        self.assertIn("520122: not conformant", done.stdout)
        self.assertNotIn("520121", done.stdout)  # it was dealt with
        self.assertEqual(sorted(path.name for path in (self.out / "520122").iterdir()),
                         ["junit.xml", "report.json", "report.md", "report.xml"])

    def test_a_file_is_a_submission(self):
        (self.inbox / "t.csv").write_text("id,n,who\nA,1,B\n")
        done = self.once()
        self.assertEqual((done.returncode, done.stdout.split(":")[0]), (0, "t.csv"), done.stderr)

    def test_what_is_on_its_way_is_passed_over(self):
        for name in (".hidden", "x.part", "x.tmp", "x.filepart", "x~", "x.crdownload", "x.partial", "x.complete"):
            (self.inbox / name).write_text("id,n,who\nA,1,B\n")
        (self.inbox / "empty").mkdir()
        os.symlink("/etc", self.inbox / "link")
        done = self.once()
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_quiet_period(self):
        self.submit("520121", [("A", 1)])
        self.assertEqual(self.once(quiet="3600").stdout, "")
        self.assertEqual(self.once(quiet="0").stdout.count("\n"), 1)

    def test_quiet_period_in_a_running_watch(self):
        process = subprocess.Popen(self.words("--quiet-period", "1"), stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        time.sleep(0.3)
        target = self.inbox / "520121"
        target.mkdir()
        for n in range(4):  # each part resets the period
            with open(target / "t.csv", "a") as file:
                file.write("id,n,who\n" if n == 0 else f"K{n},1,B\n")
            time.sleep(0.4)
        self.assertEqual(process.stdout.readline(), "520121: conformant, score 100.00, grade A, new errors: 0\n")
        self.assertEqual(json.loads((self.out / "520121/report.json").read_text())["verdict"]["records"], 3)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(TIMEOUT_SECONDS), 0)

    def test_markers(self):
        self.submit("520121", [("A", 1)])
        marker_only = ("--wait-for", "marker")
        self.assertEqual(self.once(*marker_only).stdout, "")
        (self.inbox / "520121/.complete").touch()
        self.assertEqual(self.once(*marker_only, quiet="3600").stdout.count("\n"), 1)
        (self.inbox / "520121/t.csv").write_text("id,n,who\nA,1,B\nB,1,B\n")  # newer than the marker
        self.assertEqual(self.once(*marker_only).stdout, "")
        (self.inbox / "520121/.complete").touch()
        self.assertEqual(self.once(*marker_only).stdout.count("\n"), 1)
        (self.inbox / "t.csv").write_text("id,n,who\nA,1,B\n")
        self.assertEqual(self.once(*marker_only).stdout, "")
        (self.inbox / "t.csv.complete").touch()
        self.assertEqual(self.once(*marker_only).stdout.count("\n"), 1)

    def test_units_are_compared_with_their_last_result(self):
        self.submit("520121_1", [("A", 12), ("B", 1)])
        self.submit("other", [("A", 12)], marked="520121\n")
        done = self.once("--webhook-secret", str(self.secret))
        self.assertIn("520121_1: not conformant, score", done.stdout)
        self.assertEqual([line.rsplit(" ", 1)[1] for line in done.stdout.splitlines()], ["1", "0"], done.stdout)
        self.submit("520121_3", [("A", 12), ("B", 13), ("C", 14)])
        self.assertIn("new errors: 2\n", self.once().stdout)
        self.submit("520122_1", [("A", 12)])
        self.assertIn("new errors: 1\n", self.once().stdout)
        self.assertEqual(len(list((self.out / ".hezhun/results").iterdir())), 2)

    def test_the_same_name_again(self):
        self.submit("520121", [("A", 12)])
        self.assertIn("new errors: 1", self.once().stdout)
        self.assertEqual(self.once().stdout, "")
        self.submit("520121", [("A", 12), ("B", 15)])
        self.assertIn("new errors: 1", self.once().stdout)

    def test_what_cannot_be_checked(self):
        self.submit("nothing", [("A", 1)])
        (self.inbox / "nothing/t.csv").rename(self.inbox / "nothing/other.txt")
        self.submit("link", [("A", 1)])
        os.symlink(self.folder / "p.yaml", self.inbox / "link/more.csv")
        done = self.once()
        self.assertEqual(done.returncode, 4, done.stdout + done.stderr)
        self.assertIn("link: cannot be checked: link holds a symbolic link and is not checked\n", done.stderr)
        self.assertEqual(done.stderr.count("cannot be checked"), 2, done.stderr)
        self.assertEqual(self.once().returncode, 0)

    def test_names_of_any_bytes(self):
        name = os.fsencode(self.inbox) + b"/\xbc\xd7\x1b[31m"
        os.mkdir(name)
        pathlib.Path(os.fsdecode(name), "t.csv").write_text("id,n,who\nA,1,B\n")
        done = subprocess.run(self.words("--once", "--quiet-period", "0"), capture_output=True, env=ENVIRONMENT)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn(b"\x1b", done.stdout)
        self.assertEqual(self.once().stdout, "")

    def test_refusals(self):
        def refused(*words, secret=None):
            if secret is not None:
                self.secret.write_bytes(secret)
            done = self.once(*words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
            return done.stderr
        self.assertIn("another watch", self.hold(lambda: refused()))
        self.assertIn("no such format, or it is given twice", refused("--report", "json"))
        self.assertIn("given twice", refused("--report", "md", "--report", "md"))
        self.out = self.inbox
        self.assertIn("into the watched folder", refused())
        self.out = self.folder / "out"
        if not has_curl():
            self.assertIn("lacks the part curl", refused(*self.hook(1)))
            return
        self.assertIn("goes with --webhook-secret", refused("--webhook", "http://127.0.0.1/"))
        for address in ("ftp://127.0.0.1/", "file:///etc/passwd", "127.0.0.1 x", "gopher://x/"):
            self.assertIn("wants an http or https address", refused("--webhook", address, "--webhook-secret", str(self.secret)))
        said = refused("--webhook", "http://somebody:hidden@127.0.0.1/", "--webhook-secret", str(self.secret))
        self.assertIn("no user name or password", said)
        self.assertNotIn("hidden", said)
        self.assertIn("has 5 bytes", refused(*self.hook(1), secret=b"short\n"))
        self.secret.chmod(0o644)
        self.assertIn("chmod 600", refused(*self.hook(1)))
        self.assertEqual(subprocess.run([BINARY, "watch", "-p", str(self.folder / "p.yaml"), str(self.folder / "none"), "--once"],
                                        capture_output=True, env=ENVIRONMENT).returncode, 4)

    def hold(self, work):
        process = self.start()
        self.until((self.out / ".hezhun/outbox").exists)
        try:
            return work()
        finally:
            process.kill()
            process.wait()


class Posts(Case):
    def setUp(self):
        super().setUp()
        if not has_curl():
            self.skipTest("built without curl")

    def test_body(self):
        receiver = Receiver()
        self.submit("520121_1", [("A", 12), ("B", 1)])
        done = self.once(*self.hook(receiver.port))
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertNotIn("not-to-be-shown", done.stderr)
        self.assertEqual(receiver.wrong, [])
        (id_, body), = receiver.posts
        self.assertNotIn(b"Zhang", body)
        told = json.loads(body)
        self.assertEqual((told["event"], told["submission"], told["new"], told["shown"], told["baseline"]),
                         ("checked", {"name": "520121_1", "unit": "520121"}, 1, 1, None))
        self.assertEqual([(rule["id"], rule["failed"]) for rule in told["rules"]], [("t.n.range", 1)])
        self.assertEqual((told["findings"][0]["key"], told["findings"][0]["fields"]), ({"id": "A"}, {"n": "12"}))
        self.submit("520121_2", [("A", 12), ("B", 1)])  # nothing new
        self.assertEqual(self.once(*self.hook(receiver.port)).returncode, 1)
        self.assertEqual(len(receiver.posts), 1)
        self.submit("520121_3", [("A", 12), ("B", 77)])
        self.once(*self.hook(receiver.port))
        told = json.loads(receiver.posts[1][1])
        self.assertEqual((told["new"], told["findings"][0]["key"], told["baseline"]["persisting"]), (1, {"id": "B"}, 1))
        self.submit("520121_4", [("A", 1)])
        self.once("--post", "all", *self.hook(receiver.port))
        self.assertEqual(json.loads(receiver.posts[2][1])["new"], 0)
        (self.inbox / "bad").mkdir()
        (self.inbox / "bad/x.txt").write_text("")
        self.once(*self.hook(receiver.port))
        told = json.loads(receiver.posts[3][1])
        self.assertEqual((told["event"], sorted(told["error"])), ("unreadable", ["id", "message"]))
        self.assertEqual(receiver.wrong, [])
        receiver.kill()

    def test_many_findings_are_shared_out(self):
        receiver = Receiver()
        self.submit("x", [(f"K{i}", 12) for i in range(30)] + [("", 1)])
        self.once("--limit", "notice_findings=3", *self.hook(receiver.port))
        told = json.loads(receiver.posts[0][1])
        self.assertEqual((told["shown"], len({finding["rule"] for finding in told["findings"]})), (3, 2))
        receiver.kill()

    def test_failures_are_tried_again(self):
        receiver = Receiver(answers=[500, 302, "close"])
        self.submit("x", [("A", 12)])
        for said in ("answered 500", "leads elsewhere", "127.0.0.1"):
            done = self.once(*self.hook(receiver.port))
            self.assertEqual(done.returncode, 5, done.stderr)
            self.assertIn(said, done.stderr)
            self.assertEqual(len(self.outbox()), 1)
        self.assertEqual(self.once(*self.hook(receiver.port)).returncode, 0)
        self.assertEqual((len(receiver.posts), self.outbox(), receiver.wrong), (1, [], []))
        receiver.kill()

    def test_one_refused_post_holds_up_no_other(self):
        receiver = Receiver(answers=[400])
        self.submit("x", [("A", 12)])
        self.submit("y", [("A", 12)])
        self.assertEqual(self.once(*self.hook(receiver.port)).returncode, 5)
        self.assertEqual([json.loads(body)["submission"]["name"] for _, body in receiver.posts], ["y"])
        receiver.kill()

    def test_nothing_is_lost(self):
        """Both ends are killed while submissions arrive."""
        draw = random.Random(7)
        receivers, port = [Receiver()], 0
        port = receivers[0].port
        names = [f"5{n:05d}" for n in range(SUBMISSIONS)]
        watch, up = self.start(*self.hook(port)), True
        for n, name in enumerate(names):
            self.submit(name, [("A", 12), (f"B{n}", 1)])
            time.sleep(draw.random() * 0.1)
            if draw.random() < 0.3:
                watch.kill()
                watch.wait()
                watch = self.start(*self.hook(port))
            if draw.random() < 0.2:
                if up:
                    receivers[-1].kill()
                else:
                    receivers.append(Receiver(port))
                up = not up
        if not up:
            receivers.append(Receiver(port))
        self.until(lambda: len({id_ for r in receivers for id_, _ in r.posts}) >= SUBMISSIONS and not self.outbox(),
                   60 + SUBMISSIONS)
        watch.send_signal(signal.SIGTERM)
        self.assertEqual(watch.wait(TIMEOUT_SECONDS), 0)
        bodies, posts = {}, 0
        for receiver in receivers:
            self.assertEqual(receiver.wrong, [])
            for id_, body in receiver.posts:
                posts += 1
                self.assertEqual(bodies.setdefault(id_, body), body)  # a repeat is the same, to the byte
        self.assertEqual(sorted(json.loads(body)["submission"]["name"] for body in bodies.values()), names)
        if SUBMISSIONS > 100:
            print(f"{SUBMISSIONS} submissions, {posts} posts", file=sys.stderr)
        receivers[-1].kill()


if __name__ == "__main__":
    BINARY = str(pathlib.Path(sys.argv[1]).resolve())
    rest = sys.argv[2:]
    if rest[:1] == ["--submissions"]:
        SUBMISSIONS = int(rest[1])
        rest = rest[2:]
    unittest.main(argv=[sys.argv[0], *rest])
