using System.Globalization;
using TriggerFs.Core;

namespace TriggerFs.Commands.Mail;

/// <summary>The mail server as it stands in the settings: <c>[broker.smtp]</c>.</summary>
sealed record SmtpSettings
{
    public string? Host { get; init; }

    public int? Port { get; init; }

    public string? From { get; init; }

    public SmtpTls? Tls { get; init; }

    public string? User { get; init; }

    public string? Password { get; init; }

    public string? PasswordFile { get; init; }

    /// <summary>Without the password, so that no log can have it.</summary>
    public override string ToString() => $"{Host}:{Port}";
}

/// <summary>One key of <c>[broker.smtp]</c>.</summary>
sealed record SmtpKey(
    string Name, Func<SmtpSettings, Setting, SmtpSettings> Apply, SettingKind Kind = SettingKind.Text);

/// <summary>The table of what can be said about the mail server.</summary>
static class SmtpKeys
{
    public static readonly IReadOnlyList<SmtpKey> All =
    [
        new("host", (smtp, value) => smtp with { Host = value.As(Host) }),
        new("port", (smtp, value) => smtp with { Port = value.As(Port) }, SettingKind.Number),
        new("from", (smtp, value) => smtp with { From = value.As(EmailAddress.Parse).Value }),
        new("tls", (smtp, value) => smtp with { Tls = value.As(Tls) }),
        new("user", (smtp, value) => smtp with { User = value.Given() }),
        new("password", (smtp, value) => smtp with { Password = value.Given() }),
        new("passwordfile", (smtp, value) => smtp with { PasswordFile = value.Path() }),
    ];

    private static string Host(string text) => Uri.CheckHostName(text) != UriHostNameType.Unknown ? text
        : throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' is not a host",
            fix: "write it like mail.example.com");

    private static int Port(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) && port > 0 ? port
            : throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' is not a port",
                "a port is a number from 1 to 65535");

    private static SmtpTls Tls(string text) => text switch
    {
        "tls" => SmtpTls.Tls,
        "starttls" => SmtpTls.StartTls,
        "none" => SmtpTls.None,
        _ => throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(text)}' does not say how it is encrypted",
            fix: "use one of starttls, tls, none"),
    };
}
