using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Tests.Commands.Client;

/// <summary>The real client against a real broker and a real worker.</summary>
public sealed class ClientEndToEndTests : IAsyncLifetime
{
    private Site _site = null!;

    public async Task InitializeAsync()
    {
        _site = await Site.StartAsync();
        await _site.WorkerAsync("demo01");
    }

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Theory]
    [InlineData("exit 3", 3)]
    [InlineData("true", 0)]
    [InlineData("kill -9 $$", 137)]
    public async Task The_exit_status_is_the_plugins(string command, int status) =>
        Assert.Equal(status, (await _site.ClientAsync("demo01", command)).ExitCode);

    [Fact]
    public async Task A_timeout_is_124_and_says_so()
    {
        Ended ended = await _site.ClientAsync("demo01", "echo begun; sleep 60", "-timeout", "1s");
        Assert.Equal((124, "begun\n"), (ended.ExitCode, ended.Out));
        Assert.Contains("timed out on worker 'demo01'", ended.Err);
    }

    [Fact]
    public async Task No_worker_is_69_at_once()
    {
        await _site.CliAsync(
            "set worker identity idle", "set service name empty", "set service empty workers add idle");
        var clock = Stopwatch.StartNew();
        Ended ended = await _site.ClientAsync("empty", "true", "-timeout", "60s");
        Assert.Equal(69, ended.ExitCode);
        Assert.Contains("no worker is online for service 'empty'", ended.Err);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task An_unknown_service_is_a_failure_with_a_reason()
    {
        Ended ended = await _site.ClientAsync("nosuch", "true");
        Assert.Equal((69, ""), (ended.ExitCode, ended.Out));
        Assert.Contains("nosuch", ended.Err);
    }

    [Fact]
    public async Task A_pipe_gets_the_output_byte_for_byte_and_nothing_else()
    {
        byte[] bytes = RandomNumberGenerator.GetBytes(3_000_000);
        string path = Path.Combine(_site.Folder, "bytes");
        await File.WriteAllBytesAsync(path, bytes);
        Ended ended = await _site.ClientAsync("demo01", $"cat {path}; echo warning >&2");
        Assert.Equal((0, "warning\n"), (ended.ExitCode, ended.Err));
        Assert.True(bytes.AsSpan().SequenceEqual(ended.OutBytes));
    }

    [Fact]
    public async Task The_message_comes_from_standard_input_without_a_command()
    {
        Ended ended = await _site.RunAsync(["client", "-service", "demo01"], "echo $((6 * 7))\n"u8.ToArray());
        Assert.Equal((0, "42\n"), (ended.ExitCode, ended.Out));
    }

    [Fact]
    public async Task Several_workers_say_whose_lines_they_are_and_the_highest_status_counts()
    {
        await _site.WorkerAsync("demo02");
        await _site.ServiceAsync("both", "mirror", "demo01", "demo02");
        Ended ended = await _site.ClientAsync("both", "echo one; echo two; exit $(( $(date +%N | cut -c9) % 1 + 5 ))");
        Assert.Equal(5, ended.ExitCode);
        string[] lines = [.. ended.Out.TrimEnd().Split('\n').Order()];
        Assert.Equal(
            [
                "[command/command@demo01] one", "[command/command@demo01] two",
                "[command/command@demo02] one", "[command/command@demo02] two",
            ],
            lines);
    }

    [SkippableFact]
    public async Task On_a_terminal_the_form_is_that_of_2018()
    {
        Skip.IfNot(Terminal.IsThere, "script(1), which makes a terminal, is not installed");
        await _site.ServiceAsync("demoservice", "roundrobin", "demo01");
        Ended ended = await Terminal.RunAsync(_site, keys: "", "client",
            "-service", "demoservice", "-plugin", "command/command", "-timeout", "10s", "-command", "uptime");
        Assert.True(ended.ExitCode == 0, ended.Out + ended.Err);
        Assert.Matches(
            @"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d Sending message to service demoservice \(roundrobin\)\n"
            + @"\[command/command@demo01\] .*load average.*\n"
            + @"\nExit code: 0\nTotal messages: 1\nTime ran: [0-9.]+m?s\n",
            ended.Out);
    }

    [SkippableFact]
    public async Task Quiet_on_a_terminal_is_the_output_alone()
    {
        Skip.IfNot(Terminal.IsThere, "script(1), which makes a terminal, is not installed");
        Ended ended = await Terminal.RunAsync(
            _site, keys: "", "client", "-service", "demo01", "--quiet", "-command", "echo one; exit 4");
        Assert.Equal((4, "one\n"), (ended.ExitCode, ended.Out));
    }

    [Fact]
    public async Task Json_is_one_document()
    {
        Ended ended = await _site.ClientAsync("demo01", "echo out; echo err >&2; exit 2", "--output", "json");
        Assert.Equal(2, ended.ExitCode);
        using JsonDocument answer = JsonDocument.Parse(ended.Out);
        JsonElement run = answer.RootElement.GetProperty("runs")[0];
        Assert.Equal("out\n", run.GetProperty("stdout").GetString());
        Assert.Equal("err\n", run.GetProperty("stderr").GetString());
        Assert.Equal(2, run.GetProperty("exitCode").GetInt32());
    }

    [Fact]
    public async Task Ctrl_C_ends_the_command_on_the_worker()
    {
        string pidFile = Path.Combine(_site.Folder, "pid");
        Child client = _site.Start(
            "client", "-service", "demo01", "-command", $"trap '' TERM; echo $$ > {pidFile}; sleep 100");
        int pid = await PidAsync(pidFile);
        client.Interrupt();
        Assert.Equal(130, await client.EndAsync());
        await GoneAsync(pid);
    }

    [Fact]
    public async Task A_reader_that_goes_away_ends_the_command_on_the_worker()
    {
        string pidFile = Path.Combine(_site.Folder, "pid");
        ProcessStartInfo client = RealProgram.Start(_site.Folder,
            ["--config", _site.SettingsFile, "client", "-service", "demo01", "-command", $"echo $$ > {pidFile}; yes"]);
        using Process process = Process.Start(client)!;
        process.StandardInput.Close();
        Assert.Equal("y", await process.StandardOutput.ReadLineAsync());
        int pid = await PidAsync(pidFile);
        process.StandardOutput.Close();
        Assert.Equal("", await process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.Equal(141, process.ExitCode);
        await GoneAsync(pid);
    }

    [Fact]
    public async Task A_request_survives_a_restart_of_the_broker()
    {
        string go = Path.Combine(_site.Folder, "go");
        string begun = Path.Combine(_site.Folder, "begun");
        Child client = _site.Start("client", "-service", "demo01", "-timeout", "60s", "-command",
            $"echo before; touch {begun}; until [ -e {go} ]; do sleep 0.1; done; echo after; exit 4");
        await Site.UntilAsync(() => Task.FromResult(File.Exists(begun)), "the command did not begin");
        _site.Broker.Kill();
        await _site.Broker.EndAsync();
        await _site.StartBrokerAsync();
        await _site.OnlineAsync("demo01");
        await File.WriteAllTextAsync(go, "");
        Assert.True(await client.EndAsync() == 4, client.Text + "\nbroker:\n" + _site.Broker.Text);
        Assert.Equal("before\nafter", client.Text);
    }

    [Fact]
    public async Task The_log_keeps_the_answer()
    {
        string log = Path.Combine(_site.Folder, "client.log");
        await File.AppendAllTextAsync(_site.SettingsFile, $"\n[triggerfs-client]\nlogfile = \"{log}\"\n");
        await _site.ClientAsync("demo01", "echo one; echo two");
        Assert.Matches(
            "Sending message to service demo01 .*\n.*@demo01\\] one\n.*@demo01\\] two\n\nExit code: 0\n",
            await File.ReadAllTextAsync(log));
    }

    private static async Task<int> PidAsync(string file)
    {
        string text = "";
        await Site.UntilAsync(
            () => Task.FromResult(File.Exists(file) && (text = File.ReadAllText(file)).EndsWith('\n')),
            "it did not begin");
        return int.Parse(text.Trim());
    }

    private static Task GoneAsync(int pid) =>
        Site.UntilAsync(() => Task.FromResult(!Directory.Exists($"/proc/{pid}")), $"process {pid} is still there");
}
