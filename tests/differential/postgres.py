"""A PostgreSQL of its own for one test: made in a temporary folder, reached by a Unix socket, stopped and removed at the end."""
import glob
import os
import pwd
import shutil
import subprocess
import tempfile


def find_bin():
    """The folder of initdb, newest version first; None when PostgreSQL is not installed."""
    try:
        found = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True).stdout.strip()
        if os.path.exists(os.path.join(found, "initdb")):
            return found
    except (OSError, subprocess.CalledProcessError):
        pass
    folders = [os.path.dirname(path) for path in glob.glob("/usr/lib/postgresql/*/bin/initdb")]
    folders.sort(key=lambda path: int(path.split("/")[-2]))
    return folders[-1] if folders else None


class Server:
    """with Server() as server: server.run(sql) gives the lines that psql prints."""

    def __init__(self):
        self.bin = find_bin()
        if not self.bin:
            raise RuntimeError("PostgreSQL is not installed")
        self.as_user = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            self.as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self.folder = None
        self.started = False

    def call(self, *words):
        done = subprocess.run([os.path.join(self.bin, words[0]), *words[1:]], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, cwd=self.folder, **self.as_user)
        if done.returncode:
            raise RuntimeError(f"{words[0]}: {done.stdout.decode(errors='replace')}")

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="hz-pg-")
        try:
            if self.as_user:
                os.chown(self.folder, self.as_user["user"], self.as_user["group"])
            data = os.path.join(self.folder, "data")
            self.call("initdb", "-D", data, "-U", "hz", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
            options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}' -c fsync=off -c full_page_writes=off -c autovacuum=off"
            self.call("pg_ctl", "-D", data, "-o", options, "-l", os.path.join(self.folder, "log"), "-w", "start")
            self.started = True
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, *_):
        if self.started:
            self.started = False
            try:
                self.call("pg_ctl", "-D", os.path.join(self.folder, "data"), "-m", "immediate", "-w", "stop")
            except RuntimeError:
                pass
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, sql):
        words = [os.path.join(self.bin, "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", "hz", "postgres"]
        done = subprocess.run(words, input=sql.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder,
                              env={**os.environ, "PGCLIENTENCODING": "UTF8"}, **self.as_user)
        if done.returncode:
            raise RuntimeError("psql: " + done.stderr.decode(errors="replace"))
        return done.stdout.decode().split("\n")[:-1]
