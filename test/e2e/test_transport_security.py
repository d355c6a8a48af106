"""What domains publish about TLS with their mail hosts is held to: DANE (RFC 7672) in signed zones, MTA-STS (RFC 8461) with a
policy host; what is forged, stripped or not to be had keeps mail here, and the journey says why."""
import contextlib
import hashlib
import re
import ssl
import subprocess
import time

import pytest

import dns_server
import peers
import policy_host
import relay
import server as servers
import wire
from peers import Peer
from policy_host import policy
from relay import send
from test_metrics import ask, free_port, value

pytestmark = pytest.mark.skipif(not dns_server.available(), reason="nsd is not installed")

# Domain of dane.test or sts.test -> the address of its mail host, mx.<domain>.
DANE = {name: f"127.0.1.{i}" for i, name in enumerate(
    ("ee", "ta", "nexthop", "wrong", "bogus", "broken", "unusable", "stripped", "both", "mixed"), 10)}
STS = {name: f"127.0.1.{i}" for i, name in enumerate(
    ("enforced", "unlisted", "badcert", "notls", "testing", "kept", "nopolicy", "redirected", "required", "alone"), 40)}
POLICY_HOST = "127.0.1.90"
NOBODY = "127.0.1.99"


class Authority:
    """A root of trust of the tests' own, and what it signs."""

    def __init__(self, directory):
        self.directory = directory
        self.run("req", "-x509", *self.key, "-keyout", "root.key", "-out", "root.pem", "-days", "2", "-subj", "/CN=Root of the tests")

    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")

    def run(self, *words):
        return subprocess.run(("openssl", *words), cwd=self.directory, check=True, capture_output=True).stdout

    def sign(self, name, *names):
        """A certificate of these names, followed by the root's."""
        self.run("req", *self.key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name[:60]}")
        (self.directory / "names").write_text("subjectAltName=" + ",".join(f"DNS:{n}" for n in (names or (name,))) + "\n")
        self.run("x509", "-req", "-in", f"{name}.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "2",
                 "-extfile", "names", "-out", f"{name}.pem")
        with open(self.directory / f"{name}.pem", "a", encoding="ascii") as chain:
            chain.write((self.directory / "root.pem").read_text())

    def self_signed(self, name):
        relay.certificate(self.directory, name)

    def context(self, name):
        made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        made.load_cert_chain(self.directory / f"{name}.pem", self.directory / f"{name}.key")
        return made

    def tlsa(self, usage, name):
        """Of the certificate's key by SHA-256, or of the whole certificate for an anchor."""
        if usage == 2:
            return "2 0 1 " + hashlib.sha256(self.run("x509", "-in", f"{name}.pem", "-outform", "DER")).hexdigest()
        public = self.run("x509", "-in", f"{name}.pem", "-pubkey", "-noout")
        der = subprocess.run(("openssl", "pkey", "-pubin", "-outform", "DER"), input=public, check=True, capture_output=True).stdout
        return f"{usage} 1 1 {hashlib.sha256(der).hexdigest()}"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    made = Authority(tmp_path_factory.mktemp("tls"))
    for name in ("ee", "wrong", "unusable", "bogus", "mixed"):
        made.self_signed(f"mx.{name}.dane.test")
    made.sign("mx.ta.dane.test")
    made.sign("mx.both.dane.test")
    made.sign("mx.nexthop.dane.test", "nexthop.dane.test")  # RFC 7672 s3.2.2: the domain's own name
    for name in STS:
        made.sign(f"mx.{name}.sts.test")
    made.self_signed("mx.stranger.sts.test")
    made.sign("policies", *(f"mta-sts.{name}.sts.test" for name in STS), "mta-sts.both.dane.test")
    return made


def dane_zone(authority):
    lines = []
    for name, address in DANE.items():
        lines += [f"{name} MX 10 mx.{name}", f"mx.{name} A {address}"]
    ee = authority.tlsa(3, "mx.ee.dane.test")
    records = {"ee": ee, "ta": authority.tlsa(2, "root"), "nexthop": authority.tlsa(2, "root"), "wrong": ee, "bogus": "3 1 1 " + "0" * 64,
               "unusable": "1 1 1 " + "0" * 64, "stripped": ee, "both": ee}
    lines += [f"_25._tcp.mx.{name} TLSA {record}" for name, record in records.items()]
    lines += ["_tcp.mx.broken NS ns.nobody", f"ns.nobody A {NOBODY}"]
    lines += ["mixed MX 20 mx.ee", f"_25._tcp.mx.mixed TLSA {ee}"]
    lines += ['_mta-sts.both TXT "v=STSv1; id=1"', f"mta-sts.both A {POLICY_HOST}"]
    return "\n".join(lines).replace("_25._tcp", "_{port}._tcp")


