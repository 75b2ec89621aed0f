using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Access;

/// <summary>Who asks: a user in one of the teams, with the role that he has there now.</summary>
readonly record struct Actor(UserId User, TeamId Team, TeamRole Role);
