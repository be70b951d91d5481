using System.Text.Json;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving.Protocols;

/// <summary>Reads questions from named tensors. Names are exact, as the protocol wants all texts.</summary>
internal static class InputTensors
{
    private const string BinarySize = "binary_data_size";

    /// <param name="most">So many questions are answered in one request.</param>
    /// <exception cref="RefusedRequestException">A tensor is not of the model, or a question cannot be understood.</exception>
    public static IReadOnlyList<PassengerInput> Questions(IReadOnlyList<InputTensor> tensors, int most)
    {
        var known = tensors.Select(Known).ToList();
        if (known.GroupBy(tensor => tensor.Field).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new RefusedRequestException($"The input \"{twice.Key.Name()}\" is there twice.");
        if (known is not [var first, ..])
            throw new RefusedRequestException("There are no inputs; there must be pclass and sex, and may be age and fare.");
        QuestionRows.RequireCount(first.Count, most);
        if (known.Find(tensor => tensor.Count != first.Count) is { } other)
            throw new RefusedRequestException($"The input \"{other.Field.Name()}\" is of {other.Count} passengers and \"{first.Field.Name()}\" of {first.Count}; all inputs must have the same shape.");

        var rows = new QuestionRows((row, field) => $"Input \"{field.Name()}\", element {row}");
        for (var row = 0; row < first.Count; row++)
            rows.Add();
        foreach (var tensor in known)
            tensor.Fill(rows);
        return rows.Questions();
    }

    private static KnownTensor Known(InputTensor? tensor)
    {
        if (tensor is null)
            throw new RefusedRequestException("An input is null; it must be {name, shape, datatype, data}.");
        if (QuestionFields.Find(tensor.Name, StringComparison.Ordinal) is not { } field)
            throw new RefusedRequestException($"There is no input \"{Excerpt.Truncate(tensor.Name)}\"; the inputs are pclass, sex, age and fare.");
        if (tensor.Parameters?.ContainsKey(BinarySize) == true)
            throw new RefusedRequestException($"The input \"{tensor.Name}\" has the parameter {BinarySize}; tensors are taken as JSON only, because the binary tensor data extension is not supported.");
        if (!Datatypes.Allowed(field).Contains(tensor.Datatype))
            throw new RefusedRequestException($"The input \"{tensor.Name}\" has the datatype \"{Excerpt.Truncate(tensor.Datatype)}\"; it must be {string.Join(", ", Datatypes.Allowed(field))}.");
        if (tensor.Shape is not ([_] or [_, 1]))
            throw new RefusedRequestException($"The input \"{tensor.Name}\" has the shape {Shown(tensor)}; it must be [n] or [n, 1] for n passengers.");
        if (tensor.Data is not { ValueKind: JsonValueKind.Array } data)
            throw new RefusedRequestException($"The input \"{tensor.Name}\" has no data; it must be an array of the tensor's values.");
        if ((ulong)data.GetArrayLength() != tensor.Shape[0])
            throw new RefusedRequestException($"The data of the input \"{tensor.Name}\" have {data.GetArrayLength()} elements; its shape {Shown(tensor)} has {tensor.Shape[0]}.");
        return new KnownTensor(field, tensor.Datatype, tensor.Shape is [_, _], data);
    }

    private static string Shown(InputTensor tensor) => Excerpt.TruncateRecord($"[{string.Join(", ", tensor.Shape)}]");

    /// <param name="IsColumn">Of the shape [n, 1], so that a value may stand in an array of its own.</param>
    private sealed record KnownTensor(QuestionField Field, string Datatype, bool IsColumn, JsonElement Data)
    {
        public int Count => Data.GetArrayLength();

        public void Fill(QuestionRows rows)
        {
            var row = 0;
            foreach (var element in Data.EnumerateArray())
            {
                var value = IsColumn && element.ValueKind == JsonValueKind.Array && element.GetArrayLength() == 1 ? element[0] : element;
                rows.Put(row, Field, value);
                if (!Datatypes.Holds(Datatype, value))
                    rows.Refuse(row, Field, $"{Field.Name()} is {Excerpt.Truncate(value.GetRawText())}, which is no {Datatype}; it must be {Field.Allowed()}.");
                row++;
            }
        }
    }
}
