using System.Text;
using TriggerFs.Commands;
using TriggerFs.Commands.Cli;
using TriggerFs.Commands.Cli.Output;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Tests.Commands.Session;

namespace TriggerFs.Tests.Commands.Cli;

public sealed class ConsoleRunTests : IAsyncLifetime, IDisposable
{
    private static readonly Column[] OutputColumns =
    [
        new("time", ColumnType.Time), new("event", ColumnType.Text), new("request", ColumnType.Number),
        new("user", ColumnType.Text), new("worker", ColumnType.Text), new("text", ColumnType.Text),
    ];

    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();
    private readonly ConsoleSession _session;
    private readonly ConsoleRun _run;
    private FakeLink? _link;
    private Settings? _opened;
    private TriggerException? _refusal;

    private static readonly Settings Hp = new()
    {
        Main = new("team1", "hp", "a secret", "a.b.c", "tcp://broker.example.com:5555", "key"),
    };

    public ConsoleRunTests()
    {
        _session = new(Hp, OpenAsync);
        _run = NewRun(new());
    }

    [Fact]
    public async Task A_wrong_statement_is_refused_before_anything_is_connected()
    {
        await Assert.ThrowsAnyAsync<TriggerException>(() => _run.DoAsync("set wokers", default));
        Assert.Null(_link);
    }

    [Fact]
    public async Task A_show_prints_its_table()
    {
        Task done = _run.DoAsync("show version", default);
        RequestId id = Manage.Read(await _link!.WaitAsync(MessageKind.Manage)).Id;
        _link.Deliver(new Listing(id, true, [new("version", ColumnType.Text)], [["2.0.0"]]).Write);
        await done;
        Assert.Contains("| 2.0.0   |", _output.ToString());
        Assert.Contains("(1 rows)", _output.ToString());
    }

    [Fact]
    public async Task To_go_to_another_team_is_to_sign_in_there_and_the_place_is_the_top()
    {
        Assert.Equal("(team1) hp@broker.example.com$ ", _session.Prompt);
        await _run.DoAsync("configure", default);
        await _run.DoAsync("edit services", default);
        await _run.DoAsync("team other", default);
        Assert.Equal(("other", null, "a secret"), (_opened!.Main.Team, _opened.Main.Jwt, _opened.Main.Secret));
        Assert.Equal("(other) hp@broker.example.com$ ", _session.Prompt);
        Assert.True(_run.Scope is { IsConfiguring: true, Path.IsTop: true });
    }

    [Fact]
    public async Task Who_is_refused_by_another_team_stays_where_he_is()
    {
        _refusal = new(ErrorCode.Unauthenticated, "the team, the identity or its proof is wrong");
        await Assert.ThrowsAsync<TriggerException>(() => _run.DoAsync("team other", default));
        Assert.Equal("(team1) hp@broker.example.com$ ", _session.Prompt);
    }

    [Fact]
    public async Task A_JWT_alone_leads_into_no_other_team()
    {
        var session = new ConsoleSession(Hp with { Main = Hp.Main with { Secret = null } }, OpenAsync);
        var problem = await Assert.ThrowsAsync<TriggerException>(() => session.SwitchAsync("other", default));
        Assert.Equal(ErrorCode.Settings, problem.Code);
    }

    [Fact]
    public async Task A_change_prints_its_notice_escaped_and_nothing_else()
    {
        Task done = _run.DoAsync("set workers identity demo01", default);
        RequestId id = Manage.Read(await _link!.WaitAsync(MessageKind.Manage)).Id;
        _link.Deliver(new Done(id, "its token is \u001b7").Write);
        await done;
        Assert.Equal("Notice: its token is \\u{1b}7\n", _output.ToString());
    }

    [Fact]
    public async Task Each_line_of_a_notice_stands_on_its_own()
    {
        Task done = _run.DoAsync("set workers identity demo01", default);
        RequestId id = Manage.Read(await _link!.WaitAsync(MessageKind.Manage)).Id;
        _link.Deliver(new Done(id, "one\ntwo").Write);
        await done;
        Assert.Equal("Notice: one\nNotice: two\n", _output.ToString());
    }

    [Fact]
    public async Task Notices_stay_out_of_json()
    {
        ConsoleRun run = NewRun(new(OutputFormat.Json));
        Task done = run.DoAsync("set workers identity demo01", default);
        RequestId id = Manage.Read(await _link!.WaitAsync(MessageKind.Manage)).Id;
        _link.Deliver(new Done(id, "noted").Write);
        await done;
        Assert.Equal(("", "Notice: noted\n"), (_output.ToString(), _errors.ToString()));
    }

