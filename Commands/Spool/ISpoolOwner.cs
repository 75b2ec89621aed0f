using TriggerFs.Commands.Session;
using TriggerFs.Core;

namespace TriggerFs.Commands.Spool;

/// <summary>Who has a spool: hears what becomes of its messages. Called under the spool's lock.</summary>
interface ISpoolOwner
{
    /// <summary>
    /// A message is about to be sent. The answers tell <see cref="SpoolSender.Stored"/> or
    /// <see cref="SpoolSender.NotTaken"/> of it, exactly one of them once.
    /// </summary>
    IAnswers Begin(SpoolSender sender, in SpooledMessage message, int length);

    /// <summary>A message can never be sent; it is kept among the rejected ones.</summary>
    void Rejected(SpoolSender sender, in SpooledMessage message, int length, TriggerException why);

    /// <summary>Something left the spool.</summary>
    void Moved();
}
