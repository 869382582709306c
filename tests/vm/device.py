# SPDX-License-Identifier: MIT
"""A booted device for the tests: QEMU with the console on one end, and a root shell outside every service's walls (services/warden.ini) on the
second serial line. Commands go through that shell one at a time."""
import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
RECIPES = TOP / "board/image"
sys.path.insert(0, str(RECIPES))
from imagelib import board, clients  # noqa: E402,F401 (the tests take clients from here)

BOARD = board.Board()  # $BOARD
BUILD = BOARD.build(os.environ.get("O", TOP / "build")).resolve()
# A machine whose clock goes by its instructions, 4 ns each: its times are its own, not those of a loaded host. QEMU counts each byte of a `rep stosb` as
# an instruction, and each look of a CPU for an end of the other's. An emulated machine of another kind would take half an hour.
COUNTED_MACHINE = ("--accel", "tcg", "--smp", "1", "--qemu=-cpu", "--qemu=max,-rdrand,-rdseed,-erms", "--qemu=-icount",
                   "--qemu=shift=2,sleep=off,align=off") if BOARD.native else ()
# QEMU translates a program again wherever it stands: where all stand at the same addresses a shell's command takes a third of the time.
FIXED_ADDRESSES = ("norandmaps",)
STAY_MS = 100  # what PID 1 may be away from its loop, by such a clock
BOOT_SECONDS = 150 if BOARD.native else 300
COMMAND_SECONDS = 60
END = "@@end:"
# What PID 1 remembers in a crash, as the root shell's word.
STATE = "/proc/1/fd/$(ls -l /proc/1/fd | sed -n 's|.* \\([0-9]*\\) -> /memfd:state.*|\\1|p')"


class DeviceError(Exception):
    pass


