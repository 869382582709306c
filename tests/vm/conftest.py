# SPDX-License-Identifier: MIT
"""Images and devices of the VM tests. O (the build directory) comes from `make vm`. One boot serves many tests; a test that needs a device of its own
(another image, another kernel command line, a power-off) asks for boot()."""
import fcntl
import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
from device import BOARD, BUILD, RECIPES, TOP, Device  # noqa: E402
from imagelib import initramfs, packages  # noqa: E402

HERE = Path(__file__).resolve().parent
COMPILE = [*BOARD.compiler(BUILD), "-static", "-Os", "-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-I", TOP / "init",
           "-idirafter", BOARD.libraries(BUILD) / "kernel"]


def compile_probe(target, source="probe.c"):
    subprocess.run([*COMPILE, "-o", target, HERE / source, TOP / "init/base/errname.c"], check=True)
    target.chmod(0o755)


def make_root(target, program):
    """A small root of a service's own: the probe and places for what is mounted. The same for RootDirectory and RootImage."""
    for name in ("bin", "proc", "dev", "sys", "run", "tmp", "mnt", "var/lib/t-fs-root"):
        (target / name).mkdir(parents=True)
    shutil.copy(program, target / "bin/fsprobe")
    (target / "inside").write_text("the inner root\n")


def make_root_images(scratch, program, out):
    """The root as squashfs and erofs, with SELinux labels. Only root may give a file those; mkfs.erofs needs none of it."""
    make_root(scratch, program)
    contexts = scratch.with_name("contexts")
    contexts.write_text("/.* system_u:object_r:bin_t:s0\n")
    subprocess.run(["mkfs.erofs", "--all-root", f"--file-contexts={contexts}", out / "root.erofs", scratch], check=True, capture_output=True)
    try:
        for path in (scratch, *scratch.rglob("*")):
            os.setxattr(path, "security.selinux", b"system_u:object_r:bin_t:s0\0")
    except PermissionError:
        return
    subprocess.run(["mksquashfs", scratch, out / "root.squashfs", "-all-root", "-quiet", "-no-progress"], check=True, capture_output=True)


def copy_modules(where, names, kernel):
    """Modules of a kernel's package, uncompressed, after what each depends on: their file names, in the order of their loading."""
    quarry = packages.Packages(BOARD.out(BUILD) / "packages", BOARD.arch)
    where.mkdir(parents=True)
    files = []
    for module in initramfs.load_order(quarry.root(quarry.kernel(kernel)), names):
        files.append(f"{initramfs.module_name(module)}.ko")
        (where / files[-1]).write_bytes(initramfs.module_bytes(module))
    return files


def add_modules(target, names, kernel=None):
    """Modules of the image's kernel, and an init.ini that names them."""
    files = copy_modules(target / "usr/lib/modules/tests", names, kernel or os.environ.get("KERNEL_PACKAGE", BOARD["KERNEL"]))
    paths = "\n          ".join(f"/usr/lib/modules/tests/{name}" for name in files)
    (target / "etc/bulkhead/init.ini").write_text(BOARD.init_ini().replace("[Boot]\n", f"[Boot]\nModules = {paths}\n"))


def add_filesystem_things(target):
    """What services/t-fs-*.ini speak of, and t-sv-one."""
    (target / "etc").mkdir(exist_ok=True)
    (target / "etc/words.env").write_text("# of t-sv-one\nWHO='the file'\nMORE=of \\\n it\n")
    program = target / "usr/libexec/fsprobe"
    compile_probe(program, "fsprobe.c")
    shutil.copy(program, target / "usr/libexec/t-suid")
    (target / "usr/libexec/t-suid").chmod(0o4755)
    (target / "usr/libexec/t-fs/ok").mkdir(parents=True)
    for name in ("prog", "ok/prog"):
        shutil.copy(program, target / "usr/libexec/t-fs" / name)
    share = target / "usr/share/t-fs"
    share.mkdir(parents=True)
    (share / "noimage").write_text("this is no file system\n" * 100)
    make_root(target / "usr/libexec/t-fs-root", program)
    make_root_images(target.with_name(target.name + "-root"), program, share)
    add_modules(target, ["loop", "squashfs", "erofs", "fuse"])


LOADERS = {"x86_64": 62, "aarch64": 183}  # e_machine


