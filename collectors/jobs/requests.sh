# shellcheck shell=sh
# The second half of a request, where the job is: begins it, reports on it, asks it to stop, removes it.
# Behind the settings (orders.py), probes/frame.sh, frames.sh and places.sh.
# shellcheck disable=SC2154

# Sets where jobs are kept: root's own folder, or the user's, who may only run the package manager as root. 1 where what is
# there is not ours alone: whoever else could write there could have root run what they like, or show what they may not.
find_folder() {
    umask 077
    is_root=no
    case $root_way in
        root) jobs=/var/lib/patchdeck/jobs is_root=yes ;;
        *) jobs=${XDG_STATE_HOME:-$HOME/.local/state}/patchdeck/jobs ;;
    esac
    folder=$jobs/$job_id
    for own_folder in "${jobs%/*}" "$jobs" "$folder"; do
        is_own "$own_folder" && continue
        frame refused "not-started
$own_folder is a link, belongs to somebody else or can be written by others: look at it, and move it away"
        return 1
    done
}

# is_own FOLDER: also where there is none yet.
is_own() {
    [ ! -L "$1" ] || return 1
    [ -e "$1" ] || return 0
    [ -d "$1" ] && [ -O "$1" ] || return 1
    own_said=$(ls -ld "$1") || return 1
    case $own_said in
        ?????w* | ????????w*) return 1 ;;
    esac
}

request_start() {
    find_folder || return
    mkdir -p "$jobs" 2>/dev/null
    sweep
    look_at_job
    if [ "$job_state" = absent ]; then
        if ! start_words=$(write_job 2>&1); then
            rm -f "$folder/ballast" "$folder/packages.$$" "$folder/job.$$"
            frame refused "not-started
$start_words"
            return
        fi
        launch
        await_claim
    fi
    follow
}

request_follow() {
    find_folder || return
    follow
}

request_stop() {
    find_folder || return
    [ -e "$folder/claim" ] && : >"$folder/stop"
    follow
}

# Away at once and whole: a start at the same time sees the old folder or none.
request_forget() {
    find_folder || return
    look_at_job
    if [ "$job_state" != running ] && [ -d "$folder" ]; then
        mv "$folder" "$jobs/.forgotten.$$" && rm -rf "$jobs/.forgotten.$$"
    fi
    follow
}

# What ended long ago goes, should nobody have asked for it: a folder's own time is that of its exit record.
sweep() {
    find "$jobs" -mindepth 1 -maxdepth 1 -type d -mtime +14 2>/dev/null | while IFS= read -r old; do
        if [ "$old" != "$folder" ] && ! is_working "$old"; then
            rm -rf "$old"
        fi
    done
}

# Each file is written aside and renamed: a start that was cut leaves none that is half there.
write_job() {
    mkdir -p "$folder" || return
    for kept in log journal progress; do
        : >>"$folder/$kept" || return
    done
    # Given up when the disk is full, so that how the job ended can still be written down.
    head -c 65536 /dev/zero >"$folder/ballast" || return
    packages_text >"$folder/packages.$$" && mv -f "$folder/packages.$$" "$folder/packages" || return
    {
        printf "jobs='%s' folder='%s' root_way=%s is_root=%s\n" "$(quoted "$jobs")" "$(quoted "$folder")" "$root_way" "$is_root"
        job_text
    } >"$folder/job.$$" && mv -f "$folder/job.$$" "$folder/job"
}

quoted() {
    printf '%s' "$1" | sed "s/'/'\\\\''/g"
}

# By systemd where it runs, so that nothing of this session reaches the job; else in a session of its own. At a shutdown
# systemd waits for the transaction that runs.
launch() {
    if [ -d /run/systemd/system ] && [ "$root_way" = root ] && command -v systemd-run >/dev/null 2>&1; then
        # systemd before 236 does not know --collect.
        for collect in --collect ''; do
            # shellcheck disable=SC2086
            systemd-run --quiet $collect --unit="patchdeck-$job_id" -p KillMode=process -p TimeoutStopSec=600 \
                /bin/sh "$folder/job" systemd-run </dev/null >/dev/null 2>&1 && return
        done
    fi
    if command -v setsid >/dev/null 2>&1; then
        setsid sh "$folder/job" setsid </dev/null >/dev/null 2>&1 &
    else
        nohup sh "$folder/job" nohup </dev/null >/dev/null 2>&1 &
    fi
}

