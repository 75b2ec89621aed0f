using System.Diagnostics;
using TriggerFs.Commands.Cli.Files;
using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Commands.Cli.Output;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Cli;

/// <summary>How a console is run.</summary>
/// <param name="Format">How listings are printed.</param>
/// <param name="IsConfirmed">What is asked before something is lost is answered with yes.</param>
/// <param name="Secrets">Where the secrets of statements come from; null for from nowhere.</param>
/// <param name="Shell">Opens shells; null where nobody asks for one.</param>
/// <param name="Editor">Opens an editor; null where nobody sits.</param>
readonly record struct ConsoleOptions(
    OutputFormat Format = OutputFormat.Text,
    bool IsConfirmed = false,
    AskedSecrets? Secrets = null,
    FileShell? Shell = null,
    LetterEditor? Editor = null);

/// <summary>
/// Carries out the lines of a script, or of a person, one after another, and prints what they answer.
/// </summary>
sealed class ConsoleRun(ConsoleSession session, ConsoleOptions options, Audience audience)
{
    private readonly CandidateStatements _candidate = new(session, options, audience);
    private LoadedFile? _loaded;

    /// <summary>The mode, and the place of the configuration.</summary>
    public Scope Scope { get; private set; } = Scope.Operation;

    /// <summary>True once <c>exit</c> left the outermost mode.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Refuses the end of a script that would forget statements of its working copy.</summary>
    public void End()
    {
        if (_candidate.Count > 0 && !options.IsConfirmed) throw _candidate.NotCommitted();
    }

    /// <summary>
    /// Does what a line says; throws why it could not. A wrong line is refused before anything is connected.
    /// </summary>
    /// <returns>The exit status of a command that the line ran on a worker, else 0.</returns>
    public async Task<int> DoAsync(string line, CancellationToken stop)
    {
        ConsoleStatement? statement = StatementParser.Parse(line, Scope);
        if (statement is null) return ExitCodes.Ok;
        IReadOnlyList<Filter> filters = [];
        if (statement is ConsoleStatement.Piped piped) (statement, filters) = (piped.Source, piped.Filters);
        if (_candidate.Keeps(statement, Scope, line))
        {
            Keep(statement, line);
            return ExitCodes.Ok;
        }
        if (Loss(statement) is { } loss && !options.IsConfirmed && !Confirm(line, loss)) return ExitCodes.Ok;
        int status = await DoAsync(statement, filters, stop);
        audience.Output.Flush();
        return status;
    }

    /// <summary>
    /// What <c>exit</c> and the end of the input do: out of the place, then of the mode, then of the console.
    /// </summary>
    public void Leave()
    {
        if (Scope.Path.Before is { } before) Scope = Scope with { Path = before };
        else if (!_candidate.MayLeave()) return;
        else if (Scope.IsConfiguring) Scope = Scope.Operation;
        else IsOver = true;
        if (!Scope.IsCandidate) _candidate.End();
    }

    private async Task<int> DoAsync(
        ConsoleStatement statement, IReadOnlyList<Filter> filters, CancellationToken stop)
    {
        if (await _candidate.TryDoAsync(statement, filters, End(filters), stop)) return ExitCodes.Ok;
        switch (statement)
        {
            case ConsoleStatement.Ask ask:
                await AskAsync(ask, filters, stop);
                break;
            case ConsoleStatement.AskWithSecret ask when options.Secrets is { } secrets:
                await AskAsync(secrets.Complete(ask), filters, stop);
                break;
            case ConsoleStatement.GoTo go when _candidate.MayLeave():
                await session.SwitchAsync(go.Team, stop);
                Scope = Scope.IsConfiguring ? Scope.Configuration : Scope.Operation;
                _candidate.End();
                audience.TellUnread(session.Unread);
                break;
            case ConsoleStatement.Request request:
                return await RequestStatement.RunAsync(
                    await session.OpenAsync(stop), request, filters, options.Format, audience, stop);
            case ConsoleStatement.Monitor monitor:
                await MonitorStatement.RunAsync(
                    await session.OpenAsync(stop), monitor, filters, options.Format, audience, stop);
                break;
            case ConsoleStatement.Shell when options.Shell is { } shell:
                await shell.RunAsync(session.Settings, stop);
                break;
            case ConsoleStatement.EditLetter edit:
                await EditAsync(edit, stop);
                break;
            case ConsoleStatement.Load load:
                return await LoadAsync(load, stop);
            case ConsoleStatement.Configure when _candidate.MayLeave():
                Scope = Scope.Configuration;
                _candidate.End();
                break;
            case ConsoleStatement.ConfigureCandidate when _candidate.MayLeave():
                await _candidate.BeginAsync(stop);
                Scope = Scope.Candidate;
                break;
            case ConsoleStatement.Edit edit:
                await EditAsync(edit, stop);
                break;
            case ConsoleStatement.Up up:
                Scope = Scope with { Path = Scope.Path.Up(up.Count) };
                break;
            case ConsoleStatement.Top:
                Scope = Scope with { Path = EditPath.Top };
                break;
            case ConsoleStatement.Exit:
                Leave();
                break;
            case ConsoleStatement.Help help:
                Explain(help, filters);
                break;
        }
        return ExitCodes.Ok;
    }

