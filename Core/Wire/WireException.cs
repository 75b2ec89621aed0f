namespace TriggerFs.Core.Wire;

/// <summary>
/// A message that does not follow Transport/PROTOCOL.md; says which field, where, and what was expected.
/// </summary>
sealed class WireException(string what, string why)
    : TriggerException(ErrorCode.Protocol, what, why, "use a peer of the same major version");
