# SPDX-License-Identifier: MIT
"""A device is never left dark. Each fault is put into the root by the initramfs before PID 1 starts: `dark=NAME` on the kernel's command line says which. Then
the console shows what RescueShell allows, or says that the device reboots, and it does. The same for the words that ask for a rescue."""
import gzip
import re
import shutil
import stat
import subprocess

import pytest
from conftest import COMPILE
from device import BUILD, COUNTED_MACHINE, RECIPES, Device
from imagelib import initramfs

M = "/merged"
LIB = f"{M}/usr/lib/bulkhead"
SAY = f"say() {{ $bb sed \"s|^\\[Boot\\]|[Boot]\\nRescueShell = $1|\" {M}/etc/bulkhead/init.ini >/text; $bb cat /text >{M}/etc/bulkhead/init.ini; }}\n"
NO_CELL = f"$bb rm {LIB}/bulkhead-cell"
NO_COMPILER = f"$bb rm {LIB}/bulkhead-compile"
PASSWD = "$bb sed 's|^root:[^:]*|root:{}|' " + f"{M}/etc/shadow >/text; $bb cat /text >{M}/etc/shadow"
MODULES = f"$bb sed 's|^.Boot.|&\\nModules = {LIB[len(M):]}/hangs.ko|' {M}/etc/bulkhead/init.ini >/text; $bb cat /text >{M}/etc/bulkhead/init.ini"
SERVICES = f"{M}/etc/bulkhead/services.d/*.ini {LIB}/services.d/*.ini"
POLICY = f"{M}/etc/selinux/bulkhead/policy/policy.33"

