"""Messages for two servers to hold: made from a seed, and those of the suites."""
import email.utils
import pathlib
import random

WORDS = ("invoice", "meeting", "lunch", "report", "naïve", "Grüße", "budget", "release", "harbour", "lantern", "quarterly", "été", "日本")
PEOPLE = ("Alice <alice@demo.test>", "Bob <bob@demo.test>", '"Carol, of sales" <carol@demo.test>', "dave@example.org",
          "=?utf-8?q?J=C3=BCrgen?= <juergen@example.org>", "team: alice@demo.test, bob@demo.test;")
FOLDERS = ("mime-stalwart", "mime-enmime", "mime-mimekit", "mime-nodemailer")


def made(count, seed):
    """`count` letters, some of them answers to earlier ones."""
    rng = random.Random(seed)
    letters, ids = [], []
    for i in range(count):
        own = f"<{seed}.{i}@example.org>"
        answered = rng.choice(ids[-20:]) if ids and rng.random() < 0.5 else None
        subject = " ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 4))) if not answered else "Re: " + answered[1]
        when = email.utils.format_datetime(email.utils.datetime.datetime(2020, 1, 1, tzinfo=email.utils.datetime.timezone.utc) +
                                           email.utils.datetime.timedelta(minutes=137 * i + rng.randint(0, 100)))
        fields = [f"Date: {when}", f"From: {rng.choice(PEOPLE[:5])}", f"To: {rng.choice(PEOPLE)}", f"Message-ID: {own}"]
        if rng.random() < 0.3:
            fields.append(f"Cc: {rng.choice(PEOPLE)}, {rng.choice(PEOPLE)}")
        if rng.random() < 0.9:
            fields.append("Subject: " + encoded(subject))
        if answered:
            fields += [f"In-Reply-To: {answered[0]}", f"References: {answered[2]} {answered[0]}".replace(":  ", ": ")]
        fields.append("MIME-Version: 1.0")
        letters.append(("\r\n".join(fields) + "\r\n" + body(rng)).encode())
        ids.append((own, subject.removeprefix("Re: "), f"{answered[2]} {answered[0]}".strip() if answered else ""))
    return letters


def encoded(text):
    return text if text.isascii() else f"=?utf-8?b?{__import__('base64').b64encode(text.encode()).decode()}?="


def text_of(rng):
    return "".join(" ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 12))) + "\r\n" for _ in range(rng.randint(1, 20)))


def body(rng):
    kind = rng.random()
    if kind < 0.4:
        return "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text_of(rng)
    if kind < 0.6:
        coded = __import__("base64").encodebytes(text_of(rng).encode()).decode().replace("\n", "\r\n")
        return "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" + coded
    parts = [f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text_of(rng)}",
             "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>=C3=A9t=C3=A9</p>\r\n"]
    if kind < 0.8:
        return 'Content-Type: multipart/alternative; boundary="b1"\r\n\r\n' + "".join(f"--b1\r\n{p}\r\n" for p in parts) + "--b1--\r\n"
    inner = f"From: inner@example.org\r\nSubject: within\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n{text_of(rng)}"
    parts += [f"Content-Type: message/rfc822\r\n\r\n{inner}",
              'Content-Type: application/octet-stream; name="a \\"b\\".bin"\r\nContent-Disposition: attachment; filename="a.bin"\r\n'
              "Content-Transfer-Encoding: base64\r\n\r\nAAECAwQF\r\n"]
    return 'Content-Type: multipart/mixed; boundary="b2"\r\n\r\npreamble\r\n' + "".join(f"--b2\r\n{p}\r\n" for p in parts) + "--b2--\r\nepilogue\r\n"


def of_eight_bits():
    """[(name, octets)]: headers with octets that RFC 5322 does not allow in them; UTF-8 and what is none."""
    body = b"MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\ntext\r\n"
    found = []
    for name, word in (("utf-8", "Gr\u00fc\u00dfe".encode()), ("latin-1", b"Gr\xfc\xdfe"), ("broken utf-8", b"Gr\xc3\xc3\xbc\xff"),
                       ("koi8-r", "\u043f\u0440\u0438\u0432\u0435\u0442".encode("koi8-r"))):
        found += [
            (f"subject, {name}", b"From: a@example.org\r\nSubject: " + word + b" x\r\n" + body),
            (f"folded subject, {name}", b"From: a@example.org\r\nSubject: one\r\n " + word + b"\r\n " + word + b"\r\n" + body),
            (f"name, {name}", b"From: " + word + b" <a@example.org>\r\nTo: \"" + word + b"\" <b@example.org>, c@example.org (" + word +
             b")\r\nSubject: x\r\n" + body),
            (f"group, {name}", b"From: a@example.org\r\nTo: " + word + b": b@example.org;\r\nSubject: x\r\n" + body),
            (f"address, {name}", b"From: " + word + b"@example.org\r\nTo: a@" + word + b".test\r\nSubject: x\r\n" + body),
            (f"ids, {name}", b"From: a@example.org\r\nMessage-ID: <" + word + b"@example.org>\r\nIn-Reply-To: <" + word + b"@b>\r\n" + body),
            (f"parameter, {name}", b"From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; name=\"" + word +
             b".txt\"\r\nContent-Disposition: attachment; filename=\"" + word + b".txt\"\r\nContent-Description: " + word +
             b"\r\nContent-ID: <" + word + b"@x>\r\n\r\ntext\r\n"),
        ]
    return found


def of_suites(suites):
    """[(name, octets)] with CRLF line ends and without NUL, or [] when there are none."""
    found = []
    for folder in FOLDERS:
        for path in sorted(pathlib.Path(suites, folder).rglob("*")):
            if path.suffix not in (".eml", ".raw"):
                continue
            octets = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
            if 0 < len(octets) < 400_000 and b"\0" not in octets:
                found.append((str(path.relative_to(suites)), octets))
    return found