def sts_zone(without=()):
    lines = []
    for name, address in STS.items():
        lines += [f"{name} MX 10 mx.{name}", f"mx.{name} A {address}", f"mta-sts.{name} A {POLICY_HOST}"]
        if name not in without and name not in ("alone",):
            lines.append(f'_mta-sts.{name} TXT "v=STSv1; id=1"')
    return "\n".join(lines)


def policies():
    made = {f"mta-sts.{name}.sts.test": policy("enforce", [f"mx.{name}.sts.test"]) for name in STS}
    made["mta-sts.unlisted.sts.test"] = policy("enforce", ["*.elsewhere.test", "unlisted.sts.test"])
    made["mta-sts.testing.sts.test"] = policy("testing", ["mx.testing.sts.test"])
    made["mta-sts.nopolicy.sts.test"] = (200, "text/html", policy("enforce", ["mx.nopolicy.sts.test"]))
    made["mta-sts.redirected.sts.test"] = (301, "text/plain", "")
    made["mta-sts.both.dane.test"] = policy("enforce", ["mx.both.dane.test"])
    return made


class Forger(dns_server.DnsServer):
    """Signs its zones, and then changes what a record says."""

    def sign(self, name, path, origin):
        signed = super().sign(name, path, origin)
        text = signed.read_text()
        signed.write_text(re.sub(r"(?m)^(_\d+\._tcp\.mx\.bogus\.\S+\s+\d+\s+IN\s+TLSA\s+3 1 1 )0000", r"\g<1>abcd", text))
        assert "abcd0000" in signed.read_text().lower()
        return signed


@pytest.fixture(scope="module")
def port():
    return peers.free_port(*DANE.values(), *STS.values())


@pytest.fixture(scope="module")
def metrics_port():
    return free_port()


@pytest.fixture(scope="module")
def world(authority, port, metrics_port):
    """DNS, the policy host, and Veredus' settings for both."""
    zones = {"dane.test": dane_zone(authority).replace("{port}", str(port)), "sts.test": sts_zone()}
    certificate = authority.directory / "policies.pem", authority.directory / "policies.key"
    with Forger(zones, signed=["dane.test"]) as dns, policy_host.PolicyHost(POLICY_HOST, *certificate, policies()) as host:
        more = f'mta_sts_port = {host.port}\n[[queue.tls]]\ndomains = ["alone.sts.test"]\nrule = "dane"\n'
        settings = relay.settings(dns, port, more) + f'[probe]\nallowed_networks = ["{POLICY_HOST}"]\n[admin]\nmetrics_address = "127.0.0.1:{metrics_port}"\n'
        yield {"dns": dns, "host": host, "settings": settings}


@pytest.fixture(scope="module")
def veredus_of_file(world, authority):
    environment = {"SSL_CERT_FILE": str(authority.directory / "root.pem")}
    with servers.serving(settings=world["settings"], environment=environment) as running:
        yield running


@pytest.fixture
def peer(port, veredus, authority):
    def make(address, certificate=None, **arguments):
        tls = authority.context(certificate) if certificate else None
        return stack.enter_context(Peer(address, port, tls=tls, **arguments))

    with contextlib.ExitStack() as stack:
        yield make
    veredus.run("queue", "drop", "--all", check=False)


def until(true, what):
    give_up_at = time.monotonic() + 60
    while not true():
        assert time.monotonic() < give_up_at, what
        time.sleep(0.2)


def kept_back(veredus, there, identity, *words):
    """It waits, with the reason, and nothing of it was shown to anybody."""
    def reasons():
        events = veredus.json("message", "trace", identity)["events"]
        return [str(event) for event in events if event["kind"] == "deferred"]
    until(reasons, "a deferred attempt")
    for word in words:
        assert word.lower() in reasons()[0].lower(), reasons()[0]
    assert veredus.json("queue", "list", "--all")["entries"], "it waits"
    if there:
        assert there.messages == []
        assert not any(c.upper().startswith(("MAIL", "RCPT", "DATA")) for s in there.sessions for c in s.commands), "nothing was shown"


def sent_under(veredus, identity, *words):
    """What the journey says of the TLS it went by."""
    def events():
        return [str(event) for event in veredus.json("message", "trace", identity)["events"] if event["kind"] == "sent"]
    until(events, "it was sent")
    for word in words:
        assert word in events()[0], events()[0]


def outcomes(metrics_port, **labels):
    return value(ask(metrics_port, "GET", "/metrics")[2], "veredus_smtp_client_tls_total", **labels)


# DANE.


