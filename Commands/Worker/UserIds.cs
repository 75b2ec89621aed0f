using System.Globalization;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker;

/// <summary>A user as the kernel knows it: its number, and those of its groups.</summary>
/// <remarks>
/// Read from /etc/passwd and /etc/group, not by the C library: it would load modules of the system's (LDAP, …), which a
/// static program cannot.
/// </remarks>
sealed record UserIds(uint User, uint Group, uint[] Groups)
{
    private const string PasswdFile = "/etc/passwd", GroupFile = "/etc/group";

    /// <summary>The user of a name, or of <c>UID:GID</c>.</summary>
    public static UserIds Find(string user)
    {
        if (user.Split(':') is [var uid, var gid] && Number(uid) is { } number && Number(gid) is { } group)
            return new(number, group, [group]);
        foreach (string line in File.ReadLines(PasswdFile))
            if (line.Split(':') is [var name, _, var id, var own, ..] && name == user
                && Number(id) is { } found && Number(own) is { } primary)
                return new(found, primary, [primary, .. GroupsOf(user).Where(one => one != primary)]);
        throw new TriggerException(ErrorCode.Settings, $"there is no user '{NameRule.Shown(user)}'",
            $"{PasswdFile} does not have it", "name one that it has, or write UID:GID");
    }

    /// <summary>What <see cref="ToString"/> wrote.</summary>
    public static UserIds Parse(string text)
    {
        uint[] numbers = [.. text.Split(':').Select(one => uint.Parse(one, CultureInfo.InvariantCulture))];
        return new(numbers[0], numbers[1], numbers[2..]);
    }

    /// <summary>Makes this process that user's, for good; false when it may not, and errno says why.</summary>
    public unsafe bool Become()
    {
        fixed (uint* groups = Groups)
            if (Native.SetGroups(Groups.Length, groups) < 0) return false;
        return Native.SetGroup(Group, Group, Group) == 0 && Native.SetUser(User, User, User) == 0;
    }

    public override string ToString() =>
        string.Join(':', Groups.Prepend(Group).Prepend(User).Select(one => one.ToString(CultureInfo.InvariantCulture)));

    private static IEnumerable<uint> GroupsOf(string user)
    {
        foreach (string line in File.ReadLines(GroupFile))
            if (line.Split(':') is [_, _, var id, var members] && members.Split(',').Contains(user)
                && Number(id) is { } group)
                yield return group;
    }

    private static uint? Number(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) ? number : null;
}
