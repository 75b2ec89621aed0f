using TriggerFs.Core.Messages;
using TriggerFs.Fs.Kernel;
using static TriggerFs.Tests.EndToEnd.TwoMounts;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>
/// Who may do what with the files: the kernel asks the mode bits of the calling user, the mount who owns the files, and
/// the broker the session.
/// </summary>
public sealed class MountRightsTests(TwoMounts mounts) : IClassFixture<TwoMounts>
{
    private const int Nobody = 65534;

    private string A => mounts.A;

    [SkippableFact]
    public async Task Another_user_fires_what_the_mode_bits_let_him_and_changes_nothing()
    {
        mounts.SkipUnlessThere();
        await mounts.TriggerAsync("/bits", "t");
        await RefusedAsync("Permission denied", "echo x > bits/t");
        await DoAsync(A, "chmod 622 bits/t");
        await DoAsync(A, "echo 'echo by another user' > bits/t", Nobody);
        await mounts.MountA.LineAsync("by another user");
        await RefusedAsync("Permission denied", "cat bits/t");
        await RefusedAsync("Operation not permitted", "chmod 777 bits/t");
        await RefusedAsync("Permission denied", "mkdir bits/d");
        await RefusedAsync("Permission denied", "mv bits/t bits/u");
        await RefusedAsync("Operation not permitted", "chown 65534 bits/t");
        await DoAsync(A, "chmod 700 bits");
        await RefusedAsync("Permission denied", "echo x > bits/t");
        await DoAsync(A, "chmod 777 bits");
        await DoAsync(A, "mkdir bits/his; stat -c '%U' bits/his; rmdir bits/his", Nobody);
        await DoAsync(A, "chmod 755 bits; chmod 644 bits/t");
    }

    [SkippableFact]
    public async Task Another_user_reads_the_rules_that_he_may_read_and_sets_none_even_where_he_may_write()
    {
        mounts.SkipUnlessThere();
        Skip.If((await TryAsync(A, "command -v setfattr")).ExitCode != 0, "there is no setfattr: apt install attr");
        await mounts.TriggerAsync("/attributes", "t");
        await DoAsync(A, "chmod 666 attributes/t");
        Assert.Equal("command/command", await DoAsync(
            A, "getfattr --only-values -n user.triggerfs.plugin attributes/t", Nobody));
        await RefusedAsync("Permission denied", "setfattr -n user.triggerfs.plugin -v echo attributes/t");
        await RefusedAsync("Permission denied", "setfattr -x user.triggerfs.service attributes/t");
        await DoAsync(A, "chmod 600 attributes/t");
        await RefusedAsync("Permission denied", "getfattr -n user.triggerfs.plugin attributes/t");
    }

    [SkippableFact]
    public async Task A_member_of_the_team_fires_and_changes_only_what_the_broker_lets_the_session_whatever_the_bits()
    {
        mounts.SkipUnlessThere();
        await mounts.TriggerAsync("/admins", "t");
        await DoAsync(A, "chmod 777 admins; chmod 666 admins/t");
        string settings = await mounts.UserAsync("bob", "member");
        await mounts.MountAsync(settings, "bobs");
        string bobs = Path.Combine(mounts.Site.Folder, "bobs");
        await ShowsAsync(bobs, "stat -c %a admins/t", "666");
        foreach (string script in (string[])
            ["echo x > admins/t", "echo x >> admins/t", "chmod 600 admins/t", "mv admins/t admins/u", "rmdir admins"])
        {
            Ended refused = await TryAsync(bobs, script);
            Assert.NotEqual(0, refused.ExitCode);
            Assert.Matches("Permission denied|Directory not empty", refused.Err);
        }
        Assert.Equal("", await DoAsync(bobs, "cat admins/t")); // Looking is for the whole team.
        await mounts.Site.CliAsync(
            "set trigger /admins/t visibility team", "set services demoservice visibility team");
        await ShowsAsync(bobs, "exec 3<> admins/t && echo 'echo for bob' >&3 && cat <&3", "for bob");
        Ended chmod = await TryAsync(bobs, "chmod 600 admins/t");
        Assert.Contains("Permission denied", chmod.Err);
        await DoAsync(bobs, "mkdir mine; chmod 700 mine; rmdir mine");
        await mounts.Site.CliAsync("set trigger /admins/t visibility local");
        await ShowsAsync(bobs, "echo x 2> /dev/null > admins/t || echo refused", "refused");
    }

    [SkippableFact]
    public async Task The_kernel_checks_the_mode_bits_on_every_mount()
    {
        mounts.SkipUnlessThere();
        string[] lines = [.. (await File.ReadAllLinesAsync("/proc/mounts")).Where(line => line.Contains(A))];
        Assert.Contains("default_permissions", Assert.Single(lines));
        Assert.Equal(MountTable.Type, lines[0].Split(' ')[2]);
    }

    private async Task RefusedAsync(string says, string script)
    {
        Ended refused = await TryAsync(A, script, Nobody);
        Assert.True(refused.ExitCode != 0, $"{script} was not refused");
        Assert.Contains(says, refused.Err);
    }
}
