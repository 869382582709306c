# SPDX-License-Identifier: MIT
"""The walls of every service that runs: what the kernel says of its process, seen from outside, and what its file asks for. The table is printed (-s)
and kept in O/results/walls.txt."""
import re
import time

import pytest
from device import BOARD, BUILD

ALWAYS = ("mnt", "pid", "ipc", "uts", "cgroup")
CAP = {"CHOWN": 0, "DAC_OVERRIDE": 1, "FOWNER": 3, "KILL": 5, "SETGID": 6, "SETUID": 7, "NET_BIND_SERVICE": 10, "NET_ADMIN": 12, "NET_RAW": 13,
       "SYS_CHROOT": 18, "SYS_TTY_CONFIG": 26, "SYS_TIME": 25}


def bits(*names):
    return sum(1 << CAP[n] for n in names)


# name: (namespaces besides ALWAYS, capabilities, memory.max in MiB, pids.max, cpu.weight, type of the context)
SERVICES = {
    "bulkhead-log": ({"user", "net"}, 0, None, None, None, "bulkhead_log_t"),
    "syslogd": ({"user", "net"}, 0, 4, 4, 50, "syslogd_t"),
    "flaky": ({"user", "net"}, 0, 4, 4, 10, "flaky_t"),
    "nginx": ({"user"}, 0, 32, 8, 100, "nginx_t"),
    "mosquitto": ({"user"}, 0, 16, 8, 100, "mosquitto_t"),
    "dnsmasq": (set(), bits("NET_BIND_SERVICE", "NET_ADMIN", "NET_RAW"), 16, 8, 200, "dnsmasq_t"),
    "chrony": (set(), bits("SYS_TIME", "NET_BIND_SERVICE"), 16, 8, 200, "chrony_t"),
    "dropbear": (set(), bits("NET_BIND_SERVICE", "SETUID", "SETGID", "CHOWN"), 32, 64, 100, "dropbear_t"),
    "getty": (set(), bits("SETUID", "SETGID", "CHOWN", "FOWNER"), 32, 64, 300, "getty_t"),
}
ROOT_BY_FILE = {"dropbear", "getty"}  # `User = root` in so many words


def main_process(device, name):
    for _ in range(60):
        if name == "flaky":  # it is not always there, and after a while only once a minute
            device.sh("bulkctl restart flaky")
        state = device.wait_state(name, "up")
        if state["pid"]:
            return state["pid"]
    raise AssertionError(f"{name} has no process")


def look(device, name):
    """Everything about one process in one command: it may be gone a moment later."""
    for _ in range(20):
        pid = main_process(device, name)
        status, text = device.try_sh(
            f"cat /proc/{pid}/status && echo @@ && for n in mnt pid ipc uts cgroup user net; do readlink /proc/{pid}/ns/$n; done && "
            f"echo @@ && cat /proc/{pid}/cgroup && echo @@ && cat /proc/{pid}/attr/current && echo && echo @@ && cat /proc/{pid}/mountinfo")
        parts = text.split("@@\n")
        if status == 0 and len(parts) == 5:
            fields = dict(x.split(":\t", 1) for x in parts[0].splitlines() if ":\t" in x)
            spaces = dict(re.findall(r"(\w+):\[(\d+)\]", parts[1]))
            mounts = [x.split() for x in parts[4].splitlines()]
            return {"status": fields, "ns": spaces, "cgroup": parts[2].strip(), "context": parts[3].strip().rstrip("\0"), "mounts": mounts}
    raise AssertionError(f"{name}: its process never stood still")


@pytest.fixture(scope="module")
def own(device):
    return dict(re.findall(r"(\w+):\[(\d+)\]", device.sh("for n in mnt pid ipc uts cgroup user net; do readlink /proc/1/ns/$n; done")))


@pytest.fixture(scope="module")
def seen(device):
    return {name: look(device, name) for name in SERVICES}


def test_every_running_service_is_in_the_table(device):
    running = {n for n, s in device.services().items() if s["state"] in ("up", "restarting") and s["type"] != "group" and not n.startswith("t-")}
    assert running - {"warden"} <= set(SERVICES)


@pytest.mark.parametrize("name", SERVICES)
def test_namespaces(seen, own, name):
    mine = {n for n in own if seen[name]["ns"][n] != own[n]}
    assert mine == set(ALWAYS) | SERVICES[name][0]


def test_no_two_services_share_a_private_namespace(seen):
    for space in (*ALWAYS, "user", "net"):
        holders = [n for n in SERVICES if space in ALWAYS or space in SERVICES[n][0]]
        assert len({seen[n]["ns"][space] for n in holders}) == len(holders), space


