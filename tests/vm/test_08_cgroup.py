# SPDX-License-Identifier: MIT
"""[Cgroup] by what it does: processes that want more than they may have, and what they get. Two processors, two memory nodes and two disks, which QEMU
slows down so that there is something to share. Figures are printed (-s) and kept in O/results/effects.txt; they are ratios and counts in the guest's own
time, so a slow host does not enter."""
import json
import re

import pytest
from device import BOARD, BUILD

MEMORY = [f"-object=memory-backend-ram,id=m{n},size=256M" for n in (0, 1)]
NODES = [w for n in (0, 1) for w in ("-numa", f"node,memdev=m{n},cpus={n}")]
DISK_IOPS = {"vdb": 1000, "vdc": 300}
lines = []


def figure(what, asked, measured):
    lines.append(f"{what:58} {asked:>22} {measured:>22}")
    print("\n" + lines[-1])


@pytest.fixture(scope="module")
def machine(tmp_path_factory, image):
    from device import Device
    where = tmp_path_factory.mktemp("cgroup")
    words = ["--memory", "512", "--smp", "2"]
    qemu = [w for m in MEMORY for w in m.split("=", 1)] + NODES
    for name, iops in DISK_IOPS.items():
        with open(where / name, "wb") as f:
            f.truncate(160 << 20)
        qemu += ["-drive", f"if=none,id={name},format=raw,file={where / name},throttling.iops-total={iops}",
                 "-device", f"virtio-blk-pci,drive={name}"]
    d = Device(image, where, arguments=[*words, *(f"--qemu={w}" for w in qemu)])
    yield d
    d.close()
    if lines:
        results = BUILD / "results"
        results.mkdir(parents=True, exist_ok=True)
        head = f"{'EFFECT':58} {'ASKED':>22} {'MEASURED':>22}"
        (results / "effects.txt").write_text("\n".join([head, *lines]) + "\n")


@pytest.fixture
def start(machine):
    started = []

    def one(*names):
        for name in names:
            machine.sh(f"bulkctl start t-cg-{name}")
            started.append(name)
    yield one
    for name in reversed(started):
        machine.try_sh(f"bulkctl stop t-cg-{name}")


def samples(machine, names, file, seconds):
    """The file of each group before and after so many of the guest's seconds, and how many they really were."""
    read = "; ".join([f"cat /sys/fs/cgroup/t-cg-{n}/{file}; echo @@" for n in names])
    text = machine.sh(f"sleep 2; cut -d' ' -f1 /proc/uptime; {read}; sleep {seconds}; cut -d' ' -f1 /proc/uptime; {read}", seconds=120)
    parts = text.split("@@\n")
    first, rest = parts[0].split("\n", 1)
    second, again = parts[len(names)].split("\n", 1)
    before = [rest, *parts[1:len(names)]]
    after = [again, *parts[len(names) + 1:2 * len(names)]]
    return before, after, float(second) - float(first)


def number(text, key):
    found = re.search(rf"(?:^|\s){key}[ =](\d+)", text)
    return int(found[1]) if found else 0


def used(machine, names, file, key, seconds):
    before, after, t = samples(machine, names, file, seconds)
    return [number(b, key) - number(a, key) for a, b in zip(before, after)], t


def disk_number(machine, name):
    return machine.sh(f"cat /sys/block/{name}/dev").strip()


def io_used(machine, names, disk, key, seconds):
    """Of the line about one disk in io.stat."""
    numbers = disk_number(machine, disk)
    before, after, t = samples(machine, names, "io.stat", seconds)

    def of(text):
        mine = [x for x in text.splitlines() if x.startswith(numbers + " ")]
        return number(mine[0], key) if mine else 0
    return [of(b) - of(a) for a, b in zip(before, after)], t


# --- the names of container tools ---

