# SPDX-License-Identifier: MIT
"""`bulkctl learn` with two daemons of Debian's that have no service file: from nothing but ExecStart to lines with which they answer a client, and with
nothing open that they did not ask for. The policy is enforcing."""
import re

import pytest
from device import BOARD

LIGHTTPD = """
server.modules = ()
server.port = 8181
server.document-root = "/usr/share/www"
server.pid-file = "/run/lighttpd/pid"
server.upload-dirs = ("/var/cache/lighttpd")
index-file.names = ("index.html")
"""
CLIENT = """
while :; do
	date >/var/lib/t-client/tried
	wget -q -O /var/lib/t-client/got http://127.0.0.1/
	sleep 1
done
"""
# name: (ExecStart, a client's talk with it, what it answers, what has to be opened)
DAEMONS = {
    "t-lighttpd": ("/usr/sbin/lighttpd -D -f /var/t-lighttpd.conf", "wget -q -O - http://127.0.0.1:8181/", "bulkhead",
                   {"RuntimeDirectory = lighttpd", "Network = host"}),
    "t-redis": ("/usr/bin/redis-server --port 6399 --bind 0.0.0.0 --dir /var/lib/redis --protected-mode no",
                r"(printf 'SET key value\r\nSAVE\r\nGET key\r\n'; sleep 1) | nc -w 2 127.0.0.1 6399", "value",
                {"StateDirectory = redis", "Network = host"}),
}


def openings(text):
    """The lines that count, by section."""
    section, found = "", {}
    for line in text.splitlines():
        if re.fullmatch(r"\[\w+\]", line):
            section = line[1:-1]
        elif line and not line.startswith(";"):
            found.setdefault(section, []).append(line)
    return found


@pytest.fixture(scope="module", params=DAEMONS)
def learned(request, device):
    """(name, service file, the lines that were learned, how the daemon is talked to)"""
    name = request.param
    start, client, answer, expected = DAEMONS[name]
    file, lines = f"/tmp/{name}.ini", f"/tmp/{name}.lines"
    device.sh(f"printf '[Service]\\nExecStart = {start}\\n' >{file}; cat >/var/t-lighttpd.conf <<'@end'\n{LIGHTTPD}@end")
    status, text = device.try_sh(f"bulkctl learn --seconds 6 --output {lines} {file} & p=$!; while kill -0 $p 2>/dev/null; do {client} >/dev/null 2>&1; "
                                 "sleep 1; done; wait $p", 200)
    assert status == 0, text
    print(text)
    return name, file, device.sh(f"cat {lines}"), client, answer, expected, lines


def test_a_client_of_this_machine(device):
    """It listens nowhere: what it wants is another service of the device, and a directory for two files."""
    device.sh(f"printf '[Service]\\nExecStart = /usr/bin/sh /var/t-client.sh\\n' >/tmp/t-client.ini; cat >/var/t-client.sh <<'@end'\n{CLIENT}@end")
    device.sh("bulkctl learn --seconds 6 --output /tmp/t-client.lines /tmp/t-client.ini", 200)
    found = openings(device.sh("cat /tmp/t-client.lines"))
    assert {x for s in ("Service", "Namespaces", "Filesystem", "Capabilities") for x in found.get(s, [])} == {"StateDirectory = t-client", "Network = host"}


def test_only_what_was_asked_for_is_open(learned):
    found = openings(learned[2])
    assert {x for s in ("Service", "Namespaces", "Filesystem", "Capabilities") for x in found.get(s, [])} == learned[5], learned[2]


def test_the_filter_is_narrower_than_the_default(learned, device):
    """Of the calls that the default allows, and not a call more."""
    name, text = learned[0], learned[2]
    calls = {w for x in openings(text)["Seccomp"] if x.startswith("SystemCallFilter = ") for w in x.split("=")[1].split()}
    service = set(device.sh("bulkctl explain --full t-look").replace(",", " ").split())
    assert 20 < len(calls) < 110 and calls <= service, calls - service
    rules = {x.split("= ", 1)[1].split(":")[0] for x in openings(text)["Seccomp"] if x.startswith("SystemCallRule = ")}
    assert {"socket", "mmap2" if BOARD["ARCH"] == "armv7" else "mmap"} <= rules, name


def test_the_limits_are_near_what_it_took(learned):
    limits = dict(x.split(" = ") for x in openings(learned[2])["Cgroup"])
    assert 1 <= int(limits["MemoryMax"].rstrip("M")) <= 48
    assert 2 <= int(limits["TasksMax"]) <= 24


def test_with_these_lines_it_answers_behind_its_walls(learned, device):
    name, file, _, client, answer, _, lines = learned
    text = device.sh(f"""/usr/lib/bulkhead/bulkhead-try --drop-in {lines} {file} >/dev/null 2>&1 & p=$!
        for i in $(seq 20); do {client} >/tmp/{name}.out 2>&1; grep -q {answer} /tmp/{name}.out && break; sleep 1; done; cat /tmp/{name}.out; echo
        g=$(ls -d /sys/fs/cgroup/bulkhead-try-*); s=$(tail -n 1 $g/cgroup.procs); grep -E "^(Seccomp|NoNewPrivs|CapEff|CapBnd|Uid)" /proc/$s/status
        cat $g/memory.max; for n in mnt pid ipc uts cgroup user net; do [ $(readlink /proc/$s/ns/$n) != $(readlink /proc/1/ns/$n) ] && echo own $n; done
        kill -TERM $p; wait $p; true""", 90)
    assert answer in text
    assert "Seccomp:\t2" in text and "NoNewPrivs:\t1" in text and "CapBnd:\t0000000000000000" in text
    assert int(re.search(r"Uid:\t(\d+)", text)[1]) >= 65536
    assert {x.split()[1] for x in text.splitlines() if x.startswith("own ")} == {"mnt", "pid", "ipc", "uts", "cgroup", "user"}


def test_nothing_is_left_behind(learned, device):
    assert device.sh("ls -d /sys/fs/cgroup/bulkhead-try-* /tmp/bulkctl-learn-* 2>/dev/null || true").split() == []
