# SPDX-License-Identifier: MIT
"""[Filesystem] and the service's directories, by their effect: services/t-fs-*.ini run fsprobe.c, which says what it finds inside."""
import os
import re
import time

import pytest
from device import BOARD

HARMLESS = {"null", "zero", "full", "random", "urandom", "tty", "fd", "stdin", "stdout", "stderr", "log", "shm"}


@pytest.fixture(scope="module", autouse=True)
def things(device):
    """What lies on the host for the services to be shown, or not. /var is empty at first: a service's cell makes /var/lib with its label."""
    device.sh("bulkctl start t-fs-dirs && cd /var/lib && mkdir -p t-fs/rw/ro t-fs/hidden t-fs/bind t-fs/place && chmod 777 t-fs t-fs/rw t-fs/rw/ro t-fs/bind && "
              "echo found > t-fs/hidden/file && echo found > t-fs/secret && echo bound > t-fs/bind/file && "
              "echo host > /var/cache/host && echo mine > /tmp/of-the-host && chmod 644 /tmp/of-the-host")


def logs(device, name):
    return device.try_sh(f"bulkctl logs -n 4000 {name}")[1]


def run(device, name):
    """What the service said, {(verb, argument): result}, in a new run. restart: a oneshot that is done stays so when it is started."""
    before = logs(device, name).count("[[end - -]]")
    status, text = device.try_sh(f"bulkctl restart {name}")
    assert status == 0, f"{text} {device.status(name)}"
    for _ in range(100):
        text = logs(device, name)
        if text.count("[[end - -]]") > before:
            break
        time.sleep(0.2)
    last = text.split("[[end - -]]")[before]
    return {(v, a): r for v, a, r in re.findall(r"\[\[(\S+) (\S+) (.*?)\]\]", last)}


def mounts(found):
    return {a: (r.split()[0].split(","), r.split()[1]) for (v, a), r in found.items() if v == "mount"}


def refused(device, name):
    device.try_sh(f"bulkctl start {name}")
    return device.wait_state(name, "failed")["why"]


def test_default_view(device):
    found = run(device, "t-fs-default")
    for path in ("/x", "/etc/x", "/usr/x", "/var/x", "/run/x", "/dev/x"):
        assert found["write", path] == "EROFS", path
    for path in ("/tmp/x", "/var/tmp/x", "/dev/shm/x"):
        assert found["write", path] in ("ALLOWED", "ENOENT"), path
    assert found["write", "/tmp/x"] == found["write", "/dev/shm/x"] == "ALLOWED"
    assert found["list", "/tmp"] == "x " and found["list", "/sys"] == ""
    assert found["list", "/proc/sys"] in ("EACCES", "ENOENT") and found["read", "/proc/meminfo"] == "ENOENT"
    assert all(w.isdigit() or w in ("self", "thread-self") for w in found["list", "/proc"].split())
    assert found["list", "/run/log"] == found["list", "/run/bulkhead"] == "EACCES"


def test_every_mount_is_nosuid_and_nodev(device):
    """But /dev, which is there for its nodes: read-only, and only those that are harmless."""
    for name in ("t-fs-default", "t-fs-paths", "t-fs-read-only", "t-fs-root"):
        seen = mounts(run(device, name))
        assert len(seen) > 4
        for at, (options, _) in seen.items():
            assert "nosuid" in options, (name, at)
            assert "nodev" in options or at == "/dev", (name, at)
        assert "ro" in seen["/"][0] and "ro" in seen["/dev"][0] and "noexec" in seen["/dev"][0]


def test_set_user_id_and_nodes_do_nothing(device):
    assert "euid=0" in device.sh("/usr/libexec/fsprobe as:65534 exec:/usr/libexec/t-suid write:/dev/null")  # outside it works
    found = run(device, "t-fs-suid")
    assert found["ids", "/usr/libexec/t-suid"] == found["ids", "/mnt/libexec/t-suid"] == "uid=65534 euid=65534"
    assert found["write", "/mnt/dev/null"] == "EACCES" and found["write", "/dev/null"] == "ALLOWED"


def test_lists_of_paths(device):
    found = run(device, "t-fs-paths")
    assert found["write", "/var/lib/t-fs/rw/x"] == "ALLOWED"
    assert found["write", "/var/lib/t-fs/rw/ro/x"] == "EROFS"
    assert found["write", "/var/lib/t-fs/x"] == "EROFS"
    assert found["list", "/var/lib/t-fs/hidden"] == "EACCES" and found["read", "/var/lib/t-fs/hidden/file"] == "EACCES"
    assert found["read", "/var/lib/t-fs/secret"] == "EACCES"
    assert found["write", "/mnt/x"] == "ALLOWED" and device.sh("cat /var/lib/t-fs/bind/x") == "x"
    assert found["read", "/var/lib/t-fs/place/file"] == "bound" and found["write", "/var/lib/t-fs/place/x"] == "EROFS"
    assert found["list", "/var/cache"] == "" and found["write", "/var/cache/x"] == "ALLOWED"
    assert device.sh("ls /var/cache/x 2>&1; true").startswith("ls:")  # and is not on the host
    at = mounts(found)
    assert "noexec" in at["/var/cache"][0] and at["/var/cache"][1] == "tmpfs"


