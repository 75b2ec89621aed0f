using System.Globalization;
using System.Text;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Fs.Nodes;

namespace TriggerFs.Commands.Mount;

/// <summary>
/// What <c>cat MOUNTPOINT/.triggerfs/status</c> says: how the mount stands with its broker, and what became of the
/// messages. From memory, whether the broker is there or not; a key and a value in each line, for eyes and for awk.
/// </summary>
sealed class MountStatus
{
    private readonly TriggerTree _tree;
    private readonly MountSink _sink;
    private readonly Lock _gate = new();
    private readonly DateTimeOffset _started = DateTimeOffset.UtcNow;
    private string _broker = "";
    private string _team = "";
    private string _identity = "";
    private string _state = "away";
    private string _why = "no answer came yet";
    private DateTimeOffset _since;

    public MountStatus(UserSession session, TriggerTree tree, MountSink sink)
    {
        _tree = tree;
        _sink = sink;
        _since = _started;
        session.Dialing += address =>
        {
            lock (_gate) _broker = address;
        };
        session.Joined += welcome =>
        {
            lock (_gate) (_team, _identity) = (welcome.Team, welcome.Identity);
            Become("connected", "");
        };
        session.Parted += (why, _) => Become("away", why);
        session.TurnedAway += (refusal, _) => Become("refused", refusal.What);
    }

    /// <summary>Files and directories that programs have open now; set when there are any files.</summary>
    public Func<int> CountOpen { get; set; } = static () => 0;

    /// <summary>The whole text as UTF-8.</summary>
    public byte[] Read()
    {
        (int directories, int triggers) = _tree.CountKinds();
        lock (_gate)
        {
            List<string> lines =
            [
                $"version: {Software.Version}", $"broker: {_broker}", $"team: {_team}", $"identity: {_identity}",
                $"state: {_state}", $"since: {Rfc3339.Seconds(_since)}", $"started: {Rfc3339.Seconds(_started)}",
                Line("directories", directories), Line("triggers", triggers), Line("nodes", _tree.Count),
                Line("open", CountOpen()), Line("waiting", _sink.Waiting), Line("underway", _sink.UnderWay),
                Line("sent", _sink.Sent), Line("rejected", _sink.Rejected),
            ];
            if (_why.Length > 0) lines.Insert(5, $"why: {_why.ReplaceLineEndings(" ")}");
            return Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n");
        }
    }

    /// <summary>A state counts from its beginning, however often an attempt to leave it fails.</summary>
    private void Become(string state, string why)
    {
        lock (_gate)
        {
            if (_state != state) _since = DateTimeOffset.UtcNow;
            (_state, _why) = (state, why);
        }
    }

    private static string Line(string key, long value) =>
        string.Create(CultureInfo.InvariantCulture, $"{key}: {value}");
}
