using System.CommandLine;
using TriggerFs.Broker.Access;
using TriggerFs.Core;

namespace TriggerFs.Commands;

/// <summary>Makes a new installation: state folder, keys, database, the first team and its admin, settings.</summary>
sealed class InitCommand : Command
{
    private const string About = """
        make a new installation: a broker's state, the first team and its admin, settings

        triggerfs init --team team1 --identity admin
        triggerfs init --team team1 --identity admin --dir ./try --listen tcp://127.0.0.1:7001
        """;

    private readonly SharedOptions _shared;
    private readonly Option<string?> _identity =
        SharedOptions.Text("identity", "I", "the first user, the team's admin");
    private readonly Option<string?> _secretFile =
        SharedOptions.Text("secret-file", "FILE", "read the secret from FILE, - for standard input (else asked for)");
    private readonly Option<string?> _folder = SharedOptions.Text("dir", "FOLDER", "put everything below FOLDER");
    private readonly Option<string?> _listen =
        SharedOptions.Text("listen", "ADDRESS", "where the broker listens (default tcp://*:5555)");

    public InitCommand(SharedOptions shared) : base("init", About)
    {
        _shared = shared;
        foreach (Option option in (Option[])[_identity, _secretFile, _folder, _listen]) Options.Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        TeamName team = TeamName.Parse(_shared.Team(parsed) ?? throw Needed("--team T"));
        UserName admin = UserName.Parse(parsed.GetValue(_identity) ?? throw Needed("--identity I"));
        string listen = TcpAddress.ParseListen(parsed.GetValue(_listen) ?? "tcp://*:5555");
        _ = TcpAddress.Parse(NewInstallation.AddressFrom(listen)); // Port 0 listens, but is no address to write down.
        var places = InstallationPlaces.Of(
            parsed.GetValue(_folder), Environment.GetEnvironmentVariable, Environment.IsPrivilegedProcess);
        if (_shared.ConfigFile(parsed) is { } file) places = places with { SettingsFile = Path.GetFullPath(file) };
        NewInstallation.RefuseExisting(places);
        string secret = await SecretPrompt.NewSecretAsync(parsed.GetValue(_secretFile), admin.Value, stop);
        if (secret.Length is > 0 and < Secrets.AdvisedMin)
            Console.Error.WriteLine(
                $"triggerfs: warning: the secret is short; {Secrets.AdvisedMin} characters or more are better");
        string key = new NewInstallation(places, team, admin, secret, listen).Make();
        if (parsed.GetValue(_shared.Output) != OutputFormat.Text) PrintJson(places, listen, key);
        else PrintText(places, listen, key, admin.Value, team.Value);
        return ExitCodes.Ok;
    }

    private static void PrintText(InstallationPlaces places, string listen, string key, string admin, string team)
    {
        string? found = SettingsFile.Find(null, Environment.GetEnvironmentVariable);
        string export = found is not null && Path.GetFullPath(found) == places.SettingsFile
            ? ""
            : $"  export TRIGGERFS_CONFIG={Shell.Quote(places.SettingsFile)}\n";
        Console.Out.Write($"""
            Installed: team {team} and its admin {admin}.
              settings    {places.SettingsFile}
              state       {places.StateFolder}
              broker key  {key}

            Start the broker:
            {export}  triggerfs broker

            Then, in another terminal, make a worker and see its token:
            {export}  triggerfs cli -c 'set workers identity demo01' -c 'show workers demo01 token'

            Where the worker shall run, triggerfs.toml needs this, and: triggerfs worker -identity demo01
              [main]
              broker = "{NewInstallation.AddressFrom(listen)}"   # from another host: this host's name or address
              brokerkey = "{key}"
              [workers.{team}.demo01]
              token = "the token"

            """);
    }

    private static void PrintJson(InstallationPlaces places, string listen, string key) =>
        Console.Out.WriteLine(WrittenJson.Text(json =>
        {
            json.WriteStartObject();
            json.WriteString("settings", places.SettingsFile);
            json.WriteString("state", places.StateFolder);
            json.WriteString("listen", listen);
            json.WriteString("brokerkey", key);
            json.WriteEndObject();
        }));

    private static TriggerException Needed(string option) => new(ErrorCode.Usage, $"{option} is needed",
        fix: "triggerfs init --team team1 --identity admin");
}
