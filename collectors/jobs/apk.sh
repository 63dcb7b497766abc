# shellcheck shell=sh
# Installs by apk, of what its indexes hold: `fix --upgrade` names packages without writing them into the list of what
# the machine is asked to have (/etc/apk/world), as `add name=version` would.

# read_apk_names FILE: sets `apk_names`; 1 where an index holds another version than the one ordered, with a note.
read_apk_names() {
    apk_names='' apk_strange=''
    while IFS= read -r apk_line || [ -n "$apk_line" ]; do
        order_fields "$apk_line"
        # shellcheck disable=SC2154
        case $name$version in
            *[!A-Za-z0-9._+~:-]* | -*) continue ;;
        esac
        apk_names="$apk_names $name"
        is_apk_offered "$name" "$version" || apk_strange="$apk_strange $name-$version"
    done <"$1"
    [ -z "$apk_strange" ] && return 0
    echo "no index offers these any more:$apk_strange" >&2
    return 1
}

# Of a package, every version that is known is a line of its own below the first: "  1.36.1-r15:".
is_apk_offered() {
    limited 60 apk policy "$1" 2>/dev/null | grep -q -x -F "  $2:"
}

# No index is fetched but where the machine has no cache of them: apk reads it over the network then.
install_apk() {
    run_apk "$1" fix --upgrade
}

# What is fetched here stays only where the machine has a cache (/etc/apk/cache); elsewhere apk drops it again.
download_apk() {
    if [ ! -d /etc/apk/cache/ ]; then
        note 'this machine has no cache of packages (setup-apkcache): nothing can be fetched before'
        return 1
    fi
    run_apk "$1" cache --upgrade download
}

run_apk() {
    if ! read_apk_names "$1"; then
        note "no index offers these any more:$apk_strange"
        return 1
    fi
    shift
    # shellcheck disable=SC2086
    manage /sbin/apk --no-progress --wait 1 "$@" $apk_names
}

judge_apk() {
    if [ "$1" = 0 ]; then
        echo succeeded
    elif says_apk 'unable to lock database|failed to open apk database: temporary error' "$2"; then
        echo locked
    elif says_apk 'no space left on device' "$2"; then
        echo no-space
    elif says_apk 'temporary error \(try again later\)|network (error|is unreachable)|dns (lookup )?error|could not connect|connection (refused|reset|timed out)|unexpected end of file|operation timed out|remote server returned error' "$2"; then
        echo network
    else
        echo failed
    fi
}

says_apk() {
    grep -q -i -E -e "$1" "$2" 2>/dev/null
}

# Whether apk takes what is installed for that version or a newer one.
is_done_apk() {
    apk_installed=$(limited 60 apk info -e -v "$1" 2>/dev/null) || return 1
    apk_installed=${apk_installed##*"$1-"}
    [ "$apk_installed" = "$3" ] && return 0
    [ "$(limited 20 apk version --test "$apk_installed" "$3" 2>/dev/null)" = '>' ]
}

conffiles_apk() {
    limited 60 find /etc -xdev -name '*.apk-new' 2>/dev/null
    return 0
}

# apk locks its database for a simulation too, so that it is for root.
simulate_apk() {
    # shellcheck disable=SC2046
    section apk-policy limited 60 apk policy $(list_packages | cut -f 1)
    section apk-plan plan_apk
}

plan_apk() {
    # shellcheck disable=SC2046
    ask_root_for 120 /sbin/apk --no-progress --simulate fix --upgrade $(list_packages | cut -f 1)
}
