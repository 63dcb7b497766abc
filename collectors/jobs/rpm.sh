# shellcheck shell=sh
# What the jobs of dnf and of zypper ask rpm: which version is installed, what lies beside a configuration file.

# is_done_rpm NAME ARCH VERSION: of several installed versions (kernels), the newest counts.
is_done_rpm() {
    case $1$2$3 in
        *[!A-Za-z0-9:._+~^-]* | -*) return 1 ;;
    esac
    rpm_versions=$(limited 60 rpm -q --qf '%{EPOCHNUM}:%{VERSION}-%{RELEASE}\n' "$1${2:+.$2}" 2>/dev/null) ||
        return 1
    rpm_wanted=$3
    case $rpm_wanted in *:*) ;; *) rpm_wanted=0:$rpm_wanted ;; esac
    for rpm_installed in $rpm_versions; do
        is_at_least "$rpm_installed" "$rpm_wanted" && return 0
    done
    return 1
}

# is_at_least EVR EVR: whether rpm takes the first for the second or a newer one. Before 4.16 rpm's own comparison knows
# no epoch and no release, so each part is compared by itself.
is_at_least() {
    [ "$1" = "$2" ] && return 0
    rpm_epoch=${1%%:*} rpm_other_epoch=${2%%:*}
    [ "$rpm_epoch" -gt "$rpm_other_epoch" ] 2>/dev/null && return 0
    [ "$rpm_epoch" -eq "$rpm_other_epoch" ] 2>/dev/null || return 1
    rpm_part=${1#*:} rpm_other=${2#*:}
    case $(compare_rpm "${rpm_part%-*}" "${rpm_other%-*}")/$(compare_rpm "${rpm_part##*-}" "${rpm_other##*-}") in
        1/* | 0/0 | 0/1) return 0 ;;
    esac
    return 1
}

# compare_rpm VERSION VERSION: prints 1, 0 or -1.
compare_rpm() {
    limited 20 rpm --eval "%{lua: print(rpm.vercmp('$1', '$2'))}" 2>/dev/null
}

# Without those of packages that keep their settings elsewhere: looking through a whole disk costs more than it tells.
list_rpm_conffiles() {
    limited 60 find /etc -xdev \( -name '*.rpmnew' -o -name '*.rpmsave' -o -name '*.rpmorig' \) 2>/dev/null
    return 0
}

# says WORDS PART: whether the transaction printed one of them.
says() {
    grep -q -i -E -e "$1" "$2" 2>/dev/null
}

# note_scriptlets PART: a package whose script failed after its files were there counts as installed for rpm.
note_scriptlets() {
    sed -n 's/.*warning: \(%[a-z]*([^()]*) scriptlet failed, exit status [0-9]*\).*/\1/p' "$1" | sort -u | head -n 20 |
        while IFS= read -r rpm_scriptlet; do
            note "$rpm_scriptlet"
        done
}

# find_rpm_lock: names whoever holds the lock that rpm's own transactions take. Those who only read hold no write lock.
find_rpm_lock() {
    for rpm_lock in /var/lib/rpm/.rpm.lock /usr/lib/sysimage/rpm/.rpm.lock; do
        rpm_inode=$(stat -c %i "$rpm_lock" 2>/dev/null) || continue
        while read -r _ _ _ rpm_mode rpm_holder rpm_id _; do
            if [ "$rpm_mode" = WRITE ] && [ "${rpm_id##*:}" = "$rpm_inode" ]; then
                say_rpm_holder "$rpm_holder" && return 0
            fi
        done </proc/locks
    done
    return 1
}

# say_rpm_holder PID: "dnf (812)"; 1 where it does not run. One that was killed just now has no command any more.
say_rpm_holder() {
    case $1 in '' | *[!0-9]*) return 1 ;; esac
    read_line "/proc/$1/cmdline"
    # shellcheck disable=SC2154
    [ -n "$line_read" ] || return 1
    read_line "/proc/$1/comm"
    printf '%s (%s)\n' "$line_read" "$1"
}