@pytest.mark.parametrize("name,record", [("ee", "3 1 1"), ("ta", "2 0 1"), ("nexthop", "2 0 1")])
def test_a_certificate_that_dnssec_vouches_for_is_let_pass(veredus, peer, metrics_port, name, record):
    there = peer(DANE[name], f"mx.{name}.dane.test")
    before = outcomes(metrics_port, policy="tlsa", result="success")
    identity = send(veredus, f"you@{name}.dane.test")
    assert there.wait()[0].tls
    sent_under(veredus, identity, f"dane: {record}", f"mx.{name}.dane.test")
    assert outcomes(metrics_port, policy="tlsa", result="success") == before + 1


def test_a_certificate_that_no_record_vouches_for_gets_nothing(veredus, peer, metrics_port, authority, port):
    there = peer(DANE["wrong"], "mx.wrong.dane.test")
    identity = send(veredus, "you@wrong.dane.test")
    kept_back(veredus, there, identity, "No matching DANE TLSA records")
    assert outcomes(metrics_port, policy="tlsa", result="tlsa-invalid") >= 1
    there.stop()
    right = peer(DANE["wrong"], "mx.ee.dane.test")
    assert right.wait()[0].tls, "and goes when the certificate is right"


def test_records_that_are_forged_keep_mail_here(veredus, peer, metrics_port):
    there = peer(DANE["bogus"], "mx.bogus.dane.test")
    identity = send(veredus, "you@bogus.dane.test")
    kept_back(veredus, there, identity, "DANE: TLSA records of mx.bogus.dane.test", "DNSSEC validation failed")
    assert there.sessions == []
    assert outcomes(metrics_port, policy="tlsa", result="dnssec-invalid") >= 1


def test_records_that_nobody_answers_for_keep_mail_here(veredus, peer):
    there = peer(DANE["broken"])
    identity = send(veredus, "you@broken.dane.test")
    kept_back(veredus, there, identity, "DANE: TLSA records of mx.broken.dane.test")
    assert there.sessions == []


def test_dane_cannot_be_stripped(veredus, peer):
    there = peer(DANE["stripped"])
    identity = send(veredus, "you@stripped.dane.test")
    kept_back(veredus, there, identity, "STARTTLS is not offered")


def test_records_that_cannot_be_used_ask_for_tls_with_any_certificate(veredus, peer, metrics_port):
    there = peer(DANE["unusable"])
    identity = send(veredus, "you@unusable.dane.test")
    kept_back(veredus, there, identity, "STARTTLS is not offered")
    there.stop()
    there = peer(DANE["unusable"], "mx.unusable.dane.test")
    assert there.wait()[0].tls
    sent_under(veredus, identity, "dane: any certificate")
    assert outcomes(metrics_port, policy="tlsa", result="tlsa-invalid") >= 1


def test_the_next_host_gets_what_the_first_may_not_have(veredus, peer):
    first = peer(DANE["mixed"], "mx.mixed.dane.test")
    second = peer(DANE["ee"], "mx.ee.dane.test")
    identity = send(veredus, "you@mixed.dane.test")
    assert second.wait()[0].tls and first.messages == []
    sent_under(veredus, identity, "mx.ee.dane.test")


def test_mta_sts_takes_nothing_away_from_dane(veredus, peer, world):
    """RFC 8461 s2: a certificate that is trusted is none where DNSSEC vouches for another."""
    there = peer(DANE["both"], "mx.both.dane.test")
    identity = send(veredus, "you@both.dane.test")
    kept_back(veredus, there, identity, "No matching DANE TLSA records")


# MTA-STS.


def test_a_policy_that_is_kept_to_lets_mail_pass(veredus, peer, world, metrics_port):
    there = peer(STS["enforced"], "mx.enforced.sts.test")
    identity = send(veredus, "you@enforced.sts.test")
    assert there.wait()[0].tls
    sent_under(veredus, identity, "sts: enforced")
    assert outcomes(metrics_port, policy="sts", result="success") >= 1
    send(veredus, "they@enforced.sts.test")
    there.wait(2)
    assert world["host"].asked_for("mta-sts.enforced.sts.test") == 1


def test_a_host_that_the_policy_does_not_list_gets_nothing(veredus, peer):
    there = peer(STS["unlisted"], "mx.unlisted.sts.test")
    identity = send(veredus, "you@unlisted.sts.test")
    kept_back(veredus, there, identity, "the MTA-STS policy of unlisted.sts.test does not list this host")
    assert there.sessions == []


