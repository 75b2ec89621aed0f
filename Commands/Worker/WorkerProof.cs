namespace TriggerFs.Commands.Worker;

/// <summary>The token with which a worker proves itself at each connection; from any thread.</summary>
sealed class WorkerProof(string token, ITokenKeeper keeper)
{
    private readonly Lock _lock = new();
    private volatile string _token = token;

    public string Token => _token;

    /// <summary>Keeps a new token, and proves itself with it from then on; throws why it cannot be kept.</summary>
    public void Keep(string token)
    {
        lock (_lock)
        {
            string known = SettingKeys.Token(token);
            if (known == _token) return;
            keeper.Keep(known);
            _token = known;
        }
    }
}
