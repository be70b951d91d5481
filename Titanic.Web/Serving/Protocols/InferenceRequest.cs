using System.Text.Json;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving.Protocols;

/// <summary>A question by the Open Inference Protocol: one named tensor for each input of the model.</summary>
/// <param name="Id">Comes back with the answer.</param>
/// <param name="Outputs">Which tensors are wanted, in this order; all where it is left out or empty.</param>
/// <param name="Parameters">None is known, so all are ignored.</param>
public sealed record InferenceRequest(
    IReadOnlyList<InputTensor> Inputs, string? Id = null, IReadOnlyList<RequestedOutput>? Outputs = null, IReadOnlyDictionary<string, JsonElement>? Parameters = null)
{
    private static readonly JsonSerializerOptions _strict = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
    };

    /// <param name="json">See <see cref="JsonBody.Read"/>.</param>
    /// <exception cref="RefusedRequestException">It has another form than the protocol's.</exception>
    internal static InferenceRequest Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize<InferenceRequest>(json.Span, _strict) ?? throw new RefusedRequestException("The body is null; it must be an object with inputs.");
        }
        catch (JsonException misfit)
        {
            throw new RefusedRequestException($"The body does not fit the protocol at {Excerpt.TruncateRecord(misfit.Path ?? "$")}; "
                + "it must be {id?: text, inputs: [{name: text, shape: [number], datatype: text, data: [value]}], outputs?: [{name: text}]}, with no member twice.");
        }
    }
}

/// <param name="Shape">[n] or [n, 1] for n passengers.</param>
/// <param name="Datatype">As in the model's metadata; a tensor of numbers may have any other type of numbers too, FP16 and BF16 excepted.</param>
/// <param name="Data">n values, each for itself or in an array of its own; null where it is unknown.</param>
public sealed record InputTensor(
    string Name, IReadOnlyList<ulong> Shape, string Datatype, JsonElement? Data = null, IReadOnlyDictionary<string, JsonElement>? Parameters = null);

public sealed record RequestedOutput(string Name, IReadOnlyDictionary<string, JsonElement>? Parameters = null);
