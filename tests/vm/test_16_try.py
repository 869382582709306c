# SPDX-License-Identifier: MIT
"""`bulkctl try`: a service file in its cell without PID 1, from a root shell of the device, under the enforcing policy."""
import re

import pytest
from conftest import LOADERS
from device import BOARD

PROBE = "/usr/libexec/probe"


def put(device, name, text):
    """A service file in /tmp, which PID 1 knows nothing of."""
    device.sh(f"cat >/tmp/{name}.ini <<'@end'\n{text}@end")
    return f"/tmp/{name}.ini"


def sh_file(device, name, script, more=""):
    return put(device, name, f"[Service]\nExecStart = /usr/bin/busybox sh -c '{script}'\n{more}")


def groups(device):
    return device.sh("ls -d /sys/fs/cgroup/bulkhead-try-* 2>/dev/null || true").split()


def in_background(device, file, mark, then, seconds=60):
    """Tries it with its output in a file, and once that has the mark goes on with `then`, where $p is bulkctl; (exit status of that, output)."""
    status, text = device.try_sh(f"""bulkctl try {file} >/tmp/t-try.out 2>&1 & p=$!
        for i in $(seq 300); do grep -q '{mark}' /tmp/t-try.out && break; usleep 100000; done; {then}""", seconds)
    return status, text, device.sh("cat /tmp/t-try.out")


@pytest.fixture(autouse=True)
def nothing_left(device):
    yield
    assert groups(device) == []


def test_output_and_exit_status(device):
    file = sh_file(device, "t-try", "echo out; echo err >&2; exit 7")
    status, text = device.try_sh(f"bulkctl try {file}")
    assert status == 7 and sorted(text.split()) == ["err", "out"]


def test_output_that_cannot_be_written_is_no_success(device):
    file = sh_file(device, "t-try", "echo out")
    status, text = device.try_sh(f"bulkctl try {file} 2>&1 >/dev/full")
    assert status == 125 and "its output could not be written: ENOSPC" in text, (status, text)
    assert device.try_sh(f"bulkctl try {file} | true")[0] == 0


def test_who_kills_it_kills_the_service(device):
    file = sh_file(device, "t-try", "trap true TERM; echo up; while true; do sleep 1; done")
    device.sh(f"""bulkctl try {file} >/tmp/t-try.out 2>&1 & p=$!
        for i in $(seq 300); do grep -q up /tmp/t-try.out && break; usleep 100000; done; kill -9 $p; wait $p
        for i in $(seq 300); do ls -d /sys/fs/cgroup/bulkhead-try-* >/dev/null 2>&1 || break; usleep 100000; done""")
    assert groups(device) == []


def test_standard_input_and_arguments(device):
    file = sh_file(device, "t-try", "cat; echo $$0 $$*", "")
    status, text = device.try_sh(f"echo hello | bulkctl try {file} -- zero -x one")
    assert (status, text) == (0, "hello\nzero -x one\n")


def test_death_by_a_signal(device):
    file = sh_file(device, "t-try", "kill -SEGV $$$$")
    assert device.try_sh(f"bulkctl try {file}")[0] == 128 + 11


def test_a_signal_is_passed_on_and_the_other_commands_run(device):
    file = put(device, "t-try", """[Service]
ExecStartPre = /usr/bin/busybox echo pre
ExecStart = /usr/bin/busybox sh -c 'trap "echo got; exit 3" TERM; echo main; while :; do sleep 1 & wait; done'
ExecStartPost = /usr/bin/busybox sh -c 'sleep 1; echo up'
ExecStop = /usr/bin/busybox echo stop
ExecStopPost = /usr/bin/busybox echo post
""")
    # What still runs of ExecStartPost when the signal comes is ended too: its reaper has to be gone.
    status, _, text = in_background(device, file, "^up", """g=$(ls -d /sys/fs/cgroup/bulkhead-try-*)
        while [ $(for q in $(cat $g/cgroup.procs); do cat /proc/$q/comm; done 2>/dev/null | grep -c bulkhead-cell) -gt 1 ]; do usleep 50000; done
        kill -TERM $p; wait $p""")
    assert (status, text.split()) == (3, ["pre", "main", "up", "stop", "got", "post"])


def test_a_failing_pre_command_keeps_the_main_one_from_running(device):
    file = put(device, "t-try", "[Service]\nExecStartPre = /usr/bin/busybox false\nExecStart = /usr/bin/busybox echo ran\n")
    status, text = device.try_sh(f"bulkctl try {file}")
    assert status == 125 and "ran" not in text and "ExecStartPre failed" in text


def test_readiness_is_told(device):
    file = put(device, "t-try", f"[Service]\nType = notify\nExecStart = {PROBE} notify 1\n")
    text = in_background(device, file, "bulkhead-try: ready", "kill -TERM $p; wait $p")[2]
    assert "bulkhead-try: status: probe says hello" in text and "bulkhead-try: ready" in text


def test_the_walls_are_those_that_pid_1_raises(device):
    """The same file as a service says the same of itself, line for line."""
    text = in_background(device, "/etc/bulkhead/services.d/t-look.ini", "^end", "kill -TERM $p; wait $p")[2]
    lines = text.splitlines()
    assert lines[0] == "argument default" and "end" in lines, text
    device.sh("bulkctl restart t-look")
    theirs = device.wait_log("t-look", r"(?s)argument default\n(?!.*argument default).*\bend\n").rpartition("argument default\n")[2]
    for line in lines[1:lines.index("end")]:
        assert f" {line}\n" in theirs, theirs


