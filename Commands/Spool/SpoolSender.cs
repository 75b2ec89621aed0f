using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Spool;

/// <summary>
/// Sends what is in a spool to the broker: in its order, several under way at once, until the broker has each on its
/// disk. When one cannot be taken now, it waits for those under way and goes back to the first that was not taken, so
/// that nothing is overtaken. Members but the constructor are called under the lock.
/// </summary>
sealed class SpoolSender : IDisposable
{
    /// <summary>
    /// Messages with the broker at once: well below what it takes from one session, and enough to fill a line.
    /// </summary>
    private const int UnderWayMax = Limits.RequestsPerSessionMax / 4;

    /// <summary>Bytes with the broker at once; one message may be larger.</summary>
    private const long UnderWayMaxBytes = Limits.PeerQueueHigh;

    private const int PauseMinMs = 100;
    private const int PauseMaxMs = 5000;

    private readonly MessageSpool _spool;
    private readonly SpoolOptions _options;
    private readonly UserSession _session;
    private readonly Lock _gate;
    private readonly ISpoolOwner _owner;
    private readonly RejectedLog _rejected;
    private readonly Timer _resume;
    private int _underWay;
    private long _underWayBytes;
    private int _pauseMs;
    private bool _isPaused;
    private bool _goesBack;
    private bool _isDisposed;
    private ulong _safe;

    /// <param name="gate">The lock under which the spool is used.</param>
    public SpoolSender(
        MessageSpool spool, SpoolOptions options, UserSession session, Lock gate, ISpoolOwner owner)
    {
        (_spool, _options, _session, _gate, _owner) = (spool, options, session, gate, owner);
        _rejected = new(options.Folder);
        _resume = new(static self => ((SpoolSender)self!).Resume(), this, Timeout.Infinite, Timeout.Infinite);
        // What an earlier process left is as safe as it will be.
        _safe = options.Sync == SyncRule.Always ? spool.LastSequence : ulong.MaxValue;
        session.Joined += _ => Resume();
    }

    public MessageSpool Spool => _spool;

    /// <summary>Messages that are with the broker and not on its disk.</summary>
    public int UnderWay => _underWay;

    /// <summary>Messages that the broker has taken.</summary>
    public long Sent { get; private set; }

    public long Rejected { get; private set; }

    /// <summary>Up to here all is on our disk; where that is waited for, nothing is sent before.</summary>
    public void SafeUpTo(ulong sequence)
    {
        if (_options.Sync == SyncRule.Always) _safe = sequence;
        Send();
    }

    /// <summary>Sends what may be sent.</summary>
    public void Send()
    {
        if (_goesBack && _underWay == 0)
        {
            _spool.SendAgain();
            _goesBack = false;
        }
        while (MaySend() && _spool.NextSequence is { } next && next <= _safe) SendNext();
    }

    /// <summary>The broker has the message on its disk.</summary>
    public void Stored(in SpooledMessage message, int length)
    {
        Sent++;
        _pauseMs = 0;
        End(message, length);
    }

    /// <summary>The broker did not take the message: it is sent again, or, when that is no use, rejected.</summary>
    public void NotTaken(in SpooledMessage message, int length, TriggerException why)
    {
        if (IsForGood(why.Code))
        {
            Reject(message, length, why);
            End(message, length);
            return;
        }
        _underWay--;
        _underWayBytes -= length;
        _goesBack = true;
        Pause();
        Send();
    }

    public void Dispose()
    {
        _isDisposed = true;
        _resume.Dispose();
    }

    private bool MaySend() => _session.IsUp && !_isPaused && !_goesBack && !_isDisposed && _underWay < UnderWayMax
        && (_underWayBytes < UnderWayMaxBytes || _underWay == 0);

    private void SendNext()
    {
        if (!_spool.TryNext(out SpooledMessage message, out ReadOnlySpan<byte> payload)) return;
        TimeSpan age = SpoolClock.AgeOf(message.WrittenUnixMs);
        if (age > _options.AgeMax)
        {
            Reject(message, payload.Length, TooOld(age));
            _spool.Done(message.Sequence);
            return;
        }
        _underWay++;
        _underWayBytes += payload.Length;
        IAnswers answers = _owner.Begin(this, message, payload.Length);
        _session.Fire(
            message.Trigger, payload, Fire.Asynchronous, _spool.IdOf(message.Sequence), age, answers);
    }

    private void End(in SpooledMessage message, int length)
    {
        _underWay--;
        _underWayBytes -= length;
        _spool.Done(message.Sequence);
        Send();
        _owner.Moved();
    }

    private void Reject(in SpooledMessage message, int length, TriggerException why)
    {
        Rejected++;
        _rejected.Append(message, _spool.Read(message.Sequence), why);
        _owner.Rejected(this, message, length, why);
    }

    /// <summary>Longer each time in a row, so that a broker that has enough is not asked at every moment.</summary>
    private void Pause()
    {
        if (_isPaused) return;
        _isPaused = true;
        _pauseMs = Math.Clamp(_pauseMs * 2, PauseMinMs, PauseMaxMs);
        _resume.Change(_pauseMs, Timeout.Infinite);
    }

    private void Resume()
    {
        lock (_gate)
        {
            if (_isDisposed) return;
            _isPaused = false;
            Send();
            _owner.Moved();
        }
    }

    /// <summary>It will not be taken later either.</summary>
    private static bool IsForGood(ErrorCode code) => code is ErrorCode.NotFound or ErrorCode.NotAllowed
        or ErrorCode.Invalid or ErrorCode.TooLarge or ErrorCode.TooManyHops or ErrorCode.Unsupported;

    private TriggerException TooOld(TimeSpan age) => new(ErrorCode.TimedOut, "the message is too old",
        $"it was written {age.TotalHours:0} h ago and could not be sent since",
        $"at most {_options.AgeMax.TotalHours:0} h are allowed: spoolage under [triggerfs]");
}
