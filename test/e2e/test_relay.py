"""The way out: mail for other domains, found by DNS, and other servers that do as they like."""
import base64
import contextlib
import email
import email.policy
import ssl
import threading
import time

import pytest

import dns_server
import peers
import relay
import server as servers
import wire
from peers import CLOSE, Peer
from relay import report_of, send

pytestmark = pytest.mark.skipif(not dns_server.available(), reason="nsd is not installed")


@pytest.fixture(scope="module")
def dns():
    with dns_server.DnsServer({"world.test": relay.zone()}) as server:
        yield server


@pytest.fixture(scope="module")
def port():
    return peers.free_port(*relay.addresses())


@pytest.fixture(scope="module")
def veredus_of_file(dns, port):
    with servers.serving(settings=relay.settings(dns, port)) as running:
        yield running


@pytest.fixture
def peer(port):
    """peer("plain", on={…}) is the first mail host of plain.world.test."""
    with contextlib.ExitStack() as stack:
        yield lambda domain, number=0, **arguments: stack.enter_context(Peer(relay.HOSTS[domain][number], port, **arguments))


@pytest.fixture(autouse=True)
def nothing_left(veredus):
    yield
    veredus.run("queue", "drop", "--all", check=False)


def the_report(veredus, user="alice"):
    message, recipients, text = report_of(veredus.take_one(user))
    assert len(recipients) == 1, recipients
    return message, recipients[0], text


def test_mail_goes_to_the_host_the_mx_record_names(veredus, peer):
    there = peer("plain")
    sent = wire.message("away", "..dots\r\n.\r\nend\r\n", sender="alice@demo.test", to="you@plain.world.test")
    sent = sent.replace(b"Subject:", b"Date: Sun, 22 Nov 2026 08:00:00 +0000\r\nMessage-ID: <1@demo.test>\r\nSubject:")
    ident = send(veredus, "you@plain.world.test", sent)
    message = there.wait()[0]
    assert message.sender == "alice@demo.test"
    assert message.to == ["you@plain.world.test"]
    ours = wire.ours_and_theirs(message.octets, sent).decode()
    assert ours.startswith("Received: ") and "mx.demo.test" in ours
    assert "Return-Path" not in ours and "Delivered-To" not in ours
    assert there.sessions[0].hello == "mx.demo.test"
    relay.wait_empty(veredus)
    assert ident in veredus.run("message", "trace", ident).stdout


def test_a_domain_without_mx_has_its_address(veredus, port):
    with Peer("127.0.0.11", port) as there:
        send(veredus, "you@direct.world.test")
        assert there.wait()[0].to == ["you@direct.world.test"]


def test_two_recipients_of_one_domain_are_one_message(veredus, peer):
    there = peer("plain")
    send(veredus, ["a@plain.world.test", "b@plain.world.test"])
    assert sorted(there.wait()[0].to) == ["a@plain.world.test", "b@plain.world.test"]
    relay.wait_empty(veredus)
    assert len(there.messages) == 1


def test_here_and_there_and_elsewhere(veredus, peer):
    there, elsewhere = peer("plain"), peer("mixed")
    send(veredus, ["bob@demo.test", "you@plain.world.test", "you@mixed.world.test"])
    assert there.wait()[0].to == ["you@plain.world.test"]
    assert elsewhere.wait()[0].to == ["you@mixed.world.test"]
    veredus.take_one("bob")
    relay.wait_empty(veredus)


def test_who_says_later_is_asked_again(veredus, peer):
    there = peer("later", on={"RCPT": ["451 4.3.2 come back later", None]})
    send(veredus, "you@later.world.test")
    assert there.wait()[0].to == ["you@later.world.test"]
    assert sum(c.upper().startswith("RCPT") for s in there.sessions for c in s.commands) == 2
    relay.wait_empty(veredus)
    assert veredus.take() == []


