using TriggerFs.Broker.Access;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>The statements about plans: what they allow, and which a team has.</summary>
static class PlanStatements
{
    public static readonly Row[] Rows =
    [
        new(Verb.Show, ObjectKind.Plan, "", 0, 0, Show),
        new(Verb.Set, ObjectKind.Team, Properties.Plan, 1, 1, Set) { Deed = Deed.Operate },
    ];

    private static readonly Column[] Columns =
    [
        new("name", ColumnType.Text), new("teams per user", ColumnType.Text), new("workers", ColumnType.Text),
        new("services", ColumnType.Text), new("triggers", ColumnType.Text), new("users", ColumnType.Text),
        new("public services", ColumnType.Text), new("yours", ColumnType.Text),
    ];

    private static Decision Show(Statement statement)
    {
        Plan own = statement.Roster.Team(statement.Team).Plan;
        string[][] rows = Plan.All.Where(plan => statement.Name.Length == 0 || plan.Name == statement.Name)
            .Select(plan => Cells(plan, plan == own)).ToArray();
        return rows.Length > 0 ? Decision.Show(new(Columns, rows))
            : throw Statement.Missing("plan", statement.Name, "show plans");
    }

    private static string[] Cells(Plan plan, bool isOwn) =>
    [
        plan.Name, Number(plan.Teams), Number(plan.Workers), Number(plan.Services), Number(plan.Triggers),
        Number(plan.Users), Number(plan.PublicServices), isOwn ? "yes" : "",
    ];

    private static string Number(int allowed) => allowed == Plan.Any ? "unlimited" : Table.Number(allowed);

    private static Decision Set(Statement statement)
    {
        Team team = statement.Roster.FindTeam(statement.Name)
            ?? throw Statement.Missing("team", statement.Name, "show teams");
        Plan plan = Plan.Parse(statement.Values[0]);
        if (plan == team.Plan) return Decision.Store("");
        Team changed = team with { Plan = plan };
        string[] over = [.. Quota.OfTeam.Where(quota => quota.Used(statement.Roster, team.Id) > quota.Allowed(plan))
            .Select(quota => $"{quota.What} {quota.Shown(statement.Roster, changed)}")];
        return Decision.Store(
            over.Length == 0 ? "" : $"it has more than the plan allows: {string.Join(", ", over)}\n"
                + "nothing is deleted, and no more of them can be made",
            new Change.PutTeam(changed));
    }
}
