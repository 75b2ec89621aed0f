namespace TriggerFs.Commands.Cli.Output;

/// <summary>Takes what a statement prints, a line at a time; nothing of a line is a line's end.</summary>
interface ILines
{
    /// <summary>Takes one line. False: nobody wants more of them.</summary>
    bool Line(string text);

    /// <summary>Nothing follows.</summary>
    void End();
}

/// <summary>Lines that go to a file, a pipe, or a terminal, on which nothing in them can drive it.</summary>
sealed class WrittenLines(TextWriter output, bool isTerminal) : ILines
{
    public bool Line(string text)
    {
        output.WriteLine(isTerminal ? Visible.Escape(text.TrimEnd('\r')) : text);
        return true;
    }

    public void End() => output.Flush();
}
