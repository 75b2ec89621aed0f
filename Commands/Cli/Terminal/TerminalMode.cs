using System.Runtime.InteropServices;

namespace TriggerFs.Commands.Cli.Terminal;

/// <summary>
/// The terminal on standard input handing over each key as it is pressed, and showing none, until it is disposed.
/// </summary>
sealed unsafe class TerminalMode : IDisposable
{
    private readonly byte[] _before = new byte[Native.TermiosSize];
    private readonly byte[] _here = new byte[Native.TermiosSize];
    private readonly bool _isChanged;

    /// <param name="hasInterrupt">Ctrl-C is a signal; without, it is a key.</param>
    public TerminalMode(bool hasInterrupt)
    {
        fixed (byte* before = _before)
            if (Native.GetTerminal(0, before) != 0) return;
        _before.CopyTo(_here, 0);
        MemoryMarshal.AsRef<uint>(_here.AsSpan(Native.InputFlagsOffset)) &=
            ~(Native.BRKINT | Native.ICRNL | Native.IXON);
        ref uint local = ref MemoryMarshal.AsRef<uint>(_here.AsSpan(Native.LocalFlagsOffset));
        local &= ~(Native.ECHO | Native.ECHONL | Native.ICANON | Native.ISIG | Native.IEXTEN);
        if (hasInterrupt) local |= Native.ISIG;
        Span<byte> control = _here.AsSpan(Native.ControlCharactersOffset);
        control[Native.VMIN] = 1;
        control[Native.VTIME] = 0;
        // What would end or stop the program with the terminal in this mode.
        control[Native.VQUIT] = control[Native.VSUSP] = 0;
        _isChanged = Set(_here);
    }

    /// <summary>The mode from before, for a program that is started meanwhile, until it is disposed.</summary>
    public IDisposable Leave() => new Left(this);

    public void Dispose()
    {
        if (_isChanged) Set(_before);
    }

    private static bool Set(byte[] termios)
    {
        fixed (byte* bytes = termios) return Native.SetTerminal(0, Native.TCSADRAIN, bytes) == 0;
    }

    private sealed class Left : IDisposable
    {
        private readonly TerminalMode _mode;

        public Left(TerminalMode mode)
        {
            _mode = mode;
            mode.Dispose();
        }

        public void Dispose()
        {
            if (_mode._isChanged) Set(_mode._here);
        }
    }
}
