"""What the commands print and how they end (src/app/cli/exit_codes.h)."""
import json
import os
import re
import socket
import stat
import time

import pytest
import server
import wire

SERVER = {"people": ("bob",)}
OK, FAILED, USAGE, NOT_FOUND, NOT_REACHABLE, BAD_CONFIG = range(6)


def says(veredus, *arguments, stdin="", code=OK):
    done = veredus.run(*arguments, stdin=stdin, check=False)
    assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout if code == OK else done.stderr


def test_status_tells_where_it_listens(veredus):
    status = veredus.json("status")
    assert status["hostname"] == "mx.demo.test" and status["healthy"] is True
    assert {at["protocol"] for at in status["listeners"]} == {*server.LISTENERS, "lmtp"}
    text = says(veredus, "status")
    assert "mx.demo.test" in text and "healthy" in text and f"127.0.0.1:{veredus.ports['pop3s']}" in text


def test_domains(veredus):
    assert "added new.test" in says(veredus, "domain", "add", "new.test")
    assert "exists already" in says(veredus, "domain", "add", "NEW.test", code=FAILED)
    assert "not a domain name" in says(veredus, "domain", "add", "not a domain", code=FAILED)
    assert {"demo.test", "new.test"} <= {one["name"] for one in veredus.json("domain", "list")["domains"]}
    assert "new.test" in says(veredus, "domain", "list")
    assert re.search(r"subaddress_separator +\+", says(veredus, "domain", "show", "new.test"))
    changed = veredus.json("domain", "set", "new.test", "--postmaster", "bob@demo.test", "--catch-all",
                           "alice@demo.test", "--subaddress-separator", "none")
    assert (changed["postmaster"], changed["catch_all"], changed["subaddress_separator"]) == (
        "bob@demo.test", "alice@demo.test", None)
    assert veredus.json("domain", "set", "new.test", "--catch-all", "none")["catch_all"] is None
    assert "no such account" in says(veredus, "domain", "set", "new.test", "--catch-all", "no@demo.test",
                                     code=NOT_FOUND)
    assert "removed new.test" in says(veredus, "domain", "remove", "new.test")
    assert "no such domain" in says(veredus, "domain", "show", "new.test", code=NOT_FOUND)
    assert "still has accounts" in says(veredus, "domain", "remove", "demo.test", code=FAILED)


def test_a_domain_of_other_letters_has_two_names(veredus):
    made = veredus.json("domain", "add", "bücher.test")
    assert (made["name"], made["name_ascii"]) == ("bücher.test", "xn--bcher-kva.test")
    assert veredus.json("domain", "show", "xn--bcher-kva.test")["name"] == "bücher.test"
    veredus.run("account", "add", "jürgen@bücher.test", stdin="ein gutes Wort\n")
    with veredus.smtp() as session:
        session.hello()
        assert session.mail("a@example.org", "jürgen@xn--bcher-kva.test", wire.message("hallo"),
                            " SMTPUTF8").code == 250
    with wire.Pop3(veredus.address("pop3s"), veredus.tls) as pop3:
        pop3.ask("UTF8")
        pop3.login("jürgen@bücher.test", "ein gutes Wort")
        assert pop3.stat()[0] == 1
        pop3.quit()
    veredus.run("account", "remove", "jürgen@bücher.test")
    veredus.run("domain", "remove", "bücher.test")


