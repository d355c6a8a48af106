"""A private Postfix 3.7 for side-by-side runs: unpacked, not installed; in a mount namespace of its own; on loopback.

Needs root (mount namespaces). Its durability and its limits are as Debian ships them; what differs is said in MAIN_CF. The one
limit lifted there is that of sessions from one address: as shipped it does not hold for the local machine either, whose
address stands in mynetworks."""
import contextlib
import os
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import time

import measure

MAIN_CF = """
compatibility_level = 3.6
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.demo.test
mydestination =
mynetworks = 192.0.2.0/32
smtpd_client_event_limit_exceptions = 127.0.0.0/8
queue_directory = {home}/queue
data_directory = {home}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file_prefixes = /
maillog_file = {home}/mail.log
disable_dns_lookups = yes
smtpd_peername_lookup = no
virtual_mailbox_domains = demo.test
virtual_mailbox_base = {home}/mail
virtual_mailbox_maps = texthash:{home}/mailboxes
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{uid}
message_size_limit = 157286400
mailbox_size_limit = 0
virtual_mailbox_limit = 0
{extra}
"""
USER_ID, GROUP_ID = 64101, 64102  # in the namespace only


class Postfix:
    """Runs from construction to stop(). `mailboxes` users, user0@demo.test and so on."""

    name = "postfix"

    def __init__(self, home, unpacked, mailboxes=16, extra=""):
        self.home = pathlib.Path(home).resolve()
        self.unpacked = pathlib.Path(unpacked).resolve()
        shutil.rmtree(self.home, ignore_errors=True)
        (self.home / "etc/postfix").mkdir(parents=True)
        for name in ("queue", "data", "mail"):
            (self.home / name).mkdir()
        self.home.chmod(0o755)
        self._configure(mailboxes, extra)
        self.port = self._free_port()
        self._write_master()
        self.process = subprocess.Popen(["unshare", "-m", "--propagation", "private", "sh", "-ec", self._script()],
                                        stdin=subprocess.DEVNULL, stdout=open(self.home / "out.log", "w"), stderr=subprocess.STDOUT)
        self._wait()

    def _configure(self, mailboxes, extra):
        etc = self.home / "etc"
        (etc / "passwd").write_text(pathlib.Path("/etc/passwd").read_text() +
                                    f"postfix:x:{USER_ID}:{USER_ID}::/nonexistent:/usr/sbin/nologin\n")
        (etc / "group").write_text(pathlib.Path("/etc/group").read_text() + f"postfix:x:{USER_ID}:\npostdrop:x:{GROUP_ID}:\n")
        (etc / "postfix/main.cf").write_text(MAIN_CF.format(home=self.home, uid=USER_ID, extra=extra))
        (self.home / "mailboxes").write_text("".join(f"user{i}@demo.test user{i}/\n" for i in range(mailboxes)))
        for folder in ("data", "mail"):
            shutil.chown(self.home / folder, USER_ID, USER_ID)

    def _write_master(self):
        """The shipped services, none in a chroot (there is no chroot to fill), smtpd on our port."""
        lines = []
        for line in (self.unpacked / "usr/share/postfix/master.cf.dist").read_text().splitlines():
            fields = line.split()
            if len(fields) >= 8 and not line.startswith(("#", " ")):
                if fields[0] == "smtp" and fields[1] == "inet":
                    fields[0] = f"127.0.0.1:{self.port}"
                fields[4] = "n"
                line = " ".join(fields)
            lines.append(line)
        (self.home / "etc/postfix/master.cf").write_text("\n".join(lines) + "\n")

    def _script(self):
        home, unpacked = shlex.quote(str(self.home)), shlex.quote(str(self.unpacked))
        return f"""
mount -t overlay overlay -o lowerdir={unpacked}/usr:/usr /usr
mount -t overlay overlay -o lowerdir={home}/etc:{unpacked}/etc:/etc /etc
exec /usr/sbin/postfix -c /etc/postfix start-fg
"""

    @staticmethod
    def _free_port():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return probe.getsockname()[1]

    def _wait(self):
        for _ in range(200):
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as probe:
                    if probe.recv(64).startswith(b"220"):
                        return
            except OSError:
                pass
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        said = (self.home / "out.log").read_text() + ((self.home / "mail.log").read_text() if (self.home / "mail.log").exists() else "")
        self.stop()
        raise RuntimeError(f"postfix did not start: {said[-2000:]}")

    @property
    def pid(self):
        return self.process.pid

    def command(self, *words):
        """Runs one of its commands in its mount namespace."""
        subprocess.run(["nsenter", "--mount", "--target", str(self.pid), *words], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def reconfigure(self, before, after):
        """Replaces one text of its main.cf by another, and has it read again."""
        path = self.home / "etc/postfix/main.cf"
        path.write_text(path.read_text().replace(before, after))
        self.command("/usr/sbin/postfix", "reload")

    def queued(self):
        """How many messages are in its queue."""
        return sum(1 for place in ("incoming", "active", "deferred") for path in (self.home / "queue" / place).rglob("*") if path.is_file())

    def delivered(self):
        """How many messages stand in the Maildirs."""
        return sum(1 for _ in (self.home / "mail").glob("*/new/*"))

    def forget(self):
        """Empties the Maildirs."""
        for message in (self.home / "mail").glob("*/new/*"):
            message.unlink()

    def stop(self):
        """Ends the whole family: master(8) makes itself a session of its own and outlives the script that began it."""
        members = measure.family(self.process.pid) if self.process.poll() is None else []
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            for member in members:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(member, signal_number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(5)
        shutil.rmtree(self.home, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
