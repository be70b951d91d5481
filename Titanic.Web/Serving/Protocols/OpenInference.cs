using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Titanic.Web.Passengers;
using Titanic.Web.Registry;
using Titanic.Web.Training;

namespace Titanic.Web.Serving.Protocols;

/// <summary>
/// The operations of the Open Inference Protocol on the model. Only the loaded version can be addressed; any other is a 404.
/// </summary>
public sealed class OpenInference(Predictor predictor, Explainer explainer, ServingReadiness readiness)
{
    private const string Platform = "mlnet_knn";

    /// <summary>The metadata of the model: its input and output tensors.</summary>
    /// <param name="name">The name of the model.</param>
    /// <param name="version">A version number or "champion"; null for the loaded version.</param>
    /// <param name="cancellation">Cancels the request.</param>
    /// <exception cref="RequestValidationException">The model or version is not loaded (404), or the request is invalid (400).</exception>
    /// <exception cref="NoChampionException">No version can serve.</exception>
    public async Task<ModelMetadata> Describe(string name, string? version, CancellationToken cancellation)
    {
        var model = await GetChampion(name, version, cancellation);
        return new ModelMetadata(
            ModelRegistry.ModelName, [VersionOf(model)], Platform,
            [.. model.Signature.Inputs.Select(input => OutputTensors.Metadata(input.Name, Datatypes.Of(input)))], OutputTensors.Metadata(model.Signature));
    }

    /// <summary>Whether the model can predict and the database can store its predictions.</summary>
    /// <inheritdoc cref="Describe"/>
    public async Task<bool> IsReady(string name, string? version, CancellationToken cancellation)
    {
        RequireName(name);
        if (await readiness.FailureReason(cancellation) is not null)
            return false;
        await GetChampion(name, version, cancellation);
        return true;
    }

    /// <summary>Predicts for all inputs of a request.</summary>
    /// <param name="name">The name of the model.</param>
    /// <param name="version">A version number or "champion"; null for the loaded version.</param>
    /// <param name="request">The input tensors and the requested outputs.</param>
    /// <param name="explain">Whether to return explanations; then at most 100 inputs are allowed.</param>
    /// <param name="cancellation">Cancels the request.</param>
    /// <inheritdoc cref="Describe"/>
    public async Task<InferenceResponse> Infer(
        string name, string? version, InferenceRequest request, bool explain, CancellationToken cancellation)
    {
        var model = await GetChampion(name, version, cancellation);
        var outputs = OutputTensors.SelectOutputs(request.Outputs, model.Signature, explain);
        var binary = outputs.Where(output => BinaryTensors.IsRequested(request, output)).ToHashSet(); // before the prediction, so that an error has no effect
        var inputs = InputTensors.Read(request, explain ? PredictionsApi.MaximumExplained : PredictionsApi.MaximumInputs);
        var options = explain ? new PredictionOptions(explainer) : PredictionOptions.None;
        var result = await predictor.PredictAsync(inputs, PredictionSources.Api, options, cancellation);
        RequireVersion(version, result.Model); // another version may have been promoted since the first check
        return new InferenceResponse(
            ModelRegistry.ModelName, VersionOf(result.Model), request.Id,
            [
                .. outputs.Select(output => (Name: output, Tensor: OutputTensors.Of(output, result.Predictions, result.Explanations)))
                    .Select(output => binary.Contains(output.Name) ? BinaryTensors.ToBinary(output.Tensor) : output.Tensor),
            ]);
    }

    private async Task<LoadedModel> GetChampion(string name, string? version, CancellationToken cancellation)
    {
        RequireName(name);
        var model = await predictor.GetChampion(cancellation);
        RequireVersion(version, model);
        return model;
    }

    private static void RequireName(string name)
    {
        if (name != ModelRegistry.ModelName)
        {
            throw new RequestValidationException(
                ErrorText.UnknownName("model", name, [ModelRegistry.ModelName]), StatusCodes.Status404NotFound);
        }
    }

    private static void RequireVersion(string? version, LoadedModel model)
    {
        if (version is not (null or ModelAliases.Champion) && version != VersionOf(model))
        {
            throw new RequestValidationException(
                $"The version is \"{Excerpt.Truncate(version)}\"; it must be {VersionOf(model)}, the loaded version of {ModelRegistry.ModelName}, "
                + $"or {ModelAliases.Champion}.",
                StatusCodes.Status404NotFound);
        }
    }

