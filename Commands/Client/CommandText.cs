using System.Text;
using TriggerFs.Core;

namespace TriggerFs.Commands.Client;

/// <summary>
/// The message of a request: what stands on the command line, else all of standard input, byte for byte.
/// </summary>
static class CommandText
{
    public static async Task<byte[]> ReadAsync(string? given, CancellationToken stop)
    {
        if (given is not null)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(given);
            return bytes.Length <= Limits.PayloadMax ? bytes : throw TooLarge();
        }
        if (!Console.IsInputRedirected)
            Console.Error.WriteLine("triggerfs: reading the message from standard input, end it with Ctrl-D");
        Stream input = Console.OpenStandardInput();
        return await Task.Run(() => ReadAll(input), stop).WaitAsync(stop); // A read of a terminal cannot be broken off.
    }

    /// <summary>Everything of a stream; refuses more than a message may have without keeping it.</summary>
    public static byte[] ReadAll(Stream input)
    {
        using var whole = new MemoryStream();
        byte[] buffer = new byte[64 * 1024];
        for (int read; (read = input.Read(buffer)) > 0;)
        {
            whole.Write(buffer, 0, read);
            if (whole.Length > Limits.PayloadMax) throw TooLarge();
        }
        return whole.ToArray();
    }

    private static TriggerException TooLarge() => new(ErrorCode.TooLarge, "the message is too large",
        $"at most {Limits.PayloadMax} bytes are allowed",
        "put it where the worker can fetch it, and send where that is");
}
