# shellcheck shell=sh
# What dnf 4, dnf5 or yum 3 would do for an order. Behind dnf.sh.
# shellcheck disable=SC2154

# What dnf 4 would do, by the Python that it runs in itself: as an ordinary user, from the system's cache, and by code that
# cannot install. Packages are marked by the very call that `dnf upgrade` makes for each of its arguments.
# shellcheck disable=SC2016
dnf_plan='
import copy, os, sys
import dnf, dnf.rpm
def say(*words):
    line = "\t".join(str("" if word is None else word).replace("\t", " ").replace("\n", " ") for word in words)
    sys.stdout.buffer.write(line.encode("utf-8", "replace") + b"\n")
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
for repo in base.repos.iter_enabled():
    repo._repo.setSyncStrategy(dnf.repo.SYNC_ONLY_CACHE)
    repo.skip_if_unavailable = True
if not os.path.isdir(conf.cachedir):
    say("unsolvable", "there is no repository metadata in the cache of the system")
    say("end")
    sys.exit(0)
base.fill_sack()
for spec in sys.stdin.read().split():
    try:
        base.upgrade(spec)
    except dnf.exceptions.Error as error:
        say("kept", spec, getattr(error, "value", None) or error)
try:
    base.resolve(allow_erasing=sys.argv[1] == "yes")
    for item in base.transaction:
        package = item.pkg
        cached = "no"
        if package.reponame != "@System" and os.path.exists(package.localPkg()):
            cached = "yes"
        say("plan", item.action_name, item.name, item.evr, item.arch, package.downloadsize, package.installsize, cached)
    goal = copy.deepcopy(base._goal)
    if not goal.run(allow_uninstall=False, force_best=True, ignore_weak=True):
        for rules in goal.problem_rules():
            say("problem", "; ".join(rules))
except dnf.exceptions.DepsolveError as error:
    say("unsolvable", error)
say("end")
'
# plan_dnf: of specs on standard input; 127 where dnf is no Python program.
plan_dnf() {
    # Its first line may have an argument: #!/usr/libexec/platform-python -s
    read_line "$(readlink -f "$dnf_program")"
    dnf_python=${line_read#'#!'}
    case $dnf_python in
        /*python*) ;;
        *) return 127 ;;
    esac
    # shellcheck disable=SC2086
    limited 120 $dnf_python -E -c "$dnf_plan" "$allow_removals"
}

# dnf5 and yum 3 solve for root only. The answer is no, against the setting of the machine too; were it yes, nothing
# but a test of the transaction would run.
table_dnf() {
    # shellcheck disable=SC2046
    set -- $(list_packages | make_dnf_specs)
    case $dnf_tool in
        dnf) set -- --setopt=best=0 upgrade "$@" ;;
        dnf5) set -- --setopt=best=0 --setopt=skip_unavailable=1 --setopt=skip_broken=1 upgrade "$@" ;;
        *) set -- upgrade "$@" ;;
    esac
    ask_root_for 120 "$dnf_program" --assumeno --setopt=assumeyes=0 --setopt=tsflags=test --setopt=exit_on_lock=1 \
        '--setopt=*.metadata_expire=-1' "$@"
}

simulate_dnf() {
    find_job_dnf || return 0
    section dnf-tool fact tool "$dnf_tool"
    dnf_status=127
    if [ "$dnf_tool" = dnf ]; then
        say begin dnf-plan
        list_packages | make_dnf_specs | plan_dnf
        dnf_status=$?
        say end "$dnf_status"
    fi
    case $dnf_status/$dnf_tool in
        0/* | */microdnf | 124/* | 137/*) ;;
        *) section dnf-table table_dnf ;;
    esac
}
