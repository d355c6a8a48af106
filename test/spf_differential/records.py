"""Random SPF records with the zone around them, and somebody who sends: one `Case` after another from a seed.

Records are what people publish and what goes wrong with it: all mechanisms, chains of include and redirect, macros, prefixes, exp,
names without records, aliases, servers that do not answer, too many of everything; and every sixth is broken by a letter or a term."""
import random
import zlib

NOW = 1_700_000_000
RECEIVER = "mx.example.org"
LOTS = "lots.test"  # half of all names under it have an address: which ones only who expands macros alike will know
MECHANISMS = {"a": 16, "mx": 14, "ptr": 5, "ip4": 16, "ip6": 9, "exists": 10, "include": 14, "all": 4}
LOCAL_PARTS = ["alice"] * 36 + ["Bob-x+y", "a.b-c", "strange_=chars", "x/y,z", "long-" * 11, "", '"q@r"', "list-owner.2026"]
BREAKING = list("%{}/:=+-~?.,_ \t0123456789abcdimprsxADIMPRX@;\"") + ["//", "%{", "%{d}", "%%", "%-", "%_", "-all", "\u00fc"]


class Case:
    def __init__(self, number, ip, helo, sender):
        self.id, self.ip, self.helo, self.sender = number, ip, helo, sender
        self.zone = {}

    @property
    def line(self):
        """For `veredus check spf --batch`."""
        return {"id": self.id, "ip": self.ip, "helo": self.helo, "from": self.sender, "server": RECEIVER}

    def __str__(self):
        zone = "".join(f"\n    {name} {records}" for name, records in self.zone.items())
        return f"{self.line}{zone}"


class Zone(dict):
    """Names of all cases, and those half of which are there."""

    def get(self, name, default=None):
        if name in self:
            return self[name]
        if name.endswith("." + LOTS):
            return {"A": ["127.0.0.2"]} if zlib.crc32(name.encode("latin-1", "replace")) % 2 else None
        return default


