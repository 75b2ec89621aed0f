namespace TriggerFs.Transport.Tcp;

/// <summary>
/// The connections that have said more than one turn is long. Who says little is heard at once, whoever floods; each
/// who floods has turns in between, all of them alike (flow queues with sparse flows first, as RFC 8290 has it for
/// packets).
/// </summary>
sealed class Backlog
{
    /// <summary>
    /// Turns of a flood after which what was made for those who get many messages is written at the latest.
    /// </summary>
    private const int HeldTurnsMax = 16;

    private readonly Queue<Channel> _channels = new();
    private int _heard;
    private int _heldTurns;
    private int _heldTurnsMax = 1;

    public bool IsEmpty => _channels.Count == 0;

    /// <summary>A channel that is not in here was heard.</summary>
    public void Heard() => _heard++;

    /// <summary>The channel has read more than its turn is long: it has another one when others had theirs.</summary>
    public void Add(Channel channel) => _channels.Enqueue(channel);

    /// <summary>
    /// At the end of the loop's turn: hears as many turns of those in here as others were heard, and one at least.
    /// Answers whether all that was made is to be written now.
    /// </summary>
    public bool Hear()
    {
        for (int turns = Math.Max(1, _heard); turns > 0 && _channels.TryDequeue(out Channel? channel); turns--)
            channel.HearOn();
        bool isAll = IsTimeToWriteAll();
        _heard = 0;
        return isAll;
    }

    // Whoever gets a few messages gets them at the end of each turn. For those who get many, a call of the kernel for
    // each of a flood's turns would be dear, but none at all until its end would leave the other side idle. So the
    // first part is written at once, and then twice as much each time.
    private bool IsTimeToWriteAll()
    {
        if (!IsEmpty && _heard == 0 && ++_heldTurns < _heldTurnsMax) return false;
        _heldTurns = 0;
        _heldTurnsMax = IsEmpty ? 1 : Math.Min(HeldTurnsMax, _heldTurnsMax * 2);
        return true;
    }
}
