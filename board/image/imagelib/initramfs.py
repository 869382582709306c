# SPDX-License-Identifier: MIT
"""The first stage: a static BusyBox, a handful of modules in the order of their loading, and a script that mounts the real root.
Written as a newc archive (Documentation/driver-api/early-userspace/buffer-format.rst) by hand: no cpio, no device nodes to make as root.
"""
import gzip
import lzma
import re
import stat
from pathlib import Path


def record(inode, name, mode, data=b"", device=(0, 0), epoch=0):
    fields = [inode, mode, 0, 0, 2 if stat.S_ISDIR(mode) else 1, epoch, len(data), 0, 0, device[0], device[1], len(name) + 1, 0]
    head = b"070701" + b"".join(b"%08X" % f for f in fields) + name.encode() + b"\0"
    head += b"\0" * (-len(head) % 4)
    return head + data + b"\0" * (-len(data) % 4)


def archive(items, epoch):
    """items: (name without leading slash, mode, data, device)."""
    out = [record(n, *item[:3], device=item[3], epoch=epoch) for n, item in enumerate(items, 1)]
    out.append(record(0, "TRAILER!!!", 0))
    return b"".join(out)


def module_bytes(path):
    """Newer kernels' packages compress their modules; whether this kernel could unpack them itself is not ours to guess."""
    data = Path(path).read_bytes()
    return lzma.decompress(data) if path.suffix == ".xz" else data


def module_name(path):
    return re.sub(r"\.ko(\.xz)?$", "", Path(path).name).replace("-", "_")


def modinfo_depends(path):
    found = re.search(rb"\0depends=([^\0]*)\0", module_bytes(path))
    return [d for d in (found.group(1).decode().split(",") if found else []) if d]


def load_order(root, names):
    """Module files below ROOT/lib/modules (in Debian 13 and later ROOT/usr/lib/modules) for NAMES, each after what it depends on, without what is built
    into the kernel. modules.dep is made on the target, not in the package."""
    trees = [d for top in ("lib", "usr/lib") for d in root.glob(f"{top}/modules/*")]
    available = {module_name(f): f for d in trees for f in d.glob("kernel/**/*.ko*")}
    builtin = {module_name(line) for d in trees for f in d.glob("modules.builtin") for line in f.read_text().split()}
    order = []

    def visit(name):
        name = name.replace("-", "_")
        if name in builtin:
            return
        if name not in available:
            raise FileNotFoundError(2, "", f"kernel module {name}")
        for d in modinfo_depends(available[name]):
            visit(d)
        if available[name] not in order:
            order.append(available[name])

    for n in names:
        visit(n)
    return order


def write(out, init, busybox, modules, epoch):
    directory, program = stat.S_IFDIR | 0o755, stat.S_IFREG | 0o755
    items = [(d, directory, b"", (0, 0)) for d in ("bin", "dev", "proc", "sys", "lib", "newroot")]
    # The kernel opens /dev/console before it starts /init; without the node the script's messages would go nowhere.
    items.append(("dev/console", stat.S_IFCHR | 0o600, b"", (5, 1)))
    items.append(("bin/busybox", program, busybox.read_bytes(), (0, 0)))
    items.append(("bin/sh", stat.S_IFLNK | 0o777, b"busybox", (0, 0)))
    items.append(("init", program, init.read_bytes(), (0, 0)))
    items += [(f"lib/{n:02}-{module_name(m)}.ko", stat.S_IFREG | 0o644, module_bytes(m), (0, 0)) for n, m in enumerate(modules)]
    with open(out, "wb") as f, gzip.GzipFile("", "wb", 6, f, mtime=epoch) as z:
        z.write(archive(items, epoch))