    private static string VersionOf(LoadedModel model) => model.Version.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Reads inputs from named tensors. Names are case-sensitive, as the protocol requires.</summary>
internal static class InputTensors
{
    /// <param name="request">The request, with one tensor for each field.</param>
    /// <param name="maximum">The maximum number of inputs.</param>
    /// <exception cref="RequestValidationException">A tensor is not an input of the model, or an input is invalid.</exception>
    public static PredictionInput[] Read(InferenceRequest request, int maximum)
    {
        var binary = BinaryTensors.OfInputs(request);
        var known = request.Inputs.Select((tensor, index) => Validate(tensor, binary[index], maximum)).ToList();
        if (known.GroupBy(tensor => tensor.Field).FirstOrDefault(group => group.Count() > 1) is { } duplicate)
            throw new RequestValidationException(
                $"The request has {duplicate.Count()} inputs \"{duplicate.Key.Name()}\"; it must have one.");
        if (known is not [var first, ..])
            throw new RequestValidationException("The array inputs is empty; it must have pclass and sex, and may have age and fare.");
        PredictionInputRows.RequireCount(first.Count, maximum);
        if (known.Find(tensor => tensor.Count != first.Count) is { } other)
        {
            throw new RequestValidationException($"The input \"{other.Field.Name()}\" has {Quantity.Of(other.Count, "element")} and "
                + $"\"{first.Field.Name()}\" has {Quantity.Of(first.Count, "element")}; all inputs must have the same number.");
        }

        var rows = new PredictionInputRows((row, field) => $"Input \"{field.Name()}\", element {row}");
        for (var row = 0; row < first.Count; row++)
            rows.Add();
        foreach (var tensor in known)
            tensor.Fill(rows);
        return rows.ToInputs();
    }

    private static ValidatedTensor Validate(InputTensor? tensor, ReadOnlyMemory<byte>? binary, int maximum)
    {
        if (tensor is null)
            throw new RequestValidationException("An input is null; it must be {name, shape, datatype, data}.");
        if (PredictionFields.Find(tensor.Name, StringComparison.Ordinal) is not { } field)
            throw new RequestValidationException(ErrorText.UnknownName("input", tensor.Name, PredictionFields.AllNames));
        if (!Datatypes.Allowed(field).Contains(tensor.Datatype))
        {
            throw new RequestValidationException(ErrorText.Invalid(
                $"The datatype of the input \"{tensor.Name}\"", tensor.Datatype, ErrorText.OneOf(Datatypes.Allowed(field))));
        }
        if (tensor.Shape is not ([_] or [_, 1]))
        {
            throw new RequestValidationException(
                $"The shape of the input \"{tensor.Name}\" is {DescribeShape(tensor)}; it must be [n] or [n, 1] for n passengers.");
        }
        if (binary is not null)
            return ValidateBinary(tensor, field, maximum) with { Binary = binary };
        if (tensor.Data is not { ValueKind: JsonValueKind.Array } data)
        {
            throw new RequestValidationException(
                $"The data of the input \"{tensor.Name}\" is missing or not an array; it must be an array of values.");
        }
        if ((ulong)data.GetArrayLength() != tensor.Shape[0])
        {
            throw new RequestValidationException(
                $"The data of the input \"{tensor.Name}\" has {Quantity.Of(data.GetArrayLength(), "element")}; its shape {DescribeShape(tensor)} requires {tensor.Shape[0]}.");
        }
        return new ValidatedTensor(field, tensor.Datatype, data.GetArrayLength()) { IsColumn = tensor.Shape is [_, _], Data = data };
    }

    private static ValidatedTensor ValidateBinary(InputTensor tensor, PredictionField field, int maximum)
    {
        if (tensor.Data is not null)
            throw new RequestValidationException($"The input \"{tensor.Name}\" has data and binary_data_size; it must have one of them.");
        PredictionInputRows.RequireCount((long)Math.Min(tensor.Shape[0], int.MaxValue), maximum);
        return new ValidatedTensor(field, tensor.Datatype, (int)tensor.Shape[0]);
    }

    private static string DescribeShape(InputTensor tensor) => Excerpt.TruncateRecord($"[{string.Join(", ", tensor.Shape)}]");

    /// <summary>A tensor with a known name, datatype and shape.</summary>
    private sealed record ValidatedTensor(PredictionField Field, string Datatype, int Count)
    {
        /// <summary>True for the shape [n, 1], where a value may be an array of one element.</summary>
        public bool IsColumn { get; init; }

        public JsonElement Data { get; init; }

        /// <summary>The elements as binary data; null where <see cref="Data"/> has them.</summary>
        public ReadOnlyMemory<byte>? Binary { get; init; }

        public void Fill(PredictionInputRows rows)
        {
            if (Binary is { } binary)
            {
                BinaryTensors.Fill(rows, Count, Field, Datatype, binary.Span);
                return;
            }
            var row = 0;
            foreach (var element in Data.EnumerateArray())
            {
                var value = IsColumn && element.ValueKind == JsonValueKind.Array && element.GetArrayLength() == 1 ? element[0] : element;
                rows.Set(row, Field, value);
                if (!Datatypes.CanHold(Datatype, value))
                    rows.Reject(row, Field, Field.Problem($"{Excerpt.Truncate(value.GetRawText())}, which is not a valid {Datatype}"));
                row++;
            }
        }
    }
}

/// <summary>
/// Writes predictions as named tensors: the outputs of the model's signature, the prediction ids, and explanations if requested.
/// </summary>
internal static class OutputTensors
{
    private const string PredictionId = "prediction_id", Explanation = "explanation";

