"""An authoritative DNS server for the tests: Debian's nsd on an address of loopback, with zones written in the test.

    with DnsServer({"demo.test": "@ MX 10 mx\\nmx A 127.0.0.2"}) as dns:
        Veredus(settings=dns.settings)

A zone's text stands below its SOA and NS, which are made here; "." is a zone like any other and then answers for all names."""
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PATIENCE = 20
NSD = "/usr/sbin/nsd"
HEAD = """$ORIGIN {origin}
$TTL 60
@ IN SOA ns.{dotted} hostmaster.{dotted} {serial} 3600 600 86400 5
@ IN NS ns.{dotted}
ns.{dotted} IN A {address}
"""


def available():
    return os.access(NSD, os.X_OK)


def free_port(address):
    """A port nobody has, for UDP and TCP."""
    for _ in range(50):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket(socket.AF_INET) as tcp:
            udp.bind((address, 0))
            port = udp.getsockname()[1]
            try:
                tcp.bind((address, port))
                return port
            except OSError:
                continue
    raise OSError("no free port")


class DnsServer:
    """`zones`: {name: text}. `signed`: names of zones that are signed; their DS records are in `anchor`, a file."""

    def __init__(self, zones, address="127.0.0.1", port=0, signed=()):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="veredus-dns-"))
        self.address = address
        self.port = port or free_port(address)
        self.zones = {}
        self.signed = set(signed)
        self.anchor = self.directory / "anchor.key"
        self.keys = {}
        self.serial = 1
        self.process = None
        try:
            for name, text in zones.items():
                self.write(name, text)
            self.configure()
            self.start()
        except BaseException:
            self.close()
            raise

    # Zones.

    def file_of(self, name):
        return self.directory / ("root.zone" if name == "." else f"{name}.zone")

    def write(self, name, text):
        dotted = "" if name == "." else f"{name}."
        origin = "." if name == "." else dotted
        head = HEAD.format(origin=origin, dotted=dotted, serial=self.serial, address=self.address)
        path = self.file_of(name)
        path.write_text(head + text + "\n")
        self.zones[name] = path
        if name in self.signed:
            self.zones[name] = self.sign(name, path, origin)

    def sign(self, name, path, origin):
        run = lambda *words: subprocess.run(words, cwd=self.directory, check=True, capture_output=True, text=True).stdout.strip()
        if name not in self.keys:
            self.keys[name] = run("ldns-keygen", "-a", "ECDSAP256SHA256", "-k", origin)
            with open(self.anchor, "a", encoding="ascii") as anchor:
                anchor.write((self.directory / f"{self.keys[name]}.ds").read_text())
        out = path.with_suffix(".signed")
        run("ldns-signzone", "-f", str(out), str(path), self.keys[name])
        return out

    def configure(self):
        text = (f'server:\n  ip-address: {self.address}@{self.port}\n  username: ""\n  chroot: ""\n  database: ""\n'
                f'  zonesdir: "{self.directory}"\n  pidfile: "{self.directory}/nsd.pid"\n  logfile: "{self.directory}/log"\n'
                f'  zonelistfile: "{self.directory}/zone.list"\n  xfrdfile: "{self.directory}/xfrd.state"\n'
                f'  xfrdir: "{self.directory}"\n  server-count: 1\n  reuseport: no\nremote-control:\n  control-enable: no\n')
        for name, path in self.zones.items():
            text += f'zone:\n  name: "{name}"\n  zonefile: "{path}"\n'
        (self.directory / "nsd.conf").write_text(text)

    def change(self, name, text):
        """Another text for a zone. Resolvers may still have the old answers for their TTL."""
        self.serial += 1
        self.write(name, text)
        self.configure()
        self.stop()
        self.start()

    # What Veredus' configuration says about it.

    @property
    def server(self):
        return f"{self.address}:{self.port}"

    @property
    def settings(self):
        """Text for veredus.toml: stub zones for all that stands here."""
        text = f'[dns]\ntrust_anchor = "{self.anchor}"\n' if self.signed else ""
        for name in self.zones:
            text += f'[[dns.stub_zone]]\nname = "{name}"\nservers = ["{self.server}"]\n'
            text += f'validate = {str(name in self.signed).lower()}\n'
        return text

    # The process.

    def start(self):
        assert self.process is None
        self.process = subprocess.Popen([NSD, "-d", "-c", self.directory / "nsd.conf"], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + PATIENCE
        while not self.answers():
            assert self.process.poll() is None, f"nsd has ended:\n{self.log()}"
            assert time.monotonic() < until, f"nsd does not answer:\n{self.log()}"
            time.sleep(0.02)

    def answers(self):
        """Whether the first zone's SOA comes back."""
        name = next(iter(self.zones)).strip(".")
        labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label)
        query = b"\x12\x34\0\0\0\1\0\0\0\0\0\0" + labels + b"\0\0\6\0\1"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(0.2)
            try:
                asking.sendto(query, (self.address, self.port))
                answer = asking.recv(4096)
            except OSError:
                return False
        return answer[:2] == b"\x12\x34" and answer[3] & 15 == 0 and answer[7] > 0

    def stop(self):
        """From now on nobody answers here."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def log(self):
        path = self.directory / "log"
        return re.sub(r"(?m)^\[.*?\] ", "", path.read_text(errors="replace")) if path.exists() else "(no log)"

    def close(self):
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
