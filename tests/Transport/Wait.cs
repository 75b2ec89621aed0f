using System.Diagnostics;

namespace TriggerFs.Tests.Transport;

/// <summary>Waiting for conditions, never for time.</summary>
static class Wait
{
    public static void Until(Func<bool> condition, string what = "it did not come true", int seconds = 30)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(seconds), what);
            Thread.Sleep(1);
        }
    }
}
