# shellcheck shell=sh
# What a manager tells root alone, without changing anything: a simulation that needs its locks.

# ask_root_for SECONDS /PATH/TO/PROGRAM ARGUMENTS...: as `manage`, but the answer is on standard output. 97 without root.
ask_root_for() {
    case ${root_way:-none} in
        root) limited "$@" ;;
        none)
            echo 'this is for root only, and there is no way to become root' >&2
            return 97
            ;;
        *)
            shift
            case $root_way in
                limited-sudo | sudo) sudo -n "$@" ;;
                limited-doas | doas) doas -n "$@" ;;
                *) as_root "$@" ;;
            esac
            ;;
    esac </dev/null
}
