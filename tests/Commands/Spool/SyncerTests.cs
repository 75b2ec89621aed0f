using System.Diagnostics;
using TriggerFs.Commands.Spool;
using TriggerFs.Core;

namespace TriggerFs.Tests.Commands.Spool;

/// <summary>The thread that brings what was written to the disk, every so often.</summary>
public sealed class SyncerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Lock _gate = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void One_that_is_closed_brings_what_it_has_to_the_disk_at_once_and_waits_for_no_interval()
    {
        var options = new SpoolOptions(Path.Combine(_folder.Path, "spool")) { Sync = SyncRule.Parse("interval 1m") };
        using MessageSpool spool = MessageSpool.TryOpen(options, static _ => { })!;
        ulong synced = 0;
        var syncer = new Syncer(spool, _gate, options, (sequence, problem) => synced = problem is null ? sequence : 0);
        ulong? sequence;
        lock (_gate) sequence = spool.Append(new(2), 1, "one"u8);
        syncer.Appended();
        Thread.Sleep(100); // Until the interval has begun; should it not have, that is fine, too.
        var clock = Stopwatch.StartNew();
        syncer.Dispose();
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 30);
        Assert.Equal(sequence, synced);
    }
}
