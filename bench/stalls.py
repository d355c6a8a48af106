"""How late the server's reactors come to what is due while its people's mail is signed, with RSA and Ed25519, on other threads; and under the
same load without any signature, for whatever fills the processors makes them late."""
import argparse
import base64
import collections
import contextlib
import json
import subprocess

import measure
import workshop
from veredus_server import PASSWORD, Veredus

SUBMITTER = "submitter@demo.test"
SETTINGS = """[login]
without_tls_locally = true
[sessions]
per_address = 10000
[queue.brakes]
messages_per_hour = 0
messages_per_day = 0
new_recipients_per_day = 0
"""
LAG = "veredus_reactor_lag_seconds"


def quantile(counts, share):
    """The upper bound of the bucket in which it falls, milliseconds."""
    wanted = share * max(counts.values())
    return 1000 * min(bound for bound, count in counts.items() if count >= wanted)


def within(counts, milliseconds):
    """The share of looks that were no later."""
    return max(count for bound, count in counts.items() if bound <= milliseconds / 1000 + 1e-9) / max(counts.values())


@contextlib.contextmanager
def submission_server(binary, signing):
    """One that takes mail for others and lets none leave: what leaves would compete for the processors."""
    with Veredus(workshop.scratch("stalls"), binary, 16, SETTINGS) as server:
        server.admin.create_account(SUBMITTER, PASSWORD)
        if signing and server.admin.activate_keys("demo.test") != 2:
            raise RuntimeError("demo.test should have two keys")
        server.admin.pause_queue()
        yield server


def submit(server, sessions, seconds):
    """What smtp_load says of messages of 2 KiB, one after the other in each session."""
    login = base64.b64encode(f"\0{SUBMITTER}\0{PASSWORD}".encode()).decode()
    command = [workshop.smtp_load(), "--port", str(server.ports["submission"]), "--sessions", str(sessions), "--octets", "2048",
               "--per-connection", "100000", "--messages", "100000000", "--from", SUBMITTER, "--login", login,
               "--rcpt", "reader@d%d.out.test", "--mailboxes", "50", "--seconds", str(seconds)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def sample(server, sessions, seconds, signing):
    """{messages, seconds, cpu, busy, lag}: CPU seconds of the server, processors busy with anything, looks at the lag by bound."""
    submit(server, sessions, 1)
    signatures = server.admin.counter("veredus_dkim_signatures_total")
    before, cpu, busy = server.admin.histogram(LAG), measure.cpu_seconds(server.pid), measure.machine_cpu_seconds()
    found = submit(server, sessions, seconds)
    after, cpu, busy = server.admin.histogram(LAG), measure.cpu_seconds(server.pid) - cpu, measure.machine_cpu_seconds() - busy
    signatures = server.admin.counter("veredus_dkim_signatures_total") - signatures
    if found["refused"] or not found["messages"] or signatures < 2 * signing * found["messages"]:
        raise RuntimeError(f"submissions fail: {found}, {signatures} signatures")
    return {"messages": found["messages"], "seconds": found["messages"] / found["rate"], "cpu": cpu, "busy": busy,
            "lag": {bound: after[bound] - before.get(bound, 0) for bound in after}}


def summed(samples):
    """{rate, cpu_us, busy, lag, stall_p50_ms, stall_p99_ms} of several."""
    lag = collections.Counter()
    for one in samples:
        lag.update(one["lag"])
    messages, seconds = (sum(one[key] for one in samples) for key in ("messages", "seconds"))
    return {"rate": messages / seconds, "cpu_us": 1e6 * sum(one["cpu"] for one in samples) / messages,
            "busy": sum(one["busy"] for one in samples) / seconds, "lag": lag,
            "stall_p50_ms": quantile(lag, 0.5), "stall_p99_ms": quantile(lag, 0.99)}


def while_signing(binary, sessions, seconds):
    """As summed(), of one sample with two signatures a message."""
    with submission_server(binary, True) as server:
        return summed([sample(server, sessions, seconds, True)])


def main(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench stalls", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--binary", help="this veredus instead of building the release")
    parser.add_argument("--sessions", default="1,4,16", help="that submit at a time, several with commas (%(default)s)")
    parser.add_argument("--seconds", type=float, default=10, help="for each sample (%(default)s)")
    parser.add_argument("--rounds", type=int, default=2, help="samples of each row, in turns (%(default)s)")
    options = parser.parse_args(arguments)
    if options.quick:
        options.rounds, options.seconds = 1, 5
    binary = options.binary or workshop.release_binary()
    samples = collections.defaultdict(list)
    with submission_server(binary, True) as signs, submission_server(binary, False) as does_not:
        for _ in range(options.rounds):
            for sessions in map(int, options.sessions.split(",")):
                for server, signing in ((signs, True), (does_not, False)):
                    samples[sessions, signing].append(sample(server, sessions, options.seconds, signing))
    print("| sessions | signed | msg/s | CPU us a message | processors busy | p50 ms | within 2 ms | p90 ms | p99 ms | within 10 ms |\n" + "|---" * 10 + "|")
    said = []
    for (sessions, signing), ones in samples.items():
        row = summed(ones)
        print(f"| {sessions} | {'twice' if signing else 'no'} | {row['rate']:,.0f} | {row['cpu_us']:,.0f} | {row['busy']:.1f} | {row['stall_p50_ms']:g} | "
              f"{within(row['lag'], 2):.1%} | {quantile(row['lag'], 0.9):g} | {row['stall_p99_ms']:g} | {within(row['lag'], 10):.1%} |")
        said.append(f"{'signed' if signing else 'unsigned'}_{sessions}_p99_ms={row['stall_p99_ms']:g}")
    print("bench stalls: " + " ".join(said))
    return 0
