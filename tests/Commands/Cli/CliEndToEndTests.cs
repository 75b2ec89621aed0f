using System.Text;
using System.Text.Json;
using TriggerFs.Commands;
using TriggerFs.Commands.Client;
using TriggerFs.Commands.Session;
using TriggerFs.Core.Messages;
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
            "copy worker w1 w4", "copy service s s3", "copy trigger /e/u v", "clear hits --yes", "clear hits u --yes",
            "show configuration", "delete worker w4 --yes", "delete service s3 --yes", "delete trigger v --yes",
            "rename service s s2", "rename workers w1 w3", "delete service s2 workers w2", "show workers w3",
            "show workers w3 token", "show services s2", "show triggers", "show triggers u", "show triggers /e",
            "show directories", "show users", "show teams", "show sessions", "show jobs", "show queue", "show version",
            "delete trigger u --yes",
            "rmdir /e", "delete directory /f", "delete service s2 --yes", "delete workers w3 --yes");
    }

    [Fact]
    public async Task A_configuration_can_be_saved_and_loaded_again()
    {
        await _site.CliAsync(
            "set workers identity w1", "set worker w1 description 'rack \"4\"'", "set workers identity w2",
            "set services name s", "set service s workers add w2 w1", "set service s algorithm serial",
            "set service s timeout 1m30s", "set service s retry 2", "set service s on-failure stop",
            "set service s visibility team", "set service s rate none", "set services name workers",
            "mkdir '/a b'", "chmod 700 '/a b'", "mkdir '/a b/c'", "set trigger name '/a b/c/t'",
            "set trigger t plugin command/command", "set trigger t service attach s", "set trigger t timeout 5s",
            "set trigger t retry 1", "set trigger t message line", "set trigger t mode sync",
            "set trigger t limit 2MiB", "set trigger t visibility team", "set trigger t description x",
            "chmod 600 '/a b/c/t'");
        string file = Path.Combine(_site.Folder, "saved.txt");
        await _site.CliAsync($"save {file}");
        string saved = await File.ReadAllTextAsync(file);
        Assert.Contains("set services s workers add w2 w1\n", saved);
        Assert.Equal(SecretFile.OwnerOnly, File.GetUnixFileMode(file));

        // Nothing is made twice, and all is as it was.
        Ended again = await _site.CliAsync($"load {file}", "show configuration");
        Assert.Contains("; 7 would have made what is there\n", again.Out);
        Assert.EndsWith(saved, again.Out);

        // Into a team that has nothing.
        await _site.CliAsync(
            "delete trigger t --yes", "rmdir '/a b/c'", "rmdir '/a b'", "delete service s --yes",
            "delete service \"workers\" --yes", "delete worker w1 --yes", "delete worker w2 --yes");
        Ended empty = await _site.CliAsync("show configuration | count");
        Assert.Equal("Count: 0 lines\n", empty.Out);
        Ended loaded = await _site.CliAsync($"load {file}", "show configuration");
        Assert.EndsWith(saved, loaded.Out);
    }

    [Fact]
    public async Task Loading_stops_at_the_first_line_that_is_refused_and_says_where()
    {
        string file = Path.Combine(_site.Folder, "broken.txt");
        await File.WriteAllTextAsync(file, "set workers identity a\nedit workers a\nset description b\nset wokers\n");
        Ended ended = await _site.RunAsync("cli", "-c", $"load {file}");
        Assert.Equal(64, ended.ExitCode);
        Assert.StartsWith($"triggerfs: {file}:4: 'wokers' is not known here\n", ended.Err);
        Ended shown = await _site.CliAsync("show configuration");
        Assert.Equal("set workers identity a\nset workers a description b\n", shown.Out);
        await File.WriteAllTextAsync(file, $"load {file}\n");
        Assert.Equal(64, (await _site.RunAsync("cli", "-c", $"load {file}")).ExitCode);
        Assert.Equal(64, (await _site.RunAsync("cli", "-c", "load /nowhere/at/all")).ExitCode);
    }

    [Fact]
    public async Task A_worker_can_be_told_to_connect_again_and_to_end()
    {
        Child worker = await _site.WorkerAsync("demo01");
        int mark = worker.Mark();
        await _site.CliAsync("request workers demo01 restart");
        await worker.LineAsync("BROKER_ACCEPTED", from: mark);
        await _site.OnlineAsync("demo01");
        Ended ended = await _site.CliAsync("request workers demo01 shutdown --yes");
        Assert.Contains("demo01 ends", ended.Out);
        Assert.Equal(0, await worker.EndAsync());
        Assert.Contains("was shut down by admin", worker.Text);
        Ended offline = await _site.RunAsync("cli", "-c", "request workers demo01 restart");
        Assert.Equal(69, offline.ExitCode);
        Assert.Contains("request worker demo01 shutdown", (await _site.CliAsync("show audit | display jsonl")).Out);
    }

    [Fact]
    public async Task Hits_can_be_cleared_and_stay_so()
    {
        await _site.WorkerAsync("demo01");
        await _site.CliAsync("set services name s", "set services s workers add demo01", "mkdir /d",
            "set trigger name /d/t", "set trigger t plugin echo", "set trigger t service attach s");
        await using UserSession session = _site.Session();
        await session.OpenAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
        StatementAnswer shown = await session.ManageAsync(Verb.Show, ObjectKind.Trigger, "t", "", [], default);
        ulong node = ulong.Parse(shown.Rows[0][0]);
        session.Fire(new(node), "x"u8, 0, default, TimeSpan.Zero, new AnswerQueue());
        await Site.UntilAsync(async () => (await HitsAsync()) == 1, "the hit is not counted");
        await _site.CliAsync("clear hits t --yes");
        Assert.Equal(0, await HitsAsync());
        _site.Broker.Terminate();
        await _site.Broker.EndAsync();
        await _site.StartBrokerAsync();
        Assert.Equal(0, await HitsAsync());

        async Task<int> HitsAsync()
        {
            string row = (await _site.CliAsync("show triggers t | display jsonl")).Out;
            return JsonDocument.Parse(row).RootElement.GetProperty("hits").GetInt32();
        }
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
