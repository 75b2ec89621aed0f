namespace TriggerFs.Tests.EndToEnd;

/// <summary>Tokens that are changed while their worker works, with the real program.</summary>
public sealed class TokenRotationTests : IAsyncLifetime
{
    private Site _site = null!;

    public async Task InitializeAsync() => _site = await Site.StartAsync();

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task A_worker_takes_its_new_token_without_a_pause_and_starts_with_it()
    {
        Child worker = await _site.WorkerAsync("demo01");
        string before = await File.ReadAllTextAsync(_site.SettingsFile);
        Task<Ended> running = _site.ClientAsync("demo01", "sleep 3; echo still here");
        await _site.CliAsync("request workers demo01 rotate-token");
        await worker.LineAsync("the new token of this worker is in its settings");
        await OneTokenAsync();
        Assert.Equal("still here\n", (await running).Out);

        string after = await File.ReadAllTextAsync(_site.SettingsFile);
        Assert.NotEqual(before, after);
        Assert.Equal(before.Length, after.Length);
        await EndAsync(worker);
        await EndAsync(await _site.WorkerAsync("demo01"));

        await File.WriteAllTextAsync(_site.SettingsFile, before);
        Child old = _site.Start("worker", "-identity", "demo01");
        Assert.Equal(77, await old.EndAsync());
    }

    [Fact]
    public async Task A_worker_that_cannot_keep_it_says_so_and_both_are_good()
    {
        Child worker = await _site.WorkerAsync("demo01");
        File.SetUnixFileMode(_site.SettingsFile,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        await _site.CliAsync("request workers demo01 rotate-token");
        await worker.LineAsync("chmod 600");
        Assert.Contains("(2 rows)", (await _site.CliAsync("show workers demo01 token")).Out, StringComparison.Ordinal);
        await EndAsync(worker);
        Child again = await _site.WorkerAsync("demo01");
        File.SetUnixFileMode(_site.SettingsFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await EndAsync(again);
        await _site.WorkerAsync("demo01");
        await OneTokenAsync();
    }

    [Fact]
    public async Task A_token_that_was_stolen_is_good_no_longer()
    {
        Child worker = await _site.WorkerAsync("demo01");
        await _site.CliAsync("request workers demo01 rotate-token now --yes");
        Assert.Equal(77, await worker.EndAsync());
        Assert.Contains("the token of this worker was changed", worker.Text, StringComparison.Ordinal);
    }

    private static Task EndAsync(Child worker)
    {
        worker.Terminate();
        return worker.EndAsync();
    }

    private Task OneTokenAsync() => Site.UntilAsync(
        async () => (await _site.CliAsync("show workers demo01 token | count")).Out.Contains("Count: 1 lines"),
        "the old token is still good");
}
