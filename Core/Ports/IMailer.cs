namespace TriggerFs.Core.Ports;

/// <summary>Sends e-mail by a mail server that the operator of the broker named.</summary>
interface IMailer
{
    /// <summary>
    /// Takes one mail and returns at once. It is tried again for a while when the server does not take it; what becomes
    /// of it is in the log.
    /// </summary>
    /// <param name="to">An address that was checked.</param>
    /// <param name="subject">One line.</param>
    /// <param name="text">Plain text.</param>
    void Send(string to, string subject, string text);
}
