# shellcheck shell=sh
# What zypper says, from the metadata that the machine has. ZYPP_READONLY_HACK lets root read without libzypp's lock, as
# ordinary users do: root's zypper would fail while another one works, and stop others while it works itself.

read_zypper() {
    if ! command -v zypper >/dev/null 2>&1 || [ ! -d /etc/zypp ]; then
        return 0
    fi
    read_refresh zypper
    read_patching zypper /usr/bin/zypper
    section zypper-state read_zypper_state
    section zypper-locks read_zypper_locks
    section zypper-repositories read_zypper_repositories
    section zypper-packages read_rpm_packages
    zypper_updates=''
    list_section zypper-updates list-updates --all
    zypper_updates=$zypper_list
    list_section zypper-patches list-patches
    zypper_patches=$zypper_list
    zypper_updates=$(name_entries "$zypper_updates")
    if [ -n "$zypper_updates" ]; then
        list_section zypper-installable list-updates
        zypper_taken=$(name_entries "$zypper_list")
        zypper_hidden=$(find_hidden)
        read_zypper_details
    fi
}

# ask_zypper SECONDS ARGUMENTS...
ask_zypper() {
    ask_seconds=$1
    shift
    ZYPP_READONLY_HACK=1 limited "$ask_seconds" zypper --non-interactive --no-refresh "$@"
}

# list_section NAME ARGUMENTS...: without the long texts, one update a line.
list_section() {
    say begin "$1"
    shift
    zypper_list=$(ask_zypper 120 --xmlout "$@")
    list_status=$?
    zypper_list=$(printf '%s\n' "$zypper_list" | shorten_list)
    printf '%s\n' "$zypper_list"
    say end "$list_status"
}

shorten_list() {
    tr '\n' ' ' | sed 's,<description>[^<]*</description>,,g
s,<summary>[^<]*</summary>,,g
s,<title>[^<]*</title>,,g
s,<source url="[^"]*",<source,g
s,<license>[^<][^<]*</license>,<license>yes</license>,g
s,<update ,\
<update ,g
s,<message ,\
<message ,g
s,</update-list>,\
</update-list>,g'
}

# name_entries LIST: the names of its updates.
name_entries() {
    printf '%s\n' "$1" | sed -n 's/^<update [^>]*name="\([A-Za-z0-9_][^"*?[&]*\)".*/\1/p'
}

# Packages with an update that zypper's solver does not take: names that only the longer list has.
find_hidden() {
    [ "$zypper_updates" = "$zypper_taken" ] && return
    { printf '%s\n' "$zypper_updates" | sort -u && printf '%s\n' "$zypper_taken" | sort -u; } | sort | uniq -u
}

read_zypper_details() {
    zypper_patches=$(name_entries "$zypper_patches")
    if [ -n "$zypper_patches" ]; then
        section zypper-contents read_patch_contents
    fi
    # Nothing but this says why; it is for root only, and --dry-run changes nothing.
    # shellcheck disable=SC2154
    if [ -n "$zypper_hidden" ] && [ "$root_way" = root ]; then
        section zypper-reasons read_reasons
    fi
}

# What each patch mends. The lists do not say; of other packages than those with an update nothing is passed on.
read_patch_contents() {
    # shellcheck disable=SC2086
    patch_contents=$(ask_zypper 120 info -t patch $zypper_patches)
    contents_status=$?
    # Old versions print the packages without indenting them, and one alone stands beside its heading.
    printf '%s\n' "$patch_contents" |
        sed -n '/^Information for patch /p;s/^Conflicts *: //;s/^ *\([^ ]* < [^ ]*\)$/\1/p' | keep_offered
    return "$contents_status"
}

keep_offered() {
    if ! command -v awk >/dev/null 2>&1; then
        cat
        return
    fi
    { printf '%s\n\n' "$zypper_updates" && cat; } | awk '
        !listed && NF == 0 { listed = 1; next }
        !listed { offered[$1] = 1; next }
        $2 == "<" {
            name = $1
            sub(/\.[^.]*$/, "", name)
            if ($1 in offered || name in offered) print
            next
        }
        { print }
    '
}

