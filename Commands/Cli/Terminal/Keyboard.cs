using System.Runtime.InteropServices;

namespace TriggerFs.Commands.Cli.Terminal;

/// <summary>What waiting for the keyboard ended with.</summary>
enum Arrival : byte
{
    Bytes,

    /// <summary>The terminal is gone, or its line of input was ended.</summary>
    End,

    /// <summary>The terminal has another size.</summary>
    Resized,

    /// <summary>Somebody called <see cref="Keyboard.Wake"/>.</summary>
    Woken,
}

/// <summary>
/// The terminal on standard input. Nothing is read from it but while somebody waits, so that a program started from the
/// console has it to itself.
/// </summary>
sealed unsafe class Keyboard : IDisposable
{
    private readonly int _wakeUp = Native.EventFd(0, Native.EventFdFlags);
    private readonly PosixSignalRegistration _resized;
    private volatile bool _isResized;
    private volatile bool _isWanted;

    private Keyboard() => _resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ =>
    {
        _isResized = true;
        Wake();
    });

    /// <summary>The keyboard; null when standard input is no terminal.</summary>
    public static Keyboard? Find() => Native.IsTerminal(0) == 1 ? new() : null;

    /// <summary>Somebody waits for input, or is about to.</summary>
    public bool IsWanted => _isWanted;

    /// <summary>
    /// Input is wanted until it is disposed. Called before the prompt is shown: Ctrl-C right behind it is not lost.
    /// </summary>
    public IDisposable Want() => new Wanted(this);

    /// <summary>Waits for input, and for the events that are none.</summary>
    public Arrival Wait(Span<byte> buffer, out int length)
    {
        length = 0;
        var entries = stackalloc PollEntry[2];
        entries[0] = new() { Fd = 0, Events = Native.POLLIN };
        entries[1] = new() { Fd = _wakeUp, Events = Native.POLLIN };
        while (true)
        {
            int found = Native.Poll(entries, 2, timeoutMs: -1);
            if (found < 0)
            {
                if (Marshal.GetLastPInvokeError() == Native.EINTR) continue;
                return Arrival.End;
            }
            if (entries[1].Found != 0) return Awake();
            nint read;
            fixed (byte* bytes = buffer) read = Native.Read(0, bytes, (nuint)buffer.Length);
            if (read < 0 && Marshal.GetLastPInvokeError() == Native.EINTR) continue;
            length = (int)Math.Max(0, read);
            return read > 0 ? Arrival.Bytes : Arrival.End;
        }
    }

    /// <summary>Ends a <see cref="Wait"/>, or the next one. From any thread.</summary>
    public void Wake()
    {
        ulong one = 1;
        _ = Native.Write(_wakeUp, (byte*)&one, sizeof(ulong));
    }

    /// <summary>Each key at once and as it is, not shown, until it is disposed.</summary>
    public static IDisposable Raw() => new TerminalMode(hasInterrupt: false);

    public void Dispose()
    {
        _resized.Dispose();
        _ = Native.Close(_wakeUp);
    }

    private Arrival Awake()
    {
        ulong count;
        _ = Native.Read(_wakeUp, (byte*)&count, sizeof(ulong));
        bool isResized = _isResized;
        _isResized = false;
        return isResized ? Arrival.Resized : Arrival.Woken;
    }

    private sealed class Wanted : IDisposable
    {
        private readonly Keyboard _keyboard;

        public Wanted(Keyboard keyboard)
        {
            _keyboard = keyboard;
            keyboard._isWanted = true;
        }

        public void Dispose() => _keyboard._isWanted = false;
    }
}