@pytest.mark.parametrize("where", ["MAIL", "DATA", "end", "EHLO", "greeting"])
def test_later_may_be_said_anywhere(veredus, peer, where):
    there = peer("later", on={where: ["451 4.3.2 not now", None]})
    if where == "EHLO":
        there.on["HELO"] = ["451 4.3.2 not now", None]
    send(veredus, "you@later.world.test")
    there.wait()
    relay.wait_empty(veredus)
    assert len(there.messages) == 1 and veredus.take() == []


def test_one_recipient_may_be_refused_and_another_put_off(veredus, peer):
    there = peer("mixed", on={"RCPT": ["250 2.1.5 fine", "550 5.1.1 no such user", "450 4.2.1 busy", "250 2.1.5 fine"]})
    send(veredus, ["a@mixed.world.test", "b@mixed.world.test", "c@mixed.world.test"])
    first, second = there.wait(2)
    assert len(first.to) == 1 and len(second.to) == 1
    _, refused, _ = the_report(veredus)
    assert refused["status"] == "5.1.1"
    assert {first.to[0], second.to[0], refused["final-recipient"].split(";")[1].strip()} == \
        {f"{x}@mixed.world.test" for x in "abc"}


@pytest.mark.parametrize("where", ["MAIL", "RCPT", "DATA", "end"])
def test_who_says_never_makes_a_report(veredus, peer, where):
    there = peer("never", on={where: "550 5.7.1 we do not like you"})
    send(veredus, "you@never.world.test")
    message, recipient, text = the_report(veredus)
    assert recipient["action"] == "failed"
    assert recipient["status"] == "5.7.1"
    assert "550 5.7.1 we do not like you" in recipient["diagnostic-code"]
    assert recipient["final-recipient"].replace(" ", "") == "rfc822;you@never.world.test"
    assert "mx0.never.world.test" in recipient["remote-mta"]
    assert "you@never.world.test" in text
    assert message["From"] and "demo.test" in message["From"]
    assert message["Auto-Submitted"].startswith("auto-")
    relay.wait_empty(veredus)
    assert there.messages == []


def test_a_report_is_not_reported(veredus, peer):
    """The null reverse-path: what cannot be told anybody is dropped (RFC 5321 s6.1)."""
    there = peer("never", on={"RCPT": "550 5.1.1 unknown"})
    with veredus.submission() as session:
        reply = session.mail("", "you@never.world.test", wire.message("x", sender="alice@demo.test"))
        assert reply.code in (250, 550, 553), str(reply)
    relay.wait_empty(veredus)
    assert there.messages == [] and veredus.take() == []


def test_greylisting_is_waited_out(veredus, peer):
    there = peer("grey", on={"RCPT": ["450 4.7.1 greylisted, try again in 1 second"] * 2 + [None]})
    send(veredus, "you@grey.world.test")
    there.wait()
    relay.wait_empty(veredus)
    assert veredus.take() == []


def test_a_tarpit_keeps_nobody_else_waiting(veredus, peer):
    slow, quick = peer("tar", delay=1.5), peer("plain")
    for _ in range(5):
        send(veredus, "you@tar.world.test")
    began = time.monotonic()
    send(veredus, "you@plain.world.test")
    quick.wait()
    assert time.monotonic() - began < 5 * (5 if servers.sanitized() else 1)
    slow.wait(5, patience=120)
    relay.wait_empty(veredus)


def test_who_dies_after_the_message_may_have_it_and_is_asked_again(veredus, peer):
    there = peer("dying", on={"end": [CLOSE, None]})
    ident = send(veredus, "you@dying.world.test")
    there.wait()
    relay.wait_empty(veredus)
    assert len(there.sessions) >= 2
    assert "uncertain" in veredus.run("message", "trace", ident, "--json").stdout


