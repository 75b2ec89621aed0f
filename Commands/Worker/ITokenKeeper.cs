namespace TriggerFs.Commands.Worker;

/// <summary>Where a worker puts a new token, so that it has it when it is started again.</summary>
interface ITokenKeeper
{
    /// <summary>Keeps the token, or throws a <see cref="Core.TriggerException"/> why it cannot be kept.</summary>
    void Keep(string token);
}

/// <summary>Keeps nothing: who starts the worker asks the broker for its token each time.</summary>
sealed class NoTokenKeeper : ITokenKeeper
{
    public void Keep(string token)
    {
    }
}
