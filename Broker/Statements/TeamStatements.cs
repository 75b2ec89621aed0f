using TriggerFs.Core.Messages;

namespace TriggerFs.Broker.Statements;

/// <summary>The statements about teams.</summary>
static class TeamStatements
{
    public static readonly Row[] Rows = [new(Verb.Show, ObjectKind.Team, "", 0, 0, TeamTable.Show)];
}
