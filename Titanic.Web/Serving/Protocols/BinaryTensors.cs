using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving.Protocols;

/// <summary>
/// The binary tensor data extension of the Open Inference Protocol: the elements of a tensor follow the JSON object of a request or
/// response, little-endian and without padding; an element of BYTES has its length before it, in 4 bytes. It is the default of Triton's
/// clients. See https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md.
/// </summary>
internal static class BinaryTensors
{
    /// <summary>The header with the length of the JSON object at the start of the body.</summary>
    public const string LengthHeader = "Inference-Header-Content-Length";

    /// <summary>The name of the extension in the metadata of the server.</summary>
    public const string Extension = "binary_tensor_data";

    private const string Size = "binary_data_size", IsBinary = "binary_data", AreAllBinary = "binary_data_output";
    private const int LengthBytes = sizeof(uint);

    /// <summary>Splits a body into its JSON object and the binary data after it.</summary>
    /// <exception cref="RequestValidationException">The length in the header is invalid, or the JSON is.</exception>
    public static (ReadOnlyMemory<byte> Json, ReadOnlyMemory<byte> Data) Split(Memory<byte> body, string? length)
    {
        if (length is null)
            return (ProtocolRequest.ToJson(body), default);
        if (!int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) || bytes < 1 || bytes > body.Length)
        {
            throw new RequestValidationException(ErrorText.Invalid(
                $"The header {LengthHeader}", length, $"the length of the JSON object, between 1 and {Format.Count(body.Length)}, the length of the body"));
        }
        return (ProtocolRequest.ToJson(body[..bytes]), body[bytes..]);
    }

    /// <summary>The binary data of each input, in their order; null for an input with JSON data.</summary>
    /// <exception cref="RequestValidationException">The sizes of the inputs do not match the data.</exception>
    public static IReadOnlyList<ReadOnlyMemory<byte>?> OfInputs(InferenceRequest request)
    {
        var (data, rest) = (new List<ReadOnlyMemory<byte>?>(), request.BinaryData);
        foreach (var input in request.Inputs)
        {
            if (input?.Parameters?.TryGetValue(Size, out var parameter) != true)
            {
                data.Add(null);
                continue;
            }
            if (parameter.ValueKind != JsonValueKind.Number || !parameter.TryGetInt32(out var size) || size < 0 || size > rest.Length)
            {
                throw new RequestValidationException(
                    $"The parameter {Size} of the input \"{input.Name}\" is {Excerpt.Truncate(parameter.GetRawText())}; it must be the number of bytes "
                    + $"of its data, of which {Quantity.Of(rest.Length, "byte")} follow after the JSON object of the length in {LengthHeader}.");
            }
            data.Add(rest[..size]);
            rest = rest[size..];
        }
        if (!rest.IsEmpty)
            throw new RequestValidationException(
                $"The body has {Quantity.Of(rest.Length, "byte")} after its last tensor; the sum of {Size} must be the rest of the body.");
        return data;
    }

    /// <summary>Sets the field of all rows to the elements of a tensor.</summary>
    /// <exception cref="RequestValidationException">The data has not one element for each row.</exception>
    public static void Fill(PredictionInputRows rows, int count, PredictionField field, string datatype, ReadOnlySpan<byte> data)
    {
        if (datatype == Datatypes.Bytes)
        {
            FillTexts(rows, count, field, data);
            return;
        }
        var size = Datatypes.SizeOf(datatype);
        if (data.Length != count * (long)size)
            throw WrongSize(field, data.Length, $"{Quantity.Of(count, "element")} of {datatype} have {Quantity.Of(count * (long)size, "byte")}");
        for (var row = 0; row < count; row++)
            rows.Set(row, field, ReadNumber(datatype, data.Slice(row * size, size)));
    }

    private static void FillTexts(PredictionInputRows rows, int count, PredictionField field, ReadOnlySpan<byte> data)
    {
        var rest = data;
        for (var row = 0; row < count; row++)
        {
            if (rest.Length < LengthBytes || BinaryPrimitives.ReadUInt32LittleEndian(rest) > (uint)(rest.Length - LengthBytes))
                throw WrongSize(field, data.Length, $"element {row} does not end within them; each element has its length in {LengthBytes} bytes before it");
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(rest);
            var text = rest.Slice(LengthBytes, length);
            if (!Utf8.IsValid(text))
                throw new RequestValidationException(
                    $"Input \"{field.Name()}\", element {row} has bytes that are not valid UTF-8; it must be UTF-8.");
            rows.Set(row, field, Encoding.UTF8.GetString(text));
            rest = rest[(LengthBytes + length)..];
        }
        if (!rest.IsEmpty)
            throw WrongSize(field, data.Length, $"{Quantity.Of(count, "element")} end {Quantity.Of(rest.Length, "byte")} before");
    }

    private static RequestValidationException WrongSize(PredictionField field, int seen, string expected) =>
        new($"The binary data of the input \"{field.Name()}\" has {Quantity.Of(seen, "byte")}; {expected}.");

    private static double ReadNumber(string datatype, ReadOnlySpan<byte> element) => datatype switch
    {
        "INT8" => (sbyte)element[0],
        "INT16" => BinaryPrimitives.ReadInt16LittleEndian(element),
        "INT32" => BinaryPrimitives.ReadInt32LittleEndian(element),
        "INT64" => BinaryPrimitives.ReadInt64LittleEndian(element),
        "UINT8" => element[0],
        "UINT16" => BinaryPrimitives.ReadUInt16LittleEndian(element),
        "UINT32" => BinaryPrimitives.ReadUInt32LittleEndian(element),
        "UINT64" => BinaryPrimitives.ReadUInt64LittleEndian(element),
        "FP16" => (double)BinaryPrimitives.ReadHalfLittleEndian(element),
        "BF16" => BitConverter.UInt32BitsToSingle((uint)BinaryPrimitives.ReadUInt16LittleEndian(element) << 16), // the upper half of an FP32
        "FP32" => BinaryPrimitives.ReadSingleLittleEndian(element),
        "FP64" => BinaryPrimitives.ReadDoubleLittleEndian(element),
        _ => throw new ArgumentOutOfRangeException(nameof(datatype), datatype, "The datatype is not numeric."),
    };

    /// <summary>Whether an output is requested as binary data; the parameter of the output has priority over that of the request.</summary>
    public static bool IsRequested(InferenceRequest request, string output) =>
        IsTrue(request.Outputs?.FirstOrDefault(requested => requested.Name == output)?.Parameters, IsBinary) ?? IsTrue(request.Parameters, AreAllBinary) ?? false;

    private static bool? IsTrue(IReadOnlyDictionary<string, JsonElement>? parameters, string name) =>
        parameters?.TryGetValue(name, out var value) != true ? null : value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw new RequestValidationException(
                $"The parameter {name} is {Excerpt.Truncate(value.GetRawText())}; it must be true or false."),
        };

    /// <summary>The tensor with binary data.</summary>
    public static OutputTensor ToBinary(OutputTensor tensor)
    {
        var to = new ArrayBufferWriter<byte>();
        foreach (var value in (Array)tensor.Data!)
            Write(to, value);
        return tensor with { Data = null, Binary = to.WrittenMemory, Parameters = new Dictionary<string, int> { [Size] = to.WrittenCount } };
    }

    private static void Write(ArrayBufferWriter<byte> to, object value)
    {
        switch (value)
        {
            case bool truth:
                to.Write([truth ? (byte)1 : (byte)0]);
                break;
            case int or long:
                BinaryPrimitives.WriteInt64LittleEndian(to.GetSpan(sizeof(long)), Convert.ToInt64(value, CultureInfo.InvariantCulture));
                to.Advance(sizeof(long));
                break;
            case double number:
                BinaryPrimitives.WriteDoubleLittleEndian(to.GetSpan(sizeof(double)), number);
                to.Advance(sizeof(double));
                break;
            default:
                var text = Encoding.UTF8.GetBytes((string)value);
                BinaryPrimitives.WriteUInt32LittleEndian(to.GetSpan(LengthBytes), (uint)text.Length);
                to.Advance(LengthBytes);
                to.Write(text);
                break;
        }
    }
}

/// <summary>A response with at least one binary tensor.</summary>
internal sealed class BinaryInferenceResponse(InferenceResponse response) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var options = httpContext.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions;
        var json = JsonSerializer.SerializeToUtf8Bytes(response, options);
        var http = httpContext.Response;
        http.ContentType = ProtocolRequest.Binary;
        http.ContentLength = json.Length + response.Outputs.Sum(output => (long)output.Binary.Length);
        http.Headers[BinaryTensors.LengthHeader] = json.Length.ToString(CultureInfo.InvariantCulture);
        await http.Body.WriteAsync(json, httpContext.RequestAborted);
        foreach (var output in response.Outputs)
            await http.Body.WriteAsync(output.Binary, httpContext.RequestAborted);
    }
}
