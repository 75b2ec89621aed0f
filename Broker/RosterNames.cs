using System.Diagnostics.CodeAnalysis;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker;

/// <summary>
/// The services of every team by name, each worker's service of one among them, found from a message's bytes without
/// allocating. One map for both is also the rule that a service never has a worker's name.
/// </summary>
sealed class RosterNames
{
    private readonly Dictionary<Key, Service> _byName = new(KeyComparer.Instance);
    private readonly Dictionary<Key, Service>.AlternateLookup<Bytes> _byBytes;

    public RosterNames() => _byBytes = _byName.GetAlternateLookup<Bytes>();

    public bool TryFind(TeamId team, ReadOnlySpan<byte> utf8Name, [NotNullWhen(true)] out Service? service) =>
        _byBytes.TryGetValue(new(team, utf8Name), out service);

    public bool TryFind(TeamId team, string name, [NotNullWhen(true)] out Service? service) =>
        _byName.TryGetValue(new(team, name), out service);

    public void Put(Service service) => _byName[new(service.Team, service.Name.Value)] = service;

    public void Drop(TeamId team, string name) => _byName.Remove(new(team, name));

    private readonly record struct Key(TeamId Team, string Name);

    private readonly ref struct Bytes(TeamId team, ReadOnlySpan<byte> name)
    {
        public readonly TeamId Team = team;
        public readonly ReadOnlySpan<byte> Name = name;
    }

    /// <summary>Equal for a name and its bytes: names are ASCII, so a character is a byte.</summary>
    private sealed class KeyComparer : IEqualityComparer<Key>, IAlternateEqualityComparer<Bytes, Key>
    {
        public static readonly KeyComparer Instance = new();

        public bool Equals(Key x, Key y) => x == y;

        public int GetHashCode(Key key)
        {
            uint hash = Seed(key.Team);
            foreach (char letter in key.Name) hash = Step(hash, letter);
            return (int)hash;
        }

        public bool Equals(Bytes alternate, Key other) =>
            alternate.Team == other.Team && System.Text.Ascii.Equals(alternate.Name, other.Name);

        public int GetHashCode(Bytes alternate)
        {
            uint hash = Seed(alternate.Team);
            foreach (byte letter in alternate.Name) hash = Step(hash, letter);
            return (int)hash;
        }

        public Key Create(Bytes alternate) => throw new NotSupportedException("names are put in as text");

        // FNV-1a: only members of the team choose the names that are kept, so collisions cannot be planted by
        // strangers.
        private static uint Seed(TeamId team) => 2166136261u ^ (uint)team.Value;

        private static uint Step(uint hash, uint letter) => (hash ^ letter) * 16777619u;
    }
}