def make_lost_programs(target):
    """What cannot be executed: its interpreter or its loader is not there, or it is for another machine."""
    target.mkdir(parents=True)
    name = b"/no/such/ld.so\0"
    part = struct.pack("<IIQQQQQQ", 3, 4, 120, 0, 0, len(name), len(name), 1)  # PT_INTERP, behind both headers

    def elf(machine):
        return struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 3, machine, 1, 0, 64, 0, 0, 64, 56, 1, 0, 0, 0) + part + name

    files = {"script": b"#! /no/such/python -E\n", "text": b"no program\n", "dos": b"#!/bin/sh\r\necho up\r\n", "foreign": elf(22)}
    if BOARD["ARCH"] in LOADERS:
        files["loader"] = elf(LOADERS[BOARD["ARCH"]])
    for file, content in files.items():
        (target / file).write_bytes(content)
        (target / file).chmod(0o755)


def compile_escape(target):
    """The hostile program of test_19_escape.py."""
    subprocess.run([*COMPILE, "-o", target, *sorted((HERE / "escape").glob("*.c")), TOP / "init/base/errname.c"], check=True)


def copy_services(target, *names):
    """Some of services/, whatever their concern."""
    for name in names:
        (file,) = (HERE / "services").rglob(f"{name}.ini")
        shutil.copy(file, target)


def make_overlay(target, *directories):
    services = target / "etc/bulkhead/services.d"
    services.mkdir(parents=True)
    (target / "usr/libexec").mkdir(parents=True)
    for d in (*directories, HERE / f"services-{BOARD['ARCH']}"):
        shutil.copytree(d, services, dirs_exist_ok=True)
        for concern in (c for c in services.iterdir() if c.is_dir() and c.suffix != ".d"):
            shutil.copytree(concern, services, dirs_exist_ok=True)
            shutil.rmtree(concern)
    for file in services.glob("**/*.ini"):
        file.chmod(0o644)  # whatever the umask was when they were checked out
        text = file.read_bytes()
        theirs = text.replace(b"ttyS1", BOARD.second_console.encode()).replace(b"ttyS0", BOARD["CONSOLE"].encode())
        if theirs != text:
            file.write_bytes(theirs)
    shutil.copytree(HERE / "profiles", target / "etc/bulkhead/profiles.d")
    compile_probe(target / "usr/libexec/probe")
    compile_probe(target / "usr/libexec/calls", "calls.c")
    compile_probe(target / "usr/libexec/probe-cgroup", "probe_cgroup.c")
    compile_probe(target / "usr/libexec/probe-label", "probe_label.c")
    compile_probe(target / "usr/libexec/netprobe", "netprobe.c")
    compile_probe(target / "usr/libexec/sockprobe", "sockprobe.c")
    compile_probe(target / "usr/libexec/strangers", "strangers.c")
    compile_probe(target / "usr/libexec/holder", "holder.c")
    compile_probe(target / "usr/libexec/listing", "listing.c")
    compile_probe(target / "usr/libexec/sharer", "sharer.c")
    if BOARD["ARCH"] == "aarch64":  # a program of its second ABI needs no libc
        subprocess.run(["arm-linux-gnueabihf-gcc", "-static", "-nostdlib", "-o", target / "usr/libexec/arm32", HERE / "arm32.S"], check=True)
        subprocess.run(["aarch64-linux-gnu-gcc", "-O2", "-mbranch-protection=standard", "-nostdlib", "-ffreestanding", "-Wl,-z,force-bti", "-o",
                        target / "usr/libexec/bti", HERE / "bti.c", "-l:libc.so.6"], check=True)
    shutil.copy(HERE / "warden.sh", target / "usr/libexec/warden")
    add_filesystem_things(target)
    make_lost_programs(target / "usr/libexec/t-lost")
    for name, mode in (("escape", 0o755), ("escape-setuid", 0o4755)):
        compile_escape(target / "usr/libexec" / name)
        (target / "usr/libexec" / name).chmod(mode)
    return target


