using System.Globalization;
using TriggerFs.Core;

namespace TriggerFs.Commands.Cli.Terminal;

/// <summary>
/// A line that is edited: its text and where the cursor is. The cursor moves by what a person sees as a character.
/// </summary>
sealed class LineBuffer
{
    private string _killed = "";

    public string Text { get; private set; } = "";

    /// <summary>An index into the text.</summary>
    public int Cursor { get; private set; }

    /// <summary>What is before the cursor.</summary>
    public string Before => Text[..Cursor];

    public void Set(string text, int? cursor = null)
    {
        Text = text;
        Cursor = cursor ?? text.Length;
    }

    /// <summary>False: the line is as long as a statement may be.</summary>
    public bool Insert(string text)
    {
        if (Text.Length + text.Length > Limits.TextMax) return false;
        Text = Text.Insert(Cursor, text);
        Cursor += text.Length;
        return true;
    }

    public bool MoveTo(int at)
    {
        if (at == Cursor) return false;
        Cursor = at;
        return true;
    }

    public bool Left() => MoveTo(LeftOf(Cursor));

    public bool Right() => MoveTo(RightOf(Cursor));

    public bool WordLeft() => MoveTo(WordStart());

    public bool WordRight() => MoveTo(WordEnd());

    public bool DeleteLeft() => Remove(LeftOf(Cursor), Cursor);

    public bool DeleteRight() => Remove(Cursor, RightOf(Cursor));

    public bool KillWordLeft() => Kill(BlankStart(), Cursor);

    public bool KillWordRight() => Kill(Cursor, WordEnd());

    public bool KillToStart() => Kill(0, Cursor);

    public bool KillToEnd() => Kill(Cursor, Text.Length);

    public bool Yank() => _killed.Length > 0 && Insert(_killed);

    private bool Kill(int from, int to)
    {
        if (from == to) return false;
        _killed = Text[from..to];
        return Remove(from, to);
    }

    private bool Remove(int from, int to)
    {
        if (from == to) return false;
        Text = Text.Remove(from, to - from);
        Cursor = from;
        return true;
    }

    private int LeftOf(int at)
    {
        int start = 0;
        while (start < at)
        {
            int length = StringInfo.GetNextTextElementLength(Text, start);
            if (start + length >= at) return start;
            start += length;
        }
        return 0;
    }

    private int RightOf(int at) => at == Text.Length ? at : at + StringInfo.GetNextTextElementLength(Text, at);

    private int WordStart()
    {
        int at = Cursor;
        while (at > 0 && !char.IsLetterOrDigit(Text[at - 1])) at--;
        while (at > 0 && char.IsLetterOrDigit(Text[at - 1])) at--;
        return at;
    }

    private int WordEnd()
    {
        int at = Cursor;
        while (at < Text.Length && !char.IsLetterOrDigit(Text[at])) at++;
        while (at < Text.Length && char.IsLetterOrDigit(Text[at])) at++;
        return at;
    }

    /// <summary>Ctrl-W takes a word up to the blank before it, as in a shell.</summary>
    private int BlankStart()
    {
        int at = Cursor;
        while (at > 0 && Text[at - 1] == ' ') at--;
        while (at > 0 && Text[at - 1] != ' ') at--;
        return at;
    }
}
