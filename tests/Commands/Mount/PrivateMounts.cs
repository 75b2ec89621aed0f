using System.Diagnostics;
using TriggerFs.Tests.EndToEnd;
using TriggerFs.Tests.Fs;

namespace TriggerFs.Tests.Commands.Mount;

/// <summary>
/// A script of bash in a mount namespace of its own, in which /sbin has our helpers of mount(8), and /dev/fuse is for
/// everybody. What it mounts is gone with it. Only for root.
/// </summary>
static class PrivateMounts
{
    // $T is the program; `as_user` runs something as the user and group 65534, with $HOME/home as its home.
    private const string Prelude = """
        set -e
        cd "$HOME"
        mkdir -p own/sbin own/bin home mnt
        chmod 755 . home; chown 65534:65534 home
        cp -a /usr/sbin/mount.fuse* own/sbin/ 2> /dev/null || true
        for name in mount.triggerfs mount.fuse.triggerfs; do ln -sf "$T" own/sbin/$name; done
        mount --bind own/sbin /usr/sbin
        mount -t tmpfs none /var/spool
        mount -t tmpfs none /mnt; mknod /mnt/fuse c 10 229; chmod 666 /mnt/fuse; mount --bind /mnt/fuse /dev/fuse
        as_user() { setpriv --reuid 65534 --regid 65534 --clear-groups env HOME="$HOME/home" "$@"; }
        until_true() { for _ in {1..300}; do eval "$1" && return 0; sleep 0.1; done; echo "never: $1" >&2; return 1; }
        end_all() {
            for at in $(grep -F " $HOME/" /proc/self/mounts | grep -F ' fuse.triggerfs ' | cut -d' ' -f2); do
                umount -l "$at" || true
            done
        }
        trap end_all EXIT

        """;

    public static async Task<Ended> RunAsync(Site site, string script, TimeSpan? deadline = null)
    {
        RealMount.SkipWithoutFuse();
        ProcessStartInfo start = RealProgram.Start(site.Folder, []);
        start.FileName = "unshare";
        start.ArgumentList.Clear();
        foreach (string argument in (string[])["--mount", "--propagation", "private", "bash", "-c", Prelude + script])
            start.ArgumentList.Add(argument);
        start.Environment["T"] = RealProgram.Executable;
        start.Environment["S"] = site.SettingsFile;
        return await Ended.RunAsync(start, deadline: deadline);
    }
}
