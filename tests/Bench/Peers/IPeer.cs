namespace TriggerFs.Bench.Peers;

/// <summary>
/// Something that answers requests through a broker. Its broker and its worker are processes of their own, and so is
/// the client that asks.
/// </summary>
interface IPeer : IAsyncDisposable
{
    /// <summary>The name in the table.</summary>
    string Name { get; }

    /// <summary>Starts broker and worker. Null when all is well, else why it cannot be measured here.</summary>
    Task<string?> StartAsync();

    /// <summary>The arguments of the role that asks, to which the cell and its times are added.</summary>
    string[] Client { get; }
}
