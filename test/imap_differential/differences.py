"""What may differ from Dovecot 2.3, and why. `accepts` answers the name of the first rule that explains a difference, or None.

A rule sees the command, and both answers as normal.py leaves them (ours, theirs)."""
import re

RULES = []

# Malformed messages of the suites, which the two read differently, and by what ours is right or at least as right.
_TYPE = "RFC 2045 s5.2: a Content-Type that is none counts as text/plain (or as what can be told of it); Dovecot tells an empty type"
_BOUNDARY = "RFC 2046 s5.1.1: where a boundary is missing, empty, repeated or too long; what is no part is the body of one, not lost"
_SIZE = "RFC 2046 s5.1.1: the CRLF before a delimiter belongs to it and is no octet of the message within"
MESSAGES = {
    "mime-stalwart/eml/malformed/001.eml": _BOUNDARY,
    "mime-stalwart/eml/malformed/002.eml": _BOUNDARY,
    "mime-stalwart/eml/malformed/013.eml": _BOUNDARY,
    "mime-stalwart/eml/malformed/014.eml": _BOUNDARY,
    "mime-stalwart/eml/malformed/016.eml": _BOUNDARY,
    "mime-stalwart/eml/malformed/017.eml": "RFC 2045 s5.1: the boundary is read though a semicolon is missing before it",
    "mime-stalwart/eml/malformed/021.eml": "RFC 5322 s3.6: of a field that may be there once the first, or the last, is taken",
    "mime-stalwart/eml/rfc/001.eml": "RFC 2045 s5.1: a value with \"@\" must be quoted and is not; we keep it, Dovecot drops it",
    "mime-stalwart/eml/rfc/008.eml": "RFC 2046 s5.2.1: message/rfc822 must not be base64; it is a leaf to us, Dovecot shows an empty message",
    "mime-stalwart/eml/thirdparty/007.eml": _SIZE,
    "mime-stalwart/eml/thirdparty/015.eml": _SIZE,
    "mime-enmime/testdata/low-quality/bad-header-start.raw": "RFC 5322 s2.2.3: a blank before the first field continues nothing; the field counts",
    "mime-enmime/testdata/mail/erroneous.raw": "RFC 9051 s6.4.5: a blank line ends what HEADER.FIELDS gives; what is no field is left out",
    "mime-enmime/testdata/mail/malformed-multiple-address-header-values.raw": "RFC 5322 s3.6: From twice: we take the last, as everywhere, Dovecot the first",
    "mime-enmime/testdata/mail/mime-bad-content-type.raw": _TYPE,
    "mime-enmime/testdata/mail/mime-blank-media-name.raw": _TYPE,
    "mime-enmime/testdata/mail/mime-unquoted-tspecials-param.raw": "RFC 2045 s5.1: a value with parentheses must be quoted and is not; we keep all of it",
    "mime-enmime/testdata/mail/multipart-wo-boundary.raw": _BOUNDARY,
    "mime-enmime/testdata/mail/qp-utf8-header-no-break.raw": "RFC 5322 s2.1: a line that is no field ends the header",
    "mime-enmime/testdata/parts/barren-content-type.raw": _TYPE,
    "mime-enmime/testdata/parts/ctype-invalid-characters.raw": _TYPE,
    "mime-enmime/testdata/parts/empty-ctype-bad-content.raw": _TYPE,
    "mime-enmime/testdata/parts/missing-closing-param-quote.raw": "RFC 2045 s5.1: a quoted value without its end: we take what there is",
    "mime-enmime/testdata/parts/unquoted-ctype-param-special.raw": "RFC 2045 s5.1: a value with \"/\" must be quoted and is not; we keep all of it",
    "mime-nodemailer/nodemailer.eml": "RFC 2231 s3: filename*0* without a second piece is told as it was sent; Dovecot renames it",
}


def rule(reason):
    def add(function):
        RULES.append((function.__name__, reason, function))
        return function
    return add


def accepts(command, ours, theirs, where=None):
    """`where`: the suite message that is asked about."""
    if where in MESSAGES and differing(ours, theirs) == {"fetched"}:
        return f"{where}: {MESSAGES[where]}"
    text = command if isinstance(command, str) else command.decode("latin-1")
    for name, reason, holds in RULES:
        if holds(text, ours, theirs):
            return name
    return None


def differing(ours, theirs):
    return {key for key in ours if ours[key] != theirs[key]}


def fetched_but(ours, theirs, change):
    """Whether the FETCH replies are the same once `change(items, number)` was done to ours."""
    changed = {number: change(dict(items), number) for number, items in ours["fetched"].items()}
    return {n: i for n, i in changed.items() if i} == theirs["fetched"]


@rule("RFC 9051 s7.5.2: a FETCH reply may say more than was asked; with MODSEQ we always say the UID, so that it serves after an expunge too")
def uid_with_modseq(command, ours, theirs):
    return differing(ours, theirs) == {"fetched"} and fetched_but(
        ours, theirs, lambda items, number: {k: v for k, v in items.items() if k != "UID" or "UID" in theirs["fetched"].get(number, {})})


@rule("RFC 9051 s6.4.6: STORE without .SILENT tells the flags of every message it names; Dovecot leaves out those that had them already "
      "once CONDSTORE is enabled")
def store_tells_all(command, ours, theirs):
    return ("STORE" in command and ".SILENT" not in command and differing(ours, theirs) == {"fetched"} and
            fetched_but(ours, theirs, lambda items, number: {k: v for k, v in items.items() if k != "UID" or "UID" in theirs["fetched"][number]}
                        if number in theirs["fetched"] else None))


