using TriggerFs.Commands.Cli.Output;

namespace TriggerFs.Commands.Cli.Terminal;

/// <summary>
/// Stops at the end of each page and goes on when a key is pressed: blank, Enter, q, G, as in more(1).
/// </summary>
sealed class Pager(Screen screen, ILineReader reader, TextWriter output, ILines next) : ILines
{
    private const string More = "---(more)---";
    private const string Keys = "---(more: blank a page, Enter a line, G all, q no more)---";

    private int _rowsLeft = screen.Rows - 1;
    private bool _isOver;

    public bool Line(string text)
    {
        if (_isOver) return false;
        int rows = Math.Max(1, (Visible.Width(Visible.Escape(text)) + screen.Columns - 1) / screen.Columns);
        if (_rowsLeft < rows && !GoOn()) return false;
        _rowsLeft -= rows;
        return next.Line(text);
    }

    public void End() => next.End();

    /// <summary>False: the reader has seen enough.</summary>
    private bool GoOn()
    {
        string prompt = More;
        while (true)
        {
            output.Write(prompt);
            output.Flush();
            Key? key = reader.ReadKey();
            output.Write($"\r{new string(' ', prompt.Length)}\r");
            switch (key)
            {
                case { Kind: KeyKind.Text, Rune.Value: ' ' }:
                    _rowsLeft = screen.Rows - 1;
                    return true;
                case { Kind: KeyKind.Enter or KeyKind.Down }:
                    _rowsLeft = 1;
                    return true;
                case { Kind: KeyKind.End } or { Kind: KeyKind.Text, Rune.Value: 'G' }:
                    _rowsLeft = int.MaxValue;
                    return true;
                case null or { Kind: KeyKind.Interrupt or KeyKind.EndOfInput or KeyKind.Abort }:
                case { Kind: KeyKind.Text, Rune.Value: 'q' or 'Q' }:
                    _isOver = true;
                    return false;
                default:
                    prompt = Keys;
                    break;
            }
        }
    }
}
