using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Up;

/// <summary>
/// What a new trial has to try: a worker, a service and a few triggers, made as an admin would make them.
/// </summary>
static class DemoTeam
{
    public const string Worker = "demo01";
    public const string Service = "demo";

    private static readonly (Verb Verb, ObjectKind Kind, string Name, string Property, string[] Values)[] Statements =
    [
        (Verb.Create, ObjectKind.Service, Service, "", []),
        (Verb.Create, ObjectKind.Directory, "/demo", "", []),
        .. Trigger("/demo/uptime", "command/command", "runs what is written to it in a shell: echo uptime > uptime"),
        .. Trigger("/demo/echo", "echo", "answers with what is written to it"),
        // The worker comes last: as long as it is missing, the rest may be, too.
        (Verb.Create, ObjectKind.Worker, Worker, "", []),
        (Verb.Add, ObjectKind.Service, Service, Properties.Workers, [Worker]),
    ];

    /// <summary>Makes what is missing, unless all was made before; the worker's token is the answer.</summary>
    public static async Task<string> FurnishAsync(UserSession session, CancellationToken stop)
    {
        if (await TokenAsync(session, stop) is { } token) return token;
        foreach ((Verb verb, ObjectKind kind, string name, string property, string[] values) in Statements)
        {
            try
            {
                await session.ManageAsync(verb, kind, name, property, values, stop);
            }
            catch (TriggerException problem) when (problem.Code == ErrorCode.Exists)
            {
                // An earlier start was ended half-way.
            }
        }
        return await TokenAsync(session, stop)
            ?? throw new TriggerException(ErrorCode.Internal, $"the worker {Worker} was made and is not there");
    }

    /// <summary>Waits until the broker sees the worker.</summary>
    public static async Task OnlineAsync(UserSession session, CancellationToken stop)
    {
        while (true)
        {
            StatementAnswer answer = await session.ManageAsync(Verb.Show, ObjectKind.Worker, Worker, "", [], stop);
            if (answer.Rows.Any(row => row.Contains("ONLINE"))) return;
            await Task.Delay(20, stop);
        }
    }

    private static async Task<string?> TokenAsync(UserSession session, CancellationToken stop)
    {
        try
        {
            StatementAnswer answer =
                await session.ManageAsync(Verb.Show, ObjectKind.Worker, Worker, Properties.Token, [], stop);
            return answer.Rows[0][^1];
        }
        catch (TriggerException problem) when (problem.Code == ErrorCode.NotFound)
        {
            return null;
        }
    }

    private static (Verb, ObjectKind, string, string, string[])[] Trigger(
        string path, string plugin, string description) =>
    [
        (Verb.Create, ObjectKind.Trigger, path, "", []),
        (Verb.Set, ObjectKind.Trigger, path, Properties.Plugin, [plugin]),
        (Verb.Set, ObjectKind.Trigger, path, Properties.Description, [description]),
        (Verb.Add, ObjectKind.Trigger, path, Properties.Service, [Service]),
    ];
}
