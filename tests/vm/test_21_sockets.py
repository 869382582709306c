# SPDX-License-Identifier: MIT
"""[Socket]: what PID 1 opens arrives at the service as its file says, and nothing that waits there is lost."""
import re
import time

import pytest

PROBE = "/usr/libexec/sockprobe"



def ask(device, address, text="hello", kind="stream"):
    """The answer of whoever listens there."""
    return device.sh(f"{PROBE} call {kind} {address} {text}").strip()


def send(device, kind, address, text):
    device.sh(f"{PROBE} send {kind} {address} {text}")


def start(device, name):
    device.sh(f"bulkctl start {name}")
    return handed(device, name)


def handed(device, name):
    """{name of the descriptor: what sockprobe found out}, and its other lines. Of its last life."""
    text = device.wait_log(name, r"end\n")
    life = text[text.rindex("fds "):]
    found = {}
    for line in re.findall(r"fd (\d+) name (\S+) (.*)", life):
        words = line[2].split()
        found[line[1]] = {"fd": int(line[0]), **dict(zip(words[::2], words[1::2]))}
    assert "pid right fds" in text and "WRONG" not in text, text
    assert "more " not in life, life
    return found, life


def refused(device, name, *words):
    status, _ = device.try_sh(f"bulkctl start {name}")
    now = device.status(name)
    assert status != 0 and now["state"] == "failed" and now["pid"] is None, now
    for word in words:
        assert word in now["why"], now


def stopped(device, *names):
    device.sh(f"bulkctl stop {' '.join(names)}")


# --- what is handed over ---

def test_every_kind_arrives_under_its_name_and_number(device):
    found, text = start(device, "t-so-all")
    kinds = {"path": "stream", "abstract": "stream", "both": "stream", "four": "stream", "six": "stream", "dpath": "datagram",
             "dport": "datagram", "packets": "seqpacket", "fifo": "fifo", "events": "netlink"}
    assert {n: f["kind"] for n, f in found.items()} == kinds
    assert [f["fd"] for f in found.values()] == list(range(3, 13)) and list(found) == list(kinds)
    assert all((f["nonblock"], f["cloexec"]) == ("0", "0") for f in found.values()), text
    assert [n for n, f in found.items() if f["listens"] == "1"] == ["path", "abstract", "both", "four", "six", "packets"]
    assert found["both"]["backlog"] == found["four"]["backlog"] == "7"
    assert re.search(r"interfaces lo\n", text)  # its own: what it serves is the host's


def test_each_is_answered(device):
    for address in ("/run/t-so/deep/stream", "@t-so-all", "127.0.0.1:7101", "[::1]:7101", "127.0.0.1:7102", "[::1]:7103"):
        assert ask(device, address, "word") == "all: word", address
    assert ask(device, "/run/t-so/deep/packets", "word", "seqpacket") == "all: word"
    for kind, address in (("datagram", "/run/t-so/deep/datagram"), ("datagram", "127.0.0.1:7101"), ("datagram", "[::1]:7101"), ("fifo", "/run/t-so/deep/fifo")):
        text = re.sub(r"\W", "", address)
        send(device, kind, address, text)
        device.wait_log("t-so-all", rf"{kind} {text}\n")
    device.sh("echo change > /sys/class/net/lo/uevent")
    device.wait_log("t-so-all", r"netlink change@/devices/virtual/net/lo")


def test_owner_mode_and_directories(device):
    for name in ("stream", "datagram", "packets", "fifo"):
        assert device.sh(f"stat -c '%a %u %g' /run/t-so/deep/{name}").split() == ["620", "1234", "4321"], name
    for name in ("/run/t-so", "/run/t-so/deep"):
        assert device.sh(f"stat -c '%a %u %g' {name}").split() == ["755", "0", "0"], name
    status, text = device.try_sh(f"/usr/libexec/probe as-nobody '{PROBE} call stream /run/t-so/deep/stream x'")
    assert status == 1 and text.strip() == "EACCES"


def test_a_stop_closes_them_and_takes_the_files_away(device):
    stopped(device, "t-so-all")
    for address in ("127.0.0.1:7101", "[::1]:7103", "@t-so-all"):
        status, text = device.try_sh(f"{PROBE} call stream {address} x")
        assert (status, text.strip()) == (1, "ECONNREFUSED"), address
    assert device.sh("ls /run/t-so/deep").split() == ["fifo"]
    device.sh("mkfifo /run/t-so/deep/other; ls -i /run/t-so/deep/fifo > /tmp/fifo")
    start(device, "t-so-all")  # the FIFO is the same one
    assert device.sh("ls -i /run/t-so/deep/fifo") == device.sh("cat /tmp/fifo")
    stopped(device, "t-so-all")


