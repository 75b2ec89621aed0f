using System.Text;
using System.Text.RegularExpressions;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// The lines of metrics that a message stands for: it has a whole one on each line, or, where the arguments name the
/// metric, it is a value.
/// </summary>
static class MetricLines
{
    /// <summary>Lines of one message at the most.</summary>
    private const int LinesMax = 10_000;

    /// <param name="call">The call.</param>
    /// <param name="whole">A line from the message's value; null when the message has whole lines.</param>
    /// <param name="rule">What a line must be.</param>
    /// <param name="form">What it should look like, for errors.</param>
    public static List<string> Read(WorkCall call, Func<string, string>? whole, Regex rule, string form)
    {
        string text = call.MessageText.Trim();
        string[] lines = whole is not null ? [whole(text)]
            : text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (lines.Length is 0 or > LinesMax)
            throw new TriggerException(ErrorCode.Invalid, $"the message has {lines.Length} metrics",
                $"1 to {LinesMax} lines are allowed", $"a line is: {form}");
        foreach (string line in lines)
            if (!rule.IsMatch(line))
                throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(line)}' is no metric",
                    fix: $"a line is: {form}");
        return [.. lines];
    }

    /// <summary>Lines in datagrams that no usual network takes apart; a longer line goes alone.</summary>
    public static IEnumerable<ReadOnlyMemory<byte>> Datagrams(IEnumerable<string> lines)
    {
        const int SizeMax = 1432;
        var packet = new List<byte>();
        foreach (string line in lines)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(line);
            if (packet.Count > 0 && packet.Count + bytes.Length + 1 > SizeMax)
            {
                yield return packet.ToArray();
                packet.Clear();
            }
            packet.AddRange(bytes);
            packet.Add((byte)'\n');
        }
        if (packet.Count > 0) yield return packet.ToArray();
    }
}
