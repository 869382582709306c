# SPDX-License-Identifier: MIT
"""Nothing gets out: a hostile program (escape/*.c) as a service, each of its probes a case of its own, with SELinux enforcing and without SELinux. The
control: the same program outside of all walls, as root, must get what it wants, or a blocked probe proves nothing. Tally: O/results/escape.txt."""
import re
import subprocess
import tempfile
from pathlib import Path

import pytest
from conftest import COMPILE, HERE, compile_escape
from device import BOARD, BUILD

ROW = re.compile(r'\{"([a-z0-9-]+)",\s*"[^;]*?,\s*(\w+),\s*([^{}]*)\}')


def probes():
    """name: "outside", "inside-only" or "", as the program itself would list them; of one that cannot run here, as the compiler sees its tables."""
    if BOARD.native:
        with tempfile.TemporaryDirectory() as directory:
            compile_escape(Path(directory, "escape"))
            text = subprocess.run([Path(directory, "escape"), "list"], capture_output=True, text=True, check=True).stdout
        return {name: flag for name, flag, _ in (line.split("\t") for line in text.splitlines())}
    found = {}
    for source in sorted((HERE / "escape").glob("*.c")):
        text = subprocess.run([*COMPILE, "-E", "-P", source], capture_output=True, text=True, check=True).stdout
        for table in re.findall(r"const struct probe \w+_probes\[\] = \{(.*?)\};", text, re.S):
            for name, _, flags in ROW.findall(table):
                found[name] = "outside" if "OUTSIDE" in flags else "inside-only" if "INSIDE_ONLY" in flags else ""
    return found


PROBES = probes()
OUTSIDE = [n for n, flag in PROBES.items() if flag == "outside"]

# User = root with [Namespaces] User = host, without a capability: files that belong to root are open to uid 0, as on any Unix. That is what the file asks
# for in so many words. SELinux closes those that have a type of their own; the victim's directory has only /var/lib's.
OPEN_TO_ROOT = {"off": {"etc-shadow", "state-of-others"}, "enforcing": {"state-of-others"}}


def parse(text):
    return {m[1]: (m[2], m[3]) for m in re.finditer(r"(?m)(?:^|\s)([a-z0-9-]+) (BLOCKED|ESCAPED|BROKEN) (.*)$", text)}


def run_service(device, name):
    device.sh(f"bulkctl start {name}")
    return parse(device.wait_log(name, "end of the probes", seconds=600) and device.logs(name, 2000))


def run_all(device):
    device.wait_state("dnsmasq", "up")  # /var/lib is made, with its label, by the first service that has a directory there
    device.sh("/usr/libexec/escape victim > /run/escape-victim.log 2>&1 & for i in 1 2 3 4 5 6 7 8 9; do "
              "grep -q ready /run/escape-victim.log && break; sleep 0.5; done")
    victim = device.sh("cat /run/escape-victim.log")
    assert victim.split() == ["victim", "ready"], victim
    device.sh("bulkctl start t-notify")  # it has a readiness socket, for others to spoof
    found = {"default": run_service(device, "t-escape"), "root": run_service(device, "t-escape-root")}
    assert "spoofed" not in device.sh("bulkctl status t-notify")
    return found


@pytest.fixture(scope="module")
def enforcing(device):
    assert device.json("bulkctl info --json")["selinux"] == "enforcing"
    return run_all(device)


@pytest.fixture(scope="module")
def off(tmp_path_factory, image):
    from device import Device
    d = Device(image, tmp_path_factory.mktemp("escape-device"), append=["selinux=0"])
    try:
        assert d.json("bulkctl info --json")["selinux"] == "off"
        found = run_all(d)
        found["outside"] = parse(d.sh("/usr/libexec/escape outside", 300))
        d.wait_state("nginx", "up")  # nothing that was tried has harmed the others
        yield found
    finally:
        d.close()


def check(found, name, expected):
    assert name in found, "the probe was not run to its end"
    word, how = found[name]
    assert word == expected, f"{name}: {word}: {how}"


@pytest.mark.parametrize("name", PROBES)
def test_default_enforcing(enforcing, name):
    check(enforcing["default"], name, "BLOCKED")


@pytest.mark.parametrize("name", PROBES)
def test_default_without_selinux(off, name):
    check(off["default"], name, "BLOCKED")


@pytest.mark.parametrize("name", PROBES)
def test_root_enforcing(enforcing, name):
    check(enforcing["root"], name, "ESCAPED" if name in OPEN_TO_ROOT["enforcing"] else "BLOCKED")


@pytest.mark.parametrize("name", PROBES)
def test_root_without_selinux(off, name):
    check(off["root"], name, "ESCAPED" if name in OPEN_TO_ROOT["off"] else "BLOCKED")


# What the kernel of a board does not have has no control: root gets it no more than others.
NOT_THERE = {"aarch64": {"kexec-file-load": "ENOSYS", "wx-pkey-mprotect": "ENOSYS"},
             "armv7": {"kexec-file-load": "ENOSYS", "wx-pkey-mprotect": "ENOSYS", "proc-kcore": "ENOENT", "move-pages": "ENOSYS", "migrate-pages": "ENOSYS",
                       "set-mempolicy": "ENOSYS", "unshare-time": "EINVAL"}}.get(BOARD["ARCH"], {})


@pytest.mark.parametrize("name", OUTSIDE)
def test_control_outside_it_works(off, name):
    check(off["outside"], name, "BLOCKED" if name in NOT_THERE else "ESCAPED")
    assert name not in NOT_THERE or off["outside"][name][1].endswith(NOT_THERE[name]), off["outside"][name]


FATAL = {"x86_64": ["int80", "int80-unshare", "x32", "x32-mount"], "aarch64": ["arm32"],
         "armv7": [pytest.param("", marks=pytest.mark.skip(reason="32-bit ARM has one ABI under a kernel that has filters"))]}


def check_fatal(found, name):
    """No control for these: the tests' shell has a filter too. That it was a signal of the filter shows that the kernel was entered."""
    word, how = found["default"][name]
    assert word == "BLOCKED" and how.endswith("killed by SIGSYS"), found["default"][name]


@pytest.mark.parametrize("name", FATAL[BOARD["ARCH"]])
def test_another_abi_is_fatal_enforcing(enforcing, name):
    check_fatal(enforcing, name)


@pytest.mark.parametrize("name", FATAL[BOARD["ARCH"]])
def test_another_abi_is_fatal_without_selinux(off, name):
    check_fatal(off, name)


def test_tally(enforcing, off):
    def count(found):
        return sum(word == "BLOCKED" for word, _ in found.values())
    lines = [f"probes tried {len(PROBES)}, blocked {count(enforcing['default'])} (enforcing), blocked {count(off['default'])} (SELinux off)",
             f"as uid 0 of the host without capabilities: blocked {count(enforcing['root'])} (enforcing), {count(off['root'])} (SELinux off)",
             f"control: {sum(off['outside'][n][0] == 'ESCAPED' for n in OUTSIDE)} of {len(OUTSIDE)} work for root outside of all walls", ""]
    width = max(map(len, PROBES))
    for name in PROBES:
        outside = off["outside"].get(name, ("not tried", ""))
        lines.append(f"{name:{width}}  {enforcing['default'][name][1]:50}  {off['default'][name][1]:50}  outside: {' '.join(outside)}")
    results = BUILD / "results"
    results.mkdir(parents=True, exist_ok=True)
    (results / "escape.txt").write_text("\n".join(lines) + "\n")
    print("\n" + "\n".join(lines[:3]))
    assert len(PROBES) >= 60 and len(OUTSIDE) >= len(PROBES) * 2 // 3
