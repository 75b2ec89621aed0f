using TriggerFs.Broker.Access;

namespace TriggerFs.Broker.Statements;

/// <summary>What the deciding of statements has at hand.</summary>
/// <param name="Random">Where new tokens come from.</param>
/// <param name="Software">The name and version of this program, for <c>show version</c>.</param>
sealed record Office(Roster Roster, TokenSeal Seal, FillRandom Random, IPresence Presence, string Software);
