"""A backup MX: mail is taken for domains whose own host is down, and handed on when it comes up."""
import time

import pytest

import dns_server
import peers
import relay
import server as servers
import wire
from peers import Peer

pytestmark = pytest.mark.skipif(not dns_server.available(), reason="nsd is not installed")

PRIMARY, OTHER, STRANGER = "127.0.0.41", "127.0.0.43", "127.0.0.45"
# This server is mx.demo.test, the second of three hosts.
ZONE = f"""backed MX 10 primary
backed MX 20 mx.demo.test.
backed MX 30 worse
primary A {PRIMARY}
worse A {OTHER}
alone MX 10 mx.demo.test.
alone MX 20 worse
strangers MX 10 mx.strangers
mx.strangers A {STRANGER}"""


@pytest.fixture(scope="module")
def port():
    return peers.free_port(PRIMARY, OTHER, STRANGER)


@pytest.fixture(scope="module")
def veredus_of_file(port):
    with (dns_server.DnsServer({"world.test": ZONE, "demo.test": "mx A 127.0.0.42"}) as dns,
          servers.serving(settings=relay.settings(dns, port)) as running):
        running.run("relay-domain", "set", "backed.world.test", "--recipient", "you@backed.world.test", "--recipient",
                    "me@backed.world.test")
        running.run("relay-domain", "set", "alone.world.test")
        yield running


@pytest.fixture(autouse=True)
def nothing_left(veredus):
    yield
    veredus.run("queue", "drop", "--all", check=False)


def from_outside(veredus, to, subject="held"):
    with veredus.smtp() as session:
        session.hello()
        reply = session.mail("you@strangers.world.test", to, wire.message(subject, sender="you@strangers.world.test", to=to))
        assert reply.code == 250, str(reply)


def test_mail_is_held_until_the_first_host_is_up(veredus, port):
    with Peer(OTHER, port) as worse:
        from_outside(veredus, "you@backed.world.test")
        time.sleep(2)
        [entry] = veredus.json("queue", "list", "--all")["entries"]
        assert entry["domain"] == "backed.world.test"
        with Peer(PRIMARY, port) as primary:
            [message] = primary.wait()
            assert message.to == ["you@backed.world.test"] and message.sender == "you@strangers.world.test"
            relay.wait_empty(veredus)
        assert worse.sessions == [], "only hosts better than this one are asked (RFC 5321 s5.1)"


def test_who_is_not_listed_is_refused_at_once(veredus):
    with veredus.smtp() as session:
        session.hello()
        session.ask("MAIL FROM:<you@strangers.world.test>", 250)
        assert session.ask("RCPT TO:<nobody@backed.world.test>").code == 550
        assert session.ask("RCPT TO:<ME@Backed.World.Test>").code == 250
        assert session.ask("RCPT TO:<you@primary.world.test>").code == 550, "its host's own name is not relayed for"


def test_what_the_first_host_refuses_is_told_to_the_stranger(veredus, port):
    with Peer(PRIMARY, port, on={"RCPT": "550 5.1.1 gone"}), Peer(STRANGER, port) as stranger:
        from_outside(veredus, "me@backed.world.test")
        [told] = stranger.wait()
        assert told.sender == "" and told.to == ["you@strangers.world.test"]
        _, [recipient], _ = relay.report_of(told.octets)
        assert recipient["status"] == "5.1.1" and "me@backed.world.test" in recipient["final-recipient"]
        relay.wait_empty(veredus)


def test_the_best_host_itself_does_not_send_to_worse_ones(veredus, port):
    """RFC 5321 s5.1: who stands first in the list and has no route would be a loop."""
    with Peer(OTHER, port) as worse, Peer(STRANGER, port) as stranger:
        from_outside(veredus, "you@alone.world.test")
        _, [recipient], _ = relay.report_of(stranger.wait()[0].octets)
        assert recipient["status"] == "5.4.6"
        assert worse.sessions == []


def test_a_route_may_lead_to_the_server_behind(veredus, port):
    with Peer(OTHER, port) as behind:
        veredus.run("route", "set", "behind", "--host", f"{OTHER}:{port}", "--to", "alone.world.test")
        try:
            from_outside(veredus, "you@alone.world.test")
            assert behind.wait()[0].to == ["you@alone.world.test"]
            relay.wait_empty(veredus)
        finally:
            veredus.run("route", "remove", "behind")
