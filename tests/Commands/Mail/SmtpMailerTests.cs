using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using TriggerFs.Commands;
using TriggerFs.Commands.Mail;
using TriggerFs.Core;
using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Tests.Commands.Mail;

/// <summary>Mail goes to a real server on loopback; what it does not take is tried again, or told.</summary>
public sealed class SmtpMailerTests : IDisposable
{
    private static readonly TimeSpan[] Soon = [TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20)];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task A_mail_arrives_as_it_was_written()
    {
        await using MailServer server = await StartAsync();
        Assert.Null(await SendAsync(Plain(server), "Zürich: 19°\n.\n.hidden\nend\n"));
        string mail = await server.MailAsync(1);
        Assert.StartsWith("triggers@example.com -> bob@example.com\n", mail);
        Assert.Matches("\nDate: .*\n", mail);
        Assert.Contains("\nAuto-Submitted: auto-generated\n", mail);
        var message = MimeKit.MimeMessage.Load(new MemoryStream(
            System.Text.Encoding.UTF8.GetBytes(mail[(mail.IndexOf('\n') + 1)..])));
        Assert.Equal("a code", message.Subject);
        Assert.Equal("Zürich: 19°\n.\n.hidden\nend\n", message.TextBody!.ReplaceLineEndings("\n"));
    }

    [SkippableFact]
    public async Task A_server_that_is_busy_is_tried_again()
    {
        await using MailServer server = await StartAsync("--busy", "2");
        Assert.Null(await SendAsync(Plain(server)));
        Assert.Contains("a code", await server.MailAsync(1));
    }

    [SkippableFact]
    public async Task A_server_that_stays_busy_is_given_up_and_why_is_told()
    {
        await using MailServer server = await StartAsync("--busy", "9");
        Assert.Contains("come back later", (await SendAsync(Plain(server)))!.Why);
        Assert.Equal(0, server.Count);
    }

    [SkippableFact]
    public async Task What_a_server_refuses_is_not_tried_again()
    {
        await using MailServer server = await StartAsync("--refuse");
        TriggerException problem = (await SendAsync(Plain(server), pauses: [TimeSpan.FromHours(1)]))!;
        Assert.Equal(ErrorCode.NotAllowed, problem.Code);
        Assert.Contains("no such mailbox", problem.Why);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        TriggerException problem = (await SendAsync(new("127.0.0.1", port, "t@example.com", SmtpTls.None)))!;
        Assert.Equal(ErrorCode.Busy, problem.Code);
        Assert.Contains($"127.0.0.1:{port}", problem.Message);
    }

    [SkippableTheory]
    [InlineData("--starttls")]
    [InlineData("--tls")]
    public async Task A_server_whose_certificate_nobody_signed_gets_neither_mail_nor_password(string option)
    {
        SmtpTls tls = option == "--tls" ? SmtpTls.Tls : SmtpTls.StartTls;
        await using MailServer server = await StartAsync([option, .. MailServer.Certificate(_folder.Path)]);
        TriggerException problem = (await SendAsync(
            Plain(server) with { Tls = tls, User = "triggerfs", Password = "right" },
            pauses: [TimeSpan.FromHours(1)]))!;
        Assert.Equal(ErrorCode.NotAllowed, problem.Code);
        Assert.Contains("certificate", problem.Why);
        Assert.Equal(0, server.Count);
    }

    [SkippableFact]
    public async Task A_server_without_STARTTLS_gets_nothing_where_it_is_wanted()
    {
        await using MailServer server = await StartAsync();
        TriggerException problem = (await SendAsync(
            Plain(server) with { Tls = SmtpTls.StartTls }, pauses: [TimeSpan.FromHours(1)]))!;
        Assert.Contains("STARTTLS", problem.Why);
        Assert.Equal(0, server.Count);
    }

    [Fact]
    public async Task More_mails_than_can_wait_are_refused()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        int port = ((IPEndPoint)silent.LocalEndpoint).Port;
        using var mailer = new SmtpMailer(
            new("127.0.0.1", port, "t@example.com", SmtpTls.None), NullLogger.Instance, Soon);
        var over = new TaskCompletionSource<TriggerException?>();
        for (int i = 0; i < SmtpMailer.WaitingMax; i++) mailer.Send("bob@example.com", "a code", "", static _ => { });
        mailer.Send("bob@example.com", "a code", "", over.SetResult);
        Assert.Equal(ErrorCode.Busy, (await over.Task.WaitAsync(TimeSpan.FromSeconds(60)))!.Code);
    }

    [Theory]
    [InlineData("from = \"t@example.com\"", "the name of the mail server is not set")]
    [InlineData("host = \"mail.example.com\"", "the sender of mails is not set")]
    [InlineData("host = \"h\"\nfrom = \"t@example.com\"\nuser = \"u\"", "the password of 'u'")]
    [InlineData("host = \"h\"\nfrom = \"t@example.com\"\nuser = \"u\"\npassword = \"p\"\ntls = \"none\"",
        "would travel unencrypted")]
    [InlineData("host = \"h\"\nfrom = \"t@example.com\"\nuser = \"u\"\npasswordfile = \"/nowhere\"",
        "cannot be read from /nowhere")]
    public void A_server_that_is_half_set_is_refused_at_the_start(string lines, string expected) =>
        Assert.Contains(expected, Assert.Throws<TriggerException>(() => SmtpServer.Of(Settings(lines))).Message);

    [Theory]
    [InlineData("", 587)]
    [InlineData("tls = \"tls\"", 465)]
    [InlineData("tls = \"none\"", 25)]
    [InlineData("port = 2525", 2525)]
    public void The_port_follows_from_the_encryption_unless_it_is_set(string line, int port) => Assert.Equal(
        port, SmtpServer.Of(Settings($"host = \"h\"\nfrom = \"t@example.com\"\n{line}"))!.Port);

    [Fact]
    public void A_password_file_is_for_its_owner_alone_and_wins_over_the_password()
    {
        string file = _folder.Write("password", "out of the file\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.GroupRead);
        string lines = "host = \"h\"\nfrom = \"t@example.com\"\nuser = \"u\"\npassword = \"p\"\n"
            + $"passwordfile = \"{file}\"";
        Assert.Contains("others can read",
            Assert.Throws<TriggerException>(() => SmtpServer.Of(Settings(lines))).Message);
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        SmtpServer server = SmtpServer.Of(Settings(lines))!;
        Assert.Equal("out of the file", server.Password);
        Assert.DoesNotContain("file", server + " " + Settings(lines));
    }

    private static SmtpSettings Settings(string lines) =>
        SettingsFile.Parse("[broker.smtp]\n" + lines, "t.toml").Broker.Smtp;

    private static async Task<MailServer> StartAsync(params string[] options)
    {
        Skip.IfNot(MailServer.IsThere, "python3-aiosmtpd is the mail server");
        return await MailServer.StartAsync(options);
    }

    private static SmtpServer Plain(MailServer server) =>
        new("127.0.0.1", server.Port, "triggers@example.com", SmtpTls.None);

    private static async Task<TriggerException?> SendAsync(
        SmtpServer server, string text = "K7QX-3M9P-ABCD\n", TimeSpan[]? pauses = null)
    {
        using var mailer = new SmtpMailer(server, NullLogger.Instance, pauses ?? Soon);
        var done = new TaskCompletionSource<TriggerException?>();
        mailer.Send("bob@example.com", "a code", text, done.SetResult);
        return await done.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }
}
