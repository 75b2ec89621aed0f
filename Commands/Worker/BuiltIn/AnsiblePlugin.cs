using System.Text.Json;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// <c>ansible/playbook</c>: a playbook by the installed client. The message is its extra variables, a JSON object, and
/// never a template: Ansible would run what stands in one.
/// </summary>
sealed class AnsiblePlugin(ProcessHost processes) : ClientProgram(processes, "ansible-playbook")
{
    private const string Words = "[A-Za-z0-9_.,:*!&@\\[\\]~-]{1,1000}";

    public override PluginManifest Manifest { get; } = BuiltInPlugins.Manifest(
        "ansible/playbook",
        "runs an Ansible playbook, with the message as its extra variables; only those that the settings allow",
        "triggerfs client -service demo -plugin ansible/playbook -args playbook=/etc/ansible/site.yml "
            + "-command '{\"version\": 7}'",
        BuiltInPlugins.PathInput("playbook"),
        BuiltInPlugins.PathInput("inventory", required: false),
        new("limit", Pattern: new(Words)),
        new("tags", Pattern: new(Words)),
        BuiltInPlugins.FlagInput("check"));

    protected override byte[] Fill(in PluginCall call, StringBlock arguments)
    {
        string playbook = Path.GetFullPath(Allowance.Find(call, "playbook")!);
        Allowance.Check(call, Name, playbook);
        AddPair(arguments, "--inventory", Allowance.Find(call, "inventory"));
        // As one word, which no option can be taken for.
        if (Allowance.Find(call, "limit") is { } limit) arguments.Add($"--limit={limit}");
        if (Allowance.Find(call, "tags") is { } tags) arguments.Add($"--tags={tags}");
        if (Allowance.Find(call, "check") == "true") arguments.Add("--check");
        AddPair(arguments, "--extra-vars", Variables(Line(call)));
        arguments.Add("--");
        arguments.Add(playbook);
        return [];
    }

    private static string? Variables(string text)
    {
        if (text.Trim().Length == 0) return null;
        try
        {
            using JsonDocument json = JsonDocument.Parse(text);
            if (HasTemplate(json.RootElement))
                throw new TriggerException(ErrorCode.NotAllowed, "the message has a template in it",
                    "Ansible runs what stands in templates, on the worker");
            if (json.RootElement.ValueKind == JsonValueKind.Object) return text;
        }
        catch (JsonException)
        {
            // As told below.
        }
        throw new TriggerException(ErrorCode.Invalid, "the message is no JSON object",
            "it is the playbook's extra variables", "send something like {\"version\": 7}, or nothing");
    }

    private static bool HasTemplate(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().Any(one => IsTemplate(one.Name) || HasTemplate(one.Value)),
        JsonValueKind.Array => json.EnumerateArray().Any(HasTemplate),
        JsonValueKind.String => IsTemplate(json.GetString()!),
        _ => false,
    };

    private static bool IsTemplate(string text) =>
        text.Contains("{{") || text.Contains("{%") || text.Contains("{#");
}
