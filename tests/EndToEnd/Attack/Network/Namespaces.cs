using System.Diagnostics;

namespace TriggerFs.Tests.EndToEnd.Attack.Network;

/// <summary>
/// A network of a test's own: the hosts of a broker, a worker and a mount as network namespaces, the broker's joined to
/// each of the others by a pair of veth. Nothing leaves the machine. Its faults are those of real networks, in which
/// nobody is told: what is lost is just lost.
/// </summary>
sealed class Namespaces : IDisposable
{
    /// <summary>The broker's address for the mount; it is on no link, so it stays when one goes.</summary>
    public const string BrokerAddress = "10.77.0.1";

    private static int _count;

    private readonly string _prefix = $"tfs{Environment.ProcessId:x}-{Interlocked.Increment(ref _count)}-";

    private Namespaces()
    {
        Broker = _prefix + "broker";
        Worker = _prefix + "worker";
        Mount = _prefix + "mount";
    }

    public string Broker { get; }

    public string Worker { get; }

    public string Mount { get; }

    /// <summary>The three hosts, or why they cannot be had here.</summary>
    public static Namespaces? TryMake(out string? why)
    {
        var made = new Namespaces();
        try
        {
            made.Make();
            why = null;
            return made;
        }
        catch (Exception problem) when (problem is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            made.Dispose();
            why = $"network namespaces cannot be had here: {problem.Message.Trim()}";
            return null;
        }
    }

    /// <summary>What a program is started through to be on a host.</summary>
    public static string[] On(string host) => ["nsenter", $"--net=/run/netns/{host}"];

    /// <summary>The same, with a file of its own as /etc/hosts.</summary>
    public static string[] On(string host, string hosts) =>
    [
        .. On(host), "unshare", "--mount", "sh", "-c", "mount --bind \"$0\" /etc/hosts && exec \"$@\"", hosts,
    ];

    public static void Address(string host, string verb, string address, string device) =>
        Ip("-n", host, "address", verb, $"{address}/24", "dev", device);

    /// <summary>Another address instead of the one that a host has; the way to the broker stays.</summary>
    public static void Move(string host, string from, string to)
    {
        Address(host, "del", from, "up0");
        Address(host, "add", to, "up0");
        Ip("-n", host, "route", "add", "default", "via", $"{to[..to.LastIndexOf('.')]}.1");
    }

    /// <summary>All that comes in from a device is lost, or that part of it; nobody is told.</summary>
    public static void Lose(string host, string device, int percent = 100)
    {
        string chance = percent == 100 ? "" : $"numgen random mod 100 < {percent}";
        Nft(host, $$"""
            table inet fault {
                chain incoming {
                    type filter hook prerouting priority -300; policy accept;
                    iifname "{{device}}" {{chance}} drop
                }
            }
            """);
    }

    public static void LoseNothing(string host) => Nft(host, "flush ruleset");

    public static void Link(string host, string device, string state) =>
        Ip("-n", host, "link", "set", device, state);

    public void Dispose()
    {
        foreach (string host in (string[])[Worker, Mount, Broker])
        {
            using Process gone = Start("ip", "netns", "del", host);
            gone.StandardInput.Close();
            gone.WaitForExit();
        }
    }

    private void Make()
    {
        foreach (string host in (string[])[Broker, Worker, Mount])
        {
            Ip("netns", "add", host);
            Link(host, "lo", "up");
        }
        Address(Broker, "add", BrokerAddress, "lo");
        Join(Worker, "w0", "10.77.1");
        Join(Mount, "m0", "10.77.2");
        Lose(Broker, "lo", 0); // Whether this kernel can lose packets.
        LoseNothing(Broker);
    }

    private void Join(string host, string device, string network)
    {
        Ip("link", "add", "up0", "netns", host, "type", "veth", "peer", "name", device, "netns", Broker);
        Address(host, "add", $"{network}.2", "up0");
        Address(Broker, "add", $"{network}.1", device);
        Link(host, "up0", "up");
        Link(Broker, device, "up");
        Ip("-n", host, "route", "add", "default", "via", $"{network}.1");
    }

    private static void Nft(string host, string rules) =>
        Run("nsenter", rules + "\n", [.. On(host)[1..], "nft", "-f", "-"]);

    private static void Ip(params string[] words) => Run("ip", "", words);

    private static void Run(string program, string input, params string[] words)
    {
        using Process process = Start(program, words);
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        string said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', words)}: {said}");
    }

    private static Process Start(string program, params string[] words) => Process.Start(
        new ProcessStartInfo(program, words) { RedirectStandardInput = true, RedirectStandardError = true })!;
}
