using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Mail;

/// <summary>An e-mail that is to be sent.</summary>
/// <param name="To">The address, checked.</param>
/// <param name="Subject">One line.</param>
/// <param name="Text">Plain text.</param>
sealed record MailOrder(string To, string Subject, string Text)
{
    /// <summary>The invitation whose code is in it; null for none.</summary>
    public Invitation? About { get; init; }

    /// <summary>Without the text, in which a code may be.</summary>
    public override string ToString() => $"mail to {To}: {Subject}";
}
