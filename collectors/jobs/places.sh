# shellcheck shell=sh
# What can be told of jobs by looking at their folders: for requests and for the job itself. Behind probes/frame.sh.
#
# JOBS/ID/          one job: job, packages, claim, worker, journal, progress, log, stop, conffiles, exit
# JOBS/active.N     who has the machine: the highest N, while its process lives. Numbers only grow, see take_machine.
# shellcheck disable=SC2034

read_line /proc/sys/kernel/random/boot_id
boot_id=${line_read:-unknown}

# read_uptime: sets `uptime_said` (with hundredths) and `uptime_now` (whole seconds): a clock that nobody sets.
read_uptime() {
    read_line /proc/uptime
    uptime_said=${line_read%% *}
    uptime_now=${uptime_said%%.*}
}

# read_process PID: sets `process_start`, which tells a process from a later one of the same number; 1 if it is dead.
read_process() {
    process_start=
    read_line "/proc/$1/stat"
    [ -n "$line_read" ] || return 1
    # The name of a program may hold blanks and parentheses; the state follows the last one.
    line_read=${line_read##*") "}
    # shellcheck disable=SC2086
    set -- $line_read
    case ${1:-Z} in
        [ZXx]) return 1 ;;
    esac
    [ "$#" -ge 20 ] || return 1
    shift 19
    process_start=$1
}

# is_alive RECORD: whether the process that wrote this record (PID START BOOT …) lives.
is_alive() {
    read_line "$1"
    # shellcheck disable=SC2086
    set -- $line_read
    [ "$#" -ge 3 ] && [ "$3" = "$boot_id" ] || return 1
    record_start=$2
    read_process "$1" && [ "$process_start" = "$record_start" ]
}

# is_working FOLDER: whether the job lives, or the package manager that it began, which outlives a job that is killed.
is_working() {
    is_alive "$1/claim" || is_alive "$1/worker"
}

# find_active: sets `active_number` to the highest, 0 if there is none, and `active_id` to its job if that works.
find_active() {
    active_number=0 active_id=
    # shellcheck disable=SC2154
    for active_file in "$jobs"/active.*; do
        active_each=${active_file##*.}
        case $active_each in
            '' | *[!0-9]*) continue ;;
        esac
        if [ -f "$active_file" ] && [ "$active_each" -gt "$active_number" ]; then
            active_number=$active_each
        fi
    done
    if [ "$active_number" = 0 ]; then
        return 0
    fi
    read_line "$jobs/active.$active_number"
    # shellcheck disable=SC2086
    set -- $line_read
    if is_alive "$jobs/active.$active_number" || is_alive "$jobs/${4:-none}/worker"; then
        active_id=${4:-unknown}
    fi
}

# size_of FILE: prints its bytes.
size_of() {
    stat -c %s "$1" 2>/dev/null && return 0
    size_said=$(wc -c <"$1") && printf '%s\n' "$((size_said))"
}
