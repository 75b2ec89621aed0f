using TriggerFs.Commands.Cli.Grammar;

namespace TriggerFs.Tests.Commands.Cli.Grammar;

/// <summary>Verbs of another mode than the one that somebody is in.</summary>
public sealed class ModeTests
{
    [Theory]
    [InlineData("edit services web", "'edit' belongs to configure mode", "configure")]
    [InlineData("commit", "'commit' belongs to configure candidate", "configure candidate")]
    [InlineData("rollback 1", "'rollback' belongs to configure candidate", "configure candidate")]
    public void A_verb_of_another_mode_is_told_with_the_way_there(string line, string what, string way)
    {
        var problem = Assert.Throws<StatementException>(() => StatementParser.Parse(line));
        Assert.StartsWith(what, problem.Message);
        Assert.Equal((0, way), (problem.At, problem.Fix));
    }

    [Theory]
    [InlineData("commit", "run configure candidate")]
    [InlineData("configure candidate", "exit, or: run configure …")]
    public void The_way_begins_in_the_mode_that_somebody_is_in(string line, string way) => Assert.Equal(
        way, Assert.Throws<StatementException>(() => StatementParser.Parse(line, Scope.Configuration)).Fix);
}
