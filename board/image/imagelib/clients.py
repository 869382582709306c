# SPDX-License-Identifier: MIT
"""What a computer on the LAN would ask of the appliance: DNS (RFC 1035) and MQTT 3.1.1 with nothing but sockets, ssh by the ssh program."""
import socket
import struct
import subprocess
import time
import urllib.request

TIMEOUT = 10


def ask(port, question):
    """Asked again, as every resolver does: a datagram that nobody listens to yet is lost."""
    end = time.monotonic() + TIMEOUT
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(1)
        while True:
            try:
                s.sendto(question, ("127.0.0.1", port))
                return s.recv(512)
            except (TimeoutError, ConnectionRefusedError):
                if time.monotonic() > end:
                    raise


def dns_query(port, name):
    """The IPv4 addresses that NAME has, asked at 127.0.0.1:PORT."""
    labels = b"".join(bytes([len(x)]) + x.encode() for x in name.split(".")) + b"\0"
    question = labels + struct.pack(">HH", 1, 1)
    reply = ask(port, struct.pack(">6H", 0x6268, 0x0100, 1, 0, 0, 0) + question)
    number, flags, _, answers, _, _ = struct.unpack(">6H", reply[:12])
    if number != 0x6268 or flags & 0x800F != 0x8000:
        raise OSError(f"DNS: flags {flags:#06x}")
    at, found = 12 + len(question), []
    for _ in range(answers):  # every answer names the question by a pointer of two bytes
        kind, _, _, length = struct.unpack(">HHIH", reply[at + 2:at + 12])
        if kind == 1:
            found.append(socket.inet_ntoa(reply[at + 12:at + 12 + length]))
        at += 12 + length
    return found


class Mqtt:
    def __init__(self, port, name):
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT)
        self._send(0x10, struct.pack(">H4sBBH", 4, b"MQTT", 4, 2, 60) + self._text(name))
        self._expect(0x20, lambda body: body[1] == 0)

    @staticmethod
    def _text(text):
        return struct.pack(">H", len(text)) + text.encode()

    def _send(self, kind, body):
        assert len(body) < 128
        self.socket.sendall(bytes([kind, len(body)]) + body)

    def _receive(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise OSError("MQTT: the broker closed the connection")
            data += more
        return data

    def _expect(self, kind, right):
        head = self._receive(2)
        body = self._receive(head[1])
        if head[0] & 0xF0 != kind or not right(body):
            raise OSError(f"MQTT: packet {head[0]:#04x} {body!r} instead of {kind:#04x}")
        return body

    def subscribe(self, topic):
        self._send(0x82, b"\0\1" + self._text(topic) + b"\0")
        self._expect(0x90, lambda body: body[2] < 128)

    def publish(self, topic, text):
        self._send(0x30, self._text(topic) + text.encode())

    def message(self):
        body = self._expect(0x30, lambda _: True)
        length = struct.unpack(">H", body[:2])[0]
        return body[2:2 + length].decode(), body[2 + length:].decode()

    def close(self):
        self.socket.close()


def page(port, path="/"):
    """The text of a page. A server that is up may not listen yet, and then it is asked again."""
    def fetch():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=TIMEOUT) as reply:
            return reply.read().decode()
    return eventually(fetch)


def mqtt(port, name):
    """A client of the broker, which may not listen yet."""
    return eventually(lambda: Mqtt(port, name))


def ssh(port, key, command):
    """(exit status, output) of COMMAND on the appliance, whose server may not listen yet."""
    status, text = ssh_once(port, key, command)
    end = time.monotonic() + 30
    while status == 255 and "onnection" in text and time.monotonic() < end:
        time.sleep(0.3)
        status, text = ssh_once(port, key, command)
    return status, text


def ssh_once(port, key, command):
    done = subprocess.run(
        ["ssh", "-F", "none", "-p", str(port), "-i", str(key), "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=no",
         "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", f"ConnectTimeout={TIMEOUT}", "root@127.0.0.1", command],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=6 * TIMEOUT)
    return done.returncode, done.stdout


def eventually(what, seconds=30):
    """The first value of what() that is true; its last exception, or False, when time is up."""
    end = time.monotonic() + seconds
    while True:
        try:
            value, failure = what(), None
        except (OSError, ValueError) as e:
            value, failure = False, e
        if value or time.monotonic() > end:
            if failure:
                raise failure
            return value
        time.sleep(0.3)
