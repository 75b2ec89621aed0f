using TriggerFs.Broker;
using TriggerFs.Core.Model;

namespace TriggerFs.Tests.Broker.State;

/// <summary>What becomes of the messages of the queue on a disk, as the store does it.</summary>
static class Disks
{
    /// <summary>What a broker that starts finds, and what is on the disk from then on.</summary>
    public static StoredState Load(ref StoredState disk)
    {
        StoredState found = disk.EndedQuietly || disk.Messages.Count == 0
            ? disk : disk with { UncertainUpTo = disk.Messages.Max(message => message.Id) };
        disk = found with { EndedQuietly = false };
        return found;
    }

    public static StoredState After(StoredState stored, IReadOnlyList<Change> changes)
    {
        var messages = stored.Messages.ToDictionary(message => message.Id);
        var letters = stored.DeadLetters.ToDictionary(letter => letter.Id);
        var spools = stored.Spools.ToDictionary(mark => (mark.Team, mark.User, mark.Spool));
        foreach (Change change in changes)
        {
            if (change is Change.PutMessage put) messages[put.Message.Id] = put.Message;
            else if (change is Change.DropMessage drop) messages.Remove(drop.Id);
            else if (change is Change.PutDeadLetter dead) letters[dead.Letter.Id] = dead.Letter;
            else if (change is Change.DropDeadLetter forgotten) letters.Remove(forgotten.Id);
            else if (change is Change.PutSpool { Mark: var mark }) spools[(mark.Team, mark.User, mark.Spool)] = mark;
        }
        return stored with
        {
            EndedQuietly = stored.EndedQuietly || changes.OfType<Change.EndQuietly>().Any(),
            Messages = [.. messages.Values.OrderBy(message => message.Id)],
            DeadLetters = [.. letters.Values],
            Spools = [.. spools.Values],
            LastId = Math.Max(stored.LastId, changes.OfType<Change.PutMessage>().Select(put => put.Message.Id)
                .DefaultIfEmpty().Max()),
        };
    }
}
