namespace TriggerFs.Core;

/// <summary>
/// The limits on everything that a peer, a file or the kernel hands us, each with its reason. Over a limit is a clear
/// error, never a truncation. They are checked at the edge, before anything is allocated.
/// </summary>
static class Limits
{
    /// <summary>Bytes in a name (worker, service, user, team): fits a u8 length and a table's column.</summary>
    public const int NameMax = 64;

    /// <summary>Bytes in one component of a path: what Linux allows in a file name.</summary>
    public const int FileNameMax = 255;

    /// <summary>Bytes in a whole trigger path or a plugin's name: well below PATH_MAX, 4,096.</summary>
    public const int PathMax = 1024;

    /// <summary>Directories above a trigger: deep enough for people, shallow enough for recursion.</summary>
    public const int PathDepthMax = 32;

    /// <summary>
    /// Bytes in a value of a statement, an argument, an error's line: one u16, minus room for the rest.
    /// </summary>
    public const int TextMax = 32 * 1024;

    /// <summary>Arguments of one request (<c>-args k=v</c>): more is a payload.</summary>
    public const int ArgsMax = 256;

    /// <summary>Bytes of one request's payload, and of one message to a trigger whose limit nobody raised.</summary>
    public const int PayloadMax = 1024 * 1024;

    /// <summary>
    /// Bytes of one message to a trigger, however high its limit is set: a photo, a dump of a small database. It is in
    /// memory whole, three or four times on its way, and others wait behind it on the same connection.
    /// </summary>
    public const int TriggerLimitMax = 16 * 1024 * 1024;

    /// <summary>
    /// Bytes of output in one message: small enough that others get their turn on the same connection.
    /// </summary>
    public const int OutputChunkMax = 64 * 1024;

    /// <summary>
    /// Bytes of output that a run may have under way unread, at the most; also what a worker keeps for a replay.
    /// </summary>
    public const int OutputWindow = 512 * 1024;

    /// <summary>
    /// The same, for each of very many runs of one session: enough for a line to be worth its message.
    /// </summary>
    public const int OutputWindowMin = 32 * 1024;

    /// <summary>
    /// Bytes that a reader may consume without saying so: a quarter of the smallest window, because it does not know
    /// how large its runs' windows are.
    /// </summary>
    public const int OutputCreditStep = OutputWindowMin / 4;

    /// <summary>
    /// Bytes of output that all runs of one session may have under way together, as far as the smallest window allows:
    /// a quarter of what may wait for a peer, so that a session that reads slowly is slowed and not closed.
    /// </summary>
    public const int SessionOutputMax = PeerQueueMax / 4;

    /// <summary>Bytes of one message, all included: a payload, its arguments and its header.</summary>
    public const int MessageMax = PayloadMax + MessageRest;

    /// <summary>
    /// The same, for who may send or get the largest payload of a trigger: users of a team that has such a trigger, and
    /// who trusts its broker.
    /// </summary>
    public const int LargeMessageMax = TriggerLimitMax + MessageRest;

    /// <summary>Bytes of one message before its sender has said Hello: a stranger gets no memory.</summary>
    public const int StrangerMessageMax = 8 * 1024;

    /// <summary>
    /// Requests of one sender that are under way up to which it waits for each of them, and is not served together with
    /// whoever floods.
    /// </summary>
    public const int FewUnderWay = 4;

    /// <summary>Bytes waiting to be read by one peer at which a mount gets no more news of the tree.</summary>
    public const int PeerQueueHigh = 4 * 1024 * 1024;

    /// <summary>
    /// Bytes of runs that wait to be read by one worker, unless it is one alone: two of 64 KiB, so that it always has
    /// something to do, and a small one of somebody else does not wait for eight of them.
    /// </summary>
    public const int WorkerUnreadMax = 160 * 1024;

    /// <summary>
    /// Bytes waiting to be read by one peer at which its connection is closed: it does not read at all. Room for the
    /// answers to all requests that a session may have under way, and for the output of their runs.
    /// </summary>
    public const int PeerQueueMax = 64 * 1024 * 1024;

    /// <summary>
    /// Bytes of runs that were given to workers and of which no sign came yet, of all workers together: a large message
    /// to many workers (mirror) goes to some after the others. A broker on a small device has room for it, and sixteen
    /// workers that hang, each with all that may wait for it, until their silence is noticed.
    /// </summary>
    public const long WorkersUnreadMax = 64L * 1024 * 1024;

    /// <summary>Requests of one session under way or waiting; the sender is told Busy above it.</summary>
    public const int RequestsPerSessionMax = 4096;