def test_accounts(veredus):
    assert "added dora@demo.test" in says(veredus, "account", "add", "dora@demo.test", "--name", "Dora", "--quota",
                                          "500MiB", stdin="a long enough one\n")
    assert "taken" in says(veredus, "account", "add", "Dora@demo.test", stdin="a long enough one\n", code=FAILED)
    assert "no such domain" in says(veredus, "account", "add", "x@other.test", stdin="a long enough one\n",
                                    code=NOT_FOUND)
    assert "too short" in says(veredus, "account", "add", "e@demo.test", stdin="short\n", code=FAILED)
    assert "--quota wants" in says(veredus, "account", "set", "dora@demo.test", "--quota", "many", code=USAGE)
    shown = veredus.json("account", "show", "dora@demo.test")
    assert (shown["display_name"], shown["quota_octets"], shown["used_messages"]) == ("Dora", 500 << 20, 0)
    assert "Dora" in says(veredus, "account", "show", "dora@demo.test")
    assert "500.0 MiB" in says(veredus, "account", "list")
    changed = veredus.json("account", "set", "dora@demo.test", "--quota", "none", "--administrator")
    assert (changed["administrator"], changed["quota_octets"]) == (True, 0)
    assert veredus.json("account", "set", "dora@demo.test", "--disable")["disabled"] is True
    assert veredus.json("account", "set", "dora@demo.test", "--enable")["disabled"] is False
    assert "password is set" in says(veredus, "account", "password", "dora@demo.test", stdin="another long one\n")
    assert veredus.json("account", "rename", "dora@demo.test", "dorothy@demo.test", "--keep-old")["address"] == (
        "dorothy@demo.test")
    assert veredus.json("alias", "show", "dora@demo.test")["targets"] == ["dorothy@demo.test"]
    assert veredus.json("account", "show", "dorothy@demo.test")["aliases"] == ["dora@demo.test"]
    listed = veredus.json("account", "list", "--domain", "demo.test")["accounts"]
    assert {one["address"] for one in listed} == {"alice@demo.test", "bob@demo.test", "dorothy@demo.test"}
    assert "removed" in says(veredus, "account", "remove", "dorothy@demo.test")
    assert "no such account" in says(veredus, "account", "show", "dorothy@demo.test", code=NOT_FOUND)
    says(veredus, "alias", "show", "dora@demo.test", code=NOT_FOUND)


def test_an_account_removed_takes_its_mail_with_it(veredus):
    veredus.run("account", "add", "emil@demo.test", stdin="a long enough one\n")
    veredus.send(wire.message("old"), to="emil@demo.test")
    veredus.run("account", "remove", "emil@demo.test")
    with veredus.smtp() as session:
        session.hello()
        session.ask("MAIL FROM:<a@example.org>", 250)
        session.ask("RCPT TO:<emil@demo.test>", 550)
    veredus.run("account", "add", "emil@demo.test", stdin="a long enough one\n")
    assert veredus.json("account", "show", "emil@demo.test")["used_messages"] == 0
    veredus.run("account", "remove", "emil@demo.test")


def test_app_passwords(veredus):
    password = says(veredus, "account", "app-password", "add", "bob@demo.test", "telephone").strip()
    assert len(password) >= 16
    listed = says(veredus, "account", "app-password", "list", "bob@demo.test")
    assert "telephone" in listed and password not in listed
    number = veredus.json("account", "app-password", "list", "bob@demo.test")["app_passwords"][0]["id"]
    assert "revoked" in says(veredus, "account", "app-password", "revoke", "bob@demo.test", str(number))
    says(veredus, "account", "app-password", "revoke", "bob@demo.test", str(number), code=NOT_FOUND)


def test_aliases(veredus):
    assert "sales@demo.test -> alice@demo.test, bob@demo.test" in says(
        veredus, "alias", "set", "sales@demo.test", "alice@demo.test", "bob@demo.test")
    assert "sales@demo.test" in says(veredus, "alias", "list")
    assert veredus.json("alias", "list", "--domain", "demo.test")["aliases"][0]["address"] == "sales@demo.test"
    assert "bob@demo.test" in says(veredus, "alias", "show", "sales@demo.test")
    veredus.run("alias", "set", "shop@demo.test", "sales@demo.test")
    assert "back to itself" in says(veredus, "alias", "set", "sales@demo.test", "shop@demo.test", code=FAILED)
    assert "taken" in says(veredus, "alias", "set", "alice@demo.test", "bob@demo.test", code=FAILED)
    says(veredus, "alias", "set", "empty@demo.test", code=USAGE)
    for name in ("shop", "sales"):
        assert "removed" in says(veredus, "alias", "remove", f"{name}@demo.test")
    assert "no such alias" in says(veredus, "alias", "remove", "sales@demo.test", code=NOT_FOUND)


