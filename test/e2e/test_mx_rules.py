"""What the door for other servers takes and refuses."""
import pytest
import wire


@pytest.fixture
def session(veredus):
    with veredus.smtp() as opened:
        opened.hello()
        yield opened


@pytest.mark.parametrize("recipient", [
    "someone@elsewhere.example", "someone@[192.0.2.1]", "alice@demo.test.elsewhere.example",
    "@demo.test:someone@elsewhere.example", '"someone@elsewhere.example"@sub.demo.test'])
def test_nothing_is_relayed(session, recipient):
    session.ask("MAIL FROM:<you@example.org>", 250)
    reply = session.ask(f"RCPT TO:<{recipient}>", 550)
    assert reply.text.startswith("5.7.1")


@pytest.mark.parametrize("recipient", ["someone%elsewhere.example@demo.test", '"someone@elsewhere.example"@demo.test',
                                       "elsewhere.example!someone@demo.test"])
def test_routes_hidden_in_local_parts_lead_nowhere(session, recipient):
    session.ask("MAIL FROM:<you@example.org>", 250)
    reply = session.ask(f"RCPT TO:<{recipient}>", 550)
    assert reply.text.startswith(("5.1.1", "5.7.1"))


def test_claiming_to_be_one_of_us_opens_no_relay(session):
    session.ask("MAIL FROM:<alice@demo.test>", 250)
    assert session.ask("RCPT TO:<someone@elsewhere.example>", 550).text.startswith("5.7.1")


def test_an_unknown_mailbox_is_refused_at_rcpt(session):
    session.ask("MAIL FROM:<you@example.org>", 250)
    assert session.ask("RCPT TO:<nobody@demo.test>", 550).text.startswith("5.1.1")
    assert session.ask("DATA", 554).text.startswith("5.5.1")


def test_each_recipient_has_its_own_verdict(veredus, session):
    session.ask("MAIL FROM:<you@example.org>", 250)
    verdicts = [session.ask(f"RCPT TO:<{name}@{domain}>").code for name, domain in
                [("alice", "demo.test"), ("nobody", "demo.test"), ("bob", "DEMO.test"), ("bob", "elsewhere.example")]]
    assert verdicts == [250, 550, 250, 550]
    assert session.data(wire.message("to two")).code == 250
    for user in ("alice", "bob"):
        assert wire.subject_of(veredus.take_one(user)) == "to two"


def test_mail_from_nobody_is_taken(veredus, session):
    assert session.mail("", "alice@demo.test", wire.message("bounce")).code == 250
    assert b"Return-Path: <>\r\n" in veredus.take_one()


@pytest.mark.parametrize("recipient", ["postmaster", "Postmaster@demo.test", "abuse@demo.test"])
def test_postmaster_and_abuse_always_have_a_mailbox(veredus, session, recipient):
    assert session.mail("you@example.org", recipient, wire.message("help")).code == 250
    assert wire.subject_of(veredus.take_one()) == "help"  # the first administrator's


def test_an_alias_for_many_reaches_each_once(veredus, session):
    veredus.run("alias", "set", "team@demo.test", "alice@demo.test", "bob@demo.test")
    veredus.run("alias", "set", "everyone@demo.test", "team@demo.test", "carol@demo.test", "bob@demo.test")
    reply = session.mail("you@example.org", ["everyone@demo.test", "team@demo.test", "bob@demo.test"],
                         wire.message("to all"))
    assert reply.code == 250
    veredus.settled()
    for user in ("alice", "bob", "carol"):
        assert wire.subject_of(veredus.take_one(user)) == "to all"


def test_a_catch_all_gets_what_nobody_has(veredus, session):
    veredus.run("domain", "add", "caught.test")
    veredus.run("domain", "set", "caught.test", "--catch-all", "bob@demo.test")
    assert session.mail("you@example.org", "anything.at.all@caught.test", wire.message("caught")).code == 250
    assert b"Delivered-To: anything.at.all@caught.test\r\n" in veredus.take_one("bob")
    veredus.run("domain", "set", "caught.test", "--catch-all", "none")
    session.ask("MAIL FROM:<you@example.org>", 250)
    session.ask("RCPT TO:<anything@caught.test>", 550)


def test_a_tag_after_the_name_leads_to_the_name(veredus, session):
    assert session.mail("you@example.org", "alice+lists@demo.test", wire.message("tagged")).code == 250
    assert b"Delivered-To: alice+lists@demo.test\r\n" in veredus.take_one()
    session.ask("MAIL FROM:<you@example.org>", 250)
    session.ask("RCPT TO:<nobody+lists@demo.test>", 550)


