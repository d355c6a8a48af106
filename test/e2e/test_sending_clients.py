"""Programs that send mail and that nobody here wrote."""
import email.message
import email.policy
import smtplib
import subprocess

import pytest
import server
import wire

ALICE = ("alice@demo.test", server.PASSWORDS["alice"])


def run(*command, stdin="", code=0, **more):
    done = subprocess.run([str(word) for word in command], input=stdin, capture_output=True, text=True, timeout=120,
                          **more)
    said = done.stdout + done.stderr
    assert (done.returncode == 0) == (code == 0), f"{command[0]} ended with {done.returncode}\n{said}"
    return said


# swaks

@pytest.mark.parametrize("listener, options, protocol", [
    ("smtp", [], "ESMTP"),
    ("smtp", ["--tls"], "ESMTPS"),
    ("submission", ["--tls", "--auth", "PLAIN"], "ESMTPSA"),
    ("submission", ["--tls", "--auth", "LOGIN"], "ESMTPSA"),
    ("submissions", ["--tls-on-connect", "--auth", "PLAIN"], "ESMTPSA"),
    ("submissions", ["--tls-on-connect", "--auth", "LOGIN"], "ESMTPSA"),
])
def test_swaks_sends(veredus, tool, listener, options, protocol):
    login = ["--auth-user", ALICE[0], "--auth-password", ALICE[1]] if "--auth" in options else []
    sender = ALICE[0] if login else "you@example.org"
    run(tool("swaks"), "--server", "127.0.0.1", "--port", veredus.ports[listener], "--from", sender, "--to",
        "bob@demo.test", "--header", f"Subject: {protocol}", "--body", "by swaks", *options, *login)
    stored = veredus.take_one("bob")
    assert wire.subject_of(stored) == protocol
    assert f" with {protocol}\r\n".encode() in stored and b"by swaks" in stored


def test_swaks_speaks_lmtp_to_the_socket(veredus, tool):
    run(tool("swaks"), "--protocol", "LMTP", "--socket", veredus.lmtp, "--from", "you@example.org", "--to",
        "bob@demo.test", "--header", "Subject: LMTP")
    assert b" with LMTP\r\n" in veredus.take_one("bob")


def test_swaks_with_a_wrong_password_is_told_535(veredus, tool):
    out = run(tool("swaks"), "--server", "127.0.0.1", "--port", veredus.ports["submissions"], "--tls-on-connect",
              "--from", ALICE[0], "--to", "bob@demo.test", "--auth", "PLAIN", "--auth-user", ALICE[0],
              "--auth-password", "wrong", code=28)
    assert "535 5.7.8" in out
    assert veredus.take("bob") == []


def test_swaks_cannot_relay(veredus, tool):
    out = run(tool("swaks"), "--server", "127.0.0.1", "--port", veredus.ports["smtp"], "--from", "you@example.org",
              "--to", "someone@elsewhere.example", code=24)
    assert "550 5.7.1" in out


# curl

def curl(veredus, tool, scheme, listener, *options, code=0):
    port = veredus.ports[listener]
    return run(tool("curl"), "--silent", "--show-error", "--url", f"{scheme}://mx.demo.test:{port}/client.example.org",
               "--resolve", f"mx.demo.test:{port}:127.0.0.1", "--cacert", veredus.certificate, *options, code=code)


@pytest.mark.parametrize("scheme, listener, more", [
    ("smtp", "smtp", []), ("smtp", "smtp", ["--ssl-reqd"]),
    ("smtp", "submission", ["--ssl-reqd", "--user", ":".join(ALICE)]),
    ("smtps", "submissions", ["--user", ":".join(ALICE)]),
    ("smtps", "submissions", ["--user", ":".join(ALICE), "--login-options", "AUTH=LOGIN"]),
])
def test_curl_sends(veredus, tool, tmp_path, scheme, listener, more):
    sender = ALICE[0] if "--user" in more else "you@example.org"
    letter = tmp_path / "letter"
    letter.write_bytes(wire.message("by curl", "one\r\n.two\r\n", sender=sender))
    curl(veredus, tool, scheme, listener, "--mail-from", sender, "--mail-rcpt", "bob@demo.test", "--mail-rcpt",
         "carol@demo.test", "--upload-file", letter, *more)
    for user in ("bob", "carol"):
        assert veredus.take_one(user).endswith(b"\r\n\r\none\r\n.two\r\n")


# Python

def test_smtplib_sends_to_those_who_are_there_and_is_told_who_is_not(veredus):
    with smtplib.SMTP("127.0.0.1", veredus.ports["smtp"], timeout=wire.PATIENCE) as smtp:
        refused = smtp.sendmail("you@example.org", ["alice@demo.test", "nobody@demo.test", "bob@demo.test"],
                                wire.message("some of you"))
    assert list(refused) == ["nobody@demo.test"]
    code, text = refused["nobody@demo.test"]
    assert code == 550 and text.startswith(b"5.1.1")
    for user in ("alice", "bob"):
        assert wire.subject_of(veredus.take_one(user)) == "some of you"


