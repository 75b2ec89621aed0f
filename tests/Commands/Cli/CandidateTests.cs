using TriggerFs.Commands;
using TriggerFs.Commands.Cli;
using TriggerFs.Commands.Cli.Output;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Tests.Commands.Session;

namespace TriggerFs.Tests.Commands.Cli;

/// <summary>The console's side of configure candidate, against a broker that a test plays.</summary>
public sealed class CandidateTests : IAsyncLifetime, IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();
    private readonly ConsoleSession _session;
    private readonly ConsoleRun _run;
    private FakeLink _link = null!;

    public CandidateTests()
    {
        _session = new(new(), OpenAsync);
        _run = new(_session, new(), new(_output, _errors));
    }

    public async Task InitializeAsync()
    {
        Task done = _run.DoAsync("configure candidate", default);
        await ShowRevisionsAsync(7);
        await done;
    }

    public async Task DisposeAsync() => await _session.DisposeAsync();

    public void Dispose()
    {
        _output.Dispose();
        _errors.Dispose();
    }

    [Fact]
    public async Task Statements_wait_until_they_are_committed_together_with_what_was_seen()
    {
        await DoAsync("set ser web time 10s", "delete services old");
        Task editing = _run.DoAsync("edit services web", default);
        Manage look = Manage.Read(await _link.WaitAsync(MessageKind.Manage));
        _link.Deliver(new Listing(look.Id, true, [new("identity", ColumnType.Text)], [["web"]]).Write);
        await editing;
        await DoAsync("set retry 2", "top");
        await _run.DoAsync("show", default);
        Assert.Equal(
            "set services web timeout 10s\ndelete services old\nset services web retry 2\n", _output.ToString());
        Assert.Equal("configure candidate# ", _run.Scope.Mode);

        Task done = _run.DoAsync("commit comment 'the web'", default);
        Commit commit = await CommitAsync(CommitAction.Store);
        Assert.Equal((7, "the web", 0u), (commit.Base, commit.Comment, commit.ConfirmMs));
        Assert.Equal(
            ["Set Service web timeout 10000", "Delete Service old  ", "Set Service web retry 2"],
            commit.Statements.Select(one =>
                $"{one.Verb} {one.Kind} {one.Name} {one.Property} {string.Join(' ', one.Values)}"));
        _link.Deliver(new Done(commit.Id, "revision 8\nthe token of x is y").Write);
        await done;
        Assert.EndsWith("commit complete\nNotice: revision 8\nNotice: the token of x is y\n", _output.ToString());

        await DoAsync("set services web timeout 20s");
        done = _run.DoAsync("commit confirmed 5", default);
        commit = await CommitAsync(CommitAction.Store);
        Assert.Equal((8, 300_000u), (commit.Base, commit.ConfirmMs));
        _link.Deliver(new Done(commit.Id, "revision 9; it is taken back at …").Write);
        await done;

        done = _run.DoAsync("commit", default);
        commit = await CommitAsync(CommitAction.Confirm);
        Assert.Empty(commit.Statements);
        _link.Deliver(new Done(commit.Id, "revision 9 stands").Write);
        await done;
        Assert.EndsWith("confirmed\nNotice: revision 9 stands\n", _output.ToString());
    }

    [Theory]
    [InlineData("commit confirmed", 600_000u, "")]
    [InlineData("commit confirmed 90s", 90_000u, "")]
    [InlineData("commit confirmed 2 comment 'why not'", 120_000u, "why not")]
    public async Task A_commit_that_is_to_be_confirmed_says_by_when(string line, uint confirmMs, string comment)
    {
        await DoAsync("mkdir /a");
        Task done = _run.DoAsync(line, default);
        Commit commit = await CommitAsync(CommitAction.Store);
        Assert.Equal((confirmMs, comment), (commit.ConfirmMs, commit.Comment));
        _link.Deliver(new Done(commit.Id, "").Write);
        await done;
    }

    [Fact]
    public async Task A_refused_commit_keeps_the_statements_and_update_takes_the_others_as_seen()
    {
        await DoAsync("set services web timeout 10s");
        Task done = _run.DoAsync("commit", default);
        Commit commit = await CommitAsync(CommitAction.Store);
        _link.Deliver(Refused.Of(commit.Id, new(ErrorCode.Conflict, "somebody else changed the same")).Write);
        Assert.Equal(ErrorCode.Conflict, (await Assert.ThrowsAsync<TriggerException>(() => done)).Code);

        done = _run.DoAsync("update", default);
        await ShowRevisionsAsync(9);
        await done;
        done = _run.DoAsync("commit", default);
        commit = await CommitAsync(CommitAction.Store);
        Assert.Equal((9, 1), (commit.Base, commit.Statements.Count));
        _link.Deliver(new Done(commit.Id, "revision 10").Write);
        await done;
    }

    [Theory]
    [InlineData("show | compare")]
    [InlineData("show services web | compare | no-more")]
    public async Task Compare_shows_what_the_broker_says_would_change(string line)
    {
        await DoAsync("set services web timeout 10s");
        Task done = _run.DoAsync(line, default);
        Commit commit = await CommitAsync(CommitAction.Check);
        Differ(commit.Id,
            ["service", "web", "changed", "timeout", "5s", "10s"],
            ["worker", "new\u001b", "made", "name", "", "new"],
            ["trigger", "/a/b", "removed", "plugin", "echo", ""]);
        await done;
        Assert.Equal(
            """
            [service web]
            -   timeout 5s
            +   timeout 10s
            [worker new\u{1b}] is made
            +   name new
            [trigger /a/b] is removed
            -   plugin echo

            """,
            _output.ToString());
    }

    [Fact]
    public async Task Going_back_counts_from_the_newest_revision_and_is_asked_about()
    {
        await Assert.ThrowsAsync<TriggerException>(() => _run.DoAsync("rollback 2", default));
        Task done = _run.DoAsync("rollback 2 --yes", default);
        await ShowRevisionsAsync(9);
        Commit commit = await CommitAsync(CommitAction.Back);
        Assert.Equal((9, 7), (commit.Base, commit.Target));
        _link.Deliver(new Done(commit.Id, "revision 10 is as revision 7 was").Write);
        await done;

        done = _run.DoAsync("show | compare rollback 1", default);
        await ShowRevisionsAsync(10);
        commit = await CommitAsync(CommitAction.CheckBack);
        Assert.Equal(9, commit.Target);
        Differ(commit.Id);
        await done;
        Assert.EndsWith("nothing would change\n", _output.ToString());

        done = _run.DoAsync("rollback 11 --yes", default);
        await ShowRevisionsAsync(10);
        Assert.Equal(ErrorCode.NotFound, (await Assert.ThrowsAsync<TriggerException>(() => done)).Code);
    }

    [Fact]
    public async Task Statements_that_are_not_committed_are_not_forgotten_unasked()
    {
        await DoAsync("mkdir /a");
        Assert.Equal(ErrorCode.Usage, Assert.Throws<TriggerException>(_run.End).Code);
        await Assert.ThrowsAsync<TriggerException>(() => _run.DoAsync("exit", default));
        await Assert.ThrowsAsync<TriggerException>(() => _run.DoAsync("rollback 1 --yes", default));
        Assert.Equal("1 statements are forgotten",
            (await Assert.ThrowsAsync<TriggerException>(() => _run.DoAsync("rollback 0", default))).Why);
        Assert.True(_run.Scope.IsCandidate);
        await DoAsync("rollback 0 --yes", "rollback 0", "exit");
        Assert.Equal((false, false), (_run.Scope.IsConfiguring, _run.IsOver));
        _run.End();
    }

    [Theory]
    [InlineData("run configure")]
    [InlineData("run configure candidate")]
    public async Task Going_to_another_mode_does_not_forget_statements_unasked(string line)
    {
        await DoAsync("mkdir /a");
        await Assert.ThrowsAsync<TriggerException>(() => _run.DoAsync(line, default));
        Assert.True(_run.Scope.IsCandidate);
        Assert.Throws<TriggerException>(_run.End);
    }

    [Fact]
    public async Task What_is_no_configuration_is_refused_and_run_does_it_at_once()
    {
        TriggerException secret = await Assert.ThrowsAsync<TriggerException>(
            () => _run.DoAsync("set users alice secret", default));
        Assert.Equal("do it at once: run set users alice secret", secret.Fix);
        TriggerException refusal = await Assert.ThrowsAsync<TriggerException>(
            () => _run.DoAsync("set users alice role admin", default));
        Assert.Equal("do it at once: run set users alice role admin", refusal.Fix);
        Task done = _run.DoAsync("run set users alice role admin", default);
        Manage asked = Manage.Read(await _link.WaitAsync(MessageKind.Manage));
        _link.Deliver(new Done(asked.Id, "").Write);
        await done;
    }

    [Fact]
    public async Task What_is_made_by_a_statement_that_waits_can_be_edited()
    {
        await DoAsync("set services name web", "edit services web", "set timeout 10s", "exit");
        Task done = _run.DoAsync("edit services other", default);
        Manage asked = Manage.Read(await _link.WaitAsync(MessageKind.Manage));
        _link.Deliver(Refused.Of(asked.Id, new(ErrorCode.NotFound, "there is no service 'other'")).Write);
        await Assert.ThrowsAsync<TriggerException>(() => done);
    }

    [Fact]
    public async Task More_statements_than_a_commit_takes_are_refused_when_they_are_typed()
    {
        for (int n = 0; n < Limits.CommitStatementsMax; n++) await DoAsync($"mkdir /d{n}");
        TriggerException refusal = await Assert.ThrowsAsync<TriggerException>(() => DoAsync("mkdir /more"));
        Assert.Equal(ErrorCode.TooLarge, refusal.Code);
    }

    private async Task DoAsync(params string[] lines)
    {
        foreach (string line in lines) await _run.DoAsync(line, default);
    }

    private async Task<Commit> CommitAsync(CommitAction action)
    {
        Commit commit = Commit.Read(await _link.WaitAsync(MessageKind.Commit));
        Assert.Equal(action, commit.Action);
        return commit;
    }

    private async Task ShowRevisionsAsync(long newest)
    {
        while (_link is null) await Task.Delay(5);
        Manage asked = Manage.Read(await _link.WaitAsync(MessageKind.Manage));
        Assert.Equal((Verb.Show, ObjectKind.Revision), (asked.Verb, asked.Kind));
        _link.Deliver(new Listing(asked.Id, true,
            [new("back", ColumnType.Number), new("revision", ColumnType.Number)],
            [["0", $"{newest}"], ["1", $"{newest - 1}"]]).Write);
    }

    private void Differ(RequestId id, params string[][] rows) => _link.Deliver(new Listing(id, true,
        [
            new("kind", ColumnType.Text), new("name", ColumnType.Text), new("change", ColumnType.Text),
            new("property", ColumnType.Text), new("before", ColumnType.Text), new("after", ColumnType.Text),
        ],
        rows).Write);

    private async Task<UserSession> OpenAsync(Settings settings, CancellationToken stop)
    {
        var session = new UserSession(
            new(PeerRole.Console, "team1", "hp", "s"), "test", hello => _link = new FakeLink(hello));
        Task<Accepted> opened = session.OpenAsync(TimeSpan.FromSeconds(30), stop);
        _link.Up();
        await opened;
        return session;
    }
}
