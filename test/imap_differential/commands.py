"""Random IMAP commands, the same for the same seed. A command is text in which `{V:box}` stands for the UIDVALIDITY of a mailbox and
`{M:n}` for the MODSEQ that a server told at checkpoint n: these differ between servers."""
import random

import letters

FLAGS = ("\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft", "$Junk", "$Forwarded", "work")
PARENTS = ("T", "T/a", "U")  # made first, and never removed: servers differ in what becomes of names without a mailbox
LEAVES = ("T/a/b", "T/c d", "T/&AOk-t&AOk-", "U/x")
BOXES = ("INBOX", "T", "T/a", "T/a/b", "T/c d", "T/&AOk-t&AOk-", "U", "U/x")
FIELDS = ("From", "To", "Subject", "DATE", "message-id", "X-None", "Content-Type", "references")
ITEMS = ("FLAGS", "UID", "RFC822.SIZE", "INTERNALDATE", "ENVELOPE", "BODYSTRUCTURE", "BODY", "RFC822.HEADER", "BODY.PEEK[]",
         "BODY.PEEK[HEADER]", "BODY.PEEK[TEXT]", "BODY.PEEK[1]", "BODY.PEEK[2]", "BODY.PEEK[1.MIME]", "BODY.PEEK[3.HEADER]",
         "BODY.PEEK[3.TEXT]", "BODY.PEEK[3.1]", "BODY.PEEK[1.2.3]", "BODY[]", "BODY[TEXT]", "RFC822", "RFC822.TEXT", "MODSEQ",
         "BINARY.PEEK[1]", "BINARY.PEEK[2]", "BINARY.SIZE[1]", "BINARY.SIZE[4]", "BINARY.PEEK[]", "SAVEDATE")
KEYS = ("ALL", "ANSWERED", "DELETED", "DRAFT", "FLAGGED", "SEEN", "UNANSWERED", "UNDELETED", "UNDRAFT", "UNFLAGGED", "UNSEEN")
TEXTS = ("invoice", "LUNCH", "Grüße", "été", "日本", "bob", "demo.test", "re:", "x-none", "naïve", "example.org", "p", "epilogue", "within")
SORT_KEYS = ("ARRIVAL", "CC", "DATE", "FROM", "SIZE", "SUBJECT", "TO", "DISPLAYFROM", "DISPLAYTO")
STATUS_ITEMS = ("MESSAGES", "UIDNEXT", "UIDVALIDITY", "UNSEEN", "HIGHESTMODSEQ", "SIZE")
CONTINUING = ("{+}",)


