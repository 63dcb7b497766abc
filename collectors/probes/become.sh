# shellcheck shell=sh
# Root, where a command needs it: by being root, by sudo without a password, or by sudo with the one we were given.
# The password is a shell variable that is never exported; only the builtin printf and sudo's standard input see it.

root_way=none
if [ "$(id -u)" = 0 ]; then
    root_way=root
fi

read_become() {
    # shellcheck disable=SC2154
    if [ "$root_way" = none ] && [ "$become" = sudo ]; then
        section become find_root_way apt-get
    fi
}

# Asks sudo whether it would run apt-get; runs nothing as root.
find_root_way() {
    if ! command -v sudo >/dev/null 2>&1; then
        echo 'sudo: command not found' >&2
        return 127
    fi
    sudo_said=$(sudo -n -l "$1" update 2>&1 >/dev/null) && root_way=sudo && return 0
    # shellcheck disable=SC2154
    if [ -z "$sudo_password" ]; then
        printf '%s\n' "$sudo_said" >&2
        return 1
    fi
    is_printf_builtin || return 96
    printf '%s\n' "$sudo_password" | sudo -k -S -p '' -l "$1" update >/dev/null && root_way=sudo-password
}

# In a shell whose printf is a program, the password would stand in the process list.
is_printf_builtin() {
    case $(type printf) in
        *builtin*) return 0 ;;
    esac
    echo 'printf is not a builtin of this shell: the password was not used' >&2
    return 1
}

# -k makes sudo read the password even where it remembers one, so that it never reaches the command.
as_root() {
    case $root_way in
        root) "$@" ;;
        sudo) sudo -n "$@" ;;
        sudo-password) printf '%s\n' "$sudo_password" | sudo -k -S -p '' "$@" ;;
        *) return 97 ;;
    esac
}
