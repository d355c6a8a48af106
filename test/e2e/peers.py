"""Other mail servers, as bad as they come: each is a thread on an address of loopback and keeps all that it was told.

    with Peer("127.0.0.2", port, on={"RCPT": ["451 4.3.0 later", None]}) as peer: …

`on`: what a command is answered instead, by its verb, or by "greeting", "end" (of the message) and "handshake" (of TLS: octets). A list is used up, one
entry for each time; the last one stays. None: as usual. Bytes are sent as they are. CLOSE: nothing is said any more. A function is called
first, and what it answers is said."""
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field

CLOSE = object()
EXTENSIONS = ("PIPELINING", "8BITMIME", "SMTPUTF8", "SIZE 100000000", "ENHANCEDSTATUSCODES", "DSN")


@dataclass
class Message:
    """What one transaction brought. `mail` and `recipients` are whole arguments: `FROM:<a@example.org> SIZE=5`."""
    mail: str
    recipients: list
    octets: bytes
    tls: bool

    @property
    def sender(self):
        return self.mail[self.mail.index("<") + 1:self.mail.index(">")]

    @property
    def to(self):
        return [r[r.index("<") + 1:r.index(">")] for r in self.recipients]


@dataclass
class Session:
    commands: list = field(default_factory=list)  # as sent, without CRLF
    began: float = 0.0
    hello: str = ""
    tls: bool = False


def free_port(*addresses):
    """A port that none of these addresses has in use."""
    for port in range(20025, 30000, 7):
        taken = []
        try:
            for address in addresses:
                probe = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
                taken.append(probe)
                probe.bind((address, port))
            return port
        except OSError:
            continue
        finally:
            for probe in taken:
                probe.close()
    raise OSError("no free port")


class Peer:
    """`tls`: a server's context, offered by STARTTLS. `delay`: seconds before each answer."""

    def __init__(self, address, port, extensions=EXTENSIONS, on=None, delay=0.0, tls=None, name="peer.test"):
        self.extensions, self.on, self.delay, self.tls, self.name = extensions, dict(on or {}), delay, tls, name
        self.sessions, self.messages, self.connections = [], [], set()
        self.arrived = threading.Condition()
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.listener = socket.socket(family)
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((address, port))
        self.listener.listen(64)
        self.stopping = False
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.stopping = True
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        with self.arrived:
            open_now = list(self.connections)
        for talk in open_now:
            try:
                talk.connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def wait(self, count=1, patience=60):
        """Until it has that many messages; answers them."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.messages) >= count, patience), \
                f"{len(self.messages)} messages instead of {count}; it was told {[s.commands for s in self.sessions]}"
            return list(self.messages)

    def wait_for_sessions(self, count, patience=60):
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.sessions) >= count, patience), f"{len(self.sessions)} sessions"

    def accept(self):
        while not self.stopping:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def answer(self, what, usual):
        """What is said now."""
        planned = self.on.get(what)
        if isinstance(planned, list):
            with self.arrived:
                planned = planned.pop(0) if len(planned) > 1 else planned[0]
        if callable(planned):
            planned = planned()
        return usual if planned is None else planned

    def serve(self, connection):
        session, talk = Session(began=time.monotonic()), Talk(connection)
        with self.arrived:
            self.sessions.append(session)
            self.connections.add(talk)
            self.arrived.notify_all()
        connection.settimeout(120)
        try:
            self.talk(talk, session)
        except (OSError, ssl.SSLError, EOFError):
            pass
        finally:
            with self.arrived:
                self.connections.discard(talk)
            talk.connection.close()

    def talk(self, talk, session):
        self.speak(talk, self.answer("greeting", f"220 {self.name} ESMTP"))
        mail, recipients = None, []
        while True:
            line = talk.line().decode(errors="surrogateescape")
            session.commands.append(line)
            verb = line[:4].upper()
            argument = line[5:]
            if verb == "DATA":
                said = self.answer("DATA", "354 go ahead" if recipients else "503 5.5.1 no recipients")
                self.speak(talk, said)
                if not (isinstance(said, str) and said.startswith("354")):
                    continue
                octets = talk.data()
                usual = "250 2.0.0 taken"
                said = self.answer("end", usual)
                if said is usual or (isinstance(said, str) and said.startswith("250")):
                    self.take(Message(mail, recipients, octets, session.tls))
                mail, recipients = None, []
                self.speak(talk, said)
                continue
            if verb in ("EHLO", "HELO"):
                session.hello = argument
                lines = [f"{self.name} greets {argument}"] + (self.offered(session) if verb == "EHLO" else [])
                usual = "\r\n".join(f"250{' ' if i == len(lines) - 1 else '-'}{text}" for i, text in enumerate(lines))
            elif verb == "STAR":
                said = self.answer("STAR", "220 2.0.0 go ahead" if self.tls else "502 5.5.1 no TLS")
                self.speak(talk, said)
                if (nonsense := self.answer("handshake", None)) is not None:
                    talk.more()
                    talk.send(nonsense)
                    return
                if self.tls and isinstance(said, str) and said.startswith("220"):
                    talk.wrap(self.tls)
                    session.tls = True
                continue
            elif verb == "MAIL":
                usual = "250 2.1.0 sender fine"
            elif verb == "RCPT":
                usual = "250 2.1.5 recipient fine" if mail else "503 5.5.1 no sender"
            elif verb == "QUIT":
                usual = "221 2.0.0 bye"
            else:
                usual = "250 2.0.0 fine"
            said = self.answer(verb, usual)
            self.speak(talk, said)
            if verb == "QUIT":
                return
            good = isinstance(said, str) and said.startswith("250")
            if verb == "MAIL" and good:
                mail, recipients = argument, []
            elif verb == "RCPT" and good:
                recipients.append(argument)
            elif verb == "RSET":
                mail, recipients = None, []

    def offered(self, session):
        return [*self.extensions] + (["STARTTLS"] if self.tls and not session.tls else [])

    def speak(self, talk, said):
        if self.delay:
            time.sleep(self.delay)
        if said is CLOSE:
            raise EOFError
        talk.send(said if isinstance(said, bytes) else said.encode() + b"\r\n")

    def take(self, message):
        with self.arrived:
            self.messages.append(message)
            self.arrived.notify_all()


class Talk:
    """Lines over a socket."""

    def __init__(self, connection):
        self.connection, self.buffer = connection, b""

    def send(self, octets):
        self.connection.sendall(octets)

    def more(self):
        octets = self.connection.recv(1 << 16)
        if not octets:
            raise EOFError
        self.buffer += octets

    def line(self):
        while b"\r\n" not in self.buffer:
            self.more()
        line, self.buffer = self.buffer.split(b"\r\n", 1)
        return line

    def data(self):
        """The message up to its final dot, dots undone."""
        while not (self.buffer.startswith(b".\r\n") or b"\r\n.\r\n" in self.buffer):
            self.more()
        if self.buffer.startswith(b".\r\n"):
            octets, self.buffer = b"", self.buffer[3:]
        else:
            octets, self.buffer = self.buffer.split(b"\r\n.\r\n", 1)
            octets += b"\r\n"
        return b"\r\n".join(line[1:] if line.startswith(b".") else line for line in octets.split(b"\r\n"))

    def wrap(self, tls):
        self.buffer = b""
        self.connection = tls.wrap_socket(self.connection, server_side=True)
