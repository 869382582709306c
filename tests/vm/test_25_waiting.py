# SPDX-License-Identifier: MIT
"""What may wait for ever, and PID 1 that does not: a disk that has stopped to answer, at run time and at the end."""
import json
import re
import shutil
import socket
import subprocess
import time

import pytest
from conftest import HERE, make_image, make_overlay
from device import BOARD, COUNTED_MACHINE, STAY_MS

MOUNT = "mkdir -p /run/dead && mount -t ext4 /dev/vdb /run/dead"


def qmp(path, *commands):
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(str(path))
        stream = s.makefile("rw")
        stream.readline()
        for command, arguments in (("qmp_capabilities", {}), *commands):
            stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
            stream.flush()
            while "return" not in (answer := json.loads(stream.readline())):
                assert "error" not in answer, answer


# Two reads of a disk that answers one request more.
READS = "(dd if=/dev/vdb of=/dev/null bs=64k skip=256 count=1; dd if=/dev/vdb of=/dev/null bs=64k skip=300 count=1) >/dev/null 2>&1 &"


def stop_answering(path, d):
    """From now on QEMU carries out a byte a second of that disk's requests: none, after one that uses up what it has saved. That is by the host's
    clock: a request waits if it still does so a second later."""
    answer_so_fast(path, 1)
    d.sh(READS)
    waiting = 0
    for _ in range(60):
        before, waiting = waiting, int(d.sh("awk '{ print $1 + $2 }' /sys/block/vdb/inflight"))
        if before and waiting:
            return
        time.sleep(1)
    raise AssertionError("the disk still answers")


def answer_so_fast(path, bytes_a_second):
    limits = dict.fromkeys(("bps_rd", "bps_wr", "iops", "iops_rd", "iops_wr"), 0)
    qmp(path, ("block_set_io_throttle", {"device": "disk0", "bps": bytes_a_second, **limits}))


@pytest.fixture
def dead_disk(tmp_path):
    """(its monitor, arguments) of a disk that can be told to answer no more."""
    if BOARD["DISK"] != "virtio-blk-pci":
        pytest.skip("the disk's driver of this board waits for it by itself when the machine goes down")
    disk, monitor = tmp_path / "dead.img", tmp_path / "monitor"
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", disk, "32M"], check=True, capture_output=True)
    return monitor, ["--disk", str(disk), "--qemu=-qmp", f"--qemu=unix:{monitor},server=on,wait=off"]


@pytest.fixture
def dead(boot, dead_disk):
    """A device with a file system below /run/dead, of which nothing is in memory, on a disk that does not answer."""
    monitor, arguments = dead_disk
    d = boot(arguments=[*arguments, *COUNTED_MACHINE])
    d.wait_state("appliance", "up")
    d.sh(f"{MOUNT} && mkdir -p /run/dead/there && : >/run/dead/there/file && sync && umount /run/dead && {MOUNT}")
    d.sh("dd if=/dev/zero of=/run/dead/unwritten bs=64k count=32")
    stop_answering(monitor, d)
    yield d


def stay(d):
    """PID 1's longest away from its loop, in ms, but for what it sleeps while a child's program comes from the disk: that is the host's."""
    info = d.json("bulkctl info --json")
    return info["loop_max_ms"] - info["loop_asleep_ms"]["child"]


def test_a_disk_that_does_not_answer(dead):
    """A start that asks for a file on it waits for its answer, PID 1 does not; then the power goes off."""
    d = dead
    before = stay(d)
    d.sh("bulkctl start t-wait-dead >/run/answer 2>&1 &")
    d.sh("bulkctl start t-condition; bulkctl restart nginx")
    assert d.status("t-wait-dead")["state"] in ("pre", "starting")
    d.wait_state("t-wait-dead", "failed", seconds=60)
    after = stay(d)
    print(f"\nPID 1's longest stay away from its loop: before {before} ms, with a dead disk {after} ms")
    assert after < STAY_MS or not BOARD.native
    assert re.search("condition: ETIMEDOUT", d.console()), d.console()
    d.sh("bulkctl start t-wait-dead >/run/answer 2>&1 & sleep 1; bulkctl stop t-wait-dead")  # one that is asked for can be stopped
    assert d.status("t-wait-dead")["state"] == "down"
    power_off(d)


def test_a_halt_with_a_dead_disk(dead):
    dead.line.sendall(b"bulkctl halt\n@@run\n")
    dead.wait_console("reboot: System halted", 200)
    assert "bulkhead: sync: the disk does not answer, going down without it" in dead.console()


