"""The rules an IMAP server is measured by, one test for each."""
import threading
import time

import imap_wire
import pytest
import wire
from imap_people import PASSWORD, Person, fill, letter

SERVER = {"people": ()}


# Views.

def test_each_session_has_its_own_frozen_sequence_numbers(person):
    one, two = person.connect("INBOX"), person.connect("INBOX")
    fill(one, 5)
    two.ask("NOOP")
    two.ask("STORE 2 +FLAGS (\\Deleted)")
    assert two.ask("EXPUNGE").numbers("EXPUNGE") == [2]
    # The other still has five; its number 3 is the third letter.
    assert [(n, i["UID"]) for n, i in one.fetch("1,3:5", "(UID)")] == [(1, "1"), (3, "3"), (4, "4"), (5, "5")]
    assert one.ask("NOOP").numbers("EXPUNGE") == [2]
    assert [i["UID"] for _, i in one.fetch("1:*", "(UID)")] == ["1", "3", "4", "5"]


@pytest.mark.parametrize("command", ["FETCH 1 (FLAGS)", "STORE 1 +FLAGS (\\Seen)", "SEARCH ALL"])
def test_untagged_expunge_comes_only_where_it_is_allowed(person, command):
    one, two = person.connect("INBOX"), person.connect("INBOX")
    fill(two, 3)
    one.ask("NOOP")
    two.ask("STORE 2 +FLAGS (\\Deleted)")
    two.ask("EXPUNGE")
    assert one.ask(command).numbers("EXPUNGE") == []  # RFC 9051 s7.5.1
    assert one.ask("NOOP").numbers("EXPUNGE") == [2]


def test_after_enable_qresync_vanished_comes_instead_of_expunge(person):
    one, two = person.connect("INBOX", enable="QRESYNC"), person.connect("INBOX")
    fill(two, 4)
    one.ask("NOOP")
    two.ask("STORE 2:3 +FLAGS (\\Deleted)")
    two.ask("EXPUNGE")
    assert one.ask("SEARCH ALL").named("VANISHED") == []
    answer = one.ask("NOOP")
    assert [r.values for r in answer.named("VANISHED")] == [["2:3"]] and answer.numbers("EXPUNGE") == []


def test_exists_comes_before_the_first_fetch_of_a_new_message(person):
    one, two = person.connect("INBOX"), person.connect("INBOX")
    fill(two, 2)
    two.ask("UID STORE 2 +FLAGS (\\Flagged)")
    for response in one.ask("UID FETCH 1:* (FLAGS)").untagged + one.ask("NOOP").untagged:
        if response.name == "FETCH":
            assert response.number <= one.exists, "FETCH of a message that was not announced"
    assert one.exists == 2


def test_exists_never_shrinks(person):
    one, two = person.connect("INBOX"), person.connect("INBOX")
    view = 0
    for i in range(6):
        fill(two, 3)
        two.ask("UID STORE 1:* +FLAGS (\\Deleted)" if i % 2 else "NOOP")
        two.ask("EXPUNGE")
        for response in one.ask("NOOP").untagged:
            if response.name == "EXPUNGE":
                assert response.number <= view
                view -= 1
            if response.name == "EXISTS":
                assert response.number >= view
                view = response.number
    assert view == len(one.fetch("1:*", "(UID)")) if view else True


def test_replies_ascend_and_uid_comes_first(person):
    one = person.connect("INBOX")
    fill(one, 6)
    answer = one.ask("UID FETCH 6,1:3,5:4 (RFC822.SIZE BODY.PEEK[] UID)")
    assert [r.number for r in answer.named("FETCH")] == [1, 2, 3, 4, 5, 6]
    assert all(r.values[0][0] == "UID" for r in answer.named("FETCH"))
    assert [r.number for r in one.ask("FETCH 4,2 FLAGS").named("FETCH")] == [2, 4]


def test_uid_fetch_68_star_with_67_messages_answers_67(person):
    one = person.connect("INBOX")
    fill(one, 67)
    assert [i["UID"] for _, i in one.fetch("68:*", "(UID)", uid=True)] == ["67"]
    assert [i["UID"] for _, i in one.fetch("*:70", "(UID)", uid=True)] == ["67"]


