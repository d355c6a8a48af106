"""What may differ from Dovecot 2.3, and why. `accepts` answers the name of the first rule that explains a difference, or None.

A rule sees the command, and both answers as normal.py leaves them (ours, theirs)."""
import re

RULES = []


def rule(reason):
    def add(function):
        RULES.append((function.__name__, reason, function))
        return function
    return add


def accepts(command, ours, theirs, ours_raw=None, theirs_raw=None):
    text = command if isinstance(command, str) else command.decode("latin-1")
    for name, reason, holds in RULES:
        if holds(text, ours, theirs):
            return name
    return None


def differing(ours, theirs):
    return {key for key in ours if ours[key] != theirs[key]}
