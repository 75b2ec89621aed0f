#!/usr/bin/env bash
# boot.sh FOLDER SCRIPT: boots a virtual machine with a Debian kernel (kernel.sh) and runs a script of bash in it, as root and
# with the files of this machine: whatever is written is gone with it, but for FOLDER. It has control groups of version 2,
# modules (modprobe sch_netem), no network but lo, $CPUS processors (2) and $MEMORY of memory (1G).
# What the script prints is in FOLDER/out, its exit status in FOLDER/status, what the kernel says in FOLDER/console.
# Exit status 77: no virtual machine can be booted here, and FOLDER/console says why.
set -euo pipefail
folder=$(readlink -f "$1") script=$(readlink -f "$2")
kernel=$(readlink -f "$(dirname "$0")/../../..")/out/vm
if [ "${BOOT:-}" != inside ]; then
    BOOT=inside exec timeout --signal=KILL "${DEADLINE:-300}" unshare --fork --kill-child --pid --mount --net "$0" "$@" \
        < /dev/null > "$folder/console" 2>&1
fi

trap 'echo "failed: $BASH_COMMAND"; exit 77' ERR
for needed in qemu-system-x86_64 busybox bash /usr/lib/qemu/virtiofsd; do command -v $needed || (echo "no $needed"; false); done
[ -r "$kernel/boot/vmlinuz" ] || (echo "no $kernel/boot/vmlinuz: tests/EndToEnd/Vm/kernel.sh gets it"; false)
mount -t tmpfs tmpfs /mnt
mkdir -p /mnt/root/{bin,dev,host,new,proc,top}
cp "$(command -v busybox)" /mnt/root/bin/busybox
for library in $(ldd /mnt/root/bin/busybox | grep -o '/[^ ]*'); do cp --parents "$library" /mnt/root; done
modules=("$kernel"/lib/modules/*)
for name in virtio_pci virtiofs overlay; do
    line=$(grep "/$name.ko:" "${modules[0]}/modules.dep")
    needs=${line#*:}
    for module in $(printf '%s\n' $needs | tac) "${line%%:*}"; do
        cp -n "${modules[0]}/$module" /mnt/root
        echo "insmod /${module##*/} 2> /dev/null"
    done
done > /mnt/insmod
rm -f "$folder"/{out,status}
cp "$script" "$folder/script.sh"
cat > /mnt/root/init << END
#!/bin/busybox sh
/bin/busybox --install /bin
mount -t devtmpfs dev /dev; mount -t proc proc /proc
$(< /mnt/insmod)
mount -t virtiofs host /host || exit
mount -t tmpfs tmpfs /top; mkdir /top/upper /top/work
mount -t overlay overlay -o lowerdir=/host,upperdir=/top/upper,workdir=/top/work /new
mount -t tmpfs tmpfs /new/run
mkdir -p "/new$folder" /new/lib/modules; mount -o bind "/host$folder" "/new$folder"
mount -o bind "/host$kernel/lib/modules" /new/lib/modules
mount -t proc proc /new/proc; mount -t sysfs sys /new/sys; mount -t devtmpfs dev /new/dev
mount -t cgroup2 cgroup /new/sys/fs/cgroup
export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin FOLDER="$folder"
exec switch_root /new /bin/bash -c 'ip link set lo up; cd "\$FOLDER"
    bash script.sh > out 2>&1 < /dev/null; echo \$? > status; sync; echo b > /proc/sysrq-trigger; sleep 9'
END
chmod +x /mnt/root/init
(cd /mnt/root; find . | busybox cpio -o -H newc > /mnt/initrd)
socket=/mnt/${folder##*/}.socket # Its lock, which all on this machine see, is named after it.
/usr/lib/qemu/virtiofsd --socket-path="$socket" -o source=/ -o sandbox=chroot -o cache=auto &
until [ -S "$socket" ]; do kill -0 $!; sleep 0.05; done
qemu-system-x86_64 -machine q35,memory-backend=memory -cpu max -smp "${CPUS:-2}" -m "${MEMORY:-1G}" \
    -object "memory-backend-memfd,id=memory,size=${MEMORY:-1G},share=on" -nodefaults -no-user-config -display none -no-reboot \
    -chardev socket,id=files,path=$socket -device vhost-user-fs-pci,chardev=files,tag=host -serial stdio \
    -kernel "$kernel/boot/vmlinuz" -initrd /mnt/initrd -append 'console=ttyS0 loglevel=4 panic=-1'
