using TriggerFs.Commands.Session;

namespace TriggerFs.Commands.Cli;

/// <summary>What a commit would change as lines with '+' and '-', each thing under its name.</summary>
static class DifferenceLines
{
    public static IEnumerable<string> Of(StatementAnswer differences)
    {
        string thing = "";
        foreach (string[] row in differences.Rows)
        {
            (string name, string change, string property, string before, string after) =
                ($"{row[0]} {Visible.Escape(row[1])}", row[2], row[3], Visible.Escape(row[4]), Visible.Escape(row[5]));
            if (thing != name) yield return change == "changed" ? $"[{name}]" : $"[{name}] is {change}";
            thing = name;
            if (before.Length > 0) yield return $"-   {property} {before}";
            if (after.Length > 0) yield return $"+   {property} {after}";
        }
        if (thing.Length == 0) yield return "nothing would change";
    }
}
