# SPDX-License-Identifier: MIT
"""The demo's data partition: an empty ext4 of its own disk, with a journal. Its root gets its label when it is mounted (bulkhead-data)."""
from .ext4 import IDENTIFIER, tool

NAME = "data.img"
MIB = 64


def write(image, epoch):
    env = {"E2FSPROGS_FAKE_TIME": str(epoch), "SOURCE_DATE_EPOCH": str(epoch)}
    fresh = image.with_name(image.name + ".new")
    fresh.unlink(missing_ok=True)
    tool(["mke2fs", "-q", "-F", "-t", "ext4", "-m", "0", "-L", "data", "-U", IDENTIFIER, "-E", f"hash_seed={IDENTIFIER},root_owner=0:0",
          str(fresh), f"{MIB}M"], env)
    fresh.rename(image)
