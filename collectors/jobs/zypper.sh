# shellcheck shell=sh
# Installs by zypper, package by package at its version: never `patch`, which takes whatever else its patches name, nor
# what a human would have to agree to. Behind rpm.sh.

prepare_zypper() {
    if is_zypper_snapshot; then
        note 'the root file system is read-only: transactional-update installs into a new snapshot, zypper cannot'
        return 1
    fi
    if [ -e /run/ostree-booted ]; then
        note 'the system is an image: zypper cannot change it'
        return 1
    fi
    if ! zypper_said=$(limited 60 rpm -qa --qf '' 2>&1); then
        note "rpm cannot read its database: $zypper_said"
        return 1
    fi
}

# is_zypper_snapshot: whether what is installed has to come into another snapshot than the one that runs.
is_zypper_snapshot() {
    command -v transactional-update >/dev/null 2>&1 || return 1
    while read -r _ zypper_mount _ zypper_options _; do
        [ "$zypper_mount" = / ] && zypper_root_options=$zypper_options
    done </proc/self/mounts
    case ,${zypper_root_options-}, in
        *,ro,*) return 0 ;;
    esac
    return 1
}

# make_zypper_specs: of lines of FILE, name.arch=version.
make_zypper_specs() {
    while IFS= read -r zypper_line || [ -n "$zypper_line" ]; do
        order_fields "$zypper_line"
        # shellcheck disable=SC2154
        case $name$arch$version in
            *[!A-Za-z0-9:._+~^-]* | -*) continue ;;
        esac
        printf '%s%s=%s\n' "$name" "${arch:+.$arch}" "$version"
    done
}

# zypper_words OPTIONS...: sets `zypper_options` to what an installation and its simulation have in common. Unknown keys,
# licences and solutions that break something are refused, as zypper's own answers are where nobody is asked.
zypper_words() {
    zypper_options=--no-recommends
    # shellcheck disable=SC2154
    if [ "$allow_removals" = yes ]; then
        zypper_options="$zypper_options --force-resolution"
    else
        zypper_options="$zypper_options --no-force-resolution"
    fi
}

# run_zypper FILE OPTIONS...: the lists are those of the assessment; a lock is waited for by the job.
run_zypper() {
    zypper_file=$1
    shift
    zypper_words
    # A name of a package holds neither blanks nor wildcards: make_zypper_specs lets none through.
    # shellcheck disable=SC2046,SC2086
    manage /usr/bin/zypper --non-interactive --no-refresh install $zypper_options "$@" $(make_zypper_specs <"$zypper_file")
}

# All is fetched before anything is installed. Said beside --download-only, that word would install.
install_zypper() {
    is_zypper_allowed "$1" || return 4
    run_zypper "$1" --download in-advance
}

# is_zypper_allowed FILE: zypper has no option for what a transaction may do beside upgrading, so its plan is looked at.
# A new version of what stays beside older ones (a kernel) is no new package.
# shellcheck disable=SC2154
is_zypper_allowed() {
    [ "$allow_new$allow_removals" != yesyes ] || return 0
    # shellcheck disable=SC2046
    zypper_said=$(plan_zypper $(make_zypper_specs <"$1") 2>/dev/null) || return 0
    zypper_strange=$(printf '%s\n' "$zypper_said" | list_unwanted_zypper)
    [ -z "$zypper_strange" ] && return 0
    note "not allowed, but needed by this transaction:$(printf '%s' "$zypper_strange" | tr '\n' ' ')"
    return 1
}

# list_unwanted_zypper: of the summary of a plan, what comes in new (+) and goes (-) where that is not allowed.
list_unwanted_zypper() {
    zypper_part=''
    while IFS= read -r zypper_line; do
        case $zypper_line in
            '<to-'*) zypper_part=${zypper_line#<to-} ;;
            '<solvable type="package" name="'*)
                zypper_name=${zypper_line#'<solvable type="package" name="'}
                zypper_name=${zypper_name%%'"'*}
                case $zypper_part:$allow_removals:$allow_new in
                    'remove>:no:'*) echo " -$zypper_name" ;;
                    'install>:'*':no')
                        limited 20 rpm -q --quiet "$zypper_name" >/dev/null 2>&1 || echo " +$zypper_name"
                        ;;
                esac
                ;;
        esac
    done
}

