"""International headers for POP3 clients that did not ask for UTF-8: readable, and as long as was said (RFC 6856, RFC 6858)."""
import email
import email.header
import email.policy

import pytest

import wire

MESSAGE = ("From: Jürgen <jürgen@bücher.example>\r\nTo: alice@demo.test\r\nSubject: Grüße aus München\r\nX-Plain: as it is\r\n"
           "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
           ".Grüße\r\nEnde\r\n").encode()


@pytest.fixture
def kept(veredus):
    with veredus.smtp() as session:
        session.hello()
        reply = session.mail("sender@example.org", "alice@demo.test", MESSAGE, parameters=" SMTPUTF8 BODY=8BITMIME")
        assert reply.code == 250, str(reply)
    veredus.send(wire.message("plain"))
    yield veredus
    veredus.take("alice")


def opened(veredus, utf8):
    session = veredus.pop3(utf8=utf8)
    session.login("alice@demo.test", "correct horse battery")
    return session


def sizes(session):
    return [int(line.split()[1]) for line in session.lines("LIST")]


@pytest.mark.parametrize("utf8", [False, True])
def test_listed_sizes_are_those_of_what_is_sent(kept, utf8):
    session = opened(kept, utf8)
    count, octets = session.stat()
    assert count == 2
    assert sizes(session) == [len(session.retrieve(i)) for i in (1, 2)]
    assert octets == sum(sizes(session))
    session.quit()


def test_who_did_not_ask_gets_ascii_headers_that_say_the_same(kept):
    session = opened(kept, False)
    got = session.retrieve(1)
    session.quit()
    header, _, body = got.partition(b"\r\n\r\n")
    assert header.isascii()
    assert body == MESSAGE.partition(b"\r\n\r\n")[2]
    read = email.message_from_bytes(got, policy=email.policy.default)
    assert read["Subject"] == "Grüße aus München"
    assert read["X-Plain"] == "as it is"
    [sender] = read["From"].addresses
    assert sender.domain.endswith(".invalid")
    assert "jürgen@bücher.example" in sender.display_name and "Jürgen" in sender.display_name


def test_who_asked_gets_it_as_it_came(kept):
    session = opened(kept, True)
    assert session.retrieve(1).endswith(MESSAGE)
    session.quit()


def test_the_top_of_it_is_the_same(kept):
    session = opened(kept, False)
    whole = session.retrieve(1)
    session.ask("TOP 1 1")
    top = session.body()
    session.quit()
    assert whole.startswith(top.rstrip(b"\r\n")) and top.endswith("Grüße\r\n".encode())


def test_a_last_line_without_its_end_is_counted_with_it(veredus):
    """Only BINARYMIME brings such a message in; POP3 sends lines."""
    octets = wire.message("binary", "no line end")
    with veredus.smtp() as session:
        session.hello()
        session.ask("MAIL FROM:<sender@example.org> BODY=BINARYMIME", 250)
        session.ask("RCPT TO:<alice@demo.test>", 250)
        session.send(f"BDAT {len(octets)} LAST\r\n".encode() + octets)
        assert session.reply().code == 250
    session = opened(veredus, False)
    assert sizes(session) == [len(session.retrieve(1))]
    session.quit()
    veredus.take("alice")
