#!/usr/bin/env python3
"""usage: ./dev bench X [--quick] [options]

  smtp-in   Veredus and Debian's Postfix 3.7 side by side: mail into local mailboxes, and what an idle session costs
  crash     kill -9 and power loss while 32 senders send: every message answered 250 must be there, once, whole
  smtp-out  a full queue on its way out, Veredus and Postfix side by side; fairness between senders
  crash-out kill -9 while the queue is sent: nothing is lost, what came twice was said to be uncertain
  imap      mailboxes of 50,000 and 5,000 messages, Veredus and Debian's Dovecot 2.3 (sdbox, mdbox, Maildir) side by side
  checks    the way in with and without the checks of who really sent a message, DNS answers at hand
  mailauth  DKIM signatures made and verified a second, beside libopendkim, npm's mailauth and dkimpy; how late reactors are while mail is signed
  stalls    how late reactors are while mail is signed, and under the same load without signatures
  idle      only the memory of idle sessions
  micro     the Google Benchmarks of the modules (docs/performance.md)

--quick takes a minute at most. `./dev bench X --help` shows the options of X."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))


def main(arguments):
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(__doc__)
        return 0 if arguments else 2
    name, rest = arguments[0], arguments[1:]
    if name == "smtp-in":
        import smtp_in
        return smtp_in.main(rest)
    if name == "crash":
        import crash
        return crash.main(rest)
    if name == "smtp-out":
        import smtp_out
        return smtp_out.main(rest)
    if name == "crash-out":
        import crash_out
        return crash_out.main(rest)
    if name == "imap":
        import imap
        return imap.main(rest)
    if name == "mailauth":
        import mailauth
        return mailauth.main(rest)
    if name == "checks":
        import checks
        return checks.main(rest)
    if name == "stalls":
        import stalls
        return stalls.main(rest)
    if name == "idle":
        import idle
        return idle.main(rest)
    if name == "micro":
        import micro
        return micro.main(rest)
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
