# SPDX-License-Identifier: MIT
"""A data partition that lives through updates: three images, three plans, one disk. A service comes whose name sorts first and gives the range of another,
one is renamed, one goes from a private User to the host's and back. Each reads its own files every time, and nobody else's become its own."""
import re
import shutil
import subprocess

import pytest
from conftest import BUILD, HERE, make_image, make_overlay
from device import BOARD, Device

ID_RANGE, ID_FIRST, ID_SLOTS = 65536, 16, 16384  # init/walls/apply.h
SERVICE = """[Service]
ExecStart = /usr/libexec/fsprobe {words}
Type = oneshot
Enabled = no
StateDirectory = {state}
StateDirectoryMode = 0700
{user}
[Namespaces]
{namespaces}
[SELinux]
SELinuxContext = system_u:system_r:test_t:s0
"""
STATES = ("u-plain", "u-owner", "u-old", "newcomer")


def slot(name):
    h = 0xcbf29ce484222325
    for byte in name.encode():
        h = (h ^ byte) * 0x100000001b3 % (1 << 64)
    return h % ID_SLOTS


def base_of(name):
    return (ID_FIRST + slot(name)) * ID_RANGE


NEWCOMER = next(n for n in (f"a-{i}" for i in range(1000000)) if slot(n) == slot("u-plain"))


def service(state, namespaces="", user=""):
    words = " ".join(f"{v}:/var/lib/{s}/{f}" for s in STATES for v, f in (("read", "key"), ("read", "key33"))) + f" write:/var/lib/{state}/new"
    return SERVICE.format(words=words, state=state, namespaces=namespaces, user=user)


def compile_alone(directory, files):
    """What the build says to these service files."""
    services = directory / "etc/bulkhead/services.d"
    services.mkdir(parents=True)
    (directory / "usr/libexec").mkdir(parents=True)
    shutil.copy("/bin/true", directory / "usr/libexec/fsprobe")
    for name, text in files.items():
        (services / f"{name}.ini").write_text(text)
    done = subprocess.run([BOARD.plan_compiler(BUILD), "--root", directory, "--output", directory / "plan"], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def free_range(tmp_path_factory):
    """That the build names when it refuses the newcomer."""
    said = compile_alone(tmp_path_factory.mktemp("refused"), {"u-plain": service("u-plain"), NEWCOMER: service("newcomer")})
    print(said)
    return int(re.search(r"IdRange = (\d+)", said)[1])


def versions(free):
    one = {"u-plain": service("u-plain"), "u-owner": service("u-owner"), "u-old": service("u-old")}
    two = {"u-plain": service("u-plain"), NEWCOMER: service("newcomer", f"IdRange = {free}"), "u-new": service("u-old"),
           "u-owner": service("u-owner", "User = host", "User = dnsmasq")}
    return one, two, {**two, "u-owner": service("u-owner")}


def life(tmp_path_factory, files, disk):
    base = tmp_path_factory.mktemp("version")
    services = base / "services"
    services.mkdir()
    shutil.copy(HERE / "services/warden.ini", services)
    for name, text in files.items():
        (services / f"{name}.ini").write_text(text)
    d = Device(make_image(base / "out", make_overlay(base / "overlay", services)), tmp_path_factory.mktemp("life"), data=disk)
    try:
        found = {}
        for name in files:
            d.sh(f"bulkctl start {name}")
            found[name] = d.wait_log(name, r"write \S+new \S+\]\]")
        found["owners"] = dict(x.split() for x in d.sh(f"{KEYS}; cd /var/lib; {OWNERS}").splitlines())
        d.sh("sync")
        d.line.sendall(b"bulkctl poweroff\n@@run\n")
        d.wait_off()
        return found
    finally:
        d.close()


# A key of its own in each state directory, and one of the id 33 inside its cell.
KEYS = ("for s in u-plain u-owner u-old newcomer; do d=/var/lib/$s; [ -d $d ] && [ ! -e $d/key ] || continue; u=$(stat -c %u $d); "
        "for k in key key33; do echo \"$s has $k\" >$d/$k; chmod 600 $d/$k; done; chown $u:$u $d/key; "
        "[ $u -lt 65536 ] || u=$((u / 65536 * 65536 + 33)); chown $u:$u $d/key33; done")


OWNERS = "for f in u-* newcomer; do [ ! -d $f ] || stat -c '%n %u' $f $f/key $f/key33; done"


@pytest.fixture(scope="module")
def lives(tmp_path_factory, free_range):
    disk = tmp_path_factory.mktemp("disk") / "data.img"
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", disk, "32M"], check=True, capture_output=True)
    return [life(tmp_path_factory, files, disk) for files in versions(free_range)]


def reads(found, service):
    return dict(re.findall(r"\[\[read (\S+) (.*?)\]\]", found[service]))


@pytest.mark.parametrize("boot", [1, 2])
def test_each_reads_its_own_and_nobody_elses(lives, boot):
    owners = {"u-plain": "u-plain", NEWCOMER: "newcomer", "u-new": "u-old", "u-owner": "u-owner"}
    for name, state in owners.items():
        got = reads(lives[boot], name)
        for s in STATES:
            if s == state:
                assert got[f"/var/lib/{s}/key"] == f"{s} has key" or s == "newcomer", (boot, name, got)
            else:
                assert got[f"/var/lib/{s}/key"] in ("EACCES", "ENOENT"), (boot, name, got)
        assert f"[[write /var/lib/{state}/new ALLOWED]]" in lives[boot][name]


def test_no_range_moves(lives, free_range):
    for boot in lives:
        assert int(boot["owners"]["u-plain/key"]) // ID_RANGE * ID_RANGE == base_of("u-plain")
    assert int(lives[1]["owners"]["newcomer"]) // ID_RANGE * ID_RANGE == free_range


def test_renamed_takes_its_files_along(lives):
    assert int(lives[0]["owners"]["u-old/key"]) // ID_RANGE * ID_RANGE == base_of("u-old")
    assert int(lives[1]["owners"]["u-old/key33"]) == base_of("u-new") + 33


def test_private_host_private_loses_no_owner(lives):
    one, two, three = (boot["owners"] for boot in lives)
    print({k: (one[k], two[k], three[k]) for k in ("u-owner/key", "u-owner/key33")})
    assert int(one["u-owner/key33"]) == base_of("u-owner") + 33
    assert two["u-owner/key"] == two["u-owner/key33"] == two["u-owner"] and int(two["u-owner"]) < ID_RANGE
    assert reads(lives[1], "u-owner")["/var/lib/u-owner/key33"] == "u-owner has key33"
    assert three["u-owner/key33"] == one["u-owner/key33"] and three["u-owner/key"] == one["u-owner/key"]
