# shellcheck shell=sh
# How a job goes over its packages: transactions of many first, failed ones again in smaller ones, down to single ones.
# shellcheck disable=SC2154,SC2034

# work: sets `job_status`. Each pass goes over what the one before left, with smaller transactions.
work() {
    number=0 attempt=1 left_because='' lock_waited=0
    forget_troubles
    keep_undone "$folder/packages" >"$folder/list.todo"
    size=$batch_size
    while [ -s "$folder/list.todo" ]; do
        lines=$(count_lines "$folder/list.todo")
        if [ "$size" -gt "$lines" ]; then
            size=$lines
        fi
        : >"$folder/list.failed"
        : >"$folder/list.left"
        most_attempts=$attempt
        pass_over "$folder/list.todo"
        if [ -s "$folder/list.left" ]; then
            # What failed together with others might have gone well alone; what failed alone has failed.
            [ "$size" = 1 ] || cat "$folder/list.failed" >>"$folder/list.left"
            event left "$left_because" "$(names_of "$folder/list.left")"
            job_status=1
            return
        fi
        mv -f "$folder/list.failed" "$folder/list.todo"
        if [ "$size" = 1 ]; then
            break
        fi
        size=$(((size + 9) / 10))
        attempt=$((most_attempts + 1))
    done
    if [ -s "$folder/list.todo" ]; then
        job_status=1
    fi
}

# Something went well: the network and the disk are worth further tries.
forget_troubles() {
    tries_used=1 pause_seconds=$first_pause_seconds without_space=0
}

# keep_undone FILE: prints those of its lines whose packages are not yet where they should be.
keep_undone() {
    while IFS= read -r order_line; do
        order_fields "$order_line"
        if [ "$kind" = install ] && "is_done_$manager" "$name" "$arch" "$version" </dev/null >/dev/null 2>&1; then
            continue
        fi
        printf '%s\n' "$order_line"
    done <"$1"
}

# pass_over FILE: in transactions of $size. What failed goes to list.failed, what could not be begun to list.left.
pass_over() {
    pass_line=1
    while [ "$pass_line" -le "$lines" ]; do
        sed -n "${pass_line},$((pass_line + size - 1))p" "$1" >"$folder/list.batch"
        pass_line=$((pass_line + size))
        # An earlier transaction may have brought some of these along.
        keep_undone "$folder/list.batch" >"$folder/list.undone"
        [ -s "$folder/list.undone" ] || continue
        mv -f "$folder/list.undone" "$folder/list.batch"
        if [ -z "$left_because" ]; then
            try_batch
        fi
        case $outcome:$left_because in
            *:?*) cat "$folder/list.batch" >>"$folder/list.left" ;;
            succeeded:) ;;
            *) cat "$folder/list.batch" >>"$folder/list.failed" ;;
        esac
    done
}

# try_batch: brings list.batch over, again after a lock or a network error, and leaves there what is not done. Pauses are
# not begun anew for every size: a package that can't be had would use up the window.
# Sets `outcome`, and `left_because` where nothing more can be begun.
try_batch() {
    outcome=
    try=0
    while may_start && wait_for_lock; do
        try=$((try + 1))
        run_batch "$((attempt + try - 1))"
        case $outcome in
            locked | network) ;;
            succeeded)
                forget_troubles
                break
                ;;
            *) break ;;
        esac
        [ "$tries_used" -lt "$tries" ] || break
        tries_used=$((tries_used + 1))
        note "$outcome: trying again in $pause_seconds s"
        pause "$pause_seconds"
        pause_seconds=$((pause_seconds * 3))
    done
    if [ "$most_attempts" -lt "$((attempt + try - 1))" ]; then
        most_attempts=$((attempt + try - 1))
    fi
    [ -z "$left_because" ] || return 0
    # Smaller ones would not help. Where one package does not fit, another may; three in a row are a full disk.
    case $outcome:$size in
        no-space:1) without_space=$((without_space + 1)) ;;
    esac
    case $outcome:$without_space in
        locked:* | no-space:3) left_because=$outcome ;;
        succeeded:*) ;;
        *) repair ;;
    esac
}

# run_batch ATTEMPT: one transaction; sets `outcome`.
run_batch() {
    number=$((number + 1))
    log_from=$(size_of "$folder/log")
    event batch "$number" "$1" "$log_from" "$(names_of "$folder/list.batch")"
    "${kind}_$manager" "$folder/list.batch"
    batch_status=$?
    log_to=$(size_of "$folder/log")
    tail -c "+$((log_from + 1))" "$folder/log" >"$folder/part"
    outcome=$("judge_$manager" "$batch_status" "$folder/part")
    if [ "$kind" = install ]; then
        keep_undone "$folder/list.batch" >"$folder/list.undone"
        if [ ! -s "$folder/list.undone" ]; then
            outcome=succeeded
        elif [ "$outcome" = succeeded ]; then
            outcome=failed
        fi
        mv -f "$folder/list.undone" "$folder/list.batch"
    fi
    event ended "$number" "$outcome" "$batch_status" "$log_to"
}

repair() {
    if [ "$kind" = install ] && has_function repair && ! has_hard_stopped; then
        "repair_$manager" || note "the package manager could not be brought back in order by itself"
    fi
}

# may_start: whether another transaction may begin; sets `left_because` where none may.
may_start() {
    read_uptime
    if [ -e "$folder/stop" ]; then
        left_because=cancelled
    elif has_hard_stopped || [ "$((uptime_now - began_at))" -ge "$start_within" ]; then
        left_because=not-started
    else
        return 0
    fi
    return 1
}

# pause SECONDS: less where the job is to stop.
pause() {
    read_uptime
    pause_until=$((uptime_now + $1))
    while [ "$uptime_now" -lt "$pause_until" ] && may_start; do
        sleep 1
        read_uptime
    done
}

# wait_for_lock: until nobody has the manager's lock, or the time for that is used up: then the manager itself says who
# has it. Sets `lock_wait`, what is left of that time. 1 where nothing may begin any more.
wait_for_lock() {
    lock_noted=
    while has_function lock && lock_holder=$("lock_$manager"); do
        may_start || return 1
        if [ "$lock_waited" -ge "$lock_wait_seconds" ]; then
            note "the lock is still held by $lock_holder after $lock_waited s"
            break
        fi
        if [ "$lock_noted" != "$lock_holder" ]; then
            note "waiting for the lock held by $lock_holder"
            lock_noted=$lock_holder
        fi
        sleep 1
        lock_waited=$((lock_waited + 1))
    done
    may_start || return 1
    # A manager that waits by itself must not begin when the time for that is over.
    lock_wait=$((lock_wait_seconds - lock_waited)) left_to_start=$((start_within - (uptime_now - began_at)))
    [ "$lock_wait" -le "$left_to_start" ] || lock_wait=$left_to_start
}
