using TriggerFs.Core;

namespace TriggerFs.Broker.Audit;

/// <summary>Looks through the files from the end, while they may be written to.</summary>
static class AuditReader
{
    /// <summary>How often it begins again when files are renamed or removed meanwhile.</summary>
    private const int TriesMax = 5;

    /// <summary>The newest lines that fit, the oldest of them first.</summary>
    public static List<AuditEntry> Last(AuditFolder folder, AuditQuery query)
    {
        for (int tries = 1; ; tries++)
        {
            string[] full = folder.FullFiles();
            try
            {
                List<AuditEntry> found = TryLast(folder, query);
                if (tries == TriesMax || folder.FullFiles().SequenceEqual(full)) return found;
            }
            catch (FileNotFoundException) when (tries < TriesMax)
            {
                // It was renamed, or removed, a moment ago.
            }
        }
    }

    private static List<AuditEntry> TryLast(AuditFolder folder, AuditQuery query)
    {
        var found = new List<AuditEntry>();
        int bytes = 0;
        foreach (string path in folder.Files().Reverse())
        {
            byte[] lines = File.ReadAllBytes(path);
            for (int end = Array.LastIndexOf(lines, (byte)'\n'); end > 0;)
            {
                int before = Array.LastIndexOf(lines, (byte)'\n', end - 1);
                bytes += Add(lines.AsSpan((before + 1)..end), query, found);
                if (found.Count >= query.Count || bytes > AuditQuery.BytesMax) return Ordered(found);
                end = before;
            }
        }
        return Ordered(found);
    }

    private static int Add(ReadOnlySpan<byte> line, AuditQuery query, List<AuditEntry> found)
    {
        if (AuditLine.TryRead(line, out _) is not { } entry || !query.Fits(entry)) return 0;
        found.Add(entry);
        return line.Length;
    }

    private static List<AuditEntry> Ordered(List<AuditEntry> found)
    {
        found.Reverse();
        return found;
    }
}
