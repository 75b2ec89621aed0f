using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TriggerFs.Broker;
using TriggerFs.Broker.Access;
using TriggerFs.Broker.Audit;
using TriggerFs.Broker.Mail;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.State;

/// <summary>
/// The world of a broker in memory: what it sends is kept, what it asks for waits until a test answers.
/// </summary>
sealed class FakeWorld : IEffects
{
    private ulong _random = 0x9E3779B97F4A7C15;

    public Dictionary<PeerId, List<Heard>> Sent { get; } = [];

    public Dictionary<PeerId, string> Dismissed { get; } = [];

    public Dictionary<PeerId, int> Admitted { get; } = [];

    public Queue<(long Ticket, Hello Hello)> Verifying { get; } = new();

    public Queue<(long Ticket, IReadOnlyList<Change> Changes)> Committing { get; } = new();

    public Queue<(long Ticket, IReadOnlyList<Change> Changes)> Keeping { get; } = new();

    public List<AuditEntry> Audited { get; } = [];

    public Queue<(long Ticket, AuditQuery Query)> Looking { get; } = new();

    public Queue<(long Ticket, SecretOrder Order)> Hashing { get; } = new();

    /// <summary>Something waits for an answer.</summary>
    public bool IsAsked => IsTurning || Verifying.Count + Hashing.Count + Committing.Count + Keeping.Count > 0;

    /// <summary>Somebody waits for the end of the turn.</summary>
    public bool IsTurning { get; set; }

    public List<TriggerHits> Counted { get; } = [];

    public List<MailOrder> Mailed { get; } = [];

    public bool IsShutDown { get; private set; }

    public long UnsentBytes { get; set; }

    public ILogger Log { get; set; } = NullLogger.Instance;

    public void Send(PeerId peer, ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, int underWay)
    {
        if (!Sent.TryGetValue(peer, out List<Heard>? list)) Sent[peer] = list = [];
        list.Add(Heard.Of([.. head, .. body]));
    }

    public void Dismiss(PeerId peer, string why) => Dismissed[peer] = why;

    public void Admit(PeerId peer, int messageMax, bool answers) => Admitted[peer] = messageMax;

    public long Unsent(PeerId peer) => UnsentBytes;

    public void Verify(long ticket, Hello hello, string address) => Verifying.Enqueue((ticket, hello));

    public void Hash(long ticket, SecretOrder order) => Hashing.Enqueue((ticket, order));

    public void Commit(long ticket, IReadOnlyList<Change> changes, AuditEntry? line)
    {
        Committing.Enqueue((ticket, changes));
        if (line is not null) Audited.Add(line);
    }

    public void Keep(long ticket, IReadOnlyList<Change> changes) => Keeping.Enqueue((ticket, [.. changes]));

    public void AfterTurn() => IsTurning = true;

    public void Audit(AuditEntry line) => Audited.Add(line);

    public void ReadAudit(long ticket, AuditQuery query) => Looking.Enqueue((ticket, query));

    public void CountHits(IReadOnlyList<TriggerHits> hits) => Counted.AddRange(hits);

    public void Mail(MailOrder mail) => Mailed.Add(mail);

    public void Shutdown() => IsShutDown = true;

    // xorshift64: the same numbers in every run.
    public ulong Random()
    {
        _random ^= _random << 13;
        _random ^= _random >> 7;
        _random ^= _random << 17;
        return _random;
    }

    /// <summary>What Access would say: the proof is "right", or a JWT that the broker signed.</summary>
    public static Verdict Judge(Hello hello, Roster roster, Tokens tokens, Instant now)
    {
        Team? team = roster.FindTeam(hello.Team);
        if (team is null) return Wrong();
        Claims? jwt = null;
        if (hello.Kind == ProofKind.Jwt)
        {
            try
            {
                jwt = tokens.Read(hello.Proof, now.UnixMs);
            }
            catch (TriggerException refusal)
            {
                return new(null, refusal, 1);
            }
        }
        else if (hello.Proof is not ("right" or "next")) return Wrong();
        if (hello.Role == PeerRole.Worker)
            return roster.FindWorker(team.Id, hello.Identity) is { } worker
                ? new(new(team.Id, null, worker.Id, jwt) { HasNextToken = hello.Proof == "next" }, null) : Wrong();
        return roster.FindUser(hello.Identity) is { } user
            && roster.OpenMembershipOf(team.Id, user.Id) is { } place
            && (jwt is null || jwt.Generation == Claims.GenerationOf(user, place))
            ? new(new(team.Id, user.Id, null, jwt), null) : Wrong();
    }

    private static Verdict Wrong() =>
        new(null, new TriggerException(ErrorCode.Unauthenticated, "the team, the identity or its proof is wrong"), 1);
}