def test_another_separator_can_be_chosen(veredus, session):
    veredus.run("domain", "set", "demo.test", "--subaddress-separator", "-")
    try:
        assert session.mail("you@example.org", "alice-lists@demo.test", wire.message("tagged")).code == 250
        session.ask("MAIL FROM:<you@example.org>", 250)
        session.ask("RCPT TO:<alice+lists@demo.test>", 550)
    finally:
        veredus.run("domain", "set", "demo.test", "--subaddress-separator", "+")
    assert wire.subject_of(veredus.take_one()) == "tagged"


def test_upper_and_lower_case_are_the_same(veredus, session):
    assert session.mail("you@example.org", "ALICE@Demo.Test", wire.message("case")).code == 250
    assert wire.subject_of(veredus.take_one()) == "case"


def test_a_full_mailbox_answers_452_and_the_others_get_theirs(veredus, session):
    veredus.run("account", "set", "carol@demo.test", "--quota", "2KiB")
    try:
        filled = session.mail("you@example.org", "carol@demo.test", wire.message("fills", "x" * 900 + "\r\n"))
        assert filled.code == 250
        session.ask("MAIL FROM:<you@example.org> SIZE=1500", 250)
        assert session.ask("RCPT TO:<carol@demo.test>", 452).text.startswith("4.2.2")
        session.ask("RCPT TO:<alice@demo.test>", 250)
        assert session.data(wire.message("not for carol")).code == 250
        # mail larger than the mailbox may ever be is refused for good
        session.ask("MAIL FROM:<you@example.org> SIZE=5000", 250)
        assert session.ask("RCPT TO:<carol@demo.test>", 552).text.startswith("5.2.3")
        session.ask("RSET", 250)
        # nobody announced it: it is noticed at the end
        assert session.mail("you@example.org", "carol@demo.test",
                            wire.message("big", "y" * 3000 + "\r\n")).code in (452, 552)
    finally:
        veredus.run("account", "set", "carol@demo.test", "--quota", "none")
    assert wire.subject_of(veredus.take_one()) == "not for carol"
    assert session.mail("you@example.org", "carol@demo.test", wire.message("room again")).code == 250
    assert "big" not in [wire.subject_of(m) for m in veredus.take("carol")]


def test_a_disabled_account_takes_no_mail(veredus, session):
    veredus.run("account", "set", "carol@demo.test", "--disable")
    try:
        session.ask("MAIL FROM:<you@example.org>", 250)
        session.ask("RCPT TO:<carol@demo.test>", 550)
    finally:
        veredus.run("account", "set", "carol@demo.test", "--enable")
    session.ask("RCPT TO:<carol@demo.test>", 250)


def test_vrfy_says_nothing_of_who_is_here(session):
    assert session.ask("VRFY alice").code == session.ask("VRFY nobody").code == 252


def test_mail_goes_round_in_circles_only_so_long(veredus, session):
    hops = "".join(f"Received: from h{i}.example.org by h{i + 1}.example.org; Sun, 22 Nov 2026 10:00:00 +0000\r\n"
                   for i in range(200))
    reply = session.mail("you@example.org", "alice@demo.test", wire.message("loop", more=hops))
    assert reply.code == 554 and reply.text.startswith("5.4.6")
    assert veredus.take() == []


def test_the_trace_tells_where_a_message_came_from(veredus, session):
    assert session.mail("you@example.org", "alice@demo.test", wire.message("trace")).code == 250
    header = wire.header_of(veredus.take_one()).replace(b"\r\n\t", b" ").decode()
    assert header.startswith("Return-Path: <you@example.org>\r\nDelivered-To: alice@demo.test\r\nReceived: ")
    received = header.splitlines()[2]
    assert "from client.example.org ([127.0.0.1]) by mx.demo.test with ESMTP id " in received
    assert "for <alice@demo.test>" in received


def test_starttls_works_at_the_mx_and_offers_no_auth(veredus):
    with veredus.smtp() as session:
        assert "STARTTLS" in session.hello().lines
        session.send(b"STARTTLS\r\n")
        assert session.reply().code == 220
        session.wrap(veredus.tls)
        lines = session.ask("EHLO client.example.org", 250).lines
        assert "STARTTLS" not in lines and not any(line.startswith("AUTH") for line in lines)
        assert session.mail("you@example.org", "alice@demo.test", wire.message("over TLS")).code == 250
    assert b" with ESMTPS\r\n" in veredus.take_one()


def test_what_is_sent_behind_starttls_in_the_clear_is_forgotten(veredus):
    with veredus.smtp() as session:
        session.hello()
        session.send(b"STARTTLS\r\nMAIL FROM:<evil@example.org>\r\n")
        assert session.reply().code == 220
        session.wrap(veredus.tls)
        assert session.ask("NOOP").code == 250
        assert session.ask("MAIL FROM:<you@example.org>").code == 503
