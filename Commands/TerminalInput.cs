using System.Text;
using Microsoft.Win32.SafeHandles;

namespace TriggerFs.Commands;

/// <summary>
/// Standard input as the terminal hands it over, a line at a time: nothing is read ahead, so what is typed for the next
/// question stays there, shown or not.
/// </summary>
static class TerminalInput
{
    private const int LineMax = 4096;

    private static readonly FileStream Terminal =
        new(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);

    /// <summary>One line without its end; null at the input's end. Blocks until it is there.</summary>
    public static string? ReadLine()
    {
        byte[] line = new byte[LineMax];
        int length = 0;
        while (length < LineMax && Terminal.Read(line, length, LineMax - length) is > 0 and int read)
        {
            length += read;
            if (line[length - 1] == '\n') break;
        }
        return length == 0 ? null : Encoding.UTF8.GetString(line, 0, length).TrimEnd('\n', '\r');
    }
}
