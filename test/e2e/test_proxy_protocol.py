"""The PROXY protocol, versions 1 and 2, from listed peers only."""
import socket
import ssl
import struct

import pytest
import wire

SERVER = {"listener": 'proxy_from = ["127.0.0.1"]', "people": ("bob",)}
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def version2(source, destination, command=1, family=socket.AF_INET, more=b""):
    addresses = socket.inet_pton(family, source) + socket.inet_pton(family, destination) + struct.pack("!HH", 4711, 25)
    kind = 0x11 if family == socket.AF_INET else 0x21
    return SIGNATURE + bytes([0x20 | command, kind]) + struct.pack("!H", len(addresses + more)) + addresses + more


HEADERS = {
    "version 1": (b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 25\r\n", "[192.0.2.7]"),
    "version 1, IPv6": (b"PROXY TCP6 2001:db8::7 2001:db8::1 4711 25\r\n", "[IPv6:2001:db8::7]"),
    "version 1, unknown": (b"PROXY UNKNOWN\r\n", "[127.0.0.1]"),
    "version 2": (version2("192.0.2.8", "192.0.2.1"), "[192.0.2.8]"),
    "version 2, IPv6": (version2("2001:db8::8", "2001:db8::1", family=socket.AF_INET6), "[IPv6:2001:db8::8]"),
    "version 2 with TLVs": (version2("192.0.2.9", "192.0.2.1", more=b"\x04\0\x03abc"), "[192.0.2.9]"),
    "version 2, the proxy itself": (version2("192.0.2.9", "192.0.2.1", command=0), "[127.0.0.1]"),
}



@pytest.mark.parametrize("name", HEADERS)
def test_the_client_behind_the_proxy_is_seen(veredus_of_file, name):
    header, shown = HEADERS[name]
    before = count(veredus_of_file)
    with veredus_of_file.smtp(greet=header) as session:
        session.hello()
        assert session.mail("you@example.org", "bob@demo.test", wire.message(name)).code == 250
    listed = veredus_of_file.json("message", "list", "bob@demo.test")["messages"]
    assert len(listed) == before + 1
    stored = veredus_of_file.run("message", "show", "bob@demo.test", str(listed[-1]["email"])).stdout
    assert f"from client.example.org ({shown})" in stored


def count(running):
    return len(running.json("message", "list", "bob@demo.test")["messages"])


def test_it_stands_before_tls_even_in_one_packet(veredus_of_file):
    received, sent = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = veredus_of_file.tls.wrap_bio(received, sent, server_hostname="mx.demo.test")
    header = HEADERS["version 2"][0]
    with wire.Connection(veredus_of_file.address("submissions")) as plain:
        plain.socket.settimeout(10)
        greeting = b""
        while not greeting:
            try:
                tls.do_handshake()
                greeting = tls.read()
            except ssl.SSLWantReadError:
                plain.send(header + sent.read())
                header = b""
                received.write(plain.receive())
    assert greeting.startswith(b"220 ")


def test_the_session_may_come_in_the_same_packet(veredus_of_file):
    with veredus_of_file.smtp(greet=HEADERS["version 1"][0]) as session:
        session.hello()


@pytest.mark.parametrize("octets", [b"EHLO client.example.org\r\n", b"PROXY TCP4 nonsense\r\n", b"PROXY " + b"x" * 200,
                                    SIGNATURE + b"\x35\x11\0\0", b"\r\n\r\n"], ids=repr)
def test_a_listed_peer_without_a_true_header_is_dropped(veredus_of_file, octets):
    with wire.Smtp(veredus_of_file.address("smtp"), greet=octets) as session:
        assert session.closed() == b""


def test_from_others_it_is_no_command(new_server):
    running = new_server(listener='proxy_from = ["192.0.2.0/24"]', people=())
    with running.smtp() as session:
        session.hello()
        assert session.ask("PROXY TCP4 192.0.2.7 192.0.2.1 4711 25").code == 500
