using TriggerFs.Tests.Broker.Store;

namespace TriggerFs.Tests;

/// <summary>What tests run in a process of its own (<c>dotnet triggerfs.tests.dll NAME …</c>), to kill it.</summary>
static class Program
{
    private static int Main(string[] args) => args is ["store-writer", string path] ? StoreWriter.Run(path) : 64;
}
