namespace TriggerFs.Commands.Cli.Terminal;

/// <summary>What a key leads to.</summary>
enum Reaction : byte
{
    /// <summary>The line, or the cursor, is another one.</summary>
    Edited,

    /// <summary>There is nothing that the key could do.</summary>
    Beep,

    /// <summary>The line is finished.</summary>
    Accept,

    /// <summary>The line is given up.</summary>
    Cancel,

    /// <summary>Nothing more will be typed.</summary>
    End,

    /// <summary>The word before the cursor is to be completed.</summary>
    Complete,

    /// <summary>What may stand at the cursor is to be listed.</summary>
    Help,

    ClearScreen,
}

/// <summary>Edits one line: keys go in, what to do about the screen comes out. No terminal in here.</summary>
sealed class LineEditor
{
    private readonly History _history;
    private readonly LineBuffer _line = new();
    private HistorySearch? _search;
    private bool _isLiteral;

    public LineEditor(History history)
    {
        _history = history;
        history.Rewind();
    }

    public string Text => _search?.Found ?? _line.Text;

    public int Cursor => _search is { } search ? search.Cursor : _line.Cursor;

    public string Before => _line.Before;

    /// <summary>What stands instead of the prompt while the history is searched; null while it is not.</summary>
    public string? SearchPrompt => _search?.Prompt;

    /// <summary>Puts something else in the place of what is before the cursor, from an index on.</summary>
    public void Replace(int from, string text)
    {
        string behind = _line.Text[_line.Cursor..];
        _line.Set(_line.Text[..from] + text + behind, from + text.Length);
    }

    public Reaction Press(Key key)
    {
        if (_isLiteral)
        {
            _isLiteral = false;
            return key.Kind == KeyKind.Text ? Insert(key) : Reaction.Beep;
        }
        if (_search is not null && Search(key) is { } reaction) return reaction;
        return key.Kind switch
        {
            KeyKind.Text => IsQuestion(key) ? Reaction.Help : Insert(key),
            KeyKind.Tab => key.IsPasted ? Insert(" ") : Reaction.Complete,
            KeyKind.Enter => Accept(),
            KeyKind.Interrupt => Cancel(),
            KeyKind.EndOfInput when _line.Text.Length == 0 => Reaction.End,
            KeyKind.ClearScreen => Reaction.ClearScreen,
            KeyKind.Literal => Literal(),
            KeyKind.Search => BeginSearch(),
            _ => Edit(key.Kind) ? Reaction.Edited : Reaction.Beep,
        };
    }

    private bool Edit(KeyKind kind) => kind switch
    {
        KeyKind.Left => _line.Left(),
        KeyKind.Right => _line.Right(),
        KeyKind.Home => _line.MoveTo(0),
        KeyKind.End => _line.MoveTo(_line.Text.Length),
        KeyKind.WordLeft => _line.WordLeft(),
        KeyKind.WordRight => _line.WordRight(),
        KeyKind.Backspace => _line.DeleteLeft(),
        KeyKind.Delete or KeyKind.EndOfInput => _line.DeleteRight(),
        KeyKind.KillWordLeft => _line.KillWordLeft(),
        KeyKind.KillWordRight => _line.KillWordRight(),
        KeyKind.KillToStart => _line.KillToStart(),
        KeyKind.KillToEnd => _line.KillToEnd(),
        KeyKind.Yank => _line.Yank(),
        KeyKind.Up => Show(_history.Older(_line.Text)),
        KeyKind.Down => Show(_history.Newer()),
        _ => false,
    };

    /// <summary>A '?' asks, but within quotes, and behind Ctrl-V, it is a character.</summary>
    private bool IsQuestion(Key key) => key is { Rune.Value: '?', IsPasted: false } && !IsQuoted(_line.Before);

    private static bool IsQuoted(string text)
    {
        char open = '\0';
        for (int i = 0; i < text.Length; i++)
        {
            if (open == '"' && text[i] == '\\') i++;
            else if (text[i] == open) open = '\0';
            else if (open == '\0' && text[i] is '"' or '\'') open = text[i];
        }
        return open != '\0';
    }

    private Reaction Insert(Key key) => Insert(key.Rune.ToString());

    private Reaction Insert(string text) => _line.Insert(text) ? Reaction.Edited : Reaction.Beep;

    private Reaction Literal()
    {
        _isLiteral = true;
        return Reaction.Edited;
    }

    private bool Show(string? line)
    {
        if (line is null) return false;
        _line.Set(line);
        return true;
    }

    private Reaction Accept()
    {
        _line.MoveTo(_line.Text.Length);
        return Reaction.Accept;
    }

    private Reaction Cancel()
    {
        _line.MoveTo(_line.Text.Length);
        return Reaction.Cancel;
    }

    private Reaction BeginSearch()
    {
        _search = new(_history, _line.Text);
        return Reaction.Edited;
    }

    /// <summary>A key during a search; null when the search is over and the key is for the line.</summary>
    private Reaction? Search(Key key)
    {
        HistorySearch search = _search!;
        switch (key.Kind)
        {
            case KeyKind.Text:
                return search.Add(key.Rune) ? Reaction.Edited : Reaction.Beep;
            case KeyKind.Backspace:
                return search.Shorten() ? Reaction.Edited : Reaction.Beep;
            case KeyKind.Search:
                return search.Older() ? Reaction.Edited : Reaction.Beep;
            case KeyKind.Abort or KeyKind.Interrupt:
                _search = null;
                return Reaction.Edited;
            default:
                _search = null;
                _line.Set(search.Found, search.Cursor);
                return null;
        }
    }
}
