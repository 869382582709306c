#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Gives a staged tree what only root may give: owners, device nodes, SELinux labels. Runs under fakeroot, which remembers all that and tells
the program that makes the image (readonly.py). Standard input is a list in JSON: [path, mode, uid, gid, [major, minor], label or null].
"""
import json
import os
import stat
import sys


def furnish(path, mode, uid, gid, device, label):
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        os.mknod(path, mode, os.makedev(*device))
    os.chown(path, uid, gid, follow_symlinks=False)
    if not stat.S_ISLNK(mode):
        os.chmod(path, stat.S_IMODE(mode))
    if label is not None:  # with its final NUL, as setfilecon(3) writes it
        os.setxattr(path, "security.selinux", label.encode() + b"\0", follow_symlinks=False)


def main():
    os.umask(0)
    for entry in json.load(sys.stdin):
        try:
            furnish(*entry)
        except OSError as e:
            sys.exit(f"{entry[0]}: {e}")
    os.execvp(sys.argv[1], sys.argv[1:])


if __name__ == "__main__":
    main()
