using System.Globalization;
using System.Net;
using TriggerFs.Core;

namespace TriggerFs.Transport.Tcp;

/// <summary>
/// An address as people write it: <c>tcp://host:port</c>, an IPv6 host in brackets, <c>*</c> for every interface.
/// </summary>
readonly record struct Endpoint(string Host, int Port)
{
    private const string Scheme = "tcp://";

    /// <summary>
    /// Whether it means every interface of this machine; such an address can be listened on, not connected to.
    /// </summary>
    public bool IsWildcard => Host is "*";

    public static Endpoint Parse(string text)
    {
        if (!text.StartsWith(Scheme, StringComparison.Ordinal)) throw Bad(text, "it does not begin with tcp://");
        int colon = text.LastIndexOf(':');
        string host = colon < Scheme.Length ? "" : text[Scheme.Length..colon];
        if (host.Length == 0 || host.Contains('/')) throw Bad(text, "it needs a host and a port");
        if (!ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            throw Bad(text, "its port is not a number from 0 to 65535");
        if (host[0] == '[' && host[^1] == ']') host = host[1..^1];
        else if (host.Contains(':')) throw Bad(text, "an IPv6 address is written in brackets");
        return new(host, port);
    }

    /// <summary>The address itself when the host is one, so that no name has to be looked up.</summary>
    public bool TryLiteral(out IPAddress address) => IPAddress.TryParse(Host, out address!);

    public override string ToString() => Host.Contains(':') ? $"{Scheme}[{Host}]:{Port}" : $"{Scheme}{Host}:{Port}";

    private static TriggerException Bad(string text, string why) =>
        new(ErrorCode.Settings, $"'{text}' is not an address", why, "write it as tcp://broker.example.com:5555");
}
