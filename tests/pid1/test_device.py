# SPDX-License-Identifier: MIT
"""Sockets, the control protocol, refusals, and the end of the machine."""
import json
import os
import signal
import socket
import struct
import subprocess

from conftest import service, wait_until

CALLS = service("[Socket]", "ListenStream = /run/calls", "Activate = on-demand", kind="simple", word="serve")


def test_a_caller_starts_the_service(box):
    d = box(a=CALLS)
    d.wait("a", "listening")
    with d.connect("/run/calls") as caller:
        assert caller.recv(1) == b""
    d.wait("a", "up")
    d.wait_logs("a", "life is called")


def test_a_socket_outlives_its_service(box):
    d = box(a=CALLS.replace("Restart = no", "Restart = on-failure\nRestartSec = 1ms"))
    d.wait("a", "listening")
    with d.connect("/run/calls") as caller:
        assert caller.recv(1) == b""
    before = d.wait("a", "up")
    d.ctl("kill", "-s", "KILL", "a")
    wait_until(lambda: d.status("a")["pid"] != before["pid"], d.console)
    with d.connect("/run/calls") as caller:
        assert caller.recv(1) == b""


def test_a_caller_who_is_never_answered(box):
    """Its service is started again and again, but ever later, and a request sets it back to its usual pace."""
    d = box(a=service("RestartSec = 1ms", "[Socket]", "ListenStream = /run/calls", "Activate = on-demand", kind="simple", word="exit"))
    d.wait("a", "listening")
    with d.connect("/run/calls"):
        d.wait_said("a: leaves its callers unanswered: listens again in 2 ms")
        wait_until(lambda: d.status("a")["since_ms"] > 1000 and d.status("a")["state"] == "restarting", d.console)
        before = d.status("a")["restarts"]
        assert 20 < before < 40, before
        status, text = d.try_ctl("restart", "a")
        # Its life may be over before the answer is given: then it is in a pause again, and the answer says so.
        assert (status, text) == (0, "") or "restarting: exit status 0" in text, (status, text)
        wait_until(lambda: d.status("a")["restarts"] > 10, d.console)


def test_a_socket_outlives_a_crash(box):
    d = box(a=CALLS)
    d.wait("a", "listening")
    d.crash()
    with d.connect("/run/calls") as caller:
        assert caller.recv(1) == b""
    d.wait("a", "up")


def test_status_as_json(box):
    d = box(a=service(), b=service("Enabled = no"))
    d.wait("a", "up")
    found = {one["service"]: one["state"] for one in json.loads(d.ctl("status", "--json"))}
    assert found == {"a": "up", "b": "down", "bulkhead-log": "up"}


def test_a_name_that_there_is_not(box):
    d = box(server=service())
    d.wait("server", "up")
    status, text = d.try_ctl("start", "serve")
    assert status == 1 and "server" in text, text


def test_what_is_not_running_has_status_3(box):
    d = box(a=service("Enabled = no"))
    assert d.answers().try_ctl("status", "a")[0] == 3


def test_start_tells_of_a_failure(box):
    d = box(a=service("Enabled = no", kind="oneshot", word="exit 3"))
    status, text = d.answers().try_ctl("start", "a")
    assert status == 1 and "exit status 3" in text


def test_others_than_root_may_look_and_change_nothing(box):
    d = box(a=service())
    d.wait("a", "up")
    assert d.try_ctl("status", user=1234)[0] == 0
    assert d.try_ctl("stop", "a", user=1234)[0] == 4
    assert d.status("a")["state"] == "up"


def test_one_who_says_nothing_is_in_nobody_s_way(box):
    d = box(a=service())
    d.wait("a", "up")
    mute = [socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(3)]
    for one in mute:
        one.connect(f"{d.root}/run/bulkhead/control")
    d.ctl("stop", "a")
    assert d.status("a")["state"] == "down"
    for one in mute:
        one.close()


def test_noise_on_the_control_socket(box):
    d = box(a=service())
    d.wait("a", "up")
    for noise in (b"\0", b"\xff" * 4096, struct.pack("<IIII", 1, 0xffffffff, 7, 7)):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as one:
            one.connect(f"{d.root}/run/bulkhead/control")
            one.send(noise)
    assert d.status("a")["state"] == "up"


def test_a_wrong_file_is_refused_and_the_others_start(box):
    d = box(plan=False, a="[Service]\nExecStart = /usr/bin/life notify\nRestrat = no\n", b=service())
    d.wait("b", "up")
    d.wait_said("a.ini:3", 'unknown directive "Restrat"')
    assert d.status("a")["state"] == "refused"


def test_a_wall_that_does_not_stand(box):
    """No service runs with fewer walls than its file asks for."""
    d = box(a=service("[Filesystem]", "BindPaths = /run/never"), b=service())
    d.wait("b", "up")
    end = d.wait("a", "failed", "refused")
    assert "/run/never" in end["why"] and "ENOENT" in end["why"], end
    assert "life begins" not in d.logs("a")


def test_a_program_that_is_not_there(box):
    d = box(plan=False, a=service().replace("/usr/bin/life", "/usr/bin/nothing"), b=service())
    d.wait("b", "up")
    assert "/usr/bin/nothing" in d.wait("a", "failed", "refused")["why"]


