namespace Titanic.Web.FeatureStore;

/// <summary>Which run of which code wrote a row; given from above as plain values.</summary>
public sealed record Provenance(long? RunId, string CodeVersion);