def test_mailboxes(veredus):
    assert "INBOX" in says(veredus, "mailbox", "list", "alice@demo.test")
    assert "added Work/2026" in says(veredus, "mailbox", "add", "alice@demo.test", "Work/2026")
    names = {one["name"] for one in veredus.json("mailbox", "list", "alice@demo.test")["mailboxes"]}
    assert {"INBOX", "Work", "Work/2026"} <= names
    says(veredus, "mailbox", "add", "alice@demo.test", "Work/2026", code=FAILED)
    says(veredus, "mailbox", "add", "alice@demo.test", "X", "--special-use", "nonsense", code=USAGE)
    assert "renamed" in says(veredus, "mailbox", "rename", "alice@demo.test", "Work", "Play")
    assert "Play/2026" in says(veredus, "mailbox", "list", "alice@demo.test")
    says(veredus, "mailbox", "remove", "alice@demo.test", "Play")
    assert "renamed" in says(veredus, "mailbox", "rename", "alice@demo.test", "Play", "Work")  # all that is left of it
    says(veredus, "mailbox", "rename", "alice@demo.test", "Play", "Work", code=NOT_FOUND)
    assert "removed" in says(veredus, "mailbox", "remove", "alice@demo.test", "Work/2026")
    says(veredus, "mailbox", "remove", "alice@demo.test", "Work/2026", code=NOT_FOUND)
    says(veredus, "mailbox", "remove", "alice@demo.test", "INBOX", code=FAILED)
    assert "sound" in says(veredus, "mailbox", "verify", "alice@demo.test")
    assert veredus.json("mailbox", "verify", "alice@demo.test")["differences"] == []
    says(veredus, "mailbox", "list", "nobody@demo.test", code=NOT_FOUND)


def test_messages_are_listed_in_pages_and_shown(veredus):
    for i in range(105):
        veredus.send(wire.message(f"number {i}"))
    page = veredus.json("message", "list", "alice@demo.test")
    assert len(page["messages"]) == 100 and page["more"] is True
    rest = veredus.json("message", "list", "alice@demo.test", "--after", str(page["messages"][-1]["uid"]))
    assert [one["subject"] for one in rest["messages"]] == [f"number {i}" for i in range(100, 105)]
    text = says(veredus, "message", "list", "alice@demo.test")
    assert "number 0" in text and "more: --after" in text
    email = str(page["messages"][0]["email"])
    assert "Subject: number 0" in says(veredus, "message", "show", "alice@demo.test", email)
    says(veredus, "message", "show", "alice@demo.test", "12345", code=NOT_FOUND)


# The journey of a message

def journey(veredus, *arguments, kinds):
    """The journal is written a moment after the fact."""
    until = time.monotonic() + wire.PATIENCE
    while True:
        events = veredus.json("message", "trace", *arguments)["events"]
        if sorted(event["kind"] for event in events) == sorted(kinds) or time.monotonic() > until:
            assert sorted(event["kind"] for event in events) == sorted(kinds), events
            return events
        time.sleep(0.1)


def test_the_journey_of_a_message_is_told_from_its_id_or_anything_else(veredus):
    with veredus.smtp() as session:
        session.hello()
        reply = session.mail("traveller@example.org", ["alice@demo.test", "bob@demo.test"],
                             wire.message("journey", more="Message-ID: <journey@example.org>\r\n"))
        identity = re.search(r"Accepted as (\S+)", reply.text)[1]
    for query in ([identity], ["--message-id", "<journey@example.org>"],
                  ["--sender", "traveller@example.org"]):
        events = journey(veredus, *query, kinds=["received", "delivered", "delivered"])
        assert {event["message"] for event in events} == {identity}
        received = next(event for event in events if event["kind"] == "received")["details"]
        assert received["sender"] == "traveller@example.org" and received["client"] == "127.0.0.1"
        assert received["recipient"] == ["alice@demo.test", "bob@demo.test"]
    text = says(veredus, "message", "trace", identity)
    assert f"message {identity}" in text and "received" in text and "delivered" in text
    stored = veredus.take_one("bob")
    assert f"\r\n\tid {identity}".encode() in stored


