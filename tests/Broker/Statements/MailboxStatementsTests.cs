using TriggerFs.Broker.Access;
using TriggerFs.Broker.Mail;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.Statements;

public sealed class MailboxStatementsTests : IDisposable
{
    private readonly Desk _desk = new();

    public void Dispose() => _desk.Dispose();

    [Fact]
    public void What_was_shown_is_read()
    {
        Write(Sample.Member, "one");
        Write(Sample.Member, "two");
        Assert.Equal(2, _desk.Roster.CountUnread(Sample.Team1, Sample.Member));
        Assert.Equal(["one", "two"], Show(Desk.Alice, "text"));
        Assert.Equal(0, _desk.Roster.CountUnread(Sample.Team1, Sample.Member));
        Write(Sample.Member, "three");
        Assert.Equal(["", "", "new"], Show(Desk.Alice, "state"));
        Assert.Equal(["", "", ""], Show(Desk.Alice, "state"));
    }

    [Fact]
    public void Everybody_has_a_mailbox_of_his_own()
    {
        Write(Sample.Member, "for alice");
        Assert.Empty(Show(Desk.Bob, "text"));
        long id = _desk.Roster.LettersOf(Sample.Member).Single().Id.Value;
        foreach (var who in new[] { Desk.Bob, Desk.Admin, Desk.Mallory })
        {
            _desk.Refused(ErrorCode.NotFound, who, Verb.Show, ObjectKind.Mailbox, $"{id}");
            _desk.Refused(ErrorCode.NotFound, who, Verb.Delete, ObjectKind.Mailbox, $"{id}");
        }
    }

    [Fact]
    public void A_letter_of_a_team_is_read_in_that_team_and_one_to_the_person_in_all()
    {
        _desk.Roster.Apply([new Change.PutMembership(new(Sample.Team2, Sample.Member, TeamRole.Member))]);
        Actor inTeam2 = new(Sample.Member, Sample.Team2, TeamRole.Member);
        Write(Sample.Member, "of team1");
        Write(Sample.Member, "of team2", Sample.Team2);
        Post(Sample.Member, null, "to alice");
        Assert.Equal(["of team1", "to alice"], Show(Desk.Alice, "text"));
        Assert.Equal(["of team2", "to alice"], Show(inTeam2, "text"));
        _desk.Do(Verb.Delete, ObjectKind.User, "alice");
        Assert.Equal(
            ["of team2", "to alice", "you are not in team team1 any more"],
            _desk.Roster.LettersOf(Sample.Member).Select(letter => letter.Text));
    }

    [Fact]
    public void Letters_are_deleted_one_by_one_or_all_at_once()
    {
        foreach (string text in (string[])["one", "two", "three"]) Write(Sample.Observer, text);
        long second = _desk.Roster.LettersOf(Sample.Observer).ElementAt(1).Id.Value;
        _desk.Do(Desk.Eve, Verb.Delete, ObjectKind.Mailbox, $"{second}");
        Assert.Equal(["one", "three"], Show(Desk.Eve, "text"));
        _desk.Do(Desk.Eve, Verb.Delete, ObjectKind.Mailbox, "all");
        Assert.Empty(Show(Desk.Eve, "text"));
        _desk.Do(Desk.Eve, Verb.Delete, ObjectKind.Mailbox, "all");
        _desk.Refused(ErrorCode.NotFound, Desk.Eve, Verb.Delete, ObjectKind.Mailbox, "");
        _desk.Refused(ErrorCode.NotFound, Desk.Eve, Verb.Delete, ObjectKind.Mailbox, "x");
    }

    [Fact]
    public void A_mailbox_keeps_the_newest_letters_and_each_mailbox_its_own()
    {
        Write(Sample.Member, "of another mailbox", Sample.Team2);
        for (int i = 0; i < Limits.LettersMax + 3; i++) Write(Sample.Member, $"{i}");
        string[] texts = Show(Desk.Alice, "text");
        Assert.Equal(Limits.LettersMax, texts.Length);
        Assert.Equal("3", texts[0]);
        Assert.Equal(Limits.LettersMax + 1, _desk.Roster.LettersOf(Sample.Member).Count);
    }

