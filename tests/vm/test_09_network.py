# SPDX-License-Identifier: MIT
"""Namespaces, each private and the host's, and the service's own network: joined, named, with interfaces of the host that come back however the service
ends, and with a veth pair through a bridge. All on one boot, with SELinux enforcing."""
import re
import time

import pytest
from device import BOARD

FETCH = "printf 'GET / HTTP/1.0\\r\\n\\r\\n' | nc -w 10 10.77.0.2 80"
CLOCKS = {"time"} if BOARD["ARCH"] != "armv7" else set()  # 32-bit ARM kernels have no namespace of them, and OptionalWalls says so there
ALL = ("mnt", "pid", "ipc", "uts", "cgroup", "user", "net", *CLOCKS)


def spaces(device, pid):
    text = device.sh(" ".join(f"readlink /proc/{pid}/ns/{n};" for n in ALL))
    return dict(re.findall(r"(\w+):\[(\d+)\]", text))


def start(device, name, *states):
    device.try_sh(f"bulkctl start {name}")
    return device.wait_state(name, *(states or ("up",)))


def stop(device, *names):
    for name in names:
        device.try_sh(f"bulkctl stop {name}")
        device.wait_state(name, "down", "failed")


def links(device):
    return set(re.findall(r"^\d+: ([^:@]+)[:@]", device.sh("ip link"), re.M))


def wait_link(device, name, there=True):
    """The kernel takes a namespace down, and a pair with it, behind everybody's back."""
    end = time.monotonic() + 20
    while (name in links(device)) != there:
        assert time.monotonic() < end, f"{name} {'never came' if there else 'is still there'}: {links(device)}"
        time.sleep(0.2)


@pytest.fixture(scope="module", autouse=True)
def enforcing(device):
    assert device.sh("cat /sys/fs/selinux/enforce").strip() == "1"


@pytest.fixture(scope="module")
def wires(device):
    """Virtual interfaces of the host: whoever moves them keeps them from going with the namespace, unlike hardware."""
    for n in range(3):
        device.sh(f"ip link add vt{n} type veth peer name vp{n} || ip link add vt{n} type veth")
        device.sh(f"ip link set vt{n} up")
    return {f"vt{n}" for n in range(3)}


# --- each namespace both ways ---

@pytest.mark.parametrize("name, shared", [("t-ns-private", set()), ("t-ns-host", set(ALL))])
def test_all_eight_namespaces(device, name, shared):
    status = start(device, name)
    assert status["absent"] == ([] if CLOCKS or name == "t-ns-host" else ["time"])
    host, own = spaces(device, 1), spaces(device, status["pid"])
    stop(device, name)
    assert {n for n in ALL if host[n] == own[n]} == shared


def test_time_is_the_hosts_where_nobody_asks(device):
    status = start(device, "t-look")
    host, own = spaces(device, 1), spaces(device, status["pid"])
    stop(device, "t-look")
    assert {n for n in ALL if host[n] == own[n]} == CLOCKS


def test_private_clocks_run_without_an_offset(device):
    before = float(device.sh("cut -d' ' -f1 /proc/uptime"))
    start(device, "t-ns-private")
    text = device.wait_log("t-ns-private", r"monotonic \d+")
    after = float(device.sh("cut -d' ' -f1 /proc/uptime"))
    stop(device, "t-ns-private")
    # uptime counts a suspended machine's time too, which this one has none of
    assert before - 1 <= int(re.findall(r"monotonic (\d+)", text)[-1]) / 1000 <= after + 1


# --- a cable to a bridge ---

@pytest.fixture(scope="module")
def web(device):
    status = start(device, "t-web")
    device.wait_log("t-web", "serving")
    yield status
    stop(device, "t-web")


def test_a_service_with_its_own_network_serves_a_page_through_the_bridge(device, web):
    assert "page-of-t-web" in device.sh(FETCH)
    assert spaces(device, web["pid"])["net"] != spaces(device, 1)["net"]


def test_its_end_outside_is_a_port_of_the_bridge(device, web):
    assert device.sh("ls /sys/class/net/brt/brif").split() == ["ve-t-web"]
    assert "10.77.0.1/24" in device.sh("ip addr show dev brt")


def test_its_end_inside_is_as_the_file_says(device, web):
    inside = device.sh(f"nsenter -t {web['pid']} -n ip addr; nsenter -t {web['pid']} -n ip route")
    assert "10.77.0.2/24" in inside and "fd77::2/64" in inside and "02:00:00:77:00:02" in inside
    assert "default via 10.77.0.1 dev eth0" in inside
    assert set(re.findall(r"^\d+: ([^:@]+)[:@]", inside, re.M)) == {"lo", "eth0"}