def test_a_refused_recipient_is_in_the_journal_too(veredus):
    with veredus.smtp() as session:
        session.hello()
        session.ask("MAIL FROM:<you@example.org>", 250)
        session.ask("RCPT TO:<missing@demo.test>", 550)
    event = journey(veredus, "--recipient", "missing@demo.test", kinds=["refused"])[0]
    assert event["details"]["sender"] == "you@example.org"
    assert journey(veredus, "--recipient", "missing@demo.test", "--until", "2026-01-01T00:00:00Z", kinds=[]) == []


def test_a_trace_of_nothing_says_so(veredus):
    assert "nothing is known" in says(veredus, "message", "trace", "nosuchmessage")
    assert "give one of" in says(veredus, "message", "trace", code=USAGE)
    assert "wants a time" in says(veredus, "message", "trace", "x", "--since", "yesterday", code=USAGE)


def test_the_journal_survives_a_restart(veredus):
    identity = veredus.send(wire.message("before"))
    journey(veredus, identity, kinds=["received", "delivered"])
    veredus.restart()
    journey(veredus, identity, kinds=["received", "delivered"])


# Checks without a server

def test_addresses_are_checked(veredus):
    assert "valid" in says(veredus, "check", "address", "alice@demo.test").lower()
    assert veredus.json("check", "address", "alice@demo.test")
    done = veredus.run("check", "address", "not an address", check=False)
    assert done.returncode == FAILED and done.stdout


def test_messages_are_checked(veredus):
    report = json.loads(says(veredus, "check", "mime", "--json", stdin=wire.message("checked").decode()))
    assert report["subject"] == "checked" and report["from"][0][1] == "sender@example.org"
    assert report["leaves"][0]["type"] == "text/plain"


# The command line itself

def test_wrong_command_lines_end_with_2(veredus):
    for arguments in ([], ["nonsense"], ["account"], ["account", "add"], ["account", "show", "a@demo.test", "more"],
                      ["account", "set", "bob@demo.test", "--enable", "--disable"]):
        says(veredus, *arguments, code=USAGE)
    assert "unknown command 'nonsense'" in says(veredus, "nonsense", code=USAGE)
    assert "unknown command 'lst'" in says(veredus, "account", "lst", code=USAGE)
    assert "unknown option '--jsn'" in says(veredus, "account", "--jsn", code=USAGE)


def test_help_and_version_end_with_0(veredus):
    assert "account" in says(veredus, "--help")
    assert re.match(r"\d+\.\d+", says(veredus, "--version"))
    assert "--quota" in says(veredus, "account", "add", "--help")


def test_passwords_come_from_standard_input_alone(veredus):
    says(veredus, "account", "add", "f@demo.test", "a password", code=USAGE)
    says(veredus, "account", "add", "f@demo.test", "--password", "a password", code=USAGE)
    assert "no password on standard input" in says(veredus, "account", "add", "f@demo.test", code=USAGE)
    says(veredus, "account", "show", "f@demo.test", code=NOT_FOUND)
    says(veredus, "account", "add", "f@demo.test", "--no-password")
    says(veredus, "account", "remove", "f@demo.test")


def test_no_password_is_ever_logged(veredus):
    veredus.run("account", "add", "g@demo.test", stdin="most-secret-words\n")
    with veredus.smtp("submissions") as session:
        session.hello()
        assert session.login("g@demo.test", "most-secret-words").code == 235
    veredus.run("account", "remove", "g@demo.test")
    assert "most-secret-words" not in veredus.log()


def test_a_server_that_does_not_run_is_said_to_be_so(veredus, tmp_path):
    done = server.run("--socket", tmp_path / "no.sock", "status")
    assert done.returncode == NOT_REACHABLE and "is the server running?" in done.stderr
    done = server.run("--config", tmp_path / "no.toml", "status")
    assert done.returncode == BAD_CONFIG and "cannot be read" in done.stderr


def test_two_servers_do_not_share_their_ports(veredus, tmp_path):
    """The system would let them: SO_REUSEPORT, which spreads connections over the reactors, asks for the same user only."""
    config = tmp_path / "veredus.toml"
    config.write_text(f"""hostname = "mx.other.test"
data_directory = "{tmp_path}/data"
[[listener]]
protocol = "smtp"
address = "127.0.0.1:{veredus.ports['smtp']}"
""")
    done = server.run("--config", config, "serve")
    assert done.returncode == FAILED and "address in use" in done.stderr


