using TriggerFs.Core.Wire;

namespace TriggerFs.Core.Messages;

/// <summary>
/// The session (id 0), a request or a statement failed as a whole. For a request it is the one answer: no run was
/// reached, or the failure says that a run may have been.
/// </summary>
/// <remarks>u64 id | u8 code | text what | text why | text fix</remarks>
sealed record Refused(RequestId Id, ErrorCode Code, string What, string Why, string Fix)
{
    public static Refused Of(RequestId id, TriggerException problem) =>
        new(id, problem.Code, problem.Message, problem.Why ?? "", problem.Fix ?? "");

    public static Refused Read(ReadOnlySpan<byte> message)
    {
        var wire = new WireReader(message);
        return new(
            new(wire.UInt64()),
            wire.OneOf(last: ErrorCode.Conflict, first: ErrorCode.Internal),
            wire.Text(),
            wire.Text(),
            wire.Text());
    }

    public void Write(WireWriter wire)
    {
        wire.Begin(MessageKind.Refused);
        wire.UInt64(Id.Value);
        wire.UInt8((byte)Code);
        wire.Text(What);
        wire.Text(Why);
        wire.Text(Fix);
    }

    public TriggerException ToException() =>
        new(Code, What, Why.Length == 0 ? null : Why, Fix.Length == 0 ? null : Fix);
}
