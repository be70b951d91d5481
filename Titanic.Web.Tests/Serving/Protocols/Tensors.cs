using System.Text.Json;

namespace Titanic.Web.Tests.Serving.Protocols;

/// <summary>Writes requests and reads responses of the Open Inference Protocol.</summary>
internal static class Tensors
{
    public static string Many(int passengers) =>
        $$"""{"inputs": [{"name": "pclass", "shape": [{{passengers}}], "datatype": "INT64", "data": [{{string.Join(',', Enumerable.Repeat("3", passengers))}}]}, """
        + $$"""{"name": "sex", "shape": [{{passengers}}], "datatype": "BYTES", "data": [{{string.Join(',', Enumerable.Repeat("\"male\"", passengers))}}]}]}""";

    public static IReadOnlyList<JsonElement> Data(JsonElement answer, string output) =>
        [.. answer.GetProperty("outputs").EnumerateArray().Single(tensor => tensor.Text("name") == output).GetProperty("data").EnumerateArray()];

    public static IReadOnlyList<Said> Said(JsonElement answer)
    {
        var (survived, probability) = (Data(answer, "survived"), Data(answer, "probability"));
        var (survivors, neighbors) = (Data(answer, "survivors"), Data(answer, "neighbors"));
        return
        [
            .. survived.Select((value, i) =>
                new Said(value.GetBoolean(), probability[i].GetDouble(), survivors[i].GetInt32(), neighbors[i].GetInt32())),
        ];
    }
}
