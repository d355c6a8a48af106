"""Mail that is led on: routes, relay domains, forwards with SRS, lists, sending accounts. Routes name the other servers, so
no DNS is asked."""
import base64
import json
import re
import ssl

import pytest

import peers
import relay
import server as servers
import wire
from peers import Peer
from relay import report_of, send

SMART, SINK = "127.0.0.31", "127.0.0.32"


@pytest.fixture(scope="module")
def port():
    return peers.free_port(SMART, SINK)


@pytest.fixture(scope="module")
def veredus_of_file(port):
    with servers.serving(settings=relay.PATIENT.format(port=port, more="")) as running:
        running.run("route", "set", "sink", "--host", f"{SINK}:{port}", "--to", "*.test", "--to", "elsewhere.example",
                    "--tls", "never")
        yield running


@pytest.fixture
def sink(port, veredus):
    with Peer(SINK, port) as peer:
        yield peer
    veredus.run("queue", "drop", "--all", check=False)


def stranger(veredus, sender, to, octets=None, code=250):
    """A message from another server; the reply to RCPT, or to the message where RCPT was fine."""
    with veredus.smtp() as session:
        session.hello()
        session.ask(f"MAIL FROM:<{sender}>", 250)
        reply = session.ask(f"RCPT TO:<{to}>")
        if reply.code == 250:
            reply = session.data(octets or wire.message("hello", sender=sender or "daemon@example.org", to=to))
        assert reply.code == code, str(reply)
        return reply


def test_nobody_else_is_relayed_for(veredus):
    for to in ("you@elsewhere.example", "you%elsewhere.example@demo.test", "elsewhere.example!you@demo.test",
               '"you@elsewhere.example"@demo.test', "@demo.test:you@elsewhere.example", "you@[127.0.0.32]"):
        for sender in ("me@example.org", "", "alice@demo.test"):
            reply = stranger(veredus, sender, to, code=550)
            assert "5.7.1" in str(reply) or "5.1.1" in str(reply), (to, str(reply))


def test_a_route_takes_its_destinations(veredus, sink):
    send(veredus, "you@elsewhere.example")
    assert sink.wait()[0].sender == "alice@demo.test"


def test_a_relay_domain_takes_its_recipients_from_anybody(veredus, sink):
    veredus.run("relay-domain", "set", "backup.test", "--recipient", "bob")
    stranger(veredus, "me@example.org", "bob@backup.test")
    assert sink.wait()[0].to == ["bob@backup.test"]
    assert sink.messages[0].sender == "me@example.org"
    assert "5.1.1" in str(stranger(veredus, "me@example.org", "carol@backup.test", code=550))
    veredus.run("relay-domain", "set", "backup.test")
    assert "5.7.1" in str(stranger(veredus, "me@example.org", "x%elsewhere.example@backup.test", code=550))
    veredus.run("relay-domain", "remove", "backup.test")
    assert "5.7.1" in str(stranger(veredus, "me@example.org", "bob@backup.test", code=550))


def test_a_forward_keeps_a_copy_and_its_bounces_go_back(veredus, sink):
    veredus.run("forward", "set", "bob@demo.test", "bob@elsewhere.example")
    stranger(veredus, "me@example.test", "bob@demo.test")
    veredus.take_one("bob")
    forwarded = sink.wait()[0]
    assert forwarded.to == ["bob@elsewhere.example"]
    assert re.fullmatch(r"SRS0=[0-9a-z]{6}=[0-9a-z]{2}=example\.test=me@demo\.test", forwarded.sender), forwarded.sender
    assert b"Delivered-To: bob@demo.test\r\n" in forwarded.octets
    # What comes back is led back, and a message that came by here once does not come by again.
    stranger(veredus, "", forwarded.sender)
    assert sink.wait(2)[1].to == ["me@example.test"]
    assert sink.messages[1].sender == ""
    forged = forwarded.sender.replace("example.test", "victim.test")
    assert "5.1.1" in str(stranger(veredus, "", forged, code=550))
    assert "5.7.1" in str(stranger(veredus, "me@example.org", forwarded.sender, code=550))
    assert "5.4.6" in str(stranger(veredus, "me@example.test", "bob@demo.test", forwarded.octets, code=554))
    veredus.run("forward", "remove", "bob@demo.test")


def test_our_own_mail_keeps_its_sender_when_it_is_forwarded(veredus, sink):
    veredus.run("alias", "set", "out@demo.test", "you@elsewhere.example")
    send(veredus, "out@demo.test")
    assert sink.wait()[0].sender == "alice@demo.test"
    veredus.run("alias", "remove", "out@demo.test")


def test_a_list_posts_in_its_own_name(veredus, sink):
    veredus.run("list", "set", "team@demo.test", "--name", "The team", "--member", "bob@demo.test", "--member",
                "you@elsewhere.example", "--moderator", "alice@demo.test")
    assert "5.7.2" in str(stranger(veredus, "me@example.org", "team@demo.test", code=550))
    stranger(veredus, "you@elsewhere.example", "team@demo.test")
    post = sink.wait()[0]
    assert re.fullmatch(r"team-bounces\+[0-9a-z]{32}@demo\.test", post.sender), post.sender
    for field in (b"List-Id: The team <team.demo.test>", b"List-Post: <mailto:team@demo.test>"):
        assert field in post.octets, post.octets
    kept = veredus.take_one("bob")
    assert kept.startswith(b"Return-Path: <team-bounces@demo.test>\r\n") and b"List-Id:" in kept
    stranger(veredus, "", "team-bounces@demo.test")
    veredus.take_one("alice")
    veredus.run("list", "remove", "team@demo.test")


