"""The way in with and without the checks (SPF, DKIM, ARC, DMARC, the client's name), two servers in turn; DNS answers are at hand."""
import argparse
import base64
import json
import pathlib
import statistics
import subprocess
import sys

import measure
import workshop
from veredus_server import Veredus

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "test/e2e"))
from tiny_dns import TinyDns  # noqa: E402

MAILBOXES = 16
SENDER = "sender@example.org"


def signed_message(folder, binary, octets):
    """A file with a message of about so many octets, signed with RSA; and what DNS says of its domain."""
    key = folder / "key.pem"
    subprocess.run(["openssl", "genrsa", "-traditional", "-out", key, "2048"], check=True, capture_output=True)
    der = subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
    head = (f"From: <{SENDER}>\r\nTo: <reader@demo.test>\r\nSubject: load\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n"
            "Message-ID: <load@example.org>\r\n\r\n")
    text = head + ("x" * 70 + "\r\n") * max(1, (octets - len(head) - 600) // 72)
    done = subprocess.run([binary, "dkim", "sign", "--domain", "example.org", "--selector", "s1", "--key", key],
                          input=text.encode(), check=True, capture_output=True)
    file = folder / "message"
    file.write_bytes(done.stdout)
    record = f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"
    return file, {
        "example.org": {"TXT": [["v=spf1 include:_spf.example.org -all"]]},
        "_spf.example.org": {"TXT": [["v=spf1 ip4:127.0.0.0/8 -all"]]},
        "s1._domainkey.example.org": {"TXT": [[record]]},
        "_dmarc.example.org": {"TXT": [["v=DMARC1; p=reject"]]},
    }


def sample(server, file, options):
    """(messages a second, CPU seconds of the server for 1,000)"""
    cpu = measure.cpu_seconds(server.pid)
    answer = subprocess.run([workshop.smtp_load(), "--port", str(server.port), "--sessions", str(options.sessions), "--file", file,
                             "--per-connection", "100", "--messages", "100000000", "--seconds", str(options.seconds),
                             "--mailboxes", str(MAILBOXES), "--from", SENDER], check=True, capture_output=True, text=True)
    found = json.loads(answer.stdout)
    if found["refused"]:
        raise RuntimeError(f"refused: {answer.stdout} {answer.stderr}")
    server.wait_for_fan_out()
    measure.wait_until_quiet(server.pid)
    return found["rate"], 1000 * (measure.cpu_seconds(server.pid) - cpu) / found["messages"]


def main(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench checks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="two short rounds")
    parser.add_argument("--binary", help="this veredus instead of building the release")
    parser.add_argument("--octets", type=int, default=2048, help="of a message (%(default)s)")
    parser.add_argument("--sessions", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5, help="for each sample (%(default)s)")
    parser.add_argument("--rounds", type=int, default=4, help="samples of each server, in turn (%(default)s)")
    options = parser.parse_args(arguments)
    if options.quick:
        options.rounds, options.seconds = 2, 3
    binary = options.binary or workshop.release_binary()
    folder = pathlib.Path(workshop.scratch("checks"))
    folder.mkdir(parents=True, exist_ok=True)
    file, zone = signed_message(folder, binary, options.octets)
    with TinyDns(zone) as dns:
        stub = f'[[dns.stub_zone]]\nname = "example.org"\nservers = ["{dns.where}"]\n'
        settings = {"without": "[mail_auth]\ncheck = false\n", "with": stub + "[mail_auth]\ntrusted_networks = []\n"}
        rates, costs = {}, {}
        servers = {}
        try:
            for name, extra in settings.items():
                servers[name] = Veredus(workshop.scratch(f"checks-{name}"), binary, MAILBOXES, extra)
            for turn in range(options.rounds + 1):
                for name, server in servers.items():
                    rate, cost = sample(server, file, options)
                    if turn > 0:  # the first one fills memories
                        rates.setdefault(name, []).append(rate)
                        costs.setdefault(name, []).append(cost)
        finally:
            for server in servers.values():
                server.remove()
    middle = {name: statistics.median(values) for name, values in rates.items()}
    cost = {name: statistics.median(values) for name, values in costs.items()}
    for name in settings:
        print(f"  {name:<8} checks {middle[name]:9.0f} msg/s {cost[name]:8.3f} CPU-s/1000")
    print(f"bench checks: rate_with={middle['with'] / middle['without']:.2f} of without, "
          f"cpu_us_for_checks={1000 * (cost['with'] - cost['without']):.0f}")
    return 0
