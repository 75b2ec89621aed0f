using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>What a column holds, so that a table and JSON can both show it well.</summary>
enum ColumnType : byte
{
    Text = 1,

    /// <summary>A decimal integer.</summary>
    Number = 2,

    /// <summary>Unix milliseconds as a decimal integer; empty for never.</summary>
    Time = 3,

    /// <summary>Texts joined by a newline; empty for none.</summary>
    List = 4,

    /// <summary>Milliseconds as a decimal integer; empty for none.</summary>
    Duration = 5,

    /// <summary>Bytes as a decimal integer; empty for none.</summary>
    Size = 6,
}

/// <summary>A column's name and type.</summary>
readonly record struct Column(string Name, ColumnType Type);

/// <summary>
/// Rows that answer a Show, at most <see cref="Limits.ListingRowsMax"/> a message; the last one says so.
/// </summary>
/// <remarks>
/// u64 id | flag last | u16 count | count × (text name | u8 type) | u16 count of rows | rows × columns × text cell
/// </remarks>
sealed record Listing(RequestId Id, bool Last, IReadOnlyList<Column> Columns, IReadOnlyList<string[]> Rows)
{
    public static Listing Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        RequestId id = new(wire.UInt64());
        bool last = wire.Flag();
        var columns = new Column[wire.Count(Limits.ValuesMax, sizeMin: 3)];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = new(wire.Text(), wire.OneOf(last: ColumnType.Size, first: ColumnType.Text));
        string[][] rows = new string[wire.Count(Limits.ListingRowsMax, sizeMin: 2 * columns.Length)][];
        for (int i = 0; i < rows.Length; i++)
        {
            rows[i] = new string[columns.Length];
            for (int k = 0; k < columns.Length; k++) rows[i][k] = wire.Text(Limits.CellMax);
        }
        return new(id, last, columns, rows);
    }

    public void Write(WireWriter wire)
    {
        wire.Begin(MessageKind.Listing);
        wire.UInt64(Id.Value);
        wire.Flag(Last);
        wire.Count(Columns.Count, Limits.ValuesMax);
        foreach (Column column in Columns)
        {
            wire.Text(column.Name);
            wire.UInt8((byte)column.Type);
        }
        wire.Count(Rows.Count, Limits.ListingRowsMax);
        foreach (string[] row in Rows)
            foreach (string cell in row) wire.Text(cell, Limits.CellMax);
    }
}
