# shellcheck shell=sh
# Runs an administrator's script as the user who logged in, within its time, and leaves nothing behind. Behind
# probes/frame.sh and frames.sh; script_text and script_input print what came with the request.
# shellcheck disable=SC2154

run_script() {
    script_umask=$(umask)
    umask 077
    if ! script_folder=$(mktemp -d 2>&1); then
        frame refused "not-started
$script_folder"
        return
    fi
    trap 'rm -rf "$script_folder"' EXIT
    trap 'exit 143' HUP INT TERM
    script_text >"$script_folder/script"
    chmod 700 "$script_folder/script"
    script_input >"$script_folder/input"
    read_uptime_now
    script_began=$uptime_now
    start_script <"$script_folder/input" >"$script_folder/output" 2>&1
    script_status=$?
    read_uptime_now
    # What a script leaves running may still write there: only what is there now is the answer.
    head -c "$most_output" "$script_folder/output" >"$script_folder/answer"
    frame_part output "$script_folder/answer" 0 "$(($(wc -c <"$script_folder/answer")))"
    frame status "$script_status $((uptime_now - script_began))"
    frame end ''
}

read_uptime_now() {
    read_line /proc/uptime
    uptime_now=${line_read%%.*}
}

# By its own #! line, which is read here: where it lies may be mounted noexec. At most one argument, as the kernel has it.
start_script() {
    read_line "$script_folder/script"
    case $line_read in
        '#!'*) ;;
        *) line_read='#!/bin/sh' ;;
    esac
    interpreter=${line_read#'#!'}
    interpreter=${interpreter#"${interpreter%%[! 	]*}"}
    argument=
    case $interpreter in
        *[\ \	]*) argument=${interpreter#*[ 	]} interpreter=${interpreter%%[ 	]*} ;;
    esac
    argument=${argument#"${argument%%[! 	]*}"}
    if [ -n "$argument" ]; then
        set -- "$interpreter" "$argument" "$script_folder/script"
    else
        set -- "$interpreter" "$script_folder/script"
    fi
    (
        cd / && umask "$script_umask" && export_parameters && limited "$script_seconds" "$@"
    )
}
