# SPDX-License-Identifier: MIT
"""[Service]: what a process is born with, the order of starts, conditions, instances and profiles, and what becomes of the machine."""
import json
import re
import time

import pytest


@pytest.fixture(scope="module")
def one(device):
    device.sh("bulkctl start t-sv-one")
    return device.wait_state("t-sv-one", "up")["pid"]


def fields(device, pid):
    return dict(x.split(":\t", 1) for x in device.sh(f"cat /proc/{pid}/status").splitlines() if ":\t" in x)


LIMITS = {  # the kernel's name: what LimitX of t-sv-one.ini asks for, soft and hard
    "Max cpu time": (3600, 7200),  # LimitCPU
    "Max file size": (8 << 20, 16 << 20),  # LimitFSIZE
    "Max data size": (256 << 20, 256 << 20),  # LimitDATA
    "Max stack size": (2 << 20, 4 << 20),  # LimitSTACK
    "Max core file size": (0, 0),  # LimitCORE
    "Max resident set": (1 << 20, 2 << 20),  # LimitRSS
    "Max processes": (33, 44),  # LimitNPROC
    "Max open files": (100, 200),  # LimitNOFILE
    "Max locked memory": (64 << 10, 64 << 10),  # LimitMEMLOCK
    "Max address space": (512 << 20, 1 << 30),  # LimitAS
    "Max file locks": (11, 12),  # LimitLOCKS
    "Max pending signals": (55, 66),  # LimitSIGPENDING
    "Max msgqueue size": (4096, 8192),  # LimitMSGQUEUE
    "Max nice priority": (21, 21),  # LimitNICE
    "Max realtime priority": (9, 9),  # LimitRTPRIO
    "Max realtime timeout": (10000000, 20000000),  # LimitRTTIME
}


@pytest.mark.parametrize("name", LIMITS)
def test_limits(device, one, name):
    line = next(x for x in device.sh(f"cat /proc/{one}/limits").splitlines() if x.startswith(name + " "))
    assert tuple(int(x) for x in line[len(name):].split()[:2]) == LIMITS[name]


def test_a_limit_is_felt(device):
    device.try_sh("bulkctl start t-sv-fsize")
    device.wait_state("t-sv-fsize", "done", "failed", "down")
    assert "wrote 8192" in device.wait_log("t-sv-fsize", "wrote [0-9]")  # LimitFSIZE


def test_variables_of_a_file(device, one):
    """EnvironmentFile, read by the cell under the enforcing policy, and UnsetEnvironment."""
    found = dict(x.split("=", 1) for x in device.sh(f"tr '\\0' '\\n' </proc/{one}/environ").splitlines())
    assert found["WHO"] == "the file" and found["MORE"] == "of  it", found
    assert "LOGNAME" not in found and "WHERE" not in found and "USER" in found, found


def test_groups_mask_and_directory(device, one):
    text = device.wait_log("t-sv-one", "in: ")
    inside = re.search(r"in: (\S+) (\S+) (\d+) ([\d ]+)", text)
    assert inside[1] == "0027"  # UMask
    assert inside[2] == "/usr/bin"  # WorkingDirectory
    groups = {k: v for k, v in (x.split(":")[0::2] for x in device.sh("cat /etc/group").splitlines())}
    assert inside[3] == groups["dnsmasq"]  # Group
    assert {groups["tty"], "77"} <= set(inside[4].split())  # SupplementaryGroups
    outside = fields(device, one)
    assert outside["Umask"] == "0027"
    assert device.sh(f"readlink /proc/{one}/cwd").strip() == "/usr/bin"


def test_schedulers(device, one):
    stat = device.sh(f"cat /proc/{one}/stat").rsplit(")", 1)[1].split()
    assert (int(stat[37]), int(stat[38])) == (7, 2)  # CPUSchedulingPriority, CPUSchedulingPolicy = rr
    assert device.sh(f"/usr/libexec/probe ioprio {one}").split() == ["2", "6"]  # IOSchedulingClass, IOSchedulingPriority


