"""The door for other servers looks at what strangers bring: SPF, DKIM, DMARC, ARC, and what follows from them."""
import base64
import contextlib
import imaplib
import re
import subprocess
import time
import urllib.request

import dns_server
import pytest
import server
import wire

pytestmark = pytest.mark.skipif(not dns_server.available(), reason="nsd is not installed")

BANK = "192.0.2.1"  # sends for bank.test and soft.test
BANK2 = "192.0.2.2"
ATTACKER = "203.0.113.9"  # owns attacker.test, with SPF and DKIM in order
CHECKS = """check = true
trusted_networks = ["198.51.100.0/24"]
trusted_sealers = ["lists.test"]
mailing_lists = ["oldlists.test"]
deadline = "5s"
"""


def key_pair(folder):
    """A private key's file, and the TXT record of its public half."""
    path = folder / "key"
    subprocess.run(["openssl", "genpkey", "-out", path, "-algorithm", "ED25519"], check=True, capture_output=True)
    der = subprocess.run(["openssl", "pkey", "-in", path, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
    return path, f'"v=DKIM1; k=ed25519; p={base64.b64encode(der[-32:]).decode()}"'


def zones_with(record):
    key = f"s1._domainkey TXT {record}\n"
    return {
        "bank.test": f'@ TXT "v=spf1 ip4:{BANK} -all"\n_dmarc TXT "v=DMARC1; p=reject"\nout A {BANK}\n' + key,
        "soft.test": f'@ TXT "v=spf1 ip4:{BANK} -all"\n_dmarc TXT "v=DMARC1; p=quarantine"\n',
        "nopolicy.test": f'@ TXT "v=spf1 ip4:{BANK} -all"\n',
        "attacker.test": f'@ TXT "v=spf1 ip4:{ATTACKER} -all"\n' + key,
        "lists.test": f'@ TXT "v=spf1 ip4:{ATTACKER} -all"\n' + key,
        "oldlists.test": f'@ TXT "v=spf1 ip4:{ATTACKER} -all"\n' + key,
        "fresh.test": f'@ TXT "v=spf1 ip4:{BANK} ip4:{BANK2} -all"\n',
        "bad.test": "".join(f"{i}.0.18.198 A 127.0.0.2\n" for i in (1, 2, 3)),
        "worse.test": "1.0.18.198 A 127.0.0.9\n2.0.18.198 A 127.0.0.4\n3.0.18.198 A 127.0.0.4\n",
        "good.test": "3.0.18.198 A 127.0.0.2\n",
        "example.org": '@ A 192.0.2.9\n',
    }


class Door:
    """A server whose strangers come from where the test says, by the PROXY protocol."""

    def __init__(self, folder):
        self.key, record = key_pair(folder)
        with contextlib.ExitStack() as stack:
            self.start(stack, record)
            self.close = stack.pop_all().close

    def start(self, stack, record):
        self.dns = stack.enter_context(dns_server.DnsServer(zones_with(record)))
        self.port = dns_server.free_port("127.0.0.1")
        # Of broken.test nobody tells anything.
        silent = f'[[dns.stub_zone]]\nname = "broken.test"\nservers = ["127.0.0.1:{dns_server.free_port("127.0.0.1")}"]\n'
        self.metrics_port = dns_server.free_port("127.0.0.1")
        settings = (f'{self.dns.settings}{silent}[admin]\nmetrics_address = "127.0.0.1:{self.metrics_port}"\n[[listener]]\nprotocol = "smtp"\naddress = "127.0.0.1:{self.port}"\n'
                    'proxy_from = ["127.0.0.0/8"]\n')
        self.veredus = stack.enter_context(server.serving(settings=settings + "[mail_auth]\n" + CHECKS))
        self.plain = self.veredus.config.read_text()

    def set(self, more):
        self.veredus.config.write_text(self.plain + more + "\n")
        self.veredus.run("reload")

    def connect(self, address):
        family = "TCP6" if ":" in address else "TCP4"
        ours = "::1" if ":" in address else "127.0.0.1"
        session = wire.Smtp(("127.0.0.1", self.port), None, f"PROXY {family} {address} {ours} 40000 25\r\n".encode())
        session.hello()
        return session

    def bring(self, address, sender, message, to="alice@demo.test"):
        """The reply to the message."""
        with self.connect(address) as session:
            return session.mail(sender, to, message)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    made = Door(tmp_path_factory.mktemp("keys"))
    yield made
    made.close()


@pytest.fixture
def door(running):
    running.set("")
    running.veredus.settled()
    for user in ("alice", "bob"):
        running.veredus.take(user)
        junk(running, user)
    return running


def text(author, *more, body="hello\r\n"):
    return "".join(f"{line}\r\n" for line in (f"From: {author}", "To: alice@demo.test", "Subject: x",
                                              "Message-ID: <1@example.org>", "Date: Sun, 22 Nov 2026 10:00:00 +0000",
                                              *more, "", "")).encode() + body.encode()


def sign(door, domain, message, command=("dkim", "sign"), *more):
    done = subprocess.run([str(server.BINARY), *command, "--domain", domain, "--selector", "s1", "--key", str(door.key), *more],
                          input=message, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def junk(door, user="alice"):
    """The messages in the mailbox for junk, which is empty afterwards."""
    with imaplib.IMAP4_SSL("127.0.0.1", door.veredus.ports["imaps"], ssl_context=door.veredus.tls_for_ip) as session:
        session.login(f"{user}@demo.test", server.PASSWORDS[user])
        kind, _ = session.select("Junk")
        if kind != "OK":
            return []
        taken = []
        for number in session.search(None, "ALL")[1][0].split():
            taken.append(session.fetch(number, "(BODY[])")[1][0][1])
            session.store(number, "+FLAGS", r"\Deleted")
        session.expunge()
        return taken


def results(octets):
    """{method: result} of our field, which must be the first of what the door added."""
    header = re.sub(r"\r\n[ \t]+", " ", octets.split(b"\r\n\r\n", 1)[0].decode())
    lines = header.split("\r\n")
    added = [line for line in lines if not line.startswith(("Return-Path:", "Delivered-To:"))]
    assert added[0].startswith("Authentication-Results: mx.demo.test; "), header
    assert len(re.findall("(?mi)^authentication-results: *mx.demo.test", header)) == 1
    assert added[1].startswith("Received:"), header
    return dict(re.findall(r"; (\w+)=(\w+)", added[0]))


def trace(door, reply):
    return door.veredus.run("message", "trace", re.search(r"Accepted as (\S+)", reply.text)[1]).stdout


def test_the_authors_own_host_is_authenticated(door):
    reply = door.bring(BANK, "alice@bank.test", text("alice@bank.test"))
    assert reply.code == 250, str(reply)
    found = results(door.veredus.take_one())
    assert found["spf"] == found["dmarc"] == "pass"
    journey = trace(door, reply)
    assert "pass bank.test" in journey and "p=reject" in journey, journey


def test_a_signature_is_enough(door):
    signed = sign(door, "bank.test", text("alice@bank.test"))
    assert door.bring(ATTACKER, "somebody@attacker.test", signed).code == 250
    found = results(door.veredus.take_one())
    assert found["dkim"] == found["dmarc"] == "pass"
    changed = signed.replace(b"hello", b"pay me")
    assert door.bring(ATTACKER, "somebody@attacker.test", changed).code == 550


def test_a_large_message_is_verified_while_it_streams(door):
    signed = sign(door, "bank.test", text("alice@bank.test", body="0123456789abcdef" * 4 + "\r\n") + b"x" * 70 + b"\r\n"
                  + (b"y" * 76 + b"\r\n") * 20000)
    assert door.bring(ATTACKER, "somebody@attacker.test", signed).code == 250
    assert results(door.veredus.take_one())["dkim"] == "pass"


def test_a_forgery_is_refused_in_session_and_said_why(door):
    reply = door.bring(ATTACKER, "me@attacker.test", sign(door, "attacker.test", text("admin@bank.test")))
    assert reply.code == 550 and reply.text.startswith("5.7.1 ") and "bank.test" in reply.text, str(reply)
    assert not door.veredus.take() and not junk(door)


def test_quarantine_leads_to_junk(door):
    reply = door.bring(ATTACKER, "me@attacker.test", text("admin@soft.test"))
    assert reply.code == 250
    assert not door.veredus.take()
    [found] = junk(door)
    assert results(found)["dmarc"] == "fail"
    journey = trace(door, reply)
    assert "junk" in journey.lower() and "soft.test" in journey, journey


def test_quarantine_holds_for_several_recipients_and_makes_the_mailbox_anew(door):
    with imaplib.IMAP4_SSL("127.0.0.1", door.veredus.ports["imaps"], ssl_context=door.veredus.tls_for_ip) as session:
        session.login("bob@demo.test", server.PASSWORDS["bob"])
        assert session.delete("Junk")[0] == "OK"
    reply = door.bring(ATTACKER, "me@attacker.test", text("admin@soft.test"), ["alice@demo.test", "bob@demo.test"])
    assert reply.code == 250
    door.veredus.settled()
    for user in ("alice", "bob"):
        assert not door.veredus.take(user)
        assert len(junk(door, user)) == 1, user


@pytest.mark.parametrize("how", ["report", "quarantine"])
def test_what_policies_lead_to_is_configured(door, how):
    door.set(f'dmarc = "{how}"')
    assert door.bring(ATTACKER, "me@attacker.test", text("admin@bank.test")).code == 250
    inbox, aside = door.veredus.take(), junk(door)
    assert (len(inbox), len(aside)) == ((1, 0) if how == "report" else (0, 1))
    assert results((inbox + aside)[0])["dmarc"] == "fail"


def test_forged_results_are_taken_out_and_others_left(door):
    message = text("alice@bank.test", "Authentication-Results: mx.demo.test; dmarc=pass header.from=evil.test",
                   "authentication-results: (x) MX.Demo.Test 1;", " spf=pass", "Authentication-Results: mx.elsewhere.test; spf=pass")
    assert door.bring(BANK, "alice@bank.test", message).code == 250
    octets = door.veredus.take_one()
    results(octets)
    assert b"evil.test" not in octets and b"MX.Demo.Test" not in octets
    assert b"Authentication-Results: mx.elsewhere.test; spf=pass" in octets


def test_our_people_cannot_forge_results_either(door):
    message = text("bob@demo.test", "Authentication-Results: mx.demo.test; dmarc=pass header.from=evil.test")
    with door.veredus.submission("bob") as session:
        assert session.mail("bob@demo.test", "alice@demo.test", message).code == 250
    assert b"evil.test" not in door.veredus.take_one()


def sealed(door, domain):
    """A post of a list that has changed the text, sealed by `domain` with what it found before."""
    return sign(door, domain, text("alice@bank.test", "List-Id: <team.lists.test>"), ("arc", "seal"),
                "--server", f"mx.{domain}", "--results", "dmarc=pass header.from=bank.test", "--resolver", door.dns.server)


def test_a_sealer_we_trust_keeps_a_policy_from_being_followed(door):
    assert door.bring(ATTACKER, "team@attacker.test", sealed(door, "lists.test")).code == 250
    found = results(door.veredus.take_one())
    assert found["arc"] == "pass" and found["dmarc"] == "fail"
    # A sealer we do not know: nothing is refused for the policy alone, but it is put aside.
    assert door.bring(ATTACKER, "team@attacker.test", sealed(door, "attacker.test")).code == 250
    assert not door.veredus.take() and len(junk(door)) == 1


def test_mailing_lists_we_know_pass(door):
    message = text("alice@bank.test", "List-Id: <team.oldlists.test>")
    assert door.bring(ATTACKER, "team@oldlists.test", message).code == 250
    assert results(door.veredus.take_one())["dmarc"] == "fail"
    assert door.bring(ATTACKER, "team@nopolicy.test", message).code == 550  # says so, and is not


def test_a_failure_of_dns_refuses_nothing_unless_told_to(door):
    message = text("alice@broken.test")
    assert door.bring(BANK, "alice@broken.test", message).code == 250
    assert results(door.veredus.take_one())["spf"] == "temperror"
    door.set('temporary_failure = "try-later"')
    reply = door.bring(BANK, "alice@broken.test", message)
    assert reply.code == 451 and reply.text.startswith("4.7.24"), str(reply)


def test_spf_alone_refuses_only_where_told_to(door):
    message = text("alice@nopolicy.test")
    assert door.bring(ATTACKER, "alice@nopolicy.test", message).code == 250
    assert results(door.veredus.take_one())["spf"] == "fail"
    door.set('spf_fail = "reject"')
    reply = door.bring(ATTACKER, "alice@nopolicy.test", message)
    assert reply.code == 550 and reply.text.startswith("5.7.23") and "nopolicy.test" in reply.text


def test_nobody_looks_at_the_mail_of_trusted_networks(door):
    assert door.bring("198.51.100.7", "admin@bank.test", text("admin@bank.test")).code == 250
    assert b"Authentication-Results" not in door.veredus.take_one()


def test_the_checks_can_be_turned_off(door):
    door.veredus.config.write_text(door.plain.replace("check = true", "check = false"))
    door.veredus.run("reload")
    assert door.bring(ATTACKER, "admin@bank.test", text("admin@bank.test")).code == 250
    assert b"Authentication-Results" not in door.veredus.take_one()


# How others have made mail look authenticated that was not: by what one program reads otherwise than the next.
TRICKS = [
    b"From: <me@attacker.test>\r\nFrom: <admin@bank.test>\r\n",
    b"From: <admin@bank.test>\r\nFrom: <me@attacker.test>\r\n",
    b"From: <me@attacker.test>, <admin@bank.test>\r\n",
    b"From: <admin@bank.test>, <me@attacker.test>\r\n",
    b"From: admin@bank.test <me@attacker.test>\r\n",
    b"From: <admin@bank.test><me@attacker.test>\r\n",
    b"From: <@attacker.test,@any.test:admin@bank.test>\r\n",
    b"From: <admin@bank.test>\r\nSender: <me@attacker.test>\r\n",
    b" From: <admin@bank.test>\r\nFrom: <me@attacker.test>\r\n",
    b"From\x01: <admin@bank.test>\r\nFrom: <me@attacker.test>\r\n",
    b"From : <admin@bank.test>\r\n",
    b"From: <admin@bank.test\x00@attacker.test>\r\n",
    b"From: <admin@bank.test\x01me@attacker.test>\r\n",
    b"From: =?utf-8?Q?<admin=40bank.test>?=\r\n",
    b"From:\r\n <admin@bank.test>\r\n",
    b"X: y\r\n\r\nFrom: <admin@bank.test>\r\n",
]


def ends_as_authenticated(door, trick):
    message = trick + b"To: alice@demo.test\r\nSubject: x\r\nMessage-ID: <1@attacker.test>\r\n\r\nhello\r\n"
    reply = door.bring(ATTACKER, "me@attacker.test", sign(door, "attacker.test", message))
    if reply.code != 250:
        assert reply.code >= 500, (trick, reply)
        return False
    come = door.veredus.take() + junk(door)
    assert come, trick
    return any(results(octets)["dmarc"] == "pass" for octets in come)


def test_no_trick_ends_as_authenticated(door, capsys):
    worked = [trick for trick in TRICKS if ends_as_authenticated(door, trick)]
    with capsys.disabled():
        print(f"\ntricks of forgers: {len(TRICKS) - len(worked)} of {len(TRICKS)} end as nobody's")
    assert not worked


@pytest.mark.parametrize("sender", ["me@attacker.test'@a.bank.test", '"a;dmarc=pass header.from=bank.test"@attacker.test',
                                    '"x) spf=pass ("@attacker.test', ""])
def test_no_sender_writes_results(door, sender):
    message = text("admin@nopolicy.test", "DKIM-Signature: v=1; a=rsa-sha256; d=bank.test(.attacker.test; s=s1; h=from; bh=AA==; b=AA==")
    with door.connect("203.0.113.8") as session:
        if session.ask(f"MAIL FROM:<{sender}>").code != 250:
            return
        session.ask("RCPT TO:<alice@demo.test>", 250)
        assert session.data(message).code == 250
    for octets in door.veredus.take() + junk(door):
        assert "pass" not in results(octets).values(), octets


def test_new_senders_are_put_off_by_their_domain_whatever_their_address(door):
    door.set('greylist = true\ngreylist_delay = "2s"')
    message = text("alice@fresh.test")
    reply = door.bring(BANK, "alice@fresh.test", message)
    assert reply.code == 451 and reply.text.startswith("4.7.1") and "fresh.test" in reply.text, str(reply)
    assert door.bring(BANK2, "alice@fresh.test", message).code == 451  # too early
    door.veredus.restart()
    time.sleep(2.1)
    accepted = door.bring(BANK2, "alice@fresh.test", message)  # another address of the same domain
    assert accepted.code == 250, str(accepted)
    assert "fresh.test" in trace(door, accepted)
    assert door.bring(BANK, "alice@fresh.test", message).code == 250
    # Who is not authenticated is known by the network alone: a good name helps nobody else.
    assert door.bring("198.18.99.1", "alice@fresh.test", message).code == 451
    [known] = door.veredus.json("report", "senders", "--domain", "Fresh.test")["senders"]
    assert (known["kind"], known["name"], known["accepted"], known["greylisting_knows"]) == ("domain", "fresh.test", 2, True), known
    assert known["put_off"] >= 1 and known["junk"] == known["refused"] == 0
    listed = door.veredus.run("report", "senders").stdout
    assert re.search(r"(?m)^fresh\.test +domain ", listed) and re.search(r"(?m)^198\.18\.99\.0/24 +network ", listed), listed
    assert door.veredus.json("report", "senders", "--domain", "nobody.test")["senders"] == []
    assert door.veredus.run("report", "senders", "--domain", "no..name", check=False).returncode != 0


def test_lists_of_addresses_are_weighed(door):
    message = text("alice@nopolicy.test")
    lists = ('[[mail_auth.list]]\nzone = "bad.test"\nweight = 3\n[[mail_auth.list]]\nzone = "worse.test"\nweight = 3\n'
             'answers = ["127.0.0.4"]\n[[mail_auth.list]]\nzone = "good.test"\nweight = -10\n')
    door.set(lists)
    assert door.bring("198.18.0.1", "alice@nopolicy.test", message).code == 250  # on one list
    assert not door.veredus.take() and len(junk(door)) == 1
    reply = door.bring("198.18.0.2", "alice@nopolicy.test", message)  # on both
    assert reply.code == 550 and reply.text.startswith("5.7.1") and "bad.test, worse.test" in reply.text, str(reply)
    accepted = door.bring("198.18.0.3", "alice@nopolicy.test", message)  # and on the good one
    assert accepted.code == 250
    assert len(door.veredus.take()) == 1
    assert "worse.test 127.0.0.4" in trace(door, accepted)


def test_what_was_found_out_is_counted(door):
    assert door.bring(BANK, "alice@bank.test", text("alice@bank.test")).code == 250
    with urllib.request.urlopen(f"http://127.0.0.1:{door.metrics_port}/metrics", timeout=30) as page:
        counted = page.read().decode()
    assert re.search(r'veredus_mailauth_results_total\{[^}]*method="dmarc"[^}]*result="pass"[^}]*\} [1-9]', counted), counted
    assert re.search(r'veredus_mailauth_dispositions_total\{result="deliver"\} [1-9]', counted)
    assert 'veredus_mailauth_questions_total{answered="from memory"}' in counted
