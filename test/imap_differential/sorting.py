"""What SORT must answer, worked out of the envelopes by RFC 5256: who is right when two servers differ."""
import email.header
import email.utils
import re
import unicodedata


def folded(octets):
    """i;unicode-casemap (RFC 5051), as far as the letters of this test go."""
    if octets is None:
        return ""
    text = octets.decode("utf-8", "replace")
    text = "".join(piece.decode(charset or "ascii", "replace") if isinstance(piece, bytes) else piece
                   for piece, charset in email.header.decode_header(text))
    return unicodedata.normalize("NFD", text.upper())


def base_subject(octets):
    """RFC 5256 s2.1, as far as the letters of this test go."""
    return re.sub(r"^(RE: *)+", "", folded(octets)).strip()


def first_address(addresses, display):
    for name, _, mailbox, host in addresses or ():
        if not display:
            return folded(mailbox)
        return folded(name) if name else folded((mailbox or b"") + b"@" + (host or b""))
    return ""


def key_of(word, items):
    envelope = items["ENVELOPE"]
    arrived = email.utils.parsedate_to_datetime(re.sub(r"(\d)-(\w+)-(\d)", r"\1 \2 \3", items["INTERNALDATE"].decode().strip()))
    if word == "DATE":
        return email.utils.parsedate_to_datetime(envelope[0].decode()) if envelope[0] else arrived
    return {"ARRIVAL": lambda: arrived, "SIZE": lambda: int(items["RFC822.SIZE"]), "SUBJECT": lambda: base_subject(envelope[1]),
            "FROM": lambda: first_address(envelope[2], False), "TO": lambda: first_address(envelope[5], False),
            "CC": lambda: first_address(envelope[6], False), "DISPLAYFROM": lambda: first_address(envelope[2], True),
            "DISPLAYTO": lambda: first_address(envelope[5], True)}[word]()


def sorted_as(criteria, messages):
    """`messages`: {number: items}. The numbers in the order the criteria ("REVERSE DATE SUBJECT") ask for."""
    order = sorted(messages)
    words = re.findall(r"(REVERSE )?(\w+)", criteria)
    for reverse, word in reversed(words):
        order.sort(key=lambda n: key_of(word, messages[n]), reverse=bool(reverse))  # stable: equals stay in their order
    return order


def is_right(session, command, answered):
    """Whether `answered` (numbers or UIDs, as the command says) is what the envelopes say, as the session tells them."""
    uid = command.startswith("UID ")
    criteria = re.search(r"SORT \(([^)]*)\)", command)[1]
    told = session.fetch(",".join(answered), "(UID INTERNALDATE RFC822.SIZE ENVELOPE)", uid=uid)
    by_number = {number: items for number, items in told}
    name = {number: items["UID"] if uid else str(number) for number, items in told}
    return [name[n] for n in sorted_as(criteria, by_number)] == list(answered)


def threads_by_date(session, command, threads):
    """Whether the messages of each ORDEREDSUBJECT thread, and the threads, are in the order of their sent dates."""
    uid = command.startswith("UID ")
    told = {items["UID"] if uid else str(number): (key_of("DATE", items), number)
            for number, items in session.fetch("1:*", "(UID INTERNALDATE RFC822.SIZE ENVELOPE)")}

    def members(tree):
        return [m for one in tree for m in (members(one) if isinstance(one, list) else [one])]
    flat = [members(tree) for tree in threads]
    return all(told[a] <= told[b] for tree in flat for a, b in zip(tree, tree[1:])) and all(
        told[a[0]] <= told[b[0]] for a, b in zip(flat, flat[1:]))
