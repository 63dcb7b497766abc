# shellcheck shell=sh
# What apt and dpkg say, in few processes and without root or a lock: each apt process may have to build its cache.

read_apt() {
    if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
        return 0
    fi
    section apt-config read_apt_config
    read_refresh apt
    read_patching apt /usr/bin/apt-get
    read_dpkg
    read_plans
    if [ -n "$names" ]; then
        section apt-policy read_policy
    fi
    section apt-targets read_targets
    section apt-lists read_lists
    section apt-locks read_locks
    if [ -n "$names" ] && [ -d "$esm_root/var/lib/apt/lists" ]; then
        section apt-esm read_esm
    fi
}

# Where this apt keeps its things, and what it does by itself; a machine may have moved any of it.
read_apt_config() {
    apt_architecture='' apt_lists='' apt_archives='' dpkg_status=''
    periodic_enable='' periodic_upgrade='' periodic_update=''
    apt_said=$(limited 20 apt-config shell apt_architecture APT::Architecture apt_lists Dir::State::lists/d \
        apt_archives Dir::Cache::archives/d dpkg_status Dir::State::status/f periodic_enable APT::Periodic::Enable \
        periodic_upgrade APT::Periodic::Unattended-Upgrade periodic_update APT::Periodic::Update-Package-Lists) || return
    eval "$apt_said"
    dpkg_admin=${dpkg_status%/*}
    fact architecture "$apt_architecture"
    fact lists "$apt_lists"
    fact archives "$apt_archives"
    fact admin "$dpkg_admin"
    fact periodic_enable "$periodic_enable"
    fact periodic_upgrade "$periodic_upgrade"
    fact periodic_update "$periodic_update"
    command -v unattended-upgrade >/dev/null 2>&1 && fact unattended_upgrade present
    return 0
}

# Error-Mode=any: else apt exits 0 with every repository unreachable. Older apt ignores it, so W: and Err: count too.
refresh_apt() {
    run_refresh 90 /usr/bin/apt-get -q -o APT::Update::Error-Mode=any -o APT::Output-Version=0 -o APT::Color=0 \
        -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 -o Acquire::Retries=1 update
}

read_dpkg() {
    say begin dpkg-query
    # shellcheck disable=SC2016
    inventory=$(limited 60 dpkg-query --admindir="$dpkg_admin" -W \
        -f='${db:Status-Abbrev}\t${Package}\t${Architecture}\t${Version}\t${source:Package} ${source:Version}\n')
    inventory_status=$?
    printf '%s\n' "$inventory"
    say end "$inventory_status"
    section dpkg-updates list_names "$dpkg_admin/updates/"
    # Names of what is not purged and not merely configured, as name:architecture.
    names=$(printf '%s\n' "$inventory" |
        sed -n 's/^.[^nc].[[:blank:]]\([^[:blank:]]*\)[[:blank:]]\([^[:blank:]]*\)[[:blank:]].*/\1:\2/p')
}

# list_names FOLDER: the files in it.
list_names() {
    [ -r "$1" ] || return 1
    for entry in "$1"*; do
        [ -e "$entry" ] && printf '%s\n' "${entry##*/}"
    done
    return 0
}

# Archives that do not exist make apt print the size of every package, downloaded already or not. A machine's own
# configuration may say yes to all, which apt refuses in plans with a downgrade, or simulate, which prints no sizes.
apt_plan() {
    limited 120 apt-get -q=1 -V --print-uris -o Debug::NoLocking=1 -o Dir::Cache::archives=/nonexistent/ \
        -o APT::Output-Version=0 -o APT::Color=0 -o APT::Get::Show-Upgraded=1 -o APT::Get::HideAutoRemove=1 \
        -o APT::Get::AutomaticRemove=0 -o APT::Get::Assume-Yes=0 -o APT::Get::Simulate=0 "$@"
}

# plan_section NAME ARGUMENTS...: the URI itself is left out, since it may hold a password.
plan_section() {
    say begin "$1"
    shift
    plan=$(apt_plan "$@")
    plan_status=$?
    printf '%s\n' "$plan" | sed "s/^'[^']*' /uri /"
    say end "$plan_status"
}

# Planned packages that are downloaded already.
find_downloaded() {
    printf '%s\n' "$plan" | sed -n "s/^'[^']*' \([^ ]*\) .*/\1/p" | while read -r archive; do
        [ -e "$apt_archives$archive" ] && printf '%s\n' "$archive"
    done
    return 0
}

# The smaller plans are asked for only where the largest one adds or removes packages; else they are the same.
read_plans() {
    plan_section apt-plan dist-upgrade
    [ "$plan_status" = 0 ] || return 0
    section apt-archives find_downloaded
    adds=yes removes=yes
    case $plan in *', 0 newly installed, '*) adds=no ;; esac
    case $plan in *', 0 to remove and '*) removes=no ;; esac
    if [ "$adds" = yes ] || [ "$removes" = yes ]; then
        plan_section apt-plan-upgrade upgrade
    fi
    if [ "$adds" = yes ] && [ "$removes" = yes ]; then
        plan_section apt-plan-new upgrade --with-new-pkgs
    fi
}

