"""Signatures and seals on what leaves, checked by other programs; keys that change; what DNS should have for a domain."""
import contextlib
import importlib.util
import json
import os
import pathlib
import re
import shutil
import subprocess
import time

import pytest

import dns_server
import peers
import relay
import server as servers
import wire
from peers import Peer

SINK, DNS = "127.0.0.41", "127.0.0.42"
SIGNING = '[signing]\ncheck_keys_every = "1s"\nkey_overlap = "4s"\n[mail_auth]\ntrusted_networks = []\n'
PATIENCE = 120

pytestmark = pytest.mark.skipif(not dns_server.available(), reason="nsd is not installed")


def has_module(name):
    return importlib.util.find_spec(name) is not None


needs_dkimpy = pytest.mark.skipif(not (has_module("dkim") and has_module("nacl")),
                                  reason="python3-dkim or python3-nacl is not installed")


class World:
    """A server, the zone of its domain, and a sink where all mail for *.example goes."""

    def __init__(self):
        self.port = peers.free_port(SINK)
        self.records = {}
        with contextlib.ExitStack() as stack:
            self.dns = stack.enter_context(dns_server.DnsServer(
                {"demo.test": "", "example": "eve TXT \"v=spf1 ip4:127.0.0.1 -all\""}, address=DNS))
            settings = relay.PATIENT.format(port=self.port, more="") + SIGNING + self.dns.settings
            self.veredus = stack.enter_context(servers.serving(settings=settings))
            self.run("route", "set", "sink", "--host", f"{SINK}:{self.port}", "--to", "*.example", "--tls", "never")
            self.run("forward", "set", "bob@demo.test", "bob@far.example")
            self.run("list", "set", "team@demo.test", "--member", "carol@far.example", "--moderator", "alice@demo.test",
                     "--posting", "anyone")
            self.publish()
            self.close = stack.pop_all().close

    def run(self, *words, **more):
        return self.veredus.run(*words, **more)

    def keys(self):
        return self.veredus.json("dkim", "list", "demo.test")["keys"]

    def states(self):
        return {key["selector"]: key["state"] for key in self.keys()}

    def publish(self, more="", keys=None):
        """Puts all keys into the zone and waits until they sign."""
        keys = self.keys() if keys is None else keys
        self.dns.change("demo.test", "\n".join(["$TTL 5", *(key["zone_line"] for key in keys), more]))
        self.records.update({key["name"]: key["record"] for key in self.keys()})
        if keys:
            self.wait_for(lambda states: "pending" not in states.values())

    def wait_for(self, good):
        until = time.monotonic() + PATIENCE
        while not good(self.states()):
            assert time.monotonic() < until, self.states()
            time.sleep(0.2)

    def txt(self, name, *_, **__):
        """For dkimpy: what DNS has."""
        name = name.decode() if isinstance(name, bytes) else name
        return self.records.get(name.rstrip("."), "").encode() or None


@pytest.fixture(scope="module")
def world():
    made = World()
    yield made
    made.close()


@pytest.fixture
def sink(world):
    with Peer(SINK, world.port) as peer:
        yield peer
    world.run("queue", "drop", "--all", check=False)


def sent_by_alice(world, sink, to="you@far.example", body="Hello.\r\n", parameters=""):
    octets = wire.message("signed", sender="alice@demo.test", to=to, body=body)
    relay.send(world.veredus, to, octets, parameters=parameters)
    return sink.wait()[0].octets


def stranger(world, to, octets):
    with world.veredus.smtp() as session:
        session.hello()
        reply = session.mail("me@eve.example", to, octets)
        assert reply.code == 250, str(reply)


def signatures(octets):
    """(d=, a=) of each signature, from the top."""
    header = re.sub(rb"\r\n[ \t]+", b" ", wire.header_of(octets))
    fields = re.findall(rb"(?mi)^DKIM-Signature: (.*)$", header)
    tag = lambda field, name: re.search(rb"(?:^|[; ])" + name + rb"=\s*([^;\s]+)", field)[1].decode()
    return [(tag(field, b"d"), tag(field, b"a")) for field in fields]


def verify_with_dkimpy(world, octets, count):
    import dkim
    for index in range(count):
        check = dkim.DKIM(octets)
        assert check.verify(idx=index, dnsfunc=world.txt), f"signature {index} of\n{octets.decode()}"


