"""Reports that come when a message has long been taken: they find it by the return path that was made for its recipient."""
import re
import time

import pytest

import peers
import relay
import server as servers
import wire
from peers import Peer
from relay import send
from test_leading_on import stranger

SINK = "127.0.0.33"
READER = "you@elsewhere.example"


@pytest.fixture(scope="module")
def port():
    return peers.free_port(SINK)


@pytest.fixture(scope="module")
def veredus_of_file(port):
    with servers.serving(settings=relay.PATIENT.format(port=port, more="list_suspend_after = 2")) as running:
        running.run("route", "set", "sink", "--host", f"{SINK}:{port}", "--to", "elsewhere.example", "--tls", "never")
        yield running


@pytest.fixture
def sink(port, veredus):
    with Peer(SINK, port) as peer:
        yield peer
    veredus.run("queue", "drop", "--all", check=False)


@pytest.fixture
def news(veredus):
    veredus.run("list", "set", "news@demo.test", "--member", READER, "--member", "they@elsewhere.example", "--moderator", "bob@demo.test",
                "--posting", "anyone")
    yield "news@demo.test"
    veredus.run("list", "remove", "news@demo.test")


def bounce(to):
    """What a peer says a day later. It calls the recipient by another name, as those behind an alias do."""
    return wire.message("Undelivered Mail", sender="MAILER-DAEMON@elsewhere.example", to=to, more=(
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n'), body=(
        "--b\r\nContent-Type: text/plain\r\n\r\nNo such user.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.elsewhere.example\r\n\r\nFinal-Recipient: rfc822; hidden@inside.example\r\nAction: failed\r\n"
        "Status: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n--b--\r\n"))


def complaint(to):
    return wire.message("complaint", sender="feedback@elsewhere.example", to=to, more=(
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n'), body=(
        "--b\r\nContent-Type: text/plain\r\n\r\nThis was reported as spam.\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\n"
        "Feedback-Type: abuse\r\nUser-Agent: Test/1\r\nVersion: 1\r\n\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: hello\r\n\r\n--b--\r\n"))


def steps(veredus, message, kind, patience=15):
    """The journey's steps of that kind, of which there must be one."""
    until = time.monotonic() + patience
    while True:
        found = [event for event in veredus.json("message", "trace", message)["events"] if event["kind"] == kind]
        if found:
            return found
        assert time.monotonic() < until, veredus.json("message", "trace", message)
        time.sleep(0.1)


def trouble(veredus, member, ready=lambda one: True, patience=15):
    """What `list show` says of a member."""
    until = time.monotonic() + patience
    while True:
        found = [one for one in veredus.json("list", "show", "news@demo.test")["troubles"] if one["member"] == member]
        if found and ready(found[0]):
            return found[0]
        assert time.monotonic() < until, veredus.json("list", "show", "news@demo.test")
        time.sleep(0.1)


def copy_for(messages, member):
    return next(message for message in messages if message.to == [member])


def test_a_late_bounce_finds_its_message_and_counts_against_the_member(veredus, sink, news):
    message = send(veredus, news)
    copies = sink.wait(2)
    path = copy_for(copies, READER).sender
    assert re.fullmatch(r"news-bounces\+[0-9a-z]{32}@demo\.test", path), path
    assert path != copy_for(copies, "they@elsewhere.example").sender
    stranger(veredus, "", path, bounce(path))
    [step] = steps(veredus, message, "bounced_later")
    details = step["details"]
    assert details["recipient"] == READER and details["status"] == "5.1.1" and details["bounce"] == "hard", step
    assert trouble(veredus, READER)["hard_bounces"] == 1
    assert READER in veredus.run("list", "show", news).stdout
    assert b"Undelivered Mail" in veredus.take_one("bob"), "the moderator reads it, too"

    stranger(veredus, "", path.upper(), bounce(path))
    assert trouble(veredus, READER, lambda one: one["suspended"])["hard_bounces"] == 2
    veredus.take_one("bob")
    send(veredus, news)
    assert [m.to for m in sink.wait(3)[2:]] == [["they@elsewhere.example"]], "he gets no more"
    veredus.run("list", "join", news, READER)
    assert veredus.json("list", "show", news)["troubles"] == []
    send(veredus, news)
    sink.wait(5)


def test_a_complaint_ends_a_membership(veredus, sink, news):
    message = send(veredus, news)
    path = copy_for(sink.wait(2), READER).sender
    stranger(veredus, "feedback@elsewhere.example", path, complaint(path))
    steps(veredus, message, "complaint")
    found = trouble(veredus, READER)
    assert found["suspended"] and found["complaints"] == 1
    veredus.take_one("bob")


def test_what_is_refused_at_once_counts_as_well(veredus, port, news):
    with Peer(SINK, port, on={"RCPT": "550 5.1.1 no such user"}):
        send(veredus, news)
        assert trouble(veredus, READER)["hard_bounces"] == 1
    veredus.run("list", "set", news, "--member", READER)
    relay.wait_empty(veredus)
    assert len(veredus.take("bob", 2)) == 2


def test_bulk_mail_of_a_user_has_paths_of_its_own(veredus, sink):
    letter = wire.message("news", sender="alice@demo.test", to=READER, more="List-Unsubscribe: <https://demo.test/u>\r\n")
    message = send(veredus, [READER, "they@elsewhere.example"], letter)
    path = copy_for(sink.wait(2), READER).sender
    assert re.fullmatch(r"alice\+[0-9a-z]{32}@demo\.test", path), path
    stranger(veredus, "", path, bounce(path))
    assert steps(veredus, message, "bounced_later")[0]["details"]["recipient"] == READER
    assert b"Undelivered Mail" in veredus.take_one("alice")


def test_nobody_else_can_make_such_a_path(veredus, sink, news):
    send(veredus, news)
    path = copy_for(sink.wait(2), READER).sender
    token = path.partition("+")[2].partition("@")[0]
    forged = path.replace(token, ("b" if token[0] == "a" else "a") + token[1:])
    stranger(veredus, "", forged, bounce(forged), code=550)
    assert veredus.json("list", "show", news)["troubles"] == []


def test_other_mail_has_the_senders_own_path(veredus, sink):
    send(veredus, READER)
    assert sink.wait()[0].sender == "alice@demo.test"
