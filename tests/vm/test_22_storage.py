# SPDX-License-Identifier: MIT
"""What of a read-only device is writable, and what is left of it: DataPartition, Overlay, FactoryReset, RandomSeedFile; and when a boot is good.
One disk goes through several boots; what each finds is kept, and the tests look at it."""
import re
import shutil
import subprocess
import time

import pytest
from conftest import HERE, make_image, make_overlay
from device import BOARD, STATE, Device

LATER = """Overlay = data:/etc tmpfs:/root
MarkGood = t-good
MarkGoodDelaySec = 2s
BootTimeoutSec = 1h
"""
MACHINE = "[Log]\nSize = 8K\nForward = kmsg\n\n[Watchdog]\nRebootTimeoutSec = 50s\n"
# Lines of fstab that a link would lead over what the device keeps.
LEADS = {"kept": "var", "above": "etc/..", "settings": "etc"}
FLAG = "/var/lib/bulkhead/factory-reset"


def make(base, directory, boot, machine="[Watchdog]\n"):
    """The demo with further lines in [Boot] of its init.ini, and about [Watchdog]."""
    services = base / "services"
    services.mkdir()
    shutil.copy(HERE / "services/warden.ini", services)
    overlay = make_overlay(base / "overlay", services, HERE / directory)
    init = overlay / "etc/bulkhead/init.ini"
    init.write_text(init.read_text().replace("[Boot]\n", "[Boot]\n" + boot).replace("[Watchdog]\n", machine))
    for name, where in LEADS.items():
        (overlay / name).symlink_to(where)
    (overlay / "etc/fstab").write_text("".join(f"tmpfs /{name} tmpfs defaults 0 0\n" for name in LEADS))
    return make_image(base / "out", overlay)


@pytest.fixture(scope="module")
def writable(tmp_path_factory):
    return make(tmp_path_factory.mktemp("writable"), "storage", LATER, MACHINE)


@pytest.fixture(scope="module")
def disk(tmp_path_factory):
    """Fresh from mkfs: no label on anything."""
    path = tmp_path_factory.mktemp("disk") / "data.img"
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", path, "32M"], check=True, capture_output=True)
    return path


def off_line(word, disk):
    """debugfs on the seed of a device that is off: no shell of it may look."""
    return subprocess.run(["debugfs", "-R", f"{word} /lib/bulkhead/random-seed", disk], check=True, capture_output=True).stdout


def life(tmp_path_factory, image, commands, **kwargs):
    """One boot, from power-on to power-off: {command: (exit status, output)}, and the console."""
    d = Device(image, tmp_path_factory.mktemp("life"), **kwargs)
    try:
        d.wait_console(r"bulkhead: \d+ services? up")
        d.wait_state("nginx", "up")
        found = {c: d.try_sh(c) for c in commands}
        found["kernel"] = d.sh("dmesg")
        found["mounts"] = {x.split()[1]: x.split() for x in d.sh("cat /proc/mounts").splitlines()}
        d.line.sendall(b"bulkctl poweroff\n@@run\n")
        found["console"] = d.wait_off()
        if "data" in kwargs:
            found["seed"] = off_line("cat", kwargs["data"]), off_line("stat", kwargs["data"]).decode()
        return found
    finally:
        d.close()


SEED = "cat /var/lib/bulkhead/random-seed"
NEW_SERVICE = (r"printf '[Service]\nEnvironmentFile = /etc/added.env\nExecStart = /usr/libexec/probe $WORD\nWantedBy = appliance\n' "
               r">/etc/bulkhead/services.d/added.ini; echo WORD=stay >/etc/added.env")
LABELS = "timeout 3 /usr/libexec/probe-label label:/etc label:/etc/hello label:/etc/hosts label:/var label:/var/.bulkhead"


LINES = "bulkctl start t-lines; for i in $(seq 30); do bulkctl logs t-lines | grep -q 'line 1999' && break; sleep 1; done; bulkctl logs -n 100000 t-lines"


@pytest.fixture(scope="module")
def first(tmp_path_factory, writable, disk):
    return life(tmp_path_factory, writable, [
        "echo hello >/etc/hello", "echo '192.0.2.1 far' >>/etc/hosts", "rm /etc/issue", "echo once >/root/once", "mkdir -p /var/lib/kept/a/b",
        "echo kept >/var/lib/kept/a/b/c", "cat /etc/hello /root/once", "touch /usr/share/x", LABELS, SEED, NEW_SERVICE, "cat /sys/fs/selinux/enforce",
        "bulkctl info --json", "for i in $(seq 60); do bulkctl status --json t-good | grep -q done && break; sleep 1; done; "
        "bulkctl logs t-good; bulkctl status --json t-good; test -e /run/bulkhead/boot-good"], data=disk)


