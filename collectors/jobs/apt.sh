# shellcheck shell=sh
# How a job has apt bring packages to exact versions. The contract: docs/how-jobs-run.md.
# shellcheck disable=SC2154

install_apt() {
    apt_settle_environment
    if [ "$allow_new" = no ] && ! apt_adds_nothing "$1"; then
        return 100
    fi
    apt_get install "$1"
}

# What is fetched stays in the cache, whatever the machine's own configuration says of it.
download_apt() {
    apt_get install "$1" -d -o APT::Keep-Downloaded-Packages=1
}

# Prompts are impossible: no terminal, no input, no debconf; a configuration file that was changed is kept as it is.
# needrestart and apt-listchanges ask and restart on their own otherwise. sudo may drop all this, so that the words of the
# command (--force-conf…) and the lack of a terminal must do.
apt_settle_environment() {
    DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical APT_LISTCHANGES_FRONTEND=none APT_LISTBUGS_FRONTEND=none
    NEEDRESTART_MODE=l NEEDRESTART_SUSPEND=1 UCF_FORCE_CONFFOLD=1
    export DEBIAN_FRONTEND DEBIAN_PRIORITY APT_LISTCHANGES_FRONTEND APT_LISTBUGS_FRONTEND
    export NEEDRESTART_MODE NEEDRESTART_SUSPEND UCF_FORCE_CONFFOLD
}

# apt_get COMMAND FILE OPTIONS...: by `manage`, for the packages of FILE.
apt_get() {
    apt_command=$1 apt_file=$2
    shift 2
    # shellcheck disable=SC2046
    set -- /usr/bin/apt-get -y -q $(apt_options) "$@" "$apt_command" $(apt_words <"$apt_file")
    if [ "$is_root" = yes ]; then
        manage "$@" -o APT::Status-Fd=3 3>>"$progress_file"
    else
        manage "$@"
    fi
}

# The same for the simulation and for the real thing; else they could differ.
# Without its own terminal dpkg cannot ask through /dev/tty; what a script leaves running holds only a file open.
apt_options() {
    printf '%s\n' -o DPkg::Lock::Timeout="${lock_wait:-0}" -o Dpkg::Use-Pty=0 \
        -o DPkg::Options::=--force-confdef -o DPkg::Options::=--force-confold \
        -o APT::Get::AutomaticRemove=0 -o APT::Get::HideAutoRemove=1 -o APT::Get::Show-Upgraded=1 \
        -o APT::Get::Simulate=0 -o APT::Get::Download-Only=0 -o APT::Get::Purge=0 \
        -o APT::Output-Version=0 -o APT::Color=0 -o Dpkg::Progress-Fancy=0 \
        -o Acquire::Retries=2 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30
    if [ "$allow_removals" = no ]; then
        printf '%s\n' --no-remove
    fi
}

# apt_words: the packages of the lines on standard input as apt takes them. One for all architectures may change to one.
apt_words() {
    while IFS= read -r apt_line; do
        order_fields "$apt_line"
        case $arch in
            '' | all) printf '%s=%s\n' "$name" "$version" ;;
            *) printf '%s:%s=%s\n' "$name" "$arch" "$version" ;;
        esac
    done
}

# apt_adds_nothing FILE: apt has no option that forbids new packages, so its plan is asked for first.
apt_adds_nothing() {
    apt_plan_of "$(cat "$1")"
    [ "$apt_plan_status" != 0 ] || return 0
    printf '%s\n%s\n' "$apt_plan_said" "$apt_plan_errors"
    return 1
}

judge_apt() {
    if [ "$1" = 0 ]; then
        echo succeeded
    elif grep -q -e 'Could not get lock' -e 'Unable to acquire the dpkg' -e 'Unable to lock' -e 'frontend lock was locked' "$2"; then
        echo locked
    elif grep -q -e 'No space left on device' -e "You don't have enough free space" -e 'Disk quota exceeded' "$2"; then
        echo no-space
    elif grep -e '^E: Failed to fetch' "$2" | grep -qv -e ' 40[34] ' -e 'File not found'; then
        echo network
    elif grep -q -e 'Temporary failure resolving' -e 'Could not connect to' -e 'Unable to connect to' "$2"; then
        echo network
    else
        echo failed
    fi
}

is_done_apt() {
    # shellcheck disable=SC2016
    apt_format='${Status} ${Version}'
    apt_said=
    case $2 in
        '' | all) ;;
        *) apt_said=$(dpkg-query -W -f="$apt_format" "$1:$2" 2>/dev/null) ;;
    esac
    [ -n "$apt_said" ] || apt_said=$(dpkg-query -W -f="$apt_format" "$1" 2>/dev/null) || return 1
    case $apt_said in
        *' ok installed '*) dpkg --compare-versions "${apt_said##* }" ge "$3" ;;
        *) return 1 ;;
    esac
}

# What somebody else left half done is theirs to look at, unless the order says to finish it.
prepare_apt() {
    apt_settle_environment
    apt_config
    if [ "$repair_first" = yes ]; then
        repair_apt
        return 0
    fi
    if apt_is_interrupted; then
        note "dpkg was interrupted before: nothing was done. Look at it, then run: dpkg --configure -a"
        return 1
    fi
}

apt_config() {
    apt_status=/var/lib/dpkg/status apt_archives=/var/cache/apt/archives/
    eval "$(limited 20 apt-config shell apt_status Dir::State::status/f apt_archives Dir::Cache::archives/d)"
    apt_admin=${apt_status%/*}
}

# dpkg numbers what it has not yet written into its database.
apt_is_interrupted() {
    for apt_update in "$apt_admin"/updates/*; do
        case ${apt_update##*/} in
            *[!0-9]*) ;;
            *) return 0 ;;
        esac
    done
    return 1
}

