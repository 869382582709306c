# SPDX-License-Identifier: MIT
"""The appliance as it stands after its boot: everything up, SELinux enforcing, nothing complained of."""
import re
import subprocess

from device import BOARD, BUILD

DAEMONS = ["bulkhead-log", "syslogd", "dnsmasq", "dropbear", "nginx", "mosquitto", "chrony", "getty"]


def test_every_daemon_is_up(device):
    for name in DAEMONS:
        device.wait_state(name, "up")
    assert device.wait_state("network", "done")["last_end"]["exit"] == 0
    assert device.wait_state("appliance", "up")["type"] == "group"


def test_the_console_says_so_in_one_line(device):
    device.wait_console(r"bulkhead: \d+ services up(, \d+ not: .*)?\n")  # flaky may be down at that moment
    assert "refused" not in device.console()
    assert "crashed" not in device.console()


def test_the_plan_was_made_ahead(device):
    assert device.json("bulkctl info --json")["plan_from"] == "made ahead by the build"


def test_selinux_enforces(device):
    assert device.sh("cat /sys/fs/selinux/enforce") == "1"
    assert device.json("bulkctl info --json")["selinux"] == "enforcing"
    assert device.sh("cat /proc/1/attr/current").rstrip("\0") == "system_u:system_r:init_t:s0"


def test_of_several_policies_the_newest_that_the_kernel_reads(device):
    assert device.sh("ls /etc/selinux/bulkhead/policy").split() == ["policy.31", "policy.33", "policy.60"]
    assert device.sh("cat /sys/fs/selinux/policyvers") == "33"
    assert "selinux: enforcing: policy loaded: /etc/selinux/bulkhead/policy/policy.33\n" in device.sh("dmesg")


def test_the_policy_knows_every_class_of_this_kernel(device):
    kernel = device.sh("dmesg")
    assert "SELinux:  policy capability" in kernel  # the log reaches back to the load, or the next line would prove nothing
    assert not re.search(r"SELinux: .*(Class|Permission) \S+ .*not defined in policy", kernel)


def test_no_service_meets_a_denial_at_boot(boot):
    """On a device of its own: others' hostile programs may have been at the common one before."""
    device = boot()
    device.wait_state("nginx", "up")
    mine = [x for x in device.sh("dmesg").splitlines() if "avc:  denied" in x and ":test_t:" not in x]
    assert not mine, "\n".join(mine)


def test_the_watchdog_is_armed_and_fed_by_the_loop(device):
    info = device.json("bulkctl info --json")
    assert info["watchdog_ms"] == 15000
    assert "watchdog" in device.sh("ls -l /proc/1/fd")


def test_root_is_read_only_and_var_is_not(device):
    mounts = {x.split()[1]: x.split()[3].split(",") for x in device.sh("cat /proc/mounts").splitlines()}
    assert "ro" in mounts["/"]
    assert "rw" in mounts["/var"]
    assert {"nosuid", "nodev"} <= set(mounts["/run"])


def test_hostname_and_sysctl_of_init_ini(device):
    assert device.sh("hostname") == "bulkhead\n"
    assert device.sh("cat /proc/sys/net/ipv4/ip_forward") == "1\n"


def test_what_others_lay_in_the_way_is_not_followed(device):
    assert device.sh("cd /proc/sys/fs; cat protected_hardlinks protected_symlinks protected_fifos protected_regular").split() == ["1", "1", "2", "2"]


def test_no_service_takes_the_machine_s_files_away(device):
    """The kernel's bound for all files together is a tenth of memory. One service may have 32 x 4096 by its default walls: with memory for them it has
    more than that tenth, and others go on; with the default memory it goes itself."""
    assert all(int(n) in (2**63 - 1, 2**31 - 1) for n in device.sh("cat /proc/sys/fs/file-max /proc/sys/fs/aio-max-nr").split())
    device.sh("bulkctl start t-files-more")
    files, own, other = map(int, re.search(r"files (\d+) own (\d+) other (\d+)", device.wait_log("t-files-more", r"other \d+")).groups())
    memory = int(re.search(r"MemTotal: +(\d+)", device.sh("cat /proc/meminfo"))[1])
    print(f"{files} files open, {own} processes at their own limit, {other} at another; the kernel would have had {memory // 10}")
    assert own == 30 and other == 0 and files > memory // 10
    device.sh("bulkctl restart nginx")
    device.wait_state("nginx", "up")
    device.sh("bulkctl stop t-files-more; bulkctl start t-files || true")
    assert "killed by SIGKILL" in device.wait_state("t-files", "failed")["why"]
    assert device.status("nginx")["state"] == "up" and "ENFILE" not in device.console()


def taken(device, number, word):
    """What a service with the default walls got that takes all that there is."""
    device.sh(f"echo {word} >/run/t-share; bulkctl start t-share@{number}")
    text = device.wait_log(f"t-share@{number}", rf"{word} -?\d+ end by")
    return int(re.findall(rf"{word} (-?\d+) end by", text)[-1])


def taken_by_two(device, first, second):
    """By one that takes all, and by one that comes second."""
    most = taken(device, 1, first)
    left = taken(device, 2, second)
    device.sh("bulkctl stop t-share@1 t-share@2")
    print(f"{first}: {most}, and then {second}: {left}")
    return most, left


def test_no_service_takes_another_s_inotify_away(device):
    """Services with user namespaces of their own count as root's, who made these: 128 for all of them together, by the kernel's own."""
    most, left = taken_by_two(device, "inotify", "inotify")
    assert most > 1000 and left == most


def test_no_service_takes_another_s_signals_or_locks_away(device):
    """What a user namespace has counts as root's as well, who made it; and its bound there is the maker's."""
    had = {word: taken_by_two(device, word, word) for word in ("signals", "locks")}
    assert all(most > 0 and left == most for most, left in had.values()), had


def test_no_service_takes_another_s_terminals_away(device):
    most, left = taken_by_two(device, "terminals", "terminals")
    assert 0 < most <= 256 and left == most


def test_pid_1_holds_no_heap_and_little_memory(device):
    # Where addresses are not random a heap begins where the program's last part ends, and the kernel gives that part the heap's name.
    elf = subprocess.run(["readelf", "-lW", BUILD / "init"], check=True, capture_output=True, text=True).stdout
    end = max(int(at, 16) + int(size, 16) for at, size in re.findall(r"LOAD +\S+ (\S+) \S+ \S+ (\S+)", elf))
    heap = re.findall(r"^\w+-(\w+) .*\[heap\]$", device.sh("cat /proc/1/maps"), re.M)
    page = 1024 * int(BOARD["PAGE_KB"] or 4)
    assert all(int(at, 16) < end + page for at in heap), heap
    rollup = dict(re.findall(r"^(\w+): +(\d+) kB", device.sh("cat /proc/1/smaps_rollup"), re.M))
    assert int(rollup["Anonymous"]) <= 160, rollup
