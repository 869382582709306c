# SPDX-License-Identifier: MIT
"""Asked for and in force: bulkctl explain reads back what the kernel shows of a running service; and kernels that lack walls, by command line, where each
service is refused or does without exactly as its file says."""
import json
import re

import pytest

from device import Device


def explain(device, name):
    """(exit status of bulkctl explain, its JSON)"""
    status, text = device.try_sh(f"bulkctl explain --json {name}")
    return status, json.loads(text)


def rows(explained, verdict):
    return {(r["name"], r["item"]): r for r in explained["running"]["rows"] if r["verdict"] == verdict}


def fields(device, pid):
    return dict(x.split(":\t", 1) for x in device.sh(f"cat /proc/{pid}/status").splitlines() if ":\t" in x)


def start(device, name):
    device.sh(f"bulkctl start {name}")
    state = device.wait_state(name, "up")
    assert state["pid"]
    return state


def assert_other_walls_stand(device, state):
    """Whatever is missing: no power, no way to any, a filter, a sealed view, nobody's ids."""
    status = fields(device, state["pid"])
    assert all(int(status[f"Cap{x}"], 16) == 0 for x in ("Inh", "Prm", "Eff", "Bnd", "Amb"))
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert min(int(x) for x in status["Uid"].split() + status["Gid"].split()) >= 65536 and not status["Groups"].strip()
    for space in ("mnt", "pid", "ipc", "uts", "cgroup", "net"):
        assert device.sh(f"readlink /proc/{state['pid']}/ns/{space}") != device.sh(f"readlink /proc/1/ns/{space}"), space
    root = [x.split() for x in device.sh(f"cat /proc/{state['pid']}/mountinfo").splitlines() if x.split()[4] == "/"][-1]
    assert {"ro", "nosuid", "nodev"} <= set(root[5].split(","))


# --- a whole kernel ---

@pytest.mark.parametrize("name", ["nginx", "mosquitto", "dnsmasq", "chrony", "getty", "syslogd", "bulkhead-log"])
def test_nothing_that_the_demo_asks_for_is_missing(device, name):
    device.wait_state(name, "up")
    status, found = explain(device, name)
    assert status == 0 and found["running"]["looked_at"]
    assert rows(found, "missing") == {} and rows(found, "absent") == {}
    assert len(rows(found, "in-force")) > 20
    assert device.status(name)["absent"] == []


def test_what_is_asked_for_stands_beside_what_is_found(device):
    start(device, "t-asked")
    status, found = explain(device, "t-asked")
    assert status == 0
    good = rows(found, "in-force")
    assert good["MemoryMax", "memory.max"]["found"] == str(12 << 20)
    assert good["TasksMax", "pids.max"]["found"] == "5"
    assert good["LimitNOFILE", ""]["found"] == "77:88"
    assert good["Nice", ""]["found"] == "5" and good["OOMScoreAdjust", ""]["found"] == "100"
    assert good["InaccessiblePaths", "/etc/fstab"]["found"].startswith("tmpfs ro")
    assert "noexec" in good["NoExecPaths", "/var"]["found"]
    # What the kernel shows to nobody is not called in force.
    unseen = rows(found, "unseen")
    assert unseen["Landlock", ""]["asked"].endswith("rules")
    assert unseen.keys() == {("Landlock", ""), ("MemoryDenyWriteExecute", "PR_SET_MDWE"), ("SELinuxContext", ""), ("SystemCallFilter", ""),
                             ("DeviceAllow", "device program"), ("IPAddressAllow", "ingress program"), ("IPAddressDeny", "egress program")}, unseen
    # A filter of the service's own would be one too, and so would anybody's program.
    assert unseen["SystemCallFilter", ""]["found"] == "filters: 1; nothing shows what they let pass"
    assert all(unseen[row]["found"] == "one is attached; what it lets pass is not compared" for row in unseen if row[1].endswith(" program"))
    assert unseen["SELinuxContext", ""]["found"].startswith("system_u:system_r:service_t:s0: ")
    assert good["Network", ""]["found"] == "private"
    memory = [d for d in found["directives"] if d["name"] == "MemoryMax"][0]
    assert memory["value"] == "12M" and memory["in_force"] == str(12 << 20) and memory["line"] > 1
    text = device.sh("bulkctl explain t-asked")
    assert re.search(r"MemoryMax += 12M +12582912 +/etc/bulkhead/services.d/t-asked.ini:\d+\n", text)
    assert re.search(r"\n  \d+ asked for and in force, 0 missing, 0 absent", text)


