# shellcheck shell=sh
# Systems that are images take no single update: rpm-ostree and bootc bring a whole one, for the next boot. Nothing here
# installs; whoever orders something is told so, and what to do.

prepare_ostree() {
    note "the system is an image and takes no single updates: run rpm-ostree upgrade or bootc upgrade on it, then reboot it"
    return 1
}

install_ostree() {
    return 1
}

download_ostree() {
    return 1
}

judge_ostree() {
    echo failed
}

is_done_ostree() {
    return 1
}

simulate_ostree() {
    ostree_tools=''
    for ostree_tool in rpm-ostree bootc; do
        command -v "$ostree_tool" >/dev/null 2>&1 && ostree_tools="$ostree_tools $ostree_tool"
    done
    section ostree-tools fact tools "$ostree_tools"
}
