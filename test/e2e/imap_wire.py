"""IMAP spoken by hand: every octet is the test's own, and every reply is read strictly."""
import re
from dataclasses import dataclass, field

from wire import Connection

CONDITIONS = ("OK", "NO", "BAD", "PREAUTH", "BYE")


class Malformed(AssertionError):
    """What a server said is no IMAP."""


def literal_octets(line):
    """The octets of the literal that a line announces at its end, or None."""
    match = re.search(rb"\{(\d+)\}$", line)
    return int(match[1]) if match else None


class Values:
    """Reads values: atoms are str, strings bytes, NIL is None, lists are lists."""

    def __init__(self, octets):
        self.octets, self.at = octets, 0

    def fail(self, wanted):
        raise Malformed(f"{wanted} expected at {self.octets[self.at:self.at + 60]!r} in {self.octets[:300]!r}")

    def all(self, closing=b""):
        """Values up to the end or `closing`, single blanks between them; lists may stand side by side."""
        values = []
        while True:
            if closing and self.octets.startswith(closing, self.at):
                self.at += len(closing)
                return values
            if self.at == len(self.octets):
                if closing:
                    self.fail(closing)
                return values
            if values:
                blank = self.octets[self.at:self.at + 1] == b" "
                side_by_side = isinstance(values[-1], list) and self.octets[self.at:self.at + 1] == b"("
                if not blank and not side_by_side:
                    self.fail("a blank")
                self.at += blank
            values.append(self.one())

    def one(self):
        here = self.octets[self.at:self.at + 1]
        if here == b"(":
            self.at += 1
            return self.all(b")")
        if here == b'"':
            match = re.compile(rb'"((?:[^"\\\r\n\0]|\\["\\])*)"').match(self.octets, self.at)
            if not match:
                self.fail("a quoted string")
            self.at = match.end()
            return re.sub(rb"\\(.)", rb"\1", match[1])
        if match := re.compile(rb"~?\{(\d+)\}\r\n").match(self.octets, self.at):
            size = int(match[1])
            self.at = match.end() + size
            if self.at > len(self.octets):
                self.fail("a whole literal")
            return self.octets[match.end():self.at]
        match = re.compile(rb'(?:[^\s\[\]()"{}\0]|\[(?:[^\]"]|"(?:[^"\\]|\\.)*")*\])+').match(self.octets, self.at)
        if not match:
            self.fail("an atom")
        self.at = match.end()
        return None if match[0] == b"NIL" else match[0].decode()


@dataclass
class Response:
    """One response. `name` in capitals; `code` is the list of what stood in brackets."""
    raw: bytes
    tag: str
    name: str = ""
    number: int | None = None
    code: list = field(default_factory=list)
    text: str = ""
    values: list = field(default_factory=list)

    def code_is(self, name):
        return bool(self.code) and str(self.code[0]).upper() == name

    def items(self):
        """FETCH: {name: value}."""
        pairs = self.values[0]
        assert len(pairs) % 2 == 0, self.raw
        return {str(pairs[i]): pairs[i + 1] for i in range(0, len(pairs), 2)}


def read_response(raw):
    """`raw` is the whole response without its last CRLF, literals inside."""
    if raw.startswith(b"+"):
        return Response(raw, "+", text=raw[2:].decode("latin-1"))
    match = re.match(rb"(\S+) (?:(\d+) )?([A-Za-z0-9.+-]+)(?: |$)", raw)
    if not match:
        raise Malformed(f"no response: {raw[:200]!r}")
    response = Response(raw, match[1].decode(), match[3].decode().upper(), int(match[2]) if match[2] else None)
    rest = raw[match.end():]
    if response.name in CONDITIONS and response.number is None:
        if rest.startswith(b"["):
            values = Values(rest[1:])
            response.code = values.all(b"]")
            rest = rest[1 + values.at:].lstrip(b" ")
        response.text = rest.decode("utf-8", "replace")
        return response
    if response.tag != "*":
        raise Malformed(f"no tagged response: {raw[:200]!r}")
    response.values = Values(rest).all()
    return response


