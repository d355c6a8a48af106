"""IMAP (and POP3's RETR) side by side: Veredus and Debian's Dovecot 2.3 with sdbox, mdbox and Maildir, over the same messages."""
import argparse
import contextlib
import os
import pathlib
import random
import shutil
import sys
import threading
import time

import imap_letters
import measure
import workshop
from imap_client import Client, pop3_retrieve
from peers import dovecot
from veredus_server import PASSWORD, Veredus

PEERS = workshop.ROOT / "build/peers"
BEGAN = time.perf_counter()
FORMS = ("sdbox", "mdbox", "maildir")
HEADERS = ("BODY.PEEK[HEADER.FIELDS (From To Cc Bcc Subject Date Message-ID Priority X-Priority References Newsgroups In-Reply-To "
           "Content-Type Reply-To List-Id)]")
# (row, command) over the mailbox of many small messages; these are asked cold too.
METADATA = (("SELECT", None),
            ("FLAGS", "UID FETCH 1:* (FLAGS)"),
            ("ENVELOPE+SIZE+DATE", "UID FETCH 1:* (ENVELOPE RFC822.SIZE INTERNALDATE)"),
            ("BODYSTRUCTURE", "UID FETCH 1:* (BODYSTRUCTURE)"),
            ("15 headers", f"UID FETCH 1:* ({HEADERS})"))
LISTS = (("SEARCH SUBJECT", "UID SEARCH SUBJECT lantern"),
         ("SORT REVERSE DATE", "UID SORT (REVERSE DATE) UTF-8 ALL"),
         ("THREAD REFERENCES", "UID THREAD REFERENCES UTF-8 ALL"))
MIXED_CLIENTS = 20
SETTLES_WITHIN = 300  # seconds
IDLE_ACCOUNTS = 25
EXTRA = "[sessions]\nper_address = 10000\n[imap]\nsessions_per_account = 1000\n[login]\nwithout_tls_locally = true\n"


class Side:
    """What is measured: self.server, and how it is talked to."""

    @property
    def pid(self):
        return self.server.pid

    def restart(self):
        self.server.stop()
        forget_files()
        self.server.start()

    def remove(self):
        self.server.remove()

    def settle(self):
        """Waits until what it does in the background is done: that belongs to what was asked before."""
        measure.wait_until_quiet(self.pid)


class OurImap(Side):
    name = "veredus"

    def __init__(self, home, binary):
        self.server = Veredus(home, binary, mailboxes=0, extra=EXTRA)
        for user in range(IDLE_ACCOUNTS):
            self.server.admin.call("POST", "/v1/accounts", {"address": f"user{user}@demo.test", "password": PASSWORD})

    def connect(self, user=0):
        return Client(self.server.ports["imap"], f"user{user}@demo.test", PASSWORD)

    def retrieve(self, user, count):
        return pop3_retrieve(self.server.ports["pop3"], f"user{user}@demo.test", PASSWORD, count)

    def settle(self):
        """An account whose bodies were searched gets an index in the background, which takes a while."""
        end = time.monotonic() + SETTLES_WITHIN
        time.sleep(1)  # it looks for what is new twice a second
        while self.server.admin.counter("veredus_search_index_queue") > 0 and time.monotonic() < end:
            time.sleep(0.2)
        super().settle()


class TheirImap(Side):
    def __init__(self, home, form):
        self.server = dovecot.Dovecot(home, PEERS, form)
        self.name = self.server.name

    def connect(self, user=0):
        return Client(self.server.port, f"user{user}", dovecot.PASSWORD)

    def retrieve(self, user, count):
        return pop3_retrieve(self.server.pop3_port, f"user{user}", dovecot.PASSWORD, count)


def forget_files():
    """The page cache, where we may."""
    os.sync()
    with contextlib.suppress(OSError):
        pathlib.Path("/proc/sys/vm/drop_caches").write_text("3")


