"""pyspf (Debian's python3-spf) over a zone in memory; and pyspf with single rules of RFC 7208 put right.

A difference from us is accepted when pyspf says the same as we do as soon as some of AMENDMENTS are made to it: the fewest that do
are the reason that is counted. So a reason is never a guess about the record: it has been tried."""
import re

import spf

from records import NOW, RECEIVER

AMENDMENTS = {
    "case": "RFC 7208 s4.6.1: names of modifiers are the same in any case; pyspf knows them in lower case only",
    "unknown": "RFC 7208 s6: unknown modifiers are passed over, also when they stand twice or hold %{c}, %{r} or %{t}",
    "grammar": "RFC 7208 s7.1: a macro is one letter, digits, r, delimiters out of .-+,/_= and a brace, and what is none is ASCII; pyspf lets others pass, but no %% at the end",
    "number": "RFC 7208 s7.3: the number in a macro is not zero",
    "joined": "RFC 7208 s7.3: parts are joined with dots whatever they were split at; and R is r",
    "shortened": "RFC 7208 s7.3: as many labels go as it takes to come down to 253 octets; pyspf takes one",
    "single label": "RFC 7208 s4.3: a sender's domain of one label has no policy; pyspf asks DNS for it",
    "local part": "RFC 7208 s4.3: a sender without a local part is postmaster@, also in %{s}",
    "lower case": "RFC 1035 s2.3.3: a domain is the same in any case; we tell the sender's in lower case",
    "last at": "RFC 5321 s4.1.2: the domain stands behind the last @ of a sender",
    "p anew": "RFC 7208 s7.3: %{p} prefers names of the domain whose record it stands in; pyspf keeps the first it found",
    "p case": "RFC 1035 s2.3.3: a validated name is the domain's in any case; we tell it in lower case",
    "pointer errors": "RFC 7208 s5.5: where DNS fails for PTR, or for the addresses of its names, ptr does not match, and %{p} is unknown (s7.3)",
    "pointer voids": "RFC 7208 s11.1: who connects decides what stands in his reverse zone; its void look-ups are not the domain's",
    "alias voids": "RFC 7208 s4.6.4: an alias that leads to nothing is one void look-up, not one for each name",
    "exchanges": "RFC 7208 s5.4: hosts of mx are asked one after another until one matches, in any order",
    "itself": "RFC 7208 s5.2: include of the own name is no error of syntax: it counts when it is reached",
    "order": "RFC 7208 s4.6.2, s6.1, s6.2: a term asks DNS, and counts, when its turn comes; redirect and exp when they are followed",
}
MACROS = re.compile(r"(?:[ -$&-~]|%[%_-]|%\{[slodiphcrtv][0-9]*r?[-.+,/_=]*\})*", re.IGNORECASE)
ZERO = re.compile(r"%\{[a-z]0+[^1-9]", re.IGNORECASE)
MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)", re.IGNORECASE)
ASKING = ("a", "mx", "ptr", "exists", "include")


def ask_zone(zone):
    """What pyspf calls for DNS; it follows aliases itself."""
    def look_up(name, kind, strict=True, timeout=20):
        records = zone.get(name.lower())
        if records is None:
            return []
        found = records.get(kind, [])
        if not found and records.get("_fails"):
            raise spf.TempError("DNS does not answer")
        if not found and "CNAME" in records:
            kind, found = "CNAME", records["CNAME"]
        if kind == "TXT":
            found = [[part.encode("latin-1") for part in record] for record in found]
        return [((name, kind), tuple(value) if kind == "MX" else value) for value in found]
    return look_up


