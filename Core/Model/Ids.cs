namespace TriggerFs.Core.Model;

/// <summary>A team's number in the database; never used twice.</summary>
readonly record struct TeamId(long Value);

/// <summary>A user's number in the database; never used twice.</summary>
readonly record struct UserId(long Value);

/// <summary>A worker's number in the database; never used twice.</summary>
readonly record struct WorkerId(long Value);

/// <summary>A service's number in the database; 0 for the service of one that every worker is.</summary>
readonly record struct ServiceId(long Value);
