"""SMTP and POP3 spoken by hand: every octet is the test's own."""
import base64
import re
import socket
import ssl
from dataclasses import dataclass, field

PATIENCE = 120  # seconds; generous, so that only a hang ends here


@dataclass
class Reply:
    """One SMTP reply. `lines` are without their code."""
    code: int
    lines: list[str] = field(default_factory=list)

    @property
    def text(self):
        return "\n".join(self.lines)

    def __str__(self):
        return f"{self.code} {self.text}"


class Connection:
    """A socket with lines. `address` is (host, port), or the path of a UNIX socket."""

    def __init__(self, address, tls=None, greet=b""):
        if isinstance(address, str):
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(PATIENCE)
            self.socket.connect(address)
        else:
            self.socket = socket.create_connection(address, timeout=PATIENCE)
        self.buffer = b""
        if greet:
            self.socket.sendall(greet)
        if tls:
            self.wrap(tls)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def wrap(self, tls):
        assert not self.buffer, f"the server spoke before TLS: {self.buffer!r}"
        self.socket = tls.wrap_socket(self.socket, server_hostname="mx.demo.test")

    def send(self, octets):
        self.socket.sendall(octets)

    def receive(self):
        try:
            return self.socket.recv(1 << 20)
        except (ConnectionResetError, ssl.SSLEOFError):
            return b""

    def line(self):
        """The next line, without CRLF. None: the server has closed."""
        while (end := self.buffer.find(b"\r\n")) < 0:
            more = self.receive()
            if not more:
                assert not self.buffer, f"half a line, then the end: {self.buffer!r}"
                return None
            self.buffer += more
        line, self.buffer = self.buffer[:end], self.buffer[end + 2:]
        return line

    def closed(self):
        """Waits for the server to close; what it still says is returned."""
        rest = self.buffer
        while more := self.receive():
            rest += more
        self.buffer = b""
        return rest


class Smtp(Connection):
    """The client's side of an SMTP or LMTP session."""

    def reply(self):
        lines = []
        while True:
            line = self.line()
            assert line is not None, f"the server closed instead of answering, after {lines}"
            match = re.fullmatch(rb"(\d{3})([ -])(.*)", line, re.DOTALL)
            assert match, f"no SMTP reply: {line!r}"
            lines.append(match[3].decode())
            if match[2] == b" ":
                return Reply(int(match[1]), lines)

    def ask(self, line, code=None):
        """Sends one command and reads its reply, which must have the code if one is given."""
        self.send((line.encode() if isinstance(line, str) else line) + b"\r\n")
        reply = self.reply()
        assert code is None or reply.code == code, f"{line!r} was answered {reply}"
        return reply

    def hello(self, word="EHLO"):
        assert self.reply().code == 220
        return self.ask(f"{word} client.example.org", 250)

    def starttls(self, tls):
        self.ask("STARTTLS", 220)
        self.wrap(tls)
        return self.ask("EHLO client.example.org", 250)

    def login(self, user, password):
        response = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        return self.ask(f"AUTH PLAIN {response}")

    def envelope(self, sender, *recipients, parameters=""):
        self.ask(f"MAIL FROM:<{sender}>{parameters}", 250)
        for recipient in recipients:
            self.ask(f"RCPT TO:<{recipient}>", 250)

    def data(self, message):
        """Sends `message` (octets, lines ended by CRLF) with its dots doubled; the reply to the final dot."""
        self.ask("DATA", 354)
        self.send(stuff(message))
        return self.reply()

    def mail(self, sender, recipients, message, parameters=""):
        if isinstance(recipients, str):
            recipients = [recipients]
        self.envelope(sender, *recipients, parameters=parameters)
        return self.data(message)


def stuff(message):
    """RFC 5321 s4.5.2, with the final dot."""
    dotted = re.sub(rb"(?m)^\.", b"..", message)
    return dotted + (b"" if message.endswith(b"\r\n") or not message else b"\r\n") + b".\r\n"


class Pop3(Connection):
    """The client's side of a POP3 session."""

    def __init__(self, address, tls=None):
        super().__init__(address, tls)
        self.banner = self.expect("+OK")

    def expect(self, begin):
        line = self.line()
        assert line is not None, "the server closed instead of answering"
        assert line.decode().startswith(begin), f"wanted {begin}, got {line!r}"
        return line.decode()

    def ask(self, line, begin="+OK"):
        self.send(line.encode() + b"\r\n")
        return self.expect(begin)

    def body(self):
        """The octets of a multi-line answer, dots removed."""
        got = bytearray(b"\r\n" + self.buffer)  # so that a dot alone on the first line looks like any other
        searched = 0
        while (end := got.find(b"\r\n.\r\n", searched)) < 0:
            searched = max(0, len(got) - 4)
            more = self.receive()
            assert more, "the connection broke in an answer of many lines"
            got += more
        self.buffer = bytes(got[end + 5:])
        octets = bytes(got[2:end + 2])
        return octets if b"\n.." not in got else re.sub(rb"(?m)^\.\.", b".", octets)

    def lines(self, command):
        self.ask(command)
        return self.body().decode().splitlines()

    def login(self, user, password):
        self.ask(f"USER {user}")
        return self.ask(f"PASS {password}")

    def stat(self):
        _, count, octets = self.ask("STAT").split()
        return int(count), int(octets)

    def retrieve(self, number):
        self.ask(f"RETR {number}")
        return self.body()

    def quit(self):
        self.ask("QUIT")
        assert self.closed() == b""
        self.close()


def message(subject, body="Hello.\r\n", sender="sender@example.org", to="alice@demo.test", more=""):
    """A small message as octets."""
    return (f"From: <{sender}>\r\nTo: <{to}>\r\nSubject: {subject}\r\n{more}\r\n{body}").encode()


def subject_of(octets):
    match = re.search(rb"(?mi)^Subject: ([^\r\n]*)", octets)
    return match[1].decode() if match else None


def header_of(octets):
    return octets.split(b"\r\n\r\n", 1)[0] + b"\r\n"


def ours_and_theirs(stored, sent):
    """Splits what is stored into the fields we put before a message, and what was sent; it must end with that."""
    assert stored.endswith(sent), f"sent {len(sent)} octets ({sent[:200]!r}), stored {stored[:600]!r}"
    return stored[:len(stored) - len(sent)]
