using Microsoft.Extensions.Logging;
using TriggerFs.Broker.Access;
using TriggerFs.Broker.Audit;
using TriggerFs.Broker.Mail;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker;

/// <summary>
/// What the broker's decisions ask of the world: BrokerLoop does it, the simulation records it. Nothing here
/// answers at once; what has an answer carries a ticket, which comes back as a happening of BrokerState.
/// </summary>
interface IEffects
{
    /// <summary>Where decisions are written down for people; never a secret or a JWT.</summary>
    ILogger Log { get; }

    /// <summary>
    /// Sends one message made of a head and a body, both copied. A peer that has left is ignored. Who has many under
    /// way gets some of them together.
    /// </summary>
    void Send(PeerId peer, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body = default, int underWay = 0);

    /// <summary>Closes a peer once what was sent to it is flushed.</summary>
    void Dismiss(PeerId peer, string why);

    /// <summary>
    /// The largest message that the peer may send from now on, in bytes; and whether it answers what others ask.
    /// </summary>
    void Admit(PeerId peer, int messageMax, bool answers = false);

    /// <summary>Bytes that wait to be taken by the peer's kernel.</summary>
    long Unsent(PeerId peer);

    /// <summary>
    /// Checks the proof of a Hello, away from the loop because bcrypt is slow on purpose; answered by
    /// Verified of BrokerState.
    /// </summary>
    void Verify(long ticket, Hello hello, string address);

    /// <summary>
    /// Checks and hashes a new secret, away from the loop as <see cref="Verify"/> does; answered by Hashed of
    /// BrokerState.
    /// </summary>
    void Hash(long ticket, SecretOrder order);

    /// <summary>
    /// Stores changes together or not at all, and writes down who made them, or that the disk refused; answered by
    /// Committed of BrokerState.
    /// </summary>
    /// <param name="ticket">Of the answer.</param>
    /// <param name="changes">What is stored.</param>
    /// <param name="line">What is written down; null for nothing.</param>
    void Commit(long ticket, IReadOnlyList<Change> changes, AuditEntry? line);

    /// <summary>
    /// Stores messages of the queue, or that they are done, together or not at all; answered by Kept of BrokerState.
    /// </summary>
    void Keep(long ticket, IReadOnlyList<Change> changes);

    /// <summary>Asks for a word when all that has come by now was heard: TurnedOver of BrokerState.</summary>
    void AfterTurn();

    /// <summary>Writes a line of the audit, soon; nobody waits for it.</summary>
    void Audit(AuditEntry line);

    /// <summary>Looks for lines of the audit; answered by AuditRead of BrokerState.</summary>
    void ReadAudit(long ticket, AuditQuery query);

    /// <summary>
    /// Stores counters, soon; nobody waits for them. The list is the caller's again when this returns.
    /// </summary>
    void CountHits(IReadOnlyList<TriggerHits> hits);

    /// <summary>
    /// Sends an e-mail, soon; tried again for a while when the mail server does not take it. Answered by Mailed of
    /// BrokerState.
    /// </summary>
    void Mail(MailOrder mail);

    /// <summary>Ends the broker, as a signal does: BrokerState hears Stopping.</summary>
    void Shutdown();

    /// <summary>64 bits that nobody can guess; from the seed in a simulation.</summary>
    ulong Random();
}
