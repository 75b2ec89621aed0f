using Microsoft.Extensions.Logging;

namespace TriggerFs.Commands.Mail;

/// <summary>What is written down of mails; never what is in them.</summary>
static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "the mail to {To} is tried again in {Seconds} s: {Why}")]
    public static partial void MailDelayed(ILogger log, string to, double seconds, string why);

    [LoggerMessage(2, LogLevel.Error,
        "the mail to {To} was not sent: the broker stops (the next one sends codes of invitations)")]
    public static partial void MailGivenUp(ILogger log, string to);
}
