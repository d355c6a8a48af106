"""Debian's Postfix and Exim as peers of the end-to-end tests: unpacked by tools/fetch_peers.sh, run in a mount namespace of their
own, on an address of loopback with port 25. Need root."""
import os
import pathlib
import shlex
import shutil
import signal
import smtplib
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEERS = ROOT / "build/peers"
POSTFIX, EXIM = "postfix", "exim4-daemon-light"
PATIENCE = 60
USERS = {"postfix": 64101, "postdrop": 64102, "Debian-exim": 64103}  # in the namespaces only

MAIN_CF = """
compatibility_level = 3.6
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_bind_address = {address}
myhostname = {hostname}
mydestination =
mynetworks = 127.0.0.1/32
queue_directory = {home}/queue
data_directory = {home}/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file_prefixes = /
maillog_file = {home}/log
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {home}/mail
virtual_mailbox_maps = texthash:{home}/mailboxes
virtual_uid_maps = static:64101
virtual_gid_maps = static:64101
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 2s
smtpd_client_event_limit_exceptions = 127.0.0.0/8
smtputf8_enable = yes
"""

EXIM_CONF = """
primary_hostname = {hostname}
local_interfaces = {address}
daemon_smtp_ports = 25
domainlist local_domains = {domain}
spool_directory = {home}/spool
log_file_path = {home}/log-%s
pid_file_path = {home}/pid
acl_smtp_rcpt = recipients
acl_smtp_data = accept
smtp_accept_max = 200
chunking_advertise_hosts = *
host_lookup =
rfc1413_query_timeout = 0s
keep_environment =
smtputf8_advertise_hosts = *
tls_advertise_hosts =
begin acl
recipients:
  accept domains = +local_domains
         local_parts = you
  deny domains = +local_domains
       message = no such user here
  accept hosts = 127.0.0.1
  deny message = relay not permitted
begin routers
here:
  driver = accept
  domains = +local_domains
  transport = maildir
there:
  driver = dnslookup
  transport = remote
begin transports
maildir:
  driver = appendfile
  directory = {home}/mail/you
  maildir_format
  create_directory
  user = Debian-exim
remote:
  driver = smtp
  interface = {address}
begin retry
* * F,1h,1s
"""


def available(package):
    return os.geteuid() == 0 and (PEERS / package / ".complete").exists()


class MailServer:
    """`you@DOMAIN` is its one mailbox, a Maildir; mail from 127.0.0.1 is relayed by MX, asked of `nameserver`, port 53."""

    package = ""

    def __init__(self, address, domain, nameserver):
        self.address, self.domain = address, domain
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="veredus-peer-"))
        self.home.chmod(0o755)
        self.facts = {"address": address, "domain": domain, "hostname": f"mx.{domain}", "home": self.home}
        etc = self.home / "etc"
        etc.mkdir()
        (etc / "passwd").write_text(pathlib.Path("/etc/passwd").read_text() + "".join(
            f"{name}:x:{number}:{number}::/nonexistent:/usr/sbin/nologin\n" for name, number in USERS.items()))
        (etc / "group").write_text(pathlib.Path("/etc/group").read_text() + "".join(
            f"{name}:x:{number}:\n" for name, number in USERS.items()))
        (etc / "resolv.conf").write_text(f"nameserver {nameserver}\n")
        self.configure(etc)
        unpacked = shlex.quote(str(PEERS / self.package))
        home = shlex.quote(str(self.home))
        shipped = f"{unpacked}/etc:" if (PEERS / self.package / "etc").is_dir() else ""
        script = (f"mount -t overlay overlay -o lowerdir={unpacked}/usr:/usr /usr\n"
                  f"mount -t overlay overlay -o lowerdir={home}/etc:{shipped}/etc /etc\n{self.command()}\n")
        self.process = subprocess.Popen(["unshare", "-m", "--propagation", "private", "sh", "-ec", script], stdin=subprocess.DEVNULL,
                                        stdout=open(self.home / "out", "w"), stderr=subprocess.STDOUT, start_new_session=True)
        try:
            self.wait()
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def wait(self):
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with smtplib.SMTP(self.address, 25, timeout=10) as session:
                    session.ehlo()
                return
            except OSError:
                assert self.process.poll() is None and time.monotonic() < until, self.log()
                time.sleep(0.1)

    def log(self):
        return "\n".join(f"== {path.name}\n{path.read_text(errors='replace')[-3000:]}"
                         for path in sorted(self.home.iterdir()) if path.is_file())

    def send(self, sender, to, octets, options=()):
        """Gives it a message to relay."""
        with smtplib.SMTP(self.address, 25, timeout=PATIENCE) as session:
            session.sendmail(sender, [to], octets, mail_options=list(options))

    def received(self, count):
        """The octets of its mailbox, once there are so many."""
        until = time.monotonic() + PATIENCE
        while len(found := sorted((self.home / "mail").glob("*/new/*"))) < count:
            assert time.monotonic() < until, f"{len(found)} messages instead of {count}\n{self.log()}"
            time.sleep(0.1)
        assert len(found) == count
        return [path.read_bytes() for path in found]

    def stop(self):
        """Ends all that has its directory in its command line or environment, and its own process group."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            for pid in self.family():
                try:
                    os.kill(pid, number)
                except ProcessLookupError:
                    pass
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                continue
        shutil.rmtree(self.home, ignore_errors=True)

    def family(self):
        """Whoever lives in its mount namespace."""
        try:
            space = os.readlink(f"/proc/{self.process.pid}/ns/mnt")
        except OSError:
            return []
        if space == os.readlink("/proc/self/ns/mnt"):
            return [self.process.pid]
        found = []
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if os.readlink(entry / "ns/mnt") == space:
                        found.append(int(entry.name))
                except OSError:
                    pass
        return found


class Postfix(MailServer):
    package = POSTFIX

    def configure(self, etc):
        for name in ("queue", "data", "mail"):
            (self.home / name).mkdir()
        for name in ("data", "mail"):
            shutil.chown(self.home / name, USERS["postfix"], USERS["postfix"])
        (self.home / "mailboxes").write_text(f"you@{self.domain} you/\n")
        (etc / "postfix").mkdir()
        (etc / "postfix/main.cf").write_text(MAIN_CF.format(**self.facts))
        lines = []
        for line in (PEERS / POSTFIX / "usr/share/postfix/master.cf.dist").read_text().splitlines():
            fields = line.split()
            if len(fields) >= 8 and not line.startswith(("#", " ")):
                if fields[:2] == ["smtp", "inet"]:
                    fields[0] = f"{self.address}:25"
                fields[4] = "n"  # there is no chroot to fill
                line = " ".join(fields)
            lines.append(line)
        (etc / "postfix/master.cf").write_text("\n".join(lines) + "\n")

    def command(self):
        return "exec /usr/sbin/postfix -c /etc/postfix start-fg"


class Exim(MailServer):
    package = EXIM

    def configure(self, etc):
        for name in ("spool", "mail"):
            (self.home / name).mkdir()
            shutil.chown(self.home / name, USERS["Debian-exim"], USERS["Debian-exim"])
        for name in ("main", "reject", "panic"):
            (self.home / f"log-{name}").write_text("")
            shutil.chown(self.home / f"log-{name}", USERS["Debian-exim"], USERS["Debian-exim"])
        (etc / "exim.conf").write_text(EXIM_CONF.format(**self.facts))

    def command(self):
        return "exec /usr/sbin/exim4 -bdf -q1s -C /etc/exim.conf"
