"""Userlands of other families: their package managers from Debian's packages, and nothing that looks like Debian.

dnf and zypper cannot be installed beside each other, so each has a layer of its own. The layers `*_TOOLS` also
build the lab's repositories.
"""

from tests.lab.builder import arch_packages, rocky_packages, suse_packages
from tests.lab.builder.layers import BASE, Layer
from tests.lab.builder.recipe import ARCHIVE_HOST, REPOSITORY_PORT
from tests.lab.builder.rpms import Rpm

_UNSAFE = "-o DPkg::Options::=--force-unsafe-io"


def _tools(name: str, packages: str, *finish: str) -> Layer:
    install = f"apt-get install -y -q --no-install-recommends {_UNSAFE} {packages}"
    setup = _SOURCES + "\n".join((install, "apt-get clean", *finish))
    return Layer(name, BASE, setup, needs_mirror=True, is_lasting=True)


_SOURCES = """
cat >/etc/apt/sources.list <<SOURCES
deb $DEBIAN bookworm main
deb $DEBIAN bookworm-updates main
deb $SECURITY bookworm-security main
SOURCES
apt-get -o APT::Update::Error-Mode=any update
"""
# Debian's rpm keeps a database in each user's home.
_RPM_DATABASE = "mkdir -p /etc/rpm && echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros"
# apt and dpkg go, with all that they know; nor does Debian's systemd-less `invoke-rc.d` policy stay.
_NOT_DEBIAN = """
rm -rf /usr/bin/apt* /usr/bin/dpkg* /usr/sbin/dpkg* /usr/lib/apt /etc/apt /var/lib/apt /var/lib/dpkg /var/cache/apt
rm -rf /etc/debian_version /usr/sbin/policy-rc.d /etc/os-release /usr/lib/os-release
"""

DNF_TOOLS = _tools(
    "dnf-tools",
    "rpm dnf dnf-plugins-core createrepo-c",
    _RPM_DATABASE,
    "rm -rf /etc/dnf/plugins/local.conf /etc/dnf/aliases.d /root/.rpmdb /usr/bin/yum*",
)
ZYPPER_TOOLS = _tools("zypper-tools", "rpm zypper", _RPM_DATABASE, "rm -rf /root/.rpmdb")
PACMAN_TOOLS = _tools("pacman-tools", "pacman-package-manager makepkg libarchive-tools")

# `from_rpms FAMILY FILE…` installs packages of the lab straight from the pool, as if they had been installed long ago.
FROM_RPMS = """
from_rpms() {
    (cd /mnt/rpm/"$1" && shift && rpm -i --nodeps --nosignature --excludedocs "$@")
}
"""


def rpms_installed(family: str, packages: tuple[Rpm, ...]) -> str:
    """A line that installs ``packages`` from the pool."""
    return f"{FROM_RPMS}\nfrom_rpms {family} {' '.join(package.file_name for package in packages)}"


def os_release(*lines: str) -> str:
    """Lines that make these ``lines`` the machine's /etc/os-release."""
    return "\n".join(("cat >/etc/os-release <<'RELEASE'", *lines, "RELEASE"))


ROCKY_RELEASE = os_release(
    'NAME="Rocky Linux"',
    'VERSION="9.4 (Blue Onyx)"',
    'ID="rocky"',
    'ID_LIKE="rhel centos fedora"',
    'VERSION_ID="9.4"',
    'PLATFORM_ID="platform:el9"',
    'PRETTY_NAME="Rocky Linux 9.4 (Blue Onyx)"',
    'SUPPORT_END="2032-05-31"',
)
SLES_RELEASE = os_release(
    'NAME="SLES"',
    'VERSION="15-SP6"',
    'VERSION_ID="15.6"',
    'PRETTY_NAME="SUSE Linux Enterprise Server 15 SP6"',
    'ID="sles"',
    'ID_LIKE="suse"',
    'CPE_NAME="cpe:/o:suse:sles:15:sp6"',
)
ARCH_RELEASE = os_release(
    'NAME="Arch Linux"', 'PRETTY_NAME="Arch Linux"', "ID=arch", "BUILD_ID=rolling", "IMAGE_ID=archlinux"
)


