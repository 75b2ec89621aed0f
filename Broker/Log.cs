using Microsoft.Extensions.Logging;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Ports;

namespace TriggerFs.Broker;

/// <summary>
/// What the broker writes down. Names from outside come here without control characters; secrets never do.
/// </summary>
static partial class Log
{
    [LoggerMessage(1, LogLevel.Information,
        "{Role} {Team}/{User} signed in from {Address} ({Software}), resumed: {Resumed}")]
    public static partial void UserCame(
        ILogger log, string team, string user, PeerRole role, string address, string software, bool resumed);

    [LoggerMessage(2, LogLevel.Information, "{Team}/{User} left: {Why}")]
    public static partial void UserLeft(ILogger log, string team, string user, string why);

    [LoggerMessage(3, LogLevel.Information, "worker {Team}/{Worker} signed in from {Address} ({Software})")]
    public static partial void WorkerCame(ILogger log, string team, string worker, string address, string software);

    [LoggerMessage(4, LogLevel.Information,
        "worker {Worker} is online: {Jobs} jobs, {Services} services, {Held} runs held")]
    public static partial void WorkerOnline(ILogger log, string worker, int jobs, int services, int held);

    [LoggerMessage(5, LogLevel.Warning, "worker {Worker} is offline ({End}): {Why}; {Runs} runs under way")]
    public static partial void WorkerOffline(ILogger log, string worker, LinkEnd end, string why, int runs);

    [LoggerMessage(6, LogLevel.Warning, "worker {Worker} at {Old} is replaced by a new session from {Address}")]
    public static partial void WorkerReplaced(ILogger log, string worker, string old, string address);

    [LoggerMessage(7, LogLevel.Warning,
        "login of {Role} {Team}/{Identity} from {Address} refused: {Why} (failures: {Failures})")]
    public static partial void LoginRefused(
        ILogger log, string team, string identity, PeerRole role, string address, string why, int failures);

    [LoggerMessage(8, LogLevel.Warning, "{Address} broke the protocol and is dismissed: {What}: {Why}")]
    public static partial void ProtocolBroken(ILogger log, string address, string what, string why);

    [LoggerMessage(9, LogLevel.Information, "{Team}/{User}: {Verb} {Kind} {Name} {Property}")]
    public static partial void Changed(
        ILogger log, string team, string user, Verb verb, ObjectKind kind, string name, string property);

    [LoggerMessage(10, LogLevel.Debug, "request {Id} of {Team}/{User}")]
    public static partial void Requested(ILogger log, ulong id, string team, string user);

    [LoggerMessage(11, LogLevel.Debug, "trigger {Trigger} fired by {Team}/{User} (request {Id})")]
    public static partial void Fired(ILogger log, ulong trigger, ulong id, string team, string user);

    [LoggerMessage(12, LogLevel.Debug, "request {Id} refused: {Why}")]
    public static partial void RequestRefused(ILogger log, ulong id, string why);

    [LoggerMessage(13, LogLevel.Warning, "{Peer} fell silent for {SilenceMs} ms")]
    public static partial void Silent(ILogger log, string peer, long silenceMs);

    [LoggerMessage(14, LogLevel.Information, "shutting down: {Peers} peers are told")]
    public static partial void Stopping(ILogger log, int peers);

    [LoggerMessage(15, LogLevel.Error, "a decision failed; who asked for it is refused or dismissed")]
    public static partial void DecisionFailed(ILogger log, Exception fault);

    [LoggerMessage(16, LogLevel.Information,
        "{Teams} teams, {Workers} workers, {Services} services, {Nodes} nodes loaded")]
    public static partial void Loaded(ILogger log, int teams, int workers, int services, int nodes);

    [LoggerMessage(30, LogLevel.Warning, "letters or what is too old could not be stored: {Problem} {Why}")]
    public static partial void OwnNotStored(ILogger log, string problem, string why);

    [LoggerMessage(17, LogLevel.Warning, "{Address} is dismissed before it had a session: {Why}")]
    public static partial void StrangerDismissed(ILogger log, string address, string why);

    [LoggerMessage(18, LogLevel.Error, "{Team}/{User}: {Verb} {Kind} {Name} was not stored: {What}: {Why}")]
    public static partial void NotStored(
        ILogger log, string team, string user, Verb verb, ObjectKind kind, string name, string what, string why);

