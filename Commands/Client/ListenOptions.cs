using System.CommandLine;
using System.Globalization;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Client;

/// <summary>From where on somebody listens: from now, or with some of what came before.</summary>
sealed class ListenOptions
{
    public Option<string?> Last { get; } =
        SharedOptions.Text("last", "N", "begin with the last N lines that the broker keeps");

    public Option<string?> Since { get; } =
        SharedOptions.Text("since", "DURATION", "begin with what came since then, such as 10m");

    public ListenOrder Read(ParseResult parsed, string service, string plugin, byte[] args)
    {
        TimeSpan age = parsed.GetValue(Since) is { } since ? Duration.Parse(since) : TimeSpan.Zero;
        if (age < TimeSpan.Zero)
            throw new TriggerException(ErrorCode.Usage, "--since is how long ago, such as 10m");
        // With both, what meets both.
        uint last = parsed.GetValue(Last) is { } lines ? Lines(lines) : age > TimeSpan.Zero ? Listen.AllLines : 0;
        return new(service, plugin, args, last, age);
    }

    /// <summary>Who sends a message does not begin anywhere.</summary>
    public void Refuse(ParseResult parsed)
    {
        foreach (Option<string?> option in (Option<string?>[])[Last, Since])
            if (parsed.GetValue(option) is not null)
                throw new TriggerException(ErrorCode.Usage, $"{option.Name} is for who listens", fix: "say -listen");
    }

    private static uint Lines(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint lines) ? lines
            : throw new TriggerException(ErrorCode.Usage, $"--last {NameRule.Shown(text)} is no number of lines",
                fix: "say a number: --last 20");
}
