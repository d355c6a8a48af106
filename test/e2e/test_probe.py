"""`veredus probe`: against this server, against a bad one, by MX, and through the admin API."""
import http.client
import json
import socket
import socketserver
import threading
import time

import pytest

import dns_server
import server as servers

pytestmark = pytest.mark.skipif(not dns_server.available(), reason="nsd is not installed")
ZONES = {
    "demo.test": "@ MX 10 mx\nmx A 127.0.0.1\nnull MX 0 .\nalias MX 10 other\nother CNAME mx\nempty TXT none\n"
                 "lost MX 10 gone",
    "127.in-addr.arpa": "1.0.0 PTR mx.demo.test.",
    "signed.test": "@ MX 10 mx.demo.test.\nnone TXT nothing",
    "bogus.test": "@ MX 10 mx.demo.test.",
}


@pytest.fixture(scope="module")
def dns():
    with dns_server.DnsServer(ZONES, signed=["signed.test", "bogus.test"]) as running:
        # What is signed no longer says what its signatures do.
        signed = running.zones["bogus.test"]
        signed.write_text(signed.read_text().replace("mx.demo.test.", "my.demo.test."))
        running.stop()
        running.start()
        yield running


@pytest.fixture(scope="module")
def probed(dns, request):
    with servers.serving(settings=dns.settings) as running:
        yield running


def probe(running, *arguments, stdin=""):
    done = running.run("probe", *arguments, "--json", stdin=stdin, check=False)
    assert done.returncode in (0, 1), done.stderr
    report = json.loads(done.stdout)
    assert done.returncode == (1 if report["grade"] == "F" else 0)
    return report


def codes(report):
    return {finding["code"] for finding in report["findings"] if finding["severity"] != "note"}


def trial(session, kind):
    return next(one for one in session["trials"] if one["kind"] == kind)


class BadServer(socketserver.ThreadingTCPServer):
    """Takes everything from everybody, in the clear."""
    allow_reuse_address = True
    daemon_threads = True

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(b"220 bad.demo.test ESMTP\r\n")
            for line in self.rfile:
                verb = line[:4].upper()
                if verb == b"EHLO":
                    self.wfile.write(b"250-bad.demo.test\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 1000\r\n")
                elif verb == b"QUIT":
                    self.wfile.write(b"221 bye\r\n")
                    return
                else:
                    self.wfile.write(b"250 of course\r\n")

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self.Handler)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


@pytest.fixture
def bad_server():
    running = BadServer()
    yield running
    running.shutdown()
    running.server_close()


def test_this_server_gets_an_a(probed):
    report = probe(probed, "smtp", f"mx.demo.test:{probed.ports['smtp']}", "--to", "alice@demo.test",
                   "--trust", str(probed.certificate))
    assert report["grade"] == "A", report["findings"]
    session = report["sessions"][0]
    assert session["greeting"]["code"] == 220
    assert session["reverse_names"] == ["mx.demo.test"] and session["reverse_confirmed"]
    assert session["before_tls"]["starttls"] and not session["after_tls"]["starttls"]
    tls = session["tls"]
    assert tls["version"] == "TLSv1.3" and tls["trusted"] and tls["name_matches"]
    assert tls["chain"][0]["names"] and tls["chain"][0]["not_after"] > tls["chain"][0]["not_before"]
    assert session["pipelining_works"]
    assert trial(session, "unknown-recipient")["rcpt"]["code"] == 550
    assert trial(session, "postmaster")["accepted"]
    for kind in ("relay", "relay-percent", "relay-route"):
        assert not trial(session, kind)["accepted"], kind
    assert session["dialogue"][-1]["from"] == "note"
    assert any(line["text"].startswith("221") for line in session["dialogue"])


def test_a_certificate_of_ones_own_is_told_of(probed):
    report = probe(probed, "smtp", f"127.0.0.1:{probed.ports['smtp']}")
    assert codes(report) == {"certificate-untrusted", "certificate-name"}
    assert report["grade"] == "B"


def test_it_logs_in_and_sends(probed):
    port = probed.ports["submissions"]
    password = servers.PASSWORDS["alice"]
    report = probe(probed, "smtp", f"mx.demo.test:{port}", "--tls", "implicit", "--user", "alice@demo.test", "--from",
                   "alice@demo.test", "--to", "bob@demo.test", "--send", "--trust", str(probed.certificate),
                   stdin=password + "\n")
    session = report["sessions"][0]
    assert session["authentication"]["done"], session["authentication"]
    assert session["message"]["accepted"], session["message"]
    assert password not in json.dumps(report)
    message = probed.take_one("bob")
    assert session["message"]["message_id"].encode() in message
    assert b"veredus probe" in message


def test_a_wrong_password_is_critical(probed):
    report = probe(probed, "smtp", f"mx.demo.test:{probed.ports['submission']}", "--user", "alice@demo.test", "--to",
                   "bob@demo.test", "--from", "alice@demo.test", "--send", "--trust", str(probed.certificate), stdin="wrong\n")
    assert "auth-failed" in codes(report)
    assert report["sessions"][0]["authentication"]["reply"]["code"] == 535
    assert "message" not in report["sessions"][0]


def test_an_open_relay_in_the_clear_fails(probed, bad_server):
    report = probe(probed, "smtp", f"127.0.0.1:{bad_server.port}", "--to", "x@demo.test")
    assert {"open-relay", "no-starttls", "small-size", "takes-unknown"} <= codes(report)
    assert report["grade"] == "F"


