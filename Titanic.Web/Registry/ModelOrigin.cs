namespace Titanic.Web.Registry;

/// <summary>Where an imported version was learned, as its archive tells, and how it came here.</summary>
/// <param name="ArchiveSha256">Of the whole archive; lower-case hexadecimal.</param>
/// <param name="Version">Its number there.</param>
/// <param name="RunId">The run that learned it there.</param>
/// <param name="CreatedAt">When it was registered there.</param>
/// <param name="Gate">What the gate there decided.</param>
/// <param name="Dataset">What it learned; commits are of the store there.</param>
/// <param name="ImportedBy">A sign-in name, a key's name or "command line".</param>
/// <param name="Earlier">Where that store had it from, if it was imported there too.</param>
public sealed record ModelOrigin(
    string ArchiveSha256, string Name, int Version, long? RunId, DateTimeOffset CreatedAt, GateDecision Gate, ArchivedDataset Dataset,
    DateTimeOffset ImportedAt, string ImportedBy, ModelOrigin? Earlier = null);
