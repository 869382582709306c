# SPDX-License-Identifier: MIT
"""The daemons of services.d that Debian packages too: each starts behind the walls of its file, in the domain derived from it, and does what it is for.
test_03_daemons.py has those of the demo. The policy is enforcing."""
import json
import os
import re
import time
from pathlib import Path

import daemons_image
import pytest
from device import BOARD, Device, clients

pytestmark = pytest.mark.skipif(BOARD["ARCH"] != "x86_64", reason="the radios' modules are those of a PC's kernel")

# Up from boot; the others are started by their test.
WANTED = ["avahi-daemon", "bluetoothd", "crond", "dbus", "klogd", "lighttpd", "mdev", "ntpd", "openvpn", "redis", "rsyncd", "smbd", "snmpd", "sshd",
          "syslogd", "vsftpd"]
LATER = ["hostapd", "wpa_supplicant", "udhcpc"]
DAEMONS = WANTED + LATER
# name: (what is said to it from outside its walls, what it answers)
TALKS = {
    "dbus": ("dbus-send --system --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.Hello 2>&1; "
             "dbus-send --system --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.GetId", r'string "[0-9a-f]{32}"'),
    "avahi-daemon": ("avahi-resolve -n bulkhead.local", r"bulkhead\.local\s+\S*[.:]\S*"),
    "bluetoothd": ("dbus-send --system --print-reply --dest=org.bluez / org.freedesktop.DBus.ObjectManager.GetManagedObjects", 'object path "/org/bluez"'),
    "lighttpd": ("wget -q -O - http://127.0.0.1/", "behind its walls"),
    "snmpd": ("snmpget -v2c -c word -m '' 127.0.0.1 .1.3.6.1.2.1.1.6.0", "behind its walls"),
    "smbd": ("smbclient -N //127.0.0.1/www -c 'get index.html -'", "behind its walls"),
    "vsftpd": ("wget -q -O - ftp://127.0.0.1/index.html", "behind its walls"),
    "rsyncd": ("echo word >/tmp/a-file && rsync /tmp/a-file rsync://127.0.0.1/drop/ && rsync rsync://127.0.0.1/drop/; rsync rsync://127.0.0.1/www/",
               r"(?s)5 .* a-file.*index\.html"),
    "redis": ("redis-cli SET key value; redis-cli BGSAVE; sleep 1; redis-cli GET key; redis-cli LASTSAVE; redis-cli INFO persistence | grep last_bgsave",
              r"(?s)OK.*value.*last_bgsave_status:ok"),
    "ntpd": ("chronyd -Q -u root -t 20 'server 127.0.0.1 iburst'", "System clock wrong by"),
    "openvpn": ("ip addr show tun7", r"inet 10\.8\.0\.1 peer 10\.8\.0\.2"),
    "nftables": ("nc -w 2 127.0.0.7 7; nc -w 2 127.0.0.9 7; true", r"(?s)timed out.*127\.0\.0\.9.*refused"),
    "iptables": ("nc -w 2 127.0.0.8 7; nc -w 2 127.0.0.9 7; true", r"(?s)timed out.*127\.0\.0\.9.*refused"),
    "klogd": ("bulkctl logs -n 500 syslogd", r"kernel: \[.*bulkhead: \S+: ready"),
    "mdev": ("stat -c '%a %G' /dev/full", "620 tty"),
    "hostapd": ("bulkctl logs hostapd", "AP-ENABLED"),
    "wpa_supplicant": ("bulkctl logs wpa_supplicant; bulkctl logs hostapd", r"(?s)CTRL-EVENT-CONNECTED.*AP-STA-CONNECTED 02:00:00"),
    "udhcpc": ("bulkctl logs udhcpc; cat /etc/resolv.conf; ip route", r"(?s)lease of 10\.0\.2\.15 obtained.*nameserver 10\.0\.2\.3 # eth0.*default via 10\.0\.2\.2"),
}


@pytest.fixture(scope="module")
def daemons(tmp_path_factory):
    d = Device(daemons_image.make(tmp_path_factory.mktemp("daemons")), tmp_path_factory.mktemp("device"))
    yield d
    d.close()


def eventually(device, command, pattern, seconds=60):
    end = time.monotonic() + seconds
    while True:
        text = device.try_sh(command)[1]
        if re.search(pattern, text):
            return text
        assert time.monotonic() < end, f"{command!r} never had {pattern!r}: {text}"
        time.sleep(0.5)


def test_all_are_up(daemons):
    for name in WANTED:
        daemons.wait_state(name, "up", seconds=120)
    for name in ("nftables", "iptables"):
        daemons.wait_state(name, "done")


def test_each_is_behind_its_walls_and_in_its_domain(daemons):
    for name in WANTED:
        pid = daemons.status(name)["pid"]
        status = daemons.sh(f"cat /proc/{pid}/status; cat /proc/{pid}/attr/current")
        assert "NoNewPrivs:\t1" in status and "Seccomp:\t2" in status, name
        assert f"system_u:system_r:{name}_t:s0" in status, name


