"""The lab's rpm repositories: built by rpmbuild and createrepo_c, inside a machine that has them."""

from dataclasses import dataclass
from pathlib import Path

from tests.lab.builder import rocky_packages, suse_packages
from tests.lab.builder.advisories import Advisory, updateinfo
from tests.lab.builder.rpms import Rpm, specs

# Rocky's own age of a mirror that nobody has synchronised since: 2024-05-09.
_STALE_REVISION = 1_715_212_800


@dataclass(frozen=True, slots=True)
class RpmFamily:
    """The repositories of one distribution, below ``web/rpm/NAME``, and those that are published without advisories."""

    name: str
    packages: tuple[Rpm, ...]
    advisories: tuple[Advisory, ...]
    bare: tuple[str, ...] = ()

    @property
    def repositories(self) -> tuple[str, ...]:
        """The names of its repositories."""
        return tuple(dict.fromkeys(name for package in self.packages for name in package.repositories))


FAMILIES = (
    RpmFamily("rocky", rocky_packages.PACKAGES, rocky_packages.ADVISORIES),
    RpmFamily("suse", suse_packages.PACKAGES, suse_packages.ADVISORIES),
)

_BUILD = r"""
build() {
    rpmbuild -bb --quiet --target "$2" --define "_topdir /tmp/rpmbuild" --define "_rpmdir /mnt/rpm/$3" \
        --define '_build_name_fmt %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' --define '_binary_payload w1.gzdio' \
        --nodebuginfo "$1"
}
publish() {
    createrepo_c --quiet --no-database --workers 1 --set-timestamp-to-revision --revision "$2" "$1"
    [ ! -e "$1.xml" ] || { mv "$1.xml" "$1/updateinfo.xml"; modifyrepo_c "$1/updateinfo.xml" "$1/repodata" >/dev/null
        rm "$1/updateinfo.xml"; }
    # modifyrepo_c knows only the time of its own run.
    sed -i "s,<timestamp>[0-9]*<,<timestamp>$2<," "$1/repodata/repomd.xml"
}
now=$(date +%s)
"""


def write_rpm_recipe(pool: Path) -> str:
    """The script that builds all packages to ``pool/rpm/FAMILY`` and all repositories to ``pool/web/rpm``.

    To be run with ``pool`` at /mnt; what it reads is written into ``pool`` here.
    """
    return _BUILD + "".join(_family_script(pool, family) for family in FAMILIES)


def _family_script(pool: Path, family: RpmFamily) -> str:
    folder = pool / "rpm" / family.name
    folder.mkdir(parents=True)
    lines = []
    for name, (target, text) in specs(family.packages).items():
        (folder / f"{name}.spec").write_text(text)
        lines.append(f"build /mnt/rpm/{family.name}/{name}.spec {target} {family.name}")
    for name in family.repositories:
        lines += _repository_lines(pool, family, name, f"rpm/{family.name}/{name}", '"$now"')
        lines += _repository_lines(pool, family, name, f"rpm/stale/{family.name}/{name}", str(_STALE_REVISION))
        lines += _repository_lines(
            pool, family, name, f"rpm/bare/{family.name}/{name}", '"$now"', with_advisories=False
        )
    return "\n".join(lines) + "\n"


def _repository_lines(
    pool: Path, family: RpmFamily, name: str, path: str, revision: str, *, with_advisories: bool = True
) -> list[str]:
    root = pool / "web" / path
    root.mkdir(parents=True)
    published = tuple(advisory for advisory in family.advisories if advisory.repository == name)
    if published and with_advisories:
        root.with_name(f"{name}.xml").write_text(updateinfo(published))
    files = " ".join(package.file_name for package in family.packages if name in package.repositories)
    return [f"(cd /mnt/rpm/{family.name} && ln {files} /mnt/web/{path}/)", f"publish /mnt/web/{path} {revision}"]