def test_memory_kept_and_slowed(device, one):
    group = "/sys/fs/cgroup" + device.sh(f"sed -n s/^0:://p /proc/{one}/cgroup").strip()
    while not device.try_sh(f"grep -q . {group}/memory.min")[1] == "" or device.sh(f"cat {group}/memory.min").strip() == "0":
        group = group.rsplit("/", 1)[0]
        assert group.startswith("/sys/fs/cgroup/")
    found = device.sh(f"cat {group}/memory.min {group}/memory.low {group}/memory.high").split()
    assert found == [str(1 << 20), str(2 << 20), str(20 << 20)]  # MemoryMin, MemoryLow, MemoryHigh
    assert device.sh(f"cat {group}/cpuset.cpus.effective").strip() == fields(device, one)["Cpus_allowed_list"] == "0"  # AllowedCPUs


def test_a_configuration_directory_is_not_done_without(device):
    device.try_sh("bulkctl start t-sv-config")
    now = device.wait_state("t-sv-config", "failed")  # /etc is read-only here
    assert "/etc/t-sv/config" in now["why"]


def never_up_before(device, late, early):
    """`late` is asked for while `early` starts, and comes after it; one without an order does not wait. `early` is done when it is told so."""
    begun = device.logs(early).count("begun") if device.try_sh(f"bulkctl logs {early}")[0] == 0 else 0
    device.sh(f"bulkctl start {early} >/dev/null 2>&1 &")
    device.wait_state(early, "starting")
    device.wait_log(early, f"(?s)(begun.*){{{begun + 1}}}")
    device.sh(f"bulkctl start {late} >/dev/null 2>&1 & bulkctl start t-sv-free >/dev/null 2>&1 &")
    device.wait_state("t-sv-free", "up")
    device.wait_state(late, "waiting")
    assert device.status(early)["state"] == "starting"
    device.sh(f"bulkctl kill -s USR1 {early}")
    device.wait_state(early, "done")
    device.wait_state(late, "up")
    device.sh(f"bulkctl stop {late} {early} t-sv-free")


def test_after(device):
    never_up_before(device, "t-sv-after", "t-sv-slow")  # After


def test_before(device):
    never_up_before(device, "t-sv-behind", "t-sv-slow")  # Before


def test_bound_services_end_together(device):
    device.sh("bulkctl start t-sv-anchor t-sv-bound t-sv-needs")
    device.sh(f"kill -KILL {device.wait_state('t-sv-anchor', 'up')['pid']}")
    device.wait_state("t-sv-anchor", "failed", "down")
    device.wait_state("t-sv-bound", "down", "failed")  # BindsTo
    assert device.status("t-sv-needs")["state"] == "up"  # Requires is about the start
    device.sh("bulkctl stop t-sv-needs")


def test_conflicts(device):
    device.sh("bulkctl start t-sv-day")
    device.sh("bulkctl start t-sv-night")
    device.wait_state("t-sv-night", "up")
    assert device.status("t-sv-day")["state"] == "down"  # Conflicts
    device.sh("bulkctl start t-sv-day")
    device.wait_state("t-sv-day", "up")
    assert device.status("t-sv-night")["state"] == "down"
    device.sh("bulkctl stop t-sv-day")


@pytest.mark.parametrize("name, state", [("arch-right", "done"), ("arch-wrong", "skipped"),  # ConditionArchitecture
                                         ("word-there", "done"), ("word-absent", "skipped"), ("value-absent", "skipped")])  # ConditionKernelCommandLine
def test_conditions(device, name, state):
    device.try_sh(f"bulkctl start t-sv-{name}")
    device.wait_state(f"t-sv-{name}", state)


def test_first_boot(device):  # ConditionFirstBoot
    device.sh("test -e /var/lib/bulkhead/booted")  # this boot left it, and is the first all the same
    device.try_sh("bulkctl start t-sv-first t-sv-later")
    device.wait_state("t-sv-first", "done")
    device.wait_state("t-sv-later", "skipped")
    device.sh("mv /run/bulkhead/first-boot /run/bulkhead/first-boot.kept")  # as after the next start of the machine
    try:
        device.try_sh("bulkctl stop t-sv-first; bulkctl start t-sv-first; bulkctl start t-sv-later")
        device.wait_state("t-sv-first", "skipped")
        device.wait_state("t-sv-later", "done")
    finally:
        device.sh("mv /run/bulkhead/first-boot.kept /run/bulkhead/first-boot")