def test_descending_sets_are_accepted(person):
    one = person.connect("INBOX")
    fill(one, 5)
    assert [n for n, _ in one.fetch("5:2", "(UID)")] == [2, 3, 4, 5]
    assert one.search("5:4,*:1") == [1, 2, 3, 4, 5]
    assert one.search("UID 4:2") == [2, 3, 4]


@pytest.mark.parametrize("verb", ["UID COPY", "UID MOVE", "COPY", "MOVE"])
def test_move_and_copy_of_vanished_messages_skip_them_silently(person, verb):
    one, two = person.connect("INBOX"), person.connect("INBOX")
    fill(two, 4)
    one.ask("NOOP")
    two.ask("UID STORE 2 +FLAGS (\\Deleted)")
    two.ask("EXPUNGE")
    one.ask(f"{verb} 1:3 Archive")
    two.ask("SELECT Archive")
    assert two.exists == 2
    assert one.ask(f"UID {verb.split(' ')[-1]} 2 Archive").ok


def test_flags_changed_by_several_sessions_are_never_lost(person):
    first = person.connect("INBOX")
    fill(first, 1)
    sessions = [person.connect("INBOX") for _ in range(6)]

    def add(number):
        for i in range(10):
            sessions[number].ask(f"UID STORE 1 +FLAGS.SILENT (k{number}x{i})")
            sessions[number].ask(f"UID STORE 1 -FLAGS.SILENT (k{number}x{i})" if i % 2 else "NOOP")
    threads = [threading.Thread(target=add, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first.ask("NOOP")
    ((_, items),) = first.fetch("1", "(FLAGS)", uid=True)
    assert sorted(f for f in items["FLAGS"] if f[0] == "k") == sorted(f"k{n}x{i}" for n in range(6) for i in range(0, 10, 2))


def test_expunged_bodies_stay_readable_for_sessions_that_still_show_them(person):
    one, two = person.connect("INBOX"), person.connect("INBOX")
    fill(two, 2)
    one.ask("NOOP")
    two.ask("STORE 1 +FLAGS (\\Deleted)")
    two.ask("EXPUNGE")
    ((_, items),) = one.fetch("1", "(BODY.PEEK[] ENVELOPE FLAGS)")
    assert items["BODY[]"] == letter(1)
    assert one.ask("NOOP").numbers("EXPUNGE") == [1]


# Identity.

def test_uids_are_never_reused(person):
    one = person.connect("INBOX")
    fill(one, 3)
    one.ask("STORE 2:3 +FLAGS (\\Deleted)")
    one.ask("EXPUNGE")
    answer = fill(one, 1)
    assert answer.code("APPENDUID")[1] == "4"
    one.ask("STORE 1:* +FLAGS (\\Deleted)")
    one.ask("EXPUNGE")
    person.running.restart()
    later = person.connect()
    assert fill(later, 1).code("APPENDUID")[1] == "5"


def test_uidvalidity_grows_across_delete_recreate_and_rename(person):
    one = person.connect()

    def validity(name):
        answer = one.ask(f"STATUS {name} (UIDVALIDITY)")
        return int(answer.named("STATUS")[0].values[1][1])
    one.ask("CREATE box")
    first = validity("box")
    assert first > 0
    one.ask("DELETE box")
    one.ask("CREATE box")
    second = validity("box")
    assert second > first
    one.ask("CREATE other")
    one.ask("RENAME box kept")
    one.ask("RENAME other box")
    assert validity("box") > second
    assert validity("kept") >= second


def test_recent_is_given_to_one_session(person):
    one, two = person.connect(), person.connect()
    fill(one, 3)
    assert one.ask("EXAMINE INBOX").numbers("RECENT") == [3]
    assert two.ask("SELECT INBOX").numbers("RECENT") == [3]
    assert all("\\Recent" in i["FLAGS"] for _, i in two.fetch("1:*", "(FLAGS)"))
    three = person.connect()
    assert three.ask("SELECT INBOX").numbers("RECENT") == [0]
    assert not any("\\Recent" in i["FLAGS"] for _, i in three.fetch("1:*", "(FLAGS)"))


def test_rev2_knows_no_recent_and_answers_esearch(person):
    one = person.connect(enable="IMAP4rev2")
    fill(one, 2)
    answer = one.ask("SELECT INBOX")
    assert not answer.named("RECENT") and answer.code("UNSEEN") is None and answer.named("LIST")
    answer = one.ask("SEARCH ALL")
    assert not answer.named("SEARCH") and answer.named("ESEARCH")


# What messages are told to be.

AWKWARD = {
    "nothing": b"\r\n",
    "no header": b"\r\nbody\r\n",
    "an empty multipart": b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x--\r\n',
    "a multipart without its boundary": b"Content-Type: multipart/mixed\r\n\r\ntext\r\n",
    "quotes and backslashes": b'Subject: a "b\\ c\r\nContent-Type: text/plain; name="\\"q\\\\"\r\nContent-Description: x"y\\\r\n\r\nz\r\n',
    "groups": b"From: x@y.test\r\nTo: people: a@b.test, c@d.test;, nobody:;\r\n\r\n",
    "eight bits": b"From: J\xfcrgen <j@example.org>\r\nSubject: \xff\xfe\r\nContent-Type: text/plain; name=\xe9\r\n\r\n\xe9\r\n",
    "utf-8": "Subject: Grüße\r\nFrom: Jürgen <jürgen@example.org>\r\n\r\n".encode(),
    "a message without a header within": b"Content-Type: message/rfc822\r\n\r\n",
    "deep": b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (i, i) for i in range(80)) + b"\r\nx\r\n",
    "a parameter without a value": b"Content-Type: text/plain; charset; name=\r\nContent-Disposition: attachment; filename\r\n\r\nx\r\n",
    "a very long subject": b"Subject: " + b"x" * 20_000 + b"\r\n\r\nbody\r\n",
}


@pytest.mark.parametrize("name", AWKWARD)
def test_envelope_and_bodystructure_are_valid_whatever_the_message(person, name):
    one = person.connect("INBOX")
    one.append("INBOX", AWKWARD[name])
    ((_, items),) = one.fetch("1", "(ENVELOPE BODY BODYSTRUCTURE RFC822.SIZE BODY.PEEK[])")  # read strictly
    assert len(items["ENVELOPE"]) == 10
    assert items["RFC822.SIZE"] == str(len(AWKWARD[name])) and items["BODY[]"] == AWKWARD[name]
    for i in (2, 3, 4, 5, 6, 7):
        assert items["ENVELOPE"][i] is None or all(len(address) == 4 for address in items["ENVELOPE"][i])
    if "multipart" in name:
        leaf = items["BODYSTRUCTURE"]
        while isinstance(leaf[0], list):
            leaf = leaf[0]
        assert isinstance(leaf[0], bytes) and isinstance(leaf[1], bytes)
    raw = one.ask("FETCH 1 (ENVELOPE BODYSTRUCTURE)").named("FETCH")[0].raw
    quoted = raw
    while b"{" in quoted:  # RFC 9051 s4.3: octets above 127 only in literals
        before, _, rest = quoted.partition(b"{")
        size, _, after = rest.partition(b"}\r\n")
        if not size.isdigit():
            break
        quoted = before + after[int(size):]
    assert quoted.isascii()


def test_group_addresses_have_markers(person):
    one = person.connect("INBOX")
    one.append("INBOX", AWKWARD["groups"])
    ((_, items),) = one.fetch("1", "(ENVELOPE)")
    assert items["ENVELOPE"][5] == [[None, None, b"people", None], [None, None, b"a", b"b.test"], [None, None, b"c", b"d.test"],
                                    [None, None, None, None], [None, None, b"nobody", None], [None, None, None, None]]


def test_mailbox_names_are_modified_utf7_until_the_client_says_it_reads_utf8(person):
    one = person.connect()
    one.ask('CREATE "&AOk-t&AOk- &- co"')
    assert [r.values[2] for r in one.ask('LIST "" "&AOk-*"').named("LIST")] == [b"&AOk-t&AOk- &- co"]
    two = person.connect(enable="UTF8=ACCEPT")
    assert [r.values[2].decode() for r in two.ask('LIST "" "ét*"').named("LIST")] == ["été & co"]


# Limits.

def test_limits_before_and_after_the_login(person):
    running = person.running
    with imap_wire.Imap(running.address("imaps"), running.tls) as stranger:
        stranger.send(b"a LOGIN {10000000+}\r\n")
        assert stranger.response().name in ("BAD", "NO", "BYE")
    with imap_wire.Imap(running.address("imaps"), running.tls) as stranger:
        assert stranger.ask("LOGIN {5000}", None).tagged.name == "BAD"
        assert stranger.ask("SELECT INBOX", None).tagged.name == "BAD"
        assert stranger.ask(b"NOOP " + b"x" * 20_000, None).tagged.name == "BAD"
    one = person.connect("INBOX")
    assert one.ask("SEARCH " + "(" * 501 + "ALL" + ")" * 501, None).tagged.name == "BAD"
    assert one.ask("SEARCH " + "NOT " * 5000 + "ALL", None).tagged.name == "BAD"
    assert one.ask("SEARCH " + " ".join(["ALL"] * 5000), None).tagged.name == "BAD"
    assert one.ask("FETCH 1 (BODY[" + ".".join(["1"] * 500) + "])", None).tagged.name == "BAD"
    assert one.ask("APPEND INBOX {99999999999}", None).code("TOOBIG") is not None
    one.ask("NOOP")


def test_who_is_turned_away_is_told_why(person):
    sessions = []
    said = None
    for _ in range(60):
        session = imap_wire.Imap(person.running.address("imaps"), person.running.tls)
        sessions.append(session)
        answer = session.ask(f'LOGIN "{person.address}" "{PASSWORD}"', None)
        if not answer.ok:
            said = answer
            break
    for session in sessions:
        session.close()
    assert said and said.tagged.name == "NO" and said.code("LIMIT") is not None, str(said)


def test_no_password_goes_over_an_open_line(person):
    running = person.running
    with wire.Connection(running.address("imap")) as session:
        greeting = session.line()
        assert greeting.startswith(b"* OK")
        session.send(b"a CAPABILITY\r\n")
        capability = session.line()
        assert b"STARTTLS" in capability
        session.line()
        session.send(b"b STARTTLS\r\n")
        assert session.line().startswith(b"b OK")
        session.wrap(running.tls)
        session.send(f'c LOGIN "{person.address}" "{PASSWORD}"\r\n'.encode())
        while not (line := session.line()).startswith(b"c "):
            pass
        assert line.startswith(b"c OK")


def test_what_is_said_before_tls_does_not_count(person):
    with wire.Connection(person.running.address("imap")) as session:
        session.line()
        session.send(b"a STARTTLS\r\nb LOGIN x y\r\n")
        assert session.line().startswith(b"a OK")
        session.socket = person.running.tls.wrap_socket(session.socket, server_hostname="mx.demo.test")
        session.send(b"c NOOP\r\n")
        assert session.line().startswith(b"c OK")


def test_a_literal_streams_to_the_store(person):
    one = person.connect()
    before = rss_kib(person.running.pid)
    octets = letter("big", body="x" * 78 + "\r\n") + (b"y" * 78 + b"\r\n") * 400_000  # 32 MB
    one.append("Archive", octets)
    assert rss_kib(person.running.pid) - before < 200_000
    one.ask("SELECT Archive")
    ((_, items),) = one.fetch("1", "(RFC822.SIZE BODY.PEEK[]<16000000.100>)")
    assert items["RFC822.SIZE"] == str(len(octets))
    assert items["BODY[]<16000000>"] == octets[16_000_000:16_000_100]


def test_a_slow_reader_is_bounded(person):
    one = person.connect("INBOX")
    octets = letter("big") + (b"y" * 78 + b"\r\n") * 200_000
    one.append("INBOX", octets)
    before = rss_kib(person.running.pid)
    for _ in range(30):
        one.begin("FETCH 1 (BODY.PEEK[])")  # and nothing is read
    other = person.connect("INBOX")
    for _ in range(20):
        other.ask("NOOP")
    assert rss_kib(person.running.pid) - before < 150_000


def rss_kib(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


# CONDSTORE and QRESYNC.

def modseqs(session):
    return {int(i["UID"]): int(i["MODSEQ"][0]) for _, i in session.fetch("1:*", "(UID MODSEQ)")}


def test_condstore_tells_the_truth_through_a_restart(person):
    one = person.connect("INBOX", enable="CONDSTORE")
    fill(one, 5)
    one.ask("NOOP")
    before = modseqs(one)
    highest = max(before.values())
    one.ask("UID STORE 2 +FLAGS (\\Seen)")
    one.ask("UID STORE 3 +FLAGS (\\Seen)")
    one.ask("UID STORE 3 +FLAGS (\\Seen)")  # changes nothing
    after = modseqs(one)
    assert after[2] > highest and after[3] > after[2] and after[1] == before[1]
    person.running.restart()
    two = person.connect("INBOX", enable="CONDSTORE")
    assert modseqs(two) == after
    assert sorted(i["UID"] for _, i in two.fetch("1:*", f"(FLAGS) (CHANGEDSINCE {highest})", uid=True)) == ["2", "3"]
    answer = two.ask(f"UID STORE 1:3 (UNCHANGEDSINCE {highest}) +FLAGS (\\Flagged)")
    assert answer.code("MODIFIED") == ["2:3"]
    answer = two.ask("STATUS INBOX (HIGHESTMODSEQ)")
    assert int(answer.named("STATUS")[0].values[1][1]) >= after[3]


def test_qresync_tells_what_vanished_through_a_restart(person):
    one = person.connect("INBOX", enable="QRESYNC")
    fill(one, 6)
    answer = one.ask("SELECT INBOX")
    validity, modseq = answer.code("UIDVALIDITY")[0], answer.code("HIGHESTMODSEQ")[0]
    one.ask("UID STORE 2,5 +FLAGS (\\Deleted)")
    one.ask("EXPUNGE")
    one.ask("UID STORE 4 +FLAGS (\\Answered)")
    fill(one, 1, first=7)
    person.running.restart()
    two = person.connect(enable="QRESYNC")
    answer = two.ask(f"SELECT INBOX (QRESYNC ({validity} {modseq} 1:6))")
    assert [r.values for r in answer.named("VANISHED")] == [[["EARLIER"], "2,5"]]
    assert {r.items()["UID"] for r in answer.named("FETCH")} == {"4"}  # of those it knows (RFC 7162 s3.2.5.1)
    answer = two.ask(f"SELECT INBOX (QRESYNC ({validity} {modseq}))")
    assert {r.items()["UID"] for r in answer.named("FETCH")} == {"4", "7"}
    # A client that was away for longer than anything is kept: what is not there is told to have vanished (RFC 7162 s3.2.5.2).
    answer = two.ask(f"SELECT INBOX (QRESYNC ({validity} 1 1:6))")
    assert [r.values[1] for r in answer.named("VANISHED")] == ["2,5"]
    # Another UIDVALIDITY: nothing of what it knows holds.
    answer = two.ask(f"SELECT INBOX (QRESYNC ({int(validity) + 1} {modseq} 1:6))")
    assert answer.named("VANISHED") == [] and answer.named("FETCH") == []


# IDLE.

def test_idle_says_plus_first_and_tells_new_mail_at_once(person):
    one, two = person.connect("INBOX"), person.connect()
    tag = one.idle()
    fill(two, 1)
    while (response := one.response()).name != "EXISTS":
        assert response.tag == "*"
    assert response.number == 1
    assert one.done(tag).ok


def test_mail_that_came_between_select_and_idle_is_told(person):
    one, two = person.connect("INBOX"), person.connect()
    fill(two, 2)
    tag = one.idle()
    while (response := one.response()).name != "EXISTS":
        pass
    assert response.number == 2
    one.done(tag)


def test_idle_without_a_mailbox_is_accepted_and_silent(person):
    one, two = person.connect(), person.connect()
    tag = one.idle()
    fill(two, 1)
    answer = one.done(tag)
    assert answer.ok and not answer.untagged


def test_mail_from_outside_wakes_idle(person):
    one = person.connect("INBOX")
    tag = one.idle()
    person.running.send(wire.message("from outside", to=person.address), to=person.address)
    while (response := one.response()).name != "EXISTS":
        pass
    one.done(tag)
    ((_, items),) = one.fetch("1", "(ENVELOPE)")
    assert items["ENVELOPE"][1] == b"from outside"


def test_idle_ends_at_once_when_the_account_is_disabled(person):
    sessions = [person.connect("INBOX"), person.connect()]
    for one in sessions:
        one.idle()
    began = time.monotonic()
    person.running.run("account", "set", person.address, "--disable")
    for one in sessions:
        response = one.response()
        assert response.name == "BYE" and b"disabled" in response.raw
    assert time.monotonic() - began < 10  # far below imap.sign_of_life
    person.running.run("account", "set", person.address, "--enable")


# Commands.

def test_unknown_words_after_enable_are_ignored(person):
    one = person.connect()
    answer = one.ask("ENABLE X-NONE UTF8=ACCEPT WHATEVER")
    assert [r.values for r in answer.named("ENABLED")] == [["UTF8=ACCEPT"]]


def test_multiappend_is_all_or_nothing(person):
    one = person.connect("INBOX")
    answer = one.ask(b"APPEND INBOX {5+}\r\na: b\n {99999999999}", None)
    assert answer.tagged.name == "NO"
    one.ask("NOOP")
    assert one.exists == 0


def test_append_to_no_mailbox_says_trycreate(person):
    one = person.connect()
    assert one.append("nowhere", letter(1), want="NO").code("TRYCREATE") is not None
    assert one.ask("APPEND nowhere {5}", None).code("TRYCREATE") is not None  # before the octets are asked for


def test_searchres_partial_and_esearch(person):
    one = person.connect("INBOX")
    fill(one, 20)
    one.ask("STORE 3,7,9:11 +FLAGS (\\Flagged)")
    answer = one.ask("SEARCH RETURN (SAVE COUNT) FLAGGED")
    assert answer.named("ESEARCH")[0].values[-2:] == ["COUNT", "5"]
    assert [n for n, _ in one.fetch("$", "(UID)")] == [3, 7, 9, 10, 11]
    answer = one.ask("UID SEARCH RETURN (PARTIAL -1:-2) FLAGGED")
    assert answer.named("ESEARCH")[0].values[-1] == ["-1:-2", "10:11"]


def test_compress_goes_both_ways(person):
    import zlib
    one = person.connect("INBOX")
    fill(one, 50)
    one.ask("COMPRESS DEFLATE")
    assert not one.buffer
    packer, unpacker = zlib.compressobj(9, zlib.DEFLATED, -15), zlib.decompressobj(-15)
    one.socket.sendall(packer.compress(b"z1 FETCH 1:* (FLAGS ENVELOPE)\r\n") + packer.flush(zlib.Z_SYNC_FLUSH))
    got, wire_octets = b"", 0
    while b"\r\nz1 " not in got:
        piece = one.receive()
        assert piece
        wire_octets += len(piece)
        got += unpacker.decompress(piece)
    assert got.count(b" FETCH (") == 50 and wire_octets < len(got) / 3


@pytest.mark.parametrize("last", ["Z_SYNC_FLUSH", "Z_FINISH"])
def test_unauthenticate_ends_compression(person, last):  # RFC 8437 s4.1
    import zlib
    one = person.connect("INBOX")
    one.ask("COMPRESS DEFLATE")
    packer, unpacker = zlib.compressobj(9, zlib.DEFLATED, -15), zlib.decompressobj(-15)
    one.socket.sendall(packer.compress(b"z1 UNAUTHENTICATE\r\n") + packer.flush(getattr(zlib, last)))
    got = b""
    while not unpacker.eof:
        got += unpacker.decompress(one.receive())
    assert got.startswith(b"z1 OK ") and not unpacker.unused_data
    assert one.ask("SELECT INBOX", None).tagged.name == "BAD"
    one.login(person.address, PASSWORD)
    one.ask("COMPRESS DEFLATE")


def test_binary_size_is_the_size_of_what_binary_sends(person):
    one = person.connect("INBOX")
    one.append("INBOX", b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nplain\r\n--b\r\n'
                        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n=C3=A9t=C3=A9=\r\n!\r\n--b\r\n"
                        b"Content-Transfer-Encoding: base64\r\n\r\nAAECAwQF\r\n--b\r\nContent-Transfer-Encoding: x-none\r\n\r\nx\r\n--b--\r\n")
    for part, want in (("1", b"plain"), ("2", "été!".encode()), ("3", bytes(range(6)))):
        ((_, items),) = one.fetch("1", f"(BINARY.SIZE[{part}] BINARY.PEEK[{part}] BINARY.PEEK[{part}]<1.3>)")
        assert items[f"BINARY[{part}]"] == want and items[f"BINARY.SIZE[{part}]"] == str(len(want))
        assert items[f"BINARY[{part}]<1>"] == want[1:4]
    assert b"~{6}" in one.ask("FETCH 1 BINARY.PEEK[3]").untagged[0].raw  # it holds NUL
    assert one.ask("FETCH 1 BINARY.PEEK[4]", "NO").code("UNKNOWN-CTE") is not None


def test_status_of_the_selected_mailbox_is_live(person):
    one, two = person.connect("INBOX"), person.connect()
    fill(two, 3)
    assert one.ask("STATUS INBOX (MESSAGES)").named("STATUS")[0].values[1] == ["MESSAGES", "3"]


def test_examine_changes_nothing(person):
    one = person.connect()
    fill(one, 2)
    one.ask("EXAMINE INBOX")
    one.ask("FETCH 1 BODY[]")
    for command in ("STORE 1 +FLAGS (\\Deleted)", "EXPUNGE", "MOVE 1 Archive", "UID EXPUNGE 1"):
        assert one.ask(command, None).tagged.name == "NO", command
    one.ask("CLOSE")
    one.ask("SELECT INBOX")
    assert one.exists == 2 and one.search("SEEN") == []


def test_what_is_shared_is_there_for_the_other_and_no_more(person):
    owner, other = person.connect(), Person(person.running)
    guest = other.connect()
    owner.ask("CREATE plans")
    fill(owner, 2, "plans")
    name = f"Shared/{person.address}/plans"
    assert guest.ask(f'SELECT "{name}"', None).tagged.name == "NO"
    owner.ask(f'SETACL plans "{other.address}" lr')
    assert name.encode() in [r.values[2] for r in guest.ask('LIST "" "*"').named("LIST")]
    guest.ask(f'SELECT "{name}"')
    assert guest.exists == 2
    assert guest.ask("STORE 1 +FLAGS (\\Deleted)", None).tagged.name == "NO"
    assert guest.append(name, letter(3), want="NO").code("NOPERM") is not None
    owner.ask(f'SETACL plans "{other.address}" +swite')
    guest.append(name, letter(3))
    guest.ask(f'SELECT "{name}"')  # what it may is known when it selects
    guest.ask("STORE 1 +FLAGS (\\Deleted)")
    owner.ask("SELECT plans")
    assert owner.exists == 3 and owner.search("DELETED") == [1]
    owner.ask(f'DELETEACL plans "{other.address}"')
    assert name.encode() not in [r.values[2] for r in other.connect().ask('LIST "" "*"').named("LIST")]
    other.close()


def test_notify_tells_of_other_mailboxes(person):
    one, two = person.connect(), person.connect()
    one.ask("NOTIFY SET (PERSONAL (MessageNew MessageExpunge MailboxName))")
    tag = one.idle()
    fill(two, 1, "Archive")
    while (response := one.response()).name != "STATUS":
        pass
    assert response.values[0] == b"Archive"
    two.ask("CREATE made")
    while (response := one.response()).name != "LIST":
        pass
    assert response.values[2] == b"made"
    one.done(tag)


def test_metadata_and_quota(person):
    one = person.connect()
    one.ask('SETMETADATA INBOX (/private/comment "mine")')
    (told,) = one.ask("GETMETADATA INBOX (/private/comment)").named("METADATA")
    assert told.values[1] == ["/private/comment", b"mine"]
    person.running.run("account", "set", person.address, "--quota", "1MiB")
    fill(one, 3)
    (quota,) = one.ask("GETQUOTAROOT INBOX").named("QUOTA")
    assert quota.values[1][:1] == ["STORAGE"] and quota.values[1][2] == "1024"  # RFC 9208 s5.1: in units of 1,024 octets
    big = letter("big") + b"x" * 900_000 + b"\r\n"
    one.append("INBOX", big)
    assert one.append("INBOX", big, want="NO").code("OVERQUOTA") is not None


def test_replace_and_unauthenticate(person):
    one = person.connect("INBOX")
    fill(one, 2)
    octets = letter(9)
    answer = one.ask(b"UID REPLACE 1 INBOX (\\Draft) {%d+}\r\n" % len(octets) + octets)
    assert answer.code("APPENDUID") is not None and one.exists == 2
    assert one.fetch("2", "(FLAGS BODY.PEEK[])")[0][1]["BODY[]"] == octets
    one.ask("UNAUTHENTICATE")
    assert one.ask("SELECT INBOX", None).tagged.name == "BAD"
    one.login(person.address, PASSWORD)
    one.ask("SELECT INBOX")


def test_uidonly_speaks_of_uids_alone(person):
    one = person.connect("INBOX")
    fill(one, 3)
    one.ask("ENABLE UIDONLY")
    assert one.ask("FETCH 1 FLAGS", None).code("UIDREQUIRED") is not None
    assert [(r.name, r.number) for r in one.ask("UID FETCH 2:3 (FLAGS)").untagged] == [("UIDFETCH", 2), ("UIDFETCH", 3)]
