"""Programs that read and keep mail by IMAP and that nobody here wrote."""
import email
import imaplib
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

import pytest
import wire
from imap_people import PASSWORD, fill, letter

SERVER = {"people": ()}
GREETING = "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nFrom: alice@demo.test\r\nTo: reader@demo.test\r\n\r\nHello.\r\n"


@pytest.fixture
def place():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="imap-client-"))
    yield folder
    shutil.rmtree(folder)


def run(*command, stdin="", **more):
    done = subprocess.run([str(word) for word in command], input=stdin.encode(), capture_output=True, timeout=120, **more)
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}\n{done.stdout.decode()}\n{done.stderr.decode()}"
    return done.stdout.decode(errors="replace") + done.stderr.decode(errors="replace")


# imaplib

@pytest.mark.parametrize("kind", ["imap", "imaps"])
def test_imaplib_does_all_it_can(person, kind):
    running = person.running
    if kind == "imaps":
        imap = imaplib.IMAP4_SSL("127.0.0.1", running.ports["imaps"], ssl_context=running.tls_for_ip, timeout=wire.PATIENCE)
    else:
        imap = imaplib.IMAP4("127.0.0.1", running.ports["imap"], timeout=wire.PATIENCE)
        imap.starttls(running.tls_for_ip)
    imap.login(person.address, PASSWORD)
    assert imap.create("work")[0] == "OK"
    typ, data = imap.append("work", "(\\Seen)", imaplib.Time2Internaldate(1_580_000_000), letter(1))
    assert typ == "OK" and b"APPENDUID" in data[0]
    assert imap.select("work") == ("OK", [b"1"])
    typ, data = imap.uid("FETCH", "1:*", "(FLAGS INTERNALDATE BODY.PEEK[])")
    assert data[0][1] == letter(1) and b"\\Seen" in data[0][0]
    assert imap.search(None, "SUBJECT", '"letter"')[1] == [b"1"]
    assert imap.sort("(REVERSE DATE)", "UTF-8", "ALL")[1] == [b"1"]
    assert imap.thread("REFERENCES", "UTF-8", "ALL")[1] == [b"(1)"]
    assert imap.store("1", "+FLAGS", "(\\Flagged)")[0] == "OK"
    assert imap.copy("1", "INBOX")[0] == "OK"
    assert imap.status("INBOX", "(MESSAGES UIDNEXT)")[1] == [b'"INBOX" (MESSAGES 1 UIDNEXT 2)']
    assert imap.namespace()[0] == "OK" and imap.getquotaroot("INBOX")[0] == "OK"
    assert imap.getacl("INBOX")[0] == "OK" and imap.myrights("INBOX")[0] == "OK"
    assert imap.store("1", "+FLAGS", "(\\Deleted)")[0] == "OK"
    assert imap.expunge() == ("OK", [b"1"])
    assert imap.close()[0] == "OK"
    assert imap.rename("work", "done")[0] == "OK" and imap.delete("done")[0] == "OK"
    assert imap.logout()[0] == "BYE"


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_imaplib_authenticates(person, mechanism):
    imap = imaplib.IMAP4_SSL("127.0.0.1", person.running.ports["imaps"], ssl_context=person.running.tls_for_ip, timeout=wire.PATIENCE)
    answers = iter([f"\0{person.address}\0{PASSWORD}"] if mechanism == "PLAIN" else [person.address, PASSWORD])
    assert imap.authenticate(mechanism, lambda _: next(answers).encode())[0] == "OK"
    assert imap.select()[0] == "OK"
    imap.logout()


def test_imaplib_with_a_wrong_password_is_told_so(person):
    imap = imaplib.IMAP4_SSL("127.0.0.1", person.running.ports["imaps"], ssl_context=person.running.tls_for_ip, timeout=wire.PATIENCE)
    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        imap.login(person.address, "wrong")
    imap.login(person.address, PASSWORD)
    imap.logout()


# curl

@pytest.mark.parametrize("scheme, options", [("imap", ["--ssl-reqd"]), ("imaps", []), ("imaps", ["--login-options", "AUTH=PLAIN"]),
                                             ("imaps", ["--login-options", "AUTH=LOGIN"])])
def test_curl_reads_searches_and_appends(person, tool, place, scheme, options):
    port = person.running.ports[scheme]

    def curl(path, *more):
        return run(tool("curl"), "--silent", "--show-error", f"{scheme}://mx.demo.test:{port}/{path}", "--resolve",
                   f"mx.demo.test:{port}:127.0.0.1", "--cacert", person.running.certificate, "--user", f"{person.address}:{PASSWORD}", *options, *more)
    (place / "letter").write_bytes(letter(7))
    curl("INBOX", "--upload-file", place / "letter")
    assert "INBOX" in curl("")
    assert "* SEARCH 1" in curl("INBOX?SUBJECT%20letter")
    assert "Subject: letter 7" in curl("INBOX;MAILINDEX=1")
    assert "Subject: letter 7" in curl("INBOX;UID=1")
    assert "Hello." in curl("INBOX;UID=1;SECTION=TEXT")
    assert "FLAGS" in curl("INBOX", "--request", "FETCH 1 FLAGS")


