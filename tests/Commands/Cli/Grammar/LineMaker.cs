using System.Collections.Immutable;
using System.Text;
using TriggerFs.Commands.Cli.Grammar;

namespace TriggerFs.Tests.Commands.Cli.Grammar;

/// <summary>
/// Lines of the console for its fuzz test: walks along the grammar's tree, and what a slip makes of them.
/// </summary>
static class LineMaker
{
    private const string Letters =
        " \t\"'\\|?#-/.*+()[]{}^$@:=,;<>&%!~`_09azAZ\u0001\u001b\u007f\r\n\0äßé漢😀\ud800\u200b\u202e\u0301";

    private static readonly string[] Texts =
    [
        "demo01", "demoservice", "/newtrigger/demotrigger", "/a b/c", "'two words'", "\"a \\\"b\\\" \\\\\"", "10s",
        "1h30m", "640", "0755", "5", "0", "16MiB", "60/m", "bob@example.com", "bob12", "command/command", "basic",
        "name",
        "identity", "twilio/api", "--yes", "?", "#", "|", "''", "(a+)+$", "[", "日本", "team", "~/file", ".", "..",
        new('a', 300), "\u001b[31m", "'open", "%s%n", "'; DROP TABLE users; --",
    ];

    /// <summary>A mode, and in configure mode often a place.</summary>
    public static Scope Scope(Random random)
    {
        Scope scope = random.Pick(
            [TriggerFs.Commands.Cli.Grammar.Scope.Operation, TriggerFs.Commands.Cli.Grammar.Scope.Configuration,
                TriggerFs.Commands.Cli.Grammar.Scope.Candidate]);
        if (!scope.IsConfiguring || random.Next(3) == 0) return scope;
        string kind = random.Pick(["workers", "services", "triggers"]);
        ImmutableArray<PathElement> elements = [new(kind, IsName: false)];
        string name = random.Pick(["demo01", "name", kind == "triggers" ? "/a b/c" : "demo02"]);
        if (random.Next(2) == 0) elements = elements.Add(new(name, IsName: true));
        return scope with { Path = new(elements, Before: EditPath.Top) };
    }

    public static string Line(Random random, Scope scope) => random.Next(20) switch
    {
        0 => Noise(random, random.Next(60)),
        1 when random.Next(200) == 0 => Long(random),
        < 8 => random.Mutate(Walk(random, scope.Root), Letters),
        _ => Walk(random, scope.Root),
    };

    private static string Walk(Random random, Step root)
    {
        var line = new StringBuilder();
        Step at = root;
        while (at.Next.Count > 0 || at.Repeats)
        {
            if (at.Means is not null && random.Next(4) == 0) break;
            if (at.Repeats && random.Next(2) == 0 || at.Next.Count == 0)
            {
                line.Append(random.Pick(Texts)).Append(' ');
                if (random.Next(3) == 0) break;
                continue;
            }
            at = random.Pick(at.Next);
            line.Append(Word(random, at)).Append(random.Next(20) == 0 ? "  \t" : " ");
        }
        if (random.Next(8) == 0) line.Append("--yes ");
        if (random.Next(8) == 0) line.Append("? ");
        while (random.Next(4) == 0) line.Append("| ").Append(Walk(random, PipeGrammar.Root));
        return random.Next(2) == 0 ? line.ToString() : line.ToString().TrimEnd();
    }

    /// <summary>A word, often shortened; a value, seldom a right one.</summary>
    private static string Word(Random random, Step step)
    {
        if (step.Slot is { } slot) return Value(random, slot);
        string word = random.Pick(step.Words);
        return random.Next(2) == 0 ? word : word[..random.Next(1, word.Length + 1)];
    }

    private static string Value(Random random, Slot slot)
    {
        for (int attempt = 0; attempt < 6; attempt++)
        {
            string text = random.Pick(Texts);
            try
            {
                slot.Check(text);
                return text;
            }
            catch (TriggerFs.Core.TriggerException)
            {
                // A value of another kind.
            }
        }
        return random.Pick(Texts);
    }

    private static string Noise(Random random, int length)
    {
        var text = new StringBuilder();
        for (int i = 0; i < length; i++)
            text.Append(random.Next(4) == 0 ? (char)random.Next(0x10000) : random.Pick(Letters.ToCharArray()));
        return text.ToString();
    }

    /// <summary>About as long as a line may be, or longer.</summary>
    private static string Long(Random random) => random.Pick(
    [
        "show workers | match " + new string('(', 16_000), new string('a', 40_000), "show " + new string('\'', 32_700),
        "set services demoservice workers add" + string.Concat(Enumerable.Repeat(" demo01", 4_000)),
        "show workers" + string.Concat(Enumerable.Repeat(" | count", 4_000)), new string(' ', 32_768),
    ]);
}