@pytest.mark.parametrize("name", TALKS)
def test_it_does_what_it_is_for(daemons, name):
    if name in LATER:
        daemons.sh(f"bulkctl start {name}")
    eventually(daemons, *TALKS[name])


def test_a_key_logs_in(daemons):
    ports = json.loads(daemons.ports_file.read_text())
    key = Path(os.environ.get("O", "build")) / "image/ssh_key"
    status, text = clients.ssh(ports["ssh"], key, "id -u; cat /proc/self/attr/current")
    assert status == 0 and text.startswith("0\n") and "sysadm_t" in text, text


def test_nobody_logs_in_without(daemons, tmp_path):
    ports = json.loads(daemons.ports_file.read_text())
    status, text = clients.ssh(ports["ssh"], tmp_path / "no-key", "id -u")
    assert status == 255 and "Permission denied" in text


def test_mdev_hears_of_a_new_device(daemons):
    assert daemons.try_sh("test -e /dev/loop-control")[0] != 0
    daemons.sh("insmod /usr/lib/modules/tests/late/loop.ko")
    eventually(daemons, "stat -c '%a %G' /dev/loop-control", "640 tty")


def test_udevd_in_the_place_of_mdev(daemons):
    daemons.sh("bulkctl stop mdev && bulkctl start udevd")
    eventually(daemons, "stat -c '%a %G' /dev/full; readlink /dev/full-by-udev", "640 tty\nfull\n")
    assert daemons.status("udevd")["state"] == "up"
    daemons.sh("bulkctl stop udevd && bulkctl start mdev")


def test_each_comes_back_when_it_is_killed(daemons):
    before = {name: daemons.status(name) for name in DAEMONS}
    for name in DAEMONS:
        daemons.try_sh(f"bulkctl kill -s KILL {name}")  # without the bus some have ended already
    for name in DAEMONS:
        end = time.monotonic() + 60
        while (now := daemons.status(name))["state"] != "up" or now["pid"] == before[name]["pid"]:
            assert time.monotonic() < end, f"{name}: {now}"
            time.sleep(0.3)
    for name in ("avahi-daemon", "bluetoothd", "rsyncd", "snmpd", "wpa_supplicant"):
        eventually(daemons, *TALKS[name])


def test_crond_runs_its_job(daemons):
    """At the next full minute after the boot, which the tests above have let pass."""
    assert eventually(daemons, "cat /run/crond/ran", "ran as 0", 75)


def test_each_stops_when_asked(daemons):
    for name in DAEMONS:
        daemons.sh(f"bulkctl stop {name}")
    for name in DAEMONS:
        now = daemons.wait_state(name, "down")
        assert now["last_end"].get("signal") not in (9, "SIGKILL", "KILL"), f"{name} had to be killed: {now['last_end']}"


def test_no_wall_was_in_the_way(daemons):
    """What SELinux denied, of all that happened above."""
    denied = {}
    for line in daemons.sh("dmesg | grep 'avc: *denied' || true").splitlines():
        found = re.search(r"\{ (.*) \}.* comm=\"(.*?)\".*scontext=\w+:\w+:([\w-]+)_t:.*tclass=(\w+)", line)
        if found[3] != "test":  # the tests' own shell
            denied[found.groups()] = line
    assert not denied, "\n".join(denied.values())


CONTAINER = "/run/container"


def test_in_a_container(daemons):
    """crun starts PID 1 of a container of this image's root, without the right to make a device or to reboot. Its service has all walls that a device
    gives it, but for SELinux, whose policy is the host's."""
    daemons.sh(f"mkdir -p {CONTAINER}/root && cp /usr/share/container/config.json {CONTAINER} && mount --bind / {CONTAINER}/root")
    daemons.try_sh("bulkctl start container")
    said = eventually(daemons, "bulkctl logs -n 500 container", "inside: (ready|ended|failed)")
    assert said.count("container: crun: the kernel's command line and log") == 1, said
    assert "inside: ready" in said, said
    main = daemons.sh("grep -l sleep $(sed 's,.*,/proc/&/comm,' /sys/fs/cgroup/machine/inside/cgroup.procs)").strip().removesuffix("/comm")
    status = daemons.sh(f"cat {main}/status")
    assert re.search(r"NoNewPrivs:\s1\nSeccomp:\s2\n", status) and re.search(r"CapBnd:\s0+\n", status), status
    assert daemons.sh("cat /sys/fs/cgroup/machine/inside/memory.max").strip() == str(8 << 20)
    daemons.sh("bulkctl stop container")
    said = daemons.sh("bulkctl logs -n 500 container")
    assert "container: reboot(2) is not permitted here: exiting" in said, said
    assert json.loads(daemons.try_sh("bulkctl status --json container")[1])["last_end"] == {"exit": 0}, said
    daemons.sh(f"umount {CONTAINER}/root")
