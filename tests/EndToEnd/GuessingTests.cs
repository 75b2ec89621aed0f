using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Wire;
using TriggerFs.Transport;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>Somebody who guesses secrets at a real broker is slowed, and nobody else is.</summary>
public sealed class GuessingTests(RunningSite running) : IClassFixture<RunningSite>
{
    private const int Guesses = 1000;
    private const int AtOnce = 8;

    private readonly Site _site = running.Site;

    [Fact]
    public async Task Of_a_thousand_wrong_secrets_few_are_looked_at_and_others_sign_in_meanwhile()
    {
        await _site.UserAsync("alice", "member", "the secret of alice");
        Task<ErrorCode[]> guessing = Task.Run(GuessAsync);
        int others = 0;
        do
        {
            Assert.Equal(MessageKind.Accepted, MessageCodec.KindOf(await SayAsync("alice", "the secret of alice")));
            others++;
        }
        while (!guessing.IsCompleted);
        ErrorCode[] answers = await guessing;
        int looked = answers.Count(code => code == ErrorCode.Unauthenticated);
        // Three are forgiven, some were under way at once, and the waits that follow double.
        Assert.InRange(looked, 1, 60);
        Assert.Equal(Guesses - looked, answers.Count(code => code == ErrorCode.Busy));
        Assert.True(others >= 3, $"alice signed in {others} times");
    }

    private async Task<ErrorCode[]> GuessAsync()
    {
        var answers = new ErrorCode[Guesses];
        await Parallel.ForAsync(0, Guesses, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (n, _) =>
            answers[n] = Refused.Read(await SayAsync(Site.Identity, $"wrong secret number {n}")).Code);
        return answers;
    }

    /// <summary>Says Hello and returns the answer; again when a slow machine let a handshake take too long.</summary>
    private async Task<byte[]> SayAsync(string identity, string secret)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await BrokerCall.AskAsync(
                    _site.Address, _site.BrokerKey,
                    new Hello(PeerRole.Client, Site.Team, identity, ProofKind.Secret, secret, "tests").Write,
                    TimeSpan.FromSeconds(60), CancellationToken.None);
            }
            catch (TriggerException problem) when (problem.Code == ErrorCode.BrokerUnreachable && attempt < 5)
            {
            }
        }
    }
}
