using System.Buffers;
using System.Runtime.InteropServices;
using TriggerFs.Core;

namespace TriggerFs.Commands.Client;

/// <summary>The reader of our output is gone (<c>| head</c>): there is nobody left to tell.</summary>
sealed class ReaderGoneException : Exception;

/// <summary>
/// Writes to an open file descriptor, byte for byte. .NET's console stream hides that a pipe was closed, and its file
/// stream keeps a position of its own, which breaks <c>&gt;&gt;</c> shared by several programs.
/// </summary>
sealed class Descriptor(int number, string name) : IDisposable
{
    private readonly ArrayBufferWriter<byte> _waiting = new();

    public static Descriptor Output { get; } = new(1, "standard output");

    public static Descriptor Error { get; } = new(2, "standard error");

    /// <summary>A file that only its owner may read, to write at its end, wherever that is by then.</summary>
    public static Descriptor OpenLog(string path)
    {
        const int flags = Native.O_WRONLY | Native.O_CREAT | Native.O_APPEND | Native.O_CLOEXEC;
        int number = Native.open(path, flags, Convert.ToUInt32("600", 8));
        return number >= 0 ? new Descriptor(number, path) : throw Failed(path, Marshal.GetLastPInvokeError());
    }

    /// <summary>Adds bytes to what the next <see cref="Flush"/> writes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _waiting.Write(bytes);
        if (_waiting.WrittenCount >= Limits.OutputChunkMax) Flush();
    }

    /// <summary>Writes what was added. Blocks while the reader does.</summary>
    public void Flush()
    {
        try
        {
            WriteAll(_waiting.WrittenSpan);
        }
        finally
        {
            _waiting.ResetWrittenCount();
        }
    }

    /// <summary>Writes what was added and then these bytes, which are not copied.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        Flush();
        WriteAll(bytes);
    }

    private unsafe void WriteAll(ReadOnlySpan<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            nint written;
            fixed (byte* bytes = rest) written = Native.write(number, bytes, (nuint)rest.Length);
            if (written >= 0)
            {
                rest = rest[(int)written..];
                continue;
            }
            switch (Marshal.GetLastPInvokeError())
            {
                case Native.EINTR:
                    break;
                case Native.EAGAIN:
                    AwaitRoom();
                    break;
                case Native.EPIPE:
                    throw new ReaderGoneException();
                case int error:
                    throw Failed(name, error);
            }
        }
    }

    public void Dispose()
    {
        if (number > 2) Native.close(number);
    }

    private unsafe void AwaitRoom()
    {
        var room = new Native.PollFd { fd = number, events = Native.POLLOUT };
        Native.poll(&room, 1, -1);
    }

    private static TriggerException Failed(string name, int error) => new(
        ErrorCode.Storage, $"{name} cannot be written", Marshal.GetPInvokeErrorMessage(error));
}