# What the console shows in the end: a question for the password, an open shell, a reboot, or the login of a device that works.
ASKS, OPEN, REBOOTS, UP = "Password: ", "rescue# ", "rebooting in 10 s\n", "bulkhead login:"
NOBODY = "no service is running or able to start"
THEN = r"\n(?:.*\n)*?bulkhead: "
FAULTS = {
    # name: (what is done to the root, what the console says, how it ends)
    "no-plan-no-compiler": (f"$bb rm {LIB}/plan; {NO_COMPILER}", "bulkhead: no plan\n", ASKS),
    "no-plan-no-cell": (f"$bb rm {LIB}/plan; {NO_CELL}", NOBODY, ASKS),
    "plan-no-cell": (NO_CELL, NOBODY, ASKS),
    "cell-not-executable": (f"$bb chmod 644 {LIB}/bulkhead-cell", NOBODY, ASKS),
    "cell-is-no-program": (f"echo nothing >{LIB}/bulkhead-cell", f"wall failed: exec: ENOEXEC: {LIB[len(M):]}/bulkhead-cell{THEN}{NOBODY}", ASKS),
    "plan-cut-off": (f"$bb truncate -s 3000 {LIB}/plan; {NO_COMPILER}", "bulkhead: plan: .*\n(.*\n)*bulkhead: no plan\n", ASKS),
    "plan-of-another-version": (f"printf '\\377' | $bb dd of={LIB}/plan bs=1 seek=12 conv=notrunc; {NO_COMPILER}", "bulkhead: no plan\n", ASKS),
    "plan-without-a-byte": (f": >{LIB}/plan; {NO_COMPILER}", "bulkhead: no plan\n", ASKS),
    # Then it is compiled on the device.
    "plan-others-may-write": (f"$bb chmod 666 {LIB}/plan", r"bulkhead: plan: /usr/lib/bulkhead/plan: others than root can write it \(owner 0, mode 0666\), ", UP),
    "plan-of-another": (f"$bb chown 1000 {LIB}; {NO_COMPILER}", r"bulkhead: plan: /usr/lib/bulkhead: others than root can write it \(owner 1000, mode 0755\), "
                        r"expected owner 0 and no write for group and others\n(.*\n)*bulkhead: no plan\n", ASKS),
    # Those of /etc come first in the alphabet of paths, and take the places of the demo's own.
    "more-services-than-places": (f"$bb rm {LIB}/plan; many={M}/etc/bulkhead/services.d/zz@.ini; printf '[Service]\\nExecStart = /usr/bin/busybox true\\nUser = root\\n"
                                  "Enabled = no\\nInstances = %s\\n[Namespaces]\\nUser = host\\n' \"$($bb seq -w 260 | $bb tr '\\n' ' ')\" >$many; "
                                  "/label $many system_u:object_r:bulkhead_conf_t:s0",
                                  "bulkhead: plan: more services than there are places: some are left out, see /run/bulkhead/refused\n"
                                  f"(.*\n)*bulkhead: .*appliance is left out\n(.*\n)*bulkhead: {NOBODY}", ASKS),
    "no-cgroup2": (f"$bb mount -t sysfs sys {M}/sys; $bb mount -t tmpfs none {M}/sys/fs/cgroup",
                   f"bulkhead: cgroup: ENOENT: no service can be given its limits{THEN}{NOBODY}", ASKS),
    "no-dev-null": ("$bb rm /dev/null; say open", f"bulkhead: /dev/null: ENOENT{THEN}.*wall failed: .*: standard descriptors{THEN}{NOBODY}", OPEN),
    "no-dev": (f"$bb rm -r {M}/dev", NOBODY, REBOOTS),
    "no-console": ("$bb rm /dev/console; " + NO_CELL, "no shell on the console: /dev/console: ENOENT\n", REBOOTS),
    "no-kmsg": ("$bb rm /dev/kmsg", "bulkhead: /dev/kmsg: ENOENT\n", UP),
    # Without /proc nobody sees selinux=0 (see of() below): here no policy is asked for.
    "no-proc": (f"$bb rmdir {M}/proc; $bb rm -r {M}/etc/selinux", f"bulkhead: mount: /proc: ENOENT{THEN}{NOBODY}", ASKS),
    "no-sys": (f"$bb rmdir {M}/sys", f"bulkhead: mount: /sys: ENOENT{THEN}cgroup: ENOENT: no service can be given its limits{THEN}{NOBODY}", ASKS),
    "no-run": (f"$bb rmdir {M}/run", "bulkhead: /run/bulkhead: ENOENT: no service can start\n", ASKS),
    "no-services": (f"$bb rm {SERVICES}", NOBODY, ASKS),
    "every-file-bad": (f"for f in {SERVICES}; do echo 'Restrat = always' >>$f; done", f"refused: (.*\n)*bulkhead: {NOBODY}", ASKS),
    "fstab-over-its-own": (f"printf 'tmpfs /run tmpfs mode=0755\\nproc /proc proc defaults\\ntmpfs /run/bulkhead tmpfs x\\ntmpfs /sys/fs tmpfs x\\n"
                           f"/dev/vdb /run ext4 x\\ntmpfs /leads tmpfs nofail\\n' >{M}/etc/fstab; $bb ln -s run {M}/leads",
                           "bulkhead: /etc/fstab:3: nothing can be mounted on /run/bulkhead: .*\nbulkhead: /etc/fstab:4: .*/sys/fs/cgroup is bulkhead's own\n"
                           "bulkhead: /etc/fstab:5: PID 1 mounts /run itself, .*\nbulkhead: fstab: /leads: it leads to /run, ", UP),
    "init.ini-bad": (f"echo nonsense >{M}/etc/bulkhead/init.ini", "bulkhead: /etc/bulkhead/init.ini:1: \"nonsense\" is neither .Section. nor Key = value\n", UP),
    "no-init.ini": (f"$bb rm {M}/etc/bulkhead/init.ini", "bulkhead: /etc/bulkhead/init.ini:1: is not there: .*\n", UP),
    "module-hangs": (f"$bb mkfifo {LIB}/hangs.ko; {MODULES}", f"bulkhead: module: {LIB[len(M):]}/hangs.ko: ETIMEDOUT\n", UP),
    "no-policy": (f": >{POLICY}", "enforcing was asked for: not starting without it\n", ASKS),
    "no-shell": (f"say open; {NO_CELL}; $bb rm {M}/usr/bin/sh", "bulkhead: /bin/sh: ENOENT\n", REBOOTS),
    "no-libc": (f"$bb rm -f {M}/usr/lib64/ld-* {M}/usr/lib/ld-*",
                f"(?:needs a loader that does not exist: .*|or its interpreter .* does not){THEN}{NOBODY}.*\nbulkhead: /bin/login: ENOENT\nbulkhead: no shell on the console: it does not start\n", REBOOTS),
    "root-locked": (f"{PASSWD.format('*')}; {NO_CELL}", "no shell on the console: RescueShell = password, but root has no password\n", REBOOTS),
    "no-accounts": (f"$bb rm {M}/etc/passwd {M}/etc/shadow; {NO_CELL}", "but there is no account root\n", REBOOTS),
    "nobody-to-ask": (f"$bb rm {M}/usr/bin/login; {NO_CELL}", "but there is neither sulogin nor login\n", REBOOTS),
}
WORDS = {
    # name: (what is done to the root, words, what the console says, how it ends)
    "rescue": ("", "rescue", "rescue: no service is started: a shell on the console for who knows root's password", ASKS),
    "emergency": ("", "emergency", "rescue: no service is started", ASKS),
    "open": ("say open", "single", "rescue: no service is started: a shell on the console\n", OPEN),
    "off": ("", "rescue=0 single=no note=\"a rescue b\"", "", UP),
    "the-last-one-wins": ("", "rescue rescue=0", "", UP),
    "not-allowed": ("say never", "rescue", "no rescue: RescueShell = never; starting normally\n", UP),
}

