#!/usr/bin/env python3
"""The checks that read the tree and run nothing of it: format, wings, includes, sizes, names, RFC index, documented keys and
metrics, spelled-out places, clang-tidy on changed files. Prints one line a check; exits 1 when one fails. With names as arguments runs
only those."""
import os
import pathlib
import re
import subprocess
import sys
import time

import graph
import rfc_index

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEADER_STOP, SOURCE_STOP, TEST_STOP = 300, 800, 1200  # style.md: hard stops
BANNED_NAMES = re.compile(r"(manager|helper|util|utils|handler|misc|common)", re.I)
BANNED_WORDS = re.compile(r"\b(class|struct|enum class|namespace)\s+\w*(Manager|Helper|Util|Handler|Misc|Common)\b")
TEST_HOOKS = re.compile(r"ForTest|TEST_|friend class \w*Test|#\s*if(def)?\s.*TEST")
LOW_WINGS = ("base", "wire", "rules")


def tracked(*suffixes):
    out = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True,
                         text=True, check=True).stdout
    return [ROOT / p for p in out.splitlines() if p.endswith(suffixes) and (ROOT / p).is_file()]


def cpp():
    return [p for p in tracked(".cc", ".h") if p.is_relative_to(ROOT / "src") or p.is_relative_to(ROOT / "test")]


def place(path, line=None):
    return f"{path.relative_to(ROOT)}" + (f":{line}" if line else "")


def is_test(path):
    return path.name.endswith(("_test.cc", "_bench.cc")) or path.name.startswith("fuzz_") or path.is_relative_to(ROOT / "test")


def check_format():
    files = [str(p) for p in cpp()]
    run = subprocess.run(["clang-format-19", "--dry-run", "--Werror", *files], capture_output=True, text=True)
    bad = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", run.stderr, re.M)))
    return [f"{os.path.relpath(b, ROOT)}: not formatted (./dev fmt)" for b in bad]


def check_wings():
    faults = []
    declared = list(graph.modules())
    for module in declared:
        if not (ROOT / "src" / module).is_dir():
            faults.append(f"src/CMakeLists.txt declares {module}, which has no folder")
    for folder in sorted(p for p in (ROOT / "src").glob("*/*") if p.is_dir()):
        name = str(folder.relative_to(ROOT / "src"))
        if name not in declared:
            faults.append(f"src/{name}: not declared in src/CMakeLists.txt")
        elif not any(folder.glob("*.h")) and not any(folder.glob("*.cc")):
            faults.append(f"src/{name}: an empty module")
    return faults


def check_includes():
    """Includes are written from src; Asio stays out of the pure wings; a file's own header comes first."""
    faults = []
    for path in cpp():
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r'\s*#include\s+(["<])([^">]+)', line)
            if not match:
                continue
            kind, name = match.groups()
            if kind == '"' and path.is_relative_to(ROOT / "src") and name.count("/") < 2 and not name.startswith(("support/", "dialogs/")):
                faults.append(f"{place(path, number)}: write the include from src: {name}")
            if "../" in name:
                faults.append(f"{place(path, number)}: no ../ in includes")
            if path.is_relative_to(ROOT / "src"):
                wing = path.relative_to(ROOT / "src").parts[0]
                if wing in LOW_WINGS and re.match(r"boost/(asio|beast)|io/", name):
                    faults.append(f"{place(path, number)}: {wing} is pure: no {name}")
        if path.suffix == ".h" and "#pragma once" not in path.read_text():
            faults.append(f"{place(path)}: no #pragma once")
    return faults


def check_sizes():
    faults = []
    for path in cpp():
        lines = len(path.read_text().splitlines())
        stop = HEADER_STOP if path.suffix == ".h" else TEST_STOP if is_test(path) else SOURCE_STOP
        if lines > stop:
            faults.append(f"{place(path)}: {lines} lines, stop is {stop}: split it")
        if path.name.startswith("fuzz_") and lines > 60:
            faults.append(f"{place(path)}: {lines} lines: a fuzz target is at most 60")
    return faults


def check_names():
    faults = []
    for path in cpp():
        if BANNED_NAMES.search(path.stem):
            faults.append(f"{place(path)}: a name that says nothing")
        if not re.fullmatch(r"[a-z0-9_]+", path.stem):
            faults.append(f"{place(path)}: files are snake_case")
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if BANNED_WORDS.search(line):
                faults.append(f"{place(path, number)}: a name that says nothing: {line.strip()}")
            if not is_test(path) and TEST_HOOKS.search(line):
                faults.append(f"{place(path, number)}: a test hook in the product: {line.strip()}")
    return faults


