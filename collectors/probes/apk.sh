# shellcheck shell=sh
# What apk says, from the indexes that the machine has: no root, no lock, nothing fetched. `apk upgrade --simulate` is
# not asked: it locks the database, so it needs root, and it fetches indexes by itself.

read_apk() {
    if ! command -v apk >/dev/null 2>&1; then
        return 0
    fi
    read_refresh apk
    read_patching apk /sbin/apk
    section apk-installed limited 60 apk list --installed
    say begin apk-updates
    apk_updates=$(limited 60 apk list --upgradable)
    apk_status=$?
    printf '%s\n' "$apk_updates"
    say end "$apk_status"
    section apk-policy read_apk_policy
    section apk-repositories read_apk_repositories
    section apk-indexes read_apk_indexes
    section apk-world read_apk_world
    section apk-kernel read_apk_kernel
}

refresh_apk() {
    run_refresh 90 /sbin/apk update
}

# Without a package, apk would speak of all of them. An address may hold a password.
read_apk_policy() {
    apk_names=$(printf '%s\n' "$apk_updates" | sed -n 's/^\([^ ]*\)-[0-9][^- ]*\(-r[0-9]*\)\{0,1\} .*\[upgradable .*/\1/p')
    [ -n "$apk_names" ] || return 0
    # shellcheck disable=SC2086
    limited 60 apk policy $apk_names | hide_passwords
}

hide_passwords() {
    sed 's,://[^/@ ]*@,://,'
}

read_apk_repositories() {
    for repositories in /etc/apk/repositories /etc/apk/repositories.d/*.list; do
        [ -e "$repositories" ] || continue
        if [ -r "$repositories" ]; then
            sed -e '/^[[:blank:]]*#/d' -e '/^[[:blank:]]*$/d' "$repositories" | hide_passwords
        else
            printf 'unreadable %s\n' "$repositories"
        fi
    done
}

# apk dates an index as the server does; its change time is when it was put or looked at here.
read_apk_indexes() {
    apk_cache=/var/cache/apk
    [ -d /etc/apk/cache/ ] && apk_cache=/etc/apk/cache
    for index in "$apk_cache"/APKINDEX.*.tar.gz; do
        [ -s "$index" ] && printf '%s %s\n' "${index##*/}" "$(stat -c '%Y %Z' "$index")"
    done
    return 0
}

read_apk_world() {
    [ -r /etc/apk/world ] || return 1
    cat /etc/apk/world
}

# apk removes the running kernel's modules when it replaces it.
read_apk_kernel() {
    running=$(uname -r)
    if [ -d "/lib/modules/$running/kernel" ]; then
        fact modules there
    else
        fact modules gone
    fi
    for modules in /lib/modules/*/kernel; do
        [ -d "$modules" ] || continue
        modules=${modules%/kernel}
        fact kernel "${modules##*/}"
    done
    fact running "$running"
}
