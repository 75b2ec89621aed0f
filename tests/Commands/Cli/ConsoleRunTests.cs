using System.Text;
using TriggerFs.Commands;
using TriggerFs.Commands.Cli;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Tests.Commands.Session;

namespace TriggerFs.Tests.Commands.Cli;

public sealed class ConsoleRunTests : IAsyncLifetime, IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();
    private readonly ConsoleRun _run;
    private FakeLink? _link;

    public ConsoleRunTests() => _run = NewRun(OutputFormat.Text);

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
        ConsoleRun run = NewRun(OutputFormat.Json);
        Task done = run.DoAsync("set workers identity demo01", default);
        RequestId id = Manage.Read(await _link!.WaitAsync(MessageKind.Manage)).Id;
        _link.Deliver(new Done(id, "noted").Write);
        await done;
        Assert.Equal(("", "Notice: noted\n"), (_output.ToString(), _errors.ToString()));
    }

    [Fact]
    public async Task Exit_leaves_configure_mode_first_and_then_the_console()
    {
        await _run.DoAsync("configure", default);
        Assert.True(_run.IsConfiguring);
        await _run.DoAsync("exit", default);
        Assert.Equal((false, false), (_run.IsConfiguring, _run.IsOver));
        await _run.DoAsync("exit", default);
        Assert.True(_run.IsOver);
    }

    [Fact]
    public async Task Help_lists_what_may_follow()
    {
        await _run.DoAsync("help set services demoservice algorithm", default);
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

    public async Task DisposeAsync() => await _run.DisposeAsync();

    public void Dispose()
    {
        _output.Dispose();
        _errors.Dispose();
    }

    private ConsoleRun NewRun(OutputFormat format) => new(OpenAsync, format, _output, _errors);

    private async Task<UserSession> OpenAsync(CancellationToken stop)
    {
        var who = new UserCredentials(PeerRole.Console, "team1", "hp", "s");
        var session = new UserSession(who, "test", hello => _link = new FakeLink(hello));
        Task<Accepted> opened = session.OpenAsync(TimeSpan.FromSeconds(30), stop);
        _link!.Up();
        await opened;
        return session;
    }
}
