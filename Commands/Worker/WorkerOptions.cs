namespace TriggerFs.Commands.Worker;

/// <summary>What a worker goes by once it is connected.</summary>
/// <param name="Identity">Its own name, as in <c>-identity demo01</c>.</param>
/// <param name="Jobs">How many runs it takes at once.</param>
/// <param name="Debug">Whether heartbeats and runs are logged.</param>
sealed record WorkerOptions(string Identity, int Jobs, bool Debug = false);