def records_of(world, tmp_path):
    path = tmp_path / "records"
    path.write_text("".join(f"{name} {text}\n" for name, text in world.records.items()))
    return path


BOTH = [("demo.test", "rsa-sha256"), ("demo.test", "ed25519-sha256")]


# What others think of it.

@needs_dkimpy
def test_submitted_mail_is_signed_with_both_keys(world, sink):
    octets = sent_by_alice(world, sink)
    assert signatures(octets) == BOTH
    verify_with_dkimpy(world, octets, 2)
    import dkim
    assert not dkim.verify(octets.replace(b"Hello", b"Hallo"), dnsfunc=world.txt)
    assert not dkim.verify(b"Subject: more\r\n" + octets, dnsfunc=world.txt), "oversigned"


def test_the_journey_says_which_keys_signed(world, sink):
    identity = relay.send(world.veredus, "you@far.example")
    sink.wait()
    selectors = [key["selector"] for key in world.keys() if key["state"] == "active"]
    [received] = [e for e in world.veredus.json("message", "trace", identity)["events"] if e["kind"] == "received"]
    for selector in selectors:
        assert f"demo.test {selector} " in str(received), received
    text = world.run("message", "trace", identity).stdout
    assert "signed" in text and "rsa-sha256" in text and "ed25519-sha256" in text, text


def test_a_reload_is_enough_to_sign_no_more_and_to_sign_again(world, sink):
    config = world.veredus.config
    old = config.read_text()
    try:
        config.write_text(old.replace("[signing]\n", "[signing]\nsign = false\n"))
        world.run("reload")
        assert signatures(sent_by_alice(world, sink)) == []
    finally:
        config.write_text(old)
        world.run("reload")
    relay.send(world.veredus, "you@far.example")
    assert signatures(sink.wait(2)[-1].octets) == BOTH


@needs_dkimpy
def test_large_and_eight_bit_bodies(world, sink):
    body = "".join(f"Zeile {i} mit \u00fc  \r\n" for i in range(30_000)) + "\r\n\r\n"
    octets = wire.message("large", sender="alice@demo.test", to="you@far.example").split(b"\r\n\r\n")[0] + \
        b"\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + body.encode()
    recipients = ["you@far.example", "her@near.example", "him@other.example"]
    relay.send(world.veredus, recipients, octets, " BODY=8BITMIME")
    messages = []
    while sum(len(message.recipients) for message in messages) < len(recipients):  # whose turn comes at once go together
        messages = sink.wait(len(messages) + 1)
    for message in messages:
        verify_with_dkimpy(world, message.octets, 2)


PERL = r"""
use Mail::DKIM::Verifier; use Mail::DKIM::PublicKey;
my %records; open(my $in, '<', $ENV{RECORDS}); while (<$in>) { chomp; my ($name, $text) = split / /, $_, 2; $records{$name} = $text; }
{ no warnings 'redefine'; *Mail::DKIM::Signature::fetch_public_key = sub { };
  *Mail::DKIM::Signature::get_public_key = sub { my $s = shift;
    return Mail::DKIM::PublicKey->parse($records{$s->selector . '._domainkey.' . $s->domain}); }; }
my $dkim = Mail::DKIM::Verifier->new(); while (<STDIN>) { $dkim->PRINT($_); } $dkim->CLOSE;
print join ' ', map { $_->algorithm . '=' . $_->result } $dkim->signatures;
"""


def test_mail_dkim_agrees(world, sink, tmp_path):
    if shutil.which("perl") is None or subprocess.run(["perl", "-MMail::DKIM", "-e1"], capture_output=True).returncode:
        pytest.skip("libmail-dkim-perl is not installed")
    octets = sent_by_alice(world, sink)
    done = subprocess.run(["perl", "-e", PERL], input=octets, capture_output=True, timeout=60,
                          env={**os.environ, "RECORDS": str(records_of(world, tmp_path))})
    results = dict(word.split("=") for word in done.stdout.decode().split())
    assert results.get("rsa-sha256") == "pass", (done.stdout, done.stderr)
    assert results.get("ed25519-sha256") in ("pass", "invalid", None), "older ones do not know Ed25519"


