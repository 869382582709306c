# SPDX-License-Identifier: MIT
"""A PID 1, a cell and a bulkctl that were built without all that Kconfig lets be left out, with a plan made by a compiler that has everything: what they
lack they refuse, by name, and the rest of the device runs."""
import shutil
import subprocess

import pytest
from conftest import BUILD, HERE, make_image, make_overlay
from device import BOARD, TOP, Device

ALWAYS = "[Service]\nExecStart = /usr/libexec/probe stay\nWantedBy = appliance\n"
SERVICES = {
    "o-plain": "",
    "o-lenient": "OptionalWalls = selinux landlock\n[SELinux]\nSELinuxContext = system_u:system_r:service_t:s0\n",
    "o-label": "[SELinux]\nSELinuxContext = system_u:system_r:service_t:s0\n",
    "o-landlock": "[Filesystem]\nLandlock = required\n",
    "o-io": "[Cgroup]\nIOReadIOPSMax = /dev/vda 1000\n",
    "o-bpf": "[Cgroup]\nIPAddressDeny = any\n",
    "o-condition": "ConditionPathExists = !/nowhere\n",
    "o-interfaces": "[Namespaces]\nVirtualEthernet = bridge=br9\n",
    "o-sockets": "[Socket]\nListenStream = 127.0.0.1:7201\n",
    "o-demand": "[Socket]\nListenStream = 127.0.0.1:7202\nActivate = on-demand\n",
}
REFUSED = {"o-label": "SELINUX", "o-landlock": "LANDLOCK", "o-io": "CGROUP_IO", "o-bpf": "CGROUP_BPF", "o-condition": "CONDITIONS",
           "o-interfaces": "INTERFACES", "o-sockets": "SOCKETS", "o-demand": "SOCKETS", "network": "SELINUX"}


@pytest.fixture(scope="module")
def less(tmp_path_factory):
    top = BUILD / "options/allnoconfig"
    out = BOARD.build(top)
    out.mkdir(parents=True, exist_ok=True)
    common = [f"BOARD={BOARD.name}", f"O={top}", f"LIB={BOARD.libraries(BUILD)}", f"RUN_COMPILE={BOARD.plan_compiler(BUILD)}", "DEPS=no"]
    for goals in (["allnoconfig"], ["-j2", *(str(out / name) for name in ("init", "bulkhead-cell", "bulkctl"))]):
        done = subprocess.run(["make", "--no-print-directory", *common, *goals], cwd=TOP, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.fixture(scope="module")
def device(tmp_path_factory, less):
    base = tmp_path_factory.mktemp("options")
    services = base / "services"
    services.mkdir()
    shutil.copy(HERE / "services/warden.ini", services)
    for name, text in SERVICES.items():
        (services / f"{name}.ini").write_text(ALWAYS + text)
    overlay = make_overlay(base / "overlay", services)
    for source, target in (("init", "usr/sbin/init"), ("bulkhead-cell", "usr/lib/bulkhead/bulkhead-cell"), ("bulkctl", "usr/libexec/bulkctl-less")):
        (overlay / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(less / source, overlay / target)
    d = Device(make_image(base / "out", overlay), tmp_path_factory.mktemp("device"))
    yield d
    d.close()


def test_what_is_not_asked_for_is_not_missed(device):
    assert device.wait_state("o-plain", "up")["absent"] == ["landlock"]
    assert "without landlock" in device.sh("bulkctl status o-plain; bulkctl status")


def test_what_may_be_missing_is_told(device):
    assert device.wait_state("o-lenient", "up")["absent"] == ["landlock", "selinux"]


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_left_out_is_refused_by_name(device, name):
    s = device.wait_state(name, "failed")
    assert s["why"] == f"plan: EOPNOTSUPP: this bulkhead was built without CONFIG_{REFUSED[name]}", s
    assert s["pid"] is None


def test_the_console_tells_what_the_machine_lacks(device):
    device.wait_console(r"selinux: off: this bulkhead was built without CONFIG_SELINUX, the policy is not loaded\n")
    device.wait_console(r"watchdog: this bulkhead was built without CONFIG_WATCHDOG: the device runs without a watchdog\n")
    assert device.json("bulkctl info --json")["selinux"] == "off"


def test_bulkctl_names_what_it_lacks(device):
    for words, option in (("explain nginx", "EXPLAIN"), ("security", "SECURITY"), ("check", "COMPILER"), ("try x", "TRY"), ("learn x", "LEARN"),
                          ("kernel-check", "KERNEL_CHECK"), ("--json status", "JSON")):
        status, text = device.try_sh(f"/usr/libexec/bulkctl-less {words}")
        assert status == 2 and f"this bulkhead was built without CONFIG_{option}" in text, (words, status, text)
    assert "LANDLOCK" in device.sh("/usr/libexec/bulkctl-less info | grep ^without")
