"""Searches with an index, without one, and with one that was damaged: always the same answer."""
import pathlib
import time

from imap_people import fill, letter

KEYS = ("BODY Hello", "BODY \"needle in\"", "TEXT needle", "SUBJECT \"letter 7\"", "NOT BODY needle", "BODY nee", "BODY ne", "OR BODY needle SUBJECT 9",
        "HEADER Message-ID 12@example", "TEXT \"subject: letter 3\"")


def answers(session):
    return {keys: session.search(keys) for keys in KEYS}


def index_of(veredus, person, there=True):
    """The folder of the person's index, once it is as it should be."""
    number = veredus.json("account", "show", person.address)["id"]
    folder = pathlib.Path(veredus.data, "search", str(number))
    limit = time.monotonic() + 30
    while (folder / "iamglass").exists() is not there:
        assert time.monotonic() < limit, f"{folder} did not come to be" if there else f"{folder} did not go"
        time.sleep(0.1)
    return folder


def test_searches_are_exact_with_an_index_and_without(veredus, person):
    session = person.connect("INBOX")
    fill(session, 40)
    session.append("INBOX", letter(41, body="There is a Needle in it.\r\n"))
    session.ask("NOOP")
    before = answers(session)
    assert before['BODY "needle in"'] == [41]
    assert len(before["BODY Hello"]) == 40
    veredus.run("mailbox", "reindex", person.address)
    folder = index_of(veredus, person)
    assert answers(session) == before
    session.append("INBOX", letter(42, body="Another needle in what is not indexed yet.\r\n"))
    session.ask("NOOP")
    assert answers(session)['BODY "needle in"'] == [41, 42]
    for file in folder.iterdir():
        file.write_bytes(b"rubbish")
    veredus.restart()
    session = person.connect("INBOX")
    after = answers(session)
    assert after['BODY "needle in"'] == [41, 42]
    assert len(after["BODY Hello"]) == 40


def test_an_index_goes_with_its_account(veredus, person):
    session = person.connect("INBOX")
    fill(session, 3)
    veredus.run("mailbox", "reindex", person.address)
    folder = index_of(veredus, person)
    veredus.run("account", "remove", person.address)
    limit = time.monotonic() + 30
    while folder.exists():
        assert time.monotonic() < limit, "the index of a removed account stays"
        time.sleep(0.1)


def test_reindex_names_an_account_that_exists(veredus):
    refused = veredus.run("mailbox", "reindex", "nobody@demo.test", check=False)
    assert refused.returncode != 0