@pytest.fixture(scope="module")
def second(tmp_path_factory, writable, disk, first):
    return life(tmp_path_factory, writable, [
        LINES, "cat /etc/hello", "tail -n 1 /etc/hosts", "ls /etc/issue /root/once", "cat /var/lib/kept/a/b/c", SEED, "bulkctl status --json added",
        "bulkctl info --json", f"touch {FLAG}"], data=disk, append=["bulkhead.log=debug", "bulkhead.factory-reset", "bulkhead.factory-reset=no"])


CRASH = f"dd if=/dev/zero bs=8 count=1 of={STATE} conv=notrunc 2>/dev/null && kill -SEGV 1; sleep 3"
LOOP = "dd if=/dev/zero of=/var/disk bs=1k count=64 2>/dev/null && busybox losetup /dev/loop0 /var/disk"
POINTS = "cut -d' ' -f2 /proc/mounts | sort | uniq -d"


def lose_state(tmp_path_factory, image, path):
    """PID 1's state is spoilt and PID 1 crashes: it boots anew, over what is mounted."""
    d = Device(image, tmp_path_factory.mktemp("life"), data=path, append=["bulkhead.factory-reset"])
    try:
        d.wait_state("nginx", "up")
        found = {"points": d.sh(POINTS), "mounts": d.sh("cut -d' ' -f1-4 /proc/mounts")}
        d.sh("mkdir -p /var/lib/kept; echo early >/var/lib/kept/early; echo early >/etc/early")
        d._send(CRASH + "\n@@run\n")
        d.wait_console("its state is lost")
        d.connect()
        d.wait_state("nginx", "up")
        found |= {"points after": d.sh(POINTS), "mounts after": d.sh("cut -d' ' -f1-4 /proc/mounts"), "kernel": d.sh("dmesg")}
        found["early"] = d.sh("cat /var/lib/kept/early /etc/early; echo late >/var/lib/kept/late; echo late >/etc/late")
        found["swap"] = d.try_sh("dd if=/dev/zero of=/var/swap bs=1k count=64 2>&1 && chmod 600 /var/swap && busybox mkswap /var/swap && busybox swapon /var/swap && cat /proc/swaps")
        found["loop"] = d.try_sh(f"{LOOP} && cat /sys/block/loop0/loop/backing_file")
        d._send("bulkctl poweroff\n@@run\n")
        found["console"] = d.wait_off()
    finally:
        d.close()
    return found


@pytest.fixture(scope="module")
def after_loss(tmp_path_factory, writable):
    path = tmp_path_factory.mktemp("loss") / "data.img"
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", path, "32M"], check=True, capture_output=True)
    found = lose_state(tmp_path_factory, writable, path)
    found["on disk"] = [subprocess.run(["debugfs", "-R", f"cat {name}", path], check=True, capture_output=True, text=True).stdout
                        for name in ("/lib/kept/late", "/.bulkhead/overlay/+etc/upper/late")]
    found["features"] = subprocess.run(["dumpe2fs", "-h", path], check=True, capture_output=True, text=True).stdout
    return found


@pytest.fixture(scope="module")
def third(tmp_path_factory, writable, disk, second):
    return life(tmp_path_factory, writable, [
        f"ls /etc/hello /var/lib/kept {FLAG} /etc/bulkhead/services.d/added.ini", "ls /etc/issue; grep -c far /etc/hosts",
        "for i in 1 2 3 4 5 6 7 8 9; do [ -e /var/.bulkhead-old ] && sleep 1; done; ls -A /var", SEED, "bulkctl info --json"], data=disk)


def broken_disk(tmp_path_factory):
    """It holds no file system."""
    path = tmp_path_factory.mktemp("broken") / "data.img"
    path.write_bytes(b"nothing like a file system\n" * 100000)
    return path


@pytest.fixture(scope="module")
def broken(tmp_path_factory, writable):
    path = broken_disk(tmp_path_factory)
    found = life(tmp_path_factory, writable, ["echo x >/var/x && echo x >/etc/x && cat /var/x /etc/x", "bulkctl status --json dropbear"], data=path,
                 append=["bulkhead.factory-reset"])
    found["untouched"] = path.read_bytes() == b"nothing like a file system\n" * 100000
    return found


def denials(found):
    return [x for x in found["kernel"].splitlines() if "avc:  denied" in x and ":test_t:" not in x]


