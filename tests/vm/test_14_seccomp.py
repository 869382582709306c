# SPDX-License-Identifier: MIT
"""Filters and capabilities at work: what each line of [Seccomp] and [Capabilities] lets a program do and what not, told by the program itself
(tests/vm/calls.c) and by the kernel of it. The services' SystemCallDefault is EDOM, an answer that nothing else here gives: it is the filter's."""
import re
import time

import pytest
from device import BOARD

# uname, swapon and getppid, by which the kernel's log names them.
NUMBERS = {"x86_64": {63, 167, 110}, "aarch64": {160, 224, 173}, "armv7": {122, 87, 64}}[BOARD["ARCH"]]
OTHER_ENTRIES = "SIGSYS" if BOARD["ARCH"] == "x86_64" else "ABSENT"
CAP = {"CAP_KILL": 5, "CAP_NET_BIND_SERVICE": 10, "CAP_SYS_TIME": 25}


def run(device, name):
    """What the service says of each of its calls, and the kernel of the service."""
    device.sh(f"bulkctl start {name}")
    text = device.wait_log(name, r"\bend\n|\bend$")
    said = dict(re.findall(r"(?:^|\s)([a-z0-9-]+) ([A-Z0-9a-z]+)$", text, re.M))
    pid = device.status(name)["pid"]
    status = dict(x.split(":\t", 1) for x in device.sh(f"cat /proc/{pid}/status").splitlines() if ":\t" in x)
    device.sh(f"bulkctl stop {name}")
    return said, status


def expect(said, **expected):
    wrong = {k: said.get(k.replace("_", "-")) for k, v in expected.items() if said.get(k.replace("_", "-")) != v}
    assert not wrong, f"expected {expected}, found {said}"


def expect_passed(said, *labels):
    """What the filter lets through may still be refused, by other walls."""
    wrong = {x: said.get(x) for x in labels if said.get(x) in (None, "EDOM", "ENOSYS", "EAFNOSUPPORT", "SIGSYS")}
    assert not wrong, said


def test_default_filter(device):
    said, status = run(device, "t-calls-default")
    assert status["Seccomp"] == "2" and status["NoNewPrivs"] == "1"
    expect(said, getpid="ALLOWED", x32=OTHER_ENTRIES, int80=OTHER_ENTRIES, mount="EDOM", ptrace="EDOM", uring="EDOM", unknown="ENOSYS")
    expect(said, made="ALLOWED", made_suid="EDOM", chmod="ALLOWED", chmod_suid="EDOM", chmod_sgid="EDOM", mkdir_sgid="EDOM", openat2="ENOSYS")
    expect(said, mmap="ALLOWED", mmap_wx="EDOM", mprotect_x="EDOM", shmat_x="EDOM")
    expect(said, unshare="ALLOWED", unshare_user="EDOM", unshare_uts="EDOM", setns="EDOM", setns_uts="EDOM", clone3="ENOSYS")
    expect(said, unix="ALLOWED", packet="EAFNOSUPPORT", alg="EAFNOSUPPORT", pair="ALLOWED")
    expect(said, route="ALLOWED", uevent="EAFNOSUPPORT", generic="EAFNOSUPPORT")  # of netlink's protocols
    expect(said, realtime="EDOM", other="ALLOWED", setattr="ENOSYS", personality="EDOM", plain="ALLOWED", tiocsti="EDOM")


def test_each_restriction_can_be_opened(device):
    said, _ = run(device, "t-calls-open")
    expect(said, umask="EACCES", getppid="SIGSYS", sync="ALLOWED")  # answers of their own
    expect_passed(said, "made-suid", "chmod-suid", "chmod-sgid", "mkdir-sgid", "openat2", "mmap-wx", "mprotect-x", "shmat-x", "unshare-user", "unshare-uts",
                  "setns", "setns-uts", "clone3", "realtime", "setattr", "personality")
    assert said["packet"] in ("EPERM", "EACCES") and said["alg"] != "EAFNOSUPPORT"
    expect(said, tiocsti="EDOM")  # that no directive opens
    expect(said, chmod_suid="ALLOWED", personality="ALLOWED", setns="EBADF")


def test_rules_descriptors_and_numbers(device):
    said, _ = run(device, "t-calls-rules")
    expect(said, write_1="ALLOWED", write_3="EDOM", write_high="ALLOWED")
    expect(said, end_5="ALLOWED", end_15="EDOM", set_5="EDOM")
    expect(said, new_page="ENOSYS", new_other="EDOM", new_none="ENOSYS")  # the kernel's own answer to the first
    expect(said, unix="EAFNOSUPPORT", inet="ALLOWED", packet="EDOM", pair="ALLOWED")
    expect_passed(said, "unshare-uts", "setns-uts")
    expect(said, unshare_user="EDOM", setns="EDOM", clone3="ENOSYS", mmap_wx="EDOM", mprotect_x="EDOM", chmod_suid="EDOM", realtime="EDOM", personality="EDOM")