class Amended(spf.query):
    def __init__(self, case, amendments=frozenset()):
        self.amendments = frozenset(amendments)
        self.checking = False
        super().__init__(i=case.ip, s=case.sender, h=case.helo, receiver=RECEIVER)
        self.t = str(NOW)
        if "last at" in self.amendments and "@" in case.sender:
            local, self.o = case.sender.rsplit("@", 1)
            self.l, self.d = local or "postmaster", self.o
        if "local part" in self.amendments and (case.sender.startswith("@") or case.sender and "@" not in case.sender):
            self.s = f"{self.l}@{self.o}"

        if "lower case" in self.amendments:
            self.o = self.d = self.o.lower()
            self.s = "@".join(self.s.rsplit("@", 1)[:-1] + [self.s.rsplit("@", 1)[-1].lower()])

    def has(self, name):
        return name in self.amendments

    # Names and macros.

    def expand(self, s, stripdot=True):
        if self.has("grammar") and not MACROS.fullmatch(s):
            raise spf.PermError("invalid macro", s)
        if self.has("number") and ZERO.search(s):
            raise spf.PermError("invalid macro", s)
        if self.checking:  # syntax alone
            for macro in spf.RE_CHAR.finditer(s):
                letter = macro.group()[2:3].lower()
                if macro.group().startswith("%{") and (letter not in set("slodiphcrtv") or stripdot and letter in "crt"):
                    raise spf.PermError("invalid macro", s)
            if spf.RE_INVALID_MACRO.search(s):
                raise spf.PermError("invalid macro", s)
            return s
        if self.has("p anew"):
            self.p = None
        if self.has("shortened") and stripdot:
            name = super().expand(s, False)
            name = name[:-1] if name.endswith(".") else name
            while len(name) > 253 and "." in name:
                name = name.split(".", 1)[1]
            return name if len(name) <= 253 else ""
        return super().expand(s, stripdot)

    def getp(self):
        if not self.p and self.has("p case"):
            names = self.validated_ptrs()
            same = [name for name in names if name.lower() == self.d.lower()]
            below = [name for name in names if name.lower().endswith("." + self.d.lower())]
            self.p = (same + below + names + ["unknown"])[0].lower()
        return super().getp()

    # DNS.

    def dns(self, name, qtype, cnames=None, ignore_void=False):
        before = self.void_lookups
        out = super().dns(name, qtype, cnames=cnames, ignore_void=ignore_void or self.has("alias voids") and bool(cnames))
        if self.has("pointer voids") and qtype == "PTR":
            self.void_lookups = before
        return out

    def validated_ptrs(self):
        before = self.void_lookups
        try:
            if not self.has("pointer errors") and not self.has("pointer voids"):
                return super().validated_ptrs()
            return self.validated()
        finally:
            if self.has("pointer voids"):
                self.void_lookups = before

    def validated(self):
        out = []
        for name in [None] + self.attempt(lambda: self.dns_ptr(self.i)[:spf.MAX_PTR]):
            if self.has("pointer voids"):
                self.void_lookups = -1000
            if name and self.cidrmatch(self.attempt(lambda name=name: self.dns_a(name, self.A)), self.cidrmax):
                out.append(name)
        return out

    def attempt(self, asking):
        if self.has("pointer voids"):
            self.void_lookups = -1000
        try:
            return asking()
        except spf.TempError:
            if self.has("pointer errors"):
                return []
            raise

    def dns_mx(self, domainname):
        if not self.has("exchanges"):
            return super().dns_mx(domainname)
        names = self.dns(domainname, "MX")
        if len(names) > spf.MAX_MX:
            raise spf.PermError("too many MX records")
        return (address for _, name in names for address in self.dns_a(name, self.A))

    def cidrmatch(self, ipaddrs, n):
        if isinstance(ipaddrs, list):
            return super().cidrmatch(ipaddrs, n)
        return any(spf.query.cidrmatch(self, [address], n) for address in ipaddrs)

    # Records.

    def check0(self, spf_text, recursion):
        if spf_text:
            terms = [term for term in spf_text.split(" ") if term]
            spf_text = " ".join([terms[0]] + [kept for kept in map(self.amended, terms[1:]) if kept])
        return self.in_order(spf_text, recursion) if spf_text and self.has("order") else super().check0(spf_text, recursion)

    def amended(self, term):
        """The term as pyspf may see it; nothing: it is passed over."""
        modifier = MODIFIER.fullmatch(term)
        if modifier is None:
            return term
        name, value = modifier[1], modifier[2]
        if self.has("case") and name.lower() in ("redirect", "exp"):
            name = name.lower()
        if self.has("unknown") and name.lower() not in ("redirect", "exp"):
            was, self.checking = self.checking, True
            try:
                self.expand(value, stripdot=False)
            finally:
                self.checking = was
            return None
        return f"{name}={value}"

    def validate_mechanism(self, mech):
        if not self.has("itself") or self.checking:
            return super().validate_mechanism(mech)
        try:
            return super().validate_mechanism(mech)
        except spf.PermError as error:
            if "trivial recursion" not in str(error):
                raise
            result = spf.RESULTS.get(mech[0], "pass")
            return mech, "include", self.d, self.cidrmax, result

    def in_order(self, text, recursion):
        mechanisms, modifiers = self.parsed(text)
        for mech, m, arg, bits, result in mechanisms:
            if m in ASKING:
                self.check_lookups()
                arg = self.expand(arg)
                if not arg and m != "include":
                    continue
            if self.holds(m, arg, bits, recursion, mech):
                break
        else:
            result = "neutral"
            if "redirect" in modifiers:
                self.check_lookups()
                target = self.expand(modifiers["redirect"])
                policy = self.dns_spf(target) if target else None
                if not policy:
                    raise spf.PermError("redirect domain has no SPF record")
                if not recursion:
                    self.exps = dict(self.defexps)
                return self.check1(policy, target, recursion)
        if result == "fail" and not recursion and "exp" in modifiers:
            self.explain(modifiers["exp"])
        return result, 250, self.exps[result]

    def parsed(self, text):
        mechanisms, modifiers = [], {}
        domain, self.checking = self.d, True
        self.d = "own.invalid"
        try:
            for term in [term for term in text.split(" ")[1:] if term]:
                modifier = MODIFIER.fullmatch(term)
                if modifier is None:
                    found = self.validate_mechanism(term)
                    mechanisms.append(found[:2] + (domain if found[2] == self.d else found[2],) + found[3:])
                    continue
                name, value = modifier[1], modifier[2]
                if name in modifiers:
                    raise spf.PermError(f"{name}= twice")
                modifiers[name] = value
                if name not in ("redirect", "exp"):
                    self.expand(value)
                elif not value or not self.expand_domain(value):
                    raise spf.PermError(f"{name}= is empty")
        finally:
            self.d, self.checking = domain, False
        return mechanisms, modifiers

    def holds(self, m, arg, bits, recursion, mech):
        if m == "include":
            result = self.check1(self.dns_spf(arg) if arg else None, arg, recursion + 1)[0]
            if result == "none":
                raise spf.PermError("included domain has no SPF record", mech)
            return result == "pass"
        if m == "exists":
            return len(self.dns_a(arg, "A")) > 0
        if m == "a":
            return self.cidrmatch(self.dns_a(arg, self.A), bits)
        if m == "mx":
            return self.cidrmatch(self.dns_mx(arg), bits)
        if m in ("ip4", "ip6"):
            return (m == "ip4") == (self.v == "in-addr") and self.cidrmatch([arg], bits)
        return m == "all" or bool(spf.domainmatch(self.validated_ptrs(), arg))

    def explain(self, where):
        try:
            found = self.get_explanation(self.expand(where))
        except (spf.PermError, spf.TempError):
            return
        if found:
            self.set_explanation(found)