    /// <summary>Bytes of requests of one session that the broker keeps; the sender is told Busy above it.</summary>
    public const int RequestBytesPerSessionMax = 48 * 1024 * 1024;

    /// <summary>
    /// Bytes of requests that the broker keeps for all sessions together; senders are told Busy above it.
    /// </summary>
    public const long RequestBytesMax = 512L * 1024 * 1024;

    /// <summary>
    /// Bytes of a stream that the broker keeps for those who come later or read slowly: some thousand lines.
    /// </summary>
    public const int StreamBytesMax = 1024 * 1024;

    /// <summary>
    /// Bytes that the worker of a stream may have under way: a quarter of what is kept, so that they find room when
    /// somebody reads slowly.
    /// </summary>
    public const int StreamWindow = StreamBytesMax / 4;

    /// <summary>Streams of all teams together: so many times what is kept of one is in the broker's memory.</summary>
    public const int StreamsMax = 128;

    /// <summary>
    /// Streams that all services together keep, whether somebody listens or not: half of them, so that there is room
    /// for those who listen to others.
    /// </summary>
    public const int KeptStreamsMax = StreamsMax / 2;

    /// <summary>Streams that the services of one team keep.</summary>
    public const int KeptStreamsPerTeamMax = 16;

    /// <summary>Characters of a stream that is kept: the plugin's name and its arguments.</summary>
    public const int KeptStreamTextMax = 4096;

    /// <summary>Streams that one session may listen to at once.</summary>
    public const int ListenersPerSessionMax = 64;

    /// <summary>Bytes that one who listens may have been sent without having said that they are consumed.</summary>
    public const int ListenerWindow = 256 * 1024;

    /// <summary>How long one who listens may hold up a stream and those who keep up with it.</summary>
    public static readonly TimeSpan StreamPatience = TimeSpan.FromSeconds(3);

    /// <summary>What one session may watch at once: some windows of a person.</summary>
    public const int MonitorsPerSessionMax = 8;

    /// <summary>Statements that wait for the one before them to be on the disk; more senders are told Busy.</summary>
    public const int StatementsMax = 1024;

    /// <summary>Statements in one commit: more than a person writes, and still a moment of the broker.</summary>
    public const int CommitStatementsMax = 1000;

    /// <summary>Revisions of a team's configuration that can be gone back to.</summary>
    public const int RevisionsMax = 200;

    /// <summary>Bytes that take back one revision, and all that are kept of a team.</summary>
    public const int RevisionBytesMax = 4 * 1024 * 1024;

    /// <summary>Runs that a worker may hold at once: a u16, and more processes than a host bears.</summary>
    public const int JobsMax = 4096;

    /// <summary>Plugins that a worker tells the broker of: more than anybody installs, and bounded memory.</summary>
    public const int OfferedPluginsMax = 1000;

    /// <summary>Rows in one Listing message; a longer answer is several messages.</summary>
    public const int ListingRowsMax = 500;

    /// <summary>Dead letters of one team; the oldest make room for new ones.</summary>
    public const int DeadLettersMax = 1000;

    /// <summary>Bytes of the dead letters of one team: they are in the broker's memory.</summary>
    public const long DeadLetterBytesMax = 16L * 1024 * 1024;

    /// <summary>Bytes of what its last attempt wrote that a dead letter keeps, the last ones: some screens.</summary>
    public const int KeptOutputMax = 16 * 1024;

    /// <summary>
    /// Bytes that are kept of what attempts wrote whose messages may yet become dead letters, of all together.
    /// </summary>
    public const long KeptOutputBytesMax = 8L * 1024 * 1024;

    /// <summary>Values in one statement.</summary>
    public const int ValuesMax = 64;

    /// <summary>Bytes of a description: a sentence or two, which a table can still show.</summary>
    public const int DescriptionMax = 1024;

    /// <summary>
    /// Bytes of one line that a plugin prints by a contract of lines: output is sent in pieces, so this is plenty.
    /// </summary>
    public const int PluginLineMax = 1024 * 1024;

    /// <summary>Bytes of the one answer of a plugin of 2018, which may have all of its output in it.</summary>
    public const int PluginAnswerMax = 16 * 1024 * 1024;

    /// <summary>Runs that may lead to one another: a chain that is longer is most likely a circle.</summary>
    public const int HopsMax = 16;

    /// <summary>Bytes of a letter in a mailbox: a sentence or two, which a table can still show.</summary>
    public const int LetterMax = 1024;