def test_nobody_there(probed):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        report = probe(probed, "smtp", f"127.0.0.1:{unused.getsockname()[1]}")
    assert codes(report) == {"unreachable"}
    assert not report["sessions"][0]["connected"]


def test_a_domain_is_found_by_its_mx(probed):
    report = probe(probed, "domain", "Demo.test", "--port", str(probed.ports["smtp"]), "--trust", str(probed.certificate))
    domain = report["domain"]
    assert domain["route"] == "mx" and not domain["dnssec"]
    assert [host["name"] for host in domain["hosts"]] == ["mx.demo.test"]
    assert domain["hosts"][0]["addresses"] == ["127.0.0.1"]
    assert codes(report) == {"mx-not-public"}
    assert trial(report["sessions"][0], "postmaster")["accepted"]


@pytest.mark.parametrize("name, route, code", [
    ("null.demo.test", "null-mx", None),
    ("empty.demo.test", "none", "no-mail-host"),
    ("absent.demo.test", "no-such-domain", "no-such-domain"),
    ("bogus.test", "dns-failed", "dns-failed"),
    ("lost.demo.test", "mx", "mx-without-address"),
])
def test_what_dns_says_of_a_domain(probed, name, route, code):
    report = probe(probed, "domain", name)
    assert report["domain"]["route"] == route
    assert not report["sessions"]
    assert (code in codes(report)) if code else report["grade"] == "A"


def test_dnssec_is_validated(probed):
    report = probe(probed, "domain", "signed.test", "--port", str(probed.ports["smtp"]))
    assert report["domain"]["dnssec"]
    assert probe(probed, "domain", "bogus.test")["domain"]["error"] == "DNSSEC validation failed"


def test_an_mx_that_is_an_alias_is_told_of(probed):
    report = probe(probed, "domain", "alias.demo.test", "--port", str(probed.ports["smtp"]))
    assert "mx-alias" in codes(report)


def test_people_read_a_grade_and_what_to_do(probed, bad_server):
    done = probed.run("probe", "smtp", f"127.0.0.1:{bad_server.port}", "--dialogue", check=False)
    assert done.returncode == 1
    assert "grade F" in done.stdout and "[critical]" in done.stdout and "    -> " in done.stdout
    assert "S: 220 bad.demo.test ESMTP" in done.stdout


@pytest.mark.parametrize("arguments", [("smtp", "mx.demo.test:0"), ("smtp", "a b"), ("domain", "a..b"),
                                       ("smtp", "mx.demo.test", "--send"), ("smtp", "mx.demo.test", "--from", "nobody")])
def test_mistakes_on_the_command_line(probed, arguments):
    assert probed.run("probe", *arguments, check=False).returncode == 2


# The admin API.

def call(running, method, path, body=None):
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(running.data / "admin.sock"))
    connection.request(method, path, json.dumps(body) if body is not None else None, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return answer.status, json.loads(text) if text else None


def finished(running, probe_id):
    until = time.monotonic() + 60
    while True:
        status, job = call(running, "GET", f"/v1/probes/{probe_id}")
        assert status == 200
        if job["state"] != "running":
            return job
        assert time.monotonic() < until
        time.sleep(0.1)


def test_the_api_probes_what_is_allowed_and_tells_how_far_it_is(new_server, bad_server, dns):
    settings = f'{dns.settings}[probe]\nallowed_networks = ["127.0.0.0/8"]\nports = [{bad_server.port}]\n'
    running = new_server(settings=settings)
    status, begun = call(running, "POST", "/v1/probes", {"kind": "smtp", "target": f"127.0.0.1:{bad_server.port}"})
    assert status == 202, begun
    job = finished(running, begun["id"])
    assert job["state"] == "done" and job["progress"]["done"] == job["progress"]["total"] == 1
    assert job["report"]["grade"] == "F" and "no-starttls" in codes(job["report"])
    status, listed = call(running, "GET", "/v1/probes")
    assert [one["id"] for one in listed["probes"]] == [begun["id"]]


def test_the_api_does_not_look_behind_the_network(probed, bad_server):
    status, problem = call(probed, "POST", "/v1/probes", {"kind": "smtp", "target": f"127.0.0.1:{bad_server.port}"})
    assert status == 403 and problem["type"].endswith("port-not-allowed")
    for body in ({"kind": "smtp", "target": "127.0.0.1"}, {"kind": "smtp", "target": "mx.demo.test"},
                 {"kind": "domain", "target": "demo.test"}, {"kind": "smtp", "target": "[::1]:25"}):
        status, begun = call(probed, "POST", "/v1/probes", body)
        assert status == 202, begun
        report = finished(probed, begun["id"])["report"]
        assert all(not session["connected"] and "may not be probed" in session["failure"] for session in report["sessions"])
        assert all(not session["dialogue"] for session in report["sessions"])


@pytest.mark.parametrize("body", [{}, {"kind": "smtp"}, {"kind": "http", "target": "mx.demo.test"},
                                  {"kind": "smtp", "target": "a b"}, {"kind": "domain", "target": "a..b"},
                                  {"kind": "smtp", "target": "mx.demo.test", "tls": "perhaps"},
                                  {"kind": "smtp", "target": "mx.demo.test", "send": True},
                                  {"kind": "smtp", "target": "mx.demo.test", "from": "nobody"},
                                  {"kind": "smtp", "target": "mx.demo.test", "colour": "red"}])
def test_the_api_says_what_is_wrong(probed, body):
    status, problem = call(probed, "POST", "/v1/probes", body)
    assert status in (400, 422), problem


def test_an_unknown_probe(probed):
    assert call(probed, "GET", "/v1/probes/0123")[0] == 404
