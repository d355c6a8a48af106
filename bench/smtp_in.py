"""Mail into local mailboxes, Veredus and Postfix in turn: rate at the 250, latency, CPU with delivery, memory, idle sessions."""
import argparse
import contextlib
import json
import os
import resource
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

import idle
import measure
import workshop
from peers.postfix import Postfix
from veredus_server import Veredus

KIB, MIB = 1024, 1024 * 1024
MAILBOXES = 16


@dataclass(frozen=True)
class Workload:
    sessions: int
    octets: int
    per_connection: int
    generator: str = "smtp_load"

    def __str__(self):
        size = f"{self.octets // MIB} MiB" if self.octets >= MIB else f"{self.octets // KIB} KiB"
        return f"{self.sessions:>3} sessions, {size:>6}, {self.per_connection:>3} per connection, {self.generator}"


MAIN = Workload(16, 2 * KIB, 100)
QUICK = (MAIN, Workload(1, 2 * KIB, 100), Workload(16, MIB, 100), Workload(16, 2 * KIB, 100, "smtp-source"))
FULL = (*(Workload(sessions, octets, per_connection)
          for octets in (2 * KIB, 20 * KIB, MIB)
          for sessions, many in ((1, 100), (16, 100), (100, 10), (500, 10))
          for per_connection in (many, 1)),
        *(Workload(sessions, octets, per_connection, "smtp-source")
          for octets in (2 * KIB, 20 * KIB) for sessions in (1, 16) for per_connection in (100, 1)))
TUNED = Workload(16, 2 * KIB, 100)


@dataclass
class Sample:
    messages: int
    rate: float
    p50: float
    p99: float
    cpu_per_1000: float
    rss_mib: float
    others: float  # CPU seconds per second used by neither server nor generator
    refused: int = 0


@dataclass
class Series:
    samples: list = field(default_factory=list)

    def middle(self, name):
        values = [getattr(one, name) for one in self.samples]
        return statistics.median(values) if values else float("nan")

    def worst(self, name):
        return max((getattr(one, name) for one in self.samples), default=float("nan"))


class PeakOfFamily(threading.Thread):
    """Samples the summed resident memory of many processes twice a second."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self._pid, self._over, self.mib = pid, threading.Event(), 0.0

    def run(self):
        while True:
            self.mib = max(self.mib, measure.rss_mib(self._pid))
            if self._over.wait(0.5):
                return

    def end(self):
        self._over.set()
        self.join()
        return self.mib


def _smtp_load(server, work, seconds, _expected):
    answer = subprocess.run([workshop.smtp_load(), "--port", str(server.port), "--sessions", str(work.sessions),
                             "--octets", str(work.octets), "--per-connection", str(work.per_connection),
                             "--messages", "100000000", "--seconds", str(seconds), "--mailboxes", str(MAILBOXES)],
                            check=True, capture_output=True, text=True)
    if answer.stderr:
        print(answer.stderr, end="", file=sys.stderr)
    return json.loads(answer.stdout)


def _smtp_source(server, work, seconds, expected):
    """Postfix's own generator: one process for each session, each with a mailbox. It has no clock, hence a count."""
    each = max(20, int(expected * seconds / work.sessions))
    environment = {**os.environ, "LD_LIBRARY_PATH": str(workshop.POSTFIX / "usr/lib/postfix")}
    stay = ["-d"] if work.per_connection > 1 else []
    began = time.monotonic()
    running = [subprocess.Popen([workshop.POSTFIX / "usr/sbin/smtp-source", "-4", *stay, "-s", "1", "-m", str(each),
                                 "-l", str(work.octets), "-f", "sender@example.org", "-t", f"user{i % MAILBOXES}@demo.test",
                                 "-M", "load.example.org", f"127.0.0.1:{server.port}"], env=environment)
               for i in range(work.sessions)]
    failed = sum(one.wait() != 0 for one in running)
    elapsed, sent = time.monotonic() - began, each * (work.sessions - failed)
    return {"messages": sent, "refused": failed * each, "rate": sent / elapsed, "p50_ms": float("nan"), "p99_ms": float("nan")}


GENERATORS = {"smtp_load": _smtp_load, "smtp-source": _smtp_source}


def _settle_postfix(server, standing, accepted):
    """Until all that was accepted stands in the Maildirs: its delivery belongs to the message."""
    deadline = time.monotonic() + 120
    while server.delivered() < standing + accepted and time.monotonic() < deadline:
        time.sleep(0.2)
    measure.wait_until_quiet(server.pid)


def take(server, work, seconds, expected):
    """One sample of `work` against `server`."""
    ours = server.name == "veredus"
    if ours:
        measure.forget_peak(server.pid)
    standing = 0 if ours else server.delivered()
    peak = None if ours else PeakOfFamily(server.pid)
    if peak:
        peak.start()
    began, cpu, machine = time.monotonic(), measure.cpu_seconds(server.pid), measure.machine_cpu_seconds()
    generator = resource.getrusage(resource.RUSAGE_CHILDREN)
    found = GENERATORS[work.generator](server, work, seconds, expected)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    generator_cpu = used.ru_utime + used.ru_stime - generator.ru_utime - generator.ru_stime
    elapsed, during = time.monotonic() - began, measure.cpu_seconds(server.pid) - cpu
    others = max(0.0, measure.machine_cpu_seconds() - machine - during - generator_cpu) / elapsed
    if ours:
        server.wait_for_fan_out()
        measure.wait_until_quiet(server.pid)
    else:
        _settle_postfix(server, standing, found["messages"])
    cpu = measure.cpu_seconds(server.pid) - cpu
    mib = measure.peak_rss_mib(server.pid) if ours else peak.end()
    if not ours:
        server.forget()
    return Sample(found["messages"], found["rate"], found["p50_ms"], found["p99_ms"],
                  1000 * cpu / max(1, found["messages"]), mib, others, found["refused"])


