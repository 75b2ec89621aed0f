using System.Diagnostics;
using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Cli;

/// <summary>
/// Carries out the lines of a script, or of a person, one after another, and prints what they answer.
/// </summary>
sealed class ConsoleRun(
    Func<CancellationToken, Task<UserSession>> open, OutputFormat format, TextWriter output, TextWriter errors)
    : IAsyncDisposable
{
    private UserSession? _session;

    public bool IsConfiguring { get; private set; }

    /// <summary>True once <c>exit</c> left the outermost mode.</summary>
    public bool IsOver { get; private set; }

    /// <summary>
    /// Does what a line says; throws why it could not. A wrong line is refused before anything is connected.
    /// </summary>
    public async Task DoAsync(string line, CancellationToken stop)
    {
        switch (StatementParser.Parse(line))
        {
            case ConsoleStatement.Ask statement:
                await AskAsync(statement, stop);
                break;
            case ConsoleStatement.Configure:
                IsConfiguring = true;
                break;
            case ConsoleStatement.Exit:
                Leave();
                break;
            case ConsoleStatement.Help help:
                GrammarHelp.Write(output, help.About);
                break;
        }
        output.Flush();
    }

    /// <summary>What <c>exit</c> and the end of the input do: out of the mode, then out of the console.</summary>
    public void Leave()
    {
        IsOver = !IsConfiguring;
        IsConfiguring = false;
    }

    public async ValueTask DisposeAsync()
    {
        if (_session is not null) await _session.DisposeAsync();
    }

    private async Task AskAsync(ConsoleStatement.Ask ask, CancellationToken stop)
    {
        _session ??= await open(stop);
        long begun = Stopwatch.GetTimestamp();
        StatementAnswer answer =
            await _session.ManageAsync(ask.Verb, ask.Kind, ask.Name, ask.Property, ask.Values, stop);
        long nanoseconds = Elapsed.Nanoseconds(begun);
        if (ask.Verb == Verb.Show) Print(answer, nanoseconds);
        TextWriter notices = format == OutputFormat.Text ? output : errors;
        foreach (string line in answer.Notice.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            notices.WriteLine($"Notice: {Visible.Escape(line)}");
    }

    private void Print(StatementAnswer answer, long nanoseconds)
    {
        switch (format)
        {
            case OutputFormat.Json:
                ListingJson.WriteArray(output, answer);
                break;
            case OutputFormat.JsonLines:
                ListingJson.WriteLines(output, answer);
                break;
            case OutputFormat.Csv:
                ListingCsv.Write(output, answer);
                break;
            default:
                TableText.Write(output, answer, nanoseconds);
                break;
        }
    }
}
