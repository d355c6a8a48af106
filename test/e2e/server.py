"""A real server for the tests: made by `veredus init`, run by `veredus serve`, spoken to like any other."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import ssl
import subprocess
import tempfile
import time

import wire

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("VEREDUS_BINARY", ROOT / "build/dev/src/veredus")).absolute()
SUITES = pathlib.Path(os.environ.get("VEREDUS_SUITES", ROOT.parent / "shared/suites"))
NODE_MODULES = ROOT / "build/node/node_modules"
PASSWORDS = {"alice": "correct horse battery", "bob": "staple of the stable", "carol": "the cart before it"}
START_PATIENCE = 120
LISTENERS = ("smtp", "submission", "submissions", "imap", "imaps", "pop3", "pop3s")


def sanitized():
    """Whether the program is built with a sanitizer: its memory and speed say nothing then."""
    octets = BINARY.read_bytes()
    return b"__asan_init" in octets or b"__tsan_init" in octets


def run(*arguments, stdin="", **more):
    """`veredus …` as the shell runs it."""
    return subprocess.run([str(word) for word in (BINARY, *arguments)], input=stdin, capture_output=True, text=True,
                          timeout=120, **more)


@contextlib.contextmanager
def serving(**arguments):
    """A server while the block lasts, at whose end it must end well. Its arguments are Veredus'."""
    with Veredus(**arguments) as running:
        yield running
        code = running.stop()
        assert code in (0, None), f"the server ended with {code}:\n{running.log()[-8000:]}"