@rule("RFC 9051 s6.3.3: nothing changes in a mailbox that EXAMINE opened; we say NO, Dovecot says OK and does nothing")
def expunge_in_examined(command, ours, theirs):
    return (re.match(r"(UID )?EXPUNGE", command) is not None and differing(ours, theirs) == {"tagged"} and
            (ours["tagged"], theirs["tagged"]) == ("NO", "OK") and not theirs["gone"])


@rule("RFC 9051 s9: a section is an nstring; of a part that is not there we say NIL, Dovecot an empty string")
def part_that_is_not_there(command, ours, theirs):
    if differing(ours, theirs) != {"fetched"}:
        return False

    def filled(items, number):
        return {k: "" if v is None and k.startswith(("BODY[", "BINARY[")) else v for k, v in items.items()}
    return fetched_but(ours, theirs, filled)


@rule("RFC 9051 s6.3.3: nothing changes in a mailbox that EXAMINE opened; we say NO to STORE, Dovecot says OK and ignores it")
def store_in_examined(command, ours, theirs):
    return (re.match(r"(UID )?STORE", command) is not None and differing(ours, theirs) == {"tagged"} and
            (ours["tagged"], theirs["tagged"]) == ("NO", "OK") and not theirs["fetched"])


@rule("RFC 5256 has no REFS; we order threads by what arrived last in them, Dovecot by the date its sender wrote")
def order_of_refs(command, ours, theirs):
    return ("THREAD REFS" in command and differing(ours, theirs) == {"found"} and
            sorted(map(str, ours["found"][0][1])) == sorted(map(str, theirs["found"][0][1])))


@rule("RFC 3516 s4.2: BINARY.SIZE is the size of what BINARY sends; Dovecot 2.3 tells another one than it sends when some other part is "
      "encoded. That ours is the size of what we send is tested by itself")
def size_of_binary(command, ours, theirs):
    if "BINARY.SIZE[" not in command or differing(ours, theirs) != {"fetched"}:
        return False
    left_out = {"fetched": {n: {k: v for k, v in i.items() if not k.startswith("BINARY.SIZE")} for n, i in theirs["fetched"].items()}}
    return fetched_but(ours, left_out, lambda items, number: {k: "" if v is None and k.startswith(("BODY[", "BINARY[")) else v for k, v in items.items()
                                                              if not k.startswith("BINARY.SIZE")}) or not any(left_out["fetched"].values())


@rule("RFC 3516 s4.2: BINARY decodes the encoding of the section itself; the parts within a whole message we leave as they are, Dovecot "
      "decodes them and changes their fields")
def binary_of_everything(command, ours, theirs):
    if "BINARY.PEEK[]" not in command or differing(ours, theirs) != {"fetched"}:
        return False
    kept = {"fetched": {n: {k: v for k, v in i.items() if k != "BINARY[]" and not k.startswith("BINARY.SIZE")} for n, i in theirs["fetched"].items()}}
    kept["fetched"] = {n: i for n, i in kept["fetched"].items() if i}
    return fetched_but(ours, kept, lambda items, number: {k: "" if v is None and k.startswith(("BODY[", "BINARY[")) else v for k, v in items.items()
                                                          if k != "BINARY[]" and not k.startswith("BINARY.SIZE")})



@rule("RFC 9051 s6.4.7: the target is looked at first, and there is none; Dovecot finds first that there is nothing to copy")
def nothing_to_nowhere(command, ours, theirs):
    return (re.match(r"UID (COPY|MOVE)", command) is not None and (ours["tagged"], theirs["tagged"]) == ("NO", "OK") and
            ours["code"] == ["TRYCREATE"] and differing(ours, theirs) <= {"tagged", "code"} and not theirs["code"])


@rule("RFC 9051 s6.4.5: part numbers go on within multiparts and messages alone; Dovecot takes 2.1 for a leaf that is 2")
def number_within_a_leaf(command, ours, theirs):
    if not re.search(r"BODY\.PEEK\[[12]\.[12]\]$", command) or differing(ours, theirs) != {"fetched"}:
        return False
    return all(value is None for items in ours["fetched"].values() for value in items.values())


def trailing(ours, theirs, name, mine, other):
    """Whether the values of items whose names match are the same once `mine` is cut from ours and `other` from theirs."""
    if differing(ours, theirs) != {"fetched"} or ours["fetched"].keys() != theirs["fetched"].keys():
        return False
    for number, items in ours["fetched"].items():
        for key, value in items.items():
            their = theirs["fetched"][number].get(key)
            if value == their:
                continue
            if not re.match(name, key) or value is None or their is None or value.removesuffix(mine) != their.removesuffix(other):
                return False
    return True


@rule("RFC 2046 s5.1.1: the CRLF before a delimiter belongs to it; Dovecot counts it to a multipart within")
def crlf_before_a_delimiter(command, ours, theirs):
    return trailing(ours, theirs, r"BODY\[[0-9.]+\]$", "", "\r\n")


@rule("RFC 9051 s6.4.5: the blank line after the fields is part of MIME and HEADER.FIELDS, also where no body follows")
def blank_line_of_a_header(command, ours, theirs):
    return trailing(ours, theirs, r"BODY\[([0-9.]+\.MIME|HEADER\.FIELDS)", "\r\n", "")


@rule("RFC 9051 s6.4.4: OR is either; Dovecot 2.3 makes one key of OR SMALLER x SMALLER y (and its like), the wrong one of them below a NOT")
def either_of_two_sizes(command, ours, theirs):
    return differing(ours, theirs) == {"found"} and re.search(
        r"\bOR \(?(SMALLER|LARGER|BEFORE|SINCE|SENTBEFORE|SENTSINCE) \S+ \(?\1\b", command) is not None
