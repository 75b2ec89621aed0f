using TriggerFs.Broker.Access;

namespace TriggerFs.Broker.Statements;

/// <summary>What the deciding of statements has at hand.</summary>
/// <param name="Random">Where new tokens come from.</param>
/// <param name="Options">What the broker is called, whether it can send mail, ….</param>
sealed record Office(Roster Roster, TokenSeal Seal, FillRandom Random, IPresence Presence, BrokerOptions Options);
