"""Senders that remember what they were told: each message, who it is for, and whether it was answered 250."""
import asyncio
import hashlib
import random
from dataclasses import dataclass, field

SENDERS = 32


@dataclass
class Sent:
    """A message of which at least the end went out."""
    name: str  # its Subject
    recipients: tuple
    length: int
    digest: bytes
    answered: bool = False


@dataclass
class Sending:
    """What one round sends."""
    label: str
    accounts: list
    luck: random.Random
    sent: list = field(default_factory=list)
    refusals: dict = field(default_factory=dict)
    over: bool = False

    def message(self, sender, number):
        """(name, octets): mostly short, now and then longer than what a server keeps in one piece."""
        name = f"{self.label}-{sender}-{number}"
        draw = self.luck.random()
        octets = 300_000 + self.luck.randrange(500_000) if draw < 0.01 else 20_000 if draw < 0.05 else self.luck.randrange(200, 4000)
        line = hashlib.sha256(name.encode()).hexdigest() + "\r\n"
        text = (f"From: <sender@example.org>\r\nTo: <readers@demo.test>\r\nSubject: {name}\r\n"
                f"Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{name}@example.org>\r\n\r\n")
        return name, (text + line * (octets // len(line) + 1)).encode()

    def recipients(self):
        return self.luck.sample(self.accounts, 1 if self.luck.random() < 0.6 else self.luck.randint(2, 5))


async def _reply(reader):
    while True:
        line = await reader.readline()
        if not line.endswith(b"\n"):
            raise ConnectionError("cut")
        if line[3:4] != b"-":
            return line


async def _one_message(reader, writer, sending, sender, number):
    name, octets = sending.message(sender, number)
    wanted = sending.recipients()
    writer.write("".join(["MAIL FROM:<sender@example.org>\r\n", *(f"RCPT TO:<{one}>\r\n" for one in wanted), "DATA\r\n"]).encode())
    replies = [await _reply(reader) for _ in range(len(wanted) + 2)]
    taken = tuple(one for one, reply in zip(wanted, replies[1:]) if reply.startswith(b"250"))
    if not replies[-1].startswith(b"354"):
        raise ValueError(next(reply for reply in replies if reply[:1] in b"45"))
    record = Sent(name, taken, len(octets), hashlib.sha256(octets).digest())
    sending.sent.append(record)
    writer.write(octets + b".\r\n")
    await writer.drain()
    answer = await _reply(reader)
    record.answered = answer.startswith(b"250")
    if not record.answered:
        raise ValueError(answer)


async def _sender(port, sending, sender):
    number = 0
    while not sending.over:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        try:
            await _reply(reader)
            writer.write(b"EHLO sender.example.org\r\n")
            await _reply(reader)
            while not sending.over:
                number += 1
                await _one_message(reader, writer, sending, sender, number)
        except ValueError as error:
            said = error.args[0][:60].decode(errors="replace").strip()
            sending.refusals[said] = sending.refusals.get(said, 0) + 1
        except (OSError, IndexError):
            pass
        finally:
            writer.transport.abort()


async def _storm(port, sending, seconds, strike):
    senders = [asyncio.ensure_future(_sender(port, sending, i)) for i in range(SENDERS)]
    await asyncio.sleep(seconds)
    strike()
    sending.over = True
    await asyncio.wait(senders, timeout=30)  # what the kernel still holds of the server's answers is read, and counts
    for sender in senders:
        sender.cancel()
    await asyncio.gather(*senders, return_exceptions=True)


def storm(port, sending, seconds, strike):
    """Sends for `seconds`, then calls `strike`, which ends the server; returns when all senders have seen the end."""
    asyncio.run(_storm(port, sending, seconds, strike))
