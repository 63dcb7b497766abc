# shellcheck shell=sh
# What any Linux says of itself, whatever its package manager. Reads files where it can: a process costs more.

read_linux() {
    section system read_system
    section os-release read_os_release
    section managers find_managers
    section disks read_disks
    section inodes df -P -i /
    section mounts read_mounts
    section reboot read_reboot
    # shellcheck disable=SC2154
    [ "$user_id" = 0 ] && section services find_outdated
    section addresses read_addresses
    section updaters read_updaters
}

read_system() {
    uname_said=$(uname -srvm)
    kernel=${uname_said#* }
    build=${kernel#* }
    kernel=${kernel%% *}
    read_line /proc/sys/kernel/hostname
    host_name=$line_read fqdn=$line_read
    case $host_name in
        *.*) ;;
        *) fqdn=$(limited 3 hostname -f 2>/dev/null) ;;
    esac
    find_container
    find_uuid
    # shellcheck disable=SC2154
    fact now "$began_at" uid "$user_id" ostype "${uname_said%% *}" kernel "$kernel" build "${build% *}" \
        machine "${build##* }" host_name "$host_name" fqdn "$fqdn" container "$container" system_uuid "$system_uuid"
    for name_and_file in machine_id:/etc/machine-id boot_id:/proc/sys/kernel/random/boot_id uptime:/proc/uptime; do
        read_line "${name_and_file#*:}"
        fact "${name_and_file%%:*}" "$line_read"
    done
}

find_container() {
    for container in /run/systemd/container /.dockerenv /run/.containerenv /proc/vz/veinfo; do
        [ -e "$container" ] && return
    done
    container=
    # Kubernetes and LXC leave no file, but root can read who started the first process. Shells leave out the NULs.
    read_line /proc/1/environ
    case $line_read in
        *container=*) container=/proc/1/environ ;;
    esac
}

# The firmware's, which only root may read on most machines; that of Xen and of POWER anybody may.
find_uuid() {
    for uuid_file in /sys/class/dmi/id/product_uuid /sys/hypervisor/uuid /proc/device-tree/vm,uuid; do
        read_line "$uuid_file"
        system_uuid=$line_read
        [ -n "$system_uuid" ] && return
    done
}

read_os_release() {
    for release_file in /etc/os-release /usr/lib/os-release; do
        [ -r "$release_file" ] || continue
        print_lines 200 "$release_file"
        return
    done
    return 1
}

# print_lines COUNT FILE: its first lines, without a process.
print_lines() {
    lines_left=$1
    while [ "$lines_left" -gt 0 ]; do
        IFS= read -r line_read || [ -n "$line_read" ] || break
        printf '%s\n' "$line_read"
        lines_left=$((lines_left - 1))
    done <"$2"
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

# Which kinds of packages are installed here: programs alone may be mere tools. And whether an image was booted.
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
    [ -e /run/ostree-booted ] && echo ostree-booted
    read_line /proc/cmdline
    case " $line_read" in
        *' composefs='*) echo composefs-booted ;;
    esac
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
    mount_points='/(usr|boot|var(/lib(/dpkg)?|/cache(/apt(/archives)?)?)?)?'
    sed -nE "s,^[^ ]+ ($mount_points) ([^ ]+) ([^ ]+) .*,\\1 \\7 \\8,p" /proc/self/mounts
}

read_reboot() {
    for marker_file in /run/reboot-required /var/run/reboot-required /run/reboot-needed /var/run/reboot-needed \
        /run/ostree/staged-deployment; do
        if [ -e "$marker_file" ]; then
            fact marker "$marker_file"
            break
        fi
    done
    [ -r /run/reboot-required.pkgs ] && fact packages "$(print_lines 200 /run/reboot-required.pkgs)"
    [ -r /boot ] || fact unreadable /boot
    for image in /boot/vmlinuz-* /boot/vmlinux-* /boot/[Ii]mage-*; do
        [ -e "$image" ] && fact image "${image#/boot/*-}"
    done
    for modules in /lib/modules/*; do
        [ -d "$modules/kernel" ] && fact modules "${modules##*/}"
    done
    return 0
}

