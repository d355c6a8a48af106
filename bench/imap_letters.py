"""Messages for benchmarks, the same in every run."""
import base64
import random

WORDS = ("invoice", "meeting", "lunch", "report", "budget", "release", "harbour", "lantern", "quarterly", "delivery", "contract",
         "window", "garden", "station", "paper", "music", "river", "bridge", "number", "season")


def headers(rng, number, ids):
    when = f"{1 + number % 28:02d} {('Jan', 'Feb', 'Mar', 'Apr', 'May')[number // 28 % 5]} {2015 + number // 140 % 10} {number % 24:02d}:{number % 60:02d}:00 +0000"
    own = f"<{number}.{rng.randrange(1 << 40):x}@example.org>"
    subject = " ".join(rng.choice(WORDS) for _ in range(4))
    lines = [f"Return-Path: <sender{number % 97}@example.org>",
             f"Received: from mail.example.org (mail.example.org [192.0.2.{number % 250}])\r\n\tby mx.demo.test with ESMTPS id {number:x}; {when}",
             f"Date: {when}", f"From: Sender {number % 97} <sender{number % 97}@example.org>", "To: Alice <alice@demo.test>",
             f"Cc: Bob <bob@demo.test>, carol{number % 11}@demo.test", f"Message-ID: {own}", "MIME-Version: 1.0", "X-Mailer: Example 1.0",
             f"List-Id: <list{number % 7}.example.org>"]
    if ids and rng.random() < 0.5:
        parent = rng.choice(ids[-50:])
        lines += [f"In-Reply-To: {parent[0]}", f"References: {parent[2]}{parent[0]}"]
        subject = "Re: " + parent[1]
        ids.append((own, parent[1], f"{parent[2]}{parent[0]} " if len(parent[2]) < 300 else ""))
    else:
        ids.append((own, subject, ""))
    lines.append(f"Subject: {subject}")
    return "\r\n".join(lines) + "\r\n"


def text(rng, octets):
    out, size = [], 0
    while size < octets:
        line = " ".join(rng.choice(WORDS) for _ in range(10)) + "\r\n"
        out.append(line)
        size += len(line)
    return "".join(out)


def small(count):
    """About 1 KiB each: text alone."""
    rng, ids = random.Random(50), []
    for i in range(count):
        yield (headers(rng, i, ids) + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + text(rng, 300)).encode()


def large(count):
    """About 11 KiB each: text, HTML and sometimes a picture. One in a thousand has the word "needleword"."""
    rng, ids = random.Random(54), []
    for i in range(count):
        needle = "needleword\r\n" if i % 1000 == 500 else ""
        parts = ["Content-Type: text/plain; charset=utf-8\r\n\r\n" + text(rng, 2000) + needle,
                 "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<html><body><p>" +
                 text(rng, 3000) + "</p></body></html>\r\n"]
        if i % 3 == 0:
            parts.append('Content-Type: image/png; name="picture.png"\r\nContent-Disposition: attachment; filename="picture.png"\r\n'
                         "Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(rng.randbytes(11500)).decode().replace("\n", "\r\n"))
        body = "".join(f"--=_b{i}\r\n{part}\r\n" for part in parts) + f"--=_b{i}--\r\n"
        yield (headers(rng, i, ids) + f'Content-Type: multipart/mixed; boundary="=_b{i}"\r\n\r\n' + body).encode()
