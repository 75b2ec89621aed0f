using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary><c>system/service</c>: <c>systemctl</c> for the units that the worker's settings allow.</summary>
sealed class ServicePlugin(ProcessHost processes) : ClientProgram(processes, "systemctl")
{
    private static readonly string[] Actions = ["start", "stop", "restart", "reload", "status"];

    public override PluginManifest Manifest { get; } = BuiltInPlugins.Manifest(
        "system/service",
        "starts, stops, restarts, reloads or shows a unit of systemd; only those that the settings allow",
        "triggerfs client -service demo -plugin system/service -args service=nginx -command status",
        new PluginInput(
            "service", Required: true, Pattern: new(@"[A-Za-z0-9_][A-Za-z0-9_.@:\\-]{0,254}")),
        new("action", Pattern: new(string.Join('|', Actions))));

    protected override byte[] Fill(in PluginCall call, StringBlock arguments)
    {
        string service = Allowance.Find(call, "service")!;
        Allowance.Check(call, Name, service);
        string action = Allowance.Find(call, "action") ?? Line(call).Trim();
        if (!Actions.Contains(action))
            throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(action)}' is nothing to do with a service",
                fix: $"send one of {string.Join(", ", Actions)}");
        foreach (string argument in (string[])["--no-ask-password", "--no-pager", "--full", action, "--", service])
            arguments.Add(argument);
        return [];
    }
}
