using System.Text.RegularExpressions;
using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Commands.Cli.Terminal;
using TriggerFs.Core;

namespace TriggerFs.Tests.Commands.Cli.Terminal;

/// <summary>
/// Anything that a terminal may send, through the decoder of keys, the line that is edited, and its view.
/// </summary>
[Trait("Category", "Fuzz")]
public sealed class FuzzTests
{
    private static readonly string[] Keys =
    [
        "show ", "wor", "set services ", "'", "\"", "?", "\t", "\r", "\u001b[A", "\u001b[B", "\u001b[C", "\u001b[D",
        "\u001b[H", "\u001b[F", "\u001b[3~", "\u001b[1;5C", "\u001b[1;5D", "\u001bOH", "\u001b[200~", "\u001b[201~",
        "\u0012", "\u0007", "\u0016", "\u0017", "\u0015", "\u000b", "\u0019", "\u0003", "\u0004", "\u007f", "漢字",
        "👩‍🔬", "e\u0301", "\u001b", "[", "\u001b[99",
    ];

    private readonly Completer _completer = new(static (_, _) => ["demo01", "a b", "übung"]);

    [Fact]
    public void Keys_edit_a_line_whose_cursor_stays_in_it_and_the_screen_hears_no_more_than_it_needs() =>
        Fuzz.Rounds("keys", 2_000, random =>
        {
            var decoder = new KeyDecoder();
            var history = new History(["show workers", "set services name x"]);
            var editor = new LineEditor(history);
            var view = new LineView();
            int columns = random.Next(1, 120);
            for (int typed = random.Next(1, 40); typed > 0; typed--)
            {
                var keys = new Queue<Key>();
                decoder.Take(random.Mutate(System.Text.Encoding.UTF8.GetBytes(random.Pick(Keys))), keys);
                foreach (Key key in keys)
                {
                    Reaction reaction = editor.Press(key);
                    if (reaction is Reaction.Complete or Reaction.Help) Complete(editor, columns);
                    if (reaction is Reaction.Accept or Reaction.Cancel or Reaction.End)
                    {
                        history.Add(editor.Text);
                        editor = new(history);
                    }
                    Check(editor);
                }
                if (random.Next(4) == 0) view.Resized("$ ", editor.Text, editor.Cursor, columns = random.Next(1, 120));
                string drawn = view.Draw("$ ", editor.Text, editor.Cursor, columns);
                Assert.DoesNotMatch(@"[\x00-\x1f\x7f-\x9f]", Regex.Replace(drawn, @"\x1b\[\d*[JKAC]|\r", ""));
            }
        });

    private void Complete(LineEditor editor, int columns)
    {
        Completion completion = _completer.Complete(editor.Before, Scope.Operation);
        if (completion.Text is { } text) editor.Replace(completion.From, text);
        _completer.List(editor.Before, Scope.Operation, columns);
    }

    private static void Check(LineEditor editor)
    {
        Assert.InRange(editor.Cursor, 0, editor.Text.Length);
        Assert.InRange(editor.Text.Length, 0, Limits.TextMax + 100);
        bool isWithin = editor.Cursor > 0 && editor.Cursor < editor.Text.Length
            && char.IsSurrogatePair(editor.Text, editor.Cursor - 1);
        Assert.False(isWithin, $"the cursor is within a character of '{editor.Text}'");
    }
}
