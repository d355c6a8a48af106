"""Whole mailboxes in and out: files of three kinds, and accounts of other servers."""
import contextlib
import mailbox as files
import os
import pathlib
import shutil
import sys
import tempfile

import imap_wire
import pytest
from imap_people import PASSWORD, letter

DATES = (' 1-Feb-2020 10:20:30 +0000', '15-Jul-2021 00:00:00 +0000')


@pytest.fixture
def place():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="veredus-mail-"))
    yield folder
    shutil.rmtree(folder)


def furnish(person):
    """Messages in three mailboxes, one of them large."""
    session = person.connect()
    session.append("INBOX", letter(1), "\\Seen \\Flagged $Junk", DATES[0])
    session.append("INBOX", letter(2, body="From here\r\n>From there\r\n.\r\n"), "", DATES[1])
    session.append("INBOX", letter(2, body="From here\r\n>From there\r\n.\r\n"), "", DATES[1])  # the same once more
    session.ask('CREATE "Work/2020"')
    session.append("Work/2020", letter(3, body="x" * 70 + "\r\n" * 1 + ("y" * 76 + "\r\n") * 9000), "\\Answered", DATES[0])
    session.append("Sent", letter(4), "\\Seen \\Draft work", DATES[1])
    return session


def contents(person, mailboxes=("INBOX", "Work/2020", "Sent")):
    """{mailbox: [(flags, date, octets)]}"""
    found = {}
    session = person.connect()
    for name in mailboxes:
        session.ask(f'SELECT "{name}"')
        found[name] = sorted(
            (sorted(flag for flag in items["FLAGS"] if flag != "\\Recent"), items["INTERNALDATE"], items["BODY[]"])
            for _, items in (session.fetch("1:*", "(FLAGS INTERNALDATE BODY.PEEK[])") if session.exists else []))
    return found


@pytest.mark.parametrize("form", ["maildir", "eml", "mbox"])
def test_what_is_exported_can_be_imported(veredus, people, place, form):
    one, other = people
    furnish(one)
    assert veredus.json("mailbox", "export", one.address, place, "--format", form)["done"] == 5
    again = veredus.json("mailbox", "export", one.address, place, "--format", form)
    assert again["done"] == (5 if form == "mbox" else 0)
    if form == "mbox":
        for name in ("INBOX", "Work/2020", "Sent"):
            veredus.run("mailbox", "import", other.address, place / f"{name}.mbox", "--mailbox", name)
    elif form == "eml":
        veredus.run("mailbox", "import", other.address, place / "Work", "--mailbox", "Work")
        veredus.run("mailbox", "import", other.address, place)  # and the rest
    else:
        veredus.run("mailbox", "import", other.address, place)
    before, after = contents(one), contents(other)
    if form != "mbox":
        assert after == before
        return
    for name, messages in before.items():  # an mbox keeps flags as fields of the message
        assert [m[:2] for m in after[name]] == [m[:2] for m in messages]
        for (_, _, was), (_, _, now) in zip(messages, after[name]):
            assert now.endswith(was.partition(b"\r\n\r\n")[2].rstrip(b"\r\n") + b"\r\n")


def test_an_import_repeated_brings_nothing_twice(veredus, people, place):
    one, other = people
    furnish(one)
    veredus.run("mailbox", "export", one.address, place)
    first = veredus.json("mailbox", "import", other.address, place)
    second = veredus.json("mailbox", "import", other.address, place)
    assert (first["done"], first["already_there"]) == (5, 0)
    assert (second["done"], second["already_there"]) == (0, 5)
    assert veredus.run("mailbox", "verify", other.address).returncode == 0


def test_pythons_own_mailboxes_are_read(veredus, people, place):
    box = files.Maildir(place / "maildir")
    message = files.MaildirMessage(letter(1))
    message.set_flags("RS")
    message.set_date(1_580_000_000)
    message.set_subdir("cur")
    box.add(message)
    box.add_folder("Old.Deep").add(letter(2))
    mbox = files.mbox(place / "one.mbox")
    marked = files.mboxMessage(letter(3))
    marked.set_flags("RAF")
    marked.set_from("sender@example.org", (2020, 1, 26, 0, 53, 20, 6, 26, 0))
    mbox.add(marked)
    mbox.flush()
    who = people[0]
    veredus.run("mailbox", "import", who.address, place / "maildir")
    veredus.run("mailbox", "import", who.address, place / "one.mbox", "--mailbox", "Old")
    found = contents(who, ("INBOX", "Old/Deep", "Old"))
    assert found["INBOX"][0][:2] == (["\\Answered", "\\Seen"], b"26-Jan-2020 00:53:20 +0000")
    assert b"letter 2" in found["Old/Deep"][0][2]
    assert found["Old"][0][:2] == (["\\Answered", "\\Flagged", "\\Seen"], b"26-Jan-2020 00:53:20 +0000")


