using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace TriggerFs.Commands.Mount;

/// <summary>
/// Where the lines of a mount in the background go: the system's log (syslog(3), the journal), each line as one
/// message. Where there is none, nowhere.
/// </summary>
sealed class SystemLog(string socket = "/dev/log") : Stream
{
    /// <summary>Bytes of one message: what every syslog takes. A longer line becomes several.</summary>
    private const int MessageMax = 8000;

    /// <summary>The priority of syslog(3): facility "daemon", and the severity "info" or "warning".</summary>
    private const string Information = "<30>", Warning = "<28>";

    private readonly byte[] _message = new byte[MessageMax + 64];
    private Socket? _log;

    /// <summary>
    /// Warnings go to standard output, too: who waits there for the start shows them (<see cref="Daemon"/>).
    /// </summary>
    public bool IsStarting { get; set; } = true;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        foreach (Range range in buffer.Split((byte)'\n'))
            if (!buffer[range].IsEmpty) Send(buffer[range]);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        _log?.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>The log has its own time, so ours ("2018/04/30 21:20:34 ") goes.</summary>
    private void Send(ReadOnlySpan<byte> line)
    {
        bool isStamped = line.Length > 20 && line[4] == '/' && line[7] == '/' && line[13] == ':' && line[19] == ' ';
        if (isStamped) line = line[20..];
        bool isWarning = line.StartsWith("W: "u8) || line.StartsWith("E: "u8);
        if (isWarning && IsStarting) Console.Out.WriteLine($"triggerfs: {Encoding.UTF8.GetString(line)}");
        string head = string.Create(
            CultureInfo.InvariantCulture, $"{(isWarning ? Warning : Information)}triggerfs[{Environment.ProcessId}]: ");
        int start = Encoding.ASCII.GetBytes(head, _message);
        for (; !line.IsEmpty; line = line[Math.Min(line.Length, MessageMax)..])
        {
            int length = Math.Min(line.Length, MessageMax);
            line[..length].CopyTo(_message.AsSpan(start));
            Deliver(_message.AsSpan(0, start + length));
        }
    }

    /// <summary>A log that was started anew has another socket: the second attempt finds it.</summary>
    private void Deliver(ReadOnlySpan<byte> message)
    {
        for (int attempt = 0; attempt < 2; attempt++)
        {
            try
            {
                _log ??= Connect();
                _log.Send(message);
                return;
            }
            catch (SocketException)
            {
                _log?.Dispose();
                _log = null;
            }
        }
    }

    private Socket Connect()
    {
        var log = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        log.Connect(new UnixDomainSocketEndPoint(socket));
        return log;
    }
}
