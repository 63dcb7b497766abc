# shellcheck shell=sh
# How the probe speaks: every answer stands between marker lines, on standard output and on standard error alike.
# Written for dash and busybox. Python puts `marker`, `become`, `sudo_password` and `refresh` in front of this file.

LC_ALL=C LANG=C TERM=dumb DEBIAN_FRONTEND=noninteractive
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL LANG TERM DEBIAN_FRONTEND PATH
unset LANGUAGE CDPATH POSIXLY_CORRECT

# say WORDS...: a marker line. The end of a section is held back until the next marker, since every line that is
# printed on its own becomes a packet of its own; standard error only needs to know what begins.
said_end=
say() {
    if [ "$1" = end ]; then
        # shellcheck disable=SC2154
        said_end="
$marker $*
"
        return
    fi
    printf '%s\n%s %s\n' "$said_end" "$marker" "$*"
    printf '\n%s %s\n' "$marker" "$*" >&2
    said_end=
}

section() {
    say begin "$1"
    shift
    "$@"
    say end "$?"
}

# limited SECONDS COMMAND...: 124 or 137 when it took longer. Where there is no timeout, our deadline stops it.
limited() {
    limit_seconds=$1
    shift
    if [ "$has_timeout" = yes ]; then
        timeout -k 5 "$limit_seconds" "$@"
    else
        "$@"
    fi
}

# The clock is read by way of timeout, so that one process less tells whether it is there and knows -k.
has_timeout=yes
if ! began_at=$(timeout -k 5 5 date -u +%s 2>/dev/null </dev/null); then
    has_timeout=no
    # shellcheck disable=SC2034
    began_at=$(date -u +%s)
fi

# read_line FILE: sets `line_read` to its first line, without a process; empty where it cannot be read.
read_line() {
    line_read=
    if [ -r "$1" ]; then
        { IFS= read -r line_read || :; } 2>/dev/null <"$1"
    fi
    return 0
}

# first_line FILE: prints its first line.
first_line() {
    read_line "$1"
    printf '%s' "$line_read"
}

# fact NAME VALUE...: a line each, printed as one, whatever the values.
fact() {
    case $* in
        *'
'*) ;;
        *)
            printf '%s=%s\n' "$@"
            return
            ;;
    esac
    while [ "$#" -gt 1 ]; do
        printf '%s=%s\n' "$1" "$(printf '%s' "$2" | tr '\n' ' ')"
        shift 2
    done
}