def test_cpu_shares(machine, start):
    start("weight-a", "weight-b")
    (a, b), t = used(machine, ["weight-a", "weight-b"], "cpu.stat", "usage_usec", 10)
    expected = 174 / 59  # 2048 and 512 by the OCI curve
    figure("cpu-shares 2048 : 512, two hogs on one CPU", f"{expected:.2f} : 1", f"{a / b:.2f} : 1")
    assert (a + b) / 1e6 > t * 0.5  # they did want it all
    assert expected * 0.75 < a / b < expected * 1.25


def test_cpuset_cpus(machine, start):
    start("cpus")
    text = machine.wait_log("t-cg-cpus", r"samples here \d+", 60)
    here, elsewhere = map(int, re.search(r"here (\d+) elsewhere (\d+)", text).groups())
    figure("cpuset-cpus 1 of two, samples there : elsewhere", "all : 0", f"{here} : {elsewhere}")
    assert here == 2000 and elsewhere == 0
    assert "move EINVAL" in text


def file_cache(machine, name):
    return number(machine.sh(f"cat /sys/fs/cgroup/t-cg-slice/t-cg-{name}/memory.stat"), "file")


def test_memory_reservation_in_a_slice(machine, start):
    start("reserved", "open")
    for name in ("reserved", "open"):
        machine.wait_log(f"t-cg-{name}", "read", 60)
    before = {n: file_cache(machine, n) for n in ("reserved", "open")}
    assert min(before.values()) > 11 << 20, before
    start("press")
    machine.wait_log("t-cg-press", "read", 120)
    after = {n: file_cache(machine, n) for n in before}
    kept = {n: after[n] / before[n] for n in before}
    figure("memory-reservation 14M: cache kept, reserved : not", "spared : taken", f"{kept['reserved']:.0%} : {kept['open']:.0%}")
    assert kept["reserved"] > 0.9
    assert kept["open"] < 0.5
    # The slice: its limit holds for all three together, its groups go with them.
    assert machine.sh("cat /sys/fs/cgroup/t-cg-slice/memory.max /sys/fs/cgroup/t-cg-slice/cpu.weight").split() == [str(40 << 20), "50"]
    total = int(machine.sh("cat /sys/fs/cgroup/t-cg-slice/memory.current"))
    figure("Slice with MemoryMax 40M, three services together", "40.0 MiB", f"{total / (1 << 20):.1f} MiB")
    assert total <= 40 << 20
    for name in ("press", "open"):
        machine.sh(f"bulkctl stop t-cg-{name}")
    assert machine.sh("ls -d /sys/fs/cgroup/t-cg-slice/*/").split() == ["/sys/fs/cgroup/t-cg-slice/t-cg-reserved/"]
    machine.sh("bulkctl stop t-cg-reserved")
    assert machine.try_sh("test -e /sys/fs/cgroup/t-cg-slice")[0] == 1


def test_kernel_memory(machine, start):
    start("kernel-small")
    machine.wait_log("t-cg-kernel-small", r"pipes 40\b")
    machine.sh("bulkctl start t-cg-kernel")
    state = machine.wait_state("t-cg-kernel", "failed")
    amount = int(re.search(r"kernel memory limit, bytes used: (\d+)", state["why"])[1])
    figure("kernel-memory 4M: at its end, of 25 MiB wanted", "4.0 MiB", f"{amount / (1 << 20):.1f} MiB")
    assert 4 << 20 < amount < 12 << 20
    assert "pipes" not in machine.logs("t-cg-kernel")  # it never came to its end
    machine.sh("bulkctl start t-cg-kernel-stop")
    assert "kernel memory limit" in machine.wait_state("t-cg-kernel-stop", "failed")["why"]
    assert machine.status("t-cg-kernel-small")["state"] == "up"


def rate_alone(machine, name, other):
    """Bytes a second that one of the two readers gets while the other is stopped."""
    machine.sh(f"bulkctl stop t-cg-share-{other}; bulkctl start t-cg-share-{name}; sleep 1")
    (n,), t = io_used(machine, [f"share-{name}"], "vdc", "rbytes", 4)
    return n / t


