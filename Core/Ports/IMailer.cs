namespace TriggerFs.Core.Ports;

/// <summary>Sends e-mail by a mail server that the operator of the broker named.</summary>
interface IMailer
{
    /// <summary>
    /// Takes one mail and returns at once. It is tried again for a while when the server does not take it.
    /// </summary>
    /// <param name="to">An address that was checked.</param>
    /// <param name="subject">One line.</param>
    /// <param name="text">Plain text.</param>
    /// <param name="done">Told, on any thread, that the server has it (null), or why it never will.</param>
    void Send(string to, string subject, string text, Action<TriggerException?> done);
}