def test_opendkim_agrees(world, sink, tool, tmp_path):
    opendkim = tool("opendkim")
    octets = sent_by_alice(world, sink)
    data, message, conf = tmp_path / "dns", tmp_path / "message", tmp_path / "conf"
    data.write_text("".join(f"{name} {text}\n" for name, text in world.records.items()))
    conf.write_text(f"Mode v\nTestPublicKeys {data}\nSyslog no\nUserID root\n")
    message.write_bytes(octets.replace(b"\r\n", b"\n"))
    done = subprocess.run([opendkim, "-x", conf, "-t", message, "-v", "-v"], capture_output=True, text=True, timeout=60)
    said = done.stdout + done.stderr
    assert len(re.findall(r"dkim=pass [^;]*header\.d=demo\.test", said)) == 2, said


def test_mailauth_agrees(world, sink, node):
    if not (servers.NODE_MODULES / "mailauth").is_dir():
        pytest.skip("npm's mailauth is not installed")
    octets = sent_by_alice(world, sink)
    found = node("verify.mjs", {"message": octets.decode(), "records": world.records})
    assert [one["result"] for one in found["dkim"]] == ["pass", "pass"], found
    assert sorted(one["algorithm"] for one in found["dkim"]) == ["ed25519-sha256", "rsa-sha256"]


# Who signs what.

def test_what_stays_here_is_not_signed(world, sink):
    with world.veredus.submission() as session:
        octets = wire.message("inside", sender="alice@demo.test", to="carol@demo.test")
        assert session.mail("alice@demo.test", "carol@demo.test", octets).code == 250
    assert signatures(world.veredus.take_one("carol")) == []


@needs_dkimpy
def test_posts_of_a_list_are_signed_with_its_fields(world, sink):
    stranger(world, "team@demo.test", wire.message("post", sender="me@eve.example", to="team@demo.test"))
    octets = sink.wait()[0].octets
    assert signatures(octets) == BOTH
    verify_with_dkimpy(world, octets, 2)
    import dkim
    assert not dkim.verify(octets.replace(b"List-Post: <mailto:team", b"List-Post: <mailto:tear"), dnsfunc=world.txt)


@needs_dkimpy
def test_a_post_of_ours_has_the_author_s_signature_too(world, sink):
    octets = sent_by_alice(world, sink, to="team@demo.test")
    assert signatures(octets) == BOTH + BOTH
    verify_with_dkimpy(world, octets, 4)
    assert b"ARC-Seal" not in octets


@needs_dkimpy
def test_forwarded_mail_is_sealed_and_not_signed(world, sink):
    import dkim
    stranger(world, "bob@demo.test", wire.message("forwarded", sender="me@eve.example", to="bob@demo.test"))
    octets = sink.wait()[0].octets
    assert signatures(octets) == []
    verdict, results, why = dkim.arc_verify(octets, dnsfunc=world.txt)
    assert verdict == b"pass", (why, results, octets)
    assert re.search(rb"(?s)ARC-Authentication-Results: i=1;\s*mx\.demo\.test;.*?spf=pass", octets), octets
    world.veredus.take_one("bob")


@needs_dkimpy
def test_a_seal_goes_on_where_others_sealed_before(world, sink):
    import dkim
    stranger(world, "bob@demo.test", wire.message("first hop", sender="me@eve.example", to="bob@demo.test"))
    first = sink.wait()[0].octets
    # What we sealed comes back by another way and is led on again.
    again = re.sub(rb"(?m)^Delivered-To: [^\r\n]*\r\n", b"", first)
    stranger(world, "team@demo.test", again)
    octets = sink.wait(2)[1].octets
    verdict, results, why = dkim.arc_verify(octets, dnsfunc=world.txt)
    assert verdict == b"pass", (why, results)
    assert len(re.findall(rb"(?m)^ARC-Seal:", octets)) == 2
    world.veredus.take("bob")


@needs_dkimpy
def test_our_own_reports_are_signed(world, sink):
    """A report to somebody elsewhere: what he sent here cannot be forwarded where it should go."""
    sink.on["RCPT"] = [None, "550 5.1.1 nobody", None]
    relay.send(world.veredus, "you@far.example", wire.message("one", sender="alice@demo.test", to="you@far.example"))
    sink.wait(1)
    with world.veredus.smtp() as session:
        session.hello()
        session.ask("MAIL FROM:<me@eve.example>", 250)
        session.ask("RCPT TO:<bob@demo.test> NOTIFY=FAILURE", 250)
        assert session.data(wire.message("lost", sender="me@eve.example", to="bob@demo.test")).code == 250
    report = sink.wait(2)[1]
    assert report.sender == "" and b"multipart/report" in report.octets, report
    assert signatures(report.octets) == BOTH
    verify_with_dkimpy(world, report.octets, 2)
    world.veredus.take("bob")


