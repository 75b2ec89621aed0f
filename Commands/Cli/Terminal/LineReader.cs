using TriggerFs.Commands.Cli.Grammar;

namespace TriggerFs.Commands.Cli.Terminal;

/// <summary>
/// Reads lines with editing, history, completion and help: brings the keys of a terminal to a <see cref="LineEditor"/>
/// and what it says to the screen.
/// </summary>
sealed class LineReader(
    Keyboard keyboard, Screen screen, TextWriter output, History history, Completer completer, CancellationToken stop)
    : ILineReader
{
    /// <summary>Switches of bracketed paste, so that what is pasted asks for nothing.</summary>
    private const string PasteOn = "\u001b[?2004h", PasteOff = "\u001b[?2004l";

    private const string Bell = "\a";

    private readonly KeyDecoder _decoder = new();
    private readonly Queue<Key> _keys = new();
    private readonly byte[] _buffer = new byte[4096];

    public TypedLine Read(string prompt, Scope scope) => Read(new(prompt, scope, new(history), new()));

    public TypedLine Ask(string question) => Read(new(question, Scope: null, new(new History()), new()));

    public TypedLine AskHidden(string question) =>
        Read(new(question, Scope: null, new(new History()), new(), IsHidden: true));

    public Key? ReadKey()
    {
        using IDisposable raw = Keyboard.Raw();
        using IDisposable wanted = keyboard.Want();
        while (_keys.Count == 0)
            if (Await() is Arrival.End) return null;
        return _keys.Dequeue();
    }

    private TypedLine Read(Typing typing)
    {
        using IDisposable raw = Keyboard.Raw();
        using IDisposable wanted = keyboard.Want();
        output.Write(PasteOn);
        try
        {
            return Edit(typing);
        }
        finally
        {
            output.Write(PasteOff);
            output.Flush();
        }
    }

    private TypedLine Edit(Typing typing)
    {
        Draw(typing);
        while (true)
        {
            while (_keys.TryDequeue(out Key key))
                if (React(typing, typing.Editor.Press(key)) is { } line) return line;
            // What came at once is drawn at once.
            Draw(typing);
            switch (Await())
            {
                case Arrival.End:
                    return Finish(typing, TypedLine.End);
                case Arrival.Resized:
                    if (typing.IsHidden) typing.View.Resized(typing.Prompt, "", 0, screen.Columns);
                    else typing.View.Resized(
                        Prompt(typing), typing.Editor.Text, typing.Editor.Cursor, screen.Columns);
                    break;
                case Arrival.Woken: // Ctrl-C as a signal, from elsewhere.
                    return Finish(typing, TypedLine.Cancelled);
            }
        }
    }

    /// <summary>Does what a key leads to; the line when it is over.</summary>
    private TypedLine? React(Typing typing, Reaction reaction)
    {
        switch (reaction)
        {
            case Reaction.Accept:
                return Finish(typing, new(typing.Editor.Text));
            case Reaction.Cancel:
                Draw(typing);
                output.Write("^C");
                return Finish(typing, TypedLine.Cancelled);
            case Reaction.End:
                return Finish(typing, TypedLine.End);
            case Reaction.ClearScreen:
                output.Write(typing.View.Clear());
                break;
            case Reaction.Beep:
                output.Write(Bell);
                break;
            case Reaction.Complete or Reaction.Help when typing.Scope is null:
                output.Write(Bell);
                break;
            case Reaction.Complete:
                Complete(typing, typing.Scope!);
                break;
            case Reaction.Help:
                List(typing, completer.List(typing.Editor.Before, typing.Scope!, screen.Columns));
                break;
        }
        return null;
    }

    private void Complete(Typing typing, Scope scope)
    {
        Completion completion = completer.Complete(typing.Editor.Before, scope);
        if (completion.Text is { } text) typing.Editor.Replace(completion.From, text);
        else if (completion.IsOpen) List(typing, completer.List(typing.Editor.Before, scope, screen.Columns));
        else output.Write(Bell);
    }

    /// <summary>Shows some lines below the line, which goes on under them.</summary>
    private void List(Typing typing, IReadOnlyList<string> lines)
    {
        Draw(typing, typing.Editor.Text.Length);
        output.Write(typing.View.Finish());
        foreach (string line in lines) output.Write(Visible.Escape(line) + "\r\n");
        Draw(typing);
    }

    private TypedLine Finish(Typing typing, TypedLine line)
    {
        if (line.Text is not null) Draw(typing);
        output.Write(typing.View.Finish());
        return line;
    }

    private void Draw(Typing typing, int? cursor = null)
    {
        LineEditor editor = typing.Editor;
        output.Write(typing.IsHidden ? typing.View.Draw(typing.Prompt, "", 0, screen.Columns)
            : typing.View.Draw(Prompt(typing), editor.Text, cursor ?? editor.Cursor, screen.Columns));
        output.Flush();
    }

    private static string Prompt(Typing typing) =>
        typing.Editor.SearchPrompt is { } search ? Visible.Escape(search) : typing.Prompt;

    /// <summary>Waits until there are keys, or something else has happened.</summary>
    private Arrival Await()
    {
        output.Flush();
        Arrival arrival = keyboard.Wait(_buffer, out int length);
        _decoder.Take(_buffer.AsSpan(0, length), _keys);
        return arrival == Arrival.Woken && stop.IsCancellationRequested ? Arrival.End : arrival;
    }

    /// <summary>One line on its way.</summary>
    /// <param name="Scope">What can be completed and explained in it; null for nothing.</param>
    private sealed record Typing(
        string Prompt, Scope? Scope, LineEditor Editor, LineView View, bool IsHidden = false);
}
