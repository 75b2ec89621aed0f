using TriggerFs.Commands.Cli.Grammar;

namespace TriggerFs.Tests.Commands.Cli.Grammar;

public sealed class PeopleGrammarTests
{
    [Theory]
    [InlineData("set users alice role admin", "Set User alice role admin")]
    [InlineData("set user alice disabled", "Set User alice disabled true")]
    [InlineData("set users alice disabled true", "Set User alice disabled true")]
    [InlineData("set users alice disabled false", "Set User alice disabled false")]
    [InlineData("delete users alice", "Delete User alice ''")]
    [InlineData("delete users alice heir bob", "Delete User alice '' bob")]
    [InlineData("delete users alice disabled", "Set User alice disabled false")]
    [InlineData("set teams name other", "Create Team other ''")]
    [InlineData("show invitations", "Show Invitation '' ''")]
    [InlineData("show signups", "Show Signup '' ''")]
    [InlineData("request team invite bob role admin", "Request Team '' invite bob admin")]
    [InlineData("request team invite Bob@Example.com", "Request Team '' invite bob@example.com member")]
    [InlineData("request team leave", "Request Team '' leave")]
    [InlineData("request team leave heir bob", "Request Team '' leave bob")]
    [InlineData("request invitation 7 accept", "Request Invitation 7 accept")]
    [InlineData("request invitation 7 decline", "Request Invitation 7 decline")]
    [InlineData("request invitation 7 withdraw", "Request Invitation 7 withdraw")]
    [InlineData("request invitation K7QX-3M9P-ABCD accept", "Request Invitation '' accept K7QX-3M9P-ABCD")]
    [InlineData("request workers demo01 rotate-token", "Request Worker demo01 rotate-token")]
    [InlineData("request workers demo01 rotate-token now", "Request Worker demo01 replace-token")]
    [InlineData("show mailbox", "Show Mailbox '' ''")]
    [InlineData("show mailbox 7", "Show Mailbox 7 ''")]
    [InlineData("delete mailbox 7", "Delete Mailbox 7 ''")]
    [InlineData("delete mailbox all", "Delete Mailbox all ''")]
    [InlineData("request broker announce 'back at eight'", "Request Broker '' announce 'back at eight'")]
    [InlineData("request broker shutdown in 10m", "Request Broker '' shutdown 600000")]
    [InlineData("request broker shutdown now", "Request Broker '' shutdown 0")]
    [InlineData("request broker shutdown cancel", "Request Broker '' shutdown cancel")]
    public void A_statement_about_people_becomes_what_the_broker_is_asked(string line, string asked) =>
        Assert.Equal(asked, StatementParserTests.Shown(StatementParser.Parse(line)));

    [Theory]
    [InlineData("set users identity alice", "Create User alice '' member")]
    [InlineData("set users identity alice role observer", "Create User alice '' observer")]
    [InlineData("set user alice secret", "Set User alice secret")]
    public void What_needs_a_secret_has_it_asked_for_and_not_in_its_words(string line, string asked)
    {
        var statement = Assert.IsType<ConsoleStatement.AskWithSecret>(StatementParser.Parse(line));
        Assert.Equal(asked, StatementParserTests.Shown(statement.Statement));
    }

    [Theory]
    [InlineData("set users alice secret hunter2")]
    [InlineData("set users identity alice secret hunter2")]
    public void A_secret_that_is_typed_into_a_statement_is_refused(string line) =>
        Assert.ThrowsAny<StatementException>(() => StatementParser.Parse(line));

    [Theory]
    [InlineData("delete users alice")]
    [InlineData("delete users alice heir bob")]
    public void To_delete_a_user_is_asked_about_first(string line) =>
        Assert.NotNull(StatementParser.Parse(line)!.Destroys);
}
