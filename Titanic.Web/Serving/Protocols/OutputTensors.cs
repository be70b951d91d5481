using System.Text.Encodings.Web;
using System.Text.Json;
using Titanic.Web.Passengers;
using Titanic.Web.Training;

namespace Titanic.Web.Serving.Protocols;

/// <summary>Writes answers as named tensors: the outputs of the model's signature, the answers' own numbers, and their explanations where they were asked for.</summary>
internal static class OutputTensors
{
    private const string PredictionId = "prediction_id", Explanation = "explanation";

    /// <summary>As the API writes it: it goes into JSON once more, and never into HTML.</summary>
    private static readonly JsonSerializerOptions _asApi = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IReadOnlyList<TensorMetadata> Described(ModelSignature signature) =>
        [.. signature.Outputs.Select(output => Described(output.Name, Datatypes.Of(output))), Described(PredictionId, Datatypes.Int64)];

    public static TensorMetadata Described(string name, string datatype) => new(name, datatype, [-1]);

    /// <param name="outputs">Those of the request.</param>
    /// <returns>The names of the wanted tensors, in the order wanted.</returns>
    /// <exception cref="RefusedRequestException">The model has no such output.</exception>
    public static IReadOnlyList<string> Wanted(IReadOnlyList<RequestedOutput>? outputs, ModelSignature signature, bool isExplained)
    {
        string[] all = [.. Described(signature).Select(output => output.Name), .. isExplained ? [Explanation] : Array.Empty<string>()];
        if (outputs is null or [])
            return all;
        var wanted = outputs.Select(output => output?.Name ?? "").ToList();
        if (wanted.FindIndex(name => !all.Contains(name)) is >= 0 and var unknown)
            throw new RefusedRequestException($"There is no output \"{Excerpt.Truncate(wanted[unknown])}\"; the outputs are {string.Join(", ", all)}.");
        if (wanted.Distinct().Count() != wanted.Count)
            throw new RefusedRequestException("An output is asked for twice.");
        return wanted;
    }

    /// <param name="explanations">Of the predictions, where they are wanted.</param>
    public static OutputTensor Of(string name, IReadOnlyList<Prediction> predictions, IReadOnlyList<ExplainedAnswer>? explanations) => name switch
    {
        "survived" => Tensor(name, Datatypes.Bool, predictions, prediction => prediction.Survived),
        "probability" => Tensor(name, Datatypes.Float64, predictions, prediction => prediction.Probability),
        "survivors" => Tensor(name, Datatypes.Int64, predictions, prediction => prediction.Survivors),
        "neighbors" => Tensor(name, Datatypes.Int64, predictions, prediction => prediction.Neighbors),
        PredictionId => Tensor(name, Datatypes.Int64, predictions, prediction => prediction.PredictionId),
        Explanation => Tensor(name, Datatypes.Bytes, explanations!, explanation => JsonSerializer.Serialize(explanation, _asApi)),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "A K-NN that serves has the outputs survived, probability, survivors and neighbors."),
    };

    private static OutputTensor Tensor<TSource, TValue>(string name, string datatype, IReadOnlyList<TSource> source, Func<TSource, TValue> value) =>
        new(name, datatype, [source.Count], source.Select(value).ToArray());
}
