using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace TriggerFs.Commands;

/// <summary>
/// The terminal on standard input with its echo off, from before the prompt until it is disposed, so that what is typed
/// early or pasted is not shown either.
/// </summary>
sealed unsafe class HiddenInput : IDisposable
{
    private const int LineMax = 4096;

    private readonly FileStream _terminal =
        new(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);

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
    public string ReadLine()
    {
        byte[] line = new byte[LineMax];
        int length = 0;
        while (length < LineMax && _terminal.Read(line, length, LineMax - length) is > 0 and int read)
        {
            length += read;
            if (line[length - 1] == '\n') break;
        }
        return Encoding.UTF8.GetString(line, 0, length).TrimEnd('\n', '\r');
    }

    public void Dispose()
    {
        fixed (byte* before = _before)
            if (_changed) _ = Native.SetTerminal(0, Native.TCSAFLUSH, before);
    }
}
