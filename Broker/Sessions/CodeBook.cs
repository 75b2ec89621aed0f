using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Sessions;

/// <summary>
/// How often activation codes were tried in vain, and when they were mailed. Bounded; forgotten with a restart of the
/// broker, which gives a guesser of 60 bits a few tries more.
/// </summary>
sealed class CodeBook
{
    /// <summary>Between two mails to one address.</summary>
    public static readonly TimeSpan MailMin = TimeSpan.FromMinutes(10);

    /// <summary>Mails to one address in a day, however often somebody asks for them.</summary>
    public const int MailsMax = 5;

    private const int Remembered = 16 * 1024;

    private static readonly long DayMs = (long)TimeSpan.FromDays(1).TotalMilliseconds;

    private readonly Dictionary<InvitationId, int> _tries = [];
    private readonly Dictionary<string, (long SinceMs, long LastMs, int Count)> _mails = new(StringComparer.Ordinal);

    /// <summary>Counts an attempt that failed; whether the code is worth nothing from now on.</summary>
    public bool Failed(InvitationId invitation)
    {
        if (_tries.Count >= Remembered) _tries.Clear();
        int tries = _tries.GetValueOrDefault(invitation) + 1;
        _tries[invitation] = tries;
        return tries >= Limits.CodeTriesMax;
    }

    /// <summary>Whether one more mail may go to an address, which is counted then.</summary>
    public bool TryMail(string address, long nowMs)
    {
        if (_mails.Count >= Remembered && !_mails.ContainsKey(address)) Forget(nowMs);
        if (_mails.Count >= Remembered) return false;
        if (!_mails.TryGetValue(address, out (long SinceMs, long LastMs, int Count) sent)
            || nowMs - sent.SinceMs > DayMs) sent = (nowMs, nowMs - (long)MailMin.TotalMilliseconds, 0);
        if (sent.Count >= MailsMax || nowMs - sent.LastMs < MailMin.TotalMilliseconds) return false;
        _mails[address] = (sent.SinceMs, nowMs, sent.Count + 1);
        return true;
    }

    private void Forget(long nowMs)
    {
        foreach ((string address, (long sinceMs, _, _)) in _mails)
            if (nowMs - sinceMs > DayMs) _mails.Remove(address);
    }
}