def test_exec_paths(device):
    found = run(device, "t-fs-paths")
    assert found["exec", "/usr/libexec/t-fs/prog"] == "EACCES"
    assert "uid" in found["ids", "/usr/libexec/fsprobe"] and "uid" in found["ids", "/usr/libexec/t-fs/ok/prog"]


def test_sysfs_tunables_proc_and_tmp(device):
    found = run(device, "t-fs-read-only")
    assert "kernel" in found["list", "/sys"] and found["list", "/sys/fs/cgroup"] == ""
    assert found["write", "/sys/kernel/mm/ksm/run"] == "EROFS" and "ro" in mounts(found)["/sys"][0]
    assert found["read", "/proc/sys/kernel/ostype"] == "Linux"
    assert found["write", "/proc/sys/kernel/hostname"] == "EROFS" and found["write", "/proc/sysrq-trigger"] == "EROFS"
    assert found["read", "/proc/meminfo"].startswith("MemTotal")
    assert found["users", "default"] == "ALLOWED"
    assert "of-the-host" in found["list", "/tmp"]
    assert found["write", "/tmp/from-service"] == "ALLOWED" and device.sh("cat /tmp/from-service") == "x"


def test_the_host_s_views(device):
    found = run(device, "t-fs-host")
    assert "cgroup.procs" in found["list", "/sys/fs/cgroup"] and "rw" in mounts(found)["/sys"][0]
    assert found["write", "/proc/sys/kernel/domainname"] == "ALLOWED" and "/proc/sys" not in mounts(found)
    assert found["users", "invisible"] == "ENOENT"
    assert {"vda", "kmsg", BOARD["CONSOLE"]} <= set(found["list", "/dev"].split()) and found["write", "/dev/null"] == "ALLOWED"


def test_devices(device):
    found = run(device, "t-fs-devices")
    assert set(found["list", "/dev"].split()) == HARMLESS | {"kmsg", "pts", "ptmx"}
    assert found["stat", "/dev/kmsg"].split()[1:] == ["1000", "1000"] and found["stat", "/dev/vda"] == "ENOENT"
    assert found["pts", "-"] == "/dev/pts/0" and found["read", "/dev/zero"] == "EMPTY"
    assert found["write", "/dev/x"] == "EROFS"
    assert "no-such-device" in refused(device, "t-fs-no-device")


def test_directories(device):
    device.sh("mkdir -p /run/t-fs-dirs; echo old > /run/t-fs-dirs/old")
    found = run(device, "t-fs-dirs")
    assert found["env", "RUNTIME_DIRECTORY"] == "/run/t-fs-dirs:/run/t-fs-two" and found["env", "STATE_DIRECTORY"] == "/var/lib/t-fs-dirs/deep"
    assert found["env", "CACHE_DIRECTORY"] == "/var/cache/t-fs-dirs" and found["env", "LOGS_DIRECTORY"] == "/var/log/t-fs-dirs"
    assert found["env", "CONFIGURATION_DIRECTORY"] == "/etc/bulkhead"
    assert found["list", "/run/t-fs-dirs"] == ""  # what was left of an earlier run is gone
    for path in ("/run/t-fs-dirs/x", "/run/t-fs-two/x", "/var/lib/t-fs-dirs/deep/x", "/var/cache/t-fs-dirs/x", "/var/log/t-fs-dirs/x"):
        assert found["write", path] == "ALLOWED", path
    for path in ("/etc/bulkhead/x", "/var/lib/x", "/var/lib/t-fs-dirs/x", "/run/x"):
        assert found["write", path] == "EROFS", path
    assert found["stat", "/run/t-fs-dirs"] == "40700 1000 1000" and found["stat", "/var/lib/t-fs-dirs/deep"] == "40750 1000 1000"
    outside = device.sh("stat -c '%a %u' /run/t-fs-dirs /run/t-fs-two /var/lib/t-fs-dirs /var/lib/t-fs-dirs/deep /var/cache/t-fs-dirs /var/log/t-fs-dirs").split("\n")
    assert [x.split()[0] for x in outside if x] == ["700", "700", "755", "750", "711", "700"]
    owners = [int(x.split()[1]) for x in outside if x]
    assert owners[2] == 0 and len({o for o in owners if o}) == 1 and max(owners) > 65536  # all the same, in the service's range
    again = run(device, "t-fs-dirs")
    assert again["list", "/run/t-fs-dirs"] == "" and again["list", "/var/lib/t-fs-dirs/deep"] == "x "  # emptied, kept