# mbsync

def mbsync_config(person, place):
    config = place / "mbsyncrc"
    config.write_text(f"""
IMAPAccount there
Host localhost
Port {person.running.ports["imaps"]}
User {person.address}
Pass "{PASSWORD}"
SSLType IMAPS
CertificateFile {person.running.certificate}
SystemCertificates no

IMAPStore there
Account there

MaildirStore here
Path {place}/mail/
Inbox {place}/mail/INBOX
SubFolders Verbatim

Channel all
Far :there:
Near :here:
Patterns *
Create Both
Remove Both
Expunge Both
SyncState *
""")
    return config


def mbsync(person, place, tool):
    """Runs it; (far, near) as it reports to a terminal: added, flagged, trashed."""
    config = mbsync_config(person, place)
    out = run(tool("script"), "-qec", f"{tool('mbsync')} --config {config} all", "/dev/null")
    numbers = re.findall(r"F: \+(\d+)/\d+ \*(\d+)/\d+ #(\d+)/\d+  N: \+(\d+)/\d+ \*(\d+)/\d+ #(\d+)/\d+", out)
    assert numbers, out
    last = [int(n) for n in numbers[-1]]
    return tuple(last[:3]), tuple(last[3:])


def test_mbsync_both_ways_and_the_second_time_there_is_nothing_to_do(person, tool, place):
    tool("mbsync")
    (place / "mail/INBOX/cur").mkdir(parents=True)
    for name in ("new", "tmp"):
        (place / "mail/INBOX" / name).mkdir()
    session = person.connect("INBOX")
    fill(session, 30)
    session.ask("STORE 1:10 +FLAGS (\\Seen \\Flagged)")
    session.ask('CREATE "work/a b"')
    fill(session, 5, "work/a b", first=100)
    for i in range(4):
        (place / f"mail/INBOX/cur/1600000000.{i}.here:2,S").write_bytes(letter(200 + i).replace(b"\r\n", b"\n"))
    far, near = mbsync(person, place, tool)
    assert far[0] == 4 and near[0] == 35
    assert mbsync(person, place, tool) == ((0, 0, 0), (0, 0, 0))
    session.ask("NOOP")
    assert session.exists == 34
    # Changes on both sides go both ways, once.
    session.ask("STORE 1 -FLAGS (\\Flagged)")
    session.ask("STORE 2 +FLAGS (\\Deleted)")
    session.ask("EXPUNGE")
    seen = file_of(place / "mail/INBOX", "letter 20")
    seen.rename(place / "mail/INBOX/cur" / (seen.name.partition(":")[0] + ":2,FS"))
    file_of(place / "mail/INBOX", "letter 25").unlink()
    far, near = mbsync(person, place, tool)
    assert (far[0], near[0]) == (0, 0) and far[1] == near[1] == 2  # one flag each, and one \Deleted each
    assert mbsync(person, place, tool) == ((0, 0, 0), (0, 0, 0))
    session.ask("NOOP")
    assert session.exists == 32
    assert session.search("FLAGGED SUBJECT \"letter 20\"") and not session.search("SUBJECT \"letter 25\"")


def file_of(maildir, subject):
    """The message with that subject."""
    return next(p for folder in ("cur", "new") for p in (maildir / folder).iterdir() if f"{subject}\n".encode() in p.read_bytes())


# offlineimap

def test_offlineimap_both_ways_and_the_second_time_there_is_nothing_to_do(person, tool, place):
    program = tool("offlineimap")
    config = place / "offlineimaprc"
    config.write_text(f"""
[general]
accounts = all
metadata = {place}/state
ui = basic
[Account all]
localrepository = here
remoterepository = there
[Repository here]
type = Maildir
localfolders = {place}/mail
sep = /
[Repository there]
type = IMAP
remotehost = localhost
remoteport = {person.running.ports["imaps"]}
remoteuser = {person.address}
remotepass = {PASSWORD}
ssl = yes
ssl_version = tls1_2
tls_level = tls_compat
cert_fingerprint = {fingerprint(person.running.certificate)}
usecompression = no
""")
    session = person.connect("INBOX")
    fill(session, 12)
    session.ask("STORE 1:3 +FLAGS (\\Seen)")
    env = {**os.environ, "HOME": str(place)}
    run(program, "-o", "-c", config, env=env)
    inbox = place / "mail/INBOX"
    assert len(list(inbox.rglob("*:2,*"))) == 12
    (inbox / "new/1600000000.5.here:2,S").write_bytes(letter(50).replace(b"\r\n", b"\n"))
    run(program, "-o", "-c", config, env=env)
    session.ask("NOOP")
    assert session.exists == 13 and len(session.search('SUBJECT "letter 50"')) == 1
    before = sorted(p.name for p in inbox.rglob("*:2,*"))
    modseq = session.ask("STATUS INBOX (HIGHESTMODSEQ)").named("STATUS")[0].values
    run(program, "-o", "-c", config, env=env)
    assert sorted(p.name for p in inbox.rglob("*:2,*")) == before
    assert session.ask("STATUS INBOX (HIGHESTMODSEQ)").named("STATUS")[0].values == modseq, "the third run changed something"