LATE = "password\\nMarkGoodDelaySec = 14s\\nBootTimeoutSec = 15s\\nBootFailureAction = rescue"

LABEL = """#include <sys/xattr.h>
#include <string.h>
int main(int argc, char **argv) { return argc == 3 && setxattr(argv[1], "security.selinux", argv[2], strlen(argv[2]) + 1, 0) == 0 ? 0 : 1; }
"""
HEAD = """$bb mkdir /upper /merged
overlay() {
$bb mount -t tmpfs none /upper && $bb mkdir /upper/files /upper/work || fail "no upper"
/label /upper/files system_u:object_r:root_t:s0 || fail "no label"
$bb mount -t overlay -o lowerdir=/newroot,upperdir=/upper/files,workdir=/upper/work none /merged || fail "no overlay: $($bb dmesg | $bb tail -n 1)"
}
case $dark in
plain) $bb mount -o bind /newroot /merged || fail "no /merged" ;;
*) overlay ;;
esac
case $dark in
plain) ;;
"""
TAIL = """*) fail "no fault $dark" ;;
esac
[ $dark = plain ] || $bb mount -t overlay -o remount,ro none /merged || fail "stays writable"
[ ! -d /merged/dev ] || $bb mount -o move /dev /merged/dev || fail "/dev does not move"
"""


def make_init():
    text = (RECIPES / "initramfs-init").read_text().replace("\tinit=*)", "\tdark=*) dark=${word#dark=} ;;\n\tinit=*)")
    cases = {"late": f"say '{LATE}'", "never": f"say never; {NO_CELL}", "prompt": f"say open; {NO_CELL}", **{n: f[0] for n, f in FAULTS.items()}, **{f"word-{n}": w[0] for n, w in WORDS.items() if w[0]}}
    text = text.replace("$bb mount -o move /dev /newroot/dev || fail \"/dev does not move\"\n",
                        SAY + HEAD + "".join(f"{n}) {do or ':'} ;;\n" for n, do in cases.items()) + TAIL)
    head, tail = text.split(TAIL)
    return head + TAIL + tail.replace("/newroot", "/merged")


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """The demo, with an initramfs that can break it: what comes later in the archive replaces what came before."""
    base = tmp_path_factory.mktemp("faulty")
    for name in ("vmlinuz", "rootfs.img"):
        (base / name).symlink_to(BUILD / "image" / name)
    if (BUILD / "image/data.img").exists():
        shutil.copy(BUILD / "image/data.img", base)
    (base / "label.c").write_text(LABEL)
    subprocess.run([*COMPILE, "-o", base / "label", base / "label.c"], check=True)
    program, nowhere = stat.S_IFREG | 0o755, (0, 0)
    extra = initramfs.archive([("label", program, (base / "label").read_bytes(), nowhere),
                               ("init", program, make_init().encode(), nowhere)], 0)
    (base / "initramfs.cpio.gz").write_bytes((BUILD / "image/initramfs.cpio.gz").read_bytes() + gzip.compress(extra, mtime=0))
    return base


class Ahead:
    """The device of the next test boots while that of this one waits: for a password that was wrong, or before it reboots."""

    def __init__(self, image, factory):
        self.image, self.factory, self.next = image, factory, {}

    def take(self, node):
        return self.next.pop(node.nodeid, None) or self.boot(node)

    def boot(self, node):
        words, end = node.callspec.params["words"], node.callspec.params.get("end", REBOOTS if "never" in node.name else None)
        # Before it reboots a device waits, and nobody types.
        machine = COUNTED_MACHINE if end == REBOOTS else ("--smp", "1")
        return Device(self.image, self.factory.mktemp("device"), append=[words], arguments=["--no-net", *machine], warden=False)

    def begin_next(self, node):
        items = node.session.items
        later = items[items.index(node) + 1:][:1]
        if later and later[0].path == node.path and later[0].nodeid not in self.next:
            self.next[later[0].nodeid] = self.boot(later[0])


@pytest.fixture(scope="module")
def ahead(tmp_path_factory, faulty):
    a = Ahead(faulty, tmp_path_factory)
    yield a
    for d in a.next.values():
        d.close()


@pytest.fixture
def dark(request, ahead, words):
    """The device that booted with these words, and what begins the next test's."""
    d = ahead.take(request.node)
    d.idle = lambda: ahead.begin_next(request.node)
    yield d
    d.close()


