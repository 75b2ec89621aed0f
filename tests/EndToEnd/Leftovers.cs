using System.Collections.Concurrent;
using System.Diagnostics;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>
/// Programs that run. Whoever starts one ends it; but xunit disposes no test class whose InitializeAsync threw, and
/// what that had started is ended here when the tests are over.
/// </summary>
sealed class Leftovers
{
    /// <summary>What a worker needs to end what it runs, and a bit.</summary>
    private static readonly TimeSpan EndMax = TimeSpan.FromSeconds(3);

    public static readonly Leftovers OfTheTests = new();

    private readonly ConcurrentDictionary<Process, bool> _running = [];

    static Leftovers() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => OfTheTests.End();

    public void Add(Process process) => _running[process] = true;

    /// <summary>Its owner has ended it.</summary>
    public void Remove(Process process) => _running.TryRemove(process, out _);

    /// <summary>Asks all that still run to end, all at once, and makes those that do not.</summary>
    public void End()
    {
        Process[] left = [.. _running.Keys.Where(static process => !process.HasExited)];
        foreach (Process process in left) Child.Send(process.Id, 15);
        SpinWait.SpinUntil(() => Array.TrueForAll(left, static process => process.HasExited), EndMax);
        foreach (Process process in left)
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            Remove(process);
        }
    }
}
