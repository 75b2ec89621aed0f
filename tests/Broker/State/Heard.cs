using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Wire;

namespace TriggerFs.Tests.Broker.State;

/// <summary>A message that a peer got, taken apart as far as tests ask.</summary>
sealed record Heard(MessageKind Kind, byte[] Message)
{
    public ulong Id { get; init; }

    public ulong Request { get; init; }

    public SessionId Session { get; init; }

    public ulong Offset { get; init; }

    public string Worker { get; init; } = "";

    public string Text { get; init; } = "";

    public string Detail { get; init; } = "";

    public Outcome Outcome { get; init; }

    public int ExitCode { get; init; }

    public bool IsLast { get; init; }

    public bool IsNotice { get; init; }

    public int Attempt { get; init; }

    public uint TimeoutMs { get; init; }

    public Refused? Refused { get; init; }

    /// <summary>Of a Run: what its worker tells of it when it comes back, nothing of it acknowledged.</summary>
    public HeldRun Held(bool hasEnded = false) => new(new(Id), Session, new(Request), 0, Detail, hasEnded);

    public static Heard Of(byte[] message)
    {
        MessageKind kind = MessageCodec.KindOf(message);
        var heard = new Heard(kind, message);
        switch (kind)
        {
            case MessageKind.Run:
                Run run = Run.Read(message);
                return heard with
                {
                    Id = run.Id.Value,
                    Request = run.Request.Value,
                    Session = run.Session,
                    Attempt = run.Attempt,
                    TimeoutMs = run.TimeoutMs,
                    Text = Utf8(run.Payload),
                    Detail = Utf8(run.Service),
                };
            case MessageKind.Output:
                Output output = Output.Read(message);
                return heard with
                {
                    Id = output.Id,
                    Offset = output.Offset,
                    IsNotice = (output.Flags & Output.IsNotice) != 0,
                    Worker = Utf8(output.Worker),
                    Text = Utf8(output.Bytes),
                };
            case MessageKind.Finished:
                Finished end = Finished.Read(message);
                return heard with
                {
                    Id = end.Id,
                    IsLast = (end.Flags & Finished.Last) != 0,
                    Outcome = end.Outcome,
                    ExitCode = end.ExitCode,
                    Offset = end.Offset,
                    Worker = Utf8(end.Worker),
                    Detail = Utf8(end.Detail),
                    Text = Utf8(end.Tail),
                };
            case MessageKind.Refused:
                Refused refused = Refused.Read(message);
                return heard with
                {
                    Id = refused.Id.Value,
                    Refused = refused,
                    Text = refused.What,
                    Detail = refused.Why
                };
            case MessageKind.Cancel:
                Cancel cancel = Cancel.Read(message);
                return heard with { Id = cancel.Id, Text = cancel.Why.ToString() };
            case MessageKind.Credit:
                Credit credit = Credit.Read(message);
                return heard with { Id = credit.Id, Offset = credit.Offset, IsLast = credit.Replay };
            case MessageKind.Request:
                Request request = TriggerFs.Core.Messages.Request.Read(message);
                return heard with
                {
                    Id = request.Id.Value,
                    Text = Utf8(request.Payload),
                    Detail = Utf8(request.Service)
                };
            case MessageKind.Fire:
                Fire fire = Fire.Read(message);
                return heard with { Id = fire.Id.Value, Offset = (ulong)fire.Message.Value, Text = Utf8(fire.Payload) };
            case MessageKind.Stored:
                return heard with { Text = string.Join(", ", Stored.Read(message).Requests) };
            case MessageKind.Reclaim:
                Reclaim reclaim = Reclaim.Read(message);
                return heard with { Id = reclaim.Id.Value, Text = string.Join(", ", reclaim.Runs) };
            case MessageKind.Started:
                return heard with { Id = Started.Read(message).Run.Value };
            case MessageKind.Announce:
                Announce announce = Announce.Read(message);
                return heard with { Offset = (ulong)announce.Jobs, Text = string.Join(", ", announce.Held) };
            default:
                return heard;
        }
    }

    public override string ToString() =>
        $"{Kind} id {Id} {Request} offset {Offset} {Worker} {Outcome} {ExitCode} last {IsLast} {Text} {Detail}";

    private static string Utf8(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
