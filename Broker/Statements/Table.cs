using System.Globalization;
using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Broker.Statements;

/// <summary>Rows under named columns, on their way to be shown.</summary>
sealed record Table(IReadOnlyList<Column> Columns, IReadOnlyList<string[]> Rows)
{
    /// <summary>
    /// Bytes of rows in one message: well below <see cref="Limits.MessageMax"/>, the columns still fit.
    /// </summary>
    private const int PageBytesMax = 256 * 1024;

    /// <summary>The messages that carry the rows; the last one says so, and there is one even for no rows.</summary>
    public IEnumerable<Listing> Pages(RequestId id)
    {
        List<string[]> page = [];
        int bytes = 0;
        foreach (string[] row in Rows)
        {
            int size = row.Sum(cell => 2 + Encoding.UTF8.GetByteCount(cell));
            if (page.Count == Limits.ListingRowsMax || (page.Count > 0 && bytes + size > PageBytesMax))
            {
                yield return new(id, Last: false, Columns, page);
                page = [];
                bytes = 0;
            }
            page.Add(row);
            bytes += size;
        }
        yield return new(id, Last: true, Columns, page);
    }

    /// <summary>A cell of <see cref="ColumnType.List"/>; what does not fit is counted.</summary>
    public static string List(IEnumerable<string> items)
    {
        var cell = new StringBuilder();
        int bytes = 0, left = 0;
        foreach (string item in items)
        {
            bytes += 1 + Encoding.UTF8.GetByteCount(item);
            if (bytes > Limits.CellMax - 64) left++;
            else cell.Append(cell.Length == 0 ? "" : "\n").Append(item);
        }
        return left == 0 ? cell.ToString() : cell.Append(CultureInfo.InvariantCulture, $"\nand {left} more").ToString();
    }

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    public static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A cell of <see cref="ColumnType.Time"/> or <see cref="ColumnType.Duration"/>: empty for 0.</summary>
    public static string Ms(long value) => value == 0 ? "" : Number(value);
}