def test_options_as_the_kernel_has_them(device):
    found, text = start(device, "t-so-options")
    found = [dict(zip(x.split()[::2], x.split()[1::2])) for x in re.findall(r"(fd \d+ name t-so .*)", text)]
    assert [f["fd"] for f in found] == ["3", "4", "5"]
    assert all((f["reuseport"], f["freebind"], f["device"]) == ("1", "1", "lo") for f in found), text
    assert [f["backlog"] for f in found[:2]] == ["33", "33"]
    found, _ = start(device, "t-so-share")
    assert found["t-so-share"]["reuseport"] == "1" and found["t-so-share"]["device"] == "-"
    answers = {ask(device, "127.0.0.1:7113") for _ in range(60)}
    assert answers <= {"options: hello", "share: hello"} and "options: hello" in answers
    stopped(device, "t-so-options", "t-so-share")


def test_readiness_descriptor_beside_sockets(device):
    device.sh("bulkctl start t-so-ready")
    assert device.status("t-so-ready")["state"] == "up"
    text = device.wait_log("t-so-ready", r"end\n")
    assert re.findall(r"fd (\d+) name (\d+) kind stream listens 1", text) == [(str(i + 2), str(i)) for i in range(1, 8)]
    assert re.findall(r"more (\d+)", text) == ["10"]
    for i in range(1, 8):
        assert ask(device, f"@t-so-{i}") == "serve: hello"
    stopped(device, "t-so-ready")


# --- what cannot be had ---

def test_what_cannot_be_had_refuses_the_service(device):
    refused(device, "t-so-absent", "socket", "EADDRNOTAVAIL", "192.0.2.77:7115")
    refused(device, "t-so-no-device", "socket", "ENODEV", "nodev9")
    device.sh("echo precious > /run/t-so-file; echo precious > /run/t-so-fifo; mkdir -p /run/t-so-other; ln -s t-so-other /run/t-so-link")
    refused(device, "t-so-file", "socket", "EEXIST", "/run/t-so-file")
    refused(device, "t-so-fifo", "socket", "EEXIST", "/run/t-so-fifo")
    refused(device, "t-so-link", "socket", "ELOOP", "/run/t-so-link")
    assert device.sh("cat /run/t-so-file /run/t-so-fifo; ls /run/t-so-other") == "precious\nprecious\n"


def test_a_stale_socket_is_replaced(device):
    device.sh("rm /run/t-so-file /run/t-so-link; mkdir /run/t-so-link")
    for name in ("file", "link"):
        start(device, f"t-so-{name}")
    device.sh("ln /run/t-so-file /run/t-so-file.stale; bulkctl stop t-so-file; mv /run/t-so-file.stale /run/t-so-file")
    start(device, "t-so-file")
    assert ask(device, "/run/t-so-file") == "file: hello"
    stopped(device, "t-so-file", "t-so-link")


# --- on demand ---

def test_on_demand_it_is_started_by_who_calls(device):
    device.sh("bulkctl start t-so-demand")
    for life, address in enumerate(("127.0.0.1:7110", "/run/t-so-demand", "127.0.0.1:7110")):
        now = device.wait_state("t-so-demand", "listening")
        assert now["pid"] is None and now["restarts"] == life
        assert ask(device, address, "knock") == "demand: knock"
    device.wait_state("t-so-demand", "listening")
    _, text = handed(device, "t-so-demand")
    assert re.search(r"interfaces lo\n", text)
    assert device.logs("t-so-demand").count("pid right fds 2") == 3
    assert re.search(r"t-so-demand +listening", device.sh("bulkctl status"))


def test_who_requires_it_finds_it_ready(device):
    device.sh("bulkctl start t-so-needs")
    assert device.status("t-so-needs")["state"] == "up" and device.status("t-so-demand")["state"] == "listening"
    stopped(device, "t-so-demand")
    assert device.status("t-so-needs")["state"] == "down" and device.status("t-so-demand")["state"] == "down"
    assert device.try_sh(f"{PROBE} call stream 127.0.0.1:7110 x")[0] == 1
    assert device.try_sh("test -e /run/t-so-demand")[0] != 0


