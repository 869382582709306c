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
from .board import DEFAULT, Board, BoardError

# name: (protocol, port on loopback here, port in the guest); port 0 = any that is free
PORTS = {"ssh": ("tcp", 2222, 22), "http": ("tcp", 8080, 8080), "dns": ("udp", 5353, 53), "mqtt": ("tcp", 1883, 1883)}
CMDLINE = "console={CONSOLE} root={ROOT} ro security=selinux quiet loglevel=4 panic=-1 random.trust_cpu=on"
KVM_PROBE_SECONDS = 6


def add_arguments(p):
    p.add_argument("build", type=Path, nargs="?", help="the build directory; its image/ is booted")
    p.add_argument("--board", help=f"which board's image it is (default: $BOARD, or {DEFAULT})")
    p.add_argument("--image", type=Path, help="directory with vmlinuz, initramfs.cpio.gz, rootfs.img (default: BUILD/image)")
    p.add_argument("--append", action="append", default=[], metavar="WORDS", help="more words for the kernel command line")
    p.add_argument("--accel", choices=("auto", "kvm", "tcg"), default=os.environ.get("ACCEL", "auto"),
                   help="auto: KVM if a guest really runs under it; $ACCEL is the default")
    p.add_argument("--memory", type=int, help="MiB (512, if the board does not say)")
    p.add_argument("--smp", type=int, help="processors (2, if the board does not say)")
    p.add_argument("--no-net", action="store_true", help="no network card")
    p.add_argument("--port", action="append", default=[], metavar="NAME=PORT",
                   help=f"port on 127.0.0.1 for {' '.join(PORTS)}; 0 takes any free one, as does a default one that is busy")
    p.add_argument("--ports-file", type=Path, help="write the ports taken there, as JSON")
    p.add_argument("--serial1", type=Path, metavar="SOCKET", help="the guest's second serial line as a unix socket (a root shell for tests)")
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


def command_line(board, image):
    return f"{CMDLINE.format(**board.values)} rootfstype={formats.kind(image / 'rootfs.img')}"


def kvm_works(board, image):
    """Whether a guest really runs: /dev/kvm may be there and yet fail, at the start or in the middle (nested, an instruction that it
    does not emulate). So boot this very image to its first program, which ends at once, to the panic "Attempted to kill init"."""
    if not board.native or not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    argv = [board.arch.qemu, "-M", board["MACHINE"], "-accel", "kvm", "-cpu", "host", "-smp", "2", "-m", "256", "-nodefaults", "-no-user-config", "-display", "none",
            "-no-reboot", "-serial", "stdio", "-kernel", str(image / "vmlinuz"), "-initrd", str(image / "initramfs.cpio.gz"),
            "-append", command_line(board, image) + " init=/usr/bin/true", "-device", f"{board['DISK']},drive=root",
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


def choose_accel(args, board, image):
    """kvm or tcg; what the probe found is kept beside the image until this host reboots."""
    if args.accel != "auto":
        return args.accel
    kept, boot = image / ".accel", Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    if not (kept.is_file() and kept.read_text().split()[:1] == [boot]):
        kept.write_text(f"{boot} {'kvm' if kvm_works(board, image) else 'tcg'}\n")
    return kept.read_text().split()[1]


def image_directory(args, board):
    image = args.image or (args.build / "image" if args.build else None)
    if image is None:
        raise SystemExit("run: the build directory, or --image, is missing")
    for name in ("sdcard.img",) if board["SDCARD"] else ("vmlinuz", "initramfs.cpio.gz", "rootfs.img"):
        if not (image / name).is_file():
            raise SystemExit(f"run: {image / name} does not exist: make image" + (f" BOARD={board.name}" if board.name != DEFAULT else ""))
    return image


def system(args, board, image, words):
    """What is booted: kernel, initramfs and root, or a card with all of them behind the boot program. A card is written to its copy in memory alone."""
    if board["SDCARD"]:
        return ["-drive", f"if=sd,format=raw,snapshot=on,file={image / 'sdcard.img'}"]
    return ["-kernel", str(image / "vmlinuz"), "-initrd", str(image / "initramfs.cpio.gz"),
            "-append", " ".join([command_line(board, image), *words, *args.append]),
            "-drive", f"if=none,id=root,format=raw,readonly=on,file={image / 'rootfs.img'}", "-device", f"{board['DISK']},drive=root"]


def second_line(board, socket_path):
    out = ["-chardev", f"socket,id=serial1,server=on,wait=off,path={socket_path}"]
    if board["SERIAL"]:
        return [*out, "-device", "virtio-serial-pci", "-device", f"{board['SERIAL']},chardev=serial1"]
    return [*out, "-serial", "chardev:serial1"]


def command(args, ports):
    board = Board(args.board)
    if not board["MACHINE"]:
        raise SystemExit(f"run: {board.name} is a recipe for a device, and no QEMU machine is one: see board/{board.name}/README.md")
    image = image_directory(args, board)
    threads = "single" if "-icount" in args.qemu else "multi"
    kvm = choose_accel(args, board, image) == "kvm"
    accel = ["-accel", "kvm", "-cpu", "host"] if kvm else ["-accel", f"tcg,thread={threads}"]
    cpu = ["-cpu", board["CPU"]] if board["CPU"] and not kvm else []
    words = [] if kvm else board["CPU_WORDS"].split()
    out = [board.arch.qemu, "-M", board["MACHINE"], *accel, *cpu, "-smp", str(args.smp or board["SMP"] or 2),
           "-m", str(args.memory or board["MEMORY"] or 512), "-nodefaults", "-no-user-config", "-display", "none", *system(args, board, image, words),
           "-chardev", "stdio,id=console,mux=on,signal=off", "-serial", "chardev:console", "-mon", "chardev=console"]
    if args.serial1:
        out += second_line(board, args.serial1)
    for number, disk in enumerate(args.disk):
        out += ["-drive", f"if=none,id=disk{number},format=raw,file={disk}", "-device", f"{board['DISK']},drive=disk{number}"]
    data = args.data or image / "data.img"
    if data.is_file() and board["DATA"] not in ("", "card"):
        out += ["-drive", f"if=none,id=data,format=raw,snapshot={'on' if args.snapshot else 'off'},file={data}",
                "-device", f"{board['DATA']},drive=data,serial=data"]
    if not args.no_net:
        forwards = ",".join(f"hostfwd={PORTS[n][0]}:127.0.0.1:{p}-:{PORTS[n][2]}" for n, p in ports.items())
        out += ["-netdev", f"user,id=net,{forwards}", "-device", f"{board['NET']},netdev=net,romfile="] if board["NET"] else ["-nic", f"user,{forwards}"]
    return out + args.qemu


def prepare(args):
    """QEMU's command line and the ports that it will forward."""
    ports = {} if args.no_net else choose_ports(args.port)
    try:
        argv = command(args, ports)
    except BoardError as e:
        raise SystemExit(f"run: {e}") from e
    if args.ports_file:
        args.ports_file.write_text(json.dumps(ports) + "\n")
    return argv, ports


def parse(description, argv=None):
    p = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(p)
    return p.parse_args(argv)
