using static TriggerFs.Tests.EndToEnd.TwoMounts;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>Messages that were given up, as files in real mounts of a real broker.</summary>
public sealed class FailedTests(TwoMounts mounts) : IClassFixture<TwoMounts>
{
    private const string Failed = ".triggerfs/failed";

    private string A => mounts.A;

    private string B => mounts.B;

    private string Work => mounts.Site.Folder;

    [SkippableFact]
    public async Task One_is_seen_on_every_mount_with_its_message_and_reason_and_moved_it_is_carried_out()
    {
        await TriggerAsync("again");
        await TriggerAsync("elsewhere");
        string command = $"echo \"attempt $TRIGGERFS_ATTEMPT\"; cd {Work} && [ -e mended ] "
            + "&& echo $TRIGGERFS_ATTEMPT >> ran";
        string id = await DieAsync("again", command);
        await ShowsAsync(B, $"cat {Failed}/{id}/output", "attempt 2");
        Assert.Equal(command + "\n", await DoAsync(B, $"cat {Failed}/{id}/request"));
        Assert.Equal($"{command.Length + 1}\n", await DoAsync(B, $"stat -c %s {Failed}/{id}/request"));
        Assert.Matches("^exit code 1 at the last attempt; trigger: /again/t; service: demoservice; attempts: 2; "
            + @"written: \d{4}-.*Z by admin; given up: \d{4}-.*Z\n$", await DoAsync(B, $"cat {Failed}/{id}/reason"));

        await DoAsync(Work, "touch mended");
        await DoAsync(A, $"mv {Failed}/{id}/request elsewhere/t && rm -rf {Failed}/{id} && ls elsewhere");
        await ShowsAsync(Work, "cat ran", "1");
        await ShowsAsync(B, $"ls {Failed}", "");
        Assert.Contains("(0 rows)", (await mounts.Site.CliAsync("show dead-letters")).Out);
        Assert.Contains($"request deadletter {id} retry", (await mounts.Site.CliAsync("show audit")).Out);
        await DoAsync(A, "echo true > elsewhere/t");
    }

    [SkippableFact]
    public async Task Removed_one_is_dropped_and_a_large_one_is_read_whole()
    {
        await TriggerAsync("large", "message close", "limit 4MiB");
        await DoAsync(Work, "(echo 'exit 9'; head -c 2000000 /dev/urandom | base64) > large");
        await DoAsync(A, $"cat {Work}/large > large/t");
        string id = await LetterAsync();
        await DoAsync(A, $"cmp {Failed}/{id}/request {Work}/large && rm -r {Failed}/{id} && [ -z \"$(ls {Failed})\" ]");
        Assert.Contains("(0 rows)", (await mounts.Site.CliAsync("show dead-letters")).Out);
        Assert.Contains($"request deadletter {id} drop", (await mounts.Site.CliAsync("show audit")).Out);
    }

    [SkippableFact]
    public async Task Who_may_not_change_the_trigger_sees_nothing_of_its_messages()
    {
        await TriggerAsync("admins");
        string id = await DieAsync("admins", "false");
        await mounts.MountAsync(await mounts.UserAsync("bob", "member"), "bobs");
        string bobs = Path.Combine(Work, "bobs");
        await ShowsAsync(bobs, "ls admins", "t");
        Assert.Equal("", await DoAsync(bobs, $"ls {Failed}"));
        foreach (string script in (string[])[$"cat {Failed}/{id}/request", $"rm -r {Failed}/{id}"])
            Assert.Contains("No such file or directory", (await TryAsync(bobs, script)).Err);
        await DoAsync(A, $"rm -r {Failed}/{id}");
    }

    /// <summary>A message of a trigger is given up; its number.</summary>
    private async Task<string> DieAsync(string trigger, string command)
    {
        await DoAsync(A, $"echo '{command}' > {trigger}/t");
        return await LetterAsync();
    }

    /// <summary>The number of the only dead letter, once there is one.</summary>
    private async Task<string> LetterAsync()
    {
        string id = "";
        await Site.UntilAsync(
            async () => (id = await DoAsync(A, $"ls {Failed}")).Length > 0, "there is no dead letter");
        return id.Trim();
    }

    private async Task TriggerAsync(string name, params string[] settings)
    {
        mounts.SkipUnlessThere();
        await mounts.TriggerAsync($"/{name}", "t");
        await mounts.Site.CliAsync([.. ((string[])["retry 1", "backoff 10ms..20ms", .. settings])
            .Select(setting => $"set trigger /{name}/t {setting}")]);
        await ShowsAsync(A, $"ls {name}", "t");
    }
}
