using System.Collections.Immutable;
using System.Globalization;
using TriggerFs.Commands;
using TriggerFs.Commands.Session;
using TriggerFs.Commands.Worker;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.EndToEnd.FanOut;

/// <summary>A service with very many workers, made by one commit.</summary>
static class ManyWorkers
{
    /// <summary>A plugin that answers with what it is sent, but fails (74) on each tenth worker.</summary>
    public const string Check = "tests/check";

    private static readonly ImmutableDictionary<string, string> Nowhere =
        ImmutableDictionary<string, string>.Empty.Add("path", "/proc/none/file");

    /// <summary>Makes them, attached to a service of that name and algorithm; their names and tokens.</summary>
    public static async Task<(string Name, string Token)[]> MakeAsync(
        UserSession session, int count, string service, string algorithm)
    {
        int width = (count - 1).ToString(CultureInfo.InvariantCulture).Length;
        string[] names = [.. Enumerable.Range(0, count)
            .Select(i => "w" + i.ToString(CultureInfo.InvariantCulture).PadLeft(width, '0'))];
        Manage[] statements =
        [
            .. names.Select(name => new Manage(default, Verb.Create, ObjectKind.Worker, name, "", [])),
            new(default, Verb.Create, ObjectKind.Service, service, "", []),
            new(default, Verb.Set, ObjectKind.Service, service, Properties.Algorithm, [algorithm]),
            .. names.Chunk(Limits.ValuesMax).Select(some =>
                new Manage(default, Verb.Add, ObjectKind.Service, service, Properties.Workers, some)),
        ];
        long revision = 0;
        foreach (Manage[] some in statements.Chunk(Limits.CommitStatementsMax))
        {
            long known = revision;
            await session.CommitAsync(id => new(id, CommitAction.Store, known, 0, 0, "", some), default);
            revision++;
        }
        var workers = new (string, string)[count];
        for (int i = 0; i < count; i++)
        {
            StatementAnswer shown = await session.ManageAsync(
                Verb.Show, ObjectKind.Worker, names[i], Properties.Token, [], default);
            int column = shown.Columns.ToList().FindIndex(column => column.Name == "token");
            workers[i] = (names[i], shown.Rows[0][column]);
        }
        return workers;
    }

    /// <summary>
    /// How one of them works: with <see cref="Check"/>, which takes no process, since a thousand of them are more than
    /// the one machine that they are all on has room for.
    /// </summary>
    public static WorkerOptions OptionsOf(string name, int jobs) => new(name, jobs)
    {
        Sections =
        [
            name[^1] == '0'
                ? PluginSection.Of(Check) with { Plugin = "file/append", Values = Nowhere }
                : PluginSection.Of(Check) with { Plugin = "text/filter" },
        ],
    };
}
