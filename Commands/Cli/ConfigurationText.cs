using System.Globalization;
using TriggerFs.Commands.Cli.Grammar;
using TriggerFs.Commands.Session;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Cli;

/// <summary>The configuration as lines that can be typed.</summary>
static class ConfigurationText
{
    private static readonly Column[] Columns = [new("statement", ColumnType.Text)];

    /// <summary>What the broker says of it, with a line for each statement.</summary>
    public static StatementAnswer Of(StatementAnswer configuration) =>
        new(Columns, [.. configuration.Rows.Select(row => (string[])[StatementText.Of(Statement(row))])], "");

    /// <summary>The statement of a row.</summary>
    public static ConsoleStatement.Ask Statement(string[] row) =>
        new((Verb)Number(row[0]), (ObjectKind)Number(row[1]), row[2], row[3], Cell.Items(row[4]));

    private static byte Number(string cell) => byte.Parse(cell, NumberStyles.None, CultureInfo.InvariantCulture);
}