def test_instances(device):
    device.sh("bulkctl start t-sv-many@red t-sv-many@green")
    for name in ("red", "green"):  # Instances
        device.wait_state(f"t-sv-many@{name}", "up")
        device.wait_log(f"t-sv-many@{name}", f"instance:{name}")
    device.sh("bulkctl stop t-sv-many@red")
    assert device.status("t-sv-many@green")["state"] == "up"
    device.sh("bulkctl stop t-sv-many@green")


def test_a_profile_is_read_before_the_file(device):
    device.sh("bulkctl start t-sv-profiled")
    pid = device.wait_state("t-sv-profiled", "up")["pid"]
    assert fields(device, pid)["Umask"] == "0077"  # the file's own
    assert device.sh(f"readlink /proc/{pid}/cwd").strip() == "/usr"  # the Profile's
    explained = json.loads(device.sh("bulkctl --json explain t-sv-profiled"))
    assert "profiles.d/t-sv.ini" in json.dumps(explained)
    device.sh("bulkctl stop t-sv-profiled")


def test_the_delay_grows_no_further(device):
    device.sh("bulkctl start t-sv-backoff >/dev/null 2>&1 &")
    end = time.monotonic() + 120
    while device.status("t-sv-backoff")["restarts"] < 10:  # doubled without an end, the tenth would come after a hundred seconds: RestartMaxDelaySec
        assert time.monotonic() < end
    delays = [int(x) for x in re.findall(r"t-sv-backoff: starts again in (\d+) ms", device.sh("dmesg"))]
    assert len(delays) >= 9
    assert max(delays) < 400  # and up to a tenth by chance
    device.sh("bulkctl stop t-sv-backoff")


def test_the_boot_is_good_once_the_essential_are_ready(device):
    assert device.json("bulkctl --json info")["boot_good_ms"] is None  # Essential: t-sv-essential has not been asked for
    device.sh("test ! -e /run/bulkhead/boot-good")
    device.sh("bulkctl start t-sv-essential")
    device.wait_state("t-sv-essential", "up")
    device.sh("(for i in $(seq 100); do test -e /run/bulkhead/boot-good && exit 0; usleep 100000; done; exit 1)")
    assert device.json("bulkctl --json info")["boot_good_ms"] > 0
    device.sh("bulkctl stop t-sv-essential")
    device.sh("test -e /run/bulkhead/boot-good")  # a good boot stays one


@pytest.mark.parametrize("name", ["t-sv-limit", "t-sv-fatal"])  # StartLimitAction, FailureAction
def test_the_machine_goes_down_with_it(boot, name):
    d = boot()
    d.line.sendall(f"bulkctl start {name}\n@@run\n".encode())
    d.wait_off()
    assert name in d.console()


def test_output_goes_below_its_own_directories_from_the_first_start_on(device):
    device.sh("rm -rf /var/lib/t-files-own /var/log/t-files-own; bulkctl start t-files-own")
    for path, word in (("/var/lib/t-files-own/out", "out"), ("/var/log/t-files-own/err", "err")):
        device.sh(f"for i in $(seq 50); do grep -q {word} {path} && break; sleep 0.1; done; grep -x {word} {path}")
    device.sh("bulkctl stop t-files-own")


def test_a_file_of_variables_that_is_not_to_be_read(device, one):
    """Under the enforcing policy; the last of t-sv-one, which it stops."""
    path = "/run/none.env"
    wrong = {
        f"ln -s /etc/words.env {path}; chown -h nobody {path}": "has a link on its way that is not root's",
        f"mkfifo {path}": "is no regular file",
        f"printf 'A=1\nexport B=2\n' >{path}": "none.env:2: expected NAME=value",
    }
    device.sh("bulkctl stop t-sv-one")
    for make, said in wrong.items():
        device.sh(make)
        code, text = device.try_sh("bulkctl start t-sv-one")
        assert code != 0 and said in device.try_sh("bulkctl status t-sv-one")[1], text
        device.sh(f"rm {path}")
    device.sh("bulkctl start t-sv-one")
