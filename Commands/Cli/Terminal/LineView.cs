using System.Globalization;
using System.Text;

namespace TriggerFs.Commands.Cli.Terminal;

/// <summary>
/// Draws a line that is edited, on as many rows as it needs: text and cursor go in, what to send to the terminal comes
/// out. Uses what every terminal since the VT100 knows.
/// </summary>
sealed class LineView
{
    private int _cursorRow;

    /// <summary>Draws prompt and text anew in the place where they were drawn last.</summary>
    /// <param name="columns">Of the terminal now; those of a terminal that was resized have moved the text.</param>
    public string Draw(string prompt, string text, int cursor, int columns)
    {
        string shown = Visible.Escape(text);
        var drawn = new StringBuilder();
        GoToTop(drawn);
        drawn.Append("\u001b[J").Append(prompt).Append(shown);
        (int lastRow, int lastColumn) = Measure(prompt + shown, columns);
        // Behind the last column a terminal waits with the next row until something comes.
        if (lastColumn == 0 && lastRow > 0) drawn.Append(" \r\u001b[K");
        (_cursorRow, int column) = Measure(prompt + Visible.Escape(text[..cursor]), columns);
        Move(drawn, lastRow - _cursorRow, 'A');
        drawn.Append('\r');
        Move(drawn, column, 'C');
        return drawn.ToString();
    }

    /// <summary>The terminal has other columns now, and has broken the rows anew before we could.</summary>
    public void Resized(string prompt, string text, int cursor, int columns) =>
        _cursorRow = Measure(prompt + Visible.Escape(text[..cursor]), columns).Row;

    /// <summary>What comes next stands below the line, whose cursor is at its end.</summary>
    public string Finish()
    {
        _cursorRow = 0;
        return "\r\n";
    }

    /// <summary>An empty screen, on which the line is drawn next.</summary>
    public string Clear()
    {
        _cursorRow = 0;
        return "\u001b[H\u001b[2J";
    }

    /// <summary>Where a terminal is behind a text: a wide character that does not fit goes to the next row.</summary>
    private static (int Row, int Column) Measure(string text, int columns)
    {
        int row = 0, column = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            int width = Visible.Width(rune);
            if (column + width > columns) (row, column) = (row + 1, 0);
            column += width;
        }
        return column >= columns ? (row + 1, 0) : (row, column);
    }

    private void GoToTop(StringBuilder drawn)
    {
        drawn.Append('\r');
        Move(drawn, _cursorRow, 'A');
    }

    private static void Move(StringBuilder drawn, int count, char direction)
    {
        if (count > 0) drawn.Append(CultureInfo.InvariantCulture, $"\u001b[{count}{direction}");
    }
}