# Until the job has its claim, or another has the machine; a job that comes later than this is seen by the next look.
await_claim() {
    await_tries=100
    while [ "$await_tries" -gt 0 ] && [ ! -e "$folder/claim" ]; do
        find_active
        case $active_id in
            '' | "$job_id") ;;
            *) return ;;
        esac
        sleep 0.1 2>/dev/null || sleep 1
        await_tries=$((await_tries - 1))
    done
}

# look_at_job: sets `job_state` and `other_job`. The exit record is looked for again after the process was not found.
look_at_job() {
    job_state=absent other_job=
    if [ ! -e "$folder/claim" ]; then
        find_active
        if [ -n "$active_id" ] && [ "$active_id" != "$job_id" ]; then
            job_state=busy other_job=$active_id
        fi
    elif [ -e "$folder/exit" ]; then
        job_state=ended
    elif is_working "$folder"; then
        job_state=running
    elif [ -e "$folder/exit" ]; then
        job_state=ended
    else
        job_state=interrupted
    fi
}

# follow: a report now, and one whenever there is something new, until the job does not run or the time is over.
# Also ends when the session is gone, since a loop that prints nothing would not notice.
follow() {
    read_uptime
    follow_until=$((uptime_now + for_seconds)) beat_at=$((uptime_now + 60))
    sent_bytes=0 reported='' has_more=no journal_from=0 progress_from=0 has_session=no
    [ -d "/proc/$session_pid" ] && has_session=yes
    while :; do
        report
        [ "$sent_bytes" -lt "$most_bytes" ] || break
        [ "$has_more" = yes ] && continue
        [ "$job_state" = running ] || break
        [ "$uptime_now" -lt "$follow_until" ] || break
        [ "$has_session" = no ] || [ -d "/proc/$session_pid" ] || break
        if [ "$uptime_now" -ge "$beat_at" ]; then
            frame beat ''
            beat_at=$((uptime_now + 60))
        fi
        sleep 1
    done
    if [ "$job_state" != running ] && [ -s "$folder/conffiles" ]; then
        frame conffiles "$(head -c 65536 "$folder/conffiles")"
    fi
    frame end ''
}

# report: what is new since the last one, and then the state, which was looked at before: an end comes with its whole log
# or with `has_more`. Without `log_from` the log is not sent: whoever only begins or stops a job follows it afterwards.
report() {
    look_at_job
    read_uptime
    sizes=$(stat -c %s "$folder/journal" "$folder/log" "$folder/progress" 2>/dev/null) || sizes=$uptime_said
    if [ "$sizes$has_more" != "${sizes_before:-}no" ] || [ "$reported" != "$job_state" ]; then
        report_news
    fi
    sizes_before=$sizes reported=$job_state
}

report_news() {
    has_more=no
    send_new journal "$journal_from" && journal_from=$sent_to
    [ -n "$log_from" ] && send_new log "$log_from" && log_from=$sent_to
    send_progress
    began='' exit_status=''
    if [ "$job_state" != absent ] && [ "$job_state" != busy ]; then
        read_line "$folder/claim"
        began=$line_read
        read_line "$folder/exit"
        exit_status=$line_read
    fi
    frame state "state=$job_state
boot=$boot_id
uptime=$uptime_said
claim=$began
exit=$exit_status
other=$other_job
more=$has_more"
}

# send_new KIND FROM: what the file of that name has beyond FROM, up to what fits one report; 1 if that is nothing.
send_new() {
    sent_to=$(size_of "$folder/$1" 2>/dev/null) || return 1
    sent_length=$((sent_to - $2))
    [ "$sent_length" -gt 0 ] || return 1
    if [ "$sent_length" -gt 262144 ]; then
        sent_length=262144 has_more=yes
    fi
    sent_to=$(($2 + sent_length)) sent_bytes=$((sent_bytes + sent_length))
    frame_part "$1" "$folder/$1" "$2" "$sent_length"
}

# Only the last line of the manager's own status is of use.
send_progress() {
    progress_size=$(size_of "$folder/progress" 2>/dev/null) || return 0
    if [ "$progress_size" != "$progress_from" ]; then
        progress_from=$progress_size
        frame progress "$(tail -c 500 "$folder/progress" | tail -n 1)"
    fi
}