def test_runtime_directory_preserved(device):
    assert run(device, "t-fs-preserve")["list", "/run/t-fs-preserve"] == ""
    assert run(device, "t-fs-preserve")["list", "/run/t-fs-preserve"] == "kept "


def test_runtime_directory_has_bounds(device):
    """Who fills its own directory, with names and with bytes, takes nobody else's room; it is there for those who were started before it."""
    number = device.sh("stat -c %d /run/t-rt-full").strip()
    device.sh("bulkctl start t-rt-full")
    said = device.wait_log("t-rt-full", r"\bend\n|\bend$")
    names, room = int(re.search(r"names (\d+)", said)[1]), int(re.search(r"bytes (\d+)", said)[1])
    assert 90 < names < 100 and 0 < room <= 256 << 10, said
    assert run(device, "t-fs-dirs")["write", "/run/t-fs-dirs/x"] == "ALLOWED"
    device.sh("echo x >/run/full-for-nobody && rm /run/full-for-nobody && bulkctl status >/dev/null")
    text = device.try_sh("bulkctl explain t-rt-full")[1]
    assert "own directory /run/t-rt-full, mode 0755, at most 256 kB and 100 files" in text
    assert any("/run/t-rt-full" in x and "in force 256 kB, 100 files" in x for x in text.splitlines()), text
    device.sh("bulkctl stop t-rt-full")
    assert device.sh("ls /run/t-rt-full/mark; stat -c %d /run/t-rt-full").split() == ["/run/t-rt-full/mark", number]
    print(f"names {names} of 100, bytes {room} of {256 << 10}")


def lives(device, name):
    return logs(device, name).count("ready")


def found_by_life(device, name, n):
    """What the n-th life has found in its directory below /run, once it has left something there itself."""
    device.wait_log(name, r"(?s)(ready\b.*){%d}" % n)
    return re.findall(r"found (.*?)end", logs(device, name))[n - 1].strip()


def test_runtime_directory_is_emptied_at_the_stop(device):
    """Before bulkctl stop returns, also in the view of a service that was there before; the file system stays the same."""
    others, n = lives(device, "t-rt-restart"), lives(device, "t-rt-no")
    device.sh("bulkctl start t-rt-restart && bulkctl start t-rt-no")
    number = device.sh("stat -c %d /run/t-rt-no")
    view = f"/proc/{device.wait_state('t-rt-restart', 'up')['pid']}/root/run/t-rt-no"
    assert found_by_life(device, "t-rt-no", n + 1) == found_by_life(device, "t-rt-restart", others + 1) == ""
    assert device.sh(f"ls -A /run/t-rt-no {view}").split().count("deep") == 2
    device.sh("bulkctl stop t-rt-no")
    assert device.sh("ls -A /run/t-rt-no") == device.sh(f"ls -A {view}") == ""
    assert device.sh("stat -c %d /run/t-rt-no") == number
    device.sh("bulkctl start t-rt-no")
    assert found_by_life(device, "t-rt-no", n + 2) == ""
    device.sh("bulkctl restart t-rt-no")
    assert found_by_life(device, "t-rt-no", n + 3) == ""
    text = device.try_sh("bulkctl explain t-rt-no")[1]
    assert "/run/t-rt-no, mode 0755, at most 16384 kB and 4096 files, emptied when it stops\n" in text
    device.sh("bulkctl stop t-rt-no; bulkctl stop t-rt-restart")


def test_runtime_directory_that_is_kept_over_a_restart(device):
    n = lives(device, "t-rt-restart")
    device.sh("bulkctl start t-rt-restart")
    assert found_by_life(device, "t-rt-restart", n + 1) == ""
    device.sh("bulkctl restart t-rt-restart")
    assert found_by_life(device, "t-rt-restart", n + 2) == "deep"
    device.sh(f"kill -9 {device.wait_state('t-rt-restart', 'up')['pid']}")
    assert found_by_life(device, "t-rt-restart", n + 3) == "deep"
    device.wait_state("t-rt-restart", "up")
    device.sh("bulkctl stop t-rt-restart")
    assert device.sh("ls -A /run/t-rt-restart") == ""


def test_runtime_directory_with_deep_directories(device):
    """However deep a service digs, its directory goes at the stop and at the next start."""
    dig = f"cd /run/t-rt-no && mkdir -p {'d/' * 900} && touch {'d/' * 900}end"
    n = lives(device, "t-rt-no")
    device.sh("bulkctl start t-rt-no")
    assert found_by_life(device, "t-rt-no", n + 1) == ""
    device.sh(f"({dig}) && bulkctl stop t-rt-no")
    assert device.sh("ls -A /run/t-rt-no") == ""
    device.sh(f"({dig}) && bulkctl start t-rt-no")
    assert found_by_life(device, "t-rt-no", n + 2) == ""
    device.sh("bulkctl stop t-rt-no")


