using System.Diagnostics;
using System.Globalization;
using TriggerFs.Bench.Roles;
using TriggerFs.Commands.Session;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;
using TriggerFs.Tests.EndToEnd;
using TriggerFs.Transport;

namespace TriggerFs.Bench;

/// <summary>(c) Resident memory, start-up time, and the size of the binary.</summary>
static class Footprint
{
    private const int Sessions = 1000;

    public static async Task RunAsync(Plan plan)
    {
        Console.WriteLine("\n## (c) Footprint\n");
        Console.WriteLine("| | |\n|---|---|");
        foreach (string binary in Binaries(plan)) Row(Name(binary), Size(binary));
        await using Site site = await Site.StartAsync(plan.Binary);
        Row("`triggerfs --version`, start to end, median", $"{await StartAsync(site):F1} ms");
        await SettleAsync();
        Row("broker, idle", MiB(site.Broker));
        Aim("(c) broker, idle", site.Broker, 16);
        await site.StartWorkerAsync(jobs: 8);
        await SettleAsync();
        Row("worker, idle", MiB(site.Worker));
        Aim("(c) worker, idle", site.Worker, 16);
        Row("mount, idle", await MountAsync(site));
        Row($"broker, {Sessions:#,0} idle sessions", await SessionsAsync(site));
    }

    /// <summary>The program that is measured, and those that were built beside it (make static, make arm64).</summary>
    private static string[] Binaries(Plan plan)
    {
        string all = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(plan.Binary)!, ".."));
        return
        [
            plan.Binary,
            .. Directory.GetDirectories(all, "*-static").Order()
                .Select(folder => Path.Combine(folder, "triggerfs"))
                .Where(file => file != plan.Binary && File.Exists(file)),
        ];
    }

    private static string Name(string binary) => $"binary, {Path.GetFileName(Path.GetDirectoryName(binary))}";

    private static string Size(string binary) =>
        string.Create(CultureInfo.InvariantCulture, $"{new FileInfo(binary).Length / 1e6:F1} MB");

    private static async Task<double> StartAsync(Site site)
    {
        var times = new List<double>();
        for (int i = 0; i < 20; i++)
        {
            long begun = Stopwatch.GetTimestamp();
            await site.RunAsync("--version");
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }
        return times.Order().ElementAt(times.Count / 2);
    }

    private static async Task<string> MountAsync(Site site)
    {
        if (!File.Exists("/dev/fuse")) return "skipped: there is no /dev/fuse";
        string folder = Path.Combine(site.Folder, "mnt");
        Directory.CreateDirectory(folder);
        Child mount = site.Start("mount", folder);
        try
        {
            DateTime end = DateTime.UtcNow.AddSeconds(10);
            while (!File.ReadLines("/proc/self/mounts").Any(line => line.Contains(folder, StringComparison.Ordinal)))
            {
                if (mount.HasExited || DateTime.UtcNow > end) return $"it did not mount: {mount.Text}";
                await Task.Delay(50);
            }
            await SettleAsync();
            Aim("(c) mount, idle", mount, 16);
            return MiB(mount);
        }
        finally
        {
            mount.Terminate();
            await mount.EndAsync();
        }
    }

    /// <summary>One sign-in with the secret, and its JWT for the others: each link gets a session of its own.</summary>
    private static async Task<string> SessionsAsync(Site site)
    {
        byte[] key = Keys.ParsePublic(site.Key);
        UserSession first = BenchSession.New(PeerRole.Client, site.Address, site.Key);
        string jwt = (await first.OpenAsync(TimeSpan.FromSeconds(10), default)).Jwt;
        var links = new List<BrokerLink>();
        using var up = new CountdownEvent(Sessions);
        try
        {
            for (int i = 0; i < Sessions; i++)
            {
                var hello = new Hello(PeerRole.Client, Site.Team, Site.Identity, ProofKind.Jwt, jwt, "bench");
                var link = new BrokerLink(new(site.Address, key, () => hello));
                links.Add(link);
                link.Start(new Idle(up));
                while (links.Count - (Sessions - up.CurrentCount) > 20) await Task.Delay(1);
            }
            if (!up.Wait(TimeSpan.FromSeconds(30))) return $"{up.CurrentCount} of {Sessions} did not come up";
            await SettleAsync();
            return MiB(site.Broker);
        }
        finally
        {
            foreach (BrokerLink link in links) await link.DisposeAsync();
            await first.DisposeAsync();
        }
    }

    /// <summary>Until a process that has nothing to do has given memory back (Commands/Memory).</summary>
    public static Task SettleAsync() => Task.Delay(TimeSpan.FromSeconds(12));

    public static string MiB(Child child) =>
        string.Create(CultureInfo.InvariantCulture, $"{child.ResidentKiB / 1024.0:F1} MiB resident");

    /// <summary>The most that a process is to hold.</summary>
    public static void Aim(string what, Child child, double mostMiB) =>
        Summary.Add(what, "MiB", child.ResidentKiB / 1024.0, "the most that it is to be", mostMiB);

    public static void Row(string name, string value) => Console.WriteLine($"| {name} | {value} |");

    /// <summary>A session that does nothing.</summary>
    private sealed class Idle(CountdownEvent up) : ILinkEvents
    {
        private bool _isUp;

        public void Connecting(string address)
        {
        }

        public void Up(Accepted welcome)
        {
            if (!_isUp) up.Signal();
            _isUp = true;
        }

        public void Refused(Refused refusal, bool retrying) => Environment.FailFast(refusal.What);

        public void Received(MessageKind kind, ReadOnlySpan<byte> message)
        {
        }

        public void Down(string why, TimeSpan retryIn)
        {
        }

        public void Heard()
        {
        }

        public void Ticked()
        {
        }
    }
}
