# shellcheck shell=sh
# Installs by dnf 4, dnf5 or yum 3. Each package is named by its whole version, so nothing newer comes by the way.

# dnf may be a name of dnf5, and yum one of either; yum 3 is the manager where it is there. The paths are sudoers'.
find_job_dnf() {
    dnf_tool='' dnf_program=''
    for dnf_name in yum dnf dnf5 microdnf; do
        dnf_found=$(command -v "$dnf_name" 2>/dev/null) || continue
        case $(readlink -f "$dnf_found" 2>/dev/null) in
            */dnf5*) dnf_tool=dnf5 ;;
            */microdnf*) dnf_tool=microdnf ;;
            */dnf*) dnf_tool=dnf ;;
            *) dnf_tool=yum ;;
        esac
        dnf_program=/usr/bin/$dnf_tool
        return 0
    done
    return 1
}

prepare_dnf() {
    find_job_dnf || {
        note 'neither dnf nor yum is there'
        return 1
    }
    if [ "$dnf_tool" = microdnf ]; then
        note 'microdnf alone cannot say what is missing, so nothing is installed by it: install dnf'
        return 1
    fi
    if [ -e /run/ostree-booted ]; then
        note 'the system is an image: rpm-ostree or bootc change it, dnf cannot'
        return 1
    fi
    # Not of a package: the database itself is opened and read.
    if ! dnf_said=$(limited 60 rpm -qa --qf '' 2>&1); then
        note "rpm cannot read its database: $dnf_said"
        return 1
    fi
    for dnf_journal in /var/lib/yum/transaction-all.*; do
        [ -e "$dnf_journal" ] && note "yum left a transaction unfinished: $dnf_journal"
    done
    return 0
}

# make_dnf_specs: of lines of FILE, name-epoch:version-release.arch, which no other package and no other version answers to.
make_dnf_specs() {
    while IFS= read -r dnf_line || [ -n "$dnf_line" ]; do
        order_fields "$dnf_line"
        # shellcheck disable=SC2154
        case $name$arch$version in
            *[!A-Za-z0-9:._+~^-]* | -*) continue ;;
        esac
        case $version in *:*) ;; *) version=0:$version ;; esac
        printf '%s-%s%s\n' "$name" "$version" "${arch:+.$arch}"
    done
}

# list_dnf_siblings FILE: its lines, and those of the order with the same names: of two architectures of a package neither
# can be upgraded alone.
# shellcheck disable=SC2154
list_dnf_siblings() {
    while IFS= read -r dnf_line || [ -n "$dnf_line" ]; do
        order_fields "$dnf_line"
        printf '%s\n' "$dnf_line"
        while IFS= read -r dnf_other; do
            case $dnf_other in
                "$dnf_line") ;;
                "$name	"*) printf '%s\n' "$dnf_other" ;;
            esac
        done <"$folder/packages"
    done <"$1"
}

# run_dnf FILE OPTIONS...: what an administrator would have to agree to is not agreed to: from an address where there is no
# key none can be imported, and what an unknown key signed fails. (Without any address, dnf would print all settings of
# a repository where rpm has no keys at all, passwords among them.) `best` would let one package that cannot come stop all
# others. The lists are those of the assessment: nothing is fetched but packages. A lock is waited for by the job.
run_dnf() {
    dnf_file=$1
    shift
    [ -n "${dnf_tool-}" ] || find_job_dnf || return 127
    [ "$dnf_tool" = microdnf ] && return 1
    set -- -y --setopt=exit_on_lock=1 --setopt=timeout=30 '--setopt=*.gpgkey=file:///patchdeck-imports-no-keys' \
        '--setopt=*.metadata_expire=-1' "$@"
    case $dnf_tool in
        dnf) set -- "$@" --setopt=best=0 ;;
        # dnf5 would do nothing at all where one package is not to be had.
        dnf5) set -- "$@" --setopt=best=0 --setopt=skip_unavailable=1 --setopt=skip_broken=1 ;;
    esac
    # shellcheck disable=SC2154
    if [ "$dnf_tool" != yum ] && [ "$allow_removals" = yes ]; then
        set -- "$@" --allowerasing
    fi
    set -- "$@" upgrade
    # A name of a package holds neither blanks nor wildcards: make_dnf_specs lets none through.
    # shellcheck disable=SC2046
    set -- "$@" $(list_dnf_siblings "$dnf_file" | make_dnf_specs)
    manage "$dnf_program" "$@"
}

# is_dnf_allowed FILE: dnf has no option for what a transaction may do beside upgrading, so its plan is looked at. dnf5 and
# yum 3 are not asked: the plan that was frozen is all that speaks for them.
# shellcheck disable=SC2154
is_dnf_allowed() {
    if [ "$dnf_tool" != dnf ] || [ "$allow_new$allow_removals" = yesyes ]; then
        return 0
    fi
    dnf_said=$(list_dnf_siblings "$1" | make_dnf_specs | plan_dnf 2>/dev/null) || return 0
    dnf_strange=$(printf '%s\n' "$dnf_said" | list_unwanted_dnf)
    [ -z "$dnf_strange" ] && return 0
    note "not allowed, but needed by this transaction:$(printf '%s' "$dnf_strange" | tr '\n' ' ')"
    return 1
}

