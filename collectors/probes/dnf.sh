# shellcheck shell=sh
# What rpm and dnf, dnf5, microdnf or yum 3 say, from the system's own cache: nothing is downloaded but by a refresh.
# Only queries run here. `upgrade --assumeno` would be a plan too, but its refusal to install hangs on one option.

read_dnf() {
    find_dnf || return 0
    # A mere tool where packages are Debian's.
    case $(find_databases) in
        *rpm-database*) ;;
        *dpkg-database*) return 0 ;;
    esac
    user_caches=$(echo /var/tmp/dnf-* /var/tmp/yum-*)
    section dnf-tool fact tool "$dnf_tool"
    read_refresh dnf
    read_patching dnf /usr/bin/dnf5 /usr/bin/dnf /usr/bin/yum
    section dnf-installed limited 60 rpm -qa --qf '%{NAME}\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\n'
    dnf_status=1
    [ "$dnf_tool" = dnf ] && section dnf-answer ask_python
    # What hangs once would hang again.
    case $dnf_status/$dnf_tool in
        0/* | 124/* | 137/* | */microdnf) ;;
        *) ask_commands ;;
    esac
    section dnf-settings read_dnf_settings
    section dnf-locks read_dnf_locks
    section dnf-notices read_dnf_notices
    drop_user_caches
}

# dnf and yum make a folder for the log of every user but root, whatever they are asked. Those of before stay.
drop_user_caches() {
    # shellcheck disable=SC2154
    [ "$root_way" = root ] && return 0
    for user_cache in /var/tmp/dnf-* /var/tmp/yum-*; do
        case " $user_caches " in
            *" $user_cache "*) ;;
            *) rm -rf "$user_cache" 2>/dev/null ;;
        esac
    done
}

# dnf may be a name of dnf5, and yum one of either; yum 3 is the manager where it is there, even beside a dnf of EPEL.
find_dnf() {
    dnf_tool='' dnf_program=''
    command -v rpm >/dev/null 2>&1 || return 1
    for dnf_name in yum dnf dnf5 microdnf; do
        dnf_program=$(command -v "$dnf_name" 2>/dev/null) || continue
        case $(readlink -f "$dnf_program" 2>/dev/null) in
            */dnf5*) dnf_tool=dnf5 ;;
            */microdnf*) dnf_tool=microdnf ;;
            */dnf*) dnf_tool=dnf ;;
            *) dnf_tool=yum ;;
        esac
        return 0
    done
    return 1
}

# Nothing is agreed to: -y, or assumeyes=1 of the machine, would accept the key of any repository that signs its
# metadata. And nothing waits: neither for a lock nor, more than a minute, for a server that does not answer.
refresh_dnf() {
    case $dnf_tool in
        dnf5) run_refresh 90 /usr/bin/dnf5 -q --assumeno --setopt=assumeyes=0 --setopt=exit_on_lock=1 --setopt=timeout=15 makecache --refresh ;;
        dnf) run_refresh 90 /usr/bin/dnf -q --assumeno --setopt=assumeyes=0 --setopt=exit_on_lock=1 --setopt=timeout=15 makecache --refresh ;;
        microdnf) run_refresh 90 /usr/bin/microdnf --assumeno makecache ;;
        *) run_refresh 90 /usr/bin/yum -q --assumeno --setopt=assumeyes=0 --setopt=exit_on_lock=1 --setopt=timeout=15 makecache ;;
    esac
}

# One process of the Python that dnf 4 itself runs in costs as much as one dnf command, solves without root, and has no
# code that could install. What it prints are rows, told apart by their first word.
# shellcheck disable=SC2016
dnf_questions='
import copy, os, sys
import dnf, dnf.rpm, hawkey
def say(*words):
    line = "\t".join(str("" if word is None else word).replace("\t", " ").replace("\n", " ") for word in words)
    sys.stdout.buffer.write(line.encode("utf-8", "replace") + b"\n")
