using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Access;

/// <summary>Who a peer proved to be.</summary>
/// <param name="User">The user; null for a worker.</param>
/// <param name="Worker">The worker; null for a user.</param>
/// <param name="Jwt">What the JWT said, when that was the proof; its session is taken up again.</param>
sealed record Proven(TeamId Team, UserId? User, WorkerId? Worker, Claims? Jwt)
{
    /// <summary>The proof is the token that the worker shall have next: it keeps that one.</summary>
    public bool HasNextToken { get; init; }
}

/// <summary>What came of checking a Hello: one of the two.</summary>
/// <param name="Failures">How often this identity failed from this address, this time included; for the log.</param>
sealed record Verdict(Proven? Who, TriggerException? Refusal, int Failures = 0);
