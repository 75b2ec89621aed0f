namespace TriggerFs.Broker;

/// <summary>What is under way in the broker, for people and for tests.</summary>
/// <param name="Jobs">Requests without an answer.</param>
/// <param name="Runs">Runs that workers know.</param>
/// <param name="Waiting">Runs that wait for a free job.</param>
/// <param name="Deadlines">Moments that something waits for.</param>
/// <param name="KeptBytes">Bytes of requests that are kept.</param>
/// <param name="Orphans">Runs of an earlier broker that wait for their sender.</param>
/// <param name="Away">Sessions that wait to be taken up again.</param>
/// <param name="Statements">Statements that wait or are being stored.</param>
/// <param name="Streams">Streams that somebody listens to.</param>
readonly record struct BrokerLoad(
    int Jobs, int Runs, int Waiting, int Deadlines, long KeptBytes, int Orphans, int Away, int Statements, int Streams);
