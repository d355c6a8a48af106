"""Programs that read mail by POP3 and that nobody here wrote."""
import mailbox
import os
import pathlib
import poplib
import shutil
import subprocess
import tempfile

import pytest
import server
import wire

BOB = ("bob@demo.test", server.PASSWORDS["bob"])
BODY = "first\r\n.dot\r\n..\r\nthird\r\nlast\r\n"


def run(*command, stdin="", **more):
    done = subprocess.run([str(word) for word in command], input=stdin.encode(), capture_output=True, timeout=120,
                          **more)
    assert done.returncode == 0, f"{command[0]} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture
def letters(veredus):
    """Three messages in bob's INBOX."""
    for i in range(3):
        veredus.send(wire.message(f"letter {i}", BODY, to="bob@demo.test"), to="bob@demo.test")
    return veredus


def open_poplib(running, kind):
    if kind == "pop3s":
        pop3 = poplib.POP3_SSL("127.0.0.1", running.ports["pop3s"], timeout=wire.PATIENCE, context=running.tls_for_ip)
    else:
        pop3 = poplib.POP3("127.0.0.1", running.ports["pop3"], timeout=wire.PATIENCE)
        pop3.stls(context=running.tls_for_ip)
    pop3.user(BOB[0])
    pop3.pass_(BOB[1])
    return pop3


def left(running):
    return [wire.subject_of(m) for m in running.take("bob")]


# poplib

@pytest.mark.parametrize("kind", ["pop3", "pop3s"])
def test_poplib_reads_everything_there_is(letters, kind):
    pop3 = open_poplib(letters, kind)
    count, octets = pop3.stat()
    assert count == 3
    listed = [tuple(map(int, line.split())) for line in pop3.list()[1]]
    assert [number for number, _ in listed] == [1, 2, 3] and sum(size for _, size in listed) == octets
    for number, size in listed:
        _, lines, _ = pop3.retr(number)
        stored = b"\r\n".join(lines) + b"\r\n"
        assert len(stored) == size
        assert wire.subject_of(stored) == f"letter {number - 1}" and stored.endswith(BODY.encode())
    assert "TOP" in pop3.capa()
    assert pop3.noop().startswith(b"+OK")
    pop3.quit()


def test_poplib_top_counts_the_lines_of_the_body(letters):
    pop3 = open_poplib(letters, "pop3s")
    for lines in (0, 1, 3, 100):
        got = b"\r\n".join(pop3.top(1, lines)[1]) + b"\r\n"
        header, _, body = got.partition(b"\r\n\r\n")
        assert b"Subject: letter 0" in header
        assert body == b"".join(BODY.encode().splitlines(keepends=True)[:lines])
    pop3.quit()


def test_unique_ids_stay_over_a_restart(letters):
    pop3 = open_poplib(letters, "pop3s")
    before = [line.split()[1] for line in pop3.uidl()[1]]
    pop3.dele(2)
    pop3.quit()
    letters.restart()
    letters.send(wire.message("later", to="bob@demo.test"), to="bob@demo.test")
    pop3 = open_poplib(letters, "pop3s")
    after = [line.split()[1] for line in pop3.uidl()[1]]
    pop3.quit()
    assert len(set(before)) == 3
    assert after[:2] == [before[0], before[2]]
    assert after[2] not in before


def test_what_is_deleted_goes_at_quit_and_not_before(letters):
    pop3 = open_poplib(letters, "pop3s")
    pop3.dele(1)
    pop3.dele(2)
    pop3.rset()
    assert pop3.stat()[0] == 3
    pop3.dele(1)
    pop3.close()  # the connection breaks
    with_quit = None
    for _ in range(200):  # the server may still see the broken session as open
        try:
            with_quit = open_poplib(letters, "pop3s")
            break
        except poplib.error_proto as refused:
            assert b"[IN-USE]" in refused.args[0]
    assert with_quit and with_quit.stat()[0] == 3
    with_quit.dele(2)
    with_quit.quit()
    assert left(letters) == ["letter 0", "letter 2"]


def test_a_second_session_of_the_same_account_is_told_that_it_is_in_use(letters):
    pop3 = open_poplib(letters, "pop3s")
    with pytest.raises(poplib.error_proto, match=r"\[IN-USE\]"):
        open_poplib(letters, "pop3s")
    pop3.quit()


def test_poplib_with_a_wrong_password_is_told_so(letters):
    pop3 = poplib.POP3_SSL("127.0.0.1", letters.ports["pop3s"], timeout=wire.PATIENCE, context=letters.tls_for_ip)
    pop3.user(BOB[0])
    with pytest.raises(poplib.error_proto, match=r"\[AUTH\]"):
        pop3.pass_("wrong")
    pop3.user(BOB[0])
    pop3.pass_(BOB[1])
    pop3.quit()


def test_mail_that_comes_during_a_session_is_seen_by_the_next(letters):
    pop3 = open_poplib(letters, "pop3s")
    letters.send(wire.message("meanwhile", to="bob@demo.test"), to="bob@demo.test")
    assert pop3.stat()[0] == 3
    pop3.quit()
    assert left(letters)[-1] == "meanwhile"


# curl