    [Fact]
    public async Task Monitor_shows_rows_as_they_come_each_line_of_output_by_itself_until_it_is_interrupted()
    {
        using var interrupt = new CancellationTokenSource();
        Task done = _run.DoAsync("monitor services web", interrupt.Token);
        Manage asked = Manage.Read(await _link!.WaitAsync(MessageKind.Manage));
        Assert.Equal((Verb.Monitor, ObjectKind.Service, "web"), (asked.Verb, asked.Kind, asked.Name));
        Page(
            ["1525113930000", "out", "7", "hp", "demo01", "one\ntw"],
            ["1525113930000", "err", "7", "hp", "demo01", "x"]);
        Page(["1525113931000", "out", "7", "hp", "demo01", "o\u001b\n"]);
        Page(["1525113932000", "ended", "7", "hp", "demo01", "exit 0"]);
        interrupt.Cancel();
        Assert.Equal(asked.Id.Value, Cancel.Read(await _link.WaitAsync(MessageKind.Cancel)).Id);
        Assert.False(done.IsCompleted);
        _link.Deliver(new Listing(asked.Id, true, OutputColumns, []).Write);
        await done;
        Assert.Equal(
            """
            time      event     request            user      worker    text
            18:45:30  out       7                  hp        demo01    one
            18:45:31  out       7                  hp        demo01    two\u{1b}
            18:45:32  err       7                  hp        demo01    x
            18:45:32  ended     7                  hp        demo01    exit 0

            """,
            _output.ToString());

        void Page(params string[][] rows) => _link.Deliver(new Listing(asked.Id, false, OutputColumns, rows).Write);
    }

    [Fact]
    public async Task What_goes_on_and_on_is_no_document()
    {
        var problem = await Assert.ThrowsAsync<TriggerException>(
            () => _run.DoAsync("monitor workers | display json", default));
        Assert.Equal(ErrorCode.Usage, problem.Code);
    }

    [Fact]
    public async Task Exit_leaves_configure_mode_first_and_then_the_console()
    {
        await _run.DoAsync("configure", default);
        Assert.True(_run.Scope.IsConfiguring);
        await _run.DoAsync("exit", default);
        Assert.Equal((false, false), (_run.Scope.IsConfiguring, _run.IsOver));
        await _run.DoAsync("exit", default);
        Assert.True(_run.IsOver);
    }

    [Fact]
    public async Task Edit_goes_to_a_thing_that_is_there_and_exit_back_to_where_it_came_from()
    {
        await _run.DoAsync("configure", default);
        await _run.DoAsync("edit services", default);
        Task edit = _run.DoAsync("edit demoservice", default);
        Manage look = await AnsweredAsync();
        await edit;
        Assert.Equal((Verb.Show, ObjectKind.Service, "demoservice"), (look.Verb, look.Kind, look.Name));
        Assert.Equal("services demoservice", _run.Scope.Path.ToString());

        Task set = _run.DoAsync("set algorithm mirror", default);
        Manage asked = await AnsweredAsync();
        await set;
        Assert.Equal(("demoservice", "algorithm"), (asked.Name, asked.Property));
        await _run.DoAsync("exit", default);
        Assert.Equal("services", _run.Scope.Path.ToString());
        await _run.DoAsync("exit", default);
        Assert.Equal((true, true), (_run.Scope.Path.IsTop, _run.Scope.IsConfiguring));
    }

    [Fact]
    public async Task Edit_refuses_what_is_not_there()
    {
        await _run.DoAsync("configure", default);
        Task edit = _run.DoAsync("edit services demoservice", default);
        RequestId id = Manage.Read(await _link!.WaitAsync(MessageKind.Manage)).Id;
        _link.Deliver(Refused.Of(id, new(ErrorCode.NotFound, "there is no service 'demoservice'")).Write);
        await Assert.ThrowsAsync<TriggerException>(() => edit);
        Assert.True(_run.Scope.Path.IsTop);
    }

    [Fact]
    public async Task A_thing_that_is_renamed_while_it_is_edited_is_edited_under_its_new_name()
    {
        await _run.DoAsync("configure", default);
        foreach (string line in (string[])["edit workers a", "rename to b"])
        {
            Task done = _run.DoAsync(line, default);
            await AnsweredAsync();
            await done;
        }
        Assert.Equal("workers b", _run.Scope.Path.ToString());
    }

    [Fact]
    public async Task What_destroys_is_not_done_when_nobody_can_be_asked()
    {
        TriggerException problem =
            await Assert.ThrowsAsync<TriggerException>(() => _run.DoAsync("delete workers demo01", default));
        Assert.Equal(ErrorCode.Usage, problem.Code);
        Assert.Contains("--yes", problem.Fix);
        Assert.Null(_link);
    }

    [Theory]
    [InlineData("delete workers demo01 --yes", false)]
    [InlineData("delete workers demo01", true)]
    public async Task What_destroys_is_done_when_it_was_said_yes_to(string line, bool isConfirmed)
    {
        ConsoleRun run = NewRun(new(IsConfirmed: isConfirmed));
        Task done = run.DoAsync(line, default);
        Assert.Equal(Verb.Delete, (await AnsweredAsync()).Verb);
        await done;
    }