def test_blkio_weight_bfq(machine, start):
    # A disk with a deep queue: BFQ would rather have it busy than shared as asked, unless it is told so.
    machine.sh("cd /sys/block/vdc/queue && echo bfq > scheduler && echo 1 > iosched/strict_guarantees && echo 0 > iosched/low_latency && echo 50 > iosched/slice_idle")
    start("share-a", "share-b")
    for name in ("share-a", "share-b"):
        machine.wait_log(f"t-cg-{name}", "open ALLOWED")
    assert machine.sh("cat /sys/fs/cgroup/t-cg-share-a/io.bfq.weight").startswith("default 400")
    # Weights count while both have a request waiting. A reader that the emulator does not let run leaves its turn, and that is nothing BFQ could mend: so
    # what each reads alone is measured before and after, and where that is not the same the machine is no judge.
    said = []
    for _ in range(3):
        before = [rate_alone(machine, n, "b" if n == "a" else "a") for n in "ab"]
        machine.sh("bulkctl start t-cg-share-a t-cg-share-b")
        (a, b), t = io_used(machine, ["share-a", "share-b"], "vdc", "rbytes", 15)
        after = [rate_alone(machine, n, "b" if n == "a" else "a") for n in "ab"]
        steady = max(before + after) < 1.3 * min(before + after) and (a + b) / t > 0.5 * min(before + after)
        said.append(f"{a / b:.2f} : 1 (alone {' '.join(f'{x / 1024:.0f}' for x in before + after)} kB/s, together {(a + b) / t / 1024:.0f})")
        if 3 < a / b < 5 or steady:
            break
    figure("blkio-weight 400 : 100 with BFQ, two readers", "4.00 : 1", "; ".join(said))
    if not 3 < a / b < 5 and not steady:
        pytest.skip(f"this machine is too loaded to judge: {'; '.join(said)}")
    assert 3 < a / b < 5


def start_held_back(machine, start, name):
    """A 32-bit kernel crashes when it throttles a disk in its first five minutes: until then the service is refused (walls/cgroup/apply_disk.c)."""
    if BOARD["ARCH"] == "armv7":
        if float(machine.sh("cut -d' ' -f1 /proc/uptime")) < 290:
            machine.try_sh(f"bulkctl start t-cg-{name}")  # it is tried again and again
            assert "cgroup: EAGAIN: io.max would crash this 32-bit kernel in its first five minutes" in machine.sh(f"dmesg | grep 't-cg-{name}: ended'")
            machine.sh(f"bulkctl stop t-cg-{name}")
        machine.sh("while [ $(cut -d. -f1 /proc/uptime) -lt 304 ]; do sleep 1; done", seconds=400)
    start(name)


@pytest.mark.parametrize("name,key,asked", [("read-iops", "rios", 120), ("write-iops", "wios", 80)])
def test_device_iops(machine, start, name, key, asked):
    start_held_back(machine, start, name)
    machine.wait_log(f"t-cg-{name}", "open ALLOWED")
    (n,), t = io_used(machine, [name], "vdb", key, 10)
    figure(f"device-{name} /dev/vdb:{asked}, {n} in {t:.1f} s", f"{asked}/s", f"{n / t:.1f}/s")
    assert asked * 0.8 < n / t < asked * 1.2


# --- systemd's names ---

@pytest.mark.parametrize("name,key,asked", [("read-bandwidth", "rbytes", 1 << 20), ("write-bandwidth", "wbytes", 512 << 10)])
def test_bandwidth(machine, start, name, key, asked):
    start_held_back(machine, start, name)
    machine.wait_log(f"t-cg-{name}", "open ALLOWED")
    if name == "write-bandwidth":  # and IOWriteIOPSMax beside it, which is not what holds it here
        assert "wiops=5000" in machine.sh(f"cat /sys/fs/cgroup/t-cg-{name}/io.max")
    (n,), t = io_used(machine, [name], "vdb", key, 8)
    figure(f"{name} {asked >> 10}K", f"{asked >> 10} KiB/s", f"{n / t / 1024:.0f} KiB/s")
    assert asked * 0.8 < n / t < asked * 1.2


