using System.Text.Json.Serialization;

namespace Titanic.Web.FeatureStore;

/// <summary>What an ingestion does when rows or the set of them break an expectation.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IngestionPolicy>))]
public enum IngestionPolicy
{
    /// <summary>Keep the good rows; the bad ones are kept apart and shown.</summary>
    Always,

    /// <summary>Refuse everything.</summary>
    Strict,
}

/// <summary>What became of what was validated.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IngestionOutcome>))]
public enum IngestionOutcome
{
    /// <summary>There is a commit.</summary>
    Ingested,

    /// <summary>The policy refused it; the feature group is as it was before.</summary>
    Rejected,

    /// <summary>Every good row was there already; there is no commit.</summary>
    Unchanged,
}
