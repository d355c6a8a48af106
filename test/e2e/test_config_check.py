"""`veredus config check`: what is wrong, where, and what was perhaps meant."""
import json
import socket

import pytest
import server

GOOD = """hostname = "mx.example.org"
data_directory = "data"
[[listener]]
protocol = "smtp"
address = "127.0.0.1:2525"
"""
WRONG = {
    "a key nobody knows": (GOOD.replace("hostname", "hostnam", 1),
                           [(1, "unknown key 'hostnam', did you mean 'hostname'?"), (0, "'hostname' is missing")]),
    "a key of a table": (GOOD + "[smtp]\nmax_recipient = 100\n",
                         [(7, "unknown key 'smtp.max_recipient', did you mean 'smtp.max_recipients'?")]),
    "a table": (GOOD + "[smpt]\n", [(6, "unknown key 'smpt', did you mean 'smtp'?")]),
    "far from anything": (GOOD + "[elephants]\n", [(6, "unknown key 'elephants'")]),
    "a number too small": (GOOD + "[smtp]\nmax_recipients = 5\n", [(7, "whole number from 100")]),
    "a number for a word": (GOOD + "[log]\nlevel = 3\n", [(7, 'wants one of "debug", "info"')]),
    "a size": (GOOD + '[smtp]\nmax_message_size = "25 MB"\n', [(7, "wants a size")]),
    "a duration": (GOOD + '[smtp]\ncommand_timeout = "5 minutes"\n', [(7, "wants a length of time")]),
    "an address": (GOOD.replace("127.0.0.1:2525", "nowhere"), [(5, "wants an address with a port")]),
    "a protocol": (GOOD.replace('"smtp"', '"smpt"'), [(4, 'wants one of "smtp"')]),
    "a mode": (GOOD + '[admin]\nmode = "rw"\n', [(7, "wants permissions as four octal digits")]),
    "no listener": (GOOD.split("[[")[0], [(0, "no [[listener]]")]),
    "no certificate": (GOOD.replace('"smtp"', '"submissions"'), [(0, "needs a [[tls.certificate]]")]),
    "half a certificate": (GOOD + '[[tls.certificate]]\nchain = "a"\n', [(6, "needs 'chain' and 'key'")]),
    "two at one address": (GOOD + '[[listener]]\nprotocol = "pop3"\naddress = "127.0.0.1:2525"\n',
                           [(8, "is the address of another [[listener]]")]),
    "a certificate that is not there": (GOOD + '[[tls.certificate]]\nchain = "gone.pem"\nkey = "key.pem"\n',
                                        [(7, "gone.pem: cannot be read: No such file")]),
    "a user who is not there": ('run_as = "nobody-at-all"\n' + GOOD, [(1, "there is no user 'nobody-at-all'")]),
    "no TOML": (GOOD + "[smtp\n", [(6, "")]),
    "the same key twice": ('hostname = "a.b"\nhostname = "c.d"\n', [(2, "")]),
    "several at once": (GOOD + "[smtp]\nmax_error = 1\nmax_recipients = true\n",
                        [(7, "did you mean 'smtp.max_errors'?"), (8, "whole number")]),
}


def check(tmp_path, text, *more):
    path = tmp_path / "veredus.toml"
    path.write_text(text)
    return path, server.run("--config", path, "config", "check", *more)


def test_a_good_one_is_fine(tmp_path):
    path, done = check(tmp_path, GOOD)
    assert (done.returncode, done.stdout) == (0, f"{path}: fine\n")
    _, done = check(tmp_path, GOOD, "--json")
    assert json.loads(done.stdout) == {"ok": True, "errors": []}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_with_its_line(tmp_path, name):
    text, wanted = WRONG[name]
    path, done = check(tmp_path, text)
    assert done.returncode == 5, done.stdout
    lines = done.stderr.splitlines()
    for number, words in wanted:
        place = f"{path}:{number}: " if number else f"{path}: "
        assert any(line.startswith(place) and words in line for line in lines), f"{place}{words}\nnot in\n{done.stderr}"
    _, done = check(tmp_path, text, "--json")
    report = json.loads(done.stdout)
    assert report["ok"] is False
    for number, words in wanted:
        assert any(error["line"] == number and words in error["text"] for error in report["errors"]), report


def test_serve_says_the_same_and_does_not_start(tmp_path):
    path, _ = check(tmp_path, GOOD + "[smtp]\nmax_recipient = 100\n")
    done = server.run("--config", path, "serve")
    assert done.returncode == 5 and "did you mean 'smtp.max_recipients'?" in done.stderr
    assert not (tmp_path / "data").exists()


def test_a_certificate_that_is_not_there_is_said_at_the_start(tmp_path):
    path, done = check(tmp_path, GOOD + '[[tls.certificate]]\nchain = "no.pem"\nkey = "no.key"\n')
    done = server.run("--config", path, "serve")
    assert done.returncode == 1 and "no.pem" in done.stderr


def test_a_port_that_is_taken_is_said_at_the_start(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        path, _ = check(tmp_path, GOOD.replace("2525", str(port)))
        done = server.run("--config", path, "serve")
    assert done.returncode == 1
    assert f"127.0.0.1:{port}" in done.stderr and "smtp" in done.stderr