class Veredus:
    """One server with its own directory, on ports of loopback that the system chose.

    `settings`: text of further tables of the configuration; `top`: keys above all tables; `listener`: keys of
    every listener; `data`: where the mail is kept instead of the server's own directory; `prepare`: called with this
    before the first start; `environment`: variables its process has besides ours."""

    def __init__(self, settings="", top="", listener="", data=None, people=("bob", "carol"), prepare=None,
                 environment=None):
        # UNIX sockets have short paths: not below pytest's long ones.
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="veredus-e2e-"))
        self.directory.chmod(0o755)
        self.data = pathlib.Path(data) if data else self.directory / "data"
        self.config = self.directory / "veredus.toml"
        self.log_path = self.directory / "log"
        self.lmtp = str(self.directory / "lmtp.sock")
        self.certificate = self.directory / "certificate.pem"
        self.process = None
        self.environment = {**os.environ, **(environment or {})}
        self.ports = {}
        try:
            self.initialize(settings, top, listener)
            if prepare:
                prepare(self)
            self.start()
            for name in people:
                self.run("account", "add", f"{name}@demo.test", stdin=PASSWORDS[name] + "\n")
        except BaseException:
            print(self.log())
            self.remove()
            raise

    def initialize(self, settings, top, listener):
        made = self.run("init", "mx.demo.test", "alice@demo.test", "--data-directory", str(self.data),
                        stdin=PASSWORDS["alice"] + "\n")
        assert "made the store" in made.stdout
        text = self.config.read_text()
        before, rest = text.split("[[listener]]", 1)
        after = rest[rest.index("[[tls.certificate]]"):]
        listeners = "".join(f'[[listener]]\nprotocol = "{protocol}"\naddress = "127.0.0.1:0"\n{listener}\n'
                            for protocol in LISTENERS)
        listeners += f'[[listener]]\nprotocol = "lmtp"\naddress = "{self.lmtp}"\nmode = "0666"\n'
        self.config.write_text(f"{before}{top}\n{listeners}{after}\n{settings}\n")

    # The process.

    def start(self):
        assert self.process is None
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen([BINARY, "--config", self.config, "serve"], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, env=self.environment)
        until = time.monotonic() + START_PATIENCE
        while True:
            status = self.run("status", "--json", check=False)
            if status.returncode == 0:
                break
            ended = self.process.poll()
            assert ended is None, f"`veredus serve` ended with {ended}:\n{self.log()}"
            assert time.monotonic() < until, f"no answer from the server:\n{status.stderr}\n{self.log()}"
            time.sleep(0.05)
        self.ports = {at["protocol"]: int(at["address"].rpartition(":")[2])
                      for at in json.loads(status.stdout)["listeners"] if at["protocol"] != "lmtp"}

    def stop(self):
        """SIGTERM; answers the exit code."""
        if self.process is None:
            return None
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        """kill -9: the process has no say in it."""
        self.process.kill()
        return self.wait()

    def wait(self):
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process = None

    def restart(self):
        assert self.stop() == 0, self.log()
        self.start()

    def remove(self):
        if self.process is not None:
            self.process.kill()
            self.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else "(no log)"

    # The command line.

    def run(self, *arguments, stdin="", check=True):
        """`veredus …` with this server's configuration."""
        done = run("--config", self.config, *arguments, stdin=stdin)
        assert not check or done.returncode == 0, f"veredus {arguments} ended with {done.returncode}: {done.stderr}"
        return done

    def json(self, *arguments, stdin=""):
        out = self.run(*arguments, "--json", stdin=stdin).stdout
        return json.loads(out) if out.strip() else None

    # Its doors.

    def address(self, protocol):
        return self.lmtp if protocol == "lmtp" else ("127.0.0.1", self.ports[protocol])

    @property
    def tls(self):
        """Trusts this server's certificate alone, and checks its name."""
        return ssl.create_default_context(cafile=self.certificate)

    @property
    def tls_for_ip(self):
        """The same for clients that name the server 127.0.0.1."""
        context = self.tls
        context.check_hostname = False
        return context

    def smtp(self, protocol="smtp", greet=b""):
        return wire.Smtp(self.address(protocol), self.tls if protocol == "submissions" else None, greet)

    def submission(self, user="alice"):
        """A session of somebody who has authenticated, over TLS."""
        session = self.smtp("submissions")
        session.hello()
        reply = session.login(f"{user}@demo.test", PASSWORDS[user])
        assert reply.code == 235, str(reply)
        return session

    def pop3(self, user=None, utf8=False):
        session = wire.Pop3(self.address("pop3s"), self.tls)
        if utf8:
            assert session.ask("UTF8").startswith("+OK")
        if user:
            session.login(f"{user}@demo.test" if "@" not in user else user, PASSWORDS[user.partition("@")[0]])
        return session

    def send(self, octets, to="alice@demo.test", sender="sender@example.org"):
        """One message from outside; it must be taken."""
        with self.smtp() as session:
            session.hello()
            reply = session.mail(sender, to, octets)
            assert reply.code == 250, str(reply)
            session.ask("QUIT", 221)
            return re.search(r"Accepted as (\S+)", reply.text)[1]

    def take(self, user="alice", count=None):
        """The octets of all messages in the INBOX as they are kept, and removes them. With `count`: waits until there are as many
        (delivery to several accounts is not finished at the 250), and accepts no more."""
        taken, until = [], time.monotonic() + wire.PATIENCE
        while True:
            session = self.pop3(user, utf8=True)
            number, _ = session.stat()
            for i in range(1, number + 1):
                taken.append(session.retrieve(i))
                session.ask(f"DELE {i}")
            session.quit()
            if count is None or len(taken) >= count or time.monotonic() > until:
                break
            time.sleep(0.05)
        assert count is None or len(taken) == count, f"{user} has {[wire.subject_of(m) for m in taken]}, not {count}"
        return taken

    def take_one(self, user="alice"):
        return self.take(user, 1)[0]

    def settled(self):
        """Waits until no message is on its way to several accounts any more."""
        until = time.monotonic() + wire.PATIENCE
        while self.json("status")["fan_out_waiting"]:
            assert time.monotonic() < until, "the fan-out does not end"
            time.sleep(0.05)
