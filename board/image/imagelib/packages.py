# SPDX-License-Identifier: MIT
"""Debian packages as a quarry: fetched with apt-get download, unpacked with dpkg-deb -x, never installed on the host.

Every package lies unpacked below DIR/PACKAGE/; those of an architecture that is not this machine's below DIR/ARCH/PACKAGE/, fetched through an apt of
our own (board/host/apt-state). Libraries are fetched on demand: from a package's Depends only those named
lib... are followed, so that perl, debconf and the like never come.
"""
import os
import re
import shutil
import subprocess
from pathlib import Path

LIBRARY = re.compile(r"^(zlib1g|lib(?!perl|pam|kmod|klibc|number|text|file|nginx|semanage)[a-z0-9.+-]+)$")
APT_STATE = Path(__file__).resolve().parents[2] / "host/apt-state"


class PackageError(Exception):
    pass


def run(args, **kwargs):
    done = subprocess.run(args, capture_output=True, text=True, check=False, **kwargs)
    if done.returncode != 0:
        raise PackageError(f"{' '.join(map(str, args))}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


class Packages:
    def __init__(self, directory, arch=None):
        """ARCH: an imagelib.board.Arch; without it, this machine's packages."""
        self.dir = Path(directory)
        self.environment = None  # apt's
        self.library_dirs = ["lib64", "lib"]
        native = run(["dpkg", "--print-architecture"]).strip()
        if arch and arch.debian != native:
            self.dir = self.dir / arch.debian
            self._own_apt(arch.debian)
        multiarch = arch.multiarch if arch else run(["dpkg-architecture", "-qDEB_HOST_MULTIARCH"]).strip()
        self.library_dirs = [f"lib/{multiarch}", f"usr/lib/{multiarch}", f"usr/lib/{multiarch}/samba", *self.library_dirs]
        self.sonames = {}  # soname -> path of the file in an unpacked package
        self.indexed = set()

    def _own_apt(self, debian, anew=False):
        state = self.dir / ".apt"
        self.environment = {**os.environ, "APT_CONFIG": str(state.resolve() / "apt.conf")}
        if anew or not (state / "apt.conf").is_file():
            print(f"  reading the indexes of Debian's packages for {debian}", flush=True)
            run([APT_STATE, state, debian])

    def kernel(self, meta):
        """The real kernel package behind a meta package such as linux-image-cloud-amd64."""
        return kernel_package(meta, self.environment)

    def root(self, package):
        """Where PACKAGE lies unpacked, downloading it first if needed."""
        where = self.dir / package
        if not where.is_dir():
            self._fetch(package)
        return where

    def _fetch(self, package):
        archives = self.dir / ".archives"
        archives.mkdir(parents=True, exist_ok=True)
        deb = self._archive(archives, package)
        if deb is None:
            print(f"  fetching {package}", flush=True)
            # The sandbox user _apt cannot write to our directory; apt would only warn and go on as ourselves.
            try:
                run(["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", package], cwd=archives, env=self.environment)
            except PackageError as e:
                raise PackageError(f"{e} (are the package lists there and fresh? apt-get update)") from e
            deb = self._archive(archives, package)
        if deb is None:
            raise PackageError(f"apt-get download {package} left no archive")
        # A half unpacked package must never look whole: unpack beside it, then rename.
        temporary = self.dir / f".unpacking-{package}"
        shutil.rmtree(temporary, ignore_errors=True)
        run(["dpkg-deb", "-x", str(deb), str(temporary)])
        (self.dir / f".depends-{package}").write_text(run(["dpkg-deb", "-f", str(deb), "Depends"]))
        temporary.rename(self.dir / package)

    @staticmethod
    def _archive(archives, package):
        found = sorted(archives.glob(f"{package}_*.deb"), key=lambda f: f.stat().st_mtime)
        return found[-1] if found else None

    def depends(self, package):
        """Names in Depends; of alternatives the first."""
        self.root(package)
        text = (self.dir / f".depends-{package}").read_text()
        names = [re.split(r"[ (|:]", word.strip())[0] for word in text.split(",") if word.strip()]
        return [n for n in names if n]

    def file(self, package, path):
        """The file PATH (absolute, as in the package); /usr-merged names are tried both ways."""
        root = self.root(package)
        tries = [path.lstrip("/")]
        tries.append(tries[0][4:] if tries[0].startswith("usr/") else "usr/" + tries[0])
        for t in tries:
            if os.path.lexists(root / t):
                return root / t
        raise PackageError(f"package {package} has no file {path}")

    def index_libraries(self, package):
        """Makes the libraries of PACKAGE, and of all it depends on, known to library()."""
        if package in self.indexed:
            return
        self.indexed.add(package)
        root = self.root(package)
        for directory in self.library_dirs:
            for f in sorted((root / directory).glob("*.so*")):
                self.sonames.setdefault(f.name, f)
        for name in self.depends(package):
            if LIBRARY.match(name):
                self.index_libraries(name)

    def library(self, soname):
        if soname not in self.sonames:
            raise PackageError(f"no package that was asked for brings the library {soname}")
        return self.sonames[soname]


def elf_needs(path):
    """(interpreter or None, [needed sonames]) of an ELF file; (None, []) for anything else."""
    with open(path, "rb") as f:
        if f.read(4) != b"\x7fELF":
            return None, []
    text = run(["readelf", "-W", "-l", "-d", str(path)], env={**os.environ, "LC_ALL": "C"})
    interpreter = re.search(r"\[Requesting program interpreter: ([^\]]+)\]", text)
    return interpreter and interpreter.group(1), re.findall(r"\(NEEDED\).*\[([^\]]+)\]", text)


def kernel_package(meta, environment=None):
    if re.match(r"linux-image-[0-9]", meta):  # no meta package, and perhaps one of another release, which apt does not know
        return meta
    text = run(["apt-cache", "depends", meta], env=environment)
    names = re.findall(r"Depends: (linux-image-[0-9]\S*)", text)
    return names[0] if names else meta