# Keys.

@needs_dkimpy
def test_keys_change_without_a_gap(world, sink):
    old = {key["selector"] for key in world.keys() if key["state"] == "active"}
    made = world.run("dkim", "rotate", "demo.test")
    assert "pending" in made.stdout and "missing" in made.stdout and "_domainkey.demo.test. TXT" in made.stdout
    fresh = {selector for selector, state in world.states().items() if state == "pending"}
    assert len(fresh) == 2
    octets = sent_by_alice(world, sink)
    assert {s.decode() for s in re.findall(rb"s=([re]\d+(?:-\d+)?);", octets)} == old, "the old ones sign until DNS has the new"
    world.publish()
    states = world.states()
    assert all(states[s] == "active" for s in fresh) and all(states[s] in ("retiring", "gone") for s in old)
    relay.send(world.veredus, "you@far.example", wire.message("x", sender="alice@demo.test", to="you@far.example"))
    octets = sink.wait(2)[1].octets
    assert {s.decode() for s in re.findall(rb"s=([re]\d+(?:-\d+)?);", octets)} == fresh
    verify_with_dkimpy(world, octets, 2)
    world.wait_for(lambda states: all(states[s] == "gone" for s in old))
    for selector in old:
        world.run("dkim", "remove", "demo.test", selector)
    assert set(world.states()) == fresh
    refused = world.run("dkim", "remove", "demo.test", min(fresh), check=False)
    assert refused.returncode == 1 and "in use" in refused.stderr


@needs_dkimpy
def test_a_key_brought_along_signs_on(world, sink, tmp_path):
    key = tmp_path / "key.pem"
    subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
    world.run("domain", "add", "moved.test")
    made = world.veredus.json("dkim", "rotate", "moved.test", "--selector", "legacy", "--key", str(key))["keys"][0]
    assert made["state"] == "pending" and made["kind"] == "rsa"
    public = subprocess.run(["openssl", "rsa", "-in", key, "-pubout", "-outform", "DER"], capture_output=True).stdout
    import base64
    assert base64.b64encode(public).decode() in made["record"]
    world.run("dkim", "activate", "moved.test", "legacy")
    assert world.veredus.json("dkim", "show", "moved.test", "legacy")["state"] == "active"
    for words, code in ((("dkim", "show", "moved.test", "none"), 3), (("dkim", "rotate", "nowhere.test"), 3),
                        (("dkim", "rotate", "moved.test", "--selector", "legacy", "--key", str(key)), 1),
                        (("dkim", "rotate", "moved.test", "--selector", "a_b", "--kind", "rsa"), 1),
                        (("dkim", "rotate", "moved.test", "--selector", "x", "--key", str(world.veredus.certificate)), 1)):
        assert world.run(*words, check=False).returncode == code, words
    world.run("dkim", "remove", "moved.test", "legacy", "--force")
    world.run("domain", "remove", "moved.test")


# What DNS has.

GOOD = """$TTL 5
mx A 127.0.0.1
@ MX 10 mx
@ TXT "v=spf1 mx -all"
_dmarc TXT "v=DMARC1; p=reject; rua=mailto:alice@demo.test"
_mta-sts TXT "v=STSv1; id=20260101"
mta-sts A 127.0.0.1
_smtp._tls TXT "v=TLSRPTv1; rua=mailto:alice@demo.test"
"""


def survey(world):
    done = world.run("domain", "dns", "demo.test", "--json", check=False)
    report = json.loads(done.stdout)
    return done.returncode, report["verdict"], report["records"]


def states_of(records):
    return {(record["kind"], record["name"]): record["state"] for record in records}