    [LoggerMessage(19, LogLevel.Information, "the audit's last line is {Line}, its hash is {Hash}")]
    public static partial void AuditHead(ILogger log, long line, string hash);

    [LoggerMessage(20, LogLevel.Error,
        "lines {First} to {Last} of the audit are missing: somebody, or a disk, took them out")]
    public static partial void AuditCut(ILogger log, long first, long last);

    [LoggerMessage(21, LogLevel.Error,
        "the audit cannot be written: {Why}; changes are refused until it can be, and it is tried again every second")]
    public static partial void AuditNotWritten(ILogger log, string why);

    [LoggerMessage(22, LogLevel.Information, "the audit is written again; {Kept} lines were kept, {Lost} are lost")]
    public static partial void AuditWrittenAgain(ILogger log, int kept, long lost);

    [LoggerMessage(23, LogLevel.Error,
        "asynchronous messages cannot be stored: {What}: {Why}; they stay with those who write until they can be")]
    public static partial void QueueNotStored(ILogger log, string what, string why);

    [LoggerMessage(24, LogLevel.Information, "asynchronous messages are stored again")]
    public static partial void QueueStoredAgain(ILogger log);

    [LoggerMessage(25, LogLevel.Error, "message {Id} of trigger {Trigger} is given up: {Why}")]
    public static partial void MessageGivenUp(ILogger log, long id, ulong trigger, string why);

    [LoggerMessage(26, LogLevel.Debug, "message {Id} of trigger {Trigger} is not carried out: {Why}")]
    public static partial void MessageLeftOut(ILogger log, long id, ulong trigger, string why);

    [LoggerMessage(50, LogLevel.Debug,
        "{Team}/{User} listens to {Plugin} of service {Service}; {Count} listen now")]
    public static partial void Listening(
        ILogger log, string team, string user, string plugin, string service, int count);

    [LoggerMessage(51, LogLevel.Information,
        "{Team}/{User} reads {Plugin} of service {Service} too slowly and is cut off, {Behind} bytes behind")]
    public static partial void CutOff(
        ILogger log, string team, string user, string plugin, string service, long behind);

    [LoggerMessage(56, LogLevel.Information, "run {Run} wrote message {Message} to trigger {Trigger}, hop {Hops}")]
    public static partial void Chained(ILogger log, ulong run, ulong trigger, long message, byte hops);

    [LoggerMessage(55, LogLevel.Warning,
        "stream {Plugin} of service {Service}, which is kept: {Why}; it begins again in {Seconds} s")]
    public static partial void KeptEnded(ILogger log, string plugin, string service, string why, long seconds);

    [LoggerMessage(27, LogLevel.Information, "about to stop: {Jobs} requests run and have {Seconds} s to end")]
    public static partial void Draining(ILogger log, int jobs, double seconds);

    [LoggerMessage(40, LogLevel.Warning, "team {Team}: revision {Number} was not confirmed in time and is taken back")]
    public static partial void TakingBack(ILogger log, string team, long number);

    [LoggerMessage(41, LogLevel.Error,
        "team {Team}: what was not confirmed in time cannot be taken back; it is tried again: {What}: {Why}")]
    public static partial void NotTakenBack(ILogger log, string team, string what, string why);

    [LoggerMessage(50, LogLevel.Information, "{Team}/{User} signed up from {Address}")]
    public static partial void SignedUp(ILogger log, string team, string user, string address);

    [LoggerMessage(51, LogLevel.Warning, "a signup from {Address} is refused: {What}: {Why}")]
    public static partial void SignUpRefused(ILogger log, string address, string what, string why);

    [LoggerMessage(52, LogLevel.Error, "no activation code for {Email}: {What}")]
    public static partial void NoCode(ILogger log, string email, string what);

    [LoggerMessage(53, LogLevel.Information, "mail to {To}: the mail server has it")]
    public static partial void Mailed(ILogger log, string to);

    [LoggerMessage(54, LogLevel.Error, "mail to {To} did not go out: {What}: {Why}")]
    public static partial void NotMailed(ILogger log, string to, string what, string why);
}
