"""kill -9 while the queue is sent: every message reaches the sink; what reached it twice had been under way when the server
died, and its journal says that it was uncertain."""
import argparse
import asyncio
import collections
import json
import random
import sys
import time
from dataclasses import dataclass, field

import workshop
from smtp_out import DOMAINS, EXTRA, OwnSink, relay_everything
from veredus_server import Veredus

SENDERS = 16
SETTINGS = EXTRA + '[queue]\nretry_uncertain = "1s"\nretry_connect = ["1s"]\nretry_reply = ["1s"]\nbackoff_first = "1s"\n'


@dataclass
class Tally:
    rounds: int = 0
    ids: dict = field(default_factory=dict)  # subject: queue id
    lost: int = 0
    duplicated: int = 0
    unreported: int = 0
    uncertain: int = 0
    most_under_way: int = 0


async def _line(reader):
    while True:
        line = (await reader.readline()).decode()
        if line[3:4] != "-":
            return line


async def _inject_some(port, names, tally, luck):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await _line(reader)
    writer.write(b"EHLO sender.example.org\r\n")
    await _line(reader)
    for name in names:
        domain = f"d{luck.randrange(DOMAINS)}.out.test"
        text = "x" * 70 + "\r\n"
        body = text * luck.randrange(1, 400 if luck.random() < 0.05 else 40)
        writer.write(f"MAIL FROM:<sender@example.org>\r\nRCPT TO:<reader@{domain}>\r\nDATA\r\n".encode())
        answers = [await _line(reader) for _ in range(3)]
        if not answers[2].startswith("354"):
            raise RuntimeError(f"not taken: {answers}")
        writer.write(f"From: <sender@example.org>\r\nSubject: {name}\r\n\r\n{body}.\r\n".encode())
        answer = await _line(reader)
        if not answer.startswith("250"):
            raise RuntimeError(f"not taken: {answer}")
        tally.ids[name] = answer.split()[-1]
    writer.write(b"QUIT\r\n")
    await _line(reader)
    writer.close()


def inject(port, label, count, tally, luck):
    names = [f"{label}-{i}" for i in range(count)]

    async def all_of_them():
        await asyncio.gather(*(_inject_some(port, names[i::SENDERS], tally, luck) for i in range(SENDERS)))

    asyncio.run(all_of_them())


def _uncertain(server, queue_id):
    events = json.loads(server.admin.call("GET", f"/v1/journal?id={queue_id}"))["events"]
    return any(event["kind"] == "uncertain" for event in events)


def _round(server, number, count, tally, luck):
    server.admin.pause_queue()
    inject(server.port, f"r{number}", count, tally, luck)
    server.admin.resume_queue()
    time.sleep(luck.uniform(0.02, 0.5))
    under_way = server.admin.under_way()
    server.kill()
    left = time.time()
    server.start()
    tally.rounds += 1
    tally.most_under_way = max(tally.most_under_way, under_way)
    print(f"  round {number:>3}: {count} messages, killed, reopened in {time.time() - left:.2f} s, {server.admin.queued()} left", flush=True)


def _wait_until_empty(server, seconds):
    deadline = time.monotonic() + seconds
    while server.admin.queued() and time.monotonic() < deadline:
        time.sleep(0.1)
    return server.admin.queued()


def main(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench crash-out", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="5 rounds")
    parser.add_argument("--rounds", type=int, default=30, help="kills (%(default)s)")
    parser.add_argument("--messages", type=int, default=1500, help="queued for each round (%(default)s)")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--binary", help="this veredus instead of building the release")
    options = parser.parse_args(arguments)
    rounds = 5 if options.quick else options.rounds
    seed = options.seed if options.seed is not None else random.randrange(1 << 32)
    luck, tally = random.Random(seed), Tally()
    print(f"seed {seed}", flush=True)
    sink = OwnSink()
    server = Veredus(workshop.scratch("veredus-out"), options.binary or workshop.release_binary(), 0, SETTINGS)
    try:
        relay_everything(server, sink.port)
        for number in range(1, rounds + 1):
            _round(server, number, options.messages, tally, luck)
        left = _wait_until_empty(server, 60)
        taken = collections.Counter(subject for _, _, subject in sink.taken())
        tally.lost = sum(taken[name] == 0 for name in tally.ids)
        twice = {name: taken[name] - 1 for name in tally.ids if taken[name] > 1}
        tally.duplicated = sum(twice.values())
        tally.unreported = sum(not _uncertain(server, tally.ids[name]) for name in twice)
    finally:
        server.remove()
        sink.stop()
    if tally.lost or tally.unreported:
        print("lost:", [name for name in tally.ids if taken[name] == 0][:5], "twice, and not said to be uncertain:", list(twice)[:5])
    print(f"bench crash-out: rounds={tally.rounds} accepted={len(tally.ids)} lost={tally.lost} duplicated={tally.duplicated} "
          f"unreported={tally.unreported} most_under_way={tally.most_under_way} left={left}")
    sys.stdout.flush()
    return 1 if tally.lost or tally.unreported or left else 0
