using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Bench.Peers;

/// <summary>nats-server with TLS, NATS.Net at both ends.</summary>
sealed class NatsPeer : IPeer
{
    private readonly string _folder = Directory.CreateTempSubdirectory("triggerfs-bench-nats-").FullName;
    private readonly int _port = Site.FreePort();
    private readonly List<Child> _children = [];

    public string Name => "NATS, TLS";

    public string[] Client => ["ask-nats", $"tls://127.0.0.1:{_port}"];

    public async Task<string?> StartAsync()
    {
        string? server = Paths().FirstOrDefault(File.Exists);
        if (server is null) return "nats-server is not installed (apt install nats-server)";
        MakeCertificate();
        var start = new ProcessStartInfo(server,
            ["-a", "127.0.0.1", "-p", $"{_port}", "--tls", "--tlscert", At("cert.pem"), "--tlskey", At("key.pem")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var broker = new Child(start);
        _children.Add(broker);
        await broker.LineAsync("Server is ready");
        _children.Add(await OwnProcess.StartAsync("nats-worker", Client[1]));
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Child child in Enumerable.Reverse(_children)) await child.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static IEnumerable<string> Paths() =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin".Split(':')
            .Select(folder => Path.Combine(folder, "nats-server"));

    private string At(string file) => Path.Combine(_folder, file);

    private void MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using X509Certificate2 certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        File.WriteAllText(At("cert.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(At("key.pem"), key.ExportPkcs8PrivateKeyPem());
    }
}
