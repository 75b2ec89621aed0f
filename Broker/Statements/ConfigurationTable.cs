using TriggerFs.Broker.Access;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>
/// What <c>show configuration</c> shows: statements that would make all that the asker sees again, in an order in which
/// they can be done. What is as a new thing has it is left out; tokens and people are, too.
/// </summary>
static class ConfigurationTable
{
    private const ushort NewDirectory = 0b111_101_101, NewTrigger = 0b110_100_100;

    public static readonly Row[] Rows = [new(Verb.Show, ObjectKind.Configuration, "", 0, 0, Show)];

    private static readonly Column[] Columns =
    [
        new("verb", ColumnType.Number), new("kind", ColumnType.Number), new("name", ColumnType.Text),
        new("property", ColumnType.Text), new("values", ColumnType.List),
    ];

    private static Decision Show(Statement statement)
    {
        Roster roster = statement.Roster;
        Node[] tree = [.. roster.Below(statement.Team, NodeId.Root)];
        Service[] services = [.. roster.Services(statement.Team)
            .Where(service => Permissions.Allow(statement.Actor, Right.See, service))];
        return Decision.Show(new(Columns,
        [
            .. roster.Workers(statement.Team).SelectMany(Of),
            .. services.SelectMany(service => Of(roster, service)),
            .. tree.Where(node => node.Trigger is null).SelectMany(node => OfDirectory(roster, node)),
            .. tree.Where(node => node.Trigger is not null).SelectMany(node => OfTrigger(roster, node, services)),
        ]));
    }

    private static IEnumerable<string[]> Of(Worker worker)
    {
        string name = worker.Name.Value;
        yield return Row(Verb.Create, ObjectKind.Worker, name, "");
        if (worker.Description.Length > 0)
            yield return Row(Verb.Set, ObjectKind.Worker, name, Properties.Description, worker.Description);
    }

    private static IEnumerable<string[]> Of(Roster roster, Service service)
    {
        string name = service.Name.Value;
        yield return Row(Verb.Create, ObjectKind.Service, name, "");
        (string Property, string Value, bool IsNew)[] settings =
        [
            (Properties.Description, service.Description, service.Description.Length == 0),
            (Properties.Algorithm, Values.Word(service.Algorithm), service.Algorithm == Algorithm.RoundRobin),
            (Properties.Timeout, Table.Number(service.TimeoutMs), service.TimeoutMs == 0),
            (Properties.Retry, Table.Number(service.Retry), service.Retry == 0),
            (Properties.OnFailure, Values.Word(service.OnFailure), service.OnFailure == OnFailure.Continue),
            (Properties.Visibility, Values.Word(service.Visibility), service.Visibility == Visibility.Local),
            (Properties.Rate, service.CallRate.ToString(), service.Rate is null),
        ];
        foreach ((string property, string value, _) in settings.Where(setting => !setting.IsNew))
            yield return Row(Verb.Set, ObjectKind.Service, name, property, value);
        foreach ((string property, string value) in service.Delivery.Settings)
            yield return Row(Verb.Set, ObjectKind.Service, name, property, value);
        foreach (WorkerId[] some in service.Workers.Chunk(Limits.ValuesMax))
            yield return Row(Verb.Add, ObjectKind.Service, name, Properties.Workers,
                [.. some.Select(id => roster.Worker(id)!.Name.Value)]);
        foreach (KeptStream kept in service.Keep)
            yield return Row(Verb.Add, ObjectKind.Service, name, Properties.Keep, kept.Words);
    }

    private static IEnumerable<string[]> OfDirectory(Roster roster, Node node)
    {
        string path = roster.PathOf(node.Id).Value;
        yield return Row(Verb.Create, ObjectKind.Directory, path, "");
        if (node.Mode != NewDirectory) yield return Permitted(path, node);
    }

    private static IEnumerable<string[]> OfTrigger(Roster roster, Node node, Service[] services)
    {
        string path = roster.PathOf(node.Id).Value;
        TriggerRules rules = node.Trigger!;
        yield return Row(Verb.Create, ObjectKind.Trigger, path, "");
        (string Property, string Value, bool IsNew)[] settings =
        [
            (Properties.Description, rules.Description, rules.Description.Length == 0),
            (Properties.Plugin, rules.Plugin, rules.Plugin.Length == 0),
            (Properties.Timeout, Table.Number(rules.TimeoutMs), rules.TimeoutMs == 0),
            (Properties.Retry, Table.Number(rules.Retry), rules.Retry == 0),
            (Properties.Message, Values.Word(rules.Messages), rules.Messages == MessageMode.Write),
            (Properties.Mode, Values.Mode(rules.Synchronous), !rules.Synchronous),
            (Properties.Limit, Table.Number(rules.Limit), rules.Limit == Limits.PayloadMax),
            (Properties.Visibility, Values.Word(rules.Visibility), rules.Visibility == Visibility.Local),
        ];
        foreach ((string property, string value, _) in settings.Where(setting => !setting.IsNew))
            yield return Row(Verb.Set, ObjectKind.Trigger, path, property, value);
        foreach ((string property, string value) in rules.Delivery.Settings)
            yield return Row(Verb.Set, ObjectKind.Trigger, path, property, value);
        if (services.FirstOrDefault(service => service.Id == rules.Service) is { } attached)
            yield return Row(Verb.Add, ObjectKind.Trigger, path, Properties.Service, attached.Name.Value);
        if (node.Mode != NewTrigger) yield return Permitted(path, node);
    }

    private static string[] Permitted(string path, Node node) =>
        Row(Verb.Set, ObjectKind.Node, path, Properties.Permissions, Values.Octal(node.Mode));

    private static string[] Row(Verb verb, ObjectKind kind, string name, string property, params string[] values) =>
        [Table.Number((long)verb), Table.Number((long)kind), name, property, Table.List(values)];
}
