# shellcheck shell=sh
# Systems that are changed as a whole image: what is booted, what is staged, and what the last check found.

read_ostree() {
    if [ ! -e /run/ostree-booted ] && ! is_composefs_booted; then
        return 0
    fi
    read_refresh ostree
    if command -v rpm-ostree >/dev/null 2>&1; then
        section ostree-status limited 60 rpm-ostree status --json
    fi
    # bootc answers nobody but root.
    # shellcheck disable=SC2154
    if [ "$root_way" = root ] && command -v bootc >/dev/null 2>&1; then
        section ostree-bootc limited 60 bootc status --json
    fi
    section ostree-packages limited 60 \
        rpm -qa --qf '%{NAME}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\n'
}

is_composefs_booted() {
    read_line /proc/cmdline
    # shellcheck disable=SC2154
    case " $line_read" in
        *' composefs='*) return 0 ;;
    esac
    return 1
}

# Asks for a newer image and stages nothing.
refresh_ostree() {
    if command -v rpm-ostree >/dev/null 2>&1; then
        run_refresh 90 /usr/bin/rpm-ostree upgrade --check
    else
        run_refresh 90 /usr/bin/bootc upgrade --check
    fi
}
