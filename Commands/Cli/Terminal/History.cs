using System.Text;

namespace TriggerFs.Commands.Cli.Terminal;

/// <summary>The lines that were typed before, oldest first, and where a person is among them.</summary>
sealed class History
{
    /// <summary>Lines that are kept: some weeks of somebody who types a lot.</summary>
    public const int LinesMax = 1000;

    private readonly List<string> _lines = [];
    private int _at;
    private string _draft = "";

    public History(IEnumerable<string>? lines = null)
    {
        foreach (string line in lines ?? []) Add(line);
    }

    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Adds a line, unless it is the one before again, and goes behind the newest.</summary>
    public void Add(string line)
    {
        if (line.Trim().Length > 0 && (_lines.Count == 0 || _lines[^1] != line)) _lines.Add(line);
        if (_lines.Count > LinesMax) _lines.RemoveAt(0);
        Rewind();
    }

    /// <summary>Goes behind the newest.</summary>
    public void Rewind()
    {
        _at = _lines.Count;
        _draft = "";
    }

    /// <summary>The line before; null at the oldest. What was begun is kept to come back to.</summary>
    public string? Older(string current)
    {
        if (_at == 0) return null;
        if (_at == _lines.Count) _draft = current;
        return _lines[--_at];
    }

    /// <summary>The line behind, at last what was begun; null when that is there already.</summary>
    public string? Newer()
    {
        if (_at == _lines.Count) return null;
        return ++_at == _lines.Count ? _draft : _lines[_at];
    }
}

/// <summary>A search through the history for what is being typed, newest lines first.</summary>
sealed class HistorySearch(History history, string begun)
{
    private readonly StringBuilder _wanted = new();
    private int _at = history.Lines.Count;

    /// <summary>The line that was found; before that, what was begun.</summary>
    public string Found { get; private set; } = begun;

    /// <summary>Where in the line it was found.</summary>
    public int Cursor { get; private set; } = begun.Length;

    public string Prompt => $"(search) '{_wanted}': ";

    public bool Add(Rune rune)
    {
        _wanted.Append(rune.ToString());
        return Find(Math.Min(_at, history.Lines.Count - 1));
    }

    public bool Shorten()
    {
        if (_wanted.Length == 0) return false;
        _wanted.Length -= _wanted.Length > 1 && char.IsLowSurrogate(_wanted[^1]) ? 2 : 1;
        return true;
    }

    public bool Older() => Find(_at - 1);

    private bool Find(int from)
    {
        for (int i = from; i >= 0 && _wanted.Length > 0; i--)
        {
            int place = history.Lines[i].IndexOf(_wanted.ToString(), StringComparison.OrdinalIgnoreCase);
            if (place < 0) continue;
            (_at, Found, Cursor) = (i, history.Lines[i], place);
            return true;
        }
        return false;
    }
}