def test_io_cost_is_turned_on_for_the_others(machine, start):
    machine.sh("echo none > /sys/block/vdc/queue/scheduler")
    numbers = disk_number(machine, "vdc")
    # What the disk can do, as an engineer who has measured it would say; the kernel's own guess is that of an SSD.
    model = "ctrl=user model=linear rbps=1200000 rseqiops=280 rrandiops=280 wbps=1200000 wseqiops=280 wrandiops=280"
    machine.sh(f"echo '{numbers} {model}' > /sys/fs/cgroup/io.cost.model")
    machine.sh(f"echo '{numbers} enable=1 ctrl=user rpct=0 wpct=0 min=100 max=100' > /sys/fs/cgroup/io.cost.qos; echo '{numbers} enable=0' > /sys/fs/cgroup/io.cost.qos")
    start("cost-a", "cost-b")
    assert re.search(rf"(?m)^{numbers} enable=1", machine.sh("cat /sys/fs/cgroup/io.cost.qos"))
    assert f"{numbers} 800" in machine.sh("cat /sys/fs/cgroup/t-cg-cost-a/io.weight")
    for name in ("cost-a", "cost-b"):
        machine.wait_log(f"t-cg-{name}", "open ALLOWED")
    (a, b), t = io_used(machine, ["cost-a", "cost-b"], "vdc", "rios", 15)
    figure("IODeviceWeight 800 : IOWeight 200 with io.cost", "4.00 : 1", f"{a / b:.2f} : 1")
    assert 3 < a / b < 5


def test_what_this_kernel_lacks_is_refused(machine, start):
    assert machine.try_sh("bulkctl start t-cg-latency")[0] != 0
    assert machine.status("t-cg-latency")["why"] == "cgroup: ENOSYS: io.latency is not in this kernel"
    start("latency-optional")
    machine.wait_log("t-cg-latency-optional", "open ALLOWED")
    assert machine.try_sh("bulkctl start t-cg-no-disk")[0] != 0
    assert machine.status("t-cg-no-disk")["why"] == "cgroup: ENOTBLK: /dev/null is not a disk"


def test_cpu_quota(machine, start):
    start("quota")
    (n,), t = used(machine, ["quota"], "cpu.stat", "usage_usec", 8)
    figure("CPUQuota 20%", "20.0%", f"{n / t / 1e4:.1f}%")
    assert 0.15 < n / t / 1e6 < 0.25


def test_pid_1_does_not_wait_behind_a_quota(machine):
    """A hundredth of one CPU for everything that a start is made of, but for what PID 1 waits for."""
    machine.sh("bulkctl start t-cg-slow &")
    for _ in range(10):
        before = float(machine.sh("cut -d' ' -f1 /proc/uptime"))
        machine.sh("bulkctl status nginx > /dev/null")
        assert float(machine.sh("cut -d' ' -f1 /proc/uptime")) - before < 8
    assert machine.sh("cat /sys/fs/cgroup/t-cg-slow/cpu.max").split()[0] in ("10000", "max")
    machine.sh("bulkctl kill -s KILL t-cg-slow; bulkctl stop t-cg-slow", seconds=150)


def test_memory_node(machine, start):
    if BOARD["ARCH"] == "armv7":  # its kernel knows no memory nodes
        assert machine.try_sh("bulkctl start t-cg-node")[0] != 0
        assert machine.status("t-cg-node")["why"] == "cgroup: ERANGE: cpuset.mems 1"
        return
    start("node")
    machine.wait_log("t-cg-node", "holding")
    anon = re.search(r"(?m)^anon (.*)$", machine.sh("cat /sys/fs/cgroup/t-cg-node/memory.numa_stat"))[1]
    amount = [int(x) for x in re.findall(r"N\d=(\d+)", anon)]
    figure("AllowedMemoryNodes 1: memory of node 0 : node 1", "little : 6 MiB", f"{amount[0] >> 10} KiB : {amount[1] >> 10} KiB")
    assert amount[1] > 6 << 20 and amount[0] < 1 << 20


