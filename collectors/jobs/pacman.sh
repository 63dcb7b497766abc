# shellcheck shell=sh
# Installs by pacman, which knows only all or nothing: packages that are brought over alone break others that were built
# against what is installed. What is ordered must be all that an upgrade would do, at the same versions.

prepare_pacman() {
    pacman_home=$(limited 20 pacman-conf DBPath) || pacman_home=
    pacman_home=${pacman_home:-/var/lib/pacman}
    pacman_home=${pacman_home%/}
    if [ -e "$pacman_home/db.lck" ] && ! lock_pacman >/dev/null; then
        note "$pacman_home/db.lck was left by a run that was cut off: remove it once nothing works with pacman"
        return 1
    fi
}

# ask_pacman_for OPTIONS...: by the databases in $pacman_data.
ask_pacman_for() {
    limited 120 pacman --color never --dbpath "$pacman_data" "$@"
}

# copy_pacman: sets `pacman_data` to a copy of the databases with fresh lists, beside the machine's own; to those where it
# cannot be made. Lists that are refreshed in place would make what is installed next a partial upgrade.
copy_pacman() {
    pacman_home=$(limited 20 pacman-conf DBPath) || pacman_home=
    pacman_home=${pacman_home:-/var/lib/pacman}
    pacman_home=${pacman_home%/}
    pacman_data=$pacman_home pacman_private=''
    pacman_as=''
    if [ "$(id -u)" != 0 ]; then
        command -v fakeroot >/dev/null 2>&1 || return 0
        pacman_as='fakeroot --'
    fi
    pacman_private=$(mktemp -d) || return 0
    # pacman 7 downloads as a user of its own, who must get in.
    chmod 755 "$pacman_private"
    mkdir "$pacman_private/sync" && ln -s "$pacman_home/local" "$pacman_private/local" || return 0
    cp -p "$pacman_home"/sync/*.db "$pacman_home"/sync/*.db.sig "$pacman_private/sync/" 2>/dev/null
    set -- -Sy --noconfirm --logfile /dev/null
    if [ -n "$pacman_as" ]; then
        # fakeroot cannot become that user; pacman 6 has neither the user nor the option.
        case $(pacman -S --help 2>/dev/null) in
            *--disable-sandbox*) set -- "$@" --disable-sandbox ;;
        esac
    fi
    # shellcheck disable=SC2086
    if limited 90 $pacman_as pacman --color never --dbpath "$pacman_private" "$@" >/dev/null 2>&1; then
        pacman_data=$pacman_private
    fi
}

drop_pacman_copy() {
    [ -z "${pacman_private-}" ] || rm -rf "$pacman_private"
    pacman_private=''
}

# A cache that does not exist makes pacman tell the size of every package, downloaded already or not.
plan_pacman() {
    ask_pacman_for -Sup --noconfirm --cachedir /nonexistent --print-format '%r|%n|%v|%s'
}

simulate_pacman() {
    copy_pacman
    section pacman-installed limited 60 pacman --color never -Q
    section pacman-plan plan_pacman
    section pacman-download ask_pacman_for -Sup --noconfirm --print-format '%n|%s'
    drop_pacman_copy
}

# is_pacman_plan: whether an upgrade by the lists in $pacman_data brings every package that is ordered and not there yet
# to its version, and no other that is installed. What it does not is printed.
# shellcheck disable=SC2154
is_pacman_plan() {
    pacman_strange=' (pacman has no plan)'
    pacman_planned=$(plan_pacman) || return 1
    pacman_planned=$(printf '%s\n' "$pacman_planned" | awk -F '|' 'NF == 4 { print $2 "\t" $3 }')
    pacman_present=$(limited 60 pacman --color never -Q | cut -d ' ' -f 1) || return 1
    pacman_strange=''
    while IFS= read -r pacman_line || [ -n "$pacman_line" ]; do
        order_fields "$pacman_line"
        is_done_pacman "$name" "$arch" "$version" && continue
        printf '%s\n' "$pacman_planned" | grep -q -x -F "$name	$version" || pacman_strange="$pacman_strange $name-$version"
    done <"$folder/packages"
    for pacman_name in $(printf '%s\n' "$pacman_planned" | cut -f 1 | grep -x -F -e "$pacman_present"); do
        cut -f 1 "$folder/packages" | grep -q -x -F -e "$pacman_name" || pacman_strange="$pacman_strange +$pacman_name"
    done
    [ -z "$pacman_strange" ] && return 0
    printf 'Patchdeck: an upgrade would do something else than was ordered:%s\n' "$pacman_strange"
    return 1
}

# run_pacman OPTIONS...: -Syu where fresh lists hold the very order, -Su where the machine's own do and no fresh ones
# can be had, nothing otherwise.
run_pacman() {
    copy_pacman
    if ! is_pacman_plan; then
        drop_pacman_copy
        note "the repositories do not hold what was ordered, or hold more:$pacman_strange"
        return 1
    fi
    pacman_way=-Su
    [ "$pacman_data" = "$pacman_home" ] || pacman_way=-Syu
    drop_pacman_copy
    manage /usr/bin/pacman "$pacman_way" --noconfirm --noprogressbar --color never "$@"
}

# The file names a part of the order; there is no part of it that could be done alone.
install_pacman() {
    run_pacman
}

download_pacman() {
    run_pacman --downloadonly
}

judge_pacman() {
    if [ "$1" = 0 ]; then
        echo succeeded
    elif says_pacman 'unable to lock database' "$2"; then
        echo locked
    elif says_pacman 'not enough free disk space|partition .* (too full|is mounted read only)|no space left on device' "$2"; then
        echo no-space
    elif says_pacman 'failed (to )?retriev|failed to synchronize|could not resolve host|failed to connect|connection (refused|timed out|reset)|operation too slow|the requested url returned error' "$2"; then
        echo network
    else
        echo failed
    fi
}

says_pacman() {
    grep -q -i -E -e "$1" "$2" 2>/dev/null
}

is_done_pacman() {
    pacman_installed=$(limited 20 pacman --color never -Q "$1" 2>/dev/null) || return 1
    pacman_installed=${pacman_installed#* }
    [ "$pacman_installed" = "$3" ] && return 0
    case $(limited 20 vercmp "$pacman_installed" "$3" 2>/dev/null) in
        '' | -* | 0) return 1 ;;
    esac
}

# The lock is a file without a name in it, which a run that was cut off leaves behind. libalpm keeps it open for as long as it
# holds it (lib/libalpm/handle.c): the pacman of a container or over another root does not.
lock_pacman() {
    pacman_lock=$(stat -c '%d:%i' "${pacman_home:-/var/lib/pacman}/db.lck" 2>/dev/null) || return 1
    for pacman_process in /proc/[0-9]*/comm; do
        read_line "$pacman_process"
        pacman_process=${pacman_process%/comm}
        # shellcheck disable=SC2154
        case $line_read in
            pacman | pamac* | packagekitd | yay | paru) ;;
            *) continue ;;
        esac
        case $(limited 5 stat -L -c ':%d:%i:' "$pacman_process"/fd/* 2>/dev/null) in
            # Whose files cannot be seen may hold it.
            '' | *":$pacman_lock:"*)
                printf '%s (%s)\n' "$line_read" "${pacman_process##*/}"
                return 0
                ;;
        esac
    done
    return 1
}

conffiles_pacman() {
    limited 60 find /etc -xdev \( -name '*.pacnew' -o -name '*.pacsave' \) 2>/dev/null
    return 0
}
