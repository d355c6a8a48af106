"""SIGHUP and `veredus reload`: what is taken over, for whom, and what happens when the file has a fault."""
import signal
import time

import wire

SETTINGS = """
[smtp]
max_recipients = 100
[sessions]
per_address = 50
[log]
level = "info"
"""
SERVER = {"settings": SETTINGS}


def rewrite(veredus, old, new):
    text = veredus.config.read_text()
    assert old in text
    veredus.config.write_text(text.replace(old, new))


def logged(veredus, text, times=1):
    until = time.monotonic() + wire.PATIENCE
    while veredus.log()[veredus.log_begin:].count(text) < times:
        assert time.monotonic() < until, f"no {text!r} in the log"
        time.sleep(0.05)


def test_new_limits_are_for_sessions_that_begin_after_the_signal(veredus):
    with veredus.smtp() as before:
        assert "LIMITS RCPTMAX=100 " in str(before.hello())
        rewrite(veredus, "max_recipients = 100", "max_recipients = 200\nmax_errors = 2")
        veredus.process.send_signal(signal.SIGHUP)
        logged(veredus, "server.reloaded")
        assert "LIMITS RCPTMAX=100 " in str(before.ask("EHLO client.example.org", 250))
        with veredus.smtp() as after:
            assert "LIMITS RCPTMAX=200 " in str(after.hello())
            after.ask("NONSENSE", 500)
            after.ask("NONSENSE", 421)
        before.ask("NONSENSE", 500)
        before.ask("NONSENSE", 500)
    rewrite(veredus, "max_recipients = 200\nmax_errors = 2", "max_recipients = 100")
    veredus.run("reload")


def test_the_limit_of_sessions_changes(veredus):
    rewrite(veredus, "per_address = 50", "per_address = 1")
    veredus.run("reload")
    with veredus.smtp() as first:
        first.hello()
        with veredus.smtp() as second:
            assert second.reply().code == 421
        rewrite(veredus, "per_address = 1", "per_address = 50")
        veredus.run("reload")
        with veredus.smtp() as third:
            third.hello()


def test_the_log_grows_and_shrinks_with_its_level(veredus):
    rewrite(veredus, 'level = "info"', 'level = "debug"')
    veredus.run("reload")
    with veredus.smtp() as session:
        session.hello()
    logged(veredus, "smtp.connected")
    rewrite(veredus, 'level = "debug"', 'level = "info"')
    veredus.run("reload")


def test_a_fault_in_the_file_changes_nothing_and_is_told(veredus):
    good = veredus.config.read_text()
    veredus.config.write_text(good.replace("max_recipients = 100", "max_recipients = 300\nmax_recipiens = 1"))
    done = veredus.run("reload", check=False)
    assert done.returncode != 0
    assert "max_recipiens" in done.stderr  # the command itself reads the file first, to find the socket
    veredus.process.send_signal(signal.SIGHUP)
    logged(veredus, "server.reload_failed")
    with veredus.smtp() as session:
        assert "LIMITS RCPTMAX=100 " in str(session.hello())
    veredus.config.write_text(good)


def test_mail_flows_through_many_reloads(veredus):
    with veredus.smtp() as session:
        session.hello()
        for i in range(20):
            veredus.process.send_signal(signal.SIGHUP)
            assert session.mail("you@example.org", "alice@demo.test", wire.message(f"number {i}")).code == 250
    assert sorted(wire.subject_of(m) for m in veredus.take()) == sorted(f"number {i}" for i in range(20))