    /// <summary>
    /// Serializes explanations as the API does. Relaxed escaping is safe: the result becomes a JSON string and never HTML.
    /// </summary>
    private static readonly JsonSerializerOptions _apiJson = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IReadOnlyList<TensorMetadata> Metadata(ModelSignature signature) =>
        [.. signature.Outputs.Select(output => Metadata(output.Name, Datatypes.Of(output))), Metadata(PredictionId, Datatypes.Int64)];

    public static TensorMetadata Metadata(string name, string datatype) => new(name, datatype, [-1]);

    /// <param name="outputs">The requested outputs; null or empty for all.</param>
    /// <param name="signature">The signature of the model.</param>
    /// <param name="explain">Whether the output "explanation" exists.</param>
    /// <returns>The names of the outputs, in the requested order.</returns>
    /// <exception cref="RequestValidationException">The model has no such output, or an output is requested more than once.</exception>
    public static IReadOnlyList<string> SelectOutputs(IReadOnlyList<RequestedOutput>? outputs, ModelSignature signature, bool explain)
    {
        string[] all = [.. Metadata(signature).Select(output => output.Name), .. explain ? [Explanation] : Array.Empty<string>()];
        if (outputs is null or [])
            return all;
        var requested = outputs.Select(output => output?.Name ?? "").ToList();
        if (requested.FindIndex(name => !all.Contains(name)) is >= 0 and var unknown)
        {
            throw new RequestValidationException(ErrorText.UnknownName("output", requested[unknown], all));
        }
        if (requested.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } duplicate)
            throw new RequestValidationException(
                $"The output \"{duplicate.Key}\" is requested {duplicate.Count()} times; it must be requested once.");
        return requested;
    }

    /// <param name="name">The name of the output.</param>
    /// <param name="predictions">The predictions.</param>
    /// <param name="explanations">The explanations of the predictions; null where none were requested.</param>
    public static OutputTensor Of(string name, IReadOnlyList<Prediction> predictions, IReadOnlyList<ExplanationResponse>? explanations) => name switch
    {
        "survived" => Tensor(name, Datatypes.Bool, predictions, prediction => prediction.Survived),
        "probability" => Tensor(name, Datatypes.Float64, predictions, prediction => prediction.Probability),
        "survivors" => Tensor(name, Datatypes.Int64, predictions, prediction => prediction.Survivors),
        "neighbors" => Tensor(name, Datatypes.Int64, predictions, prediction => prediction.Neighbors),
        PredictionId => Tensor(name, Datatypes.Int64, predictions, prediction => prediction.PredictionId),
        Explanation => Tensor(name, Datatypes.Bytes, explanations!, explanation => JsonSerializer.Serialize(explanation, _apiJson)),
        _ => throw new ArgumentOutOfRangeException(
            nameof(name), name, "There is no such output."),
    };

    private static OutputTensor Tensor<TSource, TValue>(string name, string datatype, IReadOnlyList<TSource> source, Func<TSource, TValue> value) =>
        new(name, datatype, [source.Count], source.Select(value).ToArray());
}

/// <summary>The tensor datatypes of the Open Inference Protocol.</summary>
internal static class Datatypes
{
    public const string Bool = "BOOL", Int64 = "INT64", Float64 = "FP64", Bytes = "BYTES";

    private static readonly Dictionary<string, (double Least, double Most)> _integerRanges = new()
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

    private static readonly string[] _allTypes = [.. _integerRanges.Keys, "FP16", "BF16", "FP32", Float64, Bytes];
    private static readonly string[] _stringTypes = [Bytes];

    /// <summary>The datatype of an input or output of a signature.</summary>
    public static string Of(SignatureField field) => field.Type switch
    {
        "boolean" => Bool,
        "integer" => Int64,
        "number" => Float64,
        _ => Bytes,
    };

    /// <summary>The datatypes that a request may use for a field; BYTES has the spellings of a text.</summary>
    public static IReadOnlyList<string> Allowed(PredictionField field) => field == PredictionField.Sex ? _stringTypes : _allTypes;

    /// <summary>The bytes of an element of a numeric datatype: its number divided by 8.</summary>
    public static int SizeOf(string datatype) => int.Parse(datatype.AsSpan(datatype.IndexOfAnyInRange('0', '9')), CultureInfo.InvariantCulture) / 8;

    /// <summary>
    /// False for a number outside the datatype, a fraction in an integer datatype, a number in BYTES, and a text in a numeric datatype,
    /// except the empty text that a literal NaN is read as. True for all other JSON types.
    /// </summary>
    public static bool CanHold(string datatype, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => datatype == Bytes || value.ValueEquals(""),
        JsonValueKind.Number when datatype == Bytes => false,
        JsonValueKind.Number => !_integerRanges.TryGetValue(datatype, out var range)
            || (value.GetDouble() is var number && number == Math.Floor(number) && number >= range.Least && number <= range.Most),
        _ => true,
    };
}
