"""What a session costs in memory that stands idle after EHLO: plain, and with TLS."""
import argparse
import socket
import ssl
import subprocess
import sys
import time

import measure
import workshop
from veredus_server import Veredus

SESSIONS = "[sessions]\nper_address = 10000\n"  # all of ours come from one address; shipped: 100


def _settled(pid):
    """The private memory when it does not grow any more, in KiB."""
    before, deadline = measure.pss_kib(pid), time.monotonic() + 5
    while time.monotonic() < deadline:
        time.sleep(0.5)
        now = measure.pss_kib(pid)
        if abs(now - before) < 64:
            return now
        before = now
    return before


def _hold_tls(port, count):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    held = []
    for _ in range(count):
        session = context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=60))
        session.recv(512)
        session.sendall(b"EHLO idle.example.org\r\n")
        session.recv(2048)
        held.append(session)
    return held


def plain_kib(server, count):
    """Growth for each of `count` sessions."""
    before = _settled(server.pid)
    holder = subprocess.Popen([workshop.smtp_load(), "--port", str(server.port), "--idle", str(count)],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        if not holder.stdout.readline():
            raise RuntimeError("the idle sessions could not be opened")
        return (_settled(server.pid) - before) / count
    finally:
        holder.stdin.close()
        holder.wait()


def tls_kib(server, count):
    before = _settled(server.pid)
    held = _hold_tls(server.ports["submissions"], count)
    try:
        return (_settled(server.pid) - before) / count
    finally:
        for session in held:
            session.close()


def measured(binary, plain=1000, tls=500):
    """(plain, tls) in KiB for each session, each in a server of its own that has served a little before."""
    found = []
    for kind, count in ((plain_kib, plain), (tls_kib, tls)):
        with Veredus(workshop.scratch("idle"), binary, extra=SESSIONS) as server:
            subprocess.run([workshop.smtp_load(), "--port", str(server.port), "--messages", "200"], check=True,
                           stdout=subprocess.DEVNULL)
            for session in _hold_tls(server.ports["submissions"], 4):
                session.close()
            time.sleep(0.5)
            found.append(kind(server, count))
    return tuple(found)


def main(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench idle", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the same; it is quick")
    parser.add_argument("--binary", help="this veredus instead of building the release")
    options = parser.parse_args(arguments)
    plain, tls = measured(options.binary or workshop.release_binary())
    print(f"1,000 plain sessions: {plain:.1f} KiB each\n  500 TLS sessions:   {tls:.1f} KiB each")
    print(f"bench idle: idle_plain_kib={plain:.1f} idle_tls_kib={tls:.1f}")
    sys.stdout.flush()
    return 0