    /// <summary>Letters in one mailbox, that of a user in a team: more than anybody reads.</summary>
    public const int LettersMax = 100;

    /// <summary>How long a letter is kept.</summary>
    public static readonly TimeSpan LetterAgeMax = TimeSpan.FromDays(90);

    /// <summary>Invitations of one team that wait for an answer: more than an admin keeps in mind.</summary>
    public const int InvitationsMax = 100;

    /// <summary>How long an invitation and its activation code are good: over a holiday.</summary>
    public static readonly TimeSpan InvitationLife = TimeSpan.FromDays(7);

    /// <summary>How long the code of somebody who was not invited is good: until the mail is read again.</summary>
    public static readonly TimeSpan SignupLife = TimeSpan.FromHours(24);

    /// <summary>Codes of people who were not invited that wait: what a broker with a storm of them bears.</summary>
    public const int SignupsMax = 1000;

    /// <summary>Failed attempts after which a code is worth nothing: it has 60 bits, a person needs two.</summary>
    public const int CodeTriesMax = 20;

    /// <summary>Accounts of one broker, as far as people make them by themselves.</summary>
    public const int AccountsMax = 100_000;

    /// <summary>Bytes of a person's name: what a table can still show.</summary>
    public const int FullNameMax = 128;

    /// <summary>Teams that one user may found, whatever the plan: each has room for thousands of things.</summary>
    public const int TeamsPerUserMax = 16;

    /// <summary>How often a lost or failed run may be started again; an attempt's number is a u8.</summary>
    public const int RetryMax = 100;

    /// <summary>The longest time between two attempts of a message: a worker that is mended gets it that day.</summary>
    public static readonly TimeSpan BackoffMax = TimeSpan.FromHours(24);

    /// <summary>The longest time that a message may wait for its answer: over the longest holiday.</summary>
    public static readonly TimeSpan TtlMax = TimeSpan.FromDays(30);

    /// <summary>Calls in the period of a rate: more than one broker carries in a second.</summary>
    public const int RateCountMax = 1_000_000;

    /// <summary>
    /// Callers of public services whose rates are counted at once; more than sign in, and some megabytes.
    /// </summary>
    public const int CallersMax = 64 * 1024;

    /// <summary>Workers of one service: their names fit in one cell of a listing.</summary>
    public const int WorkersPerServiceMax = 1000;

    /// <summary>Bytes in one cell of a listing, many names among them: what its u16 length says.</summary>
    public const int CellMax = ushort.MaxValue;

    /// <summary>Workers of one team, and services: what one broker can hold online.</summary>
    public const int ThingsPerTeamMax = 10_000;

    /// <summary>Directories and triggers of one team: all are in the memory of the broker and of every mount.</summary>
    public const int NodesPerTeamMax = 100_000;

    /// <summary>The longest timeout of a request: a day. Longer work is a service of its own.</summary>
    public static readonly TimeSpan TimeoutMax = TimeSpan.FromHours(24);

    /// <summary>The timeout of a request that names none.</summary>
    public static readonly TimeSpan TimeoutDefault = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often each side says that it is alive: frequent enough for NAT tables, rare enough for phones.
    /// </summary>
    public static readonly TimeSpan HeartbeatDefault = TimeSpan.FromMilliseconds(2500);

    /// <summary>Heartbeats that may be missed before a peer counts as gone.</summary>
    public const int HeartbeatsMissedMax = 4;

    /// <summary>Time for the ZMTP and CURVE handshake, then again for Hello.</summary>
    public static readonly TimeSpan HandshakeMax = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long the broker waits for a worker or a client to come back and take up its running requests.
    /// </summary>
    public static readonly TimeSpan ReclaimGrace = TimeSpan.FromSeconds(5);

    /// <summary>How often a mount hears of hits at the most: twice as fast as anybody looks.</summary>
    public static readonly TimeSpan HitsPushMin = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a broadcast waits for workers that are busy: its sender means now.</summary>
    public static readonly TimeSpan BroadcastTakeMax = TimeSpan.FromSeconds(5);

    /// <summary>The longest time to confirm a commit: until somebody is there again in the morning.</summary>
    public static readonly TimeSpan ConfirmMax = TimeSpan.FromHours(24);

    /// <summary>Between TERM and KILL of a run whose time is up; half of the two seconds that are promised.</summary>
    public static readonly TimeSpan KillGrace = TimeSpan.FromSeconds(1);

    /// <summary>Room for arguments and a header beside a payload.</summary>
    private const int MessageRest = 256 * 1024;
}
