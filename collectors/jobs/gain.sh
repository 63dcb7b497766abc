# shellcheck shell=sh
# The first half of a request, as the user who logged in: finds the way to a shell of root, and has the second half run
# there. That comes over standard input, so neither it nor a password is ever an argument, a variable of the environment or
# a file. Nothing runs before all of this has come: the call is in the last line.
# needs_root: `yes` to begin a job, `no` to look at one, which a user may have of his own, `maybe` for what can do without.
# shellcheck disable=SC2154

run_request() {
    session_pid=$PPID
    user_id=$(id -u)
    way=none words='' root_program=
    find_way
    case $way:$needs_root in
        none:maybe) request_lines none | sh ;;
        none:*) frame refused "no-root
$words" ;;
    esac
    case $way in
        none) ;;
        sudo) request_lines root | sudo -n sh ;;
        doas) request_lines root | doas -n sh ;;
        sudo-password)
            # What sudo did not read of it is dropped before the shell begins, whatever that was.
            # shellcheck disable=SC2016
            {
                printf '%s\n%s\n' "$sudo_password" "$marker"
                request_lines root
            } | sudo -k -S -p '' sh -c 'while IFS= read -r line && [ "$line" != "$0" ]; do :; done; exec sh' "$marker"
            ;;
        *) request_lines "$way" | sh ;;
    esac
}

request_lines() {
    printf "root_way=%s session_pid=%s root_program='%s'\\n" "$1" "$session_pid" "$root_program"
    request_text
}

find_way() {
    if [ "$user_id" = 0 ]; then
        way=root
        return
    fi
    case $become in
        none) words='this user is not root, and sudo or doas is not set for this machine' ;;
        sudo) find_sudo ;;
        doas) find_doas ;;
    esac
}

# sudo is asked before it is tried, since it tells its administrator of each command that it refuses.
find_sudo() {
    if words=$(sudo -n -l sh 2>&1 >/dev/null </dev/null) && words=$(sudo -n sh -c : 2>&1 </dev/null); then
        way=sudo
    elif [ -n "$sudo_password" ] && is_printf_builtin; then
        # Once: a wrong one must not be tried twice.
        words=$(printf '%s\n' "$sudo_password" | sudo -k -S -p '' -l sh 2>&1 >/dev/null) && way=sudo-password
    elif [ "$needs_root" != yes ]; then
        way=limited-sudo
    else
        find_program sudo -n -l
    fi
}

# doas cannot be asked what it allows, but what it refuses it does not run.
find_doas() {
    if words=$(doas -n sh -c : 2>&1 </dev/null); then
        way=doas
    elif [ "$needs_root" != yes ]; then
        way=limited-doas
    else
        find_program doas -n -C /etc/doas.conf
    fi
}

# find_program ASK...: whether the package manager's program alone may be run, with whatever arguments.
find_program() {
    for program in $programs; do
        if [ -x "$program" ] && may_run "$@"; then
            way=limited-$become root_program=$program
            return
        fi
    done
}

may_run() {
    case $become in
        sudo) "$@" "$program" -y >/dev/null 2>&1 </dev/null ;;
        # doas -C needs a file that the user may read; it prints what would be done.
        doas) case $("$@" "$program" -y 2>/dev/null) in 'permit nopass'*) ;; *) return 1 ;; esac ;;
    esac
}

# In a shell whose printf is a program, the password would stand in the process list.
is_printf_builtin() {
    case $(type printf) in
        *builtin*) return 0 ;;
    esac
    words='printf is not a builtin of this shell: the password was not used'
    return 1
}
