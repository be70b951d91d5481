using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Titanic.Web.Hosting.OpenApi;

/// <summary>
/// What the first version of all, which has learned the shipped list, answers to the question of the same name among <see cref="RequestExamples"/>.
/// The tests ask it.
/// </summary>
internal static class AnswerExamples
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
