"""Two servers are given the same commands; what they answer must be the same, but for what differences.py lists.

usage: differential.py --commands 10000 --seed 1   (Veredus' binary and the unpacked Dovecot are found as in the tests)"""
import argparse
import collections
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
for folder in (HERE, HERE.parent / "e2e", HERE.parent.parent / "bench/peers"):
    sys.path.insert(0, str(folder))

import commands  # noqa: E402
import differences  # noqa: E402
import imap_wire  # noqa: E402
import normal  # noqa: E402
import sorting  # noqa: E402

MAILBOXES = ("Archive", "Drafts", "Junk", "Sent", "Trash")


class Side:
    """One server: two sessions, and what it said of its own numbers."""

    def __init__(self, name, connect, sessions=2):
        self.name = name
        self.connect = connect
        self.sessions = [connect() for _ in range(sessions)]
        self.checkpoints = []

    def substituted(self, command):
        def value(match):
            return str(self.checkpoints[int(match[1])])
        if isinstance(command, str):
            return re.sub(r"\{M:(\d+)\}", value, command)
        return command

    def ask(self, session, command):
        if command == "CHECKPOINT":
            return self.checkpoint(session)
        return session.ask(self.substituted(command), None)

    def checkpoint(self, session):
        """Notes the MODSEQ of the selected mailbox."""
        answer = session.ask("FETCH 1:* (MODSEQ)", None)
        known = [int(r.items()["MODSEQ"][0]) for r in answer.named("FETCH") if "MODSEQ" in r.items()]
        self.checkpoints.append(max(known, default=1))
        return answer


class Difference(AssertionError):
    pass


class Panicked(Exception):
    """Dovecot ended itself within a command that changes something: nobody knows whether it was done."""


class Run:
    def __init__(self, ours, theirs, seed, keep_going=0):
        self.sides = (ours, theirs)
        self.commands = commands.Commands(seed)
        self.selected = [None, None]
        self.read_only = [False, False]
        self.accepted = collections.Counter()
        self.families = collections.Counter()
        self.history = []
        self.keep_going = keep_going
        self.found = []

    def both(self, number, command):
        """Gives the command to a session of each server and compares."""
        before = [side.sessions[number].exists for side in self.sides]
        answers = [self.sides[0].ask(self.sides[0].sessions[number], command)]
        try:
            answers.append(self.sides[1].ask(self.sides[1].sessions[number], command))
        except AssertionError as closed:
            return self.begin_anew(number, command, answers[0], closed)
        self.history.append((number, command))
        shapes = [normal.whole(answer, command, count) for answer, count in zip(answers, before)]
        self.families[word_of(command)] += 1
        if shapes[0] != shapes[1]:
            rule = differences.accepts(command, *shapes, where=self.selected[number]) or self.ours_is_right(number, command, shapes)
            if rule:
                self.accepted[rule] += 1
            else:
                self.differ(number, command, shapes, answers)
        return answers

    def begin_anew(self, number, command, ours, closed):
        """Dovecot's process ended itself (a panic, logged there): both sessions begin again with no mailbox."""
        if "closed" not in str(closed):
            raise closed
        self.accepted["dovecot_panicked"] += 1
        self.sides[1].sessions[number] = self.sides[1].connect()
        self.sides[0].sessions[number].ask("UNSELECT", None)
        self.selected[number] = None
        self.sides[0].sessions[number].exists = 0
        if changes_something(command) and word_of(command) != "FETCH":
            raise Panicked(command[:80])
        return ours, ours

    def ours_is_right(self, number, command, shapes):
        """Where the order alone differs, the envelopes say whose is right: Dovecot 2.3 keeps sort numbers and threads from search to
        search and does not always place later messages by them."""
        if differences.differing(*shapes) != {"found"}:
            return None
        (kind, mine), (_, other) = shapes[0]["found"][0], shapes[1]["found"][0]
        session = self.sides[0].sessions[number]
        if kind == "SORT" and sorted(mine) == sorted(other) and sorting.is_right(session, command, mine):
            return "ours_is_sorted_by_the_envelopes"
        if kind == "THREAD" and "ORDEREDSUBJECT" in command and sorting.threads_by_date(session, command, mine):
            return "our_threads_are_in_the_order_of_sent_dates"
        return None

    def differ(self, number, command, shapes, answers):
        keys = sorted(differences.differing(*shapes))
        shown = "\n".join(f"--- {key}\n ours:   {cut(shapes[0][key])}\n theirs: {cut(shapes[1][key])}" for key in keys)
        self.found.append(f"command {len(self.history)} of session {number}, in {self.selected[number]}: {command[:300]!r}\n{shown}\n"
                          f"--- ours, raw\n{str(answers[0])[:1500]}\n--- theirs, raw\n{str(answers[1])[:1500]}")
        if len(self.found) > self.keep_going:
            raise Difference("\n\n".join(self.found))

    def step(self):
        number = self.commands.rng.randrange(2)
        exists = self.sides[1].sessions[number].exists
        command = self.commands.next(self.selected[number], exists)
        if self.read_only[number] and word_of(command) == "MOVE":
            command = "NOOP"  # Dovecot moves messages out of a mailbox that is open for reading alone (RFC 9051 s6.3.3 forbids it)
        if word_of(command) in ("DELETE", "RENAME"):  # servers differ in what they still show of a mailbox that went
            self.commands.forget()
            for other in range(2):
                self.leave(other)
        ours, theirs = self.both(number, command)
        if self.selected[number] is not None or word_of(command) in ("SELECT", "EXAMINE"):
            self.follow(number, command, theirs)
        if changes_something(command):
            for other in range(2):
                if self.selected[other] is not None:
                    self.both(other, "NOOP")

    def follow(self, number, command, theirs):
        """Keeps what the generator must know."""
        word = word_of(command)
        if word in ("SELECT", "EXAMINE"):
            self.selected[number] = command.split(" ", 1)[1] if theirs.ok else None
            self.read_only[number] = word == "EXAMINE"
        elif word in ("CLOSE", "UNSELECT") and theirs.ok:
            self.selected[number] = None
        if self.selected[number] is None:
            for side in self.sides:
                side.sessions[number].exists = 0

    def leave(self, number):
        if self.selected[number] is None:
            return
        _, theirs = self.both(number, "UNSELECT")
        self.follow(number, "UNSELECT", theirs)

    def go(self, count):
        for box in ("INBOX", *MAILBOXES, *commands.PARENTS):  # ours has most from the start
            for side in self.sides:
                side.sessions[0].ask(f'CREATE "{box}"', None)
                side.sessions[0].ask(f'SUBSCRIBE "{box}"', None)
        for letter in self.commands.supply[:40]:
            self.both(0, b'APPEND INBOX (\\Seen) " 1-Feb-2020 10:00:00 +0000" {%d+}\r\n' % len(letter) + letter)
        try:
            while len(self.history) < count:
                self.step()
        except Panicked as panic:
            print(f"Dovecot panicked at {panic}: the run ends after {len(self.history)} commands")
        if self.found:
            raise Difference("\n\n".join(self.found))
        return self.accepted


