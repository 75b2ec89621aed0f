using TriggerFs.Commands;
using TriggerFs.Commands.Spool;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>Requests that a script leaves and does not wait for, with the broker there and away.</summary>
public sealed class LaterTests : IAsyncLifetime
{
    private Site _site = null!;

    private string Done => Path.Combine(_site.Folder, "done");

    public async Task InitializeAsync()
    {
        _site = await Site.StartAsync();
        await _site.WorkerAsync("w1", "--jobs", "1");
        await _site.ServiceAsync("svc", "roundrobin", "w1");
    }

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task A_request_is_carried_out_though_its_sender_is_gone_and_the_broker_was_away()
    {
        Ended sent = await LaterAsync("zero", "--connect-timeout", "30s");
        Assert.Equal((0, ""), (sent.ExitCode, sent.Err));
        Assert.Matches("^[0-9a-f]{32}\n$", sent.Out);
        await Site.UntilAsync(() => Task.FromResult(Lines() is ["zero"]), "it was not carried out");

        _site.Broker.Terminate();
        await _site.Broker.EndAsync();
        // At the same time: each has a spool of its own for as long as it needs it.
        Ended[] kept = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => LaterAsync($"away{i}")));
        Assert.All(kept, one => Assert.Equal(0, one.ExitCode));
        Assert.All(kept, one => Assert.Contains("are kept here", one.Err, StringComparison.Ordinal));
        Assert.Equal(4, kept.Append(sent).Select(one => one.Out).Distinct().Count());
        Ended none = await _site.RunAsync("client", "--flush", "--connect-timeout", "100ms");
        Assert.Equal(69, none.ExitCode);

        await _site.StartBrokerAsync();
        await _site.OnlineAsync("w1");
        Ended flushed = await _site.RunAsync(["client", "--flush", "--connect-timeout", "30s"]);
        Assert.True(flushed.ExitCode == 0, flushed.Err);
        await Site.UntilAsync(() => Task.FromResult(Lines().Length >= 4), "not all were carried out");
        Assert.Equal(["away0", "away1", "away2", "zero"], Lines().Order());
        Assert.Equal(0, (await _site.RunAsync("client", "--flush")).ExitCode);
    }

    [Fact]
    public async Task A_request_that_will_never_be_carried_out_is_told_and_not_kept()
    {
        Ended refused = await _site.RunAsync("client", "--async", "-service", "nowhere", "-command", "true");
        Assert.Equal(69, refused.ExitCode);
        Assert.Contains("there is no service 'nowhere'", refused.Err, StringComparison.Ordinal);
        Ended after = await LaterAsync("after", "--connect-timeout", "30s");
        Assert.Equal((0, ""), (after.ExitCode, after.Err));
    }

    [Fact]
    public async Task A_full_spool_takes_no_request_and_says_so()
    {
        string text = await File.ReadAllTextAsync(_site.SettingsFile);
        await File.WriteAllTextAsync(_site.SettingsFile, text + "\n[triggerfs]\nspoolsize = \"32MiB\"\n");
        Settings settings = SettingsFile.Read(_site.SettingsFile);
        string folder = SpoolPlace.Of(settings, name => name == "HOME" ? _site.Folder : null);
        using (MessageSpool spool = MessageSpool.TryOpen(settings.Mount.SpoolRules with { Folder = folder }, _ => { })!)
            foreach (int length in (int[])[1_000_000, 1000])
                while (spool.Append(new(4711), 1, new byte[length]) is not null) ;
        Ended full = await LaterAsync(new string('x', 10_000));
        Assert.Equal(75, full.ExitCode);
        Assert.Contains("is full", full.Err, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--fold")]
    [InlineData("--broadcast")]
    [InlineData("--canary=1")]
    public async Task What_needs_an_answer_does_not_go_with_it(string option) =>
        Assert.Equal(64, (await LaterAsync("x", option)).ExitCode);

    private string[] Lines() => File.Exists(Done) ? File.ReadAllLines(Done) : [];

    private Task<Ended> LaterAsync(string text, params string[] options) =>
        _site.ClientAsync("svc", $"echo {text} >> {Done}", ["--async", .. options]);
}
