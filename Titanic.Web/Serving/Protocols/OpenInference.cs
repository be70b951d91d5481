using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Training;

namespace Titanic.Web.Serving.Protocols;

/// <summary>What the Open Inference Protocol can be asked about the model. Only the version in service is there; any other is unknown.</summary>
public sealed class OpenInference(Predictor predictor, Explainer explainer, ServingReadiness readiness)
{
    private const string Platform = "mlnet_knn";

    /// <param name="version">Its number, or champion; null: whichever is in service.</param>
    /// <exception cref="RequestValidationException">Another model or version, which is a 404.</exception>
    /// <exception cref="NoChampionException">Nothing is in service yet.</exception>
    public async Task<ModelMetadata> Describe(string name, string? version, CancellationToken cancellation)
    {
        var model = await InService(name, version, cancellation);
        return new ModelMetadata(
            ModelRegistry.ModelName, [VersionOf(model)], Platform,
            [.. model.Signature.Inputs.Select(input => OutputTensors.Described(input.Name, Datatypes.Of(input)))], OutputTensors.Described(model.Signature));
    }

    /// <inheritdoc cref="Describe"/>
    public async Task<bool> IsReady(string name, string? version, CancellationToken cancellation)
    {
        RequireName(name);
        if (await readiness.FailureReason(cancellation) is not null)
            return false;
        await InService(name, version, cancellation);
        return true;
    }

    /// <param name="isExplained">Whether the answers say why: then fewer are given at once.</param>
    /// <inheritdoc cref="Describe"/>
    /// <exception cref="RequestValidationException">The question cannot be understood.</exception>
    public async Task<InferenceResponse> Answer(string name, string? version, InferenceRequest request, bool isExplained, CancellationToken cancellation)
    {
        var asked = await InService(name, version, cancellation);
        var wanted = OutputTensors.Wanted(request.Outputs, asked.Signature, isExplained);
        var inputs = InputTensors.Read(request.Inputs, isExplained ? PredictionsApi.MaximumExplained : PredictionsApi.MaximumInputs);
        var result = await predictor.PredictAsync(inputs, PredictionSources.Api, isExplained ? new PredictionOptions(explainer) : PredictionOptions.None, cancellation);
        RequireVersion(version, result.Model); // another was promoted meanwhile: a request for a version is not answered by another
        return new InferenceResponse(
            ModelRegistry.ModelName, VersionOf(result.Model), request.Id, [.. wanted.Select(output => OutputTensors.Of(output, result.Predictions, result.Explanations))]);
    }

    private async Task<ServedModel> InService(string name, string? version, CancellationToken cancellation)
    {
        RequireName(name);
        var model = await predictor.InService(cancellation);
        RequireVersion(version, model);
        return model;
    }

    private static void RequireName(string name)
    {
        if (name != ModelRegistry.ModelName)
            throw new RequestValidationException($"There is no model \"{Excerpt.Truncate(name)}\"; the model is {ModelRegistry.ModelName}.", StatusCodes.Status404NotFound);
    }

    private static void RequireVersion(string? version, ServedModel model)
    {
        if (version is not (null or ModelAliases.Champion) && version != VersionOf(model))
            throw new RequestValidationException($"Version \"{Excerpt.Truncate(version)}\" of {ModelRegistry.ModelName} is not in service; version {VersionOf(model)} is, and no other answers.", StatusCodes.Status404NotFound);
    }

    private static string VersionOf(ServedModel model) => model.Version.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Reads questions from named tensors. Names are exact, as the protocol wants all texts.</summary>
internal static class InputTensors
{
    private const string BinarySize = "binary_data_size";

