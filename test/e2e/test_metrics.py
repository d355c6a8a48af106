"""The page for Prometheus: its own listener, which shows figures and nothing else."""
import http.client
import re
import socket

import pytest

import wire


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def port():
    return free_port()


@pytest.fixture
def measured(new_server, port):
    return new_server(settings=f'[admin]\nmetrics_address = "127.0.0.1:{port}"\n', people=("bob",))


def ask(port, method, path, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=wire.PATIENCE)
    try:
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.getheader("Content-Type") or "", answer.read().decode()
    finally:
        connection.close()


def value(text, name, **labels):
    """The sum over all lines of this name that have these labels."""
    total = 0.0
    for line in text.splitlines():
        match = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
        if match and match[1] == name and all(f'{k}="{v}"' in (match[2] or "") for k, v in labels.items()):
            total += float(match[3])
    return total


def test_it_counts_what_happens_and_answers_nothing_else(measured, port):
    status, kind, before = ask(port, "GET", "/metrics")
    assert status == 200
    assert kind.startswith("text/plain")
    assert value(before, "veredus_smtp_messages_total", result="accepted") == 0
    measured.send(wire.message("counted"))
    with measured.pop3("alice") as session:
        session.retrieve(1)
    with measured.smtp() as session:
        session.hello()
        session.ask("MAIL FROM:<you@example.org>", 250)
        session.ask("RCPT TO:<nobody@demo.test>", 550)
    after = ask(port, "GET", "/metrics")[2]
    assert value(after, "veredus_smtp_messages_total", result="accepted") == 1
    assert value(after, "veredus_smtp_recipients_total", result="refused") == 1
    assert value(after, "veredus_pop3_logins_total", result="done") == 1
    assert value(after, "veredus_pop3_messages_sent_total") == 1

    # Every line is a comment or a figure, and every figure has its help.
    named = set(re.findall(r"^# HELP (\w+) \S", after, re.M))
    for line in after.splitlines():
        match = re.fullmatch(r"(\w+?)(_bucket|_sum|_count)?(\{.*\})? [-+0-9.eInfNa]+", line)
        assert line.startswith("# ") or match, line
        assert line.startswith("# ") or {match[1], match[1] + (match[2] or "")} & named, line

    # The admin API has no door here, whatever is asked.
    for method, path in (("GET", "/"), ("GET", "/v1/status"), ("GET", "/v1/accounts"), ("POST", "/v1/reload"),
                         ("DELETE", "/v1/accounts/alice@demo.test"), ("GET", "/../metrics"), ("GET", "/metrics/..")):
        assert ask(port, method, path)[0] in (400, 404, 405), f"{method} {path}"
    assert ask(port, "POST", "/metrics")[0] in (404, 405)


def test_nonsense_does_not_harm_it(measured, port):
    for nonsense in (b"", b"\r\n\r\n", b"GET\r\n\r\n", b"GET /metrics HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
                     b"GET /metrics HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"GET /" + b"x" * 100_000):
        with socket.create_connection(("127.0.0.1", port), timeout=wire.PATIENCE) as raw:
            try:
                raw.sendall(nonsense)
                raw.shutdown(socket.SHUT_WR)
                while raw.recv(65536):
                    pass
            except OSError:
                pass  # it has hung up
    assert ask(port, "GET", "/metrics")[0] == 200
