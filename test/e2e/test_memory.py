"""A long message does not live in memory."""
import pathlib
import re

import pytest
import server
import wire

SERVER = {"people": ("bob",), "settings": '[smtp]\nmax_message_size = "150MiB"\n[storage]\ncache = "8MiB"\n'
                                          'write_buffer = "8MiB"\n'}
MIB = 1 << 20


def memory(running, name):
    """A line of /proc/PID/status, in octets: VmHWM is the most there ever was of VmRSS."""
    text = pathlib.Path(f"/proc/{running.pid}/status").read_text()
    return int(re.search(rf"(?m)^{name}:\s+(\d+) kB", text)[1]) * 1024


def send_long(session, octets, recipients):
    session.envelope("you@example.org", *recipients)
    session.ask("DATA", 354)
    line = b"x" * 76 + b"\r\n"
    piece = line * (MIB // len(line))
    session.send(b"Subject: long\r\n\r\n")
    for _ in range(octets // len(piece) + 1):
        session.send(piece)
    session.send(b".\r\n")
    return session.reply()


@pytest.mark.parametrize("recipients", [["alice@demo.test"], ["alice@demo.test", "bob@demo.test"]],
                         ids=["one account", "two accounts"])
def test_100_mib_raise_the_peak_by_little(veredus, recipients):
    if server.sanitized():
        pytest.skip("the memory of a program with a sanitizer says nothing")
    veredus.send(wire.message("warm"))
    veredus.take()
    before = memory(veredus, "VmHWM")
    with veredus.smtp() as session:
        session.hello()
        assert send_long(session, 100 * MIB, recipients).code == 250
    veredus.settled()
    received = memory(veredus, "VmHWM")
    for recipient in recipients:
        assert len(veredus.take_one(recipient.partition("@")[0])) > 100 * MIB
    after = memory(veredus, "VmHWM")
    print(f"before {before // MIB} MiB, received {received // MIB} MiB, read {after // MIB} MiB at most")
    assert after - before <= 100 * MIB