def test_a_forced_power_off_with_a_dead_disk(boot, dead_disk):
    """From the rescue shell, without PID 1: poweroff -f gives its sync so much time, and no more. Enforcing, no shell may do it."""
    monitor, arguments = dead_disk
    d = boot(append=["rescue", "enforcing=0"], warden=False, arguments=arguments)
    d.wait_console("Password: ")
    d.type("bulkhead\n")
    d.wait_console("(?s)Password: .*# ")
    d.type(f"{MOUNT} && dd if=/dev/zero of=/run/dead/unwritten bs=64k count=32; echo mounted-$((1+1))\n")
    d.wait_console("mounted-2")
    answer_so_fast(monitor, 1)
    d.type(f"{READS} sleep 2; poweroff -f\n")
    d.wait_console("reboot: Power down", 200)
    assert "every service is down" not in d.console()


def test_a_kernel_that_does_not_come_back_from_reboot(boot, dead_disk):
    """The driver of a disk that does not answer is being taken away: reboot(2), which asks each driver, waits for that. First for itself, then for sysrq."""
    monitor, arguments = dead_disk
    d = boot(arguments=[*arguments, *COUNTED_MACHINE])
    d.wait_state("appliance", "up")
    stop_answering(monitor, d)
    d.sh("at=$(readlink -f /sys/block/vdb/device); echo ${at##*/} >$at/driver/unbind & sleep 2; grep '^State:.D' /proc/$!/status")
    d.line.sendall(b"bulkctl poweroff\n@@run\n")
    said = d.wait_console(r"(?s)every service is down, powering off\n(.*sysrq: Resetting)", 400)[1]
    print(f"\na reboot(2) that does not come back: {re.findall('bulkhead: (the machine .*)', said)}")
    assert "bulkhead: the machine did not go down: restarting it\n" in said
    assert "bulkhead: the machine did not restart: resetting it by sysrq\n" in said
    answer_so_fast(monitor, 0)
    d.wait_console(r"(?s)sysrq: Resetting.*\d+ services up")


def test_a_file_system_whose_server_has_stopped(boot):
    """FUSE, which waits as a network's file system does. Permissive: nobody may mount one here."""
    d = boot(append=["enforcing=0"], arguments=COUNTED_MACHINE)
    d.wait_state("appliance", "up")
    d.sh("/usr/libexec/strangers fuse stopped /run/dead >/tmp/st 2>&1 & sleep 4; grep sent /tmp/st")
    for name, why in (("t-wait-dead", "condition: ETIMEDOUT: the file system does not answer"),
                      ("t-wait-socket", "socket: ETIMEDOUT: nothing answers at /run/dead/there/socket")):
        d.sh(f"bulkctl start {name} >/run/answer 2>&1 &")
        d.sh("bulkctl start t-condition; bulkctl restart nginx")
        assert d.status(name)["state"] in ("pre", "starting")
        d.wait_state(name, "failed", seconds=60)
        assert f"{name}: failed and stays down: wall failed: {why}" in d.console(), d.console()
        d.sh(f"bulkctl start {name} >/run/answer 2>&1 & sleep 1; bulkctl stop {name}")
        assert d.status(name)["state"] == "down"
    info = d.json("bulkctl info --json")
    print(f"\nPID 1's longest stay away from its loop, with a dead file system: {info['loop_max_ms']} ms; asleep, in ms: {info['loop_asleep_ms']}")
    assert all(ms < STAY_MS for name, ms in info["loop_asleep_ms"].items() if name != "groups"), info
    assert stay(d) < STAY_MS or not BOARD.native
    d.line.sendall(b"bulkctl poweroff\n@@run\n")
    d.wait_off()


def power_off(d):
    began = time.monotonic()
    d.line.sendall(b"bulkctl poweroff\n@@run\n")
    d.wait_console("reboot: Power down", 200)
    took = time.monotonic() - began
    down = d.console()[d.console().rindex("every service is down"):]
    print(f"power-off with a dead disk: {took:.1f} s")
    assert "bulkhead: sync: the disk does not answer, going down without it" in down
    assert "watchdog" not in down and "softdog" not in down


