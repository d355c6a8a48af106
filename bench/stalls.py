"""How late the server's reactors come to what is due while its people's mail is signed, with RSA and Ed25519, on other threads."""
import base64
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


def quantile(counts, share):
    """The upper bound of the bucket in which it falls, milliseconds."""
    wanted = share * max(counts.values())
    return 1000 * min(bound for bound, count in counts.items() if count >= wanted)


def while_signing(binary, sessions, seconds):
    """{rate, cpu_us, stall_p50_ms, stall_p99_ms}: submitted messages of 2 KiB, each with two signatures."""
    with Veredus(workshop.scratch("stalls"), binary, 16, SETTINGS) as server:
        server.admin.create_account(SUBMITTER, PASSWORD)
        if server.admin.activate_keys("demo.test") != 2:
            raise RuntimeError("demo.test should have two keys")
        server.admin.pause_queue()  # what leaves would compete for the processors
        login = base64.b64encode(f"\0{SUBMITTER}\0{PASSWORD}".encode()).decode()
        command = [workshop.smtp_load(), "--port", str(server.ports["submission"]), "--sessions", str(sessions), "--octets", "2048",
                   "--per-connection", "100000", "--messages", "100000000", "--from", SUBMITTER, "--login", login,
                   "--rcpt", "reader@d%d.out.test", "--mailboxes", "50"]
        subprocess.run([*command, "--seconds", "1"], check=True, capture_output=True)
        signatures = server.admin.counter("veredus_dkim_signatures_total")
        before, cpu = server.admin.histogram("veredus_reactor_lag_seconds"), measure.cpu_seconds(server.pid)
        found = json.loads(subprocess.run([*command, "--seconds", str(seconds)], check=True, capture_output=True).stdout)
        after, cpu = server.admin.histogram("veredus_reactor_lag_seconds"), measure.cpu_seconds(server.pid) - cpu
        signatures = server.admin.counter("veredus_dkim_signatures_total") - signatures
        if found["refused"] or not found["messages"] or signatures < 2 * found["messages"]:
            raise RuntimeError(f"submissions fail: {found}, {signatures} signatures")
        lag = {bound: after[bound] - before.get(bound, 0) for bound in after}
        return {"rate": found["rate"], "cpu_us": 1e6 * cpu / found["messages"],
                "stall_p50_ms": quantile(lag, 0.5), "stall_p99_ms": quantile(lag, 0.99)}
