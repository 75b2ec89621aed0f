using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Tests.Commands.Mount;

/// <summary>An installation with its broker for the tests of one class.</summary>
public sealed class RunningSite : IAsyncLifetime
{
    internal Site Site { get; private set; } = null!;

    public async Task InitializeAsync() => Site = await Site.StartAsync();

    public async Task DisposeAsync() => await Site.DisposeAsync();
}

/// <summary>What keeps users, and root, from mounting is said with what to do about it.</summary>
public sealed class UserMountTests(RunningSite running) : IClassFixture<RunningSite>
{
    // `as_user_mounts OPTIONS…` mounts as the user on home/mnt, in the foreground, in place of its subshell.
    private const string Prelude = """
        rm -rf home/mnt home/log; cp $S home/mine.toml; chown 65534:65534 home/mine.toml
        as_user_mounts() {
            exec setpriv --reuid 65534 --regid 65534 --clear-groups env HOME="$HOME/home" PATH="${found:-$PATH}" \
                $T --config home/mine.toml mount home/mnt "$@"
        }
        allow_other() { echo "$1" > own/fuse.conf; mount --bind own/fuse.conf /etc/fuse.conf; }

        """;

    [SkippableTheory]
    [InlineData("found=/nowhere", "", "fusermount3 cannot be started", "apt install fuse3), or mount as root")]
    [InlineData("chmod 600 /dev/fuse", "", "fusermount3 cannot mount", "as root: chmod 0666 /dev/fuse")]
    [InlineData(
        "allow_other '# nobody'", "--allow-other", "fusermount3 cannot mount",
        "as root: echo user_allow_other >> /etc/fuse.conf, or mount without allow_other")]
    [InlineData(
        "cp $(command -v fusermount3) own/bin; chmod 755 own/bin/fusermount3; found=$HOME/own/bin:$PATH", "",
        "fusermount3 cannot mount", "fusermount3 needs its set-user-ID bit: as root: chmod u+s")]
    [InlineData(
        "mkdir -p home/mnt; chown 0:0 home/mnt", "", "fusermount3 cannot mount",
        "choose a mountpoint that you can write to")]
    public async Task A_user_who_cannot_mount_is_told_why_and_what_to_do(
        string hostile, string option, string what, string fix)
    {
        Ended run = await PrivateMounts.RunAsync(
            running.Site, $"{Prelude}{hostile}\n(as_user_mounts {option}) || exit $?");
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains($"triggerfs: {what}", run.Err);
        Assert.Contains(fix, run.Err);
    }

    [SkippableFact]
    public async Task Root_is_told_of_a_device_that_is_not_there()
    {
        Ended run = await PrivateMounts.RunAsync(running.Site, """
            mknod /mnt/none c 0 0; mount --bind /mnt/none /dev/fuse
            $T --config $S mount mnt
            """);
        Assert.Equal(64, run.ExitCode);
        Assert.Contains("cannot open /dev/fuse: EN", run.Err);
        Assert.Contains("modprobe fuse; for a container: --device /dev/fuse --cap-add SYS_ADMIN", run.Err);
    }

    [SkippableFact]
    public async Task A_fusermount3_that_lies_in_the_current_directory_is_not_run()
    {
        Ended run = await PrivateMounts.RunAsync(running.Site, Prelude + """
            printf '#!/bin/sh\necho "run as $(id -u)" > "$HOME/trapped"\nexit 1\n' > fusermount3; chmod 755 fusermount3
            as_user_mounts > home/log 2>&1 & mount=$!
            until_true 'grep -q Ready home/log'
            kill $mount; wait $mount
            rm fusermount3; test ! -e home/trapped || cat home/trapped
            """);
        Assert.Equal((0, "", ""), (run.ExitCode, run.Out, run.Err));
    }

    [SkippableTheory]
    [InlineData("")]
    [InlineData("--allow-other")]
    public async Task A_users_mount_that_is_killed_leaves_nothing_behind(string option)
    {
        Ended run = await PrivateMounts.RunAsync(running.Site, $$"""
            {{Prelude}}
            allow_other user_allow_other
            as_user_mounts {{option}} > home/log 2>&1 & mount=$!
            until_true 'grep -q Ready home/log'
            as_user stat -c %u home/mnt
            kill -KILL $mount
            until_true '! grep -qF " $HOME/home/mnt " /proc/self/mounts'
            as_user ls home/mnt && echo nothing is left
            """);
        Assert.Equal((0, "65534\nnothing is left\n"), (run.ExitCode, run.Out));
    }
}
