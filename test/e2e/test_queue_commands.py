"""`veredus queue …`: what waits on its way out is found, held, rerouted, dropped and let go, with exact counts."""
import re
import time

import dns_server
import peers
import pytest
import server
import wire

pytestmark = pytest.mark.skipif(not dns_server.available(), reason="nsd is not installed")

USAGE, NOT_FOUND = 2, 3
HOST = "127.0.0.2"
LATER = "451 4.3.2 far too busy"


@pytest.fixture(scope="module")
def world():
    """A server, and one mail host for far.test and wide.test that says 451 to every recipient until told otherwise."""
    port = peers.free_port(HOST)
    zone = f"@ MX 10 mx\nmx A {HOST}"
    settings = f'[queue]\nport = {port}\naddresses = "ipv4-only"\nretry_reply = ["1h"]\n'
    with dns_server.DnsServer({"far.test": zone, "wide.test": zone}) as dns:
        with (peers.Peer(HOST, port, on={"RCPT": LATER}) as peer,
              server.serving(settings=settings + dns.settings, people=("bob",)) as veredus):
            yield veredus, peer


@pytest.fixture
def veredus(world):
    """With an empty queue, and a peer that defers."""
    running, peer = world
    peer.on = {"RCPT": LATER}
    peer.messages.clear()
    running.run("queue", "resume", "--everything", check=False)
    running.run("queue", "drop", "--all")
    until(lambda: count(running) == 0)
    return running


@pytest.fixture
def peer(world):
    return world[1]


def until(true, what="it"):
    patience = time.monotonic() + wire.PATIENCE
    while not true():
        assert time.monotonic() < patience, f"{what} did not come about"
        time.sleep(0.05)


def send(veredus, to, user="alice"):
    with veredus.submission(user) as session:
        reply = session.mail(f"{user}@demo.test", to, wire.message("hello", sender=f"{user}@demo.test", to=to))
        assert reply.code == 250, str(reply)
        return re.search(r"Accepted as (\S+)", reply.text)[1]


def count(veredus, *which):
    return veredus.json("queue", "list", "--count", *which)["entries"]


def deferred(veredus, number):
    until(lambda: count(veredus, "--reason", "far too busy") == number, f"{number} deferred entries")


def changed(veredus, *command):
    return veredus.json("queue", *command)["changed"]


def test_what_waits_is_found_by_everything_known_of_it(veredus):
    first = send(veredus, "x@far.test")
    send(veredus, "y@far.test")
    send(veredus, "z@wide.test", "bob")
    deferred(veredus, 3)
    for which, number in ((("--sender", "alice@demo.test"), 2), (("--sender", "@demo.test"), 3),
                          (("--sender", "<>"), 0), (("--recipient", "Z@wide.test"), 1), (("--domain", "FAR.test"), 2),
                          (("--submitter", "bob@demo.test"), 1), (("--reason", "FAR too"), 3),
                          (("--older-than", "1h"), 0), (("--held",), 0), ((first,), 1),
                          (("--sender", "alice@demo.test", "--domain", "wide.test"), 0)):
        assert count(veredus, *which) == number, which
        assert len(veredus.json("queue", "list", *which)["entries"]) == number, which
    page = veredus.json("queue", "list", "--limit", "2")
    assert len(page["entries"]) == 2 and page["next"]
    text = veredus.run("queue", "list").stdout
    assert "far too busy" in text and "x@far.test" in text
    assert re.search(r"in [56]\dm", text), text  # an hour, give or take a tenth
    shown = veredus.json("queue", "show", first)["entries"]
    assert len(shown) == 1 and shown[0]["message"] == first and shown[0]["attempts"] == 1
    assert shown[0]["submitter"] == "alice@demo.test" and shown[0]["state"] == "waiting"
    assert "far too busy" in veredus.run("queue", "show", shown[0]["id"]).stdout


def test_mistakes_are_said(veredus):
    for code, words, text in ((NOT_FOUND, ("show", "0123456789abcdef"), "queue"), (USAGE, ("list", "nonsense"), "id"),
                              (USAGE, ("drop",), "all"), (USAGE, ("list", "--older-than", "often"), "often"),
                              (NOT_FOUND, ("list", "--submitter", "no@demo.test"), "no such account"),
                              (NOT_FOUND, ("reroute", "--all", "--route", "nowhere"), "route"),
                              (USAGE, ("pause",), "one of"), (NOT_FOUND, ("resume", "--everything"), "not paused")):
        done = veredus.run("queue", *words, check=False)
        assert done.returncode == code and text in done.stderr, f"{words}: {done.returncode} {done.stderr}"