def test_what_is_no_longer_in_force_is_marked(device):
    start(device, "t-asked")
    device.sh("echo 64M >/sys/fs/cgroup/t-asked/memory.max")
    status, found = explain(device, "t-asked")
    missing = rows(found, "missing")
    assert status == 5 and missing["MemoryMax", "memory.max"]["found"] == str(64 << 20)
    text = device.try_sh("bulkctl explain t-asked")[1]
    assert re.search(r"MemoryMax +.*MISSING: 67108864", text)
    device.sh("bulkctl restart t-asked")


REPLACED = "/var/lib/t-replaced"
# What others do to each path.
REPLACING = {
    ("InaccessiblePaths", "secret"): "echo b >new; mv new secret",
    ("InaccessiblePaths", "vault"): "mv vault old; mkdir vault; rmdir old",
    ("ReadOnlyPaths", "conf"): "echo b >new; mv new conf",
    ("ReadOnlyPaths", "confs"): "rmdir confs; mkdir confs",
    ("NoExecPaths", "prog"): "echo b >new; mv new prog",
    ("NoExecPaths", "progs"): "mv progs old; mkdir progs; rmdir old",
    ("TemporaryFileSystem", "empty"): "rmdir empty; mkdir empty",
    ("BindReadOnlyPaths", "bound"): "echo b >new; mv new bound",
}


def test_a_path_that_is_replaced_from_outside_is_missing(device):
    """The kernel takes the mount away with what it lay on: explain says so of each, and the next start raises it anew."""
    walls = {(directive, f"{REPLACED}/{path}") for directive, path in REPLACING}
    device.sh(f"mkdir -p {REPLACED}; cd {REPLACED}; mkdir -p vault confs progs empty ../t-replaced-source")
    device.sh(f"cd {REPLACED}; for f in secret conf prog bound; do echo a >$f; done")
    start(device, "t-replaced")
    status, found = explain(device, "t-replaced")
    assert status == 0 and rows(found, "in-force").keys() >= walls, (rows(found, "missing"), rows(found, "unseen"))
    device.sh(f"cd {REPLACED}; {'; '.join(REPLACING.values())}")
    # What is bound is the old directory still, and the source another.
    device.sh("cd /var/lib; mv t-replaced-source old; mkdir t-replaced-source; rmdir old")
    status, found = explain(device, "t-replaced")
    missing = rows(found, "missing")
    assert status == 5 and set(missing) == walls | {("BindReadOnlyPaths", "/mnt")}, missing
    assert missing["BindReadOnlyPaths", "/mnt"]["found"] == "the source is a different file now"
    device.sh("bulkctl restart t-replaced")
    device.wait_state("t-replaced", "up")
    assert explain(device, "t-replaced")[0] == 0
    device.sh(f"bulkctl stop t-replaced; rm -r {REPLACED} /var/lib/t-replaced-source")


def test_a_covered_directory_hides_whatever_is_replaced_in_it(device):
    device.sh("mkdir /var/lib/t-covered; cd /var/lib/t-covered; echo a >secret; echo a >public")
    view = f"/proc/{start(device, 't-covered')['pid']}/root/var/lib/t-covered"
    device.sh("cd /var/lib/t-covered; echo b >new; mv new secret; echo c >later")
    assert device.sh(f"ls {view}; cat {view}/public").split() == ["public", "a"]
    status, found = explain(device, "t-covered")
    assert status == 0, rows(found, "missing")
    device.sh("bulkctl stop t-covered; rm -r /var/lib/t-covered")


