"""SMTP smuggling: only <CRLF>.<CRLF> ends a message, and nothing is taken for the envelope of another."""
import json

import pytest
import server
import wire

# What was ever taken for the end of a message, here so that the test runs without the suite too.
KNOWN = ["\n.\n", "\n.\r", "\r.\n", "\r.\r", "\n.\r\n", "\r.\r\n", "\r\n\0.\r\n", "\r\n.\n", "\r\n.\r", "\r\n.\r\r\n",
         "\r\r\n.\r\r\n"]
SUITE = server.SUITES / "smtp-smuggling/eod-sequences.json"


def sequences():
    found = json.loads(SUITE.read_text())["inbound_must_not_end_data"] if SUITE.is_file() else []
    return found + [one for one in KNOWN if one not in found]


def test_the_suite_is_there():
    if not SUITE.is_file():
        pytest.skip(f"{SUITE} is not there (VEREDUS_SUITES names the folder): only the built-in sequences are tried")


def attack(session, sequence, sender):
    """All replies after the envelope, until QUIT's or the end of the connection."""
    inner = ("MAIL FROM:<{0}>\r\nRCPT TO:<bob@demo.test>\r\nDATA\r\n"
             "From: <{0}>\r\nSubject: SMUGGLED\r\n\r\nsmuggled\r\n.\r\n")
    outer = "From: <{0}>\r\nSubject: outer\r\n\r\nTESTING\r\nSMUGGLINGSTART"
    session.envelope(sender, "alice@demo.test")
    session.ask("DATA", 354)
    session.send((outer.format(sender) + sequence + inner.format(sender)).encode() + b"QUIT\r\n")
    replies = []
    while (line := session.line()) is not None:
        replies.append(line.decode())
    return replies


@pytest.mark.parametrize("sequence", sequences(), ids=repr)
@pytest.mark.parametrize("listener", ["smtp", "submissions"])
def test_nothing_is_smuggled(veredus, sequence, listener):
    if listener == "smtp":
        session, sender = veredus.smtp(), "smuggled@evil.example"
        session.hello()
    else:
        session, sender = veredus.submission(), "alice@demo.test"
    with session:
        replies = attack(session, sequence, sender)
    codes = [line[:3] for line in replies]
    assert codes in (["550", "221"], ["250", "221"]), replies  # one verdict, and QUIT's: nothing in between was obeyed
    stored = veredus.take("alice")
    assert len(stored) == (codes[0] == "250")
    for message in stored:
        assert wire.subject_of(message) == "outer"
    assert veredus.take("bob") == []


def test_the_true_end_ends_the_message(veredus):
    with veredus.smtp() as session:
        session.hello()
        session.envelope("a@example.org", "alice@demo.test")
        session.ask("DATA", 354)
        session.send(b"Subject: true\r\n\r\ntext\r\n.\r\n")
        assert session.reply().code == 250
    assert veredus.take_one().endswith(b"\r\n\r\ntext\r\n")


@pytest.mark.parametrize("octets", [b"a\nb\r\n", b"a\rb\r\n", b"a\0b\r\n", b"\n", b"\r"], ids=repr)
def test_a_chunk_with_a_bare_cr_or_lf_is_refused_too(veredus, octets):
    with veredus.smtp() as session:
        session.hello()
        session.envelope("a@example.org", "alice@demo.test", parameters=" BODY=8BITMIME")
        text = b"Subject: chunk\r\n\r\n" + octets
        session.send(b"BDAT %d LAST\r\n" % len(text) + text)
        reply = session.reply()
        assert reply.code == 550 and reply.text.startswith("5.6.0"), str(reply)
        session.ask("NOOP", 250)
    assert veredus.take() == []


@pytest.mark.parametrize("line", [b"NOOP\nNOOP\n", b"MAIL FROM:<a@example.org>\nRCPT TO:<alice@demo.test>\r\n",
                                  b"NOOP\rNOOP\r\n"], ids=repr)
def test_commands_end_with_crlf_and_nothing_else(veredus, line):
    with veredus.smtp() as session:
        session.hello()
        session.send(line)
        assert session.reply().code == 500