def test_runtime_directory_that_cannot_be_emptied(device):
    """What is mounted in there is not its own. PID 1 says so, and goes on."""
    device.sh("bulkctl start t-rt-no && mkdir /run/t-rt-no/m && mount -t tmpfs m /run/t-rt-no/m && touch /run/t-rt-no/m/x")
    device.sh("bulkctl stop t-rt-no")
    device.wait_console("t-rt-no: its RuntimeDirectory is not emptied: EBUSY")
    assert device.sh("ls /run/t-rt-no/m").strip() == "x"
    device.sh("umount /run/t-rt-no/m && bulkctl start t-rt-no && bulkctl stop t-rt-no")
    assert device.sh("ls -A /run/t-rt-no") == ""


def test_another_root(device):
    found = run(device, "t-fs-root")
    assert set(found["list", "/"].split()) == {"bin", "proc", "dev", "sys", "run", "tmp", "mnt", "var", "inside"}
    assert found["list", "/../../.."] == found["list", "/"]
    assert found["read", "/inside"] == "the inner root" and found["read", "/etc/passwd"] == "ENOENT" and found["list", "/home"] == "ENOENT"
    assert found["list", "/run/bulkhead"] in ("ENOENT", "EACCES") and found["write", "/run/x"] == "EROFS" and found["write", "/x"] == "EROFS"
    assert found["write", "/tmp/x"] == "ALLOWED"
    assert found["env", "STATE_DIRECTORY"] == "/var/lib/t-fs-root" and found["write", "/var/lib/t-fs-root/x"] == "ALLOWED"
    assert device.sh("cat /var/lib/t-fs-root/x") == "x"
    assert found["read", "/mnt/file"] == "bound" and found["write", "/mnt/new"] == "EROFS"
    assert set(found["list", "/dev"].split()) == HARMLESS
    assert set(mounts(found)) <= {"/", "/dev", "/dev/shm", "/mnt", "/proc", "/proc/sys", "/run", "/tmp", "/var/tmp", "/var/lib/t-fs-root", "/run/bulkhead", "/run/log"}


@pytest.mark.parametrize("kind", ["squashfs", "erofs"])
def test_root_image(device, kind):
    if device.try_sh(f"test -f /usr/share/t-fs/root.{kind}")[0] != 0:
        assert os.geteuid() != 0
        pytest.skip("labels in a squashfs are given by root alone")
    found = run(device, f"t-fs-{kind}")
    assert found["read", "/inside"] == "the inner root"
    options, kind_of_root = mounts(found)["/"]
    assert kind_of_root == kind and {"ro", "nosuid", "nodev"} <= set(options)
    assert found["write", "/x"] == "EROFS" and found["write", "/tmp/x"] == "ALLOWED"
    for _ in range(3):
        run(device, f"t-fs-{kind}")
    assert "t-fs/root" not in device.sh("losetup -a 2>&1; true")  # each loop device went with its service


def test_no_image(device):
    assert "neither squashfs nor erofs" in refused(device, "t-fs-noimage")


def test_links_swapped_under_a_start(device):
    """A service swaps a directory of its own with a link out of it while another is started, which mounts from there and upon it."""
    device.sh("rm -rf /var/lib/t-fs-swap; mkdir -p /var/lib/t-fs-swap/x/bulkhead; ln -s /etc /var/lib/t-fs-swap/y; bulkctl start t-fs-swap")
    device.wait_log("t-fs-swap", "swap .* ALLOWED")
    owner = device.sh("stat -c %u /var/lib/t-fs-swap").strip()
    assert int(owner) > 65536
    device.sh(f"bulkctl stop t-fs-swap; cd /var/lib/t-fs-swap; chown -h {owner} x y; chown {owner} x/bulkhead y/bulkhead 2>/dev/null; bulkctl start t-fs-swap")
    device.sh("for n in $(seq 40); do bulkctl restart t-fs-victim >/dev/null 2>&1; done; true", seconds=120)
    device.sh("bulkctl stop t-fs-swap")
    said = logs(device, "t-fs-victim")
    runs = said.count("[[end - -]]")
    assert "Hostname" not in "".join(re.findall(r"\[\[read /mnt/\S+ .*?\]\]", said)) and "passwd" not in "".join(re.findall(r"\[\[list /mnt .*?\]\]", said))
    assert all("ENOENT" not in x and "EMPTY" not in x for x in re.findall(r"\[\[read /etc/\S+ .*?\]\]", said))  # nothing was mounted upon the host's
    print(f"{runs} of 40 starts ran, the others were refused")
    assert 0 < runs < 40  # both, or nothing was raced
