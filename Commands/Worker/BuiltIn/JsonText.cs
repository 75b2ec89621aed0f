using System.Text.Json;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>A value of JSON as text.</summary>
static class JsonText
{
    /// <summary>A text without its quotes, and everything else as it stands there.</summary>
    public static string Of(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