def test_the_admin_socket_is_for_its_owner_alone(veredus):
    path = veredus.data / "admin.sock"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(veredus.data).st_mode) == 0o700


def test_a_second_server_in_the_same_directory_does_not_start(veredus):
    done = server.run("--config", veredus.config, "serve")
    assert done.returncode == FAILED and done.stderr.startswith("veredus: ")
    assert veredus.json("status")["healthy"] is True


def test_init_only_begins_from_nothing(veredus):
    done = veredus.run("init", "mx.demo.test", "alice@demo.test", "--data-directory", str(veredus.data),
                       stdin="correct horse battery\n", check=False)
    assert done.returncode == FAILED and "is there already" in done.stderr


def test_init_prints_the_records_to_publish(tmp_path):
    config = tmp_path / "etc/veredus.toml"
    done = server.run("--config", config, "init", "mx.example.org", "you@example.org", "--data-directory",
                      tmp_path / "data", stdin="correct horse battery\n")
    assert done.returncode == OK, done.stderr
    for record in ("example.org.  MX    10 mx.example.org.", '"v=spf1 mx -all"', "_submissions._tcp.example.org."):
        assert record in done.stdout
    assert stat.S_IMODE((tmp_path / "etc/key.pem").stat().st_mode) == 0o600
    assert server.run("--config", config, "config", "check").returncode == OK


# HTTP

def http(path, request):
    """One request over the admin socket; the status and the body."""
    with socket.socket(socket.AF_UNIX) as opened:
        opened.settimeout(wire.PATIENCE)
        opened.connect(str(path))
        opened.sendall(request)
        octets = b""
        while more := opened.recv(1 << 16):
            octets += more
    head, _, body = octets.partition(b"\r\n\r\n")
    return int(head.split()[1]), head.decode(), body


def get(path, target, method="GET", body=b""):
    return http(path, b"%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (
        method.encode(), target.encode(), len(body), body))


def test_problems_are_told_as_json(veredus):
    path = veredus.data / "admin.sock"
    status, head, body = get(path, "/v1/accounts/nobody%40demo.test")
    assert status == 404 and "application/problem+json" in head
    assert json.loads(body)["detail"] == "no such account"
    assert get(path, "/v1/nothing")[0] == 404
    assert get(path, "/v1/status", "DELETE")[0] == 405
    assert get(path, "/v1/accounts", "POST", b"no json")[0] == 400
    status, _, body = get(path, "/v1/accounts", "POST", b'{"address": "h@demo.test", "pasword": "x"}')
    assert status == 400 and "pasword" in json.loads(body)["detail"]
    assert http(path, b"NONSENSE\r\n\r\n")[0] == 400


METRIC = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[a-zA-Z_]\w*=\"[^\"]*\"(,[a-zA-Z_]\w*=\"[^\"]*\")*\})? "
                    r"([+-]?(\d+(\.\d+)?([eE][+-]?\d+)?|Inf)|NaN)")


def test_the_metrics_can_be_read_by_prometheus(veredus):
    veredus.send(wire.message("counted"))
    status, head, body = get(veredus.data / "admin.sock", "/v1/metrics")
    assert status == 200 and "text/plain; version=0.0.4" in head
    typed, values = {}, {}
    for line in body.decode().splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            assert name not in typed, f"{name} has two types"
            typed[name] = kind
        elif line and not line.startswith("# HELP "):
            match = METRIC.fullmatch(line)
            assert match, line
            values[line.rpartition(" ")[0]] = float(match[4])
            family = re.sub(r"_(bucket|sum|count)$", "", match[1])
            assert match[1] in typed or typed[family] == "histogram", line
    assert {name for name in typed if not name.startswith("veredus_")} == set()
    assert sum(count for name, count in values.items() if name.startswith("veredus_smtp_messages_total{")) >= 1
    assert values["veredus_store_writable"] == 1


def test_the_log_has_a_line_for_each_message(veredus):
    identity = veredus.send(wire.message("logged"))
    until = time.monotonic() + wire.PATIENCE
    while identity not in veredus.log():
        assert time.monotonic() < until
        time.sleep(0.05)
    assert re.search(rf"smtp\.accepted.*{identity}", veredus.log())
