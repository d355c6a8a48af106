"""Reports on DMARC and TLS, from what happens in sessions to the mailbox of the domain they are about, and what is read there."""
import base64
import contextlib
import datetime
import email
import email.policy
import gzip
import http.server
import io
import json
import re
import ssl
import subprocess
import threading
import time
import xml.etree.ElementTree as xml
import zipfile

import dns_server
import peers
import pytest
import relay
import server as servers
import wire

pytestmark = pytest.mark.skipif(not dns_server.available(), reason="nsd is not installed")

BANK = "192.0.2.1"  # sends for bank.test
CROOK = "203.0.113.9"  # sends in its name
BANK_HOST = "127.0.2.20"  # its mail host, which is Veredus, too
POST_HOST = "127.0.2.21"  # takes reports by HTTPS
NAME_SPACE = "urn:ietf:params:xml:ns:dmarc-2.0"
PATIENCE = 30

ZONES = {
    "bank.test": f'@ TXT "v=spf1 ip4:{BANK} -all"\n@ MX 10 mx\nmx A {BANK_HOST}\n'
                 '_dmarc TXT "v=DMARC1; p=reject; sp=quarantine; adkim=s; rua=mailto:rua@bank.test!1m"\n'
                 '_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@bank.test,https://reports.bank.test:{post_port}/v1?x=1"\n'
                 f'reports A {POST_HOST}\n'
                 'welcome.test._report._dmarc TXT "v=DMARC1"\n',
    # Whose reports are to go to the bank: one it knows nothing of, and one it takes them for.
    "unasked.test": '_dmarc TXT "v=DMARC1; p=none; rua=mailto:rua@bank.test"\n@ TXT "v=spf1 -all"\n',
    "welcome.test": '_dmarc TXT "v=DMARC1; p=none; rua=mailto:rua@bank.test"\n@ TXT "v=spf1 -all"\n',
    "small.test": '_dmarc TXT "v=DMARC1; p=none; rua=mailto:rua@small.test!1"\n@ TXT "v=spf1 -all"\n',
    "silent.test": '_dmarc TXT "v=DMARC1; p=none"\n@ TXT "v=spf1 -all"\n',
    "demo.test": '@ TXT "v=spf1 ip4:127.0.0.0/8 -all"\n_dmarc TXT "v=DMARC1; p=reject; rua=mailto:alice@demo.test"\n',
}