def test_the_partition_is_mounted_and_labelled(first):
    assert first["cat /sys/fs/selinux/enforce"] == (0, "1")
    mounted = first["mounts"]["/var"]
    assert mounted[0] == "/dev/nvme0n1" and mounted[2] == "ext4" and {"rw", "nosuid", "nodev", "noexec", "noatime"} <= set(mounted[3].split(","))
    labels = dict(re.findall(r"label:(\S+) is (\S+)", first[LABELS][1]))
    assert labels["/var"] == "system_u:object_r:var_t:s0" and labels["/var/.bulkhead"] == "system_u:object_r:data_store_t:s0"
    assert not denials(first), denials(first)


def test_no_line_of_fstab_leads_over_what_is_kept(first):
    for name, said in {"kept": "it leads to /var, and would hide DataPartition or Overlay on /var", "settings": "it leads to /etc, and would hide DataPartition or Overlay on /etc",
                       "above": "it leads to /, and nothing may be mounted over bulkhead's own files"}.items():
        assert f"fstab: /{name}: {said}\n" in first["kernel"].replace("\r", ""), first["kernel"]
    assert first["mounts"]["/var"][2] == "ext4"


def test_overlays_are_writable_and_the_rest_is_not(first):
    assert first["mounts"]["/etc"][0] == "overlay" and first["mounts"]["/root"][0] == "overlay"
    assert first["cat /etc/hello /root/once"] == (0, "hello\nonce\n")
    assert first["touch /usr/share/x"][0] != 0 and "Read-only" in first["touch /usr/share/x"][1]
    labels = dict(re.findall(r"label:(\S+) is (\S+)", first[LABELS][1]))
    for path in ("/etc", "/etc/hello", "/etc/hosts"):
        assert labels[path] == "system_u:object_r:etc_t:s0", path


def test_state_survives_a_reboot_and_memory_does_not(second):
    assert second["cat /etc/hello"] == (0, "hello\n") and second["tail -n 1 /etc/hosts"] == (0, "192.0.2.1 far\n")
    assert second["cat /var/lib/kept/a/b/c"] == (0, "kept\n")
    gone = second["ls /etc/issue /root/once"][1]
    assert "/etc/issue: No such file" in gone and "/root/once: No such file" in gone
    assert not denials(second), denials(second)


def test_a_service_file_in_an_overlay_is_in_force_after_a_reboot(first, second):
    assert '"made ahead by the build"' in first["bulkctl info --json"][1]
    assert "compiled" in second["bulkctl info --json"][1]
    assert '"state":"up"' in second["bulkctl status --json added"][1].replace(" ", "")


def test_a_seed_is_used_once(first, second, third):
    seeds = [x["seed"] for x in (first, second, third)]
    assert all(len(bytes_) == 64 and re.search(r"Mode: +0600 .*", text) for bytes_, text in seeds), seeds
    assert len({bytes_ for bytes_, _ in seeds}) == 3
    assert first[SEED][0] != 0 and "Permission denied" in first[SEED][1]
    assert "random-seed: taken" not in first["kernel"]
    assert "random seed: /var/lib/bulkhead/random-seed: taken, and counts" in second["kernel"]


def test_a_factory_reset_wipes(second, third):
    assert "factory reset" not in second["console"]
    assert f"bulkhead: factory reset ({FLAG}): /var is wiped" in third["console"]
    there = third[f"ls /etc/hello /var/lib/kept {FLAG} /etc/bulkhead/services.d/added.ini"][1]
    assert there.count("No such file") == 4, there
    assert third["ls /etc/issue; grep -c far /etc/hosts"][1] == "/etc/issue\n0\n"
    left = [v for k, v in third.items() if k.startswith("for i in")][0][1].split()
    assert ".bulkhead-old" not in left and ".bulkhead-reset" not in left and "lib" in left, left
    assert '"made ahead by the build"' in third["bulkctl info --json"][1]
    assert "random-seed: taken" not in third["kernel"]
    assert not denials(third), denials(third)


def test_what_is_mounted_stays_where_pid_1_has_lost_its_state(after_loss):
    print("mounted more than once before:", after_loss["points"].split(), "after:", after_loss["points after"].split())
    assert after_loss["points after"] == after_loss["points"]
    assert sorted(after_loss["mounts after"].splitlines()) == sorted(after_loss["mounts"].splitlines())
    assert after_loss["early"] == "early\nearly\n"  # nor is it wiped a second time
    assert after_loss["on disk"] == ["late\n", "late\n"]
    assert after_loss["console"].count("/var is wiped") == 1
    assert "is not mounted on" not in after_loss["console"] and "is memory" not in after_loss["console"]
    assert not denials(after_loss), denials(after_loss)


