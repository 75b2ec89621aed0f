#!/usr/bin/env bash
# demo.sh BINARY: the tutorial, for real, on one machine: an installation, a broker, a worker, the client's request, a
# mount, and a request made by writing to a file. Every command is printed as it would be typed, with its real output,
# and each step is checked. Exit status: 0 all went well, 1 a step failed, 3 there is no /dev/fuse and the rest went well.
set -euo pipefail
binary=$(readlink -f "$1")
here=$(dirname "$(readlink -f "$0")")
folder=$(mktemp -d /tmp/triggerfs-demo.XXXXXX)
mkdir "$folder/bin"
ln -s "$binary" "$folder/bin/triggerfs"
export PATH=$folder/bin:$PATH HOME=$folder TRIGGERFS_CONFIG=$folder/demo/triggerfs.toml
unset XDG_CONFIG_HOME TRIGGERFS_TEAM TRIGGERFS_IDENTITY TRIGGERFS_SECRET TRIGGERFS_TOKEN TRIGGERFS_BROKER TRIGGERFS_BROKERKEY
cd "$folder"
pids=()

finish() {
    status=$?
    set +e
    for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null; done
    for pid in "${pids[@]}"; do
        for _ in $(seq 100); do kill -0 "$pid" 2> /dev/null || break; sleep 0.1; done
        kill -9 "$pid" 2> /dev/null
        wait "$pid" 2> /dev/null
    done
    mountpoint -q "$folder/mnt" && umount -l "$folder/mnt"
    cd /
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ] || tail -n 20 "$folder"/*.log >&2
    rm -rf "$folder"
    exit "$status"
}
trap finish EXIT

say() { printf '\n\033[1m# %s\033[0m\n' "$*"; }
typed() { printf '$ %s\n' "$*"; }
fail() { printf 'demo: FAILED: %s\n' "$*" >&2; exit 1; }

# type COMMAND...: shows the command, runs it, keeps what it printed in $output.
type_it() {
    typed "$*"
    output=$(eval "$*" 2>&1) || { printf '%s\n' "$output"; fail "exit status $? from: $*"; }
    [ -z "$output" ] || printf '%s\n' "$output"
}

# background LOG COMMAND...: shows the command as it would be typed in another terminal and starts it.
background() {
    local log=$1
    shift
    typed "$* &"
    "$@" > "$folder/$log" 2>&1 < /dev/null &
    pids+=($!)
}

# until_in FILE PATTERN SECONDS: waits until a line comes, and shows it.
until_in() {
    for _ in $(seq $(($3 * 20))); do
        if grep -m 1 -- "$2" "$1" 2> /dev/null; then return 0; fi
        sleep 0.05
    done
    fail "'$2' did not come in $(basename "$1") within $3 s"
}

expect() { grep -q -- "$1" <<< "$output" || fail "expected '$1' in: $output"; }

port=$("$here/free_port.sh")
printf 'correct horse battery staple\n' > secret.txt
chmod 600 secret.txt

say "A new installation: keys, a database, the first team and its admin"
type_it "triggerfs init --dir demo --team team1 --identity admin --secret-file secret.txt --listen tcp://127.0.0.1:$port"

say "The broker"
background broker.log triggerfs broker
until_in "$folder/broker.log" READY 10

say "A worker and a service, made in the cli"
type_it "triggerfs cli -c 'set workers identity demo01' -c 'show workers'"
expect DISCONNECTED
type_it "triggerfs cli -c 'set services name demoservice' -c 'set services demoservice workers add demo01' -c 'show services'"
expect demoservice

say "The worker takes its token from the settings file, as on a server of its own"
token=$(triggerfs cli --output json -c 'show workers demo01 token' | grep -oE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' | head -n 1)
[ -n "$token" ] || fail "the cli did not show the worker's token"
typed "cat >> demo/triggerfs.toml"
printf '\n[workers.team1.demo01]\ntoken = "%s"\n' "$token" | tee -a demo/triggerfs.toml
background worker.log triggerfs worker -identity demo01 -debug true
until_in "$folder/worker.log" BROKER_ACCEPTED 10
until_in "$folder/worker.log" "Announcing" 10
for _ in $(seq 100); do
    triggerfs cli -c 'show workers' | grep -q ONLINE && break
    sleep 0.05
done
type_it "triggerfs cli -c 'show workers'"
expect ONLINE

say "A request from a script: the output alone is on standard output, the exit status is the command's"
type_it "triggerfs client -service demoservice -plugin command/command -timeout 10s -command uptime"
expect "load average"
type_it "echo uptime | triggerfs client -service demoservice -plugin command/command -timeout 10s"
expect "load average"
typed "triggerfs client -service demoservice -plugin command/command -command 'exit 3'; echo \$?"
status=0
triggerfs client -service demoservice -plugin command/command -command 'exit 3' 2> /dev/null || status=$?
echo "$status"
[ "$status" -eq 3 ] || fail "the exit status was $status, not 3"

say "A trigger: a set of rules for what happens when a file is written"
type_it "triggerfs cli -c 'mkdir /newtrigger' -c 'set trigger name /newtrigger/demotrigger' \\
      -c 'set trigger demotrigger plugin command/command' \\
      -c 'set trigger demotrigger service attach demoservice' \\
      -c 'set trigger demotrigger timeout 10s' -c 'show triggers'"
expect demotrigger

if [ ! -r /dev/fuse ] || [ ! -w /dev/fuse ]; then
    say "There is no /dev/fuse that this user may open, so the mount is left out; everything else went well"
    exit 3
fi

say "The team's triggers as a file system"
background mount.log triggerfs mount mnt
until_in "$folder/mount.log" "Ready" 10
type_it "ls -l mnt/newtrigger"
expect demotrigger
type_it "echo uptime > mnt/newtrigger/demotrigger"
until_in "$folder/mount.log" "load average" 10
type_it "triggerfs cli -c 'show triggers'"
for _ in $(seq 100); do
    hits=$(triggerfs cli --output json -c 'show triggers' | grep -oE '"hits": *"?[0-9]+' | grep -oE '[0-9]+$' || true)
    [ "$hits" = 1 ] && break
    sleep 0.05
done
[ "$hits" = 1 ] || fail "the trigger's hits are '$hits', not 1"

say "That was triggerFS: a file was written here, a server ran the command, and the answer came back"
