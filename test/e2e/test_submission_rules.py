"""What our own people may send, and what becomes of it."""
import re

import pytest
import wire


@pytest.fixture
def session(veredus):
    with veredus.submission() as opened:
        yield opened


def letter(header, body="Hello.\r\n"):
    return (header + "\r\n" + body).encode()


def test_the_sender_must_be_ones_own(veredus, session):
    assert session.ask("MAIL FROM:<bob@demo.test>", 553).text.startswith("5.7.1")
    assert session.ask("MAIL FROM:<someone@elsewhere.example>", 553).text.startswith("5.7.1")
    session.ask("MAIL FROM:<alice+tag@demo.test>", 250)
    session.ask("RSET", 250)
    session.ask("MAIL FROM:<>", 250)


def test_an_alias_of_ones_own_may_be_used(veredus, session):
    veredus.run("alias", "set", "sales@demo.test", "alice@demo.test", "--senders")
    assert session.mail("sales@demo.test", "bob@demo.test",
                        letter("From: Sales <sales@demo.test>\r\n")).code == 250
    assert b"Return-Path: <sales@demo.test>" in veredus.take_one("bob")
    veredus.run("alias", "remove", "sales@demo.test")
    assert session.ask("MAIL FROM:<sales@demo.test>").code == 553


@pytest.mark.parametrize("header", ["From: <bob@demo.test>\r\n", "From: alice@demo.test, bob@demo.test\r\n",
                                    "From: <someone@elsewhere.example>\r\n"])
def test_the_author_must_be_oneself_too(veredus, session, header):
    reply = session.mail("alice@demo.test", "bob@demo.test", letter(header))
    assert reply.code == 550 and reply.text.startswith("5.7.1")
    assert veredus.take("bob") == []


def test_two_authors_fields_are_refused(veredus, session):
    reply = session.mail("alice@demo.test", "bob@demo.test",
                         letter("From: <alice@demo.test>\r\nFrom: <bob@demo.test>\r\n"))
    assert reply.code == 554
    assert veredus.take("bob") == []


def test_date_and_message_id_are_added_when_missing(veredus, session):
    assert session.mail("alice@demo.test", "bob@demo.test",
                        letter("From: <alice@demo.test>\r\nSubject: bare\r\n")).code == 250
    header = wire.header_of(veredus.take_one("bob")).decode()
    assert re.search(r"(?m)^Date: \w{3}, +\d+ \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}\r$", header)
    assert re.search(r"(?m)^Message-ID: <\S+@mx\.demo\.test>\r$", header)


def test_date_and_message_id_stay_when_they_are_there(veredus, session):
    sent = letter("Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nmessage-id: <mine@example.org>\r\n"
                  "From: <alice@demo.test>\r\nX-Odd:  spaces \t stay \r\n  folded\r\n", ".dot\r\n")
    assert session.mail("alice@demo.test", "bob@demo.test", sent).code == 250
    assert veredus.take_one("bob").endswith(sent)


def test_blind_copies_stay_blind(veredus, session):
    sent = letter("From: <alice@demo.test>\r\nTo: bob@demo.test\r\nBCC: carol@demo.test,\r\n more@demo.test\r\n"
                  "Subject: blind\r\n", "Bcc: is text here\r\n")
    assert session.mail("alice@demo.test", ["bob@demo.test", "carol@demo.test"], sent).code == 250
    for user in ("bob", "carol"):
        stored = veredus.take_one(user)
        assert b"bcc" not in wire.header_of(stored).lower() and b"more@" not in stored
        assert stored.endswith(b"\r\n\r\nBcc: is text here\r\n")


def test_nobody_submits_without_a_login(veredus):
    with veredus.smtp("submissions") as stranger:
        stranger.hello()
        assert stranger.ask("MAIL FROM:<alice@demo.test>").code == 530


def test_the_trace_shows_the_protocol_and_hides_the_login(veredus, session):
    assert session.mail("alice@demo.test", "bob@demo.test", letter("From: <alice@demo.test>\r\n")).code == 250
    header = wire.header_of(veredus.take_one("bob"))
    assert b" with ESMTPSA" in header and b"authenticated" not in header and b"\ttls TLS_" in header


def test_the_login_is_shown_when_the_configuration_says_so(new_server):
    running = new_server(settings="[smtp]\nnote_login = true\n")
    with running.submission() as session:
        assert session.mail("alice@demo.test", "bob@demo.test", letter("From: <alice@demo.test>\r\n")).code == 250
    assert b"(authenticated as alice@demo.test)" in running.take_one("bob")
