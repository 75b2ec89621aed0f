using TriggerFs.Broker.Access;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Statements;

/// <summary>What the deciding of statements has at hand.</summary>
/// <param name="Random">Where new tokens come from.</param>
/// <param name="Options">What the broker is called, whether it can send mail, ….</param>
sealed record Office(Roster Roster, TokenSeal Seal, FillRandom Random, IPresence Presence, BrokerOptions Options)
{
    /// <summary>By which stored messages have their times.</summary>
    public required EvenClock Clock { get; init; }

    /// <summary>The settings, as they were read last.</summary>
    public BrokerOptions Options { get; set; } = Options;
}
