"""Mailboxes that people share, and what they are told of each other's changes."""
import imaplib

import wire
from imap_people import PASSWORD, letter


def names(session, command):
    return {v.values[-1].decode() for v in session.ask(command).untagged if v.name in ("LIST", "LSUB")}


def test_sharing_by_the_command_line(veredus, people):
    owner, reader = people
    owner.connect().append("INBOX", letter(1))
    shared = f"Shared/{owner.address}/INBOX"
    veredus.run("mailbox", "share", owner.address, "INBOX", reader.address, "--rights", "lrs")
    assert "lrs" in veredus.run("mailbox", "rights", owner.address).stdout
    session = reader.connect()
    assert shared in names(session, 'LIST "" "*"')
    session.ask(f'SELECT "{shared}"')
    assert b"letter 1" in session.fetch("1", "BODY[HEADER]")[0][1]["BODY[HEADER]"]
    session.ask("STORE 1 +FLAGS (\\Seen)")
    session.ask("UNSELECT")
    refused = session.append(shared, letter(2), want="NO")
    assert refused.tagged.code_is("NOPERM")
    veredus.run("mailbox", "unshare", owner.address, "INBOX", reader.address)
    assert shared not in names(session, 'LIST "" "*"')
    assert session.ask(f'SELECT "{shared}"', "NO").tagged.code_is("NONEXISTENT")


def test_readers_with_more_rights_write_into_it(veredus, people):
    owner, reader = people
    at_home = owner.connect()
    at_home.ask('CREATE "Plans"')
    at_home.ask(f'SETACL "Plans" {reader.address} lrswipte')
    session = reader.connect()
    shared = f"Shared/{owner.address}/Plans"
    session.append(shared, letter(1), "\\Flagged")
    session.append("INBOX", letter(2))
    session.ask("SELECT INBOX")
    session.ask(f'COPY 1 "{shared}"')
    at_home.ask('SELECT "Plans"')
    assert at_home.exists == 2
    session.ask(f'SELECT "{shared}"')
    session.ask("STORE 1 +FLAGS (\\Deleted)")
    session.ask("EXPUNGE")
    at_home.ask("NOOP")
    assert at_home.exists == 1
    assert veredus.run("mailbox", "verify", owner.address).returncode == 0


def test_a_removed_account_leaves_neither_sessions_nor_rights(veredus, people):
    owner, reader = people
    owner.connect().ask(f"SETACL INBOX {reader.address} lri")
    shared = f"Shared/{owner.address}/INBOX"
    waiting, working = reader.connect(shared), reader.connect(shared)
    waiting.idle()
    veredus.run("account", "remove", reader.address)
    working.begin("NOOP")
    for session in (waiting, working):
        assert session.response().name == "BYE"
    assert reader.address not in veredus.run("mailbox", "rights", owner.address).stdout


def test_imaplib_reads_rights_quota_and_annotations(veredus, people):
    owner, reader = people
    imap = imaplib.IMAP4_SSL("127.0.0.1", veredus.ports["imaps"], ssl_context=veredus.tls_for_ip,
                             timeout=wire.PATIENCE)
    imap.login(owner.address, PASSWORD)
    assert imap.setacl("INBOX", reader.address, "lr")[0] == "OK"
    assert reader.address.encode() in imap.getacl("INBOX")[1][0]
    assert imap.myrights("INBOX")[1][0].endswith(b"lrswipkxteacd")
    assert imap.deleteacl("INBOX", reader.address)[0] == "OK"
    assert imap.getquotaroot("INBOX")[0] == "OK"
    assert imap.namespace()[0] == "OK"
    assert imap.logout()[0] == "BYE"


def told(session, command=None):
    """What is said without being asked, up to the answer of a NOOP."""
    return [r for r in session.ask(command or "NOOP").untagged]


def test_notify_tells_of_other_mailboxes_while_idle(veredus, people):
    owner, _ = people
    watching, acting = owner.connect("INBOX"), owner.connect()
    watching.ask("NOTIFY SET (selected (MessageNew (UID) MessageExpunge)) "
                 "(personal (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange))")
    tag = watching.idle()
    acting.append("Archive", letter(1))
    first = watching.response()
    assert first.name == "STATUS" and first.values[0] == b"Archive", first.raw
    assert first.values[1][first.values[1].index("MESSAGES") + 1] == "1"
    acting.ask('CREATE "New"')
    assert watching.response().values[-1] == b"New"
    acting.ask('RENAME "New" "Newer"')
    assert b"Newer" in watching.response().raw
    acting.ask('SUBSCRIBE "Newer"')
    assert b"\\Subscribed" in watching.response().raw
    acting.ask('DELETE "Newer"')
    assert b"\\NonExistent" in watching.response().raw
    acting.append("INBOX", letter(2))
    assert watching.response().name == "EXISTS"
    watching.done(tag)