    private async Task AskAsync(ConsoleStatement.Ask ask, IReadOnlyList<Filter> filters, CancellationToken stop)
    {
        if (_loaded?.Skips(ask) ?? false) return;
        await session.OpenAsync(stop);
        long begun = Stopwatch.GetTimestamp();
        StatementAnswer answer = await session.AskAsync(ask, stop);
        long nanoseconds = Elapsed.Nanoseconds(begun);
        bool isConfiguration = ask.Kind == ObjectKind.Configuration;
        if (isConfiguration) answer = ConfigurationText.Of(answer);
        var form = new ListingForm(options.Format, audience.Width, IsPlain: isConfiguration);
        if (ask.Verb == Verb.Show) ListingLines.Print(answer, form, filters, nanoseconds, End(filters));
        else Follow(ask);
        Notices.Tell(audience, options.Format, answer.Notice);
    }

    /// <summary>Keeps a statement until it is committed.</summary>
    private void Keep(ConsoleStatement statement, string line)
    {
        ConsoleStatement.Ask ask = statement as ConsoleStatement.Ask
            ?? ((ConsoleStatement.AskWithSecret)statement).Statement;
        if (_loaded?.Skips(ask) ?? false) return;
        _candidate.Keep(ask, StatementParser.Spell(line, Scope));
        Follow(ask);
    }

    /// <summary>
    /// Does the lines of a file, from the top of configure mode; afterwards the console is where it was.
    /// </summary>
    private async Task<int> LoadAsync(ConsoleStatement.Load load, CancellationToken stop)
    {
        if (_loaded is not null)
            throw new TriggerException(ErrorCode.Usage, "a file that is loaded cannot load another one");
        using Script script = Script.Open(LocalFile.Expand(load.Path));
        StatementAnswer configuration = await session.AskAsync(FileGrammar.ShowAll, stop);
        Scope before = Scope;
        Scope = Scope.IsCandidate ? Scope.Candidate : Scope.Configuration;
        _loaded = new(configuration);
        try
        {
            while (script.Next() is { } line)
                if (await DoAsync(line, stop) is not ExitCodes.Ok and int status) return status;
            audience.Output.WriteLine(_loaded.Report(load.Path));
            return ExitCodes.Ok;
        }
        finally
        {
            Scope = before;
            _loaded = null;
        }
    }

    /// <summary>Does a line of a file, and says where it is when that cannot be done.</summary>
    private async Task<int> DoAsync(ScriptLine line, CancellationToken stop)
    {
        try
        {
            return await DoAsync(line.Text, stop);
        }
        catch (TriggerException problem)
        {
            throw line.Locate(problem);
        }
    }

    private async Task EditAsync(ConsoleStatement.Edit edit, CancellationToken stop)
    {
        if (edit.Look is { } look && !_candidate.Makes(look)) await session.AskAsync(look, stop);
        Scope = Scope with { Path = new([.. edit.Path], Before: Scope.Path) };
    }

    private async Task EditAsync(ConsoleStatement.EditLetter edit, CancellationToken stop)
    {
        StatementAnswer letter = await session.AskAsync(
            new(Verb.Show, ObjectKind.DeadLetter, edit.Id, Properties.Payload), stop);
        LetterEditor editor = options.Editor ?? throw LetterEditor.NoTerminal(edit.Id);
        if (await editor.EditAsync(letter) is not { } text)
        {
            audience.Output.WriteLine("nothing was changed, and nothing is sent");
            return;
        }
        await AskAsync(new(Verb.Request, ObjectKind.DeadLetter, edit.Id, Properties.Edit, text), [], stop);
    }

    /// <summary>A thing that is being edited may have another name now, or be gone.</summary>
    private void Follow(ConsoleStatement.Ask done)
    {
        EditPath path = Scope.Path;
        if (path.IsTop || !path.Elements[^1].IsName || path.Elements[^1].Text != done.Name) return;
        if (done.Verb == Verb.Delete) Leave();
        else if (done.Verb == Verb.Rename)
            Scope = Scope with
            {
                Path = path with { Elements = [.. path.Elements[..^1], new(done.Values[0], IsName: true)] },
            };
    }

    private void Explain(ConsoleStatement.Help help, IReadOnlyList<Filter> filters)
    {
        ILines lines = FilteredLines.Chain(filters, End(filters));
        if (help.IsBrief) GrammarHelp.Brief(lines, help.About, Scope, audience.Width);
        else GrammarHelp.Full(lines, help.About, Scope, audience.Width);
    }

    private ILines End(IReadOnlyList<Filter> filters) =>
        filters.Any(filter => filter is Filter.NoMore) ? audience.Lines() : audience.Pages();

    /// <summary>What is lost by a statement that is asked about; null when nothing is, or yes was said.</summary>
    private string? Loss(ConsoleStatement statement) => statement switch
    {
        ConsoleStatement.Back { Count: 0 } when _candidate.Count == 0 => null,
        ConsoleStatement.Back { Count: 0, Destroys: not null } => $"{_candidate.Count} statements are forgotten",
        _ => statement.Destroys,
    };

    /// <summary>Asks about a statement as it is understood: no word shortened, the edit path before it.</summary>
    private bool Confirm(string line, string loss)
    {
        string what = Visible.Escape(StatementParser.Spell(line, Scope));
        return audience.Confirm($"{what}: {loss}. Do it?") ?? throw new TriggerException(
            ErrorCode.Usage, $"'{what}' is asked about first, and there is nobody to ask", loss,
            "put --yes behind the statement, or start the console with --yes");
    }
}