# Processes that run a program or library whose file was replaced, by the service that each is of; one pass over all
# of them. Files of /tmp, /dev, /memfd and the like are deleted on purpose.
find_outdated() {
    is_changed_since_boot || return 0
    outdated=$(limited 5 grep -lE ' r-xp [^/]*/(usr|lib|lib32|lib64|bin|sbin|opt)/.* \(deleted\)$' /proc/[0-9]*/maps)
    outdated_status=$?
    for maps in $outdated; do
        process=${maps%/maps}
        service=
        while IFS= read -r control_group; do
            case $control_group in
                */init.scope) service=systemd ;;
                */user.slice/* | *.scope | */docker/* | */kubepods* | */lxc.payload* | */machine.slice/*) service=other ;;
                *.service) service=${control_group##*/} ;;
                *.service/*)
                    service=${control_group%%.service/*}.service
                    service=${service##*/}
                    ;;
                *) continue ;;
            esac
            break
        done 2>/dev/null <"$process/cgroup"
        if [ -n "$service" ]; then
            fact service "$service"
        else
            read_line "$process/comm"
            fact process "$line_read"
        fi
    done
    return "$outdated_status"
}

# Whether packages were changed after the boot, or an hour before it, for clocks that were set since. The look at all
# processes costs as much as all else here, and without a change it finds nothing.
is_changed_since_boot() {
    read_line /proc/uptime
    uptime=${line_read%%.*}
    case $began_at:$uptime in
        *[!0-9:]* | :* | *:) return 0 ;;
    esac
    set --
    for database in /var/lib/dpkg/status /lib/apk/db/installed /usr/lib/apk/db/installed /var/lib/pacman/local \
        /var/lib/rpm/* /usr/lib/sysimage/rpm/* /usr/share/rpm/*; do
        [ -e "$database" ] && set -- "$@" "$database"
    done
    [ "$#" -gt 0 ] && changes=$(stat -L -c %Y "$@") || return 0
    for changed_at in $changes; do
        [ "$changed_at" -gt $((began_at - uptime - 3600)) ] && return 0
    done
    return 1
}

read_addresses() {
    if command -v ip >/dev/null 2>&1; then
        ip -o addr show scope global
    else
        limited 5 hostname -I 2>/dev/null
    fi
}

# Without systemd nothing can be said: cron, or nothing at all, may run what is configured.
read_updaters() {
    read_update_traces
    if [ ! -d /run/systemd/system ]; then
        echo no-systemd
        return 0
    fi
    limited 10 env TZ=UTC0 systemctl show --no-pager -p Id -p ActiveState -p LastTriggerUSec apt-daily.timer \
        apt-daily-upgrade.timer packagekit.service packagekit-offline-update.service snapd.service \
        landscape-client.service google-osconfig-agent.service amazon-ssm-agent.service \
        mintupdate-automation-upgrade.timer dnf-automatic.timer dnf-automatic-install.timer dnf5-automatic.timer \
        yum-cron.service transactional-update.timer os-update.timer rpm-ostreed-automatic.timer \
        bootc-fetch-apply-updates.timer zincati.service salt-minion.service venv-salt-minion.service
}

# When updaters last did something, by the files that they then write, and whether they are told to install.
read_update_traces() {
    set --
    for trace in /var/lib/apt/periodic/upgrade-stamp /var/lib/apt/periodic/unattended-upgrades-stamp \
        /var/log/unattended-upgrades/unattended-upgrades.log /var/lib/apt/periodic/update-success-stamp \
        /var/lib/PackageKit/transactions.db /var/lib/snapd/snaps /etc/cron.daily/opensuse.org-online_update \
        /etc/cron.weekly/opensuse.org-online_update /etc/cron.monthly/opensuse.org-online_update; do
        [ -e "$trace" ] && set -- "$@" "$trace"
    done
    [ "$#" = 0 ] || stat -L -c 'changed=%Y %n' "$@"
    [ -e /system-update ] && fact offline /system-update
    set --
    for settings in /etc/dnf/automatic.conf /etc/dnf/dnf5-plugins/automatic.conf /etc/yum/yum-cron.conf; do
        [ -r "$settings" ] && set -- "$@" "$settings"
    done
    [ "$#" = 0 ] || sed -n 's/^[[:blank:]]*apply_updates[[:blank:]]*=[[:blank:]]*/applies=/p' "$@"
    return 0
}
