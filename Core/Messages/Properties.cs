namespace TriggerFs.Core.Messages;

/// <summary>
/// The properties and words of statements as they travel in <see cref="Manage"/>: what the console's grammar and a
/// mount send and the broker understands. Durations are decimal milliseconds, sizes decimal bytes, permissions octal
/// digits.
/// </summary>
/// <remarks>
/// <code>
/// verb    kind       name                  property     values
/// Show    any        "" or one's name      ""           -                      all, or those of that name; for a
///                                                                              Trigger and a Directory also a path:
///                                                                              the directory's content, or the one
/// Show    Worker     identity              token        -                      identity and token in full
/// Show    Configuration: ""                ""           -                      statements, a row each: verb and kind
///                                                                              (numbers), name, property, values
/// Copy    Worker, Service                  ""           name of the new one
/// Copy    Trigger    name or path          ""           new path or name       as Rename does
/// Clear   Trigger    "" or name or path    hits         -                      all that one may change when empty
/// Monitor Worker     "" or identity        ""           -                      workers that come and go
/// Monitor Job        "" or a service       ""           -                      requests that pass
/// Monitor Service    name                  ""           -                      what its runs write
/// Request Worker     identity              restart, shutdown                   of its session; of its process
/// Show    Plugin     "" or a worker        ""           -                      of the workers that are online
/// Show    Audit      ""                    ""           - or how many lines    the newest lines, the oldest first
/// Create  Worker     identity              ""           -
/// Create  Service    name                  ""           -
/// Create  Trigger    path                  ""           -
/// Create  Directory  path                  ""           - or permissions
/// Create  Node       number of the parent  directory    name, permissions      a mount's mkdir
/// Delete  Worker, Service, Trigger, Directory           -                      a directory must be empty
/// Delete  Node       number of the parent  directory    name                   a mount's rmdir
/// Rename  Worker, Service                  ""           new name
/// Rename  Trigger, Directory, Node: path   ""           new path or name       a path that is a directory: into it;
///                                                                              a name: in the same directory
/// Rename  Node       number                ""           number of the new parent, new name
/// Set     Worker     identity              description  text
/// Set     Service    name                  algorithm, timeout, retry, on-failure, visibility, rate, description,
///                                          backoff, ttl, priority, max-inflight, on-busy, unique
/// Set     Trigger    name or path          plugin, timeout, retry, message, mode, limit, visibility,
///                                          description, backoff, ttl, priority, max-inflight, on-busy, unique,
///                                          on-full                             "" sets any from backoff on back
/// Set     Node       number or path        permissions  octal digits           chmod
/// Set     Node       of a trigger          what a Trigger has                  a mount's setfattr
/// Show    Mailbox    "" or a number        ""           -                      one's own letters, which are read by it
/// Delete  Mailbox    a number, or all      ""           -
/// Request Mailbox    ""                    note         text                   to oneself: a mount's
/// Show    DeadLetter "" or a number        ""           -
/// Show    DeadLetter a number              payload      -                      all of it, base64, a piece a row
/// Show    DeadLetter a number              output       -                      the end of what its last attempt wrote,
///                                                                              likewise
/// Request DeadLetter a number              retry        - or another trigger's path or number
/// Request DeadLetter a number              edit         text                   what is sent instead
/// Request DeadLetter a number              drop         -
/// Show    Invitation ""                    ""           -                      to the asker; to an admin the team's
/// Show    Signup     ""                    ""           -                      codes that no mail brings
/// Request Team       ""                    invite       identity or e-mail address, role
/// Request Team       ""                    leave        - or the heir
/// Request Invitation a number, or ""       accept, decline  - or the code      by whom it is for, or who has the code
/// Request Invitation a number              withdraw     -                      by an admin of the team
/// Request Worker     identity              rotate-token -                      both tokens are good until the worker
///                                                                              keeps the new one
/// Request Worker     identity              replace-token                       the old one is good no longer
/// Request Broker     ""                    announce     text                   a letter to everybody
/// Request Broker     ""                    shutdown     milliseconds, cancel
/// Create  Team       name                  ""           -                      the asker is its admin
/// Create  User       identity              ""           role, secret           admin, member or observer
/// Set     User       identity              secret       the new one, and the asker's own of now behind it when it is
///                                                       the asker's own that changes
/// Set     User       identity              role         admin, member or observer
/// Set     User       identity              disabled     true or false
/// Delete  User       identity              ""           - or the heir          out of the team; the account goes with
///                                                                              its last team
/// Add     Service    name                  workers      identities, in order
/// Remove  Service    name                  workers      identities
/// Add     Service    name                  keep         a plugin, name=value ...    a stream that runs always
/// Remove  Service    name                  keep         as it was added
/// Add     Trigger    name or path          service      the service to attach to, instead of the one before
/// Remove  Trigger    name or path          service      the service to detach from
/// Add     Node, Remove Node: as of a Trigger, by number or path
/// </code>
/// A Trigger is named by its path, or by its last component where that is unique in the team. A Node's name is a
/// decimal number, or a path, which begins with '/'.
/// </remarks>
static class Properties
{
    public const string Token = "token";
    public const string Workers = "workers";

