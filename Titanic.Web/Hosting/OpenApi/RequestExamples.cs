using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Titanic.Web.Hosting.OpenApi;

/// <summary>Bodies that work, by operation and content type; the tests send each. An archive is too long for an example.</summary>
internal static class RequestExamples
{
    private const string Json = "application/json", Csv = "text/csv";

    private sealed record Example(string Operation, string Type, string Name, string Summary, string Body);

    private static readonly Example[] _all =
    [
        new("predict", Json, "one", "One passenger", """{"pclass": 1, "sex": "female", "age": 29, "fare": 100}"""),
        new("predict", Json, "many", "Two passengers; age and fare may be unknown", """[{"pclass": 3, "sex": "male", "age": 22, "fare": 7.25}, {"pclass": 2, "sex": "female"}]"""),
        new("sendFeedback", Json, "odd", "A word on an answer", """{"kind": "odd", "note": "She was in a lifeboat."}"""),
        new("sendPassengers", Json, "two", "Two passengers, one of unknown fate", """
            [{"passengerId": 892, "name": "Kelly, Mr. James", "pclass": 3, "sex": "male", "age": 34.5, "fare": 7.8292, "survived": false},
             {"passengerId": 893, "name": "Wilkes, Mrs. James", "pclass": 3, "sex": "female", "age": 47}]
            """),
        new("sendPassengers", Csv, "csv", "A list with a header", "PassengerId,Survived,Pclass,Name,Sex,Age,Fare\n894,0,2,\"Myles, Mr. Thomas Francis\",male,62,9.6875\n"),
        new("sendOutcomes", Json, "late", "An outcome that became known later", """[{"passengerId": 893, "survived": true}]"""),
        new("sendOutcomes", Csv, "csv", "A list with a header", "PassengerId,Survived\n893,1\n"),
        new("defineTrainingDataset", Json, "history", "The historical list, as of the first commit", """{"view": "titanic_binned", "asOf": 1, "sources": ["titanic3"], "testShare": 0.2}"""),
        new("describeVersion", Json, "tags", "Tags and a description", """{"revision": 0, "description": "The first of all.", "tags": {"team": "deck"}}"""),
        new("assignAlias", Json, "challenge", "Name a challenger", """{"version": 1, "reason": "To be seen beside the champion."}"""),
        new("rollBackAlias", Json, "back", "Go back, whichever version serves now", """{"reason": "The newer one answers oddly."}"""),
        new("startRun", Json, "day", "For one day", """{"date": "2026-11-23"}"""),
        new("scoreByMlflow", Json, "split", "Two passengers as pandas splits a data frame",
            """{"dataframe_split": {"columns": ["pclass", "sex", "age", "fare"], "data": [[1, "female", 29, 100], [3, "male", null, null]]}}"""),
        new("scoreByMlflow", Json, "columns", "Two passengers by column", """{"inputs": {"pclass": [1, 3], "sex": ["female", "male"]}}"""),
        new("scoreByMlflow", Csv, "csv", "A table with a header", "pclass,sex,age,fare\n1,female,29,100\n3,male,,\n"),
        .. ((string[])["infer", "inferByVersion", "explain", "explainByVersion"]).Select(operation => new Example(operation, Json, "two", "Two passengers, one of unknown age", """
            {"id": "42", "inputs": [
              {"name": "pclass", "shape": [2], "datatype": "INT64", "data": [1, 3]},
              {"name": "sex", "shape": [2], "datatype": "BYTES", "data": ["female", "male"]},
              {"name": "age", "shape": [2], "datatype": "FP64", "data": [29, null]}]}
            """)),
    ];

    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        foreach (var example in _all.Where(example => example.Operation == operation.OperationId))
        {
            if (operation.RequestBody?.Content?.TryGetValue(example.Type, out var body) != true)
                throw new InvalidOperationException($"{example.Operation} takes no body of {example.Type}, so it cannot have the example {example.Name}.");
            body!.Examples ??= new Dictionary<string, IOpenApiExample>();
            body.Examples[example.Name] = new OpenApiExample
            {
                Summary = example.Summary,
                Value = example.Type == Json ? JsonNode.Parse(example.Body) : JsonValue.Create(example.Body),
            };
        }
        return Task.CompletedTask;
    }
}
