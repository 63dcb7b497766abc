# shellcheck shell=sh
# How a machine is now: before and after a reboot, and at a health gate. Behind probes/frame.sh and probes/linux.sh.
# shellcheck disable=SC2154

look() {
    say begin-answer
    section pulse read_pulse
    section reboot read_reboot
    section listening read_listening
    section users read_users
    section units read_units
    say end-answer "$(date -u +%s)"
}

read_pulse() {
    fact machine "$(uname -m)"
    for name_and_file in boot_id:/proc/sys/kernel/random/boot_id uptime:/proc/uptime kernel:/proc/sys/kernel/osrelease; do
        read_line "${name_and_file#*:}"
        fact "${name_and_file%%:*}" "$line_read"
    done
}

# The kernel's own tables; 0A is LISTEN. 97: they cannot be read.
read_listening() {
    [ -r /proc/net/tcp ] || return 97
    grep -hE '^ *[0-9]+: [0-9A-F]+:[0-9A-F]{4} [0-9A-F]+:0000 0A ' /proc/net/tcp /proc/net/tcp6 2>/dev/null
    return 0
}

read_users() {
    if command -v who >/dev/null 2>&1 && [ -e /var/run/utmp ]; then
        limited 5 who
    elif command -v loginctl >/dev/null 2>&1 && [ -d /run/systemd/system ]; then
        limited 5 loginctl list-users --no-legend --no-pager | while read -r _ user _; do
            printf '%s\n' "$user"
        done
    fi
}

# 97: there is no systemd, so nothing tells.
read_units() {
    [ -d /run/systemd/system ] && command -v systemctl >/dev/null 2>&1 || return 97
    limited 10 systemctl list-units --state=failed --no-legend --plain --no-pager
}