def fingerprint(certificate):
    import hashlib
    import ssl
    return hashlib.sha1(ssl.PEM_cert_to_DER_cert(certificate.read_text())).hexdigest()


# neomutt

def test_neomutt_under_tmux_reads_flags_and_deletes(person, tool, place):
    mutt, tmux = tool("neomutt"), tool("tmux")
    session = person.connect("INBOX")
    fill(session, 3)
    (place / "muttrc").write_text(f"""
set folder = "imaps://localhost:{person.running.ports["imaps"]}/"
set spoolfile = "+INBOX"
set imap_user = "{person.address}"
set imap_pass = "{PASSWORD}"
set ssl_force_tls = yes
set certificate_file = "{person.running.certificate}"
set ssl_verify_host = no
set delete = yes
set mark_old = no
set header_cache = ""
set sort = mailbox-order
set timeout = 1
""")
    socket = place / "tmux"

    def keys(*words):
        run(tmux, "-S", socket, "send-keys", "-t", "mutt", *words)

    def screen_has(text):
        until = time.monotonic() + wire.PATIENCE
        while True:
            screen = run(tmux, "-S", socket, "capture-pane", "-p", "-t", "mutt")
            if text in screen:
                return
            assert time.monotonic() < until, f"{text!r} never appeared:\n{screen}"
            time.sleep(0.1)
    run(tmux, "-S", socket, "-f", "/dev/null", "new-session", "-d", "-s", "mutt", "-x", "120", "-y", "30",
        f"HOME={place} TERM=xterm {mutt} -n -F {place}/muttrc", env={**os.environ, "HOME": str(place)})
    try:
        screen_has("letter 3")
        keys("1", "Enter", "Enter")  # opens the first
        screen_has("Hello.")
        keys("i")
        screen_has("letter 2")
        keys("2", "Enter", "F")  # flags the second
        keys("3", "Enter", "d")  # deletes the third
        keys("$")  # writes to the server
        until = time.monotonic() + wire.PATIENCE
        while session.exists != 2 or not session.search("FLAGGED"):
            assert time.monotonic() < until, run(tmux, "-S", socket, "capture-pane", "-p", "-t", "mutt")
            session.ask("NOOP")
            time.sleep(0.1)
        assert session.search("SEEN") == [1] and session.search("FLAGGED") == [2]
        fill(session, 1, first=9)
        screen_has("letter 9")  # told by IDLE or NOOP
    finally:
        subprocess.run([tmux, "-S", str(socket), "kill-server"], capture_output=True)


# imapflow

def test_imapflow_does_what_a_webmail_does(person, node):
    found = node("imap.mjs", {"letter": GREETING, "options": {
        "host": "127.0.0.1", "port": person.running.ports["imaps"], "secure": True, "auth": {"user": person.address, "pass": PASSWORD},
        "tls": {"ca": person.running.certificate.read_text(), "servername": "mx.demo.test"}, "qresync": True}})
    assert {"CONDSTORE", "QRESYNC"} & set(found["enabled"])
    uses = {m["use"]: m["path"] for m in found["mailboxes"] if m["use"]}
    assert {"\\Inbox", "\\Sent", "\\Drafts", "\\Trash", "\\Junk"} <= set(uses), uses
    assert found["appended"] == 1 and found["exists"] == 1
    (message,) = found["messages"]
    assert message["subject"] == "Grüße" and message["from"] == "alice@demo.test" and message["type"] == "text/plain"
    assert message["flags"] == ["$Label", "\\Seen"] and message["size"] == len(GREETING) and message["source"] == GREETING
    assert message["date"] == "2020-02-01T10:00:00.000Z" and message["emailId"]
    assert found["downloaded"] == len(GREETING) and found["search"] == [1]
    assert found["copied"] == [[1, 1]] and found["moved"] == [[1, 2]] and found["vanished"] == [1]
    assert found["status"]["messages"] == 2 and found["status"]["uidNext"] == 3
    assert email.message_from_string(message["source"]).get_payload() == "Hello.\r\n"
