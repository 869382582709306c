# SPDX-License-Identifier: MIT
"""The virtual machine: QEMU's arguments for an image, shared by run, the tour and the tests."""
import argparse
import json
import os
import socket
import subprocess
import threading
from pathlib import Path

from . import formats

QEMU = "qemu-system-x86_64"
# name: (protocol, port on loopback here, port in the guest); port 0 = any that is free
PORTS = {"ssh": ("tcp", 2222, 22), "http": ("tcp", 8080, 8080), "dns": ("udp", 5353, 53), "mqtt": ("tcp", 1883, 1883)}
CMDLINE = "console=ttyS0 root=/dev/vda ro security=selinux quiet loglevel=4 panic=-1 random.trust_cpu=on"
KVM_PROBE_SECONDS = 6


def add_arguments(p):
    p.add_argument("build", type=Path, nargs="?", help="the build directory; its image/ is booted")
    p.add_argument("--image", type=Path, help="directory with vmlinuz, initramfs.cpio.gz, rootfs.img (default: BUILD/image)")
    p.add_argument("--append", action="append", default=[], metavar="WORDS", help="more words for the kernel command line")
    p.add_argument("--accel", choices=("auto", "kvm", "tcg"), default=os.environ.get("ACCEL", "auto"),
                   help="auto: KVM if a guest really runs under it; $ACCEL is the default")
    p.add_argument("--memory", type=int, default=512, help="MiB (512)")
    p.add_argument("--smp", type=int, default=2, help="processors (2)")
    p.add_argument("--no-net", action="store_true", help="no network card")
    p.add_argument("--port", action="append", default=[], metavar="NAME=PORT",
                   help=f"port on 127.0.0.1 for {' '.join(PORTS)}; 0 takes any free one, as does a default one that is busy")
    p.add_argument("--ports-file", type=Path, help="write the ports taken there, as JSON")
    p.add_argument("--serial1", type=Path, metavar="SOCKET", help="the guest's ttyS1 as a unix socket (a root shell for tests)")
    p.add_argument("--disk", type=Path, action="append", default=[], help="a further raw disk, writable: /dev/vdb ...")
    p.add_argument("--data", type=Path, metavar="DISK", help="the data partition, /dev/nvme0n1 (default: the image's data.img, if there is one)")
    p.add_argument("--snapshot", action="store_true", help="what is written to the data partition is gone afterwards")
    p.add_argument("--qemu", action="append", default=[], metavar="ARGUMENT", help="passed on to QEMU")


def take(protocol, port):
    """A socket bound there, None if it is taken."""
    kind = socket.SOCK_DGRAM if protocol == "udp" else socket.SOCK_STREAM
    s = socket.socket(socket.AF_INET, kind)
    if kind == socket.SOCK_STREAM:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        s.bind(("127.0.0.1", port))
    except OSError:
        s.close()
        return None
    return s


def choose_ports(wishes):
    asked = {}
    for wish in wishes:
        name, _, number = wish.partition("=")
        if name not in PORTS or not number.isdigit():
            raise SystemExit(f"run: --port {wish}: NAME=PORT was expected, NAME one of {' '.join(PORTS)}")
        asked[name] = int(number)
    held = {}  # until all are chosen: none is chosen twice
    try:
        for name, (protocol, default, _) in PORTS.items():
            held[name] = take(protocol, asked.get(name, default))
            if held[name] is None and asked.get(name):
                raise SystemExit(f"run: port {asked[name]} for {name} is taken")
            held[name] = held[name] or take(protocol, 0)
        return {name: s.getsockname()[1] for name, s in held.items()}
    finally:
        for s in held.values():
            if s:
                s.close()


