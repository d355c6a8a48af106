"""What two servers' answers must agree in. Everything else (texts, the numbers that are each server's own) goes here, and only here."""
import re

# Response codes whose arguments mean the same everywhere, as far as compared; others are dropped.
CODES = {"READ-ONLY": True, "READ-WRITE": True, "TRYCREATE": True, "APPENDUID": "uid", "COPYUID": "uid", "MODIFIED": True, "BADCHARSET": False}
SYSTEM_FLAGS = {"\\seen", "\\answered", "\\flagged", "\\deleted", "\\draft"}


def names(octets):
    """A value of the wire as something to compare and print: strings as text."""
    if isinstance(octets, bytes):
        return octets.decode("latin-1")
    if isinstance(octets, list):
        return [names(one) for one in octets]
    return octets


def flags(values):
    """\\Recent is each session's own luck (RFC 3501 s2.3.2)."""
    return sorted(v.lower() if v.startswith("\\") else v for v in map(str, values) if v.lower() != "\\recent")


def code(response):
    """The response code, when it is one that must be the same."""
    if not response.code:
        return None
    name = str(response.code[0]).upper()
    wanted = CODES.get(name)
    if wanted is None:
        return None
    if wanted == "uid":  # UIDVALIDITY first
        return [name, *names(response.code[2:])]
    return [name, *names(response.code[1:])] if wanted else [name]


def structure(value):
    """BODYSTRUCTURE and BODY: names of types, parameters and encodings in any case mean the same (RFC 2045 s5.1, s6.1)."""
    if isinstance(value, list) and value and isinstance(value[0], list):
        parts = [structure(v) for v in value if isinstance(v, list) and is_part(v)]
        rest = value[len(parts):]
        return [*parts, *[lower(v) for v in rest[:1]], *[parameters(v) for v in rest[1:2]], *[disposition(v) for v in rest[2:3]], *[language(v) for v in rest[3:4]], *names(rest[4:])]
    if not isinstance(value, list) or len(value) < 7:
        return names(value)
    head = [lower(value[0]), lower(value[1]), parameters(value[2]), names(value[3]), names(value[4]), lower(value[5]), value[6]]
    rest = value[7:]
    if head[:2] in (["message", "rfc822"], ["message", "global"]) and len(rest) >= 3:
        head += [names(rest[0]), structure(rest[1]), rest[2]]
        rest = rest[3:]
    elif head[0] == "text" and rest:
        head.append(rest[0])
        rest = rest[1:]
    return [*head, *names(rest[:1]), *[disposition(v) for v in rest[1:2]], *[language(v) for v in rest[2:3]], *names(rest[3:])]


def is_part(value):
    return bool(value) and (isinstance(value[0], list) or (len(value) >= 7 and isinstance(value[0], bytes)))


def lower(value):
    return names(value).lower() if isinstance(value, bytes) else names(value)


def parameters(value):
    if not isinstance(value, list):
        return names(value)
    pairs = [(lower(value[i]), lower(value[i + 1]) if lower(value[i]) == "charset" else names(value[i + 1])) for i in range(0, len(value) - 1, 2)]
    return sorted((list(pair) for pair in pairs), key=str)  # their order means nothing (RFC 2045 s5.1)


def disposition(value):
    return [lower(value[0]), parameters(value[1])] if isinstance(value, list) and len(value) == 2 else names(value)


def language(value):
    """One language stands alone or in a list (RFC 9051 s9 body-fld-lang)."""
    return [names(value)] if isinstance(value, bytes) else names(value)


def fetch_value(name, value):
    if name == "FLAGS":
        return flags(value)
    if name in ("MODSEQ", "SAVEDATE"):
        return "#"
    if name == "INTERNALDATE":  # date-day-fixed: " 1-" and "01-" are the same (RFC 9051 s9)
        return re.sub(r"^[ 0]", "", names(value))
    if name in ("BODYSTRUCTURE", "BODY"):
        return structure(value)
    return names(value)


def fetches(answer):
    """{number: {item: value}}: FETCH responses of one message count as one."""
    found = {}
    for response in answer.named("FETCH"):
        items = {item_name(k): fetch_value(item_name(k), v) for k, v in response.items().items()}
        found.setdefault(response.number, {}).update(items)
    return {number: found[number] for number in sorted(found)}


def item_name(name):
    """`BODY[HEADER.FIELDS ("From")]`: field names in any case, quoted or not."""
    return name.upper().replace('"', "")


def expunged(answer, before):
    """Which of `before` messages went, by their numbers when the command began; and how many there are now."""
    view = list(range(1, before + 1))
    gone = []
    for response in answer.untagged:
        if response.name == "EXPUNGE":
            assert 1 <= response.number <= len(view), f"EXPUNGE {response.number} of {len(view)}"
            gone.append(view.pop(response.number - 1))
        elif response.name == "EXISTS":
            assert response.number >= len(view), f"EXISTS shrank to {response.number} from {len(view)}"
            view += [f"new {i}" for i in range(response.number - len(view))]
    return sorted(gone, key=str), len(view)


def mailbox_list(answer, name):
    found = []
    for response in answer.named(name):
        attributes = sorted(v.lower() for v in map(str, response.values[0]))
        kept = [a for a in attributes if a in ("\\noselect", "\\nonexistent", "\\subscribed", "\\haschildren", "\\hasnochildren")]
        found.append((names(response.values[2]), kept, names(response.values[1]), names(response.values[3:])))
    return sorted(found, key=str)


def statuses(answer):
    found = []
    for response in answer.named("STATUS"):
        values = response.values[1]
        pairs = {values[i]: "#" if values[i] in ("UIDVALIDITY", "HIGHESTMODSEQ", "RECENT") else values[i + 1] for i in range(0, len(values), 2)}
        found.append((names(response.values[0]), sorted(pairs.items())))
    return sorted(found, key=str)


def searches(answer, keep_order):
    found = []
    for response in answer.untagged:
        if response.name in ("SEARCH", "SORT"):
            numbers = [v for v in response.values if not isinstance(v, list)]
            found.append((response.name, numbers if keep_order else sorted(numbers, key=int)))
        elif response.name == "ESEARCH":
            found.append(("ESEARCH", esearch(names(response.values))))
        elif response.name == "THREAD":
            found.append(("THREAD", names(response.values)))
    return found


def esearch(values):
    rest = [v for v in values if not isinstance(v, list)]
    uid = "UID" in rest
    rest = [v for v in rest if v != "UID"]
    pairs = {rest[i]: rest[i + 1] for i in range(0, len(rest) - 1, 2)}
    pairs.pop("MODSEQ", None)
    return uid, sorted(pairs.items())


def whole(answer, command, before):
    """All that must be equal of an answer to `command`, given in a view of `before` messages."""
    word = re.sub(r"^UID ", "", command if isinstance(command, str) else command[:20].decode("latin-1")).split(" ")[0]
    selecting = word in ("SELECT", "EXAMINE")
    gone, count = expunged(answer, 0 if selecting else before)
    fetched = fetches(answer)
    return {
        "tagged": answer.tagged.name,
        "code": code(answer.tagged) or [c for c in map(code, answer.untagged) if c],
        "gone": gone,
        "count": count,
        "fetched": fetched,
        "lists": mailbox_list(answer, "LIST") + mailbox_list(answer, "LSUB"),
        "statuses": statuses(answer),
        "found": searches(answer, word == "SORT"),
        "unseen": answer.code("UNSEEN") if selecting else None,
        "uidnext": answer.code("UIDNEXT") if selecting else None,
    }
