"""A private Dovecot 2.3 for side-by-side runs: unpacked, not installed; in a mount namespace of its own; on loopback.

Needs root (mount namespaces). Its durability is as Debian ships it. What differs from the shipped settings is said in CONF: no TLS (the
other side has none either), any password, and room for as many sessions as the runs open."""
import pathlib
import shlex
import shutil
import signal
import socket
import subprocess
import time

CONF = """
base_dir = /run/dovecot
state_dir = /run/dovecot
log_path = {home}/mail.log
info_log_path = {home}/info.log
protocols = imap pop3
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = {location}
namespace inbox {{
  inbox = yes
  separator = /
  {prefix}
}}
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid={uid} gid={uid} home={home}/mail/%u
}}
first_valid_uid = 1000
mail_max_userip_connections = 5000
imap_idle_notify_interval = 29 mins
default_process_limit = 3000
default_client_limit = 10000
default_vsz_limit = 1 G
service imap-login {{
  service_count = 0
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service pop3-login {{
  service_count = 0
  inet_listener pop3 {{
    port = {pop3_port}
  }}
  inet_listener pop3s {{
    port = 0
  }}
}}
service stats {{
  client_limit = 10000
}}
{extra}
"""
# By form of the store.
LOCATIONS = {"sdbox": "sdbox:~/sdbox", "mdbox": "mdbox:~/mdbox", "maildir": "maildir:~/Maildir:LAYOUT=fs"}
USER_ID, LOGIN_ID, MAIL_ID = 64111, 64112, 64113  # in the namespace only
PASSWORD = "any"
PACKAGES = ("dovecot-core", "dovecot-imapd", "dovecot-pop3d")


class Dovecot:
    """Runs from construction to stop(). Every user name and password is taken."""

    def __init__(self, home, unpacked, form="sdbox", extra="", prefix=""):
        """`unpacked`: the folder with one folder for each of PACKAGES."""
        self.name = f"dovecot-{form}"
        self.home = pathlib.Path(home).resolve()
        self.unpacked = [pathlib.Path(unpacked).resolve() / package for package in PACKAGES]
        shutil.rmtree(self.home, ignore_errors=True)
        for name in ("etc", "run/dovecot", "mail"):
            (self.home / name).mkdir(parents=True)
        for folder in (self.home, *self.home.parents[:2]):
            folder.chmod(0o755)
        shutil.chown(self.home / "mail", MAIL_ID, MAIL_ID)
        self.port, self.pop3_port = self._free_ports()
        self._configure(form, extra, prefix)
        self.process = None
        self.start()

    def _configure(self, form, extra, prefix):
        etc = self.home / "etc"
        names = {"dovecot": USER_ID, "dovenull": LOGIN_ID, "vmail": MAIL_ID}
        (etc / "passwd").write_text(pathlib.Path("/etc/passwd").read_text() +
                                    "".join(f"{name}:x:{number}:{number}::/nonexistent:/usr/sbin/nologin\n" for name, number in names.items()))
        (etc / "group").write_text(pathlib.Path("/etc/group").read_text() +
                                   "".join(f"{name}:x:{number}:\n" for name, number in names.items()))
        (self.home / "dovecot.conf").write_text(CONF.format(home=self.home, location=LOCATIONS[form], uid=MAIL_ID, port=self.port,
                                                            pop3_port=self.pop3_port, extra=extra, prefix=prefix))

    def _script(self):
        home = shlex.quote(str(self.home))
        layers = ":".join(shlex.quote(str(folder / "usr")) for folder in self.unpacked)
        return f"""
mount -t overlay overlay -o lowerdir={layers}:/usr /usr
mount -t overlay overlay -o lowerdir={home}/etc:/etc /etc
mount --bind {home}/run /run
exec /usr/sbin/dovecot -F -c {home}/dovecot.conf
"""

    @staticmethod
    def _free_ports():
        with socket.socket() as one, socket.socket() as other:
            one.bind(("127.0.0.1", 0))
            other.bind(("127.0.0.1", 0))
            return one.getsockname()[1], other.getsockname()[1]

    @property
    def pid(self):
        return self.process.pid

    def start(self):
        with open(self.home / "out.log", "ab") as log:
            self.process = subprocess.Popen(["unshare", "-m", "--propagation", "private", "sh", "-ec", self._script()],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        for _ in range(200):
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as probe:
                    if probe.recv(64).startswith(b"* OK"):
                        return
            except OSError:
                pass
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        said = "".join((self.home / name).read_text() for name in ("out.log", "mail.log") if (self.home / name).exists())
        self.stop()
        raise RuntimeError(f"dovecot did not start: {said[-2000:]}")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def remove(self):
        self.stop()
        shutil.rmtree(self.home, ignore_errors=True)