class Table:
    COLUMNS = ("server", "messages", "msg/s", "p50 ms", "p99 ms", "CPU-s/1000", "peak MiB", "refused", "others' CPU", "rate x", "CPU x")

    def __init__(self, markdown):
        self._markdown = markdown

    def head(self, work):
        print(f"\n{work}", flush=True)
        if self._markdown:
            print("\n| " + " | ".join(self.COLUMNS) + " |\n|" + "---|" * len(self.COLUMNS))
        else:
            print("  {:<22}{:>9}{:>10}{:>9}{:>9}{:>12}{:>10}{:>9}{:>13}{:>8}{:>8}".format(*self.COLUMNS))

    def row(self, name, series, peer=None):
        cells = [f"{series.middle('messages'):.0f}", f"{series.middle('rate'):.0f}", f"{series.middle('p50'):.2f}",
                 f"{series.middle('p99'):.1f}", f"{series.middle('cpu_per_1000'):.3f}", f"{series.worst('rss_mib'):.0f}",
                 f"{sum(one.refused for one in series.samples)}", f"{series.middle('others'):.2f}"]
        cells = ["-" if cell == "nan" else cell for cell in cells]  # smtp-source tells no latencies
        cells += [f"{ratio:.1f}" for ratio in ratios(series, peer)] if peer else ["", ""]
        if self._markdown:
            print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
        else:
            print("  {:<22}{:>9}{:>10}{:>9}{:>9}{:>12}{:>10}{:>9}{:>13}{:>8}{:>8}".format(name, *cells), flush=True)


def ratios(ours, peer):
    """(rate, messages per CPU second) of ours over the peer's."""
    return ours.middle("rate") / peer.middle("rate"), peer.middle("cpu_per_1000") / max(1e-9, ours.middle("cpu_per_1000"))


def _seconds(options, work, server):
    """Long messages fill the disk fast, and few of them say enough."""
    if options.quick:
        return 2.5 if work != MAIN else 4
    long = options.seconds * (2 if work.sessions >= 500 else 1)
    return long if work.octets < MIB else min(long, 6)


def run(options, binary, table):
    """{workload: (ours, peer)}, printed as they come."""
    found = {}
    rounds = 1 if options.quick else options.rounds
    works = [work for work in (QUICK if options.quick else FULL) if options.only in " ".join(str(work).split())]
    with contextlib.ExitStack() as stack:
        postfix = stack.enter_context(Postfix(workshop.scratch("postfix"), workshop.POSTFIX, MAILBOXES))
        for octets in sorted({work.octets for work in works}):
            with Veredus(workshop.scratch("veredus"), binary, MAILBOXES, idle.SESSIONS) as veredus:
                for work in (one for one in works if one.octets == octets):
                    table.head(work)
                    ours, peer = Series(), Series()
                    for _ in range(rounds * (2 if work == MAIN and not options.quick else 1)):
                        for server, series, guess in ((postfix, peer, 300), (veredus, ours, 2500)):
                            series.samples.append(take(server, work, _seconds(options, work, server), guess))
                    table.row("postfix", peer)
                    table.row("veredus", ours, peer)
                    found[work] = (ours, peer)
    return found


def run_tuned(options, table):
    """Postfix without the throttle of its entry, which Debian ships on."""
    table.head(TUNED)
    series = Series()
    with Postfix(workshop.scratch("postfix"), workshop.POSTFIX, MAILBOXES, "in_flow_delay = 0") as postfix:
        for _ in range(options.rounds):
            series.samples.append(take(postfix, TUNED, options.seconds, 500))
    table.row("postfix in_flow_delay=0", series)
    return series


def main(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench smtp-in", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="four workloads, one short round each")
    parser.add_argument("--only", default="", metavar="TEXT", help='workloads named so: "500 sessions, 2 KiB"')
    parser.add_argument("--binary", help="this veredus instead of building the release")
    parser.add_argument("--seconds", type=float, default=5, help="for each sample (%(default)s)")
    parser.add_argument("--rounds", type=int, default=1, help="samples of each server for each workload, in turn (%(default)s)")
    parser.add_argument("--markdown", action="store_true", help="tables as docs/performance.md has them")
    options = parser.parse_args(arguments)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # as the systemd unit does
    if os.geteuid() != 0:
        print("bench: Postfix runs in a mount namespace of its own: this needs root", file=sys.stderr)
        return 2
    binary = options.binary or workshop.release_binary()
    table = Table(options.markdown)
    found = run(options, binary, table)
    if MAIN not in found:
        return 0  # the last line is about it
    if not options.quick:
        tuned = run_tuned(options, table)
        print("  against it: rate x{:.1f}, CPU x{:.1f}".format(*ratios(found[MAIN][0], tuned)))
    plain, tls = idle.measured(binary)
    print(f"\nidle sessions: plain {plain:.1f} KiB each (1,000), TLS {tls:.1f} KiB each (500)")
    ours, peer = found[MAIN]
    rate, cpu = ratios(ours, peer)
    worst = max(series[0].worst("rss_mib") for series in found.values())
    print(f"bench smtp-in: rate_ratio={rate:.2f} cpu_ratio={cpu:.2f} rate={ours.middle('rate'):.0f} "
          f"cpu_per_1000={ours.middle('cpu_per_1000'):.4f} rss_mib={worst:.0f} "
          f"idle_plain_kib={plain:.1f} idle_tls_kib={tls:.1f}")
    return 0
