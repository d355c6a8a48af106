"""Two and more clients at one mailbox at the same time: all of them end with the same view, and it is the true one."""
import random
import threading

import pytest
from imap_people import fill, letter

SERVER = {"people": ()}


class Follower:
    """A session that keeps the list of UIDs as a mail program does, from EXISTS and EXPUNGE alone."""

    def __init__(self, person, seed, qresync=False):
        self.session = person.connect("INBOX", enable="QRESYNC" if qresync else None)
        self.rng = random.Random(seed)
        self.view = [None] * self.session.exists
        self.failure = None

    def ask(self, command):
        answer = self.session.ask(command, None)
        for response in answer.untagged:
            if response.name == "EXPUNGE":
                del self.view[response.number - 1]
            elif response.name == "VANISHED" and response.values[0] != ["EARLIER"]:
                self.learn()
                gone = uids_of(response.values[-1])
                self.view = [uid for uid in self.view if uid not in gone]
                self.session.exists = len(self.view)
            elif response.name == "EXISTS":
                assert response.number >= len(self.view), "EXISTS shrank"
                self.view += [None] * (response.number - len(self.view))
            elif response.name == "FETCH":
                assert response.number <= len(self.view), "FETCH of what was not announced"
                uid = response.items().get("UID")
                if uid:
                    known = self.view[response.number - 1]
                    assert known in (None, int(uid)), f"number {response.number} was UID {known} and is {uid}"
                    self.view[response.number - 1] = int(uid)
        return answer

    def learn(self):
        pass

    def work(self):
        kind = self.rng.random()
        most = max(1, len(self.view))
        at = self.rng.randint(1, most)
        if kind < 0.3:
            octets = letter(self.rng.randrange(1 << 30))
            self.ask(b"APPEND INBOX {%d+}\r\n" % len(octets) + octets)
        elif kind < 0.6:
            self.ask(f"UID FETCH 1:* (UID FLAGS)")
        elif kind < 0.75:
            self.ask(f"STORE {at} +FLAGS (\\Deleted)")
        elif kind < 0.8:
            self.ask("EXPUNGE")
        elif kind < 0.9:
            self.ask(f"FETCH {at} (UID BODY.PEEK[] ENVELOPE)")
        else:
            self.ask("NOOP")

    def run(self, count):
        try:
            for _ in range(count):
                self.work()
        except AssertionError as error:
            self.failure = error


def uids_of(text):
    found = set()
    for piece in text.split(","):
        first, _, last = piece.partition(":")
        found |= set(range(int(first), int(last or first) + 1))
    return found


@pytest.mark.parametrize("sessions", [2, 5])
def test_all_clients_of_one_mailbox_end_with_the_same_view(person, sessions):
    first = person.connect("INBOX")
    fill(first, 20)
    followers = [Follower(person, seed) for seed in range(sessions)]
    threads = [threading.Thread(target=follower.run, args=(80,)) for follower in followers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for follower in followers:
        assert follower.failure is None, follower.failure
        follower.ask("NOOP")
        follower.ask("UID FETCH 1:* (UID)")
    first.ask("NOOP")
    true = [int(i["UID"]) for _, i in first.fetch("1:*", "(UID)")]
    assert all(follower.view == true for follower in followers), [follower.view for follower in followers]


def test_two_clients_move_the_same_messages_and_none_is_doubled(person):
    one, two = person.connect("INBOX"), person.connect("INBOX")
    fill(one, 30)
    one.ask("NOOP")
    two.ask("NOOP")
    threads = [threading.Thread(target=lambda s=s, box=box: [s.ask(f"UID MOVE {uid} {box}") for uid in range(1, 31)])
               for s, box in ((one, "Archive"), (two, "Trash"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    three = person.connect()
    counts = [int(three.ask(f"STATUS {box} (MESSAGES)").named("STATUS")[0].values[1][1]) for box in ("INBOX", "Archive", "Trash")]
    assert counts[0] == 0 and counts[1] + counts[2] == 30