def test_domain_dns_says_what_is_missing_and_its_fixes_are_zone_lines(world):
    keys = world.keys()
    world.publish()
    time.sleep(6)  # until answers of before are forgotten
    code, verdict, records = survey(world)
    states = states_of(records)
    assert (code, verdict) == (1, "broken")
    assert states["MX", "demo.test"] == states["SPF", "demo.test"] == states["DMARC", "_dmarc.demo.test"] == "missing"
    assert all(states["DKIM", key["name"]] == "ok" for key in keys if key["state"] == "active")
    # As the command says: every missing record into the zone.
    fixes = [r["fix"].partition("\n")[0].removeprefix("add: ") for r in records
             if r["fix"].startswith("add: ") and r["kind"] not in ("A", "PTR")]
    world.publish("mx A 127.0.0.1\nmta-sts A 127.0.0.1\n" + "\n".join(fixes))
    until = time.monotonic() + PATIENCE
    while True:
        code, verdict, records = survey(world)
        bad = {key: state for key, state in states_of(records).items() if state not in ("ok", "unneeded")}
        if set(kind for kind, _ in bad) <= {"PTR", "MTA-STS"}:  # of another zone; nobody serves the policy
            break
        assert time.monotonic() < until, (bad, records)
        time.sleep(1)
    assert ("SRV", "_submissions._tcp.demo.test") in states_of(records)
    assert "cannot be fetched" in next(r["problem"] for r in records if r["kind"] == "MTA-STS")


def test_domain_dns_says_what_is_wrong(world):
    wrong = GOOD.replace("MX 10 mx\n", "MX 10 mail.far.example.\n").replace("v=spf1 mx", "v=spf1 ip4:192.0.2.1") \
        .replace("p=reject", "p=maybe").replace("id=20260101", "id=")
    world.publish(wrong)
    until = time.monotonic() + PATIENCE
    wanted = {("MX", "demo.test"): "wrong", ("SPF", "demo.test"): "wrong", ("DMARC", "_dmarc.demo.test"): "wrong",
              ("MTA-STS", "_mta-sts.demo.test"): "wrong", ("TLS-RPT", "_smtp._tls.demo.test"): "ok"}
    while True:
        code, verdict, records = survey(world)
        states = states_of(records)
        if all(states.get(key) == state for key, state in wanted.items()):
            break
        assert time.monotonic() < until, {key: states.get(key) for key in wanted}
        time.sleep(1)
    assert code == 1
    spf = next(r for r in records if r["kind"] == "SPF")
    assert spf["fix"] == 'replace by: demo.test. TXT "v=spf1 ip4:127.0.0.1 ip4:192.0.2.1 -all"', spf
    text = world.run("domain", "dns", "demo.test", check=False).stdout
    assert re.search(r"(?m)^wrong +MX +demo\.test$", text) and "found: 10 mail.far.example." in text, text


def test_domain_dns_knows_only_our_domains(world):
    assert world.run("domain", "dns", "nowhere.test", check=False).returncode == 3


@pytest.mark.skipif(shutil.which("ldns-signzone") is None, reason="ldnsutils are not installed")
def test_domain_dns_is_content_with_a_signed_zone(new_server):
    """All but MTA-STS, for which nobody serves the policy: incomplete, and said so by the exit code."""
    zones = {"demo.test": "", "0.18.198.in-addr.arpa": "1 PTR mx.demo.test."}
    with dns_server.DnsServer(zones, address=DNS, signed=["demo.test"]) as dns:
        veredus = new_server(settings=SIGNING + dns.settings, people=())
        keys = veredus.json("dkim", "list", "demo.test")["keys"]
        lines = [GOOD.replace("127.0.0.1", "198.18.0.1").replace('_mta-sts TXT "v=STSv1; id=20260101"\n', "")]
        lines += [key["zone_line"] for key in keys]
        dns.change("demo.test", "\n".join(lines))
        until = time.monotonic() + PATIENCE
        added = set()
        while True:
            done = veredus.run("domain", "dns", "demo.test", "--json", check=False)
            report = json.loads(done.stdout)
            bad = [r for r in report["records"] if r["state"] not in ("ok", "unneeded") and r["kind"] != "MTA-STS"]
            if not bad:
                break
            assert time.monotonic() < until, bad
            fixes = {r["fix"].removeprefix("add: ") for r in bad if r["kind"] in ("TLSA", "SRV") and r["state"] == "missing"}
            if fixes - added:
                added |= fixes
                dns.change("demo.test", "\n".join([*lines, *added]))
            time.sleep(1)
        assert (done.returncode, report["verdict"]) == (9, "incomplete")
        tlsa = next(r for r in report["records"] if r["kind"] == "TLSA")
        assert tlsa["state"] == "ok" and tlsa["found"][0].startswith("3 1 1 "), tlsa
