"""What is read is what was sent, octet for octet, after our own header fields."""
import random
import re

import pytest
import wire

OURS = re.compile(rb"(?:(?:Return-Path|Delivered-To|Received): [^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*)+")


def noise(octets, seed):
    """Lines of any octets but CR, LF and NUL."""
    allowed = bytes(o for o in range(1, 256) if o not in b"\r\n")
    out, source = bytearray(), random.Random(seed)
    while len(out) < octets:
        out += bytes(source.choices(allowed, k=source.randrange(0, 200))) + b"\r\n"
    return bytes(out)


HEADER = b"From: <sender@example.org>\r\nSubject: exact\r\n\r\n"
MESSAGES = {
    "nothing": b"",
    "only an empty line": b"\r\n",
    "only a header": b"Subject: alone\r\n",
    "no header": b"\r\njust text\r\n",
    "no header at all": b"this is no header\r\n",
    "dots": HEADER + b".\r\n..\r\n...\r\n.a\r\n..b\r\n\r\n.\r\n",
    "a dot at the very beginning": b".\r\n",
    "empty lines at the end": HEADER + b"text\r\n\r\n\r\n\r\n",
    "eight bits": HEADER + "Grüße, 世界 ✓\r\n".encode() + bytes(range(128, 256)) + b"\r\n",
    "control characters": HEADER + bytes(o for o in range(1, 32) if o not in b"\r\n") + b"\x7f\r\n",
    "noise": HEADER + noise(200_000, 1),
    "a chunk of the store, exactly": HEADER + b"x" * (262_144 - len(HEADER) - 2) + b"\r\n",
    "a line of 300,000 octets": HEADER + b"y" * 300_000 + b"\r\n",
    "20 MiB": HEADER + noise(1 << 20, 2) * 20,
}


def check(veredus, sent):
    with veredus.pop3("alice") as session:
        number, octets = session.stat()
        assert number == 1
        stored = session.retrieve(1)
        assert octets == len(stored) == int(session.ask("LIST 1").split()[2])
    stored_alone = wire.ours_and_theirs(stored, sent)
    assert OURS.fullmatch(stored_alone), stored_alone


@pytest.mark.parametrize("name", MESSAGES)
def test_data_is_kept_as_it_came(veredus, name):
    with veredus.smtp() as session:
        session.hello()
        reply = session.mail("sender@example.org", "alice@demo.test", MESSAGES[name], " BODY=8BITMIME")
        assert reply.code == 250, str(reply)
    check(veredus, MESSAGES[name])


@pytest.mark.parametrize("name", ["dots", "noise", "a chunk of the store, exactly", "20 MiB"])
def test_chunks_of_any_size_are_kept_as_they_came(veredus, name):
    sent, source = MESSAGES[name], random.Random(3)
    with veredus.smtp() as session:
        session.hello()
        session.envelope("sender@example.org", "alice@demo.test", parameters=" BODY=8BITMIME")
        sizes = [1, 100, 5_000, 262_144, 3_000_000] if len(sent) > 1_000_000 else [1, 100, 50_000]
        at = 0
        while at < len(sent):
            piece = sent[at:at + source.choice(sizes)]
            at += len(piece)
            session.send(b"BDAT %d%s\r\n" % (len(piece), b" LAST" if at == len(sent) else b"") + piece)
            assert session.reply().code == 250
    check(veredus, sent)


def test_binary_messages_are_kept_as_they_came(veredus):
    sent = (b"MIME-Version: 1.0\r\nSubject: binary\r\nContent-Type: application/octet-stream\r\n"
            b"Content-Transfer-Encoding: binary\r\n\r\n" + bytes(range(256)) * 2000 + b"\r\n")
    with veredus.smtp() as session:
        session.hello()
        session.envelope("sender@example.org", "alice@demo.test", parameters=" BODY=BINARYMIME")
        session.send(b"BDAT %d LAST\r\n" % len(sent) + sent)
        assert session.reply().code == 250
    check(veredus, sent)


def test_a_message_cut_into_single_octets_is_the_same(veredus):
    sent = MESSAGES["dots"]
    with veredus.smtp() as session:
        session.hello()
        session.envelope("sender@example.org", "alice@demo.test")
        session.ask("DATA", 354)
        for octet in wire.stuff(sent):
            session.send(bytes([octet]))
        assert session.reply().code == 250
    check(veredus, sent)


def test_two_accounts_get_the_same_octets(veredus):
    sent = MESSAGES["20 MiB"]
    with veredus.smtp() as session:
        session.hello()
        assert session.mail("sender@example.org", ["alice@demo.test", "bob@demo.test"], sent).code == 250
    assert wire.ours_and_theirs(veredus.take_one("bob"), sent)
    check(veredus, sent)


def test_the_admin_shows_what_pop3_gives(veredus):
    veredus.send(MESSAGES["dots"])
    email = veredus.json("message", "list", "alice@demo.test")["messages"][0]["email"]
    shown = veredus.run("message", "show", "alice@demo.test", str(email)).stdout
    assert shown.encode().replace(b"\r\n", b"\n") == veredus.take_one().replace(b"\r\n", b"\n")
