namespace TriggerFs.Transport.Tcp;

/// <summary>
/// The connections that have said more than their share. Who says little is heard at once, whoever floods; those who
/// flood have turns in between, all of them alike (flow queues with sparse flows first, as RFC 8290 has it for
/// packets). In each round everybody has a share at once, and a turn for what is more than that; a message that is more
/// by itself waits for the turn, whoever sends it.
/// </summary>
/// <param name="quantum">How long a turn is: messages, each KiB counting as one more.</param>
sealed class Backlog(int quantum)
{
    /// <summary>What one is heard at once in a round: ten who flood delay others by these, not by ten turns.</summary>
    private const int ShareMax = 4;

    /// <summary>
    /// Connections whose long messages may wait here in memory. When more have one, as a thousand workers that answer,
    /// each is heard at once, where it was read.
    /// </summary>
    private const int WaitingMax = 16;

    private readonly Queue<Channel> _channels = new();
    private readonly Queue<Channel> _answering = new();
    private long _round;
    private int _leftInRound;
    private int _heard;
    private bool _isOthersTurn;

    public bool IsEmpty => Count == 0;

    private int Count => _channels.Count + _answering.Count;

    /// <summary>How much of a connection is heard at once now.</summary>
    public int LeftOf(Share share) => share.Round == _round ? ShareMax - share.Spent : ShareMax;

    /// <summary>How long a message may be to be heard at once now, or in one step when it is its turn.</summary>
    public int LongestOf(bool isTurn) => Count >= WaitingMax ? int.MaxValue : isTurn ? quantum : ShareMax;

    /// <summary>A channel that is not in here was heard, as much as this.</summary>
    public void Heard(ref Share share, int spent)
    {
        share = new(_round, share.Round == _round ? share.Spent + spent : spent);
        _heard += spent;
    }

    /// <summary>The channel has more to say than its share: it has its turn when others had theirs.</summary>
    public void Add(Channel channel) => (channel.Answers ? _answering : _channels).Enqueue(channel);

    /// <summary>
    /// At the end of the loop's turn: hears one turn of those whose answers are waited for, and as much of the others
    /// in here as was heard before, a turn at least. A message as long as two turns is heard alone, or those who say
    /// little would wait for two of them; while there is somebody who says little, so is whatever is heard. Answers how
    /// much was heard of all in this turn of the loop.
    /// </summary>
    public int Hear(bool isShared)
    {
        int all = _heard, answered = 0;
        Channel? answering = null;
        if ((!_isOthersTurn || _channels.Count == 0) && _answering.TryDequeue(out answering))
            all += answered = answering.HearOn();
        bool isAlone = answered > 0 && (isShared || answered / 2 >= quantum);
        _isOthersTurn = isAlone && !answering!.IsMidway;
        if (!isAlone) all += HearOthers(isShared ? quantum : Math.Max(quantum, all));
        _heard = 0;
        return all;
    }

    private int HearOthers(int max)
    {
        int heard = 0;
        while (heard < max && _channels.TryDequeue(out Channel? channel))
        {
            if (--_leftInRound < 0) BeginRound();
            heard += channel.HearOn();
        }
        if (_channels.Count == 0) BeginRound();
        return heard;
    }

    private void BeginRound()
    {
        _round++;
        _leftInRound = _channels.Count;
    }
}

/// <summary>What a connection was heard at once in a round of the <see cref="Backlog"/>.</summary>
readonly record struct Share(long Round, int Spent);
