"""kill -9 while twenty clients change their mailboxes: what was confirmed is there, and CONDSTORE tells the truth."""
import random
import threading
import time

import pytest
from imap_people import Person, letter

CLIENTS = 20
FLAGS = ("\\Seen", "\\Flagged", "\\Answered", "$one", "$two")


class Client(threading.Thread):
    """Changes one INBOX at random, and knows what was confirmed and what may or may not have been done."""

    def __init__(self, person, seed, known):
        super().__init__()
        self.person, self.rng = person, random.Random(seed)
        self.state = {uid: set(flags) for uid, flags in known.items()}  # as confirmed
        self.doubtful = None  # what the state is when the last command was done
        self.session = person.connect("INBOX", enable="QRESYNC")
        self.session.ask("NOOP")
        answer = self.session.ask("SELECT INBOX")
        self.validity = answer.code("UIDVALIDITY")[0]
        self.checkpoint = (answer.code("HIGHESTMODSEQ")[0], set(self.state))  # what the client knew at some time
        self.changes = 0
        self.failure = None

    def run(self):
        try:
            while True:
                self.change()
        except (AssertionError, OSError) as error:
            if "closed" not in str(error) and "broke" not in str(error) and not isinstance(error, OSError):
                self.failure = error

    def change(self):
        after = {uid: set(flags) for uid, flags in self.state.items()}
        kind = self.rng.random()
        if not after or kind < 0.3:
            self.doubtful = "append"
            answer = self.session.append("INBOX", letter(self.rng.randrange(1 << 30)), "\\Draft")
            after[int(answer.code("APPENDUID")[1])] = {"\\Draft"}
        elif kind < 0.85:
            uid, sign = self.rng.choice(list(after)), self.rng.choice("+-")
            flags = set(self.rng.sample(FLAGS, 2))
            after[uid] = after[uid] | flags if sign == "+" else after[uid] - flags
            self.doubtful = after
            self.session.ask(f"UID STORE {uid} {sign}FLAGS.SILENT ({' '.join(flags)})")
        else:
            uid = self.rng.choice(list(after))
            mark = {u: set(f) for u, f in after.items()}
            mark[uid].add("\\Deleted")
            self.doubtful = mark
            self.session.ask(f"UID STORE {uid} +FLAGS.SILENT (\\Deleted)")
            self.state = mark
            after = {u: f for u, f in mark.items() if u != uid}
            self.doubtful = after
            self.session.ask(f"UID EXPUNGE {uid}")
        self.state, self.doubtful = after, None
        self.changes += 1

    def check(self):
        """After the restart, in a session of its own; answers what is there."""
        session = self.person.connect(enable="QRESYNC")
        modseq, known = self.checkpoint
        answer = session.ask(f"SELECT INBOX (QRESYNC ({self.validity} {modseq}))")
        changed = {int(r.items()["UID"]): flags_of(r.items()) for r in answer.named("FETCH")}
        vanished = set()
        for response in answer.named("VANISHED"):
            for piece in response.values[1].split(","):
                first, _, last = piece.partition(":")
                vanished |= set(range(int(first), int(last or first) + 1))
        found = {int(i["UID"]): flags_of(i) for _, i in session.fetch("1:*", "(UID FLAGS)")} if session.exists else {}
        self.compare(found)
        # CONDSTORE: what it is told since the checkpoint makes of what it knew what is there.
        assert known - vanished == known & set(found), f"known {known}, vanished {vanished}, found {set(found)}"
        assert set(found) - known <= set(changed), f"new messages are not told: {set(found) - known - set(changed)}"
        assert all(found[uid] == flags for uid, flags in changed.items())
        session.close()
        return found

    def compare(self, found):
        if found == self.state or found == self.doubtful:
            return
        assert self.doubtful == "append", f"confirmed {self.state}, doubtful {self.doubtful}, found {found}"
        extra = set(found) - set(self.state)
        assert len(extra) <= 1 and {u: f for u, f in found.items() if u not in extra} == self.state, f"confirmed {self.state}, found {found}"


def flags_of(items):
    return {flag for flag in items["FLAGS"] if flag != "\\Recent"}


@pytest.mark.parametrize("rounds", [3])
def test_what_was_confirmed_survives_kill_9(new_server, rounds):
    running = new_server(people=())
    people = [Person(running) for _ in range(CLIENTS)]
    known = [{} for _ in people]
    changes = 0
    for turn in range(rounds):
        clients = [Client(person, 100 * turn + i, known[i]) for i, person in enumerate(people)]
        for client in clients:
            client.start()
        time.sleep(1.5)
        running.kill()
        for client in clients:
            client.join()
            assert client.failure is None, client.failure
        running.start()
        known = [client.check() for client in clients]
        changes += sum(client.changes for client in clients)
    assert changes > CLIENTS * rounds
    for person in people:
        person.close()
