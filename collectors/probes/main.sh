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

main </dev/null
exit 0
