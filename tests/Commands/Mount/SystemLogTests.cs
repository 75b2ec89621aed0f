using System.Net.Sockets;
using System.Text;
using TriggerFs.Commands.Mount;

namespace TriggerFs.Tests.Commands.Mount;

public sealed class SystemLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private Socket _listener;

    public SystemLogTests() => _listener = Listen();

    private string Address => Path.Combine(_folder.Path, "log");

    public void Dispose()
    {
        _listener.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Each_line_is_a_message_without_our_time_and_warnings_are_told_apart()
    {
        using var log = new SystemLog(Address) { IsStarting = false };
        log.Write("2026/11/24 21:14:31 Serving filesystem\n2026/11/24 21:14:32 W: gone\n2026 is a year\n"u8);
        int id = Environment.ProcessId;
        Assert.Equal($"<30>triggerfs[{id}]: Serving filesystem", Received());
        Assert.Equal($"<28>triggerfs[{id}]: W: gone", Received());
        Assert.Equal($"<30>triggerfs[{id}]: 2026 is a year", Received());
    }

    [Fact]
    public void A_long_line_becomes_several_messages()
    {
        using var log = new SystemLog(Address);
        log.Write(Encoding.ASCII.GetBytes(new string('x', 8001)));
        Assert.EndsWith(new string('x', 8000), Received());
        Assert.EndsWith(": x", Received());
    }

    [Fact]
    public void A_log_that_is_away_is_no_error_and_one_that_was_started_anew_is_found()
    {
        using var log = new SystemLog(Address);
        log.Write("one\n"u8);
        Assert.EndsWith(": one", Received());
        _listener.Dispose();
        File.Delete(Address);
        log.Write("two\n"u8);
        _listener = Listen();
        log.Write("three\n"u8);
        Assert.EndsWith(": three", Received());
    }

    private Socket Listen()
    {
        var listener = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified)
        {
            ReceiveTimeout = 10_000,
        };
        listener.Bind(new UnixDomainSocketEndPoint(Address));
        return listener;
    }

    private string Received()
    {
        byte[] bytes = new byte[10_000];
        return Encoding.UTF8.GetString(bytes, 0, _listener.Receive(bytes));
    }
}