def test_devices(machine, start):
    start("nodes")
    text = machine.wait_log("t-cg-nodes", f"{BOARD['CONSOLE']} w")
    seen = dict(re.findall(r"(/dev/\w+ [rw]) (\w+)", text))
    figure("DeviceAllow /dev/vdb r: read, written", "yes, no", f"{seen['/dev/vdb r']}, {seen['/dev/vdb w']}")
    assert seen == {"/dev/vdb r": "ALLOWED", "/dev/vdb w": "EPERM", "/dev/vdc r": "EPERM", "/dev/vdc w": "EPERM", "/dev/null r": "ALLOWED",
                    "/dev/null w": "ALLOWED", f"/dev/{BOARD['CONSOLE']} r": "ALLOWED", f"/dev/{BOARD['CONSOLE']} w": "ALLOWED"}


def test_addresses(machine, start):
    start("packets-free", "packets")
    free, held = ({m[0]: m[1] for m in re.findall(r"(loopback|loopback-2|gateway|elsewhere|six) (\w+)$", machine.wait_log(f"t-cg-{n}", r"\bsix \w+"), re.M)}
                  for n in ("packets-free", "packets"))
    figure("IPAddressDeny any, Allow 127.0.0.1: to .1, to .2", "yes, no", f"{held['loopback']}, {held['loopback-2']}")
    assert free == dict.fromkeys(free, "ALLOWED") and len(free) == 5
    assert held == {"loopback": "ALLOWED", "loopback-2": "EPERM", "gateway": "ALLOWED", "elsewhere": "EPERM", "six": "EPERM"}


def test_oom_policy(machine, start):
    machine.sh("bulkctl start t-cg-oom-continue t-cg-oom-stop; bulkctl start t-cg-oom-kill || true")
    machine.wait_log("t-cg-oom-continue", "child ended by 9")
    assert machine.status("t-cg-oom-continue")["state"] == "up"
    killed = machine.wait_state("t-cg-oom-kill", "failed")
    assert "child ended" not in machine.logs("t-cg-oom-kill")  # the parent went with it
    stopped = machine.wait_state("t-cg-oom-stop", "failed")
    assert "out of memory, processes killed: 1" in stopped["why"]
    assert "asked to stop:" in machine.logs("t-cg-oom-stop")
    figure("OOMPolicy continue, kill, stop", "up, failed, failed", f"up, {killed['state']}, {stopped['state']}")
    machine.sh("bulkctl stop t-cg-oom-continue")


def test_delegation(machine, start):
    start("delegate")
    text = machine.wait_log("t-cg-delegate", r"fork \w+")
    seen = dict(re.findall(r"([a-z0-9-]+) (ALLOWED|E[A-Z]+)$", text, re.M))
    figure("Delegate: groups made, limit of one task held", "yes, EAGAIN", f"{seen['mkdir']}, {seen['fork']}")
    assert seen["own-limit"] in ("EACCES", "EPERM") and seen["outside"] == "ENOENT"
    for what in ("mkdir", "first", "self", "enable", "mkdir-2", "limit", "deep"):
        assert seen[what] == "ALLOWED", (what, text)
    assert seen["fork"] == "EAGAIN"
    machine.sh("bulkctl restart t-cg-delegate")  # into the same group, which must be whole again
    machine.wait_state("t-cg-delegate", "up")
    machine.sh("bulkctl stop t-cg-delegate")
    assert machine.try_sh("test -e /sys/fs/cgroup/t-cg-delegate")[0] == 1


def test_nothing_of_it_is_left(machine):
    assert machine.sh("ls -d /sys/fs/cgroup/t-cg-* 2>/dev/null || true").strip() == ""
    assert json.loads(machine.sh("bulkctl info --json"))["recoveries"] == 0