@pytest.mark.parametrize("where", ["greeting", "EHLO", "MAIL", "RCPT", "DATA"])
def test_who_dies_before_the_message_is_asked_again(veredus, peer, where):
    there = peer("dying", on={where: [CLOSE, None]})
    ident = send(veredus, "you@dying.world.test")
    there.wait()
    relay.wait_empty(veredus)
    assert len(there.messages) == 1
    assert "uncertain" not in veredus.run("message", "trace", ident, "--json").stdout


@pytest.mark.parametrize("reply", [b"220-" + b"x" * (1 << 20) + b"\r\n220 end\r\n", b"220-lines\r\n" * 100_000 + b"220 end\r\n",
                                   b"nonsense\r\n", b"\0\1\2\r\n"], ids=["long line", "many lines", "no code", "zeros"])
def test_replies_out_of_all_measure_are_survived(veredus, peer, reply):
    there = peer("verbose", on={"greeting": [reply, None]})
    send(veredus, "you@verbose.world.test")
    there.wait()
    relay.wait_empty(veredus)


def test_eight_bit_mail_is_recoded_for_who_takes_seven(veredus, peer):
    there = peer("seven", extensions=("PIPELINING", "ENHANCEDSTATUSCODES"))
    text = "Grüße aus München, 100 €\r\n.Punkt am Anfang\r\n"
    sent = wire.message("eight", text, sender="alice@demo.test",
                        more="MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n")
    send(veredus, "you@seven.world.test", sent, parameters=" BODY=8BITMIME")
    message = there.wait()[0]
    assert "BODY" not in message.mail
    assert message.octets.isascii()
    read = email.message_from_bytes(message.octets, policy=email.policy.default)
    assert read.get_content().replace("\r\n", "\n") == text.replace("\r\n", "\n")


def test_eight_bit_mail_stays_as_it_is_for_who_takes_it(veredus, peer):
    there = peer("plain")
    sent = wire.message("eight", "Grüße\r\n", sender="alice@demo.test",
                        more="MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n")
    send(veredus, "you@plain.world.test", sent, parameters=" BODY=8BITMIME")
    message = there.wait()[0]
    assert "BODY=8BITMIME" in message.mail
    assert "Grüße\r\n".encode() in message.octets


def test_an_international_address_needs_a_host_that_takes_it(veredus, peer):
    ascii_only = peer("ascii", extensions=("PIPELINING", "8BITMIME"))
    with veredus.submission() as session:
        reply = session.mail("alice@demo.test", "jürgen@ascii.world.test", wire.message("x", sender="alice@demo.test"),
                             parameters=" SMTPUTF8")
        assert reply.code == 250, str(reply)
    _, recipients, _ = report_of(veredus.take_one())
    assert recipients[0]["status"] in ("5.6.7", "5.6.9", "5.6.10"), recipients
    assert ascii_only.messages == []


def test_an_international_address_goes_where_it_is_taken(veredus, peer):
    there = peer("plain")
    with veredus.submission() as session:
        reply = session.mail("alice@demo.test", "jürgen@plain.world.test", wire.message("x", sender="alice@demo.test"),
                             parameters=" SMTPUTF8")
        assert reply.code == 250, str(reply)
    message = there.wait()[0]
    assert "SMTPUTF8" in message.mail
    assert message.to == ["jürgen".encode().decode(errors="surrogateescape") + "@plain.world.test"]


def test_the_backup_takes_it_when_the_first_is_down(veredus, peer):
    backup = peer("two", 1)
    send(veredus, "you@two.world.test")
    assert backup.wait()[0].to == ["you@two.world.test"]
    relay.wait_empty(veredus)


def test_the_first_gets_it_when_both_are_up(veredus, peer):
    first, backup = peer("two"), peer("two", 1)
    send(veredus, "you@two.world.test")
    first.wait()
    relay.wait_empty(veredus)
    assert backup.messages == []


def test_the_backup_is_asked_when_the_first_greets_with_later(veredus, peer):
    first, backup = peer("two", on={"greeting": "421 4.3.2 closed"}), peer("two", 1)
    send(veredus, "you@two.world.test")
    backup.wait()
    relay.wait_empty(veredus)
    assert first.messages == []


