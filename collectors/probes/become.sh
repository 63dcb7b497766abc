# shellcheck shell=sh
# Root, where a command needs it: by being root, by sudo without a password, by sudo with the one we were given, or by
# doas. The only command that an assessment needs root for is the one that fetches package lists.
# The password is a shell variable that is never exported; only the builtin printf and sudo's standard input see it.

root_way=none
user_id=$(id -u)
if [ "$user_id" = 0 ]; then
    root_way=root
fi
refresh_step=run
is_limit_allowed=no

# read_refresh NAME: for a manager's read function. `refresh_NAME` ends with run_refresh; it is called to ask for root by
# exactly its command, and once more to run it where a refresh was asked for.
read_refresh() {
    # shellcheck disable=SC2154
    if [ "$root_way" != root ] && [ "$become" != none ]; then
        section "become-$1" ask_root "refresh_$1"
    fi
    # shellcheck disable=SC2154
    if [ "$refresh" = yes ]; then
        section "$1-refresh" "refresh_$1"
    fi
}

# run_refresh SECONDS /PATH/TO/PROGRAM ARGUMENTS...: as root, 124 or 137 when it took longer. The very words stand in
# collectors/refresh_commands.py, from which the lines for sudoers are made: sudo compares them one by one.
run_refresh() {
    if [ "$refresh_step" = ask ]; then
        find_root_way "$@"
        return
    fi
    case $root_way in
        none)
            echo 'no root: package lists were not refreshed' >&2
            return 97
            ;;
        root)
            limited "$@"
            return
            ;;
    esac
    run_seconds=$1
    shift
    # A process of root cannot be stopped from outside: what limits it must be root as well.
    if [ "$is_limit_allowed" = yes ]; then
        set -- timeout -k 5 "$run_seconds" "$@"
    fi
    as_root "$@"
}

ask_root() {
    refresh_step=ask
    root_way=none
    is_limit_allowed=no
    "$1"
    ask_status=$?
    refresh_step=run
    fact way "$root_way"
    fact is_limited "$is_limit_allowed"
    return "$ask_status"
}

# read_patching NAME PROGRAMS...: for a manager's read function: whether a job would get root here, in the order in which
# collectors/jobs/gain.sh looks for it: for everything, or for one of the manager's programs alone.
read_patching() {
    if [ "$user_id" = 0 ] || [ "$become" = none ] || ! command -v "$become" >/dev/null 2>&1; then
        return 0
    fi
    way_of_refresh=$root_way
    section "patching-$1" ask_patching "$@"
    root_way=$way_of_refresh
}

ask_patching() {
    shift
    # A wrong password must not be tried twice.
    case $root_way:${sudo_said-} in
        none:*assword*) sudo_password= ;;
    esac
    root_way=none
    patching_way=none patching_reboot=no
    if ask_for_shell; then
        patching_way=$root_way patching_reboot=yes
    elif [ "$root_way" = unknown ]; then
        patching_way=unknown patching_reboot=unknown
    else
        may_run_one "$@" && patching_way=limited-$become
        may_run_one /usr/sbin/shutdown /sbin/shutdown /usr/sbin/reboot /sbin/reboot && patching_reboot=yes
    fi
    fact way "$patching_way"
    fact reboot "$patching_reboot"
}

# Sets `root_way`: to unknown where doas does not let this user read what it allows.
ask_for_shell() {
    if [ "$become" = sudo ]; then
        ask_sudo sh
        return
    fi
    case $(doas -n -C /etc/doas.conf sh 2>/dev/null) in
        'permit nopass'*) root_way=doas ;;
        permit* | deny*) return 1 ;;
        *)
            root_way=unknown
            return 1
            ;;
    esac
}

# may_run_one PROGRAMS...: whether one of those that are there may be run with an argument of our choice.
may_run_one() {
    for patching_program in "$@"; do
        [ -x "$patching_program" ] || continue
        case $become in
            sudo) sudo -n -l "$patching_program" -y >/dev/null 2>&1 && return 0 ;;
            doas)
                case $(doas -n -C /etc/doas.conf "$patching_program" -y 2>/dev/null) in
                    'permit nopass'*) return 0 ;;
                esac
                ;;
        esac
    done
    return 1
}

# Asks sudo whether it would run the command, at best with its limit; runs nothing as root. doas cannot be asked.
find_root_way() {
    if ! command -v "$become" >/dev/null 2>&1; then
        echo "$become: command not found" >&2
        return 127
    fi
    if [ "$become" = doas ]; then
        root_way=doas
        # shellcheck disable=SC2154
        is_limit_allowed=$has_timeout
        return 0
    fi
    if [ "$has_timeout" = yes ]; then
        ask_sudo timeout -k 5 "$@" && is_limit_allowed=yes && return 0
        # Whatever is about the password is true of every command, and a wrong one must not be tried twice.
        case $sudo_said in
            *assword*)
                printf '%s\n' "$sudo_said" >&2
                return 1
                ;;
        esac
    fi
    shift
    ask_sudo "$@" && return 0
    printf '%s\n' "$sudo_said" >&2
    return 1
}

# ask_sudo COMMAND...: sets `root_way`, or `sudo_said` where sudo refuses.
ask_sudo() {
    sudo_said=$(sudo -n -l "$@" 2>&1 >/dev/null) && root_way=sudo && return 0
    # shellcheck disable=SC2154
    if [ -z "$sudo_password" ] || ! is_printf_builtin; then
        return 1
    fi
    sudo_said=$(printf '%s\n' "$sudo_password" | sudo -k -S -p '' -l "$@" 2>&1 >/dev/null) && root_way=sudo-password
}

# In a shell whose printf is a program, the password would stand in the process list.
is_printf_builtin() {
    case $(type printf) in
        *builtin*) return 0 ;;
    esac
    sudo_said='printf is not a builtin of this shell: the password was not used'
    return 1
}

# -k makes sudo read the password even where it remembers one, so that it never reaches the command.
as_root() {
    case $root_way in
        root) "$@" ;;
        sudo) as_root_unasked "$@" ;;
        sudo-password) printf '%s\n' "$sudo_password" | sudo -k -S -p '' "$@" ;;
        doas) doas -n "$@" ;;
        *) return 97 ;;
    esac
}

# sudo lists without a password what it may run only with one, if any other command of the user needs none.
as_root_unasked() {
    { sudo_said=$(sudo -n "$@" 2>&1 >&3) && run_status=0 || run_status=$?; } 3>&1
    case $run_status:$sudo_said in
        1:*'a password is required'*)
            if [ -n "$sudo_password" ] && is_printf_builtin; then
                root_way=sudo-password
                as_root "$@"
                return
            fi
            ;;
    esac
    printf '%s\n' "$sudo_said" >&2
    return "$run_status"
}