def check_rfcs():
    return rfc_index.faults()


def check_keys():
    """Every configuration key the parser knows stands in docs/configuration.md, and no other does."""
    parser = "\n".join(p.read_text() for p in sorted((ROOT / "src/app/config").glob("*.cc")) if not is_test(p))
    keys = set(re.findall(r'\bkey\("([a-z0-9_.]+)"', parser))
    page = (ROOT / "docs/configuration.md").read_text()
    written = set(re.findall(r"^\| `([a-z0-9_.]+)` \|", page, re.M))
    if not keys:
        return ["src/app/config: no key(\"…\") found: has the parser changed its form?"]
    return [f"docs/configuration.md: key `{k}` is not described" for k in sorted(keys - written)] + \
           [f"docs/configuration.md: key `{k}` is described and does not exist" for k in sorted(written - keys)]


def check_metrics():
    """Every metric stands in docs/metrics.md, and no other does."""
    source = "\n".join(p.read_text() for p in cpp() if not is_test(p))
    names = set(re.findall(r'"(veredus_[a-z0-9_]+)"', source))
    page = (ROOT / "docs/metrics.md").read_text()
    written = set(re.findall(r"`(veredus_[a-z0-9_]+)`", page))
    return [f"docs/metrics.md: `{n}` is not described" for n in sorted(names - written)] + \
           [f"docs/metrics.md: `{n}` is described and does not exist" for n in sorted(written - names)]


def check_api():
    """Every call of the admin API stands in docs/openapi.yaml, and no other does."""
    source = "\n".join(p.read_text() for p in sorted((ROOT / "src/doors/admin").glob("*_calls.cc")))
    calls = {(path, method.lower()) for method, path in re.findall(r'add\(routes,\s*Method::k(\w+),\s*"([^"]+)"', source)}
    written, path = set(), None
    for line in (ROOT / "docs/openapi.yaml").read_text().splitlines():
        if match := re.match(r"  (/\S+):$", line):
            path = match[1]
        elif match := re.match(r"    (get|put|post|patch|delete):$", line):
            written.add((path, match[1]))
    return [f"docs/openapi.yaml: {m.upper()} {p} is not described" for p, m in sorted(calls - written)] + \
           [f"docs/openapi.yaml: {m.upper()} {p} is described and does not exist" for p, m in sorted(written - calls)]


def check_links():
    """Every file named by a link in the pages exists."""
    faults = []
    for path in tracked(".md"):
        for target in re.findall(r"\]\(([^)#\s]+)", path.read_text()):
            if "://" not in target and not (path.parent / target).exists():
                faults.append(f"{place(path)}: {target} does not exist")
    return faults


def changed_sources():
    base = os.environ.get("VEREDUS_BASE", "HEAD~1")
    names = set()
    for args in (["diff", "--name-only", base], ["ls-files", "--others", "--exclude-standard"]):
        run = subprocess.run(["git", *args], cwd=ROOT, capture_output=True, text=True)
        names |= set(run.stdout.splitlines())
    files = [ROOT / n for n in sorted(names) if n.endswith(".cc") and n.startswith("src/")]
    return [p for p in files if p.is_file() and not p.name.startswith("fuzz_") and not p.name.endswith("_bench.cc")]


def check_tidy():
    files = changed_sources()
    if not files:
        return []
    run = subprocess.run([sys.executable, str(ROOT / "tools/tidy.py"), *map(str, files)], capture_output=True, text=True)
    return [] if run.returncode == 0 else run.stdout.strip().splitlines()[-60:]


CHECKS = {"format": check_format, "wings": check_wings, "includes": check_includes, "sizes": check_sizes, "names": check_names,
          "rfcs": check_rfcs, "keys": check_keys, "metrics": check_metrics, "api": check_api, "links": check_links, "tidy": check_tidy}


def main(names):
    """Returns [(check, faults)]."""
    results = []
    for name in names or CHECKS:
        began = time.monotonic()
        faults = CHECKS[name]()
        results.append((name, faults))
        print(f"check {name:9} {'ok' if not faults else f'{len(faults)} faults'}  ({time.monotonic() - began:.1f} s)", flush=True)
        for fault in faults[:40]:
            print(f"  {fault}")
    return results


if __name__ == "__main__":
    sys.exit(1 if any(f for _, f in main(sys.argv[1:])) else 0)
