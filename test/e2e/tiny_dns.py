"""A DNS server out of a dictionary, for what no zone file holds: names of any octets, and names that never answer, or with SERVFAIL.

    with TinyDns({"demo.test": {"TXT": [["v=spf1 -all"]], "A": ["192.0.2.1"]}, "slow.test": {"_timeout": True},
                  "bad.test": {"_fails": True}}) as dns:
        run("--resolver", dns.where, …)

Records are written as the conformance suites write them. UDP, with truncation at 512 octets, and TCP."""
import ipaddress
import socket
import socketserver
import struct
import threading

TYPES = {"A": 1, "CNAME": 5, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28}
NAMES = {number: name for name, number in TYPES.items()}
SERVFAIL, NXDOMAIN = 2, 3


def labels(name):
    out = b""
    for label in name.rstrip(".").split("."):
        octets = label.encode("latin-1")
        if octets:
            out += bytes([len(octets)]) + octets
    return out + b"\0"


def read_name(query, at):
    parts = []
    while query[at]:
        size = query[at]
        parts.append(query[at + 1:at + 1 + size].decode("latin-1"))
        at += 1 + size
    return ".".join(parts).lower(), at + 1


def rdata(kind, record):
    if kind in ("A", "AAAA"):
        return ipaddress.ip_address(record).packed
    if kind == "TXT":
        strings = [part.encode("latin-1") for part in record]
        pieces = [s[i:i + 255] for s in strings for i in range(0, max(len(s), 1), 255)]
        return b"".join(bytes([len(p)]) + p for p in pieces) or b"\0"
    if kind == "MX":
        return struct.pack(">H", record[0]) + labels(record[1])
    return labels(record)


class TinyDns:
    def __init__(self, zone, address="127.0.0.1"):
        self.zone = {name.rstrip(".").lower(): records for name, records in zone.items()}
        self.asked = []
        owner = self

        class Udp(socketserver.BaseRequestHandler):
            def handle(self):
                query, sock = self.request
                answer = owner.answer(query)
                if answer is not None:
                    if len(answer) > 512:  # TC: ask again by TCP
                        answer = answer[:2] + bytes([answer[2] | 2]) + answer[3:6] + bytes(6) + answer[12:owner.question_end(query)]
                    sock.sendto(answer, self.client_address)

        class Tcp(socketserver.BaseRequestHandler):
            def handle(self):
                size = struct.unpack(">H", self.request.recv(2, socket.MSG_WAITALL))[0]
                answer = owner.answer(self.request.recv(size, socket.MSG_WAITALL))
                if answer is not None:
                    self.request.sendall(struct.pack(">H", len(answer)) + answer)

        socketserver.ThreadingTCPServer.daemon_threads = True
        self.udp, self.tcp = self.bind(address, Udp, Tcp)
        self.where = f"{address}:{self.udp.server_address[1]}"
        self.threads = [threading.Thread(target=s.serve_forever, daemon=True) for s in (self.udp, self.tcp)]
        for thread in self.threads:
            thread.start()

    @staticmethod
    def bind(address, udp_handler, tcp_handler):
        """Both on one port that nobody has."""
        for _ in range(50):
            udp = socketserver.UDPServer((address, 0), udp_handler)  # no threads: nothing waits here
            try:
                return udp, socketserver.ThreadingTCPServer((address, udp.server_address[1]), tcp_handler)
            except OSError:
                udp.server_close()
        raise OSError("no free port")

    @staticmethod
    def question_end(query):
        return read_name(query, 12)[1] + 4

    def answer(self, query):
        """nothing: this name does not answer."""
        name, at = read_name(query, 12)
        kind = NAMES.get(struct.unpack(">H", query[at:at + 2])[0])
        self.asked.append((name, kind))
        records = self.zone.get(name)
        found = (records or {}).get(kind, [])
        if records is not None and not found and (records.get("_timeout") or records.get("error")):
            return None
        if records is not None and not found and "CNAME" in records:
            kind, found = "CNAME", records["CNAME"]
        code = NXDOMAIN if records is None else SERVFAIL if records.get("_fails") and not found else 0
        head = query[:2] + struct.pack(">BBHHHH", 0x84, code, 1, len(found), 0, 0)
        body = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", TYPES[kind], 1, 60, len(data)) + data
                        for data in (rdata(kind, record) for record in found))
        return head + query[12:self.question_end(query)] + body

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in (self.udp, self.tcp):
            server.shutdown()
            server.server_close()
        for thread in self.threads:
            thread.join()
