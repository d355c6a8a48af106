"""Passwords: never in the clear, and not to be guessed."""
import time

import pytest
import server
import wire

ALICE = ("alice@demo.test", server.PASSWORDS["alice"])


def test_submission_takes_no_password_without_tls(new_server):
    running = new_server(people=())
    with running.smtp("submission") as session:
        assert not any(line.startswith("AUTH") for line in session.hello().lines)
        assert session.login(*ALICE).code == 538
        assert session.ask("MAIL FROM:<alice@demo.test>").code == 530
    with wire.Pop3(running.address("pop3")) as pop3:
        assert not any(line.startswith(("USER", "SASL")) for line in pop3.lines("CAPA"))
        pop3.ask(f"USER {ALICE[0]}", "-ERR")


def test_loopback_may_be_excepted(new_server):
    running = new_server(people=(), settings="[login]\nwithout_tls_locally = true\n")
    with running.smtp("submission") as session:
        assert any(line.startswith("AUTH") for line in session.hello().lines)
        assert session.login(*ALICE).code == 235
    with wire.Pop3(running.address("pop3")) as pop3:
        pop3.login(*ALICE)


def attempt(running, password, protocol="submissions"):
    """The code of one login, and how long it took; 421 at the greeting counts as an answer."""
    with running.smtp(protocol) as session:
        greeting = session.reply()
        if greeting.code != 220:
            return greeting.code, 0
        session.ask("EHLO client.example.org", 250)
        began = time.monotonic()
        return session.login(ALICE[0], password).code, time.monotonic() - began


def test_failures_make_the_next_login_wait(new_server):
    running = new_server(people=(), settings="[login]\nfree_failures = 1\n")
    codes = [attempt(running, "wrong")[0] for _ in range(3)]
    assert codes == [535, 535, 535]
    code, seconds = attempt(running, ALICE[1])
    assert code == 235
    assert seconds >= 0.5  # at least the first delay: the third failure has doubled it
    assert "smtp.login_failed" in running.log()


def test_too_many_failures_ban_the_address_for_a_while(new_server):
    running = new_server(people=(), settings='[login]\nfree_failures = 100\nfailures_to_ban_address = 4\nban = "2s"\n')
    for _ in range(4):
        attempt(running, "wrong")
    with pytest.raises((AssertionError, OSError)):
        # over TLS from the first octet there is no way to say 421 in the clear: the connection ends
        assert attempt(running, ALICE[1])[0] == 235
    with running.smtp("submission") as session:
        assert session.reply().code == 421
    with running.smtp("smtp") as session:  # other servers' mail is let in
        session.hello()
    until = time.monotonic() + wire.PATIENCE
    while True:
        try:
            assert attempt(running, ALICE[1])[0] == 235
            break
        except (AssertionError, OSError):
            assert time.monotonic() < until, "the ban does not end"
            time.sleep(0.2)


def test_three_failures_end_the_session(new_server):
    running = new_server(people=(), settings="[login]\nfree_failures = 100\n")
    with running.smtp("submissions") as session:
        session.hello()
        assert [session.login(ALICE[0], "wrong").code for _ in range(3)] == [535, 535, 421]
        assert session.closed() == b""


def test_an_app_password_logs_in_until_it_is_revoked(new_server):
    running = new_server(people=(), settings="[login]\nfree_failures = 100\n")
    made = running.json("account", "app-password", "add", ALICE[0], "telephone")
    assert attempt(running, made["password"])[0] == 235
    assert attempt(running, ALICE[1])[0] == 235
    listed = running.json("account", "app-password", "list", ALICE[0])["app_passwords"]
    assert [one["name"] for one in listed] == ["telephone"]
    running.run("account", "app-password", "revoke", ALICE[0], str(made["id"]))
    assert attempt(running, made["password"])[0] == 535
    assert attempt(running, ALICE[1])[0] == 235


def test_a_new_password_replaces_the_old_one_and_a_disabled_account_has_none(new_server):
    running = new_server(people=(), settings="[login]\nfree_failures = 100\n")
    assert attempt(running, ALICE[1])[0] == 235  # remembered as right by now
    running.run("account", "password", ALICE[0], stdin="a better horse\n")
    assert attempt(running, ALICE[1])[0] == 535
    assert attempt(running, "a better horse")[0] == 235
    running.run("account", "set", ALICE[0], "--disable")
    assert attempt(running, "a better horse")[0] == 535