repair_apt() {
    manage /usr/bin/dpkg --configure -a --force-confdef --force-confold
    note "dpkg --configure -a ended with $?"
    if /usr/bin/apt-get check -q -o Debug::NoLocking=1 >/dev/null 2>&1; then
        return 0
    fi
    : >"$folder/list.nothing"
    apt_get install "$folder/list.nothing" -f
    apt_status_of_repair=$?
    note "apt-get -f install ended with $apt_status_of_repair"
    return "$apt_status_of_repair"
}

# lock_apt: by the kernel's list of locks, since locks of fcntl(2) vanish with their holder, and files say nothing.
lock_apt() {
    apt_inodes=' '
    for apt_lock in "$apt_admin/lock-frontend" "$apt_admin/lock" "${apt_archives}lock"; do
        apt_inode=$(stat -c %i "$apt_lock" 2>/dev/null) && apt_inodes="$apt_inodes$apt_inode "
    done
    apt_holder=
    while read -r _ apt_type _ _ apt_pid apt_id _; do
        case $apt_type:$apt_inodes in
            '->':*) ;;
            *" ${apt_id##*:} "*)
                read_line "/proc/$apt_pid/comm"
                # Another file system may have a file of the same number.
                case $line_read in
                    apt* | dpkg* | unattended-upgr* | packagekitd | synaptic | python3* | nala | debconf* | frontend*)
                        apt_holder="$line_read ($apt_pid)"
                        break
                        ;;
                esac
                ;;
        esac
    done </proc/locks
    [ -n "$apt_holder" ] || return 1
    printf '%s\n' "$apt_holder"
}

conffiles_apt() {
    find /etc \( -name '*.dpkg-dist' -o -name '*.dpkg-new' -o -name '*.ucf-dist' \) -type f
}

# simulate_apt: what install_apt would do. Where apt can't do all of it, each package is asked for alone, as the job comes
# down to single packages; those that can't be had are told with apt's words, and the rest is asked for again.
simulate_apt() {
    apt_config
    section apt-interrupted apt_is_interrupted
    apt_lines=$(list_packages)
    apt_plan_of "$apt_lines"
    if [ "$apt_plan_status" != 0 ]; then
        section apt-refused apt_sort_out
        apt_plan_of "${apt_good:-$apt_lines}"
    fi
    say begin apt-simulation
    printf '%s\n' "$apt_plan_said" | sed "s/^'[^']*' /uri /"
    printf '%s\n' "$apt_plan_errors" >&2
    say end "$apt_plan_status"
    section apt-downloaded apt_list_downloaded
    section apt-removed apt_list_removed
}

# apt_plan_of LINES: sets `apt_plan_said`, `apt_plan_errors` and `apt_plan_status`. --print-uris never does anything, and is
# cheaper than -s. Archives that do not exist make apt print every size.
apt_plan_of() {
    # shellcheck disable=SC2046
    apt_plan_all=$(limited 120 /usr/bin/apt-get -y -q=1 -V --print-uris $(apt_options) -o Debug::NoLocking=1 \
        -o Dir::Cache::archives=/nonexistent/ install $(printf '%s\n' "$1" | apt_words) 2>&1)
    apt_plan_status=$?
    apt_plan_errors=$(printf '%s\n' "$apt_plan_all" | grep '^[WEN]: ')
    apt_plan_said=$(printf '%s\n' "$apt_plan_all" | grep -v '^[WEN]: ')
    if [ "$apt_plan_status" = 0 ] && [ "$allow_new" = no ]; then
        case $apt_plan_said in
            *', 0 newly installed, '*) ;;
            *) apt_plan_errors='E: New packages would be needed, and are not allowed.' apt_plan_status=100 ;;
        esac
    fi
}

# apt_sort_out: sets `apt_good`, and prints what is refused: the line of the order, a bar, apt's words. An answer takes some
# tenths of a second, so that no more than 100 are asked for alone.
apt_sort_out() {
    apt_good='' apt_asked=0
    apt_rest="$apt_lines
"
    while [ -n "$apt_rest" ] && [ "$apt_asked" -lt 100 ]; do
        apt_one=${apt_rest%%"
"*}
        apt_rest=${apt_rest#*"
"}
        apt_asked=$((apt_asked + 1))
        apt_plan_of "$apt_one"
        if [ "$apt_plan_status" != 0 ]; then
            printf '%s|%s\n' "$apt_one" "$(printf '%s' "$apt_plan_errors" | tr '\n' ' ')"
            continue
        fi
        apt_good="$apt_good${apt_good:+
}$apt_one"
    done
}

# Those of the planned packages that are in the cache already.
apt_list_downloaded() {
    printf '%s\n' "$apt_plan_said" | sed -n "s/^'[^']*' \([^ ]*\) .*/\1/p" | while IFS= read -r apt_archive; do
        if [ -e "$apt_archives$apt_archive" ]; then
            printf '%s\n' "$apt_archive"
        fi
    done
}

# apt tells no version of what it would remove.
apt_list_removed() {
    apt_removed=$(printf '%s\n' "$apt_plan_said" |
        sed -n '/ will be REMOVED:$/,/^[^ ]/s/^   \([^ *]*\).*/\1/p')
    if [ -n "$apt_removed" ]; then
        # shellcheck disable=SC2016,SC2086
        dpkg-query -W -f='${binary:Package}\t${Version}\n' $apt_removed
    fi
}