def say_packages(kind, query):
    for p in query.upgrades().latest(1):
        say(kind, p.name, p.evr, p.arch, p.reponame, p.downloadsize, p.sourcerpm)
base = dnf.Base()
conf = base.conf
own_cache = conf.cachedir
conf.read()
conf.cacheonly, conf.exit_on_lock, conf.assumeyes, conf.best = True, True, False, False
if conf.cachedir == own_cache:
    conf.cachedir = conf.system_cachedir
conf.releasever = conf.releasever or dnf.rpm.detect_releasever(conf.installroot)
conf.substitutions.update_from_etc(conf.installroot, varsdir=conf.varsdir)
base.init_plugins(disabled_glob=["subscription-manager*", "product-id*", "show*leaves"])
base.pre_configure_plugins()
base.read_all_repos()
base.configure_plugins()
enabled = list(base.repos.iter_enabled())
say("releasever", conf.releasever)
for repo in enabled:
    say("enabled", repo.id, repo.name)
    repo._repo.setSyncStrategy(dnf.repo.SYNC_ONLY_CACHE)
    repo.skip_if_unavailable = True
if not os.path.isdir(conf.cachedir):
    say("end")
    sys.exit(0)
base.fill_sack()
for repo in (repo for repo in enabled if repo.enabled and repo.metadata):
    has = "yes" if repo._repo.getMetadataPath("updateinfo") else "no"
    say("repo", repo.id, repo._repo.getMaxTimestamp(), repo._repo.getTimestamp(), has)
sack = base.sack
every = sack.query(flags=hawkey.IGNORE_EXCLUDES)
say_packages("pkg", every)
say_packages("vis", sack.query())
try:
    hint = sys.modules["dnf.plugin.dynamic.needs_restarting"]
    names = list(hint.NEED_REBOOT)
    names += hint.get_options_from_dir(os.path.join(conf.installroot, "etc/dnf/plugins/needs-restarting.d/"), base)
    booted_at = hint.ProcessStart().boot_time
    core = sack.query().installed().filter(name=names)
    say("reboot", " ".join(sorted(set(p.name for p in core if p.installtime > booted_at))))
except Exception as error:
    say("no-reboot-hint", type(error).__name__, error)
told = set()
for fix in every.installed().latest(1).get_advisory_pkgs(hawkey.GT):
    a = fix.get_advisory(sack)
    if a.id not in told:
        told.add(a.id)
        refs = a.references
        cves = sorted(set(r.id for r in refs if r.type == hawkey.REFERENCE_CVE))
        own = [r.url for r in refs if r.url and r.type not in (hawkey.REFERENCE_CVE, hawkey.REFERENCE_BUGZILLA)]
        kind = {1: "security", 2: "bugfix", 3: "enhancement", 4: "newpackage"}.get(a.type, "unknown")
        say("adv", a.id, kind, a.severity, a.updated, " ".join(own[:3]), " ".join(cves))
    say("fix", a.id, fix.name, fix.evr, fix.arch)
try:
    base.upgrade_all()
    base.resolve()
    for item in base.transaction:
        if item.action_name != "Upgraded":
            say("plan", item.action_name, item.name, item.evr, item.arch, item.from_repo)
    say("solved")
    goal = copy.deepcopy(base._goal)
    if not goal.run(allow_uninstall=False, force_best=True, ignore_weak=True):
        for rules in goal.problem_rules():
            say("problem", "; ".join(rules))
except dnf.exceptions.DepsolveError as error:
    say("unsolvable", error)
except Exception as error:
    say("unexplained", error)