download_zypper() {
    run_zypper "$1" --download-only
}

# zypper(8), EXIT CODES: 102 wants a reboot, 103 zypper anew, 106 left a repository out, 107 is about a script.
judge_zypper() {
    note_scriptlets "$2"
    case $1 in
        0 | 100 | 101 | 102 | 103 | 106 | 107)
            echo succeeded
            return
            ;;
        7)
            echo locked
            return
            ;;
    esac
    if says 'system management is locked|transaction lock on' "$2"; then
        echo locked
    elif says 'needs [0-9.]+ *[kmgtb]+ more space|needs [0-9]+ (more )?inodes|no space left on device|not enough (free )?(disk )?space' "$2"; then
        echo no-space
    elif says 'download \(curl\) error|not found on medium|connection (failed|refused|timed out|reset)|could ?n.t resolve host|timeout exceeded|can.t provide (file|package)|valid metadata not found|problem retrieving' "$2"; then
        echo network
    else
        echo failed
    fi
}

is_done_zypper() {
    is_done_rpm "$@"
}

# Programs that only read name themselves in this file too, but go within a second.
lock_zypper() {
    for zypper_lock in /run/zypp.pid /var/run/zypp.pid; do
        read_line "$zypper_lock"
        # shellcheck disable=SC2154
        say_rpm_holder "$line_read" && return 0
    done
    find_rpm_lock
}

conffiles_zypper() {
    list_rpm_conffiles
}

# A dry run is for root only, and takes libzypp's lock unless it is told that it only reads. One package that zypper will
# not take refuses all of them: then each is asked for alone, and what remains together.
simulate_zypper() {
    if is_zypper_snapshot; then
        section zypper-snapshot fact snapshot yes
        return 0
    fi
    zypper_specs=$(list_packages | make_zypper_specs)
    section zypper-plan first_zypper_plan
    if [ "$zypper_status" = 4 ] || [ "$zypper_status" = 104 ]; then
        section zypper-refused part_zypper_specs
        # shellcheck disable=SC2086
        [ -z "$zypper_taken" ] || section zypper-rest plan_zypper $zypper_taken
    fi
}

first_zypper_plan() {
    # shellcheck disable=SC2086
    plan_zypper $zypper_specs
    zypper_status=$?
    return "$zypper_status"
}

plan_zypper() {
    zypper_words
    export ZYPP_READONLY_HACK=1
    # shellcheck disable=SC2086
    ask_root_for 120 /usr/bin/zypper --non-interactive --no-refresh --xmlout install --dry-run $zypper_options "$@"
}

explain_zypper_refusal() {
    case $zypper_said in
        *'remove lock to allow'*)
            echo 'a lock of zypper keeps it as it is'
            return
            ;;
    esac
    printf '%s\n' "$zypper_said" | sed -n -e 's/^<description>//p' -e 's/^<message type="error">//p' | head -n 1
}

# Sets `zypper_taken`, and prints what is not: the package, and zypper's first words of why. Of very many it is not asked.
part_zypper_specs() {
    zypper_taken='' zypper_asked=0
    for zypper_spec in $zypper_specs; do
        zypper_asked=$((zypper_asked + 1))
        if [ "$zypper_asked" -le 200 ]; then
            zypper_said=$(plan_zypper "$zypper_spec" 2>&1)
            case $? in
                4 | 104)
                    printf '%s\t%s\n' "$zypper_spec" "$(explain_zypper_refusal)"
                    continue
                    ;;
            esac
        fi
        zypper_taken="$zypper_taken $zypper_spec"
    done
    return 0
}
