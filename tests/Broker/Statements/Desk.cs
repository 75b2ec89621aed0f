using TriggerFs.Broker;
using TriggerFs.Broker.Access;
using TriggerFs.Broker.Statements;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.Statements;

/// <summary>A registrar over a roster, to which what is decided is applied at once.</summary>
sealed class Desk : IPresence, IDisposable
{
    public static readonly Actor Admin = new(Sample.Admin, Sample.Team1, TeamRole.Admin);
    public static readonly Actor Alice = new(Sample.Member, Sample.Team1, TeamRole.Member);
    public static readonly Actor Bob = new(Sample.Other, Sample.Team1, TeamRole.Member);
    public static readonly Actor Eve = new(Sample.Observer, Sample.Team1, TeamRole.Observer);
    public static readonly Actor Mallory = new(Sample.Stranger, Sample.Team2, TeamRole.Admin);

    private readonly Random _random = new(4711);
    private readonly Registrar _registrar;

    public Desk(StoredState? state = null, BrokerOptions? options = null)
    {
        options ??= BrokerOptions.Default with { Software = "triggerfs 2.0.0" };
        Roster = new(state ?? Sample.State);
        _registrar = new(new Office(Roster, Seal, _random.NextBytes, this, options) { Clock = new(Sample.Now) });
    }

    public TriggerFs.Broker.Roster Roster { get; }

    public TokenSeal Seal { get; } = new(new byte[TokenSeal.KeySize]);

    public Instant Now { get; set; } = Sample.Now;

    public HashSet<WorkerId> Online { get; } = [];

    public bool IsOnline(WorkerId worker) => Online.Contains(worker);

    public IReadOnlyList<long> Waiting(NodeId trigger) => [];

    public Decision Decide(
        Actor actor, Verb verb, ObjectKind kind, string name, string property, params string[] values) =>
        _registrar.Decide(actor, new(new(1), verb, kind, name, property, values), Now);

    /// <summary>Those of some actors who can have a session, with the roles that they have now.</summary>
    public Actor[] Present(IEnumerable<Actor> actors) =>
    [
        .. actors.Where(actor => Roster.OpenMembershipOf(actor.Team, actor.User) is not null)
            .Select(actor => actor with { Role = Roster.MembershipOf(actor.Team, actor.User)!.Role }),
    ];

    /// <summary>Decides a statement whose secret was hashed.</summary>
    public Decision Decide(
        Actor actor, Verb verb, ObjectKind kind, string name, string property, string[] values, string secretHash) =>
        _registrar.Decide(actor, new(new(1), verb, kind, name, property, values), Now, secretHash);

    /// <summary>Decides, applies what comes of it, and returns the notice.</summary>
    public string Do(Actor actor, Verb verb, ObjectKind kind, string name, string property = "", params string[] values)
    {
        Decision decision = Decide(actor, verb, kind, name, property, values);
        Roster.Apply(decision.Changes);
        return decision.Notice;
    }

    public string Do(Verb verb, ObjectKind kind, string name, string property = "", params string[] values) =>
        Do(Admin, verb, kind, name, property, values);

    /// <summary>The refusal, whose code is the expected one.</summary>
    public TriggerException Refused(
        ErrorCode code, Actor actor, Verb verb, ObjectKind kind, string name, string property = "",
        params string[] values)
    {
        TriggerException refusal =
            Assert.Throws<TriggerException>(() => Decide(actor, verb, kind, name, property, values));
        Assert.Equal(code, refusal.Code);
        return refusal;
    }

    public TriggerException Refused(
        ErrorCode code, Verb verb, ObjectKind kind, string name, string property = "", params string[] values) =>
        Refused(code, Admin, verb, kind, name, property, values);

    /// <summary>One column of what a Show shows.</summary>
    public string[] Column(string column, ObjectKind kind, string name = "", string property = "", Actor? actor = null)
    {
        Table table = Decide(actor ?? Admin, Verb.Show, kind, name, property).Rows!;
        int at = table.Columns.Select(one => one.Name).ToList().IndexOf(column);
        Assert.True(at >= 0, $"no column {column}");
        return table.Rows.Select(row => row[at]).ToArray();
    }

    /// <summary>The tutorial up to a service with a worker.</summary>
    public Desk WithService()
    {
        Do(Verb.Create, ObjectKind.Worker, "demo01");
        Do(Verb.Create, ObjectKind.Service, "demoservice");
        Do(Verb.Add, ObjectKind.Service, "demoservice", "workers", "demo01");
        return this;
    }

    /// <summary>The tutorial up to a trigger.</summary>
    public Desk WithTrigger()
    {
        Do(Verb.Create, ObjectKind.Directory, "/newtrigger");
        Do(Verb.Create, ObjectKind.Trigger, "/newtrigger/demotrigger");
        return this;
    }

    public NodeId Id(string path) => Roster.Find(Sample.Team1, TriggerPath.Parse(path))!.Id;

    public void Dispose() => Seal.Dispose();
}
