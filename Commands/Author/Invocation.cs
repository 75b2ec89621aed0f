using System.CommandLine;
using System.Text;
using TriggerFs.Commands.Client;
using TriggerFs.Core;

namespace TriggerFs.Commands.Author;

/// <summary>A manifest's example, read as a shell and the client would: a call of the plugin.</summary>
static class Invocation
{
    private const string Example = "write it like: triggerfs client -service demoservice -plugin NAME -command hello";

    /// <summary>
    /// The request that an example makes, such as <c>echo hello | triggerfs client -service S -plugin P</c>.
    /// </summary>
    public static ClientRequest Read(string text)
    {
        List<List<string>> commands = ShellWords.Pipeline(text);
        byte[]? piped = commands switch
        {
            [_] => null,
            [["echo", .. var words], _] => Encoding.UTF8.GetBytes(string.Join(' ', words) + "\n"),
            [["printf", var words], _] when words.AsSpan().IndexOfAny('%', '\\') < 0 => Encoding.UTF8.GetBytes(words),
            _ => throw new TriggerException(ErrorCode.Unsupported, "the example is more than can be read here",
                "a call of the client can, also behind 'echo … |'", Example),
        };
        if (commands[^1] is not [var program, .. var rest]
            || CalledAs.Expand(program, [.. rest]) is not ["client", ..] call)
            throw new TriggerException(ErrorCode.Invalid, "the example is no call of triggerfs client", fix: Example);
        var shared = new SharedOptions();
        // It is asked what the words mean, and never run.
        var client = new ClientCommand(
            shared,
            (_, _, _, _) => throw new InvalidOperationException(),
            (_, _) => throw new InvalidOperationException());
        ParseResult parsed = Modules.Parse(Modules.Root(shared, client), call);
        return client.ReadRequest(parsed, again: null) with { Payload = client.MessageOf(parsed) ?? piped ?? [] };
    }

    /// <summary>Whether a name that is called means a plugin: the whole name, its end, or the X of X/X.</summary>
    public static bool Means(string called, string plugin) =>
        $"/{plugin}".EndsWith($"/{called}", StringComparison.Ordinal)
        || $"/{called}".EndsWith($"/{plugin}", StringComparison.Ordinal)
        || plugin == $"{called}/{called}";
}
