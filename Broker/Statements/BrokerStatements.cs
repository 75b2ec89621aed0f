using TriggerFs.Core.Messages;
using TriggerFs.Core.Wire;

namespace TriggerFs.Broker.Statements;

/// <summary>The statements about the broker itself.</summary>
static class BrokerStatements
{
    public static readonly Row[] Rows = [new(Verb.Show, ObjectKind.Version, "", 0, 0, ShowVersion)];

    private static Decision ShowVersion(Statement statement) => Decision.Show(new(
        [new("broker", ColumnType.Text), new("wire", ColumnType.Number)],
        [[statement.Office.Software, Table.Number(MessageCodec.Version)]]));
}
