using System.Globalization;
using System.Text;
using TriggerFs.Commands.Session;
using TriggerFs.Commands.Spool;
using TriggerFs.Core;

namespace TriggerFs.Commands.Mount;

/// <summary>
/// What <c>cat MOUNTPOINT/.triggerfs/spool</c> says: what waits in the spool, how old and how large it is, how fast it
/// comes and goes. From memory; a key and a value in each line, for eyes and for awk.
/// </summary>
sealed class SpoolReport(UserSession session, MountSink sink, SpoolOptions options)
{
    /// <summary>The whole text as UTF-8.</summary>
    public byte[] Read()
    {
        SpoolStatus own = sink.Spool;
        (double taken, double sent) = sink.Rates;
        string[] lines =
        [
            $"folder: {options.Folder}",
            $"broker: {(session.IsUp ? "connected" : "away")}",
            Line("depth", sink.Waiting),
            Line("underway", sink.UnderWay),
            $"oldest: {(own.OldestUnixMs == 0 ? "" : Rfc3339.Seconds(own.OldestUnixMs))}",
            Line("bytes", own.Bytes),
            Line("bytesmax", options.BytesMax),
            Line("taken", (long)own.Appended),
            Line("sent", sink.Sent),
            Rate("takenpersecond", taken),
            Rate("sentpersecond", sent),
            $"sync: {options.Sync}",
            $"disk: {Disk()}",
            Line("rejected", sink.Rejected),
            Line("dropped", sink.Dropped),
            Line("damaged", own.Damaged),
        ];
        return Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n");
    }

    private string Disk() => sink.NotSynced is var (since, why)
        ? $"refused since {Rfc3339.Seconds(since)}: {why}" : "ok";

    private static string Line(string key, long value) =>
        string.Create(CultureInfo.InvariantCulture, $"{key}: {value}");

    private static string Rate(string key, double value) =>
        string.Create(CultureInfo.InvariantCulture, $"{key}: {value:0.0}");
}
