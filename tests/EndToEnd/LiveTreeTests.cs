using static TriggerFs.Tests.EndToEnd.TwoMounts;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>
/// The tree is the same everywhere: what is done in the console or on one mount shows on the other, through what the
/// kernel remembers. Each looks before the change, so that the kernel knows it the old way.
/// </summary>
public sealed class LiveTreeTests(TwoMounts mounts) : IClassFixture<TwoMounts>
{
    private string A => mounts.A;

    private string B => mounts.B;

    [SkippableFact]
    public async Task What_the_console_makes_and_deletes_comes_and_goes_on_every_mount()
    {
        mounts.SkipUnlessThere();
        foreach (string mount in (string[])[A, B])
            Assert.Equal("no no\n", await DoAsync(mount, "stat new new/t > /dev/null 2>&1 || echo no no"));
        await mounts.TriggerAsync("/new", "t");
        foreach (string mount in (string[])[A, B]) await ShowsAsync(mount, "stat -c '%n %F' new new/t",
            "new directory\nnew/t regular empty file");
        await mounts.Site.CliAsync("delete trigger /new/t --yes");
        foreach (string mount in (string[])[A, B])
        {
            await ShowsAsync(mount, "stat new/t > /dev/null 2>&1 || echo no; ls new", "no");
            await ShowsAsync(mount, "{ echo x > new/t; } 2>&1 | grep -o 'not permitted'", "not permitted");
        }
        await mounts.Site.CliAsync("rmdir /new");
        foreach (string mount in (string[])[A, B]) await ShowsAsync(mount, "[ -e new ] || echo no", "no");
    }

    [SkippableFact]
    public async Task Directories_that_one_mount_makes_moves_and_removes_follow_on_the_other()
    {
        mounts.SkipUnlessThere();
        await DoAsync(B, "! stat made made/deeper 2> /dev/null");
        await DoAsync(A, "mkdir -p made/deeper; umask 027; mkdir made/closed");
        await ShowsAsync(B, "stat -c '%n %A %h' made made/deeper made/closed",
            "made drwxr-xr-x 4\nmade/deeper drwxr-xr-x 2\nmade/closed drwxr-x--- 2");
        await DoAsync(A, "mv made/deeper moved; rmdir made/closed");
        await ShowsAsync(B, "stat -c '%n %h' made moved; [ -e made/deeper -o -e made/closed ] || echo gone",
            "made 2\nmoved 2\ngone");
        await DoAsync(B, "rmdir made moved");
        await ShowsAsync(A, "[ -e made -o -e moved ] || echo gone", "gone");
    }

    [SkippableFact]
    public async Task A_directory_moves_with_its_triggers_in_one_change_and_a_trigger_keeps_its_number()
    {
        mounts.SkipUnlessThere();
        await mounts.TriggerAsync("/from", "t");
        await ShowsAsync(B, "ls from; [ -e to ] || echo no", "t\nno");
        string number = await DoAsync(A, "stat -c %i from/t");
        await DoAsync(A, "exec 3> from/t; mv from to; echo 'echo moved' >&3");
        await ShowsAsync(B, "stat -c %i to/t; [ -e from ] || echo gone", $"{number}gone");
        await DoAsync(B, "mv to/t to/u");
        await ShowsAsync(A, "stat -c %i to/u; [ -e to/t ] || echo gone; cat to/u", $"{number}gone\nmoved");
    }

    [SkippableFact]
    public async Task Permissions_and_rules_that_are_changed_anywhere_show_everywhere()
    {
        mounts.SkipUnlessThere();
        Skip.If((await TryAsync(A, "command -v getfattr")).ExitCode != 0, "there is no getfattr: apt install attr");
        await mounts.TriggerAsync("/rules", "t");
        string read = "stat -c %a rules/t; getfattr --only-values -n user.triggerfs.timeout rules/t; echo; "
            + "getfattr --only-values -n user.triggerfs.mode rules/t";
        await ShowsAsync(B, "stat -c %a rules/t; getfattr -n user.triggerfs.timeout rules/t",
            "644\nrules/t: user.triggerfs.timeout: No such attribute");
        await mounts.Site.CliAsync("set trigger /rules/t timeout 90s", "set trigger /rules/t mode sync");
        await DoAsync(A, "chmod 600 rules/t");
        await ShowsAsync(B, read, "600\n1m30s\nsync");
        await DoAsync(B, "setfattr -n user.triggerfs.timeout -v 5s rules/t; setfattr -x user.triggerfs.mode rules/t;"
            + "setfattr -n user.triggerfs.description -v 'rings the bell' rules/t");
        await ShowsAsync(A, read, "600\n5s\nasync");
        Assert.Contains("rings the bell", (await mounts.Site.CliAsync("show trigger /rules/t")).Out);
        Ended refused = await TryAsync(A, "setfattr -n user.triggerfs.service -v nothing rules/t");
        Assert.Contains("Invalid argument", refused.Err);
        refused = await TryAsync(A, "setfattr -n user.triggerfs.hits -v 7 rules/t");
        Assert.Contains("Permission denied", refused.Err);
    }