    /// <param name="most">So many questions are answered in one request.</param>
    /// <exception cref="RequestValidationException">A tensor is not of the model, or a question cannot be understood.</exception>
    public static PredictionInput[] Read(IReadOnlyList<InputTensor> tensors, int most)
    {
        var known = tensors.Select(Known).ToList();
        if (known.GroupBy(tensor => tensor.Field).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new RequestValidationException($"The input \"{twice.Key.Name()}\" is there twice.");
        if (known is not [var first, ..])
            throw new RequestValidationException("There are no inputs; there must be pclass and sex, and may be age and fare.");
        PredictionInputRows.RequireCount(first.Count, most);
        if (known.Find(tensor => tensor.Count != first.Count) is { } other)
            throw new RequestValidationException($"The input \"{other.Field.Name()}\" is of {other.Count} passengers and \"{first.Field.Name()}\" of {first.Count}; all inputs must have the same shape.");

        var rows = new PredictionInputRows((row, field) => $"Input \"{field.Name()}\", element {row}");
        for (var row = 0; row < first.Count; row++)
            rows.Add();
        foreach (var tensor in known)
            tensor.Fill(rows);
        return rows.ToInputs();
    }

    private static KnownTensor Known(InputTensor? tensor)
    {
        if (tensor is null)
            throw new RequestValidationException("An input is null; it must be {name, shape, datatype, data}.");
        if (PredictionFields.Find(tensor.Name, StringComparison.Ordinal) is not { } field)
            throw new RequestValidationException($"There is no input \"{Excerpt.Truncate(tensor.Name)}\"; the inputs are pclass, sex, age and fare.");
        if (tensor.Parameters?.ContainsKey(BinarySize) == true)
            throw new RequestValidationException($"The input \"{tensor.Name}\" has the parameter {BinarySize}; tensors are taken as JSON only, because the binary tensor data extension is not supported.");
        if (!Datatypes.Allowed(field).Contains(tensor.Datatype))
            throw new RequestValidationException($"The input \"{tensor.Name}\" has the datatype \"{Excerpt.Truncate(tensor.Datatype)}\"; it must be {string.Join(", ", Datatypes.Allowed(field))}.");
        if (tensor.Shape is not ([_] or [_, 1]))
            throw new RequestValidationException($"The input \"{tensor.Name}\" has the shape {Shown(tensor)}; it must be [n] or [n, 1] for n passengers.");
        if (tensor.Data is not { ValueKind: JsonValueKind.Array } data)
            throw new RequestValidationException($"The input \"{tensor.Name}\" has no data; it must be an array of the tensor's values.");
        if ((ulong)data.GetArrayLength() != tensor.Shape[0])
            throw new RequestValidationException($"The data of the input \"{tensor.Name}\" have {data.GetArrayLength()} elements; its shape {Shown(tensor)} has {tensor.Shape[0]}.");
        return new KnownTensor(field, tensor.Datatype, tensor.Shape is [_, _], data);
    }

    private static string Shown(InputTensor tensor) => Excerpt.TruncateRecord($"[{string.Join(", ", tensor.Shape)}]");

    /// <param name="IsColumn">Of the shape [n, 1], so that a value may stand in an array of its own.</param>
    private sealed record KnownTensor(PredictionField Field, string Datatype, bool IsColumn, JsonElement Data)
    {
        public int Count => Data.GetArrayLength();

        public void Fill(PredictionInputRows rows)
        {
            var row = 0;
            foreach (var element in Data.EnumerateArray())
            {
                var value = IsColumn && element.ValueKind == JsonValueKind.Array && element.GetArrayLength() == 1 ? element[0] : element;
                rows.Put(row, Field, value);
                if (!Datatypes.Holds(Datatype, value))
                    rows.Refuse(row, Field, Field.Problem($"{Excerpt.Truncate(value.GetRawText())}, which is no {Datatype}"));
                row++;
            }
        }
    }
}

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
    /// <exception cref="RequestValidationException">The model has no such output.</exception>
    public static IReadOnlyList<string> Wanted(IReadOnlyList<RequestedOutput>? outputs, ModelSignature signature, bool isExplained)
    {
        string[] all = [.. Described(signature).Select(output => output.Name), .. isExplained ? [Explanation] : Array.Empty<string>()];
        if (outputs is null or [])
            return all;
        var wanted = outputs.Select(output => output?.Name ?? "").ToList();
        if (wanted.FindIndex(name => !all.Contains(name)) is >= 0 and var unknown)
            throw new RequestValidationException($"There is no output \"{Excerpt.Truncate(wanted[unknown])}\"; the outputs are {string.Join(", ", all)}.");
        if (wanted.Distinct().Count() != wanted.Count)
            throw new RequestValidationException("An output is asked for twice.");
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

/// <summary>The tensor data types of the Open Inference Protocol, as far as a passenger can be told in them.</summary>
internal static class Datatypes
{
    public const string Bool = "BOOL", Int64 = "INT64", Float64 = "FP64", Bytes = "BYTES";

    private static readonly Dictionary<string, (double Least, double Most)> _whole = new()
    {
        ["INT8"] = (sbyte.MinValue, sbyte.MaxValue),
        ["INT16"] = (short.MinValue, short.MaxValue),
        ["INT32"] = (int.MinValue, int.MaxValue),
        [Int64] = (long.MinValue, long.MaxValue),
        ["UINT8"] = (0, byte.MaxValue),
        ["UINT16"] = (0, ushort.MaxValue),
        ["UINT32"] = (0, uint.MaxValue),
        ["UINT64"] = (0, ulong.MaxValue),
    };

    private static readonly string[] _numbers = [.. _whole.Keys, "FP32", Float64];
    private static readonly string[] _texts = [Bytes];

    /// <summary>Of an input or output of a signature.</summary>
    public static string Of(SignatureField field) => field.Type switch
    {
        "boolean" => Bool,
        "integer" => Int64,
        "number" => Float64,
        _ => Bytes,
    };

    public static IReadOnlyList<string> Allowed(PredictionField field) => field == PredictionField.Sex ? _texts : _numbers;

    /// <summary>False for a number that a tensor of this type cannot hold; what is no number is not looked at.</summary>
    public static bool Holds(string datatype, JsonElement value) =>
        value.ValueKind != JsonValueKind.Number || !_whole.TryGetValue(datatype, out var range)
        || (value.GetDouble() is var number && number == Math.Floor(number) && number >= range.Least && number <= range.Most);
}
