#!/usr/bin/env python3
"""Certificates from end to end: keys, refusals, every byte flipped, and the openssl command both ways.
certify.py BINARY [unittest arguments]"""
import base64
import copy
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

SHARED = pathlib.Path(__file__).resolve().parent / "shared"
BINARY = ""
TIMEOUT_SECONDS = 240
DAY = "1767225600"  # 2026-01-01T00:00:00Z
KEPT = ("PATH", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE")


def canonical(value):
    """RFC 8785, for values whose names are ASCII and whose numbers are exact."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


class Certified(unittest.TestCase):
    """A submission, its report, keys of both kinds and a certificate by each."""

    @classmethod
    def setUpClass(cls):
        cls.holder = tempfile.TemporaryDirectory(prefix="hezhun-certify-")
        cls.folder = pathlib.Path(cls.holder.name)
        cls.env = {key: value for key, value in os.environ.items() if key.endswith("SAN_OPTIONS") or key in KEPT}
        cls.env.update(LC_ALL="en_US.UTF-8", SOURCE_DATE_EPOCH=DAY)
        (cls.folder / "data").mkdir()
        shutil.copy(SHARED / "household.yaml", cls.folder)
        shutil.copy(SHARED / "household.csv", cls.folder / "data")
        cls.command("check", "-q", "-p", "household.yaml", "data", "--report", "json:result.json")
        cls.result = json.loads((cls.folder / "result.json").read_text("utf-8"))
        for kind in ("ed25519", "sm2"):
            cls.command("keygen", kind, "--algorithm", kind, "--name", "数据中心")
            done = cls.command("certify", "result.json", "-k", f"{kind}.key", "-o", f"{kind}.json", "--html", f"{kind}.html")
            assert done.returncode == 0, done.stderr

    @classmethod
    def tearDownClass(cls):
        cls.holder.cleanup()

    @classmethod
    def command(cls, *words, **more):
        return subprocess.run([BINARY, *words], cwd=cls.folder, env={**cls.env, **more}, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)

    def write(self, name, value):
        text = value if isinstance(value, (str, bytes)) else json.dumps(value, ensure_ascii=False)
        (self.folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return name

    def read(self, name):
        return (self.folder / name).read_bytes()

    def verified(self, *words):
        done = self.command("verify", *words, "--report", "json")
        self.assertEqual(done.stderr, "")
        return done.returncode, json.loads(done.stdout)


class Keys(Certified):
    def test_files(self):
        for kind in ("ed25519", "sm2"):
            self.assertEqual(stat.S_IMODE((self.folder / f"{kind}.key").stat().st_mode), 0o600)
            shown = self.read(f"{kind}.pub").decode()
            der = subprocess.run(["openssl", "pkey", "-pubin", "-in", f"{kind}.pub", "-outform", "DER"], cwd=self.folder,
                                 capture_output=True, check=True).stdout
            self.assertIn(f"\nid: {hashlib.sha256(der).hexdigest()[:32]}\n", shown)
            self.assertIn("\nvalid-from: 2026-01-01\nvalid-until: 2029-01-01\n", shown)

    def test_not_overwritten(self):
        before = self.read("sm2.key")
        done = self.command("keygen", "sm2")
        self.assertEqual((done.returncode, self.read("sm2.key")), (2, before))
        self.assertIn("not overwritten", done.stderr)

    def test_passphrase(self):
        self.write("words", "开门 7\n")
        (self.folder / "words").chmod(0o600)
        for kind in ("ed25519", "sm2"):
            name = f"sealed-{kind}"
            self.assertEqual(self.command("keygen", name, "--algorithm", kind, "--passphrase-file", "words").returncode, 0)
            self.assertIn(b"BEGIN ENCRYPTED PRIVATE KEY", self.read(f"{name}.key"))
            done = self.command("certify", "result.json", "-k", f"{name}.key")
            self.assertEqual(done.returncode, 2)
            self.assertIn("--passphrase-file", done.stderr)
            done = self.command("certify", "result.json", "-k", f"{name}.key", "--passphrase-file", "words", "-o", "sealed.json")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual(self.verified("sealed.json", "-k", f"{name}.pub")[0], 0)
            opened = subprocess.run(["openssl", "pkey", "-in", f"{name}.key", "-passin", "file:words", "-pubout"], cwd=self.folder,
                                    capture_output=True, check=True).stdout
            self.assertIn(opened.strip(), self.read(f"{name}.pub"))

    def test_readable_by_others(self):
        shutil.copy(self.folder / "sm2.key", self.folder / "open.key")
        (self.folder / "open.key").chmod(0o644)
        done = self.command("certify", "result.json", "-k", "open.key")
        self.assertEqual(done.returncode, 2)
        self.assertIn("chmod 600 open.key", done.stderr)


class Verify(Certified):
    def test_holds(self):
        for kind in ("ed25519", "sm2"):
            status, proofs = self.verified(f"{kind}.json", "-k", f"{kind}.pub", "--result", "result.json", "--data", "data")
            self.assertEqual((status, proofs[0]["state"]), (0, "holds"), proofs)
            self.assertIn("VERIFY_FILES_SAME", [line["id"] for line in proofs[0]["says"]])

    def test_same_bytes(self):
        self.command("certify", "result.json", "-k", "ed25519.key", "-o", "again.json")
        self.assertEqual(self.read("again.json"), self.read("ed25519.json"))

    def test_signer_not_known(self):
        for keys in ((), ("-k", "sm2.pub")):
            status, proofs = self.verified("ed25519.json", *keys)
            self.assertEqual((status, proofs[0]["state"]), (5, "open"))

    def test_openssl_reads_ours(self):
        for kind, how in (("ed25519", ()), ("sm2", ("-digest", "sm3", "-pkeyopt", "distid:1234567812345678"))):
            certificate = json.loads(self.read(f"{kind}.json"))
            self.write("signed", canonical(certificate["statement"]))
            self.write("signature", base64.b64decode(certificate["signature"]["value"]))
            subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", f"{kind}.pub", "-rawin", *how, "-in", "signed",
                            "-sigfile", "signature"], cwd=self.folder, capture_output=True, check=True)
            self.assertEqual(certificate["digests"]["statement"], hashlib.sha256(self.read("signed")).hexdigest())

    def test_we_read_openssl(self):
        for kind, how in (("ed25519", ()), ("sm2", ("-digest", "sm3", "-pkeyopt", "distid:1234567812345678"))):
            text = self.read(f"{kind}.json").decode()
            certificate = json.loads(text)
            self.write("signed", canonical(certificate["statement"]))
            subprocess.run(["openssl", "pkeyutl", "-sign", "-inkey", f"{kind}.key", "-rawin", *how, "-in", "signed", "-out", "signature"],
                           cwd=self.folder, capture_output=True, check=True)
            theirs = base64.b64encode(self.read("signature")).decode()
            self.assertEqual(theirs == certificate["signature"]["value"], kind == "ed25519")
            self.write("theirs.json", text.replace(certificate["signature"]["value"], theirs))
            status, proofs = self.verified("theirs.json", "-k", f"{kind}.pub")
            self.assertEqual((status, proofs[0]["state"]), (0, "holds"), proofs)

    def test_result_digest_is_rfc8785(self):
        report = {key: value for key, value in self.result.items() if key != "run"}
        certified = json.loads(self.read("ed25519.json"))["statement"]["result"]
        self.assertEqual(certified["sha256"], hashlib.sha256(canonical(report)).hexdigest())

    def test_run_block_is_not_bound(self):
        self.write("other.json", {**self.result, "run": {**self.result["run"], "host": "elsewhere"}})
        status, _ = self.verified("ed25519.json", "-k", "ed25519.pub", "--result", "other.json")
        self.assertEqual(status, 0)

    def test_any_flipped_bit_of_the_certificate(self):
        whole = self.read("ed25519.json")
        picks = random.Random(7).sample(range(len(whole) * 8), 150)
        for bit in picks:
            bad = bytearray(whole)
            bad[bit // 8] ^= 1 << bit % 8
            self.write("bad.json", bytes(bad))
            status, proofs = self.verified("bad.json", "-k", "ed25519.pub")
            self.assertIn(status, (1, 4), f"bit {bit}")
            self.assertTrue(proofs[0]["says"], f"bit {bit}")

    def test_changed_members_are_named(self):
        for change, named in (
                (lambda s: s["verdict"].update(grade="A+"), "statement.verdict"),
                (lambda s: s.update(issued="2026-01-02T00:00:00Z"), "statement.issued"),
                (lambda s: s["submission"]["tables"][0].update(rows=7), "statement.submission"),
                (lambda s: s["not_checked"].update(bad_rows=9), "statement.not_checked")):
            certificate = json.loads(self.read("ed25519.json"))
            change(certificate["statement"])
            self.write("bad.json", certificate)
            status, proofs = self.verified("bad.json", "-k", "ed25519.pub")
            self.assertEqual((status, proofs[0]["state"]), (1, "fails"))
            self.assertIn(named, proofs[0]["says"][0]["text"])
            self.assertIn("VERIFY_SIGNATURE", [line["id"] for line in proofs[0]["says"]])

    def test_resigned_digests_do_not_help(self):
        certificate = json.loads(self.read("ed25519.json"))
        certificate["statement"]["verdict"]["grade"] = "A+"
        certificate["digests"] = {"statement": hashlib.sha256(canonical(certificate["statement"])).hexdigest(),
                                  "members": {name: hashlib.sha256(canonical(value)).hexdigest()[:32]
                                              for name, value in certificate["statement"].items()}}
        self.write("bad.json", certificate)
        _, proofs = self.verified("bad.json", "-k", "ed25519.pub")
        self.assertIn("VERIFY_SIGNATURE", [line["id"] for line in proofs[0]["says"]])

    def test_changed_parts_of_the_result_are_named(self):
        rule = self.result["rules"][3]["id"]
        for change, named in (
                (lambda r: r["verdict"].update(score=99.9), "verdict"),
                (lambda r: r["rules"][3].update(failed=r["rules"][3]["failed"] + 1), f"rules[{rule}]"),
                (lambda r: r["submission"]["tables"][0].update(rows=1), "submission.tables[household]"),
                (lambda r: r["rules"].pop(3), f"rules[{rule}]"),
                (lambda r: r["regions"].append(copy.deepcopy(r["regions"][0]) if r["regions"] else
                                               {"code": "", "name": None, "level": None, "rows": 0, "findings": 0,
                                                "records_with_errors": 0, "score": None, "grade": None}), "regions")):
            report = copy.deepcopy(self.result)
            change(report)
            self.write("bad.json", report)
            status, proofs = self.verified("ed25519.json", "-k", "ed25519.pub", "--result", "bad.json")
            self.assertEqual(status, 1)
            wrong = [line["text"] for line in proofs[0]["says"] if line["wrong"]]
            self.assertIn(named, wrong[0])

    def test_any_flipped_bit_of_data_and_result(self):
        data, report = self.read("data/household.csv"), json.dumps({k: v for k, v in self.result.items() if k != "run"}).encode()
        (self.folder / "bad").mkdir(exist_ok=True)
        for bit in random.Random(8).sample(range(len(data) * 8), 60):
            bad = bytearray(data)
            bad[bit // 8] ^= 1 << bit % 8
            self.write("bad/household.csv", bytes(bad))
            status, proofs = self.verified("sm2.json", "-k", "sm2.pub", "--data", "bad")
            self.assertEqual(status, 1)
            self.assertIn("household.csv", proofs[0]["says"][0]["text"])
        for bit in random.Random(9).sample(range(len(report) * 8), 60):
            bad = bytearray(report)
            bad[bit // 8] ^= 1 << bit % 8
            self.write("bad.json", bytes(bad))
            done = self.command("verify", "ed25519.json", "-k", "ed25519.pub", "--result", "bad.json")
            self.assertIn(done.returncode, (1, 4), f"bit {bit}")

    def test_data_missing_or_longer(self):
        (self.folder / "empty").mkdir(exist_ok=True)
        status, proofs = self.verified("ed25519.json", "-k", "ed25519.pub", "--data", "empty")
        self.assertEqual((status, proofs[0]["says"][0]["id"]), (1, "VERIFY_FILE_MISSING"))
        (self.folder / "longer").mkdir(exist_ok=True)
        self.write("longer/household.csv", self.read("data/household.csv") + b"\n")
        status, proofs = self.verified("ed25519.json", "-k", "ed25519.pub", "--data", "longer")
        self.assertEqual((status, proofs[0]["says"][0]["id"]), (1, "VERIFY_FILE_SIZE"))

    def test_revoked_expired_early(self):
        text = self.read("ed25519.pub").decode()
        for line, message in (("revoked: 2026-02-01\n", "VERIFY_REVOKED"),
                              ("valid-until: 2026-01-01\n", "VERIFY_AFTER"), ("valid-from: 2026-01-02\n", "VERIFY_BEFORE")):
            name = line.split(":")[0]
            kept = "".join(row for row in text.splitlines(True) if not row.startswith(name))
            self.write("changed.pub", kept.replace("name:", line + "name:"))
            status, proofs = self.verified("ed25519.json", "-k", "changed.pub")
            self.assertEqual((status, proofs[0]["says"][0]["id"]), (1, message))

    def test_folder_as_a_table(self):
        folder = self.folder / "many"
        folder.mkdir(exist_ok=True)
        for name in ("ed25519.json", "sm2.json"):
            shutil.copy(self.folder / name, folder)
        (folder / "broken.json").write_text("{", "utf-8")
        (folder / "changed.json").write_bytes(self.read("sm2.json").replace(b'"bad_rows": 0', b'"bad_rows": 1', 1))
        done = self.command("verify", "many", "-k", ".")
        self.assertEqual(done.returncode, 1)
        rows = done.stdout.splitlines()
        self.assertRegex(rows[0], r"^file +state +")
        self.assertRegex(done.stdout, r"(?m)^many/broken.json +unreadable")
        self.assertRegex(done.stdout, r"(?m)^many/changed.json +not valid")
        self.assertRegex(done.stdout, r"(?m)^many/sm2.json +valid +.* 数据中心$")
        self.assertEqual(rows[-1], "valid 2, not valid 1, unchecked 0, unreadable 1")

    def test_page(self):
        page = self.read("ed25519.html").decode()
        digest = json.loads(self.read("ed25519.json"))["digests"]["statement"]
        self.assertIn(digest, page)
        self.assertNotIn("<script", page)
        version = self.command("--version").stdout
        self.assertRegex(version, r"(?m)^  qrencode +(built in|absent)$")
        self.assertEqual("<svg" in page, re.search(r"(?m)^  qrencode +built in$", version) is not None)


class Waivers(Certified):
    WAIVERS = """waivers:
  W-1: {rule: household.size.range, keys: [{id: H001}], reason: the house was counted twice, approved_by: Office, until: 2030-01-01}
  W-2: {rule: household.size.range, keys: [{id: H777}], reason: <b>never there</b>, approved_by: Office, until: 2030-01-01}
  W-3: {rule: household.size.range, keys: [{id: H002}], reason: it was over long ago, approved_by: Office, until: 2020-01-01}
"""

    def test_in_the_statement_and_on_the_page(self):
        """Used, unused and expired waivers stand in the certificate, with who approved them and why; what they cover does not."""
        folder = self.folder / "waived"
        folder.mkdir(exist_ok=True)
        text = self.read("household.yaml").decode().replace("version: ", "as_of: 2026-01-01\nversion: ", 1)
        (folder / "w.yaml").write_text(text + self.WAIVERS, "utf-8")
        (folder / "household.csv").write_text("id,town,size,joined\nH001,青山乡,99,2019-03-01\nH002,青山乡,2,2019-03-01\n", "utf-8")
        done = self.command("check", "-q", "-p", "waived/w.yaml", "--table", "household=waived/household.csv", "--report", "json:w.json")
        self.assertIn(done.returncode, (0, 1), done.stderr)
        done = self.command("certify", "w.json", "-k", "sm2.key", "-o", "w.cert.json", "--html", "w.html", "--lang", "en")
        self.assertEqual(done.stderr, "")
        waivers = json.loads(self.read("w.cert.json"))["statement"]["waivers"]
        self.assertEqual([(one["id"], one["state"], one["used"], one["approved_by"]) for one in waivers],
                         [("W-1", "used", 1, "Office"), ("W-2", "unused", 0, "Office"), ("W-3", "expired", 0, "Office")])
        self.assertNotIn("examples", waivers[0])
        page = self.read("w.html").decode()
        for words in ("W-1 (rule household.size.range): failures waived: 1. the house was counted twice; approved by Office; ends on 2030-01-01",
                      "W-2 (rule household.size.range): unused: it covers no failure. &lt;b&gt;never there&lt;/b&gt;", "expired on 2020-01-01"):
            self.assertIn(words, page)
        self.assertEqual(self.verified("w.cert.json", "-k", "sm2.pub", "--result", "w.json")[0], 0)
        for path, value in ((("used",), 2), (("reason",), "another"), (("until",), "2040-01-01")):
            certificate = json.loads(self.read("w.cert.json"))
            certificate["statement"]["waivers"][0][path[0]] = value
            self.write("bad.json", certificate)
            status, proofs = self.verified("bad.json", "-k", "sm2.pub")
            self.assertEqual((status, "statement.waivers" in proofs[0]["says"][0]["text"]), (1, True))

    def test_a_real_run_that_must_not_be_signed(self):
        """What makes certify refuse, by runs of the program: a draft, unreadable rows, a day long past."""
        text = self.read("household.yaml").decode()
        (self.folder / "real").mkdir(exist_ok=True)
        bad = self.read("data/household.csv") + b"one,field,too,many,here,and,more\n"
        self.write("real/household.csv", bad)
        strict = text.replace("version: ", "as_of: required\ncertify_within: 30\nversion: ", 1)
        draft = text.replace("status: published", "status: draft") if "status: published" in text else text.replace("version: ", "status: draft\nversion: ", 1)
        tolerant = text + "\n"
        for name, profile, data, more, message in (("draft", draft, "data", (), "is a draft"),
                                                   ("rows", tolerant, "real", (), "more unreadable rows than the profile allows: 1"),
                                                   ("late", strict, "data", ("--as-of", "2025-11-30"), "the time to certify is over")):
            with self.subTest(name=name):
                self.write(f"{name}.yaml", profile)
                self.assertIn(self.command("check", "-q", "-p", f"{name}.yaml", data, *more, "--report", f"json:{name}.json").returncode, (0, 1))
                done = self.command("certify", f"{name}.json", "-k", "sm2.key", "-o", "none.json", "--lang", "en")
                self.assertEqual((done.returncode, message in done.stderr), (1, True), done.stderr)
                self.assertFalse((self.folder / "none.json").exists())


class Refused(Certified):
    def refused(self, change, message, **more):
        report = copy.deepcopy(self.result)
        change(report)
        self.write("refused.json", report)
        done = self.command("certify", "refused.json", "-k", "ed25519.key", "-o", "none.json", **more)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(message, done.stderr)
        self.assertIn("    = ", done.stderr)
        self.assertFalse((self.folder / "none.json").exists())

    def test_reasons(self):
        def error(report):
            report["rules"][2].update(outcome="error", reason="limit group_rows_max")
        self.refused(lambda r: r["verdict"].update(certifying=False), "loosened")
        self.refused(lambda r: r["verdict"].update(incomplete=True), "not completed")
        self.refused(error, "limit group_rows_max")
        self.refused(lambda r: r["profile"].update(status="draft"), "is a draft")
        self.refused(lambda r: r["rules"][2].update(passed=r["rules"][2]["passed"] + 1), "contradict each other")
        self.refused(lambda r: (r["profile"].update(certify_within=30), r["submission"].update(as_of="2025-11-30")), "up to 2025-12-30")
        self.refused(lambda r: (r["profile"].update(certify_within=30), r["submission"].update(as_of=None)), "--as-of")
        self.refused(lambda r: None, "is not valid before 2026-01-01", SOURCE_DATE_EPOCH="1767225599")
        self.refused(lambda r: None, "has expired", SOURCE_DATE_EPOCH="1861920000")

    def test_unreadable_rows(self):
        def bad(report):
            rule = next(rule for rule in report["rules"] if rule["id"] == "household.rows")
            rule.update(failed=3, passed=rule["passed"], rows=rule["rows"] + 3, evaluated=rule["evaluated"] + 3, outcome="failed")
        self.refused(bad, "more unreadable rows than the profile allows: 3")

    def test_within(self):
        report = copy.deepcopy(self.result)
        report["profile"]["certify_within"] = 31
        report["submission"]["as_of"] = "2025-12-01"
        self.write("within.json", report)
        self.assertEqual(self.command("certify", "within.json", "-k", "ed25519.key", "-o", "within.out").returncode, 0)

    def test_no_report(self):
        for text, message in (("{}", "is no JSON report"), ("{", "ends too early"), ("[1", "ends too early"),
                              ('{"hezhun": {"report": 2}}', "report format 2")):
            done = self.command("certify", self.write("none", text), "-k", "ed25519.key")
            self.assertEqual(done.returncode, 4)
            self.assertIn(message, done.stderr)
        report = copy.deepcopy(self.result)
        report["rules"][1]["failed"] = -1
        done = self.command("certify", self.write("none", report), "-k", "ed25519.key")
        self.assertEqual(done.returncode, 4)
        self.assertIn("failed of rules should be a whole number", done.stderr)

    def test_unchanged_resubmission(self):
        done = self.command("certify", "result.json", "-k", "ed25519.key", "--previous", "sm2.json")
        earlier = json.loads(self.read("sm2.json"))
        self.assertEqual(json.loads(done.stdout)["statement"]["unchanged_since"],
                         {"certificate": earlier["digests"]["statement"], "issued": "2026-01-01T00:00:00Z"})
        report = copy.deepcopy(self.result)
        report["submission"]["tables"][0]["sources"][0]["sha256"] = "0" * 64
        done = self.command("certify", self.write("new.json", report), "-k", "ed25519.key", "--previous", "sm2.json")
        self.assertNotIn("unchanged_since", json.loads(done.stdout)["statement"])


if __name__ == "__main__":
    BINARY = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main(verbosity=1)
