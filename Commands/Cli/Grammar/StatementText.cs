using System.Globalization;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Cli.Grammar;

/// <summary>Writes statements as they are typed, so that <see cref="StatementParser"/> reads the same again.</summary>
static class StatementText
{
    /// <summary>The line of a statement that makes, sets or attaches something.</summary>
    public static string Of(ConsoleStatement.Ask ask)
    {
        string name = Quoting.Value(ask.Name);
        string values = string.Join(' ', ask.Values.Select(value => Shown(ask.Property, value)));
        return (ask.Verb, ask.Kind) switch
        {
            (Verb.Create, ObjectKind.Worker) => $"set workers identity {name}",
            (Verb.Create, ObjectKind.Service) => $"set services name {name}",
            (Verb.Create, ObjectKind.Trigger) => $"set triggers name {name}",
            (Verb.Create, ObjectKind.Directory) => $"mkdir {name}",
            (Verb.Set, ObjectKind.Node) => $"chmod {values} {name}",
            (Verb.Set, ObjectKind.Worker) => $"set workers {name} {ask.Property} {values}",
            (Verb.Set, ObjectKind.Service) when IsSetBack(ask) => $"delete services {name} {ask.Property}",
            (Verb.Set, ObjectKind.Trigger) when IsSetBack(ask) => $"delete triggers {name} {ask.Property}",
            (Verb.Set, ObjectKind.Service) => $"set services {name} {ask.Property} {values}",
            (Verb.Set, ObjectKind.Trigger) => $"set triggers {name} {ask.Property} {values}",
            (Verb.Add, ObjectKind.Service) => $"set services {name} {ask.Property} add {values}",
            (Verb.Add, ObjectKind.Trigger) => $"set triggers {name} service attach {values}",
            _ => throw new TriggerException(ErrorCode.Unsupported,
                $"this console does not know how to write '{ask.Verb} {ask.Kind}'".ToLowerInvariant(),
                "the broker is newer than it", "use a console of the broker's version"),
        };
    }

    private static bool IsSetBack(ConsoleStatement.Ask ask) =>
        ask.Property != Properties.Description && ask.Values is [""];

    /// <summary>A value as it is typed; a word of the grammar is never in quotes, a name or a text may be.</summary>
    private static string Shown(string property, string value) => property switch
    {
        Properties.Timeout or Properties.Ttl => Cell.Exact(ColumnType.Duration, value) ?? value,
        Properties.Limit when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes) =>
            ByteSize.Print(bytes),
        Properties.Algorithm or Properties.OnFailure or Properties.Visibility or Properties.Message
            or Properties.Mode or Properties.Backoff or Properties.Priority or Properties.MaxInflight
            or Properties.OnBusy or Properties.Unique or Properties.OnFull => value,
        _ => Quoting.Value(value),
    };
}
