namespace TriggerFs.Broker.Access;

/// <summary>What somebody may want of a thing.</summary>
enum Right
{
    /// <summary>To see it in a listing. Within a team the tree and the workers are seen by all.</summary>
    See,

    /// <summary>To send it requests: a service, a worker's identity, a trigger.</summary>
    Use,

    /// <summary>To change, rename or delete it.</summary>
    Change,

    /// <summary>To see what it proves itself with: a worker's token.</summary>
    Reveal,

    /// <summary>To see what it answers, whoever asked it.</summary>
    Watch,
}

/// <summary>What somebody is to a thing.</summary>
enum Standing
{
    /// <summary>A user of another team.</summary>
    Stranger,
    Observer,
    Member,
    Owner,
    Admin,
}

/// <summary>What a statement does, as far as it does not depend on the thing that it names.</summary>
enum Deed
{
    /// <summary>Looks at the team.</summary>
    Look,

    /// <summary>Minds one's own account: secret, mailbox, invitations, leaving a team.</summary>
    KeepAccount,

    /// <summary>Makes things, and changes those that one may change.</summary>
    Make,

    /// <summary>Makes a team of one's own.</summary>
    Found,

    /// <summary>Decides who is in the team and what each may do there.</summary>
    Lead,

    /// <summary>Runs the broker: accounts, signups, plans, announcements, its shutdown.</summary>
    Operate,
}

/// <summary>How much somebody may do in the team of the session; each rank may do what those before it may.</summary>
enum Rank
{
    Observer,
    Member,
    Admin,

    /// <summary>An admin of the broker's first team.</summary>
    Operator,
}

/// <summary>What somebody is to an account, beside being in a team with it.</summary>
enum Kinship
{
    Other,
    Self,

    /// <summary>An admin of a team that it is in.</summary>
    Admin,

    /// <summary>An operator of the broker.</summary>
    Operator,
}
