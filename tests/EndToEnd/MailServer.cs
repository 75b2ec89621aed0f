using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>A real mail server on loopback (smtpd.py), and what it was given.</summary>
sealed class MailServer : IAsyncDisposable
{
    private const string Python = "/usr/bin/python3";

    private readonly TemporaryFolder _folder;
    private readonly Child _child;

    private MailServer(Child child, TemporaryFolder folder)
    {
        _child = child;
        _folder = folder;
    }

    public int Port { get; private set; }

    /// <summary>Whether Python has the server.</summary>
    public static bool IsThere { get; } = File.Exists(Python)
        && Directory.Exists("/usr/lib/python3/dist-packages/aiosmtpd");

    /// <summary>Starts one with the options of smtpd.py.</summary>
    public static async Task<MailServer> StartAsync(params string[] options)
    {
        var folder = new TemporaryFolder();
        ProcessStartInfo start = RealProgram.Start(folder.Path, []);
        start.FileName = Python;
        start.ArgumentList.Clear();
        string script = Path.Join(Repository.Sources.Root, "tests", "EndToEnd", "smtpd.py");
        foreach (string argument in (string[])[script, folder.Path, .. options]) start.ArgumentList.Add(argument);
        var server = new MailServer(new Child(start), folder);
        string line = await server._child.LineAsync("^PORT [0-9]+");
        server.Port = int.Parse(line.Split(' ')[^1], CultureInfo.InvariantCulture);
        return server;
    }

    /// <summary>A certificate for this host that nobody signed but itself, and its key; two files of PEM.</summary>
    public static string[] Certificate(string folder)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(
            "CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 made = request.CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        string[] files = [Path.Join(folder, "mail.crt"), Path.Join(folder, "mail.key")];
        File.WriteAllText(files[0], made.ExportCertificatePem());
        File.WriteAllText(files[1], key.ExportPkcs8PrivateKeyPem());
        return files;
    }

    /// <summary>The n-th mail, from 1, when it is there: the envelope on the first line, then the mail.</summary>
    public async Task<string> MailAsync(int number)
    {
        string path = Path.Join(_folder.Path, $"{number}.eml");
        await Site.UntilAsync(() => Task.FromResult(File.Exists(path)), $"mail {number} did not come");
        return (await File.ReadAllTextAsync(path)).ReplaceLineEndings("\n");
    }

    public int Count => Directory.GetFiles(_folder.Path, "*.eml").Length;

    public async ValueTask DisposeAsync()
    {
        await _child.DisposeAsync();
        _folder.Dispose();
    }
}
