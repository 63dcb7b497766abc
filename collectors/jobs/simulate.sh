# shellcheck shell=sh
# The last part of a simulation, as probes/main.sh is that of an assessment.
# shellcheck disable=SC2154

main() {
    say begin-answer
    "simulate_$manager"
    say end-answer "$(date -u +%s)"
}
