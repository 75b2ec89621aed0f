using TriggerFs.Tests.Broker.Store;
using TriggerFs.Tests.Transport.Crypto;

namespace TriggerFs.Tests;

/// <summary>
/// What tests run in a process of its own (<c>dotnet triggerfs.tests.dll NAME …</c>), to kill it, or in an environment
/// that is read when a process starts.
/// </summary>
static class Program
{
    private static int Main(string[] args) => args switch
    {
        ["store-writer", string path, string sync] => StoreWriter.Run(path, sync),
        ["vector-paths"] => VectorPaths.Run(),
        _ => 64,
    };
}
