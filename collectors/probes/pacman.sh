# shellcheck shell=sh
# What pacman says, from the machine's own sync databases: no root, no lock, nothing changed. Those are never refreshed
# in place: packages that are installed between that and the next whole upgrade would break (pacman -Sy without -u).

read_pacman() {
    if ! command -v pacman >/dev/null 2>&1 || ! command -v pacman-conf >/dev/null 2>&1; then
        return 0
    fi
    section pacman-config read_pacman_config
    read_patching pacman /usr/bin/pacman
    # shellcheck disable=SC2154
    if [ "$refresh" = yes ]; then
        section pacman-refresh refresh_pacman
    fi
    section pacman-installed read_pacman_installed
    section pacman-updates ask_pacman -Qu
    section pacman-available list_available
    # A cache that does not exist makes pacman tell the size of every package, downloaded already or not.
    section pacman-plan ask_pacman -Sup --noconfirm --cachedir /nonexistent --print-format '%r|%n|%v|%s'
    section pacman-foreign ask_pacman -Qm
    section pacman-databases read_pacman_databases
    section pacman-lock read_pacman_lock
    section pacman-kernel read_pacman_kernel
    drop_private
}

# Single directives alone: the whole configuration holds addresses of servers, which may hold passwords.
read_pacman_config() {
    pacman_home=$(limited 20 pacman-conf DBPath) || return
    pacman_home=${pacman_home%/}
    pacman_data=$pacman_home
    fact home "$pacman_home"
    limited 20 pacman-conf IgnorePkg IgnoreGroup
    pacman_repositories=$(limited 20 pacman-conf --repo-list) || return
    for repository in $pacman_repositories; do
        fact repository "$repository"
    done
}

ask_pacman() {
    limited 120 pacman --color never --dbpath "$pacman_data" "$@"
}

# A refreshed copy of the sync databases beside the machine's own, as checkupdates makes it; fakeroot stands for root.
refresh_pacman() {
    # shellcheck disable=SC2154
    if [ "$root_way" != root ] && ! command -v fakeroot >/dev/null 2>&1; then
        echo 'neither root nor fakeroot: package lists were not refreshed' >&2
        return 97
    fi
    pacman_private=$(mktemp -d) || return
    trap drop_private EXIT
    trap 'exit 1' HUP INT TERM PIPE
    # pacman 7 downloads as a user of its own, who must get in.
    chmod 755 "$pacman_private"
    mkdir "$pacman_private/sync" && ln -s "$pacman_home/local" "$pacman_private/local" || return
    cp -p "$pacman_home"/sync/*.db "$pacman_home"/sync/*.db.sig "$pacman_private/sync/" 2>/dev/null
    pacman_data=$pacman_private
    set -- -Sy --noconfirm --logfile /dev/null
    if [ "$root_way" = root ]; then
        pacman_as=limited
    else
        pacman_as='limited_fakeroot'
        # fakeroot cannot become that user; pacman 6 has neither the user nor the option.
        case $(pacman -S --help 2>/dev/null) in
            *--disable-sandbox*) set -- "$@" --disable-sandbox ;;
        esac
    fi
    "$pacman_as" 90 pacman --color never --dbpath "$pacman_private" "$@" >/dev/null
}

limited_fakeroot() {
    fakeroot_seconds=$1
    shift
    limited "$fakeroot_seconds" fakeroot -- "$@"
}

drop_private() {
    if [ -n "${pacman_private-}" ]; then
        rm -rf "$pacman_private"
        pacman_private=''
        trap - EXIT HUP INT TERM PIPE
    fi
}

# Name, version, architecture, source and groups of each package, as pacman keeps them; pacman -Qi knows no source.
read_pacman_installed() {
    for folder in "$pacman_home"/local/*/; do
        [ -e "${folder}desc" ] || printf 'broken\t%s\n' "${folder%/}"
    done
    # shellcheck disable=SC2016
    limited 60 awk '
        function flush() {
            if (name != "") printf "package\t%s\t%s\t%s\t%s\t%s\n", name, version, architecture, source, groups
            name = version = architecture = source = groups = field = ""
        }
        FNR == 1 { flush() }
        $0 == "" { field = ""; next }
        field == "" { field = $0; next }
        field == "%NAME%" { name = $0 }
        field == "%VERSION%" { version = $0 }
        field == "%ARCH%" { architecture = $0 }
        field == "%BASE%" { source = $0 }
        field == "%GROUPS%" { groups = groups (groups == "" ? "" : " ") $0 }
        END { flush() }
    ' "$pacman_home"/local/*/desc
}

# Which repository has another version of what is installed, in the order in which pacman prefers them.
list_available() {
    available=$(ask_pacman -Sl) || return
    printf '%s\n' "$available" | grep -F ' [installed: '
    return 0
}

# pacman gives a database the date that the server has for it; its change time is when it was put here.
read_pacman_databases() {
    for repository in $pacman_repositories; do
        database=$pacman_data/sync/$repository.db
        if [ ! -e "$database" ]; then
            printf '%s absent\n' "$repository"
        elif [ ! -r "$database" ] || [ ! -s "$database" ]; then
            printf '%s unreadable\n' "$repository"
        else
            printf '%s %s\n' "$repository" "$(stat -c '%Y %Z' "$database")"
        fi
    done
    pacman_log=$(limited 20 pacman-conf LogFile)
    if [ -r "$pacman_log" ]; then
        tail -c 1000000 "$pacman_log" | grep -F ' synchronizing package lists' | tail -n 1 | sed 's/^/log /'
    fi
    return 0
}

# The lock is a file that a run which was cut off leaves behind, so it matters whether anything that runs holds it.
read_pacman_lock() {
    lock_file=$(stat -c '%d:%i' "$pacman_home/db.lck" 2>/dev/null) || return 0
    fact lock "$pacman_home/db.lck"
    for process in /proc/[0-9]*/comm; do
        program=$(first_line "$process")
        process=${process%/comm}
        case $program in
            pacman | pamac* | packagekitd | yay | paru)
                if may_hold_pacman_lock "$process"; then
                    fact process "${process##*/} $program"
                fi
                ;;
        esac
    done
}

# libalpm keeps the file open for as long as it holds the lock (lib/libalpm/handle.c), which the pacman of a container or over
# another root does not. Whose files cannot be seen, since they are another user's, may hold it.
may_hold_pacman_lock() {
    open_files=$(limited 5 stat -L -c ':%d:%i:' "$1"/fd/* 2>/dev/null)
    case $open_files in
        '' | *":$lock_file:"*) return 0 ;;
        *) return 1 ;;
    esac
}

# Arch removes the running kernel's modules when it replaces it; the others are those with a pkgbase.
read_pacman_kernel() {
    running=$(uname -r)
    if [ -d "/usr/lib/modules/$running/kernel" ]; then
        fact modules there
    else
        fact modules gone
    fi
    for base in /usr/lib/modules/*/pkgbase; do
        [ -r "$base" ] || continue
        modules=${base%/pkgbase}
        fact kernel "${modules##*/}"
    done
    fact running "$running"
}