# All installed names in one question cost little more than some. Only those with a newer version are passed on.
read_policy() {
    # shellcheck disable=SC2086
    policy=$(limited 120 apt-cache policy $names) || return
    printf '%s\n' "$policy" | keep_newer
}

keep_newer() {
    if ! command -v awk >/dev/null 2>&1; then
        cat
        return
    fi
    awk '
        function flush() { if (newer) print stanza }
        /^[^ ]/ { flush(); stanza = $0; newer = 0; installed = 0; next }
        { stanza = stanza "\n" $0 }
        /^ \*\*\* / { installed = 1 }
        /^     [^ ]/ { if (!installed) newer = 1 }
        END { flush() }
    '
}

# Without lists and status apt need not build its cache: a fortieth of the cost. The paths are put right by the reader.
read_targets() {
    # shellcheck disable=SC2016
    targets=$(limited 20 apt-get indextargets -o APT::Get::Simulate=0 -o APT::Get::IndexTargets::ReleaseInfo=0 \
        -o Dir::State::lists=/nonexistent/ -o Dir::State::status=/dev/null \
        --format '$(FILENAME)|$(METAKEY)|$(RELEASE)|$(COMPONENT)|$(ARCHITECTURE)|$(DESCRIPTION)' 'Created-By: Packages')
    targets_status=$?
    printf '%s\n' "$targets"
    return "$targets_status"
}

read_lists() {
    [ -d "$apt_lists" ] || return 1
    [ -r "$apt_lists" ] || return 13
    for list in "$apt_lists"*; do
        [ -f "$list" ] || continue
        printf 'file %s\n' "${list##*/}"
        case $list in
            *Release) read_release "$list" ;;
        esac
    done
    for list in "$apt_lists"partial/*; do
        [ -e "$list" ] && printf 'partial %s\n' "${list##*/}"
    done
    printf '%s\n' "$targets" | find_absent
}

# Lists that the repository has, and that are not empty there (apt keeps no empty ones), but that are not here.
find_absent() {
    while IFS='|' read -r list meta_key _ _ list_architecture _; do
        # Debian's Release files name lists for all architectures that apt does not fetch.
        [ "$list_architecture" = all ] && continue
        list=${list##*/}
        release=$apt_lists${list%"$(printf '%s' "$meta_key" | sed 's/_/%5f/g; s,/,_,g')"}
        has_list "$apt_lists$list" && continue
        for release_file in "${release}InRelease" "${release}Release"; do
            if grep -qE " [1-9][0-9]* +$meta_key(\\.[a-z0-9]+)?\$" "$release_file" 2>/dev/null; then
                printf 'absent %s\n' "$list"
                break
            fi
        done
    done
    return 0
}

has_list() {
    for compression in '' .lz4 .gz .xz .bz2 .zst .lzma; do
        [ -e "$1$compression" ] && return 0
    done
    return 1
}

# The head of a Release file, up to its checksums; without a process, since most machines have several.
read_release() {
    lines_left=100
    while [ "$lines_left" -gt 0 ] && IFS= read -r header; do
        lines_left=$((lines_left - 1))
        case $header in
            Origin:* | Label:* | Suite:* | Codename:* | Version:* | Date:* | Valid-Until:* | NotAutomatic:* | \
                ButAutomaticUpgrades:*) printf ' %s\n' "$header" ;;
            MD5Sum:* | SHA1:* | SHA256:* | SHA512:*) break ;;
        esac
    done <"$1"
}

# Who holds a lock can be seen without root: the inode is in /proc/locks, the process id beside it.
read_locks() {
    lock_inodes=' '
    for lock in "$dpkg_admin/lock-frontend" "$dpkg_admin/lock" "${apt_lists}lock" "${apt_archives}lock"; do
        [ -e "$lock" ] || continue
        inode=$(stat -c %i "$lock" 2>/dev/null) || continue
        lock_inodes="$lock_inodes$inode:$(stat -c %d "$lock"):$lock "
    done
    [ -r /proc/locks ] || return 1
    while read -r _ lock_type _ _ lock_pid lock_id _; do
        case $lock_inodes in
            *" ${lock_id##*:}:"*) ;;
            *) continue ;;
        esac
        [ "$lock_type" = '->' ] && continue
        lock_rest=${lock_inodes#*" ${lock_id##*:}:"}
        lock_rest=${lock_rest%% *}
        printf '%s|%s|%s|%s|%s\n' "$lock_pid" "${lock_id%:*}" "${lock_rest%%:*}" "${lock_rest#*:}" \
            "$(first_line "/proc/$lock_pid/comm")"
    done </proc/locks
}

# Ubuntu Pro keeps lists of what it would offer, readable for all, beside those that apt uses.
esm_root=/var/lib/ubuntu-advantage/apt-esm
read_esm() {
    # shellcheck disable=SC2086
    esm=$(limited 120 apt-cache -o Dir="$esm_root/" -o Dir::State::status="$dpkg_status" policy $names) || return
    printf '%s\n' "$esm" | keep_newer
}
