"""A policy host of MTA-STS for the tests: HTTPS on an address of loopback, with what each host name is to answer.

    with PolicyHost("127.0.0.90", certificate, key, {"mta-sts.demo.test": policy("enforce", ["mx.demo.test"])}) as host:
        host.port"""
import http.server
import ssl
import threading


def policy(mode, hosts, max_age=86400):
    """A policy file's text."""
    return "".join(["version: STSv1\r\n", f"mode: {mode}\r\n", *(f"mx: {host}\r\n" for host in hosts), f"max_age: {max_age}\r\n"])


class PolicyHost:
    """`answers`: host name -> text, or (status, content type, text)."""

    def __init__(self, address, chain, key, answers, port=0):
        self.answers, self.asked = dict(answers), []
        owner = self

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                host = self.headers.get("Host", "").partition(":")[0]
                owner.asked.append((host, self.path))
                found = owner.answers.get(host, (404, "text/plain", "nothing here"))
                status, kind, text = found if isinstance(found, tuple) else (200, "text/plain", found)
                if self.path != "/.well-known/mta-sts.txt":
                    status, kind, text = 404, "text/plain", "nothing here"
                self.send_response(status)
                self.send_header("Content-Type", kind)
                if status in (301, 302):
                    self.send_header("Location", "/.well-known/other.txt")
                self.send_header("Content-Length", str(len(text.encode())))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # handshakes that fail are what some tests want

        self.server = Server((address, port), Answer)
        self.port = self.server.server_address[1]
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(chain, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def asked_for(self, host):
        return sum(1 for name, _ in self.asked if name == host)

    def stop(self):
        if self.server is None:
            return
        self.server.shutdown()
        self.server.server_close()
        self.server = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
