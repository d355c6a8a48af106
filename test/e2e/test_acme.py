"""Certificates by ACME (RFC 8555): asked for, proven, shown without a restart, and not asked for again while they are good. The authority
is Debian's pebble, which refuses some nonces as a matter of course."""
import contextlib
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time

import pytest

import dns_server
import peers
import server as servers
import test_privileges
from test_privileges import folder  # noqa: F401

PEBBLE = shutil.which("pebble")
pytestmark = [pytest.mark.skipif(not dns_server.available(), reason="nsd is not installed"),
              pytest.mark.skipif(PEBBLE is None, reason="pebble is not installed")]

NAME = "mx.acme.test"
ADDRESS = "127.0.1.120"


class Pebble:
    """The authority, which looks for proofs at `port` of the names' addresses."""

    KEY = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"

    def __init__(self, dns, port, binding=False):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="veredus-acme-"))
        self.directory.chmod(0o755)
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        subprocess.run(["openssl", "req", "-x509", *key, "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=pebble",
                        "-addext", "subjectAltName=IP:127.0.0.1"], cwd=self.directory, check=True, capture_output=True)
        self.port = dns_server.free_port("127.0.0.1")
        management = dns_server.free_port("127.0.0.1")
        (self.directory / "config.json").write_text(json.dumps({"pebble": {
            "listenAddress": f"127.0.0.1:{self.port}", "managementListenAddress": f"127.0.0.1:{management}",
            "certificate": str(self.directory / "cert.pem"), "privateKey": str(self.directory / "key.pem"),
            "httpPort": port, "tlsPort": port, "ocspResponderURL": "", "externalAccountBindingRequired": binding,
            "externalAccountMACKeys": {"kid-1": self.KEY} if binding else {}}}))
        self.dns, self.process = dns, None

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}/dir"

    def start(self):
        environment = {**os.environ, "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "30"}
        with open(self.directory / "log", "ab") as log:
            self.process = subprocess.Popen([PEBBLE, "-config", self.directory / "config.json", "-dnsserver", self.dns.server],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
        until = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                assert self.process.poll() is None and time.monotonic() < until, (self.directory / "log").read_text()
                time.sleep(0.05)

    def orders(self):
        return (self.directory / "log").read_text(errors="replace").count("Added order")

    def close(self):
        if self.process is not None:
            self.process.kill()  # it keeps nothing
            self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


@pytest.fixture(scope="module")
def dns():
    with dns_server.DnsServer({"acme.test": f"mx A {ADDRESS}\nmail A {ADDRESS}"}) as running:
        yield running


@pytest.fixture
def authority(dns, request):
    made = Pebble(dns, peers.free_port(ADDRESS), binding=getattr(request, "param", False))
    made.proof_port = json.loads((made.directory / "config.json").read_text())["pebble"]["httpPort"]
    yield made
    made.close()


@pytest.fixture
def new_veredus(dns, authority):
    def make(challenge, more="", **arguments):
        settings = (f'[acme]\ndirectory = "{authority.url}"\nagree_to_terms = true\ncontacts = ["mailto:hostmaster@acme.test"]\n'
                    f'names = ["{NAME}", "mail.acme.test"]\nchallenge = "{challenge}"\naddresses = ["{ADDRESS}:{authority.proof_port}"]\n{more}')
        return stack.enter_context(servers.Veredus(settings=settings + dns.settings, **arguments, people=(),
                                                   environment={"SSL_CERT_FILE": str(authority.directory / "cert.pem")}))

    with contextlib.ExitStack() as stack:
        yield make


def shown(veredus, name=NAME):
    """The certificate that is shown, in the words of openssl."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", veredus.ports["imaps"]), 10) as plain:
        with context.wrap_socket(plain, server_hostname=name) as tls:
            pem = ssl.DER_cert_to_PEM_cert(tls.getpeercert(True))
    return subprocess.run(["openssl", "x509", "-noout", "-issuer", "-serial", "-ext", "subjectAltName"], input=pem, text=True, check=True,
                          capture_output=True).stdout


def until_issued(veredus):
    def failures():
        return [line for line in veredus.log().splitlines() if "acme.failed" in line]
    give_up_at, before = time.monotonic() + 100, len(failures())
    while "Pebble Intermediate" not in shown(veredus):
        assert time.monotonic() < give_up_at and len(failures()) == before, failures()
        time.sleep(0.2)
    return shown(veredus)


@pytest.mark.parametrize("challenge", ["http-01", "tls-alpn-01"])
def test_a_certificate_is_asked_for_and_shown_at_once(authority, new_veredus, challenge):
    authority.start()
    veredus = new_veredus(challenge)
    issued = until_issued(veredus)
    assert f"DNS:{NAME}" in issued and "DNS:mail.acme.test" in issued
    assert "Pebble Intermediate" in shown(veredus, "mail.acme.test")
    folder = veredus.data / "acme"
    assert (folder / "account.key").stat().st_mode & 0o777 == 0o600
    assert (folder / "certificate.pem").stat().st_mode & 0o777 == 0o600
    veredus.stop()
    veredus.start()
    time.sleep(1)
    assert shown(veredus) == issued, "a good one is kept"


def test_mail_goes_on_while_the_authority_is_away(authority, new_veredus):
    veredus = new_veredus("http-01")
    first = shown(veredus)
    assert "Pebble" not in first and f"DNS:{NAME}" in first, "one signed by itself"
    give_up_at = time.monotonic() + 30
    while "acme.failed" not in veredus.log():
        assert time.monotonic() < give_up_at
        time.sleep(0.1)
    veredus.stop()
    authority.start()
    veredus.start()
    until_issued(veredus)


@pytest.mark.parametrize("authority", [True], indirect=True)
def test_an_authority_may_want_an_account_of_its_own(authority, new_veredus):
    """RFC 8555 s7.3.4."""
    authority.start()
    until_issued(new_veredus("http-01", f'binding_id = "kid-1"\nbinding_key = "{authority.KEY}"\n'))


@test_privileges.needs_root
def test_the_certificate_is_the_users_it_runs_as(authority, new_veredus, folder):
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    authority.start()
    veredus = new_veredus("http-01", top='run_as = "nobody"', data=folder / "data",
                          prepare=lambda made: test_privileges.give_away(made, nobody))
    until_issued(veredus)
    assert {entry.owner() for entry in (folder / "data/acme").rglob("*")} == {"nobody"}
