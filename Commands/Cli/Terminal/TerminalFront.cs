using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Commands.Cli.Output;

namespace TriggerFs.Commands.Cli.Terminal;

/// <summary>The terminal that somebody sits at: keyboard, screen, and the history of what was typed.</summary>
sealed class TerminalFront : IKeyboard, IDisposable
{
    private readonly Keyboard _keyboard;
    private readonly Screen _screen;
    private readonly TextWriter _output;
    private readonly NameCache _names;
    private readonly HistoryFile _file;
    private readonly History _history;
    private readonly bool _isPaged;
    private readonly TerminalMode? _mode;

    private TerminalFront(
        Keyboard keyboard, Screen screen, TextWriter output, NameCache names, bool isSat, CancellationToken stop)
    {
        _keyboard = keyboard;
        _screen = screen;
        _output = output;
        _names = names;
        _file = new(HistoryFile.Place(Environment.GetEnvironmentVariable));
        _history = new(_file.Load());
        bool isDumb = Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb";
        _isPaged = isSat && !isDumb;
        // Between prompts too: what is typed ahead waits for the next one, Ctrl-D included.
        _mode = _isPaged ? new(hasInterrupt: true) : null;
        Reader = isDumb ? new CookedReader(keyboard, output, stop)
            : new LineReader(keyboard, screen, output, _history, new(names.Find), stop);
    }

    public ILineReader Reader { get; }

    /// <summary>The terminal; null when nobody can be sitting there.</summary>
    /// <param name="isSat">Somebody types statements there, and reads long output page by page.</param>
    public static TerminalFront? Find(TextWriter output, NameCache names, bool isSat, CancellationToken stop)
    {
        if (Screen.Find() is not { } screen || Keyboard.Find() is not { } keyboard) return null;
        return new(keyboard, screen, output, names, isSat, stop);
    }

    /// <summary>Ends the waiting for a key. From any thread.</summary>
    public void Wake() => _keyboard.Wake();

    /// <summary>Ends the waiting for a key if somebody waits. From any thread.</summary>
    public void Interrupt()
    {
        if (_keyboard.IsWanted) _keyboard.Wake();
    }

    /// <summary>A line was typed: it is there again for the next one, and what may be is kept in the file.</summary>
    /// <returns>Why the file cannot be written, the first time.</returns>
    public string? Remember(string line, Scope scope)
    {
        _names.Forget();
        _history.Add(line);
        return HistoryFile.MayKeep(line, scope) ? _file.Add(line) : null;
    }

    public bool Confirm(string question)
    {
        List<string> lines = Wrapping.Lines(question + " [y/N]", Math.Max(20, _screen.Columns - 4));
        foreach (string line in lines.SkipLast(1)) _output.WriteLine(line);
        return Reader.Ask(lines[^1] + " ").Text?.Trim().ToLowerInvariant() is "y" or "yes";
    }

    public string? AskHidden(string question) => Reader.AskHidden(question).Text;

    /// <summary>The terminal as it was before, for a program that is started, until it is disposed.</summary>
    public IDisposable? Lend() => _mode?.Leave();

    public ILines Paged(ILines lines) => _isPaged ? new Pager(_screen, Reader, _output, lines) : lines;

    public void Dispose()
    {
        _mode?.Dispose();
        _keyboard.Dispose();
    }
}
