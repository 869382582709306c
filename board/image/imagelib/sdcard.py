# SPDX-License-Identifier: MIT
"""An SD card for boards whose firmware reads its boot program from a fixed place of the card: that program, a first partition with kernel, initramfs,
device tree and U-Boot's extlinux.conf, a second with the root, a third for data. An MBR, written by hand, without root and mounts.
"""
import struct
import tempfile
from pathlib import Path

from . import data, ext4

SECTOR = 512
ALIGN = 1 << 20
BOOT_OFFSET = 8 << 10  # where Allwinner's boot ROM looks
LINUX = 0x83
LABEL = 0x62756C6B  # the disk's identifier

EXTLINUX = """# Made by board/image/mkimage.
default bulkhead
timeout 1
label bulkhead
	linux /vmlinuz
	initrd /initramfs.cpio.gz
	fdt /board.dtb
	append {words}
"""


def aligned(n):
    return -(-n // ALIGN) * ALIGN


def table(partitions):
    """The MBR: (start, size) in bytes, the first one is what U-Boot looks at. Addresses in sectors alone, as all that is newer than 1996 reads them."""
    out = bytearray(SECTOR)
    struct.pack_into("<I", out, 440, LABEL)
    for n, (start, size) in enumerate(partitions):
        entry = struct.pack("<B3sB3sII", 0x80 if n == 0 else 0, b"\xfe\xff\xff", LINUX, b"\xfe\xff\xff", start // SECTOR, size // SECTOR)
        out[446 + 16 * n:462 + 16 * n] = entry
    out[510:512] = b"\x55\xaa"
    return bytes(out)


def boot_partition(path, directory, words, epoch):
    """Kernel, initramfs and device tree of DIRECTORY as a small ext4."""
    with tempfile.TemporaryDirectory(dir=path.parent) as temporary:
        stage = Path(temporary, "boot")
        (stage / "extlinux").mkdir(parents=True)
        (stage / "extlinux/extlinux.conf").write_text(EXTLINUX.format(words=words))
        names = ("vmlinuz", "initramfs.cpio.gz", "board.dtb")
        for name in names:
            (stage / name).write_bytes((directory / name).read_bytes())
        blocks = sum((directory / n).stat().st_size for n in names) // ext4.BLOCK + 1024
        env = {"E2FSPROGS_FAKE_TIME": str(epoch), "SOURCE_DATE_EPOCH": str(epoch)}
        # U-Boot reads neither checksums of metadata nor 64-bit block numbers in all its versions.
        ext4.tool(["mke2fs", "-q", "-F", "-t", "ext4", "-b", str(ext4.BLOCK), "-m", "0", "-L", "boot", "-U", ext4.IDENTIFIER[:-1] + "2",
                   "-O", "^has_journal,^metadata_csum,^64bit,^resize_inode", "-E", f"hash_seed={ext4.IDENTIFIER},lazy_itable_init=0,root_owner=0:0",
                   "-d", str(stage), str(path), str(blocks)], env)


def write(card, program, directory, words, epoch):
    """CARD from the boot program's file and what lies in DIRECTORY. Its size is a power of two, as those of real cards are (QEMU insists)."""
    boot = card.with_name("boot.img")
    boot_partition(boot, directory, words, epoch)
    parts = [boot, directory / "rootfs.img", directory / data.NAME]
    places, start = [], ALIGN
    for part in parts:
        places.append((start, aligned(part.stat().st_size)))
        start = sum(places[-1])
    if BOOT_OFFSET + program.stat().st_size > ALIGN:
        raise ext4.ImageError(f"{program} does not fit before the first partition")
    size = 1 << (start - 1).bit_length()
    with open(card, "wb") as out:
        out.truncate(size)
        out.write(table(places))
        for offset, source in ((BOOT_OFFSET, program), *((place[0], part) for place, part in zip(places, parts))):
            out.seek(offset)
            out.write(source.read_bytes())
    boot.unlink()