class PostHost:
    """Takes what is posted."""

    def __init__(self, chain, key):
        self.posts = []
        owner = self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                owner.posts.append((self.path, self.headers["Content-Type"], body))
                self.send_response(201)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer((POST_HOST, 0), Answer)
        self.port = self.server.server_address[1]
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(chain, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Both:
    """A server that looks at strangers' mail and reports on it, and the server of bank.test, who reads the reports."""

    def __init__(self, folder):
        chain, key = relay.certificate(folder, "reports.bank.test")
        with contextlib.ExitStack() as stack:
            self.start(stack, chain, key)
            self.close = stack.pop_all().close

    def start(self, stack, chain, key):
        self.post_host = stack.enter_context(PostHost(chain, key))
        zones = {name: text.replace("{post_port}", str(self.post_host.port)) for name, text in ZONES.items()}
        self.dns = stack.enter_context(dns_server.DnsServer(zones))
        self.port = peers.free_port(BANK_HOST)
        self.door = dns_server.free_port("127.0.0.1")
        queue = f'[queue]\nport = {self.port}\nretry_reply = ["1s"]\nretry_connect = ["1s"]\n'
        proxied = f'[[listener]]\nprotocol = "smtp"\naddress = "127.0.0.1:{self.door}"\nproxy_from = ["127.0.0.0/8"]\n'
        self.reporter = stack.enter_context(servers.serving(settings=(
            self.dns.settings + queue + proxied +
            f'[probe]\nallowed_networks = ["{POST_HOST}"]\n'
            '[reports]\ncontact = "dmarc@demo.test"\norganization = "Demo & Daughters"\naddresses = ["dmarc@demo.test"]\n'),
            environment={"SSL_CERT_FILE": str(chain)}))
        facing = f'[[listener]]\nprotocol = "smtp"\naddress = "{BANK_HOST}:{self.port}"\n'
        self.reporter.run("alias", "set", "dmarc@demo.test", "alice@demo.test")
        self.bank = stack.enter_context(servers.serving(
            settings=self.dns.settings + facing + '[reports]\naddresses = ["rua@bank.test", "tls@bank.test"]\n'))
        self.bank.run("domain", "add", "bank.test")
        for name in ("rua", "tls"):
            self.bank.run("alias", "set", f"{name}@bank.test", "bob@demo.test")

    def bring(self, address, sender, author, to="alice@demo.test", subject="x"):
        """A stranger's message; answers the reply."""
        text = "".join(f"{line}\r\n" for line in (f"From: {author}", f"To: {to}", f"Subject: {subject}", f"Message-ID: <{time.monotonic_ns()}@x.test>",
                                                  "Date: Sun, 22 Nov 2026 10:00:00 +0000", "", "hello"))
        hello = f"PROXY TCP4 {address} 127.0.0.1 40000 25\r\n".encode()
        with wire.Smtp(("127.0.0.1", self.door), None, hello) as session:
            session.hello()
            return session.mail(sender, to, text.encode())

    def send(self):
        return self.reporter.json("report", "send", "--now")

    def received(self, count, *options):
        """What the bank's `report list` says, once there are so many."""
        until = time.monotonic() + PATIENCE
        while True:
            found = self.bank.json("report", "list", *options)["reports"]
            if len(found) >= count or time.monotonic() > until:
                assert len(found) == count, (found, self.reporter.log()[-4000:], self.bank.log()[-4000:])
                return found
            time.sleep(0.1)

    def wait_until_sent(self):
        """Nothing of the reporter's is under way, and what the bank has taken is looked at."""
        until = time.monotonic() + PATIENCE
        while self.reporter.json("queue", "list")["entries"]:
            assert time.monotonic() < until, self.reporter.log()[-4000:]
            time.sleep(0.05)
        self.bank.settled()
        time.sleep(0.3)

    def forget(self):
        for one in self.bank.json("report", "list")["reports"]:
            self.bank.run("report", "delete", one["id"])
        self.bank.take("bob")


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    made = Both(tmp_path_factory.mktemp("https"))
    yield made
    made.close()


@pytest.fixture
def both(running):
    while running.send()["sent"]:  # of a report's own session, too
        pass
    running.wait_until_sent()
    running.forget()
    return running


# What the RFCs say a report looks like.

def one(parent, name):
    found = parent.findall(f"{{{NAME_SPACE}}}{name}")
    assert len(found) == 1, f"{parent.tag} has {len(found)} {name}"
    return found[0]


def text_of(parent, name, pattern=".+"):
    value = one(parent, name).text or ""
    assert re.fullmatch(pattern, value), f"{name}: {value!r}"
    return value


def names(parent):
    return [child.tag.removeprefix(f"{{{NAME_SPACE}}}") for child in parent]


def in_order(parent, *order):
    """RFC 9990 has some of them in the order listed."""
    places = [order.index(name) for name in names(parent)]
    assert places == sorted(places), names(parent)


def check_xml(octets):
    """RFC 9990 s3.1.1 and Appendix A; answers the root."""
    root = xml.fromstring(octets)
    assert root.tag == f"{{{NAME_SPACE}}}feedback"
    in_order(root, "version", "report_metadata", "policy_published", "extension", "record")
    text_of(root, "version", r"1\.0")
    about = one(root, "report_metadata")
    assert set(names(about)) <= {"org_name", "email", "extra_contact_info", "report_id", "date_range", "error", "generator"}
    text_of(about, "org_name")
    text_of(about, "email", r"[^@]+@[^@]+")
    text_of(about, "report_id", r"[\w.-]+@[\w.-]+")
    period = one(about, "date_range")
    assert int(text_of(period, "begin", r"\d+")) <= int(text_of(period, "end", r"\d+"))
    policy = one(root, "policy_published")
    assert set(names(policy)) <= {"domain", "discovery_method", "p", "sp", "np", "fo", "adkim", "aspf", "testing"}
    text_of(policy, "domain")
    for name in ("p", "sp", "np"):
        text_of(policy, name, "none|quarantine|reject")
    text_of(policy, "adkim", "[rs]")
    text_of(policy, "discovery_method", "psl|treewalk")
    text_of(policy, "testing", "[ny]")
    records = root.findall(f"{{{NAME_SPACE}}}record")
    assert records
    for record in records:
        check_record(record)
    return root


def check_record(record):
    in_order(record, "row", "identifiers", "auth_results")
    row = one(record, "row")
    text_of(row, "source_ip", r"[0-9a-f:.]+")
    assert int(text_of(row, "count", r"\d+")) > 0
    done = one(row, "policy_evaluated")
    in_order(done, "disposition", "dkim", "spf", "reason")
    text_of(done, "disposition", "none|pass|quarantine|reject")
    text_of(done, "dkim", "pass|fail")
    text_of(done, "spf", "pass|fail")
    for reason in done.findall(f"{{{NAME_SPACE}}}reason"):
        text_of(reason, "type", "local_policy|mailing_list|other|policy_test_mode|trusted_forwarder")
    text_of(one(record, "identifiers"), "header_from")
    text_of(one(record, "identifiers"), "envelope_from", ".*")
    results = one(record, "auth_results")
    in_order(results, "dkim", "spf")
    for result in results:
        text_of(result, "domain")
        text_of(result, "result", "none|pass|fail|policy|neutral|softfail|temperror|permerror")
        if result.tag.endswith("spf"):
            text_of(result, "scope", "mfrom")


def check_json(octets):
    """RFC 8460 s4.4; answers the object."""
    report = json.loads(octets)
    assert {"organization-name", "date-range", "contact-info", "report-id", "policies"} <= report.keys()
    times = [datetime.datetime.fromisoformat(report["date-range"][name].replace("Z", "+00:00")) for name in ("start-datetime", "end-datetime")]
    assert times[0] <= times[1]
    for policy in report["policies"]:
        assert policy["policy"]["policy-type"] in ("tlsa", "sts", "no-policy-found")
        assert policy["policy"]["policy-domain"]
        assert policy["summary"]["total-successful-session-count"] >= 0
        failed = policy["summary"]["total-failure-session-count"]
        assert failed == sum(detail["failed-session-count"] for detail in policy.get("failure-details", []))
    return report


def parts_of(octets):
    return email.message_from_bytes(octets, policy=email.policy.default)


# DMARC.

def test_the_owner_of_a_domain_is_told_who_sends_in_its_name(both):
    assert both.bring(BANK, "bounce@bank.test", "teller@bank.test").code == 250
    assert both.bring(BANK, "bounce@bank.test", "teller@bank.test").code == 250
    assert both.bring(CROOK, "crook@silent.test", "boss@bank.test").code == 550
    assert both.bring(CROOK, "crook@silent.test", "boss@sub.bank.test").code == 250  # sp=quarantine
    assert both.send()["sent"] == 1
    (listed,) = both.received(1, "--kind", "dmarc")
    assert (listed["domain"], listed["organization"], listed["total"], listed["passed"]) == ("bank.test", "Demo & Daughters", 4, 2)

    message = parts_of(both.bank.take_one("bob"))
    assert re.fullmatch(r"Report Domain: bank\.test Submitter: demo\.test Report-ID: <[\w.]+@demo\.test>", message["subject"])
    assert message["from"].addresses[0].addr_spec == "dmarc@demo.test"
    assert message["auto-submitted"] == "auto-generated"
    (part,) = [part for part in message.walk() if part.get_content_type() == "application/gzip"]
    name = part.get_filename()
    assert re.fullmatch(r"demo\.test!bank\.test!\d+!\d+![0-9a-zA-Z]+\.xml\.gz", name), name
    root = check_xml(gzip.decompress(part.get_content()))
    begin, end = name.split("!")[2:4]
    period = one(one(root, "report_metadata"), "date_range")
    assert (text_of(period, "begin"), text_of(period, "end")) == (begin, end)
    policy = one(root, "policy_published")
    assert [text_of(policy, what) for what in ("domain", "p", "sp", "adkim", "aspf")] == ["bank.test", "reject", "quarantine", "s", "r"]
    seen = {}
    for record in root.findall(f"{{{NAME_SPACE}}}record"):
        row = one(record, "row")
        done = one(row, "policy_evaluated")
        seen[text_of(one(record, "identifiers"), "header_from"), text_of(row, "source_ip")] = (
            int(text_of(row, "count")), text_of(done, "disposition"), text_of(done, "spf"))
    assert seen == {("bank.test", BANK): (2, "pass", "pass"), ("bank.test", CROOK): (1, "reject", "fail"),
                    ("sub.bank.test", CROOK): (1, "quarantine", "fail")}

    # What the bank's commands make of it.
    sums = both.bank.json("report", "dmarc", "--domain", "bank.test")["domains"][0]
    assert (sums["domain"], sums["reports"], sums["total"], sums["passed"]) == ("bank.test", 1, 4, 2)
    sources = {(s["name"], s["detail"]): s for s in sums["sources"]}
    assert sources[BANK, "bank.test"]["passed"] == 2
    assert sources[CROOK, "bank.test"]["rejected"] == 1
    assert sources[CROOK, "sub.bank.test"]["quarantined"] == 1
    assert CROOK in both.bank.run("report", "dmarc").stdout
    shown = both.bank.json("report", "show", listed["id"])
    assert shown["kind"] == "dmarc" and len(shown["records"]) == 3
    check_xml(both.bank.run("report", "show", listed["id"], "--raw").stdout)
    assert "bank.test" in both.bank.run("report", "show", listed["id"]).stdout


def test_a_report_leaves_once_also_over_a_restart(both):
    assert both.bring(BANK, "bounce@bank.test", "teller@bank.test").code == 250
    both.reporter.restart()
    assert both.bring(BANK, "bounce@bank.test", "teller@bank.test").code == 250
    assert both.send()["sent"] == 1
    (listed,) = both.received(1)
    assert listed["total"] == 2
    both.reporter.restart()
    both.send()
    both.wait_until_sent()
    both.received(1, "--kind", "dmarc")


def test_strangers_get_no_reports_they_did_not_ask_for(both):  # RFC 9990 s4
    for domain in ("unasked.test", "welcome.test", "small.test", "silent.test"):
        assert both.bring(CROOK, f"a@{domain}", f"a@{domain}").code in (250, 550)
    figures = both.send()
    assert figures["sent"] == 1, both.reporter.log()[-3000:]
    (listed,) = both.received(1)
    assert listed["domain"] == "welcome.test"
    assert "bank.test does not say that it takes reports about others" in both.reporter.log()


def test_reports_are_not_reported_on(both):
    report = "Report Domain: demo.test Submitter: bank.test Report-ID: <1@bank.test>"
    assert both.bring(BANK, "bounce@bank.test", "reports@bank.test", subject=report).code == 250
    assert both.send() == {"sent": 0, "not_wanted": 1, "waiting": 0}


# TLS.

def test_the_owner_of_a_domain_is_told_how_tls_goes(both):  # RFC 8460
    both.reporter.restart()  # a session that is kept from before has been told of
    with both.reporter.submission() as session:
        reply = session.mail("alice@demo.test", "tls@bank.test", wire.message("hello", sender="alice@demo.test"))
        assert reply.code == 250, str(reply)
    both.wait_until_sent()
    both.bank.take("bob", 1)
    both.post_host.posts.clear()
    figures = both.send()
    assert figures["sent"] == 2, figures
    (listed,) = both.received(1, "--kind", "tls")
    assert (listed["domain"], listed["organization"], listed["total"]) == ("bank.test", "Demo & Daughters", 1)
    message = parts_of(both.bank.take_one("bob"))
    assert message["tls-report-domain"] == "bank.test"
    assert message["tls-report-submitter"] == "demo.test"
    assert message["tls-required"] == "No"
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "tlsrpt"
    (part,) = [part for part in message.walk() if part.get_content_type() == "application/tlsrpt+gzip"]
    report = check_json(gzip.decompress(part.get_content()))
    ((path, kind, body),) = both.post_host.posts
    assert (path, kind) == ("/v1?x=1", "application/tlsrpt+gzip")
    assert gzip.decompress(body) == gzip.decompress(part.get_content())
    assert report["policies"][0]["policy"]["policy-type"] == "no-policy-found"
    assert both.bank.json("report", "tls")["domains"][0]["total"] == 1
    # The session the report went in is not reported on (RFC 8460 s5.3).
    both.wait_until_sent()
    assert both.send()["sent"] == 0


# Receiving.

def mail(octets, kind, name):
    """A message with a file in it, to rua@bank.test."""
    return ("From: r@silent.test\r\nTo: rua@bank.test\r\nSubject: report\r\nMIME-Version: 1.0\r\n"
            f'Content-Type: {kind}; name="{name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
            + "".join(f"{line}\r\n" for line in re.findall(".{1,76}", base64.b64encode(octets).decode()))).encode()


def report_xml(number):
    return (f'<?xml version="1.0"?><feedback><report_metadata><org_name>Peer</org_name><email>d@peer.test</email><report_id>{number}</report_id>'
            "<date_range><begin>1790000000</begin><end>1790003600</end></date_range></report_metadata><policy_published><domain>bank.test</domain>"
            "<p>none</p></policy_published><record><row><source_ip>192.0.2.99</source_ip><count>5</count><policy_evaluated><disposition>none"
            "</disposition><dkim>pass</dkim><spf>fail</spf></policy_evaluated></row><identifiers><header_from>bank.test</header_from></identifiers>"
            "<auth_results><spf><domain>bank.test</domain><result>fail</result></spf></auth_results></record></feedback>").encode()


def zipped(*files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in files:
            archive.writestr(name, octets)
    return out.getvalue()


def deliver(both, octets):
    with wire.Smtp((BANK_HOST, both.port), None, b"") as session:
        session.hello()
        reply = session.mail("r@silent.test", "rua@bank.test", octets)
        assert reply.code == 250, str(reply)


def test_reports_come_in_every_wrapping_and_are_kept_once(both):
    deliver(both, mail(gzip.compress(report_xml(1)), "application/gzip", "a.xml.gz"))
    deliver(both, mail(zipped(("a.xml", report_xml(2))), "application/zip", "a.zip"))
    deliver(both, mail(report_xml(3), "text/xml", "a.xml"))
    deliver(both, mail(gzip.compress(report_xml(1)), "application/octet-stream", "again.xml.gz"))
    found = both.received(3)
    assert {one["report_id"] for one in found} == {"1", "2", "3"}
    time.sleep(0.5)
    both.received(3)
    sums = both.bank.json("report", "dmarc", "--domain", "bank.test")["domains"][0]
    assert (sums["reports"], sums["total"]) == (3, 15)
    assert both.bank.run("report", "show", "0" * 32, check=False).returncode == 3


def test_bombs_are_refused_and_hurt_nobody(both):
    bombs = [gzip.compress(b"\0" * 50_000_000), zipped(("a.xml", b"<feedback>" + b" " * 50_000_000)),
             zipped(("a.xml", report_xml(1)), ("b.xml", report_xml(2))),
             b'<!DOCTYPE feedback [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><feedback>&b;</feedback>',
             b"<feedback>" * 10_000]
    for bomb in bombs:
        kind = "text/xml" if bomb.startswith(b"<") else "application/gzip"
        deliver(both, mail(bomb, kind, "a.xml"))
        done = subprocess.run([str(servers.BINARY), "check", "report"], input=bomb, capture_output=True, timeout=30)
        assert done.returncode == 1, done.stdout[:500]
        assert done.stdout.startswith((b"packed:", b"content:")), done.stdout[:500]
    deliver(both, mail(gzip.compress(report_xml(9)), "application/gzip", "a.xml.gz"))
    (listed,) = both.received(1)
    assert listed["report_id"] == "9"


def test_a_failure_report_is_kept(both):
    body = ("--b\r\nContent-Type: text/plain\r\n\r\nIt failed.\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\n"
            "Feedback-Type: auth-failure\r\nUser-Agent: x/1\r\nVersion: 1\r\nAuth-Failure: dmarc\r\nIdentity-Alignment: none\r\n"
            "Source-IP: 192.0.2.66\r\nReported-Domain: bank.test\r\nReporting-MTA: dns; mx.peer.test\r\n"
            "--b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: x@bank.test\r\n--b--\r\n")
    deliver(both, ("From: r@silent.test\r\nTo: rua@bank.test\r\nSubject: report\r\nMIME-Version: 1.0\r\n"
                   'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n' + body).encode())
    (listed,) = both.received(1, "--kind", "failure")
    assert (listed["domain"], listed["policy"], listed["organization"]) == ("bank.test", "dmarc", "mx.peer.test")
    shown = both.bank.json("report", "show", listed["id"])
    assert shown["source"] == "192.0.2.66"


def test_reports_are_imported_and_checked_by_command(both):
    done = both.bank.run("report", "import", stdin=report_xml("imported").decode())
    assert done.stdout == "new: dmarc report about bank.test\n"
    assert both.bank.run("report", "import", stdin=report_xml("imported").decode()).stdout.startswith("known")
    assert both.bank.run("report", "import", stdin="hello", check=False).returncode == 1
    checked = servers.run("check", "report", "--json", stdin=report_xml(1).decode())
    assert checked.returncode == 0
    assert json.loads(checked.stdout)["records"][0]["source"] == "192.0.2.99"
    assert json.loads(servers.run("check", "report", "--json", stdin="hello").stdout) == {"error": "no-report", "why": "no report in the message"}
    sample = servers.SUITES / "tlsrpt/google.com_smtp_tls_report.eml"
    if sample.exists():
        checked = subprocess.run([str(servers.BINARY), "check", "report", "--json"], input=sample.read_bytes(), capture_output=True, timeout=30)
        assert json.loads(checked.stdout)["kind"] == "tls"


def test_figures_are_told(both):
    metrics = both.bank.run("metrics", check=False).stdout
    if metrics:
        assert 'veredus_reports_received_total{result="new"}' in metrics


def test_without_a_contact_nothing_is_sent(both):
    done = both.bank.run("report", "send", "--now", check=False)
    assert done.returncode == 1
    assert "reports.contact" in done.stderr
    assert both.bank.run("report", "send", check=False).returncode == 2