def test_ipv6_is_spoken(veredus, peer):
    there = peer("six")
    send(veredus, "you@six.world.test")
    assert there.wait()[0].to == ["you@six.world.test"]


@pytest.mark.parametrize("domain,status", [("nomail", "5.1.10"), ("missing", "5.1.2")])
def test_a_domain_without_mail_is_reported_at_once(veredus, domain, status):
    with veredus.submission() as session:
        session.ask("MAIL FROM:<alice@demo.test>", 250)
        reply = session.ask(f"RCPT TO:<you@{domain}.world.test>")
        if reply.code == 550:
            return
        assert session.data(wire.message("x", sender="alice@demo.test")).code == 250
    _, recipient, _ = the_report(veredus)
    assert recipient["action"] == "failed"
    assert recipient["status"] == status


def test_a_domain_whose_host_has_no_address_is_reported(veredus):
    send(veredus, "you@dangling.world.test")
    _, recipient, _ = the_report(veredus)
    assert recipient["status"].startswith("5.")


def test_tls_is_used_where_it_is_offered(veredus, peer, tmp_path):
    chain, key = relay.certificate(tmp_path, "mx0.tls.world.test")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain, key)
    there = peer("tls", tls=context)
    send(veredus, "you@tls.world.test")
    assert there.wait()[0].tls
    hellos = [c for c in there.sessions[0].commands if c.upper().startswith("EHLO")]
    assert len(hellos) == 2, "said again after STARTTLS (RFC 3207 s4.2)"


@pytest.mark.parametrize("on", [{"STAR": "454 4.7.0 TLS not available"}, {"STAR": "220 go", "handshake": b"no TLS at all\r\n"}],
                         ids=["refused", "broken"])
def test_mail_goes_without_tls_where_tls_does_not_work(veredus, peer, on):
    there = peer("tls", on=on)
    there.extensions = (*peers.EXTENSIONS, "STARTTLS")
    send(veredus, "you@tls.world.test")
    assert not there.wait()[0].tls


def test_what_requires_tls_does_not_go_without(veredus, peer):
    """RFC 8689 s4.2.1."""
    there = peer("plain")
    with veredus.submission() as session:
        reply = session.mail("alice@demo.test", "you@plain.world.test", wire.message("x", sender="alice@demo.test"),
                             parameters=" REQUIRETLS")
        assert reply.code == 250, str(reply)
    _, recipient, _ = the_report(veredus)
    assert recipient["status"] in ("5.7.10", "5.7.30")
    assert there.messages == []


def test_notify_is_heeded(veredus, peer):
    """RFC 3461 s4.1: never, and on success where nobody else can tell."""
    there = peer("plain", extensions=("PIPELINING", "8BITMIME"))
    with veredus.submission() as session:
        session.ask("MAIL FROM:<alice@demo.test> RET=HDRS ENVID=QQ314159", 250)
        session.ask("RCPT TO:<good@plain.world.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;first@example.org", 250)
        assert session.data(wire.message("told", sender="alice@demo.test")).code == 250
    there.wait()
    message, recipient, _ = the_report(veredus)
    assert recipient["action"] == "relayed"
    assert recipient["original-recipient"].replace(" ", "") == "rfc822;first@example.org"
    assert "QQ314159" in message.as_string()
    there.on["RCPT"] = "550 5.1.1 unknown"
    with veredus.submission() as session:
        session.ask("MAIL FROM:<alice@demo.test>", 250)
        session.ask("RCPT TO:<bad@plain.world.test> NOTIFY=NEVER", 250)
        assert session.data(wire.message("quiet", sender="alice@demo.test")).code == 250
    relay.wait_empty(veredus)
    assert veredus.take() == []


