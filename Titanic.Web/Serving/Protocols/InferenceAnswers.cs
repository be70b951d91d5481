using System.Text.Json.Serialization;

namespace Titanic.Web.Serving.Protocols;

/// <summary>What the server is and can do beyond the protocol.</summary>
public sealed record ServerMetadata(string Name, string Version, IReadOnlyList<string> Extensions);

/// <summary>Whether the process answers at all.</summary>
public sealed record ServerLiveness(bool Live);

/// <summary>The protocol's text calls the member "live", its servers "ready"; so it has both.</summary>
public sealed record ServerReadiness(bool Live, bool Ready);

public sealed record ModelReadiness(string Name, bool Ready);

/// <param name="Versions">Those that may be asked for by number: the one in service.</param>
public sealed record ModelMetadata(string Name, IReadOnlyList<string> Versions, string Platform, IReadOnlyList<TensorMetadata> Inputs, IReadOnlyList<TensorMetadata> Outputs);

/// <param name="Shape">[-1]: as long as you like.</param>
public sealed record TensorMetadata(string Name, string Datatype, IReadOnlyList<int> Shape);

/// <summary>Answers to all questions, one tensor for each output.</summary>
/// <param name="Id">Of the request, where it had one.</param>
public sealed record InferenceResponse(
    [property: JsonPropertyName("model_name")] string ModelName,
    [property: JsonPropertyName("model_version")] string ModelVersion,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Id,
    IReadOnlyList<OutputTensor> Outputs);

/// <param name="Data">An array of booleans, numbers or texts, by the datatype.</param>
public sealed record OutputTensor(string Name, string Datatype, IReadOnlyList<int> Shape, object Data);