    /// <summary>A stream that runs whether somebody listens or not.</summary>
    public const string Keep = "keep";
    public const string Service = "service";
    public const string Plugin = "plugin";
    public const string Algorithm = "algorithm";
    public const string Timeout = "timeout";
    public const string Retry = "retry";

    /// <summary>Such as <c>1s..5m</c>: how long a message that failed waits for its next attempt.</summary>
    public const string Backoff = "backoff";

    /// <summary>In milliseconds: how old a message may become before it is given up.</summary>
    public const string Ttl = "ttl";

    /// <summary>0 to 9; what has more goes first.</summary>
    public const string Priority = "priority";

    /// <summary>How many may run at once.</summary>
    public const string MaxInflight = "max-inflight";

    /// <summary><c>queue</c>, <c>reject</c>, <c>drop</c> or <c>replace</c>.</summary>
    public const string OnBusy = "on-busy";

    /// <summary><c>on</c> or <c>off</c>.</summary>
    public const string Unique = "unique";

    /// <summary><c>refuse</c> or <c>drop-oldest</c>.</summary>
    public const string OnFull = "on-full";

    /// <summary><c>continue</c> or <c>stop</c>.</summary>
    public const string OnFailure = "on-failure";

    /// <summary><c>local</c>, <c>team</c> or <c>public</c>.</summary>
    public const string Visibility = "visibility";

    /// <summary>
    /// Such as <c>60/m</c>, or <c>none</c>: how often each user of another team may call it; empty for what it was.
    /// </summary>
    public const string Rate = "rate";
    public const string Description = "description";

    /// <summary><c>write</c>, <c>line</c> or <c>close</c>.</summary>
    public const string Message = "message";

    /// <summary><c>async</c> or <c>sync</c>.</summary>
    public const string Mode = "mode";

    /// <summary>Bytes of one message.</summary>
    public const string Limit = "limit";
    public const string Permissions = "permissions";
    public const string Directory = "directory";
    public const string Secret = "secret";
    public const string Invite = "invite";
    public const string Leave = "leave";
    /// <summary>Of a dead letter: it is forgotten.</summary>
    public const string Drop = "drop";

    /// <summary>
    /// All messages of a trigger, or of a service's requests for later, that were given up: they are sent again.
    /// </summary>
    public const string RetryDead = "retry-dead-letters";

    /// <summary>The same: they are forgotten.</summary>
    public const string DropDead = "drop-dead-letters";

    /// <summary>Of a dead letter: it says something else, and is sent again.</summary>
    public const string Edit = "edit";

    /// <summary>Of a dead letter: the whole of it, base64, in pieces.</summary>
    public const string Payload = "payload";

    /// <summary>Of a dead letter: the end of what its last attempt wrote, base64, in pieces.</summary>
    public const string Output = "output";

    /// <summary>Of the mailbox: a letter of a program to its user.</summary>
    public const string Note = "note";
    public const string Accept = "accept";
    public const string Decline = "decline";
    public const string Withdraw = "withdraw";
    public const string RotateToken = "rotate-token";
    public const string ReplaceToken = "replace-token";
    public const string Announce = "announce";

    /// <summary>Of the broker, in milliseconds or <c>cancel</c>; of a worker, without a value.</summary>
    public const string Shutdown = "shutdown";
    public const string Restart = "restart";
    public const string Hits = "hits";

    /// <summary><c>admin</c>, <c>member</c> or <c>observer</c>.</summary>
    public const string Role = "role";

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public const string Disabled = "disabled";
    public const string Plan = "plan";
}
