using System.Globalization;
using TriggerFs.Broker.Access;
using TriggerFs.Broker.Statements;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Audit;

/// <summary>
/// The properties of a thing as texts: all that a statement can set. A secret is a mark that changes when the secret
/// does, and says nothing of it.
/// </summary>
sealed class Fields(string name)
{
    private readonly SortedDictionary<string, string> _texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> _lists = [];

    public string Name => name;

    /// <summary>Those that are not empty, by their names.</summary>
    public SortedDictionary<string, string> Texts
    {
        get
        {
            var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
            foreach ((string property, string text) in _texts)
                if (text.Length > 0) texts[property] = AuditText.Clean(text);
            foreach ((string property, string[] items) in _lists)
                if (items.Length > 0) texts[property] = AuditText.Clean(string.Join(' ', items));
            return texts;
        }
    }

    /// <summary>The names of the properties; of a list, with each of its items.</summary>
    public IEnumerable<string> Words =>
        [.. _texts.Keys, .. _lists.SelectMany(list => list.Value.Select(item => $"{list.Key} {item}"))];

    public static Fields Of(Team team) => new(team.Name.Value)
    {
        ["name"] = team.Name.Value,
        ["plan"] = team.Plan.Name,
    };

    public static Fields Of(User user) => new(user.Name.Value)
    {
        ["name"] = user.Name.Value,
        ["secret"] = Claims.MarkOf(user) + (user.SecretIsOwn ? "" : ", set by somebody else"),
        ["full name"] = user.FullName,
        ["email"] = user.Email,
        ["state"] = user.Disabled ? "disabled" : "active",
    };

    public static Fields Of(string user, Membership place) => new(user)
    {
        ["role"] = Values.Word(place.Role),
        ["state"] = place.Disabled ? "disabled" : "active",
    };

    public static Fields Of(Roster roster, Invitation invitation) => new(invitation.Address)
    {
        ["role"] = Values.Word(invitation.Role),
        ["by"] = invitation.By is { } by ? roster.NameOf(by) : "",
    };

    /// <summary>What a letter says is its reader's business.</summary>
    public static Fields Of(string reader, Letter letter) => new(reader)
    {
        ["about"] = letter.Kind.ToString().ToLowerInvariant(),
        ["state"] = letter.IsRead ? "read" : "new",
    };

    public static Fields Of(Roster roster, Worker worker) => new(worker.Name.Value)
    {
        ["name"] = worker.Name.Value,
        ["description"] = worker.Description,
        ["token"] = Claims.GenerationOf(worker),
        ["next token"] = worker.IsRotating ? Claims.MarkOfNext(worker) : "",
        ["owner"] = roster.NameOf(worker.Owner),
    };

    public static Fields Of(Roster roster, Service service, Func<WorkerId, string> nameOf)
    {
        var fields = new Fields(service.Name.Value)
        {
            ["name"] = service.Name.Value,
            ["description"] = service.Description,
            ["algorithm"] = Values.Word(service.Algorithm),
            ["on-failure"] = Values.Word(service.OnFailure),
            ["timeout"] = Ms(service.TimeoutMs),
            ["retry"] = Number(service.Retry),
            ["visibility"] = Values.Word(service.Visibility),
            ["rate"] = service.CallRate.ToString(),
            ["owner"] = roster.NameOf(service.Owner),
        };
        fields.Add(service.Delivery);
        fields._lists["keep"] = [.. service.Keep.Select(static kept => kept.ToString())];
        fields._lists["workers"] = [.. service.Workers.Select(nameOf)];
        return fields;
    }

    public static Fields Of(Roster roster, Node node, string path, Func<ServiceId, string> nameOf)
    {
        var fields = new Fields(path)
        {
            ["path"] = path,
            ["permissions"] = Values.Octal(node.Mode),
            ["owner"] = roster.NameOf(node.Owner),
        };
        if (node.Trigger is not { } rules) return fields;
        fields["description"] = rules.Description;
        fields["plugin"] = rules.Plugin;
        fields["service"] = rules.Service is { } service ? nameOf(service) : "";
        fields["timeout"] = Ms(rules.TimeoutMs);
        fields["retry"] = Number(rules.Retry);
        fields["message"] = Values.Word(rules.Messages);
        fields["mode"] = Values.Mode(rules.Synchronous);
        fields["visibility"] = Values.Word(rules.Visibility);
        fields.Add(rules.Delivery);
        return fields;
    }

    public static Fields OfHits(string path, ulong count) =>
        new(path) { ["hits"] = count.ToString(CultureInfo.InvariantCulture) };

    private string this[string property]
    {
        set => _texts[property] = value;
    }

    private void Add(Delivery delivery)
    {
        foreach (string property in DeliveryCells.Properties) this[property] = "";
        foreach ((string property, string value) in delivery.Settings)
            this[property] = property == Properties.Ttl ? $"{value} ms" : value;
    }

    /// <summary>Of a thing that changed, what differs; of a long list, what is gone and what is new.</summary>
    public static void KeepDifferences(Fields before, Fields after)
    {
        foreach (string property in before._texts.Keys.Intersect(after._texts.Keys).ToArray())
        {
            if (before._texts[property] != after._texts[property]) continue;
            before._texts.Remove(property);
            after._texts.Remove(property);
        }
        foreach (string property in before._lists.Keys.Intersect(after._lists.Keys).ToArray())
        {
            (string[] old, string[] now) = (before._lists[property], after._lists[property]);
            bool isReordered = !old.SequenceEqual(now) && old.ToHashSet().SetEquals(now);
            if (isReordered) continue;
            before._lists[property] = [.. old.Except(now)];
            after._lists[property] = [.. now.Except(old)];
        }
    }

    private static string Ms(uint ms) => ms == 0 ? "" : Duration.Print(TimeSpan.FromMilliseconds(ms));

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
