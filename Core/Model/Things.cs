using System.Collections.Immutable;
using TriggerFs.Core.Messages;

namespace TriggerFs.Core.Model;

/// <summary>Who may use a service or a trigger.</summary>
enum Visibility : byte
{
    /// <summary>Its owner and the team's admins.</summary>
    Local = 1,

    /// <summary>Everybody in the team.</summary>
    Team = 2,

    /// <summary>Every user of the broker.</summary>
    Public = 3,
}

/// <summary>What a serial request does when one of its workers fails.</summary>
enum OnFailure : byte
{
    /// <summary>The next worker has its turn.</summary>
    Continue = 1,

    /// <summary>The request ends.</summary>
    Stop = 2,
}

/// <summary>
/// A program on a server that runs plugins. Its token is a random UUID, sealed with a key of the state folder.
/// </summary>
sealed record Worker(
    WorkerId Id,
    TeamId Team,
    WorkerName Name,
    string Description,
    ImmutableArray<byte> SealedToken,
    UserId Owner,
    long CreatedUnixMs,
    long UpdatedUnixMs)
{
    /// <summary>The token that takes the place of the other one when the worker keeps it; empty for none.</summary>
    public ImmutableArray<byte> SealedNext { get; init; } = [];

    /// <summary>Two tokens are good.</summary>
    public bool IsRotating => !SealedNext.IsDefaultOrEmpty;
}

/// <summary>Workers under one name. <paramref name="Workers"/> is in the order in which they were attached.</summary>
/// <param name="TimeoutMs">The timeout of a request that names none, in ms; 0 for
/// <see cref="Limits.TimeoutDefault"/>.</param>
/// <param name="Retry">How often a lost or failed run is started again; 0 for never.</param>
/// <param name="Rate">How often each user of another team may call it; null for <see cref="RateDefault"/>.</param>
/// <param name="Delivery">How its messages are delivered.</param>
sealed record Service(
    ServiceId Id,
    TeamId Team,
    ServiceName Name,
    string Description,
    Algorithm Algorithm,
    OnFailure OnFailure,
    uint TimeoutMs,
    int Retry,
    Visibility Visibility,
    UserId Owner,
    ImmutableArray<WorkerId> Workers,
    long CreatedUnixMs,
    long UpdatedUnixMs,
    Rate? Rate = null,
    Delivery Delivery = default)
{
    /// <summary>Streams that run whether somebody listens or not, in the order in which they were added.</summary>
    public ImmutableArray<KeptStream> Keep { get; init; } = [];

    /// <summary>The rate of a service that names none: enough for a person and for most scripts.</summary>
    public static readonly Rate RateDefault = new(60, 60_000);

    /// <summary>How often each user of another team may call it, when it is public.</summary>
    public Rate CallRate => Rate ?? RateDefault;
}

/// <summary>
/// A directory or a trigger in the team's tree. A parent of 1 is the team's root, which is not stored.
/// </summary>
/// <param name="Trigger">The rules of a trigger; null for a directory.</param>
sealed record Node(
    NodeId Id,
    TeamId Team,
    NodeId Parent,
    string Name,
    ushort Mode,
    UserId Owner,
    TriggerRules? Trigger,
    long CreatedUnixMs,
    long UpdatedUnixMs);

/// <summary>What happens when a trigger is written to.</summary>
/// <param name="Service">The service it is attached to; null for none yet.</param>
/// <param name="Plugin">The plugin it runs; empty for none yet.</param>
/// <param name="TimeoutMs">In ms; 0 for the service's.</param>
/// <param name="Retry">How often a lost or failed run is started again; 0 for the service's.</param>
/// <param name="Limit">
/// Bytes of one message, 1 to <see cref="Limits.TriggerLimitMax"/>; <see cref="Limits.PayloadMax"/> unless somebody set
/// it.
/// </param>
/// <param name="Delivery">How its messages are delivered; what is not set is the service's.</param>
sealed record TriggerRules(
    string Description,
    string Plugin,
    ServiceId? Service,
    uint TimeoutMs,
    int Retry,
    MessageMode Messages,
    bool Synchronous,
    int Limit,
    Visibility Visibility,
    Delivery Delivery = default);

/// <summary>How often a trigger fired and when last; counted in memory and written about every 50 ms.</summary>
readonly record struct TriggerHits(NodeId Trigger, ulong Count, long FiredUnixMs);
