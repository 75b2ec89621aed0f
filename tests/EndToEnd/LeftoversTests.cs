using System.Diagnostics;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>What a test that could not begin leaves behind is ended.</summary>
public sealed class LeftoversTests
{
    [Fact]
    public void What_nobody_ended_ends_with_the_tests_also_what_does_not_want_to()
    {
        var leftovers = new Leftovers();
        using Process easy = Start("exec sleep 1000");
        using Process stubborn = Start("trap '' TERM; echo; while :; do sleep 1; done");
        using Process ended = Start("exit 0");
        foreach (Process process in (Process[])[easy, stubborn, ended]) leftovers.Add(process);
        Assert.True(ended.WaitForExit(30_000));
        stubborn.StandardOutput.ReadLine(); // It ignores TERM from here on.
        leftovers.End();
        Assert.True(easy.WaitForExit(30_000));
        Assert.True(stubborn.WaitForExit(30_000));
        Assert.Equal((128 + 15, 128 + 9), (easy.ExitCode, stubborn.ExitCode));
    }

    private static Process Start(string script) => Process.Start(
        new ProcessStartInfo("/bin/sh", ["-c", script]) { RedirectStandardOutput = true })!;
}
