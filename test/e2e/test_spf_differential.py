"""`veredus check spf` and pyspf are asked the same 10,000 questions; test/spf_differential says what may differ, and why.

VEREDUS_SPF_DIFFERENTIAL=records:seed asks for others."""
import collections
import importlib.util
import itertools
import json
import os
import subprocess
import sys

import pytest
import server
from tiny_dns import TinyDns

sys.path.insert(0, str(server.ROOT / "test/spf_differential"))
FEWEST_OF_A_RESULT = 100


@pytest.mark.skipif(importlib.util.find_spec("spf") is None, reason="python3-spf is not installed")
@pytest.mark.timeout(600)
def test_verdicts_are_those_of_pyspf(capsys):
    import records
    import spf
    import theirs
    count, seed = map(int, os.environ.get("VEREDUS_SPF_DIFFERENTIAL", "10000:7208").split(":"))
    cases = list(itertools.islice(records.Maker(seed), count))
    zone = records.zone_of(cases)
    spf.DNSLookup = theirs.ask_zone(zone)
    ours = asked(cases, zone, records.NOW)
    results, differences, unexplained = collections.Counter(), collections.Counter(), []
    for case, answer in zip(cases, ours, strict=True):
        own = answer.get("result"), answer.get("explanation", "")
        results[own[0]] += 1
        other = theirs.verdict(case)
        if own != other:
            why = theirs.reasons(case, own)
            differences[why] += 1
            if why is None:
                unexplained.append(f"ours {own}, theirs {other}, amended {theirs.verdict(case, theirs.AMENDMENTS)}\n  {answer}\n  {case}")
    with capsys.disabled():
        told(results, differences, theirs.AMENDMENTS)
    assert not unexplained, "\n".join(unexplained[:10])
    for result in ("pass", "fail", "softfail", "neutral", "none", "temperror", "permerror"):
        assert results[result] * 10_000 >= FEWEST_OF_A_RESULT * count, f"the records lead to {result} too seldom"


def asked(cases, zone, now):
    with TinyDns({}) as dns:
        dns.zone = zone
        done = subprocess.run([server.BINARY, "check", "spf", "--batch", "--timeout", "1", "--now", str(now), "--resolver", dns.where],
                              input="".join(json.dumps(case.line) + "\n" for case in cases), capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def told(results, differences, amendments):
    total = sum(results.values())
    print(f"\nSPF differential: {total} records, {total - sum(differences.values())} alike; "
          + ", ".join(f"{count} {result}" for result, count in results.most_common()))
    for why, count in differences.most_common():
        print(f"  {count:5} {'unexplained' if why is None else ' + '.join(why)}" + (f" ({amendments[why[0]]})" if why and len(why) == 1 else ""))