@pytest.mark.skipif(BOARD["ARCH"] != "x86_64", reason="dup2 is a call of its own there")
def test_no_other_file_on_a_number_that_a_rule_binds_to(device):
    said, _ = run(device, "t-calls-numbers")
    expect(said, write_1="ALLOWED", write_3="EDOM", writev_1="ALLOWED", writev_3="EDOM", pwrite="EDOM", sendfile="EDOM")
    expect(said, dup2="EDOM", dup3="EDOM", close="EDOM", range="EDOM", range_on="EDOM", dupfd="EDOM", dupfd_cloexec="EDOM", setfd="EDOM", fioclex="EDOM", tiocsti="EDOM")
    expect(said, getfl="ALLOWED", setfd_other="ALLOWED", dupfd_other="ALLOWED", dup2_other="ALLOWED", dup3_other="ALLOWED", range_other="ALLOWED", close_other="EBADF")
    assert "note" not in device.try_sh("bulkctl check /etc/bulkhead/services.d/t-calls-numbers.ini")[1]
    text = device.try_sh("bulkctl check /etc/bulkhead/services.d/t-calls-rules.ini")[1]
    for line in ("close: fd not in 1 2", "dup2: newfd not in 1 2", "dup3: newfd not in 1 2", "F_DUPFD F_DUPFD_CLOEXEC && arg > 2"):
        assert line in text, text


def test_kill(device):
    said, _ = run(device, "t-calls-kill")
    expect(said, getpid="ALLOWED", mount="SIGSYS", packet="SIGSYS", mmap_wx="SIGSYS", clone3="ENOSYS")


def test_log(device):
    for _ in range(20):  # the audit thread prints when it likes, and no more than ten records in 5 s
        device.sh("dmesg -c > /dev/null")
        said, _ = run(device, "t-calls-log")
        text = device.sh("dmesg")
        seen = {int(x) for x in re.findall(r"type=1326 .*comm=\"calls\".* syscall=(\d+)", text)}
        if seen >= NUMBERS:
            break
        time.sleep(0.5)
    expect(said, uname="ALLOWED", getppid="ALLOWED", getpid="ALLOWED", swapon="EPERM")  # the last by the kernel
    assert seen == NUMBERS, text


@pytest.mark.skipif(BOARD["ARCH"] != "x86_64", reason="int80 and x32 are entries of x86")
def test_a_second_abi(device):
    said, _ = run(device, "t-calls-x86")
    expect(said, getpid="ALLOWED", int80="ALLOWED", int80_mount="EDOM", int80_socketcall="ENOSYS", x32="SIGSYS")


@pytest.mark.skipif(BOARD["ARCH"] != "aarch64", reason="32-bit ARM is the second ABI of arm64 alone")
def test_arm_beside_arm64(device):
    """A program of the second ABI (tests/vm/arm32.S): the default filter kills it at its first call; a service that names the ABI runs it, behind the
    same walls."""
    said, _ = run(device, "t-calls-arm")
    expect(said, getpid="ALLOWED")
    found = {}
    for name in ("t-arm32", "t-arm32-default"):
        device.try_sh(f"bulkctl start {name}")
        found[name] = device.wait_state(name, "done", "failed")
    assert found["t-arm32"]["state"] == "done", found
    assert "SIGSYS" in str(found["t-arm32-default"]), found


def test_a_user_with_power(device):
    said, status = run(device, "t-caps-user")
    ambient = 1 << CAP["CAP_NET_BIND_SERVICE"] | 1 << CAP["CAP_SYS_TIME"]
    assert set(status["Uid"].split()) == {"65534"}
    for field in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
        assert int(status[field], 16) == ambient, field
    assert int(status["CapBnd"], 16) == ambient | 1 << CAP["CAP_KILL"]
    assert int(said["securebits"]) == 0b1001011  # noroot, its lock, the lock of no-setuid-fixup (8), no-cap-ambient-raise (64)


def test_a_capability_that_this_kernel_lacks(device):
    status, _ = device.try_sh("bulkctl start t-caps-new")
    state = device.status("t-caps-new")
    assert status == 1 and state["state"] == "failed" and state["pid"] is None
    assert "bounding set" in state["why"] and "capability 63 is not in this kernel" in state["why"], state


def test_a_filter_without_no_new_privs(device):
    said, status = run(device, "t-caps-suid")
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("0", "2")
    assert all(int(status[f], 16) == 0 for f in ("CapEff", "CapPrm", "CapInh", "CapAmb", "CapBnd"))
    expect(said, mount="EPERM")


@pytest.mark.parametrize("word", ["mseal", "900"])
def test_the_kernel_takes_filters_with_such_words(device, word):
    """What `bulkhead-compile` of the device makes of them, not only that of the build."""
    device.sh(f"printf '[Service]\\nExecStart = /usr/libexec/calls\\n[Seccomp]\\nSystemCallFilter = @service {word}\\n' > /run/word.ini && "
              "/usr/lib/bulkhead/bulkhead-compile --check /run/word.ini")
