"""Limits of the door for other servers, made small."""
import wire

SERVER = {"settings": """
[smtp]
greeting_delay = "300ms"
max_errors = 4
max_message_size = "64KiB"
max_recipients = 100
max_messages = 3
helo_check = "not-our-name"
[sessions]
per_address = 5
"""}


def test_who_speaks_before_the_greeting_is_refused(veredus):
    with veredus.smtp(greet=b"EHLO client.example.org\r\n") as session:
        reply = session.reply()
        assert reply.code == 554, str(reply)
        assert session.closed() == b""


def test_who_waits_is_greeted(veredus):
    with veredus.smtp() as session:
        session.hello()


def test_a_size_over_the_limit_is_refused_at_mail(veredus):
    with veredus.smtp() as session:
        assert "SIZE 65536" in session.hello().lines
        assert session.ask("MAIL FROM:<you@example.org> SIZE=65537").code == 552
        session.ask("MAIL FROM:<you@example.org> SIZE=65536", 250)


def test_a_message_over_the_limit_is_refused_though_nothing_was_announced(veredus):
    with veredus.smtp() as session:
        session.hello()
        reply = session.mail("you@example.org", "alice@demo.test", wire.message("long", "x" * 78 + "\r\n" * 70_000))
        assert reply.code == 552 and reply.text.startswith("5.3.4")
        assert session.mail("you@example.org", "alice@demo.test", wire.message("short")).code == 250
    assert [wire.subject_of(m) for m in veredus.take()] == ["short"]


def test_a_chunk_over_the_limit_is_refused_and_skipped(veredus):
    with veredus.smtp() as session:
        session.hello()
        session.envelope("you@example.org", "alice@demo.test")
        session.send(b"BDAT 70000 LAST\r\n" + b"QUIT\r\n" * 11_666 + b"....")
        assert session.reply().code == 552
        session.ask("NOOP", 250)
    assert veredus.take() == []


def test_too_many_errors_end_the_session(veredus):
    with veredus.smtp() as session:
        session.hello()
        for _ in range(3):
            session.ask("NONSENSE", 500)
        assert session.ask("NONSENSE", 421).text.startswith("4.7.0")
        assert session.closed() == b""


def test_who_guesses_addresses_is_shown_the_door(veredus):
    with veredus.smtp() as session:
        session.hello()
        session.ask("MAIL FROM:<you@example.org>", 250)
        codes = [session.ask(f"RCPT TO:<guess{i}@demo.test>").code for i in range(4)]
        assert codes == [550, 550, 550, 421]
        assert session.closed() == b""


def test_too_many_recipients_are_put_off(veredus):
    with veredus.smtp() as session:
        session.hello()
        session.ask("MAIL FROM:<you@example.org>", 250)
        session.send(b"".join(b"RCPT TO:<alice+%d@demo.test>\r\n" % i for i in range(101)))
        codes = [session.reply().code for _ in range(101)]
        assert codes == [250] * 100 + [452]
        assert session.data(wire.message("once")).code == 250
    assert wire.subject_of(veredus.take_one()) == "once"


def test_too_many_messages_in_one_session_are_put_off(veredus):
    with veredus.smtp() as session:
        assert "LIMITS RCPTMAX=100 MAILMAX=3" in session.hello().lines
        for i in range(3):
            assert session.mail("you@example.org", "alice@demo.test", wire.message(str(i))).code == 250
        assert session.ask("MAIL FROM:<you@example.org>").code == 421
    assert len(veredus.take()) == 3


def test_a_line_over_the_limit_is_refused_and_the_session_goes_on(veredus):
    with veredus.smtp() as session:
        session.hello()
        assert session.ask("NOOP " + "x" * 100_000).code == 500
        session.ask("NOOP", 250)


def test_who_greets_with_our_name_is_refused(veredus):
    with veredus.smtp() as session:
        session.reply()
        assert session.ask("EHLO mx.demo.test").code == 550
        session.ask("EHLO client.example.org", 250)


def test_too_many_sessions_from_one_address_are_put_off(veredus):
    sessions = []
    try:
        for _ in range(5):
            sessions.append(veredus.smtp())
            sessions[-1].hello()
        with veredus.smtp() as one_more:
            reply = one_more.reply()
            assert reply.code == 421 and reply.text.startswith("4.7.0")
            assert one_more.closed() == b""
        sessions[0].ask("QUIT", 221)
        sessions[0].closed()
    finally:
        for session in sessions:
            session.close()
