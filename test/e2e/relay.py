"""What the tests of the way out share: a zone of other domains, a server that finds them, reports read back."""
import email
import email.policy
import subprocess
import time

import wire

# Domain of world.test -> the addresses of its mail hosts, best first.
HOSTS = {
    "plain": ["127.0.0.11"], "later": ["127.0.0.12"], "never": ["127.0.0.13"], "grey": ["127.0.0.14"],
    "tar": ["127.0.0.15"], "dying": ["127.0.0.16"], "verbose": ["127.0.0.17"], "seven": ["127.0.0.18"],
    "ascii": ["127.0.0.19"], "two": ["127.0.0.20", "127.0.0.21"], "six": ["::1"], "tls": ["127.0.0.22"],
    "closed": ["127.0.0.23"], "mixed": ["127.0.0.24"], "bare": [], "nobody": [],
}
PATIENT = """
[queue]
port = {port}
retry_reply = ["1s"]
retry_connect = ["1s"]
retry_dns = ["1s"]
retry_uncertain = "1s"
backoff_first = "1s"
backoff_last = "2s"
{more}
[queue.brakes]
bounce_percent = 0
"""


def zone():
    lines = []
    for domain, addresses in HOSTS.items():
        for number, address in enumerate(addresses):
            lines.append(f"{domain} MX {(number + 1) * 10} mx{number}.{domain}")
            lines.append(f"mx{number}.{domain} {'AAAA' if ':' in address else 'A'} {address}")
    lines += ["nomail MX 0 .", "direct A 127.0.0.11", "dangling MX 10 gone.dangling"]
    return "\n".join(lines)


def addresses():
    return sorted({address for listed in HOSTS.values() for address in listed})


def settings(dns, port, more=""):
    return PATIENT.format(port=port, more=more) + dns.settings


def report_of(octets):
    """A delivery report's (whole message, [fields of each recipient], text for people)."""
    message = email.message_from_bytes(octets, policy=email.policy.default)
    assert message.get_content_type() == "multipart/report", octets[:1000]
    assert message.get_param("report-type") == "delivery-status"
    people, status = message.get_payload()[:2]
    texts = [part.as_string() for part in status.get_payload()]
    if status.get_content_type() == "message/global-delivery-status":  # RFC 6533; read as one message with a text
        texts = texts[0].strip().split("\n\n")
    blocks = [{k.lower(): str(v) for k, v in email.message_from_string(text, policy=email.policy.default).items()}
              for text in texts]
    return message, blocks[1:], people.get_content()


def wait_empty(veredus, patience=60):
    """Until nothing waits on its way out."""
    until = time.monotonic() + patience
    while True:
        listed = veredus.json("queue", "list", "--all")
        if not listed.get("entries"):
            return
        assert time.monotonic() < until, listed
        time.sleep(0.2)


def send(veredus, to, octets=None, parameters="", user="alice"):
    """Submits one message; its queue id."""
    recipients = [to] if isinstance(to, str) else to
    octets = octets or wire.message("hello", sender=f"{user}@demo.test", to=recipients[0])
    with veredus.submission(user) as session:
        reply = session.mail(f"{user}@demo.test", recipients, octets, parameters=parameters)
        assert reply.code == 250, str(reply)
        return reply.text.split()[-1]


def certificate(directory, name):
    """(chain file, key file) of a self-signed certificate."""
    chain, key = directory / f"{name}.pem", directory / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                    "-out", chain, "-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"],
                   check=True, capture_output=True)
    return chain, key
