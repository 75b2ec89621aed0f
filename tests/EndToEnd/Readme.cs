using System.Text.RegularExpressions;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>A block of README.md between two fences, and what the comment above it says of it.</summary>
/// <param name="Kind">The language after the fence: console, toml, sh.</param>
/// <param name="Part"><c>up</c>, <c>tour</c> or <c>console</c>; empty for a block that no test runs.</param>
/// <param name="Host">Which host of the tour it is typed on; else a remark.</param>
sealed record ReadmeBlock(string Kind, string Part, string Host, IReadOnlyList<string> Lines)
{
    /// <summary>What is typed: the lines behind a prompt.</summary>
    public IEnumerable<string> Commands =>
        Lines.Where(line => line.StartsWith("$ ", StringComparison.Ordinal)).Select(line => line[2..]);
}

/// <summary>README.md, as its tests read it.</summary>
static partial class Readme
{
    public static string Text { get; } = File.ReadAllText(Path.Combine(Repository.Sources.Root, "README.md"));

    public static IReadOnlyList<ReadmeBlock> Blocks { get; } =
    [
        .. Fenced().Matches(Text).Select(match => new ReadmeBlock(
            match.Groups["kind"].Value, match.Groups["part"].Value, match.Groups["host"].Value,
            match.Groups["text"].Value.TrimEnd('\n').Split('\n'))),
    ];

    public static IReadOnlyList<ReadmeBlock> Of(string part) => [.. Blocks.Where(block => block.Part == part)];

    /// <summary>Every command line of the program, in a block or within a sentence.</summary>
    public static IEnumerable<string> CommandLines => Blocks.SelectMany(block => block.Commands)
        .Concat(InSentence().Matches(Text).Select(match => match.Groups[1].Value))
        .Select(line => Called().Match(line).Groups["call"].Value).Where(call => call.Length > 0);

    /// <summary>The targets of make that are named.</summary>
    public static IEnumerable<string> MakeTargets => Make().Matches(Text).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"(<!-- (?<part>up|tour|console): (?<host>.*?) -->\n)?^```(?<kind>\w+)\n(?<text>.*?)^```$",
        RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fenced();

    [GeneratedRegex("`(triggerfs [^`\n]+)`")]
    private static partial Regex InSentence();

    /// <summary>A call of the program, to the end of its words: quotes may hold what would end it.</summary>
    [GeneratedRegex(@"(^|\| )(?<call>triggerfs( +('[^']*'|[^\s'&|;<>#]+))+)")]
    private static partial Regex Called();

    [GeneratedRegex(@"(?:^|`)make ([a-z0-9]+)\b", RegexOptions.Multiline)]
    private static partial Regex Make();
}