@pytest.mark.parametrize("certificate", ["mx.stranger.sts.test", "mx.enforced.sts.test"])
def test_a_certificate_that_is_not_trusted_or_not_the_hosts_gets_nothing(veredus, peer, certificate):
    there = peer(STS["badcert"], certificate)
    identity = send(veredus, "you@badcert.sts.test")
    kept_back(veredus, there, identity, "certificate is not trusted")


def test_starttls_cannot_be_stripped(veredus, peer):
    there = peer(STS["notls"])
    identity = send(veredus, "you@notls.sts.test")
    kept_back(veredus, there, identity, "STARTTLS is not offered")


def test_the_handshake_cannot_be_broken_either(veredus, peer):
    there = peer(STS["notls"], "mx.notls.sts.test", on={"handshake": b"nonsense\r\n"})
    identity = send(veredus, "you@notls.sts.test")
    kept_back(veredus, there, identity, "TLS handshake failed")


def test_a_policy_that_is_tested_is_told_of_and_keeps_nothing(veredus, peer, metrics_port):
    there = peer(STS["testing"])
    before = outcomes(metrics_port, policy="sts", result="starttls-not-supported")
    identity = send(veredus, "you@testing.sts.test")
    assert not there.wait()[0].tls
    sent_under(veredus, identity, "sts: testing")
    assert outcomes(metrics_port, policy="sts", result="starttls-not-supported") == before + 1


@pytest.mark.parametrize("name", ["nopolicy", "redirected"])
def test_what_is_no_policy_keeps_nothing(veredus, peer, metrics_port, name):
    """RFC 8461 s3.3: served as a page, or by way of a redirection."""
    there = peer(STS[name])
    identity = send(veredus, f"you@{name}.sts.test")
    there.wait()
    sent_under(veredus, identity, "opportunistic: ")
    assert outcomes(metrics_port, policy="sts", result="sts-policy-fetch-error") >= 1


def test_a_sender_may_do_without_policies(veredus, peer):
    """RFC 8689 s3: "TLS-Required: No"."""
    there = peer(STS["unlisted"])
    octets = wire.message("x", sender="alice@demo.test", more="TLS-Required: No\r\n")
    identity = send(veredus, "you@unlisted.sts.test", octets)
    there.wait()
    sent_under(veredus, identity, "opportunistic: policies are not asked")


@pytest.mark.parametrize("name,goes", [("required", True), ("testing", False)])
def test_requiretls_wants_a_host_nobody_can_have_forged(veredus, peer, name, goes):
    """RFC 8689 s4.2.1: by DNSSEC, or by a policy that is enforced."""
    there = peer(STS[name], f"mx.{name}.sts.test", extensions=(*peers.EXTENSIONS, "REQUIRETLS"))
    with veredus.submission() as session:
        to = f"you@{name}.sts.test"
        assert session.mail("alice@demo.test", to, wire.message("x", sender="alice@demo.test"), parameters=" REQUIRETLS").code == 250
    if goes:
        assert "REQUIRETLS" in there.wait()[0].mail
        return
    _, [recipient], text = relay.report_of(veredus.take_one())
    assert recipient["status"] == "5.7.10" and there.messages == []


def test_configuration_may_ask_for_dane_alone(veredus, peer, metrics_port):
    there = peer(STS["alone"], "mx.alone.sts.test")
    identity = send(veredus, "you@alone.sts.test")
    kept_back(veredus, there, identity, "DANE is asked for here")
    assert outcomes(metrics_port, policy="tlsa", result="dane-required") >= 1
    # A reload is enough for another rule.
    old = veredus.config.read_text()
    try:
        veredus.config.write_text(old.replace('rule = "dane"', 'rule = "opportunistic"'))
        veredus.run("reload")
        veredus.run("queue", "retry", "--all", check=False)
        assert there.wait()[0].to == ["you@alone.sts.test"]
    finally:
        veredus.config.write_text(old)
        veredus.run("reload")


def test_a_policy_outlives_a_restart_and_an_attack_on_dns(veredus, peer, world):
    """RFC 8461 s10.2: who takes away the record and the policy host gains nothing while the policy holds. Last: it changes the zone."""
    there = peer(STS["kept"], "mx.kept.sts.test")
    send(veredus, "you@kept.sts.test")
    assert there.wait()[0].tls
    there.stop()
    veredus.stop()
    world["dns"].change("sts.test", sts_zone(without=("kept",)))
    world["host"].stop()
    veredus.start()
    stripped = peer(STS["kept"])
    identity = send(veredus, "you@kept.sts.test")
    kept_back(veredus, stripped, identity, "STARTTLS is not offered")
    stripped.stop()
    right = peer(STS["kept"], "mx.kept.sts.test")
    assert right.wait()[0].tls
    sent_under(veredus, identity, "sts: enforced")
