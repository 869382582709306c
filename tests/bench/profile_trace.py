# SPDX-License-Identifier: MIT
"""Reads the kernel's trace of system calls and task switches on one CPU, and adds up who spent the time on what."""
import re
from collections import defaultdict
from pathlib import Path

LINE = re.compile(r"^\s*(.+)-(\d+)\s+\[\d+\]\s+\S+\s+(\d+\.\d+): (\w+): (.*)$")
HEADERS = ["/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h"]


def call_names():
    for header in HEADERS:
        if Path(header).exists():
            return {int(n): name for name, n in re.findall(r"#define __NR_(\w+) (\d+)", Path(header).read_text())}
    return {}


def role_of(name, pid):
    if name == "init" and pid != 1:
        return "init's child"
    return re.sub(r"[/:]?\d.*", "", name) if name.startswith("kworker") else name


def read(path, begin, end):
    """[((role, system call or "user"), (microseconds, calls))], the largest first; begin and end in microseconds."""
    names, state, spent, calls = call_names(), {}, defaultdict(float), defaultdict(int)
    running, comm, before = None, {}, None
    for line in path.read_text(errors="replace").splitlines():
        m = LINE.match(line)
        if not m:
            continue
        name, pid, at, event, rest = m[1].strip(), int(m[2]), float(m[3]) * 1e6, m[4], m[5]
        comm[pid] = name
        if before is not None and running is not None:
            key = (role_of(comm.get(running, "?"), running), state.get(running, "kernel"))
            spent[key] += max(0.0, min(at, end) - max(before, begin))
        before, running = at, pid
        if event == "sys_enter":
            state[pid] = names.get(int(re.match(r"NR (\d+)", rest)[1]), rest.split(" ")[1])
            calls[(role_of(name, pid), state[pid])] += begin <= at <= end
        elif event == "sys_exit":
            state[pid] = "user"
        elif event == "sched_switch":
            running = int(re.search(r"next_pid=(\d+)", rest)[1])
            comm.setdefault(running, re.search(r"next_comm=(.+?) next_pid", rest)[1])
    return sorted(((k, (us, calls[k])) for k, us in spent.items()), key=lambda x: -x[1][0])
