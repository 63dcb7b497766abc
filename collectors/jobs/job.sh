# shellcheck shell=sh
# The job: it takes the machine, brings the packages over in transactions, and writes down what came of it.
# Behind the settings (orders.py), probes/frame.sh, places.sh, packages.sh, manage.sh, batches.sh and the manager's file; run_job is the last line.
# The contract of the manager's functions: docs/how-jobs-run.md.
# shellcheck disable=SC2154,SC2034

# run_job WAY: how it was detached.
run_job() {
    umask 077
    detached_by=${1:-nothing}
    cd / || exit 1
    claim || exit 0
    exec </dev/null >>"$folder/log" 2>&1
    # A handler and not "ignore", which the manager and whatever its scripts start would inherit.
    trap : HUP INT
    trap 'interrupted=yes; ask_to_stop' TERM
    list_conffiles >"$folder/conffiles.before"
    job_status=0
    if has_function prepare && ! "prepare_$manager"; then
        event left failed "$(names_of "$folder/packages")"
        job_status=2
    else
        work
    fi
    report_conffiles
    finish "$job_status"
}

# What a service manager's TERM means: end soon. What runs is left to its end.
ask_to_stop() {
    : >"$folder/stop"
}

# The record is written aside and linked: the link is there whole or not at all, and only one can make it.
claim() {
    read_uptime
    began_at=$uptime_now
    read_process "$$" || return 1
    # On a full disk it could be there and empty: a claim of nobody.
    if printf '%s %s %s %s %s\n' "$$" "$process_start" "$boot_id" "$job_id" "$uptime_said" >"$folder/owner.$$" &&
        take_machine && ln "$folder/owner.$$" "$folder/claim" 2>/dev/null; then
        rm -f "$folder/owner.$$"
        event began "$boot_id" "$detached_by" "$manager" "$(count_lines "$folder/packages")"
        return 0
    fi
    rm -f "$folder/owner.$$"
    return 1
}

# take_machine: makes this process the one that has the machine; 1 where a living one has it.
# A record of a dead process is never taken over, but followed by the next number. Whoever was too slow, and made a number
# that had been removed, sees a higher one: numbers below the highest are removed, the highest never is.
take_machine() {
    take_tries=0
    while [ "$take_tries" -lt 20 ]; do
        take_tries=$((take_tries + 1))
        find_active
        [ -z "$active_id" ] || return 1
        my_number=$((active_number + 1))
        ln "$folder/owner.$$" "$jobs/active.$my_number" 2>/dev/null || continue
        find_active
        if [ "$active_number" = "$my_number" ]; then
            remove_older_records
            return 0
        fi
        rm -f "$jobs/active.$my_number"
    done
    return 1
}

remove_older_records() {
    for active_file in "$jobs"/active.*; do
        [ "${active_file##*.}" -lt "$my_number" ] 2>/dev/null && rm -f "$active_file"
    done
}

# event WORD FIELDS...: one line of the journal, written at once.
event() {
    read_uptime
    event_line=$uptime_said
    for event_field in "$@"; do
        event_line="$event_line	$event_field"
    done
    if ! printf '%s\n' "$event_line" >>"$folder/journal"; then
        rm -f "$folder/ballast"
        printf '\n%s\n' "$event_line" >>"$folder/journal"
    fi
}

# note WORDS...: what whoever reads the report should know; one line.
note() {
    event note "$(printf '%s' "$*" | tr '\n\t' '  ')"
}

has_function() {
    command -v "$1_$manager" >/dev/null 2>&1
}

list_conffiles() {
    if [ "$kind" = install ] && has_function conffiles; then
        "conffiles_$manager" 2>/dev/null | sort -u
    fi
}

report_conffiles() {
    list_conffiles >"$folder/conffiles.after"
    if [ -s "$folder/conffiles.before" ]; then
        grep -Fxv -f "$folder/conffiles.before" "$folder/conffiles.after" >"$folder/conffiles"
    else
        cp "$folder/conffiles.after" "$folder/conffiles"
    fi
    rm -f "$folder/conffiles.before" "$folder/conffiles.after"
}

# finish STATUS: 0 all done, 1 some not, 2 refused. Written aside and renamed, as the very last act.
finish() {
    rm -f "$folder/ballast" "$folder/worker" "$folder/part" "$folder"/list.*
    event over "$1"
    printf '%s\n' "$1" >"$folder/exit.aside"
    mv -f "$folder/exit.aside" "$folder/exit"
    exit 0
}
