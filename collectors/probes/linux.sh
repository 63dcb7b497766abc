# shellcheck shell=sh
# What any Linux says of itself, whatever its package manager. Reads files where it can: a process costs more.

read_linux() {
    section system read_system
    section os-release read_os_release
    section managers find_managers
    section disks read_disks
    section inodes limited 10 df -P -i /
    section mounts read_mounts
    section reboot read_reboot
    section addresses read_addresses
    section updaters read_updaters
}

read_system() {
    fact now "$(date -u +%s)"
    fact uid "$(id -u)"
    fact ostype "$(uname -s)"
    fact kernel "$(uname -r)"
    fact build "$(uname -v)"
    fact machine "$(uname -m)"
    fact host_name "$(uname -n)"
    fact fqdn "$(limited 3 hostname -f 2>/dev/null)"
    fact machine_id "$(first_line /etc/machine-id)"
    fact boot_id "$(first_line /proc/sys/kernel/random/boot_id)"
    fact uptime "$(first_line /proc/uptime)"
    fact container "$(find_container)"
}

find_container() {
    for sign in /run/systemd/container /.dockerenv /run/.containerenv /proc/vz/veinfo; do
        if [ -e "$sign" ]; then
            printf '%s' "$sign"
            return 0
        fi
    done
    # Kubernetes and LXC leave no file, but an ordinary user can often read who started the first process.
    if grep -q '^container=' /proc/1/environ 2>/dev/null || tr '\0' '\n' 2>/dev/null </proc/1/environ | grep -q '^container='
    then
        printf '/proc/1/environ'
    fi
}

read_os_release() {
    for release_file in /etc/os-release /usr/lib/os-release; do
        if [ -r "$release_file" ]; then
            head -c 65536 "$release_file"
            return
        fi
    done
    return 1
}

find_managers() {
    for program in apt-get dpkg-query dnf5 dnf yum microdnf zypper pacman apk rpm-ostree transactional-update bootc \
        emerge xbps-install opkg swupd eopkg nix-env slackpkg pkg; do
        if command -v "$program" >/dev/null 2>&1; then
            printf '%s\n' "$program"
        fi
    done
    find_databases
}

# Which kinds of packages are installed here: programs alone may be mere tools.
find_databases() {
    has_one /var/lib/dpkg/status && echo dpkg-database
    for rpm_folder in /usr/lib/sysimage/rpm /var/lib/rpm /usr/share/rpm; do
        if has_one "$rpm_folder/rpmdb.sqlite" "$rpm_folder/Packages.db" "$rpm_folder/Packages"; then
            echo rpm-database
            break
        fi
    done
    has_one /lib/apk/db/installed /usr/lib/apk/db/installed && echo apk-database
    has_one /var/lib/pacman/local/*/desc && echo pacman-database
    return 0
}

# has_one FILE...: whether one of them is there and not empty.
has_one() {
    for candidate in "$@"; do
        [ -f "$candidate" ] && [ -s "$candidate" ] && return 0
    done
    return 1
}

read_disks() {
    set -- /
    for folder in /var /var/lib/dpkg /var/cache/apt/archives /var/lib/apt/lists /usr /boot; do
        if [ -d "$folder" ]; then
            set -- "$@" "$folder"
        fi
    done
    printf '%s\n' "$*"
    limited 10 df -P -k "$@"
}

# Mount points that hold any of those folders; machines with many containers have thousands of others.
read_mounts() {
    while read -r _ mount_point mount_type mount_options _; do
        case $mount_point in
            / | /usr | /boot | /var | /var/lib | /var/lib/dpkg | /var/cache | /var/cache/apt | /var/cache/apt/archives)
                printf '%s %s %s\n' "$mount_point" "$mount_type" "$mount_options"
                ;;
        esac
    done </proc/self/mounts
}

read_reboot() {
    for marker_file in /run/reboot-required /var/run/reboot-required; do
        if [ -e "$marker_file" ]; then
            fact marker "$marker_file"
            break
        fi
    done
    for packages_file in /run/reboot-required.pkgs /var/run/reboot-required.pkgs; do
        if [ -r "$packages_file" ]; then
            fact packages "$(head -c 4096 "$packages_file")"
            break
        fi
    done
    [ -r /boot ] || fact unreadable /boot
    for image in /boot/vmlinuz-* /boot/vmlinux-*; do
        [ -e "$image" ] && fact image "${image##*/vmlinu?-}"
    done
    for modules in /lib/modules/*; do
        [ -d "$modules/kernel" ] && fact modules "${modules##*/}"
    done
    return 0
}

read_addresses() {
    if command -v ip >/dev/null 2>&1; then
        limited 5 ip -o addr show scope global | head -c 65536
    else
        limited 5 hostname -I 2>/dev/null
    fi
}

# Without systemd nothing can be said: cron, or nothing at all, may run what is configured.
read_updaters() {
    if [ ! -d /run/systemd/system ]; then
        echo no-systemd
        return 0
    fi
    limited 10 systemctl show --no-pager -p Id -p LoadState -p ActiveState apt-daily.timer apt-daily-upgrade.timer \
        packagekit.service snapd.service landscape-client.service google-osconfig-agent.service \
        amazon-ssm-agent.service mintupdate-automation-upgrade.timer dnf-automatic.timer dnf-automatic-install.timer
}
