"""What Arch offers in the lab: packages for pacman, and the repositories that repo-add makes of them."""

import io
import tarfile
from dataclasses import dataclass
from pathlib import Path

CORE, EXTRA = "core", "extra"
OLD_KERNEL, NEW_KERNEL = "6.9.1.arch1-1", "6.9.3.arch1-1"


@dataclass(frozen=True, slots=True)
class ArchPackage:
    """One version of one package; ``repository`` is empty where nobody offers it. ``files`` are empty ones."""

    name: str
    version: str
    repository: str = ""
    architecture: str = "x86_64"
    fields: tuple[str, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        """The name of its file. A colon is legal in it: Arch's own mirrors have them."""
        return f"{self.name}-{self.version}-{self.architecture}.pkg.tar.gz"


def _kernel(version: str, repository: str = "") -> ArchPackage:
    modules = version.replace(".arch", "-arch")
    files = (f"usr/lib/modules/{modules}/{name}" for name in ("vmlinuz", "pkgbase", "kernel/acme.ko"))
    return ArchPackage("linux", version, repository, files=tuple(files))


INSTALLED: tuple[ArchPackage, ...] = (
    ArchPackage("acme-openssl", "3.0.1-1"),
    ArchPackage("acme-epoch", "2.0-1"),
    ArchPackage("acme-data", "1.0-1", architecture="any"),
    ArchPackage("acme-newdeps", "1.0-1"),
    ArchPackage("acme-same", "1.0-1"),
    ArchPackage("acme-newer", "2.0-1"),
    ArchPackage("acme-aur", "1.0-1"),
    _kernel(OLD_KERNEL),
)
IGNORED: tuple[ArchPackage, ...] = (
    ArchPackage("acme-ignored", "1.0-1"),
    ArchPackage("acme-grouped", "1.0-1", fields=("group = acme-group",)),
)
OFFERED: tuple[ArchPackage, ...] = (
    ArchPackage("acme-openssl", "3.0.2-1", CORE),
    ArchPackage("acme-epoch", "1:1.0-1", EXTRA),
    ArchPackage("acme-data", "1.1-1", EXTRA, "any"),
    ArchPackage("acme-newdeps", "1.1-1", EXTRA, fields=("depend = acme-brandnew",)),
    ArchPackage("acme-brandnew", "1.0-1", EXTRA),
    ArchPackage("acme-same", "1.0-1", CORE),
    ArchPackage("acme-newer", "1.0-1", EXTRA),
    ArchPackage("acme-ignored", "1.1-1", EXTRA),
    ArchPackage("acme-grouped", "1.1-1", EXTRA, fields=("group = acme-group",)),
    _kernel(NEW_KERNEL, CORE),
)


def write_arch_recipe(pool: Path) -> str:
    """The script that makes repositories below ``pool/web/arch``, of packages written to ``pool/arch`` here."""
    lines = []
    for package in (*INSTALLED, *IGNORED, *OFFERED):
        _write(package, pool / "arch" / package.repository / package.file_name)
    for repository in (CORE, EXTRA):
        target = pool / "web" / "arch" / repository
        target.mkdir(parents=True)
        lines += [
            f"ln /mnt/arch/{repository}/*.pkg.tar.gz /mnt/web/arch/{repository}/",
            f"cd /mnt/web/arch/{repository}",
            f"repo-add -q {repository}.db.tar.gz ./*.pkg.tar.gz",
        ]
    return "\n".join(lines) + "\n"


def _write(package: ArchPackage, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fields = (
        f"pkgname = {package.name}",
        f"pkgbase = {package.name}",
        f"pkgver = {package.version}",
        "pkgdesc = a package of the lab",
        "builddate = 1716200000",
        "packager = The lab",
        "size = 4096",
        f"arch = {package.architecture}",
        *package.fields,
    )
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        _add(archive, ".PKGINFO", "\n".join(fields) + "\n")
        for name in package.files:
            _add(archive, name, package.name if name.endswith("pkgbase") else "")


def _add(archive: tarfile.TarFile, name: str, text: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(text)
    archive.addfile(entry, io.BytesIO(text.encode()))
