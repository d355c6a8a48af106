"""The server's admin API over its UNIX socket: the calls that benchmarks make."""
import http.client
import json
import socket
import urllib.parse


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self._path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class AdminApi:
    """One connection, opened again when it breaks. Calls raise OSError, http.client.HTTPException or AdminError."""

    def __init__(self, path):
        self._path = path
        self._connection = None

    def call(self, method, target, body=None):
        """The answer's octets."""
        text = json.dumps(body).encode() if body is not None else None
        fields = {"Content-Type": "application/json"} if text else {}
        for attempt in (1, 2):
            fresh = self._connection is None
            if fresh:
                self._connection = _UnixConnection(self._path)
            try:
                self._connection.request(method, target, text, fields)
                answer = self._connection.getresponse()
                octets = answer.read()
                break
            except (OSError, http.client.HTTPException):
                self.close()
                if fresh or attempt == 2:
                    raise
        if answer.status >= 300:
            raise AdminError(f"{method} {target}: {answer.status} {octets[:300]!r}")
        return octets

    def close(self):
        if self._connection:
            self._connection.close()
            self._connection = None

    def status(self):
        return json.loads(self.call("GET", "/v1/status"))

    def create_account(self, address, password=None):
        """Without a password nobody logs in to it."""
        self.call("POST", "/v1/accounts", {"address": address, **({"password": password} if password else {})})

    def activate_keys(self, domain):
        """All signing keys that the domain has; answers how many."""
        keys = json.loads(self.call("GET", f"/v1/keys?domain={domain}"))["keys"]
        for key in keys:
            self.call("PATCH", f"/v1/domains/{domain}/keys/{key['selector']}", {"state": "active"})
        return len(keys)

    def counter(self, name):
        """Of one without labels; a gauge as well."""
        lines = self.call("GET", "/v1/metrics").decode().splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name + " "))

    def histogram(self, name):
        """{upper bound: how many up to it}, over all labels."""
        found = {}
        for line in self.call("GET", "/v1/metrics").decode().splitlines():
            if line.startswith(name + "_bucket{"):
                bound = float(line.split('le="', 1)[1].split('"', 1)[0])
                found[bound] = found.get(bound, 0) + float(line.rsplit(" ", 1)[1])
        return found

    def delete_account(self, address):
        self.call("DELETE", f"/v1/accounts/{urllib.parse.quote(address)}")

    def put_alias(self, address, targets):
        self.call("PUT", f"/v1/aliases/{urllib.parse.quote(address)}", {"targets": targets})

    def put_relay_domain(self, domain):
        self.call("PUT", f"/v1/relay-domains/{domain}", {})

    def put_route(self, name, destinations, host, port):
        self.call("PUT", f"/v1/routes/{name}", {"destinations": destinations, "hosts": [f"{host}:{port}"]})

    def pause_queue(self):
        self.call("POST", "/v1/queue/pause", {"everything": True})

    def resume_queue(self):
        self.call("POST", "/v1/queue/resume", {"everything": True})

    def queued(self):
        """How many entries are in the queue."""
        return json.loads(self.call("GET", "/v1/queue/stats"))["entries"]

    def under_way(self):
        return json.loads(self.call("GET", "/v1/queue/stats"))["under_way"]

    def used_messages(self, address):
        return json.loads(self.call("GET", f"/v1/accounts/{urllib.parse.quote(address)}"))["used_messages"]

    def messages(self, address, mailbox="INBOX"):
        """All that stand in it, by UID."""
        after, found = 0, []
        base = f"/v1/accounts/{urllib.parse.quote(address)}/mailboxes/{mailbox}/messages"
        while True:
            page = json.loads(self.call("GET", f"{base}?after={after}"))
            found += page["messages"]
            if not page["more"]:
                return found
            after = page["messages"][-1]["uid"]

    def message(self, address, email):
        """The message as it is kept."""
        return self.call("GET", f"/v1/accounts/{urllib.parse.quote(address)}/messages/{email}")


class AdminError(Exception):
    pass
