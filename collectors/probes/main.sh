# shellcheck shell=sh
# The last part: nothing runs before all of the script has come, so a connection that is cut on the way does nothing.

main() {
    say begin-answer
    read_linux
    # shellcheck disable=SC2154
    for manager in $managers; do
        "read_$manager"
    done
    say end-answer "$(date -u +%s)"
}

# Each line that is printed for itself would be a packet of its own, and packets are what the console's time goes to. So
# sed gathers them; it leaves at the last marker, whatever else still holds the other end of its pipe.
gather() {
    # shellcheck disable=SC2154
    last="/^$marker end-answer /q"
    { { main 2>&3 3>&- 4>&- | sed "$last" >&4 3>&- 4>&-; } 3>&1 | sed "$last" >&2 4>&-; } 4>&1
}

if command -v sed >/dev/null 2>&1; then
    gather </dev/null
else
    main </dev/null
fi
exit 0
