"""How many messages dkimpy signs or verifies in a second: sign|verify rsa|ed25519 MESSAGE KEY SECONDS, as opendkim_rate.c."""
import pathlib
import sys
import time

import dkim

what, kind, path, key_path, seconds = sys.argv[1:]
message, key = pathlib.Path(path).read_bytes(), pathlib.Path(key_path).read_bytes()


def once():
    if what == "sign":
        dkim.sign(message, b"s1", b"example.org", key, canonicalize=(b"relaxed", b"relaxed"),
                  signature_algorithm=f"{kind}-sha256".encode())
    else:
        assert dkim.verify(message, dnsfunc=lambda *_, **__: key)


once()
count, begun = 0, time.process_time()
while time.process_time() - begun < float(seconds):
    once()
    count += 1
print(f"{count / (time.process_time() - begun):.1f}")
