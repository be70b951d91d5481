using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Lifecycle.Lineage;

/// <summary>
/// A RunEvent of OpenLineage 2-0-2: https://openlineage.io/spec/2-0-2/OpenLineage.json. It has facets of the specification only.
/// </summary>
/// <param name="EventType">START, COMPLETE, FAIL, ABORT, or OTHER for a queued run.</param>
/// <param name="Producer">A URI that identifies the code of the run.</param>
public sealed record OpenLineageEvent(
    string EventType, DateTimeOffset EventTime, string Producer, OpenLineageRun Run, OpenLineageJob Job,
    IReadOnlyList<OpenLineageDataset> Inputs, IReadOnlyList<OpenLineageDataset> Outputs)
{
    /// <summary>The namespace of all jobs and datasets of this product.</summary>
    public const string Namespace = "titanic";

    [JsonPropertyName("schemaURL")]
    public string SchemaUrl => "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent";
}

/// <param name="RunId">See <see cref="RunUuid"/>.</param>
public sealed record OpenLineageRun(Guid RunId, IReadOnlyDictionary<string, JsonObject> Facets);

public sealed record OpenLineageJob(string Namespace, string Name, IReadOnlyDictionary<string, JsonObject> Facets);

/// <param name="InputFacets">Facets of a dataset that the run read; null for an output.</param>
/// <param name="OutputFacets">Facets of a dataset that the run wrote; null for an input.</param>
public sealed record OpenLineageDataset(
    string Namespace, string Name, IReadOnlyDictionary<string, JsonObject> Facets,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, JsonObject>? InputFacets = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, JsonObject>? OutputFacets = null);

/// <summary>Creates the OpenLineage facets of runs, jobs and datasets, each with the version of its schema.</summary>
/// <param name="producer">A URI that identifies the code of the run.</param>
internal sealed class OpenLineageFacets(string producer)
{
    /// <summary>The logical date of a run. Every method returns a facet with its name in the specification.</summary>
    public KeyValuePair<string, JsonObject> NominalTime(DateOnly day) => Facet("nominalTime", "1-0-1", "NominalTimeRunFacet", new JsonObject
    {
        ["nominalStartTime"] = IsoTimestamp.Format(FeatureReader.StartOf(day)),
        ["nominalEndTime"] = IsoTimestamp.Format(FeatureReader.StartOf(day.AddDays(1))),
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

    /// <param name="columns">Number of values and their sum, for each column with statistics.</param>
    public KeyValuePair<string, JsonObject> DataQualityMetrics(int rows, params IEnumerable<(string Name, int Count, double Sum)> columns) => Facet(
        "dataQualityMetrics", "1-0-2", "DataQualityMetricsInputDatasetFacet", new JsonObject
        {
            ["rowCount"] = rows,
            ["columnMetrics"] = new JsonObject(columns.Select(column =>
                KeyValuePair.Create(column.Name, (JsonNode?)new JsonObject { ["count"] = column.Count, ["sum"] = column.Sum }))),
        });

    /// <summary>The results of expectations; those that were not evaluated are left out.</summary>
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

    /// <param name="columns">A column of the output with the input columns from which it is computed.</param>
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
}