    [Theory]
    [InlineData("show workers | match web", "| web1     |", 2)]
    [InlineData("show workers | match web | except 2$", "| web1     |", 1)]
    [InlineData("show workers | last 1", "| db       |", 1)]
    public async Task A_filter_leaves_a_table_with_fewer_rows(string line, string row, int count)
    {
        await ShowAsync(line);
        Assert.Contains(row, _output.ToString());
        Assert.Contains($"({count} rows)", _output.ToString());
    }

    [Theory]
    [InlineData("show workers | count", "Count: 3 lines\n")]
    [InlineData("show workers | match WEB | count", "Count: 2 lines\n")]
    [InlineData("show workers | last 1 | display jsonl", "{\"identity\":\"db\"}\n")]
    [InlineData("show workers | display csv | match web | last 1", "web2\r\n")]
    [InlineData("show workers | no-more | display jsonl | count", "Count: 3 lines\n")]
    public async Task Filters_can_be_put_together(string line, string expected)
    {
        await ShowAsync(line);
        Assert.Equal(expected, _output.ToString());
    }

    [Fact]
    public async Task What_is_saved_is_only_its_owners()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "workers.json");
        await ShowAsync($"show workers | display json | save '{file}'");
        Assert.Equal(SecretFile.OwnerOnly, File.GetUnixFileMode(file));
        Assert.Contains("\"identity\": \"web1\"", File.ReadAllText(file));
        Assert.Equal($"Wrote 11 lines to {file}\n", _output.ToString());
    }

    [Fact]
    public async Task A_pattern_that_takes_too_long_is_given_up()
    {
        Task done = _run.DoAsync("show workers | match (a+)+$", default);
        await AnsweredAsync(["identity"], [new string('a', 60) + "!"]);
        Assert.Equal(ErrorCode.TimedOut, (await Assert.ThrowsAsync<TriggerException>(() => done)).Code);
    }

    [Fact]
    public async Task Help_tells_all_about_a_statement()
    {
        await _run.DoAsync("help set services demoservice on-failure", default);
        Assert.Equal(
            """
            set services demoservice on-failure: what a serial request does when a worker fails

              Takes effect at once, and is on the broker's disk when it is answered.
                set workers identity demo01
                set services name demoservice
                set services demoservice workers add demo01 demo02
                set trigger name /newtrigger/demotrigger

              continue  the next worker has its turn
              stop      the request ends

            """,
            _output.ToString());
    }

    [Fact]
    public async Task A_question_mark_lists_what_may_follow()
    {
        await _run.DoAsync("set services demoservice algorithm ?", default);
        Assert.Equal(
            """
              roundrobin  to one worker, the next in turn
              serial      to every worker, one after another
              mirror      to every worker at once

            """,
            _output.ToString());
    }

    [Fact]
    public void A_script_says_on_which_line_it_is()
    {
        using Script script = Script.Read(new MemoryStream("show workers\r\n\nlast"u8.ToArray()), "line ");
        Assert.Equal(new ScriptLine("show workers", "line 1"), script.Next());
        Assert.Equal(new ScriptLine("", "line 2"), script.Next());
        Assert.Equal(new ScriptLine("last", "line 3"), script.Next());
        Assert.Null(script.Next());
    }

    [Fact]
    public void A_line_of_a_megabyte_is_refused_with_its_number()
    {
        byte[] text = Encoding.ASCII.GetBytes("show workers\n" + new string('x', 1 << 20));
        using Script script = Script.Read(new MemoryStream(text), "setup.txt:");
        script.Next();
        var problem = Assert.Throws<TriggerException>(() => script.Next());
        Assert.Equal(ErrorCode.TooLarge, problem.Code);
        Assert.StartsWith("setup.txt:2: ", problem.Message);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _session.DisposeAsync();

    public void Dispose()
    {
        _output.Dispose();
        _errors.Dispose();
    }

    private ConsoleRun NewRun(ConsoleOptions options) => new(_session, options, new(_output, _errors));

    /// <summary>Answers the next statement: with rows when it is a Show, else as done.</summary>
    private async Task<Manage> AnsweredAsync(string[]? columns = null, params string[][] rows)
    {
        Manage asked = Manage.Read(await _link!.WaitAsync(MessageKind.Manage));
        if (asked.Verb != Verb.Show) _link.Deliver(new Done(asked.Id, "").Write);
        else _link.Deliver(new Listing(
            asked.Id, true, [.. (columns ?? []).Select(name => new Column(name, ColumnType.Text))], rows).Write);
        return asked;
    }

    private async Task ShowAsync(string line)
    {
        Task done = _run.DoAsync(line, default);
        await AnsweredAsync(["identity"], ["web1"], ["web2"], ["db"]);
        await done;
    }

    private async Task<UserSession> OpenAsync(Settings settings, CancellationToken stop)
    {
        if (_refusal is not null) throw _refusal;
        _opened = settings;
        var who = new UserCredentials(PeerRole.Console, "team1", "hp", "s");
        var session = new UserSession(who, "test", hello => _link = new FakeLink(hello));
        Task<Accepted> opened = session.OpenAsync(TimeSpan.FromSeconds(30), stop);
        _link!.Up();
        await opened;
        return session;
    }
}
