# shellcheck shell=sh
# Has a machine rebooted, in a way that outlives the connection. The second half of a request: behind probes/frame.sh and
# frames.sh.
# shellcheck disable=SC2154

request_reboot() {
    as=''
    for program in shutdown reboot; do
        program=$(command -v "$program") && break
    done
    # What one line allows is run by the path that the line has: doas compares it as it is typed.
    case $root_way in
        limited-*) as="${root_way#limited-} -n" program=$root_program ;;
    esac
    if [ -z "$program" ]; then
        frame refused "not-started
neither shutdown nor reboot is there"
    elif [ "$notice_minutes" -gt 0 ] && [ -d /run/systemd/system ] && [ "${program##*/}" = shutdown ]; then
        reboot_by_systemd
    else
        tell_users
        reboot_by_itself
    fi
    frame end ''
}

# systemd keeps the time and tells the users itself; an administrator sees it, and may stop it: shutdown -c.
reboot_by_systemd() {
    # shellcheck disable=SC2086
    if reboot_said=$($as "$program" -r "+$notice_minutes" "$message" 2>&1); then
        frame rebooting "$program -r +$notice_minutes"
    else
        frame refused "not-started
$reboot_said"
    fi
}

tell_users() {
    [ -n "$message" ] && command -v wall >/dev/null 2>&1 || return 0
    printf '%s\n' "$message" | limited 5 wall 2>/dev/null
}

# Some seconds later, so that the answer still gets out. shutdown of sysvinit waits in the foreground; busybox has none.
reboot_by_itself() {
    reboot_command=$program
    [ "${program##*/}" = reboot ] || reboot_command="$program -r now"
    wait_seconds=$((notice_minutes * 60 + 2))
    # shellcheck disable=SC2086
    if [ -d /run/systemd/system ] && [ -z "$as" ] &&
        systemd-run --quiet /bin/sh -c "sleep $wait_seconds; $reboot_command" >/dev/null 2>&1 </dev/null; then
        :
    elif command -v setsid >/dev/null 2>&1; then
        setsid sh -c "sleep $wait_seconds; $as $reboot_command" >/dev/null 2>&1 </dev/null &
    else
        nohup sh -c "sleep $wait_seconds; $as $reboot_command" >/dev/null 2>&1 </dev/null &
    fi
    frame rebooting "$reboot_command in $wait_seconds s"
}
