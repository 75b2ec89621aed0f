using System.Text;
using System.Text.Json;
using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Tests.Commands.Cli;

/// <summary>The real console against a real broker.</summary>
public sealed class CliEndToEndTests : IAsyncLifetime
{
    private const string Tutorial = """
        # As in "Get Started".
        configure
        set workers identity demo01
        show workers
        show workers demo01 token
        set services name demoservice
        set services demoservice workers add demo01
        set services demoservice algorithm mirror
        mkdir /newtrigger
        set trigger name /newtrigger/demotrigger
        set trigger demotrigger plugin command/command
        set trigger demotrigger service attach demoservice
        set trigger demotrigger timeout 10s
        exit
        show services
        show triggers
        """;

    private Site _site = null!;

    public async Task InitializeAsync() => _site = await Site.StartAsync();

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task The_tutorial_can_be_typed_as_it_stands()
    {
        Ended ended = await _site.RunAsync(["cli"], Encoding.UTF8.GetBytes(Tutorial));
        Assert.True(ended.ExitCode == 0, ended.Out + ended.Err);
        Assert.Equal("", ended.Err);
        Assert.Matches(@"\| id +\| identity \| description \| state", ended.Out);
        Assert.Matches(@"\| demo01 +\| .*DISCONNECTED", ended.Out);
        Assert.Matches(@"\| demoservice \| .*mirror.*demo01", ended.Out);
        Assert.Matches(@"demotrigger.*command/command", ended.Out);
        Assert.Matches(@"\| demo01 +\| [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12} \|", ended.Out);
        Assert.Equal(4, ended.Out.Split("(1 rows)\nTime: ").Length - 1);
    }

    [Fact]
    public async Task A_script_stops_at_its_first_failure_and_says_where()
    {
        Ended ended = await _site.RunAsync(
            ["cli"], "set workers identity a\nset services name b c\nset workers identity d\n"u8.ToArray());
        Assert.Equal(64, ended.ExitCode);
        Assert.StartsWith(
            """
            triggerfs: line 2: nothing may follow here, but there is 'c'
                set services name b c
                                    ^
            """,
            ended.Err);
        Ended shown = await _site.RunAsync("cli", "-c", "show workers", "--output", "json");
        using JsonDocument workers = JsonDocument.Parse(shown.Out);
        JsonElement worker = Assert.Single(workers.RootElement.EnumerateArray());
        Assert.Equal("a", worker.GetProperty("identity").GetString());
    }

    [Fact]
    public async Task What_the_broker_refuses_stops_a_script_too()
    {
        string script = Path.Combine(_site.Folder, "setup.txt");
        await File.WriteAllTextAsync(script, "set worker identity a\nset worker identity a\nset worker identity b\n");
        Ended ended = await _site.RunAsync("cli", "-f", script);
        Assert.Equal(73, ended.ExitCode);
        Assert.StartsWith($"triggerfs: {script}:2: ", ended.Err);
        Assert.DoesNotContain("| b ", (await _site.CliAsync("show workers")).Out);
    }

    [Fact]
    public async Task Every_statement_of_the_grammar_is_understood_by_the_broker()
    {
        await _site.CliAsync(
            "set workers identity w1", "set workers identity w2", "set worker w1 description 'rack 4'",
            "set services name s",
            "set service s workers add w1 w2", "set service s workers remove w1", "set service s algorithm serial",
            "set service s timeout 1m", "set service s retry 2", "set service s on-failure stop",
            "set service s visibility team", "set service s description 'the service'", "mkdir /d", "mkdir /e",
            "set trigger name /d/t", "set trigger t plugin command/command", "set trigger t service attach s",
            "set trigger /d/t service detach s", "set trigger t timeout 5s", "set trigger t retry 1",
            "set trigger t message line", "set trigger t mode sync", "set trigger t limit 16MiB",
            "set trigger t visibility team",
            "set trigger t description x", "mv /d/t /e", "rename trigger t u", "chmod 600 /e/u",
            "rename directory /d /f", "annotate trigger u y", "delete trigger u description",
            "delete service s timeout",
            "rename service s s2", "rename workers w1 w3", "delete service s2 workers w2", "show workers w3",
            "show workers w3 token", "show services s2", "show triggers", "show triggers u", "show triggers /e",
            "show directories", "show users", "show teams", "show sessions", "show jobs", "show version",
            "delete trigger u --yes",
            "rmdir /e", "delete directory /f", "delete service s2 --yes", "delete workers w3 --yes");
    }

    [Fact]
    public async Task A_listing_can_be_had_for_programs()
    {
        await _site.CliAsync("set workers identity demo01");
        Ended json = await _site.RunAsync("cli", "-c", "show workers demo01 token", "--output", "json");
        using JsonDocument rows = JsonDocument.Parse(json.Out);
        Assert.True(Guid.TryParse(rows.RootElement[0].GetProperty("token").GetString(), out _));
        Ended csv = await _site.RunAsync("cli", "--output", "csv", "-c", "show workers");
        Assert.StartsWith("id,identity,description,state,token,owner,created,updated\r\n", csv.Out);
    }

    [Fact]
    public async Task A_request_shows_its_output_and_its_exit_status_ends_a_script()
    {
        await _site.WorkerAsync("demo01");
        Ended ended = await _site.RunAsync(
            ["cli"],
            "request workers demo01 command echo one; echo two\nrequest workers demo01 command exit 3\nshow jobs\n"u8
                .ToArray());
        Assert.Equal("one\ntwo\n", ended.Out);
        Assert.Equal("triggerfs: line 2: the command ended with exit status 3\n", ended.Err);
        Assert.Equal(3, ended.ExitCode);
        Ended filtered = await _site.CliAsync("request workers demo01 plugin echo command 'a\u001b[2J' | count");
        Assert.Equal("Count: 1 lines\n", filtered.Out);
    }

    [Fact]
    public async Task A_wrong_secret_is_not_allowed_in()
    {
        System.Diagnostics.ProcessStartInfo start =
            RealProgram.Start(_site.Folder, ["--config", _site.SettingsFile, "cli", "-c", "show workers"]);
        start.Environment["TRIGGERFS_SECRET"] = "not the secret at all";
        Ended ended = await Ended.RunAsync(start);
        Assert.Equal(77, ended.ExitCode);
        Assert.Equal("", ended.Out);
    }
}
