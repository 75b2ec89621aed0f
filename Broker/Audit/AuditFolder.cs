using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace TriggerFs.Broker.Audit;

/// <summary>
/// The names in the folder of the audit: <c>audit.jsonl</c> is written to, <c>audit.000000000001.jsonl</c> and so on
/// are full, named by their first line, and <c>head</c> tells the last line, so that one that is missing at the end
/// shows.
/// </summary>
sealed class AuditFolder(string path)
{
    public string Path => path;

    /// <summary>The file that lines are added to.</summary>
    public string Current { get; } = System.IO.Path.Join(path, "audit.jsonl");

    public string HeadFile { get; } = System.IO.Path.Join(path, "head");

    /// <summary>The name of a full file by the number of its first line.</summary>
    public string Full(long first) =>
        System.IO.Path.Join(path, $"audit.{first.ToString("D12", CultureInfo.InvariantCulture)}.jsonl");

    /// <summary>The full files, the oldest first.</summary>
    public string[] FullFiles() => !Directory.Exists(path) ? []
        : [.. Directory.EnumerateFiles(path, "audit.*.jsonl").Order(StringComparer.Ordinal)];

    /// <summary>All files that are there, the oldest first.</summary>
    public string[] Files() => File.Exists(Current) ? [.. FullFiles(), Current] : FullFiles();

    /// <summary>What is written down of the last line; null when nothing can be read.</summary>
    public AuditHead? ReadHead()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(HeadFile), AuditHeadJson.Default.AuditHead);
        }
        catch (Exception problem) when (problem is IOException or JsonException)
        {
            return null;
        }
    }
}

/// <summary>The last line: its number and its hash.</summary>
sealed record AuditHead(
    [property: JsonPropertyName("seq")] long Seq, [property: JsonPropertyName("hash")] string Hash)
{
    /// <summary>Always of the same length, so that it is written over in one piece.</summary>
    public string Text => $"{{\"seq\":{Seq,19},\"hash\":\"{Hash}\"}}\n";
}

/// <summary>The JSON of the head.</summary>
[JsonSerializable(typeof(AuditHead))]
sealed partial class AuditHeadJson : JsonSerializerContext;