    [SkippableFact]
    public async Task How_a_trigger_delivers_is_shown_and_set_as_in_the_console()
    {
        mounts.SkipUnlessThere();
        Skip.If((await TryAsync(A, "command -v getfattr")).ExitCode != 0, "there is no getfattr: apt install attr");
        await mounts.TriggerAsync("/delivers", "t");
        string read = "getfattr -d delivers/t | grep -E 'backoff|ttl|priority|max-inflight|on-|unique|retry' | sort";
        string none = await DoAsync(A, read + " || true");
        Assert.Equal("", none);
        await mounts.Site.CliAsync([.. new[]
        {
            "retry 2", "backoff 1s..5m", "ttl 10m", "priority 7", "max-inflight 1", "on-busy drop", "unique on",
            "on-full drop-oldest",
        }.Select(setting => $"set trigger /delivers/t {setting}")]);
        await ShowsAsync(B, read + " | tr '\\n' ' ' | tr -d '\"' | sed 's/user.triggerfs.//g'",
            "backoff=1s..5m max-inflight=1 on-busy=drop on-full=drop-oldest priority=7 retry=2 ttl=10m unique=on ");
        await DoAsync(B, """
            for name in priority max-inflight on-busy unique on-full retry backoff; do
              setfattr -x user.triggerfs.$name delivers/t
            done
            setfattr -n user.triggerfs.ttl -v 90s delivers/t
            """);
        await ShowsAsync(A, read, "user.triggerfs.ttl=\"1m30s\"");
        Ended refused = await TryAsync(A, "setfattr -n user.triggerfs.on-busy -v never delivers/t");
        Assert.Contains("Invalid argument", refused.Err);
        refused = await TryAsync(A, "setfattr -n user.triggerfs.ttl -v soon delivers/t");
        Assert.Contains("Invalid argument", refused.Err);
    }

    [SkippableFact]
    public async Task When_a_trigger_fired_last_and_how_often_shows_on_a_mount_that_knew_it_otherwise()
    {
        mounts.SkipUnlessThere();
        await mounts.TriggerAsync("/fired", "t");
        string changed = (await DoAsync(B, "stat -c %Z fired/t")).Trim();
        await DoAsync(B, "stat -c '%Y %n' fired/t; touch -d now $HOME/before");
        Skip.If((await TryAsync(A, "command -v getfattr")).ExitCode != 0, "there is no getfattr: apt install attr");
        await DoAsync(A, "echo 'exit 3' > fired/t");
        await ShowsAsync(A, "getfattr --only-values -n user.triggerfs.exit fired/t", "3"); // It runs when it may.
        await DoAsync(A, "exec 3<> fired/t; echo 'echo out; exit 4' >&3; cat <&3");
        await ShowsAsync(B, "[ fired/t -nt fired ] && echo newer; stat -c %Z fired/t", $"newer\n{changed}");
        await ShowsAsync(B, "getfattr --only-values -n user.triggerfs.hits fired/t", "2");
        await ShowsAsync(A, "getfattr --only-values -n user.triggerfs.exit fired/t", "4");
        Assert.Matches("^[0-9]+$", await DoAsync(A, "getfattr --only-values -n user.triggerfs.run fired/t"));
    }

    [SkippableFact]
    public async Task The_mounts_own_state_can_be_read_and_disturbs_nobody()
    {
        mounts.SkipUnlessThere();
        await ShowsAsync(A, "grep -x 'state: connected' .triggerfs/status", "state: connected");
        string status = await DoAsync(A, "cat .triggerfs/status");
        Assert.Contains($"broker: {mounts.Site.Address}\nteam: team1\nidentity: admin\n", status);
        string walk = "ls -A | grep triggerfs; find . -name '.trigger*'; grep -rl connected .; true";
        Assert.Equal("", await DoAsync(A, walk));
        Ended refused = await TryAsync(A, "mkdir .triggerfs/d");
        Assert.Contains("Read-only file system", refused.Err);
        Assert.Contains("state: ", await DoAsync(A, "cat .triggerfs/status", user: 65534));
    }
}
