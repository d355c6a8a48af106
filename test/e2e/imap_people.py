"""Accounts made for one IMAP test each, and sessions of theirs."""
import contextlib
import itertools

import imap_wire

PASSWORD = "a password of the imap tests"
_numbers = itertools.count(1)


class Person:
    """An account that nobody else uses."""

    def __init__(self, running):
        self.running = running
        self.address = f"reader{next(_numbers)}@demo.test"
        running.run("account", "add", self.address, stdin=PASSWORD + "\n")
        self.sessions = []

    def connect(self, mailbox=None, enable=None):
        """A session over TLS, logged in."""
        session = imap_wire.Imap(self.running.address("imaps"), self.running.tls)
        self.sessions.append(session)
        session.login(self.address, PASSWORD)
        if enable:
            session.ask(f"ENABLE {enable}")
        if mailbox:
            session.ask(f'SELECT "{mailbox}"')
        return session

    def close(self):
        for session in self.sessions:
            with contextlib.suppress(OSError):
                session.close()


def letter(number, body="Hello.\r\n", more=""):
    return (f"From: Sender <sender@example.org>\r\nTo: <reader@demo.test>\r\nSubject: letter {number}\r\n"
            f"Message-ID: <{number}@example.org>\r\n{more}\r\n{body}").encode()


def fill(session, count, mailbox="INBOX", first=1):
    """MULTIAPPEND of `count` letters."""
    octets = b"".join(b" {%d+}\r\n" % len(one) + one for one in (letter(i) for i in range(first, first + count)))
    return session.ask(f'APPEND "{mailbox}"'.encode() + octets)
