# SPDX-License-Identifier: MIT
"""PID 1 as process 1 of a container, whose manager passes its name in the environment, and words as arguments."""
import os
import signal

from pathlib import Path

from conftest import service

MKNOD, SYS_BOOT = "27", "22"
SAID = "container: test: the kernel's command line and log, modules, watchdog and SELinux policy are the host's"


def test_what_is_the_hosts_is_said_once(box):
    d = box(container="bulkhead.log=debug", cmdline="rescue bulkhead.group=nowhere", init="[Watchdog]\nTimeoutSec = 30s\n", a=service())
    d.wait("a", "up")
    assert d.console().count(SAID) == 1
    for text in ("rescue", "nowhere", "watchdog0", "/dev/kmsg", "selinux:"):
        assert text not in d.console().replace(SAID, ""), text


def test_arguments_stand_for_the_kernel_command_line(box):
    d = box(container="word=1 bulkhead.log=debug", cmdline="other", a=service("ConditionKernelCommandLine = word=1"), b=service("ConditionKernelCommandLine = other"))
    d.wait("a", "up")
    d.wait("b", "skipped")
    d.crash()
    d.ctl("restart", "a")
    d.wait("a", "up")
    assert d.console().count(SAID) == 1


def test_nobody_may_make_a_device(box):
    d = box(container="bulkhead.log=debug", without=MKNOD, a=service(), b=service("[Filesystem]", "Devices = kmsg"))
    d.wait("a", "up")
    mounts = Path(f"/proc/{d.host_pid(d.status('a')['pid'])}/mounts").read_text()
    assert "tmpfs /dev/null tmpfs ro,nosuid,noexec," in mounts, mounts
    d.wait_said("b: ended: wall failed: filesystem: EPERM: /dev kmsg")


def test_what_ends_a_container(box):
    for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGRTMIN + 3):
        d = box(container="bulkhead.log=debug", a=service())
        d.wait("a", "up")
        os.kill(d.pid, sig)
        assert d.ended() == "Interrupt", sig


def test_without_the_right_to_reboot_it_exits(box):
    for word in ("poweroff", "reboot"):
        d = box(container="bulkhead.log=debug", without=SYS_BOOT, a=service())
        d.wait("a", "up")
        d.ctl(word)
        assert d.ended() == "by itself"
        assert "container: reboot(2) is not permitted here: exiting" in d.said


def test_the_variable_alone_makes_no_container(box):
    """The kernel passes words of its command line in the environment: on a device they are somebody's mistake. Here the namespace is never the first one,
    so that what it says of itself is all that tells a device from a container."""
    d = box(a=service())
    d.wait("a", "up")
    assert "container:" not in d.console()
