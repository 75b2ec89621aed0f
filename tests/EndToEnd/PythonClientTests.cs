using System.Diagnostics;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>A client in Python that was written from Transport/PROTOCOL.md, with libzmq underneath.</summary>
public sealed class PythonClientTests : IAsyncLifetime
{
    private Site _site = null!;

    public async Task InitializeAsync()
    {
        _site = await Site.StartAsync();
        try
        {
            await _site.WorkerAsync("demo01");
        }
        catch
        {
            await _site.DisposeAsync(); // Nobody else does when this throws.
            throw;
        }
    }

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [SkippableFact]
    public async Task It_prints_output_as_it_comes_and_exits_with_the_exit_code()
    {
        await SkipWithoutPyzmq();
        string flag = Path.Combine(_site.Folder, "go-on");
        await using var client = new Child(Client(
            $"echo one; echo oops >&2; until [ -e '{flag}' ]; do sleep 0.05; done; echo two; exit 3"));
        await client.LineAsync("^one$");
        await client.LineAsync("^oops$");
        Assert.DoesNotContain("two", client.Text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(flag, "");
        await client.LineAsync("^two$");
        Assert.Equal(3, await client.EndAsync());
    }

    [SkippableFact]
    public async Task It_reads_many_windows_of_output_whole()
    {
        await SkipWithoutPyzmq();
        Ended ended = await Ended.RunAsync(Client("seq 1 500000"));
        Assert.True(ended.ExitCode == 0, ended.Err);
        Assert.Equal(string.Concat(Enumerable.Range(1, 500_000).Select(i => $"{i}\n")), ended.Out);
    }

    [SkippableFact]
    public async Task It_is_told_why_a_wrong_secret_is_refused()
    {
        await SkipWithoutPyzmq();
        ProcessStartInfo start = Client("true");
        start.Environment["TRIGGERFS_SECRET"] = "not the secret";
        Ended ended = await Ended.RunAsync(start);
        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("refused (15)", ended.Err, StringComparison.Ordinal);
    }

    private static async Task SkipWithoutPyzmq()
    {
        const string python = "/usr/bin/python3";
        Skip.If(!File.Exists(python), "there is no /usr/bin/python3");
        Ended ended = await Ended.RunAsync(Redirected(new(python, ["-c", "import zmq"])));
        Skip.If(ended.ExitCode != 0, "pyzmq is not installed (apt install python3-zmq)");
    }

    private ProcessStartInfo Client(string command)
    {
        string key = File.ReadLines(_site.SettingsFile)
            .First(line => line.StartsWith("brokerkey", StringComparison.Ordinal)).Split('"', '\'')[1];
        string program = Path.Combine(Repository.Sources.Root, "tests/EndToEnd/client.py");
        ProcessStartInfo start = Redirected(new(
            "/usr/bin/python3", ["-u", program, _site.Address, key, Site.Team, Site.Identity, "demo01", command]));
        start.Environment["TRIGGERFS_SECRET"] = Site.Secret;
        return start;
    }

    private static ProcessStartInfo Redirected(ProcessStartInfo start)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        return start;
    }
}
