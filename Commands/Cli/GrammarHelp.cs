using TriggerFs.Commands.Cli.Grammar;

namespace TriggerFs.Commands.Cli;

/// <summary>Explains statements from the grammar's own tree.</summary>
static class GrammarHelp
{
    /// <summary>What may follow some words, a line each; with none, every statement there is.</summary>
    public static void Write(TextWriter output, IReadOnlyList<Token> about)
    {
        IReadOnlyList<Step> next = StatementParser.Next(about);
        if (next.Count == 0)
        {
            output.WriteLine("  <end>  the statement is complete");
            return;
        }
        int width = next.Max(step => step.Shown.Length);
        foreach (Step step in next) output.WriteLine($"  {step.Shown.PadRight(width)}  {step.Help}");
    }
}