    [Fact]
    public void Old_letters_go_by_themselves()
    {
        Write(Sample.Member, "old");
        long laterMs = (long)Limits.LetterAgeMax.TotalMilliseconds + 1;
        Instant later = Sample.Now with { UnixMs = Sample.Now.UnixMs + laterMs };
        Assert.Empty(TriggerFs.Broker.Mail.Post.Old(_desk.Roster, Sample.Now));
        _desk.Roster.Apply([.. TriggerFs.Broker.Mail.Post.To(_desk.Roster, [Sample.Member], Sample.Team1,
            LetterKind.Quota, "new", later)]);
        _desk.Roster.Apply([.. TriggerFs.Broker.Mail.Post.Old(_desk.Roster, later)]);
        Assert.Equal(["new"], Show(Desk.Alice, "text"));
    }

    [Fact]
    public void A_letter_is_one_line_of_a_bounded_length()
    {
        Write(Sample.Member, "a\nb\u001b[31m" + new string('é', 5000));
        Letter letter = _desk.Roster.LettersOf(Sample.Member).Single();
        Assert.DoesNotContain(letter.Text, char.IsControl);
        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(letter.Text), 200, Limits.LetterMax);
    }

    [Fact]
    public void An_operator_announces_to_everybody_in_all_teams()
    {
        string notice = _desk.Do(Verb.Request, ObjectKind.Broker, "", "announce", "maintenance at eight");
        Assert.Contains("5 users", notice);
        foreach (var who in new[] { Desk.Admin, Desk.Alice, Desk.Eve, Desk.Mallory })
            Assert.Equal(["maintenance at eight"], Show(who, "text"));
    }

    [Fact]
    public void A_shutdown_is_announced_with_its_moment_and_can_be_cancelled()
    {
        var decision = _desk.Decide(Desk.Admin, Verb.Request, ObjectKind.Broker, "", "shutdown", "600000");
        Assert.Equal(new ShutdownOrder(600_000), decision.Shutdown);
        _desk.Roster.Apply(decision.Changes);
        Assert.Contains("2018-04-30 18:55 UTC, in 10 minutes", Show(Desk.Mallory, "text")[0]);
        decision = _desk.Decide(Desk.Admin, Verb.Request, ObjectKind.Broker, "", "shutdown", "cancel");
        Assert.Equal(new ShutdownOrder(null), decision.Shutdown);
        _desk.Refused(ErrorCode.Invalid, Verb.Request, ObjectKind.Broker, "", "shutdown", "soon");
    }

    [Fact]
    public void Nobody_but_an_operator_speaks_for_the_broker()
    {
        foreach (var who in new[] { Desk.Alice, Desk.Eve, Desk.Mallory })
        {
            _desk.Refused(ErrorCode.NotAllowed, who, Verb.Request, ObjectKind.Broker, "", "announce", "x");
            _desk.Refused(ErrorCode.NotAllowed, who, Verb.Request, ObjectKind.Broker, "", "shutdown", "0");
        }
    }

    private void Write(UserId user, string text, TeamId? team = null) => Post(user, team ?? Sample.Team1, text);

    private void Post(UserId user, TeamId? team, string text) => _desk.Roster.Apply(
        [.. TriggerFs.Broker.Mail.Post.To(_desk.Roster, [user], team, LetterKind.Account, text, Sample.Now)]);

    private string[] Show(Actor who, string column)
    {
        var decision = _desk.Decide(who, Verb.Show, ObjectKind.Mailbox, "", "");
        _desk.Roster.Apply(decision.Changes);
        int at = decision.Rows!.Columns.Select(one => one.Name).ToList().IndexOf(column);
        return [.. decision.Rows.Rows.Select(row => row[at])];
    }
}
