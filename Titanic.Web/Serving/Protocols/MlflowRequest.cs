using System.Text.Json;
using System.Text.Json.Serialization;

namespace Titanic.Web.Serving.Protocols;

/// <summary>A question to MLflow's scoring server: exactly one of the first four.</summary>
/// <param name="Split">Rows apart from the columns' names, as pandas' <c>to_dict(orient="split")</c>.</param>
/// <param name="Records">An object for each row.</param>
/// <param name="Instances">An object for each row, all with the same names.</param>
/// <param name="Inputs">An array for each column, or as <paramref name="Records"/>.</param>
/// <param name="Params">Of the call. The model's signature has none, so they are ignored, as MLflow does.</param>
public sealed record MlflowRequest(
    [property: JsonPropertyName("dataframe_split")] SplitFrame? Split = null,
    [property: JsonPropertyName("dataframe_records")] IReadOnlyList<PassengerInput>? Records = null,
    IReadOnlyList<PassengerInput>? Instances = null,
    PassengerColumns? Inputs = null,
    JsonElement? Params = null);

/// <param name="Columns">Among them pclass and sex.</param>
/// <param name="Data">For each row as many values as there are columns.</param>
/// <param name="Index">The rows' names; they are not looked at.</param>
public sealed record SplitFrame(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<JsonElement>> Data, IReadOnlyList<JsonElement>? Index = null);

/// <summary>Columns of the same length.</summary>
public sealed record PassengerColumns(IReadOnlyList<int> Pclass, IReadOnlyList<string> Sex, IReadOnlyList<double?>? Age = null, IReadOnlyList<double?>? Fare = null);