# What is done in the service's own view: which rows are missing then, and what they say.
WEAKENING = {
    "remount,bind,exec,nosuid,nodev /tmp": {("PrivateTmp", "/tmp"): ""},
    "remount,nosuid,nodev,noexec,size=1m /tmp": {("PrivateTmp", "/tmp"): "not size=20%"},
    "remount,bind,exec,nosuid,nodev /dev/shm": {("", "/dev/shm"): ""},
    "remount,bind,exec,nosuid,nodev /var/lib/t-weakened": {("StateDirectory", "/var/lib/t-weakened"): ""},
    "remount,bind,ro,nosuid,nodev /mnt": {("BindPaths", "/mnt"): "read-only"},
    "remount,nosuid,nodev,size=64k /usr/share": {("TemporaryFileSystem", "/usr/share"): "not size=1%"},
    "remount,nosuid,nodev,nr_inodes=99 /usr/share": {("TemporaryFileSystem", "/usr/share"): "not nr_inodes=16"},
}


@pytest.mark.parametrize("change", WEAKENING)
def test_each_option_of_a_mount_is_compared(device, change):
    device.sh("mkdir -p /var/lib/t-weakened-source")
    pid = start(device, "t-weakened")["pid"]
    status, found = explain(device, "t-weakened")
    assert status == 0, rows(found, "missing")
    options, path = change.split()
    device.sh(f"nsenter -t {pid} -m -- /usr/bin/busybox mount -t none -o {options} none {path}")
    status, found = explain(device, "t-weakened")
    missing = rows(found, "missing")
    device.sh("bulkctl stop t-weakened")
    assert status == 5 and missing.keys() == WEAKENING[change].keys(), missing
    assert all(said in missing[row]["found"] for row, said in WEAKENING[change].items()), missing


def test_a_root_of_its_own_is_the_one_that_is_named(device):
    start(device, "t-own-root")
    status, found = explain(device, "t-own-root")
    assert status == 0 and ("RootDirectory", "/") in rows(found, "in-force"), rows(found, "missing")
    device.sh("mount --bind /mnt /usr/libexec/t-fs-root")
    status, found = explain(device, "t-own-root")
    device.sh("umount /usr/libexec/t-fs-root; bulkctl stop t-own-root")
    assert status == 5 and rows(found, "missing")["RootDirectory", "/"]["found"] == "another directory"


def test_an_image_is_the_one_that_is_named(device):
    start(device, "t-own-image")
    status, found = explain(device, "t-own-image")
    assert status == 0 and ("RootImage", "/") in rows(found, "in-force"), rows(found, "missing")
    device.sh("bulkctl stop t-own-image")


def test_what_does_not_run_has_nothing_in_force(device):
    device.try_sh("bulkctl stop t-asked")
    status, found = explain(device, "t-asked")
    assert status == 0 and found["running"]["pid"] is None and found["running"]["rows"] == []
    assert re.search(r"MemoryMax += 12M +- +/etc", device.sh("bulkctl explain t-asked"))


# --- kernels that lack walls ---

@pytest.fixture(scope="module")
def poor(tmp_path_factory, image):
    """No user namespaces and no Landlock, SELinux enforcing."""
    d = Device(image, tmp_path_factory.mktemp("poor"), append=["sysctl.user.max_user_namespaces=0", "lsm=yama,selinux"])
    yield d
    d.close()


@pytest.mark.parametrize("name,words", [
    ("t-strict", r"user namespace: ENOSPC: user namespace is not in this kernel"),
    ("t-needs-landlock", r"landlock: EOPNOTSUPP: Landlock is not in this kernel"),
    ("nginx", r"user namespace: ENOSPC"),
])
def test_a_wall_that_the_kernel_lacks_refuses_by_name(poor, name, words):
    poor.try_sh(f"bulkctl start {name}")
    state = poor.wait_state(name, "failed", "restarting")
    assert state["pid"] is None and re.search(words, state["why"]), state["why"]


