# shellcheck shell=sh
# How a job runs what changes the machine: in a group of its own, as root, to its end or to the hard stop.
# shellcheck disable=SC2154

# manage /PATH/TO/PROGRAM ARGUMENTS...: gives its status, which the journal has too. `worker` says who is at work, should this shell be killed.
manage() {
    read_uptime
    manage_began=$uptime_said
    case $root_way in
        limited-sudo) set -- sudo -n "$@" ;;
        limited-doas) set -- doas -n "$@" ;;
    esac
    manage_words=$*
    if command -v setsid >/dev/null 2>&1; then
        set -- setsid "$@"
    fi
    # What a manager writes is for everybody to read: lists and caches that a job alone could read would blind whoever asks.
    umask 022
    "$@" </dev/null >>"$folder/log" 2>&1 &
    worker=$!
    umask 077
    if read_process "$worker"; then
        if printf '%s %s %s\n' "$worker" "$process_start" "$boot_id" >"$folder/worker.aside"; then
            mv -f "$folder/worker.aside" "$folder/worker"
        fi
        if [ -n "$end_within" ]; then
            guard_end "$process_start" &
        fi
    fi
    manage_status=127
    interrupted=yes
    while [ "$interrupted" = yes ]; do
        interrupted=no
        wait "$worker"
        wait_status=$?
        # 127: it was waited for already, before a signal came in between.
        [ "$wait_status" = 127 ] || manage_status=$wait_status
    done
    event command "$manage_status" "$manage_began" "$(size_of "$folder/log")" "$(printf '%s' "$manage_words" | tr '\n\t' '  ')"
    return "$manage_status"
}

has_hard_stopped() {
    [ -e "$folder/hard-stop" ]
}

# The hard stop: TERM to all that the manager started, and KILL to what is left of it after a while.
# guard_end START: of this worker alone; the next one has a guard of its own.
guard_end() {
    while read_process "$worker" && [ "$process_start" = "$1" ]; do
        read_uptime
        if [ "$((uptime_now - began_at))" -ge "$end_within" ]; then
            : >"$folder/hard-stop"
            note 'hard stop: the end of the window has come, what runs is ended'
            list_tree
            end_tree TERM
            end_patience=20
            while [ "$end_patience" -gt 0 ] && end_tree 0; do
                sleep 1
                end_patience=$((end_patience - 1))
            done
            end_tree KILL && note 'hard stop: some of it had to be killed, or is still there'
            return
        fi
        sleep 1
    done
}

# list_tree: sets `tree` to PID:START of the worker and of all below it; dpkg and its scripts may have sessions of their own.
list_tree() {
    tree_pids=" $worker "
    tree_before=
    while [ "$tree_pids" != "$tree_before" ]; do
        tree_before=$tree_pids
        for process in /proc/[0-9]*; do
            read_line "$process/stat"
            line_read=${line_read##*") "}
            # shellcheck disable=SC2086
            set -- $line_read
            case $tree_pids in
                *" ${process##*/} "*) ;;
                *" ${2:-none} "*) tree_pids="$tree_pids${process##*/} " ;;
            esac
        done
    done
    tree=
    for process in $tree_pids; do
        read_process "$process" && tree="$tree $process:$process_start"
    done
}

# end_tree SIGNAL: to each process of it that still lives; 1 where none does.
end_tree() {
    end_found=1
    for tree_entry in $tree; do
        if read_process "${tree_entry%:*}" && [ "$process_start" = "${tree_entry#*:}" ]; then
            end_found=0
            kill -s "$1" "${tree_entry%:*}" 2>/dev/null || :
        fi
    done
    return "$end_found"
}
