"""A full queue on its way out, Veredus and Postfix in turn: rate at the sink, CPU and memory until the queue is empty. Then
fairness: one sender's flood, and another's message a second."""
import argparse
import contextlib
import json
import os
import re
import shutil
import smtplib
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

import measure
import workshop
from peers.postfix import Postfix
from veredus_server import Veredus

KIB = 1024
DOMAINS = 50  # destinations, all behind one smart host; --domains
MAIN_OCTETS = 2 * KIB
HELD = "defer_transports = relay smtp"


@dataclass
class Drained:
    messages: int
    seconds: float
    cpu_per_1000: float
    rss_mib: float
    left: int

    @property
    def rate(self):
        return self.messages / self.seconds if self.seconds else 0.0


class PostfixSink:
    """Postfix's smtp-sink, counting."""

    def __init__(self):
        self.port = Postfix._free_port()
        environment = {**os.environ, "LD_LIBRARY_PATH": str(workshop.POSTFIX / "usr/lib/postfix")}
        self._process = subprocess.Popen([workshop.POSTFIX / "usr/sbin/smtp-sink", "-u", "nobody", "-c", "-m", "1000", f"127.0.0.1:{self.port}", "1000"],
                                         env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.messages, self.last = 0, time.monotonic()
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self):
        rest = b""
        while octets := os.read(self._process.stdout.fileno(), 1 << 16):
            rest = (rest + octets)[-400:]
            found = re.findall(rb"mesg=\s*(\d+)\s", rest)
            if found and int(found[-1]) != self.messages:
                self.messages, self.last = int(found[-1]), time.monotonic()

    def wait_for(self, messages, seconds):
        """Until so many have come, or nothing has for 20 seconds."""
        deadline = time.monotonic() + seconds
        began = time.monotonic()
        while self.messages < messages and time.monotonic() < min(deadline, max(began, self.last) + 20):
            time.sleep(0.02)

    def stop(self):
        self._process.kill()
        self._process.wait()


class OwnSink:
    """bench/load/smtp_sink.cc: remembers each message, until stop()."""

    def __init__(self):
        log = self._log = workshop.scratch("sink") / "taken"
        self._process = subprocess.Popen([workshop.smtp_sink(), "--log", str(log)], stdout=subprocess.PIPE, text=True)
        self.port = json.loads(self._process.stdout.readline())["port"]

    def taken(self):
        """(when, sender, subject) of each message, in order."""
        if not self._log.exists():
            return []
        lines = [line.split(" ", 2) for line in self._log.read_text().splitlines()]
        return [(float(when), sender, subject) for when, sender, subject in lines]

    def stop(self):
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self._log.parent)


def inject(port, messages, octets, sender="sender@example.org"):
    """Fills a queue."""
    answer = subprocess.run([workshop.smtp_load(), "--port", str(port), "--sessions", "16", "--octets", str(octets), "--messages", str(messages),
                             "--per-connection", "1000", "--from", sender, "--rcpt", "reader@d%d.out.test", "--mailboxes", str(DOMAINS)],
                            check=True, capture_output=True, text=True)
    found = json.loads(answer.stdout)
    if found["messages"] != messages:
        raise RuntimeError(f"the queue took {found['messages']} of {messages} messages: {answer.stderr}")


def relay_everything(server, port):
    """Veredus: whoever sends to d0 … of out.test, it goes to the sink."""
    for i in range(DOMAINS):
        server.admin.put_relay_domain(f"d{i}.out.test")
    server.admin.put_route("sink", ["*.out.test"], "127.0.0.1", port)


class OurQueue:
    """Veredus, its queue standing still until release()."""

    def __init__(self, binary, port):
        self.server = Veredus(workshop.scratch("veredus-out"), binary, 0, EXTRA)
        try:
            relay_everything(self.server, port)
            self.server.admin.pause_queue()
        except BaseException:
            self.server.remove()
            raise

    def release(self):
        measure.forget_peak(self.server.pid)
        self.server.admin.resume_queue()

    def hold(self):
        self.server.admin.pause_queue()

    def left(self):
        return self.server.admin.queued()

    def peak_mib(self):
        return measure.peak_rss_mib(self.server.pid)

    def stop(self):
        self.server.remove()


class TheirQueue:
    """Postfix: all it takes is deferred until release()."""

    def __init__(self, port):
        self.server = Postfix(workshop.scratch("postfix-out"), workshop.POSTFIX, 1,
                              f"relay_domains = out.test\nrelayhost = [127.0.0.1]:{port}\nsmtp_host_lookup = native\n{HELD}\n")
        self._peak = 0.0

    def release(self):
        self._peak = 0.0
        self.server.reconfigure(HELD, "defer_transports =\n")
        self.server.command("/usr/sbin/postqueue", "-f")

    def hold(self):
        self.server.reconfigure("defer_transports =\n", HELD)

    def left(self):
        self._peak = max(self._peak, measure.rss_mib(self.server.pid))
        return self.server.queued()

    def peak_mib(self):
        return self._peak

    def stop(self):
        self.server.stop()


EXTRA = "[sessions]\nper_address = 10000\n"


