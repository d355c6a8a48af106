"""LMTP (RFC 2033): one reply for each recipient."""
import os
import stat

import pytest
import wire


@pytest.fixture
def session(veredus):
    with veredus.smtp("lmtp") as opened:
        opened.hello("LHLO")
        yield opened


def test_each_recipient_is_answered_after_the_data(veredus, session):
    session.envelope("you@example.org", "alice@demo.test", "bob@demo.test")
    session.ask("RCPT TO:<nobody@demo.test>", 550)
    assert session.data(wire.message("two replies")).code == 250
    assert session.reply().code == 250
    session.ask("NOOP", 250)
    for user in ("alice", "bob"):
        assert wire.subject_of(veredus.take_one(user)) == "two replies"


def test_a_full_mailbox_is_told_for_itself_alone(veredus, session):
    veredus.run("account", "set", "carol@demo.test", "--quota", "1KiB")
    try:
        session.envelope("you@example.org", "alice@demo.test", "carol@demo.test", "bob@demo.test")
        replies = [session.data(wire.message("big", "x" * 2000 + "\r\n"))] + [session.reply() for _ in range(2)]
    finally:
        veredus.run("account", "set", "carol@demo.test", "--quota", "none")
    assert [reply.code for reply in replies] == [250, replies[1].code, 250]
    assert replies[1].code in (452, 552), str(replies[1])
    for user, count in (("alice", 1), ("bob", 1), ("carol", 0)):
        veredus.settled()
        veredus.take(user, count)


def test_a_refused_message_is_refused_for_each(veredus, session):
    session.envelope("you@example.org", "alice@demo.test", "bob@demo.test")
    session.ask("DATA", 354)
    session.send(b"bare\nlf\r\n.\r\n")
    assert [session.reply().code for _ in range(2)] == [550, 550]
    assert veredus.take("alice") == veredus.take("bob") == []


def test_it_begins_with_lhlo(veredus):
    with veredus.smtp("lmtp") as session:
        session.reply()
        session.ask("EHLO client.example.org", 500)
        session.ask("LHLO client.example.org", 250)


def test_the_socket_has_the_mode_that_was_asked_for(veredus):
    status = os.stat(veredus.lmtp)
    assert stat.S_ISSOCK(status.st_mode) and stat.S_IMODE(status.st_mode) == 0o666
