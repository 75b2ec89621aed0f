using System.Globalization;
using TriggerFs.Core;

namespace TriggerFs.Commands;

/// <summary>
/// Addresses as ZeroMQ writes them: <c>tcp://host:5555</c>, <c>tcp://[::1]:5555</c>, <c>tcp://*:5555</c>.
/// </summary>
static class TcpAddress
{
    private const string Scheme = "tcp://";
    private const string DefaultPort = "5555";

    /// <summary>An address to connect to; the port is 5555 when none is given, the scheme may be left out.</summary>
    public static string Parse(string text) => Check(text, isListen: false);

    /// <summary>An address to listen on; <c>*</c> stands for every interface, port 0 for any free one.</summary>
    public static string ParseListen(string text) => Check(text, isListen: true);

    private static string Check(string text, bool isListen)
    {
        int portMin = isListen ? 0 : 1;
        if (text.Contains("://") && !text.StartsWith(Scheme)) throw Bad(text, "only tcp:// is spoken here");
        string rest = text.StartsWith(Scheme) ? text[Scheme.Length..] : text;
        int colon = rest.EndsWith(']') ? -1 : rest.LastIndexOf(':');
        string host = colon < 0 ? rest : rest[..colon];
        string port = colon < 0 ? DefaultPort : rest[(colon + 1)..];
        if (!IsHost(host) && !(isListen && host == "*")) throw Bad(text, "it has no host");
        if (!ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number)
            || number < portMin)
            throw Bad(text, $"a port is a number from {portMin} to 65535");
        return $"{Scheme}{host}:{number}";
    }

    private static bool IsHost(string host) => host.StartsWith('[')
        ? Uri.CheckHostName(host) == UriHostNameType.IPv6
        : Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4;

    private static TriggerException Bad(string text, string why) => new(ErrorCode.Invalid,
        $"'{NameRule.Shown(text)}' is not an address", why, "write it like tcp://broker.example.com:5555");
}
