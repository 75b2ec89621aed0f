using TriggerFs.Core;

namespace TriggerFs.Commands.Mail;

/// <summary>How the connection to a mail server is encrypted.</summary>
enum SmtpTls
{
    /// <summary>From its first byte, as on port 465 (RFC 8314).</summary>
    Tls,

    /// <summary>After STARTTLS, which the server must know, as on port 587 (RFC 3207).</summary>
    StartTls,

    /// <summary>Not at all: for a server on the same host, or in a network that is trusted.</summary>
    None,
}

/// <summary>A mail server, and who sends.</summary>
/// <param name="Host">Its name, which its certificate must have.</param>
/// <param name="Port">1 to 65,535.</param>
/// <param name="From">The sender's address.</param>
/// <param name="Tls">How it is encrypted.</param>
/// <param name="User">Who signs in; null for nobody.</param>
/// <param name="Password">What he proves himself with.</param>
sealed record SmtpServer(string Host, int Port, string From, SmtpTls Tls, string? User = null, string? Password = null)
{
    private const int PasswordMax = 4096;

    /// <summary>The server of the settings, complete and with its password; null when none is set.</summary>
    public static SmtpServer? Of(SmtpSettings settings)
    {
        if (settings == new SmtpSettings()) return null;
        SmtpTls tls = settings.Tls ?? SmtpTls.StartTls;
        string host = settings.Host ?? throw Missing("the name of the mail server", "host = \"mail.example.com\"");
        string from = settings.From ?? throw Missing("the sender of mails", "from = \"triggerfs@example.com\"");
        string? password = settings.PasswordFile is { } file ? Read(file) : settings.Password;
        if (settings.User is not null && password is null)
            throw Missing($"the password of '{settings.User}' at the mail server", "passwordfile = \"…\"");
        if (settings.User is not null && tls == SmtpTls.None && !IsThisHost(host))
            throw new TriggerException(ErrorCode.Settings, "the mail password would travel unencrypted",
                $"[broker.smtp] has a user, tls = \"none\", and {host} is another host", "set tls = \"starttls\"");
        return new(host, settings.Port ?? PortOf(tls), from, tls, settings.User, password);
    }

    /// <summary>Without the password, so that no log can have it.</summary>
    public override string ToString() => $"{Host}:{Port} ({Tls})";

    private static int PortOf(SmtpTls tls) => tls switch { SmtpTls.Tls => 465, SmtpTls.StartTls => 587, _ => 25 };

    private static bool IsThisHost(string host) => host is "localhost" or "127.0.0.1" or "::1";

    private static string Read(string file)
    {
        try
        {
            if ((File.GetUnixFileMode(file) & ~SecretFile.OwnerOnly) != 0)
                throw new TriggerException(ErrorCode.Settings, $"others can read the mail password in {file}",
                    fix: $"chmod 600 {Shell.Quote(file)}");
            if (new FileInfo(file).Length > PasswordMax)
                throw new TriggerException(ErrorCode.Settings, $"{file} is too large for a password",
                    $"at most {PasswordMax} bytes are allowed");
            return File.ReadAllText(file).TrimEnd('\n', '\r');
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new TriggerException(ErrorCode.Settings, $"the mail password cannot be read from {file}",
                problem.Message, "see passwordfile under [broker.smtp]", problem);
        }
    }

    private static TriggerException Missing(string what, string line) => new(
        ErrorCode.Settings, $"{what} is not set", "the settings have [broker.smtp]", $"add {line} there");
}