def test_port_80_there_needs_no_power_over_the_host(device, web):
    status = device.sh(f"cat /proc/{web['pid']}/status")
    assert int(re.search(r"CapEff:\t(\w+)", status)[1], 16) == 1 << 10  # CAP_NET_BIND_SERVICE
    assert spaces(device, web["pid"])["user"] != spaces(device, 1)["user"]


def test_another_service_reaches_it_over_the_bridge(device, web):
    for name in ("t-web-client", "t-web-client6"):
        start(device, name)
        device.wait_log(name, "fetched page-of-t-web")
    assert "ve-other" in links(device) and any(re.fullmatch("ve-t-web--[0-9a-f]{5}", n) for n in links(device))  # shortened, with a hash
    stop(device, "t-web-client", "t-web-client6")
    wait_link(device, "ve-other", False)


def test_a_service_joins_its_network(device, web):
    status = start(device, "t-web-guest")
    assert spaces(device, status["pid"])["net"] == spaces(device, web["pid"])["net"]
    assert spaces(device, status["pid"])["user"] != spaces(device, web["pid"])["user"]
    device.wait_log("t-web-guest", "fetched page-of-t-web")


def test_when_the_owner_dies_the_guest_comes_back_with_it(device, web):
    """The new network is another one: whoever joined the old one would sit in an empty room."""
    guest, pid = device.status("t-web-guest"), device.status("t-web")["pid"]
    device.sh(f"kill -9 {pid}")
    end = time.monotonic() + 40
    while True:
        owner, now = device.status("t-web"), device.status("t-web-guest")
        if owner["state"] == now["state"] == "up" and owner["pid"] not in (0, pid) and now["pid"] not in (0, guest["pid"]):
            break
        assert time.monotonic() < end, (owner, now)
        time.sleep(0.3)
    assert spaces(device, now["pid"])["net"] == spaces(device, owner["pid"])["net"]
    assert "page-of-t-web" in device.sh(f"for n in 1 2 3 4 5; do {FETCH} | grep page && break; sleep 1; done")


def test_stopping_the_owner_stops_the_guest_and_the_pair_is_gone(device, web):
    device.sh("bulkctl stop t-web")
    assert device.wait_state("t-web", "down")["state"] == device.wait_state("t-web-guest", "down")["state"] == "down"
    wait_link(device, "ve-t-web", False)


def test_no_bridge_no_service(device):
    status = start(device, "t-no-bridge", "failed")
    assert status["why"].startswith("network: ENODEV") and "nobridge" in status["why"], status["why"]
    assert "never" not in device.logs("t-no-bridge")
    assert "ve-t-no-bridge" not in links(device)


# --- interfaces of the host ---

def kept_by_pid1(device):
    return device.sh("ls -l /proc/1/fd").count("net:[")


def test_an_interface_moves_in_and_comes_back(device, wires):
    kept = kept_by_pid1(device)
    start(device, "t-take")
    text = device.wait_log("t-take", r"taken(.|\n)*interface vt0 up")
    assert "vt0" not in links(device) and kept_by_pid1(device) == kept + 1
    # ExecStartPre had it too, in the same network
    assert re.search(r"once(.|\n)*interface vt0 up(.|\n)*taken", text)
    device.sh("bulkctl stop t-take")
    device.wait_state("t-take", "down")
    assert "vt0" in links(device) and kept_by_pid1(device) == kept


def test_after_kill_of_all_its_processes_it_is_back_and_the_restart_finds_it(device, wires):
    start(device, "t-take")
    before = device.status("t-take")
    device.sh("echo 1 >/sys/fs/cgroup/t-take/cgroup.kill")
    end = time.monotonic() + 40
    while True:
        now = device.status("t-take")
        if now["state"] == "up" and now["pid"] not in (0, before["pid"]):
            break
        assert time.monotonic() < end, now
        time.sleep(0.2)
    assert "vt0" not in links(device)
    assert "vt0" in device.sh(f"nsenter -t {now['pid']} -n ip link")
    stop(device, "t-take")
    assert "vt0" in links(device)


def test_many_lives_leak_nothing(device, wires):
    kept = kept_by_pid1(device)
    for _ in range(5):
        start(device, "t-take")
        device.sh("bulkctl restart t-take")
        device.wait_state("t-take", "up")
        stop(device, "t-take")
    assert wires <= links(device) and kept_by_pid1(device) == kept