def test_without_services_there_is_a_way_in(box):
    d = box(cmdline="bulkhead.log=debug rescue", init="[Boot]\nRescueShell = open\n", a=service())
    wait_until((d.root / "run/shell").exists, d.console)
    d.answers()
    assert "a: ready" not in d.console()


def test_the_last_word_counts_and_etc_hostname_may_have_comments(box):
    device = box(cmdline="rescue=1 bulkhead.log=quiet place=1 place=2 bulkhead.log=debug rescue=0",
                 asked=service("ConditionKernelCommandLine = place=2"), either=service("ConditionKernelCommandLine = place=1"))
    device.wait_said("3 services up")
    named = subprocess.run(["nsenter", "-t", str(device.pid), "-u", "uname", "-n"], stdout=subprocess.PIPE, text=True, check=True).stdout
    assert named == "box\n" and "hostname" not in device.console()


def test_what_fstab_asks_for_is_mounted(box):
    d = box(fstab="tmpfs /mnt tmpfs size=64k,mode=700 0 0\n", a=service())
    d.wait("a", "up")
    mounts = (d.root / "proc/1/mounts").read_text()
    assert " /mnt tmpfs " in mounts and "size=64k" in mounts


def test_power_off_stops_who_depends_first(box):
    d = box(a=service(), b=service("After = a"))
    d.wait("b", "up")
    d.ctl("poweroff")
    assert d.ended() == "Interrupt"
    assert d.in_order("b: stopped", "a: stopped", "every service is down, powering off"), d.said


def test_reboot(box):
    d = box(a=service())
    d.wait("a", "up")
    d.ctl("reboot")
    assert d.ended() == "Hangup"


def test_the_end_does_not_wait_for_who_is_deaf(box):
    d = box(a=service("TimeoutStopSec = 200ms", word="deaf"))
    d.wait("a", "up")
    d.ctl("poweroff")
    assert d.ended() == "Interrupt"


def test_power_off_in_the_middle_of_a_start(box):
    d = box(a=service("TimeoutStartSec = 60s", word="mute"))
    d.wait("a", "starting")
    d.ctl("poweroff")
    assert d.ended() == "Interrupt"


def test_power_off_by_signal(box):
    d = box(a=service())
    d.wait("a", "up")
    os.kill(d.pid, signal.SIGUSR2)
    assert d.ended() == "Interrupt"


def test_options_of_fstab_are_those_of_mount_8(box):
    d = box(fstab="tmpfs /mnt tmpfs user,exec,size=64k 0 0\n/mnt /run/view none bind,ro,noexec,nosymfollow 0 0\n", a=service())
    d.wait("a", "up")
    mounts = {line.split()[1]: set(line.split()[3].split(",")) for line in (d.root / "proc/1/mounts").read_text().splitlines()}
    assert {"rw", "nosuid", "nodev", "size=64k"} <= mounts["/mnt"] and "noexec" not in mounts["/mnt"], mounts
    assert {"ro", "noexec", "nosymfollow", "nosuid", "nodev"} <= mounts["/run/view"], mounts


def test_a_device_of_fstab_is_waited_for(box):
    d = box(fstab="/dev/none /mnt ext4 nofail 0 0\n/dev/late /mnt ext4 defaults 0 0\n", a=service())
    said = wait_until(lambda: (d.root / "dev/late").touch() or "fstab: /mnt" in d.console() and d.console(), d.console)
    assert "ENOTBLK" in said, said  # it came, and is no disk


def test_clients_are_answered_while_a_device_is_waited_for(box):
    d = box(fstab="/dev/late /mnt ext4 defaults 0 0\n", a=service())
    assert d.status("a")["state"] == "waiting"
    assert "plan" in d.ctl("info")
    asked = subprocess.Popen(["nsenter", f"--mount=/proc/{d.pid}/ns/mnt", "/usr/bin/bulkctl", "restart", "a"], stdout=subprocess.DEVNULL)
    assert "fstab: /mnt" not in d.console(), d.said
    (d.root / "dev/late").touch()
    d.wait_said("fstab: /mnt")
    assert asked.wait(60) == 0 and d.status("a")["state"] == "up"


def test_devices_of_fstab_are_waited_for_together(box):
    """Seven that do not come have as long as one, and what stands behind them is mounted."""
    d = box(fstab="".join(f"/dev/none{i} /mnt ext4 defaults 0 0\n" for i in range(7)) + "tmpfs /run/last tmpfs defaults 0 0\n", a=service())
    d.wait_said("a: ready")
    assert "ETIMEDOUT" not in d.console(), d.said
    assert d.said.count("/mnt: /dev/none") == 7, d.said
    assert " /run/last tmpfs " in (d.root / "proc/1/mounts").read_text()


def test_a_kernel_that_is_too_old(box):
    """It says so before anything else. What setarch makes of a kernel's version is 2.6.something."""
    d = box(a=service(), before=("setarch", "--uname-2.6"))
    d.wait("a", "up")
    d.wait_said(" is older than 5.10, the oldest that bulkhead runs on: services may not start")
    assert "kernel: Linux 2.6." in d.said
    assert "is older than" not in box(a=service()).console()