@pytest.mark.parametrize("name", SERVICES)
def test_filter_and_privileges(seen, name):
    status = seen[name]["status"]
    assert status["Seccomp"] == "2"
    assert status["NoNewPrivs"] == "1"


@pytest.mark.parametrize("name", SERVICES)
def test_capabilities(seen, name):
    status, expected = seen[name]["status"], SERVICES[name][1]
    for field in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
        assert int(status[field], 16) == expected, field
    assert int(status["CapBnd"], 16) == expected


@pytest.mark.parametrize("name", SERVICES)
def test_ids(seen, name):
    uids = {int(x) for x in seen[name]["status"]["Uid"].split()}
    if name in ROOT_BY_FILE:
        assert uids == {0}
    elif "user" in SERVICES[name][0]:
        assert min(uids) >= 65536  # an id of the service's own range: nobody on the host
    else:
        assert 0 not in uids and max(uids) < 65536
    assert len(uids) == 1


def test_no_two_services_share_an_id(seen):
    ids = [seen[n]["status"]["Uid"].split()[0] for n in SERVICES if n not in ROOT_BY_FILE]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("name", SERVICES)
def test_cgroup_and_limits(device, seen, name):
    assert seen[name]["cgroup"] == f"0::/{name}"
    _, _, memory, tasks, weight, _ = SERVICES[name]
    values = device.sh(f"cd /sys/fs/cgroup/{name} && cat memory.max pids.max cpu.weight").split()
    assert values[0] != "max" and values[1] != "max"
    if memory:
        assert values == [str(memory << 20), str(tasks), str(weight)]


@pytest.mark.parametrize("name", SERVICES)
def test_context(seen, name):
    assert seen[name]["context"] == f"system_u:system_r:{SERVICES[name][5]}:s0"


@pytest.mark.parametrize("name", SERVICES)
def test_root_is_read_only(seen, name):
    root = [m for m in seen[name]["mounts"] if m[4] == "/"]
    assert len(root) == 1
    options = root[0][5].split(",")
    assert "ro" in options and "nosuid" in options and "nodev" in options


@pytest.mark.parametrize("name", SERVICES)
def test_every_mount_is_nosuid_and_private(seen, name):
    for m in seen[name]["mounts"]:
        assert "nosuid" in m[5].split(","), m
        assert not any(w.startswith("shared:") for w in m[6:]), m


@pytest.mark.parametrize("name", [n for n in SERVICES if n != "flaky"])
def test_from_inside(device, name):
    """The same from within its namespaces: what the tests' shell can do there is bounded by the view, not by its own power."""
    pid = main_process(device, name)
    inside = device.sh(f"nsenter -t {pid} -m -p -i -u -- /usr/bin/busybox sh -c '"
                       "hostname; cat /proc/1/comm; ls /proc 2>/dev/null | grep -c \"^[0-9]\"; ls /sys | wc -l; touch /canary 2>&1; touch /etc/canary 2>&1; ls /dev | wc -l'; true")
    lines = inside.splitlines()
    assert lines[0] == (name if name not in ("dropbear", "getty") else "bulkhead")  # whose files name the device for who logs in
    assert lines[1].startswith("bulkhead-cell")
    assert int(lines[2]) < 12
    assert (int(lines[3]) == 0) == (name != "getty")  # getty's file shows /sys read-only
    assert "Read-only file system" in lines[4] and "Read-only file system" in lines[5]
    assert int(lines[6]) < 20


def looked(device, name):
    """What such a service has found: {word: what}."""
    device.sh(f"bulkctl start {name}")
    text = device.wait_log(name, r"\bend$|\bend\n")
    return dict(re.findall(r"\b([a-z0-9-]+) (.*)$", "\n".join(x.split(name, 1)[-1].lstrip(" :|") for x in text.splitlines()), re.M))


def test_default_walls_from_inside(device):
    """An empty [Service] with ExecStart alone, and what such a service finds."""
    found = looked(device, "t-look")
    assert found["ids"] == "1000 1000"
    assert found["hostname"] == "t-look"
    assert (found["nnp"], found["seccomp"]) == ("1", "2")
    assert found["interfaces"] == "lo"
    assert set(found["dev"].split()) == {"null", "zero", "full", "random", "urandom", "tty", "fd", "stdin", "stdout", "stderr", "log", "shm"}
    assert all(w.isdigit() or w in ("self", "thread-self") for w in found["proc"].split())
    assert found.get("sys", "") == ""
    assert found["write-root"] == found["write-etc"] == "EROFS"
    assert found["write-tmp"] == "ALLOWED"
    for what in ("mount", "unshare-user", "ptrace", "bpf"):
        assert found[what] == "EPERM", what
    assert found["packet-socket"] == "EAFNOSUPPORT"
    assert found["clone3"] == "ENOSYS"
    # Landlock closes them, which is used from 5.19 on.
    old = tuple(map(int, device.sh("uname -r").split(".")[:2])) < (5, 19)
    assert found["queue"] == ("ALLOWED" if old else "EACCES") and "no POSIX message queues (mq_open: EACCES)" in device.sh("bulkctl explain t-look")
    device.sh("bulkctl stop t-look")


