# SPDX-License-Identifier: MIT
"""The file systems that a root image may be, and how large the same root is in each of them."""
import hashlib
import json
import struct
import tempfile
from pathlib import Path

from . import ext4, readonly

DEFAULT = "erofs"
# What a name is made by: lz4hc at its default level is 0.3 % from the highest one and five times as quick.
MAKERS = {
    "erofs": (readonly.erofs, "lz4hc"),
    "erofs-lz4": (readonly.erofs, "lz4"),
    "squashfs": (readonly.squashfs, "xz"),
    "squashfs-gzip": (readonly.squashfs, "gzip"),
    "ext4": (None, None),
}


def write(name, image, stage, entries, labels, epoch):
    maker, compressor = MAKERS[name]
    if maker is None:
        ext4.write(image, stage, entries, labels, epoch)
    else:
        readonly.write(maker, compressor, image, stage, entries, labels, epoch)


def kind(image):
    """rootfstype= of an image, by its magic."""
    with open(image, "rb") as f:
        head = f.read(2048)
    if head[:4] == b"hsqs":
        return "squashfs"
    if len(head) >= 1028 and struct.unpack_from("<I", head, 1024)[0] == 0xE0F5E1E2:
        return "erofs"
    return "ext4"


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def sizes(image, name, *what):
    """Bytes of the root in each format. To know them is to make them, so they are kept beside the image for as long as it stays the same."""
    kept, digest = image.parent / "sizes.json", sha256(image)
    try:
        known = json.loads(kept.read_text())
        if known["of"] == digest:
            return known["bytes"]
    except (OSError, ValueError, KeyError):
        pass
    found = {name: image.stat().st_size}
    with tempfile.TemporaryDirectory(dir=image.parent) as scratch:
        for other in (n for n in MAKERS if n != name):
            path = Path(scratch, "root.img")
            write(other, path, *what)
            found[other] = path.stat().st_size
    kept.write_text(json.dumps({"of": digest, "bytes": found}) + "\n")
    return found
