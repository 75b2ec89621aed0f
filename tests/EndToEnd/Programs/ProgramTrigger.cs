using System.Diagnostics;

namespace TriggerFs.Tests.EndToEnd.Programs;

/// <summary>One trigger, alone in its directory, for one test's programs.</summary>
/// <param name="folder">Its directory in the team's tree.</param>
/// <param name="beside">A folder outside of the mount, for the programs' own files.</param>
sealed class ProgramTrigger(ProgramSite site, string folder, string beside)
{
    private const string Last = "the last message\n";

    /// <summary>
    /// Runs a script of bash beside the mount, in a process of its own with a deadline, so that a hang is a failure. It
    /// finds the trigger in $T, its directory in $D, and the folder that it runs in, in $B.
    /// </summary>
    public Task<Ended> RunAsync(string script)
    {
        Directory.CreateDirectory(beside);
        var start = new ProcessStartInfo("timeout", ["-k", "5", "40", "bash", "-c", script])
        {
            WorkingDirectory = beside,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["T"] = $"{site.Mountpoint}{folder}/t";
        start.Environment["D"] = $"{site.Mountpoint}{folder}";
        start.Environment["B"] = beside;
        start.Environment["HOME"] = beside;
        start.Environment["LC_ALL"] = "C.UTF-8";
        start.Environment["PATH"] = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
        return Ended.RunAsync(start);
    }

    /// <summary>Runs a script that must go well and say nothing of trouble; what it printed.</summary>
    public async Task<string> MustRunAsync(string script)
    {
        Ended ended = await RunAsync(script);
        Assert.Equal((0, ""), (ended.ExitCode, ended.Err));
        return ended.Out;
    }

    /// <summary>
    /// All that programs have sent through it: at least so many messages, and whatever else came before one more, which
    /// is sent now and comes last.
    /// </summary>
    public async Task<string[]> SentAsync(int atLeast)
    {
        await WaitAsync(() => Received().Length >= atLeast, $"{atLeast} messages did not come");
        await MustRunAsync($"echo -n '{Last}' > $T");
        await WaitAsync(() => Received().Contains(Last), "the last message did not come");
        return [.. Received().Where(text => text != Last)];
    }

    /// <summary>What stands in its directory, with all that could have changed.</summary>
    public Task<string> LookAsync() => MustRunAsync("stat -c '%n %i %A %u %g %s %h' $D/* $D");

    /// <summary>Waits until the mount shows it.</summary>
    public Task AppearedAsync() => MustRunAsync("until [ -e $T ]; do sleep 0.05; done");

    private string[] Received() => site.Received($"{folder}/t");

    private Task WaitAsync(Func<bool> condition, string otherwise) => Site.UntilAsync(
        () => Task.FromResult(condition()), $"{otherwise}; there are: {string.Join(" | ", Received())}");
}
