namespace TriggerFs.Core.Model;

/// <summary>How much a team may have. What is there already is never taken away by a plan.</summary>
/// <param name="Teams">Teams that one user may found.</param>
/// <param name="Workers">Workers of the team.</param>
/// <param name="Services">Services of the team.</param>
/// <param name="Triggers">Triggers of the team; directories are not counted.</param>
/// <param name="Users">Users in the team.</param>
/// <param name="PublicServices">Services of the team that users of other teams may call.</param>
sealed record Plan(
    string Name, int Teams, int Workers, int Services, int Triggers, int Users, int PublicServices)
{
    /// <summary>Stands for as many as the broker bears.</summary>
    public const int Any = int.MaxValue;

    /// <summary>The plan of whoever runs a broker for himself.</summary>
    public static readonly Plan Unlimited = new("unlimited", Any, Any, Any, Any, Any, Any);

    /// <summary>
    /// All plans, the smallest first: the three of 2018 with their numbers. Public services were part of all of them.
    /// </summary>
    public static readonly System.Collections.Immutable.ImmutableArray<Plan> All =
    [
        new("free", Teams: 1, Workers: 2, Services: 1, Triggers: 3, Users: 2, PublicServices: 1),
        new("basic", Teams: 1, Workers: 25, Services: 5, Triggers: 26, Users: 9, PublicServices: 5),
        new("advanced", Teams: 2, Workers: 100, Services: 20, Triggers: 51, Users: 25, PublicServices: 20),
        Unlimited,
    ];

    /// <summary>The plan of a name; refuses one that there is not.</summary>
    public static Plan Parse(string name) => All.FirstOrDefault(plan => plan.Name == name)
        ?? throw new TriggerException(ErrorCode.Invalid, $"there is no plan '{NameRule.Shown(name)}'",
            "the plans are " + string.Join(", ", All.Select(plan => plan.Name)), "triggerfs cli -c 'show plans'");
}