def test_a_damaged_message_is_reported_and_passed_over(veredus, people, place):
    (place / "cur").mkdir()
    (place / "cur" / "1.good").write_bytes(letter(1))
    (place / "cur" / "2.empty").write_bytes(b"")
    (place / "cur" / "3.noise").write_bytes(bytes(range(256)) * 10)
    (place / "cur" / "4.good").write_bytes(letter(2))
    done = veredus.run("mailbox", "import", people[0].address, place)
    assert "2 imported" in done.stdout and "2 skipped" in done.stdout
    assert "2.empty" in done.stderr and "3.noise" in done.stderr
    assert veredus.run("mailbox", "import", people[0].address, place / "none", check=False).returncode != 0


def test_odd_keywords_and_dates_do_not_stop_an_import(veredus, people, place):
    (place / "one.mbox").write_bytes(
        b"From a@b Fri Jan  1 00:00:00 1965\nX-Keywords: caf\xe9 good " + b"k" * 70_000 + b"\nSubject: x\n\nx\n")
    who, other = people
    done = veredus.run("mailbox", "import", who.address, place / "one.mbox")
    assert "1 imported" in done.stdout and "keywords" in done.stderr
    assert contents(who, ["INBOX"])["INBOX"][0][:2] == (["good"], b" 1-Jan-1965 00:00:00 +0000")
    veredus.run("mailbox", "export", who.address, place / "out", "--mailbox", "inbox")
    veredus.run("mailbox", "import", other.address, place / "out")
    assert contents(other, ["INBOX"])["INBOX"] == contents(who, ["INBOX"])["INBOX"]


def test_an_export_goes_on_past_a_mailbox_that_cannot_be_written(veredus, people, place):
    who = people[0]
    session = who.connect()
    for name in ("foo", "zoo"):
        session.ask(f'CREATE "{name}"')
        session.append(name, letter(1))
    (place / "foo.mbox").mkdir()
    done = veredus.run("mailbox", "export", who.address, place, "--format", "mbox", check=False)
    assert done.returncode == 1 and "foo.mbox" in done.stderr and "1 exported" in done.stdout
    assert (place / "zoo.mbox").is_file()


@pytest.mark.parametrize("form", ["maildir", "eml", "mbox"])
def test_mailboxes_that_files_would_call_the_same_stay_apart(veredus, people, place, form):
    who, other = people
    session = who.connect()
    names = ("foo", "foo.mbox/mbox", "a.b", "a_b")
    for number, name in enumerate(names):
        session.ask(f'CREATE "{name}"')
        session.append(name, letter(number))
    assert "4 exported" in veredus.run("mailbox", "export", who.address, place, "--format", form).stdout
    again = veredus.run("mailbox", "export", who.address, place, "--format", form).stdout
    assert ("4 exported" if form == "mbox" else "0 exported") in again
    veredus.run("mailbox", "import", other.address, place, "--format", form, "--mailbox", "in")
    found = veredus.json("mailbox", "list", other.address)["mailboxes"]
    assert [one["messages"] for one in found if one["name"].startswith("in/") and one["messages"]] == [1] * len(names)


def test_keywords_that_a_maildir_has_no_letter_for_come_back(veredus, people, place):
    who, other = people
    keywords = [f"k{number:02}" for number in range(30)]
    session = who.connect()
    session.append("INBOX", letter(1), " ".join(keywords))
    session.append("INBOX", letter(2), "k03 \\Seen")
    done = veredus.run("mailbox", "export", who.address, place)
    assert "veredus-keywords" in done.stderr and "k26 k27 k28 k29" in done.stderr
    veredus.run("mailbox", "import", other.address, place)
    assert contents(other, ["INBOX"]) == contents(who, ["INBOX"])


def copy(veredus, source, target, url=None, check=True):
    port = veredus.ports["imaps"]
    return veredus.run("mailbox", "copy-from", target.address, url or f"imaps://127.0.0.1:{port}", "--user",
                       source.address, "--insecure", "--json", stdin=PASSWORD + "\n", check=check)


def counts(done):
    import json
    answer = json.loads(done.stdout)
    return answer["copied"], answer["already_there"], answer["skipped"]


def test_an_account_is_copied_whole_and_then_only_what_is_new(veredus, people):
    one, other = people
    session = furnish(one)
    session.ask('SUBSCRIBE "Work/2020"')
    assert counts(copy(veredus, one, other)) == (5, 0, 0)
    assert contents(other) == contents(one)
    assert other.connect().ask('LSUB "" "Work*"').named("LSUB")
    session.append("Work/2020", letter(9))
    assert counts(copy(veredus, one, other)) == (1, 5, 0)
    # What was deleted here stays deleted.
    here = other.connect("INBOX")
    here.ask("STORE 1:* +FLAGS (\\Deleted)")
    here.ask("EXPUNGE")
    assert counts(copy(veredus, one, other)) == (0, 6, 0)
    assert contents(other)["INBOX"] == []
    assert veredus.run("mailbox", "verify", other.address).returncode == 0