def dnf_repository(name: str, *settings: str, path: str = "rpm/rocky", host: str = ARCHIVE_HOST) -> str:
    """A line that configures the dnf repository ``name``."""
    url = f"http://{host}:{REPOSITORY_PORT}/{path}/{name}/"
    lines = (f"[{name}]", f"name=Rocky Linux 9 - {name}", f"baseurl={url}", "gpgcheck=0", *settings)
    return "\n".join((f"cat >/etc/yum.repos.d/{name}.repo <<'REPO'", *lines, "REPO"))


def zypper_repository(name: str, *, path: str = "rpm/suse", host: str = ARCHIVE_HOST) -> str:
    """A line that configures the zypper repository ``name``."""
    url = f"http://{host}:{REPOSITORY_PORT}/{path}/{name}/"
    lines = (
        f"[{name}]",
        f"name=SLE {name}",
        "enabled=1",
        "autorefresh=0",
        f"baseurl={url}",
        "type=rpm-md",
        "gpgcheck=0",
    )
    return "\n".join((f"cat >/etc/zypp/repos.d/{name}.repo <<'REPO'", *lines, "REPO"))


# As Rocky has it: dnf.conf(5).
_DNF_CONF = (
    r"printf '[main]\ngpgcheck=1\ninstallonly_limit=3\nclean_requirements_on_remove=True\nbest=True\n"
    r"skip_if_unavailable=False\n' >/etc/dnf/dnf.conf"
)
_PRODUCT = """
mkdir -p /etc/products.d /etc/zypp/repos.d
cat >/etc/products.d/SLES.prod <<'PRODUCT'
<?xml version="1.0" encoding="UTF-8"?>
<product schemeversion="0"><vendor>SUSE</vendor><name>SLES</name>
<version>15.6</version><release>1</release><arch>x86_64</arch>
<summary>SUSE Linux Enterprise Server 15 SP6</summary></product>
PRODUCT
ln -s SLES.prod /etc/products.d/baseproduct
cat >/etc/zypp/zypp.conf <<'CONF'
[main]
multiversion = provides:multiversion(kernel)
solver.allowVendorChange = false
CONF
"""
_PACMAN_CONF = f"""
cat >/etc/pacman.conf <<'CONF'
[options]
HoldPkg = pacman glibc
Architecture = x86_64
SigLevel = Never

[core]
Server = http://{ARCHIVE_HOST}:{REPOSITORY_PORT}/arch/$repo

[extra]
Server = http://{ARCHIVE_HOST}:{REPOSITORY_PORT}/arch/$repo
CONF
mkdir -p /var/lib/pacman/local /var/lib/pacman/sync
"""


def arch_installed(packages: tuple[arch_packages.ArchPackage, ...]) -> str:
    """A line that installs ``packages`` from the pool, past all dependencies."""
    files = " ".join(f"/mnt/arch/{package.file_name}" for package in packages)
    return f"pacman -U --noconfirm -dd --noprogressbar {files}"


ROCKY = Layer(
    "rocky",
    DNF_TOOLS,
    "\n".join((
        _NOT_DEBIAN,
        ROCKY_RELEASE,
        "mkdir -p /etc/yum.repos.d",
        "ln -s dnf-3 /usr/bin/yum",
        _DNF_CONF,
        dnf_repository(rocky_packages.BASEOS),
        dnf_repository(rocky_packages.APPSTREAM),
        rpms_installed("rocky", rocky_packages.INSTALLED),
        "dnf -q makecache",
    )),
)  # fmt: skip
SLES = Layer(
    "sles",
    ZYPPER_TOOLS,
    "\n".join((
        _NOT_DEBIAN,
        SLES_RELEASE,
        _PRODUCT,
        zypper_repository(suse_packages.OSS),
        zypper_repository(suse_packages.UPDATE),
        rpms_installed("suse", suse_packages.INSTALLED),
        "zypper --non-interactive --quiet refresh",
    )),
)  # fmt: skip
ARCH = Layer(
    "arch",
    PACMAN_TOOLS,
    "\n".join((
        _NOT_DEBIAN,
        ARCH_RELEASE,
        _PACMAN_CONF,
        arch_installed(arch_packages.INSTALLED),
        "pacman -Sy --noconfirm --noprogressbar",
    )),
)  # fmt: skip
