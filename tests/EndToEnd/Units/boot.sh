#!/usr/bin/env bash
# boot.sh PROGRAM FOLDER SCRIPT: boots a real systemd in namespaces of its own, with our units and nobody else's, and runs a
# script of bash in it as a service, with $FOLDER and $T, the program. Whatever is changed below /etc, /var, /srv, /run and /tmp is
# gone with it. What the script prints is in FOLDER/out, its exit status in FOLDER/status, what the units say in FOLDER/log.
# Exit status 77: this machine does not let us boot one, and FOLDER/console says why.
set -euo pipefail
program=$1 folder=$2 script=$3
units=$(dirname "$(readlink -f "$0")")/../../../Commands/Systemd
if [ "${BOOT:-}" != inside ]; then
    BOOT=inside exec timeout --signal=KILL 120 \
        unshare --fork --kill-child --pid --mount-proc --mount --uts --ipc --cgroup "$0" "$@" < /dev/null > "$folder/console" 2>&1
fi

trap 'echo "failed: $BASH_COMMAND"; exit 77' ERR
mount -t tmpfs tmpfs /mnt
mkdir /mnt/folder
mount --bind "$folder" /mnt/folder
cp "$script" /mnt/script
# What is tested may be a clone below /tmp.
cp -rL "$(dirname "$program")" /mnt/app
cp -r "$units" /mnt/units
mount -t tmpfs tmpfs /tmp
mkdir -p "$folder"
mount --move /mnt/folder "$folder"
for below in etc var srv usr/sbin; do
    mkdir -p "/mnt/$below/upper" "/mnt/$below/work"
    mount -t overlay overlay -o "lowerdir=/$below,upperdir=/mnt/$below/upper,workdir=/mnt/$below/work" "/$below"
done
mount -t tmpfs tmpfs /run
umount -R /sys/fs/cgroup 2> /dev/null || true
mount -t cgroup2 none /sys/fs/cgroup
mount --make-rshared / # As a container has it: what systemd mounts for a unit shows there.

mkdir -p /run/bin /run/units /run/generators /etc/triggerfs
for name in /run/bin/triggerfs /usr/sbin/mount.triggerfs; do ln -s "/mnt/app/$(basename "$program")" $name; done
: > /etc/fstab
for unit in /mnt/units/*.service; do
    name=$(basename "$unit")
    sed 's|@BIN@|/run/bin|' "$unit" > "/run/units/$name"
    mkdir "/run/units/$name.d"
    # There is no journal; and a program that is compiled as it runs writes what it executes.
    printf '%s\n' '[Service]' "StandardOutput=append:$folder/log" StandardError=inherit "${DROP_IN:-}" \
        > "/run/units/$name.d/test.conf"
done
cp /mnt/units/triggerfs.sysusers /run/triggerfs.conf
systemd-sysusers /run/triggerfs.conf
for target in sysinit basic shutdown network-online multi-user umount local-fs local-fs-pre remote-fs remote-fs-pre; do
    printf '[Unit]\nDescription=%s\nDefaultDependencies=no\n' $target > /run/units/$target.target
done
cat > /run/units/test.service <<END
[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
Environment=FOLDER=$folder T=/run/bin/triggerfs HOME=/root
ExecStart=/bin/bash -c 'bash /mnt/script > "$folder/out" 2>&1; echo \$? > "$folder/status"; systemctl --force --force halt'
END
ln -s /usr/lib/systemd/system-generators/systemd-fstab-generator /run/generators/
export SYSTEMD_UNIT_PATH=/run/units: SYSTEMD_GENERATOR_PATH=/run/generators SYSTEMD_ENVIRONMENT_GENERATOR_PATH=/nowhere
export SYSTEMD_LOG_TARGET=console container=other
exec /usr/lib/systemd/systemd --system --unit=test.service