def test_notify_tells_between_commands(veredus, people):
    owner, _ = people
    watching, acting = owner.connect(), owner.connect()
    watching.ask("NOTIFY SET (inboxes (MessageNew MessageExpunge))")
    acting.append("INBOX", letter(1))
    said = watching.response()  # nobody asked
    assert said.name == "STATUS" and said.values[0] == b"INBOX", said.raw
    watching.ask("NOTIFY NONE")
    acting.append("INBOX", letter(2))
    assert not [r for r in told(watching) if r.name == "STATUS"]


def test_notify_tells_of_annotations(veredus, people):  # RFC 5465 s5.6, s5.7; RFC 5464 s4.4.2
    owner, reader = people
    watching, acting = owner.connect(), owner.connect()
    acting.ask("CREATE Plans")
    watching.ask("NOTIFY SET (personal (MailboxMetadataChange ServerMetadataChange))")
    tag = watching.idle()
    acting.ask('SETMETADATA Plans (/private/comment "mine" /shared/comment "ours")')
    assert watching.response().raw == b'* METADATA "Plans" /private/comment /shared/comment'
    acting.ask("SETMETADATA Plans (/private/comment NIL)")
    assert watching.response().raw == b'* METADATA "Plans" /private/comment'
    acting.ask('SETMETADATA "" (/private/vendor/test "1")')
    assert watching.response().raw == b'* METADATA "" /private/vendor/test'
    acting.ask('SETMETADATA Plans (/private/specialuse "\\\\Important")')
    assert watching.response().raw == b'* METADATA "Plans" /private/specialuse'
    watching.done(tag)
    # What it did itself, and what nobody asked for, is not told.
    assert not [r for r in told(watching, 'SETMETADATA Plans (/private/comment "again")') if r.name == "METADATA"]
    assert not [r for r in told(watching) if r.name == "METADATA"]
    assert not [r for r in told(acting) if r.name == "METADATA"]

    veredus.run("mailbox", "share", owner.address, "Plans", reader.address, "--rights", "lrw")
    guest = reader.connect()
    name = f"Shared/{owner.address}/Plans"
    guest.ask(f'NOTIFY SET (subtree "Shared" (MailboxMetadataChange)) (personal (MessageNew MessageExpunge))')
    acting.ask('SETMETADATA Plans (/private/comment "not for the guest" /shared/comment "for all")')
    assert guest.response().raw == f'* METADATA "{name}" /shared/comment'.encode()
    guest.ask(f'SETMETADATA "{name}" (/private/comment "of the guest" /shared/comment "by the guest")')
    assert watching.response().raw == b'* METADATA "Plans" /private/comment /shared/comment'  # the owner's
    assert watching.response().raw == b'* METADATA "Plans" /shared/comment'
    again = reader.connect()
    again.ask('NOTIFY SET (subtree "Shared" (MailboxMetadataChange))')
    assert not [r for r in told(again) if r.name == "METADATA"]


def test_notify_tells_levels_and_only_what_was_renamed(veredus, people):  # RFC 5465 s5.3, s5.4
    owner, _ = people
    acting = owner.connect()
    acting.ask("CREATE Work")
    watching = owner.connect("INBOX")
    watching.ask("NOTIFY SET (selected (MessageNew MessageExpunge)) (personal (MailboxName))")
    acting.ask("CREATE Work/2026")
    assert b'"Work/2026"' in watching.response().raw
    assert watching.response().raw == b'* LIST (\\HasChildren) "/" "Work"'
    acting.ask("RENAME Work Done")
    assert watching.response().raw == b'* LIST (\\HasChildren) "/" "Done" ("OLDNAME" ("Work"))'
    assert not [r for r in told(watching) if r.name == "LIST"]
    acting.ask("DELETE Done")
    assert watching.response().raw == b'* LIST (\\NonExistent \\HasChildren) "/" "Done"'
    acting.ask("RENAME Done Past")  # a level, no mailbox any more
    assert watching.response().raw == b'* LIST (\\HasNoChildren) "/" "Past/2026" ("OLDNAME" ("Done/2026"))'
    assert not [r for r in told(watching) if r.name == "LIST"]
    acting.append("INBOX", letter(1))
    assert watching.response().name == "EXISTS"
    acting.ask("SELECT INBOX")
    acting.ask("STORE 1 +FLAGS (\\Flagged)")  # FlagChange was not asked for
    assert not [r for r in told(watching) if r.name == "FETCH"]


def test_what_is_shared_no_longer_is_closed(veredus, people):
    owner, reader = people
    owner.connect().append("INBOX", letter(1))
    veredus.run("mailbox", "share", owner.address, "INBOX", reader.address, "--rights", "lr")
    session = reader.connect(f"Shared/{owner.address}/INBOX")
    assert session.exists == 1
    veredus.run("mailbox", "unshare", owner.address, "INBOX", reader.address)
    session.begin("NOOP")
    assert [session.response().name for _ in range(2)] == ["OK", "BYE"]  # what was done is answered first