def make_image(output, overlay, *arguments):
    done = subprocess.run([RECIPES / "mkimage", BUILD, "--board", BOARD.name, "--output", output, "--overlay", overlay, "--test-policy", *arguments],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"mkimage: {done.stdout}{done.stderr}"
    return output


def once(tmp_path_factory, name, make):
    """The directory that make() filled: what each worker of pytest-xdist needs is made by the first that asks, and the others wait."""
    common = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        common = common.parent
    base = common / name
    with open(common / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (common / f"{name}.made").exists():
            shutil.rmtree(base, ignore_errors=True)
            base.mkdir()
            make(base)
            (common / f"{name}.made").touch()
    return base


def make_test_image(base):
    overlay = make_overlay(base / "overlay", HERE / "services")
    # Beside the right policy one that is older, and one that is newer than any kernel (and no policy at all).
    subprocess.run([TOP / "rootfs/selinux/build", "-v", "31", "-o", base / "old"], check=True, capture_output=True)
    policies = overlay / "etc/selinux/bulkhead/policy"
    policies.mkdir(parents=True)
    shutil.copy(base / "old/policy/policy.31", policies)
    (policies / "policy.60").write_text("not a policy\n")
    make_image(base / "out", overlay, "--manifest", HERE / "learn.manifest")


@pytest.fixture(scope="session")
def image(tmp_path_factory):
    """The demo's image with the tests' services, its plan made ahead."""
    return once(tmp_path_factory, "image", make_test_image) / "out"


@pytest.fixture(scope="session")
def bad_image(tmp_path_factory, image):
    """The same with bad service files besides, and with the plan of the other image, which does not match them any more."""
    base = tmp_path_factory.mktemp("bad")
    overlay = make_overlay(base / "overlay", HERE / "services", HERE / "bad")
    for file in (overlay / "etc/bulkhead/services.d").glob("t-fs-*.ini"):
        file.unlink()  # for who comes beside: a device has 256 services
    (overlay / "etc/bulkhead/services.d/b-utf8.ini").write_bytes(b"[Service]\nExecStart = /usr/libexec/probe stay \xff\xfe\nWantedBy = appliance\n")
    (overlay / "etc/bulkhead/services.d/b-large.ini").write_bytes(b"[Service]\n" + b"; " + b"x" * 78 + b"\n" * 1 + b"; padding\n" * 1048576)
    # Files that others can write, or that lead elsewhere; and one that only root may read.
    good = "[Service]\nExecStart = /usr/libexec/probe stay up\nWantedBy = appliance\n"
    for name in ("b-open", "b-drop"):
        (overlay / f"etc/bulkhead/services.d/{name}.ini").write_text(good)
    (overlay / "etc/bulkhead/services.d/b-open.ini").chmod(0o666)
    (overlay / "etc/bulkhead/services.d/b-drop.d").mkdir()
    (overlay / "etc/bulkhead/services.d/b-drop.d/10.ini").write_text("[Cgroup]\nTasksMax = 5\n")
    (overlay / "etc/bulkhead/services.d/b-drop.d/10.ini").chmod(0o664)
    (overlay / "usr/share/elsewhere.ini").parent.mkdir(parents=True, exist_ok=True)
    (overlay / "usr/share/elsewhere.ini").write_text(good)
    (overlay / "etc/bulkhead/services.d/b-link.ini").symlink_to("/usr/share/elsewhere.ini")
    (overlay / "etc/bulkhead/services.d/b-secret.ini").write_text(good + "Environment = word-of-nobody\n")
    (overlay / "etc/bulkhead/services.d/b-secret.ini").chmod(0o600)
    (overlay / "etc/bulkhead/services.d/b-own.ini").write_text(good + "Environment = TOKEN=kept\n")
    (overlay / "etc/bulkhead/services.d/b-own.ini").chmod(0o600)
    (overlay / "usr/lib/bulkhead").mkdir(parents=True)
    shutil.copy(image / "plan", overlay / "usr/lib/bulkhead/plan")
    return make_image(base / "out", overlay, "--no-plan")


@pytest.fixture
def boot(tmp_path_factory, image):
    """boot(...) gives a device of the test's own."""
    devices = []

    def start(which=None, **kwargs):
        devices.append(Device(which or image, tmp_path_factory.mktemp("device"), **kwargs))
        return devices[-1]

    yield start
    for d in devices:
        d.close()


@pytest.fixture(scope="session")
def device(tmp_path_factory, image):
    d = Device(image, tmp_path_factory.mktemp("device"))
    yield d
    d.close()


@pytest.fixture(scope="session")
def ports(device):
    import json
    return json.loads(device.ports_file.read_text())
