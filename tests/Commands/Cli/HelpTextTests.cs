using TriggerFs.Commands.Cli;
using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Commands.Cli.Output;
using TriggerFs.Core;

namespace TriggerFs.Tests.Commands.Cli;

/// <summary>Help and errors as a terminal of some width shows them.</summary>
public sealed class HelpTextTests
{
    [Theory]
    [InlineData(200)]
    [InlineData(110)]
    [InlineData(60)]
    public void Help_is_broken_between_words_and_fits(int width)
    {
        using var text = new StringWriter();
        GrammarHelp.Full(new WrittenLines(text, isTerminal: true), "request workers", Scope.Operation, width);
        string[] lines = text.ToString().Split('\n');
        // The words of a sentence are as long as they are.
        string[] helps = [.. lines.Skip(1).Where(line => line.StartsWith("        ") || !line.Contains("WORKER"))];
        Assert.NotEmpty(helps);
        Assert.All(helps, line => Assert.InRange(line.Length, 0, width));
        string[] words = text.ToString().Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("good no longer, and the worker needs the new one by hand", string.Join(' ', words));
    }

    [Fact]
    public void What_a_shell_would_be_told_to_call_is_told_as_it_is_typed_here()
    {
        var problem = new TriggerException(
            ErrorCode.NotFound, "there is no worker 'x'", fix: "triggerfs cli -c 'show workers', or make one");
        Assert.Equal(["triggerfs: there is no worker 'x'", "  try: show workers, or make one"],
            TroubleText.Lines(problem, width: 80));
    }

    [Fact]
    public void A_long_reason_goes_on_under_itself_and_a_marked_line_is_left_alone()
    {
        var problem = new TriggerException(
            ErrorCode.Usage, $"wrong\n    {new string('x', 70)}\n    ^", "a reason of many words, more than fit in");
        Assert.Equal(
            [
                "triggerfs: wrong", $"    {new string('x', 70)}", "    ^", "  why: a reason of many words,",
                "       more than fit in",
            ],
            TroubleText.Lines(problem, width: 40));
    }
}
