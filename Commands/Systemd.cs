using System.Net.Sockets;
using System.Text;

namespace TriggerFs.Commands;

/// <summary>Tells the service manager how it stands (sd_notify(3)); says nothing when nobody asked.</summary>
/// <param name="socket">The value of <c>$NOTIFY_SOCKET</c>: a path, or <c>@name</c> for an abstract socket; null for
/// none.</param>
sealed class Systemd(string? socket)
{
    /// <summary>The service manager that started this process, if one did and wants to know.</summary>
    public static Systemd OfThisProcess() => new(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"));

    /// <summary>The service is ready for work.</summary>
    public void Ready(string status) => Send($"READY=1\nSTATUS={status}");

    /// <summary>The service is on its way down.</summary>
    public void Stopping() => Send("STOPPING=1");

    private void Send(string state)
    {
        if (string.IsNullOrEmpty(socket)) return;
        try
        {
            string address = socket[0] == '@' ? '\0' + socket[1..] : socket;
            using var sender = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            sender.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(address));
        }
        catch (Exception problem) when (problem is SocketException or ArgumentException)
        {
            // A manager that does not listen is no reason to stop serving.
        }
    }
}
