namespace TriggerFs.Commands;

/// <summary>
/// What Ctrl-C means: the end of the program, unless an interactive command has taken it for what it does at the
/// moment. From any thread.
/// </summary>
sealed class Interrupts
{
    private volatile Action? _taker;

    /// <summary>From now on, and until it is disposed, an interrupt does this instead of ending the program.</summary>
    public IDisposable Take(Action onInterrupt)
    {
        Action? before = _taker;
        _taker = onInterrupt;
        return new Taken(this, before);
    }

    /// <summary>An interrupt came; false: nobody has taken it.</summary>
    public bool Deliver()
    {
        Action? taker = _taker;
        taker?.Invoke();
        return taker is not null;
    }

    private sealed class Taken(Interrupts interrupts, Action? before) : IDisposable
    {
        public void Dispose() => interrupts._taker = before;
    }
}
