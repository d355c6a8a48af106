"""DKIM signatures made and verified in a second of one core: Veredus, libopendkim, npm's mailauth and dkimpy side by side; and
whether reactors stall while submitted mail is signed."""
import argparse
import base64
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import stalls
import workshop

SMALL, LARGE = 40, 2000  # lines: 2 KiB and 120 KiB
HERE = pathlib.Path(__file__).resolve().parent


def message(lines):
    """As src/rules/dkim/dkim_bench.cc has it."""
    head = "".join(f"Received: from relay{i}.example.org (relay.example.org [192.0.2.1])\r\n\tby mx.example.org with ESMTPS id ABCDEF\r\n"
                   "\tfor <bob@example.org>; Sun, 22 Nov 2026 03:40:00 +0000\r\n" for i in range(3))
    head += ("From: Alice Example <alice@example.org>\r\nTo: Bob Example <bob@example.org>\r\nSubject: the report you asked for\r\n"
             "Date: Sun, 22 Nov 2026 03:40:00 +0000\r\nMessage-ID: <1234@example.org>\r\nMIME-Version: 1.0\r\n"
             "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n")
    return (head + "\r\n" + "".join(f"This is line {i} of a message  that people write to each other.\r\n" for i in range(lines))).encode()


class Files:
    """Keys, records and messages for the others, signed by Veredus where they are to be verified."""

    def __init__(self, folder, veredus):
        self.folder, self.veredus = folder, veredus
        openssl = lambda *words: subprocess.run(["openssl", *words], check=True, capture_output=True).stdout
        self.pem = {"rsa": folder / "rsa.pem", "ed25519": folder / "ed25519.pem"}
        openssl("genrsa", "-traditional", "-out", str(self.pem["rsa"]), "2048")
        openssl("genpkey", "-algorithm", "ed25519", "-out", str(self.pem["ed25519"]))
        seed = openssl("pkey", "-in", str(self.pem["ed25519"]), "-outform", "DER")[-32:]
        (folder / "seed").write_bytes(base64.b64encode(seed))
        for kind, pem in self.pem.items():
            public = openssl("pkey", "-in", str(pem), "-pubout", "-outform", "DER")
            public = public[-32:] if kind == "ed25519" else public
            (folder / f"{kind}.record").write_text(f"v=DKIM1; k={kind}; p={base64.b64encode(public).decode()}")
        for lines in (SMALL, LARGE):
            (folder / f"plain-{lines}").write_bytes(message(lines))
            for kind in self.pem:
                done = subprocess.run([veredus, "dkim", "sign", "--domain", "example.org", "--selector", "s1", "--key", self.pem[kind]],
                                      input=message(lines), capture_output=True, check=True)
                (folder / f"{kind}-{lines}").write_bytes(done.stdout)

    def arguments(self, what, kind, lines, seed):
        if what == "verify":
            return [what, kind, self.folder / f"{kind}-{lines}", self.folder / f"{kind}.record"]
        key = self.folder / "seed" if kind == "ed25519" and seed else self.pem[kind]
        return [what, kind, self.folder / f"plain-{lines}", key]


def rate(command, environment=None):
    """Messages a second; None: it cannot."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, env={**os.environ, **(environment or {})})
    if done.returncode:
        workshop.say(f"{pathlib.Path(command[0]).name} {command[1]}: {done.stderr.strip()[-200:]}")
        return None
    return float(done.stdout) or None


def peers():
    """{name: function of (files, what, kind, lines, seconds)} of what is installed."""
    found = {}
    if pathlib.Path("/usr/include/opendkim/dkim.h").exists():
        program = workshop.BUILD / "opendkim_rate"
        workshop.BUILD.mkdir(parents=True, exist_ok=True)
        subprocess.run(["clang-19", "-std=gnu17", "-O2", "-o", program, HERE / "peers/opendkim_rate.c", "-lopendkim"], check=True)
        found["opendkim"] = lambda files, *case: rate([program, *files.arguments(*case[:3], False), case[3]])
    modules = workshop.ROOT / "build/node/node_modules"
    if (modules / "mailauth").is_dir():
        found["mailauth"] = lambda files, *case: rate(["node", HERE / "peers/mailauth_rate.mjs", *files.arguments(*case[:3], False), case[3]],
                                                      {"NODE_PATH": str(modules)})
    if importlib.util.find_spec("dkim"):
        found["dkimpy"] = lambda files, *case: rate([sys.executable, HERE / "peers/dkimpy_rate.py", *files.arguments(*case[:3], True), case[3]])
    return found


def ours(program, quick):
    """{(what, kind, lines): messages a second of CPU}"""
    done = subprocess.run([program, "--benchmark_format=json", f"--benchmark_min_time={0.1 if quick else 1.0}"],
                          capture_output=True, text=True, check=True)
    out = {}
    for one in json.loads(done.stdout)["benchmarks"]:
        name, lines = one["name"].removeprefix("BM_").split("/")
        what = "sign" if name.startswith("Sign") else "verify"
        out[what, name.removeprefix("Sign").removeprefix("Verify").lower(), int(lines)] = one["items_per_second"]
    return out


def main(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench mailauth", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="half a second for each figure")
    parser.add_argument("--sessions", type=int, default=16, help="that submit at a time while stalls are looked at (%(default)s)")
    parser.add_argument("--program", help="bench_rules_dkim, built already")
    options = parser.parse_args(arguments)
    program = options.program
    if not program:
        workshop.say("building the benchmark")
        subprocess.run([workshop.ROOT / "dev", "build-only", "bench", "bench_rules_dkim"], check=True, cwd=workshop.ROOT)
        program = workshop.ROOT / "build/bench/src/bench_rules_dkim"
    veredus = os.environ.get("VEREDUS_BINARY") or workshop.release_binary()
    rates = ours(program, options.quick)
    others = peers()
    said = []
    with tempfile.TemporaryDirectory() as folder:
        files = Files(pathlib.Path(folder), veredus)
        print(f"{'':28}{'Veredus':>12}" + "".join(f"{name:>12}" for name in others))
        for case, mine in rates.items():
            row = {name: run(files, *case, 0.5 if options.quick else 3.0) for name, run in others.items()}
            what, kind, lines = case
            size = len(message(lines)) / 1024
            shown = "".join(f"{f'{value:,.0f}' if value else '-':>12}" for value in row.values())
            print(f"{what:8}{kind:10}{size:6.0f} KiB  {mine:>12,.0f}{shown}", flush=True)
            if lines == SMALL:
                beside = ", ".join(f"{name} {value:,.0f}" for name, value in row.items() if value)
                said.append(f"{what} {kind} {mine:,.0f}/s ({beside})")
    lag = stalls.while_signing(veredus, options.sessions, 5 if options.quick else 20)
    print(f"submitted, signed twice: {lag['rate']:,.0f} msg/s, {lag['cpu_us']:,.0f} us CPU; reactors late by {lag['stall_p50_ms']} ms at p50, "
          f"{lag['stall_p99_ms']} ms at p99")
    print("bench mailauth: " + "; ".join(said) + f"; stall_p99_ms={lag['stall_p99_ms']}")
    return 0