def test_a_crash_of_pid_1_while_it_listens(device):
    device.sh("bulkctl start t-so-demand")
    before = device.json("bulkctl info --json")["recoveries"]
    device.sh("kill -SEGV 1; sleep 1")
    assert device.json("bulkctl info --json")["recoveries"] == before + 1
    assert device.status("t-so-demand")["state"] == "listening"
    assert ask(device, "127.0.0.1:7110") == "demand: hello"
    device.wait_state("t-so-demand", "listening")
    stopped(device, "t-so-demand")


def test_who_leaves_a_call_unanswered_does_not_turn_the_loop(device):
    device.sh("bulkctl start t-so-tired")
    status, _ = device.try_sh(f"{PROBE} call stream 127.0.0.1:7112 x")
    now = device.wait_state("t-so-tired", "failed")
    assert status != 0 and "start limit" in now["why"], now
    assert device.logs("t-so-tired").count("leaving with 1") == 3
    assert device.try_sh(f"{PROBE} call stream 127.0.0.1:7112 x") == (1, "ECONNREFUSED\n")
    device.sh(f"bulkctl start t-so-lazy; ({PROBE} call stream /run/t-so-lazy x > /dev/null 2>&1 &)")
    device.wait_log("t-so-lazy", r"leaving with 0\n.*leaving with 0\n.*leaving with 0\n")
    began = time.monotonic()
    first = device.status("t-so-lazy")["restarts"]
    time.sleep(2)
    lives, seconds = device.status("t-so-lazy")["restarts"] - first, time.monotonic() - began
    assert 0 < lives <= seconds / 0.2 + 1  # a pause of 200 ms between two
    device.wait_console("t-so-lazy: leaves its callers unanswered: listens again in 400 ms")  # from the 21st on it grows
    stopped(device, "t-so-lazy")


def test_a_condition_that_does_not_hold(device):
    device.sh("bulkctl start t-so-skipped")
    assert device.status("t-so-skipped")["state"] == "skipped" and device.try_sh("test -e /run/t-so-skipped")[0] != 0
    device.sh("touch /run/t-so-skipped.wanted; bulkctl start t-so-skipped")
    assert device.status("t-so-skipped")["state"] == "listening"
    assert ask(device, "/run/t-so-skipped") == "skipped: hello"
    stopped(device, "t-so-skipped")


# --- nothing is lost ---

@pytest.mark.parametrize("crash", [False, True])
def test_who_calls_while_it_is_down_is_answered(device, crash):
    device.sh("bulkctl start t-so-keep")
    pid = device.wait_state("t-so-keep", "up")["pid"]
    device.sh("bulkctl kill -s KILL t-so-keep")
    device.wait_state("t-so-keep", "restarting")
    device.sh(f"for a in 127.0.0.1:7111 /run/t-so-keep; do ({PROBE} call stream $a early > /tmp/answer.${{a##*[:/]}} 2>&1 &); done")
    send(device, "datagram", "/run/t-so-keep.datagram", f"early-{crash}")
    assert device.status("t-so-keep")["state"] == "restarting"
    if crash:
        before = device.json("bulkctl info --json")["recoveries"]
        device.sh("kill -SEGV 1; sleep 1")
        assert device.json("bulkctl info --json")["recoveries"] == before + 1
    assert device.wait_state("t-so-keep", "up")["pid"] != pid
    device.wait_log("t-so-keep", rf"datagram early-{crash}\n")
    device.sh("for i in 1 2 3 4 5 6 7 8 9 10; do grep -q early /tmp/answer.7111 && grep -q early /tmp/answer.t-so-keep && break; sleep 1; done")
    assert device.sh("cat /tmp/answer.7111 /tmp/answer.t-so-keep; rm /tmp/answer.*") == "keep: early\nkeep: early\n"


def test_a_connection_that_lingers_does_not_hold_up_pid_1(boot):
    d = boot(append=["enforcing=0"])  # the policy lets a service accept and not connect
    d.try_sh("bulkctl start t-so-linger")
    d.wait_log("t-so-linger", "unsent bytes")
    d.wait_state("t-so-linger", "down")
    assert d.try_sh(f"{PROBE} call stream 127.0.0.1:7192 x")[0] == 1  # both are closed
    d.wait_state("nginx", "up")


def test_sockets_outlive_a_restart_that_was_asked_for(device):
    inode = device.sh("stat -c %i /run/t-so-keep")
    device.sh("bulkctl restart t-so-keep")
    assert device.sh("stat -c %i /run/t-so-keep") == inode and ask(device, "127.0.0.1:7111") == "keep: hello"
    stopped(device, "t-so-keep")


