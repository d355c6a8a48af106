"""32 senders, kill -9 at random moments, then power loss: every message answered 250 must be there exactly once and whole,
in each mailbox it was for. A message not answered may be there, but in all its mailboxes or in none, and once."""
import argparse
import collections
import hashlib
import os
import random
import shutil
import sys
import time

import power_loss
import workshop
from crash_senders import Sending, storm
from veredus_server import Veredus

ACCOUNTS = 8
ROUNDS_FOR_ACCOUNTS = 5  # then new ones: looking at all that was ever sent would take longer each time


class Tally:
    def __init__(self):
        self.rounds = self.accepted = self.sent = self.lost = self.duplicated = self.torn = 0
        self.reopened = []

    def faults(self):
        return self.lost + self.duplicated + self.torn


class Trial:
    """A server, its accounts of the moment, and what was sent to them."""

    def __init__(self, server, luck, tally):
        self.server, self.luck, self.tally = server, luck, tally
        self.accounts, self.sent, self.whole = [], [], set()
        self._group = 0

    def renew_accounts(self):
        for address in self.accounts:
            self.server.admin.delete_account(address)
        self._group += 1
        self.accounts = [f"g{self._group}u{i}@demo.test" for i in range(ACCOUNTS)]
        for address in self.accounts:
            self.server.admin.create_account(address)
        self.sent, self.whole = [], set()

    def storm(self, label, strike):
        """The refusals seen."""
        sending = Sending(label, self.accounts, self.luck)
        storm(self.server.port, sending, self.luck.uniform(0.1, 1.6), strike)
        self.sent += sending.sent
        self.tally.rounds += 1
        self.tally.sent += len(sending.sent)
        self.tally.accepted += sum(one.answered for one in sending.sent)
        return sending.refusals

    def reopen(self):
        """Now and then it is killed again before it has got far."""
        if self.luck.random() < 0.3:
            self.server.launch()
            time.sleep(self.luck.uniform(0, 0.3))
            self.server.kill()
        self.tally.reopened.append(self.server.start())

    def check(self):
        """Adds to the tally what is wrong with what is there; returns a sentence for each kind of fault."""
        self.server.wait_for_fan_out()
        found, torn = self._look()
        faults = self._faults(found)
        for _ in range(5):  # the intake is read while the server serves already
            if not faults["lost"]:
                break
            time.sleep(1)
            self.server.wait_for_fan_out()
            found, more = self._look()
            torn += more
            faults = self._faults(found)
        self.tally.lost += len(faults["lost"])
        self.tally.duplicated += len(faults["duplicated"])
        self.tally.torn += len(torn) + len(faults["partial"])
        self.sent = [one for one in self.sent if one.name not in {name for names in faults.values() for name, _ in names}]
        shown = {**faults, "torn": torn}
        return [f"{kind}: {len(names)}, such as {names[:3]}" for kind, names in shown.items() if names]

    def _look(self):
        """{account: Counter of names}, and which messages are not what was sent."""
        known = {one.name: one for one in self.sent}
        found, torn = {}, []
        for address in self.accounts:
            counted = found[address] = collections.Counter()
            for message in self.server.admin.messages(address):
                name = message.get("subject", "")
                counted[name] += 1
                if (address, message["email"]) in self.whole or name not in known:
                    continue
                octets = self.server.admin.message(address, message["email"])
                if hashlib.sha256(octets[-known[name].length:]).digest() == known[name].digest:
                    self.whole.add((address, message["email"]))
                else:
                    torn.append((name, address))
        return found, torn

    def _faults(self, found):
        faults = {"lost": [], "duplicated": [], "partial": []}
        for one in self.sent:
            times = [found[address][one.name] for address in one.recipients]
            if one.answered and 0 in times:
                faults["lost"].append((one.name, one.recipients))
            if max(times, default=0) > 1:
                faults["duplicated"].append((one.name, one.recipients))
            if not one.answered and 0 in times and max(times) > 0:
                faults["partial"].append((one.name, one.recipients))
        return faults

    def look_at_all_again(self):
        self.whole = set()
        return self.check()


