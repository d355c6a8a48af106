"""What is late is told once; what is too late is given up."""
import pytest

import dns_server
import peers
import relay
import wire
from peers import Peer

pytestmark = pytest.mark.skipif(not dns_server.available(), reason="nsd is not installed")


def test_the_sender_hears_of_delay_and_then_of_the_end(new_server):
    with dns_server.DnsServer({"world.test": relay.zone()}) as dns:
        port = peers.free_port(*relay.addresses())
        veredus = new_server(settings=relay.settings(dns, port, 'delay_notice = "2s"\nlifetime = "8s"'))
        with Peer(relay.HOSTS["later"][0], port, on={"RCPT": "451 4.2.1 mailbox busy"}) as there:
            relay.send(veredus, "you@later.world.test", wire.message("late", sender="alice@demo.test"))
            _, [delayed], _ = relay.report_of(veredus.take_one())
            assert delayed["action"] == "delayed"
            assert delayed["status"].startswith("4.")
            assert "will-retry-until" in delayed
            message, [failed], text = relay.report_of(veredus.take_one())
            assert failed["action"] == "failed"
            assert "451 4.2.1 mailbox busy" in failed["diagnostic-code"]
            assert "late" in message.as_string()
            relay.wait_empty(veredus)
            assert there.messages == [] and veredus.take() == []
