namespace TriggerFs.Broker.Access;

/// <summary>A new secret that is to be hashed, once the asker has proved the one of now where that is needed.</summary>
/// <param name="New">The new secret; not checked yet.</param>
/// <param name="Current">What the asker says is the own secret of now; null when it is not needed.</param>
/// <param name="CurrentHash">What is stored of that.</param>
/// <param name="Asker">Who asks, as <c>team/identity</c>: too many wrong guesses have to wait.</param>
/// <param name="Address">Where the asker is.</param>
sealed record SecretOrder(string New, string? Current, string CurrentHash, string Asker, string Address)
{
    /// <summary>Without the secrets, so that no log can have them.</summary>
    public override string ToString() => $"secret ordered by {Asker}";
}
