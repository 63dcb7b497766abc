# shellcheck shell=sh
# How the probe speaks: every answer stands between marker lines, on standard output and on standard error alike.
# Written for dash and busybox. Python puts `marker`, `become`, `sudo_password` and `refresh` in front of this file.

LC_ALL=C LANG=C TERM=dumb DEBIAN_FRONTEND=noninteractive
PATH=${PATH:-/usr/bin:/bin}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL LANG TERM DEBIAN_FRONTEND PATH
unset LANGUAGE CDPATH POSIXLY_CORRECT

say() {
    # shellcheck disable=SC2154
    printf '\n%s %s\n' "$marker" "$*"
    printf '\n%s %s\n' "$marker" "$*" >&2
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

has_timeout=no
if timeout -k 5 5 true >/dev/null 2>&1; then
    has_timeout=yes
fi

# first_line FILE: its first line, read without a process.
first_line() {
    if [ -r "$1" ]; then
        IFS= read -r line_read <"$1" || :
        printf '%s' "$line_read"
    fi
}

# fact NAME VALUE: one line, whatever the value.
fact() {
    case $2 in
        *'
'*) printf '%s=%s\n' "$1" "$(printf '%s' "$2" | tr '\n' ' ')" ;;
        *) printf '%s=%s\n' "$1" "$2" ;;
    esac
}
