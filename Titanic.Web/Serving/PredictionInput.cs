using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Titanic.Web.FeatureStore;
using Titanic.Web.Passengers;

namespace Titanic.Web.Serving;

/// <summary>
/// The raw input of one prediction. An instance is always within <see cref="PassengerLimits"/>; <see cref="PredictionInputBuilder"/>
/// creates it from unchecked values or reports a problem per field.
/// </summary>
public readonly record struct PredictionInput
{
    /// <exception cref="ArgumentOutOfRangeException">A value is outside <see cref="PassengerLimits"/>.</exception>
    [JsonConstructor]
    public PredictionInput(int pclass, Sex sex, double? age = null, double? fare = null)
    {
        PassengerLimits.ThrowIfInvalid(pclass, sex, age, fare);
        (Pclass, Sex, Age, Fare) = (pclass, sex, age, fare);
    }

    /// <summary>The passenger class: 1 (upper), 2 (middle) or 3 (lower).</summary>
    [OneOf(1, 2, 3)]
    public int Pclass { get; }

    /// <summary>"male" or "female", in any case.</summary>
    [JsonConverter(typeof(SexJsonConverter)), OneOf(SexConverter.Male, SexConverter.Female)]
    public Sex Sex { get; }

    /// <summary>In years, 0 to 120; null for unknown.</summary>
    [Range(0, PassengerLimits.MaximumAgeInYears)]
    public double? Age { get; }

    /// <summary>In pounds sterling, 0 to 10,000; null for unknown.</summary>
    [Range(0, PassengerLimits.MaximumFareInPounds)]
    public double? Fare { get; }

    /// <summary>The encoded values, in the order of the view's features.</summary>
    public double[] EncodeBy(ITrainingView view) => view.Encode(Pclass, Sex, Age, Fare);

    /// <summary>
    /// A copy with one changed field. Of the raw values that <paramref name="value"/> stands for, the nearest to the present one is set.
    /// </summary>
    /// <param name="field">The name of the field: pclass, sex, age or fare; see <see cref="FeatureAxis.InputField"/>.</param>
    /// <param name="value">The new value of the feature.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such field.</exception>
    internal PredictionInput With(string field, AxisValue value) => PredictionFields.Find(field, StringComparison.Ordinal) switch
    {
        PredictionField.Pclass => new PredictionInput((int)value.Code, Sex, Age, Fare),
        PredictionField.Sex => new PredictionInput(Pclass, (Sex)(int)value.Code, Age, Fare),
        PredictionField.Age => new PredictionInput(Pclass, Sex, value.Nearest(Age), Fare),
        PredictionField.Fare => new PredictionInput(Pclass, Sex, Age, value.Nearest(Fare)),
        _ => throw new ArgumentOutOfRangeException(nameof(field), field, "The field must be pclass, sex, age or fare."),
    };

    private sealed class SexJsonConverter : JsonConverter<Sex>
    {
        public override Sex Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            SexConverter.ParseOrNull(reader.GetString()) ?? throw new JsonException();

        public override void Write(Utf8JsonWriter writer, Sex value, JsonSerializerOptions options) => writer.WriteStringValue(SexConverter.Format(value));
    }
}

/// <summary>The fields of a <see cref="PredictionInput"/>.</summary>
internal enum PredictionField
{
    Pclass,
    Sex,
    Age,
    Fare,
}

internal static class PredictionFields
{
    public static readonly PredictionField[] All = Enum.GetValues<PredictionField>();

    /// <summary>The required fields; the others may be unknown.</summary>
    public static readonly PredictionField[] Required = [PredictionField.Pclass, PredictionField.Sex];

    private static readonly string[] _names = [.. All.Select(field => field.ToString().ToLowerInvariant())];

    /// <summary>The names in the order of <see cref="All"/>.</summary>
    public static IReadOnlyList<string> AllNames => _names;

    /// <summary>The name in JSON, forms, tensors, columns and model signatures.</summary>
    public static string Name(this PredictionField field) => _names[(int)field];

    /// <summary>The field of this name; null for any other name.</summary>
    public static PredictionField? Find(ReadOnlySpan<char> name, StringComparison comparison)
    {
        foreach (var field in All)
        {
            if (name.Equals(_names[(int)field], comparison))
                return field;
        }
        return null;
    }

    /// <summary>"The input is invalid", "1 of 3 inputs is invalid".</summary>
    public static string Invalid(int invalid, int inputs) => inputs == 1
        ? "The input is invalid"
        : $"{Format.Count(invalid)} of {Format.Count(inputs)} inputs {(invalid == 1 ? "is" : "are")} invalid";

