"""Whether DNSSEC is validated, and DANE used, is found out: where the servers that are asked hand on the root's signatures it is, where
they do not mail goes all the same, and log, `status` and `domain dns` say so."""
import json
import shutil
import time

import pytest

import dns_server
import peers
import relay

DNS, HOST = "127.0.1.130", "127.0.1.131"
ROOT = f"mx.far.example. A {HOST}\nfar.example. MX 10 mx.far.example.\n_{{port}}._tcp.mx.far.example. TLSA 3 1 1 " + "ab" * 32

pytestmark = [pytest.mark.skipif(not dns_server.available(), reason="nsd is not installed"),
              pytest.mark.skipif(shutil.which("ldns-signzone") is None, reason="ldnsutils are not installed")]


@pytest.fixture
def port():
    return peers.free_port(HOST)


@pytest.fixture
def anchor(tmp_path):
    """Of the world's root."""
    path = tmp_path / "root.key"
    path.write_text(". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n")
    tmp_path.chmod(0o755)
    return path


def settings(dns, port, anchor, validate="auto"):
    return relay.PATIENT.format(port=port, more="") + \
        f'[dns]\nforwarders = ["{dns.server}"]\ntrust_anchor = "{anchor}"\nvalidate = "{validate}"\nipv6 = false\n'


def state(veredus, wanted):
    until = time.monotonic() + 30
    while veredus.json("status")["dnssec"] != wanted:
        assert time.monotonic() < until, veredus.json("status")["dnssec"]
        time.sleep(0.1)


def until_deferred(veredus, identity):
    until = time.monotonic() + 60
    while not [event for event in veredus.json("message", "trace", identity)["events"] if event["kind"] == "deferred"]:
        assert time.monotonic() < until
        time.sleep(0.2)


def test_where_signatures_come_through_dane_is_kept_to(new_server, port):
    with dns_server.DnsServer({".": ROOT.format(port=port)}, address=DNS, signed=["."]) as dns:
        veredus = new_server(settings=settings(dns, port, dns.anchor))
        state(veredus, "proven")
        assert "dns.validated" in veredus.log() and "DNSSEC is validated" in veredus.run("status").stdout
        with peers.Peer(HOST, port) as there:  # without TLS
            until_deferred(veredus, relay.send(veredus, "you@far.example"))
            assert there.messages == []


def test_where_they_do_not_mail_goes_without(new_server, port, anchor):
    with dns_server.DnsServer({".": ROOT.format(port=port)}, address=DNS) as dns:
        veredus = new_server(settings=settings(dns, port, anchor))
        state(veredus, "stripped")
        with peers.Peer(HOST, port) as there:
            relay.send(veredus, "you@far.example")
            assert there.wait()[0].to == ["you@far.example"]
        assert veredus.log().count("dns.not_validated") == 1
        assert "DANE is off" in veredus.run("status").stdout
        report = json.loads(veredus.run("domain", "dns", "demo.test", "--json", check=False).stdout)
        tlsa = next(record for record in report["records"] if record["kind"] == "TLSA")
        assert tlsa["state"] == "unneeded" and "no DANE towards others" in tlsa["problem"], tlsa


def test_whoever_wants_it_always_has_it(new_server, port, anchor):
    with dns_server.DnsServer({".": ROOT.format(port=port)}, address=DNS) as dns:
        veredus = new_server(settings=settings(dns, port, anchor, "always"))
        state(veredus, "always")
        with peers.Peer(HOST, port) as there:
            relay.send(veredus, "you@far.example")
            until = time.monotonic() + 60
            while "signed" not in str(veredus.json("queue", "list", "--all")["entries"]):
                assert time.monotonic() < until, veredus.json("queue", "list", "--all")
                time.sleep(0.2)
            assert there.sessions == [], "what is bogus is no answer"