def _report(kind, number, trial, began_with, notes, refusals):
    tally = trial.tally
    print(f"  {kind} {number:>3}: accepted {tally.accepted - began_with:>5}, reopened in {tally.reopened[-1]:.2f} s"
          + "".join(f"; {note}" for note in notes) + (f"; refused {refusals}" if refusals else ""), flush=True)


def _kills(trial, rounds):
    for number in range(1, rounds + 1):
        if number % ROUNDS_FOR_ACCOUNTS == 1:
            trial.renew_accounts()
        before = trial.tally.accepted
        refusals = trial.storm(f"k{number}", trial.server.kill)
        trial.reopen()
        notes = trial.check()
        if number % ROUNDS_FOR_ACCOUNTS == 0 or number == rounds:
            notes += trial.look_at_all_again()
        _report("kill -9", number, trial, before, notes, refusals)


def _lose_power(trial, kind, luck, ignores_sync=False):
    """Begins a run under the shim, storms, and strikes; returns (octets and names taken back, refusals)."""
    server = trial.server
    server.stop()
    loss = power_loss.PowerLoss(server.data, server.home / "unsynced")
    server.environment = {**os.environ, **loss.environment(ignores_sync)}
    server.start()
    refusals = trial.storm(kind, server.kill)
    taken = loss.strike(luck)
    server.environment = dict(os.environ)
    shutil.rmtree(loss.journal)
    return taken, refusals


def _power_losses(trial, rounds):
    octets = names = 0
    for number in range(1, rounds + 1):
        if number % ROUNDS_FOR_ACCOUNTS == 1:
            trial.renew_accounts()
        before = trial.tally.accepted
        taken, refusals = _lose_power(trial, f"p{number}", trial.luck if number % 2 == 0 else None)
        octets, names = octets + taken[0], names + taken[1]
        trial.reopen()
        notes = [f"taken back {taken[0]} octets, {taken[1]} names"] + trial.check()
        if number % ROUNDS_FOR_ACCOUNTS == 0 or number == rounds:
            notes += trial.look_at_all_again()
        _report("power loss", number, trial, before, notes, refusals)
    return octets, names


def _prove_it_can_fail(binary):
    """The same trial with a server whose syncs do nothing must find losses: (lost, accepted)."""
    tally = Tally()
    with Veredus(workshop.scratch("crash"), binary, mailboxes=0) as server:
        trial = Trial(server, random.Random(1), tally)
        trial.renew_accounts()
        _lose_power(trial, "n1", None, ignores_sync=True)
        server.start()
        trial.check()
    return tally.lost, tally.accepted


def main(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench crash", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="5 kills, 3 power losses")
    parser.add_argument("--rounds", type=int, default=50, help="kills (%(default)s)")
    parser.add_argument("--power", type=int, default=20, help="power losses (%(default)s)")
    parser.add_argument("--seed", type=int, default=None, help="of the random moments; printed")
    parser.add_argument("--binary", help="this veredus instead of building the release")
    parser.add_argument("--keep", action="store_true", help="leave the server's folder when something is wrong")
    options = parser.parse_args(arguments)
    kills, powers = (5, 3) if options.quick else (options.rounds, options.power)
    binary = options.binary or workshop.release_binary()
    seed = options.seed if options.seed is not None else random.randrange(1 << 32)
    power_loss.self_check()
    print(f"the shim takes back what is not synced, and nothing else: checked\nseed {seed}", flush=True)
    tally = Tally()
    server = Veredus(workshop.scratch("crash"), binary, mailboxes=0)
    try:
        trial = Trial(server, random.Random(seed), tally)
        _kills(trial, kills)
        octets, names = _power_losses(trial, powers)
    finally:
        if options.keep and tally.faults():
            server.stop()
            print(f"left in {server.home}", file=sys.stderr)
        else:
            server.remove()
    lost, of = _prove_it_can_fail(binary)
    print(f"power losses took back {octets} octets and {names} names in all\n"
          f"the same with a server whose syncs do nothing: {lost} of {of} accepted messages lost"
          + ("" if lost else " - THE TRIAL PROVES NOTHING"))
    print(f"bench crash: rounds={tally.rounds} accepted={tally.accepted} lost={tally.lost} duplicated={tally.duplicated} "
          f"torn={tally.torn} reopen_max_s={max(tally.reopened):.2f}")
    return 0 if tally.faults() == 0 and lost else 1
