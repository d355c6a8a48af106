"""Plays the scripts of test/dialogs (see its README) against a running server."""
import base64
import re

import server
import wire

DIALOGS = server.ROOT / "test/dialogs"
ESCAPES = {"r": "\r", "n": "\n", "t": "\t", "0": "\0"}


def octets(text):
    """`\\r \\n \\t \\0 \\\\ \\xHH`, all else UTF-8."""
    out = bytearray()
    for match in re.finditer(r"\\x([0-9a-fA-F]{2})|\\(.)|([^\\]+|\\$)", text):
        if match[1]:
            out.append(int(match[1], 16))
        elif match[2]:
            out += ESCAPES.get(match[2], match[2]).encode()
        else:
            out += match[3].encode()
    return bytes(out)


def variables():
    known = {}
    for name in ("alice", "bob"):
        password = server.PASSWORDS[name]
        known[f"{name}_password"] = password
        known[f"{name}_password_b64"] = base64.b64encode(password.encode()).decode()
        known[f"{name}_plain"] = base64.b64encode(f"\0{name}@demo.test\0{password}".encode()).decode()
    return known


def expand(text, known):
    def value(match):
        name = match[1]
        if name.startswith("b64:"):
            return base64.b64encode(octets(name[4:])).decode()
        return known[name]
    return re.sub(r"\$\{([^}]*)\}", value, text)


def script(path):
    """The lines that count, with their numbers."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        line = line.rstrip(" \r")
        if line and not line.startswith("#"):
            yield number, line


def in_memory_only(path):
    """Why a dialog cannot be played against a server; None when it can."""
    for _, line in script(path):
        if line.split()[0] in ("@memory", "@set", "@gate", "@silence", "@stop", "@deliver", "@removed"):
            return f"plays in memory only: it has {line.split()[0]}"
    return None


class Player:
    """One dialog with one server."""

    def __init__(self, running, kind):
        self.running, self.role, self.pop3 = running, {"smtp": "mx", "pop3": "pop3"}[kind], kind == "pop3"
        self.known = variables()
        self.connection = None
        self.lines = []  # of the last reply, without their code

    def play(self, path):
        for number, line in script(path):
            try:
                self.act(expand(line, self.known))
            except AssertionError as unlike:
                raise AssertionError(f"{path.name}:{number}: {line}: {unlike}") from unlike
        self.leave()

    def act(self, line):
        if line.startswith("@"):
            name, _, text = line[1:].partition(" ")
            return getattr(self, f"do_{name}")(text)
        self.connect_once()
        what, _, text = line.partition(":")
        text = text.removeprefix(" ")
        if what == "C":
            self.connection.send(text.encode() + b"\r\n")
        elif what.startswith("R"):
            self.connection.send(octets(text) * int(what[2:] or 1))
        elif what == "S":
            self.expect(text)
        else:
            has = any(one.startswith(text) for one in self.lines)
            assert has == (what == "S+"), f"in {self.lines}"

    def expect(self, text):
        many = text.endswith("...")
        wanted = text.removesuffix("...").replace("mail.demo.test", "mx.demo.test")  # the name of the one in memory
        if self.pop3:
            first = self.connection.expect(wanted)
            self.lines = [first]
            if many:
                while (line := self.connection.line()) != b".":
                    assert line is not None, "the server closed in the middle of a reply"
                    self.lines.append(line.decode())
            return
        reply = self.connection.reply()
        self.lines = reply.lines
        if many:
            assert str(reply.code) == wanted, str(reply)
        else:
            assert len(reply.lines) == 1 and str(reply).startswith(wanted), str(reply)

    # Connections

    def connect_once(self):
        if self.connection is None:
            protocol = {"mx": "smtp"}.get(self.role, self.role)
            tls = self.running.tls if protocol in ("submissions", "pop3s") else None
            kind = DialogPop3 if self.pop3 else wire.Smtp
            self.connection = kind(self.running.address(protocol), tls)

    def leave(self):
        """Nothing may come that nobody asked for."""
        if self.connection is None:
            return
        self.connection.socket.settimeout(0.05)
        try:
            rest = self.connection.buffer + self.connection.receive()
        except TimeoutError:
            rest = self.connection.buffer
        self.connection.close()
        self.connection = None
        assert not rest, f"nobody asked for {rest!r}"

    def do_role(self, text):
        self.role = text

    def do_reconnect(self, _):
        self.leave()
        self.connect_once()

    def do_tls(self, _):
        self.connection.wrap(self.running.tls)

    def do_auth(self, text):
        self.connect_once()
        reply = self.connection.login(f"{text}@demo.test", server.PASSWORDS[text])
        assert reply.code == 235, str(reply)

    def do_close(self, _):
        rest = self.connection.closed()
        assert not rest, f"nobody asked for {rest!r}"

    def do_stored(self, _):
        pass  # said of the server in memory

    do_contains = do_lacks = do_inbox = do_stored


class DialogPop3(wire.Pop3):
    """Does not read the greeting by itself: the script does."""

    def __init__(self, address, tls=None):
        wire.Connection.__init__(self, address, tls)
