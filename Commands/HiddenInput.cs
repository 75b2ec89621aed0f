using System.Runtime.InteropServices;

namespace TriggerFs.Commands;

/// <summary>
/// The terminal on standard input with its echo off, from before the prompt until it is disposed, so that what is typed
/// early or pasted is not shown either.
/// </summary>
sealed unsafe class HiddenInput : IDisposable
{
    private readonly byte[] _before = new byte[Native.TermiosSize];
    private readonly bool _changed;

    public HiddenInput()
    {
        byte[] hidden = new byte[Native.TermiosSize];
        fixed (byte* before = _before, after = hidden)
        {
            if (Native.GetTerminal(0, before) != 0) return;
            _before.CopyTo(hidden, 0);
            MemoryMarshal.AsRef<uint>(hidden.AsSpan(Native.LocalFlagsOffset)) &= ~(Native.ECHO | Native.ECHONL);
            _changed = Native.SetTerminal(0, Native.TCSAFLUSH, after) == 0;
        }
    }

    /// <summary>One line as the terminal hands it over, empty at the input's end. Blocks until it is there.</summary>
    public string ReadLine() => TerminalInput.ReadLine() ?? "";

    public void Dispose()
    {
        fixed (byte* before = _before)
            if (_changed) _ = Native.SetTerminal(0, Native.TCSAFLUSH, before);
    }
}