def test_message_queues_without_landlock(device):
    """Made, written to and read, in an IPC namespace of its own and with the policy in force."""
    assert looked(device, "t-queue")["queue"] == "ALLOWED"
    assert "no POSIX message queues" not in device.sh("bulkctl explain t-queue")
    device.sh("bulkctl stop t-queue")


def test_nginx_cannot_read_dropbears_key_even_as_root(device, ports):
    from device import clients
    assert clients.ssh(ports["ssh"], BUILD / "image/ssh_key", "true")[0] == 0  # a first login makes the key
    device.sh("dmesg -c > /dev/null; bulkctl start t-key-reader-own")
    assert "ALLOWED" in device.wait_log("t-key-reader-own", "uid 0 read .*: ")
    device.sh("bulkctl start t-key-reader")
    assert "uid 0 read" in device.wait_log("t-key-reader", "uid 0 read .*: EACCES")
    for _ in range(20):  # the kernel's audit thread takes its time to print, and prints no more than ten records in 5 s (printk_ratelimit)
        denied = [x for x in device.sh("dmesg").splitlines() if "avc:  denied" in x and "nginx_t" in x and "dropbear" in x]
        if denied:
            break
        time.sleep(0.5)
        device.sh("bulkctl restart t-key-reader")
    assert denied
    device.sh("bulkctl stop t-key-reader t-key-reader-own")


def test_table(seen, own):
    rows = [("SERVICE", "OWN NAMESPACES", "UID", "CAPEFF", "CAPBND", "NNP", "SECCOMP", "CGROUP", "ROOT", "CONTEXT")]
    for name, s in seen.items():
        mine = ",".join(sorted(n for n in own if s["ns"][n] != own[n]))
        root = [m for m in s["mounts"] if m[4] == "/"][0][5].split(",")[0]
        st = s["status"]
        rows.append((name, mine, st["Uid"].split()[0], st["CapEff"].lstrip("0") or "0", st["CapBnd"].lstrip("0") or "0", st["NoNewPrivs"],
                     st["Seccomp"], s["cgroup"], root, s["context"].split(":")[2]))
    widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
    table = "\n".join("  ".join(c.ljust(w) for c, w in zip(r, widths)).rstrip() for r in rows)
    results = BUILD / "results"
    results.mkdir(parents=True, exist_ok=True)
    (results / "walls.txt").write_text(table + "\n")
    print("\n" + table)
    assert len(rows) == len(SERVICES) + 1


@pytest.mark.skipif(BOARD["ARCH"] != "aarch64", reason="branch target identification is 64-bit ARM's")
@pytest.mark.parametrize(("name", "found"), [("t-bti", "not guarded"), ("t-bti-open", "guarded")])
def test_a_program_with_branch_targets_runs_behind_the_default(device, name, found):
    """glibc's loader makes the program's pages guarded by mprotect(2) with PROT_EXEC, and goes on where that is refused."""
    assert " bti" in device.sh("grep -m1 Features /proc/cpuinfo")
    assert "/usr/libexec/bti: guarded" in device.sh("/usr/libexec/bti")  # without any wall
    device.sh(f"bulkctl start {name}")
    assert device.wait_state(name, "done")["restarts"] == 0
    text = device.wait_log(name, "/usr/libexec/bti: ")
    print(text)
    assert text.endswith(f"/usr/libexec/bti: {found}\n")


@pytest.mark.skipif(BOARD["ARCH"] != "aarch64", reason="branch target identification is 64-bit ARM's")
def test_what_is_learned_of_branch_targets(device):
    device.sh("printf '[Service]\\nExecStart = /usr/libexec/bti\\nType = oneshot\\n' >/tmp/t-bti.ini")
    text = device.sh("bulkctl learn --seconds 3 /tmp/t-bti.ini", 200)
    assert "; tried, and done without: mprotect with prot PROT_READ|PROT_EXEC|PROT_BTI\n" in text, text
    assert "MemoryDenyWriteExecute = yes\n" in text, text