def ends_as(d, said, end, login=False):
    """login: whether one may ask before, as the device was up."""
    found = d.wait_console(f"initramfs: .*\n|{said}")
    assert not found[0].startswith("initramfs: "), found[0]
    d.wait_console(end)
    d.idle()
    if end == ASKS:
        d.type("wrong\n")
        d.wait_console("Login incorrect")
        d.wait_console(r"(?s)Login incorrect.*(Password: |login: )")
        if "login: " in d.console().rsplit("Login incorrect", 1)[1]:
            d.type("root\n")
            d.wait_console(r"(?s)Login incorrect.*Password: ")
        d.type("bulkhead\n")
        d.wait_console("(?s)" + end + r".*[#$] ")
    if end in (ASKS, OPEN):
        d.type("echo alive-$((1+1))\n")
        d.wait_console("alive-2")
    if end == UP:
        d.type("root\n")
        d.wait_console("(?s)" + end + ".*Password: ")
        d.type("bulkhead\n")
        d.wait_console(rf"(?s){end}.*Password: .*[#$] ")
        d.type("bulkctl status getty; echo alive-$((1+1))\n")
        d.wait_console(r"state +\S*up\S* for (.*\n)*?alive-2")
    if end == REBOOTS:
        d.wait_console(r"(?s)every service is down, rebooting\n.*reboot: Restarting system")
    assert login or end == UP or " login: " not in d.console().split("Login incorrect")[0]


def of(name, words=""):
    """The kernel's command line. With SELinux where the root is as it was, or no policy is loaded: what is laid over it here nobody has the right to see."""
    return " ".join(filter(None, (f"dark={name}", "" if name in ("plain", "no-policy") else "selinux=0", words)))


def cases(rows):
    return [pytest.param(*row, id=name) for name, row in rows.items()]


@pytest.mark.parametrize("words, said, end", cases({name: (of(name), *row[1:]) for name, row in FAULTS.items()}))
def test_a_fault_leaves_no_device_dark(dark, words, said, end):
    ends_as(dark, said, end)


@pytest.mark.parametrize("words", [of("never")])
def test_reboots_are_counted_and_the_time_doubles(dark, words):
    ends_as(dark, "no shell on the console: RescueShell = never\n", REBOOTS)
    dark.wait_console("rebooting in 20 s, for the 2. time without a good boot\n")


@pytest.mark.parametrize("words, said, end", cases({name: (of(f"word-{name}" if row[0] else "plain", row[1]), *row[2:]) for name, row in WORDS.items()}))
def test_words_that_ask_for_a_rescue(dark, words, said, end):
    ends_as(dark, said, end)


@pytest.mark.parametrize("words", [of("word-open", "single")])
def test_the_next_shell_has_a_terminal_in_order(dark, words):
    """The shell before it has left one without line ends and echo, and its output stopped by Ctrl-S: it ends while it reads a line, and asks for no other."""
    dark.wait_console(OPEN)
    dark.type("stty -opost -echo -icrnl ixon; echo shell=$$; read x; exit\n")
    before = dark.wait_console(r"shell=(\d+)")[1]
    dark.type("\x13\n")
    dark.wait_console(rf"(?s)shell={before}\b.*{OPEN}")
    dark.type("stty -a; echo shell=$$\n")
    found = dark.wait_console(rf"(?s)shell={before}\b(.*)shell=(?!{before}\b)\d+")[1]
    assert {"opost", "onlcr", "echo", "icrnl", "icanon", "isig"} <= set(found.replace(";", " ").split()), found


@pytest.mark.parametrize("words", [of("late")])
def test_a_boot_that_fails_ends_in_the_rescue(dark, words):
    dark.wait_console("this boot is not good after 15 s")
    ends_as(dark, "rescue: no service is started", ASKS, login=True)


@pytest.mark.parametrize("words", [of("prompt")])
def test_nothing_goes_over_the_prompt(dark, words):
    """bulkhead-log, which can't start, is started again and again: that is in the kernel's log alone while there is a shell, and counted at its end."""
    dark.wait_console(f"{NOBODY}(.*\n)*.*{OPEN}")
    count = "dmesg | grep -c 'bulkhead-log: '"
    dark.type(f"n=$({count}); until [ $({count}) -gt $((n+2)) ]; do sleep 1; done; echo more-$((1+1))\n")
    dark.wait_console("more-2", 60)
    assert "bulkhead: " not in dark.console().rsplit(OPEN.strip(), 1)[-1].split("more-2")[0]
    dark.type("exit\n")
    left_out = dark.wait_console(r"bulkhead: (\d+) lines? left out here: the shell had the console \(dmesg\)\nbulkhead: the shell on the console has ended\n")
    assert int(left_out[1]) >= 1  # its ends and restarts are for the log alone after the boot, what is an error is counted