def test_power_over_its_own_network_alone(device, wires):
    kept = kept_by_pid1(device)
    status = start(device, "t-take-own")
    text = device.wait_log("t-take-own", r"interface vt1")
    assert "down ok" in text and "up ok" in text and "raw ok" in text, text
    assert "reaper's E" in text and "setns E" in text and "sysctl E" in text
    assert spaces(device, status["pid"])["user"] != spaces(device, 1)["user"]
    # its first process made the network, its main process has the power: they share a user namespace
    assert re.search(r"once(.|\n)*interface vt1 up(.|\n)*down ok", text)
    stop(device, "t-take-own")
    assert "vt1" in links(device) and kept_by_pid1(device) == kept
    assert device.sh("ip link show dev eth0 || ip link").count("UP") >= 1


def test_an_interface_that_is_not_there(device, wires):
    kept = kept_by_pid1(device)
    status = start(device, "t-no-interface", "failed")
    assert status["why"].startswith("network: ENODEV") and "nosuch9" in status["why"], status["why"]
    assert "never" not in device.logs("t-no-interface")
    assert "vt2" in links(device) and kept_by_pid1(device) == kept  # the first one had been moved already


def test_tried_at_the_desk_it_comes_back_too(device, wires):
    says = "bulkctl try /etc/bulkhead/services.d/t-take-own.ini >/tmp/take 2>&1"
    begun = "for i in $(seq 60); do [ $(grep -c 'interface vt1 up' /tmp/take) -ge 2 ] && break; sleep 0.5; done"
    text = device.sh(f"{says} & p=$!; {begun}; kill -TERM $p; wait $p; cat /tmp/take", 60)
    # ExecStartPre, ExecStart and ExecStopPost, all in one network and one user namespace
    assert text.count("interface vt1 up") == 3 and "down ok" in text and "wall failed" not in text, text
    assert "vt1" in links(device) and "returned to the host" not in text


# What is lacking comes while the service is tried again, and goes again: others use this device.
LATE = {
    "interface": ("ENODEV", "ip link add late0 type veth peer name late0p", "ip link del late0p || true"),
    "bound": ("ENODEV", "ip link add late1 type veth peer name late1p", "ip link del late1"),
    "address": ("EADDRNOTAVAIL", "ip addr add 192.0.2.78/32 dev lo", "ip addr del 192.0.2.78/32 dev lo"),
    "path": ("ENOENT", "mkdir /run/late", "rmdir /run/late"),
}


@pytest.mark.parametrize("what", LATE)
def test_what_comes_late_is_waited_for(device, what):
    error, comes, goes = LATE[what]
    before = start(device, f"t-late-{what}", "restarting")
    assert error in before["why"], before["why"]
    device.sh(comes)
    device.wait_state(f"t-late-{what}", "up")
    stop(device, f"t-late-{what}")
    device.sh(goes)


# --- named ---

def test_a_named_network_must_be_there(device):
    status = start(device, "t-named", "failed")
    assert status["why"].startswith("network: ENOENT") and "t-named" in status["why"], status["why"]
    assert "named\n" not in device.logs("t-named")


def test_a_named_network_is_joined(device):
    device.sh("mkdir -p /run/netns && : >/run/netns/t-named && unshare --net=/run/netns/t-named true")
    device.sh("nsenter --net=/run/netns/t-named ip link set lo up")
    status = start(device, "t-named")
    text = device.wait_log("t-named", "interface lo up")
    inside = device.sh("nsenter --net=/run/netns/t-named readlink /proc/self/ns/net").strip()
    assert f"net:[{spaces(device, status['pid'])['net']}]" == inside and "eth0" not in text
    stop(device, "t-named")
    device.sh("umount /run/netns/t-named && rm /run/netns/t-named")


def test_a_file_that_is_no_network(device):
    device.sh("mkdir -p /run/netns && echo x >/run/netns/t-named")
    status = start(device, "t-named", "failed")
    device.sh("rm /run/netns/t-named")
    assert re.match("network: (EINVAL|EACCES): .*t-named", status["why"]), status["why"]  # EACCES: of SELinux, before it comes to that


def test_explain_shows_it_all(device):
    explained = device.json("bulkctl explain --json t-web")["walls"]
    assert explained["network"]["mode"] == "private" and explained["network"]["owned"] is True
    assert "10.77.0.2/24" in explained["network"]["virtual_ethernet"] and "ve-t-web" in explained["network"]["virtual_ethernet"]
    assert "of the service t-web" in device.sh("bulkctl explain t-web-guest")