    /// <summary>The error text for a value: the field, the value seen and the values allowed.</summary>
    /// <param name="field">The field.</param>
    /// <param name="seen">The value, as it appears in the text.</param>
    /// <param name="missing">How a missing value is written; see <see cref="PassengerLimits.InvalidAge"/>.</param>
    public static string Problem(this PredictionField field, string seen, string missing = PassengerLimits.Omitted) => field switch
    {
        PredictionField.Pclass => $"The class is {seen}; it must be {PassengerLimits.AllowedPclass}.",
        PredictionField.Sex => $"The sex is {seen}; it must be {PassengerLimits.AllowedSex}.",
        PredictionField.Age => PassengerLimits.InvalidAge(seen, missing),
        _ => PassengerLimits.InvalidFare(seen, missing),
    };
}

/// <summary>Validates values and builds a <see cref="PredictionInput"/> of them. Keeps at most one problem per field. Reusable.</summary>
/// <param name="missing">How a missing value is written, for error texts; see <see cref="PassengerLimits.InvalidAge"/>.</param>
internal sealed class PredictionInputBuilder(string missing = PassengerLimits.Omitted)
{
    private string?[]? _problems;
    private int? _pclass;
    private Sex? _sex;
    private double? _age, _fare;

    /// <summary>Resets all fields and problems, for the next input.</summary>
    public void Clear()
    {
        (_pclass, _sex, _age, _fare, _problems) = (null, null, null, null, null);
    }

    /// <summary>Sets a field to a number, or records a problem with it.</summary>
    public void SetNumber(PredictionField field, double number)
    {
        if (!TrySetNumber(field, number))
            Reject(field, field.Problem(string.Create(CultureInfo.InvariantCulture, $"{number}"), missing));
    }

    /// <summary>Sets a field to a number. For the class, 1.0 and 1 are equal.</summary>
    /// <returns>False for a number that is not allowed: the caller rejects it, in the text in which it was written.</returns>
    public bool TrySetNumber(PredictionField field, double number) => field switch
    {
        PredictionField.Pclass =>
            (_pclass = number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue ? (int)number : null) is { } pclass
            && PassengerLimits.IsValidPclass(pclass),
        PredictionField.Sex => false,
        PredictionField.Age => PassengerLimits.IsValidAge(_age = number),
        _ => PassengerLimits.IsValidFare(_fare = number),
    };

    public void SetSex(Sex sex) => _sex = sex;

    /// <summary>
    /// Sets a field to a text in the spellings of <see cref="ValueText"/>. A missing value leaves the field unknown; <see cref="Problems"/>
    /// reports it for a required field.
    /// </summary>
    public void SetText(PredictionField field, ReadOnlySpan<char> text)
    {
        if (ValueText.IsMissing(text))
            return;
        if (field is PredictionField.Age or PredictionField.Fare && ValueText.TryParseDecimal(text, out var number))
        {
            if (!TrySetNumber(field, number))
                Reject(field, field.Problem(Excerpt.Truncate(ValueText.Trim(text)), missing));
        }
        else if (field == PredictionField.Pclass && ValueText.ParsePclass(text) is { } pclass)
            _pclass = pclass;
        else if (field == PredictionField.Sex && ValueText.ParseSex(text) is { } sex)
            _sex = sex;
        else
            Reject(field, field.Problem($"\"{Excerpt.Truncate(text)}\"", missing));
    }

    /// <summary>Records a problem with a field; it replaces an earlier problem of the field.</summary>
    public void Reject(PredictionField field, string problem) => (_problems ??= new string?[PredictionFields.All.Length])[(int)field] = problem;

    /// <summary>The input; null where there are problems.</summary>
    public PredictionInput? Build() =>
        _problems is null && _pclass is { } pclass && _sex is { } sex ? new PredictionInput(pclass, sex, _age, _fare) : null;

    /// <summary>All problems in the order of the fields, including required fields that were not set.</summary>
    public IEnumerable<(PredictionField Field, string Sentence)> Problems()
    {
        foreach (var field in PredictionFields.All)
        {
            var isMissing = field switch { PredictionField.Pclass => _pclass is null, PredictionField.Sex => _sex is null, _ => false };
            if (_problems?[(int)field] is { } problem)
                yield return (field, problem);
            else if (isMissing)
                yield return (field, field.Problem("missing"));
        }
    }
}
