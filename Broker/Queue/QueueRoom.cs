using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Queue;

/// <summary>What the queue has taken, of each team and of all together, and whether more fits.</summary>
sealed class QueueRoom(QueueOptions options)
{
    private readonly Dictionary<TeamId, (int Messages, long Bytes)> _teams = [];

    public QueueOptions Options { get; set; } = options;

    public int Messages { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Why a message of so many bytes is not taken now; null when it is.</summary>
    public TriggerException? Refusal(TeamId team, long bytes)
    {
        if (Messages >= Options.MessagesMax || Bytes + bytes > Options.BytesMax)
            return Full("all teams", Messages, Bytes);
        (int messages, long teamBytes) = _teams.GetValueOrDefault(team);
        return messages >= (long)Options.MessagesMax * Options.TeamPercent / 100
            || teamBytes + bytes > Options.BytesMax * Options.TeamPercent / 100
            ? Full("this team", messages, teamBytes) : null;
    }

    public void Add(QueueEntry entry) => Count(entry, 1);

    public void Remove(QueueEntry entry) => Count(entry, -1);

    private void Count(QueueEntry entry, int sign)
    {
        (int messages, long bytes) = _teams.GetValueOrDefault(entry.Message.Team);
        _teams[entry.Message.Team] = (messages + sign, bytes + (sign * entry.Bytes));
        Messages += sign;
        Bytes += sign * entry.Bytes;
    }

    private static TriggerException Full(string whose, int messages, long bytes) => new(
        ErrorCode.Busy, "the broker's queue is full",
        $"{messages} messages ({bytes >> 20} MiB) of {whose} wait for workers",
        "they are kept where they were written and sent again; start workers, or look at 'show queue'");
}