def test_held_entries_stay_until_they_are_released(veredus, peer):
    for to in ("x@far.test", "y@far.test", "z@wide.test"):
        send(veredus, to)
    deferred(veredus, 3)
    assert changed(veredus, "hold", "--domain", "far.test", "--because", "looked into") == 2
    assert changed(veredus, "hold", "--domain", "far.test", "--because", "looked into") == 0
    assert {e["hold_reason"] for e in veredus.json("queue", "list", "--held")["entries"]} == {"looked into"}
    peer.on = {}
    assert changed(veredus, "retry", "--all") == 3
    assert [m.to for m in peer.wait(1)] == [["z@wide.test"]]
    until(lambda: count(veredus) == 2)
    veredus.restart()
    assert count(veredus, "--held") == 2
    assert changed(veredus, "release", "--reason", "LOOKED") == 2
    peer.wait(3)
    until(lambda: count(veredus) == 0)


def test_dropped_mail_is_gone_and_its_sender_told_when_asked_for(veredus, peer):
    gone = send(veredus, "x@far.test")
    reported = send(veredus, "y@far.test")
    deferred(veredus, 2)
    assert changed(veredus, "drop", gone) == 1
    assert changed(veredus, "drop", "--tell-sender", reported) == 1
    until(lambda: count(veredus) == 0)
    report = veredus.take("alice", 1)[0]
    assert b"y@far.test" in report and b"multipart/report" in report
    assert not peer.messages


def test_paused_destinations_wait_over_a_restart(veredus, peer):
    peer.on = {}
    veredus.run("queue", "pause", "--domain", "far.test", "--because", "moving")
    send(veredus, "x@far.test")
    send(veredus, "z@wide.test")
    assert [m.to for m in peer.wait(1)] == [["z@wide.test"]]
    veredus.restart()
    stats = veredus.json("queue", "stats")
    assert [(p["of"], p["subject"], p["reason"]) for p in stats["pauses"]] == [("destination", "far.test", "moving")]
    assert "paused: destination far.test (moving)" in veredus.run("queue", "top", "--once").stdout
    assert count(veredus) == 1 and len(peer.messages) == 1
    until(lambda: veredus.json("queue", "list")["entries"][0]["state"] == "paused")
    veredus.run("queue", "resume", "--domain", "far.test")
    assert peer.wait(2)[1].to == ["x@far.test"]
    until(lambda: count(veredus) == 0)
    assert veredus.json("queue", "stats")["pauses"] == []


def test_a_message_is_traced_by_what_happened_to_it(veredus, peer):
    waiting = send(veredus, "x@far.test")
    deferred(veredus, 1)
    peer.on = {}
    sent = send(veredus, "z@wide.test")
    peer.wait(1)

    def found(*which):
        return {event["message"] for event in veredus.json("message", "trace", *which)["events"]}
    until(lambda: sent in found("--status", "sent"))
    assert waiting in found("--status", "deferred", "--sender", "alice@demo.test")
    assert waiting not in found("--status", "sent", "--recipient", "x@far.test")
    assert {waiting, sent} <= found("--since", "2020-01-01T00:00:00Z")
    assert found(waiting, "--status", "sent") == set()


def test_an_account_has_limits_of_its_own_when_it_is_given_some(veredus, peer):
    peer.on = {}
    before = veredus.json("queue", "limits", "bob@demo.test")
    assert before["own"] is False and before["messages_per_hour"] > 0
    changed_to = veredus.json("queue", "limits", "bob@demo.test", "--messages-per-hour", "1")
    assert changed_to["own"] is True and changed_to["messages_per_hour"] == 1
    assert changed_to["messages_per_day"] == before["messages_per_day"]
    sent = before["messages_in_hour"]
    for _ in range(2):
        send(veredus, "z@wide.test", "bob")
    until(lambda: count(veredus, "--held") == (1 if sent == 0 else 2), "the brake")
    assert "hour" in veredus.json("queue", "list", "--held")["entries"][0]["hold_reason"]
    assert "messages_per_hour       1" in veredus.run("queue", "limits", "bob@demo.test").stdout
    veredus.run("queue", "limits", "bob@demo.test", "--defaults")
    assert veredus.json("queue", "limits", "bob@demo.test")["own"] is False
    peer.wait(2)
    until(lambda: count(veredus) == 0)
