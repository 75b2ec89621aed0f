using System.Text;
using TriggerFs.Broker.Queue;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>What is shown of messages that were given up: a row of each, or the bytes of one.</summary>
static class DeadLetterTable
{
    /// <summary>Characters of a message that a list shows.</summary>
    private const int HeadMax = 60;

    /// <summary>Bytes in one cell; base64 makes four of three.</summary>
    private const int PieceMax = 3 * (Limits.TextMax / 4 / 3);

    private static readonly Column[] Columns =
    [
        new("id", ColumnType.Number), new("trigger", ColumnType.Text), new("reason", ColumnType.Text),
        new("attempts", ColumnType.Number), new("user", ColumnType.Text), new("message", ColumnType.Text),
        new("written", ColumnType.Time), new("died", ColumnType.Time), new("service", ColumnType.Text),
        new("size", ColumnType.Size), new("printed", ColumnType.Size),
    ];

    private static readonly Column[] ColumnsOfOne = [.. Columns, new("output", ColumnType.Text)];

    /// <summary>A row of each, with the beginning of its message.</summary>
    public static Decision All(Roster roster, IEnumerable<DeadLetter> letters) =>
        Decision.Show(new(Columns, letters.Select(letter => Cells(roster, letter, HeadMax)).ToArray()));

    /// <summary>One, with the end of what its last attempt wrote.</summary>
    public static Decision One(Roster roster, DeadLetter letter)
    {
        string[] cells = [.. Cells(roster, letter, Limits.TextMax / 4), Encoding.UTF8.GetString(letter.Output)];
        return Decision.Show(new(ColumnsOfOne, [cells]));
    }

    /// <summary>All of something, in pieces that fit into a cell.</summary>
    public static Decision Bytes(string property, ReadOnlySpan<byte> bytes)
    {
        List<string[]> rows = [];
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(bytes.Length, PieceMax)..])
            rows.Add([Convert.ToBase64String(bytes[..Math.Min(bytes.Length, PieceMax)])]);
        return Decision.Show(new([new Column(property, ColumnType.Text)], rows));
    }

    private static string[] Cells(Roster roster, DeadLetter letter, int textMax)
    {
        ReadOnlySpan<byte> payload = Posted.PayloadOf(letter.Message);
        return
        [
            Table.Number(letter.Id),
            letter.Path,
            letter.Reason,
            Table.Number(letter.Message.Attempt),
            roster.NameOf(letter.Message.User),
            Text(payload, textMax),
            Table.Ms(letter.Message.WrittenUnixMs),
            Table.Ms(letter.DiedUnixMs),
            ServiceOf(roster, letter.Message.Trigger),
            Table.Number(payload.Length),
            Table.Number(letter.Output.Length),
        ];
    }

    /// <summary>The service behind a trigger now; empty when there is none, or no trigger.</summary>
    private static string ServiceOf(Roster roster, NodeId trigger)
    {
        ServiceId? service = Posted.ServiceOf(trigger) ?? roster.Node(trigger)?.Trigger?.Service;
        return service is { } id ? roster.Service(id)?.Name.Value ?? "" : "";
    }

    private static string Text(ReadOnlySpan<byte> payload, int max)
    {
        string text = Encoding.UTF8.GetString(payload[..Math.Min(payload.Length, max)]);
        return text.Length < payload.Length ? $"{text}… ({payload.Length} bytes)" : text;
    }
}
