using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Lifecycle.Lineage;

/// <summary>A RunEvent of OpenLineage 2-0-2: https://openlineage.io/spec/2-0-2/OpenLineage.json. Facets are those of the specification only.</summary>
/// <param name="EventType">START, COMPLETE, FAIL, ABORT, or OTHER for a run that waits to be started.</param>
/// <param name="Producer">A URI that names the code that ran.</param>
public sealed record OpenLineageEvent(
    string EventType, DateTimeOffset EventTime, string Producer, OpenLineageRun Run, OpenLineageJob Job,
    IReadOnlyList<OpenLineageDataset> Inputs, IReadOnlyList<OpenLineageDataset> Outputs)
{
    /// <summary>The namespace of jobs and datasets: all of them are this product's.</summary>
    public const string Namespace = "titanic";

    [JsonPropertyName("schemaURL")]
    public string SchemaUrl => "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";
}

/// <param name="RunId">See <see cref="RunUuid"/>.</param>
public sealed record OpenLineageRun(Guid RunId, IReadOnlyDictionary<string, JsonObject> Facets);

public sealed record OpenLineageJob(string Namespace, string Name, IReadOnlyDictionary<string, JsonObject> Facets);

/// <param name="InputFacets">What the run saw of it; null for an output.</param>
/// <param name="OutputFacets">What the run made of it; null for an input.</param>
public sealed record OpenLineageDataset(
    string Namespace, string Name, IReadOnlyDictionary<string, JsonObject> Facets,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, JsonObject>? InputFacets = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, JsonObject>? OutputFacets = null);
