using System.Text.Json;
using System.Text.Json.Serialization;

namespace TriggerFs.Commands.Worker.Plugins;

/// <summary>A manifest as it stands in its file; what is not known is kept, to be told.</summary>
sealed class ManifestText
{
    public string? Name { get; set; }

    public string? Version { get; set; }

    public string? Description { get; set; }

    public string? Author { get; set; }

    public string? Licence { get; set; }

    public string? Contract { get; set; }

    public List<InputText>? Inputs { get; set; }

    public string? Timeout { get; set; }

    public string? Invocation { get; set; }

    public List<string>? Platforms { get; set; }

    public bool Stream { get; set; }

    public int? Processes { get; set; }

    public int? Runs { get; set; }

    public string? Idle { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>One input as it stands in a manifest.</summary>
sealed class InputText
{
    public string? Name { get; set; }

    public string? Type { get; set; }

    public bool Required { get; set; }

    /// <summary>A text, a number, true or false.</summary>
    public JsonElement? Default { get; set; }

    public string? Pattern { get; set; }

    public bool Secret { get; set; }

    /// <summary><c>environment</c>, or <c>fd</c>.</summary>
    public string? Pass { get; set; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Unknown { get; set; }
}

/// <summary>The JSON of manifests.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, MaxDepth = 8)]
[JsonSerializable(typeof(ManifestText))]
sealed partial class ManifestJson : JsonSerializerContext;