def zone_of(cases):
    return Zone({name.lower(): records for case in cases for name, records in case.zone.items()})


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.number = 0

    def __iter__(self):
        while True:
            yield self.make()

    def chance(self, part):
        return self.random.random() < part

    def pick(self, weighted):
        return self.random.choices(list(weighted), list(weighted.values()))[0]

    # Who sends.

    def make(self):
        self.number += 1
        number = self.number
        self.domain = f"c{number}.test"
        self.names = 0
        self.terms = 0
        self.v6 = self.chance(0.35)
        self.net4, self.net6 = f"10.{number >> 8 & 255}.{number & 255}", f"2001:db8:{number:x}:"
        self.host = self.random.randint(1, 14)
        ip = f"{self.net6}:{self.host:x}" if self.v6 else f"{self.net4}.{self.host}"
        if not self.v6 and self.chance(0.03):
            ip = "::ffff:" + ip
        helo = self.pick({f"mail.{self.domain}": 8, self.domain: 2, "localhost": 1, f"MX-1.{self.domain.upper()}": 1})
        local = self.random.choice(LOCAL_PARTS)
        sender = self.pick({f"{local}@{self.domain}": 30, f"{local}@{self.domain.upper()}": 2, "": 3, self.domain: 1})
        self.case = Case(number, ip, helo, sender)
        self.case.zone[self.domain] = self.policy(self.domain, 0)
        if not sender and helo.lower() != self.domain:
            self.case.zone[helo] = self.policy(helo.lower(), 0)
        self.reverse_zone()
        return self.case

    def reverse_zone(self):
        if self.v6:
            nibbles = "".join(f"{int(part or '0', 16):04x}" for part in f"2001:db8:{self.number:x}:0:0:0:0:{self.host:x}".split(":"))
            name = ".".join(reversed(nibbles)) + ".ip6.arpa"
        else:
            name = ".".join(reversed(f"{self.net4}.{self.host}".split("."))) + ".in-addr.arpa"
        kind = self.pick({"one": 12, "none": 4, "several": 4, "many": 2, "silent": 2})
        if kind == "silent":
            self.case.zone[name] = {"_fails": True}
        elif kind != "none":
            count = {"one": 1, "several": self.random.randint(2, 4), "many": self.random.randint(10, 13)}[kind]
            self.case.zone[name] = {"PTR": [self.pointer() for _ in range(count)]}

    def pointer(self):
        self.names += 1
        below = self.pick({self.domain: 5, f"i1.{self.domain}": 2, "elsewhere.test": 2, self.domain.upper(): 1})
        name = f"p{self.names}.{below}" if below == "elsewhere.test" or self.chance(0.7) else below
        if name.lower() not in self.case.zone:
            leads_back = self.chance(0.6)
            self.case.zone[name.lower()] = self.pick_hosts(exact=leads_back) if not self.chance(0.05) else {"_fails": True}
        return name

    # Names.

    def new_name(self, prefix):
        self.names += 1
        return f"{prefix}{self.names}.{self.domain}"

    def pick_hosts(self, exact=False):
        """Addresses, of which one may be the client's."""
        count = 1 if self.chance(0.8) else self.random.randint(2, 4)
        hosts = [self.random.randint(1, 14) for _ in range(count)]
        if exact:
            hosts[-1] = self.host
        out = {}
        if not self.v6 or self.chance(0.5):
            out["A"] = [f"{self.net4}.{host}" for host in hosts]
        if self.v6 or self.chance(0.5):
            out["AAAA"] = [f"{self.net6}:{host:x}" for host in hosts]
        return out

    def host_name(self):
        name = self.new_name("h")
        kind = self.pick({"hosts": 16, "missing": 3, "empty": 1, "alias": 2, "alias to nothing": 1, "silent": 1})
        zone = self.case.zone
        if kind == "hosts":
            zone[name] = self.pick_hosts(exact=self.chance(0.15))
        elif kind == "empty":
            zone[name] = {"TXT": [["a host of no address"]]}
        elif kind.startswith("alias"):
            target = self.new_name("t")
            zone[name] = {"CNAME": [target]}
            if kind == "alias":
                zone[target] = self.pick_hosts(exact=self.chance(0.3))
        elif kind == "silent":
            zone[name] = {"_fails": True}
        return name

    def mail_domain(self, name=None):
        name = name or self.new_name("m")
        kind = self.pick({"few": 14, "none": 2, "null": 1, "many": 1, "silent": 1})
        records = self.case.zone.setdefault(name, {})
        if kind == "silent":
            records["_fails"] = True
        elif kind == "null":
            records["MX"] = [[0, "."]]
        elif kind != "none":
            count = self.random.randint(1, 4) if kind == "few" else self.random.randint(9, 12)
            records["MX"] = [[self.random.choice((5, 10, 20)), self.host_name()] for _ in range(count)]
        return name

    # Macros.

    def macro(self, letters):
        letter = self.random.choice(letters)
        if self.chance(0.05):
            letter = letter.upper()
        digits = self.random.choice(["", "", "", "1", "2", "3", "9", "10"]) if not self.chance(0.01) else "0"
        turned = self.pick({"": 4, "r": 3, "R": 0.2})
        delimiters = self.pick({"": 12, "-": 2, ".": 1, "+": 1, "-+": 1, "=_,/": 1, "@": 0.1})
        return "%{" + letter + digits + turned + delimiters + "}"

    def macros(self):
        """A domain-spec under LOTS."""
        parts = [self.macro("slodiphv" if self.chance(0.4) else "slodihv") for _ in range(self.random.randint(1, 3))]
        parts += self.random.choices(["", "x", "_spf", "%%", "%-", "%_", "a/b"], [30, 5, 5, 1, 1, 0.5, 1])
        if self.chance(0.02):
            parts = parts * 8  # longer than a name may be
        self.random.shuffle(parts)
        end = self.pick({LOTS: 20, LOTS + ".": 1, LOTS.upper(): 1, LOTS + "%-": 0.5, "%{h}%%": 0.5, "%{d}": 1, "x%{d1}": 0.5})
        return ".".join(part for part in parts if part) + "." + end

    # Records.

    def policy(self, name, depth):
        records = {"TXT": [[self.record(name, depth)]]}
        kind = self.pick({"one": 40, "with others": 4, "in pieces": 3, "two": 0.6, "none": 0.6, "silent": 0.4, "alias": 1})
        text = records["TXT"][0][0]
        if kind == "with others":
            records["TXT"].insert(self.random.randint(0, 1), [self.random.choice(["v=spf10 -all", "V=SPF1x", "hello", "v=DMARC1; p=none", ""])])
        elif kind == "in pieces":
            at = self.random.randint(0, len(text))
            records["TXT"] = [[text[:at], text[at:]]]
        elif kind == "two":
            records["TXT"].append(["v=spf1 " + self.random.choice(["-all", "a", ""])])
        elif kind == "none":
            records["TXT"] = [["no policy"]]
        elif kind == "silent":
            records = {"_fails": True}
        elif kind == "alias" and depth:
            target = self.new_name("q")
            self.case.zone[target] = records
            return {"CNAME": [target]}
        already = self.case.zone.get(name, {})  # hosts of the domain itself
        return records if "CNAME" in already else already | records

    def record(self, name, depth):
        count = self.random.randint(0, 5) if not self.chance(0.03) else self.random.randint(9, 12)
        terms = [self.term(name, depth) for _ in range(count if depth < 4 else min(count, 2))]
        if self.chance(0.75):
            terms.append(self.pick({"-": 5, "~": 3, "?": 2, "+": 1, "": 1}) + self.pick({"all": 20, "ALL": 1}))
        if depth < 5 and self.chance(0.12):
            terms.insert(self.random.randint(0, len(terms)), self.pick({"redirect=": 20, "Redirect=": 1}) + self.inner("r", depth))
        if self.chance(0.2):
            terms.insert(self.random.randint(0, len(terms)), self.pick({"exp=": 20, "EXP=": 1}) + self.explanation())
        if self.chance(0.06):
            terms.insert(self.random.randint(0, len(terms)), self.unknown())
        text = "v=spf1" + "".join((" " if not self.chance(0.02) else "   ") + term for term in terms)
        text = text if not self.chance(0.02) else text + " "
        text = text if not self.chance(0.03) else "V=sPf1" + text[6:]
        return self.broken(text, terms) if self.chance(0.16 if not depth else 0.05) else text

    def term(self, name, depth):
        mechanism = self.pick(MECHANISMS)
        if depth >= 5 and mechanism == "include":
            mechanism = "a"
        qualifier = self.pick({"": 14, "+": 1, "-": 2, "~": 2, "?": 2})
        shown = mechanism if not self.chance(0.03) else mechanism.upper()
        return qualifier + shown + getattr(self, "of_" + mechanism)(name, depth)

    def of_all(self, _, __):
        return ""

    def prefixes(self):
        four = self.pick({"": 8, "/24": 2, f"/{self.random.randint(0, 32)}": 3, "/33": 0.15, "/08": 0.1})
        six = self.pick({"": 8, "//64": 1, f"//{self.random.randint(0, 128)}": 3, "//129": 0.15, "//064": 0.1})
        return four + six

    def of_a(self, name, _):
        kind = self.pick({"own": 3, "host": 12, "macro": 2})
        if kind == "own":
            if name not in self.case.zone:
                self.case.zone[name] = self.pick_hosts(exact=self.chance(0.2))
            return self.prefixes()
        return ":" + (self.host_name() if kind == "host" else self.macros()) + self.pick({"": 30, ".": 1}) + self.prefixes()

    def of_mx(self, name, _):
        if self.chance(0.3):
            if "MX" not in self.case.zone.get(name, {}):
                self.mail_domain(name)
            return self.prefixes()
        return ":" + self.mail_domain() + self.prefixes()

    def of_ptr(self, _, __):
        return self.pick({"": 3, f":{self.domain}": 3, ":elsewhere.test": 1, ":%{d2}": 1, ":%{p}": 0.3, f":{self.domain.upper()}": 0.4})

    def of_ip4(self, _, __):
        network = f":{self.net4}.{self.random.randint(0, 14)}"
        if self.chance(0.02):
            return self.random.choice([":10.0.0", ":010.1.2.3", ":10.1.2.256", "", ":", ":10.1.2.3.4", ":::1", ":mail.test"])
        return network + self.pick({"": 6, f"/{self.random.randint(20, 32)}": 4, f"/{self.random.randint(0, 32)}": 1, "/33": 0.1, "/": 0.1})

    def of_ip6(self, _, __):
        network = f":{self.net6}:{self.random.randint(0, 14):x}"
        if self.chance(0.02):
            return self.random.choice([":::1", ":1::2::3", ":::ffff:10.1.2.3", ":::10.1.2.3", ":12345::", ":1:2:3:4:5:6:7:8", ":fe80::1%eth0", ":1:2:3:4:5:6:7::"])
        return network + self.pick({"": 6, f"/{self.random.randint(110, 128)}": 4, f"/{self.random.randint(0, 128)}": 1, "/129": 0.1, "//64": 0.1})

    def of_exists(self, _, __):
        return ":" + (self.macros() if self.chance(0.8) else self.host_name())

    def of_include(self, name, depth):
        kind = self.pick({"inner": 30, "missing": 1, "itself": 0.5, "bad": 0.5})
        if kind == "inner":
            return ":" + self.inner("i", depth)
        return ":" + {"missing": f"none.{self.domain}", "itself": name, "bad": f"{'x' * 64}.{self.domain}"}[kind]

    def inner(self, prefix, depth):
        self.names += 1
        label = f"{prefix}{self.names}"
        name = f"{label}.{self.domain}"
        if name not in self.case.zone:
            self.case.zone[name] = self.policy(name, depth + 1)
        return name if not self.chance(0.1) else f"{label}.%{{d2}}" if depth == 0 else name.upper()

    def explanation(self):
        name = self.new_name("e")
        kind = self.pick({"text": 12, "missing": 1, "two": 1, "macro": 1})
        words = [self.random.choice(["no", "%{i}", "%{c}", "is not one of", "%{d}", "%{s}", "by %{r}", "at %{t}", "%{p}", "%{L-}", "100%%", "%_%-",
                                     "%{h}", "see http://x.test/?s=%{S}&ip=%{I}", "%{lr-}", "%{bad", "%", "\u00e9"]) for _ in range(4)]
        if kind == "macro":
            return self.macros()
        if kind != "missing":
            self.case.zone[name] = {"TXT": [[" ".join(words)]] * (2 if kind == "two" else 1)}
        return name

    def unknown(self):
        return self.random.choice(["ra=abuse", "x-y.z_1=%{d}", "moo=", "t=%{i}%{c}", "moo=1 moo=2", "default=deny", "op=auth", "a=%{d}",
                                   "t=%{x}", "t=%{d", "t=100%", "t=%{d}/24:x"])

    def broken(self, text, terms):
        kind = self.pick({"letter": 5, "gone": 4, "put": 4, "twice": 2, "swapped": 1, "cut": 1})
        at = self.random.randint(5, len(text))
        if kind == "gone":
            return text[:at] + text[at + 1:]
        if kind in ("put", "letter"):
            return text[:at] + self.random.choice(BREAKING) + text[at + (kind == "letter"):]
        if kind == "twice" and terms:
            return text + " " + self.random.choice(terms)
        if kind == "swapped":
            return text[:at] + text[at + 1:at + 2] + text[at:at + 1] + text[at + 2:]
        return text[:at]
