using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Wire;
using TriggerFs.Transport;

namespace TriggerFs.Commands.SignUp;

/// <summary>What somebody without an account says to a broker, and hears.</summary>
sealed class SignUpCalls(BrokerAddress broker)
{
    /// <summary>Longer than the broker's bcrypt takes when many sign up at once.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Asks for an activation code; the notice says where it would go.</summary>
    public async Task<string> AskCodeAsync(string email, CancellationToken stop)
    {
        byte[] answer = await AskAsync(new Core.Messages.SignUp(email).Write, stop);
        return MessageCodec.KindOf(answer) == MessageKind.Done ? Done.Read(answer).Notice : throw Refusal(answer);
    }

    public async Task<Activated> ActivateAsync(Activate wish, CancellationToken stop)
    {
        byte[] answer = await AskAsync(wish.Write, stop);
        return MessageCodec.KindOf(answer) == MessageKind.Activated ? Activated.Read(answer) : throw Refusal(answer);
    }

    private Task<byte[]> AskAsync(Action<WireWriter> write, CancellationToken stop) =>
        BrokerCall.AskAsync(broker.Address, Keys.ParsePublic(broker.Key), write, Limit, stop);

    private static TriggerException Refusal(byte[] answer) => MessageCodec.KindOf(answer) switch
    {
        MessageKind.Refused => Refused.Read(answer).ToException(),
        MessageKind.Goodbye => new(ErrorCode.Busy, "the broker is shutting down", fix: "try again later"),
        MessageKind kind => new WireException("the broker's answer was not expected", $"it is a {kind}"),
    };
}