class Bench:
    def __init__(self, server, options):
        self.server, self.options = server, options
        self.rows = {}  # name: milliseconds (or what `unit` says)

    def say(self, text):
        workshop.say(f"{self.server.name}: {text} ({time.perf_counter() - BEGAN:.0f} s)")

    def least(self, name, times):
        self.rows[name] = min(times)

    def timed(self, client, command):
        """As often as is asked for, and for a moment at least: what takes a fraction of a millisecond is easily disturbed."""
        times, end = [], time.perf_counter() + 0.2
        while len(times) < self.options.repeats or time.perf_counter() < end:
            times.append(client.timed(command))
        return times

    def fill(self):
        self.say("filling")
        client = self.server.connect()
        for mailbox, letters, size in (("many", imap_letters.small(self.options.many), 500), ("big", imap_letters.large(self.options.big), 100)):
            client.ask(f"CREATE {mailbox}")
            letters = list(letters)  # writing them takes longer than storing them
            commands = [client.append_command(mailbox, letters[first:first + size]) for first in range(0, len(letters), size)]
            began = time.perf_counter()
            for command in commands:
                client.ask(command)
            spent = time.perf_counter() - began
            if mailbox == "big":
                self.rows["MULTIAPPEND ms/1000"] = 1000 * spent / self.options.big * 1000
        for i in range(self.options.mailboxes):
            client.ask(f"CREATE box{i}")
            client.append(f"box{i}", [b"Subject: x\r\n\r\nx\r\n"])
        client.close()

    def cold(self):
        """Each the first thing asked after a start with an empty page cache; --quick starts once for all of them."""
        client = None
        for name, command in METADATA:
            if client is None or not self.options.quick:
                self.server.restart()
                client = self.server.connect()
                if command is not None:
                    client.ask("SELECT many")
            self.rows[f"{name}, cold"] = client.timed(command or "SELECT many")
            if not self.options.quick:
                client.close()

    def warm(self):
        self.say("metadata")
        client = self.server.connect()
        client.ask("SELECT many")
        for name, command in METADATA:
            times = self.timed(client, command or "SELECT many")
            self.least(name, times)
            if command:
                self.rows[f"{name}, first"] = times[0]
        for name, command in LISTS:
            self.least(name, self.timed(client, command))
        self.least("STORE all, silent", [client.timed(f"STORE 1:* {sign}FLAGS.SILENT (\\Flagged)") for sign in "+-" * self.options.repeats])
        self.least("STORE all", [client.timed(f"STORE 1:* {sign}FLAGS (\\Flagged)") for sign in "+-" * self.options.repeats])
        self.least("LIST-STATUS", self.timed(client, 'LIST "" "*" RETURN (STATUS (MESSAGES UNSEEN UIDNEXT))'))
        client.close()

    def bodies(self):
        self.say("bodies")
        client = self.server.connect()
        client.ask("SELECT big")
        most = min(self.options.big, 5000)
        self.least("2x all bodies", [client.timed(f"FETCH 1:{most} BODY.PEEK[]") + client.timed(f"FETCH 1:{most} BODY.PEEK[]")
                                     for _ in range(2)])
        self.least("SEARCH BODY", [client.timed("UID SEARCH BODY needleword") for _ in range(self.options.repeats)])
        self.server.settle()
        self.least("SEARCH BODY, indexed", self.timed(client, "UID SEARCH BODY needleword"))
        copies = []
        for i in range(2):
            client.ask(f"CREATE copy{i}")
            copies.append(client.timed(f"COPY 1:{most} copy{i}"))
        self.least("COPY", copies)
        halves = []
        for i in range(2):
            client.ask(f"SELECT copy{i}")
            client.ask(f"STORE 1:{most // 2} +FLAGS.SILENT (\\Deleted)")
            halves.append(client.timed("EXPUNGE"))
        self.least("EXPUNGE half", halves)
        client.close()

    def appends(self):
        self.say("APPEND")
        client = self.server.connect()
        client.ask("CREATE appended")
        letters = list(imap_letters.large(self.options.appends))
        began = time.perf_counter()
        for letter in letters:
            client.append("appended", [letter])
        self.rows["APPEND ms/100"] = 1e5 * (time.perf_counter() - began) / len(letters)
        began, tags = time.perf_counter(), []
        sender = threading.Thread(target=lambda: [tags.append(client.send(b"APPEND appended {%d+}\r\n" % len(one) + one)) for one in letters])
        sender.start()
        sender.join()
        client.wait(tags[-1])
        self.rows["APPEND pipelined ms/100"] = 1e5 * (time.perf_counter() - began) / len(letters)
        client.close()

    def mixed(self):
        self.say("mixed load")
        for user in range(1, MIXED_CLIENTS + 1):
            client = self.server.connect(user)
            client.append("INBOX", list(imap_letters.large(50)))
            client.close()
        self.server.settle()
        clients = [self.server.connect(user) for user in range(1, MIXED_CLIENTS + 1)]
        self.server.settle()
        cpu = measure.cpu_seconds(self.server.pid)
        threads = [threading.Thread(target=mixed_load, args=(client, number, self.options.mixed)) for number, client in enumerate(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.server.settle()
        cpu = measure.cpu_seconds(self.server.pid) - cpu
        self.rows["mixed CPU-us/command"] = 1e6 * cpu / (self.options.mixed * MIXED_CLIENTS)
        for client in clients:
            client.close()

    def idle(self):
        self.say("idle sessions")
        self.server.restart()  # memory that earlier work left free would hide what sessions take
        for user in range(IDLE_ACCOUNTS):
            self.server.connect(user).close()
        self.server.settle()
        before = family_pss(self.server.pid)
        held = []
        for i in range(self.options.idle):
            client = self.server.connect(i % IDLE_ACCOUNTS)
            client.ask("SELECT INBOX")
            client.idle()
            held.append(client)
        self.server.settle()
        self.rows["idle KiB/session"] = (family_pss(self.server.pid) - before) / len(held)
        for client in held:
            client.close()

    def pop3(self):
        self.say("POP3")
        client = self.server.connect()
        client.append("INBOX", list(imap_letters.large(self.options.pop3)))
        client.close()
        self.least("POP3 RETR", [1000 * self.server.retrieve(0, self.options.pop3) for _ in range(5)])

    def run(self):
        self.fill()
        self.warm()
        self.bodies()
        self.appends()
        self.mixed()
        self.pop3()
        self.idle()
        self.say("cold starts")
        self.cold()
        return self.rows


def family_pss(pid):
    total = 0
    for one in measure.family(pid):
        with contextlib.suppress(OSError):
            total += measure.pss_kib(one)
    return total


def mixed_load(client, number, count):
    """What mail programs do in an hour, without the waiting."""
    rng = random.Random(number)
    letter = next(iter(imap_letters.large(1)))
    client.ask("SELECT INBOX")
    for _ in range(count):
        at = rng.randint(1, 40)
        kind = rng.random()
        if kind < 0.25:
            client.ask(f"UID FETCH {at}:* (FLAGS)")
        elif kind < 0.45:
            client.ask(f"FETCH {at}:{at + 9} (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)")
        elif kind < 0.55:
            client.ask(f"FETCH {at}:{at + 9} (UID {HEADERS})")
        elif kind < 0.7:
            client.ask(f"UID FETCH {at} (UID RFC822.SIZE BODY[])")
        elif kind < 0.8:
            client.ask(f"STORE {at} {rng.choice('+-')}FLAGS (\\Flagged)")
        elif kind < 0.85:
            client.ask("UID SEARCH UNSEEN SINCE 1-Jan-2016")
        elif kind < 0.9:
            client.ask("STATUS INBOX (MESSAGES UNSEEN UIDNEXT)")
        elif kind < 0.95:
            client.append("INBOX", [letter])
        else:
            client.ask("NOOP")


def measured(server, options):
    try:
        return Bench(server, options).run()
    finally:
        server.remove()


def servers(options, binary):
    """One at a time: each has the machine for itself."""
    place = workshop.scratch("imap")
    try:
        for form in options.forms:
            yield TheirImap(place / form, form)
        yield OurImap(place / "veredus", binary)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def main(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench imap", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small mailboxes; a minute at most")
    parser.add_argument("--binary", help="this veredus instead of building the release")
    parser.add_argument("--forms", default=",".join(FORMS), help="of Dovecot (%(default)s)")
    parser.add_argument("--without-veredus", action="store_true", help="Dovecot alone")
    parser.add_argument("--markdown", action="store_true", help="a table as docs/performance.md has it")
    options = parser.parse_args(arguments)
    options.forms = [form for form in options.forms.split(",") if form]
    quick = options.quick
    options.many, options.big, options.mailboxes = (2000, 250, 30) if quick else (50_000, 5000, 500)
    options.repeats, options.appends, options.mixed = (2, 40, 40) if quick else (5, 500, 500)
    options.idle, options.pop3 = (300, 150) if quick else (1000, 1000)
    if os.geteuid() != 0:
        print("bench: Dovecot runs in a mount namespace of its own: this needs root", file=sys.stderr)
        return 2
    binary = None if options.without_veredus else options.binary or workshop.release_binary()
    found = {}
    for server in servers(options, binary) if binary else their_servers(options):
        found[server.name] = measured(server, options)
    report(found, options.markdown)
    return 0


def their_servers(options):
    place = workshop.scratch("imap")
    try:
        for form in options.forms:
            yield TheirImap(place / form, form)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def report(found, markdown):
    names = list(found)
    ours = found.get("veredus")
    theirs = [found[name] for name in names if name != "veredus"]
    rows = list(next(iter(found.values())))
    ratios = {}
    columns = ["row", *names, "ratio"]
    print("| " + " | ".join(columns) + " |\n|" + "---|" * len(columns) if markdown else ("  {:<26}" + "{:>17}" * (len(columns) - 1)).format(*columns))
    for row in rows:
        best = min((one[row] for one in theirs), default=0)
        if ours and theirs:
            ratios[row] = best / max(1e-9, ours[row])
        cells = [row, *(f"{found[name][row]:.1f}" for name in names), f"{ratios.get(row, 0):.2f}"]
        print("| " + " | ".join(cells) + " |" if markdown else ("  {:<26}" + "{:>17}" * (len(cells) - 1)).format(*cells), flush=True)
    if not ratios:
        return
    compared = {row: ratio for row, ratio in ratios.items()}
    worst = min(compared, key=compared.get)
    metadata = min(ratios[name] for name, command in METADATA if command)
    first = min(ratios[f"{name}, first"] for name, command in METADATA if command)
    mdbox = found.get("dovecot-mdbox", theirs[0])
    print(f"  metadata asked for the first time: {first:.2f} times as fast at least")
    print(f"bench imap: worst_ratio={compared[worst]:.2f} worst_row={worst.replace(' ', '_').replace(',', '')} metadata_ratio={metadata:.2f} "
          f"append_ratio={mdbox['APPEND ms/100'] / ours['APPEND ms/100']:.2f} search_ratio={ratios['SEARCH BODY']:.2f} "
          f"mixed_cpu_ratio={ratios['mixed CPU-us/command']:.2f} idle_kib={ours['idle KiB/session']:.1f}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
