# shellcheck shell=sh
# What of a health gate does not hold on a machine: a command that must end with 0, ports that must accept a connection.
# Behind probes/frame.sh and frames.sh; gate_command prints the command.
# shellcheck disable=SC2154

look_at_gate() {
    gate_text=$(gate_command)
    if [ -n "$gate_text" ]; then
        gate_said=$(limited "$gate_seconds" sh -c "$gate_text" 2>&1 </dev/null)
        gate_status=$?
        frame command "$gate_status
$(printf '%s' "$gate_said" | tail -n 1 | head -c 400)"
    fi
    for port in $ports; do
        frame port "$port
$(look_at_port)"
    done
    frame end ''
}

# The kernel says where something listens; whether it accepts is tried with whatever tool is there.
look_at_port() {
    port_hex=$(printf '%04X' "$port")
    listens=$(grep -hoE "^ *[0-9]+: [0-9A-F]+:$port_hex [0-9A-F]+:0000 0A " /proc/net/tcp /proc/net/tcp6 2>/dev/null)
    if [ -r /proc/net/tcp ] && [ -z "$listens" ]; then
        echo 'nothing listens there'
        return
    fi
    for address in $(list_addresses); do
        accepts "$address" && return
    done
    echo 'it listens, but accepts no connection'
}

# Where to connect: of an address for all, this machine's own. The kernel prints addresses in its own order of bytes.
list_addresses() {
    machine=$(uname -m)
    printf '%s\n' "$listens" | while read -r _ local _; do
        local=${local%:*}
        case $local in
            00000000 | 00000000000000000000000000000000 | '') printf '127.0.0.1\n::1\n' ;;
            00000000000000000000000001000000 | 00000000000000000000000000000001) echo ::1 ;;
            ????????)
                rest=$local
                address=
                while [ -n "$rest" ]; do
                    number=$((0x${rest%"${rest#??}"}))
                    case $machine in
                        s390* | ppc | ppc64 | sparc64 | mips | mips64) address=$address${address:+.}$number ;;
                        *) address=$number${address:+.}$address ;;
                    esac
                    rest=${rest#??}
                done
                printf '%s\n' "$address"
                ;;
            *) echo unknown ;;
        esac
    done
}

# accepts ADDRESS: 0 as well where it cannot be tried; that it listens must do then.
accepts() {
    if [ "$1" = unknown ]; then
        return 0
    elif command -v bash >/dev/null 2>&1; then
        limited 5 bash -c ": <>/dev/tcp/$1/$port" >/dev/null 2>&1 </dev/null
    elif command -v nc >/dev/null 2>&1; then
        limited 5 nc -z -w 4 "$1" "$port" >/dev/null 2>&1 </dev/null
    elif command -v python3 >/dev/null 2>&1; then
        limited 5 python3 -c "import socket; socket.create_connection(('$1', $port), 4)" >/dev/null 2>&1 </dev/null
    fi
}