def joined(expansion, arguments, joiner):
    """RFC 7208 s7.3, for pyspf's expand_one."""
    digits, turned, delimiters = re.fullmatch(r"([0-9]*)([rR]?)(.*)", arguments).groups()
    parts = re.split("[" + re.escape(delimiters or ".") + "]", expansion)
    if turned:
        parts.reverse()
    return ".".join(parts[-int(digits):] if digits and int(digits) else parts)


EXPAND_ONE, INVALID = spf.expand_one, spf.RE_INVALID_MACRO


def verdict(case, amendments=frozenset()):
    """(result, explanation)"""
    if "single label" in amendments and "." not in (case.sender or case.helo).rsplit("@", 1)[-1]:
        return "none", ""
    spf.expand_one = joined if "joined" in amendments else EXPAND_ONE
    spf.RE_INVALID_MACRO = re.compile("(?!)") if "grammar" in amendments else INVALID
    try:
        result, _, explanation = Amended(case, amendments).check()
    except Exception as error:  # pyspf has its own faults; they are differences like others
        return f"({type(error).__name__}: {error})", ""
    finally:
        spf.expand_one, spf.RE_INVALID_MACRO = EXPAND_ONE, INVALID
    return result, explanation if result == "fail" and explanation != spf.EXPLANATIONS["fail"] else ""


def reasons(case, ours):
    """The fewest amendments with which pyspf agrees; None: there are none."""
    for name in AMENDMENTS:
        if verdict(case, {name}) == ours:
            return (name,)
    needed = list(AMENDMENTS)
    if verdict(case, needed) != ours:
        return None
    for name in AMENDMENTS:
        without = [other for other in needed if other != name]
        if verdict(case, without) == ours:
            needed = without
    return tuple(needed)
