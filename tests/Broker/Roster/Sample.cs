using System.Collections.Immutable;
using TriggerFs.Broker;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker;

/// <summary>
/// A team of three with a worker each for the owner and the admin, as the tests of the broker's rules need it.
/// </summary>
static class Sample
{
    public static readonly TeamId Team1 = new(2);
    public static readonly TeamId Team2 = new(3);
    public static readonly UserId Admin = new(4);
    public static readonly UserId Member = new(5);
    public static readonly UserId Other = new(6);
    public static readonly UserId Observer = new(7);
    public static readonly UserId Stranger = new(8);
    public static readonly Instant Now = new(1000, 1_525_113_930_000);

    public static StoredState Empty => new([], [], [], [], [], [], [], 0);

    public static StoredState State => Empty with
    {
        Teams = [new(Team1, new("team1"), 1), new(Team2, new("team2"), 1)],
        Users =
        [
            User(Admin, "hp"), User(Member, "alice"), User(Other, "bob"), User(Observer, "eve"),
            User(Stranger, "mallory"),
        ],
        Memberships =
        [
            new(Team1, Admin, TeamRole.Admin), new(Team1, Member, TeamRole.Member), new(Team1, Other, TeamRole.Member),
            new(Team1, Observer, TeamRole.Observer), new(Team2, Stranger, TeamRole.Admin),
        ],
        LastId = 8,
    };

    public static User User(UserId id, string name) => new(id, new(name), "", false, 1, 1);

    public static Worker Worker(long id, string name, TeamId? team = null, UserId? owner = null) =>
        new(new(id), team ?? Team1, new(name), "", [], owner ?? Admin, 1, 1);

    public static Service Service(long id, string name, params long[] workers) => new(
        new(id), Team1, new(name), "", Algorithm.RoundRobin, OnFailure.Continue, 0, 0, Visibility.Local, Admin,
        workers.Select(worker => new WorkerId(worker)).ToImmutableArray(), 1, 1);

    public static Node Directory(ulong id, string name, ulong parent = 1, TeamId? team = null) =>
        new(new(id), team ?? Team1, new(parent), name, 0x1ED, Admin, null, 1, 1);

    public static Node Trigger(ulong id, string name, ulong parent, long? service = null) => new(
        new(id), Team1, new(parent), name, 0x1A4, Admin,
        new("", "command/command", service is { } attached ? new(attached) : null, 0, 0, MessageMode.Write, false,
            Limits.PayloadMax, Visibility.Local),
        1, 1);
}
