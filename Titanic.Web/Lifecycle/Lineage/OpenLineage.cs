using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Titanic.Web.FeatureStore;
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

/// <summary>The facets of OpenLineage that runs and datasets of ours have, each by the version of its schema that it follows.</summary>
/// <param name="producer">A URI that names the code that ran.</param>
internal sealed class OpenLineageFacets(string producer)
{
    /// <summary>A facet under the name that the specification gives it.</summary>
    public KeyValuePair<string, JsonObject> NominalTime(DateOnly day) => Facet("nominalTime", "1-0-1", "NominalTimeRunFacet", new JsonObject
    {
        ["nominalStartTime"] = Instant(FeatureReader.StartOf(day)),
        ["nominalEndTime"] = Instant(FeatureReader.StartOf(day.AddDays(1))),
    });

    public KeyValuePair<string, JsonObject> ProcessingEngine(string codeVersion) =>
        Facet("processing_engine", "1-1-1", "ProcessingEngineRunFacet", new JsonObject { ["name"] = "Titanic", ["version"] = codeVersion });

    public KeyValuePair<string, JsonObject> ErrorMessage(string message) =>
        Facet("errorMessage", "1-0-1", "ErrorMessageRunFacet", new JsonObject { ["message"] = message, ["programmingLanguage"] = "C#" });

    public KeyValuePair<string, JsonObject> JobType() => Facet(
        "jobType", "2-0-3", "JobTypeJobFacet", new JsonObject { ["processingType"] = "BATCH", ["integration"] = "TITANIC", ["jobType"] = "PIPELINE" });

    public KeyValuePair<string, JsonObject> JobDocumentation(string description) =>
        Facet("documentation", "1-0-1", "DocumentationJobFacet", new JsonObject { ["description"] = description });

    public KeyValuePair<string, JsonObject> Documentation(string description) =>
        Facet("documentation", "1-0-1", "DocumentationDatasetFacet", new JsonObject { ["description"] = description });

    public KeyValuePair<string, JsonObject> Version(string version) =>
        Facet("version", "1-0-1", "DatasetVersionDatasetFacet", new JsonObject { ["datasetVersion"] = version });

    public KeyValuePair<string, JsonObject> Schema(params IEnumerable<(string Name, string Type)> fields) => Facet("schema", "1-1-1", "SchemaDatasetFacet", new JsonObject
    {
        ["fields"] = new JsonArray([.. fields.Select(field => new JsonObject { ["name"] = field.Name, ["type"] = field.Type })]),
    });

    /// <param name="columns">Of each column that something is known of: how many values, and their sum.</param>
    public KeyValuePair<string, JsonObject> DataQualityMetrics(int rows, params IEnumerable<(string Name, int Count, double Sum)> columns) => Facet(
        "dataQualityMetrics", "1-0-2", "DataQualityMetricsInputDatasetFacet", new JsonObject
        {
            ["rowCount"] = rows,
            ["columnMetrics"] = new JsonObject(columns.Select(column =>
                KeyValuePair.Create(column.Name, (JsonNode?)new JsonObject { ["count"] = column.Count, ["sum"] = column.Sum }))),
        });

    /// <summary>Only expectations that were evaluated.</summary>
    public KeyValuePair<string, JsonObject> DataQualityAssertions(IEnumerable<ExpectationResult> expectations) => Facet(
        "dataQualityAssertions", "1-0-1", "DataQualityAssertionsDatasetFacet", new JsonObject
        {
            ["assertions"] = new JsonArray([.. expectations.Where(expectation => expectation.Success is not null).Select(Assertion)]),
        });

    public KeyValuePair<string, JsonObject> OutputStatistics(long rows, long? sizeInBytes = null)
    {
        var statistics = new JsonObject { ["rowCount"] = rows };
        if (sizeInBytes is { } size)
            statistics["size"] = size;
        return Facet("outputStatistics", "1-0-2", "OutputStatisticsOutputDatasetFacet", statistics);
    }

    /// <param name="columns">A column of the output, and the columns of inputs that it is made of.</param>
    public KeyValuePair<string, JsonObject> ColumnLineage(params IEnumerable<(string Column, IEnumerable<(string Dataset, string Column)> From)> columns) => Facet(
        "columnLineage", "1-0-1", "ColumnLineageDatasetFacet", new JsonObject
        {
            ["fields"] = new JsonObject(columns.Select(column => KeyValuePair.Create(column.Column, (JsonNode?)new JsonObject
            {
                ["inputFields"] = new JsonArray([.. column.From.Select(from => new JsonObject
                {
                    ["namespace"] = OpenLineageEvent.Namespace,
                    ["name"] = from.Dataset,
                    ["field"] = from.Column,
                })]),
            }))),
        });

    private static JsonObject Assertion(ExpectationResult expectation)
    {
        var assertion = new JsonObject { ["assertion"] = expectation.Expectation, ["success"] = expectation.Success };
        if (expectation.Column is { } column)
            assertion["column"] = column;
        return assertion;
    }

    private KeyValuePair<string, JsonObject> Facet(string name, string version, string schema, JsonObject body)
    {
        body["_producer"] = producer;
        body["_schemaURL"] = $"https://openlineage.io/spec/facets/{version}/{schema}.json#/$defs/{schema}";
        return KeyValuePair.Create(name, body);
    }

    private static string Instant(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
