"""Veredus and Dovecot 2.3 are given the same commands; test/imap_differential says what may differ and why.

VEREDUS_DIFFERENTIAL: how many commands (10000 is the long run)."""
import os
import pathlib
import sys

import pytest
import server as servers

ROOT = pathlib.Path(__file__).resolve().parents[2]
for folder in ("test/imap_differential", "bench/peers"):
    sys.path.append(str(ROOT / folder))

import differential  # noqa: E402
import letters  # noqa: E402
import servers_of_differential as pairs  # noqa: E402

COMMANDS = int(os.environ.get("VEREDUS_DIFFERENTIAL", "1500"))


@pytest.fixture
def pair():
    if os.geteuid() != 0:
        pytest.skip("Dovecot runs in a mount namespace of its own: this needs root")
    if not pairs.dovecot_is_there():
        pytest.skip("tools/fetch_peers.sh has not been run for Dovecot")
    with pairs.pair() as both:
        yield both


def test_the_same_commands_are_answered_the_same(pair):
    run = differential.Run(*pair, seed=int(os.environ.get("VEREDUS_DIFFERENTIAL_SEED", "1")))
    run.go(COMMANDS)


def test_headers_of_eight_bits_are_told_the_same(pair):  # RFC 9051 s4.3: such strings are literals
    word = "Grüße".encode()
    # Of the first seven alone, which are UTF-8: what is none we read as it is guessed, Dovecot finds nothing in it.
    searches = [b"SEARCH CHARSET UTF-8 1:7 %s {%d+}\r\n%s" % (key, len(word), word)
                for key in (b"SUBJECT", b"FROM", b"TO", b"HEADER Message-ID", b"HEADER Content-Description", b"TEXT", b"BODY")]
    differential.suite_messages(*pair, letters.of_eight_bits(), searches=searches)


def test_the_messages_of_the_suites_are_told_the_same(pair):
    found = letters.of_suites(servers.SUITES)
    if not found:
        pytest.skip(f"no suites in {servers.SUITES} (VEREDUS_SUITES names another place)")
    differential.suite_messages(*pair, found)