def test_limits_and_namespaces_are_those_of_the_file(device):
    file = sh_file(device, "t-try", "echo up; sleep 60", "TimeoutStopSec = 1s\n[Cgroup]\nMemoryMax = 5M\nTasksMax = 3\n")
    text = in_background(device, file, "^up", """g=$(ls -d /sys/fs/cgroup/bulkhead-try-*); cat $g/memory.max $g/pids.max
        s=$(tail -n 1 $g/cgroup.procs); grep -E "^(Seccomp|NoNewPrivs|CapEff|Uid)" /proc/$s/status; cat /proc/$s/attr/current; echo
        for n in mnt pid ipc uts cgroup user net; do [ $(readlink /proc/$s/ns/$n) != $(readlink /proc/1/ns/$n) ] && echo own $n; done
        kill -TERM $p; wait $p; true""")[1]
    lines = text.splitlines()
    assert lines[:2] == [str(5 << 20), "3"]
    assert "Seccomp:\t2" in lines and "NoNewPrivs:\t1" in lines and "CapEff:\t0000000000000000" in lines
    assert int(re.search(r"Uid:\t(\d+)", text)[1]) >= 65536
    assert {x.split()[1] for x in lines if x.startswith("own ")} == {"mnt", "pid", "ipc", "uts", "cgroup", "user", "net"}
    assert "system_u:system_r:service_t:s0" in text


@pytest.mark.parametrize("program, why", [
    ("script", "needs an interpreter that is not there: /no/such/python"),
    pytest.param("loader", "needs a loader that does not exist: /no/such/ld.so",
                 marks=pytest.mark.skipif(BOARD["ARCH"] not in LOADERS, reason="it is made for 64 bits")),
    ("foreign", "is a program for another machine"),
    ("text", "neither is a program nor names an interpreter (#!)")])
def test_why_a_program_cannot_be_executed(device, program, why):
    """The kernel has the same errno for a program that is not there and one whose interpreter is not."""
    file = put(device, "t-try", f"[Service]\nExecStart = /usr/libexec/t-lost/{program}\n")
    status, text = device.try_sh(f"bulkctl try {file}")
    assert status != 0 and f"/usr/libexec/t-lost/{program} {why}" in text, text


def test_who_insists_ends_it(device):
    file = put(device, "t-try", "[Service]\nExecStart = /usr/libexec/probe stubborn\nTimeoutStopSec = 1000h\n")
    text = in_background(device, file, "^stubborn", "for i in 1 2 3; do kill -TERM $p; sleep 1; done; wait $p; echo status $?")[1]
    assert "status 137" in text, text


def test_a_script_of_another_system_is_refused(device):
    file = put(device, "t-try", "[Service]\nExecStart = /usr/libexec/t-lost/dos\n")
    status, text = device.try_sh(f"bulkctl try {file}")
    assert status == 125 and "ExecStart: /usr/libexec/t-lost/dos: its first line ends in a carriage return" in text, text


def test_a_wall_that_does_not_stand_is_named(device):
    file = sh_file(device, "t-try", "echo ran", "[SELinux]\nSELinuxContext = system_u:system_r:nobody_t:s0\n")
    status, text = device.try_sh(f"bulkctl try {file}")
    assert status == 125 and "\nran" not in text and re.search(r"wall failed: label: EINVAL", text)


def test_a_bad_file_is_refused(device):
    file = sh_file(device, "t-try", "echo ran", "Colour = red\n")
    status, text = device.try_sh(f"bulkctl try {file}")
    assert status == 125 and f"{file}:3: [Service]: unknown directive \"Colour\"" in text and "\nran" not in text


def test_a_service_that_does_not_stop_is_killed(device):
    file = sh_file(device, "t-try", 'trap "" TERM; echo up; while :; do sleep 1; done', "TimeoutStopSec = 1s\n")
    status, _, text = in_background(device, file, "^up", "kill -TERM $p; wait $p")
    assert status == 128 + 9 and "did not stop in time" in text


def test_a_signal_ends_it_at_any_moment(device):
    """A hundred times, the other half of them learning, under the enforcing policy."""
    file = put(device, "t-try", """[Service]
ExecStartPre = /usr/bin/busybox true
ExecStart = /usr/bin/busybox sh -c 'while :; do ls / /usr; done'
ExecStop = /usr/bin/busybox true
TimeoutStopSec = 5s
""")
    text = device.sh(f"""n=0; i=0; while [ $i -lt 100 ]; do learn=; [ $((i % 2)) = 0 ] || learn='--learn /tmp/t-try.record'
        /usr/lib/bulkhead/bulkhead-try $learn {file} >/tmp/t-try.out 2>&1 & p=$!
        usleep $((i * 37 % 100 * 8000)); kill -TERM $p; wait $p; rm -f /tmp/t-try.record
        grep 'stuck' /tmp/t-try.out; [ -d /sys/fs/cgroup/bulkhead-try-$p ] || n=$((n + 1)); i=$((i + 1)); done; echo ended $n""", 560)
    print(f"{text.strip()} of 100")
    assert text == "ended 100\n"


def test_a_signal_ends_it_where_nobody_reads(device):
    """A pipe that is full, of a shell that waits. Terminals: tests/unit/try_signals.c."""
    file = sh_file(device, "t-try", "while :; do echo 0123456789012345678901234567890123456789; done", "TimeoutStopSec = 2s\n")
    assert device.sh(f"""rm -f /tmp/t-try.fifo; mkfifo /tmp/t-try.fifo; exec 8<>/tmp/t-try.fifo
        /usr/lib/bulkhead/bulkhead-try {file} >&8 2>&8 & p=$!; sleep 3; kill -TERM $p; wait $p; s=$?
        exec 8>&-; rm /tmp/t-try.fifo; echo $s""", 120) == "143\n"
    assert "try_t" not in device.sh("dmesg | grep denied || true")
