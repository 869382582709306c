# SPDX-License-Identifier: MIT
"""Writes a staged tree as an ext4 file system, without root and without mounting: mke2fs -d for the content, one debugfs run for owners,
modes, devices and security labels. The same input gives the same bytes: fixed identifiers, times from SOURCE_DATE_EPOCH.
"""
import os
import stat
import subprocess
from pathlib import Path

BLOCK = 4096
IDENTIFIER = "62756c6b-6865-6164-8000-000000000001"


class ImageError(Exception):
    pass


def tool(args, env=None, stdin=None):
    paths = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    done = subprocess.run(args, capture_output=True, text=True, check=False, input=stdin, env={**os.environ, "PATH": paths, **(env or {})})
    if done.returncode != 0:
        raise ImageError(f"{' '.join(map(str, args))}: {done.stderr.strip() or done.stdout.strip()}")
    return done


def size_for(entries):
    """Room for the content, one inode each, and a tenth: the file system is read-only and will never grow."""
    content = sum(-(-e.source.stat().st_size // BLOCK) + 1 for e in entries if e.source)
    blocks = int(content * 1.1) + len(entries) // 8 + 512
    return -(-blocks // 256) * 256, len(entries) + 64


def write(image, stage, entries, labels, epoch):
    blocks, inodes = size_for(entries)
    for path in [stage, *stage.rglob("*")]:
        os.utime(path, (epoch, epoch), follow_symlinks=False)
    image.unlink(missing_ok=True)
    env = {"E2FSPROGS_FAKE_TIME": str(epoch), "SOURCE_DATE_EPOCH": str(epoch)}
    # No journal (nothing is ever written), no lost+found, no reserve; an inode of 256 bytes holds a label without a block of its own.
    tool(["mke2fs", "-q", "-F", "-t", "ext4", "-b", str(BLOCK), "-N", str(inodes), "-I", "256", "-m", "0", "-L", "bulkhead",
          "-U", IDENTIFIER, "-O", "^has_journal,^metadata_csum,^resize_inode,^huge_file,^dir_nlink",
          "-E", f"hash_seed={IDENTIFIER},lazy_itable_init=0,root_owner=0:0", "-d", str(stage), str(image), str(blocks)], env)
    contexts = Path(str(image) + ".contexts")
    contexts.mkdir(exist_ok=True)
    try:
        script = "\n".join(commands(entries, labels, contexts, epoch)) + "\n"
        done = tool(["debugfs", "-w", "-f", "/dev/stdin", str(image)], env, stdin=script)
        # debugfs goes on after an error and exits with 0: whatever it says beyond its banner is a failure.
        complaints = [x for x in done.stderr.splitlines() if x and not x.startswith("debugfs 1.")]
        if complaints:
            raise ImageError("debugfs: " + "; ".join(complaints[:3]))
    finally:
        for f in contexts.iterdir():
            f.unlink()
        contexts.rmdir()
    tool(["e2fsck", "-f", "-n", str(image)], env)


def commands(entries, labels, contexts, epoch):
    files = {}
    yield "rmdir lost+found"
    for e in sorted(entries, key=lambda x: x.name):
        name = f'"{e.name}"'
        if stat.S_ISCHR(e.mode) or stat.S_ISBLK(e.mode):
            directory, base = os.path.split(e.name)
            yield f'cd "{directory}"'
            yield f"mknod {base} {'c' if stat.S_ISCHR(e.mode) else 'b'} {e.device[0]} {e.device[1]}"
            yield "cd /"
        yield f"set_inode_field {name} mode 0{e.mode:o}"
        yield f"set_inode_field {name} uid {e.uid}"
        yield f"set_inode_field {name} gid {e.gid}"
        context = labels.find(e.name, e.mode) if labels else None
        if context:
            if context not in files:  # with its final NUL, as setfilecon(3) writes it
                files[context] = contexts / str(len(files))
                files[context].write_bytes(context.encode() + b"\0")
            yield f"ea_set -f {files[context]} {name} security.selinux"
        yield f"set_inode_field {name} ctime @{epoch}"  # else it is the moment at which the stage was made