def test_a_console_under_flow_control(boot):
    """Ctrl-S: PID 1 goes on, holds a little and counts the rest, which it says after Ctrl-Q; and the power goes off all the same."""
    d = boot()
    d.wait_state("appliance", "up")
    console = f"/dev/{BOARD['CONSOLE']}"
    d.sh(f"stty -F {console} ixon")
    d.type("\x13")
    d.sh(f"sleep 1; dd if=/dev/zero of={console} bs=4k count=4 >/dev/null 2>&1 & sleep 2")  # its buffer is full, and a writer has the lock
    d.sh("for i in $(seq 30); do bulkctl start t-once-bad; bulkctl reset t-once-bad; done; true")
    assert d.status("nginx")["state"] == "up"
    assert "t-once-bad" not in d.console()
    d.type("\x11")
    left_out = int(d.wait_console(r"bulkhead: (\d+) lines left out here")[1])
    said = len(re.findall(r"bulkhead: t-once-bad: ", d.console()))
    print(f"\na console under flow control: {said} lines of t-once-bad held, {left_out} left out")
    assert said > 0 and left_out > 0
    d.sh(f"stty -F {console} ixon")
    d.type("\x13")
    d.sh(f"sleep 1; dd if=/dev/zero of={console} bs=4k count=4 >/dev/null 2>&1 & sleep 2")
    d.line.sendall(b"bulkctl poweroff\n@@run\n")
    d.wait_off()


# Lines of stock tables, one that leads over what is PID 1's own, some that cannot be mounted, and a view.
FSTAB = """\
/dev/vdb /run/late ext4 ro,nofail 0 0
tmpfs /run/well tmpfs nosuid,nodev,size=64k 0 0
proc /proc proc defaults 0 0
devpts /dev/pts devpts mode=0620,gid=5 0 0
tmpfs /run tmpfs mode=0755,noexec,size=24M 0 0
tmpfs /leads tmpfs nofail 0 0
/dev/nowhere /mnt ext4 defaults 0 0
tmpfs /not-there/deep tmpfs defaults 0 0
/etc /mnt none bind,ro,noexec 0 0
"""


@pytest.fixture
def late(tmp_path):
    """An image whose fstab names a disk and a server's directory."""
    services = tmp_path / "services"
    services.mkdir()
    shutil.copy(HERE / "services/warden.ini", services)
    overlay = make_overlay(tmp_path / "overlay", services)
    (overlay / "leads").symlink_to("/run")
    (overlay / "etc/fstab").write_text(FSTAB)
    return make_image(tmp_path / "out", overlay)


def test_a_line_of_fstab_that_does_not_answer(boot, late, tmp_path):
    """The disk lets itself be recognized, but not be mounted: so many descriptors of groups it does not give. The boot goes on."""
    disk = tmp_path / "late.img"
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-E", "nodiscard,lazy_itable_init=1,lazy_journal_init=1", disk, "1T"], check=True, capture_output=True)
    d = boot(which=late, arguments=[
        "--qemu=-device", f"--qemu={BOARD['DISK']},drive=late", "--qemu=-drive",
        f"--qemu=if=none,id=late,format=raw,file={disk},throttling.bps-total=1,throttling.bps-total-max=200000",
        *COUNTED_MACHINE])
    d.wait_console(r"bulkhead: fstab: /run/late: ETIMEDOUT: took too long, going on without it")
    d.wait_state("nginx", "up")
    mounts = d.sh("cat /proc/mounts")
    assert " /run/well tmpfs " in mounts and "/run/late" not in mounts
    check_own(d.console(), mounts)
    assert "Read-only" in d.sh("cp /bin/busybox /mnt/x 2>&1; true")
    d.line.sendall(b"bulkctl poweroff\n@@run\n")
    d.wait_console("reboot: Power down", 200)


def check_own(console, mounts):
    """What is bulkhead's own has nothing over it, each line that was refused is one on the console, and a view is as narrow as its line."""
    for path in ("/run", "/proc", "/dev/pts", "/sys/fs/cgroup"):
        assert len(re.findall(f"(?m)^\\S+ {path} ", mounts)) == 1, mounts
    assert re.search(r"(?m)^\S+ /run tmpfs \S*nosuid,nodev,noexec\S*,size=24576k", mounts), mounts
    assert " /leads " not in mounts
    assert re.search(r" /mnt \S+ ro,\S*noexec", mounts), mounts
    said = sorted(re.findall(r"(?m)^bulkhead: fstab.*", console.replace("\r", "")))
    print("\n" + "\n".join(said))
    assert said == sorted([
        "bulkhead: fstab: /leads: it leads to /run, and nothing may be mounted over bulkhead's own files",
        "bulkhead: fstab: /mnt: /dev/nowhere: ENOENT: no such file or directory",
        "bulkhead: fstab: /not-there/deep: the directory cannot be made: ENOENT: no such file or directory",
        "bulkhead: fstab: /run/late: ETIMEDOUT: took too long, going on without it",
    ])
