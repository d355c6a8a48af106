#!/usr/bin/env python3
"""Prints the modules, wing by wing from the top, and what each may see (read from src/CMakeLists.txt)."""
import pathlib
import re

WINGS = ["base", "wire", "rules", "io", "state", "work", "doors", "app"]


def modules(root=pathlib.Path(__file__).resolve().parent.parent):
    """{module: [used modules]} in the order of declaration."""
    text = re.sub(r"#.*", "", (root / "src/CMakeLists.txt").read_text())
    found = {}
    for call in re.findall(r"veredus_module\(([^)]*)\)", text):
        words = call.split()
        uses, keyword = [], None
        for word in words[1:]:
            if word in ("USES", "LINK", "TEST_USES"):
                keyword = word
            elif keyword == "USES":
                uses.append(word)
        found[words[0]] = uses
    return found


def main():
    graph = modules()
    for wing in reversed(WINGS):
        names = [m for m in graph if m.startswith(wing + "/")]
        if not names:
            continue
        print(wing)
        for name in names:
            print(f"  {name.split('/')[1]:12} sees {' '.join(graph[name]) or 'nothing else'}")


if __name__ == "__main__":
    main()
