# shellcheck shell=sh
# How requests answer: a header line (marker, kind, bytes), exactly so many bytes, a newline. A log may hold anything, our
# own marker too, and is never searched for it.
# shellcheck disable=SC2154

# frame KIND TEXT: what is not plain ASCII is left out, so that characters are bytes in every shell.
frame() {
    case $2 in
        *[!\ -~]*) frame_text=$(printf '%s' "$2" | tr -cd '\11\12\40-\176') ;;
        *) frame_text=$2 ;;
    esac
    printf '%s %s %s\n%s\n' "$marker" "$1" "${#frame_text}" "$frame_text"
}

# frame_part KIND FILE FROM LENGTH: bytes of a file that only grows.
frame_part() {
    printf '%s %s %s\n' "$marker" "$1" "$4"
    tail -c "+$(($3 + 1))" "$2" | head -c "$4"
    echo
}