def test_a_service_that_may_do_without_runs_and_says_so(poor):
    state = start(poor, "t-asked")
    assert state["absent"] == ["user", "landlock"]
    assert "without user landlock" in poor.try_sh("bulkctl status")[1]
    assert re.search(r"without +user landlock\n", poor.sh("bulkctl status t-asked"))
    assert_other_walls_stand(poor, state)
    status, found = explain(poor, "t-asked")
    assert status == 0 and rows(found, "missing") == {}
    assert {k[0] for k in rows(found, "absent")} == {"User", "Landlock"}
    assert found["running"]["absent"] == ["user", "landlock"]
    # Its files are its own, as they would be with the namespace.
    owner = poor.sh("stat -c %u /var/lib/t-asked").strip()
    assert fields(poor, state["pid"])["Uid"].split()[0] == owner


def test_landlock_by_default_refuses_nobody(poor):
    """dnsmasq asks for no user namespace, and says nothing about Landlock."""
    state = poor.wait_state("dnsmasq", "up")
    assert state["absent"] == ["landlock"]


def test_what_is_missing_is_still_known_after_a_crash_of_pid_1(poor):
    before = poor.json("bulkctl info --json")
    poor.sh("kill -SEGV 1")
    for _ in range(50):
        if poor.json("bulkctl info --json").get("recoveries", 0) > before.get("recoveries", 0):
            break
    assert poor.json("bulkctl info --json")["recoveries"] > before["recoveries"]
    assert poor.status("t-asked")["absent"] == ["user", "landlock"]


@pytest.fixture(scope="module")
def poor_memory(tmp_path_factory, image):
    """No memory, io and cpuset controllers, and no SELinux."""
    d = Device(image, tmp_path_factory.mktemp("poor-memory"), append=["cgroup_disable=memory,io,cpuset", "selinux=0"])
    yield d
    d.close()


def test_without_selinux_a_context_is_reported_as_absent(poor_memory):
    """warden asks for test_t; bulkhead-log asks for no context by itself."""
    assert poor_memory.wait_state("warden", "up")["absent"] == ["selinux", "memory"]
    assert poor_memory.wait_state("bulkhead-log", "up")["absent"] == ["memory"]
    found = explain(poor_memory, "warden")[1]
    assert ("SELinuxContext", "") in rows(found, "absent") and rows(found, "missing") == {}


def test_without_the_memory_controller_only_who_may_runs(poor_memory):
    assert start(poor_memory, "t-asked")["absent"] == ["memory"]
    assert_other_walls_stand(poor_memory, poor_memory.status("t-asked"))
    status, found = explain(poor_memory, "t-asked")
    assert status == 0 and {k[0] for k in rows(found, "absent")} == {"MemoryMax"} and rows(found, "missing") == {}
    poor_memory.try_sh("bulkctl start t-strict")
    state = poor_memory.wait_state("t-strict", "failed")
    assert re.search(r"cgroup: ENOSYS: memory controller is not in this kernel", state["why"]), state["why"]
    for name in ("syslogd", "network", "flaky", "getty", "nginx"):
        poor_memory.wait_console(rf"bulkhead: {name}: failed and stays down: wall failed: cgroup: ENOSYS: memory")


@pytest.mark.parametrize("name,words", [
    ("t-needs-io", "cgroup: ENOSYS: io controller is not in this kernel"),
    ("t-needs-cpuset", "cgroup: ENOSYS: cpuset controller is not in this kernel"),
])
def test_without_the_other_controllers_who_needs_them_is_refused(poor_memory, name, words):
    poor_memory.try_sh(f"bulkctl start {name}")
    state = poor_memory.wait_state(name, "failed", "restarting")
    assert state["pid"] is None and re.search(words, state["why"]), state["why"]
    poor_memory.try_sh(f"bulkctl stop {name}")


def test_without_the_other_controllers_who_may_runs_and_says_so(poor_memory):
    state = start(poor_memory, "t-spares-io")
    assert set(state["absent"]) == {"memory", "io", "cpuset"}
    assert_other_walls_stand(poor_memory, state)
    status, found = explain(poor_memory, "t-spares-io")
    assert status == 0 and rows(found, "missing") == {}
    assert {k[0] for k in rows(found, "absent")} >= {"IOWeight", "AllowedCPUs"}