class Device:
    def __init__(self, image, directory, append=(), arguments=(), warden=True, data=None):
        """Without a disk of its own (data) the device's data partition begins empty, and nobody keeps it."""
        self.directory = Path(directory)
        self.console_log = self.directory / "console.log"
        self.ports_file = self.directory / "ports.json"
        serial = self.directory / "second"
        words = [w for a in (*FIXED_ADDRESSES, *append) for w in ("--append", a)]
        ports = [w for name in ("ssh", "http", "dns", "mqtt") for w in ("--port", f"{name}=0")]
        disk = ["--data", str(data)] if data else ["--snapshot"]
        self.argv = [sys.executable, str(RECIPES / "run"), "--console", "--board", BOARD.name, "--image", str(image),
                     "--ports-file", str(self.ports_file), "--serial1", str(serial), *disk, *ports, *words, *arguments]
        self.power_on()
        if warden and not self.has_root_shell(again=True):
            self.power_on()
            self.has_root_shell(again=False)

    def power_on(self):
        self.log = open(self.console_log, "wb")
        self.qemu = subprocess.Popen(self.argv, stdin=subprocess.PIPE, stdout=self.log, stderr=subprocess.STDOUT)
        self.line = None
        self.pending = b""

    def has_root_shell(self, again):
        """Once in some hundred boots an emulated machine stands still before its kernel has started PID 1, which says its first words on the console. That is
        said, and it is switched on once more. What comes later is never tried again."""
        try:
            self.connect()
            return True
        except (DeviceError, TimeoutError) as e:
            said = self.console()
            self.close()
            if not again or "bulkhead" in said:
                raise DeviceError(f"no root shell on the second serial line ({e}); console:\n{said[-3000:]}") from None
            print(f"# the emulated machine stood still before PID 1: switched on once more; console:\n{said[-1000:]}", file=sys.stderr)
            return False
        except BaseException:
            self.close()
            raise

    # --- the console ---

    def console(self):
        return self.console_log.read_bytes().decode(errors="replace").replace("\r", "")

    def type(self, text):
        self.qemu.stdin.write(text.encode())
        self.qemu.stdin.flush()

    def wait_console(self, pattern, seconds=BOOT_SECONDS):
        """The match, once the console has shown it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = re.search(pattern, self.console())
            if found:
                return found
            if self.qemu.poll() is not None:
                break
            time.sleep(0.2)
        found = re.search(pattern, self.console())
        if found:
            return found
        raise DeviceError(f"the console never showed {pattern!r}; last:\n" + "\n".join(self.console().splitlines()[-25:]))

    # --- the root shell ---

    def second_line(self):
        """A socket that is the second serial line's other end, from its first byte on."""
        end = time.monotonic() + 30
        while True:
            try:
                self.line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                self.line.connect(str(self.directory / "second"))
                self.line.settimeout(BOOT_SECONDS)
                return self.line
            except OSError:
                self.line.close()
                if time.monotonic() > end or self.qemu.poll() is not None:
                    raise DeviceError("no second serial line:\n" + self.console()) from None
                time.sleep(0.1)

    def connect(self):
        self.second_line()
        # The shell may not be there yet, and what was typed before it came may be gone: ask until it answers.
        end = time.monotonic() + BOOT_SECONDS
        for number in range(1000):
            # The terminal may still echo what is typed: only a shell turns this into a number.
            self._send(f"echo {END}$(({number} + 1000))\n@@run\n")
            if self._read_until(f"{END}{number + 1000}\n".encode(), 2) is not None:
                self._send(f"echo {END}$((2 + 3))\n@@run\n")  # what was typed more than once is answered more than once
                self._read_until(f"{END}5\n".encode(), COMMAND_SECONDS)
                return
            if self.qemu.poll() is not None or time.monotonic() > end:
                break
        raise DeviceError("no root shell on the second serial line; console:\n" + "\n".join(self.console().splitlines()[-40:]))

    def _send(self, text):
        """A guest that is slow takes what is typed slowly: the time-out of the last answer is not this one's."""
        self.line.settimeout(BOOT_SECONDS)
        self.line.sendall(text.encode())

    def _read_until(self, pattern, seconds):
        end = time.monotonic() + seconds
        while True:
            found = re.search(pattern, self.pending)
            if found:
                before, self.pending = self.pending[:found.start()], self.pending[found.end():]
                return before, found
            left = end - time.monotonic()
            if left <= 0:
                return None
            self.line.settimeout(left)
            try:
                more = self.line.recv(65536)
            except TimeoutError:
                return None
            except ConnectionResetError:
                raise DeviceError(f"QEMU is gone ({self.qemu.poll()}); console:\n" + "\n".join(self.console().splitlines()[-25:])) from None
            if not more:
                return None
            self.pending += more.replace(b"\r", b"")

    def try_sh(self, command, seconds=COMMAND_SECONDS):
        """(exit status, output) of a command line in the root shell."""
        self._send(f"{{ {command}\n}} 2>&1; echo {END}$?\n@@run\n")
        found = self._read_until(END.encode() + rb"(\d+)\n", seconds)
        if found is None:
            raise DeviceError(f"no answer to {command!r}: {self.pending!r}; console:\n" + "\n".join(self.console().splitlines()[-25:]))
        before, match = found
        return int(match[1]), before.decode(errors="replace")

    def sh(self, command, seconds=COMMAND_SECONDS):
        status, text = self.try_sh(command, seconds)
        if status != 0:
            raise DeviceError(f"{command!r}: exit status {status}: {text}")
        return text

    def json(self, command):
        return json.loads(self.sh(command))

    # --- services ---

    def status(self, name):
        return self.json(f"bulkctl status --json {name} || true")

    def services(self):
        return {s["service"]: s for s in self.json("bulkctl status --json || true")}

    def wait_state(self, name, *states, seconds=40):
        end = time.monotonic() + seconds
        while True:
            now = self.status(name)
            if now["state"] in states:
                return now
            if time.monotonic() > end:
                raise AssertionError(f"{name} is {now['state']} ({now.get('why', '')}), not {' or '.join(states)}")
            time.sleep(0.2)

    def logs(self, name, lines=200):
        return self.sh(f"bulkctl logs -n {lines} {name}")

    def wait_log(self, name, pattern, seconds=30):
        end = time.monotonic() + seconds
        while True:
            text = self.try_sh(f"bulkctl logs -n 200 {name}")[1]  # a service that has said nothing yet has no log
            if re.search(pattern, text):
                return text
            if time.monotonic() > end:
                raise AssertionError(f"the log of {name} never had {pattern!r}: {text}")
            time.sleep(0.3)

    # --- the end ---

    def wait_off(self, seconds=90):
        try:
            self.qemu.wait(seconds)
        except subprocess.TimeoutExpired:
            raise DeviceError("the machine did not go off:\n" + "\n".join(self.console().splitlines()[-25:])) from None
        return self.console()

    def close(self):
        if self.line:
            self.line.close()
        if self.qemu.poll() is None:
            self.qemu.kill()
            self.qemu.wait()
        self.log.close()
