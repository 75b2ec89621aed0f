using TriggerFs.Core.Ports;

namespace TriggerFs.Fs.Operations;

/// <summary>The answer to one message, as far as it has come and was not read. Guarded by its queue's lock.</summary>
/// <param name="mayHold">The plugin may be held back until it is read.</param>
/// <param name="wanted">See <see cref="Wanted"/>.</param>
sealed class Answer(bool mayHold, Message? wanted)
{
    private readonly AnswerBuffer _buffer = new(int.MaxValue, keepsEnd: false);
    private IOutputSource? _source;
    private int _held;

    public bool MayHold => mayHold;

    /// <summary>
    /// The message that it answers, until its end, when a reader who gives up waiting gives it up, too; else null.
    /// </summary>
    public Message? Wanted { get; private set; } = wanted;

    public ReadOnlySpan<byte> Bytes => _buffer.Bytes;

    public bool HasEnded { get; private set; }

    /// <summary>What the reader gets behind the last byte; None is the end of the file.</summary>
    public Errno Errno { get; private set; }

    /// <summary>There are bytes to be read, or its end.</summary>
    public bool HasNews => HasEnded || !Bytes.IsEmpty;

    /// <param name="missing">Bytes that come behind these and are not kept.</param>
    public void Append(ReadOnlySpan<byte> bytes, int missing)
    {
        _buffer.Append(bytes);
        _buffer.Missing += missing;
    }

    /// <summary>So many of the bytes that came last hold the plugin back.</summary>
    public void Hold(int bytes, IOutputSource source)
    {
        _held += bytes;
        _source = source;
    }

    /// <summary>Drops bytes at the beginning: they were read.</summary>
    public void Consume(int bytes)
    {
        _buffer.Consume(bytes);
        if (_buffer.Bytes.IsEmpty) LetGo();
        else Release(Math.Min(bytes, _held));
    }

    /// <summary>The plugin is not held back by what came so far.</summary>
    public void LetGo() => Release(_held);

    public void End(Errno errno)
    {
        HasEnded = true;
        Errno = _buffer.Missing > 0 ? Errno.EMSGSIZE : errno;
        _held = 0;
        _source = null; // They are used for another message from here on.
        Wanted = null;
    }

    public void Clear() => _buffer.Clear();

    private void Release(int bytes)
    {
        _held -= bytes;
        if (bytes > 0) _source!.Consumed(bytes);
    }
}