def drain(queue, sink, messages, octets, seconds):
    """Fills the queue and lets it go."""
    inject(queue.server.port, messages, octets)
    measure.wait_until_quiet(queue.server.pid)
    standing, cpu = sink.messages, measure.cpu_seconds(queue.server.pid)
    began = time.monotonic()
    queue.release()
    sink.wait_for(standing + messages, seconds)
    elapsed = sink.last - began
    came = sink.messages - standing
    deadline = time.monotonic() + 15
    while (left := queue.left()) and time.monotonic() < deadline:
        time.sleep(0.1)
    measure.wait_until_quiet(queue.server.pid)
    cpu = measure.cpu_seconds(queue.server.pid) - cpu
    queue.hold()
    return Drained(came, elapsed, 1000 * cpu / max(1, came), queue.peak_mib(), left)


def side_by_side(options, binary, print_row):
    """{octets: (theirs, ours)}"""
    found = {}
    with contextlib.ExitStack() as stack:
        sinks = [PostfixSink(), PostfixSink()]
        for sink in sinks:
            stack.callback(sink.stop)
        theirs, ours = TheirQueue(sinks[0].port), OurQueue(binary, sinks[1].port)
        stack.callback(theirs.stop)
        stack.callback(ours.stop)
        for octets, messages in options.loads:
            pair = []
            for name, queue, sink in (("postfix", theirs, sinks[0]), ("veredus", ours, sinks[1])):
                pair.append(drain(queue, sink, messages, octets, 45 if options.quick else 600))
                print_row(name, octets, pair)
            found[octets] = tuple(pair)
    return found


def fairness(binary, flood, seconds):
    """p99 and the worst of a message a second beside another sender's flood: (p99, worst, their number)."""
    sink = OwnSink()
    ours = OurQueue(binary, sink.port)
    try:
        inject(ours.server.port, flood, MAIN_OCTETS, "flood@example.org")
        ours.release()
        sent = {}
        began = time.time()
        while time.time() - began < seconds and ours.left():
            name = f"single-{len(sent)}"
            with smtplib.SMTP("127.0.0.1", ours.server.port) as client:
                client.sendmail("single@example.net", [f"reader@d{len(sent) % DOMAINS}.out.test"], f"Subject: {name}\r\n\r\nhello\r\n")
            sent[name] = time.time()
            time.sleep(max(0.0, began + len(sent) - time.time()))
        deadline = time.time() + 30
        while time.time() < deadline and not sent.keys() <= (taken := {subject: when for when, _, subject in sink.taken()}).keys():
            time.sleep(0.1)
        delays = sorted(taken.get(name, float("inf")) - when for name, when in sent.items())
        return delays[min(len(delays) - 1, int(0.99 * len(delays)))], delays[-1], statistics.median(delays), len(delays)
    finally:
        ours.stop()
        sink.stop()


def main(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench smtp-out", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer messages")
    parser.add_argument("--binary", help="this veredus instead of building the release")
    parser.add_argument("--messages", type=int, default=20_000, help="in the queue (%(default)s)")
    parser.add_argument("--markdown", action="store_true", help="tables as docs/performance.md has them")
    parser.add_argument("--domains", type=int, default=DOMAINS, help="destinations, all behind one smart host (%(default)s)")
    options = parser.parse_args(arguments)
    globals()["DOMAINS"] = options.domains
    options.loads = ((MAIN_OCTETS, 2500), (50 * KIB, 300)) if options.quick else ((MAIN_OCTETS, options.messages), (50 * KIB, options.messages // 4))
    if os.geteuid() != 0:
        print("bench: Postfix runs in a mount namespace of its own: this needs root", file=sys.stderr)
        return 2
    binary = options.binary or workshop.release_binary()
    columns = ("server", "octets", "messages", "msg/s", "CPU-s/1000", "peak MiB", "left", "rate x", "CPU x")
    if options.markdown:
        print("| " + " | ".join(columns) + " |\n|" + "---|" * len(columns))
    else:
        print("  {:<10}{:>8}{:>10}{:>9}{:>12}{:>10}{:>7}{:>8}{:>8}".format(*columns))

    def print_row(name, octets, pair):
        one = pair[-1]
        cells = [name, octets, one.messages, f"{one.rate:.0f}", f"{one.cpu_per_1000:.3f}", f"{one.rss_mib:.0f}", one.left]
        cells += [f"{value:.1f}" for value in ratios(*pair)] if len(pair) == 2 else ["", ""]
        text = "| " + " | ".join(map(str, cells)) + " |" if options.markdown else "  {:<10}{:>8}{:>10}{:>9}{:>12}{:>10}{:>7}{:>8}{:>8}".format(*cells)
        print(text, flush=True)

    found = side_by_side(options, binary, print_row)
    p99, worst, median, count = fairness(binary, 5000 if options.quick else 100_000, 8 if options.quick else 120)
    print(f"\nfairness: {count} messages, one a second, beside another sender's flood: median {median:.2f} s, p99 {p99:.2f} s, worst {worst:.2f} s")
    theirs, ours = found[MAIN_OCTETS]
    rate, cpu = ratios(theirs, ours)
    worst_rss = max(pair[1].rss_mib for pair in found.values())
    print(f"bench smtp-out: rate_ratio={rate:.2f} cpu_ratio={cpu:.2f} rate={ours.rate:.0f} cpu_per_1000={ours.cpu_per_1000:.4f} "
          f"rss_mib={worst_rss:.0f} fair_p99_s={p99:.2f}")
    return 0 if all(one.left == 0 for pair in found.values() for one in pair) else 1


def ratios(theirs, ours):
    """(rate, messages for each CPU second) of ours over theirs."""
    return ours.rate / max(1e-9, theirs.rate), theirs.cpu_per_1000 / max(1e-9, ours.cpu_per_1000)
