"""`veredus demo`: what somebody sees first."""
import json
import pathlib
import poplib
import re
import signal
import smtplib
import ssl
import subprocess

import pytest
import server
import wire


@pytest.fixture
def demo():
    started = []

    def start(*arguments):
        started.append(subprocess.Popen([server.BINARY, "demo", *arguments], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=60)


def facts_of(process):
    return json.loads(process.stdout.readline())


def test_once_sends_a_message_reads_it_back_and_succeeds(demo):
    out, err = (process := demo("--once")).communicate(timeout=120)
    assert process.returncode == 0, err
    assert "C: STARTTLS" in out and "C: AUTH PLAIN ****" in out
    assert re.search(r"S: 250 2\.0\.0 Accepted as \S+", out)
    assert "C: RETR 1" in out and "S: Subject: " in out
    directory = re.search(r"removes (\S+?)\.\n", out)[1]
    assert not pathlib.Path(directory).exists()


def test_the_first_line_of_json_tells_how_to_use_it(demo):
    process = demo("--json")
    facts = facts_of(process)
    assert {account["address"] for account in facts["accounts"]} == {"alice@demo.test", "bob@demo.test"}
    passwords = {account["address"]: account["password"] for account in facts["accounts"]}
    tls = ssl.create_default_context(cafile=facts["certificate"])
    tls.check_hostname = False
    with smtplib.SMTP(facts["host"], facts["ports"]["smtp"], timeout=wire.PATIENCE) as smtp:
        smtp.sendmail("you@example.org", ["alice@demo.test"], wire.message("from outside"))
    with smtplib.SMTP(facts["host"], facts["ports"]["submission"], timeout=wire.PATIENCE) as smtp:
        smtp.starttls(context=tls)
        smtp.login("bob@demo.test", passwords["bob@demo.test"])
        smtp.sendmail("bob@demo.test", ["alice@demo.test"], wire.message("by STARTTLS", sender="bob@demo.test"))
    with smtplib.SMTP_SSL(facts["host"], facts["ports"]["submissions"], timeout=wire.PATIENCE, context=tls) as smtp:
        smtp.login("bob@demo.test", passwords["bob@demo.test"])
        smtp.sendmail("bob@demo.test", ["alice@demo.test"], wire.message("by TLS", sender="bob@demo.test"))
    pop3 = poplib.POP3_SSL(facts["host"], facts["ports"]["pop3s"], timeout=wire.PATIENCE, context=tls)
    pop3.user("alice@demo.test")
    pop3.pass_(passwords["alice@demo.test"])
    subjects = {wire.subject_of(b"\r\n".join(pop3.retr(i + 1)[1])) for i in range(pop3.stat()[0])}
    pop3.quit()
    assert subjects == {"from outside", "by STARTTLS", "by TLS"}
    with wire.Connection((facts["host"], facts["ports"]["pop3"])) as plain:
        assert plain.line().startswith(b"+OK")
    status = subprocess.run([server.BINARY, "--socket", facts["admin_socket"], "status", "--json"],
                            capture_output=True, text=True, timeout=60)
    assert json.loads(status.stdout)["accounts"] == 2
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert not pathlib.Path(facts["directory"]).exists()


def test_ctrl_c_ends_it_and_removes_its_directory(demo):
    process = demo("--json")
    directory = pathlib.Path(facts_of(process)["directory"])
    assert directory.is_dir()
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0
    assert not directory.exists()


def test_a_second_demo_takes_the_next_ports(demo):
    first, second = facts_of(demo("--json")), facts_of(demo("--json"))
    assert not set(first["ports"].values()) & set(second["ports"].values())
    assert first["directory"] != second["directory"]