# list_unwanted_dnf: of the rows of a plan, what comes in new (+) and goes (-) where that is not allowed. A new version of
# what stays beside older ones (a kernel) is no new package, and the oldest of them that goes for it no removal.
list_unwanted_dnf() {
    dnf_coming=' ' dnf_going=''
    while IFS='	' read -r dnf_row dnf_action dnf_name _; do
        case $dnf_row/$dnf_action in
            plan/Install | plan/Obsolete)
                dnf_coming="$dnf_coming$dnf_name "
                if [ "$allow_new" = no ] && ! limited 20 rpm -q --quiet "$dnf_name" >/dev/null 2>&1; then
                    echo " +$dnf_name"
                fi
                ;;
            plan/Obsoleted | plan/Removed | plan/Erase) dnf_going="$dnf_going $dnf_name" ;;
        esac
    done
    [ "$allow_removals" = no ] || return 0
    for dnf_name in $dnf_going; do
        case $dnf_coming in
            *" $dnf_name "*) ;;
            *) echo " -$dnf_name" ;;
        esac
    done
}

# A successful transaction of dnf removes all that was ever downloaded, also what later ones of this job need: what is
# not kept by the machine's own wish is removed here, package by package, once it is installed.
install_dnf() {
    [ -n "${dnf_tool-}" ] || find_job_dnf || return 127
    is_dnf_allowed "$1" || return 1
    # shellcheck disable=SC2154
    if [ "$is_root" = yes ] && [ "$dnf_tool" != yum ]; then
        run_dnf "$1" --setopt=keepcache=1
        dnf_status=$?
        drop_installed_files
        return "$dnf_status"
    fi
    run_dnf "$1"
}

download_dnf() {
    run_dnf "$1" --downloadonly
}

# dnf_setting NAME: what the machine's own settings say of it; the last one counts.
dnf_setting() {
    sed -n "s/^$1[[:blank:]]*=[[:blank:]]*//p" /etc/dnf/dnf.conf 2>/dev/null | tail -n 1
}

drop_installed_files() {
    case $(dnf_setting keepcache) in 1 | [Tt]rue | [Yy]es) return 0 ;; esac
    dnf_cache=$(dnf_setting cachedir)
    if [ -z "$dnf_cache" ]; then
        dnf_cache=/var/cache/dnf
        [ "$dnf_tool" = dnf5 ] && dnf_cache=/var/cache/libdnf5
    fi
    for dnf_package in "$dnf_cache"/*/packages/*.rpm; do
        [ -f "$dnf_package" ] || continue
        dnf_nevra=${dnf_package##*/}
        limited 20 rpm -q --quiet "${dnf_nevra%.rpm}" >/dev/null 2>&1 && rm -f "$dnf_package"
    done
    return 0
}

# 200 is exit_on_lock's: dnf.conf(5), yum.conf(5).
judge_dnf() {
    case $1 in
        0)
            note_scriptlets "$2"
            echo succeeded
            return
            ;;
        200)
            echo locked
            return
            ;;
    esac
    note_scriptlets "$2"
    if says 'patchdeck-imports-no-keys|gpg check failed|public key for .* is not installed|gpg key retrieval failed|failed to retrieve gpg key' "$2"; then
        note 'rpm does not know the key that a package or a list is signed with: look at it, then rpm --import it'
        echo failed
    elif says 'transaction lock on|obtain (rpm )?transaction lock|holding the yum lock|waiting for process with pid' "$2"; then
        echo locked
    elif says 'more space needed on|needs [0-9.]+ *[kmgtb]+ more space|needs [0-9]+ (more )?inodes|no space left on device' "$2"; then
        echo no-space
    elif says 'curl error|failed to download|error downloading packages|cannot download|no more mirrors to try|could ?n.t resolve host|cannot retrieve repository|\[errno (14|256|12)\]|connection (refused|timed out|reset)' "$2"; then
        echo network
    else
        echo failed
    fi
}

is_done_dnf() {
    is_done_rpm "$@"
}

# Process ids in files are dnf 4's and yum's; whoever works with rpm holds rpm's own lock.
lock_dnf() {
    for dnf_lock in /var/run/yum.pid /var/cache/dnf/metadata_lock.pid /var/cache/dnf/download_lock.pid \
        /var/lib/dnf/rpmdb_lock.pid; do
        read_line "$dnf_lock"
        # shellcheck disable=SC2154
        say_rpm_holder "$line_read" && return 0
    done
    find_rpm_lock
}

conffiles_dnf() {
    list_rpm_conffiles
}
