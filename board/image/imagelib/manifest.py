# SPDX-License-Identifier: MIT
"""The manifest of an image: what enters it, and nothing else does. The words are those of the kernel's gen_init_cpio, plus a few.

  dir NAME MODE UID GID
  file NAME SOURCE MODE UID GID       SOURCE below rootfs/, or build:PATH below the build directory, image:PATH beside the image
  slink NAME TARGET
  nod NAME MODE UID GID c|b MAJOR MINOR
  files NAME PATTERN MODE UID GID     every file that matches PATTERN (from the top of the source tree) into the directory NAME
  deb PACKAGE PATH [NAME]             a file of a Debian package, by its own mode, with all shared libraries that it needs
  applets NAME TARGET APPLET...       links NAME/APPLET to TARGET
  optional LINE                       any of the above, left out where its source does not exist

@MULTIARCH@ in a line is the board's architecture as Debian names its libraries' directory. Owners are numbers. A directory must be listed before what it holds. A later line replaces an earlier one of the same NAME.
"""
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from . import packages


class ManifestError(Exception):
    pass


@dataclass
class Entry:
    name: str  # absolute path in the image
    mode: int  # with the type bits of stat.S_IF...
    uid: int = 0
    gid: int = 0
    source: Path | None = None  # a regular file's content
    target: str = ""  # a link's
    device: tuple[int, int] = (0, 0)


class Manifest:
    def __init__(self, top, build, image, quarry, multiarch):
        self.top, self.quarry, self.multiarch = Path(top), quarry, multiarch
        self.library_dir = f"/usr/lib/{multiarch}"
        self.places = {"build": Path(build), "image": Path(image)}
        self.entries = {"/": Entry("/", stat.S_IFDIR | 0o755)}
        self.where = ""

    def read(self, path):
        for number, line in enumerate(open(path, encoding="utf-8"), 1):
            words = line.split("#", 1)[0].replace("@MULTIARCH@", self.multiarch).split()
            self.where = f"{path}:{number}"
            if words:
                self._line(words)

    def _line(self, words):
        optional = words[0] == "optional"
        if optional:
            words = words[1:]
        directive = getattr(self, "_do_" + words[0], None) if words else None
        if directive is None:
            raise ManifestError(f"{self.where}: unknown directive {words[0] if words else ''!r}")
        try:
            directive(*words[1:])
        except FileNotFoundError as e:
            if not optional:
                raise ManifestError(f"{self.where}: {e.filename}: no such file") from e
        except (TypeError, ValueError) as e:
            raise ManifestError(f"{self.where}: {words[0]}: {e}") from e
        except packages.PackageError as e:
            raise ManifestError(f"{self.where}: {e}") from e

    def add(self, entry):
        parent = self.entries.get(os.path.dirname(entry.name))
        if not entry.name.startswith("/") or parent is None or not stat.S_ISDIR(parent.mode):
            raise ManifestError(f"{self.where}: {entry.name}: no directory of the image holds it")
        self.entries[entry.name] = entry

    def _source(self, text):
        place, colon, below = text.partition(":")
        path = self.places[place] / below if colon and place in self.places else self.top / "rootfs" / text
        if not path.is_file():
            raise FileNotFoundError(2, "", str(path))
        return path

    def _do_dir(self, name, mode, uid, gid):
        self.add(Entry(name, stat.S_IFDIR | int(mode, 8), int(uid), int(gid)))

    def _do_file(self, name, source, mode, uid, gid):
        self.add(Entry(name, stat.S_IFREG | int(mode, 8), int(uid), int(gid), self._source(source)))

    def _do_slink(self, name, target):
        self.add(Entry(name, stat.S_IFLNK | 0o777, target=target))

    def _do_nod(self, name, mode, uid, gid, kind, major, minor):
        kinds = {"c": stat.S_IFCHR, "b": stat.S_IFBLK}
        if kind not in kinds:
            raise ValueError(f"{kind}: c or b was expected")
        self.add(Entry(name, kinds[kind] | int(mode, 8), int(uid), int(gid), device=(int(major), int(minor))))

    def _do_files(self, name, pattern, mode, uid, gid):
        found = sorted(f for f in self.top.glob(pattern) if f.is_file())
        if not found:
            raise FileNotFoundError(2, "", str(self.top / pattern))
        for f in found:
            self.add(Entry(f"{name}/{f.name}", stat.S_IFREG | int(mode, 8), int(uid), int(gid), f))

    def _do_deb(self, package, path, name=None):
        source = self.quarry.file(package, path)
        if source.is_symlink():
            self._do_slink(name or path, os.readlink(source))
            return
        self.add(Entry(name or path, stat.S_IFREG | stat.S_IMODE(source.stat().st_mode), source=source))
        self.quarry.index_libraries(package)
        self.add_libraries(source)

    def _do_applets(self, directory, target, *applets):
        for a in applets:
            self._do_slink(f"{directory}/{a}", target)

    def add_libraries(self, program):
        """The closure of NEEDED below a program, and its loader at the path that it asks for (/lib64 is a link to usr/lib64)."""
        interpreter, todo = packages.elf_needs(program)
        if interpreter:
            self._library(os.path.basename(interpreter), "/usr" + interpreter if interpreter.startswith("/lib") else interpreter)
        while todo:
            soname = todo.pop()
            if soname.startswith("ld-linux") or f"{self.library_dir}/{soname}" in self.entries:
                continue
            todo += packages.elf_needs(self._library(soname, f"{self.library_dir}/{soname}"))[1]

    def _library(self, soname, name):
        source = self.quarry.library(soname).resolve()
        self.add(Entry(name, stat.S_IFREG | 0o755, source=source))
        return source

    def overlay(self, directory):
        """Every file below DIRECTORY, as root's, with the mode it has there; missing directories are made."""
        self.where = f"overlay {directory}"
        for where, subdirs, files in os.walk(directory):
            subdirs.sort()
            inside = "/" + os.path.relpath(where, directory) if where != str(directory) else ""
            for sub in list(subdirs):
                path = Path(where, sub)
                if path.is_symlink():
                    files.append(sub)
                elif f"{inside}/{sub}" not in self.entries:
                    self.add(Entry(f"{inside}/{sub}", stat.S_IFDIR | 0o755))
            for f in sorted(files):
                path = Path(where, f)
                if path.is_symlink():
                    self._do_slink(f"{inside}/{f}", os.readlink(path))
                else:
                    self.add(Entry(f"{inside}/{f}", stat.S_IFREG | stat.S_IMODE(path.stat().st_mode), source=path))

    def stage(self, directory):
        """The image as a plain tree, for the plan's compiler and for mke2fs -d: content and links alone, owners and labels come later."""
        for entry in sorted(self.entries.values(), key=lambda e: e.name):
            path = Path(directory, entry.name.lstrip("/"))
            if stat.S_ISDIR(entry.mode):
                path.mkdir(exist_ok=True)
            elif stat.S_ISLNK(entry.mode):
                path.symlink_to(entry.target)
            elif stat.S_ISREG(entry.mode):
                path.write_bytes(entry.source.read_bytes())
                path.chmod(stat.S_IMODE(entry.mode) | 0o400)
