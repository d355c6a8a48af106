#!/usr/bin/env python3
"""The index of RFCs: `rfc_index.py 5321` prints section -> file:line; `rfc_index.py --check` fails on an RFC that the code
cites and docs/rfcs.tsv does not list, on one listed as done that no line cites, and on citations of another form."""
import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CITATION = re.compile(r"RFC (\d{3,5})(?: s([0-9A-Z]+(?:\.[0-9]+)*))?")
ODD = re.compile(r"(?<![/\w\"])(?:rfc[ -]?\d{3,5}|RFC-?\d{3,5})\b|RFC \d{3,5},? ?(?:section|sec\.|§)")
STATES = {"yes", "partial", "planned", "no"}


def sources():
    return sorted(p for p in (ROOT / "src").rglob("*") if p.suffix in (".h", ".cc"))


def citations():
    """{number: [(section, "file:line")]}"""
    found = collections.defaultdict(list)
    odd = []
    for path in sources():
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            place = f"{path.relative_to(ROOT)}:{number}"
            for match in CITATION.finditer(line):
                found[int(match[1])].append((match[2] or "", place))
            comment = line.partition("//")[2]
            if ODD.search(comment):
                odd.append(f"{place}: cite as 'RFC nnnn sX.Y': {comment.strip()}")
    return found, odd


def listed():
    rows, wrong = {}, []
    for number, line in enumerate((ROOT / "docs/rfcs.tsv").read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) != 4 or fields[1] not in STATES or not fields[0].isdigit():
            wrong.append(f"docs/rfcs.tsv:{number}: wants number, yes|partial|planned|no, module, title, separated by tabs")
            continue
        if int(fields[0]) in rows:
            wrong.append(f"docs/rfcs.tsv:{number}: RFC {fields[0]} is listed twice")
        rows[int(fields[0])] = fields
    numbers = list(rows)
    if numbers != sorted(numbers):
        wrong.append("docs/rfcs.tsv: not sorted by number")
    return rows, wrong


def section_order(item):
    return [(0, int(x), "") if x.isdigit() else (1, 0, x) for x in item[0].split(".")]


def faults():
    """What is wrong between the code's citations and docs/rfcs.tsv, a line each."""
    found, odd = citations()
    rows, wrong = listed()
    return wrong + odd + \
        [f"RFC {n} is cited ({found[n][0][1]}) but not in docs/rfcs.tsv" for n in sorted(found) if n not in rows] + \
        [f"RFC {n} is listed as '{r[1]}' but no line cites it" for n, r in rows.items()
         if r[1] in ("yes", "partial") and n not in found]


def main():
    found, _ = citations()
    rows, _ = listed()
    if sys.argv[1:] == ["--check"]:
        wrong = faults()
        print("\n".join(wrong) if wrong else f"{len(found)} RFCs cited {sum(map(len, found.values()))} times, all listed")
        return 1 if wrong else 0
    wanted = [int(a) for a in sys.argv[1:] if a.isdigit()] or sorted(rows)
    for n in wanted:
        state = rows.get(n, [n, "not listed", "", ""])
        print(f"RFC {n}  {state[1]}  {state[2]}  {state[3]}")
        if len(sys.argv) > 1:
            for section, place in sorted(found.get(n, []), key=section_order):
                print(f"  s{section or '-':12} {place}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