class Commands:
    """Makes one command after the other for a session that has `exists` messages in view."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.supply = letters.made(200, seed + 1)
        self.checkpoints = []  # the mailbox of each

    def some(self, *choices):
        return self.rng.choice(choices)

    def number(self, most):
        return self.rng.randint(1, max(1, most))

    def sequence_set(self, most, uid):
        """Numbers that exist; UIDs also beyond."""
        reach = most + 3 if uid else max(1, most)
        pieces = []
        for _ in range(self.rng.choice((1, 1, 1, 2, 3))):
            kind = self.rng.random()
            if kind < 0.4:
                pieces.append(str(self.number(reach)))
            elif kind < 0.8:
                pieces.append(f"{self.number(reach)}:{self.number(reach)}")  # also backwards
            elif kind < 0.9:
                pieces.append(f"{self.number(reach)}:*")
            else:
                pieces.append("*")
        return "1:*" if self.rng.random() < 0.15 else ",".join(pieces)

    def box(self):
        return self.rng.choice(BOXES)

    def quoted_box(self):
        return f'"{self.box()}"'

    def flag_list(self, least=0):
        return "(" + " ".join(self.rng.sample(FLAGS, self.rng.randint(least, 3))) + ")"

    def text(self):
        return sent(self.rng.choice(TEXTS))

    def date(self):
        return f"{self.rng.randint(1, 28)}-{self.some('Jan', 'Feb', 'Mar', 'dec')}-{self.some(2019, 2020, 2026)}"

    def item(self):
        kind = self.rng.random()
        if kind < 0.1:
            return f"BODY.PEEK[{self.some('', '1.' if False else '')}HEADER.FIELDS{self.some('', '.NOT')} ({' '.join(self.rng.sample(FIELDS, self.rng.randint(1, 3)))})]"
        if kind < 0.2:
            return f"BODY.PEEK[{self.some('', 'TEXT', 'HEADER', '1', '2')}]<{self.some(0, 1, 7, 100, 100000)}.{self.some(1, 10, 1000)}>"
        return self.rng.choice(ITEMS)

    def key(self, most, depth=0):
        kind = self.rng.random()
        if kind < 0.3:
            return self.rng.choice(KEYS)
        if kind < 0.4 and most:
            return self.some("", "UID ") + self.sequence_set(most, uid=False)
        if kind < 0.6:
            return self.some("SUBJECT", "FROM", "TO", "CC", "BODY", "TEXT", "HEADER Message-ID", "HEADER X-None", "BCC") + " " + self.text()
        if kind < 0.7:
            return self.some("SINCE", "BEFORE", "ON", "SENTSINCE", "SENTBEFORE", "SENTON") + " " + self.date()
        if kind < 0.78:
            return self.some("LARGER", "SMALLER") + " " + str(self.rng.randint(0, 3000))
        if kind < 0.83:
            return self.some("KEYWORD", "UNKEYWORD") + " " + self.some("$Junk", "$Forwarded", "work", "never")
        if depth > 2:
            return "ALL"
        if kind < 0.9:
            return "NOT " + self.key(most, depth + 1)
        if kind < 0.96:
            return f"OR {self.key(most, depth + 1)} {self.key(most, depth + 1)}"
        return f"({self.key(most, depth + 1)} {self.key(most, depth + 1)})"

    def keys(self, most):
        return " ".join(self.key(most) for _ in range(self.rng.choice((1, 1, 2, 3))))

    # Families: each answers a command.

    def fetch(self, most):
        uid = self.rng.random() < 0.5
        items = " ".join(dict.fromkeys(self.item() for _ in range(self.rng.randint(1, 4))))
        body = self.some(f"({items})", f"({items})", f"({items})", "ALL", "FAST", "FULL", "FLAGS", "(FLAGS UID)")
        return f"{'UID ' if uid else ''}FETCH {self.sequence_set(most, uid)} {body}"

    def changed_since(self, most):
        here = [i for i, box in enumerate(self.checkpoints) if box == self.selected]
        if not here:
            return "NOOP"
        checkpoint = self.rng.choice(here)
        return f"UID FETCH 1:* (FLAGS) (CHANGEDSINCE {{M:{checkpoint}}})"

    def store(self, most):
        uid = self.rng.random() < 0.5
        how = self.some("FLAGS", "+FLAGS", "-FLAGS", "+FLAGS", "-FLAGS") + self.some("", ".SILENT")
        return f"{'UID ' if uid else ''}STORE {self.sequence_set(most, uid)} {how} {self.flag_list()}"

    def transfer(self, most):
        uid = self.rng.random() < 0.5
        return f"{'UID ' if uid else ''}{self.some('COPY', 'COPY', 'MOVE')} {self.sequence_set(most, uid)} {self.quoted_box()}"

    def expunge(self, most):
        return self.some("EXPUNGE", f"UID EXPUNGE {self.sequence_set(most, True)}")

    def search(self, most):
        uid = self.some("", "UID ")
        returns = self.some("", "", "", "RETURN () ", "RETURN (MIN MAX) ", "RETURN (COUNT) ", "RETURN (ALL COUNT MAX) ")
        return f"{uid}SEARCH {returns}CHARSET UTF-8 {self.keys(most)}"

    def sort(self, most):
        criteria = " ".join(self.some("", "", "REVERSE ") + self.rng.choice(SORT_KEYS) for _ in range(self.rng.choice((1, 1, 2))))
        return f"{self.some('', 'UID ')}SORT ({criteria}) UTF-8 {self.keys(most)}"

    def thread(self, most):
        return f"{self.some('', 'UID ')}THREAD {self.some('REFERENCES', 'ORDEREDSUBJECT', 'REFS')} UTF-8 {self.some('ALL', self.key(most))}"

    def append(self, most):
        words = f"APPEND {self.quoted_box()}"
        pieces = b""
        for _ in range(self.rng.choice((1, 1, 1, 2, 3))):
            letter = self.rng.choice(self.supply)
            day = f"{self.rng.randint(1, 28):2d}-{self.some('Jan', 'Feb', 'Mar')}-2020 10:{self.rng.randint(10, 59)}:00 +0000"
            pieces += f' {self.flag_list()} "{day}" {{{len(letter)}+}}\r\n'.encode() + letter
        return words.encode() + pieces

    def naming(self, most):
        box, leaf, other = self.quoted_box(), f'"{self.rng.choice(LEAVES)}"', f'"{self.rng.choice(LEAVES)}"'
        return self.some(f"CREATE {box}", f"CREATE {leaf}", f"CREATE {leaf}", f"DELETE {leaf}", f"RENAME {leaf} {other}",
                         f'SUBSCRIBE "{self.rng.choice(PARENTS)}"', f"UNSUBSCRIBE {box}")

    def listing(self, most):
        pattern = self.some("*", "%", "T/%", "T*", "T/*", "%/%", "INBOX", "inbox", "U", "nothing", "T/a/%")
        return self.some(f'LIST "" "{pattern}"', f'LIST "T/" "{self.some("%", "*", "a")}"', f'LSUB "" "{pattern}"', f'LIST (SUBSCRIBED) "" "{pattern}"',
                         f'LIST "" ("{pattern}" "U*") RETURN (CHILDREN)', f'LIST "" "{pattern}" RETURN (SUBSCRIBED STATUS (MESSAGES UNSEEN))', 'LIST "" ""')

    def status(self, most):
        return f"STATUS {self.quoted_box()} ({' '.join(self.rng.sample(STATUS_ITEMS, self.rng.randint(1, 4)))})"

    def checkpoint(self, most):
        self.checkpoints.append(self.selected)
        return "CHECKPOINT"

    def forget(self):
        """Mailboxes were removed or renamed: what was known of their MODSEQs means nothing now."""
        self.checkpoints = [None] * len(self.checkpoints)

    def select(self, most):
        return f"{self.some('SELECT', 'SELECT', 'SELECT', 'EXAMINE')} {self.quoted_box()}"

    def leave(self, most):
        return self.some("CLOSE", "UNSELECT")

    def wrong(self, most):
        """What no client should send."""
        return self.some("FETCH", "FETCH 1 (BOGUS)", "FETCH 0 FLAGS", "FETCH 1:x FLAGS", "STORE 1 BOGUS (x)", "SEARCH BOGUS", "SEARCH SINCE 99-Foo-2020",
                         "SEARCH CHARSET X-NONE ALL", "STATUS INBOX (BOGUS)", "XYZZY", "UID NOOP", "SORT (BOGUS) UTF-8 ALL", "THREAD BOGUS UTF-8 ALL",
                         "SELECT nowhere", 'COPY 1 "nowhere"', "UID COPY 1 nowhere", "DELETE INBOX", "CREATE INBOX", "DELETE nowhere",
                         "FETCH 1 (BODY[)", "LIST", "STORE 1 FLAGS (\\Bogus)", f"FETCH {most + 5} FLAGS")

    def next(self, selected, most):
        """`selected`: the mailbox that the session has in view, with `most` messages; None: none."""
        self.selected = selected
        anywhere = ((self.append, 6), (self.naming, 5), (self.listing, 3), (self.status, 3), (self.select, 4))
        within = ((self.fetch, 22), (self.store, 12), (self.search, 14), (self.sort, 5), (self.thread, 3), (self.transfer, 5), (self.expunge, 2),
                  (self.checkpoint, 2), (self.changed_since, 3), (self.wrong, 3), (self.leave, 0.7))
        families = anywhere + within if selected and most else anywhere + ((self.leave, 1),) if selected else anywhere
        make = self.rng.choices([f for f, _ in families], [w for _, w in families])[0]
        return make(most)


def sent(text):
    return f'"{text}"' if text.isascii() else f"{{{len(text.encode())}+}}\r\n{text}"