@pytest.mark.parametrize("scheme, options", [("pop3", ["--ssl-reqd"]), ("pop3s", []),
                                             ("pop3s", ["--login-options", "AUTH=PLAIN"]),
                                             ("pop3s", ["--login-options", "AUTH=LOGIN"])])
def test_curl_lists_and_reads(letters, tool, scheme, options):
    port = letters.ports[scheme]

    def curl(path, *more):
        return run(tool("curl"), "--silent", "--show-error", f"{scheme}://mx.demo.test:{port}/{path}", "--resolve",
                   f"mx.demo.test:{port}:127.0.0.1", "--cacert", letters.certificate, "--user", ":".join(BOB), *options,
                   *more)
    assert [line.split()[0] for line in curl("").splitlines()] == [b"1", b"2", b"3"]
    stored = curl("2")
    assert wire.subject_of(stored) == "letter 1" and stored.endswith(BODY.encode())
    curl("1", "--request", "DELE", "--head")
    assert left(letters) == ["letter 1", "letter 2"]


# mpop

@pytest.mark.parametrize("auth", ["user", "plain", "scram-sha-256"])
@pytest.mark.parametrize("starttls", ["on", "off"])
def test_mpop_fetches_and_removes(letters, tool, tmp_path, auth, starttls):
    listener = "pop3" if starttls == "on" else "pop3s"
    config, box = tmp_path / "mpoprc", tmp_path / "mbox"
    config.write_text(f"account default\nhost 127.0.0.1\nport {letters.ports[listener]}\nuser {BOB[0]}\n"
                      f"password {BOB[1]}\ntls on\ntls_starttls {starttls}\ntls_trust_file {letters.certificate}\n"
                      f"tls_host_override mx.demo.test\nauth {auth}\ndelivery mbox {box}\nkeep off\n"
                      f"uidls_file {tmp_path}/uidls\nreceived_header off\n")
    config.chmod(0o600)
    run(tool("mpop"), "-C", config)
    assert sorted(m["Subject"] for m in mailbox.mbox(box)) == ["letter 0", "letter 1", "letter 2"]
    assert left(letters) == []


# getmail6

@pytest.fixture
def maildir():
    """A Maildir of somebody who is not root: getmail delivers to nobody else."""
    with tempfile.TemporaryDirectory(prefix="veredus-e2e-maildir-") as place:
        box = pathlib.Path(place)
        for folder in ("", "cur", "new", "tmp"):
            (box / folder).mkdir(exist_ok=True)
            if os.geteuid() == 0:
                shutil.chown(box / folder, "nobody")
        yield box


def test_getmail_fetches_each_message_once(letters, tool, tmp_path, maildir):
    box, user = maildir, "user = nobody\n" if os.geteuid() == 0 else ""
    (tmp_path / "rc").write_text(
        f"[retriever]\ntype = SimplePOP3SSLRetriever\nserver = 127.0.0.1\nport = {letters.ports['pop3s']}\n"
        f"username = {BOB[0]}\npassword = {BOB[1]}\n[destination]\ntype = Maildir\npath = {box}/\n{user}"
        "[options]\nread_all = false\ndelete = false\ndelivered_to = false\nreceived = false\nverbose = 0\n")
    for _ in range(2):
        run(tool("getmail"), "--getmaildir", tmp_path, "--rcfile", "rc")
    assert sorted(m["Subject"] for m in mailbox.Maildir(box)) == ["letter 0", "letter 1", "letter 2"]
    assert len(left(letters)) == 3


# fetchmail

@pytest.mark.parametrize("how", ["pop3s", "pop3"])
def test_fetchmail_fetches_and_removes(letters, tool, tmp_path, how):
    rc, box = tmp_path / "fetchmailrc", tmp_path / "box"
    tls = "ssl" if how == "pop3s" else 'sslproto "TLS1.2+"'
    rc.write_text(f'poll 127.0.0.1 protocol POP3 service {letters.ports[how]} username "{BOB[0]}" password "{BOB[1]}" '
                  f'{tls} sslcertfile "{letters.certificate}" sslcommonname "mx.demo.test" mda "cat >> {box}"\n')
    rc.chmod(0o600)
    run(tool("fetchmail"), "--fetchmailrc", rc, "--nosyslog", "--nodetach", "--pidfile", tmp_path / "pid",
        env={**os.environ, "FETCHMAILHOME": str(tmp_path)})
    got = box.read_bytes()
    assert [got.count(f"Subject: letter {i}".encode()) for i in range(3)] == [1, 1, 1]
    assert left(letters) == []


# node-pop3

def test_node_pop3_reads_and_removes(letters, node):
    got = node("read.mjs", {"options": {"user": BOB[0], "password": BOB[1], "host": "127.0.0.1",
                                        "port": letters.ports["pop3s"], "tls": True, "servername": "mx.demo.test",
                                        "tlsOptions": {"ca": letters.certificate.read_text()}},
                            "remove": [2]})
    assert len(got["ids"]) == 3
    assert [wire.subject_of(m.encode()) for m in got["messages"]] == ["letter 0", "letter 1", "letter 2"]
    assert "Subject: letter 0" in got["top"] and "first" not in got["top"]
    assert left(letters) == ["letter 0", "letter 2"]
