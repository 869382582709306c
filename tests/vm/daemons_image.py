# SPDX-License-Identifier: MIT
"""The image of test_22_daemons.py: Debian's packages of the daemons of services.d, at Buildroot's paths, with a configuration of a few lines each (daemons/).
The kernel is Debian's full one, for radios that exist in its memory alone (mac80211_hwsim, hci_vhci)."""
import secrets
import shutil

from conftest import HERE, add_modules, copy_modules, make_image
from device import TOP

KERNEL = "linux-image-amd64"
MODULES = ["tun", "nf_tables", "iptable_filter", "hci_vhci", "ccm", "ctr", "cmac", "mac80211_hwsim"]
# The demo's, which test_03_daemons.py has: out of the way of those that serve the same.
MASKED = ["chrony", "dropbear", "flaky", "mosquitto", "nginx"]
# Accounts of packages; services.d/users has the rest. Debian's names are the same accounts.
PACKAGES = {"avahi": [], "dbus": ["messagebus"], "ntp": ["ntpsec"], "snmp": ["Debian-snmp"], "www-data": [], "sshd": [], "ftp": []}


def accounts():
    for line in (TOP / "services.d/users").read_text().splitlines():
        if line and not line.startswith("#") and line.split()[0] not in ("dnsmasq", "network"):  # the demo's image has those
            yield line.split()[0], []
    yield from PACKAGES.items()


def add_accounts(etc):
    skeleton = TOP / "rootfs/skeleton/etc"
    passwd, group = (skeleton / "passwd").read_text(), (skeleton / "group").read_text()
    for uid, (name, aliases) in enumerate(accounts(), 200):
        for alias in (name, *aliases):
            passwd += f"{alias}:x:{uid}:{uid}::/usr/share/www:/sbin/nologin\n"
            group += f"{alias}:x:{uid}:\n"
    (etc / "passwd").write_text(passwd)
    (etc / "group").write_text(group)


def add_key(path):
    """openvpn --genkey secret."""
    lines = [secrets.token_hex(16) for _ in range(16)]
    path.write_text("\n".join(["-----BEGIN OpenVPN Static key V1-----", *lines, "-----END OpenVPN Static key V1-----", ""]))


def make(base):
    overlay = base / "overlay"
    shutil.copytree(HERE / "daemons", overlay)
    (overlay / "etc/cron/crontabs/root").chmod(0o600)
    services = overlay / "etc/bulkhead/services.d"
    shutil.copy(HERE / "services/warden.ini", services)
    (overlay / "usr/libexec").mkdir(parents=True)
    shutil.copy(HERE / "warden.sh", overlay / "usr/libexec/warden")
    vendor = overlay / "usr/lib/bulkhead/services.d"
    vendor.mkdir(parents=True)
    for file in (TOP / "services.d").glob("*.ini"):
        shutil.copy(file, vendor)
    # One device manager at a time: the test starts the other.
    (services / "udevd.d").mkdir()
    (services / "udevd.d/later.ini").write_text("[Service]\nWantedBy =\n")
    for name in MASKED:
        (services / f"{name}.ini").symlink_to("/dev/null")
    (overlay / "etc/resolv.conf").symlink_to("../run/udhcpc/resolv.conf")  # as udhcpc.ini says
    add_accounts(overlay / "etc")
    add_modules(overlay, MODULES, KERNEL)
    copy_modules(overlay / "usr/lib/modules/tests/late", ["loop"], KERNEL)  # loaded while mdev listens
    add_key(overlay / "etc/openvpn/static.key")
    return make_image(base / "out", overlay, "--kernel-package", KERNEL, "--manifest", HERE / "daemons.manifest")
