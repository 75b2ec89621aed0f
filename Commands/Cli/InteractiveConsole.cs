using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Commands.Cli.Output;
using TriggerFs.Commands.Cli.Terminal;
using TriggerFs.Core;

namespace TriggerFs.Commands.Cli;

/// <summary>
/// A console that somebody sits at: a prompt, a line, what it answers, and again. A slip is told and forgotten; Ctrl-C
/// ends what is being done and never the console.
/// </summary>
sealed class InteractiveConsole(
    ConsoleSession session,
    ConsoleRun run,
    TerminalFront front,
    Audience audience,
    Interrupts interrupts)
{
    private const string Greeting = "'?' shows what may come next, TAB completes, 'help' explains, Ctrl-D leaves.";

    private CancellationTokenSource? _statement;

    /// <summary>Until <c>exit</c>; signs in first, and throws why that could not be.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using CancellationTokenRegistration ending = stop.Register(front.Wake);
        await session.OpenAsync(stop);
        using IDisposable taken = interrupts.Take(Interrupt);
        audience.Output.WriteLine(Greeting);
        audience.TellUnread(session.Unread);
        while (!run.IsOver)
        {
            TellPlace();
            Scope scope = run.Scope;
            string prompt = session.Prompt;
            TypedLine line = front.Reader.Read(prompt + scope.Mode, scope);
            if (stop.IsCancellationRequested) return;
            if (line.Text is { } text) await DoAsync(text, scope, stop);
            else if (line.IsOver) run.Leave();
        }
    }

    /// <summary>As Junos shows it: above the prompt.</summary>
    private void TellPlace()
    {
        if (!run.Scope.Path.IsTop) audience.Output.WriteLine($"[edit {Visible.Escape(run.Scope.Path.ToString())}]");
    }

    private async Task DoAsync(string line, Scope scope, CancellationToken stop)
    {
        using var statement = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _statement = statement;
        try
        {
            await run.DoAsync(line, statement.Token);
        }
        catch (TriggerException problem)
        {
            audience.Output.Flush();
            foreach (string text in TroubleText.Lines(problem, audience.Width)) audience.Errors.WriteLine(text);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            audience.Output.WriteLine("interrupted: what was asked of the broker may be done all the same");
        }
        finally
        {
            _statement = null;
        }
        if (front.Remember(line, scope) is { } trouble) audience.Errors.WriteLine($"triggerfs: {trouble}");
    }

    /// <summary>
    /// Ctrl-C while a statement is done, or where the terminal edits lines itself; else it is a key like any other.
    /// </summary>
    private void Interrupt()
    {
        try
        {
            _statement?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended by itself.
        }
        front.Interrupt();
    }
}
