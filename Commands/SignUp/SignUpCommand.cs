using System.CommandLine;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.SignUp;

/// <summary>
/// Makes an account at a broker and the settings that go with it: what the installer of 2018 did, in the terminal or,
/// with options, in a script.
/// </summary>
sealed class SignUpCommand : Command
{
    private const string About = """
        make an account at a broker, and the settings for it

        triggerfs signup
        triggerfs signup --broker tcp://broker.example.com:5555 --brokerkey KEY --email bob@example.com
        """;

    private readonly SharedOptions _shared;
    private readonly Option<string?> _identity =
        SharedOptions.Text("identity", "I", "the identity to sign in with: at least 5 letters and digits");
    private readonly Option<string?> _name = SharedOptions.Text("name", "NAME", "your name, for people");
    private readonly Option<string?> _email = SharedOptions.Text("email", "ADDRESS", "your e-mail address");
    private readonly Option<string?> _code =
        SharedOptions.Text("code", "CODE", "the activation code (without it, one is asked for)");
    private readonly Option<string?> _secretFile =
        SharedOptions.Text("secret-file", "FILE", "read the secret from FILE, - for standard input (else asked for)");

    public SignUpCommand(SharedOptions shared) : base("signup", About)
    {
        _shared = shared;
        foreach (Option option in (Option[])[_identity, _name, _email, _code, _secretFile]) Options.Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        string file = FileOf(parsed);
        RefuseExisting(file);
        var form = new SignUpForm(!Console.IsInputRedirected && parsed.GetValue(_secretFile) != "-");
        BrokerAddress broker = await BrokerAsync(parsed, form, stop);
        var calls = new SignUpCalls(broker);
        string email = await form.AskAsync(
            parsed.GetValue(_email), "E-mail address: ", "--email", text => EmailAddress.Parse(text).Value, stop);
        string? code = parsed.GetValue(_code);
        if (code is null)
        {
            Console.Error.WriteLine(Cli.Visible.Escape(await calls.AskCodeAsync(email, stop)));
            if (!form.IsTerminal) return ExitCodes.Ok;
            code = await form.AskAsync(null, "Activation code: ", "--code", Code, stop);
        }
        (Activated made, string secret) = await MakeAsync(parsed, form, calls, email, Code(code), stop);
        Write(file, made, secret, broker);
        Print(parsed, file, made);
        return ExitCodes.Ok;
    }

    /// <summary>Asks for what is missing, and makes the account; asks again when a name is not free.</summary>
    private async Task<(Activated Made, string Secret)> MakeAsync(
        ParseResult parsed, SignUpForm form, SignUpCalls calls, string email, string code, CancellationToken stop)
    {
        string? identity = parsed.GetValue(_identity), team = _shared.Team(parsed), secret = null;
        string name = await form.AskAsync(
            parsed.GetValue(_name) ?? (form.IsTerminal ? null : ""), "Your name: ", "--name", PersonName.Parse, stop);
        while (true)
        {
            UserName who = await form.AskAsync(identity, "Identity (at least 5 letters and digits): ", "--identity",
                UserName.ParseChosen, stop);
            team = await form.AskAsync(team ?? (form.IsTerminal ? null : ""),
                "Name of a team of your own (empty: the one that you are invited into): ", "--team", Team, stop);
            secret ??= await form.SecretAsync(parsed.GetValue(_secretFile), who.Value, stop);
            try
            {
                return (await calls.ActivateAsync(
                    new(email, code, who.Value, name, secret, team, Software.Name), stop), secret);
            }
            catch (TriggerException problem) when (problem.Code == ErrorCode.Exists && form.IsTerminal)
            {
                SignUpForm.Say(problem);
                identity = team = null;
            }
        }
    }

    private async Task<BrokerAddress> BrokerAsync(ParseResult parsed, SignUpForm form, CancellationToken stop)
    {
        MainSettings known = _shared.ReadAround(parsed).Main;
        return new(
            await form.AskAsync(known.Broker, "Broker (tcp://host:5555): ", "--broker", TcpAddress.Parse, stop),
            await form.AskAsync(known.BrokerKey, "Its public key: ", "--brokerkey", SettingKeys.BrokerKey, stop));
    }

    private string FileOf(ParseResult parsed) => Path.GetFullPath(
        _shared.ConfigFile(parsed) ?? Environment.GetEnvironmentVariable("TRIGGERFS_CONFIG") ?? InstallationPlaces.Of(
            null, Environment.GetEnvironmentVariable, Environment.IsPrivilegedProcess).SettingsFile);

    private static void RefuseExisting(string file)
    {
        if (File.Exists(file))
            throw new TriggerException(ErrorCode.Exists, $"there are settings already: {file}",
                "nothing is ever overwritten", "add --config FILE for other ones, or move them away");
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new TriggerException(ErrorCode.Settings, $"the settings cannot be written to {file}",
                problem.Message, "add --config FILE for a place that you may write to", problem);
        }
    }

    private static void Write(string file, Activated made, string secret, BrokerAddress broker)
    {
        try
        {
            SecretFile.WriteNew(file, SettingsFile.UserText(
                new MainSettings(made.Team, made.Identity, secret, Jwt: null, broker.Address, broker.Key)));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or TriggerException)
        {
            throw new TriggerException(ErrorCode.Settings,
                $"the account {made.Identity} is made, and its settings cannot be written to {file}", problem.Message,
                $"write them yourself: team {made.Team}, identity {made.Identity}, your secret, broker, brokerkey",
                problem);
        }
    }

    private void Print(ParseResult parsed, string file, Activated made)
    {
        if (parsed.GetValue(_shared.Output) != OutputFormat.Text)
        {
            Console.Out.WriteLine(Json(file, made));
            return;
        }
        string? found = SettingsFile.Find(null, Environment.GetEnvironmentVariable);
        string export = found is not null && Path.GetFullPath(found) == file
            ? "" : $"  export TRIGGERFS_CONFIG={Shell.Quote(file)}\n";
        Console.Out.Write($"""
            Signed up: {Cli.Visible.Escape(made.Notice)}.
              identity    {made.Identity}
              settings    {file}

            Go on with:
            {export}  triggerfs cli

            """);
    }

    private static string Json(string file, Activated made) => WrittenJson.Text(json =>
    {
        json.WriteStartObject();
        json.WriteString("team", made.Team);
        json.WriteString("identity", made.Identity);
        json.WriteString("settings", file);
        json.WriteEndObject();
    });

    private static string Team(string text) => text.Length == 0 ? "" : TeamName.Parse(text).Value;

    private static string Code(string text) =>
        text.Length is > 0 and <= Activate.CodeMax && text.All(char.IsAscii) ? text
            : throw new TriggerException(ErrorCode.Invalid, "this is no activation code",
                fix: "it looks like K7QX-3M9P-ABCD");
}
