using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using Microsoft.Extensions.Logging;
using MimeKit;
using TriggerFs.Core;
using TriggerFs.Core.Ports;
using TlsException = System.Security.Authentication.AuthenticationException;

namespace TriggerFs.Commands.Mail;

/// <summary>
/// Sends mail by the server of <c>[broker.smtp]</c>, one at a time and away from the broker's loop. What the server
/// does not take now is tried again for half an hour; what it refuses is not.
/// </summary>
sealed class SmtpMailer(SmtpServer server, ILogger log, IReadOnlyList<TimeSpan>? pauses = null) : IMailer, IDisposable
{
    /// <summary>Mails that wait at the most: more than people invite while a server is away.</summary>
    public const int WaitingMax = 1000;

    private static readonly TimeSpan AttemptMax = TimeSpan.FromSeconds(30);

    /// <summary>Between one attempt and the next.</summary>
    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5),
        TimeSpan.FromMinutes(25),
    ];

    private readonly IReadOnlyList<TimeSpan> _pauses = pauses ?? Pauses;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly CancellationTokenSource _stop = new();
    private int _waiting;

    public void Send(string to, string subject, string text, Action<TriggerException?> done)
    {
        if (Interlocked.Increment(ref _waiting) > WaitingMax)
        {
            Interlocked.Decrement(ref _waiting);
            done(new(ErrorCode.Busy, $"{WaitingMax} mails wait already", "the mail server takes none"));
            return;
        }
        _ = Task.Run(() => DeliverAsync(Message(to, subject, text), to, done));
    }

    /// <summary>Gives up what waits; the log says for whom it was.</summary>
    public void Dispose() => _stop.Cancel();

    private async Task DeliverAsync(MimeMessage message, string to, Action<TriggerException?> done)
    {
        TriggerException? problem = null;
        try
        {
            for (int attempt = 0; ; attempt++)
            {
                problem = await TryAsync(message);
                if (problem is not { Code: ErrorCode.Busy } || attempt == _pauses.Count) break;
                Log.MailDelayed(log, to, _pauses[attempt].TotalSeconds, problem.Why ?? "");
                await Task.Delay(_pauses[attempt], _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            problem = new(ErrorCode.Cancelled, "the mail was not sent", "the broker stops");
            Log.MailGivenUp(log, to);
        }
        Interlocked.Decrement(ref _waiting);
        done(problem);
    }

    /// <summary>Null when the server has taken it; Busy when it may take it later.</summary>
    private async Task<TriggerException?> TryAsync(MimeMessage message)
    {
        await _turn.WaitAsync(_stop.Token);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
            limit.CancelAfter(AttemptMax);
            await SendAsync(message, limit.Token);
            return null;
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            return Failed(ErrorCode.Busy, $"it did not answer within {AttemptMax.TotalSeconds:0} s");
        }
        catch (Exception problem) when (problem is IOException or SocketException or CommandException
            or ProtocolException or AuthenticationException or SslHandshakeException or TlsException
            or NotSupportedException)
        {
            return Failed(IsForGood(problem) ? ErrorCode.NotAllowed : ErrorCode.Busy, problem.Message);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task SendAsync(MimeMessage message, CancellationToken stop)
    {
        // Whether a certificate was withdrawn is a question to somebody else's server, which may not be reachable.
        using var client = new SmtpClient { CheckCertificateRevocation = false };
        await client.ConnectAsync(server.Host, server.Port, server.Tls switch
        {
            SmtpTls.Tls => SecureSocketOptions.SslOnConnect,
            SmtpTls.StartTls => SecureSocketOptions.StartTls,
            _ => SecureSocketOptions.None,
        }, stop);
        if (server.User is { } user) await client.AuthenticateAsync(user, server.Password ?? "", stop);
        await client.SendAsync(message, stop);
        await client.DisconnectAsync(quit: true, stop);
    }

    /// <summary>What time does not mend: the server said no, or it is not the one that it should be.</summary>
    private static bool IsForGood(Exception problem) => problem switch
    {
        SmtpCommandException refusal => (int)refusal.StatusCode >= 500,
        AuthenticationException or SslHandshakeException or TlsException or NotSupportedException => true,
        _ => false,
    };

    private TriggerException Failed(ErrorCode code, string why) => new(
        code, $"the mail server {server.Host}:{server.Port} did not take the mail", why.ReplaceLineEndings(" "),
        "see [broker.smtp] in triggerfs.toml");

    private MimeMessage Message(string to, string subject, string text)
    {
        var message = new MimeMessage { Subject = subject, Body = new TextPart("plain") { Text = text } };
        message.From.Add(new MailboxAddress("triggerFS", server.From));
        message.To.Add(new MailboxAddress("", to));
        // Nobody's "out of office" answers a machine (RFC 3834).
        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }
}