say("end")
'
ask_python() {
    # Its first line may have an argument: #!/usr/libexec/platform-python -s
    dnf_python=$(first_line "$(readlink -f "$dnf_program")")
    dnf_python=${dnf_python#'#!'}
    case $dnf_python in
        /*python*) ;;
        *) return 127 ;;
    esac
    # shellcheck disable=SC2086
    limited 120 $dnf_python -E -c "$dnf_questions"
    dnf_status=$?
    return "$dnf_status"
}

# What the commands say where there is no such Python: dnf5, yum 3, and a dnf 4 whose Python could not answer.
ask_commands() {
    section dnf-release limited 20 rpm -q --qf '%{VERSION}\n' --whatprovides 'system-release(releasever)' system-release
    section dnf-enabled ask_enabled
    section dnf-metadata read_metadata
    section dnf-candidates ask_candidates
    section dnf-offered ask_offered
    section dnf-advisories ask_advisories
    if [ "$dnf_tool" = yum ]; then
        section dnf-cves ask_advisories cves
    else
        section dnf-cves ask_advisories --with-cve
    fi
    section dnf-reboot ask_needs_restarting
}

ask_dnf() {
    case $dnf_status in 124 | 137) return "$dnf_status" ;; esac
    limited 120 "$dnf_program" -q -C --setopt=exit_on_lock=1 "--setopt=*.skip_if_unavailable=1" "$@"
    dnf_status=$?
    return "$dnf_status"
}

ask_enabled() {
    case $dnf_tool in
        dnf5) ask_dnf repo list --enabled ;;
        *) ask_dnf repolist ;;
    esac
}

dnf_row='pkg\t%{name}\t%{epoch}:%{version}-%{release}\t%{arch}\t%{repoid}\t%{downloadsize}\t%{sourcerpm}\n'
ask_candidates() {
    case $dnf_tool in
        dnf5) ask_dnf --setopt=disable_excludes=* repoquery --upgrades --latest-limit=1 --qf "$dnf_row" ;;
        dnf) ask_dnf --disableexcludes=all repoquery --upgrades --latest-limit=1 --qf "$dnf_row" ;;
        *) ask_dnf --disableexcludes=all --disableplugin=versionlock check-update ;;
    esac
}

ask_offered() {
    case $dnf_tool in
        dnf5) ask_dnf check-upgrade ;;
        *) ask_dnf check-update ;;
    esac
}

ask_advisories() {
    case $dnf_tool in
        dnf5) ask_dnf --setopt=disable_excludes=* advisory list --available "$@" ;;
        dnf) ask_dnf --disableexcludes=all updateinfo list --available "$@" ;;
        *) ask_dnf --disableexcludes=all --disableplugin=versionlock updateinfo list available "$@" ;;
    esac
}

# The dates of each repomd.xml in the cache, by the folder that it is in. dnf touches the primary list whenever it finds
# it current, and leaves repomd.xml as it is; yum 3 has a cookie for that.
read_metadata() {
    for repomd in /var/cache/dnf/*/repodata/repomd.xml /var/cache/libdnf5/*/repodata/repomd.xml \
        /var/cache/yum/*/*/*/repomd.xml; do
        [ -r "$repomd" ] || continue
        metadata_folder=${repomd%/repomd.xml}
        has_advisories=no
        grep -q 'type="updateinfo' "$repomd" && has_advisories=yes
        made=$(sed -n 's,.*<timestamp>\([0-9]*\).*,\1,p' "$repomd" | sort -n | tail -n 1)
        fetched=$(stat -c %Y "$repomd" "$metadata_folder"/*primary* "$metadata_folder/cachecookie" 2>/dev/null |
            sort -n | tail -n 1)
        printf 'repo\t%s\t%s\t%s\t%s\n' "${metadata_folder%/repodata}" "$made" "$fetched" "$has_advisories"
    done
    return 0
}

# Lines of what is excluded and locked, and nothing else: addresses of repositories may hold passwords.
read_dnf_settings() {
    set --
    for settings_file in /etc/yum.conf /etc/dnf/dnf.conf /etc/dnf/libdnf5.conf.d/*.conf /etc/yum.repos.d/*.repo \
        /etc/dnf/repos.override.d/*.repo; do
        if [ -e "$settings_file" ] && [ ! -r "$settings_file" ]; then
            printf 'unreadable\t%s\n' "$settings_file"
        elif [ -f "$settings_file" ]; then
            set -- "$@" "$settings_file"
        fi
    done
    [ "$#" = 0 ] || keep_excludes "$@"
    for lock_file in /etc/dnf/plugins/versionlock.list /etc/yum/pluginconf.d/versionlock.list /etc/dnf/versionlock.toml; do
        [ -r "$lock_file" ] || continue
        while IFS= read -r lock_line || [ -n "$lock_line" ]; do
            case $lock_line in
                '' | '#'*) ;;
                *) printf 'lock\t%s\t%s\n' "$lock_file" "$lock_line" ;;
            esac
        done <"$lock_file"
    done
    for consumer in /etc/pki/consumer/cert.pem /etc/pki/rhui/product /etc/pki/rhui/content.crt; do
        # Where the folder is closed to this user, nothing speaks against a subscription.
        if [ -e "$consumer" ] || { [ -d "${consumer%/*}" ] && [ ! -x "${consumer%/*}" ]; }; then
            printf 'consumer\t%s\n' "$consumer"
        fi
    done
    [ -e /usr/sbin/subscription-manager ] && printf 'subscription-manager\n'
    return 0
}

keep_excludes() {
    command -v awk >/dev/null 2>&1 || return 0
    awk '
        FNR == 1 { keeps = 0; part = "" }
        /^\[/ { part = substr($0, 2, index($0, "]") - 2); keeps = 0; next }
        /^[[:blank:]]+[^[:blank:]]/ { if (keeps) print keeps "\t" FILENAME "\t" part "\t" $0; next }
        { keeps = 0 }
        /^(exclude|excludepkgs|includepkgs)[[:blank:]]*=/ {
            keeps = substr($0, 1, match($0, /[[:blank:]]*=/) - 1)
            print keeps "\t" FILENAME "\t" part "\t" substr($0, index($0, "=") + 1)
        }
    ' "$@"
}

# A process id in a file, or a lock that /proc/locks shows. Those who only read rpm hold no write lock.
read_dnf_locks() {
    for lock_file in /var/run/yum.pid /var/cache/dnf/metadata_lock.pid /var/cache/dnf/download_lock.pid \
        /var/lib/dnf/rpmdb_lock.pid; do
        lock_pid=$(first_line "$lock_file")
        # One that was killed just now is still there, but has no command any more.
        read_line "/proc/$lock_pid/cmdline"
        [ -n "$lock_pid" ] && [ -n "$line_read" ] && say_holder
    done
    for lock_file in /var/lib/rpm/.rpm.lock /usr/lib/sysimage/rpm/.rpm.lock; do
        lock_inode=$(stat -c %i "$lock_file" 2>/dev/null) || continue
        while read -r _ _ _ lock_mode lock_pid lock_id _; do
            [ "$lock_mode" = WRITE ] && [ "${lock_id##*:}" = "$lock_inode" ] && say_holder
        done </proc/locks
    done
    for journal in /var/lib/yum/transaction-all.*; do
        [ -e "$journal" ] && printf 'unfinished|%s|\n' "$journal"
    done
    return 0
}

say_holder() {
    printf '%s|%s|%s\n' "$lock_pid" "$lock_file" "$(first_line "/proc/$lock_pid/comm")"
}

# Amazon Linux 2023 offers nothing newer than the release it is locked to, and says so in its greeting.
read_dnf_notices() {
    for notice_file in /var/lib/update-motd/motd /run/motd /etc/motd /run/motd.d/* /etc/motd.d/*; do
        [ -f "$notice_file" ] && grep -h -A 1 'A newer release of' "$notice_file" 2>/dev/null | head -n 4
    done
    return 0
}

ask_needs_restarting() {
    case $dnf_tool in
        yum)
            command -v needs-restarting >/dev/null 2>&1 || return 127
            limited 60 needs-restarting -r
            ;;
        *) limited 60 "$dnf_program" -q -C needs-restarting -r ;;
    esac
}