def test_smtplib_sends_utf8_in_addresses_and_header(veredus):
    veredus.run("alias", "set", "jürgen@demo.test", "alice@demo.test")
    letter = email.message.EmailMessage(email.policy.SMTPUTF8)
    letter["From"], letter["To"], letter["Subject"] = "Grüße <grüße@example.org>", "jürgen@demo.test", "Müßiggang ✓"
    letter.set_content("Schöne Grüße\n")
    with smtplib.SMTP("127.0.0.1", veredus.ports["smtp"], timeout=wire.PATIENCE) as smtp:
        smtp.ehlo()
        assert smtp.has_extn("smtputf8")
        smtp.send_message(letter)
    stored = veredus.take_one()
    assert "Subject: Müßiggang ✓".encode() in stored
    assert "Return-Path: <grüße@example.org>".encode() in stored
    assert b" with UTF8SMTP" in stored  # RFC 6531 s4.3


def test_smtplib_submits_by_starttls_and_by_tls(veredus):
    with smtplib.SMTP("127.0.0.1", veredus.ports["submission"], timeout=wire.PATIENCE) as smtp:
        smtp.starttls(context=veredus.tls_for_ip)
        smtp.login(*ALICE)
        smtp.sendmail(ALICE[0], ["bob@demo.test"], wire.message("one", sender=ALICE[0]))
    with smtplib.SMTP_SSL("127.0.0.1", veredus.ports["submissions"], timeout=wire.PATIENCE,
                          context=veredus.tls_for_ip) as smtp:
        smtp.login(*ALICE)
        smtp.sendmail(ALICE[0], ["bob@demo.test"], wire.message("two", sender=ALICE[0]))
    assert [wire.subject_of(m) for m in veredus.take("bob", 2)] == ["one", "two"]


def test_smtplib_sends_many_messages_over_one_connection(veredus):
    with smtplib.SMTP("127.0.0.1", veredus.ports["smtp"], timeout=wire.PATIENCE) as smtp:
        for i in range(50):
            smtp.sendmail("you@example.org", ["alice@demo.test"], wire.message(str(i)))
    assert [wire.subject_of(m) for m in veredus.take("alice", 50)] == [str(i) for i in range(50)]


def test_a_whole_session_in_one_packet_is_answered_in_order(veredus):
    with veredus.smtp() as session:
        session.hello()
        session.send(b"MAIL FROM:<a@example.org>\r\nRCPT TO:<nobody@demo.test>\r\n"
                     b"RCPT TO:<alice@demo.test>\r\nDATA\r\n")
        assert [session.reply().code for _ in range(4)] == [250, 550, 250, 354]
        session.send(wire.message("first") + b".\r\nMAIL FROM:<>\r\nRCPT TO:<alice@demo.test>\r\nDATA\r\n")
        assert [session.reply().code for _ in range(4)] == [250, 250, 250, 354]
        session.send(wire.message("second") + b".\r\nQUIT\r\n")
        assert [session.reply().code for _ in range(2)] == [250, 221]
        assert session.closed() == b""
    assert [wire.subject_of(m) for m in veredus.take("alice", 2)] == ["first", "second"]


# msmtp

@pytest.mark.parametrize("auth", ["plain", "login", "scram-sha-256"])
@pytest.mark.parametrize("starttls", ["on", "off"])
def test_msmtp_sends(veredus, tool, tmp_path, auth, starttls):
    listener = "submission" if starttls == "on" else "submissions"
    config = tmp_path / "msmtprc"
    config.write_text(f"account default\nhost 127.0.0.1\nport {veredus.ports[listener]}\nfrom {ALICE[0]}\n"
                      f"tls on\ntls_starttls {starttls}\ntls_trust_file {veredus.certificate}\n"
                      f"tls_host_override mx.demo.test\nauth {auth}\nuser {ALICE[0]}\npassword {ALICE[1]}\n")
    config.chmod(0o600)
    letter = (f"From: {ALICE[0]}\nTo: bob@demo.test\nSubject: by msmtp\nBcc: carol@demo.test\n\n"
              "Hello.\n.dot\n")
    run(tool("msmtp"), "-C", config, "--read-recipients", stdin=letter)
    for user in ("bob", "carol"):
        stored = veredus.take_one(user)
        assert wire.subject_of(stored) == "by msmtp" and stored.endswith(b"\r\n\r\nHello.\r\n.dot\r\n")
        assert b"Bcc" not in stored


# nodemailer

@pytest.mark.parametrize("listener", ["smtp", "submission", "submissions"])
def test_nodemailer_sends(veredus, node, listener):
    sender = "you@example.org" if listener == "smtp" else ALICE[0]
    answer = node("send.mjs", {
        "transport": {"host": "127.0.0.1", "port": veredus.ports[listener], "secure": listener == "submissions",
                      "requireTLS": listener == "submission", "name": "client.example.org",
                      "tls": {"ca": veredus.certificate.read_text(), "servername": "mx.demo.test"},
                      **({} if listener == "smtp" else {"auth": {"user": ALICE[0], "pass": ALICE[1]}})},
        "messages": [{"from": sender, "to": "bob@demo.test, carol@demo.test", "subject": "by nodemailer ✓",
                      "text": "plain", "html": "<p>rich</p>",
                      "attachments": [{"filename": "a.bin", "content": "AAECAw==", "encoding": "base64"}]}]})
    assert answer[0]["accepted"] == ["bob@demo.test", "carol@demo.test"]
    for user in ("bob", "carol"):
        assert b"multipart/mixed" in veredus.take_one(user)
