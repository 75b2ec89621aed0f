using TriggerFs.Commands.Worker;
using TriggerFs.Core.Messages;
using TriggerFs.Tests.Commands.Worker.Go2018;
using TriggerFs.Tests.Commands.Worker.Plugins;

namespace TriggerFs.Tests.Commands.Worker;

/// <summary>A thousand runs of each contract: no process, descriptor, thread or memory is left behind.</summary>
[Collection(nameof(SoleWorker))]
public sealed class ThousandRunsTests : IDisposable
{
    private readonly Workshop _shop = new(sole: true);

    public void Dispose() => _shop.Dispose();

    /// <summary>Of all at once, since it is long until what is kept of a run for a while is forgotten.</summary>
    [SkippableFact]
    public void A_thousand_runs_of_each_contract_leave_nothing()
    {
        using var compiled = new CompiledPlugin();
        _shop.Program("once", "#!/bin/sh\nread line\necho \"$line\"\nsetsid sleep 60 > /dev/null 2>&1 &\n");
        _shop.Program("warm", """
            #!/usr/bin/python3
            import json, sys
            for line in sys.stdin:
                line = json.loads(line)
                if "run" not in line: continue
                print(json.dumps({"id": line["id"], "out": line["run"]["message"], "exit": 0}), flush=True)

            """);
        _shop.Manifest("warm.json", """{ "contract": "lines", "idle": "500ms" }""");
        (string, int)[] plugins = [("once", 1000), ("system/status", 1000), ("warm", 1000)];
        if (compiled.Missing is null) compiled.Install(_shop, "old");
        LeaveNothing(compiled.Missing is null ? [.. plugins, ("old", 200)] : plugins);
        Skip.If(compiled.Missing is not null, compiled.Missing);
    }

    private void LeaveNothing((string Name, int Runs)[] plugins)
    {
        foreach ((string name, _) in plugins) Many(name, 50);
        Settle();
        (int files, int threads, long bytes) = (Files(), Threads(), Bytes());
        foreach ((string name, int runs) in plugins) Many(name, runs);
        Settle();
        WorkerStage.Wait(() => Files() <= files, $"{Files()} descriptors come down to {files}", 20_000);
        // The pool keeps some threads for a while, whatever they were needed for.
        Assert.InRange(Threads(), 0, threads + 8);
        WorkerStage.Wait(() => Bytes() < bytes + 4_000_000, $"{Bytes()} bytes come down to {bytes}", 20_000);
    }

    private void Many(string plugin, int runs)
    {
        for (int done = 0; done < runs; done += 8)
        {
            ulong[] some = [.. Enumerable.Range(0, 8).Select(_ => _shop.Stage.Call(plugin, "hello", 60_000))];
            foreach (ulong run in some)
            {
                End end = _shop.Stage.EndOf(run, withinMs: 60_000);
                Assert.Equal((Outcome.Done, 0, ""), (end.Outcome, end.ExitCode, end.Detail));
            }
        }
    }

    /// <summary>What is ended soon is gone, and what is kept of ended runs for a while is forgotten.</summary>
    private void Settle()
    {
        WorkerStage.Wait(() => WorkerStage.Living($"{_shop.Path}/").Length == 0, "its processes are gone", 20_000);
        WorkerStage.Wait(() => !HasChildren(), "no child is left, nor a zombie", 20_000);
        Thread.Sleep(11_000);
        _shop.Stage.Link.Forget();
    }

    private static bool HasChildren() => ProcessTable.Read().Exists(process =>
        process.Parent == Environment.ProcessId && process.Session != Native.GetSession(0));

    /// <summary>Descriptors, but for those of the test's own code, which is loaded when it is first needed.</summary>
    private static int Files() => new DirectoryInfo("/proc/self/fd").GetFileSystemInfos()
        .Count(file => file.LinkTarget?.EndsWith(".dll", StringComparison.Ordinal) != true);

    private static int Threads() => Directory.GetDirectories("/proc/self/task").Length;

    private static long Bytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