def kvm_works(image):
    """Whether a guest really runs: /dev/kvm may be there and yet fail, at the start or in the middle (nested, an instruction that it
    does not emulate). So boot this very image to its first program, which ends at once, to the panic "Attempted to kill init"."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    argv = [QEMU, "-M", "q35", "-accel", "kvm", "-cpu", "host", "-smp", "2", "-m", "256", "-nodefaults", "-no-user-config", "-display", "none",
            "-no-reboot", "-serial", "stdio", "-kernel", str(image / "vmlinuz"), "-initrd", str(image / "initramfs.cpio.gz"),
            "-append", f"{CMDLINE} rootfstype={formats.kind(image / 'rootfs.img')} init=/usr/bin/true", "-device", "virtio-blk-pci,drive=root",
            "-drive", f"if=none,id=root,format=raw,readonly=on,file={image / 'rootfs.img'}"]
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as guest:
        timer = threading.Timer(KVM_PROBE_SECONDS, guest.kill)
        timer.start()
        try:
            for line in guest.stdout:
                if b"Attempted to kill init" in line:
                    return True
                if b"KVM internal error" in line or b"emulation failure" in line:
                    return False
        finally:
            timer.cancel()
            guest.kill()
    return False


def choose_accel(args, image):
    """kvm or tcg; what the probe found is kept beside the image until this host reboots."""
    if args.accel != "auto":
        return args.accel
    kept, boot = image / ".accel", Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    if not (kept.is_file() and kept.read_text().split()[:1] == [boot]):
        kept.write_text(f"{boot} {'kvm' if kvm_works(image) else 'tcg'}\n")
    return kept.read_text().split()[1]


def image_directory(args):
    image = args.image or (args.build / "image" if args.build else None)
    if image is None:
        raise SystemExit("run: the build directory, or --image, is missing")
    for name in ("vmlinuz", "initramfs.cpio.gz", "rootfs.img"):
        if not (image / name).is_file():
            raise SystemExit(f"run: {image / name} does not exist: make image")
    return image


def command(args, ports):
    image = image_directory(args)
    accel = ["-accel", "kvm", "-cpu", "host"] if choose_accel(args, image) == "kvm" else ["-accel", "tcg,thread=multi", "-cpu", "max"]
    words = " ".join([CMDLINE, f"rootfstype={formats.kind(image / 'rootfs.img')}", *args.append])
    out = [QEMU, "-M", "q35", *accel, "-smp", str(args.smp), "-m", str(args.memory), "-nodefaults", "-no-user-config", "-display", "none",
           "-kernel", str(image / "vmlinuz"), "-initrd", str(image / "initramfs.cpio.gz"), "-append", words,
           "-drive", f"if=none,id=root,format=raw,readonly=on,file={image / 'rootfs.img'}", "-device", "virtio-blk-pci,drive=root",
           "-chardev", "stdio,id=console,mux=on,signal=off", "-serial", "chardev:console", "-mon", "chardev=console"]
    if args.serial1:
        out += ["-chardev", f"socket,id=serial1,server=on,wait=off,path={args.serial1}", "-serial", "chardev:serial1"]
    for number, disk in enumerate(args.disk):
        out += ["-drive", f"if=none,id=disk{number},format=raw,file={disk}", "-device", f"virtio-blk-pci,drive=disk{number}"]
    data = args.data or image / "data.img"
    if data.is_file():
        out += ["-drive", f"if=none,id=data,format=raw,snapshot={'on' if args.snapshot else 'off'},file={data}",
                "-device", "nvme,drive=data,serial=data"]
    if not args.no_net:
        forwards = ",".join(f"hostfwd={PORTS[n][0]}:127.0.0.1:{p}-:{PORTS[n][2]}" for n, p in ports.items())
        out += ["-netdev", f"user,id=net,{forwards}", "-device", "virtio-net-pci,netdev=net,romfile="]
    return out + args.qemu


def prepare(args):
    """QEMU's command line and the ports that it will forward."""
    ports = {} if args.no_net else choose_ports(args.port)
    argv = command(args, ports)
    if args.ports_file:
        args.ports_file.write_text(json.dumps(ports) + "\n")
    return argv, ports


def parse(description, argv=None):
    p = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(p)
    return p.parse_args(argv)
