namespace TriggerFs.Commands.Cli.Output;

/// <summary>What the broker tells a person beside its answer.</summary>
static class Notices
{
    /// <summary>A line each; apart from output that a program reads.</summary>
    public static void Tell(Audience audience, OutputFormat format, string notice)
    {
        TextWriter notices = format == OutputFormat.Text ? audience.Output : audience.Errors;
        foreach (string line in notice.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            notices.WriteLine($"Notice: {Visible.Escape(line)}");
    }
}