read_reasons() {
    # shellcheck disable=SC2086
    ask_zypper 120 update --dry-run $zypper_hidden
}

read_rpm_packages() {
    limited 60 rpm -qa --qf '%{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\n'
}

read_zypper_locks() {
    [ -e /etc/zypp/locks ] || return 0
    head -c 262144 /etc/zypp/locks
}

read_zypper_state() {
    read_line /run/zypp.pid
    # shellcheck disable=SC2154
    lock_pid=$line_read
    case $lock_pid in
        '' | *[!0-9]*) ;;
        *)
            # One that was killed just now is still there, but has no command any more.
            read_line "/proc/$lock_pid/cmdline"
            if [ -n "$line_read" ]; then
                read_line "/proc/$lock_pid/comm"
                fact lock_pid "$lock_pid" lock_program "$line_read"
            fi
            ;;
    esac
    if [ -e /run/reboot-needed ]; then
        read_line /run/reboot-needed
        fact reboot_needed "$line_read"
    fi
    for reboot_rules in /etc/zypp/needreboot /usr/etc/zypp/needreboot; do
        [ -e "$reboot_rules" ] && fact reboot_rules "$reboot_rules"
    done
    [ -e /etc/zypp/credentials.d/SCCcredentials ] && fact registered yes
    read_transactional
}

# On a transactional system the root file system is read-only, and what was installed waits in another snapshot.
read_transactional() {
    command -v transactional-update >/dev/null 2>&1 || return 0
    while read -r _ mount_point _ mount_options _; do
        if [ "$mount_point" = / ]; then
            fact root_options "$mount_options"
        fi
    done </proc/self/mounts
    while read -r _ _ _ mount_root mount_point _; do
        if [ "$mount_point" = / ]; then
            fact running_snapshot "$mount_root"
        fi
    done </proc/self/mountinfo
    if [ "$root_way" = root ] && command -v btrfs >/dev/null 2>&1; then
        fact default_snapshot "$(limited 20 btrfs subvolume get-default / 2>/dev/null)"
    fi
}

# The repositories that are configured, without their addresses, which may hold a password, and what is kept of them.
read_zypper_repositories() {
    for repository_file in /etc/zypp/repos.d/*.repo; do
        [ -e "$repository_file" ] || continue
        if [ -r "$repository_file" ]; then
            printf 'file %s\n' "${repository_file##*/}"
            read_repository_file
        else
            printf 'unreadable %s\n' "${repository_file##*/}"
        fi
    done
    zypp_raw=/var/cache/zypp/raw
    set --
    for metadata in "$zypp_raw"/*/repodata/repomd.xml "$zypp_raw"/*/content "$zypp_raw"/*/cookie; do
        [ -r "$metadata" ] || continue
        set -- "$@" "$metadata"
        case $metadata in
            */repomd.xml) read_repomd ;;
        esac
    done
    if [ "$#" -gt 0 ]; then
        stat -c 'fetched %Y %n' "$@"
    fi
    for solved in /var/cache/zypp/solv/*/solv; do
        [ -e "$solved" ] && printf 'solv %s\n' "$solved"
    done
    return 0
}

read_repository_file() {
    while IFS= read -r setting || [ -n "$setting" ]; do
        case $setting in
            '['*']'* | enabled*=* | name*=*) printf ' %s\n' "$setting" ;;
        esac
    done <"$repository_file"
}

# Without a process, since a machine may have dozens; some are a single line.
read_repomd() {
    printf 'repomd %s\n' "$metadata"
    while IFS= read -r element || [ -n "$element" ]; do
        case $element in
            *'<revision>'*)
                revision=${element#*'<revision>'}
                printf ' revision=%s\n' "${revision%%'<'*}"
                ;;
        esac
        case $element in
            *'<timestamp>'*)
                timestamp=${element#*'<timestamp>'}
                printf ' timestamp=%s\n' "${timestamp%%'<'*}"
                ;;
        esac
        case $element in
            *'type="updateinfo'*) printf ' advisories=yes\n' ;;
        esac
    done <"$metadata"
}

refresh_zypper() {
    run_refresh 90 /usr/bin/zypper --non-interactive refresh
}
