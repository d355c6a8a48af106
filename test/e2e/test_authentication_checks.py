"""`veredus check spf|dkim|dmarc|arc`, `dkim sign|verify` and `arc seal`: by themselves, and beside other programs."""
import base64
import importlib.util
import json
import os
import re
import shutil
import subprocess

import pytest
import server
from tiny_dns import TinyDns

MESSAGE = b"""From: Alice <alice@demo.test>\r
To: bob@example.org\r
Subject: Dinner\r
Date: Fri, 11 Jul 2003 21:00:37 -0700\r
Message-ID: <1@demo.test>\r
\r
Hi.\r
\r
We lost the  game. Are you hungry yet?\r
\r
\r
"""
SPF_CODES = {"pass": 0, "fail": 1, "softfail": 1, "none": 6, "neutral": 6, "temperror": 7, "permerror": 8}


def run(*arguments, stdin=b""):
    done = subprocess.run([str(server.BINARY), *map(str, arguments)], input=stdin, capture_output=True, timeout=60)
    return done.returncode, done.stdout, done.stderr.decode()


def batch(dns, lines, *command):
    code, out, errors = run(*command, "--batch", "--timeout", 1, "--resolver", dns.where,
                            stdin="".join(json.dumps(line) + "\n" for line in lines).encode())
    assert code == 0, errors
    return [json.loads(line) for line in out.decode().splitlines()]


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """{name: (file with the private key, TXT record)}"""
    folder = tmp_path_factory.mktemp("keys")
    out = {}
    for name, algorithm in (("rsa", ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"]), ("ed", ["ED25519"])):
        path = folder / name
        subprocess.run(["openssl", "genpkey", "-out", path, "-algorithm", *algorithm], check=True, capture_output=True)
        der = subprocess.run(["openssl", "pkey", "-in", path, "-pubout", "-outform", "DER"], check=True,
                             capture_output=True).stdout
        public = base64.b64encode(der if name == "rsa" else der[-32:]).decode()
        out[name] = (path, f"v=DKIM1; k={'rsa' if name == 'rsa' else 'ed25519'}; p={public}")
    return out


@pytest.fixture(scope="module")
def dns(keys):
    zone = {f"{name}._domainkey.demo.test": {"TXT": [[record]]} for name, (_, record) in keys.items()}
    zone |= {"demo.test": {"TXT": [["v=spf1 ip4:192.0.2.0/24 exp=why.demo.test -all"]]},
             "why.demo.test": {"TXT": [["%{i} is not one of ours"]]},
             "soft.test": {"TXT": [["v=spf1 ~all"]]}, "maybe.test": {"TXT": [["v=spf1 ?all"]]},
             "bad.test": {"TXT": [["v=spf1 nonsense"]]}, "slow.test": {"_timeout": True},
             "_dmarc.demo.test": {"TXT": [["v=DMARC1; p=reject; adkim=s"]]}}
    with TinyDns(zone) as running:
        yield running


def sign(keys, dns, name="rsa", *more, message=MESSAGE):
    code, out, errors = run("dkim", "sign", "--domain", "demo.test", "--selector", name, "--key", keys[name][0], *more,
                            stdin=message)
    assert code == 0, errors
    return out


@pytest.mark.parametrize("domain, result", [("demo.test", "fail"), ("soft.test", "softfail"), ("maybe.test", "neutral"),
                                            ("bad.test", "permerror"), ("nobody.test", "none"), ("slow.test", "temperror")])
def test_spf_says_the_word_first_and_in_its_exit_code(dns, domain, result):
    code, out, _ = run("check", "spf", "--ip", "198.51.100.1", "--helo", "mx.client.test", "--from", f"x@{domain}",
                       "--resolver", dns.where, "--timeout", 1)
    assert (out.split()[0].decode(), code) == (result, SPF_CODES[result])


def test_spf_passes_and_explains(dns):
    code, out, _ = run("check", "spf", "--ip", "192.0.2.7", "--helo", "x", "--from", "alice@demo.test", "--resolver",
                       dns.where, "--json")
    assert (code, json.loads(out)["mechanism"]) == (0, "ip4:192.0.2.0/24")
    _, out, _ = run("check", "spf", "--ip", "198.51.100.1", "--helo", "x", "--from", "alice@demo.test", "--resolver",
                    dns.where, "--json")
    assert json.loads(out)["explanation"] == "198.51.100.1 is not one of ours"


@pytest.mark.parametrize("local", ["a\\b", "a\\046b", "a+b", "a b", 'a"b', "a;b", "a$(b)", "a.b", "x" * 63])
def test_spf_asks_for_a_local_part_as_it_is(local):
    zone = {"demo.test": {"TXT": [["v=spf1 exists:%{l}.ok.test -all"]]}, local + ".ok.test": {"A": ["127.0.0.2"]}}
    with TinyDns(zone) as running:
        code, out, _ = run("check", "spf", "--ip", "192.0.2.7", "--helo", "x", "--from", f"{local}@demo.test", "--resolver", running.where)
        assert (code, out.split()[0]) == (0, b"pass"), running.asked
        assert (local.lower() + ".ok.test", "A") in running.asked


@pytest.mark.parametrize("local", [".a", "a..b", "a.", "x" * 64, "\u00e9"])
def test_spf_asks_nothing_of_a_local_part_that_is_no_name(local):
    """RFC 7208 s4.8, RFC 8616 s4: it matches nothing."""
    with TinyDns({"demo.test": {"TXT": [["v=spf1 exists:%{l}.ok.test -all"]]}}) as running:
        code, out, _ = run("check", "spf", "--ip", "192.0.2.7", "--helo", "x", "--from", f"{local}@demo.test", "--resolver", running.where)
        assert (code, out.split()[0]) == (1, b"fail")
        assert {name for name, _ in running.asked} == {"demo.test"}


def test_spf_follows_names_of_any_octets():
    """Of hosts that DNS names, by alias and as mail exchanges."""
    zone = {"demo.test": {"TXT": [["v=spf1 mx exists:%{l}.ok.test -all"]], "MX": [[10, "a+b.test"]]},
            "alice.ok.test": {"CNAME": ["a\\+b.ok.test"]}, "a\\+b.ok.test": {"A": ["127.0.0.2"]}}
    with TinyDns(zone) as running:
        code, out, _ = run("check", "spf", "--ip", "192.0.2.7", "--helo", "x", "--from", "alice@demo.test", "--resolver", running.where)
        assert (code, out.split()[0]) == (0, b"pass"), running.asked


def test_bad_input_is_told_apart_from_results(dns):
    code, _, errors = run("check", "spf", "--ip", "nowhere", "--resolver", dns.where)
    assert code == 2 and "no IP address" in errors
    code, _, errors = run("check", "spf", "--ip", "192.0.2.1", "--resolver", "nowhere")
    assert code == 2 and "DNS server" in errors
    code, out, _ = run("check", "spf", "--batch", "--resolver", dns.where, stdin=b'{"id": 7, "ip": 5}\nnonsense\n')
    assert code == 1
    assert [json.loads(line) for line in out.splitlines()] == [{"error": '"ip" is no text', "id": 7},
                                                              {"error": "the line is no JSON object"}]


@pytest.mark.parametrize("wrong, problem", [
    (("--domain", "de mo.test"), "no domain"), (("--domain", "demo.test\r\nX: y"), "no domain"),
    (("--selector", "s;x=1"), "no selector"), (("--fields", "To:Subject"), "From must be"),
    (("--fields", "From:a b"), "no name of a field"), (("--now", "-5"), "--now")])
def test_no_signature_is_made_that_nobody_would_take(keys, wrong, problem):
    good = {"--domain": "demo.test", "--selector": "rsa", "--key": str(keys["rsa"][0]), wrong[0]: wrong[1]}
    code, out, errors = run("dkim", "sign", "--only-fields", *(word for pair in good.items() for word in pair), stdin=MESSAGE)
    assert (code, out) == (2, b"") and problem in errors


def test_a_seal_holds_nothing_that_ends_its_field(keys, dns):
    for wrong in (("--results", "spf=pass\r\nX: y"), ("--server", "mx;i=2"), ("--fields", "from:arc-seal")):
        code, out, _ = run("arc", "seal", "--domain", "demo.test", "--selector", "rsa", "--key", keys["rsa"][0], "--resolver",
                           dns.where, *wrong, stdin=MESSAGE)
        assert (code, out) == (2, b""), wrong


def test_of_several_authors_the_worst_off_stands_for_the_message(keys, dns):
    """The one without a policy does not hide the one who asks for refusal, and no pass hides what readers may see."""
    both = MESSAGE.replace(b"alice@demo.test>", b"alice@demo.test>, carol@nodmarc.test", 1)
    for message in (both, both.replace(b"From: Alice <alice@demo.test>, carol@nodmarc.test",
                                       b"From: carol@nodmarc.test, Alice <alice@demo.test>")):
        code, out, _ = run("check", "dmarc", "--resolver", dns.where, "--json", stdin=message)
        told = json.loads(out)
        assert (code, told["result"], told["author"], told["disposition"]) == (1, "fail", "demo.test", "reject")
    code, out, _ = run("check", "dmarc", "--resolver", dns.where, stdin=b"From : x\x00@demo.test\r\n" + sign(keys, dns))
    assert out.split()[0] != b"pass"


@pytest.mark.parametrize("name", ["rsa", "ed"])
@pytest.mark.parametrize("canonical", ["relaxed/relaxed", "simple/simple", "relaxed/simple", "simple/relaxed"])
def test_what_is_signed_verifies_and_what_is_changed_does_not(keys, dns, name, canonical):
    signed = sign(keys, dns, name, "--canonical", canonical)
    code, out, _ = run("dkim", "verify", "--resolver", dns.where, stdin=signed)
    assert (code, out.split()[0]) == (0, b"pass")
    code, out, _ = run("check", "dkim", "--resolver", dns.where, stdin=signed.replace(b"lost", b"won"))
    assert (code, out.split()[0]) == (1, b"fail")


def test_dmarc_rests_on_both(keys, dns):
    signed = sign(keys, dns, "ed")
    code, out, _ = run("check", "dmarc", "--resolver", dns.where, "--json", stdin=signed)
    assert code == 0 and json.loads(out)["dkim_aligned"]
    code, out, _ = run("check", "dmarc", "--resolver", dns.where, "--json", "--ip", "192.0.2.1", "--helo", "x", "--from",
                       "alice@demo.test", stdin=MESSAGE)
    assert code == 0 and json.loads(out)["spf_aligned"]
    code, out, _ = run("check", "dmarc", "--resolver", dns.where, "--json", "--ip", "198.51.100.1", "--helo", "x",
                       "--from", "alice@demo.test", stdin=MESSAGE)
    assert code == 1 and json.loads(out)["disposition"] == "reject"
    code, out, _ = run("check", "dmarc", "--resolver", dns.where, "--author", "alice@demo.test", "--dkim-domain",
                       "sub.demo.test")
    assert (code, out.split()[0]) == (1, b"fail")


def test_a_chain_is_sealed_and_checked(keys, dns):
    sealed = MESSAGE
    for hop in (1, 2):
        code, sealed, errors = run("arc", "seal", "--domain", "demo.test", "--selector", "rsa", "--key", keys["rsa"][0],
                                   "--server", "mx.demo.test", "--results", "spf=pass", "--resolver", dns.where,
                                   stdin=sealed)
        assert code == 0, errors
        code, out, _ = run("check", "arc", "--resolver", dns.where, "--json", stdin=sealed)
        assert code == 0 and len(json.loads(out)["hops"]) == hop
    code, out, _ = run("check", "arc", "--resolver", dns.where, stdin=sealed.replace(b"spf=pass", b"spf=fail"))
    assert (code, out.split()[0]) == (1, b"fail")


def test_the_spf_suite_over_real_dns():
    folder = server.SUITES / "spf-rfc7208"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there (VEREDUS_SUITES names the folder)")
    zones = json.loads((folder / "zones.json").read_text())
    cases = {}
    for line in (folder / "cases.jsonl").read_text().splitlines():
        case = json.loads(line)
        cases.setdefault(case["zone"], []).append(case)
    wrong = []
    for name, of_zone in cases.items():
        with TinyDns(zones[name]) as dns:
            lines = [{"id": c["id"], "ip": c["ip"], "helo": c["helo"], "from": c["mailfrom"]} for c in of_zone]
            for case, answer in zip(of_zone, batch(dns, lines, "check", "spf")):
                if answer["result"] not in case["result"] or answer["id"] != case["id"]:
                    wrong.append((case["id"], case["result"], answer))
    assert not wrong


# Beside others. Their packages come with the tests' (./dev deps test).

def needs_module(name):
    return pytest.mark.skipif(not has_module(name), reason=f"python3-{name} is not installed")


def has_module(name):
    return importlib.util.find_spec(name) is not None


@needs_module("dkim")
@pytest.mark.parametrize("name", ["rsa", "ed"])
def test_python_dkim_agrees(keys, dns, name):
    import dkim
    if name == "ed" and importlib.util.find_spec("nacl") is None:
        pytest.skip("python3-nacl is not installed")
    record = keys[name][1].encode()
    assert dkim.verify(sign(keys, dns, name), dnsfunc=lambda *_, **__: record)
    if name == "rsa":
        theirs = dkim.sign(MESSAGE, b"rsa", b"demo.test", keys["rsa"][0].read_bytes())
        code, out, _ = run("dkim", "verify", "--resolver", dns.where, stdin=theirs + MESSAGE)
        assert (code, out.split()[0]) == (0, b"pass")


@needs_module("dkim")
def test_python_dkim_agrees_on_chains(keys, dns):
    import dkim
    record = keys["rsa"][1].encode()
    results = b"Authentication-Results: mx.demo.test; spf=pass\r\n"
    _, ours, _ = run("arc", "seal", "--domain", "demo.test", "--selector", "rsa", "--key", keys["rsa"][0], "--server",
                     "mx.demo.test", "--resolver", dns.where, stdin=results + MESSAGE)
    verdict, _, why = dkim.arc_verify(ours, dnsfunc=lambda *_, **__: record)
    assert verdict == b"pass", why
    theirs = b"".join(dkim.arc_sign(results + MESSAGE, b"rsa", b"demo.test", keys["rsa"][0].read_bytes(), b"mx.demo.test"))
    code, out, _ = run("check", "arc", "--resolver", dns.where, stdin=theirs + results + MESSAGE)
    assert (code, out.split()[0]) == (0, b"pass")


PERL_VERIFY = r"""
use Mail::DKIM::Verifier; use Mail::DKIM::PublicKey;
my $key = Mail::DKIM::PublicKey->parse($ENV{RECORD});
{ no warnings 'redefine'; *Mail::DKIM::Signature::fetch_public_key = sub { };
  *Mail::DKIM::Signature::get_public_key = sub { return $key; }; }
my $dkim = Mail::DKIM::Verifier->new(); while (<STDIN>) { $dkim->PRINT($_); } $dkim->CLOSE; print $dkim->result;
"""


@pytest.mark.skipif(shutil.which("perl") is None or subprocess.run(["perl", "-MMail::DKIM", "-e1"], capture_output=True)
                    .returncode != 0, reason="libmail-dkim-perl is not installed")
def test_mail_dkim_agrees(keys, dns):
    done = subprocess.run(["perl", "-e", PERL_VERIFY], input=sign(keys, dns), capture_output=True, timeout=60,
                          env={**os.environ, "RECORD": keys["rsa"][1]})
    assert done.stdout == b"pass", done.stderr
    done = subprocess.run(["perl", "-e", PERL_VERIFY], input=sign(keys, dns).replace(b"lost", b"won"),
                          capture_output=True, timeout=60, env={**os.environ, "RECORD": keys["rsa"][1]})
    assert done.stdout != b"pass"


def test_signatures_are_folded_and_name_what_they_sign(keys, dns):
    field = sign(keys, dns, "rsa", "--only-fields")
    assert max(map(len, field.split(b"\r\n"))) <= 78
    names = re.sub(rb"\s", b"", re.search(rb"h=([^;]*);", field)[1]).split(b":")
    assert names.count(b"from") == 2 and names.count(b"subject") == 2, "oversigned"