def test_flags_that_change_at_the_source_reach_the_copy(veredus, people):
    import json
    one, other = people
    there = furnish(one)
    copy(veredus, one, other)
    here = other.connect("INBOX")
    here.ask("STORE 2 +FLAGS (\\Flagged)")
    here.ask("STORE 1 -FLAGS (\\Flagged)")
    there.ask("SELECT INBOX")
    there.ask("STORE 1 -FLAGS (\\Seen $Junk)")
    there.ask("STORE 1,2 +FLAGS (\\Answered $Label1)")
    answer = json.loads(copy(veredus, one, other).stdout)
    assert (answer["copied"], answer["already_there"], answer["flags_renewed"]) == (0, 5, 2)
    here.ask("NOOP")
    flags = [items["FLAGS"] for _, items in here.fetch("1:3", "(FLAGS)")]
    assert [sorted(set(one) - {"\\Recent"}) for one in flags] == [
        ["$Label1", "\\Answered"], ["$Label1", "\\Answered", "\\Flagged"], []]
    assert json.loads(copy(veredus, one, other).stdout)["flags_renewed"] == 0


def test_a_token_is_not_sent_as_a_password(veredus, people):
    done = veredus.run("mailbox", "copy-from", people[1].address, f"imaps://127.0.0.1:{veredus.ports['imaps']}", "--insecure",
                       "--user", people[0].address, "--token", stdin="abc\n", check=False)
    assert done.returncode != 0 and "login" in done.stderr, done.stderr


def test_starttls_and_wrong_passwords(veredus, people):
    one, other = people
    furnish(one)
    port = veredus.ports["imap"]
    done = veredus.run("mailbox", "copy-from", other.address, f"imap://127.0.0.1:{port}", "--starttls", "--insecure",
                       "--user", one.address, stdin=PASSWORD + "\n")
    assert "5 copied" in done.stdout
    wrong = veredus.run("mailbox", "copy-from", other.address, f"imap://127.0.0.1:{port}", "--starttls", "--insecure",
                        "--user", one.address, stdin="wrong\n", check=False)
    assert wrong.returncode != 0 and "refuses" in wrong.stderr
    unverified = veredus.run("mailbox", "copy-from", other.address, f"imaps://127.0.0.1:{veredus.ports['imaps']}",
                             "--user", one.address, stdin=PASSWORD + "\n", check=False)
    assert unverified.returncode != 0 and "certificate" in unverified.stderr


@pytest.fixture
def dovecot_with_mail():
    """A Dovecot with the furnishing of the others, and its side of the copy."""
    root = pathlib.Path(__file__).resolve().parents[2]
    for folder in ("test/imap_differential", "bench/peers"):
        sys.path.append(str(root / folder))
    import dovecot
    import servers_of_differential as pairs
    if os.geteuid() != 0 or not pairs.dovecot_is_there():
        pytest.skip("Dovecot needs root, and tools/fetch_peers.sh")
    with contextlib.ExitStack() as stack:
        home = tempfile.mkdtemp(prefix="dovecot-")
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        running = dovecot.Dovecot(pathlib.Path(home) / "home", pairs.PEERS, "sdbox")
        stack.callback(running.remove)
        session = imap_wire.Imap(("127.0.0.1", running.port))
        stack.callback(session.close)
        session.login("alice", "x")
        yield running, session


def test_an_account_of_dovecot_is_copied(veredus, people, dovecot_with_mail):
    running, session = dovecot_with_mail
    target = people[0]
    for name in ("Work", "Work/Entw&APw-rfe", "Archive 1"):
        session.ask(f'CREATE "{name}"')
    for number in range(250):  # more than one FETCH
        session.append("Work", letter(number), "\\Seen" if number % 2 else "", DATES[0])
    session.append("Work/Entw&APw-rfe", letter(1, body="z\r\n" * 200_000), "\\Flagged $Forwarded", DATES[1])
    session.append("INBOX", letter(2))
    where = f"imap://127.0.0.1:{running.port}"

    def copied():
        return counts(veredus.run("mailbox", "copy-from", target.address, where, "--user", "alice", "--json", stdin="x\n"))
    assert copied() == (252, 0, 0)
    assert copied() == (0, 252, 0)
    found = contents(target, ("Work", "Work/Entw&APw-rfe", "INBOX", "Archive 1"))
    session.ask('SELECT "Work"')
    theirs = sorted((sorted(items["FLAGS"]), items["INTERNALDATE"], items["BODY[]"])
                    for _, items in session.fetch("1:*", "(FLAGS INTERNALDATE BODY.PEEK[])"))
    assert [(f, b) for f, _, b in found["Work"]] == [([x for x in f if x != "\\Recent"], b) for f, _, b in theirs]
    assert found["Work/Entw&APw-rfe"][0][0] == ["$Forwarded", "\\Flagged"]
    assert len(found["INBOX"]) == 1 and found["Archive 1"] == []