def word_of(command):
    text = command if isinstance(command, str) else command[:40].decode("latin-1")
    return re.sub(r"^UID ", "", text).split(" ")[0]


def changes_something(command):
    return word_of(command) in ("STORE", "COPY", "MOVE", "EXPUNGE", "APPEND", "FETCH", "CLOSE", "DELETE", "RENAME", "CREATE")


def cut(value, most=1200):
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= most else text[:most] + "…"


def suite_messages(ours, theirs, found, keep_going=0, searches=()):
    """The suites' messages: structure and every part of each must be the same, and what `searches` find. Answers the rules that explained
    differences."""
    run = Run(ours, theirs, 1, keep_going)
    for side in run.sides:
        side.sessions[0].ask('CREATE "suites"', None)
    for name, octets in found:
        run.both(0, b'APPEND "suites" " 1-Feb-2020 10:00:00 +0000" {%d+}\r\n' % len(octets) + octets)
    run.both(0, 'SELECT "suites"')
    run.selected[0] = "suites"
    for i, (name, _) in enumerate(found, 1):
        run.selected[0] = name
        for items in ("RFC822.SIZE", "ENVELOPE", "BODYSTRUCTURE", "BODY", "BODY.PEEK[]", "BODY.PEEK[HEADER]", "BODY.PEEK[TEXT]", "BODY.PEEK[1]",
                      "BODY.PEEK[1.MIME]", "BODY.PEEK[2]", "BODY.PEEK[2.MIME]", "BODY.PEEK[2.HEADER]", "BODY.PEEK[2.TEXT]", "BODY.PEEK[2.1]",
                      "BODY.PEEK[1.1]", "BODY.PEEK[1.2]", "BODY.PEEK[HEADER.FIELDS (SUBJECT FROM TO)]", "BODY.PEEK[HEADER.FIELDS.NOT (SUBJECT RECEIVED)]",
                      "BODY.PEEK[]<100.500>", "BODY.PEEK[TEXT]<7.50>", "RFC822.HEADER"):
            run.both(0, f"FETCH {i} {items}")
    run.selected[0] = "suites"
    for search in searches:
        run.both(0, search)
    if run.found:
        raise Difference("\n\n".join(run.found))
    return run.accepted


def main(arguments):
    import servers_of_differential as servers
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commands", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep-going", type=int, default=0, help="differences to gather before it stops")
    parser.add_argument("--suites", help="compare the messages of this folder instead")
    parser.add_argument("--both-dovecot", action="store_true", help="Dovecot's sdbox against its Maildir: tests the test")
    options = parser.parse_args(arguments)
    with servers.pair(options.both_dovecot) as (ours, theirs):
        try:
            if options.suites:
                import letters
                accepted = suite_messages(ours, theirs, letters.of_suites(options.suites), options.keep_going)
            else:
                run = Run(ours, theirs, options.seed, options.keep_going)
                accepted = run.go(options.commands)
                print("commands: " + ", ".join(f"{n} {w}" for w, n in run.families.most_common()))
        except Difference as difference:
            print(difference)
            return 1
        print("no difference but: " + (", ".join(f"{n}x {name}" for name, n in accepted.most_common()) or "none"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
