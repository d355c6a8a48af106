"""Nothing that was answered 250 is lost, whatever happens; and the server stops and reloads in good order."""
import collections
import hashlib
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time

import pytest
import server
import wire

ROUNDS = 4
SENDERS = 8
TARGETS = [["alice@demo.test"], ["bob@demo.test"], ["carol@demo.test"], ["alice@demo.test", "bob@demo.test"]]


def numbered(name):
    """A message that can tell whether it is whole: two of three are small, the third is more than one chunk."""
    size = 300_000 if name.endswith("2") else 1_000
    body = (hashlib.sha256(name.encode()).hexdigest() + "\r\n") * (size // 66)
    return wire.message(name, body)


class Sender(threading.Thread):
    """Sends until the connection breaks; `accepted` are those answered 250, `tried` the one without an answer."""

    def __init__(self, running, number, kill):
        super().__init__(daemon=True)
        self.running, self.number, self.kill = running, number, kill
        self.accepted, self.tried, self.strange = {}, {}, None

    def run(self):
        try:
            with self.running.smtp("lmtp" if self.number == 0 else "smtp") as session:
                session.hello("LHLO" if self.number == 0 else "EHLO")
                for i in range(100_000):
                    self.send_one(session, i)
        except (AssertionError, OSError) as broken:
            if not self.kill.is_set():
                self.strange = broken

    def send_one(self, session, i):
        name = f"{self.kill.round}-{self.number}-{i}"
        targets = TARGETS[(self.number + i) % len(TARGETS)]
        self.tried = {name: targets}
        replies = [session.mail("you@example.org", targets, numbered(name))]
        if self.number == 0:
            replies += [session.reply() for _ in targets[1:]]
        assert all(reply.code == 250 for reply in replies), replies
        self.accepted[name] = targets
        self.tried = {}
        self.kill.count()


class Kill(threading.Event):
    """Kills the server, in the middle of everything, as soon as so many messages are accepted."""

    def __init__(self, running, number, after):
        super().__init__()
        self.running, self.round, self.left, self.lock = running, number, after, threading.Lock()

    def count(self):
        with self.lock:
            self.left -= 1
            if self.left == 0:
                self.set()
                self.running.process.kill()


def collect(running, found):
    """Takes all there is; each must be whole."""
    for user in ("alice", "bob", "carol"):
        for stored in running.take(user):
            name = wire.subject_of(stored)
            assert stored.endswith(numbered(name)), f"{name} is torn"
            found[name, f"{user}@demo.test"] += 1


def test_kill_9_under_load_loses_nothing_and_doubles_nothing(veredus):
    accepted, possible, found = {}, {}, collections.Counter()
    for number in range(ROUNDS):
        kill = Kill(veredus, number, after=60 + 37 * number)
        senders = [Sender(veredus, i, kill) for i in range(SENDERS)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join(wire.PATIENCE)
            assert not sender.is_alive() and sender.strange is None, sender.strange
            accepted |= sender.accepted
            possible |= sender.tried
        veredus.wait()
        veredus.start()
        collect(veredus, found)
    wanted = {(name, target) for name, targets in accepted.items() for target in targets}
    allowed = wanted | {(name, target) for name, targets in possible.items() for target in targets}
    until = time.monotonic() + wire.PATIENCE
    while wanted - set(found) and time.monotonic() < until:  # what waited in the intake comes soon after the start
        collect(veredus, found)
    veredus.settled()
    collect(veredus, found)
    print(f"{ROUNDS} rounds, {len(accepted)} messages accepted, {len(possible)} without an answer")
    assert len(accepted) >= 60 * ROUNDS
    assert not wanted - set(found), f"lost: {sorted(wanted - set(found))[:20]}"
    assert not [one for one, times in found.items() if times > 1], "doubled"
    assert not set(found) - allowed, "never sent"
    for user in ("alice", "bob", "carol"):
        assert "sound" in veredus.run("mailbox", "verify", f"{user}@demo.test").stdout


def test_what_was_killed_half_way_is_a_sound_store(veredus):
    veredus.send(wire.message("kept"))
    veredus.kill()
    report = veredus.run("verify", str(veredus.data / "store"), "--json", check=False)
    assert report.returncode == 0, report.stdout + report.stderr
    veredus.start()
    assert wire.subject_of(veredus.take_one()) == "kept"


# SIGTERM

def test_sigterm_ends_idle_sessions_at_once(veredus):
    with veredus.smtp() as smtp, veredus.submission() as people, veredus.pop3("bob") as pop3:
        smtp.hello()
        began = time.monotonic()
        veredus.process.send_signal(signal.SIGTERM)
        assert smtp.reply().code == 421
        assert people.reply().code == 421
        assert pop3.expect("-ERR [SYS/TEMP]")
        assert veredus.wait() == 0
        assert time.monotonic() - began < 10


def test_sigterm_lets_a_message_that_has_begun_be_finished(veredus):
    with veredus.smtp() as session:
        session.hello()
        session.envelope("you@example.org", "alice@demo.test")
        session.ask("DATA", 354)
        session.send(b"Subject: begun before\r\n\r\n")
        veredus.process.send_signal(signal.SIGTERM)
        with pytest.raises((OSError, AssertionError)):  # nobody new is let in
            for _ in range(1000):
                with veredus.smtp() as late:
                    assert late.reply().code == 220
        session.send(b"and finished after\r\n.\r\n")
        assert session.reply().code == 250
        assert session.reply().code == 421
        assert session.closed() == b""
    assert veredus.wait() == 0
    veredus.start()
    assert veredus.take_one().endswith(b"and finished after\r\n")


def test_sigterm_does_not_wait_for_ever(new_server):
    running = new_server(people=(), top='drain_wait = "1s"')
    with running.smtp() as session:
        session.hello()
        session.envelope("you@example.org", "alice@demo.test")
        session.ask("DATA", 354)
        began = time.monotonic()
        assert running.stop() == 0
        assert time.monotonic() - began < 10


# SIGHUP

def serial_of(running):
    with socket.create_connection(running.address("pop3s"), timeout=wire.PATIENCE) as plain:
        with ssl._create_unverified_context().wrap_socket(plain, server_hostname="mx.demo.test") as tls:
            return hashlib.sha256(tls.getpeercert(binary_form=True)).hexdigest()


@pytest.mark.parametrize("how", ["SIGHUP", "veredus reload"])
def test_a_replaced_certificate_is_used_after_a_reload(veredus, tool, how):
    before = serial_of(veredus)
    with veredus.submission() as session:
        subprocess.run([tool("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-days", "2", "-subj", "/CN=mx.demo.test", "-addext",
                        "subjectAltName=DNS:mx.demo.test", "-keyout", veredus.directory / "key.pem", "-out",
                        veredus.certificate], check=True, capture_output=True, timeout=60)
        assert serial_of(veredus) == before
        if how == "SIGHUP":
            veredus.process.send_signal(signal.SIGHUP)
        else:
            veredus.run("reload")
        until = time.monotonic() + wire.PATIENCE
        while serial_of(veredus) == before:
            assert time.monotonic() < until, "the old certificate stays"
            time.sleep(0.05)
        session.ask("NOOP", 250)  # who was there stays
    with veredus.submission() as session:
        session.ask("NOOP", 250)


def test_a_broken_certificate_leaves_the_old_one_in_use(veredus):
    before, text = serial_of(veredus), veredus.certificate.read_text()
    veredus.certificate.write_text("no certificate\n")
    try:
        failed = veredus.run("reload", check=False)
        assert failed.returncode == 1 and "certificates" in failed.stderr
        assert serial_of(veredus) == before
    finally:
        veredus.certificate.write_text(text)


# A full disk

@pytest.fixture
def small_disk(request):
    size = getattr(request, "param", "256m")
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    place = pathlib.Path(tempfile.mkdtemp(prefix="veredus-e2e-disk-"))
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", place], capture_output=True).returncode:
        place.rmdir()
        pytest.skip("a tmpfs cannot be mounted here")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)
    shutil.rmtree(place, ignore_errors=True)


@pytest.mark.parametrize("reserve", ["24MiB", "0"], ids=["with a reserve", "to the last octet"])
def test_a_full_disk_answers_452_and_takes_mail_again_by_itself(new_server, small_disk, reserve):
    running = new_server(data=small_disk / "data",
                         settings=f'[storage]\nmin_free = "{reserve}"\nwrite_buffer = "4MiB"\n')
    ballast = small_disk / "ballast"
    with open(ballast, "wb") as file:
        file.write(b"\0" * (shutil.disk_usage(small_disk).free - (56 << 20)))
    accepted, refusal = [], None
    for i in range(400):
        with running.smtp() as session:
            session.hello()
            mail = session.ask("MAIL FROM:<you@example.org>")
            if mail.code != 250:
                refusal = mail
                break
            session.ask("RCPT TO:<alice@demo.test>", 250)
            reply = session.data(full_message(i))
            if reply.code != 250:
                refusal = reply
                break
            accepted.append(i)
    assert refusal is not None and refusal.code == 452, str(refusal)
    assert refusal.text.startswith("4.3.1")
    assert accepted, "not even one message fitted"
    with running.pop3("alice") as session:  # reading works
        assert session.stat()[0] == len(accepted)
    ballast.unlink()
    until = time.monotonic() + wire.PATIENCE
    while True:
        with running.smtp() as session:
            session.hello()
            if session.ask("MAIL FROM:<you@example.org>").code == 250:
                session.ask("RCPT TO:<alice@demo.test>", 250)
                if session.data(full_message(999)).code == 250:
                    break
        assert time.monotonic() < until, f"it does not take mail again:\n{running.log()[-3000:]}"
        time.sleep(0.2)
    running.kill()
    running.start()
    with running.pop3("alice") as session:
        assert session.stat()[0] == len(accepted) + 1
        for at, number in enumerate([*accepted, 999]):
            assert session.retrieve(at + 1).endswith(full_message(number))


@pytest.mark.parametrize("small_disk", ["64m"], indirect=True)
def test_a_disk_smaller_than_the_usual_reserve_is_of_use(new_server, small_disk):
    running = new_server(data=small_disk / "data")
    accepted = unsure = 0
    for i in range(200):
        with running.smtp() as session:
            session.hello()
            for line in ("MAIL FROM:<you@example.org>", "RCPT TO:<alice@demo.test>", "DATA"):
                if (reply := session.ask(line)).code not in (250, 354):
                    break
            else:
                session.send(wire.stuff(full_message(i)))
                reply = session.reply()
        if reply.code == 452:
            break
        accepted += reply.code == 250
        unsure += reply.code == 451  # the write failed on the disk itself: it may be there
    assert accepted >= 10 and reply.code == 452, f"{accepted}, {unsure}: {reply}"
    with running.pop3("alice") as session:
        assert accepted <= session.stat()[0] <= accepted + unsure


def full_message(number):
    body = (hashlib.sha256(str(number).encode()).hexdigest() + "\r\n") * 12_000  # about 800 KiB
    return wire.message(f"number {number}", body)
