"""Three Veredus nodes, Debian's Postfix and Debian's Exim, each at an address of its own with port 25, found by MX records."""
import contextlib
import email
import email.policy
import itertools
import socket

import pytest

import dns_server
import mail_servers
import relay
import server as servers
import wire

pytestmark = pytest.mark.skipif(
    not (dns_server.available() and mail_servers.available(mail_servers.POSTFIX) and mail_servers.available(mail_servers.EXIM)),
    reason="needs root, nsd, and `./dev deps` for Postfix and Exim")

NAMESERVER = "127.0.0.66"
NODES = {"one": "127.0.0.31", "two": "127.0.0.32", "three": "127.0.0.35"}
PEERS = {"postfix": "127.0.0.33", "exim": "127.0.0.34"}
ZONE = "\n".join(f"{name} MX 10 mx.{name}\nmx.{name} A {address}" for name, address in {**NODES, **PEERS}.items())


class Node:
    """A Veredus with alice@NAME.world.test."""

    def __init__(self, name, veredus):
        self.veredus = veredus
        self.domain = f"{name}.world.test"
        self.address = f"alice@{self.domain}"
        self.veredus.run("domain", "add", self.domain)
        self.veredus.run("account", "add", self.address, stdin=servers.PASSWORDS["alice"] + "\n")

    def send(self, _, to, octets, options=()):
        with self.veredus.smtp("submissions") as session:
            session.hello()
            assert session.login(self.address, servers.PASSWORDS["alice"]).code == 235
            parameters = "".join(f" {option}" for option in options)
            assert session.mail(self.address, to, octets, parameters=parameters).code == 250

    def received(self, count):
        return self.veredus.take(self.address, count)


@pytest.fixture(scope="module")
def world():
    for address, port in [(address, 25) for address in (*NODES.values(), *PEERS.values())] + [(NAMESERVER, 53)]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((address, port))
            except OSError:
                pytest.skip(f"somebody else has {address}:{port}")
    with contextlib.ExitStack() as stack:
        dns = stack.enter_context(dns_server.DnsServer({"world.test": ZONE}, address=NAMESERVER, port=53))
        made = {"postfix": stack.enter_context(mail_servers.Postfix(PEERS["postfix"], "postfix.world.test", NAMESERVER)),
                "exim": stack.enter_context(mail_servers.Exim(PEERS["exim"], "exim.world.test", NAMESERVER))}
        for name, address in NODES.items():
            more = relay.settings(dns, 25) + f'[[listener]]\nprotocol = "smtp"\naddress = "{address}:25"\n'
            made[name] = Node(name, stack.enter_context(servers.Veredus(settings=more, people=())))
        yield made


def address_of(name):
    return f"{'alice' if name in NODES else 'you'}@{name}.world.test"


def inbox(world, name, subject):
    """The one message with this subject; a Maildir keeps the others."""
    one = world[name]
    if isinstance(one, Node):
        found = [m for m in one.received(1) if wire.subject_of(m) == subject]
    else:
        count = COUNTS[name] = COUNTS.get(name, 0) + 1
        found = [m for m in one.received(count) if wire.subject_of(m) == subject]
    assert len(found) == 1
    return found[0]


COUNTS = {}


@pytest.mark.parametrize("sender,recipient", [(a, b) for a, b in itertools.permutations([*NODES, "postfix", "exim"], 2)
                                              if a in NODES or b in NODES])
def test_mail_goes_from_each_to_each(world, sender, recipient):
    subject = f"{sender} to {recipient}"
    octets = wire.message(subject, ".dot\r\n..dots\r\n" + "line\r\n" * 500, sender=address_of(sender), to=address_of(recipient))
    world[sender].send(address_of(sender), address_of(recipient), octets)
    got = inbox(world, recipient, subject)
    body = got.replace(b"\r\n", b"\n").split(b"\n\n", 1)[1]
    assert body == octets.replace(b"\r\n", b"\n").split(b"\n\n", 1)[1]
    assert f"mx.{sender}.world.test" in got.decode() or sender in NODES


@pytest.mark.parametrize("recipient", ["postfix", "exim", "two"])
def test_a_refusal_comes_back_as_a_report(world, recipient):
    octets = wire.message("to nobody", sender=address_of("one"))
    world["one"].send(None, f"nobody@{recipient}.world.test", octets)
    _, [failed], _ = relay.report_of(world["one"].received(1)[0])
    assert failed["action"] == "failed"
    assert failed["status"].startswith("5.")
    assert f"mx.{recipient}.world.test" in failed["remote-mta"]


def test_postfix_and_exim_hear_of_our_refusals(world):
    for sender in ("postfix", "exim"):
        world[sender].send(address_of(sender), "nobody@one.world.test", wire.message("to nobody"))
        count = COUNTS[sender] = COUNTS.get(sender, 0) + 1
        reports = [m for m in world[sender].received(count) if b"nobody@one.world.test" in m and b"5.1.1" in m]
        assert len(reports) == 1


def test_international_mail_arrives_at_postfix(world):
    text = "Grüße\r\n"
    octets = wire.message("eight", text, sender=address_of("one"),
                          more="MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n")
    world["one"].send(None, address_of("postfix"), octets, options=("BODY=8BITMIME",))
    got = email.message_from_bytes(inbox(world, "postfix", "eight"), policy=email.policy.default)
    assert got.get_content().strip() == text.strip()


def test_a_large_message_crosses_three_servers_whole(world):
    lines = "".join(f"{i:06} {'x' * 60}\r\n" for i in range(40_000))
    for sender, recipient in (("one", "postfix"), ("postfix", "two"), ("one", "exim"), ("exim", "three")):
        subject = f"large {sender} {recipient}"
        world[sender].send(address_of(sender), address_of(recipient),
                           wire.message(subject, lines, sender=address_of(sender), to=address_of(recipient)))
        got = inbox(world, recipient, subject)
        assert got.replace(b"\r\n", b"\n").endswith(lines.replace("\r\n", "\n").encode())


def test_mail_waits_for_a_node_that_is_down(world):
    world["three"].veredus.kill()
    for i in range(5):
        world["one"].send(None, address_of("three"), wire.message(f"waiting {i}", sender=address_of("one")))
    assert len(world["one"].veredus.json("queue", "list", "--all")["entries"]) == 5
    world["three"].veredus.start()
    got = world["three"].received(5)
    assert sorted(wire.subject_of(m) for m in got) == [f"waiting {i}" for i in range(5)]