def test_a_moderator_lets_a_post_pass(veredus, sink):
    veredus.run("list", "set", "news@demo.test", "--member", "you@elsewhere.example", "--moderator", "alice@demo.test",
                "--posting", "moderators", "--moderation", "on")
    post = wire.message("hello", sender="me@example.test", to="news@demo.test")
    stranger(veredus, "me@example.test", "news@demo.test", post)
    listed = veredus.json("message", "list", "alice@demo.test")["messages"]
    assert len(listed) == 1 and not sink.messages
    veredus.run("list", "approve", "news@demo.test", "--account", "alice@demo.test", "--email", listed[0]["email"])
    sent = sink.wait()[0]
    assert sent.to == ["you@elsewhere.example"] and sent.octets.endswith(post.partition(b"\r\n\r\n")[2])
    assert b"X-Veredus-Moderation" not in sent.octets
    assert veredus.take("alice") == [], "what is decided lies on nobody's desk"
    veredus.run("list", "remove", "news@demo.test")


def test_a_post_is_decided_once_for_all_moderators(veredus, sink):
    veredus.run("list", "set", "news@demo.test", "--member", "you@elsewhere.example", "--moderator", "alice@demo.test", "--moderator",
                "bob@demo.test", "--posting", "moderators", "--moderation", "on")
    try:
        post = wire.message("hello", sender="me@example.test", to="news@demo.test")
        for decision, sent in (("reject", 0), ("approve", 1)):
            stranger(veredus, "me@example.test", "news@demo.test", post)
            veredus.send(wire.message("private"), to="bob@demo.test")
            veredus.settled()
            [listed] = veredus.json("message", "list", "alice@demo.test")["messages"]
            done = veredus.json("list", decision, "news@demo.test", "--account", "alice@demo.test", "--email", listed["email"])
            assert done["copies_removed"] == 2
            assert veredus.take("alice") == []
            assert [wire.subject_of(m) for m in veredus.take("bob")] == ["private"]
            again = veredus.run("list", decision, "news@demo.test", "--account", "alice@demo.test", "--email", listed["email"], check=False)
            assert again.returncode != 0, "there is nothing left to decide"
            if sent:
                sink.wait(sent)
        assert len(sink.messages) == 1
    finally:
        veredus.run("list", "remove", "news@demo.test")


class Provider(Peer):
    """A server that wants to know who is there."""
    password = "an app password"

    def offered(self, session):
        return super().offered(session) + ["AUTH PLAIN"]

    def answer(self, what, usual):
        if what == "AUTH":
            said = self.sessions[-1].commands[-1].split()[-1]
            if base64.b64decode(said).decode().split("\0")[2] != self.password:
                return "535 5.7.8 not you"
            return "235 2.7.0 welcome"
        return super().answer(what, usual)


def test_a_sending_account_is_tried_and_then_used(veredus, sink, port, tmp_path):
    connect = ("sending", "connect", "alice@demo.test", "alice@provider.example", "--host", f"{SMART}:{port}", "--user",
               "alice", "--json")
    chain, key = relay.certificate(tmp_path, "127.0.0.31")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    with Provider(SMART, port, tls=context) as provider:
        def try_out(password, *more):
            return json.loads(veredus.run(*connect, *more, stdin=password + "\n").stdout)

        assert not try_out(Provider.password)["verified"]  # its certificate is nobody's
        answer = try_out("wrong", "--tls", "encrypt")
        assert not answer["verified"] and "535" in answer["last_error"], answer
        with veredus.submission("alice") as session:
            assert session.ask("MAIL FROM:<alice@provider.example>").code == 553
        answer = try_out(Provider.password, "--tls", "encrypt")
        assert answer["verified"], answer
        assert Provider.password not in str(answer)
        assert provider.wait()[0].to == ["alice@demo.test"]
        with veredus.submission("alice") as session:
            message = wire.message("hi", sender="alice@provider.example", to="you@elsewhere.example")
            reply = session.mail("alice@provider.example", ["you@elsewhere.example"], message)
            assert reply.code == 250, str(reply)
        assert provider.wait(2)[1].sender == "alice@provider.example"
        assert not sink.messages
    assert Provider.password not in veredus.log()
    veredus.run("sending", "remove", "alice@demo.test", "alice@provider.example")


def test_what_is_held_comes_later_and_who_asked_is_told(veredus, sink):
    octets = wire.message("later", sender="alice@demo.test", to="bob@demo.test")
    with veredus.submission("alice") as session:
        session.ask("MAIL FROM:<alice@demo.test> HOLDFOR=3 ENVID=e1", 250)
        session.ask("RCPT TO:<bob@demo.test> NOTIFY=SUCCESS", 250)
        session.ask("RCPT TO:<you@elsewhere.example>", 250)
        assert session.data(octets).code == 250
    assert not veredus.json("message", "list", "bob@demo.test")["messages"] and not sink.messages
    sink.wait()
    veredus.take_one("bob")
    _, recipients, _ = report_of(veredus.take_one("alice"))
    assert recipients[0]["action"] == "delivered"
