using System.Diagnostics;
using System.Text.RegularExpressions;
using TriggerFs.Transport;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>What a worker proves itself with is not there for what it runs, though both are one user's.</summary>
public sealed partial class OwnSecretsTests : IAsyncLifetime
{
    private const int Nobody = 65534;

    private Site _site = null!;
    private string _token = "";

    public async Task InitializeAsync()
    {
        _site = await Site.StartAsync();
        await _site.CliAsync("set workers identity demo01");
        _token = Token().Match((await _site.CliAsync("show workers demo01 token")).Out).Value;
    }

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task A_token_from_the_environment_is_not_in_it_any_more_when_something_runs()
    {
        await using Child worker = await WorkerAsync(RealProgram.Start(_site.Folder, Arguments(_site.SettingsFile)));
        const string Look = "tr '\\0' '\\n' < /proc/$PPID/environ; env; true";
        string seen = (await _site.ClientAsync("demo01", Look)).Out;
        Assert.Contains("TRIGGERFS_WORKER=demo01", seen);
        Assert.DoesNotContain(_token, seen);
    }

    [SkippableFact]
    public async Task A_plugin_of_the_same_user_cannot_look_into_the_worker()
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "only root can start a worker as somebody else");
        using var open = new TemporaryFolder();
        File.SetUnixFileMode(open.Path, (UnixFileMode)0x1FF);
        Ended ended = await Ended.RunAsync(AsNobody(RealProgram.Start(open.Path, ["--version"])));
        Skip.IfNot(ended.ExitCode == 0, "the program is where nobody else can read it");
        await using Child worker = await WorkerAsync(
            AsNobody(RealProgram.Start(open.Path, Arguments("/dev/null"))));
        const string Look = "id -u; stat -c %u /proc/$PPID/environ; cat /proc/$PPID/environ; cat /proc/$PPID/mem";
        ended = await _site.ClientAsync("demo01", Look);
        Assert.StartsWith($"{Nobody}\n0\n", ended.Out);
        Assert.Matches("environ: Permission denied\n(.*\n)*.*mem: Permission denied", ended.Err);
    }

    private static string[] Arguments(string settings) =>
        ["--config", settings, "worker", "-identity", "demo01", "-team", Site.Team];

    private async Task<Child> WorkerAsync(ProcessStartInfo start)
    {
        start.Environment["TRIGGERFS_TOKEN"] = _token;
        start.Environment["TRIGGERFS_BROKER"] = _site.Address;
        start.Environment["TRIGGERFS_BROKERKEY"] = Keys.Format(_site.BrokerKey);
        var worker = new Child(start);
        await worker.LineAsync("BROKER_ACCEPTED");
        await _site.OnlineAsync("demo01");
        return worker;
    }

    private static ProcessStartInfo AsNobody(ProcessStartInfo start)
    {
        string[] words = [$"--reuid={Nobody}", $"--regid={Nobody}", "--clear-groups", start.FileName];
        for (int i = 0; i < words.Length; i++) start.ArgumentList.Insert(i, words[i]);
        start.FileName = "setpriv";
        return start;
    }

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", RegexOptions.CultureInvariant)]
    private static partial Regex Token();
}
