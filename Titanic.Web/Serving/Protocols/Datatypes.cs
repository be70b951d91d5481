using System.Text.Json;
using Titanic.Web.Training;

namespace Titanic.Web.Serving.Protocols;

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

    public static IReadOnlyList<string> Allowed(QuestionField field) => field == QuestionField.Sex ? _texts : _numbers;

    /// <summary>False for a number that a tensor of this type cannot hold; what is no number is not looked at.</summary>
    public static bool Holds(string datatype, JsonElement value) =>
        value.ValueKind != JsonValueKind.Number || !_whole.TryGetValue(datatype, out var range)
        || (value.GetDouble() is var number && number == Math.Floor(number) && number >= range.Least && number <= range.Most);
}
