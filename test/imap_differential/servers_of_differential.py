"""The two servers that are compared, on loopback."""
import contextlib
import pathlib
import tempfile

import differential
import dovecot
import imap_wire
import server as servers

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEERS = ROOT / "build/peers"


def dovecot_is_there():
    return all((PEERS / package / ".complete").exists() for package in dovecot.PACKAGES)


@contextlib.contextmanager
def dovecot_side(form="sdbox"):
    home = tempfile.mkdtemp(prefix="dovecot-")
    running = dovecot.Dovecot(pathlib.Path(home) / "home", PEERS, form)

    def connect():
        session = imap_wire.Imap(("127.0.0.1", running.port))
        session.login("alice", "x")
        session.ask("ENABLE CONDSTORE")
        return session
    try:
        yield differential.Side("dovecot", connect)
    finally:
        running.remove()


@contextlib.contextmanager
def our_side():
    running = servers.Veredus(settings="[imap]\nmax_errors = 1000000\n", people=())

    def connect():
        session = imap_wire.Imap(running.address("imaps"), running.tls)
        session.login("alice@demo.test", servers.PASSWORDS["alice"])
        session.ask("ENABLE CONDSTORE")
        return session
    try:
        yield differential.Side("veredus", connect)
    finally:
        running.stop()
        running.remove()


@contextlib.contextmanager
def pair(both_dovecot=False):
    with (dovecot_side("maildir") if both_dovecot else our_side()) as ours, dovecot_side() as theirs:
        yield ours, theirs