def test_memory_in_the_partition_s_place_stays_where_pid_1_has_lost_its_state(tmp_path_factory, writable):
    """DataFallback = tmpfs: no second one is laid over it, nor does what is in it go before the device does."""
    found = lose_state(tmp_path_factory, writable, broken_disk(tmp_path_factory))
    print("mounted more than once before:", found["points"].split(), "after:", found["points after"].split())
    assert re.search(r"(?m)^\S+ /var tmpfs ", found["mounts"]), found["mounts"]
    assert found["points after"] == found["points"]
    assert sorted(found["mounts after"].splitlines()) == sorted(found["mounts"].splitlines())
    assert found["early"] == "early\nearly\n"
    assert found["console"].count("/var is memory") <= 2 and "is wiped" not in found["console"]
    assert not denials(found), denials(found)


def test_a_broken_partition_leaves_no_device_dark(broken):
    assert re.search(r"bulkhead: data partition: /dev/nvme0n1 \(ext4\) is not mounted on /var: .*\(EINVAL\)", broken["console"])
    assert "bulkhead: /var is memory: what is written there is lost when the device goes down" in broken["console"]
    assert "bulkhead: overlay: changes in /etc are lost when the device goes down: the data partition is not there" in broken["console"]
    assert "bulkhead: factory reset (bulkhead.factory-reset): there is no data partition to wipe" in broken["console"]
    assert broken["mounts"]["/var"][2] == "tmpfs" and broken["mounts"]["/etc"][0] == "overlay"
    assert broken["echo x >/var/x && echo x >/etc/x && cat /var/x /etc/x"] == (0, "x\nx\n")
    assert '"state":"up"' in broken["bulkctl status --json dropbear"][1].replace(" ", "")
    assert broken["untouched"]
    assert not denials(broken), denials(broken)


def test_a_swap_file_and_a_loop_device_do_not_keep_the_partition_from_being_clean(after_loss):
    status, text = after_loss["swap"]
    assert status == 0 and "/var/swap" in text, text
    assert after_loss["loop"] == (0, "/var/disk\n"), after_loss["loop"]
    assert "swapoff: " not in after_loss["console"], after_loss["console"][-2000:]
    assert "needs_recovery" not in after_loss["features"] and re.search(r"Filesystem state: +clean\n", after_loss["features"])


def test_a_good_boot_is_told(first):
    status, text = [v for k, v in first.items() if "t-good" in k][0]
    assert status == 0 and "the boot is good" in text and '"state":"done"' in text.replace(" ", ""), text


def test_a_boot_that_is_not_good_in_time_ends_as_asked(tmp_path_factory):
    image = make(tmp_path_factory.mktemp("late"), "storage-late", "SettleTimeoutSec = 5s\nBootTimeoutSec = 40s\nBootFailureAction = poweroff\n")
    d = Device(image, tmp_path_factory.mktemp("life"), warden=False)
    try:
        console = d.wait_off(240)
    finally:
        d.close()
    assert re.search(r"bulkhead: the boot has not settled after 5 s: \d+ services up, \d+ not: .*t-never \(starting\)", console)
    assert "bulkhead: this boot is not good after 40 s: not ready: t-never (starting)" in console
    assert console.index("not good after") < console.index("every service is down, powering off")


def test_a_service_s_log_has_the_size_that_the_device_gives_it(second):
    status, text = second[LINES]
    assert status == 0 and "line 1999" in text and "line 0\n" not in text
    assert 2048 < len(text.encode()) < 16 << 10  # 8K of ring hold the newest lines; a time stands before each here


def test_lines_go_to_the_kernel_s_log_besides(first):
    assert re.search(r"t-good(\[\d+\])?: the boot is good", first["kernel"])


def test_the_watchdog_gets_another_time_for_the_way_down(second, third):
    assert re.search(r"watchdog: the device is reset unless it is down in (50|4\d) s", second["console"])  # it began with the request
    assert "watchdog: the device is reset" not in third["console"]  # said to the kernel's log alone, but for debugging


def test_pid_1_speaks_on_the_console_that_is_named(tmp_path_factory):
    image = make(tmp_path_factory.mktemp("console"), "storage", f"Console = /dev/{BOARD.second_console}\n")
    d = Device(image, tmp_path_factory.mktemp("life"), warden=False)
    try:
        line = d.second_line()
        d.wait_console("bulkhead login:")
        end = time.monotonic() + 60
        heard = b""
        while not re.search(rb"bulkhead: \d+ services? up", heard) and time.monotonic() < end:
            heard += line.recv(65536)
        assert re.search(rb"bulkhead: \d+ services? up", heard), heard
        assert "services up" not in d.console()
    finally:
        d.close()
