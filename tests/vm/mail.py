# SPDX-License-Identifier: MIT
"""Services that feed their watchdogs every 50 ms and write down how punctual they were (probe.c: pings). One that was itself late, because the machine did
not let it run, is PID 1's to kill; one that was not is never killed."""
import re

PERIODS = (200, 500, 1000, 2000)
NAMES = " ".join(f"t-pings-{ms}" for ms in PERIODS)
HELD = "/sys/fs/cgroup/t-pid1-held"
# PID 1 in a group of its own that is frozen: a signal comes to it when it is let go.
HOLD = (f"mkdir -p {HELD} && echo 1 >{HELD}/cgroup.procs && echo 1 >{HELD}/cgroup.freeze && "
        f"until grep -q 'frozen 1' {HELD}/cgroup.events; do usleep 10000; done && ! timeout 1 bulkctl info >/dev/null 2>&1 || echo not held")
RELEASE = f"echo 0 >{HELD}/cgroup.freeze; echo 1 >/sys/fs/cgroup/cgroup.procs; rmdir {HELD}"


def start(device):
    device.sh("".join(f"bulkctl stop {n}; " for n in NAMES.split()) + "true")
    device.sh("".join(f"bulkctl start {n}; " for n in NAMES.split()) + "true")


def judge(device, what):
    """Says how many were killed, and how many of those had not been late themselves: none. They stop: a loaded machine has no time for them beside others."""
    killed, wrongly = 0, []
    for ms in PERIODS:
        now = device.status(f"t-pings-{ms}")
        last, longest = (int(x) for x in device.sh(f"cat /var/lib/t-pings-{ms}/record").split())
        if now["state"] == "up":
            continue
        killed += 1
        end = re.findall(rf"\[ *(\d+\.\d+)\].*t-pings-{ms}: ended", device.sh(f"dmesg | grep 't-pings-{ms}: ended'"))[-1]
        late = float(end) * 1000 - last
        if late < ms and longest < ms:
            wrongly.append(f"{ms} ms: killed {late:.0f} ms after its last feed, longest time between two {longest} ms")
    device.sh("".join(f"bulkctl stop {n}; " for n in NAMES.split()) + "true")
    print(f"{what}: {len(PERIODS)} that fed their watchdogs, {killed} killed, {len(wrongly)} of them without being late")
    assert wrongly == []
