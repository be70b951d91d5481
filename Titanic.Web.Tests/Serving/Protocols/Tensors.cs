using System.Text.Json;

namespace Titanic.Web.Tests.Serving.Protocols;

/// <summary>Writes requests and reads responses of the Open Inference Protocol.</summary>
internal static class Tensors
{
    public static string RequestFor(int passengers) =>
        $$"""{"inputs": [{"name": "pclass", "shape": [{{passengers}}], "datatype": "INT64", "data": [{{string.Join(',', Enumerable.Repeat("3", passengers))}}]}, """
        + $$"""{"name": "sex", "shape": [{{passengers}}], "datatype": "BYTES", "data": [{{string.Join(',', Enumerable.Repeat("\"male\"", passengers))}}]}]}""";

    public static IReadOnlyList<JsonElement> Data(JsonElement response, string output) =>
        [.. response.GetProperty("outputs").EnumerateArray().Single(tensor => tensor.Text("name") == output).GetProperty("data").EnumerateArray()];

    public static IReadOnlyList<ComparablePrediction> ReadPredictions(JsonElement response)
    {
        var (survived, probability) = (Data(response, "survived"), Data(response, "probability"));
        var (survivors, neighbors) = (Data(response, "survivors"), Data(response, "neighbors"));
        return
        [
            .. survived.Select((value, i) =>
                new ComparablePrediction(value.GetBoolean(), probability[i].GetDouble(), survivors[i].GetInt32(), neighbors[i].GetInt32())),
        ];
    }
}
