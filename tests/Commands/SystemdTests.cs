using System.Net.Sockets;
using System.Text;
using TriggerFs.Commands;

namespace TriggerFs.Tests.Commands;

public sealed class SystemdTests
{
    private static string Received(string address, string socket, Action<Systemd> say)
    {
        using var manager = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        manager.Bind(new UnixDomainSocketEndPoint(address));
        manager.ReceiveTimeout = 10_000;
        say(new Systemd(socket));
        byte[] bytes = new byte[256];
        return Encoding.UTF8.GetString(bytes, 0, manager.Receive(bytes));
    }

    [Fact]
    public void A_manager_that_listens_on_a_path_is_told()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Join(folder.Path, "notify");
        Assert.Equal("READY=1\nSTATUS=listening", Received(path, path, systemd => systemd.Ready("listening")));
    }

    [Fact]
    public void A_manager_that_listens_on_an_abstract_name_is_told()
    {
        string name = $"triggerfs-test-{Guid.NewGuid()}";
        Assert.Equal("STOPPING=1", Received('\0' + name, '@' + name, systemd => systemd.Stopping()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/nowhere/at/all")]
    public void Nobody_who_listens_is_no_error(string? socket) => new Systemd(socket).Ready("x");
}
