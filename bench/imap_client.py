"""An IMAP client that costs little itself: it sends octets and waits for the tagged answer, parsing nothing."""
import select
import socket
import time


LONG = 64 * 1024


class Refused(RuntimeError):
    pass


class Client:
    def __init__(self, port, user, password):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=600)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.room = bytearray(b"\1") * (1 << 20)  # written to, so that no first reply has to fetch pages for it
        self.count = 0
        self.tail = b""
        while b"\r\n" not in self.tail:
            self.tail += self.socket.recv(65536)
        self.ask(f'LOGIN "{user}" "{password}"')

    def tag(self):
        self.count += 1
        return b"Zq%07d" % self.count

    def send(self, command):
        """Sends a command (text or octets); its tag."""
        tag = self.tag()
        octets = command.encode() if isinstance(command, str) else command
        if len(octets) < LONG:
            self.socket.sendall(tag + b" " + octets + b"\r\n")
        else:  # uncopied
            self.socket.sendall(tag + b" ", socket.MSG_MORE)
            self.socket.sendall(octets, socket.MSG_MORE)
            self.socket.sendall(b"\r\n")
        return tag

    def wait(self, tag):
        """Until the tagged answer; how many octets came. Looks at ends of what was received alone: where a line ended, and before it
        for the tag, in little first."""
        octets, end = 0, b"\r\n" + tag + b" "
        kept, view = b"\r\n", memoryview(self.room)
        while True:
            got = self.socket.recv_into(view)
            if got == 0:
                raise Refused("the server closed")
            octets += got
            if got > 1 and view[got - 2:got] == b"\r\n" or got == 1:
                for reach in (512, 65536):
                    piece = kept + bytes(view[:got]) if got < reach else bytes(view[got - reach:got])
                    at = piece.rfind(end)
                    if at >= 0 and piece.endswith(b"\r\n"):
                        if piece[at + len(end):at + len(end) + 2] != b"OK":
                            raise Refused(piece[at + 2:].decode(errors="replace")[:300])
                        self.tail = piece[-4096:]
                        return octets
            kept = (kept + bytes(view[max(0, got - 512):got]))[-512:]

    def ask(self, command):
        return self.wait(self.send(command))

    def text(self, command):
        """The whole answer, for small ones."""
        tag = self.send(command)
        got = b""
        while not (got.endswith(b"\r\n") and (b"\r\n" + got).rfind(b"\r\n" + tag + b" ") >= 0):
            got += self.socket.recv(1 << 20)
        return got.decode("latin-1")

    def timed(self, command):
        """Milliseconds."""
        began = time.perf_counter()
        self.ask(command)
        return 1000 * (time.perf_counter() - began)

    @staticmethod
    def append_command(mailbox, letters, date=b'" 1-Feb-2020 10:00:00 +0000"'):
        """MULTIAPPEND. Joining long ones takes a while: do it before a clock runs."""
        return b'APPEND "' + mailbox.encode() + b'"' + b"".join(b" " + date + b" {%d+}\r\n" % len(one) + one for one in letters)

    def append(self, mailbox, letters):
        self.ask(self.append_command(mailbox, letters))

    def idle(self):
        """Begins IDLE and returns when the server said "+"."""
        self.send("IDLE")
        while not self.socket.recv(65536).startswith(b"+"):
            pass

    def readable(self):
        return bool(select.select([self.socket], [], [], 0)[0])

    def close(self):
        self.socket.close()


def pop3_retrieve(port, user, password, count):
    """RETR of the first `count` messages, one after the other; seconds."""
    with socket.create_connection(("127.0.0.1", port), timeout=600) as session:
        session.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        session.recv(65536)
        room = bytearray(1 << 20)

        def ask(line, many=False):
            session.sendall(line + b"\r\n")
            end = b"\r\n.\r\n" if many else b"\r\n"
            got = 0
            while not room.endswith(end, 0, got):
                if got == len(room):  # of a long message its end alone matters
                    room[:16], got = room[-16:], 16
                more = session.recv_into(memoryview(room)[got:])
                got += more
                if not more or room.startswith(b"-ERR"):
                    raise Refused(f"{line!r}: {bytes(room[:min(got, 200)])!r}")
        ask(b"USER " + user.encode())
        ask(b"PASS " + password.encode())
        began = time.perf_counter()
        for i in range(1, count + 1):
            ask(b"RETR %d" % i, True)
        spent = time.perf_counter() - began
        session.sendall(b"QUIT\r\n")
        while session.recv(65536):
            pass
        return spent
