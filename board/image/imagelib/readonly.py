# SPDX-License-Identifier: MIT
"""Writes a staged tree as a compressed read-only file system, erofs or squashfs, labelled for SELinux, without root and without mounting: its maker
runs under fakeroot, which shows it the owners, nodes and labels of the manifest. The same input gives the same bytes.
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from .ext4 import IDENTIFIER, ImageError

FURNISH = Path(__file__).resolve().parent / "furnish.py"


def erofs(image, stage, epoch, compressor):
    # All times are the epoch and all numbers small: each inode is the compact one of 32 bytes. Four pages are compressed as one (from Linux 5.13 on): a
    # page read from flash brings at most three others with it, and the image is 6 % smaller.
    return ["mkfs.erofs", "--quiet", f"-z{compressor}", "-C16384", f"-T{epoch}", f"-U{IDENTIFIER}", str(image), str(stage)]


def squashfs(image, stage, epoch, compressor):
    return ["mksquashfs", str(stage), str(image), "-noappend", "-quiet", "-no-progress", "-no-exports", "-xattrs", "-comp", compressor,
            "-mkfs-time", str(epoch), "-all-time", str(epoch)]


def instructions(stage, entries, labels):
    return [[str(stage) + e.name, e.mode, e.uid, e.gid, e.device, labels.find(e.name, e.mode) if labels else None] for e in entries]


def write(maker, compressor, image, stage, entries, labels, epoch):
    image.unlink(missing_ok=True)
    # SOURCE_DATE_EPOCH is in the arguments; mksquashfs wants it in one place only.
    env = {k: v for k, v in os.environ.items() if k != "SOURCE_DATE_EPOCH"}
    env["PATH"] = env.get("PATH", "") + ":/usr/sbin:/sbin"
    # Device nodes are files in the stage once they are made: another image of the same stage needs them gone.
    with tempfile.TemporaryDirectory(dir=image.parent) as scratch:
        copy = Path(scratch, "root")
        subprocess.run(["cp", "-a", stage, copy], check=True)
        done = subprocess.run(["fakeroot", "--", sys.executable, FURNISH, *maker(image, copy, epoch, compressor)], env=env, check=False,
                              input=json.dumps(instructions(copy, entries, labels)), capture_output=True, text=True)
    if done.returncode != 0 or not image.is_file():
        raise ImageError(f"{maker.__name__}: {done.stderr.strip() or done.stdout.strip()}")
