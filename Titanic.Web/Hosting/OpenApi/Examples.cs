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

/// <summary>
/// What the first version of all, which has learned the shipped list, answers to the question of the same name among <see cref="RequestExamples"/>.
/// The tests ask it.
/// </summary>
internal static class ResponseExamples
{
    private const string Json = "application/json";

    private sealed record Example(string Operation, string Name, string Body);

    private static readonly Example[] _all =
    [
        new("predict", "one", """
            {"id": 301, "survived": true, "probability": 0.9333333333333333, "survivors": 13, "neighbors": 13, "modelVersion": 1,
             "pclass": 1, "sex": "female", "age": 29, "fare": 100, "encoder": "titanic_binned/1",
             "encoded": [{"feature": "pclass", "value": 1, "meaning": "1st class"}, {"feature": "sex", "value": 1, "meaning": "female"},
               {"feature": "age_group", "value": 3, "meaning": "Young adult"}, {"feature": "fare_band", "value": 4, "meaning": "over £75 to £100"}],
             "source": "api", "createdAt": "2026-11-23T18:00:00.123456+00:00"}
            """),
        new("predict", "many", """
            [{"id": 302, "survived": false, "probability": 0.17894736842105263, "survivors": 33, "neighbors": 188, "modelVersion": 1,
              "pclass": 3, "sex": "male", "age": 22, "fare": 7.25, "encoder": "titanic_binned/1",
              "encoded": [{"feature": "pclass", "value": 3, "meaning": "3rd class"}, {"feature": "sex", "value": 0, "meaning": "male"},
                {"feature": "age_group", "value": 3, "meaning": "Young adult"}, {"feature": "fare_band", "value": 0, "meaning": "up to £10"}],
              "source": "api", "createdAt": "2026-11-23T18:00:00.234567+00:00"},
             {"id": 303, "survived": true, "probability": 0.6296296296296297, "survivors": 16, "neighbors": 25, "modelVersion": 1,
              "pclass": 2, "sex": "female", "age": null, "fare": null, "encoder": "titanic_binned/1",
              "encoded": [{"feature": "pclass", "value": 2, "meaning": "2nd class"}, {"feature": "sex", "value": 1, "meaning": "female"},
                {"feature": "age_group", "value": 0, "meaning": "Unknown"}, {"feature": "fare_band", "value": 1, "meaning": "over £10 to £25"}],
              "source": "api", "createdAt": "2026-11-23T18:00:00.234567+00:00"}]
            """),
        new("scoreByMlflow", "split", """
            {"predictions": [{"survived": true, "probability": 0.9333333333333333, "survivors": 13, "neighbors": 13, "prediction_id": 304},
               {"survived": false, "probability": 0.18518518518518517, "survivors": 4, "neighbors": 25, "prediction_id": 305}]}
            """),
        .. ((string[])["infer", "inferByVersion"]).Select(operation => new Example(operation, "two", """
            {"model_name": "titanic_knn", "model_version": "1", "id": "42", "outputs": [
              {"name": "survived", "datatype": "BOOL", "shape": [2], "data": [true, false]},
              {"name": "probability", "datatype": "FP64", "shape": [2], "data": [0.8888888888888888, 0.18518518518518517]},
              {"name": "survivors", "datatype": "INT64", "shape": [2], "data": [7, 4]},
              {"name": "neighbors", "datatype": "INT64", "shape": [2], "data": [7, 25]},
              {"name": "prediction_id", "datatype": "INT64", "shape": [2], "data": [306, 307]}]}
            """)),
    ];

    public static Task Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancellation)
    {
        foreach (var example in _all.Where(example => example.Operation == operation.OperationId))
        {
            var answer = operation.Responses!["200"].Content![Json];
            answer.Examples ??= new Dictionary<string, IOpenApiExample>();
            answer.Examples[example.Name] = new OpenApiExample { Summary = "The answer to the example of this name", Value = JsonNode.Parse(example.Body) };
        }
        return Task.CompletedTask;
    }
}
