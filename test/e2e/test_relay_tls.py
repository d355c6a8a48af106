"""TLS as a route or a message demands it: without it nothing goes, and the sender hears why."""
import contextlib
import ssl
import subprocess

import pytest

import dns_server
import peers
import relay
import server as servers
import wire
from peers import Peer
from relay import report_of, send

pytestmark = pytest.mark.skipif(not dns_server.available(), reason="nsd is not installed")

HOST = "mx0.tls.world.test"
ADDRESS = relay.HOSTS["tls"][0]


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A root of trust of the tests' own, and certificates: of the right name, of another one, of nobody."""
    directory = tmp_path_factory.mktemp("tls")
    run = lambda *words: subprocess.run(words, cwd=directory, check=True, capture_output=True)
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    run("openssl", "req", "-x509", *key, "-keyout", "root.key", "-out", "root.pem", "-days", "2", "-subj", "/CN=Root of the tests")
    for name in (HOST, "other.world.test"):
        run("openssl", "req", *key, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        (directory / "names").write_text(f"subjectAltName=DNS:{name}\n")
        run("openssl", "x509", "-req", "-in", f"{name}.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days", "2",
            "-extfile", "names", "-out", f"{name}.pem")
    relay.certificate(directory, "self-signed.world.test")
    return directory


def context(directory, name):
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(directory / f"{name}.pem", directory / f"{name}.key")
    return made


@pytest.fixture(scope="module")
def port():
    return peers.free_port(*relay.addresses())


@pytest.fixture(scope="module")
def veredus_of_file(port, authority):
    environment = {"SSL_CERT_FILE": str(authority / "root.pem")}
    # Signed: names nobody has forged (RFC 8689 s4.2.1).
    with dns_server.DnsServer({"world.test": relay.zone()}, signed=["world.test"]) as dns:
        settings = relay.settings(dns, port, 'delay_notice = "1h"\nlifetime = "4s"')
        with servers.serving(settings=settings, environment=environment) as running:
            yield running


@pytest.fixture
def peer(port):
    with contextlib.ExitStack() as stack:
        yield lambda **arguments: stack.enter_context(Peer(ADDRESS, port, **arguments))


@pytest.fixture
def rule(veredus, port):
    """rule("verify"): what a route asks of all connections to tls.world.test."""
    def set_rule(tls):
        veredus.run("route", "set", "strict", "--host", f"{HOST}:{port}", "--to", "tls.world.test", "--tls", tls)
    yield set_rule
    veredus.run("route", "remove", "strict", check=False)
    veredus.run("queue", "drop", "--all", check=False)


def refused(veredus, there):
    """What the sender is told of mail that did not go."""
    _, [recipient], text = report_of(veredus.take_one())
    relay.wait_empty(veredus)
    assert there.messages == []
    assert not any(c.upper().startswith(("MAIL", "RCPT", "DATA")) for s in there.sessions for c in s.commands), "nothing was shown"
    assert recipient["action"] == "failed"
    return recipient, text


@pytest.mark.parametrize("tls", ["encrypt", "verify"])
def test_a_peer_without_starttls_gets_nothing_where_a_route_asks_for_tls(veredus, peer, rule, tls):
    there = peer()
    rule(tls)
    send(veredus, "you@tls.world.test")
    recipient, text = refused(veredus, there)
    assert recipient["status"] in ("4.7.5", "5.7.5", "4.4.7")
    assert "STARTTLS is not offered" in text


@pytest.mark.parametrize("name", ["other.world.test", "self-signed.world.test"])
def test_a_certificate_that_is_not_the_hosts_is_none(veredus, peer, rule, authority, name):
    there = peer(tls=context(authority, name))
    rule("verify")
    send(veredus, "you@tls.world.test")
    recipient, text = refused(veredus, there)
    assert recipient["status"] in ("4.7.5", "5.7.5", "4.4.7")
    assert "certificate" in text


@pytest.mark.parametrize("tls,name", [("verify", HOST), ("encrypt", "self-signed.world.test"), ("encrypt", HOST)])
def test_the_certificate_that_is_asked_for_is_let_pass(veredus, peer, rule, authority, tls, name):
    there = peer(tls=context(authority, name))
    rule(tls)
    ident = send(veredus, "you@tls.world.test")
    assert there.wait()[0].tls
    relay.wait_empty(veredus)
    assert "TLSv1.3" in veredus.run("message", "trace", ident, "--json").stdout


def test_mail_waits_for_a_certificate_and_goes_when_it_is_right(veredus, peer, rule, authority, port):
    rule("verify")
    with Peer(ADDRESS, port, tls=context(authority, "other.world.test")) as wrong:
        send(veredus, "you@tls.world.test")
        wrong.wait_for_sessions(1)
    there = peer(tls=context(authority, HOST))
    assert there.wait()[0].tls
    relay.wait_empty(veredus)
    assert wrong.messages == [] and veredus.take() == []


def require_tls(veredus, to="you@tls.world.test"):
    with veredus.submission() as session:
        reply = session.mail("alice@demo.test", to, wire.message("x", sender="alice@demo.test"), parameters=" REQUIRETLS")
        assert reply.code == 250, str(reply)


def test_requiretls_is_kept_to_where_the_peer_keeps_to_it(veredus, peer, authority):
    """RFC 8689 s4.2.1."""
    there = peer(tls=context(authority, HOST), extensions=(*peers.EXTENSIONS, "REQUIRETLS"))
    require_tls(veredus)
    message = there.wait()[0]
    assert message.tls and "REQUIRETLS" in message.mail.split()
    relay.wait_empty(veredus)  # the peer may go once its answer has come


@pytest.mark.parametrize("name,extensions,status", [(HOST, (), "5.7.30"), ("other.world.test", ("REQUIRETLS",), "5.7.10")])
def test_requiretls_comes_back_where_it_cannot_be_kept_to(veredus, peer, authority, name, extensions, status):
    there = peer(tls=context(authority, name), extensions=(*peers.EXTENSIONS, *extensions))
    require_tls(veredus)
    recipient, _ = refused(veredus, there)
    assert recipient["status"] == status


def test_a_sender_may_do_without_tls(veredus, peer, authority):
    """RFC 8689 s3: "TLS-Required: No" is for whom a wrong certificate would keep the message back; it is handed on as it came."""
    there = peer(tls=context(authority, "other.world.test"))
    octets = wire.message("x", sender="alice@demo.test", more="TLS-Required: No\r\n")
    send(veredus, "you@tls.world.test", octets)
    assert b"TLS-Required: No\r\n" in there.wait()[0].octets
    relay.wait_empty(veredus)


def test_what_a_route_asks_for_holds_for_all(veredus, peer, rule):
    """An administrator's rule is no policy of the recipient's: the field does not undo it."""
    there = peer()
    rule("encrypt")
    send(veredus, "you@tls.world.test", wire.message("x", sender="alice@demo.test", more="TLS-Required: No\r\n"))
    refused(veredus, there)


@pytest.mark.parametrize("parameters,said", [("", "AUTH=alice@demo.test"), (" AUTH=alice@demo.test", "AUTH=alice@demo.test"),
                                             (" AUTH=<>", "AUTH=<>"), (" AUTH=bob@demo.test", "AUTH=<>")])
def test_a_relay_we_log_in_at_is_told_who_submitted(veredus, peer, port, parameters, said):
    """RFC 4954 s5."""
    there = peer(extensions=(*peers.EXTENSIONS, "AUTH PLAIN"), on={"AUTH": "235 2.7.0 welcome"})
    veredus.run("route", "set", "relay", "--host", f"{ADDRESS}:{port}", "--to", "tls.world.test", "--tls", "never", "--user", "us",
                "--password", stdin="secret of ours\n")
    try:
        send(veredus, "you@tls.world.test", parameters=parameters)
        assert said in there.wait()[0].mail.split()
        relay.wait_empty(veredus)
        there.on["RCPT"] = "550 5.1.1 unknown"
    finally:
        veredus.run("route", "remove", "relay", check=False)


def test_who_does_not_know_us_is_told_of_no_submitter(veredus, peer):
    there = peer(extensions=(*peers.EXTENSIONS, "AUTH PLAIN"))
    send(veredus, "you@tls.world.test")
    assert "AUTH=" not in there.wait()[0].mail


def test_requiretls_is_handed_on_only_within_tls(veredus, peer):
    """RFC 8689 s2: offered and taken within TLS alone."""
    with veredus.smtp("submission") as session:
        assert not any("REQUIRETLS" in line for line in session.hello().lines)
    with veredus.smtp("submissions") as session:
        assert any("REQUIRETLS" in line for line in session.hello().lines)