def test_dsn_wishes_are_handed_on(veredus, peer):
    there = peer("plain")
    with veredus.submission() as session:
        session.ask("MAIL FROM:<alice@demo.test> RET=HDRS ENVID=QQ314159", 250)
        session.ask("RCPT TO:<good@plain.world.test> NOTIFY=SUCCESS ORCPT=rfc822;first@example.org", 250)
        assert session.data(wire.message("told", sender="alice@demo.test")).code == 250
    message = there.wait()[0]
    assert "RET=HDRS" in message.mail and "ENVID=QQ314159" in message.mail
    assert "NOTIFY=SUCCESS" in message.recipients[0] and "ORCPT=rfc822;first@example.org" in message.recipients[0]
    relay.wait_empty(veredus)
    assert veredus.take() == []


def test_a_stranger_is_not_relayed(veredus):
    with veredus.smtp() as session:
        session.hello()
        session.ask("MAIL FROM:<you@example.org>", 250)
        assert session.ask("RCPT TO:<you@plain.world.test>").code == 550


def test_a_large_message_goes_whole(veredus, peer):
    there = peer("plain")
    body = base64.encodebytes(bytes(range(256)) * 20_000).replace(b"\n", b"\r\n").decode()
    sent = wire.message("large", body, sender="alice@demo.test")
    send(veredus, "you@plain.world.test", sent)
    assert there.wait()[0].octets.endswith(body.encode())


def test_many_messages_share_connections(veredus, peer):
    there = peer("plain")
    with veredus.submission() as session:
        for i in range(60):
            assert session.mail("alice@demo.test", "you@plain.world.test",
                                wire.message(f"number {i}", sender="alice@demo.test")).code == 250
    messages = there.wait(60)
    assert sorted(wire.subject_of(m.octets) for m in messages) == sorted(f"number {i}" for i in range(60))
    assert len(there.sessions) < 60
    relay.wait_empty(veredus)


def test_what_is_queued_survives_the_servers_death(veredus, peer):
    for i in range(10):
        send(veredus, "you@closed.world.test", wire.message(f"number {i}", sender="alice@demo.test"))
    veredus.kill()
    there = peer("closed")
    veredus.start()
    messages = there.wait(10)
    relay.wait_empty(veredus)
    assert sorted(wire.subject_of(m.octets) for m in messages) == sorted(f"number {i}" for i in range(10))
    assert len(there.messages) == 10


def test_a_server_that_dies_before_the_reply_sends_again_and_says_so(veredus, peer):
    """The window between the other host's 250 and our commit of it: nothing is lost, and what may be there twice is known."""
    died = threading.Event()

    def kill():
        veredus.kill()
        died.set()

    there = peer("dying", on={"end": [kill, None]})
    ident = send(veredus, "you@dying.world.test")
    assert died.wait(60)
    veredus.start()
    first, second = there.wait(2)
    assert first.octets == second.octets
    relay.wait_empty(veredus)
    assert len(there.messages) == 2
    assert "uncertain" in veredus.run("message", "trace", ident, "--json").stdout


@pytest.mark.parametrize("where", ["EHLO", "MAIL", "RCPT", "DATA"])
def test_a_reply_of_a_megabyte_is_survived_anywhere(veredus, peer, where):
    there = peer("verbose", on={where: [b"250-" + b"x" * (1 << 20) + b"\r\n250 end\r\n", None]})
    send(veredus, "you@verbose.world.test")
    there.wait()
    relay.wait_empty(veredus)
    assert len(there.messages) == 1


def test_a_queued_message_can_be_held_seen_and_released(veredus, peer):
    send(veredus, "you@closed.world.test")
    listed = veredus.json("queue", "list", "--all")["entries"]
    assert len(listed) == 1
    veredus.run("queue", "hold", "--domain", "closed.world.test", "--because", "let us see")
    there = peer("closed")
    time.sleep(3)
    assert there.messages == []
    assert "let us see" in veredus.run("queue", "list", "--held").stdout
    veredus.run("queue", "release", "--held")
    there.wait()
    relay.wait_empty(veredus)
