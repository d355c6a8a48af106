"""DNS from the root on: delegations are followed, and nobody's resolver is asked. The root is the test's own."""
import os
import socket
import time

import pytest

import dns_server
import peers
import relay
from peers import Peer

ROOT, BELOW, HOST = "127.0.0.67", "127.0.0.68", "127.0.0.44"


def may_have(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((address, 53))
        except OSError:
            return False
    return True


pytestmark = pytest.mark.skipif(not (dns_server.available() and os.geteuid() == 0 and may_have(ROOT) and may_have(BELOW)),
                                reason="needs root, nsd, and port 53 of two addresses of loopback")


@pytest.fixture(scope="module")
def servers_of_names():
    delegation = f"world NS ns.world\nns.world A {BELOW}"
    zones = {"world.example": f"there MX 10 mx.there\nmx.there A {HOST}", "example": delegation}
    with dns_server.DnsServer(zones, address=BELOW, port=53, signed=["world.example", "example"]) as below:
        # The chain of trust: the root vouches for example, and example for world.example.
        anchors = below.anchor.read_text().splitlines()
        of_example = "\n".join(line for line in anchors if line.startswith("example."))
        of_world = "\n".join(line for line in anchors if line.startswith("world.example."))
        below.change("example", f"{delegation}\n{of_world}")
        zone = {".": f"example. NS ns.example.\nns.example. A {BELOW}\n{of_example}"}
        with dns_server.DnsServer(zone, address=ROOT, port=53, signed=["."]) as root:
            yield root, below


def settings(root, directory, port, anchor):
    hints = directory / "root.hints"
    hints.write_text(f". 3600 NS ns.\nns. 3600 A {ROOT}\n")
    names = relay.PATIENT.format(port=port, more="")
    return names + f'[dns]\nsource = "root"\nroot_hints = "{hints}"\ntrust_anchor = "{anchor}"\nipv6 = false\n'


@pytest.mark.parametrize("validated", [False, True])
def test_a_host_is_found_from_the_root_on(new_server, servers_of_names, tmp_path, validated):
    root, _ = servers_of_names
    port = peers.free_port(HOST)
    tmp_path.chmod(0o755)
    veredus = new_server(settings=settings(root, tmp_path, port, root.anchor if validated else ""))
    with Peer(HOST, port) as there:
        relay.send(veredus, "you@there.world.example")
        assert there.wait()[0].to == ["you@there.world.example"]
        relay.wait_empty(veredus)
    relay.send(veredus, "you@nowhere.example")
    _, [recipient], _ = relay.report_of(veredus.take_one())
    assert recipient["status"] == "5.1.2"


def test_what_is_not_signed_as_the_root_says_is_not_believed(new_server, servers_of_names, tmp_path):
    """Mail waits for DNS that can be trusted, it does not go where a forger likes."""
    root, below = servers_of_names
    port = peers.free_port(HOST)
    below.signed.discard("world.example")
    below.change("world.example", f"there MX 10 mx.there\nmx.there A {HOST}")
    veredus = new_server(settings=settings(root, tmp_path, port, root.anchor))
    with Peer(HOST, port) as there:
        relay.send(veredus, "you@there.world.example")
        for _ in range(150):
            [entry] = veredus.json("queue", "list", "--all")["entries"]
            if "signed" in str(entry):
                break
            time.sleep(0.2)
        assert "signed" in str(entry), entry
        assert there.sessions == []