# --- SELinux ---

def test_socket_context(device):
    label = "system_u:object_r:t_so_calls_t:s0"
    found, text = start(device, "t-so-label")
    assert len(re.findall(rf"label {label}", text)) == 3, text
    for name in ("/run/t-so-label", "/run/t-so-label.fifo"):
        assert device.sh(f"{PROBE} label {name}").strip() == label, name
    assert ask(device, "/run/t-so-label") == "label: hello" and ask(device, "127.0.0.1:7117") == "label: hello"
    send(device, "fifo", "/run/t-so-label.fifo", "word")
    device.wait_log("t-so-label", r"fifo word")
    stopped(device, "t-so-label")
    device.sh("bulkctl start t-so-ready-label")
    assert device.status("t-so-ready-label")["state"] == "up"
    assert device.sh(f"{PROBE} label /run/bulkhead/notify.d/t-so-ready-label").strip() == label
    stopped(device, "t-so-ready-label")
    for attribute in ("sockcreate", "fscreate"):  # of PID 1, which makes other things too
        assert device.sh(f"cat /proc/1/attr/{attribute}").strip("\0\n") == ""


def test_a_derived_domain_may_use_what_it_is_handed(device):
    device.sh("dmesg -c > /dev/null")
    _, text = start(device, "t-so-domain")
    assert len(re.findall(r"label system_u:system_r:init_t:s0", text)) == 3 and "label system_u:object_r:t-so-domain_socket_t:s0" in text, text
    assert ask(device, "/run/t-so-domain") == ask(device, "127.0.0.1:7118") == "domain: hello"
    send(device, "datagram", "127.0.0.1:7118", "word")
    send(device, "fifo", "/run/t-so-domain.fifo", "word")
    device.wait_log("t-so-domain", r"datagram word")
    device.wait_log("t-so-domain", r"fifo word")
    pid = device.status("t-so-domain")["pid"]
    assert device.sh(f"cat /proc/{pid}/attr/current").startswith("system_u:system_r:t-so-domain_t:s0")
    stopped(device, "t-so-domain")
    met = [x for x in device.sh("sleep 2; dmesg").splitlines() if "avc:  denied" in x and ":test_t:" not in x]
    assert not met, "\n".join(met)


def test_a_label_that_no_policy_knows(device):
    refused(device, "t-so-bad-label", "socket", "EINVAL", "system_u:object_r:no_such_calls_t:s0")
    assert device.try_sh("test -e /run/t-so-bad-label")[0] != 0
    found, _ = start(device, "t-so-any-label")
    assert found["t-so-any-label"]["label"] == "system_u:system_r:init_t:s0"
    assert "selinux" in device.sh("bulkctl status t-so-any-label").lower()
    stopped(device, "t-so-any-label")


# --- at the desk ---

def test_a_trial_opens_them_too(device):
    device.sh("(bulkctl try /etc/bulkhead/services.d/t-so-keep.ini > /tmp/trial 2>&1 & echo $! > /tmp/trial.pid)")
    for _ in range(60):
        if "end\n" in device.sh("cat /tmp/trial"):
            break
        time.sleep(0.5)
    assert ask(device, "127.0.0.1:7111") == ask(device, "/run/t-so-keep") == "keep: hello", device.sh("cat /tmp/trial")
    device.sh("kill $(cat /tmp/trial.pid); for i in 1 2 3 4 5 6 7 8 9 10; do test -e /run/t-so-keep || break; sleep 1; done")
    assert device.try_sh("test -e /run/t-so-keep")[0] != 0
    device.sh("(bulkctl try /etc/bulkhead/services.d/t-so-demand.ini > /tmp/trial 2>&1 &)")
    for _ in range(60):
        if "listening" in device.sh("cat /tmp/trial"):
            break
        time.sleep(0.5)
    assert ask(device, "/run/t-so-demand", "desk") == "demand: desk", device.sh("cat /tmp/trial")


def test_explain_and_security_show_them(device):
    text = device.sh("bulkctl explain t-so-demand", 240)  # it reads the files of all services, for their dependencies
    assert re.search(r"ListenStream += 127\.0\.0\.1:7110", text) and re.search(r"Activate += on-demand", text)
    assert re.search(r"sockets +3 ListenStream 127\.0\.0\.1:7110", text)
    assert "a socket at 127.0.0.1:7110" in device.sh("bulkctl security t-so-demand", 240)
