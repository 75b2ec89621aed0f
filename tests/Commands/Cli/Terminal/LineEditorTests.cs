using System.Text;
using TriggerFs.Commands.Cli.Terminal;
using TriggerFs.Core;

namespace TriggerFs.Tests.Commands.Cli.Terminal;

public sealed class LineEditorTests
{
    private readonly History _history = new(["show workers", "set services name x", "show services"]);
    private readonly KeyDecoder _decoder = new();
    private readonly LineEditor _editor;
    private Reaction _last;

    public LineEditorTests() => _editor = new(_history);

    [Theory]
    [InlineData("show", "show|")]
    [InlineData("shw\u001b[Do", "sho|w")] // Left
    [InlineData("shw\u001bODo", "sho|w")] // Left in application mode
    [InlineData("how\u001b[Hs", "s|how")] // Home
    [InlineData("how\u0001s", "s|how")] // ^A
    [InlineData("sho\u0001\u0005w", "show|")] // ^E
    [InlineData("showw\u007f", "show|")] // Backspace
    [InlineData("xshow\u0001\u001b[3~", "|show")] // Delete
    [InlineData("xshow\u0001\u0004", "|show")] // ^D
    [InlineData("show services x\u001b[1;5D\u001b[1;5D", "show |services x")] // Ctrl-Left
    [InlineData("show services\u0001\u001bf", "show| services")] // Alt-F
    [InlineData("show /a/b\u0017", "show |")] // ^W
    [InlineData("show /a/b\u001b\u007f", "show |")] // Alt-Backspace
    [InlineData("show it\u0001\u001bd", "| it")] // Alt-D
    [InlineData("show\u0015", "|")] // ^U
    [InlineData("show it\u0001\u000b", "|")] // ^K
    [InlineData("it\u0015show \u0019", "show it|")] // ^Y
    [InlineData("漢字e\u0301\u007f", "漢字|")] // a letter with its accent is one
    [InlineData("👩‍🔬x\u001b[D\u007f", "|x")]
    [InlineData("a\u0016?b", "a?b|")] // ^V
    [InlineData("'what?", "'what?|")]
    [InlineData("\u001b[200~a?\tb\u001b[201~", "a? b|")] // pasted
    [InlineData("\u001b[Z\u001b[15~x\u001b\u001b[Dy", "y|x")] // unknown keys; Esc, then Left
    public void Keys_edit_the_line(string keys, string expected)
    {
        Press(keys);
        Assert.Equal(expected, Shown);
    }

    [Theory]
    [InlineData("\u001b[A", "show services|")]
    [InlineData("\u0010\u0010", "set services name x|")]
    [InlineData("\u001b[A\u001b[A\u001b[A\u001b[A\u001b[A", "show workers|")]
    [InlineData("begun\u001b[A\u001b[B", "begun|")]
    [InlineData("\u001b[B", "|")]
    [InlineData("\u0012show", "|show services")] // ^R
    [InlineData("\u0012show\u0012", "|show workers")]
    [InlineData("\u0012show\u0012\u0012", "|show workers")]
    [InlineData("\u0012wrk\u007f\u007fork", "show |workers")]
    [InlineData("x\u0012show\u0007", "x|")] // ^G
    [InlineData("\u0012name\u0005y", "set services name xy|")]
    public void The_history_is_walked_and_searched(string keys, string expected)
    {
        Press(keys);
        Assert.Equal(expected, Shown);
    }

    [Theory]
    [InlineData("x\r", "Accept")]
    [InlineData("\n", "Accept")]
    [InlineData("x\u0003", "Cancel")]
    [InlineData("\u0004", "End")]
    [InlineData("x\u0004", "Beep")]
    [InlineData("x\t", "Complete")]
    [InlineData("x?", "Help")]
    [InlineData("\"a\\\"?", "Edited")]
    [InlineData("\"a\\\"\"?", "Help")]
    [InlineData("\u000c", "ClearScreen")]
    public void Some_keys_are_for_the_console(string keys, string reaction)
    {
        Press(keys);
        Assert.Equal(reaction, _last.ToString());
    }

    [Fact]
    public void A_line_over_the_limit_is_not_taken()
    {
        _editor.Replace(0, new string('x', Limits.TextMax));
        Press("y");
        Assert.Equal((Reaction.Beep, Limits.TextMax), (_last, _editor.Text.Length));
    }

    [Fact]
    public void Keys_are_the_same_however_their_bytes_come()
    {
        byte[] bytes = Encoding.UTF8.GetBytes("漢\u001b[1;5D\u001b[3~\u001b[200~x\u001b[201~\u001bb\u001bOA");
        Queue<Key> whole = new(), pieces = new();
        new KeyDecoder().Take(bytes, whole);
        var decoder = new KeyDecoder();
        foreach (byte one in bytes) decoder.Take([one], pieces);
        Assert.Equal(whole, pieces);
        Assert.Equal(
            [KeyKind.Text, KeyKind.WordLeft, KeyKind.Delete, KeyKind.Text, KeyKind.WordLeft, KeyKind.Up],
            whole.Select(key => key.Kind));
    }

    [Fact]
    public void Any_bytes_are_keys_or_nothing()
    {
        var random = new Random(11);
        byte[] bytes = new byte[64];
        for (int i = 0; i < 20_000; i++)
        {
            random.NextBytes(bytes);
            if (i % 2 == 0) bytes[random.Next(bytes.Length)] = 0x1b;
            Queue<Key> keys = new();
            _decoder.Take(bytes, keys);
            foreach (Key key in keys)
                if (_editor.Press(key) is Reaction.Accept or Reaction.Cancel) _editor.Replace(0, "");
            Assert.InRange(_editor.Cursor, 0, _editor.Text.Length);
            Assert.DoesNotContain(_editor.Text, char.IsControl);
        }
    }

    [Fact]
    public void The_history_is_bounded_and_has_no_line_twice_in_a_row()
    {
        var history = new History(Enumerable.Range(0, 3000).Select(i => $"line {i / 2}"));
        Assert.Equal(History.LinesMax, history.Lines.Count);
        Assert.Equal("line 1499", history.Older(""));
        Assert.Equal("line 1498", history.Older(""));
    }

    private string Shown => _editor.Text.Insert(_editor.Cursor, "|");

    private void Press(string text)
    {
        Queue<Key> keys = new();
        _decoder.Take(Encoding.UTF8.GetBytes(text), keys);
        foreach (Key key in keys) _last = _editor.Press(key);
    }
}