@dataclass
class Answer:
    """What one command was answered."""
    tagged: Response
    untagged: list

    @property
    def ok(self):
        return self.tagged.name == "OK"

    def named(self, name):
        return [r for r in self.untagged if r.name == name]

    def numbers(self, name):
        """`* 3 EXISTS`: [3]."""
        return [r.number for r in self.untagged if r.name == name and r.number is not None]

    def code(self, name):
        """The arguments of the response code called so, of the tagged or an untagged OK; None: there is none."""
        for response in (self.tagged, *self.untagged):
            if response.code_is(name):
                return response.code[1:]
        return None

    def __str__(self):
        return "\n".join(r.raw[:400].decode("latin-1") for r in (*self.untagged, self.tagged))


class Imap(Connection):
    """The client's side of an IMAP session. The greeting is read at once."""

    def __init__(self, address, tls=None):
        super().__init__(address, tls)
        self.count = 0
        self.exists = 0
        self.greeting = self.response()

    def exactly(self, size):
        while len(self.buffer) < size:
            more = self.receive()
            assert more, "the connection broke within a literal"
            self.buffer += more
        octets, self.buffer = self.buffer[:size], self.buffer[size:]
        return octets

    def raw_response(self):
        """None: the server has closed."""
        raw = b""
        while True:
            line = self.line()
            if line is None:
                assert not raw, f"the connection broke within {raw!r}"
                return None
            raw += line
            size = None if re.match(rb"(\+|\S+ (OK|NO|BAD|BYE|PREAUTH)\b)", raw) else literal_octets(line)
            if size is None:
                return raw
            raw += b"\r\n" + self.exactly(size)

    def response(self):
        raw = self.raw_response()
        assert raw is not None, "the server closed instead of answering"
        response = read_response(raw)
        if response.name == "EXISTS":
            self.exists = response.number
        elif response.name == "EXPUNGE":
            self.exists -= 1
        return response

    def begin(self, command):
        """Sends a command (text or octets, literals inside, without its tag); its tag."""
        self.count += 1
        tag = f"a{self.count}"
        self.send(tag.encode() + b" " + (command.encode() if isinstance(command, str) else command) + b"\r\n")
        return tag

    def finish(self, tag):
        untagged = []
        while True:
            response = self.response()
            if response.tag == tag:
                return Answer(response, untagged)
            assert response.tag in ("*", "+"), f"{response.raw!r} while waiting for {tag}"
            untagged.append(response)

    def ask(self, command, want="OK"):
        """One command and its whole answer, which must be `want` unless that is None."""
        answer = self.finish(self.begin(command))
        assert want is None or answer.tagged.name == want, f"{command[:300]!r} was answered\n{answer}"
        return answer

    def login(self, user, password):
        return self.ask(f'LOGIN "{user}" "{password}"')

    def append(self, mailbox, octets, flags="", date="", want="OK"):
        words = f'APPEND "{mailbox}"' + (f" ({flags})" if flags else "") + (f' "{date}"' if date else "")
        return self.ask(words.encode() + b" {%d+}\r\n" % len(octets) + octets, want)

    def fetch(self, which, items, uid=False):
        """[(number, {item: value})]"""
        answer = self.ask(f"{'UID ' if uid else ''}FETCH {which} {items}")
        return [(r.number, r.items()) for r in answer.named("FETCH")]

    def search(self, keys, uid=False):
        answer = self.ask(f"{'UID ' if uid else ''}SEARCH {keys}")
        (found,) = answer.named("SEARCH")
        return [int(v) for v in found.values if not isinstance(v, list)]

    def idle(self):
        """Begins IDLE, reads its continuation; what came before that is returned and must be nothing."""
        tag = self.begin("IDLE")
        first = self.response()
        assert first.tag == "+", first.raw
        return tag

    def done(self, tag):
        self.send(b"DONE\r\n")
        return self.finish(tag)

    def logout(self):
        answer = self.ask("LOGOUT")
        assert answer.named("BYE")
        assert self.closed() == b""
        self.close()
